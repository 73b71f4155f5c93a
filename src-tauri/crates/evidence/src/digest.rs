//! Three digests in one pass over the bytes: MD5 (RFC 1321), SHA-1 and SHA-256 (FIPS 180-4).
//!
//! The bytes are cut into blocks of 64 here, and the last ones padded. Whole blocks are taken by [`together`] where the
//! processor has the SHA instructions, else by the libraries of each digest, one after another. The libraries take the
//! padded end in either case.

#[cfg(target_arch = "x86_64")]
mod together;

use domain::{Digests, Md5, Sha1, Sha256};

/// Bytes of a block, the same for all three.
const BLOCK_BYTES: usize = 64;
/// Place in the last block where the length begins, the same for all three.
const LENGTH_AT: usize = BLOCK_BYTES - size_of::<u64>();
/// Blocks that go through one library before the next one has them: they stay in the first-level cache meanwhile.
const APART_BLOCKS: usize = 128;

/// Computes the three digests and the length of a content that comes in pieces.
#[derive(Clone)]
pub struct Digester {
    states: States,
    /// The bytes after the last whole block: as many as `size_bytes` leaves over.
    block: [u8; BLOCK_BYTES],
    size_bytes: u64,
}

impl Default for Digester {
    fn default() -> Self {
        Self { states: States::START, block: [0; BLOCK_BYTES], size_bytes: 0 }
    }
}

impl Digester {
    /// Starts with no bytes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.update_by(take, bytes);
    }

    /// Gives the length so far.
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Ends and gives the digests.
    pub fn finish(mut self) -> Digests {
        let held = self.held();
        let mut end = [[0; BLOCK_BYTES]; 2];
        end.as_flattened_mut()[..held].copy_from_slice(&self.block[..held]);
        end.as_flattened_mut()[held] = 0x80;
        let end = if held < LENGTH_AT { &mut end[..1] } else { &mut end[..] };
        let last = end.len() - 1;
        let bits = self.size_bytes.wrapping_mul(8);
        end[last][LENGTH_AT..].copy_from_slice(&bits.to_le_bytes());
        md5::block_api::compress(&mut self.states.md5, end);
        end[last][LENGTH_AT..].copy_from_slice(&bits.to_be_bytes());
        sha1::block_api::compress(&mut self.states.sha1, end);
        sha2::block_api::compress256(&mut self.states.sha256, end);
        Digests {
            md5: Md5(bytes_of(self.states.md5.map(u32::to_le_bytes))),
            sha1: Sha1(bytes_of(self.states.sha1.map(u32::to_be_bytes))),
            sha256: Sha256(bytes_of(self.states.sha256.map(u32::to_be_bytes))),
            size_bytes: self.size_bytes,
        }
    }

    fn held(&self) -> usize {
        (self.size_bytes % BLOCK_BYTES as u64) as usize
    }

    fn update_by(&mut self, take: Take, mut bytes: &[u8]) {
        let held = self.held();
        self.size_bytes += bytes.len() as u64;
        if held > 0 {
            let (more, rest) = bytes.split_at(bytes.len().min(BLOCK_BYTES - held));
            self.block[held..held + more.len()].copy_from_slice(more);
            if held + more.len() < BLOCK_BYTES {
                return;
            }
            take(&mut self.states, &[self.block]);
            bytes = rest;
        }
        let (blocks, rest) = bytes.as_chunks();
        take(&mut self.states, blocks);
        self.block[..rest.len()].copy_from_slice(rest);
    }
}

/// What the three digests have made of the blocks so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct States {
    md5: [u32; 4],
    sha1: [u32; 5],
    sha256: [u32; 8],
}

impl States {
    const START: Self = Self {
        md5: [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476],
        sha1: [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0],
        sha256: [
            0x6a09_e667,
            0xbb67_ae85,
            0x3c6e_f372,
            0xa54f_f53a,
            0x510e_527f,
            0x9b05_688c,
            0x1f83_d9ab,
            0x5be0_cd19,
        ],
    };
}

/// Takes whole blocks.
type Take = fn(&mut States, &[[u8; BLOCK_BYTES]]);

/// Takes whole blocks the fastest way that this processor has.
fn take(states: &mut States, blocks: &[[u8; BLOCK_BYTES]]) {
    #[cfg(target_arch = "x86_64")]
    if together::is_available() {
        return together::take(states, blocks);
    }
    take_apart(states, blocks);
}

/// Takes whole blocks by one library after the other.
fn take_apart(states: &mut States, blocks: &[[u8; BLOCK_BYTES]]) {
    for blocks in blocks.chunks(APART_BLOCKS) {
        md5::block_api::compress(&mut states.md5, blocks);
        sha1::block_api::compress(&mut states.sha1, blocks);
        sha2::block_api::compress256(&mut states.sha256, blocks);
    }
}

