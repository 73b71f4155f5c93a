//! What stands in the way of an import, or what a person has to know before it: each by a type, with its sentence in English.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use domain::{CategoryCode, CodeMeaning, Role, VerdictBasis};
use formats::{ListHead, Preview};
use review::Schemes;
use serde::{Serialize, Serializer};

use super::ImportRequest;
use crate::{Code, Error};

/// Names what is open. `Display` gives the sentence in English, and so does JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// Every row would be refused.
    Nothing,
    /// A file is one that was named before.
    Twice {
        /// Its path, escaped.
        file: String,
    },
    /// The files are of two schemes.
    TwoSets {
        /// Path of the first file, escaped.
        one: String,
        /// Path of the first file that differs, escaped.
        other: String,
    },
    /// Nobody has said whose categories the numbers of a known set are.
    NoProfile {
        /// Path of the first file, escaped.
        file: String,
    },
    /// Nobody has said what a code means in this file that producers use in opposite ways.
    NoMeaning {
        /// The code.
        code: CategoryCode,
        /// Entries that have it.
        entries: u64,
    },
    /// A set that is to be of ordinary files has categories of known material.
    Judged {
        /// Entries that have one.
        entries: u64,
    },
    /// A person has said what a code means that needs no answer or does not occur, and expects something of it.
    IdleMeaning {
        /// The code.
        code: CategoryCode,
    },
}

impl Opening {
    /// Says that a file was named twice.
    pub(super) fn twice(path: &Path) -> Self {
        Self::Twice { file: domain::shown_path(path) }
    }

    /// Says what is wrong.
    fn message(&self) -> String {
        match self {
            Self::Nothing => "Every row would be refused, so nothing would be imported.".to_owned(),
            Self::Twice { file } => format!("{file} has the same content as another file of this import."),
            Self::TwoSets { one, other } => {
                format!("{one} and {other} do not belong to one set: their categories are of different schemes.")
            }
            Self::NoProfile { file } => {
                format!("{file} does not say whose categories its numbers are, so it cannot hide anything yet.")
            }
            Self::NoMeaning { code, entries } => format!("Entries with the code {code}: {entries}."),
            Self::Judged { entries } => format!("Entries with a category: {entries}."),
            Self::IdleMeaning { code } => {
                format!("The meaning given for the code {code} has no effect: it does not occur, or has one meaning")
            }
        }
    }

    /// Says what to do, where there is something.
    fn hint(&self) -> String {
        match self {
            Self::Nothing | Self::IdleMeaning { .. } => String::new(),
            Self::Twice { .. } => "Name each file of the set once. Nothing was stored.".to_owned(),
            Self::TwoSets { .. } => "Import them as two sets, with a --name each.".to_owned(),
            Self::NoProfile { .. } => {
                "Find out whose scheme it is, and choose it: --profile US, UK, INTERPOL or NL.".to_owned()
            }
            Self::NoMeaning { code, .. } => format!(
                "Say what it means in this file, with --meaning {code}=non-pertinent or --meaning {code}=uncategorized; \
                 until then they hide nothing."
            ),
            Self::Judged { .. } => {
                "Ordinary files have none: if this is classified material, import it with --role known.".to_owned()
            }
        }
    }
}

impl fmt::Display for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.message();
        // A look into files stores nothing, so there is nothing to say of that.
        let hint = if matches!(self, Self::Twice { .. }) { String::new() } else { self.hint() };
        f.write_str(format!("{message} {hint}").trim_end())
    }
}

