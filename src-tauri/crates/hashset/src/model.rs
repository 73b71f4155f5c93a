//! Compares the store with a plain model: vectors of entries, searched from end to end, over histories of imports and
//! removals of sets whose digests share prefixes, repeat, and contradict each other.
#![expect(clippy::disallowed_methods, reason = "a test reads and damages files that it has made itself")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use domain::{
    Agreement, AnyDigest, CategoryCode, DigestKind, Digests, Entry, EntryDigests, EntryId, EntryRefusal, Flags, Hit,
    Md5, Meanings, Orientation, Pdq, PdqSet, PdqVariant, PhotoDna, Profile, Role, SetName, SetVersion, Sha1, Sha256,
    Standing, UtcTime, Verdict, VerdictBasis,
};
use proptest::prelude::*;

use crate::store::Order;
use crate::synthetic::{self, split_mix};
use crate::{HashsetError, NewSet, SetBuilder, SetInfo, Sets, remove};

/// A hit as a plain value: set, entry, and everything that is said.
type Said = (SetName, u64, DigestKind, Agreement, bool, Verdict, Flags, String, Option<Standing>);

/// Draws numbers from a seed.
pub(crate) struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, end: u64) -> u64 {
        split_mix(&mut self.0) % end
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.below(2) == 0 { None } else { Some(make(self)) }
    }

    /// Draws from a few digests: some share 40 bits, some 63, some all but the last byte.
    fn digest<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0x5a; N];
        match self.below(4) {
            0 => out[0] = self.below(4) as u8,
            1 => out[5] = self.below(4) as u8,
            2 => out[7] ^= self.below(2) as u8,
            _ => out[N - 1] = self.below(4) as u8,
        }
        out
    }

    pub fn entry(&mut self, id: u64) -> Entry {
        let digests = EntryDigests {
            md5: self.maybe(|dice| Md5(dice.digest())),
            sha1: self.maybe(|dice| Sha1(dice.digest())),
            sha256: self.maybe(|dice| Sha256(dice.digest())),
        };
        let verdict = match self.below(4) {
            0 => Verdict::Member,
            1 => Verdict::Unclassified,
            code => Verdict::Category(CategoryCode(code.to_string())),
        };
        Entry {
            size_bytes: self.maybe(|dice| dice.below(2)),
            flags: Flags { distributed: self.maybe(|dice| dice.below(2) == 0), ..Flags::default() },
            series: ["", "a", "b, c"][self.below(3) as usize].to_owned(),
            pdq: self.maybe(|dice| Pdq(dice.digest())),
            photodna: self.maybe(|dice| PhotoDna(Box::new([dice.below(256) as u8; 144]))),
            standing: [None, Some(Standing::OneOpinion), Some(Standing::Confirmed), Some(Standing::Disputed)]
                [self.below(4) as usize],
            // Numbers repeat now and then, as they do in real lists.
            ..Entry::bare(EntryId(id - self.below(2)), digests, verdict)
        }
    }

    fn item(&mut self) -> Digests {
        Digests {
            md5: Md5(self.digest()),
            sha1: Sha1(self.digest()),
            sha256: Sha256(self.digest()),
            size_bytes: self.below(2),
        }
    }
}

pub(crate) fn new_set(name: &str, role: Role) -> NewSet {
    NewSet {
        name: name.parse().unwrap(),
        role,
        profile: Some(Profile::parse("US").unwrap()),
        meanings: Meanings::new(),
        basis: VerdictBasis::Category,
        kind: "test".to_owned(),
        published: None,
        imported: UtcTime(0),
        sources: vec!["list".to_owned()],
    }
}

pub(crate) fn import(dir: &Path, set: NewSet, entries: &[Entry], run_items: usize) -> Result<SetInfo, HashsetError> {
    let mut builder = SetBuilder::begin_with(dir, set, run_items, Order::Safe)?;
    entries.iter().try_for_each(|entry| builder.push(entry))?;
    builder.finish(vec![Sha256([1; 32])])
}

#[derive(Clone)]
pub(crate) struct ModelSet {
    pub role: Role,
    pub version: u32,
    pub entries: Vec<Entry>,
}

