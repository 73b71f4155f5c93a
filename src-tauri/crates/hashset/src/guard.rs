//! Keeps the quarantines of all known sets right while the sets of the store change. Layers that stay keep what is known of
//! them; only new layers are compared.

use domain::{Role, SetName, Sha256};
use sha2::Digest as _;

use crate::error::HashsetError;
use crate::layers::{Layer, open_layers};
use crate::poison::{self, Quarantine};
use crate::store::{Finished, Manifest, Store, StoredQuarantine, StoredSet, quarantine_name};

/// The files of a change that is being prepared.
pub(crate) struct Guard<'a> {
    store: &'a Store,
    /// Files that get their names with the switch.
    pub files: Vec<Finished>,
    /// Numbers the temporary files.
    number: usize,
}

/// A set that is about to be switched to: all its layers, the first `kept` of which were there before.
pub(crate) struct NewLayers<'a> {
    pub layers: &'a [Layer],
    pub kept: usize,
}

impl<'a> Guard<'a> {
    pub fn new(store: &'a Store, files: Vec<Finished>) -> Self {
        Self { store, files, number: 0 }
    }

    /// Compares a set with all sets of the other role, before it is put into `next`. `next` has no other of its name.
    pub fn take(
        &mut self,
        next: &mut Manifest,
        new: &mut StoredSet,
        new_layers: &NewLayers<'_>,
    ) -> Result<(), HashsetError> {
        match new.stamp.role {
            Role::Known => {
                // A good set of the same name is gone with this change.
                self.release(next, &new.stamp.name)?;
                self.take_known(next, new, new_layers)
            }
            Role::Good => self.take_good(next, new, new_layers),
        }
    }

    /// Compares the new layers of a known set with every good set.
    fn take_known(
        &mut self,
        next: &Manifest,
        new: &mut StoredSet,
        new_layers: &NewLayers<'_>,
    ) -> Result<(), HashsetError> {
        let (kept, fresh) = new_layers.layers.split_at(new_layers.kept);
        new.quarantine.retain(|part| kept.iter().any(|layer| layer.sha256 == part.known_segment));
        for good in next.sets.iter().filter(|set| set.stamp.role == Role::Good) {
            for good_layer in &open_layers(self.store.dir(), good)? {
                for layer in fresh {
                    self.compare(&mut new.quarantine, layer, good_layer, &good.stamp.name)?;
                }
            }
        }
        self.count(new, new_layers.layers)
    }

    /// Compares every known set with the new layers of a good set, and with what has died in its old ones; what known sets
    /// share with other good sets stays as it is.
    fn take_good(
        &mut self,
        next: &mut Manifest,
        new: &StoredSet,
        new_layers: &NewLayers<'_>,
    ) -> Result<(), HashsetError> {
        let (kept, fresh) = new_layers.layers.split_at(new_layers.kept);
        for known in next.sets.iter_mut().filter(|set| set.stamp.role == Role::Known) {
            let layers = open_layers(self.store.dir(), known)?;
            let parts = std::mem::take(&mut known.quarantine);
            for part in parts {
                let same = |sha256: Sha256| move |layer: &&Layer| layer.sha256 == sha256;
                let good_layer = kept.iter().find(same(part.good_segment));
                let layer = layers.iter().find(same(part.known_segment));
                if part.good != new.stamp.name {
                    known.quarantine.push(part);
                } else if let (Some(layer), Some(good_layer)) = (layer, good_layer) {
                    self.refresh(&mut known.quarantine, part, layer, good_layer)?;
                }
            }
            for layer in &layers {
                for good_layer in fresh {
                    self.compare(&mut known.quarantine, layer, good_layer, &new.stamp.name)?;
                }
            }
            self.count(known, &layers)?;
        }
        Ok(())
    }

    fn compare(
        &mut self,
        parts: &mut Vec<StoredQuarantine>,
        known: &Layer,
        good: &Layer,
        good_name: &SetName,
    ) -> Result<(), HashsetError> {
        self.number += 1;
        if let Some((part, file)) = poison::compare(self.store, known, good, good_name, self.number)? {
            parts.push(part);
            self.files.push(file);
        }
        Ok(())
    }

    /// Keeps a part as it is, unless it names rows of the good layer that are dead now.
    fn refresh(
        &mut self,
        parts: &mut Vec<StoredQuarantine>,
        part: StoredQuarantine,
        known: &Layer,
        good: &Layer,
    ) -> Result<(), HashsetError> {
        let file = self.open(&part)?;
        if !file.iter().any(|(_, good_row)| good.dead.has(good_row)) {
            parts.push(part);
            return Ok(());
        }
        self.number += 1;
        if let Some((part, file)) = poison::refresh(self.store, &file, known, good, &part.good, self.number)? {
            parts.push(part);
            self.files.push(file);
        }
        Ok(())
    }

    /// Drops every quarantine for the good set `name`.
    pub fn release(&self, next: &mut Manifest, name: &SetName) -> Result<(), HashsetError> {
        for known in next.sets.iter_mut().filter(|set| set.quarantine.iter().any(|part| part.good == *name)) {
            known.quarantine.retain(|part| part.good != *name);
            let layers = open_layers(self.store.dir(), known)?;
            self.count(known, &layers)?;
        }
        Ok(())
    }

    /// Counts the live entries that stand in any good set, each once, and sums up which they are.
    fn count(&self, known: &mut StoredSet, layers: &[Layer]) -> Result<(), HashsetError> {
        let mut sum = Sum::default();
        for layer in layers {
            self.each_quarantined(&known.quarantine, layer, &mut |row| {
                if let Some(row) = layer.segment.row(row) {
                    sum.add(row.id.0);
                }
            })?;
        }
        known.quarantined = sum.count;
        known.quarantine_sum = (sum.count > 0).then(|| format!("{:032x}", sum.value));
        Ok(())
    }

    /// Calls `sink` with the live rows of a layer that stand in any good set, ascending, each once.
    pub fn each_quarantined(
        &self,
        parts: &[StoredQuarantine],
        layer: &Layer,
        sink: &mut dyn FnMut(u32),
    ) -> Result<(), HashsetError> {
        let of_layer = parts.iter().filter(|part| part.known_segment == layer.sha256);
        let files = of_layer.map(|part| self.open(part)).collect::<Result<Vec<_>, _>>()?;
        poison::each_row(&files.iter().collect::<Vec<_>>(), &mut |row| {
            if !layer.dead.has(row) {
                sink(row);
            }
        });
        Ok(())
    }

    /// Opens a quarantine, under its temporary name where it has no other yet.
    fn open(&self, part: &StoredQuarantine) -> Result<Quarantine, HashsetError> {
        let name = quarantine_name(&part.file);
        let fresh = self.files.iter().find(|file| file.name == name).map(|file| file.temporary.clone());
        Quarantine::open(fresh.unwrap_or_else(|| self.store.dir().join(&name)), part)
    }
}

/// Sums up a set of entry ids whatever their order: a digest of each, added.
#[derive(Default)]
struct Sum {
    count: u64,
    value: u128,
}

impl Sum {
    fn add(&mut self, id: u64) {
        let digest = sha2::Sha256::digest(id.to_le_bytes());
        let part = digest.first_chunk().map_or(0, |first| u128::from_le_bytes(*first));
        self.value = self.value.wrapping_add(part);
        self.count += 1;
    }
}
