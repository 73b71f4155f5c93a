//! Sources, and what a load found in them: the rows of `source`, `load`, `item` and `occurrence`.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use domain::{Hit, SetName, SetVersion, Sha256, SourceId, SourcePath, UtcTime, Visibility};
use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::json;

use crate::canon::Canon;
use crate::error::{CasePart, damaged};
use crate::judge::judgement_row;
use crate::ledger::{self, OperationKind};
use crate::model::{OperationId, Record, RecordContent, RecordItem, RecordOutcome, RecordTimes, SourceRow, Stamp};
use crate::seal::{self, Seal};
use crate::view::{self, View, ViewWriter, from_word};
use crate::writing::Writer;
use crate::{CaseFile, CasefileError, Result};

/// Most records in one call: what is held in memory and written in one transaction.
pub const RECORDS_MAX: usize = 100_000;

impl CaseFile {
    /// Adds a source, or finds it again by its root and kind.
    pub fn add_source(&self, root: &Path, kind: &str, now: UtcTime) -> Result<SourceId> {
        let bytes = root.as_os_str().as_bytes();
        self.write("add a source", |writer| {
            let known: Option<i64> = writer
                .db()
                .query_row("SELECT id FROM main.source WHERE root = ?1 AND kind = ?2", (bytes, kind), |row| row.get(0))
                .optional()?;
            if let Some(id) = known {
                return Ok(SourceId(id));
            }
            writer.ground(|db| {
                db.execute(
                    "INSERT INTO main.source(root, kind, added, added_by) VALUES(?1, ?2, ?3, ?4)",
                    (bytes, kind, now.0, self.inner.user.as_str()),
                )?;
                let id = db.last_insert_rowid();
                let digest = source_digest(db, id)?;
                let shown = SourcePath(bytes.to_vec());
                let detail = json!({ "source": id, "root": shown, "kind": kind, "sha256": digest });
                self.append(db, OperationKind::SourceAdded, &detail, now)?;
                Ok(SourceId(id))
            })
        })
    }

    /// Lists the sources, first to last.
    pub fn sources(&self) -> Result<Vec<SourceRow>> {
        self.read(|db| {
            let mut all = db.prepare(
                "SELECT id, root, kind, added, added_by, (SELECT max(at) FROM main.load WHERE load.source = source.id)
                 FROM main.source ORDER BY id",
            )?;
            let mut rows = all.query([])?;
            let mut sources = Vec::new();
            while let Some(row) = rows.next()? {
                sources.push(SourceRow {
                    id: SourceId(row.get(0)?),
                    root: PathBuf::from(OsString::from_vec(row.get(1)?)),
                    kind: row.get(2)?,
                    added: UtcTime(row.get(3)?),
                    added_by: row.get::<_, String>(4)?.parse().map_err(|_| damaged(CasePart::Ground))?,
                    loaded: row.get::<_, Option<i64>>(5)?.map(UtcTime),
                });
            }
            Ok(sources)
        })
    }

    /// Gives what is recorded of each place of a source. A place whose item lost its derived state is left out, so that
    /// a load reads it again.
    pub fn stamps(&self, source: SourceId) -> Result<HashMap<SourcePath, Stamp>> {
        self.read(|db| {
            let mut all = db.prepare(
                "SELECT o.path, o.size, o.modified, i.sha256, o.refusal FROM main.occurrence o
                 LEFT JOIN main.item i ON i.id = o.item
                 WHERE o.source = ?1 AND o.superseded = 0
                   AND (o.item IS NULL OR EXISTS (SELECT 1 FROM derived.view v WHERE v.id = o.item))",
            )?;
            let mut rows = all.query([source.0])?;
            let mut stamps = HashMap::new();
            while let Some(row) = rows.next()? {
                let refusal = row.get::<_, Option<String>>(4)?;
                let stamp = Stamp {
                    size_bytes: row.get::<_, Option<i64>>(1)?.map(i64::cast_unsigned),
                    modified: row.get::<_, Option<i64>>(2)?.map(UtcTime),
                    item: row.get::<_, Option<[u8; 32]>>(3)?.map(Sha256),
                    refusal: refusal.map(|word| from_word(word, CasePart::Ground)).transpose()?,
                };
                stamps.insert(SourcePath(row.get(0)?), stamp);
            }
            Ok(stamps)
        })
    }

