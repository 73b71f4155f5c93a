//! Histories of releases inside the library: interrupted at every rename, and drawn at random against what always holds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::{EntryId, Role, Sha256, UserName, UtcTime};

use crate::columns::RowsReader;
use crate::disk::interruption;
use crate::repository::State;
use crate::{AddRequest, Capacity, NewRepository, ReleaseReport, ReleaseRequest, add, init, release, withdraw};
use crate::{PublishError, disk};

const DAY: i64 = 86_400_000_000;

struct Desk {
    folder: tempfile::TempDir,
    now: UtcTime,
}

fn by() -> UserName {
    "Anna".parse().unwrap()
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let now = UtcTime::parse("2026-03-01T08:00:00Z").unwrap();
        let new = NewRepository {
            publisher: "national".parse().unwrap(),
            set: "national".parse().unwrap(),
            title: "National".to_owned(),
            role: Role::Known,
            profile: Some(domain::Profile::parse("US").unwrap()),
            address: None,
            grace_days: 14,
            timestamp_days: 7,
            root_keys: 1,
            threshold: 1,
            source: None,
        };
        init(&folder.path().join("repo"), &folder.path().join("keys"), &new, &by(), now).unwrap();
        Self { folder, now }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Takes a list in: for each row the category and the numbers of its MD5, SHA-1 and SHA-256.
    fn add(&mut self, who: &str, rows: &[[Option<u64>; 3]], category: &str) {
        let cell = |number: Option<u64>, digits: usize| {
            number.map(|number| format!("{:0>digits$}", format!("{:x}", 0xa000 + number))).unwrap_or_default()
        };
        let line = |row: &[Option<u64>; 3]| format!("{},{},{}\n", cell(row[0], 32), cell(row[1], 40), cell(row[2], 64));
        let text: String = rows.iter().map(line).collect();
        let list = self.path("list.csv");
        std::fs::write(&list, format!("MD5,SHA1,SHA256\n{text}")).unwrap();
        let category = Some(domain::CategoryCode(category.to_owned()));
        let request = AddRequest { category, ..AddRequest::default() };
        match add(&self.path("repo"), &list, &request, &who.parse().unwrap(), self.now) {
            Ok(_) => {}
            // A list that was drawn twice says nothing new.
            Err(PublishError::Refused { what, .. }) if what.contains("same list") => {}
            Err(other) => panic!("{other}"),
        }
    }

    fn release(&mut self) -> Result<ReleaseReport, PublishError> {
        let capacity = Capacity { memory_bytes: 256 << 20 };
        let request = ReleaseRequest { snapshot: false, capacity, by: by(), now: self.now };
        release(&self.path("repo"), &self.path("keys"), &self.path("site"), &request)
    }

    fn state(&self) -> State {
        disk::read_json(&self.path("repo/state.json")).unwrap()
    }

    /// Gives the id of each content that the last release has, by its SHA-256.
    fn ids(&self) -> BTreeMap<Sha256, EntryId> {
        let mut rows = RowsReader::open(&self.path("repo").join(self.state().rows.unwrap())).unwrap();
        let mut ids = BTreeMap::new();
        let mut last = None;
        while let Some(row) = rows.next().unwrap() {
            assert!(last < Some(row.id), "ids ascend, each once");
            last = Some(row.id);
            ids.extend(row.digests.sha256.map(|digest| (digest, row.id)));
        }
        ids
    }
}

/// Checks that everything which the timestamp of a site leads to is there, and whole; gives the version of the timestamp.
fn whole(site: &Path) -> Option<u64> {
    let json = |path: PathBuf| -> serde_json::Value { disk::read_json(&path).unwrap() };
    let metadata = site.join("metadata");
    if !metadata.join("timestamp.json").exists() {
        return None;
    }
    let timestamp = json(metadata.join("timestamp.json"));
    let follow = |above: &serde_json::Value, name: &str| {
        let meta = &above["signed"]["meta"][name];
        let path = metadata.join(format!("{}.{name}", meta["version"]));
        assert_eq!(meta["hashes"]["sha256"], disk::sha256_of(&path).unwrap().to_string());
        json(path)
    };
    let snapshot = follow(&timestamp, "snapshot.json");
    let targets = follow(&snapshot, "targets.json");
    for (name, file) in targets["signed"]["targets"].as_object().unwrap() {
        let sha256 = file["hashes"]["sha256"].as_str().unwrap();
        let path = site.join("targets").join(format!("{sha256}.{name}"));
        assert_eq!(disk::sha256_of(&path).unwrap().to_string(), sha256);
    }
    timestamp["signed"]["version"].as_u64()
}

