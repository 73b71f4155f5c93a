//! What a package would have, counted before anybody signs, and what the program checked of it.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use casefile::{CaseFile, ExportWhat, SetWords};
use domain::{CategoryCode, ClassifiedItem, Freshness, SchemeId, Sha256, SourceId, SourcePath, Standing, Translated};
use hashset::Sets;
use review::Schemes;

use super::media;
use crate::arrivals::{freshness, release_of};
use crate::load::outermost;
use crate::report::set_rows;
use crate::view::leads::{ExportCheck, ExportPreview};
use crate::{Error, Progress, Setting};

/// Scheme that most of those who receive a package count in: the numbers of VICS are its codes.
const COMMON_SCHEME: &str = "project-vic-us";
/// Fewest bytes of a file's name that are looked for in texts: shorter ones occur by chance.
const NAME_BYTES_MIN: usize = 5;
/// Characters of the ledger's head that a person compares.
const HEAD_CHARS: usize = 8;
const HOUR_MICROS: i64 = 3_600_000_000;
/// Items between two reports of progress.
const PROGRESS_ITEMS: u64 = 4_096;

/// Tells how a check came out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Nothing to say.
    Fine,
    /// Whoever signs should know it.
    Know,
    /// Nothing leaves like this.
    Stops,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Know => "know",
            Self::Stops => "stops",
        }
    }

    fn know_if(known: bool) -> Self {
        if known { Self::Know } else { Self::Fine }
    }

    fn stops_if(stopped: bool) -> Self {
        if stopped { Self::Stops } else { Self::Fine }
    }
}

fn check(what: &str, outcome: Outcome, values: &[(&str, String)]) -> ExportCheck {
    ExportCheck {
        what: what.to_owned(),
        standing: outcome.word().to_owned(),
        values: values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
    }
}

/// What is counted of the items.
#[derive(Default)]
struct Tally {
    /// By category: items, confirmed, one opinion, disputed.
    categories: BTreeMap<Option<String>, [u32; 4]>,
    items: u32,
    with_series: u32,
    victim_identified: u32,
    vetoes: u32,
    media_bytes: u64,
    /// Items with a category and without a person who gave it.
    nobodys: u32,
    undecided: u32,
    disputed: u32,
    /// Items with text that a person or a set wrote: of these it is asked whether it names a file.
    worded: Vec<(Sha256, Vec<String>)>,
}

impl Tally {
    fn take(&mut self, item: &ClassifiedItem) {
        let of = self.categories.entry(item.category.as_ref().map(|code| code.0.clone())).or_default();
        of[0] += 1;
        if let Some(standing) = item.standing {
            let place = match standing {
                Standing::Confirmed => 1,
                Standing::OneOpinion => 2,
                Standing::Disputed => 3,
            };
            of[place] += 1;
        }
        self.items += 1;
        self.with_series += u32::from(!item.series.is_empty());
        self.victim_identified += u32::from(item.flags.victim_identified == Some(true));
        self.vetoes += item.vetoes.len() as u32;
        self.media_bytes = self.media_bytes.saturating_add(item.digests.size_bytes);
        self.nobodys += u32::from(item.category.is_some() && item.votes.is_empty());
        self.undecided += u32::from(item.votes.is_empty());
        self.disputed += u32::from(item.standing == Some(Standing::Disputed));
        let words: Vec<String> =
            item.series.iter().cloned().chain(item.vetoes.iter().map(|veto| veto.reason.clone())).collect();
        if !words.is_empty() {
            self.worded.push((item.digests.sha256, words));
        }
    }
}

