//! How many items have each value, and what the values are called.

use std::collections::BTreeMap;

use domain::SourceId;

use super::filter::{Ready, in_shelf};
use super::query::{CLASSES, Facet, MARKS, NEEDS_HUMAN, NONE, Query, SIZE_STEPS, Shelf};
use super::{DECIDED, Hot, State, Table, flag};

/// Most values of a facet that are given.
pub const VALUES_MAX: usize = 50;

/// Counts the values of one facet, the filters of all other facets being in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetCounts {
    /// The facet.
    pub facet: Facet,
    /// Values, the most frequent first (years and sizes in their order), at most [`VALUES_MAX`] and those that are picked.
    pub values: Vec<FacetCount>,
    /// Values beyond these.
    pub more: u32,
}

/// Counts one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetCount {
    /// The value, as a filter names it.
    pub value: String,
    /// Items.
    pub count: u32,
    /// True when the query picks it.
    pub picked: bool,
}

/// Years and no year.
pub(super) const YEAR_SLOTS: usize = 10_000;
/// Stands for the slot of a value that no item ever had.
const NO_SLOT: usize = usize::MAX;
/// Where the one category stands that a filter knows as a word and no set has.
const NO_CATEGORY_SLOT: usize = 0;

impl Table {
    /// Counts every shelf, without filters, in the order of [`Shelf::ALL`].
    pub fn shelves(&self) -> [(Shelf, u32); Shelf::ALL.len()] {
        let mut counts = Shelf::ALL.map(|shelf| (shelf, 0));
        counts.iter_mut().zip(self.shelves).for_each(|((_, to), count)| *to = count);
        counts
    }

    /// Counts the items that are shown, hidden and refused.
    pub fn states(&self) -> (u32, u32, u32) {
        let [shown, hidden, refused] = self.states;
        (shown, hidden, refused)
    }

    /// Counts every value that items of a shelf have, by its name.
    pub fn tally(&self, shelf: Shelf, facet: Facet) -> BTreeMap<String, u32> {
        let mut counts = vec![0; self.slots(facet)];
        for hot in self.hot.iter().filter(|hot| in_shelf(shelf, hot)) {
            self.each_slot(facet, hot, &mut |slot| counts[slot] += 1);
        }
        let counted = counts.into_iter().enumerate().filter(|(_, count)| *count > 0);
        counted.map(|(slot, count)| (self.slot_name(facet, slot), count)).collect()
    }

    /// Counts the values of all facets. A facet that tells no items apart is left out.
    pub fn facets(&self, query: &Query) -> Vec<FacetCounts> {
        let ready = Ready::of(self, query);
        let mut counts = Facet::ALL.map(|facet| (facet, 0, vec![0; self.slots(facet)]));
        for (place, hot) in self.hot.iter().enumerate() {
            if !in_shelf(query.shelf, hot) {
                continue;
            }
            let mut failed = ready.picks.iter().filter(|pick| !ready.meets(pick, hot)).map(|(facet, _)| *facet);
            let first = failed.next();
            if failed.any(|facet| Some(facet) != first) || !ready.text_meets(place, hot) {
                continue;
            }
            for (facet, items, counts) in &mut counts {
                if first.is_none_or(|failed| failed == *facet) {
                    *items += 1;
                    self.each_slot(*facet, hot, &mut |slot| counts[slot] += 1);
                }
            }
        }
        let listed = counts.into_iter().filter_map(|(facet, items, counts)| self.listed(facet, items, counts, query));
        listed.collect()
    }

    /// Makes the list of a facet of which so many items were counted. What is picked is on it, whether an item has it or not.
    fn listed(&self, facet: Facet, items: u32, counts: Vec<u32>, query: &Query) -> Option<FacetCounts> {
        let picks = query.picks.iter().filter(|pick| pick.facet == facet);
        let mut picked: Vec<(usize, &str)> = picks
            .flat_map(|pick| &pick.values)
            .map(|value| (self.slot_of(facet, value).unwrap_or(NO_SLOT), value.as_str()))
            .collect();
        picked.sort_unstable();
        picked.dedup();
        let mut others: Vec<(usize, u32)> = (0..).zip(&counts).map(|(slot, count)| (slot, *count)).collect();
        others.retain(|(slot, count)| *count > 0 && picked.iter().all(|(picked, _)| picked != slot));
        if picked.is_empty() && (others.is_empty() || others.len() == 1 && others[0].1 == items) {
            return None;
        }
        others.sort_unstable_by_key(|(slot, count)| (std::cmp::Reverse(*count), *slot));
        let room = VALUES_MAX.saturating_sub(picked.len());
        let more = others.len().saturating_sub(room) as u32;
        others.truncate(room);
        let count = |slot: usize| counts.get(slot).copied().unwrap_or_default();
        let picked = picked.into_iter().map(|(slot, value)| (slot, count(slot), true, value.to_owned()));
        let others = others.into_iter().map(|(slot, count)| (slot, count, false, self.slot_name(facet, slot)));
        let mut all: Vec<(usize, u32, bool, String)> = picked.chain(others).collect();
        all.sort_unstable_by_key(|(slot, count, ..)| match facet {
            // What has no year stands behind all that have one.
            Facet::Year => (0, if *slot == 0 { NO_SLOT } else { *slot }),
            Facet::Size => (0, *slot),
            _ => (u32::MAX - count, *slot),
        });
        let value = |(_, count, picked, value)| FacetCount { value, count, picked };
        Some(FacetCounts { facet, values: all.into_iter().map(value).collect(), more })
    }