fn bytes_of<const WORDS: usize, const BYTES: usize>(words: [[u8; 4]; WORDS]) -> [u8; BYTES] {
    words.as_flattened().try_into().expect("each digest has four bytes for each word of its state")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sha2::Digest as _;

    use super::*;

    /// Every way to take blocks that this processor has, by name.
    fn ways() -> Vec<(&'static str, Take)> {
        #[cfg_attr(not(target_arch = "x86_64"), expect(unused_mut, reason = "there is one way only"))]
        let mut ways: Vec<(_, Take)> = vec![("chosen", take), ("apart", take_apart)];
        #[cfg(target_arch = "x86_64")]
        if together::is_available() {
            ways.push(("together", together::take));
        } else {
            eprintln!("skipped: needs a processor with SHA instructions");
        }
        ways
    }

    /// Takes the pieces every way and compares with what the libraries say of the whole.
    fn check(pieces: &[&[u8]]) {
        let whole = pieces.concat();
        let expected = Digests {
            md5: Md5(md5::Md5::digest(&whole).into()),
            sha1: Sha1(sha1::Sha1::digest(&whole).into()),
            sha256: Sha256(sha2::Sha256::digest(&whole).into()),
            size_bytes: whole.len() as u64,
        };
        for (name, take) in ways() {
            let mut digester = Digester::new();
            pieces.iter().for_each(|piece| digester.update_by(take, piece));
            assert_eq!(digester.finish(), expected, "{name}, {} bytes in {} pieces", whole.len(), pieces.len());
        }
    }

    /// Bytes in which no two blocks are alike.
    fn bytes(count: usize) -> Vec<u8> {
        (0..count as u32).map(|at| (at.wrapping_mul(0x9e37_79b1) >> 23) as u8).collect()
    }

    #[test]
    fn the_standards_examples_hold() {
        let digests = |bytes: &[u8]| {
            let mut digester = Digester::new();
            digester.update(bytes);
            digester.finish()
        };
        let abc = digests(b"abc");
        assert_eq!(abc.md5.to_string(), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(abc.sha1.to_string(), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(abc.sha256.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(abc.size_bytes, 3);
        // RFC 1321 ends with a text of 80 digits; FIPS 180-2 with a million letters.
        let digits = digests("1234567890".repeat(8).as_bytes());
        assert_eq!(digits.md5.to_string(), "57edf4a22be3c955ac49da2e2107b67a");
        let million = digests(&vec![b'a'; 1_000_000]);
        assert_eq!(million.sha1.to_string(), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
        assert_eq!(million.sha256.to_string(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
        let nothing = digests(&[]);
        assert!(nothing.md5.is_of_nothing() && nothing.sha1.is_of_nothing() && nothing.sha256.is_of_nothing());
    }

    #[test]
    fn every_length_around_a_block_is_padded_right() {
        let bytes = bytes(4 * BLOCK_BYTES);
        (0..=bytes.len()).for_each(|length| check(&[&bytes[..length]]));
    }

    #[test]
    fn a_content_longer_than_four_gibibits_has_its_whole_length() {
        // 512 MiB and a little: the number of its bits does not fit into 32.
        let piece = vec![0x5a; 1 << 20];
        let (mut md5, mut sha1, mut sha256) = (md5::Md5::new(), sha1::Sha1::new(), sha2::Sha256::new());
        let mut digester = Digester::new();
        for piece in std::iter::repeat_n(&piece[..], 512).chain([&piece[..77]]) {
            md5.update(piece);
            sha1.update(piece);
            sha256.update(piece);
            digester.update(piece);
        }
        let digests = digester.finish();
        assert_eq!(digests.md5.0[..], md5.finalize()[..]);
        assert_eq!(digests.sha1.0[..], sha1.finalize()[..]);
        assert_eq!(digests.sha256.0[..], sha256.finalize()[..]);
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(
            bytes in proptest::collection::vec(any::<u8>(), 0..40_000),
            cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..6),
        ) {
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            check(&cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect::<Vec<_>>());
        }

        #[test]
        fn every_way_makes_the_same_of_any_state(
            md5: [u32; 4],
            sha1: [u32; 5],
            sha256: [u32; 8],
            blocks in proptest::collection::vec(proptest::array::uniform32(any::<[u8; 2]>()), 1..5),
        ) {
            let blocks: Vec<[u8; BLOCK_BYTES]> = blocks.iter().map(bytes_of_pairs).collect();
            let start = States { md5, sha1, sha256 };
            let mut expected = start;
            take_apart(&mut expected, &blocks);
            for (name, take) in ways() {
                let mut states = start;
                take(&mut states, &blocks);
                prop_assert_eq!(states, expected, "{}", name);
            }
        }
    }

    fn bytes_of_pairs(pairs: &[[u8; 2]; 32]) -> [u8; BLOCK_BYTES] {
        pairs.as_flattened().try_into().unwrap()
    }
}
