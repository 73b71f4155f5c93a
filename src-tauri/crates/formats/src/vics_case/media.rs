//! Makes records of media, places and heads of the objects of a case. What is known and readable becomes a value; all else
//! is kept as it stood.

use domain::{Flags, Md5, Opinion, Pdq, PhotoDna, Sha1, Sha256};

use super::object::Object;
use crate::case::tally::Tally;
use crate::case::{AlternativeHash, CaseFilePlace, CaseHead, CaseMedia, CaseProperty, Kept, SetAside, gps, stored};
use crate::{photodna, row};

/// Fields of a record of media that become values.
pub(super) const MEDIA: [&str; 26] = [
    "MediaID",
    "Category",
    "MD5",
    "SHA1",
    "SHA256",
    "MediaSize",
    "MimeType",
    "RelativeFilePath",
    "VictimIdentified",
    "OffenderIdentified",
    "IsDistributed",
    "IsSuspected",
    "SelfGenerated",
    "Baseline",
    "IsPrecategorized",
    "PrecategorizationSource",
    "Series",
    "Tags",
    "Comments",
    "DateUpdated",
    "PhotoDNA",
    "AlternativeHashes",
    "MediaFiles",
    "Exifs",
    "MediaMetadata",
    "Miniature",
];

/// Fields of a place that become values.
const PLACE: [&str; 15] = [
    "MD5",
    "FileName",
    "FilePath",
    "Created",
    "Written",
    "Accessed",
    "Unallocated",
    "Deleted",
    "ParentMD5",
    "ParentFileName",
    "ParentFilePath",
    "ParentPhysicalLocation",
    "PhysicalLocation",
    "SourceID",
    "DeletedTime",
];

/// Fields of a case that become values.
const HEAD: [&str; 12] = [
    "CaseID",
    "CaseNumber",
    "ContactOrganization",
    "ContactName",
    "ContactPhone",
    "ContactEmail",
    "ContactTitle",
    "SourceApplicationName",
    "SourceApplicationVersion",
    "SeizureDate",
    "TotalMediaFiles",
    "TotalPrecategorized",
];

/// Makes a record of its object. `folder` is that of the JSON within its archive.
pub(super) fn media(mut object: Object, folder: &[u8], tally: &mut Tally<'_>) -> CaseMedia {
    let o = &mut object;
    let mut media = CaseMedia::bare(0);
    media.media_id = o.text("MediaID", tally).filter(|text| !text.is_empty());
    media.md5 = o.parsed("MD5", |text| Md5::parse(text).ok().filter(|digest| !row::is_placeholder(&digest.0)));
    media.sha1 = o.parsed("SHA1", |text| Sha1::parse(text).ok().filter(|digest| !row::is_placeholder(&digest.0)));
    media.sha256 = o.parsed("SHA256", |text| Sha256::parse(text).ok().filter(|digest| !row::is_placeholder(&digest.0)));
    let of_nothing = of_nothing(&mut media);
    media.size_bytes = o.size("MediaSize");
    media.mime = o.text("MimeType", tally).unwrap_or_default();
    media.stored_raw = path(o, "RelativeFilePath").filter(|path| !path.is_empty());
    match stored::places(media.stored_raw.as_deref().unwrap_or_default(), folder) {
        Ok(places) => media.stored = places,
        Err(why) => media.stored_refused = Some(why),
    }
    media.opinion = opinion(o, tally);
    media.precategorized = o.flag("IsPrecategorized");
    media.precategorization_source = o.text("PrecategorizationSource", tally).unwrap_or_default();
    media.photodna = o.parsed("PhotoDNA", photodna::parse);
    media.alternatives = o.list("AlternativeHashes").into_iter().map(|hash| alternative(hash, &media, tally)).collect();
    let contradicted = perceptual(&mut media, tally);
    media.files = o.list("MediaFiles").into_iter().map(|file| place(file, &media, tally)).collect();
    media.exif = o.list("Exifs").into_iter().map(|row| property(row, &media, tally)).collect();
    media.metadata = o.list("MediaMetadata").into_iter().map(|row| property(row, &media, tally)).collect();
    media.gps = gps::place(&media.exif);
    media.unknown = object.rest(&MEDIA, tally);
    media.unknown.extend(contradicted);
    for (name, hex) in of_nothing {
        tally.remark(SetAside::EmptyDigest);
        media.unknown.push((name.to_owned(), format!("\"{hex}\"")));
    }
    media
}

