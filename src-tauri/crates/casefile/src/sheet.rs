//! Reading all items at once, or some: what whoever holds them in memory needs of each, without their JSON.
//!
//! A million items are read in one pass over each table or index that knows something of them, all in the order of their
//! numbers, side by side. Nothing is sorted, and nothing is held but the row at hand. The indexes `view_sheet`,
//! `view_near`, `facts_sheet` and `occurrence_item` hold what is asked here, so that the wide rows are left alone.

use std::ops::ControlFlow;

use domain::{MediaClass, NearHit, Sha256, SourceId, UtcTime};
use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator as _;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, Rows};

use crate::error::{CasePart, damaged};
use crate::mark::{MarkKind, Marks, NOTE};
use crate::model::OperationId;
use crate::numbers::public;
use crate::reason::{NEEDS_HUMAN, ReasonCode};
use crate::view::{HIDDEN, REFUSED, SHOWN, ViewReader};
use crate::{CaseFile, Result, opinion};

/// Numbers that are read along between two that are wanted, because to begin anew costs more.
const GAP_MAX: u32 = 8;
/// Rank of what waits for its derived state: behind all that has one.
const RANK_WAITING: u8 = 5;

/// Tells where the rule has an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SheetState {
    /// To be reviewed.
    Shown,
    /// Not shown, for a recorded reason.
    Hidden,
    /// Could not be read or decoded.
    Refused,
    /// Its derived state is lost: its source has to be read again.
    Waiting,
}

/// Names the category that a set's verdict has in the case's scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SetCategory<'a> {
    /// This code.
    Code(&'a str),
    /// No crosswalk translates it.
    NeedsHuman,
}

/// Holds the decision in force about an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SheetDecision<'a> {
    /// Code in the case's scheme.
    pub category: &'a str,
    /// Who gave it.
    pub by: &'a str,
    /// Whether that is who has the case open.
    pub own: bool,
    /// When.
    pub at: UtcTime,
    /// In which operation.
    pub operation: OperationId,
    /// What this user gave it last, where somebody else's decision is in force.
    pub own_before: Option<&'a str>,
}

/// Holds one item as a table needs it. Text is that of the database, for as long as the row is at hand.
#[derive(Debug, Clone, Copy)]
pub struct SheetRow<'a> {
    /// Number.
    pub number: u32,
    /// SHA-256.
    pub sha256: Sha256,
    /// Media type by content.
    pub mime: &'a str,
    /// What Zeef does with it.
    pub class: MediaClass,
    /// Length in bytes.
    pub size_bytes: u64,
    /// Where the rule has it, whatever a person decided.
    pub state: SheetState,
    /// What is reviewed first: 0 what came back, 1 what is odd, 2 what is shown else, 3 what is hidden, 4 what was
    /// refused, 5 what waits.
    pub rank: u8,
    /// What the rule says.
    pub reason: ReasonCode,
    /// Set that the reason rests on; several are joined by commas.
    pub reason_set: Option<&'a str>,
    /// Category of what hides it, or hid it before it came back.
    pub category: Option<SetCategory<'a>>,
    /// Whether it was decoded.
    pub decoded: bool,
    /// Width in pixels, after orientation.
    pub width: Option<u32>,
    /// Height.
    pub height: Option<u32>,
    /// Time of taking as the metadata have it, a wall clock: `2026-01-02T03:04:05`.
    pub taken: Option<&'a str>,
    /// Model of the camera.
    pub camera: Option<&'a str>,
    /// Sources that have it, ascending.
    pub sources: &'a [SourceId],
    /// Number of its places.
    pub places: u32,
    /// First place, by source and then by the bytes of the path.
    pub first: Option<(SourceId, &'a [u8])>,
    /// Paths of its other places, by source and then by the bytes of the path.
    pub more_paths: &'a [Vec<u8>],
    /// Earliest modification of all places.
    pub modified: Option<UtcTime>,
    /// Decision in force.
    pub decision: Option<SheetDecision<'a>>,
    /// The entry that it looks most like.
    pub near: Option<&'a NearHit>,
    /// Number of the item that stands for its stack.
    pub stack: Option<u32>,
    /// Marks.
    pub marks: Marks,
    /// Note in force.
    pub note: Option<&'a str>,
    /// What other tools said of it, taken together.
    pub tools: ToolsSaid,
}

