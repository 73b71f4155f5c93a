//! What the metadata of a picture tells: device, place, time, orientation, each with the text that stood in the file.
//!
//! Containers are searched for EXIF, XMP and comments (`container`), EXIF is walked without copying (`tiff`) and
//! interpreted (`exif`, `gps`, `clock`, `makernote`), XMP is scanned as flat text (`xmp`). What a value does not say is
//! never made up. Everything here runs on hostile bytes and is limited.

mod clock;
mod container;
mod exif;
mod gps;
mod makernote;
mod tags;
mod text;
mod tiff;
mod xmp;

#[cfg(test)]
mod tests;

use domain::{Camera, GpsFix, MediaType, MetadataValue, TakenAt};

/// Most values that are kept of one picture.
const VALUES_MAX: usize = 512;
/// Most remarks that are kept of one picture.
const REMARKS_MAX: usize = 32;
/// Most bytes of an embedded small picture. EXIF in a JPEG has room for 64 KiB; other containers have more.
const EMBEDDED_BYTES_MAX: usize = 1 << 20;

/// Holds what was found; everything is optional, because nothing in a file can be relied on.
#[derive(Debug, Clone, PartialEq)]
pub struct Metadata {
    /// EXIF orientation to apply to the decoded pixels, 1 to 8; 1 where the file states none or nonsense, and always for
    /// HEIC, AVIF and JPEG XL, whose own structure carries the orientation and outranks EXIF.
    pub orientation: u8,
    /// Device.
    pub camera: Camera,
    /// Place: EXIF's, else XMP's.
    pub gps: Option<GpsFix>,
    /// Time of taking: EXIF's `DateTimeOriginal`, else XMP's.
    pub taken: Option<TakenAt>,
    /// Values that were read, with their raw text, at most 512 of at most 4 KiB each. Text is escaped as a
    /// [`domain::SourcePath`] is shown. Groups are `exif`, `gps`, `xmp` and `container`; names of an embedded small
    /// picture begin with `thumbnail.`, its length is `thumbnail.bytes`. What the container of a JPEG tells by its form is
    /// `JPEG.Frame` (how it is coded) and `JPEG.Segments` (whose data it carries, in their order).
    pub values: Vec<MetadataValue>,
    /// The small picture that EXIF embeds, where it is a JPEG.
    pub embedded: Option<EmbeddedJpeg>,
    /// Defects, each a sentence, at most 32.
    pub remarks: Vec<String>,
}

impl Default for Metadata {
    fn default() -> Self {
        Self {
            orientation: 1,
            camera: Camera::default(),
            gps: None,
            taken: None,
            values: Vec::new(),
            embedded: None,
            remarks: Vec::new(),
        }
    }
}

/// Holds the bytes of a JPEG that metadata embed, as they stood. Nobody has decoded them.
#[derive(Clone, PartialEq, Eq)]
pub struct EmbeddedJpeg(pub Vec<u8>);

impl std::fmt::Debug for EmbeddedJpeg {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Promise 13: no picture in a log, so only its length.
        write!(f, "EmbeddedJpeg({} bytes)", self.0.len())
    }
}

/// Reads the metadata of a picture from its whole content. Never fails and never panics: what cannot be read is left out,
/// with a remark. Takes time in proportion to the content at worst, and a few MiB of memory.
pub fn metadata(media: &MediaType, bytes: &[u8]) -> Metadata {
    let mut found = Metadata::default();
    let mut remarks = Remarks::default();
    let blocks = container::blocks(media, bytes, &mut remarks);
    if blocks.exif.len() > 1 {
        remarks.add("the file has more than one EXIF block; the first is read");
    }
    // First, so that no flood of other values pushes them out.
    found.values.extend(blocks.form);
    let mut structure = None;
    if let Some(block) = blocks.exif.first() {
        structure = tiff::Tiff::new(block);
        match structure {
            Some(structure) => exif::read(structure, blocks.whole_file, &mut found, &mut remarks),
            None => remarks.add("the EXIF block is no TIFF structure"),
        }
    }
    if blocks.orients_itself {
        found.orientation = 1;
    }
    let in_tiff = structure.filter(|_| blocks.whole_file).and_then(|structure| container::xmp_of_tiff(&structure));
    for packet in blocks.xmp.iter().map(AsRef::as_ref).chain(in_tiff) {
        xmp::read(packet, &mut found, &mut remarks);
    }
    found.values.extend(blocks.texts);
    if found.values.len() > VALUES_MAX {
        remarks.add("there are more metadata values than are kept");
        found.values.truncate(VALUES_MAX);
    }
    found.remarks = remarks.0;
    found
}

/// Collects sentences about defects: each once, and not without end.
#[derive(Default)]
struct Remarks(Vec<String>);

impl Remarks {
    fn add(&mut self, sentence: &str) {
        if self.0.len() < REMARKS_MAX && !self.0.iter().any(|known| known == sentence) {
            self.0.push(sentence.to_owned());
        }
    }
}
