//! Finds serial numbers in the notes that makers keep inside EXIF. Only the layouts that are public knowledge and hold
//! their serial number in the clear are read; everything else in a note is left alone.

use super::Remarks;
use super::tiff::{Directory, Entry, Order, Tiff, byte_order, kind};

/// Describes where a maker's directory lies.
struct Note {
    maker: &'static str,
    /// Where the directory begins, counted as `tiff` counts.
    directory_at: usize,
    /// The bytes that offsets count from.
    bytes_from: usize,
    order: Order,
}

const SERIAL: &str = "SerialNumber";
const INTERNAL: &str = "InternalSerialNumber";

/// Tags that are kept. An internal serial number is not the one printed on the body.
const KEPT: &[(&str, u16, &str)] = &[
    ("Canon", 0x0009, "OwnerName"),
    ("Canon", 0x000c, SERIAL),
    ("Canon", 0x0096, INTERNAL),
    ("Nikon", 0x001d, SERIAL),
    ("Olympus", 0x0101, SERIAL),
    ("Olympus", 0x0102, INTERNAL),
    ("Panasonic", 0x0025, INTERNAL),
    ("Pentax", 0x0229, SERIAL),
    ("Fujifilm", 0x0010, INTERNAL),
    ("Apple", 0x0011, "ContentIdentifier"),
];
/// Olympus keeps the serial number one directory deeper.
const OLYMPUS_EQUIPMENT: u16 = 0x2010;

/// Gives the name of a maker's tag that is kept.
pub(super) fn name(entry: &Entry<'_>) -> Option<&'static str> {
    let Directory::Maker(maker) = entry.directory else { return None };
    KEPT.iter().find(|(of, tag, _)| *of == maker && *tag == entry.tag).map(|(_, _, name)| *name)
}

/// Reads the kept entries of the maker note, if there is one of a known layout.
pub(super) fn entries<'a>(tiff: &Tiff<'a>, found: &[Entry<'a>], remarks: &mut Remarks) -> Vec<Entry<'a>> {
    let note = super::exif::find(found, 0x927c).filter(|_| !tiff.big);
    let make = super::exif::find(found, 0x010f).and_then(Entry::text).unwrap_or_default();
    let Some((note, layout)) = note.and_then(|note| layout(note, make, tiff.order).map(|layout| (note, layout))) else {
        return Vec::new();
    };
    // Where offsets count from the note they must not lead out of it.
    let end = if layout.bytes_from == 0 { tiff.bytes.len() } else { note.at + note.bytes.len() };
    let inner = tiff.part(&tiff.bytes[layout.bytes_from..end], layout.order);
    let directory = Directory::Maker(layout.maker);
    let mut all = Vec::new();
    // A note that is cut off or was moved by an editor is no defect of the picture.
    let mut unheard = Remarks::default();
    inner.directory(directory, layout.directory_at - layout.bytes_from, &mut all, &mut unheard);
    if layout.maker == "Olympus" {
        let deeper = all.iter().find(|entry| entry.tag == OLYMPUS_EQUIPMENT);
        let at = deeper.and_then(|entry| match entry.kind {
            kind::UNDEFINED => Some(entry.at),
            _ => entry.unsigned(0).and_then(|at| usize::try_from(at).ok()),
        });
        all.clear();
        if let Some(at) = at {
            inner.directory(directory, at, &mut all, &mut unheard);
        }
    }
    all.retain(|entry| name(entry).is_some());
    if all.len() > KEPT.len() {
        remarks.add("the maker note repeats itself; the rest is not read");
        all.truncate(KEPT.len());
    }
    all
}

fn layout(note: &Entry<'_>, make: &[u8], order: Order) -> Option<Note> {
    let (at, bytes) = (note.at, note.bytes);
    let found = |maker, directory_at, bytes_from, order| Some(Note { maker, directory_at, bytes_from, order });
    if bytes.starts_with(b"Nikon\0\x02") {
        // A TIFF structure of its own follows the ten bytes of its head.
        let order = byte_order(bytes.get(10..)?)?;
        let first = usize::try_from(order.unsigned(bytes, 14, 4)?).ok()?;
        return found("Nikon", (at + 10).checked_add(first)?, at + 10, order);
    }
    if bytes.starts_with(b"OLYMPUS\0") || bytes.starts_with(b"OM SYSTEM\0") {
        let head = if bytes.starts_with(b"OLYMPUS") { 12 } else { 16 };
        return found("Olympus", at + head, at, byte_order(bytes.get(head - 4..)?)?);
    }
    if bytes.starts_with(b"Panasonic\0\0\0") {
        return found("Panasonic", at + 12, 0, order);
    }
    if bytes.starts_with(b"AOC\0") {
        return found("Pentax", at + 6, 0, byte_order(bytes.get(4..)?).unwrap_or(order));
    }
    if bytes.starts_with(b"FUJIFILM") {
        let first = usize::try_from(Order::Little.unsigned(bytes, 8, 4)?).ok()?;
        return found("Fujifilm", at.checked_add(first)?, at, Order::Little);
    }
    if bytes.starts_with(b"Apple iOS\0") {
        return found("Apple", at + 14, at, byte_order(bytes.get(12..)?)?);
    }
    make.starts_with(b"Canon").then_some(Note { maker: "Canon", directory_at: at, bytes_from: 0, order })
}
