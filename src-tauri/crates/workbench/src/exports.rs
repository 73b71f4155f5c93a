//! What leaves a case: asked for by one person, checked by the program, signed by another, who is a team lead. The case
//! itself holds that these are two.

mod files;
mod keys;
mod media;
mod package;
mod preview;
mod sample;
mod vics_case;

use std::path::Path;

use casefile::{CaseFile, EXPORT_TEXT_CHARS_MAX, ExportRequest, ExportRow, ExportState, ExportWhat, UserRole};
use domain::{Sha256, UtcTime};

use crate::view::leads::{ExportForm, ExportLine, ExportPreview, ExportSample, RecipientView};
use crate::{Code, Error, Setting, recipients as names};

pub use keys::{KeyKind, NewKey, SigningKey, new_key};
pub use package::{PackageFile, PackageView, package_open, package_verify};
pub use sample::SAMPLE_ITEMS;
pub use vics_case::{VicsWritten, write_vics};

/// Lists who may read packages: the recipients of the workstation, and those of earlier exports of the case.
pub fn recipients(case: &CaseFile, sets_dir: Option<&Path>) -> Result<Vec<RecipientView>, Error> {
    let mut all = sets_dir.map_or_else(|| Ok(Vec::new()), names::of_workstation)?;
    for row in case.exports()? {
        all.extend(row.asked.recipients);
    }
    let mut views: Vec<RecipientView> = Vec::new();
    for (name, key) in all {
        if !views.iter().any(|view| view.key == key) {
            views.push(RecipientView { name, key });
        }
    }
    Ok(views)
}

/// Tells what a package would have, and what the program checked.
pub fn export_preview(
    case: &CaseFile,
    sets_dir: Option<&Path>,
    what: &str,
    media: bool,
    setting: &Setting<'_>,
) -> Result<ExportPreview, Error> {
    preview::preview(case, sets_dir, what_of(what)?, media, false, setting)
}

fn what_of(word: &str) -> Result<ExportWhat, Error> {
    match word {
        "classified" => Ok(ExportWhat::Classified),
        "all" => Ok(ExportWhat::All),
        _ => {
            let message = format!("`{}` is nothing that can be exported.", domain::escaped(word.as_bytes()));
            Err(Error::new(Code::BadInput, message, "Choose `classified` or `all`."))
        }
    }
}

fn what_word(what: ExportWhat) -> &'static str {
    match what {
        ExportWhat::Classified => "classified",
        ExportWhat::All => "all",
    }
}

/// Asks for an export; gives the number of the request.
pub fn export_request(case: &CaseFile, form: &ExportForm, now: UtcTime) -> Result<u32, Error> {
    if form.reason.chars().count() > EXPORT_TEXT_CHARS_MAX {
        let message = format!("The reason has more than {EXPORT_TEXT_CHARS_MAX} characters.");
        return Err(Error::new(Code::BadInput, message, "Say it in fewer words."));
    }
    let request = ExportRequest {
        what: what_of(&form.what)?,
        recipients: names::check(&form.recipients)?,
        media: form.media,
        reason: form.reason.trim().to_owned(),
    };
    Ok(case.export_request(&request, now)?)
}

/// Lists the exports that were asked for.
pub fn exports(case: &CaseFile) -> Result<Vec<ExportLine>, Error> {
    Ok(case.exports()?.into_iter().map(|row| line(case, row)).collect())
}

/// Tells of one export.
pub fn export(case: &CaseFile, request: u32) -> Result<ExportLine, Error> {
    Ok(line(case, row_of(case, request)?))
}

fn row_of(case: &CaseFile, request: u32) -> Result<ExportRow, Error> {
    case.exports()?.into_iter().find(|row| row.request == request).ok_or_else(|| {
        let message = format!("Nobody has asked for an export {request}.");
        Error::new(Code::NotFound, message, "See the list of exports: `zeef export list`.")
    })
}

