//! Vetoes: a person says that an entry of a set is wrong about an item. Taken back and done again like decisions.
//!
//! A veto is a row that never changes; it holds while its operation is done in its user's history, and not while that is
//! undone. What the rule says with and without it is worked out by whoever judges, within the same operation, so that no
//! kill leaves a veto beside an item that it should have shown.

use std::collections::HashMap;

use domain::{EntryId, SetName, SetVersion, Sha256, UtcTime, Veto, Visibility};
use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::json;

use crate::canon::Canon;
use crate::error::{CasePart, damaged};
use crate::history::{self, DONE, Step, Stepped};
use crate::judge::{self, Planned};
use crate::ledger::OperationKind;
use crate::model::{OperationId, Rejudged};
use crate::seal::Seal;
use crate::standing::{ItemStanding, number_of, standing_of};
use crate::view::ViewReader;
use crate::writing::Writer;
use crate::{CaseFile, CasefileError, Result};

/// Most entries in one veto.
pub const VETOED_MAX: usize = 1024;

/// Says what the rule says of an item when these vetoes hold.
pub type Judge<'a> = &'a dyn Fn(&ItemStanding, &[Veto]) -> Visibility;

/// Names an entry that a person calls wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VetoedEntry {
    /// Set.
    pub set: SetName,
    /// Its version.
    pub version: SetVersion,
    /// Entry.
    pub entry: EntryId,
    /// Whether the entry's number never changes.
    pub lasting: bool,
}

impl CaseFile {
    /// Calls entries wrong about an item, and judges it anew, in one operation.
    pub fn veto(
        &self,
        sha256: &Sha256,
        entries: &[VetoedEntry],
        reason: &str,
        judge: Judge<'_>,
        now: UtcTime,
    ) -> Result<OperationId> {
        if entries.len() > VETOED_MAX {
            return Err(CasefileError::Limit { what: "entries to veto", max: VETOED_MAX });
        }
        self.write("call an entry wrong", |writer| {
            let item = number_of(writer.db(), sha256)?.ok_or(CasefileError::NoSuchItem { sha256: *sha256 })?;
            let mut vetoes = vetoes_of(writer.db(), item, None)?;
            vetoes.extend(entries.iter().map(|entry| Veto {
                set: entry.set.clone(),
                version: entry.version,
                entry: entry.entry,
                lasting: entry.lasting,
                by: self.inner.user.clone(),
                at: now,
                reason: reason.to_owned(),
            }));
            let rejudged = judged(writer.db(), sha256, &vetoes, judge)?;
            let plan = judge::plan(writer.db(), &rejudged)?;
            let seq = put(writer, &plan, |db, seals| {
                let first: i64 =
                    db.query_row("SELECT coalesce(max(id), 0) + 1 FROM main.veto", [], |row| row.get(0))?;
                let mut canon = Canon::new("zeef vetoed 1");
                for (id, entry) in (first..).zip(entries) {
                    add_to(&mut canon, id, item, entry, reason);
                }
                let moved = judge::add_all(&mut canon, &plan, seals);
                let listed: Vec<_> = entries
                    .iter()
                    .map(|one| json!({ "set": one.set, "version": one.version, "entry": one.entry }))
                    .collect();
                let detail = json!({
                    "item": sha256, "entries": listed, "reason": reason, "judgements": moved.len(),
                    "sha256": canon.finish(),
                });
                let seq = self.append(db, OperationKind::Vetoed, &detail, now)?;
                for (id, entry) in (first..).zip(entries) {
                    insert(db, id, seq, item, entry, reason)?;
                }
                judge::insert_all(db, seq, &moved, seals)?;
                self.did(db, seq)?;
                Ok(seq)
            })?;
            writer.purge()?;
            Ok(OperationId(seq.unsigned_abs()))
        })
    }

