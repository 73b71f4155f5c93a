//! The one error that crosses to a front door: a code that it switches on, and sentences for a person.

use std::borrow::Cow;

use domain::without_secret_keys;
use serde::{Deserialize, Serialize};

/// Names what went wrong, as far as a front door acts on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// User or passphrase do not open the case.
    AccessDenied,
    /// The user's role does not allow it.
    NotAllowed,
    /// Another program is writing to the case or the sets.
    InUse,
    /// What was named is not there.
    NotFound,
    /// Hash sets that the case was matched with are not in the folder of the sets.
    SetsMissing,
    /// What should be made is there already.
    AlreadyThere,
    /// The disk is full.
    DiskFull,
    /// A file of the case or of the sets is damaged.
    Damaged,
    /// What was given cannot be read or is not of a known form.
    BadInput,
    /// A profile has to be chosen first.
    ProfileNeeded,
    /// The case would lie inside a source.
    CaseInsideSource,
    /// No sandbox, so nothing can be decoded.
    NoSandbox,
    /// A person stopped it; what was done is kept.
    Stopped,
    /// A defect of this program or of the machine.
    Internal,
}

/// Says what happened and what to do.
#[derive(Debug, Clone, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// What a front door switches on.
    pub code: Code,
    /// What happened, in one sentence.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// Technical detail, for whoever helps.
    pub detail: String,
}

impl Error {
    /// Says that a person stopped the work.
    pub(crate) fn stopped() -> Self {
        Self::new(
            Code::Stopped,
            "Stopped. What was done is kept.",
            "Run the same command again; it goes on where it stopped.",
        )
    }

    /// Makes an error with no technical detail. A secret key that somebody gave for something else is not repeated.
    pub fn new(code: Code, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code, message: told(message.into()), hint: told(hint.into()), detail: String::new() }
    }

    /// Adds technical detail.
    pub fn with_detail(mut self, detail: impl std::fmt::Display) -> Self {
        self.detail = told(detail.to_string());
        self
    }
}

fn told(text: String) -> String {
    match without_secret_keys(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(other) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_error_repeats_a_secret_key() {
        let key = "AGE-SECRET-KEY-16DN8HZXQPW";
        let said = |part: &str| format!("`{part}` is no file.");
        let error = Error::new(Code::BadInput, said(key), said(key)).with_detail(said(key));
        assert!(!serde_json::to_string(&error).unwrap().contains("16DN8"), "{error:?}");
    }
}
