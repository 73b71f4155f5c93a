//! The way of a file: read once, looked up, and only if nothing hides it, decoded. Several files go this way at once.
//!
//! A walker lists files, workers read and decode them, and the calling thread records what they found. Every queue has a
//! limit, so memory does not grow with the source. What is recorded does not depend on the number of workers.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use casefile::{Record, RecordContent, RecordItem, RecordTimes};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use domain::{
    Agreement, Decoded, DigestKind, Finding, HideReason, MediaClass, PdqSet, Refusal, RefusalCode, Sha256, ShowReason,
    SourceId, SourcePath, Visibility,
};
use evidence::{DecodeLimits, Decoder, EvidenceError, Found, FoundContent, Limits, ReadBuffer, Reading, Source};

use crate::judging::Rules;
use crate::setting::{Step, Tally};
use crate::{Error, Setting};

/// Files that wait between the walker and the workers.
const FOUND_QUEUE_MAX: usize = 256;
/// Results that wait to be recorded; each may hold a thumbnail.
const DONE_QUEUE_MAX: usize = 256;
/// Pictures that are compared with the perceptual values of known sets in one pass: a large column of values is read
/// from memory once for all of them, and no longer once for each.
const NEAR_PICTURES: usize = 16;
/// Results that a worker holds back until there are so many pictures.
const HELD_MAX: usize = 64;
/// Time without a result after which whoever records is told so, to write what it holds and to say how far the work is.
const QUIET: Duration = Duration::from_millis(500);

/// What the sifting of one source needs to know.
pub(crate) struct Sifting<'a> {
    pub rules: &'a Rules<'a>,
    pub setting: &'a Setting<'a>,
    /// Tells of an item whether the case has all that can be had of it; then it is not decoded again.
    pub complete: &'a (dyn Fn(&Sha256) -> bool + Sync),
    /// Counts what each step has done.
    pub tally: &'a Tally,
}

/// One file on its way to the recorder.
pub(crate) struct Done {
    pub record: Record,
    /// Set when another worker has the same content in hand: this record waits for that one.
    pub again: bool,
    pub bytes: u64,
}

/// Lists what is to be sifted, until its sink breaks.
pub(crate) type Listing<'a> =
    &'a (dyn Fn(&Limits, &mut dyn FnMut(Found) -> ControlFlow<()>) -> Result<(), EvidenceError> + Sync);

/// Takes one result after another; `None` where none came for a while.
pub(crate) type Recording<'a> = &'a mut dyn FnMut(Option<Done>) -> Result<(), Error>;

/// Sends every file that `list` names through the workers, and hands the results to `record` in an order in which a
/// content always comes before its other places, and the members of an archive before the archive.
pub(crate) fn sift(
    sifting: &Sifting<'_>,
    source_id: SourceId,
    list: Listing<'_>,
    record: Recording<'_>,
) -> Result<(), Error> {
    let limits = Limits::default();
    let claimed = Mutex::new(HashSet::new());
    let halt = AtomicBool::new(false);
    let stopped = || halt.load(Ordering::Relaxed) || sifting.setting.is_stopped();
    std::thread::scope(|scope| {
        let (found_in, found_out) = bounded::<Found>(FOUND_QUEUE_MAX);
        let (done_in, done_out) = bounded::<Done>(DONE_QUEUE_MAX);
        let (stopped, limits, claimed) = (&stopped, &limits, &claimed);
        let walker = scope.spawn(move || {
            list(limits, &mut |found| {
                sifting.setting.wait_while_paused();
                if stopped() || found_in.send(found).is_err() {
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            })
        });
        for _ in 0..sifting.setting.threads.max(1) {
            let (found_out, done_in): (Receiver<Found>, Sender<Done>) = (found_out.clone(), done_in.clone());
            scope.spawn(move || {
                let mut worker = Worker::new(sifting, source_id, limits, claimed, stopped);
                for found in &found_out {
                    if worker.take(found, &done_in).is_break() {
                        break;
                    }
                }
                // When nobody records any more, what is held is read again by the next run.
                let _ = worker.hand_on(&done_in);
            });
        }
        drop((found_out, done_in));
        let result = hand_over(&done_out, record);
        // A recorder that failed (a full disk) must not leave the others waiting at a full queue.
        halt.store(true, Ordering::Relaxed);
        drop(done_out);
        let walked = walker.join().expect("the walker does not panic: its errors are values");
        result?;
        walked.map_err(Error::from)
    })
}

/// Puts results in order: a content first, then its other places.
fn hand_over(done: &Receiver<Done>, record: Recording<'_>) -> Result<(), Error> {
    let mut first: HashSet<Sha256> = HashSet::new();
    let mut parked: HashMap<Sha256, Vec<Done>> = HashMap::new();
    loop {
        let one = match done.recv_timeout(QUIET) {
            Ok(one) => one,
            Err(RecvTimeoutError::Timeout) => {
                record(None)?;
                continue;
            }
            // Work was stopped before the first of what is parked was done; the next run reads it again.
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        };
        let digest = match &one.record.content {
            RecordContent::Item(item) => Some(item.digests.sha256),
            RecordContent::Unread(_) => None,
        };
        match digest {
            Some(digest) if one.again && !first.contains(&digest) => parked.entry(digest).or_default().push(one),
            Some(digest) => {
                record(Some(one))?;
                first.insert(digest);
                parked.remove(&digest).into_iter().flatten().try_for_each(|one| record(Some(one)))?;
            }
            None => record(Some(one))?,
        }
    }
}

struct Worker<'a> {
    sifting: &'a Sifting<'a>,
    source: SourceId,
    limits: &'a Limits,
    claimed: &'a Mutex<HashSet<Sha256>>,
    stopped: &'a (dyn Fn() -> bool + Sync),
    buffer: ReadBuffer<'a>,
    decoder: Option<Result<Decoder, Refusal>>,
    /// Results in their order, the pictures among them not yet compared with known ones.
    held: Vec<Done>,
}

