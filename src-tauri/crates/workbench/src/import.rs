//! Hash sets: preview, import, list, look-up.
//!
//! A set is built beside the old one and takes its place in one step, so a file that proves invalid in its last byte
//! leaves everything as it was.

mod opening;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::{
    AnyDigest, CategoryCode, CodeMeaning, EntryId, EntryRefusal, Meanings, Profile, Role, SetName, Verdict,
    VerdictBasis,
};
use formats::{ListHead, ReadOptions, ReadSummary};
use hashset::{NewSet, SetBuilder, SetInfo, Sets};
use review::Schemes;

pub use self::opening::Opening;
use self::opening::{answers_without_effect, judged, one_head, warning_of_role};
use crate::view::{LookupHit, LookupLine, PreviewView, SetView};
use crate::{Code, Error, Progress, Setting, report};

/// Rows between two reports of progress.
const PROGRESS_ROWS: u64 = 100_000;

/// Names what is to be imported.
#[derive(Debug, Clone)]
pub struct ImportRequest {
    /// Folder of the hash sets.
    pub sets_dir: PathBuf,
    /// Files of one set.
    pub files: Vec<PathBuf>,
    /// Name of the set. A set of this name is replaced by its next version.
    pub name: SetName,
    /// What the set claims.
    pub role: Role,
    /// Scheme of its numbers, chosen by a person; outranks what the file says.
    pub profile: Option<Profile>,
    /// What a person has answered for codes that producers use in opposite ways.
    pub meanings: Meanings,
    /// Products of NSRL that are left out: names or numbers.
    pub exclude_products: Vec<String>,
}

/// Asks a person for the meaning of a code that producers use in opposite ways, telling how many entries have it.
/// `None` leaves it unanswered, so that it hides nothing.
pub type Question<'a> = &'a mut dyn FnMut(&CategoryCode, u64) -> Option<CodeMeaning>;

fn options(request: &ImportRequest) -> ReadOptions {
    ReadOptions {
        profile: request.profile.clone(),
        role: Some(request.role),
        exclude_products: request.exclude_products.clone(),
        ..ReadOptions::default()
    }
}

