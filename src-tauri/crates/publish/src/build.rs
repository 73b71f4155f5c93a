//! Builds the set out of all contributions: links rows that mean one content, counts opinions, applies what the custodian
//! has decided, and gives every content its entry id. Each step is a query of `sql/`, its result a table.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use domain::{CategoryCode, CodeMeaning, Outcome, Profile, Role, Scheme, Translated, Verdict};
use review::Schemes;

use crate::columns::{self, Batch, Judged, TableWriter, contribution_schema};
use crate::contribute::{Contribution, MEMBER_CODE};
use crate::disk;
use crate::error::PublishError;
use crate::journal::Operation;
use crate::query::{Batches, Joins, Queries, Query, Table};
use crate::repository::Repository;

/// Numbers of opinions and marks; `linked.sql` and `published.sql` say the same.
const NO_OPINION: i64 = 0;
const UNTRANSLATED: i64 = 64;
const NOBODY_CAN_SAY: i64 = 255;
const WITHDRAWN: i64 = 0;
/// What separates the number of a mark from the line of the journal that made it.
pub(crate) const MARK_STEP: i64 = 256;
/// Largest table of links that is held in memory while it is joined.
const LINKS_IN_MEMORY_MAX: u64 = 2_000_000;
const BY_KEY: &[&str] = &["key"];
const BY_KEY_AND_CONTRIBUTOR: &[&str] = &["key", "contributor"];

/// The tables of one building, in the folder for work.
pub(crate) struct Contents {
    /// Every row with its key; by key and contributor.
    pub linked: PathBuf,
    /// Each content; by key.
    pub entries: PathBuf,
    /// The custodian's last word on contents; by key.
    pub marks: PathBuf,
}

/// A set that is built but for the last query.
pub(crate) struct Built {
    contents: Contents,
    series: PathBuf,
    /// Name of the table of entry ids in the repository.
    pub ids: String,
    /// The id that the next new entry gets.
    pub next_entry: u64,
    verdicts: Vec<Verdict>,
}

/// Lists the tables of all contributions. One that is missing or not the one that was taken in is an error.
fn contribution_paths(repository: &Repository) -> Result<Vec<PathBuf>, PublishError> {
    let paths = repository.journal.contributions().map(|(_, contribution)| {
        let path = repository.at(&contribution.table);
        match disk::sha256_of(&path)? == contribution.table_sha256 {
            true => Ok(path),
            false => Err(PublishError::damaged(&path, "it is not the contribution that was taken in")),
        }
    });
    paths.collect()
}

/// Links all rows and groups them by content. `None` where nothing was ever contributed.
pub(crate) fn contents(repository: &Repository, queries: &Queries) -> Result<Option<Contents>, PublishError> {
    let paths = contribution_paths(repository)?;
    if paths.is_empty() {
        return Ok(None);
    }
    let rows = || Table::Files(&paths, contribution_schema());
    let meanings = || Table::Memory(meanings(repository));
    let linked = queries.work("linked.parquet");
    let weak: u64 = repository.journal.contributions().map(|(_, contribution)| contribution.without_sha256).sum();
    if weak == 0 {
        let tables = vec![("rows", rows()), ("meanings", meanings())];
        let sql = include_str!("sql/linked_strong.sql");
        queries.table_of(Query { stage: "linked", sql, joins: Joins::Hash, tables }, &linked)?;
    } else {
        let links = queries.work("links.parquet");
        let query = Query {
            stage: "links",
            sql: include_str!("sql/links.sql"),
            joins: Joins::Sorted,
            tables: vec![("rows", rows())],
        };
        let count = queries.table_of(query, &links)?;
        let joins = if count > LINKS_IN_MEMORY_MAX { Joins::Sorted } else { Joins::Hash };
        let tables = vec![("rows", rows()), ("meanings", meanings()), ("links", Table::Sorted(&links, &[]))];
        queries.table_of(Query { stage: "linked", sql: include_str!("sql/linked.sql"), joins, tables }, &linked)?;
    }
    let entries = queries.work("entries.parquet");
    let query = Query {
        stage: "entries",
        sql: include_str!("sql/entries.sql"),
        joins: Joins::Never,
        tables: vec![("linked", Table::Sorted(&linked, BY_KEY_AND_CONTRIBUTOR))],
    };
    queries.table_of(query, &entries)?;
    let marks = queries.work("marks.parquet");
    let query = Query {
        stage: "marks",
        sql: include_str!("sql/marks.sql"),
        joins: Joins::Hash,
        tables: vec![
            ("entries", Table::Sorted(&entries, BY_KEY)),
            ("linked", Table::Sorted(&linked, BY_KEY_AND_CONTRIBUTOR)),
            ("marks", Table::Memory(marks_table(repository)?)),
        ],
    };
    queries.table_of(query, &marks)?;
    Ok(Some(Contents { linked, entries, marks }))
}

