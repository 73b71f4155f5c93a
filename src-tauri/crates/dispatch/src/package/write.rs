//! Writes a package in one pass: what is put into it is hashed, encrypted and on its way to the disk at once, and nothing of
//! it is ever on the disk in the clear.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use age::stream::{StreamReader, StreamWriter};
use age::x25519;
use domain::Sha256;
use sha2::Digest as _;

use super::disk::{self, io};
use super::entry::{self, END_BYTES};
use super::fault::{Fault, PackageError};
use super::keys::Signer;
use super::manifest::{self, Head, Manifest, MediaTotals, Name, PackageFile, Recipient};
use super::{FILES_MAX, MANIFEST_BYTES_MAX, MANIFEST_FILE, MEDIA_MAX, PACKAGE_FORMAT, SIGNATURE_FILE};

/// Bytes that are moved at once.
pub(crate) const PIECE_BYTES: usize = 64 << 10;
/// What is added to the name of a package until it is finished.
const UNFINISHED: &str = ".part";
/// What is added to the name of a package for a file whose length is not known yet.
const SPOOL: &str = ".spool";

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// SHA-256 of the package.
    pub sha256: Sha256,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its manifest: the package's id, however often it is encrypted anew.
    pub id: Sha256,
    /// Named files in it.
    pub files: Vec<PackageFile>,
    /// Media in it.
    pub media: MediaTotals,
}

/// Writes one package. Without [`PackageWriter::finish`] nothing of it stays.
pub struct PackageWriter {
    path: PathBuf,
    unfinished: PathBuf,
    /// `None` once it is finished.
    out: Option<StreamWriter<HashedFile>>,
    head: Head,
    recipients: Vec<Recipient>,
    files: Vec<PackageFile>,
    media: Vec<[u8; 32]>,
    media_bytes: u64,
    /// True when the archive holds a part of a file, or lacks one that should be in it.
    failed: bool,
}

impl PackageWriter {
    /// Begins the package that will stand at `path`, for recipients by name and key (`age1...`).
    pub fn begin(path: &Path, head: &Head, recipients: &[(String, String)]) -> Result<Self, PackageError> {
        let recipients: Vec<Recipient> =
            recipients.iter().map(|(name, key)| Recipient { name: name.clone(), key: key.clone() }).collect();
        let unfinished = disk::beside(path, UNFINISHED);
        let begun = || {
            head.check()?;
            manifest::recipients(&recipients)?;
            if disk::is_there(path) {
                return Err(Fault::Exists);
            }
            encrypted(&recipients, HashedFile::new(disk::create(&unfinished)?))
        };
        let out = begun().map_err(|fault| PackageError::new(path, fault))?;
        Ok(Self {
            path: path.to_owned(),
            unfinished,
            out: Some(out),
            head: head.clone(),
            recipients,
            files: Vec::new(),
            media: Vec::new(),
            media_bytes: 0,
            failed: false,
        })
    }

    /// Says how many items there turned out to be, where the head could not know.
    pub fn counted(&mut self, items: u64) {
        self.head.items = items;
    }

    /// Puts a file into it. A medium is named by [`super::media_name`], and must be what it is named by. Where the length is
    /// not known, see [`Self::add_written`].
    pub fn add(&mut self, name: &str, length: Option<u64>, from: &mut dyn Read) -> Result<(), PackageError> {
        let path = self.path.clone();
        let at = |fault| PackageError::new(&path, fault);
        match length {
            Some(bytes) => self.put(name, bytes, from).map_err(at),
            None => self.add_written(name, |out| {
                std::io::copy(from, out).map(drop).map_err(|source| at(Fault::Io { action: "fill", source }))
            }),
        }
    }

    /// Puts a file into it that a function writes, and whose length is known only afterwards: until then it lies in a file
    /// without a name, encrypted with a key that only this function has.
    pub fn add_written<E: From<PackageError>>(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    ) -> Result<(), E> {
        let path = self.path.clone();
        let at = |fault| PackageError::new(&path, fault);
        // A caller that goes on after an error must not get a package that lacks the file.
        let failed = std::mem::replace(&mut self.failed, true);
        Name::read(name.as_bytes()).map_err(at)?;
        let mut spool = Spool::begin(&disk::beside(&self.path, SPOOL)).map_err(at)?;
        write(&mut spool)?;
        let (bytes, mut from) = spool.finish().map_err(at)?;
        self.failed = failed;
        Ok(self.put(name, bytes, &mut from).map_err(at)?)
    }

