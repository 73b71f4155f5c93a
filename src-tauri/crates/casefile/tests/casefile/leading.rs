//! Leads and their evidence: what is said of them, taken back, and done again.

use std::collections::BTreeMap;

use casefile::*;
use domain::*;

use crate::support::*;

fn case() -> (tempfile::TempDir, CaseFile) {
    let dir = tempfile::tempdir().unwrap();
    let case = create(dir.path());
    one_of_each(&case);
    add_user(&case, "Bob", UserRole::Investigator);
    (dir, case)
}

fn one(case: &CaseFile, lead: LeadId) -> LeadStory {
    case.lead(lead).unwrap().unwrap()
}

fn names(case: &CaseFile) -> Vec<String> {
    case.leads().unwrap().into_iter().map(|row| row.content.name).collect()
}

/// Goes on as somebody else, in the same case.
fn hand_over(dir: &tempfile::TempDir, case: CaseFile, to: &str) -> CaseFile {
    drop(case);
    open(dir.path(), to).unwrap()
}

#[test]
fn a_lead_tells_all_that_was_ever_said_of_it() {
    let (_dir, case) = case();
    let metadata = EvidencePart::Metadata { group: "exif".into(), name: "Serial".into(), raw: "<b>=1</b>".into() };
    let evidence = [whole(2), region(1, 10), Evidence { part: metadata, ..whole(1) }];
    let lead = case.lead_new(&victim("Willow"), &evidence, at(9)).unwrap();
    let followed = LeadContent { state: LeadState::Followed, text: "seen at the sea".to_owned(), ..victim("Willow") };
    case.lead_change(lead, &followed, at(10)).unwrap().unwrap();
    assert_eq!(case.lead_change(lead, &followed, at(11)).unwrap(), None, "nothing differs");
    let more = case.evidence_add(lead, &[whole(2), region(1, 100), region(1, 100)], at(12)).unwrap();
    assert_eq!(more, [EvidenceId(1), EvidenceId(4), EvidenceId(4)], "the same part of the same item is one");
    assert_eq!(case.evidence_add(lead, &[whole(2)], at(13)).unwrap(), [EvidenceId(1)]);
    case.evidence_change(EvidenceId(2), &Evidence { caption: "a fence".into(), ..region(1, 12) }, at(14))
        .unwrap()
        .unwrap();
    case.evidence_remove(&[EvidenceId(4), EvidenceId(4)], at(15)).unwrap().unwrap();
    let story = one(&case, lead);
    assert_eq!((story.row.items, story.row.regions, story.row.made), (2, 1, at(9)));
    assert_eq!((story.row.by.as_str(), &story.row.content), ("Anna", &followed));
    let stands: Vec<_> = story.evidence.iter().map(|it| (it.id.0, it.number, it.evidence.caption.as_str())).collect();
    assert_eq!(stands, [(2, 1, "a fence"), (3, 1, ""), (1, 2, "")], "by item, then in the order of adding");
    assert_eq!(story.evidence[1].evidence, evidence[2], "a value stands as it was");
    let told: Vec<_> = story
        .changes
        .iter()
        .map(|it| (it.kind, it.before.is_some(), it.after.is_some(), it.evidence_added, it.evidence_removed))
        .collect();
    use OperationKind::*;
    let expected = [
        (LeadMade, false, true, 3, 0),
        (LeadChanged, true, true, 0, 0),
        (EvidenceAdded, false, false, 1, 0),
        (EvidenceChanged, false, false, 0, 0),
        (EvidenceRemoved, false, false, 0, 1),
    ];
    assert_eq!(told, expected);
    assert_eq!(story.changes[1].before.as_ref().unwrap().text, "");
    assert_eq!((case.leads_of(2).unwrap(), case.leads_of(3).unwrap()), (vec![lead], vec![]));
    assert_eq!(case.lead_items().unwrap(), [(1, lead), (2, lead)]);
    let rows = ledger(&case);
    assert!(rows.iter().all(|row| !row.detail.to_string().contains("sea")), "the text stands in one place");
    assert!(rows.iter().all(|row| !row.detail.to_string().contains("curtain")));
    assert!(case.story_of(2).unwrap().unwrap().operations.iter().any(|row| row.kind == LeadMade));
    check_sound(&case);
}

