//! Places that could not be read at all: they are no items, and count among the refused ones.

use domain::{Refusal, SourceId, SourcePath};
use rusqlite::Connection;

use crate::error::CasePart;
use crate::view::from_word;
use crate::{CaseFile, Result};

/// Tells of a place that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadPlace {
    /// Source.
    pub source: SourceId,
    /// Place in it.
    pub path: SourcePath,
    /// Why it could not be read.
    pub why: Refusal,
}

impl CaseFile {
    /// Counts the places that could not be read, by source.
    pub fn unread_by_source(&self) -> Result<Vec<(SourceId, u64)>> {
        self.read(|db: &Connection| {
            let mut all = db.prepare_cached(
                "SELECT source, count(*) FROM main.occurrence INDEXED BY occurrence_unread
                 WHERE item IS NULL AND superseded = 0 GROUP BY source ORDER BY source",
            )?;
            let rows = all.query_map([], |row| Ok((SourceId(row.get(0)?), row.get::<_, i64>(1)?.unsigned_abs())))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Counts the places where contents were found.
    pub fn read_places(&self) -> Result<u64> {
        self.read(|db| {
            let count: i64 = db
                .prepare_cached(
                    "SELECT count(*) FROM main.occurrence INDEXED BY occurrence_item WHERE item IS NOT NULL",
                )?
                .query_row([], |row| row.get(0))?;
            Ok(count.unsigned_abs())
        })
    }

    /// Gives a part of the places that could not be read, by source and bytes of the path.
    pub fn unread_places(&self, start: u64, count: u64) -> Result<Vec<UnreadPlace>> {
        self.read(|db| {
            let mut some = db.prepare_cached(
                "SELECT source, path, refusal, refusal_detail FROM main.occurrence INDEXED BY occurrence_unread
                 WHERE item IS NULL AND superseded = 0 ORDER BY source, path LIMIT ?2 OFFSET ?1",
            )?;
            let mut rows = some.query((start.cast_signed(), count.cast_signed()))?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let code = from_word(row.get(2)?, CasePart::Ground)?;
                found.push(UnreadPlace {
                    source: SourceId(row.get(0)?),
                    path: SourcePath(row.get(1)?),
                    why: Refusal { code, detail: row.get::<_, Option<String>>(3)?.unwrap_or_default() },
                });
            }
            Ok(found)
        })
    }
}