    /// Counts the slots of a facet: each value has one.
    pub(super) fn slots(&self, facet: Facet) -> usize {
        match facet {
            Facet::Reason => self.reasons.len(),
            Facet::Source => self.sources.len(),
            Facet::Folder => self.folders.len() + 1,
            Facet::Class => CLASSES.len(),
            Facet::Type => self.media_types.len(),
            Facet::Size => SIZE_STEPS.len(),
            Facet::Year => YEAR_SLOTS,
            Facet::Camera => self.cameras.len(),
            Facet::Category | Facet::Suggested => self.categories.len(),
            Facet::Set => self.sets.len(),
            Facet::Mark => MARKS.len(),
            Facet::Decider => self.people.len(),
        }
    }

    /// Calls back with the slot of each value that a row has.
    #[inline]
    pub(super) fn each_slot(&self, facet: Facet, hot: &Hot, each: &mut impl FnMut(usize)) {
        let mut named = |number: usize| {
            if number != 0 {
                each(number);
            }
        };
        match facet {
            // What a person decided is shown for that reason, whatever the rule says: slot 0.
            Facet::Reason => each(if hot.category != 0 { 0 } else { hot.reason.into() }),
            Facet::Source => {
                if let Some(combination) = self.combinations.get(hot.sources as usize) {
                    combination.slots.iter().for_each(|slot| each(*slot as usize));
                }
            }
            Facet::Folder => named(hot.folder as usize),
            Facet::Class => each(hot.class.into()),
            Facet::Type => named(hot.media_type.into()),
            Facet::Size => each(SIZE_STEPS.iter().position(|(_, end)| hot.size < *end).unwrap_or(SIZE_STEPS.len() - 1)),
            Facet::Year => each(hot.year.into()),
            Facet::Camera => each(hot.camera as usize),
            Facet::Category => each(hot.category.into()),
            Facet::Suggested => named(if hot.state() == State::Hidden { hot.known } else { hot.near }.into()),
            Facet::Set => named(hot.set.into()),
            Facet::Mark => {
                let mut flags = hot.flags & ((1 << MARKS.len()) - 1);
                if self.is_stacked(hot) {
                    flags |= flag::STACK;
                }
                while flags != 0 {
                    each(flags.trailing_zeros() as usize);
                    flags &= flags - 1;
                }
            }
            Facet::Decider => named(hot.decider.into()),
        }
    }

    /// Finds the slot of a value that a filter names.
    pub(super) fn slot_of(&self, facet: Facet, value: &str) -> Option<usize> {
        let number = |number: Option<u32>| number.map(|number| number as usize);
        let or_none = |found: Option<u32>| if value == NONE { Some(NO_CATEGORY_SLOT) } else { number(found) };
        match facet {
            Facet::Reason if value == DECIDED => Some(0),
            Facet::Reason => number(self.reasons.find(value)),
            Facet::Source => {
                let source: i64 = value.parse().ok()?;
                self.sources.iter().position(|known| *known == SourceId(source))
            }
            Facet::Folder => number(self.folder_named(value)),
            Facet::Class => CLASSES.iter().position(|class| *class == value),
            Facet::Type => number(self.media_types.find(value)),
            Facet::Size => SIZE_STEPS.iter().position(|(step, _)| *step == value),
            Facet::Year if value == NONE => Some(0),
            Facet::Year => value.parse().ok().filter(|year| (1..YEAR_SLOTS).contains(year)),
            Facet::Camera => or_none(self.cameras.find(value)),
            Facet::Category => or_none(self.categories.find(value)),
            Facet::Suggested => number(self.categories.find(value)),
            Facet::Set => number(self.sets.find(value)),
            Facet::Mark => MARKS.iter().position(|mark| *mark == value),
            Facet::Decider => number(self.people.find(value)),
        }
    }

    fn slot_name(&self, facet: Facet, slot: usize) -> String {
        let number = u32::try_from(slot).unwrap_or_default();
        let name = match facet {
            Facet::Reason if slot == 0 => Some(DECIDED),
            Facet::Reason => self.reasons.text(number),
            Facet::Source => return self.sources[slot].0.to_string(),
            Facet::Folder => return self.folder_name(number),
            Facet::Class => Some(CLASSES[slot]),
            Facet::Type => self.media_types.text(number),
            Facet::Size => Some(SIZE_STEPS[slot].0),
            Facet::Year if slot == 0 => Some(NONE),
            Facet::Year => return slot.to_string(),
            Facet::Camera => self.cameras.text(number).or(Some(NONE)),
            Facet::Category => self.categories.text(number).or(Some(NONE)),
            Facet::Suggested => self.categories.text(number).or(Some(NEEDS_HUMAN)),
            Facet::Set => self.sets.text(number),
            Facet::Mark => Some(MARKS[slot]),
            Facet::Decider => self.people.text(number),
        };
        name.unwrap_or_default().to_owned()
    }
}
