//! What an update is refused for, and what it waits for: each beside the same update without the fault, which is taken.
#![expect(clippy::disallowed_methods, reason = "a test reads and damages files that it has made itself")]

use std::path::Path;

use domain::release::FloodLimits;
use domain::{AnyDigest, CategoryCode, Entry, EntryId, Role, SetVersion, Sha256, UtcTime};

use crate::apply::apply_with;
use crate::history::{Publisher, digest, version_in};
use crate::model::{files, import, new_set};
use crate::release::{Change, DeltaHead, DeltaWriter};
use crate::store::Order;
use crate::wait::{Turn, WaitReason};
use crate::{Applied, Consent, HashsetError, Incoming, Sets, compact, remove, synthetic};

fn row(number: u64) -> Entry {
    synthetic::entry(1, number)
}

fn upserts(numbers: std::ops::Range<u64>) -> Vec<Change> {
    numbers.map(|number| Change::Upsert(row(number))).collect()
}

fn withdraw(id: u64) -> Change {
    Change::Withdraw { id: EntryId(id), reason: "wrong".to_owned() }
}

/// A publisher whose version 1 has 100 rows and is installed, and whose version 2 withdraws 5, changes 5 and adds 10.
fn second_version(site: &Path, sets: &Path, role: Role) -> Publisher {
    let mut publisher = Publisher::new(site, "published", role);
    publisher.release(&upserts(0..100));
    publisher.snapshot();
    assert!(matches!(publisher.sync(sets, 9).unwrap(), Applied::Switched(_)));
    let changed = |number| Change::Upsert(Entry { series: "s".to_owned(), ..row(number) });
    let mut changes: Vec<_> = (0..5).map(withdraw).collect();
    changes.extend((5..10).map(changed));
    changes.extend(upserts(100..110));
    publisher.release(&changes);
    publisher
}

fn take(sets: &Path, incoming: &Incoming) -> Result<Applied, HashsetError> {
    apply_with(sets, incoming, Consent::Limits, 64, Order::Safe)
}

/// Checks that an update with a fault is refused with these words and changes nothing, and that it is taken without.
fn check_refused(break_it: &dyn Fn(&Path, &mut Incoming), deltas: usize, words: &str) {
    let (sets, site) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut publisher = second_version(site.path(), sets.path(), Role::Known);
    if deltas == 0 {
        publisher.snapshot();
    }
    let incoming = publisher.incoming(publisher.index(deltas), Some(SetVersion(1)));
    let whole: Vec<_> =
        incoming.files.iter().map(|file| std::fs::read(site.path().join(&file.name)).unwrap()).collect();
    let before = Sets::open(sets.path()).unwrap().fingerprint();
    let count = std::fs::read_dir(sets.path()).unwrap().count();
    let mut broken = incoming.clone();
    break_it(site.path(), &mut broken);
    let error = take(sets.path(), &broken).expect_err(words);
    assert!(error.to_string().contains(words), "{error}");
    assert_eq!(Sets::open(sets.path()).unwrap().fingerprint(), before, "{words}");
    assert_eq!(std::fs::read_dir(sets.path()).unwrap().count(), count, "nothing is left behind: {words}");
    for (file, bytes) in incoming.files.iter().zip(&whole) {
        std::fs::write(site.path().join(&file.name), bytes).unwrap();
    }
    assert!(matches!(take(sets.path(), &incoming).unwrap(), Applied::Switched(_)), "{words}");
}

