//! What Zeef writes in the form of VICS is read by a reader that knows nothing of Zeef: `vics_reader.py`, written from the
//! description of the form alone. Without python3 on this machine, the tests say that they were skipped.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::convert::Infallible;
use std::process::Command;

use domain::{
    CategoryCode, ClassifiedItem, Digests, Flags, Md5, MediaClass, MediaType, Pdq, Sha1, Sha256, Standing, UtcTime,
    Vote,
};
use formats::case::CaseProperty;
use formats::vics::{SetHead, write_case, write_set};
use formats::{CaseFilePlace, CaseHead, CaseMedia};
use serde_json::{Value, json};

/// A name with everything that could do harm where it is shown.
const HARM: &str = "=cmd|'/C calc'!A0 <script>\u{202e}gpj\u{202c} \"\\\n\u{2028}é😀";

/// Reads the file by the other reader; `None` where there is no python3.
fn read_by_python(bytes: &[u8]) -> Option<Result<Value, String>> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("set.json");
    std::fs::write(&path, bytes).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vics_reader.py");
    let output = match Command::new("python3").arg(script).arg(&path).output() {
        Ok(output) => output,
        Err(error) => {
            println!("skipped: needs python3 ({error})");
            return None;
        }
    };
    if !output.status.success() {
        return Some(Err(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Some(Ok(serde_json::from_slice(&output.stdout).unwrap()))
}

fn item(number: u8) -> ClassifiedItem {
    let vote = |at| Vote { by: "Anna".parse().unwrap(), category: CategoryCode("1".into()), at: UtcTime(at) };
    ClassifiedItem {
        digests: Digests {
            md5: Md5([number; 16]),
            sha1: Sha1([number; 20]),
            sha256: Sha256([number; 32]),
            size_bytes: 1 << 40,
        },
        media: MediaType { mime: "image/png".into(), class: MediaClass::Picture },
        category: (!number.is_multiple_of(3)).then(|| CategoryCode((number % 3).to_string())),
        standing: Some(Standing::Confirmed),
        votes: vec![vote(2_500_000), vote(1_000_000)],
        flags: Flags {
            victim_identified: Some(true),
            offender_identified: Some(false),
            self_generated: Some(true),
            ..Flags::default()
        },
        series: vec!["Willow".into(), HARM.into()],
        pdq: Some(Pdq([number; 32])),
        vetoes: Vec::new(),
        occurrences: 1,
    }
}

/// Gives what the other reader has to understand of an item.
fn understood(number: u8) -> Value {
    let hex = |length: usize| format!("{number:02x}").repeat(length);
    let mut record = json!({
        "MediaID": number, "MD5": hex(16), "SHA1": hex(20), "MediaSize": 1_u64 << 40, "MimeType": "image/png",
        "VictimIdentified": true, "OffenderIdentified": false, "SelfGenerated": true, "Series": format!("Willow, {HARM}"),
        "DateUpdated": "1970-01-01T00:00:02.5Z", "AlternativeHashes": [["PDQ", hex(32)]],
    });
    if !number.is_multiple_of(3) {
        record["Category"] = json!(number % 3);
    }
    record
}

#[test]
fn a_set_is_understood_field_by_field() {
    for (profile, name) in [(None, "Default"), (Some("US"), "US")] {
        let mut bytes = Vec::new();
        let head = SetHead { profile_name: profile.map(str::to_owned), scheme: None };
        write_set(&mut bytes, &head, (1..5).map(item).map(Ok::<_, Infallible>)).unwrap();
        let Some(got) = read_by_python(&bytes) else { return };
        let records: Vec<Value> = (1..5).map(understood).collect();
        assert_eq!(got, Ok(json!({ "version": "2.0", "profile": name, "kind": "Media", "records": records })));
    }
}

#[test]
fn a_case_is_understood_field_by_field() {
    let head = CaseHead {
        case_id: "{1}".into(),
        case_number: HARM.into(),
        tool: "Zeef".into(),
        tool_version: "0.1".into(),
        profile_name: Some("UK".into()),
        ..CaseHead::default()
    };
    let place = CaseFilePlace {
        path: "C:\\Users\\x\\".into(),
        name: HARM.into(),
        created_raw: Some("2020-01-02T03:04:05+02:00Z".into()),
        deleted: Some(true),
        unallocated: Some(false),
        physical_location: Some("512".into()),
        parent_name: Some("a.zip".into()),
        source_id: Some("disk 1".into()),
        ..CaseFilePlace::default()
    };
    let exif = CaseProperty { name: "Make".into(), value: HARM.into(), unknown: Vec::new() };
    let media = |number: u8| {
        let stored = Some(format!("Files\\{number:02x}\\X").into_bytes());
        let mut media = CaseMedia::of_item(u64::from(number), &item(number), vec![place.clone(); 3], stored);
        media.exif = vec![exif.clone()];
        media
    };
    let mut bytes = Vec::new();
    write_case(&mut bytes, &head, None, (1..4).map(media).map(Ok::<_, Infallible>)).unwrap();
    let Some(got) = read_by_python(&bytes) else { return };
    let file = json!({
        "FileName": HARM, "FilePath": "C:\\Users\\x\\", "Created": "2020-01-02T03:04:05+02:00Z", "Deleted": true,
        "Unallocated": false, "PhysicalLocation": 512, "ParentFileName": "a.zip", "SourceID": "disk 1",
    });
    let records: Vec<Value> = (1..4)
        .map(|number| {
            let mut record = understood(number);
            record["RelativeFilePath"] = json!(format!("Files\\{number:02x}\\X"));
            record["MediaFiles"] = json!([file, file, file]);
            record["Exifs"] = json!([["Make", HARM]]);
            record["MediaMetadata"] = json!([]);
            record
        })
        .collect();
    let case = json!({
        "CaseID": "{1}", "CaseNumber": HARM, "SourceApplicationName": "Zeef", "SourceApplicationVersion": "0.1", "Media": records,
    });
    assert_eq!(got, Ok(json!({ "version": "2.0", "profile": "UK", "kind": "Cases", "cases": [case] })));
}

#[test]
fn the_other_reader_can_refuse() {
    let mut bytes = Vec::new();
    write_set(&mut bytes, &SetHead::default(), [item(1)].map(Ok::<_, Infallible>).into_iter()).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    for (from, to) in [
        ("\"MediaID\":1", "\"MediaID\":\"1\""),
        ("\"value\"", "\"more\":1,\"value\""),
        ("\"HashName\"", "\"Hash\""),
        ("\"MD5\":\"01", "\"MD5\":\"0"),
    ] {
        assert!(text.contains(from));
        let Some(got) = read_by_python(text.replacen(from, to, 1).as_bytes()) else { return };
        assert!(got.is_err_and(|error| error.contains("not in the form")), "{from}");
    }
}
