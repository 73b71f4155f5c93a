//! Bombs: files of few bytes that ask for much, and files that lead in circles. Each is made here, byte by byte.

use std::path::Path;

use domain::{Decoded, Refusal, RefusalCode};
use evidence::{DecodeLimits, Decoder};

use crate::pictures::made::{boxed, chunk, deflated, png, strip, tiff};
use crate::pictures::{PROGRAM, decode, encode, scene};

/// Limits under which a bomb shows itself soon: the same kinds as in earnest, only lower.
fn low() -> DecodeLimits {
    DecodeLimits { seconds: 2, pixels: 16 << 20, memory_bytes: 512 << 20, ..DecodeLimits::default() }
}

fn start(limits: DecodeLimits) -> Decoder {
    Decoder::start(Path::new(PROGRAM), limits).unwrap()
}

/// Gives a bomb to a decoder of the usual limits and sees that the next picture is none the worse.
#[track_caller]
fn explode(mime: &str, bytes: &[u8]) -> Result<Decoded, Refusal> {
    explode_in(&mut start(DecodeLimits::default()), mime, bytes)
}

#[track_caller]
fn explode_in(decoder: &mut Decoder, mime: &str, bytes: &[u8]) -> Result<Decoded, Refusal> {
    let end = decode(decoder, mime, bytes);
    if let Err(refusal) = &end {
        assert!(!refusal.detail.is_empty());
        println!("{mime}, {} bytes: {:?}: {}", bytes.len(), refusal.code, refusal.detail);
    }
    decode(decoder, "image/png", &encode(scene(20, 20), image::ImageFormat::Png)).unwrap();
    end
}

#[track_caller]
fn is_limit(mime: &str, bytes: &[u8]) {
    let refusal = explode(mime, bytes).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Limit, "{mime}: {}", refusal.detail);
}

#[track_caller]
fn is_refused(mime: &str, bytes: &[u8]) {
    let refusal = explode(mime, bytes).unwrap_err();
    let code = refusal.code;
    assert!(matches!(code, RefusalCode::Limit | RefusalCode::Undecodable), "{mime}: {code:?}: {}", refusal.detail);
}

#[test]
fn huge_measures_in_few_bytes_are_over_the_limit() {
    let huge = 200_000_u32;
    is_limit("image/png", &png(huge, huge, 8, 2, &[], &deflated(4096)));
    is_limit("image/png", &png(32_768, 32_768, 16, 6, &[], &deflated(4096)));
    let gif =
        [b"GIF89a\xff\xff\xff\xff\x80\0\0\0\0\0\xff\xff\xff\x2c\0\0\0\0\xff\xff\xff\xff\0\x02\x02\x44\x01\0;"
            .as_slice()];
    is_limit("image/gif", &gif.concat());
    let mut bmp = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
    bmp.extend(60_000_u32.to_le_bytes());
    bmp.extend(60_000_u32.to_le_bytes());
    bmp.extend(b"\x01\0\x18\0");
    bmp.resize(54, 0);
    is_limit("image/bmp", &bmp);
    is_limit("image/tiff", &tiff(&strip(huge, huge, 3, 1, 100), 0, &[0; 100]));
    // VP8X states a canvas of 2^24 a side.
    let vp8x = [b"VP8X\x0a\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff".as_slice(), b"VP8L\x05\0\0\0\x2f\xff\xff\xff\x0f\0"]
        .concat();
    let webp = [b"RIFF", ((vp8x.len() + 4) as u32).to_le_bytes().as_slice(), b"WEBP", &vp8x].concat();
    is_refused("image/webp", &webp);
    // The largest JPEG that can be stated, without a scan.
    let mut jpeg = b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03\x01\x11\0\x02\x11\0\x03\x11\0".to_vec();
    jpeg.extend(b"\xff\xda\0\x0c\x03\x01\0\x02\0\x03\0\0\x3f\0\xff\xd9");
    is_limit("image/jpeg", &jpeg);
    // JPEG XL: a size header of 2^30 a side (its widest form), then nothing.
    is_refused("image/jxl", b"\xff\x0a\xfe\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff");
}

