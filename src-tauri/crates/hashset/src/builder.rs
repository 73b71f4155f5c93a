//! Builds a set from a stream of entries, in constant memory, and switches the store to it.

use std::collections::BTreeMap;
use std::path::Path;

use domain::{Entry, EntryRefusal, Meanings, Profile, Role, SetName, SetStamp, Sha256, UtcTime, Verdict, VerdictBasis};

use crate::error::HashsetError;
use crate::layout::CODE_BYTES_MAX;
use crate::poison::{self, Quarantine, Side};
use crate::segment::Segment;
use crate::sets::SetInfo;
use crate::store::{Finished, Manifest, Order, Store, StoredSet, quarantine_name, segment_name};
use crate::writer::{NewSegment, RUN_ITEMS, SegmentWriter};

/// Distinct reasons for refusals that are counted; further ones are counted together.
const REFUSAL_REASONS_MAX: usize = 256;

/// Describes the set that is to be imported.
#[derive(Debug, Clone)]
pub struct NewSet {
    /// Name in the store; a set of this name gets a new version.
    pub name: SetName,
    /// What it claims.
    pub role: Role,
    /// Scheme of its categories.
    pub profile: Option<Profile>,
    /// What a person answered for the codes of this file.
    pub meanings: Meanings,
    /// What makes its entries a statement.
    pub basis: VerdictBasis,
    /// Form of the list, e.g. "VICS 2.0 hash set".
    pub kind: String,
    /// When its publisher made it.
    pub published: Option<UtcTime>,
    /// Now.
    pub imported: UtcTime,
    /// Names of the files.
    pub sources: Vec<String>,
}

/// Takes the entries of one set in any order. Dropped without [`SetBuilder::finish`], it leaves the store as it was.
pub struct SetBuilder {
    store: Store,
    set: NewSet,
    segment: SegmentWriter,
    refused: BTreeMap<String, u64>,
}

impl SetBuilder {
    /// Locks the store, removes what a killed import left there, and begins a set.
    ///
    /// Fails when another import is at work and when the store is damaged.
    pub fn begin(dir: &Path, set: NewSet) -> Result<Self, HashsetError> {
        Self::begin_with(dir, set, RUN_ITEMS, Order::Safe)
    }

    pub(crate) fn begin_with(dir: &Path, set: NewSet, run_items: usize, order: Order) -> Result<Self, HashsetError> {
        let mut store = Store::lock(dir)?;
        store.order = order;
        let segment = SegmentWriter::create(&store, run_items)?;
        Ok(Self { store, set, segment, refused: BTreeMap::new() })
    }

    /// Gives the description, to be completed by what a list says at its end and by what a person answers meanwhile.
    pub fn description(&mut self) -> &mut NewSet {
        &mut self.set
    }

    /// Adds an entry. One that identifies nothing is counted as refused.
    pub fn push(&mut self, entry: &Entry) -> Result<(), HashsetError> {
        if entry.digests.is_empty() {
            self.refuse(&EntryRefusal::NoDigest);
        } else if entry.digests.is_of_nothing() {
            self.refuse(&EntryRefusal::EmptyFile);
        } else if matches!(&entry.verdict, Verdict::Category(code) if code.0.len() > CODE_BYTES_MAX) {
            self.refuse(&EntryRefusal::Other(format!("the category has more than {CODE_BYTES_MAX} bytes")));
        } else {
            self.segment.push(entry)?;
        }
        Ok(())
    }

    /// Counts a record of the list that became no entry.
    pub fn refuse(&mut self, why: &EntryRefusal) {
        let reason = why.to_string();
        let listed = self.refused.len() < REFUSAL_REASONS_MAX || self.refused.contains_key(&reason);
        *self.refused.entry(if listed { reason } else { "other reasons".to_owned() }).or_default() += 1;
    }

    /// Sorts, writes the segment, compares it with the sets of the other role, and switches the store to it.
    ///
    /// `source_sha256` are the digests of the files it came from, in the order of their names. A known set with
    /// categories and no profile is refused: its numbers would mean nothing. When this fails, the sets are as they were.
    pub fn finish(self, source_sha256: Vec<Sha256>) -> Result<SetInfo, HashsetError> {
        let Self { mut store, set, segment, refused } = self;
        if set.role == Role::Known && set.basis == VerdictBasis::Category && set.profile.is_none() {
            return Err(HashsetError::NoProfile { name: set.name });
        }
        let segment = segment.finish()?;
        let mut new = describe(set, store.manifest(), refused, source_sha256, &segment);
        let mut next = store.manifest().clone();
        next.take(&new.stamp.name);
        next.retired.remove(&new.stamp.name);
        let opened = Segment::open(segment.file.temporary.clone(), segment.bytes)?;
        let mut guard = Guard { store: &store, files: vec![segment.file] };
        match new.stamp.role {
            Role::Known => {
                // A good set of the same name is gone with this import.
                guard.release(&mut next, &new.stamp.name)?;
                guard.take_known(&next, &mut new, &opened)?;
            }
            Role::Good => guard.take_good(&mut next, &new, &opened)?,
        }
        let files = guard.files;
        let info = SetInfo::new(&new);
        next.sets.push(new);
        store.switch(next, &files)?;
        Ok(info)
    }
}

