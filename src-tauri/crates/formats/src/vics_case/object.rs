//! Holds one JSON object whole, field by field in its order, so that what is not known can be kept as it stood.

use domain::CategoryCode;

use crate::Fault;
use crate::case::tally::Tally;
use crate::case::{Kept, SetAside};
use crate::vics::json::{Broken, Json, Keep, Token};
use crate::vics::value::{self, Unreadable};

/// Longest text of a case that is kept; a longer one is set aside, with a remark.
pub(super) const TEXT_BYTES_MAX: usize = 1 << 20;
/// Most bytes that one record, or all fields beside the records, may make Zeef hold; real ones have some kilobytes, with hundreds of places.
const RECORD_BYTES_MAX: usize = 64 << 20;
/// What a field costs beside its texts, about.
const FIELD_BYTES: usize = 96;

/// Names of lists of objects whose fields are known.
pub(super) const LISTS: [&str; 4] = ["mediafiles", "exifs", "mediametadata", "alternativehashes"];
/// Field of 1.3 with a small picture of the file: not kept, because a case keeps pictures sealed.
const MINIATURE: &str = "miniature";

/// Holds a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    True,
    False,
    /// As it stood.
    Number(String),
    /// Its bytes; they need not be UTF-8.
    Text(Vec<u8>),
    /// An object or list that is not known, as compact JSON.
    Other(String),
    /// A list that is known.
    List(Vec<Object>),
}

/// Holds an object.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Object {
    /// Names as they stood, with their values.
    fields: Vec<(String, Value)>,
}

/// Reads objects, and counts what they hold.
pub(super) struct Reader<'r, 'i, 's> {
    pub(super) json: &'r mut Json<'i>,
    pub(super) tally: &'r mut Tally<'s>,
    held: &'r mut usize,
}

impl<'r, 'i, 's> Reader<'r, 'i, 's> {
    /// Starts with `held` bytes that are held already.
    pub(super) fn new(json: &'r mut Json<'i>, tally: &'r mut Tally<'s>, held: &'r mut usize) -> Self {
        Self { json, tally, held }
    }

    /// Reads the fields of the object that was entered, up to its end.
    pub(super) fn object(&mut self) -> Result<Object, Broken> {
        let mut object = Object::default();
        let mut first = true;
        while self.json.next_key(first)? {
            first = false;
            let name = self.name();
            if let Some(value) = self.value(&name)? {
                object.fields.push((name, value));
            }
        }
        Ok(object)
    }

    /// Reads the value of the field `name`. None: it was set aside.
    pub(super) fn value(&mut self, name: &str) -> Result<Option<Value>, Broken> {
        if name.eq_ignore_ascii_case(MINIATURE) {
            self.tally.remark(SetAside::Miniature);
            self.json.skip()?;
            return Ok(None);
        }
        let known = LISTS.iter().any(|list| name.eq_ignore_ascii_case(list));
        let token = self.json.value(Keep::Text)?;
        if known && token == Token::Array {
            return self.list().map(Some);
        }
        self.hold(FIELD_BYTES)?;
        Ok(match token {
            Token::Null => Some(Value::Null),
            Token::True => Some(Value::True),
            Token::False => Some(Value::False),
            Token::Number => Some(Value::Number(self.text()?)),
            Token::Text if self.json.cut() => {
                self.tally.remark(SetAside::LongText);
                None
            }
            Token::Text => {
                self.hold(self.json.text().len())?;
                Some(Value::Text(self.json.text().to_vec()))
            }
            Token::Object | Token::Array => {
                let mut out = String::new();
                self.write(token, &mut out)?;
                Some(Value::Other(out))
            }
        })
    }

    fn list(&mut self) -> Result<Value, Broken> {
        let mut objects = Vec::new();
        let mut first = true;
        while self.json.next_element(first)? {
            first = false;
            match self.json.value(Keep::Text)? {
                Token::Object => objects.push(self.object()?),
                other => {
                    self.tally.remark(SetAside::NoPart);
                    self.json.leave(other)?;
                }
            }
            self.hold(FIELD_BYTES)?;
        }
        Ok(Value::List(objects))
    }

