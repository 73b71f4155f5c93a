//! Release files go round, are the same bytes for the same rows, and say what is wrong with a bad one.
#![expect(clippy::disallowed_methods, reason = "a test reads files that it has made itself")]

use domain::release::{PartFile, ReleaseFile};
use domain::{CategoryCode, Entry, EntryDigests, Flags, Md5, PhotoDna, Standing, Verdict};
use proptest::prelude::*;

use super::*;
use crate::HashsetError;
use crate::synthetic;

fn set() -> SetName {
    "national".parse().unwrap()
}

/// Makes rows of every shape from a seed: ids ascend with gaps.
fn rows(seed: u64, count: u64) -> Vec<Entry> {
    let mut state = seed;
    let mut id = synthetic::split_mix(&mut state) % 100;
    (0..count)
        .map(|number| {
            let mut entry = synthetic::entry(seed, number);
            let dice = synthetic::split_mix(&mut state);
            id += 1 + dice % 3;
            entry.id = EntryId(id);
            if dice & 8 != 0 {
                entry.digests = EntryDigests { sha1: None, sha256: None, ..entry.digests };
            }
            if dice & 16 != 0 {
                (entry.pdq, entry.size_bytes) = (None, None);
            }
            if dice & 32 != 0 {
                entry.photodna = Some(PhotoDna(Box::new([dice as u8; 144])));
                entry.series = format!("series {}", dice % 7);
            }
            let standings = [None, Some(Standing::OneOpinion), Some(Standing::Confirmed), Some(Standing::Disputed)];
            entry.standing = standings[(dice >> 8) as usize % 4];
            let verdicts = [Verdict::Unclassified, Verdict::Member, Verdict::Category(CategoryCode("é,2".to_owned()))];
            entry.verdict = verdicts[(dice >> 16) as usize % 3].clone();
            let flag = |at: u32| [None, Some(false), Some(true)][(dice >> at) as usize % 3];
            entry.flags =
                Flags { victim_identified: flag(20), distributed: flag(24), baseline: flag(28), ..Flags::default() };
            entry
        })
        .collect()
}

fn write_part(path: &std::path::Path, rows: &[Entry]) -> Result<PartFile, HashsetError> {
    let mut writer = PartWriter::create(path, &set(), 0)?;
    rows.iter().try_for_each(|row| writer.push(row))?;
    let WrittenFile { sha256, bytes, rows } = writer.finish()?;
    Ok(PartFile { number: 0, file: ReleaseFile { target: "part".to_owned(), sha256, bytes }, entries: rows })
}

fn write_delta(path: &std::path::Path, changes: &[Change]) -> Result<(ReleaseFile, DeltaHead), HashsetError> {
    let mut writer = DeltaWriter::create(path, &set(), SetVersion(8))?;
    changes.iter().try_for_each(|change| writer.push(change))?;
    let head = DeltaHead {
        set: set(),
        version: SetVersion(8),
        base_digest: Sha256([1; 32]),
        result_digest: Sha256([2; 32]),
        result_count: 3,
    };
    let WrittenFile { sha256, bytes, .. } = writer.finish(&head)?;
    Ok((ReleaseFile { target: "delta".to_owned(), sha256, bytes }, head))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn rows_go_round_and_give_the_same_bytes(seed: u64, count in 0_u64..20_000) {
        let dir = tempfile::tempdir().unwrap();
        let (first, second) = (dir.path().join("a"), dir.path().join("b"));
        let rows = rows(seed, count);
        let part = write_part(&first, &rows).unwrap();
        prop_assert_eq!(&write_part(&second, &rows).unwrap(), &part);
        let read: Result<Vec<Entry>, _> = PartReader::open(&first, &set(), &part).unwrap().collect();
        prop_assert_eq!(read.unwrap(), rows);
    }

    #[test]
    fn changes_go_round(seed: u64, count in 0_u64..3000) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("delta");
        let changes: Vec<Change> = rows(seed, count)
            .into_iter()
            .map(|row| match row.id.0 % 4 {
                0 => Change::Withdraw { id: row.id, reason: format!("wrong: {}", row.id) },
                _ => Change::Upsert(row),
            })
            .collect();
        let (file, head) = write_delta(&path, &changes).unwrap();
        let reader = DeltaReader::open(&path, &set(), SetVersion(8), &file).unwrap();
        prop_assert_eq!(reader.head(), &head);
        prop_assert_eq!(reader.changes(), count);
        let read: Result<Vec<Change>, _> = reader.collect();
        prop_assert_eq!(read.unwrap(), changes);
    }
}

