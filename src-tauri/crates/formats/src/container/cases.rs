//! Opens a case as it lies on the disk: plain, packed by gzip, or in a zip archive with its media. The media are not
//! opened. The file is read twice: once to its end, and only then for whoever wants its records.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use domain::{Sha256, SourcePath};
use sha2::Digest;
use zip::ZipArchive;

use super::zip_members::{self, shown_name};
use super::{Bounded, Disk, GZIP, Gunzip, List, Place, READ_BYTES, ZIPS, open, recognisable, written};
use crate::case::tally::{CaseSink, Tally};
use crate::case::{CaseDescription, CaseKind, CaseNote, CaseReadOptions, CaseSummary, slashed};
use crate::recognise::{self, FIRST_BYTES};
use crate::{FormatsError, ListKind, ReadOptions, c4all, vics_case};

/// How many bytes of a member are unpacked to recognise it.
const MEMBER_FIRST_BYTES: u64 = 4 << 10;
/// How many members with the name of such a file are looked at where only the kind is asked for.
const MEMBERS_LOOKED_AT_MAX: usize = 100;

/// Reads a case, of `kind` alone where that is given. See [`crate::case::read`].
pub(crate) fn read_case(
    path: &Path,
    kind: Option<CaseKind>,
    options: &CaseReadOptions,
    sink: Option<&mut CaseSink<'_>>,
) -> Result<CaseSummary, FormatsError> {
    let failed = |source| FormatsError::Io { path: path.to_owned(), source };
    let before = std::fs::metadata(path).map_err(failed)?;
    let read_options = ReadOptions {
        limits: options.limits.clone(),
        read_bytes: options.read_bytes.clone(),
        ..ReadOptions::default()
    };
    let pass = Pass { path, kind, options, read_options: &read_options };
    let found = pass.run(None, None)?;
    let found = match sink {
        Some(sink) => {
            let again = pass.run(Some(&found), Some(sink))?;
            let now = std::fs::metadata(path).map_err(failed)?;
            if written(&before) != written(&now) || again.sha256 != found.sha256 {
                let hint = "Wait until nobody writes it any more, then add it again";
                let place = Place { path, member: None, options: &read_options };
                return Err(place.invalid(list_kind(found.kind), 0, "the file was changed while it was read", hint));
            }
            again
        }
        None => found,
    };
    Ok(found)
}

fn list_kind(kind: CaseKind) -> ListKind {
    match kind {
        CaseKind::Vics => ListKind::VicsCase,
        CaseKind::C4All => ListKind::C4AllIndex,
    }
}

/// Tells what the first bytes are, where they are a case at all.
fn recognise_case(first: &[u8]) -> Option<CaseKind> {
    if c4all::recognises(first) {
        return Some(CaseKind::C4All);
    }
    vics_case::recognises(first).then_some(CaseKind::Vics)
}

/// Reads the file once.
struct Pass<'p> {
    path: &'p Path,
    kind: Option<CaseKind>,
    options: &'p CaseReadOptions,
    read_options: &'p ReadOptions,
}

