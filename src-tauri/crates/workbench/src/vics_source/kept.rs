//! Gathers all that a file of another tool says of a content and of its cases beside the verdict, so that it is kept with
//! the opinion and seen with it.

use std::collections::BTreeMap;

use formats::case::{CaseFilePlace, CaseHead, CaseMedia, CaseProperty, Kept};
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

/// Fields by the names that VICS has for them.
pub(crate) type Fields = BTreeMap<String, Value>;

/// Most bytes of the fields of one record, or of one head: an opinion of more than a mebibyte cannot be stored.
const BYTES_MAX: usize = 512 << 10;

/// Field with the places of a record. Each is an occurrence of the case too; here it stands field by field, so that it can
/// be written back as it was.
pub const PLACES: &str = "MediaFiles";

/// Gives what a record says beside its verdict.
pub(super) fn of_media(media: &CaseMedia) -> (Fields, Vec<String>) {
    let mut fields = Fields::new();
    let text = |value: &Option<String>| value.clone().map(Value::String);
    let values = [
        ("MediaID", text(&media.media_id)),
        ("MD5", media.md5.map(|md5| json!(md5.to_string()))),
        ("SHA1", media.sha1.map(|sha1| json!(sha1.to_string()))),
        ("SHA256", media.sha256.map(|sha256| json!(sha256.to_string()))),
        ("MediaSize", media.size_bytes.map(Value::from)),
        ("MimeType", filled(&media.mime)),
        ("RelativeFilePath", media.stored_raw.as_ref().map(|path| json!(String::from_utf8_lossy(path)))),
        ("IsPrecategorized", media.precategorized.map(Value::from)),
        ("PrecategorizationSource", filled(&media.precategorization_source)),
        ("PhotoDNA", media.photodna_text().map(Value::from)),
        ("PDQ", media.pdq.map(|pdq| json!(pdq.to_string()))),
        ("GPS", media.gps.as_ref().map(|fix| json!(fix))),
        ("Exifs", properties(&media.exif)),
        ("MediaMetadata", properties(&media.metadata)),
        ("AlternativeHashes", alternatives(media)),
        (PLACES, places(media)),
    ];
    for (name, value) in values {
        value.into_iter().for_each(|value| put(&mut fields, name, value));
    }
    unknown(&mut fields, &media.unknown);
    within(fields)
}

/// Gives all that the head of a case says of it.
pub(super) fn of_head(head: &CaseHead) -> (Fields, Vec<String>) {
    let mut fields = Fields::new();
    let texts = [
        ("CaseID", &head.case_id),
        ("CaseNumber", &head.case_number),
        ("ContactOrganization", &head.organization),
        ("ContactName", &head.contact_name),
        ("ContactPhone", &head.contact_phone),
        ("ContactEmail", &head.contact_email),
        ("ContactTitle", &head.contact_title),
        ("SourceApplicationName", &head.tool),
        ("SourceApplicationVersion", &head.tool_version),
        ("SeizureDate", &head.seized_raw),
    ];
    for (name, text) in texts {
        filled(text).into_iter().for_each(|value| put(&mut fields, name, value));
    }
    let counts = [("TotalMediaFiles", head.declared_media), ("TotalPrecategorized", head.declared_precategorized)];
    for (name, count) in counts {
        count.into_iter().for_each(|count| put(&mut fields, name, count.into()));
    }
    unknown(&mut fields, &head.unknown);
    within(fields)
}

/// Gives what the file says beside its cases.
pub(super) fn of_file(kept: &[Kept]) -> (Fields, Vec<String>) {
    let mut fields = Fields::new();
    unknown(&mut fields, kept);
    within(fields)
}

/// Leaves out the largest fields until the rest can be stored, and names them: the file itself still has them.
fn within(mut fields: Fields) -> (Fields, Vec<String>) {
    let mut left_out = Vec::new();
    let mut sizes: Vec<(usize, String)> =
        fields.iter().map(|(name, value)| (name.len() + value.to_string().len(), name.clone())).collect();
    sizes.sort();
    let mut total: usize = sizes.iter().map(|(size, _)| size).sum();
    while total > BYTES_MAX
        && let Some((size, name)) = sizes.pop()
    {
        total -= size;
        fields.remove(&name);
        left_out.push(name);
    }
    (fields, left_out)
}

fn filled(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| Value::from(text))
}

/// Puts a field beside what is there: one name can stand twice in a record.
pub(super) fn put(fields: &mut Fields, name: &str, value: Value) {
    let mut free = name.to_owned();
    let mut number = 1;
    while fields.contains_key(&free) {
        number += 1;
        free = format!("{name} ({number})");
    }
    fields.insert(free, value);
}

fn unknown(fields: &mut Fields, kept: &[Kept]) {
    kept.iter().for_each(|(name, text)| put(fields, name, as_it_stood(text)));
}

