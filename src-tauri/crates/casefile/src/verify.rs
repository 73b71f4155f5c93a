//! Whether everything in a case holds: pages, keys between tables, the chain, the rows that it tells of, every hide.

use std::collections::BTreeMap;
use std::fmt;

use domain::{Sha256, Visibility};
use rusqlite::Connection;
use serde_json::Value;

use crate::canon::Canon;
use crate::decide::{self, Change};
use crate::error::CasePart;
use crate::judge::{judgement_row, sets_at, sets_digest};
use crate::ledger::{self, LedgerRow, OperationKind, RawRow};
use crate::record::{ItemGround, NotedSets, OccurrenceGround};
use crate::view::{HIDDEN, ViewReader, from_json};
use crate::{CaseFile, Result};

/// Problems that are listed one by one; further ones are only counted.
const PROBLEMS_MAX: usize = 1000;

/// Says what does not hold. Items and operations are named by their numbers, so that a report holds no evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Pages of a file fail their authentication.
    Pages {
        /// The file.
        part: CasePart,
        /// What the database says.
        said: String,
    },
    /// A row names another that is not there.
    ForeignKey {
        /// Table of the row.
        table: String,
    },
    /// The chain is broken at an operation.
    Chain {
        /// The operation.
        seq: i64,
        /// What does not fit.
        what: &'static str,
    },
    /// The rows of an operation are not those that the ledger tells of.
    Rows {
        /// The operation.
        seq: i64,
    },
    /// Decisions are not what the ledger's operations give.
    Decisions {
        /// Item, or operation, whose standing differs.
        number: i64,
    },
    /// A hide has no reason that holds.
    Hide {
        /// The item.
        item: Sha256,
        /// Why not.
        why: String,
    },
    /// The two files do not belong together.
    Apart {
        /// Number of rows that differ.
        rows: u64,
    },
    /// Shown, hidden and refused do not add up.
    Sum {
        /// Their sum.
        sum: u64,
        /// The total.
        items: u64,
    },
    /// There are more problems than are listed.
    More {
        /// How many more.
        count: u64,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pages { part, said } => write!(f, "{part} is damaged: {said}"),
            Self::ForeignKey { table } => write!(f, "a row of {table} names another that is not there"),
            Self::Chain { seq, what } => write!(f, "the ledger is broken at operation {seq}: {what}"),
            Self::Rows { seq } => write!(f, "the rows of operation {seq} are not those that the ledger tells of"),
            Self::Decisions { number } => write!(f, "a decision is not what the ledger gives (number {number})"),
            Self::Hide { item, why } => write!(f, "{item} is hidden without a reason that holds: {why}"),
            Self::Apart { rows } => write!(f, "case.zeef and derived.zeef differ in {rows} rows"),
            Self::Sum { sum, items } => write!(f, "shown + hidden + refused is {sum}, and there are {items} items"),
            Self::More { count } => write!(f, "and {count} more problems"),
        }
    }
}

/// Tells what was checked and what does not hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// What does not hold; empty when all does.
    pub problems: Vec<Problem>,
    /// Operations whose hash was computed again.
    pub ledger_rows: u64,
    /// Hides whose reason was checked.
    pub hides_checked: u64,
    unlisted: u64,
}

impl VerifyReport {
    fn add(&mut self, problem: Problem) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        } else {
            self.unlisted += 1;
        }
    }
}

/// Is told a stage, how far it is, and how far it goes.
type Tell<'a> = &'a mut dyn FnMut(&str, u64, u64);

impl CaseFile {
    /// Checks everything that a case promises. It changes nothing; damage is in the report and no error, unless the case
    /// cannot be read at all.
    pub fn verify(&self, progress: Tell<'_>) -> Result<VerifyReport> {
        let mut report = self.read(|db| {
            let mut report = VerifyReport::default();
            check_pages(db, &mut report)?;
            check_foreign_keys(db, &mut report)?;
            let operations = check_chain(db, &self.inner.info.case_id, &mut report, progress)?;
            check_rows(db, &operations, &mut report, progress)?;
            check_decisions(db, &operations, &mut report)?;
            check_hides(db, &mut report, progress)?;
            check_together(db, &mut report)?;
            Ok(report)
        })?;
        let counts = self.counts()?;
        let sum = counts.shown + counts.hidden + counts.refused;
        if sum != counts.items {
            report.add(Problem::Sum { sum, items: counts.items });
        }
        if report.unlisted > 0 {
            report.problems.push(Problem::More { count: report.unlisted });
        }
        Ok(report)
    }
}