impl Pass<'_> {
    fn run(&self, known: Option<&CaseSummary>, sink: Option<&mut CaseSink<'_>>) -> Result<CaseSummary, FormatsError> {
        let failed = |source| FormatsError::Io { path: self.path.to_owned(), source };
        let mut file = open(self.path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        let mut first = Vec::new();
        (&mut file).take(FIRST_BYTES as u64).read_to_end(&mut first).map_err(failed)?;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        let mut disk = Disk { file, sha256: sha2::Sha256::new(), counter: self.read_options.read_bytes.clone() };
        let mut place = Place { path: self.path, member: None, options: self.read_options };
        let mut tally = Tally::new(self.options, known);
        if let Some(sink) = sink {
            tally.hand_to(sink);
        }
        if ZIPS.iter().any(|magic| first.starts_with(magic)) {
            io::copy(&mut disk, &mut io::sink()).map_err(failed)?;
            self.archive(&mut disk.file, length, &mut place, &mut tally)?;
        } else if first.starts_with(GZIP) {
            let packed = BufReader::with_capacity(READ_BYTES, &mut disk);
            let unpacked = Bounded::new(Gunzip::new(packed), length, self.read_options);
            self.stream(unpacked, b"", &place, &mut tally)?;
        } else {
            self.stream(&mut disk, b"", &place, &mut tally)?;
            let sha256 = Sha256(disk.sha256.clone().finalize().into());
            tally.descriptions.push(CaseDescription { member: None, sha256 });
        }
        Ok(tally.summary(Sha256(disk.sha256.finalize().into())))
    }

    /// Recognises and reads one stream to its end.
    fn stream(
        &self,
        input: impl Read,
        folder: &[u8],
        place: &Place<'_>,
        tally: &mut Tally<'_>,
    ) -> Result<(), FormatsError> {
        let mut list = List::open(input).map_err(|error| place.read_error(ListKind::VicsCase, 0, error))?;
        let found = recognise_case(list.first()).ok_or_else(|| place.not_recognised(hint(list.first())))?;
        if let Some(wanted) = self.kind.filter(|wanted| *wanted != found) {
            return Err(place.not_recognised(format!("this is a {found}, and a {wanted} was asked for")));
        }
        tally.kind.get_or_insert(found);
        let limits = &self.read_options.limits;
        let outcome = match found {
            CaseKind::Vics => vics_case::read_json(&mut list, folder, limits, tally),
            CaseKind::C4All => c4all::read_xml(&mut list, folder, limits, tally),
        };
        let kind = list_kind(found);
        if let Some(what) = tally.over_limit.take() {
            return Err(place.limit(what));
        }
        if tally.stopped {
            return Err(FormatsError::Stopped { path: self.path.to_owned() });
        }
        let delivered = list.delivered;
        outcome.map_err(|fault| place.error(kind, delivered, fault))?;
        // Checksums of the packing are checked at its end, and every byte on the disk is hashed.
        io::copy(&mut list, &mut io::sink()).map_err(|error| place.read_error(kind, delivered, error))?;
        Ok(())
    }

    /// Reads the cases of an archive as one: numbers of records go on from one file to the next.
    fn archive(
        &self,
        file: &mut File,
        length: u64,
        place: &mut Place<'_>,
        tally: &mut Tally<'_>,
    ) -> Result<(), FormatsError> {
        let mut archive = zip_members::open_archive(file, length, place)?;
        let members = self.members(&mut archive, place, tally)?;
        if members.is_empty() {
            return Err(place.not_recognised(format!("no member of this archive is a case. {HINT_READ}")));
        }
        let mut unpacked = 0;
        for (_, index) in members {
            let member = archive.by_index(index).map_err(|error| zip_members::damaged(place, &error))?;
            place.member = Some(shown_name(member.name_raw()));
            let (folder, name) = (folder_of(member.name_raw()), SourcePath(slashed(member.name_raw())));
            let mut bounded = Bounded::new(member, length, self.read_options);
            bounded.bytes = unpacked;
            let mut hashed = Hashed { input: &mut bounded, sha256: sha2::Sha256::new() };
            self.stream(&mut hashed, &folder, place, tally)?;
            let sha256 = Sha256(hashed.sha256.finalize().into());
            tally.descriptions.push(CaseDescription { member: Some(name), sha256 });
            unpacked = bounded.bytes;
        }
        place.member = None;
        Ok(())
    }

    /// Finds the members that are cases. Those with the name of such a file come before all others: a stored file of the
    /// case, which has none, is read as a case only where nothing else is one.
    fn members(
        &self,
        archive: &mut ZipArchive<&mut File>,
        place: &mut Place<'_>,
        tally: &mut Tally<'_>,
    ) -> Result<Vec<(CaseKind, usize)>, FormatsError> {
        let (named, others): (Vec<usize>, Vec<usize>) =
            (0..archive.len()).partition(|index| is_named_so(archive, *index));
        let mut found = Vec::new();
        for candidates in [named, others] {
            for index in candidates {
                let member = archive.by_index(index).map_err(|error| zip_members::damaged(place, &error))?;
                place.member = Some(shown_name(member.name_raw()));
                if member.is_dir() {
                    continue;
                }
                let kind = recognise_start(member, MEMBER_FIRST_BYTES);
                let kind = kind.map_err(|error| zip_members::damaged(place, &error.into()))?;
                if let Some(kind) = kind.filter(|kind| self.kind.is_none_or(|wanted| wanted == *kind)) {
                    found.push((kind, index));
                }
                if found.len() > self.read_options.limits.archive_lists {
                    let max = self.read_options.limits.archive_lists;
                    return Err(place.limit(format!("the archive has more than {max} cases")));
                }
            }
            if !found.is_empty() {
                break;
            }
        }
        place.member = None;
        // Some programs write the same records in both forms.
        if found.iter().any(|(kind, _)| *kind == CaseKind::Vics)
            && found.iter().any(|(kind, _)| *kind == CaseKind::C4All)
        {
            tally.note(CaseNote::BothKinds);
            found.retain(|(kind, _)| *kind == CaseKind::Vics);
        }
        Ok(found)
    }
}

