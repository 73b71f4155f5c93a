//! Sequential JPEG whose components do not all come in one scan (ITU-T T.81, A.2): each component is made a grey JPEG of
//! its own, which the decoder of JPEG knows how to read, and the planes are put together here.
//!
//! zune-jpeg reads such a file as if its first scan held everything, and gives noise without an error.

use domain::Refusal;
use evidence::protocol::DecodeLimits;

use crate::picture::{Picture, Turn, admit, pixels};
use crate::shared_scan::Tables;
use crate::undecodable;

/// Holds what a frame says of one component.
#[derive(Debug, Clone, Copy)]
struct Component {
    id: u8,
    /// Samples across and down, relative to the other components; 1 to 4 each.
    across: u32,
    down: u32,
    /// Number of the quantisation table.
    table: u8,
}

/// Holds the frame, and for every component the grey JPEG that it is by itself.
pub struct Parted {
    marker: u8,
    width: u32,
    height: u32,
    components: Vec<Component>,
    /// In the order of the components; empty where the file has no scan of it.
    files: Vec<Vec<u8>>,
    /// The transform of the Adobe segment, if there is one.
    adobe: Option<u8>,
    /// A scan that components share is not all there.
    damaged: bool,
}

/// Takes a file apart. None where the first scan has every component, or where the file is not sequential: such a file
/// is for the ordinary way.
pub fn parted(bytes: &[u8]) -> Result<Option<Parted>, Refusal> {
    let mut parted: Option<Parted> = None;
    let mut adobe = None;
    let mut tables = Vec::new();
    let mut at = 2;
    while let Some((marker, start, body)) = segment(bytes, at) {
        let end = start + 4 + body.len();
        at = end;
        match marker {
            0xd9 => break,
            0xc0 | 0xc1 if parted.is_none() => {
                let Some(frame) = frame(marker, body) else { return Ok(None) };
                parted = Some(frame);
            }
            // Tables of Huffman codes and of quantisers, and the distance of restarts.
            0xc4 | 0xdb | 0xdd => tables.extend(&bytes[start..end]),
            0xee if body.starts_with(b"Adobe") => adobe = body.get(11).copied(),
            0xda => {
                let Some(frame) = &mut parted else { return Ok(None) };
                let count = usize::from(body.first().copied().unwrap_or(0));
                if count == frame.components.len() && frame.files.iter().all(Vec::is_empty) {
                    return Ok(None);
                }
                let length = entropy_length(&bytes[end..]);
                frame.take_scan(body, &tables, &bytes[end..end + length])?;
                at = end + length;
            }
            _ => {}
        }
    }
    Ok(parted
        .map(|parted| Parted { adobe, ..parted })
        .filter(|parted| parted.files.iter().any(|file| !file.is_empty())))
}

/// Finds the next marker with a content: the marker, where it starts, and its content. What stands between segments is
/// passed over, as every reader does. The end of the image has no content.
fn segment(bytes: &[u8], mut at: usize) -> Option<(u8, usize, &[u8])> {
    loop {
        at += bytes.get(at..)?.iter().position(|&byte| byte == 0xff)?;
        match *bytes.get(at + 1)? {
            0xff => at += 1,
            0x00 | 0x01 | 0xd0..=0xd8 => at += 2,
            0xd9 => return Some((0xd9, at, &[])),
            marker => {
                let length = usize::from(u16::from_be_bytes(bytes.get(at + 2..)?.first_chunk().copied()?));
                return Some((marker, at, bytes.get(at + 4..(at + 2).checked_add(length)?)?));
            }
        }
    }
}

