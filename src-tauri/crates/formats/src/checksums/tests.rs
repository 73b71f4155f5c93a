//! Lists of checksums, as their programs write them and as they arrive.

use std::process::Command;

use crate::ListKind::ChecksumList;
use crate::testing::{EMPTY, MD5, SHA1, SHA256, check_cuts, check_damage, counts, read_as, read_bytes, refusal};

/// Runs one of coreutils' programs over odd names, in a folder of its own.
fn made_by(program: &str, arguments: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    for name in ["plain.jpg", "two words.jpg", " (1) = a.jpg", "back\\slash.jpg", "line\nfeed.jpg", "*star.jpg"] {
        std::fs::write(folder.path().join(name), b"abc").unwrap();
    }
    std::fs::write(folder.path().join("empty"), b"").unwrap();
    let names = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let out = Command::new(program).args(arguments).args(names).current_dir(&folder).output().unwrap();
    assert!(out.status.success());
    out.stdout
}

#[test]
fn coreutils_lists_are_read_with_every_name() {
    for arguments in [&[][..], &["--binary"], &["--tag"]] {
        for (program, digest) in [("md5sum", MD5), ("sha1sum", SHA1), ("sha256sum", SHA256)] {
            let got = read_as(ChecksumList, made_by(program, arguments));
            assert_eq!(got.refusals(), counts(&[("digest of an empty file", 1)]), "{program} {arguments:?}");
            assert_eq!(got.entries.len(), 6);
            for entry in &got.entries {
                let held = entry.digests;
                let texts = [held.md5.map(|d| d.to_string()), held.sha1.map(|d| d.to_string())];
                let strong = held.sha256.map(|d| d.to_string());
                assert!(texts.into_iter().chain([strong]).flatten().eq([digest.to_owned()]));
            }
        }
    }
}

#[test]
fn other_digests_of_coreutils_are_recognised_and_refused() {
    for (program, arguments) in
        [("sha512sum", &[][..]), ("sha384sum", &[]), ("sha224sum", &["--tag"]), ("b2sum", &["--tag"])]
    {
        let got = read_as(ChecksumList, made_by(program, arguments));
        assert_eq!(got.refusals(), counts(&[("digest of a kind that is not looked up", 7)]), "{program}");
    }
}

#[test]
fn forms_of_other_programs_are_read() {
    let list = format!(
        "# made by hand\r\n; and so on\r\nMD5({MD5}.jpg)= {MD5}\r\nSHA2-256(a)= {SHA256}\r\nSHA1 (b (2).jpg) = {SHA1}\r\n\
         {}\tc.jpg\r\n{MD5} d.jpg\r\n\r\n",
        MD5.to_uppercase()
    );
    assert_eq!(read_as(ChecksumList, list).entries.len(), 5);
}

#[test]
fn lists_whose_lines_end_in_zero_bytes_are_read_with_every_name() {
    for program in ["md5sum", "sha256sum"] {
        let list = made_by(program, &["-z"]);
        let got = read_as(ChecksumList, &list);
        assert_eq!((got.summary.rows, got.entries.len()), (7, 6), "{program}");
        let mixed = [&list[..], format!("{MD5}  a\n{MD5}  b\0").as_bytes()].concat();
        assert_eq!(read_as(ChecksumList, mixed).summary.rows, 8, "a line feed is part of a name");
    }
    let (offset, what) = refusal(ChecksumList, format!("{MD5}  a\n{MD5}  b\0{SHA1}  c\0"));
    assert!(offset == 36 && what.contains("zero byte"), "{what}");
}

/// Runs one of md5deep's programs over a few files in a folder of its own, if it is installed.
fn made_by_md5deep(program: &str, arguments: &[&str]) -> Option<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [("a, b.jpg", &b"abc"[..]), ("empty", b""), ("two words.jpg", b"abc")] {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let command = Command::new(program).args(arguments).args(["-r", "."]).current_dir(&folder).output();
    let Ok(out) = command else {
        eprintln!("skipped: needs {program}");
        return None;
    };
    Some(out.stdout)
}

#[test]
fn lists_of_md5deep_are_read() {
    for program in ["md5deep", "sha1deep", "sha256deep"] {
        for arguments in [&[][..], &["-z"], &["-c"], &["-b"], &["-l"], &["-zb"]] {
            let Some(list) = made_by_md5deep(program, arguments) else { return };
            let got = read_as(ChecksumList, list);
            assert_eq!(got.refusals(), counts(&[("digest of an empty file", 1)]), "{program} {arguments:?}");
            assert_eq!(got.entries.len(), 2);
            let size = arguments.first().is_some_and(|first| first.starts_with("-z")).then_some(3);
            assert!(got.entries.iter().all(|entry| entry.size_bytes == size), "{program} {arguments:?}");
        }
    }
}

#[test]
fn lists_of_openssl_are_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a (1) = b.jpg"), b"abc").unwrap();
    for (algorithm, digest) in [("-md5", MD5), ("-sha1", SHA1), ("-sha256", SHA256)] {
        for more in [&[][..], &["-r"]] {
            let mut openssl = Command::new("openssl");
            openssl.args(["dgst", algorithm]).args(more).arg("a (1) = b.jpg");
            let Ok(out) = openssl.current_dir(&folder).output() else {
                eprintln!("skipped: needs openssl");
                return;
            };
            let got = read_as(ChecksumList, out.stdout);
            let held = got.entries[0].digests;
            let texts = [held.md5.map(|d| d.to_string()), held.sha1.map(|d| d.to_string())];
            assert!(texts.into_iter().chain([held.sha256.map(|d| d.to_string())]).flatten().eq([digest.to_owned()]));
        }
    }
}

