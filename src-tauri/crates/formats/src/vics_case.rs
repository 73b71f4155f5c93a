//! Reads cases in the form of Project VIC (VICS 1.2, 1.3, 2.0): JSON alone, or in a zip archive with the media.
//!
//! The official schema is given under agreement only; what is known here was read off public readers and writers, so
//! nothing about it is certified. A case has one list of media, which is read record by record; each record is held whole,
//! so that unknown fields are kept. The media themselves are never opened here: a record tells where its file can be.

pub(crate) mod media;
pub(crate) mod object;

use std::io::BufRead;
use std::ops::ControlFlow;

use domain::Profile;

use crate::case::tally::Tally;
use crate::case::{CaseFilePlace, CaseMedia, CaseNote, CaseReadOptions, SetAside};
use crate::vics::context::{Context, Holds};
use crate::vics::json::{Broken, Json, Keep, Token};
use crate::{Fault, FormatLimits, HINT_CUT};
use object::{Object, Reader, TEXT_BYTES_MAX};

/// Most cases of one file; each is held.
const CASES_MAX: usize = 1000;

/// Versions whose form is known; another one is read alike, and said to be unknown.
const VERSIONS: [&str; 3] = ["1.2", "1.3", "2.0"];

/// Reads a place that [`crate::vics::place_json`] wrote, from its fields.
pub fn place_of(fields: &serde_json::Map<String, serde_json::Value>) -> CaseFilePlace {
    let options = CaseReadOptions::default();
    media::place(Object::of_json(fields), &CaseMedia::bare(0), &mut Tally::new(&options, None))
}

/// Tells whether a field of this name has a place of its own in a record: what is kept under it could not be used there.
pub fn is_field_of_record(name: &str) -> bool {
    media::MEDIA.iter().any(|field| field.eq_ignore_ascii_case(name))
}

/// Tells whether the first bytes are those of JSON that can be a case of Project VIC.
pub(crate) fn recognises(first_bytes: &[u8]) -> bool {
    const MARKS: [&[u8]; 5] = [b"odata.", b"\"value\"", b"\"media\"", b"\"caseid\"", b"projectvic"];
    let text = first_bytes.to_ascii_lowercase();
    crate::vics::recognises(first_bytes) && MARKS.iter().any(|mark| text.windows(mark.len()).any(|part| part == *mark))
}

/// Reads the whole file; where the sink breaks, no further. `folder` is that of the JSON within its archive.
pub(crate) fn read_json(
    input: &mut dyn BufRead,
    folder: &[u8],
    limits: &FormatLimits,
    tally: &mut Tally<'_>,
) -> Result<(), Fault> {
    let before = tally.records();
    let mut json = Json::new(input, limits).map_err(|fault| *fault)?;
    json.keep_bytes(TEXT_BYTES_MAX);
    let mut file = CaseFile { folder, context: None, list: false, media: false, cases: 0, held: 0 };
    let outcome = file.read(&mut json, tally);
    if tally.is_done() {
        return Ok(());
    }
    outcome.map_err(|fault| tally.counted(*fault, before))?;
    file.conclude(json.offset(), tally)
}

/// Holds what the file said of itself so far.
struct CaseFile<'f> {
    folder: &'f [u8],
    context: Option<Context>,
    list: bool,
    media: bool,
    /// Cases of this file.
    cases: usize,
    /// Bytes of the fields that are held, those of records left out.
    held: usize,
}

