//! Questions about items: one, its story, and lists.

use std::collections::HashMap;
use std::ops::ControlFlow;

use domain::{
    CategoryCode, Digests, Facts, ImageHash, Md5, MediaType, Pdq, PdqSet, Refusal, RefusalCode, Sha1, Sha256,
    ShowReason, SourceId, SourcePath, Thumbnail, UtcTime, Visibility,
};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::error::{CasePart, damaged};
use crate::ledger::{self, RawRow};
use crate::model::{
    Decision, DecisionChange, ItemRow, Judgement, ListFilter, OccurrenceRow, OperationId, RecordTimes, Story,
};
use crate::view::{
    CONFLICT_BIT, HIDDEN, OWN_BYTES, REFUSED, SHOWN, StoredFacts, ViewReader, from_json, from_word, own_pdq,
};
use crate::{CaseFile, Result, mark, numbers, opinion};

/// Columns of an item with its derived state and its decision, in the order of [`item_row`].
const ITEM: &str = "
  i.id, i.sha256, i.md5, i.sha1, i.size, i.mime, i.class, v.visibility, v.near, f.width, f.height, r.sha256, x.category, x.note, x.seq, l.at, l.who";
/// What hangs beside an item.
const BESIDE: &str = "
  LEFT JOIN derived.facts f ON f.id = i.id
  LEFT JOIN derived.stack s ON s.generation = (SELECT stacks FROM derived.meta) AND s.item = i.id
  LEFT JOIN main.item r ON r.id = s.representative
  LEFT JOIN main.current c ON c.item = i.id
  LEFT JOIN main.decision x ON x.id = c.decision
  LEFT JOIN main.ledger l ON l.seq = x.seq";

/// Takes an item's digests, what the rule says, what a person decided, and whether it is decoded.
pub type EachJudged<'a> = &'a mut dyn FnMut(Digests, &Visibility, Option<&Decision>, bool) -> ControlFlow<()>;
/// Takes an item, its width and height, its PDQ values and its 64-bit hash.
pub type EachLook<'a> = &'a mut dyn FnMut(Sha256, u32, u32, Option<PdqSet>, ImageHash) -> ControlFlow<()>;

/// Describes what an item looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookRow {
    /// Number of the item.
    pub number: u32,
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
    /// PDQ values, if the picture has them.
    pub pdq: Option<PdqSet>,
    /// 64-bit hash.
    pub image_hash: ImageHash,
}

/// Takes an item's number, its PDQ value as it is with its quality, and its 64-bit hash.
pub type EachOwnLook<'a> = &'a mut dyn FnMut(u32, Option<(u8, Pdq)>, ImageHash) -> ControlFlow<()>;

impl CaseFile {
    /// Gives an item.
    pub fn item(&self, sha256: &Sha256) -> Result<Option<ItemRow>> {
        self.read(|db| Ok(one(db, sha256)?.map(|(_, row)| row)))
    }

    /// Gives all that the case knows of an item.
    pub fn story(&self, sha256: &Sha256) -> Result<Option<Story>> {
        self.read(|db| story(db, sha256))
    }

    /// Lists items in a fixed order: those that came back, odd ones, others shown, hidden, refused, each by SHA-256; at
    /// last the places that could not be read, by source and path. `each` may ask the case other questions.
    pub fn list(&self, which: ListFilter, each: &mut dyn FnMut(ItemRow) -> ControlFlow<()>) -> Result<()> {
        let condition = match which {
            ListFilter::All => "1".to_owned(),
            ListFilter::Shown => format!("(v.state = {SHOWN} OR c.item IS NOT NULL)"),
            ListFilter::Hidden => format!("v.state = {HIDDEN} AND c.item IS NULL"),
            ListFilter::Refused => format!("v.state = {REFUSED} AND c.item IS NULL"),
            // What other tools say is compared item by item below.
            ListFilter::Conflicts => {
                format!(
                    "(v.findings & {CONFLICT_BIT} OR EXISTS (SELECT 1 FROM main.opinion o WHERE o.item = v.id LIMIT 1 OFFSET 1))"
                )
            }
        };
        self.read(|db| {
            // CROSS JOIN keeps the order of the index, so that nothing has to be sorted and the first row comes at once.
            let sql = format!(
                "SELECT {ITEM}, v.findings & {CONFLICT_BIT} AS conflict FROM derived.view v INDEXED BY view_listing
                 CROSS JOIN main.item i ON i.id = v.id {BESIDE} WHERE {condition} ORDER BY v.rank, v.sha256"
            );
            let mut found = db.prepare(&sql)?;
            let mut rows = found.query([])?;
            let mut reader = ViewReader::new(db);
            while let Some(row) = rows.next()? {
                let is_asked = which != ListFilter::Conflicts
                    || row.get::<_, i64>("conflict")? != 0
                    || opinion::contradicting(db, row.get(0)?)?;
                if is_asked && each(item_row(db, &mut reader, row)?.1).is_break() {
                    return Ok(());
                }
            }
            if matches!(which, ListFilter::All | ListFilter::Refused) { unread_places(db, each) } else { Ok(()) }
        })
    }

