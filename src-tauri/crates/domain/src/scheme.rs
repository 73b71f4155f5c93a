//! Schemes of categories and the crosswalks between them: data that its owner signs off, never code.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Identifies a scheme, e.g. `project-vic-us`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SchemeId(pub String);

impl fmt::Display for SchemeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Holds the code of a category within its scheme, e.g. `1` or `A`. A number in a file becomes its decimal form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CategoryCode(pub String);

impl FromStr for CategoryCode {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for CategoryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Describes one category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// Code within the scheme.
    pub code: CategoryCode,
    /// Name in English.
    pub en: String,
    /// Name in Dutch.
    pub nl: String,
    /// Number that VICS files use for it, where that is not the code itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Tells that the code means "nobody has judged this": never a verdict.
    #[serde(default)]
    pub unclassified: bool,
    /// Tells that producers use this code in opposite ways, so that a person has to answer for each file.
    #[serde(default)]
    pub ambiguous: bool,
    /// Tells that the file is none of the material that the scheme is about: the opposite of every other category.
    #[serde(default)]
    pub ordinary: bool,
}

/// What the files of schemes and crosswalks say where nobody has signed them off.
const ILLUSTRATION: &str = "Illustration. Written from public texts; the owner of the scheme has not signed it off. \
                            Do not classify evidence with it before that.";

/// Tells how far its owner stands behind a scheme or a crosswalk. In files, cases and packages it is its sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum SchemeStatus {
    /// It was written from public texts, and nobody has signed it off.
    Illustration,
    /// In the words of whoever wrote it: that of a case or a package whose scheme this version does not ship.
    Other(String),
}

impl fmt::Display for SchemeStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Illustration => ILLUSTRATION,
            Self::Other(words) => words,
        })
    }
}

impl From<String> for SchemeStatus {
    fn from(words: String) -> Self {
        if words == ILLUSTRATION { Self::Illustration } else { Self::Other(words) }
    }
}

impl From<SchemeStatus> for String {
    fn from(status: SchemeStatus) -> Self {
        status.to_string()
    }
}

/// Holds a versioned list of categories of one jurisdiction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scheme {
    /// Identity.
    pub id: SchemeId,
    /// Version of this list, from 1.
    pub version: u32,
    /// Name in English, or in the only language that it has one in.
    pub title: String,
    /// Name in Dutch, where that is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title_nl: Option<String>,
    /// How far its owner stands behind it.
    pub status: SchemeStatus,
    /// Categories in the order of their keys.
    pub categories: Vec<Category>,
}

impl Scheme {
    /// Finds a category by its code or, failing that, by the number that VICS files use for it.
    pub fn category(&self, code: &CategoryCode) -> Option<&Category> {
        let by_code = self.categories.iter().find(|category| category.code == *code);
        by_code.or_else(|| self.categories.iter().find(|category| category.number.as_ref() == Some(&code.0)))
    }

    /// Tells whether producers use the code in opposite ways, so that it says nothing until a person has answered.
    pub fn is_ambiguous(&self, code: &CategoryCode) -> bool {
        self.category(code).is_some_and(|category| category.ambiguous)
    }
}

/// Tells how well a category of one scheme says what another's says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Both mean the same files.
    Exact,
    /// The target means these files and others.
    Broader,
    /// The target means some of these files.
    Narrower,
}

/// Translates one code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrosswalkRule {
    /// Code in the scheme that is translated from.
    pub from: CategoryCode,
    /// Code in the case's scheme.
    pub to: CategoryCode,
    /// How well it fits.
    pub outcome: Outcome,
}

/// Holds the versioned rules from one scheme to another. A code without a rule needs a human.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crosswalk {
    /// Scheme that is translated from.
    pub from: SchemeId,
    /// Scheme that is translated to.
    pub to: SchemeId,
    /// Version of these rules, from 1.
    pub version: u32,
    /// How far its owner stands behind it.
    pub status: SchemeStatus,
    /// Rules, at most one for a code.
    pub rules: Vec<CrosswalkRule>,
}