#[test]
fn a_release_that_is_interrupted_anywhere_leaves_the_former_whole_and_is_completed_without_a_gap() {
    let rows = |from: u64| (from..from + 5).map(|number| [None, None, Some(number)]).collect::<Vec<_>>();
    let mut interrupted = 0;
    for renames in 0.. {
        let mut desk = Desk::new();
        desk.add("A", &rows(1), "1");
        desk.release().unwrap();
        desk.add("B", &rows(10), "2");
        interruption::after(Some(renames));
        let outcome = desk.release();
        interruption::after(None);
        let placed = whole(&desk.path("site"));
        if outcome.is_ok() {
            assert_eq!(placed, Some(2));
            break;
        }
        interrupted += 1;
        assert!(matches!(placed, Some(1 | 2)), "{placed:?} after {renames} renames");
        // What came in meanwhile waits for its own release.
        let report = desk.release().unwrap();
        assert_eq!((report.version.0, whole(&desk.path("site"))), (2, Some(desk.state().timestamp)));
        assert_eq!(desk.ids().len(), 10, "after {renames} renames");
        let index = desk.state().index.unwrap();
        assert_eq!(index.deltas.iter().map(|delta| delta.version.0).collect::<Vec<_>>(), [2]);
    }
    assert!(interrupted > 10, "{interrupted}");
}

/// Draws numbers from a seed that is printed; `ZEEF_SEED` repeats a run. Method: splitmix64.
struct Random(u64);

impl Random {
    fn new() -> Self {
        use std::hash::{BuildHasher, RandomState};
        let given = std::env::var("ZEEF_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| RandomState::new().hash_one(0));
        eprintln!("ZEEF_SEED={seed}");
        Self(seed)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }

    /// Draws a row of one of a few contents, with some of its digests; sometimes those of two contents, as collisions have.
    fn row(&mut self) -> [Option<u64>; 3] {
        let content = self.below(12);
        let weak = if self.below(8) == 0 { self.below(12) } else { content };
        let kinds = 1 + self.below(7);
        let given = |bit: u64, number: u64| (kinds & bit != 0).then_some(number);
        [given(1, weak), given(2, weak), given(4, content)]
    }
}

#[test]
fn an_entry_id_never_means_another_content() {
    let mut random = Random::new();
    for _ in 0..3 {
        let mut desk = Desk::new();
        let mut known: BTreeMap<Sha256, EntryId> = BTreeMap::new();
        let mut owners: BTreeMap<EntryId, Sha256> = BTreeMap::new();
        for _ in 0..6 {
            for _ in 0..=random.below(2) {
                let rows: Vec<_> = (0..=random.below(6)).map(|_| random.row()).collect();
                let who = ["A", "B", "C", "D"][random.below(4) as usize];
                desk.add(who, &rows, ["1", "2"][random.below(2) as usize]);
            }
            if random.below(3) == 0 {
                let digest = format!("{:0>64}", format!("{:x}", 0xa000 + random.below(12)));
                // Nobody may have contributed it yet.
                let _ = withdraw(&desk.path("repo"), &digest.parse().unwrap(), "drawn", &by(), desk.now);
            }
            desk.now = UtcTime(desk.now.0 + DAY);
            desk.release().unwrap();
            whole(&desk.path("site")).unwrap();
            for (digest, id) in desk.ids() {
                assert_eq!(*known.entry(digest).or_insert(id), id, "a content keeps its id");
                assert_eq!(*owners.entry(id).or_insert(digest), digest, "an id keeps its content");
            }
        }
    }
}
