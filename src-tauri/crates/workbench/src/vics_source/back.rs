//! Writes back into a record of VICS what other tools said of its content: nothing is lost, and nothing is said in Zeef's
//! name that is not Zeef's.
//!
//! - What Zeef says itself wins: number, digests, length, type, verdict, flags, series, date, and where the content lay here.
//! - What a tool said beside its verdict (Exif rows, segments, repositories, PhotoDNA, tags, comments, fields of its own, the
//!   places that it states) stands in its own place of the record. Where two opinions say different things of one field,
//!   the one that was recorded first has the place.
//! - All else stands in [`OTHER_TOOLS`], one object for each opinion, under the names that the fields had: the verdict of the
//!   tool, which is never Zeef's; its number of the record; what another opinion had the place of. A field whose value is
//!   that of the record stands there alone.

use std::collections::HashSet;

use casefile::OpinionRow;
use domain::{Opinion, Pdq};
use formats::case::{AlternativeHash, CaseFilePlace, CaseMedia, CaseProperty, Kept};
use formats::vics::inert_json;
use formats::vics_case::{is_field_of_record, place_of};
use serde_json::{Map, Value, json};

use super::kept::{PLACES, as_it_stands};

/// Field of a record with what each tool said that has no place of its own.
pub(crate) const OTHER_TOOLS: &str = "X_ZeefOtherTools";
/// Field of a case with the heads of the cases that opinions came with.
pub(crate) const OTHER_CASES: &str = "X_ZeefOtherCases";

/// Puts what other tools said into the record of an item, which has all that Zeef itself says.
pub(crate) fn put_back(media: &mut CaseMedia, opinions: &[OpinionRow]) {
    let mut told: Vec<String> = Vec::new();
    for row in opinions {
        let beside = put_opinion(media, &row.opinion);
        let entry = object(&beside);
        if !told.contains(&entry) {
            told.push(entry);
        }
    }
    if !told.is_empty() {
        media.unknown.push((OTHER_TOOLS.to_owned(), format!("[{}]", told.join(","))));
    }
}

/// Gives the heads of other tools' cases as one list: what the load of each file noted.
pub(crate) fn heads(summaries: &[Value]) -> Option<Kept> {
    let mut heads = Vec::new();
    for summary in summaries {
        let text = |name: &str| as_it_stands(&summary[name]);
        for case in summary["cases"].as_array().into_iter().flatten().filter_map(Value::as_object) {
            let mut fields: Vec<Kept> = vec![("FileSHA256".to_owned(), text("file_sha256"))];
            fields.extend(case.iter().map(|(name, value)| (name.clone(), as_it_stands(value))));
            heads.push(object(&fields));
        }
        if let Some(beside) = summary["fields"].as_object().filter(|fields| !fields.is_empty()) {
            let mut fields: Vec<Kept> = vec![("FileSHA256".to_owned(), text("file_sha256"))];
            fields.extend(beside.iter().map(|(name, value)| (name.clone(), as_it_stands(value))));
            heads.push(object(&fields));
        }
    }
    (!heads.is_empty()).then(|| (OTHER_CASES.to_owned(), format!("[{}]", heads.join(","))))
}

/// Gives the labels of the places of a record, by which occurrences are told that stand there already.
pub(crate) fn labels(files: &[CaseFilePlace]) -> HashSet<Vec<u8>> {
    files.iter().map(|place| place.label().0).collect()
}

/// Tells whether an occurrence of a file that states places is one of them. Where two contents were stated at one path, the
/// number of the record stands behind it.
pub(crate) fn is_told(labels: &HashSet<Vec<u8>>, path: &[u8]) -> bool {
    const NUMBERED: &[u8] = b" [record ";
    let end = path.windows(NUMBERED.len()).rposition(|part| part == NUMBERED);
    labels.contains(path)
        || end.is_some_and(|end| labels.contains(&path[..end]))
        || (path.starts_with(b"record ") && labels.contains(&b""[..]))
}

