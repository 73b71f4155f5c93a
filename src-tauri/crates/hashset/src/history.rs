//! Compares published sets with a plain model over random histories of releases: by deltas and by snapshots, compacted or
//! not, beside good sets that come by hand and by releases.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::release::{
    DeltaFile, FloodLimits, MinimumVersions, PART_BITS, PartFile, RELEASE_SCHEMA, ReleaseFile, ReleaseIndex,
    SnapshotIndex, VerifiedFile, Way,
};
use domain::{
    Entry, EntryId, Meanings, Profile, ReleaseStamp, Role, SetName, SetVersion, Sha256, UtcTime, VerdictBasis,
};
use proptest::prelude::*;

use crate::apply::apply_with;
use crate::compact::compact_with;
use crate::model::{Dice, Model, ModelSet, compare, import, new_set};
use crate::release::{Change, DeltaHead, DeltaWriter, PartWriter, RowsDigest, WrittenFile};
use crate::store::Order;
use crate::{Applied, Consent, HashsetError, Incoming, Sets};

/// More than any test here changes.
pub(crate) const GENEROUS: FloodLimits =
    FloodLimits { upserts_max: 1 << 40, withdrawals_max: 1 << 40, quarantined_max: 1 << 40 };

/// Publishes one set into a folder.
pub(crate) struct Publisher {
    dir: PathBuf,
    pub set: SetName,
    pub role: Role,
    pub rows: BTreeMap<u64, Entry>,
    pub version: SetVersion,
    deltas: Vec<DeltaFile>,
    snapshot: Option<SnapshotIndex>,
    pub limits: FloodLimits,
}

pub(crate) fn digest(rows: &BTreeMap<u64, Entry>) -> Sha256 {
    let mut digest = RowsDigest::new();
    rows.values().for_each(|entry| digest.push(entry));
    digest.finish()
}

fn file(target: String, written: &WrittenFile) -> ReleaseFile {
    ReleaseFile { target, sha256: written.sha256, bytes: written.bytes }
}

impl Publisher {
    pub fn new(dir: &Path, set: &str, role: Role) -> Self {
        Self {
            dir: dir.to_owned(),
            set: set.parse().unwrap(),
            role,
            rows: BTreeMap::new(),
            version: SetVersion(0),
            deltas: Vec::new(),
            snapshot: None,
            limits: GENEROUS,
        }
    }

    /// Makes the next version, and the delta that leads to it.
    pub fn release(&mut self, changes: &[Change]) {
        let (base, base_digest) = (self.version, digest(&self.rows));
        for change in changes {
            match change {
                Change::Upsert(entry) => drop(self.rows.insert(entry.id.0, entry.clone())),
                Change::Withdraw { id, .. } => drop(self.rows.remove(&id.0).unwrap()),
            }
        }
        self.version = SetVersion(base.0 + 1);
        if base.0 == 0 {
            return;
        }
        let (version, result_digest) = (self.version, digest(&self.rows));
        let target = format!("{}-delta-{version}.parquet", self.set);
        let mut writer = DeltaWriter::create(&self.dir.join(&target), &self.set, version).unwrap();
        changes.iter().for_each(|change| writer.push(change).unwrap());
        let result_count = self.rows.len() as u64;
        let written = writer
            .finish(&DeltaHead { set: self.set.clone(), version, base_digest, result_digest, result_count })
            .unwrap();
        let withdrawals = changes.iter().filter(|change| matches!(change, Change::Withdraw { .. })).count() as u64;
        self.deltas.push(DeltaFile {
            version,
            file: file(target, &written),
            upserts: changes.len() as u64 - withdrawals,
            withdrawals,
            entries: result_count,
            result_digest,
        });
    }

    /// Writes the parts of the present version.
    pub fn snapshot(&mut self) {
        let (entries, result_digest) = (self.rows.len() as u64, digest(&self.rows));
        let name = |number: u64| self.dir.join(format!("{}-{}-part-{number}.parquet", self.set, self.version));
        let parts = write_parts(&self.set, self.rows.values(), &name);
        self.snapshot = Some(SnapshotIndex { version: self.version, entries, result_digest, parts });
    }

    /// Describes the present version, with the last `deltas` deltas and those that the snapshot needs.
    pub fn index(&self, deltas: usize) -> ReleaseIndex {
        let snapshot = self.snapshot.clone().unwrap();
        let since = SetVersion(self.version.0.saturating_sub(deltas as u32)).min(snapshot.version);
        ReleaseIndex {
            schema: RELEASE_SCHEMA,
            publisher: "national".parse().unwrap(),
            set: self.set.clone(),
            title: "a set".to_owned(),
            role: self.role,
            profile: Some(Profile::parse("US").unwrap()),
            scheme: None,
            basis: VerdictBasis::Category,
            meanings: Meanings::new(),
            version: self.version,
            published: UtcTime(i64::from(self.version.0)),
            entries: self.rows.len() as u64,
            result_digest: digest(&self.rows),
            grace_days: 7,
            limits: self.limits,
            deltas: self.deltas.iter().filter(|delta| delta.version > since).cloned().collect(),
            snapshot,
        }
    }

