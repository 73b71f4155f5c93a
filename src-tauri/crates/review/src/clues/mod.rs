//! Clues: what items tell by their data, and which of them share it.
//!
//! What it does: keeps of each item what the rules of this crate ask about ([`Row`]), and gathers items that have a
//! serial number, a device, an owner, a place, a folder or a run of names in common, or that bear a sign of their own.
//!
//! What it never does: guess. A serial number that stands for none is none, a place is never more exact than what stood
//! in the file, and a name says nothing that its digits do not.

mod device;
mod gather;
mod name;
pub mod place;
mod signs;

#[cfg(test)]
pub(crate) mod tests;

use domain::{Camera, CategoryCode, Facts, LeadPlace, Sha256, SourceId, SourcePath, TakenAt};

pub(crate) use device::serial;
pub use device::{Device, device};
pub(crate) use gather::sequences;
pub use gather::{CLUES_OF_A_KIND_MAX, Clue, clues};
pub use name::Name;
pub use signs::{EmbeddedPicture, Signs, THUMBNAIL_DIFFERS_MIN, THUMBNAIL_FITS_MAX};

/// Names what a clue is about, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClueKind {
    /// Serial number of a body.
    Serial,
    /// Serial number of a lens.
    LensSerial,
    /// Owner or artist that a device was set to.
    Owner,
    /// Place.
    Place,
    /// The embedded small picture shows something else than its picture.
    ThumbnailDiffers,
    /// Names whose numbers run on within a folder.
    Sequence,
    /// Make and model.
    Camera,
    /// Signs of a camera original.
    Original,
    /// Software that wrote the file.
    Software,
    /// Folder.
    Folder,
}

impl ClueKind {
    /// Lists all, the strongest first.
    pub const ALL: [Self; 10] = [
        Self::Serial,
        Self::LensSerial,
        Self::Owner,
        Self::Place,
        Self::ThumbnailDiffers,
        Self::Sequence,
        Self::Camera,
        Self::Original,
        Self::Software,
        Self::Folder,
    ];

    /// Gives the word that commands and files use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Serial => "serial",
            Self::LensSerial => "lens-serial",
            Self::Owner => "owner",
            Self::Place => "place",
            Self::ThumbnailDiffers => "thumbnail-differs",
            Self::Sequence => "sequence",
            Self::Camera => "camera",
            Self::Original => "original",
            Self::Software => "software",
            Self::Folder => "folder",
        }
    }
}

/// Holds what is known of an item that was decoded and is not hidden, to make a [`Row`] of.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// Number of the item.
    pub number: u32,
    /// The item.
    pub sha256: Sha256,
    /// What the decoder found out. Its perceptual digests are not asked for.
    pub facts: &'a Facts,
    /// Source of its first place.
    pub source: SourceId,
    /// Path of its first place.
    pub path: &'a SourcePath,
    /// Number of its places.
    pub places: u32,
    /// Series that sets name for it.
    pub series: &'a [String],
    /// True when an entry of any set met it, exactly or nearly.
    pub known: bool,
    /// Category that holds.
    pub category: Option<&'a CategoryCode>,
}

/// Holds what the rules ask about one item, in few bytes: its metadata stay where they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Number of the item.
    pub number: u32,
    /// The item.
    pub sha256: Sha256,
    /// Source of its first place.
    pub source: SourceId,
    /// Folder of its first place, without a slash at its end.
    pub folder: Box<[u8]>,
    /// Name at its first place, taken apart.
    pub name: Name,
    /// Number of its places.
    pub places: u32,
    /// Series that sets name for it, sorted, each once.
    pub series: Vec<String>,
    /// True when an entry of any set met it, exactly or nearly.
    pub known: bool,
    /// Category that holds.
    pub category: Option<CategoryCode>,
    /// Device, as the file names it.
    pub camera: Camera,
    /// Place, with the radius in which it lies.
    pub place: Option<LeadPlace>,
    /// Time of taking.
    pub taken: Option<TakenAt>,
    /// Signs of a camera original.
    pub signs: Signs,
}

impl Row {
    /// Takes from an item what the rules ask.
    pub fn new(given: &Given<'_>) -> Self {
        let (folder, name) = name::split(&given.path.0);
        let mut series = given.series.to_vec();
        series.retain(|series| !series.trim().is_empty());
        series.sort_unstable();
        series.dedup();
        Self {
            number: given.number,
            sha256: given.sha256,
            source: given.source,
            folder: folder.into(),
            name: Name::of(name),
            places: given.places,
            series,
            known: given.known,
            category: given.category.cloned(),
            camera: given.facts.camera.clone(),
            place: place::of(given.facts),
            taken: given.facts.taken.clone(),
            signs: Signs::of(given.facts),
        }
    }
}
