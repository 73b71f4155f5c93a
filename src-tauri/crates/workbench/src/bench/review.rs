//! What the window asks of the open case: views, items, decisions, figures, pictures. Each answer is the session's or the
//! pictures' own; here it is only found out whether there is a case to ask.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::Bench;
use super::entry::Open;
use super::jobs::Which;
use crate::pictures::{Reply, Served};
use crate::view::detail::{DayView, ItemDetail, NoticeView, NumbersView, Strip};
use crate::view::grid::{
    DecideDone, DecidePreview, Facets, HiddenLine, Mark, NoteDraft, Others, RefusedList, SavedView, Target, Tile,
    UndoLabel, UndoState, ViewHead, ViewQuery,
};
use crate::view::window::{RevealForm, Ticket, WindowError};
use crate::{Error, Session, Setting};

/// HTTP status of what is not there.
const NOT_FOUND: u16 = 404;
/// Word of a step that takes a veto back, or speaks it again.
const VETOED: &str = "vetoed";

impl Bench {
    /// Tells what always stands at the foot of the window.
    pub fn strip(&self) -> Result<Strip, WindowError> {
        self.ask(|session| session.strip())
    }

    /// Opens a view.
    pub fn view_open(&self, query: ViewQuery, anchor: Option<u32>) -> Result<ViewHead, WindowError> {
        self.ask(|session| session.view_open(&query, anchor))
    }

    /// Makes a view anew.
    pub fn view_refresh(&self, view: u32, anchor: Option<u32>) -> Result<ViewHead, WindowError> {
        self.ask(|session| session.view_refresh(view, anchor))
    }

    /// Tells of a view as it is.
    pub fn view_head(&self, view: u32) -> Result<ViewHead, WindowError> {
        self.ask(|session| session.view_head(view))
    }

    /// Closes a view.
    pub fn view_close(&self, view: u32) -> Result<(), WindowError> {
        self.ask(|session| {
            session.view_close(view);
            Ok(())
        })
    }

    /// Gives a run of tiles.
    pub fn view_tiles(&self, view: u32, start: u32, count: u32) -> Result<Vec<Tile>, WindowError> {
        self.ask(|session| session.view_tiles(view, start, count))
    }

    /// Gives the numbers of the items of a run of tiles.
    pub fn view_numbers(&self, view: u32, start: u32, count: u32) -> Result<Vec<u32>, WindowError> {
        self.ask(|session| session.view_numbers(view, start, count))
    }

    /// Finds the place of an item in a view.
    pub fn view_index(&self, view: u32, number: u32) -> Result<Option<u32>, WindowError> {
        self.ask(|session| session.view_index(view, number))
    }

    /// Finds the next undecided item after a place, wrapping round.
    pub fn view_next_undecided(&self, view: u32, after: u32) -> Result<Option<u32>, WindowError> {
        self.ask(|session| session.view_next_undecided(view, after))
    }

    /// Counts what the filter pane shows.
    pub fn facets(&self, query: ViewQuery) -> Result<Facets, WindowError> {
        self.ask(|session| session.facets(&query))
    }

    /// Lists the views that this person keeps.
    pub fn saved_views(&self) -> Result<Vec<SavedView>, WindowError> {
        self.ask(|session| session.saved_views())
    }

    /// Keeps a view under its name.
    pub fn saved_view_put(&self, view: SavedView) -> Result<(), WindowError> {
        self.ask(|session| session.saved_view_put(view))
    }

    /// Keeps a view no longer.
    pub fn saved_view_remove(&self, name: &str) -> Result<(), WindowError> {
        self.ask(|session| session.saved_view_remove(name))
    }

    /// Gives a run of hidden items, as text.
    pub fn hidden_lines(&self, view: u32, start: u32, count: u32) -> Result<Vec<HiddenLine>, WindowError> {
        self.ask(|session| session.hidden_lines(view, start, count))
    }

    /// Lists what could not be read or decoded.
    pub fn refused_list(&self, start: u32, count: u32) -> Result<RefusedList, WindowError> {
        self.ask(|session| session.refused_list(start, count))
    }

    /// Tells all that the panel shows of one item.
    pub fn item(&self, number: u32) -> Result<ItemDetail, WindowError> {
        self.ask(|session| session.item(number))
    }

    /// Finds an item by its SHA-256.
    pub fn item_number(&self, sha256: &str) -> Result<Option<u32>, WindowError> {
        self.ask(|session| session.item_number(sha256))
    }

    /// Tells what a decision would do.
    pub fn decide_preview(&self, target: &Target, category: Option<&str>) -> Result<DecidePreview, WindowError> {
        self.ask(|session| session.decide_preview(target, category))
    }

