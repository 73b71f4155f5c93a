//! What is put into the table and what comes out of it, one item at a time.

use domain::{MediaClass, Sha256, SourceId};

use super::NUMBER_MAX;

/// Says where the rule and people have put an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum State {
    /// To be reviewed, or decided by a person.
    Shown,
    /// Hidden by a recorded reason.
    Hidden,
    /// Could not be read or decoded.
    Refused,
}

/// Says why the rule shows an item, as far as it moves it forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Urgency {
    /// It came back.
    Returned,
    /// Something is odd about it.
    Odd,
    /// Nothing.
    Plain,
}

/// Says that an item looks like known material.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Likeness<'a> {
    /// Category in the case's scheme, or [`super::NEEDS_HUMAN`].
    pub category: &'a str,
    /// Bits that differ.
    pub distance: u8,
}

/// Holds a decision of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided<'a> {
    /// Category.
    pub category: &'a str,
    /// Who decided.
    pub by: &'a str,
    /// What the person whose table this is decided before somebody else decided this.
    pub own_before: Option<&'a str>,
}

/// Tells which marks an item has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marked {
    /// Bookmarked.
    pub bookmark: bool,
    /// Handed over.
    pub handover: bool,
    /// A person says that it does not look like what a set suggests: it has no likeness then.
    pub not_alike: bool,
    /// A person has taken it out of its stack: it has none then.
    pub out_of_stack: bool,
    /// Another tool said something of it.
    pub other_tools: bool,
    /// What other tools said of it contradicts itself.
    pub tools_conflict: bool,
}

/// Holds all that the table takes of an item.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// Number, from 1 to [`NUMBER_MAX`].
    pub number: u32,
    /// SHA-256.
    pub sha256: Sha256,
    /// Where the rule puts it.
    pub rule: State,
    /// How far forward the rule puts it.
    pub urgency: Urgency,
    /// Word of the rule's main reason.
    pub reason: &'a str,
    /// Set that the reason rests on.
    pub set: Option<&'a str>,
    /// Category that the set of the reason gives it, in the case's scheme, or [`super::NEEDS_HUMAN`].
    pub known: Option<&'a str>,
    /// What it looks like.
    pub likeness: Option<Likeness<'a>>,
    /// Class of media.
    pub class: MediaClass,
    /// Media type.
    pub media_type: &'a str,
    /// Length in bytes.
    pub size_bytes: u64,
    /// Sources that it was found in.
    pub sources: &'a [SourceId],
    /// First place: the source, and the bytes of the path.
    pub first: Option<(SourceId, &'a [u8])>,
    /// Paths of its other places.
    pub more_paths: &'a [Vec<u8>],
    /// Its date: seconds since 1970, of a wall clock where no zone is known.
    pub date: Option<i64>,
    /// Camera.
    pub camera: Option<&'a str>,
    /// Width and height in pixels, where it was decoded.
    pub pixels: Option<(u32, u32)>,
    /// True when there is a picture of it.
    pub has_picture: bool,
    /// What a person decided.
    pub decision: Option<Decided<'a>>,
    /// Number of the item that stands for its stack.
    pub stack: Option<u32>,
    /// Marks.
    pub marks: Marked,
    /// Note; empty for none.
    pub note: &'a str,
    /// True when this person has seen it clearly.
    pub seen: bool,
}

/// Says that a row cannot be put.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// No item has this number.
    #[error("{number} is no number of an item: they go from 1 to {NUMBER_MAX}")]
    Number {
        /// The number.
        number: u32,
    },
    /// A column that has few values has too many.
    #[error("there are more than {} different values of {what}", u16::MAX)]
    Values {
        /// The column.
        what: &'static str,
    },
}

/// Holds what people call a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceLabel {
    /// The source.
    pub source: SourceId,
    /// Its label, e.g. `A01`.
    pub label: String,
    /// Where it lies, escaped.
    pub place: String,
}

/// Holds what a tile shows of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item<'a> {
    /// Number.
    pub number: u32,
    /// SHA-256.
    pub sha256: Sha256,
    /// Where it stands.
    pub state: State,
    /// Word of the reason: `decided` for what a person decided.
    pub reason: &'a str,
    /// Word of the rule's reason.
    pub rule_reason: &'a str,
    /// Class, one of [`super::CLASSES`].
    pub class: &'static str,
    /// Width and height in pixels, where they are known.
    pub pixels: Option<(u32, u32)>,
    /// True when there is a picture of it that may be shown, veiled.
    pub has_picture: bool,
    /// Category and who gave it.
    pub decision: Option<(&'a str, &'a str)>,
    /// What it looks like.
    pub likeness: Option<Likeness<'a>>,
    /// Items of its stack, if there are two or more.
    pub stack: Option<u32>,
    /// This person has seen it clearly.
    pub seen: bool,
    /// Bookmarked.
    pub bookmark: bool,
    /// Handed over.
    pub handover: bool,
    /// Has a note.
    pub note: bool,
    /// It came back.
    pub returned: bool,
    /// Something is odd about it.
    pub odd: bool,
}
