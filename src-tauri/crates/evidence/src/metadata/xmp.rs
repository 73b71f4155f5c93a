//! Scans XMP (ISO 16684-1) for properties that say who, where, when and with what.
//!
//! The packet is read as a flat run of elements: nothing is expanded, so that entities of a document type are inert, and
//! nothing recurses. Properties are known by their namespace; a prefix counts for what the packet last bound it to.

use std::borrow::Cow;

use domain::{MetadataValue, TakenAt};
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::{Metadata, Remarks, clock, gps, text};

/// Most bytes of a packet that are read.
pub(super) const XMP_BYTES_MAX: usize = 256 << 10;
/// Most elements inside each other; a packet needs about ten.
const DEPTH_MAX: usize = 64;
/// Most prefixes that a packet can bind to known namespaces.
const PREFIXES_MAX: usize = 64;
/// Most values that are kept of one packet.
const VALUES_MAX: usize = 256;

/// Namespaces with their usual prefixes, under which values are kept.
const NAMESPACES: &[(&str, &str)] = &[
    ("xmp", "http://ns.adobe.com/xap/1.0/"),
    ("xmpMM", "http://ns.adobe.com/xap/1.0/mm/"),
    ("xmpRights", "http://ns.adobe.com/xap/1.0/rights/"),
    ("stRef", "http://ns.adobe.com/xap/1.0/sType/ResourceRef#"),
    ("stEvt", "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"),
    ("exif", "http://ns.adobe.com/exif/1.0/"),
    ("aux", "http://ns.adobe.com/exif/1.0/aux/"),
    ("exifEX", "http://cipa.jp/exif/1.0/"),
    ("tiff", "http://ns.adobe.com/tiff/1.0/"),
    ("photoshop", "http://ns.adobe.com/photoshop/1.0/"),
    ("dc", "http://purl.org/dc/elements/1.1/"),
    ("Iptc4xmpCore", "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"),
    ("Iptc4xmpExt", "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"),
    ("mwg-rs", "http://www.metadataworkinggroup.com/schemas/regions/"),
    ("MPReg", "http://ns.microsoft.com/photo/1.2/t/Region#"),
    ("MicrosoftPhoto", "http://ns.microsoft.com/photo/1.0/"),
    ("digiKam", "http://www.digikam.org/ns/1.0/"),
    ("lr", "http://ns.adobe.com/lightroom/1.0/"),
];

/// Properties that are kept.
const PROPERTIES: &[&str] = &[
    "xmp:CreateDate",
    "xmp:ModifyDate",
    "xmp:MetadataDate",
    "xmp:CreatorTool",
    "xmp:Label",
    "xmp:Rating",
    "xmpMM:DocumentID",
    "xmpMM:InstanceID",
    "xmpMM:OriginalDocumentID",
    "stRef:documentID",
    "stRef:instanceID",
    "stRef:originalDocumentID",
    "stEvt:action",
    "stEvt:instanceID",
    "stEvt:softwareAgent",
    "stEvt:when",
    "exif:DateTimeOriginal",
    "exif:DateTimeDigitized",
    "exif:GPSLatitude",
    "exif:GPSLongitude",
    "exif:GPSAltitude",
    "exif:GPSAltitudeRef",
    "exif:GPSTimeStamp",
    "exif:GPSImgDirection",
    "exif:GPSMapDatum",
    "exif:ImageUniqueID",
    "exif:UserComment",
    "exifEX:BodySerialNumber",
    "exifEX:CameraOwnerName",
    "exifEX:LensMake",
    "exifEX:LensModel",
    "exifEX:LensSerialNumber",
    "aux:Firmware",
    "aux:Lens",
    "aux:LensSerialNumber",
    "aux:OwnerName",
    "aux:SerialNumber",
    "tiff:Artist",
    "tiff:DateTime",
    "tiff:ImageDescription",
    "tiff:Make",
    "tiff:Model",
    "tiff:Orientation",
    "tiff:Software",
    "photoshop:City",
    "photoshop:Country",
    "photoshop:Credit",
    "photoshop:DateCreated",
    "photoshop:Source",
    "photoshop:State",
    "dc:creator",
    "dc:description",
    "dc:rights",
    "dc:source",
    "dc:subject",
    "dc:title",
    "xmpRights:Owner",
    "xmpRights:WebStatement",
    "Iptc4xmpCore:CiAdrCity",
    "Iptc4xmpCore:CiEmailWork",
    "Iptc4xmpCore:CiTelWork",
    "Iptc4xmpCore:Location",
    "Iptc4xmpExt:DigitalSourceType",
    "Iptc4xmpExt:PersonInImage",
    "mwg-rs:Name",
    "MPReg:PersonDisplayName",
    "MicrosoftPhoto:CameraSerialNumber",
    "digiKam:TagsList",
    "lr:hierarchicalSubject",
];

