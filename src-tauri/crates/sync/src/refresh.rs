//! The TUF client workflow: root by root, then timestamp, snapshot metadata and targets metadata.
//!
//! The specification is version 1.0.33, section 5. Two things are stricter: no version may fall below the high-water mark,
//! whatever files are missing here; and an expired root is refused before anything below it is read. Expiry of the other
//! three is for the caller to judge.

use std::collections::BTreeMap;

use domain::UtcTime;
use domain::release::MinimumVersions;

use crate::error::Error;
use crate::mark::Mark;
use crate::transport::{Patience, Source};
use crate::trust::{Keeper, Signed, Target};

/// Largest number of bytes of the root metadata.
pub(crate) const ROOT_BYTES_MAX: u64 = 512 << 10;
/// Largest number of bytes of the timestamp.
const TIMESTAMP_BYTES_MAX: u64 = 16 << 10;
/// Largest number of bytes of the snapshot metadata.
const SNAPSHOT_BYTES_MAX: u64 = 2 << 20;
/// Largest number of bytes of the targets metadata: room for the parts of the largest set.
const TARGETS_BYTES_MAX: u64 = 16 << 20;
/// Largest number of new roots that are read in one run.
const ROTATIONS_MAX: u64 = 256;

/// The verified metadata of a repository.
#[derive(Debug)]
pub(crate) struct Metadata {
    /// The timestamp.
    pub(crate) timestamp: Signed,
    /// The snapshot metadata.
    pub(crate) snapshot: Signed,
    /// The targets metadata.
    pub(crate) targets: Signed,
    /// The files, by name.
    pub(crate) files: BTreeMap<String, Target>,
}

impl Metadata {
    /// Gives the role that expires first, and when: only until then is the release known to be the newest.
    pub(crate) fn first_to_expire(&self) -> (&'static str, UtcTime) {
        let of = [("timestamp", self.timestamp), ("snapshot", self.snapshot), ("targets", self.targets)];
        let first = of.into_iter().min_by_key(|(_, signed)| signed.expires).expect("there are three");
        (first.0, first.1.expires)
    }

    /// Gives the versions, for the stamp of the set.
    pub(crate) fn versions(&self, root: u64) -> MinimumVersions {
        MinimumVersions { root, timestamp: self.timestamp.version, snapshot: self.snapshot.version }
    }
}

/// Follows the roots to the newest, and lowers the floors of `mark` whose keys were all replaced on the way: what an
/// attacker signed with a stolen key does not bind its successors (section 5.3.11).
///
/// Errors: a root that does not follow, one below the mark, or a newest one that has expired, which no grace covers.
pub(crate) async fn follow_roots(
    keeper: &mut impl Keeper,
    mark: &mut Mark,
    minimum: &MinimumVersions,
    clock: UtcTime,
    source: &Source,
    patience: &mut Patience,
) -> Result<(), Error> {
    for rotation in 0.. {
        let next = keeper.root().version.saturating_add(1);
        if rotation == ROTATIONS_MAX {
            return Err(Error::untrusted("root.json", format!("more than {ROTATIONS_MAX} new roots")));
        }
        let bytes = match source.read(&format!("metadata/{next}.root.json"), ROOT_BYTES_MAX, patience).await {
            Ok(Some(bytes)) => bytes,
            // Some servers forbid what is not there; if it is about access, the timestamp says so too.
            Ok(None) | Err(Error::Unauthorized { .. }) => break,
            Err(error) => return Err(error),
        };
        let replaced = keeper.take_root(&bytes)?;
        // A root that was followed before has lowered what it had to lower.
        if next > mark.root {
            if replaced.timestamp {
                (mark.timestamp, mark.timestamp_since_root) = (0, next);
                // A time that was signed with a stolen key, years ahead, does not bind either.
                mark.published = None;
            }
            if replaced.snapshot {
                (mark.snapshot, mark.targets, mark.snapshot_since_root) = (0, 0, next);
            }
        }
    }
    let root = keeper.root();
    at_least("root.json", root.version, mark.root.max(minimum.root))?;
    let now = mark.now(clock);
    if root.expires <= now {
        return Err(Error::Expired { role: "root", expires: root.expires, grace_days: 0, now });
    }
    mark.root = root.version;
    mark.root_sha256 = crate::folder::sha256(keeper.root_bytes());
    Ok(())
}

/// Reads and verifies what is below the root. No version falls below `floor`.
pub(crate) async fn read_below(
    keeper: &mut impl Keeper,
    floor: &Mark,
    source: &Source,
    patience: &mut Patience,
) -> Result<Metadata, Error> {
    let bytes = required(source, "timestamp.json", TIMESTAMP_BYTES_MAX, patience).await?;
    let (timestamp, pinned) = keeper.take_timestamp(&bytes)?;
    at_least("timestamp.json", timestamp.version, floor.timestamp)?;
    at_least("snapshot.json", pinned, floor.snapshot)?;
    let bytes = required(source, &format!("{pinned}.snapshot.json"), SNAPSHOT_BYTES_MAX, patience).await?;
    let (snapshot, pinned) = keeper.take_snapshot(&bytes)?;
    at_least("targets.json", pinned, floor.targets)?;
    let bytes = required(source, &format!("{pinned}.targets.json"), TARGETS_BYTES_MAX, patience).await?;
    let (targets, files) = keeper.take_targets(&bytes)?;
    Ok(Metadata { timestamp, snapshot, targets, files })
}

fn at_least(what: &str, offered: u64, seen: u64) -> Result<(), Error> {
    if offered < seen { Err(Error::Rollback { what: what.to_owned(), seen, offered }) } else { Ok(()) }
}

async fn required(source: &Source, name: &str, bytes_max: u64, patience: &mut Patience) -> Result<Vec<u8>, Error> {
    let read = source.read(&format!("metadata/{name}"), bytes_max, patience).await?;
    read.ok_or_else(|| Error::Unreachable {
        place: name.to_owned(),
        problem: "no repository of a publisher is there, or it is incomplete".to_owned(),
        again: false,
    })
}
