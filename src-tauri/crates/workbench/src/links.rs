//! Links: what items, leads and devices share, in a case and across the cases that this person may open.

mod across;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use casefile::{CaseFile, LookRow};
use domain::{LeadId, Sha256};
use review::{Look, Stack};
use review::clues::Row;
use review::links::{End, LeadRow, Link, Links, Reach, RegionEnd, Seen, Whole};
use serde::Serialize;

use crate::Error;
use crate::leads::{numbers_of, story_of};
use crate::regions::{Looking, regions_of};
use crate::view::leads::{LinkEnd, LinkLine, PlaceShown};

pub use across::{IndexAdded, index_add, index_secret, links_across, links_across_shown};

/// Holds a link as a terminal shows it: items by their digests.
#[derive(Debug, Clone, Serialize)]
pub struct LinkShown {
    /// The link.
    #[serde(flatten)]
    pub line: LinkLine,
    /// Digest of the item at one end, where it is one.
    pub from_item: Option<Sha256>,
    /// Of the other.
    pub to_item: Option<Sha256>,
}

/// Lists the links of a case, or those of one lead and its items, the strongest first.
pub fn links(
    case: &CaseFile,
    rows: &[Row],
    lead: Option<u32>,
    looking: Looking<'_>,
) -> Result<Vec<LinkLine>, Error> {
    if let Some(lead) = lead {
        story_of(case, lead)?;
    }
    let leads = lead_rows(case)?;
    let stacks = match lead {
        // Stacks tell of devices, which are not asked about.
        Some(_) => Vec::new(),
        None => case.stacks()?,
    };
    let stacks: Vec<Stack> = stacks
        .into_iter()
        .map(|stack| Stack { representative: stack.representative, members: stack.members })
        .collect();
    let is_wanted = |row: &&LeadRow| lead.is_none_or(|lead| row.lead.0 == lead);
    let asked: BTreeSet<u32> = leads.iter().filter(is_wanted).flat_map(|row| row.items.iter().copied()).collect();
    let looks = looks_around(case, rows, &asked, &stacks)?;
    let regions = regions_of(case, looking)?.seen();
    let wanted = lead.map(LeadId);
    let whole = Whole { rows, leads: &leads, looks: &looks, regions: &regions, stacks: &stacks, wanted };
    // Nobody breaks it off, so there is an answer.
    let found = review::links::links(&whole, &mut |_| ControlFlow::Continue(())).unwrap_or_default();
    Ok(lines(found, &leads))
}

/// Lists the links of a case to a terminal.
pub fn links_shown(case: &CaseFile, lead: Option<u32>, looking: Looking<'_>) -> Result<Vec<LinkShown>, Error> {
    let rows = crate::clues::rows_of(case)?;
    shown(case, links(case, &rows, lead, looking)?)
}

/// Takes from every lead what the rules ask.
fn lead_rows(case: &CaseFile) -> Result<Vec<LeadRow>, Error> {
    let mut rows = Vec::new();
    for row in case.leads()? {
        let numbers = case.lead(row.id)?.map(|story| numbers_of(&story)).unwrap_or_default();
        rows.push(LeadRow::new(row.id, &row.content, &numbers));
    }
    Ok(rows)
}

/// Reads what has to be compared: what these items look like, what may look like one of them, and the members of stacks that
/// several devices took. All items are gone through, and only those are held.
fn looks_around(case: &CaseFile, rows: &[Row], asked: &BTreeSet<u32>, stacks: &[Stack]) -> Result<Vec<Seen>, Error> {
    let reach = Reach::new(&looks_of(case, rows, asked)?);
    let mut wanted = stacked(rows, stacks);
    wanted.extend(asked);
    if !asked.is_empty() {
        case.own_looks(&mut |number, own, hash| {
            if reach.may_have(own, hash) {
                wanted.insert(number);
            }
            ControlFlow::Continue(())
        })?;
    }
    looks_of(case, rows, &wanted)
}