/// Name of the one field of an object that holds a value as text, see [`as_it_stood`].
const AS_TEXT: &str = "ZeefJson";

/// Reads JSON where that changes nothing but the order of fields. A number of more digits than a machine holds, or a field
/// that stands twice, would be lost: such a value stays text, in an object of its own, so that it can be told from a text.
fn as_it_stood(text: &str) -> Value {
    let bytes_of = |text: &str| {
        let mut bytes = text.as_bytes().to_vec();
        bytes.sort_unstable();
        bytes
    };
    serde_json::from_str::<Value>(text)
        .ok()
        .filter(|value| value.is_string() || bytes_of(&formats::vics::inert_json(value)) == bytes_of(text))
        .unwrap_or_else(|| json!({ AS_TEXT: text }))
}

/// Gives the JSON of a value that [`as_it_stood`] gave.
pub(super) fn as_it_stands(value: &Value) -> String {
    let text = value.as_object().filter(|fields| fields.len() == 1).and_then(|fields| fields.get(AS_TEXT)?.as_str());
    // A file can have a field of this name, with anything in it.
    let text = text.filter(|text| serde_json::from_str::<IgnoredAny>(text).is_ok());
    text.map_or_else(|| formats::vics::inert_json(value), str::to_owned)
}

/// Gives places field by field.
fn places(media: &CaseMedia) -> Option<Value> {
    let place = |place: &CaseFilePlace| {
        let known = CaseFilePlace { unknown: Vec::new(), ..place.clone() };
        let known: Map<String, Value> =
            serde_json::from_str(&formats::vics::place_json(&known)).expect("it was written as an object");
        let mut fields: Fields = known.into_iter().collect();
        unknown(&mut fields, &place.unknown);
        Value::Object(fields.into_iter().collect())
    };
    (!media.files.is_empty()).then(|| media.files.iter().map(place).collect())
}

fn properties(rows: &[CaseProperty]) -> Option<Value> {
    let row = |row: &CaseProperty| object([("PropertyName", &row.name), ("PropertyValue", &row.value)], &row.unknown);
    (!rows.is_empty()).then(|| rows.iter().map(row).collect())
}

fn alternatives(media: &CaseMedia) -> Option<Value> {
    let rows = &media.alternatives;
    (!rows.is_empty()).then(|| {
        rows.iter().map(|row| object([("HashName", &row.name), ("HashValue", &row.value)], &row.unknown)).collect()
    })
}

fn object(texts: [(&str, &String); 2], kept: &[Kept]) -> Value {
    let mut fields: Fields =
        texts.into_iter().map(|(name, text)| (name.to_owned(), Value::from(text.as_str()))).collect();
    unknown(&mut fields, kept);
    Value::Object(fields.into_iter().collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_a_record_is_kept_as_it_stood() {
        let mut media = CaseMedia::bare(1);
        media.media_id = Some("7".to_owned());
        media.precategorized = Some(false);
        media.exif = vec![CaseProperty {
            name: "Lat/Lon".to_owned(),
            value: "52.1 N / 4.9 E".to_owned(),
            unknown: vec![("Order".to_owned(), "3".to_owned())],
        }];
        let long = "12345678901234567890123456789";
        media.unknown = [("X_A", r#"{"b":1,"a":[2]}"#), ("X_A", "null"), ("X_N", long), ("X_T", r#"{"a":1,"a":2}"#)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
        let (fields, left_out) = of_media(&media);
        let want = json!({
            "MediaID": "7", "IsPrecategorized": false,
            "Exifs": [{"PropertyName": "Lat/Lon", "PropertyValue": "52.1 N / 4.9 E", "Order": 3}],
            "X_A": {"a": [2], "b": 1}, "X_A (2)": null, "X_N": {"ZeefJson": long}, "X_T": {"ZeefJson": r#"{"a":1,"a":2}"#},
        });
        assert_eq!(json!(fields), want);
        assert!(left_out.is_empty());
        let back = |name: &str| as_it_stands(&fields[name]);
        assert_eq!((back("X_N").as_str(), back("X_T").as_str()), (long, r#"{"a":1,"a":2}"#));
        assert_eq!(as_it_stands(&json!({"sector": 8})), r#"{"sector":8}"#);
        assert_eq!(as_it_stands(&json!({"ZeefJson": "1,2"})), r#"{"ZeefJson":"1,2"}"#, "what is no JSON stays a text");
    }

    #[test]
    fn what_is_too_large_to_be_stored_is_named_and_the_rest_is_kept() {
        let mut media = CaseMedia::bare(1);
        media.unknown =
            vec![("X_Big".to_owned(), format!("\"{}\"", "x".repeat(BYTES_MAX))), ("X".to_owned(), "1".to_owned())];
        let (fields, left_out) = of_media(&media);
        assert_eq!((json!(fields), left_out), (json!({"X": 1}), vec!["X_Big".to_owned()]));
    }
}
