//! Pictures for the window: veiled ones for whoever asks, a clear one for a ticket, once.
//!
//! What always holds here: an item that is hidden has no picture, by whatever way it is asked for; a clear pixel leaves
//! only for a ticket that a person's key has just drawn; what is shown as an item has that item's SHA-256; nothing is
//! written to a disk; no answer has a name in it.
//!
//! Veils are made by workers of which each has a confined decoder of its own, the newest request first, because that is
//! what is on the screen. Clear pictures are made by one thread more, which keeps the pixels of the picture that is being
//! looked at, so that a lens can move over them, and not a moment longer.

mod address;
pub(crate) mod content;
mod reveal;
mod tiles;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use casefile::{CaseFile, Entropy};
use crossbeam_channel::{Sender, bounded};
use domain::Region;

pub use evidence::veil::{Look, Strength, Theme};

use crate::Error;
use crate::view::window::{RevealForm, Ticket};
use address::Address;
use reveal::{Ask, Reveals};
use tiles::{Answer, Key, Line};

/// Fewest and most workers for veils: each has a decoder.
const WORKERS: std::ops::RangeInclusive<usize> = 1..=4;
/// Time without work after which a decoder is ended.
const DECODER_IDLE: Duration = Duration::from_secs(60);

/// Takes what is served, on whichever thread has it.
pub type Reply = Box<dyn FnOnce(Served) + Send>;
/// Gives the time since a moment of its own choice; it never goes back.
pub type Clock = Box<dyn Fn() -> Duration + Send + Sync>;
/// Is told that a clear picture leaves: the item's number, and whether only a part of it was clear. Called by the thread
/// that serves, so it has to be quick.
pub type Seen = Box<dyn Fn(u32, bool) + Send + Sync>;

/// Holds what the pictures of an open case need.
pub struct PictureSetting {
    /// The case.
    pub case: CaseFile,
    /// Path of the program `zeef-decode`.
    pub decoder: PathBuf,
    /// Veils in work at once; 1 to 4.
    pub workers: usize,
    /// First part of every path: [`crate::view::window::CaseHead::epoch`].
    pub epoch: String,
    /// Draws the tickets.
    pub entropy: Box<dyn Entropy>,
    /// Gives the time.
    pub now: Clock,
    /// Counts clear looks.
    pub seen: Seen,
}

/// Says which picture is meant by a number: the small one of the grid, or the one of the loupe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Form {
    /// For the grid, the strip, the comparison.
    Tile,
    /// For a single picture that fills the window.
    Loupe,
}

/// Holds a veiled picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Veiled {
    /// Media type.
    pub mime: &'static str,
    /// The file, in memory alone.
    pub bytes: Arc<[u8]>,
}

/// Holds an answer of `media:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// 200; 404 where there is nothing; 410 where nobody waits for it any more; 503 where the decoder cannot be had.
    pub status: u16,
    /// Media type of the bytes.
    pub mime: &'static str,
    /// The file; nothing unless the status is 200.
    pub bytes: Vec<u8>,
}

impl Served {
    fn without(status: u16) -> Self {
        Self { status, mime: "text/plain", bytes: Vec::new() }
    }

    fn not_found() -> Self {
        Self::without(404)
    }

    fn gone() -> Self {
        Self::without(410)
    }

    fn of(answer: Answer) -> Self {
        match answer {
            Answer::Veiled(bytes) => Self { status: 200, mime: VEIL_MIME, bytes: bytes.to_vec() },
            Answer::Nothing => Self::not_found(),
            Answer::Gone => Self::gone(),
            Answer::Failed => Self::without(503),
        }
    }
}

/// Media type of veils: without loss, so that coding adds no edge of its own.
const VEIL_MIME: &str = "image/png";

