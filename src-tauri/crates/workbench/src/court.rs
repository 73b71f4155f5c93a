//! The report of a case for the court: its figures are counted from the case, and set by the room of what leaves.
//!
//! What people state of the case as prosecutors count it is theirs alone: no figure of the program makes it, and the report
//! says who stated it and when.

mod collect;

use std::path::{Path, PathBuf};

use casefile::{CaseFile, OperationKind, StatedAct, UserRole};
use dispatch::report::Language;
use domain::{Sha256, UtcTime};
use serde::Deserialize;
use sha2::Digest as _;

use crate::view::leads::{QualificationLine, ReportDone};
use crate::{Code, Error, durable, feedback};

/// What prosecutors count a case by. The counts overlap: one file can be possessed, spread and made.
pub const QUALIFICATIONS: [&str; 4] = ["possession", "distribution", "production", "abuse"];
/// Where earlier versions kept a statement, as a person's own.
const OLD_KEY: &str = "court.qualification";

/// States what words say, e.g. `possession=120`; `possession=` leaves it unstated. It is an operation of the ledger, and
/// can be undone.
pub fn state_qualification(case: &CaseFile, words: &[String], now: UtcTime) -> Result<(), Error> {
    let read = |text: &String| -> Option<(String, Option<u32>)> {
        let (act, items) = text.split_once('=')?;
        let items = items.trim();
        let items = if items.is_empty() { None } else { Some(items.parse().ok()?) };
        Some((act.trim().to_owned(), items))
    };
    let mut acts = Vec::new();
    for text in words {
        acts.push(read(text).ok_or_else(|| no_statement(text))?);
    }
    state_acts(case, &acts, now)
}

/// States items of acts, each a word of [`QUALIFICATIONS`]; `None` leaves an act unstated. What stands already is not stated
/// again by somebody else.
pub fn state_acts(case: &CaseFile, acts: &[(String, Option<u32>)], now: UtcTime) -> Result<(), Error> {
    if let Some((act, _)) = acts.iter().find(|(act, _)| !QUALIFICATIONS.contains(&act.as_str())) {
        return Err(no_statement(act));
    }
    take_over(case, now)?;
    let acts: Vec<(String, Option<u64>)> =
        acts.iter().map(|(act, items)| (act.clone(), items.map(u64::from))).collect();
    case.qualification_state(&acts, now)?;
    Ok(())
}

fn no_statement(text: &str) -> Error {
    let message = format!("`{}` says nothing of how the case is counted.", domain::escaped(text.as_bytes()));
    let hint = format!(
        "Write WORD=ITEMS with a whole number of at most {}, or WORD= to leave it unstated; the words are {}.",
        u32::MAX,
        QUALIFICATIONS.join(", ")
    );
    Error::new(Code::BadInput, message, hint)
}

/// Tells of each act of [`QUALIFICATIONS`] what is stated of it, by whom and when.
pub fn qualification(case: &CaseFile, now: UtcTime) -> Result<Vec<QualificationLine>, Error> {
    take_over(case, now)?;
    let stated = case.qualification()?;
    let of = |act: &&str| {
        let one = stated.iter().find(|one| one.act == **act);
        QualificationLine {
            act: (*act).to_owned(),
            items: one.and_then(|one| one.items).map(|items| u32::try_from(items).unwrap_or(u32::MAX)),
            by: one.map(|one| one.by.to_string()),
            at: one.map(|one| one.at),
        }
    };
    Ok(QUALIFICATIONS.iter().map(of).collect())
}

/// Gives what is stated, in the order of [`QUALIFICATIONS`]; what is unstated is left out.
fn stated(case: &CaseFile) -> Result<Vec<StatedAct>, Error> {
    let place = |one: &StatedAct| QUALIFICATIONS.iter().position(|known| *known == one.act);
    let mut all: Vec<StatedAct> = case.qualification()?.into_iter().filter(|one| one.items.is_some()).collect();
    all.retain(|one| place(one).is_some());
    all.sort_by_key(place);
    Ok(all)
}

/// Puts what this person stated in an earlier version, where it was the person's own, into the ledger, once. What anybody
/// has stated there since stays. An auditor states nothing.
fn take_over(case: &CaseFile, now: UtcTime) -> Result<(), Error> {
    #[derive(Default, Deserialize)]
    struct Old {
        counts: Vec<(String, u64)>,
    }
    if case.user().1 == UserRole::Auditor {
        return Ok(());
    }
    let Some(text) = case.personal(OLD_KEY)? else { return Ok(()) };
    let old: Old = serde_json::from_str(&text).unwrap_or_default();
    let since = case.qualification()?;
    let is_new = |act: &str| QUALIFICATIONS.contains(&act) && since.iter().all(|one| one.act != act);
    let acts: Vec<_> =
        old.counts.into_iter().filter(|(act, _)| is_new(act)).map(|(act, items)| (act, Some(items))).collect();
    case.qualification_state(&acts, now)?;
    Ok(case.put_personal(OLD_KEY, None, now)?)
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
    take_over(case, now)?;
    let figures = collect::collect(case, sets_dir, stated(case)?)?;
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
