//! A release and a sync are killed before every call that changes the disk, and meet a full disk: a site has the former
//! release whole or the new one, a workstation the old set or the new, and the same command completes what was begun.
//!
//! `strace` injects the fault. Of kinds with many calls a sample is taken that a seed picks; `ZEEF_FAULTS=all` takes every
//! one. That the look afterwards can see at all is shown by a publisher that places its files in a wrong order.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

mod house;

use house::{House, has_strace, lines, points, program, read, zeef, zeef_ok};

/// Calls that change what is on the disk.
const CALLS: &str =
    "rename,renameat,renameat2,unlink,unlinkat,fsync,fdatasync,ftruncate,write,pwrite64,mkdir,mkdirat,linkat";
/// Calls that need room.
const FILLING: [&str; 2] = ["write", "fsync"];
/// Points of one kind of call that are taken by default.
const POINTS_MAX: usize = 60;
const FULL_POINTS_MAX: usize = 60;
const SEED: u64 = 20_261_126;
const NOW: [&str; 2] = ["2026-11-01T06:00:00Z", "2026-11-02T06:00:00Z"];

/// Cuts a program at points of each kind of call: killed before it, and where it fills the disk, with a full one. `cut` gives
/// how many it killed; the kills are counted.
fn at_every_point(kinds: &BTreeMap<String, usize>, mut cut: impl FnMut(&str, &str, usize, &str) -> u32) -> u32 {
    let mut kills = 0;
    for (call, count) in kinds {
        for point in points(*count, POINTS_MAX, SEED) {
            kills += cut(call, "signal=SIGKILL", point, &format!("killed before {call} {point} of {count}"));
        }
        let full = FILLING.contains(&call.as_str()).then(|| points(*count, FULL_POINTS_MAX, SEED));
        for point in full.into_iter().flatten() {
            cut(call, "error=ENOSPC", point, &format!("disk full at {call} {point} of {count}"));
        }
    }
    kills
}

fn publish(house: &House, on: usize, command: &str, more: &[&str]) -> Vec<String> {
    let mut words = vec![command.to_owned(), house.path("repo")];
    words.extend(more.iter().map(|word| (*word).to_owned()));
    if matches!(command, "init" | "release") {
        words.extend(["--keys".to_owned(), house.path("keys")]);
    }
    if command == "release" {
        words.extend(["--out".to_owned(), house.path("site")]);
    }
    words.extend(["--now".to_owned(), NOW[on].to_owned()]);
    words
}

fn published(house: &House, on: usize, command: &str, more: &[&str]) {
    let out = Command::new(program("zeef-publish")).args(publish(house, on, command, more)).output().unwrap();
    assert!(out.status.success(), "{command}: {}", String::from_utf8_lossy(&out.stderr));
}

fn contribute(house: &House, on: usize, numbers: std::ops::Range<u32>) {
    let list = house.path("list.csv");
    let rows: Vec<String> = numbers.map(|number| format!("{number:032x},{number:040x},1\n")).collect();
    std::fs::write(&list, format!("MD5,SHA1,Category\n{}", rows.concat())).unwrap();
    published(house, on, "add", &[&list, "--by", "unit", "--profile", "US"]);
}

/// A publisher with one release, ready for the second; and a workstation that has the first.
fn ready() -> House {
    let house = House::new();
    published(&house, 0, "init", &["--set", "national", "--title", "T", "--profile", "US"]);
    contribute(&house, 0, 1..40);
    published(&house, 0, "release", &[]);
    let sets = house.path("sets");
    zeef_ok(&["sync", "enrol", &house.path("site/enrolment.json"), "--sets", &sets]);
    assert_eq!(sync(&house, 0), Ok(1));
    contribute(&house, 1, 40..60);
    let digest = format!("{:032x}", 3);
    published(&house, 1, "withdraw", &[&digest, "--reason", "wrong"]);
    house
}

fn sync_words(house: &House, on: usize) -> Vec<String> {
    let words =
        ["sync", "run", "--sets", &house.path("sets"), "--from", &house.path("site"), "--now", NOW[on], "--json"];
    words.map(str::to_owned).to_vec()
}

