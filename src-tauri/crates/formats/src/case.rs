//! What a case of another tool holds: its media, the places where they lay, and what that tool said of them.
//!
//! A case is never trusted: its digests say what to expect and are no identity, its paths are labels, its verdicts are
//! opinions. Everything that is not understood is kept as it stood.

pub(crate) mod gps;
mod note;
pub(crate) mod stored;
pub(crate) mod tally;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use domain::{
    CategoryCode, ClassifiedItem, Flags, GpsFix, Md5, Meanings, Opinion, Pdq, PhotoDna, Profile, Sha1, Sha256,
    SourcePath, Vote,
};
use serde::Serialize;

pub use note::{CaseNote, CaseRemark, SetAside};
pub use stored::PathRefusal;

use crate::{FormatLimits, FormatsError, container};

/// Field of a case or of one of its parts that Zeef does not know, or whose value it cannot use: name as it stood, and
/// value as JSON.
pub type Kept = (String, String);

/// Names the kinds of cases that Zeef reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseKind {
    /// Case of Project VIC, JSON.
    Vics,
    /// Index of C4All, XML.
    C4All,
}

impl fmt::Display for CaseKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Vics => "VICS case",
            Self::C4All => "C4All index",
        })
    }
}

/// Says how a case is to be read.
#[derive(Debug, Clone, Default)]
pub struct CaseReadOptions {
    /// Scheme of the codes as a person chose it; outranks what the file says.
    pub profile: Option<Profile>,
    /// What a person answered that codes of this file mean.
    pub meanings: Meanings,
    /// Limits.
    pub limits: FormatLimits,
    /// Counts the bytes of the file that were read so far, for whoever shows progress. [`read`] reads the file twice.
    pub read_bytes: Option<Arc<AtomicU64>>,
}

/// Holds one record of media. Several records can name one stored file, and one `MediaID` can stand in several.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseMedia {
    /// Number of the record in the file or archive, from 1.
    pub record: u64,
    /// Place of its case in [`CaseSummary::cases`].
    pub case: u32,
    /// Number or text that the tool gave it; it repeats, so it is never a key.
    pub media_id: Option<String>,
    /// MD5 that the file declares; absent where it was empty, no digest, or that of an empty file.
    pub md5: Option<Md5>,
    /// SHA-1, likewise.
    pub sha1: Option<Sha1>,
    /// SHA-256, likewise.
    pub sha256: Option<Sha256>,
    /// Length that the file declares.
    pub size_bytes: Option<u64>,
    /// Media type as the file has it; some write only `image` or `video`, some nothing.
    pub mime: String,
    /// Path of the stored file as it stood.
    pub stored_raw: Option<Vec<u8>>,
    /// Where the stored file can be, below the folder or archive that was given, parts separated by `/`; the likeliest
    /// first. Empty where the record names none, or one that may not be followed.
    pub stored: Vec<Vec<u8>>,
    /// Why the path of the stored file may not be followed.
    pub stored_refused: Option<PathRefusal>,
    /// Places where the file lay.
    pub files: Vec<CaseFilePlace>,
    /// What the tool said.
    pub opinion: Opinion,
    /// `IsPrecategorized`: never a verdict.
    pub precategorized: Option<bool>,
    /// `PrecategorizationSource`; can be a path of another machine.
    pub precategorization_source: String,
    /// PhotoDNA, kept for an agency's own program.
    pub photodna: Option<PhotoDna>,
    /// PDQ, if it stood there.
    pub pdq: Option<Pdq>,
    /// Perceptual and other digests as they stood.
    pub alternatives: Vec<AlternativeHash>,
    /// Metadata that the tool read out of the file (`Exifs`).
    pub exif: Vec<CaseProperty>,
    /// More of it (`MediaMetadata`).
    pub metadata: Vec<CaseProperty>,
    /// Place that `exif` tells without a doubt.
    pub gps: Option<GpsFix>,
    /// Everything else, `Segments` and `Repositories` among it.
    pub unknown: Vec<Kept>,
}

