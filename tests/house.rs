//! What the journeys share: the built programs, a folder that goes away, and the model case.

#![allow(dead_code, reason = "each test program uses a part of it")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// Passphrase of every case that a test makes.
pub const PASSPHRASE: &str = "vijf woorden die niemand raadt";
pub const USER: &str = "anna";

/// Gives a built program; `make test` builds them before the tests.
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    let built = test.parent().and_then(Path::parent).expect("tests lie below the folder of the programs").join(name);
    assert!(built.is_file(), "{name} is not built: run `cargo build --workspace --bins` first");
    built
}

/// Runs `zeef` and gives what it did.
pub fn zeef(arguments: &[&str]) -> Output {
    Command::new(program("zeef")).args(arguments).output().expect("zeef can be started")
}

/// Runs `zeef`, which has to succeed, and gives its standard output.
pub fn zeef_ok(arguments: &[&str]) -> String {
    let out = zeef(arguments);
    assert!(out.status.success(), "zeef {arguments:?}: {}\n{}", out.status, String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).expect("zeef prints UTF-8")
}

/// Reads one JSON value a line.
pub fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

/// A folder with a passphrase file, and the places of a case and of sets.
pub struct House {
    dir: tempfile::TempDir,
}

impl House {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder can be made");
        std::fs::write(dir.path().join("passphrase"), format!("{PASSPHRASE}\n")).expect("it can be written to");
        Self { dir }
    }

    pub fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_str().expect("temporary folders have plain names").to_owned()
    }

    /// Runs `zeef case COMMAND CASE ...` as the first user, with JSON.
    pub fn case(&self, command: &str, more: &[&str]) -> Vec<Value> {
        lines(&zeef_ok(&self.arguments(command, more).iter().map(String::as_str).collect::<Vec<_>>()))
    }

    pub fn arguments(&self, command: &str, more: &[&str]) -> Vec<String> {
        let mut all: Vec<String> = vec!["case".into(), command.into(), self.path("case")];
        all.extend(more.iter().map(|word| (*word).to_owned()));
        let rest = ["--user", USER, "--passphrase-file", &self.path("passphrase"), "--json"];
        all.extend(rest.iter().map(|word| (*word).to_owned()));
        all
    }

    pub fn new_case(&self) {
        self.case("new", &["--number", "T-1", "--unit", "tests", "--scheme", "project-vic-us"]);
    }

    pub fn import(&self, file: &str, name: &str, role: &str, more: &[&str]) -> Value {
        let sets = self.path("sets");
        let mut all = vec!["set", "import", file, "--sets", &sets, "--name", name, "--role", role, "--json"];
        all.extend(more);
        lines(&zeef_ok(&all)).remove(0)
    }

    pub fn add(&self, source: &str, more: &[&str]) -> Value {
        let sets = self.path("sets");
        let mut all = vec![source, "--sets", &sets];
        all.extend(more);
        self.case("add", &all).remove(0)
    }

    pub fn status(&self) -> Value {
        self.case("status", &["--sets", &self.path("sets")]).remove(0)
    }

    /// Makes the model case and imports its sets.
    pub fn model(&self) -> demo::ModelCase {
        let model = demo::write_model_case(Path::new(&self.path("model")), 7, &mut |_, _, _| None)
            .expect("the model case can be written");
        self.import(model.ordinary.to_str().expect("plain name"), "ordinary", "good", &[]);
        self.import(model.national.to_str().expect("plain name"), "national", "known", &[]);
        model
    }
}
