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
    fn a_remark_that_is_not_known_keeps_its_words_inert() {
        let found = open("something \u{202e}new");
        assert_eq!((found.code.as_str(), found.figures.len()), ("other", 0));
        assert!(found.text.starts_with("something ") && !found.text.contains('\u{202e}'));
        assert_eq!(wait("version  withdraws 4 entries, and 3 are allowed").code, "other", "a figure is missing");
    }
}