/// Takes out digests of an empty file: they say nothing of any picture, and would join all records that have them.
fn of_nothing(media: &mut CaseMedia) -> Vec<(&'static str, String)> {
    let mut taken = Vec::new();
    if let Some(digest) = media.md5.take_if(|digest| digest.is_of_nothing()) {
        taken.push(("MD5", digest.to_string()));
    }
    if let Some(digest) = media.sha1.take_if(|digest| digest.is_of_nothing()) {
        taken.push(("SHA1", digest.to_string()));
    }
    if let Some(digest) = media.sha256.take_if(|digest| digest.is_of_nothing()) {
        taken.push(("SHA256", digest.to_string()));
    }
    taken
}

/// Takes what the tool said; tool, scheme and meaning are told by the whole file.
fn opinion(o: &mut Object, tally: &mut Tally<'_>) -> Opinion {
    Opinion {
        code: o.category("Category"),
        flags: Flags {
            victim_identified: o.flag("VictimIdentified"),
            offender_identified: o.flag("OffenderIdentified"),
            distributed: o.flag("IsDistributed"),
            suspected: o.flag("IsSuspected"),
            self_generated: o.flag("SelfGenerated"),
            baseline: o.flag("Baseline"),
        },
        series: o.text("Series", tally).unwrap_or_default(),
        tags: o.text("Tags", tally).unwrap_or_default(),
        comments: o.text("Comments", tally).unwrap_or_default(),
        updated_raw: o.text("DateUpdated", tally).filter(|text| !text.is_empty()),
        ..CaseMedia::bare(0).opinion
    }
}

/// Takes the MD5 of a part of the record where it is the record's own, or where it stands for none. Another one stays in
/// the part, to be kept.
fn own_md5(part: &mut Object, media: &CaseMedia, tally: &mut Tally<'_>) {
    if part.parsed("MD5", |text| Md5::parse(text).ok().filter(|md5| Some(*md5) == media.md5)).is_none()
        && part.has("MD5")
    {
        tally.remark(SetAside::OtherMd5);
    }
}

fn alternative(mut object: Object, media: &CaseMedia, tally: &mut Tally<'_>) -> AlternativeHash {
    own_md5(&mut object, media, tally);
    AlternativeHash {
        name: object.text("HashName", tally).unwrap_or_default(),
        value: object.text("HashValue", tally).unwrap_or_default(),
        unknown: object.rest(&[], tally),
    }
}

fn property(mut object: Object, media: &CaseMedia, tally: &mut Tally<'_>) -> CaseProperty {
    own_md5(&mut object, media, tally);
    CaseProperty {
        name: object.text("PropertyName", tally).unwrap_or_default(),
        value: object.text("PropertyValue", tally).unwrap_or_default(),
        unknown: object.rest(&[], tally),
    }
}

