//! Leads: what may identify a victim, an offender or a place, and the evidence that it rests on. Each change is durable
//! when it is answered, stands in the ledger, and can be taken back.

mod log;
mod words;

use std::collections::BTreeMap;

use casefile::{CaseFile, LeadStory};
use domain::{EvidenceId, EvidencePart, LeadId, Sha256, UtcTime};
use review::clues::Row;
use review::vocabulary::Vocabulary;
use serde::Serialize;

use crate::view::detail::Counted;
use crate::view::leads::{EvidenceForm, LabelView, LeadDetail, LeadForm, LeadLine, RegionView, VocabularyView};
use crate::{Code, Error};

/// Gives the vocabulary that labels are chosen from.
pub fn vocabulary() -> VocabularyView {
    let vocabulary = Vocabulary::shipped();
    let labels = vocabulary.labels().map(|(group, label)| LabelView {
        code: label.code.0.clone(),
        group_en: group.en.clone(),
        group_nl: group.nl.clone(),
        en: label.en.clone(),
        nl: label.nl.clone(),
        kinds: label.kinds.iter().map(ToString::to_string).collect(),
    });
    VocabularyView { id: vocabulary.name(), labels: labels.collect() }
}

/// Lists the leads of a case.
pub fn leads(case: &CaseFile) -> Result<Vec<LeadLine>, Error> {
    let user = case.user().0;
    Ok(case.leads()?.iter().map(|row| words::line_of(row, &user)).collect())
}

/// Lists the leads that say a child may be at risk now, whether or not somebody has taken that.
pub fn risks(case: &CaseFile) -> Result<Vec<LeadLine>, Error> {
    let mut lines = leads(case)?;
    lines.retain(|line| line.risk != "none");
    Ok(lines)
}

/// Lists the leads that rest on an item.
pub fn leads_of(case: &CaseFile, number: u32) -> Result<Vec<LeadLine>, Error> {
    let of = case.leads_of(number)?;
    let mut lines = leads(case)?;
    lines.retain(|line| of.contains(&LeadId(line.lead)));
    Ok(lines)
}

/// Tells all of a lead.
pub fn lead(case: &CaseFile, lead: u32) -> Result<LeadDetail, Error> {
    lead_with(case, lead, &crate::clues::rows_of(case)?)
}

/// The same, by what is known of the items.
pub(crate) fn lead_with(case: &CaseFile, lead: u32, rows: &[Row]) -> Result<LeadDetail, Error> {
    let story = story_of(case, lead)?;
    let mut evidence =
        story.evidence.iter().map(|row| words::evidence_view(case, row)).collect::<Result<Vec<_>, Error>>()?;
    evidence.sort_by_key(|one| (one.number, one.evidence));
    let numbers = numbers_of(&story);
    Ok(LeadDetail {
        line: words::line_of(&story.row, &case.user().0),
        form: words::form_of(&story.row.content),
        clues: crate::clues::clues_among(rows, Some(&numbers)),
        set_series: set_series(case, &story)?,
        evidence,
        log: log::log_of(&story.changes),
    })
}

