//! Stacks of the look-alikes of a case: found by an exact scan, kept until what is shown changes.

use std::ops::ControlFlow;

use casefile::CaseFile;
use domain::{Distance, Pdq};

use crate::{Error, Progress, Setting};

/// Gathers the shown items of a case that look alike into stacks, and keeps them.
pub(crate) fn find_stacks(case: &CaseFile, setting: &Setting<'_>) -> Result<(), Error> {
    if case.stacks_are_current()? {
        return Ok(());
    }
    let mut looks = Vec::new();
    case.shown_looks(&mut |sha256, width, height, pdq, image_hash| {
        looks.push(review::Look { sha256, pixels: u64::from(width) * u64::from(height), pdq, image_hash });
        ControlFlow::Continue(())
    })?;
    let total = Some(looks.len() as u64);
    let mut go_on = |done: usize| {
        (setting.progress)(&Progress { stage: "stacks", done: done as u64, total, ..Progress::default() });
        if setting.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let mut scan = |column: &[u8], queries: &[Pdq], radius: Distance, hit: &mut dyn FnMut(usize, usize)| {
        scan_in_parts(column, queries, radius, setting.threads, hit);
    };
    let Some(stacks) = review::stacks(&looks, &mut scan, &mut go_on) else { return Ok(()) };
    (setting.progress)(&Progress { stage: "stacks", done: looks.len() as u64, total, ..Progress::default() });
    let stacks: Vec<casefile::Stack> = stacks
        .into_iter()
        .map(|stack| casefile::Stack { representative: stack.representative, members: stack.members })
        .collect();
    case.put_stacks(&stacks, (setting.now)())?;
    Ok(())
}

/// Scans a column with some of the queries on each thread.
pub(crate) fn scan_in_parts(
    column: &[u8],
    queries: &[Pdq],
    radius: Distance,
    threads: usize,
    hit: &mut dyn FnMut(usize, usize),
) {
    let part = queries.len().div_ceil(threads.max(1)).max(1);
    let found: Vec<Vec<(usize, usize)>> = std::thread::scope(|scope| {
        let parts: Vec<_> = queries
            .chunks(part)
            .enumerate()
            .map(|(number, queries)| {
                scope.spawn(move || {
                    let mut hits = Vec::new();
                    hashset::scan(column, queries, radius, &mut |query, row, _| {
                        hits.push((number * part + query, row));
                    });
                    hits
                })
            })
            .collect();
        parts.into_iter().map(|part| part.join().expect("a scan does not panic: its columns are whole")).collect()
    });
    found.into_iter().flatten().for_each(|(query, row)| hit(query, row));
}
