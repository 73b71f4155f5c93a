//! The figures of a case, counted from the case itself in one walk over its items: nothing is taken from a screen.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::Path;

use casefile::{CaseFile, ExportWhat, ItemRow, ListFilter, OperationKind, SetWords, StatedAct};
use dispatch::report::{
    AsOf, BySource, CaseOf, Conflicts, Counted, FIGURES_SCHEMA, Figures, HiddenBy, LabelOf, OfCategory, OfExport,
    OfLead, OfSet, OfSource, Opinions, OtherTool, Person, Sampled, Stated, Totals,
};
use domain::{
    CategoryCode, Finding, HideReason, LabelCode, ShowReason, SourceId, Translated, UtcTime, Visibility, shown_path,
};
use hashset::Sets;
use review::vocabulary::Vocabulary;

use crate::arrivals::freshness;
use crate::report::refusal_word;
use crate::view::leads::{ExportLine, LeadLine};
use crate::{Code, Error, leads};

/// Counts of one category while it is counted.
#[derive(Default)]
struct Counting {
    items: u64,
    occurrences: u64,
    by_source: BTreeMap<SourceId, (u64, u64)>,
}

impl Counting {
    fn take(&mut self, row: &ItemRow) {
        self.items += 1;
        self.occurrences += row.paths.len() as u64;
        let mut seen = BTreeSet::new();
        for (source, _) in &row.paths {
            let of = self.by_source.entry(*source).or_default();
            of.0 += u64::from(seen.insert(*source));
            of.1 += 1;
        }
    }
}

/// What the walk over the items counts.
#[derive(Default)]
struct Walk {
    sources: BTreeMap<SourceId, (u64, u64, u64)>,
    decided: BTreeMap<String, Counting>,
    known: BTreeMap<String, Counting>,
    hidden_by: BTreeMap<(String, u32), u64>,
    refused: BTreeMap<String, u64>,
    conflicts: (u64, u64),
}

impl Walk {
    fn take(&mut self, row: &ItemRow) {
        let mut seen = BTreeSet::new();
        for (source, _) in &row.paths {
            let of = self.sources.entry(*source).or_default();
            if row.sha256.is_none() {
                of.2 += 1;
            } else {
                of.0 += u64::from(seen.insert(*source));
                of.1 += 1;
            }
        }
        if let Some(decision) = &row.decision {
            self.decided.entry(decision.category.0.clone()).or_default().take(row);
        }
        match &row.visibility {
            Visibility::Hidden { why } => {
                let (set, version, _, _) = why.origin();
                *self.hidden_by.entry((set.to_string(), version.0)).or_default() += 1;
                if let HideReason::Known { category, .. } = why {
                    let code = match category {
                        Translated::To { code, .. } => code.0.clone(),
                        Translated::NeedsHuman => "needs-human".to_owned(),
                    };
                    self.known.entry(code).or_default().take(row);
                }
            }
            Visibility::Refused { why } => *self.refused.entry(refusal_word(why)).or_default() += 1,
            Visibility::Shown { .. } => {}
        }
        if let Visibility::Shown { why: ShowReason::Odd { findings } } = &row.rule
            && findings.iter().any(|finding| matches!(finding, Finding::Conflict { .. }))
        {
            self.conflicts.0 += 1;
            self.conflicts.1 += u64::from(row.decision.is_some());
        }
    }
}

