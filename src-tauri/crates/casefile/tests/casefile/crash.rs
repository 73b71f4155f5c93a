//! A process that is killed, or a disk that is full, at every write, flush, cut, rename and removal: the old state or
//! the new, and the same call goes on.
//!
//! Each test starts this very program again under `strace`, as an actor that takes one step on a copy of a case, and
//! injects the fault at the n-th call. By default some points of each kind of call are taken, spread over all;
//! `ZEEF_FAULTS=all` takes every one.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use casefile::*;
use domain::*;

use crate::support::*;

const INDEX: &str = "mine.zeef-index";
const OTHER: &str = "another passphrase";
const CALLS: [&str; 7] = ["pwrite64", "write", "fsync", "fdatasync", "ftruncate", "/^rename", "/^unlink"];
/// Points of each kind of call that are taken by default.
const POINTS: u64 = 6;

/// Takes the step that the environment names; without one it is no test.
#[test]
fn actor() {
    let (Some(step), Some(dir)) = (std::env::var_os("ZEEF_STEP"), std::env::var_os("ZEEF_CASE")) else { return };
    let (step, dir) = (step.into_string().unwrap(), PathBuf::from(dir));
    let mut tries = 0;
    let mut case = None;
    while let Err(error) = take(&step, &dir, &mut case) {
        println!("step: {error:?}");
        tries += 1;
        if std::env::var_os("ZEEF_AGAIN").is_none() || tries > 3 {
            std::process::exit(3);
        }
    }
    println!("step: done");
}

/// Takes one step, with the case that an earlier try may have opened.
fn take(step: &str, dir: &Path, open_case: &mut Option<CaseFile>) -> Result<()> {
    if step == "create" {
        return match try_create(dir) {
            // Finished by an earlier try, which failed after that.
            Err(CasefileError::AlreadyThere { .. }) => open(dir, "Anna").map(drop),
            made => made.map(drop),
        };
    }
    if open_case.is_none() {
        *open_case = Some(open(dir, "Anna")?);
    }
    let case = open_case.as_ref().unwrap();
    let code = |code: &str| Some(CategoryCode(code.to_owned()));
    match step {
        "record" => {
            let source = case.sources()?[0].id;
            let batch = [
                record(source, "n/new.jpg", item(shown(60))),
                record(source, "n/known.jpg", item(hidden(61))),
                record(source, "x/broken.jpg", item(shown(40))),
                record(source, "x/secret.jpg", item(shown(62))),
                record(source, "n/no.jpg", unread()),
            ];
            case.record(&batch, at(50)).map(drop)
        }
        "decide" => case.decide(&[1, 10, 40].map(|number| digests(number).sha256), code("2"), None, at(50)).map(drop),
        "undo" => case.undo(&AS_BEFORE, at(50)).map(drop),
        "mark" => case.mark(&[1, 3], MarkKind::Bookmark, true, at(50)).map(drop),
        "lead" => case.lead_new(&victim("Willow"), &[whole(1), region(2, 10)], at(50)).map(drop),
        "sign" => match case.export_signed(1, digests(7).sha256, 3, SampleLook { of: 3, looked: 1 }, at(50)) {
            // Signed by an earlier try, which failed after that.
            Err(CasefileError::ExportEnded { .. }) => Ok(()),
            signed => signed.map(drop),
        },
        "index" => {
            let index = across::Index::open(&dir.join(INDEX), &Passphrase::new(PASSPHRASE), case, at(50))?;
            index.put(case, at(50)).map(drop)
        }
        "personal" => case.put_personal("views", Some("mine"), at(50)),
        "rejudge" => {
            let change = |number, visibility, hits, decoded| Rejudged {
                sha256: digests(number).sha256,
                visibility,
                hits,
                near: Some(vec![]),
                decoded,
            };
            let changes = [
                change(10, NEW, vec![], Some(decoded(10, 5000))),
                change(1, known(1), hidden(1).hits, None),
                change(2, known(2), hidden(2).hits, None),
            ];
            case.rejudge(&changes, at(50))
        }
        "stacks" => {
            let [one, two] = [1, 2].map(|number| digests(number).sha256);
            case.put_stacks(&[Stack { representative: two, members: vec![one, two] }], at(50))
        }
        "add-user" => {
            case.add_user(&user("Dirk"), UserRole::Auditor, &Passphrase::new(PASSPHRASE), at(50), &mut Seeded(8))
        }
        "remove-user" => match case.remove_user(&user("Bob"), at(50)) {
            // Removed by an earlier try, which failed after that.
            Err(CasefileError::NoSuchUser { .. }) => Ok(()),
            removed => removed,
        },
        "passphrase" => case.change_passphrase(&Passphrase::new(OTHER), at(50), &mut Seeded(9)),
        "drop-derived" => case.drop_derived(at(50)),
        other => panic!("no step {other}"),
    }
}

