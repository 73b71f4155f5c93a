//! Perceptual digests: values that stay close when a picture is resized or encoded again. They suggest, never hide.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::digest::{DigestError, parse_hex};

/// Counts bits that differ between two perceptual digests of one kind.
pub type Distance = u32;

/// Holds a PDQ value: 256 bits, most significant byte first, in the order of Meta's hex form.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pdq(pub [u8; 32]);

impl Pdq {
    /// Counts the bits that differ, 0 to 256.
    pub fn distance(&self, other: &Self) -> Distance {
        self.0.iter().zip(other.0).map(|(a, b)| (a ^ b).count_ones()).sum()
    }
}

impl fmt::Display for Pdq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Pdq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Pdq {
    type Err = DigestError;
    fn from_str(text: &str) -> Result<Self, DigestError> {
        let mut out = [0; 32];
        parse_hex(text.as_bytes(), &mut out)?;
        Ok(Self(out))
    }
}

impl Serialize for Pdq {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Pdq {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Tells how the pixels were sampled before PDQ; values of different variants differ by a few bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PdqVariant {
    /// Pictures larger than 512 × 512 are first sampled to that size by nearest neighbour, as Meta's tool does.
    Sampled512,
    /// All pixels of the decoded picture count, as in the Rust and Python libraries.
    FullResolution,
}

/// Names the eight orientations of the dihedral group in which PDQ is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Orientation {
    /// As the picture is.
    Original,
    /// Turned by a quarter, counter-clockwise.
    Rotate90,
    /// Turned by half.
    Rotate180,
    /// Turned by three quarters, counter-clockwise.
    Rotate270,
    /// Mirrored top to bottom.
    FlipX,
    /// Mirrored left to right.
    FlipY,
    /// Mirrored along the main diagonal.
    FlipPlus1,
    /// Mirrored along the other diagonal.
    FlipMinus1,
}

impl Orientation {
    /// Lists all eight, in the order of [`PdqSet::orientations`] (that of Meta's reference implementation).
    pub const ALL: [Self; 8] = [
        Self::Original,
        Self::Rotate90,
        Self::Rotate180,
        Self::Rotate270,
        Self::FlipX,
        Self::FlipY,
        Self::FlipPlus1,
        Self::FlipMinus1,
    ];
}

/// Holds the PDQ values of one picture in all eight orientations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PdqSet {
    /// How the pixels were sampled.
    pub variant: PdqVariant,
    /// Quality by Meta's measure, 0 to 100; below 50 the value says too little to be looked up.
    pub quality: u8,
    /// One value for each of [`Orientation::ALL`]; the first is the picture's own.
    pub orientations: [Pdq; 8],
}

impl PdqSet {
    /// Quality from which a value is looked up (Meta's recommendation).
    pub const QUALITY_MIN: u8 = 50;
    /// Largest distance that counts as alike (Meta's recommendation).
    pub const RADIUS: Distance = 31;

    /// Gives the picture's own value.
    pub fn own(&self) -> Pdq {
        self.orientations[0]
    }
}

/// Holds a 64-bit hash of `image_hasher` (gradient, 8 × 8), for stacks inside one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ImageHash(pub u64);

impl ImageHash {
    /// Counts the bits that differ, 0 to 64.
    pub fn distance(self, other: Self) -> Distance {
        (self.0 ^ other.0).count_ones()
    }
}

/// Holds a PhotoDNA value that came with a set or a case, 144 bytes; Zeef keeps it and never computes one.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PhotoDna(pub Box<[u8; 144]>);

impl fmt::Debug for PhotoDna {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhotoDna({:02x}{:02x}…)", self.0[0], self.0[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_bits() {
        let zero = Pdq([0; 32]);
        let mut one = zero;
        one.0[31] = 0b101;
        assert_eq!(zero.distance(&one), 2);
        assert_eq!(zero.distance(&Pdq([0xff; 32])), 256);
    }
}
