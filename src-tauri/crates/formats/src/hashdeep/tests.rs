//! hashdeep's lists: its own output where the program is installed, and the traps in its form.

use std::process::Command;

use crate::ListKind::Hashdeep;
use crate::testing::{EMPTY, MD5, SHA1, SHA256, check_cuts, check_damage, counts, read_as, refusal};

fn list(rows: &str) -> String {
    format!(
        "%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n## Invoked from: /home/anna\n## $ hashdeep -r .\n## \n{rows}"
    )
}

#[test]
fn the_program_itself_is_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a, b, and c.jpg"), b"abc").unwrap();
    std::fs::write(folder.path().join("empty.jpg"), b"").unwrap();
    let Ok(out) = Command::new("hashdeep").args(["-c", "md5,sha1,sha256", "-r", "."]).current_dir(&folder).output()
    else {
        eprintln!("skipped: needs hashdeep");
        return;
    };
    let got = read_as(Hashdeep, out.stdout);
    assert_eq!(got.entries.len(), 1);
    let entry = &got.entries[0];
    assert_eq!(entry.size_bytes, Some(3));
    assert_eq!(entry.digests.md5, Some(MD5.parse().unwrap()));
    assert_eq!(entry.digests.sha1, Some(SHA1.parse().unwrap()));
    assert_eq!(entry.digests.sha256, Some(SHA256.parse().unwrap()));
    assert_eq!(got.refusals(), counts(&[("digest of an empty file", 1)]));
}

#[test]
fn every_choice_of_digests_and_names_of_the_program_is_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a, b.jpg"), b"abc").unwrap();
    std::fs::write(folder.path().join("c,3.jpg"), b"abc").unwrap();
    for choice in
        ["md5", "sha1", "sha256", "sha256,md5", "md5,tiger", "sha1,whirlpool,sha256", "md5,sha1,sha256,tiger,whirlpool"]
    {
        for more in [&[][..], &["-b"], &["-l"], &["-s"]] {
            let mut hashdeep = Command::new("hashdeep");
            hashdeep.args(["-c", choice]).args(more).args(["-r", "."]).current_dir(&folder);
            let Ok(out) = hashdeep.output() else {
                eprintln!("skipped: needs hashdeep");
                return;
            };
            let got = read_as(Hashdeep, out.stdout);
            assert_eq!((got.entries.len(), got.summary.refused.len()), (2, 0), "{choice} {more:?}");
            let wanted = |name: &str, digest: &str| choice.split(',').any(|c| c == name).then(|| digest.to_owned());
            for entry in &got.entries {
                let digests = entry.digests;
                assert_eq!(entry.size_bytes, Some(3));
                assert_eq!(digests.md5.map(|d| d.to_string()), wanted("md5", MD5), "{choice}");
                assert_eq!(digests.sha1.map(|d| d.to_string()), wanted("sha1", SHA1), "{choice}");
                assert_eq!(digests.sha256.map(|d| d.to_string()), wanted("sha256", SHA256), "{choice}");
            }
        }
    }
}

#[test]
fn names_may_hold_commas_quotes_and_any_bytes() {
    let mut bytes = list(&format!("3,{MD5},{SHA256},/a, \"b\", c\n3,{MD5},{SHA256},")).into_bytes();
    bytes.extend(b"\xff\xfe, not text\r\n");
    let got = read_as(Hashdeep, bytes);
    assert_eq!((got.entries.len(), got.summary.head.version.as_deref()), (2, Some("1.0")));
}

#[test]
fn columns_are_found_by_name_wherever_the_file_name_stands() {
    let text = format!("%%%% HASHDEEP-1.0\n%%%% sha1,filename,size,md5\n{SHA1},a,b,c.jpg,3,{MD5}\n");
    let got = read_as(Hashdeep, text);
    let entry = &got.entries[0];
    assert_eq!((entry.size_bytes, entry.digests.sha256), (Some(3), None));
    assert_eq!(entry.digests.sha1, Some(SHA1.parse().unwrap()));
    assert_eq!(entry.digests.md5, Some(MD5.parse().unwrap()));
}

#[test]
fn lists_that_were_joined_keep_their_own_columns() {
    let second = format!("%%%% HASHDEEP-1.0\n%%%% size,sha1,filename\n3,{SHA1},b\n");
    let got = read_as(Hashdeep, list(&format!("3,{MD5},{SHA256},a\n{second}")));
    assert_eq!(got.entries[0].digests.sha1, None);
    assert_eq!(got.entries[1].digests.sha1, Some(SHA1.parse().unwrap()));
}

#[test]
fn odd_rows_are_refused_alone() {
    let zeros = "0".repeat(64);
    let got = read_as(
        Hashdeep,
        list(&format!(
            "3,{MD5},{SHA256},a\nthree,{MD5},{SHA256},b\nthe rest of a name with a line feed\n0,{},{},c\n\
             3,,{zeros},d\n3,,,e\n3,{SHA1},{SHA256},f\n",
            EMPTY[0], EMPTY[2]
        )),
    );
    let want = [
        ("digest of an empty file", 1),
        ("file size or code that is no number", 1),
        ("no digest", 1),
        ("not a digest", 1),
        ("placeholder digest", 1),
        ("row with other columns than the list", 1),
    ];
    assert_eq!(got.refusals(), counts(&want));
}

#[test]
fn what_is_no_list_of_ours_is_refused_by_name() {
    assert!(refusal(Hashdeep, "%%%% HASHDEEP-2.0\n").1.contains("version"));
    assert!(refusal(Hashdeep, format!("%%%% HASHDEEP-1.0\n3,{MD5},a\n")).1.contains("no line names the columns"));
    let (offset, what) = refusal(Hashdeep, "%%%% HASHDEEP-1.0\n%%%% size,whirlpool,filename\n");
    assert_eq!((offset, what.as_str()), (18, "the list has no MD5, SHA-1 or SHA-256"));
    assert!(refusal(Hashdeep, "%%%% HASHDEEP-1.0\n%%%% md5,md5,filename\n").1.contains("stands twice"));
}

#[test]
fn every_cut_is_refused_or_harmless() {
    check_cuts(Hashdeep, list(&format!("3,{MD5},{SHA256},a, b\n4,{MD5},{SHA256},c")).as_bytes(), 0);
}

#[test]
fn a_last_line_without_an_end_is_read_when_it_is_whole() {
    assert_eq!(read_as(Hashdeep, list(&format!("3,{MD5},{SHA256},a"))).entries.len(), 1);
    let cut = list(&format!("3,{MD5},{SHA256},a\n3,{MD5},{}", &SHA256[..60]));
    let at = cut.rfind("\n3,").unwrap() as u64 + 1;
    assert_eq!(refusal(Hashdeep, cut).0, at);
}

#[test]
fn damage_never_breaks_the_reader() {
    check_damage(Hashdeep, list(&format!("3,{MD5},{SHA256},a, b\n4,{MD5},{SHA256},c\n")).as_bytes());
}
