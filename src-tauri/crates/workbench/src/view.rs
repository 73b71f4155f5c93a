//! What crosses to a front door: plain values that it can print, draw or write as JSON.

pub mod detail;
pub mod foreign;
pub mod grid;
pub mod leads;
pub mod remark;
#[cfg(test)]
mod types_tests;
pub mod window;

use std::collections::BTreeMap;

use casefile::{NoticeRow, OpinionRow};
use domain::{
    CategoryCode, EntryId, Facts, Finding, Freshness, HideReason, Hit, Md5, MediaType, NearHit, Refusal, ReturnCause,
    SetName, SetVersion, Sha1, Sha256, UtcTime, Veto, Visibility,
};
use formats::Preview;
use serde::Serialize;
use serde_json::Value;

/// Tells what a load did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LoadSummary {
    /// Sources that were read to their end.
    pub sources: u64,
    /// Files, members of archives included, that were read.
    pub files: u64,
    /// Bytes that were read.
    pub bytes: u64,
    /// Files that were recorded before and have not changed.
    pub passed_over: u64,
    /// Contents that the case did not have.
    pub new_items: u64,
    /// Places that the case did not have.
    pub new_occurrences: u64,
}

/// Tells how items were matched again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RematchHow {
    /// Only those that the change of the sets could touch.
    ByChange,
    /// All.
    #[default]
    Whole,
}

/// Tells what matching again did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RematchSummary {
    /// Whether all items were judged, or those that the change could touch.
    pub how: RematchHow,
    /// Entries that were new, changed or withdrawn, where only their change was followed.
    pub changed_entries: u64,
    /// Notices that are new: an entry that an item matches says something else.
    pub notices: u64,
    /// Items that were judged.
    pub items: u64,
    /// Items that were shown or refused and are hidden now. What a person decided about stays shown, and is in none of these.
    pub newly_hidden: u64,
    /// Items that were hidden and are shown, or refused, now, because nothing hides them any more.
    pub returned: u64,
    /// Items that were hidden and are shown now, because what the sets say of them does not hold together.
    pub odd: u64,
    /// Files that were read again, because what came back had never been decoded.
    pub read_again: u64,
    /// Sources of such items that are not there now.
    pub sources_missing: u64,
}

/// Tells what a case has.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// Case number.
    pub number: String,
    /// Unit.
    pub unit: String,
    /// Legal scope, as the unit wrote it.
    pub legal_scope: String,
    /// Id of the classification scheme.
    pub scheme: String,
    /// Version of that scheme.
    pub scheme_version: u32,
    /// Places where contents were found, unreadable ones included.
    pub occurrences: u64,
    /// Distinct contents, and each place that could not be read; equals shown + hidden + refused.
    pub items: u64,
    /// To be reviewed, or decided by a person.
    pub shown: u64,
    /// Hidden by a recorded reason.
    pub hidden: u64,
    /// Of these, known material.
    pub hidden_known: u64,
    /// Of these, ordinary files.
    pub hidden_ordinary: u64,
    /// Could not be read or decoded.
    pub refused: u64,
    /// Decided by a person.
    pub classified: u64,
    /// Items that the case has and whose derived state was lost: in none of the numbers here until their sources are
    /// loaded again.
    pub waiting: u64,
    /// Items with different verdicts.
    pub conflicts: u64,
    /// Items of which other tools say contradicting things. It hides nothing and decides nothing.
    pub tools_conflict: u64,
    /// Findings by kind.
    pub findings: BTreeMap<String, u64>,
    /// Stacks of look-alikes.
    pub stacks: u64,
    /// Items that have been decoded.
    pub decoded: u64,
    /// Hidden items that were decoded before anything hid them or by mistake; a mistake makes this differ from 0.
    pub known_decoded: u64,
    /// Shown items that look like known material.
    pub suggestions: u64,
    /// Decided items by category.
    pub by_category: BTreeMap<String, u64>,
    /// Items by class of media.
    pub by_class: BTreeMap<String, u64>,
    /// Refused items by code.
    pub by_refusal: BTreeMap<String, u64>,
    /// Hidden items by set.
    pub by_set: BTreeMap<String, u64>,
    /// Sources.
    pub sources: Vec<SourceView>,
    /// Hash sets in force, with their age.
    pub sets: Vec<SetView>,
    /// Notices that nobody has read.
    pub notices_unread: u64,
    /// Entries that people of this case have called wrong about an item.
    pub vetoes: u64,
    /// True when the sets have changed since the case was matched.
    pub sets_changed: bool,
    /// False while a judging by the sets in force was cut short: some items still stand as older sets had them.
    pub matched: bool,
    /// Number of operations in the ledger.
    pub ledger_length: u64,
    /// Hash of the newest operation: what to write down outside of this machine.
    pub ledger_head: Sha256,
}

