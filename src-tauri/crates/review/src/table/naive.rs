//! The plain answers: what the table says fast, said slowly, from the rows as they were put. The tests hold both together.

use std::collections::BTreeMap;

use domain::{MediaClass, Sha256, SourceId, escaped};

use super::{
    CLASSES, Decided, Facet, Likeness, MARKS, Marked, NEEDS_HUMAN, NONE, Order, Query, Row, SIZE_STEPS, Shelf, State,
    Table, Urgency,
};

/// A row that owns what it holds.
#[derive(Debug, Clone)]
pub struct Plain {
    pub number: u32,
    pub rule: State,
    pub urgency: Urgency,
    pub reason: &'static str,
    pub set: Option<&'static str>,
    pub known: Option<&'static str>,
    pub likeness: Option<(&'static str, u8)>,
    pub class: MediaClass,
    pub media_type: &'static str,
    pub size: u64,
    pub sources: Vec<SourceId>,
    pub path: Vec<u8>,
    pub more_paths: Vec<Vec<u8>>,
    pub date: Option<i64>,
    pub camera: Option<&'static str>,
    pub decision: Option<(&'static str, &'static str)>,
    pub own_before: Option<&'static str>,
    pub stack: Option<u32>,
    pub marks: Marked,
    pub note: &'static str,
    pub seen: bool,
}

impl Plain {
    pub fn new(number: u32) -> Self {
        Self {
            number,
            rule: State::Shown,
            urgency: Urgency::Plain,
            reason: "new",
            set: None,
            known: None,
            likeness: None,
            class: MediaClass::Picture,
            media_type: "image/jpeg",
            size: 1_000,
            sources: vec![SourceId(1)],
            path: format!("{number}.jpg").into_bytes(),
            more_paths: Vec::new(),
            date: None,
            camera: None,
            decision: None,
            own_before: None,
            stack: None,
            marks: Marked::default(),
            note: "",
            seen: false,
        }
    }

    pub fn sha256(&self) -> Sha256 {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&self.number.wrapping_mul(0x9e37_79b9).to_be_bytes());
        Sha256(bytes)
    }

    pub fn put(&self, table: &mut Table) {
        let row = Row {
            number: self.number,
            sha256: self.sha256(),
            rule: self.rule,
            urgency: self.urgency,
            reason: self.reason,
            set: self.set,
            known: self.known,
            likeness: self.likeness.map(|(category, distance)| Likeness { category, distance }),
            class: self.class,
            media_type: self.media_type,
            size_bytes: self.size,
            sources: &self.sources,
            first: Some((self.sources[0], &self.path)),
            more_paths: &self.more_paths,
            date: self.date,
            camera: self.camera,
            pixels: None,
            has_picture: true,
            decision: self.decision.map(|(category, by)| Decided { category, by, own_before: self.own_before }),
            stack: self.stack,
            marks: self.marks,
            note: self.note,
            seen: self.seen,
        };
        table.put(&row).unwrap();
    }

    pub fn state(&self) -> State {
        if self.decision.is_some() { State::Shown } else { self.rule }
    }

    fn near(&self) -> Option<&'static str> {
        self.likeness.filter(|_| !self.marks.not_alike).map(|(category, _)| category)
    }

    pub fn stack(&self) -> Option<u32> {
        self.stack.filter(|_| !self.marks.out_of_stack)
    }

    fn is_on(&self, shelf: Shelf) -> bool {
        let decided = self.decision.is_some();
        match shelf {
            Shelf::Undecided => self.state() == State::Shown && !decided,
            Shelf::Decided => decided,
            Shelf::LooksKnown => self.state() == State::Shown && !decided && self.near().is_some(),
            Shelf::Returned => self.urgency == Urgency::Returned,
            Shelf::Bookmarked => self.marks.bookmark,
            Shelf::HandedOver => self.marks.handover,
            Shelf::Disagreed => self.decision.is_some_and(|(category, _)| {
                let said = [self.known, self.near()].into_iter().flatten().filter(|code| *code != NEEDS_HUMAN);
                said.chain(self.own_before).any(|other| other != category)
            }),
            Shelf::Shown => self.state() == State::Shown,
            Shelf::Hidden => self.state() == State::Hidden,
            Shelf::Refused => self.state() == State::Refused,
        }
    }
}

/// All rows, by number.
#[derive(Debug, Clone, Default)]
pub struct Naive(pub BTreeMap<u32, Plain>);

impl Naive {
    pub fn table(&self) -> Table {
        let mut table = Table::default();
        self.0.values().for_each(|row| row.put(&mut table));
        table
    }