#[test]
fn what_is_not_signed_is_refused_and_the_same_is_taken_as_it_was_signed() {
    for deltas in [0, 9] {
        let damage = |site: &Path, incoming: &mut Incoming, change: &dyn Fn(&mut Vec<u8>)| {
            let path = site.join(&incoming.files[0].name);
            let mut bytes = std::fs::read(&path).unwrap();
            change(&mut bytes);
            std::fs::write(&path, bytes).unwrap();
        };
        check_refused(&|site, i| damage(site, i, &|bytes| bytes[700] ^= 1), deltas, "SHA-256 is not the signed one");
        check_refused(&|site, i| damage(site, i, &|bytes| bytes.push(0)), deltas, "another length");
        check_refused(&|site, i| damage(site, i, &|bytes| bytes.truncate(bytes.len() - 1)), deltas, "another length");
        check_refused(&|_, i| drop(i.files.pop()), deltas, "is missing");
        check_refused(&|_, i| i.files[0].name = format!("../{}", i.files[0].name), deltas, "leads elsewhere");
        check_refused(&|_, i| i.stamp.publisher = "other".parse().unwrap(), deltas, "stamp is that of another");
        check_refused(&|_, i| i.index.schema = 2, deltas, "schema is not known");
        let other_digest = |_: &Path, i: &mut Incoming| {
            let wrong = Sha256([7; 32]);
            (i.index.result_digest, i.stamp.result_digest) = (wrong, wrong);
            if let Some(last) = i.index.deltas.last_mut() {
                last.result_digest = wrong;
            }
            if i.index.snapshot.version == i.index.version {
                i.index.snapshot.result_digest = wrong;
            }
        };
        let words = if deltas == 0 { "do not give the signed digest" } else { "leads to other rows" };
        check_refused(&other_digest, deltas, words);
    }
    let by_others = |_: &Path, i: &mut Incoming| {
        (i.index.publisher, i.stamp.publisher) = ("other".parse().unwrap(), "other".parse().unwrap());
    };
    check_refused(&by_others, 9, "comes from `national`, not from `other`");
    check_refused(&|_, i| i.index.profile = None, 9, "choose a profile");
    check_refused(&|_, i| i.stamp.seen.timestamp = 0, 9, "older than what is installed");
    check_refused(&|_, i| i.index.role = Role::Good, 9, "its role is another one");
    check_refused(&|_, i| i.index.role = Role::Good, 0, "its role is another one");
}

#[test]
fn what_turns_the_meaning_of_all_entries_waits_for_a_person_with_or_without_a_new_version() {
    for installed in [1, 2] {
        let (sets, site) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let publisher = second_version(site.path(), sets.path(), Role::Known);
        if installed == 2 {
            publisher.sync(sets.path(), 9).unwrap();
        }
        let mut incoming = publisher.incoming(publisher.index(9), Some(SetVersion(installed)));
        incoming.index.meanings.insert(CategoryCode("5".to_owned()), domain::CodeMeaning::NonPertinent);
        let before = Sets::open(sets.path()).unwrap().fingerprint();
        match take(sets.path(), &incoming).unwrap() {
            Applied::Waiting(_, why) => assert_eq!(why, WaitReason::Meaning { by: vec![Turn::Codes] }),
            other => panic!("version {installed} was installed: {other:?}"),
        }
        assert_eq!(Sets::open(sets.path()).unwrap().fingerprint(), before);
        let taken = crate::apply(sets.path(), &incoming, Consent::Person).unwrap();
        assert!(matches!(taken, Applied::Renewed | Applied::Switched(_)), "{taken:?}");
    }
}

#[test]
fn a_first_set_of_ordinary_files_that_would_quarantine_much_waits_for_a_person() {
    for (quarantined_max, waits) in [(99, true), (100, false)] {
        let (sets, site) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        import(sets.path(), new_set("known", Role::Known), &(0..100).map(row).collect::<Vec<_>>(), 64).unwrap();
        let mut publisher = Publisher::new(site.path(), "partner", Role::Good);
        publisher.release(&upserts(0..100));
        publisher.snapshot();
        let mut incoming = publisher.incoming(publisher.index(9), None);
        incoming.enrolled_limits = FloodLimits { upserts_max: 1, withdrawals_max: 1, quarantined_max };
        let taken = take(sets.path(), &incoming).unwrap();
        assert_eq!(matches!(taken, Applied::Waiting(..)), waits, "{taken:?}");
        assert_eq!(Sets::open(sets.path()).unwrap().quarantine(&"known".parse().unwrap()).is_empty(), waits);
    }
}