/// Tells of one source.
#[derive(Debug, Clone, Serialize)]
pub struct SourceView {
    /// Where it is, escaped.
    pub path: String,
    /// Folder, zip or tar; `stated` for what the case of another tool tells.
    pub kind: String,
    /// SHA-256 of that case's file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_sha256: Option<String>,
    /// When it was last read to its end; absent while that is to come.
    pub loaded: Option<UtcTime>,
}

/// Tells what an import of one file would find, store and refuse.
#[derive(Debug, Clone, Serialize)]
pub struct PreviewView {
    /// Name of the file, escaped.
    pub file: String,
    /// What stands in it.
    #[serde(flatten)]
    pub preview: Preview,
    /// What each code of a category means in the scheme, where the scheme has it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub category_titles: BTreeMap<String, String>,
    /// What an import would refuse or still have to be told; empty when nothing stands in its way.
    pub open: Vec<crate::Opening>,
}

/// Tells of one hash set.
#[derive(Debug, Clone, Serialize)]
pub struct SetView {
    /// Name.
    pub name: String,
    /// `known` or `good`.
    pub role: String,
    /// Version, from 1.
    pub version: u32,
    /// Number of entries.
    pub entries: u64,
    /// Scheme of its categories.
    pub profile: Option<String>,
    /// When its publisher made it, if the file says so.
    pub published: Option<UtcTime>,
    /// When it was imported.
    pub imported: UtcTime,
    /// Whole days since it was published or, where that is not stated, imported.
    pub age_days: i64,
    /// Who publishes it, and how far it can be trusted to be the newest; absent for a set that was imported by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<ReleaseView>,
    /// Form of the list, e.g. `VICS 2.0 hash set`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Names of the files that it was imported from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// Rows that were refused, by reason.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub refused: BTreeMap<String, u64>,
    /// Entries by category; the empty code has no category.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub categories: BTreeMap<String, u64>,
    /// Entries that also stand in a good set and hide nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quarantined: Option<u64>,
    /// Digests that the set gives different verdicts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conflicts: Option<u64>,
    /// Codes that nobody has said the meaning of: they hide nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unanswered: Vec<String>,
    /// What the person who imported it should know: only in the answer to an import.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// Tells of the release that a set came by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReleaseView {
    /// Who publishes it.
    pub publisher: String,
    /// Title for people.
    pub title: String,
    /// `fresh`, `in-grace` or `beyond`.
    pub freshness: Freshness,
    /// When it was last found to be the newest.
    pub checked: UtcTime,
    /// Until when that holds.
    pub expires: UtcTime,
    /// Days after that for which it counts as in grace.
    pub grace_days: u32,
    /// Whole days since it was last found to be the newest.
    pub checked_days: i64,
}

