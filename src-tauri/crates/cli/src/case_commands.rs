//! `zeef case ...`.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use workbench::view::{ItemLine, RematchHow, Status};
use workbench::{
    Access, CaseFile, Code, Error, ListFilter, LoadRequest, MissingSets, Reach, ReturnCause, SchemeId, Setting, Sha256,
    SystemEntropy, UserName, UserRole, shown_path,
};

use crate::arguments::{CaseCommand, MatchingSets, Opening, UserAction, Which};
use crate::foreign_commands;
use crate::output::{Meter, counted, fail, grouped, line, text_line};
use crate::set_commands::print_set;
use crate::story;
use crate::surroundings::Surroundings;
use crate::vetoes;

/// What a script sees when verifying found problems.
const EXIT_PROBLEMS: u8 = 3;

/// Runs one command about a case.
pub fn run(command: CaseCommand, here: &Surroundings) -> Result<ExitCode, Error> {
    let done = ExitCode::SUCCESS;
    match command {
        CaseCommand::New { opening, number, unit, scheme, scope } => {
            let passphrase = here.new_passphrase(opening.passphrase_file.as_ref(), "Passphrase for the new case")?;
            let access = Access { case_dir: opening.case.clone(), user: opening.user.clone(), passphrase };
            let now = here.now();
            workbench::new_case(&access, &number, &unit, &scope, &SchemeId(scheme), now, &mut SystemEntropy)?;
            if opening.json {
                line(&serde_json::json!({ "case": opening.case.display().to_string(), "user": opening.user }))?;
            } else {
                text_line(&format!("Made case {number}. {} is its team lead.", opening.user))?;
            }
            Ok(done)
        }
        CaseCommand::Add { opening, sources, sets, foreign, threads } => {
            let request = LoadRequest {
                case_dir: opening.case.clone(),
                sets_dir: here.sets_dir(sets.folder.sets.as_ref())?,
                missing_sets: missing_sets(&sets),
                sources,
            };
            if foreign.form.is_some() {
                return foreign_commands::add(&request, &foreign, &opening, here, threads);
            }
            let case = open(&opening, here)?;
            add(&case, &request, &opening, here, threads)
        }
        CaseCommand::Status { opening, sets } => {
            let case = read(&opening, here)?;
            // A folder that nobody named may be missing or closed to this user: the case can answer without it.
            let named = sets.sets.is_some();
            let sets_dir = here.sets_dir(sets.sets.as_ref()).ok();
            let status = match workbench::case_status(&case, sets_dir.as_deref(), here.now()) {
                Err(_) if !named => workbench::case_status(&case, None, here.now()),
                status => status,
            }?;
            if opening.json {
                line(&status)?
            } else {
                print_status(&status)?
            }
            Ok(done)
        }
        CaseCommand::List { opening, which } => list(&opening, &which, here),
        CaseCommand::Why { opening, sha256 } => {
            let story = workbench::item_story(&read(&opening, here)?, &sha256)?;
            if opening.json {
                line(&story)?
            } else {
                story::lines(&story).iter().try_for_each(|text| text_line(text))?
            }
            Ok(done)
        }
        CaseCommand::Classify { opening, category, sha256, note } => {
            let category = Some(category.as_str()).filter(|category| *category != "clear");
            let case = open(&opening, here)?;
            let classified = workbench::classify(&case, category, &sha256, note.as_deref(), here.now())?;
            if opening.json {
                line(&classified)?;
            } else {
                let items = counted(classified.items, "item", "items");
                match &classified.category {
                    Some(category) => text_line(&format!("Decided {items}: {category} ({}).", classified.name))?,
                    None => text_line(&format!("Cleared {items}."))?,
                }
            }
            Ok(done)
        }
        CaseCommand::Veto { opening, sha256, reason, set, entry, sets } => {
            let wish = vetoes::Wish { sha256, reason, set, entry, sets_dir: here.sets_dir(sets.sets.as_ref())? };
            let case = open(&opening, here)?;
            vetoes::veto(&case, &opening, wish, here)
        }
        CaseCommand::Notices { opening, read: marked, all } => {
            // To read is no change; to mark as read is one.
            let case = if marked.is_empty() { read(&opening, here)? } else { open(&opening, here)? };
            vetoes::notices(&case, &opening, &marked, all, here)
        }
        CaseCommand::Feedback { opening, out } => vetoes::feedback(&open(&opening, here)?, &opening, &out, here),
        CaseCommand::Undo { opening } => {
            let undone = workbench::undo(&open(&opening, here)?, here.now())?;
            taken_back(&opening, undone.as_ref(), "Taken back", "There is nothing of yours to take back.")
        }
        CaseCommand::Redo { opening } => {
            let redone = workbench::redo(&open(&opening, here)?, here.now())?;
            taken_back(&opening, redone.as_ref(), "Done again", "There is nothing of yours to do again.")
        }
        CaseCommand::Rematch { opening, sets, whole, threads } => {
            let reach = if whole { Reach::Whole } else { Reach::Change };
            rematch(&opening, &sets, reach, here, threads)
        }
        CaseCommand::Verify { opening, sets, expect_head } => verify(&opening, sets.sets, expect_head.as_ref(), here),
        CaseCommand::User { opening, action, name, role, new_passphrase_file } => {
            user(&opening, UserChange { action, name, role, new_passphrase_file }, here)
        }
    }
}

