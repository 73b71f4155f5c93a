//! What was done, in figures: decisions by hour, and this person's own of a day.

use domain::{CategoryCode, UtcTime};

use crate::history::DONE;
use crate::ledger::OperationKind;
use crate::mark::MarkKind;
use crate::{CaseFile, Result};

/// Microseconds of an hour.
const HOUR_US: i64 = 3_600_000_000;

/// Counts the decisions of one hour with one category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourFigure {
    /// Start of the hour, UTC.
    pub hour: UtcTime,
    /// Category that was given.
    pub category: CategoryCode,
    /// Whether this user gave it; nobody is told who of the others did.
    pub own: bool,
    /// Items. One that was decided twice counts twice: it was work twice.
    pub items: u64,
}

impl CaseFile {
    /// Counts the decisions that were made since a moment and not taken back, by hour, category, and whether this user
    /// made them. To give an item no category is none.
    pub fn decisions_by_hour(&self, since: UtcTime) -> Result<Vec<HourFigure>> {
        self.read(|db| {
            let mut all = db.prepare_cached(
                "SELECT (l.at - ((l.at % ?4) + ?4) % ?4) AS hour, x.category, l.who = ?2 AS own, count(*)
                 FROM main.ledger l INDEXED BY ledger_kind CROSS JOIN main.history h ON h.seq = l.seq
                 CROSS JOIN main.change c ON c.seq = l.seq CROSS JOIN main.decision x ON x.id = c.after
                 WHERE l.kind = ?1 AND l.at >= ?3 AND h.standing = ?5
                 GROUP BY hour, x.category, own ORDER BY hour, x.category, own",
            )?;
            let kind = OperationKind::Decided.as_str();
            let mut rows = all.query((kind, self.inner.user.as_str(), since.0, HOUR_US, DONE))?;
            let mut figures = Vec::new();
            while let Some(row) = rows.next()? {
                figures.push(HourFigure {
                    hour: UtcTime(row.get(0)?),
                    category: CategoryCode(row.get(1)?),
                    own: row.get(2)?,
                    items: row.get::<_, i64>(3)?.unsigned_abs(),
                });
            }
            Ok(figures)
        })
    }

    /// Counts the items whose decision in force this user made since a moment, by category.
    pub fn decided_since(&self, since: UtcTime) -> Result<Vec<(CategoryCode, u64)>> {
        self.read(|db| {
            let mut all = db.prepare_cached(
                "SELECT x.category, count(*)
                 FROM main.ledger l INDEXED BY ledger_kind CROSS JOIN main.change c ON c.seq = l.seq
                 CROSS JOIN main.current n ON n.item = c.item AND n.decision = c.after
                 CROSS JOIN main.decision x ON x.id = c.after
                 WHERE l.kind = ?1 AND l.who = ?2 AND l.at >= ?3 GROUP BY x.category ORDER BY x.category",
            )?;
            let mut rows = all.query((OperationKind::Decided.as_str(), self.inner.user.as_str(), since.0))?;
            let mut counts = Vec::new();
            while let Some(row) = rows.next()? {
                counts.push((CategoryCode(row.get(0)?), row.get::<_, i64>(1)?.unsigned_abs()));
            }
            Ok(counts)
        })
    }

    /// Counts the items that this user bookmarked or handed over since a moment, and that are so still.
    pub fn marked_since(&self, since: UtcTime) -> Result<u64> {
        self.read(|db| {
            let count: i64 = db
                .prepare_cached(
                    "SELECT count(DISTINCT m.item)
                     FROM main.ledger l INDEXED BY ledger_kind CROSS JOIN main.mark m ON m.seq = l.seq
                     CROSS JOIN main.marked n ON n.item = m.item AND n.kind = m.kind AND n.seq = m.seq
                     WHERE l.kind = ?1 AND l.who = ?2 AND l.at >= ?3 AND m.kind IN (?4, ?5)",
                )?
                .query_row(
                    (
                        OperationKind::Marked.as_str(),
                        self.inner.user.as_str(),
                        since.0,
                        MarkKind::Bookmark.as_str(),
                        MarkKind::Handover.as_str(),
                    ),
                    |row| row.get(0),
                )?;
            Ok(count.unsigned_abs())
        })
    }
}