    fn put(&mut self, name: &str, bytes: u64, from: &mut dyn Read) -> Result<(), Fault> {
        if std::mem::replace(&mut self.failed, true) {
            return Err(Fault::Unfinished);
        }
        let kind = Name::read(name.as_bytes())?;
        let too_many = |what, max: usize| Err(Fault::TooLarge { what, max: max as u64 });
        match &kind {
            Name::Manifest | Name::Signature => return Err(Fault::BadName { name: name.to_owned() }),
            Name::Named(_) if self.files.len() == FILES_MAX => return too_many("the number of its files", FILES_MAX),
            Name::Named(_) if self.files.iter().any(|file| file.name == name) => {
                return Err(Fault::Twice { file: name.to_owned() });
            }
            Name::Medium(_) if self.media.len() == MEDIA_MAX => return too_many("the number of its media", MEDIA_MAX),
            Name::Named(_) | Name::Medium(_) => {}
        }
        let sha256 = self.stream(name, bytes, from)?;
        match kind {
            Name::Medium(named) if named != sha256 => return Err(Fault::Damaged { file: name.to_owned() }),
            Name::Medium(_) => {
                self.media.push(sha256.0);
                self.media_bytes = self.media_bytes.saturating_add(bytes);
            }
            _ => self.files.push(PackageFile { name: name.to_owned(), bytes, sha256 }),
        }
        self.failed = false;
        Ok(())
    }

    /// Writes the entry of a file; gives the SHA-256 of its content.
    fn stream(&mut self, name: &str, bytes: u64, from: &mut dyn Read) -> Result<Sha256, Fault> {
        let seconds = self.seconds();
        let out = self.out.as_mut().ok_or(Fault::Unfinished)?;
        out.write_all(&entry::header(name, bytes, seconds)?).map_err(io("write"))?;
        let length = || Fault::Length { file: name.to_owned(), said: bytes };
        let mut hasher = sha2::Sha256::new();
        let mut piece = vec![0; PIECE_BYTES];
        let mut left = bytes;
        loop {
            // One byte more than is left, so that a file which has grown is seen.
            let most = usize::try_from(left.saturating_add(1)).unwrap_or(usize::MAX).min(PIECE_BYTES);
            let got = match from.read(&mut piece[..most]) {
                Ok(got) => got,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(source) => return Err(Fault::Io { action: "fill", source }),
            };
            if got == 0 {
                break;
            }
            left = left.checked_sub(got as u64).ok_or_else(length)?;
            hasher.update(&piece[..got]);
            out.write_all(&piece[..got]).map_err(io("write"))?;
        }
        if left > 0 {
            return Err(length());
        }
        out.write_all(&[0; entry::BLOCK_BYTES][..entry::padding(bytes)]).map_err(io("write"))?;
        Ok(Sha256(hasher.finalize().into()))
    }

    fn seconds(&self) -> i64 {
        self.head.made.0.div_euclid(1_000_000)
    }

    /// Signs the list of its files, and gives the package its name. Durable when this returns.
    pub fn finish(mut self, signer: &Signer) -> Result<Written, PackageError> {
        let written = self.sealed(signer);
        written.map_err(|fault| PackageError::new(&self.path, fault))
    }

