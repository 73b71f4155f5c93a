//! What leaves a case: what was classified, by how many, with what it met; and what other tools said of items.

use serde::{Deserialize, Serialize};

use crate::{
    CategoryCode, CodeMeaning, Digests, EntryId, Flags, MediaType, Pdq, Profile, SetName, SetVersion, Standing,
    UserName, UtcTime,
};

/// Holds the opinion of one person on one item: the last that they gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// Who.
    pub by: UserName,
    /// Category in the case's scheme.
    pub category: CategoryCode,
    /// When.
    pub at: UtcTime,
}

/// Holds what a person said against an entry of a set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassifiedVeto {
    /// Set of the entry.
    pub set: SetName,
    /// Its version at that time.
    pub version: SetVersion,
    /// The entry.
    pub entry: EntryId,
    /// Why it is wrong.
    pub reason: String,
}

/// Holds one item of a classification set. It names no file, no place and no person but those who decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassifiedItem {
    /// Digests and length.
    pub digests: Digests,
    /// Type by content.
    pub media: MediaType,
    /// Category that holds in the case; `None` when the people disagree and nobody has settled it.
    pub category: Option<CategoryCode>,
    /// On how many opinions it rests.
    pub standing: Standing,
    /// Opinions, by time.
    pub votes: Vec<Vote>,
    /// Flags: what sets say, and what leads of the case say.
    pub flags: Flags,
    /// Names of series, sorted, each once.
    pub series: Vec<String>,
    /// PDQ, where the picture was decoded.
    pub pdq: Option<Pdq>,
    /// Entries that a person called wrong about it.
    pub vetoes: Vec<ClassifiedVeto>,
    /// In how many places the case has it.
    pub occurrences: u64,
}

/// Holds what another tool said of an item. It is an opinion: it hides nothing and decides nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opinion {
    /// Tool and version, as the file has them; e.g. `Tool 7.1`.
    pub tool: String,
    /// Scheme of the code, where the file or a person said it.
    pub profile: Option<Profile>,
    /// Code as the file has it; `None` where it gave no verdict.
    pub code: Option<CategoryCode>,
    /// What a person answered that the code means, for codes that tools use in opposite ways.
    pub meaning: Option<CodeMeaning>,
    /// Flags, each absent, true or false.
    pub flags: Flags,
    /// Names of series; empty when there are none.
    pub series: String,
    /// Tags, as the file has them.
    pub tags: String,
    /// Comments, as the file has them.
    pub comments: String,
    /// Time of the last change, as the file has it.
    pub updated_raw: Option<String>,
}
