//! All that the panel shows of one item.

use casefile::{MarkKind, OccurrenceRow, Story};
use domain::{Facts, Flags, Hit, NearHit, Role, Sha256, Standing, TakenAt, Verdict, Visibility, escaped};

use super::opinions::opinion_views;
use super::sentences::{agreement_word, rule_sentences, safe, translated, word};
use super::story::{decided_sentence, story_steps};
use super::{Items, Session, count};
use crate::view::detail::{ItemDetail, MatchView, NearView, NoteView, PlaceView, Sentence, SentenceCode};
use crate::view::grid::{Mark, TileState};
use crate::{Code, Error};

/// Most look-alikes that are named.
const STACK_NAMED_MAX: usize = 500;

impl Session {
    /// Tells all of one item.
    pub fn item(&self, number: u32) -> Result<ItemDetail, Error> {
        let story = self.case.story_of(number)?.ok_or_else(|| no_such_number(number))?;
        let notices = self.case.notices_of(number)?;
        let opinions = self.case.opinions_of(number)?;
        let seen = self.case.seen_of(number)?;
        let sets = self.in_force().len();
        let items = self.items();
        let steps = story_steps(&story, &notices, &opinions, &items);
        let mut detail = self.bare(story, sets, &items);
        detail.story = steps;
        let decided = detail.category.as_ref().map(|code| domain::CategoryCode(code.clone()));
        let scheme = self.case.info().scheme;
        detail.opinions = opinion_views(&opinions, decided.as_ref(), &scheme, &items);
        detail.tools_conflict = casefile::contradict(opinions.iter().map(|row| &row.opinion));
        detail.seen = seen;
        detail.stack_count = items.table.stack_of(number).len() as u32;
        if detail.stack_count > 1 {
            detail.stack = items.table.stack_of(number).iter().copied().take(STACK_NAMED_MAX).collect();
        } else {
            detail.stack_count = 0;
        }
        Ok(detail)
    }

    /// Finds the number of the item with a SHA-256.
    pub fn item_number(&self, sha256: &str) -> Result<Option<u32>, Error> {
        let sha256: Sha256 = sha256
            .trim()
            .parse()
            .map_err(|_| Error::new(Code::BadInput, "This is no SHA-256.", "A SHA-256 has 64 hexadecimal digits."))?;
        Ok(self.case.number_of(&sha256)?)
    }

    /// Tells what stands in the story itself.
    fn bare(&self, story: Story, sets: usize, items: &Items) -> ItemDetail {
        let Story { item, mut near, facts, .. } = story;
        near.sort_by_key(|hit| hit.distance);
        let mut why: Vec<_> =
            item.decision.iter().map(|one| decided_sentence(&one.category.0, one.by.as_str())).collect();
        why.extend(rule_sentences(&item.rule, sets).into_iter().map(|said| disputed(said, &story.hits)));
        let facts = facts.as_ref();
        let camera = |part: fn(&domain::Camera) -> &Option<String>| {
            facts.and_then(|facts| part(&facts.camera).as_deref()).map(safe)
        };
        ItemDetail {
            number: story.number,
            sha256: item.sha256.map(|digest| digest.to_string()).unwrap_or_default(),
            sha1: item.sha1.map(|digest| digest.to_string()).unwrap_or_default(),
            md5: item.md5.map(|digest| digest.to_string()).unwrap_or_default(),
            size_bytes: item.size_bytes.unwrap_or_default() as f64,
            media_type: item.media.as_ref().map(|media| safe(&media.mime)).unwrap_or_default(),
            class: item.media.as_ref().map(|media| word(&media.class)).unwrap_or_default(),
            extension_disagrees: item.extension_disagrees.as_deref().map(safe),
            width: item.width,
            height: item.height,
            state: state_of(&item.visibility),
            why,
            category: item.decision.as_ref().map(|one| one.category.0.clone()),
            decided_by: item.decision.as_ref().map(|one| one.by.to_string()),
            decided_at: item.decision.as_ref().map(|one| one.at),
            marks: marks_in_force(&story.marks),
            notes: story
                .notes
                .into_iter()
                .rev()
                .map(|note| NoteView { by: note.by.to_string(), at: note.at, text: note.text })
                .collect(),
            looks_like: near.iter().map(|hit| self.near_view(hit)).collect(),
            matches: story.hits.iter().map(|hit| self.match_view(hit)).collect(),
            places: places(&story.occurrences, items),
            taken: facts.and_then(|facts| facts.taken.as_ref()).map(taken),
            camera_make: camera(|camera| &camera.make),
            camera_model: camera(|camera| &camera.model),
            camera_serial: camera(|camera| &camera.serial),
            software: camera(|camera| &camera.software),
            latitude: facts.and_then(|facts| facts.gps).map(|gps| gps.latitude),
            longitude: facts.and_then(|facts| facts.gps).map(|gps| gps.longitude),
            metadata: facts.map(metadata).unwrap_or_default(),
            remarks: facts.map(|facts| facts.remarks.iter().map(|remark| safe(remark)).collect()).unwrap_or_default(),
            stack: Vec::new(),
            stack_count: 0,
            opinions: Vec::new(),
            tools_conflict: false,
            story: Vec::new(),
            seen: 0,
        }
    }

