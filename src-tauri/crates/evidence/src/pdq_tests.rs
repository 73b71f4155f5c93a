//! PDQ against Meta's vectors and against a slow computation written from the paper.

use std::path::PathBuf;

use super::*;

/// Finds Meta's pictures, which are no part of this repository.
fn vectors() -> Option<PathBuf> {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared"));
    let folder = std::env::var_os("ZEEF_SHARED").map_or_else(beside, PathBuf::from).join("vectors/pdq");
    let found = folder.join("vectors.csv").is_file();
    if !found {
        eprintln!("skipped: needs ../shared");
    }
    found.then_some(folder)
}

fn decoded(path: PathBuf) -> image::RgbImage {
    image::open(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display())).to_rgb8()
}

fn pdq_of(picture: &image::RgbImage, variant: PdqVariant) -> Option<PdqSet> {
    pdq(Rgb8 { width: picture.width(), height: picture.height(), pixels: picture.as_raw() }, variant)
}

#[test]
fn metas_vectors_are_met_within_two_bits() {
    let Some(folder) = vectors() else { return };
    let listed = std::io::read_to_string(std::io::BufReader::new(open(&folder.join("vectors.csv")))).unwrap();
    let mut checked = 0;
    for line in listed.lines().skip(1) {
        let (file, expected) = line.split_once(',').unwrap();
        let expected: Pdq = expected.parse().unwrap();
        let picture = decoded(folder.join(file));
        let sampled = pdq_of(&picture, PdqVariant::Sampled512).unwrap();
        let full = pdq_of(&picture, PdqVariant::FullResolution).unwrap();
        println!(
            "{file}: sampled {} bits (quality {}), full resolution {} bits (quality {})",
            sampled.own().distance(&expected),
            sampled.quality,
            full.own().distance(&expected),
            full.quality
        );
        assert!(sampled.own().distance(&expected) <= 2, "{file}");
        checked += 1;
    }
    assert_eq!(checked, 15);
}

#[expect(clippy::disallowed_methods, reason = "a test reads the vectors")]
fn open(path: &std::path::Path) -> std::fs::File {
    std::fs::File::open(path).unwrap()
}

#[test]
fn orientations_are_those_of_the_turned_picture() {
    let Some(folder) = vectors() else { return };
    let names = [
        "1-original",
        "2-rotate-90",
        "3-rotate-180",
        "4-rotate-270",
        "5-flipx",
        "6-flipy",
        "7-flip-plus-1",
        "8-flip-minus-1",
    ];
    let first = pdq_of(&decoded(folder.join("bridge-1-original.jpg")), PdqVariant::Sampled512).unwrap();
    for (turned, name) in first.orientations.iter().zip(names) {
        let own = pdq_of(&decoded(folder.join(format!("bridge-{name}.jpg"))), PdqVariant::Sampled512).unwrap().own();
        println!("bridge-{name}: {} bits", turned.distance(&own));
        // The samples are taken off centre by half a pixel, so that a turned picture is not sampled quite alike.
        assert!(turned.distance(&own) <= 20, "{name}");
        // No other orientation comes near, so that the order is right.
        let near = first.orientations.iter().filter(|other| other.distance(&own) <= PdqSet::RADIUS).count();
        assert_eq!(near, 1, "{name}");
    }
}

#[test]
fn orientations_of_a_made_picture_are_those_of_its_turned_pixels() {
    // At 64 × 64 nothing is filtered or sampled, so that turning the coefficients is turning the picture.
    let picture = scene(64, 64, 7);
    let set = pdq_of(&picture, PdqVariant::FullResolution).unwrap();
    use image::imageops::{flip_horizontal, flip_vertical, rotate90, rotate180, rotate270};
    // Counter-clockwise, as the reference names its turns.
    let turned = [
        picture.clone(),
        rotate270(&picture),
        rotate180(&picture),
        rotate90(&picture),
        flip_vertical(&picture),
        flip_horizontal(&picture),
        flip_horizontal(&rotate90(&picture)),
        flip_horizontal(&rotate270(&picture)),
    ];
    for ((orientation, expected), picture) in Orientation::ALL.iter().zip(set.orientations).zip(&turned) {
        let own = pdq_of(picture, PdqVariant::FullResolution).unwrap().own();
        assert_eq!(own, expected, "{orientation:?}");
    }
}

/// Values that were computed by [`slow`], not by the code under test, on the machine that first ran this.
#[test]
fn golden_values_stay() {
    let cases = [
        (scene(640, 480, 1), GOLDEN[0]),
        (scene(97, 301, 2), GOLDEN[1]),
        (scene(64, 64, 3), GOLDEN[2]),
        (scene(5, 5, 4), GOLDEN[3]),
        (scene(2000, 30, 5), GOLDEN[4]),
    ];
    for (picture, (sampled, full, quality)) in cases {
        let ours = |variant| pdq_of(&picture, variant).unwrap();
        let (a, b) = (ours(PdqVariant::Sampled512), ours(PdqVariant::FullResolution));
        let told = (a.own().to_string(), b.own().to_string(), b.quality);
        assert_eq!((told.0.as_str(), told.1.as_str(), told.2), (sampled, full, quality));
    }
}

