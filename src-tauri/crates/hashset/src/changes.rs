//! What each update did to a set, so that open cases are matched against the change and not against the whole set.
//!
//! One file for each step from a version to the next that was installed, immutable and named by its SHA-256:
//!
//! ```text
//! head     64 bytes: magic, format, version before, version after, zeros
//! changes  by entry id: length of the rest (u32), entry id (u64), what is there (u8: 1 the row before, 2 the row after),
//!          the rows, the reason (u16 length and UTF-8)
//! ```
//!
//! A row: what is there (u16), the flags (u16, two bits each: 0 absent, 1 false, 2 true), the verdict (u8), the standing
//! (u8, 0 none), then what is there of MD5, SHA-1, SHA-256, size (u64), PDQ, PhotoDNA and category (u16 length and UTF-8),
//! and the series (u16 length and UTF-8). Numbers are little-endian.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use domain::release::EntryChange;
use domain::{
    CategoryCode, Entry, EntryDigests, EntryId, Md5, Pdq, PhotoDna, SetVersion, Sha1, Sha256, Standing, Verdict,
};

use crate::disk::{self, Written};
use crate::error::{HashsetError, io_at};
use crate::layout::{pack_flags, u32_at, unpack_flags};
use crate::store::{Finished, Store, StoredChanges, changes_name};

/// Logs that are kept of one set: who was away for longer is matched against the whole set again.
pub(crate) const LOGS_MAX: usize = 60;
const MAGIC: [u8; 8] = *b"ZEEFHCHG";
const FORMAT: u32 = 1;
const HEAD_BYTES: usize = 64;
/// Longest change: two rows with the longest texts, and the longest reason, have less than half of this.
const CHANGE_BYTES_MAX: usize = 64 << 10;
/// Longest reason; a longer one is cut.
const REASON_BYTES_MAX: usize = 4096;
const BEFORE: u8 = 1;
const AFTER: u8 = 2;

/// A log that is being written.
pub(crate) struct ChangesWriter {
    out: Written,
    from: SetVersion,
    to: SetVersion,
    buffer: Vec<u8>,
}

impl ChangesWriter {
    pub fn create(store: &Store, from: SetVersion, to: SetVersion) -> Result<Self, HashsetError> {
        let mut out = Written::create_small(store.temporary(&format!("log-{to}")))?;
        let mut head = [0; HEAD_BYTES];
        head[..8].copy_from_slice(&MAGIC);
        head[8..12].copy_from_slice(&FORMAT.to_le_bytes());
        head[12..16].copy_from_slice(&from.0.to_le_bytes());
        head[16..20].copy_from_slice(&to.0.to_le_bytes());
        out.write(&head)?;
        Ok(Self { out, from, to, buffer: Vec::new() })
    }

    /// Adds a change. Changes come by ascending entry id.
    pub fn push(
        &mut self,
        id: EntryId,
        before: Option<&Entry>,
        after: Option<&Entry>,
        reason: &str,
    ) -> Result<(), HashsetError> {
        self.buffer.clear();
        self.buffer.extend_from_slice(&[0; 4]);
        self.buffer.extend_from_slice(&id.0.to_le_bytes());
        let there = if before.is_some() { BEFORE } else { 0 } | if after.is_some() { AFTER } else { 0 };
        self.buffer.push(there);
        [before, after].into_iter().flatten().for_each(|entry| write_row(entry, &mut self.buffer));
        write_text(&reason[..reason.floor_char_boundary(REASON_BYTES_MAX)], &mut self.buffer);
        let length = (self.buffer.len() - 4) as u32;
        self.buffer[..4].copy_from_slice(&length.to_le_bytes());
        self.out.write(&self.buffer)
    }

    pub fn finish(self) -> Result<(StoredChanges, Finished), HashsetError> {
        let (temporary, file, bytes) = self.out.finish()?;
        let stored = StoredChanges { from: self.from, to: self.to, file, bytes };
        Ok((stored, Finished { temporary, name: changes_name(&file) }))
    }
}

/// The changes of some updates: by version, then by entry id.
pub struct Changes {
    logs: VecDeque<(File, PathBuf, StoredChanges)>,
    current: Option<Log>,
}

struct Log {
    file: BufReader<File>,
    path: PathBuf,
    version: SetVersion,
    buffer: Vec<u8>,
}