#[test]
fn everything_done_to_a_lead_can_be_taken_back_and_done_again() {
    let (_dir, case) = case();
    let lead = case.lead_new(&victim("Willow"), &[whole(1)], at(9)).unwrap();
    case.lead_change(lead, &LeadContent { series: Some("garden".into()), ..victim("Elm") }, at(10)).unwrap();
    case.lead_risk(lead, true, at(11)).unwrap();
    case.lead_risk_take(lead, at(12)).unwrap();
    case.lead_risk(lead, false, at(13)).unwrap();
    let added = case.evidence_add(lead, &[region(2, 10)], at(14)).unwrap();
    case.evidence_change(added[0], &region(2, 30), at(15)).unwrap();
    case.evidence_remove(&added, at(16)).unwrap();
    let told = |case: &CaseFile| {
        case.lead(lead).unwrap().map(|story| {
            let evidence: Vec<_> = story.evidence.into_iter().map(|it| it.evidence).collect();
            (story.row.content, evidence)
        })
    };
    let mut states = vec![told(&case)];
    let mut steps = Vec::new();
    while let Some(undone) = case.undo(&AS_BEFORE, at(20)).unwrap() {
        steps.push(undone.step.kind);
        assert_eq!(
            (undone.items, undone.step.lead),
            (if undone.step.kind == StepKind::LeadMade { 2 } else { 1 }, Some(lead))
        );
        states.push(told(&case));
    }
    use StepKind::*;
    let expected =
        [EvidenceRemoved, EvidenceChanged, EvidenceAdded, RiskLowered, RiskTaken, RiskRaised, LeadChanged, LeadMade];
    assert_eq!(steps, expected);
    assert_eq!((names(&case).len(), case.lead_items().unwrap()), (0, vec![]));
    assert!(matches!(case.evidence_add(lead, &[whole(1)], at(21)), Err(CasefileError::NoSuchLead { .. })));
    while case.redo(&AS_BEFORE, at(30)).unwrap().is_some() {
        states.pop();
        assert_eq!(Some(&told(&case)), states.last());
    }
    assert_eq!(states.len(), 1);
    assert_eq!(case.lead_new(&victim("Oak"), &[], at(31)).unwrap(), LeadId(2), "a number is never used again");
    check_sound(&case);
}

#[test]
fn a_risk_stays_until_somebody_takes_it_and_no_other_change_lowers_it() {
    let (dir, case) = case();
    let lead = case.lead_new(&LeadContent { risk: Risk::Now, ..victim("Willow") }, &[], at(9)).unwrap();
    assert_eq!(case.lead_risk(lead, true, at(10)).unwrap(), None, "it stands so already");
    case.lead_change(lead, &LeadContent { risk: Risk::None, ..victim("Elm") }, at(11)).unwrap().unwrap();
    assert_eq!(one(&case, lead).row.content.risk, Risk::Now);
    let bob = hand_over(&dir, case, "Bob");
    bob.lead_risk_take(lead, at(12)).unwrap().unwrap();
    assert_eq!(bob.lead_risk_take(lead, at(13)).unwrap(), None);
    assert_eq!(one(&bob, lead).row.content.risk, Risk::Taken { by: user("Bob"), at: at(12) });
    let anna = hand_over(&dir, bob, "Anna");
    assert_eq!(anna.undo(&AS_BEFORE, at(14)).unwrap().unwrap().items, 0, "Bob has changed it since");
    assert_eq!(one(&anna, lead).row.content.risk, Risk::Taken { by: user("Bob"), at: at(12) });
    anna.lead_risk(lead, true, at(15)).unwrap().unwrap();
    anna.lead_risk_take(lead, at(16)).unwrap().unwrap();
    anna.lead_risk(lead, false, at(17)).unwrap().unwrap();
    assert_eq!(anna.lead_risk_take(lead, at(18)).unwrap(), None, "there is nothing to take");
    let forged = LeadContent { risk: Risk::Taken { by: user("Bob"), at: at(1) }, ..victim("Oak") };
    let other = anna.lead_new(&forged, &[], at(19)).unwrap();
    assert_eq!(one(&anna, other).row.content.risk, Risk::Taken { by: user("Anna"), at: at(19) });
    check_sound(&anna);
}