#[test]
fn a_picture_with_nothing_in_it_has_no_quality() {
    for shade in [0, 128, 255] {
        let flat = image::RgbImage::from_pixel(300, 200, image::Rgb([shade; 3]));
        let set = pdq_of(&flat, PdqVariant::Sampled512).unwrap();
        assert!(set.quality < PdqSet::QUALITY_MIN, "{shade}: {}", set.quality);
    }
    assert!(pdq_of(&scene(640, 480, 1), PdqVariant::Sampled512).unwrap().quality >= PdqSet::QUALITY_MIN);
}

#[test]
fn small_and_wrong_pictures_have_none() {
    let none =
        |width, height, bytes: usize, variant| pdq(Rgb8 { width, height, pixels: &vec![9; bytes] }, variant).is_none();
    for variant in [PdqVariant::Sampled512, PdqVariant::FullResolution] {
        assert!(none(4, 5, 60, variant) && none(5, 4, 60, variant) && !none(5, 5, 75, variant));
        assert!(none(0, 0, 0, variant) && none(0, 5, 0, variant));
        assert!(none(5, 5, 74, variant) && none(5, 5, 76, variant) && none(u32::MAX, u32::MAX, 75, variant));
    }
    // Sampling comes first, as in Meta's tool: one side above 512 makes both 512.
    assert!(none(600, 4, 7200, PdqVariant::FullResolution) && !none(600, 4, 7200, PdqVariant::Sampled512));
}

#[test]
fn cosines_are_those_of_the_library() {
    for (row, cosines) in COSINES.iter().enumerate() {
        for (column, cosine) in cosines.iter().enumerate() {
            let angle = std::f64::consts::PI / 128.0 * ((row + 1) * (2 * column + 1)) as f64;
            let scale = f64::from((2.0_f64 / 64.0).sqrt() as f32);
            let difference = (f64::from(*cosine) - scale * angle.cos()).abs();
            assert!(difference <= 1e-8, "{row} {column}: {difference}");
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() })]

    /// Bits are equal wherever rounding cannot decide: [`slow`] computes in `f64` and says how many bits lie so close to
    /// the median that the order of additions in `f32` may turn them.
    #[test]
    fn the_stream_gives_what_a_slow_computation_gives(width in 5_u32..900, height in 5_u32..900, seed: u64) {
        let picture = scene(width, height, seed);
        for variant in [PdqVariant::Sampled512, PdqVariant::FullResolution] {
            let ours = pdq_of(&picture, variant).unwrap();
            let (expected, close, quality) = slow(&picture, variant);
            let distance = ours.own().distance(&expected);
            proptest::prop_assert!(distance <= close, "{distance} bits differ, {close} may");
            // A picture below 64 repeats its pixels, so that many coefficients are nearly equal.
            proptest::prop_assert!(close <= 8 || width.min(height) < 128, "the test would say little: {close}");
            proptest::prop_assert!(ours.quality.abs_diff(quality) <= 1);
        }
    }
}

/// Draws a picture with large and small structure from a seed.
fn scene(width: u32, height: u32, seed: u64) -> image::RgbImage {
    let mut state = seed;
    let mut draw = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as u32
    };
    let mut picture = image::RgbImage::new(width, height);
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        *pixel = image::Rgb([(x * 255 / width) as u8, (y * 255 / height) as u8, ((x + y) % 97) as u8]);
    }
    for _ in 0..40 {
        let (left, top) = (draw() % width, draw() % height);
        let (right, bottom) = (left + 1 + draw() % (width / 2).max(1), top + 1 + draw() % (height / 2).max(1));
        let colour = image::Rgb([draw() as u8, draw() as u8, draw() as u8]);
        for y in top..bottom.min(height) {
            (left..right.min(width)).for_each(|x| picture.put_pixel(x, y, colour));
        }
    }
    picture
}

