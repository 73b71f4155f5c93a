//! Links: what items, leads and devices share, in a case and across the cases that this person may open.

mod across;

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use casefile::CaseFile;
use domain::{LeadId, Sha256};
use review::Look;
use review::clues::Row;
use review::links::{End, LeadRow, Link, Links, Seen, Whole};
use serde::Serialize;

use crate::Error;
use crate::leads::{numbers_of, story_of};
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
pub fn links(case: &CaseFile, rows: &[Row], lead: Option<u32>) -> Result<Vec<LinkLine>, Error> {
    if let Some(lead) = lead {
        story_of(case, lead)?;
    }
    let leads = lead_rows(case)?;
    let looks = looks_of(case, rows)?;
    let stacks: Vec<review::Stack> = case
        .stacks()?
        .into_iter()
        .map(|stack| review::Stack { representative: stack.representative, members: stack.members })
        .collect();
    let wanted = lead.map(LeadId);
    let whole = Whole { rows, leads: &leads, looks: &looks, stacks: &stacks, wanted };
    // Nobody breaks it off, so there is an answer.
    let found = review::links::links(&whole, &mut |_| ControlFlow::Continue(())).unwrap_or_default();
    Ok(lines(found, &leads))
}

/// Lists the links of a case to a terminal.
pub fn links_shown(case: &CaseFile, lead: Option<u32>) -> Result<Vec<LinkShown>, Error> {
    let rows = crate::clues::rows_of(case)?;
    shown(case, links(case, &rows, lead)?)
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

/// Reads what the items look like.
fn looks_of(case: &CaseFile, rows: &[Row]) -> Result<Vec<Seen>, Error> {
    let numbers: HashMap<Sha256, u32> = rows.iter().map(|row| (row.sha256, row.number)).collect();
    let mut looks = Vec::new();
    case.shown_looks(&mut |sha256, width, height, pdq, image_hash| {
        if let Some(number) = numbers.get(&sha256) {
            let look = Look { sha256, pixels: u64::from(width) * u64::from(height), pdq, image_hash };
            looks.push((*number, look));
        }
        ControlFlow::Continue(())
    })?;
    Ok(looks)
}

fn lines(found: Links, leads: &[LeadRow]) -> Vec<LinkLine> {
    let names: BTreeMap<LeadId, &str> = leads.iter().map(|lead| (lead.lead, lead.name.as_str())).collect();
    let end = |end: End| match end {
        End::Lead(lead) => {
            LinkEnd::Lead { lead: lead.0, name: names.get(&lead).copied().unwrap_or_default().to_owned() }
        }
        End::Device(device) => LinkEnd::Device { name: domain::escaped(device.name.as_bytes()) },
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
