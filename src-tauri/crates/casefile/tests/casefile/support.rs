//! Makes cases, items and sets for the tests, all from numbers, so that the same call gives the same thing.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use casefile::*;
use domain::*;

pub const CHEAP: KdfCost = KdfCost { memory_kib: 8, passes: 1, lanes: 1 };
pub const PASSPHRASE: &str = "correct horse battery";

/// SplitMix64: a seed and nothing else decides what comes.
pub struct Seeded(pub u64);

impl Seeded {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.next() as u8)
    }
}

impl Entropy for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.iter_mut().for_each(|byte| *byte = self.next() as u8);
    }
}

pub fn user(name: &str) -> UserName {
    name.parse().unwrap()
}

pub fn at(second: i64) -> UtcTime {
    UtcTime(1_700_000_000_000_000 + second * 1_000_000)
}

pub fn scheme() -> Scheme {
    let category = |code: &str| Category {
        code: CategoryCode(code.to_owned()),
        en: format!("Category {code}"),
        nl: format!("Categorie {code}"),
        number: None,
        unclassified: false,
        ambiguous: false,
        ordinary: false,
    };
    Scheme {
        id: SchemeId("nl".to_owned()),
        version: 1,
        title: "Test".to_owned(),
        title_nl: None,
        status: "an illustration".to_owned().into(),
        categories: ["1", "2", "3"].map(category).to_vec(),
    }
}

pub fn new_case() -> NewCase {
    NewCase {
        number: "PL0900-2026-MARKER".to_owned(),
        unit: "Unit MARKER".to_owned(),
        scheme: scheme(),
        legal_scope: "art. 126 MARKER".to_owned(),
    }
}

pub fn create(dir: &Path) -> CaseFile {
    try_create(dir).unwrap()
}

pub fn try_create(dir: &Path) -> Result<CaseFile> {
    let passphrase = Passphrase::new(PASSPHRASE);
    CaseFile::create_with_cost(dir, &new_case(), &user("Anna"), &passphrase, at(0), &mut Seeded(1), CHEAP)
}

pub fn open(dir: &Path, name: &str) -> Result<CaseFile> {
    CaseFile::open(dir, &user(name), &Passphrase::new(PASSPHRASE), at(1))
}

pub fn open_reading(dir: &Path, name: &str) -> Result<CaseFile> {
    CaseFile::open_reading(dir, &user(name), &Passphrase::new(PASSPHRASE), at(1))
}

pub fn add_user(case: &CaseFile, name: &str, role: UserRole) {
    case.add_user(&user(name), role, &Passphrase::new(PASSPHRASE), at(2), &mut Seeded(3)).unwrap();
}

pub fn digests(number: u64) -> Digests {
    let mut seeded = Seeded(number ^ 0x5eed);
    Digests {
        md5: Md5(seeded.bytes()),
        sha1: Sha1(seeded.bytes()),
        sha256: Sha256(seeded.bytes()),
        size_bytes: 1000 + number,
    }
}

pub fn stamp(name: &str, role: Role, version: u32) -> SetStamp {
    SetStamp {
        name: name.parse().unwrap(),
        role,
        version: SetVersion(version),
        profile: None,
        published: None,
        basis: VerdictBasis::Membership,
        meanings: Meanings::new(),
        allowed: None,
    }
}

pub fn set_row(name: &str, role: Role, version: u32) -> SetStampRow {
    SetStampRow {
        stamp: stamp(name, role, version),
        entries: 7,
        imported: at(0),
        source_sha256: vec![digests(u64::from(version)).sha256],
    }
}

/// The sets that [`hidden`] and [`ordinary`] name.
pub fn put_sets(case: &CaseFile) {
    case.put_sets(&[set_row("national", Role::Known, 1), set_row("software", Role::Good, 1)], at(3)).unwrap();
}

pub fn hit(name: &str, role: Role, number: u64) -> Hit {
    Hit {
        set: Arc::new(stamp(name, role, 1)),
        entry: EntryId(number),
        kind: DigestKind::Sha256,
        agreement: Agreement::Confirmed,
        quarantined: false,
        verdict: Verdict::Member,
        flags: Flags { distributed: Some(true), ..Flags::default() },
        series: "a series".to_owned(),
        standing: None,
    }
}

