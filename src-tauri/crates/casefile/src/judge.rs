//! What rules say, as it changes: sets in force, rematches, stacks, and derived state that is thrown away.

use std::collections::HashSet;

use domain::{SetStamp, Sha256, UtcTime, Visibility};
use rusqlite::{Connection, OptionalExtension};
use serde_json::json;

use crate::canon::Canon;
use crate::error::{CasePart, damaged};
use crate::ledger::OperationKind;
use crate::model::{Rejudged, SetStampRow, Stack};
use crate::record::NotedSets;
use crate::seal::{self, Seal};
use crate::view::{self, View, ViewWriter, from_json, to_json};
use crate::writing::{self, Writer};
use crate::{CaseFile, CasefileError, Result};

/// Most items that one rematch call may change.
pub const REJUDGED_MAX: usize = 100_000;

impl CaseFile {
    /// Notes which versions of which sets the case is matched with from now on. The same list again changes nothing.
    pub fn put_sets(&self, sets: &[SetStampRow], now: UtcTime) -> Result<()> {
        self.write("note the hash sets of the case", |writer| {
            if in_force(writer.db())? == sets {
                return Ok(());
            }
            writer.ground(|db| {
                let detail = json!({
                    "sets": sets.iter().map(|row| json!({
                        "name": row.stamp.name, "role": row.stamp.role, "version": row.stamp.version,
                        "entries": row.entries })).collect::<Vec<_>>(),
                    "sha256": sets_digest(sets),
                });
                let seq = self.append(db, OperationKind::SetsNoted, &detail, now)?;
                for (place, row) in sets.iter().enumerate() {
                    let id = note_set(db, seq, row)?;
                    db.execute("INSERT INTO main.set_in_force VALUES(?1, ?2, ?3)", (seq, place as i64, id))?;
                }
                Ok(())
            })
        })
    }

    /// Lists the sets that were in force at the last `put_sets`, in its order.
    pub fn sets(&self) -> Result<Vec<SetStampRow>> {
        self.read(in_force)
    }

    /// Notes that every item was judged by the sets in force and by these rules: what a load or a rematch that was
    /// stopped half-way does not get to. `rules` names the rules, e.g. the versions of crosswalks.
    pub fn matched(&self, rules: &str, now: UtcTime) -> Result<()> {
        self.write("note that items were judged", |writer| {
            if is_matched(writer.db(), rules)? {
                return Ok(());
            }
            writer.ground(|db| {
                let detail = json!({ "rules": rules, "sha256": sets_digest(&in_force(db)?) });
                self.append(db, OperationKind::Matched, &detail, now)?;
                Ok(())
            })
        })
    }

    /// Gives the sets by which every item was judged to the end, if it was by these rules and the derived state of that
    /// time is still there: from these on a judging may follow what has changed.
    pub fn matched_sets(&self, rules: &str) -> Result<Option<Vec<SetStampRow>>> {
        self.read(|db| {
            let Some(matched) = newest(db, OperationKind::Matched)? else { return Ok(None) };
            if rules_of(db, matched)? != rules
                || newest(db, OperationKind::DerivedDropped)?.is_some_and(|dropped| dropped > matched)
            {
                return Ok(None);
            }
            let noted: Option<i64> = db
                .prepare_cached("SELECT max(seq) FROM main.ledger WHERE kind = ?1 AND seq < ?2")?
                .query_row((OperationKind::SetsNoted.as_str(), matched), |row| row.get(0))?;
            noted.map_or(Ok(Some(Vec::new())), |seq| sets_at(db, seq).map(Some))
        })
    }

    /// Gives what was noted since the last judging that came to its end: sets by which some items may have been judged.
    pub fn noted_since_matched(&self) -> Result<Vec<Vec<SetStampRow>>> {
        self.read(|db| {
            let matched = newest(db, OperationKind::Matched)?.unwrap_or(0);
            let mut all = db.prepare_cached("SELECT seq FROM main.ledger WHERE kind = ?1 AND seq > ?2 ORDER BY seq")?;
            let seqs = all.query_map((OperationKind::SetsNoted.as_str(), matched), |row| row.get::<_, i64>(0))?;
            seqs.map(|seq| sets_at(db, seq?)).collect()
        })
    }