#[test]
fn huge_measures_of_heif_are_over_the_limit() {
    let ispe = boxed(b"ispe", &[[0; 4], 60_000_u32.to_be_bytes(), 60_000_u32.to_be_bytes()].concat());
    let ipma = boxed(b"ipma", b"\0\0\0\0\0\0\0\x01\0\x01\x01\x01");
    let iprp = boxed(b"iprp", &[boxed(b"ipco", &ispe), ipma].concat());
    for kind in [b"hvc1", b"av01", b"grid"] {
        let infe = boxed(b"infe", &[b"\x02\0\0\0\0\x01\0\0".as_slice(), kind, b"\0"].concat());
        let iinf = boxed(b"iinf", &[b"\0\0\0\0\0\x01".as_slice(), &infe].concat());
        let hdlr = boxed(b"hdlr", b"\0\0\0\0\0\0\0\0pict\0\0\0\0\0\0\0\0\0\0\0\0\0");
        let pitm = boxed(b"pitm", b"\0\0\0\0\0\x01");
        let meta = boxed(b"meta", &[&[0; 4], hdlr.as_slice(), &pitm, &iinf, &iprp].concat());
        let file = [boxed(b"ftyp", b"heic\0\0\0\0mif1heic"), meta].concat();
        is_limit("image/heic", &file);
    }
}

#[test]
fn boxes_that_contain_themselves_or_more_than_there_is_end() {
    let file = |rest: &[u8]| [boxed(b"ftyp", b"avif\0\0\0\0mif1avif"), rest.to_vec()].concat();
    // A box of length 0 to 7 would never get on; one of 2^64 would leave.
    for size in 0..8_u32 {
        let meta = [&size.to_be_bytes(), b"meta".as_slice(), &[0; 64]].concat();
        is_refused("image/avif", &file(&meta));
    }
    is_refused("image/avif", &file(&[b"\0\0\0\x01meta".as_slice(), &[0xff; 8], &[0; 64]].concat()));
    // A picture that is derived from itself.
    for kind in [b"iden", b"grid", b"iovl"] {
        let infe = boxed(b"infe", &[b"\x02\0\0\0\0\x01\0\0".as_slice(), kind, b"\0"].concat());
        let iinf = boxed(b"iinf", &[b"\0\0\0\0\0\x01".as_slice(), &infe].concat());
        let iref = boxed(b"iref", &[[0; 4].as_slice(), &boxed(b"dimg", b"\0\x01\0\x01\0\x01")].concat());
        let iloc = boxed(b"iloc", b"\x01\0\0\0\x44\0\0\x01\0\x01\0\x01\0\0\0\x01\0\0\0\0\0\0\0\x08");
        let idat = boxed(b"idat", b"\0\0\0\0\0\x10\0\x10");
        let hdlr = boxed(b"hdlr", b"\0\0\0\0\0\0\0\0pict\0\0\0\0\0\0\0\0\0\0\0\0\0");
        let pitm = boxed(b"pitm", b"\0\0\0\0\0\x01");
        let parts = [hdlr, pitm, iinf, iref, iloc, idat].concat();
        is_refused("image/avif", &file(&boxed(b"meta", &[&[0; 4], parts.as_slice()].concat())));
    }
}

#[test]
fn pixels_that_inflate_without_end_stop_at_the_picture() {
    // 64 MiB of zeros in 64 KiB, for a picture of 8 × 8: the rest is not wanted.
    let decoded = explode("image/png", &png(8, 8, 8, 2, &[], &deflated(64 << 20))).unwrap();
    assert_eq!((decoded.facts.width, decoded.facts.height), (8, 8));
    // A picture that really is as large as it says, in few bytes, under a limit of pixels and one of memory.
    let honest = png(8192, 8192, 8, 2, &[], &deflated(8192 * (8192 * 3 + 1)));
    let refusal = explode_in(&mut start(low()), "image/png", &honest).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Limit, "{}", refusal.detail);
    let tight = DecodeLimits { memory_bytes: 160 << 20, ..DecodeLimits::default() };
    let refusal = explode_in(&mut start(tight), "image/png", &honest).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Limit, "{}", refusal.detail);
}

#[test]
fn texts_and_profiles_that_inflate_without_end_cost_nothing() {
    let bomb = deflated(256 << 20);
    let text = [b"Comment\0\0".as_slice(), &bomb].concat();
    let international = [b"XML:com.adobe.xmp\0\x01\0\0\0".as_slice(), &bomb].concat();
    let profile = [b"icc\0\0".as_slice(), &bomb].concat();
    for (name, content) in [(b"zTXt", text), (b"iTXt", international), (b"iCCP", profile)] {
        let chunks = vec![chunk(name, &content); 4];
        let tight = DecodeLimits { memory_bytes: 192 << 20, ..DecodeLimits::default() };
        let end = explode_in(&mut start(tight), "image/png", &png(8, 8, 8, 2, &chunks, &deflated(8 * 25)));
        let decoded = end.unwrap_or_else(|refusal| panic!("{}: {}", name.escape_ascii(), refusal.detail));
        assert_eq!((decoded.facts.width, decoded.facts.height), (8, 8));
    }
}

