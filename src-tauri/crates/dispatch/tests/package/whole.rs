//! Packages that nobody attacked: what is written is what is opened, and nobody else can read any of it.

use std::io::Read;
use std::ops::ControlFlow;

use dispatch::package::{
    CSV_FILE, Fault, ITEMS_FILE, MANIFEST_FILE, PackageError, PackageWriter, SIGNATURE_FILE, What, is_package,
    media_name, open, open_for, read_items, verify,
};

use crate::desk::{Desk, fill, head, item, media, now, sha256, signer};

#[test]
fn what_was_put_into_a_package_comes_out_of_it() {
    let desk = Desk::new();
    let path = desk.path("set.zeef");
    let written = desk.write("set.zeef", &head());
    assert_eq!(desk.names(), ["set.zeef"], "nothing is left beside it");
    assert!(is_package(&path).unwrap());
    assert_eq!(
        (written.sha256, written.bytes),
        (sha256(&std::fs::read(&path).unwrap()), path.metadata().unwrap().len())
    );

    let opened = desk.verify(&path).unwrap();
    assert_eq!((opened.id, opened.sha256, opened.bytes), (written.id, written.sha256, written.bytes));
    assert_eq!((&opened.files, opened.media), (&written.files, written.media));
    assert_eq!(
        (&opened.head, &*opened.signer.name, &*opened.recipient),
        (&head(), "Ben of the East", "Needle custodian")
    );
    assert_eq!((opened.key_id.clone(), opened.media.count), (signer().key_id(), 2));

    let out = desk.path("out");
    assert_eq!(open(&path, &desk.mine.0, &desk.leads, now(), &out).unwrap(), opened);
    for file in &opened.files {
        let bytes = std::fs::read(out.join(&file.name)).unwrap();
        assert_eq!((sha256(&bytes), bytes.len() as u64), (file.sha256, file.bytes), "{}", file.name);
    }
    for medium in media() {
        assert_eq!(std::fs::read(out.join(media_name(&sha256(&medium)))).unwrap(), medium);
    }
    assert!(out.join(MANIFEST_FILE).exists() && out.join(SIGNATURE_FILE).exists());

    let mut seen = Vec::new();
    let mut items = Vec::new();
    let given = open_for::<PackageError>(&path, &desk.mine.0, &desk.leads, now(), &mut |opened, name, from| {
        assert_eq!(opened.head.items, 3);
        seen.push(name.to_owned());
        if name == ITEMS_FILE {
            let count = read_items(from, &mut |item| {
                items.push(item);
                ControlFlow::Continue(())
            });
            assert_eq!(count.unwrap(), 3);
        }
        // The others are not read to their end, some not at all.
        from.take(if name == CSV_FILE { 10 } else { 0 }).read_to_end(&mut Vec::new()).unwrap();
        Ok(())
    });
    assert_eq!(given.unwrap(), opened);
    let [first, second] = media().map(|medium| media_name(&sha256(&medium)));
    assert_eq!(seen, [ITEMS_FILE, CSV_FILE, &first, &second]);
    assert_eq!(items, [0, 1, 2].map(item));
}

