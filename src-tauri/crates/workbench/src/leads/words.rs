//! From what a person says of a lead to what the case keeps, and back.

use std::collections::BTreeSet;

use casefile::{CaseFile, EvidenceRow, LeadRow};
use domain::{
    Evidence, EvidencePart, Facts, LabelCode, LeadContent, LeadError, LeadId, LeadPlace, MetadataValue, Region, Risk,
    Sha256, Shape, UserName, Visibility,
};
use review::vocabulary::Vocabulary;

use crate::session::{no_such_number, safe};
use crate::view::leads::{EvidenceForm, EvidenceView, LeadForm, LeadLine, RegionView};
use crate::{Code, Error};

/// Corners of a box: the upper left and the lower right.
const BOX_CORNERS: usize = 2;
/// Most names of metadata that a refusal tells.
const NAMES_TOLD_MAX: usize = 60;

/// Reads what a person says of a lead. What stands there already (`before`) keeps its risk, and its labels may be of an
/// older vocabulary.
pub(super) fn content_of(
    form: &LeadForm,
    before: Option<&LeadContent>,
    vocabulary: &Vocabulary,
) -> Result<LeadContent, Error> {
    let word = |error: String| Error::new(Code::BadInput, sentence(&error), "Choose one of those.");
    let mut content = LeadContent::new(form.kind.parse().map_err(word)?, form.name.trim());
    content.state = form.state.parse().map_err(word)?;
    content.text = form.text.clone();
    content.series = form.series.as_deref().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
    content.place = form.place.map(|(latitude, longitude, radius_m)| LeadPlace { latitude, longitude, radius_m });
    content.related = form.related.iter().copied().map(LeadId).collect();
    content.labels = labels_of(&form.labels, before, vocabulary)?;
    if !content.labels.is_empty() {
        content.vocabulary = vocabulary.name();
    }
    if let Some(before) = before {
        content.risk = before.risk.clone();
        if content.labels == before.labels {
            content.vocabulary = before.vocabulary.clone();
        }
    }
    content.check().map_err(refused)?;
    Ok(content)
}

/// Checks labels: each is of the vocabulary, or stands on the lead already.
fn labels_of(
    codes: &[String],
    before: Option<&LeadContent>,
    vocabulary: &Vocabulary,
) -> Result<BTreeSet<LabelCode>, Error> {
    let mut labels = BTreeSet::new();
    for code in codes {
        let label = LabelCode(code.clone());
        let kept = before.is_some_and(|before| before.labels.contains(&label));
        if !kept && vocabulary.label(&label).is_none() {
            let message = format!("The vocabulary has no label `{}`.", domain::escaped(code.as_bytes()));
            return Err(Error::new(Code::BadInput, message, "Choose one of its labels: `zeef lead label CASE`."));
        }
        labels.insert(label);
    }
    Ok(labels)
}

/// Tells what the case has of a lead as the form that a person fills in.
pub(super) fn form_of(content: &LeadContent) -> LeadForm {
    LeadForm {
        kind: content.kind.to_string(),
        state: content.state.to_string(),
        name: content.name.clone(),
        labels: content.labels.iter().map(|label| label.0.clone()).collect(),
        text: content.text.clone(),
        series: content.series.clone(),
        place: content.place.map(|place| (place.latitude, place.longitude, place.radius_m)),
        related: content.related.iter().map(|lead| lead.0).collect(),
    }
}

/// Tells a lead in one line.
pub(super) fn line_of(row: &LeadRow, user: &UserName) -> LeadLine {
    let (risk, risk_by) = risk_words(&row.content.risk);
    LeadLine {
        lead: row.id.0,
        kind: row.content.kind.to_string(),
        state: row.content.state.to_string(),
        name: row.content.name.clone(),
        items: row.items,
        regions: row.regions,
        risk: risk.to_owned(),
        risk_by,
        by: row.by.to_string(),
        own: row.by == *user,
        series: row.content.series.clone(),
    }
}

/// Names a risk, and who has taken it.
pub(super) fn risk_words(risk: &Risk) -> (&'static str, Option<String>) {
    match risk {
        Risk::None => ("none", None),
        Risk::Now => ("now", None),
        Risk::Taken { by, .. } => ("taken", Some(by.to_string())),
    }
}

