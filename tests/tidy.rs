//! The house rules that no compiler knows: who may depend on whom, and what every file has to have.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

#[expect(clippy::disallowed_methods, reason = "reads the project's own source")]
fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Lists the files that are tracked or about to be.
fn files() -> Vec<PathBuf> {
    let out = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .unwrap();
    let listed = String::from_utf8(out.stdout).unwrap();
    let files: Vec<PathBuf> = listed.lines().map(|line| root().join(line)).filter(|path| path.is_file()).collect();
    assert!(files.len() > 50, "git lists {} files: is this a checkout?", files.len());
    files
}

fn with_extension(extension: &str) -> Vec<PathBuf> {
    files().into_iter().filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

fn metadata() -> Value {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let out = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    serde_json::from_slice(&out.stdout).expect("cargo metadata prints JSON")
}

/// Gives, for each crate of the house, the crates of the house that it depends on, and all others.
fn edges() -> BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)> {
    let mut out = BTreeMap::new();
    for package in metadata()["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap().strip_prefix("zeef-").unwrap().to_owned();
        let dependencies = package["dependencies"].as_array().unwrap();
        // What only tests use does not count as a door.
        let used = dependencies.iter().filter(|dependency| dependency["kind"] != "dev");
        let names: BTreeSet<String> = used.map(|one| one["name"].as_str().unwrap().to_owned()).collect();
        let (ours, others): (BTreeSet<String>, BTreeSet<String>) =
            names.into_iter().partition(|name| name.starts_with("zeef-"));
        let ours = ours.iter().map(|name| name.strip_prefix("zeef-").unwrap().to_owned()).collect();
        out.insert(name, (ours, others));
    }
    out
}

#[test]
fn no_room_has_a_door_to_a_sibling() {
    let rooms = ["evidence", "hashset", "formats", "casefile", "review", "demo", "sync", "dispatch"];
    let domain_only = BTreeSet::from(["domain".to_owned()]);
    let edges = edges();
    assert_eq!(edges["domain"].0, BTreeSet::new());
    for room in rooms {
        assert_eq!(edges[room].0, domain_only, "{room}");
    }
    // The halls may enter every room but the post room: whoever links it links the network.
    for hall in ["workbench", "publish"] {
        let mut used = edges[hall].0.iter().map(String::as_str);
        assert!(used.all(|name| name == "domain" || rooms.contains(&name) && name != "sync"), "{hall}");
    }
    for door in ["cli", "desktop"] {
        assert_eq!(edges[door].0, BTreeSet::from(["workbench".to_owned()]), "{door}");
    }
    let halls = ["domain", "workbench", "publish", "cli", "desktop", "tests"];
    let named: BTreeSet<&str> = rooms.into_iter().chain(halls).collect();
    let there: BTreeSet<&str> = edges.keys().map(String::as_str).collect();
    assert_eq!(there, named, "a new room needs a place in this test");
}

#[test]
fn heavy_and_dangerous_dependencies_stay_in_their_rooms() {
    let owners: [(&str, &[&str]); 20] = [
        // formats reads lists that are SQLite files; the vault is casefile's alone.
        ("rusqlite", &["casefile", "formats"]),
        ("argon2", &["casefile"]),
        ("image", &["evidence", "demo"]),
        ("jxl-oxide", &["evidence"]),
        // The front door confines the process that parses a release.
        ("landlock", &["evidence", "cli"]),
        ("seccompiler", &["cli", "evidence"]),
        ("memmap2", &["hashset"]),
        // The window has one door.
        ("tauri", &["desktop"]),
        ("webkit2gtk", &["desktop"]),
        ("gtk", &["desktop"]),
        ("rfd", &["desktop"]),
        ("clap", &["cli", "sync", "publish"]),
        // The network has one door.
        ("reqwest", &["sync"]),
        ("sigstore-tuf", &["sync"]),
        ("tokio", &["sync", "publish"]),
        ("datafusion", &["publish"]),
        // What leaves has one door too.
        ("age", &["dispatch"]),
        ("minisign", &["dispatch"]),
        ("typst", &["dispatch"]),
        ("typst-pdf", &["dispatch"]),
    ];
    let edges = edges();
    for (dependency, rooms) in owners {
        let users: Vec<&str> = edges
            .iter()
            .filter(|(_, (_, others))| others.contains(dependency))
            .map(|(name, _)| name.as_str())
            .collect();
        assert!(users.iter().all(|user| rooms.contains(user)), "{dependency} is used by {users:?}");
    }
    let names = ["util", "utils", "common", "core", "manager", "helper", "helpers"];
    assert!(edges.keys().all(|name| !names.contains(&name.as_str())));
}

#[test]
fn every_source_file_says_what_it_is() {
    for path in with_extension("rs") {
        let text = text(&path);
        assert!(text.starts_with("//! "), "{} does not open with `//!`", path.display());
    }
}