    /// Hands over what leads from the installed version to the present one.
    pub fn incoming(&self, index: ReleaseIndex, installed: Option<SetVersion>) -> Incoming {
        let verified = |file: &ReleaseFile| VerifiedFile { file: file.clone(), name: file.target.clone() };
        let files = match index.way_from(installed) {
            Way::Current => Vec::new(),
            Way::Deltas(deltas) => deltas.iter().map(|delta| verified(&delta.file)).collect(),
            Way::Snapshot(snapshot, deltas) => {
                let parts = snapshot.parts.iter().map(|part| &part.file);
                parts.chain(deltas.iter().map(|delta| &delta.file)).map(verified).collect()
            }
        };
        let version = u64::from(index.version.0);
        let stamp = ReleaseStamp {
            publisher: index.publisher.clone(),
            title: index.title.clone(),
            result_digest: index.result_digest,
            seen: MinimumVersions { root: 1, timestamp: version, snapshot: version },
            checked: UtcTime(10),
            expires: UtcTime(20),
            grace_days: index.grace_days,
            limits: index.limits,
        };
        let (folder, enrolled_limits) = (self.dir.clone(), GENEROUS);
        Incoming { index, stamp, allowed: None, folder, files, enrolled_limits, now: UtcTime(11) }
    }

    /// Brings a store to the present version.
    pub fn sync(&self, sets: &Path, deltas: usize) -> Result<Applied, HashsetError> {
        let installed = version_in(sets, &self.set);
        apply_with(sets, &self.incoming(self.index(deltas), installed), Consent::Limits, 50, Order::Safe)
    }
}

pub(crate) fn version_in(sets: &Path, name: &SetName) -> Option<SetVersion> {
    let sets = Sets::open(sets).unwrap();
    sets.list().iter().find(|info| info.stamp.name == *name).map(|info| info.stamp.version)
}

/// Writes entries, which come by id, as the parts of a snapshot.
fn write_parts<'a>(
    set: &SetName,
    rows: impl Iterator<Item = &'a Entry>,
    name: &dyn Fn(u64) -> PathBuf,
) -> Vec<PartFile> {
    let mut by_part: BTreeMap<u64, Vec<&Entry>> = BTreeMap::new();
    rows.for_each(|entry| by_part.entry(entry.id.0 >> PART_BITS).or_default().push(entry));
    let part = |(number, entries): (u64, Vec<&Entry>)| {
        let path = name(number);
        let mut writer = PartWriter::create(&path, set, number).unwrap();
        entries.iter().for_each(|entry| writer.push(entry).unwrap());
        let written = writer.finish().unwrap();
        let target = path.file_name().unwrap().to_str().unwrap().to_owned();
        PartFile { number, file: file(target, &written), entries: written.rows }
    };
    by_part.into_iter().map(part).collect()
}

/// Draws changes of about `count` entries; ids are drawn from three parts.
fn changes(dice: &mut Dice, rows: &BTreeMap<u64, Entry>, count: u64) -> Vec<Change> {
    let mut out: BTreeMap<u64, Change> = BTreeMap::new();
    for _ in 0..count {
        let known: Vec<u64> = rows.keys().copied().collect();
        let id = match dice.below(2) {
            0 if !known.is_empty() => known[dice.below(known.len() as u64) as usize],
            _ => (dice.below(3) << PART_BITS) + dice.below(40),
        };
        let change = match dice.below(3) {
            0 if rows.contains_key(&id) => Change::Withdraw { id: EntryId(id), reason: format!("reason {id}") },
            // Now and then a change that changes nothing.
            1 if rows.contains_key(&id) && dice.below(4) == 0 => Change::Upsert(rows[&id].clone()),
            _ => {
                let mut entry = Entry { id: EntryId(id), ..dice.entry(7) };
                while entry.digests.is_empty() {
                    entry = Entry { id: EntryId(id), ..dice.entry(7) };
                }
                Change::Upsert(entry)
            }
        };
        out.insert(id, change);
    }
    out.into_values().collect()
}

