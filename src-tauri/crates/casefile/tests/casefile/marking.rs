//! Marks, notes, numbers of items, and what is a person's own.

use casefile::*;
use domain::*;

use crate::support::*;

fn case() -> (tempfile::TempDir, CaseFile) {
    let dir = tempfile::tempdir().unwrap();
    let case = create(dir.path());
    one_of_each(&case);
    (dir, case)
}

fn kinds(case: &CaseFile) -> Vec<OperationKind> {
    ledger(case).into_iter().map(|row| row.kind).collect()
}

#[test]
fn marks_are_operations_that_tell_what_they_did() {
    let (_dir, case) = case();
    let operation = case.mark(&[2, 1, 2], MarkKind::Bookmark, true, at(9)).unwrap().unwrap();
    assert_eq!(case.mark(&[1], MarkKind::Bookmark, true, at(10)).unwrap(), None, "it has it already");
    assert_eq!(case.mark(&[1], MarkKind::Handover, false, at(10)).unwrap(), None, "it does not have it");
    assert_eq!(case.mark(&[], MarkKind::Handover, true, at(10)).unwrap(), None);
    let row = ledger(&case).pop().unwrap();
    assert_eq!((row.kind, row.seq, row.who), (OperationKind::Marked, operation.0, user("Anna")));
    assert_eq!(row.detail["what"], serde_json::json!({ "mark": "bookmark", "on": true }));
    assert_eq!((row.detail["items"].as_u64(), row.detail["changes"].as_array().map(Vec::len)), (Some(2), Some(2)));
    assert_eq!(case.touched(operation).unwrap(), [1, 2]);
    let undone = case.undo(&AS_BEFORE, at(11)).unwrap().unwrap();
    assert_eq!((undone.items, undone.what.as_str()), (2, "bookmark for 2 items"));
    assert_eq!((undone.step.operation, undone.step.kind, undone.step.at), (operation, StepKind::Bookmarked, at(9)));
    let story = case.story_of(1).unwrap().unwrap();
    let marks: Vec<_> = story.marks.iter().map(|change| (change.kind, change.mark, change.on)).collect();
    use MarkKind::Bookmark;
    assert_eq!(marks, [(OperationKind::Marked, Bookmark, true), (OperationKind::Undone, Bookmark, false)]);
    check_sound(&case);
}

#[test]
fn the_newest_note_holds_and_all_are_kept() {
    let (_dir, case) = case();
    case.write_note(2, "a garden", at(9)).unwrap().unwrap();
    assert_eq!(case.write_note(2, "a garden", at(9)).unwrap(), None);
    case.write_note(2, "a fence", at(10)).unwrap().unwrap();
    case.undo(&AS_BEFORE, at(11)).unwrap().unwrap();
    case.write_note(2, "", at(12)).unwrap().unwrap();
    assert_eq!(case.write_note(2, "", at(12)).unwrap(), None);
    let notes: Vec<_> = case.story_of(2).unwrap().unwrap().notes;
    let told: Vec<_> = notes.iter().map(|note| (note.at, note.text.as_str())).collect();
    assert_eq!(told, [(at(9), "a garden"), (at(10), "a fence"), (at(11), "a garden"), (at(12), "")]);
    assert!(ledger(&case).iter().all(|row| !row.detail.to_string().contains("garden")), "the text stands in one place");
    let long = "é".repeat(NOTE_CHARS_MAX);
    case.write_note(2, &long, at(13)).unwrap().unwrap();
    let refused = case.write_note(2, &format!("{long}!"), at(14));
    assert!(matches!(refused, Err(CasefileError::Limit { max: NOTE_CHARS_MAX, .. })));
    check_sound(&case);
}

#[test]
fn what_somebody_else_marked_since_is_left_alone() {
    let (dir, case) = case();
    add_user(&case, "Bob", UserRole::Investigator);
    case.mark(&[1, 2], MarkKind::Handover, true, at(9)).unwrap();
    drop(case);
    let bob = open(dir.path(), "Bob").unwrap();
    bob.mark(&[1], MarkKind::Handover, false, at(10)).unwrap();
    bob.mark(&[1], MarkKind::Handover, true, at(11)).unwrap();
    drop(bob);
    let anna = open(dir.path(), "Anna").unwrap();
    assert_eq!(anna.undo(&AS_BEFORE, at(12)).unwrap().unwrap().items, 1);
    let marks = |item| anna.story_of(item).unwrap().unwrap().marks.last().unwrap().on;
    assert_eq!((marks(1), marks(2)), (true, false), "Bob's own mark stays");
    check_sound(&anna);
}

