//! Notes that are written and not saved yet: private values of the person in the case.
//!
//! They stand in the case and not in memory, so that a lock, which drops everything, a blank page and a kill lose none of
//! them, and nobody but this person is offered one. They are encrypted with all the rest; the ledger does not tell of them.

use super::Session;
use crate::view::grid::NoteDraft;
use crate::{Code, Error};

/// Name under which they are kept.
const KEY: &str = "note-drafts";
/// Most drafts that are kept; of more, the oldest go.
pub const NOTE_DRAFTS_MAX: usize = 50;
/// Longest draft.
pub const NOTE_DRAFT_BYTES_MAX: usize = 16 << 10;

impl Session {
    /// Lists what this person has written of notes and not saved, the newest last.
    pub fn note_drafts(&self) -> Result<Vec<NoteDraft>, Error> {
        let Some(text) = self.case.personal(KEY)? else { return Ok(Vec::new()) };
        // What an older or newer program kept in another form is left alone until something is kept anew.
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }

    /// Keeps what is written of the note of an item; `None` forgets it.
    pub fn note_draft(&self, number: u32, text: Option<String>) -> Result<(), Error> {
        if text.as_ref().is_some_and(|text| text.len() > NOTE_DRAFT_BYTES_MAX) {
            let message = format!("A note has at most {NOTE_DRAFT_BYTES_MAX} bytes.");
            return Err(Error::new(Code::BadInput, message, "Make it shorter."));
        }
        let _one_at_a_time = self.deciding.lock();
        let before = self.note_drafts()?;
        let mut drafts: Vec<NoteDraft> = before.iter().filter(|draft| draft.number != number).cloned().collect();
        drafts.extend(text.map(|text| NoteDraft { number, text }));
        if drafts == before {
            return Ok(());
        }
        drafts.drain(..drafts.len().saturating_sub(NOTE_DRAFTS_MAX));
        let text = serde_json::to_string(&drafts)
            .map_err(|error| Error::new(Code::Internal, "The note cannot be kept.", "Try again.").with_detail(error))?;
        let kept = Some(text.as_str()).filter(|_| !drafts.is_empty());
        Ok(self.case.put_personal(KEY, kept, self.now())?)
    }
}
