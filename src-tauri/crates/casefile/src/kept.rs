//! What whoever holds all items in memory keeps of them, so that the next opening need not read them row by row.
//!
//! The bytes are not this room's to understand: they are cut into parts, and stand with a tag (who wrote them, in which
//! form) and with the operation that they are of. They hold only while that operation is part of the ledger. They are
//! derived state: lost with it, checked by nobody, and forgotten whenever a case is verified, so that what comes after
//! rests on the rows themselves.

use rusqlite::{Connection, OptionalExtension};

use crate::{CaseFile, Result};

/// Bytes of a part: what a decision may have to wait for while parts are written.
pub const KEPT_PART_BYTES: usize = 1 << 20;

/// Says what is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptHead {
    /// Operation that it is of.
    pub seq: u64,
    /// Number of parts.
    pub parts: u32,
}

impl CaseFile {
    /// Finds what was kept under a tag; `None` where nothing was, or where its operation is none of this ledger.
    pub fn kept_head(&self, tag: &str) -> Result<Option<KeptHead>> {
        self.read(|db| {
            let head = db
                .prepare_cached(
                    "SELECT k.seq, k.parts FROM derived.kept k JOIN main.ledger l ON l.seq = k.seq AND l.hash = k.hash
                     WHERE k.tag = ?1",
                )?
                .query_row([tag], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))
                .optional()?;
            Ok(head.map(|(seq, parts)| KeptHead { seq: seq.unsigned_abs(), parts }))
        })
    }

    /// Gives a part, from 0; `None` where it is not there.
    pub fn kept_part(&self, part: u32) -> Result<Option<Vec<u8>>> {
        self.read(|db| {
            Ok(db
                .prepare_cached("SELECT bytes FROM derived.kept_part WHERE part = ?1")?
                .query_row([part], |row| row.get(0))
                .optional()?)
        })
    }

    /// Begins to keep anew: what was kept before holds no longer. Each step is a transaction of its own, so that a decision
    /// waits for one part at most.
    pub fn keep_begin(&self) -> Result<()> {
        self.write("keep what is in memory", |writer| writer.ground(forget))
    }

    /// Keeps a part.
    pub fn keep_part(&self, part: u32, bytes: &[u8]) -> Result<()> {
        self.write("keep what is in memory", |writer| {
            writer.ground(|db| {
                db.prepare_cached("INSERT OR REPLACE INTO derived.kept_part VALUES(?1, ?2)")?.execute((part, bytes))?;
                Ok(())
            })
        })
    }

    /// Ends it: from now on the parts hold, as those of an operation. Nothing is kept where the ledger has none of this
    /// number.
    pub fn keep_end(&self, tag: &str, of: KeptHead) -> Result<()> {
        self.write("keep what is in memory", |writer| {
            writer.ground(|db| {
                db.execute("DELETE FROM derived.kept_part WHERE part >= ?1", [of.parts])?;
                let hash: Option<[u8; 32]> = db
                    .prepare_cached("SELECT hash FROM main.ledger WHERE seq = ?1")?
                    .query_row([of.seq.cast_signed()], |row| row.get(0))
                    .optional()?;
                if let Some(hash) = hash {
                    db.prepare_cached("INSERT OR REPLACE INTO derived.kept VALUES(1, ?1, ?2, ?3, ?4)")?.execute((
                        tag,
                        of.seq.cast_signed(),
                        hash,
                        of.parts,
                    ))?;
                }
                Ok(())
            })
        })
    }
}

/// Takes the head away, without which no part holds. The parts stay until others take their places.
pub(crate) fn forget(db: &Connection) -> Result<()> {
    db.execute("DELETE FROM derived.kept", [])?;
    Ok(())
}
