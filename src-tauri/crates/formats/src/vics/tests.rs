//! VICS files in the form of their real producers, with every trap that was seen; what is cut, bent or hostile.

use std::ops::ControlFlow;
use std::path::PathBuf;

use domain::{Entry, EntryRefusal, Verdict};
use proptest::prelude::*;

use crate::{FormatLimits, FormatsError, ListHead, Preview, ReadOptions, ReadSummary};

const CONTEXT: &str =
    r#""@odata.context":"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media""#;
const MD5: &str = "0CC175B9C0F1B6A831C399E269772661";
const SHA1: &str = "86F7E437FAA5A7FCE15D1DDCB9EAEAEA377667B8";
const SHA256: &str = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";

/// Holds a list on disk, because a list is always read from there.
struct OnDisk {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn on_disk(bytes: &[u8]) -> OnDisk {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a name that says nothing");
    std::fs::write(&path, bytes).unwrap();
    OnDisk { _folder: folder, path }
}

type Rows = Vec<Result<Entry, EntryRefusal>>;

fn read(bytes: &[u8]) -> Result<(ReadSummary, Rows), FormatsError> {
    let disk = on_disk(bytes);
    let mut rows = Vec::new();
    let summary = crate::read(&disk.path, &ReadOptions::default(), &mut |row| {
        rows.push(row);
        ControlFlow::Continue(())
    })?;
    Ok((summary, rows))
}

fn set(records: &str) -> String {
    format!("{{{CONTEXT},\"value\":[{records}]}}")
}

/// Reads a set of one record.
fn one(fields: &str) -> (Result<Entry, EntryRefusal>, Vec<String>) {
    let (summary, mut rows) = read(set(&format!("{{{fields}}}")).as_bytes()).unwrap();
    assert_eq!((rows.len(), summary.rows), (1, 1), "{fields}");
    (rows.remove(0), summary.remarks)
}

/// Reads a set of one record that has a digest and these fields, and gives the entry with what was remarked.
fn with(fields: &str) -> (Entry, Vec<String>) {
    let (row, remarks) = one(&format!("\"MD5\":\"{MD5}\",{fields}"));
    (row.unwrap_or_else(|why| panic!("{fields}: {why}")), remarks)
}

fn refused(fields: &str) -> EntryRefusal {
    one(fields).0.err().unwrap_or_else(|| panic!("taken: {fields}"))
}

fn invalid(bytes: &[u8]) -> (u64, String) {
    match read(bytes) {
        Err(FormatsError::Invalid { offset, what, .. }) => (offset, what),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was read"),
    }
}

fn head(bytes: &[u8]) -> ListHead {
    read(bytes).unwrap().0.head
}

fn code(entry: &Entry) -> Option<&str> {
    match &entry.verdict {
        Verdict::Category(code) => Some(&code.0),
        _ => None,
    }
}

#[test]
fn a_set_of_version_2_0_comes_in_whole() {
    let photodna = "TWFu".repeat(48);
    let text = format!(
        r#"{{
  {CONTEXT},
  "value": [
    {{ "MediaID": 7, "Category": 1, "VictimIdentified": true, "OffenderIdentified": false, "IsDistributed": true,
      "IsPrecategorized": true, "Series": "Series A, Series B", "Tags": "x,y", "Comments": "C:\\path \"quoted\"",
      "MD5": "{MD5}", "SHA1": "{SHA1}", "SHA256": "{SHA256}", "MediaSize": 4096, "MimeType": "image/jpeg",
      "PhotoDNA": "{photodna}", "DateUpdated": "2024-05-06T07:08:09.8300Z", "RelativeFilePath": null,
      "Exifs": [{{"MD5": "x", "PropertyName": "GPS Latitude", "PropertyValue": "12 deg 34'56.78\""}}],
      "MediaFiles": [], "NewField": {{"deep": [[1, 2.5e3, null], true]}} }},
    {{ "MediaID": 7, "Category": null, "MD5": "", "SHA1": "{SHA1}" }}
  ]
}}
"#
    );
    let (summary, rows) = read(text.as_bytes()).unwrap();
    assert_eq!(summary.head.to_string(), "VICS 2.0 hash set");
    assert_eq!(summary.head.profile.unwrap().0.0, "project-vic-us");
    assert_eq!(summary.head.basis, domain::VerdictBasis::Category);
    assert_eq!(summary.head.published, None);
    assert!(summary.head.notes.iter().any(|note| note.contains("2024-05-06T07:08:09.83Z")));
    assert_eq!(summary.remarks, Vec::<String>::new());
    let first = rows[0].as_ref().unwrap();
    assert_eq!(first.id.0, 1);
    assert_eq!(first.digests.md5.unwrap().to_string(), MD5.to_ascii_lowercase());
    assert_eq!(first.digests.sha1.unwrap().to_string(), SHA1.to_ascii_lowercase());
    assert_eq!(first.digests.sha256.unwrap().to_string(), SHA256);
    assert_eq!((first.size_bytes, code(first), first.series.as_str()), (Some(4096), Some("1"), "Series A, Series B"));
    let flags = first.flags;
    assert_eq!((flags.victim_identified, flags.offender_identified), (Some(true), Some(false)));
    assert_eq!((flags.distributed, flags.suspected, flags.self_generated), (Some(true), None, None));
    assert_eq!(first.photodna.as_ref().unwrap().0[..3], *b"Man");
    let second = rows[1].as_ref().unwrap();
    assert_eq!((second.id.0, second.digests.md5, &second.verdict), (2, None, &Verdict::Unclassified));
    assert_eq!(summary.categories.into_iter().collect::<Vec<_>>(), [(String::new(), 1), ("1".to_owned(), 1)]);
}

