//! All that the form of a report can see: itself, the figures, the words, and the fonts that come with Typst.

use std::sync::LazyLock;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

static FORM: &str = include_str!("../../report/report.typ");
static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));
static FONTS: LazyLock<Vec<Font>> =
    LazyLock::new(|| typst_assets::fonts().flat_map(|font| Font::iter(Bytes::new(font))).collect());
static BOOK: LazyLock<LazyHash<FontBook>> = LazyLock::new(|| LazyHash::new(FontBook::from_fonts(FONTS.iter())));

/// Tells whether one of the fonts has a glyph for a sign. PDF/A forbids to set any other.
pub(super) fn has_glyph(sign: char) -> bool {
    FONTS.iter().any(|font| font.info().coverage.contains(sign.into()))
}

/// The world of one report.
pub(super) struct Report {
    form: Source,
    figures: (FileId, Bytes),
    words: (FileId, Bytes),
}

fn named(name: &str) -> FileId {
    let path = VirtualPath::new(name).expect("the names of the files of a report are plain");
    FileId::new(RootedPath::new(VirtualRoot::Project, path))
}

impl Report {
    /// Puts the figures and the words, both JSON, beside the form.
    pub fn new(figures: &[u8], words: &'static str) -> Self {
        Self {
            form: Source::new(named("report.typ"), FORM.to_owned()),
            figures: (named("figures.json"), Bytes::new(figures.to_vec())),
            words: (named("words.json"), Bytes::new(words.as_bytes())),
        }
    }
}

impl World for Report {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &BOOK
    }

    fn main(&self) -> FileId {
        self.form.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.form.id() { Ok(self.form.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        [&self.figures, &self.words]
            .into_iter()
            .find(|(file, _)| *file == id)
            .map(|(_, bytes)| bytes.clone())
            .ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
