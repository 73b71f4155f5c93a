//! HEIC and AVIF (ISO/IEC 23008-12, MIAF): the primary picture, coded in HEVC, AV1 or JPEG, whole or as a grid of tiles.
//!
//! The grid is put together here and not by `heifer`, which would ask the system for its processors: the sandbox ends
//! a process that asks anything. A tile that is damaged or missing leaves its place grey.

use std::borrow::Cow;

use domain::{Refusal, RefusalCode};
use evidence::protocol::DecodeLimits;
use heifer_isobmff::boxes::{ColorInfo, Property};
use heifer_isobmff::{BoxIter, FourCC, HeifFile, ItemId};

use crate::picture::{Picture, Turn, admit, pixels};
use crate::raster::over_white;
use crate::yuv::{self, Coding, Planes};
use crate::{av1, jpeg, over_limit, undecodable};

/// Deepest nesting of derived pictures: the standard's own examples have two.
const DEPTH_MAX: u32 = 3;
/// Grey of what is missing.
const MISSING: u8 = 128;

/// Decodes the primary picture.
pub fn decode(bytes: &[u8], limits: &DecodeLimits) -> Result<Picture, Refusal> {
    let mut remarks = Vec::new();
    let bytes = mended(bytes, &mut remarks);
    let file = HeifFile::parse(&bytes).map_err(undecodable)?;
    let mut work = Work { bytes: &bytes, file: &file, limits, remarks };
    let mut image = work.item(file.primary_id, 0)?;
    if let Some(alpha) = image.alpha.take() {
        for (pixel, alpha) in image.rgb.as_chunks_mut::<3>().0.iter_mut().zip(alpha) {
            *pixel = pixel.map(|value| over_white(value, alpha));
        }
    }
    Ok(Picture {
        width: image.width,
        height: image.height,
        rgb: image.rgb,
        turn: Turn::As(image.orientation),
        frames: u32::try_from(file.top_level_image_ids().len()).ok(),
        remarks: work.remarks,
    })
}

/// Makes a file whose last box does not fit readable: a cut `mdat` reaches to the end of what is there, and what is
/// no box (phones append data of their own) is left out.
fn mended<'a>(bytes: &'a [u8], remarks: &mut Vec<String>) -> Cow<'a, [u8]> {
    let mut end = 0;
    for part in BoxIter::new(bytes) {
        let Ok(part) = part else {
            let rest = &bytes[end..];
            if rest.get(4..8) == Some(b"mdat") && rest[..4] != [0, 0, 0, 1] {
                remarks.push("the file ends early; a part of the picture may be missing".to_owned());
                let mut whole = bytes.to_vec();
                // A length of 0 means "up to the end".
                whole[end..end + 4].fill(0);
                return Cow::Owned(whole);
            }
            remarks.push("what follows the picture's boxes is no box; it is not read".to_owned());
            return Cow::Borrowed(&bytes[..end]);
        };
        end = part.offset + part.header.header_size as usize + part.content.len();
    }
    Cow::Borrowed(bytes)
}

/// Holds a decoded item as it is stored, and how it is to be shown.
struct Image {
    width: u32,
    height: u32,
    /// Three bytes a pixel.
    rgb: Vec<u8>,
    /// One byte a pixel.
    alpha: Option<Vec<u8>>,
    /// Orientation as EXIF numbers it, 1 to 8.
    orientation: u8,
}

struct Work<'a> {
    bytes: &'a [u8],
    file: &'a HeifFile<'a>,
    limits: &'a DecodeLimits,
    remarks: Vec<String>,
}

