//! What reading an item tells: its type, its dimensions, its metadata. Interpreted values keep the raw ones beside them.

use serde::{Deserialize, Serialize};

use crate::{ImageHash, PdqSet};

/// Groups types of media by what Zeef can do with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MediaClass {
    /// A picture that the decoder is given.
    Picture,
    /// Video: listed without a picture.
    Video,
    /// Sound.
    Audio,
    /// An archive.
    Archive,
    /// Anything else.
    Other,
}

/// Holds the type of a content, told by its bytes and never by its name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MediaType {
    /// Media type of RFC 6838, e.g. `image/jpeg`; `application/octet-stream` when the bytes tell nothing.
    pub mime: String,
    /// What Zeef does with it.
    pub class: MediaClass,
}

/// Holds one value of the metadata with the text that stood in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataValue {
    /// Where it stood: `exif`, `xmp`, `gps`, `container`; `derived` for what the decoder measured, which stood nowhere.
    pub group: String,
    /// Name of the tag in its standard, e.g. `DateTimeOriginal`.
    pub name: String,
    /// Value as it stood, as text; bytes as hex.
    pub raw: String,
}

/// Holds a place that a picture's metadata names (WGS 84).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GpsFix {
    /// Degrees north, -90 to 90.
    pub latitude: f64,
    /// Degrees east, -180 to 180.
    pub longitude: f64,
    /// Metres above the sea, if stated.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub altitude_m: Option<f64>,
}

/// Names the device that made a picture.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Camera {
    /// Maker, as the file has it, trimmed.
    pub make: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// Serial number of the body.
    pub serial: Option<String>,
    /// Serial number of the lens.
    pub lens_serial: Option<String>,
    /// Software that wrote the file.
    pub software: Option<String>,
    /// Owner or artist that the camera was set to.
    pub owner: Option<String>,
}

/// Holds a time of taking. Without a zone it is a wall clock: no instant can be taken from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenAt {
    /// Wall clock as `YYYY-MM-DDTHH:MM:SS[.fff]`.
    pub local: String,
    /// Offset from UTC as `+HH:MM`, only where the file states it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub offset: Option<String>,
}

/// Holds what the decoder found out about a picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Width after orientation, pixels.
    pub width: u32,
    /// Height after orientation, pixels.
    pub height: u32,
    /// EXIF orientation that was applied, 1 to 8.
    pub exif_orientation: u8,
    /// Number of frames, where the format counts them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub frames: Option<u32>,
    /// PDQ in eight orientations; absent when the picture is too small for it.
    pub pdq: Option<PdqSet>,
    /// 64-bit gradient hash of `image_hasher`.
    pub image_hash: ImageHash,
    /// Device.
    pub camera: Camera,
    /// Place.
    pub gps: Option<GpsFix>,
    /// Time of taking.
    pub taken: Option<TakenAt>,
    /// Every value of the metadata that was read, with its raw text.
    pub metadata: Vec<MetadataValue>,
    /// Defects that did not prevent decoding, e.g. "the file ends early; the lower part is grey".
    pub remarks: Vec<String>,
}

/// Holds a small picture in an encoded form.
#[derive(Clone, PartialEq, Eq)]
pub struct Thumbnail {
    /// Width, pixels, at most 512.
    pub width: u32,
    /// Height, pixels, at most 512.
    pub height: u32,
    /// JPEG (baseline) bytes.
    pub jpeg: Vec<u8>,
}

impl std::fmt::Debug for Thumbnail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Promise 13: no picture in a log, so only its measures.
        write!(f, "Thumbnail({} × {}, {} bytes)", self.width, self.height, self.jpeg.len())
    }
}

/// Holds all that leaves the decoder for one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// What was found out.
    pub facts: Facts,
    /// Longest side 512 at most.
    pub thumbnail: Thumbnail,
}