#[derive(Default)]
pub(crate) struct Model {
    pub sets: BTreeMap<SetName, ModelSet>,
    versions: BTreeMap<SetName, u32>,
}

fn shares_digest(a: &EntryDigests, b: &EntryDigests) -> bool {
    (a.md5.is_some() && a.md5 == b.md5)
        || (a.sha1.is_some() && a.sha1 == b.sha1)
        || (a.sha256.is_some() && a.sha256 == b.sha256)
}

impl Model {
    fn in_order(&self) -> Vec<(&SetName, &ModelSet)> {
        let mut sets: Vec<_> = self.sets.iter().collect();
        sets.sort_by_key(|(name, set)| (set.role, (*name).clone()));
        sets
    }

    fn goods(&self) -> impl Iterator<Item = (&SetName, &ModelSet)> {
        self.sets.iter().filter(|(_, set)| set.role == Role::Good)
    }

    fn is_quarantined(&self, set: &ModelSet, entry: &Entry) -> bool {
        let shares = |other: &Entry| shares_digest(&entry.digests, &other.digests);
        set.role == Role::Known && self.goods().any(|(_, good)| good.entries.iter().any(shares))
    }

    fn lookup(&self, item: &Digests) -> Vec<Said> {
        let mut out = Vec::new();
        for (name, set) in self.in_order() {
            let start = out.len();
            for entry in &set.entries {
                let facts = [
                    (entry.digests.sha256.map(|d| d == item.sha256), "SHA-256"),
                    (entry.digests.sha1.map(|d| d == item.sha1), "SHA-1"),
                    (entry.digests.md5.map(|d| d == item.md5), "MD5"),
                    (entry.size_bytes.map(|size| size == item.size_bytes), "size"),
                ];
                let kinds = [DigestKind::Sha256, DigestKind::Sha1, DigestKind::Md5];
                let met = kinds.into_iter().zip(&facts).find(|(_, fact)| fact.0 == Some(true));
                let Some((kind, _)) = met else { continue };
                let mut against: Vec<_> =
                    facts.iter().filter(|fact| fact.0 == Some(false)).map(|fact| fact.1).collect();
                against.sort_by_key(|name| ["MD5", "SHA-1", "SHA-256", "size"].iter().position(|other| other == name));
                let agreeing = facts.iter().filter(|fact| fact.0 == Some(true)).count();
                let agreement = match (against.is_empty(), kind, agreeing) {
                    (false, ..) => Agreement::Contradicted { by: against.join(", ") },
                    (true, DigestKind::Sha256, _) | (true, _, 2..) => Agreement::Confirmed,
                    _ => Agreement::Unconfirmed,
                };
                let quarantined = self.is_quarantined(set, entry);
                let Entry { id, verdict, flags, series, standing, .. } = entry.clone();
                out.push((name.clone(), id.0, kind, agreement, quarantined, verdict, flags, series, standing));
            }
            out[start..].sort_by_key(|hit| hit.1);
        }
        out
    }

    /// Lists (entry, good set, good entry) in the order of the store's answer.
    fn quarantine(&self, set: &ModelSet) -> Vec<(u64, SetName, u64)> {
        let mut out = Vec::new();
        for (name, good) in self.goods().filter(|_| set.role == Role::Known) {
            for entry in &set.entries {
                let first = good.entries.iter().find(|other| shares_digest(&entry.digests, &other.digests));
                out.extend(first.map(|other| (entry.id.0, name.clone(), other.id.0)));
            }
        }
        out
    }
}

/// Counts the digests of one kind with two verdicts.
fn conflicts_of<D: Ord>(entries: &[Entry], digest: impl Fn(&Entry) -> Option<D>) -> u64 {
    let mut said: BTreeMap<D, BTreeSet<String>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.verdict != Verdict::Unclassified) {
        if let Some(digest) = digest(entry) {
            said.entry(digest).or_default().insert(format!("{:?}", entry.verdict));
        }
    }
    said.values().filter(|verdicts| verdicts.len() > 1).count() as u64
}

