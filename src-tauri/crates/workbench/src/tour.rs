//! The demonstration: a model case is made and goes the whole way, with the real parts and nothing else.

mod leads;

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::ControlFlow;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use casefile::{CaseFile, Entropy, ListFilter, Passphrase};
use demo::{Expected, ModelCase};
use domain::{Meanings, PdqVariant, RefusalCode, Role, SchemeId, Sha256, UtcTime};
use evidence::Rgb8;
use serde::Serialize;

use crate::case::{Access, case_status, classify, new_case, verify_case};
use crate::day::{Beside, Day, pass_a_day};
use crate::import::{ImportRequest, import_set};
use crate::judging::MissingSets;
use crate::load::{LoadRequest, add_sources};
use crate::view::{LoadSummary, SetView, Status};
use crate::{Code, Error, Progress, Setting};

/// Every demonstration is the same one.
const SEED: u64 = 20_261_123;
/// Random bytes of the passphrase that the demonstration makes for itself.
const PASSPHRASE_BYTES: usize = 12;
/// User of the demonstration.
pub(crate) const USER: &str = "demo";
/// Folder of its case.
pub(crate) const CASE: &str = "case";
/// Folder of its sets.
pub(crate) const SETS: &str = "sets";

/// Tells what the demonstration did.
#[derive(Debug, Clone, Serialize)]
pub struct Tour {
    /// User of the demonstration case.
    pub user: String,
    /// What loading did.
    pub load: LoadSummary,
    /// Sets that were imported.
    pub sets: Vec<SetView>,
    /// What the case has at the end.
    pub status: Status,
    /// Places by what they had to become, from the truth that was written with them.
    pub expected: BTreeMap<String, u64>,
    /// Places that became something else.
    pub surprises: Vec<String>,
    /// Items of the stack that one decision was made for.
    pub decided_together: u64,
    /// Whether verifying found nothing wrong.
    pub sound: bool,
    /// An item that is worth asking `case why` about.
    pub example: Sha256,
    /// What a day brought after that.
    pub day: Day,
}

/// Makes a model case below `dir`, sifts it, decides one stack, verifies, compares all with the truth, and lets a day pass.
pub fn run_tour(
    dir: &Path,
    beside: &Beside<'_>,
    setting: &Setting<'_>,
    entropy: &mut dyn Entropy,
) -> Result<Tour, Error> {
    let passphrase = |dir: &Path, entropy: &mut dyn Entropy| make_passphrase(dir, entropy);
    let Made { case, model, sets, load } = make(dir, &passphrase, setting, entropy)?;
    let sets_dir = dir.join(SETS);
    let decided_together = decide_largest_stack(&case, setting)?;
    let (surprises, example) = compare(&case, &model)?;
    let sound = verify_case(&case, Some(&sets_dir), None, setting)?.sound;
    let status = case_status(&case, Some(&sets_dir), (setting.now)())?;
    let mut expected: BTreeMap<String, u64> = BTreeMap::new();
    model.truth.iter().for_each(|truth| *expected.entry(format!("{:?}", truth.expected)).or_default() += 1);
    let day = pass_a_day(&case, dir, &sets_dir, beside, setting)?;
    let sound = sound && verify_case(&case, Some(&sets_dir), None, setting)?.sound;
    Ok(Tour { user: USER.to_owned(), load, sets, status, expected, surprises, decided_together, sound, example, day })
}

/// What a demonstration begins with: the case, sifted, with leads of two made-up people.
struct Made {
    case: CaseFile,
    model: ModelCase,
    sets: Vec<SetView>,
    load: LoadSummary,
}

