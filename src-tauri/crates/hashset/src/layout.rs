//! How a segment lies on disk: where each section is, and what a row looks like.
//!
//! A segment is written once, from front to back, and named by the SHA-256 of all its bytes. So the table of its sections
//! stands at the end, where a writer knows it:
//!
//! ```text
//! head      64 bytes: magic, format, version of the published set or 0, zeros
//! rows      1 to 3 blocks of fixed-size rows, in the order of the list (a new block begins when a row has a digest kind
//!           that no row before it had, so that a list of MD5s pays for MD5s only)
//! verdicts  the distinct pairs of verdict and standing; a row has a number of this list
//! series    texts of series, each a length and bytes, at offsets that are multiples of 8
//! pdq       32 bytes a value, in the order of rows; then the row of each
//! photodna  144 bytes a value; then the row of each
//! keys      for each digest kind: 8 bytes an entry, sorted by the digest: 32 of its bits, and the row
//! prefix    for each digest kind: where in the keys each prefix of the digest begins
//! table     1024 bytes: magic, format, rows, sections, and a SHA-256 over these bytes
//! ```
//!
//! Numbers are little-endian. Sections begin at multiples of 64. A digest is found by its first `bits` bits, which give a
//! bucket of one or two keys, and the 32 bits after them; the row then has the whole digest, and only that decides. A
//! look-up that finds nothing touches one cache line of the prefix table and one or two of the keys.

use domain::{DigestKind, EntryDigests, EntryId, Flags, Md5, Sha1, Sha256};
use sha2::Digest as _;

pub(crate) const MAGIC: [u8; 8] = *b"ZEEFHSEG";
/// Format of segments that this program writes.
pub(crate) const FORMAT: u32 = 2;
/// Oldest format that it reads: the verdicts of format 1 have no standing, all else is the same.
pub(crate) const FORMAT_OLDEST: u32 = 1;
pub(crate) const HEAD_BYTES: u64 = 64;
pub(crate) const TABLE_BYTES: usize = 1024;
pub(crate) const ALIGNMENT: u64 = 64;
pub(crate) const KEY_BYTES: usize = 8;
pub(crate) const PDQ_BYTES: usize = 32;
pub(crate) const PHOTODNA_BYTES: usize = 144;
/// Bytes of a row before its digests.
pub(crate) const ROW_FIXED_BYTES: usize = 24;
/// Bytes of a row with all digests.
pub(crate) const ROW_BYTES_MAX: usize = ROW_FIXED_BYTES + Md5::LEN + Sha1::LEN + Sha256::LEN;
/// Largest number of entries of one set: a row number has 32 bits, and one value is kept free.
pub const ENTRIES_MAX: u64 = u32::MAX as u64 - 1;
/// Largest number of distinct verdicts of one set.
pub const VERDICTS_MAX: usize = 4096;
/// Largest number of distinct pairs of verdict and standing: each verdict with none and with each of the three.
pub(crate) const PAIRS_MAX: usize = 4 * VERDICTS_MAX;
/// Largest number of bytes of the code of a category.
pub const CODE_BYTES_MAX: usize = 256;
/// Largest number of prefix bits: a table of 128 MiB, from 32 million entries on.
pub(crate) const PREFIX_BITS_MAX: u32 = 25;
/// Smallest number of prefix bits: with the 32 bits of a key they leave one chance in 2^40 for each stray comparison.
pub(crate) const PREFIX_BITS_MIN: u32 = 8;
const SECTIONS_MAX: usize = 24;
const BLOCKS_MAX: usize = 3;
const SECTION_BYTES: usize = 32;
const TABLE_SUM_AT: usize = TABLE_BYTES - 32;

/// The three digest kinds in the order of every array here.
pub(crate) const KINDS: [DigestKind; 3] = [DigestKind::Md5, DigestKind::Sha1, DigestKind::Sha256];

pub(crate) fn digest_bytes(kind: DigestKind) -> usize {
    match kind {
        DigestKind::Md5 => Md5::LEN,
        DigestKind::Sha1 => Sha1::LEN,
        DigestKind::Sha256 => Sha256::LEN,
    }
}

/// Which digest kinds a row has room for: bit 0 MD5, bit 1 SHA-1, bit 2 SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mask(pub u8);

impl Mask {
    pub fn of(digests: &EntryDigests) -> Self {
        Self(
            u8::from(digests.md5.is_some())
                | u8::from(digests.sha1.is_some()) << 1
                | u8::from(digests.sha256.is_some()) << 2,
        )
    }

