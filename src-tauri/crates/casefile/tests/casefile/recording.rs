//! What goes in comes out: items, places, counts, lists, stories, stacks, and derived state that is lost.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use casefile::*;
use domain::*;

use crate::support::*;

fn case() -> (tempfile::TempDir, CaseFile, SourceId) {
    let dir = tempfile::tempdir().unwrap();
    let case = create(dir.path());
    let source = one_of_each(&case);
    (dir, case, source)
}

#[test]
fn the_counts_add_up() {
    let (_dir, case, _) = case();
    let counts = case.counts().unwrap();
    let map = |pairs: &[(&str, u64)]| -> BTreeMap<String, u64> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), *value)).collect()
    };
    let expected = Counts {
        occurrences: 10,
        items: 8,
        shown: 3,
        hidden: 3,
        hidden_known: 2,
        hidden_ordinary: 1,
        by_set: map(&[("national", 2), ("software", 1)]),
        refused: 2,
        by_refusal: map(&[("undecodable", 1), ("unreadable", 1)]),
        unread: 1,
        conflicts: 1,
        findings: map(&[("conflict", 1)]),
        suggestions: 1,
        by_class: map(&[("picture", 7)]),
        decoded: 3,
        ..Counts::default()
    };
    assert_eq!(counts, expected);
    check_sound(&case);
}

#[test]
fn the_same_records_again_change_nothing() {
    let (_dir, case, source) = case();
    let (before, head) = (case.counts().unwrap(), case.head().unwrap());
    let outcome = case.record(&batch(source), at(9)).unwrap();
    assert_eq!(outcome, RecordOutcome { unchanged: 10, ..RecordOutcome::default() });
    assert_eq!(case.add_source(Path::new("/evidence/PATHMARKER"), "folder", at(9)).unwrap(), source);
    put_sets(&case);
    assert_eq!((case.counts().unwrap(), case.head().unwrap()), (before, head));
}

#[test]
fn lists_have_a_fixed_order_and_are_disjoint() {
    let (_dir, case, _) = case();
    let names = |which| -> Vec<Option<Sha256>> { list(&case, which).into_iter().map(|row| row.sha256).collect() };
    let sorted = |numbers: &[u64]| {
        let mut all: Vec<_> = numbers.iter().map(|number| Some(digests(*number).sha256)).collect();
        all.sort();
        all
    };
    let mut expected = sorted(&[30]);
    expected.extend(sorted(&[1, 2]));
    assert_eq!(names(ListFilter::Shown), expected, "what is odd comes first");
    assert_eq!(names(ListFilter::Hidden), sorted(&[10, 11, 20]));
    assert_eq!(names(ListFilter::Refused), [Some(digests(40).sha256), None]);
    assert_eq!(names(ListFilter::Conflicts), sorted(&[30]));
    assert_eq!(names(ListFilter::All).len() as u64, case.counts().unwrap().items);
    let place = list(&case, ListFilter::Refused).pop().unwrap();
    assert_eq!(place.paths[0].1, SourcePath(b"x/secret.jpg".to_vec()));
    assert!(matches!(place.visibility, Visibility::Refused { why } if why.code == RefusalCode::Unreadable));
}