    /// Records what a load found, durably and as one operation. The same records again change nothing.
    ///
    /// What is hidden must name a set version that `put_sets` noted before, have the hit that it names, and not be
    /// decoded. An item that is there already gets another occurrence; if it lacked its derived state, or could not be
    /// decoded before, it gets that too.
    pub fn record(&self, batch: &[Record], now: UtcTime) -> Result<RecordOutcome> {
        if batch.len() > RECORDS_MAX {
            return Err(CasefileError::Limit { what: "records", max: RECORDS_MAX });
        }
        self.write("record what a source holds", |writer| {
            let plan = Plan::make(writer.db(), batch)?;
            if plan.is_empty() {
                return Ok(RecordOutcome { unchanged: plan.unchanged, ..RecordOutcome::default() });
            }
            self.carry_out(writer, &plan, now)
        })
    }

    /// Notes places of a source that could not be read before and could be now, though nothing is recorded at the place
    /// itself: a folder, or the loss inside an archive. Gives how many there were.
    pub fn heal(&self, source: SourceId, places: &[SourcePath], now: UtcTime) -> Result<u64> {
        if places.len() > RECORDS_MAX {
            return Err(CasefileError::Limit { what: "places", max: RECORDS_MAX });
        }
        self.write("note places that can be read", |writer| {
            let mut healed = Vec::new();
            for place in places {
                let unread: Option<i64> = writer
                    .db()
                    .prepare_cached(
                        "SELECT id FROM main.occurrence WHERE source = ?1 AND path = ?2 AND item IS NULL
                         AND superseded = 0",
                    )?
                    .query_row((source.0, &place.0), |row| row.get(0))
                    .optional()?;
                healed.extend(unread);
            }
            healed.sort_unstable();
            healed.dedup();
            if healed.is_empty() {
                return Ok(0);
            }
            writer.ground(|db| {
                let digest = healed_digest(healed.iter().copied());
                let detail = json!({ "source": source, "places": healed.len(), "sha256": digest });
                let seq = self.append(db, OperationKind::Healed, &detail, now)?;
                for id in &healed {
                    db.prepare_cached("INSERT INTO main.healed(occurrence, seq) VALUES(?1, ?2)")?.execute((id, seq))?;
                    db.prepare_cached("UPDATE main.occurrence SET superseded = 1 WHERE id = ?1")?.execute([id])?;
                }
                Ok(healed.len() as u64)
            })
        })
    }

    /// Notes that a source was loaded to its end, with what the load says of itself.
    pub fn source_loaded(&self, source: SourceId, summary: serde_json::Value, now: UtcTime) -> Result<()> {
        self.write("load a source", |writer| {
            check_source(writer.db(), source)?;
            writer.ground(|db| {
                let detail = json!({ "source": source, "summary": summary });
                let seq = self.append(db, OperationKind::SourceLoaded, &detail, now)?;
                db.execute(
                    "INSERT INTO main.load VALUES(?1, ?2, ?3, ?4)",
                    (seq, source.0, now.0, summary.to_string()),
                )?;
                Ok(())
            })
        })
    }

    fn carry_out(&self, writer: &mut Writer, plan: &Plan<'_>, now: UtcTime) -> Result<RecordOutcome> {
        let seq = writer.both(
            |db, _| {
                let mut views = ViewWriter::new(db);
                for (row, item) in &plan.items {
                    put_item(&mut views, row.id, item)?;
                }
                for again in &plan.again {
                    again.put(&mut views)?;
                }
                seal::seal_all(db, &plan.written())
            },
            |db, _, seals: Vec<Seal>| {
                let mut canon = Canon::new("zeef recorded 1");
                plan.items.iter().for_each(|(row, _)| row.add_to(&mut canon));
                plan.occurrences.iter().for_each(|row| row.add_to(&mut canon));
                let mut judgements: Vec<_> = plan.again.iter().filter_map(Again::judgement).collect();
                judgements.sort();
                for (item, before, after) in &judgements {
                    judgement_row(&mut canon, *item, before.as_deref(), after);
                }
                seals.iter().for_each(|seal| seal.add_to(&mut canon));
                let detail = json!({
                    "items": plan.items.len(), "first_item": plan.first_item,
                    "occurrences": plan.occurrences.len(), "first_occurrence": plan.first_occurrence,
                    "completed": plan.again.len(), "judgements": judgements.len(), "sha256": canon.finish(),
                });
                let seq = self.append(db, OperationKind::Recorded, &detail, now)?;
                plan.items.iter().try_for_each(|(row, _)| row.insert(db, seq))?;
                plan.occurrences.iter().try_for_each(|row| row.insert(db, seq))?;
                for (item, before, after) in &judgements {
                    db.prepare_cached("INSERT INTO main.judgement VALUES(?1, ?2, ?3, ?4)")?
                        .execute((seq, item, before, after))?;
                }
                seals.iter().try_for_each(|seal| seal.insert(db, seq))?;
                Ok(seq)
            },
        )?;
        Ok(RecordOutcome {
            occurrences: plan.occurrences.len() as u64,
            items: plan.items.len() as u64,
            completed: plan.again.len() as u64,
            unchanged: plan.unchanged,
            operation: Some(OperationId(seq.unsigned_abs())),
        })
    }

