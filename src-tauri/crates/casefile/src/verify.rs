//! Verifying a case: every page, every hash of the ledger, every row against the operation that added it, every hide
//! against its reason.
//!
//! What it cannot see by itself: rows that were cut off the ledger's end together with what they added, and a whole
//! history written anew by somebody with the key. Both need a head that was noted outside this machine: see
//! [`CaseFile::has_operation`].

use std::collections::{BTreeMap, HashSet};

use domain::{Hit, SetName, SetVersion, Sha256, Visibility};
use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;

use crate::canon::sha256;
use crate::decide;
use crate::error::CasePart;
use crate::history::{DONE, PASSED, UNDONE};
use crate::judge::{judgement_row, newest, sets_at, sets_digest, stacks_digest, stacks_in_force};
use crate::ledger::{self, LedgerRow, OperationKind, RawRow};
use crate::record::{ItemGround, OccurrenceGround, healed_digest, source_digest};
use crate::seal::{self, Seal};
use crate::verify_desk::Desk;
use crate::view::{Tally, ViewReader, columns_of, from_json};
use crate::writing;
use crate::{
    CaseFile, CasefileError, Counts, Result, canon::Canon, clock, kept, lead, mark, notice, opinion, users, veto,
};

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
        let seq = row.seq.cast_signed();
        let same = match row.kind {
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
            OperationKind::Marked | OperationKind::NoteWritten => {
                let mut canon = Canon::new("zeef marks 1");
                let (in_turn, count) = replay.marks(db, row, &mut canon)?;
                self.report.rows_checked += count;
                replay.done(row);
                in_turn && number(row, "items") == count.cast_signed() && says(row, canon.finish())
            }
            OperationKind::LeadMade
            | OperationKind::LeadChanged
            | OperationKind::LeadRisk
            | OperationKind::EvidenceAdded
            | OperationKind::EvidenceChanged
            | OperationKind::EvidenceRemoved => {
                let mut canon = Canon::new(lead::LEADS_TAG);
                let (in_turn, pieces) = replay.desk.leads(db, row, &mut canon)?;
                self.report.rows_checked += pieces + 1;
                replay.done(row);
                in_turn && number(row, "items") == pieces.cast_signed() && says(row, canon.finish())
            }
            OperationKind::ClockSet => {
                let mut canon = Canon::new(clock::CLOCK_TAG);
                let in_turn = replay.desk.clock(db, row, &mut canon)?;
                replay.done(row);
                in_turn && says(row, canon.finish())
            }
            OperationKind::OpinionsAdded => {
                let (digest, count) = opinion::opinions_at(db, seq)?;
                replay.desk.opinions += count;
                self.report.rows_checked += count.unsigned_abs();
                number(row, "opinions") == count && says(row, digest)
            }
            OperationKind::ExportRequested => replay.desk.export_asked(db, row)?,
            OperationKind::ExportSigned | OperationKind::ExportWithdrawn => {
                let leads = users::leads_of(&replay.people);
                replay.desk.export_ended(db, row, &leads)?
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
            OperationKind::Decided | OperationKind::Undone | OperationKind::Redone => {
                let (same, changes) = replay.moved(db, row)?;
                self.report.rows_checked += changes;
                same
            }
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
        };
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

    /// Compares bookkeeping and numbers of rows with the replay.
    fn compare(&mut self, db: &Connection, replay: &Replay) -> Result<()> {
        let counted = [
            ("source", replay.sources),
            ("item", replay.items),
            ("occurrence", replay.occurrences),
            ("judgement", replay.judgements),
            ("seal", replay.seals),
            ("healed", replay.healed),
            ("set_in_force", replay.places),
            ("load", replay.loads),
            ("change", replay.changes),
            ("decision", replay.decisions),
            ("notice", replay.notices),
            ("notice_read", replay.notices_read),
            ("veto", replay.vetoes),
            ("mark", replay.marks),
        ];
        for (table, expected) in counted.into_iter().chain(replay.desk.counted()) {
            let found: i64 = db.query_row(&format!("SELECT count(*) FROM main.{table}"), [], |row| row.get(0))?;
            if found != expected {
                let detail = format!("{found} rows of {table} stand there; the operations added {expected}");
                self.found(ProblemKind::Rows, detail);
            }
        }
        let current = pairs(db, "SELECT item, decision FROM main.current ORDER BY item")?;
        if !current.into_iter().eq(replay.current.iter().map(|(item, decision)| (*item, *decision))) {
            self.found(ProblemKind::Replay, "the decisions in force are not those that the operations made");
        }
        let mut marked = db.prepare("SELECT item, kind, seq FROM main.marked")?;
        let marked = marked.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?;
        if marked.collect::<rusqlite::Result<BTreeMap<(i64, String), i64>>>()? != replay.marked {
            self.found(ProblemKind::Replay, "the marks and notes in force are not those that the operations made");
        }
        for problem in replay.desk.compare(db)? {
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

    /// Walks the derived rows: what hides, why, and whether it was decoded.
    fn hides(&mut self, db: &Connection, progress: ProgressTo<'_>) -> Result<()> {
        let total = db.query_row("SELECT count(*) FROM derived.view", [], |row| row.get::<_, i64>(0))?.unsigned_abs();
        let noted = noted_sets(db)?;
        let mut reader = ViewReader::new(db);
        let mut all = db.prepare(
            "SELECT v.id, v.sha256, v.visibility, v.hits, v.state, v.hide_set, v.findings, v.decoded, i.sha256,
               v.rank, v.hide, v.refusal, v.suggested, v.near <> '[]', v.class = i.class,
               EXISTS (SELECT 1 FROM derived.facts f WHERE f.id = v.id)
               + EXISTS (SELECT 1 FROM derived.thumbnail t WHERE t.id = v.id),
               EXISTS (SELECT 1 FROM main.current c WHERE c.item = v.id), v.reason, v.reason_set, v.category
             FROM derived.view v LEFT JOIN main.item i ON i.id = v.id ORDER BY v.id",
        )?;
        let mut rows = all.query([])?;
        let mut done: u64 = 0;
        while let Some(row) = rows.next()? {
            let sha256 = Sha256(row.get(1)?);
            if row.get::<_, Option<[u8; 32]>>(8)? != Some(sha256.0) {
                self.found(ProblemKind::Derived, format!("{sha256} is not the item that the case has at its place"));
            }
            let visibility: Visibility = from_json(&row.get::<_, String>(2)?, CasePart::Derived)?;
            let tally = Tally::of(&visibility);
            let stored = Tally {
                state: row.get(4)?,
                rank: row.get(9)?,
                hide: row.get(10)?,
                hide_set: row.get(5)?,
                refusal: row.get(11)?,
                findings: row.get(6)?,
                reason: row.get(17)?,
                reason_set: row.get(18)?,
                category: row.get(19)?,
            };
            let suggested = row.get::<_, bool>(12)? == row.get::<_, bool>(13)?;
            if tally != stored || !suggested || row.get::<_, Option<bool>>(14)? != Some(true) {
                self.found(ProblemKind::Derived, format!("{sha256} is counted as something else than it is"));
            }
            let (marked, parts, decided): (bool, i64, bool) = (row.get(7)?, row.get(15)?, row.get(16)?);
            if parts != if marked { 2 } else { 0 } {
                self.found(ProblemKind::Derived, format!("{sha256}: facts or thumbnail are missing or left over"));
            }
            self.sealed(db, &mut reader, row.get(0)?, sha256, parts == 2)?;
            if let Visibility::Hidden { .. } = visibility {
                self.report.hides_checked += 1;
                if parts > 0 && !decided {
                    self.found(
                        ProblemKind::KnownDecoded,
                        format!("{sha256} is hidden by an exact digest and was decoded"),
                    );
                }
                let hits = reader.hits(&row.get::<_, String>(3)?)?;
                self.hide(sha256, &visibility, &hits, &noted);
            }
            done += 1;
            if done.is_multiple_of(PROGRESS_EVERY) {
                progress("hides", done, total);
            }
        }
        progress("hides", done, total);
        Ok(())
    }

    /// Compares derived rows with the digests of the operations that wrote them.
    fn sealed(
        &mut self,
        db: &Connection,
        reader: &mut ViewReader<'_>,
        item: i64,
        sha256: Sha256,
        is_decoded: bool,
    ) -> Result<()> {
        let sealed: Option<[u8; 32]> = db
            .prepare_cached("SELECT judged FROM main.seal WHERE item = ?1 ORDER BY seq DESC LIMIT 1")?
            .query_row([item], |row| row.get(0))
            .optional()?;
        let stands = seal::judged(db, reader, item)?.map(|(_, digest)| digest.0);
        if sealed != stands {
            self.found(ProblemKind::Derived, format!("{sha256}: what the rule says of it is not what was written"));
        }
        let decoded: Option<(i64, [u8; 32])> = db
            .prepare_cached(
                "SELECT seq, decoded FROM main.seal WHERE item = ?1 AND decoded IS NOT NULL ORDER BY seq DESC LIMIT 1",
            )?
            .query_row([item], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let holds = match decoded {
            None => !is_decoded,
            Some((_, digest)) if is_decoded => seal::decoded(db, item)? == Some(Sha256(digest)),
            // What was hidden in the meantime lost its picture, and what was dropped may have come back without one.
            Some((seq, _)) => {
                db.prepare_cached("SELECT 1 FROM main.seal WHERE item = ?1 AND seq >= ?2 AND hidden = 1")?
                    .exists((item, seq))?
                    || newest(db, OperationKind::DerivedDropped)?.is_some_and(|dropped| dropped > seq)
            }
        };
        if !holds || is_decoded && !columns_follow(db, item)? {
            self.found(ProblemKind::Derived, format!("{sha256}: its facts and thumbnail are not what was written"));
        }
        Ok(())
    }

    fn hide(&mut self, sha256: Sha256, visibility: &Visibility, hits: &[Hit], noted: &HashSet<(SetName, SetVersion)>) {
        let Visibility::Hidden { why } = visibility else { return };
        let (set, version, entry, kind) = why.origin();
        if !noted.contains(&(set.clone(), version)) {
            let detail = format!("{sha256} is hidden by version {version} of {set}, which was never put into the case");
            self.found(ProblemKind::Hide, detail);
        }
        let has_it = hits
            .iter()
            .any(|hit| hit.set.name == *set && hit.set.version == version && hit.entry == entry && hit.kind == kind);
        if !has_it {
            let detail = format!("{sha256} is hidden by entry {entry} of {set}, which is none of its hits");
            self.found(ProblemKind::Hide, detail);
        }
    }

    /// Finds derived rows of nothing, derived rows that are missing, and stacks that no operation made.
    fn left_over(&mut self, db: &Connection) -> Result<()> {
        let lost = db.query_row("SELECT lost FROM derived.meta", [], |row| row.get::<_, i64>(0))? != 0;
        let dropped = newest(db, OperationKind::DerivedDropped)?.unwrap_or(0);
        let missing: i64 = db.query_row(
            "SELECT count(*) FROM main.item i WHERE NOT EXISTS (SELECT 1 FROM derived.view v WHERE v.id = i.id)
               AND (SELECT max(seq) FROM main.seal s WHERE s.item = i.id) > ?1",
            [dropped],
            |row| row.get(0),
        )?;
        if missing > 0 && !lost {
            self.found(ProblemKind::Derived, format!("the derived rows of {missing} items are missing"));
        }
        let stacked = newest(db, OperationKind::Stacked)?.filter(|seq| *seq > dropped && !lost);
        let said = stacked
            .map(|seq| -> Result<Option<Sha256>> {
                let detail: String =
                    db.query_row("SELECT detail FROM main.ledger WHERE seq = ?1", [seq], |row| row.get(0))?;
                let detail: serde_json::Value = from_json(&detail, CasePart::Ground)?;
                Ok(detail["sha256"].as_str().and_then(|text| text.parse().ok()))
            })
            .transpose()?;
        let stacks = stacks_in_force(db)?;
        let same = match said {
            Some(digest) => digest == Some(stacks_digest(&stacks)),
            None => stacks.is_empty() || stacked.is_none() && newest(db, OperationKind::Stacked)?.is_some(),
        };
        if !same {
            self.found(ProblemKind::Derived, "the stacks are not those that the newest operation about them made");
        }
        for table in ["facts", "thumbnail"] {
            let found: i64 = db.query_row(
                &format!("SELECT count(*) FROM derived.{table} WHERE id NOT IN (SELECT id FROM derived.view)"),
                [],
                |row| row.get(0),
            )?;
            if found > 0 {
                self.found(ProblemKind::Derived, format!("{found} rows of {table} belong to no item"));
            }
        }
        Ok(())
    }

    fn sums(&mut self, progress: ProgressTo<'_>) -> Result<()> {
        progress("sums", 0, 1);
        let counts: Counts = self.case.counts()?;
        if counts.shown + counts.hidden + counts.refused != counts.items {
            self.found(ProblemKind::Sums, "shown, hidden and refused do not add up to the items");
        }
        if counts.known_decoded != 0 {
            let detail = format!("{} known items were decoded", counts.known_decoded);
            self.found(ProblemKind::KnownDecoded, detail);
        }
        self.report.pending = counts.pending;
        progress("sums", 1, 1);
        Ok(())
    }
}

/// What the operations lead to.
#[derive(Default)]
struct Replay {
    sources: i64,
    items: i64,
    occurrences: i64,
    judgements: i64,
    seals: i64,
    healed: i64,
    places: i64,
    loads: i64,
    changes: i64,
    decisions: i64,
    notices: i64,
    notices_read: i64,
    vetoes: i64,
    marks: i64,
    current: BTreeMap<i64, i64>,
    /// Operation that set each mark, or wrote each note, that is in force.
    marked: BTreeMap<(i64, String), i64>,
    desk: Desk,
    history: BTreeMap<i64, (String, i64)>,
    people: Vec<(String, String, i64, Option<i64>)>,
    keys: Option<String>,
}

impl Replay {
    fn created(&mut self, db: &Connection, row: &LedgerRow) -> Result<bool> {
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

    fn user_added(&mut self, row: &LedgerRow) -> bool {
        let (Some(name), Some(role)) = (row.detail["user"].as_str(), row.detail["role"].as_str()) else { return false };
        self.people.push((name.to_owned(), role.to_owned(), row.at.0, None));
        true
    }

    fn user_removed(&mut self, row: &LedgerRow) -> bool {
        let Some(name) = row.detail["user"].as_str() else { return false };
        let person = self.people.iter_mut().find(|(known, .., removed)| known == name && removed.is_none());
        person.map(|person| person.3 = Some(row.at.0)).is_some()
    }

    fn recorded(&mut self, db: &Connection, row: &LedgerRow) -> Result<bool> {
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

    fn source_loaded(&mut self, db: &Connection, row: &LedgerRow) -> Result<bool> {
        self.loads += 1;
        let stored: Option<(i64, i64, String)> = db
            .prepare_cached("SELECT source, at, summary FROM main.load WHERE seq = ?1")?
            .query_row([row.seq.cast_signed()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let told = (number(row, "source"), row.at.0, row.detail["summary"].to_string());
        Ok(stored == Some(told))
    }

    /// Plays that a user did something that can be undone: what was undone before cannot come back.
    fn done(&mut self, row: &LedgerRow) {
        let who = row.who.as_str();
        self.history
            .values_mut()
            .filter(|(whose, standing)| whose == who && *standing == UNDONE)
            .for_each(|(_, standing)| *standing = PASSED);
        self.history.insert(row.seq.cast_signed(), (who.to_owned(), DONE));
    }

    /// Plays a decision, an undo or a redo; tells whether its rows are those it noted, and how many there are.
    fn moved(&mut self, db: &Connection, row: &LedgerRow) -> Result<(bool, u64)> {
        let seq = row.seq.cast_signed();
        let moves = decide::changes(db, seq)?;
        let mut canon = Canon::new("zeef changes 1");
        let mut same = true;
        for step in &moves {
            let made: Option<(String, Option<String>)> = db
                .prepare_cached("SELECT category, note FROM main.decision WHERE id = ?1 AND seq = ?2 AND item = ?3")?
                .query_row((step.after, seq, step.item), |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let category = made.as_ref().map(|(category, _)| domain::CategoryCode(category.clone()));
            self.decisions += i64::from(made.is_some());
            step.add_to(&mut canon, category.as_ref(), made.as_ref().and_then(|(_, note)| note.as_deref()));
            same &= self.current.get(&step.item).copied() == step.before;
            match step.after {
                Some(decision) => self.current.insert(step.item, decision),
                None => self.current.remove(&step.item),
            };
        }
        self.changes += moves.len() as i64;
        // What takes a veto back, or puts it there again, judges the item anew.
        self.judgements += add_judgements(db, seq, &mut canon)?;
        self.seals += add_seals(db, seq, &mut canon)?;
        let (in_turn, marks) = self.marks(db, row, &mut canon)?;
        let (leads_in_turn, pieces) = self.desk.leads(db, row, &mut canon)?;
        same &= in_turn && leads_in_turn && self.desk.clock(db, row, &mut canon)?;
        same &= number(row, "items") == moves.len() as i64 + marks.cast_signed() + pieces.cast_signed();
        let who = row.who.as_str();
        if row.kind == OperationKind::Decided {
            self.done(row);
        } else {
            let undone = row.kind == OperationKind::Undone;
            let of = row.detail["what"]["of"].as_i64().unwrap_or(0);
            let expected = if undone { DONE } else { UNDONE };
            match self.history.get_mut(&of) {
                Some((whose, standing)) if whose == who && *standing == expected => {
                    *standing = if undone { UNDONE } else { DONE };
                }
                _ => same = false,
            }
        }
        Ok((same && says(row, canon.finish()), moves.len() as u64 + marks + pieces))
    }

    /// Plays the marks and notes that an operation moved, and adds them to its digest; tells whether they moved from
    /// where they stood, and how many there are.
    fn marks(&mut self, db: &Connection, row: &LedgerRow, canon: &mut Canon) -> Result<(bool, u64)> {
        let rows = mark::marks_at(db, row.seq.cast_signed())?;
        let mut in_turn = true;
        for row in &rows {
            row.add_to(canon);
            let key = (row.step.item, row.kind.clone());
            in_turn &= self.marked.get(&key).copied() == row.step.before;
            match row.step.after {
                Some(seq) => self.marked.insert(key, seq),
                None => self.marked.remove(&key),
            };
        }
        self.marks += rows.len() as i64;
        Ok((in_turn, rows.len() as u64))
    }
}

pub(crate) fn says(row: &LedgerRow, digest: Sha256) -> bool {
    row.detail["sha256"] == *digest.to_string()
}

pub(crate) fn number(row: &LedgerRow, key: &str) -> i64 {
    row.detail[key].as_i64().unwrap_or(-1)
}

fn add_judgements(db: &Connection, seq: i64, canon: &mut Canon) -> Result<i64> {
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

fn add_seals(db: &Connection, seq: i64, canon: &mut Canon) -> Result<i64> {
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

/// Tells whether the columns of an item's facts that repeat a part of the rest say the same.
fn columns_follow(db: &Connection, item: i64) -> Result<bool> {
    let (detail, taken, camera): (String, Option<String>, Option<String>) = db
        .prepare_cached("SELECT detail, taken, camera FROM derived.facts WHERE id = ?1")?
        .query_row([item], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(columns_of(&detail).is_ok_and(|columns| columns == (taken, camera)))
}

fn healed_at(db: &Connection, seq: i64) -> Result<Vec<i64>> {
    let mut all = db.prepare_cached("SELECT occurrence FROM main.healed WHERE seq = ?1 ORDER BY occurrence")?;
    let rows = all.query_map([seq], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn noted_sets(db: &Connection) -> Result<HashSet<(SetName, SetVersion)>> {
    let mut all = db.prepare("SELECT DISTINCT name, version FROM main.hash_set")?;
    let mut rows = all.query([])?;
    let mut sets = HashSet::new();
    while let Some(row) = rows.next()? {
        let name = row.get::<_, String>(0)?.parse().map_err(|_| crate::error::damaged(CasePart::Ground))?;
        sets.insert((name, SetVersion(row.get(1)?)));
    }
    Ok(sets)
}

fn pairs(db: &Connection, sql: &str) -> Result<Vec<(i64, i64)>> {
    let mut all = db.prepare(sql)?;
    let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Keeps of what SQLite says the part that can hold no data: letters, digits and spaces, up to a length.
fn page_of(said: &str) -> String {
    said.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | ':' | ',' | '_' | '*')).take(120).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use domain::{
        CategoryCode, Digests, Md5, MediaClass, MediaType, Refusal, RefusalCode, Scheme, SchemeId, Sha1, ShowReason,
        SourcePath, UtcTime,
    };

    use super::*;
    use crate::{
        Entropy, KdfCost, NewCase, Passphrase, Record, RecordContent, RecordItem, RecordTimes, Rejudged, UserRole,
    };

    struct Counting(u8);

    impl Entropy for Counting {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.iter_mut().for_each(|byte| {
                self.0 = self.0.wrapping_mul(5).wrapping_add(3);
                *byte = self.0;
            });
        }
    }

    fn item(number: u8) -> RecordItem {
        RecordItem {
            digests: Digests {
                md5: Md5([number; 16]),
                sha1: Sha1([number; 20]),
                sha256: Sha256([number; 32]),
                size_bytes: 5,
            },
            media: MediaType { mime: "image/png".to_owned(), class: MediaClass::Picture },
            extension_disagrees: None,
            visibility: Visibility::Shown { why: ShowReason::New },
            hits: Vec::new(),
            near: Vec::new(),
            decoded: None,
        }
    }

    fn made(dir: &std::path::Path) -> CaseFile {
        let case = without_marks(dir);
        let now = UtcTime(1);
        case.mark(&[1, 2], crate::MarkKind::Bookmark, true, now).unwrap();
        case.write_note(1, "seen before", now).unwrap();
        case.write_note(2, "taken back", now).unwrap();
        case.undo(&|standing, _| standing.visibility.clone(), now).unwrap();
        with_leads(&case);
        case
    }

    /// Adds a bit of all that version 4 brought: operations on leads, a clock, opinions, and exports of Bob's.
    fn with_leads(case: &CaseFile) {
        use domain::{Evidence, EvidencePart, LeadContent, LeadKind, Opinion};

        let now = UtcTime(1);
        let piece = |number: u8| Evidence {
            item: Sha256([number; 32]),
            part: EvidencePart::Whole,
            caption: "a fence".to_owned(),
        };
        let lead = case.lead_new(&LeadContent::new(LeadKind::Victim, "Willow"), &[piece(1)], now).unwrap();
        case.lead_change(lead, &LeadContent::new(LeadKind::Victim, "Elm"), now).unwrap();
        case.evidence_add(lead, &[piece(2), piece(4)], now).unwrap();
        case.clock_set("cam", 5, "a receipt", now).unwrap();
        case.clock_set("cam", 6, "another", now).unwrap();
        case.undo(&|standing, _| standing.visibility.clone(), now).unwrap();
        let opinion = Opinion {
            tool: "Tool 7".to_owned(),
            profile: None,
            code: None,
            meaning: None,
            flags: domain::Flags::default(),
            series: String::new(),
            tags: String::new(),
            comments: String::new(),
            updated_raw: None,
            extra: Default::default(),
        };
        let source = case.sources().unwrap()[0].id;
        case.opinions_add(source, Sha256([9; 32]), &[(Sha256([1; 32]), opinion)], now).unwrap();
        let recipients = vec![("Custodian".to_owned(), "age1".to_owned())];
        let what = crate::ExportWhat::All;
        let request = crate::ExportRequest { what, recipients, media: false, reason: "why".to_owned() };
        case.export_request(&request, now).unwrap();
        case.export_request(&request, now).unwrap();
        case.export_withdraw(2, now).unwrap();
    }

    /// Makes a case with a bit of all that version 2 had.
    pub(crate) fn without_marks(dir: &std::path::Path) -> CaseFile {
        let category = domain::Category {
            code: CategoryCode("1".to_owned()),
            en: String::new(),
            nl: String::new(),
            number: None,
            unclassified: false,
            ambiguous: false,
            ordinary: false,
        };
        let scheme = Scheme {
            id: SchemeId("nl".to_owned()),
            version: 1,
            title: String::new(),
            status: domain::SchemeStatus::Illustration,
            categories: vec![category],
        };
        let new = NewCase { number: "1".to_owned(), unit: "u".to_owned(), scheme, legal_scope: String::new() };
        let (user, passphrase) = ("Anna".parse().unwrap(), Passphrase::new("long enough"));
        let cheap = KdfCost { memory_kib: 8, passes: 1, lanes: 1 };
        let now = UtcTime(1);
        let case = CaseFile::create_with_cost(dir, &new, &user, &passphrase, now, &mut Counting(1), cheap).unwrap();
        case.add_user(&"Bob".parse().unwrap(), UserRole::Auditor, &passphrase, now, &mut Counting(2)).unwrap();
        let source = case.add_source(std::path::Path::new("/s"), "folder", now).unwrap();
        let record = |path: &str, content| Record {
            source,
            path: SourcePath(path.into()),
            size_bytes: Some(5),
            times: RecordTimes::default(),
            content,
        };
        let unread = RecordContent::Unread(Refusal::new(RefusalCode::Link, "a link"));
        let batch = [
            record("a", RecordContent::Item(Box::new(item(1)))),
            record("b", RecordContent::Item(Box::new(item(2)))),
            record("c", unread),
        ];
        case.record(&batch, now).unwrap();
        case.source_loaded(source, serde_json::json!({ "files": 3 }), now).unwrap();
        case.decide(&[Sha256([1; 32])], Some(CategoryCode("1".to_owned())), Some("note"), now).unwrap();
        case.decide(&[Sha256([2; 32])], Some(CategoryCode("1".to_owned())), None, now).unwrap();
        case.undo(&|standing, _| standing.visibility.clone(), now).unwrap();
        let odd = Visibility::Shown { why: ShowReason::Odd { findings: Vec::new() } };
        let change = Rejudged { sha256: Sha256([2; 32]), visibility: odd, hits: Vec::new(), near: None, decoded: None };
        case.rejudge(&[change], now).unwrap();
        let set = crate::SetStampRow {
            stamp: domain::SetStamp {
                name: "national".parse().unwrap(),
                role: domain::Role::Known,
                version: SetVersion(1),
                profile: None,
                published: None,
                basis: domain::VerdictBasis::Membership,
                meanings: domain::Meanings::new(),
                allowed: None,
            },
            entries: 7,
            imported: now,
            source_sha256: Vec::new(),
        };
        case.put_sets(&[set], now).unwrap();
        case.matched("rules 1", now).unwrap();
        case.record(&[record("d", RecordContent::Item(Box::new(decoded_item(4))))], now).unwrap();
        case.heal(source, &[SourcePath("c".into())], now).unwrap();
        let [one, two] = [1, 2].map(|number| Sha256([number; 32]));
        case.put_stacks(&[crate::Stack { representative: one, members: vec![one, two] }], now).unwrap();
        case
    }

    fn decoded_item(number: u8) -> RecordItem {
        let facts = domain::Facts {
            width: 4,
            height: 3,
            exif_orientation: 1,
            frames: None,
            pdq: None,
            image_hash: domain::ImageHash(1),
            camera: domain::Camera::default(),
            gps: None,
            taken: None,
            metadata: Vec::new(),
            remarks: Vec::new(),
        };
        let thumbnail = domain::Thumbnail { width: 4, height: 3, jpeg: vec![1, 2, 3] };
        RecordItem { decoded: Some(domain::Decoded { facts, thumbnail }), ..item(number) }
    }

    fn problems(case: &CaseFile) -> Vec<ProblemKind> {
        case.verify(&mut |_, _, _| {}).unwrap().problems.into_iter().map(|problem| problem.kind).collect()
    }

    /// Changes rows behind the back of this crate, as somebody with the key and another program could.
    fn tamper(case: &CaseFile, sql: &str) {
        case.write_whatever_the_role(|writer| {
            let triggers: Vec<String> = {
                let mut all = writer.db().prepare("SELECT name FROM main.sqlite_master WHERE type = 'trigger'")?;
                all.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?
            };
            writer.db().execute_batch("PRAGMA foreign_keys = OFF")?;
            for name in triggers {
                writer.db().execute_batch(&format!("DROP TRIGGER {name}"))?;
            }
            Ok(writer.db().execute_batch(sql)?)
        })
        .unwrap();
    }

    #[test]
    fn every_change_behind_the_back_is_found() {
        use ProblemKind::*;
        let cases = [
            ("UPDATE ledger SET detail = replace(detail, 'folder', 'zip') WHERE kind = 'source-added'", Chain),
            ("UPDATE ledger SET at = at + 1 WHERE seq = 2", Chain),
            ("UPDATE ledger SET who = 'Bob' WHERE kind = 'decided'", Chain),
            ("DELETE FROM ledger WHERE seq = 3", Chain),
            ("UPDATE ledger SET hash = zeroblob(32) WHERE seq = (SELECT max(seq) FROM ledger)", Chain),
            ("UPDATE about SET legal_scope = 'everything'", Rows),
            ("UPDATE item SET md5 = zeroblob(16) WHERE id = 1", Rows),
            ("UPDATE item SET hidden_first = 1 WHERE id = 1", Rows),
            ("UPDATE occurrence SET path = CAST('z' AS BLOB) WHERE id = 1", Rows),
            ("UPDATE occurrence SET modified = 5 WHERE id = 2", Rows),
            ("DELETE FROM occurrence WHERE id = 3", Rows),
            ("INSERT INTO occurrence SELECT 9, source, CAST('new' AS BLOB), size, modified, created, accessed, time_raw,
              item, refusal, refusal_detail, NULL, seq, 0 FROM occurrence WHERE id = 1", Rows),
            ("UPDATE source SET root = CAST('/t' AS BLOB)", Rows),
            ("UPDATE load SET summary = '{}'", Rows),
            ("UPDATE decision SET category = '2' WHERE id = 1", Rows),
            ("UPDATE decision SET note = 'another' WHERE id = 1", Rows),
            ("DELETE FROM change WHERE item = 1", Rows),
            ("UPDATE judgement SET before = NULL", Rows),
            ("INSERT INTO current VALUES(2, 2)", Replay),
            ("DELETE FROM current", Replay),
            ("UPDATE history SET standing = 0", Replay),
            ("UPDATE person SET role = 'team-lead' WHERE name = 'Bob'", Replay),
            ("UPDATE person SET removed = 4 WHERE name = 'Bob'", Replay),
            ("UPDATE occurrence SET superseded = 1 WHERE id = 2", Replay),
            ("UPDATE occurrence SET superseded = 0 WHERE id = 3", Replay),
            ("UPDATE about SET created = 77", Rows),
            ("UPDATE item SET seq = 1 WHERE id = 1", Rows),
            ("UPDATE occurrence SET seq = 1 WHERE id = 1", Rows),
            ("UPDATE occurrence SET extension_disagrees = 'png' WHERE id = 1", Rows),
            ("DELETE FROM healed", Rows),
            ("UPDATE healed SET occurrence = 2", Rows),
            ("UPDATE seal SET judged = zeroblob(32) WHERE item = 1", Rows),
            ("DELETE FROM seal WHERE item = 1", Rows),
            ("UPDATE history SET who = 'Bob' WHERE seq = (SELECT min(seq) FROM history)", Replay),
            ("UPDATE hash_set SET version = 9", Rows),
            ("UPDATE hash_set SET entries = 9", Rows),
            ("INSERT INTO hash_set SELECT 9, seq, 'other', 1, stamp, entries, imported, source_sha256 FROM hash_set",
             Rows),
            ("DELETE FROM set_in_force", Rows),
            ("DELETE FROM load", Rows),
            ("DELETE FROM judgement", Rows),
            ("DELETE FROM person WHERE name = 'Bob'", Replay),
            ("DELETE FROM history", Replay),
            ("UPDATE state SET keys_sha256 = zeroblob(32)", Replay),
            ("DELETE FROM source", Reference),
            ("UPDATE mark SET kind = 'handover' WHERE item = 1", Rows),
            ("UPDATE mark SET text = 'never seen' WHERE text = 'seen before'", Rows),
            ("UPDATE mark SET after = NULL WHERE item = 2", Rows),
            ("DELETE FROM mark WHERE text = 'taken back'", Rows),
            ("INSERT INTO mark SELECT 1, item, kind, before, after, text FROM mark WHERE text = 'seen before'", Rows),
            ("DELETE FROM marked WHERE kind = 'note'", Replay),
            ("UPDATE marked SET item = 3 WHERE item = 2", Replay),
            ("INSERT INTO marked VALUES(3, 'not-alike', 1)", Replay),
            ("UPDATE lead SET content = replace(content, 'Willow', 'Oak')", Rows),
            ("UPDATE lead SET content = NULL WHERE before IS NOT NULL", Rows),
            ("DELETE FROM lead WHERE before IS NOT NULL", Rows),
            ("INSERT INTO lead SELECT 1, 9, NULL, 1, content FROM lead WHERE before IS NULL", Rows),
            ("UPDATE lead_now SET seq = (SELECT min(seq) FROM lead)", Replay),
            ("DELETE FROM lead_now", Reference),
            ("UPDATE evidence SET caption = 'a door' WHERE id = 1", Rows),
            ("UPDATE evidence SET part = '{}' WHERE id = 2", Rows),
            ("UPDATE evidence SET lead = 2 WHERE id = 3", Rows),
            ("UPDATE evidence SET item = 1 WHERE id = 3", Rows),
            ("DELETE FROM evidence WHERE id = 3", Rows),
            ("DELETE FROM evidence_now WHERE id = 3", Replay),
            ("UPDATE evidence_now SET item = 1 WHERE id = 3", Replay),
            ("UPDATE evidence_now SET lead = 2 WHERE id = 3", Reference),
            ("UPDATE clock SET ahead = 7 WHERE ahead = 5", Rows),
            ("UPDATE clock SET reason = 'none' WHERE ahead = 5", Rows),
            ("DELETE FROM clock WHERE ahead IS NULL", Rows),
            ("UPDATE clock_now SET seq = (SELECT max(seq) FROM clock)", Replay),
            ("UPDATE opinion SET said = '{}'", Rows),
            ("UPDATE opinion SET item = 2", Rows),
            ("DELETE FROM opinion", Rows),
            ("UPDATE export SET asked = replace(asked, 'Custodian', 'Friend') WHERE id = 1", Rows),
            ("DELETE FROM export WHERE id = 1", Rows),
            ("DELETE FROM export_end", Rows),
            ("UPDATE export_end SET export = 1", Rows),
            ("UPDATE export_end SET package = zeroblob(32), items = 1", Rows),
            ("INSERT INTO export_end SELECT 1, 1, NULL, NULL FROM export_end", Rows),
            ("UPDATE derived.view SET reason = 4 WHERE id = 1", Derived),
            ("UPDATE derived.view SET reason_set = 'national' WHERE id = 3", Derived),
            ("UPDATE derived.view SET category = '1' WHERE id = 3", Derived),
            ("UPDATE derived.facts SET taken = '2020-01-01T00:00:00'", Derived),
            ("UPDATE derived.facts SET camera = 'another'", Derived),
            ("UPDATE derived.view SET state = 1 WHERE id = 1", Derived),
            ("UPDATE derived.view SET sha256 = zeroblob(32) WHERE id = 1", Derived),
            ("UPDATE derived.view SET decoded = 1 WHERE id = 1", Derived),
            ("INSERT INTO derived.facts VALUES(1, 1, 1, NULL, 0, '{}', NULL, NULL)", Derived),
            ("UPDATE derived.view SET rank = 0 WHERE id = 3", Derived),
            ("UPDATE derived.view SET suggested = 1 WHERE id = 3", Derived),
            ("UPDATE derived.view SET class = 'video' WHERE id = 3", Derived),
            ("UPDATE derived.view SET visibility = '{\"state\":\"shown\",\"why\":{\"reason\":\"decided\"}}'
              WHERE id = 3", Derived),
            ("DELETE FROM derived.view WHERE id = 2", Derived),
            ("DELETE FROM derived.view WHERE id = 3; DELETE FROM derived.facts; DELETE FROM derived.thumbnail", Derived),
            ("UPDATE derived.view SET decoded = 0 WHERE id = 3; DELETE FROM derived.facts;
              DELETE FROM derived.thumbnail", Derived),
            ("UPDATE derived.facts SET width = 5", Derived),
            ("UPDATE derived.facts SET pdq = x'00'", Derived),
            ("UPDATE derived.thumbnail SET jpeg = x'00'", Derived),
            ("UPDATE derived.stack SET representative = 2", Derived),
            ("DELETE FROM derived.stack", Derived),
        ];
        for (sql, expected) in cases {
            let dir = tempfile::tempdir().unwrap();
            let case = made(dir.path());
            assert_eq!(problems(&case), []);
            tamper(&case, sql);
            assert!(problems(&case).contains(&expected), "{sql}: {:?}", problems(&case));
        }
    }

    /// What is a person's own is no part of what is verified: nobody is judged by it.
    #[test]
    fn what_is_personal_is_not_verified() {
        let dir = tempfile::tempdir().unwrap();
        let case = made(dir.path());
        case.put_personal("views", Some("[]"), UtcTime(1)).unwrap();
        case.seen_add(1, false, UtcTime(1)).unwrap();
        case.break_add(UtcTime(1)).unwrap();
        let head = case.head().unwrap();
        tamper(&case, "UPDATE personal SET value = 'other'; UPDATE seen SET part = 1; DELETE FROM rest");
        assert_eq!(problems(&case), []);
        assert_eq!(case.head().unwrap(), head);
    }

    #[test]
    fn a_hide_without_its_reason_is_found() {
        let why = r#"{"state":"hidden","why":{"reason":"ordinary","set":"s","version":1,"entry":1,"digest":"md5",
            "agreement":{"agreement":"confirmed"}}}"#;
        let dir = tempfile::tempdir().unwrap();
        let case = made(dir.path());
        tamper(
            &case,
            &format!("UPDATE derived.view SET visibility = '{why}', state = 1, hide = 2, hide_set = 's' WHERE id = 2"),
        );
        let found = problems(&case);
        assert_eq!(
            found.iter().filter(|kind| **kind == ProblemKind::Hide).count(),
            2,
            "neither set nor hit: {found:?}"
        );
        tamper(
            &case,
            "UPDATE derived.view SET decoded = 1 WHERE id = 2; INSERT INTO derived.facts VALUES(2, 1, 1, NULL, 0, '{}', NULL, NULL);
             INSERT INTO derived.thumbnail VALUES(2, 1, 1, x'00')",
        );
        assert!(problems(&case).contains(&ProblemKind::KnownDecoded));
    }

    /// The limit of a chain without a witness: rows cut off the end, with what they added, leave a sound case. Only the
    /// head that somebody noted elsewhere tells.
    #[test]
    fn a_ledger_that_was_cut_off_differs_only_in_its_head() {
        let dir = tempfile::tempdir().unwrap();
        let case = made(dir.path());
        let before = case.head().unwrap();
        case.matched("rules 2", UtcTime(2)).unwrap();
        let noted = case.head().unwrap();
        assert!(case.has_operation(&noted.1).unwrap() && case.has_operation(&before.1).unwrap());
        tamper(&case, "DELETE FROM ledger WHERE seq = (SELECT max(seq) FROM ledger)");
        assert_eq!(problems(&case), []);
        assert!(!case.has_operation(&noted.1).unwrap(), "whoever noted the head knows");
        assert!(case.has_operation(&before.1).unwrap());
    }

    /// Somebody with the key and another program signs an export of their own: the rows are those of the operation, and the
    /// ledger's own story tells that it may not be.
    #[test]
    fn a_signature_without_four_eyes_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let case = made(dir.path());
        tamper(&case, "SELECT 1");
        let end = "INSERT INTO export_end VALUES(1, (SELECT max(seq) FROM ledger), zeroblob(32), 7)";
        let mut canon = Canon::new("zeef export end 1");
        canon.number(1).maybe_bytes(Some(&[0; 32])).maybe_number(Some(7));
        let detail = serde_json::json!({
            "request": 1, "package_sha256": Sha256([0; 32]), "items": 7, "sha256": canon.finish(),
        });
        case.write_whatever_the_role(|writer| {
            writer.ground(|db| case.append(db, OperationKind::ExportSigned, &detail, UtcTime(2)))
        })
        .unwrap();
        tamper(&case, end);
        assert_eq!(problems(&case), [ProblemKind::Rows]);
    }

    #[test]
    fn ground_rows_cannot_be_changed_by_mistake() {
        let dir = tempfile::tempdir().unwrap();
        let case = made(dir.path());
        for sql in [
            "UPDATE ledger SET at = 0",
            "DELETE FROM ledger",
            "DELETE FROM item",
            "UPDATE occurrence SET path = x'00'",
            "DELETE FROM occurrence",
            "UPDATE decision SET category = '1'",
            "UPDATE mark SET text = 'x'",
            "DELETE FROM mark",
            "UPDATE lead SET content = '{}'",
            "DELETE FROM evidence",
            "UPDATE clock SET ahead = 0",
            "DELETE FROM opinion",
            "UPDATE export SET asked = '{}'",
            "DELETE FROM export_end",
            // What nobody may sign, the database refuses too: Anna asked for it.
            "INSERT INTO export_end SELECT 1, max(seq), zeroblob(32), 0 FROM ledger",
        ] {
            let result = case.write_whatever_the_role(|writer| Ok(writer.db().execute_batch(sql)?));
            assert!(result.is_err(), "{sql}");
        }
        assert_eq!(problems(&case), []);
    }
}
