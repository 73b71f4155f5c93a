//! Decisions of people, and taking them back.
//!
//! A decision is a row that never changes; what moves is which row is an item's `current` one. Each operation (decide,
//! undo, redo) adds a `change` for every item that it moves: from which row, to which. An undo moves back what its
//! operation moved, where that still stands: what somebody else decided since is left as it is. So two people can work
//! in turns and neither undoes the other.

use domain::{CategoryCode, Sha256, UserName, UtcTime};
use rusqlite::{Connection, OptionalExtension};
use serde_json::json;

use crate::canon::Canon;
use crate::ledger::OperationKind;
use crate::model::{OperationId, Undone};
use crate::veto::Judge;
use crate::{CaseFile, CasefileError, Result};

/// Most items in one decision.
pub const DECIDED_MAX: usize = 1_000_000;
/// Items up to which the ledger's row lists each; beyond, their digest stands for them and the rows tell.
const LISTED_MAX: usize = 64;

/// Standing of an operation in its user's history.
pub(crate) const DONE: i64 = 0;
pub(crate) const UNDONE: i64 = 1;
/// It was undone, and then something else was decided: it cannot come back.
pub(crate) const PASSED: i64 = 2;

impl CaseFile {
    /// Gives items a category of the case's scheme, or none, in one operation.
    ///
    /// A hidden item that somebody decided about is shown; without the decision the rule holds again.
    pub fn decide(
        &self,
        items: &[Sha256],
        category: Option<CategoryCode>,
        note: Option<&str>,
        now: UtcTime,
    ) -> Result<OperationId> {
        if items.len() > DECIDED_MAX {
            return Err(CasefileError::Limit { what: "items to decide about", max: DECIDED_MAX });
        }
        let scheme = &self.inner.info.scheme;
        // What is stored is the scheme's own code, also when its number in VICS files was given.
        let category = match category {
            Some(code) => match scheme.category(&code) {
                Some(category) => Some(category.code.clone()),
                None => return Err(CasefileError::NoSuchCategory { code, scheme: scheme.id.clone() }),
            },
            None => None,
        };
        self.write("decide about items", |writer| {
            let mut wanted = find(writer.db(), items)?;
            wanted.sort_unstable();
            wanted.dedup();
            let seq = writer.ground(|db| {
                let mut next: i64 =
                    db.query_row("SELECT coalesce(max(id), 0) + 1 FROM main.decision", [], |row| row.get(0))?;
                let mut moves = Vec::with_capacity(wanted.len());
                for item in wanted {
                    let before = current(db, item)?;
                    let after = category.as_ref().map(|_| {
                        next += 1;
                        next - 1
                    });
                    // To clear what is clear changes nothing; to decide the same again is a decision.
                    if before.is_some() || after.is_some() {
                        moves.push(Move { item, before, after });
                    }
                }
                let what = match &category {
                    Some(code) => json!({ "category": code, "note": note }),
                    None => json!({ "category": null, "note": note }),
                };
                let seq = self.move_all(db, OperationKind::Decided, what, &moves, Some((&category, note)), now)?;
                db.execute(
                    "UPDATE main.history SET standing = ?2 WHERE who = ?1 AND standing = ?3",
                    (self.inner.user.as_str(), PASSED, UNDONE),
                )?;
                db.execute("INSERT INTO main.history VALUES(?1, ?2, ?3)", (seq, self.inner.user.as_str(), DONE))?;
                Ok(seq)
            })?;
            writer.purge()?;
            Ok(OperationId(seq.unsigned_abs()))
        })
    }

    /// Takes back this user's newest decision that has not been taken back; none is `None`.
    ///
    /// A veto is taken back in the same manner; then `judge` says what the rule says without it.
    pub fn undo(&self, judge: Judge<'_>, now: UtcTime) -> Result<Option<Undone>> {
        self.step(OperationKind::Undone, judge, now)
    }

    /// Does again what this user took back last, unless the user has decided something else since.
    pub fn redo(&self, judge: Judge<'_>, now: UtcTime) -> Result<Option<Undone>> {
        self.step(OperationKind::Redone, judge, now)
    }

    fn step(&self, kind: OperationKind, judge: Judge<'_>, now: UtcTime) -> Result<Option<Undone>> {
        let back = kind == OperationKind::Undone;
        self.write(if back { "undo" } else { "redo" }, |writer| {
            let Some(of) = next_step(writer.db(), &self.inner.user, back)? else { return Ok(None) };
            if let Some(done) = self.step_veto(writer, of, kind, judge, now)? {
                return Ok(Some(done));
            }
            let (what, items) = describe(writer.db(), of)?;
            let done = writer.ground(|db| {
                let mut moves = Vec::new();
                for Move { item, before, after } in changes(db, of)? {
                    let (from, to) = if back { (after, before) } else { (before, after) };
                    if current(db, item)? == from {
                        moves.push(Move { item, before: from, after: to });
                    }
                }
                let detail = json!({ "of": of, "left_alone": items - moves.len() as u64 });
                let seq = self.move_all(db, kind, detail, &moves, None, now)?;
                let standing = if back { UNDONE } else { DONE };
                db.execute("UPDATE main.history SET standing = ?2 WHERE seq = ?1", (of, standing))?;
                Ok(Undone { operation: OperationId(seq.unsigned_abs()), what, items: moves.len() as u64 })
            })?;
            writer.purge()?;
            Ok(Some(done))
        })
    }

