//! Loading: sources come into a case, sifted on the way in. The same call resumes what was stopped or killed.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use casefile::{CaseFile, Record, RecordContent, RecordItem, Rejudged, Stamp};
use domain::{
    Digests, Finding, MediaClass, Refusal, RefusalCode, Sha256, ShowReason, SourceId, SourcePath, Visibility,
};
use evidence::{Found, FoundContent, Limits, Source, SourceKind};
use review::Schemes;

use crate::descriptions::{Description, DescriptionsHere};
use crate::judging::{MissingSets, Reach, Rules, follow_sets, open_sets_for};
use crate::pipeline::{Done, Sifting, count_files, sift};
use crate::setting::{Step, Tally};
use crate::stacking::find_stacks;
use crate::view::LoadSummary;
use crate::{Code, Error, Progress, Setting};

/// Records that are written in one durable step. More lose more at a power cut, fewer cost a sync each.
const BATCH_RECORDS: usize = 256;
/// Bytes of thumbnails after which a step is written, whatever the number of records.
const BATCH_BYTES: usize = 16 << 20;

/// Names what is to be loaded.
#[derive(Debug, Clone)]
pub struct LoadRequest {
    /// Folder of the case, to refuse a case that lies inside a source.
    pub case_dir: PathBuf,
    /// Folder of the hash sets.
    pub sets_dir: PathBuf,
    /// Whether the folder may lack sets that the case was matched with.
    pub missing_sets: MissingSets,
    /// Folders, zip or tar files.
    pub sources: Vec<PathBuf>,
}

/// Tells what became of a load.
#[derive(Debug, Default)]
pub struct Loaded {
    /// What it did.
    pub summary: LoadSummary,
    /// Sources that were not loaded, or not to their end, with the reason of each.
    pub refused: Vec<(PathBuf, Error)>,
    /// True when a person stopped it.
    pub stopped: bool,
    /// Files that describe media of another tool, and were passed over: place in the source, and digests.
    pub descriptions: Vec<(SourcePath, Digests)>,
}

impl Loaded {
    /// Fails with the first reason why it is not whole.
    pub(crate) fn whole(self) -> Result<Self, Error> {
        match self.refused.into_iter().next() {
            Some((_, error)) => Err(error),
            None if self.stopped => Err(Error::stopped()),
            None => Ok(Self { refused: Vec::new(), ..self }),
        }
    }
}

/// Loads sources into a case: digests, look-up, decoding of what is not hidden, recording, stacks.
///
/// Files that were recorded before and have not changed are passed over. A source that cannot be opened does not keep
/// the others from being loaded; it is named in the error after they are done.
pub fn add_sources(case: &CaseFile, request: &LoadRequest, setting: &Setting<'_>) -> Result<LoadSummary, Error> {
    Ok(load_sources(case, request, setting)?.whole()?.summary)
}

/// Loads sources as [`add_sources`] does, and tells of each that was refused. All of them stand in the case before the
/// first is read, so that whoever resumes knows what was wanted.
pub fn load_sources(case: &CaseFile, request: &LoadRequest, setting: &Setting<'_>) -> Result<Loaded, Error> {
    load_beside(case, request, Some(&[]), setting)
}

/// Loads sources that have these descriptions in them, beside those that the case knows of; without any, nothing is passed
/// over as a description.
pub(crate) fn load_beside(
    case: &CaseFile,
    request: &LoadRequest,
    descriptions: Option<&[Description]>,
    setting: &Setting<'_>,
) -> Result<Loaded, Error> {
    let mut described = Vec::new();
    if let Some(here) = descriptions {
        described = Description::of_case(case)?;
        described.extend_from_slice(here);
    }
    let sets = open_sets_for(case, &request.sets_dir, request.missing_sets)?;
    let schemes = Schemes::shipped();
    let mut loaded = Loaded::default();
    let mut opened = Vec::new();
    for path in &request.sources {
        let source = open_source(path, &request.case_dir);
        match source.and_then(|source| without_sets(source, path, &request.sets_dir)) {
            Ok(source) => {
                let id = case.add_source(source.root(), kind_name(source.kind()), (setting.now)())?;
                opened.push((path, id, source));
            }
            Err(error) => refuse(&mut loaded, path, error)?,
        }
    }
    // Sets that changed since the last load: what is in the case is judged by them too, so that one case never stands
    // under two versions of a set.
    follow_sets(case, &sets, &schemes, &sets, Reach::Change, setting)?;
    if setting.is_stopped() {
        return Err(Error::stopped());
    }
    let rules = Rules::of(case, &sets, &schemes, setting)?;
    let tally = Tally::new(opened.len());
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let is_over = || over.load(Ordering::Relaxed) || setting.is_stopped();
            // A compressed archive would have to be unpacked to be counted.
            let folders = opened.iter().filter(|(_, _, source)| source.kind() == SourceKind::Folder);
            folders.for_each(|(_, _, source)| count_files(source, &tally, setting, &is_over));
        });
        let mut load = || -> Result<(), Error> {
            for (path, id, source) in &opened {
                let here = DescriptionsHere::of(&described, source);
                match load_one(case, (*id, source), &rules, (&here, &tally), setting, &mut loaded) {
                    Ok(()) => loaded.summary.sources += 1,
                    Err(error) => refuse(&mut loaded, path, error)?,
                }
                if setting.is_stopped() {
                    break;
                }
            }
            Ok(())
        };
        let result = load();
        over.store(true, Ordering::Relaxed);
        result
    })?;
    if loaded.summary.sources > 0 {
        find_stacks(case, setting)?;
    }
    loaded.stopped = setting.is_stopped();
    Ok(loaded)
}

