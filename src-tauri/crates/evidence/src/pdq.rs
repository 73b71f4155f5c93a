//! PDQ, the perceptual digest of Meta: from pixels to 256 bits in each of eight orientations, with a quality.
//!
//! Method: "The TMK+PDF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm" (Facebook, 2019) and the public
//! reference implementation. Brightness → two passes of a box filter along rows and columns (Wojciech Jarosz, "Fast
//! Image Convolutions") → 64 × 64 samples → 16 × 16 cosine coefficients without the constant ones → one bit each,
//! whether the coefficient exceeds the median.
//!
//! Every sum is taken in `f32` in the order of the reference implementation, and the cosines are computed here by plain
//! multiplication and addition, so that the same pixels give the same bits on every machine. The picture streams through
//! both filter passes in bands of rows: memory is a few hundred rows, never a second copy of the picture.

use domain::{Orientation, Pdq, PdqSet, PdqVariant};

/// Side to which Meta's tool samples pictures that exceed it on either side.
const SAMPLED_SIDE: usize = 512;
/// Smallest side that is hashed, pixels (Meta's).
const SIDE_MIN: usize = 5;
/// Side of the picture that the cosine transform sees.
const BLOCK: usize = 64;
/// Side of the square of coefficients that become bits.
const COEFFICIENTS: usize = 16;
/// Divisor that turns the sum of gradients into a quality (Meta's).
const QUALITY_DIVISOR: i32 = 90;

/// Borrows decoded pixels: three bytes each (red, green, blue), row after row without gaps.
#[derive(Clone, Copy)]
pub struct Rgb8<'a> {
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
    /// `width × height × 3` bytes.
    pub pixels: &'a [u8],
}

/// Computes the PDQ values of a picture, with orientation already applied to it.
///
/// Gives none when a side is below 5 px after sampling (Meta's limit), or when `pixels` is not as long as the sides say.
/// In [`PdqVariant::Sampled512`] a picture with *either* side above 512 px is first sampled to exactly 512 × 512 by nearest
/// neighbour, whatever its proportions, as Meta's tool does; the smaller side then grows. Costs about 1 ms for any
/// picture so sampled, and time in proportion to the pixels otherwise.
pub fn pdq(picture: Rgb8<'_>, variant: PdqVariant) -> Option<PdqSet> {
    let samples = Samples::new(picture, variant)?;
    let block = shrink(&samples);
    let coefficients = cosine_transform(&block);
    let orientations = Orientation::ALL.map(|orientation| bits(&oriented(&coefficients, orientation)));
    Some(PdqSet { variant, quality: quality(&block), orientations })
}

/// Tells which pixels of a picture count: all of them, or 512 × 512 of them.
struct Samples<'a> {
    picture: Rgb8<'a>,
    width: usize,
    height: usize,
    /// Byte offset of each sampled pixel inside its row; absent when all pixels count.
    columns: Option<Box<[usize]>>,
}

impl<'a> Samples<'a> {
    fn new(picture: Rgb8<'a>, variant: PdqVariant) -> Option<Self> {
        let (width, height) = (usize::try_from(picture.width).ok()?, usize::try_from(picture.height).ok()?);
        let bytes = width.checked_mul(height)?.checked_mul(3)?;
        if bytes == 0 || picture.pixels.len() != bytes {
            return None;
        }
        let samples = match variant {
            PdqVariant::Sampled512 if width > SAMPLED_SIDE || height > SAMPLED_SIDE => {
                let columns = (0..SAMPLED_SIDE).map(|x| nearest(x, width) * 3).collect();
                Self { picture, width: SAMPLED_SIDE, height: SAMPLED_SIDE, columns: Some(columns) }
            }
            PdqVariant::Sampled512 | PdqVariant::FullResolution => Self { picture, width, height, columns: None },
        };
        (samples.width >= SIDE_MIN && samples.height >= SIDE_MIN).then_some(samples)
    }

    /// Writes the brightness of sampled row `y` to `out`, 0 to 255.
    fn luma_row(&self, y: usize, out: &mut [f32]) {
        let stride = self.picture.width as usize * 3;
        let source = if self.columns.is_some() { nearest(y, self.picture.height as usize) } else { y };
        let row = &self.picture.pixels[source * stride..][..stride];
        match &self.columns {
            Some(columns) => {
                for (value, &at) in out.iter_mut().zip(columns) {
                    *value = luma(row[at], row[at + 1], row[at + 2]);
                }
            }
            None => {
                for (value, pixel) in out.iter_mut().zip(row.chunks_exact(3)) {
                    *value = luma(pixel[0], pixel[1], pixel[2]);
                }
            }
        }
    }
}

