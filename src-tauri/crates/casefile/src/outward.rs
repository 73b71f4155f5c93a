//! Reading all that leaves a case with its classification, and all that clues are made of.
//!
//! As in `sheet`, every table that knows something of items is read once, in the order of their numbers, side by side:
//! nothing is sorted, and nothing is held but the item at hand and what leads say, so that memory stays as it is.
//!
//! What an entry says that a person called wrong, or that also stands in a good set, says nothing here: neither flag nor
//! series. A PDQ value of a picture that is too plain for it is left out, because it would look like anything.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use domain::{
    CategoryCode, ClassifiedItem, ClassifiedVeto, Facts, Flags, Hit, LeadKind, LeadState, MediaType, Pdq, PdqSet,
    Sha256, SourceId, SourcePath, Standing, UserName, UtcTime, Veto, Vote,
};
use rusqlite::{CachedStatement, Connection};

use crate::error::{CasePart, damaged};
use crate::export::ExportWhat;
use crate::history::DONE;
use crate::model::{UserRole, UserRow};
use crate::sheet::{self, DECISIONS, Lane, PLACES, Places, SheetState, text};
use crate::view::{HIDDEN, StoredFacts, ViewReader, pdq_set};
use crate::{CaseFile, Result, items, lead, numbers, users, veto};

/// Opinions of as many people as agree make a verdict a confirmed one.
const CONFIRMED_MIN: usize = 3;

/// Tells whether what sets say goes along with an item that nobody here has judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SetWords {
    /// It does: for a file that tells all that is known.
    Kept,
    /// It does not: for what goes back to the sets. A word that a set takes back one day would else live on as the word of
    /// this unit.
    LeftOut,
}

/// Holds one decoded item that is not hidden, with what clues are made of.
#[derive(Debug, Clone, PartialEq)]
pub struct ClueRow {
    /// Number.
    pub number: u32,
    /// SHA-256.
    pub sha256: Sha256,
    /// All that the decoder found out.
    pub facts: Facts,
    /// First place, by source and then by the bytes of the path.
    pub place: Option<(SourceId, SourcePath)>,
    /// Number of its places.
    pub places: u32,
    /// Earliest modification of all places.
    pub modified: Option<UtcTime>,
    /// Series that sets and leads name, sorted, each once.
    pub series: Vec<String>,
    /// Where the rule has it: `Hidden` only where a person has decided about it, so that it is shown.
    pub state: SheetState,
    /// Category of the decision in force.
    pub category: Option<CategoryCode>,
}

impl CaseFile {
    /// Gives every item that an export has, by number, in one snapshot and in constant memory.
    ///
    /// Opinions are the last that each person gave and has not taken back. Where they differ, the category is that of the
    /// newest opinion if a team lead gave it, so that it settles the matter; else there is none.
    pub fn classified_each(
        &self,
        what: ExportWhat,
        words: SetWords,
        each: &mut dyn FnMut(ClassifiedItem) -> ControlFlow<()>,
    ) -> Result<()> {
        self.read(|db| classified(db, what, words, each))
    }

    /// Gives every decoded item that is not hidden, by number, in one snapshot and in constant memory.
    pub fn clue_rows(&self, each: &mut dyn FnMut(ClueRow) -> ControlFlow<()>) -> Result<()> {
        self.read(|db| clues(db, each))
    }
}

const ITEMS: &str =
    "SELECT id, sha256, md5, sha1, size, mime, class FROM main.item WHERE id BETWEEN ?1 AND ?2 ORDER BY id";
const HITS: &str = "SELECT id, hits FROM derived.view WHERE id BETWEEN ?1 AND ?2 ORDER BY id";
const RULES: &str = "SELECT id, state FROM derived.view INDEXED BY view_sheet WHERE id BETWEEN ?1 AND ?2 ORDER BY id";
const LOOKS: &str = "SELECT id, pdq FROM derived.facts WHERE id BETWEEN ?1 AND ?2 ORDER BY id";
const FACTS: &str =
    "SELECT id, width, height, pdq, image_hash, detail FROM derived.facts WHERE id BETWEEN ?1 AND ?2 ORDER BY id";
/// What people did to each item and have not taken back, first to last. An undo is no opinion, so it has no row in
/// `history`; what it took back is not done there.
const VOTES: &str = "SELECT c.item, l.who, x.category, l.at, c.seq FROM main.change c INDEXED BY change_item
   CROSS JOIN main.history h ON h.seq = c.seq AND h.standing = 0 CROSS JOIN main.ledger l ON l.seq = c.seq
   LEFT JOIN main.decision x ON x.id = c.after WHERE c.item BETWEEN ?1 AND ?2 ORDER BY c.item, c.seq";
