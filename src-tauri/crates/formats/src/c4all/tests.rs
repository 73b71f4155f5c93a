//! Tests of indexes of C4All as their writers make them, and of what could do harm in XML.

use std::io::Write;
use std::ops::ControlFlow;

use domain::CategoryCode;

use crate::case::{CaseKind, CaseMedia, CaseReadOptions, CaseRemark, CaseSummary, PathRefusal, SetAside};
use crate::testing::{EMPTY, MD5, Random};
use crate::{FormatLimits, FormatsError, ListKind};

fn read_with(bytes: &[u8], options: &CaseReadOptions) -> Result<(CaseSummary, Vec<CaseMedia>), FormatsError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let mut media = Vec::new();
    let summary = crate::case::read(file.path(), Some(CaseKind::C4All), options, &mut |record| {
        media.push(record);
        ControlFlow::Continue(())
    })?;
    Ok((summary, media))
}

fn read(bytes: impl AsRef<[u8]>) -> (CaseSummary, Vec<CaseMedia>) {
    read_with(bytes.as_ref(), &CaseReadOptions::default()).unwrap()
}

fn refusal(bytes: impl AsRef<[u8]>) -> (u64, String) {
    match read_with(bytes.as_ref(), &CaseReadOptions::default()) {
        Err(FormatsError::Invalid { kind: ListKind::C4AllIndex, offset, what, .. }) => (offset, what),
        other => panic!("{other:?}"),
    }
}

fn wide(text: &str) -> Vec<u8> {
    "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

fn index(records: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n<ReportIndex version=\"2.0\" source=\"X-Tool\" dll=\"Demo 1.52\">\r\n\
         {records}</ReportIndex>\r\n"
    )
}

fn record(inner: &str) -> String {
    format!(
        "<Image>\r\n<path><![CDATA[3\\A\\]]></path>\r\n<picture>{MD5}.JPG</picture>\r\n<category>0</category>\r\n<id>1</id>\r\n\
         <fileoffset>0</fileoffset>\r\n<fullpath><![CDATA[E01\\Users\\a & b.jpg]]></fullpath>\r\n<created>1459957943</created>\r\n\
         <accessed></accessed>\r\n<written>1459956378</written>\r\n<deleted>3600</deleted>\r\n<hash>{MD5}</hash>\r\n\
         <myDescription>File, Archive</myDescription>\r\n<physicalLocation>7</physicalLocation>\r\n<tagged>0</tagged>\r\n\
         <subCat> </subCat>\r\n<notes>n&lt;1&gt; &#233;</notes>\r\n<fileSize>482497</fileSize>\r\n{inner}</Image>\r\n"
    )
}

#[test]
fn a_record_is_read_field_by_field() {
    let text = index(&record("<monikers>m</monikers>"));
    for bytes in [wide(&text), text.as_bytes().to_vec()] {
        let (summary, media) = read(&bytes);
        assert_eq!((summary.version.as_deref(), summary.records, summary.places), (Some("2.0"), 1, 1));
        let media = &media[0];
        assert_eq!((media.opinion.tool.as_str(), media.mime.as_str()), ("X-Tool Demo 1.52", "image"));
        assert_eq!(media.md5.unwrap().to_string(), MD5);
        assert_eq!((media.media_id.as_deref(), media.size_bytes), (Some("1"), Some(482_497)));
        assert_eq!(media.stored[0], format!("3/A/{MD5}.JPG").into_bytes());
        assert_eq!((media.opinion.code.clone(), media.opinion.meaning), (Some(CategoryCode("0".into())), None));
        assert_eq!((media.opinion.comments.as_str(), media.opinion.tags.as_str()), ("n<1> é", ""));
        let place = &media.files[0];
        assert_eq!((place.label().0, &place.name[..]), (b"E01/Users/a & b.jpg".to_vec(), &b"a & b.jpg"[..]));
        assert_eq!((place.created_raw.as_deref(), place.accessed_raw.as_deref()), (Some("1459957943"), None));
        // A number of deletion stands in files that were never deleted, so it says nothing.
        assert_eq!((place.deleted_raw.as_deref(), place.deleted), (Some("3600"), None));
        let unknown: Vec<(&str, &str)> =
            media.unknown.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            unknown,
            [
                ("fileoffset", "\"0\""),
                ("myDescription", "\"File, Archive\""),
                ("tagged", "\"0\""),
                ("monikers", "\"m\""),
            ]
        );
        assert_eq!((summary.questions.len(), summary.questions[0].ambiguous), (1, true));
    }
}

#[test]
fn films_and_odd_records_are_kept() {
    let movie = format!(
        "<Movie><path>..\\x\\</path><movie>a.avi</movie><hash>{}</hash><category>x y</category><fileSize>big</fileSize>\
         <sub><a>1</a></sub></Movie><Other><a/></Other>",
        EMPTY[0]
    );
    let (summary, media) = read(index(&movie));
    let media = &media[0];
    assert_eq!(
        (media.mime.as_str(), media.md5, media.opinion.code.clone(), media.size_bytes),
        ("video", None, None, None)
    );
    assert_eq!((media.stored_refused, media.stored.len()), (Some(PathRefusal::Climbs), 0));
    let unknown: Vec<&str> = media.unknown.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(unknown, ["hash", "category", "fileSize", "sub/a"]);
    let remarks = summary.remarks.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    for part in ["hash that is none", "category that is none", "fileSize that is none", "no picture or film"] {
        assert!(remarks.contains(part), "{part}: {remarks}");
    }
}

