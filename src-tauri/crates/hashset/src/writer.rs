//! Writes one segment from a stream of entries. What it holds in memory does not grow with the number of entries: rows go
//! to the file as they come, columns and keys to temporary files, and the keys come back sorted.

use std::collections::{BTreeMap, HashMap};

use domain::{DigestKind, Entry, Sha256, Standing, Verdict};

use crate::disk::{Spill, Written};
use crate::error::HashsetError;
use crate::layout::{
    Column, ENTRIES_MAX, FORMAT, HEAD_BYTES, Index, KEY_BYTES, KINDS, Layout, MAGIC, Mask, ROW_BYTES_MAX, Row,
    RowBlock, Span, VERDICTS_MAX, digest_of, leading, row_digest,
};
use crate::segment::{Statement, tag_of, write_verdicts};
use crate::sort::Sorter;
use crate::store::{Finished, Store, segment_name};

/// Keys of one digest kind that are sorted in memory at a time: 32 MiB, for each of three kinds.
pub(crate) const RUN_ITEMS: usize = 2 << 20;
/// Longest text of the series of one entry; a longer one is cut.
pub const SERIES_BYTES_MAX: usize = 4096;
/// Texts of series that are remembered, so that each is stored about once.
const SERIES_REMEMBERED_MAX: usize = 16_384;
/// Largest heap of texts of series: its places have 32 bits and are multiples of 8.
const SERIES_HEAP_BYTES_MAX: u64 = 32 << 30;
/// Pairs of verdict and standing that are compared one by one before they are looked up.
const FEW_VERDICTS: usize = 16;
/// Entries of one group of equal keys that are compared at a time.
const GROUP_MAX: usize = 4096;

/// A segment that is being written.
pub(crate) struct SegmentWriter {
    out: Written,
    layout: Layout,
    keys: [Sorter; 3],
    pdq: ColumnSpill,
    photodna: ColumnSpill,
    series: SeriesHeap,
    verdicts: Verdicts,
}

/// A segment that is written and synced, and has a temporary name still.
pub(crate) struct NewSegment {
    pub sha256: Sha256,
    pub bytes: u64,
    pub file: Finished,
    pub entries: u64,
    pub categories: BTreeMap<String, u64>,
    pub conflicts: u64,
    /// Entries that have each digest kind.
    pub with: [u64; 3],
    pub with_pdq: u64,
}

impl SegmentWriter {
    /// Begins a segment. `version` tells apart layers of one set that have the same rows: else they would be one file with
    /// two lists of dead rows. It is 0 for an imported set.
    pub fn create(store: &Store, run_items: usize, version: u32) -> Result<Self, HashsetError> {
        let mut out = Written::create(store.temporary("segment"))?;
        let mut head = [0; HEAD_BYTES as usize];
        head[..8].copy_from_slice(&MAGIC);
        head[8..12].copy_from_slice(&FORMAT.to_le_bytes());
        head[16..20].copy_from_slice(&version.to_le_bytes());
        out.write(&head)?;
        Ok(Self {
            out,
            layout: Layout::new(),
            keys: KINDS.map(|kind| Sorter::new(store.temporary(&format!("keys-{}", kind as u8)), run_items)),
            pdq: ColumnSpill::new(store, "pdq"),
            photodna: ColumnSpill::new(store, "photodna"),
            series: SeriesHeap { heap: Spill::new(store.temporary("series")), places: HashMap::new() },
            verdicts: Verdicts::default(),
        })
    }

    /// Number of rows so far.
    pub fn rows(&self) -> u32 {
        self.layout.rows
    }

