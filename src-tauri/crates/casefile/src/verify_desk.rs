//! Replaying leads, evidence, clocks, opinions and exports against the ledger.

use std::collections::BTreeMap;

use domain::{EvidencePart, LeadContent};
use rusqlite::Connection;

use crate::canon::Canon;
use crate::ledger::{LedgerRow, OperationKind};
use crate::verify::{number, says};
use crate::{ExportRequest, Result, clock, export, lead, proof};

/// What the operations on leads, clocks and exports lead to, and how many rows they added.
#[derive(Default)]
pub(crate) struct Desk {
    lead_rows: i64,
    evidence_rows: i64,
    clock_rows: i64,
    pub opinions: i64,
    ends: i64,
    /// Operation that said what holds of each lead.
    leads: BTreeMap<i64, i64>,
    /// Lead and item of each piece of evidence in force, and the operation that said what holds of it.
    evidence: BTreeMap<i64, (i64, i64, i64)>,
    clocks: BTreeMap<String, i64>,
    /// Who asked for each export, by its number from 1, and whether it ended.
    exports: Vec<(String, bool)>,
}

impl Desk {
    /// Plays what an operation did to a lead and to evidence, and adds it to its digest; tells whether all moved from where
    /// it stood, to what an operation said, and how many pieces there are.
    pub fn leads(&mut self, db: &Connection, row: &LedgerRow, canon: &mut Canon) -> Result<(bool, u64)> {
        let seq = row.seq.cast_signed();
        let mut in_turn = true;
        if let Some(step) = lead::lead_at(db, seq)? {
            self.lead_rows += 1;
            step.add_to(canon);
            in_turn &= self.leads.get(&step.lead).copied() == step.before;
            let text = "SELECT content FROM main.lead WHERE seq = ?1 AND lead = ?2";
            in_turn &= said(db, text, seq, step.lead, step.after, step.content.as_deref())?
                .is_none_or(|text| is::<LeadContent>(&text));
            match step.after {
                Some(by) => self.leads.insert(step.lead, by),
                None => self.leads.remove(&step.lead),
            };
        }
        let pieces = proof::evidence_at(db, seq)?;
        for step in &pieces {
            step.add_to(canon);
            let stands = step.before.map(|by| (step.lead, step.item, by));
            in_turn &= self.evidence.get(&step.id).copied() == stands;
            let text = "SELECT part FROM main.evidence WHERE seq = ?1 AND id = ?2";
            in_turn &= said(db, text, seq, step.id, step.after, step.part.as_deref())?
                .is_none_or(|text| is::<EvidencePart>(&text));
            match step.after {
                Some(by) => self.evidence.insert(step.id, (step.lead, step.item, by)),
                None => self.evidence.remove(&step.id),
            };
        }
        self.evidence_rows += pieces.len() as i64;
        Ok((in_turn, pieces.len() as u64))
    }

    /// Plays what an operation said of a clock, and adds it to its digest; tells whether it moved from where it stood.
    pub fn clock(&mut self, db: &Connection, row: &LedgerRow, canon: &mut Canon) -> Result<bool> {
        let Some(step) = clock::clock_at(db, row.seq.cast_signed())? else { return Ok(true) };
        self.clock_rows += 1;
        step.add_to(canon);
        let in_turn = self.clocks.get(&step.device).copied() == step.before;
        match step.after {
            Some(by) => self.clocks.insert(step.device, by),
            None => self.clocks.remove(&step.device),
        };
        Ok(in_turn)
    }

    /// Plays that an export was asked for.
    pub fn export_asked(&mut self, db: &Connection, row: &LedgerRow) -> Result<bool> {
        self.exports.push((row.who.to_string(), false));
        let asked = export::asked_at(db, row.seq.cast_signed())?;
        let in_turn = asked.is_some_and(|(id, digest)| id == self.exports.len() as i64 && says(row, digest));
        let told = serde_json::from_value::<ExportRequest>(row.detail["asked"].clone()).is_ok();
        Ok(in_turn && told)
    }

    /// Plays that an export was signed or withdrawn: once, and signed by a team lead who did not ask for it.
    pub fn export_ended(&mut self, db: &Connection, row: &LedgerRow, team_leads: &[&str]) -> Result<bool> {
        self.ends += 1;
        let request = number(row, "request");
        let place = usize::try_from(request - 1).ok();
        let Some((asker, ended)) = place.and_then(|place| self.exports.get_mut(place)) else { return Ok(false) };
        let signs = row.kind == OperationKind::ExportSigned;
        let who = row.who.as_str();
        let may =
            if signs { asker != who && team_leads.contains(&who) } else { asker == who || team_leads.contains(&who) };
        let once = !std::mem::replace(ended, true);
        let stands = export::ended_at(db, row.seq.cast_signed())?;
        let same = stands.is_some_and(|(id, signed, digest)| id == request && signed == signs && says(row, digest));
        // Signatures from before samples were noted have none.
        let sampled = row
            .detail
            .get("sample")
            .is_none_or(|_| export::sample(&row.detail).is_some_and(|sample| sample.looked <= sample.of && signs));
        Ok(may && once && same && sampled)
    }

    /// Gives the tables with the number of rows that each ought to have.
    pub fn counted(&self) -> [(&'static str, i64); 6] {
        [
            ("lead", self.lead_rows),
            ("evidence", self.evidence_rows),
            ("clock", self.clock_rows),
            ("opinion", self.opinions),
            ("export", self.exports.len() as i64),
            ("export_end", self.ends),
        ]
    }

    /// Compares what is in force with what the operations led to, and tells what differs.
    pub fn compare(&self, db: &Connection) -> Result<Vec<&'static str>> {
        let mut problems = Vec::new();
        let mut leads = db.prepare("SELECT lead, seq FROM main.lead_now")?;
        let leads = leads.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if leads.collect::<rusqlite::Result<BTreeMap<i64, i64>>>()? != self.leads {
            problems.push("the leads in force are not those that the operations made");
        }
        let mut evidence = db.prepare("SELECT id, lead, item, seq FROM main.evidence_now")?;
        let evidence = evidence.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?))))?;
        if evidence.collect::<rusqlite::Result<BTreeMap<i64, (i64, i64, i64)>>>()? != self.evidence {
            problems.push("the evidence in force is not that which the operations made");
        }
        let mut clocks = db.prepare("SELECT device, seq FROM main.clock_now")?;
        let clocks = clocks.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if clocks.collect::<rusqlite::Result<BTreeMap<String, i64>>>()? != self.clocks {
            problems.push("the clocks of devices are not those that the operations set");
        }
        Ok(problems)
    }
}

/// Gives what holds after a step: what its own operation says, or what an earlier one said. An empty text, which is no form
/// of anything, where the row does not say it in the one place where it has to.
fn said(
    db: &Connection,
    sql: &str,
    seq: i64,
    id: i64,
    after: Option<i64>,
    own: Option<&str>,
) -> Result<Option<String>> {
    if after != Some(seq) && own.is_some() {
        return Ok(Some(String::new()));
    }
    match after {
        None => Ok(None),
        Some(by) if by == seq => Ok(Some(own.unwrap_or_default().to_owned())),
        Some(by) => {
            let mut one = db.prepare_cached(sql)?;
            let mut rows = one.query((by, id))?;
            let text = rows.next()?.map(|row| row.get::<_, Option<String>>(0)).transpose()?;
            Ok(Some(text.flatten().unwrap_or_default()))
        }
    }
}

fn is<T: serde::de::DeserializeOwned>(text: &str) -> bool {
    serde_json::from_str::<T>(text).is_ok()
}
