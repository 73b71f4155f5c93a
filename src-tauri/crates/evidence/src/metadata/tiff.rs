//! Walks the directories of a TIFF structure, which is also what EXIF is made of (TIFF 6.0; EXIF 3.0; BigTIFF), by
//! borrowing from the bytes: nothing is copied and nothing is believed.
//!
//! Loops end because a directory is entered once; the number of directories and of entries is limited; a value that
//! points outside is counted and left out.

use super::Remarks;
use super::text::TEXT_BYTES_MAX;

/// Most directories that are entered.
const DIRECTORIES_MAX: usize = 16;
/// Most entries that are read, over all directories. A camera writes about a hundred.
const ENTRIES_MAX: usize = 4096;
/// Most elements of a numeric value that are written out as text.
const ELEMENTS_MAX: u64 = 64;

/// Names the directory in which an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Directory {
    /// The picture (IFD0).
    Picture,
    /// EXIF's own.
    Exif,
    /// GPS.
    Gps,
    /// Interoperability.
    Interoperability,
    /// The embedded small picture (IFD1).
    Thumbnail,
    /// The maker's own, with the maker's name.
    Maker(&'static str),
}

/// Tells which byte of a number comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// `II`.
    Little,
    /// `MM`.
    Big,
}

/// Holds a TIFF structure whose header has been read.
#[derive(Clone, Copy)]
pub(super) struct Tiff<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) order: Order,
    /// Whether offsets and counts have 64 bits.
    pub(super) big: bool,
    first: usize,
}

/// Holds one entry of a directory; the bytes of its value lie inside the structure.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) directory: Directory,
    pub(super) tag: u16,
    pub(super) kind: u16,
    pub(super) count: u64,
    pub(super) bytes: &'a [u8],
    /// Where the bytes of the value begin in the structure.
    pub(super) at: usize,
    pub(super) order: Order,
}

/// Tags that lead to another directory.
const EXIF_POINTER: u16 = 0x8769;
const GPS_POINTER: u16 = 0x8825;
const INTEROPERABILITY_POINTER: u16 = 0xa005;

/// Types of values (TIFF 6.0, section 2; EXIF 3.0, 4.6.2; BigTIFF).
pub(super) mod kind {
    pub(in super::super) const BYTE: u16 = 1;
    pub(in super::super) const ASCII: u16 = 2;
    pub(in super::super) const SHORT: u16 = 3;
    pub(in super::super) const LONG: u16 = 4;
    pub(in super::super) const RATIONAL: u16 = 5;
    pub(in super::super) const SBYTE: u16 = 6;
    pub(in super::super) const UNDEFINED: u16 = 7;
    pub(in super::super) const SSHORT: u16 = 8;
    pub(in super::super) const SLONG: u16 = 9;
    pub(in super::super) const SRATIONAL: u16 = 10;
    pub(in super::super) const FLOAT: u16 = 11;
    pub(in super::super) const DOUBLE: u16 = 12;
    pub(in super::super) const IFD: u16 = 13;
    pub(in super::super) const LONG8: u16 = 16;
    pub(in super::super) const SLONG8: u16 = 17;
    pub(in super::super) const IFD8: u16 = 18;
    pub(in super::super) const UTF8: u16 = 129;
}

/// Gives the bytes that one element of a type takes; none for a type that no standard knows.
fn element_bytes(kind: u16) -> Option<u64> {
    Some(match kind {
        kind::BYTE | kind::ASCII | kind::SBYTE | kind::UNDEFINED | kind::UTF8 => 1,
        kind::SHORT | kind::SSHORT => 2,
        kind::LONG | kind::SLONG | kind::FLOAT | kind::IFD => 4,
        kind::RATIONAL | kind::SRATIONAL | kind::DOUBLE | kind::LONG8 | kind::SLONG8 | kind::IFD8 => 8,
        _ => return None,
    })
}

impl Order {
    /// Reads an unsigned number of `size` bytes, at most 8; none past the end.
    pub(super) fn unsigned(self, bytes: &[u8], at: usize, size: usize) -> Option<u64> {
        let bytes = bytes.get(at..at.checked_add(size)?)?;
        let push = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        Some(match self {
            Self::Big => bytes.iter().fold(0, push),
            Self::Little => bytes.iter().rev().fold(0, push),
        })
    }
}

