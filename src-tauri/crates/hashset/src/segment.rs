//! One segment, opened: mapped for look-ups, and readable from front to back for joins.
//!
//! Every access to the mapped bytes is checked, because nothing but the table at the end is validated when a segment is
//! opened: that is why opening takes no longer for 50 million entries than for one. Bytes that are damaged after all can
//! make an entry unfindable, and never another file known: the whole digest in the row decides.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use domain::{CategoryCode, DigestKind, Sha256, Standing, Verdict};
use memmap2::{Advice, Mmap};

use crate::disk::{self, Records};
use crate::error::{HashsetError, io_at};
use crate::layout::{
    FORMAT, FORMAT_OLDEST, Index, KEY_BYTES, KINDS, Layout, MAGIC, Mask, ROW_BYTES_MAX, Row, Span, TABLE_BYTES,
    digest_bytes, leading, row_digest, u32_at,
};

/// Buckets of at most this many keys are compared at once: nearly all.
const GLANCE_KEYS: usize = 4;
/// Buckets of at most this many keys are scanned; larger ones are searched by halves.
const SCAN_KEYS_MAX: usize = 16;
/// Buffer of a sequential reader.
const STREAM_BYTES: usize = 256 << 10;
/// Buffer of a reader that leaves most out.
const JUMP_BYTES: usize = 512;

/// A digest that is looked up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Probe<'a> {
    pub kind: DigestKind,
    pub digest: &'a [u8],
    /// Number by which the caller knows it.
    pub item: u32,
}

/// Largest number of probes that are on their way at once.
pub(crate) const PROBES_MAX: usize = 96;

/// What rows say of their file: the verdict, and on how many opinions it rests.
pub(crate) type Statement = (Verdict, Option<Standing>);

/// An immutable file of entries.
#[derive(Debug)]
pub(crate) struct Segment {
    path: PathBuf,
    file: File,
    map: Mmap,
    layout: Layout,
    verdicts: Vec<Statement>,
}

impl Segment {
    /// Opens a segment that the manifest names, and checks its length and its table.
    pub fn open(path: PathBuf, bytes: u64) -> Result<Self, HashsetError> {
        let file = disk::open(&path).map_err(io_at("open", &path))?;
        let damaged = |what| HashsetError::Damaged { path: path.clone(), what };
        let length = file.metadata().map_err(io_at("read", &path))?.len();
        if length != bytes {
            return Err(damaged("it has another length than the manifest says"));
        }
        // SAFETY: the file is written once, under another name, and never changed after it got this one; only the owner of
        // the store may write there. Bytes of any value are sound: they are read as bytes, and every access is checked.
        let map = unsafe { Mmap::map(&file) }.map_err(io_at("map", &path))?;
        // A wish only: without huge pages look-ups are right and slower.
        let _ = map.advise(Advice::HugePage);
        let start = map.len().checked_sub(TABLE_BYTES).ok_or_else(|| damaged("it is too short"))?;
        if map.get(..8) != Some(&MAGIC[..]) {
            return Err(damaged("it does not begin as a segment does"));
        }
        let found = u32_at(&map, 8).unwrap_or(0);
        if !(FORMAT_OLDEST..=FORMAT).contains(&found) {
            return Err(HashsetError::Newer { path: path.clone(), found, known: FORMAT });
        }
        let layout = Layout::parse(&map[start..], length).map_err(damaged)?;
        if layout.format != found {
            return Err(damaged("its head and its end have different formats"));
        }
        let verdicts = read_verdicts(layout.format, span(&map, layout.verdicts), layout.verdict_count)
            .ok_or_else(|| damaged("its verdicts cannot be read"))?;
        Ok(Self { path, file, map, layout, verdicts })
    }

    pub fn rows(&self) -> u32 {
        self.layout.rows
    }

    /// Hashes all bytes again.
    pub fn verify(&self, name: &Sha256) -> Result<(), HashsetError> {
        if disk::sha256_of(&self.file, &self.path)? == *name {
            Ok(())
        } else {
            Err(HashsetError::Damaged { path: self.path.clone(), what: "its SHA-256 is not the one in its name" })
        }
    }