/// Counts a case. Nothing of the hour of counting is in it, so that the same case gives the same figures.
pub(super) fn collect(
    case: &CaseFile,
    sets_dir: Option<&Path>,
    qualification: Vec<StatedAct>,
) -> Result<Figures, Error> {
    let mut walk = Walk::default();
    case.list(ListFilter::All, &mut |row| {
        walk.take(&row);
        ControlFlow::Continue(())
    })?;
    let as_of = as_of(case)?;
    let (opinions, disputed) = opinions(case)?;
    let (info, counts) = (case.info(), case.counts()?);
    let sources = sources(case, &walk)?;
    let labels = labels(case)?;
    let of = |counts: BTreeMap<String, Counting>| {
        counts.into_iter().map(|(code, one)| category(code, one, &labels)).collect()
    };
    let person = |user: crate::view::UserView| Person {
        name: user.name,
        role: user.role,
        added: user.added,
        removed: user.removed,
    };
    Ok(Figures {
        schema: FIGURES_SCHEMA,
        program: format!("Zeef {}", env!("CARGO_PKG_VERSION")),
        case: CaseOf {
            number: info.number,
            unit: info.unit,
            legal_scope: info.legal_scope,
            id: info.case_id,
            created: info.created,
            created_by: info.created_by.to_string(),
            scheme: info.scheme,
        },
        sources,
        sets: sets(case, sets_dir, as_of.at)?,
        as_of,
        totals: Totals {
            items: counts.items,
            occurrences: counts.occurrences,
            shown: counts.shown,
            hidden: counts.hidden,
            hidden_known: counts.hidden_known,
            hidden_ordinary: counts.hidden_ordinary,
            refused: counts.refused,
            waiting: counts.pending,
            decided: walk.decided.values().map(|one| one.items).sum(),
        },
        decided: of(walk.decided),
        known: of(walk.known),
        hidden_by: walk.hidden_by.into_iter().map(|((set, version), items)| HiddenBy { set, version, items }).collect(),
        refused: counted(walk.refused),
        conflicts: Conflicts { items: walk.conflicts.0, decided: walk.conflicts.1 },
        opinions,
        disputed,
        people: crate::users(case)?.into_iter().map(person).collect(),
        vetoes: case.vetoes()?.values().map(|of| of.len() as u64).sum(),
        other_tools: other_tools(case)?,
        qualification: qualification.into_iter().filter_map(stated).collect(),
        leads: lead_rows(case)?,
        exports: crate::exports::exports(case)?.into_iter().map(export).collect(),
    })
}

/// Finds the last operation that says something of the case: to open it, to look beside it and to write this report change
/// no figure.
fn as_of(case: &CaseFile) -> Result<AsOf, Error> {
    let mut last = None;
    case.ledger(&mut |row| {
        let idle = matches!(
            row.kind,
            OperationKind::Opened
                | OperationKind::ReportWritten
                | OperationKind::IndexOpened
                | OperationKind::IndexWritten
        );
        if !idle {
            last = Some(AsOf { operation: row.seq, at: row.at, hash: row.hash });
        }
        ControlFlow::Continue(())
    })?;
    last.ok_or_else(|| Error::new(Code::Damaged, "The ledger of the case is empty.", "Verify the case."))
}

fn counted(counts: impl IntoIterator<Item = (String, u64)>) -> Vec<Counted> {
    counts.into_iter().map(|(name, items)| Counted { name, items }).collect()
}

fn stated(one: StatedAct) -> Option<Stated> {
    let (name, by, operation) = (one.act, one.by.to_string(), one.operation.0);
    one.items.map(|items| Stated { name, items, by, at: one.at, operation })
}

fn export(line: ExportLine) -> OfExport {
    OfExport {
        request: line.request,
        state: line.state,
        media: line.media,
        recipients: line.recipients.into_iter().map(|one| one.name).collect(),
        by: line.by,
        at: line.at,
        signed_by: line.signed_by,
        signed_at: line.signed_at,
        package_sha256: line.package_sha256,
        sample: line.sample.map(|(of, looked)| Sampled { of, looked }),
    }
}

/// Gives the labels of the sources, as the window has them.
fn labels(case: &CaseFile) -> Result<BTreeMap<SourceId, String>, Error> {
    let mut rows = case.sources()?;
    rows.sort_by_key(|row| row.id);
    Ok((1..).zip(rows).map(|(place, row)| (row.id, crate::session::label(place))).collect())
}

fn sources(case: &CaseFile, walk: &Walk) -> Result<Vec<OfSource>, Error> {
    let labels = labels(case)?;
    let of = |row: casefile::SourceRow| {
        let (items, occurrences, unread) = walk.sources.get(&row.id).copied().unwrap_or_default();
        OfSource {
            label: labels.get(&row.id).cloned().unwrap_or_default(),
            path: shown_path(&row.root),
            kind: row.kind,
            added: row.added,
            added_by: row.added_by.to_string(),
            loaded: row.loaded,
            items,
            occurrences,
            unread,
        }
    };
    Ok(case.sources()?.into_iter().map(of).collect())
}

