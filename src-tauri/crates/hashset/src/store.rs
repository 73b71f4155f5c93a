//! The folder of the store: its lock, its manifest, and the switch from one manifest to the next.
//!
//! ```text
//! LOCK                held by whoever changes the store
//! MANIFEST            the sets and the files that they are made of; the only file that is ever replaced
//! seg-<sha256>.hseg   entries of one layer of a set, immutable
//! dead-<sha256>.hded  which of them count no longer, immutable
//! qua-<sha256>.hqua   which entries of one layer stand in another, immutable
//! log-<sha256>.hchg   what one update did to a set, immutable
//! tmp-*               what an import or an update is writing
//! ```
//!
//! Every file gets its final name after it was synced, and the manifest, last of all, after the folder was synced too.
//! So a manifest never names a file that is not whole, whenever the power fails. What no manifest names is removed after
//! the switch, and again when the next import begins, should this one have been killed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use domain::{ReleaseStamp, SetName, SetStamp, SetVersion, Sha256, UtcTime};
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use crate::disk;
use crate::error::{HashsetError, io_at};
use crate::writer::NewSegment;

/// Format of manifests that this program writes.
pub(crate) const MANIFEST_FORMAT: u32 = 2;
/// Oldest format that it reads: the sets of format 1 have one layer each, and came by hand.
const MANIFEST_FORMAT_OLDEST: u32 = 1;
/// Largest number of sets in one store.
pub const SETS_MAX: usize = 1024;
/// Largest manifest.
const MANIFEST_BYTES_MAX: u64 = 64 << 20;
const MANIFEST: &str = "MANIFEST";
const LOCK: &str = "LOCK";
pub(crate) const NO_CHECKSUM: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Lists the sets of a store and the files that they are made of.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub format: u32,
    /// Counts the switches of this store.
    pub generation: u64,
    pub sets: Vec<StoredSet>,
    /// Last versions of sets that were removed, so that a version never means two contents.
    pub retired: BTreeMap<SetName, SetVersion>,
    /// SHA-256 over the whole file with zeros in the place of this value.
    pub checksum: String,
}

/// What the manifest says of one set.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StoredSet {
    pub stamp: SetStamp,
    pub kind: String,
    pub imported: UtcTime,
    pub sources: Vec<String>,
    pub source_sha256: Vec<Sha256>,
    pub refused: BTreeMap<String, u64>,
    pub categories: BTreeMap<String, u64>,
    pub entries: u64,
    pub conflicts: u64,
    pub with_pdq: u64,
    pub with_md5: u64,
    pub with_sha1: u64,
    pub with_sha256: u64,
    /// The oldest layer, the only one of an imported set. Its fields are those that format 1 has.
    #[serde(flatten)]
    pub base: StoredLayer,
    /// Further layers, oldest first.
    #[serde(default)]
    pub layers: Vec<StoredLayer>,
    /// Entries of this set that stand in any good set.
    pub quarantined: u64,
    /// Where they stand, one file for each two layers that share any.
    pub quarantine: Vec<StoredQuarantine>,
    /// A value that depends on which entries are quarantined, and not on how they are stored.
    #[serde(default)]
    pub quarantine_sum: Option<String>,
    /// By which release it came; `None` for a set that was imported by hand.
    #[serde(default)]
    pub release: Option<ReleaseStamp>,
    /// What the last updates did, oldest first.
    #[serde(default)]
    pub changes: Vec<StoredChanges>,
}

impl StoredSet {
    /// Describes a set that lies in one segment: what it says of itself, and what was counted while the segment was written.
    pub fn of(stamp: SetStamp, imported: UtcTime, segment: &NewSegment) -> Self {
        Self {
            stamp,
            kind: String::new(),
            imported,
            sources: Vec::new(),
            source_sha256: Vec::new(),
            refused: BTreeMap::new(),
            categories: segment.categories.clone(),
            entries: segment.entries,
            conflicts: segment.conflicts,
            with_pdq: segment.with_pdq,
            with_md5: segment.with[0],
            with_sha1: segment.with[1],
            with_sha256: segment.with[2],
            base: StoredLayer { segment: segment.sha256, segment_bytes: segment.bytes, dead: None },
            layers: Vec::new(),
            quarantined: 0,
            quarantine: Vec::new(),
            quarantine_sum: None,
            release: None,
            changes: Vec::new(),
        }
    }

