//! The repository: a folder of the custodian's, and what it remembers from release to release.
//!
//! ```text
//! repo.json        what the set is; written last by `init`, never changed
//! journal.jsonl    what was done, by whom and when
//! state.json       the last release: versions, files, the next entry id
//! pending.json     a release that is built and signed, and not yet placed
//! contributions/   one table for each list that was taken in; never changed
//! partners/        root metadata of partners, by their SHA-256
//! tables/          entry ids, and the rows of the last releases
//! targets/ metadata/   the files of the last two releases, from which a site is filled
//! work/            queries at work; may be removed at any time
//! lock             held by the command at work
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::release::{FloodLimits, Leads, Partner, PublisherId, RELEASE_SCHEMA, ReleaseFile, ReleaseIndex};
use domain::{CategoryCode, Fingerprint, Profile, Role, Scheme, SetName, UserName, UtcTime, Verdict, VerdictBasis};
use review::Schemes;
use serde::{Deserialize, Serialize};

use crate::disk::{self, Lock, Readers};
use crate::error::PublishError;
use crate::journal::{Journal, Operation};
use crate::keys;
use crate::metadata::{self, Duty, Root};
use crate::rules::ShareRules;

/// Form of the repository that this program writes and reads.
const REPOSITORY_SCHEMA: u32 = 1;
/// Most categories of a scheme: as many as an opinion can number.
const CATEGORIES_MAX: usize = 63;
/// Least number of entries that one update may add or change.
const UPSERTS_LEAST: u64 = 10_000;
/// Least number of entries that one update may withdraw.
const WITHDRAWALS_LEAST: u64 = 1_000;
/// Number of new entries of one update that good sets may have too.
const QUARANTINED: u64 = 100;
/// Most days for which a timestamp may hold.
pub const TIMESTAMP_DAYS_MAX: u32 = 14;
/// Days for which metadata hold.
pub(crate) const SNAPSHOT_DAYS: u32 = 30;
pub(crate) const TARGETS_DAYS: u32 = 90;
pub(crate) const ROOT_DAYS: u32 = 365;

/// What the set is, and how it is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Form of the repository.
    pub schema: u32,
    /// Who publishes.
    pub publisher: PublisherId,
    /// Name of the set on every workstation.
    pub set: SetName,
    /// Its title for people.
    pub title: String,
    /// What it claims.
    pub role: Role,
    /// Scheme of its categories; a good set has none.
    pub profile: Option<Profile>,
    /// Where it is published, if not by disk alone.
    pub address: Option<String>,
    /// Days for which the set may still be taken after the timestamp has expired.
    pub grace_days: u32,
    /// Days for which a timestamp holds.
    pub timestamp_days: u32,
    /// The repository whose released rows are shared here, by rules; `None` where this one has contributions of its own.
    pub source: Option<PathBuf>,
    /// When it was made.
    pub created: UtcTime,
}

impl Config {
    /// Tells what makes an entry a statement.
    pub(crate) fn basis(&self) -> VerdictBasis {
        match self.role {
            Role::Known => VerdictBasis::Category,
            Role::Good => VerdictBasis::Membership,
        }
    }

    /// Finds the scheme of the categories.
    pub(crate) fn scheme(&self, schemes: &Schemes) -> Option<Scheme> {
        self.profile.as_ref().and_then(|profile| schemes.scheme(&profile.0)).cloned()
    }

    /// Lists the verdicts that an entry can have, in the order in which opinions number them from 1.
    pub(crate) fn verdicts(&self, schemes: &Schemes) -> Vec<Verdict> {
        match self.scheme(schemes) {
            Some(scheme) if self.role == Role::Known => {
                scheme.categories.iter().map(|category| Verdict::Category(category.code.clone())).collect()
            }
            _ => vec![Verdict::Member],
        }
    }
}