#[test]
fn nothing_of_it_can_be_read_from_the_package_nor_from_the_disk_while_it_is_written() {
    let desk = Desk::new();
    let path = desk.path("set.zeef");
    let mut writer = PackageWriter::begin(&path, &head(), &desk.recipients()).unwrap();
    let mut seen = Vec::new();
    let mut look = || {
        for name in desk.names() {
            seen.push((name.clone(), std::fs::read(desk.path(&name)).unwrap()));
        }
    };
    writer
        .add_written::<PackageError>("big.txt", |out| {
            for _ in 0..30_000 {
                out.write_all(b"needle needle needle").unwrap();
            }
            look();
            Ok(())
        })
        .unwrap();
    fill(&mut writer, true);
    look();
    writer.finish(signer()).unwrap();
    seen.push(("set.zeef".to_owned(), std::fs::read(&path).unwrap()));
    let names: Vec<&str> = seen.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["set.zeef.part", "set.zeef.part", "set.zeef"], "what is kept beside it has no name");

    let mut needles: Vec<Vec<u8>> =
        ["needle", "NEEDLE", "Needle", "manifest", "media/", "items", "csv", "c0ffee", "{\"", "national"]
            .iter()
            .map(|word| word.as_bytes().to_vec())
            .collect();
    needles.extend(["needle", "Needle"].map(|word| word.bytes().flat_map(|byte| [byte, 0]).collect()));
    for number in 0..3 {
        let digests = item(number).digests;
        needles.extend([digests.md5.0.to_vec(), digests.sha1.0.to_vec(), digests.sha256.0.to_vec()]);
        needles.extend([digests.md5.to_string(), digests.sha256.to_string()].map(String::into_bytes));
    }
    needles.push(signer().key_id().into_bytes());
    needles.push(desk.mine.1.clone().into_bytes());
    for (name, bytes) in &seen {
        for needle in needles.iter().filter(|needle| needle.len() > 3) {
            assert!(!holds(bytes, needle), "{:?} stands in {name}", String::from_utf8_lossy(needle));
        }
    }
    // The control: the scan finds each word in the archive within.
    let archive = desk.archive(&path);
    for needle in [&b"needle"[..], b"manifest", b"c0ffee", item(1).digests.sha256.to_string().as_bytes()] {
        assert!(holds(&archive, needle));
    }
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn a_writer_that_is_given_nonsense_leaves_nothing() {
    let desk = Desk::new();
    let path = desk.path("set.zeef");
    let begin = || PackageWriter::begin(&path, &head(), &desk.recipients()).unwrap();
    let medium = media_name(&sha256(b"one"));
    let cases: [(&str, Option<u64>, &[u8], &str); 9] = [
        ("short", Some(10), b"123456789", "Length"),
        ("long", Some(3), b"1234", "Length"),
        ("set.csv", Some(1), b"1", "Twice"),
        (&medium, Some(3), b"two", "Damaged"),
        ("../evil", Some(1), b"1", "BadName"),
        ("../evil", None, b"1", "BadName"),
        (MANIFEST_FILE, Some(1), b"1", "BadName"),
        (SIGNATURE_FILE, None, b"1", "BadName"),
        ("long", Some(0), b"1", "Length"),
    ];
    for (name, length, content, expected) in cases {
        let mut writer = begin();
        writer.add("set.csv", None, &mut &b"MD5\n"[..]).unwrap();
        let error = writer.add(name, length, &mut &content[..]).unwrap_err();
        assert!(format!("{:?}", error.fault).starts_with(expected), "{name}: {error:?}");
        // Who goes on all the same gets no package that lacks a file.
        if expected == "Length" || expected == "Damaged" {
            assert!(matches!(writer.add("x", Some(0), &mut &b""[..]).unwrap_err().fault, Fault::Unfinished));
        }
        assert!(writer.finish(signer()).is_err());
        assert_eq!(desk.names(), [""; 0]);
    }
    let mut writer = begin();
    let stopped = writer.add_written("x", |out| {
        out.write_all(b"half").unwrap();
        Err(PackageError { path: path.clone(), fault: Fault::Cut })
    });
    assert!(matches!(stopped.unwrap_err().fault, Fault::Cut));
    assert!(matches!(writer.finish(signer()).unwrap_err().fault, Fault::Unfinished));
    // A medium twice is seen at the end.
    let mut writer = begin();
    (0..2).for_each(|_| writer.add(&media_name(&sha256(b"one")), Some(3), &mut &b"one"[..]).unwrap());
    assert!(matches!(writer.finish(signer()).unwrap_err().fault, Fault::Twice { .. }));
    assert_eq!(desk.names(), [""; 0]);
}

