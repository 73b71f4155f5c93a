//! What a veil lets through, measured.

use super::*;

const LOOKS: [Look; 6] = {
    use Strength::{Full, Middle, Weak};
    use Theme::{Dark, Light};
    [
        Look { strength: Full, theme: Dark },
        Look { strength: Middle, theme: Dark },
        Look { strength: Weak, theme: Dark },
        Look { strength: Full, theme: Light },
        Look { strength: Middle, theme: Light },
        Look { strength: Weak, theme: Light },
    ]
};

fn grey(width: u32, height: u32, shade: impl Fn(u32, u32) -> u8) -> Pixels {
    let samples = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| shade(x, y)).collect();
    Pixels::new(width, height, Colours::Grey, samples).unwrap()
}

/// Draws noise from a seed (SplitMix64).
fn noise(width: u32, height: u32, seed: u64) -> Pixels {
    grey(width, height, |x, y| {
        let mut mixed = (seed + u64::from(y) * u64::from(width) + u64::from(x)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed >> 56) as u8
    })
}

fn mean(pixels: &Pixels) -> f64 {
    pixels.samples().iter().map(|value| f64::from(*value)).sum::<f64>() / pixels.samples().len() as f64
}

/// Gives the height of the wave of `u` periods across and `v` down in a picture (discrete Fourier transform).
fn wave(pixels: &Pixels, u: u32, v: u32) -> f64 {
    let (width, height) = pixels.size();
    let (mut re, mut im) = (0.0, 0.0);
    for y in 0..height {
        for x in 0..width {
            let turn = f64::from(u) * f64::from(x) / f64::from(width) + f64::from(v) * f64::from(y) / f64::from(height);
            let angle = std::f64::consts::TAU * turn;
            let value = f64::from(pixels.samples()[(y * width + x) as usize]);
            re += value * angle.cos();
            im += value * angle.sin();
        }
    }
    2.0 * re.hypot(im) / f64::from(width * height)
}

#[test]
fn every_veil_has_the_mean_of_its_theme_whatever_lies_below() {
    let pictures = [
        grey(64, 48, |_, _| 0),
        grey(64, 48, |_, _| 255),
        grey(64, 48, |x, _| if x < 32 { 0 } else { 255 }),
        grey(48, 64, |x, y| (x * 4 + y) as u8),
        noise(64, 64, 7),
    ];
    for look in LOOKS {
        let level = f64::from(look.theme.mean());
        for picture in &pictures {
            let veiled = veil(picture, look);
            assert_eq!(veiled.size(), picture.size());
            assert_eq!(veiled.colours(), Colours::Grey);
            assert!((mean(&veiled) - level).abs() < 1.0, "{look:?}: {}", mean(&veiled));
        }
    }
}

#[test]
fn the_contrast_of_what_is_left_is_below_half() {
    let halves = grey(64, 64, |x, _| if x < 32 { 0 } else { 255 });
    for look in LOOKS {
        let veiled = veil(&halves, look);
        let (low, high) = (veiled.samples().iter().min().unwrap(), veiled.samples().iter().max().unwrap());
        assert!(high - low <= 118, "{look:?}: {low} to {high}");
    }
}

/// A wave of any length is let through as a Gaussian lets it, and nothing finer than ten waves across shows at full
/// strength: not one step of brightness.
#[test]
fn no_wave_passes_that_is_finer_than_the_blur() {
    for look in LOOKS {
        for periods in 1..=32 {
            let waves = grey(64, 64, |x, _| {
                let angle = std::f64::consts::TAU * f64::from(periods) * f64::from(x) / 64.0;
                (127.5 + 127.5 * angle.cos()) as u8
            });
            let passed = wave(&veil(&waves, look), periods, 0);
            let sigma = f64::from(look.strength.sigma()) / f64::from(MEASURE_PX);
            let share = (-2.0 * (std::f64::consts::PI * sigma * f64::from(periods)).powi(2)).exp();
            // What the ends of the rows and the rounding to whole steps add.
            let most = 127.5 * f64::from(CONTRAST) * share + 2.0;
            assert!(passed <= most, "{look:?}, {periods} periods: {passed} of at most {most}");
            let finest = match look.strength {
                Strength::Full => 10,
                Strength::Middle => 12,
                Strength::Weak => 15,
            };
            if periods >= finest {
                let veiled = veil(&waves, look);
                let inner = |x: usize| veiled.samples()[32 * 64 + x];
                let middle: Vec<u8> = (16..48).map(inner).collect();
                let (low, high) = (middle.iter().min().unwrap(), middle.iter().max().unwrap());
                assert!(high - low <= 1, "{look:?}, {periods} periods: {low} to {high}");
            }
        }
    }
}

