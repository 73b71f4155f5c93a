//! Finds EXIF, XMP and comments inside JPEG, PNG, WebP, GIF, TIFF, HEIF (HEIC, AVIF) and JPEG XL, without decoding.
//!
//! Blocks are borrowed where they lie in one piece. Everything that a file states about itself (lengths, counts,
//! offsets) is checked against what is there; the number of parts, of pieces and of inflated bytes is limited.

mod boxes;
mod form;
mod png;

use std::borrow::Cow;

use domain::{MediaType, MetadataValue};

use super::tiff::{Directory, Tiff};
use super::xmp::XMP_BYTES_MAX;
use super::{Remarks, text};

/// Most segments, chunks, blocks or boxes of a file that are looked at.
const PARTS_MAX: usize = 65_536;
/// Most comments of a file that are kept.
const TEXTS_MAX: usize = 64;
/// What stands before EXIF in a JPEG, and by mistake in other formats.
const EXIF_HEAD: &[u8] = b"Exif\0";

/// Holds what was found in a file.
#[derive(Default)]
pub(super) struct Blocks<'a> {
    /// TIFF structures.
    pub(super) exif: Vec<Cow<'a, [u8]>>,
    /// XMP packets.
    pub(super) xmp: Vec<Cow<'a, [u8]>>,
    /// What the container tells by its form.
    pub(super) form: Vec<MetadataValue>,
    /// Comments and other texts of the container.
    pub(super) texts: Vec<MetadataValue>,
    /// Whether the file itself is the TIFF structure.
    pub(super) whole_file: bool,
    /// Whether the container carries an orientation of its own, which outranks EXIF's.
    pub(super) orients_itself: bool,
}

impl<'a> Blocks<'a> {
    fn exif(&mut self, block: impl Into<Cow<'a, [u8]>>) {
        let mut block = block.into();
        if block.starts_with(EXIF_HEAD) {
            // The head is five bytes and one of padding.
            block = match block {
                Cow::Borrowed(bytes) => Cow::Borrowed(bytes.get(6..).unwrap_or_default()),
                Cow::Owned(bytes) => Cow::Owned(bytes.get(6..).unwrap_or_default().to_vec()),
            };
        }
        self.exif.push(block);
    }

    fn text(&mut self, name: &str, raw: String) {
        if self.texts.len() < TEXTS_MAX && !raw.is_empty() {
            self.texts.push(MetadataValue { group: "container".into(), name: name.into(), raw });
        }
    }
}

/// Searches a file of the given type; a type without a reader here has no blocks.
pub(super) fn blocks<'a>(media: &MediaType, bytes: &'a [u8], remarks: &mut Remarks) -> Blocks<'a> {
    let mut found = Blocks::default();
    match media.mime.as_str() {
        "image/jpeg" => jpeg(bytes, &mut found, remarks),
        "image/png" | "image/apng" | "image/vnd.mozilla.apng" => png::search(bytes, &mut found, remarks),
        "image/webp" => webp(bytes, &mut found),
        "image/gif" => gif(bytes, &mut found),
        "image/jxl" => boxes::jpeg_xl(bytes, &mut found, remarks),
        mime if mime.starts_with("image/heic") || mime.starts_with("image/heif") || mime.starts_with("image/avif") => {
            boxes::heif(bytes, &mut found, remarks);
        }
        // Camera raw files and DNG are TIFF structures too.
        _ if Tiff::new(bytes).is_some() => {
            found.exif.push(Cow::Borrowed(bytes));
            found.whole_file = true;
        }
        _ => {}
    }
    found
}

/// Gives the XMP that a TIFF file holds as a value.
pub(super) fn xmp_of_tiff<'a>(tiff: &Tiff<'a>) -> Option<&'a [u8]> {
    let entries = tiff.entries(false, &mut Remarks::default());
    let entry = entries.iter().find(|entry| entry.directory == Directory::Picture && entry.tag == 0x02bc)?;
    Some(entry.bytes)
}

