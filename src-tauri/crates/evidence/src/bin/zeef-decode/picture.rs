//! What every decoder of a format gives, and which format goes to which.

use domain::Refusal;
use evidence::protocol::DecodeLimits;

use crate::{heif, jpeg, jpegxl, over_limit, png, raster, undecodable};

/// Tells where a picture's orientation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The metadata's EXIF orientation still has to be applied.
    ByExif,
    /// The container says it, as EXIF would number it; EXIF's own is for information (HEIF).
    As(u8),
    /// The pixels stand as they should; EXIF is for information (JPEG XL).
    Done,
}

/// Holds decoded pixels, three bytes each (red, green, blue).
pub struct Picture {
    /// Width as stored, pixels.
    pub width: u32,
    /// Height as stored, pixels.
    pub height: u32,
    /// `width × height × 3` bytes.
    pub rgb: Vec<u8>,
    /// Whether EXIF still turns it.
    pub turn: Turn,
    /// Number of frames, where it is known.
    pub frames: Option<u32>,
    /// Defects that did not prevent decoding.
    pub remarks: Vec<String>,
}

/// Decodes the first frame of a picture of the named type.
pub fn decode(mime: &str, bytes: &[u8], limits: &DecodeLimits) -> Result<Picture, Refusal> {
    match mime {
        "image/jpeg" => jpeg::decode(bytes, limits),
        "image/png" | "image/apng" => png::decode(bytes, limits),
        "image/gif" | "image/webp" | "image/tiff" | "image/bmp" => raster::decode(mime, bytes, limits),
        "image/heic" | "image/heif" | "image/avif" => heif::decode(bytes, limits),
        "image/jxl" => jpegxl::decode(bytes, limits),
        _ => Err(undecodable("no decoder for this type of picture")),
    }
}

/// Refuses sides and areas over the limits, before any pixel has memory.
pub fn admit(width: u64, height: u64, limits: &DecodeLimits) -> Result<(u32, u32), Refusal> {
    if width == 0 || height == 0 {
        return Err(undecodable("the picture has no pixels"));
    }
    let side = u64::from(limits.side_px);
    if width > side || height > side {
        return Err(over_limit(format!("{width} × {height} pixels; a side may have {side}")));
    }
    if width * height > limits.pixels {
        return Err(over_limit(format!(
            "{width} × {height} pixels; at most {} million are decoded",
            limits.pixels >> 20
        )));
    }
    // Both are at most `side_px`, a 32-bit number.
    Ok((width as u32, height as u32))
}

/// Takes zeroed memory for pixels, or refuses the picture.
pub fn pixels(length: u64) -> Result<Vec<u8>, Refusal> {
    let length = usize::try_from(length).map_err(over_limit)?;
    let mut pixels = Vec::new();
    pixels.try_reserve_exact(length).map_err(|_| over_limit("the pixels do not fit into the decoder's memory"))?;
    pixels.resize(length, 0);
    Ok(pixels)
}
