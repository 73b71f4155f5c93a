//! Splits rows of text lists into cells, in the two ways that their producers need, and finds columns by name.
//!
//! A row is one line, always: a quote that is never closed must not swallow the rows after it.

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};

use crate::Fault;
use crate::lines::HINT_NO_LIST;

/// Most columns that the head of a list may have.
pub(crate) const COLUMNS_MAX: usize = 1000;

/// Names the columns of a list, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    names: Vec<String>,
}

impl Head {
    /// Takes the cells of the line that names the columns, which starts at byte `offset`.
    pub(crate) fn new<'c>(cells: impl Iterator<Item = &'c [u8]>, offset: u64) -> Result<Self, Fault> {
        let names: Vec<String> = cells.map(plain_name).collect();
        if names.len() > COLUMNS_MAX {
            let what = format!("the list has {} columns, more than {COLUMNS_MAX}", names.len());
            return Err(Fault::invalid(offset, what, HINT_NO_LIST));
        }
        Ok(Self { names })
    }

    /// Gives the number of columns.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// Finds the column that has this plain name (see [`plain_name`]). A name that stands twice leaves open which
    /// column to believe, so the list is refused.
    pub(crate) fn find(&self, name: &str) -> Result<Option<usize>, Fault> {
        let mut places = self.names.iter().enumerate().filter(|(_, other)| *other == name).map(|(place, _)| place);
        let first = places.next();
        match places.next() {
            Some(_) => {
                Err(Fault::invalid(0, format!("the column `{name}` stands twice"), "Keep one of the two columns"))
            }
            None => Ok(first),
        }
    }
}

/// Gives the name of a column without quotes, case, blanks, hyphens and underscores: `"SHA-1"` is `sha1`.
pub(crate) fn plain_name(cell: &[u8]) -> String {
    cell.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(|byte| byte.to_ascii_lowercase() as char).collect()
}

/// Splits rows of quoted cells (RFC 4180, with any delimiter), each line for itself.
///
/// A cell with a quote that is neither around it nor doubled is given as it is written, quotes and all: without them, its
/// pieces would make a digest or a code that stands nowhere in the list.
pub(crate) struct Quoted {
    reader: Reader,
    cells: Vec<u8>,
    ends: Vec<usize>,
}

impl Quoted {
    /// Makes a splitter.
    pub(crate) fn new(delimiter: u8) -> Self {
        let reader = ReaderBuilder::new().delimiter(delimiter).build();
        Self { reader, cells: Vec::new(), ends: Vec::new() }
    }

    /// Splits one line and gives the number of its cells.
    pub(crate) fn split(&mut self, line: &[u8]) -> usize {
        self.reader.reset();
        // No line has more bytes in its cells than it has itself.
        self.cells.resize(line.len() + 1, 0);
        self.ends.clear();
        // Where the cell that is being read starts: in the line, and among the cells.
        let (mut written_from, mut cell_from) = (0, 0);
        let (mut read, mut cell_end) = (0, 0);
        loop {
            let at_end = read == line.len();
            let (result, took, wrote) = self.reader.read_field(&line[read..], &mut self.cells[cell_end..]);
            read += took;
            cell_end += wrote;
            match result {
                ReadFieldResult::InputEmpty => {}
                ReadFieldResult::Field { record_end } => {
                    // What ended the cell was read with it, unless that was the end of the line.
                    let written = &line[written_from..if at_end { read } else { read - 1 }];
                    if !is_well_quoted(written, &self.cells[cell_from..cell_end]) {
                        cell_end = cell_from + written.len();
                        self.cells[cell_from..cell_end].copy_from_slice(written);
                    }
                    self.ends.push(cell_end);
                    (written_from, cell_from) = (read, cell_end);
                    if record_end {
                        break;
                    }
                }
                ReadFieldResult::End => break,
                ReadFieldResult::OutputFull => {
                    debug_assert!(false, "cells are never longer than their line");
                    break;
                }
            }
        }
        self.ends.len()
    }

    /// Gives cell `place` of the last line, or nothing where the line has fewer.
    pub(crate) fn cell(&self, place: usize) -> Option<&[u8]> {
        let end = *self.ends.get(place)?;
        let start = if place == 0 { 0 } else { self.ends[place - 1] };
        self.cells.get(start..end)
    }

    /// Goes through the cells of the last line.
    pub(crate) fn cells(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.ends.len()).filter_map(|place| self.cell(place))
    }
}