    /// Appends an operation of this user.
    pub(crate) fn append(
        &self,
        db: &Connection,
        kind: OperationKind,
        detail: &serde_json::Value,
        now: UtcTime,
    ) -> Result<i64> {
        ledger::append(db, &self.inner.info.case_id, &self.inner.user, kind, detail, now)
    }
}

/// What a batch adds, worked out before anything is written, because the derived file is written first.
struct Plan<'a> {
    first_item: i64,
    first_occurrence: i64,
    items: Vec<(ItemGround<'a>, &'a RecordItem)>,
    again: Vec<Again<'a>>,
    occurrences: Vec<OccurrenceGround<'a>>,
    unchanged: u64,
}

/// An item that is there already and gets what it lacked.
struct Again<'a> {
    id: i64,
    item: &'a RecordItem,
    /// What the rule said before; none when derived state was lost.
    before: Option<String>,
    /// Only the decoder's facts are new.
    facts_only: bool,
}

impl Again<'_> {
    fn put(&self, views: &mut ViewWriter<'_>) -> Result<()> {
        if !self.facts_only {
            return put_item(views, self.id, self.item);
        }
        views.put_near(self.id, &self.item.near)?;
        self.item.decoded.as_ref().map_or(Ok(()), |decoded| views.put_decoded(self.id, decoded))
    }

    fn judgement(&self) -> Option<(i64, Option<String>, String)> {
        (!self.facts_only).then(|| (self.id, self.before.clone(), view::to_json(&self.item.visibility)))
    }
}

fn put_item(views: &mut ViewWriter<'_>, id: i64, item: &RecordItem) -> Result<()> {
    views.put(&View {
        id,
        sha256: &item.digests.sha256.0,
        class: &view::word(&item.media.class),
        visibility: &item.visibility,
        hits: &item.hits,
        near: &item.near,
    })?;
    item.decoded.as_ref().map_or(Ok(()), |decoded| views.put_decoded(id, decoded))
}

impl<'a> Plan<'a> {
    fn make(db: &Connection, batch: &'a [Record]) -> Result<Self> {
        let newest = |table: &str| -> Result<i64> {
            Ok(db.query_row(&format!("SELECT coalesce(max(id), 0) FROM main.{table}"), [], |row| row.get(0))?)
        };
        let mut plan = Self {
            first_item: newest("item")? + 1,
            first_occurrence: newest("occurrence")? + 1,
            items: Vec::new(),
            again: Vec::new(),
            occurrences: Vec::new(),
            unchanged: 0,
        };
        let mut sets = NotedSets::default();
        let mut ids: HashMap<Sha256, i64> = HashMap::new();
        let mut places: HashMap<(SourceId, &[u8]), Place> = HashMap::new();
        let mut sources: HashSet<SourceId> = HashSet::new();
        for record in batch {
            if sources.insert(record.source) {
                check_source(db, record.source)?;
            }
            let (item, completed) = match &record.content {
                RecordContent::Unread(_) => (None, false),
                RecordContent::Item(item) => {
                    sets.check(db, item.digests.sha256, &item.visibility, &item.hits)?;
                    check_not_decoded(item)?;
                    let (id, completed) = plan.item(db, item, &mut ids)?;
                    (Some(id), completed)
                }
            };
            let place = match places.get(&(record.source, record.path.0.as_slice())) {
                Some(place) => Some(place.clone()),
                None => Place::newest(db, record)?,
            };
            let now = Place { item, refusal: refusal_word(record) };
            if place.as_ref() == Some(&now) {
                plan.unchanged += u64::from(!completed);
                continue;
            }
            let id = plan.first_occurrence + plan.occurrences.len() as i64;
            plan.occurrences.push(OccurrenceGround::of(id, record, item));
            places.insert((record.source, &record.path.0), now);
        }
        Ok(plan)
    }

