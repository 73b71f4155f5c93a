//! What leaves a case, who lets it leave, and what came from other tools.

use std::ops::ControlFlow;

use casefile::*;
use domain::*;

use crate::support::*;

const SAMPLE: SampleLook = SampleLook { of: 2, looked: 1 };

fn case() -> (tempfile::TempDir, CaseFile) {
    let dir = tempfile::tempdir().unwrap();
    let case = create(dir.path());
    one_of_each(&case);
    for (name, role) in [
        ("Bob", UserRole::Investigator),
        ("Cleo", UserRole::Auditor),
        ("Dirk", UserRole::TeamLead),
        ("Eva", UserRole::Investigator),
    ] {
        add_user(&case, name, role);
    }
    (dir, case)
}

fn hand_over(dir: &tempfile::TempDir, case: CaseFile, to: &str) -> CaseFile {
    drop(case);
    open(dir.path(), to).unwrap()
}

fn code(code: &str) -> Option<CategoryCode> {
    Some(CategoryCode(code.to_owned()))
}

fn classified(case: &CaseFile, what: ExportWhat) -> Vec<ClassifiedItem> {
    with_words(case, what, SetWords::Kept)
}

fn with_words(case: &CaseFile, what: ExportWhat, words: SetWords) -> Vec<ClassifiedItem> {
    let mut items = Vec::new();
    case.classified_each(what, words, &mut |item| {
        items.push(item);
        ControlFlow::Continue(())
    })
    .unwrap();
    items
}

fn clues(case: &CaseFile) -> Vec<ClueRow> {
    let mut rows = Vec::new();
    case.clue_rows(&mut |row| {
        rows.push(row);
        ControlFlow::Continue(())
    })
    .unwrap();
    rows
}

#[test]
fn whoever_asked_for_an_export_does_not_sign_it() {
    let (dir, anna) = case();
    let request = anna.export_request(&request(), at(9)).unwrap();
    let own = |result: Result<()>| matches!(result, Err(CasefileError::OwnExport { request: 1, .. }));
    let sign = |case: &CaseFile| case.export_signed(request, digests(7).sha256, 2, SAMPLE, at(10)).map(drop);
    assert!(own(anna.export_may_sign(request)) && own(sign(&anna)));
    let no_lead = |result: Result<()>| matches!(result, Err(CasefileError::NotAllowed { .. }));
    let bob = hand_over(&dir, anna, "Bob");
    assert!(no_lead(bob.export_may_sign(request)) && no_lead(sign(&bob)));
    let cleo = hand_over(&dir, bob, "Cleo");
    assert!(no_lead(cleo.export_may_sign(request)) && no_lead(sign(&cleo)));
    drop(cleo);
    let reading = open_reading(dir.path(), "Dirk").unwrap();
    assert!(matches!(reading.export_may_sign(request), Err(CasefileError::ReadingOnly)));
    drop(reading);
    let dirk = open(dir.path(), "Dirk").unwrap();
    assert_eq!(dirk.exports().unwrap()[0].state, ExportState::Asked);
    dirk.export_may_sign(request).unwrap();
    let operation = dirk.export_signed(request, digests(7).sha256, 2, SAMPLE, at(10)).unwrap();
    let ended = |result: Result<()>| matches!(result, Err(CasefileError::ExportEnded { request: 1 }));
    assert!(ended(sign(&dirk)) && ended(dirk.export_withdraw(request, at(11)).map(drop)), "it is signed once");
    assert!(matches!(dirk.export_may_sign(2), Err(CasefileError::NoSuchExport { request: 2 })));
    let row = dirk.exports().unwrap().pop().unwrap();
    assert_eq!((row.by.as_str(), row.at, row.asked), ("Anna", at(9), support_request()));
    let package_sha256 = digests(7).sha256;
    let by = user("Dirk");
    let sample = Some(SAMPLE);
    assert_eq!(row.state, ExportState::Signed { by, at: at(10), operation, package_sha256, items: 2, sample });
    let asked = ledger(&dirk).into_iter().find(|one| one.kind == OperationKind::ExportRequested).unwrap();
    assert_eq!(row.hash, asked.hash, "a sample follows from the operation that asked");
    assert_eq!(dirk.undo(&AS_BEFORE, at(12)).unwrap(), None, "what left cannot be taken back");
    let told = ledger(&dirk).into_iter().find(|row| row.kind == OperationKind::ExportRequested).unwrap();
    assert_eq!(told.detail["asked"]["recipients"][0][0], "Custodian", "the ledger tells for whom");
    check_sound(&dirk);
}

