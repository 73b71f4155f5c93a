//! Lists as they lie on the disk: packed, bundled, in UTF-16, empty, damaged, bombs.

use std::io::{Cursor, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::Digest;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::{FormatLimits, FormatsError, ListKind, Preview, ReadOptions};

const CONTEXT: &str = "\"odata.metadata\":\"http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#Media\"";

/// Makes a VICS set of records `from..to`, each with its own MD5.
fn set(from: u32, to: u32) -> String {
    let records: Vec<String> =
        (from..to).map(|n| format!("{{\"MediaID\":{n},\"MD5\":\"{n:032x}\",\"Category\":1}}")).collect();
    format!("{{{CONTEXT},\"value\":[{}]}}", records.join(","))
}

fn preview_with(bytes: &[u8], options: &ReadOptions) -> Result<Preview, FormatsError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    crate::preview(file.path(), options)
}

fn preview(bytes: &[u8]) -> Result<Preview, FormatsError> {
    preview_with(bytes, &ReadOptions::default())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        archive.start_file(*name, options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn hint_of(outcome: Result<Preview, FormatsError>) -> String {
    match outcome {
        Err(FormatsError::NotRecognised { hint, .. }) => hint,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_packed_set_is_the_set() {
    let plain = set(1, 1000);
    let utf16: Vec<u8> = format!("\u{feff}{plain}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let want = preview(plain.as_bytes()).unwrap();
    assert_eq!((want.rows, want.entries), (999, 999));
    // Two gzip members one after the other, as `cat a.gz b.gz` makes them.
    let (head, tail) = plain.as_bytes().split_at(plain.len() / 2);
    let twice = [gzip(head), gzip(tail)].concat();
    for bytes in [
        utf16.clone(),
        utf16[2..].to_vec(),
        plain.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        gzip(plain.as_bytes()),
        gzip(&utf16),
        twice,
        zip(&[("set.json", plain.as_bytes())]),
        zip(&[("x", &utf16)]),
    ] {
        let got = preview(&bytes).unwrap();
        assert_eq!((&got.head, got.rows, &got.first), (&want.head, want.rows, &want.first));
        // What is kept as the origin of a set is the digest of the file that a person has, not of what is in it.
        assert_eq!(got.sha256.0, <[u8; 32]>::from(sha2::Sha256::digest(&bytes)));
    }
}

#[test]
fn all_lists_of_an_archive_are_one_set() {
    let (pictures, movies) = (set(1, 4), set(4, 6));
    let bytes = zip(&[
        ("VICS_Pictures_Results.json", pictures.as_bytes()),
        ("Files\\0c\\c1\\0CC175B9C0F1B6A831C399E269772661", b"\xFF\xD8\xFF\xE0"),
        ("VICS_Movies_Results.json", movies.as_bytes()),
        ("manifest.json.sha256", b"not a list"),
        ("read me.txt", b"hello"),
        ("Files\\ab\\cd\\AB", b"{\"name\":\"a seized file\"}"),
        ("Files\\ab\\cd\\AC", b"SELECT 1"),
    ]);
    let got = preview(&bytes).unwrap();
    assert_eq!((got.rows, got.entries, got.head.kind), (5, 5, ListKind::Vics));
    assert_eq!(got.first.iter().map(|row| row.record).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(got.first[4].digest, format!("{:032x}", 5));
}

/// Form of a release of NSRL: the checksums beside the database are of its own files.
#[test]
fn an_archive_with_a_database_is_not_read_for_what_lies_beside_it() {
    let sums = format!("{}  RDS.db\n", "1".repeat(64));
    let bytes = zip(&[("hashes.txt", sums.as_bytes()), ("RDS/RDS_2026.db", b"SQLite format 3\0 and so on")]);
    let hint = hint_of(preview(&bytes));
    assert!(hint.contains("RDS/RDS_2026.db in it is an SQLite database"), "{hint}");
}

#[test]
fn lists_of_two_schemes_are_not_one_set() {
    let other = set(4, 6).replace("1.3.xml", "2.0.xml/UK/$metadata");
    let bytes = zip(&[("a", set(1, 4).as_bytes()), ("b\u{202e}\n", other.as_bytes())]);
    match preview(&bytes) {
        Err(error @ FormatsError::Invalid { .. }) => {
            let text = error.to_string();
            assert!(text.contains("another version or profile") && text.contains("b\\u{202e}\\u{000a}"), "{text}");
        }
        other => panic!("{other:?}"),
    }
}

/// Whoever leaves out a product must not believe that it was left out of a list that knows none.
#[test]
fn products_cannot_be_left_out_of_a_list_without_products() {
    let options = ReadOptions { exclude_products: vec!["Kali".to_owned()], ..Default::default() };
    match preview_with(set(1, 4).as_bytes(), &options) {
        Err(FormatsError::Invalid { what, .. }) => assert!(what.contains("left out"), "{what}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_damaged_member_refuses_the_whole_archive() {
    let cut = set(4, 6);
    let bytes = zip(&[("a", set(1, 4).as_bytes()), ("b", &cut.as_bytes()[..cut.len() - 2])]);
    match preview(&bytes) {
        Err(FormatsError::Invalid { member, offset, what, .. }) => {
            assert_eq!((member.as_deref(), offset as usize), (Some("b"), cut.len() - 2));
            assert!(what.contains("between two records"), "{what}");
        }
        other => panic!("{other:?}"),
    }
    let case = set(4, 6).replace("#Media", "#Cases");
    let bytes = zip(&[("a", set(1, 4).as_bytes()), ("b", case.as_bytes())]);
    assert!(matches!(preview(&bytes), Err(FormatsError::Case { .. })));
}

#[test]
fn a_packed_set_that_is_cut_or_bent_is_refused() {
    let packed = gzip(set(1, 300).as_bytes());
    for end in 2..packed.len() {
        match preview(&packed[..end]) {
            Err(FormatsError::Invalid { .. }) => {}
            Err(FormatsError::NotRecognised { .. }) if end < 3 => {}
            other => panic!("cut at {end}: {other:?}"),
        }
    }
    for at in 10..packed.len() {
        let mut bent = packed.clone();
        bent[at] ^= 0x10;
        // A bit in the stream is found by the checksum, if nothing else finds it.
        assert!(preview(&bent).is_err(), "bent at {at}");
    }
    let mut followed = packed.clone();
    followed.extend(b"garbage");
    assert!(preview(&followed).is_err());
    // Zeros after the data are padding, as what was on a tape has; what follows them is not.
    let mut padded = packed.clone();
    padded.resize(padded.len() + (3 << 20), 0);
    assert_eq!(preview(&padded).unwrap().rows, 299);
    padded.push(1);
    assert!(matches!(preview(&padded), Err(FormatsError::Invalid { what, .. }) if what.contains("padding")));
    let whole = zip(&[("a", set(1, 300).as_bytes())]);
    for end in (4..whole.len()).step_by(7) {
        assert!(preview(&whole[..end]).is_err(), "cut at {end}");
    }
    let body = 40..whole.len() - 100;
    for at in body.step_by(5) {
        let mut bent = whole.clone();
        bent[at] ^= 0x10;
        assert!(preview(&bent).is_err(), "bent at {at}");
    }
}

#[test]
fn what_is_no_list_is_refused_with_what_would_be_one() {
    let nested = gzip(&gzip(set(1, 3).as_bytes()));
    let in_zip = zip(&[("inner.zip", &zip(&[("a", set(1, 3).as_bytes())]))]);
    for (bytes, word) in [
        (&b"\xFF\xD8\xFF\xE0\0\x10JFIF\0"[..], "picture (JPEG)"),
        (b"", "an empty file"),
        (b"\x89PNG\r\n\x1a\n", "picture (PNG)"),
        (b"7z\xBC\xAF\x27\x1C", "7z"),
        (&nested, "twice"),
        (&in_zip, "no member"),
        (&zip(&[("a.txt", b"hello")]), "no member"),
        (&zip(&[]), "no member"),
        (b"PK\x03\x04 and then nothing of the kind", "damaged"),
        (b"[{\"MD5\":\"x\"}]", "VICS"),
        (b"\x93\x11\xfe\x07random", "VICS"),
        (b"SQLite format 3\0", "SQLite"),
        (b"<?xml version='1.0'?>\n<dfxml xmlns='x'>", "without -d"),
        (b"\xEF\xBB\xBF<?xml version='1.0'?><ReportIndex>", "C4All"),
        (b"<html><body>", "XML"),
        (b"MD5,Name\n1,2\n", "column named MD5"),
    ] {
        let hint = hint_of(preview(bytes));
        assert!(hint.contains(word), "{word}: {hint}");
    }
}

#[test]
fn an_encrypted_archive_is_named_as_such() {
    // Made by setting the flag of encryption (bit 0) in both headers of a whole archive.
    let mut bytes = zip(&[("a.json", set(1, 3).as_bytes())]);
    let central = bytes.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    bytes[6] |= 1;
    bytes[central + 8] |= 1;
    assert!(hint_of(preview(&bytes)).contains("encrypted"));
}

#[test]
fn two_members_of_one_name_are_refused() {
    let mut bytes = zip(&[("a.json", set(1, 3).as_bytes()), ("b.json", set(1, 3).as_bytes())]);
    let names: Vec<usize> = bytes.windows(6).enumerate().filter(|(_, w)| *w == b"b.json").map(|(at, _)| at).collect();
    names.into_iter().for_each(|at| bytes[at] = b'a');
    assert!(hint_of(preview(&bytes)).contains("one name"));
}

#[test]
fn bombs_end_at_a_limit() {
    let bomb = format!("{{{CONTEXT},\"value\":[{}", " ".repeat(8 << 20));
    let limits = FormatLimits {
        ratio: 50,
        ratio_free_bytes: 1 << 20,
        archive_members: 3,
        archive_lists: 2,
        ..Default::default()
    };
    let options = ReadOptions { limits, ..Default::default() };
    let few = set(1, 2);
    let lists: Vec<(String, &[u8])> = (0..3).map(|n| (format!("{n}"), few.as_bytes())).collect();
    let lists: Vec<(&str, &[u8])> = lists.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    let many: Vec<String> = (0..4).map(|n| n.to_string()).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
    for (bytes, word) in [
        (gzip(bomb.as_bytes()), "unpacks to more than 50 times"),
        (zip(&[("a", bomb.as_bytes())]), "unpacks to more than 50 times"),
        (zip(&lists), "more than 2 lists"),
        (zip(&many), "more than 3 members"),
    ] {
        match preview_with(&bytes, &options) {
            Err(FormatsError::Limit { what, .. }) => assert!(what.contains(word), "{what}"),
            other => panic!("{word}: {other:?}"),
        }
    }
}

#[test]
fn what_cannot_be_read_is_an_error_of_the_system() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path(), &folder.path().join("absent"), Path::new("/dev/null")] {
        assert!(matches!(crate::preview(path, &ReadOptions::default()), Err(FormatsError::Io { .. })), "{path:?}");
    }
}

#[test]
fn progress_counts_the_bytes_of_the_file() {
    let plain = set(1, 2000);
    for bytes in [plain.clone().into_bytes(), gzip(plain.as_bytes()), zip(&[("a", plain.as_bytes())])] {
        let counter = Arc::new(AtomicU64::new(0));
        let options = ReadOptions { read_bytes: Some(counter.clone()), ..Default::default() };
        preview_with(&bytes, &options).unwrap();
        assert_eq!(counter.load(Ordering::Relaxed), bytes.len() as u64);
    }
}

#[test]
fn a_large_list_is_read_in_pieces() {
    // Larger than every buffer on the way, so that records lie across their edges.
    let plain = set(1, 60_000);
    assert!(plain.len() > 3 << 20);
    for bytes in [plain.clone().into_bytes(), gzip(plain.as_bytes())] {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        let mut n = 0_u32;
        let summary = crate::read(file.path(), &ReadOptions::default(), &mut |row| {
            n += 1;
            let entry = row.unwrap();
            assert_eq!(entry.digests.md5.unwrap().to_string(), format!("{n:032x}"));
            assert_eq!(entry.id.0, u64::from(n));
            ControlFlow::Continue(())
        });
        assert_eq!(summary.unwrap().rows, 59_999);
    }
}

/// Damages packed sets by a seed that is printed: whatever is still read is the set, whole and unchanged.
#[test]
fn damaged_packing_gives_the_set_or_a_refusal() {
    let plain = set(1, 40);
    let want = preview(plain.as_bytes()).unwrap();
    let zipped = zip(&[("VICS_Pictures_Results.json", plain.as_bytes()), ("Files\\ab\\cd\\AB", b"\xFF\xD8\xFF")]);
    let two = [gzip(&plain.as_bytes()[..700]), gzip(&plain.as_bytes()[700..])].concat();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("packed");
    let mut random = crate::testing::Random::new();
    let (mut read, mut refused) = (0, 0);
    for _ in 0..3000 {
        let whole = [&zipped, &two][random.below(2)];
        let mut bytes = random.damage(whole);
        if random.below(3) == 0 {
            // Headers are where the structure is: local, central and end records of zip, members of gzip.
            bytes.clone_from(whole);
            let heads: Vec<usize> = bytes
                .windows(2)
                .enumerate()
                .filter(|(_, w)| *w == b"PK" || *w == b"\x1f\x8b")
                .map(|(at, _)| at)
                .collect();
            let at = heads[random.below(heads.len())] + random.below(46);
            if let Some(byte) = bytes.get_mut(at) {
                *byte = [0, 1, 8, 9, 12, 0x7F, 0xFF, random.next() as u8][random.below(8)];
            }
        }
        std::fs::write(&path, &bytes).unwrap();
        let mut rows = Vec::new();
        let outcome = crate::read(&path, &ReadOptions::default(), &mut |row| {
            rows.push(row.map(|entry| entry.digests));
            ControlFlow::Continue(())
        });
        match outcome {
            Ok(summary) => {
                read += 1;
                // A zip may be damaged in a name or a time, and its list be whole; nothing else may come out of it.
                assert_eq!((summary.rows, &summary.head, rows.len()), (want.rows, &want.head, 39));
            }
            Err(FormatsError::Io { source, .. }) => panic!("{source}"),
            Err(_) => refused += 1,
        }
    }
    assert!(read > 0 && refused > 0, "{read} read, {refused} refused");
}