#[test]
fn every_source_file_is_part_of_a_crate() {
    let all = with_extension("rs");
    for path in &all {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let is_root = ["lib", "main", "mod"].contains(&name);
        let target = |part: &str| path.components().any(|component| component.as_os_str() == part);
        // Programs, examples and integration tests are roots of their own.
        if is_root || target("bin") || target("examples") || path.parent() == Some(&root().join("tests")) {
            continue;
        }
        if path.parent().is_some_and(|parent| parent.ends_with("tests")) && !target("src") {
            continue;
        }
        let declares = |other: &&PathBuf| {
            let text = text(other);
            let forms =
                [format!("mod {name};"), format!("mod {name} {{"), format!("\"{name}.rs\""), format!("/{name}.rs\"")];
            forms.iter().any(|form| text.contains(form.as_str()))
        };
        assert!(all.iter().any(|other| declares(&other)), "{} is forgotten: no `mod {name};`", path.display());
    }
}

#[test]
fn nothing_is_left_for_later() {
    // Spelt in two parts, so that this file does not find itself.
    let marks = [["TO", "DO"], ["FIX", "ME"], ["unimplemented", "!("], ["todo", "!("], ["#[ig", "nore"], ["dbg", "!("]];
    for path in with_extension("rs") {
        let text = text(&path);
        for mark in marks {
            assert!(!text.contains(&mark.concat()), "{} has {}", path.display(), mark.concat());
        }
    }
}

#[test]
fn no_unsafe_without_its_reason() {
    for path in with_extension("rs") {
        let text = text(&path);
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let opens = line.contains(concat!("unsafe", " {")) && !line.trim_start().starts_with("//");
            let above = lines[number.saturating_sub(8)..=number].iter();
            assert!(
                !opens || above.clone().any(|line| line.contains("SAFETY")),
                "{}:{} has no SAFETY comment",
                path.display(),
                number + 1
            );
        }
    }
}

/// Gives the words between two marks.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let start = text.find(from).unwrap_or_else(|| panic!("{from} is there")) + from.len();
    let length = text[start..].find(to).unwrap_or_else(|| panic!("{to} is there"));
    &text[start..start + length]
}

/// Gives the names of arguments in `name: type, name: type`, in the spelling of the window.
fn arguments(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut depth = 0;
    let mut word = String::new();
    for c in text.chars() {
        match c {
            '<' | '(' | '[' | '{' => depth += 1,
            '>' | ')' | ']' | '}' => depth -= 1,
            ':' if depth == 0 => {
                names.insert(std::mem::take(&mut word));
            }
            ',' | ';' if depth == 0 => word.clear(),
            c if depth == 0 && (c.is_alphanumeric() || c == '_') => word.push(c),
            _ => {}
        }
    }
    let camel = |name: &String| {
        let mut parts = name.split('_');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |all, part| all + &part[..1].to_uppercase() + &part[1..])
    };
    names.iter().map(camel).collect()
}

#[test]
fn the_lists_of_commands_agree() {
    let window = text(&root().join("ui/src/backend/commands.ts"));
    let interface = between(&window, "export interface Commands {", "\n}");
    let asked: BTreeMap<String, BTreeSet<String>> = interface
        .lines()
        .filter_map(|line| {
            let (name, rest) = line.trim().split_once("(args: ")?;
            let given = rest.strip_prefix("Record<string, never>").map_or_else(|| between(rest, "{ ", " }"), |_| "");
            Some((name.to_owned(), arguments(given)))
        })
        .collect();
    assert!(asked.len() > 60, "{asked:?}");

    let rust = text(&root().join("src-tauri/src/commands.rs"));
    let all = ["commands/foreign.rs", "commands/leads.rs", "commands/leaving.rs"]
        .iter()
        .fold(rust.clone(), |all, more| all + &text(&root().join("src-tauri/src").join(more)));
    let answered: BTreeMap<String, BTreeSet<String>> = all
        .split("#[tauri::command]\npub async fn ")
        .skip(1)
        .map(|command| {
            let (name, rest) = command.split_once('(').unwrap();
            let mut given = arguments(rest.split_once(") -> ").unwrap().0);
            given.retain(|name| !["bench", "app"].contains(&name.as_str()));
            (name.to_owned(), given)
        })
        .collect();
    assert_eq!(asked, answered, "ui/src/backend/commands.ts and src-tauri/src/commands.rs");

    // Beside them there is `listen`, on which the page hears.
    let names: BTreeSet<&str> = asked.keys().map(String::as_str).chain(["listen"]).collect();
    let handled = between(&rust, "generate_handler![", "]");
    let handled: BTreeSet<&str> = handled
        .split(',')
        .map(|name| name.trim().rsplit("::").next().unwrap())
        .filter(|name| !name.is_empty())
        .collect();
    assert_eq!(handled, names, "the handler");
    let build = text(&root().join("src-tauri/build.rs"));
    let permitted: BTreeSet<&str> =
        between(&build, "COMMANDS: &[&str] = &[", "];").split('"').skip(1).step_by(2).collect();
    assert_eq!(permitted, names, "src-tauri/build.rs");
}