fn object(fields: &[Kept]) -> String {
    let field = |(name, value): &Kept| format!("{}:{value}", inert_json(&json!(name)));
    format!("{{{}}}", fields.iter().map(field).collect::<Vec<_>>().join(","))
}

/// Puts one opinion into the record, and gives what has no place there.
fn put_opinion(media: &mut CaseMedia, opinion: &Opinion) -> Vec<Kept> {
    let mut beside = verdict(opinion);
    for (own, said, name) in
        [(&mut media.opinion.tags, &opinion.tags, "Tags"), (&mut media.opinion.comments, &opinion.comments, "Comments")]
    {
        if own.is_empty() {
            own.clone_from(said);
        } else if !said.is_empty() && own != said {
            beside.push((name.to_owned(), inert_json(&json!(said))));
        }
    }
    for (name, value) in &opinion.extra {
        if !is_there(media, name, value) && !put(media, name, value) {
            let text = if name == "MediaID" { value.as_str().map(number_or_text) } else { None };
            let text = text.map_or_else(|| as_it_stands(value), |number| inert_json(&number));
            beside.push((free_name(&beside, name), text));
        }
    }
    beside
}

/// Gives a name that no field has, whatever its case: of two fields of one name, readers take either.
fn free_name(fields: &[Kept], name: &str) -> String {
    let is_free = |name: &String| !fields.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
    let numbered = (2..).map(|number| format!("{name} ({number})"));
    std::iter::once(name.to_owned()).chain(numbered).find(is_free).expect("there are more numbers than fields")
}

/// Gives the verdict of a tool, and whose it is.
fn verdict(opinion: &Opinion) -> Vec<Kept> {
    let mut fields: Vec<Kept> = Vec::new();
    let mut put = |name: &str, value: Option<Value>| {
        fields.extend(value.map(|value| (name.to_owned(), inert_json(&value))));
    };
    let text = |text: &str| (!text.is_empty()).then(|| json!(text));
    put("Tool", text(&opinion.tool));
    put("Scheme", opinion.profile.as_ref().map(|profile| json!(profile.0.0)));
    put("Category", opinion.code.as_ref().map(|code| number_or_text(&code.0)));
    put("Meaning", opinion.meaning.map(|meaning| json!(meaning)));
    let flags = &opinion.flags;
    put("VictimIdentified", flags.victim_identified.map(Value::from));
    put("OffenderIdentified", flags.offender_identified.map(Value::from));
    put("IsDistributed", flags.distributed.map(Value::from));
    put("IsSuspected", flags.suspected.map(Value::from));
    put("SelfGenerated", flags.self_generated.map(Value::from));
    put("Baseline", flags.baseline.map(Value::from));
    put("Series", text(&opinion.series));
    put("DateUpdated", opinion.updated_raw.as_deref().and_then(text));
    fields
}

fn number_or_text(code: &str) -> Value {
    let number = code.parse::<i64>().ok().filter(|number| number.to_string() == code);
    number.map_or_else(|| json!(code), Value::from)
}

/// Tells whether the record says the same already.
fn is_there(media: &CaseMedia, name: &str, value: &Value) -> bool {
    let text = value.as_str();
    let is_text = |own: Option<String>| own.is_some_and(|own| text.is_some_and(|text| own.eq_ignore_ascii_case(text)));
    match name {
        "MD5" => is_text(media.md5.map(|md5| md5.to_string())),
        "SHA1" => is_text(media.sha1.map(|sha1| sha1.to_string())),
        "SHA256" => is_text(media.sha256.map(|sha256| sha256.to_string())),
        "MediaSize" => media.size_bytes.is_some() && value.as_u64() == media.size_bytes,
        "MimeType" => text == Some(&media.mime),
        "PhotoDNA" => media.photodna_text().as_deref() == text && text.is_some(),
        "PDQ" => is_text(media.pdq.map(|pdq| pdq.to_string())),
        // Zeef read it from the Exif rows, which stand there.
        "GPS" => value.as_object().is_some_and(|fix| fix.contains_key("latitude") && fix.contains_key("longitude")),
        "Exifs" => !media.exif.is_empty() && rows(value).as_deref() == Some(&media.exif),
        "MediaMetadata" => !media.metadata.is_empty() && rows(value).as_deref() == Some(&media.metadata),
        "AlternativeHashes" => !media.alternatives.is_empty() && hashes(value).as_deref() == Some(&media.alternatives),
        _ => {
            let value = as_it_stands(value);
            media.unknown.iter().any(|(known, own)| known.eq_ignore_ascii_case(name) && *own == value)
        }
    }
}

