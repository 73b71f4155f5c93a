//! From pixels to what leaves: orientation, thumbnail, PDQ, image hash, metadata.
//!
//! The full picture is never turned: it is sampled or shrunk first, and the small result is turned.

use domain::{Facts, ImageHash, MediaClass, MediaType, PdqSet, PdqVariant, Refusal};
use evidence::protocol::{
    DecodeLimits, FACTS_BYTES_MAX, METADATA_NAME_BYTES_MAX, METADATA_RAW_BYTES_MAX, METADATA_VALUES_MAX, Outcome,
    REMARKS_MAX, THUMBNAIL_BYTES_MAX, THUMBNAIL_SIDE_MAX, sentence,
};
use evidence::{Metadata, Rgb8, metadata, pdq};
use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use image::RgbImage;
use image_hasher::{HashAlg, HasherConfig};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use crate::picture::{Picture, Turn, pixels};
use crate::talk::Shared;
use crate::{embedded, over_limit, undecodable};

/// Quality of a thumbnail's JPEG, 1 to 100.
const THUMBNAIL_QUALITY: u8 = 80;
/// Side up to which a thumbnail keeps the colour of every pixel: such a picture is shown enlarged.
const ALL_COLOURS_SIDE_MAX: u16 = 128;
/// Side above which PDQ takes 512 × 512 samples (Meta's tool, and [`PdqVariant::Sampled512`]).
const PDQ_SIDE: u32 = 512;

/// Computes everything and leaves it in the shared memory.
pub fn derive(
    picture: Picture,
    mime: &str,
    bytes: &[u8],
    limits: &DecodeLimits,
    shared: &mut Shared,
) -> Result<Outcome, Refusal> {
    let mut found = metadata(&MediaType { mime: mime.to_owned(), class: MediaClass::Picture }, bytes);
    let orientation = Orientation::of(picture.turn, || found.orientation);
    let full = Pixels { width: picture.width, height: picture.height, rgb: picture.rgb };
    let pdq = oriented_pdq(&full, orientation);
    let small = shrink(&full)?;
    let size = orientation.turned((full.width, full.height));
    drop(full);
    // As it is stored: a device embeds its small picture the same way round.
    let embedded = found.embedded.take().map(|jpeg| embedded::compare(&jpeg.0, &small, limits));
    let small = orientation.apply(small);
    let jpeg = encode(&small)?;
    let (width, height) = (small.width, small.height);
    let image_hash = image_hash(small)?;
    let mut facts = Facts {
        width: size.0,
        height: size.1,
        exif_orientation: orientation.0,
        frames: picture.frames,
        pdq,
        image_hash,
        camera: found.camera.clone(),
        gps: found.gps,
        taken: found.taken.clone(),
        metadata: Vec::new(),
        remarks: picture.remarks,
    };
    if let Some(embedded) = embedded {
        embedded.tell(&mut facts);
    }
    add_metadata(&mut facts, found);
    let json = serde_json::to_vec(&facts).map_err(undecodable)?;
    if !shared.put_facts(&json) || !shared.put_thumbnail(&jpeg) {
        return Err(over_limit("facts or thumbnail are too long"));
    }
    Ok(Outcome::Decoded { facts_bytes: json.len(), thumbnail_bytes: jpeg.len(), width, height })
}

/// Holds pixels, three bytes each.
#[derive(Clone)]
pub struct Pixels {
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
    /// Red, green, blue, row by row.
    pub rgb: Vec<u8>,
}

/// Holds one of the eight EXIF orientations (CIPA DC-008, tag 0x0112), 1 to 8.
#[derive(Clone, Copy)]
pub struct Orientation(u8);

impl Orientation {
    const UPRIGHT: Self = Self(1);
    /// The three turns that are no mirrors: by half, and by a quarter either way.
    pub const TURNS: [Self; 3] = [Self(3), Self(6), Self(8)];

    /// Gives the orientation of a picture; `exif` is asked where EXIF has to say it.
    pub fn of(turn: Turn, exif: impl FnOnce() -> u8) -> Self {
        match turn {
            Turn::ByExif => Self::from_exif(exif()),
            Turn::As(orientation) => Self::from_exif(orientation),
            Turn::Done => Self::UPRIGHT,
        }
    }

    /// Tells whether nothing has to be turned.
    pub fn is_upright(self) -> bool {
        self.0 == Self::UPRIGHT.0
    }

    /// Takes the tag's value; nonsense means upright.
    fn from_exif(value: u8) -> Self {
        if (1..=8).contains(&value) { Self(value) } else { Self::UPRIGHT }
    }

