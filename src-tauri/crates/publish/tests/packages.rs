//! Packages at the custodian's: taken once, as the opinion of a unit, or refused without a trace.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod site;

use std::path::PathBuf;
use std::sync::OnceLock;

use dispatch::package::{
    Head, ITEMS_FILE, LedgerHead, PackageError, PackageWriter, Signer, What, new_identity, new_signing_key, write_item,
};
use domain::release::Lead;
use domain::{
    CategoryCode, ClassifiedItem, ClassifiedVeto, Digests, Entry, EntryId, Flags, Md5, MediaClass, MediaType, Pdq,
    Profile, Role, SetVersion, Sha1, Sha256, Standing, UserName, UtcTime, Verdict, Vote,
};

use zeef_publish::{
    AddRequest, Capacity, ConflictKind, Conflicts, Contribution, NewRepository, PublishError, ReleaseRequest, add,
    conflicts, decide, init, lead, release, status,
};

use crate::site::{bytes, rows_of, sha256};

const PASSPHRASE: &str = "a test";
const CAPACITY: Capacity = Capacity { memory_bytes: 256 << 20 };

fn now() -> UtcTime {
    UtcTime::parse("2026-03-01T08:00:00Z").unwrap()
}

fn name(text: &str) -> UserName {
    text.parse().unwrap()
}

fn signer() -> &'static Signer {
    static SIGNER: OnceLock<Signer> = OnceLock::new();
    SIGNER.get_or_init(|| Signer::read(&new_signing_key(PASSPHRASE).unwrap().0, PASSPHRASE).unwrap())
}

struct Desk {
    folder: tempfile::TempDir,
    recipient: String,
}

/// A package as a unit sends it.
struct Sent {
    head: Head,
    items: Vec<ClassifiedItem>,
}

