//! Clear pictures: a ticket for each, drawn by a key that was pressed, and worth one picture for half a minute at most.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use casefile::CaseFile;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use domain::{Region, Sha256, SourceId, SourcePath, Visibility};
use evidence::veil::{Circle, Look, clear_regions, clear_within, spread};
use evidence::{Colours, DecodeLimits, Decoder, Pixels, RENDER_PIXELS_MAX, RENDER_SIDE_MAX, Reading, Render, fitted};
use zeroize::Zeroizing;

use super::tiles::{self, Easel, Key};
use super::{DECODER_IDLE, Form, Inner, Reply, Served, address, content, lock};
use crate::view::window::{RevealForm, Ticket};
use crate::{Code, Error};

/// Tickets that are good at once: one for each picture of a comparison, or for a lens and its next place.
const TICKETS_MAX: usize = 4;
/// Time for which a ticket is good, served or not.
const TICKET_LIFE: Duration = Duration::from_secs(30);
/// Random bytes of a ticket.
const TICKET_BYTES: usize = 16;
/// Messages that wait for the thread that makes clear pictures. Most of those that wait are for tickets that are no longer
/// good, which costs nothing.
pub(super) const ASKS_MAX: usize = 64;
/// Longest wait for word whether the source has the picture, before a ticket is given out without it.
const WORD_PATIENCE: Duration = Duration::from_millis(150);
/// Time between two looks at tickets that are still good.
const TICK: Duration = Duration::from_millis(250);
/// Largest radius of a part, thousandths of the longer side: beyond that it is no part.
const PART_RADIUS_MAX: u32 = 300;
/// Quality of a clear picture's JPEG, 1 to 100.
const QUALITY: u8 = 90;

/// Holds the tickets that are good.
#[derive(Default)]
pub(super) struct Reveals {
    /// The oldest first.
    tickets: Vec<Drawn>,
    /// The rendering of which a part has been counted: a lens that moves is one look.
    part_counted: Option<u64>,
}

/// One ticket.
struct Drawn {
    id: String,
    number: u32,
    is_part: bool,
    since: Duration,
    /// Becomes true when nobody wants it any more.
    stop: Arc<AtomicBool>,
    state: State,
}

enum State {
    /// The picture is being made; whoever has asked for it waits here.
    Making(Option<Reply>),
    /// Nobody has asked for it yet.
    Ready(Clear),
    /// It has left, or could not be made.
    Done,
}

/// The file of a clear picture, wiped when dropped.
struct Clear {
    bytes: Zeroizing<Vec<u8>>,
    /// Which rendering it shows.
    rendering: u64,
}

impl Drop for Drawn {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let State::Making(Some(reply)) = std::mem::replace(&mut self.state, State::Done) {
            reply(Served::gone());
        }
    }
}

/// What the thread that makes clear pictures is asked.
pub(super) enum Ask {
    /// To make one.
    Make(Box<Order>),
    /// To look which tickets are still good.
    Tidy,
}

/// Orders a clear picture.
pub(super) struct Order {
    ticket: String,
    subject: Subject,
    wanted: Render,
    part: Part,
    look: Look,
    stop: Arc<AtomicBool>,
    /// Is told what can be had.
    word: Sender<Word>,
}

/// Says what of a picture is to be clear.
pub(super) enum Part {
    /// All of it.
    Whole,
    /// A circle: its middle and its radius, in thousandths of the longer side.
    Circle((u32, u32, u32)),
    /// Regions that were drawn in it.
    Regions(Vec<Region>),
}

/// Tells what can be had of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    /// Its content, found in a source.
    Whole,
    /// The small picture that the case keeps.
    Small,
    /// Nothing: there is no confined decoder.
    NoDecoder,
    /// Nothing: it cannot be decoded any more.
    Nothing,
}

impl Order {
    /// Says what can be had; only the first word is heard, and whoever waited for it may have gone on without it.
    fn say(&self, word: Word) {
        let _ = self.word.try_send(word);
    }
}