    /// Tells whether rows become columns.
    fn swaps_sides(self) -> bool {
        self.0 >= 5
    }

    /// Gives the size after turning.
    pub fn turned(self, (width, height): (u32, u32)) -> (u32, u32) {
        if self.swaps_sides() { (height, width) } else { (width, height) }
    }

    /// Gives the stored pixel that shows at (x, y) of the turned picture; `width` and `height` are those stored.
    pub fn source(self, x: u32, y: u32, width: u32, height: u32) -> (u32, u32) {
        let (right, bottom) = (width - 1, height - 1);
        match self.0 {
            2 => (right - x, y),
            3 => (right - x, bottom - y),
            4 => (x, bottom - y),
            5 => (y, x),
            6 => (y, bottom - x),
            7 => (right - y, bottom - x),
            8 => (right - y, x),
            _ => (x, y),
        }
    }

    /// Turns a small picture.
    pub fn apply(self, stored: Pixels) -> Pixels {
        if self.0 == 1 {
            return stored;
        }
        let (width, height) = self.turned((stored.width, stored.height));
        let rgb = gather(&stored, self, (0..width).collect(), (0..height).collect());
        Pixels { width, height, rgb }
    }
}

/// Takes the pixels at the given columns and rows of the turned picture.
fn gather(stored: &Pixels, orientation: Orientation, columns: Vec<u32>, rows: Vec<u32>) -> Vec<u8> {
    let mut rgb = Vec::with_capacity(columns.len() * rows.len() * 3);
    for &y in &rows {
        for &x in &columns {
            let (x, y) = orientation.source(x, y, stored.width, stored.height);
            let at = (y as usize * stored.width as usize + x as usize) * 3;
            rgb.extend_from_slice(&stored.rgb[at..at + 3]);
        }
    }
    rgb
}

/// Computes PDQ of the turned picture. Of a large one, the 512 × 512 pixels that PDQ would sample are taken here, through
/// the orientation, by the same rule (`index × side ÷ 512`, rounded down), so that the picture need not be turned.
fn oriented_pdq(stored: &Pixels, orientation: Orientation) -> Option<PdqSet> {
    let (width, height) = orientation.turned((stored.width, stored.height));
    if orientation.0 == 1 {
        return pdq(Rgb8 { width, height, pixels: &stored.rgb }, PdqVariant::Sampled512);
    }
    let large = width > PDQ_SIDE || height > PDQ_SIDE;
    let taken = |side: u32| -> Vec<u32> {
        match large {
            // Below `side`, so it fits.
            true => {
                (0..PDQ_SIDE).map(|index| (u64::from(index) * u64::from(side) / u64::from(PDQ_SIDE)) as u32).collect()
            }
            false => (0..side).collect(),
        }
    };
    let (columns, rows) = (taken(width), taken(height));
    let size = (columns.len() as u32, rows.len() as u32);
    let rgb = gather(stored, orientation, columns, rows);
    pdq(Rgb8 { width: size.0, height: size.1, pixels: &rgb }, PdqVariant::Sampled512)
}

/// Shrinks a picture so that its longest side has at most [`THUMBNAIL_SIDE_MAX`] pixels; a small one stays as it is.
fn shrink(full: &Pixels) -> Result<Pixels, Refusal> {
    let longest = full.width.max(full.height);
    if longest <= THUMBNAIL_SIDE_MAX {
        return Ok(Pixels { width: full.width, height: full.height, rgb: full.rgb.clone() });
    }
    let scaled = |side: u32| {
        let exact = (u64::from(side) * u64::from(THUMBNAIL_SIDE_MAX) + u64::from(longest) / 2) / u64::from(longest);
        // At most `THUMBNAIL_SIDE_MAX`, because `side` is at most `longest`.
        (exact as u32).max(1)
    };
    resized(full, scaled(full.width), scaled(full.height))
}

/// Gives a picture of another size. The type of pixel is told when compiling: every other would be compiled too, which
/// takes longer than all the rest of this program.
fn resized(from: &Pixels, width: u32, height: u32) -> Result<Pixels, Refusal> {
    let source: TypedImageRef<'_, U8x3> =
        TypedImageRef::from_buffer(from.width, from.height, &from.rgb).map_err(undecodable)?;
    let mut rgb = pixels(u64::from(width) * u64::from(height) * 3)?;
    let mut target: TypedImage<'_, U8x3> = TypedImage::from_buffer(width, height, &mut rgb).map_err(undecodable)?;
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Hamming)).use_alpha(false);
    Resizer::new().resize_typed(&source, &mut target, &options).map_err(undecodable)?;
    Ok(Pixels { width, height, rgb })
}

