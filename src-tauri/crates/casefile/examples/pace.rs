//! Measures what the window asks of a case, on made-up items: `pace DIR ITEMS [desk]`. Prints, and asserts nothing. With
//! `desk` it measures leads, what leaves, and the index over cases, and nothing else.
//!
//! `DIR` must not exist; the case is left there. Of ten items five are hidden by a known set, one by a good one, four are
//! shown and decoded, and one shown item in twenty looks like known material.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a program that measures, and ends where it fails")]

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use casefile::*;
use domain::*;

const BATCH: usize = 10_000;
const GROUP: usize = 10_000;
const SINGLES: usize = 300;

/// SplitMix64: a number and nothing else decides what comes.
struct Seeded(u64);

impl Seeded {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.next() as u8)
    }
}

impl Entropy for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.iter_mut().for_each(|byte| *byte = self.next() as u8);
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let dir = arguments.next().expect("pace DIR ITEMS");
    let items: usize = arguments.next().and_then(|text| text.parse().ok()).expect("pace DIR ITEMS");
    let case = make(Path::new(&dir), items);
    if arguments.next().is_some_and(|which| which == "desk") {
        return desk(&case, Path::new(&format!("{dir}{}", across::INDEX_ENDING)), items as u32);
    }
    reading(&case);
    deciding(&case, items as u32);
    beside_the_writer(&case, items as u32);
    following(&case, items);
    figures(&case, items as u32);
}

/// Tells how long the calling thread has been on a processor, in milliseconds: what a busy machine does not change.
fn on_cpu() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    told.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(0.0) / 1e6
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let (start, cpu) = (Instant::now(), on_cpu());
    let value = work();
    println!("{what}: {:.1} ms ({:.1} ms of a processor)", start.elapsed().as_secs_f64() * 1000.0, on_cpu() - cpu);
    value
}

fn spread(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |part: usize| times[(times.len() - 1) * part / 100].as_secs_f64() * 1000.0;
    println!("{what}: p50 {:.2} ms, p95 {:.2} ms, p99 {:.2} ms, longest {:.2} ms", at(50), at(95), at(99), at(100));
}

fn at(second: i64) -> UtcTime {
    UtcTime(1_700_000_000_000_000 + second * 1_000_000)
}

fn code(code: &str) -> Option<CategoryCode> {
    Some(CategoryCode(code.to_owned()))
}

const AS_BEFORE: fn(&ItemStanding, &[Veto]) -> Visibility = |standing, _| standing.visibility.clone();

fn stamp(name: &str, role: Role) -> SetStamp {
    SetStamp {
        name: name.parse().unwrap(),
        role,
        version: SetVersion(1),
        profile: None,
        published: None,
        basis: VerdictBasis::Category,
        meanings: Meanings::new(),
        allowed: None,
    }
}

fn make(dir: &Path, items: usize) -> CaseFile {
    let category = |code: &str| Category {
        code: CategoryCode(code.to_owned()),
        en: String::new(),
        nl: String::new(),
        number: None,
        unclassified: false,
        ambiguous: false,
        ordinary: false,
    };
    let scheme = Scheme {
        id: SchemeId("nl".to_owned()),
        version: 1,
        title: String::new(),
        title_nl: None,
        status: domain::SchemeStatus::Illustration,
        categories: ["1", "2", "3"].map(category).to_vec(),
    };
    let new = NewCase { number: "1".to_owned(), unit: "u".to_owned(), scheme, legal_scope: String::new() };
    let user = "Anna".parse().unwrap();
    let case = CaseFile::create(dir, &new, &user, &Passphrase::new("long enough"), at(0), &mut Seeded(1)).unwrap();
    let sets = [stamp("national", Role::Known), stamp("software", Role::Good)];
    let rows = sets.clone().map(|stamp| SetStampRow { stamp, entries: 1, imported: at(0), source_sha256: Vec::new() });
    case.put_sets(&rows, at(0)).unwrap();
    let source = case.add_source(Path::new("/evidence/one"), "folder", at(0)).unwrap();
    let [known, good] = sets.map(Arc::new);
    timed(&format!("recording {items} items"), || {
        for first in (0..items).step_by(BATCH) {
            let last = (first + BATCH).min(items);
            let batch: Vec<_> = (first..last).map(|number| record(source, number as u64, &known, &good)).collect();
            case.record(&batch, at(1)).unwrap();
        }
    });
    case
}

