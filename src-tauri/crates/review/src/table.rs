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
mod kept;
mod names;
mod order;
mod packing;
mod query;
mod row;
mod text;

#[cfg(test)]
mod naive;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use domain::{Sha256, SourceId};

pub use facets::{FacetCount, FacetCounts, VALUES_MAX};
pub use filter::Rows;
pub use found::Found;
pub use query::{CLASSES, Facet, MARKS, NEEDS_HUMAN, NONE, Order, Pick, Query, SIZE_STEPS, Shelf};
pub use row::{Decided, Item, Likeness, Marked, Row, SourceLabel, State, TableError, Urgency};
pub use text::{TEXT_CHARS_MAX, TEXT_PARTS_MAX, Text};

use names::{Arena, Names};
use order::Orders;
use packing::{Cold, Combination, Folder, Hot, NO_DATE, Numbers, VACANT, VACANT_COLD, flag, put_text};

/// Largest number of an item: what a damaged case could name beyond it is not worth the memory.
pub const NUMBER_MAX: u32 = 32_000_000;

/// The table grows by one row in so many.
const GROWTH_PART: usize = 8;

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
        self.make_room(place);
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

    /// Takes in all items of another table, none of which it has. Two threads can read the halves of a case so; the
    /// result is the table that one would have made.
    pub fn absorb(&mut self, other: Self) -> Result<(), TableError> {
        let numbers = Numbers::of(self, &other);
        for (place, (hot, cold)) in other.hot.iter().zip(&other.cold).enumerate() {
            if !hot.has(flag::THERE) {
                continue;
            }
            self.make_room(place);
            let hot = numbers.translated(hot)?;
            self.restack(place as u32 + 1, 0, hot.stack);
            self.recount(&VACANT, &hot);
            self.orders.changed(place as u32);
            self.hot[place] = hot;
            self.cold[place] = Cold { name: cold.name.moved(numbers.names), ..*cold };
        }
        self.notes.extend(other.notes);
        self.more.extend(other.more);
        self.version += 1;
        Ok(())
    }

    fn make_room(&mut self, place: usize) {
        if self.hot.len() > place {
            return;
        }
        if self.hot.capacity() <= place {
            // By less than the usual doubling, which at a million items would hold a hundred megabytes for nothing.
            let more = place + 1 - self.hot.len() + self.hot.len() / GROWTH_PART;
            self.hot.reserve_exact(more);
            self.cold.reserve_exact(more);
        }
        self.hot.resize(place + 1, VACANT);
        self.cold.resize(place + 1, VACANT_COLD);
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

    /// Gives source and bytes of a folder, by the value that [`Facet::Folder`] has for it.
    pub fn folder(&self, value: &str) -> Option<(SourceId, &[u8])> {
        let folder = self.folders.get((self.folder_named(value)? as usize).checked_sub(1)?)?;
        Some((folder.source, &folder.path))
    }

    /// Gives the value of a folder: its source and the bytes of its path as hex. Unlike the number that it has in this table,
    /// that means the same folder whenever the case is read again, so a view that a person keeps may rest on it.
    fn folder_name(&self, number: u32) -> String {
        let folder = (number as usize).checked_sub(1).and_then(|place| self.folders.get(place));
        let hex = |path: &[u8]| path.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        folder.map(|folder| format!("{}:{}", folder.source.0, hex(&folder.path))).unwrap_or_default()
    }

    /// Finds the number of the folder that a value names.
    fn folder_named(&self, value: &str) -> Option<u32> {
        let (source, hex) = value.split_once(':')?;
        let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
        let byte = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let path: Option<Box<[u8]>> = pairs.iter().map(byte).collect();
        let path = path.filter(|_| rest.is_empty())?;
        self.folder_numbers.get(&(SourceId(source.parse().ok()?), path)).copied()
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

    /// Tells whether an item has look-alikes.
    fn is_stacked(&self, hot: &Hot) -> bool {
        hot.stack != 0 && self.stacks.get(&hot.stack).is_some_and(|members| members.len() > 1)
    }
}
