//! The decoder's sandbox, probed from inside: each forbidden act is tried with the sandbox, and without it to see that the
//! probe itself works.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::libc;

/// Tells how an act ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Done,
    Denied,
    Killed,
}

/// Finds the probe, which cargo builds with the tests of this package, beside the decoder.
fn probe() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_zeef-decode")).with_file_name("examples").join("zeef-decode-probe")
}

/// Runs one act under the given layers.
fn attempt(layers: &str, act: &str) -> End {
    let mut command = Command::new(probe());
    command.args([layers, act]).env_clear().stdin(Stdio::null()).stdout(Stdio::null());
    let output =
        command.output().expect("the probe is built by `cargo test -p zeef-evidence` or `cargo build --examples`");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.starts_with("confined\n"), "{layers}/{act}: {said}");
    match (output.status.signal(), said.contains("done"), said.contains("denied")) {
        (Some(libc::SIGSYS), false, false) => End::Killed,
        (None, false, true) => End::Denied,
        (None, true, false) => End::Done,
        // `exec` leaves no word when it works.
        (None, false, false) if act == "exec" => End::Done,
        other => panic!("{layers}/{act}: {other:?}: {said}"),
    }
}

const ACTS: [&str; 19] = [
    "socket",
    "socket-unix",
    "open",
    "create",
    "stat",
    "exec",
    "ptrace",
    "read-memory",
    "fork",
    "thread",
    "kill",
    "map-code",
    "make-code",
    "make-code-by-key",
    "all-code",
    "write-elsewhere",
    "memory",
    "ring",
    "limits",
];

#[test]
fn every_forbidden_act_ends_the_decoder() {
    for act in ACTS {
        assert_eq!(attempt("all", act), End::Killed, "{act}");
    }
}

#[test]
fn an_allowed_act_is_allowed() {
    assert_eq!(attempt("all", "nothing"), End::Done);
}

#[test]
fn memory_beyond_the_limit_is_not_given() {
    // The probe's limit is 1 GiB, and it asks for 2.
    assert_eq!(attempt("all", "much-memory"), End::Denied);
    assert_eq!(attempt("none", "much-memory"), End::Done);
}

#[test]
fn the_acts_work_where_nothing_forbids_them() {
    // Left out: what this machine may forbid by itself, and what would leave a file behind.
    for act in
        ["socket", "socket-unix", "open", "stat", "exec", "ptrace", "fork", "thread", "kill", "map-code", "make-code"]
    {
        assert_eq!(attempt("none", act), End::Done, "{act}");
    }
}

#[test]
fn landlock_alone_closes_files_and_nothing_more() {
    for act in ["open", "create", "exec"] {
        assert_eq!(attempt("landlock", act), End::Denied, "{act}");
    }
    for act in ["socket", "map-code", "fork"] {
        assert_eq!(attempt("landlock", act), End::Done, "{act}: then the two layers no longer differ");
    }
}

#[test]
fn seccomp_alone_ends_the_decoder_too() {
    for act in ACTS {
        assert_eq!(attempt("seccomp", act), End::Killed, "{act}");
    }
}