fn record(source: SourceId, number: u64, known: &Arc<SetStamp>, good: &Arc<SetStamp>) -> Record {
    let mut seeded = Seeded(number ^ 0x5eed);
    let digests = Digests {
        md5: Md5(seeded.bytes()),
        sha1: Sha1(seeded.bytes()),
        sha256: Sha256(seeded.bytes()),
        size_bytes: 1000 + number,
    };
    let (visibility, hits) = match number % 10 {
        0..5 => hide(known, number, true),
        5 => hide(good, number, false),
        _ => (Visibility::Shown { why: ShowReason::New }, Vec::new()),
    };
    let shown = hits.is_empty();
    let near = NearHit {
        set: known.clone(),
        entry: EntryId(number),
        distance: 12,
        orientation: Orientation::Original,
        verdict: Verdict::Category(CategoryCode("1".to_owned())),
        flags: Flags::default(),
        series: String::new(),
        quarantined: false,
    };
    let item = RecordItem {
        digests,
        media: MediaType { mime: "image/jpeg".to_owned(), class: MediaClass::Picture },
        extension_disagrees: None,
        visibility,
        hits,
        near: if shown && number % 20 == 7 { vec![near] } else { Vec::new() },
        decoded: shown.then(|| decoded(number)),
    };
    let path = format!("Users/someone/Pictures/{:04}/{:03}/IMG_{number:08}.jpg", number / 20_000, number / 200 % 100);
    Record {
        source,
        path: SourcePath(path.into_bytes()),
        size_bytes: Some(1000 + number),
        times: RecordTimes { modified: Some(at(number as i64)), ..RecordTimes::default() },
        content: RecordContent::Item(Box::new(item)),
    }
}

fn hide(set: &Arc<SetStamp>, number: u64, is_known: bool) -> (Visibility, Vec<Hit>) {
    let (name, version, entry) = (set.name.clone(), set.version, EntryId(number));
    let (digest, agreement) = (DigestKind::Sha256, Agreement::Confirmed);
    let why = if is_known {
        let category = Translated::To { code: CategoryCode("1".to_owned()), outcome: Outcome::Exact };
        let original = Some(CategoryCode("1".to_owned()));
        let scheme = Some(SchemeId("nl".to_owned()));
        let set = name;
        HideReason::Known { set, version, entry, digest, agreement, original, scheme, category, freshness: None }
    } else {
        HideReason::Ordinary { set: name, version, entry, digest, agreement, freshness: None }
    };
    let hit = Hit {
        set: set.clone(),
        entry,
        kind: digest,
        agreement: Agreement::Confirmed,
        quarantined: false,
        verdict: Verdict::Member,
        flags: Flags::default(),
        series: String::new(),
        standing: None,
    };
    (Visibility::Hidden { why }, vec![hit])
}

fn decoded(number: u64) -> Decoded {
    let mut seeded = Seeded(number ^ 0xdec0);
    let value = |index: u64| MetadataValue {
        group: "exif".to_owned(),
        name: format!("Name{index}"),
        raw: format!("a value of the metadata {index}"),
    };
    let facts = Facts {
        width: 4000,
        height: 3000,
        exif_orientation: 1,
        frames: None,
        pdq: Some(PdqSet {
            variant: PdqVariant::Sampled512,
            quality: 88,
            orientations: std::array::from_fn(|_| Pdq(seeded.bytes())),
        }),
        image_hash: ImageHash(seeded.next()),
        camera: Camera { model: Some(format!("Model {}", number % 17)), ..Camera::default() },
        gps: None,
        taken: Some(TakenAt { local: format!("20{:02}-01-02T03:04:05", number % 25), offset: None }),
        metadata: (0..20).map(value).collect(),
        remarks: Vec::new(),
    };
    Decoded { facts, thumbnail: Thumbnail { width: 512, height: 384, jpeg: vec![7; 600] } }
}

