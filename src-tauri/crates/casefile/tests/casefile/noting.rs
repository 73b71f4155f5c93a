//! Notices are kept once and read once; vetoes show at once, are taken back like decisions, and all of it is verified.

use casefile::*;
use domain::*;

use crate::support::*;

fn case() -> (tempfile::TempDir, CaseFile) {
    let dir = tempfile::tempdir().unwrap();
    let case = create(dir.path());
    one_of_each(&case);
    (dir, case)
}

fn notice(kind: NoticeKind, from: u32, to: u32, now: &str) -> Notice {
    Notice {
        kind,
        set: "national".parse().unwrap(),
        entry: EntryId(10),
        from: SetVersion(from),
        to: SetVersion(to),
        was: "1".to_owned(),
        now: now.to_owned(),
        reason: String::new(),
    }
}

#[test]
fn a_notice_is_kept_once_however_often_a_judging_is_done_again() {
    let (_dir, case) = case();
    let item = digests(10).sha256;
    let victim = (item, notice(NoticeKind::VictimIdentified, 1, 3, "yes"));
    assert_eq!(case.note(&[victim.clone(), victim.clone()], at(10)).unwrap(), 1);
    let length = ledger(&case).len();
    assert_eq!(case.note(std::slice::from_ref(&victim), at(11)).unwrap(), 0);
    assert_eq!(ledger(&case).len(), length, "what is known is no operation");
    // A judging that was cut short goes on with a newer version, from the same one.
    let later = (item, notice(NoticeKind::VictimIdentified, 1, 4, "yes"));
    assert_eq!(case.note(&[later], at(12)).unwrap(), 0);
    // It was taken back and is said again: that is news.
    let again = (item, notice(NoticeKind::VictimIdentified, 5, 6, "yes"));
    assert_eq!(case.note(&[again], at(13)).unwrap(), 1);
    let rows = case.notices().unwrap();
    assert_eq!(rows.iter().map(|row| (row.id, row.item)).collect::<Vec<_>>(), [(2, item), (1, item)]);
    assert_eq!(rows[1].notice, victim.1);
    let unknown = (digests(99).sha256, victim.1);
    assert!(matches!(case.note(&[unknown], at(14)), Err(CasefileError::NoSuchItem { .. })));
    check_sound(&case);
}

#[test]
fn notices_are_marked_as_read_one_by_one_or_all() {
    let (_dir, case) = case();
    let kinds = [NoticeKind::VictimIdentified, NoticeKind::SeriesChanged, NoticeKind::Withdrawn];
    let all: Vec<_> = kinds.iter().map(|kind| (digests(10).sha256, notice(*kind, 1, 2, "x"))).collect();
    assert_eq!(case.note(&all, at(10)).unwrap(), 3);
    assert_eq!(case.read_notices(Some(&[2]), at(11)).unwrap(), 1);
    assert_eq!(case.read_notices(Some(&[2]), at(12)).unwrap(), 0);
    assert_eq!(case.notices_unread().unwrap(), 2);
    assert!(matches!(case.read_notices(Some(&[9]), at(12)), Err(CasefileError::NoSuchNotice { id: 9 })));
    let read: Vec<bool> = case.notices().unwrap().iter().map(|row| row.read.is_some()).collect();
    assert_eq!(read, [false, true, false]);
    assert_eq!(case.read_notices(None, at(13)).unwrap(), 2);
    assert_eq!(case.notices_unread().unwrap(), 0);
    let story = case.story(&digests(10).sha256).unwrap().unwrap();
    let count = |kind| story.operations.iter().filter(|row| row.kind == kind).count();
    assert_eq!((count(OperationKind::Noticed), count(OperationKind::NoticesRead)), (1, 2));
    check_sound(&case);
}

fn vetoed(entry: u64) -> VetoedEntry {
    VetoedEntry { set: "national".parse().unwrap(), version: SetVersion(1), entry: EntryId(entry), lasting: true }
}

/// Shows what a veto covers, and hides it again without one.
fn judge(standing: &ItemStanding, vetoes: &[Veto]) -> Visibility {
    let entry = standing.hits[0].entry.0;
    let Visibility::Hidden { why: was } = known(entry) else { unreachable!() };
    match vetoes.iter().find(|veto| veto.covers(&standing.hits[0])) {
        Some(veto) => {
            let why = ReturnCause::Vetoed { by: veto.by.clone(), reason: veto.reason.clone() };
            Visibility::Shown { why: ShowReason::Returned { was, why } }
        }
        None => known(entry),
    }
}

