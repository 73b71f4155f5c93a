//! The archive within a package, decrypted piece by piece: what is read is counted and hashed on both sides of the encryption,
//! and every way in which it can end too early has its own name.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::rc::Rc;

use age::stream::StreamReader;
use age::x25519;
use domain::Sha256;
use sha2::Digest as _;

use super::disk::io;
use super::entry::{self, BLOCK_BYTES, END_BYTES};
use super::fault::Fault;
use super::write::PIECE_BYTES;
use super::{HEADER_BYTES_MAX, SIGNATURE_FILE, TRAILER_BYTES_MAX};

/// How a file of `age` begins.
pub(crate) const MAGIC: &[u8] = b"age-encryption.org/v1\n";
/// What ends its header.
const HEADER_END: &[u8] = b"\n---";
/// Names the beginning of a package in messages.
const BEGINNING: &str = "its beginning";

/// What is done with each file that is passed over; `Err` ends it.
pub(crate) type Visit<'a> = &'a mut dyn FnMut(&str, &mut dyn Read) -> Result<(), Fault>;

/// Begins to decrypt a package from its first byte.
pub(crate) fn decrypted<'a>(mut file: &'a File, identities: &[x25519::Identity]) -> Result<(Flow<'a>, Input), Fault> {
    file.rewind().map_err(io("read"))?;
    let mut begin = Vec::new();
    file.take(HEADER_BYTES_MAX as u64).read_to_end(&mut begin).map_err(io("read"))?;
    if !begin.starts_with(MAGIC) {
        let cut = !begin.is_empty() && MAGIC.starts_with(&begin);
        return Err(if cut { Fault::Cut } else { Fault::NoPackage });
    }
    // The library reads a header of any length into memory.
    if !begin.windows(HEADER_END.len()).any(|window| window == HEADER_END) {
        let is_whole = begin.len() == HEADER_BYTES_MAX;
        let long = Fault::TooLarge { what: BEGINNING, max: HEADER_BYTES_MAX as u64 };
        return Err(if is_whole { long } else { Fault::Cut });
    }
    file.rewind().map_err(io("read"))?;
    let input = Input::default();
    let reader = BufReader::with_capacity(PIECE_BYTES, Watched { file, input: input.clone() });
    let decryptor = age::Decryptor::new_buffered(reader).map_err(refused)?;
    let keys = identities.iter().map(|key| key as &dyn age::Identity);
    let stream = decryptor.decrypt(keys).map_err(refused)?;
    Ok((Flow { stream, input: input.clone(), at: BEGINNING.to_owned(), piece: vec![0; PIECE_BYTES] }, input))
}

fn refused(error: age::DecryptError) -> Fault {
    match error {
        age::DecryptError::NoMatchingKeys | age::DecryptError::ExcessiveWork { .. } => Fault::NotForYou,
        age::DecryptError::UnknownFormat => Fault::NoPackage,
        age::DecryptError::Io(source) if source.kind() == std::io::ErrorKind::UnexpectedEof => Fault::Cut,
        age::DecryptError::Io(source) => Fault::Io { action: "read", source },
        _ => Fault::Damaged { file: BEGINNING.to_owned() },
    }
}

/// What is known of the encrypted bytes, while others read them.
#[derive(Clone, Default)]
pub(crate) struct Input {
    state: Rc<InputState>,
}

#[derive(Default)]
struct InputState {
    ended: Cell<bool>,
    bytes: Cell<u64>,
    hasher: RefCell<sha2::Sha256>,
}

impl Input {
    /// Gives SHA-256 and length of what was read.
    pub(crate) fn finish(self) -> (Sha256, u64) {
        let hasher = self.state.hasher.take();
        (Sha256(hasher.finalize().into()), self.state.bytes.get())
    }
}

struct Watched<'a> {
    file: &'a File,
    input: Input,
}

impl Read for Watched<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let got = self.file.read(into)?;
        let state = &self.input.state;
        state.ended.set(got == 0 && !into.is_empty());
        state.bytes.set(state.bytes.get() + got as u64);
        state.hasher.borrow_mut().update(&into[..got]);
        Ok(got)
    }
}

/// The decrypted archive.
pub(crate) struct Flow<'a> {
    stream: StreamReader<BufReader<Watched<'a>>>,
    input: Input,
    /// The file that is read, for messages.
    pub at: String,
    piece: Vec<u8>,
}