pub fn near(number: u64) -> NearHit {
    NearHit {
        set: Arc::new(stamp("national", Role::Known, 1)),
        entry: EntryId(number),
        distance: 12,
        orientation: Orientation::FlipX,
        verdict: Verdict::Category(CategoryCode("1".to_owned())),
        flags: Flags::default(),
        series: String::new(),
        quarantined: false,
    }
}

pub fn known(number: u64) -> Visibility {
    Visibility::Hidden {
        why: HideReason::Known {
            set: "national".parse().unwrap(),
            version: SetVersion(1),
            entry: EntryId(number),
            digest: DigestKind::Sha256,
            agreement: Agreement::Confirmed,
            original: None,
            scheme: None,
            category: Translated::NeedsHuman,
            freshness: None,
        },
    }
}

/// Judges as before: for what has no veto.
pub const AS_BEFORE: fn(&ItemStanding, &[Veto]) -> Visibility = |standing, _| standing.visibility.clone();

pub const NEW: Visibility = Visibility::Shown { why: ShowReason::New };

pub fn decoded(number: u64, thumbnail_bytes: usize) -> Decoded {
    let mut seeded = Seeded(number ^ 0xdec0);
    let facts = Facts {
        width: 640,
        height: 480,
        exif_orientation: 6,
        frames: Some(1),
        pdq: Some(PdqSet {
            variant: PdqVariant::Sampled512,
            quality: 88,
            orientations: std::array::from_fn(|_| Pdq(seeded.bytes())),
        }),
        image_hash: ImageHash(seeded.next()),
        camera: Camera { serial: Some("SERIALMARKER".to_owned()), ..Camera::default() },
        gps: Some(GpsFix { latitude: 52.1, longitude: 4.3, altitude_m: None }),
        taken: Some(TakenAt { local: "2026-01-02T03:04:05".to_owned(), offset: None }),
        metadata: vec![MetadataValue {
            group: "exif".to_owned(),
            name: "BodySerialNumber".to_owned(),
            raw: "SERIALMARKER".to_owned(),
        }],
        remarks: vec!["the file ends early".to_owned()],
    };
    let mut jpeg = b"JPEGMARKER".to_vec();
    while jpeg.len() < thumbnail_bytes {
        jpeg.extend_from_slice(&seeded.next().to_le_bytes());
    }
    Decoded { facts, thumbnail: Thumbnail { width: 512, height: 384, jpeg } }
}

pub fn picture() -> MediaType {
    MediaType { mime: "image/jpeg".to_owned(), class: MediaClass::Picture }
}

pub fn record(source: SourceId, path: &str, content: RecordContent) -> Record {
    Record {
        source,
        path: SourcePath(path.as_bytes().to_vec()),
        size_bytes: Some(1234),
        times: RecordTimes { modified: Some(at(-5)), ..RecordTimes::default() },
        content,
    }
}

/// A new picture, decoded.
pub fn shown(number: u64) -> RecordItem {
    RecordItem {
        digests: digests(number),
        media: picture(),
        extension_disagrees: None,
        visibility: NEW,
        hits: Vec::new(),
        near: Vec::new(),
        decoded: Some(decoded(number, 100)),
    }
}

/// What a known set hides.
pub fn hidden(number: u64) -> RecordItem {
    RecordItem {
        visibility: known(number),
        hits: vec![hit("national", Role::Known, number)],
        decoded: None,
        ..shown(number)
    }
}

/// What a good set hides.
pub fn ordinary(number: u64) -> RecordItem {
    let why = HideReason::Ordinary {
        set: "software".parse().unwrap(),
        version: SetVersion(1),
        entry: EntryId(number),
        digest: DigestKind::Sha256,
        agreement: Agreement::Confirmed,
        freshness: None,
    };
    RecordItem {
        visibility: Visibility::Hidden { why },
        hits: vec![hit("software", Role::Good, number)],
        decoded: None,
        ..shown(number)
    }
}

