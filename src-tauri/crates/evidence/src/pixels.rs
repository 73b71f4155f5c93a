//! Pixels that the decoder gave, and the files that are made of them here: with nothing in them but pixels.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Names the samples of a pixel, eight bits each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Colours {
    /// Brightness alone (ITU-R BT.601, as in JPEG).
    Grey,
    /// Red, green, blue.
    Rgb,
}

impl Colours {
    /// Counts the bytes of a pixel.
    pub fn bytes(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
        }
    }
}

/// Holds a picture's pixels, row by row. They are wiped when dropped, and have no `Debug`, so that they reach no log.
#[derive(Clone, PartialEq, Eq)]
pub struct Pixels {
    width: u32,
    height: u32,
    colours: Colours,
    samples: Zeroizing<Vec<u8>>,
}

impl Pixels {
    /// Takes samples; none unless there are as many as the size says, and at least one pixel.
    pub fn new(width: u32, height: u32, colours: Colours, samples: Vec<u8>) -> Option<Self> {
        let samples = Zeroizing::new(samples);
        let wanted = u64::from(width) * u64::from(height) * colours.bytes() as u64;
        (wanted > 0 && samples.len() as u64 == wanted).then_some(Self { width, height, colours, samples })
    }

    /// Gives width and height, pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Tells what the samples are.
    pub fn colours(&self) -> Colours {
        self.colours
    }

    /// Gives the samples, row by row.
    pub fn samples(&self) -> &[u8] {
        &self.samples
    }

    /// Encodes grey pixels as PNG without any loss, and without any chunk but the three that it needs. None for colours.
    pub fn to_png(&self) -> Option<Vec<u8>> {
        if self.colours != Colours::Grey {
            return None;
        }
        let mut bytes = Vec::with_capacity(self.samples.len() / 2 + 128);
        let mut encoder = png::Encoder::new(&mut bytes, self.width, self.height);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::Fast);
        let mut writer = encoder.write_header().ok()?;
        writer.write_image_data(&self.samples).ok()?;
        writer.finish().ok()?;
        Some(bytes)
    }

    /// Encodes as baseline JPEG of the given quality, 1 to 100, without metadata. None when a side is longer than a JPEG
    /// can say. The bytes are wiped when dropped.
    pub fn to_jpeg(&self, quality: u8) -> Option<Zeroizing<Vec<u8>>> {
        let (width, height) = (u16::try_from(self.width).ok()?, u16::try_from(self.height).ok()?);
        // Room for the whole: a vector that grows leaves copies behind that nobody wipes.
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.samples.len() / self.colours.bytes() + JPEG_HEAD_BYTES));
        let mut encoder = Encoder::new(&mut *bytes, quality);
        encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
        let colours = match self.colours {
            Colours::Grey => ColorType::Luma,
            Colours::Rgb => ColorType::Rgb,
        };
        encoder.encode(&self.samples, width, height, colours).ok()?;
        Some(bytes)
    }
}

/// Bytes of a JPEG beside its coded pixels.
const JPEG_HEAD_BYTES: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_have_to_fill_the_size() {
        assert!(Pixels::new(2, 3, Colours::Rgb, vec![0; 18]).is_some());
        assert!(Pixels::new(2, 3, Colours::Rgb, vec![0; 17]).is_none());
        assert!(Pixels::new(0, 3, Colours::Grey, Vec::new()).is_none());
    }

    #[test]
    fn a_png_has_its_pixels_and_no_other_chunk() {
        let samples: Vec<u8> = (0..=255).cycle().take(40 * 30).collect();
        let png = Pixels::new(40, 30, Colours::Grey, samples.clone()).unwrap().to_png().unwrap();
        assert_eq!(image::load_from_memory(&png).unwrap().into_luma8().into_raw(), samples);
        let mut names = Vec::new();
        let mut rest = &png[8..];
        while let Some((length, after)) = rest.split_first_chunk::<4>() {
            names.push(after[..4].to_vec());
            rest = &after[4 + u32::from_be_bytes(*length) as usize + 4..];
        }
        names.dedup();
        assert_eq!(names, [&b"IHDR"[..], b"IDAT", b"IEND"]);
    }

    #[test]
    fn a_jpeg_has_its_pixels_and_no_metadata() {
        let samples: Vec<u8> = (0..64 * 48).map(|at| (at % 64 * 3) as u8).collect();
        let jpeg = Pixels::new(64, 48, Colours::Grey, samples.clone()).unwrap().to_jpeg(90).unwrap();
        let back = image::load_from_memory(&jpeg).unwrap().into_luma8().into_raw();
        assert!(back.iter().zip(&samples).all(|(a, b)| a.abs_diff(*b) < 8));
        // APP0 alone, which is JFIF's; no APP1 to 15, no comment.
        assert!(!jpeg.windows(2).take(600).any(|pair| pair[0] == 0xff && matches!(pair[1], 0xe1..=0xef | 0xfe)));
    }
}
