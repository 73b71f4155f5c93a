//! Following the change gives what judging everything gives, over random histories of sets, items and people's words.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use casefile::{
    Entropy, ItemStanding, KdfCost, NewCase, Passphrase, Record, RecordContent, RecordItem, RecordTimes, VetoedEntry,
};
use domain::{
    Camera, CategoryCode, Decoded, Digests, EntryDigests, Facts, Flags, ImageHash, Md5, Meanings, MediaClass,
    MediaType, Notice, PdqVariant, Profile, SchemeId, SetVersion, Sha1, SourcePath, Standing, Thumbnail, UtcTime,
    Verdict, VerdictBasis, Visibility,
};
use hashset::synthetic::split_mix;
use hashset::{NewSet, SetBuilder};
use proptest::prelude::*;
use review::Schemes;

use super::*;
use crate::case::with_judge;
use crate::judging::{Reach, Rules, follow_sets};
use crate::pipeline::is_hidden;
use crate::view::{RematchHow, RematchSummary};

const ITEMS: u64 = 14;
const NOW: UtcTime = UtcTime(1_700_000_000_000_000);

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        split_mix(&mut self.0) % limit
    }

    fn often(&mut self, of_ten: u64) -> bool {
        self.below(10) < of_ten
    }
}

impl Entropy for Random {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.iter_mut().for_each(|byte| *byte = split_mix(&mut self.0) as u8);
    }
}

/// Few values of each kind, so that entries and items meet, agree and contradict each other.
fn item_digests(number: u64) -> Digests {
    Digests {
        md5: Md5([(number % 9) as u8; 16]),
        sha1: Sha1([(number % 11) as u8; 20]),
        sha256: domain::Sha256([number as u8; 32]),
        size_bytes: 100,
    }
}

fn item_pdq(number: u64) -> PdqSet {
    let mut seed = number / 2;
    let mut orientations = [Pdq([0; 32]); 8];
    for value in &mut orientations {
        value.0.as_chunks_mut::<8>().0.iter_mut().for_each(|part| *part = split_mix(&mut seed).to_le_bytes());
    }
    // Neighbours look alike, by one bit.
    orientations[0].0[0] ^= (number % 2) as u8;
    PdqSet { variant: PdqVariant::Sampled512, quality: 80, orientations }
}

fn random_entry(random: &mut Random, id: u64) -> Entry {
    let of = random.below(ITEMS);
    let met = item_digests(of);
    let other = item_digests(random.below(ITEMS));
    let mut digests = EntryDigests::default();
    if random.often(6) {
        digests.md5 = Some(met.md5);
    }
    if random.often(5) {
        digests.sha1 = Some(if random.often(2) { other.sha1 } else { met.sha1 });
    }
    if random.often(5) || (digests.md5.is_none() && digests.sha1.is_none()) {
        digests.sha256 = Some(if random.often(2) { other.sha256 } else { met.sha256 });
    }
    let verdict = match random.below(6) {
        0 => Verdict::Unclassified,
        1..=3 => Verdict::Category(CategoryCode("1".to_owned())),
        _ => Verdict::Category(CategoryCode("2".to_owned())),
    };
    let mut entry = Entry::bare(EntryId(id), digests, verdict);
    if random.often(5) {
        let mut pdq = item_pdq(of).orientations[random.below(8) as usize];
        pdq.0[31] ^= random.below(256) as u8;
        entry.pdq = Some(pdq);
    }
    entry.flags = Flags { victim_identified: random.often(3).then_some(true), ..Flags::default() };
    entry.series = if random.often(2) { "garden".to_owned() } else { String::new() };
    entry.standing = random.often(1).then_some(Standing::Disputed);
    entry
}

/// The sets as a plain model: what they hold, and what each version changed.
struct World {
    dir: PathBuf,
    rows: BTreeMap<SetName, BTreeMap<u64, Entry>>,
    logs: BTreeMap<SetName, Vec<EntryChange>>,
    versions: BTreeMap<SetName, u32>,
}

impl News for World {
    fn is_lasting(&self, _: &SetName) -> bool {
        true
    }

