//! Exports: asked for by one, signed by another. The four eyes are held here, where the data is.
//!
//! A request is a row of `export`; its end, signed or withdrawn, is a row of `export_end`. Neither ever changes, and a
//! request ends once. Who asks and who signs stands in the ledger, where nobody can name another; the database refuses a
//! signature that breaks the rule even if this code did not, and `verify` replays it.

use domain::{Sha256, UserName, UtcTime};
use rusqlite::{Connection, OptionalExtension, Row};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::canon::Canon;
use crate::error::{CasePart, damaged};
use crate::ledger::OperationKind;
use crate::model::{OperationId, UserRole};
use crate::view::{from_json, to_json};
use crate::{CaseFile, CasefileError, Result, numbers};

/// Most recipients of one export.
pub const RECIPIENTS_MAX: usize = 100;
/// Most characters of a recipient's name, of a recipient's key, and of the reason of an export.
pub const EXPORT_TEXT_CHARS_MAX: usize = 2000;

/// Tells which items an export has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExportWhat {
    /// Those with a decision in force.
    Classified,
    /// All contents.
    All,
}

/// Holds what somebody wants to leave the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportRequest {
    /// Which items.
    pub what: ExportWhat,
    /// For whom: name and public key. One at least.
    pub recipients: Vec<(String, String)>,
    /// Whether the media go along.
    pub media: bool,
    /// Why.
    pub reason: String,
}

/// Tells how much of a sample whoever signed had looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleLook {
    /// Items of the sample.
    pub of: u32,
    /// Those of them that were looked at.
    pub looked: u32,
}

/// Tells how far an export is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum ExportState {
    /// It waits for a signature.
    Asked,
    /// It was signed and written.
    Signed {
        /// By whom.
        by: UserName,
        /// When.
        at: UtcTime,
        /// In which operation.
        operation: OperationId,
        /// SHA-256 of the package.
        package_sha256: Sha256,
        /// Items in it.
        items: u64,
        /// What had been looked at; `None` in signatures from before samples were noted.
        sample: Option<SampleLook>,
    },
    /// It was withdrawn.
    Withdrawn {
        /// By whom.
        by: UserName,
        /// When.
        at: UtcTime,
        /// In which operation.
        operation: OperationId,
    },
}

/// Describes an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExportRow {
    /// Number of the request within the case, from 1.
    pub request: u32,
    /// What was asked for.
    pub asked: ExportRequest,
    /// By whom.
    pub by: UserName,
    /// When.
    pub at: UtcTime,
    /// In which operation.
    pub operation: OperationId,
    /// Hash of that operation in the ledger: it covers who asked, when, for what, and all that was done before.
    pub hash: Sha256,
    /// How far it is.
    pub state: ExportState,
}

impl CaseFile {
    /// Asks for an export, and gives its number. It needs a recipient with a name and a key, and a reason.
    pub fn export_request(&self, request: &ExportRequest, now: UtcTime) -> Result<u32> {
        check(request)?;
        self.write("ask for an export", |writer| {
            writer.ground(|db| {
                let id: i64 = db
                    .prepare_cached("SELECT coalesce(max(id), 0) + 1 FROM main.export")?
                    .query_row([], |row| row.get(0))?;
                let asked = to_json(request);
                let detail = json!({ "request": id, "asked": request, "sha256": asked_digest(id, &asked) });
                let seq = self.append(db, OperationKind::ExportRequested, &detail, now)?;
                db.prepare_cached("INSERT INTO main.export VALUES(?1, ?2, ?3)")?.execute((id, seq, asked))?;
                numbers::public(id)
            })
        })
    }

    /// Tells whether this user may sign a request, before the package is written: `OwnExport` for whoever asked,
    /// `NotAllowed` for whoever is no team lead, `ExportEnded` for what was signed or withdrawn, `NoSuchExport`, and
    /// `ReadingOnly`.
    pub fn export_may_sign(&self, request: u32) -> Result<()> {
        if self.inner.role == UserRole::TeamLead && !self.may_write() {
            return Err(CasefileError::ReadingOnly);
        }
        self.read(|db| self.may_sign(db, request))
    }

