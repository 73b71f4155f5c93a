//! What archives have in common: their forms, their members, and the limits that bombs meet.

use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::{Digests, MediaClass, MediaType, Refusal, SourcePath, UtcTime};

use super::content::Content;
use super::read::{Keep, Lineage, Pass, Passed, ReadBuffer, fill};
use super::unpack::Packing;
use super::{FileTimes, Found, FoundContent, Limits, Readable, refusal, tar, zip};
use crate::kind;

/// Bytes at the start that tell what an archive is.
const HEAD_BYTES: usize = 4096;

/// Longest name in the head of a gzip file that is looked for.
const GZIP_NAME_BYTES_MAX: usize = 1024;

/// Names the forms of archive that are opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Zip,
    /// Tar, packed as a whole.
    Tar(Packing),
    /// One file, packed.
    Single(Packing),
}

impl Form {
    /// Tells by the bytes which form a content has, if any.
    pub(crate) fn of(content: &Content) -> io::Result<Option<Self>> {
        let mut head = [0; HEAD_BYTES];
        let got = content.read_at(&mut head, 0)?;
        let head = &head[..got];
        if kind::is_zip(head) {
            return Ok(Some(Self::Zip));
        }
        if tar::is_head(head) {
            return Ok(Some(Self::Tar(Packing::Stored)));
        }
        let packing = match kind::media_type(head).mime.as_str() {
            "application/gzip" => Packing::Gzip,
            "application/x-bzip2" => Packing::Bzip2,
            "application/x-xz" => Packing::Xz,
            "application/zstd" => Packing::Zstd,
            _ => return Ok(None),
        };
        let mut block = [0; tar::BLOCK_BYTES];
        // What cannot be unpacked is said when it is read as a member, not here.
        let got = packing.open(content, None).and_then(|mut reader| fill(&mut reader, &mut block)).unwrap_or(0);
        Ok(Some(if tar::is_head(&block[..got]) { Self::Tar(packing) } else { Self::Single(packing) }))
    }
}

/// Counts what everything inside one outermost archive has become, so that many small bombs do not pass as one would not.
pub(crate) struct Budget {
    unpacked: AtomicU64,
    most: u64,
}

impl Budget {
    fn new(packed_bytes: u64, limits: &Limits) -> Arc<Self> {
        let most = packed_bytes.saturating_mul(limits.archive_ratio).max(limits.archive_ratio_free_bytes);
        Arc::new(Self { unpacked: AtomicU64::new(0), most })
    }

    /// Counts bytes in, or says that they are too many.
    pub(crate) fn spend(&self, bytes: u64, limits: &Limits) -> Result<(), Refusal> {
        let before = self.unpacked.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) <= self.most {
            return Ok(());
        }
        Err(refusal::archive(format!(
            "everything in the outermost archive unpacks to more than {} times its length, as in a bomb",
            limits.archive_ratio
        )))
    }
}

/// Checks the length and ratio of what one packed part has become.
pub(crate) fn check_growth(packed_bytes: u64, unpacked_bytes: u64, limits: &Limits) -> Result<(), Refusal> {
    if unpacked_bytes > limits.archive_ratio_free_bytes
        && unpacked_bytes > packed_bytes.saturating_mul(limits.archive_ratio)
    {
        let why = format!("it unpacks to more than {} times its packed length, as in a bomb", limits.archive_ratio);
        return Err(refusal::archive(why));
    }
    if unpacked_bytes > limits.member_bytes {
        return Err(refusal::archive(format!("it is longer than {} MiB", limits.member_bytes >> 20)));
    }
    Ok(())
}

/// The way to the bytes of a member that can be read at any time.
#[derive(Clone)]
pub(crate) struct Member {
    pub packed: Content,
    pub packing: Packing,
    /// Length that the archive states.
    pub size_bytes: Option<u64>,
    /// CRC-32 that the archive states.
    pub crc: Option<u32>,
    /// Pieces of a sparse file: where they lie in it, and their lengths.
    pub pieces: Option<Arc<[(u64, u64)]>>,
}

