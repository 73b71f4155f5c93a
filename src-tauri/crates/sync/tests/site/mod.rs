//! A publisher and a workstation for the tests: signs a repository with code of its own, and runs the real program.
//!
//! Nothing here is shared with the client: what both would get wrong in the same way, a test could not see.

#![allow(dead_code, reason = "each test program uses its part")]
#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use domain::release::{
    DeltaFile, Enrolment, FloodLimits, INDEX_TARGET, MinimumVersions, PartFile, ReleaseFile, ReleaseIndex,
    SnapshotIndex, TRUST_MAP_TARGET,
};
use domain::{Role, SetVersion, Sha256, UtcTime, VerdictBasis};
use serde_json::{Value, json};

/// The time of the tests.
pub const NOW: &str = "2026-06-01T12:00:00Z";

#[expect(clippy::disallowed_methods, reason = "reads what the tests wrote")]
pub fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn sha256(bytes: &[u8]) -> String {
    hex(digest(&SHA256, bytes).as_ref())
}

/// Canonical JSON in the form of OLPC: keys sorted, no space, only `"` and `\` escaped.
pub fn canonical(value: &Value) -> String {
    match value {
        Value::String(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        Value::Object(map) => {
            let sorted: BTreeMap<_, _> = map.iter().collect();
            let pairs = sorted.iter().map(|(key, value)| format!("{}:{}", canonical(&json!(key)), canonical(value)));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

/// A signing key.
#[derive(Clone)]
pub struct Key {
    seed: [u8; 32],
    /// Its id, which may be set to another.
    pub id: String,
}

impl Key {
    pub fn new(name: &str) -> Self {
        let seed: [u8; 32] = digest(&SHA256, name.as_bytes()).as_ref().try_into().unwrap();
        let mut key = Self { seed, id: String::new() };
        key.id = sha256(canonical(&key.declared()).as_bytes());
        key
    }

    fn pair(&self) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&self.seed).unwrap()
    }

    pub fn declared(&self) -> Value {
        let public = hex(self.pair().public_key().as_ref());
        json!({"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": public}})
    }

    pub fn signature(&self, signed: &Value) -> Value {
        let signature = self.pair().sign(canonical(signed).as_bytes());
        json!({"keyid": self.id, "sig": hex(signature.as_ref())})
    }
}

/// Signs with all of these keys.
pub fn envelope(signed: Value, keys: &[Key]) -> Vec<u8> {
    let signatures: Vec<Value> = keys.iter().map(|key| key.signature(&signed)).collect();
    json!({"signed": signed, "signatures": signatures}).to_string().into_bytes()
}

/// A role: its keys, how many have to sign, and those that do.
#[derive(Clone)]
pub struct Signers {
    pub keys: Vec<Key>,
    pub threshold: usize,
    pub signing: Vec<Key>,
    pub version: u64,
    pub expires: String,
}

impl Signers {
    pub fn new(names: &[String], threshold: usize, expires: &str) -> Self {
        let keys: Vec<Key> = names.iter().map(|name| Key::new(name)).collect();
        Self { signing: keys[..threshold].to_vec(), keys, threshold, version: 1, expires: expires.to_owned() }
    }
}

/// A publisher with its repository.
#[derive(Clone)]
pub struct Site {
    pub dir: PathBuf,
    pub publisher: String,
    pub set: String,
    pub root: Signers,
    pub timestamp: Signers,
    pub snapshot: Signers,
    pub targets: Signers,
    /// Version of the set.
    pub version: u32,
    pub published: String,
    pub grace_days: u32,
    /// Every target, by name.
    pub files: BTreeMap<String, Vec<u8>>,
    pub address: Option<String>,
}

impl Site {
    /// Makes a repository at version 1 of its set.
    pub fn new(dir: &Path, publisher: &str) -> Self {
        let names = |role: &str, count: usize| -> Vec<String> {
            (0..count).map(|number| format!("{publisher} {role} {number}")).collect()
        };
        let mut site = Self {
            dir: dir.to_owned(),
            publisher: publisher.to_owned(),
            set: format!("{publisher}-set"),
            root: Signers::new(&names("root", 3), 2, "2027-06-01T00:00:00Z"),
            timestamp: Signers::new(&names("timestamp", 1), 1, "2026-06-08T00:00:00Z"),
            snapshot: Signers::new(&names("snapshot", 1), 1, "2026-07-01T00:00:00Z"),
            targets: Signers::new(&names("targets", 2), 2, "2026-08-30T00:00:00Z"),
            version: 1,
            published: "2026-06-01T06:00:00Z".to_owned(),
            grace_days: 10,
            files: BTreeMap::new(),
            address: None,
        };
        for folder in ["metadata", "targets"] {
            std::fs::create_dir_all(dir.join(folder)).unwrap();
        }
        site.write_root(&site.root.signing.clone());
        site.index();
        site.sign();
        site
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Names a target as it lies in the repository.
    pub fn stored(&self, target: &str) -> PathBuf {
        self.dir.join(format!("targets/{}.{target}", sha256(&self.files[target])))
    }

    pub fn root_signed(&self) -> Value {
        let roles = [
            ("root", &self.root),
            ("timestamp", &self.timestamp),
            ("snapshot", &self.snapshot),
            ("targets", &self.targets),
        ];
        let mut keys = serde_json::Map::new();
        let mut named = serde_json::Map::new();
        for (name, role) in roles {
            keys.extend(role.keys.iter().map(|key| (key.id.clone(), key.declared())));
            let ids: Vec<&String> = role.keys.iter().map(|key| &key.id).collect();
            named.insert(name.to_owned(), json!({"keyids": ids, "threshold": role.threshold}));
        }
        json!({
            "_type": "root", "spec_version": "1.0.33", "version": self.root.version, "expires": self.root.expires,
            "consistent_snapshot": true, "keys": keys, "roles": named,
        })
    }

    /// Writes the root of this version, signed by these keys.
    pub fn write_root(&self, signers: &[Key]) {
        let bytes = envelope(self.root_signed(), signers);
        std::fs::write(self.path(&format!("metadata/{}.root.json", self.root.version)), bytes).unwrap();
    }

    /// Makes the next root: changes the roles as told, and signs with enough keys of before and after.
    pub fn rotate(&mut self, change: impl FnOnce(&mut Self)) {
        let mut signers = self.root.signing.clone();
        change(self);
        self.root.version += 1;
        for key in self.root.signing.clone() {
            if !signers.iter().any(|other| other.id == key.id) {
                signers.push(key);
            }
        }
        self.write_root(&signers);
        self.next();
    }

    /// Gives a role one new key instead of those that it has.
    pub fn replace_key(role: &mut Signers, name: &str) {
        role.keys = vec![Key::new(name)];
        role.signing = role.keys.clone();
        role.threshold = 1;
    }

    fn add(&mut self, name: String, bytes: Vec<u8>) -> ReleaseFile {
        let file =
            ReleaseFile { target: name.clone(), sha256: sha256(&bytes).parse().unwrap(), bytes: bytes.len() as u64 };
        self.files.insert(name, bytes);
        file
    }

    /// The index of this version: a snapshot of version 1 in three parts, and a delta for each version since.
    pub fn release_index(&mut self) -> ReleaseIndex {
        let (publisher, set) = (self.publisher.clone(), self.set.clone());
        let content = |what: &str, length: usize| -> Vec<u8> {
            let seed = format!("{publisher} {what} ");
            seed.bytes().cycle().take(length).collect()
        };
        let parts: Vec<PartFile> = (0..3_u64)
            .map(|number| PartFile {
                number,
                file: self.add(
                    format!("{set}-part-{number:06}.parquet"),
                    content(&format!("part {number}"), 5000 + 900 * number as usize),
                ),
                entries: 10,
            })
            .collect();
        let result = |version: u32| -> Sha256 { sha256(format!("result {version}").as_bytes()).parse().unwrap() };
        let deltas: Vec<DeltaFile> = (2..=self.version)
            .map(|version| DeltaFile {
                version: SetVersion(version),
                file: self.add(
                    format!("{set}-delta-{:06}-{version:06}.parquet", version - 1),
                    content(&format!("delta {version}"), 2000),
                ),
                upserts: 1,
                withdrawals: 0,
                entries: 30 + u64::from(version) - 1,
                result_digest: result(version),
            })
            .collect();
        ReleaseIndex {
            schema: 1,
            publisher: self.publisher.parse().unwrap(),
            set: self.set.parse().unwrap(),
            title: format!("The set of {}", self.publisher),
            role: Role::Known,
            profile: None,
            scheme: None,
            basis: VerdictBasis::Membership,
            meanings: Default::default(),
            version: SetVersion(self.version),
            published: UtcTime::parse(&self.published).unwrap(),
            entries: 30 + u64::from(self.version) - 1,
            result_digest: result(self.version),
            grace_days: self.grace_days,
            limits: FloodLimits { upserts_max: 100, withdrawals_max: 100, quarantined_max: 100 },
            deltas,
            snapshot: SnapshotIndex { version: SetVersion(1), entries: 30, result_digest: result(1), parts },
        }
    }

    fn index(&mut self) {
        let index = self.release_index();
        self.files.insert(INDEX_TARGET.to_owned(), serde_json::to_vec(&index).unwrap());
    }

    pub fn targets_signed(&self) -> Value {
        let targets: serde_json::Map<String, Value> = self
            .files
            .iter()
            .map(|(name, bytes)| (name.clone(), json!({"length": bytes.len(), "hashes": {"sha256": sha256(bytes)}})))
            .collect();
        json!({
            "_type": "targets", "spec_version": "1.0.33", "version": self.targets.version,
            "expires": self.targets.expires, "targets": targets,
        })
    }

    fn pin(version: u64, bytes: &[u8]) -> Value {
        json!({"version": version, "length": bytes.len(), "hashes": {"sha256": sha256(bytes)}})
    }

    pub fn snapshot_signed(&self, targets: &[u8]) -> Value {
        json!({
            "_type": "snapshot", "spec_version": "1.0.33", "version": self.snapshot.version,
            "expires": self.snapshot.expires,
            "meta": {"targets.json": Self::pin(self.targets.version, targets)},
        })
    }

    pub fn timestamp_signed(&self, snapshot: &[u8]) -> Value {
        json!({
            "_type": "timestamp", "spec_version": "1.0.33", "version": self.timestamp.version,
            "expires": self.timestamp.expires,
            "meta": {"snapshot.json": Self::pin(self.snapshot.version, snapshot)},
        })
    }

    /// Writes every target and signs the metadata at the versions that it has.
    pub fn sign(&self) {
        for (name, bytes) in &self.files {
            if !name.contains('/') {
                std::fs::write(self.stored(name), bytes).unwrap();
            }
        }
        self.sign_targets(self.targets_signed());
    }

    /// Signs from these targets upwards.
    pub fn sign_targets(&self, signed: Value) {
        let targets = envelope(signed, &self.targets.signing);
        std::fs::write(self.path(&format!("metadata/{}.targets.json", self.targets.version)), &targets).unwrap();
        self.sign_snapshot(self.snapshot_signed(&targets));
    }

    /// Signs from this snapshot metadata upwards.
    pub fn sign_snapshot(&self, signed: Value) {
        let snapshot = envelope(signed, &self.snapshot.signing);
        std::fs::write(self.path(&format!("metadata/{}.snapshot.json", self.snapshot.version)), &snapshot).unwrap();
        self.sign_timestamp(self.timestamp_signed(&snapshot));
    }

    /// Signs the timestamp.
    pub fn sign_timestamp(&self, signed: Value) {
        std::fs::write(self.path("metadata/timestamp.json"), envelope(signed, &self.timestamp.signing)).unwrap();
    }

    /// Signs everything again under the next versions.
    pub fn next(&mut self) {
        for role in [&mut self.timestamp, &mut self.snapshot, &mut self.targets] {
            role.version += 1;
        }
        self.sign();
    }

    /// Makes the next release of the set.
    pub fn release(&mut self) {
        self.version += 1;
        self.index();
        self.next();
    }

    /// Changes the index as told and signs it under the next versions.
    pub fn with_index(&mut self, change: impl FnOnce(&mut ReleaseIndex)) {
        let mut index = self.release_index();
        change(&mut index);
        self.files.insert(INDEX_TARGET.to_owned(), serde_json::to_vec(&index).unwrap());
        self.next();
    }

    pub fn root_text(&self) -> String {
        String::from_utf8(read(&self.path(&format!("metadata/{}.root.json", self.root.version)))).unwrap()
    }

    pub fn enrolment(&self) -> Enrolment {
        Enrolment {
            schema: 1,
            publisher: self.publisher.parse().unwrap(),
            set: self.set.parse().unwrap(),
            title: format!("The set of {}", self.publisher),
            address: self.address.clone(),
            root: self.root_text(),
            minimum: MinimumVersions { root: 1, timestamp: 1, snapshot: 1 },
            limits: FloodLimits { upserts_max: 50, withdrawals_max: 200, quarantined_max: 100 },
        }
    }

    /// Says of a partner that it is trusted, in the next version.
    pub fn introduce(&mut self, partner: &Site, change: impl FnOnce(&mut Value)) {
        let name = format!("trust-{}.root.json", partner.publisher);
        let root = partner.root_text();
        let mut word = json!({
            "root_sha256": sha256(root.as_bytes()),
            "minimum": {"root": 1, "timestamp": 1, "snapshot": 1},
            "allowed_categories": null, "grace_days": 5, "address": partner.address, "revoked": false,
        });
        change(&mut word);
        let mut map: Value = match self.files.get(TRUST_MAP_TARGET) {
            Some(map) => serde_json::from_slice(map).unwrap(),
            None => json!({"schema": 1, "partners": {}}),
        };
        map["partners"][&partner.publisher] = word;
        self.files.insert(TRUST_MAP_TARGET.to_owned(), map.to_string().into_bytes());
        self.files.insert(name, root.into_bytes());
        self.next();
    }

    /// Keeps what the repository is now.
    pub fn copy_to(&self, dir: &Path) {
        for folder in ["metadata", "targets"] {
            std::fs::create_dir_all(dir.join(folder)).unwrap();
            for entry in std::fs::read_dir(self.path(folder)).unwrap() {
                let entry = entry.unwrap();
                std::fs::copy(entry.path(), dir.join(folder).join(entry.file_name())).unwrap();
            }
        }
    }
}

/// What a run of the program gave.
#[derive(Debug)]
pub struct Outcome {
    pub code: i32,
    pub lines: Vec<Value>,
    pub stderr: String,
}

impl Outcome {
    pub fn handovers(&self) -> Vec<&Value> {
        self.lines.iter().filter_map(|line| line.get("handover")).collect()
    }

    /// Gives the handover of a publisher.
    pub fn of(&self, publisher: &str) -> &Value {
        let found: Vec<&Value> = self.handovers().into_iter().filter(|one| one["publisher"] == publisher).collect();
        assert_eq!(found.len(), 1, "one handover of {publisher}: {self:?}");
        found[0]
    }

    /// Asserts that everything was verified.
    pub fn accepted(&self) -> &Self {
        assert!(self.handovers().iter().all(|one| one["outcome"] == "verified"), "{self:?}");
        assert!(self.code == 0 && !self.handovers().is_empty(), "{self:?}");
        self
    }

    /// Asserts that the first publisher was refused with this code, and gives the message.
    pub fn refused(&self, code: &str) -> &str {
        let all = self.handovers();
        assert_eq!((self.code, all.len()), (1, 1), "{self:?}");
        assert_eq!(all[0]["outcome"], "refused", "{self:?}");
        assert_eq!(all[0]["code"], code, "{self:?}");
        all[0]["message"].as_str().unwrap()
    }

    pub fn notes(&self) -> Vec<&str> {
        self.lines.iter().filter_map(|line| line["progress"]["note"].as_str()).collect()
    }
}

/// A workstation.
pub struct Station {
    pub folder: tempfile::TempDir,
}

impl Station {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn sets(&self) -> PathBuf {
        self.folder.path().join("sets")
    }

    /// Makes one that trusts the publisher.
    pub fn of(site: &Site) -> Self {
        let station = Self::new();
        station.enrol(&site.enrolment()).expect_code(0);
        station
    }

    pub fn enrol(&self, enrolment: &Enrolment) -> Outcome {
        let file = self.folder.path().join("enrolment.json");
        std::fs::write(&file, serde_json::to_vec(enrolment).unwrap()).unwrap();
        self.run(&["enrol", "--sets", self.sets().to_str().unwrap(), file.to_str().unwrap()])
    }

    /// Names a file of the post room.
    pub fn file(&self, publisher: &str, name: &str) -> PathBuf {
        self.sets().join("sync").join(publisher).join(name)
    }

    pub fn command(arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zeef-sync"));
        command.args(arguments);
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Outcome {
        let out = Self::command(arguments).output().unwrap();
        let lines = String::from_utf8(out.stdout).unwrap();
        Outcome {
            code: out.status.code().unwrap_or(-1),
            lines: lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
            stderr: String::from_utf8_lossy(&out.stderr).into_owned(),
        }
    }

    /// Fetches at the time of the tests; arguments given here come later and so win where they can.
    pub fn fetch_at(&self, now: &str, more: &[&str]) -> Outcome {
        let sets = self.sets();
        let mut arguments = vec!["fetch", "--sets", sets.to_str().unwrap(), "--now", now];
        arguments.extend(["--tries", "3", "--pause-ms", "1"]);
        arguments.extend(more);
        self.run(&arguments)
    }

    pub fn fetch(&self, site: &Site, more: &[&str]) -> Outcome {
        self.fetch_from(&site.dir, NOW, more)
    }

    pub fn fetch_from(&self, dir: &Path, now: &str, more: &[&str]) -> Outcome {
        let mut arguments = vec!["--from", dir.to_str().unwrap()];
        arguments.extend(more);
        self.fetch_at(now, &arguments)
    }

    /// Checks that the files of a handover lie there and are those of the site.
    pub fn check_files(&self, outcome: &Outcome, site: &Site) -> usize {
        let handover = outcome.of(&site.publisher);
        let folder = PathBuf::from(handover["folder"].as_str().unwrap());
        let files = handover["files"].as_array().unwrap();
        for file in files {
            let bytes = read(&folder.join(file["name"].as_str().unwrap()));
            assert_eq!(bytes, site.files[file["file"]["target"].as_str().unwrap()]);
        }
        files.len()
    }
}

impl Outcome {
    pub fn expect_code(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }
}