#[test]
fn an_entity_is_never_declared_or_expanded() {
    let (_, what) = refusal(format!("<!DOCTYPE ReportIndex [<!ENTITY a \"x\">]>{}", index("")));
    assert!(what.contains("document type"), "{what}");
    let (summary, media) = read(index(&record("<x>&a; & &#xZZ; &amp;amp; R&D</x>")));
    assert_eq!(media[0].unknown.last().unwrap().1, r#""\u0026a; \u0026 \u0026#xZZ; \u0026amp; R\u0026D""#);
    assert!(summary.remarks.contains(&CaseRemark { what: SetAside::Ampersand, count: 4 }), "{:?}", summary.remarks);
}

#[test]
fn marks_within_marks_are_text() {
    let (_, media) =
        read(index(&record("<!-- </Image> --><a><![CDATA[x]]]]>]<![CDATA[<b>]]></a><c a='1>2' b=\"&lt;\"/>")));
    assert_eq!(media[0].unknown.last().unwrap(), &("a".to_owned(), r#""x]]]\u003cb\u003e""#.to_owned()));
}

#[test]
fn damage_is_refused_with_its_byte() {
    let text = index(&record("<a>1</b>"));
    let (offset, what) = refusal(&text);
    assert_eq!(&text[offset as usize..offset as usize + 2], "b>");
    assert!(what.contains("ends that is not the one"), "{what}");
    for (damaged, part) in [
        (index("<Image a=1/>"), "no quotation marks"),
        (index("< Image/>"), "a name is missing"),
        (format!("{}x", index("")), "something follows"),
        (format!("{}<a/>", index("")), "second root"),
        (index("<Image a='<'/>"), "within the value"),
    ] {
        let (_, what) = refusal(&damaged);
        assert!(what.contains(part), "{part}: {what}");
    }
}

#[test]
fn a_truncated_index_hands_nothing_on() {
    let text = index(&[record(""), record("")].concat());
    let start = text.find("ReportIndex ").unwrap() + 12;
    let end = text.rfind("</ReportIndex>").unwrap() + "</ReportIndex>".len();
    for end in start..end {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&text.as_bytes()[..end]).unwrap();
        let mut handed = 0;
        let got = crate::case::read(file.path(), Some(CaseKind::C4All), &CaseReadOptions::default(), &mut |_| {
            handed += 1;
            ControlFlow::Continue(())
        });
        assert!(matches!(got, Err(FormatsError::Invalid { .. })) && handed == 0, "cut at {end}: {got:?}");
    }
    let odd = &wide(&text)[..wide(&text).len() - 1];
    assert!(matches!(read_with(odd, &CaseReadOptions::default()), Err(FormatsError::Invalid { .. })));
}

#[test]
fn what_is_too_deep_or_too_long_is_over_a_limit() {
    let deep = index(&format!("<Image>{}{}</Image>", "<a>".repeat(100), "</a>".repeat(100)));
    assert!(matches!(read_with(deep.as_bytes(), &CaseReadOptions::default()), Err(FormatsError::Limit { .. })));
    let limits = FormatLimits { json_text_bytes: 1000, ..FormatLimits::default() };
    let options = CaseReadOptions { limits, ..CaseReadOptions::default() };
    for long in [format!("<a>{}</a>", "x".repeat(2000)), format!("<!--{}-->", "x".repeat(2000))] {
        let got = read_with(index(&record(&long)).as_bytes(), &options);
        assert!(matches!(got, Err(FormatsError::Limit { .. })), "{got:?}");
    }
    let many = format!("<Image {}/>", (0..100).map(|n| format!("a{n}='1' ")).collect::<String>());
    assert!(matches!(read_with(index(&many).as_bytes(), &CaseReadOptions::default()), Err(FormatsError::Limit { .. })));
    let got = read_with(b"<x><ReportIndex/></x>", &CaseReadOptions::default());
    assert!(matches!(got, Err(FormatsError::NotRecognised { .. })), "{got:?}");
}

/// How many damaged copies are read; a second or two.
const ROUNDS: usize = 20_000;

#[test]
fn damage_never_panics_and_never_invents() {
    let text = index(&[record("<a x='1'>&#65;</a>"), record("")].concat());
    let whole = read_stream(text.as_bytes(), 1 << 16).1;
    let mut random = Random::new();
    for _ in 0..ROUNDS {
        let damaged = random.damage(text.as_bytes());
        let (outcome, media) = read_stream(&damaged, 1 << 16);
        let same = text.bytes().zip(&damaged).take_while(|(one, other)| one == *other).count();
        let complete = text[..same].matches("</Image>").count().min(2);
        assert_eq!(media.get(..complete), Some(&whole[..complete]), "{}", damaged.escape_ascii());
        for md5 in media.iter().filter_map(|media| media.md5) {
            let hex = md5.to_string();
            let stands = damaged.to_ascii_lowercase().windows(hex.len()).any(|part| part == hex.as_bytes());
            assert!(stands || hex == MD5, "{}", damaged.escape_ascii());
        }
        let again = read_stream(&damaged, 1 + random.below(60));
        assert_eq!((format!("{outcome:?}"), media), (format!("{:?}", again.0), again.1));
    }
}

fn read_stream(bytes: &[u8], piece: usize) -> (Result<(), crate::Fault>, Vec<CaseMedia>) {
    let options = CaseReadOptions::default();
    let mut media = Vec::new();
    let mut keep = |record| {
        media.push(record);
        ControlFlow::Continue(())
    };
    let mut tally = crate::case::tally::Tally::new(&options, None);
    tally.hand_to(&mut keep);
    let mut input = std::io::BufReader::with_capacity(piece, bytes);
    let outcome = super::read_xml(&mut input, b"", &options.limits, &mut tally);
    drop(tally);
    (outcome, media)
}
