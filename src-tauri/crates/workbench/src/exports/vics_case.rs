//! A case as other tools read it: VICS 2.0, with the places of every content, without media. What other tools said of a
//! content goes back where it came from, see [`crate::vics_source::back`].
//!
//! It names files, so it is no package for others: only a team lead writes it, and the ledger notes it.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::Path;

use casefile::{CaseFile, ExportWhat, OccurrenceRow, OperationKind, SetWords, UserRole};
use domain::{ClassifiedItem, SourceId, UtcTime};
use formats::case::{CaseFilePlace, CaseHead, CaseMedia, Kept};
use formats::vics::{CaseWriter, inert_json};
use serde::Serialize;

use super::files::{profile_of, refused};
use crate::load::STATED;
use crate::vics_source::back;
use crate::{Code, Error, Progress, Setting, durable, feedback};

/// Name of this program in files of other tools.
const TOOL: &str = "Zeef";
/// Field of a place with all that is known of its times and circumstances.
const STATED_TEXT: &str = "X_ZeefStated";
/// Items between two reports of progress.
const PROGRESS_ITEMS: u64 = 1_024;

/// Tells what was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VicsWritten {
    /// Contents in it.
    pub media: u64,
    /// Where it lies, escaped.
    pub file: String,
    /// SHA-256 of the file.
    pub sha256: String,
}

/// Writes the case to a new file.
pub fn write_vics(case: &CaseFile, out: &Path, setting: &Setting<'_>) -> Result<VicsWritten, Error> {
    if case.user().1 != UserRole::TeamLead {
        let message = "Only a team lead writes a case for other tools: it names every file.";
        return Err(Error::new(Code::NotAllowed, message, "Ask a team lead of this case."));
    }
    feedback::refuse_taken(out)?;
    feedback::refuse_kept(case, out)?;
    let stated: HashSet<SourceId> =
        case.sources()?.into_iter().filter(|row| row.kind == STATED).map(|row| row.id).collect();
    let (media, sha256) = durable::write_with(out, &mut |to| {
        let info = case.info();
        let head = CaseHead {
            case_id: info.case_id,
            case_number: info.number,
            organization: info.unit,
            tool: TOOL.to_owned(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            profile_name: profile_of(&info.scheme),
            unknown: heads(case, &stated)?,
            ..CaseHead::default()
        };
        let mut writer = CaseWriter::begin(to, &head, Some(&info.scheme)).map_err(|error| refused(out, error))?;
        let (mut count, mut failed) = (0, None);
        case.classified_each(ExportWhat::All, SetWords::Kept, &mut |item| {
            count += 1;
            if count % PROGRESS_ITEMS == 0 {
                (setting.progress)(&Progress { stage: "write", done: count, ..Progress::default() });
            }
            let pushed = record(case, count, &item, &stated)
                .and_then(|media| writer.push(&media).map_err(|error| refused(out, error)));
            failed = pushed.err();
            if failed.is_some() || setting.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        if setting.is_stopped() {
            return Err(Error::new(Code::Stopped, "Stopped. No file was written.", "Run the same command again."));
        }
        Ok(writer.finish().map_err(|error| refused(out, error))?.records)
    })?;
    let detail = serde_json::json!({ "form": "vics-case", "sha256": sha256, "items": media });
    if let Err(error) = case.note_access(OperationKind::PackageWritten, detail, (setting.now)()) {
        // What the ledger does not know must not lie about.
        durable::remove(out).map_err(|error| feedback::cannot(out, &error))?;
        return Err(error.into());
    }
    Ok(VicsWritten { media, file: domain::shown_path(out), sha256: sha256.to_string() })
}

/// Gives what the heads of other tools' cases say, in the order of their sources.
fn heads(case: &CaseFile, stated: &HashSet<SourceId>) -> Result<Vec<Kept>, Error> {
    let mut sources: Vec<SourceId> = stated.iter().copied().collect();
    sources.sort_unstable();
    let mut summaries = Vec::new();
    for source in sources {
        summaries.extend(case.load_summary(source)?);
    }
    Ok(back::heads(&summaries).into_iter().collect())
}

/// Makes the record of an item, with its places: those of our own sources, those that other tools state, and what these
/// said of it. `stated` are the sources of the latter.
fn record(case: &CaseFile, number: u64, item: &ClassifiedItem, stated: &HashSet<SourceId>) -> Result<CaseMedia, Error> {
    let Some(story) = case.story(&item.digests.sha256)? else {
        return Ok(CaseMedia::of_item(number, item, Vec::new(), None));
    };
    let (told, own): (Vec<_>, Vec<_>) = story.occurrences.iter().partition(|row| stated.contains(&row.source));
    let mut media = CaseMedia::of_item(number, item, own.into_iter().map(place).collect(), None);
    let own_places = media.files.len();
    back::put_back(&mut media, &case.opinions_of(story.number)?);
    // Places of which nothing but the label was kept, because their record said too much.
    let labels = back::labels(&media.files[own_places..]);
    media.files.extend(told.into_iter().filter(|row| !back::is_told(&labels, &row.path.0)).map(told_place));
    Ok(media)
}

/// Makes a place of an occurrence that another tool states. Its times and circumstances are one text, kept as it is.
fn told_place(row: &OccurrenceRow) -> CaseFilePlace {
    let mut told = place(row);
    told.source_id = None;
    if let Some(text) = told.written_raw.take() {
        told.unknown.push((STATED_TEXT.to_owned(), inert_json(&text.into())));
    }
    told
}

fn place(row: &OccurrenceRow) -> CaseFilePlace {
    let time = |time: Option<UtcTime>| time.map(|time| time.to_string());
    let path = &row.path.0;
    let end = path.iter().rposition(|byte| matches!(byte, b'/' | b'\\')).map_or(0, |slash| slash + 1);
    CaseFilePlace {
        path: path.clone(),
        name: path[end..].to_vec(),
        created_raw: time(row.times.created),
        // A wall clock without a zone stays what it is.
        written_raw: time(row.times.modified).or_else(|| row.times.raw.clone()),
        accessed_raw: time(row.times.accessed),
        source_id: Some(row.source.0.to_string()),
        ..CaseFilePlace::default()
    }
}
