//! Verifying a case: every page, every hash of the ledger, every row against the operation that added it, every hide
//! against its reason.
//!
//! What it cannot see by itself: rows that were cut off the ledger's end together with what they added, and a whole
//! history written anew by somebody with the key. Both need a head that was noted outside this machine: see
//! [`CaseFile::has_operation`].

mod derived;
mod exports;
mod replay;

use std::collections::BTreeMap;

use domain::Sha256;
use rusqlite::Connection;
use serde::Serialize;

use self::replay::{Replay, add_judgements, add_seals, healed_at, number, says};
use crate::canon::Canon;
use crate::error::CasePart;
use crate::judge::{sets_at, sets_digest};
use crate::ledger::{self, LedgerRow, OperationKind, RawRow};
use crate::record::{healed_digest, source_digest};
use crate::view::from_json;
use crate::{CaseFile, CasefileError, Result, kept, notice, opinion, qualification, users, veto, writing};

/// Most problems that are listed; a case with more is beyond listing.
const PROBLEMS_MAX: usize = 1000;
/// Rows between two calls of `progress`.
const PROGRESS_EVERY: u64 = 4096;

/// Names what can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// A page fails its authentication, or a file's structure is broken.
    Damaged,
    /// A row of the ledger does not follow from the row before.
    Chain,
    /// Ground rows are not those that an operation added.
    Rows,
    /// Bookkeeping does not follow from the operations.
    Replay,
    /// A row refers to one that is not there.
    Reference,
    /// A hide lacks its set, version, entry, digest kind or hit.
    Hide,
    /// Something hidden by an exact digest was decoded.
    KnownDecoded,
    /// Derived rows contradict themselves or the ground rows.
    Derived,
    /// shown + hidden + refused is not the number of items.
    Sums,
    /// The key file is not the one that was noted.
    Keys,
}

/// Tells one thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What kind.
    pub kind: ProblemKind,
    /// Where, for a person; never a path of a source.
    pub detail: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}

/// Tells what a verification looked at and what it found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// What is wrong; none means that all is as it was written.
    pub problems: Vec<Problem>,
    /// Rows of the ledger whose hashes were computed again.
    pub ledger_rows: u64,
    /// Pages of both files.
    pub pages: u64,
    /// Ground rows whose digests were computed again.
    pub rows_checked: u64,
    /// Hides whose reason was looked at.
    pub hides_checked: u64,
    /// Items whose derived state is lost; no problem, but nothing could be said about them.
    pub pending: u64,
}

type ProgressTo<'a> = &'a mut dyn FnMut(&str, u64, u64);

impl CaseFile {
    /// Verifies the whole case; `progress` gets the step, what is done and what there is to do.
    ///
    /// `Err` means that it could not be looked at; everything that is wrong with it is a problem in the report.
    pub fn verify(&self, progress: ProgressTo<'_>) -> Result<VerifyReport> {
        let whole = self.verify_until(progress, &|| false)?;
        Ok(whole.expect("nobody stopped it"))
    }

    /// Verifies as [`Self::verify`] does, until somebody wants to stop, which is asked between two steps: then there is no
    /// report.
    pub fn verify_until(
        &self,
        progress: ProgressTo<'_>,
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<Option<VerifyReport>> {
        let mut check = Check { report: VerifyReport::default(), case: self };
        match self.write_whatever_the_role(|writer| writer.ground(kept::forget)) {
            Err(CasefileError::ReadingOnly) => {}
            forgotten => check.survive("forgetting what was kept of the items", forgotten)?,
        }
        // The page check reads the files themselves, so what is still in the logs goes there first. A reader at work can
        // prevent that; then the pages in the log are checked when the structure is.
        let moved =
            self.write_whatever_the_role(|writer| Ok(writer.db().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?));
        match moved {
            Err(CasefileError::ReadingOnly) => {}
            moved => check.survive("moving the logs into the files", moved)?,
        }
        for name in ["pages", "ledger", "references", "hides", "left over", "sums"] {
            if is_stopped() {
                return Ok(None);
            }
            let result = self.read(|db| match name {
                "pages" => check.pages(db, progress),
                "ledger" => check.ledger(db, progress),
                "references" => check.references(db, progress),
                "hides" => check.hides(db, progress),
                "left over" => check.left_over(db),
                _ => check.sums(progress),
            });
            check.survive(name, result)?;
        }
        Ok(Some(check.report))
    }

    /// Tells whether the ledger has an operation with this hash: a head that somebody noted earlier is one of them still,
    /// whatever was done since, unless operations were cut off or the history was written anew.
    pub fn has_operation(&self, hash: &Sha256) -> Result<bool> {
        self.read(|db| {
            let mut all = db.prepare("SELECT 1 FROM main.ledger WHERE hash = ?1")?;
            Ok(all.exists([hash.0])?)
        })
    }
}

struct Check<'a> {
    report: VerifyReport,
    case: &'a CaseFile,
}