#[test]
fn the_table_of_powershell_is_read() {
    let upper = SHA256.to_uppercase();
    let text = format!(
        "\u{feff}\r\nAlgorithm       Hash                                                   Path              \r\n\
         ---------       ----                                                   ----              \r\n\
         SHA256          {upper}       C:\\Users\\anna\\a b.jpg\r\nMD5          {MD5}   D:\\c...\r\n\
         SHA512          {upper}{upper}  C:\\d\r\nSHA1            {MD5}  C:\\e\r\n\r\n\r\n"
    );
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let got = read_as(ChecksumList, bytes);
    assert_eq!(got.entries.len(), 2);
    assert_eq!(got.entries[0].digests.sha256, Some(SHA256.parse().unwrap()));
    assert_eq!(got.refusals(), counts(&[("digest of a kind that is not looked up", 1), ("not a digest", 1)]));
}

#[test]
fn an_index_of_the_sleuth_kit_is_read() {
    let text =
        format!("{0}0|md5sum\n{0}1|known.txt\n{1}|0000000000000036\n{1}|0000000000000000\n", "0".repeat(40), MD5);
    assert_eq!(read_as(ChecksumList, text).entries.len(), 2);
}

#[test]
fn digests_before_a_comma_are_read_and_several_are_asked_about() {
    let text = format!("{MD5},a.jpg\n\"{SHA1}\",\"b, c.jpg\"\n  {SHA256};d\n{MD5},{SHA1},e.jpg\n{MD5}; \"{MD5}\"\n");
    let got = read_as(ChecksumList, text);
    assert_eq!(got.entries.len(), 3);
    assert_eq!(got.refused("several digests in a row, and no line that names the columns"), 2);
}

#[test]
fn bare_digests_are_read_with_mark_head_and_without_a_last_line_end() {
    let got = read_as(ChecksumList, format!("\u{feff}MD5\r\n{MD5}\r\n{SHA1}\r\n{SHA256}\r\n{MD5}"));
    assert_eq!(got.entries.len(), 4);
    assert_eq!(got.entries.iter().map(|entry| entry.id.0).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(read_as(ChecksumList, SHA256).entries.len(), 1);
}

#[test]
fn a_list_in_utf_16_is_read() {
    let text = format!("\u{feff}{MD5}  a.jpg\r\n{MD5}  b.jpg\r\n");
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read_as(ChecksumList, bytes).entries.len(), 2);
}

#[test]
fn odd_rows_are_refused_alone() {
    let zeros = "0".repeat(32);
    let list = format!("{MD5}  a\nhello\n{zeros}  b\n{}  c\n{}  d\nMD5 (e) = {SHA1}\n{SHA1}  f\n", EMPTY[0], &MD5[1..]);
    let got = read_as(ChecksumList, list);
    let want = [("digest of an empty file", 1), ("not a digest", 3), ("placeholder digest", 1)];
    assert_eq!(got.refusals(), counts(&want));
    assert_eq!(got.entries.len(), 2);
    assert_eq!(got.entries[1].id.0, 7, "an entry is numbered by its place in the list");
}

#[test]
fn the_same_digest_twice_is_kept_twice() {
    assert_eq!(read_as(ChecksumList, format!("{MD5}  a\n{MD5}  b\n")).entries.len(), 2);
}

#[test]
fn a_digest_that_was_cut_to_the_length_of_a_weaker_one_is_not_believed() {
    let cut_at = |length: usize| format!("{SHA256}\n{}", &SHA256[..length]);
    for length in [1, 31, 32, 39, 40, 63] {
        assert_eq!(refusal(ChecksumList, cut_at(length)).0, 65, "{length}");
    }
    assert_eq!(read_as(ChecksumList, cut_at(64)).entries.len(), 2);
    let (offset, what) = refusal(ChecksumList, format!("{SHA256}  a\n{}", &SHA256[..40]));
    assert_eq!((offset, what.as_str()), (68, "the last line is cut: no line before it has its form"));
    assert_eq!(refusal(ChecksumList, format!("SHA256 (a) = {SHA256}\nSHA256 (b) = {}", &SHA256[..40])).0, 78);
}

#[test]
fn every_cut_is_refused_or_harmless() {
    for (program, arguments) in [("md5sum", &[][..]), ("sha256sum", &["--tag"]), ("sha256sum", &["-z"])] {
        let list = made_by(program, arguments);
        let first_line = list.iter().position(|byte| matches!(byte, b'\n' | 0)).unwrap();
        check_cuts(ChecksumList, &list, first_line + 1);
    }
}

#[test]
fn damage_never_breaks_the_reader() {
    check_damage(ChecksumList, &made_by("sha256sum", &["--tag"]));
    check_damage(ChecksumList, &made_by("md5sum", &["-z"]));
    check_damage(ChecksumList, format!("77  {MD5}  a\n8  {SHA1}\n{MD5},b\nSHA256   {SHA256}   c\n").as_bytes());
    check_damage(ChecksumList, format!("# x\n{MD5}\n{SHA1}  a\n{SHA256} *b\n").as_bytes());
}

#[test]
fn a_line_over_the_limit_ends_the_reading() {
    let list = format!("{MD5}  a\n{MD5}  {}\n", "x".repeat(2 << 20));
    assert_eq!(refusal(ChecksumList, list).0, 36);
}

#[test]
fn prose_is_no_list() {
    for text in ["", "\n\n", "Dear colleague,\nthe digests follow.\n", "deadbeef\n", &format!("see {MD5}\n"), "#\n#\n"]
    {
        assert!(read_bytes(text.as_bytes()).is_err(), "{text:?}");
    }
}
