//! Chunks of a PNG that hold metadata (PNG, third edition, 11.3; XMP part 3, 1.1.5).

use std::borrow::Cow;
use std::io::Read;

use super::{Blocks, PARTS_MAX};
use crate::metadata::{Remarks, text};

/// Most bytes that are inflated of one file, over all its chunks.
const INFLATED_BYTES_MAX: usize = 4 << 20;

/// Longest keyword that the standard allows.
const KEYWORD_BYTES_MAX: usize = 79;

/// Searches the chunks of a PNG.
pub(super) fn search<'a>(bytes: &'a [u8], found: &mut Blocks<'a>, remarks: &mut Remarks) {
    let mut rest = bytes.get(8..).unwrap_or_default();
    let mut left = INFLATED_BYTES_MAX;
    for _ in 0..PARTS_MAX {
        let Some((length, after)) = rest.split_first_chunk::<4>() else { break };
        let Some((name, after)) = after.split_first_chunk::<4>() else { break };
        let Some((chunk, after)) = after.split_at_checked(u32::from_be_bytes(*length) as usize) else { break };
        match name {
            b"eXIf" => found.exif(chunk),
            b"tEXt" | b"zTXt" | b"iTXt" => written(name, chunk, &mut left, found)
                .unwrap_or_else(|| remarks.add("a text of the PNG is damaged or too long; it is not read")),
            b"tIME" => found.text("tIME", time(chunk)),
            b"IEND" => break,
            _ => {}
        }
        // A checksum of four bytes follows; the decoder judges it.
        rest = after.get(4..).unwrap_or_default();
    }
}

/// Reads one chunk of text: a keyword, then the text, compressed or not; none when it is damaged.
fn written<'a>(name: &[u8; 4], chunk: &'a [u8], left: &mut usize, found: &mut Blocks<'a>) -> Option<()> {
    let (keyword, rest) = split_at_nul(chunk)?;
    let text = match name {
        b"tEXt" => Cow::Borrowed(rest),
        b"zTXt" => Cow::Owned(inflated(rest.strip_prefix(&[0])?, left)?),
        _ => {
            let (compressed, rest) = rest.split_first_chunk::<2>()?;
            let (_language, rest) = split_at_nul(rest)?;
            let (_translated, rest) = split_at_nul(rest)?;
            match compressed {
                [0, _] => Cow::Borrowed(rest),
                [1, 0] => Cow::Owned(inflated(rest, left)?),
                _ => return None,
            }
        }
    };
    match keyword {
        b"XML:com.adobe.xmp" => found.xmp.push(text),
        // An older way, of ImageMagick: the block as hex digits behind its name and its length.
        b"Raw profile type exif" | b"Raw profile type APP1" => {
            let block = from_hex(&text)?;
            match block.strip_prefix(b"http://ns.adobe.com/xap/1.0/\0") {
                Some(packet) => found.xmp.push(Cow::Owned(packet.to_vec())),
                None => found.exif(block),
            }
        }
        b"Raw profile type xmp" => found.xmp.push(Cow::Owned(from_hex(&text)?)),
        // Latin-1 by the standard, except in iTXt, and often UTF-8 in fact: shown bytes hide neither.
        keyword => {
            found.text(&text::shown(&keyword[..keyword.len().min(KEYWORD_BYTES_MAX)]), text::shown_unpadded(&text))
        }
    }
    Some(())
}

fn time(chunk: &[u8]) -> String {
    match *chunk {
        [y1, y2, month, day, hour, minute, second] => {
            let year = u16::from_be_bytes([y1, y2]);
            format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
        }
        _ => text::hex(chunk),
    }
}

fn split_at_nul(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|byte| *byte == 0)?;
    Some((&bytes[..at], &bytes[at + 1..]))
}

/// Inflates zlib data, as long as the file's budget lasts.
fn inflated(bytes: &[u8], left: &mut usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let read = flate2::read::ZlibDecoder::new(bytes).take(*left as u64 + 1).read_to_end(&mut out);
    let inside = out.len() <= *left;
    *left = left.saturating_sub(out.len());
    (read.is_ok() && inside).then_some(out)
}

/// Reads a profile as hex digits, after its name and its length, each on a line.
fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    let mut lines = text.trim_ascii().splitn(3, |byte| *byte == b'\n');
    let (_name, _length, digits) = (lines.next()?, lines.next()?, lines.next()?);
    let mut nibbles =
        digits.iter().filter(|byte| !byte.is_ascii_whitespace()).map(|digit| char::from(*digit).to_digit(16));
    let mut out = Vec::with_capacity(digits.len() / 2);
    while let Some(high) = nibbles.next() {
        out.push((high? << 4 | nibbles.next()??) as u8);
    }
    Some(out)
}
