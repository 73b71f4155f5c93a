//! Contributions: a list of any form that Zeef reads becomes a table that never changes, with who gave it and when. Packages
//! of team leads do too, see `packages`.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use domain::{
    CategoryCode, Entry, EntryRefusal, Meanings, Profile, Role, Sha256, UserName, UtcTime, Verdict, VerdictBasis,
};
use formats::ReadOptions;
use review::Schemes;
use serde::{Deserialize, Serialize};

use crate::columns::{Beside, ContributionWriter};
use crate::disk;
use crate::error::PublishError;
use crate::journal::Operation;
use crate::packages::{self, TakenPackage};
use crate::repository::Repository;

/// Rows of one list that the order of all rows has room for.
const LIST_ROWS_MAX: u64 = 1 << 34;
/// Code of rows of a list without categories: they state that the file is known, and no more.
pub(crate) const MEMBER_CODE: &str = "";

/// What the journal keeps of a list that was taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contribution {
    /// Name of its table.
    pub table: String,
    /// SHA-256 of the table.
    pub table_sha256: Sha256,
    /// Name of the list as it was given.
    pub source: String,
    /// SHA-256 of the list as it was given.
    pub source_sha256: Sha256,
    /// Kind of the list.
    pub kind: String,
    /// Scheme of its codes.
    pub profile: Option<Profile>,
    /// Category that a person gave to a list without categories.
    pub category: Option<CategoryCode>,
    /// What a person answered for codes that mean different things.
    pub meanings: Meanings,
    /// Rows of the list.
    pub rows: u64,
    /// Rows that became part of the table.
    pub entries: u64,
    /// Rows without a SHA-256.
    pub without_sha256: u64,
    /// Reason of refusal → rows.
    pub refused: BTreeMap<String, u64>,
    /// Code → rows. Rows without an opinion are not counted.
    pub codes: BTreeMap<String, u64>,
    /// Code → label in the list's own scheme, where that is known.
    pub labels: BTreeMap<String, String>,
    /// What was left out of rows that were taken, and what the list says of itself.
    pub remarks: Vec<String>,
    /// What it came in, where that was a package that a team lead has signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<Box<TakenPackage>>,
}

/// Says how lists are taken in.
#[derive(Debug, Clone, Default)]
pub struct AddRequest {
    /// Scheme of the codes; outranks what a list says.
    pub profile: Option<Profile>,
    /// Category of every row of a list without categories, in the set's scheme.
    pub category: Option<CategoryCode>,
    /// Answers for codes that mean different things.
    pub meanings: Meanings,
    /// File of the custodian's reading keys, for packages.
    pub identity: Option<PathBuf>,
}

/// Takes one list in, as the opinion of `by`; or a package, as the opinion of its signer's unit. Rows that are refused are
/// counted by reason.
pub fn add(
    repo: &Path,
    file: &Path,
    request: &AddRequest,
    by: &UserName,
    now: UtcTime,
) -> Result<Contribution, PublishError> {
    // A file that cannot be read is one for the readers of lists, who say so.
    if dispatch::package::is_package(file).unwrap_or(false) {
        return add_package(repo, file, request, by, now);
    }
    let mut repository = Repository::open(repo)?;
    repository.own_contributions()?;
    if let Some(category) = &request.category {
        repository.category(category)?;
    }
    let list = repository.journal.next();
    let table = format!("contributions/{list:07}.parquet");
    let path = repository.at(&table);
    let mut reading = Reading::begin(&path, by, list)?;
    let options =
        ReadOptions { profile: request.profile.clone(), role: Some(repository.config.role), ..ReadOptions::default() };
    let summary = formats::read(file, &options, &mut |row| reading.put(row.ok().map(Box::new), &Beside::default()));
    if let Some(error) = reading.failed.take() {
        return Err(error);
    }
    let summary = summary?;
    let head = &summary.head;
    let profile = request.profile.clone().or_else(|| head.profile.clone());
    let fits = check(&repository, file, head.basis, profile.as_ref(), summary.entries, request);
    let twice = repository.journal.contributions().find(|(record, before)| {
        let same = before.source_sha256 == summary.sha256 && record.by == *by && before.profile == profile;
        same && before.category == request.category && before.meanings == request.meanings
    });
    let twice = twice.map(|(record, _)| record.seq);
    if let Some(error) = fits.err().or_else(|| twice.map(|seq| taken(file, by, seq))) {
        disk::remove(&disk::unfinished(&path))?;
        return Err(error);
    }
    let (codes, without_sha256) = (reading.codes.clone(), reading.without_sha256);
    let entries = reading.finish()?;
    let schemes = Schemes::shipped();
    let scheme = profile.as_ref().and_then(|profile| schemes.scheme(&profile.0));
    let label = |code: &String| scheme.and_then(|s| s.category(&CategoryCode(code.clone()))).map(|c| c.en.clone());
    let contribution = Contribution {
        table_sha256: disk::sha256_of(&path)?,
        table,
        source: file.file_name().map(|name| domain::escaped(name.as_encoded_bytes())).unwrap_or_default(),
        source_sha256: summary.sha256,
        kind: head.to_string(),
        category: request.category.clone(),
        meanings: request.meanings.clone(),
        rows: summary.rows,
        entries,
        without_sha256,
        refused: domain::refused_in_words(&summary.refused),
        labels: codes.keys().filter_map(|code| Some((code.clone(), label(code)?))).collect(),
        codes,
        remarks: head.notes.iter().cloned().chain(summary.remarks).collect(),
        profile,
        package: None,
    };
    repository.note(now, by, Operation::Add(Box::new(contribution.clone())))?;
    Ok(contribution)
}

