//! Sorts more numbers than fit into memory: runs are sorted in memory, spilled one after another into one temporary
//! file, and merged when they are read (Knuth, The Art of Computer Programming, volume 3, 5.4.1).

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;

use crate::disk;
use crate::error::{HashsetError, io_at};

const ITEM_BYTES: usize = 16;
/// Bytes that are turned from numbers and written at a time.
const CHUNK_BYTES: usize = 256 << 10;
/// Memory that the buffers of all runs share while they are merged.
const MERGE_BYTES: usize = 32 << 20;
/// Numbers that are handed over at a time by a merge that runs ahead.
const AHEAD_ITEMS: usize = 8192;
/// How far it runs ahead, in as many numbers.
const AHEAD_CHUNKS: usize = 8;

/// Takes numbers in any order.
pub(crate) struct Sorter {
    path: PathBuf,
    run_items: usize,
    items: Vec<u128>,
    file: Option<File>,
    runs: Vec<u64>,
    spilled: u64,
}

impl Sorter {
    /// Makes a sorter that holds at most `run_items` numbers in memory and spills to `path`.
    pub fn new(path: PathBuf, run_items: usize) -> Self {
        Self { path, run_items, items: Vec::new(), file: None, runs: Vec::new(), spilled: 0 }
    }

    /// Tells how many numbers it has.
    pub fn count(&self) -> u64 {
        self.spilled + self.items.len() as u64
    }

    pub fn push(&mut self, item: u128) -> Result<(), HashsetError> {
        if self.items.len() == self.run_items {
            self.spill()?;
        }
        if self.items.len() == self.items.capacity() {
            // Doubling beyond the size of a run would double the memory for nothing.
            let more = self.items.capacity().max(64).min(self.run_items - self.items.len());
            self.items.reserve_exact(more);
        }
        self.items.push(item);
        Ok(())
    }

    fn spill(&mut self) -> Result<(), HashsetError> {
        self.items.sort_unstable();
        let file = match self.file.take() {
            Some(file) => file,
            None => disk::create(&self.path)?,
        };
        let mut bytes = Vec::with_capacity(CHUNK_BYTES);
        let mut at = self.spilled * ITEM_BYTES as u64;
        for chunk in self.items.chunks(CHUNK_BYTES / ITEM_BYTES) {
            bytes.clear();
            chunk.iter().for_each(|item| bytes.extend_from_slice(&item.to_le_bytes()));
            file.write_all_at(&bytes, at).map_err(io_at("write", &self.path))?;
            at += bytes.len() as u64;
        }
        self.file = Some(file);
        self.spilled += self.items.len() as u64;
        self.runs.push(self.items.len() as u64);
        self.items.clear();
        Ok(())
    }

    /// Tells where the numbers are, for errors.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Does as [`Sorter::drain`]; where there is much to merge, it is merged beside the thread in which `sink` is called.
    pub fn drain_beside(self, sink: &mut dyn FnMut(u128) -> Result<(), HashsetError>) -> Result<(), HashsetError> {
        if self.file.is_none() {
            return self.drain(sink);
        }
        let path = self.path().to_owned();
        let (send, chunks) = sync_channel::<Result<Vec<u128>, HashsetError>>(AHEAD_CHUNKS);
        let work = move || {
            let mut chunk = Vec::with_capacity(AHEAD_ITEMS);
            let drained = self.drain(&mut |item| {
                chunk.push(item);
                if chunk.len() == AHEAD_ITEMS {
                    let full = std::mem::replace(&mut chunk, Vec::with_capacity(AHEAD_ITEMS));
                    // Nobody listens when the sink has failed: what is left is merged for nothing, once.
                    let _ = send.send(Ok(full));
                }
                Ok(())
            });
            let _ = send.send(drained.map(|()| chunk));
        };
        let thread = std::thread::Builder::new().spawn(work).map_err(io_at("start a thread for", &path))?;
        let outcome = chunks.iter().try_for_each(|chunk| chunk?.into_iter().try_for_each(&mut *sink));
        drop(chunks);
        thread.join().expect("merging does not panic");
        outcome
    }

    /// Calls `sink` with every number, ascending; equal numbers come as often as they were pushed.
    pub fn drain(mut self, sink: &mut dyn FnMut(u128) -> Result<(), HashsetError>) -> Result<(), HashsetError> {
        let Some(file) = &self.file else {
            self.items.sort_unstable();
            return self.items.iter().try_for_each(|item| sink(*item));
        };
        self.items.sort_unstable();
        let mut last = std::mem::take(&mut self.items).into_iter();
        let buffer_bytes = (MERGE_BYTES / self.runs.len()).min(CHUNK_BYTES);
        let mut start = 0;
        let mut runs = Vec::new();
        for items in &self.runs {
            let bytes = items * ITEM_BYTES as u64;
            runs.push(disk::Records::new(file, &self.path, start, bytes, ITEM_BYTES, buffer_bytes));
            start += bytes;
        }
        // The run that is still in memory comes after the spilled ones.
        let mut next = |run: usize| match runs.get_mut(run) {
            Some(run) => Ok::<_, HashsetError>(
                run.next()?.and_then(|record| record.first_chunk().map(|item| u128::from_le_bytes(*item))),
            ),
            None => Ok(last.next()),
        };
        let mut heap = BinaryHeap::with_capacity(self.runs.len() + 1);
        for run in 0..=self.runs.len() {
            if let Some(item) = next(run)? {
                heap.push(Reverse((item, run)));
            }
        }
        while let Some(mut top) = heap.peek_mut() {
            let Reverse((item, run)) = *top;
            sink(item)?;
            match next(run)? {
                Some(following) => *top = Reverse((following, run)),
                None => drop(PeekMut::pop(top)),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(count: u64, run_items: usize) {
        let dir = tempfile::tempdir().unwrap();
        let mut sorter = Sorter::new(dir.path().join("run"), run_items);
        let mut wanted = Vec::new();
        for number in 0..count {
            let item = u128::from(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)) << 61 | u128::from(number % 3);
            sorter.push(item).unwrap();
            wanted.push(item);
        }
        assert_eq!(sorter.count(), count);
        wanted.sort_unstable();
        let mut got = Vec::new();
        let mut sink = |item| {
            got.push(item);
            Ok(())
        };
        if count.is_multiple_of(2) {
            sorter.drain(&mut sink).unwrap()
        } else {
            sorter.drain_beside(&mut sink).unwrap()
        }
        assert_eq!(got, wanted, "{count} numbers in runs of {run_items}");
    }

    #[test]
    fn numbers_come_back_in_order_however_they_are_spilled() {
        for (count, run_items) in
            [(0, 4), (1, 1), (3, 4), (4, 4), (5, 4), (100, 7), (101, 7), (70_000, 65_536), (70_001, 4096), (5_000, 1)]
        {
            check(count, run_items);
        }
    }
}
