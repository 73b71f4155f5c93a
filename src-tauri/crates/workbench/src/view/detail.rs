//! What crosses to the window about one item, about the work done, and about the case as a whole.

use std::collections::BTreeMap;

use domain::UtcTime;
use serde::{Deserialize, Serialize};

use super::foreign::OpinionView;
use super::grid::{Mark, TileState};

/// Names every reason, finding and step that the window says in words of its own, in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum SentenceCode {
    /// In none of the sets.
    New,
    /// A person decided.
    Decided,
    /// It came back: the entry was withdrawn.
    ReturnedWithdrawn,
    /// It came back: the entry or the set is gone.
    ReturnedGone,
    /// It came back: a person called the entry wrong.
    ReturnedVetoed,
    /// Sets say different things.
    Conflict,
    /// A known set and a good set both have it.
    Quarantined,
    /// A digest met and something else disagrees.
    Contradiction,
    /// Nobody has said what the code means.
    MeaningUnanswered,
    /// The code is none of the scheme's.
    CodeUnknown,
    /// The publisher may not hide by this code.
    NotAllowed,
    /// A set has it and nobody has judged it.
    KnownUnclassified,
    /// A set has it, and those who judged it there disagree.
    Disputed,
    /// Shown for a finding, without a picture.
    NoPicture,
    /// Hidden: known.
    HiddenKnown,
    /// Hidden: an ordinary file.
    HiddenOrdinary,
    /// Opening or reading failed.
    Unreadable,
    /// A symbolic link.
    Link,
    /// A device, socket or pipe.
    Special,
    /// It vanished while the source was read.
    Vanished,
    /// It changed while it was read.
    Changed,
    /// It has no bytes.
    Empty,
    /// The archive or the member is damaged, encrypted or over a limit.
    Archive,
    /// No picture that the decoder can read.
    Undecodable,
    /// Over a limit of pixels, memory or time.
    Limit,
    /// The decoder ended while it read it.
    Crashed,
    /// No sandbox, so nothing was decoded.
    NoSandbox,
    /// Story: found at a place.
    StoryFound,
    /// Story: judged by rules.
    StoryJudged,
    /// Story: decided.
    StoryDecided,
    /// Story: a decision was taken back.
    StoryUndone,
    /// Story: done again.
    StoryRedone,
    /// Story: a mark was set or taken off.
    StoryMarked,
    /// Story: a note was written.
    StoryNoted,
    /// Story: an entry was called wrong.
    StoryVetoed,
    /// Story: a new version says otherwise.
    StoryNotice,
    /// Story: another tool said something of it.
    StoryOpinion,
    /// Story: any other operation.
    StoryOther,
}

impl SentenceCode {
    /// Names what can stand in a sentence of this code; what is not known or not said is left out. The page reads no other
    /// names: its tests read this list.
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            Self::New => &["sets"],
            Self::Decided => &["category", "by"],
            Self::ReturnedWithdrawn => &["set", "version", "entry", "reason"],
            Self::ReturnedGone => &["set", "version", "entry"],
            Self::ReturnedVetoed => &["set", "version", "entry", "by", "reason"],
            Self::Conflict => &["opinions"],
            Self::Quarantined | Self::KnownUnclassified | Self::Disputed => &["set", "entry"],
            Self::Contradiction => &["set", "entry", "digest", "what"],
            Self::MeaningUnanswered | Self::CodeUnknown | Self::NotAllowed => &["set", "entry", "code"],
            Self::NoPicture
            | Self::Unreadable
            | Self::Link
            | Self::Special
            | Self::Vanished
            | Self::Changed
            | Self::Empty
            | Self::Archive
            | Self::Undecodable
            | Self::Limit
            | Self::Crashed
            | Self::NoSandbox => &["detail"],
            Self::HiddenKnown => {
                &["set", "version", "entry", "digest", "category", "original", "scheme", "agreement", "freshness"]
            }
            Self::HiddenOrdinary => &["set", "version", "entry", "digest", "agreement", "freshness"],
            Self::StoryFound => &["source", "place"],
            Self::StoryJudged => &["before", "after", "why"],
            Self::StoryDecided => &["by", "category", "before"],
            Self::StoryUndone | Self::StoryRedone => &["by", "category"],
            Self::StoryMarked => &["by", "mark", "on"],
            Self::StoryNoted => &["by"],
            Self::StoryVetoed => &["by", "set", "entry", "reason"],
            Self::StoryNotice => &["set", "version", "what", "was", "now"],
            Self::StoryOpinion => &["tool", "code", "meaning", "series", "tags", "comments", "scheme"],
            Self::StoryOther => &["kind", "by"],
        }
    }
}

/// Holds a sentence that the window says in its language: a code and what stands in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Sentence {
    /// What is said.
    pub code: SentenceCode,
    /// What stands in it, by the names of [`SentenceCode::fields`]. Text of files is escaped.
    pub with: BTreeMap<String, String>,
}