/// Holds a digest by its name, as it stood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlternativeHash {
    /// `HashName`, e.g. `PhotoDNA`.
    pub name: String,
    /// `HashValue`.
    pub value: String,
    /// Everything else; an `MD5` that is not the record's own among it.
    pub unknown: Vec<Kept>,
}

/// Holds one value of metadata.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseProperty {
    /// `PropertyName`.
    pub name: String,
    /// `PropertyValue`, as text.
    pub value: String,
    /// Everything else; an `MD5` that is not the record's own among it.
    pub unknown: Vec<Kept>,
}

/// Holds one place where a file lay. Dates stay text: no instant is taken from what cannot be trusted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseFilePlace {
    /// `FilePath` as it stood: the folder in some tools, folder and name in others.
    pub path: Vec<u8>,
    /// `FileName` as it stood.
    pub name: Vec<u8>,
    /// `Created`.
    pub created_raw: Option<String>,
    /// `Written`.
    pub written_raw: Option<String>,
    /// `Accessed`.
    pub accessed_raw: Option<String>,
    /// Time of deletion; C4All alone has it, and writes one for files that were never deleted.
    pub deleted_raw: Option<String>,
    /// `Deleted`; absent is a third value.
    pub deleted: Option<bool>,
    /// `Unallocated`; absent is a third value.
    pub unallocated: Option<bool>,
    /// `SourceID`.
    pub source_id: Option<String>,
    /// `PhysicalLocation`, as text.
    pub physical_location: Option<String>,
    /// `ParentMD5`, as it stood.
    pub parent_md5: Option<String>,
    /// `ParentFileName`, as it stood.
    pub parent_name: Option<Vec<u8>>,
    /// `ParentFilePath`, as it stood.
    pub parent_path: Option<Vec<u8>>,
    /// `ParentPhysicalLocation`, as text.
    pub parent_physical_location: Option<String>,
    /// Everything else.
    pub unknown: Vec<Kept>,
}

impl CaseFilePlace {
    /// Gives path and name as one label with `/` between its parts. It is never opened.
    pub fn label(&self) -> SourcePath {
        let (mut path, name) = (slashed(&self.path), slashed(&self.name));
        let ends_in_name =
            path.strip_suffix(&name[..]).is_some_and(|folder| folder.is_empty() || folder.ends_with(b"/"));
        if name.is_empty() || (!path.is_empty() && ends_in_name) {
            return SourcePath(path);
        }
        if !path.is_empty() && !path.ends_with(b"/") {
            path.push(b'/');
        }
        path.extend_from_slice(&name);
        SourcePath(path)
    }
}

/// Holds what a case says of itself; texts as they stood, empty where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CaseHead {
    /// `CaseID`.
    pub case_id: String,
    /// `CaseNumber`.
    pub case_number: String,
    /// `ContactOrganization`.
    pub organization: String,
    /// `ContactName`.
    pub contact_name: String,
    /// `ContactPhone`.
    pub contact_phone: String,
    /// `ContactEmail`.
    pub contact_email: String,
    /// `ContactTitle`.
    pub contact_title: String,
    /// `SourceApplicationName`.
    pub tool: String,
    /// `SourceApplicationVersion`.
    pub tool_version: String,
    /// `SeizureDate`.
    pub seized_raw: String,
    /// `TotalMediaFiles`; tools count different things.
    pub declared_media: Option<u64>,
    /// `TotalPrecategorized`.
    pub declared_precategorized: Option<u64>,
    /// Segment of the context that names the profile, e.g. `US`.
    pub profile_name: Option<String>,
    /// Everything else, `CaseMetadata` among it.
    pub unknown: Vec<Kept>,
}

impl CaseHead {
    /// Gives tool and version, as an opinion names them.
    pub fn tool_and_version(&self) -> String {
        format!("{} {}", self.tool, self.tool_version).trim().to_owned()
    }
}

