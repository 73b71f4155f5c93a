//! The case of another tool as a source: VICS (JSON, or a zip with it) and C4All (XML).
//!
//! Its media go the ordinary way, as a folder or an archive: our own digests are their identity, and sets hide what they
//! know. What the file says beside that is joined to the items by digest: the places where each lay become occurrences of
//! a source of their own kind, [`STATED`], and its verdicts become opinions of that tool, which hide nothing and decide
//! nothing. A place whose content is not there is an unread place with a reason. So nothing that the file says is lost, and
//! nothing is guessed. The file itself is no content of the case: it stands in the list of sources, with its digest.

pub(crate) mod back;
mod join;
mod kept;

use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use casefile::CaseFile;
use domain::{CategoryCode, Meanings, Profile, SourceId, SourcePath};
use formats::case::{CaseDescription, CaseReadOptions, CaseSummary};
use review::Schemes;
use serde::Serialize;

use crate::descriptions::Description;
use crate::import::Question;
use crate::load::{LoadRequest, STATED, load_beside};
use crate::view::LoadSummary;
use crate::{Code, Error, Progress, Setting};

pub use join::{FINDINGS_MAX, ForeignFinding, Joined};
pub use kept::PLACES;

/// Names the case of another tool.
#[derive(Debug, Clone)]
pub struct ForeignRequest {
    /// How its media are loaded; its sources are ignored.
    pub load: LoadRequest,
    /// The file.
    pub file: PathBuf,
    /// Folder or archive that the paths of media start from; without it, the folder of the file, or the archive itself.
    pub media: Option<PathBuf>,
    /// Scheme of its codes, chosen by a person; outranks what the file says.
    pub profile: Option<Profile>,
    /// What a person has answered for codes that tools use in opposite ways.
    pub meanings: Meanings,
}

/// Tells what a case of another tool holds, before anything of it is taken.
#[derive(Debug, Clone, Serialize)]
pub struct ForeignPreview {
    /// The file, without its folder.
    pub file: String,
    /// What was found.
    #[serde(flatten)]
    pub summary: CaseSummary,
    /// Code → what it means, in English; absent where nobody knows.
    pub category_titles: BTreeMap<String, String>,
    /// What a person still has to answer, as sentences.
    pub open: Vec<String>,
    /// Codes that the scheme does not have, with the number of records.
    pub foreign_codes: BTreeMap<String, u64>,
    /// Records whose stored file lies where they say.
    pub stored_found: u64,
    /// Records that name a stored file which is not there.
    pub stored_missing: u64,
}

/// Tells what was taken from a case of another tool.
#[derive(Debug, Clone, Serialize)]
pub struct ForeignAdded {
    /// What the loading of its media did.
    pub load: LoadSummary,
    /// What was found in the file.
    pub case: CaseSummary,
    /// What became of its records.
    pub joined: Joined,
    /// Codes that nobody has answered for, with the number of records: they stay open.
    pub unanswered: BTreeMap<String, u64>,
    /// Codes that the scheme does not have, with the number of records: they are kept as they stand.
    pub foreign_codes: BTreeMap<String, u64>,
}

/// Tells of each of these files whether it is the case of another tool, by its first bytes.
pub fn is_foreign(file: &Path) -> bool {
    formats::case::recognise(file).is_some()
}

