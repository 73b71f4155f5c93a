//! Kills an import, an update or a compaction before every step that it takes on the disk, and fills the disk at every write: afterwards the store
//! has its old state or its new one, and the same again succeeds.
//!
//! The test program runs itself under `strace`, which sends the signal (or the error) at the n-th call of a kind, for
//! n = 1, 2, 3, … until the import ends before it gets there. Random kills miss what this finds. A broken order of steps
//! is run in the same way and has to be seen.
#![expect(clippy::disallowed_methods, reason = "a test reads a log that it has made itself")]

use std::path::Path;
use std::process::{Command, ExitStatus};

use domain::{Meanings, Profile, Role, SetName, UtcTime, VerdictBasis};

use crate::apply::apply_with;
use crate::compact::compact_with;
use crate::history::{GENEROUS, Publisher};
use crate::release::Change;
use crate::store::{Manifest, Order};
use crate::{Consent, HashsetError, Incoming, NewSet, SetBuilder, Sets, builder, synthetic};

const JOB: &str = "ZEEF_CRASH_JOB";
const DIR: &str = "ZEEF_CRASH_DIR";
const SITE: &str = "ZEEF_CRASH_SITE";
/// The file in the site that has what is handed over.
const HANDED_OVER: &str = "incoming.json";
/// Numbers that are sorted at a time: few, so that runs are spilled.
const RUN_ITEMS: usize = 64;
/// More steps than any import here takes; a run that goes on beyond this is a mistake of the test.
const STEPS_MAX: usize = 400;

/// What the killed process does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    /// Replaces the known set, of which 50 entries stand in the good set.
    Import,
    /// Removes the good set, which releases them.
    Remove,
    /// Brings a published set from version 1 to version 2: by the delta or by the snapshot, as the site says.
    Apply,
    /// Makes one layer of the two that the published set has.
    Compact,
}

#[derive(Clone, Copy)]
struct Job {
    name: &'static str,
    what: What,
    order: Order,
}

const JOBS: [Job; 9] = [
    Job { name: "import", what: What::Import, order: Order::Safe },
    Job { name: "remove", what: What::Remove, order: Order::Safe },
    Job { name: "delta", what: What::Apply, order: Order::Safe },
    Job { name: "snapshot", what: What::Apply, order: Order::Safe },
    Job { name: "compact", what: What::Compact, order: Order::Safe },
    Job { name: "import-manifest-first", what: What::Import, order: Order::ManifestFirst },
    Job { name: "import-remove-first", what: What::Import, order: Order::RemoveFirst },
    Job { name: "delta-manifest-first", what: What::Apply, order: Order::ManifestFirst },
    Job { name: "compact-remove-first", what: What::Compact, order: Order::RemoveFirst },
];

fn job(name: &str) -> Job {
    JOBS.into_iter().find(|job| job.name == name).unwrap()
}

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

fn published() -> SetName {
    "published".parse().unwrap()
}

fn work(dir: &Path, site: &Path, job: Job) -> Result<(), HashsetError> {
    match job.what {
        What::Import => import(dir, "known", Role::Known, 100..300, job.order),
        What::Remove => builder::remove_with(dir, &good(), job.order),
        What::Apply => apply_with(dir, &handed_over(site), Consent::Limits, RUN_ITEMS, job.order).map(|_| ()),
        What::Compact => compact_with(dir, &published(), RUN_ITEMS, job.order),
    }
}

/// Makes the old state, and in the site what leads to the new one.
fn prepare(dir: &Path, site: &Path, job: Job) {
    import(dir, "good", Role::Good, 250..400, Order::Safe).unwrap();
    if matches!(job.what, What::Import | What::Remove) {
        return import(dir, "known", Role::Known, 0..150, Order::Safe).unwrap();
    }
    let mut publisher = Publisher::new(site, published().as_str(), Role::Known);
    let row = |number| Change::Upsert(synthetic::entry(1, number));
    publisher.release(&(0..200).map(row).collect::<Vec<_>>());
    publisher.snapshot();
    publisher.sync(dir, 9).unwrap();
    let withdraw = |number| Change::Withdraw { id: domain::EntryId(number), reason: "wrong".to_owned() };
    let moved =
        |number| Change::Upsert(domain::Entry { id: domain::EntryId(number), ..synthetic::entry(1, number + 100) });
    let changes: Vec<_> = (0..30).map(withdraw).chain((150..200).map(moved)).chain((300..320).map(row)).collect();
    publisher.release(&changes);
    if job.name == "snapshot" {
        publisher.snapshot();
    }
    let deltas = if job.name == "snapshot" { 0 } else { 9 };
    let incoming = publisher.incoming(publisher.index(deltas), Some(domain::SetVersion(1)));
    let text = serde_json::to_string(&(&incoming.index, &incoming.stamp, &incoming.files)).unwrap();
    std::fs::write(site.join(HANDED_OVER), text).unwrap();
    if job.what == What::Compact {
        publisher.sync(dir, 9).unwrap();
    }
}

fn handed_over(site: &Path) -> Incoming {
    let text = std::fs::read_to_string(site.join(HANDED_OVER)).unwrap();
    let (index, stamp, files) = serde_json::from_str(&text).unwrap();
    let folder = site.to_owned();
    Incoming { index, stamp, allowed: None, folder, files, enrolled_limits: GENEROUS, now: UtcTime(11) }
}

