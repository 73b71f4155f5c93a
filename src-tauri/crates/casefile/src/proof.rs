//! Evidence: what leads rest on. A piece of it moves by the same operations as its lead: see `lead` and `moves`.
//!
//! A piece belongs to one lead and to one item for good; its part and its caption can change. The same part of the same
//! item stands under a lead once.

use std::collections::HashMap;

use domain::{Evidence, EvidenceId, EvidencePart, LeadId, Sha256, UtcTime};
use rusqlite::{Connection, OptionalExtension, Row, ToSql};
use serde_json::{Value, json};

use crate::canon::Canon;
use crate::decide::DECIDED_MAX;
use crate::error::{CasePart, damaged};
use crate::lead::{self, EvidenceRow, LeadMoves};
use crate::ledger::OperationKind;
use crate::model::OperationId;
use crate::moves::{Fields, Move, Moving};
use crate::numbers;
use crate::standing::number_of;
use crate::view::{from_json, to_json};
use crate::{CaseFile, CasefileError, Result};

/// Most characters of the caption of a piece of evidence.
pub const CAPTION_CHARS_MAX: usize = 1000;
/// Most bytes of a piece of evidence as it is stored: a long outline has about 10,000, a value of metadata can have more.
pub const EVIDENCE_BYTES_MAX: usize = 256 << 10;

impl CaseFile {
    /// Adds evidence to a lead in one operation, and gives the number of each piece, in their order. The same part of the
    /// same item twice is one piece: where all stands there already, there is no operation.
    pub fn evidence_add(&self, lead: LeadId, evidence: &[Evidence], now: UtcTime) -> Result<Vec<EvidenceId>> {
        check_all(evidence)?;
        self.write("add evidence", |writer| {
            writer.ground(|db| {
                let number = i64::from(lead.0);
                if !lead::is_there(db, number)? {
                    return Err(CasefileError::NoSuchLead { lead });
                }
                let seq = self.next_number(db)?;
                let (evidence, ids) = added(db, seq, number, evidence)?;
                if !evidence.is_empty() {
                    let what = json!({ "lead": number });
                    self.put_lead(db, OperationKind::EvidenceAdded, what, &LeadMoves { lead: None, evidence }, now)?;
                    self.did(db, seq)?;
                }
                Ok(ids)
            })
        })
    }

    /// Changes caption or region of a piece of evidence; its item stays. `None` when nothing differs.
    pub fn evidence_change(&self, id: EvidenceId, evidence: &Evidence, now: UtcTime) -> Result<Option<OperationId>> {
        check_all(std::slice::from_ref(evidence))?;
        self.write("change evidence", |writer| {
            writer.ground(|db| {
                let stands = standing(db, id)?;
                let of: Option<i64> = number_of(db, &evidence.item)?;
                if of != Some(stands.of.item) {
                    return Err(CasefileError::OtherItem { evidence: id });
                }
                let part = to_json(&evidence.part);
                let says = (Some(part.clone()), Some(evidence.caption.clone()));
                if stands.says == says {
                    return Ok(None);
                }
                if let Some(twin) = twin(db, &stands.of, &part)? {
                    return Err(CasefileError::SameEvidence { evidence: EvidenceId(twin.unsigned_abs()) });
                }
                let seq = self.next_number(db)?;
                let what = json!({ "lead": stands.of.lead, "evidence": stands.of.id });
                let moved = EvidenceMove { after: Some(seq), says, ..stands };
                let moves = LeadMoves { lead: None, evidence: vec![moved] };
                self.put_lead(db, OperationKind::EvidenceChanged, what, &moves, now)?;
                self.did(db, seq)?;
                Ok(Some(OperationId(seq.unsigned_abs())))
            })
        })
    }

    /// Removes evidence, of one lead or of several, in one operation. `None` for none.
    pub fn evidence_remove(&self, ids: &[EvidenceId], now: UtcTime) -> Result<Option<OperationId>> {
        if ids.len() > DECIDED_MAX {
            return Err(CasefileError::Limit { what: "pieces of evidence to remove", max: DECIDED_MAX });
        }
        let mut wanted = ids.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        if wanted.is_empty() {
            return Ok(None);
        }
        self.write("remove evidence", |writer| {
            writer.ground(|db| {
                let mut evidence = Vec::with_capacity(wanted.len());
                for id in wanted {
                    evidence.push(EvidenceMove { says: (None, None), ..standing(db, id)? });
                }
                let first = evidence.first().map(|piece| piece.of.lead);
                let of_one = evidence.iter().all(|piece| Some(piece.of.lead) == first);
                let what = json!({ "lead": first.filter(|_| of_one) });
                let seq =
                    self.put_lead(db, OperationKind::EvidenceRemoved, what, &LeadMoves { lead: None, evidence }, now)?;
                self.did(db, seq)?;
                Ok(Some(OperationId(seq.unsigned_abs())))
            })
        })
    }