impl<'a> Worker<'a> {
    fn new(
        sifting: &'a Sifting<'a>,
        source: SourceId,
        limits: &'a Limits,
        claimed: &'a Mutex<HashSet<Sha256>>,
        stopped: &'a (dyn Fn() -> bool + Sync),
    ) -> Self {
        Self {
            sifting,
            source,
            limits,
            claimed,
            stopped,
            buffer: ReadBuffer::stopped_by(sifting.setting.stop),
            decoder: None,
            held: Vec::new(),
        }
    }

    /// Takes one file the whole way, members of an archive included.
    fn take(&mut self, found: Found, done: &Sender<Done>) -> ControlFlow<()> {
        if self.sifting.setting.is_paused() {
            // What was found out so far is recorded before the work rests.
            self.hand_on(done)?;
            self.sifting.setting.wait_while_paused();
        }
        if (self.stopped)() {
            return ControlFlow::Break(());
        }
        let Found { path, size_bytes, times, content } = found;
        let times =
            RecordTimes { modified: times.modified, created: times.created, accessed: times.accessed, raw: times.raw };
        let source = self.source;
        let record = |content| Record { source, path: path.clone(), size_bytes, times: times.clone(), content };
        let unread = |refusal| Done { record: record(RecordContent::Unread(refusal)), again: false, bytes: 0 };
        let reading = match content {
            FoundContent::Refused(refusal) => return self.refuse(done, unread(refusal)),
            FoundContent::Readable(readable) => match readable.read(self.limits, &mut self.buffer) {
                Ok(reading) => reading,
                // It may have been the wish to stop that ended the reading: the next run reads the file again.
                Err(_) if (self.stopped)() => return ControlFlow::Break(()),
                Err(refusal) => return self.refuse(done, unread(refusal)),
            },
        };
        self.sifting.tally.add(Step::Read, 1);
        let (item, again) = self.judge(&reading);
        let record = record(RecordContent::Item(Box::new(item)));
        let is_closed = matches!(&record.content, RecordContent::Item(item) if hides_members(&item.visibility));
        let mut complete = ControlFlow::Continue(());
        if reading.media.class == MediaClass::Archive && !is_closed {
            complete = self.open_archive(&reading, &path, done);
        }
        // Without its last members an archive is not recorded, so that the next run opens it again.
        complete?;
        self.hold(done, Done { record, again, bytes: reading.digests.size_bytes })
    }

    /// Holds back that a file could not be read.
    fn refuse(&mut self, done: &Sender<Done>, one: Done) -> ControlFlow<()> {
        self.sifting.tally.add(Step::Read, 1);
        self.sifting.tally.add(Step::Unread, 1);
        self.hold(done, one)
    }

    /// Holds a result back until enough pictures are there to be compared with known ones together.
    fn hold(&mut self, done: &Sender<Done>, one: Done) -> ControlFlow<()> {
        self.held.push(one);
        let pictures = self.held.iter().filter(|one| pdq_of(one).is_some()).count();
        if pictures >= NEAR_PICTURES || self.held.len() >= HELD_MAX {
            return self.hand_on(done);
        }
        ControlFlow::Continue(())
    }

    /// Finds entries that the held pictures look like, suggestions only, and hands all on.
    fn hand_on(&mut self, done: &Sender<Done>) -> ControlFlow<()> {
        let pdqs: Vec<PdqSet> = self.held.iter().filter_map(pdq_of).cloned().collect();
        let mut near = self.sifting.rules.sets.near_batch(&pdqs, PdqSet::RADIUS).into_iter();
        for mut one in self.held.drain(..) {
            let compared = pdq_of(&one).is_some();
            if let RecordContent::Item(item) = &mut one.record.content
                && compared
            {
                item.near = near.next().unwrap_or_default();
            }
            done.send(one).map_or(ControlFlow::Break(()), ControlFlow::Continue)?;
        }
        ControlFlow::Continue(())
    }

