//! Kills an import before every step that it takes on the disk, and fills the disk at every write: afterwards the store
//! has its old state or its new one, and the same import succeeds.
//!
//! The test program runs itself under `strace`, which sends the signal (or the error) at the n-th call of a kind, for
//! n = 1, 2, 3, … until the import ends before it gets there. Random kills miss what this finds. A broken order of steps
//! is run in the same way and has to be seen.
#![expect(clippy::disallowed_methods, reason = "a test reads a log that it has made itself")]

use std::path::Path;
use std::process::{Command, ExitStatus};

use domain::{Meanings, Profile, Role, SetName, UtcTime, VerdictBasis};

use crate::store::Order;
use crate::{HashsetError, NewSet, SetBuilder, Sets, builder, synthetic};

const JOB: &str = "ZEEF_CRASH_JOB";
const DIR: &str = "ZEEF_CRASH_DIR";
/// Numbers that are sorted at a time: few, so that runs are spilled.
const RUN_ITEMS: usize = 64;
/// More steps than any import here takes; a run that goes on beyond this is a mistake of the test.
const STEPS_MAX: usize = 400;

/// What the killed process does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Job {
    /// Replaces the known set, of which 50 entries stand in the good set.
    Import(Order),
    /// Removes the good set, which releases them.
    Remove(Order),
}

const JOBS: [(&str, Job); 4] = [
    ("import", Job::Import(Order::Safe)),
    ("remove", Job::Remove(Order::Safe)),
    ("import-manifest-first", Job::Import(Order::ManifestFirst)),
    ("import-remove-first", Job::Import(Order::RemoveFirst)),
];

fn import(dir: &Path, name: &str, role: Role, numbers: std::ops::Range<u64>, order: Order) -> Result<(), HashsetError> {
    let set = NewSet {
        name: name.parse().unwrap(),
        role,
        profile: Some(Profile::parse("US").unwrap()),
        meanings: Meanings::new(),
        basis: VerdictBasis::Category,
        kind: "test".to_owned(),
        published: None,
        imported: UtcTime(0),
        sources: Vec::new(),
    };
    let mut builder = SetBuilder::begin_with(dir, set, RUN_ITEMS, order)?;
    numbers.into_iter().try_for_each(|number| builder.push(&synthetic::entry(1, number)))?;
    builder.finish(Vec::new()).map(|_| ())
}

fn good() -> SetName {
    "good".parse().unwrap()
}

fn work(dir: &Path, job: Job) -> Result<(), HashsetError> {
    match job {
        Job::Import(order) => import(dir, "known", Role::Known, 100..300, order),
        Job::Remove(order) => builder::remove_with(dir, &good(), order),
    }
}

fn prepare(dir: &Path) {
    import(dir, "known", Role::Known, 0..150, Order::Safe).unwrap();
    import(dir, "good", Role::Good, 250..400, Order::Safe).unwrap();
}

/// Describes what look-ups answer, without the numbers of versions.
fn state(dir: &Path) -> Result<String, HashsetError> {
    let sets = Sets::open(dir)?;
    sets.verify()?;
    let set = |info: &crate::SetInfo| {
        let stamp = &info.stamp;
        let quarantine = sets.quarantine(&stamp.name).len() as u64;
        assert_eq!(quarantine, info.quarantined);
        format!("{} {} {} {quarantine}", stamp.name, stamp.role, info.entries)
    };
    let hits = (0..400).map(|number| {
        let digest = synthetic::entry(1, number).digests.sha1.map(domain::AnyDigest::Sha1);
        let hits = sets.lookup_digest(&digest.unwrap());
        hits.iter().map(|hit| if hit.quarantined { 'q' } else { 'h' }).chain([' ']).collect::<String>()
    });
    Ok(format!("{}: {}", sets.list().iter().map(set).collect::<Vec<_>>().join(", "), hits.collect::<String>()))
}

