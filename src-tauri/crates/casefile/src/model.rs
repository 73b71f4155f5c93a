//! What goes into a case and what comes out of it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;

use domain::{
    CategoryCode, Decoded, Digests, Facts, Hit, Md5, MediaType, NearHit, Refusal, RefusalCode, Scheme, SetStamp, Sha1,
    Sha256, SourceId, SourcePath, UserName, UtcTime, Visibility,
};
use serde::{Deserialize, Serialize};

use crate::ledger::LedgerRow;
use crate::mark::{MarkChange, NoteRow};

/// Tells what a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UserRole {
    /// Adds sources and decides.
    Investigator,
    /// The same, and manages users.
    TeamLead,
    /// Reads and verifies, and changes nothing but the own passphrase.
    Auditor,
}

impl UserRole {
    /// Lists all roles.
    pub const ALL: [Self; 3] = [Self::Investigator, Self::TeamLead, Self::Auditor];

    /// Gives the word that commands and files use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Investigator => "investigator",
            Self::TeamLead => "team-lead",
            Self::Auditor => "auditor",
        }
    }
}

impl FromStr for UserRole {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| format!("a role is `investigator`, `team-lead` or `auditor`, not `{text}`"))
    }
}

impl std::fmt::Display for UserRole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Identifies an operation: its number in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OperationId(pub u64);

impl std::fmt::Display for OperationId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Describes a case that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCase {
    /// Number of the investigation.
    pub number: String,
    /// Unit that leads it.
    pub unit: String,
    /// Scheme of its categories, stored whole.
    pub scheme: Scheme,
    /// Law and order under which the material may be looked at.
    pub legal_scope: String,
}

/// Describes a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseInfo {
    /// Number of the investigation.
    pub number: String,
    /// Unit that leads it.
    pub unit: String,
    /// Scheme of its categories.
    pub scheme: Scheme,
    /// Law and order under which the material may be looked at.
    pub legal_scope: String,
    /// When it was made.
    pub created: UtcTime,
    /// Who made it.
    pub created_by: UserName,
    /// Random identity (RFC 9562, version 4).
    pub case_id: String,
}

/// Describes a user of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UserRow {
    /// Name.
    pub name: UserName,
    /// Role.
    pub role: UserRole,
    /// Since when.
    pub added: UtcTime,
    /// Until when, if access was taken away.
    pub removed: Option<UtcTime>,
}

/// Describes a source of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceRow {
    /// Identity.
    pub id: SourceId,
    /// Where it lies.
    pub root: PathBuf,
    /// What it is, in the words of the room that reads it.
    pub kind: String,
    /// When it was added.
    pub added: UtcTime,
    /// By whom.
    pub added_by: UserName,
    /// Last complete load.
    pub loaded: Option<UtcTime>,
}

/// Tells what is recorded of one place, so that a load that goes on need not read it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// Length when it was read.
    pub size_bytes: Option<u64>,
    /// Time of modification when it was read.
    pub modified: Option<UtcTime>,
    /// Content that was found.
    pub item: Option<Sha256>,
    /// Why it could not be read, if it could not.
    pub refusal: Option<RefusalCode>,
}

/// Holds the times of a place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RecordTimes {
    /// Last modification.
    pub modified: Option<UtcTime>,
    /// Creation.
    pub created: Option<UtcTime>,
    /// Last access.
    pub accessed: Option<UtcTime>,
    /// Time without a zone, as the archive has it.
    pub raw: Option<String>,
}

/// Holds what a load found at one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Source.
    pub source: SourceId,
    /// Place in it.
    pub path: SourcePath,
    /// Length.
    pub size_bytes: Option<u64>,
    /// Times.
    pub times: RecordTimes,
    /// What was there.
    pub content: RecordContent,
}

/// Tells whether a place could be read.
#[derive(Debug, Clone, PartialEq)]
pub enum RecordContent {
    /// It could not: the place itself is a finding.
    Unread(Refusal),
    /// It could.
    Item(Box<RecordItem>),
}