impl Sentence {
    /// Tells whether nothing stands in it that its code does not name, so that nothing is lost on the way to the window.
    pub fn is_known(&self) -> bool {
        self.with.keys().all(|name| self.code.fields().contains(&name.as_str()))
    }
}

/// Tells all that the panel shows of one item.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ItemDetail {
    /// Number.
    pub number: u32,
    /// SHA-256, hex.
    pub sha256: String,
    /// SHA-1, hex.
    pub sha1: String,
    /// MD5, hex.
    pub md5: String,
    /// Length in bytes.
    pub size_bytes: f64,
    /// Media type.
    pub media_type: String,
    /// `picture`, `video`, `audio`, `archive`, `other`.
    pub class: String,
    /// Extension that disagrees with the content, escaped.
    pub extension_disagrees: Option<String>,
    /// Width in pixels, after orientation.
    pub width: Option<u32>,
    /// Height.
    pub height: Option<u32>,
    /// Where it stands.
    pub state: TileState,
    /// Why, each reason a sentence; the first is the main one.
    pub why: Vec<Sentence>,
    /// Category that a person gave.
    pub category: Option<String>,
    /// By whom.
    pub decided_by: Option<String>,
    /// When.
    #[cfg_attr(test, ts(type = "string | null"))]
    pub decided_at: Option<UtcTime>,
    /// Marks.
    pub marks: Vec<Mark>,
    /// The note, and who wrote it when; the newest holds.
    pub notes: Vec<NoteView>,
    /// Entries that it looks like, the closest first.
    pub looks_like: Vec<NearView>,
    /// Entries that it met by a digest.
    pub matches: Vec<MatchView>,
    /// Places.
    pub places: Vec<PlaceView>,
    /// When it was taken, as the metadata say: `2025-03-14 16:02:11`, with the offset if stated.
    pub taken: Option<String>,
    /// Camera: maker, model, serial number; software.
    pub camera_make: Option<String>,
    /// Model.
    pub camera_model: Option<String>,
    /// Serial number.
    pub camera_serial: Option<String>,
    /// Software.
    pub software: Option<String>,
    /// Latitude, degrees north.
    pub latitude: Option<f64>,
    /// Longitude, degrees east.
    pub longitude: Option<f64>,
    /// Every value of the metadata as it stood, escaped: group, name, value.
    pub metadata: Vec<(String, String, String)>,
    /// Defects that did not prevent decoding.
    pub remarks: Vec<String>,
    /// Numbers of its look-alikes, itself included, at most 500; empty without any.
    pub stack: Vec<u32>,
    /// Number of its look-alikes, itself included.
    pub stack_count: u32,
    /// What other tools said of it, in the order of recording.
    pub opinions: Vec<OpinionView>,
    /// True when these contradict each other.
    pub tools_conflict: bool,
    /// The item's whole story, the newest first.
    pub story: Vec<StoryStep>,
    /// This person has seen it clearly so often.
    pub seen: u32,
}

/// Holds a note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NoteView {
    /// Who.
    pub by: String,
    /// When.
    #[cfg_attr(test, ts(type = "string"))]
    pub at: UtcTime,
    /// Text; empty when it was removed.
    pub text: String,
}

/// Tells of known material that an item looks like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NearView {
    /// Set.
    pub set: String,
    /// Version.
    pub version: u32,
    /// Entry.
    pub entry: String,
    /// Bits of 256 that differ; up to 31 counts as alike.
    pub distance: u32,
    /// Code in the case's scheme; absent where no crosswalk translates it.
    pub category: Option<String>,
    /// Code and scheme as the set has them.
    pub original: Option<String>,
    /// Scheme of that code.
    pub scheme: Option<String>,
    /// Series, escaped.
    pub series: Option<String>,
    /// Words of [`domain::Flags`] that are true, e.g. `victim_identified`.
    pub flags: Vec<String>,
}

/// Tells of an entry that an item met by a digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct MatchView {
    /// Set.
    pub set: String,
    /// `known` or `good`.
    pub role: String,
    /// Version.
    pub version: u32,
    /// Entry.
    pub entry: String,
    /// Digest: `md5`, `sha1`, `sha256`.
    pub digest: String,
    /// `confirmed`, `alone`, `contradicted`.
    pub agreement: String,
    /// Code in the case's scheme; absent where no crosswalk translates it.
    pub category: Option<String>,
    /// Code as the set has it.
    pub original: Option<String>,
    /// Scheme of that code.
    pub scheme: Option<String>,
    /// Series, escaped.
    pub series: Option<String>,
    /// Flags that are true.
    pub flags: Vec<String>,
    /// True when a good set has the entry too.
    pub quarantined: bool,
}

