//! Boxes of the ISO base media file format that hold metadata: items of HEIF (ISO/IEC 14496-12, 8.11; 23008-12, annex A)
//! and boxes of JPEG XL (ISO/IEC 18181-2, 9).

use std::borrow::Cow;
use std::io::Read;

use super::{Blocks, PARTS_MAX};
use crate::metadata::Remarks;
use crate::metadata::tiff::Order;

/// Most bytes of a block that is scattered over the file and has to be put together.
const SCATTERED_BYTES_MAX: usize = 4 << 20;
/// Most bytes that are unpacked of one file, over all its boxes.
const UNPACKED_BYTES_MAX: usize = 4 << 20;
/// Most pieces of one block.
const PIECES_MAX: u64 = 64;
/// Most blocks of metadata that are taken from a file.
const ITEMS_MAX: usize = 8;

/// Searches a JPEG XL; one without a container has no metadata.
pub(super) fn jpeg_xl<'a>(bytes: &'a [u8], found: &mut Blocks<'a>, remarks: &mut Remarks) {
    found.orients_itself = true;
    if bytes.starts_with(&[0xff, 0x0a]) {
        return;
    }
    let mut left = UNPACKED_BYTES_MAX;
    for (name, content) in Boxes(bytes).take(PARTS_MAX) {
        match name {
            b"Exif" => exif_item(Cow::Borrowed(content), found),
            b"xml " => found.xmp.push(Cow::Borrowed(content)),
            b"brob" if content.starts_with(b"Exif") || content.starts_with(b"xml ") => {
                match unpacked(&content[4..], &mut left) {
                    Some(block) if content.starts_with(b"Exif") => exif_item(Cow::Owned(block), found),
                    Some(block) => found.xmp.push(Cow::Owned(block)),
                    None => {
                        remarks.add("compressed metadata of the JPEG XL are damaged or too long; they are not read")
                    }
                }
            }
            _ => {}
        }
    }
}

/// Unpacks a box that is compressed with Brotli (RFC 7932), as long as the file's budget lasts.
fn unpacked(bytes: &[u8], left: &mut usize) -> Option<Vec<u8>> {
    const BUFFER_BYTES: usize = 4096;
    let mut out = Vec::new();
    let reader = brotli_decompressor::Decompressor::new(bytes, BUFFER_BYTES);
    let read = reader.take(*left as u64 + 1).read_to_end(&mut out);
    let inside = out.len() <= *left;
    *left = left.saturating_sub(out.len());
    (read.is_ok() && inside).then_some(out)
}

/// Searches a HEIC or AVIF.
pub(super) fn heif<'a>(bytes: &'a [u8], found: &mut Blocks<'a>, remarks: &mut Remarks) {
    found.orients_itself = true;
    let Some((_, meta)) = Boxes(bytes).take(PARTS_MAX).find(|(name, _)| *name == b"meta") else { return };
    // The first four bytes are version and flags.
    let inside = |wanted: &[u8; 4]| {
        let meta = meta.get(4..).unwrap_or_default();
        Boxes(meta).take(PARTS_MAX).find(|(name, _)| *name == wanted).map(|(_, content)| content)
    };
    let (Some(infos), Some(places)) = (inside(b"iinf"), inside(b"iloc")) else { return };
    let wanted = wanted_items(infos);
    let data = inside(b"idat").unwrap_or_default();
    for (id, kind) in wanted.iter().take(ITEMS_MAX) {
        match item(places, *id, bytes, data) {
            Some(block) => match kind {
                Kind::Exif => exif_item(block, found),
                Kind::Xmp => found.xmp.push(block),
            },
            None => remarks.add("an item of metadata is damaged or lies outside the file; it is not read"),
        }
    }
}

/// Takes an EXIF item: four bytes tell how many to skip before the TIFF structure.
fn exif_item<'a>(block: Cow<'a, [u8]>, found: &mut Blocks<'a>) {
    let Some(skip) = Order::Big.unsigned(&block, 0, 4) else { return };
    let start = usize::try_from(skip).unwrap_or(usize::MAX).saturating_add(4);
    found.exif(match block {
        Cow::Borrowed(bytes) => Cow::Borrowed(bytes.get(start..).unwrap_or_default()),
        Cow::Owned(bytes) => Cow::Owned(bytes.get(start..).unwrap_or_default().to_vec()),
    });
}

/// Walks boxes that lie side by side: their names and contents. Ends at the first that does not fit.
struct Boxes<'a>(&'a [u8]);