/// Holds a content with all that is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordItem {
    /// Digests and length.
    pub digests: Digests,
    /// Type by content.
    pub media: MediaType,
    /// Extension of the name at this place that says something else.
    pub extension_disagrees: Option<String>,
    /// What the rule says, without any decision.
    pub visibility: Visibility,
    /// Exact matches.
    pub hits: Vec<Hit>,
    /// Perceptual matches.
    pub near: Vec<NearHit>,
    /// What the decoder gave; never for what is hidden.
    pub decoded: Option<Decoded>,
}

/// Tells what a call of `record` added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RecordOutcome {
    /// Places that were new, or that had another content before.
    pub occurrences: u64,
    /// Contents that were new.
    pub items: u64,
    /// Items that had lacked derived state, or that could not be decoded before.
    pub completed: u64,
    /// Records that said nothing new.
    pub unchanged: u64,
    /// Operation; none when everything was unchanged.
    pub operation: Option<OperationId>,
}

/// Describes a version of a hash set that the case was matched with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetStampRow {
    /// Set and version.
    pub stamp: SetStamp,
    /// Entries.
    pub entries: u64,
    /// When it was imported into the local store.
    pub imported: UtcTime,
    /// Digest of each file that it came from.
    pub source_sha256: Vec<Sha256>,
}

/// Holds a decision of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// Category in the case's scheme.
    pub category: CategoryCode,
    /// Who decided.
    pub by: UserName,
    /// When.
    pub at: UtcTime,
    /// In which operation.
    pub operation: OperationId,
    /// What was noted with it.
    pub note: Option<String>,
}

/// Describes an item, or a place that could not be read: then there are no digests.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ItemRow {
    /// SHA-256.
    pub sha256: Option<Sha256>,
    /// MD5.
    pub md5: Option<Md5>,
    /// SHA-1.
    pub sha1: Option<Sha1>,
    /// Length.
    pub size_bytes: Option<u64>,
    /// Type by content.
    pub media: Option<MediaType>,
    /// Extension that says something else: of the first such place, by the bytes of the path.
    pub extension_disagrees: Option<String>,
    /// Places, by source and bytes of the path.
    pub paths: Vec<(SourceId, SourcePath)>,
    /// Where it stands: what a person decided is shown, else what the rule says.
    pub visibility: Visibility,
    /// What the rule says, without the decision.
    pub rule: Visibility,
    /// What a person decided.
    pub decision: Option<Decision>,
    /// Entries that look like it.
    pub suggestions: Vec<NearHit>,
    /// Width, pixels.
    pub width: Option<u32>,
    /// Height, pixels.
    pub height: Option<u32>,
    /// Representative of its stack.
    pub stack: Option<Sha256>,
    /// Times and circumstances as the file states them, of a place that could not be read; a content has them by its places.
    pub stated: Option<String>,
}

/// Describes one place of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OccurrenceRow {
    /// Source.
    pub source: SourceId,
    /// Place in it.
    pub path: SourcePath,
    /// Length.
    pub size_bytes: Option<u64>,
    /// Times.
    pub times: RecordTimes,
    /// Extension of its name that says something else than its content.
    pub extension_disagrees: Option<String>,
    /// When it was recorded.
    pub recorded: UtcTime,
    /// In which operation.
    pub operation: OperationId,
}

/// Describes one change of an item's decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecisionChange {
    /// Operation: a decision, an undo or a redo.
    pub operation: OperationId,
    /// When.
    pub at: UtcTime,
    /// By whom.
    pub by: UserName,
    /// Category before.
    pub before: Option<CategoryCode>,
    /// Category after.
    pub after: Option<CategoryCode>,
    /// Note of the decision that holds after it.
    pub note: Option<String>,
}

