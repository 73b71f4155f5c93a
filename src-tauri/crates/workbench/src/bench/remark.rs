//! The word for a remark that the rooms below make in English, with the figures that stand in it, so that the window says it
//! in the language of whoever reads it.
//!
//! A sentence that is not known here is `other` and keeps its English: it is never left out, and never guessed at.

use crate::view::window::Remark;

/// A remark that is known: its word, and its sentence. `#` stands for a figure.
type Known = (&'static str, &'static str);

/// Why an update of a published set waits for a person.
const WAITS: [Known; 6] = [
    ("wait-version-adds", "version # adds or changes # entries, and # are allowed"),
    ("wait-version-withdraws", "version # withdraws # entries, and # are allowed"),
    ("wait-adds", "it adds or changes # entries in all, and # are allowed (days: #)"),
    ("wait-withdraws", "it withdraws # entries in all, and # are allowed (days: #)"),
    ("wait-quarantined", "good sets have # of the entries too, and # are allowed"),
    ("wait-meaning", "it changes *, for all of its entries"),
];

/// What the status of a scheme says.
const STATUS: [Known; 1] = [(
    "scheme-illustration",
    "Illustration. Written from public texts; the owner of the scheme has not signed it off. Do not classify evidence with \
     it before that.",
)];

/// Why rows of a list are refused.
const ROWS: [Known; 17] = [
    ("row-empty-file", "digest of an empty file"),
    ("row-no-digest", "no digest"),
    ("row-bad-digest", "not a digest"),
    ("row-placeholder", "placeholder digest"),
    ("row-columns", "row with other columns than the list"),
    ("row-number", "file size or code that is no number"),
    ("row-digest-kind", "digest of a kind that is not looked up"),
    ("row-category", "a category that is neither a whole number nor a code"),
    ("row-no-object", "a record that is no object"),
    ("row-twice", "a field occurs twice"),
    ("row-malicious", "marked as malicious by its publisher"),
    ("row-special", "marked as special by its publisher"),
    ("row-product", "of a product that was left out"),
    ("row-digest-number", "digest that was stored as a number"),
    ("row-ordinary", "status `known`, which IPED writes for ordinary files"),
    ("row-alert", "status `alert` or `pedo` in a set of ordinary files"),
    ("row-several", "several digests in a row, and no line that names the columns"),
];

/// What stands in the way of an import.
const OPEN: [Known; 4] = [
    ("open-nothing", "Every row would be refused, so nothing would be imported."),
    ("open-twice", "* has the same content as another file of this import."),
    ("open-two-sets", "* do not belong to one set: their categories are of different schemes. *"),
    ("open-profile", "* does not say whose categories its numbers are, so it cannot hide anything yet. *"),
];

/// What is to be read about the case of another tool: of its file, and of its records with their number.
const CASE: [Known; 29] = [
    ("case-continues", "The file says that more of the case follows in another file"),
    ("case-context", "The file's context is none of Project VIC's; it is read by the names of its fields"),
    ("case-version", "This version of VICS is not known to Zeef; it was read like version 2.0"),
    ("case-no-context", "The file has no context; it was recognised by the names of its fields"),
    ("case-no-scheme", "The file names no scheme: choose the profile that its categories belong to"),
    ("case-other-profile", "The file names another profile than the one that was chosen; the chosen one counts"),
    ("case-declared", "The file declares # media and holds # records; tools count differently"),
    ("case-both", "The archive holds a VICS case and a C4All index: the VICS case was read, the index was not"),
    ("case-miniature", "# × Miniature, a small picture of the file, not kept"),
    ("case-long", "# × text of more than 1 MiB, not kept"),
    ("case-part", "# × part of a list that is no object, not kept"),
    ("case-cut", "# × text of more than 1 MiB in a field that is not known, cut"),
    ("case-cut", "# × text of more than 1 MiB, cut"),
    ("case-bytes", "# × text with bytes that are no UTF-8, shown as U+FFFD"),
    ("case-field", "# × * that is none, or stands twice: kept as it stood, and not used"),
    ("case-field", "# × * that is none, kept as it stood, and not used"),
    ("case-empty-digest", "# × digest of an empty file, kept as it stood, and not used"),
    ("case-other-md5", "# × part of a record with another MD5 than the record's, kept with it"),
    ("case-perceptual", "# × perceptual value with *, kept as it stood, and not used"),
    ("case-perceptual-two", "# × two different perceptual values of one kind, kept as they stood, and not used"),
    ("case-no-place", "# × place without a path and a name"),
    ("case-precategorized", "# × IsPrecategorized without a Category, which is no verdict"),
    ("case-no-case", "# × case that is no object, passed over"),
    ("case-no-record", "# × record that is no object, passed over"),
    ("case-ampersand", "# × `&` that was not escaped, kept as it stood"),
    ("case-element", "# × element that is no picture or film, passed over"),
    ("case-path-absolute", "# × path of a stored file that starts at a root, a drive or another machine, not followed"),
    ("case-path-climbs", "# × path of a stored file that climbs out with `..`, not followed"),
    ("case-path-zero", "# × path of a stored file with a zero byte, not followed"),
];

