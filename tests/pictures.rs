//! What the window is served: veils for whoever asks, a clear picture for a ticket, and for a hidden item nothing, by any
//! way. With the real decoder, over a case that the real programs made.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use casefile::{CaseFile, SystemEntropy};
use image::{GrayImage, ImageFormat};
use workbench::Code;
use workbench::pictures::{Look, PictureSetting, Pictures, Served, Strength, Theme};
use workbench::view::window::{RevealForm, Ticket};

mod house;

use house::{House, program};

const EPOCH: &str = "5eed";
const DARK: Look = Look { strength: Strength::Full, theme: Theme::Dark };
/// Longer side of the large pictures here, pixels; more than the case's own small ones have.
const LARGE: u32 = 900;

/// A case with a few pictures, and what serves them.
struct Desk {
    house: House,
    case: CaseFile,
    pictures: Pictures,
    seconds: Arc<AtomicU64>,
    seen: Arc<Mutex<Vec<(u32, bool)>>>,
}

fn large(number: u64) -> Vec<u8> {
    demo::encode_jpeg(&demo::Picture::draw(9, number, LARGE, 600), 90).unwrap()
}

/// Writes media: two new pictures, one that is known, one in an archive and one in an archive in an archive, a text.
fn house() -> House {
    let house = House::new();
    let media = house.path("media");
    std::fs::create_dir_all(&media).unwrap();
    let put = |name: &str, bytes: &[u8]| std::fs::write(format!("{media}/{name}"), bytes).unwrap();
    put("first.jpg", &large(1));
    put("second.jpg", &large(2));
    put("known.jpg", &large(3));
    put("notes.txt", b"a text that is no picture");
    let pack = |archive: &str, flags: &str, number: u64| {
        let inside = house.path("inside");
        std::fs::create_dir_all(&inside).unwrap();
        std::fs::write(format!("{inside}/member.jpg"), large(number)).unwrap();
        let archive = format!("{media}/{archive}");
        let packed = Command::new("tar").args([flags, &archive, "member.jpg"]).current_dir(inside).status();
        assert!(packed.unwrap().success());
    };
    pack("plain.tar", "-cf", 4);
    pack("packed.tar.gz", "-czf", 5);
    let nested = Command::new("tar").args(["-cf", "outer.tar", "plain.tar"]).current_dir(&media).status();
    assert!(nested.unwrap().success());
    let list = Command::new("md5sum").arg("known.jpg").current_dir(&media).output().unwrap();
    std::fs::write(house.path("known.md5"), list.stdout).unwrap();
    house.import(&house.path("known.md5"), "national", "known", &[]);
    house.new_cheap_case();
    house.add(&media, &[]);
    house
}

impl Desk {
    fn new() -> Self {
        Self::over(house())
    }