#[test]
fn numbers_name_items_and_an_unknown_one_changes_nothing() {
    let (_dir, case) = case();
    let one = digests(1).sha256;
    assert_eq!((case.number_of(&one).unwrap(), case.sha256_of(1).unwrap()), (Some(1), Some(one)));
    assert_eq!((case.number_of(&digests(99).sha256).unwrap(), case.sha256_of(8).unwrap()), (None, None));
    assert_eq!(case.story_of(8).unwrap(), None);
    let story = case.story_of(3).unwrap().unwrap();
    assert_eq!((story.number, story.item.sha256), (3, Some(digests(10).sha256)));
    assert_eq!(case.rules_of(&[3, 8, 1]).unwrap(), [(3, known(10)), (1, NEW)]);
    let head = case.head().unwrap();
    let code = Some(CategoryCode("1".into()));
    for item in [0, 8, u32::MAX] {
        let unknown = |error: Option<CasefileError>| matches!(error, Some(CasefileError::NoSuchNumber { item: it }) if it == item);
        assert!(unknown(case.decide_numbers(&[1, item], code.clone(), None, at(9)).err()));
        assert!(unknown(case.mark(&[1, item], MarkKind::Bookmark, true, at(9)).err()));
        assert!(unknown(case.write_note(item, "text", at(9)).err()));
        assert!(unknown(case.seen_add(item, false, at(9)).err()));
    }
    assert_eq!(case.head().unwrap(), head);
    case.decide_numbers(&[3, 1, 3], code, Some("by hand"), at(9)).unwrap();
    let decision = case.item(&digests(10).sha256).unwrap().unwrap().decision.unwrap();
    assert_eq!((decision.category.0.as_str(), decision.note.as_deref()), ("1", Some("by hand")));
    check_sound(&case);
}

#[test]
fn a_hidden_item_has_no_thumbnail_until_a_person_decides() {
    let (_dir, case) = case();
    assert!(case.thumbnail_of(1).unwrap().is_some());
    assert_eq!(case.thumbnail_of(3).unwrap(), None, "hidden, and never decoded");
    let change =
        Rejudged { sha256: digests(1).sha256, visibility: known(1), hits: hidden(1).hits, near: None, decoded: None };
    case.decide_numbers(&[1], Some(CategoryCode("1".into())), None, at(9)).unwrap();
    case.rejudge(&[change], at(10)).unwrap();
    assert!(case.thumbnail_of(1).unwrap().is_some(), "a person's decision outranks the rule");
    case.undo(&AS_BEFORE, at(11)).unwrap().unwrap();
    assert_eq!(case.thumbnail_of(1).unwrap(), None);
    check_sound(&case);
}

#[test]
fn what_is_a_persons_own_is_given_to_nobody_else() {
    let (dir, anna) = case();
    add_user(&anna, "Bob", UserRole::Auditor);
    let before = kinds(&anna);
    anna.put_personal("views", Some("mine"), at(9)).unwrap();
    anna.put_personal("views", Some("mine again"), at(10)).unwrap();
    anna.seen_add(2, false, at(10)).unwrap();
    let looks = [Look { item: 2, part: true, at: at(11) }, Look { item: 5, part: false, at: at(20) }];
    anna.seen_add_all(&looks).unwrap();
    anna.break_add(at(12)).unwrap();
    assert_eq!(kinds(&anna), before, "the ledger says nothing of it");
    drop(anna);
    let bob = open(dir.path(), "Bob").unwrap();
    assert_eq!(bob.personal("views").unwrap(), None);
    assert_eq!((bob.seen_counts().unwrap(), bob.seen_since(at(0)).unwrap()), (vec![], (0, 0)));
    assert_eq!((bob.seen_of(2).unwrap(), bob.breaks_since(at(0)).unwrap()), (0, 0));
    bob.put_personal("views", Some("an auditor's"), at(13)).unwrap();
    drop(bob);
    let anna = open(dir.path(), "Anna").unwrap();
    assert_eq!(anna.personal("views").unwrap().as_deref(), Some("mine again"));
    assert_eq!(anna.seen_counts().unwrap(), [(2, 2), (5, 1)]);
    assert_eq!((anna.seen_of(2).unwrap(), anna.seen_since(at(11)).unwrap()), (2, (2, 1)));
    assert_eq!((anna.breaks_since(at(12)).unwrap(), anna.breaks_since(at(13)).unwrap()), (1, 0));
    anna.put_personal("views", None, at(14)).unwrap();
    assert_eq!(anna.personal("views").unwrap(), None);
    check_sound(&anna);
}