#[test]
fn a_veto_shows_at_once_and_is_taken_back_like_a_decision() {
    let (_dir, case) = case();
    let item = digests(10).sha256;
    let rule = || case.item(&item).unwrap().unwrap().rule;
    let is_back = |rule: Visibility| {
        matches!(rule, Visibility::Shown { why: ShowReason::Returned { why: ReturnCause::Vetoed { .. }, .. } })
    };
    case.veto(&item, &[vetoed(10)], "it is a garden", &judge, at(10)).unwrap();
    assert!(is_back(rule()));
    assert_eq!(list(&case, ListFilter::Shown)[0].sha256, Some(item), "it stands first");
    let vetoes = case.vetoes().unwrap();
    assert_eq!((vetoes[&item].len(), vetoes[&item][0].reason.as_str()), (1, "it is a garden"));
    check_sound(&case);
    case.decide(&[item], Some(CategoryCode("1".into())), None, at(11)).unwrap();
    assert_eq!(case.undo(&judge, at(12)).unwrap().unwrap().what, "category 1 for 1 item");
    assert_eq!(case.undo(&judge, at(13)).unwrap().unwrap().what, "veto of entry 10 of national");
    assert_eq!(rule(), known(10));
    assert!(case.vetoes().unwrap().is_empty());
    check_sound(&case);
    case.redo(&judge, at(14)).unwrap().unwrap();
    assert!(is_back(rule()));
    check_sound(&case);
    let story = case.story(&item).unwrap().unwrap();
    let kinds: Vec<_> = story.operations.iter().map(|row| row.kind).collect();
    assert!(kinds.contains(&OperationKind::Vetoed) && kinds.contains(&OperationKind::Redone), "{kinds:?}");
}

#[test]
fn a_veto_that_shows_nothing_is_kept_all_the_same() {
    let (_dir, case) = case();
    let item = digests(11).sha256;
    case.veto(&item, &[vetoed(99)], "another entry", &judge, at(10)).unwrap();
    assert_eq!(case.item(&item).unwrap().unwrap().rule, known(11));
    assert_eq!(case.vetoes().unwrap()[&item].len(), 1);
    let auditor = UserRole::Auditor;
    add_user(&case, "Carla", auditor);
    check_sound(&case);
    drop(case);
    let carla = open(_dir.path(), "Carla").unwrap();
    let refused = carla.veto(&item, &[vetoed(11)], "why", &judge, at(12));
    assert!(matches!(refused, Err(CasefileError::NotAllowed { .. })));
    let note = carla.note(&[(item, notice(NoticeKind::Withdrawn, 1, 2, ""))], at(12));
    assert!(matches!(note, Err(CasefileError::NotAllowed { .. })));
}

#[test]
fn how_items_stand_is_told_for_all_and_for_some() {
    let (_dir, case) = case();
    let mut all = Vec::new();
    case.standings(&mut |standing| {
        all.push(standing);
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(all.len(), 7);
    let wanted: Vec<Sha256> = all.iter().rev().map(|standing| standing.digests.sha256).collect();
    let mut some = case.standings_of(&wanted).unwrap();
    some.reverse();
    assert_eq!(some, all);
    assert!(case.standings_of(&[digests(99).sha256]).unwrap().is_empty());
    let ten = digests(10);
    let only = |wanted: DigestsWanted| case.items_with(&wanted).unwrap();
    assert_eq!(only(DigestsWanted { md5: [ten.md5].into(), ..DigestsWanted::default() }), [ten.sha256]);
    assert_eq!(only(DigestsWanted { sha1: [ten.sha1].into(), ..DigestsWanted::default() }), [ten.sha256]);
    assert_eq!(only(DigestsWanted { sha256: [ten.sha256].into(), ..DigestsWanted::default() }), [ten.sha256]);
    assert_eq!(only(DigestsWanted::default()), []);
    assert_eq!(case.suggested().unwrap(), [digests(2).sha256]);
    assert!(case.contradicted().unwrap().is_empty());
}

#[test]
fn a_judging_goes_on_from_the_sets_of_the_last_one_that_came_to_its_end() {
    let (_dir, case) = case();
    assert_eq!(case.matched_sets("rules 1").unwrap(), None);
    case.matched("rules 1", at(10)).unwrap();
    let first = case.sets().unwrap();
    assert_eq!(case.matched_sets("rules 1").unwrap(), Some(first.clone()));
    case.put_sets(&[set_row("national", Role::Known, 2)], at(11)).unwrap();
    assert_eq!(case.matched_sets("rules 1").unwrap(), Some(first), "noted, and not judged by");
    assert_eq!(case.matched_sets("rules 2").unwrap(), None);
    case.matched("rules 1", at(12)).unwrap();
    assert_eq!(case.matched_sets("rules 1").unwrap(), Some(case.sets().unwrap()));
    case.drop_derived(at(13)).unwrap();
    assert_eq!(case.matched_sets("rules 1").unwrap(), None);
}
