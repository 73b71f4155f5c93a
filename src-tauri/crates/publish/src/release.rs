//! Releases: builds the rows, compares them with the last release, writes delta and snapshot, signs, and has them placed.
//!
//! A release is first made whole inside the repository and noted in `pending.json`; then it is placed in the site, and only
//! when its `timestamp.json` is in place does the repository count it as released. Whatever interrupts this, the site has
//! the former release whole or the new one, and the same command completes what was begun: same version, same bytes.

use std::path::{Path, PathBuf};

use domain::release::{
    DELTAS_MAX, DeltaFile, FloodLimits, PART_BITS, PartFile, RELEASE_SCHEMA, ReleaseFile, ReleaseIndex, SnapshotIndex,
};
use domain::{CodeMeaning, Entry, EntryId, Fingerprint, Meanings, SetName, SetVersion, Sha256, UserName, UtcTime};
use hashset::release::{Change, DELTA_ROWS_MAX, DeltaHead, DeltaWriter, PartWriter, RowsDigest};
use review::Schemes;
use serde::Serialize;

use crate::build::{self, Built, Published};
use crate::columns::{RowsReader, RowsWriter};
use crate::disk::{self, Readers};
use crate::error::PublishError;
use crate::journal::Operation;
use crate::metadata::Duty;
use crate::query::{Capacity, Queries};
use crate::repository::{Pending, Repository, State};
use crate::rules::ShareRules;
use crate::signing::{Signers, put_timestamp, sign};
use crate::site;

/// Days after which a snapshot is made again.
const SNAPSHOT_EVERY_DAYS: i64 = 7;
/// Deltas are worth a new snapshot when they have more than this share of its bytes, in percent,
const DELTA_PERCENT_MAX: u64 = 30;
/// but small ones never are.
const DELTA_BYTES_FREE: u64 = 1 << 20;
/// Reason of a withdrawal that nobody gave one for: rows of one content were joined, or may no longer be shared.
const NO_LONGER: &str = "no longer an entry of its own in this set";

/// Says how a release is made.
#[derive(Debug, Clone)]
pub struct ReleaseRequest {
    /// True to make a snapshot whether one is due or not.
    pub snapshot: bool,
    /// What the queries may take of the machine.
    pub capacity: Capacity,
    /// Who releases.
    pub by: UserName,
    /// The time.
    pub now: UtcTime,
}

/// Tells what a release did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReleaseReport {
    /// Version of the set.
    pub version: SetVersion,
    /// True when an interrupted release was completed, and nothing else was done.
    pub completed: bool,
    /// Entries now.
    pub entries: u64,
    /// Entries that are new or changed.
    pub upserts: u64,
    /// Entries that are withdrawn.
    pub withdrawals: u64,
    /// True when a snapshot was made.
    pub snapshot: bool,
    /// Number of deltas that are offered.
    pub deltas: usize,
    /// Bytes of all targets.
    pub bytes: u64,
    /// Version of the timestamp.
    pub timestamp: u64,
    /// Until when it holds.
    pub expires: Option<UtcTime>,
    /// Version of the root that the enrolment file carries.
    pub root: u64,
    /// Its fingerprint, which the custodian reads out to whoever enrols.
    pub fingerprint: Option<Fingerprint>,
    /// What the custodian should read.
    pub warnings: Vec<String>,
}

/// Makes a release and places it in `site`; completes an interrupted one instead, where there is one.
pub fn release(repo: &Path, keys: &Path, site: &Path, request: &ReleaseRequest) -> Result<ReleaseReport, PublishError> {
    let mut repository = Repository::open(repo)?;
    if let Some(pending) = repository.pending.clone() {
        return finish(&mut repository, pending, site, Outcome { completed: true, ..Outcome::default() });
    }
    let signers = Signers::load(&repository, keys, &Duty::DAILY, request.now)?;
    site::check(&repository, site, repository.state.timestamp)?;
    check_clock(&repository, request.now)?;
    if repository.config.source.is_some() && !repository.is_shared() {
        let hint = "Say it: zeef-publish share REPO RULES.json, or share REPO --whole.";
        return Err(PublishError::refused(repo, "nobody has said by which rules its rows are shared", hint));
    }
    let queries = Queries::begin(&repository.path, request.capacity)?;
    let built = match repository.config.source {
        Some(_) => None,
        None => build::build(&repository, &queries)?,
    };
    let mut draft = Draft::of(&repository, &queries);
    draft.write_rows(built.as_ref())?;
    let (index, outcome) = draft.index(request)?;
    let mut state = State { index: Some(index), ..repository.state.clone() };
    if let Some(built) = &built {
        state.ids = Some(built.ids.clone());
        state.next_entry = built.next_entry;
    }
    if outcome.changed {
        state.rows = Some(draft.rows_name.clone());
    }
    if outcome.snapshot {
        state.snapshot_made = Some(request.now);
    }
    drop(draft);
    let pending = sign(&repository, state, &signers, request)?;
    disk::put_json(&repository.at("pending.json"), &pending, Readers::Owner)?;
    finish(&mut repository, pending, site, outcome)
}

