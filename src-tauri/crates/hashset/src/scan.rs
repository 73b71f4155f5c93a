//! The exact flat scan: every PDQ value of a column against many queries, by the widest instructions that the processor has.
//!
//! How it is fast. The distance of two values of 256 bits is at least the number of bits set in `x | y`, where `x` and
//! `y` are the differences of their first and second 64 bits. That bound needs one population count for 128 bits, and
//! unrelated values exceed radius 31 in it by five standard deviations (mean 48 of 64), so that about one row in two
//! million goes on to the exact distance. Rows are taken in blocks that stay in the first-level cache while all queries
//! pass over them; a block's first two words are turned into columns once, so that one register holds a word of 8 (or 4)
//! rows; eight queries, the orientations of one picture, are compared together and share one branch.
//!
//! Its `unsafe` is loads and stores of vectors, and calls of functions that need a processor feature.

use domain::{Distance, Pdq};

/// Bytes of one PDQ value.
const ROW_BYTES: usize = 32;
/// Rows that are turned into columns at a time: 32 KiB of values, 16 KiB of columns.
const BLOCK_ROWS: usize = 1024;
/// Queries that are compared together: the orientations of one picture.
const GROUP_QUERIES: usize = 8;

/// Finds every pair of a query and a row that differ in at most `radius` bits.
///
/// `columns` holds n values of 32 bytes, one after another, at any alignment. Each hit is told as (index of the query,
/// index of the row, distance), rows ascending, and for one row queries ascending, whatever the processor. The result is
/// exact for every radius; the speed is meant for [`domain::PdqSet::RADIUS`] and below about 40.
///
/// Panics if `columns` is no whole number of values: whoever maps a column has checked its length.
pub fn scan(columns: &[u8], queries: &[Pdq], radius: Distance, hit: &mut dyn FnMut(usize, usize, Distance)) {
    scan_by(Kernel::best(), columns, queries, radius, hit);
}

/// Tells by which instructions [`scan`] works on this processor, for benchmarks and status.
pub fn kernel() -> &'static str {
    Kernel::best().name()
}

/// Names one way to scan; all give the same hits in the same order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kernel {
    /// 512-bit vectors with VPOPCNTQ (AVX-512 F and VPOPCNTDQ).
    Avx512,
    /// 256-bit vectors; bits are counted by table look-ups of four bits (PSHUFB).
    Avx2,
    /// Plain 64-bit words, on any processor.
    Portable,
}

impl Kernel {
    /// Lists all, fastest first.
    pub const ALL: [Self; 3] = [Self::Avx512, Self::Avx2, Self::Portable];

    /// Picks the fastest that this processor has.
    pub fn best() -> Self {
        Self::ALL.into_iter().find(|kernel| kernel.is_available()).unwrap_or(Self::Portable)
    }

    /// Tells whether this processor has the instructions.
    pub fn is_available(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vpopcntdq"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2"),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx512 | Self::Avx2 => false,
            Self::Portable => true,
        }
    }

    /// Tells the name that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Avx512 => "AVX-512 VPOPCNTDQ",
            Self::Avx2 => "AVX2",
            Self::Portable => "portable",
        }
    }

    /// Gives the block scan of this kernel. Panics where the processor lacks it.
    fn block_scan(self) -> BlockScan {
        assert!(self.is_available(), "this processor has no {}", self.name());
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => |rows, groups, radius, found| {
                // SAFETY: this function value is handed out only after the assertion above has seen AVX-512 F and VPOPCNTDQ.
                unsafe { x86::block_avx512(rows, groups, radius, found) }
            },
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => |rows, groups, radius, found| {
                // SAFETY: this function value is handed out only after the assertion above has seen AVX2.
                unsafe { x86::block_avx2(rows, groups, radius, found) }
            },
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx512 | Self::Avx2 => unreachable!("asserted above: not available on this architecture"),
            Self::Portable => block_portable,
        }
    }
}

