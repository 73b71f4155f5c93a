//! Tests of what is written: our own readers read it back without loss, and its form is that of the strictest reader.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io::Write;
use std::ops::ControlFlow;

use domain::{Category, CategoryCode, Md5, Pdq, PhotoDna, Profile, Scheme, SchemeId, Sha1, Sha256, Verdict};
use proptest::prelude::*;

use super::*;
use crate::case::{self, AlternativeHash, CaseReadOptions};
use crate::testing::{flags, harmful_text, items, read_bytes};
use crate::{FormatsError, ListKind};

fn set_bytes(head: &SetHead, items: &[ClassifiedItem]) -> (Vec<u8>, Written) {
    let mut out = Vec::new();
    let written = write_set(&mut out, head, items.iter().cloned().map(Ok::<_, Infallible>)).unwrap();
    (out, written)
}

fn case_bytes(head: &CaseHead, media: &[CaseMedia]) -> Vec<u8> {
    let mut out = Vec::new();
    write_case(&mut out, head, None, media.iter().cloned().map(Ok::<_, Infallible>)).unwrap();
    out
}

fn read_case(bytes: &[u8]) -> (case::CaseSummary, Vec<CaseMedia>) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let mut media = Vec::new();
    let summary =
        crate::case::read(file.path(), Some(crate::CaseKind::Vics), &CaseReadOptions::default(), &mut |record| {
            media.push(record);
            ControlFlow::Continue(())
        })
        .unwrap();
    (summary, media)
}

/// Makes the unknown fields of one object; their names are none that is known.
fn kept() -> impl Strategy<Value = Vec<Kept>> {
    let value = prop_oneof![
        Just("null".to_owned()),
        Just("[1,-2.5e3,{\"a\":[]},\"x\"]".to_owned()),
        harmful_text().prop_map(|text| {
            let mut out = String::new();
            json_text(&text, &mut out);
            out
        }),
    ];
    proptest::collection::vec((harmful_text().prop_map(|text| format!("New {text}")), value), 0..2)
}

fn some_text() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(harmful_text().prop_filter("blank is absent", |text| !text.is_empty()))
}

fn some_path() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![harmful_text().prop_map(String::into_bytes), proptest::collection::vec(any::<u8>(), 1..9)]
}

prop_compose! {
    fn place()(
        path in some_path(), name in some_path(),
        dates in [some_text(), some_text(), some_text(), some_text()],
        ids in [some_text(), some_text(), some_text(), some_text()],
        flags in any::<[Option<bool>; 2]>(),
        parents in [proptest::option::of(some_path()), proptest::option::of(some_path())],
        unknown in kept(),
    ) -> CaseFilePlace {
        let [created_raw, written_raw, accessed_raw, deleted_raw] = dates;
        let [source_id, physical_location, parent_md5, parent_physical_location] = ids;
        let [parent_name, parent_path] = parents.map(|path| path.filter(|path| !path.is_empty()));
        let [deleted, unallocated] = flags;
        CaseFilePlace {
            path, name, created_raw, written_raw, accessed_raw, deleted_raw, deleted, unallocated, source_id,
            physical_location, parent_md5, parent_name, parent_path, parent_physical_location, unknown,
        }
    }
}

prop_compose! {
    fn property()(name in harmful_text(), value in harmful_text(), unknown in kept()) -> CaseProperty {
        CaseProperty { name, value, unknown }
    }
}

