//! Notices: what a new version of a set says otherwise of an item that a case has.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{EntryId, SetName, SetVersion};

/// Names what has changed about an entry that an item met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// A victim has been identified.
    VictimIdentified,
    /// An offender has been identified.
    OffenderIdentified,
    /// It has joined a series, or its series is another one.
    SeriesChanged,
    /// Its category is another one.
    CategoryChanged,
    /// Contributors disagree about it now, or no longer do.
    VerdictDisputed,
    /// Another flag is another one, or one of the two above was taken back.
    FlagsChanged,
    /// The entry is no longer part of the set.
    Withdrawn,
}

impl NoticeKind {
    /// Lists all kinds.
    pub const ALL: [Self; 7] = [
        Self::VictimIdentified,
        Self::OffenderIdentified,
        Self::SeriesChanged,
        Self::CategoryChanged,
        Self::VerdictDisputed,
        Self::FlagsChanged,
        Self::Withdrawn,
    ];

    /// Gives the word that is stored, and that JSON has.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VictimIdentified => "victim-identified",
            Self::OffenderIdentified => "offender-identified",
            Self::SeriesChanged => "series-changed",
            Self::CategoryChanged => "category-changed",
            Self::VerdictDisputed => "verdict-disputed",
            Self::FlagsChanged => "flags-changed",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl fmt::Display for NoticeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for NoticeKind {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| format!("`{text}` is no kind of notice"))
    }
}

/// Says what one version of a set says otherwise of an item than an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Notice {
    /// What has changed.
    pub kind: NoticeKind,
    /// Set.
    pub set: SetName,
    /// Entry that the item met.
    pub entry: EntryId,
    /// Version that the case was matched with before.
    pub from: SetVersion,
    /// Version that says otherwise.
    pub to: SetVersion,
    /// What it said; empty for nothing.
    pub was: String,
    /// What it says; empty for nothing.
    pub now: String,
    /// Why, in the publisher's words, where it was withdrawn; else empty.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_goes_round() {
        for kind in NoticeKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        assert!("else".parse::<NoticeKind>().is_err());
    }
}