fn sheet(case: &CaseFile) -> (u32, usize) {
    let (mut rows, mut path_bytes) = (0, 0);
    case.sheet(&mut |row| {
        rows += 1;
        path_bytes += row.first.map_or(0, |(_, path)| path.len());
        ControlFlow::Continue(())
    })
    .unwrap();
    (rows, path_bytes)
}

fn reading(case: &CaseFile) {
    timed("sheet, first time", || sheet(case));
    timed("sheet, again", || sheet(case));
    timed("counts", || case.counts().unwrap());
}

fn deciding(case: &CaseFile, items: u32) {
    let mut random = Seeded(3);
    let mut any = || 1 + (random.next() % u64::from(items)) as u32;
    let mut times = Vec::new();
    for step in 0..SINGLES {
        let (item, start) = (any(), Instant::now());
        case.decide_numbers(&[item], code("1"), None, at(10 + step as i64)).unwrap();
        times.push(start.elapsed());
    }
    spread("one decision", times);
    let mut times = Vec::new();
    for step in 0..SINGLES {
        let (item, start) = (any(), Instant::now());
        case.seen_add(item, step % 2 == 0, at(10)).unwrap();
        times.push(start.elapsed());
    }
    spread("one clear look", times);
    let row: Vec<u32> = (1..=items.min(GROUP as u32)).collect();
    let apart: Vec<u32> = (0..GROUP).map(|_| any()).collect();
    for (what, group) in [("in a row", row), ("all over", apart)] {
        timed(&format!("a group of {}, {what}", group.len()), || {
            case.decide_numbers(&group, code("2"), None, at(20)).unwrap()
        });
        timed("  its undo", || case.undo(&AS_BEFORE, at(21)).unwrap().unwrap());
        timed("  its redo", || case.redo(&AS_BEFORE, at(22)).unwrap().unwrap());
        timed("  bookmarks for it", || case.mark(&group, MarkKind::Bookmark, true, at(23)).unwrap().unwrap());
        timed("  their undo", || case.undo(&AS_BEFORE, at(24)).unwrap().unwrap());
        timed("  its rows of the sheet", || case.sheet_of(&group, &mut |_| ControlFlow::Continue(())).unwrap());
    }
    timed("what undo and redo would do", || case.undo_state().unwrap());
}

/// Reads tiles while groups are decided.
fn beside_the_writer(case: &CaseFile, items: u32) {
    let over = Arc::new(AtomicBool::new(false));
    let reader = std::thread::spawn({
        let (case, over) = (case.clone(), over.clone());
        move || {
            let (mut random, mut times) = (Seeded(5), Vec::new());
            while !over.load(Ordering::Relaxed) {
                let (item, start) = (1 + (random.next() % u64::from(items)) as u32, Instant::now());
                case.thumbnail_of(item).unwrap();
                times.push(start.elapsed());
            }
            times
        }
    });
    let group: Vec<u32> = (1..=items.min(GROUP as u32)).collect();
    for step in 0..5 {
        case.decide_numbers(&group, code("3"), None, at(30 + step)).unwrap();
        case.undo(&AS_BEFORE, at(30 + step)).unwrap();
    }
    over.store(true, Ordering::Relaxed);
    spread("a tile while groups are decided", reader.join().unwrap());
}

fn following(case: &CaseFile, items: usize) {
    let sets = [stamp("national", Role::Known), stamp("software", Role::Good)].map(Arc::new);
    let source = case.sources().unwrap()[0].id;
    let head = case.head().unwrap().0;
    let batch: Vec<_> = (items..items + 256).map(|number| record(source, number as u64, &sets[0], &sets[1])).collect();
    timed("recording 256 more", || case.record(&batch, at(40)).unwrap());
    let changes = timed("what has changed", || case.changes_since(head).unwrap());
    let Changed::These(numbers) = changes.items else { panic!("256 are not too many") };
    timed(&format!("  {} rows of the sheet", numbers.len()), || {
        case.sheet_of(&numbers, &mut |_| ControlFlow::Continue(())).unwrap();
    });
}

