//! What the folder of the post room tells without it: who is trusted, what waits for a person, and what people decided.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use domain::release::{Arrival, FloodLimits};
use domain::{CategoryCode, Fingerprint, PublisherId, SetName, SetVersion, UtcTime};
use hashset::{SetInfo, Sets, WaitReason};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};
use sha2::Digest;

use crate::post::{ApplyJob, Arrived};
use crate::view::ReleaseView;
use crate::{Code, Error, durable, report};

/// Folder of the post room in that of the sets.
const SYNC: &str = "sync";
/// Name of the file in which the post room keeps who introduced a partner, and as what.
const INTRODUCTION: &str = "introduction.json";
/// Name of the file in which the post room remembers the versions that it has seen.
const MARK: &str = "mark.json";
/// Name of the file in which the post room remembers who left a publisher.
const LEFT: &str = "left.jsonl";
/// Name of the file in which the post room keeps the team leads that a publisher signed for.
const LEADS: &str = domain::release::LEADS_TARGET;
/// Name of the file of decisions that people make about syncs.
const LOG: &str = "log.jsonl";
/// Name of the file that keeps an update which waits for a person.
const WAITING: &str = "waiting.json";
/// Name of the file that whoever fetches and applies holds meanwhile.
const TURN: &str = "turn.lock";
/// Largest number of bytes of a file that the post room keeps about a publisher.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// Tells of one publisher that is trusted here.
#[derive(Debug, Clone, Serialize)]
pub struct PublisherView {
    /// The publisher.
    pub publisher: PublisherId,
    /// Who introduced it, where that was a publisher.
    pub introduced_by: Option<String>,
    /// Where it publishes, if it says so.
    pub address: Option<String>,
    /// Its set as it is installed.
    pub set: Option<SetName>,
    /// Installed version.
    pub version: Option<SetVersion>,
    /// Number of entries.
    pub entries: Option<u64>,
    /// Whole days since the installed version was made.
    pub age_days: Option<i64>,
    /// How fresh it is.
    pub release: Option<ReleaseView>,
    /// An update that waits for a person.
    pub waiting: Option<WaitingView>,
    /// The root metadata that it is trusted by now, where what is remembered of it is whole. Its custodian reads the same
    /// one out, once this workstation has taken what was published last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
    /// True when whoever introduced it has taken that back: it is no longer trusted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub revoked: bool,
    /// What is wrong with what the post room keeps about it; nothing of it is taken until that is mended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub damage: Option<String>,
}

/// Tells of an update that waits for a person.
#[derive(Debug, Clone, Serialize)]
pub struct WaitingView {
    /// What would come.
    #[serde(flatten)]
    pub arrival: Arrived,
    /// Why it waits; in JSON its sentence.
    #[serde(serialize_with = "as_sentence")]
    pub why: Why,
}

/// Says why an update waits, as it is kept beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Why {
    /// By a type.
    Reason(WaitReason),
    /// By a sentence in English: earlier versions of this program kept nothing else.
    Sentence(String),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reason(reason) => reason.fmt(f),
            Self::Sentence(words) => f.write_str(words),
        }
    }
}

/// Gives a reason to scripts as the sentence that people read.
pub(crate) fn as_sentence<S: Serializer>(why: &impl fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(why)
}

/// Keeps others from fetching and applying meanwhile: what one hands over, another would sweep away.
pub(crate) fn take_turn(sets_dir: &Path) -> Result<durable::Turn, Error> {
    let folder = sets_dir.join(SYNC);
    let path = folder.join(TURN);
    let turn = std::fs::create_dir_all(&folder).and_then(|()| durable::take_turn(&path));
    turn.map_err(|error| storage(&path, &error))?.ok_or_else(|| {
        let message = "Another sync is at work with these sets.";
        Error::new(Code::InUse, message, "Wait until it has finished, then run it again.")
    })
}

