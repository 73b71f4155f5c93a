//! Tests of cases with the traps that real exports have: nothing is lost, nothing is guessed, damage is refused whole.

use std::io::{Cursor, Write};
use std::ops::ControlFlow;
use std::path::Path;

use domain::{CategoryCode, CodeMeaning, Profile};

use crate::case::{self, CaseKind, CaseMedia, CaseNote, CaseReadOptions, CaseSummary, PathRefusal};
use crate::testing::{EMPTY, MD5, SHA1, SHA256};
use crate::{FormatLimits, FormatsError, ListKind};

const CONTEXT_20: &str =
    r#""@odata.context":"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Cases""#;
const CONTEXT_12: &str = r#""odata.metadata":"http://github.com/ICMEC/ProjectVic/DataModels/1.2.xml#Cases""#;
const CONTEXT_13: &str = r#""odata.metadata":"http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#Cases""#;

type Read = Result<(CaseSummary, Vec<CaseMedia>), FormatsError>;

fn read_path(path: &Path, options: &CaseReadOptions) -> Read {
    let mut media = Vec::new();
    let summary = case::read(path, Some(CaseKind::Vics), options, &mut |record| {
        media.push(record);
        ControlFlow::Continue(())
    })?;
    assert_eq!(summary.records, media.len() as u64);
    assert_eq!(summary, case::preview(path, Some(CaseKind::Vics), options).unwrap());
    Ok((summary, media))
}

fn read_with(bytes: &[u8], options: &CaseReadOptions) -> Read {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    read_path(file.path(), options)
}

fn read(bytes: impl AsRef<[u8]>) -> (CaseSummary, Vec<CaseMedia>) {
    read_with(bytes.as_ref(), &CaseReadOptions::default()).unwrap()
}

