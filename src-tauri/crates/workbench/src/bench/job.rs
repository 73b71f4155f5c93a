//! One job: how far it is, how it stands, and what the window is told of it, at most ten times a second.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::UtcTime;

use super::Tell;
use super::pace::Pace;
use crate::view::window::{Event, JobKind, JobOutcome, JobStage, JobState, JobView, WindowError};
use crate::{Pause, Progress, Steps};

/// Shortest time between two reports of progress, microseconds.
const TELL_PAUSE: i64 = 100_000;

/// Names of stages in the order in which they are shown.
const STAGES: [&str; 14] = [
    "draw", "import", "describe", "fetch", "apply", "match", "list", "read", "look-up", "decode", "record", "stack",
    "join", "verify",
];

/// A job, from its beginning to its end.
pub(super) struct Job {
    /// Number in this session.
    pub number: u32,
    /// Kind.
    pub kind: JobKind,
    /// Becomes true when it is to come to its end.
    pub stop: AtomicBool,
    /// Holds it between two files.
    pub pause: Pause,
    /// True while it has the case in hand: whoever closes the case ends it, and waits for it.
    pub has_case: AtomicBool,
    /// True for a load that goes on where a lock had stopped it.
    pub resumed: AtomicBool,
    board: Mutex<Board>,
    tell: Tell,
}

/// How a job ended.
pub(super) struct Ended {
    pub state: JobState,
    pub outcome: Option<JobOutcome>,
    pub error: Option<WindowError>,
}

impl Ended {
    pub fn done(outcome: JobOutcome) -> Self {
        Self { state: JobState::Done, outcome: Some(outcome), error: None }
    }

    pub fn stopped(outcome: Option<JobOutcome>) -> Self {
        Self { state: JobState::Stopped, outcome, error: None }
    }

    pub fn failed(outcome: Option<JobOutcome>, error: WindowError) -> Self {
        Self { state: JobState::Failed, outcome, error: Some(error) }
    }
}

impl From<crate::Error> for Ended {
    fn from(error: crate::Error) -> Self {
        if error.code == crate::Code::Stopped { Self::stopped(None) } else { Self::failed(None, error.into()) }
    }
}

struct Board {
    state: JobState,
    stages: Vec<JobStage>,
    pace: Pace,
    stage: &'static str,
    bytes: u64,
    outcome: Option<JobOutcome>,
    error: Option<WindowError>,
    /// Why it is being stopped, where that is not a person's wish about this very job.
    because: Option<WindowError>,
    told: Option<UtcTime>,
}

impl Job {
    pub fn new(number: u32, kind: JobKind, has_case: bool, tell: Tell) -> Arc<Self> {
        let shown: &[&str] = match kind {
            JobKind::Load => &["list", "read", "look-up", "decode", "record", "stack"],
            _ => &[],
        };
        let board = Board {
            state: JobState::Running,
            stages: shown.iter().map(|stage| JobStage { stage: (*stage).to_owned(), done: 0, total: None }).collect(),
            pace: Pace::default(),
            stage: "",
            bytes: 0,
            outcome: None,
            error: None,
            because: None,
            told: None,
        };
        Arc::new(Self {
            number,
            kind,
            stop: AtomicBool::new(false),
            pause: Pause::default(),
            has_case: AtomicBool::new(has_case),
            resumed: AtomicBool::new(false),
            board: Mutex::new(board),
            tell,
        })
    }

    /// Takes a report of the work.
    pub fn progress(&self, now: UtcTime, progress: &Progress) {
        let mut board = self.board();
        board.take(now, progress);
        let again = board.told.is_none_or(|told| now < told || now.0 - told.0 >= TELL_PAUSE);
        if again {
            board.told = Some(now);
            self.say(&board);
        }
    }

    /// Changes where it is, unless it has ended or is to end.
    pub fn stand(&self, state: JobState) {
        let mut board = self.board();
        if is_over(board.state) || board.state == JobState::Stopping || board.state == state {
            return;
        }
        board.pace.restart();
        board.state = state;
        self.say(&board);
    }

    /// Wants it to end; `because` says why, where that is not a person's wish about this very job.
    pub fn end_soon(&self, because: Option<WindowError>) {
        let mut board = self.board();
        if is_over(board.state) {
            return;
        }
        board.because = board.because.take().or(because);
        board.state = JobState::Stopping;
        self.stop.store(true, Ordering::Relaxed);
        self.pause.hold(false);
        self.say(&board);
    }

    /// Notes how it ended.
    pub fn end(&self, ended: Ended) {
        let mut board = self.board();
        board.state = ended.state;
        board.outcome = ended.outcome;
        let because = board.because.take().filter(|_| ended.state == JobState::Stopped);
        board.error = ended.error.or(because);
        self.say(&board);
    }

    /// Tells where it is.
    pub fn state(&self) -> JobState {
        self.board().state
    }

    pub fn is_over(&self) -> bool {
        is_over(self.state())
    }

    pub fn view(&self) -> JobView {
        self.board().view(self)
    }