    /// Gives all layers, oldest first.
    pub fn all_layers(&self) -> impl Iterator<Item = &StoredLayer> {
        std::iter::once(&self.base).chain(&self.layers)
    }

    fn has_layer(&self, segment: &Sha256) -> bool {
        self.all_layers().any(|layer| layer.segment == *segment)
    }
}

/// Names the files of one layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredLayer {
    pub segment: Sha256,
    pub segment_bytes: u64,
    /// Rows that count no longer; `None` where all do.
    #[serde(default)]
    pub dead: Option<StoredDead>,
}

/// Names the file of the dead rows of one layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredDead {
    pub file: Sha256,
    pub bytes: u64,
    pub rows: u64,
}

/// Names the file that says what one update did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredChanges {
    pub from: SetVersion,
    pub to: SetVersion,
    pub file: Sha256,
    pub bytes: u64,
}

/// Names the file that says which entries of one layer stand in one layer of a good set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredQuarantine {
    pub good: SetName,
    /// Layer of the known set. Format 1 does not say it, because there is one.
    #[serde(default = "unsaid")]
    pub known_segment: Sha256,
    /// Layer of the good set.
    #[serde(default = "unsaid")]
    pub good_segment: Sha256,
    pub file: Sha256,
    pub bytes: u64,
    pub entries: u64,
}

/// Stands for the only layer of a set, until the manifest has been read.
const UNSAID: Sha256 = Sha256([0; 32]);

fn unsaid() -> Sha256 {
    UNSAID
}

pub(crate) fn dead_name(sha256: &Sha256) -> String {
    format!("dead-{sha256}.hded")
}

pub(crate) fn changes_name(sha256: &Sha256) -> String {
    format!("log-{sha256}.hchg")
}

pub(crate) fn segment_name(sha256: &Sha256) -> String {
    format!("seg-{sha256}.hseg")
}

pub(crate) fn quarantine_name(sha256: &Sha256) -> String {
    format!("qua-{sha256}.hqua")
}

impl Manifest {
    fn empty() -> Self {
        Self {
            format: MANIFEST_FORMAT,
            generation: 0,
            sets: Vec::new(),
            retired: BTreeMap::new(),
            checksum: NO_CHECKSUM.to_owned(),
        }
    }

