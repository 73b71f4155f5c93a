//! What crosses to the window about the program itself: start, cases, settings, jobs, events, security.

use domain::UtcTime;
use serde::{Deserialize, Serialize};

use super::detail::Strip;
use super::remark::Remark;

/// Tells what a window needs before a case is open.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Startup {
    /// Version of the program.
    pub version: String,
    /// Settings of this user of the machine.
    pub settings: Settings,
    /// Cases that were open before, the newest first.
    pub recent: Vec<RecentCase>,
    /// Schemes that a case can have.
    pub schemes: Vec<SchemeView>,
    /// Folder of the hash sets, escaped.
    pub sets_dir: String,
    /// Folder that new cases are suggested in, escaped.
    pub cases_dir: String,
    /// The case that is open, or locked.
    pub open: Option<CaseHead>,
    /// True when it is locked.
    pub locked: bool,
}

/// Holds the settings of this user of the machine. They hold nothing of a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(default)]
pub struct Settings {
    /// `en`, `nl`, or `system`.
    pub language: String,
    /// `dark`, `light`, or `system`.
    pub theme: String,
    /// Minutes without a hand after which the window goes blank, 1 to 60.
    pub blank_minutes: u32,
    /// Minutes without a hand after which it locks, 1 to 120.
    pub lock_minutes: u32,
    /// Minutes of work after which a break is proposed; 0 never.
    pub break_minutes: u32,
    /// Strength of the veil, 1 (weaker) to 3 (as drawn; the default).
    pub veil_strength: u32,
    /// Length of the longer side of a tile's picture in pixels: 96, 128, 160, 208 or 256.
    pub tile_px: u32,
    /// True when space shows and space again hides, for hands that cannot hold a key.
    pub press_to_reveal: bool,
    /// True when single keys do nothing, and only those with Ctrl do.
    pub single_keys_off: bool,
    /// Keys that the person has changed: action, keys.
    pub keys: Vec<(String, Vec<String>)>,
    /// True when the ring moves on after a decision.
    pub advance: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: "system".to_owned(),
            theme: "system".to_owned(),
            blank_minutes: 5,
            lock_minutes: 15,
            break_minutes: 50,
            veil_strength: 3,
            tile_px: 128,
            press_to_reveal: false,
            single_keys_off: false,
            keys: Vec::new(),
            advance: true,
        }
    }
}

/// Names a case that was open before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RecentCase {
    /// Folder, as the commands take it.
    pub dir: String,
    /// Case number.
    pub number: String,
    /// Who opened it last.
    pub user: String,
    /// When.
    #[cfg_attr(test, ts(type = "string"))]
    pub opened: UtcTime,
    /// False when the folder is not there now.
    pub there: bool,
}

/// Describes a scheme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SchemeView {
    /// Id.
    pub id: String,
    /// Name in English, or in the only language that it has one in.
    pub title: String,
    /// Name in Dutch, where that is another one.
    pub title_nl: Option<String>,
    /// Who has to sign it off, and that nobody has.
    pub status: Remark,
    /// Categories in the order of their keys.
    pub categories: Vec<CategoryView>,
}

/// Describes a category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CategoryView {
    /// Code.
    pub code: String,
    /// Key that gives it: `1` to `9`, absent beyond nine.
    pub key: Option<String>,
    /// Name in English.
    pub en: String,
    /// Name in Dutch.
    pub nl: String,
}

/// Says what a new case is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NewCaseForm {
    /// Folder to make it in; it must not exist, or be empty.
    pub dir: String,
    /// Case number.
    pub number: String,
    /// Unit.
    pub unit: String,
    /// Warrant, period and types of media, as one text of `key: value` lines that people read.
    pub legal_scope: String,
    /// Id of the scheme.
    pub scheme: String,
    /// Name of the first user, a team lead.
    pub user: String,
    /// Passphrase of that user.
    pub passphrase: String,
}

/// Names the case that is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CaseHead {
    /// Folder, as the commands take it.
    pub dir: String,
    /// Case number.
    pub number: String,
    /// Unit.
    pub unit: String,
    /// Legal scope.
    pub legal_scope: String,
    /// User.
    pub user: String,
    /// `investigator`, `team-lead`, `auditor`.
    pub role: String,
    /// Scheme of its categories.
    pub scheme: SchemeView,
    /// Changes at each opening: what `media:` was told before is not served after it.
    pub epoch: String,
    /// True for the demonstration case.
    pub demonstration: bool,
}

