//! Opens a list as it lies on the disk: plain, packed by gzip, or one or several lists in a zip archive; text in UTF-16
//! becomes UTF-8. The bytes on the disk are hashed while they are read.

mod cases;
mod utf16;
mod zip_members;

use std::fs::{File, Metadata};
use std::io::{self, BufRead, BufReader, Chain, Cursor, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::Sha256;
use flate2::bufread::GzDecoder;
use sha2::Digest;

use crate::error::OverLimit;
use crate::recognise::{self, FIRST_BYTES, StreamReader};
use crate::{Fault, FormatsError, HINT_CUT, ListHead, ListKind, ReadOptions, Sink};

pub(crate) use cases::{read_case, recognise_case_file};

/// Size of reads from the disk.
const READ_BYTES: usize = 1 << 20;

const GZIP: &[u8] = b"\x1f\x8b\x08";
const ZIPS: [&[u8]; 3] = [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"];

const HINT_PACKED: &str = "The packed data is damaged: fetch it again, or ask its sender for another copy";
const HINT_CASE: &str =
    "A case comes in as a source, with `zeef case add --as vics`; a hash set has `#Media` in its context";
const HINT_SET: &str = "A hash set comes in with `zeef set import`; a case has `#Cases` in its context";

/// Reads whatever list stands in the file, to its last byte.
pub(crate) fn read_file(
    path: &Path,
    options: &ReadOptions,
    sink: &mut Sink<'_>,
) -> Result<(ListHead, Sha256), FormatsError> {
    let failed = |source| FormatsError::Io { path: path.to_owned(), source };
    let mut file = open(path).map_err(failed)?;
    let before = file.metadata().map_err(failed)?;
    let length = before.len();
    let mut first = Vec::new();
    (&mut file).take(FIRST_BYTES as u64).read_to_end(&mut first).map_err(failed)?;
    file.seek(SeekFrom::Start(0)).map_err(failed)?;

    let mut disk = Disk { file, sha256: sha2::Sha256::new(), counter: options.read_bytes.clone() };
    let mut place = Place { path, member: None, options };
    let mut head = if ZIPS.iter().any(|magic| first.starts_with(magic)) {
        io::copy(&mut disk, &mut io::sink()).map_err(failed)?;
        zip_members::read_members(&mut disk.file, length, &mut place, sink)?
    } else if recognise::is_database(&first) {
        io::copy(&mut disk, &mut io::sink()).map_err(failed)?;
        let head = read_database(&place, &first, sink)?;
        // SQLite opens the file again by its name: it must be the one that was hashed.
        let (hashed, now) = (disk.file.metadata().map_err(failed)?, std::fs::metadata(path).map_err(failed)?);
        if written(&before) != written(&hashed) || written(&before) != written(&now) {
            let hint = "Wait until nobody writes it any more, then import it again";
            return Err(place.invalid(head.kind, 0, "the file was changed while it was read", hint));
        }
        head
    } else if first.starts_with(GZIP) {
        let packed = BufReader::with_capacity(READ_BYTES, &mut disk);
        let unpacked = Bounded::new(Gunzip::new(packed), length, options);
        read_stream(unpacked, &place, sink)?.map_err(|hint| place.not_recognised(hint))?
    } else {
        read_stream(&mut disk, &place, sink)?.map_err(|hint| place.not_recognised(hint))?
    };
    if sink.rows == 0 {
        let what = "the list ends without a single record";
        let hint = "An empty list would withdraw everything that an earlier version knew";
        return Err(place.invalid(head.kind, 0, what, hint));
    }
    if !options.exclude_products.is_empty() && !matches!(head.kind, ListKind::NsrlSqlite | ListKind::NsrlText) {
        let what = "products were to be left out, and this list does not say which product a file is of";
        return Err(place.invalid(head.kind, 0, what, "Only NSRL's lists do: import it without naming products"));
    }
    if sink.holds_guids() {
        head.note(
            "Every MD5 in it has the form of a random identifier: if it is a list of those, it will never find a file",
        );
    }
    if let Some(chosen) = &options.profile {
        if head.profile.as_ref().is_some_and(|said| said != chosen) {
            head.note("The file names another profile than the one that was chosen; the chosen one counts");
        }
        head.profile = Some(chosen.clone());
    }
    Ok((head, Sha256(disk.sha256.finalize().into())))
}

#[expect(clippy::disallowed_methods, reason = "this room reads the lists that a person names, and nothing else")]
fn open(path: &Path) -> io::Result<File> {
    // A pipe or a device would block or never end, and a second reading of it would find nothing.
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
    }
    File::open(path)
}

/// Tells one state of one file from any other: device, inode, length, and when its bytes changed last.
fn written(file: &Metadata) -> (u64, u64, u64, i64, i64) {
    (file.dev(), file.ino(), file.len(), file.mtime(), file.mtime_nsec())
}

/// Says where a list stands, for errors.
struct Place<'p> {
    path: &'p Path,
    member: Option<String>,
    options: &'p ReadOptions,
}

