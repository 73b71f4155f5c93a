//! How files of the store are written and read: from front to back, hashed on the way, and spilled columns and runs in
//! temporary files beside them. Nothing here holds more than a buffer.
//!
//! What is assumed of the disk: a file that was synced keeps its bytes; a rename within one folder is seen as done or
//! not done; it is durable when the folder has been synced. Nothing is assumed of the order of anything else.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use domain::Sha256;
use sha2::Digest as _;

use crate::error::{HashsetError, io_at};
use crate::layout::ALIGNMENT;

/// Bytes that are gathered before they are written.
const BUFFER_BYTES: usize = 256 << 10;
/// Bytes of a segment that are gathered before they are written: one huge page, so that a kernel that can caches the file
/// in huge pages. Look-ups then wait half as long for memory; larger writes only fall out of the processor's cache.
const SEGMENT_BUFFER_BYTES: usize = 2 << 20;

/// Rights of a file that only its owner reads: hash sets are not for everybody on the machine.
const OWNER_READS: u32 = 0o600;
/// The right of a group to read.
const GROUP_READS: u32 = 0o040;

/// Creates a file of the store. Its group reads it only where whoever made the folder lets that group read the folder:
/// so investigators read the sets that the user of the timer alone can change.
#[expect(clippy::disallowed_methods, reason = "the store opens its own files, never case media")]
pub(crate) fn create(path: &Path) -> Result<File, HashsetError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let shared = std::fs::metadata(folder).map_err(io_at("create", path))?.mode() & GROUP_READS;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(true).mode(OWNER_READS | shared);
    options.open(path).map_err(io_at("create", path))
}

/// Opens a file of the store for reading.
#[expect(clippy::disallowed_methods, reason = "the store opens its own files, never case media")]
pub(crate) fn open(path: &Path) -> std::io::Result<File> {
    File::open(path)
}

/// Makes the names in a folder durable.
pub(crate) fn sync_dir(dir: &Path) -> Result<(), HashsetError> {
    open(dir).and_then(|dir| dir.sync_all()).map_err(io_at("sync", dir))
}

/// A file that is written from front to back and knows the SHA-256 of its bytes when it is done.
pub(crate) struct Written {
    file: File,
    path: PathBuf,
    buffer: Vec<u8>,
    buffer_bytes: usize,
    flushed: u64,
    hasher: Hasher,
}

/// Hashes what is written: here, or for a large file beside the thread that writes it.
enum Hasher {
    Here(sha2::Sha256),
    Beside { full: SyncSender<Vec<u8>>, empty: Receiver<Vec<u8>>, thread: JoinHandle<Sha256> },
}

/// Buffers that may wait to be hashed.
const HASH_BUFFERS: usize = 2;

impl Hasher {
    fn beside(path: &Path) -> Result<Self, HashsetError> {
        let (full, buffers) = sync_channel::<Vec<u8>>(HASH_BUFFERS);
        let (give_back, empty) = sync_channel(HASH_BUFFERS + 1);
        let work = move || {
            let mut hasher = sha2::Sha256::new();
            for mut buffer in buffers {
                hasher.update(&buffer);
                buffer.clear();
                // Nobody takes it back when the last one has been sent.
                let _ = give_back.try_send(buffer);
            }
            Sha256(hasher.finalize().into())
        };
        let thread = std::thread::Builder::new().spawn(work).map_err(io_at("start a thread for", path))?;
        Ok(Self::Beside { full, empty, thread })
    }

    /// Hashes the buffer and leaves an empty one in its place.
    fn take(&mut self, buffer: &mut Vec<u8>) {
        match self {
            Self::Here(hasher) => {
                hasher.update(&buffer[..]);
                buffer.clear();
            }
            Self::Beside { full, empty, .. } => {
                let next = empty.try_recv().unwrap_or_else(|_| Vec::with_capacity(buffer.capacity()));
                full.send(std::mem::replace(buffer, next)).expect("the thread takes buffers until there are no more");
            }
        }
    }

    fn finish(self) -> Sha256 {
        match self {
            Self::Here(hasher) => Sha256(hasher.finalize().into()),
            Self::Beside { full, empty: _, thread } => {
                drop(full);
                thread.join().expect("hashing does not panic")
            }
        }
    }
}

impl Written {
    /// Creates a file with the buffer of a segment.
    pub fn create(path: PathBuf) -> Result<Self, HashsetError> {
        let hasher = Hasher::beside(&path)?;
        Self::with_buffer(path, SEGMENT_BUFFER_BYTES, hasher)
    }

    /// Creates a file that is not looked up in, of which several may be written at once.
    pub fn create_small(path: PathBuf) -> Result<Self, HashsetError> {
        Self::with_buffer(path, BUFFER_BYTES, Hasher::Here(sha2::Sha256::new()))
    }

    fn with_buffer(path: PathBuf, buffer_bytes: usize, hasher: Hasher) -> Result<Self, HashsetError> {
        let file = create(&path)?;
        let buffer = Vec::with_capacity(buffer_bytes);
        Ok(Self { file, path, buffer, buffer_bytes, flushed: 0, hasher })
    }

    /// Tells where the next byte goes.
    pub fn position(&self) -> u64 {
        self.flushed + self.buffer.len() as u64
    }

    pub fn write(&mut self, bytes: &[u8]) -> Result<(), HashsetError> {
        let room = self.buffer_bytes - self.buffer.len();
        let (now, later) = bytes.split_at(bytes.len().min(room));
        self.buffer.extend_from_slice(now);
        if !later.is_empty() {
            self.flush()?;
            return self.write(later);
        }
        Ok(())
    }

