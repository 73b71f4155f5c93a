//! Contents on which somebody has to decide, with what each contributor says.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BinaryArray, RecordBatch};
use domain::{ClassifiedVeto, SchemeId, UserName, UtcTime};
use serde::Serialize;

use crate::build;
use crate::columns::{Batch, number_at};
use crate::error::PublishError;
use crate::journal::Operation;
use crate::query::{Capacity, Joins, Queries, Query, Table};
use crate::repository::Repository;

/// Most conflicts that are told with their opinions; the others are counted.
const CONFLICTS_MAX: usize = 1000;

/// Says why a content is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConflictKind {
    /// Contributors give it different categories: published without a verdict.
    Disputed,
    /// An opinion cannot be translated to the set's scheme, or its list does not say what its code means.
    NeedsHuman,
    /// Rows that mean one content have different MD5 or SHA-1: the digest is left out.
    Digests,
    /// Rows that mean one content have different lengths: the length is left out.
    Sizes,
    /// One contributor sets a flag and another denies it.
    Flags,
    /// It was withdrawn, and somebody has contributed it again; it stays withdrawn until it is decided.
    WithdrawnAndBack,
    /// Somebody who has looked at the content calls the entry of this set wrong about it; it hides until it is decided.
    Vetoed,
}

/// What one row says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Opinion {
    /// Who.
    pub contributor: UserName,
    /// When it was taken in.
    pub at: UtcTime,
    /// Scheme of the code, if the list has one.
    pub scheme: Option<SchemeId>,
    /// Code as the list has it; `None` is no opinion.
    pub code: Option<String>,
    /// Label of the code in its own scheme.
    pub label: Option<String>,
    /// The team lead who has signed it, where it came in a package.
    pub signer: Option<String>,
    /// Entries that were called wrong about it, and why.
    pub vetoes: Vec<ClassifiedVeto>,
}

/// A content on which somebody has to decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// Its strongest digest, in hex, by which it is decided.
    pub digest: String,
    /// Why it is listed.
    pub kinds: Vec<ConflictKind>,
    /// What each row says, oldest first.
    pub opinions: Vec<Opinion>,
}

/// The answer of [`conflicts`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conflicts {
    /// How many there are.
    pub count: u64,
    /// The first of them.
    pub conflicts: Vec<Conflict>,
}

/// Lists what somebody has to decide. Nothing is changed.
pub fn conflicts(repo: &Path, capacity: Capacity) -> Result<Conflicts, PublishError> {
    let repository = Repository::open(repo)?;
    repository.own_contributions()?;
    let queries = Queries::begin(&repository.path, capacity)?;
    let Some(contents) = build::contents(&repository, &queries)? else {
        return Ok(Conflicts { count: 0, conflicts: Vec::new() });
    };
    let query = Query {
        stage: "conflicts",
        sql: include_str!("sql/conflicts.sql"),
        joins: Joins::Sorted,
        tables: vec![
            ("entries", Table::Sorted(&contents.entries, &["key"])),
            ("marks_by_key", Table::Sorted(&contents.marks, &["key"])),
        ],
    };
    let mut found = queries.stream(query)?;
    let (mut count, mut listed) = (0, BTreeMap::new());
    while let Some(batch) = found.next()? {
        let rows = Batch::new(&contents.entries, &batch);
        let keys = rows.bytes("key")?;
        let kinds = kinds(&rows)?;
        count += keys.len() as u64;
        for (key, kinds) in keys.iter().flatten().zip(kinds).take(CONFLICTS_MAX - listed.len()) {
            let digest = key.iter().map(|byte| format!("{byte:02x}")).collect();
            listed.insert(key.to_vec(), Conflict { digest, kinds, opinions: Vec::new() });
        }
    }
    ask(&repository, &queries, &contents.linked, &mut listed)?;
    Ok(Conflicts { count, conflicts: listed.into_values().collect() })
}

fn kinds(rows: &Batch<'_>) -> Result<Vec<Vec<ConflictKind>>, PublishError> {
    let columns = [
        ("is_disputed", ConflictKind::Disputed),
        ("needs_human", ConflictKind::NeedsHuman),
        ("has_digests", ConflictKind::Digests),
        ("has_sizes", ConflictKind::Sizes),
        ("has_flags", ConflictKind::Flags),
        ("is_back", ConflictKind::WithdrawnAndBack),
        ("is_vetoed", ConflictKind::Vetoed),
    ];
    let mut out: Vec<Vec<ConflictKind>> = Vec::new();
    for (name, kind) in columns {
        let column = rows.truths(name)?;
        out.resize_with(column.len(), Vec::new);
        let hit = column.iter().enumerate().filter(|(_, is)| *is == Some(true));
        hit.for_each(|(row, _)| out[row].push(kind));
    }
    Ok(out)
}

/// Adds what each row says.
fn ask(
    repository: &Repository,
    queries: &Queries,
    linked: &Path,
    listed: &mut BTreeMap<Vec<u8>, Conflict>,
) -> Result<(), PublishError> {
    let keys: BinaryArray = listed.keys().map(|key| Some(key.as_slice())).collect();
    let questions = RecordBatch::try_from_iter([("key", Arc::new(keys) as ArrayRef)]).expect("it is one column");
    let query = Query {
        stage: "opinions",
        sql: include_str!("sql/opinions.sql"),
        joins: Joins::Hash,
        tables: vec![
            ("linked", Table::Sorted(linked, &["key", "contributor"])),
            ("questions", Table::Memory(questions)),
        ],
    };
    let mut rows = queries.stream(query)?;
    while let Some(batch) = rows.next()? {
        let batch = Batch::new(linked, &batch);
        let (keys, lists, codes) = (batch.bytes("key")?, batch.numbers("list")?, batch.texts("code")?);
        let vetoes = batch.texts("vetoes")?;
        for row in 0..keys.len() {
            let seq = number_at(&lists, row).and_then(|list| usize::try_from(list).ok()).unwrap_or_default();
            let code = codes.is_valid(row).then(|| codes.value(row).to_owned());
            let said = if vetoes.is_valid(row) { vetoes.value(row) } else { "[]" };
            let said = serde_json::from_str(said).map_err(|error| PublishError::table(linked, error))?;
            let opinion = opinion(repository, seq, code, said)?;
            listed.entry(keys.value(row).to_vec()).and_modify(|conflict| conflict.opinions.push(opinion));
        }
    }
    Ok(())
}

fn opinion(
    repository: &Repository,
    seq: usize,
    code: Option<String>,
    vetoes: Vec<ClassifiedVeto>,
) -> Result<Opinion, PublishError> {
    let record = seq.checked_sub(1).and_then(|place| repository.journal.records.get(place));
    let Some((record, Operation::Add(list))) = record.map(|record| (record, &record.operation)) else {
        return Err(PublishError::damaged(&repository.at("journal.jsonl"), format!("line {seq} has added no list")));
    };
    // A category that a person gave to a whole list is of the set's own scheme.
    let (profile, code) = match &list.category {
        Some(category) => (&repository.config.profile, code.map(|_| category.0.clone())),
        None => (&list.profile, code),
    };
    Ok(Opinion {
        contributor: list.package.as_ref().map_or(&record.by, |package| &package.contributor).clone(),
        at: record.at,
        scheme: profile.as_ref().map(|profile| profile.0.clone()),
        label: code.as_ref().and_then(|code| list.labels.get(code)).cloned(),
        code,
        signer: list.package.as_ref().map(|package| package.signer.clone()),
        vetoes,
    })
}
