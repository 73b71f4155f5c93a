//! Reads text lists line by line: a limit for each line, the byte offset of each, no knowledge of what stands in them.

use std::io::{BufRead, Read};

use crate::{Fault, HINT_CUT};

/// Longest line of a text list, in bytes. Real lines have some hundreds; a path may have 32 KiB.
pub(crate) const LINE_BYTES_MAX: usize = 1 << 20;

/// Advice for a file that cannot be what it looks like.
pub(crate) const HINT_NO_LIST: &str = "This is no list of digests, or it is damaged";

const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Holds one line, without its end and without a byte-order mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line<'b> {
    /// Its bytes; a carriage return before the line feed is gone too.
    pub text: &'b [u8],
    /// Where it starts in the list, in bytes.
    pub offset: u64,
    /// False for a last line without a line end: perhaps whole, perhaps cut.
    pub ended: bool,
}

impl Line<'_> {
    /// Tells whether nothing but blanks stands in it.
    pub(crate) fn is_blank(&self) -> bool {
        self.text.iter().all(u8::is_ascii_whitespace)
    }

    /// Makes the fault of a last line that was cut.
    pub(crate) fn cut(&self, what: &str) -> Fault {
        Fault::invalid(self.offset, format!("the last line is cut: {what}"), HINT_CUT)
    }
}

/// Reads lines one after another, each into the same buffer.
pub(crate) struct Lines<'i> {
    input: &'i mut dyn BufRead,
    offset: u64,
    buffer: Vec<u8>,
}

impl<'i> Lines<'i> {
    /// Starts at the first byte of `input`.
    pub(crate) fn new(input: &'i mut dyn BufRead) -> Self {
        Self { input, offset: 0, buffer: Vec::with_capacity(512) }
    }

    /// Gives the next line, or nothing at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Line<'_>>, Fault> {
        self.buffer.clear();
        let offset = self.offset;
        let limit = LINE_BYTES_MAX as u64 + 2;
        let got = (&mut *self.input).take(limit).read_until(b'\n', &mut self.buffer)?;
        if got == 0 {
            return Ok(None);
        }
        self.offset += got as u64;
        let mut text = self.buffer.as_slice();
        let ended = text.last() == Some(&b'\n');
        if ended {
            text = &text[..text.len() - 1];
            text = text.strip_suffix(b"\r").unwrap_or(text);
        }
        if text.len() > LINE_BYTES_MAX {
            let what = format!("a line is longer than {LINE_BYTES_MAX} bytes");
            return Err(Fault::invalid(offset, what, HINT_NO_LIST));
        }
        if offset == 0 {
            text = text.strip_prefix(UTF8_MARK).unwrap_or(text);
        }
        Ok(Some(Line { text, offset, ended }))
    }
}

/// Gives the lines of the first bytes of a list, for those who recognise; the last may be cut.
pub(crate) fn first_lines(first_bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let text = first_bytes.strip_prefix(UTF8_MARK).unwrap_or(first_bytes);
    text.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8]) -> Result<Vec<(String, u64, bool)>, Fault> {
        let mut input = text;
        let mut lines = Lines::new(&mut input);
        let mut out = Vec::new();
        while let Some(line) = lines.next()? {
            out.push((String::from_utf8_lossy(line.text).into_owned(), line.offset, line.ended));
        }
        Ok(out)
    }

    #[test]
    fn line_ends_of_both_kinds_and_a_mark_are_taken_off() {
        let got = all(b"\xEF\xBB\xBFone\r\ntwo\n\nlast").unwrap();
        let want = [("one", 0, true), ("two", 8, true), ("", 12, true), ("last", 13, false)];
        assert_eq!(got, want.map(|(text, at, ended)| (text.to_owned(), at, ended)));
    }

    #[test]
    fn a_line_over_the_limit_is_refused_where_it_starts() {
        let mut text = b"short\n".to_vec();
        text.resize(text.len() + LINE_BYTES_MAX + 10, b'a');
        assert!(matches!(all(&text), Err(Fault::Invalid { offset: 6, .. })));
        text.truncate(6 + LINE_BYTES_MAX);
        assert_eq!(all(&text).unwrap().len(), 2);
    }
}
