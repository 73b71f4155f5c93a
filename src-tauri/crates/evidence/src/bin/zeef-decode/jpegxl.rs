//! JPEG XL (ISO/IEC 18181), by jxl-oxide: the first frame, brought to sRGB (samples of an embedded profile stay as they
//! are) and eight bits, laid over white.

use domain::Refusal;
use evidence::protocol::DecodeLimits;
use jxl_oxide::color::ColourEncoding;
use jxl_oxide::{AllocTracker, EnumColourEncoding, InitializeResult, JxlImage, PixelFormat, Render, RenderingIntent};

use crate::picture::{Picture, Turn, admit, pixels};
use crate::raster::over_white;
use crate::undecodable;

/// Bytes that are given to the reader at once.
const STEP_BYTES: usize = 64 << 10;

/// Decodes a bare codestream or a container.
pub fn decode(bytes: &[u8], limits: &DecodeLimits) -> Result<Picture, Refusal> {
    let (mut image, rest) = start(bytes, limits)?;
    admit(image.width().into(), image.height().into(), limits)?;
    if !image.pixel_format().has_black() && !keeps_numbers_of_profile(&image) {
        let encoding = match image.pixel_format().is_grayscale() {
            true => EnumColourEncoding::gray_srgb(RenderingIntent::Relative),
            false => EnumColourEncoding::srgb(RenderingIntent::Relative),
        };
        image.request_color_encoding(encoding);
    }
    let mut remarks = Vec::new();
    let damage = feed(&mut image, rest).err();
    let (render, frames) = if image.num_loaded_keyframes() > 0 {
        (image.render_frame(0).map_err(undecodable)?, image.num_loaded_keyframes())
    } else {
        if let Some(why) = damage {
            return Err(why);
        }
        remarks.push("the file ends early; the picture is incomplete".to_owned());
        (image.render_loading_frame().map_err(undecodable)?, 1)
    };
    let (width, height, rgb) = flat(&image, &render, limits)?;
    Ok(Picture { width, height, rgb, turn: Turn::Done, frames: u32::try_from(frames).ok(), remarks })
}

/// Tells whether the samples are numbers of an embedded profile. They are shown as they stand, which is what becomes of a
/// profile in every other format: a JPEG and what is packed from it without loss look alike.
fn keeps_numbers_of_profile(image: &JxlImage) -> bool {
    let metadata = &image.image_header().metadata;
    !metadata.xyb_encoded && matches!(metadata.colour_encoding, ColourEncoding::IccProfile(_))
}

/// Feeds the head of the file until the picture's measures are known; gives what was not fed yet.
fn start<'a>(bytes: &'a [u8], limits: &DecodeLimits) -> Result<(JxlImage, &'a [u8]), Refusal> {
    // The limit of memory ends the process; this limit, a little lower, is told as one.
    let bytes_max = usize::try_from(limits.memory_bytes / 4 * 3).unwrap_or(usize::MAX);
    let mut waiting = JxlImage::builder().alloc_tracker(AllocTracker::with_limit(bytes_max)).build_uninit();
    let mut rest = bytes;
    while !rest.is_empty() {
        let step = &rest[..rest.len().min(STEP_BYTES)];
        let used = waiting.feed_bytes(step).map_err(undecodable)?;
        if used == 0 && step.len() == rest.len() {
            break;
        }
        rest = &rest[used..];
        match waiting.try_init().map_err(undecodable)? {
            InitializeResult::Initialized(image) => return Ok((image, rest)),
            InitializeResult::NeedMoreData(more) => waiting = more,
        }
        if used == 0 {
            break;
        }
    }
    Err(undecodable("the file ends before the picture's header"))
}

fn feed(image: &mut JxlImage, mut rest: &[u8]) -> Result<(), Refusal> {
    while !rest.is_empty() && !image.is_loading_done() {
        let step = &rest[..rest.len().min(STEP_BYTES)];
        let used = image.feed_bytes(step).map_err(undecodable)?;
        if used == 0 {
            break;
        }
        rest = &rest[used..];
    }
    Ok(())
}

/// Writes a rendered frame as three bytes a pixel, row by row.
fn flat(image: &JxlImage, render: &Render, limits: &DecodeLimits) -> Result<(u32, u32, Vec<u8>), Refusal> {
    let mut stream = render.stream();
    let (width, height) = admit(stream.width().into(), stream.height().into(), limits)?;
    let channels = stream.channels() as usize;
    let format = image.pixel_format();
    if channels != format.channels() {
        return Err(undecodable("channels that are no colours"));
    }
    let mut rgb = pixels(u64::from(width) * u64::from(height) * 3)?;
    let mut row = vec![0_u8; width as usize * channels];
    for out in rgb.chunks_exact_mut(width as usize * 3) {
        if stream.write_to_buffer(&mut row) != row.len() {
            return Err(undecodable("the picture has fewer rows than it says"));
        }
        for (out, pixel) in out.as_chunks_mut::<3>().0.iter_mut().zip(row.chunks_exact(channels)) {
            *out = colour(pixel, format);
        }
    }
    Ok((width, height, rgb))
}

fn colour(pixel: &[u8], format: PixelFormat) -> [u8; 3] {
    match (format, pixel) {
        (PixelFormat::Gray, &[grey]) => [grey; 3],
        (PixelFormat::Graya, &[grey, alpha]) => [over_white(grey, alpha); 3],
        (PixelFormat::Rgb, &[red, green, blue]) => [red, green, blue],
        (PixelFormat::Rgba, &[red, green, blue, alpha]) => [red, green, blue].map(|value| over_white(value, alpha)),
        // Full ink is 0 in JPEG XL.
        (PixelFormat::Cmyk, &[cyan, magenta, yellow, black]) => [cyan, magenta, yellow].map(|ink| mixed(ink, black)),
        (PixelFormat::Cmyka, &[cyan, magenta, yellow, black, alpha]) => {
            [cyan, magenta, yellow].map(|ink| over_white(mixed(ink, black), alpha))
        }
        _ => [0; 3],
    }
}

/// Darkens a colour by black ink.
fn mixed(ink: u8, black: u8) -> u8 {
    // At most 255 × 255 ÷ 255.
    ((u32::from(ink) * u32::from(black) + 127) / 255) as u8
}