fn check_pages(db: &Connection, report: &mut VerifyReport) -> Result<()> {
    for (schema, part) in [("main", CasePart::Ground), ("derived", CasePart::Derived)] {
        for (pragma, good) in [("cipher_integrity_check", None), ("quick_check", Some("ok"))] {
            let mut check = db.prepare(&format!("PRAGMA {schema}.{pragma}"))?;
            let mut rows = check.query([])?;
            while let Some(row) = rows.next()? {
                let said: String = row.get(0)?;
                if good != Some(said.as_str()) {
                    report.add(Problem::Pages { part, said });
                }
            }
        }
    }
    Ok(())
}

fn check_foreign_keys(db: &Connection, report: &mut VerifyReport) -> Result<()> {
    let mut check = db.prepare("PRAGMA main.foreign_key_check")?;
    let mut rows = check.query([])?;
    while let Some(row) = rows.next()? {
        report.add(Problem::ForeignKey { table: row.get(0)? });
    }
    Ok(())
}

/// Walks the chain from its origin, and gives the operations that can be read.
fn check_chain(db: &Connection, case_id: &str, report: &mut VerifyReport, tell: Tell<'_>) -> Result<Vec<LedgerRow>> {
    let total: i64 = db.query_row("SELECT count(*) FROM main.ledger", [], |row| row.get(0))?;
    let mut all = db.prepare(&format!("SELECT {} FROM main.ledger ORDER BY seq", ledger::COLUMNS))?;
    let mut rows = all.query([])?;
    let mut expected = (1, ledger::origin(case_id).0.to_vec());
    let mut operations = Vec::new();
    while let Some(row) = rows.next()? {
        let raw = RawRow::read(row)?;
        let seq = raw.seq;
        report.ledger_rows += 1;
        tell("ledger", report.ledger_rows, total.unsigned_abs());
        if seq != expected.0 {
            report.add(Problem::Chain { seq, what: "an operation before it is missing" });
        }
        if raw.previous != expected.1 {
            report.add(Problem::Chain { seq, what: "it does not follow the one before" });
        }
        if raw.expected_hash().0.as_slice() != raw.hash {
            report.add(Problem::Chain { seq, what: "its hash is not that of its content" });
        }
        expected = (seq + 1, raw.hash.clone());
        match raw.parse() {
            Ok(operation) => operations.push(operation),
            Err(_) => report.add(Problem::Chain { seq, what: "it cannot be read" }),
        }
    }
    Ok(operations)
}

fn check_rows(db: &Connection, operations: &[LedgerRow], report: &mut VerifyReport, tell: Tell<'_>) -> Result<()> {
    let total = operations.len() as u64;
    for (done, operation) in operations.iter().enumerate() {
        tell("rows", done as u64, total);
        let seq = operation.seq.cast_signed();
        let found = match operation.kind {
            OperationKind::Recorded => recorded(db, seq)?,
            OperationKind::Rejudged => rejudged(db, seq)?,
            OperationKind::SetsNoted => sets_digest(&sets_at(db, seq)?),
            OperationKind::SourceAdded => source(db, &operation.detail)?,
            OperationKind::Decided | OperationKind::Undone | OperationKind::Redone => decided(db, operation)?,
            _ => continue,
        };
        if operation.detail["sha256"].as_str() != Some(found.to_string().as_str()) {
            report.add(Problem::Rows { seq });
        }
    }
    // Rows that no operation tells of are found by their number: each table names only operations of its kind.
    let strays: [(&str, &str); 3] =
        [("item", "recorded"), ("occurrence", "recorded"), ("decision", "decided")];
    for (table, kind) in strays {
        let sql = format!(
            "SELECT t.seq FROM main.{table} t LEFT JOIN main.ledger l ON l.seq = t.seq WHERE l.kind IS NOT ?1 LIMIT 1"
        );
        let mut stray = db.prepare(&sql)?;
        let mut rows = stray.query([kind])?;
        if let Some(row) = rows.next()? {
            report.add(Problem::Rows { seq: row.get(0)? });
        }
    }
    Ok(())
}