/// Notes a source that was not loaded, where the others are loaded all the same.
fn refuse(loaded: &mut Loaded, path: &Path, error: Error) -> Result<(), Error> {
    if !matches!(error.code, Code::BadInput | Code::NotFound | Code::CaseInsideSource) {
        return Err(error);
    }
    loaded.refused.push((path.to_owned(), error));
    Ok(())
}

pub(crate) fn open_source(path: &Path, case_dir: &Path) -> Result<Source, Error> {
    let source = Source::open(path)?;
    let shown = domain::shown_path(path);
    let refuse = |message: String| {
        let hint = "Keep cases and hash sets in folders outside of every source: nothing is ever written to a source.";
        Err(Error::new(Code::CaseInsideSource, message, hint))
    };
    if source.contains(case_dir) {
        return refuse(format!("The case lies inside the source `{shown}`."));
    }
    // What Zeef writes would lie beside it, and somebody who clears the case away would take it along.
    if case_dir.canonicalize().is_ok_and(|case_dir| source.root().starts_with(case_dir)) {
        return refuse(format!("The source `{shown}` lies inside the case."));
    }
    Ok(source)
}

/// Refuses a source that the hash sets lie in: the next import would write to it.
fn without_sets(source: Source, path: &Path, sets_dir: &Path) -> Result<Source, Error> {
    if sets_dir.exists() && source.contains(sets_dir) {
        return Err(Error::new(
            Code::CaseInsideSource,
            format!("The hash sets lie inside the source `{}`.", domain::shown_path(path)),
            "Keep them outside of every source, and name their folder with --sets: nothing is ever written to a source.",
        ));
    }
    Ok(source)
}

/// Kind of a source that is what another tool tells. It lies nowhere, so nothing is ever read from it.
pub const STATED: &str = "stated";

pub(crate) fn kind_name(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Folder => "folder",
        SourceKind::Zip => "zip",
        SourceKind::Tar => "tar",
    }
}

fn load_one(
    case: &CaseFile,
    (id, source): (SourceId, &Source),
    rules: &Rules<'_>,
    (descriptions, tally): (&DescriptionsHere, &Tally),
    setting: &Setting<'_>,
    loaded: &mut Loaded,
) -> Result<(), Error> {
    let summary = &mut loaded.summary;
    let stamps = case.stamps(id)?;
    let (retry, complete) = items_to_retry(case)?;
    let healing = Healing::of(&stamps);
    let sifting = Sifting { rules, setting, complete: &|item| complete.contains(item), tally };
    // Files of a folder are counted beside.
    let counts_here = source.kind() != SourceKind::Folder;
    let passed_before = tally.steps().passed_over;
    let wanted = |found: &Found| {
        healing.see(found);
        let unchanged = is_recorded(found, &stamps, &retry) && !healing.opens_again(&found.path);
        if counts_here {
            tally.add(Step::Listed, 1);
        }
        if unchanged {
            tally.add(Step::PassedOver, 1);
        }
        !unchanged
    };
    let list = |limits: &Limits, sink: &mut dyn FnMut(Found) -> ControlFlow<()>| {
        source.walk(limits, &mut |found| {
            if setting.is_stopped() {
                return ControlFlow::Break(());
            }
            if wanted(&found) { sink(found) } else { ControlFlow::Continue(()) }
        })?;
        if counts_here && !setting.is_stopped() {
            tally.end_listing();
        }
        Ok(())
    };
    let mut recorder = Recorder::new(case, setting, summary, &retry, tally);
    let result = sift(&sifting, id, &list, &mut |done| match done {
        Some(done) => match descriptions.passed_over(&done.record) {
            Some(digests) => {
                loaded.descriptions.push((done.record.path, digests));
                tally.add(Step::Recorded, 1);
                Ok(())
            }
            None => {
                healing.take(&done.record);
                recorder.take(done)
            }
        },
        None => recorder.rest(),
    });
    // What was read before a failure of the source is kept.
    recorder.rest()?;
    result?;
    summary.passed_over += tally.steps().passed_over - passed_before;
    if !setting.is_stopped() {
        for places in healing.healed().chunks(casefile::RECORDS_MAX) {
            case.heal(id, places, (setting.now)())?;
        }
        case.source_loaded(id, serde_json::to_value(&*summary).unwrap_or_default(), (setting.now)())?;
    }
    Ok(())
}