/// Reads a frame's header; None where its components are no colours.
fn frame(marker: u8, body: &[u8]) -> Option<Parted> {
    let (&[8, height_high, height_low, width_high, width_low, count], rest) = body.split_first_chunk()? else {
        return None;
    };
    if !matches!(count, 3 | 4) || rest.len() < usize::from(count) * 3 {
        return None;
    }
    let components: Vec<Component> = rest
        .as_chunks::<3>()
        .0
        .iter()
        .take(count.into())
        .map(|&[id, factors, table]| Component {
            id,
            across: (factors >> 4).into(),
            down: (factors & 15).into(),
            table,
        })
        .collect();
    let sane = |factor: u32| (1..=4).contains(&factor);
    if !components.iter().all(|component| sane(component.across) && sane(component.down)) {
        return None;
    }
    Some(Parted {
        marker,
        width: u16::from_be_bytes([width_high, width_low]).into(),
        height: u16::from_be_bytes([height_high, height_low]).into(),
        files: vec![Vec::new(); components.len()],
        components,
        adobe: None,
        damaged: false,
    })
}

/// Gives the length of a scan's coded data: up to the next marker that is no restart.
fn entropy_length(bytes: &[u8]) -> usize {
    let ends = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff);
    bytes.windows(2).position(ends).unwrap_or(bytes.len())
}

impl Parted {
    /// Makes the JPEGs of the components that a scan holds.
    fn take_scan(&mut self, header: &[u8], tables: &[u8], coded: &[u8]) -> Result<(), Refusal> {
        let count = usize::from(header.first().copied().unwrap_or(0));
        let named = header.get(1..1 + count * 2).unwrap_or_default().as_chunks::<2>().0;
        let index_of = |id: u8| self.components.iter().position(|component| component.id == id);
        let Some(indices) = named.iter().map(|&[id, _]| index_of(id)).collect::<Option<Vec<usize>>>() else {
            return Err(undecodable("a scan of a component that the frame does not have"));
        };
        // A second scan of a component adds nothing in a sequential file, and would cost time.
        if indices.iter().all(|&index| !self.files[index].is_empty()) {
            return Ok(());
        }
        if let (&[index], &[[_, codes]]) = (indices.as_slice(), named) {
            self.take_component(index, codes, tables, coded);
            return Ok(());
        }
        let single = |&index: &usize| self.components[index].across == 1 && self.components[index].down == 1;
        if !indices.iter().all(single) {
            return Err(undecodable(
                "this kind of JPEG is not supported: some of its colours share a scan and others do not",
            ));
        }
        let (across, down) = self.most();
        let blocks = self.width.div_ceil(across * 8) as usize * self.height.div_ceil(down * 8) as usize;
        let codes: Vec<u8> = named.iter().map(|&[_, codes]| codes).collect();
        let (parts, whole) = Tables::read(tables).split(coded, &codes, blocks);
        self.damaged |= !whole;
        for ((index, codes), part) in indices.into_iter().zip(codes).zip(parts) {
            self.take_component(index, codes, tables, &part);
        }
        Ok(())
    }

    /// Makes the JPEG of one component, by the first scan of it.
    fn take_component(&mut self, index: usize, codes: u8, tables: &[u8], coded: &[u8]) {
        if !self.files[index].is_empty() {
            return;
        }
        let (across, down) = self.most();
        let component = self.components[index];
        let (width, height) = (self.width * component.across, self.height * component.down);
        let [_, _, width @ ..] = width.div_ceil(across).to_be_bytes();
        let [_, _, height @ ..] = height.div_ceil(down).to_be_bytes();
        let frame =
            [&[0xff, self.marker, 0, 11, 8], height.as_slice(), &width, &[1, 1, 0x11, component.table]].concat();
        let scan = [0xff, 0xda, 0, 8, 1, 1, codes, 0, 63, 0];
        self.files[index] = [b"\xff\xd8", tables, &frame, &scan, coded, b"\xff\xd9"].concat();
    }

    /// Gives the greatest factors of sampling, across and down.
    fn most(&self) -> (u32, u32) {
        let most = |factor: fn(&Component) -> u32| self.components.iter().map(factor).max().unwrap_or(1);
        (most(|component| component.across), most(|component| component.down))
    }