/// Serves the pictures of an open case, until it is told to forget them.
pub struct Pictures {
    inner: Arc<Inner>,
    ask: Sender<Ask>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// What the threads share.
struct Inner {
    epoch: String,
    decoder: PathBuf,
    /// Taken away when the pictures are forgotten.
    case: RwLock<Option<CaseFile>>,
    /// Becomes true then.
    forgotten: AtomicBool,
    /// The look that the window asked for last; what a lens leaves veiled has it too.
    look: Mutex<Look>,
    line: Line,
    reveals: Mutex<Reveals>,
    entropy: Mutex<Box<dyn Entropy>>,
    now: Clock,
    seen: Seen,
}

impl Inner {
    fn case(&self) -> Option<CaseFile> {
        self.case.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Whoever holds one of these leaves the value whole, also when it panics.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pictures {
    /// Begins to serve. Starts threads; decoders are started by the first request.
    pub fn open(setting: PictureSetting) -> Self {
        let PictureSetting { case, decoder, workers, epoch, entropy, now, seen } = setting;
        let inner = Arc::new(Inner {
            epoch,
            decoder,
            case: RwLock::new(Some(case)),
            forgotten: AtomicBool::new(false),
            look: Mutex::new(Look { strength: Strength::Full, theme: Theme::Dark }),
            line: Line::default(),
            reveals: Mutex::default(),
            entropy: Mutex::new(entropy),
            now,
            seen,
        });
        let (ask, asked) = bounded(reveal::ASKS_MAX);
        let mut threads = Vec::new();
        for _ in 0..workers.clamp(*WORKERS.start(), *WORKERS.end()) {
            let inner = Arc::clone(&inner);
            threads.push(std::thread::spawn(move || tiles::work(&inner)));
        }
        let shared = Arc::clone(&inner);
        threads.push(std::thread::spawn(move || reveal::work(&shared, &asked)));
        Self { inner, ask, threads: Mutex::new(threads) }
    }

    /// Answers a path of `media:`, now or later: `/EPOCH/tile/NUMBER?STRENGTH-THEME`, `/EPOCH/loupe/NUMBER?STRENGTH-THEME`
    /// (strength 1 to 3, theme `dark` or `light`), `/EPOCH/clear/TICKET`. Does not wait.
    ///
    /// Veils are made newest request first; a request that [`tiles::LINE_MAX`] newer ones have pushed out is answered 410.
    pub fn fetch(&self, path: &str, reply: Reply) {
        match address::parse(path, &self.inner.epoch) {
            Some(Address::Veil(key)) => self.want(key, Box::new(move |answer| reply(Served::of(answer)))),
            Some(Address::Clear(ticket)) => reveal::serve(&self.inner, ticket, reply),
            None => reply(Served::not_found()),
        }
    }

    /// Does the same and waits for the answer.
    pub fn serve(&self, path: &str) -> Served {
        let (tell, told) = bounded(1);
        self.fetch(path, Box::new(move |served| drop(tell.send(served))));
        told.recv().unwrap_or_else(|_| Served::gone())
    }

    /// Gives the veiled tile of an item; none for an item that is hidden or has no picture.
    pub fn tile(&self, number: u32, look: Look) -> Option<Veiled> {
        self.veiled(Key { number, form: Form::Tile, look })
    }

    /// Gives the veiled picture of an item for a whole window. It is small, and meant to be enlarged: a veil has no detail.
    pub fn loupe_veil(&self, number: u32, look: Look) -> Option<Veiled> {
        self.veiled(Key { number, form: Form::Loupe, look })
    }

    fn veiled(&self, key: Key) -> Option<Veiled> {
        let (tell, told) = bounded(1);
        self.want(key, Box::new(move |answer| drop(tell.send(answer))));
        match told.recv() {
            Ok(Answer::Veiled(bytes)) => Some(Veiled { mime: VEIL_MIME, bytes }),
            _ => None,
        }
    }

    fn want(&self, key: Key, tell: tiles::Tell) {
        *lock(&self.inner.look) = key.look;
        self.inner.line.want(key, tell);
    }

    /// Draws a ticket for one clear picture of an item that is shown. The bytes wait at most 30 seconds, and are served
    /// once; making them has begun when this returns.
    ///
    /// For a lens that moves, draw the next ticket before the last one is ended: as long as there is one for the same
    /// picture, side and colours, its pixels are kept. `small` is true where the item's content was not found in any
    /// source; where finding out takes long (large archives) it may turn out so only later, and then what is served is
    /// smaller than the ticket says.
    pub fn reveal(&self, form: &RevealForm) -> Result<Ticket, Error> {
        reveal::draw(&self.inner, &self.ask, form)
    }

    /// Draws a ticket for one picture of an item that is shown, of which only these regions are clear, and grey; the rest
    /// is veiled. Else it is as [`Self::reveal`], and counts as a part.
    pub fn reveal_regions(&self, number: u32, regions: Vec<Region>, longest_px: u32) -> Result<Ticket, Error> {
        reveal::draw_regions(&self.inner, &self.ask, number, regions, longest_px)
    }

    /// Takes a ticket back: the key was let go. Nothing is served for it after this, and nothing of it is kept.
    pub fn reveal_end(&self, ticket: &str) {
        reveal::end(&self.inner, &self.ask, ticket);
    }

    /// Becomes true when the pictures are forgotten: whoever makes something of them then stops.
    pub(crate) fn forgotten(&self) -> &AtomicBool {
        &self.inner.forgotten
    }

    /// Forgets everything, for good: tickets, pixels, veils, decoders, the case. Returns when nothing is left.
    pub fn forget(&self) {
        self.inner.forgotten.store(true, Ordering::Relaxed);
        self.inner.case.write().unwrap_or_else(PoisonError::into_inner).take();
        self.inner.line.close();
        reveal::end_all(&self.inner);
        // A full channel means that the thread is awake, and it sees that the case is gone.
        let _ = self.ask.try_send(Ask::Tidy);
        let threads = std::mem::take(&mut *lock(&self.threads));
        for thread in threads {
            // A thread that forgets from within an answer cannot wait for itself.
            if thread.thread().id() != std::thread::current().id() {
                // A panic there has been told already, and left nothing to do here.
                let _ = thread.join();
            }
        }
        // What was in work meanwhile has been left behind.
        self.inner.line.close();
    }
}

impl Drop for Pictures {
    fn drop(&mut self) {
        self.forget();
    }
}
