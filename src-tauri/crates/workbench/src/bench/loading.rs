//! Jobs in the case: load, go on, match again, verify.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError};

use domain::{SetStamp, SetVersion, Sha256};
use hashset::Sets;

use super::entry::Open;
use super::failure::{bad_input, word};
use super::foreign::{self, ForeignWish};
use super::job::{Ended, Job, count};
use super::jobs::Line;
use super::keeping::{path_of, text_of};
use super::{Bench, Inner, Wanted};
use crate::load::STATED;
use crate::view::window::{JobKind, JobOutcome, JobState, MissingSet, RematchOutcome, WindowError};
use crate::view::{LoadSummary, RematchSummary, VerifyView};
use crate::{Error, LoadRequest, Loaded, MissingSets, Progress, Reach, Setting};

/// Shortest time between two times that the window is brought up to what a job has done, microseconds.
const FOLLOW_PAUSE: i64 = 500_000;

impl Bench {
    /// Loads sources; gives the number of the job.
    pub fn sources_add(&self, paths: &[String]) -> Result<u32, WindowError> {
        if paths.is_empty() {
            return Err(bad_input("No source is named.", "Choose a folder or an archive."));
        }
        self.inner.load(Want::Sources(paths.iter().map(|path| path_of(path)).collect()))
    }

    /// Loads every source again that is not complete, or whose files have changed; gives the number of the job. Sources
    /// that are complete and not connected are left as they are.
    pub fn sources_resume(&self) -> Result<u32, WindowError> {
        let open = self.inner.open()?;
        let rows = open.case.sources()?;
        // What another tool tells of is no source of its own: the media that came with it are.
        let real = rows.into_iter().filter(|row| row.kind != STATED);
        let of_case = real.filter(|row| row.loaded.is_none() || row.root.exists()).map(|row| row.root);
        let mut paths: Vec<PathBuf> = of_case.collect();
        let wanted: Vec<Arc<Wanted>> = self.inner.state().wanted.clone();
        for path in wanted.iter().flat_map(|wanted| wanted.what.sources()) {
            let real = path.canonicalize().unwrap_or_else(|_| path.clone());
            if !paths.contains(&real) {
                paths.push(real);
            }
        }
        self.inner.load(Want::Sources(paths))
    }

    /// Matches the case with its sets as they are now; gives the number of the job.
    pub fn rematch_run(&self) -> Result<u32, WindowError> {
        let open = self.inner.open()?;
        self.inner.rematch(open)
    }

    /// Lists the sets that the case was matched with and that the folder of the sets does not have, though nobody has
    /// removed them there. Nothing is matched while there are any.
    pub fn sets_missing(&self) -> Result<Vec<MissingSet>, WindowError> {
        let open = self.inner.open()?;
        let hides = self.inner.hides()?;
        let lost = crate::judging::missing_sets(&open.case, &Sets::open(&open.sets_dir).map_err(Error::from)?)?;
        let line = |(stamp, there): (SetStamp, Option<SetVersion>)| MissingSet {
            hides: hides.get(&stamp.name.to_string()).copied().unwrap_or(0),
            name: stamp.name.to_string(),
            version: stamp.version.0,
            there: there.map(|version| version.0),
        };
        Ok(lost.into_iter().map(line).collect())
    }

    /// Gives sets up on purpose: what they hide comes back. Takes names and versions as the person has seen them, and
    /// refuses when others are missing by now. Gives the number of the job.
    pub fn sets_give_up(&self, seen: &[(String, u32)]) -> Result<u32, WindowError> {
        let now: Vec<(String, u32)> = self.sets_missing()?.into_iter().map(|set| (set.name, set.version)).collect();
        if now.is_empty() || now != seen {
            return Err(bad_input("Other sets are missing now than were shown. Nothing was done.", "Look again."));
        }
        let open = self.inner.open()?;
        let of_case = Arc::clone(&open);
        self.inner.start(JobKind::Rematch, Line::Case, Some(&of_case), move |inner, job| {
            let matched =
                inner.in_case(job, &open, |setting| open.rematch(MissingSets::Accept, Reach::Change, setting));
            match matched {
                Ok(summary) => Ended::done(JobOutcome::Rematch(rematched(&summary))),
                Err(error) => error.into(),
            }
        })
    }