#[test]
fn a_published_set_is_restricted_without_its_publisher() {
    let (sets, site) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let publisher = second_version(site.path(), sets.path(), Role::Known);
    let (open, name) = (Sets::open(sets.path()).unwrap(), publisher.index(9).set);
    let allowed = [CategoryCode("1".to_owned())].into();
    crate::restrict(sets.path(), &name, Some(&allowed)).unwrap();
    let after = Sets::open(sets.path()).unwrap();
    assert_eq!(after.list()[0].stamp.allowed, Some(allowed));
    assert_eq!(after.list()[0].stamp.version, open.list()[0].stamp.version);
    assert_ne!(after.fingerprint(), open.fingerprint(), "open cases are judged again");
    assert!(crate::restrict(sets.path(), &"unknown".parse().unwrap(), None).is_err());
}

#[test]
fn a_later_root_outweighs_versions_that_a_stolen_key_has_signed() {
    let (sets, site) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut publisher = second_version(site.path(), sets.path(), Role::Known);
    let mut incoming = publisher.incoming(publisher.index(9), Some(SetVersion(1)));
    incoming.stamp.seen.timestamp = 1_000_000;
    take(sets.path(), &incoming).unwrap();
    publisher.release(&[withdraw(50)]);
    let mut next = publisher.incoming(publisher.index(9), Some(SetVersion(2)));
    assert!(take(sets.path(), &next).is_err(), "the same root: it is older");
    next.stamp.seen.root += 1;
    assert!(matches!(take(sets.path(), &next).unwrap(), Applied::Switched(_)));
}

/// Writes a delta to version 2 that nobody should have signed, and hands it over as signed.
fn forged(publisher: &mut Publisher, site: &Path, changes: &[Change], head: impl FnOnce(&mut DeltaHead)) -> Incoming {
    let mut index = publisher.index(9);
    let delta = index.deltas.last_mut().unwrap();
    let path = site.join("forged.parquet");
    let mut writer = DeltaWriter::create(&path, &publisher.set, SetVersion(2)).unwrap();
    changes.iter().for_each(|change| writer.push(change).unwrap());
    let first = digest(&(0..100).map(|number| (number, row(number))).collect());
    let mut said = DeltaHead {
        set: publisher.set.clone(),
        version: SetVersion(2),
        base_digest: first,
        result_digest: index.result_digest,
        result_count: index.entries,
    };
    head(&mut said);
    let written = writer.finish(&said).unwrap();
    (delta.file.sha256, delta.file.bytes) = (written.sha256, written.bytes);
    delta.withdrawals = changes.iter().filter(|change| matches!(change, Change::Withdraw { .. })).count() as u64;
    delta.upserts = changes.len() as u64 - delta.withdrawals;
    delta.file.target = "forged.parquet".to_owned();
    publisher.incoming(index, Some(SetVersion(1)))
}

#[test]
fn a_delta_that_does_not_fit_what_is_installed_is_refused() {
    let (sets, site) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut publisher = second_version(site.path(), sets.path(), Role::Known);
    let mut refused = |changes: &[Change], head: fn(&mut DeltaHead), words: &str| {
        let incoming = forged(&mut publisher, site.path(), changes, head);
        let error = take(sets.path(), &incoming).expect_err(words);
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(version_in(sets.path(), &publisher.set), Some(SetVersion(1)));
    };
    refused(&[withdraw(100)], |_| {}, "withdraws entry 100, which is not there");
    refused(&[withdraw(1)], |_| {}, "do not give the signed digest");
    refused(&[withdraw(1)], |head| head.base_digest = Sha256([1; 32]), "starts from other rows");
    refused(&[withdraw(1)], |head| head.result_count = 3, "leads to other rows");
    assert!(matches!(publisher.sync(sets.path(), 9).unwrap(), Applied::Switched(_)));
}

