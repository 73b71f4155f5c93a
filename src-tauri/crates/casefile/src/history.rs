//! What a user did that can be taken back, and taking it back: decisions, vetoes, marks, notes, leads, evidence, clocks of
//! devices and what was stated of the whole case, each user's in their own order, without a limit and over restarts.
//!
//! `history` has a row for each such operation: done, undone, or passed by. Undo takes the user's newest done one, redo
//! the one undone last. To do anything new means that what was undone cannot come back. An undo is an operation of its
//! own, and moves back only what still stands as its operation left it: what somebody else did since is left alone. So
//! two people can work in turns and neither undoes the other.

use domain::{CategoryCode, LeadId, UserName, UtcTime};
use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use serde_json::{Value, json};

use crate::clock::Clocks;
use crate::decide::Decisions;
use crate::error::{CasePart, damaged};
use crate::ledger::OperationKind;
use crate::mark::{MarkKind, Marked};
use crate::model::OperationId;
use crate::moves::{self, Move, Moving};
use crate::numbers::public;
use crate::veto::Judge;
use crate::writing::Writer;
use crate::{CaseFile, Result};

/// Standing of an operation in its user's history.
pub(crate) const DONE: i64 = 0;
pub(crate) const UNDONE: i64 = 1;
/// It was undone, and then something else was done: it cannot come back.
pub(crate) const PASSED: i64 = 2;

/// Names what can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// Items were given a category.
    Decided,
    /// Items were given none.
    Cleared,
    /// Items were bookmarked.
    Bookmarked,
    /// Bookmarks were taken off.
    Unbookmarked,
    /// Items were handed over.
    HandedOver,
    /// That was taken off.
    HandoverTakenBack,
    /// Items were said not to look like known material.
    NotAlike,
    /// That was taken off.
    Alike,
    /// Items were taken out of their stack.
    OutOfStack,
    /// They were put back.
    BackInStack,
    /// A note was written or removed.
    Noted,
    /// An entry was called wrong.
    Vetoed,
    /// A lead was made.
    LeadMade,
    /// What is said of a lead was changed.
    LeadChanged,
    /// The flag "a child may be at risk now" was raised.
    RiskRaised,
    /// It was taken.
    RiskTaken,
    /// It was lowered.
    RiskLowered,
    /// Evidence was added to a lead.
    EvidenceAdded,
    /// A piece of evidence was changed.
    EvidenceChanged,
    /// Evidence was removed.
    EvidenceRemoved,
    /// Somebody said how far a device's clock is ahead.
    ClockSet,
    /// Somebody stated how the case is counted.
    QualificationStated,
}

impl StepKind {
    /// Gives the word that front doors use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Decided => "decided",
            Self::Cleared => "cleared",
            Self::Bookmarked => "bookmarked",
            Self::Unbookmarked => "unbookmarked",
            Self::HandedOver => "handed-over",
            Self::HandoverTakenBack => "handover-taken-back",
            Self::NotAlike => "not-alike",
            Self::Alike => "alike",
            Self::OutOfStack => "out-of-stack",
            Self::BackInStack => "back-in-stack",
            Self::Noted => "noted",
            Self::Vetoed => "vetoed",
            Self::LeadMade => "lead-made",
            Self::LeadChanged => "lead-changed",
            Self::RiskRaised => "risk-raised",
            Self::RiskTaken => "risk-taken",
            Self::RiskLowered => "risk-lowered",
            Self::EvidenceAdded => "evidence-added",
            Self::EvidenceChanged => "evidence-changed",
            Self::EvidenceRemoved => "evidence-removed",
            Self::ClockSet => "clock-set",
            Self::QualificationStated => "qualification-stated",
        }
    }

    fn marked(mark: MarkKind, on: bool) -> Self {
        match (mark, on) {
            (MarkKind::Bookmark, true) => Self::Bookmarked,
            (MarkKind::Bookmark, false) => Self::Unbookmarked,
            (MarkKind::Handover, true) => Self::HandedOver,
            (MarkKind::Handover, false) => Self::HandoverTakenBack,
            (MarkKind::NotAlike, true) => Self::NotAlike,
            (MarkKind::NotAlike, false) => Self::Alike,
            (MarkKind::OutOfStack, true) => Self::OutOfStack,
            (MarkKind::OutOfStack, false) => Self::BackInStack,
        }
    }
}

