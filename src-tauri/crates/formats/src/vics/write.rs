//! Writes VICS 2.0: hash sets that other tools can import, and cases with the places of their files.
//!
//! A set in its plain form is what IPED reads, which is the strictest of the public readers: the context first and with
//! the profile `Default`, then `value`, and nothing else at the root; digests always texts; a category always a number;
//! within a record no object outside of a list; the name of a digest before its value. Everything that could do harm
//! where a text is shown (markup, directions, controls) is written as an escape, which gives the same text again.

use std::io::Write;

use domain::{CategoryCode, ClassifiedItem, Flags, PhotoDna, Scheme};
use serde_json::Value;

use crate::case::{CaseFilePlace, CaseHead, CaseMedia, CaseProperty, Kept, last_vote, series_list};
use crate::vics_case::media::HEX_SUFFIX;
use crate::vics_case::object::json_text;
use crate::{WriteError, Written, photodna};

/// Profile of the plain form; it names no scheme.
const PLAIN_PROFILE: &str = "Default";
/// Longest name of a profile.
const PROFILE_CHARS_MAX: usize = 60;

/// Says how a hash set is to be written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SetHead {
    /// Name of the profile in the context, e.g. `US`; `None` is the plain form, which more tools read.
    pub profile_name: Option<String>,
    /// Scheme of the categories, for the numbers that VICS files use for codes such as `A`.
    pub scheme: Option<Scheme>,
}

/// Writes a hash set, item by item.
pub struct SetWriter<'o> {
    out: &'o mut dyn Write,
    scheme: Option<Scheme>,
    written: Written,
}

impl<'o> SetWriter<'o> {
    /// Writes the start of the file.
    pub fn begin(out: &'o mut dyn Write, head: &SetHead) -> Result<Self, WriteError> {
        let profile = checked_profile(head.profile_name.as_deref())?;
        write!(out, "{{\"@odata.context\":\"{}#Media\",\"value\":[", context(profile))?;
        Ok(Self { out, scheme: head.scheme.clone(), written: Written::default() })
    }

    /// Writes one item. An empty file is left out, and counted.
    pub fn push(&mut self, item: &ClassifiedItem) -> Result<(), WriteError> {
        let digests = &item.digests;
        if digests.md5.is_of_nothing() || digests.sha1.is_of_nothing() || digests.sha256.is_of_nothing() {
            self.written.left_out += 1;
            return Ok(());
        }
        self.written.records += 1;
        let mut record = Fields::default();
        record.json("MediaID", &self.written.records.to_string());
        if let Some(code) = &item.category {
            record.number_or_text("Category", &number_of(code, self.scheme.as_ref()));
        }
        let md5 = digests.md5.to_string().to_ascii_uppercase();
        record.text("MD5", &md5);
        record.text("SHA1", &digests.sha1.to_string().to_ascii_uppercase());
        record.text("SHA256", &digests.sha256.to_string().to_ascii_uppercase());
        record.json("MediaSize", &digests.size_bytes.to_string());
        record.told("MimeType", &item.media.mime);
        record.flags(&item.flags);
        record.told("Series", &series_list(&item.series));
        record.told("DateUpdated", &last_vote(&item.votes).unwrap_or_default());
        if let Some(pdq) = item.pdq {
            record.json("AlternativeHashes", &format!("[{}]", named_hash(Some(&md5), "PDQ", &pdq.to_string(), &[])));
        }
        separated(self.out, self.written.records, &record.object())
    }

    /// Writes the end of the file.
    pub fn finish(self) -> Result<Written, WriteError> {
        self.out.write_all(b"\n]}\n")?;
        Ok(self.written)
    }
}

/// Writes a whole hash set.
pub fn write_set<E>(
    out: &mut dyn Write,
    head: &SetHead,
    items: impl Iterator<Item = Result<ClassifiedItem, E>>,
) -> Result<Written, WriteError>
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut writer = SetWriter::begin(out, head)?;
    for item in items {
        writer.push(&item.map_err(|error| WriteError::Item(error.into()))?)?;
    }
    writer.finish()
}

/// Writes a case, record by record.
///
/// What was read from a case is written as it was, unknown fields too; [`CaseMedia::of_item`] makes records of our own
/// items. `TotalMediaFiles` is the number of records that were written.
pub struct CaseWriter<'o> {
    out: &'o mut dyn Write,
    scheme: Option<Scheme>,
    written: Written,
}

impl<'o> CaseWriter<'o> {
    /// Writes the start of the file. `scheme` gives the numbers that VICS files use for codes such as `A`.
    pub fn begin(out: &'o mut dyn Write, head: &CaseHead, scheme: Option<&Scheme>) -> Result<Self, WriteError> {
        let profile = checked_profile(head.profile_name.as_deref())?;
        let mut fields = Fields::default();
        fields.told("CaseID", &head.case_id);
        fields.told("CaseNumber", &head.case_number);
        fields.told("ContactOrganization", &head.organization);
        fields.told("ContactName", &head.contact_name);
        fields.told("ContactPhone", &head.contact_phone);
        fields.told("ContactEmail", &head.contact_email);
        fields.told("ContactTitle", &head.contact_title);
        fields.told("SourceApplicationName", &head.tool);
        fields.told("SourceApplicationVersion", &head.tool_version);
        fields.told("SeizureDate", &head.seized_raw);
        if let Some(count) = head.declared_precategorized {
            fields.json("TotalPrecategorized", &count.to_string());
        }
        fields.kept(&head.unknown);
        fields.key("Media");
        write!(out, "{{\"@odata.context\":\"{}#Cases\",\"value\":[{{{}[", context(profile), fields.body)?;
        Ok(Self { out, scheme: scheme.cloned(), written: Written::default() })
    }

