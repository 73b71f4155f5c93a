//! Measures the flat scan for `make bench`: `scan_rate ROWS QUERIES SEED RADIUS [KERNEL]`.
//!
//! Makes ROWS values by SplitMix64 from SEED, and QUERIES of which every tenth lies 20 bits from a row; prints one JSON
//! object with the queries a second of one pass (processor time of one thread), and the number and the sum of the hits,
//! which the peer's answers are compared with. With `--write FILE` after the numbers it writes rows and queries instead
//! of scanning, for the peer.

use std::io::Write;

use domain::Pdq;
use hashset::scan::{Kernel, scan_by};
use nix::sys::resource::{UsageWho, getrusage};

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |index: usize| -> u64 {
        arguments.get(index).and_then(|text| text.parse().ok()).unwrap_or_else(|| {
            eprintln!("usage: scan_rate ROWS QUERIES SEED RADIUS [KERNEL | --write FILE]");
            std::process::exit(2)
        })
    };
    let (row_count, query_count, radius) = (number(0) as usize, number(1) as usize, number(3) as u32);
    let (rows, queries) = values(row_count, query_count, number(2));
    if let (Some("--write"), Some(path)) = (arguments.get(4).map(String::as_str), arguments.get(5)) {
        let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
        file.write_all(&rows)?;
        return queries.iter().try_for_each(|query| file.write_all(&query.0));
    }
    let kernel = match arguments.get(4) {
        Some(name) => Kernel::ALL.into_iter().find(|kernel| kernel.name() == name).unwrap_or(Kernel::best()),
        None => Kernel::best(),
    };
    let start = thread_seconds()?;
    let (mut hits, mut sum) = (0_u64, 0_u64);
    scan_by(kernel, &rows, &queries, radius, &mut |query, row, distance| {
        hits += 1;
        sum += query as u64 + row as u64 + u64::from(distance);
    });
    let seconds = thread_seconds()? - start;
    println!(
        r#"{{"kernel":"{}","seconds":{seconds},"queries_per_second":{},"hits":{hits},"sum":{sum}}}"#,
        kernel.name(),
        query_count as f64 / seconds
    );
    Ok(())
}

/// Tells how long the processor has worked for this thread.
fn thread_seconds() -> std::io::Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_THREAD)?;
    let seconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    Ok(seconds(usage.user_time()) + seconds(usage.system_time()))
}

/// Makes the rows, end to end, and the queries.
fn values(row_count: usize, query_count: usize, seed: u64) -> (Vec<u8>, Vec<Pdq>) {
    let mut state = seed;
    let mut next = move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31).to_le_bytes()
    };
    let mut rows = vec![0_u8; row_count * 32];
    rows.as_chunks_mut::<8>().0.iter_mut().for_each(|word| *word = next());
    let queries = (0..query_count).map(|index| {
        let mut value = Pdq([0; 32]);
        value.0.as_chunks_mut::<8>().0.iter_mut().for_each(|word| *word = next());
        if index % 10 == 0 && row_count > 0 {
            let row = index * 7919 % row_count;
            value.0.copy_from_slice(&rows[row * 32..][..32]);
            value.0.iter_mut().step_by(3).take(10).for_each(|byte| *byte ^= 0b11);
        }
        value
    });
    let queries = queries.collect();
    (rows, queries)
}
