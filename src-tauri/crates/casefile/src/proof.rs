//! Evidence: what leads rest on.

use domain::{Evidence, EvidenceId, LeadId, UtcTime};

use crate::model::OperationId;
use crate::{CaseFile, Result};

impl CaseFile {
    /// Adds evidence to a lead in one operation, and gives the number of each piece, in their order. The same part of the
    /// same item twice is one piece: where all stands there already, there is no operation.
    pub fn evidence_add(&self, lead: LeadId, evidence: &[Evidence], now: UtcTime) -> Result<Vec<EvidenceId>> {
        todo!()
    }

    /// Changes caption or region of a piece of evidence; its item stays. `None` when nothing differs.
    pub fn evidence_change(&self, id: EvidenceId, evidence: &Evidence, now: UtcTime) -> Result<Option<OperationId>> {
        todo!()
    }

    /// Removes evidence in one operation. `None` for none.
    pub fn evidence_remove(&self, ids: &[EvidenceId], now: UtcTime) -> Result<Option<OperationId>> {
        todo!()
    }

    /// Lists the leads that rest on an item.
    pub fn leads_of(&self, item: u32) -> Result<Vec<LeadId>> {
        todo!()
    }

    /// Lists which items which leads rest on, each pair once, by item and then by lead.
    pub fn lead_items(&self) -> Result<Vec<(u32, LeadId)>> {
        todo!()
    }
}
