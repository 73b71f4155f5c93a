//! ICSE's list: columns in any order, ragged rows, odd flags and values.

use crate::ListKind::Icse;
use crate::testing::{EMPTY, MD5, SHA1, check_cuts, check_damage, counts, read_as, refusal};

const HEAD: &str = "MD5;SHA1;PhotoDNA;Image ID;Is distributed;Victim identified;Offender identified;Series name;\
    Number of submissions;File Available;Media Type;Baseline\r\n";

fn row(rest: &str) -> String {
    format!("{};{};{rest}\r\n", MD5.to_uppercase(), SHA1)
}

#[test]
fn the_usual_columns_are_read() {
    let hex = "4d616e".repeat(48);
    let got = read_as(Icse, format!("{HEAD}{}", row(&format!("{hex};42;y;N;;Series A;17;yes;Image;TRUE"))));
    let entry = &got.entries[0];
    assert_eq!(entry.digests.md5, Some(MD5.parse().unwrap()));
    assert_eq!(entry.digests.sha1, Some(SHA1.parse().unwrap()));
    assert_eq!(entry.photodna.as_ref().unwrap().0[..3], *b"Man");
    assert_eq!(entry.series, "Series A");
    let flags = entry.flags;
    assert_eq!(
        (flags.distributed, flags.victim_identified, flags.offender_identified),
        (Some(true), Some(false), None)
    );
    assert_eq!((flags.baseline, entry.verdict.clone()), (Some(true), domain::Verdict::Member));
    let head = &got.summary.head;
    assert_eq!(head.profile.as_ref().unwrap().0.0, "interpol-baseline");
    assert_eq!(head.basis, domain::VerdictBasis::Membership);
}

#[test]
fn columns_are_found_by_name_in_any_order_with_extras() {
    let text = format!("\u{feff}sep=;\nOrigin;\"Series Name\";SHA1;Baseline\nNL;\"A; \"\"b\"\"\";{SHA1};0\n");
    let got = read_as(Icse, text);
    let entry = &got.entries[0];
    assert_eq!((entry.series.as_str(), entry.flags.baseline, entry.digests.md5), ("A; \"b\"", Some(false), None));
}

#[test]
fn what_a_spreadsheet_saved_again_is_read() {
    for (delimiter, first) in [(",", ""), ("\t", "\r\n"), (",", "sep=,\r\n"), (";", "\r\nsep=;\r\n")] {
        let text = format!("{HEAD}{}", row(";42;y;N;;Series A;17;yes;Image;TRUE")).replace(';', delimiter);
        let got = read_as(Icse, format!("\u{feff}{first}{text}"));
        assert_eq!((got.entries[0].flags.baseline, got.entries[0].series.as_str()), (Some(true), "Series A"));
    }
}

#[test]
fn ragged_rows_lose_only_what_they_do_not_reach() {
    let got = read_as(Icse, format!("{HEAD}{MD5}\r\n{MD5};{SHA1};;;yes\r\n{}", row(";;;;;;;;;;;extra;more")));
    assert_eq!(got.entries.len(), 3);
    assert_eq!((got.entries[0].digests.sha1, got.entries[1].flags.distributed), (None, Some(true)));
}

#[test]
fn a_wrong_value_of_photodna_is_left_out_and_its_row_kept() {
    let rows = ["4d616e", &"x".repeat(288), &"TWF=".repeat(48)].map(row).concat();
    let got = read_as(Icse, format!("{HEAD}{rows}{}", row(&"TWFu".repeat(48))));
    assert_eq!(got.entries.iter().filter(|entry| entry.photodna.is_some()).count(), 1);
    let want = "3 × PhotoDNA value that is neither 288 hex digits nor 192 base64 characters and was left out";
    assert_eq!((got.entries.len(), got.summary.remarks.as_slice()), (4, &[want.to_owned()][..]));
}

#[test]
fn flags_are_yes_no_absent_or_remarked() {
    for (text, want) in [
        ("y", Some(true)),
        ("Yes", Some(true)),
        ("T", Some(true)),
        ("true", Some(true)),
        ("1", Some(true)),
        ("n", Some(false)),
        ("NO", Some(false)),
        ("f", Some(false)),
        ("False", Some(false)),
        ("0", Some(false)),
        ("", None),
        ("perhaps", None),
    ] {
        let got = read_as(Icse, format!("{HEAD}{}", row(&format!(";;{text};;;;;;;"))));
        assert_eq!(got.entries[0].flags.distributed, want, "{text:?}");
        assert_eq!(got.summary.remarks.len(), usize::from(text == "perhaps"));
    }
}

#[test]
fn series_in_latin_1_are_kept_as_bytes_in_text() {
    let mut bytes = format!("{HEAD}{MD5};;;;;;;").into_bytes();
    bytes.extend(b"Andr\xe9\r\n");
    assert_eq!(read_as(Icse, bytes).entries[0].series, "Andr\\xE9");
    let text = format!("{HEAD}{MD5};;;;;;;a\u{202e}b\r\n");
    assert_eq!(read_as(Icse, text).entries[0].series, "ab");
}

#[test]
fn rows_without_a_digest_that_says_something_are_refused_alone() {
    let zeros = "0".repeat(32);
    let rows = [";;x", &format!("{};{SHA1}", EMPTY[0]), &format!("{zeros};"), "123;", "\r", &format!("{zeros};{SHA1}")];
    let got = read_as(Icse, format!("{HEAD}{}\n", rows.join("\n")));
    let want = [("digest of an empty file", 1), ("no digest", 1), ("not a digest", 1), ("placeholder digest", 1)];
    assert_eq!((got.entries.len(), got.refusals()), (1, counts(&want)));
}

#[test]
fn an_open_quote_swallows_no_row_after_it() {
    let open = format!("{MD5};{SHA1};;;;;;\"open;17;yes;Image;yes\r\n");
    let got = read_as(Icse, format!("{HEAD}{open}{}", row(";;;;;Series B;;;;yes")));
    assert_eq!(got.entries.len(), 2);
    assert_eq!((got.entries[0].flags.baseline, got.entries[1].series.as_str()), (None, "Series B"));
}

#[test]
fn a_head_that_leaves_questions_is_refused() {
    assert!(refusal(Icse, format!("MD5;md5;Baseline\n{MD5};{MD5};y\n")).1.contains("stands twice"));
}

#[test]
fn a_last_line_that_was_cut_is_refused() {
    let whole = format!("{HEAD}{}{}", row(";1;y;n;y;Series A;1;y;Image;yes"), row(";2;y;n;y;Series B;1;y;Image;yes"));
    assert_eq!(read_as(Icse, whole.trim_end()).entries.len(), 2);
    let at = (HEAD.len() + row(";1;y;n;y;Series A;1;y;Image;yes").len()) as u64;
    let (offset, what) = refusal(Icse, &whole[..whole.len() - 12]);
    assert_eq!((offset, what.as_str()), (at, "the last line is cut: it has 10 columns, the shortest row before it 12"));
    check_cuts(Icse, whole.as_bytes(), HEAD.len());
}

#[test]
fn damage_never_breaks_the_reader() {
    let hex = "4d616e".repeat(48);
    let text = format!("{HEAD}{}{}", row(&format!("{hex};1;y;n;y;\"A;\"\"B\"\"\";1;y;Image;yes")), row(";2;y"));
    check_damage(Icse, text.as_bytes());
}
