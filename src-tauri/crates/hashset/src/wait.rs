//! What an update of a published set waits for a person for: it changes more than its limits allow, or what all of its
//! entries mean.

use std::fmt;

use domain::release::FloodLimits;
use domain::{SetStamp, SetVersion};
use serde::{Deserialize, Serialize};

/// Says why an update waits for a person. `Display` gives the sentence in English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "code")]
pub enum WaitReason {
    /// One version does more than it may.
    Version {
        /// What it does.
        does: Does,
        /// The version.
        version: SetVersion,
        /// To so many entries.
        entries: u64,
        /// So many are allowed.
        allowed: u64,
    },
    /// All versions together do more than they may in the days that have passed.
    Together {
        /// What they do.
        does: Does,
        /// To so many entries.
        entries: u64,
        /// So many are allowed.
        allowed: u64,
        /// Days that have passed, begun ones too.
        days: u64,
    },
    /// Good sets have more of the entries too than may be quarantined.
    Quarantined {
        /// So many entries.
        entries: u64,
        /// So many are allowed.
        allowed: u64,
    },
    /// All entries at once mean something else, without any of them being changed.
    Meaning {
        /// What makes them mean something else; never empty.
        by: Vec<Turn>,
    },
}

/// Tells what an update does to entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Does {
    /// It adds or changes them.
    Upserts,
    /// It withdraws them.
    Withdraws,
}

/// Tells what gives all entries of a set another meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// The scheme of its categories.
    Scheme,
    /// What makes its entries a statement.
    Basis,
    /// The meaning of codes that are used in opposite ways.
    Codes,
}

impl fmt::Display for WaitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version { does, version, entries, allowed } => {
                write!(f, "version {version} {does} {entries} entries, and {allowed} are allowed")
            }
            Self::Together { does, entries, allowed, days } => {
                write!(f, "it {does} {entries} entries in all, and {allowed} are allowed (days: {days})")
            }
            Self::Quarantined { entries, allowed } => {
                write!(f, "good sets have {entries} of the entries too, and {allowed} are allowed")
            }
            Self::Meaning { by } => {
                let names: Vec<String> = by.iter().map(Turn::to_string).collect();
                write!(f, "it changes {}, for all of its entries", names.join(", "))
            }
        }
    }
}

impl fmt::Display for Does {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Upserts => "adds or changes",
            Self::Withdraws => "withdraws",
        })
    }
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "the scheme of its categories",
            Self::Basis => "what makes its entries a statement",
            Self::Codes => "the meaning of codes that are used in opposite ways",
        })
    }
}

/// Tells what the counts of an update are counts of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    /// Each version on the way.
    EachVersion,
    /// The whole way, of which nobody knows how it is made up.
    Difference,
}

/// Says what all entries at once mean otherwise, without any of them being changed: no limit on entries would see it.
pub(crate) fn other_meaning(before: &SetStamp, after: &SetStamp) -> Option<WaitReason> {
    let changed = [
        (before.profile != after.profile, Turn::Scheme),
        (before.basis != after.basis, Turn::Basis),
        (before.meanings != after.meanings, Turn::Codes),
    ];
    let by: Vec<Turn> = changed.into_iter().filter(|(is_other, _)| *is_other).map(|(_, turn)| turn).collect();
    (!by.is_empty()).then_some(WaitReason::Meaning { by })
}

/// Says what an update does more than it may: no version more than the limits, and all together not more than them for each
/// day, so that a flood that is cut into many versions is one still.
///
/// `updates` has, for each version on the way, the numbers of entries that it adds or changes, and that it withdraws.
pub(crate) fn flood(
    limits: &FloodLimits,
    days: u64,
    counted: Counted,
    updates: &[(SetVersion, u64, u64)],
    quarantined: u64,
) -> Option<WaitReason> {
    let kinds = [
        (Does::Upserts, limits.upserts_max, updates.iter().map(|update| update.1).collect::<Vec<_>>()),
        (Does::Withdraws, limits.withdrawals_max, updates.iter().map(|update| update.2).collect()),
    ];
    for (does, max, counts) in kinds {
        let largest = updates.iter().zip(&counts).find(|(_, count)| counted == Counted::EachVersion && **count > max);
        if let Some(((version, ..), entries)) = largest {
            return Some(WaitReason::Version { does, version: *version, entries: *entries, allowed: max });
        }
        let (entries, allowed) = (counts.iter().sum::<u64>(), max.saturating_mul(days));
        if entries > allowed {
            return Some(WaitReason::Together { does, entries, allowed, days });
        }
    }
    let allowed = limits.quarantined_max;
    (quarantined > allowed).then_some(WaitReason::Quarantined { entries: quarantined, allowed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_a_sentence_with_its_figures_and_is_read_as_it_was_kept() {
        let (version, allowed, days) = (SetVersion(7), 3, 2);
        let sentences = [
            (
                WaitReason::Version { does: Does::Upserts, version, entries: 9, allowed },
                "version 7 adds or changes 9 entries, and 3 are allowed",
            ),
            (
                WaitReason::Together { does: Does::Withdraws, entries: 9, allowed, days },
                "it withdraws 9 entries in all, and 3 are allowed (days: 2)",
            ),
            (WaitReason::Quarantined { entries: 9, allowed }, "good sets have 9 of the entries too, and 3 are allowed"),
            (
                WaitReason::Meaning { by: vec![Turn::Scheme, Turn::Codes] },
                "it changes the scheme of its categories, the meaning of codes that are used in opposite ways, for all of \
                 its entries",
            ),
        ];
        for (reason, sentence) in sentences {
            assert_eq!(reason.to_string(), sentence);
            let kept = serde_json::to_string(&reason).unwrap();
            assert_eq!(serde_json::from_str::<WaitReason>(&kept).unwrap(), reason, "{kept}");
        }
    }
}