    /// Tells whether every item was judged by the sets in force and by these rules.
    pub fn is_matched(&self, rules: &str) -> Result<bool> {
        self.read(|db| is_matched(db, rules))
    }

    /// Replaces what the rule says of items. A person's decision stays, and outranks it. What says nothing new is left
    /// out, so that the same call again changes nothing.
    ///
    /// The same demands as in `record`: a hide names a noted set and a hit, and is not decoded, unless a person has
    /// decided about that item. What is hidden from now on loses its facts and its thumbnail.
    pub fn rejudge(&self, changes: &[Rejudged], now: UtcTime) -> Result<()> {
        if changes.len() > REJUDGED_MAX {
            return Err(CasefileError::Limit { what: "items to judge", max: REJUDGED_MAX });
        }
        if changes.is_empty() {
            return Ok(());
        }
        self.write("judge items again", |writer| {
            let plan = plan(writer.db(), changes)?;
            if plan.is_empty() {
                return Ok(());
            }
            writer.both(
                |db, _| put_all(db, &plan),
                |db, _, seals: Vec<Seal>| {
                    let mut canon = Canon::new("zeef rejudged 1");
                    let moved = add_all(&mut canon, &plan, &seals);
                    let detail = json!({
                        "items": plan.len(), "judgements": moved.len(), "moves": moves(&plan),
                        "decoded": plan.iter().filter(|change| change.change.decoded.is_some()).count(),
                        "sha256": canon.finish(),
                    });
                    let seq = self.append(db, OperationKind::Rejudged, &detail, now)?;
                    insert_all(db, seq, &moved, &seals)
                },
            )?;
            writer.purge()
        })
    }

    /// Tells whether nothing that stacks rest on has changed since they were made.
    pub fn stacks_are_current(&self) -> Result<bool> {
        const CHANGES: [OperationKind; 7] = [
            OperationKind::Recorded,
            OperationKind::Rejudged,
            OperationKind::DerivedDropped,
            OperationKind::Decided,
            OperationKind::Undone,
            OperationKind::Redone,
            OperationKind::Vetoed,
        ];
        self.read(|db| {
            let Some(stacked) = newest(db, OperationKind::Stacked)? else { return Ok(false) };
            for kind in CHANGES {
                if newest(db, kind)?.is_some_and(|changed| changed > stacked) {
                    return Ok(false);
                }
            }
            Ok(true)
        })
    }

    /// Replaces the stacks.
    pub fn put_stacks(&self, stacks: &[Stack], now: UtcTime) -> Result<()> {
        self.write("make stacks", |writer| {
            let rows = stack_rows(writer.db(), stacks)?;
            writer.both(
                |db, seq| {
                    for (item, representative) in &rows {
                        db.prepare_cached("INSERT INTO derived.stack VALUES(?1, ?2, ?3)")?.execute((
                            seq,
                            item,
                            representative,
                        ))?;
                    }
                    db.execute("UPDATE derived.meta SET stacks_before = stacks, stacks = ?1", [seq])?;
                    Ok(())
                },
                |db, _, ()| {
                    let detail = json!({ "stacks": stacks.len(), "items": rows.len(), "sha256": stacks_digest(&rows) });
                    self.append(db, OperationKind::Stacked, &detail, now)
                },
            )?;
            writer.purge()
        })
    }

    /// Gives the stacks, by representative, members by digest.
    pub fn stacks(&self) -> Result<Vec<Stack>> {
        self.read(|db| {
            let mut all = db.prepare(
                "SELECT r.sha256, m.sha256 FROM derived.stack s
                 JOIN main.item m ON m.id = s.item JOIN main.item r ON r.id = s.representative
                 WHERE s.generation = (SELECT stacks FROM derived.meta) ORDER BY r.sha256, m.sha256",
            )?;
            let mut rows = all.query([])?;
            let mut stacks: Vec<Stack> = Vec::new();
            while let Some(row) = rows.next()? {
                let (representative, member) = (Sha256(row.get(0)?), Sha256(row.get(1)?));
                match stacks.last_mut().filter(|stack| stack.representative == representative) {
                    Some(stack) => stack.members.push(member),
                    None => stacks.push(Stack { representative, members: vec![member] }),
                }
            }
            Ok(stacks)
        })
    }