    pub fn has(self, kind: DigestKind) -> bool {
        self.0 & 1 << kind as u8 != 0
    }

    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[inline]
    pub fn stride(self) -> usize {
        ROW_FIXED_BYTES + DIGESTS_BYTES[usize::from(self.0 & 7)]
    }

    /// Tells where in a row the digest of this kind begins.
    #[inline]
    pub fn place(self, kind: DigestKind) -> Option<usize> {
        let before = self.0 & ((1 << kind as u8) - 1);
        self.has(kind).then(|| ROW_FIXED_BYTES + DIGESTS_BYTES[usize::from(before & 7)])
    }
}

/// Bytes that the digests of each mask take.
const DIGESTS_BYTES: [usize; 8] = {
    let (md5, sha1, sha256) = (Md5::LEN, Sha1::LEN, Sha256::LEN);
    [0, md5, sha1, md5 + sha1, sha256, md5 + sha256, sha1 + sha256, md5 + sha1 + sha256]
};

/// Where something lies in the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub offset: u64,
    pub bytes: u64,
}

/// Rows of one shape that lie one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RowBlock {
    pub first: u32,
    pub rows: u32,
    pub mask: Mask,
    pub offset: u64,
}

/// The index of one digest kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Index {
    pub bits: u32,
    pub entries: u64,
    pub prefix: Span,
    pub keys: Span,
}

impl Index {
    /// Chooses the number of prefix bits for this many entries: buckets of one to two, or more in the largest sets. Half as
    /// many buckets make look-ups slower by a seventh, and the file smaller by a thirtieth.
    pub fn bits_for(entries: u64) -> u32 {
        entries.checked_ilog2().unwrap_or(0).clamp(PREFIX_BITS_MIN, PREFIX_BITS_MAX)
    }
}

/// A column that some rows have a value in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Column {
    pub count: u64,
    pub values: Span,
    pub rows: Span,
}

/// Where everything of a segment lies. What [`Layout::parse`] returns lies within the file and does not contradict itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    pub format: u32,
    pub rows: u32,
    pub blocks: Vec<RowBlock>,
    pub verdicts: Span,
    pub verdict_count: u64,
    pub series: Span,
    pub pdq: Column,
    pub photodna: Column,
    pub index: [Option<Index>; 3],
}

const ROWS: u32 = 1;
const VERDICTS: u32 = 2;
const SERIES: u32 = 3;
const PDQ: u32 = 4;
const PDQ_ROWS: u32 = 5;
const PHOTODNA: u32 = 6;
const PHOTODNA_ROWS: u32 = 7;
const KEYS: u32 = 8;
const PREFIX: u32 = 9;

#[derive(Clone, Copy)]
struct Section {
    kind: u32,
    aux: u32,
    span: Span,
    count: u64,
}

impl Layout {
    pub fn new() -> Self {
        Self {
            format: FORMAT,
            rows: 0,
            blocks: Vec::new(),
            verdicts: Span::default(),
            verdict_count: 0,
            series: Span::default(),
            pdq: Column::default(),
            photodna: Column::default(),
            index: [None; 3],
        }
    }

    /// Finds a row: where it begins, and its shape.
    #[inline]
    pub fn row(&self, row: u32) -> Option<(u64, Mask)> {
        let block = self.blocks.iter().rev().find(|block| block.first <= row)?;
        let within = row - block.first;
        (within < block.rows).then(|| (block.offset + u64::from(within) * block.mask.stride() as u64, block.mask))
    }

    fn sections(&self) -> Vec<Section> {
        let mut out = Vec::new();
        for block in &self.blocks {
            let span = Span { offset: block.offset, bytes: u64::from(block.rows) * block.mask.stride() as u64 };
            out.push(Section { kind: ROWS, aux: u32::from(block.mask.0), span, count: u64::from(block.rows) });
        }
        out.push(Section { kind: VERDICTS, aux: 0, span: self.verdicts, count: self.verdict_count });
        out.push(Section { kind: SERIES, aux: 0, span: self.series, count: 0 });
        for (kind, rows_kind, column) in [(PDQ, PDQ_ROWS, self.pdq), (PHOTODNA, PHOTODNA_ROWS, self.photodna)] {
            out.push(Section { kind, aux: 0, span: column.values, count: column.count });
            out.push(Section { kind: rows_kind, aux: 0, span: column.rows, count: column.count });
        }
        for (number, index) in self.index.iter().enumerate() {
            if let Some(index) = index {
                let aux = (number as u32) << 8 | index.bits;
                out.push(Section { kind: KEYS, aux, span: index.keys, count: index.entries });
                out.push(Section { kind: PREFIX, aux, span: index.prefix, count: (1 << index.bits) + 1 });
            }
        }
        out
    }