/// Says that nobody knows what a code means until a person has answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodeQuestion {
    /// The code, as the file has it.
    pub code: CategoryCode,
    /// Records that have it.
    pub records: u64,
    /// True for 0 and 5, which tools use in opposite ways: it takes an answer for this file. False: it takes a scheme.
    pub ambiguous: bool,
}

/// Names a text that describes media, and was read to its end as such.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseDescription {
    /// Name of the member of the archive, with `/` between its parts; `None` for the file itself.
    pub member: Option<SourcePath>,
    /// SHA-256 of its bytes.
    pub sha256: Sha256,
}

/// Holds what was found in a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseSummary {
    /// Kind, recognised by content.
    pub kind: CaseKind,
    /// Version of the form, if the file says it.
    pub version: Option<String>,
    /// Whose scheme the codes belong to: as a person chose, or as the file says.
    pub profile: Option<Profile>,
    /// The cases in it.
    pub cases: Vec<CaseHead>,
    /// Records of media.
    pub records: u64,
    /// Places where files lay.
    pub places: u64,
    /// Code as the file has it → records; "" counts the records without one.
    pub categories: BTreeMap<String, u64>,
    /// Codes that somebody has to answer for.
    pub questions: Vec<CodeQuestion>,
    /// Records that name no stored file.
    pub without_stored: u64,
    /// Records whose stored file may not be followed.
    pub stored_refused: u64,
    /// SHA-256 of the file as it lies on disk.
    pub sha256: Sha256,
    /// The texts that were read, as they lie there: the file itself, or members of the archive. None of a packed file,
    /// whose text lies nowhere.
    pub descriptions: Vec<CaseDescription>,
    /// Fields of the file itself, beside its cases, that are not known.
    pub unknown: Vec<Kept>,
    /// What a person should read of the file as a whole, in the order in which it was found.
    pub notes: Vec<CaseNote>,
    /// What was set aside in records that are kept, each kind once, with its count.
    pub remarks: Vec<CaseRemark>,
}

/// Tells which kind of case a file is, by its first bytes, or by those of the members of an archive that have the name of
/// such a file. `None` also where it cannot be read: [`read`] says why.
pub fn recognise(path: &Path) -> Option<CaseKind> {
    container::recognise_case_file(path)
}

/// Reads all of a case, hands on nothing, and tells what it holds.
pub fn preview(path: &Path, kind: Option<CaseKind>, options: &CaseReadOptions) -> Result<CaseSummary, FormatsError> {
    container::read_case(path, kind, options, None)
}

/// Reads a case of either kind, or only of `kind`, and calls `sink` for each record, in the order of the file.
///
/// The file is read twice: it is checked to its end before the first record is handed on, so that nothing of a damaged or
/// truncated case is ever taken, and because a tool may name itself after its records. When the sink breaks, the answer is
/// [`FormatsError::Stopped`].
pub fn read(
    path: &Path,
    kind: Option<CaseKind>,
    options: &CaseReadOptions,
    sink: &mut dyn FnMut(CaseMedia) -> ControlFlow<()>,
) -> Result<CaseSummary, FormatsError> {
    container::read_case(path, kind, options, Some(sink))
}

impl CaseMedia {
    /// Takes a PhotoDNA value as VICS has it; false where the text is none.
    pub fn take_photodna(&mut self, text: &str) -> bool {
        self.photodna = crate::photodna::parse(text.as_bytes());
        self.photodna.is_some()
    }

    /// Gives its PhotoDNA value in base64, as VICS has it.
    pub fn photodna_text(&self) -> Option<String> {
        self.photodna.as_ref().map(crate::photodna::base64)
    }