#[test]
fn a_lead_that_others_rest_on_is_not_taken_back() {
    let (dir, case) = case();
    let lead = case.lead_new(&victim("Willow"), &[whole(1)], at(9)).unwrap();
    let bob = hand_over(&dir, case, "Bob");
    bob.evidence_add(lead, &[whole(2)], at(10)).unwrap();
    let anna = hand_over(&dir, bob, "Anna");
    assert_eq!(anna.undo(&AS_BEFORE, at(11)).unwrap().unwrap().items, 0, "Bob's evidence rests on it");
    assert_eq!(one(&anna, lead).evidence.len(), 2);
    anna.redo(&AS_BEFORE, at(12)).unwrap();
    let bob = hand_over(&dir, anna, "Bob");
    bob.undo(&AS_BEFORE, at(13)).unwrap();
    let related = LeadContent { related: [lead].into(), ..LeadContent::new(LeadKind::Relation, "siblings") };
    let other = bob.lead_new(&related, &[], at(14)).unwrap();
    let anna = hand_over(&dir, bob, "Anna");
    assert_eq!(anna.undo(&AS_BEFORE, at(15)).unwrap().unwrap().items, 0, "another lead names it");
    let bob = hand_over(&dir, anna, "Bob");
    bob.undo(&AS_BEFORE, at(16)).unwrap();
    assert_eq!(bob.lead(other).unwrap(), None);
    let anna = hand_over(&dir, bob, "Anna");
    anna.redo(&AS_BEFORE, at(17)).unwrap();
    assert_eq!(anna.undo(&AS_BEFORE, at(18)).unwrap().unwrap().items, 2, "now nothing rests on it");
    let bob = hand_over(&dir, anna, "Bob");
    assert_eq!(bob.redo(&AS_BEFORE, at(19)).unwrap().unwrap().items, 0, "what it named is gone");
    assert_eq!(names(&bob).len(), 0);
    check_sound(&bob);
}

#[test]
fn what_comes_back_does_not_stand_twice() {
    let (dir, case) = case();
    let lead = case.lead_new(&victim("Willow"), &[whole(1)], at(9)).unwrap();
    case.evidence_remove(&[EvidenceId(1)], at(10)).unwrap();
    let bob = hand_over(&dir, case, "Bob");
    assert_eq!(bob.evidence_add(lead, &[whole(1)], at(11)).unwrap(), [EvidenceId(2)]);
    let anna = hand_over(&dir, bob, "Anna");
    assert_eq!(anna.undo(&AS_BEFORE, at(12)).unwrap().unwrap().items, 0);
    assert_eq!(one(&anna, lead).evidence.len(), 1);
    let other = anna.evidence_add(lead, &[region(1, 10)], at(13)).unwrap()[0];
    assert!(matches!(
        anna.evidence_change(other, &whole(1), at(14)),
        Err(CasefileError::SameEvidence { evidence: EvidenceId(2) })
    ));
    check_sound(&anna);
}

#[test]
fn what_is_no_lead_and_no_evidence_changes_nothing() {
    let (dir, case) = case();
    let lead = case.lead_new(&victim("Willow"), &[whole(1)], at(9)).unwrap();
    let head = case.head().unwrap();
    let nobody = LeadId(7);
    let related = |to| LeadContent { related: [to].into(), ..victim("Elm") };
    assert!(matches!(case.lead_new(&victim(" "), &[], at(10)), Err(CasefileError::BadLead { why: LeadError::Name })));
    assert!(matches!(case.lead_new(&related(nobody), &[], at(10)), Err(CasefileError::NoSuchLead { .. })));
    assert!(matches!(case.lead_change(lead, &related(lead), at(10)), Err(CasefileError::OwnRelation { .. })));
    assert!(matches!(case.lead_change(nobody, &victim("Elm"), at(10)), Err(CasefileError::NoSuchLead { .. })));
    assert!(matches!(case.lead_risk(nobody, true, at(10)), Err(CasefileError::NoSuchLead { .. })));
    let unknown = case.evidence_add(lead, &[whole(2), whole(99)], at(10));
    assert!(matches!(unknown, Err(CasefileError::NoSuchItem { .. })), "and the first is not added either");
    let outside = case.evidence_add(lead, &[region(1, 639)], at(10));
    assert!(matches!(outside, Err(CasefileError::BadLead { why: LeadError::Region })));
    assert!(matches!(case.evidence_change(EvidenceId(1), &whole(2), at(10)), Err(CasefileError::OtherItem { .. })));
    let gone = case.evidence_remove(&[EvidenceId(1), EvidenceId(9)], at(10));
    assert!(matches!(gone, Err(CasefileError::NoSuchEvidence { evidence: EvidenceId(9) })));
    assert_eq!(case.evidence_remove(&[], at(10)).unwrap(), None);
    let long = Evidence { caption: "é".repeat(CAPTION_CHARS_MAX + 1), ..whole(2) };
    assert!(matches!(case.evidence_add(lead, &[long], at(10)), Err(CasefileError::Limit { .. })));
    assert_eq!(case.lead(nobody).unwrap(), None);
    assert_eq!(case.head().unwrap(), head);
    add_user(&case, "Cleo", UserRole::Auditor);
    let cleo = hand_over(&dir, case, "Cleo");
    assert!(matches!(cleo.lead_new(&victim("Elm"), &[], at(11)), Err(CasefileError::NotAllowed { .. })));
    assert!(matches!(cleo.lead_risk_take(lead, at(11)), Err(CasefileError::NotAllowed { .. })));
    assert_eq!(one(&cleo, lead).evidence.len(), 1, "an auditor reads it");
    check_sound(&cleo);
}