/// Names a kind of job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum JobKind {
    /// Sources are loaded.
    Load,
    /// Sets are fetched and applied.
    Sync,
    /// The case follows its sets.
    Rematch,
    /// The case is verified.
    Verify,
    /// A list is imported.
    Import,
    /// The demonstration case is made.
    Demo,
}

/// Names where a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum JobState {
    /// Waits for its turn: another job has the case, or the sets, in hand.
    Waiting,
    /// At work.
    Running,
    /// A person holds it.
    Paused,
    /// Coming to its end after a wish to stop; what was done is kept.
    Stopping,
    /// Stopped by a person.
    Stopped,
    /// Done.
    Done,
    /// Failed.
    Failed,
}

/// Tells how far a stage of a job is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct JobStage {
    /// `list`, `read`, `look-up`, `decode`, `record`, `stack`, `match`, `fetch`, `apply`, `verify`, `import`, `draw`,
    /// `describe`, `join`.
    pub stage: String,
    /// Files, rows or entries that are done.
    pub done: u32,
    /// How many there are, once that is known.
    pub total: Option<u32>,
}

/// Tells of a job.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct JobView {
    /// Number in this session.
    pub job: u32,
    /// Kind.
    pub kind: JobKind,
    /// Where it is.
    pub state: JobState,
    /// Stages in their order.
    pub stages: Vec<JobStage>,
    /// Files (rows, entries) a second, over the last seconds.
    pub rate: f64,
    /// Bytes read.
    pub bytes: f64,
    /// Seconds that are left; never more than 20 % over what was said before. Absent while nothing can be said.
    pub seconds_left: Option<u32>,
    /// What it did, once it is done.
    pub outcome: Option<JobOutcome>,
    /// What went wrong.
    pub error: Option<WindowError>,
    /// True for a load that goes on by itself where a lock had stopped it.
    pub resumed: bool,
}

/// Tells what a job did.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum JobOutcome {
    /// Sources were loaded.
    Load {
        /// Files read.
        files: u32,
        /// Files that have not changed.
        passed_over: u32,
        /// New contents.
        new_items: u32,
        /// New places.
        new_places: u32,
    },
    /// The case of another tool was added.
    Foreign {
        /// Records in it.
        records: u32,
        /// Of these, those whose content is in the case.
        joined: u32,
        /// Those whose content did not come along.
        absent: u32,
        /// New places that it states.
        places: u32,
        /// Opinions that were kept.
        opinions: u32,
        /// Records that disagree with their stored file.
        disagreeing: u32,
        /// Items on which verdicts contradict each other.
        conflicts: u32,
        /// Records whose code nobody has said the meaning of.
        unanswered: u32,
        /// New contents.
        new_items: u32,
    },
    /// Sets came.
    Sync {
        /// What became of each publisher.
        lines: Vec<SyncLineView>,
        /// What the open case made of it.
        rematch: Option<RematchOutcome>,
    },
    /// The case was matched again.
    Rematch(RematchOutcome),
    /// The case was verified.
    Verify {
        /// True when nothing is wrong.
        sound: bool,
        /// Operations whose chain was walked.
        operations: u32,
        /// Hides that were checked.
        hides: u32,
        /// Hash of the newest operation: to be noted outside this machine.
        head: String,
        /// What is wrong.
        problems: Vec<Remark>,
    },
    /// A list was imported.
    Import {
        /// Set.
        set: String,
        /// Version.
        version: u32,
        /// Entries.
        entries: u32,
        /// Rows that were refused.
        refused: u32,
    },
    /// The demonstration case is there.
    Demo {
        /// Its folder.
        dir: String,
    },
}

/// Tells what matching again did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RematchOutcome {
    /// Items that were judged.
    pub items: u32,
    /// Hidden now.
    pub newly_hidden: u32,
    /// Shown again: nothing hides them any more.
    pub returned: u32,
    /// Shown again: what the sets say of them does not hold together.
    pub odd: u32,
    /// New notices.
    pub notices: u32,
}