/// Makes a case of these records, under a 2.0 context.
fn case_of(records: &str) -> String {
    format!(r#"{{{CONTEXT_20},"value":[{{"CaseID":"{{1-2}}","Media":[{records}]}}]}}"#)
}

/// Reads one record.
fn record(record: &str) -> (CaseSummary, CaseMedia) {
    let (summary, mut media) = read(case_of(record));
    assert_eq!(media.len(), 1);
    (summary, media.remove(0))
}

fn remarks(summary: &CaseSummary) -> String {
    summary.remarks.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn refusal(bytes: impl AsRef<[u8]>) -> (u64, String) {
    match read_with(bytes.as_ref(), &CaseReadOptions::default()) {
        Err(FormatsError::Invalid { kind: ListKind::VicsCase, offset, what, .. }) => (offset, what),
        other => panic!("{other:?}"),
    }
}

#[test]
fn all_fields_of_2_0_are_read() {
    let file = format!(
        r#"{{{CONTEXT_20},"value":[{{"CaseID":"{{AB-1}}","CaseNumber":"7/26","ContactOrganization":"Unit","ContactName":"A",
        "ContactPhone":"1","ContactEmail":"a@b","ContactTitle":"t","TotalMediaFiles":1,"TotalPrecategorized":0,
        "SeizureDate":"2026-01-02","SourceApplicationName":"Tool","SourceApplicationVersion":"7.1",
        "CaseMetadata":[{{"PropertyName":"p","PropertyValue":"v"}}],"Media":[{{"MediaID":1,"Category":2,"MD5":"{MD5}",
        "SHA1":"{SHA1}","MediaSize":3,"MimeType":"image/jpeg","RelativeFilePath":"Files\\ab\\X","VictimIdentified":true,
        "OffenderIdentified":false,"IsDistributed":true,"IsSuspected":false,"IsPrecategorized":true,
        "PrecategorizationSource":"C:\\sets\\a.json","SelfGenerated":false,"Series":"a,b","Tags":"t1,t2","Comments":"c",
        "DateUpdated":"2020-01-02T03:04:05.0000830Z","PhotoDNA":"{}",
        "MediaFiles":[{{"MD5":"{MD5}","FileName":"a.jpg","FilePath":"C:\\x\\","Created":"1/2/2020 3:04:05 AM (UTC-5)",
        "Written":"/Date(1577934245000)/","Accessed":"2020-01-02T03:04:05+02:00Z","Unallocated":true,"Deleted":false,
        "ParentMD5":"{MD5}","ParentFileName":"a.zip","ParentFilePath":"C:\\x","ParentPhysicalLocation":12,
        "PhysicalLocation":34,"SourceID":"disk 1"}}],
        "Exifs":[{{"MD5":"{MD5}","PropertyName":"Make","PropertyValue":"Demo"}}],
        "MediaMetadata":[{{"MD5":"{MD5}","PropertyName":"Width","PropertyValue":5}}],
        "Segments":[{{"MD5":"{MD5}","SegmentIndex":0,"Start":"0","End":"9","Category":1}}],
        "Repositories":[{{"MD5":"{MD5}","RepositoryName":"r"}}]}}]}}]}}"#,
        "TWFu".repeat(48)
    );
    let (summary, media) = read(&file);
    let head = &summary.cases[0];
    assert_eq!((head.case_id.as_str(), head.case_number.as_str()), ("{AB-1}", "7/26"));
    assert_eq!((head.tool_and_version().as_str(), head.profile_name.as_deref()), ("Tool 7.1", Some("US")));
    assert_eq!((head.declared_media, head.declared_precategorized), (Some(1), Some(0)));
    assert_eq!(head.unknown[0].0, "CaseMetadata");
    assert_eq!(summary.profile, Profile::parse("US").ok());
    assert!(summary.notes.is_empty() && summary.remarks.is_empty(), "{summary:?}");

    let media = &media[0];
    assert_eq!((media.record, media.case, media.media_id.as_deref()), (1, 0, Some("1")));
    assert_eq!((media.md5.unwrap().to_string(), media.sha1.unwrap().to_string()), (MD5.into(), SHA1.into()));
    assert_eq!((media.size_bytes, media.mime.as_str()), (Some(3), "image/jpeg"));
    assert_eq!(media.stored, [b"Files/ab/X".to_vec(), b"Files\\ab\\X".to_vec()]);
    let opinion = &media.opinion;
    assert_eq!((opinion.tool.as_str(), &opinion.code), ("Tool 7.1", &Some(CategoryCode("2".into()))));
    assert_eq!(opinion.profile, Profile::parse("US").ok());
    assert_eq!((opinion.flags.victim_identified, opinion.flags.offender_identified), (Some(true), Some(false)));
    assert_eq!((opinion.flags.suspected, opinion.flags.baseline), (Some(false), None));
    assert_eq!((opinion.series.as_str(), opinion.tags.as_str(), opinion.comments.as_str()), ("a,b", "t1,t2", "c"));
    assert_eq!(opinion.updated_raw.as_deref(), Some("2020-01-02T03:04:05.0000830Z"));
    assert_eq!(media.precategorized, Some(true));
    assert_eq!(media.precategorization_source, "C:\\sets\\a.json");
    assert_eq!(&media.photodna.as_ref().unwrap().0[..3], b"Man");
    let place = &media.files[0];
    assert_eq!(place.label().0, b"C:/x/a.jpg");
    assert_eq!(place.created_raw.as_deref(), Some("1/2/2020 3:04:05 AM (UTC-5)"));
    assert_eq!(place.written_raw.as_deref(), Some("/Date(1577934245000)/"));
    assert_eq!(place.accessed_raw.as_deref(), Some("2020-01-02T03:04:05+02:00Z"));
    assert_eq!((place.unallocated, place.deleted), (Some(true), Some(false)));
    assert_eq!(
        (place.physical_location.as_deref(), place.parent_physical_location.as_deref()),
        (Some("34"), Some("12"))
    );
    assert_eq!((place.parent_md5.as_deref(), place.source_id.as_deref()), (Some(MD5), Some("disk 1")));
    assert_eq!((media.exif[0].name.as_str(), media.exif[0].value.as_str()), ("Make", "Demo"));
    assert_eq!(media.metadata[0].value, "5");
    let unknown: Vec<&str> = media.unknown.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(unknown, ["Segments", "Repositories"]);
    assert!(media.unknown[0].1.contains("\"SegmentIndex\":0"), "{:?}", media.unknown);
}