/// Describes what look-ups answer, without the numbers of versions.
fn state(dir: &Path) -> Result<String, HashsetError> {
    let manifest = Manifest::read(dir)?;
    let sets = Sets::open(dir)?;
    sets.verify()?;
    for set in manifest.sets.iter().filter(|set| !set.changes.is_empty()) {
        let mut log = sets.changes(&set.stamp.name, domain::SetVersion(1))?.unwrap();
        log.try_for_each(|change| change.map(|_| ()))?;
    }
    let set = |info: &crate::SetInfo| {
        let stamp = &info.stamp;
        let quarantine = sets.quarantine(&stamp.name).len() as u64;
        assert_eq!(quarantine, info.quarantined);
        let stored = manifest.set(&stamp.name).unwrap();
        let layers = stored.all_layers().count();
        format!(
            "{} {} {} {quarantine} in {layers}, {} logs",
            stamp.name,
            stamp.role,
            info.entries,
            stored.changes.len()
        )
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
    let (Ok(name), Ok(dir), Ok(site)) = (std::env::var(JOB), std::env::var(DIR), std::env::var(SITE)) else { return };
    match work(Path::new(&dir), Path::new(&site), job(&name)) {
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
fn run_child(name: &str, dir: &Path, site: &Path, strace: &[&str]) -> ExitStatus {
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new("strace");
    command.arg("-f").args(strace).arg("--").arg(program);
    // One thread of tests, so that calls are counted in one thread: strace counts for each on its own.
    command.args(["crash::child", "--exact", "--test-threads=1", "--quiet"]).env(JOB, name).env(DIR, dir);
    command.env(SITE, site);
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
    let safe = Job { order: Order::Safe, ..job(name) };
    let (template, site) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let site = site.path();
    prepare(template.path(), site, safe);
    let old = state(template.path()).unwrap();
    let done = tempfile::tempdir().unwrap();
    copy(template.path(), done.path());
    work(done.path(), site, safe).unwrap();
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
            if run_child(name, dir.path(), site, &["-o", "/dev/null", "-e", &trace, "-e", &inject]).success() {
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
            match work(dir.path(), site, safe) {
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

fn check_killed(name: &str) {
    if strace_is_there() {
        let seen = kill_everywhere(name, &CALLS);
        eprintln!("{} kills of {name}", seen.kills);
        assert!(seen.kills > 20, "only {} kills: the steps have other names on this system", seen.kills);
        assert!(seen.bad.is_empty(), "{:#?}", seen.bad);
    }
}

#[test]
fn a_delta_killed_before_any_step_leaves_the_old_state_or_the_new() {
    check_killed("delta");
}

#[test]
fn a_snapshot_killed_before_any_step_leaves_the_old_state_or_the_new() {
    check_killed("snapshot");
}

#[test]
fn a_compaction_killed_before_any_step_leaves_the_old_state_or_the_new() {
    check_killed("compact");
}

#[test]
fn a_broken_order_of_steps_is_seen() {
    if strace_is_there() {
        for name in ["import-manifest-first", "import-remove-first", "delta-manifest-first", "compact-remove-first"] {
            let seen = kill_everywhere(name, &["rename", "fsync", "unlink", "openat", "write"]);
            eprintln!("{name}: {} bad states in {} kills", seen.bad.len(), seen.kills);
            assert!(!seen.bad.is_empty(), "{name}");
        }
    }
}

/// A kill leaves what the kernel has in memory; a power cut does not. So the order of syncs is read off the calls.
fn check_synced(name: &str, files: usize) {
    let (dir, site) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    prepare(dir.path(), site.path(), job(name));
    let log = dir.path().join("calls");
    let log_arg = log.to_str().unwrap();
    let status = run_child(
        name,
        dir.path(),
        site.path(),
        &["-y", "-o", log_arg, "-e", "trace=write,pwrite64,fsync,rename,unlink"],
    );
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
            let removed = calls[at..].iter().position(|line| line.contains("unlink(") && !line.contains("/tmp-"));
            let synced = calls[at..].iter().position(|line| line.contains("fsync(") && line.contains(&folder));
            let synced = synced.expect("the switch is made durable");
            assert!(removed.is_none_or(|removed| synced < removed), "old files are removed before that");
        }
    }
    assert_eq!(renames, files, "{name}");
}

#[test]
fn every_file_is_synced_before_it_gets_its_name_and_the_folder_before_the_manifest() {
    if strace_is_there() {
        // A segment, a quarantine and the manifest; dead rows and a log besides.
        check_synced("import", 3);
        check_synced("delta", 5);
        check_synced("compact", 3);
    }
}

#[test]
fn a_full_disk_is_told_and_changes_nothing() {
    if strace_is_there() {
        ["import", "delta", "snapshot", "compact"].into_iter().for_each(check_full);
    }
    let error =
        HashsetError::NoSpace { path: "sets/tmp-segment".into(), source: std::io::ErrorKind::StorageFull.into() };
    assert!(error.to_string().contains("free some space there and do the same again"));
}

fn check_full(name: &str) {
    let (template, site) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let site = site.path();
    prepare(template.path(), site, job(name));
    let old = state(template.path()).unwrap();
    let mut told = 0;
    for call in ["write", "pwrite64"] {
        for step in 1.. {
            assert!(step < STEPS_MAX, "the job never ends");
            let dir = tempfile::tempdir().unwrap();
            copy(template.path(), dir.path());
            let inject = format!("inject={call}:error=ENOSPC:when={step}");
            let trace = format!("trace={call}");
            let status = run_child(name, dir.path(), site, &["-o", "/dev/null", "-e", &trace, "-e", &inject]);
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
            work(dir.path(), site, job(name)).unwrap();
        }
    }
    assert!(told >= 3, "only {told} full disks for {name}");
}