    fn changes(&self, set: &SetName, since: SetVersion) -> Result<Option<Vec<EntryChange>>, Error> {
        let log = self.logs.get(set).into_iter().flatten();
        Ok(Some(log.filter(|change| change.version > since).cloned().collect()))
    }
}

impl World {
    fn new(dir: &Path, random: &mut Random) -> Self {
        let mut world =
            Self { dir: dir.to_owned(), rows: BTreeMap::new(), logs: BTreeMap::new(), versions: BTreeMap::new() };
        for name in ["national", "ordinary"] {
            world.change(&name.parse().unwrap(), random);
        }
        world
    }

    /// Makes the next version of a set.
    fn change(&mut self, name: &SetName, random: &mut Random) {
        let version = SetVersion(self.versions.get(name).map_or(1, |version| version + 1));
        let rows = self.rows.entry(name.clone()).or_default();
        let log = self.logs.entry(name.clone()).or_default();
        for id in 1..9 {
            if !random.often(4) {
                continue;
            }
            let before = rows.get(&id).cloned();
            let after = (before.is_none() || random.often(6)).then(|| random_entry(random, id));
            match &after {
                Some(entry) => rows.insert(id, entry.clone()),
                None => rows.remove(&id),
            };
            if before != after {
                let reason = if after.is_none() { "a mistake".to_owned() } else { String::new() };
                log.push(EntryChange { version, id: EntryId(id), before, after, reason });
            }
        }
        // A set is never empty: this one is met by nothing.
        let mut filler = Entry::bare(EntryId(99), EntryDigests::default(), Verdict::Unclassified);
        filler.digests.sha256 = Some(domain::Sha256([0xff; 32]));
        let role = if name.as_str() == "national" { Role::Known } else { Role::Good };
        let set = NewSet {
            name: name.clone(),
            role,
            profile: (role == Role::Known).then(|| Profile::parse("US").unwrap()),
            meanings: Meanings::new(),
            basis: VerdictBasis::Category,
            kind: "test".to_owned(),
            published: None,
            imported: NOW,
            sources: Vec::new(),
        };
        let mut builder = SetBuilder::begin(&self.dir, set).unwrap();
        for entry in rows.values().chain([&filler]) {
            builder.push(entry).unwrap();
        }
        assert_eq!(builder.finish(Vec::new()).unwrap().stamp.version, version);
        self.versions.insert(name.clone(), version.0);
    }
}

fn new_case(dir: &Path) -> CaseFile {
    let scheme = Schemes::shipped().scheme(&SchemeId("project-vic-us".to_owned())).unwrap().clone();
    let case = NewCase { number: "T-1".to_owned(), unit: "tests".to_owned(), scheme, legal_scope: String::new() };
    let cost = KdfCost { memory_kib: 8, passes: 1, lanes: 1 };
    let passphrase = Passphrase::new("correct horse battery");
    CaseFile::create_with_cost(dir, &case, &"anna".parse().unwrap(), &passphrase, NOW, &mut Random(3), cost).unwrap()
}

/// Loads items as a load does: looked up, judged, and decoded where nothing hides them.
fn load(case: &CaseFile, rules: &Rules<'_>, numbers: impl Iterator<Item = u64>) {
    let source = case.add_source(Path::new("/nowhere"), "folder", NOW).unwrap();
    let records: Vec<Record> = numbers
        .map(|number| {
            let digests = item_digests(number);
            let hits = rules.sets.lookup(&digests);
            let vetoes = rules.vetoes_of(&digests.sha256);
            let visibility = review::judge_with(&hits, vetoes, rules.schemes, &rules.case_scheme);
            let decoded = (!is_hidden(&visibility)).then(|| decoded(number));
            let near = decoded.as_ref().and_then(|decoded| decoded.facts.pdq.as_ref());
            let near = near.map(|pdq| rules.sets.near(pdq, PdqSet::RADIUS)).unwrap_or_default();
            let item = RecordItem {
                digests,
                media: MediaType { mime: "image/png".to_owned(), class: MediaClass::Picture },
                extension_disagrees: None,
                visibility,
                hits,
                near,
                decoded,
            };
            Record {
                source,
                path: SourcePath(format!("{number}.png").into_bytes()),
                size_bytes: Some(100),
                times: RecordTimes::default(),
                content: RecordContent::Item(Box::new(item)),
            }
        })
        .collect();
    case.record(&records, NOW).unwrap();
}