impl Place<'_> {
    fn invalid(&self, kind: ListKind, offset: u64, what: impl Into<String>, hint: impl Into<String>) -> FormatsError {
        let (what, hint) = (what.into(), hint.into());
        FormatsError::Invalid { path: self.path.to_owned(), member: self.member.clone(), kind, offset, what, hint }
    }

    fn limit(&self, what: impl Into<String>) -> FormatsError {
        FormatsError::Limit { path: self.path.to_owned(), member: self.member.clone(), what: what.into() }
    }

    fn not_recognised(&self, hint: String) -> FormatsError {
        FormatsError::NotRecognised { path: self.path.to_owned(), hint }
    }

    /// Turns a reader's fault into the room's error. `delivered` is how many bytes of the list were read.
    fn error(&self, kind: ListKind, delivered: u64, fault: Fault) -> FormatsError {
        match fault {
            Fault::Invalid { offset, what, hint } => self.invalid(kind, offset, what, hint),
            Fault::Limit(what) => self.limit(what),
            Fault::Case => FormatsError::Case {
                path: self.path.to_owned(),
                member: self.member.clone(),
                hint: HINT_CASE.to_owned(),
            },
            Fault::HashSet => FormatsError::HashSet {
                path: self.path.to_owned(),
                member: self.member.clone(),
                hint: HINT_SET.to_owned(),
            },
            Fault::NotThis(hint) => self.not_recognised(hint.to_owned()),
            Fault::Io(error) => self.read_error(kind, delivered, error),
        }
    }

    fn read_error(&self, kind: ListKind, delivered: u64, error: io::Error) -> FormatsError {
        if let Some(over) = error.get_ref().and_then(|inner| inner.downcast_ref::<OverLimit>()) {
            return self.limit(&over.0);
        }
        match error.kind() {
            io::ErrorKind::UnexpectedEof => self.invalid(kind, delivered, "the packed data ends too early", HINT_CUT),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                self.invalid(kind, delivered, format!("the bytes cannot be read: {error}"), HINT_PACKED)
            }
            _ => FormatsError::Io { path: self.path.to_owned(), source: error },
        }
    }
}

fn read_database(place: &Place<'_>, first: &[u8], sink: &mut Sink<'_>) -> Result<ListHead, FormatsError> {
    let reader = recognise::database(place.path).ok_or_else(|| place.not_recognised(recognise::hint(first)))?;
    let mut head = ListHead::new(reader.kind);
    let outcome = (reader.read)(place.path, &mut head, place.options, sink);
    finished(place, reader.kind, 0, outcome, sink)?;
    Ok(head)
}

/// Recognises and reads one stream to its end. `Ok(Err(hint))`: no reader knows it.
fn read_stream(
    input: impl Read,
    place: &Place<'_>,
    sink: &mut Sink<'_>,
) -> Result<Result<ListHead, String>, FormatsError> {
    let mut list = List::open(input).map_err(|error| place.read_error(ListKind::Vics, 0, error))?;
    let Some(reader) = recognise::stream(list.first()) else {
        return Ok(Err(recognise::hint(list.first())));
    };
    let mut head = ListHead::new(reader.kind);
    let outcome = list.read(reader, &mut head, place.options, sink);
    finished(place, reader.kind, list.delivered, outcome, sink)?;
    Ok(Ok(head))
}

fn finished(
    place: &Place<'_>,
    kind: ListKind,
    delivered: u64,
    outcome: Result<(), Fault>,
    sink: &mut Sink<'_>,
) -> Result<(), FormatsError> {
    if let Some(what) = sink.over_limit.take() {
        return Err(place.limit(what));
    }
    if sink.stopped {
        return Err(FormatsError::Stopped { path: place.path.to_owned() });
    }
    outcome.map_err(|fault| place.error(kind, delivered, fault))
}

/// Reads the file on the disk, hashes what was read, and tells how far it is.
struct Disk {
    file: File,
    sha256: sha2::Sha256,
    counter: Option<Arc<AtomicU64>>,
}

