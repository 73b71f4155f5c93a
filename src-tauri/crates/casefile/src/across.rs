//! An encrypted index over the cases of one person: serials, digests, PDQ values of what is shown, and leads by name and
//! label.

use std::ops::ControlFlow;
use std::path::Path;

use domain::{Distance, LabelCode, LeadId, LeadKind, LeadState, PdqSet, Sha256, UserName, UtcTime};

use crate::keys::KdfCost;
use crate::secret::{Entropy, Passphrase};
use crate::{CaseFile, Result};

/// Ending of the file's name.
pub const INDEX_ENDING: &str = ".zeef-index";

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

/// Chooses what is looked up in the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeadsWhere {
    /// Leads with this label.
    Label(LabelCode),
    /// Leads with this name, whatever their case.
    Name(String),
    /// Leads of this kind.
    Kind(LeadKind),
}

/// Holds an open index. It belongs to one person: nobody else can open it.
pub struct Index {}

impl Index {
    /// Makes an empty index, for `user` alone. `AlreadyThere` where something has that name.
    pub fn create(path: &Path, user: &UserName, passphrase: &Passphrase, entropy: &mut dyn Entropy) -> Result<Self> {
        todo!()
    }

    /// Makes an index whose passphrase costs something else; only for tests.
    #[doc(hidden)]
    pub fn create_with_cost(
        path: &Path,
        user: &UserName,
        passphrase: &Passphrase,
        entropy: &mut dyn Entropy,
        cost: KdfCost,
    ) -> Result<Self> {
        todo!()
    }

    /// Opens an index as the user of `case`, whose ledger notes it before anything can be read.
    ///
    /// Wrong passphrase and another person: `AccessDenied`. A case that was opened for reading: `ReadingOnly`.
    pub fn open(path: &Path, passphrase: &Passphrase, case: &CaseFile, now: UtcTime) -> Result<Self> {
        todo!()
    }

    /// Puts a case into the index, in place of what the index had of it, and notes that in the case's ledger.
    pub fn put(&self, case: &CaseFile, now: UtcTime) -> Result<Indexed> {
        todo!()
    }

    /// Takes a case out of the index, e.g. when this person may not open it any more. Tells whether it was there.
    pub fn forget(&self, case_id: &str) -> Result<bool> {
        todo!()
    }

    /// Lists the cases, by number.
    pub fn cases(&self) -> Result<Vec<IndexedCase>> {
        todo!()
    }

    /// Finds a serial, exactly as it is written.
    pub fn find_serial(&self, serial: &str) -> Result<Vec<SerialFound>> {
        todo!()
    }

    /// Finds an item.
    pub fn find_digest(&self, sha256: &Sha256) -> Result<Vec<ItemFound>> {
        todo!()
    }

    /// Finds what looks like one of these pictures, up to `radius` bits, in any of the eight orientations. One pass over all
    /// values, whatever the number of those asked for; `each` gets the finds in the order of cases and numbers.
    pub fn find_looks(
        &self,
        asked: &[PdqSet],
        radius: Distance,
        each: &mut dyn FnMut(LookFound) -> ControlFlow<()>,
    ) -> Result<()> {
        todo!()
    }

    /// Finds leads, by case and number.
    pub fn find_leads(&self, which: &LeadsWhere) -> Result<Vec<LeadFound>> {
        todo!()
    }

    /// Gives every item of one case that another case has too, with its number in both, by number in the first.
    pub fn shared_items(
        &self,
        case_id: &str,
        each: &mut dyn FnMut(u32, Sha256, ItemFound) -> ControlFlow<()>,
    ) -> Result<()> {
        todo!()
    }

    /// Gives every serial of one case that another case has too.
    pub fn shared_serials(&self, case_id: &str) -> Result<Vec<SerialFound>> {
        todo!()
    }

    /// Gives the leads of other cases that have a label of a lead of this case: the label, the lead here, the lead there.
    pub fn shared_labels(&self, case_id: &str) -> Result<Vec<(LabelCode, LeadId, LeadFound)>> {
        todo!()
    }
}
