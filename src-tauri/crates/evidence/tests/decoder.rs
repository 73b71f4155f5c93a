//! The decoder as its caller sees it: pictures in, facts out, and refusals that cost nothing but their own file.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

mod embedded;
mod formats;
mod liars;
mod mutants;
mod pictures;
mod renders;
mod vectors;

use std::io::Write;
use std::os::fd::AsRawFd;
use std::path::Path;

use domain::{PdqVariant, RefusalCode};
use evidence::{DecodeLimits, Decoder, EvidenceError, Rgb8, pdq};
use image::imageops::{FilterType, resize};
use image::{DynamicImage, ImageFormat, RgbImage};
use pictures::{PROGRAM, decode, descriptor, difference, encode, media, scene, start, thumbnail};

/// Decodes a lossless or nearly lossless form of a scene and compares every fact that the pixels tell.
fn check(mime: &str, bytes: &[u8], original: &RgbImage, tolerance: f64) {
    let decoded = decode(&mut start(), mime, bytes).unwrap();
    assert_eq!((decoded.facts.width, decoded.facts.height), original.dimensions());
    let small = thumbnail(&decoded);
    assert_eq!(small.dimensions(), (decoded.thumbnail.width, decoded.thumbnail.height));
    let expected = resize(original, small.width(), small.height(), FilterType::Triangle);
    let mean = difference(&small, &expected);
    assert!(mean < tolerance, "{mime}: thumbnail differs by {mean}");
    let (width, height) = original.dimensions();
    let own = pdq(Rgb8 { width, height, pixels: original.as_raw() }, PdqVariant::Sampled512).unwrap();
    let distance = decoded.facts.pdq.unwrap().own().distance(&own.own());
    assert!(distance <= 10, "{mime}: PDQ differs by {distance}");
}

#[test]
fn every_format_of_the_image_crate_gives_its_picture() {
    let picture = scene(700, 500);
    for (mime, format) in [
        ("image/jpeg", ImageFormat::Jpeg),
        ("image/png", ImageFormat::Png),
        ("image/webp", ImageFormat::WebP),
        ("image/tiff", ImageFormat::Tiff),
        ("image/bmp", ImageFormat::Bmp),
    ] {
        check(mime, &encode(picture.clone(), format), &picture, 3.0);
    }
    check("image/gif", &encode(picture.clone(), ImageFormat::Gif), &picture, 8.0);
}

#[test]
fn grey_deep_and_transparent_pictures_become_eight_bits_over_white() {
    let grey = DynamicImage::from(scene(300, 200)).into_luma8();
    let as_rgb = DynamicImage::from(grey.clone()).into_rgb8();
    check("image/png", &encode(grey.clone(), ImageFormat::Png), &as_rgb, 3.0);
    check("image/jpeg", &encode(grey.clone(), ImageFormat::Jpeg), &as_rgb, 3.0);
    check("image/png", &encode(DynamicImage::from(grey).into_luma16(), ImageFormat::Png), &as_rgb, 3.0);
    let picture = scene(300, 200);
    check("image/png", &encode(DynamicImage::from(picture.clone()).into_rgb16(), ImageFormat::Png), &picture, 3.0);
    let mut clear = DynamicImage::from(picture).into_rgba8();
    clear.pixels_mut().for_each(|pixel| pixel.0[3] = 0);
    let decoded = decode(&mut start(), "image/png", &encode(clear, ImageFormat::Png)).unwrap();
    assert!(thumbnail(&decoded).as_raw().iter().all(|&value| value > 250));
}

#[test]
fn a_small_picture_is_not_enlarged() {
    let decoded = decode(&mut start(), "image/png", &encode(scene(3, 2), ImageFormat::Png)).unwrap();
    assert_eq!((decoded.thumbnail.width, decoded.thumbnail.height), (3, 2));
    assert_eq!(decoded.facts.pdq, None, "Meta's PDQ needs five pixels a side");
    let thin = decode(&mut start(), "image/png", &encode(scene(3000, 1), ImageFormat::Png)).unwrap();
    assert_eq!((thin.thumbnail.width, thin.thumbnail.height), (512, 1));
}