#[test]
fn noise_leaves_nothing_in_the_fine_waves() {
    for (side, most) in [(TILE_PX, 0.5), (LOUPE_PX, 0.5)] {
        for look in LOOKS {
            let veiled = veil(&noise(side, side, 11), look);
            for (u, v) in [(20, 0), (0, 24), (16, 16), (31, 5), (25, 25)] {
                let left = wave(&veiled, u, v);
                assert!(left < most, "{look:?} at {side}: {left} at {u}, {v}");
            }
        }
    }
}

/// The steepest edge that there can be becomes a slope as wide as the blur, at any place, in both directions.
#[test]
fn no_edge_is_steeper_than_the_blur() {
    for look in LOOKS {
        for at in [5, 20, 32, 50, 61] {
            for upright in [false, true] {
                let edge = grey(64, 64, |x, y| if (if upright { y } else { x }) < at { 0 } else { 255 });
                let veiled = veil(&edge, look);
                let row: Vec<u8> =
                    (0..64).map(|i| veiled.samples()[if upright { i * 64 + 32 } else { 32 * 64 + i }]).collect();
                let sigma = f64::from(look.strength.sigma()) / 4.0;
                let most = 255.0 * f64::from(CONTRAST) / (sigma * std::f64::consts::TAU.sqrt()) + 1.5;
                let steepest = row.windows(2).map(|two| two[0].abs_diff(two[1])).max().unwrap();
                assert!(f64::from(steepest) <= most, "{look:?}, edge at {at}: {steepest} of at most {most}");
            }
        }
    }
}

#[test]
fn colour_never_passes_and_the_smallest_pictures_are_taken() {
    let red = Pixels::new(2, 1, Colours::Rgb, vec![255, 0, 0, 0, 0, 255]).unwrap();
    for look in LOOKS {
        assert_eq!(veil(&red, look).colours(), Colours::Grey);
        for (width, height) in [(1, 1), (64, 1), (1, 64), (3, 2)] {
            assert_eq!(veil(&noise(width, height, 3), look).size(), (width, height));
        }
    }
}

#[test]
fn a_veil_is_spread_without_steps() {
    let small = grey(4, 3, |x, y| (x * 40 + y * 20) as u8);
    let large = spread(&small, (400, 300)).unwrap();
    assert_eq!(large.size(), (400, 300));
    assert_eq!((large.samples()[0], *large.samples().last().unwrap()), (0, 160));
    for row in large.samples().chunks_exact(400) {
        assert!(row.windows(2).all(|two| two[1] >= two[0] && two[1] - two[0] <= 1));
    }
    assert_eq!(spread(&small, (4, 3)).unwrap().samples(), small.samples());
    assert!((mean(&large) - mean(&small)).abs() < 0.6);
}

#[test]
fn outside_of_the_circle_every_pixel_is_the_veils_and_inside_every_one_is_the_pictures() {
    for colours in [Colours::Grey, Colours::Rgb] {
        let bytes = colours.bytes();
        let picture = Pixels::new(90, 70, colours, noise(90 * bytes as u32, 70, 5).samples().to_vec()).unwrap();
        let cover = grey(90, 70, |x, y| (x + y) as u8);
        for circle in [
            Circle { x: 45.0, y: 35.0, radius: 20.0 },
            Circle { x: 0.0, y: 0.0, radius: 15.5 },
            Circle { x: 95.0, y: 30.0, radius: 10.0 },
            Circle { x: 500.0, y: 500.0, radius: 10.0 },
            Circle { x: 45.0, y: 35.0, radius: 0.0 },
        ] {
            let mixed = clear_within(&picture, &cover, circle).unwrap();
            for at in 0..90 * 70 {
                let (x, y) = (f64::from(at % 90), f64::from(at / 90));
                let inside = (x - circle.x).powi(2) + (y - circle.y).powi(2) <= circle.radius.powi(2);
                let range = at as usize * bytes..(at as usize + 1) * bytes;
                match inside {
                    true => assert_eq!(mixed.samples()[range.clone()], picture.samples()[range]),
                    false => assert!(mixed.samples()[range].iter().all(|value| *value == cover.samples()[at as usize])),
                }
            }
        }
        assert!(clear_within(&picture, &grey(89, 70, |_, _| 0), Circle { x: 1.0, y: 1.0, radius: 1.0 }).is_none());
    }
}

