//! Exports: asked for by one, signed by another. The four eyes are held here, where the data is.

use domain::{Sha256, UserName, UtcTime};
use serde::{Deserialize, Serialize};

use crate::model::OperationId;
use crate::{CaseFile, Result};

/// Most recipients of one export.
pub const RECIPIENTS_MAX: usize = 100;
/// Most characters of a recipient's name, of a recipient's key, and of the reason of an export.
pub const EXPORT_TEXT_CHARS_MAX: usize = 2000;

/// Tells which items an export has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExportWhat {
    /// Those with a decision in force.
    Classified,
    /// All contents.
    All,
}

/// Holds what somebody wants to leave the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportRequest {
    /// Which items.
    pub what: ExportWhat,
    /// For whom: name and public key. One at least.
    pub recipients: Vec<(String, String)>,
    /// Whether the media go along.
    pub media: bool,
    /// Why.
    pub reason: String,
}

/// Tells how far an export is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum ExportState {
    /// It waits for a signature.
    Asked,
    /// It was signed and written.
    Signed {
        /// By whom.
        by: UserName,
        /// When.
        at: UtcTime,
        /// In which operation.
        operation: OperationId,
        /// SHA-256 of the package.
        package_sha256: Sha256,
        /// Items in it.
        items: u64,
    },
    /// It was withdrawn.
    Withdrawn {
        /// By whom.
        by: UserName,
        /// When.
        at: UtcTime,
        /// In which operation.
        operation: OperationId,
    },
}

/// Describes an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExportRow {
    /// Number of the request within the case, from 1.
    pub request: u32,
    /// What was asked for.
    pub asked: ExportRequest,
    /// By whom.
    pub by: UserName,
    /// When.
    pub at: UtcTime,
    /// In which operation.
    pub operation: OperationId,
    /// How far it is.
    pub state: ExportState,
}

impl CaseFile {
    /// Asks for an export, and gives its number.
    pub fn export_request(&self, request: &ExportRequest, now: UtcTime) -> Result<u32> {
        todo!()
    }

    /// Tells whether this user may sign a request, before the package is written: `OwnExport` for whoever asked,
    /// `NotAllowed` for whoever is no team lead, `ExportEnded` for what was signed or withdrawn, `NoSuchExport`, and
    /// `ReadingOnly`.
    pub fn export_may_sign(&self, request: u32) -> Result<()> {
        todo!()
    }

    /// Notes that a request was signed and its package written. The checks of [`CaseFile::export_may_sign`] hold here too.
    pub fn export_signed(
        &self,
        request: u32,
        package_sha256: Sha256,
        items: u64,
        now: UtcTime,
    ) -> Result<OperationId> {
        todo!()
    }

    /// Withdraws a request that nobody has signed. Whoever asked may, and a team lead.
    pub fn export_withdraw(&self, request: u32, now: UtcTime) -> Result<OperationId> {
        todo!()
    }

    /// Lists the requests, first to last.
    pub fn exports(&self) -> Result<Vec<ExportRow>> {
        todo!()
    }
}
