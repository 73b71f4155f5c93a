//! Files made byte by byte, for what no encoder would write.

use std::io::Write;

use flate2::{Compression, write::ZlibEncoder};

/// Deflates bytes.
pub fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// Deflates so many zeros.
pub fn deflated(length: usize) -> Vec<u8> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    let zeros = [0; 4096];
    (0..length.div_ceil(4096)).for_each(|_| packed.write_all(&zeros).unwrap());
    packed.finish().unwrap()
}

/// Makes a chunk of a PNG.
pub fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut out = (content.len() as u32).to_be_bytes().to_vec();
    out.extend(name);
    out.extend(content);
    let mut sum = crc32fast::Hasher::new();
    sum.update(&out[4..]);
    out.extend(sum.finalize().to_be_bytes());
    out
}

/// Makes a PNG of the given measures around chunks that come before its (empty or given) data.
pub fn png(width: u32, height: u32, depth: u8, colour: u8, chunks: &[Vec<u8>], data: &[u8]) -> Vec<u8> {
    let mut head = width.to_be_bytes().to_vec();
    head.extend(height.to_be_bytes());
    head.extend([depth, colour, 0, 0, 0]);
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    out.extend(chunk(b"IHDR", &head));
    chunks.iter().for_each(|chunk| out.extend(chunk));
    out.extend(chunk(b"IDAT", data));
    out.extend(chunk(b"IEND", b""));
    out
}

/// Makes a little-endian TIFF of one strip; `tags` are (tag, kind, count, value).
pub fn tiff(tags: &[(u16, u16, u32, u32)], next: u32, data: &[u8]) -> Vec<u8> {
    let mut out = b"II*\0\x08\0\0\0".to_vec();
    out.extend((tags.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in tags {
        out.extend(tag.to_le_bytes());
        out.extend(kind.to_le_bytes());
        out.extend(count.to_le_bytes());
        out.extend(value.to_le_bytes());
    }
    out.extend(next.to_le_bytes());
    out.extend(data);
    out
}

/// The tags of a picture of one strip that begins right after the directory.
pub fn strip(width: u32, height: u32, samples: u32, compression: u32, bytes: u32) -> Vec<(u16, u16, u32, u32)> {
    let count = 9;
    let at = 8 + 2 + count * 12 + 4;
    vec![
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, 8),
        (259, 3, 1, compression),
        (262, 3, 1, if samples == 3 { 2 } else { 1 }),
        (273, 4, 1, at),
        (277, 3, 1, samples),
        (278, 4, 1, height),
        (279, 4, 1, bytes),
    ]
}

/// Makes a box of an ISO base media file.
pub fn boxed(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32 + 8).to_be_bytes(), name.as_slice(), content].concat()
}

/// Makes a JPEG of one flat colour: each component has the given value in all of its blocks. `frame` is the marker of
/// the frame (0xc0 baseline), `adobe` the transform of an APP14 segment, if there is one.
pub fn flat_jpeg(side: u16, frame: u8, components: &[u8], adobe: Option<u8>) -> Vec<u8> {
    let ids: Vec<u8> = (1..=components.len() as u8).collect();
    let scan = flat_scan(side, &ids, components);
    [flat_head(side, frame, components.len() as u8, adobe), scan, b"\xff\xd9".to_vec()].concat()
}

/// Makes the same picture with a scan for each component.
pub fn parted_jpeg(side: u16, components: &[u8], adobe: Option<u8>) -> Vec<u8> {
    let mut out = flat_head(side, 0xc0, components.len() as u8, adobe);
    (1..).zip(components).for_each(|(id, &component)| out.extend(flat_scan(side, &[id], &[component])));
    [out.as_slice(), b"\xff\xd9"].concat()
}

fn flat_head(side: u16, frame: u8, count: u8, adobe: Option<u8>) -> Vec<u8> {
    let mut out = b"\xff\xd8".to_vec();
    if let Some(transform) = adobe {
        out.extend(b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0");
        out.push(transform);
    }
    // Every coefficient is divided by 8, so that the first one is just the value less 128.
    out.extend(b"\xff\xdb\0\x43\0");
    out.extend([8; 64]);
    out.extend([0xff, frame, 0, 8 + 3 * count, 8]);
    out.extend(side.to_be_bytes());
    out.extend(side.to_be_bytes());
    out.push(count);
    (1..=count).for_each(|id| out.extend([id, 0x11, 0]));
    // Differences of 0 to 8 bits as codes of four bits; the other coefficients end at once, by a code of one bit.
    out.extend(b"\xff\xc4\0\x1c\0\0\0\0\x09\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x02\x03\x04\x05\x06\x07\x08");
    out.extend(b"\xff\xc4\0\x14\x10\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    out
}

fn flat_scan(side: u16, ids: &[u8], components: &[u8]) -> Vec<u8> {
    let count = ids.len() as u8;
    let mut out = vec![0xff, 0xda, 0, 6 + 2 * count, count];
    ids.iter().for_each(|&id| out.extend([id, 0]));
    out.extend([0, 63, 0]);
    let mut bits = Bits::default();
    for block in 0..usize::from(side).div_ceil(8).pow(2) {
        for &component in components {
            let difference = if block == 0 { i32::from(component) - 128 } else { 0 };
            let length = 32 - difference.unsigned_abs().leading_zeros();
            bits.push(length, 4);
            let code = if difference < 0 { difference + (1 << length) - 1 } else { difference };
            bits.push(code as u32, length);
            bits.push(0, 1);
        }
    }
    out.extend(bits.stuffed());
    out
}

/// Gathers bits, the highest first.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn push(&mut self, value: u32, count: u32) {
        self.0.extend((0..count).rev().map(|bit| value >> bit & 1 == 1));
    }

    /// Gives the bytes, filled up with ones, with a zero after each byte of ones.
    fn stuffed(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for bits in self.0.chunks(8) {
            let byte = (0..8).fold(0, |byte, bit| byte << 1 | u8::from(*bits.get(bit).unwrap_or(&true)));
            out.push(byte);
            out.extend((byte == 0xff).then_some(0));
        }
        out
    }
}

/// Draws numbers from a seed (SplitMix64, Steele and others 2014).
pub struct Draw(u64);

impl Draw {
    /// Takes the seed of `ZEEF_SEED`, or a new one, and prints it: with it the run can be had again.
    pub fn new(what: &str) -> Self {
        let given = std::env::var("ZEEF_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| {
            use std::hash::{BuildHasher, Hasher, RandomState};
            RandomState::new().build_hasher().finish()
        });
        println!("{what}: ZEEF_SEED={seed}");
        Self(seed)
    }

    pub fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// Draws a number below `end`, which is at least 1.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// Damages bytes in one to eight places: changed, made huge, cut, doubled.
    pub fn damage(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..1 + self.below(8) {
            let at = self.below(bytes.len().max(1));
            let run = 1 + self.below(8);
            let end = (at + run).min(bytes.len());
            match self.below(12) {
                0 => bytes.truncate(at),
                1 => bytes.drain(at..end).for_each(drop),
                2 => {
                    let piece = bytes[at..end].to_vec();
                    bytes.splice(at..at, piece);
                }
                3 => bytes[at..end].fill(0xff),
                4 => bytes[at..end].fill(0),
                5 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 0x80),
                _ => {
                    let value = self.next() as u8;
                    bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = value);
                }
            }
        }
    }
}
