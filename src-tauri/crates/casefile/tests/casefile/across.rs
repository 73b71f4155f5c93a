//! The index over the cases of one person.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use casefile::across::*;
use casefile::*;
use domain::*;

use crate::support::*;

fn passphrase() -> Passphrase {
    Passphrase::new(PASSPHRASE)
}

/// Makes a case of Anna's with these pictures, shown, and one hidden.
fn case_of(dir: &Path, seed: u64, shown_ones: &[u64]) -> CaseFile {
    let new = NewCase { number: format!("case {seed}"), ..new_case() };
    let case =
        CaseFile::create_with_cost(dir, &new, &user("Anna"), &passphrase(), at(0), &mut Seeded(seed), CHEAP).unwrap();
    put_sets(&case);
    let source = case.add_source(Path::new("/evidence/PATHMARKER"), "folder", at(4)).unwrap();
    let mut batch: Vec<_> =
        shown_ones.iter().map(|number| record(source, &format!("{number}.jpg"), item(shown(*number)))).collect();
    batch.push(record(source, "known.jpg", item(hidden(10))));
    batch.push(record(source, "broken.jpg", item(refused(40, RefusalCode::Undecodable))));
    case.record(&batch, at(5)).unwrap();
    case
}

struct Place {
    dir: tempfile::TempDir,
    path: PathBuf,
}

fn place() -> Place {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(format!("mine{INDEX_ENDING}"));
    Place { dir, path }
}

fn made(place: &Place) -> Index {
    Index::create_with_cost(&place.path, &user("Anna"), &passphrase(), &mut Seeded(5), CHEAP).unwrap()
}

fn labelled(name: &str, labels: &[&str]) -> LeadContent {
    let labels: BTreeSet<_> = labels.iter().map(|label| LabelCode((*label).to_owned())).collect();
    LeadContent { labels, vocabulary: "zeef/1".to_owned(), text: "TEXTMARKER".to_owned(), ..victim(name) }
}

#[test]
fn what_is_in_one_case_is_found_in_the_others() {
    let place = place();
    let index = made(&place);
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let here = case_of(dirs[0].path(), 1, &[1, 2]);
    let there = case_of(dirs[1].path(), 2, &[2, 3]);
    let lead = here.lead_new(&labelled("Willow", &["building.socket-f", "text.dutch"]), &[], at(6)).unwrap();
    there.lead_new(&victim("Elm"), &[], at(6)).unwrap();
    there.lead_new(&labelled("WILLOW ", &["building.socket-f"]), &[], at(6)).unwrap();
    let put = index.put(&here, at(7)).unwrap();
    assert_eq!(put, Indexed { items: 2, looks: 2, serials: 1, leads: 1, regions: 0 });
    index.put(&there, at(8)).unwrap();
    let (one, two) = (here.info().case_id, there.info().case_id);
    let cases: Vec<_> = index.cases().unwrap().into_iter().map(|it| (it.number, it.written, it.items)).collect();
    assert_eq!(cases, [("case 1".to_owned(), at(7), 2), ("case 2".to_owned(), at(8), 2)]);

    let serials = index.find_serial(" SERIALMARKER ").unwrap();
    let told: Vec<_> = serials.iter().map(|it| (it.case_id.as_str(), it.of, it.items)).collect();
    assert_eq!(told, [(one.as_str(), SerialOf::Body, 2), (two.as_str(), SerialOf::Body, 2)]);
    assert_eq!(index.shared_serials(&one).unwrap(), serials[1..]);
    assert_eq!(index.find_serial("serialmarker").unwrap(), []);

    let found: Vec<_> = index.find_digest(&digests(2).sha256).unwrap().into_iter().map(|it| it.number).collect();
    assert_eq!(found, [2, 1]);
    assert_eq!(index.find_digest(&digests(10).sha256).unwrap(), [], "what a set hides is in no index");
    let mut shared = Vec::new();
    index
        .shared_items(&one, &mut |number, sha256, other| {
            shared.push((number, sha256, other));
            ControlFlow::Continue(())
        })
        .unwrap();
    let other = ItemFound { case_id: two.clone(), number: 1 };
    assert_eq!(shared, [(2, digests(2).sha256, other)]);

    let by =
        |which: LeadsWhere| -> Vec<_> { index.find_leads(&which).unwrap().into_iter().map(|it| it.name).collect() };
    assert_eq!(by(LeadsWhere::Label(LabelCode("building.socket-f".into()))), ["Willow", "WILLOW "]);
    assert_eq!(by(LeadsWhere::Name("willow".into())), ["Willow", "WILLOW "]);
    assert_eq!(by(LeadsWhere::Kind(LeadKind::Victim)), ["Willow", "Elm", "WILLOW "]);
    assert_eq!(by(LeadsWhere::Kind(LeadKind::Place)), Vec::<String>::new());
    let shared = index.shared_labels(&one).unwrap();
    let told: Vec<_> = shared.iter().map(|(label, here, there)| (label.0.as_str(), *here, there.lead)).collect();
    assert_eq!(told, [("building.socket-f", lead, LeadId(2))]);
    assert_eq!((shared[0].2.case_id.as_str(), shared[0].2.labels.len()), (two.as_str(), 1));
    check_sound(&here);
}

