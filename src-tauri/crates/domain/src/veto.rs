//! Vetoes: a person says that an entry of a set is wrong about an item.

use serde::{Deserialize, Serialize};

use crate::{EntryId, Hit, SetName, SetVersion, UserName, UtcTime};

/// Says that an entry is wrong about an item, so that it hides that item no more. Other entries still may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Veto {
    /// Set.
    pub set: SetName,
    /// Its version when the veto was spoken.
    pub version: SetVersion,
    /// Entry.
    pub entry: EntryId,
    /// True when this entry and no other is meant, by a number that its publisher gave it for good. Otherwise every entry of
    /// another version of the set is meant too: in a list that was imported by hand the next version may have the same row
    /// elsewhere, and a publisher may join two entries of one content.
    pub lasting: bool,
    /// Who says so.
    pub by: UserName,
    /// When.
    pub at: UtcTime,
    /// Why.
    pub reason: String,
}

impl Veto {
    /// Tells whether the veto is about this hit. Where numbers of entries do not last, every entry of another version of
    /// the set is meant: to show too much does less harm than to hide again what a person has called wrong.
    pub fn covers(&self, hit: &Hit) -> bool {
        let same_version = hit.set.version == self.version;
        self.set == hit.set.name && (if self.lasting || same_version { self.entry == hit.entry } else { true })
    }
}