fn recorded(db: &Connection, seq: i64) -> Result<Sha256> {
    let mut canon = Canon::new("zeef recorded 1");
    let mut items =
        db.prepare_cached(&format!("SELECT {} FROM main.item WHERE seq = ?1 ORDER BY id", ItemGround::COLUMNS))?;
    let mut rows = items.query([seq])?;
    while let Some(row) = rows.next()? {
        ItemGround::read(row)?.add_to(&mut canon);
    }
    let mut places = db.prepare_cached(&format!(
        "SELECT {} FROM main.occurrence WHERE seq = ?1 ORDER BY id",
        OccurrenceGround::COLUMNS
    ))?;
    let mut rows = places.query([seq])?;
    while let Some(row) = rows.next()? {
        OccurrenceGround::read(row)?.add_to(&mut canon);
    }
    judgements(db, seq, &mut canon)?;
    Ok(canon.finish())
}

fn rejudged(db: &Connection, seq: i64) -> Result<Sha256> {
    let mut canon = Canon::new("zeef rejudged 1");
    judgements(db, seq, &mut canon)?;
    Ok(canon.finish())
}

fn judgements(db: &Connection, seq: i64, canon: &mut Canon) -> Result<()> {
    let mut all = db.prepare_cached("SELECT item, before, after FROM main.judgement WHERE seq = ?1 ORDER BY item")?;
    let mut rows = all.query([seq])?;
    while let Some(row) = rows.next()? {
        let (before, after): (Option<String>, String) = (row.get(1)?, row.get(2)?);
        judgement_row(canon, row.get(0)?, before.as_deref(), &after);
    }
    Ok(())
}

fn source(db: &Connection, detail: &Value) -> Result<Sha256> {
    let id = detail["source"].as_i64().unwrap_or_default();
    let mut canon = Canon::new("zeef source 1");
    let mut one = db.prepare_cached("SELECT root, kind FROM main.source WHERE id = ?1")?;
    let mut rows = one.query([id])?;
    if let Some(row) = rows.next()? {
        let (root, kind): (Vec<u8>, String) = (row.get(0)?, row.get(1)?);
        canon.number(id).bytes(&root).bytes(kind.as_bytes());
    }
    Ok(canon.finish())
}

/// Computes what the ledger keeps of a decision, an undo or a redo; the category and note are those of the rows.
fn decided(db: &Connection, operation: &LedgerRow) -> Result<Sha256> {
    let seq = operation.seq.cast_signed();
    let changes = decide::changes_of(db, seq)?;
    if operation.kind != OperationKind::Decided {
        return Ok(decide::digest(&changes, None, None));
    }
    let category = operation.detail["category"].as_str().map(|code| domain::CategoryCode(code.to_owned()));
    let note = operation.detail["note"].as_str();
    let mut differing = db.prepare_cached(
        "SELECT 1 FROM main.decision d JOIN main.change c ON c.seq = d.seq AND c.after = d.id
         WHERE d.seq = ?1 AND (d.category IS NOT ?2 OR d.note IS NOT ?3 OR d.item <> c.item) LIMIT 1",
    )?;
    let differs = differing.exists((seq, category.as_ref().map(|code| code.0.as_str()), note))?;
    let digest = decide::digest(&changes, category.as_ref(), note);
    // Rows that differ cannot have the digest that is kept.
    Ok(if differs { Canon::new("zeef differs").finish() } else { digest })
}

