//! What the operations of a ledger lead to, played one after the other against the rows that they added.

use std::collections::BTreeMap;

use domain::{EvidencePart, LeadContent, Sha256};
use rusqlite::{Connection, OptionalExtension};
use serde::de::DeserializeOwned;

use super::exports::Exports;
use crate::Result;
use crate::canon::{Canon, sha256};
use crate::clock::Clocks;
use crate::decide::{self, Decisions};
use crate::history::{DONE, PASSED, UNDONE};
use crate::judge::judgement_row;
use crate::lead::{LeadMove, Leads};
use crate::ledger::{LedgerRow, OperationKind};
use crate::mark::Marked;
use crate::moves::{self, Move, Moving, Played};
use crate::proof::{EvidenceMove, Pieces};
use crate::record::{ItemGround, OccurrenceGround};
use crate::seal::Seal;

/// What the operations lead to, and how many rows they added.
#[derive(Default)]
pub(super) struct Replay {
    pub sources: i64,
    items: i64,
    occurrences: i64,
    pub judgements: i64,
    pub seals: i64,
    pub healed: i64,
    pub places: i64,
    loads: i64,
    decisions: i64,
    pub notices: i64,
    pub notices_read: i64,
    pub vetoes: i64,
    pub opinions: i64,
    current: Played<Decisions>,
    marked: Played<Marked>,
    leads: Played<Leads>,
    evidence: Played<Pieces>,
    clocks: Played<Clocks>,
    pub exports: Exports,
    pub history: BTreeMap<i64, (String, i64)>,
    pub people: Vec<(String, String, i64, Option<i64>)>,
    pub keys: Option<String>,
}

