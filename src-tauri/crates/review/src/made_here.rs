//! Likely made here: ranks the items that a device of the case may have made itself, each by reasons that can be counted.
//!
//! The points say how much a reason weighs, 100 together. They are a choice of this project and no probability:
//!
//! | reason | points | what it says |
//! |---|---|---|
//! | `original` | 30 | make, model, exposure and a size in EXIF that is the picture's; nothing says that it was edited |
//! | `device-in-case` | 20 | a device with this serial number made at least [`DEVICE_ITEMS_MIN`] items of the case |
//! | `thumbnail-fits` | 15 | the small picture that the device embedded shows the same |
//! | `unedited` | 15 | no software, history, segment or coding of an editor |
//! | `sequence` | 10 | the name is one that cameras give, and its number runs on within the folder |
//! | `metadata-whole` | 5 | exposure and the maker's note are there |
//! | `no-known-match` | 5 | no entry of any set met it |
//!
//! Only items that name a make and a model are ranked: of the others nothing says that a device made them. `unedited` and
//! `no-known-match` say that nothing speaks against it; an item for which nothing else speaks is not ranked.

use std::collections::{BTreeMap, BTreeSet};

use crate::clues::{EmbeddedPicture, Row, device};

/// Fewest items of a device that belongs to the case: a picture that somebody sent comes alone.
pub const DEVICE_ITEMS_MIN: u32 = 10;

/// Names why an item was likely made by a device of the case, the heaviest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// It bears the signs of a camera original.
    Original,
    /// Its device made many items of the case.
    DeviceInCase,
    /// Its embedded small picture shows the same.
    ThumbnailFits,
    /// Nothing says that it was edited.
    Unedited,
    /// Its name is one that cameras give, and its number runs on within the folder.
    Sequence,
    /// Its metadata are as whole as a camera writes them.
    MetadataWhole,
    /// No entry of any set met it.
    NoKnownMatch,
}

impl Reason {
    /// Lists all, the heaviest first.
    pub const ALL: [Self; 7] = [
        Self::Original,
        Self::DeviceInCase,
        Self::ThumbnailFits,
        Self::Unedited,
        Self::Sequence,
        Self::MetadataWhole,
        Self::NoKnownMatch,
    ];

    /// Gives the word that commands and files use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::DeviceInCase => "device-in-case",
            Self::ThumbnailFits => "thumbnail-fits",
            Self::Unedited => "unedited",
            Self::Sequence => "sequence",
            Self::MetadataWhole => "metadata-whole",
            Self::NoKnownMatch => "no-known-match",
        }
    }

    /// Tells whether it speaks for a device of the case, and not only against others.
    fn speaks_for(self) -> bool {
        !matches!(self, Self::Unedited | Self::NoKnownMatch)
    }

    /// Gives its points; those of all reasons are 100 together.
    pub fn points(self) -> u32 {
        match self {
            Self::Original => 30,
            Self::DeviceInCase => 20,
            Self::ThumbnailFits | Self::Unedited => 15,
            Self::Sequence => 10,
            Self::MetadataWhole | Self::NoKnownMatch => 5,
        }
    }
}

/// Holds one item with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranked {
    /// Number of the item.
    pub number: u32,
    /// Points of all its reasons, 5 to 100.
    pub points: u32,
    /// Reasons, the heaviest first.
    pub reasons: Vec<Reason>,
}

/// Holds the ranking.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MadeHere {
    /// Ranked items that have each reason.
    pub counts: BTreeMap<Reason, u32>,
    /// Items, the one with most points first, then by number.
    pub ranked: Vec<Ranked>,
}

/// Ranks the items of a case.
pub fn made_here(rows: &[Row]) -> MadeHere {
    let mut devices: BTreeMap<String, u32> = BTreeMap::new();
    for device in rows.iter().map(|row| device(&row.camera)).filter(|device| device.has_serial) {
        *devices.entry(device.key).or_default() += 1;
    }
    let running: BTreeSet<u32> = crate::clues::sequences(rows).into_iter().flat_map(|run| run.items).collect();
    let mut made = MadeHere::default();
    for row in rows.iter().filter(|row| row.signs.camera_named) {
        let device = device(&row.camera);
        let many = device.has_serial && devices.get(&device.key).is_some_and(|count| *count >= DEVICE_ITEMS_MIN);
        let holds = |reason: &Reason| match reason {
            Reason::Original => row.signs.is_original(),
            Reason::DeviceInCase => many,
            Reason::ThumbnailFits => row.signs.thumbnail == EmbeddedPicture::Fits,
            Reason::Unedited => !row.signs.edited,
            Reason::Sequence => row.name.is_of_camera() && running.contains(&row.number),
            Reason::MetadataWhole => row.signs.is_whole(),
            Reason::NoKnownMatch => !row.known,
        };
        let reasons: Vec<Reason> = Reason::ALL.into_iter().filter(holds).collect();
        if !reasons.iter().any(|reason| reason.speaks_for()) {
            continue;
        }
        reasons.iter().for_each(|reason| *made.counts.entry(*reason).or_default() += 1);
        let points = reasons.iter().map(|reason| reason.points()).sum();
        made.ranked.push(Ranked { number: row.number, points, reasons });
    }
    made.ranked.sort_by_key(|ranked| (std::cmp::Reverse(ranked.points), ranked.number));
    made
}

#[cfg(test)]
mod tests;