#[test]
fn strips_that_inflate_without_end_stop_at_the_picture() {
    let bomb = deflated(64 << 20);
    let file = tiff(&strip(64, 64, 3, 8, bomb.len() as u32), 0, &bomb);
    match explode("image/tiff", &file) {
        Ok(decoded) => assert_eq!((decoded.facts.width, decoded.facts.height), (64, 64)),
        Err(refusal) => assert_ne!(refusal.code, RefusalCode::Crashed, "{}", refusal.detail),
    }
    // LZW: the same code over and over grows by one byte each time.
    let lzw: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8).collect();
    is_refused("image/tiff", &tiff(&strip(30_000, 8_000, 3, 5, lzw.len() as u32), 0, &lzw));
    // Measures that only a lie could make of a strip of four bytes.
    is_refused("image/tiff", &tiff(&strip(16_000, 16_000, 3, 8, 4), 0, &[1, 2, 3, 4]));
}

#[test]
fn directories_that_lead_in_circles_end() {
    // The next directory is the first again.
    let looped = tiff(&strip(4, 4, 1, 1, 16), 8, &[7; 16]);
    match explode("image/tiff", &looped) {
        Ok(decoded) => assert_eq!(decoded.facts.frames, Some(1)),
        Err(refusal) => assert!(refusal.detail.contains("cycle"), "{}", refusal.detail),
    }
    // EXIF whose pointers lead to themselves, in a sound JPEG.
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x02\0".to_vec();
    exif.extend(b"\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\x25\x88\x04\0\x01\0\0\0\x08\0\0\0\x08\0\0\0");
    let jpeg = encode(scene(40, 30), image::ImageFormat::Jpeg);
    let length = (exif.len() as u16 + 2).to_be_bytes();
    let looped = [&jpeg[..2], b"\xff\xe1", &length, &exif, &jpeg[2..]].concat();
    let decoded = explode("image/jpeg", &looped).unwrap();
    assert!(decoded.facts.remarks.iter().any(|remark| remark.contains("leads back")), "{:?}", decoded.facts.remarks);
}