impl<'a> Iterator for Boxes<'a> {
    type Item = (&'a [u8; 4], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.0;
        let name = bytes.get(4..)?.first_chunk::<4>()?;
        let (head, size) = match Order::Big.unsigned(bytes, 0, 4)? {
            // The box reaches to the end.
            0 => (8, bytes.len()),
            1 => (16, usize::try_from(Order::Big.unsigned(bytes, 8, 8)?).ok()?),
            size => (8, size as usize),
        };
        let content = bytes.get(head..size)?;
        self.0 = &bytes[size..];
        Some((name, content))
    }
}

/// Names what an item holds.
enum Kind {
    Exif,
    Xmp,
}

/// Finds the ids of items that hold metadata, among the entries of an `iinf` box.
fn wanted_items(infos: &[u8]) -> Vec<(u64, Kind)> {
    let skip = if infos.first() == Some(&0) { 6 } else { 8 };
    let entries = Boxes(infos.get(skip..).unwrap_or_default()).take(PARTS_MAX).filter(|(name, _)| *name == b"infe");
    entries.filter_map(|(_, entry)| wanted_item(entry)).take(ITEMS_MAX).collect()
}

fn wanted_item(entry: &[u8]) -> Option<(u64, Kind)> {
    let id_size = match entry.first()? {
        2 => 2,
        3 => 4,
        _ => return None,
    };
    let id = Order::Big.unsigned(entry, 4, id_size)?;
    // Two bytes of protection, the type, then the name and the content type, each ended by NUL.
    let rest = entry.get(4 + id_size + 2..)?;
    let (kind, names) = rest.split_first_chunk::<4>()?;
    match kind {
        b"Exif" => Some((id, Kind::Exif)),
        b"mime" => {
            let content_type = names.split(|byte| *byte == 0).nth(1)?;
            (content_type == b"application/rdf+xml").then_some((id, Kind::Xmp))
        }
        _ => None,
    }
}

/// Reads numbers one after the other.
struct Numbers<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Numbers<'_> {
    /// Reads a number of `size` bytes; one of no bytes is 0.
    fn take(&mut self, size: usize) -> Option<u64> {
        let number = Order::Big.unsigned(self.bytes, self.at, size)?;
        self.at += size;
        Some(number)
    }
}

/// Gives the content of an item, found by an `iloc` box, from the file or from the `idat` box.
fn item<'a>(places: &[u8], wanted: u64, file: &'a [u8], data: &'a [u8]) -> Option<Cow<'a, [u8]>> {
    let version = *places.first()?;
    let mut numbers = Numbers { bytes: places, at: 4 };
    let sizes = numbers.take(2)?;
    let size = |shift: u32| Some((sizes >> shift & 15) as usize).filter(|size| matches!(size, 0 | 4 | 8));
    let (offset_size, length_size, base_size) = (size(12)?, size(8)?, size(4)?);
    let index_size = if version == 0 { 0 } else { size(0)? };
    let id_size = if version < 2 { 2 } else { 4 };
    for _ in 0..numbers.take(id_size)?.min(PARTS_MAX as u64) {
        let id = numbers.take(id_size)?;
        let method = if version == 0 { 0 } else { numbers.take(2)? & 15 };
        let _data_reference = numbers.take(2)?;
        let base = numbers.take(base_size)?;
        let pieces = numbers.take(2)?;
        if id != wanted {
            let piece_size = index_size + offset_size + length_size;
            numbers.at = numbers.at.checked_add(piece_size.checked_mul(pieces as usize)?)?;
            continue;
        }
        let from = match method {
            0 => file,
            1 => data,
            _ => return None,
        };
        let mut found: Cow<'a, [u8]> = Cow::Borrowed(&[]);
        for _ in 0..Some(pieces).filter(|pieces| *pieces <= PIECES_MAX)? {
            numbers.take(index_size)?;
            let start = usize::try_from(base.checked_add(numbers.take(offset_size)?)?).ok()?;
            let length = usize::try_from(numbers.take(length_size)?).ok()?;
            let piece = from.get(start..start.checked_add(length)?)?;
            if found.is_empty() {
                found = Cow::Borrowed(piece);
            } else if found.len() + piece.len() <= SCATTERED_BYTES_MAX {
                found.to_mut().extend_from_slice(piece);
            } else {
                return None;
            }
        }
        return Some(found);
    }
    None
}
