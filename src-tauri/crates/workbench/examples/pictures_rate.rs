//! Measures what the window waits for: veiled tiles, a clear picture from its ticket to its bytes, a lens that moves.
//!
//! `pictures_rate FOLDER [PHOTOS]`: makes a case in FOLDER, which must not exist, of the pictures in PHOTOS, or of two
//! dozen drawn ones of 12 megapixels. `zeef-decode` has to be built beside it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use casefile::{CaseFile, KdfCost, NewCase, Passphrase, SystemEntropy};
use domain::{SchemeId, UtcTime};
use review::Schemes;
use workbench::pictures::{Look, PictureSetting, Pictures, Strength, Theme};
use workbench::view::window::RevealForm;
use workbench::{LoadRequest, MissingSets, Setting, add_sources};

const NOW: UtcTime = UtcTime(1_700_000_000_000_000);
const EPOCH: &str = "e";
/// Drawn pictures, and their size.
const DRAWN: u64 = 24;
const DRAWN_SIZE: (u32, u32) = (4000, 3000);
/// Items that are looked at, at most.
const LOOKED_AT_MAX: usize = 2000;
/// Clear pictures that are timed.
const REVEALED_MAX: usize = 60;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let dir = PathBuf::from(arguments.get(1).expect("name a folder that does not exist"));
    std::fs::create_dir(&dir).expect("the folder must not exist");
    let photos = arguments.get(2).map_or_else(|| draw(&dir.join("photos")), PathBuf::from);
    let decoder = std::env::current_exe().expect("a program has a path").with_file_name("../zeef-decode");
    let case = make_case(&dir, photos, &decoder);
    let mut numbers = Vec::new();
    for number in 1.. {
        if numbers.len() == LOOKED_AT_MAX || case.sha256_of(number).expect("the case answers").is_none() {
            break;
        }
        if case.thumbnail_of(number).expect("the case answers").is_some() {
            numbers.push(number);
        }
    }
    println!("{} items have a picture", numbers.len());
    let start = start();
    let pictures = Pictures::open(PictureSetting {
        case,
        decoder,
        workers: 2,
        epoch: EPOCH.to_owned(),
        entropy: Box::new(SystemEntropy),
        now: Box::new(move || start.elapsed()),
        seen: Box::new(|_, _| {}),
    });
    veils(&pictures, &numbers);
    clear(&pictures, &numbers[..numbers.len().min(REVEALED_MAX)]);
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn start() -> Instant {
    Instant::now()
}

fn draw(folder: &Path) -> PathBuf {
    std::fs::create_dir(folder).expect("a folder can be made");
    for number in 0..DRAWN {
        let picture = demo::Picture::draw(17, number, DRAWN_SIZE.0, DRAWN_SIZE.1);
        let jpeg = demo::encode_jpeg(&picture, 92).expect("a drawn picture is encoded");
        std::fs::write(folder.join(format!("{number}.jpg")), jpeg).expect("it can be written");
    }
    folder.to_owned()
}

fn make_case(dir: &Path, photos: PathBuf, decoder: &Path) -> CaseFile {
    let scheme = Schemes::shipped().scheme(&SchemeId("project-vic-us".to_owned())).expect("it is shipped").clone();
    let case = NewCase { number: "B-1".to_owned(), unit: "bench".to_owned(), scheme, legal_scope: String::new() };
    let cost = KdfCost { memory_kib: 8, passes: 1, lanes: 1 };
    let (user, passphrase) = ("bench".parse().expect("a plain name"), Passphrase::new("bench bench"));
    let case_dir = dir.join("case");
    let case = CaseFile::create_with_cost(&case_dir, &case, &user, &passphrase, NOW, &mut SystemEntropy, cost)
        .expect("a case can be made");
    let sets_dir = dir.join("sets");
    std::fs::create_dir(&sets_dir).expect("a folder can be made");
    let request = LoadRequest { case_dir, sets_dir, missing_sets: MissingSets::Refuse, sources: vec![photos] };
    let stop = AtomicBool::new(false);
    let setting =
        Setting { decoder: decoder.to_owned(), threads: 2, now: &|| NOW, stop: &stop, pause: None, progress: &|_| {} };
    add_sources(&case, &request, &setting).expect("the photos can be loaded");
    case
}