    /// Writes the table that stands at the end of the file.
    pub fn table(&self) -> [u8; TABLE_BYTES] {
        let mut out = [0; TABLE_BYTES];
        let sections = self.sections();
        assert!(sections.len() <= SECTIONS_MAX, "three blocks, six columns and six parts of indexes fit");
        out[..8].copy_from_slice(&MAGIC);
        out[8..12].copy_from_slice(&self.format.to_le_bytes());
        out[12..16].copy_from_slice(&(sections.len() as u32).to_le_bytes());
        out[16..24].copy_from_slice(&u64::from(self.rows).to_le_bytes());
        for (section, place) in sections.iter().zip(out[24..].chunks_exact_mut(SECTION_BYTES)) {
            place[..4].copy_from_slice(&section.kind.to_le_bytes());
            place[4..8].copy_from_slice(&section.aux.to_le_bytes());
            place[8..16].copy_from_slice(&section.span.offset.to_le_bytes());
            place[16..24].copy_from_slice(&section.span.bytes.to_le_bytes());
            place[24..32].copy_from_slice(&section.count.to_le_bytes());
        }
        let sum = sha2::Sha256::digest(&out[..TABLE_SUM_AT]);
        out[TABLE_SUM_AT..].copy_from_slice(&sum);
        out
    }

    /// Reads the table of a file of `file_bytes` bytes. Says what is wrong with one that was not written by [`Self::table`].
    pub fn parse(table: &[u8], file_bytes: u64) -> Result<Self, &'static str> {
        let table: &[u8; TABLE_BYTES] = table.try_into().map_err(|_| "it is too short")?;
        if table[..8] != MAGIC {
            return Err("it does not end as a segment does");
        }
        let format = u32_at(table, 8).filter(|format| (FORMAT_OLDEST..=FORMAT).contains(format));
        let format = format.ok_or("its format is unknown")?;
        if sha2::Sha256::digest(&table[..TABLE_SUM_AT])[..] != table[TABLE_SUM_AT..] {
            return Err("the checksum of its table is wrong");
        }
        let count = u32_at(table, 12).unwrap_or(0) as usize;
        if count > SECTIONS_MAX {
            return Err("it has too many sections");
        }
        let rows = u64_at(table, 16).filter(|rows| *rows <= ENTRIES_MAX).ok_or("it has too many rows")?;
        let mut layout = Self { format, rows: rows as u32, ..Self::new() };
        let body_end = file_bytes.checked_sub(TABLE_BYTES as u64).ok_or("it is too short")?;
        for place in table[24..].chunks_exact(SECTION_BYTES).take(count) {
            let field = |at| u64_at(place, at).unwrap_or(0);
            let span = Span { offset: field(8), bytes: field(16) };
            let fits = span.offset.checked_add(span.bytes).is_some_and(|end| end <= body_end);
            if !fits || !span.offset.is_multiple_of(ALIGNMENT) || span.offset < HEAD_BYTES {
                return Err("a section lies outside the file");
            }
            let aux = u32_at(place, 4).unwrap_or(0);
            layout.take_section(Section { kind: u32_at(place, 0).unwrap_or(0), aux, span, count: field(24) })?;
        }
        layout.check()?;
        Ok(layout)
    }

    fn take_section(&mut self, section: Section) -> Result<(), &'static str> {
        let Section { kind, aux, span, count } = section;
        let holds = |each: usize| {
            let wrong = count.checked_mul(each as u64) != Some(span.bytes);
            if wrong { Err("a section has another length than its entries need") } else { Ok(()) }
        };
        match kind {
            ROWS => {
                let mask =
                    Mask(u8::try_from(aux).ok().filter(|bits| (1..8).contains(bits)).ok_or("a row has no digest")?);
                holds(mask.stride())?;
                let first = self.blocks.last().map_or(Some(0), |block| block.first.checked_add(block.rows));
                let first = first.ok_or("it has too many rows")?;
                let rows = u32::try_from(count).map_err(|_| "it has too many rows")?;
                if self.blocks.len() == BLOCKS_MAX || first.checked_add(rows).is_none() {
                    return Err("it has too many rows");
                }
                self.blocks.push(RowBlock { first, rows, mask, offset: span.offset });
            }
            VERDICTS => (self.verdicts, self.verdict_count) = (span, count),
            SERIES => self.series = span,
            PDQ => holds(PDQ_BYTES).map(|()| (self.pdq.values, self.pdq.count) = (span, count))?,
            PHOTODNA => holds(PHOTODNA_BYTES).map(|()| (self.photodna.values, self.photodna.count) = (span, count))?,
            PDQ_ROWS => holds(4).map(|()| self.pdq.rows = span)?,
            PHOTODNA_ROWS => holds(4).map(|()| self.photodna.rows = span)?,
            KEYS | PREFIX => {
                let bits = aux & 0xff;
                let slot = self.index.get_mut((aux >> 8) as usize).ok_or("it indexes an unknown digest")?;
                if !(PREFIX_BITS_MIN..=PREFIX_BITS_MAX).contains(&bits) {
                    return Err("its prefix table has an impossible size");
                }
                let empty = Index { bits, entries: 0, prefix: Span::default(), keys: Span::default() };
                let index = slot.get_or_insert(empty);
                if kind == KEYS {
                    holds(KEY_BYTES)?;
                    (index.keys, index.entries) = (span, count);
                } else {
                    holds(4)?;
                    index.prefix = span;
                }
                if index.bits != bits || kind == PREFIX && count != (1 << bits) + 1 {
                    return Err("its prefix table has an impossible size");
                }
            }
            _ => return Err("it has a section of an unknown kind"),
        }
        Ok(())
    }

    fn check(&self) -> Result<(), &'static str> {
        let in_blocks: u64 = self.blocks.iter().map(|block| u64::from(block.rows)).sum();
        if in_blocks != u64::from(self.rows) {
            return Err("its blocks do not have its rows");
        }
        if self.verdict_count > PAIRS_MAX as u64 {
            return Err("it has too many verdicts");
        }
        for column in [&self.pdq, &self.photodna] {
            if column.rows.bytes != column.count * 4 || column.count > u64::from(self.rows) {
                return Err("a column does not have its rows");
            }
        }
        for index in self.index.iter().flatten() {
            let whole = index.prefix.bytes == ((1 << index.bits) + 1) * 4 && index.entries <= u64::from(self.rows);
            if !whole || index.keys.bytes != index.entries * KEY_BYTES as u64 {
                return Err("an index is not whole");
            }
        }
        Ok(())
    }
}