    /// Appends the operation and its changes, and moves what is current. `made` tells of new decision rows.
    fn move_all(
        &self,
        db: &Connection,
        kind: OperationKind,
        what: serde_json::Value,
        moves: &[Move],
        made: Option<(&Option<CategoryCode>, Option<&str>)>,
        now: UtcTime,
    ) -> Result<i64> {
        let (category, note) = made.unwrap_or((&None, None));
        let mut canon = Canon::new("zeef changes 1");
        for step in moves {
            step.add_to(&mut canon, category.as_ref().filter(|_| step.after.is_some()), note);
        }
        let mut detail = json!({ "what": what, "items": moves.len(), "sha256": canon.finish() });
        if moves.len() <= LISTED_MAX {
            detail["changes"] = listed(db, moves, category.as_ref())?;
        }
        let seq = self.append(db, kind, &detail, now)?;
        for step in moves {
            if let (Some(category), Some(id)) = (category, step.after) {
                db.prepare_cached("INSERT INTO main.decision VALUES(?1, ?2, ?3, ?4, ?5)")?.execute((
                    id,
                    seq,
                    step.item,
                    &category.0,
                    note,
                ))?;
            }
            db.prepare_cached("INSERT INTO main.change VALUES(?1, ?2, ?3, ?4)")?.execute((
                seq,
                step.item,
                step.before,
                step.after,
            ))?;
            match step.after {
                Some(decision) => db
                    .prepare_cached(
                        "INSERT INTO main.current VALUES(?1, ?2) ON CONFLICT(item) DO UPDATE SET decision = ?2",
                    )?
                    .execute((step.item, decision))?,
                None => db.prepare_cached("DELETE FROM main.current WHERE item = ?1")?.execute([step.item])?,
            };
        }
        Ok(seq)
    }
}

/// Moves one item from one decision row to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Move {
    pub item: i64,
    pub before: Option<i64>,
    pub after: Option<i64>,
}

impl Move {
    /// Adds the change, and the decision row that it made, to the digest of its operation.
    pub fn add_to(&self, canon: &mut Canon, category: Option<&CategoryCode>, note: Option<&str>) {
        canon.number(self.item).maybe_number(self.before).maybe_number(self.after);
        canon.maybe_bytes(category.map(|code| code.0.as_bytes()));
        canon.maybe_bytes(category.and(note).map(str::as_bytes));
    }
}

/// Reads the changes of an operation, by item.
pub(crate) fn changes(db: &Connection, seq: i64) -> Result<Vec<Move>> {
    let mut all = db.prepare_cached("SELECT item, before, after FROM main.change WHERE seq = ?1 ORDER BY item")?;
    let rows = all.query_map([seq], |row| Ok(Move { item: row.get(0)?, before: row.get(1)?, after: row.get(2)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn find(db: &Connection, items: &[Sha256]) -> Result<Vec<i64>> {
    let mut one = db.prepare_cached("SELECT id FROM main.item WHERE sha256 = ?1")?;
    items
        .iter()
        .map(|sha256| {
            one.query_row([sha256.0], |row| row.get(0)).optional()?.ok_or(CasefileError::NoSuchItem { sha256: *sha256 })
        })
        .collect()
}

fn current(db: &Connection, item: i64) -> Result<Option<i64>> {
    Ok(db
        .prepare_cached("SELECT decision FROM main.current WHERE item = ?1")?
        .query_row([item], |row| row.get(0))
        .optional()?)
}

/// Finds the operation to undo (the newest done) or to redo (the one undone last, which is the oldest undone).
fn next_step(db: &Connection, user: &UserName, back: bool) -> Result<Option<i64>> {
    let (order, standing) = if back { ("DESC", DONE) } else { ("ASC", UNDONE) };
    Ok(db
        .query_row(
            &format!("SELECT seq FROM main.history WHERE who = ?1 AND standing = ?2 ORDER BY seq {order} LIMIT 1"),
            (user.as_str(), standing),
            |row| row.get(0),
        )
        .optional()?)
}

/// Tells a person what an operation decided, and how many items it changed.
fn describe(db: &Connection, seq: i64) -> Result<(String, u64)> {
    let items: i64 = db.query_row("SELECT count(*) FROM main.change WHERE seq = ?1", [seq], |row| row.get(0))?;
    let category: Option<String> = db
        .query_row("SELECT category FROM main.decision WHERE seq = ?1 LIMIT 1", [seq], |row| row.get(0))
        .optional()?;
    let noun = if items == 1 { "item" } else { "items" };
    let what = match category {
        Some(code) => format!("category {code} for {items} {noun}"),
        None => format!("no category for {items} {noun}"),
    };
    Ok((what, items.unsigned_abs()))
}

/// Lists item, category before and category after, for the ledger's reader.
fn listed(db: &Connection, moves: &[Move], made: Option<&CategoryCode>) -> Result<serde_json::Value> {
    let category = |decision: Option<i64>| -> Result<Option<String>> {
        let Some(id) = decision else { return Ok(None) };
        let stored: Option<String> = db
            .prepare_cached("SELECT category FROM main.decision WHERE id = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()?;
        // The rows of this very operation are not written yet.
        Ok(stored.or_else(|| made.map(|code| code.0.clone())))
    };
    let mut list = Vec::with_capacity(moves.len());
    for step in moves {
        let sha256: [u8; 32] = db
            .prepare_cached("SELECT sha256 FROM main.item WHERE id = ?1")?
            .query_row([step.item], |row| row.get(0))?;
        list.push(json!({
            "sha256": Sha256(sha256), "before": category(step.before)?, "after": category(step.after)?,
        }));
    }
    Ok(list.into())
}
