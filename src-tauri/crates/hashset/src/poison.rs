//! The guard against poison: which entries of a known set also stand in a good set.
//!
//! Somebody who wants a picture hidden puts its digest into a list of ordinary files; somebody who wants an ordinary file
//! marked puts it into a list of known material. So an entry that stands in both hides nothing. It counts as the same entry
//! when any one digest (MD5, SHA-1 or SHA-256) is the same, *even if another digest or the size says otherwise*: a
//! quarantine only shows more, and never hides more, so doubt is on its side.
//!
//! Both segments are read from front to back, each key once, so the work grows with the number of entries and the memory
//! does not. The result, one file for each pair of a layer of a known set and a layer of a good set, is immutable and named by its SHA-256:
//!
//! ```text
//! head   128 bytes: magic, format, count, SHA-256 of the known segment, SHA-256 of the good segment, zeros
//! pairs  8 bytes each: row of the known entry (ascending, each once), and the first row of the good set that has it
//! ```

use std::collections::BTreeMap;
use std::path::PathBuf;

use domain::{DigestKind, SetName, Sha256};
use memmap2::Mmap;

use crate::disk::{self, Written};
use crate::error::{HashsetError, io_at};
use crate::layers::Layer;
use crate::layout::{KINDS, digest_of, u32_at, u64_at};
use crate::segment::{Keys, Probe, shared_kinds};
use crate::sort::Sorter;
use crate::store::{Finished, Store, StoredQuarantine, quarantine_name};

const MAGIC: [u8; 8] = *b"ZEEFHQUA";
const FORMAT: u32 = 1;
const HEAD_BYTES: usize = 128;
const PAIR_BYTES: usize = 8;
/// Numbers that are sorted in memory at a time: 32 MiB.
const RUN_ITEMS: usize = 2 << 20;
/// Digests that may share their leading bits before all of their known entries are quarantined unseen. Chance makes no
/// such group; a list made up to exhaust memory does, and a quarantine is the safe answer to it.
const GROUP_MAX: usize = 4096;
/// A list of keys that is longer than the other by this factor is not read from end to end.
const JUMP_RATIO: u64 = 64;

/// Compares a layer of a known set with a layer of a good set. `None` when no live entry stands in both.
pub(crate) fn compare(
    store: &Store,
    known: &Layer,
    good: &Layer,
    good_name: &SetName,
    number: usize,
) -> Result<Option<(StoredQuarantine, Finished)>, HashsetError> {
    let mut pairs = Sorter::new(store.temporary(&format!("pairs-{number}")), RUN_ITEMS);
    for kind in shared_kinds(&known.segment, &good.segment) {
        join(known, good, kind, &mut pairs)?;
    }
    write(store, known, good, good_name, number, pairs)
}

/// Makes a quarantine right again after rows of its good layer have died: what names a live row stays, and what names a
/// dead one is looked up again, because another row of that layer may have the digest too.
pub(crate) fn refresh(
    store: &Store,
    part: &Quarantine,
    known: &Layer,
    good: &Layer,
    good_name: &SetName,
    number: usize,
) -> Result<Option<(StoredQuarantine, Finished)>, HashsetError> {
    let mut pairs = Sorter::new(store.temporary(&format!("pairs-{number}")), RUN_ITEMS);
    for (row, good_row) in part.iter().filter(|(row, _)| !known.dead.has(*row)) {
        let now = if good.dead.has(good_row) { first_live(known, row, good) } else { Some(good_row) };
        if let Some(good_row) = now {
            pairs.push(u128::from(row) << 32 | u128::from(good_row))?;
        }
    }
    write(store, known, good, good_name, number, pairs)
}

/// Finds the first live row of the good layer that has a digest of this row of the known layer.
fn first_live(known: &Layer, row: u32, good: &Layer) -> Option<u32> {
    let digests = known.segment.row(row)?.digests;
    let mut first = None;
    for kind in KINDS {
        let Some(digest) = digest_of(&digests, kind) else { continue };
        good.segment.candidates(&[Probe { kind, digest, item: 0 }], |_, row| {
            if !good.dead.has(row) && good.segment.row_has(row, kind, digest) {
                first = Some(first.map_or(row, |first: u32| first.min(row)));
            }
        });
    }
    first
}