/// Puts an EXIF segment with nothing but an orientation after the start of a JPEG.
fn with_orientation(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend([0xff, 0xe1]);
    bytes.extend((exif.len() as u16 + 2).to_be_bytes());
    bytes.extend(exif);
    bytes.extend(&jpeg[2..]);
    bytes
}

/// Turns a picture as a viewer would that obeys EXIF.
fn turned(picture: &RgbImage, orientation: u8) -> RgbImage {
    let mut picture = DynamicImage::from(picture.clone());
    picture.apply_orientation(image::metadata::Orientation::from_exif(orientation).unwrap());
    picture.into_rgb8()
}

#[test]
fn orientation_is_applied_before_everything_else() {
    let mut decoder = start();
    // One larger than PDQ's samples, one smaller.
    for (width, height) in [(900, 600), (400, 300)] {
        let jpeg = encode(scene(width, height), ImageFormat::Jpeg);
        let stored = image::load_from_memory(&jpeg).unwrap().into_rgb8();
        for orientation in 1..=8 {
            let decoded = decode(&mut decoder, "image/jpeg", &with_orientation(&jpeg, orientation)).unwrap();
            let expected = turned(&stored, orientation);
            assert_eq!(decoded.facts.exif_orientation, orientation);
            assert_eq!((decoded.facts.width, decoded.facts.height), expected.dimensions());
            let small = thumbnail(&decoded);
            let shrunk = resize(&expected, small.width(), small.height(), FilterType::Triangle);
            assert!(difference(&small, &shrunk) < 3.0, "orientation {orientation}");
            let picture = Rgb8 { width: expected.width(), height: expected.height(), pixels: expected.as_raw() };
            // Another decoder's rounding may move a bit that stands exactly at the median.
            let own = pdq(picture, PdqVariant::Sampled512).unwrap();
            assert!(decoded.facts.pdq.unwrap().own().distance(&own.own()) <= 4, "orientation {orientation}");
        }
    }
}

#[test]
fn copies_of_other_sizes_have_close_hashes() {
    let mut decoder = start();
    let large = decode(&mut decoder, "image/png", &encode(scene(1600, 1200), ImageFormat::Png)).unwrap();
    let small = decode(&mut decoder, "image/jpeg", &encode(scene(640, 480), ImageFormat::Jpeg)).unwrap();
    let other = RgbImage::from_fn(640, 480, |x, y| image::Rgb([(x * y % 251) as u8, (x / 3) as u8, (y / 2) as u8]));
    let other = decode(&mut decoder, "image/png", &encode(other, ImageFormat::Png)).unwrap();
    assert!(large.facts.image_hash.distance(small.facts.image_hash) <= 4);
    assert!(large.facts.image_hash.distance(other.facts.image_hash) > 12);
}