const VETOES: &str = "SELECT v.item, v.hash_set, v.version, v.entry, v.lasting, l.who, l.at, v.reason
   FROM main.veto v INDEXED BY veto_item CROSS JOIN main.history h ON h.seq = v.seq AND h.standing = 0
   CROSS JOIN main.ledger l ON l.seq = v.seq WHERE v.item BETWEEN ?1 AND ?2 ORDER BY v.item, v.id";
const LEADS: &str = "SELECT item, lead FROM main.evidence_now INDEXED BY evidence_now_item
   WHERE item BETWEEN ?1 AND ?2 ORDER BY item, lead";
/// All numbers that an item can have.
const WHOLE: (i64, i64) = (1, u32::MAX as i64);

// The queries say 0, because a parameter more would make them differ from the others that lanes are made of.
const _: () = assert!(DONE == 0);

fn classified(
    db: &Connection,
    what: ExportWhat,
    words: SetWords,
    each: &mut dyn FnMut(ClassifiedItem) -> ControlFlow<()>,
) -> Result<()> {
    let people = users::all(db)?;
    let [mut items, mut looks, mut votes] = prepare(db, [ITEMS, LOOKS, VOTES])?;
    let [mut places, mut decisions] = prepare(db, [PLACES, DECISIONS])?;
    let mut items = items.query(WHOLE)?;
    let mut looks = Lane::new(looks.query(WHOLE)?)?;
    let mut votes = Lane::new(votes.query(WHOLE)?)?;
    let mut places = Lane::new(places.query(WHOLE)?)?;
    let mut decisions = Lane::new(decisions.query(WHOLE)?)?;
    let (mut places_at_hand, mut said) = (Places::default(), Statements::new(db)?);
    let mut said = said.run(db)?;
    while let Some(row) = items.next()? {
        let id: i64 = row.get(0)?;
        let decision = decisions.at(id)?.map(opinion).transpose()?;
        let votes = opinions(&mut votes, id, decision.as_ref())?;
        if what == ExportWhat::Classified && decision.is_none() {
            continue;
        }
        let said = said.of(id, words == SetWords::Kept || !votes.is_empty())?;
        let (category, standing) = settle(decision.as_ref(), &votes, &people);
        places_at_hand.read(&mut places, id)?;
        let pdq = match looks.at(id)? {
            Some(row) => row.get::<_, Option<Vec<u8>>>(1)?.map(|bytes| pdq_set(&bytes)).transpose()?,
            None => None,
        };
        let item = ClassifiedItem {
            digests: items::digests_of(row, 1)?,
            media: MediaType { mime: row.get(5)?, class: sheet::class(text(row, 6)?)? },
            category,
            standing,
            votes: votes.into_iter().map(|opinion| opinion.vote).collect(),
            flags: said.flags,
            series: said.series.into_iter().collect(),
            pdq: pdq.as_ref().and_then(telling),
            vetoes: said.vetoes.into_iter().map(classified_veto).collect(),
            occurrences: u64::from(places_at_hand.count),
        };
        if each(item).is_break() {
            break;
        }
    }
    Ok(())
}

fn clues(db: &Connection, each: &mut dyn FnMut(ClueRow) -> ControlFlow<()>) -> Result<()> {
    let [mut facts, mut items, mut rules] = prepare(db, [FACTS, ITEMS, RULES])?;
    let [mut places, mut decisions] = prepare(db, [PLACES, DECISIONS])?;
    let mut facts = facts.query(WHOLE)?;
    let mut items = Lane::new(items.query(WHOLE)?)?;
    let mut rules = Lane::new(rules.query(WHOLE)?)?;
    let mut places = Lane::new(places.query(WHOLE)?)?;
    let mut decisions = Lane::new(decisions.query(WHOLE)?)?;
    let (mut places_at_hand, mut said) = (Places::default(), Statements::new(db)?);
    let mut said = said.run(db)?;
    while let Some(row) = facts.next()? {
        let id: i64 = row.get(0)?;
        let decision = decisions.at(id)?.map(opinion).transpose()?;
        let state: i64 = rules.at(id)?.ok_or_else(|| damaged(CasePart::Derived))?.get(1)?;
        if state == HIDDEN && decision.is_none() {
            continue;
        }
        let sha256 = Sha256(items.at(id)?.ok_or_else(|| damaged(CasePart::Derived))?.get(1)?);
        places_at_hand.read(&mut places, id)?;
        let first = places_at_hand.sources.first();
        let stored = StoredFacts { width: row.get(1)?, height: row.get(2)?, pdq: row.get(3)?, image_hash: row.get(4)? };
        let clue = ClueRow {
            number: numbers::public(id)?,
            sha256,
            facts: stored.whole(text(row, 5)?)?,
            place: first.map(|source| (*source, SourcePath(places_at_hand.first.clone()))),
            places: places_at_hand.count,
            modified: places_at_hand.modified.map(UtcTime),
            series: said.of(id, true)?.series.into_iter().collect(),
            state: sheet::state(state)?,
            category: decision.map(|opinion| opinion.vote.category),
        };
        if each(clue).is_break() {
            break;
        }
    }
    Ok(())
}

