//! The veil: what is left of a picture that nobody has asked to see. Pixels in, pixels out.
//!
//! Grey, blurred so far that no face and no act can be made out, of little contrast, and of one mean brightness, so that
//! no tile calls for the eye. The measures are those of the project's design: a Gaussian of σ 14 at 256 pixels on the
//! longer side, contrast 46 %, mean 106 (dark) or 140 (light).
//!
//! A veil is worked out at few pixels and shown enlarged. A Gaussian passes a wave of `f` periods a pixel with
//! `exp(-2 π² σ² f²)` of its height: at σ 14 a wave of 10 periods across the picture keeps less than 1 part in 400, below
//! one step of brightness, so that no sharpening brings it back.

use domain::{Region, Shape};

use crate::{Colours, Pixels};

/// Longer side at which the blur is measured, pixels.
pub const MEASURE_PX: u32 = 256;
/// Longer side of the veil of a tile, pixels. At the weakest strength σ is 1.75 pixels here, so nothing is lost by it.
pub const TILE_PX: u32 = 64;
/// Longer side of the veil of a loupe, pixels: shown at a thousand, 64 would show their own grid.
pub const LOUPE_PX: u32 = 160;
/// Share of the contrast that is left.
const CONTRAST: f32 = 0.46;
/// Standard deviations after which the Gaussian is cut off: less than one part in ten thousand lies beyond.
const REACH: f32 = 4.0;

/// Names the ground that a veiled picture lies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Theme {
    /// Mean brightness 106.
    Dark,
    /// Mean brightness 140.
    Light,
}

impl Theme {
    fn mean(self) -> f32 {
        match self {
            Self::Dark => 106.0,
            Self::Light => 140.0,
        }
    }
}

/// Says how far a veil blurs; a person's own choice, and a veil at each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Strength {
    /// σ 9: masses and postures of a large figure can be guessed; of a face that fills the picture, that it is one. Judged on
    /// portraits: at σ 7 such a face had its features, and the small tiles of the filmstrip made it sharper still.
    Weak,
    /// σ 11.
    Middle,
    /// σ 14: light and dark. What a new user has.
    Full,
}

impl Strength {
    /// Gives σ in pixels of a picture with [`MEASURE_PX`] on its longer side.
    pub fn sigma(self) -> f32 {
        match self {
            Self::Weak => 9.0,
            Self::Middle => 11.0,
            Self::Full => 14.0,
        }
    }
}

/// Says what a veil looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Look {
    /// How far it blurs.
    pub strength: Strength,
    /// The ground that it lies on.
    pub theme: Theme,
}

/// Draws the veil over a picture; grey, and of the same size.
///
/// The time it takes grows with the pixels and the longer side: it is meant for pictures of [`LOUPE_PX`] and below.
pub fn veil(picture: &Pixels, look: Look) -> Pixels {
    let (width, height) = picture.size();
    let (w, h) = (width as usize, height as usize);
    let sigma = look.strength.sigma() * width.max(height) as f32 / MEASURE_PX as f32;
    let kernel = gaussian(sigma);
    let mut plane = brightness(picture);
    blur_rows(&mut plane, w, &kernel);
    blur_columns(&mut plane, w, h, &kernel);
    let mean = plane.iter().sum::<f32>() / plane.len() as f32;
    let level = look.theme.mean();
    // Between 0 and 255 after the clamp.
    let shade = |value: &f32| (level + CONTRAST * (value - mean)).round().clamp(0.0, 255.0) as u8;
    let samples = plane.iter().map(shade).collect();
    plane.fill(0.0);
    Pixels::new(width, height, Colours::Grey, samples).expect("as many samples as the picture has pixels")
}

/// Gives the brightness of every pixel.
fn brightness(picture: &Pixels) -> Vec<f32> {
    match picture.colours() {
        Colours::Grey => picture.samples().iter().map(|value| f32::from(*value)).collect(),
        Colours::Rgb => {
            let pixels = picture.samples().as_chunks::<3>().0;
            pixels.iter().map(|&[r, g, b]| 0.299 * f32::from(r) + 0.587 * f32::from(g) + 0.114 * f32::from(b)).collect()
        }
    }
}