    /// Lists the leads that rest on an item.
    pub fn leads_of(&self, item: u32) -> Result<Vec<LeadId>> {
        self.read(|db| {
            let mut all =
                db.prepare_cached("SELECT DISTINCT lead FROM main.evidence_now WHERE item = ?1 ORDER BY lead")?;
            let mut rows = all.query([item])?;
            let mut leads = Vec::new();
            while let Some(row) = rows.next()? {
                leads.push(lead::public(row.get(0)?)?);
            }
            Ok(leads)
        })
    }

    /// Lists which items which leads rest on, each pair once, by item and then by lead.
    pub fn lead_items(&self) -> Result<Vec<(u32, LeadId)>> {
        self.read(|db| {
            let mut all = db.prepare_cached("SELECT DISTINCT item, lead FROM main.evidence_now ORDER BY item, lead")?;
            let mut rows = all.query([])?;
            let mut pairs = Vec::new();
            while let Some(row) = rows.next()? {
                pairs.push((numbers::public(row.get(0)?)?, lead::public(row.get(1)?)?));
            }
            Ok(pairs)
        })
    }
}

/// Checks what no case may keep.
pub(crate) fn check_all(evidence: &[Evidence]) -> Result<()> {
    if evidence.len() > DECIDED_MAX {
        return Err(CasefileError::Limit { what: "pieces of evidence", max: DECIDED_MAX });
    }
    for piece in evidence {
        if let EvidencePart::Region(region) = &piece.part {
            region.check().map_err(|why| CasefileError::BadLead { why })?;
        }
        if piece.caption.chars().count() > CAPTION_CHARS_MAX {
            return Err(CasefileError::Limit { what: "characters of a caption", max: CAPTION_CHARS_MAX });
        }
        if let EvidencePart::Metadata { group, name, raw } = &piece.part
            && group.len() + name.len() + raw.len() > EVIDENCE_BYTES_MAX
        {
            return Err(CasefileError::Limit { what: "bytes of a piece of evidence", max: EVIDENCE_BYTES_MAX });
        }
    }
    Ok(())
}

/// Evidence: by piece, which operation said what holds of it.
pub(crate) enum Pieces {}

impl Moving for Pieces {
    type Key = Piece;
    /// What of the item, as it is stored, and the caption.
    type Says = (Option<String>, Option<String>);
    const WORD: Option<&'static str> = Some("evidence");
    const MOVES: &'static str = "evidence";
    const KEY: &'static [&'static str] = &["id", "lead", "item"];
    const ID_COLUMNS: usize = 1;
    const IN_FORCE: &'static str = "evidence_now";
    const BY: &'static str = "seq";
}

/// Names a piece of evidence, and what it belongs to for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Piece {
    pub id: i64,
    pub lead: i64,
    pub item: i64,
}

impl Fields for Piece {
    const COLUMNS: usize = 3;

    fn bind<'a>(&'a self, to: &mut Vec<&'a dyn ToSql>) {
        [&self.id, &self.lead, &self.item].into_iter().for_each(|number| number.bind(to));
    }

    fn read(row: &Row<'_>, from: usize) -> rusqlite::Result<Self> {
        Ok(Self { id: row.get(from)?, lead: row.get(from + 1)?, item: row.get(from + 2)? })
    }

    fn add_to(&self, canon: &mut Canon) {
        canon.number(self.id).number(self.lead).number(self.item);
    }
}

/// Moves a piece of evidence from the operation that said what holds of it to another one.
pub(crate) type EvidenceMove = Move<Pieces>;

/// Plans to add pieces, in their order, to a lead; gives the number of each, be it new or the one that stands there.
pub(crate) fn added(
    db: &Connection,
    seq: i64,
    lead: i64,
    evidence: &[Evidence],
) -> Result<(Vec<EvidenceMove>, Vec<EvidenceId>)> {
    let mut next: i64 =
        db.prepare_cached("SELECT coalesce(max(id), 0) + 1 FROM main.evidence")?.query_row([], |row| row.get(0))?;
    let mut planned: HashMap<(i64, String), i64> = HashMap::new();
    let (mut moves, mut ids) = (Vec::new(), Vec::with_capacity(evidence.len()));
    for piece in evidence {
        let item = number_of(db, &piece.item)?.ok_or(CasefileError::NoSuchItem { sha256: piece.item })?;
        let part = to_json(&piece.part);
        let of = Piece { id: next, lead, item };
        let key = (item, part);
        let there = match planned.get(&key) {
            Some(id) => Some(*id),
            None => twin(db, &of, &key.1)?,
        };
        ids.push(EvidenceId(there.unwrap_or(next).unsigned_abs()));
        if there.is_none() {
            let says = (Some(key.1.clone()), Some(piece.caption.clone()));
            moves.push(EvidenceMove { of, before: None, after: Some(seq), says });
            planned.insert(key, next);
            next += 1;
        }
    }
    Ok((moves, ids))
}