/// Puts a field in its place where that is free.
fn put(media: &mut CaseMedia, name: &str, value: &Value) -> bool {
    match name {
        "PhotoDNA" if media.photodna.is_none() => value.as_str().is_some_and(|text| media.take_photodna(text)),
        "PDQ" if media.pdq.is_none() => {
            media.pdq = value.as_str().and_then(|text| text.parse::<Pdq>().ok());
            media.pdq.is_some()
        }
        "Exifs" if media.exif.is_empty() => rows(value).map(|rows| media.exif = rows).is_some(),
        "MediaMetadata" if media.metadata.is_empty() => rows(value).map(|rows| media.metadata = rows).is_some(),
        "AlternativeHashes" if media.alternatives.is_empty() => {
            hashes(value).map(|hashes| media.alternatives = hashes).is_some()
        }
        PLACES => put_places(media, value),
        // The number of the case belongs to the case, and what is said of other tools was said of them.
        "PDQ" | "CaseNumber" | OTHER_TOOLS => false,
        _ if is_field_of_record(name) => false,
        // Strict readers stop at an object that stands in no list.
        _ if as_it_stands(value).starts_with('{') => false,
        _ if media.unknown.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) => false,
        _ => {
            media.unknown.push((name.to_owned(), as_it_stands(value)));
            true
        }
    }
}

/// Adds the places that a record stated, each once.
fn put_places(media: &mut CaseMedia, value: &Value) -> bool {
    let Some(places) = objects(value) else { return false };
    for place in places {
        let place = place_of(&text_kept(place));
        if !media.files.contains(&place) {
            media.files.push(place);
        }
    }
    true
}

/// Gives the fields of a place with the values that were kept as text as texts: the form of a place has no others.
fn text_kept(fields: &Map<String, Value>) -> Map<String, Value> {
    let field = |value: &Value| serde_json::from_str(&as_it_stands(value)).unwrap_or_else(|_| value.clone());
    fields.iter().map(|(name, value)| (name.clone(), field(value))).collect()
}

fn objects(value: &Value) -> Option<Vec<&Map<String, Value>>> {
    value.as_array()?.iter().map(Value::as_object).collect()
}

/// Reads rows of metadata; `None` for what is none.
fn rows(value: &Value) -> Option<Vec<CaseProperty>> {
    let row = |fields: &Map<String, Value>| {
        let (name, value, unknown) = named(fields, ["PropertyName", "PropertyValue"])?;
        Some(CaseProperty { name, value, unknown })
    };
    objects(value)?.into_iter().map(row).collect()
}

/// Reads digests by name; `None` for what is none.
fn hashes(value: &Value) -> Option<Vec<AlternativeHash>> {
    let hash = |fields: &Map<String, Value>| {
        let (name, value, unknown) = named(fields, ["HashName", "HashValue"])?;
        Some(AlternativeHash { name, value, unknown })
    };
    objects(value)?.into_iter().map(hash).collect()
}

/// Takes two texts out of an object; the rest is kept.
fn named(fields: &Map<String, Value>, names: [&str; 2]) -> Option<(String, String, Vec<Kept>)> {
    let text = |name: &str| fields.get(name)?.as_str().map(str::to_owned);
    let rest = fields.iter().filter(|(name, _)| !names.contains(&name.as_str()));
    let rest = rest.map(|(name, value)| (name.clone(), as_it_stands(value))).collect();
    Some((text(names[0])?, text(names[1])?, rest))
}