pub(crate) fn compare(dir: &Path, model: &Model, dice: &mut Dice) {
    let sets = Sets::open(dir).unwrap();
    sets.verify().unwrap();
    let listed: Vec<_> = sets.list().iter().map(|info| info.stamp.name.clone()).collect();
    let in_order = model.in_order();
    assert_eq!(listed, in_order.iter().map(|(name, _)| (*name).clone()).collect::<Vec<_>>());
    for (info, (name, set)) in sets.list().iter().zip(&in_order) {
        let entries = &set.entries;
        assert_eq!(info.stamp.version, SetVersion(set.version));
        assert_eq!(info.entries, entries.len() as u64);
        assert_eq!(info.with_sha1, entries.iter().filter(|entry| entry.digests.sha1.is_some()).count() as u64);
        let conflicts = [
            conflicts_of(entries, |entry| entry.digests.md5),
            conflicts_of(entries, |entry| entry.digests.sha1),
            conflicts_of(entries, |entry| entry.digests.sha256),
        ];
        // Deltas are not counted in before the set is compacted.
        assert!(info.release.is_some() || Some(info.conflicts) == conflicts.into_iter().max());
        let codes = entries.iter().filter_map(|entry| match &entry.verdict {
            Verdict::Category(code) => Some(code.0.clone()),
            Verdict::Unclassified => Some(String::new()),
            Verdict::Member => None,
        });
        let mut categories: BTreeMap<String, u64> = BTreeMap::new();
        codes.for_each(|code| *categories.entry(code).or_default() += 1);
        assert_eq!(info.categories, categories);
        assert_eq!(info.with_pdq, entries.iter().filter(|entry| entry.pdq.is_some()).count() as u64);
        let quarantined = entries.iter().filter(|entry| model.is_quarantined(set, entry)).count();
        assert_eq!(info.quarantined, quarantined as u64);
        let listed = sets.quarantine(name).into_iter().map(|entry| (entry.entry.0, entry.good_set, entry.good_entry.0));
        assert_eq!(listed.collect::<Vec<_>>(), model.quarantine(set));
    }
    let items: Vec<_> = (0..70).map(|_| dice.item()).collect();
    let mut batch = vec![Vec::new(); 3];
    sets.lookup_batch(&items, &mut batch);
    let key = |hit: &Hit| {
        let Hit { set, entry, kind, agreement, quarantined, verdict, flags, series, standing } = hit.clone();
        (set.name.clone(), entry.0, kind, agreement, quarantined, verdict, flags, series, standing)
    };
    for (item, hits) in items.iter().zip(&batch) {
        assert_eq!(hits.iter().map(key).collect::<Vec<_>>(), model.lookup(item), "{item:?}");
        assert_eq!(&sets.lookup(item), hits);
    }
    compare_digests(&sets, &in_order, &items);
    compare_near(&sets, model, dice);
}

/// Looks every digest of the items up by itself, and all of them in one batch.
fn compare_digests(sets: &Sets, in_order: &[(&SetName, &ModelSet)], items: &[Digests]) {
    let digests =
        |item: &Digests| [AnyDigest::Md5(item.md5), AnyDigest::Sha1(item.sha1), AnyDigest::Sha256(item.sha256)];
    let digests: Vec<AnyDigest> = items.iter().flat_map(digests).collect();
    let mut held = vec![true; 3];
    sets.holds_batch(&digests, &mut held);
    assert_eq!(held.len(), digests.len());
    for (digest, held) in digests.iter().zip(held) {
        let has = |entry: &&Entry| {
            let EntryDigests { md5, sha1, sha256 } = entry.digests;
            [md5.map(AnyDigest::Md5), sha1.map(AnyDigest::Sha1), sha256.map(AnyDigest::Sha256)].contains(&Some(*digest))
        };
        let mut wanted = Vec::new();
        for (name, set) in in_order {
            let mut entries: Vec<_> = set.entries.iter().filter(has).collect();
            entries.sort_by_key(|entry| entry.id);
            wanted.extend(entries.into_iter().map(|entry| ((*name).clone(), entry.id, entry.verdict.clone())));
        }
        let hits = sets.lookup_digest(digest);
        let said = hits.iter().map(|hit| (hit.set.name.clone(), hit.entry, hit.verdict.clone()));
        assert_eq!(said.collect::<Vec<_>>(), wanted, "{digest:?}");
        let confirmed = digest.kind() == DigestKind::Sha256;
        assert!(hits.iter().all(|hit| hit.kind == digest.kind()));
        assert!(hits.iter().all(|hit| (hit.agreement == Agreement::Confirmed) == confirmed));
        assert_eq!(held, !hits.is_empty(), "{digest:?}");
    }
}