/// Tells of one place where an item was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PlaceView {
    /// Number of the source.
    pub source: u32,
    /// Label of the source: `A01` and so on, in the order of adding.
    pub label: String,
    /// Place in the source, escaped; members of archives after `!/`.
    pub path: String,
    /// Last modification.
    #[cfg_attr(test, ts(type = "string | null"))]
    pub modified: Option<UtcTime>,
    /// Creation.
    #[cfg_attr(test, ts(type = "string | null"))]
    pub created: Option<UtcTime>,
    /// Time without a zone, as an archive has it.
    pub time_raw: Option<String>,
}

/// Tells one step of an item's story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct StoryStep {
    /// Operation in the ledger.
    pub operation: u32,
    /// When.
    #[cfg_attr(test, ts(type = "string"))]
    pub at: UtcTime,
    /// What.
    pub what: Sentence,
}

/// Tells what always stands at the foot of the window. `shown + hidden + refused + waiting = total`, always.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Strip {
    /// Items shown.
    pub shown: u32,
    /// Items hidden.
    pub hidden: u32,
    /// Items and places refused.
    pub refused: u32,
    /// Items whose derived state was lost and not made again.
    pub waiting: u32,
    /// All.
    pub total: u32,
    /// Of the shown ones, decided.
    pub decided: u32,
    /// Notices that nobody has read.
    pub notices: u32,
    /// Sets in force, with their age.
    pub sets: Vec<SetAge>,
    /// True when sets have changed since the case was matched.
    pub sets_changed: bool,
    /// Clear views of this person today.
    pub seen_today: u32,
}

/// Tells how old a set is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SetAge {
    /// Name.
    pub name: String,
    /// Version.
    pub version: u32,
    /// Hours since it was last found to be the newest or, for a set that nobody publishes, since it was made.
    pub age_hours: u32,
    /// `fresh`, `in-grace`, `beyond`; absent for a set that nobody publishes.
    pub freshness: Option<String>,
}

/// Holds the figures of a case.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NumbersView {
    /// The strip.
    pub strip: Strip,
    /// Places where contents were found.
    pub places: u32,
    /// Bytes of all items.
    pub bytes: f64,
    /// By source: label, path escaped, items, hidden, refused.
    pub sources: Vec<SourceNumbers>,
    /// Items hidden, by set.
    pub hidden_by_set: Vec<Counted>,
    /// Decided items, by category code.
    pub by_category: Vec<Counted>,
    /// Decisions by hour (`2026-11-25T14`, UTC), the last 14 days; all people.
    pub by_hour: Vec<Counted>,
    /// Shown and undecided items.
    pub left: u32,
    /// Decisions an hour of this person over the hours of today in which there were any; absent without any.
    pub rate_an_hour: Option<f64>,
    /// Clear views that were not needed: hidden items of class picture.
    pub views_avoided: u32,
    /// Clear views by this person, all days.
    pub views: u32,
}

/// Counts something by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Counted {
    /// Name.
    pub name: String,
    /// Count.
    pub count: u32,
}

/// Counts one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SourceNumbers {
    /// Number.
    pub source: u32,
    /// Label.
    pub label: String,
    /// Where it is, escaped.
    pub path: String,
    /// `folder`, `zip`, `tar`; `stated` for what the case of another tool tells.
    pub kind: String,
    /// SHA-256 of that case's file, hex, once it was read to its end.
    pub file_sha256: Option<String>,
    /// When it was last read to its end.
    #[cfg_attr(test, ts(type = "string | null"))]
    pub loaded: Option<UtcTime>,
    /// False when it is not there now.
    pub connected: bool,
    /// Items with a place in it.
    pub items: u32,
    /// Of these, hidden.
    pub hidden: u32,
    /// Of these, refused, unread places included.
    pub refused: u32,
}

/// Tells a person of the own day. Nobody else is shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DayView {
    /// Clear views today.
    pub seen: u32,
    /// Of these, only a part.
    pub seen_parts: u32,
    /// Items decided today.
    pub decided: u32,
    /// Of these by category code.
    pub by_category: Vec<Counted>,
    /// Items bookmarked or handed over today.
    pub marked: u32,
    /// Items that are hidden and that this person need not see.
    pub hidden: u32,
    /// Shown and undecided now.
    pub left: u32,
    /// Breaks taken today.
    pub breaks: u32,
}

/// Tells what a new version of a set says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NoticeView {
    /// Number of the notice.
    pub notice: u32,
    /// Item.
    pub number: u32,
    /// `victim-identified`, `offender-identified`, `series-changed`, `category-changed`, `verdict-disputed`, `flags-changed`, `withdrawn`.
    pub kind: String,
    /// Set.
    pub set: String,
    /// Version that says otherwise.
    pub version: u32,
    /// What it said, escaped.
    pub was: String,
    /// What it says.
    pub now: String,
    /// Why, in the publisher's words.
    pub reason: String,
    /// When it was noted.
    #[cfg_attr(test, ts(type = "string"))]
    pub at: UtcTime,
    /// True when somebody has read it.
    pub read: bool,
}
