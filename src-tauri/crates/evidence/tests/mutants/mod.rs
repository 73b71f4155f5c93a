//! Damaged pictures of every format, given to the confined decoder: whatever they are, they cost nothing but themselves.

use std::collections::BTreeMap;
use std::path::Path;

use domain::RefusalCode;
use evidence::{Colours, DecodeLimits, Decoder, Render};
use image::{DynamicImage, ImageFormat};

use crate::pictures::made::{Draw, flat_jpeg, png, strip, tiff};
use crate::pictures::{PROGRAM, decode, descriptor, encode, media, produced, scene};
use crate::with_orientation;

/// Damaged copies of each original.
const ROUNDS: usize = 60;

/// Makes small pictures of every format, several of each where the format has several ways.
fn originals() -> Vec<(&'static str, Vec<u8>)> {
    let picture = scene(60, 44);
    let grey = DynamicImage::from(picture.clone()).into_luma8();
    let clear = DynamicImage::from(picture.clone()).into_rgba8();
    let deep = DynamicImage::from(picture.clone()).into_rgb16();
    let jpeg = encode(picture.clone(), ImageFormat::Jpeg);
    let options = heifer::EncodeOptions { quality: 60, max_threads: 1 };
    let grid = scene(530, 20);
    let mut all = vec![
        ("image/jpeg", with_orientation(&jpeg, 6)),
        ("image/jpeg", encode(grey.clone(), ImageFormat::Jpeg)),
        ("image/jpeg", flat_jpeg(40, 0xc0, &[200, 100, 40, 255], Some(2))),
        ("image/png", encode(clear.clone(), ImageFormat::Png)),
        ("image/png", encode(deep, ImageFormat::Png)),
        ("image/png", png(8, 8, 1, 0, &[], &crate::pictures::made::deflated(16))),
        ("image/gif", encode(clear.clone(), ImageFormat::Gif)),
        ("image/webp", encode(clear.clone(), ImageFormat::WebP)),
        ("image/tiff", encode(picture.clone(), ImageFormat::Tiff)),
        ("image/tiff", tiff(&strip(8, 8, 1, 1, 64), 0, &[0x80; 64])),
        ("image/bmp", encode(clear, ImageFormat::Bmp)),
        ("image/bmp", encode(grey, ImageFormat::Bmp)),
        ("image/heic", heifer::encode_rgb8(60, 44, picture.as_raw(), &options).unwrap()),
        ("image/heic", heifer::encode_rgb8(530, 20, grid.as_raw(), &options).unwrap()),
    ];
    let plain = encode(picture, ImageFormat::Png);
    let avif = produced("heif-enc", &["-A", "-o", "out.avif", "IN"], (".png", &plain), "out.avif");
    all.extend(avif.map(|bytes| ("image/avif", bytes)));
    for arguments in [&["IN", "out.jxl", "-d", "1"][..], &["IN", "out.jxl", "-d", "0"]] {
        all.extend(produced("cjxl", arguments, (".png", &plain), "out.jxl").map(|bytes| ("image/jxl", bytes)));
    }
    all.extend(produced("cjxl", &["IN", "out.jxl"], (".jpg", &jpeg), "out.jxl").map(|bytes| ("image/jxl", bytes)));
    all
}

#[test]
fn damaged_pictures_cost_nothing_but_themselves() {
    let mut draw = Draw::new("damaged pictures");
    let originals = originals();
    let limits = DecodeLimits { seconds: 10, memory_bytes: 512 << 20, ..DecodeLimits::default() };
    let mut decoder = Decoder::start(Path::new(PROGRAM), limits).unwrap();
    let mut ends = BTreeMap::<String, u32>::new();
    for (mime, original) in &originals {
        decode(&mut decoder, mime, original).unwrap_or_else(|refusal| panic!("{mime}: {}", refusal.detail));
        for _ in 0..ROUNDS {
            let mut bytes = original.clone();
            draw.damage(&mut bytes);
            let end = match decode(&mut decoder, mime, &bytes) {
                Ok(_) => "decoded".to_owned(),
                Err(refusal) => match refusal.code {
                    RefusalCode::Undecodable | RefusalCode::Limit => format!("{:?}", refusal.code),
                    RefusalCode::Crashed => format!("crashed: {}", refusal.detail),
                    other => panic!("{mime}: {other:?}: {}", refusal.detail),
                },
            };
            *ends.entry(format!("{mime} {end}")).or_default() += 1;
        }
    }
    ends.iter().for_each(|(end, count)| println!("{count} {end}"));
    // A codec that gives up by ending its process is replaced; one that tries what the sandbox forbids has a defect.
    assert!(!ends.keys().any(|end| end.contains("SIGSYS") || end.contains("SIGSEGV")), "{ends:#?}");
    let (mime, sound) = &originals[0];
    decode(&mut decoder, mime, sound).unwrap();
}

#[test]
fn damaged_pictures_that_are_rendered_cost_nothing_but_themselves() {
    let mut draw = Draw::new("damaged pictures, rendered");
    let originals = originals();
    let limits = DecodeLimits { seconds: 10, memory_bytes: 512 << 20, ..DecodeLimits::default() };
    let mut decoder = Decoder::start_rendering(Path::new(PROGRAM), limits, 1 << 20).unwrap();
    let mut rendered = 0;
    for (mime, original) in &originals {
        for round in 0..ROUNDS / 2 {
            let mut bytes = original.clone();
            if round > 0 {
                draw.damage(&mut bytes);
            }
            let colours = if draw.below(2) == 0 { Colours::Grey } else { Colours::Rgb };
            let wanted = Render { colours, longest_px: 1 + draw.below(300) as u32 };
            match decoder.render(descriptor(&bytes), bytes.len() as u64, &media(mime), wanted) {
                Ok(pixels) => {
                    let (width, height) = pixels.size();
                    assert!(width.max(height) <= wanted.longest_px && pixels.colours() == colours, "{mime}");
                    rendered += 1;
                }
                Err(refusal) => {
                    assert!(round > 0, "{mime}: {}", refusal.detail);
                    let code = refusal.code;
                    let expected = [RefusalCode::Undecodable, RefusalCode::Limit, RefusalCode::Crashed];
                    assert!(expected.contains(&code), "{mime}: {code:?}: {}", refusal.detail);
                    let forbidden = ["SIGSYS", "SIGSEGV"];
                    assert!(
                        !forbidden.iter().any(|signal| refusal.detail.contains(signal)),
                        "{mime}: {}",
                        refusal.detail
                    );
                }
            }
        }
    }
    println!("{rendered} damaged pictures were rendered");
    assert!(rendered > originals.len());
}

#[test]
fn any_type_may_be_claimed_of_any_picture() {
    let mut decoder = Decoder::start(Path::new(PROGRAM), DecodeLimits::default()).unwrap();
    let originals = originals();
    let claims: std::collections::BTreeSet<&str> = originals.iter().map(|(mime, _)| *mime).collect();
    for claim in claims {
        for (mime, bytes) in &originals {
            let end = decode(&mut decoder, claim, bytes);
            assert!(end.is_ok() || mime != &claim, "{claim}");
            if let Err(refusal) = end {
                assert_eq!(refusal.code, RefusalCode::Undecodable, "{mime} as {claim}: {}", refusal.detail);
            }
        }
    }
    assert_eq!(decoder.replaced(), 0);
}
