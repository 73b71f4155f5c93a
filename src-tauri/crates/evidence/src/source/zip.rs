//! Lists zip archives (APPNOTE 6.3.10) in place: each entry of the central directory, duplicates too, held against the
//! member's own header; and where there is no directory, what the members' own headers tell.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};
use std::ops::ControlFlow;

use domain::{Refusal, RefusalCode, UtcTime};

use super::archive::{Archive, Member, check_growth};
use super::content::Content;
use super::unpack::Packing;
use super::{FileTimes, Found, Limits, refusal};

const LOCAL: &[u8; 4] = b"PK\x03\x04";
const CENTRAL: &[u8; 4] = b"PK\x01\x02";
const END: &[u8; 4] = b"PK\x05\x06";
const END_64: &[u8; 4] = b"PK\x06\x06";
const LOCATOR_64: &[u8; 4] = b"PK\x06\x07";
const DESCRIPTOR: &[u8; 4] = b"PK\x07\x08";

const LOCAL_BYTES: usize = 30;
const CENTRAL_BYTES: usize = 46;
const END_BYTES: usize = 22;
const END_64_BYTES: usize = 56;
const LOCATOR_BYTES: usize = 20;
/// Longest comment that can follow the end record.
const COMMENT_BYTES_MAX: usize = 0xffff;

const FLAG_ENCRYPTED: u16 = 1;
const FLAG_SIZES_FOLLOW: u16 = 1 << 3;

/// Seconds from 1601, where Windows starts to count, to 1970.
const WINDOWS_EPOCH_SECONDS: i64 = 11_644_473_600;

/// Calls `sink` for each member. Fails after what could be read.
pub(crate) fn members(
    archive: &Archive,
    limits: &Limits,
    sink: &mut dyn FnMut(Found) -> ControlFlow<()>,
) -> Result<(), Refusal> {
    match Directory::find(&archive.content).map_err(|error| refusal::of_io(&error))? {
        Some(directory) => by_directory(archive, &directory, limits, sink),
        None => by_headers(archive, limits, sink),
    }
}

/// Where the central directory lies.
struct Directory {
    start: u64,
    end: u64,
    /// Bytes before the archive that its offsets do not count, as in a self-extracting program.
    bias: u64,
    entries: u64,
    /// The number of entries is known modulo 65,536 only.
    entries_wrap: bool,
}

impl Directory {
    fn find(content: &Content) -> io::Result<Option<Self>> {
        let tail_len = (END_BYTES + COMMENT_BYTES_MAX).min(usize::try_from(content.len()).unwrap_or(usize::MAX));
        let mut tail = vec![0; tail_len];
        let tail_start = content.len() - tail_len as u64;
        let got = content.read_at(&mut tail, tail_start)?;
        tail.truncate(got);
        let mut ends = tail.windows(END_BYTES).enumerate().rev().filter(|(_, window)| window.starts_with(END));
        let fits = |at: usize, record: &[u8]| at + END_BYTES + usize::from(u16_at(record, 20)) == tail.len();
        // The record whose comment ends with the file is the one; a comment may hold the look of another.
        let found = ends.clone().find(|(at, record)| fits(*at, record)).or_else(|| ends.next());
        let Some((at, record)) = found else { return Ok(None) };
        let end_at = tail_start + at as u64;
        let short = Self {
            start: u32_at(record, 16).into(),
            end: u32_at(record, 12).into(),
            bias: 0,
            entries: u16_at(record, 10).into(),
            entries_wrap: true,
        };
        let (stated, end) = match Self::find_64(content, end_at)? {
            Some((long, at)) => (long, at),
            None => (short, end_at),
        };
        Self::locate(content, &stated, end)
    }

    /// Finds the record for large archives; gives what it states, and where it lies.
    fn find_64(content: &Content, end_at: u64) -> io::Result<Option<(Self, u64)>> {
        let Some(locator_at) = end_at.checked_sub(LOCATOR_BYTES as u64) else { return Ok(None) };
        let locator = read::<LOCATOR_BYTES>(content, locator_at)?;
        let Some(locator) = locator.filter(|bytes| bytes.starts_with(LOCATOR_64)) else { return Ok(None) };
        // Where the locator says, or, with bytes before the archive, right before the locator.
        for at in [Some(u64_at(&locator, 8)), locator_at.checked_sub(END_64_BYTES as u64)].into_iter().flatten() {
            if let Some(record) = read::<END_64_BYTES>(content, at)?.filter(|bytes| bytes.starts_with(END_64)) {
                let (start, end, entries) = (u64_at(&record, 48), u64_at(&record, 40), u64_at(&record, 32));
                return Ok(Some((Self { start, end, bias: 0, entries, entries_wrap: false }, at)));
            }
        }
        Ok(None)
    }