fn prepare<'a, const N: usize>(db: &'a Connection, sql: [&str; N]) -> Result<[CachedStatement<'a>; N]> {
    let statements: Vec<_> = sql.into_iter().map(|sql| db.prepare_cached(sql)).collect::<rusqlite::Result<_>>()?;
    Ok(statements.try_into().unwrap_or_else(|_| unreachable!("as many come out as went in")))
}

/// Gives the PDQ value of a picture that has enough in it to be told from others.
fn telling(pdq: &PdqSet) -> Option<Pdq> {
    (pdq.quality >= PdqSet::QUALITY_MIN).then(|| pdq.own())
}

fn classified_veto(veto: Veto) -> ClassifiedVeto {
    ClassifiedVeto { set: veto.set, version: veto.version, entry: veto.entry, reason: veto.reason }
}

/// One opinion, and the operation that gave it.
struct OpinionAtHand {
    vote: Vote,
    seq: i64,
}

/// Reads a row of [`DECISIONS`]: item, category, who, at, seq.
fn opinion(row: &rusqlite::Row<'_>) -> Result<OpinionAtHand> {
    let vote = Vote { category: CategoryCode(row.get(1)?), by: name(text(row, 2)?)?, at: UtcTime(row.get(3)?) };
    Ok(OpinionAtHand { vote, seq: row.get(4)? })
}

fn name(stored: &str) -> Result<UserName> {
    stored.parse().map_err(|_| damaged(CasePart::Ground))
}

/// Gives the last opinion of each person about an item, by time.
fn opinions(votes: &mut Lane<'_>, item: i64, decision: Option<&OpinionAtHand>) -> Result<Vec<OpinionAtHand>> {
    let mut last: Vec<OpinionAtHand> = Vec::new();
    while let Some(row) = votes.at(item)? {
        let by = name(text(row, 1)?)?;
        last.retain(|one| one.vote.by != by);
        // Whoever gave it no category has no opinion any more.
        if let Some(category) = row.get::<_, Option<String>>(2)? {
            let vote = Vote { by, category: CategoryCode(category), at: UtcTime(row.get(3)?) };
            last.push(OpinionAtHand { vote, seq: row.get(4)? });
        }
        votes.read_on()?;
    }
    // What somebody took back can be in force again, because somebody else took back what came after it. What is in force
    // is said in its maker's name.
    if let Some(decision) = decision
        && last.iter().all(|one| one.vote.by != decision.vote.by)
    {
        last.push(OpinionAtHand { vote: decision.vote.clone(), seq: decision.seq });
    }
    last.sort_by_key(|one| one.seq);
    Ok(last)
}

/// Tells which category holds, and on how many opinions it rests.
fn settle(
    decision: Option<&OpinionAtHand>,
    votes: &[OpinionAtHand],
    people: &[UserRow],
) -> (Option<CategoryCode>, Option<Standing>) {
    // Where nothing is decided, a person can have an opinion all the same: another took back what came after it.
    let Some(decision) = decision else { return (None, (!votes.is_empty()).then_some(Standing::OneOpinion)) };
    let category = &decision.vote.category;
    if votes.iter().all(|one| one.vote.category == *category) {
        let standing = if votes.len() >= CONFIRMED_MIN { Standing::Confirmed } else { Standing::OneOpinion };
        return (Some(category.clone()), Some(standing));
    }
    let is_newest = votes.iter().all(|one| one.seq <= decision.seq);
    let led = |person: &UserRow| {
        let at = decision.vote.at;
        person.name == decision.vote.by
            && person.role == UserRole::TeamLead
            && person.added <= at
            && person.removed.is_none_or(|removed| at <= removed)
    };
    if is_newest && people.iter().any(led) {
        (Some(category.clone()), Some(Standing::OneOpinion))
    } else {
        (None, Some(Standing::Disputed))
    }
}