impl Replay {
    pub(super) fn created(&mut self, db: &Connection, row: &LedgerRow) -> Result<bool> {
        let about = db
            .query_row("SELECT number, unit, legal_scope, scheme, created_by, created FROM main.about", [], |row| {
                let texts = [row.get::<_, String>(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?];
                Ok((texts, row.get::<_, i64>(5)?))
            })
            .optional()?;
        let Some(([number, unit, legal_scope, scheme, created_by], created)) = about else { return Ok(false) };
        let scheme = sha256(scheme.as_bytes()).to_string();
        let told = [("number", number), ("unit", unit), ("legal_scope", legal_scope), ("scheme_sha256", scheme)];
        let same = told.iter().all(|(key, value)| row.detail[*key] == **value);
        let same = same && created_by == row.who.as_str() && created == row.at.0;
        Ok(self.user_added(row) && same && row.seq == 1)
    }

    pub(super) fn user_added(&mut self, row: &LedgerRow) -> bool {
        let (Some(name), Some(role)) = (row.detail["user"].as_str(), row.detail["role"].as_str()) else { return false };
        self.people.push((name.to_owned(), role.to_owned(), row.at.0, None));
        true
    }

    pub(super) fn user_removed(&mut self, row: &LedgerRow) -> bool {
        let Some(name) = row.detail["user"].as_str() else { return false };
        let person = self.people.iter_mut().find(|(known, .., removed)| known == name && removed.is_none());
        person.map(|person| person.3 = Some(row.at.0)).is_some()
    }

    pub(super) fn recorded(&mut self, db: &Connection, row: &LedgerRow) -> Result<bool> {
        let mut canon = Canon::new("zeef recorded 1");
        let (items, occurrences) = (number(row, "items"), number(row, "occurrences"));
        let in_turn =
            number(row, "first_item") == self.items + 1 && number(row, "first_occurrence") == self.occurrences + 1;
        let mut some_items = db.prepare_cached(&format!(
            "SELECT {} FROM main.item WHERE id > ?1 AND id <= ?2 ORDER BY id",
            ItemGround::COLUMNS
        ))?;
        let mut found = some_items.query((self.items, self.items.saturating_add(items)))?;
        while let Some(row) = found.next()? {
            ItemGround::read(row)?.add_to(&mut canon);
        }
        let mut some_places = db.prepare_cached(&format!(
            "SELECT {} FROM main.occurrence WHERE id > ?1 AND id <= ?2 ORDER BY id",
            OccurrenceGround::COLUMNS
        ))?;
        let mut found = some_places.query((self.occurrences, self.occurrences.saturating_add(occurrences)))?;
        while let Some(row) = found.next()? {
            OccurrenceGround::read(row)?.add_to(&mut canon);
        }
        let seq = row.seq.cast_signed();
        let mut of_others = false;
        for (table, first, count) in [("item", self.items, items), ("occurrence", self.occurrences, occurrences)] {
            of_others |= db
                .prepare_cached(&format!(
                    "SELECT 1 FROM main.{table} WHERE id > ?1 AND id <= ?2 AND seq <> ?3 LIMIT 1"
                ))?
                .exists((first, first.saturating_add(count), seq))?;
        }
        self.items = self.items.saturating_add(items);
        self.occurrences = self.occurrences.saturating_add(occurrences);
        self.judgements += add_judgements(db, seq, &mut canon)?;
        self.seals += add_seals(db, seq, &mut canon)?;
        Ok(in_turn && !of_others && says(row, canon.finish()))
    }

    pub(super) fn source_loaded(&mut self, db: &Connection, row: &LedgerRow) -> Result<bool> {
        self.loads += 1;
        let stored: Option<(i64, i64, String)> = db
            .prepare_cached("SELECT source, at, summary FROM main.load WHERE seq = ?1")?
            .query_row([row.seq.cast_signed()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let told = (number(row, "source"), row.at.0, row.detail["summary"].to_string());
        Ok(stored == Some(told))
    }

    /// Plays that a user did something that can be undone: what was undone before cannot come back.
    pub(super) fn done(&mut self, row: &LedgerRow) {
        let who = row.who.as_str();
        self.history
            .values_mut()
            .filter(|(whose, standing)| whose == who && *standing == UNDONE)
            .for_each(|(_, standing)| *standing = PASSED);
        self.history.insert(row.seq.cast_signed(), (who.to_owned(), DONE));
    }

    /// Plays an operation that moves things, an undo or a redo; tells whether its rows are those that it noted, each moved
    /// from where it stood to what an operation said, and how many there are.
    pub(super) fn moved(&mut self, db: &Connection, row: &LedgerRow) -> Result<(bool, u64)> {
        let seq = row.seq.cast_signed();
        let mut canon = moves::canon(row.kind);
        let (mut same, decided) = self.decided(db, seq, &mut canon)?;
        // What takes a veto back, or puts it there again, judges the item anew.
        self.judgements += add_judgements(db, seq, &mut canon)?;
        self.seals += add_seals(db, seq, &mut canon)?;
        let (marks_same, marks) = play(&mut self.marked, db, seq, &mut canon, |_| Ok(true))?;
        let content =
            |step: &LeadMove| is_said::<_, LeadContent>(db, seq, step, (step.of, "content"), step.says.as_deref());
        let (leads_same, leads) = play(&mut self.leads, db, seq, &mut canon, content)?;
        let part = |step: &EvidenceMove| {
            is_said::<_, EvidencePart>(db, seq, step, (step.of.id, "part"), step.says.0.as_deref())
        };
        let (pieces_same, pieces) = play(&mut self.evidence, db, seq, &mut canon, part)?;
        let (clocks_same, clocks) = play(&mut self.clocks, db, seq, &mut canon, |_| Ok(true))?;
        same &= marks_same && leads_same && pieces_same && clocks_same;
        same &= number(row, "items") == (decided + marks + pieces).cast_signed();
        same &= self.stepped(row);
        Ok((same && says(row, canon.finish()), decided + marks + leads + pieces + clocks))
    }

    /// Plays the changes of decisions of an operation, with the rows that it made.
    fn decided(&mut self, db: &Connection, seq: i64, canon: &mut Canon) -> Result<(bool, u64)> {
        let moves = moves::at::<Decisions>(db, seq)?;
        let count = moves.len() as u64;
        let mut same = true;
        for step in moves {
            let made: Option<(String, Option<String>)> = db
                .prepare_cached("SELECT category, note FROM main.decision WHERE id = ?1 AND seq = ?2 AND item = ?3")?
                .query_row((step.after, seq, step.of), |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let category = made.as_ref().map(|(category, _)| domain::CategoryCode(category.clone()));
            self.decisions += i64::from(made.is_some());
            decide::add_to(&step, canon, category.as_ref(), made.as_ref().and_then(|(_, note)| note.as_deref()));
            same &= self.current.play(step);
        }
        Ok((same, count))
    }

    /// Plays what an operation does to what can be taken back; tells whether that was possible.
    fn stepped(&mut self, row: &LedgerRow) -> bool {
        let (expected, next) = match row.kind {
            OperationKind::Undone => (DONE, UNDONE),
            OperationKind::Redone => (UNDONE, DONE),
            _ => {
                self.done(row);
                return true;
            }
        };
        let of = row.detail["what"]["of"].as_i64().unwrap_or(0);
        match self.history.get_mut(&of) {
            Some((whose, standing)) if whose == row.who.as_str() && *standing == expected => {
                *standing = next;
                true
            }
            _ => false,
        }
    }

    /// Gives the tables with the number of rows that each ought to have.
    pub(super) fn counted(&self) -> Vec<(&'static str, i64)> {
        let [exports, ends] = self.exports.counted();
        vec![
            ("source", self.sources),
            ("item", self.items),
            ("occurrence", self.occurrences),
            ("judgement", self.judgements),
            ("seal", self.seals),
            ("healed", self.healed),
            ("set_in_force", self.places),
            ("load", self.loads),
            ("decision", self.decisions),
            ("notice", self.notices),
            ("notice_read", self.notices_read),
            ("veto", self.vetoes),
            ("opinion", self.opinions),
            self.current.counted(),
            self.marked.counted(),
            self.leads.counted(),
            self.evidence.counted(),
            self.clocks.counted(),
            exports,
            ends,
        ]
    }

    /// Compares what is in force with what the operations led to, and tells what differs.
    pub(super) fn differs(&self, db: &Connection) -> Result<Vec<&'static str>> {
        let checked = [
            (self.current.is_in_force(db)?, "the decisions in force are not those that the operations made"),
            (self.marked.is_in_force(db)?, "the marks and notes in force are not those that the operations made"),
            (self.leads.is_in_force(db)?, "the leads in force are not those that the operations made"),
            (self.evidence.is_in_force(db)?, "the evidence in force is not that which the operations made"),
            (self.clocks.is_in_force(db)?, "the clocks of devices are not those that the operations set"),
        ];
        Ok(checked.into_iter().filter(|(same, _)| !same).map(|(_, problem)| problem).collect())
    }
}

/// Plays the moves of one kind of things that an operation made, and adds them to its digest; tells whether each moved from
/// where the thing stood and is as `holds` wants it, and how many there are.
fn play<T: Moving>(
    played: &mut Played<T>,
    db: &Connection,
    seq: i64,
    canon: &mut Canon,
    holds: impl Fn(&Move<T>) -> Result<bool>,
) -> Result<(bool, u64)> {
    let moves = moves::at::<T>(db, seq)?;
    let count = moves.len() as u64;
    let mut same = true;
    for step in moves {
        step.add_to(canon);
        same &= holds(&step)?;
        same &= played.play(step);
    }
    Ok((same, count))
}

/// Tells whether what holds after a move is said in the one place where it has to be, by its own operation or by an earlier
/// one, and in its form. `at` is the number of the thing and the column.
fn is_said<T: Moving, S: DeserializeOwned>(
    db: &Connection,
    seq: i64,
    step: &Move<T>,
    at: (i64, &str),
    own: Option<&str>,
) -> Result<bool> {
    let (number, column) = at;
    let text = match step.after {
        Some(by) if by == seq => own.unwrap_or_default().to_owned(),
        _ if own.is_some() => return Ok(false),
        None => return Ok(true),
        Some(by) => {
            let sql = format!("SELECT {column} FROM main.{} WHERE seq = ?1 AND {} = ?2", T::MOVES, T::KEY[0]);
            let mut one = db.prepare_cached(&sql)?;
            let text = one.query_row((by, number), |row| row.get::<_, Option<String>>(0)).optional()?;
            text.flatten().unwrap_or_default()
        }
    };
    Ok(serde_json::from_str::<S>(&text).is_ok())
}

pub(super) fn says(row: &LedgerRow, digest: Sha256) -> bool {
    row.detail["sha256"] == *digest.to_string()
}

pub(super) fn number(row: &LedgerRow, key: &str) -> i64 {
    row.detail[key].as_i64().unwrap_or(-1)
}

pub(super) fn add_judgements(db: &Connection, seq: i64, canon: &mut Canon) -> Result<i64> {
    let mut all = db.prepare_cached("SELECT item, before, after FROM main.judgement WHERE seq = ?1 ORDER BY item")?;
    let mut rows = all.query([seq])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let before: Option<String> = row.get(1)?;
        judgement_row(canon, row.get(0)?, before.as_deref(), &row.get::<_, String>(2)?);
        count += 1;
    }
    Ok(count)
}

pub(super) fn add_seals(db: &Connection, seq: i64, canon: &mut Canon) -> Result<i64> {
    let mut all =
        db.prepare_cached("SELECT item, hidden, judged, decoded FROM main.seal WHERE seq = ?1 ORDER BY item")?;
    let mut rows = all.query([seq])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let decoded: Option<[u8; 32]> = row.get(3)?;
        let seal =
            Seal { item: row.get(0)?, hidden: row.get(1)?, judged: Sha256(row.get(2)?), decoded: decoded.map(Sha256) };
        seal.add_to(canon);
        count += 1;
    }
    Ok(count)
}

pub(super) fn healed_at(db: &Connection, seq: i64) -> Result<Vec<i64>> {
    let mut all = db.prepare_cached("SELECT occurrence FROM main.healed WHERE seq = ?1 ORDER BY occurrence")?;
    let rows = all.query_map([seq], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
