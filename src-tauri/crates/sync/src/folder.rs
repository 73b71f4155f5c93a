//! The post room's own files: where they lie, and how they are written so that a power cut leaves the old or the new.
//!
//! `SETS/sync/lock` lets one run at a time; `SETS/sync/<publisher>/` holds `enrolment.json`, `introduction.json` (of a
//! partner), `root.json`, `mark.json`, `leads.json`, `access.json`, `resets.jsonl`, `left.jsonl` and the folder `incoming`.
//!
//! What it assumes of the disk: a rename replaces a name at once, and what `fsync` returned for stays. The disk may
//! lie about anything that was not synced.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use domain::PublisherId;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256 as Hasher};

use crate::error::Error;

/// Largest number of publishers that a workstation knows.
pub(crate) const PUBLISHERS_MAX: usize = 1000;

/// The folder of the sets, in which the post room has its own.
#[derive(Debug, Clone)]
pub struct Room {
    sync: PathBuf,
}

/// The files of one publisher.
#[derive(Debug, Clone)]
pub(crate) struct Desk {
    folder: PathBuf,
}

/// Keeps others out for as long as it lives.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Room {
    /// Names the post room of the folder of sets `sets`.
    pub fn of(sets: &Path) -> Self {
        Self { sync: sets.join("sync") }
    }

    /// Gives the desk of a publisher, which need not exist.
    pub(crate) fn desk(&self, publisher: &PublisherId) -> Desk {
        Desk { folder: self.sync.join(publisher.as_str()) }
    }

    /// Lists the publishers that have a desk, in order. A desk that is a link is listed, and refused when it is read.
    pub(crate) fn publishers(&self) -> Result<Vec<PublisherId>, Error> {
        let listing = match std::fs::read_dir(&self.sync) {
            Ok(listing) => listing,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Error::storage(&self.sync, error)),
        };
        let mut found = Vec::new();
        for entry in listing {
            let entry = entry.map_err(|error| Error::storage(&self.sync, error))?;
            let name = entry.file_name();
            let id = name.to_str().and_then(|name| name.parse::<PublisherId>().ok());
            found.extend(id.filter(|_| entry.file_type().is_ok_and(|kind| kind.is_dir() || kind.is_symlink())));
        }
        if found.len() > PUBLISHERS_MAX {
            let problem = format!("it has the folders of more than {PUBLISHERS_MAX} publishers");
            return Err(Error::BadFile { path: self.sync.clone(), problem });
        }
        found.sort();
        Ok(found)
    }

    /// Takes the lock, or says that somebody has it.
    pub(crate) fn lock(&self) -> Result<Lock, Error> {
        make_folder(&self.sync)?;
        let path = self.sync.join("run.lock");
        let file = open(OpenOptions::new().create(true).truncate(false).write(true), &path)
            .map_err(|error| Error::storage(&path, error))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(std::fs::TryLockError::WouldBlock) => Err(Error::Busy { path }),
            Err(std::fs::TryLockError::Error(error)) => Err(Error::storage(&path, error)),
        }
    }
}

impl Desk {
    /// Gives the path of one of its files.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Gives the folder of the fetched files.
    pub(crate) fn incoming(&self) -> PathBuf {
        self.folder.join("incoming")
    }

    /// Makes the folder, durably.
    pub(crate) fn make(&self) -> Result<(), Error> {
        make_folder(&self.folder)
    }

    /// Errors: a desk that is a link. What it leads to may be anybody's, or away tomorrow with all that was seen.
    pub(crate) fn refuse_link(&self) -> Result<(), Error> {
        if std::fs::symlink_metadata(&self.folder).is_ok_and(|found| found.is_symlink()) {
            let problem = "it is a link; the folder of a publisher has to be here itself".to_owned();
            return Err(Error::BadFile { path: self.folder.clone(), problem });
        }
        Ok(())
    }

