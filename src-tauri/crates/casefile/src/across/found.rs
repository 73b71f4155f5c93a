//! What is found in an index over cases.

use domain::{Distance, LabelCode, LeadId, LeadKind, LeadState, Sha256, UtcTime};

/// Names a case of the index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexedCase {
    /// Random identity of the case.
    pub case_id: String,
    /// Number of the investigation.
    pub number: String,
    /// Unit that leads it.
    pub unit: String,
    /// When it was put into the index.
    pub written: UtcTime,
    /// Number and hash of its ledger's newest operation then.
    pub head: (u64, Sha256),
    /// Items of it in the index.
    pub items: u64,
}

/// Tells what a call of [`Index::put`] wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Indexed {
    /// Items.
    pub items: u64,
    /// PDQ values.
    pub looks: u64,
    /// Serials.
    pub serials: u64,
    /// Leads.
    pub leads: u64,
    /// Regions that leads rest on, whose look says enough.
    pub regions: u64,
}

/// Tells which part of a device a serial names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SerialOf {
    /// The camera.
    Body,
    /// The lens.
    Lens,
}

/// Tells that a case has items with a serial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SerialFound {
    /// Identity of the case.
    pub case_id: String,
    /// Serial as the metadata have it.
    pub serial: String,
    /// Of what.
    pub of: SerialOf,
    /// Maker and model beside it, as the metadata have them; empty where they have none.
    pub device: String,
    /// Items that have it.
    pub items: u32,
}

/// Tells that a case has an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemFound {
    /// Identity of the case.
    pub case_id: String,
    /// Number there.
    pub number: u32,
}

/// Tells that a case has a picture that looks like one that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookFound {
    /// Which of those that were asked for, from 0.
    pub asked: usize,
    /// Identity of the case.
    pub case_id: String,
    /// Number there.
    pub number: u32,
    /// Its SHA-256.
    pub sha256: Sha256,
    /// Bits that differ, in the closest orientation.
    pub distance: Distance,
}

/// Tells that a lead of a case rests on a region that looks like one that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionFound {
    /// Which of those that were asked for, from 0.
    pub asked: usize,
    /// Identity of the case.
    pub case_id: String,
    /// Number of the lead there.
    pub lead: LeadId,
    /// Its name.
    pub name: String,
    /// Number of the item there.
    pub number: u32,
    /// Which of the regions of the lead in this item it is, from 1.
    pub place: u32,
    /// Bits that differ, in the closest orientation.
    pub distance: Distance,
}

/// Tells that a case has a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadFound {
    /// Identity of the case.
    pub case_id: String,
    /// Number there.
    pub lead: LeadId,
    /// Kind.
    pub kind: LeadKind,
    /// State.
    pub state: LeadState,
    /// Name.
    pub name: String,
    /// Labels, sorted.
    pub labels: Vec<LabelCode>,
}

/// Chooses leads of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeadsWhere {
    /// Leads with this label.
    Label(LabelCode),
    /// Leads with this name, whatever their case.
    Name(String),
    /// Leads of this kind.
    Kind(LeadKind),
}