    /// Reads the manifest of a store; a folder without one has no sets.
    pub fn read(dir: &Path) -> Result<Self, HashsetError> {
        let path = dir.join(MANIFEST);
        let file = match disk::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::empty()),
            Err(error) => return Err(io_at("open", &path)(error)),
        };
        let mut bytes = Vec::new();
        file.take(MANIFEST_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(io_at("read", &path))?;
        Self::parse(&bytes, &path)
    }

    fn parse(bytes: &[u8], path: &Path) -> Result<Self, HashsetError> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let damaged = |what| HashsetError::Damaged { path: path.to_owned(), what };
        if bytes.len() as u64 > MANIFEST_BYTES_MAX {
            return Err(damaged("it is too large"));
        }
        let Format { format } = serde_json::from_slice(bytes).map_err(|_| damaged("it cannot be read"))?;
        if !(MANIFEST_FORMAT_OLDEST..=MANIFEST_FORMAT).contains(&format) {
            return Err(HashsetError::Newer { path: path.to_owned(), found: format, known: MANIFEST_FORMAT });
        }
        let mut manifest: Self = serde_json::from_slice(bytes).map_err(|_| damaged("it cannot be read"))?;
        if with_checksum(bytes, NO_CHECKSUM).is_none_or(|plain| checksum_of(&plain) != manifest.checksum) {
            return Err(damaged("its checksum is wrong"));
        }
        // What is written next has the new format, whatever was read.
        manifest.format = MANIFEST_FORMAT;
        manifest.say_layers();
        manifest.check().map_err(damaged)?;
        Ok(manifest)
    }

    /// Names the layers of quarantines where format 1 does not.
    fn say_layers(&mut self) {
        let bases: BTreeMap<SetName, Sha256> =
            self.sets.iter().map(|set| (set.stamp.name.clone(), set.base.segment)).collect();
        for set in &mut self.sets {
            for part in &mut set.quarantine {
                if part.known_segment == UNSAID {
                    part.known_segment = set.base.segment;
                }
                if let (UNSAID, Some(base)) = (part.good_segment, bases.get(&part.good)) {
                    part.good_segment = *base;
                }
            }
        }
    }

    /// Checks again, where it is read, what the writer promises.
    fn check(&self) -> Result<(), &'static str> {
        if self.sets.len() > SETS_MAX {
            return Err("it has too many sets");
        }
        for (at, set) in self.sets.iter().enumerate() {
            if self.sets[..at].iter().any(|other| other.stamp.name == set.stamp.name) {
                return Err("it names a set twice");
            }
            let is_there = |part: &StoredQuarantine| {
                let good = self.set(&part.good);
                set.has_layer(&part.known_segment) && good.is_some_and(|good| good.has_layer(&part.good_segment))
            };
            if !set.quarantine.iter().all(is_there) {
                return Err("it quarantines for a set that it does not have");
            }
            if !set.changes.windows(2).all(|pair| pair[0].to == pair[1].from)
                || set.changes.last().is_some_and(|last| last.to != set.stamp.version)
            {
                return Err("its logs of changes do not follow each other");
            }
            if set.release.is_none() && (!set.layers.is_empty() || set.base.dead.is_some()) {
                return Err("an imported set has layers");
            }
        }
        Ok(())
    }

    pub fn set(&self, name: &SetName) -> Option<&StoredSet> {
        self.sets.iter().find(|set| set.stamp.name == *name)
    }

    /// Takes a set out and remembers its version.
    pub fn take(&mut self, name: &SetName) -> Option<StoredSet> {
        let at = self.sets.iter().position(|set| set.stamp.name == *name)?;
        let set = self.sets.remove(at);
        self.retired.insert(name.clone(), set.stamp.version);
        Some(set)
    }

    /// Gives the version that the next content of this name gets.
    pub fn next_version(&self, name: &SetName) -> SetVersion {
        let current = self.set(name).map(|set| set.stamp.version);
        let last = current.or_else(|| self.retired.get(name).copied());
        SetVersion(last.map_or(0, |version| version.0).saturating_add(1))
    }

    fn bytes(&self) -> Vec<u8> {
        let plain = Self { checksum: NO_CHECKSUM.to_owned(), ..self.clone() };
        let mut bytes = serde_json::to_vec_pretty(&plain).expect("a manifest has only names, numbers and texts");
        bytes.push(b'\n');
        let sum = checksum_of(&bytes);
        with_checksum(&bytes, &sum).expect("the checksum is the last value")
    }

    fn names(&self, file: &str) -> bool {
        self.sets.iter().any(|set| {
            let in_layer = |layer: &StoredLayer| {
                segment_name(&layer.segment) == file
                    || layer.dead.as_ref().is_some_and(|dead| dead_name(&dead.file) == file)
            };
            set.all_layers().any(in_layer)
                || set.quarantine.iter().any(|part| quarantine_name(&part.file) == file)
                || set.changes.iter().any(|part| changes_name(&part.file) == file)
        })
    }

    /// Gives a value that changes if and only if what look-ups answer may change. The same set that is stored in other
    /// layers answers the same, so for a published set its digest counts, and which of its entries are quarantined.
    pub fn fingerprint(&self) -> Sha256 {
        let mut sets: Vec<_> = self.sets.iter().collect();
        sets.sort_unstable_by_key(|set| &set.stamp.name);
        let is_published = |part: &StoredQuarantine| self.set(&part.good).is_some_and(|good| good.release.is_some());
        let parts = sets.into_iter().map(|set| {
            let text = match &set.release {
                None if !set.quarantine.iter().any(is_published) => {
                    let mut quarantine: Vec<_> = set.quarantine.iter().map(|part| (&part.good, &part.file)).collect();
                    quarantine.sort_unstable();
                    serde_json::to_string(&(&set.stamp, &set.base.segment, quarantine))
                }
                release => {
                    let content = release.as_ref().map_or(set.base.segment, |release| release.result_digest);
                    serde_json::to_string(&(&set.stamp, content, &set.quarantine_sum))
                }
            };
            text.expect("stamps have only names, numbers and texts")
        });
        let text = format!("[{}]", parts.collect::<Vec<_>>().join(","));
        Sha256(sha2::Sha256::digest(text).into())
    }
}