#[test]
fn older_versions_and_no_context_are_read() {
    for (context, version) in
        [(format!("{CONTEXT_12},"), Some("1.2")), (format!("{CONTEXT_13},"), Some("1.3")), (String::new(), None)]
    {
        let file = format!(
            r#"{{{context}"value":[{{"odata.id":"Case(\"1\")","Media@odata.navigationLinkUrl":"/x","Media":[{{"odata.id":"Media(\"1\")",
            "MediaID":0,"MD5":"{MD5}","MediaSize":"3","Miniature":"/9j/4AAQ","AlternativeHashes":[{{"MD5":"{MD5}",
            "HashName":"PhotoDNA","HashValue":"{}"}}]}}]}}]}}"#,
            "TWFu".repeat(48)
        );
        let (summary, media) = read(&file);
        assert_eq!((summary.version.as_deref(), summary.profile.clone()), (version, None));
        assert_eq!((media[0].media_id.as_deref(), media[0].size_bytes), (Some("0"), Some(3)));
        assert!(media[0].photodna.is_some() && media[0].alternatives.is_empty());
        assert_eq!(media[0].unknown, [("odata.id".into(), r#""Media(\"1\")""#.into())]);
        assert_eq!(remarks(&summary), "1 × Miniature, a small picture of the file, not kept");
        assert!(summary.notes.contains(&CaseNote::NoScheme));
        assert_eq!(summary.cases[0].unknown.len(), 2);
    }
}

#[test]
fn one_file_named_by_many_records_keeps_every_place() {
    let one = |id: u32, name: &str, category: &str| {
        format!(
            r#"{{"MediaID":{id},"Category":{category},"MD5":"{MD5}","RelativeFilePath":"Files\\X",
            "MediaFiles":[{{"FileName":"{name}","FilePath":"x"}}]}}"#
        )
    };
    let records = [one(1, "a", "1"), one(1, "b", "2"), one(1, "c", "null")].join(",");
    let (summary, media) = read(case_of(&records));
    assert_eq!((summary.records, summary.places), (3, 3));
    let numbers: Vec<u64> = media.iter().map(|media| media.record).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert!(media.iter().all(|one| one.stored[0] == b"Files/X" && one.md5 == media[0].md5));
    // Two verdicts on one file are two opinions.
    let codes: Vec<Option<&str>> = media.iter().map(|m| m.opinion.code.as_ref().map(|code| code.0.as_str())).collect();
    assert_eq!(codes, [Some("1"), Some("2"), None]);
    assert_eq!(
        summary.categories.iter().map(|(code, count)| (code.as_str(), *count)).collect::<Vec<_>>(),
        [("", 1), ("1", 1), ("2", 1)]
    );
}