/// Gives the weights of a Gaussian from its middle outwards to [`REACH`] σ; both halves together weigh 1.
fn gaussian(sigma: f32) -> Vec<f32> {
    let reach = (REACH * sigma).ceil() as usize;
    let weight = |at: usize| (-0.5 * (at as f32 / sigma).powi(2)).exp();
    let mut weights: Vec<f32> = (0..=reach).map(weight).collect();
    let sum = weights[0] + 2.0 * weights[1..].iter().sum::<f32>();
    weights.iter_mut().for_each(|weight| *weight /= sum);
    weights
}

/// Blurs every row; beyond its ends a row goes on as it ends.
fn blur_rows(plane: &mut [f32], width: usize, kernel: &[f32]) {
    let reach = kernel.len() - 1;
    let mut wide = vec![0.0; width + 2 * reach];
    for row in plane.chunks_exact_mut(width) {
        wide[..reach].fill(row[0]);
        wide[reach..reach + width].copy_from_slice(row);
        wide[reach + width..].fill(row[width - 1]);
        row.fill(0.0);
        for (tap, piece) in wide.windows(width).enumerate() {
            let weight = kernel[tap.abs_diff(reach)];
            row.iter_mut().zip(piece).for_each(|(out, value)| *out += weight * value);
        }
    }
    wide.fill(0.0);
}

/// Blurs every column; beyond its ends a column goes on as it ends.
fn blur_columns(plane: &mut Vec<f32>, width: usize, height: usize, kernel: &[f32]) {
    let reach = kernel.len() - 1;
    let mut out = vec![0.0; plane.len()];
    for (y, row) in out.chunks_exact_mut(width).enumerate() {
        for tap in 0..=2 * reach {
            let weight = kernel[tap.abs_diff(reach)];
            let from = (y + tap).saturating_sub(reach).min(height - 1);
            let piece = &plane[from * width..][..width];
            row.iter_mut().zip(piece).for_each(|(out, value)| *out += weight * value);
        }
    }
    plane.fill(0.0);
    *plane = out;
}

/// Enlarges a veil to a picture's size, as a webview does that enlarges it: linearly between the middles of pixels.
pub fn spread(veil: &Pixels, (width, height): (u32, u32)) -> Option<Pixels> {
    let (from_width, from_height) = veil.size();
    if veil.colours() != Colours::Grey {
        return None;
    }
    let (columns, rows) = (places(from_width, width), places(from_height, height));
    let samples = veil.samples();
    let row_of = |y: usize| &samples[y * from_width as usize..][..from_width as usize];
    let mut out = Vec::with_capacity(width as usize * height as usize);
    let mut line = vec![0_u32; from_width as usize];
    for &(top, bottom, share) in &rows {
        // Sixteen bits behind the point would overflow with two factors; eight each are enough for eight bits of shade.
        for ((value, above), below) in line.iter_mut().zip(row_of(top)).zip(row_of(bottom)) {
            *value = u32::from(*above) * (256 - share) + u32::from(*below) * share;
        }
        out.extend(columns.iter().map(|&(left, right, share)| {
            // At most 255 × 256 × 256 before the shift.
            ((line[left] * (256 - share) + line[right] * share + (1 << 15)) >> 16) as u8
        }));
    }
    Pixels::new(width, height, Colours::Grey, out)
}

/// Gives for each pixel of the longer row the two of the shorter that it lies between, and the second's share in 256.
fn places(from: u32, to: u32) -> Vec<(usize, usize, u32)> {
    let scale = f64::from(from) / f64::from(to);
    let last = from as usize - 1;
    let place = |at: u32| {
        let exact = ((f64::from(at) + 0.5) * scale - 0.5).clamp(0.0, last as f64);
        let left = exact.floor();
        (left as usize, (left as usize + 1).min(last), ((exact - left) * 256.0).round() as u32)
    };
    (0..to).map(place).collect()
}

/// Names a circle by its middle and radius, pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Circle {
    /// Column of the middle.
    pub x: f64,
    /// Row of the middle.
    pub y: f64,
    /// Radius.
    pub radius: f64,
}

