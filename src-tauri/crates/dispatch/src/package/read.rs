//! Verifies and opens packages. Every check is made in a whole pass before the first byte of content is given to anybody; the
//! pass that gives it makes them again.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use age::x25519;
use domain::release::{Lead, Leads};
use domain::{Sha256, UtcTime};
use serde::Serialize;
use sha2::Digest as _;

use super::disk::{self, io};
use super::entry;
use super::fault::{Fault, PackageError};
use super::flow::{self, Flow, MAGIC, Visit};
use super::manifest::{Head, Manifest, MediaTotals, Name, PackageFile, Recipient};
use super::{
    FILES_MAX, MANIFEST_BYTES_MAX, MANIFEST_FILE, MEDIA_FOLDER, MEDIA_MAX, SIGNATURE_BYTES_MAX, SIGNATURE_FILE, keys,
};

/// What is added to the name of a folder until every file is in it.
const UNFINISHED: &str = ".part";

/// A package of which every check has held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Opened {
    /// SHA-256 of its manifest: the package's id, however often it is encrypted anew.
    pub id: Sha256,
    /// SHA-256 of the package.
    pub sha256: Sha256,
    /// Its length.
    pub bytes: u64,
    /// What it is.
    pub head: Head,
    /// The team lead whose key has signed it, as the list has them.
    pub signer: Lead,
    /// Number of that key, as minisign shows it.
    pub key_id: String,
    /// For whom it is.
    pub recipients: Vec<Recipient>,
    /// The name under which it is for whoever opens it.
    pub recipient: String,
    /// Named files in it.
    pub files: Vec<PackageFile>,
    /// Media in it.
    pub media: MediaTotals,
}

/// What is done with each file of a package: what the package is, the file's name, its content.
pub type EachFile<'a, E> = &'a mut dyn FnMut(&Opened, &str, &mut dyn Read) -> Result<(), E>;

/// Tells whether a file begins like a package. What it is in truth says [`verify`].
pub fn is_package(path: &Path) -> Result<bool, PackageError> {
    let mut begin = Vec::new();
    let file = disk::open(path).map_err(|fault| PackageError::new(path, fault))?;
    let read = file.take(MAGIC.len() as u64).read_to_end(&mut begin);
    read.map_err(|source| PackageError::new(path, Fault::Io { action: "read", source }))?;
    Ok(begin == MAGIC)
}

/// Checks a package and writes nothing. `identity` is the text of a file of reading keys; `trusted` the list of team leads.
pub fn verify(path: &Path, identity: &str, trusted: &Leads, now: UtcTime) -> Result<Opened, PackageError> {
    let verified = Package::new(path, identity).and_then(|package| package.verified(trusted, now));
    verified.map(|verified| verified.opened).map_err(|fault| PackageError::new(path, fault))
}

/// Checks a package and gives its files, one after the other, to `each`, with what it is and the file's name. A file need not
/// be read to its end. Nothing is given before everything was checked; but whoever keeps something must drop it again when
/// this ends in an error.
pub fn open_for<E: From<PackageError>>(
    path: &Path,
    identity: &str,
    trusted: &Leads,
    now: UtcTime,
    each: EachFile<'_, E>,
) -> Result<Opened, E> {
    let at = |fault| PackageError::new(path, fault);
    let package = Package::new(path, identity).map_err(at)?;
    let Verified { opened, manifest, .. } = package.verified(trusted, now).map_err(at)?;
    let mut stopped = None;
    let walked = package.walk(&mut |name, from| {
        each(&opened, name, from).map_err(|error| {
            stopped = Some(error);
            Fault::Unfinished
        })
    });
    // That a file is damaged says more than what was made of it.
    if let (Err(Fault::Unfinished), Some(error)) = (&walked, stopped) {
        return Err(error);
    }
    let again = walked.and_then(Walked::checked).map_err(at)?;
    // Whoever could write to the file between the passes must not have slipped another package in.
    if again.manifest != manifest {
        return Err(at(Fault::Damaged { file: MANIFEST_FILE.to_owned() }).into());
    }
    Ok(opened)
}

