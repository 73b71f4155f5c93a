//! The jobs of the session: each on a thread of its own, one at a time in the case and one in the sets; the others wait.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::entry::Open;
use super::failure::{bad_input, busy, ended_by_defect, stopped_by_lock};
use super::job::{Ended, Job};
use super::{Inner, Tell};
use crate::view::window::{JobKind, JobState, JobView, WindowError};
use crate::{Code, Error};

/// Jobs that can be at work or wait.
const UNFINISHED_MAX: usize = 64;
/// Jobs that have ended and are still listed.
const FINISHED_MAX: usize = 50;

/// Names what only one job has in hand at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// The case.
    Case,
    /// The folder of the sets.
    Sets,
}

/// Keeps the jobs.
#[derive(Default)]
pub(super) struct Jobs {
    book: Mutex<Book>,
    moved: Condvar,
}

#[derive(Default)]
struct Book {
    last: u32,
    jobs: Vec<Arc<Job>>,
    case: VecDeque<u32>,
    sets: VecDeque<u32>,
}

impl Book {
    fn line(&mut self, line: Line) -> &mut VecDeque<u32> {
        match line {
            Line::Case => &mut self.case,
            Line::Sets => &mut self.sets,
        }
    }
}

impl Jobs {
    /// Begins a job. The newest that have ended stay listed.
    pub fn add(&self, kind: JobKind, has_case: bool, tell: &Tell) -> Result<Arc<Job>, WindowError> {
        let mut book = self.book();
        if book.jobs.iter().filter(|job| !job.is_over()).count() >= UNFINISHED_MAX {
            return Err(busy("Too many jobs wait."));
        }
        let finished = book.jobs.iter().filter(|job| job.is_over()).count();
        let mut too_many = finished.saturating_sub(FINISHED_MAX);
        book.jobs.retain(|job| {
            let goes = too_many > 0 && job.is_over();
            too_many -= usize::from(goes);
            !goes
        });
        book.last += 1;
        let job = Job::new(book.last, kind, has_case, Arc::clone(tell));
        book.jobs.push(Arc::clone(&job));
        Ok(job)
    }

    /// Waits until a job is the first of its line; `None` when it is to end before.
    pub fn take_turn<'a>(&'a self, line: Line, job: &Job) -> Option<Turn<'a>> {
        let number = job.number;
        let turn = Turn { jobs: self, line, number };
        let mut book = self.book();
        book.line(line).push_back(number);
        if book.line(line).front() != Some(&number) {
            job.stand(JobState::Waiting);
        }
        while book.line(line).front() != Some(&number) && !job.stop.load(Ordering::Relaxed) {
            book = self.moved.wait(book).unwrap_or_else(PoisonError::into_inner);
        }
        drop(book);
        if job.stop.load(Ordering::Relaxed) {
            return None;
        }
        job.stand(JobState::Running);
        Some(turn)
    }

    /// Finds a job.
    pub fn find(&self, number: u32) -> Result<Arc<Job>, WindowError> {
        let found = self.book().jobs.iter().find(|job| job.number == number).cloned();
        found
            .ok_or_else(|| Error::new(Code::NotFound, format!("There is no job {number}."), "Look at the list.").into())
    }

    /// Lists them, the oldest first.
    pub fn views(&self) -> Vec<JobView> {
        let jobs: Vec<Arc<Job>> = self.book().jobs.clone();
        jobs.iter().map(|job| job.view()).collect()
    }

    /// Wants a job to end.
    pub fn end_soon(&self, job: &Job, because: Option<WindowError>) {
        job.end_soon(because);
        // Under the lock, so that a job about to wait for its turn sees the wish or is woken.
        let _book = self.book();
        self.moved.notify_all();
    }

    /// Wants all jobs to end that have the case in hand, or all there are.
    pub fn end_all_soon(&self, which: Which, because: Option<WindowError>) {
        let jobs: Vec<Arc<Job>> = self.book().jobs.clone();
        for job in jobs.iter().filter(|job| which.is(job)) {
            self.end_soon(job, because.clone());
        }
    }

    /// Waits until none of them is at work; false when they are still after `limit`.
    pub fn wait_until_over(&self, which: Which, limit: Duration) -> bool {
        let at_work = |book: &mut Book| book.jobs.iter().any(|job| !job.is_over() && which.is(job));
        let waited = self.moved.wait_timeout_while(self.book(), limit, at_work);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// Forgets jobs that have ended: they told of a case that is closed.
    pub fn forget_finished(&self) {
        self.book().jobs.retain(|job| !job.is_over());
    }

    /// Does the work of a job on this thread, from its first turn to its end. A panic is a failure of the job alone.
    pub fn run(&self, job: &Job, line: Option<Line>, work: impl FnOnce() -> Ended) {
        let whole = || {
            let turn = match line {
                Some(line) => match self.take_turn(line, job) {
                    Some(turn) => Some(turn),
                    None => return Ended::stopped(None),
                },
                None => None,
            };
            let ended = work();
            drop(turn);
            ended
        };
        let ended = catch_unwind(AssertUnwindSafe(whole));
        job.end(ended.unwrap_or_else(|_| Ended::failed(None, ended_by_defect())));
        job.has_case.store(false, Ordering::Relaxed);
        let _book = self.book();
        self.moved.notify_all();
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Names jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// Those that have the case in hand.
    OfCase,
    /// All.
    All,
}

impl Which {
    fn is(self, job: &Job) -> bool {
        self == Self::All || job.has_case.load(Ordering::Relaxed)
    }
}

/// A place at the head of a line, given up when it is dropped.
pub(super) struct Turn<'a> {
    jobs: &'a Jobs,
    line: Line,
    number: u32,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut book = self.jobs.book();
        book.line(self.line).retain(|number| *number != self.number);
        self.jobs.moved.notify_all();
    }
}

