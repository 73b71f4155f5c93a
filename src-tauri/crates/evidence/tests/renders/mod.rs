//! Pictures rendered for the eye: right side up, of the wished size, in the wished colours, and within every limit.

use std::path::Path;

use domain::{Refusal, RefusalCode};
use evidence::{Colours, DecodeLimits, Decoder, Pixels, Render, sealed};
use image::imageops::{FilterType, resize};
use image::{DynamicImage, ImageFormat, RgbImage};

use crate::pictures::{PROGRAM, descriptor, difference, encode, media, scene};
use crate::{turned, with_orientation};

/// Room of the decoders here, pixels.
const ROOM: u32 = 4 << 20;

fn start() -> Decoder {
    Decoder::start_rendering(Path::new(PROGRAM), DecodeLimits::default(), ROOM).unwrap()
}

fn render(
    decoder: &mut Decoder,
    mime: &str,
    bytes: &[u8],
    colours: Colours,
    longest_px: u32,
) -> Result<Pixels, Refusal> {
    decoder.render(descriptor(bytes), bytes.len() as u64, &media(mime), Render { colours, longest_px })
}

/// Gives rendered pixels as a picture of three samples a pixel.
fn picture(pixels: &Pixels) -> RgbImage {
    let (width, height) = pixels.size();
    let samples = pixels.samples().to_vec();
    match pixels.colours() {
        Colours::Rgb => RgbImage::from_raw(width, height, samples).unwrap(),
        Colours::Grey => {
            let grey = image::GrayImage::from_raw(width, height, samples).unwrap();
            DynamicImage::from(grey).into_rgb8()
        }
    }
}

fn grey(picture: &RgbImage) -> RgbImage {
    let mut grey = picture.clone();
    for pixel in grey.pixels_mut() {
        let [r, g, b] = pixel.0.map(f32::from);
        pixel.0 = [(0.299 * r + 0.587 * g + 0.114 * b).round() as u8; 3];
    }
    grey
}

#[test]
fn a_picture_is_rendered_upright_in_every_orientation_and_both_ways() {
    let mut decoder = start();
    let jpeg = encode(scene(900, 601), ImageFormat::Jpeg);
    let stored = image::load_from_memory(&jpeg).unwrap().into_rgb8();
    for orientation in 1..=8 {
        let bytes = with_orientation(&jpeg, orientation);
        let expected = turned(&stored, orientation);
        for longest_px in [8192, 300] {
            let colour = picture(&render(&mut decoder, "image/jpeg", &bytes, Colours::Rgb, longest_px).ok().unwrap());
            let shade = picture(&render(&mut decoder, "image/jpeg", &bytes, Colours::Grey, longest_px).ok().unwrap());
            assert_eq!(colour.width().max(colour.height()), longest_px.min(900));
            let same = resize(&expected, colour.width(), colour.height(), FilterType::Triangle);
            assert!(difference(&colour, &same) < 3.0, "orientation {orientation}, {longest_px}");
            assert!(difference(&shade, &grey(&same)) < 3.0, "orientation {orientation}, {longest_px}, grey");
        }
    }
}

#[test]
fn grey_is_the_same_whether_a_format_has_a_short_way_to_it_or_not() {
    let original = scene(333, 222);
    let mut decoder = start();
    for (mime, bytes) in [
        ("image/jpeg", encode(original.clone(), ImageFormat::Jpeg)),
        ("image/jpeg", encode(DynamicImage::from(original.clone()).into_luma8(), ImageFormat::Jpeg)),
        ("image/png", encode(original.clone(), ImageFormat::Png)),
        ("image/webp", encode(original.clone(), ImageFormat::WebP)),
        ("image/bmp", encode(original.clone(), ImageFormat::Bmp)),
    ] {
        let shade = picture(&render(&mut decoder, mime, &bytes, Colours::Grey, 8192).ok().unwrap());
        let differs = difference(&shade, &grey(&image::load_from_memory(&bytes).unwrap().into_rgb8()));
        assert!(differs < 2.0, "{mime}: {differs}");
    }
    // Components that are no brightness (ink of four colours) take the long way.
    let ink = crate::pictures::made::flat_jpeg(40, 0xc0, &[200, 100, 40, 255], Some(2));
    let colour = picture(&render(&mut decoder, "image/jpeg", &ink, Colours::Rgb, 40).ok().unwrap());
    let shade = picture(&render(&mut decoder, "image/jpeg", &ink, Colours::Grey, 40).ok().unwrap());
    assert!(difference(&shade, &grey(&colour)) < 1.0);
}

#[test]
fn a_picture_that_has_no_room_is_made_smaller() {
    let mut decoder = Decoder::start_rendering(Path::new(PROGRAM), DecodeLimits::default(), 10_000).unwrap();
    let bytes = encode(scene(800, 200), ImageFormat::Png);
    let pixels = render(&mut decoder, "image/png", &bytes, Colours::Rgb, 8192).ok().unwrap();
    assert_eq!(pixels.size(), (200, 50));
    let tiny = encode(scene(3, 2), ImageFormat::Png);
    assert_eq!(render(&mut decoder, "image/png", &tiny, Colours::Rgb, 64).ok().unwrap().size(), (3, 2));
}

#[test]
fn without_room_or_with_a_senseless_wish_nothing_is_rendered() {
    let bytes = encode(scene(20, 20), ImageFormat::Png);
    let refusal = render(&mut crate::pictures::start(), "image/png", &bytes, Colours::Grey, 20).err().unwrap();
    assert_eq!(refusal.code, RefusalCode::Limit);
    let mut decoder = start();
    for longest_px in [0, 8193, u32::MAX] {
        let refusal = render(&mut decoder, "image/png", &bytes, Colours::Grey, longest_px).err().unwrap();
        assert_eq!(refusal.code, RefusalCode::Limit);
    }
    let refusal = render(&mut decoder, "image/png", b"no picture", Colours::Grey, 20).err().unwrap();
    assert_eq!(refusal.code, RefusalCode::Undecodable);
    assert_eq!(decoder.replaced(), 0);
}

#[test]
fn facts_and_pixels_come_from_one_decoder_in_turns() {
    let mut decoder = start();
    let bytes = encode(scene(200, 100), ImageFormat::Png);
    for _ in 0..3 {
        let decoded = crate::pictures::decode(&mut decoder, "image/png", &bytes).unwrap();
        let jpeg = &decoded.thumbnail.jpeg;
        let thumbnail = decoder
            .render(
                sealed(jpeg).unwrap(),
                jpeg.len() as u64,
                &media("image/jpeg"),
                Render { colours: Colours::Grey, longest_px: 64 },
            )
            .ok()
            .unwrap();
        assert_eq!(thumbnail.size(), (64, 32));
        let full = render(&mut decoder, "image/png", &bytes, Colours::Rgb, 8192).ok().unwrap();
        assert_eq!(picture(&full), scene(200, 100));
    }
}
