//! Rules by which rows are shared: what the law does not allow to leave is taken out at release. The rules are a signed
//! target beside the rows, so that whoever reads the set sees by which rules it was filtered.

use std::collections::BTreeSet;
use std::path::Path;

use domain::{CategoryCode, Entry, Flags, Verdict};
use serde::{Deserialize, Serialize};

use crate::disk;
use crate::error::PublishError;

/// Name of the target that holds the rules.
pub const RULES_TARGET: &str = "share-rules.json";
/// Form of the rules that this program reads.
pub const RULES_SCHEMA: u32 = 1;

/// Names a flag of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlagName {
    /// A victim has been identified.
    VictimIdentified,
    /// An offender has been identified.
    OffenderIdentified,
    /// Seen to be distributed.
    Distributed,
    /// Suspected, not yet judged.
    Suspected,
    /// Made by the person shown.
    SelfGenerated,
    /// Meets INTERPOL's baseline.
    Baseline,
}

/// Tells whether texts of series are shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SharedSeries {
    /// As they are.
    #[default]
    Whole,
    /// Not at all.
    Dropped,
}

/// Tells whether entries that nobody has judged, or whose verdict is disputed, are shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SharedUnjudged {
    /// With the others.
    #[default]
    Whole,
    /// Not at all.
    LeftOut,
}

/// Says what is not shared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareRules {
    /// [`RULES_SCHEMA`].
    pub schema: u32,
    /// The law or agreement that they follow, for people.
    pub title: String,
    /// Entries of these categories are left out.
    #[serde(default)]
    pub leave_out_categories: BTreeSet<CategoryCode>,
    /// What happens to entries without a verdict.
    #[serde(default)]
    pub unjudged: SharedUnjudged,
    /// These flags are blanked.
    #[serde(default)]
    pub drop_flags: BTreeSet<FlagName>,
    /// What happens to series.
    #[serde(default)]
    pub series: SharedSeries,
}

impl ShareRules {
    /// Reads rules.
    pub(crate) fn read(path: &Path) -> Result<Self, PublishError> {
        let rules: Self = serde_json::from_slice(&disk::read(path)?).map_err(|error| {
            PublishError::refused(path, format!("it is no file of rules: {error}"), "See the README for its form")
        })?;
        if rules.schema != RULES_SCHEMA {
            return Err(PublishError::refused(path, "its schema is not known", format!("Write schema {RULES_SCHEMA}")));
        }
        Ok(rules)
    }

    /// Gives the row as it may be shared, or nothing.
    pub(crate) fn shared(&self, mut entry: Entry) -> Option<Entry> {
        let leaves = match &entry.verdict {
            Verdict::Category(code) => !self.leave_out_categories.contains(code),
            Verdict::Unclassified => self.unjudged == SharedUnjudged::Whole,
            Verdict::Member => true,
        };
        self.drop_flags.iter().for_each(|flag| *flag_mut(&mut entry.flags, *flag) = None);
        if self.series == SharedSeries::Dropped {
            entry.series.clear();
        }
        leaves.then_some(entry)
    }
}

fn flag_mut(flags: &mut Flags, name: FlagName) -> &mut Option<bool> {
    match name {
        FlagName::VictimIdentified => &mut flags.victim_identified,
        FlagName::OffenderIdentified => &mut flags.offender_identified,
        FlagName::Distributed => &mut flags.distributed,
        FlagName::Suspected => &mut flags.suspected,
        FlagName::SelfGenerated => &mut flags.self_generated,
        FlagName::Baseline => &mut flags.baseline,
    }
}

#[cfg(test)]
mod tests {
    use domain::{EntryDigests, EntryId};

    use super::*;

    #[test]
    fn what_may_not_be_shared_is_taken_out() {
        let text = r#"{"schema":1,"title":"Treaty","leave_out_categories":["2"],"unjudged":"left-out",
            "drop_flags":["victim_identified"],"series":"dropped"}"#;
        let rules: ShareRules = serde_json::from_str(text).unwrap();
        let entry = |verdict| {
            let mut entry = Entry::bare(EntryId(1), EntryDigests::default(), verdict);
            entry.flags = Flags { victim_identified: Some(true), distributed: Some(true), ..Flags::default() };
            entry.series = "S".to_owned();
            entry
        };
        let category = |code: &str| Verdict::Category(CategoryCode(code.to_owned()));
        assert_eq!(rules.shared(entry(category("2"))), None);
        assert_eq!(rules.shared(entry(Verdict::Unclassified)), None);
        let shared = rules.shared(entry(category("1"))).unwrap();
        assert_eq!((shared.flags.victim_identified, shared.flags.distributed), (None, Some(true)));
        assert_eq!(shared.series, "");
    }
}
