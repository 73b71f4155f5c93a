//! Reads one record of a VICS hash set. A record with damage in what identifies or judges it is refused whole: half of it
//! must hide nothing. Damage in what only adds to it drops the value, with a counted remark.

use domain::{
    CategoryCode, Entry, EntryDigests, EntryRefusal, Flags, Md5, Pdq, PhotoDna, Sha1, Sha256, UtcTime, Verdict,
};

use super::json::{Broken, Json, Keep, Token};
use super::value;
use crate::{Fault, Sink, photodna, row};

/// Longest name of a field that is known.
const NAME_BYTES_MAX: usize = 20;

/// Holds what one record says, until it is whole.
#[derive(Debug, Default)]
pub(super) struct Record {
    seen: u32,
    refusal: Option<EntryRefusal>,
    placeholder: bool,
    digests: EntryDigests,
    size_bytes: Option<u64>,
    category: Option<CategoryCode>,
    flags: Flags,
    series: String,
    photodna: Vec<Alternative<PhotoDna>>,
    pdq: Vec<Alternative<Pdq>>,
    precategorized: bool,
    /// Whether `MediaFiles` names files.
    pub(super) names_files: bool,
    /// `DateUpdated`, where an instant can be taken from it.
    pub(super) updated: Option<UtcTime>,
}

/// Holds a perceptual digest and the MD5 that stands beside it.
#[derive(Debug)]
struct Alternative<T> {
    of: Option<Md5>,
    value: T,
}

/// Names the fields that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    MediaId,
    Md5,
    Sha1,
    Sha256,
    Category,
    MediaSize,
    VictimIdentified,
    OffenderIdentified,
    IsDistributed,
    IsSuspected,
    SelfGenerated,
    Baseline,
    IsPrecategorized,
    Series,
    PhotoDna,
    AlternativeHashes,
    DateUpdated,
    MediaFiles,
    Media,
}

impl Field {
    /// Finds the field by its name; case is ignored, because writers differ.
    fn named(name: &[u8]) -> Option<Self> {
        let mut lower = [0; NAME_BYTES_MAX];
        let lower = lower.get_mut(..name.len())?;
        lower.copy_from_slice(name);
        lower.make_ascii_lowercase();
        Some(match &*lower {
            b"mediaid" => Self::MediaId,
            b"md5" => Self::Md5,
            b"sha1" => Self::Sha1,
            b"sha256" => Self::Sha256,
            b"category" => Self::Category,
            b"mediasize" => Self::MediaSize,
            b"victimidentified" => Self::VictimIdentified,
            b"offenderidentified" => Self::OffenderIdentified,
            b"isdistributed" => Self::IsDistributed,
            b"issuspected" => Self::IsSuspected,
            b"selfgenerated" => Self::SelfGenerated,
            b"baseline" => Self::Baseline,
            b"isprecategorized" => Self::IsPrecategorized,
            b"series" => Self::Series,
            b"photodna" => Self::PhotoDna,
            b"alternativehashes" => Self::AlternativeHashes,
            b"dateupdated" => Self::DateUpdated,
            b"mediafiles" => Self::MediaFiles,
            b"media" => Self::Media,
            _ => return None,
        })
    }
}

impl Record {
    /// Reads the fields of the object that was entered, up to its end. [`Fault::Case`] where it is no record of a set.
    pub(super) fn read(json: &mut Json<'_>, sink: &mut Sink<'_>) -> Result<Self, Broken> {
        let mut record = Self::default();
        let mut first = true;
        while json.next_key(first)? {
            first = false;
            match Field::named(json.text()).filter(|_| !json.cut()) {
                Some(field) => record.field(field, json, sink)?,
                None => json.skip()?,
            }
        }
        Ok(record)
    }

    /// Tells whether it has what a record of a hash set has at its top: a digest and a MediaID.
    pub(super) fn is_of_hash_set(&self) -> bool {
        self.has(Field::MediaId) && (self.has(Field::Md5) || self.has(Field::Sha1) || self.has(Field::Sha256))
    }

    /// Makes the entry, or says why there is none.
    pub(super) fn entry(self, sink: &mut Sink<'_>) -> Result<Entry, EntryRefusal> {
        if let Some(why) = self.refusal {
            return Err(why);
        }
        if self.digests.is_empty() {
            return Err(if self.placeholder { EntryRefusal::Placeholder } else { EntryRefusal::NoDigest });
        }
        if self.precategorized && self.category.is_none() {
            sink.remark("IsPrecategorized without a Category, which is no verdict");
        }
        let mut entry = Entry::bare(sink.next_id(), self.digests, Verdict::Unclassified);
        if let Some(code) = self.category {
            entry.verdict = Verdict::Category(code);
        }
        entry.size_bytes = self.size_bytes;
        entry.flags = self.flags;
        entry.series = self.series;
        entry.photodna = one_of(self.photodna, self.digests.md5, sink);
        entry.pdq = one_of(self.pdq, self.digests.md5, sink);
        Ok(entry)
    }

