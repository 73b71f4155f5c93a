//! Releases: what a publisher of hash sets signs, what the post room hands over, and how old it may become.
//!
//! All of it is data in JSON. The signed files are targets of the publisher's TUF repository (The Update Framework,
//! specification 1.0), so that whoever reads them has their length and SHA-256 from metadata that was verified.
//! Target names are flat: letters, digits, `.`, `-` and `_`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{
    CategoryCode, Entry, EntryId, Meanings, Profile, Role, Scheme, SetName, SetVersion, Sha256, UtcTime, VerdictBasis,
};

/// Form of the JSON of this module that this program writes and reads.
pub const RELEASE_SCHEMA: u32 = 1;
/// Name of the target that describes the newest release, a [`ReleaseIndex`].
pub const INDEX_TARGET: &str = "release.json";
/// Name of the target that says which partners the publisher trusts, a [`TrustMap`].
pub const TRUST_MAP_TARGET: &str = "trust-map.json";
/// Name of the target that lists the team leads whose packages are taken, a [`Leads`].
pub const LEADS_TARGET: &str = "leads.json";
/// Name of the file beside the repository that a workstation is enrolled with, an [`Enrolment`].
pub const ENROLMENT_FILE: &str = "enrolment.json";
/// Binary digits of an entry id that number it within its part of a snapshot: a part holds the ids that agree in the rest.
pub const PART_BITS: u32 = 17;
/// Largest number of deltas that a release offers; who is further behind takes the snapshot.
pub const DELTAS_MAX: usize = 30;
/// Largest number of parts of a snapshot: that of the largest set that the index can hold.
pub const PARTS_MAX: usize = 1 << (32 - PART_BITS);
/// Largest number of characters of the name of a publisher.
const PUBLISHER_CHARS_MAX: usize = 40;

/// Names the target that holds the root metadata of a partner.
pub fn partner_root_target(partner: &PublisherId) -> String {
    format!("trust-{partner}.root.json")
}

/// Says why a text cannot name a publisher.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot name a publisher: use 1 to 40 small letters, digits and `-`, a letter first")]
pub struct PublisherIdError(String);

/// Names a publisher; it is part of file names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublisherId(String);

impl PublisherId {
    /// Gives the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PublisherId {
    type Err = PublisherIdError;

    fn from_str(text: &str) -> Result<Self, PublisherIdError> {
        let rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let fits = text.len() <= PUBLISHER_CHARS_MAX
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(rest);
        if fits { Ok(Self(text.to_owned())) } else { Err(PublisherIdError(crate::escaped(text.as_bytes()))) }
    }
}

impl TryFrom<String> for PublisherId {
    type Error = PublisherIdError;

    fn try_from(text: String) -> Result<Self, PublisherIdError> {
        text.parse()
    }
}

impl From<PublisherId> for String {
    fn from(id: PublisherId) -> String {
        id.0
    }
}

impl fmt::Display for PublisherId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Tells on how many opinions an entry of a published set rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// One contributor, or two.
    OneOpinion,
    /// Three contributors or more agree, or the custodian has decided.
    Confirmed,
    /// Contributors disagree and nobody has decided: the entry is published without a verdict, and hides nothing.
    Disputed,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OneOpinion => "one opinion",
            Self::Confirmed => "confirmed",
            Self::Disputed => "disputed",
        })
    }
}

/// How much one update may change before a person has to look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FloodLimits {
    /// Largest number of entries that one update may add or change.
    pub upserts_max: u64,
    /// Largest number of entries that one update may withdraw.
    pub withdrawals_max: u64,
    /// Largest number of new entries of one update that good sets have too.
    pub quarantined_max: u64,
}

impl FloodLimits {
    /// Takes the stricter of two, value by value.
    pub fn stricter(self, other: Self) -> Self {
        Self {
            upserts_max: self.upserts_max.min(other.upserts_max),
            withdrawals_max: self.withdrawals_max.min(other.withdrawals_max),
            quarantined_max: self.quarantined_max.min(other.quarantined_max),
        }
    }
}

/// Describes one file of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseFile {
    /// Name of the target.
    pub target: String,
    /// SHA-256 of its bytes.
    pub sha256: Sha256,
    /// Number of its bytes.
    pub bytes: u64,
}

