//! Leads as the window asks of them. What the rules ask about every item is read once, and again when items have changed.

use std::path::Path;
use std::sync::{Arc, MutexGuard, PoisonError};

use casefile::{Changed, Passphrase};
use domain::{EvidencePart, Region};
use review::clues::Row;

use super::Session;
use crate::view::leads::{
    ClueLine, EvidenceForm, LeadDetail, LeadForm, LeadLine, LinkLine, MadeHere, MapPoint, RegionView, RegionsView,
    TimeLine,
};
use crate::regions::{self, Looking};
use crate::{Error, clues, leads, links};

/// Rows of clues, as they were at an operation.
#[derive(Default)]
pub(super) struct Clues {
    rows: Arc<Vec<Row>>,
    head: Option<u64>,
}

impl Session {
    /// Lists the leads.
    pub fn leads(&self) -> Result<Vec<LeadLine>, Error> {
        leads::leads(&self.case)
    }

    /// Tells all of a lead.
    pub fn lead(&self, lead: u32) -> Result<LeadDetail, Error> {
        leads::lead_with(&self.case, lead, &self.clue_rows()?)
    }

    /// Lists the leads with the flag "a child may be at risk now".
    pub fn risks(&self) -> Result<Vec<LeadLine>, Error> {
        leads::risks(&self.case)
    }

    /// Lists the leads that rest on an item.
    pub fn leads_of(&self, number: u32) -> Result<Vec<LeadLine>, Error> {
        leads::leads_of(&self.case, number)
    }

    /// Makes a lead; gives its number.
    pub fn lead_new(&self, form: &LeadForm, evidence: &[EvidenceForm]) -> Result<u32, Error> {
        self.change(|| leads::lead_new(&self.case, form, evidence, self.now()))
    }

    /// Changes what is said of a lead.
    pub fn lead_save(&self, lead: u32, form: &LeadForm) -> Result<(), Error> {
        self.change(|| leads::lead_save(&self.case, lead, form, self.now()))
    }

    /// Raises or lowers the flag "a child may be at risk now".
    pub fn lead_risk(&self, lead: u32, raised: bool) -> Result<(), Error> {
        self.change(|| leads::lead_risk(&self.case, lead, raised, self.now()))
    }

    /// Takes that flag.
    pub fn lead_risk_take(&self, lead: u32) -> Result<(), Error> {
        self.change(|| leads::lead_risk_take(&self.case, lead, self.now()))
    }

    /// Adds evidence; gives the numbers of the pieces.
    pub fn evidence_add(&self, lead: u32, evidence: &[EvidenceForm]) -> Result<Vec<u64>, Error> {
        self.change(|| leads::evidence_add(&self.case, lead, evidence, self.now()))
    }

    /// Changes caption and region of a piece of evidence.
    pub fn evidence_change(&self, evidence: u64, caption: &str, region: Option<&RegionView>) -> Result<(), Error> {
        self.change(|| leads::evidence_change(&self.case, evidence, caption, region, self.now()))
    }

    /// Takes pieces of evidence away.
    pub fn evidence_remove(&self, evidence: &[u64]) -> Result<(), Error> {
        self.change(|| leads::evidence_remove(&self.case, evidence, self.now()))
    }

    /// Lists clues of the case, or of a lead.
    pub fn clues(&self, lead: Option<u32>) -> Result<Vec<ClueLine>, Error> {
        clues::clues(&self.case, &self.clue_rows()?, lead)
    }

    /// Lists places of items and leads.
    pub fn map_points(&self, lead: Option<u32>) -> Result<Vec<MapPoint>, Error> {
        clues::map_points(&self.case, &self.clue_rows()?, lead)
    }

    /// Tells when devices say that items were taken.
    pub fn time_line(&self, lead: Option<u32>) -> Result<TimeLine, Error> {
        clues::time_line(&self.case, &self.clue_rows()?, lead)
    }

    /// Notes how far the clock of a device is ahead.
    pub fn clock_set(&self, device: &str, ahead_seconds: i32, reason: &str) -> Result<(), Error> {
        self.change(|| clues::clock_set(&self.case, device, ahead_seconds, reason, self.now()))
    }

    /// Ranks the items that a device of the case has likely made.
    pub fn made_here(&self) -> Result<MadeHere, Error> {
        Ok(clues::likely_made_here(&self.clue_rows()?))
    }

    /// Lists links of the case, or of a lead.
    pub fn links(&self, lead: Option<u32>, looking: Looking<'_>) -> Result<Vec<LinkLine>, Error> {
        let rows = self.clue_rows()?;
        let _turn = self.looking();
        links::links(&self.case, &rows, lead, looking)
    }

    /// Tells what the regions of a lead look like, and what looks like them.
    pub fn lead_regions(&self, lead: u32, looking: Looking<'_>) -> Result<RegionsView, Error> {
        let _turn = self.looking();
        regions::lead_regions(&self.case, lead, looking)
    }

    /// Waits for whoever works out what regions look like, so that nobody does it twice.
    fn looking(&self) -> MutexGuard<'_, ()> {
        self.looking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lists links of this case to others, by a person's index.
    pub fn links_across(
        &self,
        index: &Path,
        secret: &Passphrase,
        looking: Looking<'_>,
    ) -> Result<Vec<LinkLine>, Error> {
        let rows = self.clue_rows()?;
        let _turn = self.looking();
        links::links_across(&self.case, &rows, index, secret, self.now(), looking)
    }

    /// Gives the regions of an item that a lead rests on.
    pub fn regions_of(&self, lead: u32, number: u32) -> Result<Vec<Region>, Error> {
        let story = leads::story_of(&self.case, lead)?;
        let of_item = story.evidence.into_iter().filter(|row| row.number == number);
        let regions = of_item.filter_map(|row| match row.evidence.part {
            EvidencePart::Region(region) => Some(region),
            EvidencePart::Whole | EvidencePart::Metadata { .. } => None,
        });
        Ok(regions.collect())
    }

    /// States how the case is counted, as prosecutors do.
    pub fn qualification_state(&self, acts: &[(String, Option<u32>)]) -> Result<(), Error> {
        self.change(|| crate::court::state_acts(&self.case, acts, self.now()))
    }

    /// Does what changes a lead, or what is stated of the case, and tells the window that something is stale.
    fn change<T>(&self, change: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let done = change()?;
        self.follow_own()?;
        Ok(done)
    }

    /// Gives what the rules ask about every item, read again where items have changed since.
    pub(crate) fn clue_rows(&self) -> Result<Arc<Vec<Row>>, Error> {
        let mut clues = self.clues.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(head) = clues.head {
            let changes = self.case.changes_since(head)?;
            if matches!(&changes.items, Changed::These(numbers) if numbers.is_empty()) {
                clues.head = Some(changes.head);
                return Ok(Arc::clone(&clues.rows));
            }
        }
        // The head first: what is recorded meanwhile is read again the next time.
        let head = self.case.head()?.0;
        clues.rows = Arc::new(clues::rows_of(&self.case)?);
        clues.head = Some(head);
        Ok(Arc::clone(&clues.rows))
    }
}
