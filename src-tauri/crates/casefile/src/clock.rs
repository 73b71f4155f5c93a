//! Clocks of devices: how far each is ahead of the true time, as people believe, and why.
//!
//! What is believed moves as a mark does, from the operation that said it to another one: see `mark`.

use domain::{UserName, UtcTime};
use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use serde_json::json;

use crate::canon::Canon;
use crate::error::{CasePart, damaged};
use crate::history::{self, Step, Stepped};
use crate::ledger::OperationKind;
use crate::model::OperationId;
use crate::writing::Writer;
use crate::{CaseFile, CasefileError, Result};

/// Most characters of the key of a device.
pub const DEVICE_CHARS_MAX: usize = 500;
/// Most characters of the reason.
pub const CLOCK_REASON_CHARS_MAX: usize = 2000;

/// Tells what is believed of a device's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClockRow {
    /// Key of the device, as the caller names it.
    pub device: String,
    /// Seconds by which its clock is ahead of the true time; negative when it is behind.
    pub ahead_seconds: i32,
    /// Why that is believed.
    pub reason: String,
    /// Who said so.
    pub by: UserName,
    /// When.
    pub at: UtcTime,
}

impl CaseFile {
    /// Says how far a device's clock is ahead. `None` when that is said already. It can be undone.
    pub fn clock_set(
        &self,
        device: &str,
        ahead_seconds: i32,
        reason: &str,
        now: UtcTime,
    ) -> Result<Option<OperationId>> {
        let limits = [
            ("characters of a device", device.chars().count(), DEVICE_CHARS_MAX),
            ("characters of a reason", reason.chars().count(), CLOCK_REASON_CHARS_MAX),
        ];
        for (what, found, max) in limits {
            if found > max {
                return Err(CasefileError::Limit { what, max });
            }
        }
        self.write("set the clock of a device", |writer| {
            writer.ground(|db| {
                let before = in_force(db, device)?;
                let stands = before.map_or(Ok(None), |seq| said_at(db, seq))?;
                if stands.is_some_and(|stands| stands == (ahead_seconds, reason.to_owned())) {
                    return Ok(None);
                }
                let seq = self.next_number(db)?;
                let step = ClockMove {
                    device: device.to_owned(),
                    before,
                    after: Some(seq),
                    said: Some((ahead_seconds, reason.to_owned())),
                };
                self.put_clock(db, OperationKind::ClockSet, json!({ "device": device }), Some(&step), now)?;
                self.did(db, seq)?;
                Ok(Some(OperationId(seq.unsigned_abs())))
            })
        })
    }

    /// Lists what is believed of clocks, by device.
    pub fn clocks(&self) -> Result<Vec<ClockRow>> {
        self.read(|db| {
            let mut all = db.prepare_cached(
                "SELECT n.device, c.ahead, c.reason, l.who, l.at FROM main.clock_now n
                 JOIN main.clock c ON c.seq = n.seq JOIN main.ledger l ON l.seq = n.seq ORDER BY n.device",
            )?;
            let mut rows = all.query([])?;
            let mut clocks = Vec::new();
            while let Some(row) = rows.next()? {
                clocks.push(ClockRow {
                    device: row.get(0)?,
                    ahead_seconds: row.get(1)?,
                    reason: row.get(2)?,
                    by: row.get::<_, String>(3)?.parse().map_err(|_| damaged(CasePart::Ground))?,
                    at: UtcTime(row.get(4)?),
                });
            }
            Ok(clocks)
        })
    }

    /// Takes back what was said of a clock, or says it again, where it still stands as it was left.
    pub(crate) fn step_clock(
        &self,
        writer: &mut Writer,
        step: &Step,
        kind: OperationKind,
        now: UtcTime,
    ) -> Result<Stepped> {
        let of = step.operation.0.cast_signed();
        writer.ground(|db| {
            let row = clock_at(db, of)?.ok_or_else(|| damaged(CasePart::Ground))?;
            let (before, after) =
                if kind == OperationKind::Undone { (row.after, row.before) } else { (row.before, row.after) };
            let stands = in_force(db, &row.device)? == before;
            let moved = stands.then_some(ClockMove { before, after, said: None, ..row });
            let what = json!({ "of": of, "left_alone": usize::from(moved.is_none()) });
            let seq = self.put_clock(db, kind, what, moved.as_ref(), now)?;
            history::stepped(db, of, kind)?;
            Ok((seq, step.sentence(), u64::from(moved.is_some())))
        })
    }

