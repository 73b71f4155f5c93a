//! What a region of a picture looks like: the perceptual digest of its pixels alone.

use domain::{PdqSet, PdqVariant, Region};
use zeroize::Zeroizing;

use crate::veil::{outline, spans};
use crate::{Colours, Pixels, Rgb8, pdq};

/// Computes the PDQ values of a region: of the smallest box around it, in which what lies outside of an outline has the mean
/// colour of what lies inside, so that the surroundings say nothing. The region was drawn in a picture of another size
/// ([`Region::picture_width`]) and is scaled to this one.
///
/// None where a side has less than 5 pixels (Meta's limit), and of a picture without colours. Whether the value says enough
/// is told by its quality: see [`PdqSet::QUALITY_MIN`].
pub fn region_pdq(picture: &Pixels, region: &Region) -> Option<PdqSet> {
    if picture.colours() != Colours::Rgb {
        return None;
    }
    let inside = Inside::of(region, picture.size());
    let (left, width) = inside.columns()?;
    let (whole, _) = picture.size();
    let row_at = |y: u32| y as usize * whole as usize;
    let pixels = picture.samples().as_chunks::<3>().0;
    let mean = mean(inside.rows.iter().flat_map(|(y, spans)| {
        spans.iter().flat_map(move |&(start, end)| &pixels[row_at(*y) + start..row_at(*y) + end])
    }))?;
    // What is evidence does not stay in memory that is given back.
    let mut rgb = Zeroizing::new(Vec::with_capacity(width * inside.rows.len() * 3));
    for (y, spans) in &inside.rows {
        let from = rgb.len();
        (0..width).for_each(|_| rgb.extend_from_slice(&mean));
        for &(start, end) in spans {
            let place = from + (start - left) * 3;
            let clear = &pixels[row_at(*y) + start..row_at(*y) + end];
            rgb[place..place + clear.len() * 3].copy_from_slice(clear.as_flattened());
        }
    }
    // Both are at most the sides of a picture.
    let size = (width as u32, inside.rows.len() as u32);
    pdq(Rgb8 { width: size.0, height: size.1, pixels: &rgb }, PdqVariant::Sampled512)
}

/// The pixels (start, end) of each row whose middles lie inside of a region, from the first row that has any to the last.
struct Inside {
    rows: Vec<(u32, Vec<(usize, usize)>)>,
}

impl Inside {
    fn of(region: &Region, (width, height): (u32, u32)) -> Self {
        let outline = outline(region, (width, height));
        let mut rows: Vec<_> = (0..height).map(|y| (y, spans(&outline, f64::from(y) + 0.5, width))).collect();
        let is_empty = |row: &(u32, Vec<(usize, usize)>)| row.1.is_empty();
        let end = rows.iter().rposition(|row| !is_empty(row)).map_or(0, |last| last + 1);
        rows.truncate(end);
        let start = rows.iter().position(|row| !is_empty(row)).unwrap_or(0);
        rows.drain(..start);
        Self { rows }
    }

    /// Gives the first column and the width of the box around them.
    fn columns(&self) -> Option<(usize, usize)> {
        let spans = || self.rows.iter().flat_map(|(_, spans)| spans);
        let left = spans().map(|(start, _)| *start).min()?;
        let right = spans().map(|(_, end)| *end).max()?;
        Some((left, right - left))
    }
}

/// Gives the mean colour, rounded down.
fn mean<'a>(pixels: impl Iterator<Item = &'a [u8; 3]>) -> Option<[u8; 3]> {
    let (mut sums, mut count) = ([0_u64; 3], 0_u64);
    for pixel in pixels {
        sums.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += u64::from(*value));
        count += 1;
    }
    // A mean of bytes is a byte.
    (count > 0).then(|| sums.map(|sum| (sum / count) as u8))
}

#[cfg(test)]
mod tests {
    use domain::Shape;

    use super::*;