/// Builds the set but for its last query. `None` where nothing was ever contributed.
pub(crate) fn build(repository: &Repository, queries: &Queries) -> Result<Option<Built>, PublishError> {
    let Some(contents) = contents(repository, queries)? else { return Ok(None) };
    let series = queries.work("series.parquet");
    let query = Query {
        stage: "series",
        sql: include_str!("sql/series.sql"),
        joins: Joins::Never,
        tables: vec![("linked", Table::Sorted(&contents.linked, BY_KEY_AND_CONTRIBUTOR))],
    };
    queries.table_of(query, &series)?;
    let (ids, next_entry) = number(repository, queries, &contents.entries)?;
    let verdicts = repository.config.verdicts(&Schemes::shipped());
    Ok(Some(Built { contents, series, ids, next_entry, verdicts }))
}

/// The rows of a built set, in the order of their entry ids.
pub(crate) struct Published<'a> {
    path: PathBuf,
    batches: Batches<'a>,
    verdicts: Vec<Verdict>,
    rows: std::vec::IntoIter<Judged>,
}

impl Built {
    /// Runs the last query.
    pub(crate) fn published<'a>(
        &self,
        repository: &Repository,
        queries: &'a Queries,
    ) -> Result<Published<'a>, PublishError> {
        let ids = repository.at(&self.ids);
        let query = Query {
            stage: "published",
            sql: include_str!("sql/published.sql"),
            joins: Joins::Sorted,
            tables: vec![
                ("entries", Table::Sorted(&self.contents.entries, BY_KEY)),
                ("ids", Table::Sorted(&ids, BY_KEY)),
                ("marks_by_key", Table::Sorted(&self.contents.marks, BY_KEY)),
                ("series", Table::Sorted(&self.series, BY_KEY)),
            ],
        };
        let batches = queries.stream(query)?;
        let path = self.contents.entries.clone();
        Ok(Published { path, batches, verdicts: self.verdicts.clone(), rows: Vec::new().into_iter() })
    }
}

impl Published<'_> {
    /// Gives the next row.
    pub(crate) fn next(&mut self) -> Result<Option<Judged>, PublishError> {
        loop {
            if let Some(row) = self.rows.next() {
                return Ok(Some(row));
            }
            let Some(batch) = self.batches.next()? else { return Ok(None) };
            self.rows = columns::judged(&self.path, &batch, &self.verdicts)?.into_iter();
        }
    }
}

impl Judged {
    /// Gives the line of the journal that withdrew the row, if it is withdrawn.
    pub(crate) fn withdrawn_by(&self) -> Option<u64> {
        self.mark.filter(|mark| mark % MARK_STEP == WITHDRAWN).map(|mark| (mark / MARK_STEP).cast_unsigned())
    }
}

fn ids_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("key", DataType::Binary, false),
        Field::new("entry_id", DataType::Int64, false),
        Field::new("bytes", DataType::Int64, false),
    ]))
}

fn assigned_schema() -> SchemaRef {
    let mut fields: Vec<Arc<Field>> = ids_schema().fields().iter().cloned().collect();
    fields.push(Arc::new(Field::new("old_key", DataType::Binary, true)));
    Arc::new(Schema::new(fields))
}

