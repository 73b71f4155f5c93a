//! Bytes that can be read at any place: a file, a part of one, or a file in memory.

use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::sync::Arc;

use domain::{Refusal, RefusalCode};

use super::os::{self, State};
use super::refusal;

/// Bytes copied at once from one file in memory to another.
const COPY_BYTES: usize = 64 << 10;

/// Holds a range of an open file. Clones share the descriptor.
#[derive(Clone)]
pub(crate) struct Content {
    file: Arc<OwnedFd>,
    start: u64,
    len: u64,
    /// What the file was when it was first looked at; nothing for a file in memory, which cannot change.
    listed: Option<State>,
    /// Kept as long as anybody has the bytes; gives its share back when dropped.
    _share: Option<Arc<super::share::Share>>,
}

impl Content {
    /// Takes a file as it was listed, whole.
    pub(crate) fn of_file(file: Arc<OwnedFd>, listed: State) -> Self {
        Self { file, start: 0, len: listed.size_bytes, listed: Some(listed), _share: None }
    }

    /// Gives the same file with room for one byte more than was listed, so that a reader notices when it grows.
    pub(crate) fn with_room(&self) -> Self {
        Self { len: self.len.saturating_add(1), ..self.clone() }
    }

    /// Tells whether the file is still what was listed: its length and its time of writing.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        let Some(listed) = self.listed else { return Ok(()) };
        let now = os::facts_of(&self.file).map_err(|error| refusal::of_io(&error))?.state;
        if now == listed { Ok(()) } else { Err(refusal::changed("it changed while it was read, or after it")) }
    }

    pub(crate) fn with_share(self, share: Option<Arc<super::share::Share>>) -> Self {
        Self { _share: share, ..self }
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    pub(crate) fn file(&self) -> &OwnedFd {
        &self.file
    }

    /// Gives a part, if it lies inside.
    pub(crate) fn part(&self, start: u64, len: u64) -> Option<Self> {
        let end = start.checked_add(len)?;
        (end <= self.len).then(|| Self { start: self.start + start, len, ..self.clone() })
    }

    /// Reads at a place until the buffer is full or the content ends.
    pub(crate) fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let left = usize::try_from(self.len.saturating_sub(offset)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        let mut got = 0;
        while got < wanted {
            match os::read_at(&self.file, &mut buffer[got..wanted], self.start + offset + got as u64)? {
                0 => break,
                more => got += more,
            }
        }
        Ok(got)
    }

    pub(crate) fn reader(&self) -> ContentReader {
        ContentReader { content: self.clone(), at: 0 }
    }

    /// Copies the bytes into a sealed file in memory with that name.
    pub(crate) fn copy_to_memory(&self, name: &str) -> Result<OwnedFd, Refusal> {
        let file = os::memory_file(name).map_err(no_memory)?;
        let mut buffer = vec![0; COPY_BYTES];
        let mut at = 0;
        while at < self.len {
            let got = self.read_at(&mut buffer, at).map_err(|error| refusal::of_io(&error))?;
            if got == 0 {
                return Err(refusal::changed("it is shorter than it was when it was read"));
            }
            os::append(&file, &buffer[..got]).map_err(no_memory)?;
            at += got as u64;
        }
        self.check()?;
        os::seal(&file).map_err(no_memory)?;
        Ok(file)
    }
}

/// Reads a content from its start.
pub(crate) struct ContentReader {
    content: Content,
    at: u64,
}

impl Read for ContentReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.content.read_at(buffer, self.at)?;
        self.at += got as u64;
        Ok(got)
    }
}

/// Collects bytes in a file in memory.
pub(crate) struct MemoryWriter(OwnedFd);

impl MemoryWriter {
    pub(crate) fn new() -> Result<Self, Refusal> {
        os::memory_file("member").map(Self).map_err(no_memory)
    }

    pub(crate) fn append(&self, bytes: &[u8]) -> Result<(), Refusal> {
        os::append(&self.0, bytes).map_err(no_memory)
    }

    pub(crate) fn finish(self, len: u64) -> Result<Content, Refusal> {
        os::seal(&self.0).map_err(no_memory)?;
        Ok(Content { file: Arc::new(self.0), start: 0, len, listed: None, _share: None })
    }
}

fn no_memory(error: io::Error) -> Refusal {
    Refusal::new(RefusalCode::Unreadable, format!("there is no memory to unpack it ({})", error.kind()))
}