/// Lists the publishers that are trusted here, with what is installed of them and what waits.
pub fn sync_status(sets_dir: &Path, now: UtcTime) -> Result<Vec<PublisherView>, Error> {
    let sets = Sets::open(sets_dir)?;
    let mut views = Vec::new();
    for publisher in publishers(sets_dir)? {
        // A damaged desk hides no other.
        let (account, damage) = match account_of(sets_dir, &publisher) {
            Ok(Some(account)) => (account, None),
            Ok(None) => continue,
            Err(error) => (Value::Null, Some(error.message)),
        };
        let of = |info: &&SetInfo| info.release.as_ref().is_some_and(|stamp| stamp.publisher == publisher);
        let info = sets.list().iter().find(of);
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let (waiting, damage) = match read_waiting(sets_dir, &publisher) {
            Ok(waiting) => (waiting, damage),
            Err(error) => (None, damage.or(Some(error.message))),
        };
        let mark = read_mark(sets_dir, &publisher);
        let fingerprint = mark.as_ref().ok().and_then(|mark| mark.root_sha256.parse().ok());
        let damage = damage.or_else(|| mark.err().map(|error| error.message));
        views.push(PublisherView {
            revoked: account["partner"]["revoked"].as_bool().unwrap_or(false),
            introduced_by: text(&account["by"]),
            address: text(&account["address"]).or_else(|| text(&account["partner"]["address"])),
            set: info.map(|info| info.stamp.name.clone()),
            version: info.map(|info| info.stamp.version),
            entries: info.map(|info| info.entries),
            age_days: info.map(|info| now.days_since(info.stamp.published.unwrap_or(info.imported))),
            release: info.and_then(|info| report::release_view(info, now)),
            waiting: waiting.map(|waiting| WaitingView { arrival: waiting.arrival.into(), why: waiting.why }),
            fingerprint,
            damage,
            publisher,
        });
    }
    Ok(views)
}

/// Reads what the post room remembers of the versions of a publisher.
///
/// Errors: it cannot be relied on. Then nothing of the publisher is taken any more, and two people have to put it right.
fn read_mark(sets_dir: &Path, publisher: &PublisherId) -> Result<Mark, Error> {
    let path = desk(sets_dir, publisher).join(MARK);
    let wrong = |problem: &str| {
        let message =
            format!("The memory of the versions that were seen of {publisher} {problem}; nothing of it is taken.");
        Error::new(Code::Damaged, message, "Two people restore it: `zeef sync reset`.")
    };
    let bytes = durable::read_at_most(&path, FILE_BYTES_MAX).map_err(|error| storage(&path, &error))?;
    let bytes = bytes.ok_or_else(|| wrong("is missing"))?;
    let sealed: SealedMark = serde_json::from_slice(&bytes).map_err(|_| wrong("cannot be read"))?;
    // The seal is over the mark as it is written without spaces.
    let written = serde_json::to_vec(&sealed.mark).map_err(|_| wrong("cannot be read"))?;
    let seal: String = sha2::Sha256::digest(&written).iter().map(|byte| format!("{byte:02x}")).collect();
    match sealed {
        sealed if seal != sealed.sha256 => Err(wrong("was changed")),
        sealed if sealed.mark.publisher != publisher.as_str() => Err(wrong("is that of another publisher")),
        sealed => Ok(sealed.mark),
    }
}

/// Lists the publishers that have a desk.
fn publishers(sets_dir: &Path) -> Result<BTreeSet<PublisherId>, Error> {
    let folder = sets_dir.join(SYNC);
    let listing = match std::fs::read_dir(&folder) {
        Ok(listing) => listing,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(storage(&folder, &error)),
    };
    let mut found = BTreeSet::new();
    for entry in listing {
        let entry = entry.map_err(|error| storage(&folder, &error))?;
        // Beside the desks of publishers lie locks and the log. The post room refuses a desk that is a link.
        if entry.file_type().is_ok_and(|kind| kind.is_dir() || kind.is_symlink()) {
            found.extend(entry.file_name().to_str().and_then(|name| name.parse::<PublisherId>().ok()));
        }
    }
    Ok(found)
}

/// Removes the sets of publishers that were left, and what waited of them; gives the names of the sets. Whether somebody
/// was left is known by what the post room remembers of it, so that this completes what was interrupted.
pub fn remove_left(sets_dir: &Path) -> Result<Vec<SetName>, Error> {
    let _turn = take_turn(sets_dir)?;
    let mut removed = Vec::new();
    for publisher in publishers(sets_dir)? {
        // One that was enrolled again is not left; one that cannot be read hides what it hid.
        let was_left = desk(sets_dir, &publisher).join(LEFT).is_file();
        if !was_left || !matches!(account_of(sets_dir, &publisher), Ok(None)) {
            continue;
        }
        forget_waiting(sets_dir, &publisher)?;
        let of = |info: &&SetInfo| info.release.as_ref().is_some_and(|stamp| stamp.publisher == publisher);
        for info in Sets::open(sets_dir)?.list().iter().filter(of) {
            hashset::remove(sets_dir, &info.stamp.name)?;
            removed.push(info.stamp.name.clone());
        }
    }
    Ok(removed)
}

