//! What other tools said of an item, as the panel shows it: inert, bounded, and measured against what was decided.

use casefile::OpinionRow;
use domain::{CategoryCode, CodeMeaning, Opinion, Scheme};
use serde_json::Value;

use super::Items;
use super::sentences::{safe, word};
use crate::vics_source::PLACES;
use crate::view::foreign::OpinionView;

/// Most values of one record that are shown.
const MORE_MAX: usize = 100;
/// Longest value that is shown, in characters.
const VALUE_CHARS_MAX: usize = 300;
/// What stands behind a value that was cut.
const CUT: char = '…';
/// Fields that the panel shows elsewhere: the places of the item, and its digests.
const ELSEWHERE: [&str; 5] = [PLACES, "MD5", "SHA1", "SHA256", "MediaSize"];

/// Tells what other tools said, in the order of recording.
pub(super) fn opinion_views(
    opinions: &[OpinionRow],
    decided: Option<&CategoryCode>,
    scheme: &Scheme,
    items: &Items,
) -> Vec<OpinionView> {
    opinions.iter().map(|row| view(row, decided, scheme, items)).collect()
}

fn view(row: &OpinionRow, decided: Option<&CategoryCode>, scheme: &Scheme, items: &Items) -> OpinionView {
    let opinion = &row.opinion;
    let mut more: Vec<(String, String)> = Vec::new();
    opinion.extra.iter().filter(|(name, _)| !ELSEWHERE.contains(&name.as_str())).for_each(|(name, value)| {
        spread(name, value, &mut more);
    });
    let more_left = super::count(more.len().saturating_sub(MORE_MAX) as u64);
    more.truncate(MORE_MAX);
    OpinionView {
        label: items.label(row.source).to_owned(),
        at: row.at,
        tool: safe(&opinion.tool),
        scheme: opinion.profile.as_ref().map(|profile| safe(&profile.0.0)),
        code: opinion.code.as_ref().map(|code| safe(&code.0)),
        category: own_category(opinion, scheme).map(|code| code.0),
        meaning: opinion.meaning.map(|meaning| word(&meaning)),
        against_decision: decided.is_some_and(|decided| is_against(opinion, decided, scheme)),
        series: safe(&opinion.series),
        tags: safe(&opinion.tags),
        comments: safe(&opinion.comments),
        updated: opinion.updated_raw.as_deref().map(safe).unwrap_or_default(),
        flags: opinion.flags.said().map(|(name, on)| (name.to_owned(), on)).collect(),
        more,
        more_left,
    }
}

/// Gives the category that a tool's code is in the case's scheme. Codes of another scheme are none: a crosswalk needs facts
/// that the record does not have.
fn own_category(opinion: &Opinion, scheme: &Scheme) -> Option<CategoryCode> {
    let is_of_scheme = opinion.profile.as_ref().is_some_and(|profile| profile.0 == scheme.id);
    if !is_of_scheme || opinion.meaning.is_some() {
        return None;
    }
    let code = CategoryCode(opinion.code.as_ref()?.0.trim().to_owned());
    (!scheme.is_ambiguous(&code)).then(|| scheme.category(&code)).flatten().map(|category| category.code.clone())
}

/// Tells whether a tool says otherwise than was decided, as far as the two can be compared.
fn is_against(opinion: &Opinion, decided: &CategoryCode, scheme: &Scheme) -> bool {
    match (opinion.meaning, own_category(opinion, scheme)) {
        // The tool's people called the content not pertinent, and here it is of the scheme's material.
        (Some(CodeMeaning::NonPertinent), _) => {
            scheme.category(decided).is_some_and(|category| !category.ordinary && !category.ambiguous)
        }
        (Some(CodeMeaning::Uncategorized), _) | (None, None) => false,
        (None, Some(said)) => said != *decided,
    }
}

/// Spreads a field into lines: a row of metadata has the name that it has itself, a list one line for each of its parts.
fn spread(name: &str, value: &Value, to: &mut Vec<(String, String)>) {
    let Some(parts) = value.as_array() else { return to.push((cut(name), shown(value))) };
    for part in parts {
        let text = |field: &str| part[field].as_str();
        let row = text("PropertyName").zip(text("PropertyValue")).or(text("HashName").zip(text("HashValue")));
        match row {
            Some((row, value)) => to.push((cut(&format!("{name} · {row}")), cut(value))),
            None => to.push((cut(name), shown(part))),
        }
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => cut(text),
        other => cut(&other.to_string()),
    }
}

/// Makes text safe to show, and cuts it.
fn cut(text: &str) -> String {
    let mut chars = text.chars();
    let kept: String = chars.by_ref().take(VALUE_CHARS_MAX).collect();
    let mut out = safe(&kept);
    if chars.next().is_some() {
        out.push(CUT);
    }
    out
}

#[cfg(test)]
mod tests {
    use domain::{Profile, SchemeId};
    use serde_json::json;

    use super::*;

    fn scheme() -> Scheme {
        let schemes = review::Schemes::shipped();
        schemes.scheme(&SchemeId("project-vic-us".to_owned())).unwrap().clone()
    }

    fn opinion(code: &str, profile: &str, meaning: Option<CodeMeaning>) -> Opinion {
        let mut opinion = formats::case::CaseMedia::bare(1).opinion;
        opinion.code = Some(CategoryCode(code.to_owned()));
        opinion.profile = Some(Profile(SchemeId(profile.to_owned())));
        opinion.meaning = meaning;
        opinion
    }

    #[test]
    fn a_tool_is_against_a_decision_only_where_the_two_can_be_compared() {
        let (scheme, decided) = (scheme(), CategoryCode("1".to_owned()));
        let check =
            |opinion: Opinion, want: bool| assert_eq!(is_against(&opinion, &decided, &scheme), want, "{opinion:?}");
        check(opinion("1", "project-vic-us", None), false);
        check(opinion("2", "project-vic-us", None), true);
        check(opinion("2", "uk", None), false);
        check(opinion("0", "project-vic-us", None), false);
        check(opinion("0", "project-vic-us", Some(CodeMeaning::NonPertinent)), true);
        check(opinion("0", "project-vic-us", Some(CodeMeaning::Uncategorized)), false);
        check(opinion("99", "project-vic-us", None), false);
    }

    #[test]
    fn what_a_record_says_is_spread_into_inert_lines_of_bounded_length() {
        let mut lines = Vec::new();
        spread("Exifs", &json!([{"PropertyName": "Model", "PropertyValue": "A\u{202e}b"}, {"x": 1}]), &mut lines);
        spread("X_Long", &json!("y".repeat(1_000)), &mut lines);
        assert_eq!(lines[0], ("Exifs · Model".to_owned(), "A\\u{202e}b".to_owned()));
        assert_eq!(lines[1], ("Exifs".to_owned(), "{\"x\":1}".to_owned()));
        assert_eq!(lines[2].1.chars().count(), VALUE_CHARS_MAX + 1);
    }
}
