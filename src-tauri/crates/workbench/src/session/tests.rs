//! Sessions over small cases: what the window is told always agrees with what the case holds.

mod desk;
mod leaving;

use std::sync::atomic::AtomicBool;

use casefile::{KeptHead, RecordContent, Stack};
use domain::{DigestKind, EntryId, Hit, Sha256};
use hashset::synthetic::split_mix;

use self::desk::*;
use super::*;
use crate::view::detail::SentenceCode;
use crate::view::grid::{
    Facet, FacetPick, Mark, Order, Others, SavedView, Shelf as Shelves, Target, Tile, TileState, ViewQuery,
};
use crate::{Code, Setting};

#[test]
fn a_session_is_used_from_several_threads() {
    fn check<T: Send + Sync>() {}
    check::<Session>();
}

#[test]
fn the_strip_is_always_right() {
    let desk = Desk::new();
    let session = desk.session("anna", &mixed());
    check_strip(&session);
    session.decide(&items(&[1, 6]), Some("2"), Others::Keep, None).unwrap();
    check_strip(&session);
    session.decide(&items(&[4]), Some("3"), Others::Keep, None).unwrap();
    check_strip(&session);
    session.undo().unwrap().unwrap();
    check_strip(&session);
    record(session.case(), desk.now(), &[("c/8.jpg", fresh(8)), ("c/9.jpg", unread()), ("c/4.jpg", known(4))]);
    session.follow().unwrap();
    check_strip(&session);
    let told = desk.told.lock().unwrap();
    assert!(told.len() >= 4 && told.last() == Some(&session.strip().unwrap()));
    drop(told);
    session.case().drop_derived(desk.now()).unwrap();
    session.follow().unwrap();
    check_strip(&session);
    assert_eq!(session.strip().unwrap().waiting, 7);
}

/// What a session answers about all of its items. The order of values that as many items have is that of one opening.
fn answers(session: &Session) -> (Vec<Vec<Tile>>, Strip, Vec<String>) {
    let stacked = ViewQuery { stacked: true, order: Order::Time, ..shelf(Shelves::Undecided) };
    let all = [shelf(Shelves::Shown), shelf(Shelves::Hidden), shelf(Shelves::Refused), stacked];
    let tiles = all.iter().map(|query| tiles_of(session, query)).collect();
    let facets = session.facets(&shelf(Shelves::Shown)).unwrap();
    let counted = |group: &crate::view::grid::FacetGroup| {
        let facet = group.facet;
        let told = |one: &crate::view::grid::FacetValue| format!("{facet:?} {one:?}");
        group.values.iter().map(told).collect::<Vec<_>>()
    };
    let mut counts: Vec<String> = facets.groups.iter().flat_map(counted).collect();
    counts.sort();
    (tiles, session.strip().unwrap(), counts)
}

#[test]
fn a_table_that_was_kept_answers_as_one_that_is_read_anew() {
    let desk = Desk::new();
    let session = Arc::new(desk.session("anna", &mixed()));
    session.seen(2, false).unwrap();
    session.decide(&items(&[1]), Some("2"), Others::Keep, None).unwrap();
    Session::keep(&Arc::downgrade(&session)).unwrap();
    let tag = kept::tag(&session.schemes, &session.user);
    let kept_of = |session: &Session, tag: &str| session.case().kept_head(tag).unwrap();
    let head = kept_of(&session, &tag).expect("it is kept");
    // What happens later is read by row when it is used.
    session.decide(&items(&[3]), Some("1"), Others::Keep, None).unwrap();
    session.mark(&items(&[2]), Mark::Bookmark, true).unwrap();
    record(session.case(), desk.now(), &[("c/8.jpg", fresh(8)), ("c/9.jpg", unread()), ("c/4.jpg", known(4))]);
    session
        .case()
        .put_stacks(&[Stack { representative: digest_of(1), members: vec![digest_of(1), digest_of(2)] }], desk.now())
        .unwrap();
    drop(session);

    let case = desk.case("anna");
    let mut from_kept = kept::read(&case, &tag, &mut |_| ()).unwrap().expect("it is used");
    assert_eq!((from_kept.head, from_kept.table.len()), (head.seq, 6));
    assert!(from_kept.table.item(2).unwrap().seen, "what she saw is read from what is hers");
    from_kept.table.see(1);
    let session = desk.session_of(case);
    let told = answers(&session);
    check_strip(&session);
    // Whoever verifies looks at the rows themselves, and so does the next opening.
    session.case().verify(&mut |_, _, _| {}).unwrap();
    assert_eq!(kept_of(&session, &tag), None);
    drop(session);
    let anew = desk.session_of(desk.case("anna"));
    assert_eq!(told, answers(&anew));
}