/// Describes the file that leads from one version to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeltaFile {
    /// The version that it leads to; it starts from the one before.
    pub version: SetVersion,
    /// The file, in Parquet.
    pub file: ReleaseFile,
    /// Entries that are new or replaced.
    pub upserts: u64,
    /// Entries that are withdrawn.
    pub withdrawals: u64,
    /// Number of entries after it.
    pub entries: u64,
    /// Digest of all rows after it.
    pub result_digest: Sha256,
}

/// Describes one part of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartFile {
    /// The entry ids of the part, without their lowest [`PART_BITS`] binary digits.
    pub number: u64,
    /// The file, in Parquet. Its bytes do not depend on the version, so that a part without changes stays the same file.
    pub file: ReleaseFile,
    /// Number of its entries.
    pub entries: u64,
}

/// Describes the whole set as it was at one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotIndex {
    /// The version.
    pub version: SetVersion,
    /// Number of entries.
    pub entries: u64,
    /// Digest of all rows.
    pub result_digest: Sha256,
    /// The parts, by number.
    pub parts: Vec<PartFile>,
}

/// Describes the newest release of a set: the target [`INDEX_TARGET`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseIndex {
    /// [`RELEASE_SCHEMA`].
    pub schema: u32,
    /// Who publishes.
    pub publisher: PublisherId,
    /// Name of the set on every workstation.
    pub set: SetName,
    /// Its title for people.
    pub title: String,
    /// What it claims.
    pub role: Role,
    /// Scheme of its categories.
    pub profile: Option<Profile>,
    /// The scheme itself, so that codes and labels travel with the set.
    pub scheme: Option<Scheme>,
    /// What makes its entries a statement.
    pub basis: VerdictBasis,
    /// What the custodian answered for codes that mean different things.
    pub meanings: Meanings,
    /// Version of this release.
    pub version: SetVersion,
    /// When it was made.
    pub published: UtcTime,
    /// Number of entries.
    pub entries: u64,
    /// Digest of all rows.
    pub result_digest: Sha256,
    /// Days for which the set may still be taken after the timestamp has expired.
    pub grace_days: u32,
    /// How much the *next* update may change.
    pub limits: FloodLimits,
    /// The last deltas, oldest first, without a gap, the last one leading to `version`. Empty where none leads there.
    pub deltas: Vec<DeltaFile>,
    /// The last snapshot.
    pub snapshot: SnapshotIndex,
}

impl ReleaseIndex {
    /// Checks what the types do not say. `Err` says what is wrong.
    pub fn check(&self) -> Result<(), &'static str> {
        if self.schema != RELEASE_SCHEMA {
            return Err("its schema is not known to this version of Zeef");
        }
        if self.deltas.len() > DELTAS_MAX || self.snapshot.parts.len() > PARTS_MAX {
            return Err("it lists too many files");
        }
        if self.snapshot.version > self.version || self.version.0 == 0 || self.snapshot.version.0 == 0 {
            return Err("its versions contradict each other");
        }
        if !self.deltas.windows(2).all(|pair| pair[0].version.0.checked_add(1) == Some(pair[1].version.0)) {
            return Err("its deltas have a gap");
        }
        let reach = self.deltas.last().map(|last| (last.version, last.entries, last.result_digest));
        if reach.is_some_and(|reach| reach != (self.version, self.entries, self.result_digest)) {
            return Err("its last delta does not lead to its version");
        }
        let snapshot = &self.snapshot;
        if snapshot.version == self.version {
            if (snapshot.entries, snapshot.result_digest) != (self.entries, self.result_digest) {
                return Err("its snapshot has another content than its version");
            }
        } else if self.deltas.first().is_none_or(|first| first.version.0 > snapshot.version.0 + 1) {
            return Err("no deltas lead from its snapshot to its version");
        }
        if !snapshot.parts.windows(2).all(|pair| pair[0].number < pair[1].number) {
            return Err("its parts are not in order");
        }
        let listed = snapshot.parts.iter().try_fold(0_u64, |sum, part| sum.checked_add(part.entries));
        if listed != Some(snapshot.entries) || snapshot.parts.iter().any(|part| part.entries > 1 << PART_BITS) {
            return Err("its parts do not have its entries");
        }
        Ok(())
    }

    /// Finds the shortest way from what is installed to the newest version. `None` is nothing.
    pub fn way_from(&self, installed: Option<SetVersion>) -> Way<'_> {
        match installed {
            Some(installed) if installed >= self.version => Way::Current,
            Some(installed) if self.deltas.first().is_some_and(|first| first.version.0 <= installed.0 + 1) => {
                Way::Deltas(self.deltas.iter().filter(|delta| delta.version > installed).collect())
            }
            _ => {
                let from = self.snapshot.version;
                Way::Snapshot(&self.snapshot, self.deltas.iter().filter(|delta| delta.version > from).collect())
            }
        }
    }
}