/// Gives the numbers of the items that a lead rests on, each once, ascending.
pub(crate) fn numbers_of(story: &LeadStory) -> Vec<u32> {
    let mut numbers: Vec<u32> = story.evidence.iter().map(|row| row.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// Finds a lead by its number.
pub(crate) fn story_of(case: &CaseFile, lead: u32) -> Result<LeadStory, Error> {
    case.lead(LeadId(lead))?.ok_or_else(|| {
        Error::new(Code::NotFound, format!("The case has no lead {lead}."), "See the list of leads: `zeef lead list`.")
    })
}

/// Counts the series that sets name for the items of a lead: of those that they have, and of those that they look like.
fn set_series(case: &CaseFile, story: &LeadStory) -> Result<Vec<Counted>, Error> {
    let mut items: Vec<_> = story.evidence.iter().map(|row| row.evidence.item).collect();
    items.sort_unstable();
    items.dedup();
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for standing in case.standings_of(&items)? {
        let named = standing.hits.iter().map(|hit| &hit.series).chain(standing.near.iter().map(|hit| &hit.series));
        let mut names: Vec<&str> = named.flat_map(|series| series.split(',')).map(str::trim).collect();
        names.retain(|name| !name.is_empty());
        names.sort_unstable();
        names.dedup();
        names.into_iter().for_each(|name| *counts.entry(crate::session::safe(name)).or_default() += 1);
    }
    let mut counted: Vec<Counted> = counts.into_iter().map(|(name, count)| Counted { name, count }).collect();
    counted.sort_by_key(|one| std::cmp::Reverse(one.count));
    Ok(counted)
}

/// Makes a lead with its first evidence, in one operation; gives its number.
pub fn lead_new(case: &CaseFile, form: &LeadForm, evidence: &[EvidenceForm], now: UtcTime) -> Result<u32, Error> {
    let content = words::content_of(form, None, &Vocabulary::shipped())?;
    check_related(case, &content.related, None)?;
    let evidence = evidence.iter().map(|one| words::evidence_of(case, one)).collect::<Result<Vec<_>, _>>()?;
    Ok(case.lead_new(&content, &evidence, now)?.0)
}

/// Changes what is said of a lead. Nothing happens where nothing differs; the risk is changed by other functions alone.
pub fn lead_save(case: &CaseFile, lead: u32, form: &LeadForm, now: UtcTime) -> Result<(), Error> {
    let before = story_of(case, lead)?.row.content;
    let content = words::content_of(form, Some(&before), &Vocabulary::shipped())?;
    check_related(case, &content.related, Some(lead))?;
    case.lead_change(LeadId(lead), &content, now)?;
    Ok(())
}

/// Refuses related leads that are not there, and a lead that is related to itself.
fn check_related(case: &CaseFile, related: &std::collections::BTreeSet<LeadId>, own: Option<u32>) -> Result<(), Error> {
    if related.is_empty() {
        return Ok(());
    }
    let there: Vec<LeadId> = case.leads()?.iter().map(|row| row.id).collect();
    match related.iter().find(|lead| !there.contains(lead) || own == Some(lead.0)) {
        None => Ok(()),
        Some(lead) => {
            let message = format!("A lead cannot be related to lead {lead}: it is the same, or is not there.");
            Err(Error::new(Code::BadInput, message, "Name another lead: `zeef lead list`."))
        }
    }
}

/// Raises or lowers the flag "a child may be at risk now".
pub fn lead_risk(case: &CaseFile, lead: u32, raised: bool, now: UtcTime) -> Result<(), Error> {
    story_of(case, lead)?;
    case.lead_risk(LeadId(lead), raised, now)?;
    Ok(())
}

/// Takes that flag: this person follows it, and it stops standing on every screen.
pub fn lead_risk_take(case: &CaseFile, lead: u32, now: UtcTime) -> Result<(), Error> {
    story_of(case, lead)?;
    case.lead_risk_take(LeadId(lead), now)?;
    Ok(())
}

/// Adds evidence; gives the numbers of the pieces, in order.
pub fn evidence_add(case: &CaseFile, lead: u32, evidence: &[EvidenceForm], now: UtcTime) -> Result<Vec<u64>, Error> {
    story_of(case, lead)?;
    let evidence = evidence.iter().map(|one| words::evidence_of(case, one)).collect::<Result<Vec<_>, _>>()?;
    Ok(case.evidence_add(LeadId(lead), &evidence, now)?.into_iter().map(|id| id.0).collect())
}

/// Changes the caption of a piece of evidence, and its region where it is one.
pub fn evidence_change(
    case: &CaseFile,
    evidence: u64,
    caption: &str,
    region: Option<&RegionView>,
    now: UtcTime,
) -> Result<(), Error> {
    let id = EvidenceId(evidence);
    let mut changed = None;
    for row in case.leads()? {
        let story = case.lead(row.id)?;
        changed = story.and_then(|story| story.evidence.into_iter().find(|one| one.id == id));
        if changed.is_some() {
            break;
        }
    }
    let Some(row) = changed else {
        let message = format!("There is no evidence {evidence} any more.");
        return Err(Error::new(Code::NotFound, message, "See the lead that it belonged to."));
    };
    let mut after = row.evidence;
    after.caption = caption.trim().to_owned();
    if let Some(view) = region {
        after.part = EvidencePart::Region(words::region_of(case, &after.item, view)?);
    }
    case.evidence_change(id, &after, now)?;
    Ok(())
}

/// Takes pieces of evidence away.
pub fn evidence_remove(case: &CaseFile, evidence: &[u64], now: UtcTime) -> Result<(), Error> {
    let ids: Vec<EvidenceId> = evidence.iter().copied().map(EvidenceId).collect();
    case.evidence_remove(&ids, now)?;
    Ok(())
}

/// Says what of an item is evidence, as it is said in a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartWanted {
    /// All of it.
    Whole,
    /// A box: left edge, upper edge, width, height, pixels.
    Box(u32, u32, u32, u32),
    /// An outline.
    Outline(Vec<(u32, u32)>),
    /// A value of its metadata, by group and name.
    Metadata(String, String),
}

/// Makes the form of evidence from the digest of an item.
pub fn evidence_form(case: &CaseFile, item: &Sha256, part: &PartWanted, caption: &str) -> Result<EvidenceForm, Error> {
    let number = case.number_of(item)?.ok_or_else(|| crate::case::no_such_item(item))?;
    let mut form = EvidenceForm { number, caption: caption.to_owned(), region: None, metadata: None };
    let drawn = |rectangle, points: Vec<(u32, u32)>| -> Result<Option<RegionView>, Error> {
        let size = case.item(item)?.and_then(|row| row.width.zip(row.height)).ok_or_else(words::no_picture)?;
        Ok(Some(RegionView { picture_width: size.0, picture_height: size.1, rectangle, points }))
    };
    match part {
        PartWanted::Whole => {}
        PartWanted::Box(x, y, width, height) => {
            let corner = (x.saturating_add(*width), y.saturating_add(*height));
            form.region = drawn(true, vec![(*x, *y), corner])?;
        }
        PartWanted::Outline(points) => form.region = drawn(false, points.clone())?,
        PartWanted::Metadata(group, name) => form.metadata = Some(words::metadata_shown(case, item, group, name)?),
    }
    Ok(form)
}

/// Holds all of a lead, with the digests of its items.
#[derive(Debug, Clone, Serialize)]
pub struct LeadShown {
    /// All that a window shows of it.
    #[serde(flatten)]
    pub detail: LeadDetail,
    /// Digests of its items, by their numbers.
    pub items: BTreeMap<u32, Sha256>,
}

/// Tells all of a lead to a terminal, where items go by their digests.
pub fn lead_shown(case: &CaseFile, number: u32) -> Result<LeadShown, Error> {
    let story = story_of(case, number)?;
    let items = story.evidence.iter().map(|row| (row.number, row.evidence.item)).collect();
    Ok(LeadShown { detail: lead(case, number)?, items })
}
