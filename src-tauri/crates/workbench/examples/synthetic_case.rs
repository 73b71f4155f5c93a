//! Makes a case of N invented items without media, and measures in it what the window asks of a session.
//!
//! `synthetic_case DIR N [PASSPHRASE_FILE]`: a case that is there already is opened and measured. Its user is `demo`; the
//! passphrase is the file's first line. Of ten items four are hidden, one of fifty looks like known material, one of a
//! hundred could not be decoded; the others are new, a third of them in stacks of three, a quarter of them decided. All
//! pictures are drawn; the small ones in the case are a few that repeat.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use casefile::{
    CaseFile, KdfCost, NewCase, Passphrase, Record, RecordContent, RecordItem, RecordTimes, SetStampRow, Stack,
    SystemEntropy,
};
use domain::{
    Agreement, Camera, CategoryCode, Decoded, DigestKind, Digests, EntryId, Facts, Flags, HideReason, Hit, ImageHash,
    Md5, Meanings, MediaClass, MediaType, NearHit, Orientation, Outcome, Profile, Refusal, RefusalCode, Role, SchemeId,
    SetStamp, SetVersion, Sha1, Sha256, ShowReason, SourceId, SourcePath, TakenAt, Thumbnail, Translated, UtcTime,
    Verdict, VerdictBasis, Visibility,
};
use hashset::synthetic::split_mix;
use review::Schemes;
use workbench::view::grid::{Mark, Order, Others, Shelf, Target, ViewQuery};
use workbench::{Around, Session};

const NOW: UtcTime = UtcTime(1_764_000_000_000_000);
const SCHEME: &str = "project-vic-us";
/// Records that are written together.
const BATCH: u64 = 20_000;
/// Sources that the items are spread over.
const SOURCES: u64 = 4;
/// Pictures that are drawn; each stands for many items.
const PICTURES: u64 = 48;
/// Size of a small picture.
const SIZE_PX: (u32, u32) = (160, 120);
const QUALITY: u8 = 60;
const CAMERAS: [&str; 5] = ["Fotofoon 7", "VK-2", "Polder Pro", "Zoutkamp 12", "Kijker 3"];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let dir = PathBuf::from(arguments.get(1).expect("name a folder"));
    let items: u64 = arguments.get(2).map_or(1_000_000, |text| text.parse().expect("a number"));
    let passphrase = passphrase(arguments.get(3).map(Path::new));
    let user = "demo".parse().expect("a plain name");
    let case = if dir.join("case.zeef").exists() {
        CaseFile::open(&dir, &user, &passphrase, NOW).expect("the passphrase is that of the case")
    } else {
        let cost = KdfCost { memory_kib: 8, passes: 1, lanes: 1 };
        let scheme = Schemes::shipped().scheme(&SchemeId(SCHEME.to_owned())).expect("it is shipped").clone();
        let about = NewCase {
            number: "SYN-1".to_owned(),
            unit: "bench".to_owned(),
            scheme,
            legal_scope: "Drawn pictures only".to_owned(),
        };
        let case = CaseFile::create_with_cost(&dir, &about, &user, &passphrase, NOW, &mut SystemEntropy, cost)
            .expect("the folder is new");
        timed("make the case", || fill(&case, items));
        case
    };
    measure(case, dir);
}

fn passphrase(file: Option<&Path>) -> Passphrase {
    #[expect(clippy::disallowed_methods, reason = "the passphrase of a case of drawings; no case media")]
    let text = file.map(|file| std::fs::read_to_string(file).expect("the file can be read"));
    Passphrase::new(text.as_deref().and_then(|text| text.lines().next()).unwrap_or("demonstration").as_bytes())
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    println!("{what:<52} {:>10.1} ms", start.elapsed().as_secs_f64() * 1e3);
    done
}