/// Encodes a thumbnail as baseline JPEG. 512 × 512 pixels of pure noise stay far below the limit at this quality.
fn encode(small: &Pixels) -> Result<Vec<u8>, Refusal> {
    let mut jpeg = Vec::with_capacity(64 << 10);
    // Both are at most `THUMBNAIL_SIDE_MAX`.
    let (width, height) = (small.width as u16, small.height as u16);
    let mut encoder = Encoder::new(&mut jpeg, THUMBNAIL_QUALITY);
    encoder.set_sampling_factor(match width.max(height) <= ALL_COLOURS_SIDE_MAX {
        true => SamplingFactor::R_4_4_4,
        false => SamplingFactor::R_4_2_0,
    });
    encoder.encode(&small.rgb, width, height, ColorType::Rgb).map_err(undecodable)?;
    if jpeg.len() > THUMBNAIL_BYTES_MAX {
        return Err(over_limit("the thumbnail is too long"));
    }
    Ok(jpeg)
}

/// Computes the gradient hash, 8 × 8 bits, of the turned picture at thumbnail size: the same for every copy of a size, and
/// shrinking the full picture once more would cost as much as decoding it.
///
/// `image_hasher` itself shrinks to 9 × 8 with a filter that costs more than a decoded megapixel; on the way there, at
/// eight times that size, it costs next to nothing.
pub fn image_hash(small: Pixels) -> Result<ImageHash, Refusal> {
    const WAY_WIDTH: u32 = 9 * 8;
    const WAY_HEIGHT: u32 = 8 * 8;
    let small = match small.width > WAY_WIDTH && small.height > WAY_HEIGHT {
        true => resized(&small, WAY_WIDTH, WAY_HEIGHT)?,
        false => small,
    };
    let picture = RgbImage::from_raw(small.width, small.height, small.rgb).ok_or_else(|| undecodable("no pixels"))?;
    let hasher = HasherConfig::with_bytes_type::<[u8; 8]>().hash_size(8, 8).hash_alg(HashAlg::Gradient).to_hasher();
    let hash = hasher.hash_image(&picture);
    let bytes: [u8; 8] = hash.as_bytes().try_into().map_err(undecodable)?;
    Ok(ImageHash(u64::from_be_bytes(bytes)))
}

/// Adds metadata and remarks as far as their limits allow; what is left out is remarked.
fn add_metadata(facts: &mut Facts, found: Metadata) {
    /// Room for everything but the values, bytes.
    const RESERVED_BYTES: usize = 128 << 10;
    let camera = &mut facts.camera;
    let parts = [
        &mut camera.make,
        &mut camera.model,
        &mut camera.serial,
        &mut camera.lens_serial,
        &mut camera.software,
        &mut camera.owner,
    ];
    let mut names: Vec<&mut String> = parts.into_iter().flatten().collect();
    if let Some(taken) = &mut facts.taken {
        names.push(&mut taken.local);
        names.extend(&mut taken.offset);
    }
    for name in names {
        cut(name, METADATA_NAME_BYTES_MAX);
    }
    facts.gps = facts.gps.filter(|fix| {
        let on_earth = fix.latitude.abs() <= 90.0 && fix.longitude.abs() <= 180.0;
        on_earth && fix.altitude_m.is_none_or(f64::is_finite)
    });
    let (mut left, mut room) = (false, FACTS_BYTES_MAX - RESERVED_BYTES);
    for mut value in found.values {
        left |= cut(&mut value.raw, METADATA_RAW_BYTES_MAX);
        cut(&mut value.group, METADATA_NAME_BYTES_MAX);
        cut(&mut value.name, METADATA_NAME_BYTES_MAX);
        let cost = serde_json::to_vec(&value).map_or(usize::MAX, |json| json.len() + 1);
        if facts.metadata.len() == METADATA_VALUES_MAX || cost > room {
            left = true;
            break;
        }
        room -= cost;
        facts.metadata.push(value);
    }
    facts.remarks.extend(found.remarks);
    facts.remarks.iter_mut().for_each(|remark| *remark = sentence(remark));
    facts.remarks.truncate(REMARKS_MAX - 1);
    if left {
        facts.remarks.push("the metadata is long; a part of it was left out".to_owned());
    }
}

/// Cuts a text to so many bytes at most, between characters, and tells whether that took anything away.
fn cut(text: &mut String, bytes_max: usize) -> bool {
    let long = text.len() > bytes_max;
    if long {
        text.truncate(text.floor_char_boundary(bytes_max));
    }
    long
}