/// Gives every content an entry id: the one that it has, that of a weaker digest that it was known by, or a new one. Tells
/// the name of the table of ids and the next free id.
fn number(repository: &Repository, queries: &Queries, entries: &Path) -> Result<(String, u64), PublishError> {
    let before = repository.state.ids.as_ref().map(|name| repository.at(name));
    let ids = || match &before {
        Some(path) => Table::Sorted(path, BY_KEY),
        None => Table::Memory(RecordBatch::new_empty(ids_schema())),
    };
    let query = Query {
        stage: "fresh",
        sql: include_str!("sql/fresh.sql"),
        joins: Joins::Sorted,
        tables: vec![("entries", Table::Sorted(entries, BY_KEY)), ("ids", ids())],
    };
    let mut next = repository.state.next_entry;
    let assigned = queries.work("assigned.parquet");
    let mut writer = TableWriter::create(&assigned, assigned_schema())?;
    let mut fresh = queries.stream(query)?;
    while let Some(batch) = fresh.next()? {
        let batch = Batch::new(&assigned, &batch);
        let (keys, old_keys, old_ids) = (batch.bytes("key")?, batch.bytes("old_key")?, batch.numbers("old_id")?);
        let given = |row| {
            columns::number_at(&old_ids, row).unwrap_or_else(|| {
                next += 1;
                (next - 1).cast_signed()
            })
        };
        let numbers: Int64Array = (0..old_ids.len()).map(given).collect::<Vec<i64>>().into();
        let bytes: Int64Array = keys.iter().map(|key| key.map(|key| key.len() as i64)).collect();
        let columns: Vec<ArrayRef> = vec![Arc::new(keys), Arc::new(numbers), Arc::new(bytes), Arc::new(old_keys)];
        let batch = RecordBatch::try_new(assigned_schema(), columns).map_err(|e| PublishError::table(&assigned, e))?;
        writer.write(&batch)?;
    }
    let count = writer.finish()?;
    if let Some(name) = repository.state.ids.clone().filter(|_| count == 0) {
        return Ok((name, next));
    }
    let name = format!("tables/ids-{:07}.parquet", repository.state.targets + 1);
    let query = Query {
        stage: "ids",
        sql: include_str!("sql/ids.sql"),
        joins: Joins::Sorted,
        tables: vec![("ids", ids()), ("assigned", Table::Sorted(&assigned, &[]))],
    };
    queries.table_of(query, &repository.at(&name))?;
    Ok((name, next))
}

/// Makes the table of what each code of each list means: list, code, number.
fn meanings(repository: &Repository) -> RecordBatch {
    let schemes = Schemes::shipped();
    let verdicts = repository.config.verdicts(&schemes);
    let (mut lists, mut codes, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
    for (record, contribution) in repository.journal.contributions() {
        for code in contribution.codes.keys() {
            lists.push(record.seq.cast_signed());
            codes.push(code.clone());
            numbers.push(match repository.config.role {
                Role::Good => 1,
                Role::Known => meaning(&schemes, repository.config.profile.as_ref(), &verdicts, contribution, code),
            });
        }
    }
    let columns: [(&str, ArrayRef); 3] = [
        ("list", Arc::new(Int64Array::from(lists))),
        ("code", Arc::new(StringArray::from(codes))),
        ("number", Arc::new(Int64Array::from(numbers))),
    ];
    RecordBatch::try_from_iter(columns).expect("the three columns have one length")
}

/// Numbers what a code of a list states, as `linked.sql` says.
fn meaning(schemes: &Schemes, profile: Option<&Profile>, verdicts: &[Verdict], list: &Contribution, code: &str) -> i64 {
    let place = |code: &CategoryCode| verdicts.iter().position(|verdict| *verdict == Verdict::Category(code.clone()));
    let number = |code: &CategoryCode| place(code).map(|place| place as i64 + 1);
    if let Some(category) = &list.category {
        return number(category).unwrap_or(UNTRANSLATED);
    }
    let scheme = list.profile.as_ref().and_then(|profile| schemes.scheme(&profile.0));
    let (Some(scheme), Some(profile)) = (scheme.filter(|_| code != MEMBER_CODE), profile) else { return UNTRANSLATED };
    let code = match said(scheme, list, &CategoryCode(code.to_owned())) {
        Said::Category(code) => code,
        Said::Nothing => return NO_OPINION,
        Said::Unclear => return UNTRANSLATED,
    };
    match schemes.translate(&scheme.id, &code, &profile.0) {
        Translated::To { code, outcome: Outcome::Exact } => number(&code).unwrap_or(UNTRANSLATED),
        Translated::To { code, .. } => number(&code).map_or(UNTRANSLATED, |number| UNTRANSLATED + number),
        Translated::NeedsHuman => UNTRANSLATED,
    }
}

enum Said {
    Category(CategoryCode),
    Nothing,
    Unclear,
}

/// Tells what a code says in its own scheme, with the answers that were given for it.
fn said(scheme: &Scheme, list: &Contribution, code: &CategoryCode) -> Said {
    let Some(category) = scheme.category(code) else { return Said::Unclear };
    if !category.ambiguous {
        return if category.unclassified { Said::Nothing } else { Said::Category(category.code.clone()) };
    }
    // Whatever number the producer used, in the scheme itself non-pertinent is the ambiguous code that is one.
    let non_pertinent = scheme.categories.iter().find(|category| category.ambiguous && !category.unclassified);
    match (list.meanings.get(code), non_pertinent) {
        (Some(CodeMeaning::Uncategorized), _) => Said::Nothing,
        (Some(CodeMeaning::NonPertinent), Some(category)) => Said::Category(category.code.clone()),
        _ => Said::Unclear,
    }
}

/// Makes the table of what the custodian has said: digest, mark.
fn marks_table(repository: &Repository) -> Result<RecordBatch, PublishError> {
    let verdicts = repository.config.verdicts(&Schemes::shipped());
    let mut marks: BTreeMap<Vec<u8>, i64> = BTreeMap::new();
    for record in &repository.journal.records {
        let (digest, number) = match &record.operation {
            Operation::Withdraw { digest, .. } => (digest, WITHDRAWN),
            Operation::Decide { digest, category: None } => (digest, NOBODY_CAN_SAY),
            Operation::Decide { digest, category: Some(code) } => {
                let place = verdicts.iter().position(|verdict| *verdict == Verdict::Category(code.clone()));
                let wrong =
                    || PublishError::damaged(&repository.at("journal.jsonl"), "a category is not of the scheme");
                (digest, place.ok_or_else(wrong)? as i64 + 1)
            }
            _ => continue,
        };
        let bytes: Option<Vec<u8>> = digest.parse().ok().map(|digest| digest_bytes(&digest));
        let wrong = || PublishError::damaged(&repository.at("journal.jsonl"), format!("{digest} is no digest"));
        marks.insert(bytes.ok_or_else(wrong)?, record.seq.cast_signed() * MARK_STEP + number);
    }
    let digests: BinaryArray = marks.keys().map(|digest| Some(digest.as_slice())).collect();
    let columns: [(&str, ArrayRef); 2] = [
        ("digest", Arc::new(digests)),
        ("mark", Arc::new(marks.values().copied().collect::<Vec<i64>>().into_iter().collect::<Int64Array>())),
    ];
    Ok(RecordBatch::try_from_iter(columns).expect("the two columns have one length"))
}

fn digest_bytes(digest: &domain::AnyDigest) -> Vec<u8> {
    match digest {
        domain::AnyDigest::Md5(digest) => digest.0.to_vec(),
        domain::AnyDigest::Sha1(digest) => digest.0.to_vec(),
        domain::AnyDigest::Sha256(digest) => digest.0.to_vec(),
    }
}

/// Tells what a digest may mean that several contents have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meant {
    /// Nothing: one of them has to be named.
    One,
    /// All of them.
    All,
}

