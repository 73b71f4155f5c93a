//! The table of all items, kept in the case from one opening to the next.
//!
//! A case of a million items takes two seconds to be read row by row, and a fraction of that as kept. What has changed since
//! is read by row, as a session at work follows its case; so a table that was kept a week ago serves as well. A table of
//! another version of the program, of another person (it tells what *they* decided before others did), or of an operation
//! that the ledger does not have is none.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::sync::Weak;
use std::sync::mpsc::{Receiver, sync_channel};

use casefile::{CaseFile, KEPT_PART_BYTES, KeptHead};
use domain::UserName;
use review::Schemes;
use review::table::Table;
use sha2::{Digest as _, Sha256};

use super::{Items, Session};
use crate::Error;

/// Items from which on a table is worth keeping; fewer are read as soon.
const KEPT_ITEMS_MIN: u32 = if cfg!(test) { 1 } else { 20_000 };
/// Changes since it was kept from which on it is kept anew.
const CHANGES_MAX: usize = 20_000;
/// Parts that wait for whoever makes a table of them.
const PARTS_AHEAD: usize = 4;
/// Goes up whenever the same row of a case would become another row of the table.
const FORM: u32 = 2;

/// Names who may use a kept table: this form, this version of the program with its schemes and crosswalks, this person.
pub(super) fn tag(schemes: &Schemes, user: &UserName) -> String {
    let shipped = Sha256::digest(format!("{schemes:?}"));
    let schemes: String = shipped.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("table {FORM}, zeef {}, schemes {schemes}, {user}", env!("CARGO_PKG_VERSION"))
}

/// Reads the table that was kept. `None` where there is none to use: then the rows are read.
pub(super) fn read(case: &CaseFile, tag: &str, progress: &mut dyn FnMut(u64)) -> Result<Option<Items>, Error> {
    let Some(head) = case.kept_head(tag)? else { return Ok(None) };
    let (say, said) = sync_channel(PARTS_AHEAD);
    // One thread opens parts, which costs as much as to make rows of them, which another one does.
    let read = std::thread::scope(|scope| {
        scope.spawn(move || {
            for part in 0..head.parts {
                // What cannot be read ends the table early, which is then none.
                let Ok(Some(bytes)) = case.kept_part(part) else { return };
                if say.send(bytes).is_err() {
                    return;
                }
            }
        });
        take(&mut Parts { said, bytes: Vec::new(), at: 0 })
    });
    let Ok((table, waiting)) = read else { return Ok(None) };
    progress(table.len().into());
    let mut items = Items { table, waiting, head: head.seq, ..Items::default() };
    items.seen = case.seen_counts()?.into_iter().map(|(number, _)| number).collect();
    for number in &items.seen {
        items.table.see(*number);
    }
    Ok(Some(items))
}

fn take(from: &mut impl Read) -> io::Result<(Table, BTreeSet<u32>)> {
    let table = Table::from_kept(from)?;
    let mut waiting = Vec::new();
    from.read_to_end(&mut waiting)?;
    let numbers = waiting.as_chunks().0.iter().map(|number| u32::from_le_bytes(*number)).collect();
    Ok((table, numbers))
}

/// Parts as one stream of bytes.
struct Parts {
    said: Receiver<Vec<u8>>,
    bytes: Vec<u8>,
    at: usize,
}

impl Read for Parts {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at == self.bytes.len() {
            let Ok(bytes) = self.said.recv() else { return Ok(0) };
            (self.bytes, self.at) = (bytes, 0);
        }
        let rest = &self.bytes[self.at..];
        let length = rest.len().min(into.len());
        into[..length].copy_from_slice(&rest[..length]);
        self.at += length;
        Ok(length)
    }
}

impl Session {
    /// Keeps the table in the case where that is of use to the next opening. For a thread with nothing else to do: it ends
    /// early when the session does, so that the key of a case that is locked meanwhile is not held for this.
    pub fn keep(here: &Weak<Self>) -> Result<(), Error> {
        let Some((tag, seq, bytes)) = here.upgrade().map_or(Ok(None), |session| session.to_keep())? else {
            return Ok(());
        };
        let mut parts = 0;
        for part in bytes.chunks(KEPT_PART_BYTES) {
            let Some(session) = here.upgrade() else { return Ok(()) };
            if parts == 0 {
                session.case.keep_begin()?;
            }
            session.case.keep_part(parts, part)?;
            parts += 1;
        }
        let Some(session) = here.upgrade() else { return Ok(()) };
        Ok(session.case.keep_end(&tag, KeptHead { seq, parts })?)
    }

    /// Gives tag, operation and bytes of what is worth keeping. The table is written while nothing is put into it: a tenth of
    /// a second for a million items.
    fn to_keep(&self) -> Result<Option<(String, u64, Vec<u8>)>, Error> {
        let tag = tag(&self.schemes, &self.user);
        let items = self.items();
        if items.table.len() < KEPT_ITEMS_MIN || !self.is_worth_keeping(&items, &tag)? {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        // To write to memory cannot fail.
        let _ = items.table.keep(&mut bytes);
        bytes.extend(items.waiting.iter().flat_map(|number| number.to_le_bytes()));
        Ok(Some((tag, items.head, bytes)))
    }

    /// Tells whether what is kept is another's or too old.
    fn is_worth_keeping(&self, items: &Items, tag: &str) -> Result<bool, Error> {
        let Some(kept) = self.case.kept_head(tag)? else { return Ok(true) };
        if kept.seq == items.head {
            return Ok(false);
        }
        Ok(match self.case.changes_since(kept.seq)?.items {
            casefile::Changed::All => true,
            casefile::Changed::These(numbers) => numbers.len() > CHANGES_MAX,
        })
    }
}