#[test]
fn whoever_follows_a_case_hears_of_new_evidence() {
    let (_dir, case) = case();
    let head = case.head().unwrap().0;
    let lead = case.lead_new(&victim("Willow"), &[whole(1), whole(2)], at(9)).unwrap();
    assert_eq!(case.changes_since(head).unwrap().items, Changed::These(vec![1, 2]));
    let head = case.head().unwrap().0;
    let operation = case.lead_risk(lead, true, at(10)).unwrap().unwrap();
    assert_eq!(case.changes_since(head).unwrap().items, Changed::These(vec![]));
    assert_eq!(case.touched(operation).unwrap(), Vec::<u32>::new());
}

/// A lead in the plain model: the operation that said what it says, what that is, and its evidence by part.
#[derive(Clone, Default)]
struct Model {
    leads: BTreeMap<u32, (u64, LeadContent)>,
    evidence: BTreeMap<u64, (u32, Evidence)>,
}

/// Random work of one person: after any number of steps, undoing all gives what was there before, state by state, and doing
/// all again gives what was left.
#[test]
fn leads_follow_the_plain_model() {
    for seed in 1..=4 {
        eprintln!("seed {seed}");
        let mut random = Seeded(seed);
        let (_dir, case) = case();
        let mut model = Model::default();
        let mut states = vec![model.clone()];
        let mut operations = 0;
        for step in 0..60 {
            let now = at(100 + step);
            let did = act(&case, &mut model, &mut random, now);
            if did {
                operations += 1;
                states.push(model.clone());
            }
            compare(&case, &model, step);
        }
        for left in (0..operations).rev() {
            case.undo(&AS_BEFORE, at(200)).unwrap().unwrap();
            compare(&case, &states[left], 1000 + left as i64);
        }
        assert_eq!(case.undo(&AS_BEFORE, at(200)).unwrap(), None);
        for (done, state) in states.iter().enumerate().skip(1) {
            case.redo(&AS_BEFORE, at(300)).unwrap().unwrap();
            compare(&case, state, 2000 + done as i64);
        }
        assert_eq!(case.redo(&AS_BEFORE, at(300)).unwrap(), None);
        check_sound(&case);
    }
}

/// Takes one random step in the case and in the model; tells whether it changed anything.
fn act(case: &CaseFile, model: &mut Model, random: &mut Seeded, now: UtcTime) -> bool {
    let some_lead = |random: &mut Seeded, model: &Model| {
        let all: Vec<u32> = model.leads.keys().copied().collect();
        (!all.is_empty()).then(|| all[random.below(all.len() as u64) as usize])
    };
    let piece = |random: &mut Seeded| {
        let item = [1, 2, 10, 30][random.below(4) as usize];
        if random.below(2) == 0 { whole(item) } else { region(item, 10 * random.below(4) as u32) }
    };
    let is_new = |model: &Model, lead: u32, it: &Evidence| {
        !model.evidence.values().any(|(of, there)| *of == lead && there.item == it.item && there.part == it.part)
    };
    match (random.below(8), some_lead(random, model)) {
        (0 | 1, _) | (_, None) => {
            let (content, first) = (victim(&format!("lead {}", random.below(9))), piece(random));
            let lead = case.lead_new(&content, std::slice::from_ref(&first), now).unwrap();
            model.leads.insert(lead.0, (0, content));
            let id = case.lead(lead).unwrap().unwrap().evidence[0].id.0;
            model.evidence.insert(id, (lead.0, first));
            true
        }
        (2, Some(lead)) => {
            let mut content = model.leads[&lead].1.clone();
            content.state = LeadState::ALL[random.below(5) as usize];
            let changed = case.lead_change(LeadId(lead), &content, now).unwrap().is_some();
            assert_eq!(changed, model.leads.insert(lead, (0, content.clone())).unwrap().1 != content);
            changed
        }
        (3, Some(lead)) => {
            let risk = if random.below(2) == 0 { Risk::Now } else { Risk::None };
            let changed = case.lead_risk(LeadId(lead), risk == Risk::Now, now).unwrap().is_some();
            let stands = &mut model.leads.get_mut(&lead).unwrap().1;
            assert_eq!(changed, stands.risk != risk);
            stands.risk = risk;
            changed
        }
        (4 | 5, Some(lead)) => {
            let new = piece(random);
            let fresh = is_new(model, lead, &new);
            let id = case.evidence_add(LeadId(lead), std::slice::from_ref(&new), now).unwrap()[0];
            assert_eq!(fresh, !model.evidence.contains_key(&id.0));
            if fresh {
                model.evidence.insert(id.0, (lead, new));
            }
            fresh
        }
        (kind, Some(_)) => {
            let all: Vec<u64> = model.evidence.keys().copied().collect();
            let Some(id) = (!all.is_empty()).then(|| all[random.below(all.len() as u64) as usize]) else {
                return false;
            };
            if kind == 6 {
                model.evidence.remove(&id);
                return case.evidence_remove(&[EvidenceId(id)], now).unwrap().is_some();
            }
            let caption = format!("caption {}", random.below(3));
            let stands = &mut model.evidence.get_mut(&id).unwrap().1;
            let differs = stands.caption != caption;
            stands.caption = caption;
            assert_eq!(case.evidence_change(EvidenceId(id), stands, now).unwrap().is_some(), differs);
            differs
        }
    }
}