fn decoded(number: u64) -> Decoded {
    let facts = Facts {
        width: 10,
        height: 10,
        exif_orientation: 1,
        frames: None,
        pdq: Some(item_pdq(number)),
        image_hash: ImageHash(number),
        camera: Camera::default(),
        gps: None,
        taken: None,
        metadata: Vec::new(),
        remarks: Vec::new(),
    };
    Decoded { facts, thumbnail: Thumbnail { width: 1, height: 1, jpeg: vec![1] } }
}

fn setting<'a>(stop: &'a AtomicBool) -> Setting<'a> {
    Setting { decoder: PathBuf::new(), threads: 1, now: &|| NOW, stop, pause: None, progress: &|_| {} }
}

/// What two cases have to agree in.
#[derive(Debug, PartialEq)]
struct Seen {
    standings: Vec<ItemStanding>,
    notices: Vec<(Sha256, Notice)>,
    counts: casefile::Counts,
}

fn seen(case: &CaseFile) -> Seen {
    let mut standings = Vec::new();
    case.standings(&mut |standing| {
        standings.push(standing);
        ControlFlow::Continue(())
    })
    .unwrap();
    let mut notices: Vec<_> = case.notices().unwrap().into_iter().map(|row| (row.item, row.notice)).collect();
    notices.sort();
    let report = case.verify(&mut |_, _, _| {}).unwrap();
    assert_eq!(report.problems, []);
    Seen { standings, notices, counts: case.counts().unwrap() }
}

/// Lets a person say something about an item, in the same way in both cases.
fn say_something(cases: [&CaseFile; 2], random: &mut Random) {
    let item = item_digests(random.below(ITEMS)).sha256;
    let what = random.below(5);
    for case in cases {
        let Some(standing) = case.standings_of(&[item]).unwrap().pop() else { continue };
        match what {
            0 => drop(case.decide(&[item], Some(CategoryCode("1".to_owned())), None, NOW).unwrap()),
            1 => drop(with_judge(case, |judge| Ok(case.undo(judge, NOW)?)).unwrap()),
            2 => drop(with_judge(case, |judge| Ok(case.redo(judge, NOW)?)).unwrap()),
            _ => {
                let Some(hit) = standing.hits.first() else { continue };
                let (set, version, entry) = (hit.set.name.clone(), hit.set.version, hit.entry);
                let entries = [VetoedEntry { set, version, entry, lasting: true }];
                with_judge(case, |judge| Ok(case.veto(&item, &entries, "not this", judge, NOW)?)).unwrap();
            }
        }
    }
}

