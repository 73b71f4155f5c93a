//! Turns what the rooms hold into what a front door shows.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::ops::ControlFlow;
use std::path::Path;

use casefile::{
    CaseFile, DecisionChange, ItemRow, Judgement, LedgerRow, NoticeRow, OccurrenceRow, OpinionRow, SetStampRow,
    SourceRow,
};
use domain::{
    Finding, HideReason, Opinion, Said, ShowReason, Translated, UtcTime, Veto, Visibility, escaped, shown_path,
};
use hashset::{SetInfo, Sets};
use serde_json::json;

use crate::Error;
use crate::arrivals::release_of;
use crate::load::STATED;
use crate::view::{
    DecisionView, ItemLine, JudgementView, OccurrenceView, OperationView, OtherCase, ReleaseView, SetView, SourceView,
    Status, StoryView,
};

/// Gives the last part of a path as text that is safe to show.
pub(crate) fn file_name(path: &Path) -> String {
    let name: &OsStr = path.file_name().unwrap_or(path.as_os_str());
    escaped(name.as_encoded_bytes())
}

/// Gives the sets in the form in which a case keeps them.
pub(crate) fn set_rows(sets: &Sets) -> Vec<SetStampRow> {
    let row = |info: &SetInfo| SetStampRow {
        stamp: (*info.stamp).clone(),
        entries: info.entries,
        imported: info.imported,
        source_sha256: info.source_sha256.clone(),
    };
    sets.list().iter().map(row).collect()
}

pub(crate) fn status(case: &CaseFile, sets: Option<&Sets>, now: UtcTime) -> Result<Status, Error> {
    let info = case.info();
    let counts = case.counts()?;
    let (ledger_length, ledger_head) = case.head()?;
    let recorded = case.sets()?;
    let sets_changed = sets.is_some_and(|sets| {
        let stamps = |rows: &[SetStampRow]| rows.iter().map(|row| row.stamp.clone()).collect::<Vec<_>>();
        stamps(&recorded) != stamps(&set_rows(sets))
    });
    let mut sources = Vec::new();
    for row in case.sources()? {
        let file_sha256 = file_sha256(case, &row)?;
        sources.push(SourceView { path: shown_path(&row.root), kind: row.kind, file_sha256, loaded: row.loaded });
    }
    Ok(Status {
        number: info.number,
        unit: info.unit,
        legal_scope: info.legal_scope,
        scheme: info.scheme.id.0,
        scheme_version: info.scheme.version,
        occurrences: counts.occurrences,
        items: counts.items,
        shown: counts.shown,
        hidden: counts.hidden,
        hidden_known: counts.hidden_known,
        hidden_ordinary: counts.hidden_ordinary,
        refused: counts.refused,
        classified: counts.classified,
        waiting: counts.pending,
        conflicts: counts.conflicts,
        tools_conflict: tools_conflict(case)?,
        findings: counts.findings,
        stacks: counts.stacks,
        decoded: counts.decoded,
        known_decoded: counts.known_decoded,
        suggestions: counts.suggestions,
        by_category: counts.by_category,
        by_class: counts.by_class,
        by_refusal: counts.by_refusal,
        by_set: counts.by_set,
        sources,
        sets: recorded.iter().map(|row| recorded_set(row, sets, now)).collect(),
        notices_unread: case.notices_unread()?,
        vetoes: case.vetoes()?.values().map(|vetoes| vetoes.len() as u64).sum(),
        sets_changed,
        matched: case.is_matched(&review::Schemes::shipped().versions())? || counts.occurrences == 0,
        ledger_length,
        ledger_head,
    })
}

fn tools_conflict(case: &CaseFile) -> Result<u64, Error> {
    let mut items = 0;
    case.opinions_contradicting(&mut |_, _, _| {
        items += 1;
        ControlFlow::Continue(())
    })?;
    Ok(items)
}

