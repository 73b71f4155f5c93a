//! Builds a set from a stream of entries, in constant memory, and switches the store to it.

use std::collections::BTreeMap;
use std::path::Path;

use domain::{Entry, EntryRefusal, Meanings, Profile, Role, SetName, SetStamp, Sha256, UtcTime, Verdict, VerdictBasis};

use crate::dead::Dead;
use crate::error::HashsetError;
use crate::guard::{Guard, NewLayers};
use crate::layers::Layer;
use crate::layout::CODE_BYTES_MAX;
use crate::segment::Segment;
use crate::sets::SetInfo;
use crate::store::{Manifest, Order, Store, StoredSet};
use crate::writer::{NewSegment, RUN_ITEMS, SegmentWriter};

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
    refused: BTreeMap<EntryRefusal, u64>,
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
        let segment = SegmentWriter::create(&store, run_items, 0)?;
        Ok(Self { store, set, segment, refused: BTreeMap::new() })
    }

    /// Gives the description, to be completed by what a list says at its end and by what a person answers meanwhile.
    pub fn description(&mut self) -> &mut NewSet {
        &mut self.set
    }

    /// Adds an entry. One that identifies nothing is counted as refused.
    pub fn push(&mut self, entry: &Entry) -> Result<(), HashsetError> {
        if entry.digests.is_empty() {
            self.refuse(EntryRefusal::NoDigest);
        } else if entry.digests.is_of_nothing() {
            self.refuse(EntryRefusal::EmptyFile);
        } else if matches!(&entry.verdict, Verdict::Category(code) if code.0.len() > CODE_BYTES_MAX) {
            self.refuse(EntryRefusal::LongCategory { bytes_max: CODE_BYTES_MAX });
        } else {
            self.segment.push(entry)?;
        }
        Ok(())
    }

    /// Counts a record of the list that became no entry.
    pub fn refuse(&mut self, why: EntryRefusal) {
        *self.refused.entry(why).or_default() += 1;
    }

    /// Sorts, writes the segment, compares it with the sets of the other role, and switches the store to it.
    ///
    /// `source_sha256` are the digests of the files it came from, in the order of their names. A known set with
    /// categories and no profile is refused: its numbers would mean nothing. So is a set whose name is that of a published
    /// one. When this fails, the sets are as they were.
    pub fn finish(self, source_sha256: Vec<Sha256>) -> Result<SetInfo, HashsetError> {
        let Self { mut store, set, segment, refused } = self;
        if set.role == Role::Known && set.basis == VerdictBasis::Category && set.profile.is_none() {
            return Err(HashsetError::NoProfile { name: set.name });
        }
        if let Some(release) = store.manifest().set(&set.name).and_then(|installed| installed.release.as_ref()) {
            return Err(HashsetError::Published { name: set.name, publisher: release.publisher.clone() });
        }
        let segment = segment.finish()?;
        let mut new = describe(set, store.manifest(), &refused, source_sha256, &segment);
        let mut next = store.manifest().clone();
        next.take(&new.stamp.name);
        next.retired.remove(&new.stamp.name);
        let opened = Segment::open(segment.file.temporary.clone(), segment.bytes)?;
        let layers = [Layer { segment: opened, sha256: segment.sha256, dead: Dead::default() }];
        let mut guard = Guard::new(&store, vec![segment.file]);
        guard.take(&mut next, &mut new, &NewLayers { layers: &layers, kept: 0 })?;
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
    refused: &BTreeMap<EntryRefusal, u64>,
    source_sha256: Vec<Sha256>,
    segment: &NewSegment,
) -> StoredSet {
    let version = current.next_version(&set.name);
    let NewSet { name, role, profile, meanings, basis, kind, published, imported, sources } = set;
    let stamp = SetStamp { name, role, version, profile, published, basis, meanings, allowed: None };
    let refused = domain::refused_in_words(refused);
    StoredSet { kind, sources, source_sha256, refused, ..StoredSet::of(stamp, imported, segment) }
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
    Guard::new(&store, Vec::new()).release(&mut next, name)?;
    store.switch(next, &[])
}
