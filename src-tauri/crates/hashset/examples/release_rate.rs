//! Measures releases for `make bench`, each step a process of its own, so that its peak memory is that of the step:
//!
//! `release_rate make SITE ROWS CHANGES SEED` writes version 1 of a synthetic set in parts, and the delta to version 2;
//! `release_rate install SITE SETS` installs version 1; `release_rate delta SITE SETS` applies the delta;
//! `release_rate digest SETS` recomputes the digest of the installed rows; `release_rate compact SETS` compacts.
//!
//! Each prints one JSON object with the seconds and the peak memory (`VmHWM`, MiB) of the process.

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use domain::release::{
    DeltaFile, FloodLimits, MinimumVersions, PART_BITS, PartFile, RELEASE_SCHEMA, ReleaseFile, ReleaseIndex,
    SnapshotIndex, VerifiedFile,
};
use domain::{
    EntryId, Meanings, Profile, ReleaseStamp, Role, SetName, SetVersion, Sha256, Standing, UtcTime, VerdictBasis,
};
use hashset::release::{Change, DeltaHead, DeltaWriter, PartWriter, RowsDigest, WrittenFile};
use hashset::synthetic::entry;
use hashset::{Consent, Incoming, Sets, apply, compact};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Every how many ids of the set one is changed or withdrawn is computed from the wanted number of changes; of four
/// changes, two replace a row, one adds one and one withdraws one.
const KINDS_OF_CHANGES: u64 = 4;
const MANY: FloodLimits = FloodLimits { upserts_max: 1 << 40, withdrawals_max: 1 << 40, quarantined_max: 1 << 40 };

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
    let start = Instant::now();
    let more = match words[..] {
        ["make", site, rows, changes, seed] => {
            make(Path::new(site), rows.parse()?, changes.parse()?, seed.parse()?)?;
            String::new()
        }
        ["install", site, sets] => take(Path::new(site), Path::new(sets), "1")?,
        ["delta", site, sets] => take(Path::new(site), Path::new(sets), "2")?,
        ["digest", sets] => digest(Path::new(sets))?,
        ["compact", sets] => {
            compact(Path::new(sets), &set()?)?;
            String::new()
        }
        _ => {
            let usage =
                "make SITE ROWS CHANGES SEED | install SITE SETS | delta SITE SETS | digest SETS | compact SETS";
            return Err(format!("usage: release_rate {usage}").into());
        }
    };
    let seconds = start.elapsed().as_secs_f64();
    println!(r#"{{"seconds":{seconds:.3},"peak_mib":{:.1}{more}}}"#, peak_mib()?);
    Ok(())
}

fn set() -> Outcome<SetName> {
    Ok("synthetic".parse()?)
}

fn row(seed: u64, number: u64) -> domain::Entry {
    let mut row = entry(seed, number);
    row.standing = Some(if number.is_multiple_of(5) { Standing::Confirmed } else { Standing::OneOpinion });
    row
}

fn file(target: String, written: &WrittenFile) -> ReleaseFile {
    ReleaseFile { target, sha256: written.sha256, bytes: written.bytes }
}

fn make(site: &Path, rows: u64, changes: u64, seed: u64) -> Outcome<()> {
    std::fs::create_dir_all(site)?;
    let set = set()?;
    let mut digest = RowsDigest::new();
    let mut parts = Vec::new();
    for number in 0..=rows >> PART_BITS {
        let target = format!("synthetic-part-{number:06}.parquet");
        let mut part = PartWriter::create(&site.join(&target), &set, number)?;
        for id in (number << PART_BITS).max(1)..((number + 1) << PART_BITS).min(rows + 1) {
            let row = row(seed, id);
            digest.push(&row);
            part.push(&row)?;
        }
        let written = part.finish()?;
        parts.push(PartFile { number, file: file(target, &written), entries: written.rows });
    }
    let base_digest = digest.finish();
    let snapshot = SnapshotIndex { version: SetVersion(1), entries: rows, result_digest: base_digest, parts };
    let first = index(&set, SetVersion(1), rows, base_digest, Vec::new(), snapshot.clone())?;
    std::fs::write(site.join("1.json"), serde_json::to_vec(&first)?)?;
    let delta = make_delta(site, &set, rows, changes, seed, base_digest)?;
    let second = index(&set, SetVersion(2), delta.entries, delta.result_digest, vec![delta], snapshot)?;
    std::fs::write(site.join("2.json"), serde_json::to_vec(&second)?)?;
    Ok(())
}

