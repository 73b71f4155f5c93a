//! Reads one file, once: three digests, the type by content, and whether it stayed the same meanwhile.

use std::ffi::CString;
use std::fmt;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::{Digests, MediaClass, MediaType, Refusal, SourcePath};

use super::archive::{Archive, Budget, Member};
use super::content::{Content, MemoryWriter};
use super::folder::Folder;
use super::os::{self, State};
use super::{Found, Limits, refusal};
use crate::{Digester, kind};

/// Bytes read at once. A photo takes a few such steps, and the bytes of each are still in the second-level cache when
/// they are digested.
const BUFFER_BYTES: usize = 512 << 10;

/// Memory for reading, used again for file after file, and the wish to stop, which is asked for between two pieces.
pub struct ReadBuffer<'a> {
    bytes: Box<[u8]>,
    stop: Option<&'a AtomicBool>,
}

impl ReadBuffer<'_> {
    /// Makes one: half a mebibyte.
    pub fn new() -> Self {
        Self { bytes: vec![0; BUFFER_BYTES].into(), stop: None }
    }
}

impl<'a> ReadBuffer<'a> {
    /// Makes one whose reading ends early, with a refusal that says nothing about the file, once `stop` is true.
    pub fn stopped_by(stop: &'a AtomicBool) -> Self {
        Self { stop: Some(stop), ..ReadBuffer::new() }
    }

    fn is_stopped(&self) -> bool {
        self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
    }
}

impl Default for ReadBuffer<'_> {
    fn default() -> Self {
        Self::new()
    }
}

/// The way to the bytes of one file. Nothing is open for it alone, so any number of these can wait.
pub struct Readable {
    origin: Origin,
    path: SourcePath,
    lineage: Lineage,
}

/// Tells in how many archives something lies, and how much the outermost of them may still become.
#[derive(Clone, Default)]
pub(crate) struct Lineage {
    pub archives: u32,
    pub budget: Option<Arc<Budget>>,
}

enum Origin {
    File {
        folder: Arc<Folder>,
        name: CString,
        listed: State,
    },
    Member(Member),
    /// A member of a stream, which was read in passing.
    Passed(Passed),
}

impl fmt::Debug for Readable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Promise 13: no name of a case file where it could end in a log.
        let origin = match self.origin {
            Origin::File { .. } => "file",
            Origin::Member(_) => "member",
            Origin::Passed(_) => "member of a stream",
        };
        write!(f, "Readable({origin}, in {} archives)", self.lineage.archives)
    }
}

impl Readable {
    pub(crate) fn file(folder: Arc<Folder>, name: CString, listed: State, path: SourcePath) -> Self {
        Self { origin: Origin::File { folder, name, listed }, path, lineage: Lineage::default() }
    }

    pub(crate) fn member(member: Member, path: SourcePath, lineage: Lineage) -> Self {
        Self { origin: Origin::Member(member), path, lineage }
    }

    pub(crate) fn passed(passed: Passed, path: SourcePath, lineage: Lineage) -> Self {
        Self { origin: Origin::Passed(passed), path, lineage }
    }

    /// Reads the file in one pass. It is opened now, and refused if it is not what was listed any more.
    pub fn read(&self, limits: &Limits, buffer: &mut ReadBuffer<'_>) -> Result<Reading, Refusal> {
        let (digests, media, kept) = match &self.origin {
            Origin::File { folder, name, listed } => read_file(folder, name, *listed, buffer)?,
            Origin::Member(member) => {
                let passed = member.read(limits, self.lineage.budget.as_deref(), buffer)?;
                let kept = match (passed.kept, member.as_it_lies()) {
                    (Some(content), _) => Kept::Bytes(content),
                    (None, Some(content)) => Kept::Bytes(content.clone()),
                    (None, None) => Kept::Packed(member.clone()),
                };
                (passed.digests, passed.media, kept)
            }
            Origin::Passed(passed) => {
                let kept = passed.kept.clone().map_or(Kept::Gone, Kept::Bytes);
                (passed.digests, passed.media.clone(), kept)
            }
        };
        if digests.size_bytes == 0 {
            return Err(refusal::empty());
        }
        let extension_disagrees = kind::wrong_extension(&self.path.0, &media);
        Ok(Reading {
            digests,
            media,
            extension_disagrees,
            kept,
            path: self.path.clone(),
            lineage: self.lineage.clone(),
        })
    }

