//! The daily sync: starts the post room, has what it verified applied, and tells what came.
//!
//! The post room (`zeef-sync`) is the only program that uses the network; it never touches a set. What it hands over is
//! applied by a process of its own without rights ([`apply_job`] in a child of the front door), because there it is parsed.
//! Beyond its words about signed things nothing of it is believed: files lie in the folder of that very publisher.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use domain::release::{Arrival, FloodLimits, Handover, MinimumVersions, RefusedCode, ReleaseIndex, VerifiedFile};
use domain::{CategoryCode, Freshness, PublisherId, ReleaseStamp, SetName, SetVersion, UserName, UtcTime};
use hashset::{Applied, Consent, HashsetError, Incoming, SetInfo, Sets, WaitReason};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::desk::{
    Waiting, Why, allowed_of, as_sentence, desk, forget_waiting, keep_waiting, limits_of, log_decision, read_waiting,
    take_turn,
};
use crate::starting::{Started, Starter};
use crate::{Code, Error, Progress, Setting};

/// Longest line that the post room says: a release index with all of its parts.
const LINE_BYTES_MAX: u64 = 64 << 20;
/// Longest time after which a wish to stop is seen while the post room says nothing.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Says what is to be fetched.
#[derive(Debug, Clone)]
pub struct SyncRequest {
    /// Folder of the hash sets.
    pub sets_dir: PathBuf,
    /// The program `zeef-sync`.
    pub program: PathBuf,
    /// Who starts it.
    pub starter: Arc<dyn Starter>,
    /// A folder or an address instead of the publishers' own.
    pub from: Option<String>,
    /// Whose releases; empty is everybody's.
    pub publishers: Vec<PublisherId>,
    /// Two people who take what is beyond grace.
    pub override_expiry: Option<Override>,
    /// A clock to use in the place of the system's, for tests.
    pub now: Option<UtcTime>,
}

/// Names two people who take what is beyond grace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// One.
    pub one: UserName,
    /// Another.
    pub other: UserName,
}

/// Holds what a process without rights applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplyJob {
    /// The publisher.
    pub publisher: PublisherId,
    /// The newest release.
    pub index: Box<ReleaseIndex>,
    /// What the store keeps with the set.
    pub stamp: Box<ReleaseStamp>,
    /// Codes that may hide, where they are restricted.
    pub allowed: Option<BTreeSet<CategoryCode>>,
    /// The files, by their names in the publisher's own folder.
    pub files: Vec<VerifiedFile>,
    /// Limits of the enrolment.
    pub limits: FloodLimits,
    /// True when a person has agreed to more than the limits.
    pub person: bool,
    /// Now.
    pub now: UtcTime,
}

/// Tells what became of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "applied")]
pub enum ApplyOutcome {
    /// Nothing was to be done.
    Current,
    /// The version is the same; what is known of its age was renewed.
    Renewed,
    /// The set has its new version.
    Switched {
        /// What came.
        arrival: Arrival,
    },
    /// It changes more than it may, and waits for a person.
    Waiting {
        /// What would come.
        arrival: Arrival,
        /// Why it waits.
        why: WaitReason,
    },
}

/// Applies a job for a set folder, somewhere without rights.
pub type Apply<'a> = &'a dyn Fn(&Path, &ApplyJob) -> Result<ApplyOutcome, Error>;

/// Tells what a run did for one publisher.
#[derive(Debug, Clone, Serialize)]
pub struct SyncLine {
    /// The publisher.
    pub publisher: PublisherId,
    /// Its set.
    pub set: SetName,
    /// How fresh it is by this medium.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freshness: Option<Freshness>,
    /// What happened.
    #[serde(flatten)]
    pub outcome: SyncOutcome,
}

