//! Decisions of people: the rows of `decision`, `change`, `current` and `history`. Undo is another operation.
//!
//! `history` has a row for each deciding operation: standing 0, in force and to be undone; 1, undone and to be redone; 2,
//! undone and past redoing, because its author has decided something else since.

use std::collections::HashSet;

use domain::{CategoryCode, Sha256, UtcTime};
use rusqlite::{Connection, OptionalExtension};
use serde_json::json;

use crate::canon::Canon;
use crate::error::{CasePart, damaged};
use crate::ledger::OperationKind;
use crate::model::{OperationId, Undone};
use crate::{CaseFile, CasefileError, Result};

/// Most items that one decision may touch.
pub const DECIDED_MAX: usize = 1_000_000;

/// Standing of an operation that can be undone.
pub(crate) const IN_FORCE: i64 = 0;
/// Standing of an operation that can be redone.
pub(crate) const UNDONE: i64 = 1;
/// Standing of an operation that can be neither.
pub(crate) const PAST: i64 = 2;

/// What one operation does to one item: numbers of decisions; none is undecided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Change {
    pub item: i64,
    pub before: Option<i64>,
    pub after: Option<i64>,
}

impl CaseFile {
    /// Gives items a category of the case's scheme, or clears theirs, as one operation.
    ///
    /// A hidden item that is decided is shown from then on; cleared, it stands where the rule puts it again. The user's
    /// redo is emptied.
    pub fn decide(
        &self,
        items: &[Sha256],
        category: Option<CategoryCode>,
        note: Option<&str>,
        now: UtcTime,
    ) -> Result<OperationId> {
        if items.len() > DECIDED_MAX {
            return Err(CasefileError::Limit { what: "items to decide", max: DECIDED_MAX });
        }
        if let Some(code) = &category
            && !self.inner.info.scheme.categories.iter().any(|known| known.code == *code)
        {
            let scheme = self.inner.info.scheme.id.clone();
            return Err(CasefileError::NoSuchCategory { code: code.clone(), scheme });
        }
        self.write("decide", |writer| {
            let seq = writer.ground(|db| {
                let ids = ids_of(db, items)?;
                let mut next: i64 =
                    db.query_row("SELECT coalesce(max(id), 0) + 1 FROM main.decision", [], |row| row.get(0))?;
                let mut changes = Vec::with_capacity(ids.len());
                for item in ids {
                    let before = current(db, item)?;
                    let after = category.as_ref().map(|_| next);
                    if before.is_none() && after.is_none() {
                        continue;
                    }
                    next += i64::from(after.is_some());
                    changes.push(Change { item, before, after });
                }
                let detail = json!({
                    "category": category, "note": note, "items": changes.len(),
                    "sha256": digest(&changes, category.as_ref(), note),
                });
                let seq = self.append(db, OperationKind::Decided, &detail, now)?;
                if let Some(code) = &category {
                    let mut insert = db.prepare_cached("INSERT INTO main.decision VALUES(?1, ?2, ?3, ?4, ?5)")?;
                    for change in &changes {
                        insert.execute((change.after, seq, change.item, &code.0, note))?;
                    }
                }
                apply(db, seq, &changes)?;
                let who = self.inner.user.as_str();
                db.execute(
                    "UPDATE main.history SET standing = ?1 WHERE who = ?2 AND standing = ?3",
                    (PAST, who, UNDONE),
                )?;
                db.execute("INSERT INTO main.history VALUES(?1, ?2, ?3)", (seq, who, IN_FORCE))?;
                Ok(seq)
            })?;
            // What is cleared may be hidden again, and then nothing of it stays decoded.
            writer.purge()?;
            Ok(OperationId(seq.unsigned_abs()))
        })
    }

    /// Takes back this user's newest decision. What somebody else has decided since about an item stays.
    pub fn undo(&self, now: UtcTime) -> Result<Option<Undone>> {
        let newest = "SELECT max(seq) FROM main.history WHERE who = ?1 AND standing = ?2";
        self.turn(now, newest, OperationKind::Undone)
    }

    /// Does again what this user took back last.
    pub fn redo(&self, now: UtcTime) -> Result<Option<Undone>> {
        let oldest = "SELECT min(seq) FROM main.history WHERE who = ?1 AND standing = ?2";
        self.turn(now, oldest, OperationKind::Redone)
    }

