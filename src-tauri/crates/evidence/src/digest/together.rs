//! MD5, SHA-1 and SHA-256 of the same block at the same time, for x86-64 with SHA instructions.
//!
//! MD5 is one chain in which each of 64 steps waits for the one before, some 290 cycles a block, and it leaves most of the
//! processor idle. SHA-1 and SHA-256 by the SHA instructions are chains too, of about 120 cycles each, in other units.
//! Done one after another, as three libraries do, a block costs the sum. Here the three run beside each other: four
//! steps of MD5, four rounds of SHA-256, four or eight of SHA-1, and so on, so that a block costs little more than its MD5.
//!
//! Two things keep the compiler from taking that apart; the digests do not depend on them. [`tie`] holds the three
//! chains together after every four steps: left alone, the compiler moves all of SHA before all of MD5, further than a
//! processor looks ahead. And the constants of MD5 come from memory that the compiler knows nothing about: it would
//! otherwise add them last, behind what each step waits for, which makes the chain a fifth longer.

use std::arch::asm;
use std::arch::x86_64::*;

use super::{BLOCK_BYTES, States};

/// Tells whether this processor has the instructions.
pub(super) fn is_available() -> bool {
    is_x86_feature_detected!("sha") && is_x86_feature_detected!("ssse3") && is_x86_feature_detected!("sse4.1")
}

/// Takes whole blocks. Panics where [`is_available`] says no.
pub(super) fn take(states: &mut States, blocks: &[[u8; BLOCK_BYTES]]) {
    assert!(is_available(), "this processor has no SHA instructions");
    // SAFETY: the assertion above has seen the three features that the function is compiled for.
    unsafe { take_blocks(states, blocks) }
}

#[target_feature(enable = "sha,ssse3,sse4.1")]
fn take_blocks(states: &mut States, blocks: &[[u8; BLOCK_BYTES]]) {
    let constants = std::hint::black_box(&MD5_CONSTANTS);
    let mut md5 = states.md5;
    let mut sha1 = Sha1Vectors::load(&states.sha1);
    let mut sha256 = Sha256Vectors::load(&states.sha256);
    for block in blocks {
        let words = words_of(block);
        let mut sha256_words = big_endian_words(block);
        // SHA-1 wants the first word in the highest lane.
        let mut sha1_words = sha256_words.map(|words| _mm_shuffle_epi32::<0b00_01_10_11>(words));
        let (md5_before, sha256_before) = (md5, sha256);
        let (sha1_before, mut sha1_last) = (sha1, sha1.abcd);
        macro_rules! four_steps {
            ($($number:literal)*) => {$(
                md5_step::<{ 4 * $number }>(&mut md5, &words, constants);
                md5_step::<{ 4 * $number + 1 }>(&mut md5, &words, constants);
                sha256.four_rounds::<$number>(&mut sha256_words);
                md5_step::<{ 4 * $number + 2 }>(&mut md5, &words, constants);
                md5_step::<{ 4 * $number + 3 }>(&mut md5, &words, constants);
                // Of SHA-1's 20 groups of four rounds, 16 go with one group of the others each, and 4 follow a fourth one.
                sha1.four_rounds::<{ $number + $number / 4 }>(&mut sha1_last, &mut sha1_words);
                tie(&mut md5[1], &mut sha256.abef, &mut sha1.abcd);
                if $number % 4 == 3 {
                    sha1.four_rounds::<{ $number + $number / 4 + 1 }>(&mut sha1_last, &mut sha1_words);
                }
            )*};
        }
        four_steps!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
        md5.iter_mut().zip(md5_before).for_each(|(word, before)| *word = word.wrapping_add(before));
        sha256.abef = _mm_add_epi32(sha256.abef, sha256_before.abef);
        sha256.cdgh = _mm_add_epi32(sha256.cdgh, sha256_before.cdgh);
        sha1.e = _mm_sha1nexte_epu32(sha1_last, sha1_before.e);
        sha1.abcd = _mm_add_epi32(sha1.abcd, sha1_before.abcd);
    }
    *states = States { md5, sha1: sha1.store(), sha256: sha256.store() };
}

