//! A newer program reads an older store: manifests and segments of format 1, as the first Zeef wrote them.
#![expect(clippy::disallowed_methods, reason = "a test reads and writes files that it has made itself")]

use std::collections::BTreeMap;
use std::path::Path;

use domain::{Role, SetName, SetStamp, SetVersion, Sha256, UtcTime};
use serde::Serialize;
use sha2::Digest as _;

use crate::layout::TABLE_BYTES;
use crate::model::{files, import, new_set};
use crate::store::{Manifest, NO_CHECKSUM, checksum_of, quarantine_name, segment_name, with_checksum};
use crate::{Sets, synthetic};

#[derive(Serialize)]
struct OldManifest {
    format: u32,
    generation: u64,
    sets: Vec<OldSet>,
    retired: BTreeMap<SetName, SetVersion>,
    checksum: String,
}

#[derive(Serialize)]
struct OldSet {
    stamp: SetStamp,
    kind: String,
    imported: UtcTime,
    sources: Vec<String>,
    source_sha256: Vec<Sha256>,
    refused: BTreeMap<String, u64>,
    categories: BTreeMap<String, u64>,
    entries: u64,
    conflicts: u64,
    with_pdq: u64,
    with_md5: u64,
    with_sha1: u64,
    with_sha256: u64,
    segment: Sha256,
    segment_bytes: u64,
    quarantined: u64,
    quarantine: Vec<OldQuarantine>,
}

#[derive(Serialize)]
struct OldQuarantine {
    good: SetName,
    file: Sha256,
    bytes: u64,
    entries: u64,
}

fn sha256(bytes: &[u8]) -> Sha256 {
    Sha256(sha2::Sha256::digest(bytes).into())
}

/// Gives a segment the format number 1. It has no standings, so all else is as format 1 has it.
fn old_segment(dir: &Path, name: &Sha256) -> Sha256 {
    let path = dir.join(segment_name(name));
    let mut bytes = std::fs::read(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    let table = bytes.len() - TABLE_BYTES;
    for at in [8, table + 8] {
        assert_eq!(bytes[at..at + 4], 2_u32.to_le_bytes());
        bytes[at..at + 4].copy_from_slice(&1_u32.to_le_bytes());
    }
    let sum_at = bytes.len() - 32;
    let sum = sha2::Sha256::digest(&bytes[table..sum_at]);
    bytes[sum_at..].copy_from_slice(&sum);
    std::fs::write(dir.join(segment_name(&sha256(&bytes))), &bytes).unwrap();
    sha256(&bytes)
}

/// Rewrites a store of imported sets as the first Zeef would have written it.
fn make_old(dir: &Path) {
    let manifest = Manifest::read(dir).unwrap();
    let segments: BTreeMap<Sha256, Sha256> =
        manifest.sets.iter().map(|set| (set.base.segment, old_segment(dir, &set.base.segment))).collect();
    let quarantine = |part: &crate::store::StoredQuarantine| {
        let path = dir.join(quarantine_name(&part.file));
        let mut bytes = std::fs::read(&path).unwrap();
        std::fs::remove_file(path).unwrap();
        bytes[32..64].copy_from_slice(&segments[&part.known_segment].0);
        bytes[64..96].copy_from_slice(&segments[&part.good_segment].0);
        std::fs::write(dir.join(quarantine_name(&sha256(&bytes))), &bytes).unwrap();
        OldQuarantine { good: part.good.clone(), file: sha256(&bytes), bytes: part.bytes, entries: part.entries }
    };
    let sets = manifest.sets.iter().map(|set| OldSet {
        stamp: set.stamp.clone(),
        kind: set.kind.clone(),
        imported: set.imported,
        sources: set.sources.clone(),
        source_sha256: set.source_sha256.clone(),
        refused: set.refused.clone(),
        categories: set.categories.clone(),
        entries: set.entries,
        conflicts: set.conflicts,
        with_pdq: set.with_pdq,
        with_md5: set.with_md5,
        with_sha1: set.with_sha1,
        with_sha256: set.with_sha256,
        segment: segments[&set.base.segment],
        segment_bytes: set.base.segment_bytes,
        quarantined: set.quarantined,
        quarantine: set.quarantine.iter().map(quarantine).collect(),
    });
    let old = OldManifest {
        format: 1,
        generation: manifest.generation,
        sets: sets.collect(),
        retired: manifest.retired.clone(),
        checksum: NO_CHECKSUM.to_owned(),
    };
    let mut bytes = serde_json::to_vec_pretty(&old).unwrap();
    bytes.push(b'\n');
    let sum = checksum_of(&bytes);
    std::fs::write(dir.join("MANIFEST"), with_checksum(&bytes, &sum).unwrap()).unwrap();
}

#[test]
fn a_store_of_format_1_answers_as_before_and_takes_new_sets() {
    let dir = tempfile::tempdir().unwrap();
    let rows = |numbers: std::ops::Range<u64>| numbers.map(|number| synthetic::entry(1, number)).collect::<Vec<_>>();
    import(dir.path(), new_set("known", Role::Known), &rows(0..100), 64).unwrap();
    import(dir.path(), new_set("good", Role::Good), &rows(90..120), 64).unwrap();
    let answers = || {
        let sets = Sets::open(dir.path()).unwrap();
        sets.verify().unwrap();
        let digests = rows(0..130).into_iter().map(|row| domain::AnyDigest::Md5(row.digests.md5.unwrap()));
        let hits: Vec<_> = digests.map(|digest| sets.lookup_digest(&digest)).collect();
        (hits, sets.quarantine(&"known".parse().unwrap()), sets.list()[0].quarantined)
    };
    let before = answers();
    assert_eq!(before.2, 10);
    make_old(dir.path());
    assert_eq!(answers(), before);
    import(dir.path(), new_set("second", Role::Good), &rows(0..5), 64).unwrap();
    assert_eq!(answers().2, 15, "what the old sets share is still known, and compared with what is new");
    assert_eq!(files(dir.path(), ".hseg").len(), 3);
    let text = std::fs::read_to_string(dir.path().join("MANIFEST")).unwrap();
    assert!(text.contains("\"format\": 2"), "an older program says that it is too old");
}
