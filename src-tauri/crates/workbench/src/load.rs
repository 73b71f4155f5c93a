//! Loading: sources come into a case, sifted on the way in. The same call resumes what was stopped or killed.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use casefile::{CaseFile, ListFilter, Record, RecordContent, RecordItem, Rejudged, Stamp};
use domain::{Distance, MediaClass, Pdq, RefusalCode, Sha256, ShowReason, SourceId, SourcePath, Visibility};
use evidence::{Found, FoundContent, Source, SourceKind};
use hashset::Sets;
use review::Schemes;

use crate::pipeline::{Done, Sifting, sift};
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
    /// Folders, zip or tar files.
    pub sources: Vec<PathBuf>,
}

/// Loads sources into a case: digests, look-up, decoding of what is not hidden, recording, stacks.
///
/// Files that were recorded before and have not changed are passed over. A source that cannot be opened does not keep
/// the others from being loaded; it is named in the error after they are done.
pub fn add_sources(case: &CaseFile, request: &LoadRequest, setting: &Setting<'_>) -> Result<LoadSummary, Error> {
    let sets = Sets::open(&request.sets_dir)?;
    let schemes = Schemes::shipped();
    let mut summary = LoadSummary::default();
    let mut failed: Option<Error> = None;
    // Sets that changed since the last load: what is in the case is judged by them too, so that one case never stands
    // under two versions of a set.
    crate::rematch::follow_sets(case, &sets, &schemes, setting)?;
    for path in &request.sources {
        let loaded = open_source(path, &request.case_dir)
            .and_then(|source| load_one(case, &source, &sets, &schemes, setting, &mut summary));
        match loaded {
            Ok(()) => summary.sources += 1,
            Err(error) if matches!(error.code, Code::BadInput | Code::NotFound | Code::CaseInsideSource) => {
                failed.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
        if setting.is_stopped() {
            break;
        }
    }
    if summary.sources > 0 {
        find_stacks(case, setting)?;
    }
    match failed {
        Some(error) => Err(error),
        None if setting.is_stopped() => Err(stopped()),
        None => Ok(summary),
    }
}

pub(crate) fn stopped() -> Error {
    Error::new(
        Code::Stopped,
        "Stopped. What was done is kept.",
        "Run the same command again; it goes on where it stopped.",
    )
}

pub(crate) fn open_source(path: &Path, case_dir: &Path) -> Result<Source, Error> {
    let source = Source::open(path)?;
    if source.contains(case_dir) {
        return Err(Error::new(
            Code::CaseInsideSource,
            format!("The case lies inside the source `{}`.", domain::shown_path(path)),
            "Keep the case in a folder outside of every source: nothing is ever written to a source.",
        ));
    }
    Ok(source)
}

pub(crate) fn kind_name(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Folder => "folder",
        SourceKind::Zip => "zip",
        SourceKind::Tar => "tar",
    }
}

fn load_one(
    case: &CaseFile,
    source: &Source,
    sets: &Sets,
    schemes: &Schemes,
    setting: &Setting<'_>,
    summary: &mut LoadSummary,
) -> Result<(), Error> {
    let id = case.add_source(source.root(), kind_name(source.kind()), (setting.now)())?;
    let stamps = case.stamps(id)?;
    let retry = retry_items(case)?;
    let complete = complete_items(case, &retry)?;
    let case_scheme = case.info().scheme.id;
    let sifting = Sifting { sets, schemes, case_scheme: &case_scheme, setting, complete: &complete };
    let passed = AtomicU64::new(0);
    let wanted = |found: &Found| {
        let unchanged = is_recorded(found, &stamps, &retry);
        if unchanged {
            passed.fetch_add(1, Ordering::Relaxed);
        }
        !unchanged
    };
    let total = AtomicU64::new(0);
    let counted = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // A compressed archive would have to be unpacked to be counted.
        if source.kind() == SourceKind::Folder {
            scope.spawn(|| {
                let whole = crate::pipeline::count_files(source, &total, &|| setting.is_stopped());
                counted.store(whole && !setting.is_stopped(), Ordering::Relaxed);
            });
        }
        let mut recorder = Recorder::new(case, setting, summary, &retry);
        let result = sift(&sifting, id, source, &wanted, &mut |done| {
            let known_total = counted.load(Ordering::Relaxed).then(|| total.load(Ordering::Relaxed));
            let left = known_total.map(|total| total.saturating_sub(passed.load(Ordering::Relaxed)));
            recorder.take(done, left)
        });
        // What was read before a failure of the source is kept.
        recorder.flush()?;
        result
    })?;
    summary.passed_over += passed.load(Ordering::Relaxed);
    if !setting.is_stopped() {
        case.source_loaded(id, serde_json::to_value(&*summary).unwrap_or_default(), (setting.now)())?;
    }
    Ok(())
}