#[test]
fn a_gif_whose_codes_never_end_is_bounded() {
    // Sixty thousand frames of one pixel, a few bytes each.
    let mut many = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff".to_vec();
    (0..60_000).for_each(|_| many.extend(b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0"));
    many.push(b';');
    assert_eq!(explode("image/gif", &many).unwrap().facts.frames, Some(60_000));
    // A megabyte of codes for a picture of one pixel.
    let mut long = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff\x2c\0\0\0\0\x01\0\x01\0\0\x0b".to_vec();
    (0..4096).for_each(|n: u32| {
        long.push(255);
        long.extend([(n % 256) as u8; 255]);
    });
    long.extend(b"\0;");
    if let Err(refusal) = explode("image/gif", &long) {
        assert_eq!(refusal.code, RefusalCode::Undecodable, "{}", refusal.detail);
    }
}

/// Makes a progressive JPEG with so many scans, each of which has to visit every block.
fn scans(side: u16, count: usize) -> Vec<u8> {
    let mut out = b"\xff\xd8\xff\xdb\0\x43\0".to_vec();
    out.extend([1; 64]);
    out.extend(b"\xff\xc2\0\x0b\x08");
    out.extend(side.to_be_bytes());
    out.extend(side.to_be_bytes());
    out.extend(b"\x01\x01\x11\0");
    // One code of one bit, for "nothing changes": DC of length 0; AC end of block.
    for class in [0x00, 0x10] {
        out.extend(b"\xff\xc4\0\x14");
        out.push(class);
        out.extend([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        out.push(0);
    }
    let blocks = usize::from(side).div_ceil(8).pow(2);
    out.extend(b"\xff\xda\0\x08\x01\x01\0\0\0\0");
    out.extend(std::iter::repeat_n(0, blocks.div_ceil(8)));
    for _ in 1..count {
        out.extend(b"\xff\xda\0\x08\x01\x01\0\x01\x3f\0");
        out.extend(std::iter::repeat_n(0, blocks.div_ceil(8)));
    }
    out.extend(b"\xff\xd9");
    out
}

#[test]
fn a_jpeg_of_thousands_of_scans_is_stopped() {
    let few = explode("image/jpeg", &scans(64, 3)).unwrap();
    assert_eq!((few.facts.width, few.facts.height), (64, 64));
    let mut decoder = start(low());
    let end = explode_in(&mut decoder, "image/jpeg", &scans(2048, 3000));
    if let Err(refusal) = end {
        let code = refusal.code;
        assert!(matches!(code, RefusalCode::Limit | RefusalCode::Undecodable), "{code:?}: {}", refusal.detail);
    }
}

#[test]
fn a_picture_that_takes_too_long_costs_itself_and_its_decoder() {
    // No time at all is allowed, so that any picture takes too long, on any machine.
    let limits = DecodeLimits { seconds: 0, ..DecodeLimits::default() };
    let mut decoder = start(limits);
    let slow = encode(scene(3000, 2000), image::ImageFormat::Png);
    let refusal = decode(&mut decoder, "image/png", &slow).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Limit, "{}", refusal.detail);
    assert!(refusal.detail.contains("longer than"), "{}", refusal.detail);
    assert_eq!(decoder.replaced(), 1);
}

#[test]
fn a_picture_that_needs_too_much_memory_says_so() {
    let limits = DecodeLimits { memory_bytes: 96 << 20, ..DecodeLimits::default() };
    let mut decoder = start(limits);
    let honest = png(8192, 8192, 8, 2, &[], &deflated(8192 * (8192 * 3 + 1)));
    let refusal = explode_in(&mut decoder, "image/png", &honest).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Limit, "{}", refusal.detail);
}

#[test]
fn an_animation_of_a_flood_of_frames_gives_its_first() {
    // APNG: the number of frames is stated, and the frames are not looked at.
    let stated = chunk(b"acTL", &[u32::MAX.to_be_bytes(), 0_u32.to_be_bytes()].concat());
    let decoded = explode("image/png", &png(8, 8, 8, 2, &[stated], &deflated(8 * 25)));
    match decoded {
        Ok(decoded) => assert!(decoded.facts.frames.is_some_and(|frames| frames >= 1)),
        Err(refusal) => assert_eq!(refusal.code, RefusalCode::Undecodable, "{}", refusal.detail),
    }
    // A WebP of thousands of empty frames before anything that could be shown.
    let mut body = b"VP8X\x0a\0\0\0\x02\0\0\0\x07\0\0\x07\0\0ANIM\x06\0\0\0\0\0\0\0\0\0".to_vec();
    (0..30_000).for_each(|_| body.extend(b"ANMF\x10\0\0\0\0\0\0\0\0\0\x07\0\0\x07\0\0\x0a\0\0\0"));
    let webp = [b"RIFF", ((body.len() + 4) as u32).to_le_bytes().as_slice(), b"WEBP", &body].concat();
    is_refused("image/webp", &webp);
}

#[test]
fn an_embedded_thumbnail_that_is_a_bomb_costs_nothing_but_itself() {
    // The EXIF thumbnail of this picture is a bomb; the picture is sound, and the bomb has no pixels made of it.
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\0\0\x0e\0\0\0\x02\0".to_vec();
    let bomb = b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03\x01\x11\0\x02\x11\0\x03\x11\0\xff\xd9";
    exif.extend(b"\x01\x02\x04\0\x01\0\0\0\x2c\0\0\0\x02\x02\x04\0\x01\0\0\0");
    exif.extend((bomb.len() as u32).to_le_bytes());
    exif.extend([0; 4]);
    exif.extend(bomb);
    let jpeg = encode(scene(40, 30), image::ImageFormat::Jpeg);
    let length = (exif.len() as u16 + 2).to_be_bytes();
    let file = [&jpeg[..2], b"\xff\xe1", &length, &exif, &jpeg[2..]].concat();
    let decoded = explode("image/jpeg", &file).unwrap();
    assert_eq!((decoded.facts.width, decoded.facts.height), (40, 30));
    let measured = decoded.facts.metadata.iter().find(|value| value.name == "thumbnail.bytes");
    assert_eq!(measured.map(|value| value.raw.as_str()), Some(bomb.len().to_string().as_str()));
    assert!(decoded.facts.metadata.iter().all(|value| value.group != "derived"));
    assert_eq!(decoded.facts.remarks, ["the embedded thumbnail cannot be decoded"]);
}