#[test]
fn what_is_current_is_renewed_and_answers_the_same() {
    let (sets, site) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut publisher = second_version(site.path(), sets.path(), Role::Known);
    publisher.sync(sets.path(), 9).unwrap();
    let mut incoming = publisher.incoming(publisher.index(9), Some(SetVersion(2)));
    assert!(incoming.files.is_empty());
    assert_eq!(take(sets.path(), &incoming).unwrap(), Applied::Current);
    let before = Sets::open(sets.path()).unwrap().fingerprint();
    incoming.stamp.expires = UtcTime(99);
    assert_eq!(take(sets.path(), &incoming).unwrap(), Applied::Renewed);
    let after = Sets::open(sets.path()).unwrap();
    assert_eq!(after.list()[0].release.as_ref().unwrap().expires, UtcTime(99));
    assert_eq!(after.fingerprint(), before, "its age answers nothing");
    incoming.allowed = Some([CategoryCode("1".to_owned())].into());
    assert_eq!(take(sets.path(), &incoming).unwrap(), Applied::Renewed);
    let after = Sets::open(sets.path()).unwrap();
    assert_eq!(after.list()[0].stamp.allowed, incoming.allowed);
    assert_ne!(after.fingerprint(), before, "what may hide is part of the answer");
    let other = Sha256([1; 32]);
    (incoming.index.result_digest, incoming.stamp.result_digest) = (other, other);
    incoming.index.deltas.last_mut().unwrap().result_digest = other;
    let error = take(sets.path(), &incoming).unwrap_err();
    assert!(error.to_string().contains("installed with another content"), "{error}");
    publisher.release(&[withdraw(50)]);
    publisher.sync(sets.path(), 9).unwrap();
    incoming.index = publisher.index(9);
    publisher.release(&[withdraw(51)]);
    publisher.sync(sets.path(), 9).unwrap();
    incoming.stamp.result_digest = incoming.index.result_digest;
    let error = take(sets.path(), &incoming).unwrap_err();
    assert!(error.to_string().contains("older than what is installed"), "{error}");
}

/// Checks that the update waits with these words, changes nothing, and is taken when a person wants it.
fn check_waits(limits: FloodLimits, by_publisher: bool, poison: bool, words: Option<&str>) {
    for deltas in [0, 9] {
        let (sets, site) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut publisher = Publisher::new(site.path(), "published", Role::Known);
        publisher.release(&upserts(0..100));
        publisher.snapshot();
        if by_publisher {
            publisher.limits = limits;
        }
        // A first install is no flood, and what was quarantined by it neither.
        import(sets.path(), new_set("good", Role::Good), &(98..105).map(row).collect::<Vec<_>>(), 64).unwrap();
        assert!(matches!(publisher.sync(sets.path(), 9).unwrap(), Applied::Switched(_)));
        let changes = [vec![withdraw(1), withdraw(2)], upserts(if poison { 100..104 } else { 110..114 })];
        publisher.release(&changes.concat());
        if deltas == 0 {
            publisher.snapshot();
        }
        let mut incoming = publisher.incoming(publisher.index(deltas), Some(SetVersion(1)));
        if !by_publisher {
            incoming.enrolled_limits = limits;
        }
        let before = Sets::open(sets.path()).unwrap().fingerprint();
        let quarantined = if poison { 4 } else { 0 };
        match (take(sets.path(), &incoming).unwrap(), words) {
            (Applied::Waiting(arrival, why), Some(words)) => {
                assert!(why.to_string().contains(words), "{why}");
                assert_eq!((arrival.added, arrival.withdrawn, arrival.quarantined), (4, 2, quarantined));
                assert_eq!(Sets::open(sets.path()).unwrap().fingerprint(), before);
                let taken = apply_with(sets.path(), &incoming, Consent::Person, 64, Order::Safe).unwrap();
                assert_eq!(taken, Applied::Switched(arrival));
            }
            (Applied::Switched(arrival), None) => assert_eq!(arrival.quarantined, quarantined),
            (other, words) => panic!("{other:?}, {words:?}"),
        }
        let now = Sets::open(sets.path()).unwrap();
        assert_eq!(now.list()[0].quarantined, 2 + quarantined);
        if poison {
            let hits = now.lookup_digest(&AnyDigest::Sha256(row(102).digests.sha256.unwrap()));
            assert_eq!(hits.iter().map(|hit| hit.quarantined).collect::<Vec<_>>(), [true, false]);
        }
    }
}