    /// Gives the vetoes that hold, by item.
    pub fn vetoes(&self) -> Result<HashMap<Sha256, Vec<Veto>>> {
        self.read(|db| {
            let mut all = db.prepare(&format!("{HOLDING} ORDER BY v.id"))?;
            let mut rows = all.query([DONE])?;
            let mut found: HashMap<Sha256, Vec<Veto>> = HashMap::new();
            while let Some(row) = rows.next()? {
                found.entry(Sha256(row.get(0)?)).or_default().push(read(row)?);
            }
            Ok(found)
        })
    }

    /// Notes that the vetoes were written to a file, with its digest.
    pub fn feedback_written(&self, vetoes: u64, file: &Sha256, now: UtcTime) -> Result<()> {
        self.write("write feedback", |writer| {
            writer.ground(|db| {
                let detail = json!({ "vetoes": vetoes, "file_sha256": file });
                self.append(db, OperationKind::FeedbackWritten, &detail, now)?;
                Ok(())
            })
        })
    }

    /// Takes a veto back, or puts it there again.
    pub(crate) fn step_veto(
        &self,
        writer: &mut Writer,
        of: &Step,
        kind: OperationKind,
        judge: Judge<'_>,
        now: UtcTime,
    ) -> Result<Stepped> {
        let of = of.operation.0.cast_signed();
        let (item, sha256, what, count) = described(writer.db(), of)?.ok_or_else(|| damaged(CasePart::Ground))?;
        let mut vetoes = vetoes_of(writer.db(), item, Some(of))?;
        if kind == OperationKind::Redone {
            vetoes.extend(vetoes_by(writer.db(), of)?);
        }
        let rejudged = judged(writer.db(), &sha256, &vetoes, judge)?;
        let plan = judge::plan(writer.db(), &rejudged)?;
        let seq = put(writer, &plan, |db, seals| {
            let mut canon = Canon::new("zeef changes 1");
            let moved = judge::add_all(&mut canon, &plan, seals);
            let detail = json!({
                "what": { "of": of, "vetoes": count }, "items": 0, "judgements": moved.len(),
                "sha256": canon.finish(),
            });
            let seq = self.append(db, kind, &detail, now)?;
            judge::insert_all(db, seq, &moved, seals)?;
            history::stepped(db, of, kind)?;
            Ok(seq)
        })?;
        Ok((seq, what, 1))
    }
}

