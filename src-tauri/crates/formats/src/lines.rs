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
    end: Option<u8>,
}

impl<'i> Lines<'i> {
    /// Starts at the first byte of `input`.
    pub(crate) fn new(input: &'i mut dyn BufRead) -> Self {
        Self { input, offset: 0, buffer: Vec::with_capacity(512), end: Some(b'\n') }
    }

    /// Starts at the first byte of `input`, whose lines end as the first of them does: in a line feed or in a zero byte.
    pub(crate) fn of_either_end(input: &'i mut dyn BufRead) -> Self {
        Self { end: None, ..Self::new(input) }
    }

    /// Gives the next line, or nothing at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Line<'_>>, Fault> {
        self.buffer.clear();
        let offset = self.offset;
        match self.end {
            Some(end) => {
                let mut bounded = (&mut *self.input).take(LIMIT_BYTES as u64);
                bounded.read_until(end, &mut self.buffer)?;
            }
            None => self.end = Some(read_to_either(self.input, &mut self.buffer)?),
        }
        if self.buffer.is_empty() {
            return Ok(None);
        }
        self.offset += self.buffer.len() as u64;
        let mut text = self.buffer.as_slice();
        let ended = text.last().copied() == self.end;
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

/// One byte more than the longest line and its end have.
const LIMIT_BYTES: usize = LINE_BYTES_MAX + 2;

/// Reads a line that ends in a line feed or in a zero byte, and gives which of them it was.
fn read_to_either(input: &mut dyn BufRead, buffer: &mut Vec<u8>) -> Result<u8, Fault> {
    while buffer.len() < LIMIT_BYTES {
        let bytes = match input.fill_buf() {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        let bytes = &bytes[..bytes.len().min(LIMIT_BYTES - buffer.len())];
        let end = bytes.iter().position(|byte| matches!(byte, b'\n' | 0));
        let taken = end.map_or(bytes.len(), |place| place + 1);
        buffer.extend_from_slice(&bytes[..taken]);
        input.consume(taken);
        if end.is_some() || taken == 0 {
            break;
        }
    }
    Ok(buffer.last().copied().filter(|last| *last == 0).unwrap_or(b'\n'))
}

/// Gives the lines of the first bytes of a list, for those who recognise; the last may be cut.
pub(crate) fn first_lines(first_bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let text = first_bytes.strip_prefix(UTF8_MARK).unwrap_or(first_bytes);
    text.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_may_end_in_zero_bytes_where_the_first_does() {
        let ends = |text: &[u8]| {
            let mut input = std::io::BufReader::with_capacity(2, text);
            let mut lines = Lines::of_either_end(&mut input);
            let mut out = Vec::new();
            while let Some(line) = lines.next().unwrap() {
                out.push((String::from_utf8_lossy(line.text).into_owned(), line.offset, line.ended));
            }
            out
        };
        let want =
            |rows: &[(&str, u64, bool)]| rows.iter().map(|(t, at, e)| ((*t).to_owned(), *at, *e)).collect::<Vec<_>>();
        assert_eq!(ends(b"one\0t\nwo\0la"), want(&[("one", 0, true), ("t\nwo", 4, true), ("la", 9, false)]));
        assert_eq!(ends(b"one\nt\0wo\n"), want(&[("one", 0, true), ("t\0wo", 4, true)]));
        assert_eq!(ends(b"one"), want(&[("one", 0, false)]));
        assert_eq!(ends(b""), want(&[]));
        assert!(Lines::of_either_end(&mut &vec![b'a'; LINE_BYTES_MAX + 10][..]).next().is_err());
    }

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
