//! All items of a case in memory, so that any filter, order or count of a million of them is there before a hand moves on.
//!
//! What it does: holds what can be asked about items in about 150 bytes each, and answers: which items meet a query and in
//! which order, how many have each value, which look alike. It is pure: rows are put into it, and nothing is read.
//!
//! Rows are kept by the item's number, which is given from 1 without gaps. What changes often (decisions, marks) changes
//! no order, so orders are kept and only put right where rows came or changed.

mod facets;
mod filter;
mod found;
mod names;
mod order;
mod query;
mod text;

#[cfg(test)]
mod naive;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use domain::{MediaClass, Sha256, SourceId, escaped};

pub use facets::{FacetCount, FacetCounts, VALUES_MAX};
pub use filter::Rows;
pub use found::Found;
pub use query::{CLASSES, Facet, MARKS, NEEDS_HUMAN, NONE, Order, Pick, Query, SIZE_STEPS, Shelf};
pub use text::{TEXT_CHARS_MAX, TEXT_PARTS_MAX, Text};

use names::{Arena, NameAt, Names, folded, folded_into};
use order::Orders;

/// Largest number of an item: what a damaged case could name beyond it is not worth the memory.
pub const NUMBER_MAX: u32 = 32_000_000;

/// The table grows by one row in so many.
const GROWTH_PART: usize = 8;

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
    /// Category in the case's scheme, or [`NEEDS_HUMAN`].
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
    /// Category that the set of the reason gives it, in the case's scheme, or [`NEEDS_HUMAN`].
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

/// Bits of [`Hot::flags`]. The first eight are those of [`MARKS`], in their order.
mod flag {
    pub const BOOKMARK: u16 = 1;
    pub const HANDOVER: u16 = 1 << 1;
    pub const NOTE: u16 = 1 << 2;
    pub const SEEN: u16 = 1 << 3;
    pub const RETURNED: u16 = 1 << 4;
    pub const NEAR: u16 = 1 << 5;
    pub const STACK: u16 = 1 << 6;
    pub const FINDING: u16 = 1 << 7;
    pub const PICTURE: u16 = 1 << 8;
    pub const DISAGREED: u16 = 1 << 9;
    /// There is such an item.
    pub const THERE: u16 = 1 << 10;
    pub const OUT_OF_STACK: u16 = 1 << 11;
}

/// What filters and counts look at, in one cache line. Numbers of names are 0 where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hot {
    size: u64,
    /// [`NO_DATE`] for none.
    date: i64,
    folder: u32,
    camera: u32,
    sources: u32,
    /// Number of the item that stands for the stack; 0 without one.
    stack: u32,
    reason: u16,
    media_type: u16,
    set: u16,
    known: u16,
    near: u16,
    category: u16,
    decider: u16,
    flags: u16,
    /// 0 for none.
    year: u16,
    class: u8,
    rule: State,
    urgency: Urgency,
    distance: u8,
}

/// The date of what has none: last in every order.
const NO_DATE: i64 = i64::MAX;

const VACANT: Hot = Hot {
    size: 0,
    date: NO_DATE,
    folder: 0,
    camera: 0,
    sources: 0,
    stack: 0,
    reason: 0,
    media_type: 0,
    set: 0,
    known: 0,
    near: 0,
    category: 0,
    decider: 0,
    flags: 0,
    year: 0,
    class: 0,
    rule: State::Refused,
    urgency: Urgency::Plain,
    distance: 0,
};

impl Hot {
    fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }

    fn state(&self) -> State {
        if self.category != 0 { State::Shown } else { self.rule }
    }

    /// Gives what an order looks at of this row.
    fn keys(&self) -> (u64, i64, u32, u32, u32) {
        (self.size, self.date, self.folder, self.camera, self.stack)
    }
}

/// What only tiles and a few questions look at.
#[derive(Debug, Clone, Copy)]
struct Cold {
    sha256: [u8; 32],
    name: NameAt,
    width: u32,
    height: u32,
}

