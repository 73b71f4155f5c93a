//! Damages a case by a seed that is printed, many times over: no panic, no growth, nothing but records of the whole.

use std::collections::BTreeSet;
use std::io::BufReader;
use std::ops::ControlFlow;

use super::read_json;
use crate::case::tally::Tally;
use crate::case::{CaseMedia, CaseReadOptions};
use crate::testing::Random;
use crate::{Fault, FormatLimits};

/// How many damaged copies are read; a few seconds.
const ROUNDS: usize = 30_000;

const SAMPLE: &str = r#"{"@odata.context":"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/UK/$metadata#Cases",
"value":[{"CaseID":"{1}","SourceApplicationName":"T\u00e9","Media":[{"MediaID":1,"MD5":"0CC175B9C0F1B6A831C399E269772661",
"SHA1":"86F7E437FAA5A7FCE15D1DDCB9EAEAEA377667B8","Category":1,"MediaSize":"77","RelativeFilePath":"Files\\0C\\C1",
"IsDistributed":"true","AlternativeHashes":[{"HashName":"PDQ","HashValue":"PDQ","MD5":""}],"Exifs":[{"PropertyName":"Lat/Lon",
"PropertyValue":"52.5,4.5"}],"MediaFiles":[{"FileName":"a","FilePath":"C:\\x","Deleted":0,"New":[1,{"a":null}]}]},
{"MD5":"92EB5FFEE6AE2FEC3AD71C777531578F","Category":null,"RelativeFilePath":"..\\x"}],"TotalMediaFiles":2}]}"#;

fn read(bytes: &[u8], piece: usize) -> (Result<(), Fault>, Vec<CaseMedia>) {
    let limits = FormatLimits { json_depth: 12, json_text_bytes: 400, ..FormatLimits::default() };
    let options = CaseReadOptions { limits, ..CaseReadOptions::default() };
    let mut media = Vec::new();
    let mut keep = |record| {
        media.push(record);
        ControlFlow::Continue(())
    };
    let mut tally = Tally::new(&options, None);
    tally.hand_to(&mut keep);
    let mut input = BufReader::with_capacity(piece, bytes);
    let outcome = read_json(&mut input, b"", &options.limits, &mut tally);
    let records = tally.records();
    drop(tally);
    assert_eq!(records, media.len() as u64);
    (outcome, media)
}

#[test]
fn damage_never_panics_and_never_invents() {
    let mut random = Random::new();
    let mut outcomes = BTreeSet::new();
    let (_, whole) = read(SAMPLE.as_bytes(), 1 << 16);
    assert_eq!(whole.len(), 2);
    let complete: Vec<usize> = (0..=SAMPLE.len()).map(|end| read(&SAMPLE.as_bytes()[..end], 1 << 16).1.len()).collect();
    for round in 0..ROUNDS {
        let damaged = random.damage(SAMPLE.as_bytes());
        let (outcome, media) = read(&damaged, 1 << 16);
        outcomes.insert(match &outcome {
            Ok(()) => "read",
            Err(Fault::Invalid { offset, what, .. }) => {
                assert!(*offset <= damaged.len() as u64 && !what.is_empty());
                "invalid"
            }
            Err(Fault::Limit(_)) => "limit",
            Err(Fault::HashSet) => "hash set",
            Err(Fault::NotThis(_)) => "not this",
            Err(other) => panic!("{other:?}"),
        });
        let same = SAMPLE.bytes().zip(&damaged).take_while(|(one, other)| one == *other).count();
        assert_eq!(media.get(..complete[same]), Some(&whole[..complete[same]]), "{}", damaged.escape_ascii());
        let text = damaged.to_ascii_lowercase();
        for record in &media {
            for hex in
                [record.md5.map(|md5| md5.to_string()), record.sha1.map(|sha1| sha1.to_string())].iter().flatten()
            {
                let stands = text.windows(hex.len()).any(|part| part == hex.as_bytes());
                assert!(stands || SAMPLE.to_ascii_lowercase().contains(hex), "{}", damaged.escape_ascii());
            }
            let leads_out =
                |path: &Vec<u8>| path.starts_with(b"/") || path.split(|b| *b == b'/').any(|part| part == b"..");
            assert!(!record.stored.iter().any(leads_out), "{}", damaged.escape_ascii());
        }
        if round % 4 == 0 {
            let again = read(&damaged, 1 + random.below(7));
            assert_eq!((format!("{outcome:?}"), media), (format!("{:?}", again.0), again.1));
        }
    }
    assert!(outcomes.contains("read") && outcomes.contains("invalid"), "{outcomes:?}");
}