/// What the repository remembers of its last release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    /// Form of the repository.
    pub schema: u32,
    /// Newest version of the root metadata that was placed.
    pub root: u64,
    /// Versions of the other metadata; 0 before the first release.
    pub timestamp: u64,
    pub snapshot: u64,
    pub targets: u64,
    /// Until when they hold.
    pub expires: BTreeMap<Duty, UtcTime>,
    /// The id that the next new entry gets.
    pub next_entry: u64,
    /// Table of the entry ids.
    pub ids: Option<String>,
    /// Table of the rows of the last release.
    pub rows: Option<String>,
    /// The last release.
    pub index: Option<ReleaseIndex>,
    /// When the last snapshot was made.
    pub snapshot_made: Option<UtcTime>,
    /// The targets of the last release, and of the one before.
    pub files: Vec<ReleaseFile>,
    pub files_before: Vec<ReleaseFile>,
    /// Last line of the journal that the release knows.
    pub journal: u64,
}

/// A release that is built and signed, and not yet placed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pending {
    /// What is remembered once it is placed.
    pub state: State,
    /// What the journal says then.
    pub operation: Operation,
    /// Who made it, and when.
    pub by: UserName,
    pub at: UtcTime,
}

/// What `init` is given.
#[derive(Debug, Clone)]
pub struct NewRepository {
    /// Who publishes; by default the name of the set.
    pub publisher: PublisherId,
    /// Name of the set.
    pub set: SetName,
    /// Title for people.
    pub title: String,
    /// What it claims.
    pub role: Role,
    /// Scheme of its categories.
    pub profile: Option<Profile>,
    /// Where it is published.
    pub address: Option<String>,
    /// Days of grace.
    pub grace_days: u32,
    /// Days for which a timestamp holds.
    pub timestamp_days: u32,
    /// How many root keys are made, and how many of them have to sign.
    pub root_keys: usize,
    /// See `root_keys`.
    pub threshold: usize,
    /// The repository whose rows are shared here.
    pub source: Option<PathBuf>,
}

/// An opened repository. Nobody else works in it.
pub(crate) struct Repository {
    /// Its folder.
    pub path: PathBuf,
    pub config: Config,
    pub journal: Journal,
    pub state: State,
    /// A release that was interrupted.
    pub pending: Option<Pending>,
    _lock: Lock,
}

const FOLDERS: [&str; 6] = ["contributions", "partners", "tables", "targets", "metadata", "work"];

/// Makes a repository and its keys.
pub fn init(path: &Path, keys: &Path, new: &NewRepository, by: &UserName, now: UtcTime) -> Result<(), PublishError> {
    let config = checked(path, new, now)?;
    disk::create_dir(path)?;
    let _lock = Lock::take(&path.join("lock"))?;
    if path.join("repo.json").exists() {
        return Err(PublishError::refused(path, "it is a repository already", "Choose another folder."));
    }
    disk::create_dir(keys)?;
    for folder in FOLDERS {
        disk::create_dir(&path.join(folder))?;
    }
    let mut made = BTreeMap::new();
    for duty in [Duty::Root, Duty::Timestamp, Duty::Snapshot, Duty::Targets] {
        let count = if duty == Duty::Root { new.root_keys } else { 1 };
        made.insert(duty, (0..count).map(|_| keys::create(keys, duty, 0)).collect::<Result<Vec<_>, _>>()?);
    }
    let publics = made.iter().map(|(duty, keys)| (*duty, keys.iter().map(|key| key.public.clone()).collect()));
    let root = Root::new(1, metadata::days_after(now, ROOT_DAYS), &publics.collect(), new.threshold);
    let signers: Vec<_> = made[&Duty::Root].iter().collect();
    let bytes = metadata::sign(metadata::root(&root), &signers);
    disk::put(&path.join("metadata/1.root.json"), &bytes, Readers::Owner)?;
    let state = State {
        schema: REPOSITORY_SCHEMA,
        root: 0,
        timestamp: 0,
        snapshot: 0,
        targets: 0,
        expires: BTreeMap::new(),
        next_entry: 1,
        ids: None,
        rows: None,
        index: None,
        snapshot_made: None,
        files: Vec::new(),
        files_before: Vec::new(),
        journal: 0,
    };
    disk::put_json(&path.join("state.json"), &state, Readers::Owner)?;
    disk::remove(&path.join("journal.jsonl"))?;
    Journal::empty(&path.join("journal.jsonl")).append(now, by, Operation::Init)?;
    disk::put_json(&path.join("repo.json"), &config, Readers::Owner)
}