impl Member {
    /// Gives the bytes where they lie in the archive as they are.
    pub(crate) fn as_it_lies(&self) -> Option<&Content> {
        (self.packing == Packing::Stored && self.pieces.is_none()).then_some(&self.packed)
    }

    fn open(&self) -> Result<Box<dyn Read + Send>, Refusal> {
        let failed = |error: io::Error| refusal::of_unpacking(&error);
        let reader = self.packing.open(&self.packed, self.size_bytes).map_err(failed)?;
        Ok(match (&self.pieces, self.size_bytes) {
            (Some(pieces), Some(size_bytes)) => {
                Box::new(tar::SparseReader::new(reader, Arc::clone(pieces), size_bytes))
            }
            _ => reader,
        })
    }

    /// Reads the member in one pass and holds it against what the archive states.
    pub(crate) fn read(
        &self,
        limits: &Limits,
        budget: Option<&Budget>,
        buffer: &mut ReadBuffer<'_>,
    ) -> Result<Passed, Refusal> {
        let keep = match self.as_it_lies() {
            Some(_) => Keep::Checksum,
            None => Keep::WhatOpens(limits.memory_member_bytes),
        };
        let mut pass = Pass::new(keep);
        let ended = pass.run(&mut self.open()?, buffer, &mut |piece, total| {
            check_growth(self.packed.len(), total, limits)?;
            if self.size_bytes.is_some_and(|stated| total > stated) {
                return Err(refusal::archive("it is longer than the archive states"));
            }
            budget.map_or(Ok(()), |budget| budget.spend(piece, limits))
        });
        ended.map_err(|trouble| trouble.refusal(refusal::of_unpacking))?;
        let passed = pass.finish()?;
        self.packed.check()?;
        if self.size_bytes.is_some_and(|stated| passed.digests.size_bytes < stated) {
            return Err(refusal::archive("it is shorter than the archive states"));
        }
        if self.crc.is_some_and(|stated| passed.crc != stated) {
            return Err(refusal::archive("its checksum is not what the archive states: it is damaged"));
        }
        Ok(passed)
    }

    /// Unpacks a member that was read before and not kept.
    pub(crate) fn unpack_again(&self, digests: &Digests) -> Result<Content, Refusal> {
        let kept = super::content::MemoryWriter::new()?;
        let mut reader = self.open()?.take(digests.size_bytes.saturating_add(1));
        let mut digester = crate::Digester::new();
        let mut buffer = vec![0; 64 << 10];
        loop {
            let got = fill(&mut reader, &mut buffer).map_err(|error| refusal::of_unpacking(&error))?;
            if got == 0 {
                break;
            }
            digester.update(&buffer[..got]);
            kept.append(&buffer[..got])?;
        }
        if digester.finish() != *digests {
            return Err(refusal::changed("the archive changed after it was read"));
        }
        kept.finish(digests.size_bytes)
    }
}

/// An archive that is about to be listed.
pub(crate) struct Archive {
    pub content: Content,
    /// What stands before the names of members.
    prefix: Vec<u8>,
    /// Lineage of the members.
    lineage: Lineage,
}

impl Archive {
    /// Makes a source of an archive: names stand alone.
    pub(crate) fn source(content: Content, limits: &Limits) -> Self {
        let budget = Some(Budget::new(content.len(), limits));
        Self { content, prefix: Vec::new(), lineage: Lineage { archives: 1, budget } }
    }

    /// Opens an archive that was found in a source.
    pub(crate) fn within(
        content: Content,
        path: &SourcePath,
        media: &MediaType,
        lineage: &Lineage,
        limits: &Limits,
    ) -> Result<Self, Refusal> {
        if media.class != MediaClass::Archive {
            return Err(refusal::archive("it is no archive"));
        }
        if lineage.archives >= limits.archive_depth {
            let why = format!("it lies in {} archives already, and deeper ones are not opened", lineage.archives);
            return Err(refusal::archive(why));
        }
        let budget = lineage.budget.clone().or_else(|| Some(Budget::new(content.len(), limits)));
        let lineage = Lineage { archives: lineage.archives + 1, budget };
        Ok(Self { content, prefix: [&path.0[..], b"!/"].concat(), lineage })
    }