/// Tells of the sets in force, as old and fresh as they were at a moment.
fn sets(case: &CaseFile, sets_dir: Option<&Path>, now: UtcTime) -> Result<Vec<OfSet>, Error> {
    let fresh = sets_dir.and_then(|dir| Sets::open(dir).ok()).map(|sets| freshness(&sets, now)).unwrap_or_default();
    let of = |row: casefile::SetStampRow| OfSet {
        role: row.stamp.role.to_string(),
        version: row.stamp.version.0,
        entries: row.entries,
        published: row.stamp.published,
        imported: row.imported,
        age_days: now.days_since(row.stamp.published.unwrap_or(row.imported)),
        freshness: fresh.get(&row.stamp.name).copied(),
        name: row.stamp.name.to_string(),
    };
    Ok(case.sets()?.into_iter().map(of).collect())
}

fn category(code: String, counting: Counting, labels: &BTreeMap<SourceId, String>) -> OfCategory {
    let label = |source: SourceId| labels.get(&source).cloned().unwrap_or_default();
    OfCategory {
        code: CategoryCode(code),
        items: counting.items,
        occurrences: counting.occurrences,
        by_source: counting
            .by_source
            .into_iter()
            .map(|(source, (items, occurrences))| BySource { source: label(source), items, occurrences })
            .collect(),
    }
}

/// Counts the last opinion of each person on each item, and the items that people disagree about.
fn opinions(case: &CaseFile) -> Result<(Vec<Opinions>, u64), Error> {
    let (mut by, mut disputed): (BTreeMap<String, BTreeMap<String, u64>>, u64) = Default::default();
    case.classified_each(ExportWhat::Classified, SetWords::Kept, &mut |item| {
        for vote in &item.votes {
            *by.entry(vote.by.to_string()).or_default().entry(vote.category.0.clone()).or_default() += 1;
        }
        disputed += u64::from(item.standing == Some(domain::Standing::Disputed));
        ControlFlow::Continue(())
    })?;
    let of = |(person, of): (String, BTreeMap<String, u64>)| Opinions { person, categories: counted(of) };
    Ok((by.into_iter().map(of).collect(), disputed))
}

fn lead_rows(case: &CaseFile) -> Result<Vec<OfLead>, Error> {
    let lines = leads::leads(case)?;
    let vocabulary = Vocabulary::shipped();
    let of = |(line, row): (LeadLine, casefile::LeadRow)| OfLead {
        lead: line.lead,
        kind: line.kind,
        state: line.state,
        name: line.name,
        series: line.series,
        labels: row.content.labels.iter().map(|code| label_of(&vocabulary, code)).collect(),
        items: line.items,
        regions: line.regions,
        risk: line.risk,
        made: row.made,
        by: line.by,
    };
    Ok(lines.into_iter().zip(case.leads()?).map(of).collect())
}

fn label_of(vocabulary: &Vocabulary, code: &LabelCode) -> LabelOf {
    let words = vocabulary.label(code).map(|(_, label)| (label.en.clone(), label.nl.clone()));
    let (en, nl) = words.unwrap_or_default();
    LabelOf { code: code.0.clone(), en, nl }
}

/// Counts what other tools said, by tool and code.
fn other_tools(case: &CaseFile) -> Result<Vec<OtherTool>, Error> {
    let mut counts: BTreeMap<(String, String), u64> = BTreeMap::new();
    case.opinions_each(&mut |_, opinion| {
        let code = opinion.code.map(|code| code.0).unwrap_or_default();
        let safe = |text: &str| domain::escaped(text.as_bytes());
        *counts.entry((safe(&opinion.tool), safe(&code))).or_default() += 1;
        ControlFlow::Continue(())
    })?;
    Ok(counts.into_iter().map(|((tool, code), opinions)| OtherTool { tool, code, opinions }).collect())
}