/// Tells what a sync did for one publisher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SyncLineView {
    /// Publisher.
    pub publisher: String,
    /// Set.
    pub set: String,
    /// `fresh`, `in-grace`, `beyond`.
    pub freshness: Option<String>,
    /// `arrived`, `renewed`, `waiting`, `revoked`, `refused`.
    pub outcome: String,
    /// Version before.
    pub from: Option<u32>,
    /// Version now, or that waits.
    pub version: Option<u32>,
    /// New entries.
    pub added: u32,
    /// Changed entries.
    pub changed: u32,
    /// Withdrawn entries.
    pub withdrawn: u32,
    /// Entries that hide nothing because a good set has them.
    pub quarantined: u32,
    /// Why it waits or was refused: a word (`signature`, `rollback`, `expired`, `limit`, ...).
    pub code: Option<String>,
    /// The same as a sentence in English.
    pub message: Option<String>,
    /// Why it waits.
    pub why: Option<Remark>,
    /// What to do, in English.
    pub hint: Option<String>,
}

/// Shows what the file of a publisher says, before it is trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct EnrolmentView {
    /// Publisher.
    pub publisher: String,
    /// Its set.
    pub set: String,
    /// Title of the set.
    pub title: String,
    /// Where it publishes; `null` where its releases are carried in.
    pub address: Option<String>,
    /// SHA-256 of the root metadata in hex, which a person compares with what the publisher reads out.
    pub fingerprint: String,
}

/// Tells of a publisher that is trusted here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PublisherLine {
    /// Publisher.
    pub publisher: String,
    /// Who introduced it.
    pub introduced_by: Option<String>,
    /// Where it publishes.
    pub address: Option<String>,
    /// Its set, as installed.
    pub set: Option<String>,
    /// Version installed.
    pub version: Option<u32>,
    /// Entries.
    pub entries: Option<u32>,
    /// `fresh`, `in-grace`, `beyond`.
    pub freshness: Option<String>,
    /// When it was last found to be the newest.
    #[cfg_attr(test, ts(type = "string | null"))]
    pub checked: Option<UtcTime>,
    /// Until when that holds.
    #[cfg_attr(test, ts(type = "string | null"))]
    pub expires: Option<UtcTime>,
    /// An update that waits for a person.
    pub waiting: Option<WaitingLine>,
    /// What is wrong with what is kept about it, in English.
    pub damage: Option<String>,
}

/// Tells of an update that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct WaitingLine {
    /// Version that would come.
    pub version: u32,
    /// New entries.
    pub added: u32,
    /// Changed entries.
    pub changed: u32,
    /// Withdrawn entries.
    pub withdrawn: u32,
    /// Entries that would hide nothing.
    pub quarantined: u32,
    /// Why it waits.
    pub why: Remark,
}

/// Tells of a hash set that is installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SetLine {
    /// Name.
    pub name: String,
    /// `known` or `good`.
    pub role: String,
    /// Version.
    pub version: u32,
    /// Entries.
    pub entries: u32,
    /// Scheme of its categories.
    pub profile: Option<String>,
    /// When it was made.
    #[cfg_attr(test, ts(type = "string | null"))]
    pub published: Option<UtcTime>,
    /// When it was imported or installed.
    #[cfg_attr(test, ts(type = "string"))]
    pub imported: UtcTime,
    /// Publisher, where it came as a release.
    pub publisher: Option<String>,
    /// `fresh`, `in-grace`, `beyond`.
    pub freshness: Option<String>,
    /// Whole days since it was last found to be the newest, or made.
    pub age_days: u32,
    /// Entries that a good set has too.
    pub quarantined: u32,
    /// Digests with different verdicts within the set.
    pub conflicts: u32,
    /// Codes that nobody has said the meaning of.
    pub unanswered: Vec<String>,
    /// Entries by category code.
    pub categories: Vec<(String, u32)>,
    /// Items of the open case that it hides.
    pub hides: u32,
}

/// Tells of a set that the open case was matched with, and that the folder of the sets does not have any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct MissingSet {
    /// Name.
    pub name: String,
    /// Version that the case was matched with.
    pub version: u32,
    /// Older version that the folder has; absent where it has none.
    pub there: Option<u32>,
    /// Items of the case that it hides now.
    pub hides: u32,
}

