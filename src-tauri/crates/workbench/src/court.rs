//! The report of a case for the court: its figures are counted from the case, and set by the room of what leaves.

mod collect;

use std::path::{Path, PathBuf};

use casefile::{CaseFile, OperationKind};
use dispatch::report::Language;
use domain::{Sha256, UtcTime};
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use crate::view::leads::ReportDone;
use crate::{Code, Error, durable, feedback};

/// What prosecutors count a case by. The counts overlap: one file can be possessed, spread and made.
pub const QUALIFICATIONS: [&str; 4] = ["possession", "distribution", "production", "abuse"];
/// Where a person's own statement is kept in the case.
const KEY: &str = "court.qualification";

/// Holds what a person states of the case, as prosecutors count it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Qualification {
    /// Word of [`QUALIFICATIONS`] → items. What nobody has stated is absent.
    pub counts: Vec<(String, u64)>,
    /// When it was stated.
    pub at: Option<UtcTime>,
}

/// Keeps what this person states, e.g. `possession=120`, for the reports that this person writes.
pub fn state_qualification(case: &CaseFile, words: &[String], now: UtcTime) -> Result<(), Error> {
    let mut stated = qualification(case)?;
    for text in words {
        let read = text.split_once('=').and_then(|(word, items)| Some((word.trim(), items.trim().parse().ok()?)));
        let Some((word, items)) = read.filter(|(word, _)| QUALIFICATIONS.contains(word)) else {
            let message = format!("`{}` says nothing of how the case is counted.", domain::escaped(text.as_bytes()));
            let hint = format!("Write WORD=ITEMS; the words are {}.", QUALIFICATIONS.join(", "));
            return Err(Error::new(Code::BadInput, message, hint));
        };
        stated.counts.retain(|(known, _)| known != word);
        stated.counts.push((word.to_owned(), items));
    }
    stated.counts.sort_by_key(|(word, _)| QUALIFICATIONS.iter().position(|known| known == word));
    stated.at = Some(now);
    let text = serde_json::to_string(&stated).expect("every value of the words becomes JSON");
    Ok(case.put_personal(KEY, Some(&text), now)?)
}

/// Gives what this person has stated.
pub fn qualification(case: &CaseFile) -> Result<Qualification, Error> {
    let text = case.personal(KEY)?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// Writes the report as PDF, and its figures beside it. Neither file may be there.
pub fn report_write(
    case: &CaseFile,
    sets_dir: Option<&Path>,
    word: &str,
    out: &Path,
    now: UtcTime,
) -> Result<ReportDone, Error> {
    let language = Language::of(word).ok_or_else(|| {
        let message = format!("There is no report in the language `{}`.", domain::escaped(word.as_bytes()));
        Error::new(Code::BadInput, message, "Choose `en` or `nl`.")
    })?;
    let json = figures_path(out)?;
    for file in [out, &json] {
        feedback::refuse_taken(file)?;
        feedback::refuse_kept(case, file)?;
    }
    let stated = qualification(case)?;
    let figures = collect::collect(case, sets_dir, stated.counts)?;
    let report = dispatch::report::write(&figures, language)?;
    let sha256 = |bytes: &[u8]| Sha256(sha2::Sha256::digest(bytes).into());
    let (pdf_sha256, json_sha256) = (sha256(&report.pdf), sha256(&report.json));
    feedback::write_new(&json, &report.json)?;
    feedback::write_new(out, &report.pdf)?;
    let detail = serde_json::json!({
        "pdf_sha256": pdf_sha256, "json_sha256": json_sha256, "language": word, "as_of": figures.as_of.operation,
        "qualification": figures.qualification,
    });
    if let Err(error) = case.note_access(OperationKind::ReportWritten, detail, now) {
        // What the ledger does not know must not lie about.
        for file in [out, &json] {
            durable::remove(file).map_err(|error| feedback::cannot(file, &error))?;
        }
        return Err(error.into());
    }
    Ok(ReportDone {
        pages: report.pages,
        sha256: pdf_sha256.to_string(),
        pdf: domain::shown_path(out),
        json: domain::shown_path(&json),
    })
}

/// Names the file of the figures: `report.json` for `report.pdf`.
fn figures_path(out: &Path) -> Result<PathBuf, Error> {
    if out.extension().is_none_or(|ending| ending != "pdf") {
        let message = format!("`{}` does not end in .pdf.", domain::shown_path(out));
        return Err(Error::new(Code::BadInput, message, "Name the report like report.pdf."));
    }
    Ok(out.with_extension("json"))
}