fn run(words: &[String]) -> Output {
    zeef(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Syncs with what is in the site, and gives the version that is installed then.
fn sync(house: &House, on: usize) -> Result<u64, String> {
    let out = run(&sync_words(house, on));
    if !out.status.success() {
        return Err(String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned());
    }
    installed(house)
}

/// Gives the version that is installed, if what look-ups answer is what that version has.
fn installed(house: &House) -> Result<u64, String> {
    let sets = house.path("sets");
    let out = zeef(&["set", "list", "--sets", &sets, "--json"]);
    if !out.status.success() {
        return Err(String::from_utf8_lossy(&out.stderr).into_owned());
    }
    let set = lines(&String::from_utf8(out.stdout).unwrap()).remove(0);
    let open = hashset::Sets::open(Path::new(&sets)).map_err(|error| error.to_string())?;
    open.verify().map_err(|error| error.to_string())?;
    let has = |number: u32| {
        let digest = domain::AnyDigest::Md5(format!("{number:032x}").parse().unwrap());
        !open.lookup_digest(&digest).is_empty()
    };
    let version = set["version"].as_u64().unwrap();
    let expected = |number: u32| match version {
        1 => (1..40).contains(&number),
        _ => (1..60).contains(&number) && number != 3,
    };
    match (1..70).find(|number| has(*number) != expected(*number)) {
        None => Ok(version),
        Some(number) => Err(format!("version {version} is wrong about {number}")),
    }
}

/// Lists a folder with all bytes.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                out.insert(path.strip_prefix(folder).unwrap().to_owned(), bytes(&path));
            }
        }
    }
    out
}

