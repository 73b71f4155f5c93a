//! Marks and notes: what people say of an item beside its category.
//!
//! A mark or a note in force is named by the operation that set it (`marked`). Each operation that sets, takes off,
//! writes, undoes or redoes adds a row of `mark` for every item that it moves: from which operation, to which, or none. A
//! note is a mark with a text, which stands in the row of the operation that wrote it; so all notes are kept, and the
//! newest that was not taken back holds.

use domain::{Sha256, UserName, UtcTime};
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::canon::Canon;
use crate::decide::{DECIDED_MAX, LISTED_MAX};
use crate::error::{CasePart, damaged};
use crate::history::{self, Step, Stepped};
use crate::ledger::{self, OperationKind};
use crate::model::OperationId;
use crate::writing::Writer;
use crate::{CaseFile, CasefileError, Result, numbers};

/// Most characters in one note.
pub const NOTE_CHARS_MAX: usize = 10_000;
/// `mark.kind` of a note.
pub(crate) const NOTE: &str = "note";

/// Names the marks that an item can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MarkKind {
    /// Bookmarked.
    Bookmark,
    /// Handed over to a colleague.
    Handover,
    /// It does not look like the known material that a set suggests.
    NotAlike,
    /// It was taken out of its stack.
    OutOfStack,
}

impl MarkKind {
    /// Lists all marks.
    pub const ALL: [Self; 4] = [Self::Bookmark, Self::Handover, Self::NotAlike, Self::OutOfStack];

    /// Gives the word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bookmark => "bookmark",
            Self::Handover => "handover",
            Self::NotAlike => "not-alike",
            Self::OutOfStack => "out-of-stack",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mark| mark.as_str() == word)
    }
}

/// Holds the marks of one item.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Marks(u8);

impl Marks {
    /// Tells whether the item has a mark.
    pub fn has(self, mark: MarkKind) -> bool {
        self.0 >> mark as u8 & 1 == 1
    }

    /// Tells whether it has none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Gives the marks, in the order of [`MarkKind::ALL`].
    pub fn iter(self) -> impl Iterator<Item = MarkKind> {
        MarkKind::ALL.into_iter().filter(move |mark| self.has(*mark))
    }

    pub(crate) fn add(&mut self, mark: MarkKind) {
        self.0 |= 1 << mark as u8;
    }
}

/// Describes one change of a mark of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MarkChange {
    /// Operation.
    pub operation: OperationId,
    /// `Marked`, `Undone` or `Redone`.
    pub kind: OperationKind,
    /// When.
    pub at: UtcTime,
    /// By whom.
    pub by: UserName,
    /// Which mark.
    pub mark: MarkKind,
    /// Whether the item has it after that.
    pub on: bool,
}

/// Describes one change of the note of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoteRow {
    /// Operation.
    pub operation: OperationId,
    /// `NoteWritten`, `Undone` or `Redone`.
    pub kind: OperationKind,
    /// When.
    pub at: UtcTime,
    /// By whom.
    pub by: UserName,
    /// Text that holds after that; empty where none does.
    pub text: String,
}

impl CaseFile {
    /// Sets a mark of items, or takes it off, in one operation. `None` when each of them has it so already.
    pub fn mark(&self, items: &[u32], mark: MarkKind, on: bool, now: UtcTime) -> Result<Option<OperationId>> {
        if items.len() > DECIDED_MAX {
            return Err(CasefileError::Limit { what: "items to mark", max: DECIDED_MAX });
        }
        self.write("mark items", |writer| {
            let wanted = numbers::known(writer.db(), items)?;
            writer.ground(|db| {
                let seq = self.next_number(db)?;
                let mut moves = Vec::new();
                for item in wanted {
                    let before = in_force(db, item, mark.as_str())?;
                    if before.is_some() != on {
                        moves.push(MarkMove { item, before, after: on.then_some(seq) });
                    }
                }
                if moves.is_empty() {
                    return Ok(None);
                }
                let what = json!({ "mark": mark, "on": on });
                let marking = Marking { kind: mark.as_str(), text: None, moves };
                self.put_marks(db, OperationKind::Marked, what, &marking, now)?;
                self.did(db, seq)?;
                Ok(Some(OperationId(seq.unsigned_abs())))
            })
        })
    }

