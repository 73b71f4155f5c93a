//! A small case and its session, and what the tests ask of them.

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};

use casefile::{
    KdfCost, NewCase, Passphrase, Record, RecordContent, RecordItem, RecordTimes, SetStampRow, SystemEntropy, UserRole,
};
use domain::{
    Agreement, Camera, CategoryCode, Decoded, DigestKind, Digests, EntryId, Facts, Flags, HideReason, Hit, ImageHash,
    Md5, Meanings, MediaClass, MediaType, NearHit, Orientation, Outcome, Profile, Refusal, RefusalCode, Role, SetStamp,
    SetVersion, Sha1, Sha256, ShowReason, SourcePath, TakenAt, Thumbnail, Translated, Verdict, VerdictBasis,
    Visibility,
};
use hashset::synthetic::split_mix;

use crate::session::*;
use crate::view::grid::{Order, Shelf as Shelves, Target, Tile, ViewQuery};

pub(super) const PASSPHRASE: &str = "correct horse battery";
pub(super) const START: i64 = 1_700_000_000_000_000;
/// A name that would turn what stands beside it, break its line, and be read as HTML.
pub(super) const POISON: &str = "gpj.\u{202e}<img src=x>\n\u{7}.jpg";

/// A case, and what a session of it is told.
pub(super) struct Desk {
    pub(super) dir: tempfile::TempDir,
    pub(super) clock: Arc<AtomicI64>,
    pub(super) told: Arc<Mutex<Vec<Strip>>>,
}

impl Desk {
    /// Makes a case whose users are Anna and Bob.
    pub(super) fn new() -> Self {
        let desk =
            Self { dir: tempfile::tempdir().unwrap(), clock: Arc::new(AtomicI64::new(START)), told: Arc::default() };
        let scheme = Schemes::shipped().scheme(&SchemeId("project-vic-us".to_owned())).unwrap().clone();
        let case = NewCase { number: "1".to_owned(), unit: "u".to_owned(), scheme, legal_scope: String::new() };
        let cost = KdfCost { memory_kib: 8, passes: 1, lanes: 1 };
        let passphrase = Passphrase::new(PASSPHRASE);
        let (anna, bob) = ("anna".parse().unwrap(), "bob".parse().unwrap());
        let case = CaseFile::create_with_cost(
            &desk.case_dir(),
            &case,
            &anna,
            &passphrase,
            desk.now(),
            &mut SystemEntropy,
            cost,
        )
        .unwrap();
        case.add_user(&bob, UserRole::Investigator, &passphrase, desk.now(), &mut SystemEntropy).unwrap();
        desk
    }

    pub(super) fn case_dir(&self) -> PathBuf {
        self.dir.path().join("case")
    }

    pub(super) fn now(&self) -> UtcTime {
        UtcTime(self.clock.fetch_add(1_000_000, Ordering::Relaxed))
    }

    pub(super) fn case(&self, user: &str) -> CaseFile {
        CaseFile::open(&self.case_dir(), &user.parse().unwrap(), &Passphrase::new(PASSPHRASE), self.now()).unwrap()
    }

    pub(super) fn session_of(&self, case: CaseFile) -> Session {
        let (clock, told) = (Arc::clone(&self.clock), Arc::clone(&self.told));
        let around = Around {
            sets_dir: self.dir.path().join("sets"),
            now: Arc::new(move || UtcTime(clock.fetch_add(1_000_000, Ordering::Relaxed))),
            counts: Arc::new(move |strip| told.lock().unwrap().push(strip)),
        };
        Session::open(case, around, &mut |_| ()).unwrap()
    }

    /// Opens a session with these things recorded first.
    pub(super) fn session(&self, user: &str, records: &[(&str, RecordContent)]) -> Session {
        let case = self.case(user);
        record(&case, self.now(), records);
        self.session_of(case)
    }
}

pub(super) fn record(case: &CaseFile, now: UtcTime, records: &[(&str, RecordContent)]) {
    if records.is_empty() {
        return;
    }
    case.put_sets(&[SetStampRow { stamp: stamp(), entries: 7, imported: now, source_sha256: Vec::new() }], now)
        .unwrap();
    let source = case.add_source(Path::new("/bewijs/stick"), "folder", now).unwrap();
    let batch: Vec<Record> = records
        .iter()
        .map(|(path, content)| Record {
            source,
            path: SourcePath(path.as_bytes().to_vec()),
            size_bytes: Some(1_000),
            times: RecordTimes { modified: Some(UtcTime(START)), ..RecordTimes::default() },
            content: content.clone(),
        })
        .collect();
    case.record(&batch, now).unwrap();
}

pub(super) fn stamp() -> SetStamp {
    SetStamp {
        name: "national".parse().unwrap(),
        role: Role::Known,
        version: SetVersion(1),
        profile: Some(Profile(SchemeId("project-vic-us".to_owned()))),
        published: None,
        basis: VerdictBasis::Category,
        meanings: Meanings::new(),
        allowed: None,
    }
}

pub(super) fn digest_of(number: u64) -> Sha256 {
    let mut seed = number;
    let mut bytes = [0; 32];
    bytes.as_chunks_mut::<8>().0.iter_mut().for_each(|part| *part = split_mix(&mut seed).to_le_bytes());
    Sha256(bytes)
}

pub(super) fn bare(number: u64) -> RecordItem {
    let sha256 = digest_of(number);
    RecordItem {
        digests: Digests { md5: Md5([number as u8; 16]), sha1: Sha1([number as u8; 20]), sha256, size_bytes: number },
        media: MediaType { mime: "image/jpeg".to_owned(), class: MediaClass::Picture },
        extension_disagrees: None,
        visibility: Visibility::Shown { why: ShowReason::New },
        hits: Vec::new(),
        near: Vec::new(),
        decoded: None,
    }
}

