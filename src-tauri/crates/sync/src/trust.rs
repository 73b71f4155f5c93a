//! The keeper of signed metadata: what the TUF core verifies, behind a trait, and what it does not.
//!
//! The core (`sigstore-tuf` 0.15.1) verifies that a root follows its forerunner by one and is signed by enough keys of
//! both; that timestamp, snapshot and targets are signed by enough keys of the root, and no key id counts twice; and that
//! snapshot and targets have the version, and where they are pinned the length and hashes, that the file above them says.
//!
//! What it leaves to us: one public key under two ids, which it would count twice; roles without consistent snapshots;
//! versions that were accepted in an earlier run; and grace. Expiry is judged in one place, by [`crate::visit`], because the
//! days of grace are in a file that can only be found through the metadata; the core is therefore asked at a moment at
//! which nothing has expired. Signatures, versions and hashes are checked the same at any moment.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Sha256, UtcTime};
use sigstore_tuf::{MetaFile, Root, TrustedMetadataSet};

use crate::error::Error;

/// Largest number of characters of the name of a target.
const TARGET_NAME_CHARS_MAX: usize = 200;
/// Largest number of targets of a repository.
const TARGETS_MAX: usize = 50_000;
/// The moment at which the core is asked: before any metadata can have expired.
const BEFORE_ANY_EXPIRY: &str = "1970-01-01T00:00:00Z";
/// The roles that a root has to name, and may.
const ROLES: [&str; 4] = ["root", "timestamp", "snapshot", "targets"];

/// Version and expiry of a signed file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Signed {
    /// Its version.
    pub(crate) version: u64,
    /// Until when it holds.
    pub(crate) expires: UtcTime,
}

/// A file that the signed metadata names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// Its name.
    pub(crate) name: String,
    /// Number of its bytes.
    pub(crate) bytes: u64,
    /// SHA-256 of them.
    pub(crate) sha256: Sha256,
}

/// Tells whose keys a new root replaced altogether.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Replaced {
    /// Those of the timestamp.
    pub(crate) timestamp: bool,
    /// Those of the snapshot metadata.
    pub(crate) snapshot: bool,
}

/// Verifies signed metadata, in the order of the TUF client workflow.
pub(crate) trait Keeper {
    /// Gives the trusted root.
    fn root(&self) -> Signed;
    /// Gives its bytes.
    fn root_bytes(&self) -> &[u8];
    /// Takes the root that follows.
    fn take_root(&mut self, bytes: &[u8]) -> Result<Replaced, Error>;
    /// Takes the timestamp, and gives the version of the snapshot metadata that it names.
    fn take_timestamp(&mut self, bytes: &[u8]) -> Result<(Signed, u64), Error>;
    /// Takes the snapshot metadata, and gives the version of the targets metadata that it names.
    fn take_snapshot(&mut self, bytes: &[u8]) -> Result<(Signed, u64), Error>;
    /// Takes the targets metadata.
    fn take_targets(&mut self, bytes: &[u8]) -> Result<(Signed, BTreeMap<String, Target>), Error>;
}

/// Starts from a root that is trusted because of where it comes from; it must be signed by enough of its own keys.
pub(crate) fn keeper(root: &[u8], what: &str) -> Result<impl Keeper + use<>, Error> {
    let set = TrustedMetadataSet::from_root(root).map_err(|error| refused(what, &error))?;
    check_root(set.root(), what)?;
    Ok(Core { set })
}

struct Core {
    set: TrustedMetadataSet,
}

impl Keeper for Core {
    fn root(&self) -> Signed {
        let root = self.set.root();
        Signed { version: root.version, expires: moment(&root.expires) }
    }

    fn root_bytes(&self) -> &[u8] {
        self.set.root_bytes()
    }

    fn take_root(&mut self, bytes: &[u8]) -> Result<Replaced, Error> {
        let what = format!("{}.root.json", self.set.root().version.saturating_add(1));
        let before = self.set.root().clone();
        self.set.update_root(bytes).map_err(|error| refused(&what, &error))?;
        let after = self.set.root();
        check_root(after, &what)?;
        let replaced = |role: &str| keys_of(&before, role).is_disjoint(&keys_of(after, role));
        Ok(Replaced { timestamp: replaced("timestamp"), snapshot: replaced("snapshot") })
    }

    fn take_timestamp(&mut self, bytes: &[u8]) -> Result<(Signed, u64), Error> {
        let what = "timestamp.json";
        self.set.update_timestamp(bytes, early()).map_err(|error| refused(what, &error))?;
        let taken = self.set.timestamp().expect("the timestamp was taken just now");
        let pinned = pinned(taken.snapshot_meta(), what, "snapshot.json")?;
        Ok((Signed { version: taken.version, expires: moment(&taken.expires) }, pinned))
    }

    fn take_snapshot(&mut self, bytes: &[u8]) -> Result<(Signed, u64), Error> {
        let what = "snapshot.json";
        self.set.update_snapshot(bytes, early()).map_err(|error| refused(what, &error))?;
        let taken = self.set.snapshot().expect("the snapshot was taken just now");
        let pinned = pinned(taken.meta.get("targets.json"), what, "targets.json")?;
        Ok((Signed { version: taken.version, expires: moment(&taken.expires) }, pinned))
    }