/// Tells whether other tools said anything of an item, and whether they contradict each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ToolsSaid {
    /// None did.
    #[default]
    Nothing,
    /// One did, or all that did can be true.
    Something,
    /// What they said contradicts itself.
    Contradicting,
}

impl SheetRow<'_> {
    /// Tells whether it is shown: by the rule, or because a person has decided.
    pub fn is_shown(&self) -> bool {
        self.state == SheetState::Shown || self.decision.is_some()
    }
}

/// Takes one item of a sheet.
pub type EachSheetRow<'a> = &'a mut dyn FnMut(SheetRow<'_>) -> ControlFlow<()>;

impl CaseFile {
    /// Gives every item by its number, in one snapshot. `each` may ask the case other questions.
    pub fn sheet(&self, each: EachSheetRow<'_>) -> Result<()> {
        self.read(|db| {
            let mut reading = Reading::new(db, self.inner.user.as_str())?;
            reading.run(1, i64::from(u32::MAX), None, each).map(drop)
        })
    }

    /// Gives the items from one number to another, both included, in one snapshot: several threads can share the work.
    pub fn sheet_between(&self, first: u32, last: u32, each: EachSheetRow<'_>) -> Result<()> {
        self.read(|db| {
            let mut reading = Reading::new(db, self.inner.user.as_str())?;
            reading.run(i64::from(first), i64::from(last), None, each).map(drop)
        })
    }

    /// Gives the largest number of an item; 0 without any.
    pub fn newest_number(&self) -> Result<u32> {
        self.read(|db| public(db.query_row("SELECT coalesce(max(id), 0) FROM main.item", [], |row| row.get(0))?))
    }

    /// Gives these items, ascending, each once. Numbers that the case does not have are left out.
    pub fn sheet_of(&self, items: &[u32], each: EachSheetRow<'_>) -> Result<()> {
        let mut wanted = items.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        self.read(|db| {
            let mut reading = Reading::new(db, self.inner.user.as_str())?;
            for run in wanted.chunk_by(|one, next| next - one <= GAP_MAX) {
                let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
                if reading.run(i64::from(*first), i64::from(*last), Some(run), each)?.is_break() {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Gives every stack in force as pairs of a member's number and that of the item that stands for it, by member.
    pub fn stacks_by_number(&self, each: &mut dyn FnMut(u32, u32) -> ControlFlow<()>) -> Result<()> {
        self.read(|db| {
            let mut all = db.prepare_cached(STACKS)?;
            let mut rows = all.query((1, i64::from(u32::MAX)))?;
            while let Some(row) = rows.next()? {
                if each(public(row.get(0)?)?, public(row.get(1)?)?).is_break() {
                    break;
                }
            }
            Ok(())
        })
    }
}

const ITEMS: &str = "SELECT id, sha256, size, mime, class FROM main.item WHERE id BETWEEN ?1 AND ?2 ORDER BY id";
const RULES: &str = "SELECT id, state, rank, reason, reason_set, category, decoded
   FROM derived.view INDEXED BY view_sheet WHERE id BETWEEN ?1 AND ?2 ORDER BY id";
const NEAR: &str = "SELECT id, near FROM derived.view INDEXED BY view_near
   WHERE suggested = 1 AND id BETWEEN ?1 AND ?2 ORDER BY id";
const FACTS: &str = "SELECT id, width, height, taken, camera
   FROM derived.facts INDEXED BY facts_sheet WHERE id BETWEEN ?1 AND ?2 ORDER BY id";
pub(crate) const PLACES: &str = "SELECT item, source, path, modified FROM main.occurrence INDEXED BY occurrence_item
   WHERE item IS NOT NULL AND item BETWEEN ?1 AND ?2 ORDER BY item, source, path";
pub(crate) const DECISIONS: &str = "SELECT c.item, x.category, l.who, l.at, x.seq
   FROM main.current c CROSS JOIN main.decision x ON x.id = c.decision CROSS JOIN main.ledger l ON l.seq = x.seq
   WHERE c.item BETWEEN ?1 AND ?2 ORDER BY c.item";
const STACKS: &str = "SELECT item, representative FROM derived.stack
   WHERE generation = (SELECT stacks FROM derived.meta) AND item BETWEEN ?1 AND ?2 ORDER BY item";
const MARKS: &str = "SELECT n.item, n.kind, m.text FROM main.marked n
   LEFT JOIN main.mark m ON m.seq = n.seq AND m.item = n.item
   WHERE n.item BETWEEN ?1 AND ?2 ORDER BY n.item, n.kind";
const OPINIONS: &str = "SELECT item, count(*) FROM main.opinion INDEXED BY opinion_item
   WHERE item BETWEEN ?1 AND ?2 GROUP BY item ORDER BY item";
/// The newest category that a user gave an item.
const OWN_BEFORE: &str =
    "SELECT x.category FROM main.change c CROSS JOIN main.decision x ON x.id = c.after AND x.seq = c.seq
   CROSS JOIN main.ledger l ON l.seq = c.seq WHERE c.item = ?1 AND l.who = ?2 ORDER BY c.seq DESC LIMIT 1";

/// What stays between two runs: statements, and buffers for what several rows tell of one item.
struct Reading<'a> {
    user: &'a str,
    db: &'a Connection,
    statements: [CachedStatement<'a>; 9],
    own_before: CachedStatement<'a>,
    views: ViewReader<'a>,
    places: Places,
    marks: MarksAtHand,
    mine: Option<String>,
    near: Option<NearHit>,
}

/// What the places of one item come to.
#[derive(Default)]
pub(crate) struct Places {
    pub sources: Vec<SourceId>,
    pub count: u32,
    pub first: Vec<u8>,
    /// Paths of the places behind the first.
    more: Vec<Vec<u8>>,
    pub modified: Option<i64>,
}

/// The marks of one item.
#[derive(Default)]
struct MarksAtHand {
    marks: Marks,
    note: Option<String>,
}

impl<'a> Reading<'a> {
    fn new(db: &'a Connection, user: &'a str) -> Result<Self> {
        Ok(Self {
            user,
            statements: [
                db.prepare_cached(ITEMS)?,
                db.prepare_cached(RULES)?,
                db.prepare_cached(FACTS)?,
                db.prepare_cached(PLACES)?,
                db.prepare_cached(DECISIONS)?,
                db.prepare_cached(NEAR)?,
                db.prepare_cached(STACKS)?,
                db.prepare_cached(MARKS)?,
                db.prepare_cached(OPINIONS)?,
            ],
            db,
            own_before: db.prepare_cached(OWN_BEFORE)?,
            views: ViewReader::new(db),
            places: Places::default(),
            marks: MarksAtHand::default(),
            mine: None,
            near: None,
        })
    }

    /// Gives the items from `first` to `last`, or those of them that are wanted.
    fn run(
        &mut self,
        first: i64,
        last: i64,
        wanted: Option<&[u32]>,
        each: EachSheetRow<'_>,
    ) -> Result<ControlFlow<()>> {
        let [items, rules, facts, places, decisions, near, stacks, marks, opinions] = &mut self.statements;
        let range = (first, last);
        let mut items = items.query(range)?;
        let mut rules = Lane::new(rules.query(range)?)?;
        let mut facts = Lane::new(facts.query(range)?)?;
        let mut places = Lane::new(places.query(range)?)?;
        let mut decisions = Lane::new(decisions.query(range)?)?;
        let mut near = Lane::new(near.query(range)?)?;
        let mut stacks = Lane::new(stacks.query(range)?)?;
        let mut marks = Lane::new(marks.query(range)?)?;
        let mut opinions = Lane::new(opinions.query(range)?)?;
        let mut wanted = wanted.map(|wanted| wanted.iter().copied().peekable());
        while let Some(item) = items.next()? {
            let id: i64 = item.get(0)?;
            let number = public(id)?;
            if let Some(wanted) = &mut wanted {
                while wanted.next_if(|before| *before < number).is_some() {}
                if wanted.next_if_eq(&number).is_none() {
                    continue;
                }
            }
            self.places.read(&mut places, id)?;
            self.marks.read(&mut marks, id)?;
            self.near = match near.at(id)? {
                Some(row) => closest(self.views.near(text(row, 1)?)?),
                None => None,
            };
            let decision = decisions.at(id)?;
            self.mine = match decision {
                Some(row) if text(row, 2)? != self.user => {
                    self.own_before.query_row((id, self.user), |row| row.get(0)).optional()?
                }
                _ => None,
            };
            let rule = rules.at(id)?;
            let facts = facts.at(id)?;
            let row = SheetRow {
                number,
                sha256: Sha256(item.get(1)?),
                size_bytes: item.get::<_, i64>(2)?.cast_unsigned(),
                mime: text(item, 3)?,
                class: class(text(item, 4)?)?,
                state: rule.map_or(Ok(SheetState::Waiting), |row| state(row.get(1)?))?,
                rank: rule.map_or(Ok(RANK_WAITING), |row| row.get(2))?,
                reason: rule.map_or(Ok(ReasonCode::Waiting), |row| ReasonCode::read(row.get(3)?))?,
                reason_set: rule.map_or(Ok(None), |row| maybe_text(row, 4))?,
                category: rule.map_or(Ok(None), |row| maybe_text(row, 5))?.map(category),
                decoded: rule.map_or(Ok(false), |row| row.get(6))?,
                width: facts.map(|row| row.get(1)).transpose()?,
                height: facts.map(|row| row.get(2)).transpose()?,
                taken: facts.map_or(Ok(None), |row| maybe_text(row, 3))?,
                camera: facts.map_or(Ok(None), |row| maybe_text(row, 4))?,
                sources: &self.places.sources,
                places: self.places.count,
                first: self.places.sources.first().map(|source| (*source, self.places.first.as_slice())),
                more_paths: &self.places.more,
                modified: self.places.modified.map(UtcTime),
                decision: decision.map(|row| self::decision(row, self.user, self.mine.as_deref())).transpose()?,
                near: self.near.as_ref(),
                stack: stacks.at(id)?.map(|row| public(row.get(1)?)).transpose()?,
                marks: self.marks.marks,
                note: self.marks.note.as_deref(),
                tools: match opinions.at(id)?.map(|row| row.get::<_, i64>(1)).transpose()? {
                    None => ToolsSaid::Nothing,
                    Some(several) if several > 1 && opinion::contradicting(self.db, id)? => ToolsSaid::Contradicting,
                    Some(_) => ToolsSaid::Something,
                },
            };
            if each(row).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// Rows of one query in the order of items, read on until the item at hand comes.
pub(crate) struct Lane<'a> {
    rows: Rows<'a>,
    /// Item of the row that was read last.
    item: Option<i64>,
}

impl<'a> Lane<'a> {
    pub fn new(rows: Rows<'a>) -> Result<Self> {
        let mut lane = Self { rows, item: None };
        lane.read_on()?;
        Ok(lane)
    }

    pub fn read_on(&mut self) -> Result<()> {
        self.item = self.rows.next()?.map(|row| row.get(0)).transpose()?;
        Ok(())
    }

    /// Gives the row of an item, the first where it has several.
    pub fn at(&mut self, item: i64) -> Result<Option<&Row<'a>>> {
        while self.item.is_some_and(|behind| behind < item) {
            self.read_on()?;
        }
        Ok(if self.item == Some(item) { self.rows.get() } else { None })
    }
}

impl Places {
    /// Reads what stands of an item, and nothing of the one before it is left.
    pub fn read(&mut self, lane: &mut Lane<'_>, item: i64) -> Result<()> {
        self.sources.clear();
        self.first.clear();
        self.more.clear();
        (self.count, self.modified) = (0, None);
        while let Some(row) = lane.at(item)? {
            let source = SourceId(row.get(1)?);
            let path = row.get_ref(2)?.as_blob().map_err(|_| damaged(CasePart::Ground))?;
            let modified: Option<i64> = row.get(3)?;
            // A content that was found again at the same place is one place.
            let last = self.more.last().unwrap_or(&self.first);
            let same_place = self.sources.last() == Some(&source) && last == path;
            if self.count == 0 {
                self.first.extend_from_slice(path);
            } else if !same_place {
                self.more.push(path.to_vec());
            }
            if self.count == 0 || !same_place {
                self.count = self.count.saturating_add(1);
            }
            if self.sources.last() != Some(&source) {
                self.sources.push(source);
            }
            self.modified = match (self.modified, modified) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
            lane.read_on()?;
        }
        Ok(())
    }
}

impl MarksAtHand {
    fn read(&mut self, lane: &mut Lane<'_>, item: i64) -> Result<()> {
        *self = Self::default();
        while let Some(row) = lane.at(item)? {
            match text(row, 1)? {
                NOTE => self.note = row.get(2)?,
                word => self.marks.add(MarkKind::from_word(word).ok_or_else(|| damaged(CasePart::Ground))?),
            }
            lane.read_on()?;
        }
        Ok(())
    }
}

pub(crate) fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<&'a str> {
    row.get_ref(column)?.as_str().map_err(|_| damaged(CasePart::Either))
}

fn maybe_text<'a>(row: &'a Row<'_>, column: usize) -> Result<Option<&'a str>> {
    row.get_ref(column)?.as_str_or_null().map_err(|_| damaged(CasePart::Either))
}

fn decision<'a>(row: &'a Row<'_>, user: &str, mine: Option<&'a str>) -> Result<SheetDecision<'a>> {
    let by = text(row, 2)?;
    Ok(SheetDecision {
        category: text(row, 1)?,
        by,
        own: by == user,
        at: UtcTime(row.get(3)?),
        operation: OperationId(row.get::<_, i64>(4)?.unsigned_abs()),
        own_before: mine,
    })
}

/// The first of those with the fewest bits that differ.
fn closest(near: Vec<NearHit>) -> Option<NearHit> {
    near.into_iter().min_by_key(|hit| hit.distance)
}

fn category(stored: &str) -> SetCategory<'_> {
    if stored == NEEDS_HUMAN { SetCategory::NeedsHuman } else { SetCategory::Code(stored) }
}

pub(crate) fn state(stored: i64) -> Result<SheetState> {
    match stored {
        SHOWN => Ok(SheetState::Shown),
        HIDDEN => Ok(SheetState::Hidden),
        REFUSED => Ok(SheetState::Refused),
        _ => Err(damaged(CasePart::Derived)),
    }
}

/// Reads the word of a class; `from_word` would make a value of each of a million.
pub(crate) fn class(word: &str) -> Result<MediaClass> {
    match word {
        "picture" => Ok(MediaClass::Picture),
        "video" => Ok(MediaClass::Video),
        "audio" => Ok(MediaClass::Audio),
        "archive" => Ok(MediaClass::Archive),
        "other" => Ok(MediaClass::Other),
        _ => Err(damaged(CasePart::Ground)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A million rows are read without being sorted, and without the wide rows where an index has all that is asked.
    #[test]
    fn every_lane_is_read_in_the_order_of_items() {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch("ATTACH DATABASE ':memory:' AS derived").unwrap();
        crate::schema::make_derived(&db, "case", 0, false).unwrap();
        crate::schema::make_ground(&db).unwrap();
        let plan = |sql: &str| -> String {
            let mut all = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let rows = all.query_map([1, 2], |row| row.get::<_, String>(3)).unwrap();
            rows.map(Result::unwrap).collect::<Vec<_>>().join("\n")
        };
        let covered = [(RULES, "view_sheet"), (NEAR, "view_near"), (FACTS, "facts_sheet"), (PLACES, "occurrence_item")];
        for (sql, index) in covered {
            assert!(plan(sql).contains(&format!("COVERING INDEX {index}")), "{}", plan(sql));
        }
        for sql in [ITEMS, RULES, NEAR, FACTS, PLACES, DECISIONS, STACKS, MARKS, OPINIONS] {
            // That table has one row.
            let plan = plan(sql).replace("SCAN derived.meta", "");
            assert!(plan.starts_with("SEARCH") && !plan.contains("TEMP") && !plan.contains("SCAN"), "{plan}");
        }
    }
}
