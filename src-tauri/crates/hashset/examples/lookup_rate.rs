//! Measures exact look-ups for `make bench`: `lookup_rate SETS QUERIES`, with the queries of `synthetic_set`.
//!
//! Prints one JSON object: the time to open the sets; how many digests a second are found or not (one MD5 an item); and
//! how many whole items a second are answered (three digests an item, with every hit's set, entry, verdict and
//! agreement). Both in batches, in processor time of one thread; nothing is asked twice.

use std::error::Error;
use std::io::{Error as IoError, ErrorKind};
use std::path::Path;

use domain::{AnyDigest, Digests, Md5, Sha1, Sha256};
use hashset::Sets;
use nix::sys::resource::{UsageWho, getrusage};

/// Bytes of one item in the file of queries.
const QUERY_BYTES: usize = 76;
/// Items of one call.
const BATCH_ITEMS: usize = 4096;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [sets, queries] = &arguments[..] else {
        return Err("usage: lookup_rate SETS QUERIES".into());
    };
    let items = read_items(queries)?;
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
    let start = std::time::Instant::now();
    let sets = Sets::open(Path::new(sets))?;
    let open_seconds = start.elapsed().as_secs_f64();

    // Pages of the file are mapped at first touch; that cost is the system's and is shared by all later look-ups.
    let (first, rest) = items.split_at(items.len() / 2);
    let digests: Vec<AnyDigest> = first.iter().map(|item| AnyDigest::Md5(item.md5)).collect();
    let (mut held, mut found) = (Vec::new(), 0_usize);
    for digests in digests.chunks(BATCH_ITEMS) {
        sets.holds_batch(digests, &mut held);
    }
    let digests: Vec<AnyDigest> = rest.iter().map(|item| AnyDigest::Md5(item.md5)).collect();
    let start = thread_seconds()?;
    for digests in digests.chunks(BATCH_ITEMS) {
        sets.holds_batch(digests, &mut held);
        found += held.iter().filter(|held| **held).count();
    }
    let digest_seconds = thread_seconds()? - start;

    let (mut hits, mut answered) = (Vec::new(), 0_usize);
    for items in first.chunks(BATCH_ITEMS) {
        sets.lookup_batch(items, &mut hits);
    }
    let start = thread_seconds()?;
    for items in rest.chunks(BATCH_ITEMS) {
        sets.lookup_batch(items, &mut hits);
        answered += hits.iter().filter(|hits| !hits.is_empty()).count();
    }
    let item_seconds = thread_seconds()? - start;
    println!(
        r#"{{"open_seconds":{open_seconds},"queries":{},"found":{found},"answered":{answered},"digests_per_second":{},"items_per_second":{}}}"#,
        rest.len(),
        rest.len() as f64 / digest_seconds,
        rest.len() as f64 / item_seconds,
    );
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "reads a file of the benchmark's own")]
fn read_items(path: &str) -> Result<Vec<Digests>, IoError> {
    let bytes = std::fs::read(path)?;
    let (items, []) = bytes.as_chunks::<QUERY_BYTES>() else {
        return Err(IoError::new(ErrorKind::InvalidData, "the file of queries is cut"));
    };
    let item = |bytes: &[u8; QUERY_BYTES]| {
        let (md5, rest) = bytes.split_first_chunk()?;
        let (sha1, rest) = rest.split_first_chunk()?;
        let (sha256, rest) = rest.split_first_chunk()?;
        let size_bytes = u64::from_le_bytes(*rest.first_chunk()?);
        Some(Digests { md5: Md5(*md5), sha1: Sha1(*sha1), sha256: Sha256(*sha256), size_bytes })
    };
    Ok(items.iter().filter_map(item).collect())
}

/// Tells how long the processor has worked for this thread.
fn thread_seconds() -> Result<f64, IoError> {
    let usage = getrusage(UsageWho::RUSAGE_THREAD)?;
    let seconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    Ok(seconds(usage.user_time()) + seconds(usage.system_time()))
}
