//! The figures of a case, counted from the case itself in one walk over its items: nothing is taken from a screen.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::Path;

use casefile::{CaseFile, ExportWhat, ItemRow, ListFilter};
use domain::{Finding, Freshness, HideReason, ShowReason, SourceId, Translated, UtcTime, Visibility, shown_path};
use hashset::Sets;
use serde::Serialize;

use crate::arrivals::freshness;
use crate::report::refusal_word;
use crate::view::leads::{ExportLine, LeadLine};
use crate::{Error, leads};

/// Holds all that a report is made of.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Collected {
    pub sources: Vec<OfSource>,
    pub sets: Vec<OfSet>,
    pub totals: Totals,
    /// By category and source; categories that people gave.
    pub decided: Vec<OfCategory>,
    /// The same, of what is hidden because a set knows it, in the case's scheme.
    pub known: Vec<OfCategory>,
    /// Items hidden, by set and version.
    pub hidden_by: Vec<(String, u32, u64)>,
    /// Items and places that could not be read, by reason.
    pub refused: Vec<(String, u64)>,
    /// Items of which sets say different things, and how many of them a person has decided about.
    pub conflicts: (u64, u64),
    /// By person: category and items of which this is the person's last opinion.
    pub opinions: Vec<(String, Vec<(String, u64)>)>,
    /// Items of which people's opinions differ.
    pub disputed: u64,
    pub people: Vec<(String, String, UtcTime, Option<UtcTime>)>,
    pub leads: Vec<LeadOf>,
    pub exports: Vec<ExportLine>,
    pub vetoes: u64,
    /// What other tools said: tool, code, items.
    pub other_tools: Vec<(String, String, u64)>,
    pub ledger_length: u64,
    pub ledger_head: domain::Sha256,
}

/// Tells of a source.
#[derive(Debug, Clone, Serialize)]
pub(super) struct OfSource {
    pub label: String,
    pub path: String,
    pub kind: String,
    pub added: UtcTime,
    pub added_by: String,
    pub loaded: Option<UtcTime>,
    /// Items that have a place in it.
    pub items: u64,
    /// Places.
    pub occurrences: u64,
    /// Places of it that could not be read.
    pub unread: u64,
}

/// Tells of a set.
#[derive(Debug, Clone, Serialize)]
pub(super) struct OfSet {
    pub name: String,
    pub role: String,
    pub version: u32,
    pub entries: u64,
    pub published: Option<UtcTime>,
    pub imported: UtcTime,
    pub age_days: i64,
    pub freshness: Option<Freshness>,
}

/// Counts a case. `shown + hidden + refused = items`.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Totals {
    pub items: u64,
    pub occurrences: u64,
    pub shown: u64,
    pub hidden: u64,
    pub hidden_known: u64,
    pub hidden_ordinary: u64,
    pub refused: u64,
    pub waiting: u64,
    pub decided: u64,
}

/// Counts a category: items, occurrences, and both by source. An item in two sources counts once in all, and once in each.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct OfCategory {
    pub code: String,
    pub items: u64,
    pub occurrences: u64,
    /// Label of the source, items, occurrences.
    pub by_source: Vec<(String, u64, u64)>,
}

/// Tells of a lead, without pictures.
#[derive(Debug, Clone, Serialize)]
pub(super) struct LeadOf {
    pub line: LeadLine,
    pub made: UtcTime,
    pub labels: Vec<String>,
    pub text: String,
}

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

/// Counts a case.
pub(super) fn collect(case: &CaseFile, sets_dir: Option<&Path>, now: UtcTime) -> Result<Collected, Error> {
    let mut walk = Walk::default();
    case.list(ListFilter::All, &mut |row| {
        walk.take(&row);
        ControlFlow::Continue(())
    })?;
    let (opinions, disputed) = opinions(case)?;
    let (ledger_length, ledger_head) = case.head()?;
    let counts = case.counts()?;
    let sources = sources(case, &walk)?;
    let labels: BTreeMap<SourceId, String> = labels(case)?;
    let of = |counts: BTreeMap<String, Counting>| counts.into_iter().map(|(code, one)| category(code, one, &labels)).collect();
    let vetoes = case.vetoes()?.values().map(|of| of.len() as u64).sum();
    Ok(Collected {
        sources,
        sets: sets(case, sets_dir, now)?,
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
        hidden_by: walk.hidden_by.into_iter().map(|((name, version), items)| (name, version, items)).collect(),
        refused: walk.refused.into_iter().collect(),
        conflicts: walk.conflicts,
        opinions,
        disputed,
        people: crate::users(case)?.into_iter().map(|user| (user.name, user.role, user.added, user.removed)).collect(),
        leads: lead_rows(case)?,
        exports: crate::exports::exports(case)?,
        vetoes,
        other_tools: other_tools(case)?,
        ledger_length,
        ledger_head,
    })
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
        code,
        items: counting.items,
        occurrences: counting.occurrences,
        by_source: counting
            .by_source
            .into_iter()
            .map(|(source, (items, occurrences))| (label(source), items, occurrences))
            .collect(),
    }
}

/// Opinions by person, each with the items of a category.
type ByPerson = Vec<(String, Vec<(String, u64)>)>;

/// Counts the last opinion of each person on each item, and the items that people disagree about.
fn opinions(case: &CaseFile) -> Result<(ByPerson, u64), Error> {
    let (mut by, mut disputed): (BTreeMap<String, BTreeMap<String, u64>>, u64) = Default::default();
    case.classified_each(ExportWhat::Classified, &mut |item| {
        for vote in &item.votes {
            *by.entry(vote.by.to_string()).or_default().entry(vote.category.0.clone()).or_default() += 1;
        }
        disputed += u64::from(item.standing == domain::Standing::Disputed);
        ControlFlow::Continue(())
    })?;
    Ok((by.into_iter().map(|(person, of)| (person, of.into_iter().collect())).collect(), disputed))
}

fn lead_rows(case: &CaseFile) -> Result<Vec<LeadOf>, Error> {
    let lines = leads::leads(case)?;
    let of = |(line, row): (LeadLine, casefile::LeadRow)| LeadOf {
        line,
        made: row.made,
        labels: row.content.labels.iter().map(|label| label.0.clone()).collect(),
        text: row.content.text,
    };
    Ok(lines.into_iter().zip(case.leads()?).map(of).collect())
}

/// Counts what other tools said, by tool and code.
fn other_tools(case: &CaseFile) -> Result<Vec<(String, String, u64)>, Error> {
    let mut counts: BTreeMap<(String, String), u64> = BTreeMap::new();
    case.opinions_each(&mut |_, opinion| {
        let code = opinion.code.map(|code| code.0).unwrap_or_default();
        *counts.entry((opinion.tool, code)).or_default() += 1;
        ControlFlow::Continue(())
    })?;
    Ok(counts.into_iter().map(|((tool, code), items)| (tool, code, items)).collect())
}