/// What two sets disagree about.
pub fn conflict(number: u64) -> RecordItem {
    let opinions = vec!["a: 1".to_owned(), "b: 2".to_owned()];
    let findings = vec![Finding::Conflict { opinions, sets: vec!["a".parse().unwrap(), "b".parse().unwrap()] }];
    RecordItem { visibility: Visibility::Shown { why: ShowReason::Odd { findings } }, ..shown(number) }
}

/// What the decoder refused.
pub fn refused(number: u64, code: RefusalCode) -> RecordItem {
    let why = Refusal::new(code, "it is no picture");
    RecordItem { visibility: Visibility::Refused { why }, decoded: None, ..shown(number) }
}

pub fn item(item: RecordItem) -> RecordContent {
    RecordContent::Item(Box::new(item))
}

pub fn unread() -> RecordContent {
    RecordContent::Unread(Refusal::new(RefusalCode::Unreadable, "permission denied"))
}

/// A source with one of each: 1, 2 shown; 10, 11 known; 20 ordinary; 30 in conflict; 40 undecodable; one unread place;
/// 1 and 10 stand at two places.
pub fn one_of_each(case: &CaseFile) -> SourceId {
    put_sets(case);
    let source = case.add_source(Path::new("/evidence/PATHMARKER"), "folder", at(4)).unwrap();
    case.record(&batch(source), at(5)).unwrap();
    source
}

pub fn batch(source: SourceId) -> Vec<Record> {
    vec![
        record(source, "a/NAMEMARKER.jpg", item(shown(1))),
        record(source, "a/two.jpg", item(RecordItem { near: vec![near(5)], ..shown(2) })),
        record(source, "b/copy of one.jpg", item(shown(1))),
        record(source, "k/ten.jpg", item(hidden(10))),
        record(source, "k/eleven.jpg", item(hidden(11))),
        record(source, "k/ten again.jpg", item(hidden(10))),
        record(source, "o/readme.png", item(ordinary(20))),
        record(source, "x/odd.jpg", item(conflict(30))),
        record(source, "x/broken.jpg", item(refused(40, RefusalCode::Undecodable))),
        record(source, "x/secret.jpg", unread()),
    ]
}

pub fn victim(name: &str) -> LeadContent {
    LeadContent::new(LeadKind::Victim, name)
}

pub fn whole(number: u64) -> Evidence {
    Evidence { item: digests(number).sha256, part: EvidencePart::Whole, caption: String::new() }
}

/// A box of 20 by 20 pixels that begins at `x`.
pub fn region(number: u64, x: u32) -> Evidence {
    let shape = Shape::Rectangle { x, y: 5, width: 20, height: 20 };
    let region = Region { picture_width: 640, picture_height: 480, shape };
    Evidence { item: digests(number).sha256, part: EvidencePart::Region(region), caption: "a curtain".to_owned() }
}

pub fn request() -> ExportRequest {
    let recipients = vec![("Custodian".to_owned(), "age1example".to_owned())];
    ExportRequest { what: ExportWhat::Classified, recipients, media: false, reason: "to the national set".to_owned() }
}

pub fn list(case: &CaseFile, which: ListFilter) -> Vec<ItemRow> {
    let mut rows = Vec::new();
    case.list(which, &mut |row| {
        rows.push(row);
        ControlFlow::Continue(())
    })
    .unwrap();
    rows
}

pub fn ledger(case: &CaseFile) -> Vec<LedgerRow> {
    let mut rows = Vec::new();
    case.ledger(&mut |row| {
        rows.push(row);
        ControlFlow::Continue(())
    })
    .unwrap();
    rows
}

#[track_caller]
pub fn check_sound(case: &CaseFile) -> VerifyReport {
    let report = case.verify(&mut |_, _, _| {}).unwrap();
    assert_eq!(report.problems, Vec::new());
    let counts = case.counts().unwrap();
    assert_eq!(counts.shown + counts.hidden + counts.refused, counts.items);
    assert_eq!(counts.known_decoded, 0);
    report
}