/// Gives the verdicts of other tools as words, each once: tool, code, scheme.
pub(crate) fn verdicts<'o>(opinions: impl Iterator<Item = &'o Opinion>) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for opinion in opinions {
        let Some(verdict) = opinion.verdict() else { continue };
        let tool = if opinion.tool.is_empty() { "unnamed" } else { opinion.tool.as_str() };
        let word = match verdict {
            Said::NonPertinent => format!("{tool}: non-pertinent"),
            Said::Code(code, None) => format!("{tool}: {code}"),
            Said::Code(code, Some(profile)) => format!("{tool}: {code} ({})", profile.0.0),
        };
        let word = escaped(word.as_bytes());
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// Gives the SHA-256 of the file of another tool that a source is; `None` for a source of our own, and before its load has
/// come to its end.
pub(crate) fn file_sha256(case: &CaseFile, source: &SourceRow) -> Result<Option<String>, Error> {
    if source.kind != STATED {
        return Ok(None);
    }
    let noted = case.load_summary(source.id)?;
    Ok(noted.and_then(|noted| noted["file_sha256"].as_str().map(|text| escaped(text.as_bytes()))))
}

/// Tells of the files that opinions came with.
pub(crate) fn other_cases(
    case: &CaseFile,
    opinions: &[OpinionRow],
    sources: &[SourceRow],
) -> Result<Vec<OtherCase>, Error> {
    let ids: BTreeSet<i64> = opinions.iter().map(|row| row.source.0).collect();
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| ids.contains(&source.id.0)) {
        let Some(summary) = case.load_summary(source.id)? else { continue };
        found.push(OtherCase {
            source: shown_path(&source.root),
            cases: summary["cases"].clone(),
            fields: summary["fields"].clone(),
        });
    }
    Ok(found)
}

/// Gives a set as the case has it. How fresh it is, only the folder of the sets tells, where it has that very version.
fn recorded_set(row: &SetStampRow, sets: Option<&Sets>, now: UtcTime) -> SetView {
    let of_version = |info: &&SetInfo| info.stamp.name == row.stamp.name && info.stamp.version == row.stamp.version;
    let installed = sets.and_then(|sets| sets.list().iter().find(of_version));
    SetView {
        release: installed.and_then(|info| release_view(info, now)),
        name: row.stamp.name.to_string(),
        role: row.stamp.role.to_string(),
        version: row.stamp.version.0,
        entries: row.entries,
        profile: row.stamp.profile.as_ref().map(|profile| profile.0.0.clone()),
        published: row.stamp.published,
        imported: row.imported,
        age_days: now.days_since(row.stamp.published.unwrap_or(row.imported)),
        kind: None,
        files: Vec::new(),
        refused: Default::default(),
        categories: Default::default(),
        quarantined: None,
        conflicts: None,
        unanswered: Vec::new(),
        notes: Vec::new(),
    }
}

/// Tells of the release that a set came by.
pub(crate) fn release_view(info: &SetInfo, now: UtcTime) -> Option<ReleaseView> {
    let stamp = release_of(info)?;
    Some(ReleaseView {
        publisher: stamp.publisher.to_string(),
        title: stamp.title.clone(),
        freshness: stamp.freshness(now),
        checked: stamp.checked,
        expires: stamp.expires,
        grace_days: stamp.grace_days,
        checked_days: now.days_since(stamp.checked),
    })
}

pub(crate) fn item_line(row: ItemRow) -> ItemLine {
    let mut line = ItemLine {
        sha256: row.sha256,
        md5: row.md5,
        sha1: row.sha1,
        size_bytes: row.size_bytes,
        media_type: row.media.as_ref().map(|media| media.mime.clone()),
        extension_disagrees: row.extension_disagrees,
        paths: row.paths.iter().map(|(_, path)| path.shown()).collect(),
        state: "shown",
        reason: String::new(),
        category: None,
        set: None,
        pixels: row.width.zip(row.height),
        findings: Vec::new(),
        returned: None,
        hidden_by: None,
        refusal: None,
        suggestions: row.suggestions,
        stack: row.stack,
        stated: row.stated,
    };
    match row.visibility {
        Visibility::Shown { why } => explain_shown(&mut line, why),
        Visibility::Hidden { why } => explain_hidden(&mut line, why),
        Visibility::Refused { why } => {
            line.state = "refused";
            line.reason = refusal_word(&why);
            line.refusal = Some(why);
        }
    }
    if let Some(decision) = row.decision {
        line.category = Some(decision.category.0);
    }
    line
}

/// Gives the word of a refusal, as lists and counts have it.
pub(crate) fn refusal_word(why: &domain::Refusal) -> String {
    json!(why.code).as_str().unwrap_or_default().to_owned()
}