    /// Holds what is stated (`start`, and the length in `end`) against where a directory really is.
    fn locate(content: &Content, stated: &Self, end: u64) -> io::Result<Option<Self>> {
        let length = stated.end;
        let right_before = end.checked_sub(length).map(|start| (start, start.checked_sub(stated.start)));
        for (start, bias) in [Some((stated.start, Some(0))), right_before].into_iter().flatten() {
            let Some(bias) = bias else { continue };
            let fits = start.checked_add(length).is_some_and(|stop| stop <= end);
            let is_there = read::<4>(content, start)?.is_some_and(|magic| magic == *CENTRAL);
            if fits && (is_there || (length == 0 && start == end)) {
                let (entries, entries_wrap) = (stated.entries, stated.entries_wrap);
                return Ok(Some(Self { start, end: start + length, bias, entries, entries_wrap }));
            }
        }
        Ok(None)
    }
}

/// What a header says about a member, the directory's or its own.
struct Entry {
    flags: u16,
    method: u16,
    dos: (u16, u16),
    crc: u32,
    packed_bytes: u64,
    size_bytes: u64,
    at: u64,
    disk: u32,
    /// Unix mode; 0 where the header has none.
    mode: u32,
    name: Vec<u8>,
    times: FileTimes,
}

impl Entry {
    /// Reads the next entry of the directory; nothing where another record stands.
    fn central(reader: &mut impl Read) -> io::Result<Option<Self>> {
        let mut head = [0; CENTRAL_BYTES];
        reader.read_exact(&mut head[..4])?;
        if !head.starts_with(CENTRAL) {
            return Ok(None);
        }
        reader.read_exact(&mut head[4..])?;
        let mut name = vec![0; u16_at(&head, 28).into()];
        reader.read_exact(&mut name)?;
        let mut extra = vec![0; u16_at(&head, 30).into()];
        reader.read_exact(&mut extra)?;
        io::copy(&mut reader.take(u16_at(&head, 32).into()), &mut io::sink())?;
        let is_unix = matches!(head[5], 3 | 19);
        let mut entry = Self {
            flags: u16_at(&head, 8),
            method: u16_at(&head, 10),
            dos: (u16_at(&head, 14), u16_at(&head, 12)),
            crc: u32_at(&head, 16),
            packed_bytes: u32_at(&head, 20).into(),
            size_bytes: u32_at(&head, 24).into(),
            at: u32_at(&head, 42).into(),
            disk: u16_at(&head, 34).into(),
            mode: if is_unix { u32_at(&head, 38) >> 16 } else { 0 },
            name,
            times: FileTimes::default(),
        };
        entry.take_extra(&extra, true);
        Ok(Some(entry))
    }

    /// Reads a member's own header; gives the entry, and where its bytes start.
    fn local(content: &Content, at: u64) -> io::Result<Option<(Self, u64)>> {
        let Some(head) = read::<LOCAL_BYTES>(content, at)?.filter(|head| head.starts_with(LOCAL)) else {
            return Ok(None);
        };
        let (name_len, extra_len) = (usize::from(u16_at(&head, 26)), usize::from(u16_at(&head, 28)));
        let mut rest = vec![0; name_len + extra_len];
        let got = content.read_at(&mut rest, at + LOCAL_BYTES as u64)?;
        if got < rest.len() {
            return Ok(None);
        }
        let extra = rest.split_off(name_len);
        let mut entry = Self {
            flags: u16_at(&head, 6),
            method: u16_at(&head, 8),
            dos: (u16_at(&head, 12), u16_at(&head, 10)),
            crc: u32_at(&head, 14),
            packed_bytes: u32_at(&head, 18).into(),
            size_bytes: u32_at(&head, 22).into(),
            at,
            disk: 0,
            mode: 0,
            name: rest,
            times: FileTimes::default(),
        };
        entry.take_extra(&extra, false);
        Ok(Some((entry, at + (LOCAL_BYTES + name_len + extra_len) as u64)))
    }

