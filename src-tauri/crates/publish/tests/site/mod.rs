//! Reads a site as a workstation does, for the tests that have published it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use domain::Entry;
use domain::release::{ReleaseFile, ReleaseIndex};
use hashset::release::{Change, DeltaReader, PartReader, RowsDigest};

#[expect(clippy::disallowed_methods, reason = "files of a site that the test has published")]
pub fn bytes(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

/// Finds the release that the metadata name.
pub fn index_of(site: &Path) -> ReleaseIndex {
    let targets = std::fs::read_dir(site.join("targets")).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<ReleaseIndex> = targets
        .filter(|path| path.to_string_lossy().ends_with(".release.json"))
        .map(|path| serde_json::from_slice(&bytes(&path)).unwrap())
        .collect();
    // The last two releases are kept; the newest is the one that the metadata name.
    let names = current_targets(site);
    found.retain(|index| {
        let text = serde_json::to_vec_pretty(index).unwrap();
        names.iter().any(|name| name.starts_with(&sha256(&[&text[..], b"\n"].concat())))
    });
    assert_eq!(found.len(), 1);
    let index = found.remove(0);
    index.check().unwrap();
    index
}

pub fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    domain::Sha256(sha2::Sha256::digest(bytes).into()).to_string()
}

/// Follows timestamp, snapshot and targets metadata to the names of the files of targets.
pub fn current_targets(site: &Path) -> BTreeSet<String> {
    let json = |name: String| -> serde_json::Value {
        serde_json::from_slice(&bytes(&site.join("metadata").join(name))).unwrap()
    };
    let snapshot = json("timestamp.json".into())["signed"]["meta"]["snapshot.json"]["version"].as_u64().unwrap();
    let targets =
        json(format!("{snapshot}.snapshot.json"))["signed"]["meta"]["targets.json"]["version"].as_u64().unwrap();
    let targets = json(format!("{targets}.targets.json"));
    let list = targets["signed"]["targets"].as_object().unwrap();
    list.iter().map(|(name, file)| format!("{}.{name}", file["hashes"]["sha256"].as_str().unwrap())).collect()
}

/// Reads the rows: the snapshot, then the deltas after it. Each step is proved.
pub fn rows_of(site: &Path) -> Vec<Entry> {
    let index = index_of(site);
    let at = |file: &ReleaseFile| site.join("targets").join(format!("{}.{}", file.sha256, file.target));
    let mut rows = BTreeMap::new();
    for part in &index.snapshot.parts {
        for entry in PartReader::open(&at(&part.file), &index.set, part).unwrap() {
            let entry = entry.unwrap();
            rows.insert(entry.id, entry);
        }
    }
    for delta in index.deltas.iter().filter(|delta| delta.version > index.snapshot.version) {
        for change in DeltaReader::open(&at(&delta.file), &index.set, delta.version, &delta.file).unwrap() {
            match change.unwrap() {
                Change::Upsert(entry) => drop(rows.insert(entry.id, entry)),
                Change::Withdraw { id, .. } => assert!(rows.remove(&id).is_some(), "{id}"),
            }
        }
    }
    let mut digest = RowsDigest::new();
    rows.values().for_each(|entry| digest.push(entry));
    assert_eq!((rows.len() as u64, digest.finish()), (index.entries, index.result_digest));
    rows.into_values().collect()
}