    fn row_bytes(&self, row: u32) -> Option<(&[u8], Mask)> {
        let (offset, mask) = self.layout.row(row)?;
        let offset = usize::try_from(offset).ok()?;
        Some((self.map.get(offset..offset + mask.stride())?, mask))
    }

    /// Reads a row; `None` when there is none.
    pub fn row(&self, row: u32) -> Option<Row> {
        let (bytes, mask) = self.row_bytes(row)?;
        Row::read(bytes, mask)
    }

    /// Gives the verdict and the standing with this number. One that is not there hides nothing.
    pub fn statement(&self, number: u16) -> &Statement {
        self.verdicts.get(usize::from(number)).unwrap_or(&(Verdict::Unclassified, None))
    }

    /// Gives the text of a series.
    pub fn series(&self, place: u32) -> &str {
        let text = || {
            let heap = span(&self.map, self.layout.series);
            let at = usize::try_from(place).ok()?.checked_mul(8)?;
            let length = usize::from(u16::from_le_bytes(*heap.get(at..)?.first_chunk()?));
            std::str::from_utf8(heap.get(at + 2..at + 2 + length)?).ok()
        };
        if place == 0 { "" } else { text().unwrap_or("") }
    }

    /// Gives the PDQ values, 32 bytes each.
    pub fn pdq_values(&self) -> &[u8] {
        span(&self.map, self.layout.pdq.values)
    }

    /// Gives the row that has the PDQ value with this number.
    pub fn pdq_row(&self, number: usize) -> Option<u32> {
        u32_at(span(&self.map, self.layout.pdq.rows), number.checked_mul(4)?)
    }

    /// Looks up at most [`PROBES_MAX`] digests and calls `found` with the number of each and every row that has its leading
    /// bits. Whether the row has the whole digest is for the caller to see: it reads the row anyway.
    ///
    /// The memory that a look-up needs is asked for before any of it is waited for: first the lines of the prefix tables,
    /// then those of the keys, then those of the rows.
    pub fn candidates(&self, probes: &[Probe<'_>], mut found: impl FnMut(u32, u32)) {
        assert!(probes.len() <= PROBES_MAX);
        let parts = self.layout.index.map(|index| match index {
            Some(index) => (64 - index.bits, span(&self.map, index.prefix), keys_of(span(&self.map, index.keys))),
            None => (63, &[][..], &[][..]),
        });
        let mut heads = [(0_u64, 0_usize); PROBES_MAX];
        for (probe, head) in probes.iter().zip(&mut heads) {
            let (shift, prefix, _) = parts[probe.kind as usize];
            let leading = leading(probe.digest);
            let at = (leading >> shift) as usize * 4;
            *head = (leading, at);
            prefetch(prefix, at);
            prefetch(prefix, at + 7);
        }
        // Without a branch that depends on the digest: a processor guesses wrong about every third of those.
        let (mut buckets, mut count) = ([Bucket::default(); PROBES_MAX], 0);
        for (number, (probe, (leading, at))) in probes.iter().zip(&heads).enumerate() {
            let (shift, prefix, keys) = parts[probe.kind as usize];
            let bounds = prefix.get(*at..*at + 8).and_then(|bounds| Some((u32_at(bounds, 0)?, u32_at(bounds, 4)?)));
            let (start, end) = bounds.unwrap_or((0, 0));
            buckets[count] = Bucket { probe: number, start, end, tag: tag_of(*leading, 64 - shift) };
            count += usize::from(start < end) & usize::from(end as usize <= keys.len());
            prefetch(keys.as_flattened(), start as usize * KEY_BYTES);
            prefetch(keys.as_flattened(), (end as usize * KEY_BYTES).wrapping_sub(1));
        }
        for bucket in &buckets[..count] {
            let probe = &probes[bucket.probe];
            let (_, _, keys) = parts[probe.kind as usize];
            rows_of(&keys[bucket.start as usize..bucket.end as usize], bucket.tag, |row| {
                self.prefetch_row(row, probe.kind);
                found(probe.item, row);
            });
        }
    }

    /// Asks for the lines of a row that a comparison reads: its head and the digest.
    #[inline]
    fn prefetch_row(&self, row: u32, kind: DigestKind) {
        if let Some((offset, mask)) = self.layout.row(row) {
            let offset = usize::try_from(offset).unwrap_or(usize::MAX);
            prefetch(&self.map, offset);
            prefetch(&self.map, offset.saturating_add(mask.place(kind).unwrap_or(0) + digest_bytes(kind) - 1));
        }
    }

    /// Tells whether the row has this digest.
    #[inline]
    pub fn row_has(&self, row: u32, kind: DigestKind, digest: &[u8]) -> bool {
        self.row_bytes(row).and_then(|(bytes, mask)| row_digest(bytes, mask, kind)) == Some(digest)
    }

    /// Reads a digest of a row from the file, without mapping pages that would count as this process's memory.
    pub fn read_digest(&self, row: u32, kind: DigestKind, out: &mut [u8; 32]) -> Result<usize, HashsetError> {
        let damaged = || HashsetError::Damaged { path: self.path.clone(), what: "a key names a row that is not there" };
        let (offset, mask) = self.layout.row(row).ok_or_else(damaged)?;
        let mut bytes = [0; ROW_BYTES_MAX];
        let bytes = &mut bytes[..mask.stride()];
        self.file.read_exact_at(bytes, offset).map_err(io_at("read", &self.path))?;
        let digest = row_digest(bytes, mask, kind).ok_or_else(damaged)?;
        out[..digest.len()].copy_from_slice(digest);
        Ok(digest_bytes(kind))
    }

    /// Gives the blocks of rows.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Says that the file is not what it was.
    pub fn damaged(&self, what: &'static str) -> HashsetError {
        HashsetError::Damaged { path: self.path.clone(), what }
    }

    /// Reads a section from front to back in records of `each` bytes, without mapping pages that would count as this
    /// process's memory.
    pub fn stream(&self, span: Span, each: usize) -> Records<'_> {
        Records::new(&self.file, &self.path, span.offset, span.bytes, each, STREAM_BYTES)
    }