    /// Tells the window now, so that what it hears last is what holds: the board is kept meanwhile.
    fn say(&self, board: &Board) {
        (self.tell)(Event::Job { job: board.view(self) });
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_over(state: JobState) -> bool {
    matches!(state, JobState::Stopped | JobState::Done | JobState::Failed)
}

impl Board {
    fn take(&mut self, now: UtcTime, progress: &Progress) {
        if self.stage != progress.stage {
            self.stage = progress.stage;
            self.pace.restart();
        }
        self.pace.take(now, progress.done, progress.total);
        self.bytes = self.bytes.max(progress.bytes);
        match &progress.steps {
            Some(steps) => self.sifted(steps),
            None => self.put(stage_name(progress.stage), progress.done, progress.total),
        }
    }

    fn sifted(&mut self, steps: &Steps) {
        let Steps {
            listed,
            listed_all,
            passed_over: _,
            to_read,
            read,
            unread,
            looked_up,
            to_decode,
            decoded,
            recorded,
        } = *steps;
        if listed > 0 {
            self.put("list", listed, listed_all.then_some(listed));
        }
        self.put("read", read, to_read);
        self.put("look-up", looked_up, to_read.map(|total| total.saturating_sub(unread)));
        // How many pictures there are is known when the last file was looked up.
        self.put("decode", decoded, Some(to_decode).filter(|_| to_read == Some(read)));
        self.put("record", recorded, to_read);
    }

    fn put(&mut self, stage: &str, done: u64, total: Option<u64>) {
        let (done, total) = (count(done), total.map(count));
        if let Some(found) = self.stages.iter_mut().find(|found| found.stage == stage) {
            (found.done, found.total) = (done, total);
            return;
        }
        let place = |stage: &str| STAGES.iter().position(|known| *known == stage);
        let before = self.stages.iter().take_while(|found| place(&found.stage) <= place(stage)).count();
        self.stages.insert(before, JobStage { stage: stage.to_owned(), done, total });
    }

    fn view(&self, of: &Job) -> JobView {
        let at_work = self.state == JobState::Running;
        JobView {
            job: of.number,
            kind: of.kind,
            state: self.state,
            stages: self.stages.clone(),
            rate: if at_work { self.pace.rate() } else { 0.0 },
            bytes: self.bytes as f64,
            seconds_left: self
                .pace
                .seconds_left()
                .filter(|_| matches!(self.state, JobState::Running | JobState::Paused)),
            outcome: self.outcome.clone(),
            error: self.error.clone(),
            resumed: of.resumed.load(Ordering::Relaxed),
        }
    }
}

/// Gives the window's word for a stage of the workbench.
fn stage_name(stage: &'static str) -> &'static str {
    match stage {
        "stacks" => "stack",
        "rematch" => "match",
        // Of a list; what is read of a source is counted in steps.
        "read" | "index" => "import",
        step if step.starts_with("verify") => "verify",
        other => other,
    }
}

/// Brings a count into what crosses to the window.
pub(super) fn count(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(kind: JobKind) -> (Arc<Job>, Arc<Mutex<Vec<JobView>>>) {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&heard);
        let tell: Tell = Arc::new(move |event| {
            if let Event::Job { job } = event {
                keep.lock().unwrap().push(job);
            }
        });
        (Job::new(1, kind, true, tell), heard)
    }

    fn sifted(done: u64, steps: Steps) -> Progress {
        Progress { stage: "sift", done, total: steps.to_read, bytes: 0, steps: Some(steps) }
    }

    #[test]
    fn it_tells_at_most_ten_times_a_second() {
        let (job, heard) = job(JobKind::Load);
        for tick in 0..1000u64 {
            job.progress(UtcTime(tick as i64 * 1000), &sifted(tick, Steps { listed: tick, ..Steps::default() }));
        }
        assert_eq!(heard.lock().unwrap().len(), 10);
    }

    #[test]
    fn every_stage_of_a_load_is_counted_by_itself() {
        let (job, _) = job(JobKind::Load);
        let steps = Steps {
            listed: 100,
            listed_all: true,
            passed_over: 10,
            to_read: Some(90),
            read: 50,
            unread: 5,
            looked_up: 45,
            to_decode: 12,
            decoded: 11,
            recorded: 40,
        };
        job.progress(UtcTime(0), &sifted(42, steps));
        job.progress(UtcTime(0), &Progress { stage: "rematch", done: 3, ..Progress::default() });
        let stages = job.view().stages;
        let told: Vec<_> = stages.iter().map(|stage| (stage.stage.as_str(), stage.done, stage.total)).collect();
        let wanted = [
            ("match", 3, None),
            ("list", 100, Some(100)),
            ("read", 50, Some(90)),
            ("look-up", 45, Some(85)),
            ("decode", 11, None),
            ("record", 40, Some(90)),
            ("stack", 0, None),
        ];
        assert_eq!(told, wanted);
    }

    #[test]
    fn what_ended_stays_ended() {
        let (job, heard) = job(JobKind::Load);
        job.end(Ended::stopped(None));
        job.stand(JobState::Paused);
        job.end_soon(None);
        assert_eq!(job.state(), JobState::Stopped);
        assert_eq!(heard.lock().unwrap().len(), 1);
    }

    #[test]
    fn a_lock_is_told_as_the_reason_of_a_stop_but_of_nothing_else() {
        let because = || Some(super::super::failure::stopped_by_lock());
        let (first, _) = job(JobKind::Load);
        first.end_soon(because());
        first.end(Ended::stopped(None));
        assert_eq!(first.view().error.map(|error| error.code).as_deref(), Some("locked"));
        let (second, _) = job(JobKind::Verify);
        second.end_soon(because());
        second.end(Ended::done(JobOutcome::Demo { dir: String::new() }));
        assert_eq!(second.view().error, None, "it was done before it saw the wish");
    }
}