    /// Calls `sink` for each member of an archive, as [`Reading::members`] does, and reads no more of an archive in a
    /// folder than its members need. For whoever looks for one member and knows its digests: the archive's own are not
    /// taken.
    pub fn members(
        &self,
        limits: &Limits,
        buffer: &mut ReadBuffer<'_>,
        sink: &mut dyn FnMut(Found) -> ControlFlow<()>,
    ) -> Result<(), Refusal> {
        let Origin::File { folder, name, listed } = &self.origin else {
            return self.read(limits, buffer)?.members(limits, sink);
        };
        let content = open_listed(folder, name, *listed)?;
        let got = fill(&mut content.reader(), &mut buffer.bytes).map_err(|error| refusal::of_io(&error))?;
        let media = kind::media_type(&buffer.bytes[..got]);
        Archive::within(content, &self.path, &media, &self.lineage, limits)?.members(limits, sink)
    }
}

/// Puts bytes that come from no source, such as a thumbnail of the case, into a sealed file in memory for the decoder.
pub fn sealed(bytes: &[u8]) -> io::Result<OwnedFd> {
    let file = os::memory_file("thumbnail")?;
    os::append(&file, bytes)?;
    os::seal(&file)?;
    Ok(file)
}

/// Opens a file of a folder, if it still is what was listed.
fn open_listed(folder: &Arc<Folder>, name: &CString, listed: State) -> Result<Content, Refusal> {
    let failed = |error: io::Error| refusal::of_io(&error);
    let file = folder.descriptor().and_then(|folder| os::open_file_at(&folder, name)).map_err(failed)?;
    let opened = os::facts_of(&file).map_err(failed)?;
    if opened.node != os::Node::File {
        return Err(refusal::changed("it was a file when it was listed and is none any more"));
    }
    if opened.state != listed {
        return Err(refusal::changed("its length or its time of writing is not what it was when it was listed"));
    }
    Ok(Content::of_file(Arc::new(file), listed))
}

fn read_file(
    folder: &Arc<Folder>,
    name: &CString,
    listed: State,
    buffer: &mut ReadBuffer<'_>,
) -> Result<(Digests, MediaType, Kept), Refusal> {
    let content = open_listed(folder, name, listed)?;
    os::advise_one_pass(content.file());
    let mut pass = Pass::new(Keep::Nothing);
    // One byte more than listed can come, so that a file that grows is noticed and one without end is left.
    pass.run(&mut content.with_room().reader(), buffer, &mut |_, total| match total > listed.size_bytes {
        true => Err(refusal::changed("it grew while it was read")),
        false => Ok(()),
    })
    .map_err(|trouble| trouble.refusal(refusal::of_io))?;
    let passed = pass.finish()?;
    content.check()?;
    if passed.digests.size_bytes != listed.size_bytes {
        return Err(refusal::changed("it is shorter than the system says"));
    }
    Ok((passed.digests, passed.media, Kept::File(content)))
}

/// Tells what happens to the bytes of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    Nothing,
    /// Nothing, but the CRC-32 is wanted.
    Checksum,
    /// Pictures and archives are kept in memory up to that length: somebody will want to look into them.
    WhatOpens(u64),
}

/// One pass over bytes.
pub(crate) struct Pass {
    digester: Digester,
    crc: crc32fast::Hasher,
    media: Option<MediaType>,
    keep: Keep,
    kept: Option<MemoryWriter>,
}

/// Holds what a pass found out.
#[derive(Clone)]
pub(crate) struct Passed {
    pub digests: Digests,
    pub media: MediaType,
    pub crc: u32,
    pub kept: Option<Content>,
}

/// Says what ended a pass early.
pub(crate) enum Trouble {
    /// Reading failed.
    Io(io::Error),
    /// A limit was met, or memory ran out.
    Refused(Refusal),
}

impl Trouble {
    pub(crate) fn refusal(self, of_io: fn(&io::Error) -> Refusal) -> Refusal {
        match self {
            Self::Io(error) => of_io(&error),
            Self::Refused(refusal) => refusal,
        }
    }
}

impl Pass {
    pub(crate) fn new(keep: Keep) -> Self {
        Self { digester: Digester::new(), crc: crc32fast::Hasher::new(), media: None, keep, kept: None }
    }

    /// Reads to the end. `check` is given the length of each piece and of all so far, and may stop the pass.
    pub(crate) fn run(
        &mut self,
        reader: &mut dyn Read,
        buffer: &mut ReadBuffer<'_>,
        check: &mut dyn FnMut(u64, u64) -> Result<(), Refusal>,
    ) -> Result<(), Trouble> {
        loop {
            if buffer.is_stopped() {
                return Err(Trouble::Refused(refusal::changed("reading was stopped by a person")));
            }
            let got = fill(reader, &mut buffer.bytes).map_err(Trouble::Io)?;
            let piece = &buffer.bytes[..got];
            check(got as u64, self.digester.size_bytes() + got as u64).map_err(Trouble::Refused)?;
            self.take(piece).map_err(Trouble::Refused)?;
            if got < buffer.bytes.len() {
                return Ok(());
            }
        }
    }