    /// Makes a record that says nothing.
    pub fn bare(record: u64) -> Self {
        let opinion = Opinion {
            tool: String::new(),
            profile: None,
            code: None,
            meaning: None,
            flags: Flags::default(),
            series: String::new(),
            tags: String::new(),
            comments: String::new(),
            updated_raw: None,
            extra: Default::default(),
        };
        Self {
            record,
            case: 0,
            media_id: None,
            md5: None,
            sha1: None,
            sha256: None,
            size_bytes: None,
            mime: String::new(),
            stored_raw: None,
            stored: Vec::new(),
            stored_refused: None,
            files: Vec::new(),
            opinion,
            precategorized: None,
            precategorization_source: String::new(),
            photodna: None,
            pdq: None,
            alternatives: Vec::new(),
            exif: Vec::new(),
            metadata: Vec::new(),
            gps: None,
            unknown: Vec::new(),
        }
    }

    /// Makes the record of an item of our own. `stored` is the path of its file below the folder of the JSON, where the
    /// media go along. What the form of VICS has no place for (votes, vetoes, on how many opinions it rests) stays out.
    pub fn of_item(record: u64, item: &ClassifiedItem, files: Vec<CaseFilePlace>, stored: Option<Vec<u8>>) -> Self {
        let mut media = Self::bare(record);
        media.media_id = Some(record.to_string());
        media.md5 = Some(item.digests.md5);
        media.sha1 = Some(item.digests.sha1);
        media.sha256 = Some(item.digests.sha256);
        media.size_bytes = Some(item.digests.size_bytes);
        media.mime.clone_from(&item.media.mime);
        media.stored_raw = stored;
        media.files = files;
        media.opinion.code.clone_from(&item.category);
        media.opinion.flags = item.flags;
        media.opinion.series = series_list(&item.series);
        media.opinion.updated_raw = last_vote(&item.votes);
        media.pdq = item.pdq;
        media
    }
}

/// Gives a path with `/` for every backslash: so the name of a member of an archive is compared with
/// [`CaseMedia::stored`], because both may have either.
pub fn slashed(path: &[u8]) -> Vec<u8> {
    path.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect()
}

/// What stands between the names of two series; VICS has a list with commas.
const SERIES_JOIN: &str = ", ";
/// What stands in the name of a series for a comma of its own: with one, every reader would see two series.
const SERIES_COMMA: &str = " - ";

/// Gives names of series as one list.
pub(crate) fn series_list(names: &[String]) -> String {
    let name = |name: &String| {
        let parts: Vec<&str> = name.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
        parts.join(SERIES_COMMA)
    };
    let names: Vec<String> = names.iter().map(|one| if one.contains(',') { name(one) } else { one.clone() }).collect();
    names.iter().filter(|name| !name.is_empty()).cloned().collect::<Vec<_>>().join(SERIES_JOIN)
}

/// Gives the time of the last of these opinions, as VICS writes it.
pub(crate) fn last_vote(votes: &[Vote]) -> Option<String> {
    votes.iter().map(|vote| vote.at).max().map(|at| at.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, name: &str, want: &str) {
        let place = CaseFilePlace { path: path.into(), name: name.into(), ..CaseFilePlace::default() };
        assert_eq!(place.label().0, want.as_bytes(), "{path} {name}");
    }

    #[test]
    fn a_series_with_a_comma_stays_one_series() {
        let list = |names: &[&str]| series_list(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(list(&["Willow, garden", "Elm"]), "Willow - garden, Elm");
        assert_eq!(list(&["Willow"]), "Willow");
        assert_eq!(list(&[", ,", "a,,b,"]), "a - b");
        assert_eq!(list(&[]), "");
    }

    #[test]
    fn a_label_holds_the_name_once() {
        check("C:\\Users\\x", "a.jpg", "C:/Users/x/a.jpg");
        check("C:\\Users\\x\\", "a.jpg", "C:/Users/x/a.jpg");
        check("C:\\Users\\x\\a.jpg", "a.jpg", "C:/Users/x/a.jpg");
        check("C:\\Users\\xa.jpg", "a.jpg", "C:/Users/xa.jpg/a.jpg");
        check("", "a.jpg", "a.jpg");
        check("a.jpg", "a.jpg", "a.jpg");
        check("x/y", "", "x/y");
    }
}