const VACANT_COLD: Cold = Cold { sha256: [0; 32], name: NameAt::NONE, width: 0, height: 0 };

/// A folder of a source.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Folder {
    source: SourceId,
    /// What is compared: folded, with the `/` at its end; empty for the source itself.
    folded: Box<str>,
    /// The bytes.
    path: Box<[u8]>,
}

/// Sources that an item was found in.
#[derive(Debug, Default)]
struct Combination {
    sources: Box<[SourceId]>,
    /// Places of these in [`Table::sources`].
    slots: Box<[u32]>,
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
    /// Class, one of [`CLASSES`].
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

/// Word of the reason of what a person decided.
const DECIDED: &str = "decided";

/// Holds the items of a case.
#[derive(Debug, Default)]
pub struct Table {
    hot: Vec<Hot>,
    cold: Vec<Cold>,
    count: u32,
    /// Items that are shown, hidden and refused, and items on each shelf.
    states: [u32; 3],
    shelves: [u32; Shelf::ALL.len()],
    /// Goes up with every change, so that whoever keeps an answer knows whether it is stale.
    version: u64,
    names: Arena,
    folders: Vec<Folder>,
    folder_numbers: HashMap<(SourceId, Box<[u8]>), u32>,
    folder_last: u32,
    cameras: Names,
    reasons: Names,
    media_types: Names,
    sets: Names,
    categories: Names,
    people: Names,
    /// Sources that items were found in.
    sources: Vec<SourceId>,
    /// Ways in which sources share items; number 0 is that of no source.
    combinations: Vec<Combination>,
    labels: Vec<SourceLabel>,
    stacks: HashMap<u32, Vec<u32>>,
    /// Folded notes, and folded other paths, of the few items that have them.
    notes: BTreeMap<u32, Box<str>>,
    more: BTreeMap<u32, Box<str>>,
    orders: Orders,
    scratch: String,
}

impl Table {
    /// Makes an empty table with room for so many items.
    pub fn with_room(items: usize) -> Self {
        let items = items.min(NUMBER_MAX as usize);
        Self { hot: Vec::with_capacity(items), cold: Vec::with_capacity(items), ..Self::default() }
    }

    /// Says what people call the sources, in their order.
    pub fn label_sources(&mut self, labels: Vec<SourceLabel>) {
        self.labels = labels;
        self.version += 1;
    }

    /// Puts an item, in place of what was known of it.
    pub fn put(&mut self, row: &Row<'_>) -> Result<(), TableError> {
        if row.number == 0 || row.number > NUMBER_MAX {
            return Err(TableError::Number { number: row.number });
        }
        let place = row.number as usize - 1;
        if self.hot.len() <= place {
            if self.hot.capacity() <= place {
                // By less than the usual doubling, which at a million items would hold a hundred megabytes for nothing.
                let more = place + 1 - self.hot.len() + self.hot.len() / GROWTH_PART;
                self.hot.reserve_exact(more);
                self.cold.reserve_exact(more);
            }
            self.hot.resize(place + 1, VACANT);
            self.cold.resize(place + 1, VACANT_COLD);
        }
        let before = self.hot[place];
        let mut hot = self.packed(row)?;
        let name_moved = self.put_name(place, row, &mut hot);
        put_text(&mut self.notes, row.number, row.note, &mut self.scratch);
        self.put_more(row);
        self.restack(row.number, before.stack, hot.stack);
        self.recount(&before, &hot);
        if !before.has(flag::THERE) || name_moved || before.keys() != hot.keys() {
            self.orders.changed(place as u32);
        }
        self.hot[place] = hot;
        let (width, height) = row.pixels.unwrap_or_default();
        let cold = &mut self.cold[place];
        (cold.sha256, cold.width, cold.height) = (row.sha256.0, width, height);
        self.version += 1;
        Ok(())
    }