fn support_request() -> ExportRequest {
    request()
}

#[test]
fn a_request_is_withdrawn_by_whoever_asked_or_by_a_team_lead() {
    let (dir, anna) = case();
    drop(anna);
    let bob = open(dir.path(), "Bob").unwrap();
    for _ in 0..3 {
        bob.export_request(&request(), at(9)).unwrap();
    }
    bob.export_withdraw(1, at(10)).unwrap();
    let eva = hand_over(&dir, bob, "Eva");
    assert!(matches!(eva.export_withdraw(2, at(11)), Err(CasefileError::NotAllowed { .. })));
    let dirk = hand_over(&dir, eva, "Dirk");
    dirk.export_withdraw(2, at(12)).unwrap();
    dirk.export_signed(3, digests(7).sha256, 0, SAMPLE, at(13)).unwrap();
    let states: Vec<_> = dirk
        .exports()
        .unwrap()
        .into_iter()
        .map(|row| match row.state {
            ExportState::Asked => "asked".to_owned(),
            ExportState::Signed { by, .. } => format!("signed by {by}"),
            ExportState::Withdrawn { by, .. } => format!("withdrawn by {by}"),
        })
        .collect();
    assert_eq!(states, ["withdrawn by Bob", "withdrawn by Dirk", "signed by Dirk"]);
    check_sound(&dirk);
}

#[test]
fn a_request_says_for_whom_and_why() {
    let (_dir, case) = case();
    let head = case.head().unwrap();
    let bad = [
        ExportRequest { recipients: vec![], ..request() },
        ExportRequest { recipients: vec![("Custodian".into(), " ".into())], ..request() },
        ExportRequest { reason: "\n".into(), ..request() },
    ];
    for request in bad {
        assert!(matches!(case.export_request(&request, at(9)), Err(CasefileError::BadExport)));
    }
    let many = ExportRequest { recipients: vec![("a".into(), "b".into()); RECIPIENTS_MAX + 1], ..request() };
    assert!(matches!(case.export_request(&many, at(9)), Err(CasefileError::Limit { .. })));
    assert_eq!(case.head().unwrap(), head);
}

#[test]
fn each_person_has_one_opinion_and_a_team_lead_settles() {
    let (dir, anna) = case();
    drop(anna);
    let decide = |name: &str, item: u32, category: &str, second: i64| {
        let case = open(dir.path(), name).unwrap();
        case.decide_numbers(&[item], code(category), None, at(second)).unwrap();
        case
    };
    let look = |case: &CaseFile, item: u64| {
        let sha256 = digests(item).sha256;
        let found = classified(case, ExportWhat::Classified).into_iter().find(|it| it.digests.sha256 == sha256);
        found.map(|it| {
            let votes: Vec<_> = it.votes.iter().map(|vote| format!("{} {}", vote.by, vote.category)).collect();
            (it.category.map(|code| code.0), it.standing, votes.join(", "))
        })
    };
    let told = |category: Option<&str>, standing, votes: &str| {
        Some((category.map(str::to_owned), Some(standing), votes.to_owned()))
    };
    use domain::Standing::*;
    assert_eq!(look(&decide("Bob", 1, "1", 10), 1), told(Some("1"), OneOpinion, "Bob 1"));
    assert_eq!(look(&decide("Bob", 1, "2", 11), 1), told(Some("2"), OneOpinion, "Bob 2"));
    assert_eq!(look(&decide("Eva", 1, "2", 12), 1), told(Some("2"), OneOpinion, "Bob 2, Eva 2"));
    let anna = decide("Anna", 1, "2", 13);
    assert_eq!(look(&anna, 1), told(Some("2"), Confirmed, "Bob 2, Eva 2, Anna 2"));
    drop(anna);
    let eva = decide("Eva", 1, "3", 14);
    assert_eq!(look(&eva, 1), told(None, Disputed, "Bob 2, Anna 2, Eva 3"));
    drop(eva);
    let dirk = decide("Dirk", 1, "3", 15);
    assert_eq!(look(&dirk, 1), told(Some("3"), OneOpinion, "Bob 2, Anna 2, Eva 3, Dirk 3"), "a team lead settles it");
    dirk.undo(&AS_BEFORE, at(16)).unwrap();
    assert_eq!(look(&dirk, 1), told(None, Disputed, "Bob 2, Anna 2, Eva 3"), "what was taken back is no opinion");
    dirk.decide_numbers(&[1], None, None, at(17)).unwrap();
    assert_eq!(look(&dirk, 1), None, "no decision is in force");
    let all = classified(&dirk, ExportWhat::All);
    assert_eq!(all.len(), 7, "and all have all");
    assert!(all.iter().any(|item| item.votes.is_empty()));
    assert!(all.iter().all(|item| item.standing.is_none() == item.votes.is_empty()), "no opinion has no standing");
    check_sound(&dirk);
}

