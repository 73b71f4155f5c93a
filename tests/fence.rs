//! What a case is fenced by: where it may lie, who may change it, that one works in it at a time, and that nothing of a
//! seized disk reaches a terminal but escaped text.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Output};

mod house;

use house::{House, PASSPHRASE, USER, zeef};

fn run(arguments: &[String]) -> Output {
    zeef(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

fn code_of(out: &Output) -> String {
    let said = String::from_utf8_lossy(&out.stderr);
    let error: serde_json::Value = serde_json::from_str(said.trim()).unwrap_or_else(|_| panic!("no error: {out:?}"));
    assert_eq!(out.status.code(), Some(1), "{error}");
    error["error"]["code"].as_str().unwrap().to_owned()
}

#[test]
fn sources_cases_and_sets_do_not_lie_in_each_other() {
    let house = House::new();
    house.new_cheap_case();
    for dir in ["media", "case/inner", "store"] {
        std::fs::create_dir(house.path(dir)).unwrap();
        std::fs::write(house.path(&format!("{dir}/a.txt")), dir).unwrap();
    }
    std::fs::write(house.path("list"), "0123456789abcdef0123456789abcdef  a\n").unwrap();
    let sets = house.path("store/sets");
    let import = ["set", "import", &house.path("list"), "--sets", &sets, "--name", "x", "--role", "good"];
    assert!(zeef(&import).status.success());
    std::os::unix::fs::symlink(house.path(""), house.path("media/up")).unwrap();
    std::os::unix::fs::symlink(house.path("case"), house.path("media/to the case")).unwrap();
    let forbidden =
        ["", "media/..", "media/up", "media/up/media/..", "case", "media/to the case", "case/inner", "store"];
    for source in forbidden {
        let out = run(&house.arguments("add", &[&house.path(source), "--sets", &sets]));
        assert_eq!(code_of(&out), "case-inside-source", "{source}");
    }
    assert_eq!(house.case("status", &["--sets", &sets]).remove(0)["occurrences"], 0);
    // A link inside of a source is not followed, so it leads nowhere.
    house.case("add", &[&house.path("media"), "--sets", &sets]);
    assert_eq!(house.case("status", &["--sets", &sets]).remove(0)["occurrences"], 3);
}

fn open_for_work(house: &House) -> casefile::CaseFile {
    let passphrase = casefile::Passphrase::new(PASSPHRASE);
    let now = domain::UtcTime(1_700_000_000_000_000);
    casefile::CaseFile::open(Path::new(&house.path("case")), &USER.parse().unwrap(), &passphrase, now).unwrap()
}

#[test]
fn an_auditor_reads_and_changes_nothing() {
    let house = House::new();
    let small = house.small_media();
    house.import(&small.known, "national", "known", &[]);
    house.new_cheap_case();
    house.add(&small.media, &[]);
    let passphrase = casefile::Passphrase::new(PASSPHRASE);
    let (now, role) = (domain::UtcTime(1_700_000_000_000_000), casefile::UserRole::Auditor);
    let name = "bob".parse().unwrap();
    open_for_work(&house).add_user(&name, role, &passphrase, now, &mut casefile::SystemEntropy).unwrap();
    let sets = house.path("sets");
    let item = house.case("list", &["--shown"])[0]["sha256"].as_str().unwrap().to_owned();
    let as_bob = |command: &str, more: &[&str]| {
        let mut arguments = house.arguments(command, more);
        let at = arguments.iter().position(|word| word == USER).unwrap();
        arguments[at] = "bob".to_owned();
        run(&arguments)
    };
    let before = house::seen(&house);
    let add = [small.media.as_str(), "--sets", &sets];
    let changes: [(&str, &[&str]); 5] =
        [("add", &add), ("classify", &["4", &item]), ("rematch", &["--sets", &sets]), ("undo", &[]), ("redo", &[])];
    // New sets, so that there is something to match again.
    house.import(&small.known_next, "national", "known", &[]);
    for (command, more) in changes {
        assert_eq!(code_of(&as_bob(command, more)), "not-allowed", "{command}");
    }
    let after = house::seen(&house);
    assert_eq!((after.items, after.noted, after.stacks), (before.items, before.noted, before.stacks));
    for (command, more) in
        [("status", &["--sets", sets.as_str()][..]), ("list", &[]), ("why", &[&item]), ("verify", &[])]
    {
        assert!(as_bob(command, more).status.success(), "{command}");
    }
}

#[test]
fn sets_that_are_not_where_they_were_bring_nothing_back() {
    let house = House::new();
    let small = house.small_media();
    house.import(&small.known, "national", "known", &[]);
    house.new_cheap_case();
    house.add(&small.media, &[]);
    let before = house::seen(&house);
    let hidden = house.status()["hidden"].as_u64().unwrap();
    assert!(hidden > 0);
    // A typing mistake, a disk that is not mounted, another person's sets, an older copy of the right ones.
    let elsewhere = house.path("elsewhere");
    let list = house.path("list");
    std::fs::write(&list, "0123456789abcdef0123456789abcdef  a\n").unwrap();
    zeef(&["set", "import", &list, "--sets", &elsewhere, "--name", "other", "--role", "known"]);
    std::fs::create_dir(house.path("older")).unwrap();
    for entry in std::fs::read_dir(house.path("sets")).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), Path::new(&house.path("older")).join(entry.file_name())).unwrap();
    }
    house.import(&small.known, "national", "known", &[]);
    house.add(&small.media, &[]);
    for dir in [house.path("nowhere"), elsewhere.clone(), house.path("older")] {
        for command in [&["add", small.media.as_str()][..], &["rematch"]] {
            let out = run(&house.arguments(command[0], &[&command[1..], &["--sets", &dir]].concat()));
            assert_eq!(code_of(&out), "sets-missing", "{command:?}");
        }
        assert_eq!(house::seen(&house).items.len(), before.items.len());
        assert_eq!(house.status()["hidden"], hidden);
    }
    // On purpose it can be done: by giving the sets up, or by removing one where it is.
    let given_up = house.case("rematch", &["--sets", &elsewhere, "--accept-missing-sets"]).remove(0);
    assert_eq!(given_up["returned"], hidden);
    assert_eq!(house.case("rematch", &["--sets", &house.path("sets"), "--accept-missing-sets"]).len(), 1);
    assert_eq!(house.status()["hidden"], hidden);
    assert!(zeef(&["set", "remove", "national", "--sets", &house.path("sets")]).status.success());
    assert_eq!(house.case("rematch", &["--sets", &house.path("sets")]).remove(0)["returned"], hidden);
}

