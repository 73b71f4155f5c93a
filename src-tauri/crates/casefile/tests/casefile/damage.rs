//! Files that were changed from outside: every one is told.

use std::path::Path;

use casefile::*;

use crate::support::*;

fn made() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let case = create(dir.path());
    one_of_each(&case);
    case.decide(&[digests(1).sha256], Some(domain::CategoryCode("1".into())), None, at(9)).unwrap();
    drop(case);
    dir
}

fn flip(path: &Path, at: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[at] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

/// Tells whether somebody would hear of it: the case does not open, or its verification finds something.
fn is_told(dir: &Path) -> bool {
    match open_reading(dir, "Anna") {
        Err(error) => {
            let text = error.to_string();
            let expected = matches!(
                error,
                CasefileError::Damaged { .. } | CasefileError::AccessDenied | CasefileError::Database { .. }
            );
            assert!(expected, "{text}");
            true
        }
        Ok(case) => match case.verify(&mut |_, _, _| {}) {
            Err(error) => panic!("a damaged case is a report, not an error: {error}"),
            Ok(report) => !report.problems.is_empty(),
        },
    }
}

#[test]
fn one_bit_anywhere_in_either_file_is_told() {
    let dir = made();
    let seed = 11;
    eprintln!("seed {seed}");
    let mut random = Seeded(seed);
    for name in ["case.zeef", "derived.zeef"] {
        let path = dir.path().join(name);
        let whole = std::fs::read(&path).unwrap();
        let pages = whole.len() / 4096;
        // Every page once, at a random place, and the first bytes of the file.
        let places = (0..pages).map(|page| page * 4096 + random.below(4096) as usize).chain([0, 20]);
        for place in places {
            flip(&path, place);
            assert!(is_told(dir.path()), "{name}, byte {place}");
            std::fs::write(&path, &whole).unwrap();
        }
        std::fs::write(&path, &whole[..whole.len() - 4096]).unwrap();
        assert!(is_told(dir.path()), "{name} lacks its last page");
        std::fs::write(&path, &whole).unwrap();
    }
    assert!(!is_told(dir.path()), "whole again");
}

#[test]
fn a_changed_key_file_opens_nothing_or_is_told() {
    let dir = made();
    let path = dir.path().join("keys.json");
    let whole = std::fs::read(&path).unwrap();
    for place in (0..whole.len()).step_by(7) {
        flip(&path, place);
        assert!(is_told(dir.path()), "byte {place}");
        std::fs::write(&path, &whole).unwrap();
    }
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert!(matches!(open(dir.path(), "Anna"), Err(CasefileError::Damaged { which: CasePart::Keys })));
}

#[test]
fn a_file_of_another_case_does_not_open() {
    let dir = made();
    let other = tempfile::tempdir().unwrap();
    let passphrase = Passphrase::new(PASSPHRASE);
    let cheap = CHEAP;
    drop(CaseFile::create_with_cost(
        other.path(),
        &new_case(),
        &user("Anna"),
        &passphrase,
        at(0),
        &mut Seeded(2),
        cheap,
    ));
    std::fs::copy(other.path().join("derived.zeef"), dir.path().join("derived.zeef")).unwrap();
    let error = open(dir.path(), "Anna").unwrap_err();
    assert!(matches!(error, CasefileError::Damaged { which: CasePart::Derived }), "{error}");
}

#[test]
fn an_older_case_file_put_back_is_told_even_after_work_went_on() {
    let dir = made();
    let path = dir.path().join("case.zeef");
    let older = std::fs::read(&path).unwrap();
    let case = open(dir.path(), "Anna").unwrap();
    let source = case.sources().unwrap()[0].id;
    for number in 70..74 {
        case.record(&[record(source, &number.to_string(), item(shown(number)))], at(20)).unwrap();
    }
    drop(case);
    std::fs::write(&path, older).unwrap();
    // What anybody would do next: the same load again.
    let case = open(dir.path(), "Anna").unwrap();
    case.record(&batch(source), at(30)).unwrap();
    let report = case.verify(&mut |_, _, _| {}).unwrap();
    assert!(report.problems.iter().any(|problem| problem.detail.contains("older copy of case.zeef")), "{report:?}");
    // A derived file that is only gone is no such thing.
    let other = made();
    std::fs::remove_file(other.path().join("derived.zeef")).unwrap();
    let case = open(other.path(), "Anna").unwrap();
    case.record(&batch(source), at(30)).unwrap();
    assert_eq!(case.verify(&mut |_, _, _| {}).unwrap().problems, []);
}