/// Finds the list of team leads that the sync keeps, for whoever checks a package without naming one.
///
/// Errors: none is kept, or those of several publishers are: which of them is meant, a person has to say.
pub fn kept_leads(sets_dir: &Path) -> Result<PathBuf, Error> {
    let folder = sets_dir.join(SYNC);
    let listing = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut lists: Vec<PathBuf> = listing.map(|entry| entry.path().join(LEADS)).filter(|path| path.is_file()).collect();
    lists.sort();
    match lists.as_slice() {
        [one] => Ok(one.clone()),
        [] => {
            let message = format!("No list of team leads is kept in `{}`.", domain::shown_path(&folder));
            let hint =
                "Run `zeef sync run`: it keeps the list of a publisher that signs one. Or name one with --trusted.";
            Err(Error::new(Code::NotFound, message, hint))
        }
        several => {
            let names: Vec<String> = several.iter().map(|path| domain::shown_path(path)).collect();
            let message = format!("There are {} lists of team leads: {}.", names.len(), names.join(", "));
            Err(Error::new(
                Code::BadInput,
                message,
                "Name that of the custodian whose packages you mean: --trusted FILE.",
            ))
        }
    }
}

/// Names the folder in which the post room keeps what it knows of a publisher.
pub(crate) fn desk(sets_dir: &Path, publisher: &PublisherId) -> PathBuf {
    sets_dir.join(SYNC).join(publisher.as_str())
}

/// Reads what the post room keeps about a publisher: for a partner its introduction, else its enrolment. A partner has an
/// enrolment too as soon as its set is known, which does not follow what its publisher says of it later.
fn account_of(sets_dir: &Path, publisher: &PublisherId) -> Result<Option<Value>, Error> {
    let folder = desk(sets_dir, publisher);
    if std::fs::symlink_metadata(&folder).is_ok_and(|found| found.is_symlink()) {
        let message = format!("`{}` is a link, and nothing of {publisher} is taken.", domain::shown_path(&folder));
        return Err(Error::new(Code::BadInput, message, "Put the folder itself there."));
    }
    let enrolment = json_of(&desk(sets_dir, publisher).join(domain::release::ENROLMENT_FILE))?;
    Ok(json_of(&desk(sets_dir, publisher).join(INTRODUCTION))?.or(enrolment))
}

/// Reads a file of the post room; `None` where it is missing.
fn json_of(path: &Path) -> Result<Option<Value>, Error> {
    let bytes = durable::read_at_most(path, FILE_BYTES_MAX).map_err(|error| storage(path, &error))?;
    bytes.map(|bytes| serde_json::from_slice(&bytes).map_err(|error| damaged(path, &error))).transpose()
}

/// Gives the codes by which a partner may hide, as its introduction says now; the outer `None` where it has none.
pub(crate) fn allowed_of(
    sets_dir: &Path,
    publisher: &PublisherId,
) -> Result<Option<Option<BTreeSet<CategoryCode>>>, Error> {
    let path = desk(sets_dir, publisher).join(INTRODUCTION);
    let Some(introduction) = json_of(&path)? else { return Ok(None) };
    let allowed = introduction["partner"]["allowed_categories"].clone();
    serde_json::from_value(allowed).map(Some).map_err(|error| damaged(&path, &error))
}

/// Gives how much an update may change, whatever the publisher itself says.
pub(crate) fn limits_of(sets_dir: &Path, publisher: &PublisherId) -> Result<FloodLimits, Error> {
    let path = desk(sets_dir, publisher);
    let account = account_of(sets_dir, publisher)?.unwrap_or_default();
    serde_json::from_value(account["limits"].clone()).map_err(|error| damaged(&path, &error))
}

/// Reads the update of a publisher that waits, if one does.
pub(crate) fn read_waiting(sets_dir: &Path, publisher: &PublisherId) -> Result<Option<Waiting>, Error> {
    let path = desk(sets_dir, publisher).join(WAITING);
    let bytes = durable::read_at_most(&path, FILE_BYTES_MAX).map_err(|error| storage(&path, &error))?;
    let Some(bytes) = bytes else { return Ok(None) };
    let waiting: Waiting = serde_json::from_slice(&bytes).map_err(|error| damaged(&path, &error))?;
    Ok(Some(waiting).filter(|waiting| waiting.job.publisher == *publisher))
}

/// Keeps an update until a person has looked at it.
pub(crate) fn keep_waiting(sets_dir: &Path, waiting: &Waiting) -> Result<(), Error> {
    let path = desk(sets_dir, &waiting.job.publisher).join(WAITING);
    let text = serde_json::to_vec(waiting).expect("every value of the words becomes JSON");
    durable::write(&path, &text).map_err(|error| storage(&path, &error))
}

/// Forgets an update that waited, if one did.
pub(crate) fn forget_waiting(sets_dir: &Path, publisher: &PublisherId) -> Result<(), Error> {
    let path = desk(sets_dir, publisher).join(WAITING);
    durable::remove(&path).map_err(|error| storage(&path, &error))
}