    fn turn(&self, now: UtcTime, which: &str, kind: OperationKind) -> Result<Option<Undone>> {
        let (from, to) = match kind {
            OperationKind::Undone => (IN_FORCE, UNDONE),
            _ => (UNDONE, IN_FORCE),
        };
        self.write("take decisions back", |writer| {
            let undone = writer.ground(|db| {
                let target: Option<i64> =
                    db.query_row(which, (self.inner.user.as_str(), from), |row| row.get(0))?;
                let Some(target) = target else { return Ok(None) };
                let changes = turned(db, target, kind)?;
                let detail = json!({
                    "operation": target, "items": changes.len(), "sha256": digest(&changes, None, None),
                });
                let seq = self.append(db, kind, &detail, now)?;
                apply(db, seq, &changes)?;
                db.execute("UPDATE main.history SET standing = ?1 WHERE seq = ?2", (to, target))?;
                Ok(Some(Undone {
                    operation: OperationId(seq.unsigned_abs()),
                    what: describe(db, target)?,
                    items: changes.len() as u64,
                }))
            })?;
            writer.purge()?;
            Ok(undone)
        })
    }
}

fn ids_of(db: &Connection, items: &[Sha256]) -> Result<Vec<i64>> {
    let mut one = db.prepare_cached("SELECT id FROM main.item WHERE sha256 = ?1")?;
    let mut seen = HashSet::with_capacity(items.len());
    let mut ids = Vec::with_capacity(items.len());
    for sha256 in items {
        let id: Option<i64> = one.query_row([sha256.0], |row| row.get(0)).optional()?;
        let id = id.ok_or(CasefileError::NoSuchItem { sha256: *sha256 })?;
        if seen.insert(id) {
            ids.push(id);
        }
    }
    ids.sort_unstable();
    Ok(ids)
}

fn current(db: &Connection, item: i64) -> Result<Option<i64>> {
    let mut one = db.prepare_cached("SELECT decision FROM main.current WHERE item = ?1")?;
    Ok(one.query_row([item], |row| row.get(0)).optional()?)
}

/// Gives the opposite of an operation (or the operation again), for the items that still stand as it left them.
fn turned(db: &Connection, target: i64, kind: OperationKind) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    for change in changes_of(db, target)? {
        let (from, to) = match kind {
            OperationKind::Undone => (change.after, change.before),
            _ => (change.before, change.after),
        };
        if current(db, change.item)? == from {
            changes.push(Change { item: change.item, before: from, after: to });
        }
    }
    Ok(changes)
}

/// Reads what an operation did, by item.
pub(crate) fn changes_of(db: &Connection, seq: i64) -> Result<Vec<Change>> {
    let mut all = db.prepare_cached("SELECT item, before, after FROM main.change WHERE seq = ?1 ORDER BY item")?;
    let rows = all.query_map([seq], |row| Ok(Change { item: row.get(0)?, before: row.get(1)?, after: row.get(2)? }))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn apply(db: &Connection, seq: i64, changes: &[Change]) -> Result<()> {
    let mut insert = db.prepare_cached("INSERT INTO main.change VALUES(?1, ?2, ?3, ?4)")?;
    let mut set = db.prepare_cached(
        "INSERT INTO main.current VALUES(?1, ?2) ON CONFLICT(item) DO UPDATE SET decision = ?2",
    )?;
    let mut clear = db.prepare_cached("DELETE FROM main.current WHERE item = ?1")?;
    for change in changes {
        insert.execute((seq, change.item, change.before, change.after))?;
        match change.after {
            Some(decision) => set.execute((change.item, decision))?,
            None => clear.execute([change.item])?,
        };
    }
    Ok(())
}

/// Gives the digest that the ledger keeps of an operation's rows.
pub(crate) fn digest(changes: &[Change], category: Option<&CategoryCode>, note: Option<&str>) -> Sha256 {
    let mut canon = Canon::new("zeef decided 1");
    canon.maybe_bytes(category.map(|code| code.0.as_bytes())).maybe_bytes(note.map(str::as_bytes));
    for change in changes {
        canon.number(change.item).maybe_number(change.before).maybe_number(change.after);
    }
    canon.finish()
}

fn describe(db: &Connection, seq: i64) -> Result<String> {
    let text: String = db.query_row("SELECT detail FROM main.ledger WHERE seq = ?1", [seq], |row| row.get(0))?;
    let detail: serde_json::Value = serde_json::from_str(&text).map_err(|_| damaged(CasePart::Ground))?;
    Ok(match detail["category"].as_str() {
        Some(code) => format!("category {code}"),
        None => "clearing".to_owned(),
    })
}