    /// Writes the note of an item in place of the one before, which is kept; an empty text removes it. `None` when the
    /// item has that note already.
    pub fn write_note(&self, item: u32, text: &str, now: UtcTime) -> Result<Option<OperationId>> {
        if text.chars().count() > NOTE_CHARS_MAX {
            return Err(CasefileError::Limit { what: "characters of a note", max: NOTE_CHARS_MAX });
        }
        self.write("write a note", |writer| {
            let wanted = numbers::known(writer.db(), &[item])?;
            writer.ground(|db| {
                let seq = self.next_number(db)?;
                let mut moves = Vec::new();
                for item in wanted {
                    let before = in_force(db, item, NOTE)?;
                    let stands = before.map_or(Ok(None), |seq| note_text(db, item, seq))?;
                    if stands.as_deref().unwrap_or_default() != text {
                        moves.push(MarkMove { item, before, after: (!text.is_empty()).then_some(seq) });
                    }
                }
                if moves.is_empty() {
                    return Ok(None);
                }
                let what = json!({ "mark": NOTE, "characters": text.chars().count() });
                let marking = Marking { kind: NOTE, text: Some(text).filter(|text| !text.is_empty()), moves };
                self.put_marks(db, OperationKind::NoteWritten, what, &marking, now)?;
                self.did(db, seq)?;
                Ok(Some(OperationId(seq.unsigned_abs())))
            })
        })
    }

    /// Takes marks or a note back, or puts them there again, where they still stand as they were left.
    pub(crate) fn step_mark(
        &self,
        writer: &mut Writer,
        step: &Step,
        kind: OperationKind,
        now: UtcTime,
    ) -> Result<Stepped> {
        let of = step.operation.0.cast_signed();
        writer.ground(|db| {
            let rows = marks_at(db, of)?;
            let word = rows.first().map(|row| row.kind.clone()).ok_or_else(|| damaged(CasePart::Ground))?;
            let mut moves = Vec::with_capacity(rows.len());
            for row in &rows {
                let MarkMove { item, before, after } = row.step;
                let (from, to) = if kind == OperationKind::Undone { (after, before) } else { (before, after) };
                if in_force(db, item, &row.kind)? == from {
                    moves.push(MarkMove { item, before: from, after: to });
                }
            }
            let what = json!({ "of": of, "left_alone": rows.len() - moves.len() });
            let marking = Marking { kind: &word, text: None, moves };
            let seq = self.put_marks(db, kind, what, &marking, now)?;
            history::stepped(db, of, kind)?;
            Ok((seq, step.sentence(), marking.moves.len() as u64))
        })
    }

    /// Gives the number that the next operation gets.
    pub(crate) fn next_number(&self, db: &Connection) -> Result<i64> {
        Ok(ledger::head(db, &self.inner.info.case_id)?.0 + 1)
    }

    /// Appends the operation and its rows, and moves what is in force.
    fn put_marks(
        &self,
        db: &Connection,
        kind: OperationKind,
        what: Value,
        marking: &Marking<'_>,
        now: UtcTime,
    ) -> Result<i64> {
        let mut canon = Canon::new(canon_tag(kind));
        marking.moves.iter().for_each(|step| step.add_to(&mut canon, marking.kind, marking.text));
        let mut detail = json!({ "what": what, "items": marking.moves.len(), "sha256": canon.finish() });
        if marking.moves.len() <= LISTED_MAX {
            detail["changes"] = listed(db, &marking.moves)?;
        }
        let seq = self.append(db, kind, &detail, now)?;
        let mut add = db.prepare_cached("INSERT INTO main.mark VALUES(?1, ?2, ?3, ?4, ?5, ?6)")?;
        let mut set = db.prepare_cached(
            "INSERT INTO main.marked VALUES(?1, ?2, ?3) ON CONFLICT(item, kind) DO UPDATE SET seq = ?3",
        )?;
        let mut take_off = db.prepare_cached("DELETE FROM main.marked WHERE item = ?1 AND kind = ?2")?;
        for step in &marking.moves {
            add.execute((seq, step.item, marking.kind, step.before, step.after, marking.text))?;
            match step.after {
                Some(by) => set.execute((step.item, marking.kind, by))?,
                None => take_off.execute((step.item, marking.kind))?,
            };
        }
        Ok(seq)
    }
}

/// The digest of an undo or a redo begins as that of decisions does, whatever it takes back.
fn canon_tag(kind: OperationKind) -> &'static str {
    match kind {
        OperationKind::Undone | OperationKind::Redone => "zeef changes 1",
        _ => "zeef marks 1",
    }
}