/// Reads one packet into `found`: values are added, and what EXIF left open is filled.
pub(super) fn read(packet: &[u8], found: &mut Metadata, remarks: &mut Remarks) {
    let packet = if packet.len() > XMP_BYTES_MAX {
        remarks.add("the XMP is longer than is read; the rest is left out");
        &packet[..XMP_BYTES_MAX]
    } else {
        packet
    };
    // The packet may be padded with NULs and begin with a byte order mark.
    let packet = String::from_utf8_lossy(text::unpadded(packet));
    let mut scan = Scan::default();
    if scan.run(packet.trim_start_matches('\u{feff}'), remarks).is_none() {
        remarks.add("the XMP is not well-formed; what stands before the defect is kept");
    }
    interpret(&scan.values, found, remarks);
    found.values.extend(scan.values.into_iter().map(|(name, raw)| MetadataValue {
        group: "xmp".into(),
        name: name.into(),
        raw: text::shown(raw.as_bytes()),
    }));
}

fn interpret(values: &[(&'static str, String)], found: &mut Metadata, remarks: &mut Remarks) {
    let get = |name: &str| values.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    let first = |names: &[&str]| names.iter().find_map(|name| get(name)).map(|value| text::shown(value.as_bytes()));
    let fill = |slot: &mut Option<String>, names: &[&str]| {
        if slot.is_none() {
            *slot = first(names);
        }
    };
    fill(&mut found.camera.make, &["tiff:Make"]);
    fill(&mut found.camera.model, &["tiff:Model"]);
    let serials = ["exifEX:BodySerialNumber", "aux:SerialNumber", "MicrosoftPhoto:CameraSerialNumber"];
    fill(&mut found.camera.serial, &serials);
    fill(&mut found.camera.lens_serial, &["exifEX:LensSerialNumber", "aux:LensSerialNumber"]);
    fill(&mut found.camera.software, &["tiff:Software", "xmp:CreatorTool"]);
    let owners = ["exifEX:CameraOwnerName", "aux:OwnerName", "xmpRights:Owner", "tiff:Artist", "dc:creator"];
    fill(&mut found.camera.owner, &owners);
    if found.taken.is_none() {
        let time = |name: &str| get(name).and_then(clock::xmp);
        let taken = time("exif:DateTimeOriginal").or_else(|| time("photoshop:DateCreated"));
        found.taken = taken.map(|(local, offset)| TakenAt { local, offset });
    }
    let place = gps::xmp_fix(get("exif:GPSLatitude"), get("exif:GPSLongitude"), remarks);
    match (found.gps, place) {
        (Some(exif), Some(xmp)) if gps::disagree(exif, xmp) => {
            remarks.add("XMP names another place than EXIF; EXIF's is taken");
        }
        (None, place) => found.gps = place,
        _ => {}
    }
}

/// Holds the state of a scan.
#[derive(Default)]
struct Scan {
    /// What each prefix stands for.
    prefixes: Vec<(String, &'static str)>,
    /// Elements that are open; those whose text is kept have a name.
    open: Vec<Open>,
    values: Vec<(&'static str, String)>,
}

struct Open {
    kept: Option<&'static str>,
    text: String,
}

impl Scan {
    /// Scans the packet; none when it is not well-formed or too deep, with what was found so far in `self`.
    fn run(&mut self, packet: &str, remarks: &mut Remarks) -> Option<()> {
        let mut reader = Reader::from_str(packet);
        reader.config_mut().check_end_names = false;
        loop {
            match reader.read_event().ok()? {
                Event::Start(element) => {
                    if self.open.len() == DEPTH_MAX {
                        return None;
                    }
                    let kept = self.element(&element);
                    if element.local_name().as_ref() == "li" {
                        self.next_of_list();
                    }
                    self.open.push(Open { kept, text: String::new() });
                }
                Event::Empty(element) => {
                    self.element(&element);
                }
                Event::Text(text) => self.text(&text.xml10_content()),
                Event::CData(text) => self.text(&text.xml10_content()),
                Event::GeneralRef(reference) => self.reference(&reference),
                Event::End(_) => self.close()?,
                Event::DocType(_) => remarks.add("the XMP has a document type, which no XMP needs; it is not expanded"),
                Event::Eof => return self.open.is_empty().then_some(()),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }

    /// Takes an element's attributes, which may be properties; gives its own name when its text is kept.
    fn element(&mut self, element: &BytesStart<'_>) -> Option<&'static str> {
        let mut attributes = element.attributes();
        // Checking each attribute against all others would take quadratic time.
        attributes.with_checks(false);
        for attribute in attributes.clone().map_while(Result::ok) {
            self.bind(&attribute);
        }
        for attribute in attributes.map_while(Result::ok) {
            if let Some(name) = self.property(attribute.key.as_ref()) {
                self.keep(name, &attribute_text(&attribute));
            }
        }
        self.property(element.name().as_ref())
    }

    /// Learns what a prefix stands for.
    fn bind(&mut self, attribute: &Attribute<'_>) {
        let Some(prefix) = attribute.key.as_ref().strip_prefix("xmlns:") else { return };
        let Some((usual, _)) = NAMESPACES.iter().find(|(_, uri)| *uri == attribute.value.as_ref()) else {
            // Whoever binds a usual prefix to something else does not mean the usual properties.
            self.prefixes.retain(|(known, _)| known != prefix);
            return;
        };
        self.prefixes.retain(|(known, _)| known != prefix);
        if self.prefixes.len() < PREFIXES_MAX {
            self.prefixes.push((prefix.to_owned(), usual));
        }
    }

    fn property(&self, name: &str) -> Option<&'static str> {
        let (prefix, local) = name.split_once(':')?;
        let (_, usual) = self.prefixes.iter().find(|(known, _)| known == prefix)?;
        PROPERTIES.iter().find(|kept| kept.split_once(':') == Some((usual, local))).copied()
    }

    fn keep(&mut self, name: &'static str, value: &str) {
        let value = value.trim();
        if !value.is_empty() && self.values.len() < VALUES_MAX {
            self.values.push((name, value.to_owned()));
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(kept) = self.kept_text()
            && kept.len() <= text::TEXT_BYTES_MAX
        {
            kept.push_str(text);
        }
    }

    /// Separates a further value of a list from those before it.
    fn next_of_list(&mut self) {
        if let Some(kept) = self.kept_text() {
            kept.truncate(kept.trim_end().len());
            if !kept.is_empty() {
                kept.push_str("; ");
            }
        }
    }

    /// Gives the text of the innermost open element that is kept.
    fn kept_text(&mut self) -> Option<&mut String> {
        self.open.iter_mut().rev().find(|open| open.kept.is_some()).map(|open| &mut open.text)
    }

    /// Takes a reference to a character; any other is kept as it is written.
    fn reference(&mut self, reference: &BytesRef<'_>) {
        let named = quick_xml::escape::resolve_predefined_entity(&reference.xml10_content()).map(str::to_owned);
        let numbered = || reference.resolve_char_ref().ok().flatten().map(String::from);
        let text = named.or_else(numbered).unwrap_or_else(|| format!("&{};", reference.xml10_content()));
        self.text(&text);
    }

    fn close(&mut self) -> Option<()> {
        let closed = self.open.pop()?;
        if let Some(name) = closed.kept {
            self.keep(name, &closed.text);
        }
        Some(())
    }
}

/// Reads an attribute's text; only references to characters count, and text with any other is kept as it is written.
fn attribute_text<'a>(attribute: &'a Attribute<'_>) -> Cow<'a, str> {
    attribute.normalized_value(XmlVersion::Implicit1_0).unwrap_or(Cow::Borrowed(attribute.value.as_ref()))
}
