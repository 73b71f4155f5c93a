//! Interprets EXIF (CIPA DC-008): device, time of taking, orientation, and every value as text.
//!
//! What a value does not say is not made up: a time without a zone stays without one, and a time that is all zeros is
//! none.

use domain::{Camera, MetadataValue, TakenAt};

use super::tiff::{Directory, Entry, Order, Tiff, kind};
use super::{EMBEDDED_BYTES_MAX, EmbeddedJpeg, Metadata, Remarks, VALUES_MAX, clock, gps, makernote, tags, text};

/// Bytes of a maker note that are shown: enough to recognise the maker. The rest is no text.
const MAKER_NOTE_BYTES_SHOWN: usize = 16;

/// Reads a TIFF structure into `found`.
///
/// `whole_file` says that the structure is a TIFF file and not a block inside a picture of another format.
pub(super) fn read(tiff: Tiff<'_>, whole_file: bool, found: &mut Metadata, remarks: &mut Remarks) {
    let mut entries = tiff.entries(!whole_file, remarks);
    let maker = makernote::entries(&tiff, &entries, remarks);
    entries.extend(maker);
    found.orientation = orientation(&entries, remarks);
    found.camera = camera(&entries);
    found.gps = gps::fix(&entries, remarks);
    found.taken = taken(&entries, remarks);
    if let Some(bytes) = thumbnail_bytes(&tiff, &entries, remarks) {
        found.values.push(MetadataValue {
            group: "exif".into(),
            name: "thumbnail.bytes".into(),
            raw: bytes.len().to_string(),
        });
        if bytes.starts_with(&[0xff, 0xd8, 0xff]) && bytes.len() <= EMBEDDED_BYTES_MAX {
            found.embedded = Some(EmbeddedJpeg(bytes.to_vec()));
        }
    }
    // Names that a standard knows come first, so that a flood of others cannot push them out.
    entries.sort_by_key(|entry| label(entry).is_none());
    if entries.len() > VALUES_MAX {
        remarks.add("there are more metadata values than are kept");
    }
    found.values.extend(entries.iter().take(VALUES_MAX).map(value));
}

/// Finds the first entry of a tag; the directory is that of the standard or, as some writers have it, the other one.
pub(super) fn find<'e, 'a>(entries: &'e [Entry<'a>], tag: u16) -> Option<&'e Entry<'a>> {
    entries.iter().find(|entry| entry.tag == tag && matches!(entry.directory, Directory::Picture | Directory::Exif))
}