/// Signs the timestamp again, and nothing else: what was released last is still the newest.
pub fn timestamp(
    repo: &Path,
    keys: &Path,
    site: &Path,
    by: &UserName,
    now: UtcTime,
) -> Result<ReleaseReport, PublishError> {
    let mut repository = Repository::open(repo)?;
    if let Some(pending) = repository.pending.clone() {
        return finish(&mut repository, pending, site, Outcome { completed: true, ..Outcome::default() });
    }
    if repository.state.index.is_none() {
        return Err(PublishError::refused(repo, "nothing has been released yet", "Make a release first."));
    }
    let signers = Signers::load(&repository, keys, &[Duty::Timestamp], now)?;
    site::check(&repository, site, repository.state.timestamp)?;
    check_clock(&repository, now)?;
    let mut state = repository.state.clone();
    state.timestamp += 1;
    let snapshot = disk::read(&repository.at(&format!("metadata/{}.snapshot.json", state.snapshot)))?;
    put_timestamp(&repository, &mut state, &snapshot, &signers, now)?;
    let (placed, _) = repository.root(state.root)?;
    let stamp = disk::read(&repository.at(&format!("metadata/{}.timestamp.json", state.timestamp)))?;
    if !placed.vouches_for(Duty::Timestamp, &stamp) {
        let what = "the key that workstations know of is not there, and the new one is not placed yet";
        return Err(PublishError::Key { path: keys.to_owned(), what: format!("{what}. Make a release instead") });
    }
    let operation = Operation::Timestamp { timestamp: state.timestamp };
    let pending = Pending { state, operation, by: by.clone(), at: now };
    disk::put_json(&repository.at("pending.json"), &pending, Readers::Owner)?;
    let mut outcome = Outcome::default();
    let expired =
        repository.state.expires.iter().filter(|(duty, expires)| **duty != Duty::Timestamp && **expires <= now);
    outcome.warnings.extend(expired.map(|(duty, expires)| {
        format!("the {duty} metadata expired at {expires}: workstations take nothing until you make a release")
    }));
    finish(&mut repository, pending, site, outcome)
}

/// A clock that runs behind would sign what every workstation takes for old.
fn check_clock(repository: &Repository, now: UtcTime) -> Result<(), PublishError> {
    match &repository.state.index {
        Some(index) if now < index.published => {
            let what = format!("its last release was made at {}, and the clock says {now}", index.published);
            Err(PublishError::refused(&repository.path, what, "Set the clock right."))
        }
        _ => Ok(()),
    }
}

/// What a release did, as far as the index does not say it.
#[derive(Default)]
struct Outcome {
    completed: bool,
    changed: bool,
    snapshot: bool,
    upserts: u64,
    withdrawals: u64,
    warnings: Vec<String>,
}

/// Places a release that is whole in the repository, and settles it.
fn finish(
    repository: &mut Repository,
    pending: Pending,
    site: &Path,
    outcome: Outcome,
) -> Result<ReleaseReport, PublishError> {
    site::check(repository, site, pending.state.timestamp)?;
    site::place(repository, &pending.state, site)?;
    repository.settle(pending)?;
    site::tidy(repository, site)?;
    let state = &repository.state;
    let index =
        state.index.as_ref().ok_or_else(|| PublishError::damaged(&repository.path, "a release has no index"))?;
    Ok(ReleaseReport {
        version: index.version,
        completed: outcome.completed,
        entries: index.entries,
        upserts: outcome.upserts,
        withdrawals: outcome.withdrawals,
        snapshot: outcome.snapshot,
        deltas: index.deltas.len(),
        bytes: state.files.iter().map(|file| file.bytes).sum(),
        timestamp: state.timestamp,
        expires: state.expires.get(&Duty::Timestamp).copied(),
        root: state.root,
        fingerprint: repository.fingerprint()?,
        warnings: outcome.warnings,
    })
}

/// Where the rows of a release come from.
enum Source<'a> {
    /// The query over all contributions.
    Built(Box<Published<'a>>),
    /// What another repository has released.
    Released(RowsReader),
    /// Nothing was ever contributed.
    Empty,
}