    /// Verifies the case; gives the number of the job.
    pub fn verify_run(&self, noted_head: Option<&str>) -> Result<u32, WindowError> {
        let noted = noted_head.map(|text| text.trim().parse::<Sha256>()).transpose().map_err(|_| {
            bad_input("The head that was noted is no SHA-256.", "It has 64 digits and letters from a to f.")
        })?;
        let open = self.inner.open()?;
        let of_case = Arc::clone(&open);
        self.inner.start(JobKind::Verify, Line::Case, Some(&of_case), move |inner, job| {
            let verified = inner.with_setting(job, None, |setting| {
                crate::verify_case(&open.case, Some(&open.sets_dir), noted.as_ref(), setting)
            });
            match verified {
                Ok(view) => Ended::done(verified_outcome(view)),
                Err(error) => error.into(),
            }
        })
    }
}

/// What a person wants to have loaded.
#[derive(Debug, Clone)]
pub(super) enum Want {
    /// Folders and archives.
    Sources(Vec<PathBuf>),
    /// The case of another tool.
    Foreign(ForeignWish),
}

impl Want {
    fn sources(&self) -> &[PathBuf] {
        match self {
            Self::Sources(paths) => paths,
            Self::Foreign(_) => &[],
        }
    }
}

/// Says that a load goes on where a lock had cut it off.
#[derive(Debug, Clone, Copy)]
struct Resumed {
    /// A person held it then.
    held: bool,
}

impl Inner {
    pub(super) fn load(self: &Arc<Self>, what: Want) -> Result<u32, WindowError> {
        self.begin_load(what, None)
    }

    /// Goes on with the loads that a lock had cut off, as the person had left them.
    pub(super) fn load_on(self: &Arc<Self>) {
        let cut_off = std::mem::take(&mut self.state().wanted);
        for wanted in cut_off {
            let held = wanted.held.load(Ordering::Relaxed);
            // What cannot be begun now is still wanted: `sources_resume` has it.
            if self.begin_load(wanted.what.clone(), Some(Resumed { held })).is_err() {
                self.state().wanted.push(wanted);
            }
        }
    }

    fn begin_load(self: &Arc<Self>, what: Want, resumed: Option<Resumed>) -> Result<u32, WindowError> {
        let open = self.open()?;
        let request = LoadRequest {
            case_dir: open.dir.clone(),
            sets_dir: open.sets_dir.clone(),
            missing_sets: MissingSets::Refuse,
            sources: what.sources().to_vec(),
        };
        let wanted = Arc::new(Wanted { what: what.clone(), job: OnceLock::new(), held: AtomicBool::new(false) });
        self.state().wanted.push(Arc::clone(&wanted));
        let (of_case, of_job) = (Arc::clone(&open), Arc::clone(&wanted));
        let started = self.start(JobKind::Load, Line::Case, Some(&of_case), move |inner, job| {
            if let Some(Resumed { held }) = resumed {
                job.resumed.store(true, Ordering::Relaxed);
                if held {
                    job.pause.hold(true);
                    job.stand(JobState::Paused);
                }
            }
            let ended = match &what {
                Want::Sources(_) => {
                    load_ended(inner.in_case(job, &open, |setting| crate::load_sources(&open.case, &request, setting)))
                }
                Want::Foreign(wish) => {
                    let request = wish.request(request);
                    // Everything was asked before; what was not answered stays open.
                    foreign::ended(inner.in_case(job, &open, |setting| {
                        crate::vics_source::add_foreign(&open.case, &request, &mut |_, _| None, setting)
                    }))
                }
            };
            // Where a lock cut it off, it is still wanted: it goes on when the case is unlocked.
            if inner.open().is_ok_and(|now| Arc::ptr_eq(&now, &open)) {
                inner.state().wanted.retain(|other| !Arc::ptr_eq(other, &of_job));
            }
            ended
        });
        match &started {
            Ok(number) => {
                // Nobody else says so.
                let _ = wanted.job.set(*number);
            }
            Err(_) => self.state().wanted.retain(|other| !Arc::ptr_eq(other, &wanted)),
        }
        started
    }

    /// Starts to match the case again.
    pub(super) fn rematch(self: &Arc<Self>, open: Arc<Open>) -> Result<u32, WindowError> {
        let of_case = Arc::clone(&open);
        self.start(JobKind::Rematch, Line::Case, Some(&of_case), move |inner, job| {
            match inner.match_again(job, &open) {
                Ok(summary) => Ended::done(JobOutcome::Rematch(rematched(&summary))),
                Err(error) => error.into(),
            }
        })
    }