/// Computes PDQ from its definition, in `f64`, sharing no line with the code under test: the value, how many bits are
/// too close to the median to be sure of, and the quality.
fn slow(picture: &image::RgbImage, variant: PdqVariant) -> (Pdq, u32, u8) {
    let (mut width, mut height) = (picture.width() as usize, picture.height() as usize);
    let brightness = |x: usize, y: usize| {
        let [r, g, b] = picture.get_pixel(x as u32, y as u32).0;
        0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b)
    };
    let mut image: Vec<Vec<f64>> = (0..height).map(|y| (0..width).map(|x| brightness(x, y)).collect()).collect();
    if variant == PdqVariant::Sampled512 && width.max(height) > 512 {
        let place = |i: usize, side: usize| (i as f64 * side as f64 / 512.0).floor() as usize;
        image = (0..512).map(|y| (0..512).map(|x| image[place(y, height)][place(x, width)]).collect()).collect();
        (width, height) = (512, 512);
    }
    let mean = |values: &dyn Fn(usize) -> f64, i: usize, side: usize| {
        let window = (side as f64 / 128.0).ceil() as usize;
        let first = (i + window / 2 + 1).saturating_sub(window);
        let last = (i + window / 2).min(side - 1);
        (first..=last).map(values).sum::<f64>() / (last - first + 1) as f64
    };
    for _ in 0..2 {
        image = image.iter().map(|row| (0..width).map(|x| mean(&|i| row[i], x, width)).collect()).collect();
        image = (0..height).map(|y| (0..width).map(|x| mean(&|i| image[i][x], y, height)).collect()).collect();
    }
    let centre = |i: usize, side: usize| ((i as f64 + 0.5) * side as f64 / 64.0).floor() as usize;
    let small: Vec<Vec<f64>> =
        (0..64).map(|y| (0..64).map(|x| image[centre(y, height)][centre(x, width)]).collect()).collect();
    let step = |a: f64, b: f64| ((a - b) * 100.0 / 255.0).trunc().abs();
    let rows: f64 =
        (0..63).flat_map(|y| (0..64).map(move |x| (y, x))).map(|(y, x)| step(small[y][x], small[y + 1][x])).sum();
    let columns: f64 =
        (0..64).flat_map(|y| (0..63).map(move |x| (y, x))).map(|(y, x)| step(small[y][x], small[y][x + 1])).sum();
    let quality = ((rows + columns) / 90.0).floor().min(100.0) as u8;
    let cosine = |k: usize, i: usize| {
        (2.0_f64 / 64.0).sqrt() * (std::f64::consts::PI / 64.0 * k as f64 * (i as f64 + 0.5)).cos()
    };
    let basis: Vec<Vec<f64>> = (1..=16).map(|k| (0..64).map(|i| cosine(k, i)).collect()).collect();
    let half: Vec<Vec<f64>> =
        basis.iter().map(|wave| (0..64).map(|x| (0..64).map(|y| wave[y] * small[y][x]).sum()).collect()).collect();
    let coefficients: Vec<f64> = half
        .iter()
        .flat_map(|row| basis.iter().map(move |wave| wave.iter().zip(row).map(|(a, b)| a * b).sum::<f64>()))
        .collect();
    let mut sorted = coefficients.clone();
    sorted.sort_by(f64::total_cmp);
    let median = sorted[127];
    let mut bits = [0_u8; 32];
    for (i, _) in coefficients.iter().enumerate().filter(|(_, value)| **value > median) {
        bits[31 - i / 8] |= 1 << (i % 8);
    }
    // Sums of a few hundred numbers below 255 in `f32`, twice averaged: errors stay below a few thousandths.
    let close = coefficients.iter().filter(|value| (**value - median).abs() < 0.005).count() as u32;
    // The median itself is always near; alone it decides nothing.
    (Pdq(bits), if close == 1 { 0 } else { close }, quality)
}

/// Sampled value, value at full resolution, quality at full resolution.
const GOLDEN: [(&str, &str, u8); 5] = [
    (
        "4076019ea06f42ee51bea764b9816fb6ffa1bdce76e455ae1ae4a01be9d94001",
        "4076019ea06f42ee51bea764b9816fb6ffa1bdce66e455ae1ae4a01be9d94801",
        100,
    ),
    (
        "d4c2a9432d64ab15d85299c3072d706e72f80fcb6e2df0ea87aa1ea3f0bd6c2c",
        "d4c2a9432d64ab15d85299c3072d706e72f80fcb6e2df0ea87aa1ea3f0bd6c2c",
        100,
    ),
    (
        "4e9b0ddb37223f0477644a99c1d3e039a1ebb266d0fcc06ec8b9f0d68db13e06",
        "4e9b0ddb37223f0477644a99c1d3e039a1ebb266d0fcc06ec8b9f0d68db13e06",
        100,
    ),
    (
        "9e276b4a61d8d4b5348d6e5b348d91a4cb723b0e9e276b4a61d8c4b1348d6e5b",
        "9e276b4a61d8d4b5348d6e5b348d91a4cb723b0e9e276b4a61d8c4b1348d6e5b",
        96,
    ),
    (
        "d593542388b367531de5ebb8556c599966249e8b5756ace95783454329e9a21e",
        "549346a3983367530de5abb8756c59d976248e8b5756ace9578b454329e9a21e",
        100,
    ),
];