/// Reads files to their end and tells what an import would store, refuse and ask. Nothing is stored.
pub fn preview_files(request: &ImportRequest, setting: &Setting<'_>) -> Result<Vec<PreviewView>, Error> {
    let mut meter = Meter::new(&request.files);
    let mut views: Vec<PreviewView> = Vec::new();
    let mut heads = Vec::new();
    for path in &request.files {
        (setting.progress)(&Progress { stage: "read", ..Progress::default() });
        let options = ReadOptions { read_bytes: Some(Arc::clone(&meter.read)), ..options(request) };
        let outcome = formats::preview_while(path, &options, &mut || {
            meter.row(setting);
            if setting.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        if setting.is_stopped() {
            return Err(Error::new(Code::Stopped, "Stopped. Nothing was stored.", "Run the same command again."));
        }
        let preview = outcome?;
        heads.push(preview.head.clone());
        let again = views.iter().any(|before| before.preview.sha256 == preview.sha256);
        let file = report::file_name(path);
        let (category_titles, mut open) = judged(request, &heads, &preview);
        open.extend(again.then(|| Opening::twice(path)));
        views.push(PreviewView { file, preview, category_titles, open });
    }
    Ok(views)
}

/// Counts rows and bytes, and tells how far the reading is.
struct Meter {
    rows: u64,
    read: Arc<AtomicU64>,
    /// What had been read when the first row came: all of a database or an archive, which are hashed first.
    before_rows: u64,
    bytes: u64,
}

impl Meter {
    fn new(files: &[PathBuf]) -> Self {
        // A file that is not there is an error of whoever reads it; here it only has no length.
        let bytes = files.iter().filter_map(|path| std::fs::metadata(path).ok()).map(|file| file.len()).sum();
        Self { rows: 0, read: Arc::default(), before_rows: 0, bytes }
    }

    fn row(&mut self, setting: &Setting<'_>) {
        self.rows += 1;
        if self.rows == 1 {
            self.before_rows = self.read.load(Ordering::Relaxed);
        }
        if self.rows == 1 || self.rows.is_multiple_of(PROGRESS_ROWS) {
            let bytes = self.read.load(Ordering::Relaxed);
            // How many rows there are is known at the end; until then, as many for each byte as so far.
            let total = self.rows.checked_mul(self.bytes).and_then(|rows| rows.checked_div(bytes));
            let total = total.filter(|_| bytes < self.bytes);
            let bytes = bytes - self.before_rows;
            (setting.progress)(&Progress {
                stage: "read",
                done: self.rows,
                total: total.filter(|_| self.rows > 1),
                bytes,
                steps: None,
            });
        }
    }
}

/// Imports files as one set, or its next version.
///
/// A known set needs a profile when its form has categories, from the file or from a person. Codes that producers use in
/// opposite ways are asked for by `question`; unanswered, they hide nothing.
pub fn import_set(request: &ImportRequest, question: Question<'_>, setting: &Setting<'_>) -> Result<SetView, Error> {
    if request.files.is_empty() {
        return Err(Error::new(Code::BadInput, "No file is named.", "Name at least one file of the set."));
    }
    let now = (setting.now)();
    let mut builder = SetBuilder::begin(&request.sets_dir, undescribed(request, now))?;
    let meter = Meter::new(&request.files);
    let mut reading = Reading { categories: BTreeMap::new(), rows_before: 0, meter, entries: 0, failed: None };
    let mut heads = Vec::new();
    let mut digests = Vec::new();
    let mut notes = Vec::new();
    let mut refused: BTreeMap<EntryRefusal, u64> = BTreeMap::new();
    for path in &request.files {
        let summary = read_file(path, request, &mut builder, &mut reading, setting)?;
        if digests.contains(&summary.sha256) {
            return Err(Opening::twice(path).into());
        }
        summary.refused.iter().for_each(|(why, count)| *refused.entry(*why).or_default() += count);
        notes.extend(summary.head.notes.iter().cloned().chain(summary.remarks));
        heads.push(summary.head);
        digests.push(summary.sha256);
    }
    // A list may say at its end what it is, so only now can it be refused; what was read so far is dropped then.
    let head = one_head(request, &heads)?;
    if reading.entries == 0 {
        let refused = domain::refused_in_words(&refused);
        let why: Vec<String> = refused.iter().map(|(why, count)| format!("{why}: {count}")).collect();
        return Err(Error::new(
            Code::BadInput,
            format!("Every row of the list would be refused ({}), so it would be an empty set.", why.join("; ")),
            "Nothing was stored; a set of this name is as it was.",
        ));
    }
    let counts = reading.categories.iter().map(|(code, count)| (code.0.clone(), *count)).collect();
    let warning = warning_of_role(request.role, &head, &counts);
    let idle = answers_without_effect(request, &head, &counts);
    notes.extend(warning.into_iter().chain(idle).map(|opening| opening.to_string()));
    let meanings = answer(request, &head, &reading.categories, question);
    let description = builder.description();
    description.profile = head.profile.clone();
    description.basis = head.basis;
    description.kind = head.to_string();
    description.published = head.published;
    description.meanings = meanings;
    (setting.progress)(&Progress { stage: "index", done: reading.meter.rows, ..Progress::default() });
    let info = builder.finish(digests)?;
    notes.dedup();
    Ok(SetView { notes, ..set_view(&info, now) })
}

/// Describes the set as far as the request does; the files tell the rest.
fn undescribed(request: &ImportRequest, now: domain::UtcTime) -> NewSet {
    NewSet {
        name: request.name.clone(),
        role: request.role,
        profile: request.profile.clone(),
        meanings: request.meanings.clone(),
        basis: VerdictBasis::Category,
        kind: String::new(),
        published: None,
        imported: now,
        sources: request.files.iter().map(|path| report::file_name(path)).collect(),
    }
}

struct Reading {
    categories: BTreeMap<CategoryCode, u64>,
    /// Rows of the files before this one, so that entries of several files keep ids of their own.
    rows_before: u64,
    meter: Meter,
    entries: u64,
    failed: Option<hashset::HashsetError>,
}

fn read_file(
    path: &Path,
    request: &ImportRequest,
    builder: &mut SetBuilder,
    reading: &mut Reading,
    setting: &Setting<'_>,
) -> Result<ReadSummary, Error> {
    (setting.progress)(&Progress { stage: "read", done: reading.meter.rows, ..Progress::default() });
    let options = ReadOptions { read_bytes: Some(Arc::clone(&reading.meter.read)), ..options(request) };
    let summary = formats::read(path, &options, &mut |row| {
        reading.meter.row(setting);
        match row {
            Ok(mut entry) => {
                reading.entries += 1;
                entry.id = EntryId(entry.id.0 + reading.rows_before);
                if let Verdict::Category(code) = &entry.verdict {
                    match reading.categories.get_mut(code) {
                        Some(count) => *count += 1,
                        None => {
                            reading.categories.insert(code.clone(), 1);
                        }
                    }
                }
                reading.failed = builder.push(&entry).err();
            }
            Err(refusal) => builder.refuse(refusal),
        }
        if reading.failed.is_some() || setting.is_stopped() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    if let Some(error) = reading.failed.take() {
        return Err(error.into());
    }
    if setting.is_stopped() {
        return Err(Error::new(
            Code::Stopped,
            "Stopped. Nothing of this import was stored; the set is as it was.",
            "Run the same command again.",
        ));
    }
    reading.rows_before = reading.meter.rows;
    Ok(summary?)
}

/// Completes the answers of the request with those of the person.
fn answer(
    request: &ImportRequest,
    head: &ListHead,
    categories: &BTreeMap<CategoryCode, u64>,
    question: Question<'_>,
) -> Meanings {
    let mut meanings = request.meanings.clone();
    if request.role == Role::Good || head.basis == VerdictBasis::Membership {
        return meanings;
    }
    let schemes = Schemes::shipped();
    let scheme = head.profile.as_ref().and_then(|profile| schemes.scheme(&profile.0));
    for (code, count) in categories {
        let is_open = scheme.is_some_and(|scheme| scheme.is_ambiguous(code)) && !meanings.contains_key(code);
        if is_open && let Some(meaning) = question(code, *count) {
            meanings.insert(code.clone(), meaning);
        }
    }
    meanings
}

/// Lists the sets with their age at `now`.
pub fn list_sets(sets_dir: &Path, now: domain::UtcTime) -> Result<Vec<SetView>, Error> {
    Ok(Sets::open(sets_dir)?.list().iter().map(|info| set_view(info, now)).collect())
}

/// Takes a set away. Cases keep what they were judged by until they are matched again.
pub fn remove_set(sets_dir: &Path, name: &SetName) -> Result<(), Error> {
    Ok(hashset::remove(sets_dir, name)?)
}

pub(crate) fn set_view(info: &SetInfo, now: domain::UtcTime) -> SetView {
    let stamp = &info.stamp;
    let schemes = Schemes::shipped();
    let scheme = stamp.profile.as_ref().and_then(|profile| schemes.scheme(&profile.0));
    let unanswered = info.categories.keys().filter(|code| {
        let code = CategoryCode((*code).clone());
        stamp.role == Role::Known
            && scheme.is_some_and(|scheme| scheme.is_ambiguous(&code))
            && !stamp.meanings.contains_key(&code)
    });
    SetView {
        name: stamp.name.to_string(),
        role: stamp.role.to_string(),
        version: stamp.version.0,
        entries: info.entries,
        profile: stamp.profile.as_ref().map(|profile| profile.0.0.clone()),
        published: stamp.published,
        imported: info.imported,
        age_days: now.days_since(stamp.published.unwrap_or(info.imported)),
        release: report::release_view(info, now),
        kind: Some(info.kind.clone()),
        files: info.sources.clone(),
        refused: info.refused.clone(),
        categories: info.categories.clone(),
        quarantined: Some(info.quarantined),
        conflicts: Some(info.conflicts),
        unanswered: unanswered.cloned().collect(),
        notes: Vec::new(),
    }
}

/// Answers one line of hex digits.
pub fn lookup_line(sets: &Sets, line: &str) -> LookupLine {
    let text = line.trim();
    let shown = domain::escaped(text.as_bytes());
    match text.parse::<AnyDigest>() {
        Err(error) => {
            LookupLine { digest: shown, kind: None, found: false, hits: Vec::new(), error: Some(error.to_string()) }
        }
        Ok(digest) => {
            let hits: Vec<LookupHit> = sets.lookup_digest(&digest).into_iter().map(lookup_hit).collect();
            LookupLine {
                digest: digest.to_string(),
                kind: Some(digest.kind()),
                found: !hits.is_empty(),
                hits,
                error: None,
            }
        }
    }
}

fn lookup_hit(hit: domain::Hit) -> LookupHit {
    let category = match hit.verdict {
        Verdict::Category(code) => Some(code),
        Verdict::Member | Verdict::Unclassified => None,
    };
    LookupHit {
        set: hit.set.name.to_string(),
        role: hit.set.role.to_string(),
        version: hit.set.version.0,
        entry: hit.entry.0,
        category,
        profile: hit.set.profile.as_ref().map(|profile| profile.0.0.clone()),
        series: hit.series,
        flags: hit.flags,
        quarantined: hit.quarantined,
    }
}

/// Opens the sets for look-ups. A folder that is not there is an error: "nobody knows it" would be a wrong answer.
pub fn open_sets(sets_dir: &Path) -> Result<Sets, Error> {
    if !sets_dir.is_dir() {
        return Err(Error::new(
            Code::NotFound,
            format!("There is no folder of hash sets at `{}`.", domain::shown_path(sets_dir)),
            "Name it with --sets, or import a set first.",
        ));
    }
    Ok(Sets::open(sets_dir)?)
}
