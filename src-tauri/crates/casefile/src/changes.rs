//! Which items operations touched, so that whoever holds all items in memory follows a case at work without reading it
//! anew.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Params};

use crate::ledger::OperationKind;
use crate::numbers::public;
use crate::{CaseFile, Result};

/// Most items that are named one by one; beyond, all are to be read again.
pub const CHANGED_MAX: usize = 100_000;

/// Tells what operations touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// Number of the newest operation that is told of: from which the next question goes on.
    pub head: u64,
    /// Items that they touched.
    pub items: Changed,
    /// Whether stacks were made anew: that touches no item of itself, and can touch each.
    pub stacks: bool,
}

/// Tells which items operations touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// These numbers, ascending, each once.
    These(Vec<u32>),
    /// More than [`CHANGED_MAX`], or derived state was thrown away.
    All,
}

impl CaseFile {
    /// Tells which items any operation after `seq` recorded, found at another place, judged, decided about, marked, took
    /// for evidence or noted another tool's opinion of.
    pub fn changes_since(&self, seq: u64) -> Result<Changes> {
        let since = seq.cast_signed();
        self.read(|db| {
            let head: i64 =
                db.prepare_cached("SELECT coalesce(max(seq), 0) FROM main.ledger")?.query_row([], |row| row.get(0))?;
            let any = |kind: OperationKind| -> Result<bool> {
                Ok(db
                    .prepare_cached("SELECT 1 FROM main.ledger WHERE kind = ?1 AND seq > ?2 LIMIT 1")?
                    .exists((kind.as_str(), since))?)
            };
            let dropped = any(OperationKind::DerivedDropped)?;
            let items = if dropped { None } else { touched_since(db, since)? };
            Ok(Changes {
                head: head.unsigned_abs(),
                items: items.map_or(Changed::All, Changed::These),
                stacks: any(OperationKind::Stacked)?,
            })
        })
    }
}

/// Lists what was touched; `None` when that is too much.
fn touched_since(db: &Connection, since: i64) -> Result<Option<Vec<u32>>> {
    let mut found = BTreeSet::new();
    // Each operation that writes derived rows seals them.
    for table in ["seal", "change", "mark", "veto", "evidence", "opinion"] {
        let sql = format!("SELECT item FROM main.{table} WHERE seq > ?1");
        if !gather(db, &sql, [since], &mut found)? {
            return Ok(None);
        }
    }
    // A known content at a new place touches no derived row. Numbers of places rise with the operations, so those that
    // came since stand in a row, from the first that the first of these operations names.
    let first: Option<i64> = db
        .prepare_cached(
            "SELECT json_extract(detail, '$.first_occurrence') FROM main.ledger WHERE kind = ?1 AND seq > ?2
             ORDER BY seq LIMIT 1",
        )?
        .query_row((OperationKind::Recorded.as_str(), since), |row| row.get(0))
        .optional()?
        .flatten();
    if let Some(first) = first {
        let sql = "SELECT item FROM main.occurrence WHERE id >= ?1 AND item IS NOT NULL";
        if !gather(db, sql, [first], &mut found)? {
            return Ok(None);
        }
    }
    found.into_iter().map(public).collect::<Result<_>>().map(Some)
}

/// Adds numbers to those that were found; tells whether there are not too many.
fn gather(db: &Connection, sql: &str, params: impl Params, found: &mut BTreeSet<i64>) -> Result<bool> {
    let mut all = db.prepare_cached(sql)?;
    let mut rows = all.query(params)?;
    while let Some(row) = rows.next()? {
        found.insert(row.get(0)?);
        if found.len() > CHANGED_MAX {
            return Ok(false);
        }
    }
    Ok(true)
}