fn compare_near(sets: &Sets, model: &Model, dice: &mut Dice) {
    let mut orientations = [Pdq([0; 32]); 8];
    orientations.fill_with(|| Pdq(dice.digest()));
    let picture = PdqSet { variant: PdqVariant::Sampled512, quality: 50, orientations };
    let mut wanted = Vec::new();
    for (at, (name, set)) in model.in_order().into_iter().filter(|(_, set)| set.role == Role::Known).enumerate() {
        for (row, entry) in set.entries.iter().enumerate() {
            let near = |pdq: Pdq| orientations.iter().map(move |other| pdq.distance(other)).zip(Orientation::ALL).min();
            if let Some((distance, orientation)) = entry.pdq.and_then(near).filter(|(distance, _)| *distance <= 4) {
                wanted.push((distance, at, row, orientation, name.clone(), entry.id));
            }
        }
    }
    wanted.sort();
    wanted.truncate(crate::NEAR_HITS_MAX);
    let got =
        sets.near(&picture, 4).into_iter().map(|hit| (hit.distance, hit.orientation, hit.set.name.clone(), hit.entry));
    let wanted = wanted.into_iter().map(|(distance, _, _, orientation, name, id)| (distance, orientation, name, id));
    assert_eq!(got.collect::<Vec<_>>(), wanted.collect::<Vec<_>>());
    let blurred = PdqSet { quality: 49, ..picture };
    assert_eq!(sets.near_batch(&[blurred], 4), [vec![]]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_store_answers_as_a_plain_list_does(seed in any::<u64>()) {
        let mut dice = Dice(seed);
        let dir = tempfile::tempdir().unwrap();
        let mut model = Model::default();
        for _ in 0..5 {
            let name = ["a", "b", "c", "d"][dice.below(4) as usize];
            let key: SetName = name.parse().unwrap();
            if model.sets.contains_key(&key) && dice.below(3) == 0 {
                remove(dir.path(), &key).unwrap();
                model.sets.remove(&key);
            } else {
                let role = if dice.below(2) == 0 { Role::Known } else { Role::Good };
                let count = if dice.below(4) == 0 { 0 } else { dice.below(60) };
                let entries: Vec<_> = (1..=count).map(|id| dice.entry(id)).collect();
                let run_items = 1 + dice.below(40) as usize;
                let info = import(dir.path(), new_set(name, role), &entries, run_items).unwrap();
                let kept: Vec<_> = entries.into_iter().filter(|entry| !entry.digests.is_empty()).collect();
                prop_assert_eq!(info.entries + info.refused.get("no digest").copied().unwrap_or(0), count);
                let version = model.versions.get(&key).copied().unwrap_or(0) + 1;
                model.versions.insert(key.clone(), version);
                model.sets.insert(key, ModelSet { role, version, entries: kept });
            }
            compare(dir.path(), &model, &mut dice);
        }
    }

    #[test]
    fn a_damaged_segment_never_panics_and_a_damaged_index_never_knows_more(seed in any::<u64>()) {
        let mut dice = Dice(seed);
        let dir = tempfile::tempdir().unwrap();
        let entries: Vec<_> = (1..=50).map(|id| dice.entry(id)).collect();
        import(dir.path(), new_set("a", Role::Known), &entries, 100).unwrap();
        let whole = Sets::open(dir.path()).unwrap();
        let items: Vec<_> = (0..40).map(|_| dice.item()).collect();
        let path = files(dir.path(), ".hseg").pop().unwrap();
        let intact = std::fs::read(&path).unwrap();
        let table_at = intact.len() - crate::layout::TABLE_BYTES;
        let layout = crate::layout::Layout::parse(&intact[table_at..], intact.len() as u64).unwrap();
        let index_at = layout.index.iter().flatten().map(|index| index.keys.offset as usize).min().unwrap_or(table_at);
        for _ in 0..24 {
            let mut bytes = intact.clone();
            // A third of the damage goes into the indexes alone, a third into the table, whose checksum is made right
            // again as an attacker would, and a third anywhere.
            let (start, end, index_only) = match dice.below(3) {
                0 if index_at < table_at => (index_at, table_at, true),
                1 => (table_at, table_at + 600, false),
                _ => (0, bytes.len(), false),
            };
            for _ in 0..=dice.below(4) {
                let at = start + dice.below((end - start) as u64) as usize;
                bytes[at] = if dice.below(2) == 0 { 0xff } else { dice.below(256) as u8 };
            }
            let sum_at = bytes.len() - 32;
            let sum = <sha2::Sha256 as sha2::Digest>::digest(&bytes[table_at..sum_at]);
            bytes[sum_at..].copy_from_slice(&sum);
            std::fs::remove_file(&path).unwrap();
            std::fs::write(&path, &bytes).unwrap();
            let Ok(sets) = Sets::open(dir.path()) else { continue };
            for item in &items {
                let hits = sets.lookup(item);
                if index_only {
                    let known = whole.lookup(item);
                    prop_assert!(hits.iter().all(|hit| known.contains(hit)));
                }
            }
            let picture = PdqSet { variant: PdqVariant::Sampled512, quality: 100, orientations: [Pdq([0x5a; 32]); 8] };
            sets.near(&picture, 31);
            // A good set compared with it may fail, and must not panic.
            let _ = import(dir.path(), new_set("g", Role::Good), &entries[..10], 4);
            let _ = remove(dir.path(), &"g".parse().unwrap());
            prop_assert_eq!(sets.verify().is_ok(), bytes == intact);
        }
    }
}

pub(crate) fn files(dir: &Path, end: &str) -> Vec<std::path::PathBuf> {
    let all = std::fs::read_dir(dir).unwrap().map(|file| file.unwrap().path());
    all.filter(|path| path.to_string_lossy().ends_with(end)).collect()
}

#[test]
fn the_nearest_are_found_among_more_than_are_held_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut dice = Dice(7);
    let mut entries: Vec<_> = (1..=3000).map(|number| synthetic::entry(1, number)).collect();
    entries.iter_mut().for_each(|entry| entry.pdq = Some(Pdq(dice.digest())));
    import(dir.path(), new_set("a", Role::Known), &entries, 8192).unwrap();
    let set = ModelSet { role: Role::Known, version: 1, entries };
    let model = Model { sets: [("a".parse().unwrap(), set)].into(), ..Model::default() };
    compare_near(&Sets::open(dir.path()).unwrap(), &model, &mut dice);
}