/// What is to be seen, and where it lies.
struct Subject {
    number: u32,
    sha256: Sha256,
    places: Vec<(SourceId, SourcePath)>,
    /// Width and height upright, pixels.
    size: (u32, u32),
    /// Width and height of the picture that the case keeps.
    small_size: (u32, u32),
}

/// Draws a ticket and orders its picture.
pub(super) fn draw(inner: &Inner, ask: &Sender<Ask>, form: &RevealForm) -> Result<Ticket, Error> {
    let colours = if form.colour { Colours::Rgb } else { Colours::Grey };
    let wanted = Render { colours, longest_px: form.longest_px.clamp(1, RENDER_SIDE_MAX) };
    draw_part(inner, ask, form.number, wanted, form.part.map_or(Part::Whole, Part::Circle))
}

/// Draws a ticket for a picture of which only regions are clear, and grey.
pub(super) fn draw_regions(
    inner: &Inner,
    ask: &Sender<Ask>,
    number: u32,
    regions: Vec<Region>,
    longest_px: u32,
) -> Result<Ticket, Error> {
    if regions.is_empty() {
        let hint = "Draw a region first.";
        return Err(Error::new(Code::NotFound, "The lead rests on no region of this picture.", hint));
    }
    let wanted = Render { colours: Colours::Grey, longest_px: longest_px.clamp(1, RENDER_SIDE_MAX) };
    draw_part(inner, ask, number, wanted, Part::Regions(regions))
}

fn draw_part(inner: &Inner, ask: &Sender<Ask>, number: u32, wanted: Render, part: Part) -> Result<Ticket, Error> {
    let subject = subject(inner, number)?;
    let mut random = [0; TICKET_BYTES];
    lock(&inner.entropy).fill(&mut random);
    let id: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let stop = Arc::new(AtomicBool::new(false));
    let drawn = Drawn {
        id: id.clone(),
        number,
        is_part: !matches!(part, Part::Whole),
        since: (inner.now)(),
        stop: Arc::clone(&stop),
        state: State::Making(None),
    };
    let surplus = {
        let mut reveals = lock(&inner.reveals);
        reveals.tickets.push(drawn);
        (reveals.tickets.len() > TICKETS_MAX).then(|| reveals.tickets.remove(0))
    };
    drop(surplus);
    let (word, told) = bounded(1);
    let (size, small_size) = (subject.size, subject.small_size);
    let look = *lock(&inner.look);
    let order = Order { ticket: id.clone(), subject, wanted, part, look, stop, word };
    if ask.try_send(Ask::Make(Box::new(order))).is_err() {
        end(inner, ask, &id);
        return Err(Error::new(Code::Internal, "Too many pictures are asked for at once.", "Try again."));
    }
    let failed = |code, message| {
        end(inner, ask, &id);
        Err(Error::new(code, message, "The veiled picture and every decision are not touched by this."))
    };
    // A place that takes long to read (a large archive, a slow disk) is not waited for: it can be given up, for which the
    // window needs the ticket.
    let small = match told.recv_timeout(WORD_PATIENCE) {
        Ok(Word::Whole) | Err(_) => false,
        Ok(Word::Small) => true,
        Ok(Word::NoDecoder) => return failed(Code::NoSandbox, "No picture can be decoded now."),
        Ok(Word::Nothing) => return failed(Code::NotFound, "This picture cannot be decoded any more."),
    };
    let (width, height) = fitted(if small { small_size } else { size }, wanted.longest_px, RENDER_PIXELS_MAX);
    Ok(Ticket { path: address::of_ticket(&inner.epoch, &id), ticket: id, width, height, small })
}