    /// Writes one record.
    pub fn push(&mut self, media: &CaseMedia) -> Result<(), WriteError> {
        self.written.records += 1;
        let record = media_record(media, self.scheme.as_ref());
        separated(self.out, self.written.records, &record)
    }

    /// Writes the end of the file.
    pub fn finish(self) -> Result<Written, WriteError> {
        writeln!(self.out, "\n],\"TotalMediaFiles\":{}}}]}}", self.written.records)?;
        Ok(self.written)
    }
}

/// Writes a whole case.
pub fn write_case<E>(
    out: &mut dyn Write,
    head: &CaseHead,
    scheme: Option<&Scheme>,
    media: impl Iterator<Item = Result<CaseMedia, E>>,
) -> Result<Written, WriteError>
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut writer = CaseWriter::begin(out, head, scheme)?;
    for media in media {
        writer.push(&media.map_err(|error| WriteError::Item(error.into()))?)?;
    }
    writer.finish()
}

fn context(profile: &str) -> String {
    format!("http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/{profile}/$metadata")
}

fn checked_profile(name: Option<&str>) -> Result<&str, WriteError> {
    let name = name.unwrap_or(PLAIN_PROFILE);
    let fits = (1..=PROFILE_CHARS_MAX).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if fits { Ok(name) } else { Err(WriteError::Profile(domain::escaped(name.as_bytes()))) }
}

/// Writes a record on a line of its own, after a comma where it is not the first.
fn separated(out: &mut dyn Write, record: u64, text: &str) -> Result<(), WriteError> {
    out.write_all(if record > 1 { b",\n" } else { b"\n" })?;
    out.write_all(text.as_bytes())?;
    Ok(())
}

/// Gives the number that VICS files use for a code, or the code.
fn number_of(code: &CategoryCode, scheme: Option<&Scheme>) -> String {
    let number = scheme.and_then(|scheme| scheme.category(code)).and_then(|category| category.number.clone());
    number.unwrap_or_else(|| code.0.clone())
}

fn media_record(media: &CaseMedia, scheme: Option<&Scheme>) -> String {
    let md5 = media.md5.map(|digest| digest.to_string().to_ascii_uppercase());
    let opinion = &media.opinion;
    let mut record = Fields::default();
    if let Some(id) = &media.media_id {
        record.number_or_text("MediaID", id);
    }
    if let Some(code) = &opinion.code {
        record.number_or_text("Category", &number_of(code, scheme));
    }
    record.maybe("MD5", md5.as_deref());
    record.maybe("SHA1", media.sha1.map(|digest| digest.to_string().to_ascii_uppercase()).as_deref());
    record.maybe("SHA256", media.sha256.map(|digest| digest.to_string().to_ascii_uppercase()).as_deref());
    if let Some(size) = media.size_bytes {
        record.json("MediaSize", &size.to_string());
    }
    record.told("MimeType", &media.mime);
    if let Some(path) = &media.stored_raw {
        record.path("RelativeFilePath", path);
    }
    record.flags(&opinion.flags);
    record.flag("IsPrecategorized", media.precategorized);
    record.told("PrecategorizationSource", &media.precategorization_source);
    record.told("Series", &opinion.series);
    record.told("Tags", &opinion.tags);
    record.told("Comments", &opinion.comments);
    record.maybe("DateUpdated", opinion.updated_raw.as_deref());
    record.maybe("PhotoDNA", media.photodna.as_ref().map(|value: &PhotoDna| photodna::base64(value)).as_deref());
    let pdq = media.pdq.map(|pdq| named_hash(md5.as_deref(), "PDQ", &pdq.to_string(), &[]));
    let named = media.alternatives.iter();
    let named = named.map(|hash| named_hash(md5.as_deref(), &hash.name, &hash.value, &hash.unknown));
    record.list("AlternativeHashes", named.chain(pdq));
    record.list("MediaFiles", media.files.iter().map(|place| place_object(md5.as_deref(), place)));
    record.list("Exifs", media.exif.iter().map(|row| property(md5.as_deref(), row)));
    record.list("MediaMetadata", media.metadata.iter().map(|row| property(md5.as_deref(), row)));
    record.kept(&media.unknown);
    record.object()
}

/// Gives a place as its record has it, so that it can be kept; [`crate::vics_case::place_of`] reads it again.
pub fn place_json(place: &CaseFilePlace) -> String {
    place_object(None, place)
}

/// Gives a value as JSON that is inert wherever it is shown, as all texts that are written here are.
pub fn inert_json(value: &Value) -> String {
    let mut out = String::new();
    put_inert(value, &mut out);
    out
}