    fn has(&self, field: Field) -> bool {
        self.seen & 1 << field as u32 != 0
    }

    fn refuse(&mut self, why: EntryRefusal) {
        self.refusal.get_or_insert(why);
    }

    fn field(&mut self, field: Field, json: &mut Json<'_>, sink: &mut Sink<'_>) -> Result<(), Broken> {
        if self.has(field) {
            self.refuse(EntryRefusal::FieldTwice);
            return json.skip();
        }
        self.seen |= 1 << field as u32;
        match field {
            Field::AlternativeHashes => return self.alternatives(json, sink),
            Field::Media => return inner_media(json),
            Field::MediaFiles => return self.media_files(json),
            Field::MediaId => return json.skip(),
            _ => {}
        }
        let token = json.value(Keep::Text)?;
        let flag = |sink: &mut Sink<'_>| flag(token, json.text(), sink);
        match field {
            Field::VictimIdentified => self.flags.victim_identified = flag(sink),
            Field::OffenderIdentified => self.flags.offender_identified = flag(sink),
            Field::IsDistributed => self.flags.distributed = flag(sink),
            Field::IsSuspected => self.flags.suspected = flag(sink),
            Field::SelfGenerated => self.flags.self_generated = flag(sink),
            Field::Baseline => self.flags.baseline = flag(sink),
            Field::IsPrecategorized => self.precategorized = flag(sink) == Some(true),
            Field::Md5 => self.digests.md5 = self.digest(token, json.text(), Md5::parse, |digest| &digest.0),
            Field::Sha1 => self.digests.sha1 = self.digest(token, json.text(), Sha1::parse, |digest| &digest.0),
            Field::Sha256 => self.digests.sha256 = self.digest(token, json.text(), Sha256::parse, |digest| &digest.0),
            Field::Category => match value::category(token, json.text()) {
                Ok(code) => self.category = code,
                Err(_) => self.refuse(EntryRefusal::NoCategory),
            },
            Field::MediaSize => self.size_bytes = size(token, json.text(), sink),
            Field::Series => self.series = series(token, json, sink),
            Field::PhotoDna => {
                let value = perceptual(token, json.text(), "PhotoDNA", photodna::parse, sink);
                self.photodna.extend(value.map(|value| Alternative { of: None, value }));
            }
            Field::DateUpdated => self.updated = instant(token, json.text()),
            // Handled above, before their value was read.
            Field::AlternativeHashes | Field::Media | Field::MediaFiles | Field::MediaId => {}
        }
        json.leave(token)
    }

    fn digest<D, E>(
        &mut self,
        token: Token,
        text: &[u8],
        parse: fn(&[u8]) -> Result<D, E>,
        bytes: fn(&D) -> &[u8],
    ) -> Option<D> {
        let text = match token {
            Token::Null => return None,
            Token::Text => text.trim_ascii(),
            _ => b"not a digest",
        };
        if text.is_empty() {
            return None;
        }
        match parse(text) {
            Ok(digest) if row::is_placeholder(bytes(&digest)) => {
                self.placeholder = true;
                None
            }
            Ok(digest) => Some(digest),
            Err(_) => {
                self.refuse(EntryRefusal::BadDigest);
                None
            }
        }
    }

    /// Passes over `MediaFiles`, noting whether there are any: they make it a case, unless the context says otherwise.
    fn media_files(&mut self, json: &mut Json<'_>) -> Result<(), Broken> {
        let token = json.value(Keep::Nothing)?;
        if token != Token::Array {
            return json.leave(token);
        }
        while json.next_element(!self.names_files)? {
            self.names_files = true;
            json.skip()?;
        }
        Ok(())
    }

    /// Reads `AlternativeHashes`: [{MD5, HashName, HashValue}], its keys in any order.
    fn alternatives(&mut self, json: &mut Json<'_>, sink: &mut Sink<'_>) -> Result<(), Broken> {
        let token = json.value(Keep::Nothing)?;
        if token != Token::Array {
            return json.leave(token);
        }
        let mut first = true;
        while json.next_element(first)? {
            first = false;
            match json.value(Keep::Nothing)? {
                Token::Object => self.alternative(json, sink)?,
                other => json.leave(other)?,
            }
        }
        Ok(())
    }

