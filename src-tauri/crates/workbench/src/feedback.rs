//! Feedback: the vetoes of a case in a file for the publishers of its sets. No picture, no name of a file, no name of a
//! person, nothing of the case but the digests of what was vetoed.

use std::path::Path;

use casefile::CaseFile;
use domain::{Digests, EntryId, SetName, SetVersion, Sha256, UtcTime};
use serde::Serialize;
use sha2::Digest as _;

use crate::{Code, Error, durable};

/// Form of the file.
const SCHEMA: u32 = 1;

/// Holds what the file has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Feedback {
    /// Form of the file: 1.
    pub schema: u32,
    /// When it was made.
    pub made: UtcTime,
    /// The vetoes, by set, entry, then digest.
    pub vetoes: Vec<FeedbackVeto>,
}

/// Holds one veto.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FeedbackVeto {
    /// Set.
    pub set: SetName,
    /// Its version when the veto was spoken.
    pub version: SetVersion,
    /// Entry.
    pub entry: EntryId,
    /// Digests and length of the item that met it.
    #[serde(flatten)]
    pub digests: Digests,
    /// Why it is wrong.
    pub reason: String,
    /// When the veto was spoken.
    pub at: UtcTime,
}

/// Writes the vetoes that hold to a new file, and notes that in the ledger.
pub fn write_feedback(case: &CaseFile, out: &Path, now: UtcTime) -> Result<Feedback, Error> {
    refuse_kept(case, out)?;
    let vetoes = case.vetoes()?;
    let items: Vec<Sha256> = vetoes.keys().copied().collect();
    let mut feedback = Feedback { schema: SCHEMA, made: now, vetoes: Vec::new() };
    for standing in case.standings_of(&items)? {
        for veto in &vetoes[&standing.digests.sha256] {
            feedback.vetoes.push(FeedbackVeto {
                set: veto.set.clone(),
                version: veto.version,
                entry: veto.entry,
                digests: standing.digests,
                reason: veto.reason.clone(),
                at: veto.at,
            });
        }
    }
    feedback.vetoes.sort_by(|a, b| {
        let key = |one: &FeedbackVeto| (one.set.clone(), one.entry, one.digests.sha256, one.at);
        key(a).cmp(&key(b))
    });
    let mut text = serde_json::to_vec_pretty(&feedback).expect("every value of the words becomes JSON");
    text.push(b'\n');
    write_new(out, &text)?;
    case.feedback_written(feedback.vetoes.len() as u64, &Sha256(sha2::Sha256::digest(&text).into()), now)?;
    Ok(feedback)
}

/// Refuses a file in a source, where nothing is ever written, and in the folder of a case.
pub(crate) fn refuse_kept(case: &CaseFile, out: &Path) -> Result<(), Error> {
    refuse_cases(out)?;
    let folder = durable::folder_of(out).canonicalize().map_err(|error| cannot(out, &error))?;
    if case.sources()?.iter().any(|source| folder.starts_with(&source.root)) {
        let message = format!("The file `{}` would lie inside a source.", domain::shown_path(out));
        return Err(Error::new(Code::BadInput, message, "Name a file elsewhere: nothing is ever written to a source."));
    }
    Ok(())
}

/// Refuses a file in the folder of a case: there it would lie in the clear beside what is encrypted, and go along with
/// every copy of the case.
pub(crate) fn refuse_cases(out: &Path) -> Result<(), Error> {
    let folder = durable::folder_of(out).canonicalize().map_err(|error| cannot(out, &error))?;
    if casefile::case_around(&folder).is_some() {
        let message = format!("The file `{}` would lie inside the folder of a case.", domain::shown_path(out));
        let hint = "Name a file elsewhere: what lies there goes along with every copy of the case.";
        return Err(Error::new(Code::BadInput, message, hint));
    }
    Ok(())
}

/// Writes a file that is not there yet.
pub(crate) fn write_new(out: &Path, text: &[u8]) -> Result<(), Error> {
    refuse_taken(out)?;
    durable::write(out, text).map_err(|error| cannot(out, &error))
}

/// Refuses the name of a file that is there already.
pub(crate) fn refuse_taken(out: &Path) -> Result<(), Error> {
    if out.symlink_metadata().is_ok() {
        let message = format!("There is a file at `{}` already.", domain::shown_path(out));
        return Err(Error::new(Code::AlreadyThere, message, "Name a new file."));
    }
    Ok(())
}

pub(crate) fn cannot(out: &Path, error: &std::io::Error) -> Error {
    let code = if error.kind() == std::io::ErrorKind::StorageFull { Code::DiskFull } else { Code::BadInput };
    let message = format!("The file `{}` cannot be written.", domain::shown_path(out));
    Error::new(code, message, "Name a file in a folder that you can write to.").with_detail(error)
}