#[test]
fn a_name_that_is_given_again_inherits_nothing() {
    let (dir, anna) = case();
    add_user(&anna, "Bob", UserRole::Investigator);
    drop(anna);
    let bob = open(dir.path(), "Bob").unwrap();
    bob.put_personal("views", Some("the first Bob's"), at(9)).unwrap();
    drop(bob);
    let anna = open(dir.path(), "Anna").unwrap();
    anna.remove_user(&user("Bob"), at(10)).unwrap();
    add_user(&anna, "Bob", UserRole::Investigator);
    drop(anna);
    assert_eq!(open(dir.path(), "Bob").unwrap().personal("views").unwrap(), None);
}

#[test]
fn what_is_kept_for_a_person_has_limits() {
    let (dir, case) = case();
    let limit = |result: Result<()>| matches!(result, Err(CasefileError::Limit { .. }));
    assert!(limit(case.put_personal(&"k".repeat(PERSONAL_KEY_BYTES_MAX + 1), Some(""), at(9))));
    assert!(limit(case.put_personal("k", Some(&"v".repeat(PERSONAL_VALUE_BYTES_MAX + 1)), at(9))));
    assert!(limit(case.seen_add_all(&vec![Look { item: 1, part: false, at: at(9) }; LOOKS_MAX + 1])));
    drop(case);
    let reading = open_reading(dir.path(), "Anna").unwrap();
    assert!(matches!(reading.put_personal("k", Some("v"), at(9)), Err(CasefileError::ReadingOnly)));
    assert_eq!(reading.personal("k").unwrap(), None);
}

#[test]
fn an_auditor_marks_and_notes_nothing() {
    let (dir, case) = case();
    add_user(&case, "Bob", UserRole::Auditor);
    drop(case);
    let bob = open(dir.path(), "Bob").unwrap();
    assert!(matches!(bob.mark(&[1], MarkKind::Bookmark, true, at(9)), Err(CasefileError::NotAllowed { .. })));
    assert!(matches!(bob.write_note(1, "text", at(9)), Err(CasefileError::NotAllowed { .. })));
}

#[test]
fn figures_count_what_was_done_and_not_taken_back() {
    let (dir, case) = case();
    add_user(&case, "Bob", UserRole::Investigator);
    let code = |code: &str| Some(CategoryCode(code.to_owned()));
    let hour = |hours: i64| at(3600 * hours);
    case.decide_numbers(&[1, 2], code("1"), None, hour(1)).unwrap();
    case.decide_numbers(&[3], code("2"), None, hour(2)).unwrap();
    case.undo(&AS_BEFORE, hour(2)).unwrap();
    case.mark(&[1, 2], MarkKind::Bookmark, true, hour(2)).unwrap();
    case.mark(&[2], MarkKind::Handover, true, hour(2)).unwrap();
    case.mark(&[1], MarkKind::Bookmark, false, hour(2)).unwrap();
    drop(case);
    let bob = open(dir.path(), "Bob").unwrap();
    bob.decide_numbers(&[2, 4], code("3"), None, hour(3)).unwrap();
    assert_eq!(bob.decided_since(at(0)).unwrap(), [(CategoryCode("3".into()), 2)]);
    assert_eq!(bob.marked_since(at(0)).unwrap(), 0);
    drop(bob);
    let anna = open(dir.path(), "Anna").unwrap();
    let figures = anna.decisions_by_hour(at(0)).unwrap();
    let told: Vec<_> = figures.iter().map(|it| (it.category.0.as_str(), it.own, it.items)).collect();
    assert_eq!(told, [("1", true, 2), ("3", false, 2)]);
    assert!(figures.iter().all(|it| it.hour.0 % 3_600_000_000 == 0 && it.hour <= hour(3) && it.hour.0 > at(0).0));
    assert_eq!(anna.decisions_by_hour(hour(2)).unwrap().len(), 1);
    assert_eq!(anna.decided_since(at(0)).unwrap(), [(CategoryCode("1".into()), 1)], "item 2 is Bob's now");
    assert_eq!((anna.marked_since(at(0)).unwrap(), anna.marked_since(hour(3)).unwrap()), (1, 0));
}