impl Work<'_> {
    /// Decodes an item with its alpha plane and its transformations.
    fn item(&mut self, id: ItemId, depth: u32) -> Result<Image, Refusal> {
        if depth > DEPTH_MAX {
            return Err(undecodable("derived pictures are nested too deeply"));
        }
        let kind = self.file.item(id).map_err(undecodable)?.item_type;
        if let Some((width, height)) = self.file.image_size(id).map_err(undecodable)? {
            admit(width.into(), height.into(), self.limits)?;
        }
        let mut image = match &kind.0 {
            // `heifer` sees to alpha and transformations itself.
            b"hvc1" | b"hev1" => return self.hevc(id, depth),
            b"iovl" => return self.overlay(id, depth),
            b"av01" => self.av1(id)?,
            b"jpeg" => self.jpeg(id)?,
            b"grid" => self.grid(id, depth)?,
            b"iden" => match self.file.referenced_items(id, b"dimg") {
                &[source] => self.item(source, depth + 1)?,
                _ => return Err(undecodable("a picture that repeats another names none")),
            },
            _ => return Err(undecodable(format!("pictures of the coding \"{kind}\" are not decoded"))),
        };
        self.add_alpha(id, &mut image, depth)?;
        self.transform(id, &mut image)?;
        Ok(image)
    }

    fn hevc(&self, id: ItemId, depth: u32) -> Result<Image, Refusal> {
        if depth == 0 {
            // Half the memory, which counts where there is only one picture.
            let pixels = self.limits.pixels;
            let options = heifer::Options { max_threads: 1, max_pixels: pixels };
            let image = heifer::decode_rgba8(self.bytes, &options).map_err(refuse)?;
            return split(image.width, image.height, image.has_alpha, &image.data, |value| value);
        }
        let image = heifer::decode_item(self.file, id, depth).map_err(refuse)?;
        let max = u32::from(image.max_value());
        // At most 255, because no sample exceeds `max`.
        let narrow = |value: u16| ((u32::from(value).min(max) * 255 + max / 2) / max) as u8;
        split(image.width, image.height, image.has_alpha, &image.data, narrow)
    }

    /// Decodes an overlay of coded pictures.
    fn overlay(&self, id: ItemId, depth: u32) -> Result<Image, Refusal> {
        let sources = self.file.referenced_items(id, b"dimg");
        let coded = |id: &ItemId| self.file.item(*id).is_ok_and(|item| item.item_type == FourCC(*b"hvc1"));
        if sources.is_empty() || !sources.iter().all(coded) {
            return Err(undecodable("an overlay of anything but HEVC pictures is not decoded"));
        }
        for source in sources {
            if let Some((width, height)) = self.file.image_size(*source).map_err(undecodable)? {
                admit(width.into(), height.into(), self.limits)?;
            }
        }
        self.hevc(id, depth.max(1))
    }

    fn av1(&self, id: ItemId) -> Result<Image, Refusal> {
        let data = self.file.item_data(id).map_err(undecodable)?;
        let frame = av1::decode(&data, self.limits)?;
        let (width, height) = frame.size();
        let (width, height) = admit(width as u64, height as u64, self.limits)?;
        let rgb = yuv::to_rgb(&frame, self.coding(id).unwrap_or(frame.coding()))?;
        Ok(Image { width, height, rgb, alpha: None, orientation: 1 })
    }

    fn jpeg(&self, id: ItemId) -> Result<Image, Refusal> {
        let data = self.file.item_data(id).map_err(undecodable)?;
        let picture = jpeg::decode(&data, self.limits)?;
        Ok(Image { width: picture.width, height: picture.height, rgb: picture.rgb, alpha: None, orientation: 1 })
    }

    /// Gives the coding of colours that the container states, which outranks the stream's.
    fn coding(&self, id: ItemId) -> Option<Coding> {
        self.file.item_properties(id).ok()?.find_map(|property| match property {
            Property::Color(ColorInfo::Nclx { matrix, full_range, .. }) => {
                Some(Coding { matrix: *matrix, full_range: *full_range })
            }
            _ => None,
        })
    }

    /// Puts the tiles of a grid together.
    fn grid(&mut self, id: ItemId, depth: u32) -> Result<Image, Refusal> {
        let grid = self.file.grid(id).map_err(undecodable)?;
        let (width, height) = admit(grid.output_width.into(), grid.output_height.into(), self.limits)?;
        let tiles = self.file.referenced_items(id, b"dimg");
        let columns = usize::from(grid.columns);
        if tiles.len() != columns * usize::from(grid.rows) {
            return Err(undecodable("the number of tiles is not what the grid says"));
        }
        let mut canvas = Image { width, height, rgb: pixels(area(width, height) * 3)?, alpha: None, orientation: 1 };
        canvas.rgb.fill(MISSING);
        let mut tile_size = None;
        let mut damage = None;
        for (index, &tile) in tiles.iter().enumerate() {
            let tile = match self.item(tile, depth + 1) {
                Ok(tile) => tile,
                Err(refusal) if refusal.code == RefusalCode::Limit => return Err(refusal),
                Err(refusal) => {
                    damage.get_or_insert(refusal);
                    continue;
                }
            };
            let (tile_width, tile_height) = *tile_size.get_or_insert((tile.width, tile.height));
            if (tile.width, tile.height) != (tile_width, tile_height) || tile.orientation != 1 {
                return Err(undecodable("the tiles of the grid differ in size"));
            }
            let (column, row) = (index % columns, index / columns);
            canvas.place(&tile, column * tile_width as usize, row * tile_height as usize)?;
        }
        match (damage, tile_size) {
            (Some(refusal), None) => return Err(refusal),
            (Some(_), Some(_)) => self.remarks.push("tiles of the picture are damaged; their place is grey".to_owned()),
            (None, _) => {}
        }
        Ok(canvas)
    }

    /// Adds the plane of an auxiliary picture that says how opaque each pixel is.
    fn add_alpha(&mut self, id: ItemId, image: &mut Image, depth: u32) -> Result<(), Refusal> {
        let is_alpha = |aux: &ItemId| {
            self.file.item_properties(*aux).is_ok_and(|mut all| {
                all.any(|property| {
                    matches!(property, Property::AuxiliaryType(kind)
                        if kind == "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha" || kind == "urn:mpeg:hevc:2015:auxid:1")
                })
            })
        };
        let Some(aux) = self.file.referencing_items(id, b"auxl").into_iter().find(is_alpha) else { return Ok(()) };
        let (width, height, alpha) = if self.file.item(aux).is_ok_and(|item| item.item_type == FourCC(*b"av01")) {
            let data = self.file.item_data(aux).map_err(undecodable)?;
            let frame = av1::decode(&data, self.limits)?;
            let (width, height) = frame.size();
            let range = self.coding(aux).unwrap_or(frame.coding()).full_range;
            (width, height, yuv::to_grey(&frame, range)?)
        } else {
            let plane = self.item(aux, depth + 1)?;
            let grey = plane.rgb.as_chunks::<3>().0.iter().map(|pixel| pixel[0]).collect();
            (plane.width as usize, plane.height as usize, grey)
        };
        if (width, height) == (image.width as usize, image.height as usize) {
            image.alpha = Some(alpha);
        } else {
            self.remarks.push("the plane of transparency has another size than the picture; it is left out".to_owned());
        }
        Ok(())
    }

    /// Applies what the container says about showing an item: crop, turn, mirror, in this order.
    fn transform(&mut self, id: ItemId, image: &mut Image) -> Result<(), Refusal> {
        for property in self.file.item_properties(id).map_err(undecodable)? {
            match *property {
                Property::CleanAperture { width, height, horiz_offset, vert_offset } if image.orientation == 1 => {
                    let left = aperture(image.width, width, horiz_offset);
                    let top = aperture(image.height, height, vert_offset);
                    let (Some((left, width)), Some((top, height))) = (left, top) else {
                        self.remarks.push("the crop lies outside the picture; it is left out".to_owned());
                        continue;
                    };
                    image.crop(left, top, width, height)?;
                }
                Property::Rotation(quarters) => {
                    (0..quarters % 4).for_each(|_| image.orientation = TURNED[usize::from(image.orientation)]);
                }
                Property::Mirror(true) => image.orientation = UPSIDE_DOWN[usize::from(image.orientation)],
                Property::Mirror(false) => image.orientation = MIRRORED[usize::from(image.orientation)],
                _ => {}
            }
        }
        Ok(())
    }
}