/// Makes the case that the steps start from.
fn base(dir: &Path, step: &str) {
    if step == "create" {
        return;
    }
    let case = create(dir);
    one_of_each(&case);
    add_user(&case, "Bob", UserRole::Investigator);
    let [one, thirty] = [1, 30].map(|number| digests(number).sha256);
    case.put_stacks(&[Stack { representative: one, members: vec![one, thirty] }], at(6)).unwrap();
    if step == "index" {
        let passphrase = Passphrase::new(PASSPHRASE);
        let mut entropy = Seeded(10);
        across::Index::create_with_cost(&dir.join(INDEX), &user("Anna"), &passphrase, &mut entropy, CHEAP).unwrap();
    }
    if step == "sign" {
        drop(case);
        return open(dir, "Bob").unwrap().export_request(&request(), at(7)).map(drop).unwrap();
    }
    if step == "undo" {
        case.decide(&[digests(1).sha256, digests(10).sha256], Some(CategoryCode("1".into())), None, at(7)).unwrap();
    }
}

/// Tells all that a person could see of a case, and which passphrase opens it.
fn look(dir: &Path) -> String {
    let (case, passphrase) = match open(dir, "Anna") {
        Ok(case) => (case, "old"),
        Err(CasefileError::AccessDenied) => {
            (CaseFile::open(dir, &user("Anna"), &Passphrase::new(OTHER), at(1)).unwrap(), "new")
        }
        Err(error) => return format!("{error:?}").chars().take_while(|c| *c != ' ').collect(),
    };
    check_sound(&case);
    let mut seen = format!("{passphrase} {:?} {:?}\n", case.counts().unwrap(), case.stacks().unwrap());
    for row in list(&case, ListFilter::All) {
        let category = row.decision.map(|decision| decision.category);
        let sheet = row.sha256.map(|sha256| told(&case, &sha256));
        let thumbnail = row.sha256.map(|sha256| case.thumbnail(&sha256).unwrap().is_some());
        seen += &format!("{:?} {:?} {category:?} {:?} {thumbnail:?}\n", row.paths, row.visibility, row.suggestions);
        seen += &format!("{sheet:?}\n");
    }
    seen += &format!("{:?}\n", case.personal("views").unwrap());
    for row in case.leads().unwrap() {
        let evidence: Vec<_> = case.lead(row.id).unwrap().unwrap().evidence.into_iter().map(|it| it.evidence).collect();
        seen += &format!("{row:?} {evidence:?}\n");
    }
    for row in case.exports().unwrap() {
        seen += &format!("{} {:?} {}\n", row.request, row.asked, matches!(row.state, ExportState::Signed { .. }));
    }
    if dir.join(INDEX).exists() {
        let index = across::Index::open(&dir.join(INDEX), &Passphrase::new(PASSPHRASE), &case, at(1)).unwrap();
        let cases: Vec<_> = index.cases().unwrap().into_iter().map(|it| (it.case_id, it.items)).collect();
        seen += &format!("{cases:?} {:?}\n", index.find_digest(&digests(1).sha256).unwrap());
    }
    for row in case.users().unwrap() {
        let enters = match open_reading(dir, row.name.as_str()) {
            Ok(_) => true,
            Err(CasefileError::AccessDenied) => false,
            Err(error) => panic!("{error}"),
        };
        // Anna's own way in was told above.
        seen += &format!("{} {} {}\n", row.name, row.removed.is_some(), enters || row.name.as_str() == "Anna");
    }
    seen
}