fn add_package(
    repo: &Path,
    file: &Path,
    request: &AddRequest,
    by: &UserName,
    now: UtcTime,
) -> Result<Contribution, PublishError> {
    let refused = |what: &str, hint: &str| Err(PublishError::refused(file, what, hint));
    if request.profile.is_some() || request.category.is_some() || !request.meanings.is_empty() {
        return refused("a package says itself what its codes mean", "Leave --profile, --category and --meaning out.");
    }
    match &request.identity {
        Some(identity) => packages::add(repo, file, identity, by, now),
        None => refused("it is a package, which only a reading key opens", "Name the file of yours: --identity FILE"),
    }
}

fn taken(file: &Path, by: &UserName, seq: u64) -> PublishError {
    let what = format!("{by} has given the same list before, in line {seq} of the journal");
    PublishError::refused(
        file,
        what,
        "Nothing has to be done; to correct it, give its codes another meaning or profile.",
    )
}

/// Checks what only the end of a list tells.
fn check(
    repository: &Repository,
    file: &Path,
    basis: VerdictBasis,
    profile: Option<&Profile>,
    entries: u64,
    request: &AddRequest,
) -> Result<(), PublishError> {
    let refused = |what: &str, hint: &str| Err(PublishError::refused(file, what, hint));
    match (repository.config.role, basis) {
        _ if entries == 0 => refused("every row of it was refused", "Look at it with: zeef set preview"),
        (Role::Good, VerdictBasis::Category) => refused(
            "it has categories of classified material, and this set is of ordinary files",
            "Add it to a known set.",
        ),
        (Role::Known, VerdictBasis::Category) if profile.is_none() => refused(
            "it does not say whose categories its numbers are",
            "Find out, and say: --profile US, UK, INTERPOL or NL",
        ),
        (_, VerdictBasis::Category) if request.category.is_some() => {
            refused("it has categories of its own", "Leave --category out.")
        }
        _ => Ok(()),
    }
}

/// Puts rows into the table of a contribution.
pub(crate) struct Reading {
    writer: ContributionWriter,
    list: u64,
    /// Rows so far, refused ones too.
    pub row: u64,
    /// Rows that became part of the table.
    pub taken: u64,
    /// Code → rows.
    pub codes: BTreeMap<String, u64>,
    /// Reason of refusal → rows, where this program itself refuses.
    pub refused: BTreeMap<EntryRefusal, u64>,
    without_sha256: u64,
    /// Why the table cannot be written.
    pub failed: Option<PublishError>,
}

impl Reading {
    /// Begins the table that line `list` of the journal will name.
    pub(crate) fn begin(path: &Path, by: &UserName, list: u64) -> Result<Self, PublishError> {
        let writer = ContributionWriter::create(path, by.as_str(), list.cast_signed())?;
        let (codes, refused) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { writer, list, row: 0, taken: 0, codes, refused, without_sha256: 0, failed: None })
    }

    /// Makes the table durable; gives the number of its rows.
    pub(crate) fn finish(self) -> Result<u64, PublishError> {
        self.writer.finish()
    }

    /// Takes one row; `None` is one that was refused, which whoever reads the list counts.
    pub(crate) fn put(&mut self, entry: Option<Box<Entry>>, beside: &Beside) -> ControlFlow<()> {
        self.row += 1;
        let Some(entry) = entry else { return ControlFlow::Continue(()) };
        let code = code_of(&entry);
        if let Some(code) = code {
            match self.codes.get_mut(code) {
                Some(count) => *count += 1,
                None => drop(self.codes.insert(code.to_owned(), 1)),
            }
        }
        self.taken += 1;
        self.without_sha256 += u64::from(entry.digests.sha256.is_none());
        let ord = (self.list * LIST_ROWS_MAX + self.row.min(LIST_ROWS_MAX - 1)).cast_signed();
        match self.writer.push(ord, code, &entry, beside) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.failed = Some(error);
                ControlFlow::Break(())
            }
        }
    }
}

/// Gives the code of a row's opinion. INTERPOL's list says by a flag whether the baseline is met.
fn code_of(entry: &Entry) -> Option<&str> {
    match (&entry.verdict, entry.flags.baseline) {
        (Verdict::Category(code), _) => Some(&code.0),
        (Verdict::Unclassified, _) => None,
        (Verdict::Member, Some(true)) => Some("baseline"),
        (Verdict::Member, Some(false)) => Some("other"),
        (Verdict::Member, None) => Some(MEMBER_CODE),
    }
}
