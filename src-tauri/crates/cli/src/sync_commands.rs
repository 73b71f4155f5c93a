//! `zeef sync ...`: starts the post room, has what it verified applied in a process without rights, and tells what came.

use std::cell::RefCell;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;

use workbench::{
    ApplyAnswer, ApplyJob, ApplyOutcome, Code, Confinement, Error, Fingerprint, Here, Override, PublisherId,
    PublisherView, SyncLine, SyncOutcome, SyncRequest, UserName, escaped,
};

use crate::arguments::{SetsDir, SyncCommand, SyncPlace};
use crate::case_commands::with_meter;
use crate::confinement::confine;
use crate::output::{counted, grouped, line, text_line};
use crate::set_commands::release_text;
use crate::surroundings::Surroundings;

/// What a script sees when a release waits for a person, or was refused.
const EXIT_WAITS: u8 = 4;
/// What it sees when nobody answered: asking again later may help, and the timer does.
const EXIT_UNREACHABLE: u8 = 5;
/// Most bytes of a job that it takes: a release index with all of its parts.
const JOB_BYTES_MAX: u64 = 256 << 20;

/// Runs one command about syncs.
pub fn run(command: SyncCommand, here: &Surroundings) -> Result<ExitCode, Error> {
    match command {
        SyncCommand::Enrol { file, at, look, fingerprint } => {
            let mut room = post_room("enrol", &at, here)?;
            if look {
                room.arg("--look");
            }
            fingerprint.iter().for_each(|fingerprint| {
                room.arg("--fingerprint").arg(fingerprint.0.to_string());
            });
            room.arg("--").arg(&file);
            pass_through(room, &at, |said| offered(said, fingerprint.is_some()))
        }
        SyncCommand::Run { at, from, publisher, override_expiry, now } => {
            let request = SyncRequest {
                sets_dir: here.sets_dir(at.sets.sets.as_ref())?,
                program: here.beside("zeef-sync"),
                starter: Arc::new(Here),
                from,
                publishers: publisher,
                override_expiry: two_people(&override_expiry)?,
                now,
            };
            sync(&request, at.json, here)
        }
        SyncCommand::Status { at, now } => {
            let sets_dir = here.sets_dir(at.sets.sets.as_ref())?;
            let publishers = workbench::sync_status(&sets_dir, now.unwrap_or_else(|| here.now()))?;
            for publisher in &publishers {
                if at.json { line(publisher)? } else { print_publisher(publisher)? }
            }
            if publishers.is_empty() && !at.json {
                text_line("No publisher is enrolled. Enrol one with `zeef sync enrol FILE`.")?;
            }
            Ok(ExitCode::SUCCESS)
        }
        SyncCommand::Accept { at, publisher, by, reason, now } => {
            let sets_dir = here.sets_dir(at.sets.sets.as_ref())?;
            let told = RefCell::new(None);
            let apply = |dir: &Path, job: &ApplyJob| apply_beside(dir, job, &told);
            let now = now.unwrap_or_else(|| here.now());
            let outcome = workbench::accept_waiting(&sets_dir, &publisher, &by, &reason, &apply, now)?;
            if at.json {
                line(&outcome)?
            } else {
                print_line(&outcome)?
            }
            Ok(ExitCode::SUCCESS)
        }
        SyncCommand::Access { at, publisher, certificate, key, token, ca, server, insecure_http } => {
            let mut room = post_room("access", &at, here)?;
            room.arg("--publisher").arg(publisher.as_str());
            let files = [("--certificate", certificate), ("--key", key), ("--token", token), ("--ca", ca)];
            for (name, file) in files.into_iter().filter_map(|(name, file)| Some((name, file?))) {
                room.arg(name).arg(file);
            }
            server.iter().for_each(|server| {
                room.arg("--server").arg(server);
            });
            if insecure_http {
                room.arg("--insecure-http");
            }
            pass_through(room, &at, granted)
        }
        SyncCommand::Reset { at, publisher, by, reason } => reset(&at, &publisher, &by, &reason, here),
        SyncCommand::Leave { at, publisher, by, reason } => leave(&at, &publisher, &by, &reason, here),
    }
}

