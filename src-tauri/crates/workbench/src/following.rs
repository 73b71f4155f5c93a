//! Following the change: which items a new version of the sets can touch, so that the others need not be judged again.
//!
//! An item that no changed entry has a digest of, before or after, meets the same entries as before, and they say the same.
//! What is left are the ways by which an entry tells of items that do not have its digests:
//!
//! - A good set's entry quarantines entries of known sets that share a digest with it. Whoever meets such an entry by
//!   another digest contradicts it in the shared one, so all contradicted items are judged again too, and all that look
//!   like such an entry.
//! - A picture looks like an entry by its PDQ value. Pictures near to a value of a changed entry are looked up again.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::ControlFlow;

use casefile::{CaseFile, DigestsWanted, SetStampRow};
use domain::release::EntryChange;
use domain::{AnyDigest, Distance, Entry, EntryId, Pdq, PdqSet, Role, SetName, Sha256};
use hashset::Sets;
use review::{Steps, is_same_set};

use crate::arrivals::{CHANGES_MAX, News, lasting};
use crate::{Error, Setting};

/// Items whose perceptual values are compared in one pass over those of the changed entries.
const PICTURES_TOGETHER: usize = 4096;

/// Says how the items of a case are judged by new versions of sets.
pub(crate) enum Course {
    /// Only these: the rest cannot have changed.
    ByChange(Touched),
    /// All of them.
    Whole,
}

/// The items that a change can touch.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    /// Number of changed entries.
    pub entries: u64,
    /// Items to judge, by the order of loading or later.
    pub items: Vec<Sha256>,
    /// Of these, the pictures whose look-alikes may be others now.
    pub alike: HashSet<Sha256>,
}

/// What changed between the sets by which a case was judged and those of now.
#[derive(Default)]
pub(crate) struct Change {
    entries: Vec<(SetName, Role, EntryChange)>,
}

/// Compares the sets by which a case was judged with those of now; `None` where not all of the change is known.
pub(crate) fn find_change(
    base: &[SetStampRow],
    rows: &[SetStampRow],
    news: &dyn News,
) -> Result<Option<Change>, Error> {
    let mut change = Change::default();
    let names = |rows: &[SetStampRow]| rows.iter().map(|row| row.stamp.name.clone()).collect::<BTreeSet<_>>();
    if names(base) != names(rows) {
        return Ok(None);
    }
    for row in rows {
        let Some(before) = base.iter().find(|before| before.stamp.name == row.stamp.name) else { return Ok(None) };
        // A published version is the same on every workstation, whenever it was installed there.
        let same = before.stamp == row.stamp && before.source_sha256 == row.source_sha256;
        if before == row || same && news.is_lasting(&row.stamp.name) {
            continue;
        }
        let later = row.stamp.version > before.stamp.version;
        if !later || !is_same_set(&before.stamp, &row.stamp) {
            return Ok(None);
        }
        let Some(found) = news.changes(&row.stamp.name, before.stamp.version)? else { return Ok(None) };
        // A log of another store, whose versions have the same numbers, would not add up.
        let sum = found.iter().try_fold(before.entries, |sum, one| match (&one.before, &one.after) {
            (None, Some(_)) => sum.checked_add(1),
            (Some(_), None) => sum.checked_sub(1),
            _ => Some(sum),
        });
        if sum != Some(row.entries) || change.entries.len() + found.len() > CHANGES_MAX {
            return Ok(None);
        }
        change.entries.extend(found.into_iter().map(|one| (row.stamp.name.clone(), row.stamp.role, one)));
    }
    Ok(Some(change))
}

/// Tells whether sets by which a judging began that was cut short lie on the way from those of before to those of now. If
/// not, some items may stand by what no change on that way touches.
pub(crate) fn lie_between(base: &[SetStampRow], between: &[Vec<SetStampRow>], rows: &[SetStampRow]) -> bool {
    between.iter().all(|noted| {
        noted.len() == rows.len()
            && noted.iter().all(|row| {
                let version = |of: &[SetStampRow]| {
                    let same = of.iter().find(|other| is_same_set(&other.stamp, &row.stamp));
                    same.map(|other| other.stamp.version)
                };
                version(base).is_some_and(|from| from <= row.stamp.version)
                    && version(rows).is_some_and(|to| row.stamp.version <= to)
            })
    })
}

/// Gives what notices need of the way from the sets of then to those of now.
pub(crate) fn steps(
    base: Option<&[SetStampRow]>,
    rows: &[SetStampRow],
    sets: &Sets,
    news: &dyn News,
) -> Result<Steps, Error> {
    let mut steps = Steps { lasting: lasting(news, sets), ..Steps::default() };
    for row in rows {
        let before = base.into_iter().flatten().find(|before| before.stamp.name == row.stamp.name);
        let Some(before) = before.filter(|before| before.stamp.version < row.stamp.version) else { continue };
        let name = &row.stamp.name;
        steps.versions.insert(name.clone(), (before.stamp.version, row.stamp.version));
        let gone = news.withdrawn(name, before.stamp.version)?;
        steps.withdrawn.extend(gone.into_iter().map(|(entry, reason)| ((name.clone(), entry), reason)));
    }
    Ok(steps)
}

