//! Signed metadata of The Update Framework (specification 1.0), with consistent snapshots and Ed25519.
//!
//! Only what a publisher needs: root, timestamp, snapshot and targets without delegations. The key id is the SHA-256 of the
//! canonical JSON of the key, as securesystemslib computes it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use domain::UtcTime;
use domain::release::ReleaseFile;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::canon::canonical;
use crate::disk;
use crate::error::PublishError;
use crate::keys::{self, Key};

/// Version of the specification that the metadata follow.
const SPEC_VERSION: &str = "1.0.31";
const KEY_TYPE: &str = "ed25519";

/// Names what a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Duty {
    /// Says which keys have which duty.
    Root,
    /// Says that the newest release is the newest.
    Timestamp,
    /// Says which metadata belong together.
    Snapshot,
    /// Says which files are released.
    Targets,
}

impl Duty {
    /// The duties whose keys the daily work needs.
    pub const DAILY: [Self; 3] = [Self::Timestamp, Self::Snapshot, Self::Targets];
}

impl fmt::Display for Duty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Root => "root",
            Self::Timestamp => "timestamp",
            Self::Snapshot => "snapshot",
            Self::Targets => "targets",
        })
    }
}

impl FromStr for Duty {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let all = [Self::Root, Self::Timestamp, Self::Snapshot, Self::Targets];
        let found = all.into_iter().find(|duty| duty.to_string() == text);
        found.ok_or_else(|| format!("a role is root, timestamp, snapshot or targets, not `{text}`"))
    }
}

/// A public key, as metadata write it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PublicKey {
    keytype: String,
    scheme: String,
    keyval: KeyValue,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct KeyValue {
    public: String,
}

impl PublicKey {
    fn of(public: &str) -> Self {
        let keyval = KeyValue { public: public.to_owned() };
        Self { keytype: KEY_TYPE.to_owned(), scheme: KEY_TYPE.to_owned(), keyval }
    }
}

/// Computes the id of a public key in hex.
pub(crate) fn key_id(public: &str) -> String {
    let key = json!(PublicKey::of(public));
    disk::sha256(&canonical(&key).expect("a key has texts alone")).to_string()
}

/// The keys of one duty, and how many of them have to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DutyKeys {
    /// Ids of the keys.
    pub keyids: BTreeSet<String>,
    /// How many have to sign.
    pub threshold: usize,
}

/// The signed part of root metadata.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Root {
    #[serde(rename = "_type")]
    kind: String,
    spec_version: String,
    /// Version, from 1.
    pub version: u64,
    /// Until when it holds.
    pub expires: UtcTime,
    consistent_snapshot: bool,
    keys: BTreeMap<String, PublicKey>,
    /// Who has which duty.
    pub roles: BTreeMap<Duty, DutyKeys>,
}

impl Root {
    /// Makes the first root, or the next one, out of public keys by duty and the threshold of the root keys.
    pub(crate) fn new(version: u64, expires: UtcTime, keys: &BTreeMap<Duty, Vec<String>>, threshold: usize) -> Self {
        let roles = keys.iter().map(|(duty, publics)| {
            let threshold = if *duty == Duty::Root { threshold } else { 1 };
            (*duty, DutyKeys { keyids: publics.iter().map(|public| key_id(public)).collect(), threshold })
        });
        Self {
            kind: "root".to_owned(),
            spec_version: SPEC_VERSION.to_owned(),
            version,
            expires,
            consistent_snapshot: true,
            roles: roles.collect(),
            keys: keys.values().flatten().map(|public| (key_id(public), PublicKey::of(public))).collect(),
        }
    }

    /// Lists the public keys by duty.
    pub(crate) fn publics(&self) -> BTreeMap<Duty, Vec<String>> {
        let of = |duty: &DutyKeys| {
            let keys = duty.keyids.iter().filter_map(|id| self.keys.get(id));
            keys.map(|key| key.keyval.public.clone()).collect()
        };
        self.roles.iter().map(|(duty, keys)| (*duty, of(keys))).collect()
    }

    /// Tells the keys of a duty.
    pub(crate) fn duty(&self, duty: Duty) -> Option<&DutyKeys> {
        self.roles.get(&duty)
    }

    /// Counts the keys of a duty that have signed `envelope`.
    fn signers(&self, duty: Duty, envelope: &Envelope) -> usize {
        let Some((duty, bytes)) = self.duty(duty).zip(canonical(&envelope.signed)) else { return 0 };
        let valid = envelope.signatures.iter().filter(|signature| {
            let key = self.keys.get(&signature.keyid).filter(|key| key.scheme == KEY_TYPE);
            let listed = duty.keyids.contains(&signature.keyid);
            // A key under two ids is one key, so the id has to be that of the key.
            let own = key.is_some_and(|key| key_id(&key.keyval.public) == signature.keyid);
            listed && own && key.is_some_and(|key| keys::verifies(&key.keyval.public, &bytes, &signature.sig))
        });
        valid.map(|signature| &signature.keyid).collect::<BTreeSet<_>>().len()
    }

