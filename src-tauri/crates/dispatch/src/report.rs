//! Reports for the court: the figures of a case as PDF/A in one of two languages, set by Typst.
//!
//! The form is a file of its own (`report/report.typ`), and so are its words. The one world that it can see has these files,
//! the figures, and the fonts that come with Typst: no folder, no network, no clock. So the same figures give the same
//! bytes. PDF/A-2a (ISO 19005-2) and PDF/UA-1 (ISO 14289-1) are held by Typst, which refuses what does not conform.
//!
//! A sign without a glyph would be refused too, and files are named in every script there is: in the PDF such a sign stands
//! as its number, while the figures beside it have the sign itself.

mod figures;
mod world;

use serde_json::Value;
use typst::diag::SourceDiagnostic;
use typst::foundations::Smart;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

pub use figures::{
    AsOf, BySource, CaseOf, Conflicts, Counted, FIGURES_SCHEMA, Figures, HiddenBy, LabelOf, OfCategory, OfExport,
    OfLead, OfSet, OfSource, Opinions, OtherTool, Person, Sampled, Stated, Totals,
};

/// Most rows of one list that are set: a report is read by people.
const ROWS_MAX: usize = 5_000;

/// Names the language of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    English,
    /// Dutch.
    Dutch,
}

impl Language {
    /// Finds the language of a word, `en` or `nl`.
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "en" => Some(Self::English),
            "nl" => Some(Self::Dutch),
            _ => None,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::English => include_str!("../report/words.en.json"),
            Self::Dutch => include_str!("../report/words.nl.json"),
        }
    }
}

/// Holds a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The PDF.
    pub pdf: Vec<u8>,
    /// The figures as JSON, with a line feed at the end.
    pub json: Vec<u8>,
    /// Pages of the PDF.
    pub pages: u32,
}

/// Says why a report cannot be set.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A list has more rows than anybody reads.
    #[error("the list `{list}` has {rows} rows, more than the {ROWS_MAX} that a report has room for")]
    TooLong {
        /// Name of the list.
        list: &'static str,
        /// Its rows.
        rows: usize,
    },
    /// The form and the figures do not fit together: a defect of the program.
    #[error("the report could not be set: {0}")]
    Form(String),
}

/// Sets a report.
pub fn write(figures: &Figures, language: Language) -> Result<Report, ReportError> {
    for (list, rows) in [
        ("sources", figures.sources.len()),
        ("sets", figures.sets.len()),
        ("leads", figures.leads.len()),
        ("exports", figures.exports.len()),
        ("people", figures.people.len()),
    ] {
        if rows > ROWS_MAX {
            return Err(ReportError::TooLong { list, rows });
        }
    }
    let form = |error: &dyn std::fmt::Display| ReportError::Form(error.to_string());
    let mut value = serde_json::to_value(figures).map_err(|error| form(&error))?;
    inert(&mut value);
    let mut json = serde_json::to_vec_pretty(&value).map_err(|error| form(&error))?;
    json.push(b'\n');
    spelt(&mut value, &world::has_glyph);
    let set = pdf(figures, &value, language).or_else(|_| {
        // A sign can have a glyph and still lack the one that its neighbours ask for. No name may cost the report.
        spelt(&mut value, &is_latin);
        pdf(figures, &value, language)
    });
    let (pdf, pages) = set?;
    Ok(Report { pdf: without_suspects(pdf), json, pages })
}

/// Sets what the form makes of a value; gives the PDF and its pages.
fn pdf(figures: &Figures, value: &Value, language: Language) -> Result<(Vec<u8>, u32), ReportError> {
    let json = serde_json::to_vec(value).map_err(|error| ReportError::Form(error.to_string()))?;
    let world = world::Report::new(&json, language.words());
    let document = typst::compile::<PagedDocument>(&world).output.map_err(|errors| told(&errors))?;
    let standards = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1])
        .map_err(|error| ReportError::Form(error.message().to_string()))?;
    let options = PdfOptions {
        // The identity of the file follows from what it tells, so that two reports of one moment are the same file.
        ident: Smart::Custom(format!("{} {}", figures.case.id, figures.as_of.hash)),
        creator: Smart::Custom(Some("Zeef".to_owned())),
        timestamp: None,
        page_ranges: None,
        standards,
        tagged: true,
        pretty: false,
    };
    let pdf = typst_pdf::pdf(&document, &options).map_err(|errors| told(&errors))?;
    Ok((pdf, u32::try_from(document.pages().len()).unwrap_or(u32::MAX)))
}

/// The catalogue's word about tags as the writer has it, in two parts: the second is that none is suspect.
const MARKED: (&[u8], &[u8]) = (b"/MarkInfo<</Marked true", b"/Suspects false");

/// Takes the entry `/Suspects false` out of the catalogue, with spaces in its place so that nothing moves.
///
/// It is what holds without it (ISO 32000-1, table 321), so nothing changes for PDF/A and PDF/UA. Poppler (`pdfinfo`, and
/// viewers that rest on it) takes only `true` for a value of it, and reports a damaged file for `false`. Where the writer has
/// another form one day, or the bytes occur elsewhere too, all stays as it is.
fn without_suspects(mut pdf: Vec<u8>) -> Vec<u8> {
    let whole = [MARKED.0, MARKED.1].concat();
    let mut places = pdf.windows(whole.len()).enumerate().filter(|(_, bytes)| *bytes == whole).map(|(at, _)| at);
    if let (Some(at), None) = (places.next(), places.next()) {
        pdf[at + MARKED.0.len()..at + whole.len()].fill(b' ');
    }
    pdf
}

/// Tells whether a sign is one of those that every font of the report has.
fn is_latin(sign: char) -> bool {
    matches!(sign, ' '..='~' | '\u{a1}'..='\u{17f}')
}

/// Spells signs that cannot be set, in the way of [`domain::escaped`].
fn spelt(value: &mut Value, can_be_set: &dyn Fn(char) -> bool) {
    match value {
        Value::String(text) if !text.chars().all(can_be_set) => {
            let spell = |sign: char| match can_be_set(sign) {
                true => String::from(sign),
                false => format!("\\u{{{:04x}}}", u32::from(sign)),
            };
            *text = text.chars().map(spell).collect();
        }
        Value::Array(values) => values.iter_mut().for_each(|value| spelt(value, can_be_set)),
        Value::Object(fields) => fields.values_mut().for_each(|value| spelt(value, can_be_set)),
        _ => {}
    }
}

/// Escapes what could turn, break or hide the text around it, wherever it stands.
fn inert(value: &mut Value) {
    match value {
        Value::String(text) if text.chars().any(domain::is_unsafe_to_show) => {
            *text = domain::escaped(text.as_bytes());
        }
        Value::Array(values) => values.iter_mut().for_each(inert),
        Value::Object(fields) => fields.values_mut().for_each(inert),
        _ => {}
    }
}

fn told(errors: &[SourceDiagnostic]) -> ReportError {
    let all: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
    ReportError::Form(all.join("; "))
}
