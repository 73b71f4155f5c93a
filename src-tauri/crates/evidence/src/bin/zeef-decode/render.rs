//! From a file to pixels for the eye: decoded, shrunk, turned as EXIF says. The full picture is never turned.

use domain::{MediaClass, MediaType, Refusal};
use evidence::protocol::{DecodeLimits, Outcome, Render, fitted};
use evidence::{Colours, metadata};
use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{U8, U8x3};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};

use crate::derive::Orientation;
use crate::picture::{self, Turn, pixels};
use crate::talk::Shared;
use crate::{jpeg, over_limit, undecodable};

/// Renders a picture and leaves its pixels in the shared memory, which has room for `pixels_max`.
pub fn render(
    mime: &str,
    bytes: &[u8],
    wanted: Render,
    pixels_max: u32,
    limits: &DecodeLimits,
    shared: &mut Shared,
) -> Result<Outcome, Refusal> {
    let (stored, turn) = decode(mime, bytes, wanted.colours, limits)?;
    let orientation = Orientation::of(turn, || {
        metadata(&MediaType { mime: mime.to_owned(), class: MediaClass::Picture }, bytes).orientation
    });
    let size = fitted((stored.width, stored.height), wanted.longest_px, pixels_max);
    let small = if size == (stored.width, stored.height) { stored } else { stored.resized(size)? };
    let small = small.only(wanted.colours).turned(orientation);
    if !shared.put_pixels(&small.samples) {
        return Err(over_limit("there is no room for the pixels"));
    }
    Ok(Outcome::Rendered { width: small.width, height: small.height })
}

/// Holds pixels of one or three samples.
struct Raster {
    width: u32,
    height: u32,
    colours: Colours,
    samples: Vec<u8>,
}

/// Decodes a picture; to its brightness alone where that is wanted and saves work.
fn decode(mime: &str, bytes: &[u8], colours: Colours, limits: &DecodeLimits) -> Result<(Raster, Turn), Refusal> {
    if colours == Colours::Grey
        && mime == "image/jpeg"
        && let Some((width, height, samples)) = jpeg::brightness(bytes, limits)
    {
        return Ok((Raster { width, height, colours: Colours::Grey, samples }, Turn::ByExif));
    }
    let picture = picture::decode(mime, bytes, limits)?;
    let stored = Raster { width: picture.width, height: picture.height, colours: Colours::Rgb, samples: picture.rgb };
    Ok((stored, picture.turn))
}

impl Raster {
    fn resized(self, (width, height): (u32, u32)) -> Result<Self, Refusal> {
        let mut samples = pixels(u64::from(width) * u64::from(height) * self.colours.bytes() as u64)?;
        match self.colours {
            Colours::Grey => self.resize_into::<U8>(&mut samples, width, height)?,
            Colours::Rgb => self.resize_into::<U8x3>(&mut samples, width, height)?,
        }
        Ok(Self { width, height, samples, ..self })
    }

    /// Shrinks by a filter that lets nothing shimmer. The type of pixel is told when compiling, as in `derive`.
    fn resize_into<P: PixelTrait>(&self, samples: &mut [u8], width: u32, height: u32) -> Result<(), Refusal> {
        let source: TypedImageRef<'_, P> =
            TypedImageRef::from_buffer(self.width, self.height, &self.samples).map_err(undecodable)?;
        let mut target: TypedImage<'_, P> = TypedImage::from_buffer(width, height, samples).map_err(undecodable)?;
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Hamming)).use_alpha(false);
        Resizer::new().resize_typed(&source, &mut target, &options).map_err(undecodable)
    }

    /// Leaves the brightness alone, where that is wanted and there is more.
    fn only(self, wanted: Colours) -> Self {
        if wanted == self.colours {
            return self;
        }
        // Only from colours to grey: grey is decoded where grey is wanted. The weights are those of JPEG, in 65,536.
        let grey = |&[r, g, b]: &[u8; 3]| {
            ((19_595 * u32::from(r) + 38_470 * u32::from(g) + 7_471 * u32::from(b) + (1 << 15)) >> 16) as u8
        };
        let samples = self.samples.as_chunks::<3>().0.iter().map(grey).collect();
        Self { colours: Colours::Grey, samples, ..self }
    }

    fn turned(self, orientation: Orientation) -> Self {
        if orientation.is_upright() {
            return self;
        }
        let (width, height) = orientation.turned((self.width, self.height));
        let bytes = self.colours.bytes();
        let mut samples = Vec::with_capacity(self.samples.len());
        for y in 0..height {
            for x in 0..width {
                let (x, y) = orientation.source(x, y, self.width, self.height);
                let at = (y as usize * self.width as usize + x as usize) * bytes;
                samples.extend_from_slice(&self.samples[at..at + bytes]);
            }
        }
        Self { width, height, samples, ..self }
    }
}
