//! What crosses to the window about many items at once: views and their tiles, facets, decisions for many, hidden items.
//!
//! Numbers of items are those of the case: they never change, are never used again, and tell nothing of a file.

use domain::UtcTime;
use serde::{Deserialize, Serialize};

use super::detail::Sentence;

/// Most tiles that are given at once.
pub const TILES_MAX: u32 = 2_000;

/// Names the views that are always there, each with its count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Shelf {
    /// Shown, and nobody has decided.
    Undecided,
    /// Decided by a person.
    Decided,
    /// Shown and not decided, and looks like known material.
    LooksKnown,
    /// Came back: what hid it does so no more.
    Returned,
    /// Bookmarked.
    Bookmarked,
    /// Handed over to a colleague.
    HandedOver,
    /// Decided otherwise by others than by this person, or otherwise than a set says.
    Disagreed,
    /// All that is shown.
    Shown,
    /// Hidden, as text: nothing of it has a picture.
    Hidden,
    /// Could not be read or decoded, as far as it is an item; unread places are in `refused_list`.
    Refused,
}

/// Names what items can be told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Facet {
    /// Why it is shown, hidden or refused: codes of [`super::detail::SentenceCode`].
    Reason,
    /// Source, by its number.
    Source,
    /// Folder of its first place, by a number of this session.
    Folder,
    /// `picture`, `video`, `audio`, `archive`, `other`.
    Class,
    /// Media type, e.g. `image/jpeg`.
    Type,
    /// Size: `under-50k`, `50k-200k`, `200k-1m`, `1m-5m`, `over-5m`.
    Size,
    /// Year of its date (taken, else modified), `none` without one.
    Year,
    /// Camera model, `none` where the file names none.
    Camera,
    /// Category that a person gave, by code; `none` for undecided.
    Category,
    /// Category in the case's scheme that a set suggests or hides by, `needs-human` without a translation.
    Suggested,
    /// Set that the reason rests on, by name.
    Set,
    /// `bookmark`, `handover`, `note`, `seen`, `returned`, `near`, `stack`, `finding`, `other-tools`, `tools-conflict`.
    Mark,
    /// Who decided, by name.
    Decider,
}

/// Holds values of one facet, any of which an item may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FacetPick {
    /// The facet.
    pub facet: Facet,
    /// Values; an item needs one of them.
    pub values: Vec<String>,
}

/// Names orders. Ties are broken by the number of the item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// What came back, then what is odd, then what looks like known material, then the rest; each as it was found.
    Review,
    /// As it was found.
    Number,
    /// By date: taken, else modified; without one last.
    Time,
    /// By length.
    Size,
    /// By source and path.
    Place,
    /// Look-alikes beside each other.
    Likeness,
    /// By camera, then date.
    Camera,
}

/// Says which items a view has, and in which order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ViewQuery {
    /// View that it starts from.
    pub shelf: Shelf,
    /// Filters; an item needs to meet each.
    pub picks: Vec<FacetPick>,
    /// Words to be met, each in the path, camera or note of an item, or `word:value` (`source:`, `type:`, `camera:`,
    /// `year:`, `category:`, `set:`, `sha256:`, `item:`), or `size>2m`, `size<50k`; a `-` before a word turns it round. Empty for none.
    pub text: String,
    /// Order.
    pub order: Order,
    /// True for the last first.
    pub descending: bool,
    /// True when a stack is one tile.
    pub stacked: bool,
}

/// Tells of a view that is open. Its items and their order stay as they are until it is refreshed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ViewHead {
    /// Number of the view in this session.
    pub view: u32,
    /// Tiles.
    pub total: u32,
    /// Items behind these tiles; more than `total` where stacks are one tile.
    pub items: u32,
    /// Items of it that meet the query no more, e.g. because they were decided; they stay until it is refreshed.
    pub settled: u32,
    /// Items that meet the query and came after the view was made.
    pub arrived: u32,
    /// Where the item is that was named as an anchor, or the next one after it in order; absent without one.
    pub anchor: Option<u32>,
    /// What of the text could not be understood; then the view is as if it were not there.
    pub text_problem: Option<String>,
}

/// Says that an item looks like known material.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct TileSuggestion {
    /// Code in the case's scheme; absent where no crosswalk translates it.
    pub category: Option<String>,
    /// Bits of 256 that differ.
    pub distance: u32,
}

/// Holds what the grid shows of one item. No name, no path: names hurt too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Tile {
    /// Place in the view, from 0.
    pub index: u32,
    /// Number of the item.
    pub number: u32,
    /// Width of the picture in pixels, after orientation.
    pub width: Option<u32>,
    /// Height.
    pub height: Option<u32>,
    /// `picture`, `video`, `audio`, `archive`, `other`.
    pub class: String,
    /// True when there is a veiled picture at `media:`.
    pub has_picture: bool,
    /// Category that a person gave.
    pub category: Option<String>,
    /// True when that person is this one.
    pub own: bool,
    /// What it looks like.
    pub suggestion: Option<TileSuggestion>,
    /// Number of look-alikes that the tile stands for, or that the item is one of; absent below 2.
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
    /// Sets disagree about it, or something else is odd.
    pub odd: bool,
    /// Why it has no picture, where it was refused.
    pub refused: Option<Sentence>,
    /// Where it stands.
    pub state: TileState,
}

/// Tells where an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum TileState {
    /// To be reviewed, or decided.
    Shown,
    /// Hidden by a recorded reason.
    Hidden,
    /// Could not be read or decoded.
    Refused,
}

