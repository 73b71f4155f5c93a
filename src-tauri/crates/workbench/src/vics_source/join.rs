//! Joins what another tool says to the items of the case, by digest, in batches.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::ControlFlow;
use std::path::Path;

use casefile::{CaseFile, DigestsWanted, ItemStanding, Record, RecordContent, RecordItem, RecordTimes};
use domain::{Digests, MediaClass, MediaType, Opinion, Refusal, RefusalCode, Sha256, SourceId, SourcePath};
use formats::case::{CaseFilePlace, CaseHead, CaseMedia, CaseReadOptions, CaseSummary, slashed};
use serde::Serialize;

use super::kept;
use crate::load::kind_name;
use crate::{Code, Error, Progress, Setting};

/// Records that are joined in one durable step.
const BATCH_RECORDS: usize = 500;
/// Most findings that are told one by one; all are counted.
pub const FINDINGS_MAX: usize = 1_000;

/// Tells what became of the records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Joined {
    /// Records whose content is in the case.
    pub records: u64,
    /// Records whose content is not.
    pub absent: u64,
    /// Places that the file states and that were new to the case.
    pub places: u64,
    /// Opinions that were kept.
    pub opinions: u64,
    /// Records whose digests or length disagree with the stored file.
    pub disagreeing: u64,
    /// Items of which this file and others, or this file alone, say contradicting things.
    pub conflicts: u64,
    /// What a person should look at, at most [`FINDINGS_MAX`].
    pub findings: Vec<ForeignFinding>,
}

impl Joined {
    pub(super) fn counts(&self) -> serde_json::Value {
        serde_json::json!({
            "records": self.records, "absent": self.absent, "places": self.places,
            "opinions": self.opinions, "disagreeing": self.disagreeing,
            "conflicts": self.conflicts,
        })
    }

    fn find(&mut self, record: u64, what: &str, detail: String) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(ForeignFinding { record, what: what.to_owned(), detail });
        }
    }
}

/// Tells of a record that does not fit what lies there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ForeignFinding {
    /// Number of the record in the file, from 1; 0 where it is about an item and several records.
    pub record: u64,
    /// `absent`, `digests`, `size`, `path`, `field`, `conflict`.
    pub what: String,
    /// What, safe to show.
    pub detail: String,
}

/// What is joined: a file of another tool that was read before.
pub(super) struct Foreign<'a> {
    pub file: &'a Path,
    pub options: &'a CaseReadOptions,
    /// What the file held when it was read.
    pub summary: &'a CaseSummary,
    /// Source of what the file states.
    pub source: SourceId,
}

