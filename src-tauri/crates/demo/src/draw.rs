//! Pictures drawn from a seed: landscapes, shapes and textures, different enough for perceptual digests.

use image::{Rgb, RgbImage};

/// A small generator whose numbers never change between versions of any library (SplitMix64, Steele et al. 2014).
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut dice = Self(seed ^ stream.wrapping_mul(0xd134_2543_de82_ef95));
        dice.next();
        dice
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// A number from 0 to 1.
    pub(crate) fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 24) as f32
    }

    fn colour(&mut self) -> [f32; 3] {
        [self.unit() * 255.0, self.unit() * 255.0, self.unit() * 255.0]
    }
}

/// Holds a drawn picture.
#[derive(Debug, Clone)]
pub struct Picture(pub RgbImage);

impl Picture {
    /// Draws picture `number` of a seed.
    pub fn draw(seed: u64, number: u64, width: u32, height: u32) -> Self {
        let mut dice = Dice::new(seed, number);
        let mut field = Field::new(&mut dice);
        field.shapes(&mut dice, number);
        let grain = dice.unit() * 10.0;
        let mut pixel = Dice::new(seed ^ 0x5eed, number);
        // Drawn small and enlarged: edges become as soft as a lens makes them, and it is many times faster.
        let (drawn_width, drawn_height) = (width.div_ceil(4), height.div_ceil(4));
        let drawn = RgbImage::from_fn(drawn_width, drawn_height, |x, y| {
            let colour = field.at(x as f32 / drawn_width as f32, y as f32 / drawn_height as f32);
            Rgb(colour.map(|channel| channel.clamp(0.0, 255.0) as u8))
        });
        let mut image = image::imageops::resize(&drawn, width, height, image::imageops::FilterType::Triangle);
        for Rgb(colour) in image.pixels_mut() {
            let noise = ((pixel.unit() - 0.5) * grain) as i16;
            *colour = colour.map(|channel| (i16::from(channel) + noise).clamp(0, 255) as u8);
        }
        Self(image)
    }

    /// Resizes as a sender's program would.
    pub fn resized(&self, width: u32, height: u32) -> Self {
        Self(image::imageops::resize(&self.0, width, height, image::imageops::FilterType::Triangle))
    }
}

/// Grid points on a side of the soft background.
const GRID: usize = 9;

enum Shape {
    Disc { x: f32, y: f32, radius: f32 },
    Bar { x: f32, y: f32, width: f32, height: f32 },
    Hill { base: f32, lift: f32, phase: f32, waves: f32 },
    Stripes { angle: f32, count: f32, from: f32, to: f32 },
}

struct Field {
    grid: [[[f32; 3]; GRID]; GRID],
    shapes: Vec<(Shape, [f32; 3], f32)>,
}

impl Field {
    fn new(dice: &mut Dice) -> Self {
        let (sky, ground) = (dice.colour(), dice.colour());
        let mut grid = [[[0.0; 3]; GRID]; GRID];
        for (row, line) in grid.iter_mut().enumerate() {
            let depth = row as f32 / (GRID - 1) as f32;
            for cell in line.iter_mut() {
                let light = (dice.unit() - 0.5) * 170.0;
                *cell = std::array::from_fn(|channel| sky[channel] * (1.0 - depth) + ground[channel] * depth + light);
            }
        }
        Self { grid, shapes: Vec::new() }
    }

    fn shapes(&mut self, dice: &mut Dice, number: u64) {
        let count = 4 + dice.below(9);
        for _ in 0..count {
            let (x, y) = (dice.unit(), dice.unit());
            let shape = match (dice.below(4) + number) % 4 {
                0 => Shape::Disc { x, y, radius: 0.04 + dice.unit() * 0.22 },
                1 => Shape::Bar { x, y, width: 0.05 + dice.unit() * 0.4, height: 0.05 + dice.unit() * 0.4 },
                2 => Shape::Hill {
                    base: 0.35 + y * 0.6,
                    lift: 0.04 + dice.unit() * 0.2,
                    phase: x * 6.3,
                    waves: 1.0 + dice.unit() * 5.0,
                },
                _ => Shape::Stripes {
                    angle: x * 3.1,
                    count: 3.0 + dice.unit() * 14.0,
                    from: y * 0.7,
                    to: y * 0.7 + 0.1 + dice.unit() * 0.3,
                },
            };
            let cover = 0.45 + dice.unit() * 0.55;
            self.shapes.push((shape, dice.colour(), cover));
        }
    }

    fn at(&self, x: f32, y: f32) -> [f32; 3] {
        let (gx, gy) = (x * (GRID - 1) as f32, y * (GRID - 1) as f32);
        let (column, row) = ((gx as usize).min(GRID - 2), (gy as usize).min(GRID - 2));
        let (fx, fy) = (gx - column as f32, gy - row as f32);
        let mut colour: [f32; 3] = std::array::from_fn(|channel| {
            let top = self.grid[row][column][channel] * (1.0 - fx) + self.grid[row][column + 1][channel] * fx;
            let low = self.grid[row + 1][column][channel] * (1.0 - fx) + self.grid[row + 1][column + 1][channel] * fx;
            top * (1.0 - fy) + low * fy
        });
        for (shape, paint, cover) in &self.shapes {
            if shape.covers(x, y) {
                colour = std::array::from_fn(|channel| colour[channel] * (1.0 - cover) + paint[channel] * cover);
            }
        }
        colour
    }
}

impl Shape {
    fn covers(&self, x: f32, y: f32) -> bool {
        match self {
            Self::Disc { x: cx, y: cy, radius } => (x - cx).powi(2) + (y - cy).powi(2) < radius.powi(2),
            Self::Bar { x: left, y: top, width, height } => {
                (*left..left + width).contains(&x) && (*top..top + height).contains(&y)
            }
            Self::Hill { base, lift, phase, waves } => y > base - lift * (x * waves + phase).sin().abs(),
            Self::Stripes { angle, count, from, to } => {
                (*from..*to).contains(&y) && ((x * angle.cos() + y * angle.sin()) * count).rem_euclid(1.0) < 0.5
            }
        }
    }
}
