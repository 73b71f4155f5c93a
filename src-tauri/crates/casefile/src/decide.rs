//! Decisions of people, and taking them back.
//!
//! A decision is a row that never changes; what moves is which row is an item's `current` one: see `moves`. Each operation
//! (decide, undo, redo) adds a `change` for every item that it moves.

use domain::{CategoryCode, Sha256, UtcTime};
use rusqlite::{Connection, OptionalExtension};
use serde_json::json;

use crate::canon::Canon;
use crate::ledger::OperationKind;
use crate::model::OperationId;
use crate::moves::{self, Move, Moving};
use crate::{CaseFile, CasefileError, Result, numbers};

/// Most items in one decision.
pub const DECIDED_MAX: usize = 1_000_000;
/// Items up to which the ledger's row lists each; beyond, their digest stands for them and the rows tell.
pub(crate) const LISTED_MAX: usize = 64;

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
        self.decide_found(items.len(), |db| find(db, items), category, note, now)
    }

    /// Does the same for items by their numbers.
    pub fn decide_numbers(
        &self,
        items: &[u32],
        category: Option<CategoryCode>,
        note: Option<&str>,
        now: UtcTime,
    ) -> Result<OperationId> {
        self.decide_found(items.len(), |db| numbers::known(db, items), category, note, now)
    }

    fn decide_found(
        &self,
        count: usize,
        find: impl FnOnce(&Connection) -> Result<Vec<i64>>,
        category: Option<CategoryCode>,
        note: Option<&str>,
        now: UtcTime,
    ) -> Result<OperationId> {
        if count > DECIDED_MAX {
            return Err(CasefileError::Limit { what: "items to decide about", max: DECIDED_MAX });
        }
        let category = category.map(|code| self.own_code(code)).transpose()?;
        self.write("decide about items", |writer| {
            let wanted = find(writer.db())?;
            let seq = writer.ground(|db| {
                let mut next: i64 = db
                    .prepare_cached("SELECT coalesce(max(id), 0) + 1 FROM main.decision")?
                    .query_row([], |row| row.get(0))?;
                let mut moves = Vec::with_capacity(wanted.len());
                for item in wanted {
                    let before = moves::in_force::<Decisions>(db, &item)?;
                    let after = category.as_ref().map(|_| {
                        next += 1;
                        next - 1
                    });
                    // To clear what is clear changes nothing; to decide the same again is a decision.
                    if before.is_some() || after.is_some() {
                        moves.push(Move { of: item, before, after, says: () });
                    }
                }
                let what = json!({ "category": category, "note": note });
                let seq = self.move_all(db, OperationKind::Decided, what, &moves, Some((&category, note)), now)?;
                self.did(db, seq)?;
                Ok(seq)
            })?;
            writer.purge()?;
            Ok(OperationId(seq.unsigned_abs()))
        })
    }

    /// Finds a code in the case's scheme. What is stored is the scheme's own, also when its number in VICS files was
    /// given.
    fn own_code(&self, code: CategoryCode) -> Result<CategoryCode> {
        let scheme = &self.inner.info.scheme;
        match scheme.category(&code) {
            Some(category) => Ok(category.code.clone()),
            None => Err(CasefileError::NoSuchCategory { code, scheme: scheme.id.clone() }),
        }
    }

    /// Appends the operation and its changes, and moves what is current. `made` tells of new decision rows.
    pub(crate) fn move_all(
        &self,
        db: &Connection,
        kind: OperationKind,
        what: serde_json::Value,
        moves: &[Change],
        made: Option<(&Option<CategoryCode>, Option<&str>)>,
        now: UtcTime,
    ) -> Result<i64> {
        let (category, note) = made.unwrap_or((&None, None));
        let mut canon = moves::canon(kind);
        for step in moves {
            add_to(step, &mut canon, category.as_ref().filter(|_| step.after.is_some()), note);
        }
        let mut detail = json!({ "what": what, "items": moves.len(), "sha256": canon.finish() });
        if moves.len() <= LISTED_MAX {
            detail["changes"] = listed(db, moves, category.as_ref())?;
        }
        let seq = self.append(db, kind, &detail, now)?;
        let mut decide = db.prepare_cached("INSERT INTO main.decision VALUES(?1, ?2, ?3, ?4, ?5)")?;
        for step in moves {
            if let (Some(category), Some(id)) = (category, step.after) {
                decide.execute((id, seq, step.of, &category.0, note))?;
            }
        }
        moves::put(db, seq, moves)?;
        Ok(seq)
    }
}

/// Decisions: by item, which of the rows of `decision` holds.
pub(crate) enum Decisions {}

impl Moving for Decisions {
    type Key = i64;
    type Says = ();
    const WORD: Option<&'static str> = None;
    const MOVES: &'static str = "change";
    const KEY: &'static [&'static str] = &["item"];
    const ID_COLUMNS: usize = 1;
    const IN_FORCE: &'static str = "current";
    const BY: &'static str = "decision";
}

/// Moves one item from one decision row to another.
pub(crate) type Change = Move<Decisions>;

/// Adds a change, and the decision row that it made, to the digest of its operation.
pub(crate) fn add_to(step: &Change, canon: &mut Canon, category: Option<&CategoryCode>, note: Option<&str>) {
    step.add_to(canon);
    canon.maybe_bytes(category.map(|code| code.0.as_bytes()));
    canon.maybe_bytes(category.and(note).map(str::as_bytes));
}

/// Finds the numbers of items, ascending, each once.
fn find(db: &Connection, items: &[Sha256]) -> Result<Vec<i64>> {
    let mut one = db.prepare_cached("SELECT id FROM main.item WHERE sha256 = ?1")?;
    let mut found = Vec::with_capacity(items.len());
    for sha256 in items {
        let id: Option<i64> = one.query_row([sha256.0], |row| row.get(0)).optional()?;
        found.push(id.ok_or(CasefileError::NoSuchItem { sha256: *sha256 })?);
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Lists item, category before and category after, for the ledger's reader.
fn listed(db: &Connection, moves: &[Change], made: Option<&CategoryCode>) -> Result<serde_json::Value> {
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
        let sha256: [u8; 32] =
            db.prepare_cached("SELECT sha256 FROM main.item WHERE id = ?1")?.query_row([step.of], |row| row.get(0))?;
        list.push(json!({
            "sha256": Sha256(sha256), "before": category(step.before)?, "after": category(step.after)?,
        }));
    }
    Ok(list.into())
}