fn storage(path: &Path, error: &std::io::Error) -> Error {
    let code = if error.kind() == std::io::ErrorKind::StorageFull { Code::DiskFull } else { Code::BadInput };
    let message = format!("The file `{}` cannot be read or written.", domain::shown_path(path));
    Error::new(code, message, "Check the folder of the sets, then run it again.").with_detail(error)
}

fn damaged(path: &Path, error: &serde_json::Error) -> Error {
    let message = format!("`{}` does not hold what the post room keeps there.", domain::shown_path(path));
    Error::new(Code::Damaged, message, "Fetch again with `zeef sync run`; if that does not help, enrol again.")
        .with_detail(error)
}

/// What the post room remembers of the versions of a publisher, in the order in which it writes it, with its seal.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SealedMark {
    mark: Mark,
    sha256: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mark {
    schema: u32,
    publisher: String,
    root: u64,
    root_sha256: String,
    timestamp: u64,
    snapshot: u64,
    targets: u64,
    timestamp_since_root: u64,
    snapshot_since_root: u64,
    published: Value,
}

/// An update that waits for a person.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Waiting {
    /// What is applied when a person agrees.
    pub job: ApplyJob,
    /// What would come.
    pub arrival: Arrival,
    /// Why it waits.
    pub why: Why,
}

/// Notes what a person decided about syncs: one line of JSON in `SETS/sync/log.jsonl`, only ever added.
pub fn log_decision(sets_dir: &Path, mut what: Value, now: UtcTime) -> Result<(), Error> {
    what["at"] = json!(now);
    let folder = sets_dir.join(SYNC);
    let path = folder.join(LOG);
    let write = std::fs::create_dir_all(&folder).and_then(|()| durable::append(&path, &what.to_string()));
    write.map_err(|error| storage(&path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A mark that the post room has written, for a publisher of generated sets.
    const SEALED: &str = r#"{
  "mark": {
    "schema": 1,
    "publisher": "demonstration",
    "root": 1,
    "root_sha256": "a430ae51184bcb40fb4afb8939dc8b6707477905b24e16656b36d5b0f0651a83",
    "timestamp": 2,
    "snapshot": 2,
    "targets": 2,
    "timestamp_since_root": 0,
    "snapshot_since_root": 0,
    "published": "2026-11-26T00:41:56.609697Z"
  },
  "sha256": "af339b85a5f5762ff81f064af3b53b0fb62e984ce6369a14dc5612f7f53f93a5"
}
"#;

    #[test]
    fn a_damaged_memory_of_what_was_seen_is_told_and_an_intact_one_is_not() {
        let sets = tempfile::tempdir().unwrap();
        let publisher: PublisherId = "demonstration".parse().unwrap();
        let folder = desk(sets.path(), &publisher);
        std::fs::create_dir_all(&folder).unwrap();
        let told = || read_mark(sets.path(), &publisher).map(|_| ()).map_err(|error| error.message);
        assert!(told().unwrap_err().contains("is missing"));
        let put = |text: &str| std::fs::write(folder.join(MARK), text).unwrap();
        put(SEALED);
        assert_eq!(told(), Ok(()));
        put(&SEALED.replace("\"timestamp\": 2", "\"timestamp\": 1"));
        assert!(told().unwrap_err().contains("was changed"));
        put(&SEALED[..SEALED.len() / 2]);
        assert!(told().unwrap_err().contains("cannot be read"));
        put(SEALED);
        let other: PublisherId = "north".parse().unwrap();
        std::fs::create_dir_all(desk(sets.path(), &other)).unwrap();
        std::fs::copy(folder.join(MARK), desk(sets.path(), &other).join(MARK)).unwrap();
        assert!(read_mark(sets.path(), &other).map(|_| ()).unwrap_err().message.contains("another publisher"));
    }

    #[test]
    fn the_one_list_of_team_leads_is_found_and_several_are_asked_about() {
        let sets = tempfile::tempdir().unwrap();
        let refused = |sets: &Path| kept_leads(sets).unwrap_err();
        assert_eq!(refused(sets.path()).code, Code::NotFound);
        let put = |publisher: &str| {
            let folder = desk(sets.path(), &publisher.parse().unwrap());
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(LEADS), "{}").unwrap();
            folder.join(LEADS)
        };
        let national = put("national");
        assert_eq!(kept_leads(sets.path()).unwrap(), national);
        put("other");
        let error = refused(sets.path());
        assert!(error.code == Code::BadInput && error.message.contains("other/leads.json"), "{error:?}");
    }
}
