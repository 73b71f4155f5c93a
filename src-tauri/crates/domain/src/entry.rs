//! Entries of hash sets, and what a set says of itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{CategoryCode, EntryDigests, EntryId, Pdq, PhotoDna, SchemeId, SetName, SetVersion, Standing, UtcTime};

/// Tells what a hash set claims about its entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Seized, filtered and classified material.
    Known,
    /// Ordinary files of software and the like.
    Good,
}

impl FromStr for Role {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "known" => Ok(Self::Known),
            "good" => Ok(Self::Good),
            other => Err(format!("a role is `known` or `good`, not `{other}`")),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Known => "known",
            Self::Good => "good",
        })
    }
}

/// Names whose classification scheme the numbers in a set belong to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Profile(pub SchemeId);

/// Says that a profile is not one that Zeef has a scheme for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no profile that Zeef knows: choose US, UK, INTERPOL or NL, or the id of a scheme")]
pub struct ProfileError(pub String);

impl Profile {
    /// Finds the profile that a VICS context or a person names: US, UK, INTERPOL, NL, or a scheme's id; case is ignored.
    /// `Default` and `CUSTOM` name no scheme, so they are refused and a person has to choose.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let id = match text.to_ascii_lowercase().as_str() {
            "us" | "project-vic-us" => "project-vic-us",
            "uk" => "uk",
            "interpol" | "icse" | "interpol-baseline" => "interpol-baseline",
            "nl" => "nl",
            _ => return Err(ProfileError(text.to_owned())),
        };
        Ok(Self(SchemeId(id.to_owned())))
    }
}

/// Tells what makes an entry of a set a statement about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VerdictBasis {
    /// The form of the list has a category for each entry (VICS): an entry without one has been judged by nobody.
    Category,
    /// The form of the list has no categories (ICSE, hashdeep, NSRL, md5sum, ...): to stand in it is the statement.
    Membership,
}

/// Tells what an entry says of its file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// A code of the set's scheme, as the file has it.
    Category(CategoryCode),
    /// The list has no categories; the entry stands in it.
    Member,
    /// The list has categories and this entry has none: never a verdict, hides nothing.
    Unclassified,
}

/// Says what a person answered that a code of one file means, because tools use it in opposite ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodeMeaning {
    /// Somebody judged the file, and it is not pertinent.
    NonPertinent,
    /// Nobody judged the file: never a verdict.
    Uncategorized,
}

impl FromStr for CodeMeaning {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "non-pertinent" | "nonpertinent" => Ok(Self::NonPertinent),
            "uncategorized" | "uncategorised" => Ok(Self::Uncategorized),
            other => Err(format!("a meaning is `non-pertinent` or `uncategorized`, not `{other}`")),
        }
    }
}

/// Holds the answers for one file, by code.
pub type Meanings = BTreeMap<CategoryCode, CodeMeaning>;

/// Holds the flags of an entry; absent is a third value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Flags {
    /// A victim has been identified.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub victim_identified: Option<bool>,
    /// An offender has been identified.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub offender_identified: Option<bool>,
    /// Seen to be distributed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub distributed: Option<bool>,
    /// Suspected, not yet judged (VICS `IsSuspected`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub suspected: Option<bool>,
    /// Made by the person shown (VICS `SelfGenerated`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub self_generated: Option<bool>,
    /// Meets INTERPOL's baseline.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub baseline: Option<bool>,
}

impl Flags {
    /// Names of the flags, as files and columns have them, in the order of [`Flags::list`]. Files depend on the order.
    pub const NAMES: [&'static str; 6] =
        ["victim_identified", "offender_identified", "distributed", "suspected", "self_generated", "baseline"];

    /// Lists the flags, in the order of [`Flags::NAMES`].
    pub fn list(self) -> [Option<bool>; 6] {
        let Self { victim_identified, offender_identified, distributed, suspected, self_generated, baseline } = self;
        [victim_identified, offender_identified, distributed, suspected, self_generated, baseline]
    }

    /// Makes flags of a list in the order of [`Flags::NAMES`].
    pub fn of_list(list: [Option<bool>; 6]) -> Self {
        let [victim_identified, offender_identified, distributed, suspected, self_generated, baseline] = list;
        Self { victim_identified, offender_identified, distributed, suspected, self_generated, baseline }
    }

    /// Lists those of which something is said, by name.
    pub fn said(self) -> impl Iterator<Item = (&'static str, bool)> {
        Self::NAMES.into_iter().zip(self.list()).filter_map(|(name, flag)| Some((name, flag?)))
    }
}

/// Holds one entry of a hash set.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Assigned by the publisher, or the number of the record in the list, from 1.
    pub id: EntryId,
    /// At least one digest.
    pub digests: EntryDigests,
    /// Length of the file, if the list has it.
    pub size_bytes: Option<u64>,
    /// What the entry says.
    pub verdict: Verdict,
    /// Flags, each absent, true or false.
    pub flags: Flags,
    /// Names of the series that the file belongs to; empty when the list has none.
    pub series: String,
    /// PDQ value, if the list has it.
    pub pdq: Option<Pdq>,
    /// PhotoDNA value, if the list has it.
    pub photodna: Option<PhotoDna>,
    /// On how many opinions it rests; `None` where the list does not say.
    pub standing: Option<Standing>,
}

impl Entry {
    /// Makes an entry that has digests and nothing else.
    pub fn bare(id: EntryId, digests: EntryDigests, verdict: Verdict) -> Self {
        Self {
            id,
            digests,
            size_bytes: None,
            verdict,
            flags: Flags::default(),
            series: String::new(),
            pdq: None,
            photodna: None,
            standing: None,
        }
    }
}

/// Says which set, in which version, an answer came from. Kept with every hide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetStamp {
    /// Name in the local store.
    pub name: SetName,
    /// What it claims.
    pub role: Role,
    /// Version, from 1.
    pub version: SetVersion,
    /// Scheme of its categories.
    pub profile: Option<Profile>,
    /// When its publisher made it, if the set says so.
    pub published: Option<UtcTime>,
    /// What makes its entries a statement.
    pub basis: VerdictBasis,
    /// What a person answered for the codes of this file.
    pub meanings: Meanings,
    /// Codes that may hide, where the trust map of another publisher restricts them; `None` is all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<BTreeSet<CategoryCode>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_that_names_no_scheme_is_refused() {
        assert_eq!(Profile::parse("US").unwrap().0.0, "project-vic-us");
        assert!(Profile::parse("Default").is_err() && Profile::parse("CUSTOM").is_err());
    }
}