/// Does what [`crate::case::recognise`] does.
pub(crate) fn recognise_case_file(path: &Path) -> Option<CaseKind> {
    let mut file = open(path).ok()?;
    let mut first = Vec::new();
    (&mut file).take(GZIP.len().max(4) as u64).read_to_end(&mut first).ok()?;
    file.seek(SeekFrom::Start(0)).ok()?;
    if first.starts_with(GZIP) {
        let packed = BufReader::with_capacity(READ_BYTES, file);
        return recognise_start(Gunzip::new(packed), FIRST_BYTES as u64).ok()?;
    }
    if !ZIPS.iter().any(|magic| first.starts_with(magic)) {
        return recognise_start(file, FIRST_BYTES as u64).ok()?;
    }
    let length = file.metadata().ok()?.len();
    let options = ReadOptions::default();
    let place = Place { path, member: None, options: &options };
    let mut archive = zip_members::open_archive(&mut file, length, &place).ok()?;
    let named = (0..archive.len()).filter(|index| is_named_so(&archive, *index)).take(MEMBERS_LOOKED_AT_MAX);
    let named: Vec<usize> = named.collect();
    named.into_iter().find_map(|index| recognise_start(archive.by_index(index).ok()?, MEMBER_FIRST_BYTES).ok()?)
}

/// Tells what the first bytes of a text are, where they are surely those of a case.
fn recognise_start(input: impl Read, bytes: u64) -> io::Result<Option<CaseKind>> {
    let mut first = Vec::new();
    input.take(bytes).read_to_end(&mut first)?;
    let first = recognisable(first);
    Ok(recognise_case(&first).filter(|kind| *kind != CaseKind::Vics || is_surely_vics(&first)))
}

/// Tells whether a member has the name of a file that describes media.
fn is_named_so(archive: &ZipArchive<&mut File>, index: usize) -> bool {
    let name = archive.name_for_index(index).and_then(Result::ok).unwrap_or_default().to_ascii_lowercase();
    name.ends_with(".json") || name.ends_with(".xml")
}

/// Hashes what is read.
struct Hashed<R> {
    input: R,
    sha256: sha2::Sha256,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.input.read(buffer)?;
        self.sha256.update(&buffer[..got]);
        Ok(got)
    }
}

/// Tells whether the start names what a case alone has: an archive holds other JSON too.
fn is_surely_vics(first: &[u8]) -> bool {
    const MARKS: [&[u8]; 3] = [b"#cases", b"\"media\"", b"\"caseid\""];
    let text = first.to_ascii_lowercase();
    MARKS.iter().any(|mark| text.windows(mark.len()).any(|part| part == *mark))
}

/// Gives the folder of a member, parts separated and ended by `/`; empty at the top.
fn folder_of(name: &[u8]) -> Vec<u8> {
    let name = slashed(name);
    let length = name.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
    name[..length].to_vec()
}

const HINT_READ: &str = "Zeef reads cases in VICS (JSON) and C4All (XML), each also packed by gzip or zip";

fn hint(first: &[u8]) -> String {
    match recognise::stream(first) {
        Some(list) if list.kind != ListKind::Vics => format!("this is a {}, not a case. {HINT_READ}", list.kind),
        _ => HINT_READ.to_owned(),
    }
}