    /// Writes the value that was just read as compact JSON.
    fn write(&mut self, token: Token, out: &mut String) -> Result<(), Broken> {
        let before = out.len();
        match token {
            Token::Null => out.push_str("null"),
            Token::True => out.push_str("true"),
            Token::False => out.push_str("false"),
            Token::Number => out.push_str(&self.text()?),
            Token::Text => {
                if self.json.cut() {
                    self.tally.remark(SetAside::CutField);
                }
                let text = self.text()?;
                json_text(&text, out);
            }
            Token::Object => {
                let mut first = true;
                out.push('{');
                while self.json.next_key(first)? {
                    if !first {
                        out.push(',');
                    }
                    first = false;
                    json_text(&self.name(), out);
                    out.push(':');
                    let token = self.json.value(Keep::Text)?;
                    self.write(token, out)?;
                }
                out.push('}');
            }
            Token::Array => {
                let mut first = true;
                out.push('[');
                while self.json.next_element(first)? {
                    if !first {
                        out.push(',');
                    }
                    first = false;
                    let token = self.json.value(Keep::Text)?;
                    self.write(token, out)?;
                }
                out.push(']');
            }
        }
        if matches!(token, Token::Object | Token::Array) { Ok(()) } else { self.hold(out.len() - before) }
    }

    fn name(&mut self) -> String {
        String::from_utf8_lossy(self.json.text()).into_owned()
    }

    /// Gives the last text as characters.
    fn text(&mut self) -> Result<String, Broken> {
        let text = lossy(self.json.text().to_vec(), self.tally);
        self.hold(text.len())?;
        Ok(text)
    }

    fn hold(&mut self, bytes: usize) -> Result<(), Broken> {
        *self.held += bytes;
        if *self.held <= RECORD_BYTES_MAX {
            return Ok(());
        }
        let (max, at) = (RECORD_BYTES_MAX >> 20, self.json.offset());
        Err(Box::new(Fault::Limit(format!(
            "one record, or the fields of the file beside its records, hold more than {max} MiB, at byte {at}"
        ))))
    }
}

/// Gives bytes as characters; those that are none become U+FFFD, with a remark.
fn lossy(bytes: Vec<u8>, tally: &mut Tally<'_>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| {
        tally.remark(SetAside::NoCharacters);
        String::from_utf8_lossy(error.as_bytes()).into_owned()
    })
}

/// Appends a text as JSON.
pub(crate) fn json_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            // Inert in a terminal and in a page, too: JSON gives the same character for its escape.
            c if domain::is_unsafe_to_show(c) || matches!(c, '<' | '>' | '&' | '\'') => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

impl Value {
    /// Gives the value as a token and its text, for what reads single fields.
    fn scalar(&self) -> Option<(Token, &[u8])> {
        Some(match self {
            Self::Null => (Token::Null, b""),
            Self::True => (Token::True, b""),
            Self::False => (Token::False, b""),
            Self::Number(text) => (Token::Number, text.as_bytes()),
            Self::Text(text) => (Token::Text, text),
            Self::Other(_) | Self::List(_) => return None,
        })
    }

    /// Gives the value as JSON.
    fn into_json(self, tally: &mut Tally<'_>) -> String {
        let mut out = String::new();
        match self {
            Self::Null => out.push_str("null"),
            Self::True => out.push_str("true"),
            Self::False => out.push_str("false"),
            Self::Number(text) | Self::Other(text) => out.push_str(&text),
            Self::Text(bytes) => json_text(&lossy(bytes, tally), &mut out),
            Self::List(objects) => {
                out.push('[');
                for (at, object) in objects.into_iter().enumerate() {
                    out.push_str(if at > 0 { ",{" } else { "{" });
                    for (at, (name, value)) in object.fields.into_iter().enumerate() {
                        if at > 0 {
                            out.push(',');
                        }
                        json_text(&name, &mut out);
                        out.push(':');
                        out.push_str(&value.into_json(tally));
                    }
                    out.push('}');
                }
                out.push(']');
            }
        }
        out
    }
}

