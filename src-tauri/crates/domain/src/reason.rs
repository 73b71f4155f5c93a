//! Matches, and the reasons for which an item is hidden, shown or refused.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    CategoryCode, DigestKind, Distance, EntryId, Flags, Freshness, Orientation, Outcome, SchemeId, SetName, SetStamp,
    SetVersion, Standing, UserName, Verdict,
};

/// Tells whether an entry's other facts agree with the item that met one of its digests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "agreement")]
pub enum Agreement {
    /// SHA-256 met, or every other digest and the size that the entry has agree.
    Confirmed,
    /// The entry has nothing else that could confirm a weak digest.
    Unconfirmed,
    /// Another digest or the size of the entry says that this is another file: a collision or a defect of the set.
    Contradicted {
        /// What disagrees, e.g. `SHA-1` or `size`.
        by: String,
    },
}

/// Says that an item met an entry by an exact digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// Set and version.
    pub set: Arc<SetStamp>,
    /// Entry in that set.
    pub entry: EntryId,
    /// Strongest digest that met.
    pub kind: DigestKind,
    /// Whether the rest of the entry agrees.
    pub agreement: Agreement,
    /// True when the entry of a known set also stands in a good set, so that it hides nothing.
    pub quarantined: bool,
    /// What the entry says.
    pub verdict: Verdict,
    /// Its flags.
    pub flags: Flags,
    /// Its series; empty when there is none.
    pub series: String,
    /// On how many opinions it rests; `None` where the list does not say. Absent is left out, because digests of hits that
    /// older cases keep were made without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
}

/// Says that a picture looks like an entry. It suggests and never hides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NearHit {
    /// Set and version.
    pub set: Arc<SetStamp>,
    /// Entry in that set.
    pub entry: EntryId,
    /// Bits that differ, 0 to 31.
    pub distance: Distance,
    /// Orientation of the item that met the entry.
    pub orientation: Orientation,
    /// What the entry says.
    pub verdict: Verdict,
    /// Its flags.
    pub flags: Flags,
    /// Its series; empty when there is none.
    pub series: String,
    /// True when the entry is quarantined.
    pub quarantined: bool,
}

/// Holds what a set's category means in the case's scheme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "translation")]
pub enum Translated {
    /// A rule of the crosswalk translates it (or both schemes are one).
    To {
        /// Code in the case's scheme.
        code: CategoryCode,
        /// How well it fits.
        outcome: Outcome,
    },
    /// No rule says what it is in the case's scheme.
    NeedsHuman,
}

/// Says why an item is hidden: set, version, entry and digest kind, always.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "reason")]
pub enum HideReason {
    /// A known set has it.
    Known {
        /// Set that hides it.
        set: SetName,
        /// Its version.
        version: SetVersion,
        /// Entry that was met.
        entry: EntryId,
        /// Strongest digest that met.
        digest: DigestKind,
        /// Whether the entry's other facts confirm it.
        agreement: Agreement,
        /// Code in the set, if its form has categories.
        original: Option<CategoryCode>,
        /// Scheme of that code.
        scheme: Option<SchemeId>,
        /// The same in the case's scheme.
        category: Translated,
        /// How fresh the set was when it hid the item; `None` for a set that nobody publishes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        freshness: Option<Freshness>,
    },
    /// A good set has it: an ordinary file.
    Ordinary {
        /// Set that hides it.
        set: SetName,
        /// Its version.
        version: SetVersion,
        /// Entry that was met.
        entry: EntryId,
        /// Strongest digest that met.
        digest: DigestKind,
        /// Whether the entry's other facts confirm it.
        agreement: Agreement,
        /// How fresh the set was when it hid the item; `None` for a set that nobody publishes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        freshness: Option<Freshness>,
    },
}

impl HideReason {
    /// Gives set, version, entry and digest kind, which every hide has.
    pub fn origin(&self) -> (&SetName, SetVersion, EntryId, DigestKind) {
        match self {
            Self::Known { set, version, entry, digest, .. } | Self::Ordinary { set, version, entry, digest, .. } => {
                (set, *version, *entry, *digest)
            }
        }
    }

    /// Gives how fresh the set was when it hid the item.
    pub fn freshness(&self) -> Option<Freshness> {
        match self {
            Self::Known { freshness, .. } | Self::Ordinary { freshness, .. } => *freshness,
        }
    }

    /// Gives the same reason with another word about the freshness of its set.
    pub fn with_freshness(mut self, now: Option<Freshness>) -> Self {
        match &mut self {
            Self::Known { freshness, .. } | Self::Ordinary { freshness, .. } => *freshness = now,
        }
        self
    }
}

