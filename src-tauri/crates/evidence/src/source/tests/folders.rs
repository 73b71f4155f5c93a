//! Folders: odd names, great depth, everything that is no file, and files that change under the reader.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use super::*;

fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Everything that can be told of a tree: bytes and times of each file and folder.
fn snapshot(root: &Path) -> BTreeMap<std::path::PathBuf, (Vec<u8>, [i64; 6], u64)> {
    let mut out = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(path) = open.pop() {
        let meta = path.symlink_metadata().unwrap();
        let times = [meta.atime(), meta.atime_nsec(), meta.mtime(), meta.mtime_nsec(), meta.ctime(), meta.ctime_nsec()];
        let mut bytes = Vec::new();
        if meta.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if meta.is_file() {
            bytes = fs::read(&path).unwrap();
        }
        out.insert(path, (bytes, times, meta.len()));
    }
    out
}

/// Restores old times of access, so that a reader that leaves a mark is noticed (relatime updates old ones only).
fn age(root: &Path) {
    let old = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    let mut open = vec![root.to_owned()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
        fs::File::open(&path).unwrap().set_times(fs::FileTimes::new().set_accessed(old).set_modified(old)).unwrap();
    }
}

#[test]
fn a_folder_comes_in_the_order_of_the_bytes_of_its_paths() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["b/x", "b.jpg", "b-/y", "a/z/1", "a/z.png", "A", "b0"] {
        write(&dir.path().join(name), name.as_bytes());
    }
    let outcomes = read_folder(dir.path());
    let mut sorted: Vec<String> = outcomes.iter().map(|(path, _)| path.clone()).collect();
    assert_eq!(sorted, ["A", "a/z.png", "a/z/1", "b-/y", "b.jpg", "b/x", "b0"]);
    sorted.sort();
    assert!(outcomes.iter().map(|(path, _)| path).eq(&sorted));
    assert!(outcomes.iter().all(|(path, outcome)| *outcome == Ok(digests(path.as_bytes()))));
}