    /// Reads the extra fields that matter: large sizes, and times that are moments.
    fn take_extra(&mut self, mut extra: &[u8], is_central: bool) {
        self.times.raw = dos_time(self.dos);
        while let Some((head, rest)) = extra.split_first_chunk::<4>() {
            let length = usize::from(u16_at(head, 2));
            let Some(field) = rest.get(..length) else { return };
            match u16_at(head, 0) {
                0x0001 => self.take_large(field, is_central),
                0x5455 => self.take_unix_times(field, is_central),
                0x000a => self.take_windows_times(field),
                _ => {}
            }
            extra = &rest[length..];
        }
    }

    fn take_large(&mut self, mut field: &[u8], is_central: bool) {
        let mut take = |value: &mut u64| {
            if *value == u64::from(u32::MAX)
                && let Some((large, rest)) = field.split_first_chunk::<8>()
            {
                *value = u64::from_le_bytes(*large);
                field = rest;
            }
        };
        take(&mut self.size_bytes);
        take(&mut self.packed_bytes);
        if is_central {
            take(&mut self.at);
        }
        if self.disk == u32::from(u16::MAX)
            && let Some(disk) = field.first_chunk::<4>()
        {
            self.disk = u32::from_le_bytes(*disk);
        }
    }

    /// Extended timestamp: seconds since 1970. The directory has the time of writing alone, whatever its flags say.
    fn take_unix_times(&mut self, field: &[u8], is_central: bool) {
        let Some((flags, mut rest)) = field.split_first() else { return };
        let slots = [&mut self.times.modified, &mut self.times.accessed, &mut self.times.created];
        for (index, slot) in slots.into_iter().enumerate() {
            if flags & 1 << index != 0
                && (index == 0 || !is_central)
                && let Some((seconds, after)) = rest.split_first_chunk::<4>()
            {
                *slot = Some(UtcTime(i64::from(i32::from_le_bytes(*seconds)) * 1_000_000));
                rest = after;
            }
        }
    }

    /// NTFS times: tenths of microseconds since 1601. More exact than the others, so they count.
    fn take_windows_times(&mut self, field: &[u8]) {
        let Some(times) = field.get(4..32).filter(|times| u16_at(times, 0) == 1 && u16_at(times, 2) >= 24) else {
            return;
        };
        let moment = |at: usize| {
            let ticks = i64::try_from(u64_at(times, at)).ok().filter(|ticks| *ticks != 0)?;
            Some(UtcTime(ticks / 10 - WINDOWS_EPOCH_SECONDS * 1_000_000))
        };
        let slots = [&mut self.times.modified, &mut self.times.accessed, &mut self.times.created];
        for (index, slot) in slots.into_iter().enumerate() {
            *slot = moment(4 + index * 8).or(*slot);
        }
    }

    fn is_folder(&self) -> bool {
        self.name.ends_with(b"/") && self.size_bytes == 0
    }

    /// Says why a member cannot be read, as far as its header tells.
    fn refusal(&self) -> Option<Refusal> {
        const ENCRYPTED_METHOD: u16 = 99;
        let special = match self.mode & 0o170_000 {
            0o120_000 => return Some(Refusal::new(RefusalCode::Link, "it is a symbolic link, which is not followed")),
            0o010_000 => Some("a pipe"),
            0o140_000 => Some("a socket"),
            0o020_000 | 0o060_000 => Some("a device"),
            _ => None,
        };
        if let Some(what) = special {
            return Some(Refusal::new(RefusalCode::Special, format!("it is {what}, which is not opened")));
        }
        if self.flags & FLAG_ENCRYPTED != 0 || self.method == ENCRYPTED_METHOD {
            return Some(refusal::archive("it is encrypted"));
        }
        if self.disk != 0 {
            return Some(refusal::archive("it lies in another part of a split archive"));
        }
        if packing(self.method).is_none() {
            return Some(refusal::archive(format!("it is packed by method {}, which is not opened", self.method)));
        }
        None
    }
}