/// Tells whether a file was recorded with the same size and time, and nothing is left to be done about it.
fn is_recorded(found: &Found, stamps: &HashMap<SourcePath, Stamp>, retry: &HashMap<Sha256, Visibility>) -> bool {
    let Some(stamp) = stamps.get(&found.path) else { return false };
    if let FoundContent::Refused(refusal) = &found.content {
        return stamp.refusal == Some(refusal.code);
    }
    stamp.refusal.is_none()
        && stamp.size_bytes == found.size_bytes
        && stamp.modified == found.times.modified
        && stamp.item.is_some_and(|item| !retry.contains_key(&item))
}

/// Finds the items whose content is wanted again: their refusal may have passed, or they came back and were never
/// decoded. Gives them as they stand, and beside them the items that need no decoding any more.
fn items_to_retry(case: &CaseFile) -> Result<(HashMap<Sha256, Visibility>, HashSet<Sha256>), Error> {
    let (mut retry, mut complete) = (HashMap::new(), HashSet::new());
    case.digests(&mut |digests, visibility, _, decoded| {
        if !decoded && needs_reading(visibility) {
            retry.insert(digests.sha256, visibility.clone());
        } else {
            complete.insert(digests.sha256);
        }
        ControlFlow::Continue(())
    })?;
    Ok((retry, complete))
}

/// Tells whether an item without a picture should be read again.
pub(crate) fn needs_reading(visibility: &Visibility) -> bool {
    let may_pass = |why: &Refusal| why.code == RefusalCode::NoSandbox || is_passing(why.code);
    match visibility {
        Visibility::Refused { why } => may_pass(why),
        Visibility::Shown { why: ShowReason::Returned { .. } } => true,
        // Without a refusal among the findings it was hidden when it was read, and nobody has tried to decode it.
        Visibility::Shown { why: ShowReason::Odd { findings } } => {
            findings.iter().all(|finding| !matches!(finding, Finding::NoPicture { why } if !may_pass(why)))
        }
        _ => false,
    }
}

/// Tells whether a refusal is one of the disk, the cable or the moment, which another load may not meet.
fn is_passing(code: RefusalCode) -> bool {
    matches!(code, RefusalCode::Unreadable | RefusalCode::Vanished | RefusalCode::Changed)
}

/// Finds out which places of a source could not be read before and can be now, where nothing is recorded at the place
/// itself: folders that can be listed, and what was lost inside of archives.
struct Healing {
    /// Places that could not be read at the last load.
    unread: HashSet<SourcePath>,
    /// Archives that are opened again, because something in them could not be read for a reason that may have passed.
    archives: HashSet<SourcePath>,
    healed: Mutex<HashSet<SourcePath>>,
    again: Mutex<HashSet<SourcePath>>,
}

impl Healing {
    fn of(stamps: &HashMap<SourcePath, Stamp>) -> Self {
        let unread = stamps.iter().filter_map(|(path, stamp)| Some((path, stamp.refusal?)));
        let archives = unread.clone().filter(|(path, code)| is_passing(*code) && is_inside(path));
        Self {
            archives: archives.map(|(path, _)| outermost(path)).collect(),
            unread: unread.map(|(path, _)| path.clone()).collect(),
            healed: Mutex::default(),
            again: Mutex::default(),
        }
    }

    fn opens_again(&self, path: &SourcePath) -> bool {
        self.archives.contains(path)
    }

    /// Takes what the walk found: a place below a folder shows that the folder was listed.
    fn see(&self, found: &Found) {
        if self.unread.is_empty() {
            return;
        }
        let path = &found.path.0;
        for (end, _) in path.iter().enumerate().filter(|(_, byte)| **byte == b'/') {
            let above = SourcePath(path[..end].to_vec());
            if self.unread.contains(&above) {
                lock(&self.healed).insert(above);
            }
        }
        if matches!(found.content, FoundContent::Refused(_)) && self.unread.contains(&found.path) {
            lock(&self.again).insert(found.path.clone());
        }
    }