    /// Throws derived state away. Every item waits for it again: see [`CaseFile::pending`].
    pub fn drop_derived(&self, now: UtcTime) -> Result<()> {
        self.write("throw derived state away", |writer| {
            let case_id = writer.case_id().to_owned();
            // First the ledger: a process that is killed in between leaves derived state that is still right.
            writer.ground(|db| self.append(db, OperationKind::DerivedDropped, &json!({}), now))?;
            writer.derived(|db| writing::empty(db, &case_id))
        })
    }

    /// Notes in the ledger that derived state was found lost and made anew, if that has happened.
    pub(crate) fn note_loss(&self, now: UtcTime) -> Result<()> {
        self.write_whatever_the_role(|writer| {
            let lost: i64 = writer.db().query_row("SELECT lost FROM derived.meta", [], |row| row.get(0))?;
            let why = match lost {
                0 => return Ok(()),
                writing::LOST_AND_NEWER => writing::WHY_NEWER,
                _ => "lost",
            };
            writer.ground(|db| self.append(db, OperationKind::DerivedDropped, &json!({ "why": why }), now))?;
            writer.derived(|db| Ok(db.execute("UPDATE derived.meta SET lost = 0", []).map(drop)?))
        })
    }

    /// Tells whether items wait for their derived state: it was thrown away, or the file was lost.
    pub fn needs_rebuild(&self) -> Result<bool> {
        self.read(|db| {
            let standing = writing::standing(db, &self.inner.info.case_id)?;
            let waits = db
                .prepare(
                    "SELECT 1 FROM main.item i WHERE NOT EXISTS (SELECT 1 FROM derived.view v WHERE v.id = i.id)
                     LIMIT 1",
                )?
                .exists([])?;
            Ok(waits || matches!(standing, writing::Standing::Foreign | writing::Standing::Newer))
        })
    }
}

/// A change of what the rule says of an item: its number, before, after.
pub(crate) type Moved = (i64, Option<String>, String);

/// Writes the derived rows of a plan, and seals them.
pub(crate) fn put_all(db: &Connection, plan: &[Planned<'_>]) -> Result<Vec<Seal>> {
    let written: Vec<seal::Written> = plan.iter().map(|change| (change.id, change.change.decoded.is_some())).collect();
    let mut views = ViewWriter::new(db);
    plan.iter().try_for_each(|change| change.put(&mut views))?;
    seal::seal_all(db, &written)
}

/// Adds the rows that the ground file keeps of a plan to the digest of its operation, and gives the judgements.
pub(crate) fn add_all(canon: &mut Canon, plan: &[Planned<'_>], seals: &[Seal]) -> Vec<Moved> {
    let moved: Vec<Moved> = plan.iter().filter_map(Planned::judgement).collect();
    moved.iter().for_each(|(id, before, after)| judgement_row(canon, *id, before.as_deref(), after));
    seals.iter().for_each(|seal| seal.add_to(canon));
    moved
}

/// Adds these rows.
pub(crate) fn insert_all(db: &Connection, seq: i64, moved: &[Moved], seals: &[Seal]) -> Result<()> {
    for (id, before, after) in moved {
        db.prepare_cached("INSERT INTO main.judgement VALUES(?1, ?2, ?3, ?4)")?.execute((seq, id, before, after))?;
    }
    seals.iter().try_for_each(|seal| seal.insert(db, seq))
}

/// One change with what stands there now.
pub(crate) struct Planned<'a> {
    id: i64,
    class: String,
    before: Option<String>,
    near: Vec<domain::NearHit>,
    change: &'a Rejudged,
}

impl Planned<'_> {
    fn put(&self, views: &mut ViewWriter<'_>) -> Result<()> {
        views.put(&View {
            id: self.id,
            sha256: &self.change.sha256.0,
            class: &self.class,
            visibility: &self.change.visibility,
            hits: &self.change.hits,
            near: self.change.near.as_deref().unwrap_or(&self.near),
        })?;
        self.change.decoded.as_ref().map_or(Ok(()), |decoded| views.put_decoded(self.id, decoded))
    }

    /// The row that the ground file keeps, if the rule says something else than before.
    fn judgement(&self) -> Option<(i64, Option<String>, String)> {
        let after = to_json(&self.change.visibility);
        (self.before.as_deref() != Some(after.as_str())).then(|| (self.id, self.before.clone(), after))
    }
}