impl Object {
    /// Makes an object of fields that were kept.
    pub(super) fn of_json(fields: &serde_json::Map<String, serde_json::Value>) -> Self {
        use serde_json::Value as Json;
        let value = |value: &Json| match value {
            Json::Null => Value::Null,
            Json::Bool(true) => Value::True,
            Json::Bool(false) => Value::False,
            Json::Number(number) => Value::Number(number.to_string()),
            Json::String(text) => Value::Text(text.clone().into_bytes()),
            Json::Array(_) | Json::Object(_) => Value::Other(crate::vics::inert_json(value)),
        };
        Self { fields: fields.iter().map(|(name, field)| (name.clone(), value(field))).collect() }
    }

    /// Adds a field.
    pub(super) fn push(&mut self, name: String, value: Value) {
        self.fields.push((name, value));
    }

    /// Tells whether there is a field of this name; case is ignored, because writers differ.
    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(field, _)| field.eq_ignore_ascii_case(name))
    }

    /// Takes the value out by `read`, where it can be read. A second field of the name stays, to be kept.
    fn take<T>(&mut self, name: &str, read: impl FnOnce(&Value) -> Result<T, Unreadable>) -> Option<T> {
        let at = self.fields.iter().position(|(field, _)| field.eq_ignore_ascii_case(name))?;
        let value = read(&self.fields[at].1).ok()?;
        self.fields.remove(at);
        Some(value)
    }

    /// Takes the bytes of a text. A number becomes its digits.
    pub(super) fn bytes(&mut self, name: &str) -> Option<Vec<u8>> {
        self.take(name, |value| match value {
            Value::Text(text) => Ok(Some(text.clone())),
            Value::Number(text) => Ok(Some(text.clone().into_bytes())),
            Value::Null => Ok(None),
            _ => Err(Unreadable),
        })
        .flatten()
    }

    /// Takes a text.
    pub(super) fn text(&mut self, name: &str, tally: &mut Tally<'_>) -> Option<String> {
        self.bytes(name).map(|bytes| lossy(bytes, tally))
    }

    /// Takes a flag.
    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        let read = |value: &Value| value.scalar().ok_or(Unreadable).and_then(|(token, text)| value::flag(token, text));
        self.take(name, read).flatten()
    }

    /// Takes a number of bytes or of files.
    pub(super) fn size(&mut self, name: &str) -> Option<u64> {
        let read = |value: &Value| value.scalar().ok_or(Unreadable).and_then(|(token, text)| value::size(token, text));
        self.take(name, read).flatten()
    }

    /// Takes the code of a category.
    pub(super) fn category(&mut self, name: &str) -> Option<CategoryCode> {
        let read = |value: &Value| {
            let (token, text) = value.scalar().ok_or(Unreadable)?;
            value::category(token, text)
        };
        self.take(name, read).flatten()
    }

    /// Takes a text that `parse` understands; a blank one is absent.
    pub(super) fn parsed<T>(&mut self, name: &str, parse: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
        self.take(name, |value| match value {
            Value::Null => Ok(None),
            Value::Text(text) if text.trim_ascii().is_empty() => Ok(None),
            Value::Text(text) => parse(text.trim_ascii()).map(Some).ok_or(Unreadable),
            _ => Err(Unreadable),
        })
        .flatten()
    }

    /// Takes all lists of this name, as one.
    pub(super) fn list(&mut self, name: &str) -> Vec<Object> {
        let mut objects = Vec::new();
        while let Some(more) = self.take(name, |value| match value {
            Value::List(objects) => Ok(objects.clone()),
            Value::Null => Ok(Vec::new()),
            _ => Err(Unreadable),
        }) {
            objects.extend(more);
        }
        objects
    }

    /// Gives what was not taken. A known field among it (`named`) had a value that its form does not have, or stood twice.
    pub(super) fn rest(self, named: &[&'static str], tally: &mut Tally<'_>) -> Vec<Kept> {
        let mut kept = Vec::new();
        for (name, value) in self.fields {
            if let Some(known) = named.iter().copied().find(|known| name.eq_ignore_ascii_case(known)) {
                tally.remark(SetAside::Field { name: known });
            }
            kept.push((name, value.into_json(tally)));
        }
        kept
    }
}