pub(crate) fn checksum_of(bytes: &[u8]) -> String {
    Sha256(sha2::Sha256::digest(bytes).into()).to_string()
}

/// Puts another value in the place of the checksum, which is the last string of the file.
pub(crate) fn with_checksum(bytes: &[u8], sum: &str) -> Option<Vec<u8>> {
    let end = bytes.iter().rposition(|byte| *byte == b'"')?;
    let start = end.checked_sub(NO_CHECKSUM.len())?;
    let mut out = bytes.to_vec();
    out[start..end].copy_from_slice(sum.as_bytes());
    Some(out)
}

/// Tells in which order a switch takes its steps. There is one right order; tests break it to prove that they would see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Files, then the manifest, then what is no longer named.
    Safe,
    /// The manifest before the files that it names.
    #[cfg(test)]
    ManifestFirst,
    /// What the old manifest names is removed before the new one is there.
    #[cfg(test)]
    RemoveFirst,
}

/// A file that is written and synced under a temporary name.
pub(crate) struct Finished {
    pub temporary: PathBuf,
    pub name: String,
}

/// The store, locked for a change.
pub(crate) struct Store {
    dir: PathBuf,
    manifest: Manifest,
    lock: File,
    /// True from the moment a new manifest may have its name until it is known to be durable: nothing is removed then.
    between: bool,
    pub order: Order,
}

