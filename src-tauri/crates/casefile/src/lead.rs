//! Leads: what may identify a victim, an offender or a place, and all that was ever said of it.
//!
//! What is said of a lead in force is named by the operation that said it (`lead_now`); each operation that makes a lead,
//! changes it, or takes such a thing back adds a row of `lead`: see `moves`. The text stands in the row of the operation that
//! wrote it, whole, so that all that was ever said is kept. Evidence (`proof`) moves by the same operations.
//!
//! To take a lead back must leave nothing behind that rests on it or names it. Where somebody else has put evidence under
//! it, or has related another lead to it, it is left alone with all its evidence.

use std::collections::BTreeSet;

use domain::{Evidence, EvidenceId, LeadContent, LeadId, Risk, UserName, UtcTime};
use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use serde_json::{Value, json};

use crate::error::{CasePart, damaged};
use crate::history::{self, Step, Stepped};
use crate::ledger::{self, OperationKind, RawRow};
use crate::model::OperationId;
use crate::moves::{self, Move, Moving};
use crate::proof::{self, EvidenceMove, Pieces};
use crate::view::{from_json, to_json};
use crate::writing::Writer;
use crate::{CaseFile, CasefileError, Result};

/// Describes a lead in force.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeadRow {
    /// Number, never used again.
    pub id: LeadId,
    /// What people say of it.
    pub content: LeadContent,
    /// Who made it.
    pub by: UserName,
    /// When.
    pub made: UtcTime,
    /// Items that it rests on.
    pub items: u32,
    /// Regions among its evidence.
    pub regions: u32,
}

/// Describes one piece of evidence in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EvidenceRow {
    /// Number, never used again.
    pub id: EvidenceId,
    /// Number of the item.
    pub number: u32,
    /// What of it, and what it shows.
    pub evidence: Evidence,
    /// Who added it.
    pub by: UserName,
    /// When.
    pub at: UtcTime,
}

/// Describes one operation on a lead.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeadChange {
    /// Operation.
    pub operation: OperationId,
    /// `LeadMade`, `LeadChanged`, `LeadRisk`, `EvidenceAdded`, `EvidenceChanged`, `EvidenceRemoved`, `Undone` or `Redone`.
    pub kind: OperationKind,
    /// When.
    pub at: UtcTime,
    /// By whom.
    pub by: UserName,
    /// What was said of it before, where that changed; none before it was made.
    pub before: Option<LeadContent>,
    /// What is said of it after that, where that changed; none where its making was taken back.
    pub after: Option<LeadContent>,
    /// Pieces of evidence that came.
    pub evidence_added: u32,
    /// Pieces of evidence that went.
    pub evidence_removed: u32,
}

/// Tells all of a lead.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeadStory {
    /// The lead.
    pub row: LeadRow,
    /// Its evidence, by number of the item and then in the order of adding.
    pub evidence: Vec<EvidenceRow>,
    /// What was done, first to last.
    pub changes: Vec<LeadChange>,
}

impl CaseFile {
    /// Makes a lead with its first evidence, in one operation.
    pub fn lead_new(&self, content: &LeadContent, evidence: &[Evidence], now: UtcTime) -> Result<LeadId> {
        proof::check_all(evidence)?;
        self.write("make a lead", |writer| {
            writer.ground(|db| {
                let seq = self.next_number(db)?;
                let lead: i64 = db
                    .prepare_cached("SELECT coalesce(max(lead), 0) + 1 FROM main.lead")?
                    .query_row([], |row| row.get(0))?;
                let mut content = content.clone();
                // Nobody writes another one's name here.
                if let Risk::Taken { .. } = content.risk {
                    content.risk = Risk::Taken { by: self.inner.user.clone(), at: now };
                }
                check(db, lead, &content)?;
                let what = json!({ "lead": lead, "kind": content.kind });
                let made = LeadMove { of: lead, before: None, after: Some(seq), says: Some(to_json(&content)) };
                let (evidence, _) = proof::added(db, seq, lead, evidence)?;
                self.put_lead(db, OperationKind::LeadMade, what, &LeadMoves { lead: Some(made), evidence }, now)?;
                self.did(db, seq)?;
                public(lead)
            })
        })
    }

    /// Changes what is said of a lead, but for the risk: see [`CaseFile::lead_risk`]. `None` when nothing differs.
    pub fn lead_change(&self, lead: LeadId, content: &LeadContent, now: UtcTime) -> Result<Option<OperationId>> {
        self.say(lead, OperationKind::LeadChanged, now, |stands| {
            Some(LeadContent { risk: stands.risk.clone(), ..content.clone() })
        })
    }