#[test]
fn older_versions_have_no_profile_and_another_key() {
    for version in ["1.2", "1.3"] {
        let text = format!(
            r#"{{"odata.metadata":"http://github.com/ICMEC/ProjectVic/DataModels/{version}.xml#Media","value":[
                {{"odata.id":"Media(1)","MediaID":1,"MediaSize":"12","Miniature":"AAAA","md5":"{MD5}","Category":"2",
                  "MediaFiles@odata.navigationLinkUrl":"Media(1)/MediaFiles"}}]}}"#
        );
        let (summary, rows) = read(text.as_bytes()).unwrap();
        assert_eq!(summary.head.version.as_deref(), Some(version));
        assert_eq!(summary.head.profile, None);
        assert!(summary.head.notes.iter().any(|note| note.contains("choose the profile")));
        let entry = rows[0].as_ref().unwrap();
        assert_eq!((entry.size_bytes, code(entry)), (Some(12), Some("2")));
    }
}

#[test]
fn the_profile_is_that_of_the_context_unless_a_person_chose() {
    let named = |segment: &str| set(&format!("{{\"MD5\":\"{MD5}\"}}")).replace("/US/", &format!("/{segment}/"));
    assert_eq!(head(named("UK").as_bytes()).profile.unwrap().0.0, "uk");
    for names_no_scheme in ["Default", "CUSTOM", "Atlantis\u{202e}"] {
        let head = head(named(names_no_scheme).as_bytes());
        assert_eq!(head.profile, None, "{names_no_scheme}");
        assert!(head.notes.iter().any(|note| note.contains("names no scheme")));
        assert!(!head.notes.iter().any(|note| note.contains('\u{202e}')));
    }
    let disk = on_disk(named("US").as_bytes());
    let options = ReadOptions { profile: domain::Profile::parse("UK").ok(), ..ReadOptions::default() };
    let head = crate::preview(&disk.path, &options).unwrap().head;
    assert_eq!(head.profile, options.profile);
    assert!(head.notes.iter().any(|note| note.contains("another profile")));
}

#[test]
fn the_context_may_come_after_the_records_or_be_absent() {
    let records = format!("\"value\":[{{\"MediaID\":1,\"MD5\":\"{MD5}\"}}]");
    assert_eq!(head(format!("{{{records},{CONTEXT}}}").as_bytes()).version.as_deref(), Some("2.0"));
    let cases = CONTEXT.replace("#Media", "#Cases");
    assert!(matches!(read(format!("{{{records},{cases}}}").as_bytes()), Err(FormatsError::Case { .. })));
    let bare = head(format!("{{{records}}}").as_bytes());
    assert_eq!((bare.version, bare.profile), (None, None));
    assert!(bare.notes.iter().any(|note| note.contains("no context")));
    let foreign = format!("{{\"@odata.context\":\"https://elsewhere.example/$metadata#Things\",{records}}}");
    assert!(head(foreign.as_bytes()).notes.iter().any(|note| note.contains("none of Project VIC's")));
    for other in [
        format!("{{\"value\":[{{\"MD5\":\"{MD5}\"}}]}}"),
        "{\"value\":[]}".to_owned(),
        "{\"name\":\"package\"}".to_owned(),
        "{}".to_owned(),
    ] {
        assert!(matches!(read(other.as_bytes()), Err(FormatsError::NotRecognised { .. })), "{other}");
    }
    let two = format!("{{{CONTEXT},{},{records}}}", CONTEXT.replace("/US/", "/UK/"));
    assert!(invalid(two.as_bytes()).1.contains("two contexts"));
    let older = r#""odata.metadata":"http://github.com/ICMEC/ProjectVic/DataModels/4.7.xml#Media""#;
    assert!(head(format!("{{{older},{records}}}").as_bytes()).notes[0].contains("not known"));
}

