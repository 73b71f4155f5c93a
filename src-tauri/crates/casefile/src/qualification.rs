//! How a case is counted as prosecutors count it: what people state of possession, spreading and the like.
//!
//! A statement is an operation of the ledger and nothing else: no row stands beside it. What is stated of an act is what
//! the newest statement says of it that nobody has taken back. So a statement can be undone by whoever made it, and what
//! stood before it, also somebody else's, stands again. `verify` compares each statement with its digest and replays what
//! was taken back.

use std::collections::BTreeMap;

use domain::{UserName, UtcTime};
use rusqlite::Connection;
use serde::Serialize;
use serde_json::json;

use crate::canon::Canon;
use crate::error::{CasePart, damaged};
use crate::history::{self, DONE, Step, Stepped};
use crate::ledger::{LedgerRow, OperationKind};
use crate::model::OperationId;
use crate::moves;
use crate::writing::Writer;
use crate::{CaseFile, CasefileError, Result};

/// Most acts of one statement.
pub const ACTS_MAX: usize = 20;
/// Most characters of the word of an act.
pub const ACT_CHARS_MAX: usize = 40;

/// Begins the digest of a statement.
const TAG: &str = "zeef qualification 1";

/// Tells what is stated of one act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatedAct {
    /// Word of the act, as the caller names it.
    pub act: String,
    /// Items; `None` where somebody took an earlier number away and left the act unstated.
    pub items: Option<u64>,
    /// Who stated that.
    pub by: UserName,
    /// When.
    pub at: UtcTime,
    /// In which operation.
    pub operation: OperationId,
}

/// Word of an act and its items; `None` leaves it unstated.
pub(crate) type Acts = BTreeMap<String, Option<u64>>;

impl CaseFile {
    /// States items of acts; `None` leaves an act unstated. What stands already is not stated again, and where nothing is
    /// left the answer is `None`. It can be undone.
    pub fn qualification_state(&self, acts: &[(String, Option<u64>)], now: UtcTime) -> Result<Option<OperationId>> {
        if acts.len() > ACTS_MAX {
            return Err(CasefileError::Limit { what: "acts of a statement", max: ACTS_MAX });
        }
        if acts.iter().any(|(act, _)| act.chars().count() > ACT_CHARS_MAX) {
            return Err(CasefileError::Limit { what: "characters of an act", max: ACT_CHARS_MAX });
        }
        self.write("state the qualification of the case", |writer| {
            writer.ground(|db| {
                let stands: Acts = in_force(db)?.into_iter().map(|one| (one.act, one.items)).collect();
                let stated = |act: &str| stands.get(act).copied().flatten();
                let new: Acts = acts.iter().filter(|(act, items)| stated(act) != *items).cloned().collect();
                if new.is_empty() {
                    return Ok(None);
                }
                let detail = json!({ "what": { "acts": new }, "items": 0, "sha256": digest(&new) });
                let seq = self.append(db, OperationKind::QualificationStated, &detail, now)?;
                self.did(db, seq)?;
                Ok(Some(OperationId(seq.unsigned_abs())))
            })
        })
    }

    /// Gives what is stated of each act of which anything was ever stated, by the word of the act.
    pub fn qualification(&self) -> Result<Vec<StatedAct>> {
        self.read(in_force)
    }

    /// Takes a statement back, or makes it again. Nothing beside the history moves: what stands follows from it.
    pub(crate) fn step_qualification(
        &self,
        writer: &mut Writer,
        step: &Step,
        kind: OperationKind,
        now: UtcTime,
    ) -> Result<Stepped> {
        let of = step.operation.0.cast_signed();
        writer.ground(|db| {
            // The digest of an undo or a redo covers the rows that it moves, and here are none.
            let digest = moves::canon(kind).finish();
            let before = in_force(db)?;
            history::stepped(db, of, kind)?;
            let moved = usize::from(in_force(db)? != before);
            let what = json!({ "of": of, "left_alone": 1 - moved });
            let seq = self.append(db, kind, &json!({ "what": what, "items": 0, "sha256": digest }), now)?;
            Ok((seq, step.sentence(), moved as u64))
        })
    }
}

/// Reads the newest statement of each act that was not taken back.
fn in_force(db: &Connection) -> Result<Vec<StatedAct>> {
    let mut all = db.prepare_cached(
        "SELECT l.seq, l.at, l.who, l.detail FROM main.ledger l JOIN main.history h ON h.seq = l.seq
         WHERE l.kind = ?1 AND h.standing = ?2 ORDER BY l.seq",
    )?;
    let mut rows = all.query((OperationKind::QualificationStated.as_str(), DONE))?;
    let mut stated: BTreeMap<String, StatedAct> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let broken = || damaged(CasePart::Ground);
        let operation = OperationId(row.get::<_, i64>(0)?.unsigned_abs());
        let (at, by) = (UtcTime(row.get(1)?), row.get::<_, String>(2)?.parse::<UserName>().map_err(|_| broken())?);
        let detail: serde_json::Value = serde_json::from_str(&row.get::<_, String>(3)?).map_err(|_| broken())?;
        for (act, items) in acts_of(&detail).ok_or_else(broken)? {
            stated.insert(act.clone(), StatedAct { act, items, by: by.clone(), at, operation });
        }
    }
    Ok(stated.into_values().collect())
}

/// Gives the acts that a row of the ledger states; `None` where it states none as this program does.
pub(crate) fn stated_at(row: &LedgerRow) -> Option<Acts> {
    acts_of(&row.detail).filter(|acts| !acts.is_empty() && acts.len() <= ACTS_MAX)
}

fn acts_of(detail: &serde_json::Value) -> Option<Acts> {
    serde_json::from_value(detail["what"]["acts"].clone()).ok()
}

/// Computes the digest of a statement.
pub(crate) fn digest(acts: &Acts) -> domain::Sha256 {
    let mut canon = Canon::new(TAG);
    for (act, items) in acts {
        canon.bytes(act.as_bytes()).maybe_number(items.map(u64::cast_signed));
    }
    canon.finish()
}
