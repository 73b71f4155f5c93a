//! Noting what was taken out of a case or looked up beside it.

use domain::UtcTime;
use serde_json::Value;

use crate::ledger::OperationKind;
use crate::model::OperationId;
use crate::{CaseFile, Result};

impl CaseFile {
    /// Notes that a report, an index, a package or media were written, or that an index was opened. Other kinds are refused.
    pub fn note_access(&self, kind: OperationKind, detail: Value, now: UtcTime) -> Result<OperationId> {
        todo!()
    }
}