/// Tells what became of the release of one publisher.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case", tag = "outcome")]
pub enum SyncOutcome {
    /// It is the one that is installed.
    Renewed {
        /// Its version.
        version: SetVersion,
    },
    /// It has been installed.
    Arrived {
        /// What came.
        #[serde(flatten)]
        arrival: Arrived,
    },
    /// It changes more than it may, and waits for a person.
    Waiting {
        /// What would come.
        #[serde(flatten)]
        arrival: Arrived,
        /// Why it waits; in JSON its sentence.
        #[serde(serialize_with = "as_sentence")]
        why: WaitReason,
    },
    /// The publisher is no longer trusted; its set hides nothing more.
    Revoked {
        /// Whether there was a set to remove.
        removed: bool,
    },
    /// Nothing was taken.
    Refused {
        /// A word that programs switch on.
        code: RefusedCode,
        /// What is wrong.
        message: String,
        /// What to do.
        hint: String,
        /// True where asking again later may help: nobody answered.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        again: bool,
    },
}

impl SyncOutcome {
    /// Tells whether somebody has to do something about it.
    pub fn needs_somebody(&self) -> bool {
        matches!(self, Self::Waiting { .. } | Self::Refused { .. })
    }

    /// Tells whether nobody answered, so that asking again later may help.
    pub fn may_answer_later(&self) -> bool {
        matches!(self, Self::Refused { again: true, .. })
    }
}

/// Counts what came with a release.
#[derive(Debug, Clone, Serialize)]
pub struct Arrived {
    /// Version before.
    pub from: Option<SetVersion>,
    /// Version now.
    pub version: SetVersion,
    /// New entries.
    pub added: u64,
    /// Entries that say something else.
    pub changed: u64,
    /// Entries that are gone.
    pub withdrawn: u64,
    /// Of the new and changed ones, those that hide nothing because a good set has them too.
    pub quarantined: u64,
    /// Entries now.
    pub entries: u64,
}

impl From<Arrival> for Arrived {
    fn from(arrival: Arrival) -> Self {
        let Arrival { publisher: _, set: _, from, to, added, changed, withdrawn, quarantined, entries } = arrival;
        Self { from, version: to, added, changed, withdrawn, quarantined, entries }
    }
}

/// Applies what the post room has verified. Runs where there is no network and only the folder of the sets can be written.
pub fn apply_job(sets_dir: &Path, job: &ApplyJob) -> Result<ApplyOutcome, Error> {
    let incoming = Incoming {
        index: (*job.index).clone(),
        stamp: (*job.stamp).clone(),
        allowed: job.allowed.clone(),
        folder: desk(sets_dir, &job.publisher).join("incoming"),
        files: job.files.clone(),
        enrolled_limits: job.limits,
        now: job.now,
    };
    let consent = if job.person { Consent::Person } else { Consent::Limits };
    Ok(match hashset::apply(sets_dir, &incoming, consent)? {
        Applied::Current => ApplyOutcome::Current,
        Applied::Renewed => ApplyOutcome::Renewed,
        Applied::Switched(arrival) => ApplyOutcome::Switched { arrival },
        Applied::Waiting(arrival, why) => ApplyOutcome::Waiting { arrival, why },
    })
}

/// Fetches from every enrolled publisher and applies what came; `each` is told what became of each. One that fails does
/// not stop the others.
pub fn run_sync(
    request: &SyncRequest,
    apply: Apply<'_>,
    each: &mut dyn FnMut(&SyncLine) -> Result<(), Error>,
    setting: &Setting<'_>,
) -> Result<Vec<SyncLine>, Error> {
    let _turn = take_turn(&request.sets_dir)?;
    let sets = Sets::open(&request.sets_dir)?;
    let mut child = start(request, &sets)?;
    let heard = listen(request, child.as_mut(), apply, each, setting);
    if heard.is_err() || setting.is_stopped() {
        // What it fetched so far is kept.
        child.kill();
    }
    let succeeded = child.wait().map_err(|error| not_started(&request.program, &error))?;
    let (lines, complaint) = heard?;
    follow_trust(&request.sets_dir)?;
    if setting.is_stopped() {
        return Err(Error::stopped());
    }
    match complaint {
        Some(complaint) => Err(complaint),
        // Without a word about any publisher, success would be a wrong answer.
        None if lines.is_empty() && !succeeded => {
            Err(Error::new(Code::Internal, "The post room ended without a word.", "Run it again."))
        }
        None => Ok(lines),
    }
}