    fn take(&mut self, piece: &[u8]) -> Result<(), Refusal> {
        if self.media.is_none() {
            let media = kind::media_type(piece);
            let opens = matches!(media.class, MediaClass::Picture | MediaClass::Archive);
            if opens && matches!(self.keep, Keep::WhatOpens(_)) {
                self.kept = Some(MemoryWriter::new()?);
            }
            self.media = Some(media);
        }
        if self.keep != Keep::Nothing {
            self.crc.update(piece);
        }
        if let (Some(kept), Keep::WhatOpens(most)) = (&self.kept, self.keep) {
            if self.digester.size_bytes() + piece.len() as u64 > most {
                self.kept = None;
            } else {
                kept.append(piece)?;
            }
        }
        self.digester.update(piece);
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<Passed, Refusal> {
        let size_bytes = self.digester.size_bytes();
        let kept = self.kept.map(|kept| kept.finish(size_bytes)).transpose()?;
        let media = self.media.unwrap_or_else(|| kind::media_type(b""));
        Ok(Passed { digests: self.digester.finish(), media, crc: self.crc.finalize(), kept })
    }
}

/// Fills the buffer, unless the bytes end before.
pub(crate) fn fill(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while got < buffer.len() {
        match reader.read(&mut buffer[got..]) {
            Ok(0) => break,
            Ok(more) => got += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}

/// What reading a file told.
pub struct Reading {
    /// MD5, SHA-1, SHA-256 and length.
    pub digests: Digests,
    /// Type that the bytes tell.
    pub media: MediaType,
    /// Extension of the name, in lower case, where it stands for another type.
    pub extension_disagrees: Option<String>,
    kept: Kept,
    path: SourcePath,
    lineage: Lineage,
}

enum Kept {
    /// A file of a folder, still open.
    File(Content),
    /// Bytes in memory, or a part of an archive that is not packed.
    Bytes(Content),
    /// Can be unpacked again.
    Packed(Member),
    /// Was a part of a stream and is not held.
    Gone,
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reading({}, {})", self.digests.sha256, self.media.mime)
    }
}

impl Reading {
    /// Gives a descriptor of the content for the decoder, at its start: the file itself, or a sealed file in memory that
    /// has the SHA-256 as its name.
    pub fn descriptor(&self) -> Result<OwnedFd, Refusal> {
        let failed = |error: io::Error| refusal::of_io(&error);
        let name = self.digests.sha256.to_string();
        match &self.kept {
            Kept::File(content) => {
                self.unchanged()?;
                os::rewind(content.file()).map_err(failed)?;
                content.file().try_clone().map_err(failed)
            }
            Kept::Bytes(content) => content.copy_to_memory(&name),
            Kept::Packed(member) => member.unpack_again(&self.digests)?.copy_to_memory(&name),
            Kept::Gone => Err(refusal::archive("it is packed in a stream and too long to be held in memory")),
        }
    }

    /// Tells whether the file that was read, or the archive that it lies in, is still what it was.
    ///
    /// To be asked after the decoder had the descriptor, because that shows a file of a folder as it is then.
    pub fn unchanged(&self) -> Result<(), Refusal> {
        match &self.kept {
            Kept::File(content) | Kept::Bytes(content) => content.check(),
            Kept::Packed(member) => member.packed.check(),
            Kept::Gone => Ok(()),
        }
    }

    /// Calls `sink` for each member of an archive, in the archive's order; their paths are this path, `!/` and the name.
    ///
    /// Damaged, encrypted and oversized members come as refused. Fails after what could be read when the archive itself
    /// is damaged, over a limit, too deep in others, or of a kind that is not opened. Stops when `sink` breaks.
    pub fn members(&self, limits: &Limits, sink: &mut dyn FnMut(Found) -> ControlFlow<()>) -> Result<(), Refusal> {
        let content = match &self.kept {
            Kept::File(content) | Kept::Bytes(content) => content.clone(),
            Kept::Packed(_) | Kept::Gone => {
                return Err(refusal::archive(format!(
                    "it is an archive inside another and longer than {} MiB, which is not unpacked",
                    limits.memory_member_bytes >> 20
                )));
            }
        };
        self.unchanged()?;
        Archive::within(content, &self.path, &self.media, &self.lineage, limits)?.members(limits, sink)
    }
}