fn two_people(names: &[UserName]) -> Result<Option<Override>, Error> {
    match names {
        [] => Ok(None),
        [one, other] if one != other => Ok(Some(Override { one: one.clone(), other: other.clone() })),
        _ => {
            let hint = "Name two different people: --override-expiry ANNA,BERT.";
            Err(Error::new(Code::BadInput, "What has expired is taken by two people only.", hint))
        }
    }
}

/// Gives the post room's command, with a clean environment.
fn post_room(what: &str, at: &SyncPlace, here: &Surroundings) -> Result<Command, Error> {
    let mut room = Command::new(here.beside("zeef-sync"));
    room.env_clear().arg(what).arg("--sets").arg(here.sets_dir(at.sets.sets.as_ref())?).stdin(Stdio::null());
    Ok(room)
}

/// Runs the post room for what it does alone, and gives its answer on.
fn pass_through(mut room: Command, at: &SyncPlace, done: impl Fn(&str) -> String) -> Result<ExitCode, Error> {
    let out = room.output().map_err(|error| not_started(room.get_program().as_ref(), &error))?;
    let said = String::from_utf8_lossy(&out.stdout);
    if !out.status.success() {
        return Err(complaint(&said, &out.stderr));
    }
    if at.json {
        text_line(said.trim_end())?
    } else {
        text_line(&done(&said))?
    }
    Ok(ExitCode::SUCCESS)
}

/// Tells whose file it is, and the fingerprint that has to be compared, unless it was already.
fn offered(said: &str, compared: bool) -> String {
    let words = || said.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let of = |kind: &str| words().find_map(|word| word.get(kind).cloned());
    let (enrolled, offer) = match of("enrolled") {
        Some(enrolled) => (true, enrolled),
        None => (false, of("offered").unwrap_or_default()),
    };
    let text = |key: &str| escaped(offer[key].as_str().unwrap_or_default().as_bytes());
    let publisher = text("publisher");
    let mut lines = vec![format!("{} ({}), published by {publisher}", text("title"), text("set"))];
    lines.push(match offer["address"].is_string() {
        true => format!("  from {}", text("address")),
        false => "  no server: its releases are carried in by hand".to_owned(),
    });
    lines.push(format!("  fingerprint of its root {}:", offer["root_version"]));
    let rows = text("fingerprint").parse::<Fingerprint>().map(|fingerprint| fingerprint.rows()).unwrap_or_default();
    lines.extend(rows.into_iter().map(|row| format!("    {row}")));
    let compare = "Compare the fingerprint with what the publisher reads out by telephone, never with what came along \
                   with the file.";
    match (enrolled, compared) {
        (true, true) => lines.push("Enrolled: it is the fingerprint that you gave.".to_owned()),
        (true, false) => lines.push(format!(
            "Enrolled. {compare} If it differs, leave the publisher at once:\n  zeef sync leave --publisher {publisher} \
             --by NAME --by NAME --reason TEXT"
        )),
        (false, _) => lines.push(format!(
            "Nothing is enrolled yet. {compare} Then enrol this file and no other:\n  zeef sync enrol FILE --fingerprint \
             HEX"
        )),
    }
    lines.join("\n")
}

/// Tells what a server is shown from now on: what was noted before is replaced as a whole, and that must not go unseen.
fn granted(said: &str) -> String {
    let answer = said.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()).next_back();
    let gone = answer.as_ref().and_then(|answer| answer["access"]["no_longer"].as_array()).cloned().unwrap_or_default();
    let names: Vec<&str> = gone.iter().filter_map(serde_json::Value::as_str).collect();
    let noted = "Noted what the server is shown.";
    if names.is_empty() {
        return noted.to_owned();
    }
    format!(
        "{noted} It is no longer shown what was noted before: {}. Name all that it is to be shown in one command.",
        names.join(", ")
    )
}

/// What the post room says when it cannot do what was asked.
fn complaint(said: &str, stderr: &[u8]) -> Error {
    let error = said.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let error = error.filter_map(|value| value.get("error").cloned()).next_back();
    let text = |key: &str| error.as_ref().and_then(|error| error[key].as_str()).map(str::to_owned);
    let message = text("message").unwrap_or_else(|| String::from_utf8_lossy(stderr).trim().to_owned());
    Error::new(Code::BadInput, message, text("hint").unwrap_or_default())
}

