//! `zeef export ...`, `zeef package ...` and `zeef report`.

use std::process::ExitCode;

use workbench::exports::{self, KeyKind, NewKey, SigningKey, Unlooked};
use workbench::view::leads::{ExportCheck, ExportForm, ExportLine, ExportPreview, ExportSample};
use workbench::{Error, escaped, shown_path};

use crate::arguments::{ExportCommand, KeyPurpose, Language, Opening, PackageCommand, Reading, Report};
use crate::case_commands::{open, read, with_meter};
use crate::output::{counted, grouped, line, text_line};
use crate::surroundings::Surroundings;

/// Runs one command about exports.
pub fn export(command: ExportCommand, here: &Surroundings) -> Result<ExitCode, Error> {
    match command {
        ExportCommand::Request { opening, what, media, preview: true, sets, .. } => {
            let sets_dir = here.sets_dir(sets.sets.as_ref()).ok();
            let case = read(&opening, here)?;
            let preview = with_meter(opening.json, here, None, |setting| {
                exports::export_preview(&case, sets_dir.as_deref(), what.as_str(), media, setting)
            })?;
            if opening.json { line(&preview)? } else { print_preview(&preview)? }
        }
        ExportCommand::Request { opening, what, to, media, reason, .. } => {
            let recipients = workbench::read_recipients(&to)?;
            let form = ExportForm { what: what.as_str().to_owned(), recipients, media, reason };
            let case = open(&opening, here)?;
            let request = exports::export_request(&case, &form, here.now())?;
            told(&opening, &exports::export(&case, request)?)?;
        }
        ExportCommand::Sign { opening, request, key, key_passphrase_file, out, sets } => {
            let sets_dir = here.sets_dir(sets.sets.as_ref()).ok();
            let case = open(&opening, here)?;
            // Whoever may not sign is not asked for the passphrase of a key.
            exports::may_sign(&case, request)?;
            let passphrase = here.passphrase(key_passphrase_file.as_ref(), "Passphrase of the signing key")?;
            let key = SigningKey { file: key, passphrase };
            let signed = with_meter(opening.json, here, None, |setting| {
                // A terminal shows no picture: whoever signs here looked in the window before, or did not look.
                let unlooked = Unlooked::Known;
                exports::export_sign(&case, sets_dir.as_deref(), request, &key, &out, unlooked, setting)
            })?;
            told(&opening, &signed)?;
        }
        ExportCommand::Sample { opening, request } => {
            let case = read(&opening, here)?;
            let sample =
                with_meter(opening.json, here, None, |setting| exports::export_sample(&case, request, setting))?;
            if opening.json { sample.items.iter().try_for_each(line)? } else { print_sample(&sample)? }
        }
        ExportCommand::List { opening } => {
            let lines = exports::exports(&read(&opening, here)?)?;
            lines.iter().try_for_each(|one| told(&opening, one))?;
            if lines.is_empty() && !opening.json {
                text_line("Nobody has asked for an export.")?;
            }
        }
        ExportCommand::Withdraw { opening, request } => {
            let case = open(&opening, here)?;
            exports::export_withdraw(&case, request, here.now())?;
            told(&opening, &exports::export(&case, request)?)?;
        }
        ExportCommand::Vics { opening, out } => {
            let case = open(&opening, here)?;
            let written = with_meter(opening.json, here, None, |setting| exports::write_vics(&case, &out, setting))?;
            if opening.json {
                line(&written)?;
            } else {
                let media = counted(written.media, "content", "contents");
                text_line(&format!("Wrote {media} to {}, SHA-256 {}.", written.file, written.sha256))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn told(opening: &Opening, export: &ExportLine) -> Result<(), Error> {
    if opening.json {
        return line(export);
    }
    let to: Vec<String> = export.recipients.iter().map(|one| escaped(one.name.as_bytes())).collect();
    text_line(&format!(
        "{:>5}  {:9}  {}{} for {}, asked by {} at {}",
        export.request,
        export.state,
        export.what,
        if export.media { " with media" } else { "" },
        to.join(", "),
        export.by,
        export.at,
    ))?;
    if let Some(by) = &export.signed_by {
        text_line(&format!("       signed by {by}, SHA-256 {}", export.package_sha256.as_deref().unwrap_or("-")))?;
        if let Some((of, looked)) = export.sample {
            let sample = counted(of.into(), "item", "items");
            text_line(&format!("       looked at before: {} of a sample of {sample}", grouped(looked.into())))?;
        }
    }
    Ok(())
}

fn print_sample(sample: &ExportSample) -> Result<(), Error> {
    let (of, leave) = (sample.items.len() as u64, counted(sample.leaves.into(), "item leaves", "items leave"));
    text_line(&format!("{leave}. A sample of {}, drawn without anybody's choice:", grouped(of)))?;
    for item in &sample.items {
        let category = item.category.as_deref().unwrap_or("none");
        let looked = match (item.looked, item.has_picture) {
            (true, _) => "looked at",
            (false, true) => "",
            (false, false) => "no picture",
        };
        text_line(format!("  {}  {:12}  {looked}", item.sha256, escaped(category.as_bytes())).trim_end())?;
    }
    text_line("The window shows them blurred, and clearly while a key is held.")
}

fn print_preview(preview: &ExportPreview) -> Result<(), Error> {
    text_line(&format!("It would have {}:", counted(u64::from(preview.items), "item", "items")))?;
    for (code, items, confirmed, one, disputed) in &preview.categories {
        let code = code.as_deref().unwrap_or("none");
        text_line(&format!(
            "  {code:12} {:>10}   confirmed {}, one opinion {}, disputed {}",
            grouped((*items).into()),
            grouped((*confirmed).into()),
            grouped((*one).into()),
            grouped((*disputed).into())
        ))?;
    }
    text_line(&format!(
        "  with a series {}, victim identified {}, vetoes {}",
        grouped(preview.with_series.into()),
        grouped(preview.victim_identified.into()),
        grouped(preview.vetoes.into())
    ))?;
    if preview.media_bytes > 0.0 {
        text_line(&format!("  media {:.1} MB", preview.media_bytes / 1e6))?;
    }
    text_line("What the program checked:")?;
    for check in &preview.checks {
        text_line(&check_text(check))?;
    }
    Ok(())
}

/// Tells one check as a person reads it: how it came out, of what, and what was found.
fn check_text(check: &ExportCheck) -> String {
    let standing = match check.standing.as_str() {
        "know" => "know this",
        "stops" => "stops it",
        _ => "in order",
    };
    let what = match check.what.as_str() {
        "decided-by-people" => "every category was given by a person",
        "nothing-else-goes-along" => "no file name in what people wrote",
        "sets-fresh" => "hash sets are fresh",
        "scheme-translates" => "the scheme goes to VICS categories",
        "ledger-whole" => "the ledger is whole",
        "disputed" => "items that people disagree on",
        "media-there" => "the media are there",
        other => other,
    };
    let found: Vec<String> = check.values.iter().map(|(name, value)| found(name, value)).collect();
    let found = if found.is_empty() { String::new() } else { format!(": {}", found.join(", ")) };
    format!("  {standing:9}  {what}{found}")
}

fn found(name: &str, value: &str) -> String {
    let value = escaped(value.as_bytes());
    match name {
        "searched" => format!("looked for {value} of them"),
        "naming" => format!("{value} name a file: read them"),
        "set" => format!("the oldest is {value}"),
        "hours" => format!("{value} hours old"),
        "none" => "there is none".to_owned(),
        "old" => "not every one is fresh".to_owned(),
        "changed" => "newer ones are there".to_owned(),
        "cut-short" => "matching was cut short: run `zeef case rematch`".to_owned(),
        "not-there" => "their folder is not there".to_owned(),
        "exact" => format!("{value} exactly"),
        "person" => format!("{value} need a person"),
        "head" => format!("its head begins with {value}"),
        "missing" => format!("{value} cannot be read: connect their sources"),
        "version" | "scheme" => format!("{name} {value}"),
        _ => format!("{value} {name}"),
    }
}

/// Runs one command about packages.
pub fn package(command: PackageCommand, here: &Surroundings) -> Result<ExitCode, Error> {
    match command {
        PackageCommand::Verify(reading) => opened(&reading, None, here)?,
        PackageCommand::Open { reading, out } => opened(&reading, Some(&out), here)?,
        PackageCommand::Key { purpose, out, passphrase_file, name, json } => {
            let kind = match purpose {
                KeyPurpose::Signing => {
                    let prompt = "Passphrase for the new signing key";
                    KeyKind::Signing(here.new_passphrase(passphrase_file.as_ref(), prompt)?)
                }
                KeyPurpose::Reading => KeyKind::Reading(name),
            };
            let NewKey { secret, public, text } = exports::new_key(&kind, &out)?;
            if json {
                line(&serde_json::json!({ "secret": secret, "public": public, "key": text }))?;
            } else {
                text_line(&format!("The secret key is in {secret}: it goes to nobody."))?;
                text_line(&format!("The public key is in {public}:\n{text}"))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn opened(reading: &Reading, out: Option<&std::path::PathBuf>, here: &Surroundings) -> Result<(), Error> {
    let trusted = match &reading.trusted {
        Some(trusted) => trusted.clone(),
        None => workbench::kept_leads(&here.sets_dir(reading.sets.sets.as_ref())?)?,
    };
    let opened = match out {
        None => exports::package_verify(&reading.package, &reading.identity, &trusted, here.now())?,
        Some(out) => exports::package_open(&reading.package, &reading.identity, &trusted, here.now(), out)?,
    };
    if reading.json {
        return line(&opened);
    }
    text_line(&format!("Everything holds. Signed by {} ({}).", escaped(opened.signer.as_bytes()), opened.unit))?;
    if reading.trusted.is_none() {
        text_line(&format!("The list of team leads is {}.", shown_path(&trusted)))?;
    }
    text_line(&format!(
        "Case {} of {}, {}, made at {}, asked for by {}.",
        escaped(opened.case_number.as_bytes()),
        escaped(opened.case_unit.as_bytes()),
        counted(opened.items, "item", "items"),
        opened.made,
        escaped(opened.requested_by.as_bytes()),
    ))?;
    for file in &opened.files {
        text_line(&format!("  {}  {:>12}  {}", file.sha256, grouped(file.bytes), file.name))?;
    }
    out.map_or(Ok(()), |out| text_line(&format!("The files are in {}.", shown_path(out))))
}

/// Writes the report.
pub fn report(report: &Report, here: &Surroundings) -> Result<ExitCode, Error> {
    let opening = &report.opening;
    let language = match report.lang {
        Language::En => "en",
        Language::Nl => "nl",
    };
    let sets_dir = here.sets_dir(report.sets.sets.as_ref()).ok();
    let case = open(opening, here)?;
    if !report.qualification.is_empty() {
        workbench::court::state_qualification(&case, &report.qualification, here.now())?;
    }
    let done = workbench::court::report_write(&case, sets_dir.as_deref(), language, &report.out, here.now())?;
    if opening.json {
        line(&done)?;
    } else {
        text_line(&format!(
            "Wrote {} to {}, SHA-256 {}; its figures are in {}.",
            counted(done.pages.into(), "page", "pages"),
            done.pdf,
            done.sha256,
            done.json
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_are_told_in_words() {
        let check = |what: &str, standing: &str, values: &[(&str, &str)]| ExportCheck {
            what: what.to_owned(),
            standing: standing.to_owned(),
            values: values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        };
        let told = check_text(&check("nothing-else-goes-along", "fine", &[("searched", "3")]));
        assert_eq!(told, "  in order   no file name in what people wrote: looked for 3 of them");
        let told = check_text(&check("sets-fresh", "know", &[("none", "yes")]));
        assert_eq!(told, "  know this  hash sets are fresh: there is none");
        let told = check_text(&check("disputed", "stops", &[("items", "2")]));
        assert_eq!(told, "  stops it   items that people disagree on: 2 items");
    }
}
