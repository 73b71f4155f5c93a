//! Writing to two files as if they were one.
//!
//! A transaction over two files in WAL mode can be cut between them, so each change is two transactions in a fixed
//! order. First the derived file: the new rows, and beside them the rows that they replace (`before`). Then the ground
//! file, with the ledger's row: *that* commit decides. A process that is killed in between leaves a derived file that is
//! one operation ahead of the ledger; [`settle`] puts back what stood there before. So the ground file never knows an
//! item whose derived rows were lost, unless the whole derived file was.

use rusqlite::{Connection, OptionalExtension};

use crate::database::{self, Purpose};
use crate::error::{CasePart, damaged};
use crate::keys::CaseKey;
use crate::{Result, disk, ledger, schema};
use std::path::Path;

/// The one connection that writes.
pub(crate) struct Writer {
    db: Connection,
    case_id: String,
    /// The derived file may be ahead of the ledger.
    unsettled: bool,
}

impl Writer {
    /// Opens the case for writing and repairs what a killed process left. The caller holds the lock.
    pub fn open(dir: &Path, key: &CaseKey) -> Result<Self> {
        disk::remove(dir, disk::MAKING)?;
        database::make_files(dir)?;
        let db = database::connect(dir, key, Purpose::Write)?;
        let mut writer = Self { db, case_id: String::new(), unsettled: true };
        match writer.prepare() {
            Ok(()) => Ok(writer),
            Err(error) => Err(database::explain(&writer.db, error)),
        }
    }

    fn prepare(&mut self) -> Result<()> {
        self.case_id = self
            .db
            .query_row("SELECT case_id FROM main.about", [], |row| row.get(0))
            .map_err(|_| damaged(CasePart::Ground))?;
        let derived_version: i64 = self.db.query_row("PRAGMA derived.user_version", [], |row| row.get(0))?;
        if derived_version == 0 {
            let tx = self.db.transaction()?;
            schema::make_derived(&tx, &self.case_id, derived_seq(&tx)?, true)?;
            tx.commit()?;
        }
        schema::check_versions(&self.db)?;
        schema::bring_up(&mut self.db)?;
        // Whoever opens the file has the log as it counts, so there is nothing to write over.
        settle(&mut self.db, &self.case_id)?;
        self.unsettled = false;
        self.purge()
    }

    pub fn case_id(&self) -> &str {
        &self.case_id
    }

    pub fn db(&self) -> &Connection {
        &self.db
    }

    /// Brings the derived file back behind the ledger, if a change failed.
    ///
    /// A commit whose flush failed is rolled back for this process, but its frames lie in the log and would count again
    /// after a crash. So something is written over them in both files before anything is put back.
    pub fn settle(&mut self) -> Result<()> {
        if self.unsettled {
            self.ground(|db| Ok(db.execute("UPDATE main.state SET derived_seq = derived_seq", [])?))?;
            self.ground(|db| Ok(db.execute("UPDATE derived.meta SET applied_seq = applied_seq", [])?))?;
            settle(&mut self.db, &self.case_id)?;
            self.unsettled = false;
        }
        Ok(())
    }

    /// Changes the ground file alone, in one transaction.
    pub fn ground<T>(&mut self, change: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let tx = self.db.transaction()?;
        let value = change(&tx)?;
        tx.commit()?;
        Ok(value)
    }

    /// Changes both files by one operation, whose number both closures get. `ground` must append that operation.
    /// What `derived` gives, `ground` gets: the digests of the rows that it wrote.
    pub fn both<S, T>(
        &mut self,
        derived: impl FnOnce(&Connection, i64) -> Result<S>,
        ground: impl FnOnce(&Connection, i64, S) -> Result<T>,
    ) -> Result<T> {
        self.unsettled = true;
        let mut deciding = false;
        let result = self.one_after_the_other(derived, ground, &mut deciding);
        match result {
            Ok(_) => self.unsettled = false,
            // Nothing was decided, so the old state is put back at once. If that fails too (the disk is still full),
            // the next write or the next opening does it.
            Err(_) if !deciding => drop(self.settle()),
            // The deciding commit failed: whether it counts is only known when it is looked at again.
            Err(_) => {}
        }
        result
    }

    fn one_after_the_other<S, T>(
        &mut self,
        derived: impl FnOnce(&Connection, i64) -> Result<S>,
        ground: impl FnOnce(&Connection, i64, S) -> Result<T>,
        deciding: &mut bool,
    ) -> Result<T> {
        let seq = ledger::head(&self.db, &self.case_id)?.0 + 1;
        let tx = self.db.transaction()?;
        tx.execute("DELETE FROM derived.before", [])?;
        let told = derived(&tx, seq)?;
        tx.execute("UPDATE derived.meta SET applied_seq = ?1", [seq])?;
        tx.commit()?;
        let tx = self.db.transaction()?;
        let value = ground(&tx, seq, told)?;
        assert_eq!(ledger::head(&tx, &self.case_id)?.0, seq, "a change of both files is exactly one operation");
        tx.execute("UPDATE main.state SET derived_seq = ?1", [seq])?;
        *deciding = true;
        tx.commit()?;
        Ok(value)
    }