    pub fn push(&mut self, entry: &Entry) -> Result<(), HashsetError> {
        if u64::from(self.layout.rows) == ENTRIES_MAX {
            return Err(HashsetError::Limit { what: "entries in one set", max: ENTRIES_MAX });
        }
        let number = self.layout.rows;
        let verdict = self.verdicts.number(&entry.verdict, entry.standing)?;
        let series = self.series.place(&entry.series)?;
        self.write_row(&Row {
            id: entry.id,
            digests: entry.digests,
            size_bytes: entry.size_bytes,
            verdict,
            flags: entry.flags,
            series,
        })?;
        for kind in KINDS {
            if let Some(digest) = digest_of(&entry.digests, kind) {
                let plain = self.verdicts.plain[usize::from(verdict)];
                self.keys[kind as usize].push(key_item(leading(digest), number, plain))?;
            }
        }
        if let Some(pdq) = &entry.pdq {
            self.pdq.write(&pdq.0, number)?;
        }
        if let Some(photodna) = &entry.photodna {
            self.photodna.write(&photodna.0[..], number)?;
        }
        Ok(())
    }

    /// Appends the row, in a new block when it has a digest kind that no row before it had.
    fn write_row(&mut self, row: &Row) -> Result<(), HashsetError> {
        let mask = Mask::of(&row.digests);
        let current = self.layout.blocks.last().map(|block| block.mask);
        let whole = current.map_or(mask, |current| current.with(mask));
        if current != Some(whole) {
            let offset = self.out.align()?;
            self.layout.blocks.push(RowBlock { first: self.layout.rows, rows: 0, mask: whole, offset });
        }
        let mut bytes = [0; ROW_BYTES_MAX];
        let length = row.write(whole, &mut bytes);
        self.out.write(&bytes[..length])?;
        self.layout.blocks.last_mut().expect("a block was there or has been pushed").rows += 1;
        self.layout.rows += 1;
        Ok(())
    }

    /// Writes everything that comes after the rows, and makes the file durable.
    pub fn finish(self) -> Result<NewSegment, HashsetError> {
        let Self { mut out, mut layout, keys, pdq, photodna, series, verdicts } = self;
        let list = write_verdicts(&verdicts.list);
        layout.verdict_count = verdicts.list.len() as u64;
        layout.verdicts = Span { offset: out.align()?, bytes: list.len() as u64 };
        out.write(&list)?;
        layout.series = append(&mut out, series.heap)?;
        layout.pdq = pdq.append(&mut out)?;
        layout.photodna = photodna.append(&mut out)?;
        let with = [keys[0].count(), keys[1].count(), keys[2].count()];
        let mut conflicts = 0;
        for (kind, keys) in KINDS.into_iter().zip(keys) {
            if keys.count() > 0 {
                let counting = Conflicts::new(kind, verdicts.unclassified());
                let (index, count) = write_index(&mut out, &layout, keys, counting)?;
                layout.index[kind as usize] = Some(index);
                conflicts = count.max(conflicts);
            }
        }
        out.align()?;
        out.write(&layout.table())?;
        let (temporary, sha256, bytes) = out.finish()?;
        Ok(NewSegment {
            sha256,
            bytes,
            file: Finished { temporary, name: segment_name(&sha256) },
            entries: u64::from(layout.rows),
            categories: verdicts.categories(),
            conflicts,
            with,
            with_pdq: layout.pdq.count,
        })
    }
}

/// Merges the keys of one kind into their section, and builds the prefix table and the count of conflicts meanwhile.
fn write_index(
    out: &mut Written,
    layout: &Layout,
    sorted: Sorter,
    mut conflicts: Conflicts,
) -> Result<(Index, u64), HashsetError> {
    let entries = sorted.count();
    let bits = Index::bits_for(entries);
    let keys = Span { offset: out.align()?, bytes: entries * KEY_BYTES as u64 };
    // Beside the segment until all keys are written: in the largest sets it has 128 MiB.
    let mut prefix = Spill::new(sorted.path().with_extension("prefix"));
    let mut bounds = 0_u64;
    let mut bounds_up_to = |end: u64, bound: u32| {
        while bounds < end {
            prefix.write(&bound.to_le_bytes())?;
            bounds += 1;
        }
        Ok(())
    };
    let mut written = 0_u32;
    sorted.drain_beside(&mut |item| {
        let (leading, row, verdict) = split_item(item);
        bounds_up_to((leading >> (64 - bits)) + 1, written)?;
        let key = u64::from(tag_of(leading, bits)) | u64::from(row) << 32;
        out.write(&key.to_le_bytes())?;
        written += 1;
        conflicts.take(leading, row, verdict, layout, out)
    })?;
    bounds_up_to((1 << bits) + 1, written)?;
    let conflicts = conflicts.finish(layout, out)?;
    let prefix = append(out, prefix)?;
    Ok((Index { bits, entries, prefix, keys }, conflicts))
}