    fn take_targets(&mut self, bytes: &[u8]) -> Result<(Signed, BTreeMap<String, Target>), Error> {
        let what = "targets.json";
        let taken = self.set.update_targets(bytes, early()).map_err(|error| refused(what, &error))?;
        if taken.targets.len() > TARGETS_MAX {
            return Err(Error::untrusted(what, format!("it names more than {TARGETS_MAX} files")));
        }
        let mut targets = BTreeMap::new();
        for (name, file) in &taken.targets {
            if !is_flat(name) {
                return Err(Error::untrusted(what, format!("`{name}` cannot be the name of a target")));
            }
            let digest = file.hashes.get("sha256").and_then(|hex| hex.parse().ok());
            let Some(sha256) = digest else {
                return Err(Error::untrusted(what, format!("`{name}` has no SHA-256")));
            };
            targets.insert(name.clone(), Target { name: name.clone(), bytes: file.length, sha256 });
        }
        Ok((Signed { version: taken.version, expires: moment(&taken.expires) }, targets))
    }
}

/// Tells whether a name is one of letters, digits, `.`, `-` and `_`, and no path.
fn is_flat(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    !name.is_empty()
        && name.len() <= TARGET_NAME_CHARS_MAX
        && !name.starts_with('.')
        && !name.contains("..")
        && name.chars().all(fits)
}

/// Checks what makes a threshold mean what it says: the core counts key ids, and anybody may give a key two of them.
fn check_root(root: &Root, what: &str) -> Result<(), Error> {
    let wrong = |problem: String| Err(Error::untrusted(what, problem));
    if !root.consistent_snapshot {
        return wrong("it is not for consistent snapshots".to_owned());
    }
    if root.version == 0 {
        return wrong("its version is 0".to_owned());
    }
    let mut seen = BTreeSet::new();
    for (id, key) in &root.keys {
        let public = key.keyval.public.parse::<Sha256>().ok();
        let Some(public) = public.filter(|_| key.keytype == "ed25519" && key.scheme == "ed25519") else {
            return wrong(format!("the key `{id}` is not an Ed25519 key in hex"));
        };
        if !seen.insert(public) {
            return wrong(format!("the key `{id}` has another id too, so that it would count twice"));
        }
    }
    if root.roles.len() != ROLES.len() {
        return wrong("it has other roles than the four".to_owned());
    }
    for name in ROLES {
        let Some(role) = root.role(name) else { return wrong(format!("it has no role `{name}`")) };
        let ids: BTreeSet<&String> = role.keyids.iter().collect();
        if ids.len() != role.keyids.len() || !ids.iter().all(|id| root.keys.contains_key(*id)) {
            return wrong(format!("the role `{name}` names a key twice, or one that it does not have"));
        }
        if role.threshold == 0 || role.threshold > ids.len() {
            return wrong(format!("the role `{name}` has {} keys and a threshold of {}", ids.len(), role.threshold));
        }
    }
    Ok(())
}

/// Gives the public keys of a role, whatever ids they have.
fn keys_of(root: &Root, role: &str) -> BTreeSet<String> {
    let ids = root.role(role).map(|role| role.keyids.as_slice()).unwrap_or_default();
    ids.iter().filter_map(|id| root.keys.get(id)).map(|key| key.keyval.public.to_ascii_lowercase()).collect()
}

fn pinned(pin: Option<&MetaFile>, what: &str, name: &str) -> Result<u64, Error> {
    match pin {
        Some(pin) => Ok(pin.version),
        None => Err(Error::untrusted(what, format!("it does not name `{name}`"))),
    }
}

/// Gives the moment at which the core is asked, in the form that it takes.
fn early<T: std::str::FromStr<Err: std::fmt::Debug>>() -> T {
    BEFORE_ANY_EXPIRY.parse().expect("the moment is written as RFC 3339")
}

/// Takes a moment out of the form of the core.
fn moment(shown: &impl std::fmt::Display) -> UtcTime {
    // One that no program can write has passed, so that it never makes anything last.
    UtcTime::parse(&shown.to_string()).unwrap_or(UtcTime(0))
}

fn refused(what: &str, error: &sigstore_tuf::Error) -> Error {
    use sigstore_tuf::Error as Core;
    match error {
        Core::Rollback { role, trusted, new } => Error::Rollback { what: role.clone(), seen: *trusted, offered: *new },
        Core::Expired { .. } => Error::untrusted(what, "it expired before 1970"),
        Core::Json(cause) => Error::untrusted(what, format!("it is not the JSON that it has to be ({cause})")),
        other => Error::untrusted(what, other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_name_is_never_a_path() {
        for good in ["release.json", "icse-part-000012.parquet", "trust-be.root.json", "a"] {
            assert!(is_flat(good), "{good}");
        }
        let long = "a".repeat(TARGET_NAME_CHARS_MAX + 1);
        for bad in ["", ".", "..", "../x", "a/b", "a..b", ".hidden", "a\\b", "a b", "ä", "a%2fb", "a\0b", &long] {
            assert!(!is_flat(bad), "{bad}");
        }
    }
}
