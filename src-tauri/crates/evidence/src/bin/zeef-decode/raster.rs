//! GIF, WebP, TIFF and BMP, by the `image` crate: the first frame, brought to eight bits, laid over white.

use std::io::Cursor;

use domain::{Refusal, RefusalCode};
use evidence::protocol::DecodeLimits;
use image::codecs::{bmp::BmpDecoder, gif::GifDecoder, tiff::TiffDecoder, webp::WebPDecoder};
use image::error::ImageError;
use image::{ColorType, ImageDecoder, ImageResult, Limits};

use crate::picture::{Picture, Turn, admit, pixels};
use crate::{frames, over_limit, tiff, undecodable};

/// Decodes a picture of one of the four types.
pub fn decode(mime: &str, bytes: &[u8], limits: &DecodeLimits) -> Result<Picture, Refusal> {
    let input = Cursor::new(bytes);
    match mime {
        "image/gif" => first_frame(GifDecoder::new(input), limits, frames::gif(bytes), Fourth::Alpha),
        "image/webp" => first_frame(WebPDecoder::new(input), limits, frames::webp(bytes), Fourth::Alpha),
        "image/tiff" => first_page(bytes, limits),
        _ => first_frame(BmpDecoder::new(input), limits, None, Fourth::Alpha),
    }
}

/// Tells what the fourth sample of a pixel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fourth {
    Alpha,
    /// Nobody knows; it is not shown.
    Unknown,
}

/// Decodes a TIFF, and says of which kind it is when that kind is the reason that it is refused.
fn first_page(bytes: &[u8], limits: &DecodeLimits) -> Result<Picture, Refusal> {
    let named = |kind: &str| undecodable(format!("this kind of TIFF is not supported: {kind}"));
    let frames = frames::tiff(bytes);
    let Some(directory) = tiff::Directory::first(bytes) else {
        return first_frame(TiffDecoder::new(Cursor::new(bytes)), limits, frames, Fourth::Alpha);
    };
    let outcome = match directory.with_extra_as_alpha() {
        Some(patched) => first_frame(TiffDecoder::new(Cursor::new(patched)), limits, frames, Fourth::Unknown),
        None => match directory.mistaken() {
            Some(kind) => return Err(named(kind)),
            None => first_frame(TiffDecoder::new(Cursor::new(bytes)), limits, frames, Fourth::Alpha),
        },
    };
    outcome.map_err(|refusal| match directory.unknown() {
        Some(kind) if refusal.code == RefusalCode::Undecodable => named(&kind),
        _ => refusal,
    })
}

fn first_frame<D: ImageDecoder>(
    decoder: ImageResult<D>,
    limits: &DecodeLimits,
    frames: Option<u32>,
    fourth: Fourth,
) -> Result<Picture, Refusal> {
    let mut decoder = decoder.map_err(refuse)?;
    let (width, height) = decoder.dimensions();
    let (width, height) = admit(width.into(), height.into(), limits)?;
    decoder.set_limits(decoder_limits(limits)).map_err(refuse)?;
    let color = decoder.color_type();
    let mut samples = pixels(decoder.total_bytes())?;
    decoder.read_image(&mut samples).map_err(refuse)?;
    if fourth == Fourth::Unknown {
        make_opaque(&mut samples, color);
    }
    let rgb = to_rgb(samples, color)?;
    Ok(Picture { width, height, rgb, turn: Turn::ByExif, frames, remarks: Vec::new() })
}

/// Writes full opacity over the fourth sample of every pixel.
fn make_opaque(samples: &mut [u8], color: ColorType) {
    let (size, full) = match color {
        ColorType::Rgba8 => (4, &[u8::MAX][..]),
        ColorType::Rgba16 => (8, &[u8::MAX; 2][..]),
        ColorType::Rgba32F => (16, &1.0_f32.to_ne_bytes()[..]),
        _ => return,
    };
    samples.chunks_exact_mut(size).for_each(|pixel| pixel[size - full.len()..].copy_from_slice(full));
}