fn describe(
    set: NewSet,
    current: &Manifest,
    refused: BTreeMap<String, u64>,
    source_sha256: Vec<Sha256>,
    segment: &NewSegment,
) -> StoredSet {
    let version = current.next_version(&set.name);
    let NewSet { name, role, profile, meanings, basis, kind, published, imported, sources } = set;
    StoredSet {
        stamp: SetStamp { name, role, version, profile, published, basis, meanings, allowed: None },
        kind,
        imported,
        sources,
        source_sha256,
        refused,
        categories: segment.categories.clone(),
        entries: segment.entries,
        conflicts: segment.conflicts,
        with_pdq: segment.with_pdq,
        with_md5: segment.with[0],
        with_sha1: segment.with[1],
        with_sha256: segment.with[2],
        segment: segment.sha256,
        segment_bytes: segment.bytes,
        quarantined: 0,
        quarantine: Vec::new(),
    }
}

/// Keeps the quarantines of all known sets right while the sets of the store change.
struct Guard<'a> {
    store: &'a Store,
    /// Files that get their names with the switch.
    files: Vec<Finished>,
}

impl Guard<'_> {
    /// Compares the new known set with every good set.
    fn take_known(&mut self, next: &Manifest, new: &mut StoredSet, opened: &Segment) -> Result<(), HashsetError> {
        let known = Side { segment: opened, sha256: new.segment };
        for good in next.sets.iter().filter(|set| set.stamp.role == Role::Good) {
            let segment = open_segment(self.store, good)?;
            let side = Side { segment: &segment, sha256: good.segment };
            let number = self.files.len();
            if let Some((part, file)) = poison::compare(self.store, &known, &side, &good.stamp.name, number)? {
                new.quarantine.push(part);
                self.files.push(file);
            }
        }
        self.count(new, &segments_of(next))
    }

    /// Compares every known set with the new good set; what they share with other good sets stays as it is.
    fn take_good(&mut self, next: &mut Manifest, new: &StoredSet, opened: &Segment) -> Result<(), HashsetError> {
        let mut segments = segments_of(next);
        segments.insert(new.stamp.name.clone(), new.segment);
        let good = Side { segment: opened, sha256: new.segment };
        for known in next.sets.iter_mut().filter(|set| set.stamp.role == Role::Known) {
            let segment = open_segment(self.store, known)?;
            let side = Side { segment: &segment, sha256: known.segment };
            known.quarantine.retain(|part| part.good != new.stamp.name);
            let number = self.files.len();
            if let Some((part, file)) = poison::compare(self.store, &side, &good, &new.stamp.name, number)? {
                known.quarantine.push(part);
                self.files.push(file);
            }
            self.count(known, &segments)?;
        }
        Ok(())
    }

    /// Drops every quarantine for the good set `name`.
    fn release(&self, next: &mut Manifest, name: &SetName) -> Result<(), HashsetError> {
        let segments = segments_of(next);
        for known in next.sets.iter_mut().filter(|set| set.quarantine.iter().any(|part| part.good == *name)) {
            known.quarantine.retain(|part| part.good != *name);
            self.count(known, &segments)?;
        }
        Ok(())
    }

    /// Counts the entries that stand in any good set, each once.
    fn count(&self, known: &mut StoredSet, segments: &BTreeMap<SetName, Sha256>) -> Result<(), HashsetError> {
        let mut parts = Vec::new();
        for part in &known.quarantine {
            let name = quarantine_name(&part.file);
            let fresh = self.files.iter().find(|file| file.name == name).map(|file| file.temporary.clone());
            let path = fresh.unwrap_or_else(|| self.store.dir().join(&name));
            let good = segments.get(&part.good).expect("a quarantine is dropped with its good set");
            parts.push(Quarantine::open(path, part, &known.segment, good)?);
        }
        known.quarantined = poison::count_rows(&parts);
        Ok(())
    }
}

/// Takes a set out of the store, and releases what it quarantined. Its version is never used again.
pub fn remove(dir: &Path, name: &SetName) -> Result<(), HashsetError> {
    remove_with(dir, name, Order::Safe)
}

pub(crate) fn remove_with(dir: &Path, name: &SetName, order: Order) -> Result<(), HashsetError> {
    let mut store = Store::lock(dir)?;
    store.order = order;
    let mut next = store.manifest().clone();
    next.take(name).ok_or_else(|| HashsetError::UnknownSet { name: name.clone() })?;
    Guard { store: &store, files: Vec::new() }.release(&mut next, name)?;
    store.switch(next, &[])
}

fn segments_of(manifest: &Manifest) -> BTreeMap<SetName, Sha256> {
    manifest.sets.iter().map(|set| (set.stamp.name.clone(), set.segment)).collect()
}

fn open_segment(store: &Store, set: &StoredSet) -> Result<Segment, HashsetError> {
    Segment::open(store.dir().join(segment_name(&set.segment)), set.segment_bytes)
}
