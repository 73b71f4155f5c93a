//! From brightness and two differences of colour to red, green and blue (ITU-T H.273, 8.3).

use domain::Refusal;

use crate::picture::pixels;

/// Tells how a picture's colours are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coding {
    /// Matrix coefficients, a code point of H.273.
    pub matrix: u16,
    /// Whether the samples use the full range; otherwise 16 to 235 of 255 and what is like it.
    pub full_range: bool,
}

/// Tells how many samples of colour there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// None.
    Grey,
    /// One for two by two pixels (4:2:0).
    Half,
    /// One for two pixels of a row (4:2:2).
    HalfWidth,
    /// One for each pixel (4:4:4).
    Full,
}

impl Layout {
    /// Gives the size of a plane of colour.
    pub fn chroma_size(self, width: usize, height: usize) -> (usize, usize) {
        let (across, down) = self.shifts();
        ((width + across) >> across, (height + down) >> down)
    }

    fn shifts(self) -> (usize, usize) {
        match self {
            Self::Half => (1, 1),
            Self::HalfWidth => (1, 0),
            Self::Grey | Self::Full => (0, 0),
        }
    }
}

/// Holds planes of samples.
pub trait Planes {
    /// Gives width and height, pixels.
    fn size(&self) -> (usize, usize);
    /// Tells how many samples of colour there are.
    fn layout(&self) -> Layout;
    /// Gives the bits of a sample, 8 to 16.
    fn bits(&self) -> u32;
    /// Gives row `y` of plane 0 (brightness), 1 or 2 (differences of blue and red): one byte a sample, or two in this
    /// machine's order where a sample has more than eight bits.
    fn row(&self, plane: usize, y: usize) -> &[u8];
}

/// Copies a row of samples as eight bits each.
fn narrow(row: &[u8], bits: u32, out: &mut Vec<u8>) {
    out.clear();
    if bits <= 8 {
        out.extend_from_slice(row);
        return;
    }
    let (half, shift) = (1 << (bits - 9), bits - 8);
    let narrowed = row.as_chunks::<2>().0.iter().map(|pair| {
        let sample = u32::from(u16::from_ne_bytes(*pair));
        // At most 255 after the shift, but for the rounding at the very top.
        ((sample + half) >> shift).min(255) as u8
    });
    out.extend(narrowed);
}

/// Converts planes to three bytes a pixel.
pub fn to_rgb(planes: &impl Planes, coding: Coding) -> Result<Vec<u8>, Refusal> {
    let (width, height) = planes.size();
    let mut rgb = pixels((width * height * 3) as u64)?;
    let convert = Conversion::new(coding);
    let (across, down) = planes.layout().shifts();
    let grey = planes.layout() == Layout::Grey;
    let (mut y_row, mut u_row, mut v_row) = (Vec::new(), Vec::new(), Vec::new());
    for (y, out) in rgb.chunks_exact_mut(width * 3).enumerate() {
        narrow(planes.row(0, y), planes.bits(), &mut y_row);
        if grey {
            for (pixel, &sample) in out.as_chunks_mut::<3>().0.iter_mut().zip(&y_row) {
                *pixel = [convert.brightness[usize::from(sample)]; 3];
            }
            continue;
        }
        if y.is_multiple_of(1 << down) {
            narrow(planes.row(1, y >> down), planes.bits(), &mut u_row);
            narrow(planes.row(2, y >> down), planes.bits(), &mut v_row);
        }
        for (x, (pixel, &sample)) in out.as_chunks_mut::<3>().0.iter_mut().zip(&y_row).enumerate() {
            let (Some(&u), Some(&v)) = (u_row.get(x >> across), v_row.get(x >> across)) else { break };
            *pixel = convert.pixel(sample, u, v);
        }
    }
    Ok(rgb)
}

