//! Work that goes on beside the merge of an update: hashing rows, and reading the parts of a snapshot. These threads compute
//! and read; everything that changes the store happens in the thread of the caller.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use domain::release::PartFile;
use domain::{Entry, SetName, Sha256};

use crate::error::{HashsetError, io_at};
use crate::release::{PartReader, RowsDigest};
use crate::rows::copy_entry;

/// Rows that are handed over at a time.
const BATCH_ROWS: usize = 2048;
/// Batches that may be on their way.
const BATCHES_MAX: usize = 4;

/// Hashes rows in a thread of its own.
pub(crate) struct Digesting {
    batch: Vec<Entry>,
    /// Rows of the batch that count; what is behind them is there to be overwritten.
    used: usize,
    full: SyncSender<(Vec<Entry>, usize)>,
    empty: Receiver<Vec<Entry>>,
    thread: JoinHandle<(Sha256, u64)>,
}

impl Digesting {
    /// Starts the thread. `dir` is named in the error if there cannot be one.
    pub fn start(dir: &Path) -> Result<Self, HashsetError> {
        let (full, rows) = sync_channel::<(Vec<Entry>, usize)>(BATCHES_MAX);
        let (give_back, empty) = sync_channel(BATCHES_MAX + 1);
        let work = move || {
            let mut digest = RowsDigest::new();
            for (batch, used) in rows {
                batch[..used].iter().for_each(|entry| digest.push(entry));
                // Nobody takes it back when the last batch has been sent.
                let _ = give_back.try_send(batch);
            }
            let count = digest.rows();
            (digest.finish(), count)
        };
        let thread = std::thread::Builder::new().spawn(work).map_err(io_at("start a thread for", dir))?;
        Ok(Self { batch: Vec::with_capacity(BATCH_ROWS), used: 0, full, empty, thread })
    }

    /// Adds the next row by copying it.
    pub fn push(&mut self, entry: &Entry) {
        match self.batch.get_mut(self.used) {
            Some(place) => copy_entry(entry, place),
            None => self.batch.push(entry.clone()),
        }
        self.used += 1;
        self.send_full();
    }

    /// Adds the next row.
    pub fn push_owned(&mut self, entry: Entry) {
        match self.batch.get_mut(self.used) {
            Some(place) => *place = entry,
            None => self.batch.push(entry),
        }
        self.used += 1;
        self.send_full();
    }

    fn send_full(&mut self) {
        if self.used == BATCH_ROWS {
            let next = self.empty.try_recv().unwrap_or_else(|_| Vec::with_capacity(BATCH_ROWS));
            let batch = std::mem::replace(&mut self.batch, next);
            self.full.send((batch, self.used)).expect("the thread takes batches until there are no more");
            self.used = 0;
        }
    }

    /// Waits for the digest and the number of rows.
    pub fn finish(self) -> (Sha256, u64) {
        let Self { batch, used, full, empty: _, thread } = self;
        full.send((batch, used)).expect("the thread takes batches until there are no more");
        drop(full);
        thread.join().expect("hashing does not panic")
    }
}

/// Gives the entries of all parts of a snapshot, which are verified and read in a thread of their own.
pub(crate) struct Parts {
    batches: Receiver<Result<Vec<Entry>, HashsetError>>,
    batch: std::vec::IntoIter<Entry>,
}

impl Parts {
    /// Starts with the parts in their order.
    pub fn start(dir: &Path, set: SetName, parts: Vec<(PathBuf, PartFile)>) -> Result<Self, HashsetError> {
        let (send, batches) = sync_channel(BATCHES_MAX);
        let work = move || {
            // The receiver is gone when the update was given up: then there is nothing more to do.
            if let Err(error) = read_parts(&set, &parts, &send) {
                let _ = send.send(Err(error));
            }
        };
        std::thread::Builder::new().spawn(work).map_err(io_at("start a thread for", dir))?;
        Ok(Self { batches, batch: Vec::new().into_iter() })
    }

    /// Gives the next entry.
    pub fn next(&mut self) -> Result<Option<Entry>, HashsetError> {
        loop {
            if let Some(entry) = self.batch.next() {
                return Ok(Some(entry));
            }
            match self.batches.recv() {
                Ok(batch) => self.batch = batch?.into_iter(),
                Err(_) => return Ok(None),
            }
        }
    }
}

fn read_parts(
    set: &SetName,
    parts: &[(PathBuf, PartFile)],
    send: &SyncSender<Result<Vec<Entry>, HashsetError>>,
) -> Result<(), HashsetError> {
    let mut batch = Vec::with_capacity(BATCH_ROWS);
    for (path, part) in parts {
        for entry in PartReader::open(path, set, part)? {
            batch.push(entry?);
            if batch.len() == BATCH_ROWS {
                let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH_ROWS));
                if send.send(Ok(full)).is_err() {
                    return Ok(());
                }
            }
        }
    }
    // A receiver that is gone needs no last batch.
    let _ = send.send(Ok(batch));
    Ok(())
}