/// The rows of a new release, and how they differ from those of the last one.
struct Draft<'a> {
    repository: &'a Repository,
    queries: &'a Queries,
    rules: Option<ShareRules>,
    rows_name: String,
    entries: u64,
    result_digest: Sha256,
    upserts: u64,
    withdrawals: u64,
    delta: Option<(PathBuf, DeltaWriter)>,
}

impl<'a> Draft<'a> {
    fn of(repository: &'a Repository, queries: &'a Queries) -> Self {
        Self {
            repository,
            queries,
            rules: repository.rules(),
            rows_name: format!("tables/rows-{:07}.parquet", repository.state.targets + 1),
            entries: 0,
            result_digest: RowsDigest::new().finish(),
            upserts: 0,
            withdrawals: 0,
            delta: None,
        }
    }

    fn set(&self) -> &SetName {
        &self.repository.config.set
    }

    fn last(&self) -> Option<&ReleaseIndex> {
        self.repository.state.index.as_ref()
    }

    fn next_version(&self) -> SetVersion {
        SetVersion(self.last().map_or(0, |index| index.version.0) + 1)
    }

    fn source(&self, built: Option<&Built>) -> Result<Source<'a>, PublishError> {
        match (&self.repository.config.source, built) {
            (Some(source), _) => Ok(match released_rows(source)? {
                Some(path) => Source::Released(RowsReader::open(&path)?),
                None => Source::Empty,
            }),
            (None, Some(built)) => Ok(Source::Built(Box::new(built.published(self.repository, self.queries)?))),
            (None, None) => Ok(Source::Empty),
        }
    }

    /// Writes the rows, and what differs from the last release into a delta.
    fn write_rows(&mut self, built: Option<&Built>) -> Result<(), PublishError> {
        let mut source = self.source(built)?;
        let mut before = match &self.repository.state.rows {
            Some(name) => Some(RowsReader::open(&self.repository.at(name))?),
            None => None,
        };
        let mut old = next_of(&mut before)?;
        let mut writer = RowsWriter::create(&self.repository.at(&self.rows_name))?;
        let mut digest = RowsDigest::new();
        while let Some((id, row, reason)) = self.next_row(&mut source)? {
            while let Some(gone) = old.take_if(|old| old.id < id) {
                self.change(Change::Withdraw { id: gone.id, reason: NO_LONGER.to_owned() })?;
                old = next_of(&mut before)?;
            }
            let same = old.take_if(|old| old.id == id);
            if same.is_some() {
                old = next_of(&mut before)?;
            }
            match (row, same) {
                (Some(row), same) => {
                    digest.push(&row);
                    writer.push(&row)?;
                    if same.as_ref() != Some(&row) {
                        self.change(Change::Upsert(row))?;
                    }
                }
                (None, Some(_)) => self.change(Change::Withdraw { id, reason })?,
                (None, None) => {}
            }
        }
        while let Some(gone) = old {
            self.change(Change::Withdraw { id: gone.id, reason: NO_LONGER.to_owned() })?;
            old = next_of(&mut before)?;
        }
        self.entries = writer.finish()?;
        self.result_digest = digest.finish();
        Ok(())
    }

    /// Gives the next content: its id, its row if it is part of the set, and else why it is not.
    fn next_row(&self, source: &mut Source<'_>) -> Result<Option<(EntryId, Option<Entry>, String)>, PublishError> {
        let (entry, withdrawn) = match source {
            Source::Empty => return Ok(None),
            Source::Built(published) => match published.next()? {
                None => return Ok(None),
                Some(judged) => {
                    let withdrawn = judged.withdrawn_by().map(|seq| self.reason(seq));
                    (judged.entry, withdrawn)
                }
            },
            Source::Released(rows) => match rows.next()? {
                None => return Ok(None),
                Some(entry) => (entry, None),
            },
        };
        let id = entry.id;
        let row = match (&withdrawn, &self.rules) {
            (Some(_), _) => None,
            (None, None) => Some(entry),
            (None, Some(rules)) => rules.shared(entry),
        };
        Ok(Some((id, row, withdrawn.unwrap_or_else(|| NO_LONGER.to_owned()))))
    }

    fn reason(&self, seq: u64) -> String {
        let record = usize::try_from(seq).ok().and_then(|seq| self.repository.journal.records.get(seq.checked_sub(1)?));
        match record.map(|record| &record.operation) {
            Some(Operation::Withdraw { reason, .. }) => reason.clone(),
            _ => NO_LONGER.to_owned(),
        }
    }

    /// Notes a change. The first release has no delta: all of it is new.
    fn change(&mut self, change: Change) -> Result<(), PublishError> {
        match &change {
            Change::Upsert(_) => self.upserts += 1,
            Change::Withdraw { .. } => self.withdrawals += 1,
        }
        if self.last().is_none() {
            return Ok(());
        }
        if self.delta.is_none() {
            let path = self.queries.work("delta.parquet");
            self.delta = Some((path.clone(), DeltaWriter::create(&path, self.set(), self.next_version())?));
        }
        if let Some((_, delta)) = &mut self.delta {
            delta.push(&change)?;
        }
        Ok(())
    }

    /// Completes the delta, makes a snapshot where one is due, and describes the release.
    fn index(&mut self, request: &ReleaseRequest) -> Result<(ReleaseIndex, Outcome), PublishError> {
        let last = self.last().cloned();
        let mut deltas = last.as_ref().map(|last| last.deltas.clone()).unwrap_or_default();
        match self.is_whole() {
            true => deltas.clear(),
            false => deltas.extend(self.finish_delta(last.as_ref())?),
        }
        let changed = self.upserts + self.withdrawals > 0 || last.is_none();
        let version = match &last {
            Some(last) if !changed => last.version,
            _ => self.next_version(),
        };
        let made = self.repository.state.snapshot_made.filter(|_| !request.snapshot && !self.is_whole());
        let fresh = made.is_some_and(|made| request.now.days_since(made) < SNAPSHOT_EVERY_DAYS);
        let kept = last.as_ref().map(|last| last.snapshot.clone()).filter(|kept| fresh && !is_outgrown(kept, &deltas));
        let is_new = kept.is_none();
        let snapshot = match kept {
            Some(kept) => kept,
            None => self.snapshot(version, if changed { &self.rows_name } else { self.rows_before()? })?,
        };
        trim(&mut deltas, &snapshot);
        let config = &self.repository.config;
        let scheme = config.scheme(&Schemes::shipped());
        let ambiguous = scheme.iter().flat_map(|scheme| &scheme.categories).filter(|category| category.ambiguous);
        // An entry has such a code only where somebody has answered that it means non-pertinent; see `build::said`.
        let meanings: Meanings = ambiguous.map(|category| (category.code.clone(), CodeMeaning::NonPertinent)).collect();
        let index = ReleaseIndex {
            schema: RELEASE_SCHEMA,
            publisher: config.publisher.clone(),
            set: config.set.clone(),
            title: config.title.clone(),
            role: config.role,
            profile: config.profile.clone(),
            scheme,
            basis: config.basis(),
            meanings,
            version,
            published: last.as_ref().filter(|_| !changed).map_or(request.now, |last| last.published),
            entries: self.entries,
            result_digest: self.result_digest,
            grace_days: config.grace_days,
            limits: self.repository.limits(self.entries),
            deltas,
            snapshot,
        };
        index
            .check()
            .map_err(|what| PublishError::damaged(&self.repository.path, format!("the release is wrong: {what}")))?;
        let warnings = last.as_ref().map(|last| self.warnings(&last.limits)).unwrap_or_default();
        let (upserts, withdrawals) = (self.upserts, self.withdrawals);
        Ok((index, Outcome { completed: false, changed, snapshot: is_new, upserts, withdrawals, warnings }))
    }

    fn warnings(&self, limits: &FloodLimits) -> Vec<String> {
        let checks = [
            (self.upserts, limits.upserts_max, "entries are new or changed"),
            (self.withdrawals, limits.withdrawals_max, "entries are withdrawn"),
        ];
        let over = checks.into_iter().filter(|(count, max, _)| count > max);
        let warning = |(count, max, what)| {
            format!(
                "{count} {what}, more than the {max} that the last release allowed: a person has to accept it on every workstation that has taken that one"
            )
        };
        over.map(warning).collect()
    }

    fn rows_before(&self) -> Result<&str, PublishError> {
        let rows = self.repository.state.rows.as_deref();
        rows.ok_or_else(|| {
            PublishError::damaged(&self.repository.at("state.json"), "the rows of the last release are missing")
        })
    }

    /// Tells whether only a snapshot leads to this version: where the changes are more than a delta may have, and where
    /// rows are shared by rules, because files of before may hold what may no longer be shared.
    fn is_whole(&self) -> bool {
        let changes = self.upserts + self.withdrawals;
        changes > DELTA_ROWS_MAX || (changes > 0 && self.repository.config.source.is_some())
    }

    fn finish_delta(&mut self, last: Option<&ReleaseIndex>) -> Result<Option<DeltaFile>, PublishError> {
        let Some(((path, delta), last)) = self.delta.take().zip(last) else { return Ok(None) };
        let version = self.next_version();
        let head = DeltaHead {
            set: self.set().clone(),
            version,
            base_digest: last.result_digest,
            result_digest: self.result_digest,
            result_count: self.entries,
        };
        let written = delta.finish(&head)?;
        let target = format!("{}-delta-{:06}-{:06}.parquet", slug(self.set()), last.version.0, version.0);
        let file = ReleaseFile { target, sha256: written.sha256, bytes: written.bytes };
        keep(self.repository, &path, &file)?;
        Ok(Some(DeltaFile {
            version,
            file,
            upserts: self.upserts,
            withdrawals: self.withdrawals,
            entries: self.entries,
            result_digest: self.result_digest,
        }))
    }

    /// Cuts the rows into parts. A part that has not changed has the bytes and the name that it had.
    fn snapshot(&self, version: SetVersion, rows: &str) -> Result<SnapshotIndex, PublishError> {
        let mut reader = RowsReader::open(&self.repository.at(rows))?;
        let path = self.queries.work("part.parquet");
        let mut parts = Vec::new();
        let mut open: Option<(u64, PartWriter)> = None;
        while let Some(row) = reader.next()? {
            let number = row.id.0 >> PART_BITS;
            if let Some((number, part)) = open.take_if(|(open, _)| *open != number) {
                parts.push(self.finish_part(number, part, &path)?);
            }
            let part = match &mut open {
                Some((_, part)) => part,
                none => &mut none.insert((number, PartWriter::create(&path, self.set(), number)?)).1,
            };
            part.push(&row)?;
        }
        if let Some((number, part)) = open {
            parts.push(self.finish_part(number, part, &path)?);
        }
        Ok(SnapshotIndex { version, entries: self.entries, result_digest: self.result_digest, parts })
    }

    fn finish_part(&self, number: u64, part: PartWriter, path: &Path) -> Result<PartFile, PublishError> {
        let written = part.finish()?;
        let target = format!("{}-part-{number:06}.parquet", slug(self.set()));
        let file = ReleaseFile { target, sha256: written.sha256, bytes: written.bytes };
        keep(self.repository, path, &file)?;
        Ok(PartFile { number, file, entries: written.rows })
    }
}