impl Desk {
    fn new(profile: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let new = NewRepository {
            publisher: "national".parse().unwrap(),
            set: "national".parse().unwrap(),
            title: "National".to_owned(),
            role: Role::Known,
            profile: Some(Profile::parse(profile).unwrap()),
            address: None,
            grace_days: 14,
            timestamp_days: 7,
            root_keys: 1,
            threshold: 1,
            source: None,
        };
        init(&folder.path().join("repo"), &folder.path().join("keys"), &new, &name("Anna"), now()).unwrap();
        let (secret, recipient) = new_identity();
        std::fs::write(folder.path().join("reading.txt"), &*secret).unwrap();
        let desk = Self { folder, recipient };
        desk.trust(false);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn trust(&self, revoked: bool) {
        let one = Lead {
            name: "Ben".to_owned(),
            unit: "East".to_owned(),
            key: signer().public(),
            from: UtcTime::parse("2025-01-01T00:00:00Z").unwrap(),
            until: UtcTime::parse("2030-01-01T00:00:00Z").unwrap(),
            revoked,
        };
        lead(&self.path("repo"), &one, &name("Anna"), now()).unwrap();
    }

    fn send(&self, file: &str, sent: &Sent) {
        let to = [("National custodian".to_owned(), self.recipient.clone())];
        let _ = std::fs::remove_file(self.path(file));
        let mut writer = PackageWriter::begin(&self.path(file), &sent.head, &to).unwrap();
        writer
            .add_written::<PackageError>(ITEMS_FILE, |out| {
                sent.items.iter().for_each(|item| write_item(out, item).unwrap());
                Ok(())
            })
            .unwrap();
        writer.finish(signer()).unwrap();
    }

    fn add(&self, file: &str) -> Result<Contribution, PublishError> {
        let request = AddRequest { identity: Some(self.path("reading.txt")), ..AddRequest::default() };
        add(&self.path("repo"), &self.path(file), &request, &name("Anna"), now())
    }

    /// Takes a package that has to be refused, and checks that nothing of it stays.
    fn refused(&self, file: &str) -> String {
        let left = || {
            let tables = std::fs::read_dir(self.path("repo/contributions")).unwrap();
            let mut tables: Vec<_> = tables.map(|entry| entry.unwrap().file_name()).collect();
            tables.sort();
            (bytes(&self.path("repo/journal.jsonl")), tables)
        };
        let before = left();
        let error = self.add(file).unwrap_err();
        assert_eq!(left(), before, "{error}");
        error.to_string()
    }

    fn released(&self) -> Vec<Entry> {
        let request = ReleaseRequest { snapshot: false, capacity: CAPACITY, by: name("Anna"), now: now() };
        release(&self.path("repo"), &self.path("keys"), &self.path("site"), &request).unwrap();
        rows_of(&self.path("site"))
    }

    fn conflicts(&self) -> Conflicts {
        conflicts(&self.path("repo"), CAPACITY).unwrap()
    }
}

fn sent(items: Vec<ClassifiedItem>) -> Sent {
    let scheme = review::Schemes::shipped().scheme(&Profile::parse("US").unwrap().0).unwrap().clone();
    let head = Head {
        case_id: "case".to_owned(),
        case_number: "2026-7".to_owned(),
        unit: "East".to_owned(),
        what: What::Classified,
        requested_by: name("carla"),
        signed_by: name("ben"),
        unit_of_signer: "East".to_owned(),
        made: now(),
        ledger: LedgerHead { operations: 10, hash: Sha256([9; 32]) },
        scheme,
        items: items.len() as u64,
        media: false,
    };
    Sent { head, items }
}

fn item(number: u8, category: Option<&str>) -> ClassifiedItem {
    let category = category.map(|code| CategoryCode(code.to_owned()));
    let vote = |category: &CategoryCode| Vote { by: name("carla"), category: category.clone(), at: now() };
    ClassifiedItem {
        digests: Digests {
            md5: Md5([number; 16]),
            sha1: Sha1([number; 20]),
            sha256: Sha256([number; 32]),
            size_bytes: u64::from(number) * 100,
        },
        media: MediaType { mime: "image/jpeg".to_owned(), class: MediaClass::Picture },
        votes: category.iter().map(vote).collect(),
        category,
        standing: Some(Standing::OneOpinion),
        flags: Flags::default(),
        series: Vec::new(),
        pdq: None,
        vetoes: Vec::new(),
        occurrences: 1,
    }
}

fn veto(set: &str, number: u64) -> ClassifiedVeto {
    let reason = "it is another picture".to_owned();
    ClassifiedVeto { set: set.parse().unwrap(), version: SetVersion(1), entry: EntryId(number), reason }
}

#[test]
fn a_package_becomes_entries_with_all_that_it_says() {
    let desk = Desk::new("US");
    let mut full = item(1, Some("1"));
    full.flags = Flags { victim_identified: Some(true), ..Flags::default() };
    full.series = vec!["Alder".to_owned(), "Birch".to_owned()];
    full.pdq = Some(Pdq([4; 32]));
    let mut disputed = item(2, Some("1"));
    (disputed.category, disputed.standing) = (None, Some(Standing::Disputed));
    let mut other_veto = item(3, Some("0"));
    other_veto.vetoes = vec![veto("another", 5)];
    let mut empty = item(4, Some("1"));
    empty.digests.size_bytes = 0;
    desk.send("set.zeef", &sent(vec![full, disputed, other_veto, empty, item(5, None)]));
    let taken = desk.add("set.zeef").unwrap();
    assert_eq!((taken.rows, taken.entries, taken.without_sha256), (5, 3, 0));
    assert_eq!(taken.refused, [("digest of an empty file".to_owned(), 1)].into());
    assert_eq!(taken.codes, [("0".to_owned(), 1), ("1".to_owned(), 1)].into());
    let package = taken.package.as_ref().unwrap();
    assert_eq!((package.contributor.as_str(), &*package.signer), ("East", "Ben"));
    assert_eq!((package.unsaid, package.disputed, package.vetoes, package.other_vetoes), (1, 1, 0, 1));
    assert!(taken.remarks[0].starts_with("signed by Ben of East, case 2026-7"), "{:?}", taken.remarks);

    let rows = desk.released();
    let row = |number: u8| rows.iter().find(|row| row.digests.sha256 == Some(Sha256([number; 32]))).unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(row(1).verdict, Verdict::Category(CategoryCode("1".to_owned())));
    assert_eq!(
        (row(1).digests.md5, row(1).size_bytes, row(1).pdq),
        (Some(Md5([1; 16])), Some(100), Some(Pdq([4; 32])))
    );
    assert_eq!((row(1).flags.victim_identified, &*row(1).series), (Some(true), "Alder; Birch"));
    assert_eq!(row(1).standing, Some(Standing::OneOpinion), "the people of one unit are one opinion");
    assert_eq!(row(2).verdict, Verdict::Unclassified);
    // In a case of Zeef the code says what the scheme says; of another tool's file a person would be asked.
    assert_eq!(row(3).verdict, Verdict::Category(CategoryCode("0".to_owned())));
    assert_eq!(desk.conflicts().count, 0);
}

#[test]
fn categories_go_through_the_crosswalks_as_those_of_lists_do() {
    let desk = Desk::new("UK");
    desk.send("set.zeef", &sent(vec![item(1, Some("1")), item(2, Some("0"))]));
    desk.add("set.zeef").unwrap();
    let found = desk.conflicts();
    assert_eq!((found.count, &found.conflicts[0].kinds), (1, &vec![ConflictKind::NeedsHuman]));
    let opinion = &found.conflicts[0].opinions[0];
    assert_eq!((opinion.contributor.as_str(), opinion.signer.as_deref()), ("East", Some("Ben")));
    assert_eq!(opinion.scheme.as_ref().unwrap().0, "project-vic-us");
    let rows = desk.released();
    let row = |number: u8| rows.iter().find(|row| row.digests.sha256 == Some(Sha256([number; 32]))).unwrap();
    assert_eq!(row(1).verdict, Verdict::Unclassified);
    assert_eq!(row(2).verdict, Verdict::Category(CategoryCode("0".to_owned())));
}

#[test]
fn an_entry_that_a_unit_calls_wrong_waits_for_the_custodian() {
    let desk = Desk::new("US");
    desk.send("one.zeef", &sent(vec![item(1, Some("1")), item(2, Some("1"))]));
    desk.add("one.zeef").unwrap();
    desk.released();
    let mut again = sent(vec![item(1, Some("1"))]);
    again.head.case_id = "another case".to_owned();
    again.items[0].vetoes = vec![veto("national", 1), veto("another", 9)];
    desk.send("two.zeef", &again);
    assert_eq!(desk.add("two.zeef").unwrap().package.unwrap().vetoes, 1);
    let found = desk.conflicts();
    assert_eq!((found.count, &found.conflicts[0].kinds), (1, &vec![ConflictKind::Vetoed]));
    assert_eq!(found.conflicts[0].digest, Sha256([1; 32]).to_string());
    let reasons: Vec<_> = found.conflicts[0].opinions.iter().map(|opinion| opinion.vetoes.len()).collect();
    assert_eq!(reasons, [0, 2]);
    let digest = found.conflicts[0].digest.parse().unwrap();
    decide(&desk.path("repo"), &digest, None, &name("Anna"), now()).unwrap();
    assert_eq!(desk.conflicts().count, 0, "the custodian has looked at it");
    // Called wrong once more, it waits once more.
    again.head.ledger.operations += 1;
    desk.send("three.zeef", &again);
    desk.add("three.zeef").unwrap();
    assert_eq!(desk.conflicts().count, 1);
}

#[expect(clippy::disallowed_methods, reason = "a table of the repository that the test has made")]
fn open_table(path: &std::path::Path) -> std::fs::File {
    std::fs::File::open(path).unwrap()
}

/// Takes the columns that came with packages out of a table, and writes the journal's last line accordingly.
fn as_before_packages(desk: &Desk, list: &Contribution) {
    use parquet::arrow::{ArrowWriter, ProjectionMask, arrow_reader::ParquetRecordBatchReaderBuilder};
    let path = desk.path("repo").join(&list.table);
    let file = ParquetRecordBatchReaderBuilder::try_new(open_table(&path)).unwrap();
    let columns = file.schema().fields().len() - 3;
    let mask = ProjectionMask::roots(file.parquet_schema(), 0..columns);
    let batches: Vec<_> = file.with_projection(mask).build().unwrap().map(|batch| batch.unwrap()).collect();
    let mut table = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut table, batches[0].schema(), None).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.close().unwrap();
    std::fs::write(&path, &table).unwrap();
    let journal = String::from_utf8(bytes(&desk.path("repo/journal.jsonl"))).unwrap();
    let changed = journal.replace(&list.table_sha256.to_string(), &sha256(&table));
    assert_ne!(journal, changed);
    std::fs::write(desk.path("repo/journal.jsonl"), changed).unwrap();
}

