//! A publisher for tests and benchmarks: writes the parts and deltas of one set, and has a store take them, without any
//! signature. What a signed release needs beside that is the journey's.

#![allow(dead_code, reason = "each program uses a part of it")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::release::{
    DeltaFile, FloodLimits, Handover, MinimumVersions, PART_BITS, PartFile, RELEASE_SCHEMA, ReleaseFile, ReleaseIndex,
    SnapshotIndex, VerifiedFile, Way,
};
use domain::{
    Entry, EntryId, Meanings, Profile, ReleaseStamp, Role, SetName, SetVersion, Sha256, UtcTime, VerdictBasis,
};
use hashset::release::{Change, DeltaHead, DeltaWriter, PartWriter, RowsDigest, WrittenFile};
use hashset::{Applied, Consent, HashsetError, Incoming, Sets};

/// More than any test changes.
const GENEROUS: FloodLimits = FloodLimits { upserts_max: 1 << 40, withdrawals_max: 1 << 40, quarantined_max: 1 << 40 };
const DAY: i64 = 86_400_000_000;

/// Publishes one set into a folder.
pub struct Publisher {
    folder: PathBuf,
    pub set: SetName,
    pub role: Role,
    pub rows: BTreeMap<u64, Entry>,
    pub version: SetVersion,
    /// Until when the newest release is fresh.
    pub expires: UtcTime,
    deltas: Vec<DeltaFile>,
    snapshot: SnapshotIndex,
}

impl Publisher {
    /// Publishes the first version. Entries come by id.
    pub fn new(folder: &Path, set: &str, role: Role, entries: impl Iterator<Item = Entry>) -> Self {
        std::fs::create_dir_all(folder).expect("a folder can be made");
        let set: SetName = set.parse().expect("a plain name");
        let rows: BTreeMap<u64, Entry> = entries.map(|entry| (entry.id.0, entry)).collect();
        let version = SetVersion(1);
        let parts = write_parts(folder, &set, &rows);
        let snapshot = SnapshotIndex { version, entries: rows.len() as u64, result_digest: digest(&rows), parts };
        let (folder, expires) = (folder.to_owned(), UtcTime(4_102_444_800_000_000));
        Self { folder, set, role, rows, version, expires, deltas: Vec::new(), snapshot }
    }

    /// Makes the next version: new or replaced entries, and withdrawn ones with a reason.
    pub fn release(&mut self, upserts: Vec<Entry>, withdrawals: &[(u64, &str)]) {
        let base_digest = digest(&self.rows);
        let mut changes: BTreeMap<u64, Change> = BTreeMap::new();
        for (id, reason) in withdrawals {
            self.rows.remove(id).expect("only what is there is withdrawn");
            changes.insert(*id, Change::Withdraw { id: EntryId(*id), reason: (*reason).to_owned() });
        }
        let upserted = upserts.len() as u64;
        for entry in upserts {
            self.rows.insert(entry.id.0, entry.clone());
            changes.insert(entry.id.0, Change::Upsert(entry));
        }
        self.version = SetVersion(self.version.0 + 1);
        let (set, version, result_digest) = (self.set.clone(), self.version, digest(&self.rows));
        let target = format!("{set}-delta-{version}.parquet");
        let mut writer = DeltaWriter::create(&self.folder.join(&target), &set, version).expect("it can be written");
        changes.values().for_each(|change| writer.push(change).expect("changes come by id"));
        let result_count = self.rows.len() as u64;
        let written = writer.finish(&DeltaHead { set, version, base_digest, result_digest, result_count });
        self.deltas.push(DeltaFile {
            version,
            file: file(target, &written.expect("it can be written")),
            upserts: upserted,
            withdrawals: withdrawals.len() as u64,
            entries: result_count,
            result_digest,
        });
    }

    /// Brings a store to the present version, as the post room's hand-over would.
    pub fn sync(&self, sets_dir: &Path, now: UtcTime) -> Result<Applied, HashsetError> {
        let (index, stamp, files) = self.on_the_way(sets_dir, now);
        let (folder, enrolled_limits) = (self.folder.clone(), GENEROUS);
        let incoming = Incoming { index, stamp, allowed: None, folder, files, enrolled_limits, now };
        hashset::apply(sets_dir, &incoming, Consent::Limits)
    }