pub(super) fn decoded() -> Decoded {
    let facts = Facts {
        width: 640,
        height: 480,
        exif_orientation: 1,
        frames: None,
        pdq: None,
        image_hash: ImageHash(0x5555_5555),
        camera: Camera { model: Some("Fotofoon\u{202e} 7".to_owned()), ..Camera::default() },
        gps: None,
        taken: Some(TakenAt { local: "2025-03-14T16:02:11".to_owned(), offset: Some("+01:00".to_owned()) }),
        metadata: Vec::new(),
        remarks: Vec::new(),
    };
    Decoded { facts, thumbnail: Thumbnail { width: 1, height: 1, jpeg: vec![1] } }
}

pub(super) fn fresh(number: u64) -> RecordContent {
    RecordContent::Item(Box::new(RecordItem { decoded: Some(decoded()), ..bare(number) }))
}

pub(super) fn alike(number: u64) -> RecordContent {
    let near = NearHit {
        set: Arc::new(stamp()),
        entry: EntryId(number),
        distance: 12,
        orientation: Orientation::Original,
        verdict: Verdict::Category(CategoryCode("1".to_owned())),
        flags: Flags { victim_identified: Some(true), ..Flags::default() },
        series: "a\u{202e}b".to_owned(),
        quarantined: false,
    };
    RecordContent::Item(Box::new(RecordItem { decoded: Some(decoded()), near: vec![near], ..bare(number) }))
}

pub(super) fn known(number: u64) -> RecordContent {
    let why = HideReason::Known {
        set: "national".parse().unwrap(),
        version: SetVersion(1),
        entry: EntryId(number),
        digest: DigestKind::Sha256,
        agreement: Agreement::Confirmed,
        original: Some(CategoryCode("1".to_owned())),
        scheme: Some(SchemeId("project-vic-us".to_owned())),
        category: Translated::To { code: CategoryCode("1".to_owned()), outcome: Outcome::Exact },
        freshness: None,
    };
    let hit = Hit {
        set: Arc::new(stamp()),
        entry: EntryId(number),
        kind: DigestKind::Sha256,
        agreement: Agreement::Confirmed,
        quarantined: false,
        verdict: Verdict::Category(CategoryCode("1".to_owned())),
        flags: Flags::default(),
        series: String::new(),
        standing: None,
    };
    RecordContent::Item(Box::new(RecordItem {
        visibility: Visibility::Hidden { why },
        hits: vec![hit],
        ..bare(number)
    }))
}

pub(super) fn broken(number: u64) -> RecordContent {
    let why = Refusal::new(RefusalCode::Undecodable, "it is no picture");
    RecordContent::Item(Box::new(RecordItem { visibility: Visibility::Refused { why }, ..bare(number) }))
}

pub(super) fn unread() -> RecordContent {
    RecordContent::Unread(Refusal::new(RefusalCode::Unreadable, "permission denied"))
}

pub(super) fn shelf(shelf: Shelves) -> ViewQuery {
    ViewQuery { shelf, picks: Vec::new(), text: String::new(), order: Order::Number, descending: false, stacked: false }
}

pub(super) fn items(numbers: &[u32]) -> Target {
    Target::Items { numbers: numbers.to_vec() }
}

pub(super) fn numbers_of(session: &Session, query: &ViewQuery) -> Vec<u32> {
    let view = session.view_open(query, None).unwrap().view;
    session.view_numbers(view, 0, u32::MAX).unwrap()
}

pub(super) fn tiles_of(session: &Session, query: &ViewQuery) -> Vec<Tile> {
    let view = session.view_open(query, None).unwrap().view;
    session.view_tiles(view, 0, u32::MAX).unwrap()
}

/// Items 1 and 2 are new, 3 looks like known material, 4 and 5 are hidden, 6 is broken; one place could not be read.
pub(super) fn mixed() -> Vec<(&'static str, RecordContent)> {
    vec![
        ("a/1.jpg", fresh(1)),
        ("a/2.jpg", fresh(2)),
        ("b/3.jpg", alike(3)),
        ("k/4.jpg", known(4)),
        ("k/5.jpg", known(5)),
        ("x/6.jpg", broken(6)),
        ("x/7.jpg", unread()),
    ]
}

#[track_caller]
pub(super) fn check_strip(session: &Session) {
    let strip = session.strip().unwrap();
    let counts = session.case().counts().unwrap();
    assert_eq!(strip.shown + strip.hidden + strip.refused + strip.waiting, strip.total);
    let case =
        [counts.shown, counts.hidden, counts.refused, counts.pending, counts.items + counts.pending, counts.classified];
    let said = [strip.shown, strip.hidden, strip.refused, strip.waiting, strip.total, strip.decided];
    assert_eq!(said.map(u64::from), case);
    let numbers = session.numbers().unwrap();
    if counts.pending == 0 {
        assert_eq!(u64::from(numbers.places) + counts.unread, counts.occurrences);
    }
    let plain = |counts: &BTreeMap<String, u64>| -> Vec<(String, u32)> {
        counts.iter().map(|(name, items)| (name.clone(), *items as u32)).collect()
    };
    let told = |counts: &[crate::view::detail::Counted]| -> Vec<(String, u32)> {
        counts.iter().map(|one| (one.name.clone(), one.count)).collect()
    };
    assert_eq!(told(&numbers.hidden_by_set), plain(&counts.by_set));
    assert_eq!(told(&numbers.by_category), plain(&counts.by_category));
    assert_eq!(session.hides().unwrap().into_iter().collect::<Vec<_>>(), plain(&counts.by_set));
}