    /// Appends the operation and its row, and moves what is in force.
    fn put_clock(
        &self,
        db: &Connection,
        kind: OperationKind,
        what: serde_json::Value,
        step: Option<&ClockMove>,
        now: UtcTime,
    ) -> Result<i64> {
        // The digest of an undo or a redo begins as that of decisions does, whatever it takes back.
        let undoes = matches!(kind, OperationKind::Undone | OperationKind::Redone);
        let mut canon = Canon::new(if undoes { "zeef changes 1" } else { CLOCK_TAG });
        step.iter().for_each(|step| step.add_to(&mut canon));
        let detail =
            json!({ "what": what, "clocks": usize::from(step.is_some()), "items": 0, "sha256": canon.finish() });
        let seq = self.append(db, kind, &detail, now)?;
        let Some(step) = step else { return Ok(seq) };
        let (ahead, reason) = step.said.as_ref().map(|(ahead, reason)| (*ahead, reason.as_str())).unzip();
        db.prepare_cached("INSERT INTO main.clock VALUES(?1, ?2, ?3, ?4, ?5, ?6)")?.execute((
            seq,
            &step.device,
            step.before,
            step.after,
            ahead,
            reason,
        ))?;
        match step.after {
            Some(by) => db
                .prepare_cached("INSERT INTO main.clock_now VALUES(?1, ?2) ON CONFLICT(device) DO UPDATE SET seq = ?2")?
                .execute((&step.device, by))?,
            None => db.prepare_cached("DELETE FROM main.clock_now WHERE device = ?1")?.execute([&step.device])?,
        };
        Ok(seq)
    }
}

/// Begins the digest of an operation on a clock.
pub(crate) const CLOCK_TAG: &str = "zeef clock 1";

/// Moves what is believed of a clock from one operation to another. A row of `clock`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClockMove {
    pub device: String,
    pub before: Option<i64>,
    pub after: Option<i64>,
    /// What this very operation says: seconds ahead, and why.
    pub said: Option<(i32, String)>,
}

impl ClockMove {
    /// Adds the row to the digest of its operation.
    pub fn add_to(&self, canon: &mut Canon) {
        canon.bytes(b"clock").bytes(self.device.as_bytes()).maybe_number(self.before).maybe_number(self.after);
        canon.maybe_number(self.said.as_ref().map(|(ahead, _)| i64::from(*ahead)));
        canon.maybe_bytes(self.said.as_ref().map(|(_, reason)| reason.as_bytes()));
    }
}

/// Reads the row of an operation.
pub(crate) fn clock_at(db: &Connection, seq: i64) -> Result<Option<ClockMove>> {
    Ok(db
        .prepare_cached("SELECT device, before, after, ahead, reason FROM main.clock WHERE seq = ?1")?
        .query_row([seq], |row| {
            let (ahead, reason): (Option<i32>, Option<String>) = (row.get(3)?, row.get(4)?);
            Ok(ClockMove { device: row.get(0)?, before: row.get(1)?, after: row.get(2)?, said: ahead.zip(reason) })
        })
        .optional()?)
}

/// Finds the operation that said what is believed of a clock.
fn in_force(db: &Connection, device: &str) -> Result<Option<i64>> {
    Ok(db
        .prepare_cached("SELECT seq FROM main.clock_now WHERE device = ?1")?
        .query_row([device], |row| row.get(0))
        .optional()?)
}

fn said_at(db: &Connection, seq: i64) -> Result<Option<(i32, String)>> {
    Ok(clock_at(db, seq)?.and_then(|row| row.said))
}