#[test]
fn digests_that_identify_nothing_are_set_aside_and_kept() {
    for (digest, why) in [
        ("\"\"", None),
        ("null", None),
        ("\"xyz\"", Some("MD5 that is none")),
        ("\"00000000000000000000000000000000\"", Some("MD5 that is none")),
        ("12", Some("MD5 that is none")),
        (&format!("\"{}\"", EMPTY[0]), Some("digest of an empty file")),
    ] {
        let (summary, media) = record(&format!(r#"{{"MD5":{digest},"SHA1":"{SHA1}"}}"#));
        assert_eq!((media.md5, media.sha1.map(|digest| digest.to_string())), (None, Some(SHA1.into())), "{digest}");
        match why {
            None => assert!(media.unknown.is_empty() && summary.remarks.is_empty()),
            Some(why) => {
                assert_eq!(media.unknown, [("MD5".into(), digest.to_owned())]);
                assert!(remarks(&summary).contains(why), "{digest}: {}", remarks(&summary));
            }
        }
    }
    let (_, media) =
        record(&format!(r#"{{"sha256":"{}","md5":"{}"}}"#, SHA256.to_ascii_uppercase(), MD5.to_ascii_uppercase()));
    assert_eq!((media.sha256.unwrap().to_string(), media.md5.unwrap().to_string()), (SHA256.into(), MD5.into()));
}

#[test]
fn flags_have_three_values_in_every_style() {
    for (text, want) in [
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
        let (summary, media) = record(&format!(r#"{{"MD5":"{MD5}","IsDistributed":{text}}}"#));
        assert_eq!(media.opinion.flags.distributed, want, "{text}");
        assert_eq!(media.opinion.flags.suspected, None);
        assert!(summary.remarks.is_empty());
    }
    let (summary, media) = record(&format!(r#"{{"MD5":"{MD5}","IsDistributed":"maybe"}}"#));
    assert_eq!((media.opinion.flags.distributed, &media.unknown[0].1), (None, &"\"maybe\"".to_owned()));
    assert!(remarks(&summary).contains("IsDistributed that is none"));
}

#[test]
fn codes_that_mean_two_things_are_questions() {
    let records = ["0", "5", "5", "1", "null"]
        .map(|code| format!(r#"{{"MD5":"{MD5}","Category":{code},"IsPrecategorized":true}}"#));
    let file = case_of(&records.join(","));
    let (summary, media) = read(&file);
    let asked: Vec<(&str, u64, bool)> = summary
        .questions
        .iter()
        .map(|question| (question.code.0.as_str(), question.records, question.ambiguous))
        .collect();
    assert_eq!(asked, [("0", 1, true), ("5", 2, true)]);
    assert!(media.iter().all(|media| media.opinion.meaning.is_none()));
    assert!(remarks(&summary).contains("IsPrecategorized without a Category"));

    let mut options = CaseReadOptions::default();
    options.meanings.insert(CategoryCode("5".into()), CodeMeaning::Uncategorized);
    let (summary, media) = read_with(file.as_bytes(), &options).unwrap();
    assert_eq!(summary.questions.len(), 1);
    assert_eq!((media[0].opinion.meaning, media[1].opinion.meaning), (None, Some(CodeMeaning::Uncategorized)));

    // Without a scheme, every code is a question, until a person chooses one.
    let unknown = file.replace("/US/", "/Default/");
    let (summary, media) = read(&unknown);
    assert_eq!((summary.questions.len(), summary.profile, media[3].opinion.profile.clone()), (3, None, None));
    let options = CaseReadOptions { profile: Profile::parse("UK").ok(), ..CaseReadOptions::default() };
    let (summary, media) = read_with(unknown.as_bytes(), &options).unwrap();
    assert_eq!((summary.questions.len(), &media[3].opinion.profile), (2, &options.profile));
}

#[test]
fn what_stands_after_the_records_is_told_of_them() {
    let file = format!(
        r#"{{"value":[{{"Media":[{{"MD5":"{MD5}","Category":1}}],"SourceApplicationName":"Late","CaseID":"1"}}],{CONTEXT_20}}}"#
    );
    let (summary, media) = read(&file);
    assert_eq!((media[0].opinion.tool.as_str(), &media[0].opinion.profile), ("Late", &Profile::parse("US").ok()));
    assert_eq!(summary.cases[0].profile_name.as_deref(), Some("US"));
}

#[test]
fn several_cases_keep_their_tools_apart() {
    let one =
        |tool: &str| format!(r#"{{"SourceApplicationName":"{tool}","Media":[{{"MD5":"{MD5}"}}],"TotalMediaFiles":9}}"#);
    let (summary, media) = read(format!(r#"{{{CONTEXT_20},"value":[{},{}]}}"#, one("A"), one("B")));
    assert_eq!((media[0].opinion.tool.as_str(), media[1].opinion.tool.as_str(), media[1].case), ("A", "B", 1));
    assert!(summary.notes.contains(&CaseNote::Declared { media: 18, records: 2 }), "{:?}", summary.notes);
}

#[test]
fn stored_paths_never_lead_out() {
    for (path, want) in [
        ("..\\\\..\\\\x", PathRefusal::Climbs),
        ("/etc/passwd", PathRefusal::Absolute),
        ("C:\\\\x", PathRefusal::Absolute),
        ("\\\\\\\\host\\\\x", PathRefusal::Absolute),
        ("a\\u0000", PathRefusal::Zero),
    ] {
        let (summary, media) = record(&format!(r#"{{"MD5":"{MD5}","RelativeFilePath":"{path}"}}"#));
        assert_eq!((media.stored_refused, media.stored.len()), (Some(want), 0), "{path}");
        assert!(media.stored_raw.is_some());
        assert_eq!((summary.stored_refused, summary.without_stored), (1, 0));
        assert!(remarks(&summary).contains("not followed"));
    }
    let (summary, _) = record(&format!(r#"{{"MD5":"{MD5}"}}"#));
    assert_eq!((summary.stored_refused, summary.without_stored), (0, 1));
}

#[test]
fn a_place_is_taken_only_where_it_is_told() {
    let exif = |rows: &[(&str, &str)]| {
        let rows: Vec<String> = rows
            .iter()
            .map(|(name, value)| format!(r#"{{"PropertyName":"{name}","PropertyValue":"{value}"}}"#))
            .collect();
        record(&format!(r#"{{"MD5":"{MD5}","Exifs":[{}]}}"#, rows.join(","))).1
    };
    let told = exif(&[
        ("GPS Latitude", "12 deg 30'0\\\""),
        ("GPS Latitude Ref", "South"),
        ("GPS Longitude", "4,5"),
        ("GPS Longitude Ref", "E"),
    ]);
    let fix = told.gps.unwrap();
    assert_eq!((fix.latitude, fix.longitude), (-12.5, 4.5));
    let half = exif(&[("GPS Latitude", "12.5"), ("GPS Longitude", "4.5"), ("GPS Longitude Ref", "E")]);
    assert_eq!((half.gps, half.exif.len()), (None, 3));
}

#[test]
fn perceptual_values_are_used_only_where_they_are_the_records_own() {
    let pdq = "ab".repeat(32);
    let hash =
        |md5: &str, name: &str, value: &str| format!(r#"{{"MD5":"{md5}","HashName":"{name}","HashValue":"{value}"}}"#);
    let other = "92eb5ffee6ae2fec3ad71c777531578f";
    let read = |hashes: &[String]| record(&format!(r#"{{"MD5":"{MD5}","AlternativeHashes":[{}]}}"#, hashes.join(",")));

    let (_, own) = read(&[hash(MD5, "PDQ", &pdq), hash("", "pdq", &pdq)]);
    assert_eq!((own.pdq.unwrap().to_string(), own.alternatives.len()), (pdq.clone(), 0));
    let (summary, foreign) = read(&[hash(other, "PDQ", &pdq)]);
    assert_eq!((foreign.pdq, foreign.alternatives[0].unknown.len()), (None, 1));
    assert!(remarks(&summary).contains("another MD5"));
    let (summary, two) = read(&[hash(MD5, "PDQ", &pdq), hash(MD5, "PDQ", &"cd".repeat(32))]);
    assert_eq!((two.pdq, two.alternatives.len()), (None, 2));
    assert!(remarks(&summary).contains("two different"));
    let (summary, named) = read(&[hash(MD5, "PhotoDNA", "PhotoDNA"), hash(MD5, "Other", "x")]);
    assert_eq!((named.photodna, named.alternatives.len()), (None, 2));
    assert!(remarks(&summary).contains("only its own name"));
}

#[test]
fn unknown_fields_are_kept_as_they_stood() {
    let odd = r#"{"a":[1,-2.50,{"b":null}],"t":"\u00e9\n"}"#;
    let file = format!(
        r#"{{{CONTEXT_20},"@odata.count":1,"value":[{{"New":{odd},"Media":[{{"MD5":"{MD5}","md5":"{MD5}","New":{odd},
        "MediaFiles":[{{"FileName":"a","FilePath":"b","New":{odd},"MD5":"92eb5ffee6ae2fec3ad71c777531578f"}}],
        "Exifs":[{{"PropertyName":"a","PropertyValue":"b","New":true}}],"Series":["a"]}}]}}]}}"#
    );
    let (summary, media) = read(&file);
    let kept = r#"{"a":[1,-2.50,{"b":null}],"t":"é\u000a"}"#.to_owned();
    assert_eq!(summary.unknown, [("@odata.count".into(), "1".into())]);
    assert_eq!(summary.cases[0].unknown, [("New".into(), kept.clone())]);
    let media = &media[0];
    assert_eq!(
        media.unknown,
        [("md5".into(), format!("\"{MD5}\"")), ("New".into(), kept.clone()), ("Series".into(), r#"["a"]"#.into()),]
    );
    assert_eq!(media.files[0].unknown[0], ("New".into(), kept));
    assert_eq!(media.files[0].unknown[1].0, "MD5");
    assert_eq!(media.exif[0].unknown, [("New".into(), "true".into())]);
    assert!(remarks(&summary).contains("MD5 that is none, or stands twice"));
}

#[test]
fn bytes_that_are_no_text_are_kept_in_paths() {
    let mut file = case_of(r#"{"MD5":"","MediaFiles":[{"FileName":"#).into_bytes();
    file.truncate(file.len() - 4);
    file.extend_from_slice(b"\"\xe9.jpg\",\"FilePath\":\"C:\\\\caf\xe9\"}],\"Comments\":\"caf\xe9\"}]}]}");
    let (summary, media) = read(&file);
    assert_eq!(media[0].files[0].label().0, b"C:/caf\xe9/\xe9.jpg");
    assert_eq!(media[0].opinion.comments, "caf\u{fffd}");
    assert!(remarks(&summary).contains("no UTF-8"));
}

#[test]
fn long_texts_are_kept_and_huge_ones_counted() {
    let long = "x".repeat(100_000);
    let (_, media) = record(&format!(r#"{{"MD5":"{MD5}","Comments":"{long}"}}"#));
    assert_eq!(media.opinion.comments.len(), 100_000);
    let huge = "x".repeat((1 << 20) + 1);
    let (summary, media) = record(&format!(r#"{{"MD5":"{MD5}","Comments":"{huge}"}}"#));
    assert_eq!(media.opinion.comments, "");
    assert!(remarks(&summary).contains("text of more than 1 MiB"));
}

#[test]
fn a_byte_order_mark_and_utf_16_are_read() {
    let file = case_of(&format!(r#"{{"MD5":"{MD5}"}}"#));
    read([b"\xEF\xBB\xBF", file.as_bytes()].concat());
    let wide: Vec<u8> = "\u{feff}".encode_utf16().chain(file.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let (_, media) = read(wide);
    assert!(media[0].md5.is_some());
}

#[test]
fn damage_is_refused_with_its_byte() {
    let whole = case_of(&format!(r#"{{"MD5":"{MD5}","IsSuspected":"true""}}"#));
    let (offset, what) = refusal(&whole);
    assert_eq!(&whole[offset as usize - 2..offset as usize], "e\"");
    assert!(what.contains("second quotation mark"), "{what}");
    let (_, what) = refusal(case_of(r#"{"RelativeFilePath":"Files\q"}"#));
    assert!(what.contains("escapes nothing"), "{what}");
    let (_, what) = refusal(format!("{{{CONTEXT_20}}}"));
    assert!(what.contains("no list of cases"), "{what}");
    let (_, what) = refusal(format!(r#"{{{CONTEXT_20},"value":[{{"Media":{{}}}}]}}"#));
    assert!(what.contains("no list of records"), "{what}");
    let (_, what) = refusal(format!(r#"{{{CONTEXT_20},{CONTEXT_12},"value":[]}}"#));
    assert!(what.contains("two contexts"), "{what}");
}

#[test]
fn a_truncated_case_hands_nothing_on() {
    let record = format!(r#"{{"MD5":"{MD5}","Category":1}}"#);
    let whole = case_of(&[record.as_str(); 3].join(","));
    let first_record = whole.find("{\"MD5\"").unwrap();
    for end in first_record..whole.len() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&whole.as_bytes()[..end]).unwrap();
        let mut handed = 0;
        let outcome = case::read(file.path(), Some(CaseKind::Vics), &CaseReadOptions::default(), &mut |_| {
            handed += 1;
            ControlFlow::Continue(())
        });
        match outcome {
            Err(FormatsError::Invalid { offset, what, .. }) => {
                assert_eq!((offset, handed), (end as u64, 0), "{what}");
                assert!(what.contains("the file ends"), "{what}");
            }
            other => panic!("cut at {end}: {other:?}"),
        }
    }
}

#[test]
fn a_hash_set_and_other_json_are_no_case() {
    let options = CaseReadOptions::default();
    let set = format!(r#"{{{},"value":[{{"MediaID":1,"MD5":"{MD5}"}}]}}"#, CONTEXT_20.replace("#Cases", "#Media"));
    assert!(matches!(read_with(set.as_bytes(), &options), Err(FormatsError::HashSet { .. })));
    let bare = format!(r#"{{"value":[{{"MediaID":1,"MD5":"{MD5}"}}]}}"#);
    assert!(matches!(read_with(bare.as_bytes(), &options), Err(FormatsError::HashSet { .. })));
    for other in ["{}", "[]", "{\"value\":[]}", "", "x", "{\"value\":[{\"a\":1}]}"] {
        let got = read_with(other.as_bytes(), &options);
        assert!(matches!(got, Err(FormatsError::NotRecognised { .. })), "{other}: {got:?}");
    }
}

fn zip_of(members: &[(&str, &[u8])]) -> tempfile::NamedTempFile {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&archive.finish().unwrap().into_inner()).unwrap();
    file
}

#[test]
fn pictures_and_films_of_an_archive_are_one_case() {
    let one = case_of(&format!(r#"{{"MD5":"{MD5}","RelativeFilePath":"Files\\ab\\X"}}"#));
    let file = zip_of(&[
        ("out/VICS_Pictures_Results.json", one.as_bytes()),
        ("out/VICS_Movies_Results.json", one.as_bytes()),
        ("out\\Files\\ab\\X", b"a picture"),
        // A stored file that looks like a case is a stored file.
        ("out/Files/ab/Y", one.as_bytes()),
        ("out/settings.json", b"{\"value\": 1}"),
    ]);
    let (summary, media) = read_path(file.path(), &CaseReadOptions::default()).unwrap();
    assert_eq!((summary.records, summary.cases.len()), (2, 2));
    assert_eq!((media[1].record, media[1].case), (2, 1));
    assert_eq!(media[0].stored[0], b"out/Files/ab/X");

    let cut = zip_of(&[("a.json", one.as_bytes()), ("b.json", &one.as_bytes()[..one.len() - 3])]);
    match read_path(cut.path(), &CaseReadOptions::default()) {
        Err(FormatsError::Invalid { member, .. }) => assert_eq!(member.as_deref(), Some("b.json")),
        other => panic!("{other:?}"),
    }
    let empty = zip_of(&[("a.txt", b"x")]);
    assert!(matches!(read_path(empty.path(), &CaseReadOptions::default()), Err(FormatsError::NotRecognised { .. })));
    let two = zip_of(&[("a.json", one.as_bytes()), ("b.json", one.replace("/US/", "/UK/").as_bytes())]);
    assert!(matches!(read_path(two.path(), &CaseReadOptions::default()), Err(FormatsError::Invalid { .. })));
}

#[test]
fn a_bomb_and_a_deep_nest_are_over_a_limit() {
    let bomb = case_of(&format!(r#"{{"MD5":"{MD5}","New":"{}"}}"#, "0".repeat(3 << 20)));
    let file = zip_of(&[("a.json", bomb.as_bytes())]);
    let limits = FormatLimits { ratio: 10, ratio_free_bytes: 1 << 20, ..FormatLimits::default() };
    let options = CaseReadOptions { limits, ..CaseReadOptions::default() };
    assert!(matches!(read_path(file.path(), &options), Err(FormatsError::Limit { .. })));
    let deep = case_of(&format!(r#"{{"New":{}1{}}}"#, "[".repeat(100), "]".repeat(100)));
    let got = read_with(deep.as_bytes(), &CaseReadOptions::default());
    assert!(matches!(got, Err(FormatsError::Limit { .. })), "{got:?}");
}

#[test]
fn a_reader_that_has_enough_is_told_so() {
    let record = format!(r#"{{"MD5":"{MD5}"}}"#);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(case_of(&[record.as_str(); 3].join(",")).as_bytes()).unwrap();
    let mut seen = 0;
    let got = case::read(file.path(), None, &CaseReadOptions::default(), &mut |_| {
        seen += 1;
        if seen == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(got, Err(FormatsError::Stopped { .. })) && seen == 2);
    let got = case::preview(file.path(), Some(CaseKind::C4All), &CaseReadOptions::default());
    assert!(matches!(got, Err(FormatsError::NotRecognised { .. })));
}
