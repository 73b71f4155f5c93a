//! Reads indexes of C4All: XML in UTF-16 (or UTF-8, whatever its first line claims), with one element for each picture or
//! film. What is known was read off public writers.
//!
//! Its dates are seconds that some writers shifted by the clock of their machine, and the deletion of a file that was
//! never deleted is a number too: all of them stay text. Extractors write category 0 for every file.

mod xml;

use std::io::BufRead;

use domain::{CategoryCode, Md5, Sha1, Sha256};

use crate::case::tally::Tally;
use crate::case::{CaseFilePlace, CaseHead, CaseMedia, CaseNote, Kept, SetAside, stored};
use crate::vics_case::object::json_text;
use crate::{Fault, FormatLimits, row};
use xml::{Broken, Event, Xml};

/// Longest text of an element that is kept.
const TEXT_BYTES_MAX: usize = 1 << 20;
/// Most bytes that one record may make Zeef hold.
const RECORD_BYTES_MAX: usize = 8 << 20;
/// Most elements of one record; real ones have about 25.
const ELEMENTS_MAX: usize = 1000;

/// Name of the program where the file does not say which one wrote it.
const TOOL: &str = "C4All";

/// Tells whether the first bytes are those of an index.
pub(crate) fn recognises(first_bytes: &[u8]) -> bool {
    const ROOT: &[u8] = b"<reportindex";
    let text = first_bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(first_bytes).trim_ascii_start();
    text.starts_with(b"<") && text.to_ascii_lowercase().windows(ROOT.len()).any(|part| part == ROOT)
}

/// Reads the whole file; where the sink breaks, no further. `folder` is that of the index within its archive.
pub(crate) fn read_xml(
    input: &mut dyn BufRead,
    folder: &[u8],
    limits: &FormatLimits,
    tally: &mut Tally<'_>,
) -> Result<(), Fault> {
    let before = tally.records();
    let outcome = Xml::new(input, limits, TEXT_BYTES_MAX).and_then(|mut xml| {
        index(&mut xml, folder, tally)?;
        for _ in 0..xml.loose {
            tally.remark(SetAside::Ampersand);
        }
        Ok(())
    });
    if tally.is_done() {
        return Ok(());
    }
    if tally.profile.is_none() {
        tally.note(CaseNote::NoScheme);
    }
    outcome.map_err(|fault| tally.counted(*fault, before))
}

