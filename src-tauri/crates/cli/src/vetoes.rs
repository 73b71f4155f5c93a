//! `zeef case veto`, `notices` and `feedback`: what people say of sets, and what sets say anew of items.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use workbench::{
    CaseFile, Code, EntryId, Error, NoticeFilter, NoticeRow, SetName, Sha256, VetoOf, VetoRequest, escaped, shown_path,
};

use crate::arguments::Opening;
use crate::case_commands::with_meter;
use crate::output::{counted, line, text_line};
use crate::surroundings::Surroundings;

/// What a person calls wrong, as it was said.
pub struct Wish {
    pub sha256: Sha256,
    pub reason: String,
    pub set: Option<SetName>,
    pub entry: Option<u64>,
    pub sets_dir: PathBuf,
}

/// Calls an entry wrong about an item.
pub fn veto(case: &CaseFile, opening: &Opening, wish: Wish, here: &Surroundings) -> Result<ExitCode, Error> {
    let request = VetoRequest {
        case_dir: opening.case.clone(),
        sets_dir: wish.sets_dir,
        item: wish.sha256,
        reason: wish.reason,
        of: match (wish.set, wish.entry) {
            (None, None) => VetoOf::Hiding,
            (Some(set), None) => VetoOf::Set(set),
            (set, Some(entry)) => VetoOf::Entry(set, EntryId(entry)),
        },
    };
    let view = with_meter(opening.json, here, None, |setting| workbench::veto(case, &request, setting))?;
    if opening.json {
        line(&view)?;
        return Ok(ExitCode::SUCCESS);
    }
    for entry in &view.entries {
        text_line(&format!(
            "Entry {} of {}, version {}, hides {} no more.",
            entry.entry, entry.set, entry.version, view.item
        ))?;
    }
    match &view.still_hidden_by {
        Some(why) => text_line(&format!("It is still hidden: {why}. See `zeef case why`."))?,
        None if view.decoded => text_line("It is shown, first in the list.")?,
        None => text_line("It is shown, first in the list; it has no picture until its source is read again.")?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Lists notices, or marks them as read.
pub fn notices(
    case: &CaseFile,
    opening: &Opening,
    marked: &[String],
    all: bool,
    here: &Surroundings,
) -> Result<ExitCode, Error> {
    if !marked.is_empty() {
        let ids = if marked.iter().any(|word| word == "all") { None } else { Some(numbers(marked)?) };
        let read = workbench::mark_read(case, ids.as_deref(), here.now())?;
        if opening.json {
            line(&serde_json::json!({ "read": read }))?;
        } else {
            text_line(&format!("Marked as read: {}.", counted(read, "notice", "notices")))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let notices = workbench::list_notices(case, if all { NoticeFilter::All } else { NoticeFilter::Unread })?;
    for row in &notices {
        if opening.json {
            line(row)?
        } else {
            text_line(&format!("{:>6}  {}  {}", row.id, row.item, notice_text(row)))?
        }
    }
    if notices.is_empty() && !opening.json {
        text_line("There is no notice that nobody has read.")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn numbers(words: &[String]) -> Result<Vec<u64>, Error> {
    let number = |word: &String| {
        word.parse().map_err(|_| {
            Error::new(Code::BadInput, format!("`{word}` is no number of a notice."), "See `zeef case notices`.")
        })
    };
    words.iter().map(number).collect()
}

/// Tells a notice in one line. What came with a list is escaped.
pub fn notice_text(row: &NoticeRow) -> String {
    let notice = &row.notice;
    let said = |text: &str| if text.is_empty() { "nothing".to_owned() } else { escaped(text.as_bytes()) };
    let mut text = format!(
        "{}: entry {} of {}, version {} → {}: {} → {}",
        notice.kind,
        notice.entry,
        notice.set,
        notice.from,
        notice.to,
        said(&notice.was),
        said(&notice.now)
    );
    if !notice.reason.is_empty() {
        text.push_str(&format!(" ({})", escaped(notice.reason.as_bytes())));
    }
    if let Some((who, when)) = &row.read {
        text.push_str(&format!("; read by {who} at {when}"));
    }
    text
}

/// Writes the vetoes to a file.
pub fn feedback(case: &CaseFile, opening: &Opening, out: &Path, here: &Surroundings) -> Result<ExitCode, Error> {
    let feedback = workbench::write_feedback(case, out, here.now())?;
    let count = feedback.vetoes.len() as u64;
    if opening.json {
        line(&serde_json::json!({ "file": shown_path(out), "vetoes": count }))?;
    } else {
        text_line(&format!("Wrote {} to {}.", counted(count, "veto", "vetoes"), shown_path(out)))?;
    }
    Ok(ExitCode::SUCCESS)
}
