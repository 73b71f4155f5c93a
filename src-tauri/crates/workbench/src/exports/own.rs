//! What the people of a case say themselves: a package carries no word of a set as if it were theirs.
//!
//! What people voted on, or called wrong, goes with all that is known of it. Of an item that nobody has judged, a package
//! has flags and series only where a lead of this case gives them: else a word that its set takes back one day would live
//! on as the word of this unit.

use std::collections::BTreeMap;

use casefile::CaseFile;
use domain::{ClassifiedItem, Flags, LeadContent, LeadId, LeadKind, LeadState, Sha256};

use crate::Error;

/// What leads say of the items that they rest on.
pub(super) struct Own {
    leads: BTreeMap<LeadId, LeadContent>,
    of: BTreeMap<Sha256, Vec<LeadId>>,
}

impl Own {
    pub fn read(case: &CaseFile) -> Result<Self, Error> {
        let mut of: BTreeMap<Sha256, Vec<LeadId>> = BTreeMap::new();
        for (number, lead) in case.lead_items()? {
            if let Some(sha256) = case.sha256_of(number)? {
                of.entry(sha256).or_default().push(lead);
            }
        }
        let leads = case.leads()?.into_iter().map(|row| (row.id, row.content)).collect();
        Ok(Self { leads, of })
    }

    /// Takes from an item that nobody has judged what sets alone say of it.
    pub fn keep(&self, item: &mut ClassifiedItem) {
        if !item.votes.is_empty() || !item.vetoes.is_empty() {
            return;
        }
        let leads = || self.of.get(&item.digests.sha256).into_iter().flatten().filter_map(|lead| self.leads.get(lead));
        let identified = |kind: LeadKind, flag: Option<bool>| {
            flag.filter(|_| leads().any(|lead| lead.kind == kind && lead.state == LeadState::Identified))
        };
        item.flags = Flags {
            victim_identified: identified(LeadKind::Victim, item.flags.victim_identified),
            offender_identified: identified(LeadKind::Offender, item.flags.offender_identified),
            ..Flags::default()
        };
        let series: Vec<String> = leads().filter_map(|lead| lead.series.clone()).collect();
        item.series.retain(|name| series.contains(name));
    }
}