    /// Writes zeros up to the next multiple of [`ALIGNMENT`] and tells where that is.
    pub fn align(&mut self) -> Result<u64, HashsetError> {
        let missing = (ALIGNMENT - self.position() % ALIGNMENT) % ALIGNMENT;
        self.write(&[0; ALIGNMENT as usize][..missing as usize])?;
        Ok(self.position())
    }

    fn flush(&mut self) -> Result<(), HashsetError> {
        self.file.write_all(&self.buffer).map_err(io_at("write", &self.path))?;
        self.flushed += self.buffer.len() as u64;
        self.hasher.take(&mut self.buffer);
        Ok(())
    }

    /// Reads back bytes that have been written, wherever they are now.
    pub fn read_back(&mut self, offset: u64, out: &mut [u8]) -> Result<(), HashsetError> {
        if offset + out.len() as u64 > self.flushed {
            self.flush()?;
        }
        self.file.read_exact_at(out, offset).map_err(io_at("read", &self.path))
    }

    /// Makes the bytes durable and tells their SHA-256 and length. The file still has its temporary name.
    pub fn finish(mut self) -> Result<(PathBuf, Sha256, u64), HashsetError> {
        self.flush()?;
        self.file.sync_all().map_err(io_at("sync", &self.path))?;
        Ok((self.path, self.hasher.finish(), self.flushed))
    }
}

/// A column that grows beside the segment until its place in the segment is known: in memory while it is small, then in
/// a temporary file.
pub(crate) struct Spill {
    path: PathBuf,
    file: Option<File>,
    buffer: Vec<u8>,
    flushed: u64,
}

impl Spill {
    pub fn new(path: PathBuf) -> Self {
        Self { path, file: None, buffer: Vec::new(), flushed: 0 }
    }

    pub fn bytes(&self) -> u64 {
        self.flushed + self.buffer.len() as u64
    }

    pub fn write(&mut self, bytes: &[u8]) -> Result<(), HashsetError> {
        if self.buffer.len() + bytes.len() > BUFFER_BYTES {
            let mut file = match self.file.take() {
                Some(file) => file,
                None => create(&self.path)?,
            };
            file.write_all(&self.buffer).map_err(io_at("write", &self.path))?;
            self.file = Some(file);
            self.flushed += self.buffer.len() as u64;
            self.buffer.clear();
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    /// Appends the column to `out`.
    pub fn copy_to(self, out: &mut Written) -> Result<(), HashsetError> {
        if let Some(file) = &self.file {
            let mut part = vec![0; BUFFER_BYTES];
            let mut at = 0;
            while at < self.flushed {
                let length = (self.flushed - at).min(BUFFER_BYTES as u64) as usize;
                file.read_exact_at(&mut part[..length], at).map_err(io_at("read", &self.path))?;
                out.write(&part[..length])?;
                at += length as u64;
            }
        }
        out.write(&self.buffer)
    }
}

/// Reads a stretch of a file from front to back in records of one size.
pub(crate) struct Records<'a> {
    file: &'a File,
    path: &'a Path,
    next: u64,
    end: u64,
    buffer: Vec<u8>,
    at: usize,
    record_bytes: usize,
}

impl<'a> Records<'a> {
    pub fn new(
        file: &'a File,
        path: &'a Path,
        start: u64,
        bytes: u64,
        record_bytes: usize,
        buffer_bytes: usize,
    ) -> Self {
        let capacity = (buffer_bytes / record_bytes).max(1) * record_bytes;
        let buffer = Vec::with_capacity(capacity.min(usize::try_from(bytes).unwrap_or(usize::MAX)));
        Self { file, path, next: start, end: start + bytes, buffer, at: 0, record_bytes }
    }

    /// Leaves out this many records, or as many as there are.
    pub fn skip(&mut self, records: u64) {
        let bytes = records.saturating_mul(self.record_bytes as u64);
        let here = (self.buffer.len() - self.at) as u64;
        if bytes <= here {
            self.at += bytes as usize;
        } else {
            self.at = self.buffer.len();
            self.next = self.next.saturating_add(bytes - here).min(self.end);
        }
    }

    pub fn next(&mut self) -> Result<Option<&[u8]>, HashsetError> {
        if self.at == self.buffer.len() {
            if self.next == self.end {
                return Ok(None);
            }
            let length = (self.buffer.capacity() as u64).min(self.end - self.next) as usize;
            let length = length - length % self.record_bytes;
            if length == 0 {
                return Err(HashsetError::Damaged { path: self.path.to_owned(), what: "a record is cut off" });
            }
            self.buffer.resize(length, 0);
            self.file.read_exact_at(&mut self.buffer, self.next).map_err(io_at("read", self.path))?;
            self.next += length as u64;
            self.at = 0;
        }
        let record = &self.buffer[self.at..self.at + self.record_bytes];
        self.at += self.record_bytes;
        Ok(Some(record))
    }
}

/// Computes the SHA-256 of a whole file.
pub(crate) fn sha256_of(file: &File, path: &Path) -> Result<Sha256, HashsetError> {
    let mut hasher = sha2::Sha256::new();
    let mut part = vec![0; BUFFER_BYTES];
    let mut at = 0;
    loop {
        let got = file.read_at(&mut part, at).map_err(io_at("read", path))?;
        if got == 0 {
            return Ok(Sha256(hasher.finalize().into()));
        }
        hasher.update(&part[..got]);
        at += got as u64;
    }
}