    /// Gives the pictures and archives that came back or are odd, that nobody has decided about, and that were never
    /// decoded: in the order of [`CaseFile::list`].
    pub fn undecoded(&self, each: &mut dyn FnMut(ItemRow) -> ControlFlow<()>) -> Result<()> {
        self.read(|db| {
            let sql = format!(
                "SELECT {ITEM} FROM derived.view v INDEXED BY view_tally CROSS JOIN main.item i ON i.id = v.id {BESIDE}
                 WHERE v.state = {SHOWN} AND v.decoded = 0 AND v.rank < 2 AND v.class IN ('picture', 'archive')
                   AND c.item IS NULL ORDER BY v.rank, v.sha256"
            );
            each_item(db, &sql, each)
        })
    }

    /// Tells whether the case has an item with its derived state.
    pub fn has_derived(&self, sha256: &Sha256) -> Result<bool> {
        self.read(|db| {
            let mut one =
                db.prepare_cached("SELECT 1 FROM main.item i JOIN derived.view v ON v.id = i.id WHERE i.sha256 = ?1")?;
            Ok(one.exists([sha256.0])?)
        })
    }

    /// Gives every item with what the rule says of it, without the decision, and the decision beside it; by the order of
    /// loading. Items that wait for their derived state are left out: see [`CaseFile::pending`].
    pub fn digests(&self, each: EachJudged<'_>) -> Result<()> {
        self.read(|db| {
            let mut all = db.prepare(
                "SELECT i.sha256, i.md5, i.sha1, i.size, v.visibility, v.decoded, x.category, x.note, x.seq, l.at, l.who
                 FROM main.item i CROSS JOIN derived.view v ON v.id = i.id
                 LEFT JOIN main.current c ON c.item = i.id LEFT JOIN main.decision x ON x.id = c.decision
                 LEFT JOIN main.ledger l ON l.seq = x.seq ORDER BY i.id",
            )?;
            let mut rows = all.query([])?;
            while let Some(row) = rows.next()? {
                let visibility: Visibility =
                    from_json(row.get_ref(4)?.as_str().map_err(rusqlite_type)?, CasePart::Derived)?;
                let decision = decision(row, 6)?;
                if each(digests_of(row, 0)?, &visibility, decision.as_ref(), row.get(5)?).is_break() {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Gives the items whose derived state is lost, by the order of loading. Their visibility says so, as a refusal.
    pub fn pending(&self, each: &mut dyn FnMut(ItemRow) -> ControlFlow<()>) -> Result<()> {
        self.read(|db| {
            let sql = format!(
                "SELECT {ITEM} FROM main.item i LEFT JOIN derived.view v ON v.id = i.id {BESIDE}
                 WHERE v.id IS NULL ORDER BY i.id"
            );
            each_item(db, &sql, each)
        })
    }

    /// Gives dimensions and perceptual digests of every decoded item, by the order of loading.
    pub fn pdqs(&self, each: EachLook<'_>) -> Result<()> {
        self.read(|db| {
            let mut all = db.prepare(
                "SELECT i.sha256, f.width, f.height, f.pdq, f.image_hash
                 FROM derived.facts f CROSS JOIN main.item i ON i.id = f.id ORDER BY f.id",
            )?;
            let mut rows = all.query([])?;
            while let Some(row) = rows.next()? {
                let facts = stored_facts(row, 1)?.measures()?;
                let sha256 = Sha256(row.get(0)?);
                if each(sha256, facts.width, facts.height, facts.pdq, facts.image_hash).is_break() {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Gives the same of those that are shown, or that a person has decided about.
    pub fn shown_looks(&self, each: EachLook<'_>) -> Result<()> {
        self.read(|db| {
            let mut all = db.prepare(
                "SELECT i.sha256, f.width, f.height, f.pdq, f.image_hash, v.state, x.category, x.note, x.seq, l.at, l.who
                 FROM derived.facts f CROSS JOIN main.item i ON i.id = f.id JOIN derived.view v ON v.id = f.id
                 LEFT JOIN main.current c ON c.item = i.id LEFT JOIN main.decision x ON x.id = c.decision
                 LEFT JOIN main.ledger l ON l.seq = x.seq ORDER BY f.id",
            )?;
            let mut rows = all.query([])?;
            while let Some(row) = rows.next()? {
                if row.get::<_, i64>(5)? != SHOWN && decision(row, 6)?.is_none() {
                    continue;
                }
                let facts = stored_facts(row, 1)?.measures()?;
                let sha256 = Sha256(row.get(0)?);
                if each(sha256, facts.width, facts.height, facts.pdq, facts.image_hash).is_break() {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Calls `each` with number, PDQ value as the picture is (and its quality) and 64-bit hash of every item that
    /// [`CaseFile::shown_looks`] gives, in order of number: what is asked of all items when few of them are compared. The
    /// values of the other orientations are not read.
    pub fn own_looks(&self, each: EachOwnLook<'_>) -> Result<()> {
        self.read(|db| {
            let mut all = db.prepare(
                "SELECT f.id, substr(f.pdq, 1, ?1), f.image_hash FROM derived.facts f
                 CROSS JOIN derived.view v ON v.id = f.id LEFT JOIN main.current c ON c.item = f.id
                 WHERE v.state = ?2 OR c.item IS NOT NULL ORDER BY f.id",
            )?;
            let mut rows = all.query((OWN_BYTES as i64, SHOWN))?;
            while let Some(row) = rows.next()? {
                let own = row.get::<_, Option<Vec<u8>>>(1)?.map(|bytes| own_pdq(&bytes)).transpose()?;
                let hash = ImageHash(row.get::<_, i64>(2)?.cast_unsigned());
                if each(numbers::public(row.get(0)?)?, own, hash).is_break() {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Gives what these items look like, of those of which something is decoded: number, width, height, PDQ values and
    /// 64-bit hash, in their order.
    pub fn looks_of(&self, items: &mut dyn Iterator<Item = u32>) -> Result<Vec<LookRow>> {
        self.read(|db| {
            let mut one =
                db.prepare_cached("SELECT width, height, pdq, image_hash FROM derived.facts WHERE id = ?1")?;
            let mut found = Vec::new();
            for number in items {
                let mut rows = one.query([number])?;
                let Some(row) = rows.next()? else { continue };
                let facts = stored_facts(row, 0)?.measures()?;
                let (width, height, pdq, image_hash) = (facts.width, facts.height, facts.pdq, facts.image_hash);
                found.push(LookRow { number, width, height, pdq, image_hash });
            }
            Ok(found)
        })
    }

    /// Gives the PDQ values of those of these items that have one.
    pub fn pdqs_of(&self, items: &[Sha256]) -> Result<HashMap<Sha256, PdqSet>> {
        self.read(|db| {
            let mut found = HashMap::new();
            let mut one = db.prepare_cached(
                "SELECT f.width, f.height, f.pdq, f.image_hash
                 FROM main.item i JOIN derived.facts f ON f.id = i.id WHERE i.sha256 = ?1",
            )?;
            for sha256 in items {
                let mut rows = one.query([sha256.0])?;
                let Some(row) = rows.next()? else { continue };
                if let Some(pdq) = stored_facts(row, 0)?.measures()?.pdq {
                    found.insert(*sha256, pdq);
                }
            }
            Ok(found)
        })
    }

    /// Gives the thumbnail of an item, if it was decoded.
    pub fn thumbnail(&self, sha256: &Sha256) -> Result<Option<Thumbnail>> {
        self.read(|db| {
            Ok(db
                .prepare_cached(
                    "SELECT t.width, t.height, t.jpeg FROM main.item i JOIN derived.thumbnail t ON t.id = i.id
                     WHERE i.sha256 = ?1",
                )?
                .query_row([sha256.0], |row| {
                    Ok(Thumbnail { width: row.get(0)?, height: row.get(1)?, jpeg: row.get(2)? })
                })
                .optional()?)
        })
    }
}

/// Reads all that the case knows of an item.
pub(crate) fn story(db: &Connection, sha256: &Sha256) -> Result<Option<Story>> {
    let Some((id, item)) = one(db, sha256)? else { return Ok(None) };
    let texts: Option<(String, String)> = db
        .prepare_cached("SELECT hits, near FROM derived.view WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let mut reader = ViewReader::new(db);
    let (hits, near) = match &texts {
        Some((hits, near)) => (reader.hits(hits)?, reader.near(near)?),
        None => (Vec::new(), Vec::new()),
    };
    let (marks, notes) = mark::story(db, id)?;
    Ok(Some(Story {
        number: numbers::public(id)?,
        item,
        occurrences: occurrences(db, id)?,
        hits,
        near,
        facts: facts(db, id)?,
        decisions: decisions(db, id)?,
        marks,
        notes,
        judgements: judgements(db, id)?,
        operations: operations(db, id)?,
    }))
}

fn one(db: &Connection, sha256: &Sha256) -> Result<Option<(i64, ItemRow)>> {
    let sql =
        format!("SELECT {ITEM} FROM main.item i LEFT JOIN derived.view v ON v.id = i.id {BESIDE} WHERE i.sha256 = ?1");
    let mut found = db.prepare_cached(&sql)?;
    let mut rows = found.query([sha256.0])?;
    match rows.next()? {
        Some(row) => Ok(Some(item_row(db, &mut ViewReader::new(db), row)?)),
        None => Ok(None),
    }
}

/// Reads the items that a statement finds, until `each` wants no more.
fn each_item(db: &Connection, sql: &str, each: &mut dyn FnMut(ItemRow) -> ControlFlow<()>) -> Result<()> {
    let mut found = db.prepare(sql)?;
    let mut rows = found.query([])?;
    let mut reader = ViewReader::new(db);
    while let Some(row) = rows.next()? {
        if each(item_row(db, &mut reader, row)?.1).is_break() {
            break;
        }
    }
    Ok(())
}

/// Reads a row of [`ITEM`].
fn item_row(db: &Connection, reader: &mut ViewReader<'_>, row: &Row<'_>) -> Result<(i64, ItemRow)> {
    let id: i64 = row.get(0)?;
    let rule = match row.get::<_, Option<String>>(7)? {
        Some(text) => from_json(&text, CasePart::Derived)?,
        None => waits_for_derived_state(),
    };
    let decision = decision(row, 12)?;
    let visibility = match decision {
        Some(_) => Visibility::Shown { why: ShowReason::Decided },
        None => rule.clone(),
    };
    let near = row.get::<_, Option<String>>(8)?;
    let digests = digests_of(row, 1)?;
    let media = MediaType { mime: row.get(5)?, class: from_word(row.get(6)?, CasePart::Ground)? };
    let (paths, extension_disagrees) = places(db, id)?;
    let item = ItemRow {
        sha256: Some(digests.sha256),
        md5: Some(digests.md5),
        sha1: Some(digests.sha1),
        size_bytes: Some(digests.size_bytes),
        media: Some(media),
        extension_disagrees,
        paths,
        visibility,
        rule,
        decision,
        suggestions: near.map_or(Ok(Vec::new()), |text| reader.near(&text))?,
        width: row.get(9)?,
        height: row.get(10)?,
        stack: row.get::<_, Option<[u8; 32]>>(11)?.map(Sha256),
        stated: None,
    };
    Ok((id, item))
}

fn waits_for_derived_state() -> Visibility {
    let detail = "what was known of it was thrown away or lost; add its source again to have it back";
    Visibility::Refused { why: Refusal::new(RefusalCode::Unreadable, detail) }
}

pub(crate) fn digests_of(row: &Row<'_>, first: usize) -> Result<Digests> {
    Ok(Digests {
        sha256: Sha256(row.get(first)?),
        md5: Md5(row.get(first + 1)?),
        sha1: Sha1(row.get(first + 2)?),
        size_bytes: row.get::<_, i64>(first + 3)?.cast_unsigned(),
    })
}

/// Reads category, note, seq, at, who.
fn decision(row: &Row<'_>, first: usize) -> Result<Option<Decision>> {
    let Some(category) = row.get::<_, Option<String>>(first)? else { return Ok(None) };
    Ok(Some(Decision {
        category: CategoryCode(category),
        note: row.get(first + 1)?,
        operation: OperationId(row.get::<_, i64>(first + 2)?.unsigned_abs()),
        at: UtcTime(row.get(first + 3)?),
        by: row.get::<_, String>(first + 4)?.parse().map_err(|_| damaged(CasePart::Ground))?,
    }))
}

fn stored_facts(row: &Row<'_>, first: usize) -> Result<StoredFacts> {
    Ok(StoredFacts {
        width: row.get(first)?,
        height: row.get(first + 1)?,
        pdq: row.get(first + 2)?,
        image_hash: row.get(first + 3)?,
    })
}

fn rusqlite_type(_: rusqlite::types::FromSqlError) -> crate::CasefileError {
    damaged(CasePart::Either)
}

type Place = (SourceId, SourcePath);

/// Gives the places of an item, and the extension that disagrees at the first place that has one. First by its path,
/// because numbers of sources depend on the order of loading.
fn places(db: &Connection, item: i64) -> Result<(Vec<Place>, Option<String>)> {
    let mut all = db.prepare_cached(
        "SELECT DISTINCT source, path, extension_disagrees FROM main.occurrence WHERE item = ?1 ORDER BY source, path",
    )?;
    let mut rows = all.query([item])?;
    let mut paths = Vec::new();
    let mut odd: Option<(Vec<u8>, String)> = None;
    while let Some(row) = rows.next()? {
        let path: Vec<u8> = row.get(1)?;
        if let Some(extension) = row.get::<_, Option<String>>(2)?
            && odd.as_ref().is_none_or(|(first, _)| path < *first)
        {
            odd = Some((path.clone(), extension));
        }
        paths.push((SourceId(row.get(0)?), SourcePath(path)));
    }
    Ok((paths, odd.map(|(_, extension)| extension)))
}

fn unread_places(db: &Connection, each: &mut dyn FnMut(ItemRow) -> ControlFlow<()>) -> Result<()> {
    let mut all = db.prepare(
        "SELECT source, path, size, refusal, refusal_detail, time_raw FROM main.occurrence
         WHERE item IS NULL AND superseded = 0 ORDER BY source, path",
    )?;
    let mut rows = all.query([])?;
    while let Some(row) = rows.next()? {
        let code = from_word(row.get(3)?, CasePart::Ground)?;
        let refused =
            Visibility::Refused { why: Refusal { code, detail: row.get::<_, Option<String>>(4)?.unwrap_or_default() } };
        let place = ItemRow {
            sha256: None,
            md5: None,
            sha1: None,
            size_bytes: row.get::<_, Option<i64>>(2)?.map(i64::cast_unsigned),
            media: None,
            extension_disagrees: None,
            paths: vec![(SourceId(row.get(0)?), SourcePath(row.get(1)?))],
            visibility: refused.clone(),
            rule: refused,
            decision: None,
            suggestions: Vec::new(),
            width: None,
            height: None,
            stack: None,
            stated: row.get(5)?,
        };
        if each(place).is_break() {
            break;
        }
    }
    Ok(())
}

fn occurrences(db: &Connection, item: i64) -> Result<Vec<OccurrenceRow>> {
    let mut all = db.prepare_cached(
        "SELECT o.source, o.path, o.size, o.modified, o.created, o.accessed, o.time_raw, l.at, o.seq,
           o.extension_disagrees
         FROM main.occurrence o JOIN main.ledger l ON l.seq = o.seq WHERE o.item = ?1 ORDER BY o.source, o.path, o.id",
    )?;
    let mut rows = all.query([item])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let time = |column| -> Result<Option<UtcTime>> { Ok(row.get::<_, Option<i64>>(column)?.map(UtcTime)) };
        found.push(OccurrenceRow {
            source: SourceId(row.get(0)?),
            path: SourcePath(row.get(1)?),
            size_bytes: row.get::<_, Option<i64>>(2)?.map(i64::cast_unsigned),
            times: RecordTimes { modified: time(3)?, created: time(4)?, accessed: time(5)?, raw: row.get(6)? },
            extension_disagrees: row.get(9)?,
            recorded: UtcTime(row.get(7)?),
            operation: OperationId(row.get::<_, i64>(8)?.unsigned_abs()),
        });
    }
    Ok(found)
}

fn facts(db: &Connection, item: i64) -> Result<Option<Facts>> {
    let mut one =
        db.prepare_cached("SELECT width, height, pdq, image_hash, detail FROM derived.facts WHERE id = ?1")?;
    let mut rows = one.query([item])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(stored_facts(row, 0)?.whole(&row.get::<_, String>(4)?)?))
}

fn decisions(db: &Connection, item: i64) -> Result<Vec<DecisionChange>> {
    let mut all = db.prepare_cached(
        "SELECT c.seq, l.at, l.who, b.category, a.category, a.note FROM main.change c
         JOIN main.ledger l ON l.seq = c.seq
         LEFT JOIN main.decision b ON b.id = c.before LEFT JOIN main.decision a ON a.id = c.after
         WHERE c.item = ?1 ORDER BY c.seq",
    )?;
    let mut rows = all.query([item])?;
    let mut changes = Vec::new();
    while let Some(row) = rows.next()? {
        changes.push(DecisionChange {
            operation: OperationId(row.get::<_, i64>(0)?.unsigned_abs()),
            at: UtcTime(row.get(1)?),
            by: row.get::<_, String>(2)?.parse().map_err(|_| damaged(CasePart::Ground))?,
            before: row.get::<_, Option<String>>(3)?.map(CategoryCode),
            after: row.get::<_, Option<String>>(4)?.map(CategoryCode),
            note: row.get(5)?,
        });
    }
    Ok(changes)
}

fn judgements(db: &Connection, item: i64) -> Result<Vec<Judgement>> {
    let mut all = db.prepare_cached(
        "SELECT j.seq, l.at, j.before, j.after FROM main.judgement j JOIN main.ledger l ON l.seq = j.seq
         WHERE j.item = ?1 ORDER BY j.seq",
    )?;
    let mut rows = all.query([item])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let before: Option<String> = row.get(2)?;
        found.push(Judgement {
            operation: OperationId(row.get::<_, i64>(0)?.unsigned_abs()),
            at: UtcTime(row.get(1)?),
            before: before.map(|text| from_json(&text, CasePart::Ground)).transpose()?,
            after: from_json(&row.get::<_, String>(3)?, CasePart::Ground)?,
        });
    }
    Ok(found)
}

fn operations(db: &Connection, item: i64) -> Result<Vec<ledger::LedgerRow>> {
    let sql = format!(
        "SELECT {} FROM main.ledger WHERE seq IN (
           SELECT seq FROM main.item WHERE id = ?1 UNION SELECT seq FROM main.occurrence WHERE item = ?1
           UNION SELECT seq FROM main.change WHERE item = ?1 UNION SELECT seq FROM main.judgement WHERE item = ?1
           UNION SELECT seq FROM main.seal WHERE item = ?1 UNION SELECT seq FROM main.notice WHERE item = ?1
           UNION SELECT x.seq FROM main.notice n JOIN main.notice_read x ON x.notice = n.id WHERE n.item = ?1
           UNION SELECT seq FROM main.veto WHERE item = ?1 UNION SELECT seq FROM main.mark WHERE item = ?1
           UNION SELECT seq FROM main.evidence WHERE item = ?1 UNION SELECT seq FROM main.opinion WHERE item = ?1)
         ORDER BY seq",
        ledger::COLUMNS
    );
    let mut all = db.prepare_cached(&sql)?;
    let mut rows = all.query([item])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(RawRow::read(row)?.parse()?);
    }
    Ok(found)
}
