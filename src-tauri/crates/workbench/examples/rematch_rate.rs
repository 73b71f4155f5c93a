//! Measures how long an open case takes to follow an update: a synthetic case and a synthetic published set.
//!
//! `rematch_rate FOLDER [ITEMS] [CHANGES] [whole]`: half of the items are known, a tenth of the rest is decoded. The update
//! changes, withdraws and adds entries, a third each; the withdrawn and the new ones meet items of the case.

#[path = "../../../../tests/publisher.rs"]
mod publisher;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use casefile::{CaseFile, KdfCost, NewCase, Passphrase, Record, RecordContent, RecordItem, RecordTimes, SystemEntropy};
use domain::{
    Camera, Decoded, Digests, Entry, Facts, ImageHash, MediaClass, MediaType, Pdq, PdqSet, PdqVariant, Role, SchemeId,
    SourcePath, Thumbnail, UtcTime,
};
use hashset::Sets;
use hashset::synthetic::{entry, split_mix};
use publisher::Publisher;
use review::Schemes;
use workbench::{MissingSets, Reach, Setting, rematch};

const NOW: UtcTime = UtcTime(1_700_000_000_000_000);
const SEED: u64 = 5;
/// Records that are written together.
const BATCH: u64 = 10_000;
/// Of so many shown items, one is decoded.
const DECODED_OF: u64 = 10;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let number =
        |place: usize, default: u64| arguments.get(place).map_or(default, |text| text.parse().expect("a number"));
    let dir = PathBuf::from(arguments.get(1).expect("name a folder that does not exist"));
    let (items, changes) = (number(2, 1_000_000), number(3, 10_000));
    let reach = if arguments.iter().any(|word| word == "whole") { Reach::Whole } else { Reach::Change };
    let sets_dir = dir.join("sets");
    let mut publisher = timed("publish", || {
        let known = (1..=items / 2).map(|id| entry(SEED, id));
        Publisher::new(&dir.join("site"), "national", Role::Known, known)
    });
    timed("install", || publisher.sync(&sets_dir, NOW).expect("it can be applied"));
    let case = make_case(&dir.join("case"));
    let stop = AtomicBool::new(false);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let setting =
        Setting { decoder: PathBuf::new(), threads, now: &|| NOW, stop: &stop, pause: None, progress: &|_| {} };
    let follow = |what: &str, reach| {
        let summary = timed(what, || {
            rematch(&case, &dir.join("case"), &sets_dir, MissingSets::Refuse, reach, &setting)
                .expect("it can be judged")
        });
        println!("{what}: {summary:?}");
    };
    follow("match the empty case", Reach::Change);
    timed("load", || load(&case, &sets_dir, items));
    follow("stack", Reach::Change);
    let third = changes / 3;
    let mut upserts: Vec<Entry> =
        (1..=third).map(|id| Entry { series: "garden".to_owned(), ..entry(SEED, id) }).collect();
    upserts.extend((1..=changes - 2 * third).map(|id| entry(SEED, items / 2 + id)));
    let withdrawn: Vec<(u64, &str)> = (1..=third).map(|id| (third + id, "a mistake")).collect();
    timed("release", || publisher.release(upserts, &withdrawn));
    timed("apply", || publisher.sync(&sets_dir, NOW).expect("it can be applied"));
    follow("rematch", reach);
    follow("rematch with nothing changed", Reach::Change);
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    println!("{what}: {:.2} s", start.elapsed().as_secs_f64());
    done
}

fn make_case(dir: &Path) -> CaseFile {
    let scheme = Schemes::shipped().scheme(&SchemeId("project-vic-us".to_owned())).expect("it is shipped").clone();
    let case = NewCase { number: "B-1".to_owned(), unit: "bench".to_owned(), scheme, legal_scope: String::new() };
    let cost = KdfCost { memory_kib: 8, passes: 1, lanes: 1 };
    let (user, passphrase) = ("anna".parse().expect("a plain name"), Passphrase::new("correct horse battery"));
    CaseFile::create_with_cost(dir, &case, &user, &passphrase, NOW, &mut SystemEntropy, cost).expect("a new folder")
}

fn load(case: &CaseFile, sets_dir: &Path, items: u64) {
    let sets = Sets::open(sets_dir).expect("it is there");
    let schemes = Schemes::shipped();
    let scheme = case.info().scheme.id;
    let source = case.add_source(Path::new("/nowhere"), "folder", NOW).expect("it can be added");
    for first in (1..=items).step_by(BATCH as usize) {
        let numbers: Vec<u64> = (first..(first + BATCH).min(items + 1)).collect();
        let digests: Vec<Digests> = numbers.iter().map(|number| digests(*number)).collect();
        let mut hits = Vec::new();
        sets.lookup_batch(&digests, &mut hits);
        let records: Vec<Record> = numbers
            .iter()
            .zip(digests)
            .zip(hits)
            .map(|((number, digests), hits)| {
                let visibility = review::judge(&hits, &schemes, &scheme);
                let shown = hits.is_empty() && number % DECODED_OF == 0;
                let item = RecordItem {
                    digests,
                    media: MediaType { mime: "image/jpeg".to_owned(), class: MediaClass::Picture },
                    extension_disagrees: None,
                    visibility,
                    hits,
                    near: Vec::new(),
                    decoded: shown.then(|| decoded(*number)),
                };
                Record {
                    source,
                    path: SourcePath(format!("folder/{number}.jpg").into_bytes()),
                    size_bytes: Some(digests.size_bytes),
                    times: RecordTimes::default(),
                    content: RecordContent::Item(Box::new(item)),
                }
            })
            .collect();
        case.record(&records, NOW).expect("it can be recorded");
    }
}

/// Gives the digests of the item that entry `number` would meet.
fn digests(number: u64) -> Digests {
    let entry = entry(SEED, number);
    Digests {
        md5: entry.digests.md5.expect("the synthetic entries have all digests"),
        sha1: entry.digests.sha1.expect("the synthetic entries have all digests"),
        sha256: entry.digests.sha256.expect("the synthetic entries have all digests"),
        size_bytes: entry.size_bytes.expect("the synthetic entries have a size"),
    }
}

fn decoded(number: u64) -> Decoded {
    let mut state = number;
    let mut orientations = [Pdq([0; 32]); 8];
    for value in &mut orientations {
        value.0.as_chunks_mut::<8>().0.iter_mut().for_each(|part| *part = split_mix(&mut state).to_le_bytes());
    }
    let facts = Facts {
        width: 640,
        height: 480,
        exif_orientation: 1,
        frames: None,
        pdq: Some(PdqSet { variant: PdqVariant::Sampled512, quality: 80, orientations }),
        image_hash: ImageHash(split_mix(&mut state)),
        camera: Camera::default(),
        gps: None,
        taken: None,
        metadata: Vec::new(),
        remarks: Vec::new(),
    };
    Decoded { facts, thumbnail: Thumbnail { width: 16, height: 12, jpeg: vec![7; 2000] } }
}