/// The way from an installed version to the newest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way<'a> {
    /// The newest version is installed.
    Current,
    /// These deltas, in order.
    Deltas(Vec<&'a DeltaFile>),
    /// The snapshot, then these deltas.
    Snapshot(&'a SnapshotIndex, Vec<&'a DeltaFile>),
}

/// What a publisher says of a partner whose set its workstations may take too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partner {
    /// SHA-256 of the partner's root metadata, the target [`partner_root_target`].
    pub root_sha256: Sha256,
    /// Smallest versions of the partner's metadata that are accepted.
    pub minimum: MinimumVersions,
    /// Codes of the partner's scheme that may hide; `None` is all of them.
    pub allowed_categories: Option<BTreeSet<CategoryCode>>,
    /// Days of grace, where fewer than the partner itself gives.
    pub grace_days: u32,
    /// Where the partner publishes, an http or https address; absent where its disk is carried in.
    pub address: Option<String>,
    /// True when its set is no longer trusted: it hides nothing more.
    pub revoked: bool,
}

/// Says which partners a publisher trusts: the target [`TRUST_MAP_TARGET`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustMap {
    /// [`RELEASE_SCHEMA`].
    pub schema: u32,
    /// The partners.
    pub partners: BTreeMap<PublisherId, Partner>,
}

/// A team lead whose signed packages are taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lead {
    /// The person.
    pub name: String,
    /// The unit.
    pub unit: String,
    /// Public key, as minisign writes it.
    pub key: String,
    /// From when the key is valid.
    pub from: UtcTime,
    /// Until when.
    pub until: UtcTime,
    /// True when it is no longer to be trusted.
    pub revoked: bool,
}

/// Lists the team leads: the target [`LEADS_TARGET`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leads {
    /// [`RELEASE_SCHEMA`].
    pub schema: u32,
    /// The leads.
    pub leads: Vec<Lead>,
}

/// Versions of signed metadata. They only ever rise; a smaller one than was seen before is an attack or a mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinimumVersions {
    /// Of the root.
    pub root: u64,
    /// Of the timestamp.
    pub timestamp: u64,
    /// Of the snapshot metadata.
    pub snapshot: u64,
}

impl MinimumVersions {
    /// Tells whether no version is below that of `floor`.
    pub fn reaches(&self, floor: &Self) -> bool {
        self.root >= floor.root && self.timestamp >= floor.timestamp && self.snapshot >= floor.snapshot
    }
}

/// Makes a workstation trust a publisher: the file [`ENROLMENT_FILE`], given by hand to whoever installs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrolment {
    /// [`RELEASE_SCHEMA`].
    pub schema: u32,
    /// The publisher.
    pub publisher: PublisherId,
    /// Its set.
    pub set: SetName,
    /// Title for people.
    pub title: String,
    /// Where it publishes, an http or https address; absent where the disk is carried in.
    pub address: Option<String>,
    /// The signed root metadata, the text of the file `1.root.json` or of a later one.
    pub root: String,
    /// Smallest versions that are accepted.
    pub minimum: MinimumVersions,
    /// How much an update may change, whatever the publisher's own limits say.
    pub limits: FloodLimits,
}

/// What the store keeps with a set that came by a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseStamp {
    /// Who publishes it.
    pub publisher: PublisherId,
    /// Title for people.
    pub title: String,
    /// Digest of all rows.
    pub result_digest: Sha256,
    /// The versions of the metadata by which it was last found to be the newest.
    pub seen: MinimumVersions,
    /// When it was last found to be the newest.
    pub checked: UtcTime,
    /// Until when that holds.
    pub expires: UtcTime,
    /// Days after `expires` for which it still counts as in grace.
    pub grace_days: u32,
    /// How much the next update may change.
    pub limits: FloodLimits,
}

/// Tells how far a set can be trusted to be the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Freshness {
    /// The publisher's signed word has not expired.
    Fresh,
    /// It has expired, within the days of grace.
    InGrace,
    /// It has expired for longer than that.
    Beyond,
}

impl fmt::Display for Freshness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fresh => "fresh",
            Self::InGrace => "in grace",
            Self::Beyond => "beyond grace",
        })
    }
}