    /// Throws away what was decoded of items that an exact digest hides and no person has decided about: after a
    /// rematch, after a decision was taken back, and when a process was killed before it came to this.
    pub fn purge(&mut self) -> Result<()> {
        let any = has_known_and_decoded(&self.db)?;
        let old_stacks = self
            .db
            .prepare_cached("SELECT 1 FROM derived.stack WHERE generation < (SELECT stacks FROM derived.meta) LIMIT 1")?
            .exists([])?;
        if !any && !old_stacks {
            return Ok(());
        }
        let tx = self.db.transaction()?;
        if any {
            for table in ["facts", "thumbnail", "region"] {
                tx.execute(&format!("DELETE FROM derived.{table} WHERE id IN ({KNOWN_AND_DECODED})"), [])?;
            }
            tx.execute(&format!("UPDATE derived.view SET decoded = 0 WHERE id IN ({KNOWN_AND_DECODED})"), [])?;
        }
        if old_stacks {
            tx.execute("DELETE FROM derived.stack WHERE generation < (SELECT stacks FROM derived.meta)", [])?;
        }
        tx.commit()?;
        Ok(())
    }
}

/// Items that an exact digest hides, that no person has decided about, and that are decoded. Each decision asks for them,
/// so an index holds those that an exact digest hides and that are decoded: only decided ones stay in it.
const KNOWN_AND_DECODED: &str = "SELECT v.id FROM derived.view v INDEXED BY view_purge
     WHERE v.state = 1 AND v.decoded = 1
     AND NOT EXISTS (SELECT 1 FROM main.current c WHERE c.item = v.id)";

/// Tells whether something waits for [`Writer::purge`].
pub(crate) fn has_known_and_decoded(db: &Connection) -> Result<bool> {
    Ok(db.prepare_cached(&format!("{KNOWN_AND_DECODED} LIMIT 1"))?.exists([])?)
}

/// Mark in the derived file: it was made anew, which the ledger does not tell yet.
pub(crate) const LOST: i64 = 1;
/// The same, and the one before knew operations that the ledger does not have.
pub(crate) const LOST_AND_NEWER: i64 = 2;
/// What the ledger says of that.
pub(crate) const WHY_NEWER: &str = "newer than the ledger";

/// Tells how the derived file stands to the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Both tell the same.
    Level,
    /// The derived file holds an operation that the ledger does not have.
    Ahead,
    /// It is an older copy, or none of this case: it has to be rebuilt.
    Foreign,
    /// It is so far ahead that the ground file is an older copy: it has to be rebuilt, and somebody has to know.
    Newer,
}

/// Compares both files.
pub(crate) fn standing(db: &Connection, case_id: &str) -> Result<Standing> {
    let meta: Option<(String, i64)> = db
        .query_row("SELECT case_id, applied_seq FROM derived.meta", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (of_case, applied) = meta.ok_or_else(|| damaged(CasePart::Derived))?;
    let head = ledger::head(db, case_id)?.0;
    let expected = derived_seq(db)?;
    Ok(if of_case != case_id || applied < expected {
        Standing::Foreign
    } else if applied > head + 1 {
        Standing::Newer
    } else if applied > head {
        Standing::Ahead
    } else if applied == expected {
        Standing::Level
    } else {
        // Between what the ground file applied last and its head: no operation of this history.
        Standing::Foreign
    })
}

fn derived_seq(db: &Connection) -> Result<i64> {
    Ok(db.query_row("SELECT derived_seq FROM main.state", [], |row| row.get(0))?)
}

fn settle(db: &mut Connection, case_id: &str) -> Result<()> {
    let tx = db.transaction()?;
    let standing = standing(&tx, case_id)?;
    match standing {
        Standing::Level => return Ok(()),
        Standing::Ahead => put_back(&tx)?,
        Standing::Foreign | Standing::Newer => {
            empty(&tx, case_id)?;
            let lost = if standing == Standing::Newer { LOST_AND_NEWER } else { LOST };
            tx.execute("UPDATE derived.meta SET lost = ?1", [lost])?;
        }
    }
    tx.execute("UPDATE derived.meta SET applied_seq = ?1", [derived_seq(&tx)?])?;
    tx.commit()?;
    Ok(())
}

/// Puts back the rows that the unfinished operation replaced, and removes those that it added.
fn put_back(db: &Connection) -> Result<()> {
    for table in ["facts", "thumbnail", "region"] {
        db.execute(
            &format!("DELETE FROM derived.{table} WHERE id IN (SELECT id FROM derived.before WHERE decoded IS NOT 1)"),
            [],
        )?;
    }
    db.execute_batch(
        "DELETE FROM derived.view WHERE id IN (SELECT id FROM derived.before);
         INSERT INTO derived.view SELECT * FROM derived.before WHERE state IS NOT NULL;
         DELETE FROM derived.before;
         DELETE FROM derived.stack WHERE generation = (SELECT applied_seq FROM derived.meta);
         UPDATE derived.meta SET stacks = stacks_before WHERE stacks = applied_seq;",
    )?;
    Ok(())
}

/// Empties the derived file: every item waits for its derived state again.
pub(crate) fn empty(db: &Connection, case_id: &str) -> Result<()> {
    for table in ["view", "facts", "thumbnail", "region", "stack", "before", "stamp", "kept", "kept_part"] {
        db.execute(&format!("DELETE FROM derived.{table}"), [])?;
    }
    db.execute("UPDATE derived.meta SET case_id = ?1, stacks = 0, stacks_before = 0", [case_id])?;
    Ok(())
}