    /// Reads the text of a series from the file. The texts have been checked by whoever wrote them.
    pub fn read_series(&self, place: u32) -> Result<String, HashsetError> {
        let what = "a row names a series that is not there";
        let at = u64::from(place) * 8;
        let room = self.layout.series.bytes.checked_sub(at + 2).ok_or_else(|| self.damaged(what))?;
        let mut length = [0; 2];
        let offset = self.layout.series.offset + at;
        self.file.read_exact_at(&mut length, offset).map_err(io_at("read", &self.path))?;
        let length = u16::from_le_bytes(length);
        if u64::from(length) > room {
            return Err(self.damaged(what));
        }
        let mut text = vec![0; usize::from(length)];
        self.file.read_exact_at(&mut text, offset + 2).map_err(io_at("read", &self.path))?;
        String::from_utf8(text).map_err(|_| self.damaged(what))
    }

    pub fn index(&self, kind: DigestKind) -> Option<Index> {
        self.layout.index[kind as usize]
    }

    /// Reads the keys of one kind in their order. With `jumps`, most of them are going to be left out.
    pub fn keys(&self, kind: DigestKind, jumps: bool) -> Option<Keys<'_>> {
        let index = self.index(kind)?;
        let buffer_bytes = if jumps { JUMP_BYTES } else { STREAM_BYTES };
        let stream =
            |span: Span, each| Records::new(&self.file, &self.path, span.offset, span.bytes, each, buffer_bytes);
        let (prefix, keys) = (stream(index.prefix, 4), stream(index.keys, KEY_BYTES));
        Some(Keys {
            prefix,
            keys,
            bits: index.bits,
            entries: index.entries,
            bounds: 0,
            bucket_end: 0,
            at: 0,
            path: &self.path,
        })
    }
}

/// The keys of one digest kind, ascending.
pub(crate) struct Keys<'a> {
    prefix: Records<'a>,
    keys: Records<'a>,
    bits: u32,
    entries: u64,
    /// Bounds read so far.
    bounds: u64,
    bucket_end: u64,
    at: u64,
    path: &'a Path,
}

