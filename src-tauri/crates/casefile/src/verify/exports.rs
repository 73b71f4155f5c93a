//! Replaying who asked for exports, and who signed or withdrew them.

use rusqlite::Connection;

use super::replay::{number, says};
use crate::ledger::{LedgerRow, OperationKind};
use crate::{ExportRequest, Result, export};

/// The exports that the operations lead to.
#[derive(Default)]
pub(super) struct Exports {
    /// Who asked for each, by its number from 1, and whether it ended.
    asked: Vec<(String, bool)>,
    ends: i64,
}

impl Exports {
    /// Plays that an export was asked for.
    pub(super) fn asked(&mut self, db: &Connection, row: &LedgerRow) -> Result<bool> {
        self.asked.push((row.who.to_string(), false));
        let asked = export::asked_at(db, row.seq.cast_signed())?;
        let in_turn = asked.is_some_and(|(id, digest)| id == self.asked.len() as i64 && says(row, digest));
        let told = serde_json::from_value::<ExportRequest>(row.detail["asked"].clone()).is_ok();
        Ok(in_turn && told)
    }

    /// Plays that an export was signed or withdrawn: once, and signed by a team lead who did not ask for it.
    pub(super) fn ended(&mut self, db: &Connection, row: &LedgerRow, team_leads: &[&str]) -> Result<bool> {
        self.ends += 1;
        let request = number(row, "request");
        let place = usize::try_from(request - 1).ok();
        let Some((asker, ended)) = place.and_then(|place| self.asked.get_mut(place)) else { return Ok(false) };
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
    pub(super) fn counted(&self) -> [(&'static str, i64); 2] {
        [("export", self.asked.len() as i64), ("export_end", self.ends)]
    }
}
