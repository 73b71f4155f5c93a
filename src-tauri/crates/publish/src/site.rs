//! The site: a folder of static files, filled from the repository so that at every moment it is one whole release.
//!
//! Order: targets, metadata with version numbers in their names, then `timestamp.json`, which makes all of it the newest.
//! A new root comes after the timestamp where the timestamp verifies by the old root too, and before it where the old
//! key is gone; the enrolment comes last.

use std::collections::BTreeSet;
use std::path::Path;

use domain::release::{ENROLMENT_FILE, ReleaseFile};
use serde::Deserialize;

use crate::disk::{self, Readers, UNFINISHED};
use crate::error::PublishError;
use crate::metadata::Duty;
use crate::repository::{Repository, State};

/// Length of a SHA-256 in hex, with which the name of every file of a target begins.
const HEX_DIGITS: usize = 64;

/// Names the file of a target in a repository with consistent snapshots.
pub(crate) fn file_name(file: &ReleaseFile) -> String {
    format!("{}.{}", file.sha256, file.target)
}

/// What is read of a timestamp that stands in a site.
#[derive(Deserialize)]
struct Stamp {
    signed: StampSigned,
}

#[derive(Deserialize)]
struct StampSigned {
    version: u64,
}

/// Checks that the site is this repository's, and its timestamp not newer than `known`, the newest that was ever signed.
pub(crate) fn check(repository: &Repository, site: &Path, known: u64) -> Result<(), PublishError> {
    let root = site.join("metadata/1.root.json");
    if root.exists() && disk::read(&root)? != disk::read(&repository.at("metadata/1.root.json"))? {
        return Err(PublishError::refused(site, "it is the site of another repository", "Choose another folder."));
    }
    let timestamp = site.join("metadata/timestamp.json");
    if !timestamp.exists() {
        return Ok(());
    }
    let placed: Stamp = disk::read_json(&timestamp)?;
    if placed.signed.version > known {
        let what = format!(
            "its timestamp has version {}, and the repository knows of {}: the repository was restored from an old backup",
            placed.signed.version, known
        );
        return Err(PublishError::refused(
            site,
            what,
            "Restore the newest backup; workstations refuse older versions.",
        ));
    }
    Ok(())
}

/// Places a release that is whole in the repository.
pub(crate) fn place(repository: &Repository, state: &State, site: &Path) -> Result<(), PublishError> {
    let (targets, metadata) = (site.join("targets"), site.join("metadata"));
    disk::create_dir(site)?;
    disk::create_dir(&targets)?;
    disk::create_dir(&metadata)?;
    for file in &state.files {
        let to = targets.join(file_name(file));
        if !is_placed(&to, file)? {
            disk::copy(&repository.at("targets").join(file_name(file)), &to, &file.sha256, Readers::Site)?;
        }
    }
    for name in [format!("{}.targets.json", state.targets), format!("{}.snapshot.json", state.snapshot)] {
        place_metadata(repository, &name, &metadata.join(&name))?;
    }
    let stamp = format!("{}.timestamp.json", state.timestamp);
    let overlaps = repository.state.root > 0 && verifies_by_placed_root(repository, state)?;
    if overlaps {
        place_metadata(repository, &stamp, &metadata.join("timestamp.json"))?;
    }
    for version in 1..=state.root {
        let name = format!("{version}.root.json");
        place_metadata(repository, &name, &metadata.join(&name))?;
    }
    if !overlaps {
        place_metadata(repository, &stamp, &metadata.join("timestamp.json"))?;
    }
    place_metadata(repository, ENROLMENT_FILE, &site.join(ENROLMENT_FILE))
}

/// Tells whether the file stands there whole. A damaged one is placed again.
fn is_placed(path: &Path, file: &ReleaseFile) -> Result<bool, PublishError> {
    let length = std::fs::metadata(path).map(|found| found.len());
    Ok(length.is_ok_and(|length| length == file.bytes) && disk::sha256_of(path)? == file.sha256)
}

fn place_metadata(repository: &Repository, name: &str, to: &Path) -> Result<(), PublishError> {
    let bytes = disk::read(&repository.at("metadata").join(name))?;
    if to.exists() && disk::read(to)? == bytes {
        return Ok(());
    }
    disk::put(to, &bytes, Readers::Site)
}

/// Tells whether whoever has the root that was placed before accepts the new metadata.
fn verifies_by_placed_root(repository: &Repository, state: &State) -> Result<bool, PublishError> {
    let (root, _) = repository.root(repository.state.root)?;
    let files = [
        (Duty::Timestamp, format!("{}.timestamp.json", state.timestamp)),
        (Duty::Snapshot, format!("{}.snapshot.json", state.snapshot)),
        (Duty::Targets, format!("{}.targets.json", state.targets)),
    ];
    for (duty, name) in files {
        if !root.vouches_for(duty, &disk::read(&repository.at("metadata").join(name))?) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Removes what neither the last release nor the one before names, from the site and from the repository. Where rows are
/// shared by rules, only the last release counts: the one before may hold what may no longer be shared.
pub(crate) fn tidy(repository: &Repository, site: &Path) -> Result<(), PublishError> {
    let state = &repository.state;
    let before = state.files_before.iter().filter(|_| repository.config.source.is_none());
    let kept: BTreeSet<String> = state.files.iter().chain(before).map(file_name).collect();
    for folder in [site.join("targets"), repository.at("targets")] {
        remove_old(&folder, |name| is_target(name) && !kept.contains(name))?;
    }
    for folder in [site.join("metadata"), repository.at("metadata")] {
        remove_old(&folder, |name| match numbered(name) {
            Some((version, "snapshot.json")) => version + 1 < state.snapshot,
            Some((version, "targets.json")) => version + 1 < state.targets,
            Some((version, "timestamp.json")) => version < state.timestamp,
            _ => false,
        })?;
    }
    let tables: BTreeSet<&str> = state.ids.as_deref().into_iter().chain(state.rows.as_deref()).collect();
    remove_old(&repository.at("tables"), |name| !tables.contains(format!("tables/{name}").as_str()))
}

fn remove_old(folder: &Path, is_old: impl Fn(&str) -> bool) -> Result<(), PublishError> {
    let mut old = disk::names(folder)?.into_iter().filter(|name| is_old(name) || name.ends_with(UNFINISHED));
    old.try_for_each(|name| disk::remove(&folder.join(name)))
}

/// Tells whether a name is one that this program gives to files of targets: nothing else is ever removed.
fn is_target(name: &str) -> bool {
    let bytes = name.as_bytes();
    bytes.len() > HEX_DIGITS && bytes[..HEX_DIGITS].iter().all(u8::is_ascii_hexdigit) && bytes[HEX_DIGITS] == b'.'
}

fn numbered(name: &str) -> Option<(u64, &str)> {
    let (version, kind) = name.split_once('.')?;
    Some((version.parse().ok()?, kind))
}
