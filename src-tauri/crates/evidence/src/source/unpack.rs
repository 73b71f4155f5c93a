//! Unpacks the compressions of archives: one reader for each, within a bound of memory, in safe Rust all the way.

use std::io::{self, BufRead, BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use lzma_rust2::{LzmaReader, XzReader};
use ruzstd::decoding::FrameDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};

use super::content::{Content, ContentReader};

/// Packed bytes read at once.
const PACKED_BYTES: usize = 64 << 10;

/// Memory that one unpacker may ask for. Dictionaries of `xz -9` take 64 MiB, windows of `zstd --ultra` 128 MiB.
const UNPACKER_BYTES_MAX: u32 = 160 << 20;

type Packed = BufReader<ContentReader>;

/// Names how bytes are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// As they are.
    Stored,
    /// DEFLATE without a head (RFC 1951), as in zip.
    Deflate,
    /// Its variant with a window of 64 KiB, as in zip.
    Deflate64,
    /// gzip (RFC 1952), any number one after the other.
    Gzip,
    /// bzip2, any number one after the other.
    Bzip2,
    /// LZMA as zip has it (APPNOTE 5.8.8): version, properties, stream.
    ZipLzma,
    /// xz, any number one after the other.
    Xz,
    /// Zstandard (RFC 8878), any number of frames.
    Zstd,
}

impl Packing {
    /// Gives a reader of what the packed bytes hold. `size_bytes` is what the archive states, where it does.
    pub(crate) fn open(self, packed: &Content, size_bytes: Option<u64>) -> io::Result<Box<dyn Read + Send>> {
        let packed = BufReader::with_capacity(PACKED_BYTES, packed.reader());
        let open = move || -> io::Result<Box<dyn Read + Send>> {
            Ok(match self {
                Self::Stored => Box::new(packed),
                Self::Deflate => Box::new(flate2::bufread::DeflateDecoder::new(packed)),
                Self::Deflate64 => Box::new(deflate64::Deflate64Decoder::with_buffer(packed)),
                Self::Gzip => Box::new(Chain::<flate2::bufread::GzDecoder<Packed>>::new(packed)),
                Self::Bzip2 => Box::new(Chain::<bzip2::bufread::BzDecoder<Packed>>::new(packed)),
                Self::ZipLzma => Box::new(open_zip_lzma(packed, size_bytes)?),
                Self::Xz => Box::new(XzReader::new_mem_limit(packed, true, UNPACKER_BYTES_MAX >> 10)),
                Self::Zstd => Box::new(Frames { packed, frame: FrameDecoder::new(), state: FrameState::Between }),
            })
        };
        Ok(Box::new(Guarded(Some(guard(open)??))))
    }
}

fn guard<T>(call: impl FnOnce() -> T) -> io::Result<T> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|_| invalid("the unpacker gave up"))
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Turns a panic of an unpacker into an error: hostile bytes may cost a member, never a thread.
struct Guarded(Option<Box<dyn Read + Send>>);

impl Read for Guarded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(mut reader) = self.0.take() else {
            return Err(invalid("the unpacker gave up"));
        };
        // The reader comes back only if it did not panic, so nobody sees one that is half-way.
        let (reader, result) = guard(move || {
            let result = reader.read(buffer);
            (reader, result)
        })?;
        self.0 = Some(reader);
        result
    }
}

fn open_zip_lzma(mut packed: Packed, size_bytes: Option<u64>) -> io::Result<LzmaReader<Packed>> {
    let mut head = [0; 9];
    packed.read_exact(&mut head)?;
    if u16::from_le_bytes([head[2], head[3]]) != 5 {
        return Err(invalid("LZMA properties of an unknown length"));
    }
    let dictionary = u32::from_le_bytes([head[5], head[6], head[7], head[8]]);
    if lzma_rust2::lzma_get_memory_usage_by_props(dictionary, head[4])? > UNPACKER_BYTES_MAX >> 10 {
        return Err(invalid("LZMA dictionary over the limit"));
    }
    // All ones stand for "until the end mark".
    LzmaReader::new_with_props(packed, size_bytes.unwrap_or(u64::MAX), head[4], dictionary, None)
}

/// Reads streams that follow each other in one file as one. What follows the last is padding, and is left alone.
struct Chain<D: Link> {
    link: Option<D>,
}

/// One stream of a chain.
trait Link: Read {
    const MAGIC: &'static [u8];
    fn start(packed: Packed) -> Self;
    fn end(self) -> Packed;
}

impl Link for flate2::bufread::GzDecoder<Packed> {
    const MAGIC: &'static [u8] = &[0x1f, 0x8b];
    fn start(packed: Packed) -> Self {
        Self::new(packed)
    }
    fn end(self) -> Packed {
        self.into_inner()
    }
}

impl Link for bzip2::bufread::BzDecoder<Packed> {
    const MAGIC: &'static [u8] = b"BZ";
    fn start(packed: Packed) -> Self {
        Self::new(packed)
    }
    fn end(self) -> Packed {
        self.into_inner()
    }
}

impl<D: Link> Chain<D> {
    fn new(packed: Packed) -> Self {
        Self { link: Some(D::start(packed)) }
    }
}

impl<D: Link> Read for Chain<D> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while let Some(link) = &mut self.link {
            let got = link.read(buffer)?;
            if got > 0 {
                return Ok(got);
            }
            let mut packed = self.link.take().expect("it was there a line ago").end();
            let next = packed.fill_buf()?;
            // A magic number that is cut by the end of the buffer is taken for padding only at the end of the file.
            let shared = next.len().min(D::MAGIC.len());
            if shared > 0 && next[..shared] == D::MAGIC[..shared] {
                self.link = Some(D::start(packed));
            }
        }
        Ok(0)
    }
}

/// Reads frames of Zstandard one after the other, and checks their checksums.
struct Frames {
    packed: Packed,
    frame: FrameDecoder,
    state: FrameState,
}

#[derive(PartialEq, Eq)]
enum FrameState {
    Between,
    Inside,
    Ended,
}

impl Frames {
    fn begin(&mut self) -> io::Result<()> {
        if self.packed.fill_buf()?.is_empty() {
            self.state = FrameState::Ended;
            return Ok(());
        }
        match self.frame.reset(&mut self.packed) {
            Ok(()) => self.state = FrameState::Inside,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                let skipped = io::copy(&mut (&mut self.packed).take(length.into()), &mut io::sink())?;
                if skipped < u64::from(length) {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
            Err(_) => return Err(invalid("damaged Zstandard frame")),
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        let stated = self.frame.get_checksum_from_data();
        if stated.is_some() && stated != self.frame.get_calculated_checksum() {
            return Err(invalid("wrong Zstandard checksum"));
        }
        self.state = FrameState::Between;
        Ok(())
    }
}

impl Read for Frames {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        use ruzstd::decoding::BlockDecodingStrategy::UptoBlocks;
        while !buffer.is_empty() && self.state != FrameState::Ended {
            if self.state == FrameState::Between {
                self.begin()?;
            } else if self.frame.can_collect() > 0 {
                return self.frame.read(buffer);
            } else if self.frame.is_finished() {
                self.end()?;
            } else {
                let decoded = self.frame.decode_blocks(&mut self.packed, UptoBlocks(1));
                decoded.map_err(|_| invalid("damaged Zstandard block"))?;
            }
        }
        Ok(0)
    }
}