/// Sorts the pairs and writes them to a file that has a temporary name.
fn write(
    store: &Store,
    known: &Layer,
    good: &Layer,
    good_name: &SetName,
    number: usize,
    pairs: Sorter,
) -> Result<Option<(StoredQuarantine, Finished)>, HashsetError> {
    if pairs.count() == 0 {
        return Ok(None);
    }
    // The count stands at the end of the head, and is known only when equal rows have been merged: so they are merged
    // into a column first.
    let mut column = disk::Spill::new(store.temporary(&format!("column-{number}")));
    let mut last = None;
    pairs.drain(&mut |pair| {
        let (row, good_row) = ((pair >> 32) as u32, pair as u32);
        if last != Some(row) {
            last = Some(row);
            column.write(&row.to_le_bytes())?;
            column.write(&good_row.to_le_bytes())?;
        }
        Ok(())
    })?;
    let entries = column.bytes() / PAIR_BYTES as u64;
    let mut out = Written::create_small(store.temporary(&format!("quarantine-{number}")))?;
    let mut head = [0; HEAD_BYTES];
    head[..8].copy_from_slice(&MAGIC);
    head[8..12].copy_from_slice(&FORMAT.to_le_bytes());
    head[16..24].copy_from_slice(&entries.to_le_bytes());
    head[32..64].copy_from_slice(&known.sha256.0);
    head[64..96].copy_from_slice(&good.sha256.0);
    out.write(&head)?;
    column.copy_to(&mut out)?;
    let (temporary, file, bytes) = out.finish()?;
    let stored = StoredQuarantine {
        good: good_name.clone(),
        known_segment: known.sha256,
        good_segment: good.sha256,
        file,
        bytes,
        entries,
    };
    Ok(Some((stored, Finished { temporary, name: quarantine_name(&file) })))
}

/// Walks both sorted lists of keys at once, and compares whole digests where the keys agree. Where one list is much
/// longer than the other, most of it is left out.
fn join(known: &Layer, good: &Layer, kind: DigestKind, pairs: &mut Sorter) -> Result<(), HashsetError> {
    let entries = |layer: &Layer| layer.segment.index(kind).map_or(0, |index| index.entries);
    let (known_entries, good_entries) = (entries(known), entries(good));
    let known_jumps = known_entries / JUMP_RATIO > good_entries;
    let good_jumps = good_entries / JUMP_RATIO > known_entries;
    let known_keys = known.segment.keys(kind, known_jumps);
    let (Some(known_keys), Some(good_keys)) = (known_keys, good.segment.keys(kind, good_jumps)) else {
        return Ok(());
    };
    // The larger set has more bits in its keys; the ones that the smaller has decide.
    let bits = known_keys.bits().min(good_keys.bits());
    let mut left = Groups::new(known_keys, bits)?;
    let mut right = Groups::new(good_keys, bits)?;
    while let (Some((a, _)), Some((b, _))) = (left.next, right.next) {
        if a < b {
            if known_jumps {
                left.jump(b)?;
            }
            left.skip()?;
        } else if b < a {
            if good_jumps {
                right.jump(a)?;
            }
            right.skip()?;
        } else {
            meet(known, good, kind, (&mut left, &mut right), pairs)?;
        }
    }
    Ok(())
}

/// Compares the digests of one group of equal keys of both sets.
fn meet(
    known: &Layer,
    good: &Layer,
    kind: DigestKind,
    (left, right): (&mut Groups<'_>, &mut Groups<'_>),
    pairs: &mut Sorter,
) -> Result<(), HashsetError> {
    let mut goods: BTreeMap<[u8; 32], u32> = BTreeMap::new();
    let mut first_good = None;
    let mut overfull = false;
    let key = right.next.map(|(key, _)| key);
    let mut digest = [0; 32];
    while let Some((_, row)) = right.next.filter(|(next, _)| Some(*next) == key) {
        if good.dead.has(row) {
            right.skip()?;
            continue;
        }
        first_good.get_or_insert(row);
        if goods.len() < GROUP_MAX {
            good.segment.read_digest(row, kind, &mut digest)?;
            let first = goods.entry(digest).or_insert(row);
            *first = row.min(*first);
        } else {
            overfull = true;
        }
        right.skip()?;
    }
    while let Some((_, row)) = left.next.filter(|(next, _)| Some(*next) == key) {
        if known.dead.has(row) {
            left.skip()?;
            continue;
        }
        known.segment.read_digest(row, kind, &mut digest)?;
        let met = goods.get(&digest).copied().or(first_good.filter(|_| overfull));
        if let Some(good_row) = met {
            pairs.push(u128::from(row) << 32 | u128::from(good_row))?;
        }
        left.skip()?;
    }
    Ok(())
}