    /// Takes an item out, because what was known of it is lost.
    pub fn take(&mut self, number: u32) {
        let Some(before) = self.hot_of(number).copied() else { return };
        self.restack(number, before.stack, 0);
        self.notes.remove(&number);
        self.more.remove(&number);
        self.hot[number as usize - 1] = VACANT;
        self.orders.changed(number - 1);
        self.recount(&before, &VACANT);
        self.version += 1;
    }

    /// Says that this person has seen an item clearly.
    pub fn see(&mut self, number: u32) {
        if self.hot_of(number).is_some() {
            self.hot[number as usize - 1].flags |= flag::SEEN;
            self.version += 1;
        }
    }

    /// Puts stacks, each as its items' numbers and that of the item that stands for it, in place of all that were there.
    pub fn put_stacks(&mut self, members: &[(u32, u32)]) {
        let mut stacks = vec![0; self.hot.len()];
        for (number, stack) in members {
            if self.hot_of(*number).is_some_and(|hot| !hot.has(flag::OUT_OF_STACK)) {
                stacks[*number as usize - 1] = *stack;
            }
        }
        self.stacks.clear();
        for (place, stack) in stacks.into_iter().enumerate() {
            if self.hot[place].stack != stack {
                self.hot[place].stack = stack;
                self.orders.changed(place as u32);
            }
            if stack != 0 {
                self.stacks.entry(stack).or_default().push(place as u32 + 1);
            }
        }
        self.version += 1;
    }

    /// Counts the items.
    pub fn len(&self) -> u32 {
        self.count
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Gives a number that is another one after every change.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Makes its version a later one than another table's, whose place it takes.
    pub fn outdate(&mut self, other: u64) {
        self.version = self.version.max(other) + 1;
    }

    /// Bytes that it takes, without what its maps need.
    pub fn bytes(&self) -> usize {
        self.hot.capacity() * size_of::<Hot>()
            + self.cold.capacity() * size_of::<Cold>()
            + self.names.bytes()
            + self.orders.bytes()
    }

    /// Gives what a tile shows of an item.
    pub fn item(&self, number: u32) -> Option<Item<'_>> {
        let hot = self.hot_of(number)?;
        let cold = &self.cold[number as usize - 1];
        let state = hot.state();
        let category = self.categories.text(hot.category.into());
        let rule_reason = self.reasons.text(hot.reason.into()).unwrap_or_default();
        Some(Item {
            number,
            sha256: Sha256(cold.sha256),
            state,
            reason: if category.is_some() { DECIDED } else { rule_reason },
            rule_reason,
            class: CLASSES[hot.class as usize],
            pixels: (cold.width > 0).then_some((cold.width, cold.height)),
            has_picture: hot.has(flag::PICTURE) && state != State::Hidden,
            decision: category.zip(self.people.text(hot.decider.into())),
            likeness: self
                .categories
                .text(hot.near.into())
                .map(|category| Likeness { category, distance: hot.distance }),
            stack: self.stacks.get(&hot.stack).map(|members| members.len() as u32).filter(|count| *count > 1),
            seen: hot.has(flag::SEEN),
            bookmark: hot.has(flag::BOOKMARK),
            handover: hot.has(flag::HANDOVER),
            note: hot.has(flag::NOTE),
            returned: hot.has(flag::RETURNED),
            odd: hot.has(flag::FINDING),
        })
    }

    /// Lists the items of an item's stack, itself included, by number; empty where it has none.
    pub fn stack_of(&self, number: u32) -> &[u32] {
        let stack = self.hot_of(number).map_or(0, |hot| hot.stack);
        self.stacks.get(&stack).map_or(&[], Vec::as_slice)
    }

    /// Gives source and bytes of a folder, by the number that [`Facet::Folder`] names.
    pub fn folder(&self, number: u32) -> Option<(SourceId, &[u8])> {
        let folder = self.folders.get((number as usize).checked_sub(1)?)?;
        Some((folder.source, &folder.path))
    }

    /// Gives the sources that an item was found in.
    pub fn sources_of(&self, number: u32) -> &[SourceId] {
        self.hot_of(number).and_then(|hot| self.combinations.get(hot.sources as usize)).map_or(&[], |all| &all.sources)
    }