/// Counts the values of one facet, the filters of all other facets being in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FacetGroup {
    /// The facet.
    pub facet: Facet,
    /// Values, the most frequent first (years: in their order), at most 50.
    pub values: Vec<FacetValue>,
    /// Values beyond these.
    pub more: u32,
}

/// Counts the items of one value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FacetValue {
    /// The value, as a filter names it.
    pub value: String,
    /// Text for a person where the value is not one itself: the label of a source, the path of a folder, escaped.
    pub label: Option<String>,
    /// Items.
    pub count: u32,
    /// True when the query picks it.
    pub picked: bool,
}

/// Counts a shelf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ShelfCount {
    /// The shelf.
    pub shelf: Shelf,
    /// Items.
    pub count: u32,
}

/// Holds all that the filter pane shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Facets {
    /// Each shelf with its count, without filters.
    pub shelves: Vec<ShelfCount>,
    /// Facets that tell the items of the query apart.
    pub groups: Vec<FacetGroup>,
}

/// Names a view that a person keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SavedView {
    /// Its name.
    pub name: String,
    /// What it shows.
    pub query: ViewQuery,
}

/// Keeps what a person has written of a note and not saved yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NoteDraft {
    /// Number of the item.
    pub number: u32,
    /// What is written.
    pub text: String,
}

/// Says what keys act on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Target {
    /// These items.
    Items {
        /// Numbers of items.
        numbers: Vec<u32>,
    },
    /// A run of tiles in a view; each stack with all of its items where the view is stacked.
    Range {
        /// The view.
        view: u32,
        /// First tile.
        first: u32,
        /// Number of tiles.
        count: u32,
    },
    /// All of a view, but these.
    Whole {
        /// The view.
        view: u32,
        /// Numbers of items that are left out.
        except: Vec<u32>,
    },
    /// All look-alikes of an item, but these.
    Stack {
        /// Number of one of them.
        number: u32,
        /// Numbers of items that are left out.
        except: Vec<u32>,
    },
}

/// Counts decisions that another one would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Overwrite {
    /// Category that they have.
    pub category: String,
    /// Who gave it.
    pub by: String,
    /// True when that is this person.
    pub own: bool,
    /// Items.
    pub items: u32,
}

/// Tells what a decision would do, before it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DecidePreview {
    /// Items that it is about.
    pub items: u32,
    /// Of these, not decided yet.
    pub undecided: u32,
    /// Of these, decided so already.
    pub same: u32,
    /// Decisions that it would change, one's own first.
    pub overwrites: Vec<Overwrite>,
    /// Numbers of items that it is about, the first 60.
    pub sample: Vec<u32>,
    /// True when it is to be shown before it is made: more than 50 items, or decisions of others among them.
    pub ask: bool,
}

/// Says what becomes of decisions of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Others {
    /// They are kept.
    Keep,
    /// They are changed too.
    Overwrite,
}

/// Tells what a decision did; it is durable when this is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DecideDone {
    /// Operation in the ledger; absent when nothing was to be changed.
    pub operation: Option<u32>,
    /// Items whose decision is another one now.
    pub items: u32,
    /// Items that were left as others decided them.
    pub kept: u32,
}

/// Names a mark that an item can have beside its category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// Bookmark.
    Bookmark,
    /// Handed over to a colleague.
    Handover,
    /// It does not look like the known material that a set suggests.
    NotAlike,
    /// It was taken out of its stack.
    OutOfStack,
}

/// Names what can be taken back or done again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct UndoLabel {
    /// Operation in the ledger.
    pub operation: u32,
    /// `decided`, `cleared`, `bookmarked`, `unbookmarked`, `handed-over`, `handover-taken-back`, `not-alike`, `alike`, `out-of-stack`, `back-in-stack`, `noted`, `vetoed`.
    pub what: String,
    /// Category, where it was decided.
    pub category: Option<String>,
    /// Items.
    pub items: u32,
    /// When.
    #[cfg_attr(test, ts(type = "string"))]
    pub at: UtcTime,
}

/// Tells what undo and redo would do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct UndoState {
    /// Taken back by undo.
    pub undo: Option<UndoLabel>,
    /// Done again by redo.
    pub redo: Option<UndoLabel>,
}

/// Holds what is shown of a hidden item: text alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct HiddenLine {
    /// Place in the view, from 0.
    pub index: u32,
    /// Number of the item.
    pub number: u32,
    /// Why it is hidden.
    pub why: Sentence,
    /// Category in the case's scheme; absent for ordinary files and where no crosswalk translates.
    pub category: Option<String>,
    /// Set.
    pub set: String,
    /// Its version.
    pub version: u32,
    /// Entry.
    pub entry: String,
    /// Digest that met: `md5`, `sha1`, `sha256`.
    pub digest: String,
    /// Media type.
    pub media_type: String,
    /// Length.
    pub size_bytes: f64,
    /// First place, escaped.
    pub place: String,
    /// Number of places.
    pub places: u32,
}

/// Tells of a place, or an item, that could not be read or decoded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RefusedLine {
    /// Number of the item; absent for a place that could not be read at all.
    pub number: Option<u32>,
    /// Why.
    pub why: Sentence,
    /// Place, escaped.
    pub place: String,
    /// Label of the source.
    pub source: String,
}

/// Holds a part of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RefusedList {
    /// Lines in all.
    pub total: u32,
    /// The lines asked for.
    pub lines: Vec<RefusedLine>,
}
