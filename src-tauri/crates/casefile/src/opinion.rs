//! What other tools said of items. It is kept, shown, and decides nothing.

use std::collections::HashSet;
use std::ops::ControlFlow;

use domain::{Opinion, Sha256, SourceId, UtcTime};
use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use serde_json::json;

use crate::canon::Canon;
use crate::error::{CasePart, damaged};
use crate::ledger::OperationKind;
use crate::model::OperationId;
use crate::standing::number_of;
use crate::view::{from_json, to_json};
use crate::{CaseFile, CasefileError, Result, numbers};

/// Most opinions in one call.
pub const OPINIONS_MAX: usize = 100_000;
/// Most bytes of one opinion as it is stored.
pub const OPINION_BYTES_MAX: usize = 1 << 20;

/// Tells what another tool said of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpinionRow {
    /// Source that it came with.
    pub source: SourceId,
    /// Operation that recorded it.
    pub operation: OperationId,
    /// When that was.
    pub at: UtcTime,
    /// What the tool said.
    pub opinion: Opinion,
}

impl CaseFile {
    /// Records what a file of another tool says of items, in one operation; `file_sha256` is that file. What the same source
    /// said already adds nothing: `None` when that is true of all.
    pub fn opinions_add(
        &self,
        source: SourceId,
        file_sha256: Sha256,
        opinions: &[(Sha256, Opinion)],
        now: UtcTime,
    ) -> Result<Option<OperationId>> {
        if opinions.len() > OPINIONS_MAX {
            return Err(CasefileError::Limit { what: "opinions", max: OPINIONS_MAX });
        }
        self.write("record opinions", |writer| {
            writer.ground(|db| {
                let known = db.prepare_cached("SELECT 1 FROM main.source WHERE id = ?1")?.exists([source.0])?;
                if !known {
                    return Err(CasefileError::NoSuchSource { id: source });
                }
                let rows = new_rows(db, source, opinions)?;
                if rows.is_empty() {
                    return Ok(None);
                }
                let mut canon = Canon::new(OPINIONS_TAG);
                rows.iter().for_each(|row| row.add_to(&mut canon));
                let detail = json!({
                    "source": source, "file_sha256": file_sha256, "opinions": rows.len(), "sha256": canon.finish(),
                });
                let seq = self.append(db, OperationKind::OpinionsAdded, &detail, now)?;
                let mut add = db.prepare_cached("INSERT INTO main.opinion VALUES(?1, ?2, ?3, ?4, ?5)")?;
                for row in &rows {
                    add.execute((row.id, seq, row.source, row.item, &row.said))?;
                }
                Ok(Some(OperationId(seq.unsigned_abs())))
            })
        })
    }