/// What a quarter turn against the clock makes of each orientation, counted as EXIF does from 1.
const TURNED: [u8; 9] = [1, 8, 5, 6, 7, 4, 1, 2, 3];
/// What exchanging left and right makes of each orientation.
const MIRRORED: [u8; 9] = [1, 2, 1, 4, 3, 6, 5, 8, 7];
/// What exchanging top and bottom makes of each orientation.
const UPSIDE_DOWN: [u8; 9] = [1, 4, 3, 2, 1, 8, 7, 6, 5];

impl Image {
    /// Copies a tile to its place; what lies outside is cut off.
    fn place(&mut self, tile: &Self, x: usize, y: usize) -> Result<(), Refusal> {
        let (own, other) = (self.width as usize, tile.width as usize);
        let width = other.min(own.saturating_sub(x));
        if width == 0 || y >= self.height as usize {
            return Ok(());
        }
        if tile.alpha.is_some() && self.alpha.is_none() {
            let mut alpha = pixels(area(self.width, self.height))?;
            alpha.fill(u8::MAX);
            self.alpha = Some(alpha);
        }
        let copy = |to: &mut [u8], from: &[u8], size: usize| {
            let rows = to.chunks_exact_mut(own * size).skip(y).zip(from.chunks_exact(other * size));
            rows.for_each(|(to, from)| to[x * size..][..width * size].copy_from_slice(&from[..width * size]));
        };
        copy(&mut self.rgb, &tile.rgb, 3);
        if let (Some(to), Some(from)) = (&mut self.alpha, &tile.alpha) {
            copy(to, from, 1);
        }
        Ok(())
    }