    /// Lists the items whose derived rows are written, and whether with facts and thumbnail.
    fn written(&self) -> Vec<seal::Written> {
        let new = self.items.iter().map(|(row, item)| (row.id, item.decoded.is_some()));
        new.chain(self.again.iter().map(|again| (again.id, again.item.decoded.is_some()))).collect()
    }

    fn is_empty(&self) -> bool {
        self.items.is_empty() && self.again.is_empty() && self.occurrences.is_empty()
    }

    /// Finds an item's number, or gives it one; tells whether it gets something that it lacked.
    fn item(&mut self, db: &Connection, item: &'a RecordItem, ids: &mut HashMap<Sha256, i64>) -> Result<(i64, bool)> {
        let sha256 = item.digests.sha256;
        if let Some(id) = ids.get(&sha256) {
            return Ok((*id, false));
        }
        let stored = db
            .prepare_cached("SELECT id, md5, sha1, size FROM main.item WHERE sha256 = ?1")?
            .query_row([sha256.0], |row| {
                Ok((
                    row.get::<_, i64>(0)?,
                    row.get::<_, [u8; 16]>(1)?,
                    row.get::<_, [u8; 20]>(2)?,
                    row.get::<_, i64>(3)?,
                ))
            })
            .optional()?;
        let Some((id, md5, sha1, size)) = stored else {
            let id = self.first_item + self.items.len() as i64;
            ids.insert(sha256, id);
            self.items.push((ItemGround::of(id, item), item));
            return Ok((id, false));
        };
        ids.insert(sha256, id);
        let digests = &item.digests;
        if (md5, sha1, size) != (digests.md5.0, digests.sha1.0, digests.size_bytes.cast_signed()) {
            return Err(CasefileError::DigestsDisagree { sha256 });
        }
        let lacking = lacking(db, id, item)?;
        let completed = lacking.is_some();
        self.again.extend(lacking);
        Ok((id, completed))
    }
}

/// Finds out what an item that is there already lacks and this record brings.
fn lacking<'a>(db: &Connection, id: i64, item: &'a RecordItem) -> Result<Option<Again<'a>>> {
    let stored = db
        .prepare_cached("SELECT state, decoded, visibility FROM derived.view WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?, row.get::<_, String>(2)?)))
        .optional()?;
    let whole = |before| Some(Again { id, item, before, facts_only: false });
    Ok(match stored {
        None => whole(None),
        // Only what was decoded at last is no refusal any more: a copy of the file says nothing about its picture.
        Some((view::REFUSED, _, before)) if item.decoded.is_some() => whole(Some(before)),
        Some((view::SHOWN, false, _)) if item.decoded.is_some() => {
            Some(Again { id, item, before: None, facts_only: true })
        }
        // If sets have changed since it was recorded, a rematch tells; one more copy of a file does not.
        Some(_) => None,
    })
}

/// Promise 3, where it is written: what an exact digest hides was not decoded.
fn check_not_decoded(item: &RecordItem) -> Result<()> {
    if matches!(item.visibility, Visibility::Hidden { .. }) && item.decoded.is_some() {
        return Err(CasefileError::KnownDecoded { sha256: item.digests.sha256 });
    }
    Ok(())
}

/// Promise 5, where it is written: a hide names a set version that the case knows, and a hit that is there.
#[derive(Default)]
pub(crate) struct NotedSets(HashSet<(SetName, SetVersion)>);