/// Finds the items of a case that a change can touch; `vetoed` are those that people have said something about.
pub(crate) fn touched(
    case: &CaseFile,
    sets: &Sets,
    change: &Change,
    vetoed: &mut dyn Iterator<Item = Sha256>,
    setting: &Setting<'_>,
) -> Result<Touched, Error> {
    let mut found = Touched { entries: change.entries.len() as u64, ..Touched::default() };
    if change.entries.is_empty() {
        return Ok(found);
    }
    let mut seen = HashSet::new();
    let mut add = |items: &mut Vec<Sha256>, item: Sha256| {
        if seen.insert(item) {
            items.push(item);
        }
    };
    case.items_with(&wanted(change))?.into_iter().for_each(|item| add(&mut found.items, item));
    vetoed.for_each(|item| add(&mut found.items, item));
    let quarantined = quarantine_moves(sets, change);
    if change.entries.iter().any(|(_, role, _)| *role == Role::Good) {
        case.contradicted()?.into_iter().for_each(|item| add(&mut found.items, item));
    }
    found.alike = near_changed(case, change, setting)?;
    if !quarantined.is_empty() {
        found.alike.extend(looks_like(case, &quarantined)?);
    }
    let mut alike: Vec<Sha256> = found.alike.iter().copied().collect();
    alike.sort_unstable();
    alike.into_iter().for_each(|item| add(&mut found.items, item));
    Ok(found)
}

/// Gives the digests of every changed entry, before and after.
fn wanted(change: &Change) -> DigestsWanted {
    let mut wanted = DigestsWanted::default();
    for entry in rows_of(change) {
        wanted.md5.extend(entry.digests.md5);
        wanted.sha1.extend(entry.digests.sha1);
        wanted.sha256.extend(entry.digests.sha256);
    }
    wanted
}

fn rows_of(change: &Change) -> impl Iterator<Item = &Entry> {
    change.entries.iter().flat_map(|(_, _, one)| one.before.iter().chain(&one.after))
}

/// Lists the known entries that share a digest with a changed entry of a good set: their quarantine may have changed.
fn quarantine_moves(sets: &Sets, change: &Change) -> BTreeMap<SetName, BTreeSet<EntryId>> {
    let mut moved: BTreeMap<SetName, BTreeSet<EntryId>> = BTreeMap::new();
    let good = change.entries.iter().filter(|(_, role, _)| *role == Role::Good);
    for entry in good.flat_map(|(_, _, one)| one.before.iter().chain(&one.after)) {
        let digests = [
            entry.digests.md5.map(AnyDigest::Md5),
            entry.digests.sha1.map(AnyDigest::Sha1),
            entry.digests.sha256.map(AnyDigest::Sha256),
        ];
        for digest in digests.into_iter().flatten() {
            for hit in sets.lookup_digest(&digest).into_iter().filter(|hit| hit.set.role == Role::Known) {
                moved.entry(hit.set.name.clone()).or_default().insert(hit.entry);
            }
        }
    }
    moved
}

/// Finds the items that look like one of these entries.
fn looks_like(case: &CaseFile, entries: &BTreeMap<SetName, BTreeSet<EntryId>>) -> Result<Vec<Sha256>, Error> {
    let mut found = Vec::new();
    for items in case.suggested()?.chunks(PICTURES_TOGETHER) {
        for standing in case.standings_of(items)? {
            let names =
                |near: &domain::NearHit| entries.get(&near.set.name).is_some_and(|all| all.contains(&near.entry));
            if standing.near.iter().any(names) {
                found.push(standing.digests.sha256);
            }
        }
    }
    Ok(found)
}

/// Finds the pictures of the case whose perceptual value is near to one of a changed entry of a known set.
fn near_changed(case: &CaseFile, change: &Change, setting: &Setting<'_>) -> Result<HashSet<Sha256>, Error> {
    let known = change.entries.iter().filter(|(_, role, _)| *role == Role::Known);
    let values: BTreeSet<Pdq> =
        known.flat_map(|(_, _, one)| one.before.iter().chain(&one.after)).filter_map(|entry| entry.pdq).collect();
    let column: Vec<u8> = values.iter().flat_map(|value| value.0).collect();
    let mut found = HashSet::new();
    if column.is_empty() {
        return Ok(found);
    }
    let mut items = Vec::with_capacity(PICTURES_TOGETHER);
    let mut queries = Vec::with_capacity(PICTURES_TOGETHER * 8);
    let mut compare = |items: &mut Vec<Sha256>, queries: &mut Vec<Pdq>| {
        compare_all(&column, items, queries, setting.threads, &mut found);
        items.clear();
        queries.clear();
    };
    case.pdqs(&mut |sha256, _, _, pdq, _| {
        if let Some(pdq) = pdq.filter(|pdq| pdq.quality >= PdqSet::QUALITY_MIN) {
            items.push(sha256);
            queries.extend_from_slice(&pdq.orientations);
        }
        if items.len() >= PICTURES_TOGETHER {
            compare(&mut items, &mut queries);
        }
        if setting.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    compare(&mut items, &mut queries);
    Ok(found)
}

/// Compares the orientations of some pictures, eight each, with a column of values.
fn compare_all(column: &[u8], items: &[Sha256], queries: &[Pdq], threads: usize, found: &mut HashSet<Sha256>) {
    let radius: Distance = PdqSet::RADIUS;
    crate::stacking::scan_in_parts(column, queries, radius, threads, &mut |query, _| {
        found.insert(items[query / 8]);
    });
}

#[cfg(test)]
mod tests;
