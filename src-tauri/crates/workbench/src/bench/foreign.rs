//! The cases of other tools: looked at, added as a job, and written.

use std::path::PathBuf;

use domain::{Meanings, Profile};

use super::failure::bad_input;
use super::job::{Ended, count};
use super::keeping::path_of;
use super::loading::Want;
use super::{Bench, remark, sets};
use crate::vics_source::{self, ForeignAdded, ForeignPreview, ForeignRequest};
use crate::view::foreign::{ForeignForm, ForeignLook, VicsDone};
use crate::view::window::{JobOutcome, WindowError};
use crate::{LoadRequest, MissingSets};

/// Most tools of a file that are named.
const TOOLS_MAX: usize = 20;

/// The case of another tool that a person wants to add.
#[derive(Debug, Clone)]
pub(super) struct ForeignWish {
    pub file: PathBuf,
    pub media: Option<PathBuf>,
    pub profile: Option<Profile>,
    pub meanings: Meanings,
}

impl ForeignWish {
    fn of(form: &ForeignForm) -> Result<Self, WindowError> {
        if form.file.trim().is_empty() {
            return Err(bad_input("No file is named.", "Choose the file that the other tool has written."));
        }
        let (profile, meanings) = sets::said(&form.profile, &form.meanings)?;
        let media = Some(form.media.trim()).filter(|media| !media.is_empty()).map(path_of);
        Ok(Self { file: path_of(form.file.trim()), media, profile, meanings })
    }

    /// Gives what the workbench takes.
    pub fn request(&self, load: LoadRequest) -> ForeignRequest {
        let Self { file, media, profile, meanings } = self.clone();
        ForeignRequest { load, file, media, profile, meanings }
    }
}

impl Bench {
    /// Gives those of these files that are the case of another tool.
    pub fn foreign_find(&self, paths: &[String]) -> Result<Vec<String>, WindowError> {
        self.inner.open()?;
        Ok(paths.iter().filter(|path| vics_source::is_foreign(&path_of(path))).cloned().collect())
    }

    /// Reads the case of another tool to its end and tells what it holds and asks. Nothing is stored.
    pub fn foreign_look(&self, form: &ForeignForm) -> Result<ForeignLook, WindowError> {
        let (open, wish) = (self.inner.open()?, ForeignWish::of(form)?);
        let load = LoadRequest {
            case_dir: open.dir.clone(),
            sets_dir: open.sets_dir.clone(),
            missing_sets: MissingSets::Refuse,
            sources: Vec::new(),
        };
        let request = wish.request(load);
        Ok(look(self.inner.meanwhile(|setting| vics_source::preview_foreign(&request, setting))?))
    }

    /// Adds the case of another tool; gives the number of the job.
    pub fn foreign_add(&self, form: &ForeignForm) -> Result<u32, WindowError> {
        self.inner.load(Want::Foreign(ForeignWish::of(form)?))
    }

    /// Writes the whole case for other tools, in the clear.
    pub fn vics_write(&self, out: &str) -> Result<VicsDone, WindowError> {
        let (open, out) = (self.inner.open()?, path_of(out));
        let written = self.inner.meanwhile(|setting| crate::exports::write_vics(&open.case, &out, setting))?;
        Ok(VicsDone { media: count(written.media), file: written.file, sha256: written.sha256 })
    }
}

/// Tells what became of a case that was added.
pub(super) fn ended(added: Result<ForeignAdded, crate::Error>) -> Ended {
    let added = match added {
        Ok(added) => added,
        Err(error) => return error.into(),
    };
    let joined = &added.joined;
    Ended::done(JobOutcome::Foreign {
        records: count(added.case.records),
        joined: count(joined.records),
        absent: count(joined.absent),
        places: count(joined.places),
        opinions: count(joined.opinions),
        disagreeing: count(joined.disagreeing),
        conflicts: count(joined.conflicts),
        unanswered: count(added.unanswered.values().sum()),
        new_items: count(added.load.new_items),
    })
}

fn look(preview: ForeignPreview) -> ForeignLook {
    let ForeignPreview { file, summary, category_titles: _, open: _, foreign_codes, stored_found, stored_missing } =
        preview;
    let safe = |text: &str| domain::escaped(text.as_bytes());
    let counted = |(code, records): (&String, &u64)| (safe(code), count(*records));
    let mut tools: Vec<String> = summary.cases.iter().map(|case| safe(&case.tool_and_version())).collect();
    tools.retain(|tool| !tool.is_empty());
    tools.dedup();
    tools.truncate(TOOLS_MAX);
    let version = summary.version.as_deref().map(safe).unwrap_or_default();
    let questions = &summary.questions;
    ForeignLook {
        file,
        form: format!("{} {version}", summary.kind).trim_end().to_owned(),
        tools,
        scheme: summary.profile.as_ref().map(|profile| profile.0.0.clone()),
        cases: count(summary.cases.len() as u64),
        records: count(summary.records),
        places: count(summary.places),
        categories: summary.categories.iter().map(counted).collect(),
        questions: questions.iter().filter(|asked| asked.ambiguous).map(|asked| safe(&asked.code.0)).collect(),
        needs_scheme: questions.iter().any(|asked| !asked.ambiguous),
        foreign_codes: foreign_codes.iter().map(counted).collect(),
        stored_found: count(stored_found),
        stored_missing: count(stored_missing),
        without_stored: count(summary.without_stored),
        stored_refused: count(summary.stored_refused),
        remarks: (summary.notes.iter().map(remark::case_note))
            .chain(summary.remarks.iter().map(remark::case_remark))
            .collect(),
    }
}
