//! Tables as other programs export them and people make them, and what must not be taken out of them.

use std::io::Write;

use domain::{Entry, Role, Verdict, VerdictBasis};

use crate::ListKind::{HashTable, Icse};
use crate::testing::{EMPTY, MD5, SHA1, SHA256, check_cuts, check_damage, counts, read_as, read_path, refusal};
use crate::{ReadOptions, recognise};

fn codes(got: &crate::testing::Got) -> Vec<Option<String>> {
    let code = |entry: &Entry| match &entry.verdict {
        Verdict::Category(code) => Some(code.0.clone()),
        _ => None,
    };
    got.entries.iter().map(code).collect()
}

#[test]
fn columns_are_found_by_name_between_any_delimiters() {
    let upper = MD5.to_uppercase();
    for (delimiter, quote) in [(",", ""), (";", "\""), ("\t", ""), ("|", "\"")] {
        let line = |cells: [&str; 4]| cells.map(|cell| format!("{quote}{cell}{quote}")).join(delimiter) + "\r\n";
        let head = line(["File name", "Hash (MD5)", "SHA-1", "Size"]).replace("Hash (MD5)", "MD5 hash");
        let text = format!("{head}{}{}", line(["a.jpg", &upper, SHA1, "3"]), line(["b", "", SHA1, "12 KB"]));
        let got = read_as(HashTable, text);
        assert_eq!((got.entries.len(), got.summary.head.basis), (2, VerdictBasis::Membership), "{delimiter:?}");
        let digests = got.entries[0].digests;
        assert_eq!((digests.md5, digests.sha1), (MD5.parse().ok(), SHA1.parse().ok()));
        assert_eq!((got.entries[0].size_bytes, got.entries[1].size_bytes), (Some(3), None));
        assert_eq!(got.summary.remarks, ["1 × size that is no whole number of bytes and was left out"]);
    }
}

#[test]
fn a_spreadsheet_may_name_its_delimiter_and_write_utf_16() {
    let text = format!("\u{feff}sep=;\r\n\r\nName, of the file;SHA256\r\n\"a, b\";{SHA256}\r\n");
    assert_eq!(read_as(HashTable, &text).entries[0].digests.sha256, SHA256.parse().ok());
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read_as(HashTable, bytes).entries.len(), 1);
}

#[test]
fn the_export_of_powershell_is_read_and_its_algorithms_believed() {
    let text = format!(
        "#TYPE Microsoft.PowerShell.Commands.FileHashInfo\r\n\"Algorithm\",\"Hash\",\"Path\"\r\n\
         \"SHA256\",\"{0}\",\"C:\\a, b.jpg\"\r\n\"MD5\",\"{MD5}\",\"C:\\c\"\r\n\"SHA1\",\"{MD5}\",\"C:\\d\"\r\n\
         \"SHA512\",\"{0}{0}\",\"C:\\e\"\r\n\"MACTripleDES\",\"{MD5}\",\"C:\\f\"\r\n",
        SHA256.to_uppercase()
    );
    let got = read_as(HashTable, text);
    assert_eq!(got.entries.len(), 2);
    assert_eq!((got.entries[0].digests.sha256, got.entries[1].digests.md5), (SHA256.parse().ok(), MD5.parse().ok()));
    let want = [("digest of a kind that is not looked up", 1), ("not a digest", 2)];
    assert_eq!(got.refusals(), counts(&want));
}

#[test]
fn a_column_of_hashes_without_a_kind_goes_by_length() {
    let text = format!("Hash,Name\n{MD5},a\n{SHA1},b\n{SHA256},c\n{SHA256}{SHA256},d\n{}0,e\n", MD5);
    let got = read_as(HashTable, text);
    assert_eq!(got.entries.len(), 3);
    assert_eq!(got.entries[1].digests.sha1, SHA1.parse().ok());
    assert_eq!(got.refusals(), counts(&[("digest of a kind that is not looked up", 1), ("not a digest", 1)]));
}

#[test]
fn digests_of_something_else_are_not_taken() {
    let text = format!("Name,Parent MD5,Thumbnail SHA1,SHA256,Hash\na,{MD5},{SHA1},{SHA256},{MD5}\n");
    let digests = read_as(HashTable, text).entries[0].digests;
    assert_eq!((digests.md5, digests.sha1, digests.sha256), (None, None, SHA256.parse().ok()));
    for head in ["MediaID,Name", "Parent MD5,Name", "NTLM,Name", "CRC32,ssdeep"] {
        let text = format!("{head}\n{MD5},a\n");
        assert!(recognise::stream(text.as_bytes()).is_none(), "{head}");
    }
    // What stands under a name of ours and is nothing of the kind makes no table.
    assert!(recognise::stream(b"MD5,Name\n1,2\n").is_none());
}