/// Does what [`scan`] does by the kernel of the caller's choice, so that tests and benchmarks can compare them.
///
/// Panics like [`scan`], and if the processor lacks the kernel's instructions.
pub fn scan_by(
    kernel: Kernel,
    columns: &[u8],
    queries: &[Pdq],
    radius: Distance,
    hit: &mut dyn FnMut(usize, usize, Distance),
) {
    let (rows, rest) = columns.as_chunks::<ROW_BYTES>();
    assert!(rest.is_empty(), "a column of PDQ values is a whole number of {ROW_BYTES} bytes, not {}", columns.len());
    let block_scan = kernel.block_scan();
    let groups: Vec<Group> = queries.chunks(GROUP_QUERIES).map(Group::new).collect();
    let mut found = Vec::new();
    for (number, block) in rows.chunks(BLOCK_ROWS).enumerate() {
        block_scan(block, &groups, radius, &mut found);
        found.sort_unstable_by_key(|pair: &Pair| (pair.row, pair.query));
        for pair in found.drain(..) {
            hit(pair.query, number * BLOCK_ROWS + pair.row, pair.distance);
        }
    }
}

/// Scans the rows of one block with all groups and adds what it finds, in any order.
type BlockScan = fn(&[[u8; ROW_BYTES]], &[Group], Distance, &mut Vec<Pair>);

/// Holds one hit inside a block.
struct Pair {
    query: usize,
    /// Index within the block.
    row: usize,
    distance: Distance,
}

/// Holds up to eight queries as words.
struct Group {
    /// How many of the eight are real; the others repeat the last, so that vectors need no special case.
    len: usize,
    words: [[u64; 4]; GROUP_QUERIES],
}

impl Group {
    /// Takes one to eight queries.
    fn new(queries: &[Pdq]) -> Self {
        let last = queries.len() - 1;
        Self { len: queries.len(), words: std::array::from_fn(|index| words(&queries[index.min(last)].0)) }
    }

    /// Compares one row exactly with every query of the group, which is the `number`th.
    fn compare(&self, number: usize, row: usize, bytes: &[u8; ROW_BYTES], radius: Distance, found: &mut Vec<Pair>) {
        let value = words(bytes);
        for (index, query) in self.words[..self.len].iter().enumerate() {
            let distance = query.iter().zip(value).map(|(a, b)| (a ^ b).count_ones()).sum();
            if distance <= radius {
                found.push(Pair { query: number * GROUP_QUERIES + index, row, distance });
            }
        }
    }
}

/// Cuts a value into words; their byte order is the machine's own, which no distance depends on.
fn words(bytes: &[u8; ROW_BYTES]) -> [u64; 4] {
    let (words, _) = bytes.as_chunks::<8>();
    std::array::from_fn(|index| u64::from_ne_bytes(words[index]))
}

/// Scans by plain words.
fn block_portable(rows: &[[u8; ROW_BYTES]], groups: &[Group], radius: Distance, found: &mut Vec<Pair>) {
    rows_portable(rows, 0, groups, radius, found);
}