/// Describes something that can be taken back or done again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Operation that did it first.
    pub operation: OperationId,
    /// What it did.
    pub kind: StepKind,
    /// Category, where it decided.
    pub category: Option<CategoryCode>,
    /// Items that it changed, or pieces of evidence.
    pub items: u64,
    /// Lead, where it was about one.
    pub lead: Option<LeadId>,
    /// When.
    pub at: UtcTime,
}

impl Step {
    /// Tells a person what it did; of a veto, which names its entries, `veto` tells.
    pub(crate) fn sentence(&self) -> String {
        let count = |one: &str, more: &str| format!("{} {}", self.items, if self.items == 1 { one } else { more });
        let of_items = |what: &str| format!("{what} for {}", count("item", "items"));
        match (self.kind, &self.category) {
            (StepKind::Decided, Some(code)) => of_items(&format!("category {code}")),
            (StepKind::Decided | StepKind::Cleared, _) => of_items("no category"),
            (StepKind::Bookmarked, _) => of_items("bookmark"),
            (StepKind::Unbookmarked, _) => of_items("no bookmark"),
            (StepKind::HandedOver, _) => of_items("handover"),
            (StepKind::HandoverTakenBack, _) => of_items("no handover"),
            (StepKind::NotAlike, _) => of_items("\"not alike\""),
            (StepKind::Alike, _) => of_items("\"alike\""),
            (StepKind::OutOfStack, _) => of_items("out of the stack"),
            (StepKind::BackInStack, _) => of_items("back in the stack"),
            (StepKind::Noted, _) => of_items("note"),
            (StepKind::Vetoed, _) => of_items("veto"),
            (StepKind::LeadMade, _) => "new lead".to_owned(),
            (StepKind::LeadChanged, _) => "change of a lead".to_owned(),
            (StepKind::RiskRaised, _) => "\"a child may be at risk now\"".to_owned(),
            (StepKind::RiskTaken, _) => "taking \"a child may be at risk now\"".to_owned(),
            (StepKind::RiskLowered, _) => "no \"a child may be at risk now\"".to_owned(),
            (StepKind::EvidenceAdded, _) => format!("{} of evidence", count("new piece", "new pieces")),
            (StepKind::EvidenceChanged, _) => "change of a piece of evidence".to_owned(),
            (StepKind::EvidenceRemoved, _) => format!("removal of {} of evidence", count("piece", "pieces")),
            (StepKind::ClockSet, _) => "clock of a device".to_owned(),
            (StepKind::QualificationStated, _) => "qualification of the case".to_owned(),
        }
    }
}

/// Tells what an undo or a redo did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// The new operation.
    pub operation: OperationId,
    /// What was undone or redone, for a person.
    pub what: String,
    /// Items that changed, or leads, pieces of evidence and clocks. What somebody else did since is left as it is.
    pub items: u64,
    /// What was undone or redone, for a program.
    pub step: Step,
}

/// What one kind of step did when it was taken back or done again: the new operation, what for a person, items changed.
pub(crate) type Stepped = (i64, String, u64);

impl CaseFile {
    /// Takes back what this user did last and has not taken back; nothing is `None`.
    ///
    /// Where that was a veto, `judge` says what the rule says without it.
    pub fn undo(&self, judge: Judge<'_>, now: UtcTime) -> Result<Option<Undone>> {
        self.step(OperationKind::Undone, judge, now)
    }

    /// Does again what this user took back last, unless the user has done something else since.
    pub fn redo(&self, judge: Judge<'_>, now: UtcTime) -> Result<Option<Undone>> {
        self.step(OperationKind::Redone, judge, now)
    }