#[test]
fn a_repository_of_before_packages_takes_them_too() {
    let desk = Desk::new("US");
    std::fs::write(desk.path("list.csv"), format!("SHA256,MD5\n{},{}\n", "ab".repeat(32), "cd".repeat(16))).unwrap();
    let request = AddRequest { category: Some(CategoryCode("2".to_owned())), ..AddRequest::default() };
    let list = add(&desk.path("repo"), &desk.path("list.csv"), &request, &name("West"), now()).unwrap();
    as_before_packages(&desk, &list);
    desk.send("set.zeef", &sent(vec![item(1, Some("1"))]));
    desk.add("set.zeef").unwrap();
    assert_eq!(desk.conflicts().count, 0);
    let verdicts: Vec<_> = desk.released().into_iter().map(|row| row.verdict).collect();
    assert_eq!(verdicts, ["2", "1"].map(|code| Verdict::Category(CategoryCode(code.to_owned()))));
}

#[test]
fn what_does_not_hold_is_refused_without_a_trace() {
    let desk = Desk::new("US");
    let good = sent(vec![item(1, Some("1"))]);
    desk.send("set.zeef", &good);
    let whole = bytes(&desk.path("set.zeef"));

    let without_key = AddRequest::default();
    let add_with = |request: &AddRequest| {
        add(&desk.path("repo"), &desk.path("set.zeef"), request, &name("Anna"), now()).unwrap_err().to_string()
    };
    assert!(add_with(&without_key).contains("--identity"));
    let with_category = AddRequest {
        identity: Some(desk.path("reading.txt")),
        category: Some(CategoryCode("1".to_owned())),
        ..AddRequest::default()
    };
    assert!(add_with(&with_category).contains("Leave --profile"));

    std::fs::write(desk.path("cut"), &whole[..whole.len() - 1]).unwrap();
    assert!(desk.refused("cut").contains("its end is missing"));
    let (_, other) = new_identity();
    let stranger = Desk { recipient: other, folder: tempfile::tempdir().unwrap() };
    stranger.send("set.zeef", &good);
    std::fs::copy(stranger.path("set.zeef"), desk.path("not-ours")).unwrap();
    assert!(desk.refused("not-ours").contains("none of your reading keys opens it"));

    let change = |change: fn(&mut Sent)| {
        let mut changed = sent(vec![item(1, Some("1")), item(2, Some("2"))]);
        change(&mut changed);
        desk.send("changed", &changed);
        desk.refused("changed")
    };
    let wrong_code = change(|sent| sent.items[1].category = Some(CategoryCode("77".to_owned())));
    assert!(wrong_code.contains("line 2 of its items") && wrong_code.contains("no category `77`"), "{wrong_code}");
    assert!(change(|sent| sent.head.items = 3).contains("another number of items"));
    assert!(change(|sent| sent.head.scheme.categories.truncate(3)).contains("has other categories"));
    assert!(change(|sent| sent.items = vec![item(1, None), item(2, None)]).contains("nobody has said anything"));

    desk.trust(true);
    assert!(desk.refused("set.zeef").contains("was revoked"));
    desk.trust(false);
    // The control: it was good all the time.
    desk.add("set.zeef").unwrap();
}

#[test]
fn a_package_is_taken_once_and_an_older_one_does_not_come_after_a_newer_one() {
    let desk = Desk::new("US");
    let mut package = sent(vec![item(1, Some("1"))]);
    desk.send("set.zeef", &package);
    desk.add("set.zeef").unwrap();
    assert!(desk.refused("set.zeef").contains("the same package was taken before, in line 3"));
    // The same manifest, encrypted anew, is the same package.
    desk.send("again.zeef", &package);
    assert!(desk.refused("again.zeef").contains("the same package was taken before"));
    package.head.ledger.operations = 9;
    desk.send("older.zeef", &package);
    assert!(desk.refused("older.zeef").contains("a newer package of the same case"));
    package.head.ledger.operations = 11;
    package.items[0].category = Some(CategoryCode("2".to_owned()));
    desk.send("newer.zeef", &package);
    desk.add("newer.zeef").unwrap();
    let rows = desk.released();
    assert_eq!(rows[0].verdict, Verdict::Category(CategoryCode("2".to_owned())), "the last word of a unit counts");
    assert_eq!(status(&desk.path("repo"), now()).unwrap().contributions, 2);
}