/// Holds installed sets of partners to what is allowed them now: a partner that cannot be reached gains nothing by it.
fn follow_trust(sets_dir: &Path) -> Result<(), Error> {
    for info in Sets::open(sets_dir)?.list() {
        let Some(stamp) = &info.release else { continue };
        if let Some(allowed) = allowed_of(sets_dir, &stamp.publisher)?.filter(|allowed| *allowed != info.stamp.allowed)
        {
            hashset::restrict(sets_dir, &info.stamp.name, allowed.as_ref())?;
        }
    }
    Ok(())
}

fn start(request: &SyncRequest, sets: &Sets) -> Result<Box<dyn Started>, Error> {
    let mut words: Vec<OsString> = vec!["fetch".into(), "--sets".into(), request.sets_dir.clone().into()];
    let mut say = |word: &str, value: String| words.extend([word.into(), value.into()]);
    request.from.iter().for_each(|from| say("--from", from.clone()));
    request.publishers.iter().for_each(|publisher| say("--publisher", publisher.to_string()));
    for (info, stamp) in sets.list().iter().filter_map(|info| Some((info, info.release.as_ref()?))) {
        say("--installed", format!("{}={}", stamp.publisher, info.stamp.version));
        say("--floor", floor_text(stamp));
    }
    if let Some(people) = &request.override_expiry {
        say("--override-expiry", format!("{},{}", people.one, people.other));
    }
    if let Some(now) = request.now {
        say("--now", now.to_string());
    }
    request.starter.start(&request.program, &words).map_err(|error| not_started(&request.program, &error))
}

/// Names the versions of the metadata by which a publisher's installed set was found to be the newest.
pub fn floor_of(sets_dir: &Path, publisher: &PublisherId) -> Result<Option<String>, Error> {
    let sets = Sets::open(sets_dir)?;
    let mut stamps = sets.list().iter().filter_map(|info| info.release.as_ref());
    Ok(stamps.find(|stamp| stamp.publisher == *publisher).map(floor_text))
}

fn floor_text(stamp: &ReleaseStamp) -> String {
    let MinimumVersions { root, timestamp, snapshot } = stamp.seen;
    format!("{}={root},{timestamp},{snapshot}", stamp.publisher)
}

fn not_started(program: &Path, error: &std::io::Error) -> Error {
    let message = format!("The program `{}` cannot be run.", domain::shown_path(program));
    Error::new(Code::Internal, message, "It is installed beside `zeef`; install Zeef again.").with_detail(error)
}

/// What the post room says, one value a line.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    Progress(Value),
    Handover(Handover),
    Error(Complaint),
}

#[derive(Deserialize)]
struct Complaint {
    message: String,
    #[serde(default)]
    hint: String,
}

