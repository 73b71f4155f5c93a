//! JPEG (ITU-T T.81), baseline and progressive; a file that ends early gives its upper part.

use domain::Refusal;
use evidence::protocol::DecodeLimits;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use crate::picture::{Picture, Turn, admit, pixels};
use crate::{scans, undecodable};

/// Most passes over a progressive picture; encoders make about ten, a bomb makes thousands.
const SCANS_MAX: usize = 128;

/// Decodes a JPEG to red, green and blue, whatever its components are.
pub fn decode(bytes: &[u8], limits: &DecodeLimits) -> Result<Picture, Refusal> {
    // A decoder that forgives everything does not say what it forgave, so the strict one is asked first.
    let strict = decode_by(bytes, Mistakes::End, limits);
    let is_whole = strict.is_ok();
    let mut picture = strict.or_else(|_| decode_by(bytes, Mistakes::Forgiven, limits))?;
    if ends_early(bytes) {
        picture.remarks.push("the file ends early; the missing part of the picture is grey".to_owned());
    } else if !is_whole || is_disordered(bytes) {
        picture.remarks.push("the file is damaged; parts of the picture may be missing, grey or shifted".to_owned());
    }
    Ok(picture)
}

/// Decodes the brightness alone, half the work: width, height, and a byte for each pixel. None where the components are
/// other than brightness and two differences, or where the file breaks a rule: then only the long way tells.
pub fn brightness(bytes: &[u8], limits: &DecodeLimits) -> Option<(u32, u32, Vec<u8>)> {
    let ordinary = matches!(scans::parted(bytes), Ok(None));
    if ordinary { samples(bytes, ColorSpace::Luma, Mistakes::End, limits).ok() } else { None }
}

/// Says what becomes of a file that breaks the rules of JPEG.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mistakes {
    End,
    Forgiven,
}

fn decode_by(bytes: &[u8], mistakes: Mistakes, limits: &DecodeLimits) -> Result<Picture, Refusal> {
    if let Some(parted) = scans::parted(bytes)? {
        return parted.decode(limits, |file| Ok(samples(file, ColorSpace::Luma, mistakes, limits)?.2));
    }
    let (width, height, rgb) = samples(bytes, ColorSpace::RGB, mistakes, limits)?;
    Ok(Picture { width, height, rgb, turn: Turn::ByExif, frames: None, remarks: Vec::new() })
}

/// Decodes a JPEG of one scan, or a progressive one, to samples of the given colours: width, height, samples.
fn samples(
    bytes: &[u8],
    colours: ColorSpace,
    mistakes: Mistakes,
    limits: &DecodeLimits,
) -> Result<(u32, u32, Vec<u8>), Refusal> {
    let options = DecoderOptions::default()
        .set_strict_mode(mistakes == Mistakes::End)
        .set_max_width(u16::MAX.into())
        .set_max_height(u16::MAX.into())
        .jpeg_set_max_scans(SCANS_MAX)
        .jpeg_set_out_colorspace(colours);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(undecodable)?;
    let info = decoder.info().ok_or_else(|| undecodable("no frame"))?;
    let has_brightness = matches!(decoder.input_colorspace(), Some(ColorSpace::YCbCr | ColorSpace::Luma));
    if colours == ColorSpace::Luma && !has_brightness {
        return Err(undecodable("components that are no brightness"));
    }
    let (width, height) = admit(info.width.into(), info.height.into(), limits)?;
    let mut samples = pixels(u64::from(width) * u64::from(height) * colours.num_components() as u64)?;
    if decoder.output_buffer_size() != Some(samples.len()) {
        return Err(undecodable("components that are no colours"));
    }
    decoder.decode_into(&mut samples).map_err(undecodable)?;
    Ok((width, height, samples))
}

/// Tells whether no end-of-image marker follows the start of the first scan.
fn ends_early(bytes: &[u8]) -> bool {
    // From the end, because that is where it nearly always stands; what follows it may be another picture.
    let scan = scan_start(bytes).unwrap_or(0);
    !bytes[scan..].windows(2).rev().any(|pair| pair == [0xff, 0xd9])
}

/// Finds the first start-of-scan segment by walking the segments before it.
fn scan_start(bytes: &[u8]) -> Option<usize> {
    let mut at = 2;
    loop {
        let (&[first, marker, high, low], _) = bytes.get(at..)?.split_first_chunk::<4>()?;
        match (first, marker) {
            (0xff, 0xda) => return Some(at),
            // Fill bytes may stand before a marker.
            (0xff, 0xff) => at += 1,
            (0xff, _) => at += 2 + usize::from(u16::from_be_bytes([high, low])),
            _ => return None,
        }
    }
}

/// Tells whether markers stand where none may: restarts that nobody announced or out of turn, or bytes in the midst of a
/// scan that are no marker at all. The decoder passes over them, and from there on the picture is shifted or grey.
fn is_disordered(bytes: &[u8]) -> bool {
    let mut at = 2;
    let mut restarts = false;
    loop {
        if bytes.get(at..at + 2) == Some(&[0xff, 0xd9]) {
            return false;
        }
        // The end of the image is in the file, and this way does not lead to it.
        let Some(&[0xff, marker, high, low]) = bytes.get(at..at + 4) else { return true };
        let length = usize::from(u16::from_be_bytes([high, low]));
        match marker {
            0xff => {
                at += 1;
                continue;
            }
            0xdd => restarts = bytes.get(at + 4..at + 6) != Some(&[0, 0]),
            _ => {}
        }
        at += 2 + length;
        if marker == 0xda {
            match end_of_scan(bytes, at, restarts) {
                Ok(end) => at = end,
                Err(is_disordered) => return is_disordered,
            }
        }
    }
}

/// Walks the coded bytes of a scan to the marker after them. Without one it tells whether that is disorder or only the end.
fn end_of_scan(bytes: &[u8], mut at: usize, restarts: bool) -> Result<usize, bool> {
    let mut next_restart = 0xd0;
    loop {
        at += bytes.get(at..).unwrap_or_default().iter().position(|byte| *byte == 0xff).ok_or(false)?;
        match *bytes.get(at + 1).ok_or(false)? {
            0x00 => at += 2,
            // Any number of these may stand before a marker, and before nothing else.
            0xff if bytes[at..].iter().find(|byte| **byte != 0xff) == Some(&0) => return Err(true),
            0xff => at += 1,
            restart @ 0xd0..=0xd7 if restarts && restart == next_restart => {
                next_restart = if restart == 0xd7 { 0xd0 } else { restart + 1 };
                at += 2;
            }
            0xc4 | 0xd9..=0xdd | 0xe0..=0xef | 0xfe => return Ok(at),
            _ => return Err(true),
        }
    }
}