fn make_delta(
    site: &Path,
    set: &SetName,
    rows: u64,
    changes: u64,
    seed: u64,
    base_digest: Sha256,
) -> Outcome<DeltaFile> {
    let target = "synthetic-delta-000001-000002.parquet".to_owned();
    let mut delta = DeltaWriter::create(&site.join(&target), set, SetVersion(2))?;
    let mut digest = RowsDigest::new();
    let added = changes / KINDS_OF_CHANGES;
    let every = (rows / (changes - added).max(1)).max(1);
    let (mut upserts, mut withdrawals, mut entries) = (0, 0, 0);
    for id in 1..=rows {
        let nth = id / every;
        let row = match (id.is_multiple_of(every) && nth <= changes - added, nth % 3) {
            (true, 0) => {
                delta.push(&Change::Withdraw { id: EntryId(id), reason: "not what it was taken for".to_owned() })?;
                withdrawals += 1;
                continue;
            }
            (true, _) => {
                let mut row = row(seed, id);
                row.flags.victim_identified = Some(true);
                delta.push(&Change::Upsert(row.clone()))?;
                upserts += 1;
                row
            }
            (false, _) => row(seed, id),
        };
        digest.push(&row);
        entries += 1;
    }
    for id in rows + 1..=rows + added {
        let row = row(seed, id);
        delta.push(&Change::Upsert(row.clone()))?;
        digest.push(&row);
        (upserts, entries) = (upserts + 1, entries + 1);
    }
    let result_digest = digest.finish();
    let head =
        DeltaHead { set: set.clone(), version: SetVersion(2), base_digest, result_digest, result_count: entries };
    let written = delta.finish(&head)?;
    let version = SetVersion(2);
    Ok(DeltaFile { version, file: file(target, &written), upserts, withdrawals, entries, result_digest })
}

fn index(
    set: &SetName,
    version: SetVersion,
    entries: u64,
    result_digest: Sha256,
    deltas: Vec<DeltaFile>,
    snapshot: SnapshotIndex,
) -> Outcome<ReleaseIndex> {
    Ok(ReleaseIndex {
        schema: RELEASE_SCHEMA,
        publisher: "benchmark".parse()?,
        set: set.clone(),
        title: "synthetic".to_owned(),
        role: Role::Known,
        profile: Some(Profile::parse("US")?),
        scheme: None,
        basis: VerdictBasis::Category,
        meanings: Meanings::new(),
        version,
        published: UtcTime(0),
        entries,
        result_digest,
        grace_days: 7,
        limits: MANY,
        deltas,
        snapshot,
    })
}

#[expect(clippy::disallowed_methods, reason = "reads a file of the benchmark's own")]
fn take(site: &Path, sets: &Path, version: &str) -> Outcome<String> {
    let index: ReleaseIndex = serde_json::from_slice(&std::fs::read(site.join(format!("{version}.json")))?)?;
    let listed = index.snapshot.parts.iter().map(|part| &part.file).chain(index.deltas.iter().map(|delta| &delta.file));
    let files = listed.map(|file| VerifiedFile { file: file.clone(), name: file.target.clone() }).collect();
    let stamp = ReleaseStamp {
        publisher: index.publisher.clone(),
        title: index.title.clone(),
        result_digest: index.result_digest,
        seen: MinimumVersions { root: 1, timestamp: 1, snapshot: 1 },
        checked: UtcTime(0),
        expires: UtcTime(1),
        grace_days: 7,
        limits: MANY,
    };
    let folder = site.to_owned();
    let incoming = Incoming { index, stamp, allowed: None, folder, files, enrolled_limits: MANY, now: UtcTime(0) };
    let applied = serde_json::to_string(&format!("{:?}", apply(sets, &incoming, Consent::Limits)?))?;
    Ok(format!(r#","applied":{applied}"#))
}

fn digest(sets: &Path) -> Outcome<String> {
    let sets = Sets::open(sets)?;
    let mut rows = sets.rows(&set()?)?;
    let mut digest = RowsDigest::new();
    while let Some(row) = rows.next_ref()? {
        digest.push(row);
    }
    Ok(format!(r#","rows":{},"digest":"{}""#, digest.rows(), digest.finish()))
}

/// Gives the largest resident memory that this process has had.
#[expect(clippy::disallowed_methods, reason = "asks the kernel, not a file")]
fn peak_mib() -> Outcome<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).ok_or("the kernel does not say VmHWM")?;
    let kib: f64 = line.split_whitespace().nth(1).ok_or("VmHWM has no number")?.parse()?;
    Ok(kib / 1024.0)
}