    fn alternative(&mut self, json: &mut Json<'_>, sink: &mut Sink<'_>) -> Result<(), Broken> {
        let (mut of, mut name, mut value) = (None, Vec::new(), None);
        let mut first = true;
        while json.next_key(first)? {
            first = false;
            let lower = json.text().to_ascii_lowercase();
            let token = json.value(Keep::Text)?;
            match (lower.as_slice(), token) {
                (b"md5", Token::Text) => of = Md5::parse(json.text().trim_ascii()).ok(),
                (b"hashname", Token::Text) => name = json.text().trim_ascii().to_ascii_lowercase(),
                (b"hashvalue", Token::Text) => value = Some(json.text().to_vec()),
                _ => json.leave(token)?,
            }
        }
        let Some(value) = value else { return Ok(()) };
        match name.as_slice() {
            b"photodna" => {
                let value = perceptual(Token::Text, &value, "PhotoDNA", photodna::parse, sink);
                take(&mut self.photodna, of, value);
            }
            b"pdq" => take(&mut self.pdq, of, perceptual(Token::Text, &value, "PDQ", pdq, sink)),
            _ => {}
        }
        Ok(())
    }
}

/// Most values of one kind that are compared; a record has one.
const ALTERNATIVES_MAX: usize = 4;

fn take<T>(values: &mut Vec<Alternative<T>>, of: Option<Md5>, value: Option<T>) {
    if values.len() < ALTERNATIVES_MAX {
        values.extend(value.map(|value| Alternative { of, value }));
    }
}

/// Chooses the value that is the record's own: one that belongs to another MD5 is not, and of several that differ none
/// can be trusted.
fn one_of<T: PartialEq>(values: Vec<Alternative<T>>, md5: Option<Md5>, sink: &mut Sink<'_>) -> Option<T> {
    let mut own: Option<T> = None;
    for Alternative { of, value } in values {
        if of.is_some() && md5.is_some() && of != md5 {
            sink.remark("perceptual value of another MD5 than the record's, left out");
            continue;
        }
        if own.as_ref().is_some_and(|own| *own != value) {
            sink.remark("two different perceptual values of one kind, both left out");
            return None;
        }
        own = Some(value);
    }
    own
}

/// Refuses media within a record, which make it a case.
fn inner_media(json: &mut Json<'_>) -> Result<(), Broken> {
    match json.value(Keep::Nothing)? {
        Token::Array => Err(Box::new(Fault::Case)),
        other => json.leave(other),
    }
}

fn size(token: Token, text: &[u8], sink: &mut Sink<'_>) -> Option<u64> {
    value::size(token, text).unwrap_or_else(|_| {
        sink.remark("MediaSize that is no size, left out");
        None
    })
}

fn flag(token: Token, text: &[u8], sink: &mut Sink<'_>) -> Option<bool> {
    value::flag(token, text).unwrap_or_else(|_| {
        sink.remark("flag that is neither true nor false, left out");
        None
    })
}

fn series(token: Token, json: &Json<'_>, sink: &mut Sink<'_>) -> String {
    match token {
        Token::Text if json.text().is_empty() => String::new(),
        Token::Text => {
            let text = String::from_utf8_lossy(json.text());
            if text.contains(char::REPLACEMENT_CHARACTER) && !json.cut() {
                sink.remark("series with characters that cannot be read");
            }
            sink.series(&text)
        }
        Token::Null => String::new(),
        _ => {
            sink.remark("series that is no text, left out");
            String::new()
        }
    }
}

fn perceptual<T>(
    token: Token,
    text: &[u8],
    name: &str,
    parse: fn(&[u8]) -> Option<T>,
    sink: &mut Sink<'_>,
) -> Option<T> {
    let text = match token {
        Token::Null => return None,
        Token::Text => text.trim_ascii(),
        _ => b"?",
    };
    if text.is_empty() {
        return None;
    }
    let value = parse(text);
    if value.is_none() && text.eq_ignore_ascii_case(name.as_bytes()) {
        sink.remark(&format!("{name} value that holds only its own name, left out"));
    } else if value.is_none() {
        sink.remark(&format!("{name} value of a wrong length or alphabet, left out"));
    }
    value
}

fn pdq(text: &[u8]) -> Option<Pdq> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Takes an instant from a date only where it says its zone (`Z` or an offset, never both).
fn instant(token: Token, text: &[u8]) -> Option<UtcTime> {
    if token != Token::Text {
        return None;
    }
    UtcTime::parse(std::str::from_utf8(text).ok()?)
}