fn listen(
    request: &SyncRequest,
    child: &mut dyn Started,
    apply: Apply<'_>,
    each: &mut dyn FnMut(&SyncLine) -> Result<(), Error>,
    setting: &Setting<'_>,
) -> Result<(Vec<SyncLine>, Option<Error>), Error> {
    let out = child.output().ok_or_else(|| broken("it has no output"))?;
    let (mut lines, mut complaint) = (Vec::new(), None);
    std::thread::scope(|scope| {
        let (say, said) = crossbeam_channel::bounded(1);
        // Beside, because it may say nothing for long, and a person who wants to stop does not wait for that.
        scope.spawn(move || read_lines(out, &say));
        let mut hear = || -> Result<(), Error> {
            while !setting.is_stopped() {
                let text: Vec<u8> = match said.recv_timeout(LOOK_AGAIN) {
                    Ok(text) => text.map_err(broken)?,
                    Err(crossbeam_channel::RecvTimeoutError::Timeout) => continue,
                    Err(crossbeam_channel::RecvTimeoutError::Disconnected) => break,
                };
                match serde_json::from_slice(&text).map_err(broken)? {
                    Word::Progress(progress) => tell(&progress, setting),
                    Word::Handover(handover) => {
                        let now = request.now.unwrap_or_else(setting.now);
                        let line = take(request, handover, apply, now)?;
                        each(&line)?;
                        lines.push(line);
                    }
                    Word::Error(error) => complaint = Some(Error::new(Code::BadInput, error.message, error.hint)),
                }
            }
            Ok(())
        };
        let heard = hear();
        if heard.is_err() || setting.is_stopped() {
            // So that whoever reads comes to an end too.
            child.kill();
        }
        drop(said);
        heard
    })?;
    Ok((lines, complaint))
}

fn broken(detail: impl std::fmt::Display) -> Error {
    Error::new(Code::Internal, "The post room says what nobody understands.", "Install Zeef again.").with_detail(detail)
}

/// Hands on one line after another, until the end or until nobody listens.
fn read_lines(out: Box<dyn Read + Send>, say: &crossbeam_channel::Sender<std::io::Result<Vec<u8>>>) {
    let mut out = BufReader::new(out);
    loop {
        let mut text = Vec::new();
        let line = match (&mut out).take(LINE_BYTES_MAX).read_until(b'\n', &mut text) {
            Ok(0) => return,
            Ok(_) => Ok(text),
            Err(error) => Err(error),
        };
        let is_last = line.is_err();
        if say.send(line).is_err() || is_last {
            return;
        }
    }
}

fn tell(progress: &Value, setting: &Setting<'_>) {
    let number = |key: &str| progress[key].as_u64().unwrap_or(0);
    let total = Some(number("files")).filter(|files| *files > 0);
    let (done, bytes) = (number("files_done"), number("bytes_done"));
    (setting.progress)(&Progress { stage: "fetch", done, total, bytes, steps: None });
}

/// Does what a handover asks for.
fn take(request: &SyncRequest, handover: Handover, apply: Apply<'_>, now: UtcTime) -> Result<SyncLine, Error> {
    let sets_dir = &request.sets_dir;
    match handover {
        Handover::Refused { publisher, set, code, message, hint, again } => {
            let outcome = SyncOutcome::Refused { code, message, hint, again };
            Ok(SyncLine { publisher, set, freshness: None, outcome })
        }
        Handover::Revoked { publisher, set } => {
            let removed = revoke(sets_dir, &publisher)?;
            forget_waiting(sets_dir, &publisher)?;
            Ok(SyncLine { publisher, set, freshness: None, outcome: SyncOutcome::Revoked { removed } })
        }
        Handover::Verified {
            publisher,
            index,
            stamp,
            allowed_categories,
            folder: _,
            files,
            freshness,
            overridden_by,
        } => {
            let set = index.set.clone();
            if !overridden_by.is_empty() {
                let what = json!({
                    "what": "override-expiry", "publisher": publisher, "set": set, "version": index.version,
                    "by": overridden_by,
                });
                log_decision(sets_dir, what, now)?;
            }
            let outcome = limits_of(sets_dir, &publisher).and_then(|limits| {
                let allowed = allowed_categories;
                let job =
                    ApplyJob { publisher: publisher.clone(), index, stamp, allowed, files, limits, person: false, now };
                apply_one(sets_dir, &job, apply)
            });
            let outcome = outcome.unwrap_or_else(refusal);
            Ok(SyncLine { publisher, set, freshness: Some(freshness), outcome })
        }
    }
}