    /// Raises or lowers the flag "a child may be at risk now". To raise it again where somebody has taken it means that it
    /// waits for somebody anew. `None` when it stands so already.
    pub fn lead_risk(&self, lead: LeadId, risk: bool, now: UtcTime) -> Result<Option<OperationId>> {
        let risk = if risk { Risk::Now } else { Risk::None };
        self.say(lead, OperationKind::LeadRisk, now, |stands| {
            Some(LeadContent { risk: risk.clone(), ..stands.clone() })
        })
    }

    /// Takes the risk up: this user follows it. `None` when this user has it already, and when there is no risk.
    pub fn lead_risk_take(&self, lead: LeadId, now: UtcTime) -> Result<Option<OperationId>> {
        let user = &self.inner.user;
        self.say(lead, OperationKind::LeadRisk, now, |stands| match &stands.risk {
            Risk::None => None,
            Risk::Taken { by, .. } if by == user => None,
            Risk::Now | Risk::Taken { .. } => {
                Some(LeadContent { risk: Risk::Taken { by: user.clone(), at: now }, ..stands.clone() })
            }
        })
    }

    /// Lists the leads, by number.
    pub fn leads(&self) -> Result<Vec<LeadRow>> {
        self.read(|db| {
            let mut all = db.prepare_cached(&format!("{LEAD_ROWS} ORDER BY n.lead"))?;
            let mut rows = all.query([])?;
            let mut leads = Vec::new();
            while let Some(row) = rows.next()? {
                leads.push(lead_row(row)?);
            }
            Ok(leads)
        })
    }

    /// Tells all of a lead.
    pub fn lead(&self, id: LeadId) -> Result<Option<LeadStory>> {
        self.read(|db| {
            let mut one = db.prepare_cached(&format!("{LEAD_ROWS} WHERE n.lead = ?1"))?;
            let mut rows = one.query([id.0])?;
            let Some(row) = rows.next()? else { return Ok(None) };
            let lead = i64::from(id.0);
            Ok(Some(LeadStory {
                row: lead_row(row)?,
                evidence: proof::of_lead(db, lead)?,
                changes: changes(db, lead)?,
            }))
        })
    }

    /// Says something else of a lead in force: what `next` makes of what stands, where that differs.
    fn say(
        &self,
        lead: LeadId,
        kind: OperationKind,
        now: UtcTime,
        next: impl FnOnce(&LeadContent) -> Option<LeadContent>,
    ) -> Result<Option<OperationId>> {
        self.write("change a lead", |writer| {
            writer.ground(|db| {
                let number = i64::from(lead.0);
                let (before, stands) = in_force(db, number)?.ok_or(CasefileError::NoSuchLead { lead })?;
                let Some(content) = next(&stands).filter(|content| *content != stands) else { return Ok(None) };
                check(db, number, &content)?;
                let mut what = json!({ "lead": number });
                if kind == OperationKind::LeadRisk {
                    what["risk"] = to_word(&content.risk).into();
                }
                let seq = self.next_number(db)?;
                let says = Some(to_json(&content));
                let lead = LeadMove { of: number, before: Some(before), after: Some(seq), says };
                self.put_lead(db, kind, what, &LeadMoves { lead: Some(lead), evidence: Vec::new() }, now)?;
                self.did(db, seq)?;
                Ok(Some(OperationId(seq.unsigned_abs())))
            })
        })
    }

    /// Takes back what was done to a lead or its evidence, or does it again, where it still stands as it was left.
    pub(crate) fn step_lead(
        &self,
        writer: &mut Writer,
        step: &Step,
        kind: OperationKind,
        now: UtcTime,
    ) -> Result<Stepped> {
        let of = step.operation.0.cast_signed();
        writer.ground(|db| {
            let mut moves = LeadMoves { lead: None, evidence: Vec::new() };
            let lead = lead_at(db, of)?;
            let (pieces, count) = moves::turned::<Pieces>(db, of, kind)?;
            let all = usize::from(lead.is_some()) + count;
            for piece in pieces {
                // What comes with its lead is looked at with it.
                if lead.is_some() || proof::may_stand(db, &piece)? {
                    moves.evidence.push(piece);
                }
            }
            if let Some(lead) = lead {
                let lead = lead.turned(kind);
                if lead.begins(db)? && may_move(db, &lead, moves.evidence.len())? {
                    moves.lead = Some(lead);
                } else {
                    moves.evidence.clear();
                }
            }
            let moved = usize::from(moves.lead.is_some()) + moves.evidence.len();
            let mut what = json!({ "of": of, "left_alone": all - moved });
            if let Some(lead) = step.lead {
                what["lead"] = lead.0.into();
            }
            let seq = self.put_lead(db, kind, what, &moves, now)?;
            history::stepped(db, of, kind)?;
            Ok((seq, step.sentence(), moved as u64))
        })
    }

