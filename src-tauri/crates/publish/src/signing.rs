//! What is signed beside the rows of a release: the index, the trust map, the leads, the roots of partners, and the metadata.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use domain::UtcTime;
use domain::release::{
    ENROLMENT_FILE, Enrolment, FloodLimits, INDEX_TARGET, LEADS_TARGET, MinimumVersions, RELEASE_SCHEMA, ReleaseFile,
    ReleaseIndex, TRUST_MAP_TARGET, TrustMap, partner_root_target,
};

use crate::disk::{self, Readers};
use crate::error::PublishError;
use crate::journal::Operation;
use crate::keys::{self, Key};
use crate::metadata::{self, Duty, Root};
use crate::release::ReleaseRequest;
use crate::repository::{Pending, Repository, SNAPSHOT_DAYS, State, TARGETS_DAYS};
use crate::rules::RULES_TARGET;
use crate::site;

/// How many times the publisher's own limits a workstation takes at most, whatever the publisher says later.
const ENROLMENT_LIMITS: u64 = 10;

/// The keys that sign a release: those of the newest root and, while a site still has the one before, those of that one, so
/// that what is placed verifies by both.
pub(crate) struct Signers {
    root: Root,
    root_bytes: Vec<u8>,
    keys: BTreeMap<String, Key>,
    ids: BTreeMap<Duty, BTreeSet<String>>,
}

impl Signers {
    /// Reads the keys for these duties. One that the newest root names has to be there for each.
    pub(crate) fn load(
        repository: &Repository,
        folder: &Path,
        duties: &[Duty],
        now: UtcTime,
    ) -> Result<Self, PublishError> {
        let (root, root_bytes) = repository.root(repository.newest_root())?;
        if root.expires <= now {
            let hint = "Renew it: zeef-publish rotate --role root";
            return Err(PublishError::refused(&repository.path, format!("its root expired at {}", root.expires), hint));
        }
        let keys = keys::load(folder)?;
        let mut ids: BTreeMap<Duty, BTreeSet<String>> = BTreeMap::new();
        for duty in duties {
            let new = root.duty(*duty).map(|keys| keys.keyids.clone()).unwrap_or_default();
            if !new.iter().any(|id| keys.contains_key(id)) {
                let what = format!("the key for `{duty}` is not there: {}", Vec::from_iter(new).join(", "));
                return Err(PublishError::Key { path: folder.to_owned(), what });
            }
            ids.insert(*duty, new);
        }
        if repository.state.root > 0 && repository.state.root < root.version {
            let (old, _) = repository.root(repository.state.root)?;
            for (duty, ids) in &mut ids {
                ids.extend(old.duty(*duty).map(|keys| keys.keyids.clone()).unwrap_or_default());
            }
        }
        Ok(Self { root, root_bytes, keys, ids })
    }

    fn of(&self, duty: Duty) -> Vec<&Key> {
        let ids = self.ids.get(&duty).into_iter().flatten();
        ids.filter_map(|id| self.keys.get(id)).collect()
    }
}

