//! Lists of text: what is hidden and why, and what could not be read.

use std::collections::HashMap;
use std::ops::ControlFlow;

use domain::{HideReason, Visibility, escaped};
use review::table::{Query, Shelf};

use super::sentences::{hidden, refused, safe, translated, word};
use super::{Session, count};
use crate::Error;
use crate::view::grid::{HiddenLine, RefusedLine, RefusedList};

/// Most lines that are given at once.
const LINES_MAX: u32 = 2_000;

/// What a line shows of where an item was found.
struct Found {
    media_type: String,
    size_bytes: u64,
    place: String,
    label: String,
    places: u32,
}

impl Session {
    /// Tells of a run of a view why each item is hidden. What is not hidden by the rule any more is left out.
    pub fn hidden_lines(&self, view: u32, start: u32, count: u32) -> Result<Vec<HiddenLine>, Error> {
        let open = self.view(view)?;
        let end = start.saturating_add(count.min(LINES_MAX)).min(open.found.tiles());
        let at = |index: u32| open.found.behind(index).first().map(|number| (index, *number));
        let numbers: Vec<(u32, u32)> = (start..end).filter_map(at).collect();
        let wanted: Vec<u32> = numbers.iter().map(|(_, number)| *number).collect();
        let mut rules: HashMap<u32, Visibility> = self.case.rules_of(&wanted)?.into_iter().collect();
        let mut found = self.found_at(&wanted)?;
        let lines = numbers.into_iter().filter_map(|(index, number)| {
            let Visibility::Hidden { why } = rules.remove(&number)? else { return None };
            Some(hidden_line(index, number, &why, found.remove(&number)?))
        });
        Ok(lines.collect())
    }

    /// Lists what could not be read or decoded: items by number, then places by source and path.
    pub fn refused_list(&self, start: u32, count: u32) -> Result<RefusedList, Error> {
        let count = count.min(LINES_MAX);
        let refused_items = self.items().table.open(&Query::shelf(Shelf::Refused));
        let items = refused_items.items();
        let total = items.len() as u32;
        let from = start.min(total) as usize;
        let wanted = &items[from..(from + count as usize).min(items.len())];
        let mut lines = self.refused_items(wanted)?;
        let left = u64::from(count) - wanted.len() as u64;
        if left > 0 {
            let places = self.case.unread_places(start.saturating_sub(total).into(), left)?;
            let items = self.items();
            lines.extend(places.into_iter().map(|place| RefusedLine {
                number: None,
                why: refused(&place.why),
                place: place.path.shown(),
                source: items.label(place.source).to_owned(),
            }));
        }
        Ok(RefusedList { total: total.saturating_add(self.unread_count()), lines })
    }

    fn refused_items(&self, numbers: &[u32]) -> Result<Vec<RefusedLine>, Error> {
        let mut rules: HashMap<u32, Visibility> = self.case.rules_of(numbers)?.into_iter().collect();
        let mut found = self.found_at(numbers)?;
        let lines = numbers.iter().filter_map(|number| {
            let Visibility::Refused { why } = rules.remove(number)? else { return None };
            let found = found.remove(number)?;
            Some(RefusedLine { number: Some(*number), why: refused(&why), place: found.place, source: found.label })
        });
        Ok(lines.collect())
    }

    fn found_at(&self, numbers: &[u32]) -> Result<HashMap<u32, Found>, Error> {
        let mut all = HashMap::with_capacity(numbers.len());
        let items = self.items();
        self.case.sheet_of(numbers, &mut |row| {
            let found = Found {
                media_type: safe(row.mime),
                size_bytes: row.size_bytes,
                place: row.first.map(|(_, path)| escaped(path)).unwrap_or_default(),
                label: row.first.map(|(source, _)| items.label(source).to_owned()).unwrap_or_default(),
                places: row.places,
            };
            all.insert(row.number, found);
            ControlFlow::Continue(())
        })?;
        Ok(all)
    }
}

fn hidden_line(index: u32, number: u32, why: &HideReason, found: Found) -> HiddenLine {
    let (set, version, entry, digest) = why.origin();
    HiddenLine {
        index,
        number,
        why: hidden(why),
        category: match why {
            HideReason::Known { category, .. } => translated(category),
            HideReason::Ordinary { .. } => None,
        },
        set: set.to_string(),
        version: version.0,
        entry: entry.to_string(),
        digest: word(&digest),
        media_type: found.media_type,
        size_bytes: found.size_bytes as f64,
        place: found.place,
        places: count(found.places.into()),
    }
}
