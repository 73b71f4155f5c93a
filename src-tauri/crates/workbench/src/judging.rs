//! Judging what is in a case by the sets as they are now, to its end, however often it is cut short.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::Path;

use casefile::{CaseFile, ItemStanding, Rejudged};
use domain::{
    Digests, Freshness, NearHit, Notice, PdqSet, SchemeId, SetName, SetStamp, SetVersion, Sha256, ShowReason, Veto,
    Visibility,
};
use hashset::Sets;
use review::{Circumstances, Schemes, Steps};

use crate::arrivals::{self, News};
use crate::following::{Course, find_change, lie_between, steps, touched};
use crate::pipeline::is_hidden;
use crate::view::{RematchHow, RematchSummary};
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
    let lost: Vec<String> = missing_sets(case, &sets)?
        .iter()
        .map(|(stamp, _)| format!("{} version {}", stamp.name, stamp.version))
        .collect();
    if lost.is_empty() {
        return Ok(sets);
    }
    Err(Error::new(
        Code::SetsMissing,
        format!(
            "The folder `{}` does not have what this case was matched with: {}. Nothing was done.",
            domain::shown_path(dir),
            lost.join(", ")
        ),
        "Name the folder that has it with --sets. To give these sets up on purpose, add --accept-missing-sets: \
         what they hide will come back.",
    ))
}

/// Lists the sets that a case was matched with, where the folder has none or an older version and nobody has removed them
/// there; with the version that it has.
pub(crate) fn missing_sets(case: &CaseFile, sets: &Sets) -> Result<Vec<(SetStamp, Option<SetVersion>)>, Error> {
    let found = |stamp: &SetStamp| {
        let info = sets.list().iter().find(|info| info.stamp.name == stamp.name);
        info.map(|info| info.stamp.version)
    };
    let is_there = |stamp: &SetStamp, found: Option<SetVersion>| {
        found.or_else(|| sets.retired(&stamp.name)).is_some_and(|version| version >= stamp.version)
    };
    let rows = case.sets()?;
    let each = rows.into_iter().map(|row| (found(&row.stamp), row.stamp));
    Ok(each.filter(|(found, stamp)| !is_there(stamp, *found)).map(|(found, stamp)| (stamp, found)).collect())
}

/// Says which items are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Those that a change of the sets can touch, where all of the change is known; else every item.
    Change,
    /// Every item, whatever is known.
    Whole,
}

/// Tells whether perceptual matches are looked up again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alike {
    /// Of all that is shown.
    Again,
    /// Of these, and of what comes back.
    Of,
    /// Of none.
    Stays,
}

/// What every item of a case is judged by.
pub(crate) struct Rules<'a> {
    pub sets: &'a Sets,
    pub schemes: &'a Schemes,
    pub case_scheme: SchemeId,
    /// What people have called wrong.
    pub vetoes: HashMap<Sha256, Vec<Veto>>,
    /// How fresh each published set is now.
    pub freshness: BTreeMap<SetName, Freshness>,
    /// What lies between the sets by which the case was judged and those of now.
    pub steps: Steps,
}

impl<'a> Rules<'a> {
    /// Gathers the rules of a case whose sets have not changed since it was judged.
    pub fn of(case: &CaseFile, sets: &'a Sets, schemes: &'a Schemes, setting: &Setting<'_>) -> Result<Self, Error> {
        Ok(Self {
            sets,
            schemes,
            case_scheme: case.info().scheme.id,
            vetoes: case.vetoes()?,
            freshness: arrivals::freshness(sets, (setting.now)()),
            steps: Steps::default(),
        })
    }

    /// Lists what people have called wrong about an item.
    pub fn vetoes_of(&self, item: &Sha256) -> &[Veto] {
        self.vetoes.get(item).map_or(&[], Vec::as_slice)
    }

    fn around(&self) -> Circumstances<'_> {
        Circumstances {
            schemes: self.schemes,
            case_scheme: &self.case_scheme,
            freshness: &self.freshness,
            withdrawn: &self.steps.withdrawn,
        }
    }
}

/// Judges what is in the case by the sets as they are now, if it was not judged by them to its end: they have changed, or
/// a judging by them was cut short.
///
/// Where all that changed since the last judging that came to its end is known, only what it can touch is judged; the
/// result is the same. That last one counts, not what was noted since: whoever comes after a kill does all of it again.
pub(crate) fn follow_sets(
    case: &CaseFile,
    sets: &Sets,
    schemes: &Schemes,
    news: &dyn News,
    reach: Reach,
    setting: &Setting<'_>,
) -> Result<RematchSummary, Error> {
    let rows = report::set_rows(sets);
    let rules = schemes.versions();
    let base = case.matched_sets(&rules)?;
    let between = case.noted_since_matched()?;
    case.put_sets(&rows, (setting.now)())?;
    let mut summary = RematchSummary::default();
    let matched = case.is_matched(&rules)?;
    let mut judging = Rules::of(case, sets, schemes, setting)?;
    judging.steps = steps(base.as_deref(), &rows, sets, news)?;
    let change = match &base {
        Some(base) if reach == Reach::Change && lie_between(base, &between, &rows) => find_change(base, &rows, news)?,
        _ => None,
    };
    let course = match change {
        Some(change) => {
            let vetoed = &mut judging.vetoes.keys().copied();
            Course::ByChange(touched(case, sets, &change, vetoed, setting)?)
        }
        None => Course::Whole,
    };
    if setting.is_stopped() {
        return Err(Error::stopped());
    }
    match &course {
        Course::ByChange(touched) => {
            summary.how = RematchHow::ByChange;
            summary.changed_entries = touched.entries;
            for items in touched.items.chunks(BATCH_ITEMS) {
                let batch = case.standings_of(items)?;
                judge_batch(case, &judging, (Alike::Of, &touched.alike), setting, &batch, &mut summary)?;
                tell(&summary, Some(touched.items.len() as u64), setting);
                setting.wait_while_paused();
                if setting.is_stopped() {
                    break;
                }
            }
        }
        Course::Whole => {
            summary.how = RematchHow::Whole;
            // What looks alike depends on the sets alone, so it stays while they do.
            let stays = matched && base.as_ref() == Some(&rows);
            judge_all(case, &judging, if stays { Alike::Stays } else { Alike::Again }, setting, &mut summary)?;
        }
    }
    // Only now, so that whoever comes after a kill or a stop judges all of them again.
    if !setting.is_stopped() {
        case.matched(&rules, (setting.now)())?;
    }
    Ok(summary)
}