fn explain_shown(line: &mut ItemLine, why: ShowReason) {
    line.reason = match why {
        ShowReason::New => "new".to_owned(),
        ShowReason::Decided => "decided".to_owned(),
        ShowReason::Returned { was, why } => {
            line.returned = Some(why);
            line.set = Some(was.origin().0.to_string());
            "returned".to_owned()
        }
        ShowReason::Odd { findings } => {
            let kind = findings.first().map(finding_kind).unwrap_or_default();
            line.set = findings.first().and_then(finding_sets);
            line.findings = findings;
            kind
        }
    };
}

fn explain_hidden(line: &mut ItemLine, why: HideReason) {
    line.state = "hidden";
    line.set = Some(why.origin().0.to_string());
    line.reason = match &why {
        HideReason::Known { category, .. } => {
            line.category = Some(match category {
                Translated::To { code, .. } => code.0.clone(),
                Translated::NeedsHuman => "needs-human".to_owned(),
            });
            "known".to_owned()
        }
        HideReason::Ordinary { .. } => "ordinary".to_owned(),
    };
    line.hidden_by = Some(why);
}

/// Gives the name that a finding has in JSON, so that lists and counts use one word.
fn finding_kind(finding: &Finding) -> String {
    json!(finding)["finding"].as_str().unwrap_or_default().to_owned()
}

/// Names the sets that a finding is about; several where they do not agree.
fn finding_sets(finding: &Finding) -> Option<String> {
    match finding {
        Finding::Conflict { sets, .. } => {
            Some(sets.iter().map(|set| set.as_str()).collect::<Vec<_>>().join(", ")).filter(|names| !names.is_empty())
        }
        Finding::Quarantined { set, .. }
        | Finding::Contradiction { set, .. }
        | Finding::MeaningUnanswered { set, .. }
        | Finding::CodeUnknown { set, .. }
        | Finding::NotAllowed { set, .. }
        | Finding::KnownUnclassified { set, .. } => Some(set.to_string()),
        Finding::NoPicture { .. } => None,
    }
}

pub(crate) fn story(
    story: casefile::Story,
    sources: &[SourceRow],
    vetoes: Vec<Veto>,
    notices: Vec<NoticeRow>,
) -> StoryView {
    let visibility = story.item.visibility.clone();
    let media = story.item.media.clone();
    StoryView {
        opinions: review::opinions(&story.hits, &review::Schemes::shipped()),
        item: item_line(story.item),
        visibility,
        media,
        occurrences: story.occurrences.into_iter().map(|row| occurrence(row, sources)).collect(),
        hits: story.hits,
        near: story.near,
        vetoes,
        notices,
        other_tools: Vec::new(),
        tools_conflict: Vec::new(),
        other_cases: Vec::new(),
        leads: Vec::new(),
        facts: story.facts,
        decisions: story.decisions.into_iter().map(decision).collect(),
        judgements: story.judgements.into_iter().map(judgement).collect(),
        operations: story.operations.into_iter().map(operation).collect(),
    }
}

fn occurrence(row: OccurrenceRow, sources: &[SourceRow]) -> OccurrenceView {
    let source = sources.iter().find(|source| source.id == row.source);
    OccurrenceView {
        source: source.map(|source| shown_path(&source.root)).unwrap_or_default(),
        path: row.path.shown(),
        size_bytes: row.size_bytes,
        modified: row.times.modified,
        created: row.times.created,
        accessed: row.times.accessed,
        time_raw: row.times.raw,
        recorded: row.recorded,
        operation: row.operation.0,
    }
}

fn decision(row: DecisionChange) -> DecisionView {
    DecisionView {
        operation: row.operation.0,
        at: row.at,
        by: row.by.to_string(),
        before: row.before,
        after: row.after,
        note: row.note,
    }
}

fn judgement(row: Judgement) -> JudgementView {
    JudgementView { operation: row.operation.0, at: row.at, before: row.before, after: row.after }
}

fn operation(row: LedgerRow) -> OperationView {
    OperationView {
        seq: row.seq,
        at: row.at,
        who: row.who.to_string(),
        kind: row.kind.as_str().to_owned(),
        detail: row.detail,
        hash: row.hash,
    }
}
