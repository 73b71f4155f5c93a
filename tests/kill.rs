//! The whole program is killed before every call that changes the disk, and meets a full disk at every such call: the
//! old state or the new, sound in either case, and the same command goes on to the same result.
//!
//! `strace` injects the fault into the first thread, which is the only one that writes to a case or to the sets (a test
//! of this file holds that); strace counts calls for each thread on its own. The rooms do the same to each single
//! operation in tests of their own; here whole commands are cut between operations.
//!
//! Every kind of call is taken, and of kinds with many calls a sample that a seed picks; `ZEEF_FAULTS=all` takes every
//! one.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Output};

mod house;

use house::{House, Seen, SmallMedia, has_strace, points, program, read, seen, zeef};

/// Calls that change what is on the disk.
const CALLS: &str = "rename,renameat,renameat2,unlink,unlinkat,fsync,fdatasync,ftruncate,write,pwrite64,pwritev,\
                     pwritev2,writev,mkdir,mkdirat,link,linkat,fallocate";
/// Calls that need room.
const FILLING: [&str; 4] = ["write", "pwrite64", "fsync", "fdatasync"];
/// Kill points of one kind of call in one command that are taken by default.
const POINTS_MAX: usize = 30;
/// Points at which the disk is full; each costs two runs.
const FULL_POINTS_MAX: usize = 8;
const SEED: u64 = 20_261_125;

/// What is cut short.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Job {
    /// The next version of a set.
    Import,
    /// The first load.
    Add,
    /// A load after the sets have changed and a file has come: what is there is judged anew on the way.
    AddAgain,
    /// Matching anew by changed sets.
    Rematch,
}

/// A prepared house, and what the command is to make of it.
struct Stage {
    job: Job,
    base: House,
    media: String,
    known_next: String,
    old: Seen,
    new: Seen,
}

impl Stage {
    fn set(job: Job) -> Self {
        let base = House::new();
        let SmallMedia { media, known, known_next, ordinary } = base.small_media();
        base.import(&ordinary, "ordinary", "good", &[]);
        base.import(&known, "national", "known", &[]);
        base.new_cheap_case();
        if matches!(job, Job::AddAgain | Job::Rematch) {
            base.add(&media, &[]);
            base.import(&known_next, "national", "known", &[]);
        }
        if job == Job::AddAgain {
            std::fs::write(format!("{media}/late.txt"), "it came later").unwrap();
        }
        let old = seen(&base);
        let done = House::copy_of(&base);
        let mut stage = Self { job, base, media, known_next, new: old.clone(), old };
        stage.go_on(&done, "without any fault");
        stage.new = seen(&done);
        assert_ne!(stage.old, stage.new, "{job:?} does something that can be seen");
        stage
    }

    fn arguments(&self, house: &House) -> Vec<String> {
        let sets = house.path("sets");
        match self.job {
            Job::Import => {
                let words = ["set", "import", &self.known_next, "--sets", &sets, "--name", "national"];
                words.iter().chain(&["--role", "known", "--json"]).map(|word| (*word).to_owned()).collect()
            }
            Job::Add | Job::AddAgain => house.arguments("add", &[&self.media, "--sets", &sets, "--threads", "1"]),
            Job::Rematch => house.arguments("rematch", &["--sets", &sets, "--threads", "1"]),
        }
    }

    fn traced(&self, house: &House, options: &[String]) -> Output {
        Command::new("strace")
            .arg("-qq")
            .args(options)
            .arg(program("zeef"))
            .args(self.arguments(house))
            .output()
            .unwrap()
    }

    /// Counts the calls of an undisturbed run, in the first thread alone.
    fn calls(&self) -> BTreeMap<String, usize> {
        let house = House::copy_of(&self.base);
        let log = house.path("calls");
        let out = self.traced(&house, &[format!("-etrace={CALLS}"), format!("-o{log}")]);
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let mut counts = BTreeMap::new();
        for line in read(&log).lines() {
            *counts.entry(line.split('(').next().unwrap().to_owned()).or_default() += 1;
        }
        counts
    }

    /// Looks at what a fault left, gives the same command again, and expects what an undisturbed one makes.
    fn check(&self, house: &House, what: &str) {
        let left = seen(house);
        lies_between(&left, &self.old, &self.new, what);
        self.go_on(house, what);
        let end = seen(house);
        assert_eq!(end, self.new, "{what}: the same command again");
    }