/// Holds one line of `case list`.
#[derive(Debug, Clone, Serialize)]
pub struct ItemLine {
    /// Identity; absent for a place that could not be read.
    pub sha256: Option<Sha256>,
    /// MD5.
    pub md5: Option<Md5>,
    /// SHA-1.
    pub sha1: Option<Sha1>,
    /// Length in bytes.
    pub size_bytes: Option<u64>,
    /// Media type by content.
    #[serde(rename = "type")]
    pub media_type: Option<String>,
    /// Extension that disagrees with the content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension_disagrees: Option<String>,
    /// Where it was found, escaped.
    pub paths: Vec<String>,
    /// `shown`, `hidden` or `refused`.
    pub state: &'static str,
    /// Why, in one word.
    pub reason: String,
    /// Category: the person's, else the known one in the case's scheme, else `needs-human` for what a set knows.
    pub category: Option<String>,
    /// Set that the reason rests on.
    pub set: Option<String>,
    /// Width and height in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pixels: Option<(u32, u32)>,
    /// Findings, when something is odd.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// Why what hid it before does so no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub returned: Option<ReturnCause>,
    /// Whole reason of a hide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden_by: Option<HideReason>,
    /// Whole reason of a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
    /// Known material that it looks like.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<NearHit>,
    /// Item that stands for its stack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack: Option<Sha256>,
    /// What a file states of a place that could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stated: Option<String>,
}

/// Holds an item's whole story.
#[derive(Debug, Clone, Serialize)]
pub struct StoryView {
    /// The item as the list shows it.
    pub item: ItemLine,
    /// Where it stands, with its reason.
    pub visibility: Visibility,
    /// Media type.
    pub media: Option<MediaType>,
    /// Places, with their times.
    pub occurrences: Vec<OccurrenceView>,
    /// Entries that it met.
    pub hits: Vec<Hit>,
    /// What each known entry says.
    pub opinions: Vec<String>,
    /// Entries that it looks like.
    pub near: Vec<NearHit>,
    /// What the decoder found out; absent when it was never decoded.
    pub facts: Option<Facts>,
    /// What people say is wrong about entries that it met.
    pub vetoes: Vec<Veto>,
    /// What new versions of sets say otherwise of it, newest first.
    pub notices: Vec<NoticeRow>,
    /// What other tools said of it, in the order of recording. It decides nothing.
    pub other_tools: Vec<OpinionRow>,
    /// Verdicts of other tools, where they contradict each other; else empty.
    pub tools_conflict: Vec<String>,
    /// Heads of the cases that these opinions came with, and fields of the file, as the ledger has them.
    pub other_cases: Vec<OtherCase>,
    /// Numbers and names of the leads that rest on it.
    pub leads: Vec<(u32, String)>,
    /// Decisions of people, oldest first.
    pub decisions: Vec<DecisionView>,
    /// Changes of what the rules say of it, oldest first.
    pub judgements: Vec<JudgementView>,
    /// Operations of the ledger that touch it, oldest first.
    pub operations: Vec<OperationView>,
}

/// Tells of the file of another tool that opinions came with.
#[derive(Debug, Clone, Serialize)]
pub struct OtherCase {
    /// Where it is, escaped.
    pub source: String,
    /// What the heads of its cases say, field by field.
    pub cases: serde_json::Value,
    /// What the file says beside them.
    pub fields: serde_json::Value,
}

/// Tells of one place where an item was found.
#[derive(Debug, Clone, Serialize)]
pub struct OccurrenceView {
    /// Where the source is, escaped.
    pub source: String,
    /// Place in the source, escaped; members of archives after `!/`.
    pub path: String,
    /// Length in bytes.
    pub size_bytes: Option<u64>,
    /// Last modification.
    pub modified: Option<UtcTime>,
    /// Creation.
    pub created: Option<UtcTime>,
    /// Last access.
    pub accessed: Option<UtcTime>,
    /// Times and circumstances as an archive or a file of another tool states them; no instant is taken from them.
    pub time_raw: Option<String>,
    /// When it was recorded.
    pub recorded: UtcTime,
    /// In which operation.
    pub operation: u64,
}

/// Tells of one change of an item's category by a person.
#[derive(Debug, Clone, Serialize)]
pub struct DecisionView {
    /// Operation: a decision, an undo or a redo.
    pub operation: u64,
    /// When.
    pub at: UtcTime,
    /// By whom.
    pub by: String,
    /// Category before.
    pub before: Option<CategoryCode>,
    /// Category after.
    pub after: Option<CategoryCode>,
    /// Note of the decision that holds after it.
    pub note: Option<String>,
}