/// Finds the content that a digest means, by the strongest digest that stands beside it; the digest itself where it means
/// several.
pub(crate) fn resolve(
    repository: &Repository,
    queries: &Queries,
    digest: &domain::AnyDigest,
    meant: Meant,
) -> Result<domain::AnyDigest, PublishError> {
    let paths = contribution_paths(repository)?;
    let unknown = || {
        PublishError::refused(
            &repository.path,
            format!("nobody has contributed {digest}"),
            "Check the digest, or give the SHA-1 or the MD5.",
        )
    };
    if paths.is_empty() {
        return Err(unknown());
    }
    let column = digest.kind().label().to_ascii_lowercase().replace('-', "");
    let sql = format!("SELECT DISTINCT md5, sha1, sha256 FROM rows WHERE {column} = X'{digest}'");
    let tables = vec![("rows", Table::Files(&paths, contribution_schema()))];
    let mut found = queries.stream(Query { stage: "resolve", sql: &sql, joins: Joins::Hash, tables })?;
    let mut by_kind: [std::collections::BTreeSet<domain::AnyDigest>; 3] = Default::default();
    let at = repository.at("contributions");
    while let Some(batch) = found.next()? {
        let batch = Batch::new(&at, &batch);
        for (place, name) in ["sha256", "sha1", "md5"].iter().enumerate() {
            let wrong = || PublishError::damaged(&at, "a digest has a wrong length");
            for value in batch.bytes(name)?.iter().flatten() {
                let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
                by_kind[place].insert(hex.parse().ok().ok_or_else(wrong)?);
            }
        }
    }
    let strongest = by_kind.into_iter().find(|digests| !digests.is_empty()).ok_or_else(unknown)?;
    if strongest.len() > 1 && meant == Meant::All {
        return Ok(*digest);
    }
    if strongest.len() > 1 {
        let list: Vec<String> = strongest.iter().map(ToString::to_string).collect();
        let what = format!("{digest} stands beside several contents: {}", list.join(", "));
        return Err(PublishError::refused(&repository.path, what, "Name one of them."));
    }
    Ok(strongest.into_iter().next().unwrap_or(*digest))
}