/// The killed process: this test program again, asked to run this one "test". Without a job it does nothing.
#[test]
fn child() {
    let (Ok(name), Ok(dir)) = (std::env::var(JOB), std::env::var(DIR)) else { return };
    let (_, job) = JOBS.into_iter().find(|(other, _)| *other == name).unwrap();
    match work(Path::new(&dir), job) {
        Ok(()) => {}
        // The answers that a person can do something about are told apart by the parent.
        Err(HashsetError::NoSpace { .. }) => std::process::exit(28),
        Err(_) => std::process::exit(5),
    }
}

fn strace_is_there() -> bool {
    let there = Command::new("strace").args(["-f", "-o", "/dev/null", "true"]).status().is_ok_and(|s| s.success());
    if !there {
        eprintln!("skipped: needs strace");
    }
    there
}

/// Runs the child under strace. `inject` is what strace does at the chosen call.
fn run_child(name: &str, dir: &Path, strace: &[&str]) -> ExitStatus {
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new("strace");
    command.arg("-f").args(strace).arg("--").arg(program);
    // One thread of tests, so that calls are counted in one thread: strace counts for each on its own.
    command.args(["crash::child", "--exact", "--test-threads=1", "--quiet"]).env(JOB, name).env(DIR, dir);
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).status().unwrap()
}