    /// Puts the files of the way where the post room would, and gives what it would say.
    pub fn hand_over(&self, sets_dir: &Path, now: UtcTime) -> Handover {
        let (index, stamp, files) = self.on_the_way(sets_dir, now);
        let folder = sets_dir.join("sync").join(index.publisher.as_str()).join("incoming");
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        for file in &files {
            std::fs::copy(self.folder.join(&file.name), folder.join(&file.name)).expect("it can be copied");
        }
        Handover::Verified {
            publisher: index.publisher.clone(),
            freshness: stamp.freshness(now),
            index: Box::new(index),
            stamp: Box::new(stamp),
            allowed_categories: None,
            folder: "/somewhere/else".to_owned(),
            files,
            overridden_by: Vec::new(),
        }
    }

    fn on_the_way(&self, sets_dir: &Path, now: UtcTime) -> (ReleaseIndex, ReleaseStamp, Vec<VerifiedFile>) {
        let sets = Sets::open(sets_dir).expect("the store opens");
        let installed = sets.list().iter().find(|info| info.stamp.name == self.set).map(|info| info.stamp.version);
        let index = self.index();
        let verified = |file: &ReleaseFile| VerifiedFile { file: file.clone(), name: file.target.clone() };
        let files = match index.way_from(installed) {
            Way::Current => Vec::new(),
            Way::Deltas(deltas) => deltas.iter().map(|delta| verified(&delta.file)).collect(),
            Way::Snapshot(snapshot, deltas) => {
                let parts = snapshot.parts.iter().map(|part| &part.file);
                parts.chain(deltas.iter().map(|delta| &delta.file)).map(verified).collect()
            }
        };
        let number = u64::from(index.version.0);
        let stamp = ReleaseStamp {
            publisher: index.publisher.clone(),
            title: index.title.clone(),
            result_digest: index.result_digest,
            seen: MinimumVersions { root: 1, timestamp: number, snapshot: number },
            checked: now,
            expires: self.expires,
            grace_days: index.grace_days,
            limits: index.limits,
        };
        (index, stamp, files)
    }

    fn index(&self) -> ReleaseIndex {
        ReleaseIndex {
            schema: RELEASE_SCHEMA,
            publisher: self.set.as_str().parse().expect("a plain name"),
            set: self.set.clone(),
            title: "a set of tests".to_owned(),
            role: self.role,
            profile: Some(Profile::parse("US").expect("a scheme that is shipped")),
            scheme: None,
            basis: VerdictBasis::Category,
            meanings: Meanings::new(),
            version: self.version,
            published: UtcTime(i64::from(self.version.0) * DAY),
            entries: self.rows.len() as u64,
            result_digest: digest(&self.rows),
            grace_days: 7,
            limits: GENEROUS,
            deltas: self.deltas.clone(),
            snapshot: self.snapshot.clone(),
        }
    }
}

fn digest(rows: &BTreeMap<u64, Entry>) -> Sha256 {
    let mut digest = RowsDigest::new();
    rows.values().for_each(|entry| digest.push(entry));
    digest.finish()
}

fn file(target: String, written: &WrittenFile) -> ReleaseFile {
    ReleaseFile { target, sha256: written.sha256, bytes: written.bytes }
}

fn write_parts(folder: &Path, set: &SetName, rows: &BTreeMap<u64, Entry>) -> Vec<PartFile> {
    let mut parts = Vec::new();
    let mut numbers: Vec<u64> = rows.keys().map(|id| id >> PART_BITS).collect();
    numbers.dedup();
    for number in numbers {
        let target = format!("{set}-part-{number:06}.parquet");
        let mut writer = PartWriter::create(&folder.join(&target), set, number).expect("it can be written");
        for entry in rows.range(number << PART_BITS..(number + 1) << PART_BITS).map(|(_, entry)| entry) {
            writer.push(entry).expect("entries come by id");
        }
        let written = writer.finish().expect("it can be written");
        parts.push(PartFile { number, file: file(target, &written), entries: written.rows });
    }
    parts
}
