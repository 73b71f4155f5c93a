//! What leaves a case: what was classified, by how many, with what it met; and what other tools said of items.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

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
    /// On how many opinions it rests; `None` where nobody has one.
    pub standing: Option<Standing>,
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
    /// Everything else that the file says of the content: field as it stands there → value. Older cases have none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, Value>,
}

/// Holds what an opinion says the content is, so that two of them can be compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Said<'o> {
    /// No such material, as a person answered for that file.
    NonPertinent,
    /// A code, and its scheme where somebody said it.
    Code(&'o str, Option<&'o Profile>),
}

impl Opinion {
    /// Gives the verdict; `None` where there is none, because an uncategorized content has not been judged.
    pub fn verdict(&self) -> Option<Said<'_>> {
        let code = self.code.as_ref()?;
        match self.meaning {
            Some(CodeMeaning::Uncategorized) => None,
            Some(CodeMeaning::NonPertinent) => Some(Said::NonPertinent),
            None => Some(Said::Code(code.0.trim(), self.profile.as_ref())),
        }
    }

    /// Tells whether two opinions contradict each other: codes that differ within one scheme or where one scheme is not
    /// known, or a code against a non-pertinent. Codes of two schemes cannot be compared without a crosswalk.
    pub fn contradicts(&self, other: &Self) -> bool {
        match (self.verdict(), other.verdict()) {
            (Some(Said::Code(one, of_one)), Some(Said::Code(two, of_two))) => {
                let may_be_one_scheme = of_one.is_none() || of_two.is_none() || of_one == of_two;
                may_be_one_scheme && one != two
            }
            (Some(one), Some(two)) => one != two,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SchemeId;

    fn opinion(code: &str, scheme: Option<&str>, meaning: Option<CodeMeaning>) -> Opinion {
        Opinion {
            tool: String::new(),
            profile: scheme.map(|scheme| Profile(SchemeId(scheme.to_owned()))),
            code: (!code.is_empty()).then(|| CategoryCode(code.to_owned())),
            meaning,
            flags: Flags::default(),
            series: String::new(),
            tags: String::new(),
            comments: String::new(),
            updated_raw: None,
            extra: BTreeMap::new(),
        }
    }

    #[test]
    fn only_verdicts_that_can_be_compared_contradict() {
        let check = |one: &Opinion, two: &Opinion, want: bool| {
            assert_eq!((one.contradicts(two), two.contradicts(one)), (want, want), "{one:?} {two:?}");
        };
        let of = |code, scheme| opinion(code, Some(scheme), None);
        let free = |meaning| opinion("0", Some("us"), Some(meaning));
        check(&of("1", "us"), &of("2", "us"), true);
        check(&of("1", "us"), &of("1 ", "us"), false);
        check(&of("1", "us"), &of("A", "uk"), false);
        check(&of("1", "us"), &opinion("2", None, None), true);
        check(&of("1", "us"), &of("", "us"), false);
        check(&of("1", "us"), &free(CodeMeaning::Uncategorized), false);
        check(&of("A", "uk"), &free(CodeMeaning::NonPertinent), true);
        let other = opinion("5", Some("us"), Some(CodeMeaning::NonPertinent));
        check(&free(CodeMeaning::NonPertinent), &other, false);
    }

    #[test]
    fn an_opinion_of_an_older_case_is_read_and_written_as_it_was() {
        let old = serde_json::to_string(&opinion("1", Some("us"), None)).unwrap();
        assert!(!old.contains("extra"), "{old}");
        let read: Opinion = serde_json::from_str(&old).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), old);
    }
}