#[test]
fn a_missing_or_empty_folder_has_no_sets() {
    let dir = tempfile::tempdir().unwrap();
    assert!(Sets::open(dir.path()).unwrap().list().is_empty());
    let none = Sets::open(&dir.path().join("nothing")).unwrap();
    assert!(none.lookup(&Dice(1).item()).is_empty());
    assert_eq!(none.fingerprint(), Sets::open(dir.path()).unwrap().fingerprint());
}

#[test]
fn digests_of_empty_files_are_refused_again() {
    let dir = tempfile::tempdir().unwrap();
    let empty = "d41d8cd98f00b204e9800998ecf8427e".parse().unwrap();
    let digests = EntryDigests { md5: Some(empty), sha1: Some(Sha1([3; 20])), sha256: None };
    let mut builder = SetBuilder::begin(dir.path(), new_set("a", Role::Known)).unwrap();
    builder.push(&Entry::bare(EntryId(1), digests, Verdict::Member)).unwrap();
    builder.push(&Entry::bare(EntryId(2), EntryDigests::default(), Verdict::Member)).unwrap();
    builder.refuse(EntryRefusal::BadDigest);
    let long = Verdict::Category(CategoryCode("x".repeat(300)));
    builder.push(&Entry::bare(EntryId(3), EntryDigests { sha1: Some(Sha1([3; 20])), ..digests_none() }, long)).unwrap();
    let info = builder.finish(Vec::new()).unwrap();
    let refused: Vec<_> = info.refused.iter().map(|(reason, count)| (reason.as_str(), *count)).collect();
    let long = ("the category has more than 256 bytes", 1);
    assert_eq!(refused, [("digest of an empty file", 1), ("no digest", 1), ("not a digest", 1), long]);
    assert_eq!(info.entries, 0);
    assert!(Sets::open(dir.path()).unwrap().lookup_digest(&AnyDigest::Md5(empty)).is_empty());
}