#[test]
fn nothing_is_written_over() {
    let desk = Desk::new();
    let path = desk.path("set.zeef");
    desk.write("set.zeef", &head());
    let before = std::fs::read(&path).unwrap();
    let again = PackageWriter::begin(&path, &head(), &desk.recipients());
    assert!(matches!(again.err().unwrap().fault, Fault::Exists));
    let out = desk.path("out");
    std::fs::create_dir(&out).unwrap();
    let opened = open(&path, &desk.mine.0, &desk.leads, now(), &out);
    assert!(matches!(opened.unwrap_err().fault, Fault::Exists));
    assert_eq!(std::fs::read(&path).unwrap(), before);
    // A package that appears while another is written stays what it is.
    let late = desk.path("late");
    let mut writer = PackageWriter::begin(&late, &head(), &desk.recipients()).unwrap();
    fill(&mut writer, true);
    std::fs::write(&late, b"somebody else's").unwrap();
    assert!(matches!(writer.finish(signer()).unwrap_err().fault, Fault::Exists));
    assert_eq!(std::fs::read(&late).unwrap(), b"somebody else's");
    assert_eq!(desk.names(), ["late", "out", "set.zeef"]);
}

#[test]
fn heads_and_recipients_that_make_no_sense_are_refused_at_once() {
    let desk = Desk::new();
    let begin = |head: &dispatch::package::Head, recipients: &[(String, String)]| {
        PackageWriter::begin(&desk.path("x"), head, recipients).map(drop).map_err(|error| error.fault)
    };
    let to = |name: &str, key: &str| (name.to_owned(), key.to_owned());
    let mine = &desk.mine.1;
    let many: Vec<_> = (0..101).map(|number| to(&format!("R{number}"), mine)).collect();
    for recipients in [
        vec![],
        vec![to("", mine)],
        vec![to("A", "age1wrong")],
        vec![to("A", &mine.to_uppercase())],
        vec![to("A", &desk.mine.0)],
        vec![to("A", mine), to("B", mine)],
        many,
    ] {
        assert!(matches!(begin(&head(), &recipients), Err(Fault::Manifest { .. })), "{recipients:?}");
    }
    let mut alone = head();
    alone.signed_by = alone.requested_by.clone();
    assert!(matches!(begin(&alone, &desk.recipients()), Err(Fault::OnePerson { .. })));
    let mut nameless = head();
    nameless.case_id = " ".to_owned();
    assert!(matches!(begin(&nameless, &desk.recipients()), Err(Fault::Manifest { .. })));
    assert!(begin(&head(), &desk.recipients()).is_ok());
    assert_eq!(desk.names(), [""; 0]);
}

#[test]
fn a_package_without_media_and_with_an_empty_file_is_one() {
    let desk = Desk::new();
    let mut head = head();
    (head.media, head.what) = (false, What::All);
    let path = desk.path("x");
    let mut writer = PackageWriter::begin(&path, &head, &desk.recipients()).unwrap();
    writer.add(ITEMS_FILE, None, &mut &b""[..]).unwrap();
    writer.counted(0);
    let written = writer.finish(signer()).unwrap();
    let opened = verify(&path, &desk.mine.0, &desk.leads, now()).unwrap();
    assert_eq!((opened.files.len(), opened.media.count, opened.head.items), (1, 0, 0));
    assert_eq!(written.files, opened.files);
    assert_eq!(opened.media.list_sha256, sha256(b""));
}

#[test]
fn lines_that_are_no_items_are_refused_by_their_number() {
    let mut text = Vec::new();
    dispatch::package::write_item(&mut text, &item(1)).unwrap();
    let whole = text.clone();
    let read = |text: &[u8]| read_items(&mut &text[..], &mut |_| ControlFlow::Continue(()));
    assert_eq!(read(&whole).unwrap(), 1);
    for bad in [&b"{}\n"[..], b"\n", b"{\"digests\":1}\n", &whole[..whole.len() - 1], &[b'x'; (1 << 20) + 1]] {
        let fault = read(&[&whole, bad].concat()).unwrap_err();
        assert!(matches!(fault, Fault::Item { line: 2, .. }), "{fault}");
    }
    let fault = read("{\"digests\":{\"\u{202e}\u{1b}[2J\":1}}\n".as_bytes()).unwrap_err().to_string();
    assert!(!fault.contains(domain::is_unsafe_to_show), "{fault}");
    let mut seen = 0;
    let stopped = read_items(&mut &whole.repeat(5)[..], &mut |_| {
        seen += 1;
        ControlFlow::Break(())
    });
    assert_eq!((stopped.unwrap(), seen), (1, 1));
}