/// Works out what changes; what says nothing new is left out.
pub(crate) fn plan<'a>(db: &Connection, changes: &'a [Rejudged]) -> Result<Vec<Planned<'a>>> {
    let mut noted = NotedSets::default();
    let mut seen = HashSet::new();
    let mut reader = view::ViewReader::new(db);
    let mut planned = Vec::with_capacity(changes.len());
    // Of an item that is named twice the last word holds.
    for change in changes.iter().rev().filter(|change| seen.insert(change.sha256)) {
        noted.check(db, change.sha256, &change.visibility, &change.hits)?;
        let (id, class) = db
            .prepare_cached("SELECT id, class FROM main.item WHERE sha256 = ?1")?
            .query_row([change.sha256.0], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))
            .optional()?
            .ok_or(CasefileError::NoSuchItem { sha256: change.sha256 })?;
        if matches!(change.visibility, Visibility::Hidden { .. }) && change.decoded.is_some() && !is_decided(db, id)? {
            return Err(CasefileError::KnownDecoded { sha256: change.sha256 });
        }
        let stored: Option<[String; 3]> = db
            .prepare_cached("SELECT visibility, hits, near FROM derived.view WHERE id = ?1")?
            .query_row([id], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))
            .optional()?;
        let Some([before, hits, near]) = stored else {
            planned.push(Planned { id, class, before: None, near: Vec::new(), change });
            continue;
        };
        let near = reader.near(&near)?;
        let same = change.decoded.is_none()
            && before == to_json(&change.visibility)
            && change.near.as_ref().is_none_or(|new| *new == near)
            && reader.hits(&hits)? == change.hits;
        if !same {
            planned.push(Planned { id, class, before: Some(before), near, change });
        }
    }
    planned.sort_by_key(|change| change.id);
    Ok(planned)
}

fn is_decided(db: &Connection, item: i64) -> Result<bool> {
    Ok(db.prepare_cached("SELECT 1 FROM main.current WHERE item = ?1")?.exists([item])?)
}