/// Joins all records of a file. It must still be the file that was looked at before. `stored` are the items at the places of
/// what the media came from.
///
/// `None` where a record means one of `passed_over`, files of the media that were taken for descriptions alone: nothing of
/// that record was taken, and its content has to be loaded first.
pub(super) fn join(
    case: &CaseFile,
    foreign: &Foreign<'_>,
    stored: &HashMap<Vec<u8>, Sha256>,
    passed_over: &[(SourcePath, Digests)],
    setting: &Setting<'_>,
) -> Result<Option<Joined>, Error> {
    let before = foreign.summary;
    let mut joiner = Joiner {
        case,
        source: foreign.source,
        file: before.sha256,
        cases: &before.cases,
        stored,
        labels: HashMap::new(),
        joined: Joined::default(),
        setting,
    };
    let (mut batch, mut done, mut failed, mut missed) = (Vec::new(), 0, None, false);
    let file = foreign.file;
    let read = formats::case::read(file, None, foreign.options, &mut |record| {
        setting.wait_while_paused();
        missed |= passed_over.iter().any(|one| means(&record, one));
        batch.push(record);
        if batch.len() >= BATCH_RECORDS && !missed {
            done += batch.len() as u64;
            failed = joiner.take(&std::mem::take(&mut batch)).err();
            (setting.progress)(&Progress { stage: "join", done, total: Some(before.records), ..Progress::default() });
        }
        let is_over = failed.is_some() || missed || setting.is_stopped();
        if is_over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    if let Some(error) = failed {
        return Err(error);
    }
    if setting.is_stopped() {
        return Err(Error::stopped());
    }
    if missed {
        return Ok(None);
    }
    if read?.sha256 != before.sha256 {
        let message = format!("`{}` was changed while it was read.", domain::shown_path(file));
        return Err(Error::new(Code::BadInput, message, "Run the same command again when nobody writes to it."));
    }
    joiner.take(&batch)?;
    joiner.contradictions()?;
    Ok(Some(joiner.joined))
}

/// Tells whether a record can mean a file: by a digest, or by the place of its stored file.
fn means(media: &CaseMedia, (path, digests): &(SourcePath, Digests)) -> bool {
    let path = slashed(&path.0);
    media.md5 == Some(digests.md5)
        || media.sha1 == Some(digests.sha1)
        || media.sha256 == Some(digests.sha256)
        || media.stored.iter().any(|stored| slashed(stored) == path)
}

/// Gives the items at the places of the source that the media came from; separators of both kinds are one.
pub(super) fn stored_items(case: &CaseFile, media: &Path) -> Result<HashMap<Vec<u8>, Sha256>, Error> {
    let opened = evidence::Source::open(media)?;
    let rows = case.sources()?;
    let of = |row: &&casefile::SourceRow| row.root == opened.root() && row.kind == kind_name(opened.kind());
    let Some(row) = rows.iter().find(of) else { return Ok(HashMap::new()) };
    let stamps = case.stamps(row.id)?;
    Ok(stamps.into_iter().filter_map(|(path, stamp)| Some((slashed(&path.0), stamp.item?))).collect())
}

struct Joiner<'a> {
    case: &'a CaseFile,
    source: SourceId,
    file: Sha256,
    cases: &'a [CaseHead],
    stored: &'a HashMap<Vec<u8>, Sha256>,
    /// Labels of places that were given, by hash, with what lay there: two records may state one path.
    labels: HashMap<u64, u64>,
    joined: Joined,
    setting: &'a Setting<'a>,
}

/// What the case has that a record can mean.
struct Candidates {
    standings: HashMap<Sha256, ItemStanding>,
}

impl Candidates {
    fn of(case: &CaseFile, batch: &[CaseMedia], stored: &HashMap<Vec<u8>, Sha256>) -> Result<Self, Error> {
        let mut wanted = DigestsWanted::default();
        let mut items: HashSet<Sha256> = HashSet::new();
        for media in batch {
            wanted.md5.extend(media.md5);
            wanted.sha1.extend(media.sha1);
            wanted.sha256.extend(media.sha256);
            items.extend(media.stored.iter().filter_map(|path| stored.get(path)));
        }
        if !wanted.is_empty() {
            items.extend(case.items_with(&wanted)?);
        }
        let mut items: Vec<Sha256> = items.into_iter().collect();
        items.sort_unstable();
        let standings = case.standings_of(&items)?;
        Ok(Self { standings: standings.into_iter().map(|one| (one.digests.sha256, one)).collect() })
    }

    /// Finds the item that has every digest that the record declares.
    fn declared(&self, media: &CaseMedia) -> Vec<&ItemStanding> {
        if media.md5.is_none() && media.sha1.is_none() && media.sha256.is_none() {
            return Vec::new();
        }
        let mut found: Vec<&ItemStanding> = self.standings.values().filter(|one| has_declared(one, media)).collect();
        found.sort_by_key(|one| one.digests.sha256);
        found
    }
}

fn has_declared(one: &ItemStanding, media: &CaseMedia) -> bool {
    let digests = &one.digests;
    media.md5.is_none_or(|md5| md5 == digests.md5)
        && media.sha1.is_none_or(|sha1| sha1 == digests.sha1)
        && media.sha256.is_none_or(|sha256| sha256 == digests.sha256)
}

/// What a record was found to mean.
enum Meant<'a> {
    Item(&'a ItemStanding),
    /// Nothing in the case; why.
    Absent(Refusal),
}

impl Joiner<'_> {
    fn take(&mut self, batch: &[CaseMedia]) -> Result<(), Error> {
        if batch.is_empty() {
            return Ok(());
        }
        let candidates = Candidates::of(self.case, batch, self.stored)?;
        let (mut records, mut opinions): (Vec<Record>, Vec<(Sha256, Opinion)>) = Default::default();
        for media in batch {
            let extra = self.extra(media);
            match self.meant(media, &candidates) {
                Meant::Item(standing) => {
                    self.joined.records += 1;
                    let item = self.content(standing)?;
                    for place in &media.files {
                        records.push(self.record(media, place, RecordContent::Item(Box::new(item.clone()))));
                    }
                    opinions.push((standing.digests.sha256, Opinion { extra, ..media.opinion.clone() }));
                }
                Meant::Absent(why) => {
                    self.joined.absent += 1;
                    let stands_for = [whole_record(media)];
                    let places = if media.files.is_empty() { &stands_for[..] } else { &media.files[..] };
                    let first = records.len();
                    for place in places {
                        records.push(self.record(media, place, RecordContent::Unread(why.clone())));
                    }
                    // There is no item that an opinion could be of, so the first of its places keeps what is said; the
                    // places themselves stand beside it.
                    let mut extra = extra;
                    extra.remove(kept::PLACES);
                    let said = serde_json::json!(Opinion { extra, ..media.opinion.clone() });
                    if let Some(record) = records.get_mut(first) {
                        let raw = record.times.raw.take().map(|raw| format!("{raw}; ")).unwrap_or_default();
                        record.times.raw = Some(format!("{raw}the record says {said}"));
                    }
                }
            }
        }
        let now = (self.setting.now)();
        self.joined.places += self.case.record(&records, now)?.occurrences;
        if !opinions.is_empty() {
            self.joined.opinions += opinions.len() as u64;
            self.case.opinions_add(self.source, self.file, &opinions, now)?;
        }
        Ok(())
    }

    /// Counts the items of this source on which verdicts contradict each other. All are kept; a person should look.
    fn contradictions(&mut self) -> Result<(), Error> {
        let (case, source) = (self.case, self.source);
        case.opinions_contradicting(&mut |_, sha256, opinions| {
            if opinions.iter().any(|(from, opinion)| *from == source && opinion.verdict().is_some()) {
                self.joined.conflicts += 1;
                let verdicts = crate::report::verdicts(opinions.iter().map(|(_, opinion)| opinion));
                self.joined.find(0, "conflict", format!("item {sha256}: {}", verdicts.join("; ")));
            }
            ControlFlow::Continue(())
        })?;
        Ok(())
    }

    /// Gives what the record says beside its verdict, with the number of its case, and tells what is too large to be kept.
    fn extra(&mut self, media: &CaseMedia) -> kept::Fields {
        let (mut fields, left_out) = kept::of_media(media);
        for name in left_out {
            let detail =
                format!("the field {} is too large to be kept; the file has it", domain::escaped(name.as_bytes()));
            self.joined.find(media.record, "field", detail);
        }
        let head = self.cases.get(media.case as usize);
        if let Some(number) = head.map(|head| &head.case_number).filter(|number| !number.is_empty()) {
            kept::put(&mut fields, "CaseNumber", number.as_str().into());
        }
        fields
    }

    /// Finds out which item a record means: by the digests that it declares or, where it declares none, by its stored file.
    fn meant<'a>(&mut self, media: &CaseMedia, candidates: &'a Candidates) -> Meant<'a> {
        let stored = media.stored.iter().find_map(|path| self.stored.get(path));
        let stored = stored.and_then(|item| candidates.standings.get(item));
        let declared = candidates.declared(media);
        let by_digest = match declared.as_slice() {
            [one] => Some(*one),
            // Contents can be made that share an MD5; the stored file tells which of them is meant.
            several => stored.filter(|stored| several.iter().any(|one| one.digests == stored.digests)),
        };
        let declares = media.md5.is_some() || media.sha1.is_some() || media.sha256.is_some();
        if let Some(stored) = stored.filter(|stored| declares && !has_declared(stored, media)) {
            self.joined.disagreeing += 1;
            let detail = format!("the stored file has MD5 {}, the record says otherwise", stored.digests.md5);
            self.joined.find(media.record, "digests", detail);
        }
        if let Some(refused) = &media.stored_refused {
            self.joined.find(media.record, "path", domain::escaped(refused.to_string().as_bytes()));
        }
        let meant = if declares { by_digest } else { stored };
        match meant {
            Some(standing) => {
                if let Some(size) = media.size_bytes.filter(|size| *size != standing.digests.size_bytes) {
                    let detail =
                        format!("the content has {} bytes, the record says {size}", standing.digests.size_bytes);
                    self.joined.find(media.record, "size", detail);
                }
                Meant::Item(standing)
            }
            None => {
                let why = absent(media, stored);
                self.joined.find(media.record, "absent", why.detail.clone());
                Meant::Absent(why)
            }
        }
    }

    /// Gives a content as it stands: what another tool says of where it lay changes nothing about it.
    fn content(&self, standing: &ItemStanding) -> Result<RecordItem, Error> {
        let item = self.case.item(&standing.digests.sha256)?;
        let media = item.and_then(|row| row.media).unwrap_or_else(unknown);
        Ok(RecordItem {
            digests: standing.digests,
            media,
            extension_disagrees: None,
            visibility: standing.visibility.clone(),
            hits: standing.hits.clone(),
            near: standing.near.clone(),
            decoded: None,
        })
    }

    fn record(&mut self, media: &CaseMedia, place: &CaseFilePlace, content: RecordContent) -> Record {
        let of = match &content {
            RecordContent::Item(item) => hash_of(&item.digests.sha256.0),
            RecordContent::Unread(_) => hash_of(&media.record.to_le_bytes()),
        };
        let path = self.label(place.label(), media.record, of);
        let size_bytes = match &content {
            RecordContent::Item(item) => Some(item.digests.size_bytes),
            RecordContent::Unread(_) => media.size_bytes,
        };
        Record { source: self.source, path, size_bytes, times: times_of(place), content }
    }

    /// Names a place. Where another content is stated at the same path (a file that was deleted, one that was carved), the
    /// number of the record stands behind it, so that neither takes the place of the other.
    fn label(&mut self, mut label: SourcePath, record: u64, of: u64) -> SourcePath {
        if label.0.is_empty() {
            label.0 = format!("record {record}").into_bytes();
        }
        let known = *self.labels.entry(hash_of(&label.0)).or_insert(of);
        if known != of {
            label.0.extend_from_slice(format!(" [record {record}]").as_bytes());
        }
        label
    }
}

