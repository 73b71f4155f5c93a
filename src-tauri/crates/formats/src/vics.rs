//! Reads hash sets in the form of Project VIC (VICS 1.2, 1.3, 2.0): JSON of several gigabytes, as a stream. Writes sets and
//! cases in the form of 2.0.
//!
//! The official schema is given under agreement only; what is known here was read off public readers and writers, so
//! nothing about it is certified. Version, profile and kind stand in the context, which may come before or after the
//! records. An entry's id is the number of its record, from 1, because `MediaID` repeats in real files.

pub(crate) mod context;
pub(crate) mod json;
mod record;
pub(crate) mod value;
mod write;

use std::io::BufRead;

use domain::{Profile, UtcTime};

use crate::{Fault, HINT_CUT, ListHead, ReadOptions, Sink};
use context::{Context, Holds};
use json::{Broken, Json, Keep, Token};
use record::Record;
pub use write::{CaseWriter, SetHead, SetWriter, inert_json, place_json, write_case, write_set};

/// Versions whose form is known; another one is read alike, and said to be unknown.
const VERSIONS: [&str; 3] = ["1.2", "1.3", "2.0"];

/// Tells whether the list starts as a JSON object does.
pub(crate) fn recognises(first_bytes: &[u8]) -> bool {
    let text = first_bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(first_bytes);
    text.trim_ascii_start().starts_with(b"{")
}

/// Tells whether the first bytes name anything that a set or a case has at its start, which other JSON has not.
pub(crate) fn may_be_set(first_bytes: &[u8]) -> bool {
    const MARKS: [&[u8]; 4] = [b"odata.", b"\"value\"", b"\"md5\"", b"projectvic"];
    let text = first_bytes.to_ascii_lowercase();
    MARKS.iter().any(|mark| text.windows(mark.len()).any(|window| window == *mark))
}

/// Reads the whole file; where the sink breaks, no further.
pub(crate) fn read_vics(
    input: &mut dyn BufRead,
    head: &mut ListHead,
    options: &ReadOptions,
    sink: &mut Sink<'_>,
) -> Result<(), Fault> {
    let mut set = HashSet::default();
    let mut json = Json::new(input, &options.limits).map_err(|fault| *fault)?;
    let outcome = set.read(&mut json, sink);
    if sink.is_done() {
        return Ok(());
    }
    outcome.map_err(|fault| set.counted(*fault))?;
    set.conclude(head, json.offset(), sink)
}
/// Holds what the file said of itself so far.
#[derive(Debug, Default)]
struct HashSet {
    context: Option<Context>,
    foreign_context: bool,
    has_records: bool,
    looks_like_set: bool,
    declared: Option<u64>,
    continued: bool,
    records: u64,
    names_files: bool,
    newest: Option<UtcTime>,
}

impl HashSet {
    /// Reads the file up to its last byte, or until the sink has enough.
    fn read(&mut self, json: &mut Json<'_>, sink: &mut Sink<'_>) -> Result<(), Broken> {
        if json.value(Keep::Nothing)? != Token::Object {
            let what = "it is JSON, and its root is no object; a VICS file is an object with a `value`";
            return Err(Box::new(Fault::NotThis(what)));
        }
        json.place = "before its list of records";
        let mut first = true;
        while json.next_key(first)? {
            first = false;
            if !self.field(json, sink)? {
                return Ok(());
            }
        }
        json.end()
    }

    /// Tells in a fault how many records came before it.
    fn counted(&self, fault: Fault) -> Fault {
        match fault {
            Fault::Invalid { offset, what, hint } if self.records > 0 => {
                Fault::Invalid { offset, what: format!("{what}, after {} records", self.records), hint }
            }
            other => other,
        }
    }

    /// Reads the value of the key at the root. False: the sink has enough.
    fn field(&mut self, json: &mut Json<'_>, sink: &mut Sink<'_>) -> Result<bool, Broken> {
        match json.text().to_ascii_lowercase().as_slice() {
            b"value" => return self.list(json, sink),
            b"@odata.context" | b"odata.metadata" => self.context(json)?,
            b"@odata.count" | b"odata.count" => {
                let token = json.value(Keep::Text)?;
                self.declared = std::str::from_utf8(json.text()).ok().and_then(|text| text.parse().ok());
                json.leave(token)?;
            }
            b"@odata.nextlink" | b"odata.nextlink" => {
                self.continued = true;
                json.skip()?;
            }
            _ => json.skip()?,
        }
        Ok(true)
    }