    /// Reads one of its JSON files; `None` where it is missing.
    pub(crate) fn json<T: DeserializeOwned>(&self, name: &str, bytes_max: u64) -> Result<Option<T>, Error> {
        let path = self.path(name);
        let Some(bytes) = read_at_most(&path, bytes_max)? else { return Ok(None) };
        match serde_json::from_slice(&bytes) {
            Ok(value) => Ok(Some(value)),
            Err(error) => Err(Error::BadFile { path, problem: format!("it cannot be read ({error})") }),
        }
    }

    /// Writes one of its files, so that a power cut leaves the old or the new.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        write_durably(&self.path(name), bytes)
    }

    /// Writes one of its JSON files, in the same way.
    pub(crate) fn write_json<T: Serialize>(&self, name: &str, value: &T) -> Result<(), Error> {
        let mut text = serde_json::to_vec_pretty(value).expect("the post room's values have text keys and no floats");
        text.push(b'\n');
        self.write(name, &text)
    }

    /// Adds a line to one of its files and waits until the disk has it.
    pub(crate) fn append(&self, name: &str, line: &str) -> Result<(), Error> {
        let path = self.path(name);
        let failed = |error| Error::storage(&path, error);
        let mut file = open(OpenOptions::new().create(true).append(true), &path).map_err(failed)?;
        file.write_all(format!("{line}\n").as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
        sync_folder(&self.folder)
    }

    /// Removes one of its files, where it is there.
    pub(crate) fn remove(&self, name: &str) -> Result<(), Error> {
        remove(&self.path(name))?;
        sync_folder(&self.folder)
    }
}

/// Opens a file of the post room.
#[expect(clippy::disallowed_methods, reason = "the post room keeps its own files; case media are not among them")]
pub(crate) fn open(options: &OpenOptions, path: &Path) -> std::io::Result<File> {
    options.open(path)
}

/// Reads a whole file of at most so many bytes; `None` where it is missing.
pub(crate) fn read_at_most(path: &Path, bytes_max: u64) -> Result<Option<Vec<u8>>, Error> {
    // To open a pipe would wait for whoever writes to it.
    if std::fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(Error::BadFile { path: path.to_owned(), problem: "it is no file".to_owned() });
    }
    let file = match open(OpenOptions::new().read(true), path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::storage(path, error)),
    };
    let mut bytes = Vec::new();
    file.take(bytes_max + 1).read_to_end(&mut bytes).map_err(|error| Error::storage(path, error))?;
    if bytes.len() as u64 > bytes_max {
        return Err(Error::BadFile { path: path.to_owned(), problem: format!("it has more than {bytes_max} bytes") });
    }
    Ok(Some(bytes))
}

/// Writes a file beside its name, syncs it, and gives it the name.
fn write_durably(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".tmp");
    let beside = PathBuf::from(beside);
    let failed = |error| Error::storage(&beside, error);
    // What an interrupted run left there is removed and not opened: it could be a link to somebody else's file.
    remove(&beside)?;
    let mut file = open(OpenOptions::new().create_new(true).write(true), &beside).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    drop(file);
    rename(&beside, path)
}

/// Gives a synced file its name, and syncs the folder.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), Error> {
    std::fs::rename(from, to).map_err(|error| Error::storage(to, error))?;
    sync_folder(to.parent().unwrap_or(Path::new(".")))
}

/// Removes a file, where it is there.
pub(crate) fn remove(path: &Path) -> Result<(), Error> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::storage(path, error)),
        _ => Ok(()),
    }
}

/// Waits until the disk has the names of a folder.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), Error> {
    let opened = open(OpenOptions::new().read(true), folder);
    opened.and_then(|folder| folder.sync_all()).map_err(|error| Error::storage(folder, error))
}

/// Makes a folder and those above it, each of them durable before the next.
pub(crate) fn make_folder(folder: &Path) -> Result<(), Error> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    let above = folder.parent().unwrap_or(Path::new("."));
    make_folder(above)?;
    match std::fs::create_dir(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(Error::storage(folder, error)),
        _ => sync_folder(if above.as_os_str().is_empty() { Path::new(".") } else { above }),
    }
}

/// Gives the SHA-256 of bytes.
pub(crate) fn sha256(bytes: &[u8]) -> domain::Sha256 {
    domain::Sha256(Hasher::digest(bytes).into())
}
