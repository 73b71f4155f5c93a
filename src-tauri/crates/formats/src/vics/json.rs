//! Pulls JSON (RFC 8259) out of a stream in constant memory, one token at a time, and names the defects that older
//! exporters are known for. It keeps the texts that its caller wants, bounded, and passes over all else.
//!
//! It is strict about form and lenient about characters: bytes of a text need not be UTF-8, because what is read out of
//! them is hexadecimal, and a comment in an old code page is no reason to do without the list.

use std::io::{self, BufRead};

use crate::{Fault, FormatLimits, HINT_CUT};

/// Size of the window on the stream.
const WINDOW_BYTES: usize = 256 << 10;

/// Most bytes of a text that are kept, unless the caller wants more; the rest of a longer one is passed over, and
/// [`Json::cut`] says so.
pub(crate) const KEPT_BYTES_MAX: usize = 8 << 10;

/// Most characters of a number; a double needs 24.
const NUMBER_BYTES_MAX: usize = 1024;

const HINT_EXPORT: &str = "Export the list again with a newer version of the program that wrote it";

/// A fault on the way up, boxed: a result that fits in two registers makes reading faster by a half.
pub(crate) type Broken = Box<Fault>;

/// Says what a value is. The text of `Number` and `Text` is in [`Json::text`]; `Object` and `Array` have been entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    Null,
    True,
    False,
    Number,
    Text,
    Object,
    Array,
}

/// Says how much of a text is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    Nothing,
    Text,
}

/// Reads one JSON text.
pub(crate) struct Json<'i> {
    input: &'i mut dyn BufRead,
    window: Box<[u8]>,
    at: usize,
    filled: usize,
    base: u64,
    text: Vec<u8>,
    cut: bool,
    text_end: u64,
    depth: usize,
    open: Vec<Token>,
    depth_max: usize,
    text_bytes_max: u64,
    kept_bytes_max: usize,
    /// Where the caller is, for the fault of a file that ends there.
    pub(crate) place: &'static str,
}

impl<'i> Json<'i> {
    /// Starts at the first byte of `input`; a byte-order mark of UTF-8 is passed over.
    pub(crate) fn new(input: &'i mut dyn BufRead, limits: &FormatLimits) -> Result<Self, Broken> {
        let mut json = Self {
            input,
            window: vec![0; WINDOW_BYTES].into_boxed_slice(),
            at: 0,
            filled: 0,
            base: 0,
            text: Vec::with_capacity(KEPT_BYTES_MAX),
            cut: false,
            text_end: 0,
            depth: 0,
            open: Vec::new(),
            depth_max: limits.json_depth,
            text_bytes_max: limits.json_text_bytes,
            kept_bytes_max: KEPT_BYTES_MAX,
            place: "before its first value",
        };
        for expected in [0xEF, 0xBB, 0xBF] {
            match json.peek_raw()? {
                Some(byte) if byte == expected => json.at += 1,
                _ if json.offset() == 0 => break,
                _ => return Err(json.unexpected("the byte-order mark is not whole")),
            }
        }
        Ok(json)
    }

    /// Keeps texts up to this many bytes from now on.
    pub(crate) fn keep_bytes(&mut self, kept_bytes_max: usize) {
        self.kept_bytes_max = kept_bytes_max;
    }

    /// Tells how many bytes were passed.
    pub(crate) fn offset(&self) -> u64 {
        self.base + self.at as u64
    }

    /// Gives the text of the last key, `Text` or `Number`.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Tells whether the last text was longer than what is kept.
    pub(crate) fn cut(&self) -> bool {
        self.cut
    }