impl Serialize for Opening {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl From<Opening> for Error {
    fn from(opening: Opening) -> Self {
        let code = match opening {
            Opening::NoProfile { .. } => Code::ProfileNeeded,
            _ => Code::BadInput,
        };
        Self::new(code, opening.message(), opening.hint())
    }
}

/// Tells what the categories of a list mean, and what an import would refuse or still ask.
pub(super) fn judged(
    request: &ImportRequest,
    heads: &[ListHead],
    preview: &Preview,
) -> (BTreeMap<String, String>, Vec<Opening>) {
    let (mut titles, mut open) = (BTreeMap::new(), Vec::new());
    open.extend(one_head(request, heads).err());
    if preview.entries == 0 {
        open.push(Opening::Nothing);
    }
    let schemes = Schemes::shipped();
    let scheme = preview.head.profile.as_ref().and_then(|profile| schemes.scheme(&profile.0));
    for (text, count) in &preview.categories {
        let code = CategoryCode(text.clone());
        let Some(scheme) = scheme.filter(|_| !text.is_empty()) else { continue };
        let Some(category) = scheme.category(&code) else {
            titles.insert(text.clone(), "not in this scheme, hides nothing".to_owned());
            continue;
        };
        let asked = scheme.is_ambiguous(&code);
        let answer = request.meanings.get(&code);
        titles.insert(
            text.clone(),
            match answer.filter(|_| asked) {
                None if asked => {
                    "non-pertinent or uncategorized, hides nothing until somebody has said which".to_owned()
                }
                None => category.en.clone(),
                Some(CodeMeaning::NonPertinent) => "non-pertinent, as you say".to_owned(),
                Some(CodeMeaning::Uncategorized) => "uncategorized, as you say".to_owned(),
            },
        );
        if asked && answer.is_none() && request.role == Role::Known {
            open.push(Opening::NoMeaning { code, entries: *count });
        }
    }
    open.extend(warning_of_role(request.role, &preview.head, &preview.categories));
    open.extend(answers_without_effect(request, &preview.head, &preview.categories));
    (titles, open)
}

/// Warns where a set that is to be good has categories of known material.
pub(super) fn warning_of_role(role: Role, head: &ListHead, categories: &BTreeMap<String, u64>) -> Option<Opening> {
    let schemes = Schemes::shipped();
    let scheme = head.profile.as_ref().and_then(|profile| schemes.scheme(&profile.0));
    let is_open = |code: &str| {
        code.is_empty() || scheme.map_or(["0", "5"].contains(&code), |s| s.is_ambiguous(&CategoryCode(code.to_owned())))
    };
    let judged: u64 = categories.iter().filter(|(code, _)| !is_open(code)).map(|(_, count)| count).sum();
    let warns = role == Role::Good && head.basis == VerdictBasis::Category && judged > 0;
    warns.then_some(Opening::Judged { entries: judged })
}

/// Tells of answers for codes that need none or do not occur: whoever gave them expects something of them.
pub(super) fn answers_without_effect(
    request: &ImportRequest,
    head: &ListHead,
    categories: &BTreeMap<String, u64>,
) -> Vec<Opening> {
    let schemes = Schemes::shipped();
    let scheme = head.profile.as_ref().and_then(|profile| schemes.scheme(&profile.0));
    let has_effect = |code: &CategoryCode| {
        let asked = head.basis == VerdictBasis::Category && scheme.is_some_and(|scheme| scheme.is_ambiguous(code));
        asked && categories.contains_key(&code.0)
    };
    let idle = request.meanings.keys().filter(|code| !has_effect(code));
    idle.map(|code| Opening::IdleMeaning { code: code.clone() }).collect()
}

/// Checks that the files are one set, and that it may be imported in this role.
pub(super) fn one_head(request: &ImportRequest, heads: &[ListHead]) -> Result<ListHead, Opening> {
    let first = &heads[0];
    let differs = |head: &ListHead| head.basis != first.basis || head.profile != first.profile;
    let file = |place: usize| domain::shown_path(&request.files[place]);
    if let Some(place) = heads.iter().position(differs) {
        return Err(Opening::TwoSets { one: file(0), other: file(place) });
    }
    let mut head = first.clone();
    head.published = heads.iter().filter_map(|head| head.published).max();
    if request.profile.is_some() {
        head.profile = request.profile.clone();
    }
    if request.role == Role::Known && head.profile.is_none() && head.basis == VerdictBasis::Category {
        return Err(Opening::NoProfile { file: file(0) });
    }
    Ok(head)
}