impl Keys<'_> {
    /// Gives the next key: its leading bits (as many as the prefix has, and 32), and its row.
    pub fn next(&mut self) -> Result<Option<(u64, u32)>, HashsetError> {
        let Some((tag, row)) = self.keys.next()?.and_then(split_key) else { return Ok(None) };
        // The first bound is where bucket 0 begins, each further one is where a bucket ends.
        while self.bounds < 2 || self.at >= self.bucket_end {
            self.bucket_end = self.next_bound()?;
        }
        self.at += 1;
        Ok(Some(((self.bounds - 2) << 32 | u64::from(tag), row)))
    }

    fn next_bound(&mut self) -> Result<u64, HashsetError> {
        let bound = self.prefix.next()?.and_then(|bytes| u32_at(bytes, 0)).map(u64::from);
        self.bounds += 1;
        bound.filter(|bound| *bound <= self.entries).ok_or_else(|| {
            let what = "its prefix table does not reach its last key";
            HashsetError::Damaged { path: self.path.to_owned(), what }
        })
    }

    /// Leaves out the keys of all buckets before the one of `key`.
    pub fn jump(&mut self, key: u64) -> Result<(), HashsetError> {
        let bucket = key >> 32;
        // The bound with the number of the bucket is where the bucket begins.
        if bucket <= self.bounds {
            return Ok(());
        }
        self.prefix.skip(bucket - self.bounds);
        self.bounds = bucket;
        let start = self.next_bound()?;
        self.keys.skip(start.saturating_sub(self.at));
        self.at = start.max(self.at);
        self.bucket_end = start;
        Ok(())
    }

    /// Tells how many bits each key has.
    pub fn bits(&self) -> u32 {
        self.bits + 32
    }
}

/// Gives the 32 bits of a digest that come after its prefix.
pub(crate) fn tag_of(leading: u64, bits: u32) -> u32 {
    (leading << bits >> 32) as u32
}

fn split_key(key: &[u8]) -> Option<(u32, u32)> {
    Some((u32_at(key, 0)?, u32_at(key, 4)?))
}

/// The keys of one prefix that a probe has to be compared with: at least one.
#[derive(Debug, Clone, Copy, Default)]
struct Bucket {
    /// Number of the probe.
    probe: usize,
    start: u32,
    end: u32,
    tag: u32,
}

fn keys_of(bytes: &[u8]) -> &[[u8; KEY_BYTES]] {
    bytes.as_chunks().0
}

/// Calls `sink` with the rows of the keys of one bucket that have this tag.
#[inline]
fn rows_of(keys: &[[u8; KEY_BYTES]], tag: u32, mut sink: impl FnMut(u32)) {
    let split = |key: &[u8; KEY_BYTES]| {
        let both = u64::from_le_bytes(*key);
        (both as u32, (both >> 32) as u32)
    };
    let Some(last) = keys.len().checked_sub(1) else { return };
    if keys.len() <= GLANCE_KEYS {
        // All at once, the last one again in the place of those that are not there: no loop whose end has to be guessed.
        let same = |at: usize| u32::from(split(&keys[at.min(last)]).0 == tag) << at;
        let mut met = (0..GLANCE_KEYS).map(same).sum::<u32>() & ((1 << keys.len()) - 1);
        while met != 0 {
            sink(split(&keys[(met.trailing_zeros() as usize).min(last)]).1);
            met &= met - 1;
        }
        return;
    }
    let keys = if keys.len() > SCAN_KEYS_MAX {
        let start = keys.partition_point(|key| split(key).0 < tag);
        let count = keys[start..].partition_point(|key| split(key).0 == tag);
        &keys[start..start + count]
    } else {
        keys
    };
    keys.iter().map(split).filter(|(other, _)| *other == tag).for_each(|(_, row)| sink(row));
}

/// Gives the bytes of a section; the layout has checked that they lie within the file.
fn span(map: &Mmap, span: Span) -> &[u8] {
    let bytes = || map.get(usize::try_from(span.offset).ok()?..)?.get(..usize::try_from(span.bytes).ok()?);
    bytes().unwrap_or(&[])
}

