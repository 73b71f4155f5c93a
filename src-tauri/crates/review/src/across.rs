//! Across cases: what an index over cases holds of each, as plain rows, and which of them two cases share.
//!
//! The index is kept by another room, encrypted. What stands in it: serial numbers, digests of items (exact and
//! perceptual), series, and the labels of leads. No picture, no path and no free text.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Distance, Pdq, PdqSet, escaped};

use crate::clues::{Row, device, serial};
use crate::links::{End, LINKS_MAX, LeadRow, Link, LinkKind, Links, Pieces, Seen};
use crate::stack::GoOn;

/// Items between two questions whether the work goes on.
const ITEMS_BETWEEN: usize = 256;

/// Names what a mark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarkKind {
    /// Key of a device that has a serial number, UTF-8.
    Serial,
    /// Serial number of a lens, UTF-8.
    LensSerial,
    /// SHA-256 of an item, 32 bytes.
    Item,
    /// PDQ of a picture of quality 50 or more, 32 bytes.
    Look,
    /// Name of a series, UTF-8.
    Series,
    /// Code of a label of a lead, UTF-8.
    Label,
}

impl MarkKind {
    /// Lists all.
    pub const ALL: [Self; 6] = [Self::Serial, Self::LensSerial, Self::Item, Self::Look, Self::Series, Self::Label];

    /// Gives the word under which the index keeps it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Serial => "serial",
            Self::LensSerial => "lens-serial",
            Self::Item => "item",
            Self::Look => "look",
            Self::Series => "series",
            Self::Label => "label",
        }
    }

    /// Reads such a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    fn link(self) -> LinkKind {
        match self {
            Self::Serial | Self::LensSerial => LinkKind::Serial,
            Self::Item => LinkKind::SameItem,
            Self::Look => LinkKind::LookAlike,
            Self::Series => LinkKind::Series,
            Self::Label => LinkKind::Label,
        }
    }
}

/// Holds one row of the index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// What it is.
    pub kind: MarkKind,
    /// Value, in the form of its kind.
    pub value: Vec<u8>,
    /// Name of the lead that it belongs to; one row for each lead, and one without a name where it belongs to none.
    pub lead: Option<String>,
    /// Items that have it; 0 for labels.
    pub items: u32,
}

/// Lists what the index holds of a case, sorted, each once.
pub fn marks(rows: &[Row], leads: &[LeadRow], looks: &[Seen]) -> Vec<Mark> {
    let mut leads_of: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for lead in leads {
        lead.items.iter().for_each(|item| leads_of.entry(*item).or_default().push(&lead.name));
    }
    let mut counts: BTreeMap<(MarkKind, Vec<u8>, Option<&str>), u32> = BTreeMap::new();
    let mut put = |kind, value: &[u8], item: u32| {
        let names = leads_of.get(&item).map(Vec::as_slice).unwrap_or_default();
        let mut count = |lead| *counts.entry((kind, value.to_vec(), lead)).or_default() += 1;
        match names {
            [] => count(None),
            names => names.iter().for_each(|name| count(Some(*name))),
        }
    };
    for row in rows {
        let device = device(&row.camera);
        if device.has_serial {
            put(MarkKind::Serial, device.key.as_bytes(), row.number);
        }
        if let Some(lens) = serial(row.camera.lens_serial.as_deref()) {
            put(MarkKind::LensSerial, lens.as_bytes(), row.number);
        }
        row.series.iter().for_each(|series| put(MarkKind::Series, series.as_bytes(), row.number));
        put(MarkKind::Item, &row.sha256.0, row.number);
    }
    for (number, look) in looks {
        if let Some(pdq) = look.pdq.as_ref().filter(|pdq| pdq.quality >= PdqSet::QUALITY_MIN) {
            put(MarkKind::Look, &pdq.own().0, *number);
        }
    }
    for lead in leads {
        for label in &lead.labels {
            counts.entry((MarkKind::Label, label.0.clone().into_bytes(), Some(&lead.name))).or_default();
        }
        if let Some(series) = &lead.series {
            counts.entry((MarkKind::Series, series.clone().into_bytes(), Some(&lead.name))).or_default();
        }
    }
    let mark = |((kind, value, lead), items): ((_, _, Option<&str>), u32)| Mark {
        kind,
        value,
        lead: lead.map(str::to_owned),
        items,
    };
    counts.into_iter().map(mark).collect()
}

/// Holds what the index has of another case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// Number of that case.
    pub number: String,
    /// Its rows.
    pub marks: Vec<Mark>,
}

/// Holds what is asked of this case.
#[derive(Debug, Clone, Copy)]
pub struct Here<'a> {
    /// Items that were decoded and are not hidden.
    pub rows: &'a [Row],
    /// Leads that are in force.
    pub leads: &'a [LeadRow],
    /// Looks of the items.
    pub looks: &'a [Seen],
}

/// Finds what this case shares with others. A link leads from a device, an item or a lead here to a case, and to its lead
/// where the value belongs to one there. `None` when `go_on` broke the work off.
pub fn links_across(here: &Here<'_>, there: &[Elsewhere], go_on: GoOn<'_>) -> Option<Links> {
    let mut found = FoundLinks::new();
    let own = Own::new(here);
    for case in there {
        let end = |mark: &Mark| End::Case { number: case.number.clone(), lead: mark.lead.clone() };
        for mark in case.marks.iter().filter(|mark| mark.kind != MarkKind::Look) {
            for (from, items) in own.ends(mark) {
                let key = (mark.kind.link(), own.shown(mark), from, end(mark));
                found.entry(key).or_default().0.extend(items);
            }
        }
        own.near(case, go_on, &mut |item, mark, distance| {
            for from in own.ends_of(item) {
                let ground = found.entry((LinkKind::LookAlike, String::new(), from, end(mark))).or_default();
                ground.0.insert(item);
                ground.1 = Some(ground.1.map_or(distance, |known| known.min(distance)));
            }
        })?;
    }
    Some(finish(found))
}