const DAY_MICROSECONDS: i64 = 86_400_000_000;

impl Freshness {
    /// Judges a moment by the signed expiry and the signed days of grace.
    pub fn at(now: UtcTime, expires: UtcTime, grace_days: u32) -> Self {
        let end = expires.0.saturating_add(i64::from(grace_days).saturating_mul(DAY_MICROSECONDS));
        match now {
            now if now < expires => Self::Fresh,
            now if now.0 < end => Self::InGrace,
            _ => Self::Beyond,
        }
    }
}

impl ReleaseStamp {
    /// Judges the freshness. A clock that is set back does not make a set fresher than it was when last checked.
    pub fn freshness(&self, now: UtcTime) -> Freshness {
        Freshness::at(now.max(self.checked), self.expires, self.grace_days)
    }
}

/// What one update did to one entry of an installed set.
#[derive(Debug, Clone, PartialEq)]
pub struct EntryChange {
    /// The version that did it.
    pub version: SetVersion,
    /// The entry.
    pub id: EntryId,
    /// The row before; `None` where it is new.
    pub before: Option<Entry>,
    /// The row after; `None` where it was withdrawn.
    pub after: Option<Entry>,
    /// Why it was withdrawn, in the publisher's words; empty otherwise.
    pub reason: String,
}

/// Counts what one update of one set did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// The publisher.
    pub publisher: PublisherId,
    /// The set.
    pub set: SetName,
    /// The version that was installed before.
    pub from: Option<SetVersion>,
    /// The version that is installed now, or that waits for a person.
    pub to: SetVersion,
    /// New entries.
    pub added: u64,
    /// Entries with another content than before.
    pub changed: u64,
    /// Entries that are no longer part of the set.
    pub withdrawn: u64,
    /// Entries among the new and changed ones that hide nothing, because a good set has them too.
    pub quarantined: u64,
    /// Number of entries now.
    pub entries: u64,
}

/// A file that the post room has fetched and verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifiedFile {
    /// What was verified: whoever opens the file compares again.
    pub file: ReleaseFile,
    /// Its name in the folder that was named with it.
    pub name: String,
}

/// What the post room hands over for one publisher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "outcome", deny_unknown_fields)]
pub enum Handover {
    /// Metadata and files are verified, and lie in the publisher's `incoming` folder.
    Verified {
        /// The publisher.
        publisher: PublisherId,
        /// The newest release.
        index: Box<ReleaseIndex>,
        /// What the store keeps with the set.
        stamp: Box<ReleaseStamp>,
        /// Codes that may hide, where the trust map of another publisher restricts them.
        allowed_categories: Option<BTreeSet<CategoryCode>>,
        /// The folder of the files.
        folder: String,
        /// Every file of the way from the installed version: parts by number, then deltas in order. Empty when current.
        files: Vec<VerifiedFile>,
        /// Freshness by this medium: [`Freshness::InGrace`] is said to people.
        freshness: Freshness,
        /// The two people who took it although it is [`Freshness::Beyond`]; nobody otherwise. It belongs in the log.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        overridden_by: Vec<String>,
    },
    /// The trust map says that this publisher is no longer trusted.
    Revoked {
        /// The publisher.
        publisher: PublisherId,
        /// Its set, which is to hide nothing more.
        set: SetName,
    },
    /// Nothing of this publisher was taken.
    Refused {
        /// The publisher.
        publisher: PublisherId,
        /// Its set.
        set: SetName,
        /// A word that programs switch on.
        code: RefusedCode,
        /// What is wrong, for a person.
        message: String,
        /// What to do.
        hint: String,
        /// True where the same request may succeed later by itself: nobody answered, or a server is in trouble.
        #[serde(default)]
        again: bool,
    },
}

/// Says in one word why nothing was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusedCode {
    /// No answer, or the disk is not there. Trying again may help.
    Unreachable,
    /// It has no server, and nobody said where its disk is.
    Carried,
    /// The server wants another certificate or token.
    Unauthorized,
    /// Signatures, hashes, lengths or names are not what they have to be.
    Untrusted,
    /// A version is older than one that was seen before.
    Rollback,
    /// The signed word has expired, beyond grace.
    Expired,
    /// The memory of the versions that were seen is damaged, missing, or behind the installed set.
    MarkDamaged,
    /// A file of this machine cannot be read or written.
    Storage,
    /// The release is of a form that this version does not read.
    Unknown,
}
