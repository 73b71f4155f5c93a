//! Published sets: fetch and apply them, take what waits, trust a publisher.

use std::ffi::OsString;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use domain::{Fingerprint, PublisherId, UserName};
use serde_json::Value;

use super::failure::{bad_input, failure, word};
use super::job::{Ended, Job, count};
use super::jobs::Line;
use super::keeping::path_of;
use super::loading::rematched;
use super::{Bench, Inner, remark};
use crate::post::Arrived;
use crate::view::window::{
    EnrolmentView, JobKind, JobOutcome, PublisherLine, RematchOutcome, SyncLineView, WaitingLine, WindowError,
};
use crate::{
    ApplyJob, ApplyOutcome, Code, Error, Progress, PublisherView, SyncLine, SyncOutcome, SyncRequest, apply_apart,
};

/// Most bytes of an answer of the post room that is read.
const ANSWER_BYTES_MAX: u64 = 8 << 20;
/// The word of the post room for what is not from whom it should be, or not what was compared.
const NOT_TRUSTED: &str = "untrusted";

impl Bench {
    /// Lists the publishers that are trusted here.
    pub fn publishers(&self) -> Result<Vec<PublisherLine>, WindowError> {
        let views = crate::sync_status(&self.inner.sets_dir(), self.inner.now())?;
        Ok(views.into_iter().map(publisher_line).collect())
    }

    /// Fetches and applies what publishers have, then has the open case follow; gives the number of the job.
    pub fn sync_run(&self, from: Option<&str>) -> Result<u32, WindowError> {
        let from = from.map(place_of).transpose()?;
        let sets_dir = self.inner.sets_dir();
        let request = SyncRequest {
            sets_dir,
            program: self.inner.around.sync.clone(),
            starter: Arc::clone(&self.inner.around.starter),
            from,
            publishers: Vec::new(),
            override_expiry: None,
            now: None,
        };
        self.inner.start(JobKind::Sync, Line::Sets, None, move |inner, job| sync(inner, job, &request))
    }

    /// Takes an update that waits, because a person has looked at how much it changes. The open case follows.
    pub fn sync_accept(&self, publisher: &str, reason: &str) -> Result<(), WindowError> {
        let open = self.inner.open()?;
        let publisher = publisher_id(publisher)?;
        let by: UserName = open.case.user().0;
        let apply = |dir: &Path, job: &ApplyJob| self.inner.apply(dir, job);
        crate::accept_waiting(&open.sets_dir, &publisher, &by, reason, &apply, self.inner.now())?;
        self.inner.sets_changed();
        self.inner.rematch(open)?;
        Ok(())
    }

    /// Shows whose file it is, and the fingerprint that a person compares with the publisher. Nothing is changed.
    pub fn sync_enrol_look(&self, path: &str) -> Result<EnrolmentView, WindowError> {
        let offer = self.enrolment("offered", path, &["--look".into()])?;
        let text = |key: &str| offer[key].as_str().map(|text| domain::escaped(text.as_bytes()));
        let said = |key: &str| text(key).unwrap_or_default();
        Ok(EnrolmentView {
            publisher: said("publisher"),
            set: said("set"),
            title: said("title"),
            address: text("address"),
            fingerprint: said("fingerprint"),
        })
    }

    /// Trusts a publisher by the file that it gave out, if it has the fingerprint that was compared; gives its name.
    pub fn sync_enrol(&self, path: &str, fingerprint: &str) -> Result<String, WindowError> {
        let compared: Fingerprint = fingerprint
            .parse()
            .map_err(|_| bad_input("This is no fingerprint.", "Choose the file again, and compare what it shows."))?;
        let enrolled = self.enrolment("enrolled", path, &["--fingerprint".into(), compared.0.to_string().into()])?;
        self.inner.sets_changed();
        Ok(enrolled["publisher"].as_str().unwrap_or_default().to_owned())
    }

    /// Has the post room read an enrolment, and gives what it says under `kind`.
    fn enrolment(&self, kind: &str, path: &str, how: &[OsString]) -> Result<Value, WindowError> {
        let around = &self.inner.around;
        let mut arguments: Vec<OsString> = vec!["enrol".into(), "--sets".into(), self.inner.sets_dir().into()];
        arguments.extend_from_slice(how);
        arguments.extend(["--".into(), path_of(path).into()]);
        let failed = |error: std::io::Error| {
            let message = "The program that fetches hash sets cannot be run.";
            Error::new(Code::Internal, message, "Install Zeef again.").with_detail(error)
        };
        let mut room = around.starter.start(&around.sync, &arguments).map_err(failed)?;
        drop(room.input());
        let mut said = String::new();
        let out = room.output().map(|out| out.take(ANSWER_BYTES_MAX));
        let read = out.map_or(Ok(0), |mut out| out.read_to_string(&mut said));
        let succeeded = room.wait().map_err(failed)?;
        read.map_err(failed)?;
        answer(kind, &said, succeeded)
    }
}