/// Prints median and 99th percentile of many runs.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn often(what: &str, times: usize, mut work: impl FnMut(u64)) {
    let mut seed = 7;
    let mut all: Vec<f64> = (0..times)
        .map(|_| {
            let random = split_mix(&mut seed);
            let start = Instant::now();
            work(random);
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    all.sort_by(f64::total_cmp);
    println!("{what:<52} {:>10.2} ms median, {:.2} ms p99", all[times / 2], all[times * 99 / 100]);
}

fn fill(case: &CaseFile, items: u64) {
    let set =
        |role: Role| SetStampRow { stamp: stamp(role), entries: 1_000_000, imported: NOW, source_sha256: Vec::new() };
    case.put_sets(&[set(Role::Known), set(Role::Good)], NOW).expect("the sets are noted");
    let sources: Vec<SourceId> = (0..SOURCES)
        .map(|number| {
            case.add_source(Path::new(&format!("/nowhere/source-{number}")), "folder", NOW).expect("it is new")
        })
        .collect();
    let pictures: Vec<Vec<u8>> = (0..PICTURES)
        .map(|number| {
            let picture = demo::Picture::draw(1, number, SIZE_PX.0, SIZE_PX.1);
            demo::encode_jpeg(&picture, QUALITY).expect("a drawn picture can be encoded")
        })
        .collect();
    for first in (1..=items).step_by(BATCH as usize) {
        let batch: Vec<Record> = (first..=items.min(first + BATCH - 1))
            .map(|number| record(number, sources[(number * SOURCES / (items + 1)) as usize], &pictures))
            .collect();
        case.record(&batch, NOW).expect("it can be recorded");
        eprint!("\r{} of {items}", first + BATCH - 1);
    }
    eprintln!();
    let members = |first: u64| (first..first + 3).map(|number| digests(number).sha256).collect::<Vec<_>>();
    let stacks: Vec<Stack> = (1..items.saturating_sub(9))
        .step_by(10)
        .map(|first| {
            let mut members = members(first + 4);
            let representative = members[0];
            members.sort();
            Stack { representative, members }
        })
        .collect();
    case.put_stacks(&stacks, NOW).expect("the items are there");
    for category in 1..=3_u32 {
        let numbers: Vec<u32> = (1..=items as u32).filter(|number| number % 40 == 4 + category).collect();
        case.decide_numbers(&numbers, Some(CategoryCode(category.to_string())), None, NOW).expect("it is a category");
    }
}

fn stamp(role: Role) -> SetStamp {
    let known = role == Role::Known;
    SetStamp {
        name: if known { "national" } else { "ordinary files" }.parse().expect("a plain name"),
        role,
        version: SetVersion(1),
        profile: known.then(|| Profile(SchemeId(SCHEME.to_owned()))),
        published: None,
        basis: if known { VerdictBasis::Category } else { VerdictBasis::Membership },
        meanings: Meanings::new(),
        allowed: None,
    }
}

fn digests(number: u64) -> Digests {
    let mut seed = number;
    let mut bytes = [0; 32];
    bytes.as_chunks_mut::<8>().0.iter_mut().for_each(|part| *part = split_mix(&mut seed).to_le_bytes());
    let (mut md5, mut sha1) = ([0; 16], [0; 20]);
    md5.copy_from_slice(&bytes[..16]);
    sha1.copy_from_slice(&bytes[..20]);
    Digests { md5: Md5(md5), sha1: Sha1(sha1), sha256: Sha256(bytes), size_bytes: 20_000 + seed % 6_000_000 }
}

fn record(number: u64, source: SourceId, pictures: &[Vec<u8>]) -> Record {
    let kind = number % 10;
    let mut item = RecordItem {
        digests: digests(number),
        media: MediaType { mime: "image/jpeg".to_owned(), class: MediaClass::Picture },
        extension_disagrees: None,
        visibility: Visibility::Shown { why: ShowReason::New },
        hits: Vec::new(),
        near: Vec::new(),
        decoded: None,
    };
    match kind {
        0 | 1 => item = hidden(item, number, Role::Known),
        2 | 3 => item = hidden(item, number, Role::Good),
        _ if number % 100 == 99 => {
            let why = Refusal::new(RefusalCode::Undecodable, "the bytes are no picture that the decoder can read");
            item.visibility = Visibility::Refused { why };
        }
        _ => {
            item.decoded = Some(decoded(number, pictures));
            if number % 50 == 9 {
                item.near = vec![near(number)];
            }
        }
    }
    let (folder, size_bytes) = (number / 500, item.digests.size_bytes);
    Record {
        source,
        path: SourcePath(format!("DCIM/{folder:05}/IMG_{number:08}.JPG").into_bytes()),
        size_bytes: Some(size_bytes),
        times: RecordTimes { modified: Some(UtcTime(NOW.0 - (number as i64) * 60_000_000)), ..RecordTimes::default() },
        content: RecordContent::Item(Box::new(item)),
    }
}

fn hidden(item: RecordItem, number: u64, role: Role) -> RecordItem {
    let stamp = stamp(role);
    let (set, version, entry) = (stamp.name.clone(), stamp.version, EntryId(number));
    let (digest, agreement, freshness) = (DigestKind::Sha256, Agreement::Confirmed, None);
    let code = CategoryCode((1 + number % 3).to_string());
    let (why, verdict) = if role == Role::Known {
        let category = Translated::To { code: code.clone(), outcome: Outcome::Exact };
        let (original, scheme) = (Some(code.clone()), Some(SchemeId(SCHEME.to_owned())));
        let why = HideReason::Known { set, version, entry, digest, agreement, original, scheme, category, freshness };
        (why, Verdict::Category(code))
    } else {
        (HideReason::Ordinary { set, version, entry, digest, agreement, freshness }, Verdict::Member)
    };
    let hit = Hit {
        set: Arc::new(stamp),
        entry,
        kind: DigestKind::Sha256,
        agreement: Agreement::Confirmed,
        quarantined: false,
        verdict,
        flags: Flags::default(),
        series: String::new(),
        standing: None,
    };
    RecordItem { visibility: Visibility::Hidden { why }, hits: vec![hit], ..item }
}

fn near(number: u64) -> NearHit {
    NearHit {
        set: Arc::new(stamp(Role::Known)),
        entry: EntryId(number),
        distance: 10 + (number % 20) as u32,
        orientation: Orientation::Original,
        verdict: Verdict::Category(CategoryCode((1 + number % 3).to_string())),
        flags: Flags::default(),
        series: String::new(),
        quarantined: false,
    }
}

fn decoded(number: u64, pictures: &[Vec<u8>]) -> Decoded {
    let day = 1 + number / 86_400 % 28;
    let taken = format!("{}-03-{day:02}T{:02}:{:02}:00", 2010 + number % 15, number / 3_600 % 24, number / 60 % 60);
    let facts = Facts {
        width: 4_000,
        height: 3_000,
        exif_orientation: 1,
        frames: None,
        pdq: None,
        image_hash: ImageHash(number),
        camera: Camera { model: Some(CAMERAS[number as usize % CAMERAS.len()].to_owned()), ..Camera::default() },
        gps: None,
        taken: (!number.is_multiple_of(4)).then_some(TakenAt { local: taken, offset: None }),
        metadata: Vec::new(),
        remarks: Vec::new(),
    };
    let jpeg = pictures[number as usize % pictures.len()].clone();
    Decoded { facts, thumbnail: Thumbnail { width: SIZE_PX.0, height: SIZE_PX.1, jpeg } }
}

fn measure(case: CaseFile, dir: PathBuf) {
    let around = Around { sets_dir: dir.join("no-sets"), now: Arc::new(|| NOW), counts: Arc::new(|_| ()) };
    let session = timed("open the session (all items read)", || Session::open(case, around, &mut |_| ()))
        .expect("the case can be read");
    let query = |shelf, order| ViewQuery {
        shelf,
        picks: Vec::new(),
        text: String::new(),
        order,
        descending: false,
        stacked: false,
    };
    let open = |what: &str, query: &ViewQuery| {
        timed(what, || session.view_open(query, None)).expect("a view can always be opened")
    };
    let whole = open("open: undecided, review order", &query(Shelf::Undecided, Order::Review));
    timed("prepare all orders", || session.prepare());
    open("open: shown, by date", &query(Shelf::Shown, Order::Time));
    open("open: shown, by place", &query(Shelf::Shown, Order::Place));
    open("open: stacked, look-alikes", &ViewQuery { stacked: true, ..query(Shelf::Shown, Order::Likeness) });
    let text = |text: &str| ViewQuery { text: text.to_owned(), ..query(Shelf::Shown, Order::Number) };
    open("open: text `img_0001`", &text("img_0001"));
    open("open: text `camera:fotofoon size>2m -year:2015`", &text("camera:fotofoon size>2m -year:2015"));
    timed("facets", || session.facets(&query(Shelf::Shown, Order::Number))).expect("counted");
    timed("facets with a text", || session.facets(&text("img_0001"))).expect("counted");
    questions(&session, whole.view, whole.total);
    acts(&session, whole.view, whole.total);
}

fn questions(session: &Session, view: u32, total: u32) {
    let at = |random: u64| (random % u64::from(total.max(1))) as u32;
    often("200 tiles", 500, |random| drop(session.view_tiles(view, at(random), 200).expect("open")));
    often("next undecided", 100, |random| {
        session.view_next_undecided(view, at(random)).expect("open");
    });
    often("head of a view", 20, |_| drop(session.view_head(view).expect("open")));
    often("strip", 100, |_| drop(session.strip().expect("counted")));
    often("detail of an item", 200, |random| {
        let number = session.view_numbers(view, at(random), 1).expect("open")[0];
        drop(session.item(number).expect("it is there"));
    });
    let hidden = ViewQuery {
        shelf: Shelf::Hidden,
        picks: Vec::new(),
        text: String::new(),
        order: Order::Number,
        descending: false,
        stacked: false,
    };
    let hidden = session.view_open(&hidden, None).expect("a view can always be opened");
    often("100 lines of hidden items", 100, |random| {
        let start = (random % u64::from(hidden.total.max(1))) as u32;
        drop(session.hidden_lines(hidden.view, start, 100).expect("open"));
    });
    often("100 lines of refused items", 20, |_| drop(session.refused_list(1_000, 100).expect("listed")));
    timed("figures of the case", || session.numbers()).expect("counted");
}

fn acts(session: &Session, view: u32, total: u32) {
    let at = |random: u64| (random % u64::from(total.max(1))) as u32;
    often("decide about one item, durable and followed", 200, |random| {
        let numbers = session.view_numbers(view, at(random), 1).expect("open");
        let category = ["1", "2", "3"][(random >> 32) as usize % 3];
        session.decide(&Target::Items { numbers }, Some(category), Others::Keep, None).expect("it is a category");
    });
    let group = Target::Range { view, first: 0, count: 10_000 };
    timed("preview of a group of 10,000", || session.decide_preview(&group, Some("2"))).expect("counted");
    let done = timed("decide about a group of 10,000", || session.decide(&group, Some("2"), Others::Keep, None));
    println!("  items decided: {}", done.expect("it is a category").items);
    timed("undo it", || session.undo()).expect("it can be undone");
    timed("redo it", || session.redo()).expect("it can be redone");
    timed("bookmark a group of 10,000", || session.mark(&group, Mark::Bookmark, true)).expect("they can be marked");
    timed("undo it", || session.undo()).expect("it can be undone");
}
