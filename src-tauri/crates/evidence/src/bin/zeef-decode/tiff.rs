//! What the first directory of a TIFF (TIFF 6.0, 1992; BigTIFF) says about kinds of picture that the decoder of TIFF
//! gets wrong or does not know.

use std::borrow::Cow;

const PHOTOMETRIC: u16 = 262;
const COMPRESSION: u16 = 259;
const BITS: u16 = 258;
const SAMPLES: u16 = 277;
const PLANES: u16 = 284;
const PREDICTOR: u16 = 317;
const TILE_WIDTH: u16 = 322;
const EXTRA_SAMPLES: u16 = 338;
const SAMPLE_FORMAT: u16 = 339;

/// Reads the first directory.
pub struct Directory<'a> {
    bytes: &'a [u8],
    little: bool,
    /// Offsets have eight bytes, and entries twenty.
    big: bool,
    /// Where the first entry stands.
    start: usize,
    entries: usize,
}

impl<'a> Directory<'a> {
    /// Finds the first directory.
    pub fn first(bytes: &'a [u8]) -> Option<Self> {
        let little = bytes.starts_with(b"II");
        let mut directory = Self { bytes, little, big: false, start: 0, entries: 0 };
        directory.big = directory.number(2, 2)? == 43;
        let offset = if directory.big { directory.number(8, 8)? } else { directory.number(4, 4)? };
        let size = if directory.big { 8 } else { 2 };
        directory.entries = directory.number(offset, size)?;
        directory.start = offset.checked_add(size)?;
        Some(directory)
    }

    /// Reads a number of so many bytes.
    fn number(&self, at: usize, size: usize) -> Option<usize> {
        let raw = self.bytes.get(at..at.checked_add(size)?)?;
        let join = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
        let number = if self.little { raw.iter().rev().fold(0, join) } else { raw.iter().fold(0, join) };
        usize::try_from(number).ok()
    }

    /// Finds a tag: the number of its values, the bytes of each, and where the first stands.
    fn find(&self, tag: u16) -> Option<(usize, usize, usize)> {
        let (size, wide) = if self.big { (20, 8) } else { (12, 4) };
        // Entries that are not there end the search at the first of them.
        for index in 0..self.entries {
            let at = self.start.checked_add(index.checked_mul(size)?)?;
            if self.number(at, 2)? != usize::from(tag) {
                continue;
            }
            let bytes = match self.number(at + 2, 2)? {
                1 => 1,
                3 => 2,
                4 => 4,
                _ => return None,
            };
            let count = self.number(at + 4, wide)?;
            let value = at + 4 + wide;
            let inside = count.checked_mul(bytes)? <= wide;
            return Some((count, bytes, if inside { value } else { self.number(value, wide)? }));
        }
        None
    }

    /// Gives the first value of a tag.
    fn value(&self, tag: u16) -> Option<usize> {
        let (_, bytes, at) = self.find(tag)?;
        self.number(at, bytes)
    }

    /// Tells whether the samples of a pixel stand together and the decoder leaves some of them away.
    fn drops_samples(&self) -> bool {
        let used = match self.value(PHOTOMETRIC) {
            Some(2) => 3,
            Some(5) => 4,
            _ => return false,
        };
        let samples = self.value(SAMPLES).unwrap_or(1);
        let Some((extra, ..)) = self.find(EXTRA_SAMPLES) else { return false };
        let alpha = matches!(self.value(EXTRA_SAMPLES), Some(1 | 2));
        self.value(PLANES) != Some(2) && samples.checked_sub(extra) == Some(used) && samples > used + usize::from(alpha)
    }

    /// Names what the decoder would get wrong without an error, or would give up at.
    pub fn mistaken(&self) -> Option<&'static str> {
        let tiles = self.find(TILE_WIDTH).is_some();
        if tiles && self.value(PLANES) == Some(2) && self.value(SAMPLES).unwrap_or(1) > 1 {
            return Some("tiles that hold one colour each");
        }
        // The decoder undoes the prediction after it has left the samples away, and writes tiles over their neighbours.
        let predicted = self.value(PREDICTOR).is_some_and(|predictor| predictor != 1);
        (self.drops_samples() && (tiles || predicted)).then_some("pixels with samples beside their colour")
    }

    /// Gives the file with its only extra sample of unknown meaning declared to be transparency, so that the decoder
    /// does not leave it away. None where that is not the file's kind.
    pub fn with_extra_as_alpha(&self) -> Option<Cow<'a, [u8]>> {
        let (count, bytes, at) = self.find(EXTRA_SAMPLES)?;
        if !self.drops_samples() || self.value(PHOTOMETRIC) != Some(2) || (count, bytes) != (1, 2) {
            return None;
        }
        let mut patched = self.bytes.to_vec();
        let alpha = if self.little { 2_u16.to_le_bytes() } else { 2_u16.to_be_bytes() };
        patched.get_mut(at..at + 2)?.copy_from_slice(&alpha);
        Some(Cow::Owned(patched))
    }

    /// Names the kind of picture, where it is one that the decoder does not know.
    pub fn unknown(&self) -> Option<String> {
        let samples = self.value(SAMPLES).unwrap_or(1);
        let bits = self.value(BITS).unwrap_or(1);
        let compression = match self.value(COMPRESSION).unwrap_or(1) {
            6 => Some("JPEG inside, of the old kind".to_owned()),
            7 if self.value(PHOTOMETRIC) == Some(6) => {
                Some("JPEG inside, in brightness and colour differences".to_owned())
            }
            1 | 4 | 5 | 7 | 8 | 32_773 | 32_946 => None,
            2 | 3 => Some("compression of a fax".to_owned()),
            other => Some(format!("compression number {other}")),
        };
        let colours = match self.value(PHOTOMETRIC)? {
            0 | 1 if samples > 1 => Some("grey with other samples beside it".to_owned()),
            0 | 1 | 2 | 5 => None,
            3 => Some("colours from a palette".to_owned()),
            4 => Some("a mask".to_owned()),
            6 => Some("brightness and colour differences".to_owned()),
            8..=10 => Some("colours of the kind Lab".to_owned()),
            32_803 | 34_892 => Some("raw data of a camera's sensor".to_owned()),
            other => Some(format!("colours of the kind {other}")),
        };
        let format = match self.value(SAMPLE_FORMAT).unwrap_or(1) {
            1 if bits > 16 => Some(format!("whole numbers of {bits} bits")),
            1 | 3 => None,
            _ => Some("samples below zero, or of no kind of number".to_owned()),
        };
        let depth = (!matches!(bits, 1 | 8 | 16)).then(|| format!("{bits} bits a sample"));
        compression.or(colours).or(format).or(depth)
    }
}