fn compare(case: &CaseFile, model: &Model, step: i64) {
    let leads: Vec<_> = case.leads().unwrap().into_iter().map(|row| (row.id.0, row.content)).collect();
    let expected: Vec<_> = model.leads.iter().map(|(id, (_, content))| (*id, content.clone())).collect();
    assert_eq!(leads, expected, "step {step}");
    let mut evidence = BTreeMap::new();
    for (lead, _) in leads {
        for row in case.lead(LeadId(lead)).unwrap().unwrap().evidence {
            evidence.insert(row.id.0, (lead, row.evidence));
        }
    }
    assert_eq!(evidence, model.evidence, "step {step}");
}

#[test]
fn what_a_region_looks_like_stays_with_its_item_and_its_place() {
    let (_dir, case) = case();
    let lead = case.lead_new(&victim("Willow"), &[whole(1), region(1, 10), region(1, 100)], at(9)).unwrap();
    let looks = |case: &CaseFile| -> Vec<(u64, u32, u32, RegionLook)> {
        let rows = case.regions().unwrap().into_iter();
        rows.map(|row| (row.evidence.0, row.number, row.place, row.look)).collect()
    };
    assert_eq!(looks(&case), [(2, 1, 1, RegionLook::Unknown), (3, 1, 2, RegionLook::Unknown)]);
    let head = case.head().unwrap();
    let pdq = decoded(77, 0).facts.pdq.unwrap();
    let EvidencePart::Region(drawn) = region(1, 10).part else { panic!() };
    case.put_region_look(&digests(1).sha256, &drawn, Some(&pdq)).unwrap();
    case.put_region_look(&digests(1).sha256, &Region { picture_width: 9, ..drawn.clone() }, None).unwrap();
    assert_eq!(case.head().unwrap(), head, "what can be worked out again is no operation");
    let stands = RegionLook::Pdq(Box::new(pdq.clone()));
    assert_eq!(looks(&case)[0], (2, 1, 1, stands.clone()));
    // Moved, it is another region; moved back, it is the same again.
    case.evidence_change(EvidenceId(2), &region(1, 11), at(10)).unwrap().unwrap();
    assert_eq!(looks(&case)[0].3, RegionLook::Unknown);
    case.undo(&|standing, _| standing.visibility.clone(), at(11)).unwrap().unwrap();
    assert_eq!(looks(&case)[0].3, stands);
    let other = case.lead_new(&victim("Elm"), &[region(1, 10)], at(12)).unwrap();
    assert_eq!(case.regions().unwrap().last().map(|row| (row.lead, row.place)), Some((other, 1)));
    assert_eq!(looks(&case)[2].3, stands, "two leads may rest on one region");
    // A set comes to know the item: nothing that was made of its pixels stays.
    let change =
        Rejudged { sha256: digests(1).sha256, visibility: known(1), hits: hidden(1).hits, near: None, decoded: None };
    case.rejudge(&[change], at(13)).unwrap();
    assert_eq!(case.regions().unwrap(), []);
    case.put_region_look(&digests(1).sha256, &drawn, Some(&pdq)).unwrap();
    assert_eq!(case.verify(&mut |_, _, _| {}).unwrap().problems, [], "nothing of it was kept");
    assert_eq!(lead, LeadId(1));
}
