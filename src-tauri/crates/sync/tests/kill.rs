//! The post room is killed before every call that changes the disk, and meets a full disk at every such call: the same
//! command goes on afterwards, nothing that was seen is forgotten, and no half-written memory is left.
//!
//! `strace` injects the fault; the program has one thread. Where there is no strace, the tests say so and pass.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

mod site;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use site::{NOW, Site, Station, read};

/// Calls that change what is on the disk.
const CALLS: [&str; 9] = ["rename", "renameat", "unlink", "unlinkat", "fsync", "ftruncate", "write", "mkdir", "openat"];
/// Calls that need room.
const FILLING: [&str; 2] = ["write", "fsync"];
/// Number of kill points of one kind of call; no command here makes so many.
const POINTS_MAX: u32 = 400;

fn has_strace() -> bool {
    let there = Command::new("strace").arg("-V").output().is_ok();
    if !there {
        eprintln!("no strace: not tested");
    }
    there
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A publisher before and after a rotation and a release, and a workstation that has taken what was before.
struct Stage {
    folder: tempfile::TempDir,
    old: PathBuf,
    new: Site,
    before: Site,
    ready: Station,
}

fn stage() -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let mut site = Site::new(&folder.path().join("site"), "national");
    let partner = Site::new(&folder.path().join("site/belgium"), "belgium");
    let oldest = folder.path().join("oldest");
    site.copy_to(&oldest);
    site.release();
    let before = Site { dir: folder.path().join("before"), ..site.clone() };
    site.copy_to(&before.dir);
    let ready = Station::of(&before);
    ready.fetch(&before, &[]).accepted();
    site.introduce(&partner, |_| {});
    site.rotate(|site| Site::replace_key(&mut site.timestamp, "another timestamp"));
    site.release();
    Stage { folder, old: oldest, new: site, before, ready }
}

fn traced(options: &[String], arguments: &[&str]) -> Output {
    let mut command = Command::new("strace");
    command.args(["-qq", "-o/dev/null"]).args(options).arg(env!("CARGO_BIN_EXE_zeef-sync")).args(arguments);
    command.output().unwrap()
}

/// Runs a command on a copy of a workstation with one fault at a time, and looks at what is left.
fn at_every_point(
    start: Option<&Station>,
    arguments: impl Fn(&Station) -> Vec<String>,
    look: impl Fn(&Station, &str),
) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    let faults = CALLS.map(|call| (call, "signal=SIGKILL")).into_iter();
    for (call, fault) in faults.chain(FILLING.map(|call| (call, "error=ENOSPC"))) {
        // Most files that are opened are libraries, before the program begins.
        let step = if call == "openat" { 4 } else { 1 };
        for point in (1..POINTS_MAX).step_by(step) {
            let station = Station::new();
            if let Some(start) = start {
                copy(&start.sets(), &station.sets());
            }
            let arguments = arguments(&station);
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let inject = format!("-einject={call}:{fault}:when={point}");
            let out = traced(&[inject, format!("-etrace={call}")], &arguments);
            let what = format!("{fault} at {call} {point}");
            assert!(!String::from_utf8_lossy(&out.stderr).contains("panicked"), "{what}: {out:?}");
            look(&station, &what);
            if out.status.success() {
                break;
            }
            *counts.entry(format!("{fault} {call}")).or_insert(0) += 1;
        }
    }
    counts
}

fn told(counts: &BTreeMap<String, u32>) {
    let kills: u32 = counts.iter().filter(|(what, _)| what.contains("KILL")).map(|(_, count)| count).sum();
    eprintln!("{kills} kills: {counts:?}");
    assert!(kills > 30, "the test can see too little: {counts:?}");
}

#[test]
fn a_fetch_that_ends_anywhere_goes_on_and_forgets_nothing() {
    if !has_strace() {
        return;
    }
    let stage = stage();
    let from = stage.new.dir.to_str().unwrap().to_owned();
    let arguments = |station: &Station| {
        let sets = station.sets().to_str().unwrap().to_owned();
        let words = ["fetch", "--sets", &sets, "--now", NOW, "--from", &from, "--installed", "national=2"];
        words.map(str::to_owned).to_vec()
    };
    let look = |station: &Station, what: &str| {
        // What came before the release is refused, whatever was written of it.
        let older = station.fetch_from(&stage.old, NOW, &["--publisher", "national"]);
        let code = older.handovers()[0]["code"].clone();
        assert!(code == "rollback" || code == "untrusted", "{what}: {older:?}");
        // What is installed was seen; the mark never falls behind it.
        let floor = ["--installed", "national=2", "--floor", "national=1,2,2"];
        let outcome = station.fetch(&stage.new, &floor);
        assert!(outcome.code == 0 && outcome.handovers().len() == 2, "{what}: {outcome:?}");
        assert_eq!(station.check_files(&outcome, &stage.new), 1, "{what}");
        let again = station.fetch(&stage.before, &["--publisher", "national"]);
        assert_eq!(again.handovers()[0]["outcome"], "refused", "{what}: {again:?}");
    };
    told(&at_every_point(Some(&stage.ready), arguments, look));
    drop(stage.folder);
}

#[test]
fn an_enrolment_that_ends_anywhere_is_none_or_whole() {
    if !has_strace() {
        return;
    }
    let stage = stage();
    let file = stage.folder.path().join("enrolment.json");
    std::fs::write(&file, serde_json::to_vec(&stage.before.enrolment()).unwrap()).unwrap();
    let arguments = |station: &Station| {
        let sets = station.sets().to_str().unwrap().to_owned();
        ["enrol", "--sets", &sets, file.to_str().unwrap()].map(str::to_owned).to_vec()
    };
    let look = |station: &Station, what: &str| {
        if station.file("national", "enrolment.json").exists() {
            station.fetch(&stage.before, &[]).accepted();
        }
        station.enrol(&stage.before.enrolment()).expect_code(0);
        let outcome = station.fetch(&stage.before, &[]);
        assert_eq!(outcome.code, 0, "{what}: {outcome:?}");
        assert!(!read(&station.file("national", "mark.json")).is_empty());
    };
    told(&at_every_point(None, arguments, look));
}
