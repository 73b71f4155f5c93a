//! Reads the lists in a zip archive: `VICS_Pictures_Results.json` and `VICS_Movies_Results.json` are one set. Members
//! are recognised by content; their names are shown in errors and are never paths.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use domain::SourcePath;
use zip::ZipArchive;
use zip::result::ZipError;

use super::{Bounded, Place, read_stream, recognisable};
use crate::{FormatsError, ListHead, ListKind, Sink, recognise, vics};

/// How many bytes of a member are unpacked to recognise it.
const FIRST_BYTES: u64 = 4 << 10;

/// Longest name of a member in an error, in characters.
const NAME_CHARS_MAX: usize = 200;

/// Where the records at the end of an archive stand: its comment has at most 65,535 bytes (APPNOTE 4.3.16).
const TAIL_BYTES: u64 = 128 << 10;

/// Reads all lists of the archive as one: record numbers go on from one to the next.
pub(super) fn read_members(
    file: &mut File,
    length: u64,
    place: &mut Place<'_>,
    sink: &mut Sink<'_>,
) -> Result<ListHead, FormatsError> {
    let mut archive = open_archive(file, length, place)?;
    let lists = find_lists(&mut archive, place)?;
    let mut whole: Option<ListHead> = None;
    let mut unpacked = 0;
    for index in lists {
        let member = archive.by_index(index).map_err(|error| damaged(place, &error))?;
        place.member = Some(shown_name(member.name_raw()));
        let mut bounded = Bounded::new(member, length, place.options);
        bounded.bytes = unpacked;
        let head = read_stream(&mut bounded, place, sink)?.map_err(|hint| place.not_recognised(hint))?;
        unpacked = bounded.bytes;
        whole = Some(match whole {
            Some(before) => joined(before, head, place)?,
            None => head,
        });
    }
    place.member = None;
    whole
        .ok_or_else(|| place.not_recognised(format!("no member of this archive is a list. {}", recognise::hint(b"PK"))))
}

/// Opens the archive where it declares no more members than may be held.
pub(super) fn open_archive<'f>(
    file: &'f mut File,
    length: u64,
    place: &Place<'_>,
) -> Result<ZipArchive<&'f mut File>, FormatsError> {
    let limits = &place.options.limits;
    let declared = declared_members(file, length).map_err(|error| damaged(place, &error.into()))?;
    if declared > limits.archive_members as u64 {
        return Err(place.limit(format!("the archive has more than {} members", limits.archive_members)));
    }
    ZipArchive::new(file).map_err(|error| damaged(place, &error))
}

/// Counts the members that the archive declares, before the directory of all of them is held in memory: the largest
/// number of any end record in the tail, so that no reader can take another one than was checked.
fn declared_members(file: &mut File, length: u64) -> io::Result<u64> {
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
    file.take(TAIL_BYTES).read_to_end(&mut tail)?;
    let mut declared = 0;
    let (mut wide, mut located) = (false, false);
    for at in 0..tail.len() {
        match &tail[at..] {
            [b'P', b'K', 5, 6, _, _, _, _, _, _, low, high, ..] => {
                declared = declared.max(u64::from(u16::from_le_bytes([*low, *high])));
            }
            [b'P', b'K', 6, 6, rest @ ..] if rest.len() >= 36 => {
                wide = true;
                let count: [u8; 8] = rest[28..36].try_into().expect("eight bytes were cut out");
                declared = declared.max(u64::from_le_bytes(count));
            }
            [b'P', b'K', 6, 7, ..] => located = true,
            _ => {}
        }
    }
    if located && !wide {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "its end record stands far from its end"));
    }
    Ok(declared)
}

/// Finds the members that are lists. A VICS set outranks others beside it, such as the checksums of its own files.
fn find_lists(archive: &mut ZipArchive<&mut File>, place: &mut Place<'_>) -> Result<Vec<usize>, FormatsError> {
    let limits = &place.options.limits;
    if archive.has_duplicate_names() {
        return Err(place.not_recognised("two members of the archive have one name: unpack it first".to_owned()));
    }
    let mut found: Vec<(ListKind, usize)> = Vec::new();
    for index in 0..archive.len() {
        let member = match archive.by_index(index) {
            Err(ZipError::InvalidPassword | ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => {
                return Err(place.not_recognised("the archive is encrypted: unpack it first".to_owned()));
            }
            other => other.map_err(|error| damaged(place, &error))?,
        };
        place.member = Some(shown_name(member.name_raw()));
        if member.is_dir() {
            continue;
        }
        let mut first = Vec::new();
        let got = member.take(FIRST_BYTES).read_to_end(&mut first);
        got.map_err(|error| damaged(place, &error.into()))?;
        // A release of NSRL holds its database and, beside it, the checksums of its own files: not the list that was meant.
        if recognise::is_database(&first) {
            return Err(place.not_recognised(format!(
                "{} in it is an SQLite database: unpack the archive and import that",
                place.member.as_deref().unwrap_or_default()
            )));
        }
        let first = recognisable(first);
        match recognise::stream(&first) {
            // An archive holds other JSON too: reports, settings, seized files.
            Some(reader) if reader.kind == ListKind::Vics && !vics::may_be_set(&first) => {}
            Some(reader) => found.push((reader.kind, index)),
            None => {}
        }
        if found.len() > limits.archive_lists {
            return Err(place.limit(format!("the archive has more than {} lists", limits.archive_lists)));
        }
    }
    place.member = None;
    if found.iter().any(|(kind, _)| *kind == ListKind::Vics) {
        found.retain(|(kind, _)| *kind == ListKind::Vics);
    }
    if found.iter().any(|(kind, _)| *kind != found[0].0) {
        return Err(place.not_recognised("its members are lists of different kinds: import each alone".to_owned()));
    }
    Ok(found.into_iter().map(|(_, index)| index).collect())
}

fn joined(mut whole: ListHead, next: ListHead, place: &Place<'_>) -> Result<ListHead, FormatsError> {
    // The numbers of two schemes would get one meaning.
    if whole.profile != next.profile || whole.version != next.version {
        let what = "this list has another version or profile than the one before it in the archive";
        return Err(place.invalid(whole.kind, 0, what, "Unpack the archive and import each alone, under its own name"));
    }
    next.notes.into_iter().for_each(|note| whole.note(note));
    whole.published = whole.published.max(next.published);
    Ok(whole)
}

pub(super) fn shown_name(name: &[u8]) -> String {
    SourcePath(name.to_vec()).shown().chars().take(NAME_CHARS_MAX).collect()
}

pub(super) fn damaged(place: &Place<'_>, error: &ZipError) -> FormatsError {
    let inside = place.member.as_ref().map(|name| format!(" at its member {name}")).unwrap_or_default();
    place.not_recognised(format!("the zip archive is damaged or of an unusual form{inside} ({error}): unpack it first"))
}
