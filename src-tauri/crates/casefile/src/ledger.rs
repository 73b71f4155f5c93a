//! The ledger: every change is a row, and each row's hash covers the row before it.
//!
//! `hash = SHA-256("zeef ledger 1", seq, at, who, kind, detail, previous)` in the canonical form of `canon`; `at` in
//! microseconds since 1970, `detail` as the JSON text that is stored. The first row's `previous` is
//! `SHA-256("zeef case 1", case id)`. Whoever holds the key can write another chain, or cut rows off its end: only a
//! head that was noted outside this machine shows that.

use std::ops::ControlFlow;

use domain::{Sha256, UserName, UtcTime};
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

use crate::canon::Canon;
use crate::error::{CasePart, damaged};
use crate::{CaseFile, Result};

/// Names every kind of operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperationKind {
    /// The case was made.
    Created,
    /// The case was opened for work.
    Opened,
    /// A user was added.
    UserAdded,
    /// A user's access was taken away.
    UserRemoved,
    /// A user changed the own passphrase.
    PassphraseChanged,
    /// The key file differs from what was noted: from outside, or because a change of users was interrupted.
    KeysDiffer,
    /// A source was added.
    SourceAdded,
    /// Places and items were recorded.
    Recorded,
    /// A source was loaded to its end.
    SourceLoaded,
    /// Places that could not be read before could be.
    Healed,
    /// Versions of hash sets were noted as those in force.
    SetsNoted,
    /// Every item was judged by the sets in force.
    Matched,
    /// The rule says something else of some items.
    Rejudged,
    /// Stacks were made.
    Stacked,
    /// Derived state was thrown away, or found lost.
    DerivedDropped,
    /// A person decided.
    Decided,
    /// A person took a decision back.
    Undone,
    /// A person put it there again.
    Redone,
    /// New versions of sets say otherwise of some items.
    Noticed,
    /// A person has read notices.
    NoticesRead,
    /// A person has called an entry of a set wrong about an item.
    Vetoed,
    /// The vetoes were written to a file that leaves.
    FeedbackWritten,
    /// A person set a mark of items, or took it off.
    Marked,
    /// A person wrote or removed the note of an item.
    NoteWritten,
    /// A lead was made.
    LeadMade,
    /// What is said of a lead was changed.
    LeadChanged,
    /// The flag "a child may be at risk now" was raised, taken or lowered.
    LeadRisk,
    /// Evidence was added to a lead.
    EvidenceAdded,
    /// Caption or region of a piece of evidence was changed.
    EvidenceChanged,
    /// Evidence was removed.
    EvidenceRemoved,
    /// Somebody said how far a device's clock is ahead.
    ClockSet,
    /// What another tool says of items was recorded.
    OpinionsAdded,
    /// A person stated how the case is counted, as prosecutors do.
    QualificationStated,
    /// An export was asked for.
    ExportRequested,
    /// An export was signed, and its package written.
    ExportSigned,
    /// An export was withdrawn.
    ExportWithdrawn,
    /// A report was written.
    ReportWritten,
    /// An index over cases was opened.
    IndexOpened,
    /// The case was put into an index over cases.
    IndexWritten,
    /// A package was written.
    PackageWritten,
    /// Media were written to a place outside of the case.
    MediaExported,
}

impl OperationKind {
    /// Lists all kinds.
    pub const ALL: [Self; 41] = [
        Self::Created,
        Self::Opened,
        Self::UserAdded,
        Self::UserRemoved,
        Self::PassphraseChanged,
        Self::KeysDiffer,
        Self::SourceAdded,
        Self::Recorded,
        Self::SourceLoaded,
        Self::Healed,
        Self::SetsNoted,
        Self::Matched,
        Self::Rejudged,
        Self::Stacked,
        Self::DerivedDropped,
        Self::Decided,
        Self::Undone,
        Self::Redone,
        Self::Noticed,
        Self::NoticesRead,
        Self::Vetoed,
        Self::FeedbackWritten,
        Self::Marked,
        Self::NoteWritten,
        Self::LeadMade,
        Self::LeadChanged,
        Self::LeadRisk,
        Self::EvidenceAdded,
        Self::EvidenceChanged,
        Self::EvidenceRemoved,
        Self::ClockSet,
        Self::OpinionsAdded,
        Self::QualificationStated,
        Self::ExportRequested,
        Self::ExportSigned,
        Self::ExportWithdrawn,
        Self::ReportWritten,
        Self::IndexOpened,
        Self::IndexWritten,
        Self::PackageWritten,
        Self::MediaExported,
    ];

    /// Gives the word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Opened => "opened",
            Self::UserAdded => "user-added",
            Self::UserRemoved => "user-removed",
            Self::PassphraseChanged => "passphrase-changed",
            Self::KeysDiffer => "keys-differ",
            Self::SourceAdded => "source-added",
            Self::Recorded => "recorded",
            Self::SourceLoaded => "source-loaded",
            Self::Healed => "healed",
            Self::SetsNoted => "sets-noted",
            Self::Matched => "matched",
            Self::Rejudged => "rejudged",
            Self::Stacked => "stacked",
            Self::DerivedDropped => "derived-dropped",
            Self::Decided => "decided",
            Self::Undone => "undone",
            Self::Redone => "redone",
            Self::Noticed => "noticed",
            Self::NoticesRead => "notices-read",
            Self::Vetoed => "vetoed",
            Self::FeedbackWritten => "feedback-written",
            Self::Marked => "marked",
            Self::NoteWritten => "note-written",
            Self::LeadMade => "lead-made",
            Self::LeadChanged => "lead-changed",
            Self::LeadRisk => "lead-risk",
            Self::EvidenceAdded => "evidence-added",
            Self::EvidenceChanged => "evidence-changed",
            Self::EvidenceRemoved => "evidence-removed",
            Self::ClockSet => "clock-set",
            Self::OpinionsAdded => "opinions-added",
            Self::QualificationStated => "qualification-stated",
            Self::ExportRequested => "export-requested",
            Self::ExportSigned => "export-signed",
            Self::ExportWithdrawn => "export-withdrawn",
            Self::ReportWritten => "report-written",
            Self::IndexOpened => "index-opened",
            Self::IndexWritten => "index-written",
            Self::PackageWritten => "package-written",
            Self::MediaExported => "media-exported",
        }
    }
}