/// Counts and checks. `thoroughly` verifies the whole case, and not only the chain of its ledger.
pub(super) fn preview(
    case: &CaseFile,
    sets_dir: Option<&Path>,
    what: ExportWhat,
    media: bool,
    thoroughly: bool,
    setting: &Setting<'_>,
) -> Result<ExportPreview, Error> {
    let mut tally = Tally::default();
    let mut there = media::There::of(case)?;
    let mut missing = 0_u32;
    let mut failed = None;
    case.classified_each(what, SetWords::LeftOut, &mut |item| {
        tally.take(&item);
        if media {
            match there.has(case, &item.digests.sha256) {
                Ok(has) => missing += u32::from(!has),
                Err(error) => failed = Some(error),
            }
        }
        let done = u64::from(tally.items);
        if done.is_multiple_of(PROGRESS_ITEMS) {
            (setting.progress)(&Progress { stage: "count", done, ..Progress::default() });
        }
        if failed.is_some() || setting.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    if setting.is_stopped() {
        return Err(Error::stopped());
    }
    if let Some(error) = failed {
        return Err(error);
    }
    let mut checks = vec![
        decided_by_people(&tally),
        nothing_else(case, &tally)?,
        sets_fresh(case, sets_dir, setting)?,
        scheme_translates(case, &tally),
        ledger_whole(case, thoroughly, setting)?,
        check("disputed", Outcome::know_if(tally.disputed > 0), &[("items", tally.disputed.to_string())]),
    ];
    if media {
        let values = [("missing", missing.to_string()), ("items", tally.items.to_string())];
        checks.push(check("media-there", Outcome::stops_if(missing > 0), &values));
    }
    Ok(ExportPreview {
        categories: tally
            .categories
            .into_iter()
            .map(|(code, [all, sure, one, not])| (code, all, sure, one, not))
            .collect(),
        items: tally.items,
        with_series: tally.with_series,
        victim_identified: tally.victim_identified,
        vetoes: tally.vetoes,
        media_bytes: if media { tally.media_bytes as f64 } else { 0.0 },
        checks,
    })
}

/// Every category was given by a person; a package of nothing says nothing.
fn decided_by_people(tally: &Tally) -> ExportCheck {
    let outcome = match tally {
        Tally { items: 0, .. } => Outcome::Stops,
        Tally { nobodys: 1.., .. } => Outcome::Stops,
        _ => Outcome::know_if(tally.undecided > 0),
    };
    let decided = tally.items - tally.undecided - tally.nobodys.min(tally.items - tally.undecided);
    let values = [("decided", decided.to_string()), ("items", tally.items.to_string())];
    check("decided-by-people", outcome, &values)
}

/// The form of what leaves has no place for files and paths. A name could still stand in a text that somebody wrote: in
/// the reason of a veto, or the name of a series.
fn nothing_else(case: &CaseFile, tally: &Tally) -> Result<ExportCheck, Error> {
    let (mut naming, mut searched) = (0_u32, 0);
    for (item, words) in &tally.worded {
        let places = case.item(item)?.map(|row| row.paths).unwrap_or_default();
        searched += places.len();
        naming += u32::from(names_a_file(words, &places));
    }
    let mut values = vec![("searched", searched.to_string())];
    values.extend((naming > 0).then(|| ("naming", naming.to_string())));
    Ok(check("nothing-else-goes-along", Outcome::know_if(naming > 0), &values))
}

/// Tells whether a text has the name of a file, without regard to upper and lower case.
fn names_a_file(words: &[String], places: &[(SourceId, SourcePath)]) -> bool {
    let words: Vec<Vec<u8>> = words.iter().map(|word| word.to_ascii_lowercase().into_bytes()).collect();
    places.iter().any(|(_, path)| {
        let name = path.0.rsplit(|byte| matches!(byte, b'/' | b'\\')).next().unwrap_or_default();
        let end = name.iter().rposition(|byte| *byte == b'.').filter(|point| *point > 0).unwrap_or(name.len());
        let stem = name[..end].to_ascii_lowercase();
        stem.len() >= NAME_BYTES_MIN && words.iter().any(|word| word.windows(stem.len()).any(|part| part == stem))
    })
}

/// The items were sifted by sets whose publishers' word still holds, and by those that are there now.
fn sets_fresh(case: &CaseFile, sets_dir: Option<&Path>, setting: &Setting<'_>) -> Result<ExportCheck, Error> {
    let now = (setting.now)();
    let in_force = case.sets()?;
    let matched = case.is_matched(&Schemes::shipped().versions())?;
    let sets = sets_dir.and_then(|dir| Sets::open(dir).ok());
    let changed = sets.as_ref().is_some_and(|sets| set_rows(sets) != in_force);
    let old =
        sets.as_ref().map_or(0, |sets| freshness(sets, now).values().filter(|how| **how != Freshness::Fresh).count());
    let checked = |row: &casefile::SetStampRow| {
        let infos = sets.as_ref().map(Sets::list).unwrap_or_default();
        let info = infos.iter().find(|info| *info.stamp == row.stamp);
        let release = info.and_then(release_of).map(|release| release.checked);
        release.unwrap_or(row.stamp.published.unwrap_or(row.imported))
    };
    // The set whose word is oldest says it for all.
    let oldest =
        in_force.iter().map(|row| (checked(row), row)).min_by_key(|(when, row)| (*when, row.stamp.name.clone()));
    let mut values = Vec::new();
    if let Some((when, row)) = oldest {
        let hours = (now.0.saturating_sub(when.0) / HOUR_MICROS).max(0);
        values.push(("set", row.stamp.name.to_string()));
        values.push(("version", row.stamp.version.to_string()));
        values.push(("hours", hours.to_string()));
    }
    let odd = [
        ("none", in_force.is_empty()),
        ("old", old > 0),
        ("changed", changed),
        ("cut-short", !matched),
        ("not-there", sets.is_none()),
    ];
    let known = odd.iter().any(|(_, is)| *is);
    values.extend(odd.into_iter().filter(|(_, is)| *is).map(|(name, _)| (name, "yes".to_owned())));
    Ok(check("sets-fresh", Outcome::know_if(known), &values))
}

/// Whoever receives it can count the categories in the scheme that VICS has numbers for.
fn scheme_translates(case: &CaseFile, tally: &Tally) -> ExportCheck {
    let (schemes, scheme, to) = (Schemes::shipped(), case.info().scheme, SchemeId(COMMON_SCHEME.to_owned()));
    let (mut exact, mut person) = (0, 0);
    for (code, counts) in tally.categories.iter().filter_map(|(code, counts)| Some((code.as_ref()?, counts))) {
        let code = CategoryCode(code.clone());
        match schemes.translate(&scheme.id, &code, &to) {
            Translated::To { outcome: domain::Outcome::Exact, .. } => exact += counts[0],
            _ => person += counts[0],
        }
    }
    let values = [("scheme", scheme.id.0), ("exact", exact.to_string()), ("person", person.to_string())];
    check("scheme-translates", Outcome::know_if(person > 0), &values)
}

/// The chain of the ledger has no gap; where it is asked for, nothing else of the case is wrong either.
fn ledger_whole(case: &CaseFile, thoroughly: bool, setting: &Setting<'_>) -> Result<ExportCheck, Error> {
    let (operations, head) = case.head()?;
    let sound = if thoroughly { verified(case, setting)? } else { chained(case)? };
    // The beginning tells heads apart; all of it stands in the package.
    let head: String = head.to_string().chars().take(HEAD_CHARS).collect();
    let values = [("head", head), ("operations", operations.to_string())];
    Ok(check("ledger-whole", Outcome::stops_if(!sound), &values))
}

fn verified(case: &CaseFile, setting: &Setting<'_>) -> Result<bool, Error> {
    let mut progress = |_: &str, done, total| {
        (setting.progress)(&Progress { stage: "verify", done, total: Some(total), ..Progress::default() });
    };
    let report = case.verify_until(&mut progress, &|| setting.is_stopped())?.ok_or_else(Error::stopped)?;
    Ok(report.problems.is_empty())
}

/// Walks the ledger: each operation follows the one before it.
fn chained(case: &CaseFile) -> Result<bool, Error> {
    let (mut sound, mut last) = (true, None);
    case.ledger(&mut |row| {
        if let Some((seq, hash)) = last {
            sound &= row.seq == seq + 1 && row.previous == hash;
        }
        last = Some((row.seq, row.hash));
        if sound { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(sound)
}

/// Gives the checks that stop an export.
pub(super) fn stopping(preview: &ExportPreview) -> Vec<&str> {
    let stops = preview.checks.iter().filter(|check| check.standing == Outcome::Stops.word());
    stops.map(|check| check.what.as_str()).collect()
}

/// Gives the outermost files of the places, for whoever asks whether they are there.
pub(super) fn outer_places(places: &[(SourceId, SourcePath)]) -> impl Iterator<Item = (SourceId, SourcePath)> {
    places.iter().map(|(source, path)| (*source, outermost(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_is_found_in_what_somebody_wrote() {
        let places = [(SourceId(1), SourcePath(b"DCIM/IMG_2207.JPG".to_vec()))];
        let names = |word: &str| names_a_file(&[word.to_owned()], &places);
        assert!(names("it is img_2207, a holiday"));
        assert!(!names("a holiday picture"));
        assert!(!names_a_file(&["1.jpg".to_owned()], &[(SourceId(1), SourcePath(b"a/1.jpg".to_vec()))]), "by chance");
    }
}