#[test]
fn a_jpeg_that_ends_early_gives_its_upper_part_and_a_remark() {
    let picture = scene(800, 600);
    let bytes = encode(picture.clone(), ImageFormat::Jpeg);
    let whole = decode(&mut start(), "image/jpeg", &bytes).unwrap();
    assert!(whole.facts.remarks.is_empty(), "{:?}", whole.facts.remarks);
    let half = decode(&mut start(), "image/jpeg", &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(half.facts.remarks.len(), 1, "{:?}", half.facts.remarks);
    let (upper, expected) = (thumbnail(&half), thumbnail(&whole));
    let strip = |picture: &RgbImage| image::imageops::crop_imm(picture, 0, 0, 512, 100).to_image();
    assert!(difference(&strip(&upper), &strip(&expected)) < 1.0);
}

#[test]
fn a_jpeg_that_is_damaged_in_its_middle_says_so() {
    let whole = encode(scene(800, 600), ImageFormat::Jpeg);
    let expected = decode(&mut start(), "image/jpeg", &whole).unwrap();
    assert!(expected.facts.remarks.is_empty());
    let mut told = 0;
    for length in [8, 16, 24, 32, 64] {
        let mut bytes = whole.clone();
        let middle = bytes.len() / 2;
        bytes[middle..middle + length].fill(0xff);
        // Refused with a reason, or shown with a remark. (A few bytes can look like the end of the image.)
        let Ok(damaged) = decode(&mut start(), "image/jpeg", &bytes) else { continue };
        let remark = damaged.facts.remarks.iter().any(|remark| remark.contains("damaged"));
        let mean = difference(&thumbnail(&damaged), &thumbnail(&expected));
        assert!(remark || mean < 1.0, "{length} bytes: {mean} without a remark");
        told += usize::from(remark);
    }
    assert!(told > 0, "no damage was told");
}

#[test]
fn frames_are_counted_and_the_first_is_shown() {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
    for shade in [255, 0, 128] {
        let frame = image::RgbaImage::from_pixel(40, 30, image::Rgba([shade, shade, shade, 255]));
        encoder.encode_frame(image::Frame::new(frame)).unwrap();
    }
    drop(encoder);
    let decoded = decode(&mut start(), "image/gif", &bytes).unwrap();
    assert_eq!(decoded.facts.frames, Some(3));
    assert!(thumbnail(&decoded).as_raw().iter().all(|&value| value > 250));
    let still = decode(&mut start(), "image/png", &encode(scene(20, 20), ImageFormat::Png)).unwrap();
    assert_eq!(still.facts.frames, Some(1));
}

#[test]
fn what_is_no_picture_is_refused_and_the_next_one_decoded() {
    let mut decoder = start();
    for (mime, bytes) in [
        ("image/jpeg", &b"\xff\xd8\xff"[..]),
        ("image/png", b"\x89PNG\r\n\x1a\nnothing"),
        ("image/gif", b""),
        ("image/x-unheard-of", b"anything"),
    ] {
        let refusal = decode(&mut decoder, mime, bytes).unwrap_err();
        assert_eq!(refusal.code, RefusalCode::Undecodable, "{mime}: {}", refusal.detail);
        assert!(!refusal.detail.is_empty());
    }
    decode(&mut decoder, "image/png", &encode(scene(20, 20), ImageFormat::Png)).unwrap();
    assert_eq!(decoder.replaced(), 0);
}

#[test]
fn a_descriptor_that_could_write_is_refused() {
    let mut decoder = start();
    let bytes = encode(scene(20, 20), ImageFormat::Png);
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&bytes).unwrap();
    let refusal = decoder.decode(file.into(), bytes.len() as u64, &media("image/png")).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Unreadable);
}

#[test]
fn the_position_of_the_descriptor_does_not_matter() {
    let bytes = encode(scene(20, 20), ImageFormat::Png);
    let content = descriptor(&bytes);
    nix::unistd::lseek(&content, 7, nix::unistd::Whence::SeekSet).unwrap();
    start().decode(content, bytes.len() as u64, &media("image/png")).unwrap();
}

#[test]
fn a_file_shorter_than_announced_is_refused() {
    let bytes = encode(scene(20, 20), ImageFormat::Png);
    let refusal = start().decode(descriptor(&bytes), bytes.len() as u64 + 1, &media("image/png")).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Changed);
}

#[test]
fn the_confinement_is_told() {
    let decoder = start();
    let confinement = decoder.confinement();
    assert!(confinement.landlock_abi >= 1 && confinement.seccomp && confinement.no_new_privs);
    assert!(!confinement.user.starts_with("0"), "{}", confinement.user);
}

