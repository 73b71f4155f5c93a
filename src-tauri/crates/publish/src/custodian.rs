//! What the custodian says: decisions, withdrawals, partners, leads, limits, rules, and new keys. Each is a line of the
//! journal, and counts from the next release on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use domain::release::{FloodLimits, Lead, MinimumVersions, Partner, PublisherId};
use domain::{AnyDigest, CategoryCode, Role, UserName, UtcTime};

use crate::build::{self, Meant};
use crate::disk::{self, Readers};
use crate::error::PublishError;
use crate::journal::Operation;
use crate::keys;
use crate::metadata::{self, Duty, Root};
use crate::query::{Capacity, Queries};
use crate::repository::{ROOT_DAYS, Repository};
use crate::rules::ShareRules;

/// Longest reason of a withdrawal, in bytes.
const REASON_BYTES_MAX: usize = 1000;

/// Opens a repository, finds the content that a digest means, and notes what is said of it.
fn say(
    repo: &Path,
    digest: &AnyDigest,
    by: &UserName,
    now: UtcTime,
    meant: Meant,
    operation: impl FnOnce(&Repository, String) -> Result<Operation, PublishError>,
) -> Result<AnyDigest, PublishError> {
    let mut repository = Repository::open(repo)?;
    repository.own_contributions()?;
    let queries = Queries::begin(&repository.path, Capacity::default())?;
    let strongest = build::resolve(&repository, &queries, digest, meant)?;
    let operation = operation(&repository, strongest.to_string())?;
    repository.note(now, by, operation)?;
    Ok(strongest)
}

/// Takes a content out of the set, with the reason that every workstation shows. Gives the digest by which it is known. A
/// weaker digest that several contents have takes all of them out.
pub fn withdraw(
    repo: &Path,
    digest: &AnyDigest,
    reason: &str,
    by: &UserName,
    now: UtcTime,
) -> Result<AnyDigest, PublishError> {
    let reason = reason.trim().to_owned();
    let unsafe_text = reason.chars().any(domain::is_unsafe_to_show);
    if reason.is_empty() || reason.len() > REASON_BYTES_MAX || unsafe_text {
        return Err(PublishError::refused(
            repo,
            "a withdrawal needs a reason, one line of plain text",
            "Give it with --reason.",
        ));
    }
    say(repo, digest, by, now, Meant::All, |_, digest| Ok(Operation::Withdraw { digest, reason }))
}

/// Decides what a content is, whatever contributors say; `None` decides that nobody can say. A withdrawn content becomes part
/// of the set again.
pub fn decide(
    repo: &Path,
    digest: &AnyDigest,
    category: Option<&CategoryCode>,
    by: &UserName,
    now: UtcTime,
) -> Result<AnyDigest, PublishError> {
    // That nobody can say may be said of all at once: it only shows more.
    let meant = if category.is_some() { Meant::One } else { Meant::All };
    say(repo, digest, by, now, meant, |repository, digest| {
        if repository.config.role == Role::Good && category.is_some() {
            let what = "a set of ordinary files has no categories";
            return Err(PublishError::refused(repo, what, "Withdraw what does not belong into it."));
        }
        let category = category.map(|code| repository.category(code)).transpose()?;
        Ok(Operation::Decide { digest, category })
    })
}

/// What is said of a partner.
#[derive(Debug, Clone)]
pub struct PartnerRequest {
    /// The partner.
    pub name: PublisherId,
    /// Where it publishes.
    pub address: Option<String>,
    /// Codes of its scheme that may hide; empty is all.
    pub allowed: BTreeSet<CategoryCode>,
    /// Days of grace at most.
    pub grace_days: u32,
    /// True when it is no longer trusted.
    pub revoked: bool,
}

/// Says of a partner what workstations may take of it. `root` is its root metadata, received by a way that is trusted.
pub fn partner(
    repo: &Path,
    root: &Path,
    request: &PartnerRequest,
    by: &UserName,
    now: UtcTime,
) -> Result<(), PublishError> {
    let mut repository = Repository::open(repo)?;
    let bytes = disk::read(root)?;
    let read = Root::read(root, &bytes)?;
    if request.name == repository.config.publisher {
        return Err(PublishError::refused(root, "a publisher is no partner of its own", "Name the partner."));
    }
    let root_sha256 = disk::sha256(&bytes);
    disk::put(&repository.at(&format!("partners/{root_sha256}.root.json")), &bytes, Readers::Owner)?;
    let partner = Partner {
        root_sha256,
        minimum: MinimumVersions { root: read.version, timestamp: 1, snapshot: 1 },
        allowed_categories: Some(request.allowed.clone()).filter(|allowed| !allowed.is_empty()),
        grace_days: request.grace_days,
        address: request.address.clone(),
        revoked: request.revoked,
    };
    repository.note(now, by, Operation::Partner { name: request.name.clone(), partner: Box::new(partner) })?;
    Ok(())
}

/// Says of a team lead whether packages that are signed with its key are taken.
pub fn lead(repo: &Path, lead: &Lead, by: &UserName, now: UtcTime) -> Result<(), PublishError> {
    let mut repository = Repository::open(repo)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    if lead.key.len() != MINISIGN_KEY_CHARS || !lead.key.chars().all(plain) {
        return Err(PublishError::refused(
            repo,
            "the key is no public key of minisign",
            "Give its second line, 56 characters.",
        ));
    }
    if lead.from >= lead.until {
        return Err(PublishError::refused(repo, "the key would never be valid", "Give --until after --from."));
    }
    repository.note(now, by, Operation::Lead(Box::new(lead.clone())))?;
    Ok(())
}