/// What sets and leads say of one item, and which entries a person called wrong.
#[derive(Default)]
struct Said {
    flags: Flags,
    series: BTreeSet<String>,
    vetoes: Vec<Veto>,
}

/// Statements that [`Saying`] reads from.
struct Statements<'a>([CachedStatement<'a>; 3]);

impl<'a> Statements<'a> {
    fn new(db: &'a Connection) -> Result<Self> {
        Ok(Self(prepare(db, [HITS, VETOES, LEADS])?))
    }

    fn run<'b>(&'b mut self, db: &'b Connection) -> Result<Saying<'b>> {
        let [hits, vetoes, leads] = &mut self.0;
        Ok(Saying {
            hits: Lane::new(hits.query(WHOLE)?)?,
            vetoes: Lane::new(vetoes.query(WHOLE)?)?,
            leads: Lane::new(leads.query(WHOLE)?)?,
            views: ViewReader::new(db),
            of_leads: lead::all_in_force(db)?
                .into_iter()
                .map(|(lead, content)| {
                    let flags = flags_of(content.kind, content.state);
                    (lead, (content.series, flags))
                })
                .collect(),
        })
    }
}

/// Reads what is said of items, in the order of their numbers.
struct Saying<'a> {
    hits: Lane<'a>,
    vetoes: Lane<'a>,
    leads: Lane<'a>,
    views: ViewReader<'a>,
    /// Series and flags that each lead gives to what it rests on.
    of_leads: BTreeMap<i64, (Option<String>, Flags)>,
}

impl Saying<'_> {
    /// What is said of an item; of what sets say, nothing where they are not wanted and nobody called them wrong.
    fn of(&mut self, item: i64, sets_too: bool) -> Result<Said> {
        let mut said = Said::default();
        while let Some(row) = self.vetoes.at(item)? {
            said.vetoes.push(veto::read(row)?);
            self.vetoes.read_on()?;
        }
        let hits = match self.hits.at(item)? {
            Some(row) if text(row, 1)? != "[]" => self.views.hits(text(row, 1)?)?,
            _ => Vec::new(),
        };
        let heard = sets_too || !said.vetoes.is_empty();
        let holds = |hit: &&Hit| heard && !hit.quarantined && !said.vetoes.iter().any(|veto| veto.covers(hit));
        for hit in hits.iter().filter(holds) {
            said.flags = joined(said.flags, hit.flags);
            if !hit.series.trim().is_empty() {
                said.series.insert(hit.series.clone());
            }
        }
        while let Some(row) = self.leads.at(item)? {
            if let Some((series, flags)) = self.of_leads.get(&row.get(1)?) {
                said.flags = joined(said.flags, *flags);
                said.series.extend(series.clone());
            }
            self.leads.read_on()?;
        }
        Ok(said)
    }
}

/// What a lead says of the items that it rests on. That it was not identified says nothing: somebody else may know more.
fn flags_of(kind: LeadKind, state: LeadState) -> Flags {
    let identified = |wanted: LeadKind| (kind == wanted && state == LeadState::Identified).then_some(true);
    Flags {
        victim_identified: identified(LeadKind::Victim),
        offender_identified: identified(LeadKind::Offender),
        ..Flags::default()
    }
}

/// Joins flags: yes outweighs no, and no outweighs nothing.
fn joined(one: Flags, other: Flags) -> Flags {
    let join = |one: Option<bool>, other: Option<bool>| match (one, other) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (one, other) => one.or(other),
    };
    let (one, other) = (one.list(), other.list());
    Flags::of_list(std::array::from_fn(|place| join(one[place], other[place])))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A million items are read without being sorted, and in the order of their numbers.
    #[test]
    fn every_lane_is_read_in_the_order_of_items() {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch("ATTACH DATABASE ':memory:' AS derived").unwrap();
        crate::schema::make_derived(&db, "case", 0, false).unwrap();
        crate::schema::make_ground(&db).unwrap();
        for sql in [ITEMS, HITS, RULES, LOOKS, FACTS, VOTES, VETOES, LEADS] {
            let mut all = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let rows = all.query_map([1, 2], |row| row.get::<_, String>(3)).unwrap();
            let plan = rows.map(Result::unwrap).collect::<Vec<_>>().join("\n");
            assert!(plan.starts_with("SEARCH") && !plan.contains("TEMP") && !plan.contains("SCAN"), "{plan}");
        }
    }
}
