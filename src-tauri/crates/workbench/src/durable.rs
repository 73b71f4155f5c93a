//! Files that the workbench writes beside cases and sets: the old one or the new one is there, never a part.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{BufWriter, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use domain::Sha256;
use sha2::Digest as _;

use crate::Error;
use crate::feedback::cannot;

/// Writes a whole file: beside its name, synced, then named. Only its user can read it.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    let written = (|| {
        let mut file = File::create(&part)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&part, path)?;
        sync_folder(&folder_of(path))
    })();
    if written.is_err() {
        // What was begun is of no use; a failure to remove it changes nothing about the answer.
        let _ = std::fs::remove_file(&part);
    }
    written
}

/// Writes a file as [`write`] does, by a function that is given where to write to; gives what that gave, and the SHA-256 of
/// the file.
pub(crate) fn write_with<T>(
    path: &Path,
    fill: &mut dyn FnMut(&mut dyn Write) -> Result<T, Error>,
) -> Result<(T, Sha256), Error> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    let failed = |error: std::io::Error| cannot(path, &error);
    let written = (|| {
        let file = File::create(&part).map_err(failed)?;
        file.set_permissions(Permissions::from_mode(0o600)).map_err(failed)?;
        let mut out = Hashed { to: BufWriter::new(file), hasher: sha2::Sha256::new() };
        let filled = fill(&mut out)?;
        let file = out.to.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)?;
        std::fs::rename(&part, path).map_err(failed)?;
        sync_folder(&folder_of(path)).map_err(failed)?;
        Ok((filled, Sha256(out.hasher.finalize().into())))
    })();
    if written.is_err() {
        // What was begun is of no use; a failure to remove it changes nothing about the answer.
        let _ = std::fs::remove_file(&part);
    }
    written
}

/// Hashes what is written, on its way.
struct Hashed<W> {
    to: W,
    hasher: sha2::Sha256,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, piece: &[u8]) -> std::io::Result<usize> {
        let written = self.to.write(piece)?;
        self.hasher.update(&piece[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.to.flush()
    }
}

/// Adds a line to a file and waits until the disk has it.
pub(crate) fn append(path: &Path, line: &str) -> std::io::Result<()> {
    let mut file = open(OpenOptions::new().create(true).append(true), path)?;
    file.write_all(format!("{line}\n").as_bytes())?;
    file.sync_all()?;
    sync_folder(&folder_of(path))
}

/// Reads a whole file of at most so many bytes; `None` where it is missing.
pub(crate) fn read_at_most(path: &Path, bytes_max: u64) -> std::io::Result<Option<Vec<u8>>> {
    // To open a pipe would wait for whoever writes to it.
    if std::fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(std::io::Error::other("it is no file"));
    }
    let file = match open(OpenOptions::new().read(true), path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(bytes_max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max {
        return Err(std::io::Error::other(format!("it has more than {bytes_max} bytes")));
    }
    Ok(Some(bytes))
}

/// Holds a file that only one process has at a time, until it is dropped.
pub(crate) struct Turn(File);

impl Drop for Turn {
    fn drop(&mut self) {
        // By a call of its own: closing would leave the lock to a child that still has a copy of the descriptor.
        let _ = self.0.unlock();
    }
}

/// Takes a turn; `None` where another process has it.
pub(crate) fn take_turn(path: &Path) -> std::io::Result<Option<Turn>> {
    let file = open(OpenOptions::new().create(true).truncate(false).write(true).read(true), path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Turn(file))),
        Err(std::fs::TryLockError::WouldBlock) => Ok(None),
        Err(std::fs::TryLockError::Error(error)) => Err(error),
    }
}

/// Removes a file, where it is there, and waits until the disk knows.
pub(crate) fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(()) => sync_folder(&folder_of(path)),
    }
}

/// Gives the folder that a file is in.
pub(crate) fn folder_of(path: &Path) -> PathBuf {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.map_or_else(|| PathBuf::from("."), Path::to_owned)
}

fn sync_folder(folder: &Path) -> std::io::Result<()> {
    open(OpenOptions::new().read(true), folder)?.sync_all()
}

#[expect(clippy::disallowed_methods, reason = "files that the workbench itself keeps, none of them case media")]
fn open(options: &OpenOptions, path: &Path) -> std::io::Result<File> {
    options.open(path)
}