fn next_of(rows: &mut Option<RowsReader>) -> Result<Option<Entry>, PublishError> {
    rows.as_mut().map_or(Ok(None), RowsReader::next)
}

/// Finds the rows that another repository has released.
fn released_rows(source: &Path) -> Result<Option<PathBuf>, PublishError> {
    let state: State = disk::read_json(&source.join("state.json"))?;
    Ok(state.rows.map(|name| source.join(name)))
}

/// Tells whether deltas are so many or so large that a snapshot is the shorter way.
fn is_outgrown(snapshot: &SnapshotIndex, deltas: &[DeltaFile]) -> bool {
    let since: Vec<&DeltaFile> = deltas.iter().filter(|delta| delta.version > snapshot.version).collect();
    let bytes: u64 = since.iter().map(|delta| delta.file.bytes).sum();
    since.len() > DELTAS_MAX || bytes > delta_bytes_max(snapshot)
}

fn delta_bytes_max(snapshot: &SnapshotIndex) -> u64 {
    let whole: u64 = snapshot.parts.iter().map(|part| part.file.bytes).sum();
    DELTA_BYTES_FREE.max(whole / 100 * DELTA_PERCENT_MAX)
}

/// Drops the oldest deltas that nobody needs: more than are offered, or larger together than a snapshot is worth.
fn trim(deltas: &mut Vec<DeltaFile>, snapshot: &SnapshotIndex) {
    let most = delta_bytes_max(snapshot);
    let (mut bytes, mut kept) = (0, 0);
    for delta in deltas.iter().rev().take(DELTAS_MAX) {
        bytes += delta.file.bytes;
        if bytes > most && delta.version <= snapshot.version {
            break;
        }
        kept += 1;
    }
    deltas.drain(..deltas.len() - kept);
}

/// Gives a written file its place among the targets of the repository.
fn keep(repository: &Repository, path: &Path, file: &ReleaseFile) -> Result<(), PublishError> {
    let kept = repository.at("targets").join(site::file_name(file));
    if kept.exists() { disk::remove(path) } else { disk::rename(path, &kept) }
}

/// Makes a name of files out of the name of a set.
fn slug(set: &SetName) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    set.as_str().chars().map(plain).collect()
}