fn make(
    dir: &Path,
    passphrase: &dyn Fn(&Path, &mut dyn Entropy) -> Result<Passphrase, Error>,
    setting: &Setting<'_>,
    entropy: &mut dyn Entropy,
) -> Result<Made, Error> {
    (setting.progress)(&Progress { stage: "draw", ..Progress::default() });
    let model = demo::write_model_case(dir, SEED, &mut |width, height, pixels| {
        evidence::pdq(Rgb8 { width, height, pixels }, PdqVariant::Sampled512).map(|pdq| pdq.own())
    })?;
    let passphrase = passphrase(dir, entropy)?;
    let sets_dir = dir.join(SETS);
    let sets = vec![
        import(&sets_dir, &model.ordinary, "ordinary files", Role::Good, setting)?,
        import(&sets_dir, &model.national, "national", Role::Known, setting)?,
    ];
    let access = Access {
        case_dir: dir.join(CASE),
        user: USER.parse().expect("the name is a literal that follows the rules"),
        passphrase,
    };
    let scheme = SchemeId("project-vic-us".to_owned());
    let now = (setting.now)();
    let case =
        new_case(&access, "DEMO-2026-001", "Unit of demonstrations", "Generated pictures only", &scheme, now, entropy)?;
    let request = LoadRequest {
        case_dir: access.case_dir.clone(),
        sets_dir,
        missing_sets: MissingSets::Refuse,
        sources: vec![model.media.clone()],
    };
    let load = add_sources(&case, &request, setting)?;
    decoded(&case, now)?;
    let case = leads::add_leads(case, &access, &model, setting, entropy)?;
    Ok(Made { case, model, sets, load })
}

/// Makes the case of the demonstration, with its sets, below `dir`, which must be empty or not exist. It protects nothing
/// but drawings, so that its passphrase may be known to all.
pub fn make_demonstration(
    dir: &Path,
    passphrase: &Passphrase,
    setting: &Setting<'_>,
    entropy: &mut dyn Entropy,
) -> Result<CaseFile, Error> {
    Ok(make(dir, &|_, _| Ok(passphrase.clone()), setting, entropy)?.case)
}

fn import(sets_dir: &Path, file: &Path, name: &str, role: Role, setting: &Setting<'_>) -> Result<SetView, Error> {
    let request = ImportRequest {
        sets_dir: sets_dir.to_owned(),
        files: vec![file.to_owned()],
        name: name.parse().expect("the names are literals that follow the rules"),
        role,
        profile: None,
        meanings: Meanings::new(),
        exclude_products: Vec::new(),
    };
    import_set(&request, &mut |_, _| None, setting)
}

/// Makes a passphrase and keeps it beside the case, readable by its owner alone: it protects nothing but drawings.
fn make_passphrase(dir: &Path, entropy: &mut dyn Entropy) -> Result<Passphrase, Error> {
    let mut random = [0; PASSPHRASE_BYTES];
    entropy.fill(&mut random);
    let text: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    #[expect(clippy::disallowed_methods, reason = "the demonstration's own passphrase file; no case media")]
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(dir.join("passphrase"));
    file.and_then(|mut file| writeln!(file, "{text}")).map_err(|error| {
        Error::new(Code::DiskFull, "The demonstration cannot be written.", "Choose a folder that can be written to.")
            .with_detail(error)
    })?;
    Ok(Passphrase::new(text.into_bytes()))
}

/// Errors: a machine that does not let the decoder be confined, as some containers do not: nothing is decoded there.
fn decoded(case: &CaseFile, now: UtcTime) -> Result<(), Error> {
    let refused = case_status(case, None, now)?.by_refusal;
    let unconfined = serde_json::json!(RefusalCode::NoSandbox);
    if !unconfined.as_str().is_some_and(|code| refused.contains_key(code)) {
        return Ok(());
    }
    let message = "The decoder cannot be confined here, so no picture is decoded, and the demonstration ends.";
    let hint = "Landlock and seccomp have to be there: a machine with Debian 12 has both, some containers forbid them.";
    Err(Error::new(Code::NoSandbox, message, hint))
}

fn decide_largest_stack(case: &CaseFile, setting: &Setting<'_>) -> Result<u64, Error> {
    let stacks = case.stacks()?;
    let Some(largest) =
        stacks.iter().max_by_key(|stack| (stack.members.len(), std::cmp::Reverse(stack.representative)))
    else {
        return Ok(0);
    };
    let note = "Decided together: they look alike.";
    Ok(classify(case, Some("0"), &largest.members, Some(note), (setting.now)())?.items)
}

