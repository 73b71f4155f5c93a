//! Undo and redo, as the window names them.

use casefile::{Step, Undone};

use super::{Session, count};
use crate::Error;
use crate::case::with_judge;
use crate::view::grid::{UndoLabel, UndoState};

impl Session {
    /// Takes back what this person did last and has not taken back.
    pub fn undo(&self) -> Result<Option<UndoLabel>, Error> {
        self.step(|judge| Ok(self.case.undo(judge, self.now())?))
    }

    /// Does again what this person took back last.
    pub fn redo(&self) -> Result<Option<UndoLabel>, Error> {
        self.step(|judge| Ok(self.case.redo(judge, self.now())?))
    }

    /// Tells what undo and redo would do next.
    pub fn undo_state(&self) -> Result<UndoState, Error> {
        let (undo, redo) = self.case.undo_state()?;
        Ok(UndoState { undo: undo.map(label), redo: redo.map(label) })
    }

    fn step(
        &self,
        step: impl FnOnce(casefile::Judge<'_>) -> Result<Option<Undone>, Error>,
    ) -> Result<Option<UndoLabel>, Error> {
        let deciding = self.deciding.lock();
        let done = with_judge(&self.case, step)?;
        drop(deciding);
        let Some(done) = done else { return Ok(None) };
        self.follow_own()?;
        Ok(Some(UndoLabel { items: count(done.items), ..label(done.step) }))
    }
}

fn label(step: Step) -> UndoLabel {
    UndoLabel {
        operation: count(step.operation.0),
        what: step.kind.as_str().to_owned(),
        category: step.category.map(|code| code.0),
        items: count(step.items),
        at: step.at,
    }
}