fn not_started(program: &Path, error: &std::io::Error) -> Error {
    let message = format!("The program `{}` cannot be run.", workbench::shown_path(program));
    Error::new(Code::Internal, message, "It is installed beside `zeef`; install Zeef again.").with_detail(error)
}

/// Tells the post room what two people decided about a publisher.
fn decided(room: &mut Command, publisher: &PublisherId, by: &[UserName], reason: &str) {
    room.arg("--publisher").arg(publisher.as_str()).arg("--reason").arg(reason);
    by.iter().for_each(|name| {
        room.arg("--by").arg(name.as_str());
    });
}

fn reset(
    at: &SyncPlace,
    publisher: &PublisherId,
    by: &[UserName],
    reason: &str,
    here: &Surroundings,
) -> Result<ExitCode, Error> {
    let sets_dir = here.sets_dir(at.sets.sets.as_ref())?;
    let mut room = post_room("reset", at, here)?;
    decided(&mut room, publisher, by, reason);
    workbench::floor_of(&sets_dir, publisher)?.iter().for_each(|floor| {
        room.arg("--floor").arg(floor);
    });
    let done = pass_through(room, at, |_| "Restored what was seen of the publisher.".to_owned())?;
    let what = serde_json::json!({ "what": "reset", "publisher": publisher, "by": by, "reason": reason });
    workbench::log_decision(&sets_dir, what, here.now())?;
    Ok(done)
}

/// Has the post room forget a publisher and its partners, then removes their sets. What is interrupted between the two is
/// completed by the same command.
fn leave(
    at: &SyncPlace,
    publisher: &PublisherId,
    by: &[UserName],
    reason: &str,
    here: &Surroundings,
) -> Result<ExitCode, Error> {
    let sets_dir = here.sets_dir(at.sets.sets.as_ref())?;
    let mut room = post_room("leave", at, here)?;
    decided(&mut room, publisher, by, reason);
    let done = pass_through(room, at, |_| format!("Left {publisher}: nothing of it is taken any more."))?;
    let removed = workbench::remove_left(&sets_dir)?;
    let what = serde_json::json!({
        "what": "leave", "publisher": publisher, "by": by, "reason": reason, "removed": removed,
    });
    workbench::log_decision(&sets_dir, what, here.now())?;
    if !at.json {
        for set in removed {
            text_line(&format!("  {set} was removed: what it hid comes back by `zeef case rematch`."))?;
        }
    }
    Ok(done)
}

/// Fetches, applies, and tells what came.
fn sync(request: &SyncRequest, json: bool, here: &Surroundings) -> Result<ExitCode, Error> {
    let told = RefCell::new(None);
    let apply = |dir: &Path, job: &ApplyJob| apply_beside(dir, job, &told);
    let lines = with_meter(json, here, Some(1), |setting| {
        workbench::run_sync(request, &apply, &mut |outcome| if json { line(outcome) } else { Ok(()) }, setting)
    })?;
    if !json {
        lines.iter().try_for_each(print_line)?;
        if lines.is_empty() {
            text_line("No publisher is enrolled. Enrol one with `zeef sync enrol FILE`.")?;
        }
    }
    if let Some(confinement) = told.into_inner().filter(|confinement| !confinement.lacking.is_empty()) {
        // Standard error, so that the lines of JSON stay one for each publisher.
        eprintln!("Releases were read in a process with more rights than it needs: {}.", confinement.lacking);
    }
    Ok(ExitCode::from(exit_code(&lines)))
}

/// What asking again may mend comes first: the rest of it is told again by the next run.
fn exit_code(lines: &[SyncLine]) -> u8 {
    let any = |what: fn(&SyncOutcome) -> bool| lines.iter().any(|line| what(&line.outcome));
    match (any(SyncOutcome::may_answer_later), any(SyncOutcome::needs_somebody)) {
        (true, _) => EXIT_UNREACHABLE,
        (false, true) => EXIT_WAITS,
        (false, false) => 0,
    }
}

/// Has a job applied by this program, started again, in a process that gives up its rights before it reads the job.
fn apply_beside(sets_dir: &Path, job: &ApplyJob, told: &RefCell<Option<Confinement>>) -> Result<ApplyOutcome, Error> {
    let program = std::env::current_exe().map_err(|error| {
        Error::new(Code::Internal, "The program cannot find itself. All sets are as they were.", "Run it again.")
            .with_detail(error)
    })?;
    let answer = workbench::apply_apart(&Here, &program, sets_dir, job)?;
    *told.borrow_mut() = Some(answer.confinement);
    answer.result
}

