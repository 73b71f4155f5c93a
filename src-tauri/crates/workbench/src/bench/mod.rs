//! The state of the program behind a window: which case is open or locked, who is at the machine, which jobs are at work.
//!
//! What it does: one method for each command of the window, with the command's name. It keeps settings and the cases that
//! were open before, blanks and locks when nobody is there, runs jobs on threads of their own, and says by events what is
//! stale.
//!
//! What it never does: know the window. Folders, programs, clock, randomness and the ear for events are passed in. It keeps
//! no passphrase, and while a case is locked no key of it.
//!
//! Who may call it: the desktop program, from any thread.

mod demonstration;
mod entry;
mod failure;
mod foreign;
mod idle;
mod job;
mod jobs;
mod keeping;
mod leads;
mod leaving;
mod loading;
mod os;
mod pace;
mod remark;
mod review;
mod security;
mod sets;
mod sync;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use ::review::Schemes;
use domain::UtcTime;

pub use demonstration::DEMONSTRATION_PASSPHRASE;

use self::entry::Open;
use self::failure::{locked, no_case};
use self::idle::{Idle, Wish};
use self::jobs::{Jobs, Which};
use self::keeping::{Keeping, text_of};
use crate::view::window::{
    CaseHead, CategoryView, Event, JobView, RecentCase, SchemeView, SecurityStanding, Settings, Startup, WindowError,
};
use crate::{Entropy, Starter};

/// Hears events; called from any thread, and may neither wait nor call the bench.
pub type Tell = Arc<dyn Fn(Event) + Send + Sync>;

/// Longest time for which the end of jobs is waited for when a case is closed or opened again. They end between two files;
/// only a decoder at its limit takes that long.
const JOBS_END: Duration = Duration::from_secs(90);

/// Holds what only a front door knows: folders, programs, the clock, randomness, and who hears events.
pub struct Surroundings {
    /// Version of the program.
    pub version: String,
    /// Folder of settings and of the list of cases that were open.
    pub config_dir: PathBuf,
    /// Folder that the demonstration is kept in.
    pub data_dir: PathBuf,
    /// Folder of the hash sets.
    pub sets_dir: PathBuf,
    /// Folder that new cases are suggested in.
    pub cases_dir: PathBuf,
    /// The program `zeef-decode`.
    pub decoder: PathBuf,
    /// The program `zeef-sync`.
    pub sync: PathBuf,
    /// The program `zeef`, which applies releases.
    pub zeef: PathBuf,
    /// Starts `zeef-sync` and `zeef`.
    pub starter: Arc<dyn Starter>,
    /// Gives the time.
    pub now: Arc<dyn Fn() -> UtcTime + Send + Sync>,
    /// Gives random bytes.
    pub entropy: Box<dyn Entropy>,
    /// Number of files in work at once.
    pub threads: usize,
    /// Hears events.
    pub tell: Tell,
    /// How far the window has no network, and by what.
    pub network: (SecurityStanding, String),
    /// How far the webview keeps nothing on the disk, and by what.
    pub webview: (SecurityStanding, String),
}

/// Holds the state of the program. Cheap to clone; every clone is the same.
#[derive(Clone)]
pub struct Bench {
    inner: Arc<Inner>,
}

struct Inner {
    around: Around,
    keeping: Keeping,
    entropy: SharedEntropy,
    jobs: Jobs,
    state: Mutex<State>,
    /// Held while a case is opened or closed, so that two wishes do not cross.
    entering: Mutex<()>,
}

/// Randomness that several threads draw from.
#[derive(Clone)]
struct SharedEntropy(Arc<Mutex<Box<dyn Entropy>>>);

impl Entropy for SharedEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill(bytes);
    }
}

/// The surroundings without what needs a lock of its own.
struct Around {
    version: String,
    data_dir: PathBuf,
    sets_dir: PathBuf,
    cases_dir: PathBuf,
    decoder: PathBuf,
    sync: PathBuf,
    zeef: PathBuf,
    starter: Arc<dyn Starter>,
    now: Arc<dyn Fn() -> UtcTime + Send + Sync>,
    threads: usize,
    tell: Tell,
    network: (SecurityStanding, String),
    webview: (SecurityStanding, String),
}

struct State {
    settings: Settings,
    idle: Idle,
    place: Place,
    /// Loads that a person wanted and that have not come to their end, of the case that is open or locked.
    wanted: Vec<Arc<Wanted>>,
}

/// A load that a person wants. A lock cuts it off; what it names is kept, and it goes on when the case is unlocked.
struct Wanted {
    what: loading::Want,
    /// Number of its job, once that is known.
    job: OnceLock<u32>,
    /// True where a person held it when the case was locked: it goes on held.
    held: AtomicBool,
}

/// Which case is on the bench.
enum Place {
    Empty,
    Open(Arc<Open>),
    /// Its key is gone; only what the lock page shows of it is kept.
    Locked {
        dir: PathBuf,
        head: Box<CaseHead>,
    },
}

impl Bench {
    /// Makes the bench, with no case on it.
    pub fn new(around: Surroundings) -> Self {
        let keeping = Keeping::new(around.config_dir);
        let now = (around.now)();
        let state =
            State { settings: keeping.settings(), idle: Idle::new(now), place: Place::Empty, wanted: Vec::new() };
        let inner = Inner {
            keeping,
            entropy: SharedEntropy(Arc::new(Mutex::new(around.entropy))),
            jobs: Jobs::default(),
            state: Mutex::new(state),
            entering: Mutex::default(),
            around: Around {
                version: around.version,
                data_dir: around.data_dir,
                sets_dir: around.sets_dir,
                cases_dir: around.cases_dir,
                decoder: around.decoder,
                sync: around.sync,
                zeef: around.zeef,
                starter: around.starter,
                now: around.now,
                threads: around.threads.max(1),
                tell: around.tell,
                network: around.network,
                webview: around.webview,
            },
        };
        Self { inner: Arc::new(inner) }
    }

