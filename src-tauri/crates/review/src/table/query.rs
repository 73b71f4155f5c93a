//! What is asked of the table: a shelf, filters, words, an order.

use super::text::Text;

/// Names the collections that are always there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shelf {
    /// Shown, and nobody has decided.
    Undecided,
    /// Decided by a person.
    Decided,
    /// Shown and not decided, and looks like known material.
    LooksKnown,
    /// Came back, whether it has been decided since or not.
    Returned,
    /// Bookmarked.
    Bookmarked,
    /// Handed over to a colleague.
    HandedOver,
    /// Decided otherwise by others than by this person, or otherwise than a set says.
    Disagreed,
    /// All that is shown.
    Shown,
    /// Hidden.
    Hidden,
    /// Could not be read or decoded.
    Refused,
}

impl Shelf {
    /// Lists all shelves.
    pub const ALL: [Self; 10] = [
        Self::Undecided,
        Self::Decided,
        Self::LooksKnown,
        Self::Returned,
        Self::Bookmarked,
        Self::HandedOver,
        Self::Disagreed,
        Self::Shown,
        Self::Hidden,
        Self::Refused,
    ];
}

/// Names what items can be told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Facet {
    /// Word of the main reason.
    Reason,
    /// Number of a source; an item has each source that it was found in.
    Source,
    /// Folder of its first place: its source, `:`, and the bytes of its path as hex.
    Folder,
    /// `picture`, `video`, `audio`, `archive`, `other`.
    Class,
    /// Media type.
    Type,
    /// A step of [`SIZE_STEPS`].
    Size,
    /// Year of its date; [`NONE`] without one.
    Year,
    /// Camera; [`NONE`] without one.
    Camera,
    /// Category that a person gave; [`NONE`] while undecided.
    Category,
    /// Category that a set suggests or hides by; [`NEEDS_HUMAN`] where it is not translated. Items without either have no
    /// value.
    Suggested,
    /// Set that the reason rests on. Items without one have no value.
    Set,
    /// Each of [`MARKS`] that the item has.
    Mark,
    /// Who decided. Undecided items have no value.
    Decider,
}

impl Facet {
    /// Lists all facets.
    pub const ALL: [Self; 13] = [
        Self::Reason,
        Self::Source,
        Self::Folder,
        Self::Class,
        Self::Type,
        Self::Size,
        Self::Year,
        Self::Camera,
        Self::Category,
        Self::Suggested,
        Self::Set,
        Self::Mark,
        Self::Decider,
    ];
}

/// The value of what has none.
pub const NONE: &str = "none";
/// The category of what no crosswalk translates.
pub const NEEDS_HUMAN: &str = "needs-human";
/// Values of [`Facet::Size`], each with the length in bytes at which the next begins.
pub const SIZE_STEPS: [(&str, u64); 5] =
    [("under-50k", 50_000), ("50k-200k", 200_000), ("200k-1m", 1_000_000), ("1m-5m", 5_000_000), ("over-5m", u64::MAX)];
/// Values of [`Facet::Mark`].
pub const MARKS: [&str; 10] =
    ["bookmark", "handover", "note", "seen", "returned", "near", "stack", "finding", "other-tools", "tools-conflict"];
/// Values of [`Facet::Class`].
pub const CLASSES: [&str; 5] = ["picture", "video", "audio", "archive", "other"];

/// Holds values of one facet; an item needs one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    /// The facet.
    pub facet: Facet,
    /// Its values. Those that no item has are met by none.
    pub values: Vec<String>,
}

/// Names orders. What ties is ordered by number. What lacks the value of an order is last, in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Order {
    /// What came back, what is odd, what looks like known material, the rest; hidden and refused ones behind.
    Review,
    /// By number, which is the order of being found.
    Number,
    /// By date.
    Time,
    /// By length.
    Size,
    /// By source, folder and name, regardless of case.
    Place,
    /// Look-alikes beside each other, where the first of them is.
    Likeness,
    /// By camera, then date.
    Camera,
}

/// Says which items are wanted, and in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Collection that it starts from.
    pub shelf: Shelf,
    /// Filters; an item needs to meet each.
    pub picks: Vec<Pick>,
    /// Words, all of which are to be met.
    pub text: Text,
    /// Order.
    pub order: Order,
    /// True for the last first.
    pub descending: bool,
    /// True when a stack is one tile.
    pub stacked: bool,
}

impl Query {
    /// Asks for a whole shelf, as it was found.
    pub fn shelf(shelf: Shelf) -> Self {
        Self {
            shelf,
            picks: Vec::new(),
            text: Text::default(),
            order: Order::Number,
            descending: false,
            stacked: false,
        }
    }
}