#[test]
fn a_case_is_no_hash_set() {
    let file = r#"{"MD5":"x","FileName":"a.jpg","FilePath":"\\\\a\\b"}"#;
    for case in [
        format!("{{{},\"value\":[{{\"CaseID\":\"{{g}}\"}}]}}", CONTEXT.replace("#Media", "#Cases")),
        format!("{{\"value\":[{{\"CaseNumber\":\"1\",\"Media\":[{{\"MD5\":\"{MD5}\"}}]}}]}}"),
        format!("{{\"value\":[{{\"MediaID\":1,\"MD5\":\"{MD5}\",\"MediaFiles\":[{file}]}}]}}"),
    ] {
        match read(case.as_bytes()) {
            Err(error @ FormatsError::Case { .. }) => assert!(error.to_string().contains("as a source")),
            other => panic!("{other:?}"),
        }
    }
    let (entry, _) = with("\"MediaFiles\":null");
    assert_eq!(code(&entry), None);
    // Where the context says that it is a set, names of files in it are no reason to do without it.
    let named =
        set(&format!("{{\"MD5\":\"{MD5}\",\"MediaFiles\":[{file},{{}}],\"Category\":1}},{{\"MD5\":\"{MD5}\"}}"));
    let (summary, rows) = read(named.as_bytes()).unwrap();
    assert_eq!((rows.len(), code(rows[0].as_ref().unwrap())), (2, Some("1")));
    assert!(summary.head.notes.iter().any(|note| note.contains("MediaFiles")));
}

#[test]
fn only_a_category_is_a_verdict() {
    for (written, want) in [
        ("0", Some("0")),
        ("1", Some("1")),
        ("-1", Some("-1")),
        ("1.0", Some("1")),
        ("1e0", Some("1")),
        ("\" 2 \"", Some("2")),
        ("\"03\"", Some("3")),
        ("\"A\"", Some("A")),
        ("null", None),
        ("\"\"", None),
        ("\"  \"", None),
    ] {
        assert_eq!(code(&with(&format!("\"Category\":{written}")).0), want, "{written}");
    }
    assert_eq!(code(&with("\"Other\":1").0), None);
    for damaged in
        ["1.5", "true", "[1]", "{\"Category\":1}", "99999999999999999999", "1e400", "\"1;2\"", "\"\\u0041 B\""]
    {
        let why = refused(&format!("\"MD5\":\"{MD5}\",\"Category\":{damaged}"));
        assert!(why.to_string().contains("category"), "{damaged}: {why}");
    }
    let (entry, remarks) = with("\"IsPrecategorized\":true,\"Category\":null");
    assert_eq!(entry.verdict, Verdict::Unclassified);
    assert_eq!(remarks, ["1 × IsPrecategorized without a Category, which is no verdict"]);
}

#[test]
fn codes_that_tools_use_in_opposite_ways_are_counted_and_named() {
    let records: Vec<String> =
        (0..12).map(|n| format!("{{\"MD5\":\"{n:032x}\",\"Category\":{}}}", ["0", "5", "1", "null"][n % 4])).collect();
    let (summary, _) = read(set(&records.join(",")).as_bytes()).unwrap();
    // The first digest is all zeros: a placeholder, refused.
    assert_eq!(summary.refused[&EntryRefusal::Placeholder], 1);
    let counts: Vec<_> = summary.categories.iter().map(|(code, count)| (code.as_str(), *count)).collect();
    assert_eq!(counts, [("", 3), ("0", 2), ("1", 3), ("5", 3)]);
    assert!(summary.head.notes.iter().any(|note| note.contains("0 or 5")));
}

