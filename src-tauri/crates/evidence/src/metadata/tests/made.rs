//! Makes EXIF structures and the files around them, byte by byte.

use domain::{MediaClass, MediaType};

use crate::metadata::tiff::{Order, kind};

/// One entry: tag, type, number of elements, bytes.
#[derive(Clone)]
pub(super) struct Tag(pub u16, pub u16, pub u32, pub Vec<u8>);

/// An EXIF structure to be written.
#[derive(Clone)]
pub(super) struct Exif {
    pub order: Order,
    pub picture: Vec<Tag>,
    pub exif: Vec<Tag>,
    pub gps: Vec<Tag>,
    pub thumbnail: Option<Vec<u8>>,
}

impl Exif {
    pub(super) fn new(order: Order) -> Self {
        Self { order, picture: vec![], exif: vec![], gps: vec![], thumbnail: None }
    }

    pub(super) fn u16(&self, number: u16) -> [u8; 2] {
        if self.order == Order::Big { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    pub(super) fn u32(&self, number: u32) -> [u8; 4] {
        if self.order == Order::Big { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    pub(super) fn shorts(&self, tag: u16, numbers: &[u16]) -> Tag {
        let bytes = numbers.iter().flat_map(|number| self.u16(*number)).collect();
        Tag(tag, kind::SHORT, numbers.len() as u32, bytes)
    }

    pub(super) fn long(&self, tag: u16, number: u32) -> Tag {
        Tag(tag, kind::LONG, 1, self.u32(number).to_vec())
    }

    pub(super) fn rationals(&self, tag: u16, numbers: &[(u32, u32)]) -> Tag {
        let bytes = numbers.iter().flat_map(|(n, d)| [self.u32(*n), self.u32(*d)].concat()).collect();
        Tag(tag, kind::RATIONAL, numbers.len() as u32, bytes)
    }

    /// Writes the structure: header, picture, EXIF, GPS, small picture.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut picture = self.picture.clone();
        let pointers = usize::from(!self.exif.is_empty()) + usize::from(!self.gps.is_empty());
        let exif_at = 8 + size(&picture) + 12 * pointers;
        let gps_at = exif_at + if self.exif.is_empty() { 0 } else { size(&self.exif) };
        let thumbnail_at = gps_at + if self.gps.is_empty() { 0 } else { size(&self.gps) };
        if !self.exif.is_empty() {
            picture.push(self.long(0x8769, exif_at as u32));
        }
        if !self.gps.is_empty() {
            picture.push(self.long(0x8825, gps_at as u32));
        }
        let mut out = if self.order == Order::Big { b"MM".to_vec() } else { b"II".to_vec() };
        out.extend(self.u16(42));
        out.extend(self.u32(8));
        self.directory(&picture, if self.thumbnail.is_some() { thumbnail_at as u32 } else { 0 }, &mut out);
        for tags in [&self.exif, &self.gps] {
            if !tags.is_empty() {
                self.directory(tags, 0, &mut out);
            }
        }
        if let Some(small) = &self.thumbnail {
            let tags = |at: u32| [self.long(0x0201, at), self.long(0x0202, small.len() as u32)];
            let at = thumbnail_at + size(&tags(0));
            self.directory(&tags(at as u32), 0, &mut out);
            out.extend(small);
        }
        out
    }

    /// Appends a directory and, behind it, its longer values; offsets count from the start of `out`.
    pub(super) fn directory(&self, tags: &[Tag], next: u32, out: &mut Vec<u8>) {
        let mut at = out.len() + 2 + 12 * tags.len() + 4;
        let mut behind: Vec<u8> = Vec::new();
        out.extend(self.u16(tags.len() as u16));
        for Tag(tag, kind, count, bytes) in tags {
            out.extend(self.u16(*tag));
            out.extend(self.u16(*kind));
            out.extend(self.u32(*count));
            if bytes.len() <= 4 {
                let mut value = bytes.clone();
                value.resize(4, 0);
                out.extend(value);
            } else {
                out.extend(self.u32(at as u32));
                behind.extend(bytes);
                at += bytes.len();
            }
        }
        out.extend(self.u32(next));
        out.extend(behind);
    }
}

fn size(tags: &[Tag]) -> usize {
    let long = |tag: &Tag| if tag.3.len() > 4 { tag.3.len() } else { 0 };
    2 + 12 * tags.len() + 4 + tags.iter().map(long).sum::<usize>()
}

pub(super) fn ascii(tag: u16, text: impl AsRef<[u8]>) -> Tag {
    let mut bytes = text.as_ref().to_vec();
    bytes.push(0);
    Tag(tag, kind::ASCII, bytes.len() as u32, bytes)
}

pub(super) fn raw(tag: u16, kind: u16, bytes: &[u8]) -> Tag {
    Tag(tag, kind, bytes.len() as u32, bytes.to_vec())
}

/// A camera that states everything: at 52°05'24" N, 5°07'12" E, 12.5 m below the sea.
pub(super) fn full(order: Order) -> Exif {
    let mut made = Exif::new(order);
    made.picture = vec![
        ascii(0x010f, "Maker  "),
        ascii(0x0110, "Model 1"),
        made.shorts(0x0112, &[6]),
        ascii(0x0131, "Firmware 1.2"),
        ascii(0x0132, "2026:01:01 00:00:00"),
        ascii(0x013b, "An artist"),
    ];
    made.exif = vec![
        made.rationals(0x829a, &[(1, 250)]),
        raw(0x9000, kind::UNDEFINED, b"0232"),
        ascii(0x9003, "2024:02:29 13:14:15"),
        ascii(0x9010, "+09:00"),
        ascii(0x9011, "+01:00"),
        raw(0x9286, kind::UNDEFINED, b"ASCII\0\0\0a comment"),
        ascii(0x9291, "123"),
        ascii(0xa430, "An owner"),
        ascii(0xa431, "BODY-0042"),
        ascii(0xa435, "LENS-7"),
    ];
    made.gps = place(&made, "N", [(52, 1), (5, 1), (24, 1)], "E", [(5, 1), (7, 1), (12, 1)]);
    made.gps.push(raw(0x05, kind::BYTE, &[1]));
    made.gps.push(made.rationals(0x06, &[(25, 2)]));
    made.thumbnail = Some(vec![0xff, 0xd8, 0xff, 0xd9, 0, 0, 0, 0]);
    made
}

pub(super) fn place(made: &Exif, ns: &str, lat: [(u32, u32); 3], ew: &str, lon: [(u32, u32); 3]) -> Vec<Tag> {
    vec![ascii(1, ns), made.rationals(2, &lat), ascii(3, ew), made.rationals(4, &lon)]
}

pub(super) fn media(mime: &str) -> MediaType {
    MediaType { mime: mime.into(), class: MediaClass::Picture }
}

/// Wraps EXIF and XMP as each format does: mime and file.
pub(super) fn files(exif: &[u8], xmp: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("image/jpeg", jpeg(&[(0xe1, &[b"Exif\0\0", exif].concat()), (0xe1, &[XMP_HEAD, xmp].concat())])),
        ("image/png", png(&[(b"eXIf", exif.to_vec()), (b"iTXt", [b"XML:com.adobe.xmp\0\0\0\0\0", xmp].concat())])),
        ("image/webp", webp(&[(b"EXIF", exif), (b"XMP ", xmp)])),
        ("image/heic", heif(exif, xmp)),
        ("image/jxl", jpeg_xl(exif, xmp)),
    ]
}

pub(super) const XMP_HEAD: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

pub(super) fn jpeg(segments: &[(u8, &[u8])]) -> Vec<u8> {
    let mut out = vec![0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0];
    for (marker, content) in segments {
        out.extend([0xff, 0xff, *marker]);
        out.extend((content.len() as u16 + 2).to_be_bytes());
        out.extend(*content);
    }
    out.extend([0xff, 0xda, 0, 2, 1, 2, 3, 0xff, 0xd9]);
    out
}

pub(super) fn png(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, content) in chunks.iter().chain(&[(b"IEND", vec![])]) {
        out.extend((content.len() as u32).to_be_bytes());
        out.extend(*name);
        out.extend(content);
        out.extend([0; 4]);
    }
    out
}

fn webp(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut out = b"RIFF\0\0\0\0WEBP".to_vec();
    for (name, content) in chunks {
        out.extend(*name);
        out.extend((content.len() as u32).to_le_bytes());
        out.extend(*content);
        out.extend(vec![0; content.len() % 2]);
    }
    out
}

pub(super) fn boxed(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32 + 8).to_be_bytes(), &name[..], content].concat()
}