#[test]
fn an_archive_that_only_an_md5_hides_is_opened_all_the_same() {
    let house = House::new();
    std::fs::create_dir_all(house.path("media")).unwrap();
    std::fs::write(house.path("inside.txt"), "new").unwrap();
    let pack = |name: &str| {
        let archive = house.path(&format!("media/{name}"));
        let packed = Command::new("tar").args(["-cf", &archive, "-C", &house.path(""), "inside.txt"]).status();
        assert!(packed.unwrap().success());
        archive
    };
    let digest_of = |program: &str, file: &str| {
        let out = Command::new(program).arg(file).output().unwrap();
        String::from_utf8(out.stdout).unwrap()
    };
    let (weak, firm) = (pack("weak.tar"), house.path("media/firm.tar"));
    std::fs::write(house.path("inside.txt"), "other").unwrap();
    pack("firm.tar");
    std::fs::write(house.path("md5"), digest_of("md5sum", &weak)).unwrap();
    std::fs::write(house.path("sha1"), digest_of("sha1sum", &firm)).unwrap();
    house.import(&house.path("md5"), "by md5", "good", &[]);
    house.import(&house.path("sha1"), "by sha1", "good", &[]);
    house.new_cheap_case();
    house.add(&house.path("media"), &[]);
    let hidden = house.case("list", &["--hidden"]);
    assert_eq!(hidden.len(), 2, "{hidden:?}");
    let shown = house.case("list", &["--shown"]);
    let paths: Vec<&str> = shown.iter().filter_map(|item| item["paths"][0].as_str()).collect();
    assert_eq!(paths, ["weak.tar!/inside.txt"]);
}