impl Store {
    /// Locks the store, making its folder if it is missing, and removes what a killed import left behind.
    #[expect(clippy::disallowed_methods, reason = "the lock file is the store's own")]
    pub fn lock(dir: &Path) -> Result<Self, HashsetError> {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(io_at("create", dir))?;
        let path = dir.join(LOCK);
        let mut options = std::fs::OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let lock = options.open(&path).map_err(io_at("open", &path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => return Err(HashsetError::Busy { dir: dir.to_owned() }),
            Err(std::fs::TryLockError::Error(error)) => return Err(io_at("lock", &path)(error)),
        }
        let manifest = Manifest::read(dir)?;
        let store = Self { dir: dir.to_owned(), manifest, lock, between: false, order: Order::Safe };
        store.sweep()?;
        Ok(store)
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    pub fn temporary(&self, name: &str) -> PathBuf {
        self.dir.join(format!("tmp-{name}"))
    }

    /// Gives the files their names, then makes `next` the manifest, then removes what it does not name.
    pub fn switch(&mut self, mut next: Manifest, files: &[Finished]) -> Result<(), HashsetError> {
        if next.sets.len() > SETS_MAX {
            return Err(HashsetError::Limit { what: "sets in one store", max: SETS_MAX as u64 });
        }
        next.generation = self.manifest.generation + 1;
        next.check().expect("the sets of a manifest have different names, and quarantine for sets that are there");
        match self.order {
            Order::Safe => {
                self.name_files(files)?;
                self.write_manifest(&next)?;
            }
            #[cfg(test)]
            Order::ManifestFirst => {
                self.write_manifest(&next)?;
                self.name_files(files)?;
            }
            #[cfg(test)]
            Order::RemoveFirst => {
                self.name_files(files)?;
                let old = std::mem::replace(&mut self.manifest, next.clone());
                self.sweep()?;
                self.manifest = old;
                self.write_manifest(&next)?;
            }
        }
        self.manifest = next;
        self.between = false;
        self.sweep()
    }

    fn name_files(&self, files: &[Finished]) -> Result<(), HashsetError> {
        for file in files {
            let path = self.dir.join(&file.name);
            std::fs::rename(&file.temporary, &path).map_err(io_at("rename to", &path))?;
        }
        if files.is_empty() { Ok(()) } else { disk::sync_dir(&self.dir) }
    }

    fn write_manifest(&mut self, manifest: &Manifest) -> Result<(), HashsetError> {
        let temporary = self.temporary(MANIFEST);
        let mut file = disk::create(&temporary)?;
        file.write_all(&manifest.bytes()).map_err(io_at("write", &temporary))?;
        file.sync_all().map_err(io_at("sync", &temporary))?;
        let path = self.dir.join(MANIFEST);
        self.between = true;
        std::fs::rename(&temporary, &path).map_err(io_at("rename to", &path))?;
        disk::sync_dir(&self.dir)
    }

    /// Removes files with names of the store's own kind that the manifest does not name. Readers that have them open
    /// keep them until they close.
    fn sweep(&self) -> Result<(), HashsetError> {
        for file in std::fs::read_dir(&self.dir).map_err(io_at("list", &self.dir))? {
            let file = file.map_err(io_at("list", &self.dir))?;
            let Ok(name) = file.file_name().into_string() else { continue };
            let ours = name.starts_with("tmp-")
                || name.starts_with("seg-") && name.ends_with(".hseg")
                || name.starts_with("dead-") && name.ends_with(".hded")
                || name.starts_with("qua-") && name.ends_with(".hqua")
                || name.starts_with("log-") && name.ends_with(".hchg");
            if ours && !self.manifest.names(&name) {
                std::fs::remove_file(file.path()).map_err(io_at("remove", &file.path()))?;
            }
        }
        Ok(())
    }
}

impl Drop for Store {
    /// Removes what an import that goes no further has written, as far as it can be: the next one tries again. Then
    /// unlocks by a call of its own: closing would leave the lock to a process that is just being started beside this
    /// one and still has a copy of the descriptor.
    fn drop(&mut self) {
        if !self.between {
            // An error here changes nothing for any reader, and there is already another one to report.
            let _ = self.sweep();
        }
        // Where it fails, closing unlocks.
        let _ = self.lock.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_changed_byte_of_a_manifest_is_noticed() {
        let mut manifest = Manifest::empty();
        manifest.retired.insert("gone".parse().unwrap(), SetVersion(3));
        let bytes = manifest.bytes();
        let path = Path::new("MANIFEST");
        assert_eq!(Manifest::parse(&bytes, path).unwrap().retired, manifest.retired);
        for at in 0..bytes.len() {
            let mut other = bytes.clone();
            other[at] ^= 1;
            assert!(Manifest::parse(&other, path).is_err(), "byte {at}");
            assert!(Manifest::parse(&bytes[..at], path).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn a_manifest_of_a_later_format_says_so() {
        let manifest = Manifest { format: 3, ..Manifest::empty() };
        let error = Manifest::parse(&manifest.bytes(), Path::new("MANIFEST")).unwrap_err();
        assert!(matches!(error, HashsetError::Newer { found: 3, known: 2, .. }), "{error}");
    }

    #[test]
    fn the_lock_is_held_by_one() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::lock(dir.path()).unwrap();
        assert!(matches!(Store::lock(dir.path()), Err(HashsetError::Busy { .. })));
        let copy_in_a_child = store.lock.try_clone().unwrap();
        drop(store);
        Store::lock(dir.path()).unwrap();
        drop(copy_in_a_child);
    }

    #[test]
    fn a_group_reads_the_files_of_a_folder_that_it_may_read() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        for (folder, file) in [(0o700, 0), (0o750, 0o040), (0o755, 0o040)] {
            std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(folder)).unwrap();
            let path = dir.path().join(format!("of-{folder:o}"));
            let mode = disk::create(&path).unwrap().metadata().unwrap().permissions().mode();
            // The mask of whoever runs this may take the right away; nobody else ever gets one.
            assert!(mode & 0o077 & !file == 0, "{folder:o}: {mode:o}");
            assert_eq!(mode & 0o600, 0o600);
        }
    }

    #[test]
    fn files_of_others_stay() {
        let dir = tempfile::tempdir().unwrap();
        for name in [
            "tmp-x",
            "seg-1.hseg",
            "qua-1.hqua",
            "dead-1.hded",
            "log-1.hchg",
            "notes.txt",
            "segment.txt",
            "MANIFEST.old",
        ] {
            std::fs::write(dir.path().join(name), "x").unwrap();
        }
        drop(Store::lock(dir.path()).unwrap());
        let mut left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|f| f.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["LOCK", "MANIFEST.old", "notes.txt", "segment.txt"]);
    }
}