#[test]
fn looking_alike_is_found_as_brute_force_finds_it() {
    let place = place();
    let index = made(&place);
    let dir = tempfile::tempdir().unwrap();
    let numbers: Vec<u64> = (1..=60).collect();
    let case = case_of(dir.path(), 1, &numbers);
    index.put(&case, at(7)).unwrap();
    let all: Vec<(u32, Pdq)> = numbers
        .iter()
        .map(|number| {
            let item = case.number_of(&digests(*number).sha256).unwrap().unwrap();
            (item, decoded(*number, 0).facts.pdq.unwrap().own())
        })
        .collect();
    let seed = 3;
    eprintln!("seed {seed}");
    let mut random = Seeded(seed);
    let mut asked: Vec<PdqSet> = Vec::new();
    for _ in 0..40 {
        let mut set = decoded(1000 + random.below(9), 0).facts.pdq.unwrap();
        let mut near = all[random.below(60) as usize].1;
        for _ in 0..random.below(40) {
            let bit = random.below(256) as usize;
            near.0[bit / 8] ^= 1 << (bit % 8);
        }
        set.orientations[random.below(8) as usize] = near;
        asked.push(set);
    }
    let mut expected = Vec::new();
    for (number, pdq) in &all {
        for (place, set) in asked.iter().enumerate() {
            let distance = set.orientations.iter().map(|one| one.distance(pdq)).min().unwrap();
            if distance <= PdqSet::RADIUS {
                expected.push((place, *number, distance));
            }
        }
    }
    let mut found = Vec::new();
    index
        .find_looks(&asked, PdqSet::RADIUS, &mut |it| {
            assert_eq!(Some(it.sha256), case.sha256_of(it.number).unwrap());
            found.push((it.asked, it.number, it.distance));
            ControlFlow::Continue(())
        })
        .unwrap();
    assert!(expected.len() > 10, "the test can see nothing if nothing looks alike");
    assert_eq!(found, expected);
}