    /// Matches the case again, on the thread of a job.
    pub(super) fn match_again(&self, job: &Job, open: &Open) -> Result<RematchSummary, Error> {
        self.in_case(job, open, |setting| open.rematch(MissingSets::Refuse, Reach::Change, setting))
    }

    /// Does the work of a job in a case. It may not have known what a person said of an entry while it was at work; then
    /// everything is judged once more.
    fn in_case<T>(
        &self,
        job: &Job,
        open: &Open,
        work: impl FnOnce(&Setting<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let done = self.with_setting(job, Some(open), |setting| {
            let done = work(setting)?;
            if !setting.is_stopped() && open.vetoed.swap(false, Ordering::Relaxed) {
                open.rematch(MissingSets::Refuse, Reach::Whole, setting)?;
            }
            Ok(done)
        });
        open.follow();
        done
    }

    /// Gives a job's work its setting. With a case, the window is brought up to what the work has done as it goes.
    pub(super) fn with_setting<T>(&self, job: &Job, follow: Option<&Open>, work: impl FnOnce(&Setting<'_>) -> T) -> T {
        let progress = |progress: &Progress| {
            let now = self.now();
            if let Some(open) = follow {
                let mut followed = open.followed.lock().unwrap_or_else(PoisonError::into_inner);
                if now < *followed || now.0 - followed.0 >= FOLLOW_PAUSE {
                    *followed = now;
                    drop(followed);
                    open.follow();
                }
            }
            job.progress(now, progress);
        };
        let setting = Setting {
            decoder: self.around.decoder.clone(),
            threads: self.around.threads,
            now: &*self.around.now,
            stop: &job.stop,
            pause: Some(&job.pause),
            progress: &progress,
        };
        work(&setting)
    }
}

impl Open {
    /// Brings the window up to what the case has.
    pub fn follow(&self) {
        // A question that fails now is asked again by the next step, and by whoever opens a view.
        let _ = self.session.follow();
    }

    fn rematch(&self, missing: MissingSets, reach: Reach, setting: &Setting<'_>) -> Result<RematchSummary, Error> {
        crate::rematch(&self.case, &self.dir, &self.sets_dir, missing, reach, setting)
    }
}

/// Says how a load ended: with sources that were refused it failed, though all the others were loaded.
fn load_ended(loaded: Result<Loaded, Error>) -> Ended {
    let Loaded { summary, refused, stopped, descriptions: _ } = match loaded {
        Ok(loaded) => loaded,
        Err(error) => return error.into(),
    };
    let LoadSummary { sources: _, files, bytes: _, passed_over, new_items, new_occurrences } = summary;
    let outcome = JobOutcome::Load {
        files: count(files),
        passed_over: count(passed_over),
        new_items: count(new_items),
        new_places: count(new_occurrences),
    };
    match refused.as_slice() {
        [] if stopped => Ended::stopped(Some(outcome)),
        [] => Ended::done(outcome),
        [(_, error)] => Ended::failed(Some(outcome), error.clone().into()),
        [(_, first), ..] => {
            let each: Vec<String> =
                refused.iter().map(|(path, error)| format!("{}: {}", text_of(path), error.message)).collect();
            let error = WindowError {
                code: word(&first.code),
                message: format!("{} sources were not loaded; the others were.", refused.len()),
                hint: "Look at each of them, then add it again.".to_owned(),
                detail: each.join("\n"),
            };
            Ended::failed(Some(outcome), error)
        }
    }
}

pub(super) fn rematched(summary: &RematchSummary) -> RematchOutcome {
    RematchOutcome {
        items: count(summary.items),
        newly_hidden: count(summary.newly_hidden),
        returned: count(summary.returned),
        odd: count(summary.odd),
        notices: count(summary.notices),
    }
}

fn verified_outcome(view: VerifyView) -> JobOutcome {
    JobOutcome::Verify {
        sound: view.sound,
        operations: count(view.ledger_rows),
        hides: count(view.hides_checked),
        head: view.ledger_head.to_string(),
        problems: view.problems.iter().map(super::remark::problem).collect(),
    }
}