    /// Lists the members.
    pub(crate) fn members(
        &self,
        limits: &Limits,
        sink: &mut dyn FnMut(Found) -> ControlFlow<()>,
    ) -> Result<(), Refusal> {
        let form = Form::of(&self.content).map_err(|error| refusal::of_io(&error))?;
        let listed = match form {
            Some(Form::Zip) => zip::members(self, limits, sink),
            Some(Form::Tar(packing)) => tar::members(self, packing, limits, sink),
            Some(Form::Single(packing)) => {
                let _ = sink(self.single(packing));
                Ok(())
            }
            None => Err(refusal::archive("archives of this kind are not opened; unpack it and add the folder")),
        };
        // A change explains whatever else went wrong.
        self.content.check()?;
        listed
    }

    pub(crate) fn lineage(&self) -> &Lineage {
        &self.lineage
    }

    fn path(&self, name: &[u8]) -> SourcePath {
        SourcePath([&self.prefix[..], name].concat())
    }

    /// Makes a find of a member that can be read at any time.
    pub(crate) fn found(&self, name: &[u8], times: FileTimes, member: Member) -> Found {
        let path = self.path(name);
        let size_bytes = member.size_bytes;
        let readable = Readable::member(member, path.clone(), self.lineage.clone());
        Found { path, size_bytes, times, content: FoundContent::Readable(readable) }
    }

    /// Makes a find of a member that was read in passing.
    pub(crate) fn found_passed(&self, name: &[u8], times: FileTimes, passed: Passed) -> Found {
        let path = self.path(name);
        let size_bytes = Some(passed.digests.size_bytes);
        let readable = Readable::passed(passed, path.clone(), self.lineage.clone());
        Found { path, size_bytes, times, content: FoundContent::Readable(readable) }
    }

    /// Makes a find of a member that cannot be read.
    pub(crate) fn refused(&self, name: &[u8], size_bytes: Option<u64>, times: FileTimes, why: Refusal) -> Found {
        Found { path: self.path(name), size_bytes, times, content: FoundContent::Refused(why) }
    }

    /// Makes the one member of a packed file; it has the name in its head, or the archive's without the extension.
    fn single(&self, packing: Packing) -> Found {
        let mut times = FileTimes::default();
        let mut name = Vec::new();
        if packing == Packing::Gzip {
            let mut head = vec![0; 10 + GZIP_NAME_BYTES_MAX];
            let got = self.content.read_at(&mut head, 0).unwrap_or(0);
            (name, times.modified) = gzip_head(&head[..got]);
        }
        if name.is_empty() {
            let own = self.prefix.strip_suffix(b"!/").unwrap_or(b"content");
            let own = own.rsplit(|byte| *byte == b'/').next().unwrap_or(own);
            let dot = own.iter().rposition(|byte| *byte == b'.').filter(|at| *at > 0);
            name = own[..dot.unwrap_or(own.len())].to_vec();
        }
        let packed = self.content.clone();
        self.found(&name, times, Member { packed, packing, size_bytes: None, crc: None, pieces: None })
    }
}

/// Reads name and time from the head of a gzip file (RFC 1952, 2.3). A time of 0 means that there is none.
fn gzip_head(head: &[u8]) -> (Vec<u8>, Option<UtcTime>) {
    const EXTRA: u8 = 4;
    const NAME: u8 = 8;
    let Some((fixed, mut rest)) = head.split_first_chunk::<10>() else {
        return (Vec::new(), None);
    };
    let seconds = u32::from_le_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]);
    let time = (seconds != 0).then(|| UtcTime(i64::from(seconds) * 1_000_000));
    if fixed[3] & EXTRA != 0 {
        let Some((length, after)) = rest.split_first_chunk::<2>() else {
            return (Vec::new(), time);
        };
        rest = after.get(usize::from(u16::from_le_bytes(*length))..).unwrap_or_default();
    }
    let end = rest.iter().position(|byte| *byte == 0).filter(|_| fixed[3] & NAME != 0);
    (rest[..end.unwrap_or(0)].to_vec(), time)
}