fn heif(exif: &[u8], xmp: &[u8]) -> Vec<u8> {
    let head = boxed(b"ftyp", b"heic\0\0\0\0mif1");
    let infos = [
        boxed(b"infe", b"\x02\0\0\0\0\x01\0\0hvc1\0"),
        boxed(b"infe", b"\x02\0\0\0\0\x02\0\0Exif\0"),
        boxed(b"infe", b"\x02\0\0\0\0\x03\0\0mime\0application/rdf+xml\0"),
    ];
    let infos = boxed(b"iinf", &[b"\0\0\0\0\0\x03", infos.concat().as_slice()].concat());
    let exif = [b"\0\0\0\x06Exif\0\0", exif].concat();
    // EXIF lies in two pieces of the file, XMP in the `idat` box.
    let data = boxed(b"idat", xmp);
    let places = |start: usize| {
        let half = exif.len() / 2;
        let number = |number: usize| (number as u32).to_be_bytes();
        let exif_place = [
            b"\0\x02\0\0\0\0\0\x02".as_slice(),
            &number(start),
            &number(half),
            &number(start + half),
            &number(exif.len() - half),
        ];
        let xmp_place = [b"\0\x03\0\x01\0\0\0\x01".as_slice(), &number(0), &number(xmp.len())];
        boxed(b"iloc", &[b"\x01\0\0\0\x44\0\0\x02", exif_place.concat().as_slice(), &xmp_place.concat()].concat())
    };
    let meta = |start| boxed(b"meta", &[b"\0\0\0\0", infos.as_slice(), &places(start), &data].concat());
    let start = head.len() + meta(0).len() + 8;
    [head, meta(start), boxed(b"mdat", &exif)].concat()
}