    fn context(&mut self, json: &mut Json<'_>) -> Result<(), Broken> {
        let start = json.offset();
        let token = json.value(Keep::Text)?;
        if token != Token::Text {
            self.foreign_context = true;
            return json.leave(token);
        }
        let Some(context) = Context::find(&String::from_utf8_lossy(json.text())) else {
            self.foreign_context = true;
            return Ok(());
        };
        if context.holds == Holds::Cases {
            return Err(Box::new(Fault::Case));
        }
        if self.context.as_ref().is_some_and(|before| *before != context) {
            let what = "the file has two contexts that name different versions or profiles";
            return Err(Box::new(Fault::invalid(start, what, "Ask its sender which of them is right")));
        }
        self.context = Some(context);
        Ok(())
    }

    fn list(&mut self, json: &mut Json<'_>, sink: &mut Sink<'_>) -> Result<bool, Broken> {
        let start = json.offset();
        if self.has_records {
            return Err(Box::new(Fault::invalid(
                start,
                "the file has two lists of records (`value`)",
                "Split it by hand",
            )));
        }
        self.has_records = true;
        let token = json.value(Keep::Nothing)?;
        if token != Token::Array {
            return Err(Box::new(Fault::invalid(
                start,
                "`value` is no list of records",
                "Ask its sender for another copy",
            )));
        }
        let mut first = true;
        loop {
            json.place = "between two records";
            if !json.next_element(first)? {
                break;
            }
            json.place = "inside a record";
            let row = match json.value(Keep::Nothing)? {
                Token::Object => {
                    let record = Record::read(json, sink)?;
                    self.looks_like_set |= first && record.is_of_hash_set();
                    self.newest = self.newest.max(record.updated);
                    self.names_files |= record.names_files;
                    record.entry(sink)
                }
                other => {
                    json.leave(other)?;
                    Err(domain::EntryRefusal::NoObject)
                }
            };
            first = false;
            self.records += 1;
            if sink.row(row).is_break() {
                return Ok(false);
            }
        }
        json.place = "after its list of records, before the bracket that closes the file";
        Ok(true)
    }

    /// Decides what was read, now that a context after the records has been seen too.
    fn conclude(self, head: &mut ListHead, end: u64, sink: &mut Sink<'_>) -> Result<(), Fault> {
        if self.names_files && self.context.is_none() {
            return Err(Fault::Case);
        }
        match self.context {
            Some(_) if !self.has_records => {
                return Err(Fault::invalid(end, "the file has a context and no list of records (`value`)", HINT_CUT));
            }
            Some(context) => describe(context, head),
            None if !self.looks_like_set => {
                return Err(Fault::NotThis(
                    "it is JSON without the context of Project VIC, and its first record lacks MD5 or MediaID",
                ));
            }
            None if self.foreign_context => head.note(
                "The file's context is none of Project VIC's; it was recognised by the MD5 and MediaID of its records",
            ),
            None => head.note("The file has no context; it was recognised by the MD5 and MediaID of its records"),
        }
        if head.profile.is_none() {
            head.note("The file names no scheme: choose the profile that its categories belong to");
        }
        if self.names_files {
            head.note("Its records name files as those of a case do (MediaFiles); the names were passed over");
        }
        if self.continued {
            head.note("The file says that more of the set follows in another file");
        }
        if let Some(declared) = self.declared.filter(|declared| *declared != self.records) {
            head.note(format!("The file declares {declared} records and holds {}", self.records));
        }
        if let Some(newest) = self.newest {
            head.note(format!("Newest DateUpdated that says its zone: {newest}"));
        }
        if sink.categories.contains_key("0") || sink.categories.contains_key("5") {
            head.note("It uses code 0 or 5, which tools use in opposite ways: find out what they mean in this file");
        }
        Ok(())
    }
}

fn describe(context: Context, head: &mut ListHead) {
    /// Longest name of a profile in a note, in characters.
    const SHOWN_MAX: usize = 60;
    if !VERSIONS.contains(&context.version.as_str()) {
        head.note("This version of VICS is not known to Zeef; it was read like version 2.0");
    }
    if let Some(name) = &context.profile {
        head.profile = Profile::parse(name).ok();
        if head.profile.is_none() {
            let shown: String = domain::SourcePath(name.as_bytes().to_vec()).shown().chars().take(SHOWN_MAX).collect();
            head.note(format!("The profile in the file, `{shown}`, names no scheme"));
        }
    }
    head.version = Some(context.version);
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
