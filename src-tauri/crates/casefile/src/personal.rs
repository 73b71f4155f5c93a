//! What is a person's own in a case: saved views, clear looks, breaks.
//!
//! It is there for that person alone. Every function here asks for, and gives, what belongs to the user who has the case
//! open; none takes the name of another. No operation of the ledger tells of it, because whoever reads the ledger would
//! then know when a colleague looked and rested. For the same reason `verify` does not compare it with anything: nobody is
//! judged by it. It is encrypted as all the rest is, with the case's one key: that keeps it from everybody outside the
//! case, and not from a user of the case who reads the file with another program.
//!
//! It belongs to a row of `person`, so that somebody who is given the name of a user that was removed does not inherit it.

use domain::UtcTime;
use rusqlite::{Connection, OptionalExtension};

use crate::numbers::{known, public};
use crate::{CaseFile, CasefileError, Result};

/// Most bytes of a key.
pub const PERSONAL_KEY_BYTES_MAX: usize = 64;
/// Most bytes of a value.
pub const PERSONAL_VALUE_BYTES_MAX: usize = 1 << 20;
/// Most keys of one person.
pub const PERSONAL_KEYS_MAX: usize = 1000;
/// Most looks in one call.
pub const LOOKS_MAX: usize = 10_000;

/// Tells that a person looked at an item clearly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Number of the item.
    pub item: u32,
    /// Whether only a part of it was clear.
    pub part: bool,
    /// When.
    pub at: UtcTime,
}

impl CaseFile {
    /// Gives what this user keeps under a key.
    pub fn personal(&self, key: &str) -> Result<Option<String>> {
        self.read(|db| {
            Ok(db
                .prepare_cached("SELECT value FROM main.personal WHERE person = ?1 AND key = ?2")?
                .query_row((self.person(db)?, key), |row| row.get(0))
                .optional()?)
        })
    }

    /// Keeps a value for this user, in place of the one before; `None` removes it.
    pub fn put_personal(&self, key: &str, value: Option<&str>, now: UtcTime) -> Result<()> {
        let limits = [
            ("bytes of a personal key", key.len(), PERSONAL_KEY_BYTES_MAX),
            ("bytes of a personal value", value.map_or(0, str::len), PERSONAL_VALUE_BYTES_MAX),
        ];
        for (what, found, max) in limits {
            if found > max {
                return Err(CasefileError::Limit { what, max });
            }
        }
        self.own(|db, person| {
            db.prepare_cached("DELETE FROM main.personal WHERE person = ?1 AND key = ?2")?.execute((person, key))?;
            let Some(value) = value else { return Ok(()) };
            let kept: i64 = db
                .prepare_cached("SELECT count(*) FROM main.personal WHERE person = ?1")?
                .query_row([person], |row| row.get(0))?;
            if kept >= PERSONAL_KEYS_MAX as i64 {
                return Err(CasefileError::Limit { what: "personal keys", max: PERSONAL_KEYS_MAX });
            }
            db.prepare_cached("INSERT INTO main.personal VALUES(?1, ?2, ?3, ?4)")?
                .execute((person, key, value, now.0))?;
            Ok(())
        })
    }

    /// Notes that this user looked at an item clearly, durably.
    pub fn seen_add(&self, item: u32, part: bool, now: UtcTime) -> Result<()> {
        self.seen_add_all(&[Look { item, part, at: now }])
    }

    /// Notes several looks at once: one write for what a caller gathered.
    pub fn seen_add_all(&self, looks: &[Look]) -> Result<()> {
        if looks.len() > LOOKS_MAX {
            return Err(CasefileError::Limit { what: "looks", max: LOOKS_MAX });
        }
        if looks.is_empty() {
            return Ok(());
        }
        self.own(|db, person| {
            known(db, &looks.iter().map(|look| look.item).collect::<Vec<_>>())?;
            let mut add = db.prepare_cached("INSERT INTO main.seen(person, item, part, at) VALUES(?1, ?2, ?3, ?4)")?;
            for look in looks {
                add.execute((person, look.item, look.part, look.at.0))?;
            }
            Ok(())
        })
    }

    /// Gives the items that this user has looked at clearly, by number, and how often; parts count too.
    pub fn seen_counts(&self) -> Result<Vec<(u32, u32)>> {
        self.read(|db| {
            let mut all = db.prepare_cached(
                "SELECT item, count(*) FROM main.seen INDEXED BY seen_item WHERE person = ?1 GROUP BY item ORDER BY item",
            )?;
            let mut rows = all.query([self.person(db)?])?;
            let mut counts = Vec::new();
            while let Some(row) = rows.next()? {
                counts.push((public(row.get(0)?)?, row.get(1)?));
            }
            Ok(counts)
        })
    }

    /// Tells how often this user has looked at an item clearly; parts count too.
    pub fn seen_of(&self, item: u32) -> Result<u32> {
        self.read(|db| {
            Ok(db
                .prepare_cached("SELECT count(*) FROM main.seen WHERE person = ?1 AND item = ?2")?
                .query_row((self.person(db)?, item), |row| row.get(0))?)
        })
    }

    /// Gives those of some items that this user has looked at clearly since a moment, in their order; parts count too.
    pub fn seen_among(&self, items: &[u32], since: UtcTime) -> Result<Vec<u32>> {
        self.read(|db| {
            let person = self.person(db)?;
            let mut one =
                db.prepare_cached("SELECT 1 FROM main.seen WHERE person = ?1 AND item = ?2 AND at >= ?3 LIMIT 1")?;
            let mut seen = Vec::new();
            for item in items {
                if one.exists((person, item, since.0))? {
                    seen.push(*item);
                }
            }
            Ok(seen)
        })
    }

    /// Counts this user's clear looks since a moment, and how many of them were at a part only.
    pub fn seen_since(&self, since: UtcTime) -> Result<(u64, u64)> {
        self.read(|db| {
            let (views, parts): (i64, i64) = db
                .prepare_cached(
                    "SELECT count(*), coalesce(sum(part), 0) FROM main.seen INDEXED BY seen_time
                     WHERE person = ?1 AND at >= ?2",
                )?
                .query_row((self.person(db)?, since.0), |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok((views.unsigned_abs(), parts.unsigned_abs()))
        })
    }

    /// Notes that this user took a break.
    pub fn break_add(&self, now: UtcTime) -> Result<()> {
        self.own(|db, person| {
            db.prepare_cached("INSERT INTO main.rest(person, at) VALUES(?1, ?2)")?.execute((person, now.0))?;
            Ok(())
        })
    }

    /// Counts this user's breaks since a moment.
    pub fn breaks_since(&self, since: UtcTime) -> Result<u64> {
        self.read(|db| {
            let breaks: i64 = db
                .prepare_cached("SELECT count(*) FROM main.rest WHERE person = ?1 AND at >= ?2")?
                .query_row((self.person(db)?, since.0), |row| row.get(0))?;
            Ok(breaks.unsigned_abs())
        })
    }

    /// Changes what is this user's own, whatever the role: an auditor has saved views too.
    fn own(&self, change: impl FnOnce(&Connection, i64) -> Result<()>) -> Result<()> {
        self.write_whatever_the_role(|writer| writer.ground(|db| change(db, self.person(db)?)))
    }

    fn person(&self, db: &Connection) -> Result<i64> {
        let user = &self.inner.user;
        db.prepare_cached("SELECT id FROM main.person WHERE name = ?1 AND removed IS NULL")?
            .query_row([user.as_str()], |row| row.get(0))
            .optional()?
            .ok_or_else(|| CasefileError::NoSuchUser { user: user.clone() })
    }
}
