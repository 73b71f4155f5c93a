//! How files of the repository and the site are read and written: a file is durable before it has its name.
//!
//! What is assumed of the disk: a file that was synced keeps its bytes; a rename within one folder is seen as done or not
//! done; it is durable when the folder has been synced.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use domain::Sha256;
use sha2::Digest as _;

use crate::error::{PublishError, io_at};

/// Largest file of JSON that is read: a trust map or an index of 32,768 parts is far below.
const JSON_BYTES_MAX: u64 = 64 << 20;
/// Bytes that are copied or hashed at once.
const PIECE_BYTES: usize = 256 << 10;
/// End of the names of files that are being written.
pub(crate) const UNFINISHED: &str = ".tmp";
/// Files of a site are for everybody who may reach the web server.
const SITE_MODE: u32 = 0o644;
/// Files of the repository are for the custodian alone.
const OWN_MODE: u32 = 0o600;

/// Tells who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Whoever serves or fetches the site.
    Site,
    /// The custodian alone.
    Owner,
}

impl Readers {
    fn mode(self) -> u32 {
        match self {
            Self::Site => SITE_MODE,
            Self::Owner => OWN_MODE,
        }
    }
}

/// Opens a file of the custodian for reading.
#[expect(clippy::disallowed_methods, reason = "files of the custodian's repository, never case media")]
pub(crate) fn open(path: &Path) -> Result<File, PublishError> {
    File::open(path).map_err(io_at("open", path))
}

/// Reads a whole file of bounded length.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, PublishError> {
    let mut bytes = Vec::new();
    open(path)?.take(JSON_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(io_at("read", path))?;
    if bytes.len() as u64 > JSON_BYTES_MAX {
        return Err(PublishError::refused(path, "it is larger than any file of this kind", "Name another file."));
    }
    Ok(bytes)
}

/// Reads a file of JSON.
pub(crate) fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, PublishError> {
    serde_json::from_slice(&read(path)?).map_err(|error| PublishError::damaged(path, error))
}

/// Reads a small file of text that is a secret; it is wiped from memory when it is let go.
pub(crate) fn read_secret_text(path: &Path) -> Result<zeroize::Zeroizing<String>, PublishError> {
    let bytes = zeroize::Zeroizing::new(read(path)?);
    let text = std::str::from_utf8(&bytes);
    let text = text.map_err(|_| PublishError::Key { path: path.to_owned(), what: "it is no text".to_owned() })?;
    Ok(zeroize::Zeroizing::new(text.to_owned()))
}

/// Creates a file, in the place of any that is there.
pub(crate) fn create(path: &Path, readers: Readers) -> Result<File, PublishError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(readers.mode());
    open_with(path, &options)
}

/// Creates a file that must not be there yet, readable by its owner alone.
pub(crate) fn create_new(path: &Path) -> Result<File, PublishError> {
    open_with(path, OpenOptions::new().write(true).create_new(true).mode(OWN_MODE))
}

/// Opens a file to append to it.
pub(crate) fn append(path: &Path) -> Result<File, PublishError> {
    open_with(path, OpenOptions::new().append(true).create(true).mode(OWN_MODE))
}

#[expect(clippy::disallowed_methods, reason = "files of the custodian's repository, never case media")]
fn open_with(path: &Path, options: &OpenOptions) -> Result<File, PublishError> {
    options.open(path).map_err(io_at("create", path))
}

/// Creates a folder and makes its name durable.
pub(crate) fn create_dir(path: &Path) -> Result<(), PublishError> {
    std::fs::create_dir_all(path).map_err(io_at("create", path))?;
    match path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => sync_dir(parent),
        None => Ok(()),
    }
}

/// Makes the names in a folder durable.
pub(crate) fn sync_dir(path: &Path) -> Result<(), PublishError> {
    open(path)?.sync_all().map_err(io_at("sync", path))
}

/// Gives a durable file its name, and makes the name durable.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), PublishError> {
    #[cfg(test)]
    interruption::pass(to)?;
    std::fs::rename(from, to).map_err(io_at("rename", to))?;
    let folder = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    sync_dir(folder)
}