#[test]
fn a_picture_that_cannot_be_decoded_stays_refused_however_often_it_is_found() {
    let house = House::new();
    for dir in ["one", "two"] {
        std::fs::create_dir(house.path(dir)).unwrap();
    }
    let broken = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0 and no picture";
    // More files between the two copies than one durable step records.
    for number in 0..300 {
        std::fs::write(house.path(&format!("one/m{number}.txt")), number.to_string()).unwrap();
    }
    for file in ["one/a.jpg", "one/z.jpg", "two/b.jpg"] {
        std::fs::write(house.path(file), broken).unwrap();
    }
    house.new_cheap_case();
    let refused = |places: usize| {
        let list = house.case("list", &["--refused"]);
        assert_eq!(list.len(), 1, "{list:?}");
        assert_eq!((&list[0]["reason"], list[0]["paths"].as_array().unwrap().len()), (&"undecodable".into(), places));
        assert_eq!(house.case("verify", &[]).remove(0)["sound"], true);
    };
    house.add(&house.path("one"), &["--threads", "1"]);
    refused(2);
    house.add(&house.path("two"), &[]);
    refused(3);
    std::fs::write(house.path("two/b.jpg"), broken).unwrap();
    house.add(&house.path("two"), &[]);
    refused(3);
    house.case("rematch", &["--sets", &house.path("sets")]);
    refused(3);
}

#[test]
fn a_person_can_stop_in_the_middle_of_a_file_of_any_length() {
    let house = House::new();
    std::fs::create_dir(house.path("media")).unwrap();
    let made = std::fs::File::create(house.path("media/disk.img")).and_then(|file| file.set_len(1 << 42));
    if made.is_err() {
        eprintln!("skipped: needs a file system with sparse files");
        return;
    }
    house.new_cheap_case();
    let sets = house.path("sets");
    let media = house.path("media");
    let mut loading = Command::new(house::program("zeef"))
        .args(house.arguments("add", &[&media, "--sets", &sets]))
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    // It is in the file once it has read more than everything else there is.
    #[expect(clippy::disallowed_methods, reason = "reads the kernel's account of the program")]
    let read = |process: u32| {
        let io = std::fs::read_to_string(format!("/proc/{process}/io")).unwrap_or_default();
        let bytes = io.lines().find_map(|line| line.strip_prefix("rchar: ")?.parse::<u64>().ok());
        bytes.unwrap_or(0)
    };
    while read(loading.id()) < 200 << 20 {
        assert!(loading.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::yield_now();
    }
    let process = nix::unistd::Pid::from_raw(loading.id().cast_signed());
    nix::sys::signal::kill(process, nix::sys::signal::Signal::SIGINT).unwrap();
    assert_eq!(loading.wait().unwrap().code(), Some(130));
    let status = house.status();
    assert_eq!((status["items"].as_u64(), status["refused"].as_u64()), (Some(0), Some(0)), "nothing is said of it");
}

#[test]
fn one_works_in_a_case_at_a_time_and_others_read_beside() {
    let house = House::new();
    let small = house.small_media();
    house.new_cheap_case();
    house.add(&small.media, &[]);
    let at_work = open_for_work(&house);
    assert_eq!(code_of(&run(&house.arguments("undo", &[]))), "in-use");
    assert!(house.status()["items"].as_u64().unwrap() > 5);
    drop(at_work);
    assert!(run(&house.arguments("undo", &[])).status.success());
}

#[test]
fn a_head_that_was_noted_must_still_be_in_the_ledger() {
    let house = House::new();
    let small = house.small_media();
    house.new_cheap_case();
    house.add(&small.media, &[]);
    let noted = house.status()["ledger_head"].as_str().unwrap().to_owned();
    std::fs::create_dir(house.path("older")).unwrap();
    for entry in std::fs::read_dir(house.path("case")).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), Path::new(&house.path("older")).join(entry.file_name())).unwrap();
    }
    let item = house.case("list", &["--shown"])[0]["sha256"].as_str().unwrap().to_owned();
    house.case("classify", &["4", &item]);
    let later = house.status()["ledger_head"].as_str().unwrap().to_owned();
    for head in [&noted, &later] {
        assert_eq!(house.case("verify", &["--expect-head", head]).remove(0)["sound"], true);
    }
    // An older copy of the whole case is sound in itself.
    std::fs::rename(house.path("case"), house.path("newer")).unwrap();
    std::fs::rename(house.path("older"), house.path("case")).unwrap();
    assert_eq!(house.case("verify", &["--expect-head", &noted]).remove(0)["sound"], true);
    let out = run(&house.arguments("verify", &["--expect-head", &later]));
    assert_eq!(out.status.code(), Some(3), "{out:?}");
    assert!(String::from_utf8_lossy(&out.stdout).contains(&later), "{out:?}");
}