/// Compares where every place stands with what it had to become.
fn compare(case: &CaseFile, model: &ModelCase) -> Result<(Vec<String>, Sha256), Error> {
    let mut found: BTreeMap<String, (String, bool)> = BTreeMap::new();
    let mut example = None;
    case.list(ListFilter::All, &mut |row| {
        let looks_known = !row.suggestions.is_empty();
        if looks_known {
            example = example.or(row.sha256);
        }
        let paths = row.paths.clone();
        let line = crate::report::item_line(row);
        for (_, path) in paths {
            found.insert(path.shown(), (format!("{} {}", line.state, line.reason), looks_known));
        }
        ControlFlow::Continue(())
    })?;
    let mut surprises = Vec::new();
    for truth in &model.truth {
        let path = truth.path.shown();
        let Some((stands, looks_known)) = found.remove(&path) else {
            surprises.push(format!("{path}: not in the case"));
            continue;
        };
        if !fits(truth.expected, &stands, looks_known) {
            surprises.push(format!("{path}: {stands}, expected {:?}", truth.expected));
        }
    }
    surprises.extend(found.keys().map(|path| format!("{path}: nothing is there")));
    let example = example.or_else(|| model.truth.iter().find_map(|truth| truth.digests.map(|digests| digests.sha256)));
    example
        .map(|example| (surprises, example))
        .ok_or_else(|| Error::new(Code::Internal, "The model case has no item.", "This is a defect: report it."))
}

fn fits(expected: Expected, stands: &str, looks_known: bool) -> bool {
    match expected {
        Expected::Known => stands == "hidden known",
        Expected::Ordinary => stands == "hidden ordinary",
        Expected::New | Expected::Other => matches!(stands, "shown new" | "shown decided"),
        Expected::LooksKnown => matches!(stands, "shown new" | "shown decided") && looks_known,
        Expected::Conflict => stands == "shown conflict",
        Expected::Quarantined => stands == "shown quarantined",
        Expected::Contradiction => stands == "shown contradiction",
        Expected::Refused => stands.starts_with("refused "),
    }
}

impl Tour {
    /// Tells it to a person, line by line.
    pub fn summary_lines(&self) -> Vec<String> {
        let status = &self.status;
        let mut lines = vec![
            format!(
                "Case {}: {} files were read, {} of them inside archives or copies of others.",
                status.number,
                status.occurrences,
                status.occurrences.saturating_sub(status.items)
            ),
            String::new(),
            format!("  {:>5}  hidden, because they are known", status.hidden_known),
            format!("  {:>5}  hidden, because they are ordinary files", status.hidden_ordinary),
            format!("  {:>5}  refused: they cannot be read, and are listed with the reason", status.refused),
            format!("  {:>5}  shown: this is what is left to look at", status.shown),
            format!("  {:>5}  in all", status.items),
            String::new(),
        ];
        let percent = status.hidden * 100 / status.items.max(1);
        lines.push(format!(
            "Nobody had to see {} pictures again ({percent} % of the case). {} of them were decoded.",
            status.hidden, status.known_decoded
        ));
        for (set, count) in &status.by_set {
            lines.push(format!("  {count:>5}  by the set \"{set}\""));
        }
        lines.push("Of what is left:".to_owned());
        lines.push(format!(
            "  {:>5}  look like known pictures, and say so; none of them is hidden for it",
            status.suggestions
        ));
        lines.push(format!(
            "  {:>5}  stacks of look-alikes; {} items of one were decided together",
            status.stacks, self.decided_together
        ));
        for (finding, count) in &status.findings {
            let what = match finding.as_str() {
                "conflict" => "come first: their sets do not agree on the category",
                "quarantined" => "come first: a known set and the ordinary files both have them",
                "contradiction" => "come first: one digest meets an entry, another says that it is not that file",
                other => other,
            };
            lines.push(format!("  {count:>5}  {what}"));
        }
        let refusals: Vec<String> = status.by_refusal.iter().map(|(code, count)| format!("{count} {code}")).collect();
        lines.push(format!("Refused: {}.", refusals.join(", ")));
        lines.push(format!(
            "Ledger: {} operations, {}.",
            status.ledger_length,
            if self.sound {
                "and everything in the case agrees with it"
            } else {
                "and something does not agree with it"
            }
        ));
        if self.surprises.is_empty() {
            lines.push("Every file became what the generator knows it to be.".to_owned());
        } else {
            lines.push("These became something else than the generator knows them to be:".to_owned());
            lines.extend(self.surprises.iter().map(|surprise| format!("  {surprise}")));
        }
        lines.extend(self.day.lines());
        lines
    }
}