/// What cannot be applied is refused, so that the other publishers go on.
fn refusal(error: Error) -> SyncOutcome {
    let code = match error.code {
        Code::DiskFull | Code::InUse | Code::Damaged | Code::Internal => RefusedCode::Storage,
        _ => RefusedCode::Untrusted,
    };
    let detail = if error.detail.is_empty() { String::new() } else { format!(" ({})", error.detail) };
    SyncOutcome::Refused { code, message: format!("{}{detail}", error.message), hint: error.hint, again: false }
}

fn apply_one(sets_dir: &Path, job: &ApplyJob, apply: Apply<'_>) -> Result<SyncOutcome, Error> {
    let outcome = apply(sets_dir, job)?;
    if let ApplyOutcome::Waiting { arrival, why } = &outcome {
        let waiting = Waiting { job: job.clone(), arrival: arrival.clone(), why: Why::Reason(why.clone()) };
        keep_waiting(sets_dir, &waiting)?;
    } else {
        forget_waiting(sets_dir, &job.publisher)?;
    }
    Ok(match outcome {
        ApplyOutcome::Current | ApplyOutcome::Renewed => SyncOutcome::Renewed { version: job.index.version },
        ApplyOutcome::Switched { arrival } => SyncOutcome::Arrived { arrival: arrival.into() },
        ApplyOutcome::Waiting { arrival, why } => SyncOutcome::Waiting { arrival: arrival.into(), why },
    })
}

/// Takes an update that waits, because a person has looked at how much it changes. Noted before and after.
pub fn accept_waiting(
    sets_dir: &Path,
    publisher: &PublisherId,
    by: &UserName,
    reason: &str,
    apply: Apply<'_>,
    now: UtcTime,
) -> Result<SyncLine, Error> {
    if reason.trim().is_empty() {
        return Err(Error::new(Code::BadInput, "A reason is needed.", "Say why with --reason: it is kept."));
    }
    let _turn = take_turn(sets_dir)?;
    let Some(waiting) = read_waiting(sets_dir, publisher)? else {
        return Err(Error::new(
            Code::NotFound,
            format!("Nothing of {publisher} waits."),
            "See `zeef sync status`, or fetch again with `zeef sync run`.",
        ));
    };
    let allowed = allowed_of(sets_dir, publisher)?.unwrap_or_else(|| waiting.job.allowed.clone());
    let job = ApplyJob { person: true, now, allowed, ..waiting.job };
    if job.stamp.freshness(now) == Freshness::Beyond {
        return Err(Error::new(
            Code::BadInput,
            "What waits has expired since, beyond grace.",
            "Fetch a newer release with `zeef sync run`.",
        ));
    }
    let arrival = &waiting.arrival;
    let decision = |what: &str| {
        json!({
            "what": what, "publisher": publisher, "set": job.index.set, "version": job.index.version, "by": by,
            "reason": reason, "why_it_waited": waiting.why.to_string(), "added": arrival.added, "changed": arrival.changed,
            "withdrawn": arrival.withdrawn, "quarantined": arrival.quarantined,
        })
    };
    log_decision(sets_dir, decision("accept"), now)?;
    let outcome = apply_one(sets_dir, &job, apply)?;
    log_decision(sets_dir, decision("accepted"), now)?;
    let freshness = Some(job.stamp.freshness(now));
    Ok(SyncLine { publisher: publisher.clone(), set: job.index.set.clone(), freshness, outcome })
}

/// Removes the set of a publisher that is no longer trusted; tells whether there was one.
fn revoke(sets_dir: &Path, publisher: &PublisherId) -> Result<bool, Error> {
    let sets = Sets::open(sets_dir)?;
    let of = |info: &&SetInfo| info.release.as_ref().is_some_and(|stamp| stamp.publisher == *publisher);
    let Some(info) = sets.list().iter().find(of) else { return Ok(false) };
    match hashset::remove(sets_dir, &info.stamp.name) {
        Ok(()) => Ok(true),
        Err(HashsetError::UnknownSet { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
