//! Making and opening cases, users and roles, and that nothing stands on the disk in plain text.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use casefile::*;

use crate::support::*;

#[test]
fn a_case_is_made_once_and_opened_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("deep/case");
    let case = create(&path);
    let info = case.info();
    assert_eq!((info.number.as_str(), info.scheme.clone()), ("PL0900-2026-MARKER", scheme()));
    assert_eq!(info.case_id.len(), 36);
    assert_eq!(case.user(), (user("Anna"), UserRole::TeamLead));
    drop(case);
    assert!(matches!(try_create(&path), Err(CasefileError::AlreadyThere { .. })));
    let case = open(&path, "Anna").unwrap();
    assert_eq!(case.info(), info);
    check_sound(&case);
    let kinds: Vec<_> = ledger(&case).iter().map(|row| row.kind).collect();
    assert_eq!(kinds, [OperationKind::Created, OperationKind::Opened, OperationKind::Opened]);
}

#[test]
fn a_wrong_passphrase_and_an_unknown_user_get_the_same_answer() {
    let dir = tempfile::tempdir().unwrap();
    drop(create(dir.path()));
    let answer = |name: &str, passphrase: &str| {
        CaseFile::open(dir.path(), &user(name), &Passphrase::new(passphrase), at(1)).unwrap_err().to_string()
    };
    let expected = CasefileError::AccessDenied.to_string();
    for (name, passphrase) in [("Anna", "wrong"), ("Bob", PASSPHRASE), ("Bob", ""), ("anna", PASSPHRASE)] {
        assert_eq!(answer(name, passphrase), expected);
    }
}

#[test]
fn a_weak_passphrase_makes_no_case() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("case");
    let made = CaseFile::create(&path, &new_case(), &user("Anna"), &Passphrase::new("short"), at(0), &mut Seeded(1));
    assert!(matches!(made, Err(CasefileError::WeakPassphrase { min: 8 })));
    assert!(!path.exists());
}

#[test]
fn a_folder_with_other_files_and_one_without_a_case_are_told() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(open(dir.path(), "Anna"), Err(CasefileError::NotACase { .. })));
    assert!(matches!(open(&dir.path().join("not there"), "Anna"), Err(CasefileError::NotACase { .. })));
    std::fs::write(dir.path().join("holiday.txt"), "x").unwrap();
    assert!(matches!(try_create(dir.path()), Err(CasefileError::NotEmpty { .. })));
}

#[test]
fn a_half_made_case_is_told_and_made_by_the_same_call() {
    let dir = tempfile::tempdir().unwrap();
    let made = tempfile::tempdir().unwrap();
    drop(create(made.path()));
    for name in ["case.zeef", "derived.zeef"] {
        std::fs::copy(made.path().join(name), dir.path().join(name)).unwrap();
    }
    // Without the mark nobody may throw these away: their key file may only be mislaid.
    assert!(matches!(try_create(dir.path()), Err(CasefileError::NotEmpty { .. })));
    std::fs::write(dir.path().join("making"), "").unwrap();
    assert!(matches!(open(dir.path(), "Anna"), Err(CasefileError::HalfMade { .. })));
    check_sound(&create(dir.path()));
    assert!(!dir.path().join("making").exists());
}

#[test]
fn folder_and_files_are_private() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("case");
    let case = create(&path);
    one_of_each(&case);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o700);
    let names: Vec<_> = std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(names.len() >= 6, "logs are looked at too: {names:?}");
    names.iter().for_each(|name| assert_eq!(mode(name), 0o600, "{}", name.display()));
}

#[test]
fn nothing_stands_on_the_disk_in_plain_text() {
    let dir = tempfile::tempdir().unwrap();
    let case = create(dir.path());
    one_of_each(&case);
    case.decide(&[digests(1).sha256], Some(domain::CategoryCode("1".into())), Some("NOTEMARKER"), at(6)).unwrap();
    let look = || {
        let markers: [&[u8]; 8] = [
            b"MARKER",
            PASSPHRASE.as_bytes(),
            b"national",
            b"Anna",
            b"image/jpeg",
            b"SQLite format",
            b"CREATE TABLE",
            &digests(1).sha256.0,
        ];
        for entry in std::fs::read_dir(dir.path()).unwrap() {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            for marker in markers {
                let found = bytes.windows(marker.len()).any(|window| window == marker);
                assert!(!found, "{} has {}", path.display(), String::from_utf8_lossy(marker));
            }
        }
    };
    look();
    drop(case);
    look();
}

#[test]
fn one_process_writes_and_others_read_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let case = create(dir.path());
    one_of_each(&case);
    let reader = open_reading(dir.path(), "Anna").unwrap();
    assert_eq!(reader.counts().unwrap(), case.counts().unwrap());
    assert!(matches!(reader.undo(&AS_BEFORE, at(9)), Err(CasefileError::ReadingOnly)));
    let source = case.sources().unwrap()[0].id;
    case.record(&[record(source, "late.jpg", item(shown(99)))], at(9)).unwrap();
    assert_eq!(reader.counts().unwrap(), case.counts().unwrap());
    check_sound(&reader);
    assert!(matches!(open(dir.path(), "Anna"), Err(CasefileError::InUse { .. })));
    drop(case);
    check_sound(&open(dir.path(), "Anna").unwrap());
}