#[test]
fn regions_of_leads_are_found_again_in_other_cases() {
    let place = place();
    let index = made(&place);
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let (here, there) = (case_of(dirs[0].path(), 1, &[1, 2]), case_of(dirs[1].path(), 2, &[2, 3]));
    let lead = there.lead_new(&victim("Elm"), &[region(3, 10), region(3, 100), region(2, 10)], at(6)).unwrap();
    let pdq = |number: u64| decoded(number, 0).facts.pdq.unwrap();
    let drawn = |evidence: Evidence| match evidence.part {
        EvidencePart::Region(region) => (evidence.item, region),
        other => panic!("{other:?}"),
    };
    let keep = |evidence: Evidence, pdq: &PdqSet| {
        let (item, region) = drawn(evidence);
        there.put_region_look(&item, &region, Some(pdq)).unwrap();
    };
    keep(region(3, 100), &pdq(500));
    keep(region(2, 10), &PdqSet { quality: PdqSet::QUALITY_MIN - 1, ..pdq(501) });
    assert_eq!(index.put(&there, at(7)).unwrap().regions, 1, "one is not known, one says too little");
    index.put(&here, at(7)).unwrap();
    let mut near = pdq(7);
    near.orientations[4] = pdq(500).own();
    near.orientations[4].0[9] ^= 0b101;
    let found = index.find_regions(&[pdq(8), near], PdqSet::RADIUS).unwrap();
    let expected = across::RegionFound {
        asked: 1,
        case_id: there.info().case_id,
        lead,
        name: "Elm".to_owned(),
        number: 2,
        place: 2,
        distance: 2,
    };
    assert_eq!(found, [expected]);
    index.forget(&there.info().case_id).unwrap();
    assert_eq!(index.find_regions(&[pdq(500)], PdqSet::RADIUS).unwrap(), []);
}

#[test]
fn a_case_is_put_anew_in_place_of_what_was_there_and_forgotten_whole() {
    let place = place();
    let index = made(&place);
    let dir = tempfile::tempdir().unwrap();
    let case = case_of(dir.path(), 1, &[1, 2]);
    let lead = case.lead_new(&labelled("Willow", &["a"]), &[], at(6)).unwrap();
    index.put(&case, at(7)).unwrap();
    let change =
        Rejudged { sha256: digests(1).sha256, visibility: known(1), hits: hidden(1).hits, near: None, decoded: None };
    case.rejudge(&[change], at(8)).unwrap();
    case.lead_change(lead, &victim("Elm"), at(8)).unwrap();
    case.decide_numbers(&[4], Some(CategoryCode("1".into())), None, at(8)).unwrap();
    assert_eq!(index.put(&case, at(9)).unwrap(), Indexed { items: 2, looks: 1, serials: 1, leads: 1, regions: 0 });
    assert_eq!(index.find_digest(&digests(1).sha256).unwrap(), [], "it is hidden now");
    assert_eq!(index.find_digest(&digests(40).sha256).unwrap().len(), 1, "a person has decided about it");
    assert_eq!(index.find_leads(&LeadsWhere::Label(LabelCode("a".into()))).unwrap(), []);
    assert_eq!(index.cases().unwrap()[0].head.0 + 1, case.head().unwrap().0, "its head before it was noted");
    assert!(index.forget(&case.info().case_id).unwrap());
    assert!(!index.forget(&case.info().case_id).unwrap());
    assert_eq!((index.cases().unwrap(), index.find_serial("SERIALMARKER").unwrap()), (vec![], vec![]));
    assert_eq!(index.find_leads(&LeadsWhere::Kind(LeadKind::Victim)).unwrap(), []);
}