/// Finds another piece in force of the same part of the same item under the same lead.
fn twin(db: &Connection, piece: &Piece, part: &str) -> Result<Option<i64>> {
    Ok(db
        .prepare_cached(
            "SELECT n.id FROM main.evidence_now n JOIN main.evidence x ON x.seq = n.seq AND x.id = n.id
             WHERE n.lead = ?1 AND n.item = ?2 AND n.id <> ?3 AND x.part = ?4 LIMIT 1",
        )?
        .query_row((piece.lead, piece.item, piece.id, part), |row| row.get(0))
        .optional()?)
}

/// Gives a piece in force with what holds of it, and as `before` the operation that said so.
fn standing(db: &Connection, id: EvidenceId) -> Result<EvidenceMove> {
    db.prepare_cached(
        "SELECT n.id, n.lead, n.item, n.seq, x.part, x.caption
         FROM main.evidence_now n JOIN main.evidence x ON x.seq = n.seq AND x.id = n.id WHERE n.id = ?1",
    )?
    .query_row([id.0.cast_signed()], |row| {
        let says = (row.get(4)?, row.get(5)?);
        Ok(EvidenceMove { of: Piece::read(row, 0)?, before: row.get(3)?, after: None, says })
    })
    .optional()?
    .ok_or(CasefileError::NoSuchEvidence { evidence: id })
}

/// Tells whether a piece may stand as it is to be: its lead is there, and no other piece is the same.
pub(crate) fn may_stand(db: &Connection, piece: &EvidenceMove) -> Result<bool> {
    let Some(by) = piece.after else { return Ok(true) };
    let part: Option<String> = db
        .prepare_cached("SELECT part FROM main.evidence WHERE seq = ?1 AND id = ?2")?
        .query_row((by, piece.of.id), |row| row.get(0))
        .optional()?
        .flatten();
    let part = part.ok_or_else(|| damaged(CasePart::Ground))?;
    Ok(lead::is_there(db, piece.of.lead)? && twin(db, &piece.of, &part)?.is_none())
}

/// Lists piece, item, and by which operation it stood and stands, for the ledger's reader. What a piece shows stands in its
/// row alone.
pub(crate) fn listed(db: &Connection, moves: &[EvidenceMove]) -> Result<Value> {
    let mut one = db.prepare_cached("SELECT sha256 FROM main.item WHERE id = ?1")?;
    let mut list = Vec::with_capacity(moves.len());
    for step in moves {
        let sha256: [u8; 32] = one.query_row([step.of.item], |row| row.get(0))?;
        list.push(json!({
            "evidence": step.of.id, "sha256": Sha256(sha256), "before": step.before, "after": step.after,
        }));
    }
    Ok(list.into())
}

/// Reads the evidence in force of a lead, by item and then in the order of adding.
pub(crate) fn of_lead(db: &Connection, lead: i64) -> Result<Vec<EvidenceRow>> {
    let mut all = db.prepare_cached(
        "SELECT n.id, n.item, i.sha256, x.part, x.caption, l.who, l.at
         FROM main.evidence_now n JOIN main.evidence x ON x.seq = n.seq AND x.id = n.id
         JOIN main.item i ON i.id = n.item
         JOIN main.ledger l ON l.seq = (SELECT min(f.seq) FROM main.evidence f WHERE f.id = n.id)
         WHERE n.lead = ?1 ORDER BY n.item, n.id",
    )?;
    let mut rows = all.query([lead])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let evidence = Evidence {
            item: Sha256(row.get(2)?),
            part: from_json(&row.get::<_, String>(3)?, CasePart::Ground)?,
            caption: row.get(4)?,
        };
        found.push(EvidenceRow {
            id: EvidenceId(row.get::<_, i64>(0)?.unsigned_abs()),
            number: numbers::public(row.get(1)?)?,
            evidence,
            by: row.get::<_, String>(5)?.parse().map_err(|_| damaged(CasePart::Ground))?,
            at: UtcTime(row.get(6)?),
        });
    }
    Ok(found)
}