impl Inner {
    /// Has a job applied by `zeef`, which gives up its rights for it.
    fn apply(&self, sets_dir: &Path, job: &ApplyJob) -> Result<ApplyOutcome, Error> {
        apply_apart(&*self.around.starter, &self.around.zeef, sets_dir, job)?.result
    }
}

fn sync(inner: &Arc<Inner>, job: &Job, request: &SyncRequest) -> Ended {
    let applied = Mutex::new(0);
    let apply = |dir: &Path, apply: &ApplyJob| inner.apply(dir, apply);
    let lines = inner.with_setting(job, None, |setting| {
        let mut each = |_: &SyncLine| {
            let mut applied = applied.lock().unwrap_or_else(PoisonError::into_inner);
            *applied += 1;
            (setting.progress)(&Progress { stage: "apply", done: *applied, ..Progress::default() });
            Ok(())
        };
        crate::run_sync(request, &apply, &mut each, setting)
    });
    // What came before a failure is in force too.
    inner.sets_changed();
    let lines = match lines {
        Ok(lines) => lines,
        Err(error) => return error.into(),
    };
    let changed = |line: &SyncLine| matches!(line.outcome, SyncOutcome::Arrived { .. } | SyncOutcome::Revoked { .. });
    let follows = lines.iter().any(changed);
    let lines: Vec<SyncLineView> = lines.into_iter().map(sync_line).collect();
    let rematch = if follows { follow(inner, job, request) } else { Ok(None) };
    match rematch {
        Ok(rematch) => Ended::done(JobOutcome::Sync { lines, rematch }),
        Err(ended) => Ended { outcome: Some(JobOutcome::Sync { lines, rematch: None }), ..*ended },
    }
}

/// Has the open case follow its sets, if one is open that uses them. It is one more job in the case, and takes its turn.
fn follow(inner: &Arc<Inner>, job: &Job, request: &SyncRequest) -> Result<Option<RematchOutcome>, Box<Ended>> {
    // First this, so that a lock at this moment ends the job or leaves no case here.
    job.has_case.store(true, Ordering::Relaxed);
    let open = inner.open().ok().filter(|open| open.sets_dir == request.sets_dir);
    let Some(open) = open else { return Ok(None) };
    let Some(_turn) = inner.jobs.take_turn(Line::Case, job) else { return Err(Box::new(Ended::stopped(None))) };
    match inner.match_again(job, &open) {
        Ok(summary) => Ok(Some(rematched(&summary))),
        Err(error) => Err(Box::new(error.into())),
    }
}

/// Reads what a window names to fetch from: an address, or a folder.
fn place_of(text: &str) -> Result<String, WindowError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(bad_input("Nothing is named to fetch from.", "Choose a folder, or leave it to the publishers."));
    }
    if text.contains("://") {
        return Ok(text.to_owned());
    }
    path_of(text).into_os_string().into_string().map_err(|_| {
        bad_input("The name of this folder is no text.", "Rename it, or copy its files to a folder with a plain name.")
    })
}

fn publisher_id(text: &str) -> Result<PublisherId, WindowError> {
    text.parse().map_err(|_| bad_input("This is no name of a publisher.", "Choose one of the list."))
}

/// Reads the answer to an enrolment. One that does not say all that is to be compared is none.
fn answer(kind: &str, said: &str, succeeded: bool) -> Result<Value, WindowError> {
    let words = || said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let whole = |offer: &Value| {
        let has_fingerprint = offer["fingerprint"].as_str().is_some_and(|text| text.parse::<Fingerprint>().is_ok());
        has_fingerprint && ["publisher", "set", "title"].iter().all(|key| offer[*key].is_string())
    };
    let offer = words().find_map(|word| word.get(kind).cloned());
    if let Some(offer) = offer.filter(|offer| succeeded && whole(offer)) {
        return Ok(offer);
    }
    let text = |key: &str| words().find_map(|word| word["error"][key].as_str().map(str::to_owned));
    let message = text("message").unwrap_or_else(|| "The publisher was not enrolled.".to_owned());
    let hint = text("hint").unwrap_or_else(|| "Ask the publisher for its file again.".to_owned());
    let (message, hint) = (super::entry::sentence(&message), super::entry::sentence(&hint));
    let code = text("code");
    if code.as_deref() == Some(NOT_TRUSTED) {
        return Err(failure("not-trusted", &message, &hint));
    }
    Err(Error::new(Code::BadInput, message, hint).into())
}

