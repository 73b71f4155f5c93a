//! Reading the case's items into the table, and keeping up with what happens to them.

use std::ops::ControlFlow;

use casefile::{CaseFile, Changed};
use domain::{SchemeId, shown_path};
use review::Schemes;
use review::table::{SourceLabel, TableError};

use super::rows::Rows;
use super::{Items, Session, count};
use crate::{Code, Error};

/// Items after which a reader of all is told how far it is.
const TOLD_EVERY: u64 = 10_000;
/// Items that are read and put while questions wait: a few milliseconds.
const PUT_AT_ONCE: usize = 500;

/// Reads all items of a case. Two threads share the work: that takes as long as a person waits for the first tile.
pub(super) fn read_all(
    case: &CaseFile,
    schemes: &Schemes,
    scheme: &SchemeId,
    progress: &mut dyn FnMut(u64),
) -> Result<Items, Error> {
    // The ledger first: rows may be newer than it, never older.
    let mut items = Items { head: case.head()?.0, ..Items::default() };
    items.seen = case.seen_counts()?.into_iter().map(|(number, _)| number).collect();
    read_beside(case, &mut items)?;
    let newest = case.newest_number()?;
    let middle = newest / 2;
    let mut rest = Items { seen: items.seen.clone(), ..Items::default() };
    let both = std::thread::scope(|scope| {
        let behind = scope.spawn(|| read_between(case, schemes, scheme, (middle + 1, newest), &mut rest, &mut |_| ()));
        // What is told is what this half has read, twice: the other one is about as far.
        let before = read_between(case, schemes, scheme, (1, middle), &mut items, &mut |read| progress(read * 2));
        before.and(behind.join().unwrap_or_else(|_| Err(cannot_be_read())))
    });
    both?;
    items.table.absorb(rest.table).map_err(cannot_be_put)?;
    items.waiting.extend(rest.waiting);
    Ok(items)
}

fn read_between(
    case: &CaseFile,
    schemes: &Schemes,
    scheme: &SchemeId,
    (first, last): (u32, u32),
    items: &mut Items,
    progress: &mut dyn FnMut(u64),
) -> Result<(), Error> {
    if first > last {
        return Ok(());
    }
    let mut rows = Rows::new(schemes, scheme);
    let mut problem = Ok(());
    let mut read = 0;
    case.sheet_between(first, last, &mut |row| {
        problem = put(&mut rows, &row, items);
        read += 1;
        if read % TOLD_EVERY == 0 {
            progress(read);
        }
        if problem.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    problem
}

fn cannot_be_read() -> Error {
    Error::new(Code::Internal, "The items of the case could not be read.", "Open the case again.")
}

fn put(rows: &mut Rows<'_>, row: &casefile::SheetRow<'_>, items: &mut Items) -> Result<(), Error> {
    let seen = items.seen.contains(&row.number);
    if rows.put(row, seen, &mut items.table).map_err(cannot_be_put)? {
        items.waiting.remove(&row.number);
    } else {
        items.waiting.insert(row.number);
    }
    Ok(())
}

fn cannot_be_put(error: TableError) -> Error {
    Error::new(Code::Damaged, "The case has items that cannot be.", "Verify the case.").with_detail(error)
}

/// Reads what is not an item: sources, places that could not be read, notices.
fn read_beside(case: &CaseFile, items: &mut Items) -> Result<(), Error> {
    items.unread = case.unread_by_source()?.into_iter().collect();
    items.notices_unread = case.notices_unread()?;
    let mut sources = case.sources()?;
    sources.sort_by_key(|row| row.id);
    let labels: Vec<SourceLabel> = (1..)
        .zip(&sources)
        .map(|(place, row)| SourceLabel { source: row.id, label: label(place), place: shown_path(&row.root) })
        .collect();
    let named = labels.iter().map(|label| (label.source, label.label.clone())).collect();
    // Labels change no answer unless there is a new one.
    if items.labels != named {
        items.labels = named;
        items.table.label_sources(labels);
    }
    Ok(())
}

/// Gives the label of the source that was added at a place, from 1: `A01` and so on.
pub(crate) fn label(place: usize) -> String {
    format!("A{place:02}")
}

impl Session {
    /// Brings the table up to what the case holds now, and tells the counts. To be called after each step of a job that
    /// writes to the case.
    pub fn follow(&self) -> Result<(), Error> {
        self.catch_up()?;
        {
            let mut items = self.items_mut();
            read_beside(&self.case, &mut items)?;
        }
        self.look_at_sets()?;
        self.tell_counts()
    }

    /// Does the same after something that this session itself wrote, which changes only items.
    pub(super) fn follow_own(&self) -> Result<(), Error> {
        self.catch_up()?;
        self.tell_counts()
    }

    /// Brings a table that was kept up to what the case holds now.
    pub(super) fn follow_kept(&self) -> Result<(), Error> {
        read_beside(&self.case, &mut self.items_mut())?;
        self.catch_up()
    }

    fn catch_up(&self) -> Result<(), Error> {
        let _one_at_a_time = self.following.lock();
        let head = self.items().head;
        let changes = self.case.changes_since(head)?;
        match changes.items {
            Changed::These(numbers) => self.read_again(&numbers)?,
            Changed::All => {
                let mut all = read_all(&self.case, &self.schemes, &self.scheme, &mut |_| ())?;
                all.table.outdate(self.items().table.version());
                *self.items_mut() = all;
                return Ok(());
            }
        }
        if changes.stacks {
            let mut stacks = Vec::new();
            self.case.stacks_by_number(&mut |number, stack| {
                stacks.push((number, stack));
                ControlFlow::Continue(())
            })?;
            self.items_mut().table.put_stacks(&stacks);
        }
        self.items_mut().head = changes.head;
        Ok(())
    }

    fn read_again(&self, numbers: &[u32]) -> Result<(), Error> {
        let mut rows = Rows::new(&self.schemes, &self.scheme);
        for numbers in numbers.chunks(PUT_AT_ONCE) {
            let mut problem = None;
            let mut items = self.items_mut();
            self.case.sheet_of(numbers, &mut |row| match put(&mut rows, &row, &mut items) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    problem = Some(error);
                    ControlFlow::Break(())
                }
            })?;
            if let Some(error) = problem {
                return Err(error);
            }
        }
        Ok(())
    }

    /// Counts the notices that nobody has read anew.
    pub(super) fn count_notices(&self) -> Result<(), Error> {
        let unread = self.case.notices_unread()?;
        self.items_mut().notices_unread = unread;
        self.tell_counts()
    }

    /// Tells how many places of the case could not be read.
    pub(super) fn unread_count(&self) -> u32 {
        count(self.items().unread_places())
    }
}