#[test]
fn single_places_are_looked_at_and_nothing_above_the_source_is_reached() {
    let dir = tempfile::tempdir().unwrap();
    let (inside, outside) = (dir.path().join("in"), dir.path().join("out"));
    write(&inside.join("a/b/c"), b"c");
    write(&inside.join("top"), b"top");
    write(&outside, b"secret");
    symlink(dir.path(), inside.join("up")).unwrap();
    let names = ["a/b/c", "gone/x", "top", "../out", "up/out", "a/../top", "", "a//b", "a/b"];
    let places: Vec<SourcePath> = names.iter().map(|name| SourcePath(name.as_bytes().to_vec())).collect();
    let mut buffer = ReadBuffer::new();
    let mut read = Vec::new();
    let source = Source::open(&inside).unwrap();
    source
        .look_at(&places, &Limits::default(), &mut |found| {
            if let FoundContent::Readable(readable) = found.content
                && let Ok(reading) = readable.read(&Limits::default(), &mut buffer)
            {
                read.push((found.path, reading.digests));
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(read, [(places[0].clone(), digests(b"c")), (places[2].clone(), digests(b"top"))]);
}

#[test]
fn names_are_any_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let names: [&[u8]; 6] =
        [b"new\nline", b"bad\xff\xfeutf8", b"\x1b[31mred", b"-rf", b"a\\b", "\u{202e}gpj".as_bytes()];
    for name in names {
        fs::write(dir.path().join(OsStr::from_bytes(name)), name).unwrap();
    }
    let source = Source::open(dir.path()).unwrap();
    let mut found: Vec<Vec<u8>> = list(&source, &Limits::default()).into_iter().map(|found| found.path.0).collect();
    let mut wanted: Vec<Vec<u8>> = names.iter().map(|name| name.to_vec()).collect();
    wanted.sort();
    assert_eq!(found, wanted);
    found.dedup();
    assert!(read_folder(dir.path()).iter().all(|(_, outcome)| outcome.is_ok()));
}

#[test]
fn what_is_no_file_is_refused_and_never_opened() {
    let dir = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    write(&outside.path().join("secret"), b"secret");
    symlink(outside.path().join("secret"), dir.path().join("a-link")).unwrap();
    symlink(outside.path(), dir.path().join("b-folder-link")).unwrap();
    symlink("nowhere", dir.path().join("c-broken-link")).unwrap();
    symlink(".", dir.path().join("d-loop")).unwrap();
    nix::unistd::mkfifo(&dir.path().join("e-pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("f-socket")).unwrap();
    write(&dir.path().join("g-empty"), b"");
    write(&dir.path().join("h-file"), b"x");
    assert_eq!(
        lines(&read_folder(dir.path())),
        [
            "a-link Link",
            "b-folder-link Link",
            "c-broken-link Link",
            "d-loop Link",
            "e-pipe Special",
            "f-socket Special",
            "g-empty Empty",
            "h-file ok"
        ]
    );
}

#[test]
fn a_file_that_was_replaced_after_the_listing_is_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["zq-gone", "zq-link", "zq-pipe", "zq-folder", "zq-longer", "zq-same-length"] {
        write(&dir.path().join(name), b"12345");
    }
    let outside = tempfile::NamedTempFile::new().unwrap();
    let found = list(&Source::open(dir.path()).unwrap(), &Limits::default());
    let at = |name: &str| dir.path().join(name);
    for name in ["zq-gone", "zq-link", "zq-pipe", "zq-folder"] {
        fs::remove_file(at(name)).unwrap();
    }
    symlink(outside.path(), at("zq-link")).unwrap();
    nix::unistd::mkfifo(&at("zq-pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    fs::create_dir(at("zq-folder")).unwrap();
    write(&at("zq-longer"), b"123456");
    let later = std::time::UNIX_EPOCH + std::time::Duration::from_secs(5);
    fs::File::options().write(true).open(at("zq-same-length")).unwrap().set_modified(later).unwrap();
    let mut out = Vec::new();
    let mut buffer = ReadBuffer::new();
    found.into_iter().for_each(|found| read_found(found, &Limits::default(), &mut buffer, &mut out));
    assert_eq!(
        lines(&out),
        [
            "zq-folder Changed",
            "zq-gone Vanished",
            "zq-link Link",
            "zq-longer Changed",
            "zq-pipe Changed",
            "zq-same-length Changed"
        ]
    );
    assert!(out.iter().all(|(_, why)| !why.as_ref().unwrap_err().detail.contains("zq-")));
}

#[test]
fn a_folder_that_vanishes_or_becomes_a_link_is_not_entered() {
    let dir = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    write(&outside.path().join("secret"), b"secret");
    for name in ["a/1", "b/2", "c/3", "d/4"] {
        write(&dir.path().join(name), b"x");
    }
    let source = Source::open(dir.path()).unwrap();
    let mut out = Vec::new();
    let walked = source.walk(&Limits::default(), &mut |found| {
        if found.path.0 == b"a/1" {
            fs::remove_dir_all(dir.path().join("b")).unwrap();
            fs::remove_dir_all(dir.path().join("c")).unwrap();
            symlink(outside.path(), dir.path().join("c")).unwrap();
        }
        read_found(found, &Limits::default(), &mut ReadBuffer::new(), &mut out);
        Continue(())
    });
    assert!(walked.is_ok());
    assert_eq!(lines(&out), ["a/1 ok", "b Vanished", "c Changed", "d/4 ok"]);
}

#[test]
fn a_source_is_the_same_before_and_after_in_bytes_and_times() {
    let dir = tempfile::tempdir().unwrap();
    for index in 0..20 {
        write(&dir.path().join(format!("{}/{index}.bin", index % 3)), &noise(index, 10_000));
    }
    write(&dir.path().join("packed.zip"), &zips::plain_zip(&[("a.jpg", b"\xff\xd8\xffabc")]));
    age(dir.path());
    let before = snapshot(dir.path());
    // The snapshot itself reads, so that its own marks are undone first.
    age(dir.path());
    let marks = |root: &Path| -> Vec<[i64; 4]> {
        let mut open = vec![root.to_owned()];
        let mut out = Vec::new();
        while let Some(path) = open.pop() {
            let meta = path.symlink_metadata().unwrap();
            out.push([meta.mtime(), meta.mtime_nsec(), meta.ctime(), meta.ctime_nsec()]);
            if meta.is_dir() {
                open.extend(before.keys().filter(|key| key.parent() == Some(&path)).cloned());
            } else {
                assert_eq!(meta.atime(), 1_000_000_000, "reading left a time of access");
            }
        }
        out
    };
    let earlier = marks(dir.path());
    let source = Source::open(dir.path()).unwrap();
    for found in list(&source, &Limits::default()) {
        let FoundContent::Readable(readable) = found.content else { panic!() };
        let reading = readable.read(&Limits::default(), &mut ReadBuffer::new()).unwrap();
        read_whole(reading.descriptor().unwrap());
    }
    assert_eq!(marks(dir.path()), earlier);
    let after = snapshot(dir.path());
    assert!(before.iter().zip(&after).all(|(a, b)| a.0 == b.0 && a.1.0 == b.1.0));
}

#[test]
fn depth_and_length_of_paths_have_no_limit_of_the_system() {
    // 5,000 folders in each other with names of 13 bytes: 70 KiB of path, seventeen times what the system takes.
    const DEPTH: usize = 5_000;
    let dir = tempfile::tempdir().unwrap();
    let mut at: OwnedFd = fs::File::open(dir.path()).unwrap().into();
    for level in 0..DEPTH {
        let name = format!("folder-{level:06}");
        rustix::fs::mkdirat(&at, name.as_str(), rustix::fs::Mode::RWXU).unwrap();
        let flags = rustix::fs::OFlags::DIRECTORY | rustix::fs::OFlags::RDONLY;
        at = rustix::fs::openat(&at, name.as_str(), flags, rustix::fs::Mode::empty()).unwrap();
        if level % 100 == 99 || level == DEPTH - 1 {
            let flags = rustix::fs::OFlags::CREATE | rustix::fs::OFlags::WRONLY;
            let file = rustix::fs::openat(&at, "zz.txt", flags, rustix::fs::Mode::RUSR).unwrap();
            rustix::io::write(&file, b"deep").unwrap();
        }
    }
    // All are listed before any is read, so that their folders were given up meanwhile.
    let found = list(&Source::open(dir.path()).unwrap(), &Limits::default());
    assert_eq!(found.len(), DEPTH / 100);
    assert_eq!(found[0].path.0.len(), DEPTH * 14 + "zz.txt".len());
    let open_now = fs::read_dir("/proc/self/fd").unwrap().count();
    assert!(open_now < 200, "{open_now} descriptors are open");
    let mut out = Vec::new();
    found.into_iter().for_each(|found| read_found(found, &Limits::default(), &mut ReadBuffer::new(), &mut out));
    assert!(out.iter().all(|(_, outcome)| *outcome == Ok(digests(b"deep"))));
    let short = Limits { path_bytes: 1_000, ..Limits::default() };
    let refused = list(&Source::open(dir.path()).unwrap(), &short);
    assert_eq!(refused.len(), 1);
    assert!(matches!(&refused[0].content, FoundContent::Refused(why) if why.code == RefusalCode::Unreadable));
    remove_deep(dir.path());
}

/// Removes what `remove_dir_all` of a temporary folder may be too deep for, from the top: each folder is moved up first.
fn remove_deep(root: &Path) {
    loop {
        let Some(child) = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.is_dir())
        else {
            return;
        };
        let moved = root.join("moved");
        for entry in fs::read_dir(&child).unwrap().map(|entry| entry.unwrap()) {
            if entry.path().is_dir() {
                fs::rename(entry.path(), &moved).unwrap();
            } else {
                fs::remove_file(entry.path()).unwrap();
            }
        }
        fs::remove_dir(&child).unwrap();
        if moved.exists() {
            fs::rename(&moved, root.join("next")).unwrap();
        }
    }
}

#[test]
fn a_folder_that_may_not_be_listed_is_one_refusal() {
    let dir = tempfile::tempdir().unwrap();
    write(&dir.path().join("a/1"), b"x");
    write(&dir.path().join("closed/2"), b"x");
    write(&dir.path().join("file"), b"x");
    fs::set_permissions(dir.path().join("closed"), fs::Permissions::from_mode(0o0)).unwrap();
    fs::set_permissions(dir.path().join("file"), fs::Permissions::from_mode(0o0)).unwrap();
    if nix::unistd::geteuid().is_root() {
        // Root may read everything; a child without that right looks instead.
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(dir.path().join("a"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(dir.path().join("a/1"), fs::Permissions::from_mode(0o644)).unwrap();
        // Only this thread gives its rights up.
        let path = dir.path().to_owned();
        let lines = std::thread::spawn(move || {
            rustix_setfsuid();
            lines(&read_folder(&path))
        })
        .join()
        .unwrap();
        assert_eq!(lines, ["a/1 ok", "closed Unreadable", "file Unreadable"]);
    } else {
        assert_eq!(lines(&read_folder(dir.path())), ["a/1 ok", "closed Unreadable", "file Unreadable"]);
    }
    fs::set_permissions(dir.path().join("closed"), fs::Permissions::from_mode(0o700)).unwrap();
}

/// Takes the right to read everything from this thread, by changing the user that file access is checked for.
fn rustix_setfsuid() {
    nix::unistd::setfsuid(nix::unistd::Uid::from_raw(65_534));
}

#[test]
fn a_file_of_another_owner_is_read_without_the_right_to_leave_no_mark() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    write(&dir.path().join("file"), b"x");
    let path = dir.path().to_owned();
    let lines = std::thread::spawn(move || {
        rustix_setfsuid();
        lines(&read_folder(&path))
    });
    assert_eq!(lines.join().unwrap(), ["file ok"]);
}

#[test]
fn a_case_folder_inside_a_source_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("source/deep")).unwrap();
    fs::create_dir_all(dir.path().join("source-2")).unwrap();
    symlink(dir.path().join("source/deep"), dir.path().join("link")).unwrap();
    let source = Source::open(&dir.path().join("source")).unwrap();
    let at = |path: &str| source.contains(&dir.path().join(path));
    assert!(at("source"));
    assert!(at("source/deep"));
    assert!(at("source/new/case"));
    assert!(at("link/case"));
    assert!(at("new/../source/case"));
    assert!(at("source-2/../source/case"));
    assert!(!at("source-2"));
    assert!(!at("source-2/case"));
    assert!(!at("source/../case"));
    assert!(!at("case"));
    assert!(source.contains(&source.root().join(".")));
}

#[test]
fn what_is_no_source_is_said() {
    let dir = tempfile::tempdir().unwrap();
    write(&dir.path().join("photo.jpg"), b"\xff\xd8\xff");
    nix::unistd::mkfifo(&dir.path().join("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    let open = |name: &str| Source::open(&dir.path().join(name)).err();
    assert!(matches!(open("photo.jpg"), Some(EvidenceError::NotASource { .. })));
    assert!(matches!(open("pipe"), Some(EvidenceError::NotASource { .. })));
    assert!(matches!(open("nothing"), Some(EvidenceError::Open { .. })));
}

#[test]
fn a_large_file_is_digested_whole_and_handed_on_from_its_start() {
    let dir = tempfile::tempdir().unwrap();
    let bytes = noise(7, 3 << 20);
    write(&dir.path().join("large"), &bytes);
    let found = list(&Source::open(dir.path()).unwrap(), &Limits::default()).remove(0);
    assert_eq!(found.size_bytes, Some(bytes.len() as u64));
    assert!(found.times.modified.is_some() && found.times.accessed.is_some());
    let FoundContent::Readable(readable) = found.content else { panic!() };
    let reading = readable.read(&Limits::default(), &mut ReadBuffer::new()).unwrap();
    assert_eq!(reading.digests, digests(&bytes));
    assert_eq!(read_whole(reading.descriptor().unwrap()), bytes);
    assert_eq!(read_whole(reading.descriptor().unwrap()), bytes);
    fs::write(dir.path().join("large"), b"other").unwrap();
    assert_eq!(reading.descriptor().unwrap_err().code, RefusalCode::Changed);
}

#[test]
fn what_waits_can_go_to_another_thread() {
    fn is_send<T: Send>() {}
    is_send::<Found>();
    is_send::<Reading>();
    is_send::<Source>();
}

#[test]
fn a_disk_error_is_a_refusal_of_that_file() {
    // The system's view of this process: reading its memory at address 0 fails as a broken disk does.
    let Ok(source) = Source::open(Path::new("/proc/self")) else {
        eprintln!("skipped: needs /proc");
        return;
    };
    let mut outcome = None;
    let walked = source.walk(&Limits::default(), &mut |found| {
        if found.path.0 != b"mem" {
            return Continue(());
        }
        let FoundContent::Readable(readable) = found.content else { panic!() };
        outcome = Some(readable.read(&Limits::default(), &mut ReadBuffer::new()).map(|_| ()));
        std::ops::ControlFlow::Break(())
    });
    assert!(walked.is_ok());
    let why = outcome.unwrap().unwrap_err();
    assert_eq!(why.code, RefusalCode::Unreadable);
    assert!(why.detail.contains("input/output error"), "{}", why.detail);
}

#[test]
fn the_walk_ends_when_the_caller_has_enough() {
    let dir = tempfile::tempdir().unwrap();
    (0..10).for_each(|index| write(&dir.path().join(format!("{index}")), b"x"));
    let mut count = 0;
    let walked = Source::open(dir.path()).unwrap().walk(&Limits::default(), &mut |_| {
        count += 1;
        if count == 3 { std::ops::ControlFlow::Break(()) } else { Continue(()) }
    });
    assert!(walked.is_ok());
    assert_eq!(count, 3);
}
