//! Exact digests: MD5 (RFC 1321), SHA-1 and SHA-256 (FIPS 180-4), as fixed arrays that parse from and print as hex.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Says why a text is not a digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    /// The text has another number of hex digits than the digest kind needs.
    #[error("a digest has 32 (MD5), 40 (SHA-1) or 64 (SHA-256) hex digits, not {0}")]
    Length(usize),
    /// A character is no hex digit.
    #[error("a digest has hex digits only; character {0} is none")]
    NotHex(usize),
}

/// Names the three exact digests, weakest first, so that `max` picks the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DigestKind {
    /// 128 bits; collisions can be made at will.
    Md5,
    /// 160 bits; collisions have been made.
    Sha1,
    /// 256 bits; the identity of an item.
    Sha256,
}

impl DigestKind {
    /// Tells the name that reports use.
    pub fn label(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
        }
    }
}

impl fmt::Display for DigestKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

macro_rules! digest {
    ($(#[$doc:meta])* $name:ident, $bytes:literal, $empty:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $bytes]);

        impl $name {
            /// Gives the length in bytes.
            pub const LEN: usize = $bytes;

            /// Parses hex digits of either case, without any surrounding space.
            pub fn parse(text: &[u8]) -> Result<Self, DigestError> {
                let mut out = [0; $bytes];
                parse_hex(text, &mut out)?;
                Ok(Self(out))
            }

            /// Tells whether this is the digest of no bytes at all, which identifies nothing.
            pub fn is_of_nothing(&self) -> bool {
                const EMPTY: [u8; $bytes] = constant_digest($empty);
                self.0 == EMPTY
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = DigestError;
            fn from_str(text: &str) -> Result<Self, DigestError> {
                Self::parse(text.as_bytes())
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

digest!(
    /// Holds an MD5 digest.
    Md5, 16, b"d41d8cd98f00b204e9800998ecf8427e"
);
digest!(
    /// Holds a SHA-1 digest.
    Sha1, 20, b"da39a3ee5e6b4b0d3255bfef95601890afd80709"
);
digest!(
    /// Holds a SHA-256 digest: the identity of an item.
    Sha256, 32, b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
);

pub(crate) fn parse_hex(text: &[u8], out: &mut [u8]) -> Result<(), DigestError> {
    if text.len() != out.len() * 2 {
        return Err(DigestError::Length(text.len()));
    }
    for (index, pair) in text.chunks_exact(2).enumerate() {
        let high = hex_value(pair[0]).ok_or(DigestError::NotHex(index * 2 + 1))?;
        let low = hex_value(pair[1]).ok_or(DigestError::NotHex(index * 2 + 2))?;
        out[index] = high << 4 | low;
    }
    Ok(())
}

/// Parses a digest while the program is compiled; every import compares each entry with those of an empty file.
const fn constant_digest<const N: usize>(text: &[u8]) -> [u8; N] {
    assert!(text.len() == N * 2);
    let mut out = [0; N];
    let mut index = 0;
    while index < N {
        match (hex_value(text[index * 2]), hex_value(text[index * 2 + 1])) {
            (Some(high), Some(low)) => out[index] = high << 4 | low,
            _ => panic!("a constant digest has hex digits only"),
        }
        index += 1;
    }
    out
}

const fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Holds the three digests and the length of one content, as Zeef computed them itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Digests {
    /// MD5 of the whole content.
    pub md5: Md5,
    /// SHA-1 of the whole content.
    pub sha1: Sha1,
    /// SHA-256 of the whole content.
    pub sha256: Sha256,
    /// Length of the content.
    pub size_bytes: u64,
}

/// Holds the digests that an entry of a hash set has; a list rarely has all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EntryDigests {
    /// MD5, if the list has it.
    pub md5: Option<Md5>,
    /// SHA-1, if the list has it.
    pub sha1: Option<Sha1>,
    /// SHA-256, if the list has it.
    pub sha256: Option<Sha256>,
}

impl EntryDigests {
    /// Tells whether there is no digest at all.
    pub fn is_empty(&self) -> bool {
        self.md5.is_none() && self.sha1.is_none() && self.sha256.is_none()
    }

    /// Tells whether any digest is that of an empty file.
    pub fn is_of_nothing(&self) -> bool {
        self.md5.is_some_and(|d| d.is_of_nothing())
            || self.sha1.is_some_and(|d| d.is_of_nothing())
            || self.sha256.is_some_and(|d| d.is_of_nothing())
    }
}

/// Holds one digest of a kind that its length tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnyDigest {
    /// 32 hex digits.
    Md5(Md5),
    /// 40 hex digits.
    Sha1(Sha1),
    /// 64 hex digits.
    Sha256(Sha256),
}

impl AnyDigest {
    /// Tells which digest it is.
    pub fn kind(&self) -> DigestKind {
        match self {
            Self::Md5(_) => DigestKind::Md5,
            Self::Sha1(_) => DigestKind::Sha1,
            Self::Sha256(_) => DigestKind::Sha256,
        }
    }
}

impl FromStr for AnyDigest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        match text.len() {
            32 => text.parse().map(Self::Md5),
            40 => text.parse().map(Self::Sha1),
            64 => text.parse().map(Self::Sha256),
            other => Err(DigestError::Length(other)),
        }
    }
}

impl fmt::Display for AnyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Md5(d) => d.fmt(f),
            Self::Sha1(d) => d.fmt(f),
            Self::Sha256(d) => d.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_of_either_case_is_one_digest() {
        let lower: Md5 = "d41d8cd98f00b204e9800998ecf8427e".parse().unwrap();
        let upper: Md5 = "D41D8CD98F00B204E9800998ECF8427E".parse().unwrap();
        assert_eq!(lower, upper);
        assert!(upper.is_of_nothing());
        assert_eq!(upper.to_string(), "d41d8cd98f00b204e9800998ecf8427e");
    }

    #[test]
    fn a_wrong_length_or_character_is_named() {
        assert_eq!("abc".parse::<Md5>(), Err(DigestError::Length(3)));
        assert_eq!("d41d8cd98f00b204e9800998ecf8427g".parse::<Md5>(), Err(DigestError::NotHex(32)));
        assert_eq!("".parse::<AnyDigest>(), Err(DigestError::Length(0)));
    }

    #[test]
    fn serde_uses_hex() {
        let digest: Sha1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709".parse().unwrap();
        let json = serde_json::to_string(&digest).unwrap();
        assert_eq!(json, "\"da39a3ee5e6b4b0d3255bfef95601890afd80709\"");
        assert_eq!(serde_json::from_str::<Sha1>(&json).unwrap(), digest);
    }

    #[test]
    fn the_strongest_kind_is_the_largest() {
        assert!(DigestKind::Sha256 > DigestKind::Sha1 && DigestKind::Sha1 > DigestKind::Md5);
    }
}