impl NotedSets {
    pub fn check(&mut self, db: &Connection, sha256: Sha256, visibility: &Visibility, hits: &[Hit]) -> Result<()> {
        let Visibility::Hidden { why } = visibility else { return Ok(()) };
        let (name, version, entry, kind) = why.origin();
        let names_it =
            |hit: &Hit| hit.set.name == *name && hit.set.version == version && hit.entry == entry && hit.kind == kind;
        if !hits.iter().any(names_it) {
            return Err(CasefileError::HideWithoutHit { sha256 });
        }
        let key = (name.clone(), version);
        if self.0.contains(&key) {
            return Ok(());
        }
        let known = db
            .prepare_cached("SELECT 1 FROM main.hash_set WHERE name = ?1 AND version = ?2")?
            .exists((name.as_str(), version.0))?;
        if !known {
            return Err(CasefileError::UnknownSet { name: key.0, version });
        }
        self.0.insert(key);
        Ok(())
    }
}

/// Gives the digest over a row of `source`.
pub(crate) fn source_digest(db: &Connection, id: i64) -> Result<Option<Sha256>> {
    let mut one = db.prepare_cached("SELECT root, kind, added, added_by FROM main.source WHERE id = ?1")?;
    let mut rows = one.query([id])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let mut canon = Canon::new("zeef source 1");
    canon.number(id).bytes(&row.get::<_, Vec<u8>>(0)?).bytes(row.get::<_, String>(1)?.as_bytes());
    canon.number(row.get(2)?).bytes(row.get::<_, String>(3)?.as_bytes());
    Ok(Some(canon.finish()))
}

/// Gives the digest over the places that an operation found healed, by their numbers.
pub(crate) fn healed_digest(occurrences: impl Iterator<Item = i64>) -> Sha256 {
    let mut canon = Canon::new("zeef healed 1");
    occurrences.for_each(|id| {
        canon.number(id);
    });
    canon.finish()
}

fn check_source(db: &Connection, source: SourceId) -> Result<()> {
    let known = db.prepare_cached("SELECT 1 FROM main.source WHERE id = ?1")?.exists([source.0])?;
    if known { Ok(()) } else { Err(CasefileError::NoSuchSource { id: source }) }
}

/// What is at a place.
#[derive(Clone, PartialEq, Eq)]
struct Place {
    item: Option<i64>,
    refusal: Option<String>,
}

impl Place {
    fn newest(db: &Connection, record: &Record) -> Result<Option<Self>> {
        Ok(db
            .prepare_cached(
                // A place that healed has no newest find: what fails there again is news.
                "SELECT item, refusal FROM main.occurrence WHERE source = ?1 AND path = ?2 AND superseded = 0
                 ORDER BY id DESC LIMIT 1",
            )?
            .query_row((record.source.0, &record.path.0), |row| Ok(Self { item: row.get(0)?, refusal: row.get(1)? }))
            .optional()?)
    }
}

fn refusal_word(record: &Record) -> Option<String> {
    match &record.content {
        RecordContent::Unread(refusal) => Some(view::word(&refusal.code)),
        RecordContent::Item(_) => None,
    }
}

/// A row of `item`.
pub(crate) struct ItemGround<'a> {
    pub id: i64,
    sha256: [u8; 32],
    md5: [u8; 16],
    sha1: [u8; 20],
    size: i64,
    mime: std::borrow::Cow<'a, str>,
    class: String,
    hidden_first: i64,
}

impl<'a> ItemGround<'a> {
    /// Columns that [`Self::read`] takes, in its order.
    pub const COLUMNS: &'static str = "id, sha256, md5, sha1, size, mime, class, hidden_first";

    fn of(id: i64, item: &'a RecordItem) -> Self {
        Self {
            id,
            sha256: item.digests.sha256.0,
            md5: item.digests.md5.0,
            sha1: item.digests.sha1.0,
            size: item.digests.size_bytes.cast_signed(),
            mime: item.media.mime.as_str().into(),
            class: view::word(&item.media.class),
            hidden_first: i64::from(matches!(item.visibility, Visibility::Hidden { .. })),
        }
    }

    pub fn read(row: &Row<'_>) -> rusqlite::Result<ItemGround<'static>> {
        Ok(ItemGround {
            id: row.get(0)?,
            sha256: row.get(1)?,
            md5: row.get(2)?,
            sha1: row.get(3)?,
            size: row.get(4)?,
            mime: row.get::<_, String>(5)?.into(),
            class: row.get(6)?,
            hidden_first: row.get(7)?,
        })
    }

    pub fn add_to(&self, canon: &mut Canon) {
        canon.bytes(b"item").number(self.id).bytes(&self.sha256).bytes(&self.md5).bytes(&self.sha1).number(self.size);
        canon.bytes(self.mime.as_bytes()).bytes(self.class.as_bytes()).number(self.hidden_first);
    }

    fn insert(&self, db: &Connection, seq: i64) -> Result<()> {
        db.prepare_cached("INSERT INTO main.item VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?.execute((
            self.id,
            self.sha256,
            self.md5,
            self.sha1,
            self.size,
            &self.mime,
            &self.class,
            self.hidden_first,
            seq,
        ))?;
        Ok(())
    }
}