/// Leaves a picture clear inside a circle and puts the veil everywhere else. The veil is grey and of the picture's size;
/// none where it is not.
pub fn clear_within(picture: &Pixels, veil: &Pixels, circle: Circle) -> Option<Pixels> {
    if veil.size() != picture.size() || veil.colours() != Colours::Grey {
        return None;
    }
    let (width, height) = picture.size();
    let bytes = picture.colours().bytes();
    let mut out: Vec<u8> = match picture.colours() {
        Colours::Grey => veil.samples().to_vec(),
        Colours::Rgb => veil.samples().iter().flat_map(|&value| [value; 3]).collect(),
    };
    for y in 0..height {
        let half = circle.radius.powi(2) - (f64::from(y) - circle.y).powi(2);
        if half < 0.0 {
            continue;
        }
        let half = half.sqrt();
        // Both ends lie in the row after the clamp; an end before the start leaves the row veiled.
        let start = (circle.x - half).ceil().clamp(0.0, width.into()) as usize;
        let end = ((circle.x + half).floor() + 1.0).clamp(0.0, width.into()) as usize;
        if start < end {
            let row = y as usize * width as usize;
            let range = (row + start) * bytes..(row + end) * bytes;
            out[range.clone()].copy_from_slice(&picture.samples()[range]);
        }
    }
    Pixels::new(width, height, picture.colours(), out)
}

/// Leaves a grey picture clear inside of regions and puts the veil everywhere else. The veil is grey and of the picture's
/// size; none where it is not, or where the picture has colours.
///
/// A region was drawn in a picture of another size ([`Region::picture_width`]) and is scaled to this one. A pixel is clear
/// when its middle lies inside; of an outline that crosses itself, what lies inside twice stays veiled (even-odd rule).
/// Without regions nothing is clear.
pub fn clear_regions(picture: &Pixels, veil: &Pixels, regions: &[Region]) -> Option<Pixels> {
    let grey = |pixels: &Pixels| pixels.colours() == Colours::Grey;
    if veil.size() != picture.size() || !grey(veil) || !grey(picture) {
        return None;
    }
    let (width, height) = picture.size();
    let mut out = veil.samples().to_vec();
    for region in regions {
        let outline = outline(region, (width, height));
        for y in 0..height {
            let row = y as usize * width as usize;
            for (start, end) in spans(&outline, f64::from(y) + 0.5, width) {
                out[row + start..row + end].copy_from_slice(&picture.samples()[row + start..row + end]);
            }
        }
    }
    Pixels::new(width, height, Colours::Grey, out)
}

/// Gives the corners of a region in a picture of another size; none of a region whose own picture has no size.
pub(crate) fn outline(region: &Region, (width, height): (u32, u32)) -> Vec<(f64, f64)> {
    if region.picture_width == 0 || region.picture_height == 0 {
        return Vec::new();
    }
    let across = f64::from(width) / f64::from(region.picture_width);
    let down = f64::from(height) / f64::from(region.picture_height);
    let at = |x: f64, y: f64| (x * across, y * down);
    match &region.shape {
        Shape::Rectangle { x, y, width, height } => {
            let (left, top) = (f64::from(*x), f64::from(*y));
            let (right, bottom) = (left + f64::from(*width), top + f64::from(*height));
            vec![at(left, top), at(right, top), at(right, bottom), at(left, bottom)]
        }
        Shape::Polygon { points } => points.iter().map(|(x, y)| at(f64::from(*x), f64::from(*y))).collect(),
    }
}

/// Gives the pixels (start, end) of a row whose middles lie inside of an outline, within a row of `width`.
pub(crate) fn spans(outline: &[(f64, f64)], y: f64, width: u32) -> Vec<(usize, usize)> {
    let ends = outline.iter().zip(outline.iter().cycle().skip(1));
    let mut crossings: Vec<f64> = ends
        // Half open, so that a corner between two edges is crossed once, and an edge along the row never.
        .filter(|(a, b)| (a.1 <= y) != (b.1 <= y))
        .map(|(a, b)| a.0 + (y - a.1) / (b.1 - a.1) * (b.0 - a.0))
        .collect();
    crossings.sort_unstable_by(f64::total_cmp);
    // The first pixel whose middle is at or behind a crossing; within the row after the clamp.
    let pixel = |x: f64| (x - 0.5).ceil().clamp(0.0, width.into()) as usize;
    let pairs = crossings.as_chunks::<2>().0;
    pairs.iter().map(|[start, end]| (pixel(*start), pixel(*end))).filter(|(start, end)| start < end).collect()
}

#[cfg(test)]
mod tests;
