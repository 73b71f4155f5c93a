//! What leaves a case and what is stated of it, as the window asks for both.

use casefile::{ExportRequest, ExportWhat, RecordContent};

use super::*;
use crate::court;
use crate::exports::export_sample;
use crate::view::leads::ExportSample;

fn stated(session: &Session, desk: &Desk) -> Vec<(String, Option<u32>, Option<String>)> {
    let lines = court::qualification(session.case(), desk.now()).unwrap();
    lines.into_iter().map(|line| (line.act, line.items, line.by)).collect()
}

fn line(act: &str, items: Option<u32>, by: Option<&str>) -> (String, Option<u32>, Option<String>) {
    (act.to_owned(), items, by.map(str::to_owned))
}

#[test]
fn what_is_stated_is_told_with_who_stated_it_and_taken_back() {
    let desk = Desk::new();
    let session = desk.session("anna", &[("a.jpg", fresh(1))]);
    let nothing = ["possession", "distribution", "production", "abuse"].map(|act| line(act, None, None));
    assert_eq!(stated(&session, &desk), nothing);
    session.qualification_state(&[("production".to_owned(), Some(0)), ("possession".to_owned(), Some(7))]).unwrap();
    let both = [
        line("possession", Some(7), Some("anna")),
        line("distribution", None, None),
        line("production", Some(0), Some("anna")),
        line("abuse", None, None),
    ];
    assert_eq!(stated(&session, &desk), both);
    assert_eq!(session.undo_state().unwrap().undo.unwrap().what, "qualification-stated");
    session.qualification_state(&[("production".to_owned(), None)]).unwrap();
    assert_eq!(stated(&session, &desk)[2], line("production", None, Some("anna")), "who took it away is told");
    session.undo().unwrap();
    assert_eq!(stated(&session, &desk), both);
    session.undo().unwrap();
    assert_eq!(stated(&session, &desk), nothing);
    let refused = session.qualification_state(&[("theft".to_owned(), Some(1))]).unwrap_err();
    assert_eq!(refused.code, Code::BadInput);
}

#[test]
fn a_statement_of_an_earlier_version_goes_into_the_ledger_once() {
    let desk = Desk::new();
    let case = desk.case("bob");
    let old = r#"{"counts":[["possession",120],["abuse",4],["theft",1]],"at":"2026-01-01T00:00:00.000000Z"}"#;
    case.put_personal("court.qualification", Some(old), desk.now()).unwrap();
    drop(case);
    let anna = desk.session("anna", &[]);
    anna.qualification_state(&[("abuse".to_owned(), Some(5))]).unwrap();
    drop(anna);
    let bob = desk.session("bob", &[]);
    let told = stated(&bob, &desk);
    assert_eq!(told[0], line("possession", Some(120), Some("bob")));
    assert_eq!(told[3], line("abuse", Some(5), Some("anna")), "what was stated since stays");
    let head = bob.case().head().unwrap();
    assert_eq!(stated(&bob, &desk), told);
    assert_eq!(bob.case().head().unwrap(), head, "once");
}

#[test]
fn every_scheme_that_is_shipped_has_dutch_words_in_the_report() {
    let words = include_str!("../../../../dispatch/report/words.nl.json");
    let words: serde_json::Value = serde_json::from_str(words).unwrap();
    let schemes = Schemes::shipped();
    for id in schemes.ids() {
        let scheme = schemes.scheme(id).unwrap();
        assert!(words["scheme_statuses"].get(scheme.status.to_string()).is_some(), "{id:?}");
        assert!(scheme.title_nl.as_ref().is_some_and(|dutch| *dutch != scheme.title), "{id:?}");
    }
}

fn sample(session: &Session, desk: &Desk, request: u32) -> ExportSample {
    let stop = AtomicBool::new(false);
    let now = || desk.now();
    let setting =
        Setting { decoder: PathBuf::new(), threads: 1, now: &now, stop: &stop, pause: None, progress: &|_| {} };
    export_sample(session.case(), request, &setting).unwrap()
}

#[test]
fn a_sample_is_the_same_for_everybody_and_has_nothing_that_a_set_hides() {
    let desk = Desk::new();
    let mut records: Vec<(String, RecordContent)> =
        (1..=30).map(|number| (format!("new/{number}.jpg"), fresh(number))).collect();
    records.extend((31..=40).map(|number| (format!("known/{number}.jpg"), known(number))));
    let records: Vec<(&str, RecordContent)> =
        records.iter().map(|(path, content)| (path.as_str(), content.clone())).collect();
    let session = desk.session("anna", &records);
    session.seen(1, false).unwrap();
    let asked = |what| {
        let recipients = vec![("Custodian".to_owned(), "age1".to_owned())];
        let request = ExportRequest { what, recipients, media: false, reason: "why".to_owned() };
        session.case().export_request(&request, desk.now()).unwrap()
    };
    let all = asked(ExportWhat::All);
    let drawn = sample(&session, &desk, all);
    assert_eq!((drawn.leaves, drawn.items.len()), (40, 20));
    assert!(drawn.items.iter().all(|item| item.number <= 30 && item.has_picture), "{drawn:?}");
    assert!(drawn.items.iter().all(|item| !item.looked), "what was seen before it was asked for is no look at it");
    let other = asked(ExportWhat::All);
    let numbers = |sample: &ExportSample| sample.items.iter().map(|item| item.number).collect::<Vec<_>>();
    assert_ne!(numbers(&sample(&session, &desk, other)), numbers(&drawn), "another request, another sample");
    // A look counts from then on, for whoever looked alone; nothing that is done in the case changes what was drawn.
    let chosen = drawn.items[3].number;
    session.seen(chosen, true).unwrap();
    session.decide(&items(&[chosen]), Some("1"), Others::Keep, None).unwrap();
    let after = sample(&session, &desk, all);
    assert_eq!(numbers(&after), numbers(&drawn));
    let looked: Vec<u32> = after.items.iter().filter(|item| item.looked).map(|item| item.number).collect();
    assert_eq!(looked, [chosen]);
    assert_eq!(after.items[3].category.as_deref(), Some("1"));
    let tiles = session.tiles_of(&numbers(&after));
    assert_eq!(tiles.iter().map(|tile| tile.number).collect::<Vec<_>>(), numbers(&after));
    drop(session);
    let bob = desk.session("bob", &[]);
    let his = sample(&bob, &desk, all);
    assert_eq!(numbers(&his), numbers(&drawn));
    assert!(his.items.iter().all(|item| !item.looked));
}

#[test]
fn a_sample_of_what_is_classified_has_all_where_few_are() {
    let desk = Desk::new();
    let session = desk.session("anna", &[("a.jpg", fresh(1)), ("b.jpg", fresh(2)), ("c.mp4", broken(3))]);
    session.decide(&items(&[1, 3]), Some("1"), Others::Keep, None).unwrap();
    let recipients = vec![("Custodian".to_owned(), "age1".to_owned())];
    let what = ExportWhat::Classified;
    let request = ExportRequest { what, recipients, media: false, reason: "why".to_owned() };
    let request = session.case().export_request(&request, desk.now()).unwrap();
    let drawn = sample(&session, &desk, request);
    assert_eq!(drawn.leaves, 2);
    let mut told: Vec<(u32, bool)> = drawn.items.iter().map(|item| (item.number, item.has_picture)).collect();
    told.sort_unstable();
    assert_eq!(told, [(1, true), (3, false)], "one of them has no picture to look at");
}