fn checked(path: &Path, new: &NewRepository, now: UtcTime) -> Result<Config, PublishError> {
    let refused = |what: String, hint: &str| Err(PublishError::refused(path, what, hint));
    if new.threshold == 0 || new.threshold > new.root_keys {
        let what = format!("{} of {} root keys can never sign", new.threshold, new.root_keys);
        return refused(what, "Choose a threshold from 1 to the number of root keys.");
    }
    if new.timestamp_days == 0 || new.timestamp_days > TIMESTAMP_DAYS_MAX {
        return refused("a timestamp holds 1 to 14 days".to_owned(), "Choose a number in between.");
    }
    let schemes = Schemes::shipped();
    let scheme = new.profile.as_ref().and_then(|profile| schemes.scheme(&profile.0));
    if new.role == Role::Known && scheme.is_none_or(|scheme| scheme.categories.len() > CATEGORIES_MAX) {
        return refused("a known set needs a scheme".to_owned(), "Name it: --profile US, UK, INTERPOL or NL.");
    }
    if new.address.as_ref().is_some_and(|address| !address.starts_with("http")) {
        return refused(
            "the address is neither http nor https".to_owned(),
            "Name the folder's address on the web server.",
        );
    }
    let source = new.source.as_ref().map(std::path::absolute).transpose();
    let profile = new.profile.clone().filter(|_| new.role == Role::Known);
    if let Ok(Some(source)) = &source {
        let shared: Config = disk::read_json(&source.join("repo.json"))?;
        if (shared.role, &shared.profile) != (new.role, &profile) {
            let hint = "Rows are shared as they are: give the same --role and --profile. Who takes them translates.";
            return refused("its role or scheme is not that of the repository whose rows it shares".to_owned(), hint);
        }
    }
    Ok(Config {
        schema: REPOSITORY_SCHEMA,
        publisher: new.publisher.clone(),
        set: new.set.clone(),
        title: new.title.clone(),
        role: new.role,
        profile,
        address: new.address.clone(),
        grace_days: new.grace_days,
        timestamp_days: new.timestamp_days,
        source: source.map_err(crate::error::io_at("find", path))?,
        created: now,
    })
}

impl Repository {
    /// Opens a repository and keeps every other command out of it.
    pub(crate) fn open(path: &Path) -> Result<Self, PublishError> {
        if !path.join("repo.json").is_file() {
            return Err(PublishError::refused(path, "it is no repository", "Make one: zeef-publish init"));
        }
        let lock = Lock::take(&path.join("lock"))?;
        let config: Config = disk::read_json(&path.join("repo.json"))?;
        if config.schema != REPOSITORY_SCHEMA {
            return Err(PublishError::refused(path, "its form is not known", "Use the version of Zeef that made it."));
        }
        let pending = path.join("pending.json");
        let mut repository = Self {
            journal: Journal::read(&path.join("journal.jsonl"))?,
            state: disk::read_json(&path.join("state.json"))?,
            pending: if pending.exists() { Some(disk::read_json(&pending)?) } else { None },
            path: path.to_owned(),
            config,
            _lock: lock,
        };
        if repository.state.journal > repository.journal.next() {
            return Err(PublishError::damaged(&path.join("journal.jsonl"), "lines are missing at its end"));
        }
        // A release that got as far as the state is placed: only its journal line or its removal is missing.
        if let Some(pending) = repository.pending.clone().filter(|pending| pending.state == repository.state) {
            repository.settle(pending)?;
        }
        Ok(repository)
    }

    /// Gives the path of a file of the repository.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes the new state, the line of the journal, and forgets that the release was pending.
    pub(crate) fn settle(&mut self, pending: Pending) -> Result<(), PublishError> {
        disk::put_json(&self.at("state.json"), &pending.state, Readers::Owner)?;
        self.state = pending.state;
        if self.journal.records.last().map(|record| &record.operation) != Some(&pending.operation) {
            self.journal.append(pending.at, &pending.by, pending.operation)?;
        }
        disk::remove(&self.at("pending.json"))?;
        disk::sync_dir(&self.path)?;
        self.pending = None;
        Ok(())
    }

