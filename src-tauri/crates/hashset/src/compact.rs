//! Compaction: many layers of a set become one, by a merge that streams. What look-ups answer does not change.

use std::path::Path;

use domain::SetName;

use crate::dead::Dead;
use crate::digesting::Digesting;
use crate::error::HashsetError;
use crate::guard::{Guard, NewLayers};
use crate::layers::{Layer, open_layers};
use crate::rows::SetRows;
use crate::segment::Segment;
use crate::store::{Order, Store, StoredLayer, StoredSet, segment_name};
use crate::writer::{RUN_ITEMS, SegmentWriter};

/// Layers beyond which an update compacts: every layer is asked in every look-up.
pub(crate) const LAYERS_MAX: usize = 30;
/// Dead rows, as a share of all rows, beyond which an update compacts.
const DEAD_PERCENT_MAX: u64 = 30;

/// Makes one layer of all layers of a published set. A set that has one layer without dead rows stays as it is.
///
/// The rows are hashed on the way and have to give the digest of the installed version; else the set stays as it was.
pub fn compact(dir: &Path, name: &SetName) -> Result<(), HashsetError> {
    compact_with(dir, name, RUN_ITEMS, Order::Safe)
}

pub(crate) fn compact_with(dir: &Path, name: &SetName, run_items: usize, order: Order) -> Result<(), HashsetError> {
    let mut store = Store::lock(dir)?;
    store.order = order;
    compact_locked(&mut store, name, run_items)
}

/// Tells whether a set has so many layers or dead rows that it is worth it.
pub(crate) fn is_due(set: &StoredSet) -> bool {
    let dead: u64 = set.all_layers().filter_map(|layer| layer.dead.as_ref()).map(|dead| dead.rows).sum();
    set.all_layers().count() > LAYERS_MAX || dead * 100 > (set.entries + dead) * DEAD_PERCENT_MAX
}

pub(crate) fn compact_locked(store: &mut Store, name: &SetName, run_items: usize) -> Result<(), HashsetError> {
    let Some(set) = store.manifest().set(name).cloned() else {
        return Err(HashsetError::UnknownSet { name: name.clone() });
    };
    if set.layers.is_empty() && set.base.dead.is_none() {
        return Ok(());
    }
    let layers = open_layers(store.dir(), &set)?;
    let mut writer = SegmentWriter::create(store, run_items, set.stamp.version.0)?;
    let mut digest = Digesting::start(store.dir())?;
    let mut rows = SetRows::new(&layers)?;
    while rows.advance()? {
        writer.push(rows.entry())?;
        digest.push(rows.entry());
    }
    let (digest, entries) = digest.finish();
    let proved = set.release.as_ref().is_some_and(|release| release.result_digest == digest);
    if !proved || entries != set.entries {
        let path = store.dir().join(segment_name(&set.base.segment));
        return Err(HashsetError::Damaged { path, what: "the rows of its set do not give the digest of its version" });
    }
    let segment = writer.finish()?;
    let mut next = store.manifest().clone();
    next.take(name);
    next.retired.remove(name);
    let mut new = StoredSet {
        categories: segment.categories.clone(),
        conflicts: segment.conflicts,
        with_md5: segment.with[0],
        with_sha1: segment.with[1],
        with_sha256: segment.with[2],
        with_pdq: segment.with_pdq,
        base: StoredLayer { segment: segment.sha256, segment_bytes: segment.bytes, dead: None },
        layers: Vec::new(),
        ..set
    };
    let open = Segment::open(segment.file.temporary.clone(), segment.bytes)?;
    let layers = [Layer { segment: open, sha256: segment.sha256, dead: Dead::default() }];
    let mut guard = Guard::new(store, vec![segment.file]);
    guard.take(&mut next, &mut new, &NewLayers { layers: &layers, kept: 0 })?;
    let files = guard.files;
    next.sets.push(new);
    store.switch(next, &files)
}
