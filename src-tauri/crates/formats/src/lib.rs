//! The interpreters: reads other tools' lists of digests and cases as streams, and writes ours in their forms.
//!
//! What it does: recognises a list or a case by its content (packed by gzip or zip, or not), shows what it holds before
//! anything is stored, and reads it in constant memory, whatever its size. A damaged file is refused with the byte where
//! the damage is; a damaged record of a list is refused alone, and counted; of a case, everything is kept. Writes VICS
//! hash sets and cases, CSV and Parquet, item by item, to whatever its caller opened.
//!
//! What it never does: trust the name of a file, open a path that stands in a file, create a file, translate a category,
//! or open case media.
//!
//! Who may call it: `workbench`, and the custodian's `publish`.

mod c4all;
pub mod case;
mod checksums;
pub mod classification;
mod container;
mod delimited;
mod encase;
mod error;
mod hashdeep;
mod hashkeeper;
mod icse;
mod kdb;
mod lines;
mod nsrl_sqlite;
mod nsrl_text;
mod photodna;
mod recognise;
mod row;
mod sink;
mod sqlite;
mod table;
#[cfg(test)]
mod testing;
pub mod vics;
pub mod vics_case;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use domain::{Entry, EntryRefusal, Profile, Role, Sha256, UtcTime, VerdictBasis};
use serde::Serialize;

pub use case::{CaseFilePlace, CaseHead, CaseKind, CaseMedia, CaseReadOptions, CaseSummary, CodeQuestion};
pub(crate) use error::{Fault, HINT_CUT};
pub use error::{FormatsError, WriteError, Written};
pub(crate) use sink::Sink;
pub use sink::{PREVIEW_ROWS, PreviewRow};

/// Names the kinds of lists that Zeef reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListKind {
    /// Hash set of Project VIC, JSON.
    Vics,
    /// Export of INTERPOL's ICSE database, CSV with semicolons.
    Icse,
    /// NSRL reference data set, version 3: SQLite.
    NsrlSqlite,
    /// NSRL reference data set, version 2: text.
    NsrlText,
    /// List of hashdeep.
    Hashdeep,
    /// List of md5sum, sha1sum or sha256sum.
    ChecksumList,
    /// Hash database of Autopsy: SQLite.
    AutopsyKdb,
    /// Hash library of EnCase.
    EncaseHash,
    /// HashKeeper, CSV.
    HashKeeper,
    /// Table whose columns of digests are found by name, CSV.
    HashTable,
    /// Case of Project VIC, JSON: no list, and read by [`vics_case`].
    VicsCase,
    /// Index of C4All, XML: no list, and read by [`c4all`].
    C4AllIndex,
}

impl ListKind {
    /// Tells what makes an entry of this kind a statement. VICS alone always has categories; a table may say otherwise.
    pub fn basis(self) -> VerdictBasis {
        match self {
            Self::Vics => VerdictBasis::Category,
            _ => VerdictBasis::Membership,
        }
    }
}

impl fmt::Display for ListKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Vics => "VICS hash set",
            Self::Icse => "ICSE list",
            Self::NsrlSqlite => "NSRL RDSv3 (SQLite)",
            Self::NsrlText => "NSRL RDSv2 (text)",
            Self::Hashdeep => "hashdeep list",
            Self::ChecksumList => "checksum list",
            Self::AutopsyKdb => "Autopsy hash database",
            Self::EncaseHash => "EnCase hash library",
            Self::HashKeeper => "HashKeeper list",
            Self::HashTable => "table of digests (CSV)",
            Self::VicsCase => "VICS case",
            Self::C4AllIndex => "C4All index (XML)",
        })
    }
}

/// Holds what a list says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListHead {
    /// Kind, recognised by content.
    pub kind: ListKind,
    /// Version of the form, e.g. `2.0`, if the list says so.
    pub version: Option<String>,
    /// Whose scheme the categories belong to: as a person chose, or as the list says.
    pub profile: Option<Profile>,
    /// What makes an entry a statement.
    pub basis: VerdictBasis,
    /// When its publisher made it, if the list says so in a form that can be trusted.
    pub published: Option<UtcTime>,
    /// What else a person should read before importing it; sentences of ours.
    pub notes: Vec<String>,
}

impl ListHead {
    pub(crate) fn new(kind: ListKind) -> Self {
        Self { kind, version: None, profile: None, basis: kind.basis(), published: None, notes: Vec::new() }
    }

    pub(crate) fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

impl fmt::Display for ListHead {
    /// Writes kind and version, e.g. `VICS 2.0 hash set`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.kind, &self.version) {
            (ListKind::Vics, Some(version)) => write!(f, "VICS {version} hash set"),
            (kind, Some(version)) => write!(f, "{kind}, version {version}"),
            (kind, None) => kind.fmt(f),
        }
    }
}