#[test]
fn what_is_in_force_is_said_in_its_makers_name() {
    let (dir, anna) = case();
    anna.decide_numbers(&[1], code("1"), None, at(9)).unwrap();
    let bob = hand_over(&dir, anna, "Bob");
    bob.decide_numbers(&[1], code("2"), None, at(10)).unwrap();
    let anna = hand_over(&dir, bob, "Anna");
    anna.undo(&AS_BEFORE, at(11)).unwrap();
    let bob = hand_over(&dir, anna, "Bob");
    bob.undo(&AS_BEFORE, at(12)).unwrap();
    let items = classified(&bob, ExportWhat::Classified);
    assert_eq!((items[0].category.clone(), items[0].votes.len()), (code("1"), 1));
    assert_eq!(items[0].votes[0].by.as_str(), "Anna");
}

#[test]
fn an_item_that_leaves_has_what_sets_and_leads_say_and_no_more() {
    let (_dir, case) = case();
    case.decide_numbers(&[1, 3, 4], code("1"), None, at(9)).unwrap();
    let found = LeadContent { state: LeadState::Identified, series: Some("garden".into()), ..victim("Willow") };
    case.lead_new(&found, &[whole(1), whole(10)], at(10)).unwrap();
    let wrong =
        VetoedEntry { set: "national".parse().unwrap(), version: SetVersion(1), entry: EntryId(11), lasting: true };
    case.veto(&digests(11).sha256, &[wrong], "another picture", &|_, _| NEW, at(11)).unwrap();
    let items = classified(&case, ExportWhat::Classified);
    let [one, ten, eleven] = &items[..] else { panic!("{items:?}") };
    assert_eq!((one.digests, one.occurrences, one.series.join(",")), (digests(1), 2, "garden".to_owned()));
    let yes = Some(true);
    assert_eq!(one.flags, Flags { victim_identified: yes, ..Flags::default() });
    assert_eq!(one.pdq, Some(decoded(1, 0).facts.pdq.unwrap().own()));
    assert_eq!(ten.flags, Flags { victim_identified: yes, distributed: yes, ..Flags::default() });
    assert_eq!((ten.series.join(","), ten.pdq), ("a series,garden".to_owned(), None), "it was never decoded");
    assert_eq!((eleven.flags, eleven.series.len()), (Flags::default(), 0), "the entry is wrong about it");
    assert_eq!((eleven.vetoes.len(), eleven.vetoes[0].reason.as_str()), (1, "another picture"));
    let text = serde_json::to_string(&items).unwrap();
    for needle in ["NAMEMARKER", "PATHMARKER", "SERIALMARKER", "Willow"] {
        assert!(!text.contains(needle), "{needle}");
    }
    let mut first = Vec::new();
    case.classified_each(ExportWhat::All, SetWords::Kept, &mut |item| {
        first.push(item);
        ControlFlow::Break(())
    })
    .unwrap();
    assert_eq!(first.len(), 1, "it ends when it is told to");
}

