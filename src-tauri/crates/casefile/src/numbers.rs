//! Items by their numbers: the short names that people see and say, from 1 without gaps and never used again.

use domain::{Sha256, Thumbnail, Visibility};
use rusqlite::{Connection, OptionalExtension};

use crate::error::{CasePart, damaged};
use crate::model::Story;
use crate::view::{HIDDEN, from_json};
use crate::{CaseFile, CasefileError, Result, items, standing};

impl CaseFile {
    /// Gives the number of an item.
    pub fn number_of(&self, sha256: &Sha256) -> Result<Option<u32>> {
        self.read(|db| standing::number_of(db, sha256)?.map(public).transpose())
    }

    /// Gives the item of a number.
    pub fn sha256_of(&self, item: u32) -> Result<Option<Sha256>> {
        self.read(|db| sha256_of(db, item))
    }

    /// Gives all that the case knows of an item.
    pub fn story_of(&self, item: u32) -> Result<Option<Story>> {
        self.read(|db| sha256_of(db, item)?.map_or(Ok(None), |sha256| items::story(db, &sha256)))
    }

    /// Gives what the rule says of these items, without any decision, in their order. What the case does not have, or has
    /// no derived state of, is left out.
    pub fn rules_of(&self, items: &[u32]) -> Result<Vec<(u32, Visibility)>> {
        self.read(|db| {
            let mut one = db.prepare_cached(
                "SELECT v.visibility FROM main.item i JOIN derived.view v ON v.id = i.id WHERE i.id = ?1",
            )?;
            let mut rules = Vec::with_capacity(items.len());
            for item in items {
                let text: Option<String> = one.query_row([item], |row| row.get(0)).optional()?;
                if let Some(text) = text {
                    rules.push((*item, from_json(&text, CasePart::Derived)?));
                }
            }
            Ok(rules)
        })
    }

    /// Gives the thumbnail of an item. None where it was not decoded, and none of what an exact digest hides unless a
    /// person has decided about it, even in the moment before what was decoded is thrown away (promise 3).
    pub fn thumbnail_of(&self, item: u32) -> Result<Option<Thumbnail>> {
        self.read(|db| {
            Ok(db
                .prepare_cached(
                    "SELECT t.width, t.height, t.jpeg FROM main.item i JOIN derived.view v ON v.id = i.id
                     JOIN derived.thumbnail t ON t.id = i.id
                     WHERE i.id = ?1 AND (v.state <> ?2 OR EXISTS (SELECT 1 FROM main.current c WHERE c.item = i.id))",
                )?
                .query_row((item, HIDDEN), |row| {
                    Ok(Thumbnail { width: row.get(0)?, height: row.get(1)?, jpeg: row.get(2)? })
                })
                .optional()?)
        })
    }
}

pub(crate) fn sha256_of(db: &Connection, item: u32) -> Result<Option<Sha256>> {
    Ok(db
        .prepare_cached("SELECT sha256 FROM main.item WHERE id = ?1")?
        .query_row([item], |row| row.get(0).map(Sha256))
        .optional()?)
}

/// Turns a stored number into the one that people see.
pub(crate) fn public(id: i64) -> Result<u32> {
    u32::try_from(id).map_err(|_| damaged(CasePart::Ground))
}

/// Takes numbers that came from outside: ascending, each once, and each one of the case's.
pub(crate) fn known(db: &Connection, items: &[u32]) -> Result<Vec<i64>> {
    // Numbers have no gaps, because items are only added, and each gets the one after the newest.
    let newest: i64 =
        db.prepare_cached("SELECT coalesce(max(id), 0) FROM main.item")?.query_row([], |row| row.get(0))?;
    let mut known: Vec<i64> = items.iter().map(|item| i64::from(*item)).collect();
    known.sort_unstable();
    known.dedup();
    match items.iter().find(|item| **item == 0 || i64::from(**item) > newest) {
        Some(item) => Err(CasefileError::NoSuchNumber { item: *item }),
        None => Ok(known),
    }
}
