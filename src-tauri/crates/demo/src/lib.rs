//! The model case: benign pictures made by code, and hash sets that know most of them.
//!
//! What it does: writes a folder of media as an investigator may get it (camera folders, downloads, backups, broken and
//! oddly named files), a national set in VICS form, a list of ordinary files, and the truth about every file, so that a
//! demonstration or a test can be checked.
//!
//! What it never does: hold, need or imitate real material. Every picture is drawn from a seed; the same seed gives the
//! same bytes.
//!
//! Who may call it: the workbench, for the demonstration, and tests. It is a room of its own because the encoders of
//! pictures belong nowhere else.

mod draw;
mod exif;
mod lists;
mod media;

use std::path::{Path, PathBuf};

use domain::{Digests, Pdq, SourcePath};

pub use draw::Picture;
pub use media::encode_jpeg;

/// Computes PDQ for drawn pixels: width, height, RGB. Passed in, because rooms do not know each other.
pub type PdqOf<'a> = &'a mut dyn FnMut(u32, u32, &[u8]) -> Option<Pdq>;

/// Says why the model case could not be written.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A file or folder could not be written.
    #[error("the file `{}` cannot be written: {source}", domain::shown_path(path))]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The folder has something in it already.
    #[error("the folder `{}` is not empty", domain::shown_path(.0))]
    NotEmpty(PathBuf),
    /// A picture could not be encoded.
    #[error("a picture cannot be encoded: {0}")]
    Encode(#[from] image::ImageError),
}

/// Tells what a file of the model case has to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expected {
    /// Hidden: the national set knows it.
    Known,
    /// Hidden: the list of ordinary files knows it.
    Ordinary,
    /// Shown: no set knows it.
    New,
    /// Shown, with a suggestion: made from a known picture by resizing or encoding again.
    LooksKnown,
    /// Shown first: the set gives it two verdicts.
    Conflict,
    /// Shown first: the set and the list of ordinary files both have it.
    Quarantined,
    /// Shown first: a digest meets, and another of the entry disagrees.
    Contradiction,
    /// Shown: no picture, e.g. video or text.
    Other,
    /// Refused, with a reason.
    Refused,
}

/// Holds the truth about one place.
#[derive(Debug, Clone)]
pub struct Truth {
    /// Path inside the source; for a member of an archive with `!/`.
    pub path: SourcePath,
    /// What it has to become.
    pub expected: Expected,
    /// Digests of the content; absent for what has none (links, pipes).
    pub digests: Option<Digests>,
}

/// Holds a model case as it lies on disk.
#[derive(Debug, Clone)]
pub struct ModelCase {
    /// Folder of media: the source.
    pub media: PathBuf,
    /// National set, VICS 2.0 JSON, profile US.
    pub national: PathBuf,
    /// Ordinary files, hashdeep.
    pub ordinary: PathBuf,
    /// Truth about every place, members of archives included.
    pub truth: Vec<Truth>,
}

/// Writes the model case below `dir`, which must be empty or not exist.
///
/// The national set leaves out nothing that a real one has: flags, series, PDQ values, an entry with two verdicts, one
/// that an ordinary file shares, one whose digests contradict each other, and thousands of entries that nothing meets.
pub fn write_model_case(dir: &Path, seed: u64, pdq_of: PdqOf<'_>) -> Result<ModelCase, DemoError> {
    let written = |path: &Path| {
        let path = path.to_owned();
        move |source| DemoError::Write { path, source }
    };
    std::fs::create_dir_all(dir).map_err(written(dir))?;
    if std::fs::read_dir(dir).map_err(written(dir))?.next().is_some() {
        return Err(DemoError::NotEmpty(dir.to_owned()));
    }
    let media_dir = dir.join("media");
    let lists_dir = dir.join("lists");
    std::fs::create_dir(&media_dir).map_err(written(&media_dir))?;
    std::fs::create_dir(&lists_dir).map_err(written(&lists_dir))?;
    let made = media::write(&media_dir, seed, pdq_of)?;
    let national = lists_dir.join("national.json");
    std::fs::write(&national, lists::national(&made, seed)).map_err(written(&national))?;
    let ordinary = lists_dir.join("ordinary.hashdeep");
    std::fs::write(&ordinary, lists::ordinary(&made)).map_err(written(&ordinary))?;
    Ok(ModelCase { media: media_dir, national, ordinary, truth: made.truth })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the files that this test compares are its own")]
    fn the_same_seed_gives_the_same_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let make = |name: &str| write_model_case(&dir.path().join(name), 7, &mut |_, _, _| None).unwrap();
        let (one, other) = (make("one"), make("other"));
        assert_eq!(std::fs::read(one.national).unwrap(), std::fs::read(other.national).unwrap());
        assert_eq!(std::fs::read(one.ordinary).unwrap(), std::fs::read(other.ordinary).unwrap());
        let digests = |case: &[Truth]| case.iter().map(|truth| (truth.path.clone(), truth.digests)).collect::<Vec<_>>();
        assert_eq!(digests(&one.truth), digests(&other.truth));
    }

    #[test]
    fn every_kind_of_file_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let case = write_model_case(&dir.path().join("case"), 1, &mut |_, _, _| None).unwrap();
        let mut counts: BTreeMap<Expected, usize> = BTreeMap::new();
        case.truth.iter().for_each(|truth| *counts.entry(truth.expected).or_default() += 1);
        assert_eq!(counts.len(), 9, "{counts:?}");
        assert!(case.truth.len() > 300, "{counts:?}");
        let known = counts[&Expected::Known] + counts[&Expected::Ordinary];
        assert!(known * 2 > case.truth.len(), "most are known: {counts:?}");
    }

    #[test]
    fn a_folder_that_is_not_empty_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("mine"), "x").unwrap();
        assert!(matches!(write_model_case(dir.path(), 1, &mut |_, _, _| None), Err(DemoError::NotEmpty(_))));
    }
}
