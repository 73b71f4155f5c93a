//! What the rule says of an item, as a code: for tables, filters and counts that cannot read a million reasons.

use domain::{Finding, HideReason, RefusalCode, ReturnCause, ShowReason, Translated, Visibility};

use crate::Result;
use crate::error::{CasePart, damaged};

/// Names what the rule says of an item. Of an item with several findings it is the first.
///
/// The numbers stand in `derived.zeef`: a new one is added at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum ReasonCode {
    /// Shown: no set knows it.
    New,
    /// Shown: the entry or the set that hid it is gone.
    ReturnedGone,
    /// Shown: the publisher withdrew the entry that hid it.
    ReturnedWithdrawn,
    /// Shown: a person called the entry that hid it wrong.
    ReturnedVetoed,
    /// Shown: sets give it different verdicts.
    Conflict,
    /// Shown: a known set and a good set both have it.
    Quarantined,
    /// Shown: a digest met and something else disagrees.
    Contradiction,
    /// Shown: nobody has said what the set's code means.
    MeaningUnanswered,
    /// Shown: the code is none of the scheme's.
    CodeUnknown,
    /// Shown: the publisher may not hide by this code.
    NotAllowed,
    /// Shown: odd, and without a picture.
    NoPicture,
    /// Shown: a set has it and nobody has judged it.
    KnownUnclassified,
    /// Hidden: a known set has it.
    Known,
    /// Hidden: a good set has it.
    Ordinary,
    /// Refused: opening or reading failed.
    Unreadable,
    /// Refused: a symbolic link.
    Link,
    /// Refused: a device, socket or pipe.
    Special,
    /// Refused: it was gone when it was to be read.
    Vanished,
    /// Refused: it changed while it was read.
    Changed,
    /// Refused: it has no bytes.
    Empty,
    /// Refused: the archive or the member is damaged, encrypted, or over a limit.
    Archive,
    /// Refused: no picture that the decoder can read.
    Undecodable,
    /// Refused: over a limit of pixels, memory or time.
    Limit,
    /// Refused: the decoder ended while it read it.
    Crashed,
    /// Refused: no sandbox could be had.
    NoSandbox,
    /// Its derived state is lost: nothing can be said until its source is read again. Never stored.
    Waiting,
}

impl ReasonCode {
    /// Lists all codes, each at the place of its number.
    pub const ALL: [Self; 26] = [
        Self::New,
        Self::ReturnedGone,
        Self::ReturnedWithdrawn,
        Self::ReturnedVetoed,
        Self::Conflict,
        Self::Quarantined,
        Self::Contradiction,
        Self::MeaningUnanswered,
        Self::CodeUnknown,
        Self::NotAllowed,
        Self::NoPicture,
        Self::KnownUnclassified,
        Self::Known,
        Self::Ordinary,
        Self::Unreadable,
        Self::Link,
        Self::Special,
        Self::Vanished,
        Self::Changed,
        Self::Empty,
        Self::Archive,
        Self::Undecodable,
        Self::Limit,
        Self::Crashed,
        Self::NoSandbox,
        Self::Waiting,
    ];

    pub(crate) fn stored(self) -> i64 {
        self as i64
    }

    pub(crate) fn read(stored: i64) -> Result<Self> {
        let known = usize::try_from(stored).ok().and_then(|place| Self::ALL.get(place));
        known.copied().ok_or_else(|| damaged(CasePart::Derived))
    }
}

/// A reason in the columns of `view`.
pub(crate) struct Reason {
    pub code: ReasonCode,
    /// Name of the set that it rests on; several are joined.
    pub set: Option<String>,
    /// Category that the set's verdict has in the case's scheme, [`NEEDS_HUMAN`] where no crosswalk translates it.
    pub category: Option<String>,
}

/// Stands for a category that no crosswalk translates; no code of a scheme is empty.
pub(crate) const NEEDS_HUMAN: &str = "";

