//! What the tests of the readers share: reading bytes as a list, and damaging bytes by a seed that is printed.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use domain::{Entry, EntryDigests, EntryRefusal};

use crate::recognise::StreamReader;
use crate::{Fault, FormatsError, ListHead, ListKind, ReadOptions, ReadSummary, Sink, recognise};

/// MD5, SHA-1 and SHA-256 of `abc`.
pub(crate) const MD5: &str = "900150983cd24fb0d6963f7d28e17f72";
pub(crate) const SHA1: &str = "a9993e364706816aba3e25717850c26c9cd0d89d";
pub(crate) const SHA256: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
/// MD5, SHA-1 and SHA-256 of nothing.
pub(crate) const EMPTY: [&str; 3] = [
    "d41d8cd98f00b204e9800998ecf8427e",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
];

/// Holds a list that was read.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) summary: ReadSummary,
    pub(crate) entries: Vec<Entry>,
}

impl Got {
    /// Gives how many records were refused, by the sentences that people read.
    pub(crate) fn refusals(&self) -> BTreeMap<String, u64> {
        domain::refused_in_words(&self.summary.refused)
    }

    /// Gives how many records were refused for this reason.
    pub(crate) fn refused(&self, why: &str) -> u64 {
        self.refusals().get(why).copied().unwrap_or(0)
    }
}

/// Reads a file as whoever imports it does.
pub(crate) fn read_path(path: &Path, options: &ReadOptions) -> Result<Got, FormatsError> {
    let mut entries = Vec::new();
    let summary = crate::read(path, options, &mut |row| {
        entries.extend(row);
        ControlFlow::Continue(())
    })?;
    assert_eq!(summary.entries, entries.len() as u64);
    assert_eq!(summary.rows, summary.entries + summary.refused.values().sum::<u64>());
    Ok(Got { summary, entries })
}

/// Reads bytes as whoever imports them does: recognised by content, from a file without a telling name.
pub(crate) fn read_bytes(bytes: &[u8]) -> Result<Got, FormatsError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    read_path(file.path(), &ReadOptions::default())
}

/// Reads bytes that have to be a list of this kind.
pub(crate) fn read_as(kind: ListKind, bytes: impl AsRef<[u8]>) -> Got {
    let got = read_bytes(bytes.as_ref()).unwrap();
    assert_eq!(got.summary.head.kind, kind);
    got
}

/// Gives where and why bytes are refused as a list of this kind.
pub(crate) fn refusal(kind: ListKind, bytes: impl AsRef<[u8]>) -> (u64, String) {
    match read_bytes(bytes.as_ref()) {
        Err(FormatsError::Invalid { kind: got, offset, what, .. }) if got == kind => (offset, what),
        other => panic!("{other:?}"),
    }
}

/// Reads bytes by one reader, in pieces of at most `piece` bytes, and gives the rows up to its end or to its fault.
fn rows_in_pieces(reader: &StreamReader, bytes: &[u8], piece: usize) -> (Rows, Result<(), Fault>) {
    let mut rows = Vec::new();
    let mut keep = |row| {
        rows.push(row);
        ControlFlow::Continue(())
    };
    let mut sink = Sink::new(&mut keep);
    let mut input: Box<dyn BufRead> = Box::new(BufReader::with_capacity(piece, bytes));
    let outcome = (reader.read)(&mut *input, &mut ListHead::new(reader.kind), &ReadOptions::default(), &mut sink);
    assert_eq!(sink.rows, sink.entries + sink.refused.values().sum::<u64>());
    (rows, outcome)
}

/// Reads bytes by one reader, all of them or none.
fn read_in_pieces(reader: &StreamReader, bytes: &[u8], piece: usize) -> Result<Read, Fault> {
    let (rows, outcome) = rows_in_pieces(reader, bytes, piece);
    outcome.map(|()| Read { rows })
}

type Rows = Vec<Result<Entry, EntryRefusal>>;

struct Read {
    rows: Rows,
}

fn reader_of(kind: ListKind, bytes: &[u8]) -> &'static StreamReader {
    let reader = recognise::stream(bytes).expect("the sample is recognised");
    assert_eq!(reader.kind, kind);
    reader
}