/// Tells what the sheet says of an item, but for times and operations, which the same call again makes others.
fn told(case: &CaseFile, sha256: &Sha256) -> String {
    let mut told = String::new();
    let number = case.number_of(sha256).unwrap().unwrap();
    case.sheet_of(&[number], &mut |row| {
        let marks: Vec<_> = row.marks.iter().collect();
        told = format!("{:?} {:?} {marks:?} {:?} {:?}", row.reason, row.state, row.note, row.taken);
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    told
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

fn act(step: &str, dir: &Path, strace: &[String], again: bool) -> Output {
    let program = std::env::current_exe().unwrap();
    let mut command = if strace.is_empty() {
        Command::new(&program)
    } else {
        let mut command = Command::new("strace");
        command.args(["-f", "-qq"]).args(strace).arg(&program);
        command
    };
    command.args(["--exact", "crash::actor", "--nocapture", "--test-threads=1"]);
    command.env("ZEEF_STEP", step).env("ZEEF_CASE", dir);
    if again {
        command.env("ZEEF_AGAIN", "1");
    }
    command.output().unwrap()
}

fn has_strace() -> bool {
    let probe = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).output();
    let there = probe.is_ok_and(|output| output.status.success());
    if !there {
        eprintln!("skipped: needs strace that may trace");
    }
    there
}

/// Chooses which calls of a kind fail, after counting how many a whole step makes.
fn points(step: &str, base_dir: &Path, call: &str) -> Vec<u64> {
    let dir = tempfile::tempdir().unwrap();
    copy(base_dir, dir.path());
    let log = tempfile::NamedTempFile::new().unwrap();
    let trace = [format!("-o{}", log.path().display()), format!("-etrace={call}")];
    let output = act(step, dir.path(), &trace, false);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let count = std::fs::read_to_string(log.path()).unwrap().lines().count() as u64;
    if std::env::var_os("ZEEF_FAULTS").is_some_and(|which| which == "all") || count <= POINTS {
        return (1..=count).collect();
    }
    (0..POINTS).map(|index| 1 + index * (count - 1) / (POINTS - 1)).collect()
}

struct Stage {
    step: &'static str,
    base: tempfile::TempDir,
    old: String,
    new: String,
}

impl Stage {
    fn set(step: &'static str) -> Self {
        let base_dir = tempfile::tempdir().unwrap();
        base(base_dir.path(), step);
        let seen_of = |acted: bool| {
            let dir = tempfile::tempdir().unwrap();
            copy(base_dir.path(), dir.path());
            if acted {
                assert!(act(step, dir.path(), &[], false).status.success());
            }
            look(dir.path())
        };
        let (old, new) = (seen_of(false), seen_of(true));
        assert_ne!(old, new, "the step does something that can be seen");
        Self { step, base: base_dir, old, new }
    }

    /// Looks at the case after a fault, then takes the step again, and the new state must be there.
    fn check(&self, dir: &Path, what: &str) {
        let seen = look(dir);
        let half_made = self.step == "create" && seen == "HalfMade";
        if seen != self.new {
            assert!(
                half_made || seen == self.old,
                "{what}: neither old nor new:\n{seen}\nold:\n{}\nnew:\n{}",
                self.old,
                self.new
            );
            let output = act(self.step, dir, &[], false);
            assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stdout));
            assert_eq!(look(dir), self.new, "{what}: after the same call");
        }
    }
}

fn kill_at_every_point(step: &'static str) {
    if !has_strace() {
        return;
    }
    let stage = Stage::set(step);
    let mut killed = 0;
    for call in CALLS {
        for point in points(step, stage.base.path(), call) {
            let dir = tempfile::tempdir().unwrap();
            copy(stage.base.path(), dir.path());
            let inject = ["-o/dev/null".to_owned(), format!("-einject={call}:signal=SIGKILL:when={point}")];
            killed += u64::from(!act(step, dir.path(), &inject, false).status.success());
            stage.check(dir.path(), &format!("{step}, killed at {call} {point}"));
        }
    }
    eprintln!("{step}: {killed} kill points");
    assert!(killed > 5, "the test can see nothing if nothing is killed");
}

fn fill_the_disk_at_every_point(step: &'static str) {
    if !has_strace() {
        return;
    }
    let stage = Stage::set(step);
    let mut failed = 0;
    for call in ["pwrite64", "fsync", "fdatasync", "ftruncate"] {
        for point in points(step, stage.base.path(), call) {
            for (when, again) in [(format!("{point}"), true), (format!("{point}+"), false)] {
                let dir = tempfile::tempdir().unwrap();
                copy(stage.base.path(), dir.path());
                let inject = ["-o/dev/null".to_owned(), format!("-einject={call}:error=ENOSPC:when={when}")];
                let output = act(step, dir.path(), &inject, again);
                let said = String::from_utf8_lossy(&output.stdout).into_owned();
                let what = format!("{step}, disk full at {call} {when}");
                for line in said.lines().filter_map(|line| line.split_once("step: ").map(|(_, said)| said)) {
                    let told = line.starts_with("DiskFull") || line.starts_with("done");
                    assert!(told, "{what}: {said}");
                    failed += u64::from(line.starts_with("DiskFull"));
                }
                if again {
                    assert!(output.status.success(), "{what}: the same call in the same process: {said}");
                    assert_eq!(look(dir.path()), stage.new, "{what}: {said}");
                } else {
                    stage.check(dir.path(), &what);
                }
            }
        }
    }
    eprintln!("{step}: {failed} times the disk was full");
    assert!(failed > 5, "the test can see nothing if nothing fails");
}

macro_rules! steps {
    ($($name:ident $step:literal)*) => {
        mod killed {
            $(#[test] fn $name() { super::kill_at_every_point($step); })*
        }
        mod disk_full {
            $(#[test] fn $name() { super::fill_the_disk_at_every_point($step); })*
        }
    };
}

steps! {
    create "create"
    record "record"
    decide "decide"
    undo "undo"
    mark "mark"
    lead "lead"
    sign "sign"
    index "index"
    personal "personal"
    rejudge "rejudge"
    stacks "stacks"
    add_user "add-user"
    remove_user "remove-user"
    passphrase "passphrase"
    drop_derived "drop-derived"
}