/// Gives the brightness alone, one byte a pixel: what an alpha plane is.
pub fn to_grey(planes: &impl Planes, full_range: bool) -> Result<Vec<u8>, Refusal> {
    let (width, height) = planes.size();
    let mut grey = pixels((width * height) as u64)?;
    let convert = Conversion::new(Coding { matrix: 2, full_range });
    let mut row = Vec::new();
    for (y, out) in grey.chunks_exact_mut(width).enumerate() {
        narrow(planes.row(0, y), planes.bits(), &mut row);
        out.iter_mut().zip(&row).for_each(|(value, &sample)| *value = convert.brightness[usize::from(sample)]);
    }
    Ok(grey)
}

/// Bits behind the point of the fixed-point factors.
const POINT: i32 = 16;

/// Holds a matrix as tables, so that a pixel costs additions only.
struct Conversion {
    kind: Kind,
    /// Brightness over the full range, for grey.
    brightness: [u8; 256],
    /// Brightness over the full range, with [`POINT`] bits behind the point.
    fine: [i32; 256],
    red_of_v: [i32; 256],
    green_of_u: [i32; 256],
    green_of_v: [i32; 256],
    blue_of_u: [i32; 256],
}

/// Tells which formula of H.273 it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Weights of red and blue.
    Weighted,
    /// The planes are green, blue, red.
    Identity,
    /// Brightness, green, orange.
    YCgCo,
}

impl Conversion {
    fn new(coding: Coding) -> Self {
        let (kind, red, blue) = match coding.matrix {
            0 => (Kind::Identity, 0.0, 0.0),
            1 => (Kind::Weighted, 0.2126, 0.0722),
            4 => (Kind::Weighted, 0.30, 0.11),
            7 => (Kind::Weighted, 0.212, 0.087),
            8 => (Kind::YCgCo, 0.0, 0.0),
            9 | 10 => (Kind::Weighted, 0.2627, 0.0593),
            // BT.601, which is also what "not specified" means to most readers.
            _ => (Kind::Weighted, 0.299, 0.114),
        };
        let (offset, span, colour_span) = if coding.full_range { (0.0, 255.0, 255.0) } else { (16.0, 219.0, 224.0) };
        let table = |factor: f64, offset: f64| -> [i32; 256] {
            std::array::from_fn(|sample| ((sample as f64 - offset) * factor * f64::from(1 << POINT)).round() as i32)
        };
        let fine = table(255.0 / span, offset);
        let colour = |factor: f64| table(factor * 255.0 / colour_span, 128.0);
        let green = 1.0 - red - blue;
        Self {
            kind,
            brightness: fine.map(clamped),
            fine,
            red_of_v: colour(2.0 * (1.0 - red)),
            green_of_u: colour(-2.0 * blue * (1.0 - blue) / green),
            green_of_v: colour(-2.0 * red * (1.0 - red) / green),
            blue_of_u: colour(2.0 * (1.0 - blue)),
        }
    }

    fn pixel(&self, y: u8, u: u8, v: u8) -> [u8; 3] {
        let (y, u, v) = (usize::from(y), usize::from(u), usize::from(v));
        match self.kind {
            Kind::Weighted => {
                let bright = self.fine[y];
                let green = bright + self.green_of_u[u] + self.green_of_v[v];
                [bright + self.red_of_v[v], green, bright + self.blue_of_u[u]].map(clamped)
            }
            Kind::Identity => [self.brightness[v], self.brightness[y], self.brightness[u]],
            Kind::YCgCo => {
                let (bright, green, orange) = (self.fine[y], (u as i32 - 128) << POINT, (v as i32 - 128) << POINT);
                let rest = bright - green;
                [rest + orange, bright + green, rest - orange].map(clamped)
            }
        }
    }
}

/// Rounds a fixed-point value and keeps it in a byte.
fn clamped(value: i32) -> u8 {
    ((value + (1 << (POINT - 1))) >> POINT).clamp(0, 255) as u8
}