    fn sealed(&mut self, signer: &Signer) -> Result<Written, Fault> {
        if self.failed {
            return Err(Fault::Unfinished);
        }
        let manifest = Manifest {
            format: PACKAGE_FORMAT.to_owned(),
            head: self.head.clone(),
            recipients: std::mem::take(&mut self.recipients),
            files: std::mem::take(&mut self.files),
            media: MediaTotals::of(std::mem::take(&mut self.media), self.media_bytes)?,
        };
        manifest.check()?;
        let bytes = manifest.to_bytes();
        if bytes.len() as u64 > MANIFEST_BYTES_MAX {
            return Err(Fault::TooLarge { what: "its manifest", max: MANIFEST_BYTES_MAX });
        }
        let signature = signer.sign(&bytes, self.seconds())?;
        self.stream(MANIFEST_FILE, bytes.len() as u64, &mut bytes.as_slice())?;
        self.stream(SIGNATURE_FILE, signature.len() as u64, &mut signature.as_bytes())?;
        let mut out = self.out.take().ok_or(Fault::Unfinished)?;
        let sealed = out.write_all(&[0; END_BYTES]).and_then(|()| out.finish());
        let placed = sealed.map_err(io("write")).and_then(|file| {
            file.file.sync_all().map_err(io("make durable"))?;
            disk::rename(&self.unfinished, &self.path)?;
            Ok(file)
        });
        let file = placed.inspect_err(|_| drop(std::fs::remove_file(&self.unfinished)))?;
        Ok(Written {
            sha256: Sha256(file.hasher.finalize().into()),
            bytes: file.bytes,
            id: Sha256(sha2::Sha256::digest(&bytes).into()),
            files: manifest.files,
            media: manifest.media,
        })
    }
}

impl Drop for PackageWriter {
    fn drop(&mut self) {
        if self.out.take().is_some() {
            // What is left of it says nothing to anybody, and the next attempt writes over it.
            drop(std::fs::remove_file(&self.unfinished));
        }
    }
}

/// Encrypts to recipients that were checked before.
fn encrypted<W: Write>(recipients: &[Recipient], to: W) -> Result<StreamWriter<W>, Fault> {
    let refused = |what: String| Fault::Library { library: "age", what };
    let keys: Result<Vec<_>, _> = recipients.iter().map(|one| x25519::Recipient::from_str(&one.key)).collect();
    let keys = keys.map_err(|what| refused(what.to_owned()))?;
    let encryptor = age::Encryptor::with_recipients(keys.iter().map(|key| key as &dyn age::Recipient));
    encryptor.map_err(|error| refused(error.to_string()))?.wrap_output(to).map_err(io("write"))
}

/// A file that is hashed while it is written.
struct HashedFile {
    file: File,
    hasher: sha2::Sha256,
    bytes: u64,
}

impl HashedFile {
    fn new(file: File) -> Self {
        Self { file, hasher: sha2::Sha256::new(), bytes: 0 }
    }
}

impl Write for HashedFile {
    fn write(&mut self, piece: &[u8]) -> std::io::Result<usize> {
        let got = self.file.write(piece)?;
        self.hasher.update(&piece[..got]);
        self.bytes += got as u64;
        Ok(got)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// Holds a file until its length is known: encrypted, and under no name, so that the system takes it away whatever happens.
struct Spool {
    out: StreamWriter<File>,
    key: x25519::Identity,
    bytes: u64,
}

impl Spool {
    fn begin(path: &Path) -> Result<Self, Fault> {
        let file = disk::create(path)?;
        std::fs::remove_file(path).map_err(io("write beside"))?;
        let key = x25519::Identity::generate();
        let recipient = Recipient { name: String::new(), key: key.to_public().to_string() };
        Ok(Self { out: encrypted(&[recipient], file)?, key, bytes: 0 })
    }

    /// Gives its length, and reads it back.
    fn finish(self) -> Result<(u64, StreamReader<File>), Fault> {
        let mut file = self.out.finish().map_err(io("write beside"))?;
        file.rewind().map_err(io("read back beside"))?;
        let refused = |error: age::DecryptError| Fault::Library { library: "age", what: error.to_string() };
        let reader = age::Decryptor::new(file).and_then(|file| file.decrypt(std::iter::once(&self.key as _)));
        Ok((self.bytes, reader.map_err(refused)?))
    }
}

impl Write for Spool {
    fn write(&mut self, piece: &[u8]) -> std::io::Result<usize> {
        let got = self.out.write(piece)?;
        self.bytes += got as u64;
        Ok(got)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}