/// Gives the pixel that stands for sample `index` of 512: rounded down, not centred, as Meta's tool has it.
fn nearest(index: usize, side: usize) -> usize {
    (index as u64 * side as u64 / SAMPLED_SIDE as u64) as usize
}

/// Weighs a pixel's brightness (ITU-R BT.601), in the reference's order of operations.
fn luma(red: u8, green: u8, blue: u8) -> f32 {
    0.299_f32 * f32::from(red) + 0.587_f32 * f32::from(green) + 0.114_f32 * f32::from(blue)
}

/// Describes a pass of the box filter along one side: output `i` is the mean of inputs `i - behind ..= i + ahead`,
/// as far as they exist.
#[derive(Clone, Copy)]
struct Window {
    behind: usize,
    ahead: usize,
}

impl Window {
    /// Spans half of a block's side, rounded up, so that two passes together span a block. Never longer than `length`.
    fn over(length: usize) -> Self {
        let size = length.div_ceil(2 * BLOCK);
        Self { behind: size - 1 - size / 2, ahead: size / 2 }
    }

    fn size(self) -> usize {
        self.behind + 1 + self.ahead
    }
}

/// Filters a picture twice along rows and columns and keeps 64 × 64 samples of the result.
fn shrink(samples: &Samples<'_>) -> Block {
    let rows = RowFilter::new(samples.width);
    let mut columns = ColumnFilter::new(samples.width, samples.height);
    let mut second = SecondPass::new(samples);
    let mut raw = vec![0.0; BAND * samples.width];
    let mut blurred = raw.clone();
    for start in (0..samples.height).step_by(BAND) {
        let count = BAND.min(samples.height - start);
        for (row, y) in raw.chunks_exact_mut(samples.width).zip(start..start + count) {
            samples.luma_row(y, row);
        }
        rows.sums(&raw, &mut blurred, count);
        for row in blurred.chunks_exact_mut(samples.width).take(count) {
            row.iter_mut().zip(&rows.counts).for_each(|(sum, count)| *sum /= count);
            if columns.push(row, second.next_row()) {
                second.row_written(&rows);
            }
        }
    }
    while columns.drain(second.next_row()) {
        second.row_written(&rows);
    }
    second.finish(&rows)
}

/// Rows that a row filter takes at once: their running sums depend on nothing but their own row, so that the processor
/// adds several at the same time.
const BAND: usize = 8;

/// Sums along rows.
struct RowFilter {
    width: usize,
    window: Window,
    /// How many inputs went into each output.
    counts: Box<[f32]>,
}

impl RowFilter {
    fn new(width: usize) -> Self {
        let window = Window::over(width);
        let count = |x: usize| (x + window.ahead).min(width - 1) - x.saturating_sub(window.behind) + 1;
        Self { width, window, counts: (0..width).map(|x| count(x) as f32).collect() }
    }

    /// Writes to `out` the sum of each window of the first `count` rows, at most [`BAND`].
    fn sums(&self, rows: &[f32], out: &mut [f32], count: usize) {
        if count == BAND {
            return self.running_sums::<BAND>(rows, out);
        }
        for (row, out) in rows.chunks_exact(self.width).zip(out.chunks_exact_mut(self.width)).take(count) {
            self.running_sums::<1>(row, out);
        }
    }

    fn running_sums<const ROWS: usize>(&self, rows: &[f32], out: &mut [f32]) {
        let Window { behind, ahead } = self.window;
        let width = self.width;
        let mut split = out.chunks_exact_mut(width);
        let out: [&mut [f32]; ROWS] = std::array::from_fn(|_| split.next().expect("a row for each row"));
        let rows: [&[f32]; ROWS] = std::array::from_fn(|row| &rows[row * width..][..width]);
        let mut sums: [f32; ROWS] = rows.map(|row| row[..ahead].iter().fold(0.0, |sum, value| sum + value));
        for x in 0..=behind {
            for row in 0..ROWS {
                sums[row] += rows[row][x + ahead];
                out[row][x] = sums[row];
            }
        }
        for x in behind + 1..width - ahead {
            for row in 0..ROWS {
                sums[row] += rows[row][x + ahead];
                sums[row] -= rows[row][x - behind - 1];
                out[row][x] = sums[row];
            }
        }
        for x in width - ahead..width {
            for row in 0..ROWS {
                sums[row] -= rows[row][x - behind - 1];
                out[row][x] = sums[row];
            }
        }
    }
}

/// Averages along columns while rows arrive one by one; remembers only as many rows as its window is high.
struct ColumnFilter {
    window: Window,
    sums: Box<[f32]>,
    /// The newest rows, as a ring.
    rows: Box<[f32]>,
    pushed: usize,
    dropped: usize,
}