#[test]
fn what_sets_say_of_an_item_that_nobody_judged_is_left_out_where_it_goes_back_to_them() {
    let (_dir, case) = case();
    let says = |words| -> Vec<(String, Flags)> {
        let items = with_words(&case, ExportWhat::All, words).into_iter();
        items.map(|item| (item.series.join(","), item.flags)).filter(|said| *said != Default::default()).collect()
    };
    let of_sets = ("a series".to_owned(), Flags { distributed: Some(true), ..Flags::default() });
    let hits = says(SetWords::Kept);
    assert!(!hits.is_empty() && hits.iter().all(|said| *said == of_sets), "{hits:?}");
    assert_eq!(says(SetWords::LeftOut), []);
    // A lead says what it says, and no more; a judgement takes along what was known when it was given.
    let found = LeadContent { state: LeadState::Identified, series: Some("garden".into()), ..victim("Willow") };
    case.lead_new(&found, &[whole(10)], at(10)).unwrap();
    let own = Flags { victim_identified: Some(true), ..Flags::default() };
    assert_eq!(says(SetWords::LeftOut), [("garden".to_owned(), own)]);
    case.decide(&[digests(10).sha256], code("1"), None, at(11)).unwrap();
    let both = Flags { distributed: Some(true), ..own };
    assert_eq!(says(SetWords::LeftOut), [("a series,garden".to_owned(), both)]);
}

#[test]
fn clues_are_made_of_what_is_decoded_and_not_hidden() {
    let (_dir, case) = case();
    let told = |case: &CaseFile| clues(case).into_iter().map(|row| row.number).collect::<Vec<_>>();
    assert_eq!(told(&case), [1, 2, 6], "neither hidden ones nor what could not be decoded");
    let change =
        Rejudged { sha256: digests(1).sha256, visibility: known(1), hits: hidden(1).hits, near: None, decoded: None };
    case.decide_numbers(&[1], code("1"), None, at(9)).unwrap();
    case.rejudge(&[change], at(10)).unwrap();
    case.lead_new(&LeadContent { series: Some("garden".into()), ..victim("Willow") }, &[whole(1)], at(11)).unwrap();
    let rows = clues(&case);
    let one = &rows[0];
    assert_eq!((one.number, one.state, one.category.clone()), (1, SheetState::Hidden, code("1")));
    assert_eq!(one.facts, decoded(1, 0).facts);
    assert_eq!(
        (one.places, one.modified, one.series.clone()),
        (2, Some(at(-5)), vec!["a series".into(), "garden".into()])
    );
    assert_eq!(one.place.as_ref().unwrap().1.0, b"a/NAMEMARKER.jpg");
    case.undo(&AS_BEFORE, at(12)).unwrap();
    case.undo(&AS_BEFORE, at(13)).unwrap();
    assert_eq!(told(&case), [2, 6], "hidden again");
}

#[test]
fn clocks_are_said_and_taken_back() {
    let (dir, case) = case();
    case.clock_set("cam 1", 3600, "a receipt", at(9)).unwrap().unwrap();
    assert_eq!(case.clock_set("cam 1", 3600, "a receipt", at(10)).unwrap(), None);
    case.clock_set("cam 1", -60, "a church clock", at(11)).unwrap().unwrap();
    case.clock_set("<b>=2", i32::MIN, "", at(12)).unwrap().unwrap();
    let told = |case: &CaseFile| -> Vec<(String, i32)> {
        case.clocks().unwrap().into_iter().map(|row| (row.device, row.ahead_seconds)).collect()
    };
    assert_eq!(told(&case), [("<b>=2".to_owned(), i32::MIN), ("cam 1".to_owned(), -60)]);
    let undone = case.undo(&AS_BEFORE, at(13)).unwrap().unwrap();
    assert_eq!((undone.step.kind, undone.items), (StepKind::ClockSet, 1));
    case.undo(&AS_BEFORE, at(14)).unwrap();
    assert_eq!(told(&case), [("cam 1".to_owned(), 3600)]);
    let bob = hand_over(&dir, case, "Bob");
    bob.clock_set("cam 1", 5, "measured", at(15)).unwrap();
    let anna = hand_over(&dir, bob, "Anna");
    assert_eq!(anna.redo(&AS_BEFORE, at(16)).unwrap().unwrap().items, 0, "Bob has said otherwise since");
    anna.redo(&AS_BEFORE, at(17)).unwrap();
    assert_eq!(told(&anna), [("<b>=2".to_owned(), i32::MIN), ("cam 1".to_owned(), 5)]);
    let long = "x".repeat(DEVICE_CHARS_MAX + 1);
    assert!(matches!(anna.clock_set(&long, 0, "", at(18)), Err(CasefileError::Limit { .. })));
    check_sound(&anna);
}

