//! A session over the model case: what the window is told of every file is what its truth says, and a person can work.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use casefile::{CaseFile, Passphrase};
use demo::{Expected, Truth};
use domain::UtcTime;
use workbench::view::detail::SentenceCode;
use workbench::view::grid::{Others, Shelf, Target, TileState, ViewQuery};
use workbench::{Around, Session, Setting};

mod house;

use house::{House, PASSPHRASE, USER, program};

const NOW: UtcTime = UtcTime(1_700_000_100_000_000);

fn open(house: &House) -> Session {
    let dir = house.path("case");
    let case = CaseFile::open(Path::new(&dir), &USER.parse().unwrap(), &Passphrase::new(PASSPHRASE), NOW).unwrap();
    let around = Around {
        sets_dir: PathBuf::from(house.path("sets")),
        now: Arc::new(|| NOW),
        counts: Arc::new(|strip| assert_eq!(strip.shown + strip.hidden + strip.refused + strip.waiting, strip.total)),
    };
    Session::open(case, around, &mut |_| ()).unwrap()
}

fn shelf(shelf: Shelf) -> ViewQuery {
    ViewQuery {
        shelf,
        picks: Vec::new(),
        text: String::new(),
        order: workbench::view::grid::Order::Review,
        descending: false,
        stacked: false,
    }
}

fn numbers(session: &Session, query: &ViewQuery) -> Vec<u32> {
    let view = session.view_open(query, None).unwrap().view;
    session.view_numbers(view, 0, u32::MAX).unwrap()
}

/// Tells whether an item stands where its truth says.
fn is_true(session: &Session, truth: &Truth) -> bool {
    let digests = truth.digests.unwrap();
    let Some(number) = session.item_number(&digests.sha256.to_string()).unwrap() else { return false };
    let detail = session.item(number).unwrap();
    let is_placed = detail.places.iter().any(|place| place.path == truth.path.shown());
    let (state, code) = (detail.state, detail.why[0].code);
    is_placed
        && match truth.expected {
            Expected::Known => (state, code) == (TileState::Hidden, SentenceCode::HiddenKnown),
            Expected::Ordinary => (state, code) == (TileState::Hidden, SentenceCode::HiddenOrdinary),
            Expected::New | Expected::Other => (state, code) == (TileState::Shown, SentenceCode::New),
            Expected::LooksKnown => state == TileState::Shown && !detail.looks_like.is_empty(),
            Expected::Conflict => code == SentenceCode::Conflict,
            Expected::Quarantined => code == SentenceCode::Quarantined,
            Expected::Contradiction => code == SentenceCode::Contradiction,
            Expected::Refused => state == TileState::Refused,
        }
}

#[test]
fn every_file_of_the_model_case_is_told_as_it_is() {
    let house = House::new();
    let model = house.model();
    house.new_cheap_case();
    house.add(model.media.to_str().unwrap(), &[]);
    let session = open(&house);
    let status = house.status();
    let strip = session.strip().unwrap();
    assert_eq!(strip.total, status["items"].as_u64().unwrap() as u32);
    assert_eq!(
        (strip.hidden, strip.sets.len(), strip.sets_changed),
        (status["hidden"].as_u64().unwrap() as u32, 2, false)
    );

    let read = model.truth.iter().filter(|truth| truth.digests.is_some() && truth.expected != Expected::Refused);
    let wrong: Vec<String> = read.filter(|truth| !is_true(&session, truth)).map(|truth| format!("{truth:?}")).collect();
    assert_eq!(wrong, Vec::<String>::new());

    let view = session.view_open(&shelf(Shelf::Hidden), None).unwrap();
    let tiles = session.view_tiles(view.view, 0, view.total).unwrap();
    assert!(tiles.iter().all(|tile| !tile.has_picture && tile.state == TileState::Hidden));
    assert_eq!(session.hidden_lines(view.view, 0, view.total).unwrap().len(), view.total as usize);
    let undecided = session.view_open(&shelf(Shelf::Undecided), None).unwrap();
    let tiles = session.view_tiles(undecided.view, 0, undecided.total).unwrap();
    assert!(tiles.iter().any(|tile| tile.has_picture) && tiles[0].odd);
    let refused = session.refused_list(0, 1_000).unwrap();
    assert_eq!((refused.total, refused.lines.len()), (strip.refused, strip.refused as usize));
    assert!(refused.lines.iter().all(|line| !line.place.chars().any(domain::is_unsafe_to_show)));

    let stacked = session.view_open(&ViewQuery { stacked: true, ..shelf(Shelf::Undecided) }, None).unwrap();
    assert!(stacked.total < stacked.items && stacked.items == undecided.items);
    let all = Target::Whole { view: stacked.view, except: Vec::new() };
    let done = session.decide(&all, Some("3"), Others::Keep, None).unwrap();
    assert_eq!(done.items, undecided.items);
    assert_eq!(numbers(&session, &shelf(Shelf::Undecided)), [0; 0]);
    assert_eq!(session.undo().unwrap().unwrap().items, undecided.items);
    assert_eq!(session.strip().unwrap(), strip);
}

#[test]
fn what_is_shown_again_gets_its_picture() {
    let house = House::new();
    let model = house.model();
    house.new_cheap_case();
    house.add(model.media.to_str().unwrap(), &[]);
    let session = open(&house);
    let pictures = |number: &u32| {
        let detail = session.item(*number).unwrap();
        detail.class == "picture" && detail.why[0].code == SentenceCode::HiddenKnown
    };
    let number = numbers(&session, &shelf(Shelf::Hidden)).into_iter().find(pictures).unwrap();
    let stop = AtomicBool::new(false);
    let setting = Setting {
        decoder: program("zeef-decode"),
        threads: 1,
        now: &|| NOW,
        stop: &stop,
        pause: None,
        progress: &|_| (),
    };
    session.show_again(number, "it is another picture", &setting).unwrap();
    let view = session.view_open(&shelf(Shelf::Returned), None).unwrap();
    let tile = &session.view_tiles(view.view, 0, 1).unwrap()[0];
    assert_eq!((tile.number, tile.returned, tile.has_picture), (number, true, true));
    session.undo().unwrap().unwrap();
    let view = session.view_open(&shelf(Shelf::Hidden), None).unwrap();
    let place = session.view_index(view.view, number).unwrap().unwrap();
    assert!(!session.view_tiles(view.view, place, 1).unwrap()[0].has_picture);
}
