//! Which items meet a query: a query is made ready once, with a list of what each name says, and then asked of each row.

use std::collections::BTreeSet;

use super::names::{Names, folded};
use super::query::{CLASSES, NONE, Query, Shelf};
use super::text::{Condition, What};
use super::{Hot, NO_DATE, State, Table, flag};

/// Holds a set of items, by number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    bits: Vec<u64>,
    count: u32,
}

impl Rows {
    fn with_room(rows: usize) -> Self {
        Self { bits: vec![0; rows.div_ceil(64)], count: 0 }
    }

    /// Adds the row at a place; it is not there yet.
    fn add(&mut self, place: usize) {
        self.bits[place / 64] |= 1 << (place % 64);
        self.count += 1;
    }

    /// Tells whether the row at a place is in it.
    pub(super) fn has_place(&self, place: usize) -> bool {
        self.bits.get(place / 64).is_some_and(|word| word & 1 << (place % 64) != 0)
    }

    /// Tells whether an item is in it.
    pub fn has(&self, number: u32) -> bool {
        (number as usize).checked_sub(1).is_some_and(|place| self.has_place(place))
    }

    /// Counts the items.
    pub fn len(&self) -> u32 {
        self.count
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Gives the places of its rows, ascending.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        self.bits.iter().enumerate().flat_map(|(word_at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros() as usize;
                (left != 0).then(|| {
                    left &= left - 1;
                    word_at * 64 + bit
                })
            })
        })
    }
}

impl Table {
    /// Finds the items that meet a query.
    pub fn meeting(&self, query: &Query) -> Rows {
        let ready = Ready::of(self, query);
        let mut rows = Rows::with_room(self.hot.len());
        for (place, hot) in self.hot.iter().enumerate() {
            if in_shelf(query.shelf, hot) && ready.picks_meet(hot) && ready.text_meets(place, hot) {
                rows.add(place);
            }
        }
        rows
    }
}

/// Tells whether an item stands on a shelf.
pub(super) fn in_shelf(shelf: Shelf, hot: &Hot) -> bool {
    let decided = hot.category != 0;
    let is = match shelf {
        Shelf::Undecided => !decided && hot.rule == State::Shown,
        Shelf::Decided => decided,
        Shelf::LooksKnown => !decided && hot.rule == State::Shown && hot.near != 0,
        Shelf::Returned => hot.has(flag::RETURNED),
        Shelf::Bookmarked => hot.has(flag::BOOKMARK),
        Shelf::HandedOver => hot.has(flag::HANDOVER),
        Shelf::Disagreed => hot.has(flag::DISAGREED),
        Shelf::Shown => hot.state() == State::Shown,
        Shelf::Hidden => hot.state() == State::Hidden,
        Shelf::Refused => hot.state() == State::Refused,
    };
    is && hot.has(flag::THERE)
}

/// A query with what it needs to be asked of many rows.
pub(super) struct Ready<'a> {
    table: &'a Table,
    /// For each pick its facet, and whether it wants each value.
    pub picks: Vec<(super::Facet, Vec<bool>)>,
    text: Vec<(bool, Test<'a>)>,
}

impl<'a> Ready<'a> {
    pub fn of(table: &'a Table, query: &'a Query) -> Self {
        let pick = |pick: &super::Pick| {
            let mut wanted = vec![false; table.slots(pick.facet)];
            for value in &pick.values {
                if let Some(slot) = table.slot_of(pick.facet, value) {
                    wanted[slot] = true;
                }
            }
            (pick.facet, wanted)
        };
        let text = query.text.conditions.iter().map(|Condition { wanted, what }| (*wanted, Test::of(table, what)));
        Self { table, picks: query.picks.iter().map(pick).collect(), text: text.collect() }
    }

    /// Tells whether a row meets a pick.
    pub fn meets(&self, pick: &(super::Facet, Vec<bool>), hot: &Hot) -> bool {
        let mut met = false;
        self.table.each_slot(pick.0, hot, &mut |slot| met |= pick.1[slot]);
        met
    }

    fn picks_meet(&self, hot: &Hot) -> bool {
        self.picks.iter().all(|pick| self.meets(pick, hot))
    }

    pub fn text_meets(&self, place: usize, hot: &Hot) -> bool {
        self.text.iter().all(|(wanted, test)| test.meets(self.table, place, hot) == *wanted)
    }
}

/// A part of a text, made ready. Lists tell for each number of a name whether it is met.
enum Test<'a> {
    Word(Word<'a>),
    Source(Vec<bool>),
    Type { types: Vec<bool>, classes: [bool; CLASSES.len()] },
    Camera(Vec<bool>),
    Year(Option<(i32, i32)>),
    Category(Vec<bool>),
    Set(Vec<bool>),
    Sha256 { whole: Vec<u8>, half: Option<u8> },
    Item(u32, u32),
    Size(u64, u64),
}