/// Writes a whole file: beside its place, durable, then in its place.
pub(crate) fn put(path: &Path, bytes: &[u8], readers: Readers) -> Result<(), PublishError> {
    let unfinished = unfinished(path);
    let mut file = create(&unfinished, readers)?;
    file.write_all(bytes).map_err(io_at("write", &unfinished))?;
    file.sync_all().map_err(io_at("sync", &unfinished))?;
    rename(&unfinished, path)
}

/// Writes a file of JSON for people and programs.
pub(crate) fn put_json(path: &Path, value: &impl serde::Serialize, readers: Readers) -> Result<(), PublishError> {
    put(path, &json_bytes(value), readers)
}

/// Gives a value as the text of a file of JSON.
pub(crate) fn json_bytes(value: &impl serde::Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).expect("the types of this crate have texts as their keys");
    bytes.push(b'\n');
    bytes
}

/// Copies a file beside its place, compares its hash with what it has to be, and gives it its name.
pub(crate) fn copy(from: &Path, to: &Path, sha256: &Sha256, readers: Readers) -> Result<(), PublishError> {
    let unfinished = unfinished(to);
    let mut file = create(&unfinished, readers)?;
    let got = pieces(from, |piece| file.write_all(piece).map_err(io_at("write", &unfinished)))?;
    if got != *sha256 {
        return Err(PublishError::damaged(from, "its bytes are not those that were released"));
    }
    file.sync_all().map_err(io_at("sync", &unfinished))?;
    rename(&unfinished, to)
}

/// Computes the SHA-256 of a whole file.
pub(crate) fn sha256_of(path: &Path) -> Result<Sha256, PublishError> {
    pieces(path, |_| Ok(()))
}

fn pieces(path: &Path, mut each: impl FnMut(&[u8]) -> Result<(), PublishError>) -> Result<Sha256, PublishError> {
    let mut file = open(path)?;
    let mut hasher = sha2::Sha256::new();
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let got = file.read(&mut piece).map_err(io_at("read", path))?;
        if got == 0 {
            return Ok(Sha256(hasher.finalize().into()));
        }
        hasher.update(&piece[..got]);
        each(&piece[..got])?;
    }
}

/// Computes the SHA-256 of bytes.
pub(crate) fn sha256(bytes: &[u8]) -> Sha256 {
    Sha256(sha2::Sha256::digest(bytes).into())
}

/// Removes a file; one that is not there is no error.
pub(crate) fn remove(path: &Path) -> Result<(), PublishError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io_at("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Names the file beside `path` under which it is written.
pub(crate) fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(UNFINISHED);
    PathBuf::from(name)
}

/// Lists the names of the files of a folder that are text.
pub(crate) fn names(folder: &Path) -> Result<Vec<String>, PublishError> {
    let entries = std::fs::read_dir(folder).map_err(io_at("read", folder))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(io_at("read", folder))?;
        names.extend(entry.file_name().into_string());
    }
    names.sort();
    Ok(names)
}

/// Keeps every other command out of a repository; the system lets go of it when the program ends, however it ends.
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, or says that somebody has it.
    pub(crate) fn take(path: &Path) -> Result<Self, PublishError> {
        let file = append(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(PublishError::Busy { path: path.to_owned() }),
            Err(TryLockError::Error(error)) => Err(io_at("lock", path)(error)),
        }
    }
}

/// Stops the program, as far as a test can see, before a rename that the test has chosen.
#[cfg(test)]
pub(crate) mod interruption {
    use std::cell::Cell;
    use std::path::Path;

    use crate::error::{PublishError, io_at};

    thread_local! {
        static LEFT: Cell<Option<u64>> = const { Cell::new(None) };
    }

    /// Lets `renames` pass, and no further one; `None` lets all pass.
    pub(crate) fn after(renames: Option<u64>) {
        LEFT.set(renames);
    }

    pub(super) fn pass(path: &Path) -> Result<(), PublishError> {
        match LEFT.get() {
            Some(0) => Err(io_at("rename", path)(std::io::Error::other("interrupted by a test"))),
            Some(left) => {
                LEFT.set(Some(left - 1));
                Ok(())
            }
            None => Ok(()),
        }
    }
}
