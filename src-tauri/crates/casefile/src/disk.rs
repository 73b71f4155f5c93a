//! The plain files around the two databases: made private, written whole or not at all, and the writers' lock.
//!
//! What is assumed of the disk: `rename` within a folder is atomic, `fsync` of a file and of its folder makes both
//! durable, and a lock of a file ends with the process that holds it.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{CasePart, damaged, io};
use crate::{CasefileError, Result};

/// Wrapped keys of the users. It is written last when a case is made.
pub(crate) const KEYS: &str = "keys.json";
/// Ground state and ledger.
pub(crate) const GROUND: &str = "case.zeef";
/// Derived state.
pub(crate) const DERIVED: &str = "derived.zeef";
/// Exists from the first to the last step of making a case: who finds it knows that nobody has worked in there.
pub(crate) const MAKING: &str = "making";
/// Locked by the one process that changes the case.
const LOCK: &str = "writer.lock";
/// Suffix of a file that is being written.
const NEW: &str = ".new";
/// Longest key file that is read: about 3,000 users.
const KEYS_BYTES_MAX: u64 = 1 << 20;
/// Times that a second writer asks for the lock, and the pause between: five seconds in all.
const LOCK_TRIES: u32 = 50;
const LOCK_PAUSE: Duration = Duration::from_millis(100);

/// Gives the folder of the case that a folder is, or lies in; `None` where no case is around it. The path has to be whole
/// and without links, as `canonicalize` gives it.
pub fn case_around(folder: &Path) -> Option<&Path> {
    let is_there = |path: PathBuf| path.symlink_metadata().is_ok();
    folder.ancestors().find(|dir| is_there(dir.join(KEYS)) && is_there(dir.join(GROUND)))
}

/// Makes the folder of a case, private to its owner, and the folders above it.
pub(crate) fn make_dir(dir: &Path) -> Result<()> {
    if let Some(parent) = dir.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        std::fs::create_dir_all(parent).map_err(io("making the folder above the case"))?;
    }
    match DirBuilder::new().mode(0o700).create(dir) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let private = std::fs::Permissions::from_mode(0o700);
            std::fs::set_permissions(dir, private).map_err(io("making the case folder private"))
        }
        Err(error) => Err(io("making the case folder")(error)),
    }?;
    dir.parent().filter(|parent| !parent.as_os_str().is_empty()).map_or(Ok(()), sync_dir)
}

/// Makes an empty file that only its owner can read; one that exists is left alone.
pub(crate) fn make_private(path: &Path) -> Result<()> {
    open(OpenOptions::new().write(true).create(true).truncate(false), path)
        .and_then(|file| file.sync_all())
        .map_err(io("making a file of the case"))
}

/// Writes a small file whole: beside it, flushed, then renamed over it, then the folder flushed.
pub(crate) fn write_whole(dir: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    write_whole_at(&dir.join(name), bytes)
}

/// Does the same for a file by its path.
pub(crate) fn write_whole_at(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(NEW);
    let mut file = open(OpenOptions::new().write(true).create(true).truncate(true), Path::new(&beside))
        .map_err(io("writing the key file"))?;
    file.write_all(bytes).map_err(io("writing the key file"))?;
    file.sync_all().map_err(io("flushing the key file"))?;
    std::fs::rename(&beside, path).map_err(io("replacing the key file"))?;
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).map_or(Ok(()), sync_dir)
}

/// Reads the key file; none is `None`.
pub(crate) fn read_keys(dir: &Path) -> Result<Option<Vec<u8>>> {
    read_keys_at(&dir.join(KEYS))
}