/// Reads the segments of a JPEG up to its first scan (ITU-T T.81, B.1; EXIF 3.0, 4.7; XMP part 3, 1.1.3).
fn jpeg<'a>(bytes: &'a [u8], found: &mut Blocks<'a>, remarks: &mut Remarks) {
    const XMP_HEAD: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
    const EXTENDED_HEAD: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
    let mut extended = Vec::new();
    let mut form = form::Form::default();
    let mut rest = bytes.get(2..).unwrap_or_default();
    for _ in 0..PARTS_MAX {
        let [0xff, marker, after @ ..] = rest else { break };
        match marker {
            // A fill byte; markers without a length.
            0xff => {
                rest = &rest[1..];
                continue;
            }
            0x01 | 0xd0..=0xd8 => {
                rest = after;
                continue;
            }
            // The scan, the end.
            0xda | 0xd9 => break,
            _ => {}
        }
        let Some((length, _)) = after.split_first_chunk::<2>() else { break };
        let Some(segment) = after.get(2..usize::from(u16::from_be_bytes(*length))) else { break };
        form.see(*marker, segment);
        match marker {
            0xe1 if segment.starts_with(EXIF_HEAD) => found.exif(segment),
            0xe1 => {
                if let Some(packet) = segment.strip_prefix(XMP_HEAD) {
                    found.xmp.push(Cow::Borrowed(packet));
                } else if let Some(piece) = segment.strip_prefix(EXTENDED_HEAD) {
                    extended.push(piece);
                }
            }
            0xfe => found.text("Comment", text::shown_unpadded(segment)),
            _ => {}
        }
        rest = &after[2 + segment.len()..];
    }
    found.form = form.values();
    if !extended.is_empty() {
        match extended_xmp(&extended) {
            Some(packet) => found.xmp.push(Cow::Owned(packet)),
            None => remarks.add("the extended XMP is incomplete or too long; it is not read"),
        }
    }
}

/// Puts the pieces of an extended XMP packet together: each has a GUID of 32 digits, the full length and its offset.
fn extended_xmp(pieces: &[&[u8]]) -> Option<Vec<u8>> {
    let mut packet: Vec<u8> = Vec::new();
    let (guid, _) = pieces.first()?.split_first_chunk::<32>()?;
    let mut full = 0;
    // Writers keep the pieces in order; any other order would have to be sorted before anything can be checked.
    for piece in pieces {
        let (of, rest) = piece.split_first_chunk::<32>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (offset, data) = rest.split_first_chunk::<4>()?;
        if of != guid {
            continue;
        }
        full = u32::from_be_bytes(*length) as usize;
        if u32::from_be_bytes(*offset) as usize != packet.len() || packet.len() + data.len() > XMP_BYTES_MAX {
            return None;
        }
        packet.extend_from_slice(data);
    }
    (packet.len() == full).then_some(packet)
}

/// Reads the chunks of a WebP (RFC 9649, 2.7).
fn webp<'a>(bytes: &'a [u8], found: &mut Blocks<'a>) {
    let mut rest = bytes.get(12..).unwrap_or_default();
    for _ in 0..PARTS_MAX {
        let Some((name, after)) = rest.split_first_chunk::<4>() else { break };
        let Some((length, after)) = after.split_first_chunk::<4>() else { break };
        let length = u32::from_le_bytes(*length) as usize;
        let Some(chunk) = after.get(..length) else { break };
        match name {
            b"EXIF" => found.exif(chunk),
            b"XMP " => found.xmp.push(Cow::Borrowed(chunk)),
            _ => {}
        }
        // Chunks are padded to an even length.
        rest = after.get(length + length % 2..).unwrap_or_default();
    }
}

/// Reads the extensions of a GIF (GIF89a, 24 and 26; XMP part 3, 1.1.2).
fn gif<'a>(bytes: &'a [u8], found: &mut Blocks<'a>) {
    // A table of colours follows where the highest bit is set: 2^(n+1) colours of three bytes.
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let Some(flags) = bytes.get(10) else { return };
    let mut at = 13 + table(*flags);
    for _ in 0..PARTS_MAX {
        match bytes.get(at..).unwrap_or_default() {
            [0x21, 0xfe, ..] => {
                let mut comment = Vec::new();
                at = sub_blocks(bytes, at + 2, &mut |block| {
                    if comment.len() <= text::TEXT_BYTES_MAX {
                        comment.extend_from_slice(block);
                    }
                });
                found.text("Comment", text::shown_unpadded(&comment));
            }
            [0x21, 0xff, 11, name @ ..] if name.starts_with(b"XMP DataXMP") => {
                // The packet lies there as it is; its trailer makes it pass for blocks. It ends with its last tag.
                let start = at + 14;
                at = sub_blocks(bytes, start, &mut |_| {});
                let packet = bytes.get(start..at.min(bytes.len())).unwrap_or_default();
                let end = packet.iter().rposition(|byte| *byte == b'>').map_or(0, |last| last + 1);
                found.xmp.push(Cow::Borrowed(&packet[..end]));
            }
            [0x21, _, ..] => at = sub_blocks(bytes, at + 2, &mut |_| {}),
            [0x2c, _, _, _, _, _, _, _, _, flags, ..] => {
                at = sub_blocks(bytes, at + 11 + table(*flags), &mut |_| {});
            }
            _ => break,
        }
    }
}

/// Passes over blocks that each begin with their length, up to an empty one; gives what follows.
fn sub_blocks(bytes: &[u8], mut at: usize, each: &mut dyn FnMut(&[u8])) -> usize {
    while let Some(&length) = bytes.get(at) {
        let end = at + 1 + usize::from(length);
        if length == 0 {
            return end;
        }
        each(bytes.get(at + 1..end).unwrap_or_default());
        at = end;
    }
    at
}