/// Holds one row of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LedgerRow {
    /// Number, from 1, without gaps.
    pub seq: u64,
    /// When.
    pub at: UtcTime,
    /// Who.
    pub who: UserName,
    /// What kind.
    pub kind: OperationKind,
    /// What, before and after, as far as they apply.
    pub detail: serde_json::Value,
    /// Hash of the row before.
    pub previous: Sha256,
    /// Hash of this row.
    pub hash: Sha256,
}

/// A row as it is stored, before anything in it is believed.
pub(crate) struct RawRow {
    pub seq: i64,
    pub at: i64,
    pub who: String,
    pub kind: String,
    pub detail: String,
    pub previous: Vec<u8>,
    pub hash: Vec<u8>,
}

/// Columns that [`RawRow::read`] takes, in its order.
pub(crate) const COLUMNS: &str = "seq, at, who, kind, detail, previous, hash";

impl RawRow {
    pub fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            at: row.get(1)?,
            who: row.get(2)?,
            kind: row.get(3)?,
            detail: row.get(4)?,
            previous: row.get(5)?,
            hash: row.get(6)?,
        })
    }

    /// Computes the hash that the row ought to have.
    pub fn expected_hash(&self) -> Sha256 {
        let mut canon = Canon::new("zeef ledger 1");
        canon.number(self.seq).number(self.at).bytes(self.who.as_bytes()).bytes(self.kind.as_bytes());
        canon.bytes(self.detail.as_bytes()).bytes(&self.previous);
        canon.finish()
    }

    /// Gives the row in the words of this crate; what is in none of them is damage.
    pub fn parse(self) -> Result<LedgerRow> {
        let broken = || damaged(CasePart::Ground);
        let digest = |bytes: Vec<u8>| bytes.try_into().map(Sha256).map_err(|_| broken());
        Ok(LedgerRow {
            seq: u64::try_from(self.seq).map_err(|_| broken())?,
            at: UtcTime(self.at),
            who: self.who.parse().map_err(|_| broken())?,
            kind: OperationKind::ALL.into_iter().find(|kind| kind.as_str() == self.kind).ok_or_else(broken)?,
            detail: serde_json::from_str(&self.detail).map_err(|_| broken())?,
            previous: digest(self.previous)?,
            hash: digest(self.hash)?,
        })
    }
}

/// Gives what stands before the first row.
pub(crate) fn origin(case_id: &str) -> Sha256 {
    let mut canon = Canon::new("zeef case 1");
    canon.bytes(case_id.as_bytes());
    canon.finish()
}

/// Reads the newest row's number and hash.
pub(crate) fn head(db: &Connection, case_id: &str) -> Result<(i64, Sha256)> {
    let mut newest = db.prepare_cached("SELECT seq, hash FROM main.ledger ORDER BY seq DESC LIMIT 1")?;
    let mut rows = newest.query([])?;
    match rows.next()? {
        Some(row) => {
            let hash: [u8; 32] = row.get(1)?;
            Ok((row.get(0)?, Sha256(hash)))
        }
        None => Ok((0, origin(case_id))),
    }
}

/// Appends a row and gives its number. The caller's transaction holds the change that it tells of.
pub(crate) fn append(
    db: &Connection,
    case_id: &str,
    who: &UserName,
    kind: OperationKind,
    detail: &serde_json::Value,
    now: UtcTime,
) -> Result<i64> {
    let (seq, previous) = head(db, case_id)?;
    let mut row = RawRow {
        seq: seq + 1,
        at: now.0,
        who: who.as_str().to_owned(),
        kind: kind.as_str().to_owned(),
        detail: detail.to_string(),
        previous: previous.0.to_vec(),
        hash: Vec::new(),
    };
    row.hash = row.expected_hash().0.to_vec();
    db.prepare_cached("INSERT INTO main.ledger VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")?.execute((
        row.seq,
        row.at,
        &row.who,
        &row.kind,
        &row.detail,
        &row.previous,
        &row.hash,
    ))?;
    Ok(row.seq)
}

impl CaseFile {
    /// Gives every operation, first to last.
    pub fn ledger(&self, each: &mut dyn FnMut(LedgerRow) -> ControlFlow<()>) -> Result<()> {
        self.read(|db| {
            let mut all = db.prepare(&format!("SELECT {COLUMNS} FROM main.ledger ORDER BY seq"))?;
            let mut rows = all.query([])?;
            while let Some(row) = rows.next()? {
                if each(RawRow::read(row)?.parse()?).is_break() {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Gives number and hash of the newest operation: what a witness outside notes.
    pub fn head(&self) -> Result<(u64, Sha256)> {
        self.read(|db| {
            let (seq, hash) = head(db, &self.inner.info.case_id)?;
            Ok((seq.unsigned_abs(), hash))
        })
    }
}