/// Tells of a list before it is imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ImportPreview {
    /// Name of the file, escaped.
    pub file: String,
    /// Form of the list, e.g. `VICS 2.0 hash set`.
    pub form: String,
    /// Entries.
    pub entries: u32,
    /// Rows that would be refused, by reason.
    pub refused: Vec<(Remark, u32)>,
    /// Entries by category code.
    pub categories: Vec<(String, u32)>,
    /// Codes whose meaning a person has to say: `0`, `5`.
    pub questions: Vec<String>,
    /// What stands in the way; empty when nothing does.
    pub open: Vec<Remark>,
}

/// Says how lists are imported.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ImportForm {
    /// Files.
    pub files: Vec<String>,
    /// Name of the set.
    pub name: String,
    /// `known` or `good`.
    pub role: String,
    /// Profile; empty where the list says it.
    pub profile: String,
    /// Meanings of codes: code, `non-pertinent` or `uncategorized`.
    pub meanings: Vec<(String, String)>,
}

/// Tells whether something that protects is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SecurityLine {
    /// What.
    pub what: SecurityTopic,
    /// How it stands.
    pub standing: SecurityStanding,
    /// A figure or word that belongs to it, e.g. `Landlock ABI 7, seccomp`.
    pub detail: String,
}

/// Names what protects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum SecurityTopic {
    /// The decoder runs confined.
    Decoder,
    /// The window has no network.
    Network,
    /// Case and drafts are encrypted at rest.
    Encryption,
    /// Memory may be written to a swap that is not encrypted.
    Swap,
    /// Memory may be written to a file when the program ends.
    CoreDump,
    /// Sets are fresh.
    Sets,
    /// The webview keeps nothing on the disk.
    Webview,
    /// Other programs can record the screen: not prevented on Linux.
    ScreenCapture,
    /// It locks by itself.
    AutoLock,
    /// The folder of the case is for this user alone.
    CaseFolder,
}

/// Tells how something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum SecurityStanding {
    /// In force.
    Fine,
    /// Only in part, or something is to be done.
    Caution,
    /// Not in force.
    Absent,
    /// It cannot be told here.
    Unknown,
}

/// Tells of a user of the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct UserLine {
    /// Name.
    pub name: String,
    /// `investigator`, `team-lead`, `auditor`.
    pub role: String,
    /// When the user was added.
    #[cfg_attr(test, ts(type = "string"))]
    pub added: UtcTime,
    /// When the user was removed.
    #[cfg_attr(test, ts(type = "string | null"))]
    pub removed: Option<UtcTime>,
}

/// Holds a permission to fetch one clear picture, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Ticket {
    /// Path below `media:` that serves it.
    pub path: String,
    /// To give back when the key is let go.
    pub ticket: String,
    /// Width of what is served, pixels.
    pub width: u32,
    /// Height.
    pub height: u32,
    /// True when the source is not there, and the small picture of the case is served instead.
    pub small: bool,
}

/// Says how a picture is to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RevealForm {
    /// Number of the item.
    pub number: u32,
    /// True for colour; else grey.
    pub colour: bool,
    /// Longest side that is of use, pixels; at most 8,192.
    pub longest_px: u32,
    /// Only a circle: its centre and radius in thousandths of the longer side; the rest is veiled.
    pub part: Option<(u32, u32, u32)>,
}

/// Says what happened and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct WindowError {
    /// Word that the window switches on; it has a sentence in both languages for each.
    pub code: String,
    /// What happened, in English.
    pub message: String,
    /// What to do, in English.
    pub hint: String,
    /// Technical detail.
    pub detail: String,
}

/// Says what is stale, so that the window asks again.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case", tag = "event")]
pub enum Event {
    /// The counts; items came, went, or were decided.
    Counts {
        /// The strip as it is now.
        strip: Strip,
    },
    /// A job moved.
    Job {
        /// The job.
        job: JobView,
    },
    /// Nobody was at the machine: nothing is to be seen any more until a hand moves.
    Blank,
    /// The case was locked: dialogs, pictures and drafts are to be dropped.
    Locked,
    /// Sets came or went.
    Sets,
    /// Files were dropped on the window.
    Dropped {
        /// Their paths, as the commands take them.
        paths: Vec<String>,
    },
    /// A file is dragged over the window, or no longer.
    Dragging {
        /// True while it is.
        over: bool,
    },
}