fn figures(case: &CaseFile, items: u32) {
    let many: Vec<u32> = (1..=items.min(200_000)).collect();
    for (step, group) in many.chunks(2000).enumerate() {
        case.decide_numbers(group, code("1"), None, at(3600 * step as i64)).unwrap();
    }
    println!("{} items are decided now", many.len());
    timed("sheet", || sheet(case));
    timed("counts", || case.counts().unwrap());
    timed("decisions by hour", || case.decisions_by_hour(at(0)).unwrap());
    timed("own decisions", || case.decided_since(at(0)).unwrap());
    timed("own marks", || case.marked_since(at(0)).unwrap());
    timed("clear looks", || (case.seen_counts().unwrap(), case.seen_since(at(0)).unwrap()));
    let mut times = Vec::new();
    for step in 0..SINGLES {
        let start = Instant::now();
        case.decide_numbers(&[1 + step as u32], code("2"), None, at(500_000)).unwrap();
        times.push(start.elapsed());
    }
    spread("one decision", times);
}

/// The most memory that this process ever had, in MiB.
fn memory_most() -> u64 {
    let told = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) / 1024
}

fn desk(case: &CaseFile, path: &Path, items: u32) {
    println!("memory: {} MiB", memory_most());
    let mut digests = Vec::new();
    case.sheet_between(1, items.min(GROUP as u32), &mut |row| {
        digests.push(row.sha256);
        ControlFlow::Continue(())
    })
    .unwrap();
    let whole = |item: &Sha256| Evidence { item: *item, part: EvidencePart::Whole, caption: String::new() };
    let evidence: Vec<_> = digests.iter().map(whole).collect();
    let lead = case.lead_new(&LeadContent::new(LeadKind::Victim, "Willow"), &[], at(10)).unwrap();
    timed(&format!("{} pieces of evidence", evidence.len()), || case.evidence_add(lead, &evidence, at(11)).unwrap());
    timed("  the same again", || case.evidence_add(lead, &evidence, at(11)).unwrap());
    timed("  their undo", || case.undo(&AS_BEFORE, at(12)).unwrap().unwrap());
    timed("  their redo", || case.redo(&AS_BEFORE, at(13)).unwrap().unwrap());
    timed("  all leads", || case.leads().unwrap());
    timed("  all of that lead", || case.lead(lead).unwrap().unwrap());
    let numbers: Vec<u32> = (1..=items).collect();
    timed("deciding about all items", || case.decide_numbers(&numbers, code("2"), None, at(20)).unwrap());
    println!("memory: {} MiB", memory_most());
    for what in [ExportWhat::Classified, ExportWhat::All] {
        let mut count = 0;
        timed(&format!("what leaves, {what:?}"), || {
            case.classified_each(what, casefile::SetWords::Kept, &mut |_| {
                count += 1;
                ControlFlow::Continue(())
            })
            .unwrap()
        });
        println!("  {count} items; memory: {} MiB", memory_most());
    }
    let mut count = 0;
    timed("what clues are made of", || {
        case.clue_rows(&mut |_| {
            count += 1;
            ControlFlow::Continue(())
        })
        .unwrap()
    });
    println!("  {count} items; memory: {} MiB", memory_most());
    let anna = "Anna".parse().unwrap();
    let index = across::Index::create(path, &anna, &Passphrase::new("long enough"), &mut Seeded(9)).unwrap();
    let indexed = timed("putting the case into an index", || index.put(case, at(30)).unwrap());
    println!("  {indexed:?}; memory: {} MiB", memory_most());
    for count in [1, 100] {
        let asked: Vec<PdqSet> = (0..count).map(|number| decoded(number).facts.pdq.unwrap()).collect();
        timed(&format!("finding what looks like {count} pictures"), || {
            index.find_looks(&asked, PdqSet::RADIUS, &mut |_| ControlFlow::Continue(())).unwrap()
        });
    }
    timed("verifying", || case.verify(&mut |_, _, _| {}).unwrap());
    println!("memory: {} MiB", memory_most());
}
