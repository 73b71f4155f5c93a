//! The words that leads are labelled with: a list that is controlled and has a version, in English and Dutch, so that what
//! two people register can be counted together.

use std::collections::BTreeSet;

use domain::{LabelCode, LeadKind};
use serde::Deserialize;

const SHIPPED: &str = include_str!("../vocabulary/zeef.json");

/// Most labels of a vocabulary: more than anybody can choose from.
pub const LABELS_MAX: usize = 5_000;
/// Most characters of a code, and of a label in one language.
const TEXT_CHARS_MAX: usize = 120;

/// Says what is wrong with a vocabulary.
#[derive(Debug, thiserror::Error)]
pub enum VocabularyError {
    /// The text is no vocabulary.
    #[error("not a vocabulary: {0}")]
    Form(#[from] serde_json::Error),
    /// A code stands twice.
    #[error("the vocabulary has the code `{0}` twice")]
    Twice(String),
    /// A code, or a label in one of the languages, is missing, too long, or cannot be shown safely.
    #[error("`{code}` of the vocabulary needs {what}")]
    Missing {
        /// Code in question.
        code: String,
        /// What is missing.
        what: &'static str,
    },
    /// There are more labels than anybody can choose from.
    #[error("a vocabulary has at most {LABELS_MAX} labels")]
    TooMany,
}

/// Holds one label.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// Code, which begins with that of its group and a point; e.g. `building.socket-f`.
    pub code: LabelCode,
    /// Label in English.
    pub en: String,
    /// Label in Dutch.
    pub nl: String,
    /// Kinds of leads that it fits; those of its group where the file names none.
    #[serde(default)]
    pub kinds: Vec<LeadKind>,
}

/// Holds labels that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Code, e.g. `building`.
    pub code: String,
    /// Name in English.
    pub en: String,
    /// Name in Dutch.
    pub nl: String,
    /// Kinds of leads that its labels fit.
    pub kinds: Vec<LeadKind>,
    /// Labels, in the order in which people read them.
    pub labels: Vec<Label>,
}

/// Holds a vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vocabulary {
    /// Identity, e.g. `zeef`.
    pub id: String,
    /// Version, from 1. A code keeps its meaning in every version.
    pub version: u32,
    /// Title.
    pub title: String,
    /// Who stands behind it.
    pub status: String,
    /// Groups, in the order in which people read them.
    pub groups: Vec<Group>,
}

impl Vocabulary {
    /// Gives the vocabulary that comes with the program.
    pub fn shipped() -> Self {
        Self::from_json(SHIPPED).expect("the shipped vocabulary is read by a test of this crate")
    }

    /// Reads a vocabulary and checks that every code is there once and in both languages.
    pub fn from_json(text: &str) -> Result<Self, VocabularyError> {
        let mut vocabulary: Self = serde_json::from_str(text)?;
        if vocabulary.groups.iter().map(|group| group.labels.len()).sum::<usize>() > LABELS_MAX {
            return Err(VocabularyError::TooMany);
        }
        let mut seen = BTreeSet::new();
        for group in &mut vocabulary.groups {
            check(&group.code, &group.en, &group.nl, &mut seen)?;
            for label in &mut group.labels {
                let code = &label.code.0;
                check(code, &label.en, &label.nl, &mut seen)?;
                if !code.strip_prefix(group.code.as_str()).is_some_and(|rest| rest.starts_with('.')) {
                    return Err(VocabularyError::Missing {
                        code: code.clone(),
                        what: "the code of its group before it",
                    });
                }
                if label.kinds.is_empty() {
                    label.kinds.clone_from(&group.kinds);
                }
                if label.kinds.is_empty() {
                    return Err(VocabularyError::Missing { code: code.clone(), what: "a kind of lead that it fits" });
                }
            }
        }
        Ok(vocabulary)
    }

    /// Gives identity and version as `id/version`, as [`domain::LeadContent::vocabulary`] has it.
    pub fn name(&self) -> String {
        format!("{}/{}", self.id, self.version)
    }

    /// Lists all labels with their groups.
    pub fn labels(&self) -> impl Iterator<Item = (&Group, &Label)> {
        self.groups.iter().flat_map(|group| group.labels.iter().map(move |label| (group, label)))
    }

    /// Lists the labels that fit a kind of lead.
    pub fn fitting(&self, kind: LeadKind) -> impl Iterator<Item = (&Group, &Label)> {
        self.labels().filter(move |(_, label)| label.kinds.contains(&kind))
    }

    /// Finds a label.
    pub fn label(&self, code: &LabelCode) -> Option<(&Group, &Label)> {
        self.labels().find(|(_, label)| label.code == *code)
    }

    /// Gives the codes that this vocabulary does not have, in their order.
    pub fn unknown<'a>(&self, codes: impl IntoIterator<Item = &'a LabelCode>) -> Vec<&'a LabelCode> {
        let known: BTreeSet<&LabelCode> = self.labels().map(|(_, label)| &label.code).collect();
        codes.into_iter().filter(|code| !known.contains(code)).collect()
    }
}

/// Checks one code with its names.
fn check(code: &str, en: &str, nl: &str, seen: &mut BTreeSet<String>) -> Result<(), VocabularyError> {
    let missing = |what| VocabularyError::Missing { code: code.to_owned(), what };
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    if code.is_empty() || code.len() > TEXT_CHARS_MAX || !code.chars().all(plain) {
        return Err(missing("a code of small letters, digits, hyphens and points"));
    }
    let sound = |text: &str| {
        let shown = !text.chars().any(domain::is_unsafe_to_show);
        shown && text == text.trim() && (1..=TEXT_CHARS_MAX).contains(&text.chars().count())
    };
    if !sound(en) {
        return Err(missing("an English name"));
    }
    if !sound(nl) {
        return Err(missing("a Dutch name"));
    }
    if !seen.insert(code.to_owned()) {
        return Err(VocabularyError::Twice(code.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