/// Checks that what was printed is text that moves no cursor, turns no direction and hides nothing.
#[track_caller]
fn is_safe(out: &Output, what: &str) {
    for bytes in [&out.stdout, &out.stderr] {
        let text = std::str::from_utf8(bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
        let bad = text.chars().find(|c| *c != '\n' && domain::is_unsafe_to_show(*c));
        assert_eq!(bad, None, "{what}: {text}");
    }
}

#[test]
fn names_stay_bytes_and_are_shown_escaped() {
    let house = House::new();
    house.new_cheap_case();
    let media = house.path("media");
    std::fs::create_dir(&media).unwrap();
    let odd: [&[u8]; 5] =
        [b"line\nbreak", b"esc\x1b[2Jape", "right\u{202e}left".as_bytes(), b"no utf8 \xff\xfe", b"back\\slash"];
    let mut expected = BTreeSet::new();
    for (number, name) in odd.iter().enumerate() {
        let folder = Path::new(&media).join(OsStr::from_bytes(name));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join(OsStr::from_bytes(name)), format!("text {number}")).unwrap();
        let link = [name, b" link".as_slice()].concat();
        std::os::unix::fs::symlink(OsStr::from_bytes(name), folder.join(OsStr::from_bytes(&link))).unwrap();
        expected.insert([name, b"/".as_slice(), name].concat());
        expected.insert([name, b"/".as_slice(), &link].concat());
    }
    let sets = house.path("sets");
    let gone: Vec<_> = odd.iter().map(|name| Path::new(&media).join(OsStr::from_bytes(name)).join("gone")).collect();
    let add = |source: &OsStr, json: bool| {
        let mut command = std::process::Command::new(house::program("zeef"));
        let mut arguments = house.arguments("add", &["--sets", &sets]);
        if !json {
            arguments.pop();
        }
        command.args(arguments).arg(source).output().unwrap()
    };
    for json in [true, false] {
        let out = add(OsStr::new(&media), json);
        assert!(out.status.success(), "{out:?}");
        is_safe(&out, "add");
        for path in &gone {
            let out = add(path.as_os_str(), json);
            assert_eq!(out.status.code(), Some(1));
            is_safe(&out, "a source that is not there");
        }
        // One of these is a source of its own, with an odd root that is listed.
        is_safe(&add(gone[1].parent().unwrap().as_os_str(), json), "an odd source");
    }
    let mut found = BTreeSet::new();
    let case = house.look_into_case().unwrap();
    let mut items = Vec::new();
    case.list(casefile::ListFilter::All, &mut |row| {
        found.extend(row.paths.into_iter().map(|(_, path)| path.0).filter(|path| path.contains(&b'/')));
        items.extend(row.sha256);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(found, expected, "the bytes are kept");
    let mut commands: Vec<(&str, Vec<String>)> =
        vec![("status", vec![]), ("list", vec![]), ("list", vec!["--refused".into()]), ("verify", vec![])];
    commands.extend(items.iter().map(|item| ("why", vec![item.to_string()])));
    for (command, more) in commands {
        let mut arguments = house.arguments(command, &more.iter().map(String::as_str).collect::<Vec<_>>());
        is_safe(&run(&arguments), command);
        arguments.pop();
        is_safe(&run(&arguments), command);
    }
}