/// Has a job applied in such a process, and does not tell which rights that one could not give up.
pub fn apply_quietly(sets_dir: &Path, job: &ApplyJob) -> Result<ApplyOutcome, Error> {
    apply_beside(sets_dir, job, &RefCell::new(None))
}

/// Is that process.
pub fn apply_release(sets: &SetsDir, here: &Surroundings) -> Result<ExitCode, Error> {
    let sets_dir: PathBuf = here.sets_dir(sets.sets.as_ref())?;
    let confinement = confine(&sets_dir);
    let mut text = Vec::new();
    let bad = |detail: &dyn std::fmt::Display| {
        Error::new(Code::BadInput, "This command is started by `zeef sync`.", "Use that.").with_detail(detail)
    };
    std::io::stdin().lock().take(JOB_BYTES_MAX).read_to_end(&mut text).map_err(|error| bad(&error))?;
    let job: ApplyJob = serde_json::from_slice(&text).map_err(|error| bad(&error))?;
    let result = workbench::apply_job(&sets_dir, &job);
    line(&ApplyAnswer { confinement, result })?;
    Ok(ExitCode::SUCCESS)
}

fn print_line(line: &SyncLine) -> Result<(), Error> {
    let fresh = line.freshness.map(|freshness| format!(" ({freshness})")).unwrap_or_default();
    let head = format!("{}: {}{fresh}", line.publisher, line.set);
    match &line.outcome {
        SyncOutcome::Renewed { version } => text_line(&format!("{head}, version {version}: nothing new.")),
        SyncOutcome::Arrived { arrival } => {
            text_line(&format!("{head}, version {}: {}.", arrival.version, changes(arrival)))?;
            text_line("  Run `zeef case rematch` for each open case.")
        }
        SyncOutcome::Waiting { arrival, why } => {
            text_line(&format!("{head}, version {} waits for a person: {}.", arrival.version, changes(arrival)))?;
            text_line(&format!("  {}", escaped(why.to_string().as_bytes())))?;
            text_line(&format!(
                "  To take it all the same: zeef sync accept --publisher {} --by NAME --reason TEXT",
                line.publisher
            ))
        }
        SyncOutcome::Revoked { removed: true } => text_line(&format!(
            "{head}: no longer trusted. Its set was removed: what it hid comes back by `zeef case rematch`."
        )),
        SyncOutcome::Revoked { removed: false } => text_line(&format!("{head}: no longer trusted.")),
        SyncOutcome::Refused { message, hint, .. } => {
            text_line(&format!("{head}: refused. {}", escaped(message.as_bytes())))?;
            text_line(&format!("  {}", escaped(hint.as_bytes())))
        }
    }
}

fn changes(arrival: &workbench::Arrived) -> String {
    format!(
        "{} added, {} changed, {} withdrawn, {} quarantined; {}",
        grouped(arrival.added),
        grouped(arrival.changed),
        grouped(arrival.withdrawn),
        grouped(arrival.quarantined),
        counted(arrival.entries, "entry", "entries")
    )
}

/// Tells on which ways a publisher came here.
fn ways(view: &PublisherView) -> String {
    let from = match &view.address {
        Some(address) => escaped(address.as_bytes()),
        // What it publishes comes with whoever introduced it, or came from there until that was taken back.
        None if view.introduced_by.is_some() => "no address".to_owned(),
        None => "carried in by hand".to_owned(),
    };
    let by = view.introduced_by.as_ref().map(|by| format!(", introduced by {}", escaped(by.as_bytes())));
    let revoked = if view.revoked { ", no longer trusted: that was taken back" } else { "" };
    format!("{from}{}{revoked}", by.unwrap_or_default())
}

