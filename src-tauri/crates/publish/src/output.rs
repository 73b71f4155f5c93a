//! What `zeef-publish` prints: sentences for people, JSON for programs.

use std::path::Path;
use std::process::ExitCode;

use domain::Fingerprint;
use zeef_publish::{Conflicts, Contribution, ReleaseReport, Rotated, Status};

/// Exit code where somebody has something to do.
const SOMETHING_TO_DO: u8 = 3;

fn json(value: &impl serde::Serialize) {
    println!("{}", serde_json::to_string_pretty(value).expect("the views of the library have texts as their keys"));
}

/// Tells what became of a list.
pub fn contribution(file: &Path, list: &Contribution) {
    let (path, kind) = (domain::shown_path(file), &list.kind);
    println!(
        "{path}: {kind}, {} rows, {} taken in, {} of them without SHA-256",
        list.rows, list.entries, list.without_sha256
    );
    list.refused.iter().for_each(|(why, count)| println!("  refused: {count} × {why}"));
    list.remarks.iter().for_each(|remark| println!("  {remark}"));
}

/// Lists conflicts.
pub fn conflicts(found: &Conflicts, as_json: bool) -> ExitCode {
    if as_json {
        json(found);
    } else {
        for conflict in &found.conflicts {
            let kinds: Vec<String> = conflict.kinds.iter().map(|kind| format!("{kind:?}")).collect();
            println!("{}  {}", conflict.digest, kinds.join(", "));
            for opinion in &conflict.opinions {
                let scheme = opinion.scheme.as_ref().map(|scheme| format!(" of {scheme}")).unwrap_or_default();
                let label = opinion.label.as_ref().map(|label| format!(" ({label})")).unwrap_or_default();
                let code = match opinion.code.as_deref() {
                    None => "no opinion".to_owned(),
                    Some("") => "known, without a category".to_owned(),
                    Some(code) => format!("category {code}{label}{scheme}"),
                };
                let signer = opinion.signer.as_ref().map(|signer| format!(", signed by {signer}")).unwrap_or_default();
                println!("    {} at {}{signer}: {code}", opinion.contributor, opinion.at);
                for veto in &opinion.vetoes {
                    let reason = domain::escaped(veto.reason.as_bytes());
                    println!("        calls entry {} of {} {} wrong: {reason}", veto.entry, veto.set, veto.version);
                }
            }
        }
        println!("Contents on which somebody has to decide: {}", found.count);
    }
    if found.count == 0 { ExitCode::SUCCESS } else { ExitCode::from(SOMETHING_TO_DO) }
}

/// Tells what a release did.
pub fn release(report: &ReleaseReport) {
    if report.completed {
        println!("An interrupted release was completed. Run the command again to release what was done since");
    }
    println!(
        "Version {}: {} entries, {} new or changed, {} withdrawn; {} deltas{}; {} bytes",
        report.version,
        report.entries,
        report.upserts,
        report.withdrawals,
        report.deltas,
        if report.snapshot { ", a new snapshot" } else { "" },
        report.bytes
    );
    timestamp(report);
    fingerprint(report.root, report.fingerprint.as_ref());
    report.warnings.iter().for_each(|warning| println!("Warning: {warning}"));
}

/// Tells until when a timestamp holds.
pub fn timestamp(report: &ReleaseReport) {
    if let Some(expires) = report.expires {
        println!("Timestamp {} holds until {expires}", report.timestamp);
    }
}

/// Prints what is read out by telephone to whoever enrols, in the rows in which it stands there.
fn fingerprint(root: u64, fingerprint: Option<&Fingerprint>) {
    if let Some(fingerprint) = fingerprint {
        println!("Fingerprint of root {root}, in enrolment.json; read it out by telephone to whoever enrols:");
        fingerprint.rows().iter().for_each(|row| println!("    {row}"));
    }
}

/// Tells which keys are new, so that those go to their safes and not the old ones.
pub fn rotated(made: &Rotated) {
    let files: Vec<String> = made.files.iter().map(|file| domain::shown_path(file)).collect();
    println!("New: {}", files.join(", "));
    println!("Root metadata {} names them and not the old ones; the next release places it", made.root);
}

/// Tells the state of a repository.
pub fn status(status: &Status, as_json: bool) -> ExitCode {
    if as_json {
        json(status);
    } else {
        let config = &status.config;
        println!("{} ({}), published by {}", config.title, config.set, config.publisher);
        match status.version {
            Some(version) => println!("Version {version}, {} entries", status.entries),
            None => println!("Nothing is released yet"),
        }
        println!("Contributions: {} lists, {} rows", status.contributions, status.rows);
        println!("Done since the last release: {}", status.since.len());
        for expiry in &status.expiries {
            println!("{:<10} expires {} (in {} days)", expiry.role.to_string(), expiry.expires, expiry.days);
        }
        fingerprint(status.root, status.fingerprint.as_ref());
        status.warnings.iter().for_each(|warning| println!("Warning: {warning}"));
    }
    if status.warnings.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(SOMETHING_TO_DO) }
}
