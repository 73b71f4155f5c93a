//! Marks and notes: what people say of an item beside its category.
//!
//! A mark or a note in force is named by the operation that set it (`marked`); each operation that sets, takes off, writes,
//! undoes or redoes adds a row of `mark` for every item that it moves: see `moves`. A note is a mark with a text, which
//! stands in the row of the operation that wrote it; so all notes are kept, and the newest that was not taken back holds.

use domain::{Sha256, UserName, UtcTime};
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::decide::{DECIDED_MAX, LISTED_MAX};
use crate::error::{CasePart, damaged};
use crate::ledger::{self, OperationKind};
use crate::model::OperationId;
use crate::moves::{self, Move, Moving};
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
                    let of = (item, mark.as_str().to_owned());
                    let before = moves::in_force::<Marked>(db, &of)?;
                    if before.is_some() != on {
                        moves.push(MarkMove { of, before, after: on.then_some(seq), says: None });
                    }
                }
                if moves.is_empty() {
                    return Ok(None);
                }
                let what = json!({ "mark": mark, "on": on });
                self.put_marks(db, OperationKind::Marked, what, &moves, now)?;
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
                    let of = (item, NOTE.to_owned());
                    let before = moves::in_force::<Marked>(db, &of)?;
                    let stands = before.map_or(Ok(None), |seq| note_text(db, item, seq))?;
                    if stands.as_deref().unwrap_or_default() != text {
                        let says = Some(text.to_owned()).filter(|text| !text.is_empty());
                        moves.push(MarkMove { of, before, after: says.as_ref().map(|_| seq), says });
                    }
                }
                if moves.is_empty() {
                    return Ok(None);
                }
                let what = json!({ "mark": NOTE, "characters": text.chars().count() });
                self.put_marks(db, OperationKind::NoteWritten, what, &moves, now)?;
                self.did(db, seq)?;
                Ok(Some(OperationId(seq.unsigned_abs())))
            })
        })
    }

    /// Gives the number that the next operation gets.
    pub(crate) fn next_number(&self, db: &Connection) -> Result<i64> {
        Ok(ledger::head(db, &self.inner.info.case_id)?.0 + 1)
    }

    /// Appends the operation and its rows, and moves what is in force.
    pub(crate) fn put_marks(
        &self,
        db: &Connection,
        kind: OperationKind,
        what: Value,
        moves: &[MarkMove],
        now: UtcTime,
    ) -> Result<i64> {
        let mut canon = moves::canon(kind);
        moves.iter().for_each(|step| step.add_to(&mut canon));
        let mut detail = json!({ "what": what, "items": moves.len(), "sha256": canon.finish() });
        if moves.len() <= LISTED_MAX {
            detail["changes"] = listed(db, moves)?;
        }
        let seq = self.append(db, kind, &detail, now)?;
        moves::put(db, seq, moves)?;
        Ok(seq)
    }
}

/// Marks and notes: by item and the word of the mark, which operation set it. A note has a text.
pub(crate) enum Marked {}

impl Moving for Marked {
    type Key = (i64, String);
    type Says = Option<String>;
    const WORD: Option<&'static str> = Some("mark");
    const MOVES: &'static str = "mark";
    const KEY: &'static [&'static str] = &["item", "kind"];
    const ID_COLUMNS: usize = 2;
    const IN_FORCE: &'static str = "marked";
    const BY: &'static str = "seq";
}

/// Moves a mark of one item from the operation that set it to another one.
pub(crate) type MarkMove = Move<Marked>;

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
        let sha256: [u8; 32] = one.query_row([step.of.0], |row| row.get(0))?;
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