#[cfg(test)]
mod tests {
    use domain::{CategoryCode, Profile, SchemeId, SourceId, UtcTime};

    use super::*;

    fn opinion(tool: &str, code: &str, extra: Value) -> OpinionRow {
        let mut opinion = CaseMedia::bare(0).opinion;
        opinion.tool = tool.to_owned();
        opinion.profile = Some(Profile(SchemeId("uk".to_owned())));
        opinion.code = Some(CategoryCode(code.to_owned()));
        opinion.extra = extra.as_object().unwrap().clone().into_iter().collect();
        OpinionRow { source: SourceId(1), operation: casefile::OperationId(1), at: UtcTime(0), opinion }
    }

    fn beside(media: &CaseMedia) -> Value {
        let (_, text) = media.unknown.iter().find(|(name, _)| name == OTHER_TOOLS).unwrap();
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_verdict_of_another_tool_is_never_written_as_that_of_zeef() {
        let mut media = CaseMedia::bare(1);
        put_back(&mut media, &[opinion("Tool", "1", json!({"MediaID": "7", "IsPrecategorized": true}))]);
        assert_eq!((media.opinion.code.clone(), media.precategorized), (None, None));
        let want = json!([{"Tool": "Tool", "Scheme": "uk", "Category": 1, "MediaID": 7, "IsPrecategorized": true}]);
        assert_eq!(beside(&media), want);
    }

    #[test]
    fn the_first_who_says_a_field_has_its_place_and_the_other_is_not_lost() {
        let exif = |value: &str| json!([{"PropertyName": "Model", "PropertyValue": value}]);
        let mut media = CaseMedia::bare(1);
        let first = opinion("One", "1", json!({"Exifs": exif("A"), "X_A": [1, {"b": "x & y"}], "X_B": "same"}));
        let second = opinion("Two", "2", json!({"Exifs": exif("B"), "X_A": [2], "X_B": "same"}));
        put_back(&mut media, &[first, second]);
        assert_eq!(media.exif[0].value, "A");
        assert_eq!(media.unknown[0], ("X_A".to_owned(), r#"[1,{"b":"x \u0026 y"}]"#.to_owned()));
        let both = beside(&media);
        assert_eq!(both[0], json!({"Tool": "One", "Scheme": "uk", "Category": 1}));
        assert_eq!(
            both[1],
            json!({"Tool": "Two", "Scheme": "uk", "Category": 2, "Exifs": exif("B"), "X_A": [2]}),
            "what is said alike stands once"
        );
    }

    #[test]
    fn a_hostile_field_takes_no_place_of_the_record() {
        let mut media = CaseMedia::bare(1);
        put_back(
            &mut media,
            &[opinion("T", "1", json!({"category": "5", "X\"": "</script>", "X_J": {"ZeefJson": "1,\"Category\":5"}}))],
        );
        assert_eq!(beside(&media)[0]["category (2)"], "5", "its own name would be that of the verdict to most readers");
        let written: Vec<&str> = media.unknown.iter().map(|(_, value)| value.as_str()).collect();
        assert!(written.iter().all(|value| serde_json::from_str::<Value>(value).is_ok()), "{written:?}");
        assert!(!written.concat().contains("</"), "{written:?}");
    }

    #[test]
    fn an_occurrence_that_was_stated_is_known_by_its_label() {
        let place = CaseFilePlace { path: b"C:\\x".to_vec(), name: b"a.jpg".to_vec(), ..CaseFilePlace::default() };
        let labels = labels(&[place, CaseFilePlace::default()]);
        for path in ["C:/x/a.jpg", "C:/x/a.jpg [record 12]", "record 3"] {
            assert!(is_told(&labels, path.as_bytes()), "{path}");
        }
        assert!(!is_told(&labels, b"C:/x/b.jpg"));
    }
}
