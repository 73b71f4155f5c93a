//! Three digests in one pass over the bytes: MD5 (RFC 1321), SHA-1 and SHA-256 (FIPS 180-4).

use domain::{Digests, Md5, Sha1, Sha256};
use sha2::Digest;

/// Bytes that go through all three before the next ones do: they stay in the first-level cache meanwhile.
const BLOCK_BYTES: usize = 8 << 10;

/// Computes the three digests and the length of a content that comes in pieces.
#[derive(Clone, Default)]
pub struct Digester {
    md5: md5::Md5,
    sha1: sha1::Sha1,
    sha256: sha2::Sha256,
    size_bytes: u64,
}

impl Digester {
    /// Starts with no bytes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        for block in bytes.chunks(BLOCK_BYTES) {
            self.md5.update(block);
            self.sha1.update(block);
            self.sha256.update(block);
        }
        self.size_bytes += bytes.len() as u64;
    }

    /// Gives the length so far.
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Ends and gives the digests.
    pub fn finish(self) -> Digests {
        Digests {
            md5: Md5(self.md5.finalize().into()),
            sha1: Sha1(self.sha1.finalize().into()),
            sha256: Sha256(self.sha256.finalize().into()),
            size_bytes: self.size_bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digests(pieces: &[&[u8]]) -> Digests {
        let mut digester = Digester::new();
        pieces.iter().for_each(|piece| digester.update(piece));
        digester.finish()
    }

    #[test]
    fn the_standards_examples_hold() {
        let abc = digests(&[b"abc"]);
        assert_eq!(abc.md5.to_string(), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(abc.sha1.to_string(), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(abc.sha256.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(abc.size_bytes, 3);
        let nothing = digests(&[]);
        assert!(nothing.md5.is_of_nothing() && nothing.sha1.is_of_nothing() && nothing.sha256.is_of_nothing());
    }

    proptest::proptest! {
        #[test]
        fn pieces_do_not_matter(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..40_000), cut: usize) {
            let cut = cut % (bytes.len() + 1);
            proptest::prop_assert_eq!(digests(&[&bytes]), digests(&[&bytes[..cut], &bytes[cut..]]));
        }
    }
}
