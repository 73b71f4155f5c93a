//! Hash sets of the workstation: list, look into a list, import, take away; and feedback to publishers.

use std::collections::BTreeMap;

use domain::{CategoryCode, Meanings, Profile, Role, SetName};
use review::Schemes;

use super::failure::{bad_input, word};
use super::job::{Ended, count};
use super::jobs::Line;
use super::keeping::path_of;
use super::{Bench, Inner, remark};
use crate::view::window::{Event, ImportForm, ImportPreview, JobKind, JobOutcome, SetLine, WindowError};
use crate::view::{PreviewView, SetView};
use crate::{Error, ImportRequest, Pause, Progress, Setting};

impl Bench {
    /// Lists the hash sets, with the items of the open case that each hides.
    pub fn sets(&self) -> Result<Vec<SetLine>, WindowError> {
        let views = crate::list_sets(&self.inner.sets_dir(), self.inner.now())?;
        let hides = self.inner.hides()?;
        Ok(views.into_iter().map(|view| set_line(view, &hides)).collect())
    }

    /// Reads lists to their end and tells what an import would store, refuse and ask. Nothing is stored.
    pub fn set_preview(&self, files: &[String], profile: &str) -> Result<Vec<ImportPreview>, WindowError> {
        let request = request(self.inner.sets_dir(), files, "preview", "known", profile, &[])?;
        let (stop, pause) = (std::sync::atomic::AtomicBool::new(false), Pause::default());
        let setting = Setting {
            decoder: self.inner.around.decoder.clone(),
            threads: 1,
            now: &*self.inner.around.now,
            stop: &stop,
            pause: Some(&pause),
            progress: &|_: &Progress| {},
        };
        let previews = crate::preview_files(&request, &setting)?;
        Ok(previews.into_iter().map(preview).collect())
    }

    /// Imports lists as one set; gives the number of the job.
    pub fn set_import(&self, form: ImportForm) -> Result<u32, WindowError> {
        let ImportForm { files, name, role, profile, meanings } = form;
        let request = request(self.inner.sets_dir(), &files, &name, &role, &profile, &meanings)?;
        self.inner.start(JobKind::Import, Line::Sets, None, move |inner, job| {
            let imported = inner.with_setting(job, None, |setting| {
                // Everything was asked before; what was not answered hides nothing.
                crate::import_set(&request, &mut |_, _| None, setting)
            });
            inner.sets_changed();
            match imported {
                Ok(view) => Ended::done(JobOutcome::Import {
                    set: view.name,
                    version: view.version,
                    entries: count(view.entries),
                    refused: count(view.refused.values().sum()),
                }),
                Err(error) => error.into(),
            }
        })
    }

    /// Takes a set away; what it hides comes back when the case is matched again.
    pub fn set_remove(&self, name: &str) -> Result<(), WindowError> {
        crate::remove_set(&self.inner.sets_dir(), &set_name(name)?)?;
        self.inner.sets_changed();
        Ok(())
    }

    /// Writes the vetoes of the case to a new file for the publishers, and gives their number.
    pub fn feedback_write(&self, path: &str) -> Result<u32, WindowError> {
        let open = self.inner.open()?;
        let feedback = crate::write_feedback(&open.case, &path_of(path), self.inner.now())?;
        Ok(count(feedback.vetoes.len() as u64))
    }
}

impl Inner {
    /// Says that sets came or went, and that what is said of their age is stale.
    pub(super) fn sets_changed(&self) {
        (self.around.tell)(Event::Sets);
        if let Ok(open) = self.open() {
            // If it cannot be told now, the next answer tells it.
            let _ = open.session.sets_changed();
            open.follow();
        }
    }

    /// Counts the items of the open case that each set hides.
    pub(super) fn hides(&self) -> Result<BTreeMap<String, u32>, Error> {
        self.open().map_or_else(|_| Ok(BTreeMap::new()), |open| open.session.hides())
    }
}

fn request(
    sets_dir: std::path::PathBuf,
    files: &[String],
    name: &str,
    role: &str,
    profile: &str,
    meanings: &[(String, String)],
) -> Result<ImportRequest, WindowError> {
    if files.is_empty() {
        return Err(bad_input("No list is named.", "Choose one or more files of one set."));
    }
    let hint = "Choose one of those that are offered.";
    let role: Role = role.parse().map_err(|_| bad_input("A set is of known or of ordinary files.", hint))?;
    let (profile, answers) = said(profile, meanings)?;
    Ok(ImportRequest {
        sets_dir,
        files: files.iter().map(|file| path_of(file)).collect(),
        name: set_name(name)?,
        role,
        profile,
        meanings: answers,
        exclude_products: Vec::new(),
    })
}

/// Reads what a person says of the codes of a file: their scheme, and what those mean that tools use in opposite ways.
pub(super) fn said(profile: &str, meanings: &[(String, String)]) -> Result<(Option<Profile>, Meanings), WindowError> {
    let hint = "Choose one of those that are offered.";
    let profile = Some(profile.trim()).filter(|profile| !profile.is_empty()).map(Profile::parse).transpose();
    let profile = profile.map_err(|_| bad_input("This scheme is not known.", hint))?;
    let mut answers = Meanings::new();
    for (code, meaning) in meanings {
        let meaning = meaning.parse().map_err(|_| bad_input("This meaning is not known.", hint))?;
        answers.insert(CategoryCode(code.clone()), meaning);
    }
    Ok((profile, answers))
}

fn set_name(text: &str) -> Result<SetName, WindowError> {
    text.parse().map_err(|_| {
        bad_input("A set cannot have this name.", "Choose a name of 1 to 100 letters, digits, spaces or signs.")
    })
}

fn set_line(view: SetView, hides: &BTreeMap<String, u32>) -> SetLine {
    SetLine {
        hides: hides.get(&view.name).copied().unwrap_or(0),
        name: view.name,
        role: view.role,
        version: view.version,
        entries: count(view.entries),
        profile: view.profile,
        published: view.published,
        imported: view.imported,
        publisher: view.release.as_ref().map(|release| domain::escaped(release.publisher.as_bytes())),
        freshness: view.release.as_ref().map(|release| word(&release.freshness)),
        // The age of a published set counts from when it was last found to be the newest.
        age_days: count(view.release.as_ref().map_or(view.age_days, |release| release.checked_days).max(0) as u64),
        quarantined: count(view.quarantined.unwrap_or(0)),
        conflicts: count(view.conflicts.unwrap_or(0)),
        unanswered: view.unanswered,
        categories: counts(view.categories),
    }
}

fn preview(view: PreviewView) -> ImportPreview {
    let PreviewView { file, preview, category_titles: _, open } = view;
    let schemes = Schemes::shipped();
    let scheme = preview.head.profile.as_ref().and_then(|profile| schemes.scheme(&profile.0));
    let asked = |code: &&String| scheme.is_some_and(|scheme| scheme.is_ambiguous(&CategoryCode((*code).clone())));
    ImportPreview {
        file,
        form: preview.head.to_string(),
        entries: count(preview.entries),
        questions: preview.categories.keys().filter(asked).cloned().collect(),
        refused: preview.refused.into_iter().map(|(why, number)| (remark::row(why), count(number))).collect(),
        categories: counts(preview.categories),
        open: open.iter().map(remark::open).collect(),
    }
}

fn counts(counts: BTreeMap<String, u64>) -> Vec<(String, u32)> {
    counts.into_iter().map(|(name, number)| (name, count(number))).collect()
}