/// Tells whether `cell` is what is written, but for one pair of quotes around it and those that are doubled within it.
fn is_well_quoted(written: &[u8], cell: &[u8]) -> bool {
    let doubled = || cell.iter().filter(|byte| **byte == b'"').count();
    written == cell || (written.ends_with(b"\"") && written.len() == cell.len() + 2 + doubled())
}

/// Splits rows of which one column is free text that its producer did not escape: a file name with commas and quotes.
/// What stands before it is counted from the left, what stands after it from the right.
pub(crate) struct AroundName {
    columns: usize,
    free: Option<usize>,
    cells: Vec<(usize, usize)>,
}

impl AroundName {
    /// Makes a splitter for rows of so many columns, of which `free` is the free one.
    pub(crate) fn new(columns: usize, free: Option<usize>) -> Self {
        Self { columns, free, cells: Vec::with_capacity(columns) }
    }

    /// Splits one line at commas; false when it has fewer cells than the list has columns (or more, without free text).
    pub(crate) fn split(&mut self, line: &[u8]) -> bool {
        self.cells.clear();
        let left = self.free.unwrap_or(self.columns.saturating_sub(1));
        let mut start = 0;
        for _ in 0..left {
            let Some(comma) = line[start..].iter().position(|byte| *byte == b',') else { return false };
            self.cells.push((start, start + comma));
            start += comma + 1;
        }
        let mut end = line.len();
        let right = self.columns - left - 1;
        for _ in 0..right {
            let Some(comma) = line[start..end].iter().rposition(|byte| *byte == b',') else { return false };
            self.cells.push((start + comma + 1, end));
            end = start + comma;
        }
        self.cells.push((start, end));
        self.cells[left..].reverse();
        self.free.is_some() || !line[start..end].contains(&b',')
    }

    /// Gives cell `place` of `line`, which was split last, without blanks and one pair of quotes around it.
    pub(crate) fn cell<'l>(&self, line: &'l [u8], place: usize) -> &'l [u8] {
        let cell = self.cells.get(place).and_then(|(start, end)| line.get(*start..*end)).unwrap_or_default();
        let cell = cell.trim_ascii();
        cell.strip_prefix(b"\"").and_then(|cell| cell.strip_suffix(b"\"")).unwrap_or(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(line: &str) -> Vec<String> {
        let mut quoted = Quoted::new(b';');
        quoted.split(line.as_bytes());
        quoted.cells().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect()
    }

    #[test]
    fn quotes_hold_delimiters_and_doubled_quotes() {
        assert_eq!(quoted(r#"a;"b;c";"d""e";"#), ["a", "b;c", "d\"e", ""]);
        assert_eq!(quoted("a"), ["a"]);
        assert_eq!(quoted(";;"), ["", "", ""]);
    }

    #[test]
    fn an_open_quote_ends_with_its_line() {
        assert_eq!(quoted(r#"a;"never closed;b"#), ["a", "\"never closed;b"]);
    }

    #[test]
    fn pieces_between_stray_quotes_are_not_put_together() {
        assert_eq!(quoted(r#""90"01;"1"2;3"4;"#), [r#""90"01"#, r#""1"2"#, r#"3"4"#, ""]);
        assert_eq!(quoted(r#"a;"90"01"#), ["a", r#""90"01"#]);
        assert_eq!(quoted(r#""9""0"1";b"#), [r#""9""0"1""#, "b"]);
        assert_eq!(quoted(r#"""";""";""a"#), [r#"";""#, r#"""a"#]);
    }

    #[test]
    fn a_name_may_hold_commas_and_quotes() {
        let line = br#""A","B","a "name", with all",12,"x""#;
        let mut around = AroundName::new(5, Some(2));
        assert!(around.split(line));
        let cells: Vec<_> =
            (0..5).map(|place| String::from_utf8_lossy(around.cell(line, place)).into_owned()).collect();
        assert_eq!(cells, ["A", "B", "a \"name\", with all", "12", "x"]);
        assert!(!around.split(b"A,B,C,D"));
        assert!(AroundName::new(2, None).split(b"a,b") && !AroundName::new(2, None).split(b"a,b,c"));
    }

    #[test]
    fn a_column_that_stands_twice_is_refused() {
        let head = Head::new([&b"MD5"[..], b"SHA-1", b"\"md5\""].into_iter(), 0).unwrap();
        assert!(head.find("md5").is_err());
        assert_eq!(head.find("sha1").unwrap(), Some(1));
        assert_eq!(head.find("sha256").unwrap(), None);
    }
}