fn line(case: &CaseFile, row: ExportRow) -> ExportLine {
    let (user, role) = case.user();
    let asked = row.asked;
    let (state, signed) = match row.state {
        ExportState::Asked => ("asked", None),
        ExportState::Signed { by, at, package_sha256, sample, .. } => {
            ("signed", Some((by, at, package_sha256, sample)))
        }
        ExportState::Withdrawn { .. } => ("withdrawn", None),
    };
    let sample = signed.as_ref().and_then(|(_, _, _, sample)| *sample);
    let why_not = if state != "asked" {
        Some("done")
    } else if row.by == user {
        Some("asked-it")
    } else if role != UserRole::TeamLead {
        Some("no-team-lead")
    } else {
        None
    };
    ExportLine {
        request: row.request,
        state: state.to_owned(),
        what: what_word(asked.what).to_owned(),
        media: asked.media,
        recipients: asked.recipients.into_iter().map(|(name, key)| RecipientView { name, key }).collect(),
        reason: asked.reason,
        by: row.by.to_string(),
        at: row.at,
        signed_by: signed.as_ref().map(|(by, ..)| by.to_string()),
        signed_at: signed.as_ref().map(|(_, at, ..)| *at),
        package_sha256: signed.map(|(_, _, sha256, _)| sha256.to_string()),
        may_sign: why_not.is_none(),
        why_not: why_not.map(str::to_owned),
        sample: sample.map(|sample| (sample.of, sample.looked)),
    }
}

/// Takes a request back that nobody has signed.
pub fn export_withdraw(case: &CaseFile, request: u32, now: UtcTime) -> Result<(), Error> {
    row_of(case, request)?;
    case.export_withdraw(request, now)?;
    Ok(())
}

/// Tells whether this person may sign a request; the error says why not.
pub fn may_sign(case: &CaseFile, request: u32) -> Result<(), Error> {
    row_of(case, request)?;
    Ok(case.export_may_sign(request)?)
}

/// Draws the sample of a request, which whoever signs looks at first.
pub fn export_sample(case: &CaseFile, request: u32, setting: &Setting<'_>) -> Result<ExportSample, Error> {
    sample::draw(case, &row_of(case, request)?, setting)
}

/// Says what becomes of a signature where the sample was not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlooked {
    /// It is refused.
    Refused,
    /// It is made: whoever signs knows, and says so. The ledger tells how much was looked at.
    Known,
}

/// Signs an export that somebody else has asked for, and writes its package.
///
/// Everything is checked before the first byte is written: who signs, the key, the name of the file, and the case as a
/// whole. A package that could not be entered into the ledger is taken away again.
pub fn export_sign(
    case: &CaseFile,
    sets_dir: Option<&Path>,
    request: u32,
    key: &SigningKey,
    out: &Path,
    unlooked: Unlooked,
    setting: &Setting<'_>,
) -> Result<ExportLine, Error> {
    may_sign(case, request)?;
    let row = row_of(case, request)?;
    let (sample, is_left) = sample::looked(&sample::draw(case, &row, setting)?);
    if is_left && unlooked == Unlooked::Refused {
        let message = format!("You looked at {} of the {} items of the sample.", sample.looked, sample.of);
        return Err(Error::new(Code::BadInput, message, "Look at the rest, or say that you sign without."));
    }
    crate::feedback::refuse_taken(out)?;
    crate::feedback::refuse_kept(case, out)?;
    let signer = keys::read_signer(key)?;
    let wanted = &row.asked;
    let preview = preview::preview(case, sets_dir, wanted.what, wanted.media, true, setting)?;
    let stopping = preview::stopping(&preview);
    if !stopping.is_empty() {
        let message = format!("This export cannot be signed as it is: {}.", stopping.join(", "));
        let hint = "See what the program checked: `zeef export request --preview`, or the preview in the window.";
        return Err(Error::new(Code::BadInput, message, hint));
    }
    let written = package::write(case, &row, &preview, &signer, out, setting)?;
    let sha256: Sha256 = written.sha256;
    if let Err(error) = case.export_signed(request, sha256, u64::from(preview.items), sample, (setting.now)()) {
        // What nobody has signed for must not lie about.
        crate::durable::remove(out).map_err(|error| crate::feedback::cannot(out, &error))?;
        return Err(error.into());
    }
    export(case, request)
}
