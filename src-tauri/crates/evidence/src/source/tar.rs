//! Lists tar archives: ustar and pax (POSIX 1003.1), GNU long names, sparse files of every kind, plain or packed.
//!
//! Members of a plain archive are read where they lie, at any time. Those of a packed one are read in passing.

use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::Arc;

use domain::{Refusal, RefusalCode, UtcTime};

use super::archive::{Archive, Member, check_growth};
use super::content::Content;
use super::read::{Keep, Pass, Passed, ReadBuffer, Trouble, fill};
use super::share::Waiting;
use super::unpack::Packing;
use super::{FileTimes, Found, Limits, refusal};

/// Unit of a tar archive.
pub(crate) const BLOCK_BYTES: usize = 512;

/// Longest head of extended facts (pax) that is read; names and times take far less.
const EXTENDED_BYTES_MAX: u64 = 1 << 20;

/// Bytes that are skipped before the growth of a packed archive is checked again.
const SKIP_BYTES: u64 = 1 << 20;

/// Pieces of one sparse file.
const SPARSE_PIECES_MAX: usize = 1 << 16;

type Block = [u8; BLOCK_BYTES];

/// Tells whether bytes start with the header of a member: its checksum is right.
pub(crate) fn is_head(bytes: &[u8]) -> bool {
    bytes.first_chunk::<BLOCK_BYTES>().is_some_and(|block| block[0] != 0 && has_checksum(block))
}

fn has_checksum(block: &Block) -> bool {
    let Some(stated) = number(&block[148..156]) else { return false };
    let sum = |of: fn(u8) -> i64| -> i64 {
        block.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { 32 } else { of(*byte) }).sum()
    };
    // Old writers summed signed bytes.
    let stated = i64::try_from(stated).unwrap_or(-1);
    sum(i64::from) == stated || sum(|byte| i64::from(byte.cast_signed())) == stated
}

/// Reads an octal number, or a large one in base 256 (GNU).
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        let is_negative = field[0] & 0x40 != 0;
        let first = u64::from(field[0] & 0x3f);
        let value =
            field[1..].iter().try_fold(first, |value, byte| value.checked_mul(256)?.checked_add(u64::from(*byte)));
        return value.filter(|_| !is_negative);
    }
    let digits = field.trim_ascii_start();
    let end = digits.iter().position(|byte| !(b'0'..=b'7').contains(byte)).unwrap_or(digits.len());
    let is_clean = digits[end..].iter().all(|byte| matches!(byte, 0 | b' '));
    let value =
        digits[..end].iter().try_fold(0_u64, |value, digit| value.checked_mul(8)?.checked_add(u64::from(digit - b'0')));
    value.filter(|_| is_clean)
}

fn text(field: &[u8]) -> &[u8] {
    &field[..field.iter().position(|byte| *byte == 0).unwrap_or(field.len())]
}

/// The bytes of the archive, of which one half is read at any place and the other in passing.
enum Input {
    Plain { content: Content, at: u64 },
    Packed { reader: Box<dyn Read + Send>, packed_bytes: u64, at: u64 },
}