#[test]
fn a_table_is_used_by_the_person_and_for_the_ledger_that_it_was_kept_of() {
    let desk = Desk::new();
    let session = Arc::new(desk.session("anna", &mixed()));
    session.seen(2, false).unwrap();
    session.decide(&items(&[1]), Some("2"), Others::Keep, None).unwrap();
    Session::keep(&Arc::downgrade(&session)).unwrap();
    let tag = kept::tag(&session.schemes, &session.user);
    let head = session.case().kept_head(&tag).unwrap().unwrap();
    // A damaged part is no table; the rows are read.
    session.case().keep_part(head.parts - 1, b"something else").unwrap();
    assert!(kept::read(session.case(), &tag, &mut |_| ()).unwrap().is_none());
    // A number that the ledger does not have yet is kept for nobody.
    session.case().keep_begin().unwrap();
    session.case().keep_end(&tag, KeptHead { seq: head.seq + 100, parts: 0 }).unwrap();
    assert_eq!(session.case().kept_head(&tag).unwrap(), None);
    Session::keep(&Arc::downgrade(&session)).unwrap();
    assert!(session.case().kept_head(&tag).unwrap().is_some());
    drop(session);
    let bob = desk.session_of(desk.case("bob"));
    assert_eq!(bob.case().kept_head(&kept::tag(&bob.schemes, &bob.user)).unwrap(), None);
    let tiles = tiles_of(&bob, &shelf(Shelves::Shown));
    assert!(tiles.iter().all(|tile| !tile.seen && !tile.own));
}