fn index(xml: &mut Xml<'_>, folder: &[u8], tally: &mut Tally<'_>) -> Result<(), Broken> {
    if xml.next()? != Event::Start || !xml.name().eq_ignore_ascii_case("ReportIndex") {
        return Err(Box::new(Fault::NotThis("it is XML, and its root is no `ReportIndex`")));
    }
    let attribute = |name: &str| {
        let found = xml.attributes().iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let (version, source, dll) = (attribute("version"), attribute("source"), attribute("dll"));
    tally.version = Some(version).filter(|version| !version.is_empty());
    let tool = if source.is_empty() { TOOL.to_owned() } else { source };
    let head = CaseHead { tool, tool_version: dll, ..CaseHead::default() };
    loop {
        xml.place = "between two records";
        match xml.next()? {
            Event::Start => {
                let is_picture = xml.name().eq_ignore_ascii_case("Image");
                if !is_picture && !xml.name().eq_ignore_ascii_case("Movie") {
                    tally.remark(SetAside::NoMedia);
                    leave(xml)?;
                    continue;
                }
                xml.place = "inside a record";
                let record = Record::read(xml, tally)?;
                let media = record.media(if is_picture { "image" } else { "video" }, folder, tally);
                if tally.media(media).is_break() {
                    return Ok(());
                }
            }
            // The root ends.
            Event::End => break,
            Event::Done => return Ok(()),
        }
    }
    xml.place = "after its last record";
    tally.cases.push(head);
    match xml.next()? {
        Event::Done => Ok(()),
        Event::Start | Event::End => unreachable!("nothing but the end follows the end of the root"),
    }
}

/// Passes over the element that began, up to its end.
fn leave(xml: &mut Xml<'_>) -> Result<(), Broken> {
    let mut depth = 1;
    while depth > 0 {
        match xml.next()? {
            Event::Start => depth += 1,
            Event::End => depth -= 1,
            Event::Done => return Ok(()),
        }
    }
    Ok(())
}

/// Holds the elements of one record: name, and text.
#[derive(Debug, Default)]
struct Record {
    elements: Vec<(String, Vec<u8>)>,
}

impl Record {
    fn read(xml: &mut Xml<'_>, tally: &mut Tally<'_>) -> Result<Self, Broken> {
        let mut record = Self::default();
        let mut path: Vec<String> = Vec::new();
        let mut held = 0;
        loop {
            match xml.next()? {
                Event::Start => path.push(xml.name().to_owned()),
                Event::End if path.is_empty() => return Ok(record),
                Event::End => {
                    if xml.cut {
                        tally.remark(SetAside::CutElement);
                    }
                    let text = xml.take_text();
                    held += text.len();
                    if held > RECORD_BYTES_MAX || record.elements.len() == ELEMENTS_MAX {
                        let at = xml.offset();
                        return Err(Box::new(Fault::Limit(format!("one record holds too much, at byte {at}"))));
                    }
                    record.elements.push((path.join("/"), text));
                    path.pop();
                }
                Event::Done => return Ok(record),
            }
        }
    }

    /// Takes the text of the first element of this name; one that holds nothing but blanks is absent.
    fn bytes(&mut self, name: &str) -> Option<Vec<u8>> {
        let at = self.elements.iter().position(|(element, _)| element.eq_ignore_ascii_case(name))?;
        let (_, text) = self.elements.remove(at);
        let text = text.trim_ascii().to_vec();
        (!text.is_empty()).then_some(text)
    }

    fn text(&mut self, name: &str) -> Option<String> {
        self.bytes(name).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Takes the text where `parse` understands it; else it stays, to be kept.
    fn parsed<T>(
        &mut self,
        name: &'static str,
        tally: &mut Tally<'_>,
        parse: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Option<T> {
        let at = self.elements.iter().position(|(element, _)| element.eq_ignore_ascii_case(name))?;
        let text = self.elements[at].1.trim_ascii();
        if text.is_empty() {
            self.elements.remove(at);
            return None;
        }
        let value = parse(text);
        match &value {
            Some(_) => drop(self.elements.remove(at)),
            None => tally.remark(SetAside::Element { name }),
        }
        value
    }

    fn media(mut self, mime: &str, folder: &[u8], tally: &mut Tally<'_>) -> CaseMedia {
        let mut media = CaseMedia::bare(0);
        mime.clone_into(&mut media.mime);
        media.media_id = self.text("id");
        let stored_folder = self.bytes("path").unwrap_or_default();
        let stored_name = self.bytes("picture").or_else(|| self.bytes("movie")).unwrap_or_default();
        if !stored_name.is_empty() {
            let needs_separator =
                !stored_folder.is_empty() && !stored_folder.ends_with(b"\\") && !stored_folder.ends_with(b"/");
            let separator: &[u8] = if needs_separator { b"\\" } else { b"" };
            media.stored_raw = Some([&stored_folder, separator, &stored_name].concat());
        } else if !stored_folder.is_empty() {
            self.elements.push(("path".to_owned(), stored_folder));
        }
        match stored::places(media.stored_raw.as_deref().unwrap_or_default(), folder) {
            Ok(places) => media.stored = places,
            Err(why) => media.stored_refused = Some(why),
        }
        self.digests(&mut media, tally);
        let digits = |text: &[u8]| std::str::from_utf8(text).ok()?.parse().ok();
        media.size_bytes = self.parsed("fileSize", tally, digits);
        let code = |text: &[u8]| row::category(text).ok().flatten();
        media.opinion.code = self.parsed("category", tally, code).map(|code: CategoryCode| code);
        media.opinion.tags = self.text("subCat").unwrap_or_default();
        media.opinion.comments = self.text("notes").unwrap_or_default();
        media.files = self.place().into_iter().collect();
        media.unknown = self.rest();
        media
    }

    fn digests(&mut self, media: &mut CaseMedia, tally: &mut Tally<'_>) {
        enum Digest {
            Md5(Md5),
            Sha1(Sha1),
            Sha256(Sha256),
        }
        let parse = |text: &[u8]| {
            let md5 = Md5::parse(text).ok().filter(|digest| !row::is_placeholder(&digest.0) && !digest.is_of_nothing());
            let sha1 =
                Sha1::parse(text).ok().filter(|digest| !row::is_placeholder(&digest.0) && !digest.is_of_nothing());
            let sha256 =
                Sha256::parse(text).ok().filter(|digest| !row::is_placeholder(&digest.0) && !digest.is_of_nothing());
            md5.map(Digest::Md5).or(sha1.map(Digest::Sha1)).or(sha256.map(Digest::Sha256))
        };
        match self.parsed("hash", tally, parse) {
            Some(Digest::Md5(digest)) => media.md5 = Some(digest),
            Some(Digest::Sha1(digest)) => media.sha1 = Some(digest),
            Some(Digest::Sha256(digest)) => media.sha256 = Some(digest),
            None => {}
        }
    }

    /// Makes the place where the file lay.
    fn place(&mut self) -> Option<CaseFilePlace> {
        let path = self.bytes("fullpath")?;
        let name = path.rsplit(|byte| matches!(byte, b'\\' | b'/')).next().unwrap_or_default().to_vec();
        Some(CaseFilePlace {
            path,
            name,
            created_raw: self.text("created"),
            written_raw: self.text("written"),
            accessed_raw: self.text("accessed"),
            deleted_raw: self.text("deleted"),
            physical_location: self.text("physicalLocation"),
            ..CaseFilePlace::default()
        })
    }

    /// Gives what was not taken, blank elements left out.
    fn rest(self) -> Vec<Kept> {
        let told = self.elements.into_iter().filter(|(_, text)| !text.trim_ascii().is_empty());
        let json = |text: Vec<u8>| {
            let mut out = String::new();
            json_text(&String::from_utf8_lossy(&text), &mut out);
            out
        };
        told.map(|(name, text)| (name, json(text))).collect()
    }
}

#[cfg(test)]
mod tests;
