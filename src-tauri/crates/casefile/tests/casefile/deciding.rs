//! Decisions, undo and redo, one user beside another.

use casefile::*;
use domain::*;

use crate::support::*;

fn code(code: &str) -> Option<CategoryCode> {
    Some(CategoryCode(code.to_owned()))
}

#[test]
fn a_decision_shows_what_was_hidden_and_clearing_hides_it_again() {
    let dir = tempfile::tempdir().unwrap();
    let case = create(dir.path());
    one_of_each(&case);
    let [ten, forty] = [10, 40].map(|number| digests(number).sha256);
    let operation = case.decide(&[ten, forty, ten], code("2"), Some("by hand"), at(9)).unwrap();
    let row = case.item(&ten).unwrap().unwrap();
    assert_eq!(row.visibility, Visibility::Shown { why: ShowReason::Decided });
    let decision = Decision {
        category: CategoryCode("2".to_owned()),
        by: user("Anna"),
        at: at(9),
        operation,
        note: Some("by hand".to_owned()),
    };
    assert_eq!(row.decision, Some(decision));
    let counts = case.counts().unwrap();
    assert_eq!((counts.shown, counts.hidden, counts.refused, counts.classified), (5, 2, 1, 2));
    assert_eq!(counts.by_set["national"], 1);
    assert_eq!(list(&case, ListFilter::Shown).len(), 5);
    assert_eq!(list(&case, ListFilter::Hidden).len(), 2);
    case.decide(&[ten], None, None, at(10)).unwrap();
    assert_eq!(case.item(&ten).unwrap().unwrap().visibility, known(10));
    check_sound(&case);
}

#[test]
fn a_wrong_code_and_an_unknown_item_decide_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let case = create(dir.path());
    one_of_each(&case);
    let head = case.head().unwrap();
    let wrong = case.decide(&[digests(1).sha256], code("9"), None, at(9));
    assert!(matches!(wrong, Err(CasefileError::NoSuchCategory { .. })));
    let unknown = case.decide(&[digests(1).sha256, digests(99).sha256], code("1"), None, at(9));
    assert!(matches!(unknown, Err(CasefileError::NoSuchItem { .. })));
    assert_eq!(case.head().unwrap(), head);
}

#[test]
fn undo_and_redo_go_back_and_forth_over_openings() {
    let dir = tempfile::tempdir().unwrap();
    let case = create(dir.path());
    one_of_each(&case);
    let item = digests(1).sha256;
    for category in ["1", "2", "3"] {
        case.decide(&[item], code(category), None, at(9)).unwrap();
    }
    let category = |case: &CaseFile| case.item(&item).unwrap().unwrap().decision.map(|decision| decision.category.0);
    let mut case = case;
    let reopen = |old: CaseFile| {
        drop(old);
        open(dir.path(), "Anna").unwrap()
    };
    for expected in [Some("2"), Some("1"), None] {
        case = reopen(case);
        let undone = case.undo(&AS_BEFORE, at(10)).unwrap().unwrap();
        assert_eq!((undone.items, category(&case).as_deref()), (1, expected));
    }
    assert_eq!(case.undo(&AS_BEFORE, at(11)).unwrap(), None);
    for expected in ["1", "2", "3"] {
        case = reopen(case);
        let redone = case.redo(&AS_BEFORE, at(12)).unwrap().unwrap();
        assert_eq!(redone.what, format!("category {expected} for 1 item"));
        assert_eq!(category(&case).as_deref(), Some(expected));
    }
    assert_eq!(case.redo(&AS_BEFORE, at(13)).unwrap(), None);
    case.undo(&AS_BEFORE, at(14)).unwrap().unwrap();
    case.decide(&[item], code("1"), None, at(15)).unwrap();
    assert_eq!(case.redo(&AS_BEFORE, at(16)).unwrap(), None, "a new decision empties what could be redone");
    check_sound(&case);
}

#[test]
fn an_undo_leaves_alone_what_somebody_else_decided_since() {
    let dir = tempfile::tempdir().unwrap();
    let case = create(dir.path());
    one_of_each(&case);
    add_user(&case, "Bob", UserRole::Investigator);
    let [one, two] = [1, 2].map(|number| digests(number).sha256);
    case.decide(&[one, two], code("1"), None, at(9)).unwrap();
    drop(case);
    let bob = open(dir.path(), "Bob").unwrap();
    assert_eq!(bob.undo(&AS_BEFORE, at(10)).unwrap(), None, "Bob has nothing of his own to undo");
    bob.decide(&[one], code("2"), None, at(10)).unwrap();
    drop(bob);
    let anna = open(dir.path(), "Anna").unwrap();
    assert_eq!(anna.undo(&AS_BEFORE, at(11)).unwrap().unwrap().items, 1);
    let decided = |case: &CaseFile, item| case.item(item).unwrap().unwrap().decision.map(|decision| decision.by);
    assert_eq!((decided(&anna, &one), decided(&anna, &two)), (Some(user("Bob")), None));
    drop(anna);
    let bob = open(dir.path(), "Bob").unwrap();
    bob.undo(&AS_BEFORE, at(12)).unwrap().unwrap();
    assert_eq!(decided(&bob, &one), Some(user("Anna")), "what stood before Bob stands again");
    check_sound(&bob);
}