/// Writes a plan as one operation: to both files where something is to be judged otherwise, else to the ground file alone.
fn put(
    writer: &mut Writer,
    plan: &[Planned<'_>],
    ground: impl FnOnce(&Connection, &[Seal]) -> Result<i64>,
) -> Result<i64> {
    if plan.is_empty() {
        return writer.ground(|db| ground(db, &[]));
    }
    writer.both(|db, _| judge::put_all(db, plan), |db, _, seals: Vec<Seal>| ground(db, &seals))
}

/// Judges the item with these vetoes; an item without derived state is judged when it is read again.
fn judged(db: &Connection, sha256: &Sha256, vetoes: &[Veto], judge: Judge<'_>) -> Result<Vec<Rejudged>> {
    let Some(standing) = standing_of(db, &mut ViewReader::new(db), sha256)? else { return Ok(Vec::new()) };
    let visibility = judge(&standing, vetoes);
    Ok(vec![Rejudged { sha256: *sha256, visibility, hits: standing.hits, near: None, decoded: None }])
}

const HOLDING: &str = "SELECT i.sha256, v.hash_set, v.version, v.entry, v.lasting, l.who, l.at, v.reason
     FROM main.veto v JOIN main.history h ON h.seq = v.seq AND h.standing = ?1
     JOIN main.ledger l ON l.seq = v.seq JOIN main.item i ON i.id = v.item";

/// Reads a row of [`HOLDING`]; its first column is not looked at.
pub(crate) fn read(row: &Row<'_>) -> Result<Veto> {
    let broken = || damaged(CasePart::Ground);
    Ok(Veto {
        set: row.get::<_, String>(1)?.parse().map_err(|_| broken())?,
        version: SetVersion(row.get(2)?),
        entry: EntryId(row.get::<_, i64>(3)?.cast_unsigned()),
        lasting: row.get(4)?,
        by: row.get::<_, String>(5)?.parse().map_err(|_| broken())?,
        at: UtcTime(row.get(6)?),
        reason: row.get(7)?,
    })
}

/// Reads the vetoes that hold about an item, but for those of one operation.
fn vetoes_of(db: &Connection, item: i64, without: Option<i64>) -> Result<Vec<Veto>> {
    let mut all = db.prepare_cached(&format!("{HOLDING} WHERE v.item = ?2 AND v.seq IS NOT ?3 ORDER BY v.id"))?;
    let mut rows = all.query((DONE, item, without))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// Reads the vetoes of one operation, whether they hold or not.
fn vetoes_by(db: &Connection, seq: i64) -> Result<Vec<Veto>> {
    let mut all = db.prepare_cached(
        "SELECT i.sha256, v.hash_set, v.version, v.entry, v.lasting, l.who, l.at, v.reason FROM main.veto v
         JOIN main.ledger l ON l.seq = v.seq JOIN main.item i ON i.id = v.item WHERE v.seq = ?1 ORDER BY v.id",
    )?;
    let mut rows = all.query([seq])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// Tells a person what an operation called wrong, and about which item; `None` when it is no veto.
fn described(db: &Connection, seq: i64) -> Result<Option<(i64, Sha256, String, usize)>> {
    let item: Option<(i64, [u8; 32])> = db
        .prepare_cached("SELECT i.id, i.sha256 FROM main.veto v JOIN main.item i ON i.id = v.item WHERE v.seq = ?1")?
        .query_row([seq], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((item, sha256)) = item else { return Ok(None) };
    let vetoes = vetoes_by(db, seq)?;
    let named: Vec<String> = vetoes.iter().map(|veto| format!("entry {} of {}", veto.entry, veto.set)).collect();
    Ok(Some((item, Sha256(sha256), format!("veto of {}", named.join(", ")), vetoes.len())))
}

fn add_to(canon: &mut Canon, id: i64, item: i64, entry: &VetoedEntry, reason: &str) {
    canon.bytes(b"veto").number(id).number(item).bytes(entry.set.as_str().as_bytes());
    canon.number(entry.version.0.into()).number(entry.entry.0.cast_signed()).number(i64::from(entry.lasting));
    canon.bytes(reason.as_bytes());
}

fn insert(db: &Connection, id: i64, seq: i64, item: i64, entry: &VetoedEntry, reason: &str) -> Result<()> {
    db.prepare_cached("INSERT INTO main.veto VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?.execute((
        id,
        seq,
        item,
        entry.set.as_str(),
        entry.version.0,
        entry.entry.0.cast_signed(),
        entry.lasting,
        reason,
    ))?;
    Ok(())
}

/// Adds the vetoes of an operation, as they stand there, to its digest, and gives their number.
pub(crate) fn add_vetoes(db: &Connection, seq: i64, canon: &mut Canon) -> Result<i64> {
    let mut all = db.prepare_cached(
        "SELECT id, item, hash_set, version, entry, lasting, reason FROM main.veto WHERE seq = ?1 ORDER BY id",
    )?;
    let mut rows = all.query([seq])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let entry = VetoedEntry {
            set: row.get::<_, String>(2)?.parse().map_err(|_| damaged(CasePart::Ground))?,
            version: SetVersion(row.get(3)?),
            entry: EntryId(row.get::<_, i64>(4)?.cast_unsigned()),
            lasting: row.get(5)?,
        };
        add_to(canon, row.get(0)?, row.get(1)?, &entry, &row.get::<_, String>(6)?);
        count += 1;
    }
    Ok(count)
}
