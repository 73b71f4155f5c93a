//! Sources that fail while they are read: a file or a folder that vanishes, a disk that cannot be read, a cable that is
//! pulled. What could not be read is refused, with a reason; the rest goes on; the next load heals it.
//!
//! `strace` makes the calls fail, for one path and for nothing else, so that each run meets the same fault at the same
//! place.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::process::Command;

mod house;

use house::{House, SmallMedia, has_strace, program, read, seen};

/// A fault, and what it has to become.
struct Fault {
    name: &'static str,
    /// Paths that it is bound to: of an open file or folder below the media, or, with `=` before it, the bare name that a
    /// call is given.
    paths: &'static [&'static str],
    /// What `strace` is to inject.
    inject: &'static str,
    /// Places that must be refused for it, and with which code.
    refused: &'static [(&'static str, &'static str)],
}

const FAULTS: [Fault; 9] = [
    Fault {
        name: "a file that the disk cannot read",
        paths: &["below/new-10.jpg"],
        inject: "pread64:error=EIO",
        refused: &[("below/new-10.jpg", "unreadable")],
    },
    Fault {
        name: "a file that is gone before it is opened",
        paths: &["=new-11.jpg"],
        inject: "openat:error=ENOENT",
        refused: &[("below/new-11.jpg", "vanished")],
    },
    Fault {
        name: "a file that is gone before it is looked at",
        paths: &["=known-1.jpg"],
        inject: "statx:error=ENOENT",
        refused: &[("known-1.jpg", "vanished")],
    },
    Fault {
        name: "a file that ends early",
        paths: &["notes.txt"],
        inject: "pread64:retval=0",
        refused: &[("notes.txt", "changed")],
    },
    Fault {
        name: "a folder that is gone before it is opened",
        paths: &["=deeper"],
        inject: "openat:error=ENOENT",
        refused: &[("below/deeper", "vanished")],
    },
    Fault {
        name: "a folder that cannot be listed",
        paths: &["below/deeper"],
        inject: "getdents64:error=EIO",
        refused: &[("below/deeper", "unreadable")],
    },
    Fault {
        name: "an archive whose next member the disk cannot find",
        paths: &["archive.tar"],
        inject: "pread64:error=EIO:when=HEAD",
        refused: &[("archive.tar!/", "unreadable")],
    },
    Fault {
        name: "an archive of which the disk cannot read a member",
        paths: &["archive.tar"],
        inject: "pread64:error=EIO:when=BODY",
        refused: &[("archive.tar!/below/new-12.jpg", "unreadable")],
    },
    Fault {
        name: "a cable that is pulled",
        paths: &[
            "below/copy of known.jpg",
            "below/new-10.jpg",
            "below/new-11.jpg",
            "below/new-12.jpg",
            "below/new-13.jpg",
            "below/deeper",
            "below/withdrawn.jpg",
            "known-1.jpg",
            "known-2.jpg",
            "notes.txt",
            "ordinary.jpg",
        ],
        inject: "pread64,getdents64:error=EIO",
        refused: &[("below/deeper", "unreadable"), ("known-1.jpg", "unreadable"), ("notes.txt", "unreadable")],
    },
];

fn prepared() -> (House, SmallMedia) {
    let house = House::new();
    let small = house.small_media();
    let tar = Command::new("tar")
        .args(["-cf", "archive.tar", "ordinary.jpg", "known-2.jpg", "below/new-12.jpg", "notes.txt"])
        .current_dir(&small.media)
        .status();
    assert!(tar.is_ok_and(|status| status.success()), "tar is there");
    house.import(&small.ordinary, "ordinary", "good", &[]);
    house.import(&small.known, "national", "known", &[]);
    house.new_cheap_case();
    (house, small)
}

