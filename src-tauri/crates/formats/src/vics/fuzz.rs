//! Damages a set by a seed that is printed, many times over: no panic, no growth, nothing but records of the whole.

use std::collections::BTreeSet;
use std::io::BufReader;
use std::ops::ControlFlow;

use domain::{Entry, EntryDigests, EntryRefusal};

use super::read_vics;
use crate::{Fault, FormatLimits, ListHead, ListKind, ReadOptions, Sink};

/// How many damaged copies are read; a few seconds.
const ROUNDS: usize = 120_000;

const SAMPLE: &str = r#"{"@odata.context":"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/UK/$metadata#Media",
"value":[{"MediaID":1,"MD5":"0CC175B9C0F1B6A831C399E269772661","SHA1":"86F7E437FAA5A7FCE15D1DDCB9EAEAEA377667B8","Category":1,
"MediaSize":"77","Series":"S\u00e9rie \ud83d\ude00","IsDistributed":"true","VictimIdentified":1,"DateUpdated":"2020-01-02T03:04:05Z",
"AlternativeHashes":[{"HashName":"PDQ","HashValue":"PDQ","MD5":""}],"Exifs":[{"A":[-1.5e+3,null,{}]}],"MediaFiles":[]},
{"MD5":"92EB5FFEE6AE2FEC3AD71C777531578F","Category":null,"PhotoDNA":"AAAA"}],"more":false}"#;

/// What JSON is made of, and what breaks it.
const PARTS: [&[u8]; 24] = [
    b"\"",
    b"\"\"",
    b"\\",
    b"\\u",
    b"\\ud83d",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"null",
    b"true",
    b"NaN",
    b"-",
    b"1e999",
    b"\0",
    b"\xFF",
    b"\xEF\xBB\xBF",
    b" ",
    b"\"MD5\":",
    b"\"Media\":[",
    b"\"value\":[",
    b"\xC3",
];

fn read(bytes: &[u8], piece: usize) -> (Result<(), Fault>, Vec<Result<Entry, EntryRefusal>>) {
    let mut rows = Vec::new();
    let mut keep = |row| {
        rows.push(row);
        ControlFlow::Continue(())
    };
    let mut sink = Sink::new(&mut keep);
    let options = ReadOptions {
        limits: FormatLimits { json_depth: 12, json_text_bytes: 400, ..FormatLimits::default() },
        ..ReadOptions::default()
    };
    let mut input = BufReader::with_capacity(piece, bytes);
    let mut head = ListHead::new(ListKind::Vics);
    let outcome = read_vics(&mut input, &mut head, &options, &mut sink);
    assert_eq!(sink.rows, sink.entries + sink.refused.values().sum::<u64>());
    (outcome, rows)
}

/// Tells whether each digest stands in the bytes, as hex of either case.
fn all_stand_in(bytes: &[u8], digests: &EntryDigests) -> bool {
    let text = bytes.to_ascii_lowercase();
    let digests = [
        digests.md5.map(|digest| digest.to_string()),
        digests.sha1.map(|digest| digest.to_string()),
        digests.sha256.map(|digest| digest.to_string()),
    ];
    digests.iter().flatten().all(|hex| text.windows(hex.len()).any(|window| window == hex.as_bytes()))
}

#[test]
fn damage_never_panics_and_never_invents() {
    let mut random = fastrand::Rng::new();
    let seed = std::env::var("ZEEF_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| random.u64(..));
    eprintln!("ZEEF_SEED={seed}");
    random.seed(seed);
    let mut outcomes = BTreeSet::new();
    let (_, whole) = read(SAMPLE.as_bytes(), 1 << 16);
    // A record counts from the bracket that closes it on, so what was read up to a cut is what the damage must leave.
    let complete: Vec<usize> = (0..=SAMPLE.len()).map(|end| read(&SAMPLE.as_bytes()[..end], 1 << 16).1.len()).collect();
    let known: Vec<EntryDigests> = whole.iter().flatten().map(|entry| entry.digests).collect();
    assert_eq!((known.len(), complete[SAMPLE.len()]), (2, 2));
    for round in 0..ROUNDS {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        for _ in 0..=random.usize(..4) {
            let at = random.usize(..bytes.len().max(1)).min(bytes.len());
            let end = (at + random.usize(..60)).min(bytes.len());
            match random.usize(..5) {
                0 if at < bytes.len() => bytes[at] ^= 1 << random.usize(..8),
                1 => drop(bytes.drain(at..end)),
                2 => {
                    let again = bytes[at..end].repeat(random.usize(1..20));
                    bytes.splice(at..at, again);
                }
                3 => bytes.truncate(end),
                _ => drop(bytes.splice(at..at, PARTS[random.usize(..PARTS.len())].iter().copied())),
            }
        }
        let (outcome, rows) = read(&bytes, 1 << 16);
        outcomes.insert(match &outcome {
            Ok(()) => "read",
            Err(Fault::Invalid { offset, what, .. }) => {
                assert!(*offset <= bytes.len() as u64 && !what.is_empty());
                "invalid"
            }
            Err(Fault::Limit(_)) => "limit",
            Err(Fault::Case) => "case",
            Err(Fault::HashSet) => panic!("{}", bytes.escape_ascii()),
            Err(Fault::NotThis(_)) => "not this",
            Err(Fault::Io(error)) => panic!("{error}"),
        });
        let same = SAMPLE.bytes().zip(&bytes).take_while(|(one, other)| one == *other).count();
        assert_eq!(rows.get(..complete[same]), Some(&whole[..complete[same]]), "{}", bytes.escape_ascii());
        for entry in rows.iter().flatten() {
            assert!(known.contains(&entry.digests) || all_stand_in(&bytes, &entry.digests), "{}", bytes.escape_ascii());
            assert!(!entry.digests.is_empty() && !entry.digests.is_of_nothing());
            assert!(entry.series.len() <= crate::sink::SERIES_BYTES_MAX);
        }
        // The form must not depend on where the pieces of the stream end.
        if round % 8 == 0 {
            let (again, pieces) = read(&bytes, 1 + random.usize(..7));
            assert_eq!((format!("{outcome:?}"), rows), (format!("{again:?}"), pieces));
        }
    }
    assert_eq!(outcomes.len(), 5, "{outcomes:?}");
}
