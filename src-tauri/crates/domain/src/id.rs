//! Names and numbers that identify things. Each is a type of its own, so that none can be given for another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Says why a text cannot be a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The text is empty or only space.
    #[error("a name cannot be empty")]
    Empty,
    /// The text is longer than the limit.
    #[error("a name has at most {max} characters, this one has {got}")]
    TooLong {
        /// Largest number of characters.
        max: usize,
        /// Number of characters that were given.
        got: usize,
    },
    /// A character cannot be shown safely: a control character or one that changes the direction of text.
    #[error("a name cannot contain the character U+{0:04X}")]
    Character(u32),
}

/// Largest number of characters of a name of a user or a hash set.
const NAME_CHARS_MAX: usize = 100;

fn checked_name(text: &str) -> Result<String, IdError> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(IdError::Empty);
    }
    let got = trimmed.chars().count();
    if got > NAME_CHARS_MAX {
        return Err(IdError::TooLong { max: NAME_CHARS_MAX, got });
    }
    match trimmed.chars().find(|c| crate::path::is_unsafe_to_show(*c)) {
        Some(c) => Err(IdError::Character(c as u32)),
        None => Ok(trimmed.to_owned()),
    }
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Gives the name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                checked_name(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// Names a person who works in a case.
    UserName
);
name!(
    /// Names a hash set in the local store, e.g. "national".
    SetName
);

macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $inner:ty) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number!(
    /// Counts the versions of one hash set, from 1.
    SetVersion,
    u32
);
number!(
    /// Identifies an entry within its set: assigned by the publisher, or the number of its record in an imported list.
    EntryId,
    u64
);
number!(
    /// Identifies a source within its case, from 1.
    SourceId,
    i64
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(" Anna ".parse::<UserName>().unwrap().as_str(), "Anna");
        assert_eq!("  ".parse::<UserName>(), Err(IdError::Empty));
        assert_eq!("x".repeat(101).parse::<SetName>(), Err(IdError::TooLong { max: 100, got: 101 }));
        assert_eq!("a\u{202e}b".parse::<SetName>(), Err(IdError::Character(0x202e)));
    }
}