/// Tells whether a point lies inside of an outline, by counting the edges that a ray to the right crosses.
fn is_inside(outline: &[(f64, f64)], (x, y): (f64, f64)) -> bool {
    let mut inside = false;
    for (at, a) in outline.iter().enumerate() {
        let b = &outline[(at + 1) % outline.len()];
        if (a.1 <= y) != (b.1 <= y) && x < a.0 + (y - a.1) / (b.1 - a.1) * (b.0 - a.0) {
            inside = !inside;
        }
    }
    inside
}

fn polygon(points: &[(u32, u32)]) -> Region {
    Region { picture_width: 180, picture_height: 140, shape: Shape::Polygon { points: points.to_vec() } }
}

fn rectangle(x: u32, y: u32, width: u32, height: u32) -> Region {
    Region { picture_width: 180, picture_height: 140, shape: Shape::Rectangle { x, y, width, height } }
}

#[test]
fn only_what_lies_in_a_region_is_clear() {
    // Twice as large as it is shown.
    let (picture, cover) = (noise(90, 70, 3), noise(90, 70, 4));
    let check = |regions: &[Region], outlines: &[&[(u32, u32)]]| {
        let mixed = clear_regions(&picture, &cover, regions).unwrap();
        for at in 0..90 * 70_usize {
            let middle = ((at % 90) as f64 + 0.5, (at / 90) as f64 + 0.5);
            let inside = outlines.iter().any(|outline| {
                let outline: Vec<_> = outline.iter().map(|(x, y)| (f64::from(*x) / 2.0, f64::from(*y) / 2.0)).collect();
                is_inside(&outline, middle)
            });
            let expected = if inside { &picture } else { &cover };
            assert_eq!(mixed.samples()[at], expected.samples()[at], "{regions:?}, pixel {} {}", at % 90, at / 90);
        }
    };
    check(&[], &[]);
    check(&[rectangle(20, 10, 31, 40)], &[&[(20, 10), (51, 10), (51, 50), (20, 50)]]);
    check(&[rectangle(0, 0, 180, 140)], &[&[(0, 0), (180, 0), (180, 140), (0, 140)]]);
    let outlines: [&[(u32, u32)]; 5] = [
        &[(10, 10), (100, 40), (30, 130)],
        // Hollow on one side.
        &[(10, 10), (100, 10), (60, 60), (100, 130), (10, 130)],
        // Crossing itself: the middle of the star stays veiled.
        &[(90, 5), (130, 130), (20, 50), (160, 50), (50, 130)],
        // A line, and a point.
        &[(10, 10), (100, 100), (10, 10)],
        &[(50, 50), (50, 50), (50, 50)],
    ];
    for outline in outlines {
        check(&[polygon(outline)], &[outline]);
    }
    let both = [polygon(outlines[0]), rectangle(20, 10, 31, 40)];
    check(&both, &[outlines[0], &[(20, 10), (51, 10), (51, 50), (20, 50)]]);
}

#[test]
fn a_region_that_reaches_outside_or_has_no_picture_clears_nothing_there() {
    let (picture, cover) = (grey(90, 70, |_, _| 200), grey(90, 70, |_, _| 10));
    let clear = |region: Region| {
        let mixed = clear_regions(&picture, &cover, &[region]).unwrap();
        mixed.samples().iter().filter(|value| **value == 200).count()
    };
    assert_eq!(clear(rectangle(160, 0, u32::MAX, 140)), 10 * 70);
    assert_eq!(clear(rectangle(u32::MAX, u32::MAX, u32::MAX, u32::MAX)), 0);
    assert_eq!(clear(Region { picture_width: 0, ..rectangle(0, 0, 180, 140) }), 0);
    assert_eq!(clear(polygon(&[])), 0);
}

#[test]
fn regions_are_never_clear_in_colour_nor_under_a_veil_of_another_size() {
    let cover = grey(4, 4, |_, _| 0);
    let colour = Pixels::new(4, 4, Colours::Rgb, vec![9; 48]).unwrap();
    assert!(clear_regions(&colour, &cover, &[]).is_none());
    assert!(clear_regions(&grey(4, 5, |_, _| 0), &cover, &[]).is_none());
    assert!(clear_regions(&cover, &colour, &[]).is_none());
}
