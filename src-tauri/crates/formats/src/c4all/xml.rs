//! Pulls XML out of a stream in constant memory: elements, attributes, texts and CDATA, one event at a time.
//!
//! It reads what indexes of media are written in, and no more: a document type is refused, so that no entity can be
//! declared, let alone expanded; comments and instructions are passed over; a text is kept up to a bound. What older
//! exporters left unescaped (a lone `&`) is kept as it stands and counted.

use std::io::{self, BufRead};

use crate::{Fault, FormatLimits, HINT_CUT};

const WINDOW_BYTES: usize = 64 << 10;
/// Longest name of an element or attribute.
const NAME_BYTES_MAX: usize = 256;
/// Longest value of an attribute, and most attributes of one element.
const ATTRIBUTE_BYTES_MAX: usize = 8 << 10;
const ATTRIBUTES_MAX: usize = 64;
/// Longest reference that is looked for after a `&`.
const REFERENCE_BYTES_MAX: usize = 12;

const HINT_EXPORT: &str = "Export the case again with a newer version of the program that wrote it";

/// A fault on the way up.
pub(super) type Broken = Box<Fault>;

/// Says what comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// An element begins; [`Xml::name`] and [`Xml::attributes`] tell of it. An empty one ends with the next event.
    Start,
    /// The element ends; [`Xml::name`] tells which, [`Xml::text`] holds the text that stood directly before its end.
    End,
    /// The root element has ended, and nothing but blanks followed.
    Done,
}

/// Reads one XML document as UTF-8.
pub(super) struct Xml<'i> {
    input: &'i mut dyn BufRead,
    window: Box<[u8]>,
    at: usize,
    filled: usize,
    base: u64,
    open: Vec<String>,
    name: String,
    attributes: Vec<(String, String)>,
    text: Vec<u8>,
    empty: bool,
    started: bool,
    depth_max: usize,
    text_bytes_max: u64,
    kept_bytes_max: usize,
    /// Whether the last text was longer than what is kept.
    pub(super) cut: bool,
    /// How many references were none, and are kept as they stood.
    pub(super) loose: u64,
    /// Where the caller is, for the fault of a file that ends there.
    pub(super) place: &'static str,
}

impl<'i> Xml<'i> {
    /// Starts at the first byte of `input`; a byte-order mark of UTF-8 is passed over. Texts are kept up to `kept` bytes.
    pub(super) fn new(input: &'i mut dyn BufRead, limits: &FormatLimits, kept: usize) -> Result<Self, Broken> {
        let mut xml = Self {
            input,
            window: vec![0; WINDOW_BYTES].into_boxed_slice(),
            at: 0,
            filled: 0,
            base: 0,
            open: Vec::new(),
            name: String::new(),
            attributes: Vec::new(),
            text: Vec::new(),
            empty: false,
            started: false,
            depth_max: limits.json_depth,
            text_bytes_max: limits.json_text_bytes,
            kept_bytes_max: kept,
            cut: false,
            loose: 0,
            place: "before its first element",
        };
        for expected in [0xEF, 0xBB, 0xBF] {
            match xml.peek()? {
                Some(byte) if byte == expected => xml.at += 1,
                _ if xml.offset() == 0 => break,
                _ => return Err(xml.invalid("the byte-order mark is not whole")),
            }
        }
        Ok(xml)
    }

    pub(super) fn offset(&self) -> u64 {
        self.base + self.at as u64
    }

    /// Gives the name of the element that began or ended, without its prefix.
    pub(super) fn name(&self) -> &str {
        self.name.rsplit(':').next().unwrap_or_default()
    }

    /// Gives the attributes of the element that began.
    pub(super) fn attributes(&self) -> &[(String, String)] {
        &self.attributes
    }