fn sync_line(line: SyncLine) -> SyncLineView {
    let mut view = SyncLineView {
        publisher: line.publisher.to_string(),
        set: line.set.to_string(),
        freshness: line.freshness.as_ref().map(word),
        outcome: String::new(),
        from: None,
        version: None,
        added: 0,
        changed: 0,
        withdrawn: 0,
        quarantined: 0,
        code: None,
        message: None,
        why: None,
        hint: None,
    };
    let arrived = |view: &mut SyncLineView, arrival: &Arrived| {
        view.from = arrival.from.map(|version| version.0);
        view.version = Some(arrival.version.0);
        (view.added, view.changed) = (count(arrival.added), count(arrival.changed));
        (view.withdrawn, view.quarantined) = (count(arrival.withdrawn), count(arrival.quarantined));
    };
    let outcome = match line.outcome {
        SyncOutcome::Renewed { version } => {
            view.version = Some(version.0);
            "renewed"
        }
        SyncOutcome::Arrived { arrival } => {
            arrived(&mut view, &arrival);
            "arrived"
        }
        SyncOutcome::Waiting { arrival, why } => {
            arrived(&mut view, &arrival);
            view.code = Some("limit".to_owned());
            view.why = Some(remark::wait(&why));
            "waiting"
        }
        SyncOutcome::Revoked { removed: _ } => "revoked",
        SyncOutcome::Refused { code, message, hint, again: _ } => {
            view.code = Some(word(&code));
            view.message = Some(domain::escaped(message.as_bytes()));
            view.hint = Some(domain::escaped(hint.as_bytes()));
            "refused"
        }
    };
    view.outcome = outcome.to_owned();
    view
}

fn publisher_line(view: PublisherView) -> PublisherLine {
    let shown = |text: String| domain::escaped(text.as_bytes());
    PublisherLine {
        publisher: view.publisher.to_string(),
        introduced_by: view.introduced_by.map(shown),
        address: view.address.map(shown),
        set: view.set.map(|set| set.to_string()),
        version: view.version.map(|version| version.0),
        entries: view.entries.map(count),
        freshness: view.release.as_ref().map(|release| word(&release.freshness)),
        checked: view.release.as_ref().map(|release| release.checked),
        expires: view.release.as_ref().map(|release| release.expires),
        waiting: view.waiting.map(|waiting| WaitingLine {
            version: waiting.arrival.version.0,
            added: count(waiting.arrival.added),
            changed: count(waiting.arrival.changed),
            withdrawn: count(waiting.arrival.withdrawn),
            quarantined: count(waiting.arrival.quarantined),
            why: remark::kept_wait(&waiting.why),
        }),
        damage: view.damage.map(shown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_enrolment_is_read_from_its_answer() {
        let fingerprint = "0f".repeat(32);
        let offer = serde_json::json!({
            "publisher": "national", "set": "national", "title": "National set", "address": null,
            "fingerprint": fingerprint,
        });
        let enrolled = serde_json::json!({ "enrolled": offer }).to_string();
        assert_eq!(answer("enrolled", &enrolled, true).unwrap(), offer);
        assert!(answer("offered", &enrolled, true).is_err(), "to be looked at is not to be enrolled");
        assert!(answer("enrolled", &enrolled, false).is_err());
        assert!(answer("enrolled", "", true).is_err());
        let short = enrolled.replace("0f0f", "0f");
        assert!(answer("enrolled", &short, true).is_err(), "nothing can be compared");
        let refused = |code: &str| {
            let error = serde_json::json!({ "code": code, "message": "the file is damaged", "hint": "ask" });
            let said = serde_json::json!({ "error": error }).to_string();
            let WindowError { code, message, hint, .. } = answer("enrolled", &said, false).unwrap_err();
            [code, message, hint]
        };
        assert_eq!(refused("unknown"), ["bad-input", "The file is damaged.", "Ask."]);
        assert_eq!(refused("untrusted"), ["not-trusted", "The file is damaged.", "Ask."]);
    }

    #[test]
    fn a_folder_is_told_from_an_address() {
        assert_eq!(place_of(" https://sets.example/x ").unwrap(), "https://sets.example/x");
        assert_eq!(place_of("/media/disk\\u{200b}1").unwrap(), "/media/disk\u{200b}1");
        assert!(place_of("/media/\\xff").is_err());
        assert!(place_of("  ").is_err());
    }
}
