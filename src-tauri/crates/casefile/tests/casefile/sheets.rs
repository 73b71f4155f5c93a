//! Reading all items at once: the same as item by item, and what of it changes.

use std::ops::ControlFlow;

use casefile::*;
use domain::*;

use crate::support::*;

fn rows(case: &CaseFile, which: Option<&[u32]>) -> Vec<(u32, String)> {
    let mut rows = Vec::new();
    let mut take = |row: SheetRow<'_>| {
        rows.push((row.number, format!("{row:?}")));
        ControlFlow::Continue(())
    };
    match which {
        Some(which) => case.sheet_of(which, &mut take).unwrap(),
        None => case.sheet(&mut take).unwrap(),
    }
    rows
}

/// A case in which each thing that a row tells stands somewhere.
fn full(dir: &std::path::Path) -> CaseFile {
    let case = create(dir);
    let source = one_of_each(&case);
    let second = case.add_source(std::path::Path::new("/evidence/second"), "zip", at(6)).unwrap();
    let mut early = record(second, "again.jpg", item(shown(1)));
    early.times.modified = Some(at(-500));
    let mut hide = hidden(50);
    hide.visibility = Visibility::Hidden {
        why: HideReason::Known {
            set: "national".parse().unwrap(),
            version: SetVersion(1),
            entry: EntryId(50),
            digest: DigestKind::Sha256,
            agreement: Agreement::Confirmed,
            original: Some(CategoryCode("9".into())),
            scheme: None,
            category: Translated::To { code: CategoryCode("2".into()), outcome: Outcome::Exact },
            freshness: None,
        },
    };
    let mut camera = shown(51);
    camera.decoded.as_mut().unwrap().facts.camera.model = Some("Model MARKER".to_owned());
    camera.near = vec![NearHit { distance: 20, ..near(1) }, NearHit { distance: 4, ..near(2) }];
    case.record(&[early, record(source, "k/fifty.jpg", item(hide)), record(source, "c.jpg", item(camera))], at(7))
        .unwrap();
    let [one, two] = [1, 2].map(|number| digests(number).sha256);
    case.put_stacks(&[Stack { representative: two, members: vec![one, two] }], at(8)).unwrap();
    case.decide_numbers(&[3, 7], Some(CategoryCode("3".into())), None, at(9)).unwrap();
    case.mark(&[3, 9], MarkKind::OutOfStack, true, at(10)).unwrap();
    case.write_note(3, "a note", at(11)).unwrap();
    case
}