    /// Tells what a window needs before a case is open.
    pub fn startup(&self) -> Startup {
        let schemes = Schemes::shipped();
        let recent = self.inner.keeping.recent();
        let state = self.inner.state();
        let (open, locked) = match &state.place {
            Place::Empty => (None, false),
            Place::Open(open) => (Some(open.head.clone()), false),
            Place::Locked { head, .. } => (Some((**head).clone()), true),
        };
        Startup {
            version: self.inner.around.version.clone(),
            settings: state.settings.clone(),
            recent,
            schemes: schemes.ids().filter_map(|id| schemes.scheme(id)).map(scheme_view).collect(),
            sets_dir: text_of(&state.sets_dir(&self.inner.around)),
            cases_dir: text_of(&self.inner.around.cases_dir),
            open,
            locked,
        }
    }

    /// Keeps the settings.
    pub fn settings_save(&self, settings: Settings) -> Result<(), WindowError> {
        let settings = self.inner.keeping.put_settings(settings)?;
        self.inner.state().settings = settings;
        Ok(())
    }

    /// Gives the settings as they hold.
    pub fn settings(&self) -> Settings {
        self.inner.state().settings.clone()
    }

    /// Lists the cases that were open before.
    pub fn recent(&self) -> Vec<RecentCase> {
        self.inner.keeping.recent()
    }

    /// Takes a case off the list of those that were open before.
    pub fn recent_forget(&self, dir: &str) -> Result<(), WindowError> {
        Ok(self.inner.keeping.forget(dir)?)
    }

    /// Notes that a hand moved.
    pub fn activity(&self) {
        let now = self.inner.now();
        self.inner.state().idle.touch(now);
    }

    /// Blanks and locks when nobody has been there for long; the shell calls it every second.
    pub fn tick(&self) {
        let now = self.inner.now();
        let mut state = self.inner.state();
        let (blank, lock) = (state.settings.blank_minutes, state.settings.lock_minutes);
        if !matches!(state.place, Place::Open(_)) {
            return;
        }
        let wish = state.idle.tick(now, blank, lock);
        drop(state);
        match wish {
            Some(Wish::Blank) => (self.inner.around.tell)(Event::Blank),
            Some(Wish::Lock) => self.lock(),
            None => {}
        }
    }

    /// Tells the window that files were dropped on it.
    pub fn dropped(&self, paths: &[PathBuf]) {
        let paths = paths.iter().map(|path| text_of(path)).collect();
        (self.inner.around.tell)(Event::Dropped { paths });
    }

    /// Gives the text by which the window names a path; the commands take it back, whatever bytes the path has.
    pub fn path_text(path: &Path) -> String {
        text_of(path)
    }

    /// Lists the jobs of this session, the oldest first.
    pub fn jobs(&self) -> Vec<JobView> {
        self.inner.jobs.views()
    }

    /// Holds a load between two files.
    pub fn job_pause(&self, job: u32) -> Result<(), WindowError> {
        self.inner.pause_job(job)
    }

    /// Lets a load go on.
    pub fn job_resume(&self, job: u32) -> Result<(), WindowError> {
        self.inner.resume_job(job)
    }

    /// Stops a job; what was done is kept.
    pub fn job_stop(&self, job: u32) -> Result<(), WindowError> {
        let job = self.inner.jobs.find(job)?;
        // What a person stops does not come back by itself after a lock.
        self.inner.state().wanted.retain(|wanted| wanted.job.get() != Some(&job.number));
        self.inner.jobs.end_soon(&job, None);
        Ok(())
    }

    /// Stops all jobs, waits for them, and closes the case: before the program ends.
    pub fn end(&self) {
        self.inner.leave();
        self.inner.jobs.end_all_soon(Which::All, None);
        // What does not end in that time is cut off by the end of the program, as by a kill: nothing durable is lost.
        let _ = self.inner.jobs.wait_until_over(Which::All, JOBS_END);
    }
}

impl Inner {
    fn now(&self) -> UtcTime {
        (self.around.now)()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the case that is open.
    fn open(&self) -> Result<Arc<Open>, WindowError> {
        match &self.state().place {
            Place::Open(open) => Ok(Arc::clone(open)),
            Place::Locked { .. } => Err(locked()),
            Place::Empty => Err(no_case()),
        }
    }

    /// Gives the folder of the sets that are in force now.
    fn sets_dir(&self) -> PathBuf {
        self.state().sets_dir(&self.around)
    }
}

impl State {
    /// The demonstration has sets of its own, so that they never hide anything in a real case.
    fn sets_dir(&self, around: &Around) -> PathBuf {
        let dir = match &self.place {
            Place::Empty => return around.sets_dir.clone(),
            Place::Open(open) => &open.dir,
            Place::Locked { dir, .. } => dir,
        };
        around.sets_of(dir)
    }
}

/// Describes a scheme; its first nine categories have a key.
fn scheme_view(scheme: &domain::Scheme) -> SchemeView {
    let category = |(place, category): (usize, &domain::Category)| CategoryView {
        code: category.code.0.clone(),
        key: (place < 9).then(|| (place + 1).to_string()),
        en: category.en.clone(),
        nl: category.nl.clone(),
    };
    SchemeView {
        id: scheme.id.0.clone(),
        title: scheme.title.clone(),
        title_nl: scheme.title_nl.clone(),
        status: remark::status(&scheme.status),
        categories: scheme.categories.iter().enumerate().map(category).collect(),
    }
}