    /// Appends the operation and its rows, and moves what is in force.
    pub(crate) fn put_lead(
        &self,
        db: &Connection,
        kind: OperationKind,
        what: Value,
        moves: &LeadMoves,
        now: UtcTime,
    ) -> Result<i64> {
        let mut canon = moves::canon(kind);
        moves.lead.iter().for_each(|step| step.add_to(&mut canon));
        moves.evidence.iter().for_each(|step| step.add_to(&mut canon));
        let mut detail = json!({
            "what": what, "leads": usize::from(moves.lead.is_some()), "items": moves.evidence.len(),
            "sha256": canon.finish(),
        });
        if !moves.evidence.is_empty() && moves.evidence.len() <= crate::decide::LISTED_MAX {
            detail["changes"] = proof::listed(db, &moves.evidence)?;
        }
        let seq = self.append(db, kind, &detail, now)?;
        // A lead comes before the evidence that refers to it, and goes after it.
        let lead = moves.lead.as_slice();
        let comes = lead.iter().any(|step| step.after.is_some());
        if comes {
            moves::put(db, seq, lead)?;
        }
        moves::put(db, seq, &moves.evidence)?;
        if !comes {
            moves::put(db, seq, lead)?;
        }
        Ok(seq)
    }
}

/// What one operation does to a lead and to evidence.
pub(crate) struct LeadMoves {
    pub lead: Option<LeadMove>,
    pub evidence: Vec<EvidenceMove>,
}

/// Leads: by number, which operation said what holds of it. A row of an operation that says so has the content, as it is
/// stored.
pub(crate) enum Leads {}

impl Moving for Leads {
    type Key = i64;
    type Says = Option<String>;
    const WORD: Option<&'static str> = Some("lead");
    const MOVES: &'static str = "lead";
    const KEY: &'static [&'static str] = &["lead"];
    const ID_COLUMNS: usize = 1;
    const IN_FORCE: &'static str = "lead_now";
    const BY: &'static str = "seq";
}

/// Moves a lead from the operation that said what holds of it to another one.
pub(crate) type LeadMove = Move<Leads>;

/// Reads the move of an operation; it is about one lead at most.
fn lead_at(db: &Connection, seq: i64) -> Result<Option<LeadMove>> {
    Ok(moves::at(db, seq)?.pop())
}

/// Checks what is to be said of a lead: its form, and that the leads which it names are there.
fn check(db: &Connection, lead: i64, content: &LeadContent) -> Result<()> {
    content.check().map_err(|why| CasefileError::BadLead { why })?;
    for other in &content.related {
        if i64::from(other.0) == lead {
            return Err(CasefileError::OwnRelation { lead: *other });
        }
        if !is_there(db, i64::from(other.0))? {
            return Err(CasefileError::NoSuchLead { lead: *other });
        }
    }
    Ok(())
}

pub(crate) fn is_there(db: &Connection, lead: i64) -> Result<bool> {
    Ok(db.prepare_cached("SELECT 1 FROM main.lead_now WHERE lead = ?1")?.exists([lead])?)
}