#[test]
fn a_sheet_says_of_each_item_what_the_item_says() {
    let dir = tempfile::tempdir().unwrap();
    let case = full(dir.path());
    let mut numbers = Vec::new();
    case.sheet(&mut |row| {
        numbers.push(row.number);
        let story = case.story_of(row.number).unwrap().unwrap();
        let item = &story.item;
        assert_eq!(Some(row.sha256), item.sha256);
        assert_eq!((Some(row.size_bytes), row.width, row.height), (item.size_bytes, item.width, item.height));
        let media = item.media.as_ref().unwrap();
        assert_eq!((row.mime, row.class), (media.mime.as_str(), media.class));
        let state = match item.rule {
            Visibility::Shown { .. } => SheetState::Shown,
            Visibility::Hidden { .. } => SheetState::Hidden,
            Visibility::Refused { .. } => SheetState::Refused,
        };
        assert_eq!(row.state, state);
        assert_eq!(row.is_shown(), matches!(item.visibility, Visibility::Shown { .. }));
        assert_eq!(row.decoded, story.facts.is_some());
        let facts = story.facts.as_ref();
        assert_eq!(row.taken, facts.and_then(|facts| facts.taken.as_ref()).map(|taken| taken.local.as_str()));
        assert_eq!(row.camera, facts.and_then(|facts| facts.camera.model.as_deref()));
        let mut sources: Vec<_> = item.paths.iter().map(|(source, _)| *source).collect();
        sources.dedup();
        assert_eq!(row.sources, sources);
        assert_eq!(row.places as usize, item.paths.len());
        let (source, path) = row.first.unwrap();
        assert_eq!((source, path), (item.paths[0].0, item.paths[0].1.0.as_slice()));
        assert_eq!(row.modified, story.occurrences.iter().filter_map(|place| place.times.modified).min());
        assert_eq!(row.near, item.suggestions.iter().min_by_key(|near| near.distance));
        let stack = row.stack.map(|number| case.sha256_of(number).unwrap().unwrap());
        assert_eq!(stack, item.stack);
        let decision = item.decision.as_ref();
        assert_eq!(
            row.decision.map(|it| (it.category, it.by, it.at, it.operation, it.own, it.own_before)),
            decision.map(|it| (it.category.0.as_str(), it.by.as_str(), it.at, it.operation, true, None))
        );
        let marks: Vec<_> = row.marks.iter().collect();
        assert_eq!(marks, story.marks.iter().filter(|mark| mark.on).map(|mark| mark.mark).collect::<Vec<_>>());
        assert_eq!(row.note, story.notes.last().map(|note| note.text.as_str()));
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(numbers, (1..=9).collect::<Vec<_>>());
}

#[test]
fn reasons_are_told_by_code_set_and_category() {
    let dir = tempfile::tempdir().unwrap();
    let case = full(dir.path());
    let mut told = Vec::new();
    case.sheet(&mut |row| {
        let category = row.category.map(|category| match category {
            SetCategory::Code(code) => code.to_owned(),
            SetCategory::NeedsHuman => "a human".to_owned(),
        });
        told.push((row.rank, row.reason, row.reason_set.map(str::to_owned), category));
        ControlFlow::Continue(())
    })
    .unwrap();
    let national = || Some("national".to_owned());
    let human = || Some("a human".to_owned());
    assert_eq!(
        told,
        [
            (2, ReasonCode::New, None, None),
            (2, ReasonCode::New, None, None),
            (3, ReasonCode::Known, national(), human()),
            (3, ReasonCode::Known, national(), human()),
            (3, ReasonCode::Ordinary, Some("software".to_owned()), None),
            (1, ReasonCode::Conflict, Some("a, b".to_owned()), None),
            (4, ReasonCode::Undecodable, None, None),
            (3, ReasonCode::Known, national(), Some("2".to_owned())),
            (2, ReasonCode::New, None, None),
        ]
    );
}

#[test]
fn some_items_are_read_as_all_are() {
    let dir = tempfile::tempdir().unwrap();
    let case = full(dir.path());
    let all = rows(&case, None);
    let some = |numbers: &[u32]| rows(&case, Some(numbers));
    assert_eq!(some(&[9, 1, 1, 4]), [all[0].clone(), all[3].clone(), all[8].clone()]);
    assert_eq!(some(&(0..=100).collect::<Vec<_>>()), all);
    assert_eq!(some(&[0, 10, u32::MAX, 2]), [all[1].clone()]);
    assert_eq!(some(&[]), []);
    let mut first = 0;
    case.sheet(&mut |row| {
        first = row.number;
        ControlFlow::Break(())
    })
    .unwrap();
    assert_eq!(first, 1, "whoever has enough is told no more");
    let mut stacks = Vec::new();
    case.stacks_by_number(&mut |item, representative| {
        stacks.push((item, representative));
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(stacks, [(1, 2), (2, 2)]);
}

#[test]
fn the_own_decision_that_somebody_else_changed_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let case = full(dir.path());
    add_user(&case, "Bob", UserRole::Investigator);
    drop(case);
    let bob = open(dir.path(), "Bob").unwrap();
    bob.decide_numbers(&[3], Some(CategoryCode("1".into())), None, at(20)).unwrap();
    drop(bob);
    let anna = open(dir.path(), "Anna").unwrap();
    let mut told = Vec::new();
    anna.sheet_of(&[3, 7], &mut |row| {
        let decision = row.decision.unwrap();
        told.push((decision.category.to_owned(), decision.own, decision.own_before.map(str::to_owned)));
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(told, [("1".to_owned(), false, Some("3".to_owned())), ("3".to_owned(), true, None)]);
}

#[test]
fn what_lost_its_derived_state_waits() {
    let dir = tempfile::tempdir().unwrap();
    let case = full(dir.path());
    let head = case.head().unwrap().0;
    case.drop_derived(at(20)).unwrap();
    assert_eq!(case.changes_since(head).unwrap().items, Changed::All);
    let mut states = Vec::new();
    case.sheet(&mut |row| {
        states.push((row.state, row.rank, row.reason, row.decoded, row.places > 0));
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(states, [(SheetState::Waiting, 5, ReasonCode::Waiting, false, true); 9]);
}

#[test]
fn changes_name_what_operations_touched() {
    let dir = tempfile::tempdir().unwrap();
    let case = create(dir.path());
    let source = one_of_each(&case);
    let mut head = case.head().unwrap().0;
    let mut since = || {
        let changes = case.changes_since(head).unwrap();
        head = changes.head;
        (changes.items, changes.stacks)
    };
    let these = |numbers: &[u32]| Changed::These(numbers.to_vec());
    assert_eq!(since(), (these(&[]), false));
    case.record(&[record(source, "new.jpg", item(shown(70))), record(source, "copy.jpg", item(shown(1)))], at(9))
        .unwrap();
    assert_eq!(since(), (these(&[1, 8]), false), "new, and found at another place");
    let change =
        Rejudged { sha256: digests(2).sha256, visibility: known(2), hits: hidden(2).hits, near: None, decoded: None };
    case.rejudge(&[change], at(10)).unwrap();
    assert_eq!(since(), (these(&[2]), false));
    case.decide_numbers(&[3, 4], Some(CategoryCode("1".into())), None, at(11)).unwrap();
    case.mark(&[5], MarkKind::Bookmark, true, at(12)).unwrap();
    assert_eq!(since(), (these(&[3, 4, 5]), false));
    case.undo(&AS_BEFORE, at(13)).unwrap();
    case.undo(&AS_BEFORE, at(13)).unwrap();
    case.write_note(6, "text", at(14)).unwrap();
    assert_eq!(since(), (these(&[3, 4, 5, 6]), false));
    let [one, two] = [1, 2].map(|number| digests(number).sha256);
    case.put_stacks(&[Stack { representative: one, members: vec![one, two] }], at(15)).unwrap();
    case.matched("rules", at(16)).unwrap();
    assert_eq!(since(), (these(&[]), true));
    assert_eq!(since(), (these(&[]), false));
}