/// Length of a public key as minisign writes it: 42 bytes in base64.
const MINISIGN_KEY_CHARS: usize = 56;

/// Sets how much one update may change; `None` goes by the number of entries.
pub fn limits(repo: &Path, limits: Option<FloodLimits>, by: &UserName, now: UtcTime) -> Result<(), PublishError> {
    Repository::open(repo)?.note(now, by, Operation::Limits { limits })?;
    Ok(())
}

/// Sets the rules by which rows are shared; `None` shares them whole.
pub fn share(repo: &Path, rules: Option<&Path>, by: &UserName, now: UtcTime) -> Result<(), PublishError> {
    let mut repository = Repository::open(repo)?;
    let rules = rules.map(ShareRules::read).transpose()?;
    for code in rules.iter().flat_map(|rules| &rules.leave_out_categories) {
        // A code that the scheme writes otherwise would leave nothing out, and nobody would see it.
        if repository.category(code)? != *code {
            let what = format!("its scheme has no category `{code}`");
            return Err(PublishError::refused(repo, what, "Write the code as the scheme does, not its number."));
        }
    }
    repository.note(now, by, Operation::Share { rules: rules.map(Box::new) })?;
    Ok(())
}

/// Says which keys are made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// Whose keys.
    pub duty: Duty,
    /// Number of the new root keys; `None` as many as before.
    pub root_keys: Option<usize>,
    /// How many of them have to sign; `None` as many as before.
    pub threshold: Option<usize>,
}

/// Tells what a rotation made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    /// Version of the root metadata that name the new keys.
    pub root: u64,
    /// Files of the new keys.
    pub files: Vec<PathBuf>,
}

/// Makes new keys, and the root metadata that name them: signed by enough of the old root keys and, where those are
/// changed, of the new ones. That root is placed with the next release.
pub fn rotate(
    repo: &Path,
    folder: &Path,
    rotation: Rotation,
    by: &UserName,
    now: UtcTime,
) -> Result<Rotated, PublishError> {
    let mut repository = Repository::open(repo)?;
    let (old, _) = repository.root(repository.newest_root())?;
    let mut keys = keys::load(folder)?;
    let wrong = |what: String| PublishError::Key { path: folder.to_owned(), what };
    let old_root = old.duty(Duty::Root).ok_or_else(|| wrong("the root names no root keys".to_owned()))?;
    let here = old_root.keyids.iter().filter(|id| keys.contains_key(*id)).count();
    if here < old_root.threshold {
        let what = format!("it holds {here} of the root keys, and {} have to sign", old_root.threshold);
        return Err(wrong(what));
    }
    let is_root = rotation.duty == Duty::Root;
    let count = if is_root { rotation.root_keys.unwrap_or(old_root.keyids.len()) } else { 1 };
    let threshold = rotation.threshold.filter(|_| is_root).unwrap_or(old_root.threshold);
    if threshold == 0 || (is_root && threshold > count) {
        return Err(wrong(format!("{threshold} of {count} root keys can never sign")));
    }
    let before = keys_ever(&repository, rotation.duty)?;
    let mut publics: BTreeMap<Duty, Vec<String>> = old.publics();
    let made = (0..count).map(|_| keys::create(folder, rotation.duty, before)).collect::<Result<Vec<_>, _>>()?;
    publics.insert(rotation.duty, made.iter().map(|key| key.public.clone()).collect());
    let files = made.iter().map(|key| key.path.clone()).collect();
    let mut signers = old_root.keyids.clone();
    if is_root {
        signers.extend(made.iter().map(|key| key.id.clone()));
    }
    keys.extend(made.into_iter().map(|key| (key.id.clone(), key)));
    let root = Root::new(old.version + 1, metadata::days_after(now, ROOT_DAYS), &publics, threshold);
    let signing: Vec<_> = signers.iter().filter_map(|id| keys.get(id)).collect();
    let bytes = metadata::sign(metadata::root(&root), &signing);
    let path = repository.at(&format!("metadata/{}.root.json", root.version));
    // Checked as a workstation will: the old root vouches for the new one, and the new one for itself.
    if !old.vouches_for(Duty::Root, &bytes) {
        return Err(wrong("the old root keys do not vouch for the new root".to_owned()));
    }
    Root::read(&path, &bytes)?;
    disk::put(&path, &bytes, Readers::Owner)?;
    repository.note(now, by, Operation::Rotate { duty: rotation.duty, root: root.version })?;
    Ok(Rotated { root: root.version, files })
}

/// Counts the keys that a duty ever had.
fn keys_ever(repository: &Repository, duty: Duty) -> Result<u32, PublishError> {
    let mut ids = BTreeSet::new();
    for version in 1..=repository.newest_root() {
        ids.extend(repository.root(version)?.0.duty(duty).map(|held| held.keyids.clone()).unwrap_or_default());
    }
    Ok(u32::try_from(ids.len()).unwrap_or(u32::MAX))
}
