//! A bitmap over the newer layers of a set, so that a look-up asks them only where they may have the digest. Without it
//! every layer, however small, makes look-ups slower by a quarter.
//!
//! It is made from the keys when the set is opened, and knows each of them: it never says "no" where a layer says "yes".

use crate::error::HashsetError;
use crate::layers::Layer;
use crate::layout::{KINDS, leading};

/// Bits of the bitmap for each key, as a power of two: one digest in 16 or fewer is asked for nothing.
const BITS_A_KEY_LOG2: u32 = 4;
/// Keys beyond which there is no bitmap: opening stays a matter of milliseconds.
const KEYS_MAX: u64 = 4 << 20;
/// Fewest leading bits of a digest that choose a place: one word of the bitmap.
const PLACE_BITS_MIN: u32 = 6;

#[derive(Debug)]
pub(crate) struct Filter {
    /// A place is this many leading bits of a digest.
    place_bits: u32,
    words: Vec<u64>,
}

impl Filter {
    /// Makes the bitmap of these layers. `None` where it would not be worth it, or where the keys cannot be read: then the
    /// layers are asked for everything.
    pub fn of(layers: &[Layer]) -> Option<Self> {
        let counts = layers.iter().flat_map(|layer| KINDS.map(|kind| layer.segment.index(kind)));
        let keys: u64 = counts.flatten().map(|index| index.entries).sum();
        if layers.is_empty() || keys > KEYS_MAX {
            return None;
        }
        let place_bits = (keys.max(1).ilog2() + 1 + BITS_A_KEY_LOG2).max(PLACE_BITS_MIN);
        let mut filter = Self { place_bits, words: vec![0; 1 << (place_bits - PLACE_BITS_MIN)] };
        layers.iter().try_for_each(|layer| filter.add(layer)).ok()?;
        Some(filter)
    }

    fn add(&mut self, layer: &Layer) -> Result<(), HashsetError> {
        for kind in KINDS {
            let Some(mut keys) = layer.segment.keys(kind, false) else { continue };
            // A key has at least 40 bits, and a place at most 27.
            let shift = keys.bits() - self.place_bits;
            while let Some((key, _)) = keys.next()? {
                let place = key >> shift;
                if let Some(word) = self.words.get_mut((place >> PLACE_BITS_MIN) as usize) {
                    *word |= 1 << (place & 63);
                }
            }
        }
        Ok(())
    }

    /// Tells whether a layer may have the digest.
    #[inline]
    pub fn may_have(&self, digest: &[u8]) -> bool {
        let place = leading(digest) >> (64 - self.place_bits);
        self.words.get((place >> PLACE_BITS_MIN) as usize).is_none_or(|word| word >> (place & 63) & 1 != 0)
    }
}
