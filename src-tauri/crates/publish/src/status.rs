//! What the custodian looks at in the morning: the last release, what was done since, and what expires when.

use std::path::Path;

use domain::release::{FloodLimits, PublisherId};
use domain::{Fingerprint, SetVersion, UtcTime};
use serde::Serialize;

use crate::error::PublishError;
use crate::journal::{Operation, Record};
use crate::metadata::Duty;
use crate::repository::{Config, Repository};

/// Days before its end at which an expiry is warned of.
const WARN_DAYS: [(Duty, i64); 4] = [(Duty::Root, 60), (Duty::Targets, 14), (Duty::Snapshot, 7), (Duty::Timestamp, 2)];

/// When metadata expire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Expiry {
    /// Whose.
    pub role: Duty,
    /// When.
    pub expires: UtcTime,
    /// Whole days until then; negative when it has passed.
    pub days: i64,
    /// True when something should be done.
    pub warn: bool,
}

/// The answer of [`status`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    /// What the set is.
    pub config: Config,
    /// Version of the last release.
    pub version: Option<SetVersion>,
    /// Its entries.
    pub entries: u64,
    /// When the last snapshot was made.
    pub snapshot_made: Option<UtcTime>,
    /// Lists that were ever taken in.
    pub contributions: usize,
    /// Rows in them.
    pub rows: u64,
    /// How much the next update may change.
    pub limits: FloodLimits,
    /// Partners; true for those that are no longer trusted.
    pub partners: Vec<(PublisherId, bool)>,
    /// Version of the root that the enrolment file carries; 0 before the first release.
    pub root: u64,
    /// Its fingerprint, which the custodian reads out to whoever enrols.
    pub fingerprint: Option<Fingerprint>,
    /// What was done since the last release.
    pub since: Vec<Record>,
    /// What expires when.
    pub expiries: Vec<Expiry>,
    /// True when a release was interrupted: the same command completes it.
    pub interrupted: bool,
    /// What should be done, as sentences.
    pub warnings: Vec<String>,
}

/// Tells the state of a repository. Nothing is changed, but that an interrupted end of a release is settled.
pub fn status(repo: &Path, now: UtcTime) -> Result<Status, PublishError> {
    let repository = Repository::open(repo)?;
    let (root, _) = repository.root(repository.newest_root())?;
    let state = &repository.state;
    let mut expiries: Vec<(Duty, UtcTime)> = vec![(Duty::Root, root.expires)];
    expiries.extend(state.expires.iter().map(|(duty, expires)| (*duty, *expires)));
    let expiries: Vec<Expiry> = expiries.into_iter().map(|(duty, expires)| expiry(duty, expires, now)).collect();
    let entries = state.index.as_ref().map_or(0, |index| index.entries);
    let is_news = |record: &&Record| {
        !matches!(record.operation, Operation::Release { .. } | Operation::Timestamp { .. } | Operation::Init)
    };
    let since = repository.journal.records.iter().filter(|record| record.seq > state.journal).filter(is_news);
    let warnings = warnings(&repository, &expiries);
    Ok(Status {
        version: state.index.as_ref().map(|index| index.version),
        entries,
        snapshot_made: state.snapshot_made,
        contributions: repository.journal.contributions().count(),
        rows: repository.journal.contributions().map(|(_, list)| list.entries).sum(),
        limits: repository.limits(entries),
        partners: repository.partners().into_iter().map(|(name, partner)| (name, partner.revoked)).collect(),
        root: state.root,
        fingerprint: repository.fingerprint()?,
        since: since.cloned().collect(),
        expiries,
        interrupted: repository.pending.is_some(),
        warnings,
        config: repository.config.clone(),
    })
}

fn expiry(role: Duty, expires: UtcTime, now: UtcTime) -> Expiry {
    let days = expires.days_since(now);
    let warn = WARN_DAYS.iter().any(|(duty, before)| *duty == role && days < *before);
    Expiry { role, expires, days, warn }
}

fn warnings(repository: &Repository, expiries: &[Expiry]) -> Vec<String> {
    let mut out = Vec::new();
    for expiry in expiries.iter().filter(|expiry| expiry.warn) {
        let command = match expiry.role {
            Duty::Root => "rotate --role root, with the root keys",
            Duty::Timestamp => "timestamp, or release",
            Duty::Snapshot | Duty::Targets => "release",
        };
        let (role, expires) = (expiry.role, expiry.expires);
        out.push(format!("The {role} metadata expire at {expires}. Renew them: zeef-publish {command}"));
    }
    if repository.pending.is_some() {
        out.push("A release was interrupted. Run the same command again: it completes it".to_owned());
    }
    if repository.newest_root() > repository.state.root && repository.state.root > 0 {
        out.push("New keys are not placed yet. Make a release".to_owned());
    }
    out
}
