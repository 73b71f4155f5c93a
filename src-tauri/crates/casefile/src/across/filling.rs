//! Writing what a case has into an index, row by row.

use std::ops::ControlFlow;

use domain::{Camera, Pdq, PdqSet, Sha256, UtcTime};
use rusqlite::{OptionalExtension, Transaction};

use super::{Indexed, PAGE_VALUES, VALUE_BYTES};
use crate::view::word;
use crate::{CaseFile, Result};

/// Removes all that the index has of a case; tells whether it had it.
pub fn remove(tx: &Transaction<'_>, case_id: &str) -> Result<bool> {
    let member: Option<i64> =
        tx.query_row("SELECT id FROM member WHERE case_id = ?1", [case_id], |row| row.get(0)).optional()?;
    let Some(member) = member else { return Ok(false) };
    for table in ["region", "label", "lead", "serial", "look", "digest"] {
        tx.execute(&format!("DELETE FROM {table} WHERE member = ?1"), [member])?;
    }
    tx.execute("DELETE FROM member WHERE id = ?1", [member])?;
    Ok(true)
}

pub fn put_member(tx: &Transaction<'_>, case: &CaseFile, head: (u64, Sha256), now: UtcTime) -> Result<i64> {
    let info = case.info();
    tx.execute(
        "INSERT INTO member(case_id, number, unit, written, head_seq, head_hash, items) VALUES(?1, ?2, ?3, ?4, ?5, ?6, 0)",
        (&info.case_id, &info.number, &info.unit, now.0, head.0.cast_signed(), head.1.0),
    )?;
    Ok(tx.last_insert_rowid())
}

/// Notes how much of a case is in the index.
pub fn close_member(tx: &Transaction<'_>, member: i64, indexed: &mut Indexed) -> Result<()> {
    tx.execute("UPDATE member SET items = ?2 WHERE id = ?1", (member, indexed.items.cast_signed()))?;
    let serials: i64 = tx.query_row("SELECT count(*) FROM serial WHERE member = ?1", [member], |row| row.get(0))?;
    indexed.serials = serials.unsigned_abs();
    Ok(())
}

/// Puts what is shown, or was decided about, into the index, whether it was decoded or not.
pub fn put_digests(tx: &Transaction<'_>, member: i64, case: &CaseFile, indexed: &mut Indexed) -> Result<()> {
    let mut add = tx.prepare_cached("INSERT INTO digest VALUES(?1, ?2, ?3)")?;
    let mut failed = Ok(());
    case.sheet(&mut |row| {
        if row.is_shown() {
            indexed.items += 1;
            failed = add.execute((row.sha256.0, member, row.number)).map(drop);
        }
        if failed.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(failed?)
}

/// Puts PDQ values and serials of what was decoded into the index.
pub fn put_pictures(tx: &Transaction<'_>, member: i64, case: &CaseFile, indexed: &mut Indexed) -> Result<()> {
    let mut page = Page { tx, member, number: 0, packed: Vec::with_capacity(PAGE_VALUES * VALUE_BYTES) };
    let mut known = tx.prepare_cached("SELECT 1 FROM digest WHERE member = ?1 AND number = ?2")?;
    let mut failed = Ok(());
    case.clue_rows(&mut |row| {
        failed = (|| {
            // What is shown since the digests were read comes in with the next call.
            if !known.exists((member, row.number))? {
                return Ok(());
            }
            put_serials(tx, member, &row.facts.camera)?;
            if let Some(pdq) = row.facts.pdq.filter(|pdq| pdq.quality >= PdqSet::QUALITY_MIN) {
                indexed.looks += 1;
                page.add(row.number, &pdq.own())?;
            }
            Ok(())
        })();
        if failed.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    failed.and_then(|()| page.flush())
}

/// A page of PDQ values that is being filled.
struct Page<'a> {
    tx: &'a Transaction<'a>,
    member: i64,
    number: i64,
    packed: Vec<u8>,
}

impl Page<'_> {
    fn add(&mut self, item: u32, pdq: &Pdq) -> Result<()> {
        self.packed.extend_from_slice(&item.to_le_bytes());
        self.packed.extend_from_slice(&pdq.0);
        if self.packed.len() == PAGE_VALUES * VALUE_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        if !self.packed.is_empty() {
            self.tx.prepare_cached("INSERT INTO look VALUES(?1, ?2, ?3)")?.execute((
                self.member,
                self.number,
                &self.packed,
            ))?;
            self.number += 1;
            self.packed.clear();
        }
        Ok(())
    }
}

fn put_serials(tx: &Transaction<'_>, member: i64, camera: &Camera) -> Result<()> {
    let device = [&camera.make, &camera.model].map(|part| part.as_deref().unwrap_or_default().trim()).join(" ");
    let mut add = tx.prepare_cached(
        "INSERT INTO serial VALUES(?1, ?2, ?3, ?4, 1)
         ON CONFLICT(serial, member, lens, device) DO UPDATE SET items = items + 1",
    )?;
    for (serial, is_lens) in [(&camera.serial, false), (&camera.lens_serial, true)] {
        if let Some(serial) = serial.as_deref().map(str::trim).filter(|serial| tells(serial)) {
            add.execute((serial, member, is_lens, device.trim()))?;
        }
    }
    Ok(())
}

/// Tells whether a serial is one: makers write zeros and signs where they have none, and those would link every case.
fn tells(serial: &str) -> bool {
    serial.chars().any(|c| c.is_alphanumeric() && c != '0')
}

pub fn put_leads(tx: &Transaction<'_>, member: i64, case: &CaseFile, indexed: &mut Indexed) -> Result<()> {
    let mut add = tx.prepare_cached("INSERT INTO lead VALUES(?1, ?2, ?3, ?4, ?5, ?6)")?;
    let mut label = tx.prepare_cached("INSERT INTO label VALUES(?1, ?2, ?3)")?;
    for lead in case.leads()? {
        let content = lead.content;
        let (kind, state) = (word(&content.kind), word(&content.state));
        add.execute((member, lead.id.0, kind, state, &content.name, folded(&content.name)))?;
        for code in &content.labels {
            label.execute((&code.0, member, lead.id.0))?;
        }
        indexed.leads += 1;
    }
    Ok(())
}

/// Puts the regions into the index whose look says enough, of items that are in it.
pub fn put_regions(tx: &Transaction<'_>, member: i64, case: &CaseFile, indexed: &mut Indexed) -> Result<()> {
    let mut known = tx.prepare_cached("SELECT 1 FROM digest WHERE member = ?1 AND number = ?2")?;
    let mut known_lead = tx.prepare_cached("SELECT 1 FROM lead WHERE member = ?1 AND lead = ?2")?;
    let mut add = tx.prepare_cached("INSERT INTO region VALUES(?1, ?2, ?3, ?4, ?5, ?6)")?;
    for row in case.regions()? {
        let Some(pdq) = row.look.usable() else { continue };
        // What came since items and leads were read comes in with the next call.
        if known.exists((member, row.number))? && known_lead.exists((member, row.lead.0))? {
            let own = pdq.own();
            add.execute((member, row.evidence.0.cast_signed(), row.lead.0, row.number, row.place, own.0))?;
            indexed.regions += 1;
        }
    }
    Ok(())
}

/// Gives a name as names are compared: without blanks around it and whatever its case.
pub fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}