/// Scans the rows from `first` on by plain words: whole blocks, and what is left of a block after the last full vector.
fn rows_portable(rows: &[[u8; ROW_BYTES]], first: usize, groups: &[Group], radius: Distance, found: &mut Vec<Pair>) {
    for (number, group) in groups.iter().enumerate() {
        for (row, bytes) in rows.iter().enumerate().skip(first) {
            let [a, b, ..] = words(bytes);
            let bound = |query: &[u64; 4]| ((a ^ query[0]) | (b ^ query[1])).count_ones();
            if group.words.iter().any(|query| bound(query) <= radius) {
                group.compare(number, row, bytes, radius, found);
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    //! The vector kernels of x86-64. Arithmetic intrinsics are safe inside a function that enables their feature; only
    //! the memory accesses are not, and each of those names the array that it stays within.

    use std::arch::x86_64::*;

    use super::{BLOCK_ROWS, Distance, GROUP_QUERIES, Group, Pair, ROW_BYTES, rows_portable};

    /// Rows whose words fill one 512-bit register.
    const LANES_512: usize = 8;
    /// Rows whose words fill one 256-bit register.
    const LANES_256: usize = 4;

    /// Holds, for each vector of rows in a block, the first words of its rows and then the second ones.
    #[repr(align(64))]
    struct Columns<const LANES: usize, const VECTORS: usize>([[[u64; LANES]; 2]; VECTORS]);

    /// Does a block in two steps a group: `sift` marks the rows (one bit a lane) whose bound lets them through for any
    /// query of the group, without a branch; those few are then compared exactly. `turn` makes the columns, once.
    fn block<const LANES: usize, const VECTORS: usize>(
        (rows, groups, radius): (&[[u8; ROW_BYTES]], &[Group], Distance),
        found: &mut Vec<Pair>,
        turn: impl Fn(&[[u8; ROW_BYTES]; LANES], &mut [[u64; LANES]; 2]),
        sift: impl Fn(&[[[u64; LANES]; 2]], &Group, &mut [u8]) -> u8,
    ) {
        let (vectors, rest) = rows.as_chunks::<LANES>();
        let mut columns = Columns([[[0; LANES]; 2]; VECTORS]);
        let columns = &mut columns.0[..vectors.len()];
        vectors.iter().zip(columns.iter_mut()).for_each(|(rows, columns)| turn(rows, columns));
        let mut marks = [0; VECTORS];
        for (number, group) in groups.iter().enumerate() {
            if sift(columns, group, &mut marks[..vectors.len()]) == 0 {
                continue;
            }
            for (vector, &mark) in marks[..vectors.len()].iter().enumerate().filter(|(_, mark)| **mark != 0) {
                for lane in (0..LANES).filter(|lane| mark >> lane & 1 == 1) {
                    group.compare(number, vector * LANES + lane, &vectors[vector][lane], radius, found);
                }
            }
        }
        rows_portable(rows, rows.len() - rest.len(), groups, radius, found);
    }

    /// Scans eight rows at a time.
    #[target_feature(enable = "avx512f,avx512vpopcntdq")]
    pub(super) fn block_avx512(rows: &[[u8; ROW_BYTES]], groups: &[Group], radius: Distance, found: &mut Vec<Pair>) {
        block::<LANES_512, { BLOCK_ROWS / LANES_512 }>(
            (rows, groups, radius),
            found,
            |rows, columns| turn_avx512(rows, columns),
            |columns, group, marks| sift_avx512(columns, group, radius, marks),
        );
    }

    /// Marks the rows that may lie within the radius of a query, and gives the union of all marks.
    #[inline(never)]
    #[target_feature(enable = "avx512f,avx512vpopcntdq")]
    fn sift_avx512(columns: &[[[u64; LANES_512]; 2]], group: &Group, radius: Distance, marks: &mut [u8]) -> u8 {
        let limit = _mm512_set1_epi64(i64::from(radius));
        let queries: [(__m512i, __m512i); GROUP_QUERIES] =
            group.words.map(|words| (_mm512_set1_epi64(words[0] as i64), _mm512_set1_epi64(words[1] as i64)));
        let mut any = 0;
        for ([first, second], mark) in columns.iter().zip(marks) {
            // SAFETY: `first` and `second` are arrays of exactly 64 bytes; loadu asks for no alignment.
            let (a, b) =
                unsafe { (_mm512_loadu_si512(first.as_ptr().cast()), _mm512_loadu_si512(second.as_ptr().cast())) };
            let least = queries.map(|(query_a, query_b)| {
                // 0xf6 is the truth table of x | (b ^ query_b).
                _mm512_popcnt_epi64(_mm512_ternarylogic_epi64::<0xf6>(_mm512_xor_si512(a, query_a), b, query_b))
            });
            let [l0, l1, l2, l3, l4, l5, l6, l7] = least;
            let low = _mm512_min_epu64(_mm512_min_epu64(l0, l1), _mm512_min_epu64(l2, l3));
            let high = _mm512_min_epu64(_mm512_min_epu64(l4, l5), _mm512_min_epu64(l6, l7));
            *mark = _mm512_cmple_epu64_mask(_mm512_min_epu64(low, high), limit);
            any |= *mark;
        }
        any
    }

    /// Turns eight rows into the column of their first and that of their second words.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn turn_avx512(rows: &[[u8; ROW_BYTES]; LANES_512], columns: &mut [[u64; LANES_512]; 2]) {
        let bytes = rows.as_flattened().as_ptr();
        // SAFETY: `rows` is 256 bytes in one piece: four loads of 64 bytes at 0, 64, 128, 192; loadu asks for no alignment.
        let (r01, r23, r45, r67) = unsafe {
            (
                _mm512_loadu_si512(bytes.cast()),
                _mm512_loadu_si512(bytes.add(64).cast()),
                _mm512_loadu_si512(bytes.add(128).cast()),
                _mm512_loadu_si512(bytes.add(192).cast()),
            )
        };
        // Of two registers, each with words 0 to 3 of two rows: word 0 of the four rows, then word 1 of the four.
        let pick = _mm512_setr_epi64(0, 4, 8, 12, 1, 5, 9, 13);
        let low = _mm512_permutex2var_epi64(r01, pick, r23);
        let high = _mm512_permutex2var_epi64(r45, pick, r67);
        // SAFETY: each of the two columns is an array of exactly 64 bytes; storeu asks for no alignment.
        unsafe {
            _mm512_storeu_si512(columns[0].as_mut_ptr().cast(), _mm512_shuffle_i64x2::<0b01_00_01_00>(low, high));
            _mm512_storeu_si512(columns[1].as_mut_ptr().cast(), _mm512_shuffle_i64x2::<0b11_10_11_10>(low, high));
        }
    }

    /// Scans four rows at a time.
    #[target_feature(enable = "avx2")]
    pub(super) fn block_avx2(rows: &[[u8; ROW_BYTES]], groups: &[Group], radius: Distance, found: &mut Vec<Pair>) {
        block::<LANES_256, { BLOCK_ROWS / LANES_256 }>(
            (rows, groups, radius),
            found,
            |rows, columns| turn_avx2(rows, columns),
            |columns, group, marks| sift_avx2(columns, group, radius, marks),
        );
    }

    /// Marks the rows that may lie within the radius of a query, and gives the union of all marks.
    #[inline(never)]
    #[target_feature(enable = "avx2")]
    fn sift_avx2(columns: &[[[u64; LANES_256]; 2]], group: &Group, radius: Distance, marks: &mut [u8]) -> u8 {
        // Counts are at most 64, so signed 32-bit comparison is exact; every radius from 64 on lets all rows through.
        let limit = _mm256_set1_epi32(radius.min(64) as i32);
        let queries: [(__m256i, __m256i); GROUP_QUERIES] =
            group.words.map(|words| (_mm256_set1_epi64x(words[0] as i64), _mm256_set1_epi64x(words[1] as i64)));
        let mut any = 0;
        for ([first, second], mark) in columns.iter().zip(marks) {
            // SAFETY: `first` and `second` are arrays of exactly 32 bytes; loadu asks for no alignment.
            let (a, b) =
                unsafe { (_mm256_loadu_si256(first.as_ptr().cast()), _mm256_loadu_si256(second.as_ptr().cast())) };
            let mut least = _mm256_set1_epi64x(64);
            for (query_a, query_b) in queries {
                let either = _mm256_or_si256(_mm256_xor_si256(a, query_a), _mm256_xor_si256(b, query_b));
                least = _mm256_min_epi32(least, count_avx2(either));
            }
            // A count stands in the lower half of its 64-bit lane; moved to the upper one, its sign bit makes the mask.
            let over = _mm256_slli_epi64::<32>(_mm256_cmpgt_epi32(least, limit));
            *mark = !_mm256_movemask_pd(_mm256_castsi256_pd(over)) as u8 & 0b1111;
            any |= *mark;
        }
        any
    }

    /// Turns four rows into the column of their first and that of their second words.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn turn_avx2(rows: &[[u8; ROW_BYTES]; LANES_256], columns: &mut [[u64; LANES_256]; 2]) {
        let bytes = rows.as_flattened().as_ptr();
        // SAFETY: `rows` is 128 bytes in one piece: four loads of 32 bytes at 0, 32, 64, 96; loadu asks for no alignment.
        let (r0, r1, r2, r3) = unsafe {
            (
                _mm256_loadu_si256(bytes.cast()),
                _mm256_loadu_si256(bytes.add(32).cast()),
                _mm256_loadu_si256(bytes.add(64).cast()),
                _mm256_loadu_si256(bytes.add(96).cast()),
            )
        };
        let first = _mm256_permute2x128_si256::<0x20>(_mm256_unpacklo_epi64(r0, r1), _mm256_unpacklo_epi64(r2, r3));
        let second = _mm256_permute2x128_si256::<0x20>(_mm256_unpackhi_epi64(r0, r1), _mm256_unpackhi_epi64(r2, r3));
        // SAFETY: each of the two columns is an array of exactly 32 bytes; storeu asks for no alignment.
        unsafe {
            _mm256_storeu_si256(columns[0].as_mut_ptr().cast(), first);
            _mm256_storeu_si256(columns[1].as_mut_ptr().cast(), second);
        }
    }

    /// Counts the bits of each 64-bit lane: a table of four bits, twice a byte, then the sum of the lane's bytes
    /// (Muła, Kurz, Lemire: Faster Population Counts Using AVX2 Instructions, 2018).
    #[inline]
    #[target_feature(enable = "avx2")]
    fn count_avx2(bits: __m256i) -> __m256i {
        let table = _mm256_setr_epi8(
            0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,
        );
        let nibble = _mm256_set1_epi8(0x0f);
        let low = _mm256_shuffle_epi8(table, _mm256_and_si256(bits, nibble));
        let high = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16::<4>(bits), nibble));
        _mm256_sad_epu8(_mm256_add_epi8(low, high), _mm256_setzero_si256())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Hits = Vec<(usize, usize, Distance)>;

    /// Says the same as `scan`, bit by bit, in the order that it promises.
    fn naive(rows: &[Pdq], queries: &[Pdq], radius: Distance) -> Hits {
        let mut hits = Vec::new();
        for (row, value) in rows.iter().enumerate() {
            for (query, wanted) in queries.iter().enumerate() {
                let bits = (0..256).filter(|bit| (value.0[bit / 8] ^ wanted.0[bit / 8]) >> (bit % 8) & 1 == 1);
                let distance = bits.count() as Distance;
                if distance <= radius {
                    hits.push((query, row, distance));
                }
            }
        }
        hits
    }

    /// Runs every kernel of this processor over the rows, laid out from an odd address, and compares with `naive`.
    fn check(rows: &[Pdq], queries: &[Pdq], radius: Distance) -> Hits {
        let expected = naive(rows, queries, radius);
        for offset in [0, 1, 7, 33] {
            let mut bytes = vec![0xa5; offset];
            bytes.extend(rows.iter().flat_map(|row| row.0));
            for kernel in Kernel::ALL.into_iter().filter(|kernel| kernel.is_available()) {
                let mut hits = Vec::new();
                scan_by(kernel, &bytes[offset..], queries, radius, &mut |query, row, distance| {
                    hits.push((query, row, distance));
                });
                assert_eq!(
                    hits,
                    expected,
                    "{} at offset {offset}, {} rows, radius {radius}",
                    kernel.name(),
                    rows.len()
                );
            }
            let mut hits = Vec::new();
            scan(&bytes[offset..], queries, radius, &mut |query, row, distance| hits.push((query, row, distance)));
            assert_eq!(hits, expected, "the chosen kernel, {}", kernel());
        }
        expected
    }

    /// Makes values from a seed by SplitMix64 (Steele, Lea, Flood 2014): the same on every machine.
    struct Random(u64);

    impl Random {
        fn next(&mut self) -> u64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ z >> 31
        }

        fn below(&mut self, limit: usize) -> usize {
            (self.next() % limit as u64) as usize
        }

        fn pdq(&mut self) -> Pdq {
            let mut value = Pdq([0; 32]);
            value.0.as_chunks_mut::<8>().0.iter_mut().for_each(|word| *word = self.next().to_ne_bytes());
            value
        }

        fn pdqs(&mut self, count: usize) -> Vec<Pdq> {
            (0..count).map(|_| self.pdq()).collect()
        }

        /// Gives a value at exactly `distance` bits from another; half of the time all of them lie in the first 128
        /// bits that the bound looks at, or all in the last.
        fn neighbour(&mut self, of: Pdq, distance: usize) -> Pdq {
            let (from, width) = if distance > 128 { (0, 256) } else { [(0, 256), (0, 128), (128, 128)][self.below(3)] };
            let mut bits: Vec<usize> = (from..from + width).collect();
            let mut value = of;
            for taken in 0..distance {
                let other = taken + self.below(width - taken);
                bits.swap(taken, other);
                value.0[bits[taken] / 8] ^= 1 << (bits[taken] % 8);
            }
            value
        }
    }

    #[test]
    fn every_row_count_up_to_200_is_scanned_to_its_last_row() {
        let mut random = Random(1);
        let queries = random.pdqs(8);
        for count in 0..=200 {
            let mut rows = random.pdqs(count);
            if let Some(last) = rows.last_mut() {
                *last = random.neighbour(queries[count % 8], 31);
            }
            let hits = check(&rows, &queries, 31);
            assert_eq!(hits, if count == 0 { vec![] } else { vec![(count % 8, count - 1, 31)] });
        }
    }

    #[test]
    fn a_block_s_edge_loses_and_doubles_nothing() {
        let mut random = Random(2);
        let queries = random.pdqs(17);
        for count in [BLOCK_ROWS - 1, BLOCK_ROWS, BLOCK_ROWS + 1, 2 * BLOCK_ROWS + 5] {
            let mut rows = random.pdqs(count);
            for (index, row) in [0, BLOCK_ROWS - 2, BLOCK_ROWS - 1, BLOCK_ROWS, count - 1].into_iter().enumerate() {
                if row < count {
                    rows[row] = random.neighbour(queries[16 - index], index);
                }
            }
            assert!(check(&rows, &queries, 31).len() >= 2);
        }
    }

    #[test]
    fn the_radius_is_within_and_the_next_bit_is_not() {
        let mut random = Random(3);
        let query = random.pdq();
        let rows: Vec<Pdq> = (0..=256).map(|distance| random.neighbour(query, distance)).collect();
        for radius in [0, 1, 30, 31, 32, 63, 64, 65, 127, 128, 129, 255, 256, 1000, Distance::MAX] {
            let hits = check(&rows, &[query], radius);
            let expected: Hits = (0..=radius.min(256)).map(|distance| (0, distance as usize, distance)).collect();
            assert_eq!(hits, expected);
        }
    }

    #[test]
    fn equal_queries_are_each_answered() {
        let mut random = Random(4);
        let value = random.pdq();
        assert_eq!(check(&[value], &[value; 11], 0), (0..11).map(|query| (query, 0, 0)).collect::<Hits>());
        assert_eq!(check(&[value], &[], 256), []);
        assert_eq!(check(&[], &[value], 256), []);
    }

    #[test]
    #[should_panic(expected = "whole number")]
    fn a_cut_column_is_no_column() {
        scan(&[0; 33], &[Pdq([0; 32])], 31, &mut |_, _, _| {});
    }

    proptest! {
        #[test]
        fn every_kernel_equals_the_naive_distance(
            seed: u64,
            count in 0usize..400,
            query_count in 0usize..20,
            radius in prop_oneof![4 => Just(31u32), 1 => 0u32..=256],
            planted in 0usize..12,
        ) {
            let mut random = Random(seed);
            let mut rows = random.pdqs(count);
            let queries = random.pdqs(query_count);
            if count > 0 && query_count > 0 {
                for _ in 0..planted {
                    let distance = [0, radius, radius + 1, radius / 2][random.below(4)].min(256) as usize;
                    let (row, query) = (random.below(count), random.below(query_count));
                    rows[row] = random.neighbour(queries[query], distance);
                }
            }
            check(&rows, &queries, radius);
        }

        #[test]
        fn values_of_few_bits_are_compared_alike(seed: u64, count in 0usize..100, query_count in 1usize..10) {
            let mut random = Random(seed);
            let mut sparse = |count: usize| -> Vec<Pdq> {
                (0..count).map(|_| { let bits = random.below(40); random.neighbour(Pdq([0; 32]), bits) }).collect()
            };
            let (rows, queries) = (sparse(count), sparse(query_count));
            check(&rows, &queries, 31);
        }
    }
}
