//! The canonical form under every digest of the ledger: each field with its length before it, so that no two different
//! rows have the same bytes.
//!
//! A text or bytes: length as u64, big-endian, then the bytes. A number: 8 bytes, big-endian, two's complement. Something
//! that may be absent: one byte, 0 or 1, then the value if it is 1.

use domain::Sha256;
use sha2::Digest as _;

/// Takes fields and gives SHA-256 over their canonical form.
#[derive(Clone)]
pub(crate) struct Canon(sha2::Sha256);

impl Canon {
    /// Begins with a tag, so that a digest made for one purpose is none for another.
    pub fn new(tag: &str) -> Self {
        let mut canon = Self(sha2::Sha256::new());
        canon.bytes(tag.as_bytes());
        canon
    }

    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
        self
    }

    pub fn number(&mut self, number: i64) -> &mut Self {
        self.0.update(number.to_be_bytes());
        self
    }

    pub fn maybe_number(&mut self, number: Option<i64>) -> &mut Self {
        self.0.update([u8::from(number.is_some())]);
        if let Some(number) = number {
            self.number(number);
        }
        self
    }

    pub fn maybe_bytes(&mut self, bytes: Option<&[u8]>) -> &mut Self {
        self.0.update([u8::from(bytes.is_some())]);
        if let Some(bytes) = bytes {
            self.bytes(bytes);
        }
        self
    }

    pub fn finish(self) -> Sha256 {
        Sha256(self.0.finalize().into())
    }
}

/// Gives SHA-256 of plain bytes.
pub(crate) fn sha256(bytes: &[u8]) -> Sha256 {
    Sha256(sha2::Sha256::digest(bytes).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_cannot_flow_into_each_other() {
        let digest = |parts: &[&str]| {
            let mut canon = Canon::new("test");
            for part in parts {
                canon.bytes(part.as_bytes());
            }
            canon.finish()
        };
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
        assert_ne!(digest(&["ab"]), digest(&["ab", ""]));
        let mut absent = Canon::new("test");
        absent.maybe_number(None);
        let mut zero = Canon::new("test");
        zero.maybe_number(Some(0));
        assert_ne!(absent.finish(), zero.finish());
    }
}