    /// Decides; durable when this returns.
    pub fn decide(
        &self,
        target: &Target,
        category: Option<&str>,
        others: Others,
        note: Option<&str>,
    ) -> Result<DecideDone, WindowError> {
        self.ask(|session| session.decide(target, category, others, note))
    }

    /// Sets a mark, or takes it off.
    pub fn mark(&self, target: &Target, mark: Mark, on: bool) -> Result<DecideDone, WindowError> {
        self.ask(|session| session.mark(target, mark, on))
    }

    /// Writes a note; an empty one removes it.
    pub fn note(&self, number: u32, text: &str) -> Result<(), WindowError> {
        self.ask(|session| session.note(number, text))
    }

    /// Lists what this person has written of notes and not saved.
    pub fn note_drafts(&self) -> Result<Vec<NoteDraft>, WindowError> {
        self.ask(|session| session.note_drafts())
    }

    /// Keeps what is written of the note of an item; `None` forgets it.
    pub fn note_draft(&self, number: u32, text: Option<String>) -> Result<(), WindowError> {
        self.ask(|session| session.note_draft(number, text))
    }

    /// Takes back what this person did last.
    pub fn undo(&self) -> Result<Option<UndoLabel>, WindowError> {
        let open = self.inner.open()?;
        let label = open.session.undo()?;
        if label.as_ref().is_some_and(|label| label.what == VETOED) {
            self.judged_by_hand(&open);
        }
        Ok(label)
    }

    /// Does again what this person took back last.
    pub fn redo(&self) -> Result<Option<UndoLabel>, WindowError> {
        let open = self.inner.open()?;
        let label = open.session.redo()?;
        if label.as_ref().is_some_and(|label| label.what == VETOED) {
            self.judged_by_hand(&open);
        }
        Ok(label)
    }

    /// Tells what undo and redo would do next.
    pub fn undo_state(&self) -> Result<UndoState, WindowError> {
        self.ask(|session| session.undo_state())
    }

    /// Shows a hidden item again: what hides it is called wrong about it.
    pub fn show_again(&self, number: u32, reason: &str) -> Result<(), WindowError> {
        let open = self.inner.open()?;
        let stop = AtomicBool::new(false);
        let setting = Setting {
            decoder: self.inner.around.decoder.clone(),
            threads: 1,
            now: &*self.inner.around.now,
            stop: &stop,
            pause: None,
            progress: &|_| {},
        };
        open.session.show_again(number, reason, &setting)?;
        self.judged_by_hand(&open);
        Ok(())
    }

    /// Lists notices of what new versions of sets say otherwise.
    pub fn notices(&self, unread_only: bool) -> Result<Vec<NoticeView>, WindowError> {
        self.ask(|session| session.notices(unread_only))
    }

    /// Marks notices as read.
    pub fn notices_read(&self, notices: &[u32]) -> Result<(), WindowError> {
        self.ask(|session| session.notices_read(notices))
    }

    /// Tells the figures of the case.
    pub fn numbers(&self) -> Result<NumbersView, WindowError> {
        self.ask(|session| session.numbers())
    }

    /// Tells a person of the own day.
    pub fn day(&self) -> Result<DayView, WindowError> {
        self.ask(|session| session.day())
    }

    /// Notes that this person took a break.
    pub fn break_taken(&self) -> Result<(), WindowError> {
        self.ask(|session| session.break_taken())
    }

    /// Draws a ticket for one clear picture.
    pub fn reveal(&self, form: RevealForm) -> Result<Ticket, WindowError> {
        Ok(self.inner.open()?.pictures.reveal(&form)?)
    }

    /// Takes a ticket back.
    pub fn reveal_end(&self, ticket: &str) -> Result<(), WindowError> {
        // Where the case was closed or locked meanwhile, nothing of it is left.
        if let Ok(open) = self.inner.open() {
            open.pictures.reveal_end(ticket);
        }
        Ok(())
    }

    /// Answers a path of `media:`, now or later; without an open case there is nothing. Does not wait.
    pub fn fetch(&self, path: &str, reply: Reply) {
        match self.inner.open() {
            Ok(open) => open.pictures.fetch(path, reply),
            Err(_) => reply(Served { status: NOT_FOUND, mime: "text/plain", bytes: Vec::new() }),
        }
    }

    /// Notes that a person said, or took back, that an entry is wrong, where a job is at work that began without knowing.
    fn judged_by_hand(&self, open: &Open) {
        if !self.inner.jobs.wait_until_over(Which::OfCase, Duration::ZERO) {
            open.vetoed.store(true, Ordering::Relaxed);
        }
    }

    /// Asks the session of the case that is open.
    pub(super) fn ask<T>(&self, question: impl FnOnce(&Session) -> Result<T, Error>) -> Result<T, WindowError> {
        Ok(question(&self.inner.open()?.session)?)
    }
}