/// Reads the file to its end and tells what it holds and asks, and which of its media are there: by their places, for no
/// content is read. Nothing is stored.
pub fn preview_foreign(request: &ForeignRequest, setting: &Setting<'_>) -> Result<ForeignPreview, Error> {
    (setting.progress)(&Progress { stage: "describe", ..Progress::default() });
    let there = places_of_media(request, setting)?;
    let (mut stored_found, mut stored_missing) = (0, 0);
    let summary = formats::case::read(&request.file, None, &options(request), &mut |media| {
        let found = media.stored.iter().any(|path| there.contains(&formats::case::slashed(path)));
        stored_found += u64::from(found);
        stored_missing += u64::from(!found && !media.stored.is_empty());
        if setting.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    if setting.is_stopped() {
        return Err(Error::stopped());
    }
    let summary = summary?;
    let (category_titles, open) = told(&summary, &request.meanings);
    let foreign_codes = foreign_codes(&summary, &request.meanings);
    let file = crate::report::file_name(&request.file);
    Ok(ForeignPreview { file, summary, category_titles, open, foreign_codes, stored_found, stored_missing })
}

/// Lists the places of the media, with `/` between their parts.
fn places_of_media(request: &ForeignRequest, setting: &Setting<'_>) -> Result<HashSet<Vec<u8>>, Error> {
    let mut there = HashSet::new();
    evidence::Source::open(&media_root(request)?)?.walk(&evidence::Limits::default(), &mut |found| {
        there.insert(formats::case::slashed(&found.path.0));
        if setting.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok(there)
}

/// Gives the codes that the scheme of the file does not have, where Zeef knows that scheme, and that nobody has answered for.
fn foreign_codes(summary: &CaseSummary, meanings: &Meanings) -> BTreeMap<String, u64> {
    let schemes = Schemes::shipped();
    let Some(scheme) = summary.profile.as_ref().and_then(|profile| schemes.scheme(&profile.0)) else {
        return BTreeMap::new();
    };
    let lacks = |code: &str| {
        let code = CategoryCode(code.to_owned());
        !code.0.is_empty() && scheme.category(&code).is_none() && !meanings.contains_key(&code)
    };
    let codes = summary.categories.iter().filter(|(code, _)| lacks(code));
    codes.map(|(code, records)| (code.clone(), *records)).collect()
}

fn options(request: &ForeignRequest) -> CaseReadOptions {
    CaseReadOptions {
        profile: request.profile.clone(),
        meanings: request.meanings.clone(),
        ..CaseReadOptions::default()
    }
}

/// Tells what the codes mean, and which of them somebody has to answer for.
fn told(summary: &CaseSummary, meanings: &Meanings) -> (BTreeMap<String, String>, Vec<String>) {
    let schemes = Schemes::shipped();
    let scheme = summary.profile.as_ref().and_then(|profile| schemes.scheme(&profile.0));
    let mut titles = BTreeMap::new();
    for code in summary.categories.keys().filter(|code| !code.is_empty()) {
        let code = CategoryCode(code.clone());
        let answered = meanings.get(&code).map(crate::session::word);
        let asked = summary.questions.iter().any(|question| question.code == code);
        let title = scheme.and_then(|scheme| scheme.category(&code)).map(|category| category.en.clone());
        let text = answered.map(|meaning| format!("{meaning}, as you say")).or(title.filter(|_| !asked));
        titles.extend(text.map(|text| (code.0, text)));
    }
    let open = summary.questions.iter().filter(|question| !meanings.contains_key(&question.code)).map(|question| {
        let (code, records) = (&question.code, question.records);
        if question.ambiguous {
            format!(
                "Records with the code {code}: {records}. Say what it means in this file, with --meaning {code}=non-pertinent or --meaning {code}=uncategorized; until then it is kept as it stands."
            )
        } else {
            format!("Records with the code {code}: {records}. Say whose scheme it is of, with --profile US, UK, INTERPOL or NL.")
        }
    });
    (titles, open.collect())
}

/// Adds the case of another tool. Run again, it goes on where it stopped, and what is there already stays as it is.
///
/// Codes that tools use in opposite ways are asked for by `question`; unanswered, they stay open.
pub fn add_foreign(
    case: &CaseFile,
    request: &ForeignRequest,
    question: Question<'_>,
    setting: &Setting<'_>,
) -> Result<ForeignAdded, Error> {
    (setting.progress)(&Progress { stage: "describe", ..Progress::default() });
    let summary = formats::case::preview(&request.file, None, &options(request))?;
    let read_whole =
        |stage| Progress { stage, done: summary.records, total: Some(summary.records), ..Progress::default() };
    (setting.progress)(&read_whole("describe"));
    let mut request = request.clone();
    for open in summary.questions.iter().filter(|open| open.ambiguous) {
        if !request.meanings.contains_key(&open.code)
            && let Some(meaning) = question(&open.code, open.records)
        {
            request.meanings.insert(open.code.clone(), meaning);
        }
    }
    if setting.is_stopped() {
        return Err(Error::stopped());
    }
    let (load, joined, descriptions, source) = load_and_join(case, &request, &summary, setting)?;
    (setting.progress)(&read_whole("join"));
    let unanswered = summary
        .questions
        .iter()
        .filter(|open| !request.meanings.contains_key(&open.code))
        .map(|open| (open.code.0.clone(), open.records))
        .collect();
    let foreign_codes = foreign_codes(&summary, &request.meanings);
    let added = ForeignAdded { load, case: summary, joined, unanswered, foreign_codes };
    case.source_loaded(source, summed(&added, &request.meanings, &descriptions), (setting.now)())?;
    Ok(added)
}

/// Loads the media and joins the records to them. Gives beside that the descriptions that are no items of the case, and the
/// source of what the file states.
fn load_and_join(
    case: &CaseFile,
    request: &ForeignRequest,
    summary: &CaseSummary,
    setting: &Setting<'_>,
) -> Result<(LoadSummary, Joined, Vec<CaseDescription>, SourceId), Error> {
    let media = media_root(request)?;
    let load = LoadRequest { sources: vec![media.clone()], ..request.load.clone() };
    let descriptions = Description::of(&request.file, &summary.descriptions);
    let loaded = load_beside(case, &load, Some(&descriptions), setting)?.whole()?;
    let mut did = loaded.summary;
    let file = request.file.canonicalize().unwrap_or_else(|_| request.file.clone());
    let source = case.add_source(&file, STATED, (setting.now)())?;
    let mut stored = join::stored_items(case, &media)?;
    let options = options(request);
    let foreign = join::Foreign { file: &request.file, options: &options, summary, source };
    let mut joined = join::join(case, &foreign, &stored, &loaded.descriptions, setting)?;
    if joined.is_none() {
        // A record means a description, so that is a content of the case like any other.
        did = together(did, load_beside(case, &load, None, setting)?.whole()?.summary);
        stored = join::stored_items(case, &media)?;
        joined = join::join(case, &foreign, &stored, &[], setting)?;
    }
    let joined = joined.expect("only what was passed over can be missed");
    let root = evidence::Source::open(&media)?.root().to_owned();
    let items: HashSet<String> = stored.into_keys().map(|path| SourcePath(path).shown()).collect();
    let is_none = |one: &Description| one.place_in(&root).is_none_or(|place| !items.contains(&place));
    let found = summary.descriptions.iter().zip(&descriptions);
    let described = found.filter(|(_, one)| is_none(one)).map(|(found, _)| found.clone()).collect();
    Ok((did, joined, described, source))
}

/// Adds up two loads of the same source.
fn together(one: LoadSummary, two: LoadSummary) -> LoadSummary {
    LoadSummary {
        sources: two.sources,
        files: one.files + two.files,
        bytes: one.bytes + two.bytes,
        passed_over: one.passed_over,
        new_items: one.new_items + two.new_items,
        new_occurrences: one.new_occurrences + two.new_occurrences,
    }
}

/// Tells the ledger what was taken, and what a person answered; no name of a file.
fn summed(added: &ForeignAdded, meanings: &Meanings, descriptions: &[CaseDescription]) -> serde_json::Value {
    serde_json::json!({
        "descriptions": descriptions,
        "kind": added.case.kind,
        "file_sha256": added.case.sha256,
        "profile": added.case.profile,
        "records": added.case.records,
        "categories": added.case.categories,
        "meanings": meanings,
        "unanswered": added.unanswered,
        "foreign_codes": added.foreign_codes,
        "joined": added.joined.counts(),
        "cases": added.case.cases.iter().map(|head| kept::of_head(head).0).collect::<Vec<_>>(),
        "fields": kept::of_file(&added.case.unknown).0,
    })
}

/// Names what holds the media.
fn media_root(request: &ForeignRequest) -> Result<PathBuf, Error> {
    if let Some(media) = &request.media {
        return Ok(media.clone());
    }
    if is_archive(&request.file) {
        return Ok(request.file.clone());
    }
    let folder = crate::durable::folder_of(&request.file);
    folder.canonicalize().map_err(|error| {
        let message = format!("The folder of `{}` cannot be read.", domain::shown_path(&request.file));
        Error::new(Code::NotFound, message, "Name the folder of its media with --media.").with_detail(error)
    })
}

/// Tells whether the file itself is the archive that the media lie in.
fn is_archive(file: &Path) -> bool {
    evidence::Source::open(file).is_ok()
}