/// Reads evidence that is to be added: the item is there, the region lies in its picture, the value in its metadata.
pub(super) fn evidence_of(case: &CaseFile, form: &EvidenceForm) -> Result<Evidence, Error> {
    let item = case.sha256_of(form.number)?.ok_or_else(|| no_such_number(form.number))?;
    let part = match (&form.region, &form.metadata) {
        (None, None) => EvidencePart::Whole,
        (Some(region), None) => EvidencePart::Region(region_of(case, &item, region)?),
        (None, Some(wanted)) => metadata_of(case, &item, wanted)?,
        (Some(_), Some(_)) => {
            let message = "A piece of evidence is a region or a value of the metadata, not both.";
            return Err(Error::new(Code::BadInput, message, "Add them one after the other."));
        }
    };
    Ok(Evidence { item, part, caption: form.caption.trim().to_owned() })
}

/// Reads a region: it must be drawn in the picture as it is.
pub(super) fn region_of(case: &CaseFile, item: &Sha256, view: &RegionView) -> Result<Region, Error> {
    let row = case.item(item)?;
    let size = row.and_then(|row| match row.visibility {
        Visibility::Shown { .. } => row.width.zip(row.height),
        _ => None,
    });
    if size.is_none() {
        return Err(no_picture());
    }
    let region = region_from(view);
    if size != Some((region.picture_width, region.picture_height)) {
        let message = "The region was drawn in a picture of another size.";
        return Err(Error::new(Code::BadInput, message, "Open the picture again, and draw the region again."));
    }
    region.check().map_err(refused)?;
    Ok(region)
}

pub(super) fn no_picture() -> Error {
    let message = "This item has no picture in which a region could be drawn.";
    Error::new(Code::BadInput, message, "Take the whole item as evidence.")
}

/// Reads the form of a region.
fn region_from(view: &RegionView) -> Region {
    let shape = match view.points.as_slice() {
        [from, to] if view.rectangle && view.points.len() == BOX_CORNERS => Shape::Rectangle {
            x: from.0.min(to.0),
            y: from.1.min(to.1),
            width: from.0.abs_diff(to.0),
            height: from.1.abs_diff(to.1),
        },
        points => Shape::Polygon { points: points.to_vec() },
    };
    Region { picture_width: view.picture_width, picture_height: view.picture_height, shape }
}

/// Tells the form of a region.
pub(super) fn region_view(region: &Region) -> RegionView {
    let (rectangle, points) = match &region.shape {
        Shape::Rectangle { x, y, width, height } => {
            (true, vec![(*x, *y), (x.saturating_add(*width), y.saturating_add(*height))])
        }
        Shape::Polygon { points } => (false, points.clone()),
    };
    RegionView { picture_width: region.picture_width, picture_height: region.picture_height, rectangle, points }
}

/// Finds a value of the metadata by what is shown of it; kept is what stood in the file.
fn metadata_of(case: &CaseFile, item: &Sha256, wanted: &(String, String, String)) -> Result<EvidencePart, Error> {
    let facts = case.story(item)?.and_then(|story| story.facts);
    let is_meant = |value: &&MetadataValue| (safe(&value.group), safe(&value.name), safe(&value.raw)) == *wanted;
    let values = facts.as_ref().map_or(&[][..], |facts: &Facts| &facts.metadata);
    let value = values.iter().find(is_meant).ok_or_else(|| no_such_value(values))?;
    Ok(EvidencePart::Metadata { group: value.group.clone(), name: value.name.clone(), raw: value.raw.clone() })
}

/// Gives a value of the metadata as it is shown, by group and name.
pub(super) fn metadata_shown(
    case: &CaseFile,
    item: &Sha256,
    group: &str,
    name: &str,
) -> Result<(String, String, String), Error> {
    let facts = case.story(item)?.and_then(|story| story.facts);
    let values = facts.as_ref().map_or(&[][..], |facts: &Facts| &facts.metadata);
    let mut shown = values.iter().map(|value| (safe(&value.group), safe(&value.name), safe(&value.raw)));
    shown.find(|value| value.0 == group && value.1 == name).ok_or_else(|| no_such_value(values))
}

