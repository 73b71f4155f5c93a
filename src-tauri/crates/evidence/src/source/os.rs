//! What reading a source asks of the operating system: opening without following links or leaving marks, listing,
//! facts about a file, files in memory. Linux; every other system has to answer these functions in its own way.

use std::ffi::CStr;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use domain::UtcTime;
use rustix::fs::{AtFlags, FileType, MemfdFlags, Mode, OFlags, RawDir, SealFlags, Statx, StatxFlags, StatxTimestamp};
use rustix::io::Errno;

use super::FileTimes;

/// Bytes of names that one call to the system lists.
const LISTING_BYTES: usize = 64 << 10;

/// Tells what a name in a folder stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Node {
    File,
    Folder,
    Link,
    /// A device, socket or pipe, and what to call it.
    Special(&'static str),
}

impl Node {
    fn of(kind: FileType) -> Option<Self> {
        Some(match kind {
            FileType::RegularFile => Self::File,
            FileType::Directory => Self::Folder,
            FileType::Symlink => Self::Link,
            FileType::Fifo => Self::Special("a pipe"),
            FileType::Socket => Self::Special("a socket"),
            FileType::CharacterDevice | FileType::BlockDevice => Self::Special("a device"),
            _ => return None,
        })
    }
}

/// Holds what the system tells about a file.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub node: Node,
    pub state: State,
    pub times: FileTimes,
    /// File system and number in it, which together name a folder as long as it is open.
    pub identity: (u64, u64),
}

/// Holds what differs when a file was changed. The number of the file is no part of it: file systems that live in a
/// program (forensic mounts do) may give another one each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct State {
    pub size_bytes: u64,
    modified: (i64, u32),
}

impl Facts {
    fn of(stat: &Statx) -> Self {
        let node =
            Node::of(FileType::from_raw_mode(stat.stx_mode.into())).unwrap_or(Node::Special("something unknown"));
        let has = |flag: StatxFlags| stat.stx_mask & flag.bits() != 0;
        let times = FileTimes {
            modified: has(StatxFlags::MTIME).then(|| moment(&stat.stx_mtime)),
            created: has(StatxFlags::BTIME).then(|| moment(&stat.stx_btime)),
            accessed: has(StatxFlags::ATIME).then(|| moment(&stat.stx_atime)),
            raw: None,
        };
        let device = u64::from(stat.stx_dev_major) << 32 | u64::from(stat.stx_dev_minor);
        let modified = (stat.stx_mtime.tv_sec, stat.stx_mtime.tv_nsec);
        Self { node, state: State { size_bytes: stat.stx_size, modified }, times, identity: (device, stat.stx_ino) }
    }
}

fn moment(stamp: &StatxTimestamp) -> UtcTime {
    UtcTime(stamp.tv_sec.saturating_mul(1_000_000).saturating_add(i64::from(stamp.tv_nsec / 1000)))
}

fn facts(folder: BorrowedFd<'_>, name: &CStr, flags: AtFlags) -> io::Result<Facts> {
    let wanted = StatxFlags::BASIC_STATS | StatxFlags::BTIME;
    let stat = retry(|| rustix::fs::statx(folder, name, flags | AtFlags::NO_AUTOMOUNT, wanted))?;
    Ok(Facts::of(&stat))
}

/// Tells about a name in a folder, about the link itself if it is one.
pub(crate) fn facts_at(folder: &OwnedFd, name: &CStr) -> io::Result<Facts> {
    facts(folder.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW)
}

/// Tells about an open file.
pub(crate) fn facts_of(file: &OwnedFd) -> io::Result<Facts> {
    facts(file.as_fd(), c"", AtFlags::EMPTY_PATH)
}

/// Opens a file in a folder for reading. A link is an error; a pipe or a device without a partner does not block.
pub(crate) fn open_file_at(folder: &OwnedFd, name: &CStr) -> io::Result<OwnedFd> {
    open(folder.as_fd(), name, OFlags::NONBLOCK | OFlags::NOCTTY)
}

/// Opens a folder in a folder for listing. A link is an error.
pub(crate) fn open_folder_at(folder: &OwnedFd, name: &CStr) -> io::Result<OwnedFd> {
    open(folder.as_fd(), name, OFlags::DIRECTORY)
}

/// Opens the path that a person named; its last part may not be a link any more.
pub(crate) fn open_path(path: &CStr) -> io::Result<OwnedFd> {
    open(rustix::fs::CWD, path, OFlags::NONBLOCK | OFlags::NOCTTY)
}

fn open(folder: BorrowedFd<'_>, name: &CStr, more: OFlags) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | more;
    // Only the owner of a file, or root, may keep its time of access as it is.
    match retry(|| rustix::fs::openat(folder, name, flags | OFlags::NOATIME, Mode::empty())) {
        Err(Errno::PERM) => {}
        other => return Ok(other?),
    }
    Ok(retry(|| rustix::fs::openat(folder, name, flags, Mode::empty()))?)
}

/// Calls `each` with every name in a folder but `.` and `..`, and with what it stands for where the folder tells.
pub(crate) fn list(folder: &OwnedFd, each: &mut dyn FnMut(&CStr, Option<Node>)) -> io::Result<()> {
    let mut buffer = vec![MaybeUninit::uninit(); LISTING_BYTES];
    let mut entries = RawDir::new(folder, &mut buffer);
    while let Some(entry) = entries.next() {
        let entry = match entry {
            Err(Errno::INTR) => continue,
            other => other?,
        };
        if entry.file_name() != c"." && entry.file_name() != c".." {
            each(entry.file_name(), Node::of(entry.file_type()));
        }
    }
    Ok(())
}

/// Tells the system that a file is read once, from start to end.
pub(crate) fn advise_one_pass(file: &OwnedFd) {
    // Advice only: where it is not taken, reading is slower and as right.
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::Sequential);
}

/// Reads at a place without moving the descriptor's own.
pub(crate) fn read_at(file: &OwnedFd, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    Ok(retry(|| rustix::io::pread(file, &mut *buffer, offset))?)
}

/// Makes a file that exists in memory alone.
pub(crate) fn memory_file(name: &str) -> io::Result<OwnedFd> {
    Ok(rustix::fs::memfd_create(name, MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?)
}

/// Appends to a file in memory.
pub(crate) fn append(file: &OwnedFd, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = retry(|| rustix::io::write(file, bytes))?;
        bytes = &bytes[written..];
    }
    Ok(())
}

/// Makes a file in memory unchangeable and its place the start.
pub(crate) fn seal(file: &OwnedFd) -> io::Result<()> {
    rustix::fs::fcntl_add_seals(file, SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL)?;
    rewind(file)
}

/// Moves a descriptor's place to the start.
pub(crate) fn rewind(file: &OwnedFd) -> io::Result<()> {
    rustix::fs::seek(file, rustix::fs::SeekFrom::Start(0))?;
    Ok(())
}

fn retry<T>(mut call: impl FnMut() -> rustix::io::Result<T>) -> rustix::io::Result<T> {
    loop {
        match call() {
            Err(Errno::INTR) => {}
            other => return other,
        }
    }
}