pub fn access(opening: &Opening, here: &Surroundings) -> Result<Access, Error> {
    let passphrase = here.passphrase(opening.passphrase_file.as_ref(), "Passphrase")?;
    Ok(Access { case_dir: opening.case.clone(), user: opening.user.clone(), passphrase })
}

pub fn open(opening: &Opening, here: &Surroundings) -> Result<CaseFile, Error> {
    workbench::open_case(&access(opening, here)?, here.now())
}

pub fn read(opening: &Opening, here: &Surroundings) -> Result<CaseFile, Error> {
    workbench::open_case_reading(&access(opening, here)?, here.now())
}

/// Does long work with a meter and the wish to stop.
pub fn with_meter<T>(
    json: bool,
    here: &Surroundings,
    threads: Option<usize>,
    work: impl FnOnce(&Setting<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let meter = Meter::new(here.is_terminal && !json);
    let now = || here.now();
    let show = |progress: &workbench::Progress| meter.show(progress);
    let setting = Setting {
        decoder: here.decoder(),
        threads: here.threads(threads),
        now: &now,
        stop: &here.stop,
        pause: None,
        progress: &show,
    };
    let outcome = work(&setting);
    meter.finish();
    outcome
}

fn add(
    case: &CaseFile,
    request: &LoadRequest,
    opening: &Opening,
    here: &Surroundings,
    threads: Option<usize>,
) -> Result<ExitCode, Error> {
    warn_without_sets(&request.sets_dir, here, opening.json)?;
    let summary = with_meter(opening.json, here, threads, |setting| workbench::add_sources(case, request, setting))?;
    if opening.json {
        line(&summary)?;
        return Ok(ExitCode::SUCCESS);
    }
    text_line(&format!(
        "Read {} ({:.1} MB), {} passed over as before: {} and {} are new to the case.",
        counted(summary.files, "file", "files"),
        summary.bytes as f64 / 1e6,
        grouped(summary.passed_over),
        counted(summary.new_items, "content", "contents"),
        counted(summary.new_occurrences, "place", "places"),
    ))?;
    print_status(&workbench::case_status(case, Some(&request.sets_dir), here.now())?)?;
    Ok(ExitCode::SUCCESS)
}

pub fn print_status(status: &Status) -> Result<(), Error> {
    text_line(&format!(
        "Case {}, {}, scheme {} version {}",
        status.number, status.unit, status.scheme, status.scheme_version
    ))?;
    text_line(&format!("  shown    {:>10}   of which decided {}", grouped(status.shown), grouped(status.classified)))?;
    text_line(&format!(
        "  hidden   {:>10}   known {}, ordinary {}",
        grouped(status.hidden),
        grouped(status.hidden_known),
        grouped(status.hidden_ordinary)
    ))?;
    let refusals: Vec<String> =
        status.by_refusal.iter().map(|(code, count)| format!("{code} {}", grouped(*count))).collect();
    text_line(format!("  refused  {:>10}   {}", grouped(status.refused), refusals.join(", ")).trim_end())?;
    text_line(&format!(
        "  total    {:>10}   in {}",
        grouped(status.items),
        counted(status.occurrences, "place", "places")
    ))?;
    if status.waiting > 0 {
        text_line(&format!(
            "  waiting  {:>10}   not counted above: their derived state was lost. Load their sources again: zeef case add",
            grouped(status.waiting)
        ))?;
    }
    for (finding, count) in &status.findings {
        text_line(&format!("  first to look at: {} ({finding})", counted(*count, "item", "items")))?;
    }
    if status.tools_conflict > 0 {
        let items = counted(status.tools_conflict, "item", "items");
        text_line(&format!("  other tools contradict each other: {items} (zeef case list --conflicts)"))?;
    }
    if status.suggestions > 0 {
        text_line(&format!("  looks like known: {}", counted(status.suggestions, "item", "items")))?;
    }
    if status.stacks > 0 {
        text_line(&format!("  stacks of look-alikes: {}", grouped(status.stacks)))?;
    }
    if status.known_decoded > 0 {
        text_line(&format!(
            "  hidden items that had been decoded before a set knew them: {}",
            grouped(status.known_decoded)
        ))?;
    }
    text_line("Hash sets that it was matched with:")?;
    status.sets.iter().try_for_each(print_set)?;
    if status.sets.is_empty() {
        text_line("  none")?;
    }
    if status.notices_unread > 0 {
        text_line(&format!(
            "Notices that nobody has read: {}. See `zeef case notices`.",
            grouped(status.notices_unread)
        ))?;
    }
    if status.vetoes > 0 {
        text_line(&format!("Entries called wrong: {}.", grouped(status.vetoes)))?;
    }
    if !status.matched {
        text_line(
            "Judging by these sets was cut short, so some items stand as older sets had them. Run `zeef case rematch`.",
        )?;
    }
    if status.sets_changed {
        text_line("The hash sets have changed since. Run `zeef case rematch`.")?;
    }
    text_line(&format!(
        "Ledger: {}, head {}",
        counted(status.ledger_length, "operation", "operations"),
        status.ledger_head
    ))
}

fn list(opening: &Opening, which: &Which, here: &Surroundings) -> Result<ExitCode, Error> {
    let filter = match which {
        Which { shown: true, .. } => ListFilter::Shown,
        Which { hidden: true, .. } => ListFilter::Hidden,
        Which { refused: true, .. } => ListFilter::Refused,
        Which { conflicts: true, .. } => ListFilter::Conflicts,
        _ => ListFilter::All,
    };
    let mut failed = None;
    workbench::list_items(&read(opening, here)?, filter, &mut |item| {
        let printed = if opening.json { line(&item) } else { text_line(&item_text(&item)) };
        match printed {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    failed.map_or(Ok(ExitCode::SUCCESS), Err)
}

fn item_text(item: &ItemLine) -> String {
    let id = item.sha256.map_or_else(|| "-".repeat(64), |sha256| sha256.to_string());
    let mut why = match &item.returned {
        Some(ReturnCause::Withdrawn { .. }) => "returned: entry withdrawn".to_owned(),
        Some(ReturnCause::Vetoed { .. }) => "returned: entry called wrong".to_owned(),
        Some(ReturnCause::Gone) | None => item.reason.clone(),
    };
    if let Some(set) = &item.set {
        why.push_str(&format!(" ({set})"));
    }
    let category = item.category.as_deref().unwrap_or("-");
    let place = item.paths.first().map_or("", String::as_str);
    let more = match item.paths.len() {
        0 | 1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    format!("{id}  {:7}  {category:12}  {why:24}  {place}{more}", item.state)
}

fn taken_back(
    opening: &Opening,
    undone: Option<&workbench::view::Undone>,
    verb: &str,
    nothing: &str,
) -> Result<ExitCode, Error> {
    match undone {
        _ if opening.json => line(&undone)?,
        Some(undone) => {
            text_line(&format!("{verb}: {}.", undone.what))?;
        }
        None => text_line(nothing)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn missing_sets(sets: &MatchingSets) -> MissingSets {
    if sets.accept_missing_sets { MissingSets::Accept } else { MissingSets::Refuse }
}

/// Warns, before anything is decoded, where nothing can be hidden.
fn warn_without_sets(sets_dir: &Path, here: &Surroundings, json: bool) -> Result<(), Error> {
    if !json && workbench::list_sets(sets_dir, here.now())?.is_empty() {
        eprintln!(
            "There are no hash sets in `{}`: nothing is hidden, and everything is decoded.",
            shown_path(sets_dir)
        );
    }
    Ok(())
}

fn rematch(
    opening: &Opening,
    sets: &MatchingSets,
    reach: Reach,
    here: &Surroundings,
    threads: Option<usize>,
) -> Result<ExitCode, Error> {
    let (dir, missing) = (here.sets_dir(sets.folder.sets.as_ref())?, missing_sets(sets));
    let case = open(opening, here)?;
    let summary = with_meter(opening.json, here, threads, |setting| {
        workbench::rematch(&case, &opening.case, &dir, missing, reach, setting)
    })?;
    if opening.json {
        line(&summary)?;
        return Ok(ExitCode::SUCCESS);
    }
    let how = match summary.how {
        RematchHow::Whole => "all of the case".to_owned(),
        RematchHow::ByChange => {
            format!("those that {} can touch", counted(summary.changed_entries, "changed entry", "changed entries"))
        }
    };
    text_line(&format!(
        "Judged {} ({how}): {} newly hidden, {} returned.",
        counted(summary.items, "item", "items"),
        grouped(summary.newly_hidden),
        grouped(summary.returned)
    ))?;
    if summary.odd > 0 {
        text_line(&format!(
            "{} hidden and shown now: what the sets say does not hold together.",
            counted(summary.odd, "item was", "items were")
        ))?;
    }
    if summary.notices > 0 {
        text_line(&format!("{}: zeef case notices", counted(summary.notices, "new notice", "new notices")))?;
    }
    if summary.sources_missing > 0 {
        text_line("Some returned items have no picture yet: their source is not there. Add it again when it is.")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn verify(
    opening: &Opening,
    sets: Option<PathBuf>,
    head: Option<&Sha256>,
    here: &Surroundings,
) -> Result<ExitCode, Error> {
    let verified = read(opening, here).and_then(|case| {
        with_meter(opening.json, here, None, |setting| workbench::verify_case(&case, sets.as_deref(), head, setting))
    });
    let report = match verified {
        // A case that is too damaged to be read to its end is what verifying is for.
        Err(error) if error.code == Code::Damaged => {
            fail(&error, opening.json);
            return Ok(ExitCode::from(EXIT_PROBLEMS));
        }
        verified => verified?,
    };
    if opening.json {
        line(&report)?;
    } else {
        report.problems.iter().try_for_each(|problem| text_line(&format!("Problem: {problem}")))?;
        let verdict = if report.sound { "Everything holds" } else { "Something is wrong" };
        text_line(&format!(
            "{verdict}: {} in the chain, {} checked, head {}.",
            counted(report.ledger_rows, "operation", "operations"),
            counted(report.hides_checked, "hide", "hides"),
            report.ledger_head
        ))?;
    }
    Ok(if report.sound { ExitCode::SUCCESS } else { ExitCode::from(EXIT_PROBLEMS) })
}

/// What is wanted about users, as it was said.
struct UserChange {
    action: UserAction,
    name: Option<UserName>,
    role: Option<UserRole>,
    new_passphrase_file: Option<PathBuf>,
}

fn user(opening: &Opening, change: UserChange, here: &Surroundings) -> Result<ExitCode, Error> {
    let missing = |what: &str, hint: &str| Error::new(Code::BadInput, what, hint);
    let no_name = || missing("No user is named.", "Say whom: `zeef case user CASE add NAME --role investigator`.");
    match change.action {
        UserAction::List => {
            for user in workbench::users(&read(opening, here)?)? {
                if opening.json {
                    line(&user)?;
                } else {
                    let gone = if user.removed.is_some() { ", removed" } else { "" };
                    text_line(&format!("{} ({}{gone})", user.name, user.role))?;
                }
            }
        }
        UserAction::Add => {
            let name = change.name.ok_or_else(no_name)?;
            let role = change.role.ok_or_else(|| {
                missing("The new user has no role.", "Add --role investigator, --role team-lead or --role auditor.")
            })?;
            let case = open(opening, here)?;
            let passphrase = here.new_passphrase(change.new_passphrase_file.as_ref(), "Passphrase of the new user")?;
            workbench::add_user(&case, &name, role, &passphrase, here.now(), &mut SystemEntropy)?;
            user_changed(opening, "added", name.as_str(), &format!("Added {name}."))?;
        }
        UserAction::Remove => {
            let name = change.name.ok_or_else(no_name)?;
            workbench::remove_user(&open(opening, here)?, &name, here.now())?;
            user_changed(opening, "removed", name.as_str(), &format!("Removed {name}."))?;
        }
        UserAction::Passphrase => {
            let case = open(opening, here)?;
            let passphrase = here.new_passphrase(change.new_passphrase_file.as_ref(), "New passphrase")?;
            workbench::change_passphrase(&case, &passphrase, here.now(), &mut SystemEntropy)?;
            user_changed(opening, "passphrase-changed", opening.user.as_str(), "Changed your passphrase.")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn user_changed(opening: &Opening, what: &str, name: &str, text: &str) -> Result<(), Error> {
    if opening.json { line(&serde_json::json!({ "user": name, "done": what })) } else { text_line(text) }
}