    fn crop(&mut self, left: u32, top: u32, width: u32, height: u32) -> Result<(), Refusal> {
        let old = self.width as usize;
        let cut = |bytes: &[u8], size: usize| -> Result<Vec<u8>, Refusal> {
            let mut out = pixels(area(width, height) * size as u64)?;
            let row_bytes = width as usize * size;
            for (to, from) in out.chunks_exact_mut(row_bytes).zip(bytes.chunks_exact(old * size).skip(top as usize)) {
                to.copy_from_slice(&from[left as usize * size..][..row_bytes]);
            }
            Ok(out)
        };
        self.rgb = cut(&self.rgb, 3)?;
        self.alpha = self.alpha.as_deref().map(|alpha| cut(alpha, 1)).transpose()?;
        (self.width, self.height) = (width, height);
        Ok(())
    }
}

/// Gives start and length of a clean aperture (ISO/IEC 14496-12, 12.1.4) along one side; none when it is no part of it.
fn aperture(side: u32, (size, size_divisor): (u32, u32), (offset, offset_divisor): (i32, u32)) -> Option<(u32, u32)> {
    if size_divisor == 0 || offset_divisor == 0 {
        return None;
    }
    let size = f64::from(size) / f64::from(size_divisor);
    let centre = f64::from(offset) / f64::from(offset_divisor) + (f64::from(side) - 1.0) / 2.0;
    let start = (centre - (size - 1.0) / 2.0).round();
    let size = size.round();
    let inside = start >= 0.0 && size >= 1.0 && start + size <= f64::from(side);
    // Both lie between 0 and `side`.
    inside.then_some((start as u32, size as u32))
}

/// Takes four samples a pixel apart.
fn split<S: Copy>(
    width: u32,
    height: u32,
    has_alpha: bool,
    samples: &[S],
    narrow: impl Fn(S) -> u8,
) -> Result<Image, Refusal> {
    if width == 0 || height == 0 {
        return Err(undecodable("the picture has no pixels"));
    }
    let mut rgb = pixels(area(width, height) * 3)?;
    let samples = samples.as_chunks::<4>().0;
    for (out, &[red, green, blue, _]) in rgb.as_chunks_mut::<3>().0.iter_mut().zip(samples) {
        *out = [narrow(red), narrow(green), narrow(blue)];
    }
    let alpha = match has_alpha {
        true => {
            let mut alpha = pixels(area(width, height))?;
            alpha.iter_mut().zip(samples).for_each(|(out, pixel)| *out = narrow(pixel[3]));
            Some(alpha)
        }
        false => None,
    };
    Ok(Image { width, height, rgb, alpha, orientation: 1 })
}

fn area(width: u32, height: u32) -> u64 {
    u64::from(width) * u64::from(height)
}

fn refuse(error: heifer::Error) -> Refusal {
    match error {
        heifer::Error::Invalid("image size is zero or too large") => over_limit(error),
        other => undecodable(other),
    }
}