    fn open_archive(&mut self, reading: &Reading, path: &SourcePath, done: &Sender<Done>) -> ControlFlow<()> {
        let mut flow = ControlFlow::Continue(());
        let limits = self.limits;
        let outcome = reading.members(limits, &mut |member| {
            self.sifting.tally.add(Step::Member, 1);
            flow = self.take(member, done);
            flow
        });
        flow?;
        match outcome {
            Ok(()) => ControlFlow::Continue(()),
            Err(refusal) => {
                // The archive itself is an item; what could not be read of it is a place of its own, so that the
                // loss is counted and listed.
                let mut label = path.0.clone();
                label.extend_from_slice(b"!/");
                let record = Record {
                    source: self.source,
                    path: SourcePath(label),
                    size_bytes: None,
                    times: RecordTimes::default(),
                    content: RecordContent::Unread(refusal),
                };
                self.hold(done, Done { record, again: false, bytes: 0 })
            }
        }
    }

    /// Looks a content up, and decodes it if nothing hides it and nobody else has it in hand.
    fn judge(&mut self, reading: &Reading) -> (RecordItem, bool) {
        let rules = self.sifting.rules;
        let hits = rules.sets.lookup(&reading.digests);
        self.sifting.tally.add(Step::LookedUp, 1);
        let vetoes = rules.vetoes_of(&reading.digests.sha256);
        let visibility = review::judge_with(&hits, vetoes, rules.schemes, &rules.case_scheme);
        let visibility = review::with_freshness(visibility, &rules.freshness);
        let mut item = RecordItem {
            digests: reading.digests,
            media: reading.media.clone(),
            extension_disagrees: reading.extension_disagrees.clone(),
            visibility,
            hits,
            near: Vec::new(),
            decoded: None,
        };
        let digest = reading.digests.sha256;
        if (self.sifting.complete)(&digest) {
            return (item, false);
        }
        if !self.claimed.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).insert(digest) {
            return (item, true);
        }
        // Promise 3: the only way to the decoder, and it is closed to what is hidden.
        if !is_hidden(&item.visibility) && reading.media.class == MediaClass::Picture {
            self.sifting.tally.add(Step::ToDecode, 1);
            let decoded = self.decode(reading);
            self.sifting.tally.add(Step::Decoded, 1);
            match decoded {
                Ok(decoded) => item.decoded = Some(decoded),
                Err(refusal) => item.visibility = without_picture(item.visibility, refusal),
            }
        }
        (item, false)
    }

    fn decode(&mut self, reading: &Reading) -> Result<Decoded, Refusal> {
        let program = &self.sifting.setting.decoder;
        let decoder = self.decoder.get_or_insert_with(|| {
            Decoder::start(program, DecodeLimits::default())
                .map_err(|error| Refusal::new(RefusalCode::NoSandbox, error.to_string()))
        });
        let decoder = decoder.as_mut().map_err(|refusal| refusal.clone())?;
        let decoded = decoder.decode(reading.descriptor()?, reading.digests.size_bytes, &reading.media)?;
        // The decoder reads the file as it is at that moment: it must still be the content that was looked up.
        reading.unchanged()?;
        Ok(decoded)
    }
}

/// Gives the perceptual value of a picture that was decoded on this way.
fn pdq_of(done: &Done) -> Option<&PdqSet> {
    match &done.record.content {
        RecordContent::Item(item) => item.decoded.as_ref()?.facts.pdq.as_ref(),
        RecordContent::Unread(_) => None,
    }
}

pub(crate) fn is_hidden(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Hidden { .. })
}

/// Tells whether what hides an archive is firm enough to leave its members closed. Archives with a chosen MD5 are cheap to
/// make, and what lies in one would appear nowhere: an MD5 with nothing beside it hides the archive, not the members.
fn hides_members(visibility: &Visibility) -> bool {
    let Visibility::Hidden { why } = visibility else { return false };
    let (HideReason::Known { digest, agreement, .. } | HideReason::Ordinary { digest, agreement, .. }) = why;
    *digest != DigestKind::Md5 || *agreement == Agreement::Confirmed
}

/// Says where an item stands that cannot be decoded: refused, unless something odd has to be shown first.
pub(crate) fn without_picture(visibility: Visibility, why: Refusal) -> Visibility {
    match visibility {
        Visibility::Shown { why: ShowReason::Odd { mut findings } } => {
            findings.push(Finding::NoPicture { why });
            Visibility::Shown { why: ShowReason::Odd { findings } }
        }
        _ => Visibility::Refused { why },
    }
}

/// Counts the files of a source while it is being sifted, so that the time left can be told.
pub(crate) fn count_files(source: &Source, tally: &Tally, setting: &Setting<'_>, is_over: &dyn Fn() -> bool) {
    let walked = source.walk(&Limits::default(), &mut |_| {
        setting.wait_while_paused();
        tally.add(Step::Listed, 1);
        if is_over() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    // Of a source that cannot be listed, or not to its end, nothing is said about what is left.
    if walked.is_ok() && !is_over() {
        tally.end_listing();
    }
}