impl Reason {
    pub fn of(visibility: &Visibility) -> Self {
        match visibility {
            Visibility::Shown { why: ShowReason::New | ShowReason::Decided } => Self::bare(ReasonCode::New),
            Visibility::Shown { why: ShowReason::Returned { was, why } } => {
                let code = match why {
                    ReturnCause::Gone => ReasonCode::ReturnedGone,
                    ReturnCause::Withdrawn { .. } => ReasonCode::ReturnedWithdrawn,
                    ReturnCause::Vetoed { .. } => ReasonCode::ReturnedVetoed,
                };
                Self::hide(code, was)
            }
            Visibility::Shown { why: ShowReason::Odd { findings } } => {
                findings.first().map_or(Self::bare(ReasonCode::New), Self::finding)
            }
            Visibility::Hidden { why } => {
                let code = match why {
                    HideReason::Known { .. } => ReasonCode::Known,
                    HideReason::Ordinary { .. } => ReasonCode::Ordinary,
                };
                Self::hide(code, why)
            }
            Visibility::Refused { why } => Self::bare(refusal(why.code)),
        }
    }

    fn bare(code: ReasonCode) -> Self {
        Self { code, set: None, category: None }
    }

    fn hide(code: ReasonCode, why: &HideReason) -> Self {
        let category = match why {
            HideReason::Known { category: Translated::To { code, .. }, .. } => Some(code.0.clone()),
            HideReason::Known { category: Translated::NeedsHuman, .. } => Some(NEEDS_HUMAN.to_owned()),
            HideReason::Ordinary { .. } => None,
        };
        Self { code, set: Some(why.origin().0.as_str().to_owned()), category }
    }

    fn finding(finding: &Finding) -> Self {
        let (code, set) = match finding {
            Finding::Conflict { sets, .. } => {
                let names = sets.iter().map(|set| set.as_str()).collect::<Vec<_>>().join(", ");
                return Self {
                    code: ReasonCode::Conflict,
                    set: Some(names).filter(|it| !it.is_empty()),
                    category: None,
                };
            }
            Finding::NoPicture { .. } => return Self::bare(ReasonCode::NoPicture),
            Finding::Quarantined { set, .. } => (ReasonCode::Quarantined, set),
            Finding::Contradiction { set, .. } => (ReasonCode::Contradiction, set),
            Finding::MeaningUnanswered { set, .. } => (ReasonCode::MeaningUnanswered, set),
            Finding::CodeUnknown { set, .. } => (ReasonCode::CodeUnknown, set),
            Finding::NotAllowed { set, .. } => (ReasonCode::NotAllowed, set),
            Finding::KnownUnclassified { set, .. } => (ReasonCode::KnownUnclassified, set),
        };
        Self { code, set: Some(set.as_str().to_owned()), category: None }
    }
}

fn refusal(code: RefusalCode) -> ReasonCode {
    match code {
        RefusalCode::Unreadable => ReasonCode::Unreadable,
        RefusalCode::Link => ReasonCode::Link,
        RefusalCode::Special => ReasonCode::Special,
        RefusalCode::Vanished => ReasonCode::Vanished,
        RefusalCode::Changed => ReasonCode::Changed,
        RefusalCode::Empty => ReasonCode::Empty,
        RefusalCode::Archive => ReasonCode::Archive,
        RefusalCode::Undecodable => ReasonCode::Undecodable,
        RefusalCode::Limit => ReasonCode::Limit,
        RefusalCode::Crashed => ReasonCode::Crashed,
        RefusalCode::NoSandbox => ReasonCode::NoSandbox,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_at_the_place_of_its_number() {
        for (place, code) in ReasonCode::ALL.into_iter().enumerate() {
            assert_eq!((code.stored(), ReasonCode::read(place as i64).unwrap()), (place as i64, code));
        }
        assert!(ReasonCode::read(26).is_err() && ReasonCode::read(-1).is_err());
    }
}