/// Tells how far a scheme is signed off.
pub(super) fn status(text: &str) -> Remark {
    remark(&STATUS, text)
}

/// Tells why an update waits.
pub(super) fn wait(text: &str) -> Remark {
    remark(&WAITS, text)
}

/// Tells why rows are refused.
pub(super) fn row(text: &str) -> Remark {
    remark(&ROWS, text)
}

/// Tells what stands in the way of an import.
pub(super) fn open(text: &str) -> Remark {
    remark(&OPEN, text)
}

/// Tells what is to be read about the case of another tool.
pub(super) fn case(text: &str) -> Remark {
    remark(&CASE, text)
}

fn remark(known: &[Known], text: &str) -> Remark {
    let found = known.iter().find_map(|(code, form)| Some((*code, figures(form, text)?)));
    let (code, figures) = found.unwrap_or(("other", Vec::new()));
    Remark { code: code.to_owned(), figures, text: domain::escaped(text.as_bytes()) }
}

/// Gives the figures of a text that has a form, in their order; `*` stands for any words.
fn figures(form: &str, text: &str) -> Option<Vec<String>> {
    let Some(place) = form.find(['#', '*']) else { return (form == text).then(Vec::new) };
    let rest = text.strip_prefix(&form[..place])?;
    let after = &form[place + 1..];
    if form[place..].starts_with('#') {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let more = figures(after, &rest[digits..])?;
        return (digits > 0).then(|| [vec![rest[..digits].to_owned()], more].concat());
    }
    rest.char_indices().map(|(at, c)| at + c.len_utf8()).find_map(|at| figures(after, &rest[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remark_that_is_known_has_its_word_and_its_figures() {
        let found = wait("it adds or changes 912004 entries in all, and 1200 are allowed (days: 3)");
        assert_eq!(
            (found.code.as_str(), found.figures.as_slice()),
            ("wait-adds", &["912004", "1200", "3"].map(str::to_owned)[..])
        );
        assert_eq!(wait("it changes the scheme of its categories, for all of its entries").code, "wait-meaning");
        assert_eq!(row(&domain::EntryRefusal::EmptyFile.to_string()).code, "row-empty-file");
        assert_eq!(row(&domain::EntryRefusal::NoDigest.to_string()).code, "row-no-digest");
        assert_eq!(row(&domain::EntryRefusal::BadDigest.to_string()).code, "row-bad-digest");
    }

    #[test]
    fn every_scheme_that_is_shipped_has_a_status_in_words_of_the_window() {
        let schemes = ::review::Schemes::shipped();
        for id in schemes.ids() {
            assert_ne!(status(&schemes.scheme(id).unwrap().status).code, "other", "{id:?}");
        }
    }

    #[test]
    fn a_remark_about_a_case_has_its_word_and_the_number_of_records() {
        let found = case("12 × MediaSize that is none, or stands twice: kept as it stood, and not used");
        assert_eq!((found.code.as_str(), found.figures.as_slice()), ("case-field", &["12".to_owned()][..]));
        let found = case("The file declares 3 media and holds 40 records; tools count differently");
        assert_eq!((found.code.as_str(), found.figures.len()), ("case-declared", 2));
        let refusal = formats::case::PathRefusal::Climbs;
        assert_eq!(case(&format!("1 × {refusal}")).code, "case-path-climbs");
    }

    #[test]
    fn a_remark_that_is_not_known_keeps_its_words_inert() {
        let found = open("something \u{202e}new");
        assert_eq!((found.code.as_str(), found.figures.len()), ("other", 0));
        assert!(found.text.starts_with("something ") && !found.text.contains('\u{202e}'));
        assert_eq!(wait("version  withdraws 4 entries, and 3 are allowed").code, "other", "a figure is missing");
    }
}