    /// Lists what other tools said of an item, in the order of recording.
    pub fn opinions_of(&self, item: u32) -> Result<Vec<OpinionRow>> {
        self.read(|db| {
            let mut all = db.prepare_cached(
                "SELECT o.source, o.seq, l.at, o.said FROM main.opinion o JOIN main.ledger l ON l.seq = o.seq
                 WHERE o.item = ?1 ORDER BY o.id",
            )?;
            let mut rows = all.query([item])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(OpinionRow {
                    source: SourceId(row.get(0)?),
                    operation: OperationId(row.get::<_, i64>(1)?.unsigned_abs()),
                    at: UtcTime(row.get(2)?),
                    opinion: from_json(&row.get::<_, String>(3)?, CasePart::Ground)?,
                });
            }
            Ok(found)
        })
    }

    /// Gives every item of which other tools say contradicting things, by number, with all that they say of it.
    pub fn opinions_contradicting(
        &self,
        each: &mut dyn FnMut(u32, Sha256, Vec<(SourceId, Opinion)>) -> ControlFlow<()>,
    ) -> Result<()> {
        self.read(|db| {
            let mut several = db.prepare_cached(SEVERAL)?;
            let mut items = several.query([])?;
            while let Some(row) = items.next()? {
                let item: i64 = row.get(0)?;
                let opinions = said_of(db, item)?;
                if !contradict(opinions.iter().map(|(_, opinion)| opinion)) {
                    continue;
                }
                let item = numbers::public(item)?;
                let sha256 = numbers::sha256_of(db, item)?.ok_or_else(|| damaged(CasePart::Ground))?;
                if each(item, sha256, opinions).is_break() {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Gives what the last load of a source said of itself; `None` before one has come to its end.
    pub fn load_summary(&self, source: SourceId) -> Result<Option<serde_json::Value>> {
        self.read(|db| {
            let mut last =
                db.prepare_cached("SELECT summary FROM main.load WHERE source = ?1 ORDER BY seq DESC LIMIT 1")?;
            let text: Option<String> = last.query_row([source.0], |row| row.get(0)).optional()?;
            text.map(|text| from_json(&text, CasePart::Ground)).transpose()
        })
    }

    /// Gives every opinion, by number of the item and then in the order of recording.
    pub fn opinions_each(&self, each: &mut dyn FnMut(u32, Opinion) -> ControlFlow<()>) -> Result<()> {
        self.read(|db| {
            let mut all =
                db.prepare_cached("SELECT item, said FROM main.opinion INDEXED BY opinion_item ORDER BY item, id")?;
            let mut rows = all.query([])?;
            while let Some(row) = rows.next()? {
                let opinion = from_json(&row.get::<_, String>(1)?, CasePart::Ground)?;
                if each(numbers::public(row.get(0)?)?, opinion).is_break() {
                    break;
                }
            }
            Ok(())
        })
    }
}

/// Begins the digest of an operation that recorded opinions.
pub(crate) const OPINIONS_TAG: &str = "zeef opinions 1";

/// Items of which more than one thing is said. Only these are read whole, so that a million opinions take a moment.
const SEVERAL: &str =
    "SELECT item FROM main.opinion INDEXED BY opinion_item GROUP BY item HAVING count(*) > 1 ORDER BY item";

fn said_of(db: &Connection, item: i64) -> Result<Vec<(SourceId, Opinion)>> {
    let mut all = db.prepare_cached("SELECT source, said FROM main.opinion WHERE item = ?1 ORDER BY id")?;
    let mut rows = all.query([item])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((SourceId(row.get(0)?), from_json(&row.get::<_, String>(1)?, CasePart::Ground)?));
    }
    Ok(found)
}

/// Tells whether other tools say contradicting things of an item.
pub(crate) fn contradicting(db: &Connection, item: i64) -> Result<bool> {
    Ok(contradict(said_of(db, item)?.iter().map(|(_, opinion)| opinion)))
}

/// Tells whether any two opinions contradict each other. Equal verdicts are compared once: one content can be stated a
/// hundred times.
pub fn contradict<'o>(opinions: impl Iterator<Item = &'o Opinion>) -> bool {
    let mut seen = HashSet::new();
    let distinct: Vec<&Opinion> =
        opinions.filter(|one| one.verdict().is_some_and(|verdict| seen.insert(verdict))).collect();
    distinct.iter().enumerate().any(|(index, one)| distinct[index + 1..].iter().any(|two| one.contradicts(two)))
}

/// A row of `opinion`.
struct StoredOpinion {
    id: i64,
    source: i64,
    item: i64,
    said: String,
}

impl StoredOpinion {
    fn add_to(&self, canon: &mut Canon) {
        canon.number(self.id).number(self.source).number(self.item).bytes(self.said.as_bytes());
    }
}

/// Picks what the source has not said yet, in the order given.
fn new_rows(db: &Connection, source: SourceId, opinions: &[(Sha256, Opinion)]) -> Result<Vec<StoredOpinion>> {
    let mut next: i64 =
        db.prepare_cached("SELECT coalesce(max(id), 0) + 1 FROM main.opinion")?.query_row([], |row| row.get(0))?;
    let source = source.0;
    let mut stands =
        db.prepare_cached("SELECT 1 FROM main.opinion WHERE item = ?1 AND source = ?2 AND said = ?3 LIMIT 1")?;
    let mut planned = HashSet::new();
    let mut rows = Vec::new();
    for (sha256, opinion) in opinions {
        let item = number_of(db, sha256)?.ok_or(CasefileError::NoSuchItem { sha256: *sha256 })?;
        let said = to_json(opinion);
        if said.len() > OPINION_BYTES_MAX {
            return Err(CasefileError::Limit { what: "bytes of an opinion", max: OPINION_BYTES_MAX });
        }
        let is_new = !stands.exists((item, source, &said))? && planned.insert((item, said.clone()));
        if is_new {
            rows.push(StoredOpinion { id: next, source, item, said });
            next += 1;
        }
    }
    Ok(rows)
}

/// Gives digest and number of the rows of an operation.
pub(crate) fn opinions_at(db: &Connection, seq: i64) -> Result<(Sha256, i64)> {
    let mut all = db.prepare_cached("SELECT id, source, item, said FROM main.opinion WHERE seq = ?1 ORDER BY id")?;
    let mut rows = all.query([seq])?;
    let mut canon = Canon::new(OPINIONS_TAG);
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let row = StoredOpinion { id: row.get(0)?, source: row.get(1)?, item: row.get(2)?, said: row.get(3)? };
        row.add_to(&mut canon);
        count += 1;
    }
    Ok((canon.finish(), count))
}
