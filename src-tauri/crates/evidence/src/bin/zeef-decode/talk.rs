//! This program's end of the socket, of the shared memory, and of the descriptors that come.

use std::fs::File;
use std::io::{IoSliceMut, Read};
use std::num::NonZeroUsize;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::fs::FileExt;
use std::ptr::NonNull;

use domain::Refusal;
use evidence::Colours;
use evidence::protocol::{FACTS_BYTES_MAX, Hello, Job, MESSAGE_BYTES_MAX, RENDER_PIXELS_MAX, SHARED_BYTES};
use nix::errno::Errno;
use nix::libc;
use nix::sys::mman::{MapFlags, ProtFlags, mmap};
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, send};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::over_limit;

/// Speaks with the parent over standard input.
pub struct Talk {
    socket: RawFd,
}

impl Talk {
    /// Takes standard input as the socket.
    pub fn on_standard_input() -> Self {
        Self { socket: libc::STDIN_FILENO }
    }

    /// Waits for the first message.
    pub fn hello(&self) -> Option<(Hello, OwnedFd)> {
        self.hear()
    }

    /// Waits for the next job; none when the parent has closed its end.
    pub fn job(&self) -> Option<(Job, OwnedFd)> {
        self.hear()
    }

    /// Sends a message; none when nobody listens.
    pub fn say(&self, message: &impl Serialize) -> Option<()> {
        let bytes = serde_json::to_vec(message).ok()?;
        loop {
            match send(self.socket, &bytes, MsgFlags::MSG_NOSIGNAL) {
                Err(Errno::EINTR) => {}
                sent => return sent.ok().map(drop),
            }
        }
    }

    /// Waits for a message with one descriptor.
    fn hear<M: DeserializeOwned>(&self) -> Option<(M, OwnedFd)> {
        let mut bytes = [0; MESSAGE_BYTES_MAX];
        let mut control = nix::cmsg_space!([RawFd; 1]);
        loop {
            let mut parts = [IoSliceMut::new(&mut bytes)];
            let received = recvmsg::<()>(self.socket, &mut parts, Some(&mut control), MsgFlags::MSG_CMSG_CLOEXEC);
            let (length, descriptor) = match received {
                Err(Errno::EINTR) => continue,
                Err(_) => return None,
                Ok(message) => (message.bytes, message.cmsgs().ok().and_then(|mut all| all.find_map(first_descriptor))),
            };
            let message = serde_json::from_slice(bytes.get(..length)?).ok()?;
            return Some((message, descriptor?));
        }
    }
}

fn first_descriptor(message: ControlMessageOwned) -> Option<OwnedFd> {
    match message {
        // SAFETY: the kernel has just put this descriptor here, and nothing else knows of it.
        ControlMessageOwned::ScmRights(list) => list.first().map(|&fd| unsafe { OwnedFd::from_raw_fd(fd) }),
        _ => None,
    }
}

/// Holds the memory in which facts, thumbnails and pixels leave.
pub struct Shared {
    start: NonNull<u8>,
    length: usize,
}

impl Shared {
    /// Maps the memory that the parent made, with room for so many rendered pixels.
    pub fn map(memory: &OwnedFd, render_pixels: u32) -> Option<Self> {
        let room = usize::try_from(render_pixels.min(RENDER_PIXELS_MAX)).ok()?.checked_mul(Colours::Rgb.bytes())?;
        let length = NonZeroUsize::new(SHARED_BYTES.checked_add(room)?)?;
        let access = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        // SAFETY: a new mapping at an address of the kernel's choice; its length is sealed, so it cannot shrink.
        let mapped = unsafe { mmap(None, length, access, MapFlags::MAP_SHARED, memory, 0) };
        mapped.ok().map(|start| Self { start: start.cast(), length: length.get() })
    }

    /// Leaves the JSON form of the facts; false when it is too long.
    pub fn put_facts(&mut self, json: &[u8]) -> bool {
        json.len() <= FACTS_BYTES_MAX && self.put(0, json)
    }

    /// Leaves the thumbnail; false when it is too long.
    pub fn put_thumbnail(&mut self, jpeg: &[u8]) -> bool {
        jpeg.len() <= SHARED_BYTES - FACTS_BYTES_MAX && self.put(FACTS_BYTES_MAX, jpeg)
    }

    /// Leaves rendered pixels; false when there is no room for them.
    pub fn put_pixels(&mut self, samples: &[u8]) -> bool {
        self.put(SHARED_BYTES, samples)
    }

    fn put(&mut self, at: usize, bytes: &[u8]) -> bool {
        if bytes.len() > self.length - at {
            return false;
        }
        // SAFETY: `at + bytes.len()` lies inside the mapping, which lives as long as the process, and no reference into
        // it is ever made.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.start.as_ptr().add(at), bytes.len()) };
        true
    }
}

/// Reads the content of a job into memory. A copy, because a mapped file could change between two looks at it.
pub fn read_content(content: &OwnedFd, size_bytes: u64) -> Result<Vec<u8>, Refusal> {
    let length = usize::try_from(size_bytes).map_err(over_limit)?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(length).map_err(|_| over_limit("the file does not fit into the decoder's memory"))?;
    let mut rest = At { file: content.as_raw_fd(), offset: 0 }.take(size_bytes);
    // What the disk cannot read now it may read another time; that says nothing of the picture.
    let unreadable = |error| Refusal::new(domain::RefusalCode::Unreadable, format!("reading failed: {error}"));
    rest.read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() != length {
        return Err(Refusal::new(domain::RefusalCode::Changed, "the file became shorter while it was read"));
    }
    Ok(bytes)
}

/// Reads a descriptor from a position of its own, because its own position is shared with whoever else has it.
struct At {
    file: RawFd,
    offset: u64,
}

impl Read for At {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        // SAFETY: the caller of `read_content` holds the descriptor open; it is not closed here.
        let file = std::mem::ManuallyDrop::new(unsafe { File::from_raw_fd(self.file) });
        let count = file.read_at(buffer, self.offset)?;
        self.offset += count as u64;
        Ok(count)
    }
}
