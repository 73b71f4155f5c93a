//! One person at work in one open case: all items in memory, the views that are open, and what the person does.
//!
//! What it does: reads the case's items into a table once, follows the case from then on, and answers every question that
//! the window asks about items from memory or with one short read. What changes something is durable when the answer is
//! given, and the table has followed it.
//!
//! Used from several threads: questions do not wait for one another, and for a change only as long as rows are put.

mod acts;
mod detail;
mod drafts;
mod figures;
mod following;
mod kept;
mod leads;
mod lists;
mod notices;
mod opinions;
mod rows;
mod saved;
mod sentences;
mod sets;
mod story;
mod targets;
mod undo;
mod views;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use casefile::CaseFile;
use domain::{SchemeId, SourceId, UserName, UtcTime};
use review::Schemes;
use review::table::{Shelf, Table};

use crate::Error;
use crate::view::detail::Strip;

use sets::InForce;
use views::Views;

pub(crate) use detail::no_such_number;
pub(crate) use following::label;
pub(crate) use sentences::{safe, word};

pub use saved::{SAVED_NAME_CHARS_MAX, SAVED_VIEWS_MAX};
pub use views::{NUMBERS_MAX, VIEWS_MAX};

/// Holds what a session needs from around it.
#[derive(Clone)]
pub struct Around {
    /// Folder of the hash sets.
    pub sets_dir: PathBuf,
    /// Gives the time.
    pub now: Arc<dyn Fn() -> UtcTime + Send + Sync>,
    /// Is told the strip whenever the counts have changed; called from the thread that changed them, and must not block.
    pub counts: Arc<dyn Fn(Strip) + Send + Sync>,
}

/// Holds an open case as one person works in it.
pub struct Session {
    case: CaseFile,
    around: Around,
    user: UserName,
    schemes: Schemes,
    scheme: SchemeId,
    items: RwLock<Items>,
    views: Mutex<Views>,
    in_force: Mutex<InForce>,
    /// What the rules of clues ask about every item.
    clues: Mutex<leads::Clues>,
    /// Held while it is worked out what regions look like.
    looking: Mutex<()>,
    /// Held by whoever reads what has changed, so that no older rows come behind newer ones.
    following: Mutex<()>,
    /// Held from the choice of items to the durable decision, so that two commands do not choose by the same rows.
    deciding: Mutex<()>,
}

/// What is held of the items, under one lock.
#[derive(Default)]
struct Items {
    table: Table,
    /// Operation up to which the table has followed the case.
    head: u64,
    /// Items whose derived state is lost; they are not in the table.
    waiting: BTreeSet<u32>,
    /// Items that this person has seen clearly.
    seen: BTreeSet<u32>,
    /// Places that could not be read, by source.
    unread: BTreeMap<SourceId, u64>,
    notices_unread: u64,
    /// Labels of the sources.
    labels: BTreeMap<SourceId, String>,
}

impl Items {
    fn label(&self, source: SourceId) -> &str {
        self.labels.get(&source).map_or("", String::as_str)
    }

    fn unread_places(&self) -> u64 {
        self.unread.values().sum()
    }
}

impl Session {
    /// Reads a case's items into memory, from the table that was kept where there is one. `progress` is told how many are read, now and then.
    pub fn open(case: CaseFile, around: Around, progress: &mut dyn FnMut(u64)) -> Result<Self, Error> {
        let schemes = Schemes::shipped();
        let scheme = case.info().scheme.id;
        let user = case.user().0;
        let kept = kept::read(&case, &kept::tag(&schemes, &user), progress)?;
        let was_kept = kept.is_some();
        let items = kept.map_or_else(|| following::read_all(&case, &schemes, &scheme, progress), Ok)?;
        let session = Self {
            user,
            case,
            around,
            schemes,
            scheme,
            items: RwLock::new(items),
            views: Mutex::default(),
            in_force: Mutex::default(),
            clues: Mutex::default(),
            looking: Mutex::new(()),
            following: Mutex::new(()),
            deciding: Mutex::new(()),
        };
        if was_kept {
            session.follow_kept()?;
        }
        session.sets_changed()?;
        Ok(session)
    }

    /// Gives the open case.
    pub fn case(&self) -> &CaseFile {
        &self.case
    }

    /// Gives the folder of the hash sets.
    pub fn sets_dir(&self) -> &Path {
        &self.around.sets_dir
    }

    /// Makes the orders that cost most, so that nobody waits for them later. For a thread with nothing else to do.
    pub fn prepare(&self) {
        self.items().table.prepare();
    }

    /// Tells what always stands at the foot of the window.
    pub fn strip(&self) -> Result<Strip, Error> {
        let now = self.now();
        let seen_today = self.case.seen_since(day_of(now))?.0;
        let (sets, sets_changed) = {
            let in_force = self.in_force();
            (in_force.ages(now), in_force.changed)
        };
        let items = self.items();
        let (shown, hidden, refused) = items.table.states();
        let refused = refused + count(items.unread_places());
        let waiting = items.waiting.len() as u32;
        Ok(Strip {
            shown,
            hidden,
            refused,
            waiting,
            total: shown + hidden + refused + waiting,
            decided: on_shelf(&items.table, Shelf::Decided),
            notices: count(items.notices_unread),
            sets,
            sets_changed,
            seen_today: count(seen_today),
        })
    }

    /// Notes that this person has seen an item clearly, whole or in part.
    pub fn seen(&self, number: u32, part: bool) -> Result<(), Error> {
        self.case.seen_add(number, part, self.now())?;
        let mut items = self.items_mut();
        items.seen.insert(number);
        items.table.see(number);
        drop(items);
        self.tell_counts()
    }

    fn tell_counts(&self) -> Result<(), Error> {
        (self.around.counts)(self.strip()?);
        Ok(())
    }

    fn now(&self) -> UtcTime {
        (self.around.now)()
    }

    // Whoever panicked while holding one of these locks left whole rows behind: each is put in one step.

    fn items(&self) -> RwLockReadGuard<'_, Items> {
        self.items.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn items_mut(&self) -> RwLockWriteGuard<'_, Items> {
        self.items.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn views(&self) -> MutexGuard<'_, Views> {
        self.views.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn in_force(&self) -> MutexGuard<'_, InForce> {
        self.in_force.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts the items of a shelf.
fn on_shelf(table: &Table, wanted: Shelf) -> u32 {
    table.shelves().into_iter().find(|(shelf, _)| *shelf == wanted).map_or(0, |(_, count)| count)
}

/// Makes a count fit the window's numbers; a case has fewer items than that.
fn count(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

const DAY_MICROS: i64 = 86_400_000_000;
const HOUR_MICROS: i64 = 3_600_000_000;

/// Gives the beginning of a day, in UTC.
fn day_of(now: UtcTime) -> UtcTime {
    UtcTime(now.0.div_euclid(DAY_MICROS) * DAY_MICROS)
}