fn append(out: &mut Written, column: Spill) -> Result<Span, HashsetError> {
    let span = Span { offset: out.align()?, bytes: column.bytes() };
    column.copy_to(out)?;
    Ok(span)
}

/// Values that some rows have, and those rows.
struct ColumnSpill {
    values: Spill,
    rows: Spill,
}

impl ColumnSpill {
    fn new(store: &Store, name: &str) -> Self {
        let spill = |name: &str| Spill::new(store.temporary(name));
        Self { values: spill(name), rows: spill(&format!("{name}-rows")) }
    }

    fn write(&mut self, value: &[u8], row: u32) -> Result<(), HashsetError> {
        self.values.write(value)?;
        self.rows.write(&row.to_le_bytes())
    }

    fn append(self, out: &mut Written) -> Result<Column, HashsetError> {
        let count = self.rows.bytes() / 4;
        Ok(Column { count, values: append(out, self.values)?, rows: append(out, self.rows)? })
    }
}

/// Packs what is sorted: the leading bits of the digest, then the row; the verdict travels along.
fn key_item(leading: u64, row: u32, verdict: u16) -> u128 {
    u128::from(leading) << 64 | u128::from(row) << 32 | u128::from(verdict)
}

fn split_item(item: u128) -> (u64, u32, u16) {
    ((item >> 64) as u64, (item >> 32) as u32, item as u16)
}

/// Numbers the distinct pairs of verdict and standing and counts their entries.
#[derive(Default)]
struct Verdicts {
    list: Vec<Statement>,
    /// For each pair the number of the first that has its verdict: two standings of one verdict are no conflict.
    plain: Vec<u16>,
    entries: Vec<u64>,
    numbers: HashMap<Statement, u16>,
    last: u16,
}

impl Verdicts {
    fn number(&mut self, verdict: &Verdict, standing: Option<Standing>) -> Result<u16, HashsetError> {
        let is_last = |last: &Statement| last.0 == *verdict && last.1 == standing;
        if !self.list.get(usize::from(self.last)).is_some_and(is_last) {
            // Nearly every set has few: comparing them is faster than hashing the code.
            let few = self.list.iter().take(FEW_VERDICTS).position(is_last);
            self.last = match few {
                Some(place) => place as u16,
                None => {
                    let pair = (verdict.clone(), standing);
                    let known = self.numbers.get(&pair).copied();
                    known.map_or_else(|| self.add(pair), Ok)?
                }
            };
        }
        self.entries[usize::from(self.last)] += 1;
        Ok(self.last)
    }

    fn add(&mut self, pair: Statement) -> Result<u16, HashsetError> {
        let first = self.list.iter().position(|other| other.0 == pair.0);
        let verdicts = (0_u16..).zip(&self.plain).filter(|(number, plain)| number == *plain).count();
        if first.is_none() && verdicts == VERDICTS_MAX {
            return Err(HashsetError::Limit { what: "different categories in one set", max: VERDICTS_MAX as u64 });
        }
        let number = self.list.len() as u16;
        self.plain.push(first.map_or(number, |first| first as u16));
        self.list.push(pair.clone());
        self.entries.push(0);
        self.numbers.insert(pair, number);
        Ok(number)
    }

    /// Gives the number by which entries that nobody has judged are sorted.
    fn unclassified(&self) -> Option<u16> {
        let first = self.list.iter().position(|(verdict, _)| *verdict == Verdict::Unclassified)?;
        Some(first as u16)
    }

    fn categories(&self) -> BTreeMap<String, u64> {
        let mut out = BTreeMap::new();
        for ((verdict, _), entries) in self.list.iter().zip(&self.entries) {
            let code = match verdict {
                Verdict::Category(code) => code.0.clone(),
                Verdict::Unclassified => String::new(),
                Verdict::Member => continue,
            };
            *out.entry(code).or_default() += entries;
        }
        out
    }
}