/// Tells whether a file was recorded with the same size and time, and nothing is left to be done about it.
fn is_recorded(found: &Found, stamps: &HashMap<SourcePath, Stamp>, retry: &HashMap<Sha256, Visibility>) -> bool {
    let Some(stamp) = stamps.get(&found.path) else { return false };
    if matches!(found.content, FoundContent::Refused(_)) {
        return stamp.unread;
    }
    !stamp.unread
        && stamp.size_bytes == found.size_bytes
        && stamp.modified == found.times.modified
        && stamp.item.is_some_and(|item| !retry.contains_key(&item))
}

/// Finds items whose refusal may have passed: there was no sandbox, or they came back and were never decoded.
fn retry_items(case: &CaseFile) -> Result<HashMap<Sha256, Visibility>, Error> {
    let mut items = HashMap::new();
    case.digests(&mut |digests, visibility, _, decoded| {
        if !decoded && needs_reading(visibility) {
            items.insert(digests.sha256, visibility.clone());
        }
        ControlFlow::Continue(())
    })?;
    Ok(items)
}

fn needs_reading(visibility: &Visibility) -> bool {
    match visibility {
        Visibility::Refused { why } => why.code == RefusalCode::NoSandbox,
        Visibility::Shown { why: ShowReason::Returned { .. } } => true,
        _ => false,
    }
}

/// Lists the items that need no decoding any more.
fn complete_items(case: &CaseFile, retry: &HashMap<Sha256, Visibility>) -> Result<HashSet<Sha256>, Error> {
    let mut items = HashSet::new();
    case.digests(&mut |digests, _, _, _| {
        if !retry.contains_key(&digests.sha256) {
            items.insert(digests.sha256);
        }
        ControlFlow::Continue(())
    })?;
    Ok(items)
}

/// Gathers results into durable steps and tells the progress.
pub(crate) struct Recorder<'a> {
    case: &'a CaseFile,
    setting: &'a Setting<'a>,
    summary: &'a mut LoadSummary,
    /// Items of the case that are judged again when their content is read, as they stand.
    retry: &'a HashMap<Sha256, Visibility>,
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
    ) -> Self {
        Self { case, setting, summary, retry, batch: Vec::new(), batch_bytes: 0, again: Vec::new() }
    }

    pub(crate) fn take(&mut self, done: Done, total: Option<u64>) -> Result<(), Error> {
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
        (self.setting.progress)(&Progress {
            stage: "sift",
            done: self.summary.files,
            total,
            bytes: self.summary.bytes,
        });
        Ok(())
    }

    pub(crate) fn flush(&mut self) -> Result<(), Error> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let now = (self.setting.now)();
        let outcome = self.case.record(&self.batch, now)?;
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
        (Visibility::Shown { why: ShowReason::Returned { .. } }, Visibility::Shown { why: ShowReason::New }) => {
            before.clone()
        }
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

/// Gathers the shown items of a case that look alike into stacks, and keeps them.
pub(crate) fn find_stacks(case: &CaseFile, setting: &Setting<'_>) -> Result<(), Error> {
    let mut shown = HashSet::new();
    case.list(ListFilter::Shown, &mut |row| {
        shown.extend(row.sha256);
        ControlFlow::Continue(())
    })?;
    let mut looks = Vec::new();
    case.pdqs(&mut |sha256, width, height, pdq, image_hash| {
        if shown.contains(&sha256) {
            looks.push(review::Look { sha256, pixels: u64::from(width) * u64::from(height), pdq, image_hash });
        }
        ControlFlow::Continue(())
    })?;
    let total = Some(looks.len() as u64);
    let mut go_on = |done: usize| {
        (setting.progress)(&Progress { stage: "stacks", done: done as u64, total, bytes: 0 });
        if setting.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let mut scan = |column: &[u8], queries: &[Pdq], radius: Distance, hit: &mut dyn FnMut(usize, usize)| {
        scan_in_parts(column, queries, radius, setting.threads, hit);
    };
    let Some(stacks) = review::stacks(&looks, &mut scan, &mut go_on) else { return Ok(()) };
    let stacks: Vec<casefile::Stack> = stacks
        .into_iter()
        .map(|stack| casefile::Stack { representative: stack.representative, members: stack.members })
        .collect();
    case.put_stacks(&stacks, (setting.now)())?;
    Ok(())
}

/// Scans a column with some of the queries on each thread.
fn scan_in_parts(column: &[u8], queries: &[Pdq], radius: Distance, threads: usize, hit: &mut dyn FnMut(usize, usize)) {
    let part = queries.len().div_ceil(threads.max(1)).max(1);
    let found: Vec<Vec<(usize, usize)>> = std::thread::scope(|scope| {
        let parts: Vec<_> = queries
            .chunks(part)
            .enumerate()
            .map(|(number, queries)| {
                scope.spawn(move || {
                    let mut hits = Vec::new();
                    hashset::scan(column, queries, radius, &mut |query, row, _| {
                        hits.push((number * part + query, row));
                    });
                    hits
                })
            })
            .collect();
        parts.into_iter().map(|part| part.join().expect("a scan does not panic: its columns are whole")).collect()
    });
    found.into_iter().flatten().for_each(|(query, row)| hit(query, row));
}

/// Remembers which source an occurrence belongs to, for reading it again.
pub(crate) type WantedPaths = HashMap<SourceId, HashSet<SourcePath>>;