#[test]
fn a_record_needs_one_good_digest_and_no_bad_one() {
    let digests = |fields: &str| one(fields).0.map(|entry| entry.digests);
    assert!(digests(&format!("\"MD5\":\"\",\"SHA1\":\"{SHA1}\"")).unwrap().md5.is_none());
    assert!(digests(&format!("\"SHA1\":null,\"MD5\":\" {MD5}\\n\"")).unwrap().sha1.is_none());
    assert!(digests(&format!("\"sHa1\":\"{SHA1}\"")).unwrap().sha1.is_some());
    assert!(digests(&format!("\"\\u004dD5\":\"{MD5}\"")).unwrap().md5.is_some());
    let zeros = "0".repeat(32);
    assert!(digests(&format!("\"MD5\":\"{zeros}\",\"SHA1\":\"{SHA1}\"")).unwrap().md5.is_none());
    assert_eq!(refused("\"MediaID\":1"), EntryRefusal::NoDigest);
    assert_eq!(refused("\"MD5\":\"\",\"SHA1\":\"\""), EntryRefusal::NoDigest);
    assert_eq!(refused("\"MD5\":\"d41d8cd98f00b204e9800998ecf8427e\""), EntryRefusal::EmptyFile);
    let empty_sha1 = "\"SHA1\":\"da39a3ee5e6b4b0d3255bfef95601890afd80709\"";
    assert_eq!(refused(&format!("\"MD5\":\"{MD5}\",{empty_sha1}")), EntryRefusal::EmptyFile);
    let long = "a".repeat(100_000);
    for bad in ["\"abc\"", "7", "true", "[]", &format!("\"{}g\"", &MD5[1..]), &format!("\"{long}\"")] {
        assert_eq!(refused(&format!("\"SHA1\":\"{SHA1}\",\"MD5\":{bad}")), EntryRefusal::BadDigest, "{bad:.40}");
    }
    let twice = refused(&format!("\"MD5\":\"{MD5}\",\"md5\":\"{MD5}\""));
    assert_eq!(twice.to_string(), "a field occurs twice");
}

#[test]
fn one_digest_with_two_verdicts_is_two_entries() {
    let records = format!("{{\"MD5\":\"{MD5}\",\"Category\":1}},{{\"MD5\":\"{MD5}\",\"Category\":2}}");
    let (_, rows) = read(set(&records).as_bytes()).unwrap();
    let opinions: Vec<_> = rows.iter().map(|row| code(row.as_ref().unwrap())).collect();
    assert_eq!(opinions, [Some("1"), Some("2")]);
}

#[test]
fn flags_come_in_three_forms_and_absent_is_a_third_value() {
    for (written, want) in [
        ("true", Some(true)),
        ("false", Some(false)),
        ("1", Some(true)),
        ("0", Some(false)),
        ("\"true\"", Some(true)),
        ("\"False\"", Some(false)),
        ("\"1\"", Some(true)),
        ("null", None),
        ("\"\"", None),
    ] {
        for (name, flag) in [
            ("VictimIdentified", (|entry: &Entry| entry.flags.victim_identified) as fn(&Entry) -> Option<bool>),
            ("OffenderIdentified", |entry| entry.flags.offender_identified),
            ("IsDistributed", |entry| entry.flags.distributed),
            ("IsSuspected", |entry| entry.flags.suspected),
            ("SelfGenerated", |entry| entry.flags.self_generated),
        ] {
            let (entry, remarks) = with(&format!("\"{name}\":{written}"));
            assert_eq!((flag(&entry), remarks.len()), (want, 0), "{name} {written}");
        }
    }
    for strange in ["2", "\"maybe\"", "[true]"] {
        let (entry, remarks) = with(&format!("\"IsDistributed\":{strange}"));
        assert_eq!((entry.flags.distributed, remarks.len()), (None, 1), "{strange}");
    }
}

#[test]
fn sizes_come_as_numbers_and_as_texts() {
    for (written, want, remarks) in [
        ("12", Some(12), 0),
        ("\"12\"", Some(12), 0),
        ("1.2e1", Some(12), 0),
        ("18446744073709551615", Some(u64::MAX), 0),
        ("0", None, 0),
        ("null", None, 0),
        ("\"\"", None, 0),
        ("-1", None, 1),
        ("18446744073709551616", None, 1),
        ("\"12 KB\"", None, 1),
        ("{\"a\":1}", None, 1),
    ] {
        let (entry, noted) = with(&format!("\"MediaSize\":{written}"));
        assert_eq!((entry.size_bytes, noted.len()), (want, remarks), "{written}");
    }
}

