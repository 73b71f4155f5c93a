//! Reading all that leaves a case with its classification, and all that clues are made of, in constant memory.

use std::ops::ControlFlow;

use domain::{CategoryCode, ClassifiedItem, Facts, Sha256, SourceId, SourcePath, UtcTime};

use crate::export::ExportWhat;
use crate::sheet::SheetState;
use crate::{CaseFile, Result};

/// Holds one decoded item that is not hidden, with what clues are made of.
#[derive(Debug, Clone, PartialEq)]
pub struct ClueRow {
    /// Number.
    pub number: u32,
    /// SHA-256.
    pub sha256: Sha256,
    /// All that the decoder found out.
    pub facts: Facts,
    /// First place, by source and then by the bytes of the path.
    pub place: Option<(SourceId, SourcePath)>,
    /// Number of its places.
    pub places: u32,
    /// Earliest modification of all places.
    pub modified: Option<UtcTime>,
    /// Series that sets and leads name, sorted, each once.
    pub series: Vec<String>,
    /// Where the rule has it: `Hidden` only where a person has decided about it, so that it is shown.
    pub state: SheetState,
    /// Category of the decision in force.
    pub category: Option<CategoryCode>,
}

impl CaseFile {
    /// Gives every item that an export has, by number, in one snapshot and in constant memory.
    pub fn classified_each(
        &self,
        what: ExportWhat,
        each: &mut dyn FnMut(ClassifiedItem) -> ControlFlow<()>,
    ) -> Result<()> {
        todo!()
    }

    /// Gives every decoded item that is not hidden, by number, in one snapshot and in constant memory.
    pub fn clue_rows(&self, each: &mut dyn FnMut(ClueRow) -> ControlFlow<()>) -> Result<()> {
        todo!()
    }
}