/// Replays the deciding operations and compares what they give with what the tables say.
fn check_decisions(db: &Connection, operations: &[LedgerRow], report: &mut VerifyReport) -> Result<()> {
    let mut current: BTreeMap<i64, i64> = BTreeMap::new();
    let mut standing: BTreeMap<i64, (String, i64)> = BTreeMap::new();
    for operation in operations {
        let seq = operation.seq.cast_signed();
        let who = operation.who.as_str();
        match operation.kind {
            OperationKind::Decided => {
                let redoable = standing.values_mut().filter(|(of, now)| of == who && *now == decide::UNDONE);
                redoable.for_each(|(_, now)| *now = decide::PAST);
                standing.insert(seq, (who.to_owned(), decide::IN_FORCE));
            }
            OperationKind::Undone | OperationKind::Redone => {
                let target = operation.detail["operation"].as_i64().unwrap_or_default();
                let undone = operation.kind == OperationKind::Undone;
                match standing.get_mut(&target) {
                    Some((_, now)) => *now = if undone { decide::UNDONE } else { decide::IN_FORCE },
                    None => report.add(Problem::Decisions { number: seq }),
                }
            }
            _ => continue,
        }
        for Change { item, before, after } in decide::changes_of(db, seq)? {
            let stood = match after {
                Some(decision) => current.insert(item, decision),
                None => current.remove(&item),
            };
            if stood != before {
                report.add(Problem::Decisions { number: item });
            }
        }
    }
    let mut all = db.prepare("SELECT item, decision FROM main.current ORDER BY item")?;
    let stored: BTreeMap<i64, i64> =
        all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    let numbers = current.keys().chain(stored.keys()).copied().collect::<std::collections::BTreeSet<i64>>();
    for number in numbers.into_iter().filter(|item| current.get(item) != stored.get(item)) {
        report.add(Problem::Decisions { number });
    }
    let mut all = db.prepare("SELECT seq, who, standing FROM main.history ORDER BY seq")?;
    let stored: BTreeMap<i64, (String, i64)> = all
        .query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?
        .collect::<rusqlite::Result<_>>()?;
    if stored != standing {
        let differing = stored.iter().find(|(seq, row)| standing.get(seq) != Some(row));
        report.add(Problem::Decisions { number: differing.map_or(0, |(seq, _)| *seq) });
    }
    Ok(())
}

fn check_hides(db: &Connection, report: &mut VerifyReport, tell: Tell<'_>) -> Result<()> {
    let total: i64 = db.query_row("SELECT count(*) FROM derived.view WHERE state = ?1", [HIDDEN], |row| row.get(0))?;
    let mut all = db.prepare("SELECT sha256, visibility, hits FROM derived.view WHERE state = ?1")?;
    let mut rows = all.query([HIDDEN])?;
    let mut noted = NotedSets::default();
    let mut reader = ViewReader::new(db);
    while let Some(row) = rows.next()? {
        report.hides_checked += 1;
        tell("hides", report.hides_checked, total.unsigned_abs());
        let item = Sha256(row.get(0)?);
        let visibility: Result<Visibility> = from_json(&row.get::<_, String>(1)?, CasePart::Derived);
        let checked = visibility.and_then(|visibility| {
            let hits = reader.hits(&row.get::<_, String>(2)?)?;
            let is_hidden = matches!(visibility, Visibility::Hidden { .. });
            noted.check(db, item, &visibility, &hits).map(|()| is_hidden)
        });
        match checked {
            Ok(true) => {}
            Ok(false) => report.add(Problem::Hide { item, why: "its reason is that of something shown".to_owned() }),
            Err(error) => report.add(Problem::Hide { item, why: error.to_string() }),
        }
    }
    Ok(())
}

/// Checks that both files speak of the same items.
fn check_together(db: &Connection, report: &mut VerifyReport) -> Result<()> {
    let apart: i64 = db.query_row(
        "SELECT count(*) FROM derived.view v LEFT JOIN main.item i ON i.id = v.id WHERE i.sha256 IS NOT v.sha256",
        [],
        |row| row.get(0),
    )?;
    if apart > 0 {
        report.add(Problem::Apart { rows: apart.unsigned_abs() });
    }
    Ok(())
}