/// Finds out what is to be seen. An item that is hidden has nothing that could be.
fn subject(inner: &Inner, number: u32) -> Result<Subject, Error> {
    let none = || {
        Error::new(
            Code::NotFound,
            "This item has no picture to show.",
            "An item that is hidden, or that could not be read, has none.",
        )
    };
    let case = inner.case().ok_or_else(none)?;
    // The case gives no picture of what is hidden; its own word on the item is asked for besides.
    let thumbnail = case.thumbnail_of(number)?.ok_or_else(none)?;
    let sha256 = case.sha256_of(number)?.ok_or_else(none)?;
    let item = case.item(&sha256)?.ok_or_else(none)?;
    let (Visibility::Shown { .. }, Some(width), Some(height)) = (&item.visibility, item.width, item.height) else {
        return Err(none());
    };
    let small_size = (thumbnail.width, thumbnail.height);
    Ok(Subject { number, sha256, places: item.paths, size: (width, height), small_size })
}

/// Serves the picture of a ticket, now or when it is made; a second time there is nothing.
pub(super) fn serve(inner: &Inner, ticket: &str, reply: Reply) {
    let expired = expire(inner);
    drop(expired);
    let mut reveals = lock(&inner.reveals);
    let Some(drawn) = reveals.tickets.iter_mut().find(|drawn| drawn.id == ticket) else {
        drop(reveals);
        return reply(Served::not_found());
    };
    match std::mem::replace(&mut drawn.state, State::Done) {
        State::Making(None) => drawn.state = State::Making(Some(reply)),
        // Whoever asked first gets it.
        first @ State::Making(Some(_)) => {
            drawn.state = first;
            drop(reveals);
            reply(Served::not_found());
        }
        State::Done => {
            drop(reveals);
            reply(Served::not_found());
        }
        State::Ready(clear) => {
            let (number, is_part) = (drawn.number, drawn.is_part);
            let counts = reveals.counts(is_part, clear.rendering);
            drop(reveals);
            hand_out(inner, clear, reply, counts.then_some((number, is_part)));
        }
    }
}

impl Reveals {
    /// Tells whether a picture that leaves is a look of its own.
    fn counts(&mut self, is_part: bool, rendering: u64) -> bool {
        !is_part || self.part_counted.replace(rendering) != Some(rendering)
    }

    /// Tells whether any ticket for an item is good.
    fn has(&self, number: u32) -> bool {
        self.tickets.iter().any(|drawn| drawn.number == number)
    }
}

fn hand_out(inner: &Inner, mut clear: Clear, reply: Reply, count: Option<(u32, bool)>) {
    // Counted before it leaves: whoever has it can rely on its being counted.
    if let Some((number, is_part)) = count {
        (inner.seen)(number, is_part);
    }
    let bytes = std::mem::take(&mut *clear.bytes);
    reply(Served { status: 200, mime: "image/jpeg", bytes });
}

/// Takes a ticket back.
pub(super) fn end(inner: &Inner, ask: &Sender<Ask>, ticket: &str) {
    let ended = {
        let mut reveals = lock(&inner.reveals);
        let place = reveals.tickets.iter().position(|drawn| drawn.id == ticket);
        place.map(|place| reveals.tickets.remove(place))
    };
    if ended.is_some() {
        // A full channel means that the thread is awake and will look by itself.
        let _ = ask.try_send(Ask::Tidy);
    }
}

/// Takes every ticket back.
pub(super) fn end_all(inner: &Inner) {
    let ended = std::mem::take(&mut lock(&inner.reveals).tickets);
    drop(ended);
}

/// Takes the tickets out whose time is over. They are dropped outside of the lock, because that answers whoever waits.
fn expire(inner: &Inner) -> Vec<Drawn> {
    let now = (inner.now)();
    let mut reveals = lock(&inner.reveals);
    let is_over = |drawn: &mut Drawn| now.saturating_sub(drawn.since) >= TICKET_LIFE;
    reveals.tickets.extract_if(.., is_over).collect()
}