    fn over(house: House) -> Self {
        let case = house.look_into_case().unwrap();
        let (seconds, seen) = (Arc::new(AtomicU64::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (clock, looks) = (Arc::clone(&seconds), Arc::clone(&seen));
        let pictures = Pictures::open(PictureSetting {
            case: case.clone(),
            decoder: program("zeef-decode"),
            workers: 2,
            epoch: EPOCH.to_owned(),
            entropy: Box::new(SystemEntropy),
            now: Box::new(move || Duration::from_secs(clock.load(Ordering::Relaxed))),
            seen: Box::new(move |number, is_part| looks.lock().unwrap().push((number, is_part))),
        });
        Self { house, case, pictures, seconds, seen }
    }

    /// Gives the number of the item at a place.
    fn number(&self, place: &str) -> u32 {
        let mut found = None;
        self.case
            .list(casefile::ListFilter::All, &mut |row| {
                if row.paths.iter().any(|(_, path)| path.0 == place.as_bytes()) {
                    found = row.sha256;
                }
                std::ops::ControlFlow::Continue(())
            })
            .unwrap();
        self.case.number_of(&found.expect("there is an item at the place")).unwrap().unwrap()
    }

    fn media(&self, name: &str) -> String {
        self.house.path(&format!("media/{name}"))
    }

    fn serve(&self, path: &str) -> Served {
        self.pictures.serve(path)
    }

    fn reveal(&self, number: u32) -> Ticket {
        self.pictures.reveal(&whole(number)).unwrap()
    }

    fn looks(&self) -> Vec<(u32, bool)> {
        self.seen.lock().unwrap().clone()
    }
}

fn whole(number: u32) -> RevealForm {
    RevealForm { number, colour: false, longest_px: 2048, part: None }
}

/// Reads a file that was served, and makes sure that it is nothing but a picture.
fn shown(served: &Served) -> image::DynamicImage {
    assert_eq!(served.status, 200);
    let format = match served.mime {
        "image/png" => ImageFormat::Png,
        "image/jpeg" => ImageFormat::Jpeg,
        other => panic!("{other} is served"),
    };
    image::load_from_memory_with_format(&served.bytes, format).unwrap()
}

fn is_nothing(served: &Served, status: u16) {
    assert_eq!((served.status, served.bytes.len()), (status, 0));
}

/// Gives the brightness of a picture as JPEG has it; `image` weighs colours otherwise.
fn grey(picture: &image::DynamicImage) -> GrayImage {
    if let Some(grey) = picture.as_luma8() {
        return grey.clone();
    }
    let weigh = |[r, g, b]: [u8; 3]| (0.299 * f32::from(r) + 0.587 * f32::from(g) + 0.114 * f32::from(b)).round() as u8;
    let colours = picture.to_rgb8();
    GrayImage::from_fn(colours.width(), colours.height(), |x, y| image::Luma([weigh(colours.get_pixel(x, y).0)]))
}

/// Gives the brightness of one of the large pictures.
fn clear_of(number: u64) -> GrayImage {
    grey(&image::load_from_memory(&large(number)).unwrap())
}

/// Gives the mean difference of two pictures of one size.
fn difference(a: &GrayImage, b: &GrayImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let sum: u64 = a.iter().zip(b.iter()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.len() as f64
}

/// Gives the mean difference of neighbours in a row, a measure of detail.
fn detail(picture: &GrayImage) -> f64 {
    let (width, height) = picture.dimensions();
    let at = |x, y| f64::from(picture.get_pixel(x, y).0[0]);
    let sum: f64 =
        (0..height).flat_map(|y| (1..width).map(move |x| (x, y))).map(|(x, y)| (at(x, y) - at(x - 1, y)).abs()).sum();
    sum / f64::from((width - 1) * height)
}

fn enlarged(picture: &GrayImage, (width, height): (u32, u32)) -> GrayImage {
    image::imageops::resize(picture, width, height, image::imageops::FilterType::Triangle)
}

#[test]
fn what_is_served_unasked_is_small_grey_and_without_detail() {
    let desk = Desk::new();
    let number = desk.number("first.jpg");
    let clear = clear_of(1);
    for form in ["tile", "loupe"] {
        for (look, mean) in [("3-dark", 106.0), ("1-dark", 106.0), ("3-light", 140.0), ("2-light", 140.0)] {
            let served = desk.serve(&format!("/{EPOCH}/{form}/{number}?{look}"));
            let picture = shown(&served);
            assert_eq!(picture.color(), image::ColorType::L8, "{form} {look}");
            let veiled = picture.into_luma8();
            assert_eq!(veiled.width(), if form == "tile" { 64 } else { 160 });
            let average = veiled.iter().map(|value| f64::from(*value)).sum::<f64>() / veiled.len() as f64;
            assert!((average - mean).abs() < 1.0, "{form} {look}: {average}");
            let (left, before) = (detail(&enlarged(&veiled, clear.dimensions())), detail(&clear));
            assert!(left < before / 5.0, "{form} {look}: {left} of {before} is left");
        }
    }
    let tile = desk.pictures.tile(number, DARK).unwrap();
    assert_eq!(&*tile.bytes, desk.serve(&format!("/{EPOCH}/tile/{number}?3-dark")).bytes);
    assert_eq!(desk.looks(), [], "a veil is no clear look");
}

#[test]
fn a_hidden_item_has_no_picture_by_any_way() {
    let desk = Desk::new();
    let hidden = desk.number("known.jpg");
    let text = desk.number("notes.txt");
    for number in [hidden, text, 0, u32::MAX] {
        assert_eq!(desk.pictures.tile(number, DARK), None);
        assert_eq!(desk.pictures.loupe_veil(number, DARK), None);
        is_nothing(&desk.serve(&format!("/{EPOCH}/tile/{number}?3-dark")), 404);
        is_nothing(&desk.serve(&format!("/{EPOCH}/loupe/{number}?1-light")), 404);
        is_nothing(&desk.serve(&format!("/{EPOCH}/clear/{number}")), 404);
        let error = desk.pictures.reveal(&whole(number)).unwrap_err();
        assert_eq!(error.code, Code::NotFound);
        let part = RevealForm { part: Some((500, 300, 100)), colour: true, ..whole(number) };
        assert_eq!(desk.pictures.reveal(&part).unwrap_err().code, Code::NotFound);
    }
    assert_eq!(desk.looks(), []);
}

#[test]
fn an_item_that_is_hidden_later_loses_the_picture_that_was_kept_of_it() {
    let desk = Desk::new();
    let number = desk.number("second.jpg");
    assert!(desk.pictures.tile(number, DARK).is_some());
    let list = Command::new("md5sum").args(["known.jpg", "second.jpg"]).current_dir(desk.media("")).output().unwrap();
    std::fs::write(desk.house.path("known.md5"), list.stdout).unwrap();
    desk.house.import(&desk.house.path("known.md5"), "national", "known", &[]);
    desk.house.case("rematch", &["--sets", &desk.house.path("sets")]);
    assert_eq!(desk.pictures.tile(number, DARK), None);
    assert_eq!(desk.pictures.reveal(&whole(number)).unwrap_err().code, Code::NotFound);
}

#[test]
fn a_ticket_shows_the_content_once_and_is_counted_once() {
    let desk = Desk::new();
    let number = desk.number("first.jpg");
    let ticket = desk.reveal(number);
    assert_eq!((ticket.width, ticket.height, ticket.small), (LARGE, 600, false));
    let served = desk.serve(&ticket.path);
    let picture = shown(&served);
    assert_eq!(picture.color(), image::ColorType::L8, "grey unless colour is asked for");
    let differs = difference(&grey(&picture), &clear_of(1));
    assert!(differs < 2.0, "it is the picture: {differs}");
    is_nothing(&desk.serve(&ticket.path), 404);
    assert_eq!(desk.looks(), [(number, false)]);
    let colour = desk.pictures.reveal(&RevealForm { colour: true, longest_px: 300, ..whole(number) }).unwrap();
    assert_eq!((colour.width, colour.height), (300, 200));
    assert_eq!(shown(&desk.serve(&colour.path)).color(), image::ColorType::Rgb8);
    assert_eq!(desk.looks().len(), 2);
}

#[test]
fn a_ticket_that_was_taken_back_or_grew_old_shows_nothing() {
    let desk = Desk::new();
    let number = desk.number("first.jpg");
    let ended = desk.reveal(number);
    desk.pictures.reveal_end(&ended.ticket);
    is_nothing(&desk.serve(&ended.path), 404);
    let old = desk.reveal(number);
    desk.seconds.fetch_add(30, Ordering::Relaxed);
    is_nothing(&desk.serve(&old.path), 404);
    // A fifth ticket takes the place of the first.
    let tickets: Vec<Ticket> = (0..5).map(|_| desk.reveal(number)).collect();
    is_nothing(&desk.serve(&tickets[0].path), 404);
    tickets[1..].iter().for_each(|ticket| assert_eq!(desk.serve(&ticket.path).status, 200));
    assert_eq!(desk.looks().len(), 4);
    let ids: std::collections::BTreeSet<&str> = tickets.iter().map(|ticket| ticket.ticket.as_str()).collect();
    assert!(ids.len() == 5 && ids.iter().all(|id| id.len() == 32));
}

/// The key is let go before the bytes are there: whoever waits for them is told that they are gone, or they had left
/// before; nothing else.
#[test]
fn a_key_that_is_let_go_ends_what_is_being_made() {
    let desk = Desk::new();
    let number = desk.number("second.jpg");
    let mut left = 0;
    for _ in 0..20 {
        let ticket = desk.reveal(number);
        let (tell, told) = std::sync::mpsc::channel();
        desk.pictures.fetch(&ticket.path, Box::new(move |served| tell.send(served).unwrap()));
        desk.pictures.reveal_end(&ticket.ticket);
        let served = told.recv().unwrap();
        assert!(matches!(served.status, 200 | 410), "{}", served.status);
        left += usize::from(served.status == 200);
        is_nothing(&desk.serve(&ticket.path), 404);
    }
    assert_eq!(desk.looks().len(), left, "what did not leave is not counted");
}

#[test]
fn outside_of_the_part_there_is_nothing_but_the_veil() {
    let desk = Desk::new();
    let number = desk.number("first.jpg");
    let veil = shown(&desk.serve(&format!("/{EPOCH}/loupe/{number}?3-light"))).into_luma8();
    let clear = clear_of(1);
    let mut last: Option<Ticket> = None;
    for part in [(500, 300, 100), (540, 300, 100), (0, 0, 80), (900, 600, 300)] {
        for colour in [false, true] {
            let form = RevealForm { part: Some(part), colour, ..whole(number) };
            let ticket = desk.pictures.reveal(&form).unwrap();
            last.replace(ticket.clone()).into_iter().for_each(|ticket| desk.pictures.reveal_end(&ticket.ticket));
            let got = grey(&shown(&desk.serve(&ticket.path)));
            let cover = enlarged(&veil, got.dimensions());
            let unit = f64::from(LARGE) / 1000.0;
            let (x, y, radius) = (f64::from(part.0) * unit, f64::from(part.1) * unit, f64::from(part.2) * unit);
            let mut inside = (0, 0_u64);
            for (column, row, pixel) in got.enumerate_pixels() {
                let away = (f64::from(column) - x).hypot(f64::from(row) - y) - radius;
                let differs = |other: &GrayImage| pixel.0[0].abs_diff(other.get_pixel(column, row).0[0]);
                // Coding mixes what lies in one block of 16 pixels a side, and nothing beyond.
                if away > 23.0 {
                    assert!(differs(&cover) <= 4, "{part:?}: {column}, {row}: {}", differs(&cover));
                } else if away < -23.0 {
                    inside = (inside.0 + 1, inside.1 + u64::from(differs(&clear)));
                }
            }
            assert!(inside.0 > 0 && inside.1 < 4 * inside.0, "{part:?}: inside it is clear: {inside:?}");
        }
    }
    assert!(desk.looks().iter().all(|look| *look == (number, true)), "{:?}", desk.looks());
}

#[test]
fn a_lens_that_moves_is_counted_once_and_again_after_the_key_was_let_go() {
    let desk = Desk::new();
    let number = desk.number("first.jpg");
    for round in 1..=2 {
        let mut last: Option<Ticket> = None;
        for x in [300, 340, 380] {
            let ticket = desk.pictures.reveal(&RevealForm { part: Some((x, 300, 100)), ..whole(number) }).unwrap();
            assert_eq!(desk.serve(&ticket.path).status, 200);
            last.replace(ticket).into_iter().for_each(|ticket| desk.pictures.reveal_end(&ticket.ticket));
        }
        desk.pictures.reveal_end(&last.unwrap().ticket);
        // The next picture of another item makes sure that the last one has been let go.
        let other = desk.reveal(desk.number("second.jpg"));
        desk.serve(&other.path);
        desk.pictures.reveal_end(&other.ticket);
        let parts = desk.looks().iter().filter(|look| **look == (number, true)).count();
        assert_eq!(parts, round);
    }
}

#[test]
fn a_file_that_became_another_is_not_shown_as_the_item() {
    let desk = Desk::new();
    let number = desk.number("first.jpg");
    // Another picture of the same length at the same place, so that only its digest tells.
    let (before, mut other) = (large(1), large(7));
    other.resize(before.len(), 0);
    std::fs::write(desk.media("first.jpg"), &other).unwrap();
    let ticket = desk.reveal(number);
    assert!(ticket.small);
    assert_eq!((ticket.width, ticket.height), (512, 341));
    let got = grey(&shown(&desk.serve(&ticket.path)));
    assert_eq!(got.dimensions(), (512, 341));
    let differs = difference(&got, &enlarged(&clear_of(1), (512, 341)));
    assert!(differs < 4.0, "what the case keeps of the item itself is shown: {differs}");
    assert_eq!(desk.looks(), [(number, false)]);
}

#[test]
fn without_its_source_the_small_picture_is_shown_also_under_a_lens() {
    let desk = Desk::new();
    let number = desk.number("second.jpg");
    std::fs::rename(desk.media(""), desk.house.path("elsewhere")).unwrap();
    let ticket = desk.reveal(number);
    assert!(ticket.small);
    assert_eq!(shown(&desk.serve(&ticket.path)).width(), 512);
    let part = desk.pictures.reveal(&RevealForm { part: Some((500, 300, 100)), ..whole(number) }).unwrap();
    assert_eq!(shown(&desk.serve(&part.path)).width(), 512);
    std::fs::rename(desk.house.path("elsewhere"), desk.media("")).unwrap();
    [ticket, part].iter().for_each(|ticket| desk.pictures.reveal_end(&ticket.ticket));
    // Another side, so that the picture is looked for again.
    let back = desk.pictures.reveal(&RevealForm { longest_px: 800, ..whole(number) }).unwrap();
    assert!(!back.small, "the source is there again");
    assert_eq!(shown(&desk.serve(&back.path)).width(), 800);
}

#[test]
fn pictures_in_archives_are_found_again_and_poisoned_ones_are_not() {
    let desk = Desk::new();
    let stored = desk.number("plain.tar!/member.jpg");
    assert_eq!(stored, desk.number("outer.tar!/plain.tar!/member.jpg"), "one content, two places");
    let packed = desk.number("packed.tar.gz!/member.jpg");
    for number in [stored, packed] {
        let ticket = desk.reveal(number);
        assert!(!ticket.small);
        assert_eq!(shown(&desk.serve(&ticket.path)).width(), LARGE);
        desk.pictures.reveal_end(&ticket.ticket);
    }
    // The same archives, of the same length, with another picture under the same name.
    for archive in ["plain.tar", "packed.tar.gz"] {
        let length = std::fs::metadata(desk.media(archive)).unwrap().len();
        let inside = desk.house.path("inside");
        std::fs::write(format!("{inside}/member.jpg"), large(8)).unwrap();
        let flags = if archive == "plain.tar" { "-cf" } else { "-czf" };
        let made = Command::new("tar").args([flags, &desk.media(archive), "member.jpg"]).current_dir(inside).status();
        assert!(made.unwrap().success());
        let file = std::fs::OpenOptions::new();
        set_length(file, Path::new(&desk.media(archive)), length);
    }
    let nested = desk.pictures.reveal(&RevealForm { longest_px: 700, ..whole(stored) }).unwrap();
    assert_eq!(shown(&desk.serve(&nested.path)).width(), 700, "the other place still has it");
    let poisoned = desk.pictures.reveal(&RevealForm { longest_px: 700, ..whole(packed) }).unwrap();
    assert!(poisoned.small);
    assert_eq!(shown(&desk.serve(&poisoned.path)).width(), 512);
}

#[expect(clippy::disallowed_methods, reason = "the test changes what it made")]
fn set_length(mut options: std::fs::OpenOptions, path: &Path, length: u64) {
    options.write(true).open(path).unwrap().set_len(length).unwrap();
}

#[test]
fn a_path_of_another_opening_means_nothing() {
    let desk = Desk::new();
    let number = desk.number("first.jpg");
    let ticket = desk.reveal(number);
    let other = ticket.path.replace(EPOCH, "5eee");
    is_nothing(&desk.serve(&other), 404);
    is_nothing(&desk.serve(&format!("/5eee/tile/{number}?3-dark")), 404);
    is_nothing(&desk.serve("/"), 404);
    assert_eq!(desk.serve(&ticket.path).status, 200, "asking by another path does not use the ticket up");
}

#[test]
fn once_forgotten_nothing_is_served() {
    let desk = Desk::new();
    let number = desk.number("first.jpg");
    let ticket = desk.reveal(number);
    assert!(desk.pictures.tile(number, DARK).is_some());
    desk.pictures.forget();
    is_nothing(&desk.serve(&ticket.path), 404);
    is_nothing(&desk.serve(&format!("/{EPOCH}/tile/{number}?3-dark")), 410);
    assert_eq!(desk.pictures.reveal(&whole(number)).unwrap_err().code, Code::NotFound);
    desk.pictures.forget();
    assert_eq!(desk.looks(), []);
}

#[test]
fn without_a_decoder_nothing_is_shown_and_it_is_said() {
    let house = house();
    let case = house.look_into_case().unwrap();
    let pictures = Pictures::open(PictureSetting {
        case: case.clone(),
        decoder: "/bin/true".into(),
        workers: 1,
        epoch: EPOCH.to_owned(),
        entropy: Box::new(SystemEntropy),
        now: Box::new(|| Duration::ZERO),
        seen: Box::new(|_, _| panic!("nothing can be seen")),
    });
    let desk = Desk::over(house);
    let number = desk.number("first.jpg");
    is_nothing(&pictures.serve(&format!("/{EPOCH}/tile/{number}?3-dark")), 503);
    assert_eq!(pictures.reveal(&whole(number)).unwrap_err().code, Code::NoSandbox);
}