/// Reads a byte order mark.
pub(super) fn byte_order(bytes: &[u8]) -> Option<Order> {
    match bytes.get(..2)? {
        b"II" => Some(Order::Little),
        b"MM" => Some(Order::Big),
        _ => None,
    }
}

impl<'a> Tiff<'a> {
    /// Reads the header; none when there is none.
    pub(super) fn new(bytes: &'a [u8]) -> Option<Self> {
        let order = byte_order(bytes)?;
        let (big, at, size) = match order.unsigned(bytes, 2, 2)? {
            42 => (false, 4, 4),
            43 if order.unsigned(bytes, 4, 2)? == 8 => (true, 8, 8),
            _ => return None,
        };
        let first = usize::try_from(order.unsigned(bytes, at, size)?).ok()?;
        Some(Self { bytes, order, big, first })
    }

    /// Gives a structure of the same kind inside this one, with its own order and its own count of offsets.
    pub(super) fn part(&self, bytes: &'a [u8], order: Order) -> Self {
        Self { bytes, order, ..*self }
    }

    /// Reads the directories that describe the picture, in the order in which the file leads to them.
    ///
    /// `thumbnail` says whether the second directory in the chain is the small picture, as in EXIF, or another page.
    pub(super) fn entries(&self, thumbnail: bool, remarks: &mut Remarks) -> Vec<Entry<'a>> {
        let mut entries = Vec::new();
        let mut waiting = vec![(Directory::Picture, self.first)];
        let mut entered = Vec::new();
        let mut next = 0;
        while let Some(&(directory, offset)) = waiting.get(next) {
            next += 1;
            if entered.contains(&offset) {
                remarks.add("an EXIF directory is named twice or leads back to itself; it is read once");
                continue;
            }
            if entered.len() == DIRECTORIES_MAX {
                remarks.add("there are too many EXIF directories; the rest is not read");
                break;
            }
            entered.push(offset);
            let start = entries.len();
            let follower = self.directory(directory, offset, &mut entries, remarks);
            for entry in &entries[start..] {
                let leads_to = match (directory, entry.tag) {
                    (Directory::Picture, EXIF_POINTER) => Directory::Exif,
                    (Directory::Picture | Directory::Exif, GPS_POINTER) => Directory::Gps,
                    (Directory::Exif, INTEROPERABILITY_POINTER) => Directory::Interoperability,
                    _ => continue,
                };
                match entry.unsigned(0).and_then(|offset| usize::try_from(offset).ok()) {
                    Some(offset) => waiting.push((leads_to, offset)),
                    None => remarks.add("the pointer to an EXIF directory is no number"),
                }
            }
            if let (Directory::Picture, true, Some(offset)) = (directory, thumbnail, follower)
                && offset != 0
            {
                waiting.push((Directory::Thumbnail, offset));
            }
        }
        entries
    }

    /// Reads one directory at `offset` to `entries`; gives the offset of the next one in the chain, if it is stated.
    pub(super) fn directory(
        &self,
        directory: Directory,
        offset: usize,
        entries: &mut Vec<Entry<'a>>,
        remarks: &mut Remarks,
    ) -> Option<usize> {
        let (count_size, entry_size, offset_size) = if self.big { (8, 20, 8) } else { (2, 12, 4) };
        let Some(stated) = self.order.unsigned(self.bytes, offset, count_size) else {
            remarks.add("an EXIF directory lies outside the data");
            return None;
        };
        let start = offset + count_size;
        let there = ((self.bytes.len() - start) / entry_size) as u64;
        if stated > there {
            remarks.add("an EXIF directory is cut off");
        }
        let count = stated.min(there) as usize;
        let room = ENTRIES_MAX.saturating_sub(entries.len());
        if count > room {
            remarks.add("there are too many EXIF entries; the rest is not read");
        }
        for index in 0..count.min(room) {
            match self.entry(directory, start + index * entry_size) {
                Some(entry) => entries.push(entry),
                None => remarks.add("an EXIF value has an unknown type or lies outside the data; it is left out"),
            }
        }
        if stated > there {
            return None;
        }
        let next = self.order.unsigned(self.bytes, start + count * entry_size, offset_size)?;
        usize::try_from(next).ok()
    }

    fn entry(&self, directory: Directory, at: usize) -> Option<Entry<'a>> {
        let inline = if self.big { 8 } else { 4 };
        let tag = self.order.unsigned(self.bytes, at, 2)? as u16;
        let kind = self.order.unsigned(self.bytes, at + 2, 2)? as u16;
        let count = self.order.unsigned(self.bytes, at + 4, inline)?;
        let length = usize::try_from(count.checked_mul(element_bytes(kind)?)?).ok()?;
        let value = at + 4 + inline;
        let at =
            if length <= inline { value } else { self.order.unsigned(self.bytes, value, inline)?.try_into().ok()? };
        let bytes = self.bytes.get(at..at.checked_add(length)?)?;
        Some(Entry { directory, tag, kind, count, bytes, at, order: self.order })
    }
}