impl ColumnFilter {
    fn new(width: usize, height: usize) -> Self {
        let window = Window::over(height);
        let rows = vec![0.0; window.size() * width].into();
        Self { window, sums: vec![0.0; width].into(), rows, pushed: 0, dropped: 0 }
    }

    /// Takes the next row; tells whether a row of means was written to `out`.
    fn push(&mut self, row: &[f32], out: &mut [f32]) -> bool {
        let width = self.sums.len();
        let place = self.pushed % self.window.size();
        let oldest = &mut self.rows[place * width..][..width];
        if self.pushed >= self.window.size() {
            self.dropped += 1;
            for ((sum, new), old) in self.sums.iter_mut().zip(row).zip(oldest.iter()) {
                *sum = (*sum + new) - old;
            }
        } else {
            self.sums.iter_mut().zip(row).for_each(|(sum, new)| *sum += new);
        }
        oldest.copy_from_slice(row);
        self.pushed += 1;
        let ready = self.pushed > self.window.ahead;
        if ready {
            self.write_means(out);
        }
        ready
    }

    /// Writes the next of the last rows, which see no new input any more; tells whether there was one.
    fn drain(&mut self, out: &mut [f32]) -> bool {
        // The last row of all has `behind + 1` inputs left.
        if self.pushed - self.dropped <= self.window.behind + 1 {
            return false;
        }
        let width = self.sums.len();
        let oldest = &self.rows[self.dropped % self.window.size() * width..][..width];
        self.sums.iter_mut().zip(oldest).for_each(|(sum, old)| *sum -= old);
        self.dropped += 1;
        self.write_means(out);
        true
    }

    fn write_means(&self, out: &mut [f32]) {
        let count = (self.pushed - self.dropped) as f32;
        out.iter_mut().zip(&self.sums).for_each(|(mean, sum)| *mean = sum / count);
    }
}

/// Does the second pass along rows and columns, only for the samples that are kept.
struct SecondPass {
    width: usize,
    height: usize,
    band: Box<[f32]>,
    sums: Box<[f32]>,
    filled: usize,
    columns: ColumnFilter,
    /// Rows that the column filter gave.
    given: usize,
    kept: usize,
    block: Block,
}

impl SecondPass {
    fn new(samples: &Samples<'_>) -> Self {
        let (width, height) = (samples.width, samples.height);
        let band: Box<[f32]> = vec![0.0; BAND * width].into();
        let columns = ColumnFilter::new(BLOCK, height);
        Self {
            width,
            height,
            sums: band.clone(),
            band,
            filled: 0,
            columns,
            given: 0,
            kept: 0,
            block: [[0.0; BLOCK]; BLOCK],
        }
    }

    /// Gives the place where the next row of the first pass goes.
    fn next_row(&mut self) -> &mut [f32] {
        &mut self.band[self.filled * self.width..][..self.width]
    }

    fn row_written(&mut self, rows: &RowFilter) {
        self.filled += 1;
        if self.filled == BAND {
            self.work(rows);
        }
    }

    fn work(&mut self, rows: &RowFilter) {
        rows.sums(&self.band, &mut self.sums, self.filled);
        let mut means = [0.0; BLOCK];
        for row in 0..self.filled {
            let sums = &self.sums[row * self.width..][..self.width];
            let sampled: [f32; BLOCK] = std::array::from_fn(|column| {
                let x = centre(column, self.width);
                sums[x] / rows.counts[x]
            });
            if self.columns.push(&sampled, &mut means) {
                self.keep(&means);
            }
        }
        self.filled = 0;
    }

    /// Keeps a row as often as the 64 sample places fall on it: more than once in a picture lower than 64.
    fn keep(&mut self, means: &[f32; BLOCK]) {
        while self.kept < BLOCK && centre(self.kept, self.height) == self.given {
            self.block[self.kept] = *means;
            self.kept += 1;
        }
        self.given += 1;
    }

    fn finish(mut self, rows: &RowFilter) -> Block {
        self.work(rows);
        let mut means = [0.0; BLOCK];
        while self.columns.drain(&mut means) {
            self.keep(&means);
        }
        assert_eq!((self.given, self.kept), (self.height, BLOCK), "every row goes through both passes");
        self.block
    }
}

/// Gives the pixel at the centre of part `index` of 64.
fn centre(index: usize, side: usize) -> usize {
    (2 * index + 1) * side / (2 * BLOCK)
}

/// 64 × 64 samples of brightness, rows first.
type Block = [[f32; BLOCK]; BLOCK];
/// 16 × 16 coefficients, rows (vertical frequencies) first.
type Coefficients = [[f32; COEFFICIENTS]; COEFFICIENTS];