/// Says that a value is not there, and which are.
fn no_such_value(there: &[MetadataValue]) -> Error {
    let mut names: Vec<String> =
        there.iter().map(|value| format!("{}:{}", safe(&value.group), safe(&value.name))).collect();
    names.sort_unstable();
    names.dedup();
    let hint = match names.len() {
        0 => "It has none at all: take the whole item as evidence.".to_owned(),
        all if all > NAMES_TOLD_MAX => {
            names.truncate(NAMES_TOLD_MAX);
            format!("Its first {NAMES_TOLD_MAX} are {}; `zeef case why` tells all {all}.", names.join(", "))
        }
        _ => format!("It has {}.", names.join(", ")),
    };
    Error::new(Code::NotFound, "The item has no such value in its metadata.", hint)
}

/// Tells a piece of evidence.
pub(super) fn evidence_view(case: &CaseFile, row: &EvidenceRow) -> Result<EvidenceView, Error> {
    let item = case.item(&row.evidence.item)?;
    let is_shown = item.as_ref().is_some_and(|item| matches!(item.visibility, Visibility::Shown { .. }));
    let size = item.and_then(|item| item.width.zip(item.height)).filter(|_| is_shown);
    let (region, metadata) = match &row.evidence.part {
        EvidencePart::Whole => (None, None),
        EvidencePart::Region(region) => (Some(region_view(region)), None),
        EvidencePart::Metadata { group, name, raw } => (None, Some((safe(group), safe(name), safe(raw)))),
    };
    Ok(EvidenceView {
        evidence: row.id.0,
        number: row.number,
        has_picture: size.is_some(),
        width: size.map(|size| size.0),
        height: size.map(|size| size.1),
        caption: row.evidence.caption.clone(),
        region,
        metadata,
        by: row.by.to_string(),
        at: row.at,
    })
}

/// Says what a vault refuses to keep.
pub(super) fn refused(error: LeadError) -> Error {
    Error::new(Code::BadInput, sentence(&error.to_string()), "Change it, and save it again.")
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_values_that_are_there() {
        let value = |name: &str| MetadataValue { group: "exif".to_owned(), name: name.to_owned(), raw: String::new() };
        let error = no_such_value(&[value("Model"), value("Body\u{202e}Serial"), value("Model")]);
        assert_eq!(error.hint, "It has exif:Body\\u{202e}Serial, exif:Model.");
        assert!(no_such_value(&[]).hint.contains("none"));
        let many: Vec<MetadataValue> = (0..=NAMES_TOLD_MAX).map(|number| value(&format!("n{number:03}"))).collect();
        let hint = no_such_value(&many).hint;
        assert!(hint.contains("exif:n000") && !hint.contains(&format!("n{NAMES_TOLD_MAX:03}")), "{hint}");
    }

    fn drawn(rectangle: bool, points: &[(u32, u32)]) -> RegionView {
        RegionView { picture_width: 100, picture_height: 50, rectangle, points: points.to_vec() }
    }

    #[test]
    fn a_region_comes_back_as_it_was_drawn() {
        for view in [drawn(true, &[(1, 2), (30, 40)]), drawn(false, &[(1, 2), (30, 40), (5, 45)])] {
            assert_eq!(region_view(&region_from(&view)), view);
        }
        let backwards = region_from(&drawn(true, &[(30, 40), (1, 2)]));
        assert_eq!(region_view(&backwards).points, [(1, 2), (30, 40)], "a box may be drawn from any corner");
        assert!(region_from(&drawn(true, &[(1, 2)])).check().is_err(), "a box has two corners");
        assert!(region_from(&drawn(false, &[(1, 2), (30, 40)])).check().is_err(), "a line is no region");
    }

    #[test]
    fn a_change_keeps_risk_and_labels_of_older_vocabularies() {
        let vocabulary = Vocabulary::shipped();
        let mut before = LeadContent::new(domain::LeadKind::Victim, "Willow");
        before.labels.insert(LabelCode("long.gone".to_owned()));
        before.vocabulary = "zeef/0".to_owned();
        before.risk = Risk::Now;
        let mut form = form_of(&before);
        form.name = " Willow 2 ".to_owned();
        let after = content_of(&form, Some(&before), &vocabulary).unwrap();
        assert_eq!((after.name.as_str(), &after.risk), ("Willow 2", &Risk::Now));
        assert_eq!(after.vocabulary, "zeef/0");
        form.labels.push("no.such-label".to_owned());
        assert_eq!(content_of(&form, Some(&before), &vocabulary).unwrap_err().code, Code::BadInput);
        form.labels.pop();
        form.state = "lost".to_owned();
        assert!(content_of(&form, Some(&before), &vocabulary).unwrap_err().message.contains("followed"));
    }
}
