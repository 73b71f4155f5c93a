//! The high-water mark: what was accepted before, so that nothing older is accepted again.
//!
//! A publisher's mark is the file `mark.json`. The first one is written at enrolment; a missing or damaged one later is
//! an error that two people have to put right, because whoever can make it vanish could otherwise bring an old release
//! back. It holds signed numbers and times alone: the clock of this machine never enters it.
//!
//! It rises as soon as the metadata and the index of a release are verified, before the files are fetched. Metadata of
//! equal versions is always acceptable, so that an interrupted fetch of the newest release can go on.

use domain::release::{MinimumVersions, RELEASE_SCHEMA};
use domain::{PublisherId, Sha256, UtcTime};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::folder::{Desk, read_at_most, sha256};

/// Name of the file.
pub(crate) const MARK_FILE: &str = "mark.json";
/// Largest number of bytes of the file.
const MARK_BYTES_MAX: u64 = 64 << 10;

/// The memory of one publisher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mark {
    /// [`RELEASE_SCHEMA`].
    pub(crate) schema: u32,
    /// Whose it is, so that no other's can be put here.
    pub(crate) publisher: PublisherId,
    /// Highest accepted version of the root.
    pub(crate) root: u64,
    /// SHA-256 of `root.json` when it was written together with this mark.
    pub(crate) root_sha256: Sha256,
    /// Highest accepted version of the timestamp.
    pub(crate) timestamp: u64,
    /// Highest accepted version of the snapshot metadata.
    pub(crate) snapshot: u64,
    /// Highest accepted version of the targets metadata.
    pub(crate) targets: u64,
    /// Version of the root that last replaced every key of the timestamp: versions from before do not count.
    pub(crate) timestamp_since_root: u64,
    /// The same for the keys of the snapshot metadata.
    pub(crate) snapshot_since_root: u64,
    /// Newest publication time that was accepted.
    pub(crate) published: Option<UtcTime>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    mark: Mark,
    sha256: Sha256,
}

impl Mark {
    /// Makes the first mark of a publisher.
    pub(crate) fn first(publisher: &PublisherId, minimum: &MinimumVersions, root: u64, root_sha256: Sha256) -> Self {
        Self {
            schema: RELEASE_SCHEMA,
            publisher: publisher.clone(),
            root: minimum.root.max(root),
            root_sha256,
            timestamp: minimum.timestamp,
            snapshot: minimum.snapshot,
            targets: 0,
            timestamp_since_root: 0,
            snapshot_since_root: 0,
            published: None,
        }
    }

    /// Reads the mark; a missing one is damage.
    pub(crate) fn read(desk: &Desk, publisher: &PublisherId) -> Result<Self, Error> {
        let path = desk.path(MARK_FILE);
        let damaged = |problem: &str| Error::MarkDamaged { path: path.clone(), problem: problem.to_owned() };
        let bytes = match read_at_most(&path, MARK_BYTES_MAX) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Err(damaged("the memory of the versions that were seen is missing")),
            Err(Error::BadFile { .. }) => return Err(damaged("the memory of the versions that were seen is too long")),
            Err(error) => return Err(error),
        };
        let sealed: Sealed = serde_json::from_slice(&bytes)
            .map_err(|_| damaged("the memory of the versions that were seen cannot be read"))?;
        if sealed.mark.checksum() != sealed.sha256 || sealed.mark.schema != RELEASE_SCHEMA {
            return Err(damaged("the memory of the versions that were seen has another checksum"));
        }
        if sealed.mark.publisher != *publisher {
            return Err(damaged("the memory of the versions that were seen is that of another publisher"));
        }
        Ok(sealed.mark)
    }

    /// Writes the mark durably.
    pub(crate) fn write(&self, desk: &Desk) -> Result<(), Error> {
        desk.write_json(MARK_FILE, &Sealed { mark: self.clone(), sha256: self.checksum() })
    }

    /// Raises the versions to at least `minimum`.
    pub(crate) fn raise(&mut self, minimum: &MinimumVersions) {
        self.root = self.root.max(minimum.root);
        self.timestamp = self.timestamp.max(minimum.timestamp);
        self.snapshot = self.snapshot.max(minimum.snapshot);
    }

    /// Tells whether the mark has seen what the installed set was found to be the newest by.
    pub(crate) fn reaches(&self, installed: &MinimumVersions) -> bool {
        // Versions that were signed with keys which a later root replaced are no measure for the new ones.
        let timestamp = installed.root < self.timestamp_since_root || self.timestamp >= installed.timestamp;
        let snapshot = installed.root < self.snapshot_since_root || self.snapshot >= installed.snapshot;
        self.root >= installed.root && timestamp && snapshot
    }

    /// Gives the moment that counts: a clock that was set back gains nothing, it is at least as late as what was published.
    pub(crate) fn now(&self, clock: UtcTime) -> UtcTime {
        self.published.map_or(clock, |published| published.max(clock))
    }

    /// Says that the mark is behind the installed set.
    pub(crate) fn behind(desk: &Desk) -> Error {
        let problem = "the memory of the versions that were seen is behind the installed set".to_owned();
        Error::MarkDamaged { path: desk.path(MARK_FILE), problem }
    }

    fn checksum(&self) -> Sha256 {
        sha256(&serde_json::to_vec(self).expect("a mark has text keys and no floats"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark() -> Mark {
        let minimum = MinimumVersions { root: 1, timestamp: 3, snapshot: 2 };
        Mark::first(&"national".parse().unwrap(), &minimum, 1, sha256(b"root"))
    }

    #[test]
    fn a_mark_goes_round_and_any_changed_byte_is_damage() {
        let folder = tempfile::tempdir().unwrap();
        let publisher: PublisherId = "national".parse().unwrap();
        let desk = crate::Room::of(folder.path()).desk(&publisher);
        desk.make().unwrap();
        let missing = Mark::read(&desk, &publisher);
        assert!(matches!(missing, Err(Error::MarkDamaged { .. })), "{missing:?}");
        mark().write(&desk).unwrap();
        assert_eq!(Mark::read(&desk, &publisher).unwrap(), mark());
        let path = desk.path(MARK_FILE);
        let whole = read_at_most(&path, MARK_BYTES_MAX).unwrap().unwrap();
        for place in 0..whole.len() {
            let mut bent = whole.clone();
            bent[place] ^= 1;
            std::fs::write(&path, &bent).unwrap();
            // A changed byte may leave the JSON the same: space between values says nothing.
            let read = Mark::read(&desk, &publisher);
            assert!(!read.is_ok_and(|read| read != mark()), "byte {place}");
        }
        std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        assert!(Mark::read(&desk, &publisher).is_err());
    }

    #[test]
    fn versions_from_before_a_full_change_of_keys_are_no_measure() {
        let mut mark = mark();
        let installed = MinimumVersions { root: 1, timestamp: 9, snapshot: 2 };
        assert!(!mark.reaches(&installed));
        mark.root = 2;
        mark.timestamp_since_root = 2;
        assert!(mark.reaches(&installed));
        assert!(!mark.reaches(&MinimumVersions { root: 2, ..installed }));
        assert!(!mark.reaches(&MinimumVersions { root: 3, timestamp: 0, snapshot: 0 }));
    }
}