/// Prints the median and the 95th percentile.
fn tell(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1000.0;
    println!("{what}: p50 {:.2} ms, p95 {:.2} ms ({} times)", at(50), at(95), times.len());
}

fn veils(pictures: &Pictures, numbers: &[u32]) {
    let dark = Look { strength: Strength::Full, theme: Theme::Dark };
    let light = Look { strength: Strength::Full, theme: Theme::Light };
    pictures.tile(numbers[0], light).expect("there is a tile");
    let (mut bytes, mut times) = (0, Vec::new());
    for number in numbers {
        let from = start();
        bytes += pictures.tile(*number, dark).expect("there is a tile").bytes.len();
        times.push(from.elapsed());
    }
    tell("a tile, one after another", times);
    println!("a tile has {} bytes", bytes / numbers.len());
    tell("a tile that is kept", each(numbers, |number| drop(pictures.tile(number, dark))));
    tell("a veil for the loupe", each(numbers, |number| drop(pictures.loupe_veil(number, dark))));
    // All at once, as a window does; as many as may wait.
    let (done, told) = std::sync::mpsc::channel();
    let done = Arc::new(std::sync::Mutex::new(done));
    let wave = &numbers[..numbers.len().min(700)];
    let from = start();
    for number in wave {
        let done = Arc::clone(&done);
        let path = format!("/{EPOCH}/tile/{number}?3-light");
        pictures.fetch(&path, Box::new(move |served| drop(done.lock().map(|done| done.send(served.status)))));
    }
    let good = wave.iter().filter(|_| told.recv().is_ok_and(|status| status == 200)).count();
    let seconds = from.elapsed().as_secs_f64();
    println!("{good} tiles at once: {:.0} a second", good as f64 / seconds);
}

fn each(numbers: &[u32], mut work: impl FnMut(u32)) -> Vec<Duration> {
    let timed = |number: &u32| {
        let from = start();
        work(*number);
        from.elapsed()
    };
    numbers.iter().map(timed).collect()
}

fn clear(pictures: &Pictures, numbers: &[u32]) {
    for (colour, longest_px) in [(false, 2048), (true, 2048), (false, 8192)] {
        let (mut to_ticket, mut to_bytes, mut bytes, mut small) = (Vec::new(), Vec::new(), 0, 0);
        for number in numbers {
            let from = start();
            let form = RevealForm { number: *number, colour, longest_px, part: None };
            let ticket = pictures.reveal(&form).expect("there is a picture");
            to_ticket.push(from.elapsed());
            bytes += pictures.serve(&ticket.path).bytes.len();
            to_bytes.push(from.elapsed());
            small += usize::from(ticket.small);
            pictures.reveal_end(&ticket.ticket);
        }
        let what = format!("{} at {longest_px}", if colour { "colour" } else { "grey" });
        tell(&format!("{what}, key to ticket"), to_ticket);
        tell(&format!("{what}, key to bytes"), to_bytes);
        println!("{what}: {} KiB each, {small} small", (bytes / numbers.len()) >> 10);
    }
    let mut last = None;
    let mut times = Vec::new();
    for step in 0..60 {
        let part = Some((300 + step * 5, 400, 120));
        let form = RevealForm { number: numbers[0], colour: false, longest_px: 2048, part };
        let from = start();
        let ticket = pictures.reveal(&form).expect("there is a picture");
        let served = pictures.serve(&ticket.path);
        times.push(from.elapsed());
        assert_eq!(served.status, 200);
        if let Some(last) = last.replace(ticket.ticket) {
            pictures.reveal_end(&last);
        }
    }
    // The first has to read the file.
    tell("a lens that moves, key to bytes", times.split_off(1));
}