/// Asks for a cache line that will be read soon: into the second-level cache, which can wait for more lines at once than
/// the first (whole items are looked up a tenth faster for it).
#[inline]
fn prefetch(bytes: &[u8], at: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(byte) = bytes.get(at) {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        // SAFETY: the instruction is part of every x86-64 (SSE), reads nothing that the program could see, and never faults;
        // the address is that of a byte of the slice.
        unsafe { _mm_prefetch(std::ptr::from_ref(byte).cast::<i8>(), _MM_HINT_T1) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (bytes, at);
}

const MEMBER: u8 = 0;
const UNCLASSIFIED: u8 = 1;
const CATEGORY: u8 = 2;
/// Standings as the upper half of the byte of kind; 0 is none.
const STANDINGS: [Standing; 3] = [Standing::OneOpinion, Standing::Confirmed, Standing::Disputed];

/// Writes the list of verdicts: for each one byte of kind and standing and, for a category, its length and code.
pub(crate) fn write_verdicts(verdicts: &[Statement]) -> Vec<u8> {
    let mut out = Vec::new();
    for (verdict, standing) in verdicts {
        let place = STANDINGS.iter().position(|other| Some(*other) == *standing);
        let standing = place.map_or(0, |place| 1 + place as u8) << 4;
        match verdict {
            Verdict::Member => out.push(MEMBER | standing),
            Verdict::Unclassified => out.push(UNCLASSIFIED | standing),
            Verdict::Category(code) => {
                out.push(CATEGORY | standing);
                out.extend_from_slice(&(code.0.len() as u16).to_le_bytes());
                out.extend_from_slice(code.0.as_bytes());
            }
        }
    }
    out
}

fn read_verdicts(format: u32, mut bytes: &[u8], count: u64) -> Option<Vec<Statement>> {
    let mut out = Vec::new();
    for _ in 0..count {
        let (kind, rest) = bytes.split_first()?;
        bytes = rest;
        let standing = match kind >> 4 {
            0 => None,
            _ if format == 1 => return None,
            place => Some(*STANDINGS.get(usize::from(place) - 1)?),
        };
        let verdict = match kind & 0xf {
            MEMBER => Verdict::Member,
            UNCLASSIFIED => Verdict::Unclassified,
            CATEGORY => {
                let (length, rest) = bytes.split_first_chunk::<2>()?;
                let (code, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
                bytes = rest;
                Verdict::Category(CategoryCode(String::from_utf8(code.to_vec()).ok()?))
            }
            _ => return None,
        };
        out.push((verdict, standing));
    }
    bytes.is_empty().then_some(out)
}

/// Lists the kinds that both segments have an index of.
pub(crate) fn shared_kinds<'a>(a: &'a Segment, b: &'a Segment) -> impl Iterator<Item = DigestKind> + 'a {
    KINDS.into_iter().filter(|kind| a.index(*kind).is_some() && b.index(*kind).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic::split_mix;

    #[test]
    fn a_bucket_of_any_length_gives_the_rows_of_its_tag_in_their_order() {
        let mut state = 11;
        let mut found = 0;
        for length in 0..3 * SCAN_KEYS_MAX {
            for _ in 0..40 {
                let mut tags: Vec<u32> = (0..length).map(|_| (split_mix(&mut state) % 6) as u32).collect();
                tags.sort_unstable();
                let key = |(row, tag): (usize, &u32)| (u64::from(*tag) | (row as u64) << 32).to_le_bytes();
                let keys: Vec<[u8; KEY_BYTES]> = tags.iter().enumerate().map(key).collect();
                for wanted in 0..7 {
                    let mut rows = Vec::new();
                    rows_of(&keys, wanted, |row| rows.push(row));
                    let tagged = tags.iter().enumerate().filter(|(_, tag)| **tag == wanted);
                    assert_eq!(rows, tagged.map(|(row, _)| row as u32).collect::<Vec<_>>(), "{wanted} of {tags:?}");
                    found += rows.len();
                }
            }
        }
        assert!(found > 1000);
    }
}
