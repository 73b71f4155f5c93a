//! Matching again: hash sets have changed, and every item of the case is judged anew. Decisions of people stay.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::Path;

use casefile::{CaseFile, RecordContent};
use domain::{Sha256, SourceId, SourcePath, Visibility};
use evidence::{Found, FoundContent, Limits, Source};
use review::Schemes;

use crate::judging::{MissingSets, Reach, Rules, follow_sets, open_sets_for};
use crate::load::{Recorder, STATED, is_readable_class, needs_reading, open_source, outermost};
use crate::pipeline::{Sifting, sift};
use crate::setting::Tally;
use crate::stacking::find_stacks;
use crate::view::{LoadSummary, RematchSummary};
use crate::{Error, Setting};

/// Applies the sets as they are now: what a withdrawn entry hid comes back, what a new entry knows goes.
///
/// Where all that changed is known, only the items that it can touch are judged. Items that come back are read from their
/// sources again and decoded; where a source is not there, they stay shown without a picture, and the next `case add` of
/// that source reads them.
pub fn rematch(
    case: &CaseFile,
    case_dir: &Path,
    sets_dir: &Path,
    missing_sets: MissingSets,
    reach: Reach,
    setting: &Setting<'_>,
) -> Result<RematchSummary, Error> {
    let sets = open_sets_for(case, sets_dir, missing_sets)?;
    let schemes = Schemes::shipped();
    let mut summary = follow_sets(case, &sets, &schemes, &sets, reach, setting)?;
    if setting.is_stopped() {
        return Err(Error::stopped());
    }
    let rules = Rules::of(case, &sets, &schemes, setting)?;
    read_returned(case, case_dir, &rules, None, setting, &mut summary)?;
    find_stacks(case, setting)?;
    if setting.is_stopped() { Err(Error::stopped()) } else { Ok(summary) }
}

/// An item that came back without a picture.
struct CameBack {
    visibility: Visibility,
    /// Where it was found, files themselves; the next to try is the last.
    places: Vec<(SourceId, SourcePath)>,
}

/// Reads the items that came back from their sources, and decodes them: each from one of its places, from the next where
/// that fails, and nothing else of the source.
/// With `only`, that item alone.
pub(crate) fn read_returned(
    case: &CaseFile,
    case_dir: &Path,
    rules: &Rules<'_>,
    only: Option<&Sha256>,
    setting: &Setting<'_>,
    summary: &mut RematchSummary,
) -> Result<(), Error> {
    let mut items = came_back(case)?;
    if let Some(only) = only {
        items.retain(|item, _| item == only);
    }
    if items.is_empty() {
        return Ok(());
    }
    let before: HashMap<Sha256, Visibility> =
        items.iter().map(|(sha256, item)| (*sha256, item.visibility.clone())).collect();
    let sources = open_sources(case, case_dir, &items, summary)?;
    // What cannot be asked about now is read and decoded again, which adds nothing.
    let complete = |item: &Sha256| !before.contains_key(item) && case.has_derived(item).unwrap_or(false);
    // Only single places are looked at, so that how many files there are is never known.
    let tally = Tally::new(1);
    let sifting = Sifting { rules, setting, complete: &complete, tally: &tally };
    while !setting.is_stopped() {
        let mut wanted: BTreeMap<SourceId, BTreeSet<SourcePath>> = BTreeMap::new();
        for item in items.values_mut() {
            let next = std::iter::from_fn(|| item.places.pop()).find(|(source, _)| sources.contains_key(source));
            if let Some((source, path)) = next {
                wanted.entry(source).or_default().insert(path);
            }
        }
        if wanted.is_empty() {
            break;
        }
        for (id, places) in wanted {
            let places: Vec<SourcePath> = places.into_iter().collect();
            let source = &sources[&id];
            // A place that is gone tells nothing new: what was found there stays recorded.
            let list = |limits: &Limits, sink: &mut dyn FnMut(Found) -> ControlFlow<()>| {
                source.look_at(&places, limits, &mut |found| match found.content {
                    FoundContent::Readable(_) => sink(found),
                    FoundContent::Refused(_) => ControlFlow::Continue(()),
                })
            };
            let mut load = LoadSummary::default();
            let mut recorder = Recorder::new(case, setting, &mut load, &before, &tally);
            let read = sift(&sifting, id, &list, &mut |done| {
                let Some(done) = done else { return recorder.rest() };
                if let RecordContent::Item(item) = &done.record.content {
                    items.remove(&item.digests.sha256);
                }
                recorder.take(done)
            });
            recorder.flush()?;
            read?;
            summary.read_again += load.files;
        }
    }
    Ok(())
}

/// Lists the shown items that could have a picture and have none, because they were hidden when they were read.
fn came_back(case: &CaseFile) -> Result<HashMap<Sha256, CameBack>, Error> {
    let mut items = HashMap::new();
    case.undecoded(&mut |row| {
        if let Some(sha256) = row.sha256.filter(|_| row.width.is_none() && needs_reading(&row.visibility))
            && row.media.as_ref().is_some_and(|media| is_readable_class(media.class))
        {
            let mut places: Vec<_> = row.paths.iter().map(|(source, path)| (*source, outermost(path))).collect();
            places.dedup();
            places.reverse();
            items.insert(sha256, CameBack { visibility: row.visibility, places });
        }
        ControlFlow::Continue(())
    })?;
    Ok(items)
}

/// Opens the sources that such items were found in; those that are not there are counted.
fn open_sources(
    case: &CaseFile,
    case_dir: &Path,
    items: &HashMap<Sha256, CameBack>,
    summary: &mut RematchSummary,
) -> Result<HashMap<SourceId, Source>, Error> {
    let wanted: HashSet<SourceId> =
        items.values().flat_map(|item| item.places.iter().map(|(source, _)| *source)).collect();
    let mut sources = HashMap::new();
    for row in case.sources()?.into_iter().filter(|row| wanted.contains(&row.id) && row.kind != STATED) {
        match open_source(&row.root, case_dir) {
            Ok(source) => {
                sources.insert(row.id, source);
            }
            Err(_) => summary.sources_missing += 1,
        }
    }
    Ok(sources)
}