/// Makes clear pictures until the case is gone.
pub(super) fn work(inner: &Inner, asked: &Receiver<Ask>) {
    let mut studio = Studio::default();
    while inner.case().is_some() {
        let waiting = studio.kept.is_some() || !lock(&inner.reveals).tickets.is_empty();
        let patience = if waiting { TICK } else { DECODER_IDLE };
        match asked.recv_timeout(patience) {
            Ok(Ask::Make(order)) => studio.fulfil(inner, *order),
            Ok(Ask::Tidy) => {}
            Err(RecvTimeoutError::Timeout) if !waiting => {
                studio = Studio { renderings: studio.renderings, ..Studio::default() }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        drop(expire(inner));
        if studio.kept.as_ref().is_some_and(|kept| !lock(&inner.reveals).has(kept.number)) {
            studio.kept = None;
        }
    }
}

/// Where clear pictures are made: the decoder, and the pixels of the one that is being looked at.
#[derive(Default)]
struct Studio {
    decoder: Option<Decoder>,
    easel: Easel,
    kept: Option<Kept>,
    renderings: u64,
}

/// The pixels of the picture that is being looked at. They are wiped when dropped, which is when its last ticket ends.
struct Kept {
    number: u32,
    wanted: Render,
    pixels: Pixels,
    is_small: bool,
    rendering: u64,
    /// The veil that a lens leaves around it, and its look.
    cover: Option<(Look, Pixels)>,
}

impl Studio {
    /// Makes what was ordered and leaves it with its ticket, if that is still good.
    fn fulfil(&mut self, inner: &Inner, order: Order) {
        if order.stop.load(Ordering::Relaxed) {
            return;
        }
        let is_kept = |kept: &Kept| kept.number == order.subject.number && kept.wanted == order.wanted;
        if !self.kept.as_ref().is_some_and(is_kept) {
            self.kept = None;
            self.kept = self.render(inner, &order);
        }
        order.say(match &self.kept {
            Some(kept) if kept.is_small => Word::Small,
            Some(_) => Word::Whole,
            None if self.decoder.is_none() => Word::NoDecoder,
            None => Word::Nothing,
        });
        let clear = if order.stop.load(Ordering::Relaxed) { None } else { self.file(inner, &order) };
        deliver(inner, &order.ticket, clear);
    }

    /// Renders the content of the item; where no source has it any more, the picture that the case keeps.
    fn render(&mut self, inner: &Inner, order: &Order) -> Option<Kept> {
        let case = inner.case()?;
        let subject = &order.subject;
        let found = content::find(&case, &subject.sha256, &subject.places, &order.stop);
        if order.stop.load(Ordering::Relaxed) {
            return None;
        }
        let decoder = self.decoder(inner)?;
        order.say(if found.is_some() { Word::Whole } else { Word::Small });
        let large = found.and_then(|reading| render_content(decoder, &reading, order.wanted));
        let is_small = large.is_none();
        let pixels = match large {
            Some(pixels) => pixels,
            None => tiles::render(decoder, &tiles::thumbnail(&case, subject.number)?.jpeg, order.wanted)?,
        };
        self.renderings += 1;
        let rendering = self.renderings;
        Some(Kept { number: subject.number, wanted: order.wanted, pixels, is_small, rendering, cover: None })
    }

    fn decoder(&mut self, inner: &Inner) -> Option<&mut Decoder> {
        if self.decoder.is_none() {
            let limits = DecodeLimits::default();
            self.decoder = Decoder::start_rendering(&inner.decoder, limits, RENDER_PIXELS_MAX).ok();
        }
        self.decoder.as_mut()
    }

    /// Makes the file that leaves: all of it clear, or only a part.
    fn file(&mut self, inner: &Inner, order: &Order) -> Option<Clear> {
        let case = inner.case()?;
        let kept = self.kept.as_mut()?;
        if !matches!(order.part, Part::Whole) {
            kept.cover(&mut self.easel, inner, &case, order.look)?;
        }
        let cover = kept.cover.as_ref().map(|(_, cover)| cover);
        let bytes = match &order.part {
            Part::Whole => kept.pixels.to_jpeg(QUALITY)?,
            Part::Circle(part) => {
                clear_within(&kept.pixels, cover?, circle(*part, kept.pixels.size()))?.to_jpeg(QUALITY)?
            }
            Part::Regions(regions) => clear_regions(&kept.pixels, cover?, regions)?.to_jpeg(QUALITY)?,
        };
        Some(Clear { bytes, rendering: kept.rendering })
    }
}

impl Kept {
    /// Has the veil ready that is around a lens: the one that the window shows of this item, at this size.
    fn cover(&mut self, easel: &mut Easel, inner: &Inner, case: &CaseFile, look: Look) -> Option<()> {
        if self.cover.as_ref().is_none_or(|(kept, _)| *kept != look) {
            let thumbnail = tiles::thumbnail(case, self.number)?;
            let key = Key { number: self.number, form: Form::Loupe, look };
            let veil = easel.veil(inner, &thumbnail.jpeg, key)?;
            self.cover = Some((look, spread(&veil, self.pixels.size())?));
        }
        Some(())
    }
}

/// Renders a content, and makes sure afterwards that it was that content to the end.
fn render_content(decoder: &mut Decoder, reading: &Reading, wanted: Render) -> Option<Pixels> {
    let pixels = decoder.render(reading.descriptor().ok()?, reading.digests.size_bytes, &reading.media, wanted).ok()?;
    reading.unchanged().ok()?;
    Some(pixels)
}

/// Gives a circle in pixels; it was said in thousandths of the longer side.
fn circle((x, y, radius): (u32, u32, u32), (width, height): (u32, u32)) -> Circle {
    let unit = f64::from(width.max(height)) / 1000.0;
    let radius = radius.min(PART_RADIUS_MAX);
    Circle { x: f64::from(x) * unit, y: f64::from(y) * unit, radius: f64::from(radius) * unit }
}

/// Leaves a picture with its ticket, or hands it to whoever waits for it. Without a good ticket it is dropped.
fn deliver(inner: &Inner, ticket: &str, clear: Option<Clear>) {
    let mut reveals = lock(&inner.reveals);
    let Some(drawn) = reveals.tickets.iter_mut().find(|drawn| drawn.id == ticket) else { return };
    let State::Making(reply) = std::mem::replace(&mut drawn.state, State::Done) else { return };
    match (reply, clear) {
        (None, Some(clear)) => drawn.state = State::Ready(clear),
        (Some(reply), Some(clear)) => {
            let (number, is_part) = (drawn.number, drawn.is_part);
            let counts = reveals.counts(is_part, clear.rendering);
            drop(reveals);
            hand_out(inner, clear, reply, counts.then_some((number, is_part)));
        }
        (Some(reply), None) => {
            drop(reveals);
            reply(Served::not_found());
        }
        (None, None) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_said_in_thousandths_of_the_longer_side_and_stays_a_part() {
        let lens = |part, size| {
            let circle = circle(part, size);
            (circle.x, circle.y, circle.radius)
        };
        assert_eq!(lens((500, 250, 100), (2000, 1000)), (1000.0, 500.0, 200.0));
        assert_eq!(lens((500, 250, 100), (1000, 2000)), (1000.0, 500.0, 200.0));
        assert_eq!(lens((0, 0, u32::MAX), (1000, 10)).2, 300.0);
    }

    #[test]
    fn a_lens_that_moves_is_one_look_and_every_whole_picture_is_one() {
        let mut reveals = Reveals::default();
        let looks = [(true, 1), (true, 1), (false, 1), (false, 1), (true, 1), (true, 2), (true, 2), (true, 1)];
        let counted: Vec<bool> = looks.map(|(is_part, rendering)| reveals.counts(is_part, rendering)).to_vec();
        assert_eq!(counted, [true, false, true, true, false, true, false, true]);
    }
}
