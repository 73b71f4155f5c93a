//! Fetches the files of a release, so that an interruption costs no more than what was on its way.
//!
//! A file grows as `incoming/<sha256>.<name>.part` and gets its name when length and SHA-256 are what the signed metadata
//! says and the disk has it. The name carries the hash, so that a part can never belong to another version; what a part
//! already holds is hashed again before more is asked for. Files from a folder are copied: disks get pulled.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use sha2::{Digest, Sha256 as Hasher};

use crate::error::Error;
use crate::folder::{make_folder, open, remove, rename, sync_folder};
use crate::transport::{Patience, Source};
use crate::trust::Target;

/// How the name of an unfinished file ends.
const PART: &str = ".part";
/// Bytes that are hashed at a time.
const PIECE_BYTES: usize = 1 << 20;
/// Number of times that a file may turn out to be another one.
const CORRUPT_MAX: u32 = 2;

/// Gives the name of a target in the repository and in `incoming`.
pub(crate) fn stored_name(target: &Target) -> String {
    format!("{}.{}", target.sha256, target.name)
}

/// Reads a small target whole; `None` where the metadata names none. It has the signed length and hash.
pub(crate) async fn read_target(
    source: &Source,
    target: &Target,
    bytes_max: u64,
    patience: &mut Patience,
) -> Result<Vec<u8>, Error> {
    if target.bytes > bytes_max {
        return Err(Error::untrusted(&target.name, format!("it has more than {bytes_max} bytes")));
    }
    let name = format!("targets/{}", stored_name(target));
    let bytes = source.read(&name, target.bytes, patience).await?.ok_or_else(|| absent(target))?;
    let digest = crate::folder::sha256(&bytes);
    if bytes.len() as u64 != target.bytes || digest != target.sha256 {
        return Err(Error::untrusted(&target.name, "its length or SHA-256 is not what the signed metadata says"));
    }
    Ok(bytes)
}

/// Fetches a target into the folder `incoming`, and tells how many bytes are there whenever some have come.
pub(crate) async fn fetch_target(
    source: &Source,
    incoming: &Path,
    target: &Target,
    patience: &mut Patience,
    progress: &mut dyn FnMut(u64),
) -> Result<String, Error> {
    refuse_link(incoming)?;
    make_folder(incoming)?;
    let name = stored_name(target);
    let whole = incoming.join(&name);
    if is_whole(&whole, target)? {
        progress(target.bytes);
        return Ok(name);
    }
    let part = incoming.join(format!("{name}{PART}"));
    let (mut failed, mut corrupt) = (0, 0);
    loop {
        match grow(source, &part, target, progress).await {
            Ok(()) => break,
            Err(error @ Error::Untrusted { .. }) => {
                // What is there may have been damaged since an earlier run, or on its way: dropped, and fetched once more.
                remove(&part)?;
                corrupt += 1;
                if corrupt == CORRUPT_MAX {
                    return Err(error);
                }
            }
            Err(error) => {
                failed += 1;
                patience.wait(error, failed).await?;
            }
        }
    }
    rename(&part, &whole)?;
    Ok(name)
}

/// Removes everything from `incoming` that is not named: the files of releases that were superseded or installed.
pub(crate) fn sweep(incoming: &Path, wanted: &[&Target]) -> Result<(), Error> {
    refuse_link(incoming)?;
    let listing = match std::fs::read_dir(incoming) {
        Ok(listing) => listing,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::storage(incoming, error)),
    };
    let wanted: std::collections::BTreeSet<String> = wanted.iter().map(|target| stored_name(target)).collect();
    for entry in listing {
        let entry = entry.map_err(|error| Error::storage(incoming, error))?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if is_stored_name(&name) && !wanted.contains(name.strip_suffix(PART).unwrap_or(&name)) {
            remove(&entry.path())?;
        }
    }
    sync_folder(incoming)
}