#[test]
fn a_list_stops_when_asked_and_the_case_answers_meanwhile() {
    let (_dir, case, _) = case();
    let mut seen = 0;
    case.list(ListFilter::All, &mut |row| {
        seen += 1;
        assert_eq!(case.item(&row.sha256.unwrap()).unwrap().unwrap(), row);
        case.decide(&[row.sha256.unwrap()], Some(CategoryCode("2".into())), None, at(9)).unwrap();
        if seen == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .unwrap();
    assert_eq!(seen, 3);
    assert_eq!(case.counts().unwrap().classified, 3);
}

#[test]
fn a_story_tells_all_of_an_item() {
    let (_dir, case, source) = case();
    let sha256 = digests(10).sha256;
    case.decide(&[sha256], Some(CategoryCode("2".into())), Some("seen before"), at(9)).unwrap();
    case.undo(&AS_BEFORE, at(10)).unwrap().unwrap();
    let story = case.story(&sha256).unwrap().unwrap();
    assert_eq!(story.item.visibility, known(10));
    let paths = [b"k/ten again.jpg".to_vec(), b"k/ten.jpg".to_vec()].map(|path| (source, SourcePath(path)));
    assert_eq!(story.item.paths, paths);
    assert_eq!(story.hits, hidden(10).hits);
    assert_eq!(story.occurrences[0].times.modified, Some(at(-5)));
    assert_eq!(story.facts, None);
    let changes: Vec<_> = story.decisions.iter().map(|change| change.after.clone().map(|code| code.0)).collect();
    assert_eq!(changes, [Some("2".to_owned()), None]);
    let kinds: Vec<_> = story.operations.iter().map(|row| row.kind).collect();
    assert_eq!(kinds, [OperationKind::Recorded, OperationKind::Decided, OperationKind::Undone]);
    let listed = &story.operations[1].detail["changes"][0];
    assert_eq!(*listed, serde_json::json!({ "sha256": sha256, "before": null, "after": "2" }));

    let shown = case.story(&digests(2).sha256).unwrap().unwrap();
    assert_eq!(shown.facts, Some(decoded(2, 100).facts));
    assert_eq!(shown.near, [near(5)]);
    assert_eq!(shown.item.suggestions, [near(5)]);
    assert_eq!(case.thumbnail(&digests(2).sha256).unwrap(), Some(decoded(2, 100).thumbnail));
    assert_eq!(case.thumbnail(&sha256).unwrap(), None);
    assert_eq!(case.story(&digests(77).sha256).unwrap(), None);
}

#[test]
fn stamps_tell_a_load_what_it_need_not_read_again() {
    let (_dir, case, source) = case();
    let stamps = case.stamps(source).unwrap();
    assert_eq!(stamps.len(), 10);
    let stamp = |path: &str| stamps[&SourcePath(path.as_bytes().to_vec())].clone();
    let expected =
        Stamp { size_bytes: Some(1234), modified: Some(at(-5)), item: Some(digests(10).sha256), refusal: None };
    assert_eq!(stamp("k/ten.jpg"), expected);
    assert_eq!(stamp("x/secret.jpg"), Stamp { item: None, refusal: Some(RefusalCode::Unreadable), ..expected });
}

#[test]
fn a_place_that_can_be_read_later_is_no_longer_refused() {
    let (_dir, case, source) = case();
    let outcome = case.record(&[record(source, "x/secret.jpg", item(shown(50)))], at(9)).unwrap();
    assert_eq!((outcome.occurrences, outcome.items), (1, 1));
    let counts = case.counts().unwrap();
    assert_eq!((counts.items, counts.unread, counts.occurrences), (8, 0, 10));
    // It cannot be read any more: that is told, and what was found there stays.
    case.record(&[record(source, "x/secret.jpg", unread())], at(10)).unwrap();
    let counts = case.counts().unwrap();
    assert_eq!((counts.items, counts.unread, counts.occurrences), (9, 1, 11));
    assert!(case.stamps(source).unwrap()[&SourcePath(b"x/secret.jpg".to_vec())].refusal.is_some());
    check_sound(&case);
}

#[test]
fn a_place_heals_and_may_fail_again() {
    let (_dir, case, source) = case();
    let place = SourcePath(b"x/secret.jpg".to_vec());
    let before = case.counts().unwrap();
    assert_eq!(case.heal(source, std::slice::from_ref(&place), at(9)).unwrap(), 1);
    let healed = case.counts().unwrap();
    assert_eq!((healed.items, healed.unread), (before.items - 1, 0));
    assert_eq!(case.heal(source, std::slice::from_ref(&place), at(10)).unwrap(), 0, "once");
    assert!(!case.stamps(source).unwrap().contains_key(&place));
    case.record(&[record(source, "x/secret.jpg", unread())], at(11)).unwrap();
    assert_eq!(case.counts().unwrap(), before, "what fails again is refused again");
    check_sound(&case);
}

#[test]
fn a_case_knows_whether_it_was_judged_to_the_end() {
    let (dir, case, _source) = case();
    assert!(!case.is_matched("rules 1").unwrap());
    case.matched("rules 1", at(9)).unwrap();
    let head = case.head().unwrap();
    case.matched("rules 1", at(10)).unwrap();
    assert_eq!(case.head().unwrap(), head, "once");
    assert!(case.is_matched("rules 1").unwrap() && !case.is_matched("rules 2").unwrap());
    case.put_sets(&[set_row("national", Role::Known, 2)], at(11)).unwrap();
    assert!(!case.is_matched("rules 1").unwrap(), "sets that came later have judged nothing yet");
    drop(case);
    check_sound(&open_reading(dir.path(), "Anna").unwrap());
}

#[test]
fn the_extension_that_disagrees_belongs_to_the_place() {
    let (_dir, case, source) = case();
    let named = |extension: &str| RecordItem { extension_disagrees: Some(extension.to_owned()), ..shown(70) };
    let batch = [
        record(source, "z.gif", item(named("gif"))),
        record(source, "m.bmp", item(named("bmp"))),
        record(source, "a.jpg", item(shown(70))),
    ];
    case.record(&batch, at(9)).unwrap();
    let story = case.story(&digests(70).sha256).unwrap().unwrap();
    let told: Vec<_> = story.occurrences.iter().map(|place| place.extension_disagrees.as_deref()).collect();
    assert_eq!(told, [None, Some("bmp"), Some("gif")]);
    assert_eq!(story.item.extension_disagrees.as_deref(), Some("bmp"), "of the first such path, not of the first load");
    check_sound(&case);
}

#[test]
fn judging_the_same_again_writes_nothing() {
    let (_dir, case, _source) = case();
    let same = [rejudged(1, NEW, vec![]), rejudged(10, known(10), hidden(10).hits)];
    let head = case.head().unwrap();
    case.rejudge(&same, at(9)).unwrap();
    assert_eq!(case.head().unwrap(), head);
    case.rejudge(&[rejudged(1, known(1), hidden(1).hits)], at(9)).unwrap();
    assert_ne!(case.head().unwrap(), head);
    check_sound(&case);
}

#[test]
fn what_could_not_be_decoded_gets_its_facts_later() {
    let (_dir, case, source) = case();
    let outcome = case.record(&[record(source, "x/broken.jpg", item(shown(40)))], at(9)).unwrap();
    assert_eq!((outcome.completed, outcome.occurrences), (1, 0));
    let row = case.item(&digests(40).sha256).unwrap().unwrap();
    assert_eq!((row.visibility, row.width), (NEW, Some(640)));
    let story = case.story(&digests(40).sha256).unwrap().unwrap();
    assert!(matches!(story.judgements[0].before, Some(Visibility::Refused { .. })));
    check_sound(&case);
}

#[test]
fn a_hide_without_its_reason_and_a_decoded_one_are_refused() {
    let (_dir, case, source) = case();
    let head = case.head().unwrap();
    let put = |wrong: RecordItem| case.record(&[record(source, "w.jpg", item(wrong))], at(9)).unwrap_err();
    let decoded_all_the_same = RecordItem { decoded: Some(decoded(60, 10)), ..hidden(60) };
    assert!(matches!(put(decoded_all_the_same), CasefileError::KnownDecoded { .. }));
    assert!(matches!(put(RecordItem { hits: vec![], ..hidden(60) }), CasefileError::HideWithoutHit { .. }));
    let mut unknown = hidden(60);
    unknown.hits[0].set = std::sync::Arc::new(stamp("national", Role::Known, 2));
    if let Visibility::Hidden { why: HideReason::Known { version, .. } } = &mut unknown.visibility {
        *version = SetVersion(2);
    }
    assert!(matches!(put(unknown), CasefileError::UnknownSet { .. }));
    let mut other = shown(1);
    other.digests.size_bytes += 1;
    assert!(matches!(put(other), CasefileError::DigestsDisagree { .. }));
    let nowhere = case.record(&[record(SourceId(9), "w.jpg", unread())], at(9));
    assert!(matches!(nowhere, Err(CasefileError::NoSuchSource { .. })));
    assert_eq!(case.head().unwrap(), head);
    check_sound(&case);
}

fn rejudged(number: u64, visibility: Visibility, hits: Vec<Hit>) -> Rejudged {
    Rejudged { sha256: digests(number).sha256, visibility, hits, near: None, decoded: None }
}

#[test]
fn a_rematch_returns_and_hides_and_leaves_decisions() {
    let (_dir, case, _) = case();
    case.decide(&[digests(2).sha256], Some(CategoryCode("3".into())), None, at(8)).unwrap();
    let was = match known(10) {
        Visibility::Hidden { why } => why,
        _ => unreachable!(),
    };
    let returned = Visibility::Shown { why: ShowReason::Returned { was, why: ReturnCause::Gone } };
    let mut back = rejudged(10, returned.clone(), vec![]);
    back.decoded = Some(decoded(10, 50));
    let changes = [
        back,
        rejudged(1, known(1), vec![hit("national", Role::Known, 1)]),
        rejudged(2, known(2), vec![hit("national", Role::Known, 2)]),
    ];
    case.rejudge(&changes, at(9)).unwrap();
    assert_eq!(case.item(&digests(10).sha256).unwrap().unwrap().visibility, returned);
    assert!(case.thumbnail(&digests(10).sha256).unwrap().is_some());
    assert!(case.thumbnail(&digests(1).sha256).unwrap().is_none(), "what is known now is not kept as a picture");
    let two = case.item(&digests(2).sha256).unwrap().unwrap();
    assert_eq!(two.visibility, Visibility::Shown { why: ShowReason::Decided });
    assert_eq!((two.rule, two.suggestions.len()), (known(2), 1));
    assert!(case.thumbnail(&digests(2).sha256).unwrap().is_some(), "a person decided about it and may look at it");
    let counts = case.counts().unwrap();
    assert_eq!((counts.shown, counts.hidden, counts.refused, counts.known_decoded), (3, 3, 2, 0));
    check_sound(&case);

    // Without the decision the rule holds again, and the picture goes.
    case.undo(&AS_BEFORE, at(10)).unwrap().unwrap();
    assert_eq!(case.item(&digests(2).sha256).unwrap().unwrap().visibility, known(2));
    assert!(case.thumbnail(&digests(2).sha256).unwrap().is_none());
    check_sound(&case);
    let row = ledger(&case).into_iter().find(|row| row.kind == OperationKind::Rejudged).unwrap();
    assert_eq!(row.detail["moves"], serde_json::json!({ "hidden-shown": 1, "shown-hidden": 2 }));
    let decoded_hide = Rejudged { decoded: Some(decoded(11, 9)), ..rejudged(11, known(11), hidden(11).hits) };
    assert!(matches!(case.rejudge(&[decoded_hide], at(11)), Err(CasefileError::KnownDecoded { .. })));
}

#[test]
fn a_rematch_may_run_while_the_items_are_walked() {
    let (_dir, case, _) = case();
    let mut seen = 0;
    case.digests(&mut |digests, visibility, decision, decoded| {
        seen += 1;
        assert!(decision.is_none());
        assert_eq!(decoded, matches!(visibility, Visibility::Shown { .. }));
        let change =
            Rejudged { sha256: digests.sha256, visibility: NEW, hits: vec![], near: Some(vec![]), decoded: None };
        case.rejudge(&[change], at(9)).unwrap();
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(seen, 7);
    assert_eq!(case.counts().unwrap().shown, 7);
    check_sound(&case);
}

#[test]
fn stacks_are_replaced() {
    let (dir, case, _) = case();
    let [one, two, three] = [1, 2, 30].map(|number| digests(number).sha256);
    let stack = |representative, mut members: Vec<Sha256>| {
        members.sort();
        Stack { representative, members }
    };
    case.put_stacks(&[stack(one, vec![one, two])], at(9)).unwrap();
    assert_eq!(case.item(&two).unwrap().unwrap().stack, Some(one));
    let replaced = [stack(three, vec![one, three])];
    case.put_stacks(&replaced, at(10)).unwrap();
    drop(case);
    let case = open(dir.path(), "Anna").unwrap();
    assert_eq!(case.stacks().unwrap(), replaced);
    assert_eq!(case.item(&two).unwrap().unwrap().stack, None);
    assert_eq!((case.counts().unwrap().stacks, case.counts().unwrap().stacked), (1, 2));
    check_sound(&case);
}

#[test]
fn perceptual_digests_come_out_as_they_went_in() {
    let (_dir, case, _) = case();
    let mut seen = Vec::new();
    case.pdqs(&mut |sha256, width, height, pdq, image_hash| {
        seen.push((sha256, width, height, pdq, image_hash));
        ControlFlow::Continue(())
    })
    .unwrap();
    let expected = [1, 2, 30].map(|number| {
        let facts = decoded(number, 0).facts;
        (digests(number).sha256, 640, 480, facts.pdq, facts.image_hash)
    });
    assert_eq!(seen, expected);
    let some = case.pdqs_of(&[digests(2).sha256, digests(10).sha256, digests(77).sha256]).unwrap();
    assert_eq!(some.into_iter().collect::<Vec<_>>(), [(digests(2).sha256, decoded(2, 0).facts.pdq.unwrap())]);
}

#[test]
fn sets_in_force_are_the_last_that_were_put_and_in_order() {
    let (_dir, case, _) = case();
    let newer = [set_row("software", Role::Good, 2), set_row("national", Role::Known, 1)];
    case.put_sets(&newer, at(9)).unwrap();
    assert_eq!(case.sets().unwrap(), newer);
    case.put_sets(&[], at(10)).unwrap();
    assert_eq!(case.sets().unwrap(), []);
    check_sound(&case);
}

#[test]
fn lost_derived_state_waits_and_comes_back_by_the_same_load() {
    for lose in ["drop", "remove", "older copy"] {
        let (dir, case, source) = case();
        let [one, thirty] = [1, 30].map(|number| digests(number).sha256);
        case.decide(&[one], Some(CategoryCode("1".into())), None, at(8)).unwrap();
        let before = case.counts().unwrap();
        let case = match lose {
            "drop" => {
                case.drop_derived(at(9)).unwrap();
                case
            }
            "remove" => {
                drop(case);
                std::fs::remove_file(dir.path().join("derived.zeef")).unwrap();
                open(dir.path(), "Anna").unwrap()
            }
            _ => {
                drop(case);
                let copy = std::fs::read(dir.path().join("derived.zeef")).unwrap();
                let case = open(dir.path(), "Anna").unwrap();
                case.record(&[record(source, "late.jpg", unread()), record(source, "l", item(shown(1)))], at(9))
                    .unwrap();
                case.rejudge(&[rejudged(30, NEW, vec![])], at(9)).unwrap();
                drop(case);
                std::fs::write(dir.path().join("derived.zeef"), copy).unwrap();
                let reader = open_reading(dir.path(), "Anna").unwrap();
                assert!(reader.needs_rebuild().unwrap());
                open(dir.path(), "Anna").unwrap()
            }
        };
        assert!(case.needs_rebuild().unwrap(), "{lose}");
        let counts = case.counts().unwrap();
        assert_eq!((counts.pending, counts.items), (7, counts.unread), "{lose}");
        assert_eq!(case.stamps(source).unwrap().len() as u64, counts.unread, "what is lost is read again");
        let mut waiting = 0;
        case.pending(&mut |row| {
            waiting += 1;
            assert_eq!(row.decision.is_some(), row.sha256 == Some(one));
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!((waiting, check_sound(&case).pending), (7, 7));
        case.record(&batch(source), at(10)).unwrap();
        assert!(!case.needs_rebuild().unwrap());
        if lose != "older copy" {
            assert_eq!(case.counts().unwrap(), before, "{lose}");
        }
        assert!(case.thumbnail(&thirty).unwrap().is_some());
        check_sound(&case);
    }
}
