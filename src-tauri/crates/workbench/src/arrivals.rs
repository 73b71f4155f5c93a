//! What the store tells of published sets: who publishes them, how fresh they are, and what each update changed.

use std::collections::{BTreeMap, BTreeSet};

use domain::release::EntryChange;
use domain::{EntryId, Freshness, ReleaseStamp, SetName, SetVersion, UtcTime};
use hashset::{SetInfo, Sets};

use crate::Error;

/// Most changes that a judging follows; with more, to judge everything anew is as quick and needs less memory.
pub(crate) const CHANGES_MAX: usize = 500_000;

/// What a judging asks about the sets, beside look-ups.
pub(crate) trait News {
    /// Tells whether the numbers of a set's entries are given by a publisher and never change.
    fn is_lasting(&self, set: &SetName) -> bool;

    /// Gives what the updates since a version changed, oldest first; `None` where nothing tells, or where it is more than
    /// [`CHANGES_MAX`].
    fn changes(&self, set: &SetName, since: SetVersion) -> Result<Option<Vec<EntryChange>>, Error>;

    /// Calls `each` with every entry that was withdrawn since a version and has not come back, with the publisher's
    /// reason. Where nothing tells, there are none.
    fn withdrawn(&self, set: &SetName, since: SetVersion) -> Result<BTreeMap<EntryId, String>, Error> {
        let mut gone = BTreeMap::new();
        for change in self.changes(set, since)?.into_iter().flatten() {
            match change.after {
                None => gone.insert(change.id, change.reason),
                Some(_) => gone.remove(&change.id),
            };
        }
        Ok(gone)
    }
}

impl News for Sets {
    fn is_lasting(&self, set: &SetName) -> bool {
        self.list().iter().any(|info| info.stamp.name == *set && release_of(info).is_some())
    }

    fn changes(&self, set: &SetName, since: SetVersion) -> Result<Option<Vec<EntryChange>>, Error> {
        let Some(changes) = Sets::changes(self, set, since)? else { return Ok(None) };
        let mut all = Vec::new();
        for change in changes {
            if all.len() == CHANGES_MAX {
                return Ok(None);
            }
            all.push(change?);
        }
        Ok(Some(all))
    }
}

/// Gives what the store keeps of the release that a set came by; `None` for one that was imported by hand.
pub(crate) fn release_of(info: &SetInfo) -> Option<&ReleaseStamp> {
    info.release.as_ref()
}

/// Judges how fresh each published set is.
pub(crate) fn freshness(sets: &Sets, now: UtcTime) -> BTreeMap<SetName, Freshness> {
    let how = |info: &SetInfo| Some((info.stamp.name.clone(), release_of(info)?.freshness(now)));
    sets.list().iter().filter_map(how).collect()
}

/// Lists the published sets.
pub(crate) fn lasting(news: &dyn News, sets: &Sets) -> BTreeSet<SetName> {
    sets.list().iter().map(|info| info.stamp.name.clone()).filter(|name| news.is_lasting(name)).collect()
}