    /// Decodes every component by `grey`, which gives a sample for each pixel, and puts them together.
    pub fn decode(
        self,
        limits: &DecodeLimits,
        grey: impl Fn(&[u8]) -> Result<Vec<u8>, Refusal>,
    ) -> Result<Picture, Refusal> {
        let (width, height) = admit(self.width.into(), self.height.into(), limits)?;
        let (across, down) = self.most();
        let mut remarks = Vec::new();
        if self.damaged {
            remarks.push("a part of the picture's colours is damaged".to_owned());
        }
        let mut planes = Vec::new();
        for (component, file) in self.components.iter().zip(&self.files) {
            if file.is_empty() && planes.is_empty() {
                return Err(undecodable("the picture has no brightness"));
            }
            let stride = (width * component.across).div_ceil(across);
            let plane = if file.is_empty() { Vec::new() } else { grey(file)? };
            if plane.is_empty() {
                remarks.push("a colour of the picture is missing".to_owned());
            }
            planes.push(Plane { plane, stride: stride as usize, across: component.across, down: component.down });
        }
        let kind = self.kind();
        let mut rgb = pixels(u64::from(width) * u64::from(height) * 3)?;
        for (y, row) in (0_u32..).zip(rgb.chunks_exact_mut(width as usize * 3)) {
            for (x, out) in (0_u32..).zip(row.as_chunks_mut::<3>().0) {
                let sample = |index: usize| planes.get(index).map_or(255, |plane| plane.at(x, y, across, down));
                *out = kind.rgb([sample(0), sample(1), sample(2), sample(3)]);
            }
        }
        Ok(Picture { width, height, rgb, turn: Turn::ByExif, frames: None, remarks })
    }

    /// Tells what the components are, by the rules that libjpeg made common.
    fn kind(&self) -> Kind {
        let named: Vec<u8> = self.components.iter().map(|component| component.id).collect();
        let lit = match self.adobe {
            Some(transform) => transform == 0,
            None => named == b"RGB" || self.components.len() == 4,
        };
        Kind { lit, ink: self.components.len() == 4 }
    }
}

/// Tells how the components make a colour.
struct Kind {
    /// The first three are red, green and blue (or the inks that leave them) as they stand.
    lit: bool,
    /// The fourth is black ink.
    ink: bool,
}

impl Kind {
    /// Brings a pixel to red, green and blue; the fourth sample is black ink, 255 for none.
    fn rgb(&self, [first, second, third, black]: [u8; 4]) -> [u8; 3] {
        let colours = match (self.lit, self.ink) {
            (true, _) => [first, second, third],
            (false, false) => from_luma(first, second, third),
            // Brightness and differences are those of the ink; Adobe's ink is upside down.
            (false, true) => from_luma(first, second, third).map(|ink| 255 - ink),
        };
        // At most 255 × 255 ÷ 255.
        colours.map(|colour| ((u32::from(colour) * u32::from(black) + 127) / 255) as u8)
    }
}

/// Converts by the equations of JFIF (ITU-T T.871, 7), in 1/65536.
fn from_luma(luma: u8, blue: u8, red: u8) -> [u8; 3] {
    let luma = (i32::from(luma) << 16) + (1 << 15);
    let (blue, red) = (i32::from(blue) - 128, i32::from(red) - 128);
    // Clamped, so each fits.
    [luma + 91_881 * red, luma - 22_554 * blue - 46_802 * red, luma + 116_130 * blue]
        .map(|sum| (sum >> 16).clamp(0, 255) as u8)
}

/// Holds the samples of one component.
struct Plane {
    /// Empty where the file has none.
    plane: Vec<u8>,
    stride: usize,
    across: u32,
    down: u32,
}

impl Plane {
    /// Gives the sample that covers a pixel; grey where there is none.
    fn at(&self, x: u32, y: u32, across: u32, down: u32) -> u8 {
        let column = (x * self.across / across) as usize;
        let row = (y * self.down / down) as usize;
        self.plane.get(row * self.stride + column).copied().unwrap_or(128)
    }
}
