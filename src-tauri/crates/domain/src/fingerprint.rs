//! Fingerprints: what two people compare by telephone before a publisher is trusted.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::digest::{DigestError, Sha256};

/// Number of digits that are read aloud in one breath.
const GROUP_DIGITS: usize = 4;
/// Number of groups in a row, on a terminal and on the screen alike: both who compare can name the row.
const ROW_GROUPS: usize = 4;

/// Says why a text is no fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FingerprintError {
    /// It has another number of digits.
    #[error("a fingerprint has 64 hex digits, and this has {0}; spaces between them do not count")]
    Length(usize),
    /// A character is no hex digit.
    #[error("a fingerprint has the digits 0 to 9 and a to f; its character {0} is none of them")]
    NotHex(usize),
}

/// Holds the fingerprint of a publisher: the SHA-256 of the bytes of its root metadata. Shown in groups of four digits,
/// read with any spaces, written to JSON as 64 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(pub Sha256);

impl Fingerprint {
    /// Gives the rows in which it is printed: four groups of four digits in each.
    pub fn rows(&self) -> Vec<String> {
        self.groups().chunks(ROW_GROUPS).map(|row| row.join(" ")).collect()
    }

    fn groups(&self) -> Vec<String> {
        let digits: Vec<char> = self.0.to_string().chars().collect();
        digits.chunks(GROUP_DIGITS).map(|group| group.iter().collect()).collect()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.groups().join(" "))
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        let digits: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
        if let Some(place) = digits.iter().position(|c| !c.is_ascii_hexdigit()) {
            return Err(FingerprintError::NotHex(place + 1));
        }
        let wrong = |_: DigestError| FingerprintError::Length(digits.len());
        digits.iter().collect::<String>().parse().map(Self).map_err(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGITS: &str = "00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef";

    #[test]
    fn a_fingerprint_is_read_as_it_is_shown_and_as_it_is_written() {
        let fingerprint: Fingerprint = DIGITS.parse().unwrap();
        let rows = ["0011 2233 4455 6677", "8899 aabb ccdd eeff", "0123 4567 89ab cdef", "0123 4567 89ab cdef"];
        assert_eq!(fingerprint.rows(), rows);
        assert_eq!(fingerprint.to_string(), rows.join(" "));
        for text in [rows.join(" "), rows.join("\n  "), format!(" {} ", DIGITS.to_uppercase())] {
            assert_eq!(text.parse(), Ok(fingerprint), "{text}");
        }
        assert_eq!(serde_json::to_string(&fingerprint).unwrap(), format!("\"{DIGITS}\""));
        assert_eq!(serde_json::from_str::<Fingerprint>(&format!("\"{DIGITS}\"")).unwrap(), fingerprint);
    }

    #[test]
    fn what_was_typed_wrongly_is_told() {
        assert_eq!("".parse::<Fingerprint>(), Err(FingerprintError::Length(0)));
        assert_eq!(DIGITS[1..].parse::<Fingerprint>(), Err(FingerprintError::Length(63)));
        let strange = DIGITS.replacen('2', "o", 1);
        assert_eq!(strange.parse::<Fingerprint>(), Err(FingerprintError::NotHex(5)));
    }
}