#[test]
fn perceptual_values_that_are_wrong_are_dropped_and_counted() {
    let photodna = "TWFu".repeat(48);
    let pdq = "0f".repeat(32);
    let alternatives = |list: &str| with(&format!("\"AlternativeHashes\":[{list}]"));
    let (entry, remarks) = alternatives(&format!(
        "{{\"MD5\":\"{MD5}\",\"HashName\":\"PhotoDNA\",\"HashValue\":\"{photodna}\"}},
         {{\"HashValue\":\"{pdq}\",\"HashName\":\"pdq\",\"MD5\":\"{MD5}\"}},
         {{\"HashName\":\"Other\",\"HashValue\":\"x\",\"Nested\":[{{}}]}}, null, 7"
    ));
    assert!(entry.photodna.is_some() && entry.pdq.is_some() && remarks.is_empty(), "{remarks:?}");
    for (fields, remark) in [
        (format!("\"PhotoDNA\":\"{}\"", &photodna[1..]), "wrong length"),
        ("\"PhotoDNA\":\"PhotoDNA\"".to_owned(), "only its own name"),
        ("\"PhotoDNA\":12".to_owned(), "wrong length"),
        (
            "\"AlternativeHashes\":[{\"HashName\":\"PhotoDNA\",\"HashValue\":\"PhotoDNA\"}]".to_owned(),
            "only its own name",
        ),
        ("\"AlternativeHashes\":[{\"HashName\":\"PDQ\",\"HashValue\":\"0f0f\"}]".to_owned(), "wrong length"),
        (
            format!(
                "\"AlternativeHashes\":[{{\"MD5\":\"{}\",\"HashName\":\"PDQ\",\"HashValue\":\"{pdq}\"}}]",
                MD5.replace('0', "1")
            ),
            "another MD5",
        ),
        (
            format!(
                "\"PhotoDNA\":\"{photodna}\",\"AlternativeHashes\":[{{\"HashName\":\"PhotoDNA\",\"HashValue\":\"{}\"}}]",
                "AAAA".repeat(48)
            ),
            "two different",
        ),
    ] {
        let (entry, remarks) = with(&fields);
        assert!(entry.photodna.is_none() && entry.pdq.is_none(), "{fields}");
        assert!(remarks.len() == 1 && remarks[0].starts_with("1 × ") && remarks[0].contains(remark), "{remarks:?}");
    }
    let (entry, remarks) = with("\"PhotoDNA\":\"\",\"AlternativeHashes\":null");
    assert!(entry.photodna.is_none() && remarks.is_empty());
}

#[test]
fn the_text_of_a_series_is_made_safe_to_show() {
    let (entry, _) = with("\"Series\":\"  Blue\\u202e room\\n, \\ud83d\\ude00 \"");
    assert_eq!(entry.series, "Blue room, 😀");
    let (entry, remarks) = with(&format!("\"Series\":\"{}\"", "é".repeat(100_000)));
    assert!(entry.series.len() <= 4096 && remarks.len() == 1);
    let mut bytes = set(&format!("{{\"MD5\":\"{MD5}\",\"Series\":\"caf@\",\"Comments\":\"caf@\"}}")).into_bytes();
    bytes.iter_mut().filter(|byte| **byte == b'@').skip(1).for_each(|byte| *byte = 0xE9);
    let (summary, rows) = read(&bytes).unwrap();
    assert_eq!(rows[0].as_ref().unwrap().series, "caf\u{fffd}");
    assert_eq!(summary.remarks.len(), 1);
}

#[test]
fn an_instant_is_taken_only_from_a_date_that_says_its_zone() {
    let newest = |date: &str| {
        let text = set(&format!("{{\"MD5\":\"{MD5}\",\"DateUpdated\":{date}}}"));
        head(text.as_bytes()).notes.into_iter().find(|note| note.starts_with("Newest"))
    };
    for trusted in ["\"2020-03-01T12:00:00Z\"", "\"2020-03-01T07:00:00-05:00\"", "\"2020-03-01T12:00:00.0000000Z\""] {
        assert!(newest(trusted).unwrap().contains("2020-03-01T12:00:00Z"), "{trusted}");
    }
    for untrusted in [
        "\"2020-03-01T12:00:00+02:00Z\"",
        "\"2020-03-01T12:00:00+2:00Z\"",
        "\"2020-03-01T12:00:00\"",
        "\"/Date(1583064000000)/\"",
        "\"3/1/2020 7:00:00 AM (UTC-5)\"",
        "1583064000",
        "{\"at\":1}",
        "null",
    ] {
        assert_eq!(newest(untrusted), None, "{untrusted}");
    }
}

#[test]
fn the_defects_of_older_exporters_are_named_where_they_are() {
    for (damage, at, want) in [
        ("\"IsSuspected\":\"true\"\",\"A\":1", "\",\"A\"", "second quotation mark"),
        ("\"PrecategorizationSource\":\"C:\\Users\\x\"", "\\Users", "backslash"),
        ("\"Comments\":\"a\tb\"", "\tb", "control character"),
        ("\"Comments\":\"a\nb\"", "\nb", "control character"),
        ("\"Comments\":\"\\uD83D\\x\"", "\\uD83D", "backslash"),
        ("\"MediaSize\":NaN", "NaN", "NaN"),
        ("\"MediaSize\":-Infinity", "Infinity", "Infinity"),
        ("\"MediaSize\":012", "012", "number"),
        ("\"MediaSize\":1.", "1.", "number"),
        ("\"MediaSize\":+1", "+1", "no JSON value"),
        ("\"MediaSize\":tru", "}]}", "no JSON value"),
        ("\"MediaSize\":True", "True", "no JSON value"),
        ("\"MediaSize\":'1'", "'1'", "single quotation marks"),
        ("\"MediaSize\":", "}]}", "a value is missing"),
        ("\"MediaSize\" 1", "1}", "colon"),
        ("MediaSize:1", "MediaSize", "name of a field"),
        ("\"A\":1 \"B\":2", "\"B\"", "comma is missing"),
        ("\"A\":1,", "}]}", "after a comma"),
        ("\"A\":[1,2},\"B\":1", "},\"B\"", "wrong kind of bracket"),
        ("\"A\":\"x\u{0}\"", "\u{0}", "control character"),
    ] {
        let records = format!("{{\"MD5\":\"{SHA1}\"}},{{\"MD5\":\"{MD5}\",{damage}}}");
        let text = set(&records);
        let start = text.find(damage).unwrap();
        let (offset, what) = invalid(text.as_bytes());
        assert_eq!(offset as usize, start + text[start..].find(at).unwrap(), "{damage}: {what}");
        assert!(what.contains(want) && what.ends_with("after 1 records"), "{damage}: {what}");
    }
}

#[test]
fn nothing_may_follow_and_nothing_may_be_wrapped_around() {
    let whole = set(&format!("{{\"MD5\":\"{MD5}\"}}"));
    let end = whole.len() as u64;
    assert!(read(format!("{whole}\r\n \t").as_bytes()).is_ok());
    for after in ["}", "{}", ",", "\0", "\u{feff}", &whole] {
        let (offset, what) = invalid(format!("{whole}{after}").as_bytes());
        assert_eq!(offset, end, "{after}");
        assert!(what.contains("follows after the end"), "{what}");
    }
    let (offset, what) = invalid(set(&format!("{{\"MD5\":\"{MD5}\"}}")).replace("]}", "],\"value\":[]}").as_bytes());
    assert!(offset > 0 && what.contains("two lists"));
    for value in ["{}", "null", "7"] {
        assert!(invalid(format!("{{{CONTEXT},\"value\":{value}}}").as_bytes()).1.contains("no list of records"));
    }
    assert!(invalid(format!("{{{CONTEXT}}}").as_bytes()).1.contains("no list of records"));
    assert!(invalid(set("").as_bytes()).1.contains("without a single record"));
    let (summary, rows) = read(set(&format!("null,[[]],{{\"MD5\":\"{MD5}\"}}")).as_bytes()).unwrap();
    assert_eq!((summary.entries, summary.rows), (1, 3));
    assert_eq!(rows[2].as_ref().unwrap().id.0, 3);
}

#[test]
fn bombs_end_at_a_limit() {
    let limits = FormatLimits { json_text_bytes: 1 << 20, ..FormatLimits::default() };
    let options = ReadOptions { limits, ..ReadOptions::default() };
    let deep = |open: &str, depth: usize| format!("\"X\":{}1{}", open.repeat(depth), "]".repeat(depth));
    for (fields, fits) in [
        (deep("[", 61), true),
        (deep("[", 62), false),
        (deep("[", 1_000_000), false),
        (deep("{\"a\":", 1_000_000), false),
        (format!("\"X\":\"{}\"", "x".repeat(1 << 20)), false),
        (format!("\"X\":\"{}\"", "x".repeat((1 << 20) - 10)), true),
        (format!("\"X\":\"{}\"", "\\u0041".repeat(200_000)), false),
        (format!("\"{}\":1", "k".repeat(2 << 20)), false),
    ] {
        let disk = on_disk(set(&format!("{{\"MD5\":\"{MD5}\",{fields}}}")).as_bytes());
        let outcome = crate::preview(&disk.path, &options);
        let ended = if fits { outcome.is_ok() } else { matches!(outcome, Err(FormatsError::Limit { .. })) };
        assert!(ended, "{fields:.20}: {outcome:?}");
    }
    let digits = set(&format!("{{\"MD5\":\"{MD5}\",\"X\":{}}}", "9".repeat(5000)));
    assert!(invalid(digits.as_bytes()).1.contains("1024"));
}

#[test]
fn a_preview_shows_what_an_import_would_find() {
    let records: Vec<String> = (1..=25)
        .map(|n| {
            format!(
                "{{\"MediaID\":{n},\"MD5\":\"{}\",\"Category\":1}}",
                if n == 2 { "?".into() } else { format!("{n:032x}") }
            )
        })
        .collect();
    let text = set(&records.join(","));
    let disk = on_disk(text.as_bytes());
    let preview: Preview = crate::preview(&disk.path, &ReadOptions::default()).unwrap();
    assert_eq!((preview.rows, preview.entries, preview.first.len()), (25, 24, crate::PREVIEW_ROWS));
    assert_eq!(preview.first[0].digest, format!("{:032x}", 1));
    assert_eq!(preview.first[0].digest_kind, "MD5");
    assert_eq!(preview.first[1].refused, Some(EntryRefusal::BadDigest));
    assert_eq!(preview.refused[&EntryRefusal::BadDigest], 1);
    assert_eq!(preview.categories["1"], 24);
    let json = serde_json::to_value(&preview).unwrap();
    assert_eq!(json["head"]["kind"], "vics");
    let (summary, _) = read(text.as_bytes()).unwrap();
    assert_eq!((summary.sha256, summary.head), (preview.sha256, preview.head));
}

#[test]
fn a_sink_that_has_enough_stops_the_reading() {
    let disk = on_disk(set(&vec![format!("{{\"MD5\":\"{MD5}\"}}"); 100].join(",")).as_bytes());
    let mut rows = 0;
    let outcome = crate::read(&disk.path, &ReadOptions::default(), &mut |_| {
        rows += 1;
        if rows == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(outcome, Err(FormatsError::Stopped { .. })));
    assert_eq!(rows, 3);
}

#[test]
fn a_file_cut_at_any_byte_is_refused_where_it_ends() {
    let records = format!(
        "{{\"MediaID\":1,\"MD5\":\"{MD5}\",\"Category\":1,\"Series\":\"\\u00e9\\n\"}},\n{{\"SHA1\":\"{SHA1}\",\"MediaSize\":-1.5e3,
        \"AlternativeHashes\":[{{\"HashName\":\"PDQ\",\"HashValue\":\"PDQ\"}}],\"IsDistributed\":true,\"X\":[null,{{}}]}}"
    );
    for whole in [set(&records), format!("\u{feff}{{\"value\":[{records}],{CONTEXT}}}")] {
        assert_eq!(read(whole.as_bytes()).unwrap().0.rows, 2);
        for cut in 0..whole.len() {
            match read(&whole.as_bytes()[..cut]) {
                Err(FormatsError::Invalid { offset, what, .. }) => {
                    assert_eq!(offset as usize, cut, "{what}");
                    assert!(what.contains("the file ends"), "{what}");
                }
                // Of nothing, or half a byte-order mark, no kind can be told.
                Err(FormatsError::NotRecognised { .. }) if cut <= 3 => {}
                other => panic!("cut at {cut}: {other:?}"),
            }
        }
    }
    let between = format!("{{{CONTEXT},\"value\":[{{\"MD5\":\"{MD5}\"}},");
    assert_eq!(invalid(between.as_bytes()).1, "the file ends between two records, after 1 records");
    let (offset, what) = invalid(between.trim_end_matches(',').as_bytes());
    assert_eq!(
        (offset as usize, what.as_str()),
        (between.len() - 1, "the file ends between two records, after 1 records")
    );
}

/// Writes a text with escapes of any kind, as `style` tells.
fn escaped(text: &str, style: &mut impl Iterator<Item = u8>) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match (c, style.next().unwrap_or(0) % 4) {
            ('"' | '\\', _) => out.extend(['\\', c]),
            (c, 0) if !c.is_control() => out.push(c),
            (c, 1) => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04X}"))),
            (c, _) if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            (c, _) => out.push(c),
        }
    }
    out.push('"');
    out
}

fn record(entry: &Entry, style: &[u8]) -> String {
    let mut style = style.iter().copied().cycle();
    let mut fields =
        vec![("MediaID".to_owned(), "1".to_owned()), ("Comments".to_owned(), escaped("a\"\\\n{[é", &mut style))];
    let mut put = |name: &str, value: String| fields.push((name.to_owned(), value));
    let digests = &entry.digests;
    for (name, digest) in [
        ("MD5", digests.md5.map(|d| d.to_string())),
        ("SHA1", digests.sha1.map(|d| d.to_string())),
        ("SHA256", digests.sha256.map(|d| d.to_string())),
    ] {
        match digest {
            Some(digest) if style.next() > Some(99) => put(name, escaped(&digest.to_ascii_uppercase(), &mut style)),
            Some(digest) => put(name, escaped(&digest, &mut style)),
            None if style.next() > Some(150) => put(name, "\"\"".to_owned()),
            None => {}
        }
    }
    if let Some(size) = entry.size_bytes {
        put("MediaSize", if style.next() > Some(99) { format!("\"{size}\"") } else { size.to_string() });
    }
    if let Verdict::Category(code) = &entry.verdict {
        put("Category", if style.next() > Some(99) { escaped(&code.0, &mut style) } else { code.0.clone() });
    }
    if let Some(flag) = entry.flags.distributed {
        put(
            "IsDistributed",
            ["true", "1", "\"True\"", "false", "0", "\"false\""]
                [usize::from(!flag) * 3 + usize::from(style.next().unwrap_or(0)) % 3]
                .into(),
        );
    }
    put("Series", escaped(&entry.series, &mut style));
    if let Some(pdq) = entry.pdq {
        put("AlternativeHashes", format!("[{{\"HashValue\":\"{pdq}\",\"HashName\":\"PDQ\"}}]"));
    }
    let turn = usize::from(style.next().unwrap_or(0)) % fields.len();
    fields.rotate_left(turn);
    let mut blank = || ["", " ", "\n\t", "\r\n  "][usize::from(style.next().unwrap_or(0)) % 4];
    let fields: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{}\"{name}\"{}:{}{value}{}", blank(), blank(), blank(), blank()))
        .collect();
    format!("{{{}}}", fields.join(","))
}