    /// Notes that a request was signed and its package written, and how much of the sample had been looked at. The checks
    /// of [`CaseFile::export_may_sign`] hold here too.
    pub fn export_signed(
        &self,
        request: u32,
        package_sha256: Sha256,
        items: u64,
        sample: SampleLook,
        now: UtcTime,
    ) -> Result<OperationId> {
        self.write(SIGN, |writer| {
            writer.ground(|db| {
                self.may_sign(db, request)?;
                let end = End { request: i64::from(request), signed: Some((package_sha256, items.cast_signed())) };
                let detail = json!({
                    "request": request, "package_sha256": package_sha256, "items": items, "sample": sample,
                    "sha256": end.digest(),
                });
                self.end(db, OperationKind::ExportSigned, &end, &detail, now)
            })
        })
    }

    /// Withdraws a request that nobody has signed. Whoever asked may, and a team lead.
    pub fn export_withdraw(&self, request: u32, now: UtcTime) -> Result<OperationId> {
        self.write(WITHDRAW, |writer| {
            writer.ground(|db| {
                let asker = self.asker_of_open(db, request)?;
                if self.inner.role != UserRole::TeamLead && asker != self.inner.user {
                    return Err(self.not_allowed(WITHDRAW));
                }
                let end = End { request: i64::from(request), signed: None };
                let detail = json!({ "request": request, "sha256": end.digest() });
                self.end(db, OperationKind::ExportWithdrawn, &end, &detail, now)
            })
        })
    }

    /// Lists the requests, first to last.
    pub fn exports(&self) -> Result<Vec<ExportRow>> {
        self.read(|db| {
            let mut all = db.prepare_cached(
                "SELECT e.id, e.asked, e.seq, a.who, a.at, x.seq, b.who, b.at, x.package, x.items, b.detail, a.hash
                 FROM main.export e JOIN main.ledger a ON a.seq = e.seq
                 LEFT JOIN main.export_end x ON x.export = e.id LEFT JOIN main.ledger b ON b.seq = x.seq ORDER BY e.id",
            )?;
            let mut rows = all.query([])?;
            let mut exports = Vec::new();
            while let Some(row) = rows.next()? {
                exports.push(ExportRow {
                    request: numbers::public(row.get(0)?)?,
                    asked: from_json(&row.get::<_, String>(1)?, CasePart::Ground)?,
                    operation: OperationId(row.get::<_, i64>(2)?.unsigned_abs()),
                    by: name(row.get(3)?)?,
                    at: UtcTime(row.get(4)?),
                    hash: Sha256(row.get(11)?),
                    state: state(row)?,
                });
            }
            Ok(exports)
        })
    }

    /// Holds the four eyes: a team lead, and not who asked.
    fn may_sign(&self, db: &Connection, request: u32) -> Result<()> {
        if self.inner.role != UserRole::TeamLead {
            return Err(self.not_allowed(SIGN));
        }
        let asker = self.asker_of_open(db, request)?;
        if asker == self.inner.user {
            return Err(CasefileError::OwnExport { request, user: asker });
        }
        Ok(())
    }