/// A row of `occurrence`.
pub(crate) struct OccurrenceGround<'a> {
    id: i64,
    source: i64,
    path: std::borrow::Cow<'a, [u8]>,
    size: Option<i64>,
    modified: Option<i64>,
    created: Option<i64>,
    accessed: Option<i64>,
    time_raw: Option<std::borrow::Cow<'a, str>>,
    item: Option<i64>,
    refusal: Option<String>,
    refusal_detail: Option<std::borrow::Cow<'a, str>>,
    extension_disagrees: Option<std::borrow::Cow<'a, str>>,
}

impl<'a> OccurrenceGround<'a> {
    /// Columns that [`Self::read`] takes, in its order.
    pub const COLUMNS: &'static str = "id, source, path, size, modified, created, accessed, time_raw, item, refusal, refusal_detail, extension_disagrees";

    fn of(id: i64, record: &'a Record, item: Option<i64>) -> Self {
        let RecordTimes { modified, created, accessed, raw } = &record.times;
        let (refusal_detail, extension_disagrees) = match &record.content {
            RecordContent::Unread(refusal) => (Some(refusal.detail.as_str().into()), None),
            RecordContent::Item(item) => (None, item.extension_disagrees.as_deref().map(Into::into)),
        };
        Self {
            id,
            source: record.source.0,
            path: record.path.0.as_slice().into(),
            size: record.size_bytes.map(u64::cast_signed),
            modified: modified.map(|time| time.0),
            created: created.map(|time| time.0),
            accessed: accessed.map(|time| time.0),
            time_raw: raw.as_deref().map(Into::into),
            item,
            refusal: refusal_word(record),
            refusal_detail,
            extension_disagrees,
        }
    }

    pub fn read(row: &Row<'_>) -> rusqlite::Result<OccurrenceGround<'static>> {
        Ok(OccurrenceGround {
            id: row.get(0)?,
            source: row.get(1)?,
            path: row.get::<_, Vec<u8>>(2)?.into(),
            size: row.get(3)?,
            modified: row.get(4)?,
            created: row.get(5)?,
            accessed: row.get(6)?,
            time_raw: row.get::<_, Option<String>>(7)?.map(Into::into),
            item: row.get(8)?,
            refusal: row.get(9)?,
            refusal_detail: row.get::<_, Option<String>>(10)?.map(Into::into),
            extension_disagrees: row.get::<_, Option<String>>(11)?.map(Into::into),
        })
    }

    pub fn add_to(&self, canon: &mut Canon) {
        canon.bytes(b"occurrence").number(self.id).number(self.source).bytes(&self.path);
        for number in [self.size, self.modified, self.created, self.accessed] {
            canon.maybe_number(number);
        }
        canon.maybe_bytes(self.time_raw.as_deref().map(str::as_bytes)).maybe_number(self.item);
        canon.maybe_bytes(self.refusal.as_deref().map(str::as_bytes));
        canon.maybe_bytes(self.refusal_detail.as_deref().map(str::as_bytes));
        canon.maybe_bytes(self.extension_disagrees.as_deref().map(str::as_bytes));
    }

    /// Adds the row; what was at that place before is no longer the newest.
    fn insert(&self, db: &Connection, seq: i64) -> Result<()> {
        db.prepare_cached(
            "UPDATE main.occurrence SET superseded = 1 WHERE source = ?1 AND path = ?2 AND superseded = 0",
        )?
        .execute((self.source, &self.path))?;
        db.prepare_cached(
            "INSERT INTO main.occurrence VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 0)",
        )?
        .execute(rusqlite::params![
            self.id,
            self.source,
            self.path,
            self.size,
            self.modified,
            self.created,
            self.accessed,
            self.time_raw,
            self.item,
            self.refusal,
            self.refusal_detail,
            self.extension_disagrees,
            seq,
        ])?;
        Ok(())
    }
}
