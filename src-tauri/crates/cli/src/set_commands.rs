//! `zeef set ...` and `zeef demo`.

use std::io::{BufRead, IsTerminal, Write};
use std::process::ExitCode;

use workbench::view::{PreviewView, ReleaseView, SetView};
use workbench::{
    CategoryCode, Code, Error, ImportRequest, Meanings, Profile, Setting, Tour, VerdictBasis, escaped,
    refused_in_words, shown_path,
};

use crate::arguments::{Demo, Import, ListSets, SetCommand};
use crate::output::{Meter, counted, grouped, line, text_line};
use crate::surroundings::Surroundings;

/// Longest line that a look-up reads; a digest has 64 characters.
const LOOKUP_LINE_BYTES_MAX: usize = 4096;

/// Runs one command about sets.
pub fn run(command: SetCommand, surroundings: &Surroundings) -> Result<ExitCode, Error> {
    match command {
        SetCommand::Import(import) => run_import(&import, surroundings),
        SetCommand::List(list) => run_list(&list, surroundings),
        SetCommand::Lookup(dir) => lookup(&surroundings.sets_dir(dir.sets.as_ref())?),
        SetCommand::Remove(remove) => {
            workbench::remove_set(&surroundings.sets_dir(remove.sets.sets.as_ref())?, &remove.name)?;
            if remove.json {
                line(&serde_json::json!({ "set": remove.name, "done": "removed" }))?;
            } else {
                text_line(&format!("Removed {}. Run `zeef case rematch` for each open case.", remove.name))?;
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn request(import: &Import, surroundings: &Surroundings) -> Result<ImportRequest, Error> {
    let (profile, meanings) = scheme_of(import.profile.as_deref(), &import.meaning)?;
    Ok(ImportRequest {
        sets_dir: surroundings.sets_dir(import.sets.sets.as_ref())?,
        files: import.files.clone(),
        name: import.name.clone(),
        role: import.role,
        profile,
        meanings,
        exclude_products: import.exclude_product.clone(),
    })
}

/// Reads whose scheme the codes of a file are of, and what a person says that some of them mean.
pub fn scheme_of(profile: Option<&str>, meanings: &[String]) -> Result<(Option<Profile>, Meanings), Error> {
    let bad = |text: String| Error::new(Code::BadInput, text, "See `--help`.");
    let profile = profile.map(Profile::parse).transpose().map_err(|error| bad(error.to_string()))?;
    let mut answers = Meanings::new();
    for text in meanings {
        let (code, meaning) =
            text.split_once('=').ok_or_else(|| bad(format!("`{text}` is not of the form CODE=MEANING.")))?;
        answers.insert(CategoryCode(code.trim().to_owned()), meaning.trim().parse().map_err(bad)?);
    }
    Ok((profile, answers))
}

fn run_import(import: &Import, surroundings: &Surroundings) -> Result<ExitCode, Error> {
    let request = request(import, surroundings)?;
    let meter = Meter::new(surroundings.is_terminal && !import.json);
    let now = || surroundings.now();
    let show = |progress: &workbench::Progress| meter.show(progress);
    let setting = Setting {
        decoder: surroundings.decoder(),
        threads: 1,
        now: &now,
        stop: &surroundings.stop,
        pause: None,
        progress: &show,
    };
    if import.preview {
        let previews = workbench::preview_files(&request, &setting);
        meter.finish();
        return preview(&previews?, import.json);
    }
    let can_ask = std::io::stdin().is_terminal() && surroundings.is_terminal && !import.json;
    let imported = workbench::import_set(
        &request,
        &mut |code, count| {
            meter.finish();
            if can_ask { ask(code, count) } else { None }
        },
        &setting,
    );
    meter.finish();
    let view = imported?;
    if import.json {
        line(&view)?;
    } else {
        print_imported(&view)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks what a code means. An empty answer leaves it open.
pub fn ask(code: &CategoryCode, count: u64) -> Option<workbench::CodeMeaning> {
    let entries = counted(count, "entry has", "entries have");
    eprintln!("{entries} the code {code}. Some programs write it for \"non-pertinent\", others for \"uncategorized\".");
    loop {
        eprint!("What does {code} mean in this file? [non-pertinent / uncategorized / Enter: leave it open] ");
        let _ = std::io::stderr().flush();
        let mut answer = String::new();
        if std::io::stdin().read_line(&mut answer).ok()? == 0 || answer.trim().is_empty() {
            return None;
        }
        match answer.trim().parse() {
            Ok(meaning) => return Some(meaning),
            Err(error) => eprintln!("{error}"),
        }
    }
}

fn print_imported(view: &SetView) -> Result<(), Error> {
    let kind = view.kind.as_deref().unwrap_or("list");
    text_line(&format!(
        "{} version {} ({}): {kind}, {}.",
        view.name,
        view.version,
        view.role,
        counted(view.entries, "entry", "entries")
    ))?;
    for (reason, count) in &view.refused {
        text_line(&format!("  refused: {} ({reason})", counted(*count, "row", "rows")))?;
    }
    if let Some(count) = view.quarantined.filter(|count| *count > 0) {
        text_line(&format!(
            "  quarantined: {} also in a good set, hiding nothing",
            counted(count, "entry is", "entries are")
        ))?;
    }
    if let Some(count) = view.conflicts.filter(|count| *count > 0) {
        text_line(&format!("  conflicts: {} with different verdicts", counted(count, "digest", "digests")))?;
    }
    for note in &view.notes {
        text_line(&format!("  note: {note}"))?;
    }
    for code in &view.unanswered {
        let count = view.categories.get(code).copied().unwrap_or_default();
        text_line(&format!(
            "  open: {} the code {code}, and nobody has said what it means here. They hide nothing.\n        Import again with --meaning {code}=non-pertinent or --meaning {code}=uncategorized.",
            counted(count, "entry has", "entries have")
        ))?;
    }
    Ok(())
}

fn preview(previews: &[PreviewView], json: bool) -> Result<ExitCode, Error> {
    for view in previews {
        if json { line(view)? } else { print_preview(view)? }
    }
    if !json {
        text_line("Nothing was stored.")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print_preview(view: &PreviewView) -> Result<(), Error> {
    let PreviewView { file, preview, category_titles, open } = view;
    let has_categories = preview.head.basis == VerdictBasis::Category;
    text_line(&format!("{file}: {}", preview.head))?;
    match preview.head.profile.as_ref() {
        Some(profile) => text_line(&format!("  profile: {}", profile.0.0))?,
        None if has_categories => text_line("  profile: not stated")?,
        None => text_line("  profile: none needed, the list has no categories")?,
    }
    if let Some(published) = preview.head.published {
        text_line(&format!("  published: {published}"))?;
    }
    text_line(&format!("  rows: {}, entries: {}", grouped(preview.rows), grouped(preview.entries)))?;
    for (code, count) in preview.categories.iter().filter(|_| has_categories) {
        match (code.as_str(), category_titles.get(code)) {
            ("", _) => text_line(&format!("  no category: {} (no verdict, hides nothing)", grouped(*count)))?,
            (code, Some(title)) => text_line(&format!("  category {code}: {} ({title})", grouped(*count)))?,
            (code, None) => text_line(&format!("  category {code}: {}", grouped(*count)))?,
        }
    }
    for (reason, count) in &refused_in_words(&preview.refused) {
        text_line(&format!("  will be refused: {} ({reason})", counted(*count, "row", "rows")))?;
    }
    for note in preview.head.notes.iter().chain(&preview.remarks) {
        text_line(&format!("  note: {note}"))?;
    }
    for row in &preview.first {
        let what = match (&row.refused, &row.category) {
            (Some(reason), _) => format!("refused: {reason}"),
            (None, Some(code)) => format!("{} {} category {code}", row.digest_kind, row.digest),
            (None, None) if has_categories => format!("{} {} no category", row.digest_kind, row.digest),
            (None, None) => format!("{} {}", row.digest_kind, row.digest),
        };
        text_line(&format!("  row {}: {what}", row.record))?;
    }
    open.iter().try_for_each(|text| text_line(&format!("  open: {text}")))
}

fn run_list(list: &ListSets, surroundings: &Surroundings) -> Result<ExitCode, Error> {
    let views = workbench::list_sets(&surroundings.sets_dir(list.sets.sets.as_ref())?, surroundings.now())?;
    for view in &views {
        if list.json { line(view)? } else { print_set(view)? }
    }
    if views.is_empty() && !list.json {
        text_line("There are no hash sets. Import one with `zeef set import`.")?;
    }
    Ok(ExitCode::SUCCESS)
}

pub fn print_set(view: &SetView) -> Result<(), Error> {
    let age = match view.published {
        Some(_) => format!("published {} ago", counted(view.age_days.max(0) as u64, "day", "days")),
        None => format!("imported {} ago, no date of its own", counted(view.age_days.max(0) as u64, "day", "days")),
    };
    let quarantined = match view.quarantined {
        Some(count) if count > 0 => format!(", {} quarantined", grouped(count)),
        _ => String::new(),
    };
    text_line(&format!(
        "  {} ({}), version {}: {}{quarantined}, {age}",
        view.name,
        view.role,
        view.version,
        counted(view.entries, "entry", "entries")
    ))?;
    match &view.release {
        Some(release) => text_line(&format!("      {}", release_text(release))),
        None => Ok(()),
    }
}

/// Tells who publishes a set, and how far it can be trusted to be the newest.
pub fn release_text(release: &ReleaseView) -> String {
    format!(
        "published by {}; {}: found to be the newest {} ago, which holds until {}",
        release.publisher,
        release.freshness,
        counted(release.checked_days.max(0) as u64, "day", "days"),
        release.expires
    )
}

/// Answers digests, a line each. A line that is too long or no digest gets an answer that says so.
fn lookup(dir: &std::path::Path) -> Result<ExitCode, Error> {
    let sets = workbench::open_sets(dir)?;
    let mut input = std::io::BufReader::with_capacity(1 << 16, std::io::stdin().lock());
    let mut text = Vec::new();
    let unreadable =
        |error: std::io::Error| Error::new(Code::BadInput, "Standard input cannot be read.", "").with_detail(error);
    loop {
        text.clear();
        let read = std::io::Read::take(&mut input, LOOKUP_LINE_BYTES_MAX as u64)
            .read_until(b'\n', &mut text)
            .map_err(unreadable)?;
        if read == 0 {
            return Ok(ExitCode::SUCCESS);
        }
        if read == LOOKUP_LINE_BYTES_MAX && text.last() != Some(&b'\n') {
            input.skip_until(b'\n').map_err(unreadable)?;
        }
        let asked = String::from_utf8_lossy(&text);
        if !asked.trim().is_empty() {
            line(&workbench::lookup_line(&sets, &asked))?;
        }
    }
}

/// Makes the demonstration and tells what happened.
pub fn demo(demo: &Demo, surroundings: &Surroundings) -> Result<ExitCode, Error> {
    let meter = Meter::new(surroundings.is_terminal && !demo.json);
    let now = || surroundings.now();
    let show = |progress: &workbench::Progress| meter.show(progress);
    let setting = Setting {
        decoder: surroundings.decoder(),
        threads: surroundings.threads(None),
        now: &now,
        stop: &surroundings.stop,
        pause: None,
        progress: &show,
    };
    let beside = workbench::Beside {
        sync: surroundings.beside("zeef-sync"),
        publish: surroundings.beside("zeef-publish"),
        apply: &crate::sync_commands::apply_quietly,
    };
    let tour = workbench::run_tour(&demo.dir, &beside, &setting, &mut workbench::SystemEntropy);
    meter.finish();
    let tour = tour?;
    if demo.json {
        line(&tour)?
    } else {
        print_tour(demo, &tour)?
    }
    Ok(ExitCode::SUCCESS)
}

fn print_tour(demo: &Demo, tour: &Tour) -> Result<(), Error> {
    for text in tour.summary_lines() {
        text_line(&text)?;
    }
    let dir = shown_path(&demo.dir);
    text_line("")?;
    text_line("Look further:")?;
    let open = format!("{dir}/case --user {} --passphrase-file {dir}/passphrase", tour.user);
    // As it was called, so that the lines can be copied.
    let zeef = std::env::args_os().next().map_or("zeef".into(), |name| escaped(name.as_encoded_bytes()));
    text_line(&format!("  {zeef} case list {open} --shown"))?;
    text_line(&format!("  {zeef} case why {open} {}", tour.example))?;
    text_line(&format!("  {zeef} case verify {open} --sets {dir}/sets"))
}