    /// Tells who asked for an export that still waits.
    fn asker_of_open(&self, db: &Connection, request: u32) -> Result<UserName> {
        let found: Option<(String, bool)> = db
            .prepare_cached(
                "SELECT l.who, EXISTS (SELECT 1 FROM main.export_end x WHERE x.export = e.id)
                 FROM main.export e JOIN main.ledger l ON l.seq = e.seq WHERE e.id = ?1",
            )?
            .query_row([request], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        match found {
            None => Err(CasefileError::NoSuchExport { request }),
            Some((_, true)) => Err(CasefileError::ExportEnded { request }),
            Some((who, false)) => name(who),
        }
    }

    fn end(
        &self,
        db: &Connection,
        kind: OperationKind,
        end: &End,
        detail: &serde_json::Value,
        now: UtcTime,
    ) -> Result<OperationId> {
        let seq = self.append(db, kind, detail, now)?;
        let (package, items) = end.signed.map(|(package, items)| (package.0, items)).unzip();
        db.prepare_cached("INSERT INTO main.export_end VALUES(?1, ?2, ?3, ?4)")?.execute((
            end.request,
            seq,
            package,
            items,
        ))?;
        Ok(OperationId(seq.unsigned_abs()))
    }
}

const SIGN: &str = "sign an export";
const WITHDRAW: &str = "withdraw another person's export";

/// Checks that a request says for whom and why, within the limits.
fn check(request: &ExportRequest) -> Result<()> {
    if request.recipients.len() > RECIPIENTS_MAX {
        return Err(CasefileError::Limit { what: "recipients", max: RECIPIENTS_MAX });
    }
    let texts = || request.recipients.iter().flat_map(|(name, key)| [name, key]).chain([&request.reason]);
    if request.recipients.is_empty() || texts().any(|text| text.trim().is_empty()) {
        return Err(CasefileError::BadExport);
    }
    if texts().any(|text| text.chars().count() > EXPORT_TEXT_CHARS_MAX) {
        return Err(CasefileError::Limit { what: "characters of a text of an export", max: EXPORT_TEXT_CHARS_MAX });
    }
    Ok(())
}

fn name(stored: String) -> Result<UserName> {
    stored.parse().map_err(|_| damaged(CasePart::Ground))
}

fn state(row: &Row<'_>) -> Result<ExportState> {
    let Some(seq) = row.get::<_, Option<i64>>(5)? else { return Ok(ExportState::Asked) };
    let (operation, by, at) = (OperationId(seq.unsigned_abs()), name(row.get(6)?)?, UtcTime(row.get(7)?));
    Ok(match row.get::<_, Option<[u8; 32]>>(8)? {
        Some(package) => ExportState::Signed {
            by,
            at,
            operation,
            package_sha256: Sha256(package),
            items: row.get::<_, i64>(9)?.cast_unsigned(),
            sample: sample(&from_json(&row.get::<_, String>(10)?, CasePart::Ground)?),
        },
        None => ExportState::Withdrawn { by, at, operation },
    })
}

/// Reads what a signature notes of the sample.
pub(crate) fn sample(detail: &serde_json::Value) -> Option<SampleLook> {
    serde_json::from_value(detail["sample"].clone()).ok()
}

fn asked_digest(id: i64, asked: &str) -> Sha256 {
    let mut canon = Canon::new("zeef export 1");
    canon.number(id).bytes(asked.as_bytes());
    canon.finish()
}

/// How a request ended. A row of `export_end`.
struct End {
    request: i64,
    /// Package and items, where it was signed.
    signed: Option<(Sha256, i64)>,
}

impl End {
    fn digest(&self) -> Sha256 {
        let mut canon = Canon::new("zeef export end 1");
        canon.number(self.request).maybe_bytes(self.signed.as_ref().map(|(package, _)| package.0.as_slice()));
        canon.maybe_number(self.signed.map(|(_, items)| items));
        canon.finish()
    }
}

/// Gives number and digest of the request that an operation made.
pub(crate) fn asked_at(db: &Connection, seq: i64) -> Result<Option<(i64, Sha256)>> {
    Ok(db
        .prepare_cached("SELECT id, asked FROM main.export WHERE seq = ?1")?
        .query_row([seq], |row| {
            let id = row.get(0)?;
            Ok((id, asked_digest(id, &row.get::<_, String>(1)?)))
        })
        .optional()?)
}

/// Gives the number of the request that an operation ended, whether it was signed, and the digest of that.
pub(crate) fn ended_at(db: &Connection, seq: i64) -> Result<Option<(i64, bool, Sha256)>> {
    Ok(db
        .prepare_cached("SELECT export, package, items FROM main.export_end WHERE seq = ?1")?
        .query_row([seq], |row| {
            let (package, items): (Option<[u8; 32]>, Option<i64>) = (row.get(1)?, row.get(2)?);
            let end = End { request: row.get(0)?, signed: package.map(Sha256).zip(items) };
            Ok((end.request, end.signed.is_some(), end.digest()))
        })
        .optional()?)
}