/// Cuts a list at every byte from `from` on: what is left is refused, or gives the first entries of the whole and no other.
pub(crate) fn check_cuts(kind: ListKind, bytes: &[u8], from: usize) {
    let reader = reader_of(kind, bytes);
    let whole: Vec<_> = read_in_pieces(reader, bytes, 8192).unwrap().rows.into_iter().map(digests_of).collect();
    let mut refused = 0;
    for end in from..bytes.len() {
        match read_in_pieces(reader, &bytes[..end], 8192) {
            Ok(part) => {
                let part: Vec<_> = part.rows.into_iter().map(digests_of).collect();
                assert_eq!(part, whole[..part.len()], "cut at byte {end}");
            }
            Err(Fault::Invalid { offset, .. }) => {
                assert!(offset <= end as u64, "cut at byte {end}, said {offset}");
                refused += 1;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(refused > 0, "no cut is ever seen");
}

fn digests_of(row: Result<Entry, EntryRefusal>) -> Result<EntryDigests, EntryRefusal> {
    row.map(|entry| entry.digests)
}

/// Damages a list many times over: no panic, no digest of nothing, no digest that is not there, the records before the
/// damage as they were, the same answer whatever the pieces it arrives in.
pub(crate) fn check_damage(kind: ListKind, bytes: &[u8]) {
    let reader = reader_of(kind, bytes);
    let mut random = Random::new();
    let untouched = Untouched::of(reader, bytes);
    for _ in 0..DAMAGES {
        let damaged = random.damage(bytes);
        let piece = 1 + random.below(64);
        untouched.check(reader, bytes, &damaged);
        let whole = read_in_pieces(reader, &damaged, 8192);
        let pieces = read_in_pieces(reader, &damaged, piece);
        match (whole, pieces) {
            (Ok(whole), Ok(pieces)) => {
                assert_eq!(whole.rows, pieces.rows);
                for entry in whole.rows.into_iter().flatten() {
                    assert!(!entry.digests.is_empty() && !entry.digests.is_of_nothing());
                }
            }
            (Err(Fault::Invalid { offset, what, .. }), Err(Fault::Invalid { offset: also, what: too, .. })) => {
                assert_eq!((offset, &what), (also, &too));
                assert!(offset <= damaged.len() as u64 && !what.is_empty());
            }
            (one, other) => panic!("{:?} {:?}", one.map(|read| read.rows), other.map(|read| read.rows)),
        }
        recognise::stream(&damaged);
    }
}

/// Knows how many records of a list are complete before each byte of it.
struct Untouched {
    rows: Rows,
    complete: Vec<usize>,
}

impl Untouched {
    fn of(reader: &StreamReader, bytes: &[u8]) -> Self {
        let (rows, outcome) = rows_in_pieces(reader, bytes, 8192);
        outcome.expect("the sample is whole");
        // The record that a cut goes through is not complete, whatever the reader makes of what is left of it.
        let complete =
            (0..=bytes.len()).map(|end| rows_in_pieces(reader, &bytes[..end], 8192).0.len().saturating_sub(1));
        Self { complete: complete.collect(), rows }
    }

    /// Checks that every record before the first damaged byte is read as it was, and every digest stands in the bytes.
    fn check(&self, reader: &StreamReader, bytes: &[u8], damaged: &[u8]) {
        let same = bytes.iter().zip(damaged).take_while(|(one, other)| one == other).count();
        let (rows, _) = rows_in_pieces(reader, damaged, 8192);
        let complete = self.complete[same];
        assert_eq!(rows.get(..complete), Some(&self.rows[..complete]), "{}", damaged.escape_ascii());
        let text = damaged.to_ascii_lowercase();
        let stands = |hex: String, raw: &[u8]| {
            let in_text = text.windows(hex.len()).any(|window| window == hex.as_bytes());
            in_text || damaged.windows(raw.len()).any(|window| window == raw)
        };
        let known: Vec<EntryDigests> = self.rows.iter().flatten().map(|entry| entry.digests).collect();
        for digests in rows.iter().flatten().map(|entry| entry.digests).filter(|digests| !known.contains(digests)) {
            assert!(digests.md5.is_none_or(|digest| stands(digest.to_string(), &digest.0)), "{digests:?}");
            assert!(digests.sha1.is_none_or(|digest| stands(digest.to_string(), &digest.0)), "{digests:?}");
            assert!(digests.sha256.is_none_or(|digest| stands(digest.to_string(), &digest.0)), "{digests:?}");
        }
    }
}

/// How many damaged copies each reader of text gets; some seconds in all.
const DAMAGES: usize = 10_000;

/// Draws numbers from a seed that is printed; `ZEEF_SEED` repeats a run. Method: splitmix64.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new() -> Self {
        let given = std::env::var("ZEEF_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| RandomState::new().hash_one(0));
        eprintln!("ZEEF_SEED={seed}");
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    /// Changes a few bytes: flips, deletes, repeats, inserts what lists are made of, cuts.
    pub(crate) fn damage(&mut self, bytes: &[u8]) -> Vec<u8> {
        const PARTS: [&[u8]; 16] = [
            b"\n",
            b"\r\n",
            b"\"",
            b";",
            b",",
            b"\0",
            b"\xFF",
            b"\xEF\xBB\xBF",
            b" ",
            b"\\",
            b"%%%% ",
            b"0",
            b"f",
            b"(",
            b") = ",
            b"\xC3",
        ];
        let mut out = bytes.to_vec();
        for _ in 0..=self.below(6) {
            let at = self.below(out.len());
            match self.below(6) {
                0 if !out.is_empty() => out[at] ^= 1 << self.below(8),
                1 if !out.is_empty() => out[at] = self.next() as u8,
                2 => {
                    let end = (at + self.below(40)).min(out.len());
                    out.drain(at..end);
                }
                3 => {
                    let end = (at + self.below(200)).min(out.len());
                    let again = out[at..end].to_vec();
                    out.splice(at..at, again);
                }
                4 => out.truncate(at),
                _ => {
                    let part = PARTS[self.below(PARTS.len())];
                    out.splice(at..at, part.iter().copied());
                }
            }
        }
        out
    }
}

/// Makes a SQLite file by statements, in a folder of its own and under a name that would mean something in an address.
pub(crate) fn database(statements: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list?x=1&immutable=0#%41 \u{e9}.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch(statements).unwrap();
    (folder, path)
}

/// Gives counts by reason, for comparing with a summary.
pub(crate) fn counts(counts: &[(&str, u64)]) -> BTreeMap<String, u64> {
    counts.iter().map(|(why, count)| ((*why).to_owned(), *count)).collect()
}

/// Makes items of a classification set, with texts that could do harm.
pub(crate) fn items() -> impl proptest::strategy::Strategy<Value = Vec<domain::ClassifiedItem>> {
    proptest::collection::vec(item(), 0..6)
}

fn item() -> impl proptest::strategy::Strategy<Value = domain::ClassifiedItem> {
    use domain::{
        CategoryCode, ClassifiedItem, ClassifiedVeto, Digests, EntryId, Md5, MediaClass, MediaType, Pdq, SetVersion,
        Sha1, Sha256, Standing, UtcTime, Vote,
    };
    use proptest::prelude::*;

    let code = proptest::option::of(prop_oneof!["[0-9]", "[A-C]", "[1-9][0-9]{1,3}", "0[0-9]"].prop_map(CategoryCode));
    let standing = proptest::option::of(prop_oneof![
        Just(Standing::OneOpinion),
        Just(Standing::Confirmed),
        Just(Standing::Disputed)
    ]);
    let vote = (any::<u16>(), "[0-9A-C]").prop_map(|(at, code)| Vote {
        by: "=Anna;-1".parse().unwrap(),
        category: CategoryCode(code),
        at: UtcTime(i64::from(at) * 1_000_000),
    });
    let veto = harmful_text().prop_map(|reason| ClassifiedVeto {
        set: "@set".parse().unwrap(),
        version: SetVersion(3),
        entry: EntryId(7),
        reason,
    });
    let digests = (any::<[u8; 16]>(), any::<[u8; 20]>(), any::<[u8; 32]>(), any::<u64>());
    let texts = (proptest::collection::vec(harmful_text(), 0..3), "[a-z]{1,5}/[a-z]{1,5}", any::<u64>());
    let lists = (proptest::collection::vec(vote, 0..3), proptest::collection::vec(veto, 0..3));
    let more = (code, standing, flags(), proptest::option::of(any::<[u8; 32]>()));
    (digests, texts, lists, more).prop_map(
        |((md5, sha1, sha256, size_bytes), (series, mime, occurrences), (votes, vetoes), more)| ClassifiedItem {
            digests: Digests { md5: Md5(md5), sha1: Sha1(sha1), sha256: Sha256(sha256), size_bytes },
            media: MediaType { mime, class: MediaClass::Picture },
            category: more.0,
            standing: more.1,
            votes,
            flags: more.2,
            series,
            pdq: more.3.map(Pdq),
            vetoes,
            occurrences,
        },
    )
}

/// Makes flags, each absent, true or false.
pub(crate) fn flags() -> impl proptest::strategy::Strategy<Value = domain::Flags> {
    use proptest::prelude::*;
    any::<[Option<bool>; 6]>().prop_map(|flags| domain::Flags {
        victim_identified: flags[0],
        offender_identified: flags[1],
        distributed: flags[2],
        suspected: flags[3],
        self_generated: flags[4],
        baseline: flags[5],
    })
}

/// Makes texts of what spreadsheets, pages and terminals act upon.
pub(crate) fn harmful_text() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    const PARTS: [&str; 22] = [
        "=cmd",
        "+1",
        "-1",
        "@x",
        "'",
        "\"",
        ";",
        ",",
        "\t",
        "\r\n",
        " ",
        "<b>",
        "&amp;",
        "\u{202e}",
        "\u{2028}",
        "\\",
        "\\u{41}",
        "\u{ff1d}1",
        "\u{feff}",
        "|",
        "é",
        "😀",
    ];
    prop_oneof![
        proptest::collection::vec(proptest::sample::select(&PARTS[..]), 0..6).prop_map(|parts| parts.concat()),
        any::<String>(),
    ]
}
