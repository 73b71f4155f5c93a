//! Rows of a layer that count no longer, because a newer layer has another row for their entry or the entry was withdrawn.
//!
//! A segment is never changed, so what an update takes from it stands in a file of its own, immutable and named by its
//! SHA-256:
//!
//! ```text
//! head  64 bytes: magic, format, count, SHA-256 of the segment, zeros
//! rows  4 bytes each, ascending
//! ```

use std::io::Read;
use std::path::Path;

use domain::Sha256;
use sha2::Digest as _;

use crate::disk::{self, Written};
use crate::error::{HashsetError, io_at};
use crate::layout::{u32_at, u64_at};
use crate::store::{Finished, Store, StoredDead, dead_name};

const MAGIC: [u8; 8] = *b"ZEEFHDED";
const FORMAT: u32 = 1;
const HEAD_BYTES: usize = 64;
const ROW_BYTES: usize = 4;

/// The dead rows of one layer, ascending. 4 bytes each: an update compacts the set before a third of its rows are dead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Dead {
    rows: Vec<u32>,
    /// One bit a row, up to the last dead one: a search in `rows` would cost as much as the look-up that asks.
    bits: Vec<u64>,
}

impl Dead {
    /// Reads the file that the manifest names, and checks that it was made for this segment of `segment_rows` rows.
    ///
    /// All of it is hashed: a damaged list would let a withdrawn entry hide a picture.
    pub fn read(dir: &Path, stored: &StoredDead, segment: &Sha256, segment_rows: u32) -> Result<Self, HashsetError> {
        let path = dir.join(dead_name(&stored.file));
        let damaged = |what| HashsetError::Damaged { path: path.clone(), what };
        let file = disk::open(&path).map_err(io_at("open", &path))?;
        let wanted = stored.rows.checked_mul(ROW_BYTES as u64).and_then(|rows| rows.checked_add(HEAD_BYTES as u64));
        let length = file.metadata().map_err(io_at("read", &path))?.len();
        if wanted != Some(stored.bytes) || length != stored.bytes || stored.rows > u64::from(segment_rows) {
            return Err(damaged("it has another length than the manifest says"));
        }
        let mut bytes = Vec::with_capacity(length as usize);
        file.take(length).read_to_end(&mut bytes).map_err(io_at("read", &path))?;
        if sha2::Sha256::digest(&bytes)[..] != stored.file.0 {
            return Err(damaged("its SHA-256 is not the one in its name"));
        }
        if bytes.get(..8) != Some(&MAGIC[..]) || u32_at(&bytes, 8) != Some(FORMAT) {
            return Err(damaged("it does not begin as a list of dead rows does"));
        }
        if u64_at(&bytes, 16) != Some(stored.rows) || bytes.get(24..56) != Some(&segment.0[..]) {
            return Err(damaged("it was made for another segment"));
        }
        let rows = bytes[HEAD_BYTES..].as_chunks().0.iter().map(|row| u32::from_le_bytes(*row));
        let rows: Vec<u32> = rows.collect();
        let ascending = rows.is_sorted_by(|a, b| a < b) && rows.last().is_none_or(|last| *last < segment_rows);
        if ascending { Ok(Self::of(rows)) } else { Err(damaged("its rows are not in order")) }
    }

    /// Writes the list to a file with a temporary name; `number` tells apart what one update writes.
    pub fn write(
        &self,
        store: &Store,
        segment: &Sha256,
        number: usize,
    ) -> Result<(StoredDead, Finished), HashsetError> {
        let mut out = Written::create_small(store.temporary(&format!("dead-{number}")))?;
        let mut head = [0; HEAD_BYTES];
        head[..8].copy_from_slice(&MAGIC);
        head[8..12].copy_from_slice(&FORMAT.to_le_bytes());
        head[16..24].copy_from_slice(&self.len().to_le_bytes());
        head[24..56].copy_from_slice(&segment.0);
        out.write(&head)?;
        self.rows.iter().try_for_each(|row| out.write(&row.to_le_bytes()))?;
        let (temporary, file, bytes) = out.finish()?;
        let stored = StoredDead { file, bytes, rows: self.len() };
        Ok((stored, Finished { temporary, name: dead_name(&file) }))
    }

    fn of(rows: Vec<u32>) -> Self {
        let mut bits = vec![0; rows.last().map_or(0, |last| *last as usize / 64 + 1)];
        rows.iter().for_each(|row| bits[*row as usize / 64] |= 1_u64 << (row % 64));
        Self { rows, bits }
    }

    /// Gives the rows of both.
    pub fn with(&self, more: &[u32]) -> Self {
        let mut rows = Vec::with_capacity(self.rows.len() + more.len());
        rows.extend_from_slice(&self.rows);
        rows.extend_from_slice(more);
        rows.sort_unstable();
        rows.dedup();
        Self::of(rows)
    }

    #[inline]
    pub fn has(&self, row: u32) -> bool {
        self.bits.get(row as usize / 64).is_some_and(|word| word >> (row % 64) & 1 != 0)
    }

    pub fn rows(&self) -> &[u32] {
        &self.rows
    }

    pub fn len(&self) -> u64 {
        self.rows.len() as u64
    }
}