type FoundLinks = BTreeMap<(LinkKind, String, End, End), (BTreeSet<u32>, Option<Distance>)>;

fn finish(found: FoundLinks) -> Links {
    let mut links: Vec<Link> = found
        .into_iter()
        .map(|((kind, value, from, to), (items, distance))| Link {
            kind,
            value,
            from,
            to,
            items: items.len() as u32,
            distance,
        })
        .collect();
    // The order of the keys holds among those of equal strength.
    links.sort_by_key(|link| (link.kind, link.distance, std::cmp::Reverse(link.items)));
    let left_out = links.len().saturating_sub(LINKS_MAX) as u32;
    links.truncate(LINKS_MAX);
    Links { links, left_out }
}

/// What this case has, by value: the ends that have it, with their items.
struct Own<'a> {
    here: &'a Here<'a>,
    values: BTreeMap<(MarkKind, Vec<u8>), BTreeMap<End, BTreeSet<u32>>>,
    leads_of: BTreeMap<u32, Vec<End>>,
}

impl<'a> Own<'a> {
    fn new(here: &'a Here<'a>) -> Self {
        let mut own = Self { here, values: BTreeMap::new(), leads_of: BTreeMap::new() };
        for lead in here.leads {
            lead.items.iter().for_each(|item| own.leads_of.entry(*item).or_default().push(End::Lead(lead.lead)));
            for label in &lead.labels {
                own.put(MarkKind::Label, label.0.as_bytes(), End::Lead(lead.lead), None);
            }
            if let Some(series) = &lead.series {
                own.put(MarkKind::Series, series.as_bytes(), End::Lead(lead.lead), None);
            }
        }
        for row in here.rows {
            own.put_row(row);
        }
        own
    }

    fn put(&mut self, kind: MarkKind, value: &[u8], end: End, item: Option<u32>) {
        self.values.entry((kind, value.to_vec())).or_default().entry(end).or_default().extend(item);
    }

    /// Puts what an item has: under its device where it is the device's, else under its leads, else under itself.
    fn put_row(&mut self, row: &Row) {
        let item = Some(row.number);
        let device = device(&row.camera);
        if device.has_serial {
            self.put(MarkKind::Serial, device.key.as_bytes(), End::Device(device.clone()), item);
        }
        for end in self.ends_of(row.number) {
            if let Some(lens) = serial(row.camera.lens_serial.as_deref()) {
                let end = if device.has_serial { End::Device(device.clone()) } else { end.clone() };
                self.put(MarkKind::LensSerial, lens.as_bytes(), end, item);
            }
            if device.has_serial && matches!(end, End::Lead(_)) {
                self.put(MarkKind::Serial, device.key.as_bytes(), end.clone(), item);
            }
            row.series.iter().for_each(|series| self.put(MarkKind::Series, series.as_bytes(), end.clone(), item));
            self.put(MarkKind::Item, &row.sha256.0, end, item);
        }
    }

    /// Gives the leads that rest on an item, or the item itself where there is none.
    fn ends_of(&self, item: u32) -> Vec<End> {
        self.leads_of.get(&item).cloned().unwrap_or_else(|| vec![End::Item(item)])
    }

    /// Gives what has the value of a mark here.
    fn ends(&self, mark: &Mark) -> impl Iterator<Item = (End, BTreeSet<u32>)> {
        let ends = self.values.get(&(mark.kind, mark.value.clone()));
        ends.into_iter().flatten().map(|(end, items)| (end.clone(), items.clone()))
    }

    /// Writes the value of a mark; nothing for a digest, which nobody reads.
    fn shown(&self, mark: &Mark) -> String {
        match mark.kind {
            MarkKind::Item | MarkKind::Look => String::new(),
            // A person reads the name of the device, not its key.
            MarkKind::Serial => {
                let ends = self.values.get(&(mark.kind, mark.value.clone()));
                let device = ends.into_iter().flat_map(BTreeMap::keys).find_map(|end| match end {
                    End::Device(device) => Some(device.name.clone()),
                    _ => None,
                });
                device.unwrap_or_else(|| escaped(&mark.value))
            }
            MarkKind::LensSerial | MarkKind::Series | MarkKind::Label => escaped(&mark.value),
        }
    }

    /// Finds the pictures of another case that look like those here, in any of eight turns.
    fn near(&self, case: &Elsewhere, go_on: GoOn<'_>, each: &mut dyn FnMut(u32, &Mark, Distance)) -> Option<()> {
        let there: Vec<(&Mark, Pdq)> = case
            .marks
            .iter()
            .filter(|mark| mark.kind == MarkKind::Look)
            .filter_map(|mark| Some((mark, Pdq(mark.value.as_slice().try_into().ok()?))))
            .collect();
        let pieces = Pieces::new(there.iter().map(|(_, pdq)| pdq).collect());
        for (at, (number, look)) in self.here.looks.iter().enumerate() {
            if at.is_multiple_of(ITEMS_BETWEEN) && go_on(at).is_break() {
                return None;
            }
            let Some(pdq) = look.pdq.as_ref().filter(|pdq| pdq.quality >= PdqSet::QUALITY_MIN) else { continue };
            for turned in &pdq.orientations {
                pieces.near(turned, &mut |row, distance| each(*number, there[row].0, distance));
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests;