/// Compares rows, digest, changes and exported parts with those of the publisher.
fn compare_published(sets_dir: &Path, publisher: &Publisher, history: &[BTreeMap<u64, Entry>], out: &Path) {
    let sets = Sets::open(sets_dir).unwrap();
    let rows: Vec<Entry> = sets.rows(&publisher.set).unwrap().map(Result::unwrap).collect();
    assert!(rows.iter().eq(publisher.rows.values()));
    let parts = write_parts(&publisher.set, rows.iter(), &|number| out.join(format!("export-{number}")));
    let wanted = write_parts(&publisher.set, publisher.rows.values(), &|number| out.join(format!("wanted-{number}")));
    let bytes = |parts: &[PartFile]| {
        parts.iter().map(|part| (part.number, part.file.sha256, part.file.bytes)).collect::<Vec<_>>()
    };
    assert_eq!(bytes(&parts), bytes(&wanted));
    let info = sets.list().iter().find(|info| info.stamp.name == publisher.set).unwrap();
    assert_eq!(info.release.as_ref().unwrap().result_digest, digest(&publisher.rows));
    for (since, before) in (1_u32..).zip(history) {
        let Some(log) = sets.changes(&publisher.set, SetVersion(since)).unwrap() else { continue };
        let mut now = before.clone();
        let mut last = None;
        for change in log {
            let change = change.unwrap();
            assert!(last < Some((change.version, change.id)), "by version, then by id");
            last = Some((change.version, change.id));
            assert_ne!(change.before, change.after);
            assert_eq!(now.get(&change.id.0), change.before.as_ref());
            match change.after {
                Some(entry) => drop(now.insert(change.id.0, entry)),
                None => drop(now.remove(&change.id.0)),
            }
        }
        assert_eq!(now, publisher.rows, "the changes since {since} lead to the present version");
    }
}

fn model_set(publisher: &Publisher) -> ModelSet {
    let entries = publisher.rows.values().cloned().collect();
    ModelSet { role: publisher.role, version: publisher.version.0, entries }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_published_set_answers_as_a_plain_list_does_after_any_history(seed in any::<u64>()) {
        let mut dice = Dice(seed);
        let (dir, site, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut publishers = [
            Publisher::new(site.path(), "known", Role::Known),
            Publisher::new(site.path(), "ordinary", Role::Good),
        ];
        let mut histories = [Vec::new(), Vec::new()];
        let mut model = Model::default();
        for _ in 0..14 {
            let at = (dice.below(3) / 2) as usize;
            let publisher = &mut publishers[at];
            for _ in 0..=dice.below(3) {
                let count = [0, 3, 12, 60][dice.below(4) as usize];
                let changes = changes(&mut dice, &publisher.rows, count);
                publisher.release(&changes);
                histories[at].push(publisher.rows.clone());
                if publisher.version == SetVersion(1) || dice.below(4) == 0 {
                    publisher.snapshot();
                }
            }
            let installed = version_in(dir.path(), &publisher.set);
            match publisher.sync(dir.path(), dice.below(4) as usize).unwrap() {
                Applied::Switched(arrival) => {
                    prop_assert_eq!((arrival.from, arrival.to), (installed, publisher.version));
                    let empty = BTreeMap::new();
                    let before = installed.map_or(&empty, |version| &histories[at][version.0 as usize - 1]);
                    let now = &publisher.rows;
                    let added = now.keys().filter(|id| !before.contains_key(id)).count() as u64;
                    let changed = now.iter().filter(|(id, row)| before.get(id).is_some_and(|old| old != *row)).count();
                    let withdrawn = before.keys().filter(|id| !now.contains_key(id)).count() as u64;
                    prop_assert_eq!((arrival.added, arrival.changed, arrival.withdrawn), (added, changed as u64, withdrawn));
                }
                other => prop_assert!(false, "{:?}", other),
            }
            model.sets.insert(publisher.set.clone(), model_set(publisher));
            if dice.below(4) == 0 {
                let entries: Vec<_> = (1..=dice.below(30)).map(|id| dice.entry(id)).collect();
                let info = import(dir.path(), new_set("by-hand", Role::Good), &entries, 16).unwrap();
                let entries = entries.into_iter().filter(|entry| !entry.digests.is_empty()).collect();
                let set = ModelSet { role: Role::Good, version: info.stamp.version.0, entries };
                model.sets.insert("by-hand".parse().unwrap(), set);
            }
            compare(dir.path(), &model, &mut dice);
            compare_published(dir.path(), &publishers[at], &histories[at], out.path());
            if dice.below(6) == 0 {
                let before = Sets::open(dir.path()).unwrap().fingerprint();
                compact_with(dir.path(), &publishers[at].set, 40, Order::Safe).unwrap();
                prop_assert_eq!(Sets::open(dir.path()).unwrap().fingerprint(), before, "compaction answers the same");
                compare(dir.path(), &model, &mut dice);
                compare_published(dir.path(), &publishers[at], &histories[at], out.path());
            }
        }
    }
}