/// What one operation does to one kind of mark.
struct Marking<'a> {
    kind: &'a str,
    text: Option<&'a str>,
    moves: Vec<MarkMove>,
}

/// Moves a mark of one item from the operation that set it to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MarkMove {
    pub item: i64,
    pub before: Option<i64>,
    pub after: Option<i64>,
}

impl MarkMove {
    fn add_to(&self, canon: &mut Canon, kind: &str, text: Option<&str>) {
        canon.bytes(b"mark").number(self.item).bytes(kind.as_bytes());
        canon.maybe_number(self.before).maybe_number(self.after).maybe_bytes(text.map(str::as_bytes));
    }
}

/// A row of `mark`.
pub(crate) struct MarkRow {
    pub kind: String,
    pub step: MarkMove,
    text: Option<String>,
}

impl MarkRow {
    /// Adds the row to the digest of its operation.
    pub fn add_to(&self, canon: &mut Canon) {
        self.step.add_to(canon, &self.kind, self.text.as_deref());
    }
}

/// Reads the rows of an operation, by item.
pub(crate) fn marks_at(db: &Connection, seq: i64) -> Result<Vec<MarkRow>> {
    let mut all =
        db.prepare_cached("SELECT item, kind, before, after, text FROM main.mark WHERE seq = ?1 ORDER BY item")?;
    let rows = all.query_map([seq], |row| {
        let step = MarkMove { item: row.get(0)?, before: row.get(2)?, after: row.get(3)? };
        Ok(MarkRow { kind: row.get(1)?, step, text: row.get(4)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Finds the operation that set a mark that an item has.
fn in_force(db: &Connection, item: i64, kind: &str) -> Result<Option<i64>> {
    Ok(db
        .prepare_cached("SELECT seq FROM main.marked WHERE item = ?1 AND kind = ?2")?
        .query_row((item, kind), |row| row.get(0))
        .optional()?)
}

fn note_text(db: &Connection, item: i64, seq: i64) -> Result<Option<String>> {
    Ok(db
        .prepare_cached("SELECT text FROM main.mark WHERE seq = ?1 AND item = ?2")?
        .query_row((seq, item), |row| row.get(0))
        .optional()?
        .flatten())
}

/// Lists item, and by which operation it had and has the mark, for the ledger's reader. A note's text stands in its row
/// alone.
fn listed(db: &Connection, moves: &[MarkMove]) -> Result<Value> {
    let mut one = db.prepare_cached("SELECT sha256 FROM main.item WHERE id = ?1")?;
    let mut list = Vec::with_capacity(moves.len());
    for step in moves {
        let sha256: [u8; 32] = one.query_row([step.item], |row| row.get(0))?;
        list.push(json!({ "sha256": Sha256(sha256), "before": step.before, "after": step.after }));
    }
    Ok(list.into())
}

/// Reads the changes of an item's marks and of its note, first to last.
pub(crate) fn story(db: &Connection, item: i64) -> Result<(Vec<MarkChange>, Vec<NoteRow>)> {
    let broken = || damaged(CasePart::Ground);
    let mut all = db.prepare_cached(
        "SELECT m.seq, l.kind, l.at, l.who, m.kind, m.after, t.text FROM main.mark m
         JOIN main.ledger l ON l.seq = m.seq LEFT JOIN main.mark t ON t.seq = m.after AND t.item = m.item
         WHERE m.item = ?1 ORDER BY m.seq",
    )?;
    let mut rows = all.query([item])?;
    let (mut marks, mut notes) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let operation = OperationId(row.get::<_, i64>(0)?.unsigned_abs());
        let kind: String = row.get(1)?;
        let kind = OperationKind::ALL.into_iter().find(|known| known.as_str() == kind).ok_or_else(broken)?;
        let at = UtcTime(row.get(2)?);
        let by = row.get::<_, String>(3)?.parse().map_err(|_| broken())?;
        let word: String = row.get(4)?;
        if word == NOTE {
            notes.push(NoteRow { operation, kind, at, by, text: row.get::<_, Option<String>>(6)?.unwrap_or_default() });
        } else {
            let mark = MarkKind::from_word(&word).ok_or_else(broken)?;
            marks.push(MarkChange { operation, kind, at, by, mark, on: row.get::<_, Option<i64>>(5)?.is_some() });
        }
    }
    Ok((marks, notes))
}
