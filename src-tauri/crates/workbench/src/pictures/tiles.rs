//! Veils: who waits for one, the workers that make them, and those that are kept in memory.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use casefile::CaseFile;
use domain::{MediaClass, MediaType};
use evidence::veil::{LOUPE_PX, Look, TILE_PX, veil};
use evidence::{Colours, DecodeLimits, Decoder, Pixels, Render, THUMBNAIL_SIDE_MAX, sealed};

use super::{DECODER_IDLE, Form, Inner, lock};

/// Requests that wait. More than two large screens show at once; one that is pushed out by so many newer ones is for
/// something that is off the screen.
pub(super) const LINE_MAX: usize = 768;
/// Bytes of veils that are kept. A veil takes about two thousand, so this is some 30,000 of them.
const CACHE_BYTES_MAX: usize = 64 << 20;
/// Bytes that a veil takes beside its own, roughly.
const CACHE_ENTRY_BYTES: usize = 160;
/// Address space of a decoder of thumbnails, bytes.
const DECODER_MEMORY_BYTES: u64 = 256 << 20;
/// Longest time for one thumbnail, seconds.
const DECODER_SECONDS: u32 = 5;

/// Names a veil.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub number: u32,
    pub form: Form,
    pub look: Look,
}

/// Answers a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    Veiled(Arc<[u8]>),
    /// The item is hidden, or has no picture, or there is no such item.
    Nothing,
    /// Too many newer requests came, or the case was locked.
    Gone,
    /// The case or the decoder gives an error.
    Failed,
}

/// Takes an answer.
pub(super) type Tell = Box<dyn FnOnce(Answer) + Send>;

/// Where requests wait, the newest in front, and where veils are kept.
#[derive(Default)]
pub(super) struct Line {
    waiting: Mutex<Waiting>,
    work: Condvar,
    cache: Mutex<Cache>,
}

#[derive(Default)]
struct Waiting {
    /// The newest last.
    wanted: std::collections::VecDeque<(Key, Tell)>,
    closed: bool,
}

/// What a worker does next.
enum Task {
    Want(Key, Tell),
    /// Nothing came for a while.
    Rest,
    End,
}

impl Line {
    /// Adds a request. The oldest is given up where there are too many.
    pub(super) fn want(&self, key: Key, tell: Tell) {
        let mut waiting = lock(&self.waiting);
        if waiting.closed {
            drop(waiting);
            tell(Answer::Gone);
            return;
        }
        waiting.wanted.push_back((key, tell));
        let surplus = if waiting.wanted.len() > LINE_MAX { waiting.wanted.pop_front() } else { None };
        drop(waiting);
        self.work.notify_one();
        if let Some((_, tell)) = surplus {
            tell(Answer::Gone);
        }
    }

    /// Ends the workers; whoever waits is told that it is gone.
    pub(super) fn close(&self) {
        let mut waiting = lock(&self.waiting);
        waiting.closed = true;
        let wanted = std::mem::take(&mut waiting.wanted);
        drop(waiting);
        self.work.notify_all();
        wanted.into_iter().for_each(|(_, tell)| tell(Answer::Gone));
        *lock(&self.cache) = Cache::default();
    }

    fn next(&self) -> Task {
        let mut waiting = lock(&self.waiting);
        loop {
            if waiting.closed {
                return Task::End;
            }
            if let Some((key, tell)) = waiting.wanted.pop_back() {
                return Task::Want(key, tell);
            }
            let (guard, waited) = self.work.wait_timeout(waiting, DECODER_IDLE).unwrap_or_else(PoisonError::into_inner);
            waiting = guard;
            if waited.timed_out() {
                return Task::Rest;
            }
        }
    }
}

/// Makes veils until the line is closed.
pub(super) fn work(inner: &Inner) {
    let mut easel = Easel::default();
    loop {
        match inner.line.next() {
            Task::Want(key, tell) => tell(easel.answer(inner, key)),
            Task::Rest => easel = Easel::default(),
            Task::End => return,
        }
    }
}

/// Makes a veil from the picture that the case keeps. Has a decoder of its own.
#[derive(Default)]
pub(super) struct Easel {
    decoder: Option<Decoder>,
}

impl Easel {
    /// Gives a veil, made now or kept from before.
    fn answer(&mut self, inner: &Inner, key: Key) -> Answer {
        let Some(case) = inner.case() else { return Answer::Gone };
        // The case is asked each time, and says nothing about an item that has been hidden since.
        let thumbnail = match case.thumbnail_of(key.number) {
            Ok(Some(thumbnail)) => thumbnail,
            Ok(None) => return Answer::Nothing,
            Err(_) => return Answer::Failed,
        };
        if let Some(kept) = lock(&inner.line.cache).get(&key) {
            return Answer::Veiled(kept);
        }
        let Some(veiled) = self.veil(inner, &thumbnail.jpeg, key) else { return Answer::Failed };
        let Some(png) = veiled.to_png() else { return Answer::Failed };
        let bytes: Arc<[u8]> = png.into();
        lock(&inner.line.cache).put(key, &bytes);
        Answer::Veiled(bytes)
    }

