//! The small picture that EXIF embeds, against its picture. Editors that change a picture often leave it as it was: then it
//! shows what the picture showed before.

use std::panic::{AssertUnwindSafe, catch_unwind};

use domain::{Facts, ImageHash, MetadataValue, Refusal};
use evidence::protocol::DecodeLimits;

use crate::derive::{Orientation, Pixels, image_hash};
use crate::jpeg;

/// Longest side of an embedded small picture, pixels. EXIF recommends 160 × 120; phones embed up to 512. So the worst that
/// can be embedded, a picture of as many passes as are read, costs a second.
const SIDE_MAX: u32 = 1024;
/// Distance of hashes up to which two pictures show the same: then no other form is tried, and only then a turned one counts.
/// Soft pictures are not far from each other by chance, and four turns would be four chances.
const SAME: u32 = 8;
/// A hash with fewer bits set, or fewer unset, is that of a flat picture, which tells nothing.
const BITS_MIN: u32 = 8;
/// Share by which the forms of two pictures may differ before bars are looked for, in hundredths: small pictures have
/// sides that are rounded, often to 8 or 16 pixels.
const FORM_DIFFERS_PERCENT: u64 = 3;

/// Tells how an embedded small picture stands to its picture.
pub enum Compared {
    /// Its size, and the distance of the 64-bit hashes; no distance where a picture is flat.
    Read {
        /// Width, pixels.
        width: u32,
        /// Height, pixels.
        height: u32,
        /// Bits that differ, 0 to 64.
        distance: Option<u32>,
    },
    /// It cannot be decoded.
    Unreadable,
}

impl Compared {
    /// Adds what was found to the facts.
    pub fn tell(&self, facts: &mut Facts) {
        let mut add = |name: &str, raw: String| {
            facts.metadata.push(MetadataValue { group: "derived".into(), name: name.into(), raw });
        };
        match self {
            Self::Read { width, height, distance } => {
                add("thumbnail.size", format!("{width} × {height}"));
                if let Some(distance) = distance {
                    add("thumbnail.distance", distance.to_string());
                }
            }
            Self::Unreadable => facts.remarks.push("the embedded thumbnail cannot be decoded".to_owned()),
        }
    }
}

/// Decodes an embedded JPEG and measures it against its picture, both as they are stored. The picture is as small as a
/// thumbnail already. Nothing that the JPEG does is held against the picture.
pub fn compare(bytes: &[u8], picture: &Pixels, limits: &DecodeLimits) -> Compared {
    let sides = u64::from(SIDE_MAX) * u64::from(SIDE_MAX);
    let own =
        DecodeLimits { side_px: limits.side_px.min(SIDE_MAX), pixels: limits.pixels.min(sides), ..limits.clone() };
    // A check that a damaged JPEG fails inside of the decoder must not cost the picture.
    let decoded = catch_unwind(AssertUnwindSafe(|| jpeg::decode(bytes, &own)));
    let Ok(Ok(decoded)) = decoded else { return Compared::Unreadable };
    let (width, height) = (decoded.width, decoded.height);
    let embedded = Pixels { width, height, rgb: decoded.rgb };
    Compared::Read { width, height, distance: distance(&embedded, picture).ok().flatten() }
}

/// Measures the smallest distance of the forms in which a device or an editor leaves a small picture that shows the same:
/// as it is, without the bars that fill it up, and turned where only the picture was turned.
fn distance(embedded: &Pixels, picture: &Pixels) -> Result<Option<u32>, Refusal> {
    let Some(own) = telling(image_hash(picture.clone())?) else { return Ok(None) };
    let upright = nearest(embedded.clone(), picture, own)?;
    if upright.is_none_or(|distance| distance <= SAME) {
        return Ok(upright);
    }
    for turn in Orientation::TURNS {
        let turned = nearest(turn.apply(embedded.clone()), picture, own)?;
        if turned.is_some_and(|distance| distance <= SAME) {
            return Ok(turned);
        }
    }
    Ok(upright)
}

/// Measures how far a small picture is, with or without bars; none where it is flat.
fn nearest(embedded: Pixels, picture: &Pixels, own: ImageHash) -> Result<Option<u32>, Refusal> {
    let cropped = without_bars(&embedded, (picture.width, picture.height));
    let mut nearest = None;
    for form in std::iter::once(embedded).chain(cropped) {
        let distance = telling(image_hash(form)?).map(|hash| own.distance(hash));
        nearest = [nearest, distance].into_iter().flatten().min();
    }
    Ok(nearest)
}

/// Gives a hash that is not that of a flat picture.
fn telling(hash: ImageHash) -> Option<ImageHash> {
    (BITS_MIN..=64 - BITS_MIN).contains(&hash.0.count_ones()).then_some(hash)
}

/// Gives the middle of a picture in the form (width, height) of another, where their forms differ. Cameras fill a small
/// picture of 4:3 up with bars above and below one of 3:2.
fn without_bars(picture: &Pixels, (width, height): (u32, u32)) -> Option<Pixels> {
    let across = u64::from(picture.width) * u64::from(height);
    let down = u64::from(picture.height) * u64::from(width);
    if across.abs_diff(down) * 100 <= across.max(down) * FORM_DIFFERS_PERCENT {
        return None;
    }
    // The side that is too long, cut to the form; never to nothing, and never longer than it was.
    let (own_width, own_height) = if across > down {
        ((down / u64::from(height)).max(1) as u32, picture.height)
    } else {
        (picture.width, (across / u64::from(width)).max(1) as u32)
    };
    let (left, top) = ((picture.width - own_width) / 2, (picture.height - own_height) / 2);
    let mut rgb = Vec::with_capacity(own_width as usize * own_height as usize * 3);
    for y in top..top + own_height {
        let at = (y as usize * picture.width as usize + left as usize) * 3;
        rgb.extend_from_slice(&picture.rgb[at..at + own_width as usize * 3]);
    }
    Some(Pixels { width: own_width, height: own_height, rgb })
}