fn digests_none() -> EntryDigests {
    EntryDigests::default()
}

#[test]
fn a_known_set_with_categories_needs_a_profile() {
    let dir = tempfile::tempdir().unwrap();
    let without = |role, basis| NewSet { profile: None, basis, ..new_set("a", role) };
    let imported = |role, basis| import(dir.path(), without(role, basis), &[synthetic::entry(1, 1)], 8);
    // A list may name its profile at its end, so that only the end of the import can tell.
    let refused = imported(Role::Known, VerdictBasis::Category);
    assert!(matches!(refused, Err(HashsetError::NoProfile { .. })), "{refused:?}");
    assert!(Sets::open(dir.path()).unwrap().list().is_empty());
    assert!(files(dir.path(), ".hseg").is_empty(), "nothing is left of a refused set");
    imported(Role::Good, VerdictBasis::Category).unwrap();
    imported(Role::Known, VerdictBasis::Membership).unwrap();
}

#[test]
fn a_view_stays_as_it_was_while_sets_come_and_go() {
    let dir = tempfile::tempdir().unwrap();
    let name: SetName = "a".parse().unwrap();
    let first: Vec<_> = (0..100).map(|number| synthetic::entry(1, number)).collect();
    import(dir.path(), new_set("a", Role::Known), &first, 64).unwrap();
    let before = Sets::open(dir.path()).unwrap();
    let digest = AnyDigest::Sha256(first[7].digests.sha256.unwrap());
    import(dir.path(), new_set("a", Role::Known), &first[50..], 64).unwrap();
    let after = Sets::open(dir.path()).unwrap();
    assert_ne!(before.fingerprint(), after.fingerprint());
    assert_eq!((before.lookup_digest(&digest).len(), after.lookup_digest(&digest).len()), (1, 0));
    assert_eq!(after.list()[0].stamp.version, SetVersion(2));
    remove(dir.path(), &name).unwrap();
    assert!(matches!(remove(dir.path(), &name), Err(HashsetError::UnknownSet { .. })));
    assert_eq!(Sets::open(dir.path()).unwrap().retired(&name), Some(SetVersion(2)));
    before.verify().unwrap();
    assert_eq!(before.lookup_digest(&digest).len(), 1);
    assert!(files(dir.path(), ".hseg").is_empty(), "nothing is left of a set that was removed");
    import(dir.path(), new_set("a", Role::Known), &first, 64).unwrap();
    let again = Sets::open(dir.path()).unwrap();
    assert_eq!(again.list()[0].stamp.version, SetVersion(3), "a version never means two contents");
}

#[test]
fn a_dropped_import_leaves_nothing_and_lets_the_next_one_in() {
    let dir = tempfile::tempdir().unwrap();
    import(dir.path(), new_set("a", Role::Known), &[synthetic::entry(1, 1)], 8).unwrap();
    let before = Sets::open(dir.path()).unwrap().fingerprint();
    let mut builder = SetBuilder::begin_with(dir.path(), new_set("a", Role::Known), 8, Order::Safe).unwrap();
    (0..100).for_each(|number| builder.push(&synthetic::entry(2, number)).unwrap());
    let second = SetBuilder::begin(dir.path(), new_set("b", Role::Good));
    assert!(matches!(second.err(), Some(HashsetError::Busy { .. })));
    drop(builder);
    let left = std::fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(left, 3, "the lock, the manifest and one segment");
    assert_eq!(Sets::open(dir.path()).unwrap().fingerprint(), before);
}