impl Fault {
    /// Loads the media with this fault, in one worker, so that calls come in one order.
    fn load(&self, house: &House, media: &str) {
        let sets = house.path("sets");
        let arguments = house.arguments("add", &[media, "--sets", &sets, "--threads", "1"]);
        let mut paths: Vec<String> = Vec::new();
        for path in self.paths {
            let bound = path.strip_prefix('=').map_or_else(|| format!("{media}/{path}"), str::to_owned);
            paths.extend(["-P".to_owned(), bound]);
        }
        let trace = |what: &str, log: &str, arguments: &[String]| {
            let out = Command::new("strace")
                .args(["-f", "-qq", "-o", log])
                .args(&paths)
                .args(["-e", what])
                .arg(program("zeef"))
                .args(arguments)
                .output()
                .unwrap();
            assert!(out.status.success(), "{}: {}", self.name, String::from_utf8_lossy(&out.stderr));
        };
        let mut inject = self.inject.to_owned();
        if inject.contains("HEAD") || inject.contains("BODY") {
            // The read that finds the third member, counted in a run without the fault; the next one reads the member.
            let counting = House::copy_of(house);
            let log = counting.path("calls");
            trace("trace=pread64", &log, &counting.arguments("add", &[media, "--sets", &sets, "--threads", "1"]));
            // A call during which another thread runs stands there in two lines.
            let log = read(&log);
            let reads = log.lines().filter(|line| !line.contains("unfinished"));
            let head = 1 + reads.take_while(|line| !line.contains("\"below/new-12.jpg")).count();
            inject = inject.replace("HEAD", &head.to_string()).replace("BODY", &(head + 1).to_string());
        }
        trace(&format!("inject={inject}"), "/dev/null", &arguments);
    }
}

#[test]
fn what_cannot_be_read_is_refused_and_the_next_load_heals_it() {
    if !has_strace() {
        return;
    }
    let (base, small) = prepared();
    let whole = House::copy_of(&base);
    whole.add(&small.media, &["--threads", "1"]);
    let expected = seen(&whole);
    for fault in &FAULTS {
        let house = House::copy_of(&base);
        fault.load(&house, &small.media);
        let broken = seen(&house);
        assert_ne!(broken.items, expected.items, "{}: nothing failed", fault.name);
        let refused = house.case("list", &["--refused"]);
        for (path, code) in fault.refused {
            let row = refused.iter().find(|row| row["paths"][0] == *path);
            let row = row.unwrap_or_else(|| panic!("{}: {path} is not refused: {refused:#?}", fault.name));
            assert_eq!(row["reason"], *code, "{}: {path}", fault.name);
            assert!(row["refusal"]["detail"].as_str().is_some_and(|why| why.len() > 10), "{row}");
        }
        // The rest went on: whatever is there is as it has to be, but for the places that are lacking.
        for (item, standing) in broken.items.iter().filter(|(item, _)| expected.items.contains_key(*item)) {
            let rule = |text: &str| text.split("] ").nth(1).map(str::to_owned);
            assert_eq!(rule(standing), rule(&expected.items[item]), "{}", fault.name);
        }
        house.add(&small.media, &["--threads", "1"]);
        assert_eq!(seen(&house), expected, "{}: loaded again", fault.name);
        let again = house.add(&small.media, &["--threads", "1"]);
        assert_eq!((again["new_items"].as_u64(), again["new_occurrences"].as_u64()), (Some(0), Some(0)), "{again}");
    }
}

#[test]
fn a_place_that_fails_a_second_time_is_refused_a_second_time() {
    if !has_strace() {
        return;
    }
    let (house, small) = prepared();
    let fault = &FAULTS[5];
    fault.load(&house, &small.media);
    house.add(&small.media, &[]);
    let whole = seen(&house);
    // Files below it are known and as they were; the folder itself is a loss again, and heals again.
    fault.load(&house, &small.media);
    let refused = house.case("list", &["--refused"]);
    assert!(refused.iter().any(|row| row["paths"][0] == "below/deeper"), "{refused:#?}");
    house.add(&small.media, &[]);
    assert_eq!(seen(&house), whole);
}

#[test]
fn a_source_that_is_gone_keeps_no_other_from_being_loaded() {
    let (house, small) = prepared();
    let sets = house.path("sets");
    let gone = house.path("gone");
    let arguments = house.arguments("add", &[&gone, &small.media, "--sets", &sets]);
    let out = house::zeef(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(out.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&out.stderr).contains(r#""code":"not-found""#), "{out:?}");
    assert!(!seen(&house).items.is_empty(), "the other was loaded");
}