/// Writes and signs everything that a release has beside its rows.
pub(crate) fn sign(
    repository: &Repository,
    mut state: State,
    signers: &Signers,
    request: &ReleaseRequest,
) -> Result<Pending, PublishError> {
    let index = state.index.clone().ok_or_else(|| PublishError::damaged(&repository.path, "a release has no index"))?;
    let mut files: Vec<ReleaseFile> = index.snapshot.parts.iter().map(|part| part.file.clone()).collect();
    files.extend(index.deltas.iter().map(|delta| delta.file.clone()));
    files.push(put_target(repository, INDEX_TARGET, &disk::json_bytes(&index))?);
    files.push(put_target(repository, LEADS_TARGET, &disk::json_bytes(&repository.leads()))?);
    let partners = repository.partners();
    for (name, partner) in &partners {
        let root = disk::read(&repository.at(&format!("partners/{}.root.json", partner.root_sha256)))?;
        files.push(put_target(repository, &partner_root_target(name), &root)?);
    }
    let trust = TrustMap { schema: RELEASE_SCHEMA, partners };
    files.push(put_target(repository, TRUST_MAP_TARGET, &disk::json_bytes(&trust))?);
    if let Some(rules) = repository.rules() {
        files.push(put_target(repository, RULES_TARGET, &disk::json_bytes(&rules))?);
    }
    state.files_before = std::mem::replace(&mut state.files, files);
    state.targets += 1;
    state.snapshot += 1;
    state.timestamp += 1;
    state.root = signers.root.version;
    state.journal = repository.journal.next() - 1;
    let now = request.now;
    let expires = metadata::days_after(now, TARGETS_DAYS);
    let targets = metadata::sign(metadata::targets(state.targets, expires, &state.files), &signers.of(Duty::Targets));
    disk::put(&repository.at(&format!("metadata/{}.targets.json", state.targets)), &targets, Readers::Owner)?;
    state.expires.insert(Duty::Targets, expires);
    let expires = metadata::days_after(now, SNAPSHOT_DAYS);
    let signed = metadata::snapshot(state.snapshot, expires, (state.targets, &targets));
    let snapshot = metadata::sign(signed, &signers.of(Duty::Snapshot));
    disk::put(&repository.at(&format!("metadata/{}.snapshot.json", state.snapshot)), &snapshot, Readers::Owner)?;
    state.expires.insert(Duty::Snapshot, expires);
    put_timestamp(repository, &mut state, &snapshot, signers, now)?;
    put_enrolment(repository, &state, &index, signers)?;
    let operation = Operation::Release {
        version: index.version,
        timestamp: state.timestamp,
        entries: index.entries,
        result_digest: index.result_digest,
    };
    Ok(Pending { state, operation, by: request.by.clone(), at: now })
}

fn put_target(repository: &Repository, target: &str, bytes: &[u8]) -> Result<ReleaseFile, PublishError> {
    let file = ReleaseFile { target: target.to_owned(), sha256: disk::sha256(bytes), bytes: bytes.len() as u64 };
    disk::put(&repository.at("targets").join(site::file_name(&file)), bytes, Readers::Owner)?;
    Ok(file)
}

/// Signs a timestamp for the snapshot metadata, and notes until when it holds.
pub(crate) fn put_timestamp(
    repository: &Repository,
    state: &mut State,
    snapshot: &[u8],
    signers: &Signers,
    now: UtcTime,
) -> Result<(), PublishError> {
    let expires = metadata::days_after(now, repository.config.timestamp_days);
    let signed = metadata::timestamp(state.timestamp, expires, (state.snapshot, snapshot));
    let bytes = metadata::sign(signed, &signers.of(Duty::Timestamp));
    disk::put(&repository.at(&format!("metadata/{}.timestamp.json", state.timestamp)), &bytes, Readers::Owner)?;
    state.expires.insert(Duty::Timestamp, expires);
    Ok(())
}

fn put_enrolment(
    repository: &Repository,
    state: &State,
    index: &ReleaseIndex,
    signers: &Signers,
) -> Result<(), PublishError> {
    let times = |limit: u64| limit.saturating_mul(ENROLMENT_LIMITS);
    let enrolment = Enrolment {
        schema: RELEASE_SCHEMA,
        publisher: index.publisher.clone(),
        set: index.set.clone(),
        title: index.title.clone(),
        address: repository.config.address.clone(),
        root: String::from_utf8_lossy(&signers.root_bytes).into_owned(),
        minimum: MinimumVersions { root: state.root, timestamp: state.timestamp, snapshot: state.snapshot },
        limits: FloodLimits {
            upserts_max: times(index.limits.upserts_max),
            withdrawals_max: times(index.limits.withdrawals_max),
            quarantined_max: times(index.limits.quarantined_max),
        },
    };
    disk::put_json(&repository.at("metadata").join(ENROLMENT_FILE), &enrolment, Readers::Owner)
}