#[test]
fn a_changed_byte_is_noticed_before_anything_is_parsed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("part");
    let part = write_part(&path, &rows(1, 50)).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    for at in (0..bytes.len()).step_by(97) {
        let mut other = bytes.clone();
        other[at] ^= 1;
        std::fs::write(&path, other).unwrap();
        let error = PartReader::open(&path, &set(), &part).err().expect("the byte is noticed");
        assert!(error.to_string().contains("SHA-256"), "{error}");
    }
    std::fs::write(&path, &bytes[1..]).unwrap();
    let error = PartReader::open(&path, &set(), &part).err().expect("the length is noticed");
    assert!(error.to_string().contains("length"), "{error}");
}

#[test]
fn a_file_of_another_set_version_or_part_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("delta");
    let (file, _) = write_delta(&path, &[]).unwrap();
    let open = |set: &str, version| DeltaReader::open(&path, &set.parse().unwrap(), SetVersion(version), &file).err();
    assert!(open("national", 8).is_none());
    assert!(open("partner", 8).unwrap().to_string().contains("set_id"));
    assert!(open("national", 9).unwrap().to_string().contains("version"));
    let path = dir.path().join("part");
    let part = write_part(&path, &rows(3, 9)).unwrap();
    let open = |part: &PartFile| PartReader::open(&path, &set(), part).err();
    assert!(open(&part).is_none());
    assert!(open(&PartFile { number: 1, ..part.clone() }).unwrap().to_string().contains("part"));
    assert!(open(&PartFile { entries: 8, ..part.clone() }).unwrap().to_string().contains("number of entries"));
    let as_delta = DeltaReader::open(&path, &set(), SetVersion(8), &part.file).err().unwrap();
    assert!(as_delta.to_string().contains("columns"), "{as_delta}");
}

#[test]
fn signed_bytes_that_are_no_release_file_are_refused_with_a_reason() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("part");
    write_part(&path, &rows(5, 300)).unwrap();
    let whole = std::fs::read(&path).unwrap();
    let mut state = 9;
    let mut refused = 0;
    for _ in 0..400 {
        // Signed by their publisher as they are: only the parser stands between them and the index.
        let mut bytes = whole.clone();
        for _ in 0..1 + synthetic::split_mix(&mut state) % 8 {
            let at = synthetic::split_mix(&mut state) as usize % bytes.len();
            bytes[at] = synthetic::split_mix(&mut state) as u8;
        }
        std::fs::write(&path, &bytes).unwrap();
        let sha256 = Sha256(<sha2::Sha256 as sha2::Digest>::digest(&bytes).into());
        let file = ReleaseFile { target: "part".to_owned(), sha256, bytes: bytes.len() as u64 };
        let part = PartFile { number: 0, file, entries: 300 };
        let read = PartReader::open(&path, &set(), &part).and_then(|reader| reader.collect::<Result<Vec<_>, _>>());
        refused += usize::from(read.is_err());
    }
    assert!(refused > 50, "{refused} of 400 were refused");
}

#[test]
fn rows_that_do_not_belong_are_not_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("part");
    let good = rows(7, 2);
    let mut again = good.clone();
    again[1].id = again[0].id;
    assert!(write_part(&path, &again).is_err());
    let mut elsewhere = good.clone();
    elsewhere[1].id = EntryId(1 << PART_BITS);
    assert!(write_part(&path, &elsewhere).is_err());
    let empty: Md5 = "d41d8cd98f00b204e9800998ecf8427e".parse().unwrap();
    let mut nothing = good.clone();
    nothing[1].digests = EntryDigests { md5: Some(empty), ..EntryDigests::default() };
    assert!(write_part(&path, &nothing).is_err());
    let mut long = good.clone();
    long[1].series = "x".repeat(5000);
    assert!(write_part(&path, &long).is_err());
    assert!(write_part(&path, &good).is_ok());
}