    /// Tells what `undo` and `redo` would do next, and does neither.
    pub fn undo_state(&self) -> Result<(Option<Step>, Option<Step>)> {
        self.read(|db| {
            let next = |back| -> Result<Option<Step>> {
                next_step(db, &self.inner.user, back)?.map(|of| described(db, of)).transpose()
            };
            Ok((next(true)?, next(false)?))
        })
    }

    /// Lists the numbers of the items that an operation recorded, judged, decided about, marked, took for evidence, or
    /// recorded opinions of, ascending.
    pub fn touched(&self, operation: OperationId) -> Result<Vec<u32>> {
        self.read(|db| {
            let mut all = db.prepare_cached(
                "SELECT item FROM main.change WHERE seq = ?1 UNION SELECT item FROM main.mark WHERE seq = ?1
                 UNION SELECT item FROM main.seal WHERE seq = ?1 UNION SELECT item FROM main.veto WHERE seq = ?1
                 UNION SELECT item FROM main.evidence WHERE seq = ?1 UNION SELECT item FROM main.opinion WHERE seq = ?1
                 ORDER BY item",
            )?;
            let mut rows = all.query([operation.0.cast_signed()])?;
            let mut items = Vec::new();
            while let Some(row) = rows.next()? {
                items.push(public(row.get(0)?)?);
            }
            Ok(items)
        })
    }

    fn step(&self, kind: OperationKind, judge: Judge<'_>, now: UtcTime) -> Result<Option<Undone>> {
        let back = kind == OperationKind::Undone;
        self.write(if back { "undo" } else { "redo" }, |writer| {
            let Some(of) = next_step(writer.db(), &self.inner.user, back)? else { return Ok(None) };
            let step = described(writer.db(), of)?;
            let (seq, what, items) = match step.kind {
                StepKind::Vetoed => self.step_veto(writer, &step, kind, judge, now)?,
                StepKind::Decided | StepKind::Cleared => {
                    self.step_moves::<Decisions>(writer, &step, kind, |db, what, moves| {
                        self.move_all(db, kind, what, moves, None, now)
                    })?
                }
                StepKind::Bookmarked
                | StepKind::Unbookmarked
                | StepKind::HandedOver
                | StepKind::HandoverTakenBack
                | StepKind::NotAlike
                | StepKind::Alike
                | StepKind::OutOfStack
                | StepKind::BackInStack
                | StepKind::Noted => self.step_moves::<Marked>(writer, &step, kind, |db, what, moves| {
                    self.put_marks(db, kind, what, moves, now)
                })?,
                StepKind::LeadMade
                | StepKind::LeadChanged
                | StepKind::RiskRaised
                | StepKind::RiskTaken
                | StepKind::RiskLowered
                | StepKind::EvidenceAdded
                | StepKind::EvidenceChanged
                | StepKind::EvidenceRemoved => self.step_lead(writer, &step, kind, now)?,
                StepKind::ClockSet => self.step_moves::<Clocks>(writer, &step, kind, |db, what, moves| {
                    self.put_clock(db, kind, what, moves, now)
                })?,
                StepKind::QualificationStated => self.step_qualification(writer, &step, kind, now)?,
            };
            writer.purge()?;
            Ok(Some(Undone { operation: OperationId(seq.unsigned_abs()), what, items, step }))
        })
    }

    /// Takes back what an operation moved of one kind of things, or does it again, where they still stand as they were left.
    /// `put` appends the operation that does so.
    fn step_moves<T: Moving>(
        &self,
        writer: &mut Writer,
        step: &Step,
        kind: OperationKind,
        put: impl FnOnce(&Connection, Value, &[Move<T>]) -> Result<i64>,
    ) -> Result<Stepped> {
        let of = step.operation.0.cast_signed();
        writer.ground(|db| {
            let (moves, all) = moves::turned::<T>(db, of, kind)?;
            // Only a decision can be about no item.
            if all == 0 && !matches!(step.kind, StepKind::Decided | StepKind::Cleared) {
                return Err(damaged(CasePart::Ground));
            }
            let seq = put(db, json!({ "of": of, "left_alone": all - moves.len() }), &moves)?;
            stepped(db, of, kind)?;
            Ok((seq, step.sentence(), moves.len() as u64))
        })
    }