/// Does the same for a file by its path.
pub(crate) fn read_keys_at(path: &Path) -> Result<Option<Vec<u8>>> {
    let file = match open(OpenOptions::new().read(true), path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(io("reading the key file")(error)),
    };
    let mut bytes = Vec::new();
    file.take(KEYS_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(io("reading the key file"))?;
    if bytes.len() as u64 > KEYS_BYTES_MAX {
        return Err(damaged(CasePart::Keys));
    }
    Ok(Some(bytes))
}

/// Flushes a folder, so that names made or removed in it last.
pub(crate) fn sync_dir(dir: &Path) -> Result<()> {
    open(OpenOptions::new().read(true), dir).and_then(|dir| dir.sync_all()).map_err(io("flushing the case folder"))
}

/// Removes a file, if it is there, and flushes the folder.
pub(crate) fn remove(dir: &Path, name: &str) -> Result<()> {
    match std::fs::remove_file(dir.join(name)) {
        Ok(()) => sync_dir(dir),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(io("removing a leftover")(error)),
    }
}

/// Tells what a folder holds before a case is made in it.
pub(crate) enum Ground {
    /// Nothing, or what a killed `create` left.
    Free,
    /// A finished case.
    Case,
    /// Something else.
    Other,
}

/// Looks at the folder for a new case.
pub(crate) fn survey(dir: &Path) -> Result<Ground> {
    if dir.join(MAKING).exists() {
        return Ok(Ground::Free);
    }
    if dir.join(KEYS).exists() {
        return Ok(Ground::Case);
    }
    let mut names = match std::fs::read_dir(dir) {
        Ok(names) => names,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Ground::Free),
        Err(error) => return Err(io("listing the case folder")(error)),
    };
    let foreign = |entry: std::io::Result<std::fs::DirEntry>| entry.is_ok_and(|entry| entry.file_name() != LOCK);
    Ok(if names.any(foreign) { Ground::Other } else { Ground::Free })
}

/// Removes what a killed `create` left. Only for a folder that has the mark of one.
pub(crate) fn clear_half_made(dir: &Path) -> Result<()> {
    for name in [KEYS, "keys.json.new"] {
        remove(dir, name)?;
    }
    for database in [GROUND, DERIVED] {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            remove(dir, &format!("{database}{suffix}"))?;
        }
    }
    Ok(())
}

/// Tells how long to wait for another writer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// A few seconds.
    Some,
    /// Not at all.
    None,
}

/// Holds the writers' lock until it is dropped.
pub(crate) struct WriterLock(File);

impl Drop for WriterLock {
    /// Unlocks by a call of its own: closing would leave the lock to a process that is just being started beside this one
    /// and still has a copy of the descriptor.
    fn drop(&mut self) {
        // Where it fails, closing unlocks.
        let _ = self.0.unlock();
    }
}

/// Takes the writers' lock.
pub(crate) fn lock(dir: &Path, patience: Patience) -> Result<WriterLock> {
    let path: PathBuf = dir.join(LOCK);
    let file = open(OpenOptions::new().write(true).create(true).truncate(false), &path)
        .map_err(io("opening the writers' lock"))?;
    let tries = if patience == Patience::Some { LOCK_TRIES } else { 1 };
    for left in (0..tries).rev() {
        match file.try_lock() {
            Ok(()) => return Ok(WriterLock(file)),
            Err(std::fs::TryLockError::WouldBlock) if left > 0 => std::thread::sleep(LOCK_PAUSE),
            Err(std::fs::TryLockError::WouldBlock) => break,
            Err(std::fs::TryLockError::Error(error)) => return Err(io("locking the case")(error)),
        }
    }
    Err(CasefileError::InUse { dir: dir.to_owned() })
}

#[expect(clippy::disallowed_methods, reason = "files of the case itself; case media are never opened here")]
fn open(options: &mut OpenOptions, path: &Path) -> std::io::Result<File> {
    options.mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_private() {
        let dir = tempfile::tempdir().unwrap();
        write_whole(dir.path(), KEYS, b"one").unwrap();
        write_whole(dir.path(), KEYS, b"two").unwrap();
        assert_eq!(read_keys(dir.path()).unwrap().unwrap(), b"two");
        let mode = std::fs::metadata(dir.path().join(KEYS)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn only_one_writer_holds_the_lock() {
        let dir = tempfile::tempdir().unwrap();
        let first = lock(dir.path(), Patience::None).unwrap();
        assert!(matches!(lock(dir.path(), Patience::None), Err(CasefileError::InUse { .. })));
        let copy_in_a_child = first.0.try_clone().unwrap();
        drop(first);
        assert!(lock(dir.path(), Patience::None).is_ok());
        drop(copy_in_a_child);
    }

    #[test]
    fn a_folder_with_other_files_is_no_place_for_a_case() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(survey(dir.path()).unwrap(), Ground::Free));
        assert!(matches!(survey(&dir.path().join("not there")).unwrap(), Ground::Free));
        make_private(&dir.path().join("holiday.jpg")).unwrap();
        assert!(matches!(survey(dir.path()).unwrap(), Ground::Other));
        make_private(&dir.path().join(MAKING)).unwrap();
        assert!(matches!(survey(dir.path()).unwrap(), Ground::Free));
    }
}