#[test]
fn a_view_stays_as_it_is_until_it_is_refreshed() {
    let desk = Desk::new();
    let session = desk.session("anna", &mixed());
    let view = session.view_open(&shelf(Shelves::Undecided), None).unwrap();
    assert_eq!((view.total, view.settled, view.arrived), (3, 0, 0));
    session.decide(&items(&[2]), Some("1"), Others::Keep, None).unwrap();
    record(session.case(), desk.now(), &[("c/8.jpg", fresh(8))]);
    session.follow().unwrap();
    let head = session.view_head(view.view).unwrap();
    assert_eq!((head.total, head.settled, head.arrived), (3, 1, 1));
    let tiles = session.view_tiles(view.view, 0, 10).unwrap();
    assert_eq!(tiles.iter().map(|tile| tile.number).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!((tiles[1].category.as_deref(), tiles[1].own), (Some("1"), true));
    assert_eq!(session.view_next_undecided(view.view, 0).unwrap(), Some(2));
    assert_eq!(session.view_next_undecided(view.view, 2).unwrap(), Some(0));
    let head = session.view_refresh(view.view, Some(2)).unwrap();
    assert_eq!((head.total, head.settled, head.arrived, head.anchor), (3, 0, 0, Some(1)));
    assert_eq!(session.view_numbers(view.view, 0, 10).unwrap(), [1, 3, 7]);
    assert_eq!(session.view_index(view.view, 7).unwrap(), Some(2));
    session.view_close(view.view);
    assert_eq!(session.view_head(view.view).unwrap_err().code, Code::NotFound);
}

#[test]
fn the_view_used_longest_ago_makes_room() {
    let desk = Desk::new();
    let session = desk.session("anna", &mixed());
    let open = || session.view_open(&shelf(Shelves::Shown), None).unwrap().view;
    let (first, second) = (open(), open());
    for _ in 2..VIEWS_MAX {
        open();
    }
    session.view_head(first).unwrap();
    open();
    assert!(session.view_head(first).is_ok() && session.view_head(second).is_err());
}

#[test]
fn a_stack_is_one_tile_and_one_decision() {
    let desk = Desk::new();
    let case = desk.case("anna");
    record(&case, desk.now(), &mixed());
    let members: Vec<Sha256> = [1, 2, 3].into_iter().map(digest_of).collect();
    let mut sorted = members.clone();
    sorted.sort();
    case.put_stacks(&[Stack { representative: members[1], members: sorted }], desk.now()).unwrap();
    let session = desk.session_of(case);
    let query = ViewQuery { stacked: true, ..shelf(Shelves::Undecided) };
    let view = session.view_open(&query, None).unwrap();
    assert_eq!((view.total, view.items), (1, 3));
    assert_eq!(session.view_tiles(view.view, 0, 1).unwrap()[0].stack, Some(3));
    session.mark(&items(&[3]), Mark::OutOfStack, true).unwrap();
    let view = session.view_refresh(view.view, None).unwrap();
    assert_eq!((view.total, view.items), (2, 3));
    let range = Target::Range { view: view.view, first: 0, count: 1 };
    let done = session.decide(&range, Some("1"), Others::Keep, None).unwrap();
    assert_eq!((done.items, done.kept), (2, 0));
    let detail = session.item(1).unwrap();
    assert_eq!((detail.stack, detail.stack_count, detail.category.as_deref()), (vec![1, 2], 2, Some("1")));
    let whole = Target::Stack { number: 2, except: vec![2] };
    assert_eq!(session.decide_preview(&whole, Some("2")).unwrap().sample, [1]);
}

#[test]
fn what_is_not_alike_looks_like_nothing_but_in_its_detail() {
    let desk = Desk::new();
    let session = desk.session("anna", &mixed());
    assert_eq!(numbers_of(&session, &shelf(Shelves::LooksKnown)), [3]);
    let tile = &tiles_of(&session, &shelf(Shelves::LooksKnown))[0];
    assert_eq!(tile.suggestion.as_ref().unwrap().category.as_deref(), Some("1"));
    session.mark(&items(&[3]), Mark::NotAlike, true).unwrap();
    assert_eq!(numbers_of(&session, &shelf(Shelves::LooksKnown)), [0; 0]);
    let facets = session.facets(&shelf(Shelves::Shown)).unwrap();
    assert!(facets.groups.iter().all(|group| group.facet != Facet::Suggested));
    let detail = session.item(3).unwrap();
    assert_eq!((detail.looks_like.len(), detail.marks), (1, vec![Mark::NotAlike]));
    assert_eq!(detail.looks_like[0].flags, ["victim_identified"]);
}

#[test]
fn decisions_of_others_are_kept_unless_a_person_says_otherwise() {
    let desk = Desk::new();
    let anna = desk.session("anna", &mixed());
    anna.decide(&items(&[1]), Some("1"), Others::Keep, None).unwrap();
    drop(anna);
    let bob = desk.session("bob", &[]);
    let preview = bob.decide_preview(&items(&[1, 2]), Some("2")).unwrap();
    assert_eq!((preview.items, preview.undecided, preview.same, preview.ask), (2, 1, 0, true));
    assert_eq!((preview.overwrites[0].by.as_str(), preview.overwrites[0].own), ("anna", false));
    let done = bob.decide(&items(&[1, 2]), Some("2"), Others::Keep, None).unwrap();
    assert_eq!((done.items, done.kept), (1, 1));
    assert_eq!(bob.item(1).unwrap().decided_by.as_deref(), Some("anna"));
    let same = bob.decide(&items(&[2]), Some("2"), Others::Keep, None).unwrap();
    assert_eq!((same.operation, same.items), (None, 0));
    let cleared = bob.decide(&items(&[1]), None, Others::Keep, None).unwrap();
    assert_eq!((cleared.operation, cleared.kept), (None, 1));
    bob.decide(&items(&[1]), Some("2"), Others::Overwrite, None).unwrap();
    assert_eq!(bob.item(1).unwrap().category.as_deref(), Some("2"));
    drop(bob);
    let anna = desk.session("anna", &[]);
    assert_eq!(numbers_of(&anna, &shelf(Shelves::Disagreed)), [1]);
    assert!(!tiles_of(&anna, &shelf(Shelves::Disagreed))[0].own);
}

#[test]
fn undo_and_redo_go_over_a_restart() {
    let desk = Desk::new();
    let session = desk.session("anna", &mixed());
    session.decide(&items(&[1]), Some("1"), Others::Keep, None).unwrap();
    session.mark(&items(&[1, 2]), Mark::Bookmark, true).unwrap();
    session.note(2, "op het strand").unwrap();
    assert_eq!(numbers_of(&session, &ViewQuery { text: "STRAND".to_owned(), ..shelf(Shelves::Shown) }), [2]);
    drop(session);
    let session = desk.session("anna", &[]);
    let state = session.undo_state().unwrap();
    assert_eq!((state.undo.unwrap().what.as_str(), state.redo), ("noted", None));
    let what: Vec<(String, u32)> =
        std::iter::from_fn(|| session.undo().unwrap()).map(|label| (label.what, label.items)).collect();
    assert_eq!(what, [("noted".to_owned(), 1), ("bookmarked".to_owned(), 2), ("decided".to_owned(), 1)]);
    assert_eq!(numbers_of(&session, &shelf(Shelves::Undecided)), [1, 2, 3]);
    assert_eq!(numbers_of(&session, &shelf(Shelves::Bookmarked)), [0; 0]);
    drop(session);
    let session = desk.session("anna", &[]);
    assert_eq!(session.redo().unwrap().unwrap().category.as_deref(), Some("1"));
    assert_eq!(session.item(1).unwrap().category.as_deref(), Some("1"));
    check_strip(&session);
}

#[test]
fn a_hidden_item_is_not_decided_along_with_others() {
    let desk = Desk::new();
    let session = desk.session("anna", &mixed());
    let about = |target: &Target| session.decide_preview(target, Some("1")).unwrap().sample;
    assert_eq!(about(&items(&[1, 4, 6])), [1, 6]);
    assert_eq!(about(&items(&[4, 5])), [4, 5]);
    let whole = |shelves| {
        let view = session.view_open(&shelf(shelves), None).unwrap().view;
        about(&Target::Whole { view, except: vec![5] })
    };
    assert_eq!(whole(Shelves::Hidden), [4]);
    session.mark(&items(&[4]), Mark::Bookmark, true).unwrap();
    session.mark(&items(&[1]), Mark::Bookmark, true).unwrap();
    assert_eq!(whole(Shelves::Bookmarked), [1]);
    assert_eq!(session.decide_preview(&items(&[99]), None).unwrap_err().code, Code::NotFound);
    assert_eq!(session.decide(&items(&[1]), Some("99"), Others::Keep, None).unwrap_err().code, Code::BadInput);
}

#[track_caller]
fn check_safe(text: &str) {
    assert!(!text.chars().any(domain::is_unsafe_to_show), "{text:?}");
}

#[test]
fn a_poisoned_name_stays_escaped_wherever_it_is_told() {
    let desk = Desk::new();
    let paths = ["new", "hidden", "broken", "unread"].map(|folder| format!("{folder}\u{202e}/{POISON}"));
    let records = [(paths[0].as_str(), alike(1)), (&paths[1], known(2)), (&paths[2], broken(3)), (&paths[3], unread())];
    let session = desk.session("anna", &records);
    session.note(1, "een\u{202e}notitie").unwrap();
    let detail = session.item(1).unwrap();
    assert!(detail.places[0].path.contains("\\u{202e}") && detail.places[0].label == "A01");
    check_safe(&detail.places[0].path);
    check_safe(detail.camera_model.as_deref().unwrap());
    check_safe(detail.looks_like[0].series.as_deref().unwrap());
    detail.story.iter().flat_map(|step| step.what.with.values()).for_each(|text| check_safe(text));
    for line in session.refused_list(0, 10).unwrap().lines {
        check_safe(&line.place);
    }
    let view = session.view_open(&shelf(Shelves::Hidden), None).unwrap().view;
    check_safe(&session.hidden_lines(view, 0, 10).unwrap()[0].place);
    for group in session.facets(&shelf(Shelves::Shown)).unwrap().groups {
        group.values.iter().filter_map(|value| value.label.as_deref()).for_each(check_safe);
    }
    session.numbers().unwrap().sources.iter().for_each(|source| check_safe(&source.path));
}

#[test]
fn lists_of_text_tell_why() {
    let desk = Desk::new();
    let session = desk.session("anna", &mixed());
    let list = session.refused_list(0, 10).unwrap();
    assert_eq!(list.total, 2);
    let told: Vec<_> = list.lines.iter().map(|line| (line.number, line.why.code, line.place.as_str())).collect();
    assert_eq!(told, [(Some(6), SentenceCode::Undecodable, "x/6.jpg"), (None, SentenceCode::Unreadable, "x/7.jpg")]);
    assert_eq!(session.refused_list(1, 1).unwrap().lines[0].number, None);
    let view = session.view_open(&shelf(Shelves::Hidden), None).unwrap().view;
    let lines = session.hidden_lines(view, 1, 5).unwrap();
    assert_eq!((lines.len(), lines[0].index, lines[0].number, lines[0].entry.as_str()), (1, 1, 5, "5"));
    assert_eq!((lines[0].category.as_deref(), lines[0].digest.as_str()), (Some("1"), "sha256"));
    assert_eq!(lines[0].why.with["agreement"], "confirmed");
    assert!(session.view_tiles(view, 0, 5).unwrap().iter().all(|tile| !tile.has_picture));
}

#[test]
fn an_item_tells_its_story() {
    let desk = Desk::new();
    let session = desk.session("anna", &mixed());
    session.decide(&items(&[3]), Some("2"), Others::Keep, None).unwrap();
    session.undo().unwrap();
    session.mark(&items(&[3]), Mark::Handover, true).unwrap();
    session.note(3, "kijk").unwrap();
    session.seen(3, false).unwrap();
    let detail = session.item(3).unwrap();
    let codes: Vec<SentenceCode> = detail.story.iter().map(|step| step.what.code).collect();
    use SentenceCode::{StoryDecided, StoryFound, StoryMarked, StoryNoted, StoryUndone};
    assert_eq!(codes, [StoryNoted, StoryMarked, StoryUndone, StoryDecided, StoryFound]);
    assert_eq!(detail.story[2].what.with["category"], "2");
    assert_eq!(detail.taken.as_deref(), Some("2025-03-14 16:02:11 +01:00"));
    assert_eq!((detail.seen, detail.notes[0].text.as_str(), detail.why[0].code), (1, "kijk", SentenceCode::New));
    assert_eq!(session.item_number(&detail.sha256).unwrap(), Some(3));
    assert_eq!(session.item_number(&digest_of(99).to_string()).unwrap(), None);
    assert!(session.item_number("x").is_err() && session.item(99).is_err());
    let day = session.day().unwrap();
    assert_eq!((day.seen, day.decided, day.marked, day.hidden, day.left), (1, 0, 1, 2, 3));
}

#[test]
fn a_hidden_item_is_shown_again_and_undo_hides_it() {
    let desk = Desk::new();
    let session = desk.session("anna", &mixed());
    let (stop, now) = (AtomicBool::new(false), || UtcTime(START));
    let setting =
        Setting { decoder: PathBuf::new(), threads: 1, now: &now, stop: &stop, pause: None, progress: &|_| () };
    session.show_again(4, "another picture", &setting).unwrap();
    assert_eq!(numbers_of(&session, &shelf(Shelves::Returned)), [4]);
    let detail = session.item(4).unwrap();
    assert_eq!(detail.why[0].code, SentenceCode::ReturnedVetoed);
    assert!(detail.story.iter().any(|step| step.what.code == SentenceCode::StoryVetoed));
    check_strip(&session);
    let shown = ViewQuery { order: Order::Review, ..shelf(Shelves::Shown) };
    let view = session.view_open(&shown, Some(4)).unwrap();
    assert_eq!((session.view_numbers(view.view, 0, 10).unwrap(), view.anchor), (vec![4, 3, 1, 2], Some(0)));
    assert_eq!(session.undo().unwrap().unwrap().what, "vetoed");
    assert_eq!(numbers_of(&session, &shelf(Shelves::Hidden)), [4, 5]);
    // The view is as it was, without a picture of what is hidden; once more, it comes to what stood beside it.
    let tile = &session.view_tiles(view.view, 0, 1).unwrap()[0];
    assert_eq!((tile.number, tile.state, tile.has_picture), (4, TileState::Hidden, false));
    assert_eq!(session.view_refresh(view.view, Some(4)).unwrap().anchor, Some(0));
    let told = |number| session.item(number).unwrap().story.into_iter().map(|step| step.what);
    let judged: Vec<_> = told(4).filter(|what| what.code == SentenceCode::StoryJudged).map(|what| what.with).collect();
    assert_eq!((judged[0]["before"].as_str(), judged[0]["after"].as_str()), ("returned", "hidden"));
    assert!(session.show_again(1, "it is shown", &setting).is_err());
    check_strip(&session);
}

#[test]
fn an_item_that_two_entries_hide_is_shown_again_in_one_step() {
    let desk = Desk::new();
    let RecordContent::Item(mut twice) = known(4) else { unreachable!() };
    let second = Hit { entry: EntryId(40), kind: DigestKind::Md5, ..twice.hits[0].clone() };
    twice.hits.push(second);
    let session = desk.session("anna", &[("k/4.jpg", RecordContent::Item(twice)), ("k/5.jpg", known(5))]);
    let (stop, now) = (AtomicBool::new(false), || UtcTime(START));
    let setting =
        Setting { decoder: PathBuf::new(), threads: 1, now: &now, stop: &stop, pause: None, progress: &|_| () };
    session.show_again(1, "another picture", &setting).unwrap();
    assert_eq!(numbers_of(&session, &shelf(Shelves::Returned)), [1]);
    assert_eq!(session.undo_state().unwrap().undo.unwrap().what, "vetoed");
    session.undo().unwrap();
    assert_eq!(numbers_of(&session, &shelf(Shelves::Hidden)), [1, 2]);
    assert!(session.undo_state().unwrap().undo.is_none(), "it was one step");
    session.redo().unwrap();
    assert_eq!(numbers_of(&session, &shelf(Shelves::Returned)), [1]);
    check_strip(&session);
}

#[test]
fn views_that_a_person_keeps_are_her_own() {
    let desk = Desk::new();
    let anna = desk.session("anna", &mixed());
    let pick = FacetPick { facet: Facet::Mark, values: vec!["near".to_owned()] };
    let query = ViewQuery { picks: vec![pick], ..shelf(Shelves::Shown) };
    let view = |name: &str| SavedView { name: name.to_owned(), query: query.clone() };
    anna.saved_view_put(view(" lijkt ")).unwrap();
    anna.saved_view_put(view("Anders")).unwrap();
    anna.saved_view_put(view("lijkt")).unwrap();
    let names = |session: &Session| -> Vec<String> {
        session.saved_views().unwrap().into_iter().map(|view| view.name).collect()
    };
    assert_eq!(names(&anna), ["Anders", "lijkt"]);
    assert!(anna.saved_view_put(view("  ")).is_err());
    anna.saved_view_remove("Anders").unwrap();
    assert_eq!(numbers_of(&anna, &anna.saved_views().unwrap()[0].query), [3]);
    drop(anna);
    assert_eq!(names(&desk.session("bob", &[])), [""; 0]);
    assert_eq!(names(&desk.session("anna", &[])), ["lijkt"]);
}

#[test]
fn what_of_a_text_is_not_understood_is_told() {
    let desk = Desk::new();
    let session = desk.session("anna", &mixed());
    let head = session.view_open(&ViewQuery { text: "a/ size>".to_owned(), ..shelf(Shelves::Shown) }, None).unwrap();
    assert_eq!((head.total, head.text_problem.as_deref()), (2, Some("size>")));
    let source = ViewQuery { text: "source:A01 -type:png".to_owned(), ..shelf(Shelves::Shown) };
    assert_eq!(numbers_of(&session, &source), [1, 2, 3]);
}

/// After any steps, the table that followed the case says what one read anew says.
#[test]
fn a_table_that_followed_is_one_read_anew() {
    for seed in 1..=8_u64 {
        let mut random = seed;
        let desk = Desk::new();
        let session = desk.session("anna", &mixed());
        let mut recorded = 10;
        for _ in 0..30 {
            let mut below = |end: u64| split_mix(&mut random) % end;
            let some: Vec<u32> = (1..=6).filter(|_| below(2) == 0).collect();
            let category = ["1", "2", "3"][below(3) as usize];
            match below(8) {
                0..=2 => drop(session.decide(&items(&some), Some(category), Others::Keep, None).unwrap()),
                3 => {
                    let mark = [Mark::Bookmark, Mark::Handover, Mark::NotAlike, Mark::OutOfStack][below(4) as usize];
                    session.mark(&items(&some), mark, below(3) > 0).unwrap();
                }
                4 => session.note(1 + below(6) as u32, ["", "strand"][below(2) as usize]).unwrap(),
                5 => drop(session.undo().unwrap()),
                6 => drop(session.redo().unwrap()),
                _ => {
                    recorded += 1;
                    let path = format!("n/{recorded}.jpg");
                    let content = [fresh(recorded), known(recorded), broken(recorded), unread()];
                    record(session.case(), desk.now(), &[(path.as_str(), content[below(4) as usize].clone())]);
                    let members: Vec<Sha256> = [1, 2, 3].into_iter().map(digest_of).filter(|_| below(2) == 0).collect();
                    if members.len() > 1 {
                        let mut sorted = members.clone();
                        sorted.sort();
                        let stack = Stack { representative: members[0], members: sorted };
                        session.case().put_stacks(&[stack], desk.now()).unwrap();
                    }
                    session.follow().unwrap();
                }
            }
            check_strip(&session);
        }
        let anew = desk.session_of(session.case().clone());
        for shelves in [Shelves::Shown, Shelves::Hidden, Shelves::Refused, Shelves::Disagreed, Shelves::Bookmarked] {
            let query = ViewQuery { stacked: true, order: Order::Likeness, ..shelf(shelves) };
            assert_eq!(tiles_of(&session, &query), tiles_of(&anew, &query), "seed {seed}");
            assert_eq!(session.facets(&query).unwrap().shelves, anew.facets(&query).unwrap().shelves, "seed {seed}");
        }
        assert_eq!(session.strip().unwrap(), anew.strip().unwrap(), "seed {seed}");
    }
}