fn one_history(seed: u64) {
    let mut random = Random(seed);
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::new(&dir.path().join("sets"), &mut random);
    let (by_change, whole) = (new_case(&dir.path().join("a")), new_case(&dir.path().join("b")));
    let (stop, schemes) = (AtomicBool::new(false), Schemes::shipped());
    let setting = setting(&stop);
    let follow = |case: &CaseFile, world: &World, reach| {
        let sets = Sets::open(&world.dir).unwrap();
        follow_sets(case, &sets, &schemes, world, reach, &setting).unwrap()
    };
    let load_both = |world: &World, from: u64, to: u64| {
        let sets = Sets::open(&world.dir).unwrap();
        for case in [&by_change, &whole] {
            load(case, &Rules::of(case, &sets, &schemes, &setting).unwrap(), from..to);
        }
    };
    follow(&by_change, &world, Reach::Change);
    follow(&whole, &world, Reach::Whole);
    load_both(&world, 0, ITEMS / 2);
    let hidden = |case: &CaseFile| case.counts().unwrap().hidden;
    for step in 0..4 {
        for _ in 0..random.below(3) {
            say_something([&by_change, &whole], &mut random);
        }
        for name in ["national", "ordinary"] {
            for _ in 0..random.below(3) {
                world.change(&name.parse().unwrap(), &mut random);
            }
        }
        let summary = follow(&by_change, &world, Reach::Change);
        assert_eq!(summary.how, RematchHow::ByChange);
        let before = hidden(&whole);
        let all = follow(&whole, &world, Reach::Whole);
        let told = |of: &RematchSummary| (of.newly_hidden, of.returned, of.odd);
        assert_eq!(told(&summary), told(&all), "step {step}");
        // What is told is what a person sees: the sum of hidden items moves by just that.
        assert_eq!(before + all.newly_hidden, hidden(&whole) + all.returned + all.odd, "step {step}");
        assert_eq!(seen(&by_change), seen(&whole), "step {step}");
        if step == 1 {
            load_both(&world, ITEMS / 2, ITEMS);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn following_the_change_gives_what_judging_everything_gives(seed in any::<u64>()) {
        one_history(seed);
    }
}

/// A judging that a person stops half-way is done again from where the last whole one ended, also by newer sets.
#[test]
fn a_judging_that_was_cut_short_is_done_to_its_end_by_the_next() {
    let mut random = Random(11);
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::new(&dir.path().join("sets"), &mut random);
    let (cut, plain) = (new_case(&dir.path().join("a")), new_case(&dir.path().join("b")));
    let (stop, schemes) = (AtomicBool::new(false), Schemes::shipped());
    let setting = setting(&stop);
    let follow = |case: &CaseFile, world: &World| {
        follow_sets(case, &Sets::open(&world.dir).unwrap(), &schemes, world, Reach::Change, &setting)
    };
    for case in [&cut, &plain] {
        follow(case, &world).unwrap();
        let sets = Sets::open(&world.dir).unwrap();
        load(case, &Rules::of(case, &sets, &schemes, &setting).unwrap(), 0..ITEMS);
    }
    for _ in 0..3 {
        world.change(&"national".parse().unwrap(), &mut random);
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(follow(&cut, &world).is_err());
        stop.store(false, std::sync::atomic::Ordering::Relaxed);
        assert!(!cut.is_matched(&schemes.versions()).unwrap());
        world.change(&"ordinary".parse().unwrap(), &mut random);
        assert_eq!(follow(&cut, &world).unwrap().how, RematchHow::ByChange);
        follow(&plain, &world).unwrap();
        assert_eq!(seen(&cut), seen(&plain));
    }
}

#[test]
fn without_the_whole_change_everything_is_judged() {
    struct Forgetful;
    impl News for Forgetful {
        fn is_lasting(&self, _: &SetName) -> bool {
            true
        }
        fn changes(&self, _: &SetName, _: domain::SetVersion) -> Result<Option<Vec<EntryChange>>, Error> {
            Ok(None)
        }
    }
    let mut random = Random(12);
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::new(&dir.path().join("sets"), &mut random);
    let case = new_case(&dir.path().join("a"));
    let (stop, schemes) = (AtomicBool::new(false), Schemes::shipped());
    let setting = setting(&stop);
    let follow = |world: &World, news: &dyn News| {
        let sets = Sets::open(&world.dir).unwrap();
        follow_sets(&case, &sets, &schemes, news, Reach::Change, &setting).unwrap()
    };
    follow(&world, &world);
    let sets = Sets::open(&world.dir).unwrap();
    load(&case, &Rules::of(&case, &sets, &schemes, &setting).unwrap(), 0..ITEMS);
    assert_eq!((follow(&world, &Forgetful).how, follow(&world, &Forgetful).items), (RematchHow::ByChange, 0));
    world.change(&"national".parse().unwrap(), &mut random);
    let summary = follow(&world, &Forgetful);
    assert_eq!((summary.how, summary.items), (RematchHow::Whole, ITEMS));
    world.change(&"national".parse().unwrap(), &mut random);
    // A log that does not lead from one number of entries to the other is one of another store.
    world.logs.get_mut(&"national".parse::<SetName>().unwrap()).unwrap().push(EntryChange {
        version: SetVersion(3),
        id: EntryId(1234),
        before: None,
        after: Some(random_entry(&mut random, 1234)),
        reason: String::new(),
    });
    assert_eq!(follow(&world, &world).how, RematchHow::Whole);
    let is_shown = |standing: &ItemStanding| matches!(standing.visibility, Visibility::Shown { .. });
    assert!(seen(&case).standings.iter().any(is_shown));
}