#[test]
fn a_flood_waits_for_a_person() {
    let limits = FloodLimits { upserts_max: 4, withdrawals_max: 2, quarantined_max: 0 };
    for by_publisher in [false, true] {
        check_waits(limits, by_publisher, false, None);
        check_waits(FloodLimits { upserts_max: 3, ..limits }, by_publisher, false, Some("adds or changes 4 entries"));
        check_waits(FloodLimits { withdrawals_max: 1, ..limits }, by_publisher, false, Some("withdraws 2 entries"));
        check_waits(FloodLimits { quarantined_max: 4, ..limits }, by_publisher, true, None);
        check_waits(FloodLimits { quarantined_max: 3, ..limits }, by_publisher, true, Some("have 4 of the entries"));
    }
}

#[test]
fn a_flood_that_is_cut_into_many_versions_waits_unless_days_have_passed() {
    for (days, waits) in [(0, true), (1, true), (2, true), (4, false)] {
        let (sets, site) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut publisher = Publisher::new(site.path(), "published", Role::Known);
        publisher.release(&upserts(0..100));
        publisher.snapshot();
        publisher.sync(sets.path(), 9).unwrap();
        for version in 0..4 {
            publisher.release(&upserts(200 + 10 * version..210 + 10 * version));
        }
        let mut incoming = publisher.incoming(publisher.index(9), Some(SetVersion(1)));
        incoming.enrolled_limits = FloodLimits { upserts_max: 10, withdrawals_max: 10, quarantined_max: 10 };
        incoming.index.published = domain::UtcTime(incoming.index.published.0 + days * 86_400_000_000);
        incoming.now = incoming.index.published;
        let taken = take(sets.path(), &incoming).unwrap();
        assert_eq!(matches!(taken, Applied::Waiting(..)), waits, "{days} days: {taken:?}");
        // A publisher that claims that days have passed is believed as far as this clock goes.
        if !waits {
            continue;
        }
        incoming.index.published = domain::UtcTime(incoming.index.published.0 + 40 * 86_400_000_000);
        assert!(matches!(take(sets.path(), &incoming).unwrap(), Applied::Waiting(..)), "{days} days");
    }
}

#[test]
fn a_set_by_hand_and_a_published_one_never_take_each_other_s_place() {
    let (sets, site) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let publisher = second_version(site.path(), sets.path(), Role::Known);
    let error = import(sets.path(), new_set("published", Role::Known), &[row(1)], 8).unwrap_err();
    assert!(matches!(error, HashsetError::Published { .. }), "{error}");
    assert_eq!(version_in(sets.path(), &publisher.set), Some(SetVersion(1)));
    remove(sets.path(), &publisher.set).unwrap();
    assert_eq!(Sets::open(sets.path()).unwrap().retired(&publisher.set), Some(SetVersion(1)));
    import(sets.path(), new_set("published", Role::Known), &[row(1)], 8).unwrap();
    let error = publisher.sync(sets.path(), 9).unwrap_err();
    assert!(matches!(error, HashsetError::ByHand { .. }), "{error}");
    remove(sets.path(), &publisher.set).unwrap();
    assert!(matches!(publisher.sync(sets.path(), 9).unwrap(), Applied::Switched(arrival) if arrival.from.is_none()));
    assert_eq!(files(sets.path(), ".hseg").len(), 1, "nothing is left of the sets before");
}

