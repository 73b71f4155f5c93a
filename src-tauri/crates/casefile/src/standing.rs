//! Questions of whoever judges items again: how they stand, and which of them a change of sets can touch.

use std::collections::HashSet;
use std::ops::ControlFlow;

use domain::{Digests, Hit, Md5, NearHit, Sha1, Sha256, Visibility};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::error::CasePart;
use crate::items::digests_of;
use crate::view::{CONTRADICTION_BIT, ViewReader, from_json};
use crate::{CaseFile, Result};

/// Tells how an item stands by the rule, without any decision.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemStanding {
    /// Digests and length.
    pub digests: Digests,
    /// What the rule says.
    pub visibility: Visibility,
    /// True when a person has decided about it: then it is shown, whatever the rule says.
    pub decided: bool,
    /// Exact matches.
    pub hits: Vec<Hit>,
    /// Perceptual matches.
    pub near: Vec<NearHit>,
}

/// Holds digests of entries, by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DigestsWanted {
    /// MD5.
    pub md5: HashSet<Md5>,
    /// SHA-1.
    pub sha1: HashSet<Sha1>,
    /// SHA-256.
    pub sha256: HashSet<Sha256>,
}

impl DigestsWanted {
    /// Tells whether none is wanted.
    pub fn is_empty(&self) -> bool {
        self.md5.is_empty() && self.sha1.is_empty() && self.sha256.is_empty()
    }
}

const STANDING: &str = "i.sha256, i.md5, i.sha1, i.size, v.visibility, v.hits, v.near,
    EXISTS (SELECT 1 FROM main.current c WHERE c.item = i.id)";

impl CaseFile {
    /// Gives how every item stands, by the order of loading. Items that wait for their derived state are left out.
    pub fn standings(&self, each: &mut dyn FnMut(ItemStanding) -> ControlFlow<()>) -> Result<()> {
        self.read(|db| {
            let mut all = db.prepare(&format!(
                "SELECT {STANDING} FROM main.item i CROSS JOIN derived.view v ON v.id = i.id ORDER BY i.id"
            ))?;
            let mut rows = all.query([])?;
            let mut reader = ViewReader::new(db);
            while let Some(row) = rows.next()? {
                if each(standing(&mut reader, row)?).is_break() {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Gives how these items stand, in their order. What the case does not have, or has no derived state of, is left out.
    pub fn standings_of(&self, items: &[Sha256]) -> Result<Vec<ItemStanding>> {
        self.read(|db| {
            let mut reader = ViewReader::new(db);
            items.iter().filter_map(|item| standing_of(db, &mut reader, item).transpose()).collect()
        })
    }

    /// Finds the items that have one of these digests, by the order of loading. Takes one pass over all items, whatever
    /// the number of digests: an index of each kind would slow every load down.
    pub fn items_with(&self, wanted: &DigestsWanted) -> Result<Vec<Sha256>> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        self.read(|db| {
            let mut all = db.prepare("SELECT sha256, md5, sha1 FROM main.item ORDER BY id")?;
            let mut rows = all.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let sha256 = Sha256(row.get(0)?);
                if wanted.sha256.contains(&sha256)
                    || wanted.md5.contains(&Md5(row.get(1)?))
                    || wanted.sha1.contains(&Sha1(row.get(2)?))
                {
                    found.push(sha256);
                }
            }
            Ok(found)
        })
    }

    /// Lists the items of which an entry has one digest and contradicts another.
    pub fn contradicted(&self) -> Result<Vec<Sha256>> {
        self.read(|db| {
            let sql = format!("SELECT id FROM derived.view INDEXED BY view_tally WHERE findings & {CONTRADICTION_BIT}");
            digests_by_id(db, &sql)
        })
    }

    /// Lists the items that look like an entry.
    pub fn suggested(&self) -> Result<Vec<Sha256>> {
        self.read(|db| digests_by_id(db, "SELECT id FROM derived.view INDEXED BY view_tally WHERE suggested = 1"))
    }
}

fn digests_by_id(db: &Connection, ids: &str) -> Result<Vec<Sha256>> {
    let mut all = db.prepare(&format!("SELECT i.sha256 FROM main.item i WHERE i.id IN ({ids}) ORDER BY i.id"))?;
    let rows = all.query_map([], |row| Ok(Sha256(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Reads how one item stands.
pub(crate) fn standing_of(db: &Connection, reader: &mut ViewReader<'_>, item: &Sha256) -> Result<Option<ItemStanding>> {
    let sql = format!("SELECT {STANDING} FROM main.item i JOIN derived.view v ON v.id = i.id WHERE i.sha256 = ?1");
    let mut one = db.prepare_cached(&sql)?;
    let mut rows = one.query([item.0])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    standing(reader, row).map(Some)
}

fn standing(reader: &mut ViewReader<'_>, row: &Row<'_>) -> Result<ItemStanding> {
    Ok(ItemStanding {
        digests: digests_of(row, 0)?,
        visibility: from_json(&row.get::<_, String>(4)?, CasePart::Derived)?,
        decided: row.get(7)?,
        hits: reader.hits(&row.get::<_, String>(5)?)?,
        near: reader.near(&row.get::<_, String>(6)?)?,
    })
}

/// Finds an item's number.
pub(crate) fn number_of(db: &Connection, item: &Sha256) -> Result<Option<i64>> {
    Ok(db
        .prepare_cached("SELECT id FROM main.item WHERE sha256 = ?1")?
        .query_row([item.0], |row| row.get(0))
        .optional()?)
}
