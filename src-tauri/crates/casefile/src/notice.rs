//! Notices: what new versions of sets say otherwise of items, each once, and which of them a person has read.

use std::collections::HashMap;

use domain::{EntryId, Notice, NoticeKind, SetVersion, Sha256, UserName, UtcTime};
use rusqlite::{Connection, Row};
use serde::Serialize;
use serde_json::json;

use crate::canon::Canon;
use crate::error::{CasePart, damaged};
use crate::ledger::OperationKind;
use crate::model::OperationId;
use crate::standing::number_of;
use crate::{CaseFile, CasefileError, Result};

/// Most notices in one call.
pub const NOTICES_MAX: usize = 1_000_000;

/// Describes a notice that the case keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoticeRow {
    /// Number, from 1.
    pub id: u64,
    /// Item that it is about.
    pub item: Sha256,
    /// What has changed.
    #[serde(flatten)]
    pub notice: Notice,
    /// When it came into the case.
    pub at: UtcTime,
    /// In which operation.
    pub operation: OperationId,
    /// Who has read it, and when.
    pub read: Option<(UserName, UtcTime)>,
}

impl CaseFile {
    /// Keeps notices about items, as one operation. What was kept since the version from which it tells is left out, so
    /// that a judging that was cut short and is done again says nothing twice. Gives how many are new.
    pub fn note(&self, notices: &[(Sha256, Notice)], now: UtcTime) -> Result<u64> {
        if notices.len() > NOTICES_MAX {
            return Err(CasefileError::Limit { what: "notices", max: NOTICES_MAX });
        }
        if notices.is_empty() {
            return Ok(0);
        }
        self.write("keep notices", |writer| {
            let mut rows = Vec::new();
            for (sha256, notice) in notices {
                let item = number_of(writer.db(), sha256)?.ok_or(CasefileError::NoSuchItem { sha256: *sha256 })?;
                let known = is_known(writer.db(), item, notice)?;
                if !known && !rows.iter().any(|(other, one)| *other == item && *one == notice) {
                    rows.push((item, notice));
                }
            }
            if rows.is_empty() {
                return Ok(0);
            }
            writer.ground(|db| {
                let first: i64 =
                    db.query_row("SELECT coalesce(max(id), 0) + 1 FROM main.notice", [], |row| row.get(0))?;
                let mut canon = Canon::new("zeef notices 1");
                for (id, (item, notice)) in (first..).zip(&rows) {
                    add_to(&mut canon, id, *item, notice);
                }
                let mut kinds: HashMap<&str, u64> = HashMap::new();
                rows.iter().for_each(|(_, notice)| *kinds.entry(notice.kind.as_str()).or_default() += 1);
                let kinds: std::collections::BTreeMap<_, _> = kinds.into_iter().collect();
                let detail = json!({ "notices": rows.len(), "kinds": kinds, "sha256": canon.finish() });
                let seq = self.append(db, OperationKind::Noticed, &detail, now)?;
                for (id, (item, notice)) in (first..).zip(&rows) {
                    insert(db, id, seq, *item, notice)?;
                }
                Ok(rows.len() as u64)
            })
        })
    }

    /// Lists the notices, newest first.
    pub fn notices(&self) -> Result<Vec<NoticeRow>> {
        self.listed_notices(None)
    }

    /// Lists the notices about one item, newest first.
    pub fn notices_of(&self, item: u32) -> Result<Vec<NoticeRow>> {
        self.listed_notices(Some(item))
    }

    fn listed_notices(&self, item: Option<u32>) -> Result<Vec<NoticeRow>> {
        self.read(|db| {
            let only = if item.is_some() { "WHERE n.item = ?1" } else { "WHERE ?1 IS NULL" };
            let mut all = db.prepare_cached(&format!(
                "SELECT {COLUMNS}, i.sha256, l.at, n.seq, r.who, r.at FROM main.notice n
                 JOIN main.item i ON i.id = n.item JOIN main.ledger l ON l.seq = n.seq
                 LEFT JOIN main.notice_read x ON x.notice = n.id LEFT JOIN main.ledger r ON r.seq = x.seq
                 {only} ORDER BY n.id DESC"
            ))?;
            let mut rows = all.query([item])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let (id, _, notice) = read(row)?;
                let who = row.get::<_, Option<String>>(13)?;
                let who = who.map(|name| name.parse().map_err(|_| damaged(CasePart::Ground))).transpose()?;
                found.push(NoticeRow {
                    id: id.unsigned_abs(),
                    item: Sha256(row.get(10)?),
                    notice,
                    at: UtcTime(row.get(11)?),
                    operation: OperationId(row.get::<_, i64>(12)?.unsigned_abs()),
                    read: who.zip(row.get::<_, Option<i64>>(14)?.map(UtcTime)),
                });
            }
            Ok(found)
        })
    }

    /// Counts the notices that nobody has read.
    pub fn notices_unread(&self) -> Result<u64> {
        self.read(|db| {
            let count: i64 = db.query_row(
                "SELECT (SELECT count(*) FROM main.notice) - (SELECT count(*) FROM main.notice_read)",
                [],
                |row| row.get(0),
            )?;
            Ok(count.unsigned_abs())
        })
    }

    /// Notes that a person has read notices: these, or all. What was read before is left out. Gives how many are new.
    pub fn read_notices(&self, which: Option<&[u64]>, now: UtcTime) -> Result<u64> {
        self.write("mark notices as read", |writer| {
            let mut unread = unread(writer.db())?;
            if let Some(which) = which {
                for id in which {
                    let there = writer
                        .db()
                        .prepare_cached("SELECT 1 FROM main.notice WHERE id = ?1")?
                        .exists([id.cast_signed()])?;
                    if !there {
                        return Err(CasefileError::NoSuchNotice { id: *id });
                    }
                }
                unread.retain(|id| which.contains(&id.unsigned_abs()));
            }
            if unread.is_empty() {
                return Ok(0);
            }
            writer.ground(|db| {
                let detail = json!({ "notices": unread.len(), "sha256": read_digest(&unread) });
                let seq = self.append(db, OperationKind::NoticesRead, &detail, now)?;
                for id in &unread {
                    db.prepare_cached("INSERT INTO main.notice_read VALUES(?1, ?2)")?.execute((id, seq))?;
                }
                Ok(unread.len() as u64)
            })
        })
    }
}