impl Changes {
    /// Opens all logs, so that none of them can be removed while they are read. `None` when one is no longer there.
    pub(crate) fn open(dir: &Path, stored: &[StoredChanges]) -> Result<Option<Self>, HashsetError> {
        let mut logs = VecDeque::new();
        for log in stored {
            let path = dir.join(changes_name(&log.file));
            match disk::open(&path) {
                Ok(file) => logs.push_back((file, path, log.clone())),
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(io_at("open", &path)(error)),
            }
        }
        Ok(Some(Self { logs, current: None }))
    }

    fn read_next(&mut self) -> Result<Option<EntryChange>, HashsetError> {
        loop {
            if let Some(log) = &mut self.current {
                if let Some(change) = log.next()? {
                    return Ok(Some(change));
                }
                self.current = None;
            }
            let Some((file, path, stored)) = self.logs.pop_front() else { return Ok(None) };
            self.current = Some(Log::open(file, path, &stored)?);
        }
    }
}

impl Iterator for Changes {
    type Item = Result<EntryChange, HashsetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.read_next();
        if next.is_err() {
            self.logs.clear();
            self.current = None;
        }
        next.transpose()
    }
}

impl Log {
    fn open(file: File, path: PathBuf, stored: &StoredChanges) -> Result<Self, HashsetError> {
        let damaged = |what| HashsetError::Damaged { path: path.clone(), what };
        if file.metadata().map_err(io_at("read", &path))?.len() != stored.bytes {
            return Err(damaged("it has another length than the manifest says"));
        }
        if disk::sha256_of(&file, &path)? != stored.file {
            return Err(damaged("its SHA-256 is not the one in its name"));
        }
        let mut file = BufReader::new(file);
        let mut head = [0; HEAD_BYTES];
        file.seek(SeekFrom::Start(0)).and_then(|_| file.read_exact(&mut head)).map_err(io_at("read", &path))?;
        if head[..8] != MAGIC || u32_at(&head, 8) != Some(FORMAT) || u32_at(&head, 16) != Some(stored.to.0) {
            return Err(damaged("it does not begin as a log of changes does"));
        }
        Ok(Self { file, path, version: stored.to, buffer: Vec::new() })
    }

    fn next(&mut self) -> Result<Option<EntryChange>, HashsetError> {
        let mut length = [0; 4];
        match self.file.read_exact(&mut length) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(io_at("read", &self.path)(error)),
        }
        let damaged = || HashsetError::Damaged { path: self.path.clone(), what: "a change cannot be read" };
        let length = u32::from_le_bytes(length) as usize;
        if length > CHANGE_BYTES_MAX {
            return Err(damaged());
        }
        self.buffer.resize(length, 0);
        self.file.read_exact(&mut self.buffer).map_err(io_at("read", &self.path))?;
        read_change(&self.buffer, self.version).map(Some).ok_or_else(damaged)
    }
}

fn read_change(mut bytes: &[u8], version: SetVersion) -> Option<EntryChange> {
    let bytes = &mut bytes;
    let id = EntryId(u64::from_le_bytes(take(bytes)?));
    let [there] = take(bytes)?;
    let before = if there & BEFORE != 0 { Some(read_row(bytes, id)?) } else { None };
    let after = if there & AFTER != 0 { Some(read_row(bytes, id)?) } else { None };
    let reason = read_text(bytes)?;
    bytes.is_empty().then_some(EntryChange { version, id, before, after, reason })
}

const HAS_MD5: u16 = 1;
const HAS_SHA1: u16 = 1 << 1;
const HAS_SHA256: u16 = 1 << 2;
const HAS_SIZE: u16 = 1 << 3;
const HAS_PDQ: u16 = 1 << 4;
const HAS_PHOTODNA: u16 = 1 << 5;
const MEMBER: u8 = 0;
const UNCLASSIFIED: u8 = 1;
const CATEGORY: u8 = 2;
const STANDINGS: [Option<Standing>; 4] =
    [None, Some(Standing::OneOpinion), Some(Standing::Confirmed), Some(Standing::Disputed)];