impl Input {
    /// Reads the next block; nothing at the end of the bytes.
    fn block(&mut self) -> Result<Option<Block>, Trouble> {
        let mut block = [0; BLOCK_BYTES];
        match self.fill(&mut block)? {
            0 => Ok(None),
            BLOCK_BYTES => Ok(Some(block)),
            _ => Err(Trouble::Io(io::ErrorKind::UnexpectedEof.into())),
        }
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, Trouble> {
        match self {
            Self::Plain { content, at } => {
                let got = content.read_at(buffer, *at).map_err(Trouble::Io)?;
                *at += got as u64;
                Ok(got)
            }
            Self::Packed { reader, at, .. } => {
                let got = fill(reader, buffer).map_err(Trouble::Io)?;
                *at += got as u64;
                Ok(got)
            }
        }
    }

    fn at(&self) -> u64 {
        match self {
            Self::Plain { at, .. } | Self::Packed { at, .. } => *at,
        }
    }

    /// Reads that many bytes and the padding behind them.
    fn take(&mut self, length: u64, limits: &Limits) -> Result<Vec<u8>, Trouble> {
        let mut bytes = vec![0; usize::try_from(length).expect("callers ask for a limited length")];
        if self.fill(&mut bytes)? < bytes.len() {
            return Err(Trouble::Io(io::ErrorKind::UnexpectedEof.into()));
        }
        self.skip(padding(length), limits)?;
        Ok(bytes)
    }

    /// Goes on by that many bytes. Those of a packed archive are unpacked on the way, so its growth is watched.
    fn skip(&mut self, length: u64, limits: &Limits) -> Result<(), Trouble> {
        let cut_off = || Trouble::Io(io::ErrorKind::UnexpectedEof.into());
        if let Self::Plain { content, at } = self {
            *at = at.checked_add(length).filter(|to| *to <= content.len()).ok_or_else(cut_off)?;
            return Ok(());
        }
        let mut left = length;
        while left > 0 {
            self.check(limits).map_err(Trouble::Refused)?;
            let Self::Packed { reader, at, .. } = self else { unreachable!("plain archives were skipped above") };
            let step = left.min(SKIP_BYTES);
            let skipped = io::copy(&mut reader.take(step), &mut io::sink()).map_err(Trouble::Io)?;
            *at += skipped;
            if skipped < step {
                return Err(cut_off());
            }
            left -= step;
        }
        Ok(())
    }

    /// Holds what a packed archive has become against its length.
    fn check(&self, limits: &Limits) -> Result<(), Refusal> {
        let Self::Packed { packed_bytes, at, .. } = self else { return Ok(()) };
        check_growth(*packed_bytes, *at, &Limits { member_bytes: u64::MAX, ..limits.clone() })
    }
}

fn padding(length: u64) -> u64 {
    length.wrapping_neg() % BLOCK_BYTES as u64
}

/// What the heads before a member say about it.
#[derive(Default, Clone)]
struct Extended {
    name: Option<Vec<u8>>,
    size_bytes: Option<u64>,
    times: FileTimes,
    sparse: Sparse,
    is_pax: bool,
}

#[derive(Default, Clone)]
struct Sparse {
    name: Option<Vec<u8>>,
    real_bytes: Option<u64>,
    /// Numbers of the map, in pairs of place and length.
    map: Vec<u64>,
    /// The map stands before the bytes (GNU sparse 1.0).
    is_inside: bool,
}

/// A member whose header was read.
struct Head {
    kind: u8,
    name: Vec<u8>,
    /// Bytes in the archive.
    stored_bytes: u64,
    times: FileTimes,
    sparse: Option<Sparse>,
}

/// Calls `sink` for each member. Fails after what could be read.
pub(crate) fn members(
    archive: &Archive,
    packing: Packing,
    limits: &Limits,
    sink: &mut dyn FnMut(Found) -> ControlFlow<()>,
) -> Result<(), Refusal> {
    let content = archive.content.clone();
    let input = match packing {
        Packing::Stored => Input::Plain { content, at: 0 },
        packed => {
            let reader = packed.open(&content, None).map_err(|error| refusal::of_unpacking(&error))?;
            Input::Packed { reader, packed_bytes: content.len(), at: 0 }
        }
    };
    let waiting = Arc::new(Waiting::default());
    let mut listing =
        Listing { archive, limits, input, common: Extended::default(), waiting, buffer: ReadBuffer::new() };
    listing.run(sink).map_err(|trouble| match trouble {
        Trouble::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            refusal::archive("it ends in the middle of a member: it is cut off")
        }
        other => other.refusal(refusal::of_unpacking),
    })
}

struct Listing<'a> {
    archive: &'a Archive,
    limits: &'a Limits,
    input: Input,
    /// What a global head says about all that follow.
    common: Extended,
    waiting: Arc<Waiting>,
    buffer: ReadBuffer<'static>,
}