#[test]
fn the_fingerprint_changes_with_answers_and_with_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let other = tempfile::tempdir().unwrap();
    let entries = [synthetic::entry(1, 1)];
    import(dir.path(), new_set("a", Role::Known), &entries, 8).unwrap();
    let later = NewSet { imported: UtcTime(9), sources: vec!["x".to_owned()], ..new_set("a", Role::Known) };
    import(other.path(), later, &entries, 8).unwrap();
    let fingerprint = |dir: &Path| Sets::open(dir).unwrap().fingerprint();
    let before = fingerprint(dir.path());
    assert_eq!(before, fingerprint(other.path()), "when and whence it came answers nothing");
    import(other.path(), new_set("good", Role::Good), &[synthetic::entry(2, 1)], 8).unwrap();
    assert_ne!(before, fingerprint(other.path()));
    remove(other.path(), &"good".parse().unwrap()).unwrap();
    assert_eq!(before, fingerprint(other.path()));
}

#[test]
fn one_digest_a_thousand_times_keeps_every_opinion() {
    let dir = tempfile::tempdir().unwrap();
    let mut entries: Vec<_> = (0..3000).map(|id| Entry { id: EntryId(id), ..synthetic::entry(1, 1) }).collect();
    entries[2900].verdict = Verdict::Category(CategoryCode("odd".to_owned()));
    let info = import(dir.path(), new_set("a", Role::Known), &entries, 500).unwrap();
    assert_eq!(info.conflicts, 1);
    let hits = Sets::open(dir.path()).unwrap().lookup_digest(&AnyDigest::Md5(entries[0].digests.md5.unwrap()));
    assert_eq!(hits.len(), crate::HITS_MAX + 1);
    assert_eq!(hits.last().unwrap().entry, EntryId(2900));
    entries[2900] = Entry { id: EntryId(2900), ..synthetic::entry(1, 1) };
    entries[2900].flags.baseline = entries[0].flags.baseline.map_or(Some(false), |baseline| Some(!baseline));
    import(dir.path(), new_set("a", Role::Known), &entries, 500).unwrap();
    let hits = Sets::open(dir.path()).unwrap().lookup_digest(&AnyDigest::Md5(entries[0].digests.md5.unwrap()));
    assert_eq!(hits.last().unwrap().entry, EntryId(2900), "a flag can be a verdict too");
}

#[test]
fn a_damaged_quarantine_is_no_quarantine_but_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let entries: Vec<_> = (0..9).map(|number| synthetic::entry(1, number)).collect();
    import(dir.path(), new_set("a", Role::Known), &entries, 8).unwrap();
    import(dir.path(), new_set("g", Role::Good), &entries[3..], 8).unwrap();
    assert_eq!(Sets::open(dir.path()).unwrap().list()[0].quarantined, 6);
    let path = files(dir.path(), ".hqua").pop().unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    let end = bytes.len();
    bytes[end - 8] ^= 1;
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, &bytes).unwrap();
    assert!(matches!(Sets::open(dir.path()), Err(HashsetError::Damaged { .. })));
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(Sets::open(dir.path()), Err(HashsetError::Io { .. })));
}

#[test]
fn long_series_are_cut_and_equal_ones_are_stored_once() {
    let dir = tempfile::tempdir().unwrap();
    let text = "é".repeat(crate::SERIES_BYTES_MAX);
    let mut builder = SetBuilder::begin(dir.path(), new_set("a", Role::Known)).unwrap();
    for number in 0..1000 {
        builder.push(&Entry { series: text.clone(), ..synthetic::entry(1, number) }).unwrap();
    }
    builder.finish(Vec::new()).unwrap();
    let sets = Sets::open(dir.path()).unwrap();
    let hits = sets.lookup_digest(&AnyDigest::Md5(synthetic::entry(1, 999).digests.md5.unwrap()));
    assert_eq!(hits[0].series, text[..crate::SERIES_BYTES_MAX]);
    assert!(std::fs::metadata(files(dir.path(), ".hseg").pop().unwrap()).unwrap().len() < 300_000);
}