/// What is said of a content of which nothing is known; an item that was read always says more.
fn unknown() -> MediaType {
    MediaType { mime: "application/octet-stream".to_owned(), class: MediaClass::Other }
}

fn hash_of(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

/// Says why no content of the case is meant by a record.
fn absent(media: &CaseMedia, stored: Option<&ItemStanding>) -> Refusal {
    let declared = match (media.md5, media.sha1, media.sha256) {
        (_, _, Some(sha256)) => format!("SHA-256 {sha256}"),
        (_, Some(sha1), None) => format!("SHA-1 {sha1}"),
        (Some(md5), None, None) => format!("MD5 {md5}"),
        (None, None, None) => "no digest".to_owned(),
    };
    let verdict = match &media.opinion.code {
        Some(code) => format!("; {} gave it the code {}", said(&media.opinion.tool), said(&code.0)),
        None => String::new(),
    };
    match stored {
        Some(stored) => Refusal::new(
            RefusalCode::Changed,
            format!("the file states {declared}, and what is stored has MD5 {}{verdict}", stored.digests.md5),
        ),
        None => Refusal::new(
            RefusalCode::Vanished,
            format!("the file states {declared}, and no such content came with it{verdict}"),
        ),
    }
}

fn said(text: &str) -> String {
    if text.is_empty() { "the tool".to_owned() } else { domain::escaped(text.as_bytes()) }
}

/// Makes a place of a record that states none.
fn whole_record(media: &CaseMedia) -> CaseFilePlace {
    CaseFilePlace { path: media.stored_raw.clone().unwrap_or_default(), ..CaseFilePlace::default() }
}

/// Keeps the times and circumstances of a place as they stood. No instant is taken from them: tools write times without a
/// zone, with a wrong one, and padded wrongly.
fn times_of(place: &CaseFilePlace) -> RecordTimes {
    let mut raw = Vec::new();
    let texts = [
        ("created", &place.created_raw),
        ("written", &place.written_raw),
        ("accessed", &place.accessed_raw),
        ("deleted", &place.deleted_raw),
        ("source", &place.source_id),
        ("at", &place.physical_location),
        ("parent MD5", &place.parent_md5),
    ];
    raw.extend(texts.into_iter().filter_map(|(name, text)| Some(format!("{name} {}", text.as_deref()?))));
    let bytes = [("parent", &place.parent_path), ("parent name", &place.parent_name)];
    let shown = |bytes: &Vec<u8>| domain::escaped(bytes);
    raw.extend(bytes.into_iter().filter_map(|(name, text)| Some(format!("{name} {}", text.as_ref().map(shown)?))));
    let flags = [("deleted", place.deleted), ("unallocated", place.unallocated)];
    raw.extend(flags.into_iter().filter(|(_, on)| *on == Some(true)).map(|(name, _)| format!("is {name}")));
    raw.extend(place.unknown.iter().map(|(name, value)| format!("{name} {value}")));
    RecordTimes { raw: (!raw.is_empty()).then(|| raw.join("; ")), ..RecordTimes::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_circumstances_stay_text() {
        let place = CaseFilePlace {
            created_raw: Some("2019-01-02T03:04:05+02:00Z".to_owned()),
            unallocated: Some(true),
            deleted: Some(false),
            parent_name: Some(b"a.zip".to_vec()),
            ..CaseFilePlace::default()
        };
        let times = times_of(&place);
        let text = "created 2019-01-02T03:04:05+02:00Z; parent name a.zip; is unallocated";
        assert_eq!(times.raw.as_deref(), Some(text));
        assert_eq!((times.created, times.modified, times.accessed), (None, None, None), "no instant is guessed");
        assert_eq!(times_of(&CaseFilePlace::default()), RecordTimes::default());
    }
}
