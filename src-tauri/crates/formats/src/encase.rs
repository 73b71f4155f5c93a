//! Reads EnCase's `.hash` files: a header of 1,152 bytes, then records of 18 bytes, MD5 first.
//!
//! Magic `HASH\r\n\xFF\0`; the name of the set stands as UTF-16LE at byte 1,032. The file has no count that is known, so
//! a file that was cut between two records cannot be told from a whole one.

use std::io::BufRead;
use std::ops::ControlFlow;

use domain::DigestKind;

use crate::row::RowDigests;
use crate::{Fault, HINT_CUT, ListHead, ReadOptions, Sink};

const MAGIC: &[u8] = b"HASH\r\n\xFF\0";
const NAME_AT: usize = 1032;
const RECORDS_AT: usize = 1152;
const RECORD_BYTES: usize = 18;
const MD5_BYTES: usize = 16;

/// Tells whether the file starts as EnCase's do.
pub(crate) fn recognises(first_bytes: &[u8]) -> bool {
    first_bytes.starts_with(MAGIC)
}

/// Reads a file to its end or until the sink has enough.
pub(crate) fn read_encase(
    input: &mut dyn BufRead,
    head: &mut ListHead,
    _options: &ReadOptions,
    sink: &mut Sink<'_>,
) -> Result<(), Fault> {
    let mut header = [0; RECORDS_AT];
    let got = fill(input, &mut header)?;
    if !header.starts_with(MAGIC) {
        return Err(Fault::invalid(0, "the file does not start as EnCase's do", "Export the list again"));
    }
    if got < RECORDS_AT {
        let what = format!("the header has {got} of {RECORDS_AT} bytes");
        return Err(Fault::invalid(got as u64, what, HINT_CUT));
    }
    if let Some(name) = name(&header[NAME_AT..]) {
        head.note(format!("Name in the file: {name}"));
    }

    let mut offset = RECORDS_AT as u64;
    let mut bytes = [0; RECORD_BYTES];
    loop {
        let got = fill(input, &mut bytes)?;
        if got == 0 {
            break;
        }
        if got < RECORD_BYTES {
            let what = format!("the last record has {got} of {RECORD_BYTES} bytes");
            return Err(Fault::invalid(offset, what, HINT_CUT));
        }
        offset += RECORD_BYTES as u64;
        let mut digests = RowDigests::default();
        digests.bytes(DigestKind::Md5, &bytes[..MD5_BYTES]);
        if sink.row(digests.entry(sink.next_id(), None)) == ControlFlow::Break(()) {
            break;
        }
    }
    Ok(())
}

/// Fills `buffer` as far as the input goes, and gives the number of bytes.
fn fill(input: &mut dyn BufRead, buffer: &mut [u8]) -> Result<usize, Fault> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(got) => filled += got,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(filled)
}

/// Reads the name up to its NUL; what cannot be shown safely is escaped.
fn name(field: &[u8]) -> Option<String> {
    let units = field.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).take_while(|unit| *unit != 0);
    let name: String = char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    let shown = domain::SourcePath(name.into_bytes()).shown();
    (!shown.trim().is_empty()).then_some(shown)
}

#[cfg(test)]
mod tests;