impl CaseFile<'_> {
    fn read(&mut self, json: &mut Json<'_>, tally: &mut Tally<'_>) -> Result<(), Broken> {
        if json.value(Keep::Nothing)? != Token::Object {
            let what = "it is JSON, and its root is no object; a VICS file is an object with a `value`";
            return Err(Box::new(Fault::NotThis(what)));
        }
        json.place = "before its list of cases";
        let mut first = true;
        while json.next_key(first)? {
            first = false;
            match json.text().to_ascii_lowercase().as_slice() {
                b"value" => {
                    if self.cases(json, tally)?.is_break() {
                        return Ok(());
                    }
                }
                b"@odata.context" | b"odata.metadata" => self.context(json, tally)?,
                b"@odata.nextlink" | b"odata.nextlink" => {
                    tally.note(CaseNote::Continues);
                    json.skip()?;
                }
                _ => {
                    let name = String::from_utf8_lossy(json.text()).into_owned();
                    if let Some(value) = Reader::new(json, tally, &mut self.held).value(&name)? {
                        let mut fields = Object::default();
                        fields.push(name, value);
                        let kept = fields.rest(&[], tally);
                        tally.unknown.extend(kept);
                    }
                }
            }
        }
        json.end()
    }

    fn context(&mut self, json: &mut Json<'_>, tally: &mut Tally<'_>) -> Result<(), Broken> {
        let start = json.offset();
        let token = json.value(Keep::Text)?;
        if token != Token::Text {
            return json.leave(token);
        }
        let Some(context) = Context::find(&String::from_utf8_lossy(json.text())) else {
            tally.note(CaseNote::OtherContext);
            return Ok(());
        };
        if context.holds == Holds::Media {
            return Err(Box::new(Fault::HashSet));
        }
        if self.context.as_ref().is_some_and(|before| *before != context) {
            let what = "the file has two contexts that name different versions or profiles";
            return Err(Box::new(Fault::invalid(start, what, "Ask its sender which of them is right")));
        }
        if !VERSIONS.contains(&context.version.as_str()) {
            tally.note(CaseNote::OtherVersion);
        }
        let profile = context.profile.as_deref().and_then(|name| Profile::parse(name).ok());
        // Files of one archive are read as one case: the numbers of two schemes would get one meaning.
        if tally.profile.is_some() && tally.profile != profile {
            let what = "this file names another profile than the one before it in the archive";
            return Err(Box::new(Fault::invalid(start, what, "Unpack the archive and add each file alone")));
        }
        tally.profile = profile;
        tally.version = Some(context.version.clone());
        self.context = Some(context);
        Ok(())
    }

    fn cases(&mut self, json: &mut Json<'_>, tally: &mut Tally<'_>) -> Result<ControlFlow<()>, Broken> {
        let start = json.offset();
        if self.list {
            return Err(Box::new(Fault::invalid(
                start,
                "the file has two lists of cases (`value`)",
                "Split it by hand",
            )));
        }
        self.list = true;
        if json.value(Keep::Nothing)? != Token::Array {
            let what = "`value` is no list of cases";
            return Err(Box::new(Fault::invalid(start, what, "Ask its sender for another copy")));
        }
        let mut first = true;
        loop {
            json.place = "between two cases";
            if !json.next_element(first)? {
                break;
            }
            first = false;
            match json.value(Keep::Nothing)? {
                Token::Object if tally.cases.len() < CASES_MAX => {
                    if self.case(json, tally)?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                Token::Object => {
                    return Err(Box::new(Fault::Limit(format!("more than {CASES_MAX} cases in one file"))));
                }
                other => {
                    tally.remark(SetAside::NoCase);
                    json.leave(other)?;
                }
            }
        }
        json.place = "after its list of cases, before the bracket that closes the file";
        Ok(ControlFlow::Continue(()))
    }

    /// Reads one case: its own fields are held, its media handed on one by one.
    fn case(&mut self, json: &mut Json<'_>, tally: &mut Tally<'_>) -> Result<ControlFlow<()>, Broken> {
        let mut head = Object::default();
        let mut media = false;
        let mut first = true;
        json.place = "among the fields of a case";
        while json.next_key(first)? {
            first = false;
            if json.text().eq_ignore_ascii_case(b"media") {
                if media {
                    let what = "a case has two lists of media";
                    return Err(Box::new(Fault::invalid(json.offset(), what, "Split it by hand")));
                }
                media = true;
                if self.list_of_media(json, tally)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
                json.place = "among the fields of a case";
                continue;
            }
            let name = String::from_utf8_lossy(json.text()).into_owned();
            if let Some(value) = Reader::new(json, tally, &mut self.held).value(&name)? {
                head.push(name, value);
            }
        }
        let is_record = !media && head.has("MD5") && head.has("MediaID");
        if is_record && self.context.is_none() {
            return Err(Box::new(Fault::HashSet));
        }
        self.media |= media;
        let head = media::head(head, tally);
        tally.cases.push(head);
        self.cases += 1;
        Ok(ControlFlow::Continue(()))
    }

    fn list_of_media(&self, json: &mut Json<'_>, tally: &mut Tally<'_>) -> Result<ControlFlow<()>, Broken> {
        let start = json.offset();
        match json.value(Keep::Nothing)? {
            Token::Array => {}
            Token::Null => return Ok(ControlFlow::Continue(())),
            _ => {
                let what = "`Media` is no list of records";
                return Err(Box::new(Fault::invalid(start, what, "Ask its sender for another copy")));
            }
        }
        let mut first = true;
        loop {
            json.place = "between two records";
            if !json.next_element(first)? {
                return Ok(ControlFlow::Continue(()));
            }
            first = false;
            json.place = "inside a record";
            match json.value(Keep::Nothing)? {
                Token::Object => {
                    let object = Reader::new(json, tally, &mut 0).object()?;
                    let media = media::media(object, self.folder, tally);
                    if tally.media(media).is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                other => {
                    tally.remark(SetAside::NoRecord);
                    json.leave(other)?;
                }
            }
        }
    }

    fn conclude(self, end: u64, tally: &mut Tally<'_>) -> Result<(), Fault> {
        match &self.context {
            Some(_) if !self.list => {
                return Err(Fault::invalid(end, "the file has a context and no list of cases (`value`)", HINT_CUT));
            }
            None if !self.media => {
                return Err(Fault::NotThis(
                    "it is JSON without the context of Project VIC, and without a case with media",
                ));
            }
            None => tally.note(CaseNote::NoContext),
            Some(_) => {}
        }
        let profile_name = self.context.and_then(|context| context.profile);
        let first = tally.cases.len() - self.cases;
        tally.cases[first..].iter_mut().for_each(|case| case.profile_name.clone_from(&profile_name));
        if tally.profile.is_none() {
            tally.note(CaseNote::NoScheme);
        }
        Ok(())
    }
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
