//! Entries made by a formula, for benchmarks and tests: no list of anybody's, any number of them, always the same.

use domain::{CategoryCode, Entry, EntryDigests, EntryId, Md5, Pdq, Sha1, Sha256, Verdict};

/// Makes entry `number` of the set with this seed. Entries of different numbers or seeds have different digests, so that a
/// number that was not imported is a digest that no set has.
pub fn entry(seed: u64, number: u64) -> Entry {
    let mut seed = seed;
    let mut state = split_mix(&mut seed).wrapping_add(number);
    // Mixed once more: the streams of neighbours would otherwise share their words.
    state = split_mix(&mut state);
    let mut bytes = [0; 104];
    for place in bytes.chunks_exact_mut(8) {
        place.copy_from_slice(&split_mix(&mut state).to_le_bytes());
    }
    let (md5, rest) = bytes.split_first_chunk().expect("16 of 104 bytes");
    let (sha1, rest) = rest.split_first_chunk().expect("20 of 88 bytes");
    let (sha256, rest) = rest.split_first_chunk().expect("32 of 68 bytes");
    let pdq = rest.first_chunk().expect("32 of 36 bytes");
    let digests = EntryDigests { md5: Some(Md5(*md5)), sha1: Some(Sha1(*sha1)), sha256: Some(Sha256(*sha256)) };
    let verdict = Verdict::Category(CategoryCode((1 + number % 4).to_string()));
    let mut entry = Entry::bare(EntryId(number), digests, verdict);
    entry.size_bytes = Some(1000 + split_mix(&mut state) % 10_000_000);
    entry.pdq = Some(Pdq(*pdq));
    entry
}

/// Steps SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
pub fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut value = *state;
    value = (value ^ value >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ value >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ value >> 31
}