fn entries() -> impl Strategy<Value = Entry> {
    let digests = (any::<Option<[u8; 16]>>(), any::<Option<[u8; 20]>>(), any::<[u8; 32]>(), any::<bool>());
    let rest = (
        any::<Option<u32>>(),
        proptest::option::of(-3..9_i64),
        any::<Option<bool>>(),
        "[^\\p{C}\\p{Z}\u{ad}\u{fffd}]{0,20}",
        any::<Option<[u8; 32]>>(),
    );
    (digests, rest).prop_map(|((md5, sha1, sha256, has_sha256), (size, category, flag, series, pdq))| {
        let none_else = md5.is_none() && sha1.is_none();
        let digests = domain::EntryDigests {
            md5: md5.map(|mut bytes| {
                bytes[0] |= 1;
                domain::Md5(bytes)
            }),
            sha1: sha1.map(|mut bytes| {
                bytes[0] |= 1;
                domain::Sha1(bytes)
            }),
            sha256: (has_sha256 || none_else).then(|| {
                let mut bytes = sha256;
                bytes[0] |= 1;
                domain::Sha256(bytes)
            }),
        };
        let verdict =
            category.map_or(Verdict::Unclassified, |code| Verdict::Category(domain::CategoryCode(code.to_string())));
        let mut entry = Entry::bare(domain::EntryId(0), digests, verdict);
        entry.size_bytes = size.map(|size| u64::from(size) + 1);
        entry.flags.distributed = flag;
        entry.series = series;
        entry.pdq = pdq.map(domain::Pdq);
        entry
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn entries_come_back_however_they_are_written(
        entries in proptest::collection::vec(entries(), 1..20),
        style in proptest::collection::vec(any::<u8>(), 64..200),
        context_last: bool,
        utf16 in 0..3_u8,
    ) {
        let records: Vec<String> =
            entries.iter().enumerate().map(|(n, entry)| record(entry, &style[n % 60..])).collect();
        let list = format!("\"value\" : [{}]", records.join(" ,\n"));
        let text = if context_last { format!("{{{list},{CONTEXT}}}") } else { format!("{{{CONTEXT}, {list} }}\n") };
        let units = text.encode_utf16();
        let bytes = match utf16 {
            0 => text.clone().into_bytes(),
            1 => [0xFF, 0xFE].into_iter().chain(units.flat_map(u16::to_le_bytes)).collect(),
            _ => [0xFE, 0xFF].into_iter().chain(units.flat_map(u16::to_be_bytes)).collect(),
        };
        let (summary, rows) = read(&bytes).unwrap_or_else(|error| panic!("{error}\n{text}"));
        prop_assert_eq!(summary.rows, entries.len() as u64);
        for (n, (mut want, got)) in entries.into_iter().zip(rows).enumerate() {
            want.id = domain::EntryId(n as u64 + 1);
            prop_assert_eq!(Ok(want), got, "{}", records[n]);
        }
    }
}