/// Tells of one change of what the rules say of an item.
#[derive(Debug, Clone, Serialize)]
pub struct JudgementView {
    /// Operation.
    pub operation: u64,
    /// When.
    pub at: UtcTime,
    /// Before; absent when derived state had been lost.
    pub before: Option<Visibility>,
    /// After.
    pub after: Visibility,
}

/// Tells of one operation of the ledger.
#[derive(Debug, Clone, Serialize)]
pub struct OperationView {
    /// Number, from 1, without gaps.
    pub seq: u64,
    /// When.
    pub at: UtcTime,
    /// Who.
    pub who: String,
    /// What kind, in one word.
    pub kind: String,
    /// What, before and after, as far as they apply.
    pub detail: Value,
    /// Hash of the operation, which covers all earlier ones.
    pub hash: Sha256,
}

/// Tells what a veto did.
#[derive(Debug, Clone, Serialize)]
pub struct VetoView {
    /// Operation in the ledger.
    pub operation: u64,
    /// Item.
    pub item: Sha256,
    /// Entries that were called wrong.
    pub entries: Vec<VetoedView>,
    /// What hides the item all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub still_hidden_by: Option<HideReason>,
    /// Whether there is a picture of it now.
    pub decoded: bool,
}

/// Names an entry that was called wrong.
#[derive(Debug, Clone, Serialize)]
pub struct VetoedView {
    /// Set.
    pub set: SetName,
    /// Its version.
    pub version: SetVersion,
    /// Entry.
    pub entry: EntryId,
}

/// Tells what undo or redo did.
#[derive(Debug, Clone, Serialize)]
pub struct Undone {
    /// Operation that was taken back, or done again.
    pub operation: u64,
    /// What it was, in words.
    pub what: String,
    /// How many items it touches.
    pub items: u64,
}

/// Tells of one user.
#[derive(Debug, Clone, Serialize)]
pub struct UserView {
    /// Name.
    pub name: String,
    /// Role.
    pub role: String,
    /// When the user was added.
    pub added: UtcTime,
    /// When the user was removed.
    pub removed: Option<UtcTime>,
}

/// Tells what verifying found.
#[derive(Debug, Clone, Serialize)]
pub struct VerifyView {
    /// True when nothing is wrong.
    pub sound: bool,
    /// Operations whose chain was walked.
    pub ledger_rows: u64,
    /// Hash of the newest operation.
    pub ledger_head: Sha256,
    /// Hides whose reason was checked.
    pub hides_checked: u64,
    /// What is wrong.
    pub problems: Vec<ProblemView>,
}

/// Tells one thing that is wrong with a case. In JSON it is its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProblemView {
    /// Word for it.
    pub code: remark::RemarkCode,
    /// What is wrong, in English.
    pub text: String,
}

impl std::fmt::Display for ProblemView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for ProblemView {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

/// Holds one answer of a look-up.
#[derive(Debug, Clone, Serialize)]
pub struct LookupLine {
    /// The digest as it was given, escaped.
    pub digest: String,
    /// Its kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<domain::DigestKind>,
    /// Whether any set has it.
    pub found: bool,
    /// Entries that have it.
    pub hits: Vec<LookupHit>,
    /// What is wrong with the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Holds one entry that a look-up met.
#[derive(Debug, Clone, Serialize)]
pub struct LookupHit {
    /// Set.
    pub set: String,
    /// `known` or `good`.
    pub role: String,
    /// Version of the set.
    pub version: u32,
    /// Entry.
    pub entry: u64,
    /// Code in the set.
    pub category: Option<CategoryCode>,
    /// Scheme of that code.
    pub profile: Option<String>,
    /// Series.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub series: String,
    /// Flags.
    pub flags: domain::Flags,
    /// True when a good set has the entry too.
    pub quarantined: bool,
}