/// Checks a package and writes its files into the new folder `out`, with manifest and signature. The folder has its name only
/// when all is in it.
pub fn open(path: &Path, identity: &str, trusted: &Leads, now: UtcTime, out: &Path) -> Result<Opened, PackageError> {
    let unfinished = disk::beside(out, UNFINISHED);
    let at_out = |fault| PackageError::new(out, fault);
    if disk::is_there(out) {
        return Err(at_out(Fault::Exists));
    }
    let package = Package::new(path, identity).map_err(|fault| PackageError::new(path, fault))?;
    let verified = package.verified(trusted, now).map_err(|fault| PackageError::new(path, fault))?;
    disk::create_dir(&unfinished).map_err(|fault| PackageError::new(&unfinished, fault))?;
    let written = package.write_files(&verified, &unfinished).map_err(|fault| PackageError::new(path, fault));
    let placed = written.and_then(|()| disk::rename(&unfinished, out).map_err(at_out));
    if let Err(error) = placed {
        // What cannot be removed is a folder that says by its name that it is unfinished.
        drop(std::fs::remove_dir_all(&unfinished));
        return Err(error);
    }
    Ok(verified.opened)
}

/// A package and the keys with which it is read.
struct Package {
    file: File,
    identities: Vec<x25519::Identity>,
}

/// What a pass over a package has found.
struct Walked {
    files: Vec<PackageFile>,
    media: Vec<[u8; 32]>,
    media_bytes: u64,
    manifest: Vec<u8>,
    signature: Vec<u8>,
    sha256: Sha256,
    bytes: u64,
}

struct Verified {
    opened: Opened,
    manifest: Vec<u8>,
    signature: Vec<u8>,
}

impl Package {
    fn new(path: &Path, identity: &str) -> Result<Self, Fault> {
        let identities = keys::identities(identity)?;
        let file = disk::open(path)?;
        Ok(Self { file, identities })
    }

    /// Makes every check.
    fn verified(&self, trusted: &Leads, now: UtcTime) -> Result<Verified, Fault> {
        let walked = self.walk(&mut |_, _| Ok(()))?;
        let signature = String::from_utf8(walked.signature.clone()).map_err(|_| Fault::BadSignature)?;
        let signer = trusted_signer(&walked.manifest, &signature, trusted)?;
        let manifest = Manifest::read(&walked.manifest)?;
        for at in [manifest.head.made, now] {
            if at < signer.from || at >= signer.until {
                let name = domain::escaped(signer.name.as_bytes());
                return Err(Fault::ExpiredSigner { name, from: signer.from, until: signer.until, at });
            }
        }
        let mine: Vec<String> = self.identities.iter().map(|key| key.to_public().to_string()).collect();
        let Some(recipient) = manifest.recipients.iter().find(|one| mine.contains(&one.key)) else {
            let names = manifest.recipients.iter().map(|one| domain::escaped(one.name.as_bytes()));
            return Err(Fault::Forwarded { to: names.collect::<Vec<_>>().join(", ") });
        };
        let (sha256, bytes) = (walked.sha256, walked.bytes);
        let Walked { manifest: signed, signature, .. } = walked.checked()?;
        let opened = Opened {
            id: Sha256(sha2::Sha256::digest(&signed).into()),
            sha256,
            bytes,
            signer: signer.clone(),
            key_id: keys::key_id_of(signer),
            recipient: recipient.name.clone(),
            recipients: manifest.recipients,
            head: manifest.head,
            files: manifest.files,
            media: manifest.media,
        };
        Ok(Verified { opened, manifest: signed, signature })
    }

    /// Writes the files of a verified package into a folder.
    fn write_files(&self, verified: &Verified, folder: &Path) -> Result<(), Fault> {
        if verified.opened.media.count > 0 {
            disk::create_dir(&folder.join(MEDIA_FOLDER))?;
        }
        let put = |name: &str, from: &mut dyn Read, synced: bool| {
            let mut file = disk::create_new(&folder.join(name))?;
            std::io::copy(from, &mut file).map_err(io("write the files of"))?;
            // To wait for the disk after each of many media takes minutes; the package stays, and can be opened again.
            if synced { file.sync_all().map_err(io("make durable the files of")) } else { Ok(()) }
        };
        let walked = self.walk(&mut |name, from| put(name, from, !name.starts_with(MEDIA_FOLDER)))?.checked()?;
        if walked.manifest != verified.manifest {
            return Err(Fault::Damaged { file: MANIFEST_FILE.to_owned() });
        }
        put(MANIFEST_FILE, &mut verified.manifest.as_slice(), true)?;
        put(SIGNATURE_FILE, &mut verified.signature.as_slice(), true)?;
        disk::sync_dir(folder)
    }