#[test]
fn nobody_but_its_owner_opens_it_and_every_opening_is_noted() {
    let place = place();
    let dir = tempfile::tempdir().unwrap();
    let case = case_of(dir.path(), 1, &[1]);
    add_user(&case, "Bob", UserRole::TeamLead);
    made(&place).put(&case, at(7)).unwrap();
    assert!(matches!(
        Index::create_with_cost(&place.path, &user("Anna"), &passphrase(), &mut Seeded(5), CHEAP),
        Err(CasefileError::IndexThere { .. })
    ));
    let head = case.head().unwrap();
    let wrong = Index::open(&place.path, &Passphrase::new("wrong horse"), &case, at(8));
    assert!(matches!(wrong, Err(CasefileError::AccessDenied)));
    assert_eq!(case.head().unwrap(), head);
    let index = Index::open(&place.path, &passphrase(), &case, at(9)).unwrap();
    assert_eq!(index.cases().unwrap().len(), 1);
    let kinds: Vec<_> = ledger(&case).into_iter().map(|row| row.kind).collect();
    assert_eq!(kinds[kinds.len() - 2..], [OperationKind::IndexWritten, OperationKind::IndexOpened]);
    drop(case);
    let reading = open_reading(dir.path(), "Anna").unwrap();
    assert!(matches!(Index::open(&place.path, &passphrase(), &reading, at(9)), Err(CasefileError::ReadingOnly)));
    drop(reading);
    let bob = open(dir.path(), "Bob").unwrap();
    assert!(matches!(Index::open(&place.path, &passphrase(), &bob, at(9)), Err(CasefileError::AccessDenied)));
    assert!(matches!(index.put(&bob, at(9)), Err(CasefileError::NotAllowed { .. })), "it is Anna's");
    check_sound(&bob);
}

#[test]
fn nothing_in_an_index_can_be_read_without_its_key() {
    let place = place();
    let dir = tempfile::tempdir().unwrap();
    let case = case_of(dir.path(), 1, &[1, 2]);
    case.lead_new(&labelled("LEADMARKER", &["LABELMARKER"]), &[], at(6)).unwrap();
    let index = made(&place);
    index.put(&case, at(7)).unwrap();
    let files = || -> Vec<PathBuf> {
        std::fs::read_dir(place.dir.path()).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    let mut needles: Vec<Vec<u8>> =
        ["LEADMARKER", "LABELMARKER", "SERIALMARKER", "case 1", "Anna", "SQLite", "TEXTMARKER"]
            .map(|text| text.as_bytes().to_vec())
            .to_vec();
    needles.push(digests(1).sha256.0.to_vec());
    needles.push(decoded(1, 0).facts.pdq.unwrap().own().0.to_vec());
    let scan = || {
        for path in files() {
            let bytes = std::fs::read(&path).unwrap();
            for needle in &needles {
                assert!(!bytes.windows(needle.len()).any(|window| window == needle), "{}", path.display());
            }
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0, "{}", path.display());
        }
    };
    scan();
    drop(index);
    scan();
    let leads =
        Index::open(&place.path, &passphrase(), &case, at(8)).unwrap().find_leads(&LeadsWhere::Kind(LeadKind::Victim));
    assert_eq!(leads.unwrap()[0].name, "LEADMARKER");
}

#[test]
fn a_damaged_or_missing_index_is_told_and_a_half_made_one_is_finished() {
    let place = place();
    let dir = tempfile::tempdir().unwrap();
    let case = case_of(dir.path(), 1, &[1]);
    let open_it = || Index::open(&place.path, &passphrase(), &case, at(8));
    assert!(matches!(open_it(), Err(CasefileError::NotAnIndex { .. })));
    drop(made(&place));
    let keys = place.dir.path().join(format!("mine{INDEX_ENDING}{INDEX_KEYS_ENDING}"));
    std::fs::remove_file(&place.path).unwrap();
    open_it().unwrap().put(&case, at(8)).unwrap();
    let whole = std::fs::read(&place.path).unwrap();
    let damaged = |result: Result<Index>| matches!(result, Err(CasefileError::Damaged { which: CasePart::Index }));
    let mut broken = whole.clone();
    broken[100] ^= 1;
    std::fs::write(&place.path, broken).unwrap();
    assert!(damaged(open_it()));
    std::fs::write(&place.path, b"no database").unwrap();
    assert!(damaged(open_it()));
    std::fs::write(&place.path, whole).unwrap();
    assert_eq!(open_it().unwrap().cases().unwrap().len(), 1);
    std::fs::write(&keys, b"{}").unwrap();
    assert!(damaged(open_it()));
    std::fs::remove_file(&keys).unwrap();
    assert!(matches!(open_it(), Err(CasefileError::NotAnIndex { .. })));
}