struct Word<'a> {
    word: &'a str,
    folders: Vec<bool>,
    cameras: Vec<bool>,
    /// For a word with a `/` in it: the folders that end as it begins, and how the name has to begin.
    across: Option<(Vec<bool>, &'a str)>,
    /// Items whose note or other path has it.
    others: BTreeSet<u32>,
}

impl<'a> Test<'a> {
    fn of(table: &'a Table, what: &'a What) -> Self {
        let having = |names: &Names, part: &str| names.each(|text| folded(text).contains(part));
        match what {
            What::Word(word) => Self::Word(Word::of(table, word)),
            What::Source(text) => Self::Source(sources_called(table, text)),
            What::Type(part) => Self::Type {
                types: having(&table.media_types, part),
                classes: CLASSES.map(|class| class == part.as_str()),
            },
            What::Camera(part) => Self::Camera(having(&table.cameras, part)),
            What::Year(years) => Self::Year(*years),
            What::Category(code) => {
                let mut wanted = table.categories.each(|text| folded(text) == *code);
                wanted[0] = code == NONE;
                Self::Category(wanted)
            }
            What::Set(part) => Self::Set(having(&table.sets, part)),
            What::Sha256(digits) => {
                let digit = |at: usize| u8::from_str_radix(&digits[at..=at], 16).unwrap_or_default();
                let whole = (0..digits.len() / 2).map(|at| digit(2 * at) << 4 | digit(2 * at + 1)).collect();
                Self::Sha256 { whole, half: (digits.len() % 2 == 1).then(|| digit(digits.len() - 1)) }
            }
            What::Item(from, to) => Self::Item(*from, *to),
            What::Size(least, most) => Self::Size(*least, *most),
        }
    }

    fn meets(&self, table: &Table, place: usize, hot: &Hot) -> bool {
        match self {
            Self::Word(word) => word.meets(table, place, hot),
            Self::Source(wanted) => wanted[hot.sources as usize],
            Self::Type { types, classes } => types[hot.media_type as usize] || classes[hot.class as usize],
            Self::Camera(wanted) => wanted[hot.camera as usize],
            Self::Year(None) => hot.date == NO_DATE || hot.year == 0,
            Self::Year(Some((from, to))) => hot.year != 0 && (*from..=*to).contains(&i32::from(hot.year)),
            Self::Category(wanted) => wanted[hot.category as usize],
            Self::Set(wanted) => wanted[hot.set as usize],
            Self::Sha256 { whole, half } => {
                let sha256 = &table.cold[place].sha256;
                sha256.starts_with(whole) && half.is_none_or(|half| sha256[whole.len()] >> 4 == half)
            }
            Self::Item(from, to) => (*from..=*to).contains(&(place as u32 + 1)),
            Self::Size(least, most) => (*least..=*most).contains(&hot.size),
        }
    }
}

impl<'a> Word<'a> {
    fn of(table: &'a Table, word: &'a str) -> Self {
        let folders = |meets: &dyn Fn(&str) -> bool| -> Vec<bool> {
            std::iter::once(false).chain(table.folders.iter().map(|folder| meets(&folder.folded))).collect()
        };
        let across = word.rfind('/').map(|slash| word.split_at(slash + 1)).filter(|(_, name)| !name.is_empty());
        let others = table.notes.iter().chain(&table.more).filter(|(_, text)| text.contains(word));
        Self {
            word,
            folders: folders(&|folder| folder.contains(word)),
            cameras: table.cameras.each(|camera| folded(camera).contains(word)),
            across: across.map(|(end, name)| (folders(&|folder| folder.ends_with(end)), name)),
            others: others.map(|(number, _)| *number).collect(),
        }
    }

    fn meets(&self, table: &Table, place: usize, hot: &Hot) -> bool {
        if self.folders[hot.folder as usize] || self.cameras[hot.camera as usize] {
            return true;
        }
        let name = table.names.get(table.cold[place].name);
        let across = |(folders, start): &(Vec<bool>, &str)| folders[hot.folder as usize] && name.starts_with(start);
        name.contains(self.word)
            || self.across.as_ref().is_some_and(across)
            || !self.others.is_empty() && self.others.contains(&(place as u32 + 1))
    }
}

/// Tells for each combination of sources whether one of them is called so: by its label or number or, where none is, by a
/// part of its place.
fn sources_called(table: &Table, text: &str) -> Vec<bool> {
    let named = |label: &&super::SourceLabel| folded(&label.label) == text || label.source.0.to_string() == text;
    let mut meant: Vec<_> = table.labels.iter().filter(named).map(|label| label.source).collect();
    if meant.is_empty() {
        let placed = table.labels.iter().filter(|label| folded(&label.place).contains(text));
        meant = placed.map(|label| label.source).collect();
    }
    let combinations = table.combinations.iter().map(|all| all.sources.iter().any(|source| meant.contains(source)));
    let mut wanted: Vec<bool> = combinations.collect();
    wanted.resize(wanted.len().max(1), false);
    wanted
}
