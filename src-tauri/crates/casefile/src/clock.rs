//! Clocks of devices: how far each is ahead of the true time, as people believe, and why.
//!
//! What is believed moves from the operation that said it to another one: see `moves`.

use domain::{UserName, UtcTime};
use rusqlite::Connection;
use serde::Serialize;
use serde_json::json;

use crate::error::{CasePart, damaged};
use crate::ledger::OperationKind;
use crate::model::OperationId;
use crate::moves::{self, Move, Moving};
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
                let of = device.to_owned();
                let before = moves::in_force::<Clocks>(db, &of)?;
                let says = (Some(i64::from(ahead_seconds)), Some(reason.to_owned()));
                let stands = before.map_or(Ok(Vec::new()), |seq| moves::at::<Clocks>(db, seq))?;
                if stands.iter().any(|stands| stands.says == says) {
                    return Ok(None);
                }
                let seq = self.next_number(db)?;
                let step = Move { of, before, after: Some(seq), says };
                self.put_clock(db, OperationKind::ClockSet, json!({ "device": device }), &[step], now)?;
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

    /// Appends the operation and its row, if it has one, and moves what is in force.
    pub(crate) fn put_clock(
        &self,
        db: &Connection,
        kind: OperationKind,
        what: serde_json::Value,
        moves: &[Move<Clocks>],
        now: UtcTime,
    ) -> Result<i64> {
        let mut canon = moves::canon(kind);
        moves.iter().for_each(|step| step.add_to(&mut canon));
        let detail = json!({ "what": what, "clocks": moves.len(), "items": 0, "sha256": canon.finish() });
        let seq = self.append(db, kind, &detail, now)?;
        moves::put(db, seq, moves)?;
        Ok(seq)
    }
}

/// Clocks: by device, which operation said what is believed: seconds ahead, and why.
pub(crate) enum Clocks {}

impl Moving for Clocks {
    type Key = String;
    type Says = (Option<i64>, Option<String>);
    const WORD: Option<&'static str> = Some("clock");
    const MOVES: &'static str = "clock";
    const KEY: &'static [&'static str] = &["device"];
    const ID_COLUMNS: usize = 1;
    const IN_FORCE: &'static str = "clock_now";
    const BY: &'static str = "seq";
}