fn packing(method: u16) -> Option<Packing> {
    Some(match method {
        0 => Packing::Stored,
        8 => Packing::Deflate,
        9 => Packing::Deflate64,
        12 => Packing::Bzip2,
        14 => Packing::ZipLzma,
        93 => Packing::Zstd,
        95 => Packing::Xz,
        _ => return None,
    })
}

/// Writes the wall clock of MS-DOS: date, then time. It has no zone.
fn dos_time((date, time): (u16, u16)) -> Option<String> {
    let (year, month, day) = (1980 + (date >> 9), date >> 5 & 15, date & 31);
    let (hour, minute, second) = (time >> 11, time >> 5 & 63, (time & 31) * 2);
    let is_valid = (1..=12).contains(&month) && day > 0 && hour < 24 && minute < 60 && second < 60;
    is_valid.then(|| format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"))
}

/// Remembers which bytes of the archive belong to a member already: a bomb gives the same bytes to many.
struct Claims(BTreeMap<u64, u64>);

impl Claims {
    fn claim(&mut self, start: u64, end: u64) -> bool {
        let below = self.0.range(..end).next_back();
        let is_free = below.is_none_or(|(_, claimed_end)| *claimed_end <= start);
        if is_free {
            self.0.insert(start, end);
        }
        is_free
    }
}

fn by_directory(
    archive: &Archive,
    directory: &Directory,
    limits: &Limits,
    sink: &mut dyn FnMut(Found) -> ControlFlow<()>,
) -> Result<(), Refusal> {
    let bytes = archive.content.part(directory.start, directory.end - directory.start);
    let mut reader = BufReader::new(bytes.expect("the directory was found inside").reader());
    let mut claims = Claims(BTreeMap::from([(directory.start, directory.end)]));
    let mut count = 0_u64;
    loop {
        let entry = match Entry::central(&mut reader) {
            Ok(Some(entry)) => entry,
            Ok(None) => break,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(refusal::of_io(&error)),
        };
        count += 1;
        if count > limits.archive_entries {
            return Err(refusal::archive(format!("it has more than {} members", limits.archive_entries)));
        }
        if !entry.is_folder() && sink(find(archive, entry, directory.bias, &mut claims)).is_break() {
            return Ok(());
        }
    }
    let is_as_stated = match directory.entries_wrap {
        true => count & 0xffff == directory.entries,
        false => count == directory.entries,
    };
    if is_as_stated {
        return Ok(());
    }
    Err(refusal::archive(format!("its directory states {} members and has {count}: it is damaged", directory.entries)))
}

/// Makes a find of an entry of the directory.
fn find(archive: &Archive, entry: Entry, bias: u64, claims: &mut Claims) -> Found {
    let located = match entry.refusal() {
        Some(why) => Err(why),
        None => locate(&archive.content, &entry, bias, claims),
    };
    let size_bytes = Some(entry.size_bytes);
    match located {
        Ok((packed, own_times)) => {
            let times = FileTimes {
                modified: entry.times.modified.or(own_times.modified),
                created: entry.times.created.or(own_times.created),
                accessed: entry.times.accessed.or(own_times.accessed),
                raw: entry.times.raw,
            };
            let packing = packing(entry.method).expect("what cannot be unpacked was refused");
            archive.found(
                &entry.name,
                times,
                Member { packed, packing, size_bytes, crc: Some(entry.crc), pieces: None },
            )
        }
        Err(why) => archive.refused(&entry.name, size_bytes, entry.times, why),
    }
}

/// Finds the packed bytes of a member, and the times that only its own header has.
fn locate(content: &Content, entry: &Entry, bias: u64, claims: &mut Claims) -> Result<(Content, FileTimes), Refusal> {
    let at = entry.at.checked_add(bias).ok_or_else(|| refusal::archive("its place lies beyond the archive"))?;
    let own = Entry::local(content, at).map_err(|error| refusal::of_io(&error))?;
    let Some((own, start)) = own else {
        return Err(refusal::archive("there is no member at the place that the directory states"));
    };
    if own.method != entry.method || (own.flags ^ entry.flags) & FLAG_ENCRYPTED != 0 {
        return Err(refusal::archive("the directory and the member's own header disagree on how it is packed"));
    }
    let Some(packed) = content.part(start, entry.packed_bytes) else {
        return Err(refusal::archive("the archive ends before it does"));
    };
    if !claims.claim(at, start + entry.packed_bytes) {
        return Err(refusal::archive("its bytes are another member's too, as in a bomb"));
    }
    Ok((packed, own.times))
}

/// Lists an archive without a directory, as when a copy was cut off: each header tells where the next one is.
fn by_headers(
    archive: &Archive,
    limits: &Limits,
    sink: &mut dyn FnMut(Found) -> ControlFlow<()>,
) -> Result<(), Refusal> {
    let content = &archive.content;
    let mut count = 0_u64;
    let mut at = if read::<4>(content, 0).ok().flatten().is_some_and(|magic| magic == *DESCRIPTOR) { 4 } else { 0 };
    while count < limits.archive_entries {
        let Some((mut entry, start)) = Entry::local(content, at).map_err(|error| refusal::of_io(&error))? else {
            break;
        };
        count += 1;
        if entry.flags & FLAG_SIZES_FOLLOW != 0 && entry.packed_bytes == 0 {
            match measure(content, &entry, start, limits) {
                Ok(found) => (entry.packed_bytes, entry.size_bytes, entry.crc, at) = found,
                Err(why) => {
                    let _ = sink(archive.refused(&entry.name, None, entry.times, why));
                    break;
                }
            }
        } else {
            at = start.saturating_add(entry.packed_bytes);
        }
        let size_bytes = Some(entry.size_bytes);
        let found = match (entry.refusal(), content.part(start, entry.packed_bytes), packing(entry.method)) {
            (None, Some(packed), Some(packing)) => {
                let member = Member { packed, packing, size_bytes, crc: Some(entry.crc), pieces: None };
                archive.found(&entry.name, entry.times.clone(), member)
            }
            (why, ..) => {
                let why = why.unwrap_or_else(|| refusal::archive("the archive ends before it does"));
                archive.refused(&entry.name, size_bytes, entry.times.clone(), why)
            }
        };
        if !entry.is_folder() && sink(found).is_break() {
            return Ok(());
        }
    }
    Err(refusal::archive(format!(
        "its directory is missing or damaged; {count} members were found by their own headers, and others may be lost"
    )))
}

/// Unpacks a member whose length stands behind it; gives packed length, length, CRC-32, and where the next header is.
fn measure(content: &Content, entry: &Entry, start: u64, limits: &Limits) -> Result<(u64, u64, u32, u64), Refusal> {
    let failed = |error: io::Error| refusal::of_unpacking(&error);
    let cut_off = || refusal::archive("its length stands behind it and cannot be found: the archive is cut off");
    if packing(entry.method) != Some(Packing::Deflate) || entry.flags & FLAG_ENCRYPTED != 0 {
        return Err(cut_off());
    }
    let rest = content.part(start, content.len().saturating_sub(start)).ok_or_else(cut_off)?;
    let mut inflater = flate2::bufread::DeflateDecoder::new(BufReader::new(rest.reader()));
    let mut piece = vec![0; 64 << 10];
    while inflater.read(&mut piece).map_err(failed)? > 0 {
        check_growth(inflater.total_in(), inflater.total_out(), limits)?;
    }
    let (packed_bytes, size_bytes) = (inflater.total_in(), inflater.total_out());
    // CRC-32 and two lengths of 4 or of 8 bytes, after a magic number that older writers leave out.
    let descriptor_at = start + packed_bytes;
    let descriptor = read::<16>(content, descriptor_at).map_err(failed)?.ok_or_else(cut_off)?;
    let magic_bytes = if descriptor.starts_with(DESCRIPTOR) { 4 } else { 0 };
    let crc = u32_at(&descriptor, magic_bytes);
    for field_bytes in [8, 16] {
        let next = descriptor_at + (magic_bytes + 4 + field_bytes) as u64;
        let magic = read::<4>(content, next).map_err(failed)?;
        if magic.is_none_or(|magic| magic == *LOCAL || magic == *CENTRAL) {
            return Ok((packed_bytes, size_bytes, crc, next));
        }
    }
    Err(cut_off())
}

fn read<const N: usize>(content: &Content, at: u64) -> io::Result<Option<[u8; N]>> {
    let mut bytes = [0; N];
    if at >= content.len() {
        return Ok(None);
    }
    Ok((content.read_at(&mut bytes, at)? == N).then_some(bytes))
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