/// A list of keys of which only the leading bits count.
struct Groups<'a> {
    keys: Keys<'a>,
    shift: u32,
    next: Option<(u64, u32)>,
}

impl<'a> Groups<'a> {
    fn new(keys: Keys<'a>, bits: u32) -> Result<Self, HashsetError> {
        let shift = keys.bits() - bits;
        let mut groups = Self { keys, shift, next: None };
        groups.skip()?;
        Ok(groups)
    }

    fn skip(&mut self) -> Result<(), HashsetError> {
        self.next = self.keys.next()?.map(|(key, row)| (key >> self.shift, row));
        Ok(())
    }

    /// Leaves out keys below `key`, not necessarily all of them.
    fn jump(&mut self, key: u64) -> Result<(), HashsetError> {
        self.keys.jump(key << self.shift)
    }
}

/// One file of quarantined entries, mapped.
#[derive(Debug)]
pub(crate) struct Quarantine {
    path: PathBuf,
    map: Mmap,
    count: usize,
}

impl Quarantine {
    /// Opens the file and checks that it was made for the two segments that the manifest says.
    pub fn open(path: PathBuf, stored: &StoredQuarantine) -> Result<Self, HashsetError> {
        let (known, good) = (&stored.known_segment, &stored.good_segment);
        let damaged = |what| HashsetError::Damaged { path: path.clone(), what };
        let file = disk::open(&path).map_err(io_at("open", &path))?;
        // SAFETY: as for segments: written once, under another name, and never changed; read as checked bytes.
        let map = unsafe { Mmap::map(&file) }.map_err(io_at("map", &path))?;
        if map.len() as u64 != stored.bytes {
            return Err(damaged("it has another length than the manifest says"));
        }
        if map.get(..8) != Some(&MAGIC[..]) || u32_at(&map, 8) != Some(FORMAT) {
            return Err(damaged("it does not begin as a quarantine does"));
        }
        if map.get(32..64) != Some(&known.0[..]) || map.get(64..96) != Some(&good.0[..]) {
            return Err(damaged("it was made for other sets"));
        }
        let count = u64_at(&map, 16).and_then(|count| usize::try_from(count).ok());
        let count = count.filter(|count| count.checked_mul(PAIR_BYTES) == Some(map.len().saturating_sub(HEAD_BYTES)));
        let count = count.ok_or_else(|| damaged("it has another length than its entries need"))?;
        if count as u64 != stored.entries {
            return Err(damaged("it has another length than its entries need"));
        }
        let quarantine = Self { path, map, count };
        // Unlike a damaged segment, which can only know less, a damaged quarantine would hide more. It is small: hash it.
        quarantine.verify(&stored.file)?;
        Ok(quarantine)
    }

    fn pairs(&self) -> &[[u8; PAIR_BYTES]] {
        self.map.get(HEAD_BYTES..).unwrap_or(&[]).as_chunks().0
    }

    /// Tells whether the row is quarantined.
    pub fn has(&self, row: u32) -> bool {
        self.pairs().binary_search_by_key(&row, |pair| pair_of(pair).0).is_ok()
    }

    /// Gives each quarantined row with the row of the good set that has it too.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.pairs().iter().map(pair_of)
    }

    pub fn len(&self) -> usize {
        self.count
    }

    /// Hashes all bytes again.
    pub fn verify(&self, name: &Sha256) -> Result<(), HashsetError> {
        use sha2::Digest as _;
        if sha2::Sha256::digest(&self.map)[..] == name.0 {
            Ok(())
        } else {
            Err(HashsetError::Damaged { path: self.path.clone(), what: "its SHA-256 is not the one in its name" })
        }
    }
}

fn pair_of(pair: &[u8; PAIR_BYTES]) -> (u32, u32) {
    (u32_at(pair, 0).unwrap_or(u32::MAX), u32_at(pair, 4).unwrap_or(u32::MAX))
}

/// Calls `sink` with every row that stands in any of the files, ascending, each once.
pub(crate) fn each_row(files: &[&Quarantine], sink: &mut dyn FnMut(u32)) {
    let mut streams: Vec<_> = files.iter().map(|file| file.iter().map(|(row, _)| row).peekable()).collect();
    while let Some(row) = streams.iter_mut().filter_map(|stream| stream.peek().copied()).min() {
        sink(row);
        for stream in &mut streams {
            while stream.next_if(|next| *next <= row).is_some() {}
        }
    }
}
