//! Jobs in the case: load, go on, match again, verify.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use domain::Sha256;

use super::entry::Open;
use super::failure::{bad_input, word};
use super::job::{Ended, Job, count};
use super::jobs::Line;
use super::keeping::{path_of, text_of};
use super::{Bench, Inner};
use crate::load::STATED;
use crate::view::window::{JobKind, JobOutcome, RematchOutcome, WindowError};
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
        self.inner.load(paths.iter().map(|path| path_of(path)).collect())
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
        for path in &self.inner.state().wanted {
            let real = path.canonicalize().unwrap_or_else(|_| path.clone());
            if !paths.contains(&real) {
                paths.push(real);
            }
        }
        self.inner.load(paths)
    }

    /// Matches the case with its sets as they are now; gives the number of the job.
    pub fn rematch_run(&self) -> Result<u32, WindowError> {
        let open = self.inner.open()?;
        self.inner.rematch(open)
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

impl Inner {
    fn load(self: &Arc<Self>, sources: Vec<PathBuf>) -> Result<u32, WindowError> {
        let open = self.open()?;
        let request = LoadRequest {
            case_dir: open.dir.clone(),
            sets_dir: open.sets_dir.clone(),
            missing_sets: MissingSets::Refuse,
            sources: sources.clone(),
        };
        self.state().wanted.extend(sources);
        let of_case = Arc::clone(&open);
        self.start(JobKind::Load, Line::Case, Some(&of_case), move |inner, job| {
            let loaded = inner.in_case(job, &open, |setting| crate::load_sources(&open.case, &request, setting));
            let ended = load_ended(loaded);
            // Where a lock cut it off, they are still wanted: `sources_resume` goes on with them.
            if inner.open().is_ok_and(|now| Arc::ptr_eq(&now, &open)) {
                inner.state().wanted.retain(|path| !request.sources.contains(path));
            }
            ended
        })
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
        self.in_case(job, open, |setting| open.rematch(Reach::Change, setting))
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
                open.rematch(Reach::Whole, setting)?;
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

    fn rematch(&self, reach: Reach, setting: &Setting<'_>) -> Result<RematchSummary, Error> {
        crate::rematch(&self.case, &self.dir, &self.sets_dir, MissingSets::Refuse, reach, setting)
    }
}

/// Says how a load ended: with sources that were refused it failed, though all the others were loaded.
fn load_ended(loaded: Result<Loaded, Error>) -> Ended {
    let Loaded { summary, refused, stopped } = match loaded {
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
        notices: count(summary.notices),
    }
}

fn verified_outcome(view: VerifyView) -> JobOutcome {
    JobOutcome::Verify {
        sound: view.sound,
        operations: count(view.ledger_rows),
        hides: count(view.hides_checked),
        head: view.ledger_head.to_string(),
        problems: view.problems,
    }
}