    /// Reads a value; enters it where it is an object or an array.
    pub(crate) fn value(&mut self, keep: Keep) -> Result<Token, Broken> {
        match self.peek()? {
            b'"' => self.string(keep).map(|()| Token::Text),
            b'{' => self.enter(Token::Object),
            b'[' => self.enter(Token::Array),
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.literal(b"true", Token::True),
            b'f' => self.literal(b"false", Token::False),
            b'n' => self.literal(b"null", Token::Null),
            b'N' | b'I' => Err(self.unexpected("`NaN` or `Infinity` stands where a value should; JSON has neither")),
            b'\'' => Err(self.unexpected("a text stands in single quotation marks")),
            b',' | b'}' | b']' => Err(self.unexpected("a value is missing")),
            _ => Err(self.unexpected("something stands here that is no JSON value")),
        }
    }

    /// Goes to the next key of the object that was entered, or out of it. `first`: no key was read yet.
    pub(crate) fn next_key(&mut self, first: bool) -> Result<bool, Broken> {
        if !self.more(first, b'}')? {
            return Ok(false);
        }
        if self.peek()? != b'"' {
            return Err(self.unexpected("the name of a field, in quotation marks, is missing"));
        }
        self.string(Keep::Text)?;
        if self.peek()? != b':' {
            return Err(self.unexpected("the colon after the name of a field is missing"));
        }
        self.at += 1;
        Ok(true)
    }

    /// Goes to the next element of the array that was entered, or out of it. `first`: no element was read yet.
    pub(crate) fn next_element(&mut self, first: bool) -> Result<bool, Broken> {
        self.more(first, b']')
    }

    /// Passes over a value, whatever it is.
    pub(crate) fn skip(&mut self) -> Result<(), Broken> {
        let token = self.value(Keep::Nothing)?;
        self.leave(token)
    }

    /// Passes over the rest of an object or array of which nothing was read yet; other tokens are passed already.
    pub(crate) fn leave(&mut self, token: Token) -> Result<(), Broken> {
        if !matches!(token, Token::Object | Token::Array) {
            return Ok(());
        }
        self.open.clear();
        self.open.push(token);
        let mut first = true;
        while let Some(container) = self.open.last() {
            let more = match container {
                Token::Object => self.next_key(first)?,
                _ => self.next_element(first)?,
            };
            if !more {
                self.open.pop();
                first = false;
                continue;
            }
            let token = self.value(Keep::Nothing)?;
            first = matches!(token, Token::Object | Token::Array);
            if first {
                self.open.push(token);
            }
        }
        Ok(())
    }

    /// Checks that nothing but blanks follows.
    pub(crate) fn end(&mut self) -> Result<(), Broken> {
        loop {
            match self.peek_raw()? {
                None => return Ok(()),
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                Some(_) => return Err(self.unexpected("something follows after the end of the list")),
            }
        }
    }

    /// Makes the fault of the byte that comes next.
    pub(crate) fn unexpected(&self, what: &str) -> Broken {
        let found = match self.window[self.at..self.filled].first() {
            Some(byte @ b'!'..=b'~') => format!(" (found `{}`)", char::from(*byte)),
            Some(byte) => format!(" (found the byte 0x{byte:02x})"),
            None => String::new(),
        };
        Box::new(Fault::invalid(self.offset(), format!("{what}{found}"), HINT_EXPORT))
    }

    fn more(&mut self, first: bool, close: u8) -> Result<bool, Broken> {
        let byte = self.peek()?;
        if byte == close {
            self.at += 1;
            self.depth -= 1;
            return Ok(false);
        }
        if first {
            return Ok(true);
        }
        match byte {
            b',' => {}
            b'"' if self.text_end == self.offset() => {
                let what = "a second quotation mark follows the end of a text, as older exporters wrote (`\"true\"\"`)";
                return Err(self.unexpected(what));
            }
            b'}' | b']' => return Err(self.unexpected("the wrong kind of bracket closes")),
            _ => return Err(self.unexpected("a comma is missing")),
        }
        self.at += 1;
        if self.peek()? == close {
            return Err(self.unexpected("nothing follows after a comma"));
        }
        Ok(true)
    }