/// Lists the members of stacks of which two devices with a serial number took some.
fn stacked(rows: &[Row], stacks: &[Stack]) -> BTreeSet<u32> {
    if stacks.is_empty() {
        return BTreeSet::new();
    }
    let mut by_item: Vec<u32> = (0..rows.len() as u32).collect();
    by_item.sort_unstable_by_key(|at| rows[*at as usize].sha256);
    let row_of = |item: &Sha256| {
        let place = by_item.binary_search_by_key(item, |at| rows[*at as usize].sha256).ok()?;
        Some(&rows[by_item[place] as usize])
    };
    let mut wanted = BTreeSet::new();
    for stack in stacks {
        let members: Vec<&Row> = stack.members.iter().filter_map(row_of).collect();
        let devices: BTreeSet<String> = members
            .iter()
            .map(|row| review::clues::device(&row.camera))
            .filter(|device| device.has_serial)
            .map(|device| device.key)
            .collect();
        if devices.len() > 1 {
            wanted.extend(members.iter().map(|row| row.number));
        }
    }
    wanted
}

/// Reads what items look like, as far as the rules have them. `rows` are in order of number.
fn looks_of(case: &CaseFile, rows: &[Row], wanted: &BTreeSet<u32>) -> Result<Vec<Seen>, Error> {
    let row_of = |number: u32| rows.binary_search_by_key(&number, |row| row.number).ok().map(|at| &rows[at]);
    let mut there = wanted.iter().copied().filter(|number| row_of(*number).is_some());
    let seen = |look: LookRow| {
        let sha256 = row_of(look.number)?.sha256;
        let pixels = u64::from(look.width) * u64::from(look.height);
        Some((look.number, Look { sha256, pixels, pdq: look.pdq, image_hash: look.image_hash }))
    };
    Ok(case.looks_of(&mut there)?.into_iter().filter_map(seen).collect())
}

fn lines(found: Links, leads: &[LeadRow]) -> Vec<LinkLine> {
    let names: BTreeMap<LeadId, &str> = leads.iter().map(|lead| (lead.lead, lead.name.as_str())).collect();
    let end = |end: End| match end {
        End::Lead(lead) => {
            LinkEnd::Lead { lead: lead.0, name: names.get(&lead).copied().unwrap_or_default().to_owned() }
        }
        End::Device(device) => LinkEnd::Device { name: domain::escaped(device.name.as_bytes()) },
        End::Region(region) => region_end(&region, &names),
        End::Item(number) => LinkEnd::Item { number },
        End::Case { number, lead } => LinkEnd::Case { number, lead },
    };
    let line = |link: Link| LinkLine {
        kind: link.kind.as_str().to_owned(),
        place: PlaceShown::of(link.kind.as_str(), &link.value),
        value: link.value,
        from: end(link.from),
        to: end(link.to),
        items: link.items,
        distance: link.distance,
    };
    found.links.into_iter().map(line).collect()
}

/// Names a region as one end of a link.
fn region_end(region: &RegionEnd, names: &BTreeMap<LeadId, &str>) -> LinkEnd {
    LinkEnd::Region {
        lead: region.lead.0,
        name: names.get(&region.lead).copied().unwrap_or_default().to_owned(),
        number: region.number,
        region: region.place,
        evidence: region.evidence.0,
    }
}

fn shown(case: &CaseFile, lines: Vec<LinkLine>) -> Result<Vec<LinkShown>, Error> {
    let item = |end: &LinkEnd| match end {
        LinkEnd::Item { number } => case.sha256_of(*number),
        _ => Ok(None),
    };
    let shown = |line: LinkLine| -> Result<LinkShown, Error> {
        let (from_item, to_item) = (item(&line.from)?, item(&line.to)?);
        Ok(LinkShown { line, from_item, to_item })
    };
    lines.into_iter().map(shown).collect()
}
