//! Figures of the case, and this person's own of the day.

use std::collections::{BTreeMap, BTreeSet};

use casefile::HourFigure;
use domain::{SourceId, UtcTime, shown_path};
use review::table::{Facet, Shelf, State};

use super::{DAY_MICROS, Items, Session, count, day_of, on_shelf};
use crate::Error;
use crate::view::detail::{Counted, DayView, NumbersView, SourceNumbers};

/// Days of which decisions are told by the hour.
const HOURS_OF_DAYS: i64 = 14;
/// Class whose hidden items would have been looked at.
const PICTURE: &str = "picture";

/// What one source has.
#[derive(Default, Clone, Copy)]
struct OfSource {
    items: u32,
    hidden: u32,
    refused: u32,
}

impl Session {
    /// Gives the figures of the case.
    pub fn numbers(&self) -> Result<NumbersView, Error> {
        let now = self.now();
        let places = self.case.read_places()?;
        let figures = self.case.decisions_by_hour(UtcTime(day_of(now).0 - (HOURS_OF_DAYS - 1) * DAY_MICROS))?;
        let strip = self.strip()?;
        let items = self.items();
        let (bytes, views_avoided) = sums(&items);
        Ok(NumbersView {
            strip,
            places: count(places),
            bytes,
            sources: self.source_numbers(&items)?,
            hidden_by_set: counted(items.table.tally(Shelf::Hidden, Facet::Set)),
            by_category: counted(items.table.tally(Shelf::Decided, Facet::Category)),
            by_hour: by_hour(&figures),
            left: on_shelf(&items.table, Shelf::Undecided),
            rate_an_hour: rate(&figures, day_of(now)),
            views_avoided,
            views: count(self.case.seen_since(UtcTime(i64::MIN))?.0),
        })
    }

    /// Tells this person of the own day. A day begins at midnight UTC.
    pub fn day(&self) -> Result<DayView, Error> {
        let since = day_of(self.now());
        let (seen, seen_parts) = self.case.seen_since(since)?;
        let decided = self.case.decided_since(since)?;
        let items = self.items();
        Ok(DayView {
            seen: count(seen),
            seen_parts: count(seen_parts),
            decided: count(decided.iter().map(|(_, items)| items).sum()),
            by_category: decided
                .into_iter()
                .map(|(code, items)| Counted { name: code.0, count: count(items) })
                .collect(),
            marked: count(self.case.marked_since(since)?),
            hidden: items.table.states().1,
            left: on_shelf(&items.table, Shelf::Undecided),
            breaks: count(self.case.breaks_since(since)?),
        })
    }

    /// Notes that this person took a break.
    pub fn break_taken(&self) -> Result<(), Error> {
        Ok(self.case.break_add(self.now())?)
    }

    /// Counts the items that each set hides, by its name.
    pub fn hides(&self) -> Result<BTreeMap<String, u32>, Error> {
        Ok(self.items().table.tally(Shelf::Hidden, Facet::Set))
    }

    fn source_numbers(&self, items: &Items) -> Result<Vec<SourceNumbers>, Error> {
        let mut of: BTreeMap<SourceId, OfSource> = BTreeMap::new();
        for number in items.table.numbers() {
            let state = items.table.item(number).map(|item| item.state);
            for source in items.table.sources_of(number) {
                let source = of.entry(*source).or_default();
                source.items += 1;
                source.hidden += u32::from(state == Some(State::Hidden));
                source.refused += u32::from(state == Some(State::Refused));
            }
        }
        let view = |row: casefile::SourceRow| -> Result<SourceNumbers, Error> {
            let numbers = of.get(&row.id).copied().unwrap_or_default();
            let unread = items.unread.get(&row.id).copied().unwrap_or_default();
            Ok(SourceNumbers {
                file_sha256: crate::report::file_sha256(&self.case, &row)?,
                source: count(row.id.0.unsigned_abs()),
                label: items.label(row.id).to_owned(),
                path: shown_path(&row.root),
                kind: row.kind,
                loaded: row.loaded,
                connected: row.root.exists(),
                // A place that cannot be read counts as an item of its own.
                items: numbers.items + count(unread),
                hidden: numbers.hidden,
                refused: numbers.refused + count(unread),
            })
        };
        let mut sources = self.case.sources()?;
        sources.sort_by_key(|row| row.id);
        sources.into_iter().map(view).collect()
    }
}

/// Gives the bytes of all items, and the hidden pictures.
fn sums(items: &Items) -> (f64, u32) {
    let (mut bytes, mut pictures) = (0_u64, 0);
    for number in items.table.numbers() {
        bytes = bytes.saturating_add(items.table.size_bytes(number));
        let hidden = items.table.item(number).is_some_and(|item| item.state == State::Hidden && item.class == PICTURE);
        pictures += u32::from(hidden);
    }
    (bytes as f64, pictures)
}

fn counted(counts: BTreeMap<String, u32>) -> Vec<Counted> {
    counts.into_iter().map(|(name, count)| Counted { name, count }).collect()
}

/// Sums figures by the hour, as `2026-11-25T14`.
fn by_hour(figures: &[HourFigure]) -> Vec<Counted> {
    let mut hours: BTreeMap<UtcTime, u64> = BTreeMap::new();
    for figure in figures {
        *hours.entry(figure.hour).or_default() += figure.items;
    }
    let name = |hour: UtcTime| hour.to_string().chars().take("2026-11-25T14".len()).collect();
    hours.into_iter().map(|(hour, items)| Counted { name: name(hour), count: count(items) }).collect()
}

/// Fewest decisions that a pace is told from: of fewer, the time that is left would be guessed.
const PACE_DECISIONS_MIN: u64 = 50;

/// Gives this person's decisions an hour, over the hours since a moment in which there were any; nothing while they are
/// few.
fn rate(figures: &[HourFigure], since: UtcTime) -> Option<f64> {
    let own: Vec<&HourFigure> = figures.iter().filter(|figure| figure.own && figure.hour >= since).collect();
    let hours: BTreeSet<UtcTime> = own.iter().map(|figure| figure.hour).collect();
    let items: u64 = own.iter().map(|figure| figure.items).sum();
    (items >= PACE_DECISIONS_MIN).then(|| items as f64 / hours.len() as f64)
}