#[test]
fn the_kernel_says_the_same_about_limits_and_rights() {
    let decoder = start();
    let process = children_of_this_thread()[0];
    let limits = account(process, "limits");
    let limit = |name: &str| {
        let line =
            limits.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{name}: {limits}"));
        let mut hard_and_soft = line.split_whitespace();
        (hard_and_soft.next().unwrap().to_owned(), hard_and_soft.next().unwrap().to_owned())
    };
    let memory = decoder.confinement().memory_bytes.to_string();
    for (name, expected) in [
        ("Max address space", memory.as_str()),
        ("Max open files", "16"),
        ("Max file size", "0"),
        ("Max core file size", "0"),
        ("Max processes", "0"),
        ("Max locked memory", "0"),
    ] {
        assert_eq!(limit(name), (expected.to_owned(), expected.to_owned()), "{name}");
    }
    let status = account(process, "status");
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    assert_eq!((field("Seccomp:").as_str(), field("NoNewPrivs:").as_str()), ("2", "1"));
    for set in ["CapInh:", "CapPrm:", "CapEff:", "CapAmb:"] {
        assert_eq!(field(set).trim_matches('0'), "", "{set}");
    }
    assert!(field("Uid:").split_whitespace().all(|user| user != "0"), "{status}");
    assert_eq!(field("Threads:"), "1");
}

#[test]
fn a_program_that_is_not_there_or_does_not_confine_itself_decodes_nothing() {
    let limits = DecodeLimits::default();
    let missing = Decoder::start(Path::new("/nonexistent/zeef-decode"), limits.clone()).err().unwrap();
    assert!(matches!(missing, EvidenceError::DecoderStart { .. }), "{missing}");
    let careless = Decoder::start(Path::new("/bin/true"), limits).err().unwrap();
    assert!(matches!(careless, EvidenceError::NoSandbox { .. }), "{careless}");
}

#[test]
fn a_killed_decoder_is_replaced_and_no_picture_is_lost() {
    let mut decoder = start();
    let bytes = encode(scene(20, 20), ImageFormat::Png);
    decode(&mut decoder, "image/png", &bytes).unwrap();
    let children = children_of_this_thread();
    assert_eq!(children.len(), 1);
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(children[0]), nix::sys::signal::Signal::SIGKILL).unwrap();
    // Its socket reports the end when the kernel has finished with it; the state before that is a zombie.
    while !is_zombie(children[0]) {
        std::thread::yield_now();
    }
    decode(&mut decoder, "image/png", &bytes).unwrap();
    assert_eq!(decoder.replaced(), 1);
}

#[expect(clippy::disallowed_methods, reason = "reads the kernel's account of processes")]
fn children_of_this_thread() -> Vec<i32> {
    let thread = nix::unistd::gettid();
    let path = format!("/proc/self/task/{thread}/children");
    std::fs::read_to_string(path).unwrap().split_whitespace().map(|id| id.parse().unwrap()).collect()
}

#[expect(clippy::disallowed_methods, reason = "reads the kernel's account of processes")]
fn account(process: i32, of: &str) -> String {
    std::fs::read_to_string(format!("/proc/{process}/{of}")).unwrap()
}

fn is_zombie(process: i32) -> bool {
    account(process, "stat").rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z'))
}

#[test]
fn a_decoder_that_worked_long_is_replaced_without_a_word() {
    let limits = DecodeLimits { worker_seconds: 0, ..DecodeLimits::default() };
    let mut decoder = Decoder::start(Path::new(PROGRAM), limits).unwrap();
    let bytes = encode(scene(20, 20), ImageFormat::Png);
    let first = children_of_this_thread();
    decode(&mut decoder, "image/png", &bytes).unwrap();
    decode(&mut decoder, "image/png", &bytes).unwrap();
    assert_eq!(decoder.replaced(), 0);
    assert_ne!(first, children_of_this_thread());
}

#[test]
fn no_descriptor_is_left_behind() {
    let mut decoder = start();
    let bytes = encode(scene(20, 20), ImageFormat::Png);
    // More than the decoder may have open at once.
    for _ in 0..100 {
        decode(&mut decoder, "image/png", &bytes).unwrap();
    }
    let content = descriptor(&bytes);
    let number = content.as_raw_fd();
    decoder.decode(content, bytes.len() as u64, &media("image/png")).unwrap();
    // SAFETY: only the kernel is asked about the number, and an answer that nothing is open there is what is wanted.
    let closed = unsafe { std::os::fd::BorrowedFd::borrow_raw(number) };
    assert!(nix::fcntl::fcntl(closed, nix::fcntl::FcntlArg::F_GETFD).is_err());
}