    /// Draws a veil over a thumbnail of the case. It is decoded in the sandbox: it was made there, by a process that had
    /// read hostile bytes.
    pub(super) fn veil(&mut self, inner: &Inner, jpeg: &[u8], key: Key) -> Option<Pixels> {
        let longest_px = match key.form {
            Form::Tile => TILE_PX,
            Form::Loupe => LOUPE_PX,
        };
        let decoder = match &mut self.decoder {
            Some(decoder) => decoder,
            empty => {
                let started = Decoder::start_rendering(&inner.decoder, limits(), LOUPE_PX * LOUPE_PX);
                empty.insert(started.ok()?)
            }
        };
        let small = render(decoder, jpeg, Render { colours: Colours::Grey, longest_px })?;
        Some(veil(&small, key.look))
    }
}

/// Renders a thumbnail of the case.
pub(super) fn render(decoder: &mut Decoder, jpeg: &[u8], wanted: Render) -> Option<Pixels> {
    let media = MediaType { mime: "image/jpeg".to_owned(), class: MediaClass::Picture };
    decoder.render(sealed(jpeg).ok()?, jpeg.len() as u64, &media, wanted).ok()
}

/// Gives the limits of a decoder that sees nothing but thumbnails.
fn limits() -> DecodeLimits {
    let whole = DecodeLimits::default();
    DecodeLimits {
        side_px: THUMBNAIL_SIDE_MAX,
        pixels: u64::from(THUMBNAIL_SIDE_MAX).pow(2),
        memory_bytes: DECODER_MEMORY_BYTES,
        seconds: DECODER_SECONDS,
        ..whole
    }
}

/// Keeps veils, and gives up those that were not asked for longest.
#[derive(Default)]
struct Cache {
    kept: HashMap<Key, (Arc<[u8]>, u64)>,
    /// By the turn in which each was asked for last.
    order: BTreeMap<u64, Key>,
    turn: u64,
    bytes: usize,
}

impl Cache {
    fn get(&mut self, key: &Key) -> Option<Arc<[u8]>> {
        let (bytes, turn) = self.kept.get_mut(key)?;
        self.order.remove(turn);
        self.turn += 1;
        *turn = self.turn;
        self.order.insert(self.turn, *key);
        Some(Arc::clone(bytes))
    }

    fn put(&mut self, key: Key, bytes: &Arc<[u8]>) {
        self.turn += 1;
        self.bytes += bytes.len() + CACHE_ENTRY_BYTES;
        if let Some((before, turn)) = self.kept.insert(key, (Arc::clone(bytes), self.turn)) {
            self.bytes -= before.len() + CACHE_ENTRY_BYTES;
            self.order.remove(&turn);
        }
        self.order.insert(self.turn, key);
        while self.bytes > CACHE_BYTES_MAX
            && let Some((_, oldest)) = self.order.pop_first()
        {
            if let Some((bytes, _)) = self.kept.remove(&oldest) {
                self.bytes -= bytes.len() + CACHE_ENTRY_BYTES;
            }
        }
    }
}

/// Gives the clear thumbnail of an item that is shown, or nothing.
pub(super) fn thumbnail(case: &CaseFile, number: u32) -> Option<domain::Thumbnail> {
    case.thumbnail_of(number).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::veil::{Strength, Theme};

    fn key(number: u32) -> Key {
        Key { number, form: Form::Tile, look: Look { strength: Strength::Full, theme: Theme::Dark } }
    }

    fn number_of(task: &Task) -> u32 {
        match task {
            Task::Want(key, _) => key.number,
            Task::Rest | Task::End => 0,
        }
    }

    #[test]
    fn the_newest_request_comes_first() {
        let line = Line::default();
        (1..=3).for_each(|number| line.want(key(number), Box::new(drop)));
        let order: Vec<u32> = (0..3).map(|_| number_of(&line.next())).collect();
        assert_eq!(order, [3, 2, 1]);
    }

    #[test]
    fn a_request_that_is_pushed_out_is_told_so_and_so_is_everyone_at_the_end() {
        let line = Line::default();
        let (tell, told) = crossbeam_channel::unbounded();
        for number in 0..LINE_MAX as u32 + 2 {
            let tell = tell.clone();
            line.want(key(number), Box::new(move |answer| tell.send((number, answer)).unwrap()));
        }
        let pushed: Vec<_> = told.try_iter().collect();
        assert_eq!(pushed, [(0, Answer::Gone), (1, Answer::Gone)]);
        line.close();
        assert_eq!(told.try_iter().filter(|(_, answer)| *answer == Answer::Gone).count(), LINE_MAX);
        line.want(key(5), Box::new(move |answer| tell.send((5, answer)).unwrap()));
        assert_eq!(told.try_recv().unwrap(), (5, Answer::Gone));
        assert!(matches!(line.next(), Task::End));
    }

    #[test]
    fn what_was_not_asked_for_longest_is_given_up_first() {
        let mut cache = Cache::default();
        let large: Arc<[u8]> = vec![0; CACHE_BYTES_MAX / 4].into();
        (1..=3).for_each(|number| cache.put(key(number), &large));
        assert!(cache.get(&key(1)).is_some());
        cache.put(key(4), &large);
        assert!(cache.get(&key(2)).is_none(), "it was asked for before the others");
        assert!([1, 3, 4].iter().all(|number| cache.get(&key(*number)).is_some()));
        cache.put(key(4), &Arc::from([1]));
        assert!(cache.bytes < CACHE_BYTES_MAX * 3 / 4);
        assert_eq!(cache.kept.len(), cache.order.len());
    }
}