#[test]
fn opinions_of_other_tools_are_kept_once_and_decide_nothing() {
    let (_dir, case) = case();
    let source = case.sources().unwrap()[0].id;
    let opinion = |code: &str| Opinion {
        tool: "Tool 7".into(),
        profile: None,
        code: Some(CategoryCode(code.into())),
        meaning: None,
        flags: Flags::default(),
        series: String::new(),
        tags: String::new(),
        comments: "=cmd()".into(),
        updated_raw: None,
        extra: Default::default(),
    };
    let one = digests(1).sha256;
    let file = digests(70).sha256;
    let batch = [(one, opinion("1")), (one, opinion("2")), (digests(10).sha256, opinion("1")), (one, opinion("1"))];
    let counts = case.counts().unwrap();
    let operation = case.opinions_add(source, file, &batch, at(9)).unwrap().unwrap();
    assert_eq!(case.opinions_add(source, file, &batch, at(10)).unwrap(), None, "the same again adds nothing");
    assert_eq!(case.opinions_add(source, file, &[], at(10)).unwrap(), None);
    case.opinions_add(source, file, &[(one, opinion("1")), (one, opinion("3"))], at(11)).unwrap().unwrap();
    let rows = case.opinions_of(1).unwrap();
    let codes: Vec<_> = rows.iter().map(|row| row.opinion.code.clone().unwrap().0).collect();
    assert_eq!(codes, ["1", "2", "3"], "both sides of a contradiction are kept");
    assert_eq!(
        (rows[0].source, rows[0].operation, rows[0].at, &rows[0].opinion),
        (source, operation, at(9), &batch[0].1)
    );
    let mut all = Vec::new();
    case.opinions_each(&mut |item, opinion| {
        all.push((item, opinion.code.unwrap().0));
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(
        all.iter().map(|(item, code)| format!("{item}:{code}")).collect::<Vec<_>>(),
        ["1:1", "1:2", "1:3", "3:1"]
    );
    let mut contradicting = Vec::new();
    case.opinions_contradicting(&mut |item, sha256, opinions| {
        contradicting.push((item, sha256, opinions.len()));
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(contradicting, [(1, one, 3)], "one opinion contradicts nobody");
    assert!(list(&case, ListFilter::Conflicts).iter().any(|row| row.sha256 == Some(one)));
    assert_eq!((case.counts().unwrap(), case.undo(&AS_BEFORE, at(12)).unwrap()), (counts, None));
    assert_eq!(case.touched(operation).unwrap(), [1, 3]);
    let unknown = case.opinions_add(source, file, &[(digests(99).sha256, opinion("1"))], at(13));
    assert!(matches!(unknown, Err(CasefileError::NoSuchItem { .. })));
    let nowhere = case.opinions_add(SourceId(9), file, &batch, at(13));
    assert!(matches!(nowhere, Err(CasefileError::NoSuchSource { .. })));
    check_sound(&case);
}

#[test]
fn what_is_taken_out_is_noted_and_nothing_else_is_noted_that_way() {
    let (dir, case) = case();
    use OperationKind::*;
    for kind in [ReportWritten, IndexOpened, IndexWritten, PackageWritten, MediaExported] {
        let detail = serde_json::json!({ "sha256": "0", "keys_sha256": "forged" });
        let operation = case.note_access(kind, detail.clone(), at(9)).unwrap();
        let row = ledger(&case).pop().unwrap();
        assert_eq!((row.seq, row.kind, &row.detail["what"]), (operation.0, kind, &detail));
    }
    for kind in [Decided, UserAdded, ExportSigned, LeadMade, Created] {
        let refused = case.note_access(kind, serde_json::json!({}), at(10));
        assert!(matches!(refused, Err(CasefileError::NoAccess { .. })), "{kind:?}");
    }
    let long = "x".repeat(ACCESS_BYTES_MAX);
    let refused = case.note_access(ReportWritten, serde_json::json!(long), at(10));
    assert!(matches!(refused, Err(CasefileError::Limit { .. })));
    check_sound(&case);
    let cleo = hand_over(&dir, case, "Cleo");
    cleo.note_access(ReportWritten, serde_json::json!({}), at(11)).unwrap();
    let refused = cleo.note_access(MediaExported, serde_json::json!({}), at(12));
    assert!(matches!(refused, Err(CasefileError::NotAllowed { .. })));
    check_sound(&cleo);
}

#[test]
fn what_is_stated_of_a_case_is_said_by_somebody_and_taken_back() {
    let (dir, anna) = case();
    let acts = |acts: &[(&str, Option<u64>)]| -> Vec<(String, Option<u64>)> {
        acts.iter().map(|(act, items)| ((*act).to_owned(), *items)).collect()
    };
    let told = |case: &CaseFile| -> Vec<(String, Option<u64>, String, UtcTime)> {
        let stated = case.qualification().unwrap().into_iter();
        stated.map(|one| (one.act, one.items, one.by.to_string(), one.at)).collect()
    };
    let row = |act: &str, items, by: &str, seconds| (act.to_owned(), items, by.to_owned(), at(seconds));
    assert_eq!(told(&anna), []);
    let first = acts(&[("possession", Some(120)), ("abuse", Some(0)), ("production", None)]);
    anna.qualification_state(&first, at(9)).unwrap().unwrap();
    assert_eq!(anna.qualification_state(&first, at(10)).unwrap(), None, "it is said already");
    assert_eq!(told(&anna), [row("abuse", Some(0), "Anna", 9), row("possession", Some(120), "Anna", 9)]);
    let bob = hand_over(&dir, anna, "Bob");
    bob.qualification_state(&acts(&[("possession", Some(130)), ("abuse", None)]), at(11)).unwrap().unwrap();
    assert_eq!(told(&bob), [row("abuse", None, "Bob", 11), row("possession", Some(130), "Bob", 11)]);
    let undone = bob.undo(&AS_BEFORE, at(12)).unwrap().unwrap();
    assert_eq!((undone.step.kind, undone.items), (StepKind::QualificationStated, 1));
    assert_eq!(told(&bob), [row("abuse", Some(0), "Anna", 9), row("possession", Some(120), "Anna", 9)]);
    bob.redo(&AS_BEFORE, at(13)).unwrap().unwrap();
    let anna = hand_over(&dir, bob, "Anna");
    let undone = anna.undo(&AS_BEFORE, at(14)).unwrap().unwrap();
    assert_eq!(undone.items, 0, "Bob has said otherwise since");
    assert_eq!(told(&anna), [row("abuse", None, "Bob", 11), row("possession", Some(130), "Bob", 11)]);
    let many: Vec<_> = (0..=ACTS_MAX).map(|n| (n.to_string(), Some(1))).collect();
    let long = [("x".repeat(ACT_CHARS_MAX + 1), Some(1))];
    for refused in [&many[..], &long] {
        assert!(matches!(anna.qualification_state(refused, at(15)), Err(CasefileError::Limit { .. })));
    }
    let cleo = hand_over(&dir, anna, "Cleo");
    assert!(matches!(cleo.qualification_state(&first, at(16)), Err(CasefileError::NotAllowed { .. })), "an auditor");
    assert_eq!(told(&cleo).len(), 2);
    check_sound(&cleo);
}

#[test]
fn who_looked_at_what_is_asked_since_a_moment() {
    let (_dir, anna) = case();
    anna.seen_add(1, false, at(9)).unwrap();
    anna.seen_add(3, true, at(11)).unwrap();
    assert_eq!(anna.seen_among(&[3, 2, 1], at(10)).unwrap(), [3]);
    assert_eq!(anna.seen_among(&[3, 2, 1], at(9)).unwrap(), [3, 1]);
}