impl Listing<'_> {
    fn run(&mut self, sink: &mut dyn FnMut(Found) -> ControlFlow<()>) -> Result<(), Trouble> {
        let mut count = 0_u64;
        let mut has_ended = false;
        let mut extended = self.common.clone();
        loop {
            let block = match self.input.block() {
                Ok(Some(block)) => block,
                Ok(None) => return Ok(()),
                // Behind the end mark, whatever stands there is padding.
                Err(_) if has_ended => return Ok(()),
                Err(trouble) => return Err(trouble),
            };
            self.input.check(self.limits).map_err(Trouble::Refused)?;
            // Archives can be joined, so the end mark of one is no reason to leave the next unread.
            if block.iter().all(|byte| *byte == 0) {
                has_ended = true;
                continue;
            }
            if !has_checksum(&block) {
                if has_ended {
                    return Ok(());
                }
                let why = format!("there is no header at byte {}: it is damaged", self.input.at() - BLOCK_BYTES as u64);
                return Err(Trouble::Refused(refusal::archive(why)));
            }
            has_ended = false;
            count += 1;
            if count > self.limits.archive_entries {
                let why = format!("it has more than {} members", self.limits.archive_entries);
                return Err(Trouble::Refused(refusal::archive(why)));
            }
            if self.take_extension(&block, &mut extended)? {
                continue;
            }
            let facts = std::mem::replace(&mut extended, self.common.clone());
            let head = self.head(&block, facts)?;
            if self.take_member(head, sink)?.is_break() {
                return Ok(());
            }
        }
    }

    /// Takes a head that speaks about the next member; tells whether it was one.
    fn take_extension(&mut self, block: &Block, extended: &mut Extended) -> Result<bool, Trouble> {
        let kind = block[156];
        if !matches!(kind, b'x' | b'g' | b'X' | b'L' | b'K') {
            return Ok(false);
        }
        let length = number(&block[124..136]).ok_or_else(|| damaged("a length is no number"))?;
        if length > EXTENDED_BYTES_MAX {
            return Err(damaged("a head of extended facts is longer than 1 MiB"));
        }
        let bytes = self.input.take(length, self.limits)?;
        match kind {
            b'L' => extended.name = Some(text(&bytes).to_vec()),
            b'K' => {}
            b'g' => {
                take_pax(&bytes, &mut self.common);
                take_pax(&bytes, extended);
                self.common.is_pax = false;
            }
            _ => {
                extended.is_pax = true;
                take_pax(&bytes, extended);
            }
        }
        Ok(true)
    }

    fn head(&mut self, block: &Block, facts: Extended) -> Result<Head, Trouble> {
        let own_bytes = number(&block[124..136]).ok_or_else(|| damaged("a length is no number"))?;
        let is_ustar = block[257..262] == *b"ustar";
        let is_gnu = block[257..265] == *b"ustar  \0";
        let prefix = if is_ustar && !is_gnu { text(&block[345..500]) } else { b"" };
        let own_name = match prefix {
            b"" => text(&block[..100]).to_vec(),
            prefix => [prefix, b"/", text(&block[..100])].concat(),
        };
        let modified = number(&block[136..148]).and_then(|seconds| i64::try_from(seconds).ok());
        let modified = modified.map(|seconds| UtcTime(seconds.saturating_mul(1_000_000)));
        let times = FileTimes { modified: facts.times.modified.or(modified), ..facts.times };
        let kind = block[156];
        // Old writers state the length of the file that a hard link leads to, without its bytes.
        let has_bytes = !matches!(kind, b'1'..=b'6') || (kind == b'1' && facts.is_pax);
        let stored_bytes = if has_bytes { facts.size_bytes.unwrap_or(own_bytes) } else { 0 };
        let mut sparse = facts.sparse;
        let mut is_sparse = sparse.is_inside || !sparse.map.is_empty() || sparse.real_bytes.is_some();
        if kind == b'S' {
            is_sparse = true;
            self.take_gnu_map(block, &mut sparse)?;
        }
        let name = sparse.name.clone().or(facts.name).unwrap_or(own_name);
        Ok(Head { kind, name, stored_bytes, times, sparse: is_sparse.then_some(sparse) })
    }

    /// Reads the map of an old GNU sparse file: four pieces in the header, 21 in each block that follows it.
    fn take_gnu_map(&mut self, block: &Block, sparse: &mut Sparse) -> Result<(), Trouble> {
        sparse.real_bytes = number(&block[483..495]);
        let mut entries = block[386..482].to_vec();
        let mut goes_on = block[482] != 0;
        loop {
            for entry in entries.chunks_exact(24).filter(|entry| entry[0] != 0) {
                let numbers = number(&entry[..12]).zip(number(&entry[12..]));
                let (start, length) = numbers.ok_or_else(|| damaged("the map of a sparse file is damaged"))?;
                sparse.map.extend([start, length]);
            }
            if !goes_on || sparse.map.len() > SPARSE_PIECES_MAX * 2 {
                return Ok(());
            }
            let more = self.input.block()?.ok_or_else(|| Trouble::Io(io::ErrorKind::UnexpectedEof.into()))?;
            goes_on = more[504] != 0;
            entries = more[..504].to_vec();
        }
    }

    fn take_member(
        &mut self,
        head: Head,
        sink: &mut dyn FnMut(Found) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Trouble> {
        let refused = |why: Refusal| self.archive.refused(&head.name, None, head.times.clone(), why);
        let special = |what: &str| Refusal::new(RefusalCode::Special, format!("it is {what}, which is not opened"));
        let found = match head.kind {
            // Folders, their listings, and the label of the archive.
            b'5' | b'D' | b'V' => None,
            b'1' if head.stored_bytes == 0 => {
                Some(refused(Refusal::new(RefusalCode::Link, "it is another name of a member of the archive")))
            }
            b'2' => Some(refused(Refusal::new(RefusalCode::Link, "it is a symbolic link, which is not followed"))),
            b'3' | b'4' => Some(refused(special("a device"))),
            b'6' => Some(refused(special("a pipe"))),
            b'M' => Some(refused(refusal::archive("it began in another part of a split archive"))),
            // An old archive marks a folder by its name alone.
            _ if head.name.ends_with(b"/") && head.stored_bytes == 0 => None,
            _ => return self.take_file(head, sink),
        };
        let flow = found.map_or(ControlFlow::Continue(()), sink);
        if flow.is_continue() {
            self.input.skip(head.stored_bytes, self.limits)?;
            self.input.skip(padding(head.stored_bytes), self.limits)?;
        }
        Ok(flow)
    }

    fn take_file(
        &mut self,
        head: Head,
        sink: &mut dyn FnMut(Found) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Trouble> {
        let next = self.input.at().saturating_add(head.stored_bytes).saturating_add(padding(head.stored_bytes));
        let (found, cut_off) = match self.find(&head) {
            Ok(found) => (found, None),
            Err(Trouble::Refused(why)) => (self.archive.refused(&head.name, None, head.times, why), None),
            Err(trouble @ Trouble::Io(_)) => {
                let why = refusal::archive("the archive ends or is damaged before it ends");
                (self.archive.refused(&head.name, None, head.times, why), Some(trouble))
            }
        };
        let flow = sink(found);
        if flow.is_break() {
            return Ok(flow);
        }
        if let Some(trouble) = cut_off {
            return Err(trouble);
        }
        self.input.check(self.limits).map_err(Trouble::Refused)?;
        self.input.skip(next.saturating_sub(self.input.at()), self.limits)?;
        Ok(flow)
    }

    /// Makes a find of a file: one that can be read later, or that is read here in passing.
    fn find(&mut self, head: &Head) -> Result<Found, Trouble> {
        let mut stored_bytes = head.stored_bytes;
        let mut pieces = None;
        let mut size_bytes = stored_bytes;
        if let Some(sparse) = &head.sparse {
            let mut sparse = sparse.clone();
            if sparse.is_inside {
                stored_bytes = stored_bytes
                    .checked_sub(self.take_inner_map(stored_bytes, &mut sparse)?)
                    .ok_or_else(|| damaged("the map of a sparse file is longer than the file"))?;
            }
            size_bytes = sparse
                .real_bytes
                .unwrap_or_else(|| sparse.map.chunks_exact(2).map_while(|p| p[0].checked_add(p[1])).max().unwrap_or(0));
            pieces = Some(checked_pieces(&sparse.map, size_bytes, stored_bytes).map_err(Trouble::Refused)?);
        }
        match &mut self.input {
            Input::Plain { content, at } => {
                let end = || Trouble::Io(io::ErrorKind::UnexpectedEof.into());
                let packed = content.part(*at, stored_bytes).ok_or_else(end)?;
                let member =
                    Member { packed, packing: Packing::Stored, size_bytes: Some(size_bytes), crc: None, pieces };
                Ok(self.archive.found(&head.name, head.times.clone(), member))
            }
            Input::Packed { .. } => {
                let mut passed = self.pass(stored_bytes, size_bytes, pieces)?;
                let share = passed.kept.as_ref().map(|kept| self.waiting.take(kept.len()));
                passed.kept = passed.kept.map(|kept| kept.with_share(share));
                Ok(self.archive.found_passed(&head.name, head.times.clone(), passed))
            }
        }
    }

    /// Reads a member of a packed archive in passing.
    fn pass(&mut self, stored: u64, size: u64, pieces: Option<Arc<[(u64, u64)]>>) -> Result<Passed, Trouble> {
        let Input::Packed { reader, packed_bytes, at } = &mut self.input else {
            unreachable!("plain archives are not read in passing")
        };
        let (limits, before, packed_bytes) = (self.limits, *at, *packed_bytes);
        let budget = self.archive.lineage().budget.clone();
        let mut taken = Counted { reader: reader.take(stored), count: 0 };
        let mut pass = Pass::new(Keep::WhatOpens(limits.memory_member_bytes));
        let whole_archive = Limits { member_bytes: u64::MAX, ..limits.clone() };
        let mut check = |piece: u64, total: u64| {
            check_growth(packed_bytes, before.saturating_add(total), &whole_archive)?;
            check_growth(packed_bytes, total, limits)?;
            budget.as_ref().map_or(Ok(()), |budget| budget.spend(piece, limits))
        };
        let ended = match pieces {
            Some(pieces) => pass.run(&mut SparseReader::new(&mut taken, pieces, size), &mut self.buffer, &mut check),
            None => pass.run(&mut taken, &mut self.buffer, &mut check),
        };
        *at = before + taken.count;
        ended?;
        let passed = pass.finish().map_err(Trouble::Refused)?;
        match passed.digests.size_bytes == size {
            true => Ok(passed),
            false => Err(Trouble::Io(io::ErrorKind::UnexpectedEof.into())),
        }
    }

    /// Reads the map that stands before the bytes of a sparse file (GNU 1.0); gives the bytes that it takes.
    fn take_inner_map(&mut self, stored_bytes: u64, sparse: &mut Sparse) -> Result<u64, Trouble> {
        let mut taken = 0;
        let mut digits = Vec::new();
        let mut wanted = None;
        sparse.map.clear();
        while wanted.is_none_or(|wanted| sparse.map.len() < wanted) {
            if taken + BLOCK_BYTES as u64 > stored_bytes {
                return Err(damaged("the map of a sparse file is longer than the file"));
            }
            let block = self.input.block()?.ok_or_else(|| Trouble::Io(io::ErrorKind::UnexpectedEof.into()))?;
            taken += BLOCK_BYTES as u64;
            for byte in block {
                if byte != b'\n' {
                    digits.push(byte);
                    continue;
                }
                if wanted.is_some_and(|wanted| sparse.map.len() >= wanted) {
                    break;
                }
                let value = decimal(&digits).ok_or_else(|| damaged("the map of a sparse file is damaged"))?;
                digits.clear();
                match wanted {
                    None if value > SPARSE_PIECES_MAX as u64 => {
                        return Err(damaged("a sparse file has too many pieces"));
                    }
                    None => wanted = Some(value as usize * 2),
                    Some(_) => sparse.map.push(value),
                }
            }
        }
        Ok(taken)
    }
}

fn damaged(what: &str) -> Trouble {
    Trouble::Refused(refusal::archive(format!("{what}: it is damaged")))
}

fn decimal(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Reads extended facts: lines of `length key=value`, where the length counts the whole line.
fn take_pax(mut bytes: &[u8], facts: &mut Extended) {
    while let Some(space) = bytes.iter().position(|byte| *byte == b' ') {
        let length = decimal(&bytes[..space]).and_then(|length| usize::try_from(length).ok());
        let Some(line) = length.and_then(|length| bytes.get(space + 1..length)) else { return };
        bytes = &bytes[space + 1 + line.len()..];
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let Some(equals) = line.iter().position(|byte| *byte == b'=') else { return };
        let (key, value) = (&line[..equals], &line[equals + 1..]);
        match key {
            b"path" => facts.name = Some(value.to_vec()),
            b"size" => facts.size_bytes = decimal(value),
            b"mtime" => facts.times.modified = seconds(value),
            b"atime" => facts.times.accessed = seconds(value),
            b"LIBARCHIVE.creationtime" => facts.times.created = seconds(value),
            b"GNU.sparse.name" => facts.sparse.name = Some(value.to_vec()),
            b"GNU.sparse.size" | b"GNU.sparse.realsize" => facts.sparse.real_bytes = decimal(value),
            b"GNU.sparse.major" => facts.sparse.is_inside = value == b"1",
            b"GNU.sparse.offset" | b"GNU.sparse.numbytes" => facts.sparse.map.extend(decimal(value)),
            b"GNU.sparse.map" => facts.sparse.map = value.split(|byte| *byte == b',').filter_map(decimal).collect(),
            _ => {}
        }
    }
}

/// Reads seconds since 1970 with a fraction, as a moment in microseconds.
fn seconds(value: &[u8]) -> Option<UtcTime> {
    let text = std::str::from_utf8(value).ok()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let micros: i64 = whole.parse::<i64>().ok()?.checked_mul(1_000_000)?;
    let digits: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let part: i64 = digits.parse().ok()?;
    // A fraction of a negative number leads away from 1970.
    Some(UtcTime(if text.starts_with('-') { micros - part } else { micros + part }))
}

/// Checks that the pieces of a sparse file follow each other inside it and are as long as what is stored.
fn checked_pieces(map: &[u64], size_bytes: u64, stored_bytes: u64) -> Result<Arc<[(u64, u64)]>, Refusal> {
    let wrong = || refusal::archive("the map of a sparse file contradicts its length: it is damaged");
    let (mut end, mut sum) = (0_u64, 0_u64);
    let mut pieces = Vec::with_capacity(map.len() / 2);
    for pair in map.chunks(2) {
        let [start, length] = *pair else { return Err(wrong()) };
        let is_after = start >= end;
        end = start.checked_add(length).filter(|end| is_after && *end <= size_bytes).ok_or_else(wrong)?;
        sum += length;
        pieces.push((start, length));
    }
    if sum == stored_bytes { Ok(pieces.into()) } else { Err(wrong()) }
}

/// Counts the bytes that are read.
struct Counted<R> {
    reader: R,
    count: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.reader.read(buffer)?;
        self.count += got as u64;
        Ok(got)
    }
}

/// Reads a sparse file: its pieces where they lie, and zeros between them.
pub(crate) struct SparseReader<R> {
    reader: R,
    pieces: Arc<[(u64, u64)]>,
    /// Piece that is read, or comes next.
    piece: usize,
    at: u64,
    size_bytes: u64,
}

impl<R: Read> SparseReader<R> {
    /// Takes pieces that follow each other inside the file, as place and length.
    pub(crate) fn new(reader: R, pieces: Arc<[(u64, u64)]>, size_bytes: u64) -> Self {
        Self { reader, pieces, piece: 0, at: 0, size_bytes }
    }
}

impl<R: Read> Read for SparseReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.pieces.get(self.piece).is_some_and(|(start, length)| self.at >= start + length) {
            self.piece += 1;
        }
        let (start, end) = self
            .pieces
            .get(self.piece)
            .map_or((self.size_bytes, self.size_bytes), |(start, length)| (*start, start + length));
        let until = if self.at < start { start } else { end };
        let wanted = buffer.len().min(usize::try_from(until - self.at).unwrap_or(usize::MAX));
        let got = if self.at < start {
            buffer[..wanted].fill(0);
            wanted
        } else if wanted == 0 {
            0
        } else {
            match self.reader.read(&mut buffer[..wanted])? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                got => got,
            }
        };
        self.at += got as u64;
        Ok(got)
    }
}