    /// Tells whether somebody still has to decide about an item that may be looked at.
    pub fn is_open(&self, number: u32) -> bool {
        self.hot_of(number).is_some_and(|hot| hot.category == 0 && hot.rule != State::Hidden)
    }

    /// Length of an item in bytes.
    pub fn size_bytes(&self, number: u32) -> u64 {
        self.hot_of(number).map_or(0, |hot| hot.size)
    }

    /// Calls back with the number of every item, ascending.
    pub fn numbers(&self) -> impl Iterator<Item = u32> {
        (1..).zip(&self.hot).filter(|(_, hot)| hot.has(flag::THERE)).map(|(number, _)| number)
    }

    fn hot_of(&self, number: u32) -> Option<&Hot> {
        self.hot.get((number as usize).checked_sub(1)?).filter(|hot| hot.has(flag::THERE))
    }

    fn packed(&mut self, row: &Row<'_>) -> Result<Hot, TableError> {
        let likeness = row.likeness.filter(|_| !row.marks.not_alike);
        let mut hot = Hot {
            size: row.size_bytes,
            date: row.date.unwrap_or(NO_DATE),
            camera: self.cameras.maybe(row.camera.map(str::trim).filter(|camera| !camera.is_empty())),
            sources: self.combination(row.sources),
            stack: row.stack.filter(|_| !row.marks.out_of_stack).unwrap_or(0),
            reason: few(self.reasons.number(row.reason), "reasons")?,
            media_type: few(self.media_types.number(row.media_type), "media types")?,
            set: few(self.sets.maybe(row.set), "sets")?,
            known: few(self.categories.maybe(row.known), "categories")?,
            near: few(self.categories.maybe(likeness.map(|near| near.category)), "categories")?,
            category: few(self.categories.maybe(row.decision.map(|one| one.category)), "categories")?,
            decider: few(self.people.maybe(row.decision.map(|one| one.by)), "people")?,
            year: row.date.map_or(0, year_of),
            class: row.class as u8,
            rule: row.rule,
            urgency: row.urgency,
            distance: likeness.map_or(0, |near| near.distance),
            ..VACANT
        };
        let said = [row.known, likeness.map(|near| near.category)].map(|said| said.filter(|code| *code != NEEDS_HUMAN));
        let disagreed = row.decision.is_some_and(|one| {
            let differs = |other: Option<&str>| other.is_some_and(|other| other != one.category);
            differs(one.own_before) || said.into_iter().any(differs)
        });
        let flags = [
            (row.marks.bookmark, flag::BOOKMARK),
            (row.marks.handover, flag::HANDOVER),
            (!row.note.is_empty(), flag::NOTE),
            (row.seen, flag::SEEN),
            (row.urgency == Urgency::Returned, flag::RETURNED),
            (likeness.is_some(), flag::NEAR),
            (row.urgency == Urgency::Odd, flag::FINDING),
            (row.has_picture, flag::PICTURE),
            (disagreed, flag::DISAGREED),
            (row.marks.out_of_stack, flag::OUT_OF_STACK),
            (true, flag::THERE),
        ];
        hot.flags = flags.into_iter().filter(|(is, _)| *is).map(|(_, flag)| flag).fold(0, |all, flag| all | flag);
        Ok(hot)
    }

    fn recount(&mut self, before: &Hot, after: &Hot) {
        for (hot, is_there) in [(before, false), (after, true)] {
            if !hot.has(flag::THERE) {
                continue;
            }
            let move_by = |count: &mut u32, by: u32| *count = if is_there { *count + by } else { *count - by };
            move_by(&mut self.count, 1);
            move_by(&mut self.states[hot.state() as usize], 1);
            for (shelf, count) in Shelf::ALL.into_iter().zip(&mut self.shelves) {
                move_by(count, filter::in_shelf(shelf, hot).into());
            }
        }
    }

