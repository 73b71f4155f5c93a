//! The layers of a set: one segment of all rows, and segments of later ones. A row of an older layer that a newer one
//! replaces, or that was withdrawn, is dead; every entry id has one live row at most.

use std::path::Path;

use domain::Sha256;

use crate::dead::Dead;
use crate::error::HashsetError;
use crate::segment::Segment;
use crate::store::{StoredLayer, StoredSet, segment_name};

/// A segment and its dead rows, opened.
#[derive(Debug)]
pub(crate) struct Layer {
    pub segment: Segment,
    pub sha256: Sha256,
    pub dead: Dead,
}

impl Layer {
    /// Opens a layer that the manifest names.
    pub fn open(dir: &Path, stored: &StoredLayer) -> Result<Self, HashsetError> {
        let segment = Segment::open(dir.join(segment_name(&stored.segment)), stored.segment_bytes)?;
        let dead = match &stored.dead {
            Some(dead) => Dead::read(dir, dead, &stored.segment, segment.rows())?,
            None => Dead::default(),
        };
        Ok(Self { segment, sha256: stored.segment, dead })
    }

    /// Number of rows that count.
    pub fn live(&self) -> u64 {
        u64::from(self.segment.rows()) - self.dead.len()
    }
}

/// Opens all layers of a set, oldest first, and checks that they have the entries that the manifest says.
pub(crate) fn open_layers(dir: &Path, set: &StoredSet) -> Result<Vec<Layer>, HashsetError> {
    let layers = set.all_layers().map(|layer| Layer::open(dir, layer)).collect::<Result<Vec<_>, _>>()?;
    if layers.iter().map(Layer::live).sum::<u64>() == set.entries {
        Ok(layers)
    } else {
        let what = "its set has another number of entries than the manifest says";
        Err(HashsetError::Damaged { path: dir.join(segment_name(&set.base.segment)), what })
    }
}
