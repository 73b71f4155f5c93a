//! An item's story, the newest first: what was found, judged, decided, marked, written, called wrong, and what sets said.

use std::collections::BTreeSet;

use casefile::{LedgerRow, NoticeRow, OperationKind, OpinionRow, Story};
use domain::{CategoryCode, ShowReason, Visibility};

use super::Items;
use super::sentences::{rule_sentences, safe, sentence, word};
use crate::view::detail::{Sentence, SentenceCode, StoryStep};

/// Tells the story.
pub(super) fn story_steps(
    story: &Story,
    notices: &[NoticeRow],
    opinions: &[OpinionRow],
    items: &Items,
) -> Vec<StoryStep> {
    let mut steps = found(story, items);
    steps.extend(story.judgements.iter().map(|judgement| {
        let mut with = vec![("after", state_word(&judgement.after).to_owned())];
        with.extend(judgement.before.as_ref().map(|before| ("before", state_word(before).to_owned())));
        with.extend(rule_sentences(&judgement.after, 0).first().map(|why| ("why", word(&why.code))));
        step(judgement.operation.0, judgement.at, SentenceCode::StoryJudged, with)
    }));
    steps.extend(decided(story));
    steps.extend(story.marks.iter().map(|change| {
        let with = vec![
            ("by", change.by.to_string()),
            ("mark", change.mark.as_str().to_owned()),
            ("on", change.on.to_string()),
        ];
        step(change.operation.0, change.at, SentenceCode::StoryMarked, with)
    }));
    steps.extend(
        story
            .notes
            .iter()
            .map(|note| step(note.operation.0, note.at, SentenceCode::StoryNoted, vec![("by", note.by.to_string())])),
    );
    steps.extend(notices.iter().map(noticed));
    steps.extend(opinions.iter().map(opined));
    let told: BTreeSet<u32> = steps.iter().map(|step| step.operation).collect();
    // A veto is told beside what was judged because of it.
    let is_left = |row: &&LedgerRow| row.kind == OperationKind::Vetoed || !told.contains(&number(row.seq));
    steps.extend(story.operations.iter().filter(is_left).map(other));
    // Steps of one operation stay in the order in which they were gathered.
    steps.sort_by_key(|step| std::cmp::Reverse(step.operation));
    debug_assert!(steps.iter().all(|step| step.what.is_known()), "{steps:?}");
    steps
}

fn found(story: &Story, items: &Items) -> Vec<StoryStep> {
    let place = |row: &casefile::OccurrenceRow| {
        let with = vec![("source", items.label(row.source).to_owned()), ("place", row.path.shown())];
        step(row.operation.0, row.recorded, SentenceCode::StoryFound, with)
    };
    story.occurrences.iter().map(place).collect()
}

fn decided(story: &Story) -> impl Iterator<Item = StoryStep> {
    let kind_of = |operation: u64| story.operations.iter().find(|row| row.seq == operation).map(|row| row.kind);
    story.decisions.iter().map(move |change| {
        let mut with = vec![("by", change.by.to_string())];
        let (before, after) = (text_of(&change.before), text_of(&change.after));
        let code = match kind_of(change.operation.0) {
            Some(OperationKind::Undone) => {
                // What was taken back is what stood before; where that was a clearing, what is there again.
                with.extend(before.or(after).map(|category| ("category", category)));
                SentenceCode::StoryUndone
            }
            Some(OperationKind::Redone) => {
                with.extend(after.or(before).map(|category| ("category", category)));
                SentenceCode::StoryRedone
            }
            _ => {
                with.extend(after.map(|category| ("category", category)));
                with.extend(before.map(|category| ("before", category)));
                SentenceCode::StoryDecided
            }
        };
        step(change.operation.0, change.at, code, with)
    })
}

fn noticed(row: &NoticeRow) -> StoryStep {
    let with = vec![
        ("set", row.notice.set.to_string()),
        ("version", row.notice.to.to_string()),
        ("what", row.notice.kind.to_string()),
        ("was", safe(&row.notice.was)),
        ("now", safe(&row.notice.now)),
    ];
    step(row.operation.0, row.at, SentenceCode::StoryNotice, with)
}

/// Tells what another tool said. What it did not say is absent.
fn opined(row: &OpinionRow) -> StoryStep {
    let opinion = &row.opinion;
    let texts = [
        ("tool", Some(opinion.tool.as_str())),
        ("code", opinion.code.as_ref().map(|code| code.0.as_str())),
        ("series", Some(opinion.series.as_str())),
        ("tags", Some(opinion.tags.as_str())),
        ("comments", Some(opinion.comments.as_str())),
    ];
    let said = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(safe);
    let mut with: Vec<(&str, String)> =
        texts.into_iter().filter_map(|(name, text)| Some((name, said(text)?))).collect();
    with.extend(opinion.profile.as_ref().map(|profile| ("scheme", safe(&profile.0.0))));
    with.extend(opinion.meaning.map(|meaning| ("meaning", word(&meaning))));
    step(row.operation.0, row.at, SentenceCode::StoryOpinion, with)
}

/// Tells of an operation that none of the item's own changes tells of.
fn other(row: &LedgerRow) -> StoryStep {
    let by = ("by", row.who.to_string());
    if row.kind != OperationKind::Vetoed {
        return step(row.seq, row.at, SentenceCode::StoryOther, vec![("kind", row.kind.as_str().to_owned()), by]);
    }
    vetoed(row)
}

fn vetoed(row: &LedgerRow) -> StoryStep {
    let entry = &row.detail["entries"][0];
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => safe(text),
        other => other.to_string(),
    };
    let with = vec![
        ("by", row.who.to_string()),
        ("set", text(&entry["set"])),
        ("entry", text(&entry["entry"])),
        ("reason", text(&row.detail["reason"])),
    ];
    step(row.seq, row.at, SentenceCode::StoryVetoed, with)
}

fn step(operation: u64, at: domain::UtcTime, code: SentenceCode, with: Vec<(&str, String)>) -> StoryStep {
    let with = with.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    StoryStep { operation: number(operation), at, what: Sentence { code, with } }
}

fn number(operation: u64) -> u32 {
    super::count(operation)
}

fn text_of(category: &Option<CategoryCode>) -> Option<String> {
    category.as_ref().map(|code| code.0.clone())
}

fn state_word(visibility: &Visibility) -> &'static str {
    match visibility {
        Visibility::Shown { why: ShowReason::Returned { .. } } => "returned",
        Visibility::Shown { .. } => "shown",
        Visibility::Hidden { .. } => "hidden",
        Visibility::Refused { .. } => "refused",
    }
}

/// Tells that a person decided.
pub(super) fn decided_sentence(category: &str, by: &str) -> Sentence {
    sentence(SentenceCode::Decided, [("category", category.to_owned()), ("by", by.to_owned())])
}