fn orientation(entries: &[Entry<'_>], remarks: &mut Remarks) -> u8 {
    let Some(entry) = entries.iter().find(|entry| entry.tag == 0x0112 && entry.directory == Directory::Picture) else {
        return 1;
    };
    match entry.unsigned(0) {
        Some(value @ 1..=8) => value as u8,
        _ => {
            remarks.add("the EXIF orientation is none of 1 to 8; the picture is shown as it is stored");
            1
        }
    }
}

fn camera(entries: &[Entry<'_>]) -> Camera {
    let text_of = |tag: u16| find(entries, tag).and_then(shown_text);
    let maker = |name: &str| {
        entries.iter().find(|entry| makernote::name(entry) == Some(name)).and_then(|entry| match entry.kind {
            kind::ASCII | kind::UNDEFINED => shown_text(entry),
            _ => entry.unsigned(0).filter(|serial| *serial != 0).map(|serial| serial.to_string()),
        })
    };
    Camera {
        make: text_of(0x010f),
        model: text_of(0x0110),
        serial: text_of(0xa431)
            .or_else(|| text_of(0xc62f))
            .or_else(|| maker("SerialNumber"))
            .or_else(|| text_of(0xfde9)),
        lens_serial: text_of(0xa435),
        software: text_of(0x0131),
        owner: text_of(0xa430)
            .or_else(|| text_of(0x013b))
            .or_else(|| find(entries, 0x9c9d).map(|entry| utf16(entry.bytes, Order::Little)).filter(|t| !t.is_empty()))
            .or_else(|| text_of(0xfde8)),
    }
}

fn shown_text(entry: &Entry<'_>) -> Option<String> {
    entry.text().map(text::shown)
}

/// Reads the time of taking. `DateTime` is when the file was changed and `DateTimeDigitized` when a print was scanned:
/// neither is taken for it, nor is the offset of either.
fn taken(entries: &[Entry<'_>], remarks: &mut Remarks) -> Option<TakenAt> {
    let stated = find(entries, 0x9003)?.text()?;
    let mut local = match clock::exif(stated) {
        clock::Stated::At(local) => local,
        clock::Stated::Unset => return None,
        clock::Stated::Nonsense => {
            remarks.add("DateTimeOriginal is no date and time");
            return None;
        }
    };
    if let Some(fraction) = find(entries, 0x9291).and_then(Entry::text) {
        match clock::fraction(fraction) {
            Some(digits) => local = format!("{local}.{digits}"),
            None => remarks.add("SubSecTimeOriginal is no number"),
        }
    }
    let offset = find(entries, 0x9011).and_then(Entry::text).and_then(|stated| {
        let offset = clock::offset(stated);
        // Cameras without a zone fill the field with blanks around a colon.
        if offset.is_none() && stated.iter().any(u8::is_ascii_digit) {
            remarks.add("OffsetTimeOriginal is no offset");
        }
        offset
    });
    Some(TakenAt { local, offset })
}

/// Gives the bytes of the embedded small picture, if there is one and it lies inside.
fn thumbnail_bytes<'a>(tiff: &Tiff<'a>, entries: &[Entry<'_>], remarks: &mut Remarks) -> Option<&'a [u8]> {
    let number = |tag: u16| {
        let entry = entries.iter().find(|entry| entry.directory == Directory::Thumbnail && entry.tag == tag)?;
        usize::try_from(entry.unsigned(0)?).ok()
    };
    let (start, length) = (number(0x0201)?, number(0x0202).filter(|length| *length > 0)?);
    let bytes = start.checked_add(length).and_then(|end| tiff.bytes.get(start..end));
    if bytes.is_none() {
        remarks.add("the embedded thumbnail lies outside the EXIF data");
    }
    bytes
}

/// Gives the name under which a value is kept, where a standard or a maker's table knows it.
fn label(entry: &Entry<'_>) -> Option<String> {
    match entry.directory {
        Directory::Maker(maker) => makernote::name(entry).map(|name| format!("MakerNote.{maker}.{name}")),
        Directory::Thumbnail => tags::name(entry.directory, entry.tag).map(|name| format!("thumbnail.{name}")),
        directory => tags::name(directory, entry.tag).map(str::to_owned),
    }
}

fn value(entry: &Entry<'_>) -> MetadataValue {
    let group = if entry.directory == Directory::Gps { "gps" } else { "exif" };
    let name = label(entry).unwrap_or_else(|| match entry.directory {
        Directory::Thumbnail => format!("thumbnail.0x{:04x}", entry.tag),
        _ => format!("0x{:04x}", entry.tag),
    });
    MetadataValue { group: group.into(), name, raw: raw(entry) }
}

/// Writes a value as it stood: text as escaped text, numbers as numbers, rationals as `n/d`, other bytes as hex.
fn raw(entry: &Entry<'_>) -> String {
    match (entry.directory, entry.tag) {
        (Directory::Exif | Directory::Picture, 0x927c) => {
            let head = &entry.bytes[..entry.bytes.len().min(MAKER_NOTE_BYTES_SHOWN)];
            return format!("{} bytes, from {}", entry.bytes.len(), text::hex(head));
        }
        (Directory::Exif | Directory::Picture, 0x9286) | (Directory::Gps, 0x1b | 0x1c) => {
            return coded_text(entry.bytes, entry.order);
        }
        (Directory::Exif | Directory::Picture, 0x9c9b..=0x9c9f) => return utf16(entry.bytes, Order::Little),
        (Directory::Exif, 0x9000 | 0xa000) | (Directory::Interoperability, 2) => {
            return text::shown_unpadded(entry.bytes);
        }
        _ => {}
    }
    match entry.kind {
        kind::ASCII | kind::UTF8 => text::shown_unpadded(entry.bytes),
        kind::UNDEFINED => text::hex(entry.bytes),
        // A few bytes are a version or a flag; many are data.
        kind::BYTE if entry.count > 8 => text::hex(entry.bytes),
        _ => entry.numbers().unwrap_or_default(),
    }
}

/// Reads a text that begins with eight bytes naming its character code (EXIF 3.0, 4.6.6, `UserComment`).
fn coded_text(bytes: &[u8], order: Order) -> String {
    let Some((code, rest)) = bytes.split_first_chunk::<8>() else { return text::hex(bytes) };
    match code {
        b"UNICODE\0" => {
            // The order is that of the structure, unless a mark says otherwise.
            let (order, rest) = match rest {
                [0xff, 0xfe, rest @ ..] => (Order::Little, rest),
                [0xfe, 0xff, rest @ ..] => (Order::Big, rest),
                rest => (order, rest),
            };
            utf16(rest, order)
        }
        b"ASCII\0\0\0" | b"JIS\0\0\0\0\0" | b"\0\0\0\0\0\0\0\0" => text::shown_unpadded(rest),
        _ => text::shown_unpadded(bytes),
    }
}

/// Reads UTF-16 up to its first NUL.
fn utf16(bytes: &[u8], order: Order) -> String {
    let units = bytes.as_chunks::<2>().0.iter().map(|pair| match order {
        Order::Little => u16::from_le_bytes(*pair),
        Order::Big => u16::from_be_bytes(*pair),
    });
    text::shown_utf16(units.take_while(|unit| *unit != 0))
}