    fn values(&self, row: &Plain, facet: Facet) -> Vec<String> {
        let one = |value: &str| vec![value.to_owned()];
        match facet {
            Facet::Reason => one(if row.decision.is_some() { "decided" } else { row.reason }),
            Facet::Source => row.sources.iter().map(|source| source.0.to_string()).collect(),
            // Numbers of folders are the table's own: compared by its own names in a test of their own.
            Facet::Folder => Vec::new(),
            Facet::Class => one(CLASSES[row.class as usize]),
            Facet::Type => one(row.media_type),
            Facet::Size => one(SIZE_STEPS.iter().find(|(_, end)| row.size < *end).unwrap().0),
            Facet::Year => vec![row.date.map_or(NONE.to_owned(), |date| year(date).to_string())],
            Facet::Camera => one(row.camera.unwrap_or(NONE)),
            Facet::Category => one(row.decision.map_or(NONE, |(category, _)| category)),
            Facet::Suggested => {
                let said = if row.state() == State::Hidden { row.known } else { row.near() };
                said.map(str::to_owned).into_iter().collect()
            }
            Facet::Set => row.set.map(str::to_owned).into_iter().collect(),
            Facet::Mark => {
                let has = [
                    row.marks.bookmark,
                    row.marks.handover,
                    !row.note.is_empty(),
                    row.seen,
                    row.urgency == Urgency::Returned,
                    row.near().is_some(),
                    row.stack().is_some() && self.0.values().filter(|other| other.stack() == row.stack()).count() > 1,
                    row.urgency == Urgency::Odd,
                    row.marks.other_tools,
                    row.marks.tools_conflict,
                ];
                MARKS.iter().zip(has).filter(|(_, has)| *has).map(|(mark, _)| (*mark).to_owned()).collect()
            }
            Facet::Decider => row.decision.map(|(_, by)| by.to_owned()).into_iter().collect(),
        }
    }

    fn meets(&self, row: &Plain, query: &Query, but: Option<Facet>, word: &str) -> bool {
        let haystacks = std::iter::once(&row.path).chain(&row.more_paths).map(|path| escaped(path));
        let mut haystacks = haystacks.chain([row.note.to_owned(), row.camera.unwrap_or_default().to_owned()]);
        row.is_on(query.shelf)
            && haystacks.any(|text| text.to_lowercase().contains(word))
            && query.picks.iter().filter(|pick| Some(pick.facet) != but).all(|pick| {
                let values = self.values(row, pick.facet);
                pick.values.iter().any(|value| values.contains(value))
            })
    }

    /// Gives the tiles of a query whose text is one word, with the items behind each.
    pub fn open(&self, query: &Query, word: &str) -> Vec<Vec<u32>> {
        let mut found: Vec<&Plain> = self.0.values().filter(|row| self.meets(row, query, None, word)).collect();
        found.sort_by(|a, b| {
            let order = self.key(a, query.order).cmp(&self.key(b, query.order));
            let lacking = self.lacks(a, query.order).cmp(&self.lacks(b, query.order));
            let order = order.then(a.number.cmp(&b.number));
            lacking.then(if query.descending { order.reverse() } else { order })
        });
        let mut tiles: Vec<Vec<u32>> = Vec::new();
        for row in found {
            let same = |tile: &&mut Vec<u32>| {
                query.stacked && row.stack().is_some() && self.0[&tile[0]].stack() == row.stack()
            };
            match tiles.iter_mut().find(same) {
                Some(tile) => tile.push(row.number),
                None => tiles.push(vec![row.number]),
            }
        }
        tiles
    }

    fn lacks(&self, row: &Plain, order: Order) -> bool {
        order == Order::Time && row.date.is_none() || order == Order::Camera && row.camera.is_none()
    }

    fn key(&self, row: &Plain, order: Order) -> (i64, String, i64) {
        let no_name = String::new();
        let date = row.date.unwrap_or(i64::MAX);
        match order {
            Order::Number => (0, no_name, 0),
            Order::Time => (date, no_name, 0),
            Order::Size => (row.size as i64, no_name, 0),
            Order::Place => {
                let path = escaped(&row.path);
                let (folder, name) = path.split_at(path.rfind('/').map_or(0, |slash| slash + 1));
                // A line feed sorts before all that an escaped name can have.
                let key = format!("{}\n{folder}\n{}", folder.to_lowercase(), name.to_lowercase());
                (row.sources[0].0, key, 0)
            }
            Order::Likeness => (row.stack().unwrap_or(row.number).into(), no_name, 0),
            Order::Camera => (0, row.camera.unwrap_or_default().to_owned(), date),
            Order::Review => {
                let group = match (row.state(), row.urgency) {
                    (State::Hidden, _) => 4,
                    (State::Refused, _) => 5,
                    (_, Urgency::Returned) => 0,
                    (_, Urgency::Odd) => 1,
                    _ => 3 - i64::from(row.near().is_some()),
                };
                (group, no_name, 0)
            }
        }
    }

    /// Counts the values of a facet.
    pub fn facet(&self, query: &Query, facet: Facet, word: &str) -> BTreeMap<String, u32> {
        let mut counts = BTreeMap::new();
        for row in self.0.values().filter(|row| self.meets(row, query, Some(facet), word)) {
            for value in self.values(row, facet) {
                *counts.entry(value).or_default() += 1;
            }
        }
        for value in query.picks.iter().filter(|pick| pick.facet == facet).flat_map(|pick| &pick.values) {
            counts.entry(value.clone()).or_default();
        }
        counts
    }

    pub fn shelf(&self, shelf: Shelf) -> u32 {
        self.0.values().filter(|row| row.is_on(shelf)).count() as u32
    }
}

/// Finds the year by counting days from 1970, year by year.
fn year(seconds: i64) -> i64 {
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let (mut days, mut year) = (seconds.div_euclid(86_400), 1970);
    while days < 0 {
        year -= 1;
        days += 365 + i64::from(leap(year));
    }
    while days >= 365 + i64::from(leap(year)) {
        days -= 365 + i64::from(leap(year));
        year += 1;
    }
    year
}
