//! Leads: what may identify a victim, an offender or a place, and all that was ever said of it.

use domain::{Evidence, EvidenceId, LeadContent, LeadId, UserName, UtcTime};
use serde::Serialize;

use crate::ledger::OperationKind;
use crate::model::OperationId;
use crate::{CaseFile, Result};

/// Describes a lead in force.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeadRow {
    /// Number, never used again.
    pub id: LeadId,
    /// What people say of it.
    pub content: LeadContent,
    /// Who made it.
    pub by: UserName,
    /// When.
    pub made: UtcTime,
    /// Items that it rests on.
    pub items: u32,
    /// Regions among its evidence.
    pub regions: u32,
}

/// Describes one piece of evidence in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EvidenceRow {
    /// Number, never used again.
    pub id: EvidenceId,
    /// Number of the item.
    pub number: u32,
    /// What of it, and what it shows.
    pub evidence: Evidence,
    /// Who added it.
    pub by: UserName,
    /// When.
    pub at: UtcTime,
}

/// Describes one operation on a lead.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeadChange {
    /// Operation.
    pub operation: OperationId,
    /// `LeadMade`, `LeadChanged`, `LeadRisk`, `EvidenceAdded`, `EvidenceChanged`, `EvidenceRemoved`, `Undone` or `Redone`.
    pub kind: OperationKind,
    /// When.
    pub at: UtcTime,
    /// By whom.
    pub by: UserName,
    /// What was said of it before, where that changed; none before it was made.
    pub before: Option<LeadContent>,
    /// What is said of it after that, where that changed; none where its making was taken back.
    pub after: Option<LeadContent>,
    /// Pieces of evidence that came.
    pub evidence_added: u32,
    /// Pieces of evidence that went.
    pub evidence_removed: u32,
}

/// Tells all of a lead.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeadStory {
    /// The lead.
    pub row: LeadRow,
    /// Its evidence, by number of the item and then in the order of adding.
    pub evidence: Vec<EvidenceRow>,
    /// What was done, first to last.
    pub changes: Vec<LeadChange>,
}

impl CaseFile {
    /// Makes a lead with its first evidence, in one operation.
    pub fn lead_new(&self, content: &LeadContent, evidence: &[Evidence], now: UtcTime) -> Result<LeadId> {
        todo!()
    }

    /// Changes what is said of a lead, but for the risk: see [`CaseFile::lead_risk`]. `None` when nothing differs.
    pub fn lead_change(&self, lead: LeadId, content: &LeadContent, now: UtcTime) -> Result<Option<OperationId>> {
        todo!()
    }

    /// Raises or lowers the flag "a child may be at risk now". To raise it again where somebody has taken it means that it
    /// waits for somebody anew. `None` when it stands so already.
    pub fn lead_risk(&self, lead: LeadId, risk: bool, now: UtcTime) -> Result<Option<OperationId>> {
        todo!()
    }

    /// Takes the risk up: this user follows it. `None` when this user has it already, and when there is no risk.
    pub fn lead_risk_take(&self, lead: LeadId, now: UtcTime) -> Result<Option<OperationId>> {
        todo!()
    }

    /// Lists the leads, by number.
    pub fn leads(&self) -> Result<Vec<LeadRow>> {
        todo!()
    }

    /// Tells all of a lead.
    pub fn lead(&self, id: LeadId) -> Result<Option<LeadStory>> {
        todo!()
    }
}