#[inline]
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub(crate) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Gives the 64 leading bits of a digest, by which keys are sorted.
#[inline]
pub(crate) fn leading(digest: &[u8]) -> u64 {
    digest.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}

/// What a row says, read from its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    pub id: EntryId,
    pub digests: EntryDigests,
    pub size_bytes: Option<u64>,
    /// Number of the verdict in the segment's list.
    pub verdict: u16,
    pub flags: Flags,
    /// Place of the text of the series, in units of 8 bytes; 0 is none.
    pub series: u32,
}

const HAS_SIZE: u16 = 1 << 15;
const HAS_DIGEST: [u16; 3] = [1 << 12, 1 << 13, 1 << 14];

impl Row {
    /// Writes the row in the shape of its block and tells its length.
    pub fn write(&self, mask: Mask, out: &mut [u8; ROW_BYTES_MAX]) -> usize {
        out[..8].copy_from_slice(&self.id.0.to_le_bytes());
        out[8..16].copy_from_slice(&self.size_bytes.unwrap_or(0).to_le_bytes());
        out[16..20].copy_from_slice(&self.series.to_le_bytes());
        out[20..22].copy_from_slice(&self.verdict.to_le_bytes());
        let mut bits = pack_flags(&self.flags);
        if self.size_bytes.is_some() {
            bits |= HAS_SIZE;
        }
        let mut at = ROW_FIXED_BYTES;
        for kind in KINDS {
            let digest = digest_of(&self.digests, kind);
            if digest.is_some() {
                bits |= HAS_DIGEST[kind as usize];
            }
            if mask.has(kind) {
                let place = &mut out[at..at + digest_bytes(kind)];
                match digest {
                    Some(digest) => place.copy_from_slice(digest),
                    None => place.fill(0),
                }
                at += digest_bytes(kind);
            }
        }
        out[22..24].copy_from_slice(&bits.to_le_bytes());
        at
    }