    fn combination(&mut self, sources: &[SourceId]) -> u32 {
        if self.combinations.is_empty() {
            self.combinations.push(Combination::default());
        }
        // There are as many as ways in which sources share items: hardly ever more than sources. The newest are met most.
        if let Some(known) = self.combinations.iter().rposition(|known| *known.sources == *sources) {
            return known as u32;
        }
        let mut slot = |source: &SourceId| {
            let known = self.sources.iter().position(|known| known == source);
            known.unwrap_or_else(|| {
                self.sources.push(*source);
                self.sources.len() - 1
            }) as u32
        };
        let slots = sources.iter().map(&mut slot).collect();
        self.combinations.push(Combination { sources: sources.into(), slots });
        self.combinations.len() as u32 - 1
    }

    /// Keeps folder and name of the first place. Tells whether the name is another one.
    fn put_name(&mut self, place: usize, row: &Row<'_>, hot: &mut Hot) -> bool {
        let (source, path) = row.first.unwrap_or((SourceId(0), &[]));
        let cut = path.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
        hot.folder = if row.first.is_some() { self.folder_number(source, &path[..cut]) } else { 0 };
        self.scratch.clear();
        folded_into(&escaped(&path[cut..]), &mut self.scratch);
        if self.names.get(self.cold[place].name) == self.scratch {
            return false;
        }
        self.cold[place].name = self.names.put(&self.scratch);
        true
    }

    fn folder_number(&mut self, source: SourceId, path: &[u8]) -> u32 {
        if let Some(last) = self.folders.get((self.folder_last as usize).wrapping_sub(1))
            && last.source == source
            && *last.path == *path
        {
            return self.folder_last;
        }
        let (folders, numbers) = (&mut self.folders, &mut self.folder_numbers);
        self.folder_last = *numbers.entry((source, path.into())).or_insert_with(|| {
            folders.push(Folder { source, folded: folded(&escaped(path)).into(), path: path.into() });
            folders.len() as u32
        });
        self.folder_last
    }

    fn put_more(&mut self, row: &Row<'_>) {
        if row.more_paths.is_empty() {
            self.more.remove(&row.number);
            return;
        }
        let paths: Vec<String> = row.more_paths.iter().map(|path| folded(&escaped(path))).collect();
        // No escaped path has a line feed in it.
        self.more.insert(row.number, paths.join("\n").into());
    }

    fn restack(&mut self, number: u32, before: u32, after: u32) {
        if before == after {
            return;
        }
        if let Some(members) = self.stacks.get_mut(&before) {
            members.retain(|member| *member != number);
            if members.is_empty() {
                self.stacks.remove(&before);
            }
        }
        if after != 0 {
            let members = self.stacks.entry(after).or_default();
            let place = members.partition_point(|member| *member < number);
            members.insert(place, number);
        }
    }

    /// Tells whether an item has look-alikes.
    fn is_stacked(&self, hot: &Hot) -> bool {
        hot.stack != 0 && self.stacks.get(&hot.stack).is_some_and(|members| members.len() > 1)
    }
}

fn put_text(texts: &mut BTreeMap<u32, Box<str>>, number: u32, text: &str, scratch: &mut String) {
    if text.is_empty() {
        texts.remove(&number);
        return;
    }
    scratch.clear();
    folded_into(text, scratch);
    texts.insert(number, scratch.as_str().into());
}

fn few(number: u32, what: &'static str) -> Result<u16, TableError> {
    u16::try_from(number).map_err(|_| TableError::Values { what })
}

const SECONDS_OF_A_DAY: i64 = 86_400;

/// Gives the year of a moment; 0 for what lies before the year 1 or behind 9999, which no date of a file means.
/// The days are counted in eras of 400 years: Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
fn year_of(seconds: i64) -> u16 {
    let days = seconds.div_euclid(SECONDS_OF_A_DAY) + 719_468;
    let era = days.div_euclid(146_097);
    let day = days.rem_euclid(146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    // Years begin in March here.
    let year = era * 400 + year + i64::from(day_of_year >= 306);
    u16::try_from(year).ok().filter(|year| (1..=9999).contains(year)).unwrap_or(0)
}