#[test]
fn only_a_team_lead_manages_users_and_one_stays() {
    let dir = tempfile::tempdir().unwrap();
    let case = create(dir.path());
    add_user(&case, "Bob", UserRole::Investigator);
    add_user(&case, "Carla", UserRole::Auditor);
    let again = case.add_user(&user("Bob"), UserRole::Auditor, &Passphrase::new(PASSPHRASE), at(2), &mut Seeded(4));
    assert!(matches!(again, Err(CasefileError::UserExists { .. })));
    assert!(matches!(case.remove_user(&user("Anna"), at(3)), Err(CasefileError::LastTeamLead { .. })));
    assert!(matches!(case.remove_user(&user("Dirk"), at(3)), Err(CasefileError::NoSuchUser { .. })));
    drop(case);

    let bob = open(dir.path(), "Bob").unwrap();
    assert_eq!(bob.user().1, UserRole::Investigator);
    assert!(matches!(bob.remove_user(&user("Carla"), at(4)), Err(CasefileError::NotAllowed { .. })));
    let added = bob.add_user(&user("Dirk"), UserRole::Auditor, &Passphrase::new(PASSPHRASE), at(4), &mut Seeded(5));
    assert!(matches!(added, Err(CasefileError::NotAllowed { .. })));
    one_of_each(&bob);
    drop(bob);

    let anna = open(dir.path(), "Anna").unwrap();
    anna.remove_user(&user("Bob"), at(5)).unwrap();
    check_sound(&anna);
    drop(anna);
    assert!(matches!(open(dir.path(), "Bob"), Err(CasefileError::AccessDenied)));
    assert!(matches!(open_reading(dir.path(), "Bob"), Err(CasefileError::AccessDenied)));
    let anna = open(dir.path(), "Anna").unwrap();
    add_user(&anna, "Bob", UserRole::TeamLead);
    let rows = anna.users().unwrap();
    let told: Vec<_> = rows.iter().map(|row| (row.name.as_str(), row.role, row.removed.is_some())).collect();
    let expected = [
        ("Anna", UserRole::TeamLead, false),
        ("Bob", UserRole::Investigator, true),
        ("Carla", UserRole::Auditor, false),
        ("Bob", UserRole::TeamLead, false),
    ];
    assert_eq!(told, expected);
    check_sound(&anna);
}

#[test]
fn a_removed_user_stays_out_with_the_old_key_file() {
    let dir = tempfile::tempdir().unwrap();
    let case = create(dir.path());
    add_user(&case, "Bob", UserRole::Investigator);
    let old = std::fs::read(dir.path().join("keys.json")).unwrap();
    case.remove_user(&user("Bob"), at(5)).unwrap();
    drop(case);
    std::fs::write(dir.path().join("keys.json"), &old).unwrap();
    assert!(matches!(open(dir.path(), "Bob"), Err(CasefileError::AccessDenied)));
    // The next opening takes the slot out again, which leaves the file that was noted.
    check_sound(&open(dir.path(), "Anna").unwrap());
    assert_ne!(std::fs::read(dir.path().join("keys.json")).unwrap(), old);
}

#[test]
fn a_passphrase_is_changed_and_the_old_one_opens_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let case = create(dir.path());
    let old = std::fs::read(dir.path().join("keys.json")).unwrap();
    case.change_passphrase(&Passphrase::new("another one, longer"), at(5), &mut Seeded(9)).unwrap();
    assert!(matches!(
        case.change_passphrase(&Passphrase::new("short"), at(5), &mut Seeded(9)),
        Err(CasefileError::WeakPassphrase { .. })
    ));
    drop(case);
    assert!(matches!(open(dir.path(), "Anna"), Err(CasefileError::AccessDenied)));
    let reopen =
        || CaseFile::open(dir.path(), &user("Anna"), &Passphrase::new("another one, longer\n"), at(6)).unwrap();
    check_sound(&reopen());
    // An old key file that somebody puts back works, because the key is the same; the ledger tells that it was done.
    std::fs::write(dir.path().join("keys.json"), old).unwrap();
    let case = open(dir.path(), "Anna").unwrap();
    assert!(ledger(&case).iter().any(|row| row.kind == OperationKind::KeysDiffer));
    check_sound(&case);
}

#[test]
fn an_auditor_reads_and_verifies_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let case = create(dir.path());
    let source = one_of_each(&case);
    add_user(&case, "Carla", UserRole::Auditor);
    drop(case);
    let carla = open(dir.path(), "Carla").unwrap();
    check_sound(&carla);
    let head = carla.head().unwrap();
    let item = digests(1).sha256;
    let refusals = [
        carla.add_source(Path::new("/x"), "folder", at(9)).map(drop),
        carla.record(&batch(source), at(9)).map(drop),
        carla.source_loaded(source, serde_json::json!({}), at(9)),
        carla.put_sets(&[], at(9)),
        carla.rejudge(&[Rejudged { sha256: item, visibility: NEW, hits: vec![], near: None, decoded: None }], at(9)),
        carla.put_stacks(&[], at(9)),
        carla.decide(&[item], None, None, at(9)).map(drop),
        carla.undo(&AS_BEFORE, at(9)).map(drop),
        carla.redo(&AS_BEFORE, at(9)).map(drop),
        carla.drop_derived(at(9)),
        carla.remove_user(&user("Anna"), at(9)),
    ];
    for (index, refusal) in refusals.into_iter().enumerate() {
        assert!(matches!(refusal, Err(CasefileError::NotAllowed { role: UserRole::Auditor, .. })), "{index}");
    }
    assert_eq!(carla.head().unwrap(), head);
}