    /// Takes the text before the end that was just read.
    pub(super) fn take_text(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.text)
    }

    /// Goes to the next event.
    pub(super) fn next(&mut self) -> Result<Event, Broken> {
        if self.empty {
            self.empty = false;
            self.text.clear();
            self.open.pop();
            return Ok(Event::End);
        }
        let start = self.offset();
        self.text.clear();
        self.cut = false;
        loop {
            let Some(byte) = self.peek()? else {
                return if self.started && self.open.is_empty() { Ok(Event::Done) } else { Err(self.ended()) };
            };
            if self.offset() - start > self.text_bytes_max {
                let max = self.text_bytes_max;
                let what = format!("the text that starts at byte {start} has more than {max} bytes");
                return Err(Box::new(Fault::Limit(what)));
            }
            match byte {
                b'<' => {
                    if let Some(event) = self.markup()? {
                        return Ok(event);
                    }
                }
                _ if self.open.is_empty() && !byte.is_ascii_whitespace() => {
                    let what = if self.started {
                        "something follows after the end"
                    } else {
                        "something stands before the first element"
                    };
                    return Err(self.invalid(what));
                }
                b'&' => self.reference()?,
                _ => {
                    self.at += 1;
                    self.keep(byte);
                }
            }
        }
    }

    /// Reads what begins with `<`. None: it was a comment, an instruction or CDATA.
    fn markup(&mut self) -> Result<Option<Event>, Broken> {
        self.at += 1;
        match self.peek()?.ok_or_else(|| self.ended())? {
            b'?' => self.pass_over(b"?>", false).map(|()| None),
            b'!' => self.declaration().map(|()| None),
            b'/' => {
                self.at += 1;
                self.end_tag().map(Some)
            }
            _ => self.start_tag().map(Some),
        }
    }

    fn declaration(&mut self) -> Result<(), Broken> {
        self.at += 1;
        match self.peek()?.ok_or_else(|| self.ended())? {
            b'-' => {
                self.at += 1;
                self.expect(b'-')?;
                self.pass_over(b"-->", false)
            }
            b'[' => {
                for expected in b"[CDATA[" {
                    self.expect(*expected)?;
                }
                if self.open.is_empty() {
                    return Err(self.invalid("a text stands outside of all elements"));
                }
                self.pass_over(b"]]>", true)
            }
            _ => {
                Err(self
                    .invalid("the file declares a document type, which no index of media has; entities are never read"))
            }
        }
    }

    /// Goes behind `end`, and keeps what stands before it where `keep` says so.
    fn pass_over(&mut self, end: &'static [u8], keep: bool) -> Result<(), Broken> {
        let start = self.offset();
        let mut seen = 0;
        loop {
            let byte = self.take()?;
            if self.offset() - start > self.text_bytes_max {
                let max = self.text_bytes_max;
                let what = format!("what starts at byte {start} has more than {max} bytes");
                return Err(Box::new(Fault::Limit(what)));
            }
            if byte == end[seen] {
                seen += 1;
                if seen == end.len() {
                    return Ok(());
                }
                continue;
            }
            // What looked like the end was none: the longest part of it that still can be one stays (`]]]>`).
            let matched: Vec<u8> = end[..seen].iter().copied().chain([byte]).collect();
            let length = (0..=seen).rev().find(|length| matched.ends_with(&end[..*length])).unwrap_or_default();
            if keep {
                matched[..matched.len() - length].iter().for_each(|byte| self.keep(*byte));
            }
            seen = length;
        }
    }

    fn start_tag(&mut self) -> Result<Event, Broken> {
        if self.started && self.open.is_empty() {
            return Err(self.invalid("a second root element follows"));
        }
        self.started = true;
        self.text.clear();
        self.name = self.read_name()?;
        self.attributes.clear();
        if self.open.len() == self.depth_max {
            let (max, at) = (self.depth_max, self.offset());
            return Err(Box::new(Fault::Limit(format!("elements are nested deeper than {max} at byte {at}"))));
        }
        loop {
            self.blanks()?;
            match self.peek()?.ok_or_else(|| self.ended())? {
                b'>' => {
                    self.at += 1;
                    break;
                }
                b'/' => {
                    self.at += 1;
                    self.expect(b'>')?;
                    self.empty = true;
                    break;
                }
                _ => self.attribute()?,
            }
        }
        self.open.push(self.name.clone());
        Ok(Event::Start)
    }

    fn attribute(&mut self) -> Result<(), Broken> {
        let name = self.read_name()?;
        self.blanks()?;
        self.expect(b'=')?;
        self.blanks()?;
        let mark = self.take()?;
        if !matches!(mark, b'"' | b'\'') {
            self.at -= 1;
            return Err(self.invalid("the value of an attribute has no quotation marks"));
        }
        self.text.clear();
        loop {
            match self.peek()?.ok_or_else(|| self.ended())? {
                b'<' => return Err(self.invalid("an element begins within the value of an attribute")),
                b'&' => self.reference()?,
                byte => {
                    self.at += 1;
                    if byte == mark {
                        break;
                    }
                    self.keep(byte);
                }
            }
            if self.text.len() > ATTRIBUTE_BYTES_MAX {
                let at = self.offset();
                return Err(Box::new(Fault::Limit(format!("the value of an attribute is too long, at byte {at}"))));
            }
        }
        if self.attributes.len() == ATTRIBUTES_MAX {
            let at = self.offset();
            return Err(Box::new(Fault::Limit(format!(
                "an element has more than {ATTRIBUTES_MAX} attributes, at byte {at}"
            ))));
        }
        let value = String::from_utf8_lossy(&self.take_text()).into_owned();
        self.attributes.push((name, value));
        Ok(())
    }

    fn end_tag(&mut self) -> Result<Event, Broken> {
        let start = self.offset();
        let name = self.read_name()?;
        self.blanks()?;
        self.expect(b'>')?;
        if self.open.last() != Some(&name) {
            let what = "an element ends that is not the one that began last";
            return Err(Box::new(Fault::invalid(start, what, HINT_EXPORT)));
        }
        self.open.pop();
        self.name = name;
        Ok(Event::End)
    }

    fn read_name(&mut self) -> Result<String, Broken> {
        let mut name = Vec::new();
        while let Some(byte) = self.peek()? {
            let fits = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':') || byte >= 0x80;
            if !fits {
                break;
            }
            if name.len() == NAME_BYTES_MAX {
                return Err(self.invalid("a name is too long"));
            }
            name.push(byte);
            self.at += 1;
        }
        if name.is_empty() {
            return Err(if self.peek()?.is_some() {
                self.invalid("a name is missing after `<`")
            } else {
                self.ended()
            });
        }
        Ok(String::from_utf8_lossy(&name).into_owned())
    }

    /// Reads a reference: one of the five names or a number of a character. Anything else is kept as it stands.
    fn reference(&mut self) -> Result<(), Broken> {
        self.at += 1;
        let mut body = Vec::new();
        while let Some(byte) = self.peek()? {
            let fits = byte.is_ascii_alphanumeric() || byte == b'#';
            if !fits || body.len() == REFERENCE_BYTES_MAX {
                break;
            }
            body.push(byte);
            self.at += 1;
        }
        let closed = self.peek()? == Some(b';');
        match character(&body).filter(|_| closed) {
            Some(c) => {
                self.at += 1;
                c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| self.keep(byte));
            }
            None => {
                self.loose += 1;
                self.keep(b'&');
                body.into_iter().for_each(|byte| self.keep(byte));
            }
        }
        Ok(())
    }

    fn keep(&mut self, byte: u8) {
        if self.text.len() < self.kept_bytes_max {
            self.text.push(byte);
        } else {
            self.cut = true;
        }
    }

    fn blanks(&mut self) -> Result<(), Broken> {
        while self.peek()?.is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
        Ok(())
    }

    fn expect(&mut self, byte: u8) -> Result<(), Broken> {
        match self.peek()? {
            Some(found) if found == byte => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(self.invalid("this is not written as XML has it")),
            None => Err(self.ended()),
        }
    }

    fn take(&mut self) -> Result<u8, Broken> {
        let byte = self.peek()?.ok_or_else(|| self.ended())?;
        self.at += 1;
        Ok(byte)
    }

    fn peek(&mut self) -> Result<Option<u8>, Broken> {
        if self.at < self.filled {
            return Ok(Some(self.window[self.at]));
        }
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

    fn invalid(&self, what: &str) -> Broken {
        Box::new(Fault::invalid(self.offset(), what, HINT_EXPORT))
    }

    fn ended(&self) -> Broken {
        Box::new(Fault::invalid(self.offset(), format!("the file ends {}", self.place), HINT_CUT))
    }
}

/// Gives the character that a reference stands for (XML 1.0, sections 4.1 and 4.6).
fn character(body: &[u8]) -> Option<char> {
    match body {
        b"lt" => Some('<'),
        b"gt" => Some('>'),
        b"amp" => Some('&'),
        b"quot" => Some('"'),
        b"apos" => Some('\''),
        [b'#', number @ ..] => {
            let (digits, radix) = match number {
                [b'x' | b'X', digits @ ..] => (digits, 16),
                digits => (digits, 10),
            };
            char::from_u32(u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()?).filter(|c| *c != '\0')
        }
        _ => None,
    }
}
