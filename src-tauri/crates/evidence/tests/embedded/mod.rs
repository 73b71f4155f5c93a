//! Embedded small pictures against their pictures.

use domain::Facts;
use image::imageops::{FilterType, crop_imm, replace, resize, rotate90};
use image::{ImageFormat, Rgb, RgbImage};

use crate::pictures::{decode, encode, start};

/// Draws a picture of soft waves, another one for each seed.
fn waves(width: u32, height: u32, seed: u32) -> RgbImage {
    let turn =
        |number: u32| f64::from((seed * 31 + number).wrapping_mul(2_654_435_761) >> 8) / f64::from(1 << 24) * 6.3;
    RgbImage::from_fn(width, height, |x, y| {
        let (u, v) = (f64::from(x) / f64::from(width), f64::from(y) / f64::from(height));
        let wave = |number: u32| {
            let (across, down) = (f64::from(number % 4) * 7.0, f64::from(number / 4) * 7.0);
            (u * across + v * down + turn(number)).sin()
        };
        let value = (1..16).map(wave).sum::<f64>() * 22.0 + 128.0;
        let value = value.clamp(0.0, 255.0) as u8;
        Rgb([value, value / 2 + 60, 255 - value])
    })
}

/// Puts a small picture into a JPEG as EXIF does, in the second directory.
fn with_thumbnail(picture: &RgbImage, thumbnail: &[u8]) -> Vec<u8> {
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\0\0\x0e\0\0\0\x02\0".to_vec();
    exif.extend(b"\x01\x02\x04\0\x01\0\0\0\x2c\0\0\0\x02\x02\x04\0\x01\0\0\0");
    exif.extend((thumbnail.len() as u32).to_le_bytes());
    exif.extend([0; 4]);
    exif.extend(thumbnail);
    let jpeg = encode(picture.clone(), ImageFormat::Jpeg);
    let length = (exif.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], b"\xff\xe1", &length, &exif, &jpeg[2..]].concat()
}

fn facts(picture: &RgbImage, thumbnail: &[u8]) -> Facts {
    decode(&mut start(), "image/jpeg", &with_thumbnail(picture, thumbnail)).unwrap().facts
}

fn derived<'a>(facts: &'a Facts, name: &str) -> Option<&'a str> {
    facts.metadata.iter().find(|value| value.group == "derived" && value.name == name).map(|value| value.raw.as_str())
}

fn distance(picture: &RgbImage, thumbnail: RgbImage) -> Option<u32> {
    let facts = facts(picture, &encode(thumbnail, ImageFormat::Jpeg));
    derived(&facts, "thumbnail.distance").map(|raw| raw.parse().unwrap())
}

#[test]
fn a_small_picture_of_the_same_is_near_in_every_form_that_devices_leave() {
    for seed in 0..3 {
        let picture = waves(600, 400, seed);
        let small = resize(&picture, 160, 107, FilterType::Triangle);
        let mut barred = RgbImage::new(160, 120);
        replace(&mut barred, &small, 0, 6);
        // The editor turned the picture and left the small one.
        for (form, thumbnail) in [("plain", small.clone()), ("barred", barred), ("turned", rotate90(&small))] {
            let distance = distance(&picture, thumbnail).unwrap();
            assert!(distance <= 8, "{form} of seed {seed} is {distance} away");
        }
    }
}

#[test]
fn a_small_picture_of_something_else_never_fits_and_is_mostly_far() {
    let mut distances = Vec::new();
    for seed in 0..3 {
        let whole = waves(600, 400, seed);
        let thumbnail = resize(&whole, 160, 107, FilterType::Triangle);
        // What was cut off is still there in the small picture.
        let cut = crop_imm(&whole, 280, 170, 240, 200).to_image();
        for picture in [cut, waves(600, 400, seed + 100)] {
            distances.push(distance(&picture, thumbnail.clone()).unwrap());
        }
    }
    // Up to 8 is taken for the same, from 16 on for something else; soft waves may come to lie between.
    assert!(distances.iter().all(|distance| *distance > 8), "{distances:?}");
    assert!(distances.iter().filter(|distance| **distance >= 16).count() * 2 > distances.len(), "{distances:?}");
}

#[test]
fn what_tells_nothing_is_not_measured_and_what_is_no_picture_is_remarked() {
    let picture = waves(300, 200, 1);
    let flat = facts(&picture, &encode(RgbImage::from_pixel(160, 107, Rgb([90; 3])), ImageFormat::Jpeg));
    assert_eq!(derived(&flat, "thumbnail.size"), Some("160 × 107"));
    assert_eq!(derived(&flat, "thumbnail.distance"), None);
    assert_eq!(flat.remarks, Vec::<String>::new());
    let small = encode(resize(&picture, 160, 107, FilterType::Triangle), ImageFormat::Jpeg);
    let broken = facts(&picture, &small[..40]);
    assert_eq!(broken.remarks, ["the embedded thumbnail cannot be decoded"]);
    assert!(broken.metadata.iter().all(|value| value.group != "derived"));
    let other = facts(&picture, &encode(RgbImage::new(8, 8), ImageFormat::Png));
    assert!(other.metadata.iter().all(|value| value.group != "derived"));
    assert!(other.metadata.iter().any(|value| value.name == "thumbnail.bytes"));
}

#[test]
fn the_form_of_a_jpeg_is_told() {
    let picture = waves(300, 200, 1);
    let facts = facts(&picture, &encode(resize(&picture, 160, 107, FilterType::Triangle), ImageFormat::Jpeg));
    let value = |name: &str| {
        let found = facts.metadata.iter().find(|value| value.group == "container" && value.name == name);
        found.map(|value| value.raw.as_str())
    };
    assert_eq!(value("JPEG.Frame"), Some("baseline"));
    assert_eq!(value("JPEG.Segments"), Some("Exif, JFIF"));
}