fn put_inert(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => json_text(text, out),
        Value::Array(values) => {
            out.push('[');
            for (at, value) in values.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                put_inert(value, out);
            }
            out.push(']');
        }
        Value::Object(fields) => {
            out.push('{');
            for (at, (name, value)) in fields.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                json_text(name, out);
                out.push(':');
                put_inert(value, out);
            }
            out.push('}');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => out.push_str(&value.to_string()),
    }
}

/// Begins a part of a record with the record's MD5, unless the part has one of its own.
fn part(md5: Option<&str>, unknown: &[Kept]) -> Fields {
    let mut fields = Fields::default();
    let own = unknown.iter().any(|(name, _)| name.eq_ignore_ascii_case("MD5"));
    fields.maybe("MD5", md5.filter(|_| !own));
    fields
}

fn named_hash(md5: Option<&str>, name: &str, value: &str, unknown: &[Kept]) -> String {
    let mut fields = part(md5, unknown);
    fields.text("HashName", name);
    fields.text("HashValue", value);
    fields.kept(unknown);
    fields.object()
}

fn property(md5: Option<&str>, row: &CaseProperty) -> String {
    let mut fields = part(md5, &row.unknown);
    fields.text("PropertyName", &row.name);
    fields.text("PropertyValue", &row.value);
    fields.kept(&row.unknown);
    fields.object()
}

fn place_object(md5: Option<&str>, place: &CaseFilePlace) -> String {
    let mut fields = part(md5, &place.unknown);
    fields.path("FileName", &place.name);
    fields.path("FilePath", &place.path);
    fields.maybe("Created", place.created_raw.as_deref());
    fields.maybe("Written", place.written_raw.as_deref());
    fields.maybe("Accessed", place.accessed_raw.as_deref());
    fields.maybe("DeletedTime", place.deleted_raw.as_deref());
    fields.flag("Unallocated", place.unallocated);
    fields.flag("Deleted", place.deleted);
    fields.maybe("ParentMD5", place.parent_md5.as_deref());
    if let Some(name) = &place.parent_name {
        fields.path("ParentFileName", name);
    }
    if let Some(path) = &place.parent_path {
        fields.path("ParentFilePath", path);
    }
    for (name, value) in
        [("ParentPhysicalLocation", &place.parent_physical_location), ("PhysicalLocation", &place.physical_location)]
    {
        if let Some(value) = value {
            fields.number_or_text(name, value);
        }
    }
    fields.maybe("SourceID", place.source_id.as_deref());
    fields.kept(&place.unknown);
    fields.object()
}

/// Collects the fields of one object.
#[derive(Debug, Default)]
struct Fields {
    body: String,
}

impl Fields {
    fn key(&mut self, name: &str) {
        if !self.body.is_empty() {
            self.body.push(',');
        }
        json_text(name, &mut self.body);
        self.body.push(':');
    }

    /// Adds a value that is JSON already.
    fn json(&mut self, name: &str, value: &str) {
        self.key(name);
        self.body.push_str(value);
    }

    fn text(&mut self, name: &str, value: &str) {
        self.key(name);
        json_text(value, &mut self.body);
    }

    /// Adds a text that says something.
    fn told(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.text(name, value);
        }
    }

    fn maybe(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    fn flag(&mut self, name: &str, value: Option<bool>) {
        if let Some(value) = value {
            self.json(name, if value { "true" } else { "false" });
        }
    }

    /// Adds the flags; one that is absent stays so.
    fn flags(&mut self, flags: &Flags) {
        self.flag("VictimIdentified", flags.victim_identified);
        self.flag("OffenderIdentified", flags.offender_identified);
        self.flag("IsDistributed", flags.distributed);
        self.flag("IsSuspected", flags.suspected);
        self.flag("SelfGenerated", flags.self_generated);
        self.flag("Baseline", flags.baseline);
    }

    /// Adds a whole number as one where that gives the same text again.
    fn number_or_text(&mut self, name: &str, value: &str) {
        let is_number = value.parse::<i64>().is_ok_and(|number| number.to_string() == value);
        if is_number { self.json(name, value) } else { self.text(name, value) }
    }

    /// Adds a path. JSON holds no bytes that are no text: those stand beside it, in hex.
    fn path(&mut self, name: &str, path: &[u8]) {
        self.text(name, &String::from_utf8_lossy(path));
        if std::str::from_utf8(path).is_err() {
            let hex: String = path.iter().map(|byte| format!("{byte:02x}")).collect();
            self.text(&format!("{name}{HEX_SUFFIX}"), &hex);
        }
    }

    fn list(&mut self, name: &str, objects: impl Iterator<Item = String>) {
        let objects: Vec<String> = objects.collect();
        if !objects.is_empty() {
            self.json(name, &format!("[{}]", objects.join(",")));
        }
    }

    fn kept(&mut self, kept: &[Kept]) {
        kept.iter().for_each(|(name, value)| self.json(name, value));
    }

    fn object(self) -> String {
        format!("{{{}}}", self.body)
    }
}

#[cfg(test)]
mod tests;