#[test]
fn many_layers_and_many_dead_rows_are_compacted_and_logs_are_kept() {
    let (sets, site) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut publisher = Publisher::new(site.path(), "published", Role::Known);
    publisher.release(&upserts(0..100));
    publisher.snapshot();
    publisher.sync(sets.path(), 99).unwrap();
    let mut most = 0;
    for number in 0..70 {
        publisher.release(&upserts(200 + number..201 + number));
        if number % 20 == 0 {
            publisher.snapshot();
        }
        publisher.sync(sets.path(), 1).unwrap();
        most = most.max(files(sets.path(), ".hseg").len());
        assert!(files(sets.path(), ".hchg").len() <= crate::changes::LOGS_MAX);
    }
    assert_eq!(most, 1 + crate::compact::NEW_LAYERS_MAX, "every layer is asked in every look-up");
    let open = Sets::open(sets.path()).unwrap();
    let changes = |since| Some(open.changes(&publisher.set, SetVersion(since)).unwrap()?.count());
    assert_eq!(
        [changes(10), changes(11), changes(70), changes(71), changes(72)],
        [None, Some(60), Some(1), Some(0), None]
    );
    compact(sets.path(), &publisher.set).unwrap();
    let before = files(sets.path(), ".hseg");
    assert_eq!(before.len(), 1);
    publisher.release(&(0..60).map(withdraw).collect::<Vec<_>>());
    publisher.sync(sets.path(), 1).unwrap();
    assert!(files(sets.path(), ".hded").is_empty(), "more than 30 of 100 rows were dead");
    assert_ne!(files(sets.path(), ".hseg"), before);
    assert_eq!(Sets::open(sets.path()).unwrap().rows(&publisher.set).unwrap().count(), 110);
}

#[test]
fn damaged_dead_rows_are_an_error_and_not_a_withdrawn_entry_that_hides() {
    let (sets, site) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    second_version(site.path(), sets.path(), Role::Known).sync(sets.path(), 9).unwrap();
    let path = files(sets.path(), ".hded").pop().unwrap();
    let whole = std::fs::read(&path).unwrap();
    for at in [0, 8, 16, 24, 64, whole.len() - 1] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        assert!(matches!(Sets::open(sets.path()), Err(HashsetError::Damaged { .. })), "byte {at}");
    }
    std::fs::write(&path, &whole[..whole.len() - 4]).unwrap();
    assert!(matches!(Sets::open(sets.path()), Err(HashsetError::Damaged { .. })));
    std::fs::write(&path, &whole).unwrap();
    Sets::open(sets.path()).unwrap();
}

#[test]
fn a_view_stays_as_it_was_while_updates_and_compactions_come() {
    let (sets, site) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut publisher = second_version(site.path(), sets.path(), Role::Known);
    let answers = |view: &Sets| {
        let digests = (0..120).map(|number| AnyDigest::Sha1(row(number).digests.sha1.unwrap()));
        digests.map(|digest| view.lookup_digest(&digest)).collect::<Vec<_>>()
    };
    let first = Sets::open(sets.path()).unwrap();
    let at_first = answers(&first);
    publisher.sync(sets.path(), 9).unwrap();
    let second = Sets::open(sets.path()).unwrap();
    let (at_second, log) = (answers(&second), second.changes(&publisher.set, SetVersion(1)).unwrap().unwrap());
    assert_ne!(at_first, at_second);
    compact(sets.path(), &publisher.set).unwrap();
    publisher.release(&[withdraw(60)]);
    publisher.snapshot();
    publisher.sync(sets.path(), 0).unwrap();
    remove(sets.path(), &publisher.set).unwrap();
    for (view, before) in [(first, at_first), (second, at_second)] {
        view.verify().unwrap();
        assert_eq!(answers(&view), before);
        assert_eq!(view.rows(&publisher.set).unwrap().count() as u64, view.list()[0].entries);
    }
    assert_eq!(log.map(Result::unwrap).count(), 20, "a log that is being read stays too");
}
