//! Judging what is in a case by the sets as they are now, to its end, however often it is cut short.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::Path;

use casefile::{CaseFile, Rejudged};
use domain::{Digests, NearHit, PdqSet, Sha256, Visibility};
use hashset::Sets;
use review::Schemes;

use crate::pipeline::is_hidden;
use crate::view::RematchSummary;
use crate::{Code, Error, Progress, Setting, report};

/// Items that are looked up and written in one step.
const BATCH_ITEMS: usize = 4096;

/// Says what happens when a folder lacks sets that a case was matched with, or has older versions of them, and nobody
/// has removed them there: most likely it is the wrong folder, and all that they hide would come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingSets {
    /// Nothing is done.
    Refuse,
    /// A person wants it so.
    Accept,
}

/// Opens the sets for a case.
pub(crate) fn open_sets_for(case: &CaseFile, dir: &Path, missing: MissingSets) -> Result<Sets, Error> {
    let sets = Sets::open(dir)?;
    if missing == MissingSets::Accept {
        return Ok(sets);
    }
    let is_there = |stamp: &domain::SetStamp| {
        let found = sets.list().iter().find(|info| info.stamp.name == stamp.name).map(|info| info.stamp.version);
        found.or_else(|| sets.retired(&stamp.name)).is_some_and(|version| version >= stamp.version)
    };
    let lost: Vec<String> = case
        .sets()?
        .iter()
        .filter(|row| !is_there(&row.stamp))
        .map(|row| format!("{} version {}", row.stamp.name, row.stamp.version))
        .collect();
    if lost.is_empty() {
        return Ok(sets);
    }
    Err(Error::new(
        Code::NotFound,
        format!(
            "The folder `{}` does not have what this case was matched with: {}. Nothing was done.",
            domain::shown_path(dir),
            lost.join(", ")
        ),
        "Name the folder that has it with --sets. To give these sets up on purpose, add --accept-missing-sets: \
         what they hide will come back.",
    ))
}

/// Tells whether perceptual matches are looked up again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alike {
    Again,
    Stays,
}

/// Judges what is in the case by the sets as they are now, if it was not judged by them to its end: they have changed, or
/// a judging by them was cut short.
pub(crate) fn follow_sets(case: &CaseFile, sets: &Sets, schemes: &Schemes, setting: &Setting<'_>) -> Result<(), Error> {
    let rows = report::set_rows(sets);
    case.put_sets(&rows, (setting.now)())?;
    if case.is_matched(&schemes.versions())? {
        return Ok(());
    }
    judge_all(case, sets, schemes, Alike::Again, setting, &mut RematchSummary::default())
}

struct Standing {
    digests: Digests,
    before: Visibility,
}

pub(crate) fn judge_all(
    case: &CaseFile,
    sets: &Sets,
    schemes: &Schemes,
    alike: Alike,
    setting: &Setting<'_>,
    summary: &mut RematchSummary,
) -> Result<(), Error> {
    let mut batch = Vec::with_capacity(BATCH_ITEMS);
    let mut failed = None;
    let mut judge = |batch: &mut Vec<Standing>| -> Result<(), Error> {
        judge_batch(case, sets, schemes, alike, setting, batch, summary)?;
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
    if let Some(error) = failed {
        return Err(error);
    }
    judge(&mut batch)?;
    // Only now, so that whoever comes after a kill or a stop judges all of them again.
    if !setting.is_stopped() {
        case.matched(&schemes.versions(), (setting.now)())?;
    }
    Ok(())
}

fn judge_batch(
    case: &CaseFile,
    sets: &Sets,
    schemes: &Schemes,
    alike: Alike,
    setting: &Setting<'_>,
    batch: &[Standing],
    summary: &mut RematchSummary,
) -> Result<(), Error> {
    let digests: Vec<Digests> = batch.iter().map(|standing| standing.digests).collect();
    let mut hits = Vec::new();
    sets.lookup_batch(&digests, &mut hits);
    let scheme = case.info().scheme.id;
    let judged: Vec<Visibility> = batch
        .iter()
        .zip(&hits)
        .map(|(standing, hits)| review::rejudge(&standing.before, hits, schemes, &scheme))
        .collect();
    let mut near = match alike {
        Alike::Again => near_of(case, sets, batch, &judged)?,
        Alike::Stays => HashMap::new(),
    };
    let mut changes = Vec::with_capacity(batch.len());
    for ((standing, hits), now) in batch.iter().zip(hits).zip(judged) {
        summary.items += 1;
        match (is_hidden(&standing.before), is_hidden(&now)) {
            (true, false) => summary.returned += 1,
            (false, true) => summary.newly_hidden += 1,
            _ => {}
        }
        let sha256 = standing.digests.sha256;
        // What says nothing new the case leaves as it is.
        changes.push(Rejudged { sha256, visibility: now, hits, near: near.remove(&sha256), decoded: None });
    }
    case.rejudge(&changes, (setting.now)())?;
    Ok(())
}

/// Finds what the pictures of a batch look like, all in one pass over the sets. What is hidden is not compared.
fn near_of(
    case: &CaseFile,
    sets: &Sets,
    batch: &[Standing],
    judged: &[Visibility],
) -> Result<HashMap<Sha256, Vec<NearHit>>, Error> {
    let shown = batch.iter().zip(judged).filter(|(_, now)| !is_hidden(now));
    let items: Vec<Sha256> = shown.map(|(standing, _)| standing.digests.sha256).collect();
    let (items, pdqs): (Vec<Sha256>, Vec<PdqSet>) = case.pdqs_of(&items)?.into_iter().unzip();
    Ok(items.into_iter().zip(sets.near_batch(&pdqs, PdqSet::RADIUS)).collect())
}