/// Copies a store, which has no folders.
fn copy(from: &Path, to: &Path) {
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

struct Seen {
    kills: usize,
    bad: Vec<String>,
}

/// Kills the job before the n-th call of each kind, for every n, and looks at what is left.
fn kill_everywhere(name: &str, calls: &[&str]) -> Seen {
    let (_, job) = JOBS.into_iter().find(|(other, _)| *other == name).unwrap();
    let safe = if matches!(job, Job::Import(_)) { Job::Import(Order::Safe) } else { Job::Remove(Order::Safe) };
    let template = tempfile::tempdir().unwrap();
    prepare(template.path());
    let old = state(template.path()).unwrap();
    let done = tempfile::tempdir().unwrap();
    copy(template.path(), done.path());
    work(done.path(), safe).unwrap();
    let new = state(done.path()).unwrap();
    assert_ne!(old, new);
    let mut seen = Seen { kills: 0, bad: Vec::new() };
    for call in calls {
        for step in 1.. {
            assert!(step < STEPS_MAX, "the job never ends");
            let dir = tempfile::tempdir().unwrap();
            copy(template.path(), dir.path());
            let inject = format!("inject={call}:signal=SIGKILL:when={step}");
            let trace = format!("trace={call}");
            if run_child(name, dir.path(), &["-o", "/dev/null", "-e", &trace, "-e", &inject]).success() {
                assert_eq!(state(dir.path()).unwrap(), new);
                break;
            }
            seen.kills += 1;
            let mut bad = |what: String| seen.bad.push(format!("{call} {step}: {what}"));
            let found = match state(dir.path()) {
                Ok(found) if found == old || found == new => found,
                Ok(_) => {
                    bad("neither the old state nor the new".to_owned());
                    continue;
                }
                Err(error) => {
                    bad(error.to_string());
                    continue;
                }
            };
            match work(dir.path(), safe) {
                Ok(()) => {}
                Err(HashsetError::UnknownSet { .. }) if found == new => {}
                Err(error) => bad(format!("the same again: {error}")),
            }
            if !state(dir.path()).is_ok_and(|again| again == new) {
                bad("the same again does not lead to the new state".to_owned());
            }
        }
    }
    seen
}

// `openat` and `write` of the test program itself are counted too: a few kills more, before the job begins.
const CALLS: [&str; 8] = ["rename", "fsync", "unlink", "openat", "write", "pwrite64", "flock", "ftruncate"];

#[test]
fn an_import_killed_before_any_step_leaves_the_old_state_or_the_new() {
    if strace_is_there() {
        let seen = kill_everywhere("import", &CALLS);
        eprintln!("{} kills of an import", seen.kills);
        assert!(seen.kills > 50, "only {} kills: the steps have other names on this system", seen.kills);
        assert!(seen.bad.is_empty(), "{:#?}", seen.bad);
    }
}

#[test]
fn a_removal_killed_before_any_step_leaves_the_old_state_or_the_new() {
    if strace_is_there() {
        let seen = kill_everywhere("remove", &CALLS);
        eprintln!("{} kills of a removal", seen.kills);
        assert!(seen.bad.is_empty(), "{:#?}", seen.bad);
    }
}

#[test]
fn a_broken_order_of_steps_is_seen() {
    if strace_is_there() {
        for name in ["import-manifest-first", "import-remove-first"] {
            let seen = kill_everywhere(name, &["rename", "fsync", "unlink", "openat", "write"]);
            eprintln!("{name}: {} bad states in {} kills", seen.bad.len(), seen.kills);
            assert!(!seen.bad.is_empty(), "{name}");
        }
    }
}

/// A kill leaves what the kernel has in memory; a power cut does not. So the order of syncs is read off the calls.
#[test]
fn every_file_is_synced_before_it_gets_its_name_and_the_folder_before_the_manifest() {
    if !strace_is_there() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    prepare(dir.path());
    let log = dir.path().join("calls");
    let log_arg = log.to_str().unwrap();
    let status =
        run_child("import", dir.path(), &["-y", "-o", log_arg, "-e", "trace=write,pwrite64,fsync,rename,unlink"]);
    assert!(status.success());
    let log = std::fs::read_to_string(log).unwrap();
    let calls: Vec<&str> = log.lines().filter(|line| line.contains(dir.path().to_str().unwrap())).collect();
    let last = |end: usize, what: &str, file: &str| {
        calls[..end].iter().rposition(|line| line.contains(what) && line.contains(file)).map_or(-1, |at| at as i64)
    };
    let folder = format!("<{}>", dir.path().display());
    let mut renames = 0;
    for (at, line) in calls.iter().enumerate().filter(|(_, line)| line.contains("rename(")) {
        renames += 1;
        let from = Path::new(line.split('"').nth(1).unwrap()).file_name().unwrap().to_str().unwrap();
        let file = format!("/{from}>");
        assert!(last(at, "fsync(", &file) > last(at, "write(", &file), "{from} is renamed before it is synced");
        if line.contains("\"tmp-MANIFEST\"") || from == "tmp-MANIFEST" {
            let named = last(at, "rename(", "");
            assert!(last(at, "fsync(", &folder) > named, "the manifest names files whose names are not durable");
            let removed = calls[at..].iter().position(|line| line.contains("unlink(") && line.contains(".hseg"));
            let synced = calls[at..].iter().position(|line| line.contains("fsync(") && line.contains(&folder));
            assert!(synced.unwrap() < removed.unwrap(), "old files are removed before the switch is durable");
        }
    }
    assert_eq!(renames, 3, "a segment, a quarantine and the manifest");
}

#[test]
fn a_full_disk_is_told_and_changes_nothing() {
    if !strace_is_there() {
        return;
    }
    let template = tempfile::tempdir().unwrap();
    prepare(template.path());
    let old = state(template.path()).unwrap();
    let mut told = 0;
    for call in ["write", "pwrite64"] {
        for step in 1.. {
            assert!(step < STEPS_MAX, "the job never ends");
            let dir = tempfile::tempdir().unwrap();
            copy(template.path(), dir.path());
            let inject = format!("inject={call}:error=ENOSPC:when={step}");
            let trace = format!("trace={call}");
            let status = run_child("import", dir.path(), &["-o", "/dev/null", "-e", &trace, "-e", &inject]);
            if status.success() {
                break;
            }
            // Another code than 28 comes from the test program's own output.
            told += usize::from(status.code() == Some(28));
            if status.code() == Some(28) {
                assert_eq!(state(dir.path()).unwrap(), old, "{call} {step}");
                let left = std::fs::read_dir(dir.path()).unwrap().count();
                assert_eq!(left, std::fs::read_dir(template.path()).unwrap().count(), "what was written is removed");
            }
            work(dir.path(), Job::Import(Order::Safe)).unwrap();
        }
    }
    assert!(told >= 3, "only {told} full disks");
    let error =
        HashsetError::NoSpace { path: "sets/tmp-segment".into(), source: std::io::ErrorKind::StorageFull.into() };
    assert!(error.to_string().contains("free some space there and do the same again"));
}
