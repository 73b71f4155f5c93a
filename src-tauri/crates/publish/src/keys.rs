//! Keys in files of their own: made here, never overwritten, readable by their owner alone.
//!
//! A folder of keys may hold only those that a command needs: for the daily work timestamp, snapshot and targets, while
//! the root keys lie in different safes. The files are not encrypted: the disk or stick that they lie on has to be.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::disk;
use crate::error::{PublishError, io_at};
use crate::metadata::{Duty, key_id};

/// End of the names of key files.
const KEY_FILE: &str = ".key";
/// Form of a key file that this program writes and reads.
const KEY_SCHEMA: u32 = 1;
/// Most keys of one duty that a folder may have over the years.
const KEYS_MAX: u32 = 10_000;

/// What a key file holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    schema: u32,
    duty: Duty,
    key_id: String,
    /// Ed25519 public key, in hex.
    public: String,
    /// The pair, PKCS #8 version 2 (RFC 5958), in hex.
    pkcs8: String,
}

/// A key that can sign.
pub(crate) struct Key {
    /// Its id in metadata.
    pub id: String,
    /// Public half, in hex.
    pub public: String,
    /// Its file.
    pub path: PathBuf,
    pair: Ed25519KeyPair,
}

impl Key {
    /// Signs bytes; gives hex.
    pub(crate) fn sign(&self, bytes: &[u8]) -> String {
        hex(self.pair.sign(bytes).as_ref())
    }
}

/// Makes a key by the random numbers of the system, and writes its file under the next free name. `before` is the number
/// of keys that the duty ever had: those that lie in safes keep their names to themselves.
pub(crate) fn create(folder: &Path, duty: Duty, before: u32) -> Result<Key, PublishError> {
    let wrong = |what: &str| PublishError::Key { path: folder.to_owned(), what: what.to_owned() };
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
        .map_err(|_| wrong("the system gives no random numbers"))?;
    let pkcs8 = Zeroizing::new(document.as_ref().to_vec());
    let path = free_name(folder, duty, before)?;
    let key = key_of(&pkcs8, &path).ok_or_else(|| wrong("the key that was just made cannot be read"))?;
    let file =
        KeyFile { schema: KEY_SCHEMA, duty, key_id: key.id.clone(), public: key.public.clone(), pkcs8: hex(&pkcs8) };
    let text = Zeroizing::new(disk::json_bytes(&file));
    let _pkcs8 = Zeroizing::new(file.pkcs8);
    let mut out = disk::create_new(&path)?;
    out.write_all(&text).and_then(|()| out.sync_all()).map_err(io_at("write", &path))?;
    disk::sync_dir(folder)?;
    Ok(key)
}

fn free_name(folder: &Path, duty: Duty, before: u32) -> Result<PathBuf, PublishError> {
    let names = (before.saturating_add(1)..=KEYS_MAX).map(|number| folder.join(format!("{duty}-{number}{KEY_FILE}")));
    names.into_iter().find(|path| !path.exists()).ok_or_else(|| PublishError::Key {
        path: folder.to_owned(),
        what: format!("it holds {KEYS_MAX} keys of this duty. Name another folder with --keys"),
    })
}

/// Reads every key file of a folder; gives them by key id.
pub(crate) fn load(folder: &Path) -> Result<BTreeMap<String, Key>, PublishError> {
    let mut keys = BTreeMap::new();
    for name in disk::names(folder)?.into_iter().filter(|name| name.ends_with(KEY_FILE)) {
        let path = folder.join(name);
        let wrong = |what: &str| PublishError::Key { path: path.clone(), what: what.to_owned() };
        let bytes = Zeroizing::new(disk::read(&path)?);
        let file: KeyFile = serde_json::from_slice(&bytes).map_err(|_| wrong("it is no key file of this program"))?;
        let text = Zeroizing::new(file.pkcs8);
        let pkcs8 = Zeroizing::new(unhex(&text).ok_or_else(|| wrong("its key is not in hex"))?);
        let key = key_of(&pkcs8, &path).ok_or_else(|| wrong("its key is damaged"))?;
        if file.schema != KEY_SCHEMA || key.id != file.key_id {
            return Err(wrong("its key is not the one that it names"));
        }
        keys.insert(key.id.clone(), key);
    }
    Ok(keys)
}

fn key_of(pkcs8: &[u8], path: &Path) -> Option<Key> {
    let pair = Ed25519KeyPair::from_pkcs8(pkcs8).ok()?;
    let public = hex(pair.public_key().as_ref());
    Some(Key { id: key_id(&public), public, path: path.to_owned(), pair })
}

/// Tells whether a signature in hex is that of a public key in hex.
pub(crate) fn verifies(public: &str, bytes: &[u8], signature: &str) -> bool {
    let Some((public, signature)) = unhex(public).zip(unhex(signature)) else { return false };
    UnparsedPublicKey::new(&ED25519, public).verify(bytes, &signature).is_ok()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        out.push(char::from(b"0123456789abcdef"[usize::from(byte >> 4)]));
        out.push(char::from(b"0123456789abcdef"[usize::from(byte & 15)]));
        out
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| Some((digit(pair[0])? << 4 | digit(*pair.get(1)?)?) as u8)).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn keys_go_round_and_are_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let first = create(dir.path(), Duty::Root, 0).unwrap();
        let second = create(dir.path(), Duty::Root, 0).unwrap();
        assert_eq!(disk::names(dir.path()).unwrap(), ["root-1.key", "root-2.key"]);
        let mode = std::fs::metadata(dir.path().join("root-1.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let keys = load(dir.path()).unwrap();
        let signature = keys[&first.id].sign(b"text");
        assert!(verifies(&first.public, b"text", &signature));
        assert!(!verifies(&second.public, b"text", &signature) && !verifies(&first.public, b"texT", &signature));
    }

    #[test]
    fn a_damaged_key_file_is_named() {
        let dir = tempfile::tempdir().unwrap();
        create(dir.path(), Duty::Targets, 0).unwrap();
        let path = dir.path().join("targets-1.key");
        let text = String::from_utf8(disk::read(&path).unwrap()).unwrap();
        std::fs::write(&path, text.replace("\"key_id\": \"", "\"key_id\": \"0")).unwrap();
        let error = load(dir.path()).err().unwrap().to_string();
        assert!(error.contains("targets-1.key"), "{error}");
    }
}