fn print_publisher(view: &PublisherView) -> Result<(), Error> {
    text_line(&format!("{} ({})", view.publisher, ways(view)))?;
    match (&view.set, view.version, &view.release) {
        (Some(set), Some(version), Some(release)) => {
            let entries = counted(view.entries.unwrap_or(0), "entry", "entries");
            let age = counted(view.age_days.unwrap_or(0).max(0) as u64, "day", "days");
            text_line(&format!("  {set}, version {version}: {entries}, made {age} ago"))?;
            text_line(&format!("  {}", release_text(release)))?;
        }
        _ => text_line("  nothing installed")?,
    }
    if let Some(fingerprint) = &view.fingerprint {
        text_line(&format!("  fingerprint {fingerprint}"))?;
    }
    if let Some(damage) = &view.damage {
        text_line(&format!("  damaged: {}", escaped(damage.as_bytes())))?;
    }
    if let Some(waiting) = &view.waiting {
        text_line(&format!("  version {} waits: {}", waiting.arrival.version, changes(&waiting.arrival)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use workbench::{RefusedCode, SetVersion};

    use super::*;

    fn told(outcome: SyncOutcome) -> SyncLine {
        let name = "national";
        SyncLine { publisher: name.parse().unwrap(), set: name.parse().unwrap(), freshness: None, outcome }
    }

    #[test]
    fn a_partner_that_was_revoked_is_not_said_to_be_carried_in_by_hand() {
        let view = |address: Option<&str>, introduced_by: Option<&str>, revoked| PublisherView {
            publisher: "north".parse().unwrap(),
            introduced_by: introduced_by.map(str::to_owned),
            address: address.map(str::to_owned),
            set: None,
            version: None,
            entries: None,
            age_days: None,
            release: None,
            waiting: None,
            fingerprint: None,
            revoked,
            damage: None,
        };
        assert_eq!(ways(&view(None, None, false)), "carried in by hand");
        let revoked = ways(&view(None, Some("national"), true));
        assert_eq!(revoked, "no address, introduced by national, no longer trusted: that was taken back");
        assert_eq!(ways(&view(Some("https://n/"), Some("national"), false)), "https://n/, introduced by national");
    }

    #[test]
    fn a_file_is_shown_with_its_fingerprint_and_what_is_to_be_compared() {
        let digits = "0011223344556677".repeat(4);
        let offer = serde_json::json!({
            "publisher": "national", "set": "national", "title": "National\u{202e} set", "address": null,
            "root_version": 2, "fingerprint": digits,
        });
        let said = |kind: &str| serde_json::json!({ kind: offer }).to_string();
        let row = "    0011 2233 4455 6677\n";
        let head = format!(
            "National\\u{{202e}} set (national), published by national\n  no server: its releases are carried in by \
             hand\n  fingerprint of its root 2:\n{}",
            row.repeat(4)
        );
        let looked = offered(&said("offered"), false);
        assert!(looked.starts_with(&format!("{head}Nothing is enrolled yet. Compare the fingerprint")), "{looked}");
        let enrolled = offered(&said("enrolled"), false);
        assert!(enrolled.starts_with(&format!("{head}Enrolled. Compare the fingerprint")), "{enrolled}");
        assert!(enrolled.contains("telephone") && enrolled.contains("zeef sync leave --publisher national"));
        assert_eq!(offered(&said("enrolled"), true), format!("{head}Enrolled: it is the fingerprint that you gave."));
    }

    #[test]
    fn what_is_no_longer_shown_to_a_server_is_told() {
        let said = r#"{"access":{"origin":"https://n:443","token":"/t","no_longer":["certificate","key"]}}"#;
        assert_eq!(
            granted(said),
            "Noted what the server is shown. It is no longer shown what was noted before: certificate, key. Name all \
             that it is to be shown in one command."
        );
        assert_eq!(granted(r#"{"access":{"no_longer":[]}}"#), "Noted what the server is shown.");
    }

    #[test]
    fn only_what_may_answer_later_is_asked_again_by_the_timer() {
        let refused =
            |code, again| told(SyncOutcome::Refused { code, message: String::new(), hint: String::new(), again });
        let renewed = || told(SyncOutcome::Renewed { version: SetVersion(1) });
        assert_eq!(exit_code(&[]), 0);
        assert_eq!(exit_code(&[renewed()]), 0);
        assert_eq!(exit_code(&[renewed(), refused(RefusedCode::Untrusted, false)]), 4);
        assert_eq!(exit_code(&[refused(RefusedCode::Unreachable, false)]), 4, "a disk that is carried in");
        assert_eq!(exit_code(&[refused(RefusedCode::Expired, false), refused(RefusedCode::Unreachable, true)]), 5);
    }
}
