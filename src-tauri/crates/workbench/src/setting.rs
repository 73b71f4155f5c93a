//! What a front door decides about long work, and what it is told: programs, threads, the clock, the wishes to stop and to
//! pause, and how far each step is.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::UtcTime;

/// Longest time after which work that waits looks whether it is to stop: a signal sets that flag and can wake nobody.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Holds what a front door decides: programs, threads, the clock, and the wishes to stop and to pause.
pub struct Setting<'a> {
    /// Path of the program `zeef-decode`.
    pub decoder: PathBuf,
    /// Number of files in work at once, at least 1.
    pub threads: usize,
    /// Gives the time.
    pub now: &'a (dyn Fn() -> UtcTime + Sync),
    /// Becomes true when a person wants to stop; what was done is kept.
    pub stop: &'a AtomicBool,
    /// Holds the work between two files, where a person can.
    pub pause: Option<&'a Pause>,
    /// Is told how far the work is; called from the thread that called.
    pub progress: &'a (dyn Fn(&Progress) + Sync),
}

impl Setting<'_> {
    /// Tells whether a person wants to stop.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Tells whether a person holds the work.
    pub fn is_paused(&self) -> bool {
        self.pause.is_some_and(Pause::is_held) && !self.is_stopped()
    }

    /// Waits while a person holds the work and does not want to stop.
    pub(crate) fn wait_while_paused(&self) {
        if let Some(pause) = self.pause {
            pause.wait(self.stop);
        }
    }
}

/// Holds work between two files until a person lets it go on.
#[derive(Debug, Default)]
pub struct Pause {
    held: Mutex<bool>,
    changed: Condvar,
}

impl Pause {
    /// Holds the work, or lets it go on.
    pub fn hold(&self, hold: bool) {
        *self.lock() = hold;
        self.changed.notify_all();
    }

    /// Tells whether the work is held.
    pub fn is_held(&self) -> bool {
        *self.lock()
    }

    fn wait(&self, stop: &AtomicBool) {
        let mut held = self.lock();
        while *held && !stop.load(Ordering::Relaxed) {
            let waited = self.changed.wait_timeout(held, LOOK_AGAIN);
            held = waited.map_or_else(|poisoned| poisoned.into_inner().0, |(held, _)| held);
        }
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells how far a piece of work is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub stage: &'static str,
    /// Files, or rows, that are done.
    pub done: u64,
    /// How many there are, once that is known.
    pub total: Option<u64>,
    /// Bytes that were read.
    pub bytes: u64,
    /// How far each step of sifting is; absent where nothing is sifted.
    pub steps: Option<Steps>,
}

/// Counts what each step of sifting has done. Members of archives count as files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Steps {
    /// Files that were found.
    pub listed: u64,
    /// True when no more will be found, but members of archives.
    pub listed_all: bool,
    /// Files that are recorded as they are, and were passed over.
    pub passed_over: u64,
    /// Files to be read, once that is known.
    pub to_read: Option<u64>,
    /// Files that were read, or could not be.
    pub read: u64,
    /// Of these, those that could not be.
    pub unread: u64,
    /// Contents that were looked up.
    pub looked_up: u64,
    /// Pictures that were given to the decoder.
    pub to_decode: u64,
    /// Of these, those that came back, decoded or refused.
    pub decoded: u64,
    /// Records that are durable.
    pub recorded: u64,
}

/// Counts the same, from several threads.
pub(crate) struct Tally {
    /// Sources whose listing has not come to its end.
    listings: AtomicUsize,
    listed: AtomicU64,
    passed_over: AtomicU64,
    members: AtomicU64,
    read: AtomicU64,
    unread: AtomicU64,
    looked_up: AtomicU64,
    to_decode: AtomicU64,
    decoded: AtomicU64,
    recorded: AtomicU64,
}

/// Names what is counted.
#[derive(Clone, Copy)]
pub(crate) enum Step {
    Listed,
    PassedOver,
    Member,
    Read,
    Unread,
    LookedUp,
    ToDecode,
    Decoded,
    Recorded,
}

impl Tally {
    /// Starts at nothing, with so many sources to be listed.
    pub fn new(listings: usize) -> Self {
        Self {
            listings: AtomicUsize::new(listings),
            listed: AtomicU64::new(0),
            passed_over: AtomicU64::new(0),
            members: AtomicU64::new(0),
            read: AtomicU64::new(0),
            unread: AtomicU64::new(0),
            looked_up: AtomicU64::new(0),
            to_decode: AtomicU64::new(0),
            decoded: AtomicU64::new(0),
            recorded: AtomicU64::new(0),
        }
    }

    pub fn add(&self, step: Step, count: u64) {
        let counter = match step {
            Step::Listed => &self.listed,
            Step::PassedOver => &self.passed_over,
            Step::Member => &self.members,
            Step::Read => &self.read,
            Step::Unread => &self.unread,
            Step::LookedUp => &self.looked_up,
            Step::ToDecode => &self.to_decode,
            Step::Decoded => &self.decoded,
            Step::Recorded => &self.recorded,
        };
        counter.fetch_add(count, Ordering::Relaxed);
    }

    /// Notes that a source was listed to its end, or will not be.
    pub fn end_listing(&self) {
        self.listings.fetch_sub(1, Ordering::Relaxed);
    }

    /// Gives the counts as they are now.
    pub fn steps(&self) -> Steps {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let listed_all = self.listings.load(Ordering::Relaxed) == 0;
        let (listed, passed_over) = (count(&self.listed), count(&self.passed_over));
        Steps {
            listed,
            listed_all,
            passed_over,
            to_read: listed_all.then(|| listed.saturating_sub(passed_over) + count(&self.members)),
            read: count(&self.read),
            unread: count(&self.unread),
            looked_up: count(&self.looked_up),
            to_decode: count(&self.to_decode),
            decoded: count(&self.decoded),
            recorded: count(&self.recorded),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_much_is_to_be_read_is_said_once_everything_is_listed() {
        let tally = Tally::new(2);
        tally.add(Step::Listed, 10);
        tally.add(Step::PassedOver, 4);
        tally.end_listing();
        assert_eq!(tally.steps().to_read, None);
        tally.end_listing();
        tally.add(Step::Member, 3);
        assert_eq!(tally.steps().to_read, Some(9));
    }

    #[test]
    fn a_wish_to_stop_ends_a_pause() {
        let (pause, stop) = (Pause::default(), AtomicBool::new(false));
        pause.hold(true);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| pause.wait(&stop));
            stop.store(true, Ordering::Relaxed);
            waiting.join().unwrap();
        });
        assert!(pause.is_held());
    }
}