prop_compose! {
    fn media()(
        id in some_text(),
        digests in (any::<Option<[u8; 16]>>(), any::<Option<[u8; 20]>>(), any::<Option<[u8; 32]>>()),
        size_bytes in any::<Option<u64>>(),
        texts in [harmful_text(), harmful_text(), harmful_text(), harmful_text(), harmful_text()],
        updated in some_text(),
        stored in proptest::option::of(some_path()),
        files in proptest::collection::vec(place(), 0..3),
        exif in proptest::collection::vec(property(), 0..3),
        metadata in proptest::collection::vec(property(), 0..2),
        code in proptest::option::of("[0-9]|[A-C]{1,3}|-?[1-9][0-9]"),
        (flags, precategorized) in (flags(), any::<Option<bool>>()),
        (pdq, photodna) in (any::<Option<[u8; 32]>>(), any::<Option<u8>>()),
        alternative in proptest::option::of((harmful_text(), harmful_text(), kept())),
        unknown in kept(),
    ) -> CaseMedia {
        let mut media = CaseMedia::bare(0);
        media.media_id = id;
        media.md5 = digests.0.map(Md5);
        media.sha1 = digests.1.map(Sha1);
        media.sha256 = digests.2.map(Sha256);
        media.size_bytes = size_bytes;
        [media.mime, media.precategorization_source, media.opinion.series, media.opinion.tags, media.opinion.comments] = texts;
        media.opinion.updated_raw = updated;
        media.stored_raw = stored.filter(|path| !path.is_empty());
        media.files = files;
        media.exif = exif;
        media.metadata = metadata;
        media.opinion.code = code.map(CategoryCode);
        media.opinion.flags = flags;
        media.precategorized = precategorized;
        media.pdq = pdq.map(Pdq);
        media.photodna = photodna.map(|byte| PhotoDna(Box::new([byte; 144])));
        media.alternatives = alternative.map(|(name, value, unknown)| AlternativeHash { name, value, unknown }).into_iter().collect();
        media.unknown = unknown;
        media
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_case_comes_back_without_loss(
        media in proptest::collection::vec(media(), 0..4),
        texts in [harmful_text(), harmful_text(), harmful_text(), harmful_text(), harmful_text()],
        unknown in kept(),
        profile in proptest::option::of(Just("UK".to_owned())),
    ) {
        let [case_id, case_number, organization, contact_name, tool] = texts;
        let mut head = CaseHead {
            case_id, case_number, organization, contact_name, tool, unknown, profile_name: profile, ..CaseHead::default()
        };
        head.tool_version = "7".to_owned();
        let (summary, read) = read_case(&case_bytes(&head, &media));
        head.declared_media = Some(media.len() as u64);
        head.profile_name.get_or_insert_with(|| "Default".to_owned());
        prop_assert_eq!(&summary.cases[0], &head);
        prop_assert_eq!(read.len(), media.len());
        for (number, (got, mut want)) in read.into_iter().zip(media).enumerate() {
            want.record = number as u64 + 1;
            want.opinion.tool = head.tool_and_version();
            want.opinion.profile = summary.profile.clone();
            // What follows from the rest is not written.
            want.stored.clone_from(&got.stored);
            want.stored_refused = got.stored_refused;
            want.gps = got.gps;
            prop_assert_eq!(got, want);
        }
    }

    #[test]
    fn a_set_comes_back_without_loss(items in items()) {
        let (bytes, written) = set_bytes(&SetHead::default(), &items);
        prop_assert_eq!(written, Written { records: items.len() as u64, left_out: 0 });
        if items.is_empty() {
            return Ok(());
        }
        let got = read_bytes(&bytes).unwrap();
        prop_assert_eq!(got.summary.head.kind, ListKind::Vics);
        prop_assert_eq!(got.entries.len(), items.len());
        for (entry, item) in got.entries.iter().zip(&items) {
            prop_assert_eq!(entry.digests.md5, Some(item.digests.md5));
            prop_assert_eq!(entry.digests.sha1, Some(item.digests.sha1));
            prop_assert_eq!(entry.digests.sha256, Some(item.digests.sha256));
            prop_assert_eq!(entry.size_bytes, Some(item.digests.size_bytes).filter(|size| *size > 0));
            let number = |code: &CategoryCode| code.0.parse::<i64>().map_or_else(|_| code.0.clone(), |n| n.to_string());
            let verdict = item.category.as_ref().map_or(Verdict::Unclassified, |code| Verdict::Category(CategoryCode(number(code))));
            prop_assert_eq!(&entry.verdict, &verdict);
            prop_assert_eq!(entry.flags, item.flags);
            prop_assert_eq!(entry.pdq, item.pdq);
            let shown: String = crate::case::series_list(&item.series).chars().filter(|c| !domain::is_unsafe_to_show(*c)).collect();
            prop_assert_eq!(&entry.series, shown.trim());
        }
    }

    /// What stands in the file does nothing where it is shown: no mark of a page, no direction, no control but line ends.
    #[test]
    fn what_is_written_is_inert(items in items(), media in media()) {
        let head = CaseHead::default();
        for bytes in [set_bytes(&SetHead::default(), &items).0, case_bytes(&head, &[media])] {
            let text = String::from_utf8(bytes).unwrap();
            let odd = text.chars().find(|c| (*c != '\n' && domain::is_unsafe_to_show(*c)) || matches!(c, '<' | '>' | '\''));
            prop_assert_eq!(odd, None, "{}", text);
            serde_json::from_str::<serde_json::Value>(&text).unwrap();
        }
    }
}

fn item(md5: u8, category: Option<&str>) -> ClassifiedItem {
    use domain::{Digests, MediaClass, MediaType, Standing, UtcTime, Vote};
    ClassifiedItem {
        digests: Digests { md5: Md5([md5; 16]), sha1: Sha1([2; 20]), sha256: Sha256([3; 32]), size_bytes: 77 },
        media: MediaType { mime: "image/jpeg".into(), class: MediaClass::Picture },
        category: category.map(|code| CategoryCode(code.into())),
        standing: Some(Standing::OneOpinion),
        votes: vec![Vote { by: "Anna".parse().unwrap(), category: CategoryCode("1".into()), at: UtcTime(1_000_000) }],
        flags: Flags { victim_identified: Some(true), distributed: Some(false), ..Flags::default() },
        series: vec!["Willow".into(), "Oak".into()],
        pdq: Some(Pdq([0xab; 32])),
        vetoes: Vec::new(),
        occurrences: 4,
    }
}

#[test]
fn the_plain_form_is_that_of_the_strictest_reader() {
    let (bytes, _) = set_bytes(&SetHead::default(), &[item(1, Some("1")), item(4, None)]);
    let text = String::from_utf8(bytes).unwrap();
    let start = r#"{"@odata.context":"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/Default/$metadata#Media","value":["#;
    let md5 = "01".repeat(16);
    let record = format!(
        r#"{{"MediaID":1,"Category":1,"MD5":"{md5}","SHA1":"{}","SHA256":"{}","MediaSize":77,"MimeType":"image/jpeg","VictimIdentified":true,"IsDistributed":false,"Series":"Willow, Oak","DateUpdated":"1970-01-01T00:00:01Z","AlternativeHashes":[{{"MD5":"{md5}","HashName":"PDQ","HashValue":"{}"}}]}}"#,
        "02".repeat(20),
        "03".repeat(32),
        "ab".repeat(32)
    );
    let second = record.replace(&md5, &"04".repeat(16)).replace("\"MediaID\":1,\"Category\":1,", "\"MediaID\":2,");
    assert_eq!(text, format!("{start}\n{record},\n{second}\n]}}\n"));
}

#[test]
fn a_code_becomes_the_number_of_its_scheme() {
    let category = |code: &str, number: Option<&str>| Category {
        code: CategoryCode(code.into()),
        en: String::new(),
        nl: String::new(),
        number: number.map(str::to_owned),
        unclassified: false,
        ambiguous: false,
        ordinary: false,
    };
    let scheme = Scheme {
        id: SchemeId("uk".into()),
        version: 1,
        title: String::new(),
        title_nl: None,
        status: domain::SchemeStatus::Illustration,
        categories: vec![category("A", Some("1")), category("Z", None)],
    };
    let head = SetHead { profile_name: Some("UK".into()), scheme: Some(scheme) };
    let (bytes, _) = set_bytes(&head, &[item(1, Some("A")), item(2, Some("Z"))]);
    let got = read_bytes(&bytes).unwrap();
    assert_eq!(got.summary.head.profile, Profile::parse("UK").ok());
    assert_eq!(got.summary.categories, BTreeMap::from([("1".into(), 1), ("Z".into(), 1)]));
}

#[test]
fn an_empty_file_is_left_out_and_counted() {
    let mut empty = item(1, Some("1"));
    empty.digests.sha1 = crate::testing::EMPTY[1].parse().unwrap();
    let (_, written) = set_bytes(&SetHead::default(), &[empty, item(2, None)]);
    assert_eq!(written, Written { records: 1, left_out: 1 });
}

#[test]
fn a_case_of_our_own_items_comes_back() {
    let file = CaseFilePlace { path: "disk/Ω".into(), name: "a.jpg".into(), ..CaseFilePlace::default() };
    let ours = CaseMedia::of_item(1, &item(1, Some("1")), vec![file], Some(b"Files\\01\\X".to_vec()));
    let head = CaseHead { tool: "Zeef".into(), profile_name: Some("US".into()), ..CaseHead::default() };
    let (_, read) = read_case(&case_bytes(&head, std::slice::from_ref(&ours)));
    assert_eq!(read[0].stored[0], b"Files/01/X");
    assert_eq!((&read[0].files, read[0].pdq, &read[0].media_id), (&ours.files, ours.pdq, &Some("1".into())));
    assert_eq!((&read[0].opinion.code, read[0].opinion.flags), (&ours.opinion.code, ours.opinion.flags));
    assert_eq!(read[0].opinion.series, "Willow, Oak");
}

#[test]
fn a_profile_cannot_change_the_context() {
    for name in ["", "a/b", "x#Cases", "é", &"x".repeat(61)] {
        let head = SetHead { profile_name: Some(name.to_owned()), scheme: None };
        assert!(matches!(SetWriter::begin(&mut Vec::new(), &head), Err(WriteError::Profile(_))), "{name}");
    }
}

#[test]
fn the_fault_of_whoever_gives_the_items_is_handed_on() {
    let mut out = Vec::new();
    let items = [Ok(item(1, None)), Err(FormatsError::Stopped { path: "x".into() })].into_iter();
    assert!(matches!(write_set(&mut out, &SetHead::default(), items), Err(WriteError::Item(_))));
}