    /// Notes that the user did something that can be taken back, within the transaction that does it.
    pub(crate) fn did(&self, db: &Connection, seq: i64) -> Result<()> {
        let who = self.inner.user.as_str();
        db.prepare_cached("UPDATE main.history SET standing = ?2 WHERE who = ?1 AND standing = ?3")?
            .execute((who, PASSED, UNDONE))?;
        db.prepare_cached("INSERT INTO main.history VALUES(?1, ?2, ?3)")?.execute((seq, who, DONE))?;
        Ok(())
    }
}

/// Notes that an operation was taken back or done again, within the transaction that does it.
pub(crate) fn stepped(db: &Connection, of: i64, kind: OperationKind) -> Result<()> {
    let standing = if kind == OperationKind::Undone { UNDONE } else { DONE };
    db.prepare_cached("UPDATE main.history SET standing = ?2 WHERE seq = ?1")?.execute((of, standing))?;
    Ok(())
}

/// Finds the operation to undo (the newest done) or to redo (the one undone last, which is the oldest undone).
fn next_step(db: &Connection, user: &UserName, back: bool) -> Result<Option<i64>> {
    let (order, standing) = if back { ("DESC", DONE) } else { ("ASC", UNDONE) };
    Ok(db
        .prepare_cached(&format!(
            "SELECT seq FROM main.history WHERE who = ?1 AND standing = ?2 ORDER BY seq {order} LIMIT 1"
        ))?
        .query_row((user.as_str(), standing), |row| row.get(0))
        .optional()?)
}

/// Reads what an operation did from its row in the ledger.
fn described(db: &Connection, of: i64) -> Result<Step> {
    let broken = || damaged(CasePart::Ground);
    let (kind, detail, at): (String, String, i64) = db
        .prepare_cached("SELECT kind, detail, at FROM main.ledger WHERE seq = ?1")?
        .query_row([of], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let detail: Value = serde_json::from_str(&detail).map_err(|_| broken())?;
    let category = detail["what"]["category"].as_str().map(|code| CategoryCode(code.to_owned()));
    let kind = match OperationKind::ALL.into_iter().find(|known| known.as_str() == kind).ok_or_else(broken)? {
        OperationKind::Decided if category.is_some() => StepKind::Decided,
        OperationKind::Decided => StepKind::Cleared,
        OperationKind::Marked => {
            let mark = detail["what"]["mark"].as_str().and_then(MarkKind::from_word).ok_or_else(broken)?;
            StepKind::marked(mark, detail["what"]["on"].as_bool().ok_or_else(broken)?)
        }
        OperationKind::NoteWritten => StepKind::Noted,
        OperationKind::Vetoed => StepKind::Vetoed,
        OperationKind::LeadMade => StepKind::LeadMade,
        OperationKind::LeadChanged => StepKind::LeadChanged,
        OperationKind::LeadRisk => match detail["what"]["risk"].as_str() {
            Some("now") => StepKind::RiskRaised,
            Some("taken") => StepKind::RiskTaken,
            Some("none") => StepKind::RiskLowered,
            _ => return Err(broken()),
        },
        OperationKind::EvidenceAdded => StepKind::EvidenceAdded,
        OperationKind::EvidenceChanged => StepKind::EvidenceChanged,
        OperationKind::EvidenceRemoved => StepKind::EvidenceRemoved,
        OperationKind::ClockSet => StepKind::ClockSet,
        OperationKind::QualificationStated => StepKind::QualificationStated,
        _ => return Err(broken()),
    };
    // A veto is about one item, and its row in the ledger does not count it.
    let items = if kind == StepKind::Vetoed { 1 } else { detail["items"].as_u64().ok_or_else(broken)? };
    let lead = detail["what"]["lead"].as_u64().and_then(|lead| u32::try_from(lead).ok()).map(LeadId);
    Ok(Step { operation: OperationId(of.unsigned_abs()), kind, category, items, lead, at: UtcTime(at) })
}