impl<'a> Entry<'a> {
    /// Gives element `index` of an unsigned value.
    pub(super) fn unsigned(&self, index: u64) -> Option<u64> {
        let size = match self.kind {
            kind::BYTE => 1,
            kind::SHORT => 2,
            kind::LONG | kind::IFD => 4,
            kind::LONG8 | kind::IFD8 => 8,
            _ => return None,
        };
        self.element(index, size)
    }

    /// Gives numerator and denominator of element `index`.
    pub(super) fn rational(&self, index: u64) -> Option<(i64, i64)> {
        let at = usize::try_from(index.checked_mul(8)?).ok()?;
        let (upper, lower) = (self.order.unsigned(self.bytes, at, 4)?, self.order.unsigned(self.bytes, at + 4, 4)?);
        match self.kind {
            kind::RATIONAL => Some((upper as i64, lower as i64)),
            kind::SRATIONAL => Some((i64::from(upper as u32 as i32), i64::from(lower as u32 as i32))),
            _ => None,
        }
    }

    /// Gives the bytes of a text up to its first NUL, without surrounding white space, at most [`TEXT_BYTES_MAX`]; none when
    /// nothing is left.
    pub(super) fn text(&self) -> Option<&'a [u8]> {
        if !matches!(self.kind, kind::ASCII | kind::UTF8 | kind::BYTE | kind::UNDEFINED) {
            return None;
        }
        let head = &self.bytes[..self.bytes.len().min(TEXT_BYTES_MAX)];
        let end = head.iter().position(|byte| *byte == 0).unwrap_or(head.len());
        Some(head[..end].trim_ascii()).filter(|text| !text.is_empty())
    }

    fn element(&self, index: u64, size: usize) -> Option<u64> {
        let at = usize::try_from(index).ok()?.checked_mul(size)?;
        self.order.unsigned(self.bytes, at, size)
    }

    /// Writes the numbers of a numeric value, separated by spaces; rationals as `n/d`.
    pub(super) fn numbers(&self) -> Option<String> {
        let mut parts: Vec<String> = (0..self.count.min(ELEMENTS_MAX)).map_while(|index| self.number(index)).collect();
        if parts.is_empty() {
            return None;
        }
        if self.count > ELEMENTS_MAX {
            parts.push(format!("… ({} values)", self.count));
        }
        Some(parts.join(" "))
    }

    fn number(&self, index: u64) -> Option<String> {
        Some(match self.kind {
            kind::BYTE | kind::SHORT | kind::LONG | kind::IFD | kind::LONG8 | kind::IFD8 => {
                self.unsigned(index)?.to_string()
            }
            kind::SBYTE => (self.element(index, 1)? as i8).to_string(),
            kind::SSHORT => (self.element(index, 2)? as i16).to_string(),
            kind::SLONG => (self.element(index, 4)? as i32).to_string(),
            kind::SLONG8 => (self.element(index, 8)? as i64).to_string(),
            // In the form that turns to exponents: a double can have 300 digits.
            kind::FLOAT => format!("{:?}", f32::from_bits(self.element(index, 4)? as u32)),
            kind::DOUBLE => format!("{:?}", f64::from_bits(self.element(index, 8)?)),
            kind::RATIONAL | kind::SRATIONAL => {
                let (upper, lower) = self.rational(index)?;
                format!("{upper}/{lower}")
            }
            _ => return None,
        })
    }
}