    fn enter(&mut self, token: Token) -> Result<Token, Broken> {
        self.at += 1;
        self.depth += 1;
        if self.depth > self.depth_max {
            let (max, at) = (self.depth_max, self.offset());
            return Err(Box::new(Fault::Limit(format!("JSON is nested deeper than {max} at byte {at}"))));
        }
        Ok(token)
    }

    fn literal(&mut self, word: &'static [u8], token: Token) -> Result<Token, Broken> {
        if self.window[self.at..self.filled].starts_with(word) {
            self.at += word.len();
            return Ok(token);
        }
        for expected in word {
            if self.next_raw()? != *expected {
                self.at -= 1;
                return Err(self.unexpected("something stands here that is no JSON value"));
            }
        }
        Ok(token)
    }

    fn number(&mut self) -> Result<Token, Broken> {
        let start = self.offset();
        self.text.clear();
        self.cut = false;
        while let Some(byte @ (b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')) = self.peek_raw()? {
            if self.text.len() == NUMBER_BYTES_MAX {
                let what = format!("a number has more than {NUMBER_BYTES_MAX} characters");
                return Err(Box::new(Fault::invalid(start, what, HINT_EXPORT)));
            }
            self.text.push(byte);
            self.at += 1;
        }
        if is_number(&self.text) {
            return Ok(Token::Number);
        }
        Err(match self.peek_raw()? {
            // Half a number, then nothing: the file is cut, the number is not at fault.
            None => self.ended(),
            Some(b'I' | b'N') => self.unexpected("`NaN` or `Infinity` stands where a value should; JSON has neither"),
            Some(_) => Box::new(Fault::invalid(start, "a number is not written as JSON has it", HINT_EXPORT)),
        })
    }

    /// Reads a text whose opening mark comes next.
    fn string(&mut self, keep: Keep) -> Result<(), Broken> {
        let start = self.offset();
        self.at += 1;
        self.text.clear();
        self.cut = false;
        loop {
            let window = &self.window[self.at..self.filled];
            let run = plain_run(window);
            if keep == Keep::Text {
                let kept = run.min(self.kept_bytes_max - self.text.len());
                self.text.extend_from_slice(&window[..kept]);
                self.cut |= kept < run;
            }
            self.at += run;
            if self.offset() - start > self.text_bytes_max {
                let max = self.text_bytes_max;
                let what = format!("the text that starts at byte {start} has more than {max} bytes");
                return Err(Box::new(Fault::Limit(what)));
            }
            match self.peek_raw()? {
                None => return Err(self.ended()),
                Some(b'"') => {
                    self.at += 1;
                    self.text_end = self.offset();
                    return Ok(());
                }
                Some(b'\\') => self.escape(keep)?,
                Some(byte) if SPECIAL[usize::from(byte)] => {
                    return Err(self.unexpected("a control character stands in a text without being escaped"));
                }
                // The window ended within the run.
                Some(_) => {}
            }
        }
    }

    fn escape(&mut self, keep: Keep) -> Result<(), Broken> {
        let start = self.offset();
        self.at += 1;
        let c = match self.next_raw()? {
            c @ (b'"' | b'\\' | b'/') => char::from(c),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => self.unicode(start)?,
            _ => return Err(bad_escape(start)),
        };
        if keep == Keep::Text {
            let mut bytes = [0; 4];
            let bytes = c.encode_utf8(&mut bytes).as_bytes();
            if self.text.len() + bytes.len() <= self.kept_bytes_max {
                self.text.extend_from_slice(bytes);
            } else {
                self.cut = true;
            }
        }
        Ok(())
    }

    /// Reads the digits of `\uXXXX`, and those of the second half of a pair. Half a pair alone becomes U+FFFD: RFC 8259
    /// allows it, and it stands in no field that counts.
    fn unicode(&mut self, start: u64) -> Result<char, Broken> {
        let unit = self.four_digits(start)?;
        if !(0xD800..0xDC00).contains(&unit) || self.peek_raw()? != Some(b'\\') {
            return Ok(char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let second = self.offset();
        self.at += 1;
        if self.next_raw()? != b'u' {
            // Some other escape follows half a pair; nothing that a real exporter writes.
            return Err(bad_escape(start));
        }
        let low = self.four_digits(second)?;
        let c = char::decode_utf16([unit, low]).next().and_then(Result::ok);
        Ok(c.unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn four_digits(&mut self, start: u64) -> Result<u16, Broken> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = char::from(self.next_raw()?).to_digit(16).ok_or_else(|| bad_escape(start))?;
            unit = unit << 4 | digit;
        }
        Ok(u16::try_from(unit).expect("four hex digits are 16 bits"))
    }

    /// Gives the next byte that is no blank, without passing it.
    #[inline(always)]
    fn peek(&mut self) -> Result<u8, Broken> {
        loop {
            match self.peek_raw()? {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                Some(byte) => return Ok(byte),
                None => return Err(self.ended()),
            }
        }
    }

    fn next_raw(&mut self) -> Result<u8, Broken> {
        let byte = self.peek_raw()?.ok_or_else(|| self.ended())?;
        self.at += 1;
        Ok(byte)
    }

    #[inline(always)]
    fn peek_raw(&mut self) -> Result<Option<u8>, Broken> {
        if self.at < self.filled {
            return Ok(Some(self.window[self.at]));
        }
        self.refill()
    }

    #[cold]
    fn refill(&mut self) -> Result<Option<u8>, Broken> {
        self.base += self.filled as u64;
        (self.at, self.filled) = (0, 0);
        loop {
            match self.input.read(&mut self.window) {
                Ok(got) => {
                    self.filled = got;
                    return Ok(self.window[..got].first().copied());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Box::new(Fault::Io(error))),
            }
        }
    }

    fn ended(&self) -> Broken {
        Box::new(Fault::invalid(self.offset(), format!("the file ends {}", self.place), HINT_CUT))
    }
}

fn bad_escape(start: u64) -> Broken {
    let what = "a backslash in a text escapes nothing: the exporter wrote it without escaping it";
    Box::new(Fault::invalid(start, what, HINT_EXPORT))
}

/// Tells which bytes end a run of plain text: the closing mark, an escape, or a control character.
const SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        special[byte] = true;
        byte += 1;
    }
    special[b'"' as usize] = true;
    special[b'\\' as usize] = true;
    special
};

/// Counts the bytes before the first that ends a run of plain text: eight at a time, then one by one.
fn plain_run(text: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);
    /// Sets the high bit of bytes below `limit`, and perhaps of bytes above such a one: enough to tell whether there is any.
    const fn below(word: u64, limit: u8) -> u64 {
        word.wrapping_sub(ONES * limit as u64) & !word & HIGHS
    }
    let (words, _) = text.as_chunks::<8>();
    let plain = words.iter().take_while(|bytes| {
        let word = u64::from_le_bytes(**bytes);
        let marks = below(word ^ (ONES * b'"' as u64), 1) | below(word ^ (ONES * b'\\' as u64), 1);
        marks | below(word, 0x20) == 0
    });
    let start = plain.count() * 8;
    let rest = &text[start..];
    start + rest.iter().position(|byte| SPECIAL[usize::from(*byte)]).unwrap_or(rest.len())
}

/// Tells whether the text is a number by the grammar of RFC 8259, section 6.
fn is_number(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = digits(text);
    if whole == 0 || (whole > 1 && text[0] == b'0') {
        return false;
    }
    let mut rest = &text[whole..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let length = digits(fraction);
        if length == 0 {
            return false;
        }
        rest = &fraction[length..];
    }
    if let Some(exponent) = rest.strip_prefix(b"e").or_else(|| rest.strip_prefix(b"E")) {
        let exponent = exponent.strip_prefix(b"+").or_else(|| exponent.strip_prefix(b"-")).unwrap_or(exponent);
        return !exponent.is_empty() && digits(exponent) == exponent.len();
    }
    rest.is_empty()
}