impl Check<'_> {
    fn found(&mut self, kind: ProblemKind, detail: impl Into<String>) {
        if self.report.problems.len() < PROBLEMS_MAX {
            self.report.problems.push(Problem { kind, detail: detail.into() });
        }
    }

    /// Turns damage into a problem, so that the other steps go on.
    fn survive(&mut self, step: &str, result: Result<()>) -> Result<()> {
        match result {
            Ok(()) => Ok(()),
            Err(CasefileError::Damaged { which }) => {
                self.found(ProblemKind::Damaged, format!("{which} is damaged: the step \"{step}\" could not be ended"));
                Ok(())
            }
            // SQLCipher answers a page that fails its authentication with a plain error in the midst of a query.
            Err(CasefileError::Database { code }) => {
                let detail = format!("the step \"{step}\" could not be ended (result code {code})");
                self.found(ProblemKind::Damaged, detail);
                Ok(())
            }
            Err(other) => Err(other),
        }
    }

    fn pages(&mut self, db: &Connection, progress: ProgressTo<'_>) -> Result<()> {
        for (done, (schema, part)) in [("main", CasePart::Ground), ("derived", CasePart::Derived)].iter().enumerate() {
            progress("pages", done as u64, 2);
            self.report.pages +=
                db.query_row(&format!("PRAGMA {schema}.page_count"), [], |row| row.get::<_, i64>(0))?.unsigned_abs();
            for pragma in ["cipher_integrity_check", "integrity_check"] {
                let mut check = db.prepare(&format!("PRAGMA {schema}.{pragma}"))?;
                let mut rows = check.query([])?;
                while let Some(row) = rows.next()? {
                    let said: String = row.get(0)?;
                    // An authentic page tells nothing; a sound structure tells "ok".
                    if said != "ok" {
                        self.found(ProblemKind::Damaged, format!("{part}: {}", page_of(&said)));
                    }
                }
            }
        }
        progress("pages", 2, 2);
        Ok(())
    }

    fn ledger(&mut self, db: &Connection, progress: ProgressTo<'_>) -> Result<()> {
        let total = db.query_row("SELECT count(*) FROM main.ledger", [], |row| row.get::<_, i64>(0))?.unsigned_abs();
        let mut all = db.prepare(&format!("SELECT {} FROM main.ledger ORDER BY seq", ledger::COLUMNS))?;
        let mut rows = all.query([])?;
        let mut replay = Replay::default();
        let mut previous = ledger::origin(&self.case.inner.info.case_id);
        while let Some(row) = rows.next()? {
            let raw = RawRow::read(row)?;
            self.report.ledger_rows += 1;
            let seq = raw.seq;
            if seq != self.report.ledger_rows.cast_signed() {
                self.found(ProblemKind::Chain, format!("the ledger has a gap before operation {seq}"));
            }
            if raw.previous != previous.0 {
                self.found(ProblemKind::Chain, format!("operation {seq} does not follow the one before it"));
            }
            let expected = raw.expected_hash();
            if raw.hash != expected.0 {
                self.found(ProblemKind::Chain, format!("operation {seq} was changed after it was written"));
            }
            previous = expected;
            match raw.parse() {
                Ok(row) => self.operation(db, &mut replay, &row)?,
                Err(_) => self.found(ProblemKind::Chain, format!("operation {seq} is none that this program writes")),
            }
            if self.report.ledger_rows.is_multiple_of(PROGRESS_EVERY) {
                progress("ledger", self.report.ledger_rows, total);
            }
        }
        progress("ledger", self.report.ledger_rows, total);
        self.compare(db, &replay)
    }

    /// Compares what an operation says with the rows that it added, and plays it.
    fn operation(&mut self, db: &Connection, replay: &mut Replay, row: &LedgerRow) -> Result<()> {
        let same = self.play(db, replay, row)?;
        if let Some(keys) = row
            .detail
            .get("keys_sha256")
            .or_else(|| row.detail.get("after").filter(|_| row.kind == OperationKind::KeysDiffer))
        {
            replay.keys = keys.as_str().map(str::to_owned);
        }
        if !same {
            let detail = format!("operation {} ({}) did not add the rows that stand there", row.seq, row.kind.as_str());
            self.found(ProblemKind::Rows, detail);
        }
        Ok(())
    }

    /// Plays an operation; tells whether the rows that stand there are those that it added.
    fn play(&mut self, db: &Connection, replay: &mut Replay, row: &LedgerRow) -> Result<bool> {
        let seq = row.seq.cast_signed();
        Ok(match row.kind {
            OperationKind::Created => replay.created(db, row)?,
            OperationKind::UserAdded => replay.user_added(row),
            OperationKind::UserRemoved => replay.user_removed(row),
            OperationKind::SourceAdded => {
                replay.sources += 1;
                source_digest(db, number(row, "source"))?.is_some_and(|digest| says(row, digest))
            }
            OperationKind::Recorded => {
                let same = replay.recorded(db, row)?;
                self.report.rows_checked +=
                    number(row, "items").unsigned_abs() + number(row, "occurrences").unsigned_abs();
                same
            }
            OperationKind::Rejudged => {
                let mut canon = Canon::new("zeef rejudged 1");
                replay.judgements += add_judgements(db, seq, &mut canon)?;
                replay.seals += add_seals(db, seq, &mut canon)?;
                says(row, canon.finish())
            }
            OperationKind::Vetoed => {
                let mut canon = Canon::new("zeef vetoed 1");
                replay.vetoes += veto::add_vetoes(db, seq, &mut canon)?;
                replay.judgements += add_judgements(db, seq, &mut canon)?;
                replay.seals += add_seals(db, seq, &mut canon)?;
                replay.done(row);
                says(row, canon.finish())
            }
            OperationKind::Decided
            | OperationKind::Marked
            | OperationKind::NoteWritten
            | OperationKind::LeadMade
            | OperationKind::LeadChanged
            | OperationKind::LeadRisk
            | OperationKind::EvidenceAdded
            | OperationKind::EvidenceChanged
            | OperationKind::EvidenceRemoved
            | OperationKind::ClockSet
            | OperationKind::Undone
            | OperationKind::Redone => {
                let (same, rows) = replay.moved(db, row)?;
                self.report.rows_checked += rows;
                same
            }
            OperationKind::QualificationStated => {
                replay.done(row);
                qualification::stated_at(row).is_some_and(|acts| says(row, qualification::digest(&acts)))
            }
            OperationKind::OpinionsAdded => {
                let (digest, count) = opinion::opinions_at(db, seq)?;
                replay.opinions += count;
                self.report.rows_checked += count.unsigned_abs();
                number(row, "opinions") == count && says(row, digest)
            }
            OperationKind::ExportRequested => replay.exports.asked(db, row)?,
            OperationKind::ExportSigned | OperationKind::ExportWithdrawn => {
                let leads = users::leads_of(&replay.people);
                replay.exports.ended(db, row, &leads)?
            }
            OperationKind::Noticed => {
                let (digest, count) = notice::notices_at(db, seq)?;
                replay.notices += count;
                says(row, digest)
            }
            OperationKind::NoticesRead => {
                let (digest, count) = notice::read_at(db, seq)?;
                replay.notices_read += count;
                says(row, digest)
            }
            OperationKind::Healed => {
                let healed = healed_at(db, seq)?;
                replay.healed += healed.len() as i64;
                says(row, healed_digest(healed.into_iter()))
            }
            OperationKind::SetsNoted => {
                let sets = sets_at(db, seq)?;
                replay.places += sets.len() as i64;
                says(row, sets_digest(&sets))
            }
            OperationKind::SourceLoaded => replay.source_loaded(db, row)?,
            OperationKind::Opened
            | OperationKind::PassphraseChanged
            | OperationKind::KeysDiffer
            | OperationKind::Matched
            | OperationKind::FeedbackWritten
            | OperationKind::Stacked
            | OperationKind::ReportWritten
            | OperationKind::IndexOpened
            | OperationKind::IndexWritten
            | OperationKind::PackageWritten
            | OperationKind::MediaExported => true,
            OperationKind::DerivedDropped => {
                if row.detail["why"] == writing::WHY_NEWER {
                    let detail = format!(
                        "before operation {seq} the ledger ended earlier than the derived state knew it: an older copy of \
                         case.zeef was put in place, and what was done after it is gone"
                    );
                    self.found(ProblemKind::Chain, detail);
                }
                true
            }
        })
    }

    /// Compares bookkeeping and numbers of rows with the replay.
    fn compare(&mut self, db: &Connection, replay: &Replay) -> Result<()> {
        for (table, expected) in replay.counted() {
            let found: i64 = db.query_row(&format!("SELECT count(*) FROM main.{table}"), [], |row| row.get(0))?;
            if found != expected {
                let detail = format!("{found} rows of {table} stand there; the operations added {expected}");
                self.found(ProblemKind::Rows, detail);
            }
        }
        for problem in replay.differs(db)? {
            self.found(ProblemKind::Replay, problem);
        }
        let mut history = db.prepare("SELECT seq, who, standing FROM main.history ORDER BY seq")?;
        let history = history.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
        if history.collect::<rusqlite::Result<BTreeMap<i64, (String, i64)>>>()? != replay.history {
            self.found(ProblemKind::Replay, "what can be undone is not what the operations left");
        }
        let people: Vec<_> = users::all(db)?
            .into_iter()
            .map(|user| {
                (user.name.to_string(), user.role.as_str().to_owned(), user.added.0, user.removed.map(|at| at.0))
            })
            .collect();
        if people != replay.people {
            self.found(ProblemKind::Replay, "the users are not those that the operations made");
        }
        let misplaced: i64 = db.query_row(
            "SELECT count(*) FROM main.occurrence o WHERE o.superseded <> (
               EXISTS (SELECT 1 FROM main.occurrence n WHERE n.source = o.source AND n.path = o.path AND n.id > o.id)
               OR EXISTS (SELECT 1 FROM main.healed h WHERE h.occurrence = o.id))",
            [],
            |row| row.get(0),
        )?;
        if misplaced > 0 {
            self.found(ProblemKind::Replay, format!("{misplaced} places point to another find than their newest"));
        }
        self.sets(db)?;
        self.keys(db, replay)
    }

    /// Compares each row of a set version with the stamp in it and with the operation that noted it first.
    fn sets(&mut self, db: &Connection) -> Result<()> {
        let mut all = db.prepare(
            "SELECT h.id, h.name, h.version, h.stamp,
               coalesce(h.seq = (SELECT min(f.seq) FROM main.set_in_force f WHERE f.hash_set = h.id), 0)
             FROM main.hash_set h ORDER BY h.id",
        )?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            let stamp: domain::SetStamp = from_json(&row.get::<_, String>(3)?, CasePart::Ground)?;
            let named = (row.get::<_, String>(1)?, row.get::<_, u32>(2)?);
            if named != (stamp.name.to_string(), stamp.version.0) || !row.get::<_, bool>(4)? {
                let detail = format!("row {} of hash_set is none that an operation noted", row.get::<_, i64>(0)?);
                self.found(ProblemKind::Rows, detail);
            }
        }
        Ok(())
    }

    fn keys(&mut self, db: &Connection, replay: &Replay) -> Result<()> {
        let noted: [u8; 32] = db.query_row("SELECT keys_sha256 FROM main.state", [], |row| row.get(0))?;
        if replay.keys.as_deref() != Some(Sha256(noted).to_string().as_str()) {
            self.found(ProblemKind::Replay, "the noted key file is not the one of the newest operation about users");
        }
        match self.case.key_file() {
            Ok(keys) if keys.digest().0 == noted => {}
            Ok(_) => self.found(ProblemKind::Keys, "keys.json was changed from outside since the case was opened"),
            Err(_) => self.found(ProblemKind::Keys, "keys.json cannot be read"),
        }
        Ok(())
    }

    fn references(&mut self, db: &Connection, progress: ProgressTo<'_>) -> Result<()> {
        progress("references", 0, 1);
        let mut check = db.prepare("PRAGMA main.foreign_key_check")?;
        let mut rows = check.query([])?;
        while let Some(row) = rows.next()? {
            let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
            self.found(
                ProblemKind::Reference,
                format!("a row of {table} refers to a row of {parent} that is not there"),
            );
        }
        progress("references", 1, 1);
        Ok(())
    }
}

/// Keeps of what SQLite says the part that can hold no data: letters, digits and spaces, up to a length.
fn page_of(said: &str) -> String {
    said.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | ':' | ',' | '_' | '*')).take(120).collect()
}

#[cfg(test)]
pub(crate) mod tests;