    fn go_on(&self, house: &House, what: &str) {
        let arguments = self.arguments(house);
        let out = zeef(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(out.status.success(), "{what}: {:?}: {}", self.job, String::from_utf8_lossy(&out.stderr));
    }
}

/// Each thing that one operation changes is as it was or as it has to become.
fn lies_between(left: &Seen, old: &Seen, new: &Seen, what: &str) {
    let either = |found: &dyn std::fmt::Debug, fits: bool| assert!(fits, "{what}: neither old nor new: {found:?}");
    either(&left.sets, left.sets == old.sets || left.sets == new.sets);
    either(&left.sources, left.sources == old.sources || left.sources == new.sources);
    either(&left.noted, left.noted == old.noted || left.noted == new.noted);
    either(&left.stacks, left.stacks == old.stacks || left.stacks == new.stacks);
    for (item, standing) in &left.items {
        // A picture that came back is shown before it has been read again; nothing else has a step in between.
        let came_back = new.items.get(item).is_some_and(|after| {
            let before_facts = |text: &str| text.split(" [").next().map(str::to_owned);
            let is_plain = standing.contains("Returned") && standing.ends_with("None plain");
            is_plain && before_facts(after) == before_facts(standing)
        });
        let known = [old.items.get(item), new.items.get(item)];
        either(&(item, standing), known.contains(&Some(standing)) || came_back);
    }
    // The small case is recorded in one operation.
    let count = left.items.len();
    either(&count, count == old.items.len() || count == new.items.len());
}

fn kill_at_every_point(job: Job) {
    if !has_strace() {
        return;
    }
    let stage = Stage::set(job);
    let (mut kills, mut taken) = (BTreeMap::new(), 0);
    for (call, count) in stage.calls() {
        for point in points(count, POINTS_MAX, SEED) {
            taken += 1;
            let house = House::copy_of(&stage.base);
            let inject = format!("-einject={call}:signal=SIGKILL:when={point}");
            let out = stage.traced(&house, &["-o/dev/null".to_owned(), inject]);
            *kills.entry(format!("{call} of {count}")).or_insert(0) += u32::from(!out.status.success());
            stage.check(&house, &format!("{job:?}, killed before {call} {point} of {count}"));
        }
    }
    let total: u32 = kills.values().sum();
    eprintln!("{job:?}, seed {SEED}: {total} kills: {kills:?}");
    assert!(total > 8 && total * 10 >= taken * 9, "{total} kills at {taken} points: the test can see too little");
}

fn fill_the_disk_at_every_point(job: Job) {
    if !has_strace() {
        return;
    }
    let stage = Stage::set(job);
    let mut told = 0;
    for (call, count) in stage.calls().into_iter().filter(|(call, _)| FILLING.contains(&call.as_str())) {
        for point in points(count, FULL_POINTS_MAX, SEED) {
            for when in [format!("{point}"), format!("{point}+")] {
                let house = House::copy_of(&stage.base);
                let inject = format!("-einject={call}:error=ENOSPC:when={when}");
                let out = stage.traced(&house, &["-o/dev/null".to_owned(), inject]);
                let what = format!("{job:?}, disk full at {call} {when} of {count}");
                let said = String::from_utf8_lossy(&out.stderr).into_owned();
                // Where every further write fails, the error cannot be told either.
                let mute = call == "write" && when.ends_with('+') && said.is_empty();
                match out.status.code() {
                    // What was not told was not needed: a log that is moved into its file later, or next time.
                    Some(0) => {}
                    Some(1) => assert!(mute || said.contains(r#""code":"disk-full""#), "{what}: {said}"),
                    code => panic!("{what}: ended by {code:?}: {said}"),
                }
                told += u32::from(said.contains("disk-full"));
                stage.check(&house, &what);
            }
        }
    }
    eprintln!("{job:?}, seed {SEED}: the disk was full and told {told} times");
    assert!(told > 5, "the test can see nothing if nothing fails");
}

/// What the others rest on: calls are injected into the first thread alone.
#[test]
fn only_the_first_thread_writes() {
    if !has_strace() {
        return;
    }
    for job in [Job::Import, Job::Add, Job::AddAgain, Job::Rematch] {
        let stage = Stage::set(job);
        let house = House::copy_of(&stage.base);
        let log = house.path("calls");
        let out = stage.traced(&house, &["-f".into(), "-y".into(), format!("-etrace={CALLS}"), format!("-o{log}")]);
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let log = read(&log);
        let case_or_sets = [house.path("case"), house.path("sets")];
        let writes = log.lines().filter(|line| case_or_sets.iter().any(|dir| line.contains(dir.as_str())));
        let threads: BTreeSet<&str> = writes.map(|line| line.split(' ').next().unwrap()).collect();
        assert_eq!(threads.len(), 1, "{job:?}: threads {threads:?} write");
        assert_eq!(threads.first().copied(), log.split(' ').next(), "{job:?}: the first thread is the first to write");
    }
}

macro_rules! jobs {
    ($($name:ident $job:ident)*) => {
        mod killed {
            $(#[test] fn $name() { super::kill_at_every_point(super::Job::$job); })*
        }
        mod disk_full {
            $(#[test] fn $name() { super::fill_the_disk_at_every_point(super::Job::$job); })*
        }
    };
}

jobs! {
    import Import
    add Add
    add_after_the_sets_have_changed AddAgain
    rematch Rematch
}