fn jpeg_xl(exif: &[u8], xmp: &[u8]) -> Vec<u8> {
    let signature = boxed(b"JXL ", b"\r\n\x87\n");
    let exif = boxed(b"Exif", &[b"\0\0\0\0", exif].concat());
    [signature, boxed(b"ftyp", b"jxl \0\0\0\0jxl "), exif, boxed(b"xml ", xmp), boxed(b"jxlc", &[0xff, 0x0a])].concat()
}

/// Wraps RDF in what an XMP packet needs around it.
pub(super) fn packet(inside: &str) -> String {
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?><x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\
         <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" \
         xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:xmpMM=\"http://ns.adobe.com/xap/1.0/mm/\" \
         xmlns:exif=\"http://ns.adobe.com/exif/1.0/\" xmlns:aux=\"http://ns.adobe.com/exif/1.0/aux/\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\">{inside}</rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>"
    )
}

/// Draws numbers from a seed (SplitMix64).
pub(super) struct Draw(pub u64);

impl Draw {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// Damages a file: bytes changed, numbers made huge, pieces cut, doubled or moved.
    pub(super) fn damage(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..1 + self.below(6) {
            let at = self.below(bytes.len());
            match self.below(7) {
                0 => bytes.truncate(at),
                1 => bytes.drain(at..(at + self.below(16)).min(bytes.len())).for_each(drop),
                2 => {
                    let piece = bytes[at..(at + self.below(64)).min(bytes.len())].to_vec();
                    let to = self.below(bytes.len());
                    bytes.splice(to..to, piece);
                }
                3 => bytes.iter_mut().skip(at).take(4).for_each(|byte| *byte = 0xff),
                4 => bytes.iter_mut().skip(at).take(4).for_each(|byte| *byte = 0),
                _ => {
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte = self.next() as u8;
                    }
                }
            }
            if bytes.is_empty() {
                bytes.push(self.next() as u8);
            }
        }
    }
}