impl fmt::Display for HideReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (set, version, entry, digest) = self.origin();
        let what = match self {
            Self::Known { .. } => "known",
            Self::Ordinary { .. } => "ordinary",
        };
        write!(f, "{what}: entry {entry} of {set}, version {version}, by {digest}")
    }
}

/// Says what is odd about an item that sets know, so that it is shown, and first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "finding")]
pub enum Finding {
    /// Entries give it different verdicts.
    Conflict {
        /// Each opinion as `set: verdict`, in a fixed order.
        opinions: Vec<String>,
        /// The sets that have these opinions, by name.
        sets: Vec<SetName>,
    },
    /// A known set and a good set both have it.
    Quarantined {
        /// Set whose entry is quarantined.
        set: SetName,
        /// That entry.
        entry: EntryId,
    },
    /// A digest met, and another digest or the size disagrees.
    Contradiction {
        /// Set whose entry disagrees with itself.
        set: SetName,
        /// That entry.
        entry: EntryId,
        /// Digest that met.
        digest: DigestKind,
        /// What disagrees.
        by: String,
    },
    /// The set's code has no meaning yet: a person has to answer for that file.
    MeaningUnanswered {
        /// Set.
        set: SetName,
        /// Entry.
        entry: EntryId,
        /// Code in question.
        code: CategoryCode,
    },
    /// The code is none of the scheme's.
    CodeUnknown {
        /// Set.
        set: SetName,
        /// Entry.
        entry: EntryId,
        /// Code in question.
        code: CategoryCode,
    },
    /// The set's publisher may say much, but not by this code: whoever introduced the publisher does not let it hide.
    NotAllowed {
        /// Set.
        set: SetName,
        /// Entry.
        entry: EntryId,
        /// Code in question.
        code: CategoryCode,
    },
    /// It is shown for another finding, and there is no picture of it.
    NoPicture {
        /// Why it could not be decoded.
        why: Refusal,
    },
    /// The set has it and nobody has judged it.
    KnownUnclassified {
        /// Set.
        set: SetName,
        /// Entry.
        entry: EntryId,
    },
}

/// Says why what hid an item hides it no more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "cause")]
pub enum ReturnCause {
    /// The set or the entry is no longer there, or no longer has it; nothing tells why.
    #[default]
    Gone,
    /// The publisher has withdrawn the entry.
    Withdrawn {
        /// Why, in the publisher's words.
        reason: String,
    },
    /// A person in this case says that the entry is wrong.
    Vetoed {
        /// Who.
        by: UserName,
        /// Why.
        reason: String,
    },
}

impl ReturnCause {
    fn is_gone(&self) -> bool {
        *self == Self::Gone
    }
}

/// Says why an item is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "reason")]
pub enum ShowReason {
    /// No set knows it.
    New,
    /// A person has decided about it.
    Decided,
    /// What hid it does so no more.
    Returned {
        /// What hid it before.
        was: HideReason,
        /// Why it no longer does.
        #[serde(default, skip_serializing_if = "ReturnCause::is_gone")]
        why: ReturnCause,
    },
    /// Sets know it, and something is odd.
    Odd {
        /// What is odd; at least one.
        findings: Vec<Finding>,
    },
}

/// Names the kinds of refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalCode {
    /// Opening or reading failed.
    Unreadable,
    /// A symbolic link, which is not followed.
    Link,
    /// A device, socket or pipe.
    Special,
    /// It was there when the folder was listed and is gone.
    Vanished,
    /// It changed while it was read.
    Changed,
    /// It has no bytes.
    Empty,
    /// The archive or this member of it is damaged, encrypted, or over a limit.
    Archive,
    /// The bytes are no picture that the decoder can read.
    Undecodable,
    /// The picture is over a limit of pixels, memory or time.
    Limit,
    /// The decoder ended while it read it.
    Crashed,
    /// No sandbox can be had, so nothing is decoded.
    NoSandbox,
}

/// Says why a file was refused. A refused file is never hidden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What kind.
    pub code: RefusalCode,
    /// One sentence for a person, without any name of a file.
    pub detail: String,
}

impl Refusal {
    /// Makes a refusal.
    pub fn new(code: RefusalCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}

/// Tells where an item stands. Exactly one of the three, so that their counts add up to the total.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum Visibility {
    /// To be reviewed, or decided by a person.
    Shown {
        /// Why.
        why: ShowReason,
    },
    /// Not shown, for a recorded reason.
    Hidden {
        /// Why.
        why: HideReason,
    },
    /// Could not be read or decoded: a finding.
    Refused {
        /// Why.
        why: Refusal,
    },
}
