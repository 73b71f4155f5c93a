//! Counting a case: over indexes alone, so that a million items take a moment, and always from the rows.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::model::Counts;
use crate::view::{BY_GOOD, BY_KNOWN, CONFLICT_BIT, FINDINGS, HIDDEN, REFUSED, SHOWN};
use crate::{CaseFile, Result};

impl CaseFile {
    /// Counts the case.
    pub fn counts(&self) -> Result<Counts> {
        self.read(|db| {
            let mut counts = Counts::default();
            let contents = number(db, "SELECT count(*) FROM main.item")?;
            tally(db, &mut counts)?;
            counts.pending = contents.saturating_sub(counts.items);
            take_decisions_into_account(db, &mut counts)?;
            count_places(db, &mut counts)?;
            counts.stacked =
                number(db, "SELECT count(*) FROM derived.stack WHERE generation = (SELECT stacks FROM derived.meta)")?;
            counts.stacks = number(
                db,
                "SELECT count(DISTINCT representative) FROM derived.stack
                 WHERE generation = (SELECT stacks FROM derived.meta)",
            )?;
            counts.known_decoded = known_decoded(db)?;
            Ok(counts)
        })
    }
}

/// Counts what the rule says, by groups of equal rows of one index.
fn tally(db: &Connection, counts: &mut Counts) -> Result<()> {
    // Rows beyond the newest item belong to an operation that is being written at this moment.
    let mut groups = db.prepare_cached(
        "SELECT state, hide, hide_set, refusal, findings, class, suggested, decoded, count(*)
         FROM derived.view INDEXED BY view_tally WHERE id <= (SELECT coalesce(max(id), 0) FROM main.item)
         GROUP BY state, hide, hide_set, refusal, findings, class, suggested, decoded",
    )?;
    let mut rows = groups.query([])?;
    while let Some(row) = rows.next()? {
        let count = row.get::<_, i64>(8)?.unsigned_abs();
        counts.items += count;
        *state_of(counts, row.get(0)?) += count;
        match row.get::<_, Option<i64>>(1)? {
            Some(BY_KNOWN) => counts.hidden_known += count,
            Some(BY_GOOD) => counts.hidden_ordinary += count,
            _ => {}
        }
        if let Some(set) = row.get::<_, Option<String>>(2)? {
            *counts.by_set.entry(set).or_default() += count;
        }
        if let Some(code) = row.get::<_, Option<String>>(3)? {
            *counts.by_refusal.entry(code).or_default() += count;
        }
        let findings: i64 = row.get(4)?;
        for (bit, name) in FINDINGS.iter().enumerate().filter(|(bit, _)| findings >> bit & 1 == 1) {
            *counts.findings.entry((*name).to_owned()).or_default() += count;
            counts.conflicts += if 1 << bit == CONFLICT_BIT { count } else { 0 };
        }
        *counts.by_class.entry(row.get(5)?).or_default() += count;
        counts.suggestions += count * row.get::<_, i64>(6)?.unsigned_abs();
        counts.decoded += count * row.get::<_, i64>(7)?.unsigned_abs();
    }
    counts.quarantined = counts.findings.get("quarantined").copied().unwrap_or(0);
    Ok(())
}

fn state_of(counts: &mut Counts, state: i64) -> &mut u64 {
    match state {
        HIDDEN => &mut counts.hidden,
        REFUSED => &mut counts.refused,
        _ => &mut counts.shown,
    }
}

/// Moves what a person decided from where the rule has it to what is shown.
fn take_decisions_into_account(db: &Connection, counts: &mut Counts) -> Result<()> {
    let mut decided = db.prepare_cached(
        "SELECT v.state, v.hide, v.hide_set, v.refusal, count(*) FROM main.current c JOIN derived.view v ON v.id = c.item
         GROUP BY v.state, v.hide, v.hide_set, v.refusal",
    )?;
    let mut rows = decided.query([])?;
    while let Some(row) = rows.next()? {
        let state: i64 = row.get(0)?;
        if state == SHOWN {
            continue;
        }
        let count = row.get::<_, i64>(4)?.unsigned_abs();
        *state_of(counts, state) -= count;
        counts.shown += count;
        match row.get::<_, Option<i64>>(1)? {
            Some(BY_KNOWN) => counts.hidden_known -= count,
            Some(BY_GOOD) => counts.hidden_ordinary -= count,
            _ => {}
        }
        take_away(&mut counts.by_set, row.get(2)?, count);
        take_away(&mut counts.by_refusal, row.get(3)?, count);
    }
    let mut categories = db.prepare_cached(
        "SELECT x.category, count(*) FROM main.current c JOIN main.decision x ON x.id = c.decision
         WHERE EXISTS (SELECT 1 FROM derived.view v WHERE v.id = c.item) GROUP BY x.category",
    )?;
    let mut rows = categories.query([])?;
    while let Some(row) = rows.next()? {
        let count = row.get::<_, i64>(1)?.unsigned_abs();
        counts.classified += count;
        counts.by_category.insert(row.get(0)?, count);
    }
    Ok(())
}

fn take_away(map: &mut BTreeMap<String, u64>, key: Option<String>, count: u64) {
    let Some(key) = key else { return };
    if let Some(left) = map.get_mut(&key) {
        *left -= count;
        if *left == 0 {
            map.remove(&key);
        }
    }
}

fn count_places(db: &Connection, counts: &mut Counts) -> Result<()> {
    let mut unread = db.prepare_cached(
        "SELECT refusal, count(*) FROM main.occurrence WHERE item IS NULL AND superseded = 0 GROUP BY refusal",
    )?;
    let mut rows = unread.query([])?;
    while let Some(row) = rows.next()? {
        let count = row.get::<_, i64>(1)?.unsigned_abs();
        counts.unread += count;
        *counts.by_refusal.entry(row.get(0)?).or_default() += count;
    }
    counts.items += counts.unread;
    counts.refused += counts.unread;
    let read = if counts.pending == 0 {
        number(db, "SELECT count(*) FROM main.occurrence INDEXED BY occurrence_item WHERE item IS NOT NULL")?
    } else {
        number(db, "SELECT count(*) FROM main.occurrence o JOIN derived.view v ON v.id = o.item")?
    };
    counts.occurrences = read + counts.unread;
    Ok(())
}

/// Counts what must not be: hidden by an exact digest now and when it was first recorded, undecided, and yet decoded.
/// The mark in `view` is set where facts and thumbnail are written and nowhere else; `verify` compares it with them.
fn known_decoded(db: &Connection) -> Result<u64> {
    number(
        db,
        "SELECT count(*) FROM derived.view v INDEXED BY view_purge JOIN main.item i ON i.id = v.id
         WHERE v.state = 1 AND v.decoded = 1 AND i.hidden_first = 1
           AND NOT EXISTS (SELECT 1 FROM main.current c WHERE c.item = v.id)",
    )
}

fn number(db: &Connection, sql: &str) -> Result<u64> {
    Ok(db.prepare_cached(sql)?.query_row([], |row| row.get::<_, i64>(0))?.unsigned_abs())
}