#[expect(clippy::disallowed_methods, reason = "the test compares what it made itself")]
fn bytes(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

/// Counts the calls of an undisturbed run of the first thread, or of every thread.
fn calls(program: &Path, words: &[String], log: &str, all_threads: bool) -> BTreeMap<String, usize> {
    let mut command = Command::new("strace");
    if all_threads {
        command.arg("-f");
    }
    let out = command.args(["-qq", &format!("-etrace={CALLS}"), &format!("-o{log}")]).arg(program).args(words).output();
    let out = out.unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    // strace counts the calls of each process on its own; the largest number is what has to be reached.
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for line in read(log).lines() {
        let (process, call) = if all_threads { line.split_once(' ').unwrap_or(("", line)) } else { ("", line) };
        let call = call.trim_start().split('(').next().unwrap_or_default().to_owned();
        if CALLS.split(',').any(|known| known == call) {
            *counts.entry((process.to_owned(), call)).or_default() += 1;
        }
    }
    let mut most = BTreeMap::new();
    for ((_, call), count) in counts {
        let entry = most.entry(call).or_default();
        *entry = count.max(*entry);
    }
    most
}

fn traced(program: &Path, words: &[String], inject: &str, all_threads: bool) -> Output {
    let mut command = Command::new("strace");
    if all_threads {
        command.arg("-f");
    }
    command.args(["-qq", "-o/dev/null", inject]).arg(program).args(words).output().unwrap()
}

#[test]
fn an_interrupted_release_leaves_the_former_whole_and_is_completed() {
    if !has_strace() {
        return;
    }
    let base = ready();
    let done = House::copy_of(&base);
    let log = done.path("calls");
    let kinds = calls(&program("zeef-publish"), &publish(&done, 1, "release", &[]), &log, false);
    let whole = tree(Path::new(&done.path("site")));
    let old = tree(Path::new(&base.path("site")));
    assert_eq!(sync(&done, 1), Ok(2));
    let cut = |call: &str, fault: &str, point: usize, what: &str| {
        let house = House::copy_of(&base);
        let words = publish(&house, 1, "release", &[]);
        let inject = format!("-einject={call}:{fault}:when={point}");
        let out = traced(&program("zeef-publish"), &words, &inject, false);
        let found = sync(&house, 1);
        assert!(matches!(found, Ok(1 | 2)), "{what}: {found:?}");
        published(&house, 1, "release", &[]);
        assert_eq!(sync(&house, 1), Ok(2), "{what}");
        let again = tree(Path::new(&house.path("site")));
        // Cut after the last step that counts, the same command has signed once more: the set has the same files then too.
        let signed_again = again.contains_key(Path::new("metadata/3.targets.json"));
        let placed = whole.iter().filter(|(path, _)| !old.contains_key(*path));
        for (path, bytes) in placed.filter(|(path, _)| path.starts_with("targets") || !signed_again) {
            assert_eq!(again.get(path), Some(bytes), "{what}: {}", path.display());
        }
        u32::from(!out.status.success())
    };
    let kills = at_every_point(&kinds, cut);
    eprintln!("release, seed {SEED}: {kills} kills: {kinds:?}");
    assert!(kills > 20, "{kills} kills: the test can see too little");
}

#[test]
fn a_publisher_that_places_its_files_in_a_wrong_order_is_seen() {
    let base = ready();
    let done = House::copy_of(&base);
    published(&done, 1, "release", &[]);
    let new = tree(Path::new(&done.path("site")));
    let old = tree(Path::new(&base.path("site")));
    let stamp = PathBuf::from("metadata/timestamp.json");
    let mut changed: Vec<&PathBuf> =
        new.iter().filter(|(path, bytes)| old.get(*path) != Some(*bytes)).map(|(path, _)| path).collect();
    assert!(changed.contains(&&stamp) && changed.len() > 3, "{changed:?}");
    let bad_states = |order: &[&PathBuf]| {
        let house = House::copy_of(&base);
        let mut bad = 0;
        for path in order {
            let place = Path::new(&house.path("site")).join(path);
            std::fs::write(place, &new[*path]).unwrap();
            let copy = House::copy_of(&house);
            // The workstation of the copy reads the site of the copy.
            bad += u32::from(sync(&copy, 1).is_err());
        }
        assert_eq!(sync(&house, 1), Ok(2));
        bad
    };
    changed.sort_by_key(|path| **path == stamp);
    assert_eq!(bad_states(&changed), 0, "the timestamp last");
    changed.reverse();
    assert!(bad_states(&changed) > 0, "the timestamp first");
}

#[test]
fn an_interrupted_sync_leaves_the_old_set_or_the_new_one() {
    if !has_strace() {
        return;
    }
    let base = ready();
    published(&base, 1, "release", &[]);
    let done = House::copy_of(&base);
    let kinds = calls(&program("zeef"), &sync_words(&done, 1), &done.path("calls"), true);
    assert_eq!(installed(&done), Ok(2));
    let cut = |call: &str, fault: &str, point: usize, what: &str| {
        let house = House::copy_of(&base);
        let inject = format!("-einject={call}:{fault}:when={point}");
        let out = traced(&program("zeef"), &sync_words(&house, 1), &inject, true);
        let found = installed(&house);
        assert!(matches!(found, Ok(1 | 2)), "{what}: {found:?}");
        assert_eq!(sync(&house, 1), Ok(2), "{what}");
        u32::from(!out.status.success())
    };
    let kills = at_every_point(&kinds, cut);
    eprintln!("sync, seed {SEED}: {kills} kills: {kinds:?}");
    assert!(kills > 12, "{kills} kills: the test can see too little");
}

/// Fetches the second release, and gives the job that the process without rights is handed then.
fn fetched_job(house: &House) -> String {
    let words = ["fetch", "--sets", &house.path("sets"), "--from", &house.path("site"), "--now", NOW[1]];
    let out = Command::new(program("zeef-sync"))
        .args(words)
        .args(["--installed", "national=1", "--floor", "national=1,1,1"])
        .output()
        .unwrap();
    let said = lines(&String::from_utf8(out.stdout).unwrap());
    let verified = said.iter().find_map(|line| line.get("handover")).unwrap();
    assert_eq!(verified["outcome"], "verified", "{verified}");
    let limits = &verified["index"]["limits"];
    serde_json::json!({
        "publisher": "national", "index": verified["index"], "stamp": verified["stamp"], "allowed": null,
        "files": verified["files"], "limits": limits, "person": false, "now": NOW[1],
    })
    .to_string()
}

fn apply(house: &House, job: &str, strace: &[String]) -> Output {
    let file = house.path("job.json");
    std::fs::write(&file, job).unwrap();
    let mut command = Command::new("strace");
    command.arg("-qq").args(strace).arg(program("zeef")).args(["apply-release", "--sets", &house.path("sets")]);
    #[expect(clippy::disallowed_methods, reason = "the test hands over the job that it made")]
    let job = std::fs::File::open(file).unwrap();
    command.stdin(Stdio::from(job)).output().unwrap()
}

#[test]
fn an_interrupted_applying_leaves_the_old_set_or_the_new_one() {
    if !has_strace() {
        return;
    }
    let base = ready();
    published(&base, 1, "release", &[]);
    let job = fetched_job(&base);
    let done = House::copy_of(&base);
    let log = done.path("calls");
    let out = apply(&done, &job, &[format!("-etrace={CALLS}"), format!("-o{log}")]);
    assert!(String::from_utf8_lossy(&out.stdout).contains("switched"), "{out:?}");
    assert_eq!(installed(&done), Ok(2));
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for line in read(&log).lines() {
        *kinds.entry(line.split('(').next().unwrap_or_default().to_owned()).or_default() += 1;
    }
    kinds.retain(|call, _| CALLS.split(',').any(|known| known == call));
    let (mut old, mut new) = (0, 0);
    let cut = |call: &str, fault: &str, point: usize, what: &str| {
        let house = House::copy_of(&base);
        let out = apply(&house, &job, &["-o/dev/null".to_owned(), format!("-einject={call}:{fault}:when={point}")]);
        match installed(&house) {
            Ok(1) => old += 1,
            Ok(2) => new += 1,
            other => panic!("{what}: {other:?}"),
        }
        assert_eq!(sync(&house, 1), Ok(2), "{what}");
        u32::from(!out.status.success())
    };
    let kills = at_every_point(&kinds, cut);
    eprintln!("applying, seed {SEED}: {kills} kills, {old} left the old set, {new} the new: {kinds:?}");
    assert!(kills > 12 && old > 0 && new > 0, "{kills} kills, {old} old, {new} new: the test can see too little");
}