/// Counts the moves between states, e.g. `shown-hidden`; what stays in its state is in none.
fn moves(plan: &[Planned<'_>]) -> std::collections::BTreeMap<String, u64> {
    let state = |visibility: &Visibility| match visibility {
        Visibility::Shown { .. } => "shown",
        Visibility::Hidden { .. } => "hidden",
        Visibility::Refused { .. } => "refused",
    };
    let mut moves = std::collections::BTreeMap::new();
    for change in plan {
        let before = change.before.as_deref().and_then(|text| serde_json::from_str::<Visibility>(text).ok());
        let before = before.as_ref().map_or("pending", state);
        let after = state(&change.change.visibility);
        if before != after {
            *moves.entry(format!("{before}-{after}")).or_insert(0) += 1;
        }
    }
    moves
}

/// Adds a row of `judgement` to the digest of its operation.
pub(crate) fn judgement_row(canon: &mut Canon, item: i64, before: Option<&str>, after: &str) {
    canon.bytes(b"judgement").number(item).maybe_bytes(before.map(str::as_bytes)).bytes(after.as_bytes());
}

fn stack_rows(db: &Connection, stacks: &[Stack]) -> Result<Vec<(i64, i64)>> {
    let id = |sha256: &Sha256| -> Result<i64> {
        db.prepare_cached("SELECT id FROM main.item WHERE sha256 = ?1")?
            .query_row([sha256.0], |row| row.get(0))
            .optional()?
            .ok_or(CasefileError::NoSuchItem { sha256: *sha256 })
    };
    let mut rows = Vec::new();
    for stack in stacks {
        let representative = id(&stack.representative)?;
        for member in &stack.members {
            rows.push((id(member)?, representative));
        }
    }
    rows.sort_unstable();
    // An item is in one stack at most; the first by its representative's number wins, which is deterministic.
    rows.dedup_by_key(|(item, _)| *item);
    Ok(rows)
}

/// Gives the digest over a list of sets that the ledger notes.
pub(crate) fn sets_digest(sets: &[SetStampRow]) -> Sha256 {
    let mut canon = Canon::new("zeef sets 1");
    for row in sets {
        canon.bytes(to_json(&row.stamp).as_bytes()).number(row.entries.cast_signed()).number(row.imported.0);
        canon.bytes(to_json(&row.source_sha256).as_bytes());
    }
    canon.finish()
}

fn note_set(db: &Connection, seq: i64, row: &SetStampRow) -> Result<i64> {
    let SetStampRow { stamp, entries, imported, source_sha256 } = row;
    let (name, version) = (stamp.name.as_str(), stamp.version.0);
    let (stamp, sources) = (to_json(stamp), to_json(source_sha256));
    let entries = entries.cast_signed();
    let known: Option<i64> = db
        .query_row(
            "SELECT id FROM main.hash_set WHERE name = ?1 AND version = ?2 AND stamp = ?3 AND entries = ?4
             AND imported = ?5 AND source_sha256 = ?6",
            (name, version, &stamp, entries, imported.0, &sources),
            |row| row.get(0),
        )
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    db.execute(
        "INSERT INTO main.hash_set(seq, name, version, stamp, entries, imported, source_sha256)
         VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        (seq, name, version, stamp, entries, imported.0, sources),
    )?;
    Ok(db.last_insert_rowid())
}

fn in_force(db: &Connection) -> Result<Vec<SetStampRow>> {
    newest(db, OperationKind::SetsNoted)?.map_or(Ok(Vec::new()), |seq| sets_at(db, seq))
}

/// Gives the number of the newest operation of a kind.
pub(crate) fn newest(db: &Connection, kind: OperationKind) -> Result<Option<i64>> {
    Ok(db
        .prepare_cached("SELECT max(seq) FROM main.ledger WHERE kind = ?1")?
        .query_row([kind.as_str()], |row| row.get(0))?)
}

fn is_matched(db: &Connection, rules: &str) -> Result<bool> {
    let Some(matched) = newest(db, OperationKind::Matched)? else { return Ok(false) };
    Ok(rules_of(db, matched)? == rules && newest(db, OperationKind::SetsNoted)?.is_none_or(|noted| noted < matched))
}

/// Gives the rules that an operation says items were judged by.
fn rules_of(db: &Connection, matched: i64) -> Result<String> {
    let detail: String = db.query_row("SELECT detail FROM main.ledger WHERE seq = ?1", [matched], |row| row.get(0))?;
    let detail: serde_json::Value = from_json(&detail, CasePart::Ground)?;
    Ok(detail["rules"].as_str().unwrap_or_default().to_owned())
}

/// Reads the stacks in force as pairs of item and representative, by item.
pub(crate) fn stacks_in_force(db: &Connection) -> Result<Vec<(i64, i64)>> {
    let mut all = db.prepare_cached(
        "SELECT item, representative FROM derived.stack WHERE generation = (SELECT stacks FROM derived.meta)
         ORDER BY item",
    )?;
    let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Gives the digest over stacks that the ledger notes.
pub(crate) fn stacks_digest(rows: &[(i64, i64)]) -> Sha256 {
    let mut canon = Canon::new("zeef stacks 1");
    rows.iter().for_each(|(item, representative)| {
        canon.number(*item).number(*representative);
    });
    canon.finish()
}

/// Reads the sets that an operation put in force.
pub(crate) fn sets_at(db: &Connection, seq: i64) -> Result<Vec<SetStampRow>> {
    let mut all = db.prepare_cached(
        "SELECT h.stamp, h.entries, h.imported, h.source_sha256 FROM main.set_in_force f
         JOIN main.hash_set h ON h.id = f.hash_set WHERE f.seq = ?1 ORDER BY f.place",
    )?;
    let mut rows = all.query([seq])?;
    let mut sets = Vec::new();
    while let Some(row) = rows.next()? {
        let stamp: SetStamp = from_json(&row.get::<_, String>(0)?, CasePart::Ground)?;
        sets.push(SetStampRow {
            stamp,
            entries: row.get::<_, i64>(1)?.cast_unsigned(),
            imported: UtcTime(row.get(2)?),
            source_sha256: serde_json::from_str(&row.get::<_, String>(3)?).map_err(|_| damaged(CasePart::Ground))?,
        });
    }
    Ok(sets)
}

impl Writer {
    /// Changes the derived file alone, where the change needs no operation beside it to be right.
    fn derived(&mut self, change: impl FnOnce(&Connection) -> Result<()>) -> Result<()> {
        self.ground(change)
    }
}