impl Inner {
    /// Starts a job on a thread of its own, and gives its number. With a case, it is a job in that case.
    pub fn start(
        self: &Arc<Self>,
        kind: JobKind,
        line: Line,
        of_case: Option<&Arc<Open>>,
        work: impl FnOnce(&Arc<Inner>, &Job) -> Ended + Send + 'static,
    ) -> Result<u32, WindowError> {
        let job = self.jobs.add(kind, of_case.is_some(), &self.around.tell)?;
        let number = job.number;
        let (inner, of_case) = (Arc::clone(self), of_case.map(Arc::downgrade));
        let thread = std::thread::Builder::new().name(format!("job-{number}"));
        let kept = Arc::clone(&job);
        let whole = move || {
            inner.jobs.run(&job, Some(line), || match &of_case {
                // It was closed or locked before this job could be told to stop.
                Some(open) if !inner.is_on_bench(open) => {
                    Ended { state: JobState::Stopped, outcome: None, error: Some(stopped_by_lock()) }
                }
                _ => work(&inner, &job),
            });
        };
        let started = thread.spawn(whole);
        match started {
            Ok(_) => Ok(number),
            Err(error) => {
                let message = "The system gives no thread for the work.";
                let error: WindowError = Error::new(Code::Internal, message, "Close other programs, then try again.")
                    .with_detail(error)
                    .into();
                self.jobs.run(&kept, None, || Ended::failed(None, error.clone()));
                Err(error)
            }
        }
    }

    /// Tells whether a case is the one that is open.
    fn is_on_bench(&self, open: &Weak<Open>) -> bool {
        self.open().is_ok_and(|now| Weak::as_ptr(open) == Arc::as_ptr(&now))
    }

    /// Holds a job between two files.
    pub fn pause_job(&self, number: u32) -> Result<(), WindowError> {
        let job = self.jobs.find(number)?;
        match (job.kind, job.state()) {
            (JobKind::Load | JobKind::Rematch, JobState::Running | JobState::Paused) => {
                job.pause.hold(true);
                job.stand(JobState::Paused);
                Ok(())
            }
            _ => Err(bad_input("This job cannot be paused.", "Stop it instead; what was done is kept.")),
        }
    }

    /// Lets a job that is held go on.
    pub fn resume_job(&self, number: u32) -> Result<(), WindowError> {
        let job = self.jobs.find(number)?;
        job.pause.hold(false);
        if job.state() == JobState::Paused {
            job.stand(JobState::Running);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tell() -> Tell {
        Arc::new(|_| {})
    }

    #[test]
    fn two_jobs_of_the_case_go_one_after_the_other() {
        let jobs = Jobs::default();
        let (first, second) =
            (jobs.add(JobKind::Load, true, &tell()).unwrap(), jobs.add(JobKind::Load, true, &tell()).unwrap());
        let order = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            let turn = jobs.take_turn(Line::Case, &first).unwrap();
            scope.spawn(|| {
                jobs.run(&second, Some(Line::Case), || {
                    order.lock().unwrap().push(2);
                    Ended::stopped(None)
                });
            });
            while second.state() != JobState::Waiting {
                std::thread::yield_now();
            }
            order.lock().unwrap().push(1);
            drop(turn);
        });
        assert_eq!(*order.lock().unwrap(), [1, 2]);
        assert!(second.is_over());
    }

    #[test]
    fn a_job_that_waits_can_be_stopped() {
        let jobs = Jobs::default();
        let (first, second) =
            (jobs.add(JobKind::Load, true, &tell()).unwrap(), jobs.add(JobKind::Load, true, &tell()).unwrap());
        std::thread::scope(|scope| {
            let _turn = jobs.take_turn(Line::Case, &first).unwrap();
            scope.spawn(|| jobs.run(&second, Some(Line::Case), || panic!("its turn never comes")));
            while second.state() != JobState::Waiting {
                std::thread::yield_now();
            }
            jobs.end_soon(&second, None);
            assert!(!jobs.wait_until_over(Which::OfCase, Duration::ZERO), "the first is at work");
            while !second.is_over() {
                std::thread::yield_now();
            }
        });
        assert_eq!(second.state(), JobState::Stopped);
    }

    #[test]
    fn a_panic_fails_the_job_and_frees_its_turn() {
        let jobs = Jobs::default();
        let first = jobs.add(JobKind::Verify, true, &tell()).unwrap();
        jobs.run(&first, Some(Line::Case), || panic!("on purpose"));
        assert_eq!(first.view().error.map(|error| error.code).as_deref(), Some("internal"));
        let second = jobs.add(JobKind::Verify, true, &tell()).unwrap();
        jobs.run(&second, Some(Line::Case), || Ended::stopped(None));
        assert_eq!(second.state(), JobState::Stopped);
        assert!(jobs.wait_until_over(Which::All, Duration::ZERO));
    }

    #[test]
    fn there_is_a_limit_to_what_waits_and_to_what_is_listed() {
        let jobs = Jobs::default();
        for _ in 0..UNFINISHED_MAX {
            jobs.add(JobKind::Load, true, &tell()).unwrap();
        }
        let refused = jobs.add(JobKind::Load, true, &tell()).map(|job| job.number).unwrap_err();
        assert_eq!(refused.code, "busy");
        let all: Vec<u32> = jobs.views().iter().map(|job| job.job).collect();
        all.iter().for_each(|number| jobs.find(*number).unwrap().end(Ended::stopped(None)));
        jobs.add(JobKind::Load, true, &tell()).unwrap();
        assert_eq!(jobs.views().len(), FINISHED_MAX + 1);
    }
}
