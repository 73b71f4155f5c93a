//! Leads, clues and links: asked of the session of the case that is open.

use super::Bench;
use super::entry::Open;
use super::keeping::path_of;
use crate::regions::{Looking, PICTURES_A_QUESTION, PICTURES_ALL, PICTURES_OF_LINKS};
use crate::view::leads::{
    ClueLine, EvidenceForm, LeadDetail, LeadForm, LeadLine, LinkLine, MadeHere, MapPoint, RegionView, RegionsView,
    TimeLine, VocabularyView,
};
use crate::view::window::{Ticket, WindowError};

impl Bench {
    /// Gives the vocabulary that labels are chosen from.
    pub fn vocabulary(&self) -> Result<VocabularyView, WindowError> {
        Ok(crate::leads::vocabulary())
    }

    /// Lists the leads.
    pub fn leads(&self) -> Result<Vec<LeadLine>, WindowError> {
        self.ask(|session| session.leads())
    }

    /// Tells all of a lead.
    pub fn lead(&self, lead: u32) -> Result<LeadDetail, WindowError> {
        self.ask(|session| session.lead(lead))
    }

    /// Lists the leads with the flag "a child may be at risk now", raised or taken.
    pub fn risks(&self) -> Result<Vec<LeadLine>, WindowError> {
        self.ask(|session| session.risks())
    }

    /// Makes a lead; gives its number.
    pub fn lead_new(&self, form: &LeadForm, evidence: &[EvidenceForm]) -> Result<u32, WindowError> {
        self.ask(|session| session.lead_new(form, evidence))
    }

    /// Changes what is said of a lead.
    pub fn lead_save(&self, lead: u32, form: &LeadForm) -> Result<(), WindowError> {
        self.ask(|session| session.lead_save(lead, form))
    }

    /// Raises or lowers the flag "a child may be at risk now".
    pub fn lead_risk(&self, lead: u32, now: bool) -> Result<(), WindowError> {
        self.ask(|session| session.lead_risk(lead, now))
    }

    /// Takes that flag.
    pub fn lead_risk_take(&self, lead: u32) -> Result<(), WindowError> {
        self.ask(|session| session.lead_risk_take(lead))
    }

    /// Adds evidence; gives the numbers of the pieces.
    pub fn evidence_add(&self, lead: u32, evidence: &[EvidenceForm]) -> Result<Vec<u64>, WindowError> {
        self.ask(|session| session.evidence_add(lead, evidence))
    }

    /// Changes caption and region of a piece of evidence.
    pub fn evidence_change(
        &self,
        evidence: u64,
        caption: &str,
        region: Option<&RegionView>,
    ) -> Result<(), WindowError> {
        self.ask(|session| session.evidence_change(evidence, caption, region))
    }

    /// Takes pieces of evidence away.
    pub fn evidence_remove(&self, evidence: &[u64]) -> Result<(), WindowError> {
        self.ask(|session| session.evidence_remove(evidence))
    }

    /// Lists the leads that rest on an item.
    pub fn leads_of(&self, number: u32) -> Result<Vec<LeadLine>, WindowError> {
        self.ask(|session| session.leads_of(number))
    }

    /// Lists clues of the case, or of a lead.
    pub fn clues(&self, lead: Option<u32>) -> Result<Vec<ClueLine>, WindowError> {
        self.ask(|session| session.clues(lead))
    }

    /// Lists places of items and leads.
    pub fn map_points(&self, lead: Option<u32>) -> Result<Vec<MapPoint>, WindowError> {
        self.ask(|session| session.map_points(lead))
    }

    /// Tells when devices say that items were taken.
    pub fn time_line(&self, lead: Option<u32>) -> Result<TimeLine, WindowError> {
        self.ask(|session| session.time_line(lead))
    }

    /// Notes how far the clock of a device is ahead.
    pub fn clock_set(&self, device: &str, ahead_s: i32, reason: &str) -> Result<(), WindowError> {
        self.ask(|session| session.clock_set(device, ahead_s, reason))
    }

    /// Ranks the items that a device of the case has likely made.
    pub fn made_here(&self) -> Result<MadeHere, WindowError> {
        self.ask(|session| session.made_here())
    }

    /// Lists links of the case, or of a lead.
    pub fn links(&self, lead: Option<u32>) -> Result<Vec<LinkLine>, WindowError> {
        let open = self.inner.open()?;
        Ok(open.session.links(lead, self.looking(&open, PICTURES_OF_LINKS))?)
    }

    /// Tells what the regions of a lead look like, and which regions of other leads look like them. What nobody has looked at
    /// yet is worked out, a few pictures at a time: `waiting` says how many regions of the case come with the next answers.
    pub fn lead_regions(&self, lead: u32) -> Result<RegionsView, WindowError> {
        let open = self.inner.open()?;
        Ok(open.session.lead_regions(lead, self.looking(&open, PICTURES_A_QUESTION))?)
    }

    /// Says how regions are worked out, as long as the case is open.
    fn looking<'a>(&'a self, open: &'a Open, pictures_max: usize) -> Looking<'a> {
        Looking { decoder: &self.inner.around.decoder, stop: open.pictures.forgotten(), pictures_max }
    }

    /// Lists links of this case to others, by the index over cases in a file. To open it is logged.
    pub fn links_across(&self, index: &str) -> Result<Vec<LinkLine>, WindowError> {
        let open = self.inner.open()?;
        let looking = self.looking(&open, PICTURES_OF_LINKS);
        Ok(open.session.links_across(&path_of(index), &open.index_secret, looking)?)
    }

    /// Adds what this case has to the index over cases in a file; it is made if it is not there.
    pub fn index_add(&self, index: &str) -> Result<(), WindowError> {
        let open = self.inner.open()?;
        let (path, now, mut entropy) = (path_of(index), self.inner.now(), self.inner.entropy.clone());
        let looking = self.looking(&open, PICTURES_ALL);
        crate::links::index_add(&open.case, &path, &open.index_secret, now, &mut entropy, looking)?;
        Ok(())
    }

    /// Draws a ticket for a picture of which only the regions that a lead rests on are clear, and grey.
    pub fn regions_reveal(&self, lead: u32, number: u32, longest_px: u32) -> Result<Ticket, WindowError> {
        let open = self.inner.open()?;
        let regions = open.session.regions_of(lead, number)?;
        Ok(open.pictures.reveal_regions(number, regions, longest_px)?)
    }
}