impl Read for Disk {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.file.read(buffer)?;
        self.sha256.update(&buffer[..got]);
        if let Some(counter) = &self.counter {
            counter.fetch_add(got as u64, Ordering::Relaxed);
        }
        Ok(got)
    }
}

/// Reads the members of a gzip file one after another (RFC 1952, section 2.2). Zeros after the last are padding, as gzip
/// itself has it; anything else there is damage.
struct Gunzip<R> {
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> Gunzip<R> {
    fn new(packed: R) -> Self {
        Self { member: Some(GzDecoder::new(packed)) }
    }
}

impl<R: BufRead> Read for Gunzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = self.member.as_mut() {
            let got = member.read(buffer)?;
            if got > 0 || buffer.is_empty() {
                return Ok(got);
            }
            let Some(mut packed) = self.member.take().map(GzDecoder::into_inner) else { break };
            let padded = skip_zeros(&mut packed)?;
            if packed.fill_buf()?.is_empty() {
                break;
            }
            if padded {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "something follows after padding of zeros"));
            }
            self.member = Some(GzDecoder::new(packed));
        }
        Ok(0)
    }
}

/// Passes over zeros, and tells whether there were any.
fn skip_zeros(input: &mut impl BufRead) -> io::Result<bool> {
    let mut any = false;
    loop {
        let bytes = input.fill_buf()?;
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        if zeros == 0 {
            return Ok(any);
        }
        any = true;
        input.consume(zeros);
    }
}

/// Passes on decompressed bytes as long as they are no bomb.
struct Bounded<R> {
    inner: R,
    bytes: u64,
    bytes_max: u64,
    ratio: u64,
}

impl<R: Read> Bounded<R> {
    fn new(inner: R, packed_bytes: u64, options: &ReadOptions) -> Self {
        let limits = &options.limits;
        let bytes_max = packed_bytes.saturating_mul(limits.ratio).max(limits.ratio_free_bytes);
        Self { inner, bytes: 0, bytes_max, ratio: limits.ratio }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(buffer)?;
        self.bytes += got as u64;
        if self.bytes > self.bytes_max {
            return Err(OverLimit::error(format!("it unpacks to more than {} times its size", self.ratio)));
        }
        Ok(got)
    }
}

/// Gives the first bytes again, then the rest.
type Whole<'i> = Chain<Cursor<Vec<u8>>, Box<dyn Read + 'i>>;

/// Holds an open list: its first bytes for those who recognise, all of them for the one who reads.
struct List<'i> {
    input: BufReader<Whole<'i>>,
    first: Vec<u8>,
    delivered: u64,
}

impl<'i> List<'i> {
    fn open(mut input: impl Read + 'i) -> io::Result<Self> {
        let mut first = take_first(&mut input)?;
        let mut rest: Box<dyn Read + 'i> = Box::new(input);
        if let Some(order) = utf16::byte_order(&first) {
            let mut text = utf16::Utf8::new(Cursor::new(first).chain(rest), order);
            first = take_first(&mut text)?;
            rest = Box::new(text);
        }
        let input = BufReader::with_capacity(FIRST_BYTES, Cursor::new(first.clone()).chain(rest));
        Ok(Self { input, first, delivered: 0 })
    }

    fn first(&self) -> &[u8] {
        &self.first
    }

    /// Reads to the end, so that checksums of the packing are checked and every byte on the disk is hashed.
    fn read(
        &mut self,
        reader: &StreamReader,
        head: &mut ListHead,
        options: &ReadOptions,
        sink: &mut Sink<'_>,
    ) -> Result<(), Fault> {
        (reader.read)(self, head, options, sink)?;
        if !sink.is_done() {
            io::copy(self, &mut io::sink())?;
        }
        Ok(())
    }
}

/// Gives the first bytes as UTF-8 where they are UTF-16, for those who recognise.
fn recognisable(first: Vec<u8>) -> Vec<u8> {
    let Some(order) = utf16::byte_order(&first) else { return first };
    let even = first.len() & !1;
    let mut text = Vec::new();
    // What could be read before half a character is enough.
    let _ = utf16::Utf8::new(&first[..even], order).read_to_end(&mut text);
    text
}

fn take_first(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut first = Vec::with_capacity(FIRST_BYTES);
    input.take(FIRST_BYTES as u64).read_to_end(&mut first)?;
    Ok(first)
}

impl Read for List<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.input.read(buffer)?;
        self.delivered += got as u64;
        Ok(got)
    }
}

impl BufRead for List<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.input.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.input.consume(amount);
        self.delivered += amount as u64;
    }
}

#[cfg(test)]
mod tests;