/// Describes one change of what the rule says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judgement {
    /// Operation.
    pub operation: OperationId,
    /// When.
    pub at: UtcTime,
    /// Before; none when derived state had been lost.
    pub before: Option<Visibility>,
    /// After.
    pub after: Visibility,
}

/// Tells all that a case knows of an item.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Story {
    /// Number of the item.
    pub number: u32,
    /// The item.
    pub item: ItemRow,
    /// Places.
    pub occurrences: Vec<OccurrenceRow>,
    /// Exact matches.
    pub hits: Vec<Hit>,
    /// Perceptual matches.
    pub near: Vec<NearHit>,
    /// What the decoder found out.
    pub facts: Option<Facts>,
    /// Decisions, first to last.
    pub decisions: Vec<DecisionChange>,
    /// Changes of its marks, first to last.
    pub marks: Vec<MarkChange>,
    /// Changes of its note, first to last: the last text holds.
    pub notes: Vec<NoteRow>,
    /// Changes of what the rule says, first to last.
    pub judgements: Vec<Judgement>,
    /// Operations that touched it, first to last.
    pub operations: Vec<LedgerRow>,
}

/// Chooses what is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListFilter {
    /// Everything.
    All,
    /// What is shown.
    Shown,
    /// What is hidden.
    Hidden,
    /// What could not be read or decoded, places included.
    Refused,
    /// What sets, or files of other tools, give different verdicts.
    Conflicts,
}

/// Holds what a rematch found for one item.
#[derive(Debug, Clone, PartialEq)]
pub struct Rejudged {
    /// The item.
    pub sha256: Sha256,
    /// What the rule says now, without any decision.
    pub visibility: Visibility,
    /// Exact matches.
    pub hits: Vec<Hit>,
    /// Perceptual matches, if they were looked up again.
    pub near: Option<Vec<NearHit>>,
    /// What the decoder gave, if it was asked; never for what is hidden.
    pub decoded: Option<Decoded>,
}

/// Groups items that look alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stack {
    /// The one that stands for all.
    pub representative: Sha256,
    /// All members, by digest.
    pub members: Vec<Sha256>,
}

/// Counts a case. `shown + hidden + refused = items`, always.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Places, readable or not.
    pub occurrences: u64,
    /// Distinct contents, and places that could not be read.
    pub items: u64,
    /// To review, or decided by a person.
    pub shown: u64,
    /// Hidden for a recorded reason.
    pub hidden: u64,
    /// Hidden by a known set.
    pub hidden_known: u64,
    /// Hidden by a good set.
    pub hidden_ordinary: u64,
    /// Hidden items by the set that hides them.
    pub by_set: BTreeMap<String, u64>,
    /// Not readable or not decodable.
    pub refused: u64,
    /// Refused ones by their code.
    pub by_refusal: BTreeMap<String, u64>,
    /// Of the refused, places without a content.
    pub unread: u64,
    /// Decided by a person.
    pub classified: u64,
    /// Decided ones by category.
    pub by_category: BTreeMap<String, u64>,
    /// Items with a conflict between sets, decided or not.
    pub conflicts: u64,
    /// Items whose entry is quarantined.
    pub quarantined: u64,
    /// Items with each kind of finding, decided or not.
    pub findings: BTreeMap<String, u64>,
    /// Items with a perceptual match.
    pub suggestions: u64,
    /// Contents by class of media.
    pub by_class: BTreeMap<String, u64>,
    /// Stacks.
    pub stacks: u64,
    /// Items in stacks.
    pub stacked: u64,
    /// Items that the decoder gave facts for.
    pub decoded: u64,
    /// Items that an exact digest hides now and hid when they were first recorded, and that have facts or a thumbnail
    /// all the same. Counted from the rows; anything but 0 is a fault.
    pub known_decoded: u64,
    /// Contents whose derived state is lost; in no other number until they are rebuilt or their source is added again.
    pub pending: u64,
}