    /// Reads root metadata and checks that its own root keys have signed it.
    pub(crate) fn read(path: &Path, bytes: &[u8]) -> Result<Self, PublishError> {
        let wrong = |what: String| PublishError::refused(path, what, "Name root metadata of TUF, signed with Ed25519");
        let envelope: Envelope =
            serde_json::from_slice(bytes).map_err(|error| wrong(format!("it is no signed metadata: {error}")))?;
        let root: Self = serde_json::from_value(envelope.signed.clone())
            .map_err(|error| wrong(format!("it is no root metadata: {error}")))?;
        let threshold = root.duty(Duty::Root).map_or(0, |duty| duty.threshold);
        let signers = root.signers(Duty::Root, &envelope);
        if root.kind != "root" || threshold == 0 || signers < threshold {
            return Err(wrong(format!("{signers} of its root keys have signed it, and {threshold} have to")));
        }
        Ok(root)
    }

    /// Tells whether enough keys of a duty have signed a file; a root vouches for the next one by [`Duty::Root`].
    pub(crate) fn vouches_for(&self, duty: Duty, bytes: &[u8]) -> bool {
        let Ok(envelope) = serde_json::from_slice::<Envelope>(bytes) else { return false };
        self.duty(duty).is_some_and(|keys| keys.threshold > 0 && self.signers(duty, &envelope) >= keys.threshold)
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Signature {
    keyid: String,
    sig: String,
}

/// Metadata with its signatures.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Envelope {
    signatures: Vec<Signature>,
    signed: Value,
}

/// Gives the bytes of the file of signed metadata.
pub(crate) fn sign(signed: Value, keys: &[&Key]) -> Vec<u8> {
    let bytes = canonical(&signed).expect("the metadata of this file have no fractions");
    let signatures = keys.iter().map(|key| Signature { keyid: key.id.clone(), sig: key.sign(&bytes) });
    disk::json_bytes(&Envelope { signatures: signatures.collect(), signed })
}

/// Says of a metadata file what the file above it has to say.
fn meta(version: u64, bytes: &[u8]) -> Value {
    json!({"version": version, "length": bytes.len(), "hashes": {"sha256": disk::sha256(bytes)}})
}

fn head(kind: Duty, version: u64, expires: UtcTime) -> Value {
    json!({"_type": kind, "spec_version": SPEC_VERSION, "version": version, "expires": expires})
}

/// Makes the signed part of root metadata.
pub(crate) fn root(root: &Root) -> Value {
    json!(root)
}

/// Makes the signed part of targets metadata.
pub(crate) fn targets(version: u64, expires: UtcTime, files: &[ReleaseFile]) -> Value {
    let mut signed = head(Duty::Targets, version, expires);
    let entry =
        |file: &ReleaseFile| (file.target.clone(), json!({"length": file.bytes, "hashes": {"sha256": file.sha256}}));
    signed["targets"] = Value::Object(files.iter().map(entry).collect());
    signed
}

/// Makes the signed part of snapshot metadata, which names the targets metadata.
pub(crate) fn snapshot(version: u64, expires: UtcTime, targets: (u64, &[u8])) -> Value {
    let mut signed = head(Duty::Snapshot, version, expires);
    signed["meta"] = json!({"targets.json": meta(targets.0, targets.1)});
    signed
}

/// Makes the signed part of timestamp metadata, which names the snapshot metadata.
pub(crate) fn timestamp(version: u64, expires: UtcTime, snapshot: (u64, &[u8])) -> Value {
    let mut signed = head(Duty::Timestamp, version, expires);
    signed["meta"] = json!({"snapshot.json": meta(snapshot.0, snapshot.1)});
    signed
}

const SECOND_MICROSECONDS: i64 = 1_000_000;
const DAY_MICROSECONDS: i64 = 86_400 * SECOND_MICROSECONDS;

/// Gives the moment so many days later, in whole seconds: TUF writes no fractions.
pub(crate) fn days_after(now: UtcTime, days: u32) -> UtcTime {
    let end = now.0.saturating_add(i64::from(days).saturating_mul(DAY_MICROSECONDS));
    UtcTime(end.div_euclid(SECOND_MICROSECONDS) * SECOND_MICROSECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_counts_each_key_once_and_strangers_never() {
        let dir = tempfile::tempdir().unwrap();
        let made: Vec<Key> = (0..3).map(|_| keys::create(dir.path(), Duty::Root, 0).unwrap()).collect();
        let publics = made[..2].iter().map(|key| key.public.clone()).collect();
        let first = Root::new(1, UtcTime(0), &BTreeMap::from([(Duty::Root, publics)]), 2);
        let path = Path::new("1.root.json");
        let read = |signers: &[&Key]| Root::read(path, &sign(root(&first), signers));
        assert_eq!(read(&[&made[0], &made[1]]).unwrap(), first);
        assert!(read(&[&made[0], &made[0]]).is_err());
        assert!(read(&[&made[0], &made[2]]).is_err());
        let bytes = String::from_utf8(sign(root(&first), &[&made[0], &made[1]])).unwrap();
        assert!(Root::read(path, bytes.replace("\"version\": 1", "\"version\": 2").as_bytes()).is_err());
        assert!(first.vouches_for(Duty::Root, bytes.as_bytes()));
    }

    #[test]
    fn expiries_have_whole_seconds() {
        assert_eq!(days_after(UtcTime(1_500_000), 1).to_string(), "1970-01-02T00:00:01Z");
    }
}
