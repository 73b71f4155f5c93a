//! PNG (third edition, 2025), by the `png` crate: row by row, so that a file that ends early or is damaged gives what it has.

use std::io::Cursor;

use domain::Refusal;
use evidence::protocol::DecodeLimits;
use image::ColorType;
use png::{
    DecodeOptions, Decoder, DecodingError, InterlaceInfo, Limits, Reader, Transformations, expand_interlaced_row,
};

use crate::picture::{Picture, Turn, admit, pixels};
use crate::raster::to_rgb;
use crate::{frames, over_limit, undecodable};

/// Value of every sample that is missing.
const MISSING: u8 = 128;

/// Decodes the picture itself, which in an animation is the one that a reader without animations shows.
pub fn decode(bytes: &[u8], limits: &DecodeLimits) -> Result<Picture, Refusal> {
    let strict = attempt(bytes, Checks::All, limits);
    match strict {
        Ok((picture, None)) => Ok(picture),
        Err(refusal) if refusal.code == domain::RefusalCode::Limit => Err(refusal),
        // Once more without the checksums: a wrong one says only that something is wrong, not that nothing can be seen.
        Ok((_, Some(_))) | Err(_) => {
            drop(strict);
            let (mut picture, damage) = attempt(bytes, Checks::None, limits)?;
            picture.remarks.push(match damage {
                Some(why) => format!("the picture is damaged or ends early; what is missing is grey ({why})"),
                None => "a checksum of the picture is wrong".to_owned(),
            });
            Ok(picture)
        }
    }
}

/// Tells whether the checksums have to be right.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Checks {
    All,
    None,
}

/// Decodes as many rows as there are, and says what ended them too early.
fn attempt(bytes: &[u8], checks: Checks, limits: &DecodeLimits) -> Result<(Picture, Option<DecodingError>), Refusal> {
    let mut options = DecodeOptions::default();
    options.set_ignore_checksums(checks == Checks::None);
    // Texts are read elsewhere, and profiles nowhere: neither may inflate here.
    options.set_ignore_text_chunk(true);
    options.set_ignore_iccp_chunk(true);
    let mut decoder = Decoder::new_with_options(Cursor::new(bytes), options);
    decoder.set_limits(Limits { bytes: usize::try_from(limits.memory_bytes).unwrap_or(usize::MAX) });
    decoder.set_transformations(Transformations::normalize_to_color8());
    let (width, height) = {
        let info = decoder.read_header_info().map_err(refuse)?;
        admit(info.width.into(), info.height.into(), limits)?
    };
    let mut reader = decoder.read_info().map_err(refuse)?;
    let color = match reader.output_color_type().0 {
        png::ColorType::Grayscale => ColorType::L8,
        png::ColorType::GrayscaleAlpha => ColorType::La8,
        png::ColorType::Rgb => ColorType::Rgb8,
        png::ColorType::Rgba => ColorType::Rgba8,
        png::ColorType::Indexed => return Err(undecodable("a palette that was not resolved")),
    };
    let samples_per_pixel = usize::from(color.channel_count());
    let row_bytes = width as usize * samples_per_pixel;
    let mut samples = pixels(row_bytes as u64 * u64::from(height))?;
    let mut remarks = Vec::new();
    let damage = match rows(&mut reader, &mut samples, row_bytes, samples_per_pixel) {
        Ok(End::Sound) => None,
        Ok(End::Damaged) => {
            remarks.push("a checksum is wrong, or the file ends right behind the picture".to_owned());
            None
        }
        Err((0, why)) => return Err(refuse(why)),
        Err((_, DecodingError::LimitsExceeded)) => return Err(over_limit("the picture's rows need too much memory")),
        Err((done, why)) => {
            // Of an interlaced picture the first passes are spread over all of it.
            samples.iter_mut().skip(done * row_bytes).for_each(|sample| *sample = MISSING);
            Some(why)
        }
    };
    let rgb = to_rgb(samples, color)?;
    let frames = frames::png(bytes);
    Ok((Picture { width, height, rgb, turn: Turn::ByExif, frames, remarks }, damage))
}

/// Tells what follows the last row.
enum End {
    Sound,
    Damaged,
}

/// Reads every row to its place. On an error tells how many rows of the picture are filled from the top.
fn rows(
    reader: &mut Reader<Cursor<&[u8]>>,
    samples: &mut [u8],
    row_bytes: usize,
    samples_per_pixel: usize,
) -> Result<End, (usize, DecodingError)> {
    let height = samples.len() / row_bytes;
    let interlaced = reader.info().interlaced;
    let mut done = 0;
    loop {
        match reader.next_interlaced_row() {
            Ok(Some(row)) => match row.interlace() {
                InterlaceInfo::Null(_) => {
                    let Some(out) = samples.get_mut(done * row_bytes..(done + 1) * row_bytes) else {
                        return Ok(End::Damaged);
                    };
                    out.copy_from_slice(row.data());
                    done += 1;
                }
                InterlaceInfo::Adam7(place) => {
                    // At most 4 samples of 8 bits.
                    let bits = (samples_per_pixel * 8) as u8;
                    expand_interlaced_row(samples, row_bytes, row.data(), place, bits);
                    done = height;
                }
            },
            Ok(None) => return Ok(End::Sound),
            // Every row is there: the checksums come after them.
            Err(_) if done == height && !interlaced => return Ok(End::Damaged),
            Err(why) => return Err((done, why)),
        }
    }
}

fn refuse(error: DecodingError) -> Refusal {
    match error {
        DecodingError::LimitsExceeded => over_limit("the picture needs too much memory"),
        other => undecodable(other),
    }
}