/// Limits what a list may demand. Each default is far above any list that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormatLimits {
    /// Deepest nesting of JSON; real sets have 5.
    pub json_depth: usize,
    /// Longest text in a JSON file, in bytes, even of a field that is skipped (1.3 has pictures in `Miniature`).
    pub json_text_bytes: u64,
    /// Most files in an archive: a results archive has one for each picture. A directory of them is held in memory.
    pub archive_members: usize,
    /// Most lists in an archive that are read.
    pub archive_lists: usize,
    /// How many times larger than the file its decompressed content may be; checked above [`Self::ratio_free_bytes`].
    pub ratio: u64,
    /// How many decompressed bytes are free of the check of the ratio.
    pub ratio_free_bytes: u64,
}

impl Default for FormatLimits {
    fn default() -> Self {
        Self {
            json_depth: 64,
            json_text_bytes: 64 << 20,
            archive_members: 300_000,
            archive_lists: 256,
            ratio: 200,
            ratio_free_bytes: 64 << 20,
        }
    }
}

/// Says how a list is to be read.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Scheme of the categories as a person chose it; outranks what the file says.
    pub profile: Option<Profile>,
    /// What the set is to claim: rows of a table that say the opposite of themselves are refused then.
    pub role: Option<Role>,
    /// Limits.
    pub limits: FormatLimits,
    /// NSRL: products (codes or package ids) whose files are left out, because known software need not be harmless.
    pub exclude_products: Vec<String>,
    /// Counts the bytes of the file that were read so far, for whoever shows progress.
    pub read_bytes: Option<Arc<AtomicU64>>,
}

/// Holds what a person looks at before a list is imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// What the list says of itself.
    pub head: ListHead,
    /// Records in it.
    pub rows: u64,
    /// Records that become entries; the others are refused.
    pub entries: u64,
    /// The first [`PREVIEW_ROWS`] records.
    pub first: Vec<PreviewRow>,
    /// Reason of refusal → records.
    pub refused: BTreeMap<EntryRefusal, u64>,
    /// Code as the list has it → entries; "" counts the entries without one.
    pub categories: BTreeMap<String, u64>,
    /// SHA-256 of the file as it lies on disk.
    pub sha256: Sha256,
    /// What was left out of records that are kept, with counts.
    pub remarks: Vec<String>,
}

/// Holds what was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadSummary {
    /// What the list says of itself; complete only now, because it may say it at its end.
    pub head: ListHead,
    /// Records in it.
    pub rows: u64,
    /// Records that became entries.
    pub entries: u64,
    /// Reason of refusal → records.
    pub refused: BTreeMap<EntryRefusal, u64>,
    /// Code as the list has it → entries; "" counts the entries without one.
    pub categories: BTreeMap<String, u64>,
    /// SHA-256 of the file as it lies on disk, computed while it was read.
    pub sha256: Sha256,
    /// What was left out of records that are kept, with counts.
    pub remarks: Vec<String>,
}

/// Reads the whole list, stores nothing, and tells what an import would find: real counts and the first records.
pub fn preview(path: &Path, options: &ReadOptions) -> Result<Preview, FormatsError> {
    preview_while(path, options, &mut || ControlFlow::Continue(()))
}

/// Does what [`preview`] does, and asks after each record whether to go on: [`FormatsError::Stopped`] where not.
pub fn preview_while(
    path: &Path,
    options: &ReadOptions,
    go_on: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Preview, FormatsError> {
    let mut nowhere = |_| go_on();
    let mut sink = Sink::new(&mut nowhere);
    let (head, sha256) = container::read_file(path, options, &mut sink)?;
    let remarks = sink.remarks();
    let Sink { rows, entries, first, refused, categories, .. } = sink;
    Ok(Preview { head, rows, entries, first, refused, categories, sha256, remarks })
}

/// Reads the list and calls `sink` for each record, in the order of the file: an entry, or why there is none.
///
/// On any error nothing that the sink was given may be kept: the end of a truncated list is found last. When the sink
/// breaks, the answer is [`FormatsError::Stopped`].
pub fn read(
    path: &Path,
    options: &ReadOptions,
    sink: &mut dyn FnMut(Result<Entry, EntryRefusal>) -> ControlFlow<()>,
) -> Result<ReadSummary, FormatsError> {
    let mut sink = Sink::new(sink);
    let (head, sha256) = container::read_file(path, options, &mut sink)?;
    let remarks = sink.remarks();
    let Sink { rows, entries, refused, categories, .. } = sink;
    Ok(ReadSummary { head, rows, entries, refused, categories, sha256, remarks })
}
