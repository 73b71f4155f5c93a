//! Matching again: hash sets have changed, and every item of the case is judged anew. Decisions of people stay.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::Path;

use casefile::{CaseFile, ListFilter, Rejudged};
use domain::{Digests, Sha256, ShowReason, SourcePath, Visibility};
use evidence::Found;
use hashset::Sets;
use review::Schemes;

use crate::load::{Recorder, WantedPaths, find_stacks, is_readable_class, open_source, stopped};
use crate::pipeline::{Sifting, is_hidden, near, sift};
use crate::view::{LoadSummary, RematchSummary};
use crate::{Error, Progress, Setting, report};

/// Items that are looked up and written in one step.
const BATCH_ITEMS: usize = 4096;

/// Applies the sets as they are now: what a withdrawn entry hid comes back, what a new entry knows goes.
///
/// Items that come back are read from their sources again and decoded; where a source is not there, they stay shown
/// without a picture, and the next `case add` of that source reads them.
pub fn rematch(
    case: &CaseFile,
    case_dir: &Path,
    sets_dir: &Path,
    setting: &Setting<'_>,
) -> Result<RematchSummary, Error> {
    let sets = Sets::open(sets_dir)?;
    let schemes = Schemes::shipped();
    let mut summary = RematchSummary::default();
    case.put_sets(&report::set_rows(&sets), (setting.now)())?;
    judge_all(case, &sets, &schemes, setting, &mut summary)?;
    if setting.is_stopped() {
        return Err(stopped());
    }
    read_returned(case, case_dir, &sets, &schemes, setting, &mut summary)?;
    find_stacks(case, setting)?;
    if setting.is_stopped() { Err(stopped()) } else { Ok(summary) }
}

/// Judges what is in the case by the sets as they are now, if they are not those that it was judged by.
pub(crate) fn follow_sets(case: &CaseFile, sets: &Sets, schemes: &Schemes, setting: &Setting<'_>) -> Result<(), Error> {
    let rows = report::set_rows(sets);
    let versions = |rows: &[casefile::SetStampRow]| -> Vec<domain::SetStamp> {
        rows.iter().map(|row| row.stamp.clone()).collect()
    };
    let same = versions(&case.sets()?) == versions(&rows);
    case.put_sets(&rows, (setting.now)())?;
    if same { Ok(()) } else { judge_all(case, sets, schemes, setting, &mut RematchSummary::default()) }
}

struct Standing {
    digests: Digests,
    before: Visibility,
}

fn judge_all(
    case: &CaseFile,
    sets: &Sets,
    schemes: &Schemes,
    setting: &Setting<'_>,
    summary: &mut RematchSummary,
) -> Result<(), Error> {
    let mut batch = Vec::with_capacity(BATCH_ITEMS);
    let mut failed = None;
    let mut judge = |batch: &mut Vec<Standing>| -> Result<(), Error> {
        judge_batch(case, sets, schemes, setting, batch, summary)?;
        (setting.progress)(&Progress { stage: "rematch", done: summary.items, total: None, bytes: 0 });
        batch.clear();
        Ok(())
    };
    case.digests(&mut |digests, visibility, _, _| {
        batch.push(Standing { digests, before: visibility.clone() });
        if batch.len() >= BATCH_ITEMS {
            failed = judge(&mut batch).err();
        }
        if failed.is_some() || setting.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    match failed {
        Some(error) => Err(error),
        None => judge(&mut batch),
    }
}

fn judge_batch(
    case: &CaseFile,
    sets: &Sets,
    schemes: &Schemes,
    setting: &Setting<'_>,
    batch: &[Standing],
    summary: &mut RematchSummary,
) -> Result<(), Error> {
    let digests: Vec<Digests> = batch.iter().map(|standing| standing.digests).collect();
    let mut hits = Vec::new();
    sets.lookup_batch(&digests, &mut hits);
    let looks = looks_of(case, batch)?;
    let scheme = case.info().scheme.id;
    let mut changes = Vec::new();
    for (standing, hits) in batch.iter().zip(hits) {
        summary.items += 1;
        let now = review::rejudge(&standing.before, &hits, schemes, &scheme);
        match (is_hidden(&standing.before), is_hidden(&now)) {
            (true, false) => summary.returned += 1,
            (false, true) => summary.newly_hidden += 1,
            _ => {}
        }
        let near = match (is_hidden(&now), looks.get(&standing.digests.sha256)) {
            (false, Some(pdq)) => Some(near(sets, Some(pdq))),
            _ => None,
        };
        // What no set knows and looks like nothing known is as it was: writing it again would only cost time.
        if now == standing.before && hits.is_empty() && near.as_ref().is_none_or(Vec::is_empty) {
            continue;
        }
        changes.push(Rejudged { sha256: standing.digests.sha256, visibility: now, hits, near, decoded: None });
    }
    case.rejudge(&changes, (setting.now)())?;
    Ok(())
}

/// Gives the PDQ values of the items of a batch that have been decoded.
fn looks_of(case: &CaseFile, batch: &[Standing]) -> Result<HashMap<Sha256, domain::PdqSet>, Error> {
    let items: Vec<Sha256> = batch.iter().map(|standing| standing.digests.sha256).collect();
    Ok(case.pdqs_of(&items)?)
}

/// Reads the items that came back from their sources, and decodes them.
fn read_returned(
    case: &CaseFile,
    case_dir: &Path,
    sets: &Sets,
    schemes: &Schemes,
    setting: &Setting<'_>,
    summary: &mut RematchSummary,
) -> Result<(), Error> {
    let mut wanted = WantedPaths::new();
    let mut items = HashMap::new();
    case.list(ListFilter::Shown, &mut |row| {
        let came_back =
            matches!(&row.visibility, Visibility::Shown { why: ShowReason::Returned { .. } | ShowReason::Odd { .. } });
        if let Some(sha256) = row.sha256.filter(|_| came_back && row.width.is_none())
            && row.media.as_ref().is_some_and(|media| is_readable_class(media.class))
        {
            items.insert(sha256, row.visibility.clone());
            for (source, path) in &row.paths {
                wanted.entry(*source).or_default().insert(outermost(path));
            }
        }
        ControlFlow::Continue(())
    })?;
    let complete = HashSet::new();
    let case_scheme = case.info().scheme.id;
    for row in case.sources()? {
        let Some(paths) = wanted.get(&row.id) else { continue };
        let Ok(source) = open_source(&row.root, case_dir) else {
            summary.sources_missing += 1;
            continue;
        };
        let sifting = Sifting { sets, schemes, case_scheme: &case_scheme, setting, complete: &complete };
        let mut load = LoadSummary::default();
        let mut recorder = Recorder::new(case, setting, &mut load, &items);
        let read =
            sift(&sifting, row.id, &source, &|found: &Found| paths.contains(&outermost(&found.path)), &mut |done| {
                recorder.take(done, None)
            });
        recorder.flush()?;
        read?;
        summary.read_again += load.files;
    }
    Ok(())
}

/// Gives the path of the file itself for a member of an archive.
fn outermost(path: &SourcePath) -> SourcePath {
    let end = path.0.windows(2).position(|two| two == b"!/").unwrap_or(path.0.len());
    SourcePath(path.0[..end].to_vec())
}