fn write_row(entry: &Entry, out: &mut Vec<u8>) {
    let Entry { id: _, digests, size_bytes, verdict, flags, series, pdq, photodna, standing } = entry;
    let there = [
        (digests.md5.is_some(), HAS_MD5),
        (digests.sha1.is_some(), HAS_SHA1),
        (digests.sha256.is_some(), HAS_SHA256),
        (size_bytes.is_some(), HAS_SIZE),
        (pdq.is_some(), HAS_PDQ),
        (photodna.is_some(), HAS_PHOTODNA),
    ];
    let mask = there.iter().filter(|(is_there, _)| *is_there).fold(0_u16, |mask, (_, bit)| mask | bit);
    out.extend_from_slice(&mask.to_le_bytes());
    out.extend_from_slice(&pack_flags(flags).to_le_bytes());
    out.push(match verdict {
        Verdict::Member => MEMBER,
        Verdict::Unclassified => UNCLASSIFIED,
        Verdict::Category(_) => CATEGORY,
    });
    out.push(STANDINGS.iter().position(|other| other == standing).unwrap_or(0) as u8);
    digests.md5.iter().for_each(|digest| out.extend_from_slice(&digest.0));
    digests.sha1.iter().for_each(|digest| out.extend_from_slice(&digest.0));
    digests.sha256.iter().for_each(|digest| out.extend_from_slice(&digest.0));
    size_bytes.iter().for_each(|size| out.extend_from_slice(&size.to_le_bytes()));
    pdq.iter().for_each(|value| out.extend_from_slice(&value.0));
    photodna.iter().for_each(|value| out.extend_from_slice(&value.0[..]));
    if let Verdict::Category(code) = verdict {
        write_text(&code.0, out);
    }
    write_text(series, out);
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    debug_assert!(text.len() <= usize::from(u16::MAX), "texts are bounded where they are read");
    out.extend_from_slice(&(text.len() as u16).to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}

fn read_row(bytes: &mut &[u8], id: EntryId) -> Option<Entry> {
    let mask = u16::from_le_bytes(take(bytes)?);
    let flags = unpack_flags(u16::from_le_bytes(take(bytes)?));
    let [verdict, standing] = take(bytes)?;
    let digests = EntryDigests {
        md5: optional(bytes, mask & HAS_MD5)?.map(Md5),
        sha1: optional(bytes, mask & HAS_SHA1)?.map(Sha1),
        sha256: optional(bytes, mask & HAS_SHA256)?.map(Sha256),
    };
    let size_bytes = optional(bytes, mask & HAS_SIZE)?.map(u64::from_le_bytes);
    let pdq = optional(bytes, mask & HAS_PDQ)?.map(Pdq);
    let photodna = optional(bytes, mask & HAS_PHOTODNA)?.map(|value| PhotoDna(Box::new(value)));
    let verdict = match verdict {
        MEMBER => Verdict::Member,
        UNCLASSIFIED => Verdict::Unclassified,
        CATEGORY => Verdict::Category(CategoryCode(read_text(bytes)?)),
        _ => return None,
    };
    let series = read_text(bytes)?;
    let standing = *STANDINGS.get(usize::from(standing))?;
    Some(Entry { id, digests, size_bytes, verdict, flags, series, pdq, photodna, standing })
}

fn take<const BYTES: usize>(bytes: &mut &[u8]) -> Option<[u8; BYTES]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

/// Takes a value that is there only if the bit is set. The outer `None` means that bytes are missing.
fn optional<const BYTES: usize>(bytes: &mut &[u8], bit: u16) -> Option<Option<[u8; BYTES]>> {
    if bit == 0 { Some(None) } else { take(bytes).map(Some) }
}

fn read_text(bytes: &mut &[u8]) -> Option<String> {
    let length = usize::from(u16::from_le_bytes(take(bytes)?));
    let (text, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    String::from_utf8(text.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic;

    #[test]
    fn a_row_goes_round_and_a_cut_one_is_noticed() {
        let mut full = synthetic::entry(1, 1);
        full.photodna = Some(PhotoDna(Box::new([7; 144])));
        full.series = "sérïes".to_owned();
        full.standing = Some(Standing::Disputed);
        full.flags.baseline = Some(false);
        let md5 = EntryDigests { md5: full.digests.md5, ..EntryDigests::default() };
        for entry in [full.clone(), Entry::bare(EntryId(1), md5, Verdict::Unclassified)] {
            let mut bytes = Vec::new();
            write_row(&entry, &mut bytes);
            assert_eq!(read_row(&mut &bytes[..], entry.id), Some(entry.clone()));
            for end in 0..bytes.len() {
                assert_eq!(read_row(&mut &bytes[..end], entry.id), None, "cut at {end}");
            }
        }
    }
}