    /// Reads a row of a block of this shape; `None` when bytes are missing.
    pub fn read(bytes: &[u8], mask: Mask) -> Option<Self> {
        let bits = bits_of(bytes)?;
        let digests = EntryDigests {
            md5: row_digest(bytes, mask, DigestKind::Md5).and_then(|d| Some(Md5(d.try_into().ok()?))),
            sha1: row_digest(bytes, mask, DigestKind::Sha1).and_then(|d| Some(Sha1(d.try_into().ok()?))),
            sha256: row_digest(bytes, mask, DigestKind::Sha256).and_then(|d| Some(Sha256(d.try_into().ok()?))),
        };
        Some(Self {
            id: EntryId(u64_at(bytes, 0)?),
            digests,
            size_bytes: if bits & HAS_SIZE != 0 { u64_at(bytes, 8) } else { None },
            verdict: u16::from_le_bytes(*bytes.get(20..)?.first_chunk()?),
            flags: unpack_flags(bits),
            series: u32_at(bytes, 16)?,
        })
    }
}

fn bits_of(bytes: &[u8]) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(22..)?.first_chunk()?))
}

/// Gives the digest of this kind that a row has, without reading the rest of the row.
pub(crate) fn row_digest(bytes: &[u8], mask: Mask, kind: DigestKind) -> Option<&[u8]> {
    let at = mask.place(kind)?;
    let there = bits_of(bytes)? & HAS_DIGEST[kind as usize] != 0;
    if there { bytes.get(at..at + digest_bytes(kind)) } else { None }
}

/// Gives the bytes of the digest of this kind.
pub(crate) fn digest_of(digests: &EntryDigests, kind: DigestKind) -> Option<&[u8]> {
    match kind {
        DigestKind::Md5 => digests.md5.as_ref().map(|d| &d.0[..]),
        DigestKind::Sha1 => digests.sha1.as_ref().map(|d| &d.0[..]),
        DigestKind::Sha256 => digests.sha256.as_ref().map(|d| &d.0[..]),
    }
}

/// Packs six flags of three values into 12 bits: 0 absent, 1 false, 2 true.
pub(crate) fn pack_flags(flags: &Flags) -> u16 {
    let list = flags.list();
    list.into_iter()
        .enumerate()
        .fold(0, |bits, (place, flag)| bits | flag.map_or(0, |on| 1 + u16::from(on)) << (2 * place))
}

pub(crate) fn unpack_flags(bits: u16) -> Flags {
    let flag = |place: usize| match bits >> (2 * place) & 3 {
        1 => Some(false),
        2 => Some(true),
        _ => None,
    };
    Flags::of_list(std::array::from_fn(flag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_goes_round_in_every_shape_that_holds_it() {
        let row = Row {
            id: EntryId(u64::MAX - 7),
            digests: EntryDigests { md5: None, sha1: Some(Sha1([7; 20])), sha256: None },
            size_bytes: Some(u64::MAX),
            verdict: 513,
            flags: Flags { victim_identified: Some(false), baseline: Some(true), ..Flags::default() },
            series: 99,
        };
        for mask in (1..8).map(Mask).filter(|mask| mask.has(DigestKind::Sha1)) {
            let mut bytes = [0xaa; ROW_BYTES_MAX];
            let length = row.write(mask, &mut bytes);
            assert_eq!(length, mask.stride());
            assert_eq!(Row::read(&bytes[..length], mask), Some(row));
            assert_eq!(Row::read(&bytes[..length - 1], mask).map(|cut| cut == row), Some(mask.has(DigestKind::Sha256)));
        }
    }

    #[test]
    fn a_table_goes_round_and_every_changed_byte_is_noticed() {
        let span = Span { offset: 64, bytes: 40 };
        let mut layout = Layout::new();
        layout.rows = 1;
        layout.blocks.push(RowBlock { first: 0, rows: 1, mask: Mask(1), offset: span.offset });
        layout.verdicts = Span { offset: 128, bytes: 3 };
        layout.verdict_count = 1;
        for place in [&mut layout.series, &mut layout.pdq.values, &mut layout.pdq.rows] {
            place.offset = 192;
        }
        (layout.photodna.values.offset, layout.photodna.rows.offset) = (192, 192);
        let keys = Span { offset: 192, bytes: 8 };
        let prefix = Span { offset: 256, bytes: 257 * 4 };
        layout.index[0] = Some(Index { bits: 8, entries: 1, prefix, keys });
        let table = layout.table();
        let file_bytes = 256 + 257 * 4 + TABLE_BYTES as u64;
        assert_eq!(Layout::parse(&table, file_bytes), Ok(layout));
        assert!(Layout::parse(&table, file_bytes - 1).is_err());
        for at in 0..TABLE_BYTES {
            let mut other = table;
            other[at] ^= 0x10;
            assert!(Layout::parse(&other, file_bytes).is_err(), "byte {at}");
        }
    }
}