fn judge_all(
    case: &CaseFile,
    rules: &Rules<'_>,
    alike: Alike,
    setting: &Setting<'_>,
    summary: &mut RematchSummary,
) -> Result<(), Error> {
    let none = HashSet::new();
    let mut batch = Vec::with_capacity(BATCH_ITEMS);
    let mut failed = None;
    let mut judge = |batch: &mut Vec<ItemStanding>| -> Result<(), Error> {
        judge_batch(case, rules, (alike, &none), setting, batch, summary)?;
        tell(summary, None, setting);
        setting.wait_while_paused();
        batch.clear();
        Ok(())
    };
    case.standings(&mut |standing| {
        batch.push(standing);
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

fn tell(summary: &RematchSummary, total: Option<u64>, setting: &Setting<'_>) {
    (setting.progress)(&Progress { stage: "rematch", done: summary.items, total, ..Progress::default() });
}

fn judge_batch(
    case: &CaseFile,
    rules: &Rules<'_>,
    alike: (Alike, &HashSet<Sha256>),
    setting: &Setting<'_>,
    batch: &[ItemStanding],
    summary: &mut RematchSummary,
) -> Result<(), Error> {
    let digests: Vec<Digests> = batch.iter().map(|standing| standing.digests).collect();
    let mut hits = Vec::new();
    rules.sets.lookup_batch(&digests, &mut hits);
    let around = rules.around();
    let mut judged = Vec::with_capacity(batch.len());
    for (standing, hits) in batch.iter().zip(&mut hits) {
        review::keep_stamps(hits, &standing.hits);
        let vetoes = rules.vetoes_of(&standing.digests.sha256);
        judged.push(review::rejudge(&standing.visibility, hits, vetoes, &around));
    }
    let mut near = near_of(case, rules.sets, alike, batch, &judged)?;
    let mut notices: Vec<(Sha256, Notice)> = Vec::new();
    let mut changes = Vec::with_capacity(batch.len());
    for ((standing, hits), now) in batch.iter().zip(hits).zip(judged) {
        summary.items += 1;
        match (is_hidden(&standing.visibility), &now) {
            _ if standing.decided => {}
            (true, Visibility::Shown { why: ShowReason::Odd { .. } }) => summary.odd += 1,
            (true, Visibility::Shown { .. } | Visibility::Refused { .. }) => summary.returned += 1,
            (false, Visibility::Hidden { .. }) => summary.newly_hidden += 1,
            _ => {}
        }
        let sha256 = standing.digests.sha256;
        let near = near.remove(&sha256).map(|mut near| {
            review::keep_near_stamps(&mut near, &standing.near);
            near
        });
        let mut said = review::notices(&standing.hits, &hits, &rules.steps);
        said.extend(near.iter().flat_map(|near| review::near_notices(&standing.near, near, &rules.steps)));
        notices.extend(said.into_iter().map(|notice| (sha256, notice)));
        // What says nothing new the case leaves as it is.
        changes.push(Rejudged { sha256, visibility: now, hits, near, decoded: None });
    }
    // First the notices: once the matches are the new ones, nothing tells any more what they said before.
    summary.notices += case.note(&notices, (setting.now)())?;
    case.rejudge(&changes, (setting.now)())?;
    Ok(())
}

/// Finds what the pictures of a batch look like, all in one pass over the sets. What is hidden is not compared.
fn near_of(
    case: &CaseFile,
    sets: &Sets,
    (alike, of): (Alike, &HashSet<Sha256>),
    batch: &[ItemStanding],
    judged: &[Visibility],
) -> Result<HashMap<Sha256, Vec<NearHit>>, Error> {
    if alike == Alike::Stays {
        return Ok(HashMap::new());
    }
    // What was hidden has not been compared since, and may still have its picture: a person had decided about it.
    let wanted = |standing: &ItemStanding| {
        alike == Alike::Again || of.contains(&standing.digests.sha256) || is_hidden(&standing.visibility)
    };
    let shown = batch.iter().zip(judged).filter(|(standing, now)| !is_hidden(now) && wanted(standing));
    let items: Vec<Sha256> = shown.map(|(standing, _)| standing.digests.sha256).collect();
    let (items, pdqs): (Vec<Sha256>, Vec<PdqSet>) = case.pdqs_of(&items)?.into_iter().unzip();
    Ok(items.into_iter().zip(sets.near_batch(&pdqs, PdqSet::RADIUS)).collect())
}