    /// Takes what was read: an archive comes after all that was lost in it.
    fn take(&self, record: &Record) {
        match &record.content {
            RecordContent::Unread(_) if self.unread.contains(&record.path) => {
                lock(&self.again).insert(record.path.clone());
            }
            RecordContent::Item(_) => {
                let mut label = record.path.0.clone();
                label.extend_from_slice(INSIDE);
                let label = SourcePath(label);
                if self.unread.contains(&label) {
                    lock(&self.healed).insert(label);
                }
            }
            RecordContent::Unread(_) => {}
        }
    }

    fn healed(&self) -> Vec<SourcePath> {
        let mut healed: Vec<SourcePath> = lock(&self.healed).difference(&lock(&self.again)).cloned().collect();
        healed.sort();
        healed
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What stands between the path of an archive and the name of a member.
const INSIDE: &[u8] = b"!/";

fn is_inside(path: &SourcePath) -> bool {
    path.0.windows(INSIDE.len()).any(|two| two == INSIDE)
}

/// Gives the path of the file itself for a member of an archive.
pub(crate) fn outermost(path: &SourcePath) -> SourcePath {
    let end = path.0.windows(INSIDE.len()).position(|two| two == INSIDE).unwrap_or(path.0.len());
    SourcePath(path.0[..end].to_vec())
}

/// Gathers results into durable steps and tells the progress.
pub(crate) struct Recorder<'a> {
    case: &'a CaseFile,
    setting: &'a Setting<'a>,
    summary: &'a mut LoadSummary,
    /// Items of the case that are judged again when their content is read, as they stand.
    retry: &'a HashMap<Sha256, Visibility>,
    tally: &'a Tally,
    batch: Vec<Record>,
    batch_bytes: usize,
    again: Vec<Rejudged>,
}

impl<'a> Recorder<'a> {
    pub(crate) fn new(
        case: &'a CaseFile,
        setting: &'a Setting<'a>,
        summary: &'a mut LoadSummary,
        retry: &'a HashMap<Sha256, Visibility>,
        tally: &'a Tally,
    ) -> Self {
        Self { case, setting, summary, retry, tally, batch: Vec::new(), batch_bytes: 0, again: Vec::new() }
    }

    pub(crate) fn take(&mut self, done: Done) -> Result<(), Error> {
        self.summary.files += 1;
        self.summary.bytes += done.bytes;
        if let RecordContent::Item(item) = &done.record.content {
            self.batch_bytes += item.decoded.as_ref().map_or(0, |decoded| decoded.thumbnail.jpeg.len());
            if let Some(before) = self.retry.get(&item.digests.sha256).filter(|_| !done.again) {
                self.again.push(completed(before, item));
            }
        }
        self.batch.push(done.record);
        if self.batch.len() >= BATCH_RECORDS || self.batch_bytes >= BATCH_BYTES {
            self.flush()?;
        }
        self.tell();
        Ok(())
    }

    /// Writes what is held while nothing comes, so that it can be seen, and is kept.
    pub(crate) fn rest(&mut self) -> Result<(), Error> {
        self.flush()?;
        self.tell();
        Ok(())
    }

    fn tell(&self) {
        let steps = self.tally.steps();
        (self.setting.progress)(&Progress {
            stage: "sift",
            done: self.summary.files,
            total: steps.to_read,
            bytes: self.summary.bytes,
            steps: Some(steps),
        });
    }

    pub(crate) fn flush(&mut self) -> Result<(), Error> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let now = (self.setting.now)();
        let outcome = self.case.record(&self.batch, now)?;
        self.tally.add(Step::Recorded, self.batch.len() as u64);
        self.summary.new_items += outcome.items;
        self.summary.new_occurrences += outcome.occurrences;
        if !self.again.is_empty() {
            self.case.rejudge(&self.again, now)?;
        }
        self.batch.clear();
        self.again.clear();
        self.batch_bytes = 0;
        Ok(())
    }
}

/// Gives the new standing of an item that was in the case and has now been read again.
fn completed(before: &Visibility, item: &RecordItem) -> Rejudged {
    // An item that came back stays marked so: the hits alone would call it new.
    let visibility = match (before, &item.visibility) {
        (
            Visibility::Shown { why: ShowReason::Returned { .. } },
            Visibility::Shown { why: ShowReason::New | ShowReason::Returned { .. } },
        ) => before.clone(),
        _ => item.visibility.clone(),
    };
    Rejudged {
        sha256: item.digests.sha256,
        visibility,
        hits: item.hits.clone(),
        near: Some(item.near.clone()),
        decoded: item.decoded.clone(),
    }
}

/// Tells whether reading the file again could give a picture that is missing.
pub(crate) fn is_readable_class(class: MediaClass) -> bool {
    matches!(class, MediaClass::Picture | MediaClass::Archive)
}
