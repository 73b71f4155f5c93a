//! `zeef case add ... --as vics`: the case of another tool as a source.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::process::ExitCode;

use workbench::vics_source::{self, ForeignAdded, ForeignPreview, ForeignRequest};
use workbench::{Error, LoadRequest};

use crate::arguments::{Foreign, Opening};
use crate::case_commands::{open, print_status, with_meter};
use crate::output::{counted, grouped, line, text_line};
use crate::set_commands::{ask, scheme_of};
use crate::surroundings::Surroundings;

/// Most findings that are printed one by one.
const FINDINGS_PRINTED_MAX: usize = 20;

/// Adds cases of other tools, or tells what they hold.
pub fn add(
    load: &LoadRequest,
    foreign: &Foreign,
    opening: &Opening,
    here: &Surroundings,
    threads: Option<usize>,
) -> Result<ExitCode, Error> {
    let (profile, meanings) = scheme_of(foreign.profile.as_deref(), &foreign.meaning)?;
    let requests = load.sources.iter().map(|file| ForeignRequest {
        load: load.clone(),
        file: file.clone(),
        media: foreign.media.clone(),
        profile: profile.clone(),
        meanings: meanings.clone(),
    });
    if foreign.preview {
        for request in requests {
            let preview =
                with_meter(opening.json, here, threads, |setting| vics_source::preview_foreign(&request, setting))?;
            if opening.json { line(&preview)? } else { print_preview(&preview)? }
        }
        return Ok(ExitCode::SUCCESS);
    }
    let can_ask = std::io::stdin().is_terminal() && here.is_terminal && !opening.json;
    let case = open(opening, here)?;
    for request in requests {
        let added = with_meter(opening.json, here, threads, |setting| {
            let mut question = |code: &workbench::CategoryCode, count| if can_ask { ask(code, count) } else { None };
            vics_source::add_foreign(&case, &request, &mut question, setting)
        })?;
        if opening.json { line(&added)? } else { print_added(&added)? }
    }
    if !opening.json {
        print_status(&workbench::case_status(&case, Some(&load.sets_dir), here.now())?)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print_preview(preview: &ForeignPreview) -> Result<(), Error> {
    let summary = &preview.summary;
    text_line(&format!(
        "{}: {}, {} with {}.",
        preview.file,
        summary.kind,
        counted(summary.records, "record", "records"),
        counted(summary.places, "place", "places")
    ))?;
    text_line(&format!(
        "  files of the media: {} there, {} not there; {} no file, {} a path that is not followed",
        grouped(preview.stored_found),
        grouped(preview.stored_missing),
        counted(summary.without_stored, "record names", "records name"),
        counted(summary.stored_refused, "record has", "records have"),
    ))?;
    for (code, count) in &summary.categories {
        let title = preview.category_titles.get(code).map(String::as_str).unwrap_or_default();
        let code = if code.is_empty() { "none" } else { code };
        text_line(format!("  code {code:8} {:>10}   {title}", grouped(*count)).trim_end())?;
    }
    let notes = summary.notes.iter().map(ToString::to_string);
    let notes = notes.chain(summary.remarks.iter().map(ToString::to_string)).chain(preview.open.iter().cloned());
    notes.map(|note| format!("  {note}")).try_for_each(|note| text_line(&note))?;
    print_foreign_codes(&preview.foreign_codes)
}

/// Tells of codes that the scheme does not have: a wrong scheme may have been chosen.
fn print_foreign_codes(codes: &BTreeMap<String, u64>) -> Result<(), Error> {
    for (code, records) in codes {
        text_line(&format!(
            "  {} the code {}, which the scheme does not have. It is kept as it stands. Look whether the scheme (--profile) is the right one.",
            counted(*records, "record has", "records have"),
            workbench::escaped(code.as_bytes())
        ))?;
    }
    Ok(())
}

fn print_added(added: &ForeignAdded) -> Result<(), Error> {
    let joined = &added.joined;
    text_line(&format!(
        "Read {}: {} joined to contents of the case, {} not there; {} and {} kept.",
        counted(added.case.records, "record", "records"),
        grouped(joined.records),
        grouped(joined.absent),
        counted(joined.places, "place", "places"),
        counted(joined.opinions, "opinion", "opinions"),
    ))?;
    if joined.disagreeing > 0 {
        let records = counted(joined.disagreeing, "record disagrees", "records disagree");
        text_line(&format!("{records} with the file that is stored for it."))?;
    }
    let (of_items, of_records): (Vec<_>, Vec<_>) = joined.findings.iter().partition(|finding| finding.record == 0);
    for finding in of_records.into_iter().take(FINDINGS_PRINTED_MAX) {
        text_line(&format!("  record {}: {} ({})", finding.record, finding.detail, finding.what))?;
    }
    if joined.conflicts > 0 {
        let items = counted(joined.conflicts, "item has", "items have");
        text_line(&format!(
            "{items} verdicts of other tools that contradict each other. All are kept, and decide nothing: zeef case list --conflicts"
        ))?;
        of_items
            .into_iter()
            .take(FINDINGS_PRINTED_MAX)
            .try_for_each(|finding| text_line(&format!("  {} ({})", finding.detail, finding.what)))?;
    }
    for (code, records) in &added.unanswered {
        text_line(&format!(
            "  open: {} the code {code}, and nobody has said what it means here.",
            counted(*records, "record has", "records have")
        ))?;
    }
    print_foreign_codes(&added.foreign_codes)
}
