//! Links: what the items, leads and devices of a case have in common.
//!
//! A link is between two leads, a lead and a device, a lead and an item that is not part of it, two devices, or two regions. Each names
//! what is shared and on how many items it rests, so that a person can look it up.

mod alike;
mod gather;
mod regions;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use domain::{Distance, LabelCode, LeadContent, LeadId, LeadPlace};

use crate::clues::{Device, Row};
use crate::stack::Stack;

pub use alike::{Reach, Seen, look_alikes};
pub use gather::links;
pub use regions::{RegionEnd, RegionSeen, regions_alike};

/// Most links that are given: the strongest. Fewer can be read, and more cannot be drawn.
pub const LINKS_MAX: usize = 10_000;
/// Most items outside of a lead that are linked with it for one reason: the nearest.
pub const ITEMS_OF_A_LEAD_MAX: usize = 200;

/// Names what is shared, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkKind {
    /// The same item.
    SameItem,
    /// Serial number of a body or a lens.
    Serial,
    /// Items that look alike.
    LookAlike,
    /// Regions that look alike.
    RegionAlike,
    /// A place.
    Place,
    /// A series.
    Series,
    /// What a person said.
    Related,
    /// A label.
    Label,
}

impl LinkKind {
    /// Gives the word that commands and files use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SameItem => "same-item",
            Self::Serial => "serial",
            Self::LookAlike => "look-alike",
            Self::RegionAlike => "region-alike",
            Self::Place => "place",
            Self::Series => "series",
            Self::Related => "related",
            Self::Label => "label",
        }
    }
}

/// Names one end of a link.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// A lead of this case.
    Lead(LeadId),
    /// A device of this case.
    Device(Device),
    /// A region that a lead of this case rests on.
    Region(RegionEnd),
    /// An item of this case, by its number.
    Item(u32),
    /// Something of another case.
    Case {
        /// Number of that case.
        number: String,
        /// Lead there, if it is one.
        lead: Option<String>,
    },
}

/// Holds one link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What is shared.
    pub kind: LinkKind,
    /// Its value, safe to show; the code of a label; empty for the same item, for look-alikes and for what a person said.
    pub value: String,
    /// One end.
    pub from: End,
    /// The other.
    pub to: End,
    /// Items of this case that it rests on; 0 where it rests on none, as with labels.
    pub items: u32,
    /// Smallest distance, of look-alikes.
    pub distance: Option<Distance>,
}

/// Holds links.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Links {
    /// The strongest kind first, and of each kind those that rest on most items.
    pub links: Vec<Link>,
    /// Links that are left out because there are too many.
    pub left_out: u32,
}

/// Holds what is asked of a lead.
#[derive(Debug, Clone, PartialEq)]
pub struct LeadRow {
    /// Number.
    pub lead: LeadId,
    /// Name.
    pub name: String,
    /// Labels.
    pub labels: BTreeSet<LabelCode>,
    /// Series that a person named.
    pub series: Option<String>,
    /// Place that a person named.
    pub place: Option<LeadPlace>,
    /// Leads that it is about, or belongs with.
    pub related: BTreeSet<LeadId>,
    /// Numbers of the items that it rests on, rising, each once.
    pub items: Vec<u32>,
}

impl LeadRow {
    /// Takes from a lead what the rules ask.
    pub fn new(lead: LeadId, content: &LeadContent, items: &[u32]) -> Self {
        let items: BTreeSet<u32> = items.iter().copied().collect();
        Self {
            lead,
            name: content.name.clone(),
            labels: content.labels.clone(),
            series: content.series.clone(),
            place: content.place,
            related: content.related.clone(),
            items: items.into_iter().collect(),
        }
    }
}

/// Holds what links are looked for in.
#[derive(Debug, Clone, Copy)]
pub struct Whole<'a> {
    /// Items that were decoded and are not hidden, in order of number.
    pub rows: &'a [Row],
    /// Leads that are in force.
    pub leads: &'a [LeadRow],
    /// Looks of the items; may be empty, and then nothing looks alike.
    pub looks: &'a [Seen],
    /// Regions of the leads, those whose digests say enough; may be empty, and then none look alike.
    pub regions: &'a [RegionSeen],
    /// Stacks of the case, as they were last gathered; they say which devices took pictures that look alike.
    pub stacks: &'a [Stack],
    /// The lead that is asked about; all where none is named.
    pub wanted: Option<LeadId>,
}

impl Whole<'_> {
    /// Tells whether a lead is asked about.
    fn is_wanted(&self, lead: LeadId) -> bool {
        self.wanted.is_none_or(|wanted| wanted == lead)
    }
}