impl Flow<'_> {
    fn fault(&self, error: std::io::Error) -> Fault {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Fault::Cut,
            // In the last piece nobody can tell what is missing from what was changed.
            std::io::ErrorKind::InvalidData if self.input.state.ended.get() => Fault::Cut,
            std::io::ErrorKind::InvalidData => Fault::Damaged { file: self.at.clone() },
            _ => Fault::Io { action: "read", source: error },
        }
    }

    fn exact(&mut self, into: &mut [u8]) -> Result<(), Fault> {
        self.stream.read_exact(into).map_err(|error| self.fault(error))
    }

    /// Reads a block.
    pub(crate) fn block(&mut self) -> Result<[u8; BLOCK_BYTES], Fault> {
        let mut block = [0; BLOCK_BYTES];
        self.exact(&mut block)?;
        Ok(block)
    }

    /// Reads what fills up the last block of a file.
    fn padding(&mut self, bytes: u64) -> Result<(), Fault> {
        let mut rest = [0; BLOCK_BYTES];
        let rest = &mut rest[..entry::padding(bytes)];
        self.exact(rest)?;
        if rest.iter().any(|byte| *byte != 0) { Err(Fault::Extra { after: self.at.clone() }) } else { Ok(()) }
    }

    /// Reads a small file into memory.
    pub(crate) fn text(&mut self, bytes: u64, what: &'static str, max: u64) -> Result<Vec<u8>, Fault> {
        if bytes > max {
            return Err(Fault::TooLarge { what, max });
        }
        if bytes == 0 {
            return Err(Fault::Missing { file: self.at.clone() });
        }
        let mut text = vec![0; usize::try_from(bytes).map_err(|_| Fault::TooLarge { what, max })?];
        self.exact(&mut text)?;
        self.padding(bytes)?;
        Ok(text)
    }

    /// Passes over a file; gives the SHA-256 of its content.
    pub(crate) fn file(&mut self, name: &str, bytes: u64, visit: Visit<'_>) -> Result<Sha256, Fault> {
        let mut content = Content { flow: self, left: bytes, hasher: sha2::Sha256::new(), fault: None };
        let visited = visit(name, &mut content);
        // The reason why the file could not be read says more than what was made of it.
        if let Some(fault) = content.fault.take() {
            return Err(fault);
        }
        visited?;
        content.skim()?;
        let sha256 = Sha256(content.hasher.finalize().into());
        self.padding(bytes)?;
        Ok(sha256)
    }

    /// Checks that nothing but zeros follows, and that the encryption ends where it should.
    pub(crate) fn end(&mut self) -> Result<(), Fault> {
        let mut zeros = 0;
        loop {
            let mut piece = std::mem::take(&mut self.piece);
            let got = self.stream.read(&mut piece);
            self.piece = piece;
            let got = got.map_err(|error| self.fault(error))?;
            if got == 0 {
                break;
            }
            zeros += got as u64;
            if zeros > TRAILER_BYTES_MAX || self.piece[..got].iter().any(|byte| *byte != 0) {
                return Err(Fault::Extra { after: SIGNATURE_FILE.to_owned() });
            }
        }
        if zeros < END_BYTES as u64 { Err(Fault::Cut) } else { Ok(()) }
    }
}

/// The content of one file, for whoever visits it.
struct Content<'f, 'a> {
    flow: &'f mut Flow<'a>,
    left: u64,
    hasher: sha2::Sha256,
    fault: Option<Fault>,
}

impl Content<'_, '_> {
    /// Passes over what nobody has read.
    fn skim(&mut self) -> Result<(), Fault> {
        let mut piece = std::mem::take(&mut self.flow.piece);
        let skimmed = loop {
            match self.read(&mut piece) {
                Ok(0) => break Ok(()),
                Ok(_) => {}
                Err(source) => break Err(self.fault.take().unwrap_or(Fault::Io { action: "read", source })),
            }
        };
        self.flow.piece = piece;
        skimmed
    }
}

impl Read for Content<'_, '_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(into.len());
        if most == 0 {
            return Ok(0);
        }
        let got = match self.flow.stream.read(&mut into[..most]) {
            Ok(0) => Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof)),
            other => other,
        };
        let got = got.inspect_err(|error| {
            let copy = std::io::Error::new(error.kind(), error.to_string());
            self.fault = Some(self.flow.fault(copy));
        })?;
        self.left -= got as u64;
        self.hasher.update(&into[..got]);
        Ok(got)
    }
}
