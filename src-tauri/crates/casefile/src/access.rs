//! Noting what was taken out of a case or looked up beside it.

use domain::UtcTime;
use serde_json::{Value, json};

use crate::ledger::OperationKind;
use crate::model::OperationId;
use crate::writing::Writer;
use crate::{CaseFile, CasefileError, Result};

/// Most bytes of what is noted.
pub const ACCESS_BYTES_MAX: usize = 64 << 10;

impl CaseFile {
    /// Notes that a report, an index, a package or media were written, or that an index was opened. Other kinds are refused.
    ///
    /// An auditor may write a report and open an index: that changes nothing, and is noted as an opening of the case is.
    pub fn note_access(&self, kind: OperationKind, detail: Value, now: UtcTime) -> Result<OperationId> {
        let (what, is_reading) = match kind {
            OperationKind::ReportWritten => ("write a report", true),
            OperationKind::IndexOpened => ("open an index over cases", true),
            OperationKind::IndexWritten => ("put the case into an index", false),
            OperationKind::PackageWritten => ("write a package", false),
            OperationKind::MediaExported => ("write media", false),
            kind => return Err(CasefileError::NoAccess { kind }),
        };
        if detail.to_string().len() > ACCESS_BYTES_MAX {
            return Err(CasefileError::Limit { what: "bytes of what is noted", max: ACCESS_BYTES_MAX });
        }
        // Under a key of its own, so that nothing in it is taken for what an operation says of the case.
        let detail = json!({ "what": detail });
        let note = |writer: &mut Writer| {
            let seq = writer.ground(|db| self.append(db, kind, &detail, now))?;
            Ok(OperationId(seq.unsigned_abs()))
        };
        if is_reading { self.write_whatever_the_role(note) } else { self.write(what, note) }
    }
}