    /// Passes over the whole package: decrypts it, hashes every file, and checks that nothing else is in it.
    fn walk(&self, visit: Visit<'_>) -> Result<Walked, Fault> {
        let (mut flow, input) = flow::decrypted(&self.file, &self.identities)?;
        let mut walked = Walked {
            files: Vec::new(),
            media: Vec::new(),
            media_bytes: 0,
            manifest: Vec::new(),
            signature: Vec::new(),
            sha256: Sha256([0; 32]),
            bytes: 0,
        };
        while walked.signature.is_empty() {
            let Some((name, bytes)) = entry::read(&flow.block()?, &flow.at)? else {
                let file = if walked.manifest.is_empty() { MANIFEST_FILE } else { SIGNATURE_FILE };
                return Err(Fault::Missing { file: file.to_owned() });
            };
            walked.take(&mut flow, name, bytes, visit)?;
        }
        flow.end()?;
        drop(flow);
        (walked.sha256, walked.bytes) = input.finish();
        Ok(walked)
    }
}

impl Walked {
    /// Takes one file.
    fn take(&mut self, flow: &mut Flow<'_>, name: Name, bytes: u64, visit: Visit<'_>) -> Result<(), Fault> {
        let shown = match &name {
            Name::Named(name) => name.clone(),
            Name::Medium(sha256) => super::media_name(sha256),
            Name::Manifest => MANIFEST_FILE.to_owned(),
            Name::Signature => SIGNATURE_FILE.to_owned(),
        };
        flow.at.clone_from(&shown);
        if !self.manifest.is_empty() && name != Name::Signature {
            return Err(Fault::Extra { after: MANIFEST_FILE.to_owned() });
        }
        let too_many = |what, max: usize| Err(Fault::TooLarge { what, max: max as u64 });
        match name {
            Name::Named(_) if self.files.len() == FILES_MAX => too_many("the number of its files", FILES_MAX),
            Name::Named(name) if self.files.iter().any(|file| file.name == name) => Err(Fault::Twice { file: name }),
            Name::Named(name) => {
                let sha256 = flow.file(&name, bytes, visit)?;
                self.files.push(PackageFile { name, bytes, sha256 });
                Ok(())
            }
            Name::Medium(_) if self.media.len() == MEDIA_MAX => too_many("the number of its media", MEDIA_MAX),
            Name::Medium(named) => {
                if flow.file(&shown, bytes, visit)? != named {
                    return Err(Fault::Damaged { file: shown });
                }
                self.media.push(named.0);
                self.media_bytes = self.media_bytes.saturating_add(bytes);
                Ok(())
            }
            Name::Manifest => {
                self.manifest = flow.text(bytes, "its manifest", MANIFEST_BYTES_MAX)?;
                Ok(())
            }
            Name::Signature if self.manifest.is_empty() => Err(Fault::Missing { file: MANIFEST_FILE.to_owned() }),
            Name::Signature => {
                self.signature = flow.text(bytes, "its signature", SIGNATURE_BYTES_MAX)?;
                Ok(())
            }
        }
    }

    /// Compares what was found with what was signed.
    fn checked(mut self) -> Result<Self, Fault> {
        let manifest = Manifest::read(&self.manifest)?;
        for found in &self.files {
            match manifest.files.iter().find(|listed| listed.name == found.name) {
                None => return Err(Fault::Unlisted { file: found.name.clone() }),
                Some(listed) if listed != found => return Err(Fault::Damaged { file: found.name.clone() }),
                Some(_) => {}
            }
        }
        let is_there = |listed: &&PackageFile| self.files.iter().any(|found| found.name == listed.name);
        if let Some(listed) = manifest.files.iter().find(|listed| !is_there(listed)) {
            return Err(Fault::Missing { file: listed.name.clone() });
        }
        let media = MediaTotals::of(std::mem::take(&mut self.media), self.media_bytes)?;
        if media != manifest.media {
            let folder = format!("{MEDIA_FOLDER}/");
            let (found, listed) = (media.count, manifest.media.count);
            return Err(match found.cmp(&listed) {
                std::cmp::Ordering::Less => Fault::Missing { file: folder },
                std::cmp::Ordering::Greater => Fault::Unlisted { file: folder },
                std::cmp::Ordering::Equal => Fault::Damaged { file: folder },
            });
        }
        Ok(self)
    }
}

/// Finds the team lead who has signed, and whose key is trusted.
fn trusted_signer<'a>(manifest: &[u8], signature: &str, trusted: &'a Leads) -> Result<&'a Lead, Fault> {
    let signer = keys::signer_of(manifest, signature, &trusted.leads)?;
    if signer.revoked {
        let name = domain::escaped(signer.name.as_bytes());
        return Err(Fault::RevokedSigner { name, key_id: keys::key_id_of(signer) });
    }
    Ok(signer)
}