/// Measures how much there is to see: the sum of steps between neighbours, counted in hundredths of the full range.
fn quality(block: &Block) -> u8 {
    let step = |a: f32, b: f32| (((a - b) * 100.0) / 255.0) as i32;
    let mut sum = 0;
    for (y, row) in block.iter().enumerate() {
        for (x, &here) in row.iter().enumerate() {
            sum += if y + 1 < BLOCK { step(here, block[y + 1][x]).abs() } else { 0 };
            sum += if x + 1 < BLOCK { step(here, row[x + 1]).abs() } else { 0 };
        }
    }
    (sum / QUALITY_DIVISOR).min(100) as u8
}

/// Gives the coefficients of frequencies 1 to 16 in both directions; those of frequency 0 say only how bright it is.
fn cosine_transform(block: &Block) -> Coefficients {
    let mut columns = [[0.0_f32; BLOCK]; COEFFICIENTS];
    for (sums, cosines) in columns.iter_mut().zip(&COSINES) {
        for (row, &cosine) in block.iter().zip(cosines) {
            sums.iter_mut().zip(row).for_each(|(sum, &value)| *sum += cosine * value);
        }
    }
    columns.each_ref().map(|row| {
        COSINES
            .each_ref()
            .map(|cosines| row.iter().zip(cosines).fold(0.0_f32, |sum, (value, cosine)| sum + value * cosine))
    })
}

/// Rows 1 to 16 of the orthonormal cosine transform of length 64 (type II), computed when compiling.
const COSINES: [[f32; BLOCK]; COEFFICIENTS] = {
    // √(2/64), rounded to `f32` first, as in the reference.
    const SCALE: f32 = 0.176_776_695_296_636_9_f64 as f32;
    let mut table = [[0.0; BLOCK]; COEFFICIENTS];
    let mut row = 0;
    while row < COEFFICIENTS {
        let mut column = 0;
        while column < BLOCK {
            table[row][column] = (SCALE as f64 * cosine_of_128ths((row + 1) * (2 * column + 1))) as f32;
            column += 1;
        }
        row += 1;
    }
    table
};

/// Computes cos(k·π/128) by the Taylor series within an eighth of a turn: a library's cosine differs between machines in
/// its last bit.
const fn cosine_of_128ths(k: usize) -> f64 {
    let k = k % 256;
    let k = if k > 128 { 256 - k } else { k };
    let (k, sign) = if k > 64 { (128 - k, -1.0) } else { (k, 1.0) };
    // Beyond 45° the sine of the rest is the same and converges sooner.
    let (rest, first) = if k > 32 { (64 - k, 1) } else { (k, 0) };
    let angle = rest as f64 * (std::f64::consts::PI / 128.0);
    let mut term = if first == 1 { angle } else { 1.0 };
    let mut sum = term;
    let mut n = first;
    while n < 24 {
        term = -term * angle * angle / ((n + 1) * (n + 2)) as f64;
        sum += term;
        n += 2;
    }
    sign * sum
}

/// Turns or mirrors a picture in the space of its coefficients: mirroring changes the sign of odd frequencies, a turn by
/// a quarter also swaps rows and columns. Row 0 holds frequency 1, hence the parities.
fn oriented(coefficients: &Coefficients, orientation: Orientation) -> Coefficients {
    use Orientation::{FlipMinus1, FlipPlus1, FlipX, FlipY, Original, Rotate90, Rotate180, Rotate270};
    let swapped = matches!(orientation, Rotate90 | Rotate270 | FlipPlus1 | FlipMinus1);
    std::array::from_fn(|row| {
        std::array::from_fn(|column| {
            let value = if swapped { coefficients[column][row] } else { coefficients[row][column] };
            let (even_row, even_column) = (row.is_multiple_of(2), column.is_multiple_of(2));
            let negated = match orientation {
                Original | FlipPlus1 => false,
                FlipX | Rotate90 => even_row,
                FlipY | Rotate270 => even_column,
                Rotate180 | FlipMinus1 => even_row != even_column,
            };
            if negated { -value } else { value }
        })
    })
}

/// Sets a bit for each coefficient above the lower median. Coefficient (0, 0) is the lowest bit, and thus the last of
/// the hex form.
fn bits(coefficients: &Coefficients) -> Pdq {
    let mut sorted: [f32; COEFFICIENTS * COEFFICIENTS] =
        std::array::from_fn(|i| coefficients[i / COEFFICIENTS][i % COEFFICIENTS]);
    let (_, median, _) = sorted.select_nth_unstable_by(COEFFICIENTS * COEFFICIENTS / 2 - 1, f32::total_cmp);
    let mut out = [0; 32];
    for (index, value) in coefficients.iter().flatten().enumerate() {
        if *value > *median {
            out[31 - index / 8] |= 1 << (index % 8);
        }
    }
    Pdq(out)
}

#[cfg(test)]
#[path = "pdq_tests.rs"]
mod tests;
