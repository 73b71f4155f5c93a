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
const LAYERS_MAX: usize = 30;
/// Newer layers beyond which an update merges some of them: cheap, and it keeps look-ups fast.
pub(crate) const NEW_LAYERS_MAX: usize = 4;
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

/// Merges what an update has left in too many pieces. Does nothing where that is not worth it.
pub(crate) fn tidy(store: &mut Store, name: &SetName, run_items: usize) -> Result<(), HashsetError> {
    let Some(set) = store.manifest().set(name) else { return Ok(()) };
    if is_due(set) {
        return compact_locked(store, name, run_items);
    }
    if set.layers.len() <= NEW_LAYERS_MAX {
        return Ok(());
    }
    let layers = open_layers(store.dir(), set)?;
    let kept = kept_of(&layers.iter().map(Layer::live).collect::<Vec<_>>());
    merge_from(store, set.clone(), layers, kept, run_items)
}

/// Tells whether a set has so many layers or dead rows that all of it is written again.
fn is_due(set: &StoredSet) -> bool {
    let dead: u64 = set.all_layers().filter_map(|layer| layer.dead.as_ref()).map(|dead| dead.rows).sum();
    set.all_layers().count() > LAYERS_MAX || dead * 100 > (set.entries + dead) * DEAD_PERCENT_MAX
}

/// Chooses how many layers stay, given the live rows of each: the newest one and the one before it are merged, and with
/// them every older one that has not more than twice the rows of those after it; never the oldest. So each row is written
/// again a few times only, however many updates come (the logarithmic method of Bentley and Saxe, 1980).
fn kept_of(live: &[u64]) -> usize {
    let mut kept = live.len() - 2;
    let mut merged: u64 = live[kept..].iter().sum();
    while kept > 1 && live[kept - 1] <= 2 * merged {
        kept -= 1;
        merged += live[kept];
    }
    kept
}

pub(crate) fn compact_locked(store: &mut Store, name: &SetName, run_items: usize) -> Result<(), HashsetError> {
    let Some(set) = store.manifest().set(name).cloned() else {
        return Err(HashsetError::UnknownSet { name: name.clone() });
    };
    if set.layers.is_empty() && set.base.dead.is_none() {
        return Ok(());
    }
    let layers = open_layers(store.dir(), &set)?;
    merge_from(store, set, layers, 0, run_items)
}

/// Makes one layer of all layers of a set but the first `kept`, and switches to it.
fn merge_from(
    store: &mut Store,
    set: StoredSet,
    mut layers: Vec<Layer>,
    kept: usize,
    run_items: usize,
) -> Result<(), HashsetError> {
    let mut writer = SegmentWriter::create(store, run_items, set.stamp.version.0)?;
    let mut digest = Digesting::start(store.dir())?;
    let mut rows = SetRows::new(&layers[kept..])?;
    while rows.advance()? {
        writer.push(rows.entry())?;
        digest.push(rows.entry());
    }
    drop(rows);
    let (digest, entries) = digest.finish();
    let path = store.dir().join(segment_name(&set.base.segment));
    // The rows of all layers have to be those of the version; of some layers only the number is known.
    let proved = kept > 0 || set.release.as_ref().is_some_and(|release| release.result_digest == digest);
    if !proved || entries != layers[kept..].iter().map(Layer::live).sum::<u64>() {
        return Err(HashsetError::Damaged { path, what: "the rows of its set do not give the digest of its version" });
    }
    let segment = writer.finish()?;
    let place = StoredLayer { segment: segment.sha256, segment_bytes: segment.bytes, dead: None };
    let mut new = set;
    if kept == 0 {
        new.categories.clone_from(&segment.categories);
        new.conflicts = segment.conflicts;
        [new.with_md5, new.with_sha1, new.with_sha256] = segment.with;
        new.with_pdq = segment.with_pdq;
        new.base = place;
        new.layers.clear();
    } else {
        new.layers.truncate(kept - 1);
        new.layers.push(place);
    }
    layers.truncate(kept);
    let open = Segment::open(segment.file.temporary.clone(), segment.bytes)?;
    layers.push(Layer { segment: open, sha256: segment.sha256, dead: Dead::default() });
    let mut next = store.manifest().clone();
    next.take(&new.stamp.name);
    next.retired.remove(&new.stamp.name);
    let mut guard = Guard::new(store, vec![segment.file]);
    guard.take(&mut next, &mut new, &NewLayers { layers: &layers, kept })?;
    let files = guard.files;
    next.sets.push(new);
    store.switch(next, &files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_written_again_a_few_times_only() {
        let (mut live, mut written, mut most) = (vec![1_000_000], 0, 0);
        for _ in 0..1000 {
            live.push(10);
            if live.len() > 1 + NEW_LAYERS_MAX {
                let kept = kept_of(&live);
                assert!(kept >= 1 && kept <= live.len() - 2);
                let merged: u64 = live.drain(kept..).sum();
                written += merged;
                live.push(merged);
            }
            most = most.max(live.len());
        }
        assert_eq!(live.iter().sum::<u64>(), 1_010_000);
        assert!(most <= 1 + NEW_LAYERS_MAX && written < 10 * 10_000, "{most} layers, {written} rows written again");
    }
}