/// Takes PhotoDNA and PDQ out of the digests by name, where they are the record's own and do not contradict each other.
fn perceptual(media: &mut CaseMedia, tally: &mut Tally<'_>) -> Vec<Kept> {
    let own = |hash: &AlternativeHash| hash.unknown.is_empty();
    let named = |hash: &AlternativeHash, name: &str| own(hash) && hash.name.trim().eq_ignore_ascii_case(name);
    for hash in media.alternatives.iter().filter(|hash| own(hash)) {
        let (name, value) = (hash.name.trim(), hash.value.trim());
        let read = match name.to_ascii_lowercase().as_str() {
            "photodna" => photodna::parse(value.as_bytes()).is_some(),
            "pdq" => value.parse::<Pdq>().is_ok(),
            _ => continue,
        };
        if !read && !value.is_empty() {
            let only_named = value.eq_ignore_ascii_case(name);
            tally.remark(if only_named { SetAside::PerceptualName } else { SetAside::PerceptualForm });
        }
    }
    let mut kept = Vec::new();
    let values = |name| media.alternatives.iter().filter(move |hash| named(hash, name)).map(|hash| hash.value.trim());
    let mut photodna: Vec<PhotoDna> =
        values("photodna").filter_map(|value| photodna::parse(value.as_bytes())).collect();
    photodna.extend(media.photodna.clone());
    let mut pdq: Vec<Pdq> = values("pdq").filter_map(|value| value.parse().ok()).collect();
    photodna.dedup();
    pdq.dedup();
    if photodna.len() > 1 {
        tally.remark(SetAside::PerceptualTwo);
        if let Some(value) = media.photodna.take() {
            kept.push(("PhotoDNA".to_owned(), format!("\"{}\"", photodna::base64(&value))));
        }
    } else if let Some(value) = photodna.pop() {
        media
            .alternatives
            .retain(|hash| !(named(hash, "photodna") && photodna::parse(hash.value.as_bytes()).is_some()));
        media.photodna = Some(value);
    }
    if pdq.len() > 1 {
        tally.remark(SetAside::PerceptualTwo);
    } else if let Some(value) = pdq.pop() {
        media.alternatives.retain(|hash| !(named(hash, "pdq") && hash.value.trim().parse::<Pdq>().is_ok()));
        media.pdq = Some(value);
    }
    kept
}

pub(super) fn place(mut object: Object, media: &CaseMedia, tally: &mut Tally<'_>) -> CaseFilePlace {
    let o = &mut object;
    own_md5(o, media, tally);
    let mut date = |o: &mut Object, name| o.text(name, tally).filter(|text| !text.is_empty());
    let mut place = CaseFilePlace {
        created_raw: date(o, "Created"),
        written_raw: date(o, "Written"),
        accessed_raw: date(o, "Accessed"),
        deleted_raw: date(o, "DeletedTime"),
        source_id: date(o, "SourceID"),
        physical_location: date(o, "PhysicalLocation"),
        parent_md5: date(o, "ParentMD5"),
        parent_physical_location: date(o, "ParentPhysicalLocation"),
        ..CaseFilePlace::default()
    };
    place.path = path(o, "FilePath").unwrap_or_default();
    place.name = path(o, "FileName").unwrap_or_default();
    place.parent_name = path(o, "ParentFileName").filter(|path| !path.is_empty());
    place.parent_path = path(o, "ParentFilePath").filter(|path| !path.is_empty());
    place.deleted = o.flag("Deleted");
    place.unallocated = o.flag("Unallocated");
    if place.path.is_empty() && place.name.is_empty() {
        tally.remark(SetAside::NoPlace);
    }
    place.unknown = object.rest(&PLACE, tally);
    place
}

/// Takes the bytes of a path: those that Zeef wrote beside it in hex, because JSON has no other way to hold bytes that are
/// no text, or those of the text.
fn path(o: &mut Object, name: &str) -> Option<Vec<u8>> {
    let text = o.bytes(name);
    let hex = o.parsed(&format!("{name}{HEX_SUFFIX}"), unhex);
    hex.or(text)
}

/// What Zeef appends to the name of a path whose bytes are no UTF-8, for the field that has them in hex.
pub(crate) const HEX_SUFFIX: &str = "ZeefHex";

fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let (pairs, odd) = text.as_chunks::<2>();
    if !odd.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

/// Makes the head of a case of its object.
pub(super) fn head(mut object: Object, tally: &mut Tally<'_>) -> CaseHead {
    let o = &mut object;
    let mut text = |name| o.text(name, tally).unwrap_or_default();
    let mut head = CaseHead {
        case_id: text("CaseID"),
        case_number: text("CaseNumber"),
        organization: text("ContactOrganization"),
        contact_name: text("ContactName"),
        contact_phone: text("ContactPhone"),
        contact_email: text("ContactEmail"),
        contact_title: text("ContactTitle"),
        tool: text("SourceApplicationName"),
        tool_version: text("SourceApplicationVersion"),
        seized_raw: text("SeizureDate"),
        ..CaseHead::default()
    };
    head.declared_media = o.size("TotalMediaFiles");
    head.declared_precategorized = o.size("TotalPrecategorized");
    head.unknown = object.rest(&HEAD, tally);
    head
}