/// Makes the compiler finish the newest value of each chain before it goes on with any of them. No instruction comes of it.
#[inline(always)]
fn tie(md5: &mut u32, sha256: &mut __m128i, sha1: &mut __m128i) {
    let (mut newest_md5, mut newest_sha256, mut newest_sha1) = (*md5, *sha256, *sha1);
    // SAFETY: the text is a comment, so that nothing is executed; the three values go in and come out in the same registers.
    unsafe {
        asm!(
            "/* {0:e} {1} {2} */",
            inout(reg) newest_md5,
            inout(xmm_reg) newest_sha256,
            inout(xmm_reg) newest_sha1,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    (*md5, *sha256, *sha1) = (newest_md5, newest_sha256, newest_sha1);
}

fn words_of(block: &[u8; BLOCK_BYTES]) -> [u32; 16] {
    let (words, _) = block.as_chunks();
    std::array::from_fn(|place| u32::from_le_bytes(words[place]))
}

/// Gives the words of a block as both SHAs number them, the first in the lowest lane.
#[inline]
#[target_feature(enable = "ssse3")]
fn big_endian_words(block: &[u8; BLOCK_BYTES]) -> [__m128i; 4] {
    let reverse = _mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
    let (halves, _) = block.as_chunks();
    let half = |place: usize| i64::from_le_bytes(halves[place]);
    let words: [__m128i; 4] = std::array::from_fn(|at| _mm_set_epi64x(half(2 * at + 1), half(2 * at)));
    words.map(|words| _mm_shuffle_epi8(words, reverse))
}

/// Does one of the 64 steps of MD5. The roles a, b, c and d go round: what is b in one step is c in the next.
#[inline(always)]
fn md5_step<const STEP: usize>(state: &mut [u32; 4], words: &[u32; 16], constants: &[u32; 64]) {
    let place = |role: usize| (64 - STEP + role) % 4;
    let [a, b, c, d] = [0, 1, 2, 3].map(|role| state[place(role)]);
    let (word, turn) = match STEP / 16 {
        0 => (STEP, [7, 12, 17, 22][STEP % 4]),
        1 => ((5 * STEP + 1) % 16, [5, 9, 14, 20][STEP % 4]),
        2 => ((3 * STEP + 5) % 16, [4, 11, 16, 23][STEP % 4]),
        _ => (7 * STEP % 16, [6, 10, 15, 21][STEP % 4]),
    };
    // Everything that does not wait for b, the result of the step before.
    let early = a.wrapping_add(words[word]).wrapping_add(constants[STEP]);
    let sum = match STEP / 16 {
        0 => early.wrapping_add(d ^ (b & (c ^ d))),
        // (b & d) | (c & !d); the halves share no bit, so a sum is the same, and only one half waits for b.
        1 => early.wrapping_add(c & !d).wrapping_add(b & d),
        2 => early.wrapping_add(b ^ (c ^ d)),
        _ => early.wrapping_add(c ^ (b | !d)),
    };
    state[place(0)] = b.wrapping_add(sum.rotate_left(turn));
}

/// The state of SHA-1 in the order of lanes that its instructions want.
#[derive(Clone, Copy)]
struct Sha1Vectors {
    abcd: __m128i,
    e: __m128i,
}

impl Sha1Vectors {
    #[inline]
    #[target_feature(enable = "sse2")]
    fn load(state: &[u32; 5]) -> Self {
        let [a, b, c, d, e] = state.map(|word| word as i32);
        Self { abcd: _mm_set_epi32(a, b, c, d), e: _mm_set_epi32(e, 0, 0, 0) }
    }

    #[inline]
    #[target_feature(enable = "sse4.1")]
    fn store(self) -> [u32; 5] {
        let [a, b, c, d] = lanes(self.abcd);
        [a, b, c, d, lanes(self.e)[0]]
    }

    /// Does rounds `4 * GROUP` to `4 * GROUP + 3`. `last` is what the state was before the four rounds before these.
    #[inline]
    #[target_feature(enable = "sha,sse2")]
    fn four_rounds<const GROUP: usize>(&mut self, last: &mut __m128i, words: &mut [__m128i; 4]) {
        let [first, second, third, fourth] = [0, 1, 2, 3].map(|at| words[(GROUP + at) % 4]);
        if GROUP >= 4 {
            let mixed = _mm_xor_si128(_mm_sha1msg1_epu32(first, second), third);
            words[GROUP % 4] = _mm_sha1msg2_epu32(mixed, fourth);
        }
        let word = words[GROUP % 4];
        let e = if GROUP == 0 { _mm_add_epi32(self.e, word) } else { _mm_sha1nexte_epu32(*last, word) };
        *last = self.abcd;
        self.abcd = match GROUP / 5 {
            0 => _mm_sha1rnds4_epu32::<0>(self.abcd, e),
            1 => _mm_sha1rnds4_epu32::<1>(self.abcd, e),
            2 => _mm_sha1rnds4_epu32::<2>(self.abcd, e),
            _ => _mm_sha1rnds4_epu32::<3>(self.abcd, e),
        };
    }
}

/// The state of SHA-256 in the order of lanes that its instructions want.
#[derive(Clone, Copy)]
struct Sha256Vectors {
    abef: __m128i,
    cdgh: __m128i,
}

impl Sha256Vectors {
    #[inline]
    #[target_feature(enable = "sse2")]
    fn load(state: &[u32; 8]) -> Self {
        let [a, b, c, d, e, f, g, h] = state.map(|word| word as i32);
        Self { abef: _mm_set_epi32(a, b, e, f), cdgh: _mm_set_epi32(c, d, g, h) }
    }

    #[inline]
    #[target_feature(enable = "sse4.1")]
    fn store(self) -> [u32; 8] {
        let ([a, b, e, f], [c, d, g, h]) = (lanes(self.abef), lanes(self.cdgh));
        [a, b, c, d, e, f, g, h]
    }

    /// Does rounds `4 * GROUP` to `4 * GROUP + 3`.
    #[inline]
    #[target_feature(enable = "sha,ssse3")]
    fn four_rounds<const GROUP: usize>(&mut self, words: &mut [__m128i; 4]) {
        let [first, second, third, fourth] = [0, 1, 2, 3].map(|at| words[(GROUP + at) % 4]);
        if GROUP >= 4 {
            let mixed = _mm_add_epi32(_mm_sha256msg1_epu32(first, second), _mm_alignr_epi8::<4>(fourth, third));
            words[GROUP % 4] = _mm_sha256msg2_epu32(mixed, fourth);
        }
        let constant = |at: usize| SHA256_CONSTANTS[4 * GROUP + at] as i32;
        let constants = _mm_setr_epi32(constant(0), constant(1), constant(2), constant(3));
        let sums = _mm_add_epi32(words[GROUP % 4], constants);
        self.cdgh = _mm_sha256rnds2_epu32(self.cdgh, self.abef, sums);
        self.abef = _mm_sha256rnds2_epu32(self.abef, self.cdgh, _mm_shuffle_epi32::<0b00_00_11_10>(sums));
    }
}

/// Gives the four lanes, the highest first.
#[inline]
#[target_feature(enable = "sse4.1")]
fn lanes(vector: __m128i) -> [u32; 4] {
    [
        _mm_extract_epi32::<3>(vector) as u32,
        _mm_extract_epi32::<2>(vector) as u32,
        _mm_extract_epi32::<1>(vector) as u32,
        _mm_extract_epi32::<0>(vector) as u32,
    ]
}

/// RFC 1321, 3.4: the first 32 bits after the point of |sin(n)|, n in radians from 1 on.
static MD5_CONSTANTS: [u32; 64] = [
    0xd76a_a478,
    0xe8c7_b756,
    0x2420_70db,
    0xc1bd_ceee,
    0xf57c_0faf,
    0x4787_c62a,
    0xa830_4613,
    0xfd46_9501,
    0x6980_98d8,
    0x8b44_f7af,
    0xffff_5bb1,
    0x895c_d7be,
    0x6b90_1122,
    0xfd98_7193,
    0xa679_438e,
    0x49b4_0821,
    0xf61e_2562,
    0xc040_b340,
    0x265e_5a51,
    0xe9b6_c7aa,
    0xd62f_105d,
    0x0244_1453,
    0xd8a1_e681,
    0xe7d3_fbc8,
    0x21e1_cde6,
    0xc337_07d6,
    0xf4d5_0d87,
    0x455a_14ed,
    0xa9e3_e905,
    0xfcef_a3f8,
    0x676f_02d9,
    0x8d2a_4c8a,
    0xfffa_3942,
    0x8771_f681,
    0x6d9d_6122,
    0xfde5_380c,
    0xa4be_ea44,
    0x4bde_cfa9,
    0xf6bb_4b60,
    0xbebf_bc70,
    0x289b_7ec6,
    0xeaa1_27fa,
    0xd4ef_3085,
    0x0488_1d05,
    0xd9d4_d039,
    0xe6db_99e5,
    0x1fa2_7cf8,
    0xc4ac_5665,
    0xf429_2244,
    0x432a_ff97,
    0xab94_23a7,
    0xfc93_a039,
    0x655b_59c3,
    0x8f0c_cc92,
    0xffef_f47d,
    0x8584_5dd1,
    0x6fa8_7e4f,
    0xfe2c_e6e0,
    0xa301_4314,
    0x4e08_11a1,
    0xf753_7e82,
    0xbd3a_f235,
    0x2ad7_d2bb,
    0xeb86_d391,
];

/// FIPS 180-4, 4.2.2: the first 32 bits after the point of the cube roots of the first 64 primes.
const SHA256_CONSTANTS: [u32; 64] = [
    0x428a_2f98,
    0x7137_4491,
    0xb5c0_fbcf,
    0xe9b5_dba5,
    0x3956_c25b,
    0x59f1_11f1,
    0x923f_82a4,
    0xab1c_5ed5,
    0xd807_aa98,
    0x1283_5b01,
    0x2431_85be,
    0x550c_7dc3,
    0x72be_5d74,
    0x80de_b1fe,
    0x9bdc_06a7,
    0xc19b_f174,
    0xe49b_69c1,
    0xefbe_4786,
    0x0fc1_9dc6,
    0x240c_a1cc,
    0x2de9_2c6f,
    0x4a74_84aa,
    0x5cb0_a9dc,
    0x76f9_88da,
    0x983e_5152,
    0xa831_c66d,
    0xb003_27c8,
    0xbf59_7fc7,
    0xc6e0_0bf3,
    0xd5a7_9147,
    0x06ca_6351,
    0x1429_2967,
    0x27b7_0a85,
    0x2e1b_2138,
    0x4d2c_6dfc,
    0x5338_0d13,
    0x650a_7354,
    0x766a_0abb,
    0x81c2_c92e,
    0x9272_2c85,
    0xa2bf_e8a1,
    0xa81a_664b,
    0xc24b_8b70,
    0xc76c_51a3,
    0xd192_e819,
    0xd699_0624,
    0xf40e_3585,
    0x106a_a070,
    0x19a4_c116,
    0x1e37_6c08,
    0x2748_774c,
    0x34b0_bcb5,
    0x391c_0cb3,
    0x4ed8_aa4a,
    0x5b9c_ca4f,
    0x682e_6ff3,
    0x748f_82ee,
    0x78a5_636f,
    0x84c8_7814,
    0x8cc7_0208,
    0x90be_fffa,
    0xa450_6ceb,
    0xbef9_a3f7,
    0xc671_78f2,
];