    const SIDE: u32 = 120;

    /// Draws a picture whose pixels depend on their place by a rule of its own, so that a piece of it is like no other.
    fn drawn(paint: impl Fn(u32, u32) -> [u8; 3]) -> Pixels {
        let samples = (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (x, y))).flat_map(|(x, y)| paint(x, y)).collect();
        Pixels::new(SIDE, SIDE, Colours::Rgb, samples).unwrap()
    }

    fn waves(x: u32, y: u32) -> [u8; 3] {
        let (x, y) = (f64::from(x), f64::from(y));
        let value = 128.0 + 60.0 * (x * 0.31).sin() * (y * 0.17).cos() + 50.0 * ((x + 2.0 * y) * 0.11).sin();
        [value as u8, (value * 0.8) as u8, (255.0 - value) as u8]
    }

    fn region(shape: Shape) -> Region {
        Region { picture_width: SIDE, picture_height: SIDE, shape }
    }

    fn rectangle(x: u32, y: u32, width: u32, height: u32) -> Region {
        region(Shape::Rectangle { x, y, width, height })
    }

    #[test]
    fn a_box_has_the_digest_of_the_picture_that_it_cuts_out() {
        let picture = drawn(waves);
        let cut: Vec<u8> = (20..90).flat_map(|y| (30..110).map(move |x| (x, y))).flat_map(|(x, y)| waves(x, y)).collect();
        let own = pdq(Rgb8 { width: 80, height: 70, pixels: &cut }, PdqVariant::Sampled512);
        assert_eq!(region_pdq(&picture, &rectangle(30, 20, 80, 70)), own);
        assert!(own.unwrap().quality >= PdqSet::QUALITY_MIN);
    }

    #[test]
    fn what_lies_around_a_region_says_nothing() {
        let inside = |x: u32, y: u32| (20..90).contains(&y) && (30..110).contains(&x);
        let other = drawn(|x, y| if inside(x, y) { waves(x, y) } else { [x as u8, 255 - y as u8, 7] });
        let boxed = rectangle(30, 20, 80, 70);
        assert_eq!(region_pdq(&drawn(waves), &boxed), region_pdq(&other, &boxed));
        let triangle = region(Shape::Polygon { points: vec![(30, 20), (110, 20), (70, 90)] });
        assert_eq!(region_pdq(&drawn(waves), &triangle), region_pdq(&other, &triangle));
        assert_ne!(region_pdq(&drawn(waves), &triangle), region_pdq(&drawn(waves), &boxed));
    }

    #[test]
    fn a_region_that_shows_next_to_nothing_is_told_by_its_quality() {
        let flat = region_pdq(&drawn(|_, _| [90, 90, 90]), &rectangle(0, 0, 60, 60)).unwrap();
        assert!(flat.quality < PdqSet::QUALITY_MIN);
        assert_eq!(region_pdq(&drawn(waves), &rectangle(0, 0, 4, 60)), None, "too narrow");
        let grey = Pixels::new(8, 8, Colours::Grey, vec![7; 64]).unwrap();
        assert_eq!(region_pdq(&grey, &rectangle(0, 0, 60, 60)), None);
    }

    #[test]
    fn a_picture_that_was_rendered_smaller_looks_the_same() {
        let picture = drawn(waves);
        let half: Vec<u8> = (0..SIDE / 2)
            .flat_map(|y| (0..SIDE / 2).map(move |x| (2 * x, 2 * y)))
            .flat_map(|(x, y)| waves(x, y))
            .collect();
        let small = Pixels::new(SIDE / 2, SIDE / 2, Colours::Rgb, half).unwrap();
        let boxed = rectangle(10, 10, 100, 100);
        let (one, other) = (region_pdq(&picture, &boxed).unwrap(), region_pdq(&small, &boxed).unwrap());
        assert!(one.own().distance(&other.own()) <= PdqSet::RADIUS);
    }
}