/// Refuses a folder that is a link: it would lead to files of somebody else, which would be swept away.
fn refuse_link(folder: &Path) -> Result<(), Error> {
    match std::fs::symlink_metadata(folder) {
        Ok(found) if !found.is_dir() => {
            let problem = "it is a link or a file and no folder: remove it".to_owned();
            Err(Error::BadFile { path: folder.to_owned(), problem })
        }
        _ => Ok(()),
    }
}

/// Tells whether a name is one that this program gives: nothing else is ever removed.
fn is_stored_name(name: &str) -> bool {
    const HEX_DIGITS: usize = 64;
    let bytes = name.as_bytes();
    bytes.len() > HEX_DIGITS && bytes[..HEX_DIGITS].iter().all(u8::is_ascii_hexdigit) && bytes[HEX_DIGITS] == b'.'
}

/// Tells whether a file that already has its name is what it has to be; removes it otherwise.
fn is_whole(path: &Path, target: &Target) -> Result<bool, Error> {
    let mut file = match open(OpenOptions::new().read(true), path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(Error::storage(path, error)),
    };
    let mut hasher = Hasher::new();
    let bytes = hash(&mut file, &mut hasher, target.bytes, path)?;
    if bytes == target.bytes && domain::Sha256(hasher.finalize().into()) == target.sha256 {
        return Ok(true);
    }
    remove(path)?;
    Ok(false)
}

/// Hashes the rest of a file, up to one byte more than `bytes_max`, and gives the number of bytes.
fn hash(file: &mut File, hasher: &mut Hasher, bytes_max: u64, path: &Path) -> Result<u64, Error> {
    let mut limited = file.take(bytes_max + 1);
    let mut piece = vec![0; PIECE_BYTES];
    let mut bytes = 0;
    loop {
        match limited.read(&mut piece).map_err(|error| Error::storage(path, error))? {
            0 => return Ok(bytes),
            read => {
                hasher.update(&piece[..read]);
                bytes += read as u64;
            }
        }
    }
}

/// Brings a part to its full length, verified and synced. [`Error::Untrusted`] means that the part is good for nothing.
async fn grow(source: &Source, part: &Path, target: &Target, progress: &mut dyn FnMut(u64)) -> Result<(), Error> {
    let failed = |error| Error::storage(part, error);
    let mut file =
        open(OpenOptions::new().create(true).truncate(false).read(true).write(true), part).map_err(failed)?;
    let mut hasher = Hasher::new();
    let mut have = hash(&mut file, &mut hasher, target.bytes, part)?;
    if have > target.bytes {
        return Err(Error::untrusted(&target.name, "what was fetched of it is longer than the whole"));
    }
    progress(have);
    if have < target.bytes {
        let name = format!("targets/{}", stored_name(target));
        let mut stream = source.open(&name, have).await?.ok_or_else(|| absent(target))?;
        if stream.from != have {
            file.set_len(0).and_then(|()| file.seek(SeekFrom::Start(0))).map_err(failed)?;
            (hasher, have) = (Hasher::new(), 0);
        }
        let mut piece = Vec::new();
        while stream.next(&mut piece).await? {
            have += piece.len() as u64;
            if have > target.bytes {
                return Err(Error::untrusted(&target.name, "it is longer than the signed metadata says"));
            }
            hasher.update(&piece);
            file.write_all(&piece).map_err(failed)?;
            progress(have);
        }
    }
    if have < target.bytes {
        return Err(short(source, target, have));
    }
    if domain::Sha256(hasher.finalize().into()) != target.sha256 {
        return Err(Error::untrusted(&target.name, "its SHA-256 is not what the signed metadata says"));
    }
    file.sync_all().map_err(failed)
}

/// A file of a folder that ends early is truncated; that of a server may only have been cut on its way.
fn short(source: &Source, target: &Target, have: u64) -> Error {
    let problem = format!("it ends after {have} of {} bytes", target.bytes);
    match source {
        Source::Folder(_) => Error::untrusted(&target.name, problem),
        Source::Web { .. } => Error::Unreachable { place: target.name.clone(), problem, again: true },
    }
}

fn absent(target: &Target) -> Error {
    let problem = "the signed metadata names it, but it is not there".to_owned();
    Error::Unreachable { place: target.name.clone(), problem, again: false }
}
