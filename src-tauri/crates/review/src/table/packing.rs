//! Putting an item into the table: what of it is kept, in how few bytes.

use std::collections::BTreeMap;

use domain::{SourceId, escaped};

use super::filter::in_shelf;
use super::names::{NameAt, folded, folded_into};
use super::{NEEDS_HUMAN, Row, Shelf, State, Table, TableError, Urgency};

/// Bits of [`Hot::flags`]. The first ten are those of [`super::MARKS`], in their order.
pub(super) mod flag {
    pub const BOOKMARK: u16 = 1;
    pub const HANDOVER: u16 = 1 << 1;
    pub const NOTE: u16 = 1 << 2;
    pub const SEEN: u16 = 1 << 3;
    pub const RETURNED: u16 = 1 << 4;
    pub const NEAR: u16 = 1 << 5;
    pub const STACK: u16 = 1 << 6;
    pub const FINDING: u16 = 1 << 7;
    pub const OTHER_TOOLS: u16 = 1 << 8;
    pub const TOOLS_CONFLICT: u16 = 1 << 9;
    pub const PICTURE: u16 = 1 << 10;
    pub const DISAGREED: u16 = 1 << 11;
    /// There is such an item.
    pub const THERE: u16 = 1 << 12;
    pub const OUT_OF_STACK: u16 = 1 << 13;
}

/// What filters and counts look at, in one cache line. Numbers of names are 0 where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hot {
    pub size: u64,
    /// [`NO_DATE`] for none.
    pub date: i64,
    pub folder: u32,
    pub camera: u32,
    pub sources: u32,
    /// Number of the item that stands for the stack; 0 without one.
    pub stack: u32,
    pub reason: u16,
    pub media_type: u16,
    pub set: u16,
    pub known: u16,
    pub near: u16,
    pub category: u16,
    pub decider: u16,
    pub flags: u16,
    /// 0 for none.
    pub year: u16,
    pub class: u8,
    pub rule: State,
    pub urgency: Urgency,
    pub distance: u8,
}

/// The date of what has none: last in every order.
pub(super) const NO_DATE: i64 = i64::MAX;

pub(super) const VACANT: Hot = Hot {
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
    pub fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }

    pub fn state(&self) -> State {
        if self.category != 0 { State::Shown } else { self.rule }
    }

    /// Gives what an order looks at of this row.
    pub fn keys(&self) -> (u64, i64, u32, u32, u32) {
        (self.size, self.date, self.folder, self.camera, self.stack)
    }
}

/// What only tiles and a few questions look at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cold {
    pub sha256: [u8; 32],
    pub name: NameAt,
    pub width: u32,
    pub height: u32,
}

pub(super) const VACANT_COLD: Cold = Cold { sha256: [0; 32], name: NameAt::NONE, width: 0, height: 0 };

/// A folder of a source.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Folder {
    pub source: SourceId,
    /// What is compared: folded, with the `/` at its end; empty for the source itself.
    pub folded: Box<str>,
    /// The bytes.
    pub path: Box<[u8]>,
}

/// Sources that an item was found in.
#[derive(Debug, Default)]
pub(super) struct Combination {
    pub sources: Box<[SourceId]>,
    /// Places of these in `Table::sources`.
    pub slots: Box<[u32]>,
}

/// For each number of a name in one table, the number that the name has in another.
pub(super) struct Numbers {
    folders: Vec<u32>,
    combinations: Vec<u32>,
    cameras: Vec<u32>,
    reasons: Vec<u32>,
    media_types: Vec<u32>,
    sets: Vec<u32>,
    categories: Vec<u32>,
    people: Vec<u32>,
    /// Bytes by which names of files moved.
    pub names: usize,
}

impl Numbers {
    /// Takes the names of one table into another.
    pub fn of(table: &mut Table, other: &Table) -> Self {
        let folders = other.folders.iter().map(|folder| table.folder_number(folder.source, &folder.path));
        let folders = std::iter::once(0).chain(folders).collect();
        Self {
            folders,
            combinations: other.combinations.iter().map(|all| table.combination(&all.sources)).collect(),
            cameras: table.cameras.absorb(&other.cameras),
            reasons: table.reasons.absorb(&other.reasons),
            media_types: table.media_types.absorb(&other.media_types),
            sets: table.sets.absorb(&other.sets),
            categories: table.categories.absorb(&other.categories),
            people: table.people.absorb(&other.people),
            names: table.names.absorb(&other.names),
        }
    }

    /// Gives a row of the other table with the numbers of this one.
    pub fn translated(&self, hot: &Hot) -> Result<Hot, TableError> {
        let category = |number: u16| few(self.categories[number as usize], "categories");
        Ok(Hot {
            folder: self.folders[hot.folder as usize],
            sources: self.combinations[hot.sources as usize],
            camera: self.cameras[hot.camera as usize],
            reason: few(self.reasons[hot.reason as usize], "reasons")?,
            media_type: few(self.media_types[hot.media_type as usize], "media types")?,
            set: few(self.sets[hot.set as usize], "sets")?,
            known: category(hot.known)?,
            near: category(hot.near)?,
            category: category(hot.category)?,
            decider: few(self.people[hot.decider as usize], "people")?,
            ..*hot
        })
    }
}

impl Table {
    /// Gives what filters and counts look at of a row, with numbers for names.
    pub(super) fn packed(&mut self, row: &Row<'_>) -> Result<Hot, TableError> {
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
            (row.marks.other_tools, flag::OTHER_TOOLS),
            (row.marks.tools_conflict, flag::TOOLS_CONFLICT),
            (row.has_picture, flag::PICTURE),
            (disagreed, flag::DISAGREED),
            (row.marks.out_of_stack, flag::OUT_OF_STACK),
            (true, flag::THERE),
        ];
        hot.flags = flags.into_iter().filter(|(is, _)| *is).map(|(_, flag)| flag).fold(0, |all, flag| all | flag);
        Ok(hot)
    }

    pub(super) fn recount(&mut self, before: &Hot, after: &Hot) {
        for (hot, is_there) in [(before, false), (after, true)] {
            if !hot.has(flag::THERE) {
                continue;
            }
            let move_by = |count: &mut u32, by: u32| *count = if is_there { *count + by } else { *count - by };
            move_by(&mut self.count, 1);
            move_by(&mut self.states[hot.state() as usize], 1);
            for (shelf, count) in Shelf::ALL.into_iter().zip(&mut self.shelves) {
                move_by(count, in_shelf(shelf, hot).into());
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
    pub(super) fn put_name(&mut self, place: usize, row: &Row<'_>, hot: &mut Hot) -> bool {
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

    pub(super) fn put_more(&mut self, row: &Row<'_>) {
        if row.more_paths.is_empty() {
            self.more.remove(&row.number);
            return;
        }
        let paths: Vec<String> = row.more_paths.iter().map(|path| folded(&escaped(path))).collect();
        // No escaped path has a line feed in it.
        self.more.insert(row.number, paths.join("\n").into());
    }

    pub(super) fn restack(&mut self, number: u32, before: u32, after: u32) {
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
}

pub(super) fn put_text(texts: &mut BTreeMap<u32, Box<str>>, number: u32, text: &str, scratch: &mut String) {
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
