//! What other tools said of items. It is kept, shown, and decides nothing.

use std::ops::ControlFlow;

use domain::{Opinion, Sha256, SourceId, UtcTime};
use serde::Serialize;

use crate::model::OperationId;
use crate::{CaseFile, Result};

/// Most opinions in one call.
pub const OPINIONS_MAX: usize = 100_000;

/// Tells what another tool said of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpinionRow {
    /// Source that it came with.
    pub source: SourceId,
    /// Operation that recorded it.
    pub operation: OperationId,
    /// When that was.
    pub at: UtcTime,
    /// What the tool said.
    pub opinion: Opinion,
}

impl CaseFile {
    /// Records what a file of another tool says of items, in one operation; `file_sha256` is that file. What the same source
    /// said already adds nothing: `None` when that is true of all.
    pub fn opinions_add(
        &self,
        source: SourceId,
        file_sha256: Sha256,
        opinions: &[(Sha256, Opinion)],
        now: UtcTime,
    ) -> Result<Option<OperationId>> {
        todo!()
    }

    /// Lists what other tools said of an item, in the order of recording.
    pub fn opinions_of(&self, item: u32) -> Result<Vec<OpinionRow>> {
        todo!()
    }

    /// Gives every opinion, by number of the item and then in the order of recording.
    pub fn opinions_each(&self, each: &mut dyn FnMut(u32, Opinion) -> ControlFlow<()>) -> Result<()> {
        todo!()
    }
}