const COLUMNS: &str = "n.id, n.item, n.kind, n.hash_set, n.entry, n.from_version, n.to_version, n.was, n.now, n.reason";

fn read(row: &Row<'_>) -> Result<(i64, i64, Notice)> {
    let broken = || damaged(CasePart::Ground);
    let kind: NoticeKind = row.get::<_, String>(2)?.parse().map_err(|_| broken())?;
    let notice = Notice {
        kind,
        set: row.get::<_, String>(3)?.parse().map_err(|_| broken())?,
        entry: EntryId(row.get::<_, i64>(4)?.cast_unsigned()),
        from: SetVersion(row.get(5)?),
        to: SetVersion(row.get(6)?),
        was: row.get(7)?,
        now: row.get(8)?,
        reason: row.get(9)?,
    };
    Ok((row.get(0)?, row.get(1)?, notice))
}

fn insert(db: &Connection, id: i64, seq: i64, item: i64, notice: &Notice) -> Result<()> {
    db.prepare_cached("INSERT INTO main.notice VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")?.execute((
        id,
        seq,
        item,
        notice.kind.as_str(),
        notice.set.as_str(),
        notice.entry.0.cast_signed(),
        notice.from.0,
        notice.to.0,
        &notice.was,
        &notice.now,
        &notice.reason,
    ))?;
    Ok(())
}

/// Tells whether the case has a notice that says the same and came after the version from which this one tells.
fn is_known(db: &Connection, item: i64, notice: &Notice) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT 1 FROM main.notice WHERE item = ?1 AND kind = ?2 AND hash_set = ?3 AND entry = ?4 AND now = ?5
             AND to_version > ?6 LIMIT 1",
        )?
        .exists((
            item,
            notice.kind.as_str(),
            notice.set.as_str(),
            notice.entry.0.cast_signed(),
            &notice.now,
            notice.from.0,
        ))?)
}

fn unread(db: &Connection) -> Result<Vec<i64>> {
    let mut all = db.prepare_cached(
        "SELECT id FROM main.notice n WHERE NOT EXISTS (SELECT 1 FROM main.notice_read r WHERE r.notice = n.id)
         ORDER BY id",
    )?;
    let rows = all.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn add_to(canon: &mut Canon, id: i64, item: i64, notice: &Notice) {
    canon.number(id).number(item).bytes(notice.kind.as_str().as_bytes()).bytes(notice.set.as_str().as_bytes());
    canon.number(notice.entry.0.cast_signed()).number(notice.from.0.into()).number(notice.to.0.into());
    canon.bytes(notice.was.as_bytes()).bytes(notice.now.as_bytes()).bytes(notice.reason.as_bytes());
}

fn read_digest(ids: &[i64]) -> Sha256 {
    let mut canon = Canon::new("zeef notices read 1");
    ids.iter().for_each(|id| {
        canon.number(*id);
    });
    canon.finish()
}

/// Gives the digest over the notices of an operation as they stand there, and their number.
pub(crate) fn notices_at(db: &Connection, seq: i64) -> Result<(Sha256, i64)> {
    let mut all = db.prepare_cached(&format!("SELECT {COLUMNS} FROM main.notice n WHERE n.seq = ?1 ORDER BY n.id"))?;
    let mut rows = all.query([seq])?;
    let mut canon = Canon::new("zeef notices 1");
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let (id, item, notice) = read(row)?;
        add_to(&mut canon, id, item, &notice);
        count += 1;
    }
    Ok((canon.finish(), count))
}

/// Gives the same for the notices that an operation marked as read.
pub(crate) fn read_at(db: &Connection, seq: i64) -> Result<(Sha256, i64)> {
    let mut all = db.prepare_cached("SELECT notice FROM main.notice_read WHERE seq = ?1 ORDER BY notice")?;
    let ids = all.query_map([seq], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
    Ok((read_digest(&ids), ids.len() as i64))
}
