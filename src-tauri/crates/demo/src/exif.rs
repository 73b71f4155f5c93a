//! EXIF blocks for drawn pictures (JEITA CP-3451): a camera with a serial number, a time, and a place.

/// What a camera writes into a picture.
pub(crate) struct Shot {
    pub make: &'static str,
    pub model: &'static str,
    pub serial: String,
    /// `YYYY:MM:DD HH:MM:SS`.
    pub taken: String,
    /// `+HH:MM`, for cameras that write it.
    pub offset: Option<&'static str>,
    /// Degrees north and east.
    pub place: Option<(f64, f64)>,
    /// 1 to 8.
    pub orientation: u16,
}

const ASCII: u16 = 2;
const SHORT: u16 = 3;
const LONG: u16 = 4;
const RATIONAL: u16 = 5;
const BYTE: u16 = 1;

struct Field {
    tag: u16,
    kind: u16,
    count: u32,
    bytes: Vec<u8>,
}

fn ascii(tag: u16, text: &str) -> Field {
    let mut bytes = text.as_bytes().to_vec();
    bytes.push(0);
    Field { tag, kind: ASCII, count: bytes.len() as u32, bytes }
}

fn short(tag: u16, value: u16) -> Field {
    Field { tag, kind: SHORT, count: 1, bytes: value.to_le_bytes().to_vec() }
}

fn long(tag: u16, value: u32) -> Field {
    Field { tag, kind: LONG, count: 1, bytes: value.to_le_bytes().to_vec() }
}

/// Degrees, minutes and seconds to a thousandth.
fn angle(tag: u16, degrees: f64) -> Field {
    let thousandths = (degrees.abs() * 3_600_000.0).round() as u32;
    let parts = [(thousandths / 3_600_000, 1), (thousandths / 60_000 % 60, 1), (thousandths % 60_000, 1000)];
    let bytes = parts.iter().flat_map(|(top, low): &(u32, u32)| [top.to_le_bytes(), low.to_le_bytes()].concat());
    Field { tag, kind: RATIONAL, count: 3, bytes: bytes.collect() }
}

/// Lays out one directory at `start`; values of over four bytes follow it. `fields` are in ascending order of tags.
fn directory(fields: &[Field], start: usize) -> Vec<u8> {
    let mut values = Vec::new();
    let mut out = (fields.len() as u16).to_le_bytes().to_vec();
    let values_start = start + 2 + fields.len() * 12 + 4;
    for field in fields {
        out.extend(field.tag.to_le_bytes());
        out.extend(field.kind.to_le_bytes());
        out.extend(field.count.to_le_bytes());
        if field.bytes.len() <= 4 {
            let mut inline = field.bytes.clone();
            inline.resize(4, 0);
            out.extend(inline);
        } else {
            out.extend(((values_start + values.len()) as u32).to_le_bytes());
            values.extend(&field.bytes);
            if values.len() % 2 == 1 {
                values.push(0);
            }
        }
    }
    out.extend([0; 4]);
    out.extend(values);
    out
}

/// Builds the TIFF structure, little-endian.
pub(crate) fn tiff(shot: &Shot) -> Vec<u8> {
    const FIRST: usize = 8;
    let mut sub = vec![ascii(0x9003, &shot.taken)];
    if let Some(offset) = shot.offset {
        sub.push(ascii(0x9011, offset));
    }
    sub.push(ascii(0xa431, &shot.serial));
    let gps = shot.place.map(|(north, east)| {
        vec![
            Field { tag: 0, kind: BYTE, count: 4, bytes: vec![2, 3, 0, 0] },
            ascii(1, if north < 0.0 { "S" } else { "N" }),
            angle(2, north),
            ascii(3, if east < 0.0 { "W" } else { "E" }),
            angle(4, east),
        ]
    });
    let main = |sub_at: u32, gps_at: Option<u32>| {
        let mut fields = vec![ascii(0x010f, shot.make), ascii(0x0110, shot.model), short(0x0112, shot.orientation)];
        fields.push(long(0x8769, sub_at));
        fields.extend(gps_at.map(|at| long(0x8825, at)));
        fields
    };
    // The first layout only measures; offsets do not change the length.
    let main_len = directory(&main(0, gps.as_ref().map(|_| 0)), FIRST).len();
    let sub_at = FIRST + main_len;
    let sub_bytes = directory(&sub, sub_at);
    let gps_at = sub_at + sub_bytes.len();
    let mut out = b"II*\0".to_vec();
    out.extend((FIRST as u32).to_le_bytes());
    out.extend(directory(&main(sub_at as u32, gps.as_ref().map(|_| gps_at as u32)), FIRST));
    out.extend(sub_bytes);
    if let Some(gps) = gps {
        out.extend(directory(&gps, gps_at));
    }
    out
}

/// Puts an EXIF block right behind the start of a JPEG.
pub(crate) fn into_jpeg(jpeg: &[u8], shot: &Shot) -> Vec<u8> {
    let tiff = tiff(shot);
    let mut out = jpeg[..2].to_vec();
    out.extend([0xff, 0xe1]);
    out.extend(((tiff.len() + 8) as u16).to_be_bytes());
    out.extend(b"Exif\0\0");
    out.extend(tiff);
    out.extend(&jpeg[2..]);
    out
}