#[test]
fn a_row_whose_cells_were_moved_is_refused() {
    let text = format!("Name,Parent,MD5\na,{SHA1},{MD5}\nb, c,{MD5},{}\nd,,{MD5},,\n\"e,{MD5},{MD5}\nf\n", EMPTY[0]);
    let got = read_as(HashTable, text);
    assert_eq!(got.entries.len(), 2);
    assert_eq!(got.refusals(), counts(&[("no digest", 1), ("row with other columns than the list", 2)]));
}

#[test]
fn two_columns_of_one_kind_leave_a_question() {
    for head in ["MD5,md5", "MD5,MD5 Hash"] {
        let (_, what) = refusal(HashTable, format!("{head},x\n{MD5},{MD5},1\n"));
        assert!(what.contains("twice") || what.contains("two columns"), "{what}");
    }
}

/// A list with categories must not be taken for one whose every entry is a statement.
#[test]
fn a_column_of_categories_is_the_verdict() {
    let photodna = "TWFu".repeat(48);
    for (delimiter, rows) in [(";", 5), (",", 5), ("\t", 5)] {
        let text = format!(
            "MediaID;Category;MD5;PhotoDNA;Series name;Victim identified;Is distributed;Image ID\n\
             1;1;{MD5};{photodna};A;true;;4\n2;;{MD5}\n3;0;{MD5}\n4;A;{MD5}\n5;Non pertinent;{MD5}\n6;2.0;{MD5}\n"
        );
        let got = read_as(HashTable, text.replace(';', delimiter));
        assert_eq!((got.entries.len(), got.summary.head.basis), (rows, VerdictBasis::Category));
        assert_eq!(codes(&got), [Some("1"), None, Some("0"), Some("A"), Some("2")].map(|code| code.map(str::to_owned)));
        assert_eq!(got.entries[1].verdict, Verdict::Unclassified);
        assert_eq!((got.summary.head.profile, got.entries[0].series.as_str()), (None, "A"));
        assert_eq!((got.entries[0].flags.victim_identified, got.entries[0].photodna.is_some()), (Some(true), true));
        assert_eq!(got.summary.refused.len(), 1);
    }
    let icse = format!("MD5,SHA1,PhotoDNA,Image ID,Is distributed,Baseline\n{MD5},{SHA1},,1,y,y\n");
    assert_eq!(read_as(Icse, icse).entries[0].flags.baseline, Some(true));
}

/// Form of the tables that IPED's tool reads: `status` says whether the file is ordinary.
#[test]
fn the_status_of_iped_outranks_the_role() {
    let text = format!(
        "MD5,SHA1,SHA256,SHA512,EDONKEY,set,status\n{MD5},,,,,NSRL,known\n{MD5},{SHA1},,,,Unit,pedo\n\
         {MD5},,,,,Unit,alert\n{MD5},,,,,Unit,known|pedo\n{MD5},,,,,Unit,\n"
    );
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    for (role, entries) in [(None, 5), (Some(Role::Known), 3), (Some(Role::Good), 2)] {
        let got = read_path(file.path(), &ReadOptions { role, ..ReadOptions::default() }).unwrap();
        assert_eq!((got.summary.rows, got.entries.len()), (5, entries), "{role:?}");
    }
}

#[test]
fn rows_without_a_digest_that_says_something_are_refused_alone() {
    let zeros = "0".repeat(32);
    let ones = "F".repeat(40);
    let text = format!("MD5;SHA1\n{MD5};{SHA1}\n{};{SHA1}\n{zeros};\n;{ones}\n;\n{};\n{SHA1};\n", EMPTY[0], &MD5[1..]);
    let got = read_as(HashTable, text);
    let want = [("digest of an empty file", 1), ("no digest", 1), ("not a digest", 2), ("placeholder digest", 2)];
    assert_eq!((got.entries.len(), got.refusals()), (1, counts(&want)));
}

#[test]
fn a_last_line_that_was_cut_is_refused() {
    let whole = format!("Name,SHA256,MD5\na,{SHA256},{MD5}\nb,{SHA256},{MD5}");
    assert_eq!(read_as(HashTable, &whole).entries.len(), 2);
    assert!(refusal(HashTable, &whole[..whole.len() - 1]).1.contains("cut"));
    check_cuts(HashTable, format!("{whole}\n").as_bytes(), whole.find('\n').unwrap() + 70);
}

#[test]
fn damage_never_breaks_the_reader() {
    let text = format!("Name;SHA256;MD5;Size;Category\n\"a;b\";{SHA256};{MD5};3;1\n\"c\";;{MD5};4;\n");
    check_damage(HashTable, text.as_bytes());
    check_damage(HashTable, format!("Algorithm,Hash,Path\nSHA256,{SHA256},a\nMD5,{MD5},b\n").as_bytes());
}