/// Stores texts of series, equal ones that come soon after each other only once.
struct SeriesHeap {
    heap: Spill,
    places: HashMap<Box<str>, u32>,
}

impl SeriesHeap {
    fn place(&mut self, text: &str) -> Result<u32, HashsetError> {
        if text.is_empty() {
            return Ok(0);
        }
        let text = &text[..text.floor_char_boundary(SERIES_BYTES_MAX)];
        if let Some(place) = self.places.get(text) {
            return Ok(*place);
        }
        if self.heap.bytes() == 0 {
            // Place 0 means that there is no series.
            self.heap.write(&[0; 8])?;
        }
        let at = self.heap.bytes();
        let length = 2 + text.len();
        if at + length as u64 + 8 > SERIES_HEAP_BYTES_MAX {
            return Err(HashsetError::Limit { what: "bytes of series in one set", max: SERIES_HEAP_BYTES_MAX });
        }
        self.heap.write(&(text.len() as u16).to_le_bytes())?;
        self.heap.write(text.as_bytes())?;
        self.heap.write(&[0; 8][..length.next_multiple_of(8) - length])?;
        let place = (at / 8) as u32;
        if self.places.len() == SERIES_REMEMBERED_MAX {
            self.places.clear();
        }
        self.places.insert(text.into(), place);
        Ok(place)
    }
}

/// Counts the digests of one kind that have entries with different verdicts. Equal digests are neighbours in the order of
/// the keys, so it holds one group of equal leading bits at a time. "Unclassified" is no verdict and conflicts with none.
struct Conflicts {
    kind: DigestKind,
    unclassified: Option<u16>,
    leading: Option<u64>,
    group: Vec<(u32, u16)>,
    /// Digest → its first verdict, and whether it has been counted.
    seen: BTreeMap<Vec<u8>, (u16, bool)>,
    count: u64,
}

impl Conflicts {
    fn new(kind: DigestKind, unclassified: Option<u16>) -> Self {
        Self { kind, unclassified, leading: None, group: Vec::new(), seen: BTreeMap::new(), count: 0 }
    }

    fn take(
        &mut self,
        leading: u64,
        row: u32,
        verdict: u16,
        layout: &Layout,
        out: &mut Written,
    ) -> Result<(), HashsetError> {
        if self.leading != Some(leading) {
            self.compare(layout, out)?;
            self.seen.clear();
            self.leading = Some(leading);
        } else if self.group.len() == GROUP_MAX {
            self.compare(layout, out)?;
        }
        if self.unclassified != Some(verdict) {
            self.group.push((row, verdict));
        }
        Ok(())
    }

    fn finish(mut self, layout: &Layout, out: &mut Written) -> Result<u64, HashsetError> {
        self.compare(layout, out)?;
        Ok(self.count)
    }

    /// Reads the whole digests of the group, if it can hold a conflict at all.
    fn compare(&mut self, layout: &Layout, out: &mut Written) -> Result<(), HashsetError> {
        let first = self.group.first().map(|(_, verdict)| *verdict);
        let one_verdict = self.group.iter().all(|(_, verdict)| Some(*verdict) == first);
        let continues = !self.seen.is_empty() || self.group.len() == GROUP_MAX;
        if !one_verdict || continues {
            for (row, verdict) in &self.group {
                let (offset, mask) = layout.row(*row).expect("the row was written by this builder");
                let mut bytes = [0; ROW_BYTES_MAX];
                let bytes = &mut bytes[..mask.stride()];
                out.read_back(offset, bytes)?;
                let digest = row_digest(bytes, mask, self.kind).expect("the row has the digest it was sorted by");
                if let Some((other, counted)) = self.seen.get_mut(digest) {
                    if other != verdict && !*counted {
                        *counted = true;
                        self.count += 1;
                    }
                } else if self.seen.len() < GROUP_MAX {
                    // Chance never fills it; the count is for people, and look-ups see every entry anyway.
                    self.seen.insert(digest.to_vec(), (*verdict, false));
                }
            }
        }
        self.group.clear();
        Ok(())
    }
}