    fn near_view(&self, hit: &NearHit) -> NearView {
        NearView {
            set: hit.set.name.to_string(),
            version: hit.set.version.0,
            entry: hit.entry.to_string(),
            distance: hit.distance,
            category: translated(&review::suggested_category(hit, &self.schemes, &self.scheme)),
            original: original(&hit.verdict),
            scheme: hit.set.profile.as_ref().map(|profile| profile.0.0.clone()),
            series: series(&hit.series),
            flags: flag_words(&hit.flags),
        }
    }

    fn match_view(&self, hit: &Hit) -> MatchView {
        // A good set says that a file is ordinary; that is no category.
        let known = hit.set.role == Role::Known;
        let category = known.then(|| review::category_of(hit, &self.schemes, &self.scheme));
        MatchView {
            set: hit.set.name.to_string(),
            role: hit.set.role.to_string(),
            version: hit.set.version.0,
            entry: hit.entry.to_string(),
            digest: word(&hit.kind),
            agreement: agreement_word(&hit.agreement).to_owned(),
            category: category.as_ref().and_then(translated),
            original: original(&hit.verdict),
            scheme: hit.set.profile.as_ref().map(|profile| profile.0.0.clone()),
            series: series(&hit.series),
            flags: flag_words(&hit.flags),
            quarantined: hit.quarantined,
        }
    }
}

pub(crate) fn no_such_number(number: u32) -> Error {
    Error::new(Code::NotFound, format!("The case has no item {number}."), "Check the number.")
}

/// Tells an entry about which its contributors disagree from one that nobody has judged: to the rule both say nothing.
fn disputed(said: Sentence, hits: &[Hit]) -> Sentence {
    let of = |name: &str, value: &dyn std::fmt::Display| said.with.get(name).is_some_and(|is| *is == value.to_string());
    let is_disputed = said.code == SentenceCode::KnownUnclassified
        && hits
            .iter()
            .any(|hit| hit.standing == Some(Standing::Disputed) && of("set", &hit.set.name) && of("entry", &hit.entry));
    if is_disputed { Sentence { code: SentenceCode::Disputed, ..said } } else { said }
}

fn state_of(visibility: &Visibility) -> TileState {
    match visibility {
        Visibility::Shown { .. } => TileState::Shown,
        Visibility::Hidden { .. } => TileState::Hidden,
        Visibility::Refused { .. } => TileState::Refused,
    }
}

/// Gives the marks that are on after all changes.
fn marks_in_force(changes: &[casefile::MarkChange]) -> Vec<Mark> {
    let is_on =
        |mark: MarkKind| changes.iter().rev().find(|change| change.mark == mark).is_some_and(|change| change.on);
    MarkKind::ALL.into_iter().filter(|mark| is_on(*mark)).map(mark_of).collect()
}

/// Names a mark as the window does.
pub(super) fn mark_of(mark: MarkKind) -> Mark {
    match mark {
        MarkKind::Bookmark => Mark::Bookmark,
        MarkKind::Handover => Mark::Handover,
        MarkKind::NotAlike => Mark::NotAlike,
        MarkKind::OutOfStack => Mark::OutOfStack,
    }
}

/// Lists each place once; where a content was found there several times, by the newest record.
fn places(occurrences: &[OccurrenceRow], items: &Items) -> Vec<PlaceView> {
    let same = |one: &OccurrenceRow, next: &OccurrenceRow| (one.source, &one.path) == (next.source, &next.path);
    occurrences
        .chunk_by(same)
        .filter_map(|place| place.last())
        .map(|row| PlaceView {
            source: count(row.source.0.unsigned_abs()),
            label: items.label(row.source).to_owned(),
            path: row.path.shown(),
            modified: row.times.modified,
            created: row.times.created,
            time_raw: row.times.raw.as_deref().map(safe),
        })
        .collect()
}

/// Gives a time of taking as `2025-03-14 16:02:11`, with the offset if the file states it.
fn taken(taken: &TakenAt) -> String {
    let local = safe(&taken.local).replacen('T', " ", 1);
    match &taken.offset {
        Some(offset) => format!("{local} {}", safe(offset)),
        None => local,
    }
}

fn metadata(facts: &Facts) -> Vec<(String, String, String)> {
    let value = |value: &domain::MetadataValue| (safe(&value.group), safe(&value.name), safe(&value.raw));
    facts.metadata.iter().map(value).collect()
}

fn original(verdict: &Verdict) -> Option<String> {
    match verdict {
        Verdict::Category(code) => Some(safe(&code.0)),
        Verdict::Member | Verdict::Unclassified => None,
    }
}

fn series(series: &str) -> Option<String> {
    (!series.is_empty()).then(|| escaped(series.as_bytes()))
}

/// Lists the flags that are true.
fn flag_words(flags: &Flags) -> Vec<String> {
    flags.said().filter(|(_, on)| *on).map(|(name, _)| name.to_owned()).collect()
}