    /// Reads root metadata of one version.
    pub(crate) fn root(&self, version: u64) -> Result<(Root, Vec<u8>), PublishError> {
        let path = self.at(&format!("metadata/{version}.root.json"));
        let bytes = disk::read(&path)?;
        Ok((Root::read(&path, &bytes)?, bytes))
    }

    /// Gives the fingerprint of the root that the enrolment file of the last release carries; `None` before the first.
    pub(crate) fn fingerprint(&self) -> Result<Option<Fingerprint>, PublishError> {
        match self.state.root {
            0 => Ok(None),
            version => Ok(Some(Fingerprint(disk::sha256(&self.root(version)?.1)))),
        }
    }

    /// Finds the newest version of the root metadata that was made.
    pub(crate) fn newest_root(&self) -> u64 {
        let rotated = self.journal.records.iter().rev().find_map(|record| match record.operation {
            Operation::Rotate { root, .. } => Some(root),
            _ => None,
        });
        rotated.unwrap_or(1)
    }

    /// Lists what the journal says of partners, the last word on each.
    pub(crate) fn partners(&self) -> BTreeMap<PublisherId, Partner> {
        let said = self.journal.records.iter().filter_map(|record| match &record.operation {
            Operation::Partner { name, partner } => Some((name.clone(), (**partner).clone())),
            _ => None,
        });
        said.collect()
    }

    /// Lists the team leads, the last word on each key.
    pub(crate) fn leads(&self) -> Leads {
        let said = self.journal.records.iter().filter_map(|record| match &record.operation {
            Operation::Lead(lead) => Some((lead.key.clone(), (**lead).clone())),
            _ => None,
        });
        let by_key: BTreeMap<_, _> = said.collect();
        Leads { schema: RELEASE_SCHEMA, leads: by_key.into_values().collect() }
    }

    /// Gives the rules by which rows are shared.
    pub(crate) fn rules(&self) -> Option<ShareRules> {
        let said = self.journal.records.iter().rev().find_map(|record| match &record.operation {
            Operation::Share { rules } => Some(rules.as_deref().cloned()),
            _ => None,
        });
        said.flatten()
    }

    /// Tells whether somebody has said by which rules rows are shared, or that they are shared whole.
    pub(crate) fn is_shared(&self) -> bool {
        self.journal.records.iter().any(|record| matches!(record.operation, Operation::Share { .. }))
    }

    /// Gives the limits that the custodian has set, or those that go by the number of entries.
    pub(crate) fn limits(&self, entries: u64) -> FloodLimits {
        let said = self.journal.records.iter().rev().find_map(|record| match &record.operation {
            Operation::Limits { limits } => Some(*limits),
            _ => None,
        });
        said.flatten().unwrap_or(FloodLimits {
            upserts_max: UPSERTS_LEAST.max(entries / 20),
            withdrawals_max: WITHDRAWALS_LEAST.max(entries / 100),
            quarantined_max: QUARANTINED,
        })
    }

    /// Refuses what only a repository with contributions of its own can do.
    pub(crate) fn own_contributions(&self) -> Result<(), PublishError> {
        match &self.config.source {
            None => Ok(()),
            Some(source) => Err(PublishError::refused(
                &self.path,
                "it shares the rows of another repository and has none of its own",
                format!("Do this in {}.", source.display()),
            )),
        }
    }

    /// Finds a category of the set's scheme.
    pub(crate) fn category(&self, code: &CategoryCode) -> Result<CategoryCode, PublishError> {
        let scheme = self.config.scheme(&Schemes::shipped());
        let found = scheme.as_ref().and_then(|scheme| scheme.category(code)).filter(|category| !category.unclassified);
        found.map(|category| category.code.clone()).ok_or_else(|| {
            let codes = scheme.iter().flat_map(|scheme| &scheme.categories).map(|category| category.code.0.as_str());
            let codes: Vec<&str> = codes.collect();
            let hint = format!("Choose one of {}, or `none`.", codes.join(", "));
            PublishError::refused(&self.path, format!("its scheme has no category `{code}`"), hint)
        })
    }

    /// Adds a line to the journal.
    pub(crate) fn note(&mut self, at: UtcTime, by: &UserName, operation: Operation) -> Result<u64, PublishError> {
        self.journal.append(at, by, operation)
    }
}