/// Gives the limits in the form that `image` takes.
fn decoder_limits(limits: &DecodeLimits) -> Limits {
    let mut own = Limits::default();
    own.max_image_width = Some(limits.side_px);
    own.max_image_height = Some(limits.side_px);
    own.max_alloc = Some(limits.memory_bytes);
    own
}

fn refuse(error: ImageError) -> Refusal {
    match error {
        ImageError::Limits(error) => over_limit(error),
        other => Refusal::new(RefusalCode::Undecodable, crate::sentence(&other.to_string())),
    }
}

/// Brings samples of any type to eight bits each of red, green and blue, in place where that does not grow.
pub fn to_rgb(mut samples: Vec<u8>, color: ColorType) -> Result<Vec<u8>, Refusal> {
    match color {
        ColorType::Rgb8 => return Ok(samples),
        ColorType::L8 => return widened(&samples, 1, |pixel| [pixel[0]; 3]),
        ColorType::La8 => return widened(&samples, 2, |pixel| [over_white(pixel[0], pixel[1]); 3]),
        ColorType::L16 => return widened(&samples, 2, |pixel| [high(pixel, 0); 3]),
        ColorType::La16 => shrink(&mut samples, 4, |pixel| [over_white(high(pixel, 0), high(pixel, 1)); 3]),
        ColorType::Rgba8 => shrink(&mut samples, 4, |pixel| {
            let alpha = pixel[3];
            [over_white(pixel[0], alpha), over_white(pixel[1], alpha), over_white(pixel[2], alpha)]
        }),
        ColorType::Rgb16 => shrink(&mut samples, 6, |pixel| [high(pixel, 0), high(pixel, 1), high(pixel, 2)]),
        ColorType::Rgba16 => shrink(&mut samples, 8, |pixel| {
            let alpha = high(pixel, 3);
            [0, 1, 2].map(|channel| over_white(high(pixel, channel), alpha))
        }),
        ColorType::Rgb32F => shrink(&mut samples, 12, |pixel| [0, 1, 2].map(|channel| unit(pixel, channel))),
        ColorType::Rgba32F => shrink(&mut samples, 16, |pixel| {
            let alpha = unit(pixel, 3);
            [0, 1, 2].map(|channel| over_white(unit(pixel, channel), alpha))
        }),
        _ => return Err(undecodable("samples of a type that is not known")),
    }
    Ok(samples)
}

/// Lays a value over a white ground.
pub fn over_white(value: u8, alpha: u8) -> u8 {
    let sum = u32::from(value) * u32::from(alpha) + 255 * u32::from(255 - alpha);
    // At most 255 × 255, so the quotient fits.
    ((sum + 127) / 255) as u8
}

/// Gives the upper half of a 16-bit sample, which lies in memory in this machine's order.
fn high(pixel: &[u8], channel: usize) -> u8 {
    (u16::from_ne_bytes([pixel[channel * 2], pixel[channel * 2 + 1]]) >> 8) as u8
}

/// Gives a sample of 0 to 1 as 0 to 255; not-a-number becomes 0.
fn unit(pixel: &[u8], channel: usize) -> u8 {
    let bytes = &pixel[channel * 4..][..4];
    (f32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]).clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}

/// Writes three bytes for every `size` in place. `size` is at least 3, so that nothing is overwritten before it is read.
fn shrink(samples: &mut Vec<u8>, size: usize, convert: impl Fn(&[u8]) -> [u8; 3]) {
    let count = samples.len() / size;
    for index in 0..count {
        let rgb = convert(&samples[index * size..][..size]);
        samples[index * 3..][..3].copy_from_slice(&rgb);
    }
    samples.truncate(count * 3);
}

/// Writes three bytes for every `size`, fewer than three, into new memory.
fn widened(samples: &[u8], size: usize, convert: impl Fn(&[u8]) -> [u8; 3]) -> Result<Vec<u8>, Refusal> {
    let mut rgb = pixels((samples.len() / size * 3) as u64)?;
    for (out, pixel) in rgb.chunks_exact_mut(3).zip(samples.chunks_exact(size)) {
        out.copy_from_slice(&convert(pixel));
    }
    Ok(rgb)
}