/// Gives the operation that said what holds of a lead, and what that is.
pub(crate) fn in_force(db: &Connection, lead: i64) -> Result<Option<(i64, LeadContent)>> {
    let stands: Option<(i64, String)> = db
        .prepare_cached(
            "SELECT n.seq, c.content FROM main.lead_now n JOIN main.lead c ON c.seq = n.seq AND c.lead = n.lead
             WHERE n.lead = ?1",
        )?
        .query_row([lead], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    stands.map(|(seq, text)| Ok((seq, from_json(&text, CasePart::Ground)?))).transpose()
}

/// Gives every lead in force with what holds of it.
pub(crate) fn all_in_force(db: &Connection) -> Result<Vec<(i64, LeadContent)>> {
    let mut all = db.prepare_cached(
        "SELECT n.lead, c.content FROM main.lead_now n JOIN main.lead c ON c.seq = n.seq AND c.lead = n.lead
         ORDER BY n.lead",
    )?;
    let mut rows = all.query([])?;
    let mut leads = Vec::new();
    while let Some(row) = rows.next()? {
        leads.push((row.get(0)?, from_json(&row.get::<_, String>(1)?, CasePart::Ground)?));
    }
    Ok(leads)
}

/// Tells whether a lead that stands where a move begins may make it, where `with_it` pieces of its evidence move in the same
/// operation.
fn may_move(db: &Connection, step: &LeadMove, with_it: usize) -> Result<bool> {
    match step.after {
        None => {
            let resting: i64 = db
                .prepare_cached("SELECT count(*) FROM main.evidence_now WHERE lead = ?1")?
                .query_row([step.of], |row| row.get(0))?;
            let named = || -> Result<bool> {
                let lead = public(step.of)?;
                Ok(all_in_force(db)?.iter().any(|(_, content)| content.related.contains(&lead)))
            };
            Ok(resting == with_it as i64 && !named()?)
        }
        Some(to) => {
            let related = content_at(db, to, step.of)?.map_or_else(BTreeSet::new, |content| content.related);
            for other in related {
                if !is_there(db, i64::from(other.0))? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
    }
}

/// Gives what an operation said of a lead; none where it said nothing.
fn content_at(db: &Connection, seq: i64, lead: i64) -> Result<Option<LeadContent>> {
    let text: Option<Option<String>> = db
        .prepare_cached("SELECT content FROM main.lead WHERE seq = ?1 AND lead = ?2")?
        .query_row((seq, lead), |row| row.get(0))
        .optional()?;
    text.flatten().map(|text| from_json(&text, CasePart::Ground)).transpose()
}

const LEAD_ROWS: &str = "SELECT n.lead, c.content, l.who, l.at,
     (SELECT count(DISTINCT e.item) FROM main.evidence_now e WHERE e.lead = n.lead),
     (SELECT count(*) FROM main.evidence_now e JOIN main.evidence x ON x.seq = e.seq AND x.id = e.id
        WHERE e.lead = n.lead AND x.part LIKE '{\"part\":\"region\"%')
   FROM main.lead_now n JOIN main.lead c ON c.seq = n.seq AND c.lead = n.lead
   JOIN main.ledger l ON l.seq = (SELECT min(f.seq) FROM main.lead f WHERE f.lead = n.lead)";

fn lead_row(row: &rusqlite::Row<'_>) -> Result<LeadRow> {
    Ok(LeadRow {
        id: public(row.get(0)?)?,
        content: from_json(&row.get::<_, String>(1)?, CasePart::Ground)?,
        by: row.get::<_, String>(2)?.parse().map_err(|_| damaged(CasePart::Ground))?,
        made: UtcTime(row.get(3)?),
        items: row.get(4)?,
        regions: row.get(5)?,
    })
}

/// Reads what was done to a lead, first to last.
fn changes(db: &Connection, lead: i64) -> Result<Vec<LeadChange>> {
    let sql = format!(
        "SELECT {} FROM main.ledger WHERE seq IN (SELECT seq FROM main.lead WHERE lead = ?1
           UNION SELECT seq FROM main.evidence WHERE lead = ?1) ORDER BY seq",
        ledger::COLUMNS
    );
    let mut all = db.prepare_cached(&sql)?;
    let mut rows = all.query([lead])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let operation = RawRow::read(row)?.parse()?;
        let seq = operation.seq.cast_signed();
        let step = lead_at(db, seq)?.filter(|step| step.of == lead);
        let said = |by: Option<i64>| by.map_or(Ok(None), |by| content_at(db, by, lead));
        let (before, after) = match &step {
            Some(step) => (said(step.before)?, said(step.after)?),
            None => (None, None),
        };
        let (evidence_added, evidence_removed) = db
            .prepare_cached(
                "SELECT count(*) FILTER (WHERE before IS NULL), count(*) FILTER (WHERE after IS NULL)
                 FROM main.evidence WHERE lead = ?1 AND seq = ?2",
            )?
            .query_row((lead, seq), |row| Ok((row.get(0)?, row.get(1)?)))?;
        found.push(LeadChange {
            operation: OperationId(operation.seq),
            kind: operation.kind,
            at: operation.at,
            by: operation.who,
            before,
            after,
            evidence_added,
            evidence_removed,
        });
    }
    Ok(found)
}

/// Turns a stored number into the one that people see.
pub(crate) fn public(lead: i64) -> Result<LeadId> {
    u32::try_from(lead).map(LeadId).map_err(|_| damaged(CasePart::Ground))
}

fn to_word(risk: &Risk) -> &'static str {
    match risk {
        Risk::None => "none",
        Risk::Now => "now",
        Risk::Taken { .. } => "taken",
    }
}
