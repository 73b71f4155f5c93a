//! Variants of the formats, as phones, cameras and other programs write them; and variants that are refused with a reason.

use domain::{Decoded, Refusal, RefusalCode};
use image::imageops::{FilterType, resize};
use image::{DynamicImage, ImageFormat, RgbImage};

use crate::pictures::made::{chunk, flat_jpeg, packed, parted_jpeg, png, tiff};
use crate::pictures::{decode, difference, encode, produced, scene, start, thumbnail};
use crate::{check, with_orientation};

#[track_caller]
fn decoded(mime: &str, bytes: &[u8]) -> Decoded {
    decode(&mut start(), mime, bytes).unwrap_or_else(|refusal| panic!("{mime}: {}", refusal.detail))
}

/// Sees that a picture is refused as undecodable, and that the reason holds a word.
#[track_caller]
fn refused(mime: &str, bytes: &[u8], word: &str) -> Refusal {
    let refusal = decode(&mut start(), mime, bytes).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Undecodable, "{}", refusal.detail);
    assert!(refusal.detail.to_lowercase().contains(word), "{}", refusal.detail);
    refusal
}

/// Sees that a picture is of one colour.
#[track_caller]
fn is_flat(mime: &str, bytes: &[u8], colour: [u8; 3]) {
    let small = thumbnail(&decoded(mime, bytes));
    for pixel in small.pixels() {
        let near = pixel.0.iter().zip(colour).all(|(a, b)| a.abs_diff(b) <= 4);
        assert!(near, "{mime}: {:?} and not {colour:?}", pixel.0);
    }
}

fn heif(arguments: &[&str], input: &[u8], output: &str) -> Option<Vec<u8>> {
    let all: Vec<&str> = arguments.iter().copied().chain(["-o", output, "IN"]).collect();
    let suffix = if input.starts_with(b"\xff\xd8") { ".jpg" } else { ".png" };
    produced("heif-enc", &all, (suffix, input), output)
}

/// Makes HEIC and AVIF of one input and checks both.
#[track_caller]
fn check_heif(arguments: &[&str], input: &[u8], expected: &RgbImage, tolerance: f64) {
    for (output, mime) in [("out.heic", "image/heic"), ("out.avif", "image/avif")] {
        let Some(bytes) = heif(arguments, input, output) else { return };
        assert_eq!(evidence::media_type(&bytes).mime, mime);
        check(mime, &bytes, expected, tolerance);
    }
}

#[test]
fn heic_and_avif_give_their_picture() {
    // Sides that are no multiple of anything.
    let picture = scene(701, 499);
    check_heif(&["-q", "90"], &encode(picture.clone(), ImageFormat::Png), &picture, 4.0);
    let exact = ["-L", "-p", "chroma=444", "--matrix_coefficients=0"];
    check_heif(&exact, &encode(picture.clone(), ImageFormat::Png), &picture, 3.0);
}

#[test]
fn heic_and_avif_of_more_bits_give_their_picture() {
    let picture = scene(320, 240);
    let deep = encode(DynamicImage::from(picture.clone()).into_rgb16(), ImageFormat::Png);
    check_heif(&["-q", "90", "-b", "12"], &deep, &picture, 4.0);
    // Debian's encoder of AVIF ends itself at 10 bits with any other share of colours.
    check_heif(&["-q", "90", "-b", "10", "-p", "chroma=422"], &deep, &picture, 4.0);
    if let Some(ten) = heif(&["-q", "90", "-b", "10"], &deep, "out.heic") {
        check("image/heic", &ten, &picture, 4.0);
    }
}

#[test]
fn heic_and_avif_in_grey_and_in_half_range_give_their_picture() {
    let grey = DynamicImage::from(scene(320, 240)).into_luma8();
    let as_rgb = DynamicImage::from(grey.clone()).into_rgb8();
    check_heif(&["-q", "90"], &encode(grey, ImageFormat::Png), &as_rgb, 4.0);
    let picture = scene(320, 240);
    let narrow = ["-q", "90", "--full_range_flag", "0", "--matrix_coefficients", "1"];
    check_heif(&narrow, &encode(picture.clone(), ImageFormat::Png), &picture, 4.0);
}

#[test]
fn what_is_transparent_in_heic_and_avif_is_white() {
    let picture = scene(320, 240);
    let mut clear = DynamicImage::from(picture.clone()).into_rgba8();
    clear.enumerate_pixels_mut().filter(|(x, ..)| *x >= 160).for_each(|(.., pixel)| pixel.0[3] = 0);
    let mut expected = picture;
    expected.enumerate_pixels_mut().filter(|(x, ..)| *x >= 160).for_each(|(.., pixel)| pixel.0 = [255; 3]);
    check_heif(&["-q", "95"], &encode(clear, ImageFormat::Png), &expected, 4.0);
}

/// Makes the property that tells the bits of a channel say how the picture is turned or mirrored instead.
fn with_transformation(file: &[u8], name: &[u8; 4], value: u8) -> Vec<u8> {
    let at = file.windows(4).position(|window| window == b"pixi").expect("libheif states the bits");
    let mut file = file.to_vec();
    file[at..at + 4].copy_from_slice(name);
    file[at + 4] = value;
    file
}

#[test]
fn turns_and_mirrors_of_heic_and_avif_are_applied_once() {
    let picture = scene(320, 240);
    let input = encode(picture.clone(), ImageFormat::Png);
    for (output, mime) in [("out.heic", "image/heic"), ("out.avif", "image/avif")] {
        let Some(file) = heif(&["-q", "90"], &input, output) else { return };
        let plain = DynamicImage::from(picture.clone());
        // `irot` counts quarters against the clock.
        for (quarters, expected) in [(1, plain.rotate270()), (2, plain.rotate180()), (3, plain.rotate90())] {
            check(mime, &with_transformation(&file, b"irot", quarters), &expected.into_rgb8(), 4.0);
        }
        // `imir` 0 exchanges top and bottom, 1 left and right.
        for (axis, expected) in [(0, plain.flipv()), (1, plain.fliph())] {
            check(mime, &with_transformation(&file, b"imir", axis), &expected.into_rgb8(), 4.0);
        }
    }
}

#[test]
fn a_heic_of_tiles_is_put_together() {
    let picture = scene(1300, 900);
    let bytes =
        heifer::encode_rgb8(1300, 900, picture.as_raw(), &heifer::EncodeOptions { quality: 90, max_threads: 1 });
    let bytes = bytes.unwrap();
    assert!(bytes.windows(4).any(|window| window == b"grid"), "the file is no grid");
    check("image/heic", &bytes, &picture, 4.0);
    // A damaged tile leaves its place grey, and the rest is there.
    let mut hurt = bytes;
    let end = hurt.len();
    hurt[end - 200..].fill(0);
    if let Ok(decoded) = decode(&mut start(), "image/heic", &hurt) {
        assert_eq!((decoded.facts.width, decoded.facts.height), (1300, 900));
    }
}

#[test]
fn heic_and_avif_that_end_early_or_late_are_read_as_far_as_they_go() {
    let picture = scene(320, 240);
    let input = encode(picture.clone(), ImageFormat::Png);
    for (output, mime) in [("out.heic", "image/heic"), ("out.avif", "image/avif")] {
        let Some(file) = heif(&["-q", "90"], &input, output) else { return };
        // Phones append data of their own.
        let late = [file.as_slice(), b"\0\0\0\0SEFHe\0\0\0trailer SEFT"].concat();
        let shown = decoded(mime, &late);
        assert_eq!((shown.facts.width, shown.facts.height), (320, 240));
        let odd = [file.as_slice(), &[0xff; 21]].concat();
        assert!(decoded(mime, &odd).facts.remarks.iter().any(|remark| remark.contains("no box")));
        // Half of it gives a part or a reason, and never a crash.
        let early = decode(&mut start(), mime, &file[..file.len() / 2]);
        match early {
            Ok(decoded) => assert!(!decoded.facts.remarks.is_empty()),
            Err(refusal) => assert_eq!(refusal.code, RefusalCode::Undecodable, "{}", refusal.detail),
        }
    }
}

#[test]
fn exif_travels_in_every_container() {
    let picture = scene(120, 90);
    let mut tagged = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x10\0\x02\0\0\0\x09\0\0\0\x1a\0\0\0\0Model 42\0".to_vec();
    let exif = tagged.split_off(6);
    let jpeg = encode(picture.clone(), ImageFormat::Jpeg);
    let length = (exif.len() as u16 + 8).to_be_bytes();
    let tagged = [&jpeg[..2], b"\xff\xe1", &length, b"Exif\0\0", &exif, &jpeg[2..]].concat();
    let plain = encode(picture, ImageFormat::Png);
    let in_png = [&plain[..33], &chunk(b"eXIf", &exif), &plain[33..]].concat();
    let mut files = vec![("image/jpeg", Some(tagged.clone())), ("image/png", Some(in_png))];
    files.push(("image/heic", heif(&["-q", "90"], &tagged, "out.heic")));
    files.push(("image/avif", heif(&["-q", "90"], &tagged, "out.avif")));
    files.push(("image/jxl", produced("cjxl", &["IN", "out.jxl"], (".jpg", &tagged), "out.jxl")));
    for (mime, file) in files {
        let Some(file) = file else { continue };
        let model = decoded(mime, &file).facts.camera.model;
        assert_eq!(model.as_deref(), Some("Model 42"), "{mime}");
    }
}

#[track_caller]
fn check_jxl(arguments: &[&str], suffix: &str, input: &[u8], expected: &RgbImage) {
    let all: Vec<&str> = ["IN", "out.jxl"].into_iter().chain(arguments.iter().copied()).collect();
    let Some(bytes) = produced("cjxl", &all, (suffix, input), "out.jxl") else { return };
    assert_eq!(evidence::media_type(&bytes).mime, "image/jxl");
    check("image/jxl", &bytes, expected, 4.0);
}

#[test]
fn jpeg_xl_gives_its_picture() {
    let picture = scene(701, 499);
    let input = encode(picture.clone(), ImageFormat::Png);
    check_jxl(&["-d", "0"], ".png", &input, &picture);
    check_jxl(&["-d", "1"], ".png", &input, &picture);
    check_jxl(&["-d", "1", "-p"], ".png", &input, &picture);
    // A JPEG packed without loss, and a container around a codestream.
    let jpeg = encode(picture.clone(), ImageFormat::Jpeg);
    check_jxl(&[], ".jpg", &jpeg, &picture);
    check_jxl(&["-d", "1", "--container=1"], ".png", &input, &picture);
}

#[test]
fn jpeg_xl_of_other_channels_and_bits_gives_its_picture() {
    let picture = scene(320, 240);
    let deep = encode(DynamicImage::from(picture.clone()).into_rgb16(), ImageFormat::Png);
    check_jxl(&["-d", "0"], ".png", &deep, &picture);
    check_jxl(&["-d", "1"], ".png", &deep, &picture);
    let grey = DynamicImage::from(picture.clone()).into_luma8();
    let as_rgb = DynamicImage::from(grey.clone()).into_rgb8();
    check_jxl(&["-d", "0"], ".png", &encode(grey, ImageFormat::Png), &as_rgb);
    let mut clear = DynamicImage::from(picture.clone()).into_rgba8();
    clear.enumerate_pixels_mut().filter(|(x, ..)| *x >= 160).for_each(|(.., pixel)| pixel.0[3] = 0);
    let mut expected = picture;
    expected.enumerate_pixels_mut().filter(|(x, ..)| *x >= 160).for_each(|(.., pixel)| pixel.0 = [255; 3]);
    check_jxl(&["-d", "0"], ".png", &encode(clear, ImageFormat::Png), &expected);
}

#[test]
fn jpeg_xl_with_a_profile_gives_its_picture() {
    let picture = scene(320, 240);
    let wide = moxcms::ColorProfile::new_adobe_rgb();
    let profile = wide.encode().unwrap();
    let jpeg = encode(picture.clone(), ImageFormat::Jpeg);
    let length = (profile.len() as u16 + 16).to_be_bytes();
    let tagged = [&jpeg[..2], b"\xff\xe2", &length, b"ICC_PROFILE\0\x01\x01", &profile, &jpeg[2..]].concat();
    let narrow = moxcms::ColorProfile::new_srgb();
    let layout = moxcms::Layout::Rgb;
    let convert = wide.create_transform_8bit(layout, &narrow, layout, moxcms::TransformOptions::default()).unwrap();
    let mut expected = RgbImage::new(320, 240);
    convert.transform(picture.as_raw(), &mut expected).unwrap();
    assert!(difference(&picture, &expected) > 6.0, "the profile makes no difference");
    // What keeps the numbers of a JPEG is shown as that JPEG is.
    check("image/jpeg", &tagged, &picture, 4.0);
    check_jxl(&["--lossless_jpeg=1"], ".jpg", &tagged, &picture);
    check_jxl(&["--lossless_jpeg=0", "-d", "0"], ".jpg", &tagged, &picture);
    // What was brought to the format's own colours comes back as sRGB.
    let arguments = ["IN", "out.jxl", "--lossless_jpeg=0", "-d", "1"];
    let Some(own) = produced("cjxl", &arguments, (".jpg", &tagged), "out.jxl") else { return };
    let mean = difference(&thumbnail(&decoded("image/jxl", &own)), &expected);
    assert!(mean < 4.0, "differs by {mean}");
}

#[test]
fn jpeg_xl_is_turned_once() {
    let picture = scene(320, 240);
    let jpeg = with_orientation(&encode(picture.clone(), ImageFormat::Jpeg), 6);
    let turned = DynamicImage::from(picture).rotate90().into_rgb8();
    // The encoder moves the orientation of EXIF to the picture's own header.
    check_jxl(&["-d", "1", "-j", "0"], ".jpg", &jpeg, &turned);
    check_jxl(&[], ".jpg", &jpeg, &turned);
}

#[test]
fn a_jpeg_xl_that_ends_early_gives_a_part_or_a_reason() {
    let input = encode(scene(701, 499), ImageFormat::Png);
    let Some(bytes) = produced("cjxl", &["IN", "out.jxl", "-d", "1", "-p"], (".png", &input), "out.jxl") else {
        return;
    };
    for part in [3, 2] {
        match decode(&mut start(), "image/jxl", &bytes[..bytes.len() / part]) {
            Ok(decoded) => assert!(!decoded.facts.remarks.is_empty()),
            Err(refusal) => assert_eq!(refusal.code, RefusalCode::Undecodable, "{}", refusal.detail),
        }
    }
    refused("image/jxl", &bytes[..4], "ends before");
}

#[test]
fn jpegs_of_every_kind_of_colour_are_shown() {
    is_flat("image/jpeg", &flat_jpeg(40, 0xc0, &[100], None), [100; 3]);
    // Y, Cb, Cr of a dull red.
    is_flat("image/jpeg", &flat_jpeg(40, 0xc0, &[100, 100, 180], None), [173, 72, 50]);
    is_flat("image/jpeg", &flat_jpeg(40, 0xc0, &[200, 90, 30], Some(0)), [200, 90, 30]);
    // Adobe writes ink upside down: 255 is none. Cyan 55, magenta 155, yellow 215, no black.
    is_flat("image/jpeg", &flat_jpeg(40, 0xc0, &[200, 100, 40, 255], Some(0)), [200, 100, 40]);
    is_flat("image/jpeg", &flat_jpeg(40, 0xc0, &[200, 100, 40, 128], Some(0)), [100, 50, 20]);
    // Brightness and differences of the light, which is what the ink leaves (YCCK): the red above is 82, 183, 205 of ink
    // upside down.
    is_flat("image/jpeg", &flat_jpeg(40, 0xc0, &[100, 100, 180, 255], Some(2)), [82, 183, 205]);
}

/// Has `cjpeg` encode a scene in the scans that a script names.
fn scanned(picture: &RgbImage, script: &str, arguments: &[&str]) -> Option<Vec<u8>> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, script.as_bytes()).unwrap();
    let script = file.path().to_str().unwrap();
    let own = ["-quality", "92", "-scans", script, "-outfile", "out.jpg", "IN"];
    let all: Vec<&str> = arguments.iter().copied().chain(own).collect();
    produced("cjpeg", &all, (".bmp", &encode(picture.clone(), ImageFormat::Bmp)), "out.jpg")
}

#[test]
fn a_jpeg_of_a_scan_for_each_component_gives_its_picture() {
    // Sides that are no multiple of anything.
    let picture = scene(701, 499);
    for sampling in ["1x1", "2x1", "2x2", "1x2"] {
        for more in [&[][..], &["-restart", "3"], &["-optimize"]] {
            let arguments = [&["-sample", sampling], more].concat();
            let Some(bytes) = scanned(&picture, "0; 1; 2;", &arguments) else { return };
            check("image/jpeg", &bytes, &picture, 4.0);
            let remarks = decoded("image/jpeg", &bytes).facts.remarks;
            assert!(remarks.is_empty(), "{remarks:?}");
        }
    }
    // The order of the scans is free.
    if let Some(bytes) = scanned(&picture, "2; 0; 1;", &[]) {
        check("image/jpeg", &bytes, &picture, 4.0);
        let early = decoded("image/jpeg", &bytes[..bytes.len() * 3 / 4]);
        assert!(early.facts.remarks.iter().any(|remark| remark.contains("ends early")), "{:?}", early.facts.remarks);
    }
}

#[test]
fn a_jpeg_of_scans_that_some_components_share_gives_its_picture() {
    let picture = scene(701, 499);
    for (sampling, script) in [("1x1", "0; 1 2;"), ("1x1", "0 1; 2;"), ("2x2", "0; 1 2;"), ("2x1", "1 2; 0;")] {
        for more in [&[][..], &["-restart", "3"], &["-optimize"]] {
            let arguments = [&["-sample", sampling], more].concat();
            let Some(bytes) = scanned(&picture, script, &arguments) else { return };
            check("image/jpeg", &bytes, &picture, 4.0);
            let remarks = decoded("image/jpeg", &bytes).facts.remarks;
            assert!(remarks.is_empty(), "{remarks:?}");
        }
    }
    if let Some(bytes) = scanned(&picture, "0 1; 2;", &["-sample", "2x2"]) {
        refused("image/jpeg", &bytes, "share a scan");
    }
}

#[test]
fn the_colours_of_jpegs_in_scans_of_their_own_are_those_of_jpegs_in_one() {
    for (components, adobe) in [
        (&[100, 100, 180][..], None),
        (&[200, 90, 30], Some(0)),
        (&[100, 100, 180], Some(1)),
        (&[200, 100, 40, 128], Some(0)),
        (&[100, 100, 180, 200], Some(2)),
        (&[200, 100, 40, 128], None),
    ] {
        let whole = thumbnail(&decoded("image/jpeg", &flat_jpeg(40, 0xc0, components, adobe)));
        is_flat("image/jpeg", &parted_jpeg(40, components, adobe), whole.get_pixel(0, 0).0);
    }
}

#[test]
fn jpegs_that_no_decoder_here_knows_are_refused_with_a_reason() {
    // Lossless, arithmetic, hierarchical.
    for frame in [0xc3, 0xc5, 0xc9, 0xca, 0xcb] {
        refused("image/jpeg", &flat_jpeg(40, frame, &[100], None), "");
    }
    let mut deep = flat_jpeg(40, 0xc0, &[100], None);
    let at = deep.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    deep[at + 4] = 12;
    refused("image/jpeg", &deep, "");
}

#[test]
fn what_follows_a_jpeg_does_not_matter() {
    let picture = scene(320, 240);
    let jpeg = encode(picture.clone(), ImageFormat::Jpeg);
    // Another picture (MPF, a depth map), a video (motion photo), zeros, or noise.
    let noise: Vec<u8> = (0..5000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for rest in [jpeg.as_slice(), b"\0\0\0\x18ftypmp42\0\0\0\0", &[0; 5000], &noise] {
        let file = [jpeg.as_slice(), rest].concat();
        let shown = decoded("image/jpeg", &file);
        assert!(shown.facts.remarks.is_empty(), "{:?}", shown.facts.remarks);
        check("image/jpeg", &file, &picture, 3.0);
    }
    // What stands before the first marker of a picture taken out of a broken file, and fill bytes.
    let filled = [&jpeg[..2], &[0xff; 7], &jpeg[2..]].concat();
    check("image/jpeg", &filled, &picture, 3.0);
}

#[test]
fn pngs_of_every_depth_and_kind_are_shown() {
    let rows = |row: &[u8], count: usize| packed(&[&[0], row].concat().repeat(count));
    // Grey of 1, 2 and 4 bits; palette of 1 and 8; grey of 16; transparent by colour.
    is_flat("image/png", &png(8, 8, 1, 0, &[], &rows(&[0xff], 8)), [255; 3]);
    is_flat("image/png", &png(8, 8, 2, 0, &[], &rows(&[0x55, 0x55], 8)), [85; 3]);
    is_flat("image/png", &png(8, 8, 4, 0, &[], &rows(&[0x77; 4], 8)), [119; 3]);
    let palette = chunk(b"PLTE", &[9, 9, 9, 200, 100, 50]);
    is_flat("image/png", &png(8, 8, 1, 3, std::slice::from_ref(&palette), &rows(&[0xff], 8)), [200, 100, 50]);
    is_flat("image/png", &png(8, 8, 8, 3, std::slice::from_ref(&palette), &rows(&[1; 8], 8)), [200, 100, 50]);
    let clear = chunk(b"tRNS", &[255, 0]);
    is_flat("image/png", &png(8, 8, 8, 3, &[palette, clear], &rows(&[1; 8], 8)), [255; 3]);
    is_flat("image/png", &png(8, 8, 16, 0, &[], &rows(&[100, 7].repeat(8), 8)), [100; 3]);
    let grey_key = chunk(b"tRNS", &[0, 33]);
    is_flat("image/png", &png(8, 8, 8, 0, &[grey_key], &rows(&[33; 8], 8)), [255; 3]);
    // Interlaced: seven passes over 8 × 8 pixels.
    let passes: [(usize, usize); 7] = [(1, 1), (1, 1), (2, 1), (2, 2), (4, 2), (4, 4), (8, 4)];
    let data: Vec<u8> =
        passes.iter().flat_map(|(width, height)| [vec![0], vec![77; *width]].concat().repeat(*height)).collect();
    let mut interlaced = png(8, 8, 8, 0, &[], &packed(&data));
    let head = [&interlaced[16..28], &[1]].concat();
    interlaced.splice(8..33, chunk(b"IHDR", &head));
    is_flat("image/png", &interlaced, [77; 3]);
}

#[test]
fn a_png_with_a_wrong_checksum_beside_its_picture_is_shown() {
    let picture = scene(120, 90);
    let plain = encode(picture.clone(), ImageFormat::Png);
    let mut text = chunk(b"tEXt", b"Comment\0hello");
    *text.last_mut().unwrap() ^= 1;
    let mut stray = chunk(b"zzZz", b"what no standard knows");
    *stray.last_mut().unwrap() ^= 1;
    check("image/png", &[&plain[..33], &text, &stray, &plain[33..]].concat(), &picture, 3.0);
    // In the picture itself it is remarked.
    let mut hurt = plain.clone();
    let at = hurt.windows(4).position(|window| window == b"IEND").unwrap();
    hurt[at - 8] ^= 1;
    check("image/png", &hurt, &picture, 3.0);
    let remarks = decoded("image/png", &hurt).facts.remarks;
    assert!(remarks.iter().any(|remark| remark.contains("checksum")), "{remarks:?}");
}

#[test]
fn a_png_that_ends_early_gives_its_upper_part_and_a_remark() {
    let picture = scene(400, 300);
    let plain = encode(picture.clone(), ImageFormat::Png);
    let cut = decoded("image/png", &plain[..plain.len() * 3 / 4]);
    assert!(cut.facts.remarks.iter().any(|remark| remark.contains("ends early")), "{:?}", cut.facts.remarks);
    let strip = |picture: &RgbImage| image::imageops::crop_imm(picture, 0, 0, 400, 80).to_image();
    let shown = thumbnail(&cut);
    assert!(difference(&strip(&shown), &strip(&picture)) < 3.0);
    assert!(shown.get_pixel(200, 299).0.iter().all(|value| value.abs_diff(128) <= 2));
    // Cut before its first row there is nothing to show.
    refused("image/png", &plain[..40], "");
}

#[test]
fn the_first_frame_of_an_animation_is_shown() {
    let first = scene(40, 30);
    let plain = encode(first.clone(), ImageFormat::Png);
    let control = chunk(b"acTL", &[3_u32.to_be_bytes(), 0_u32.to_be_bytes()].concat());
    let shown = decoded("image/png", &[&plain[..33], &control, &plain[33..]].concat());
    assert_eq!(shown.facts.frames, Some(3));
    assert!(difference(&thumbnail(&shown), &first) < 4.0);
    // WebP: two frames, each the chunk that a still picture of one colour has.
    let still = |shade: u8| encode(RgbImage::from_pixel(40, 30, image::Rgb([shade; 3])), ImageFormat::WebP);
    let mut body = b"VP8X\x0a\0\0\0\x02\0\0\0\x27\0\0\x1d\0\0ANIM\x06\0\0\0\xff\xff\xff\xff\0\0".to_vec();
    for shade in [200, 10] {
        let webp = still(shade);
        let frame = [b"\0\0\0\0\0\0\x27\0\0\x1d\0\0\x64\0\0\0".as_slice(), &webp[12..]].concat();
        body.extend(b"ANMF");
        body.extend((frame.len() as u32).to_le_bytes());
        body.extend(frame);
    }
    let webp = [b"RIFF", ((body.len() + 4) as u32).to_le_bytes().as_slice(), b"WEBP", &body].concat();
    assert_eq!(decoded("image/webp", &webp).facts.frames, Some(2));
    is_flat("image/webp", &webp, [200; 3]);
}

/// Tags of a TIFF of 4 × 4 pixels; the data begin behind `extra` bytes after the directory.
fn tags(samples: u32, photometric: u32, extra: u32, more: &[(u16, u16, u32, u32)]) -> Vec<(u16, u16, u32, u32)> {
    let count = 9 + more.len() as u32;
    let at = 8 + 2 + count * 12 + 4;
    let bits = if samples <= 2 { (258, 3, samples, 0x0008_0008) } else { (258, 3, samples, at) };
    let mut all = vec![
        (256, 4, 1, 4),
        (257, 4, 1, 4),
        bits,
        (259, 3, 1, 1),
        (262, 3, 1, photometric),
        (273, 4, 1, at + extra),
        (277, 3, 1, samples),
        (278, 4, 1, 4),
        (279, 4, 1, samples * 16),
    ];
    all.extend(more);
    all.sort_by_key(|tag| tag.0);
    all
}

#[test]
fn tiffs_of_other_colours_and_layouts_are_shown() {
    let eights: Vec<u8> = [8, 0].repeat(4);
    let data = |pixel: &[u8], count: usize| [eights.as_slice(), &pixel.repeat(count)].concat();
    is_flat("image/tiff", &tiff(&tags(3, 2, 8, &[]), 0, &data(&[10, 100, 200], 16)), [10, 100, 200]);
    is_flat("image/tiff", &tiff(&tags(1, 0, 0, &[]), 0, &[55; 16]), [200; 3]);
    // Cyan, magenta, yellow, black.
    is_flat("image/tiff", &tiff(&tags(4, 5, 8, &[]), 0, &data(&[55, 155, 215, 0], 16)), [200, 100, 40]);
    // Alpha, not multiplied.
    is_flat("image/tiff", &tiff(&tags(4, 2, 8, &[(338, 3, 1, 2)]), 0, &data(&[1, 2, 3, 0], 16)), [255; 3]);
}

/// Puts a picture of 4 × 4 pixels into one tile of 16 × 16.
fn tiled(tags: &[(u16, u16, u32, u32)], planes: u32) -> Vec<(u16, u16, u32, u32)> {
    let at = tags.iter().find(|tag| tag.0 == 273).unwrap().3;
    let samples = tags.iter().find(|tag| tag.0 == 277).unwrap().3;
    let bytes = samples * 256;
    let (offsets, counts) = if planes == 1 { (at, bytes) } else { (at - 8 * planes, at - 4 * planes) };
    let tiles = [(322, 4, 1, 16), (323, 4, 1, 16), (324, 4, planes, offsets), (325, 4, planes, counts)];
    let mut all: Vec<_> = tags.iter().copied().filter(|tag| !matches!(tag.0, 273 | 278 | 279)).chain(tiles).collect();
    all.sort_by_key(|tag| tag.0);
    all
}

#[test]
fn a_tiff_with_a_sample_of_unknown_meaning_shows_its_colours() {
    let pixel = [10, 100, 200, 0];
    let eights = [8, 0].repeat(4);
    let plain = [eights.as_slice(), &pixel.repeat(16)].concat();
    is_flat("image/tiff", &tiff(&tags(4, 2, 8, &[(338, 3, 1, 0)]), 0, &plain), [10, 100, 200]);
    // Differences from pixel to pixel, deflated.
    let row = [pixel.as_slice(), &[0; 12]].concat();
    let data = packed(&row.repeat(4));
    let mut predicted = tags(4, 2, 8, &[(317, 3, 1, 2), (338, 3, 1, 0)]);
    predicted[3].3 = 8;
    predicted.iter_mut().filter(|tag| tag.0 == 279).for_each(|tag| tag.3 = data.len() as u32);
    is_flat("image/tiff", &tiff(&predicted, 0, &[eights.as_slice(), &data].concat()), [10, 100, 200]);
    // Two samples more than the colours.
    let two = [[8, 0].repeat(5), pixel.repeat(20)].concat();
    refused("image/tiff", &tiff(&tags(5, 2, 10, &[(317, 3, 1, 2), (338, 3, 2, 0)]), 0, &two), "samples beside");
    // In a tile that is wider than the picture: one tag more, so all stands twelve bytes later.
    let mut later = tags(4, 2, 8, &[(338, 3, 1, 0)]);
    later.iter_mut().filter(|tag| matches!(tag.0, 258 | 273)).for_each(|tag| tag.3 += 12);
    let tile = [[pixel.repeat(4), [255; 4].repeat(12)].concat().repeat(4), vec![255; 12 * 64]].concat();
    is_flat("image/tiff", &tiff(&tiled(&later, 1), 0, &[eights.as_slice(), &tile].concat()), [10, 100, 200]);
}

#[test]
fn a_tiff_of_tiles_for_each_colour_is_refused_as_such() {
    let planes = [(284, 3, 1, 2)];
    let mut later = tags(3, 2, 8 + 24, &planes);
    later.iter_mut().filter(|tag| matches!(tag.0, 258 | 273)).for_each(|tag| tag.3 += 12);
    let at = later.iter().find(|tag| tag.0 == 273).unwrap().3;
    let mut data = [8, 0].repeat(4);
    (0..3).for_each(|plane| data.extend((at + plane * 256).to_le_bytes()));
    (0..3).for_each(|_| data.extend(256_u32.to_le_bytes()));
    data.extend([100; 768]);
    refused("image/tiff", &tiff(&tiled(&later, 3), 0, &data), "not supported: tiles");
}

#[test]
fn tiffs_that_no_decoder_here_knows_are_refused_with_a_reason() {
    for (compression, word) in [(2, "fax"), (6, "jpeg inside"), (34_712, "34712"), (50_001, "50001")] {
        let mut tags = tags(1, 1, 0, &[]);
        tags[3].3 = compression;
        refused("image/tiff", &tiff(&tags, 0, &[55; 16]), word);
    }
    refused("image/tiff", &tiff(&tags(1, 3, 0, &[]), 0, &[55; 16]), "palette");
    let eights = |data: &[u8]| [&[8, 0].repeat(4), data].concat();
    let differences = tiff(&tags(3, 6, 8, &[(530, 3, 2, 0x0001_0001)]), 0, &eights(&[55; 48]));
    refused("image/tiff", &differences, "colour differences");
    refused("image/tiff", &tiff(&tags(3, 8, 8, &[]), 0, &eights(&[55; 48])), "lab");
    refused("image/tiff", &tiff(&tags(2, 1, 0, &[(338, 3, 1, 0)]), 0, &[55; 32]), "grey with other samples");
    let mut four = tags(1, 1, 0, &[]);
    four[2].3 = 4;
    refused("image/tiff", &tiff(&four, 0, &[0x55; 8]), "4 bits a sample");
}

fn bmp(header: &[u8], rest: &[u8], offset: u32) -> Vec<u8> {
    let mut out = b"BM".to_vec();
    out.extend(((14 + header.len() + rest.len()) as u32).to_le_bytes());
    out.extend([0; 4]);
    out.extend(offset.to_le_bytes());
    out.extend(header);
    out.extend(rest);
    out
}

/// Makes the header of Windows 3: 4 × 4 pixels.
fn info(height: i32, bits: u16, compression: u32, colours: u32) -> Vec<u8> {
    let mut out = 40_u32.to_le_bytes().to_vec();
    out.extend(4_i32.to_le_bytes());
    out.extend(height.to_le_bytes());
    out.extend(1_u16.to_le_bytes());
    out.extend(bits.to_le_bytes());
    out.extend(compression.to_le_bytes());
    out.extend([0; 12]);
    out.extend(colours.to_le_bytes());
    out.extend([0; 4]);
    out
}

#[test]
fn bmps_of_every_kind_are_shown() {
    let palette = [1, 1, 1, 0, 50, 100, 200, 0];
    // Upside down as usual, and from the top.
    for height in [4, -4] {
        is_flat("image/bmp", &bmp(&info(height, 24, 0, 0), &[50, 100, 200].repeat(16), 54), [200, 100, 50]);
    }
    is_flat("image/bmp", &bmp(&info(4, 32, 0, 0), &[50, 100, 200, 0].repeat(16), 54), [200, 100, 50]);
    is_flat("image/bmp", &bmp(&info(4, 16, 0, 0), &[0x00, 0x7c].repeat(16), 54), [255, 0, 0]);
    is_flat("image/bmp", &bmp(&info(4, 8, 0, 2), &[palette.as_slice(), &[1; 16]].concat(), 62), [200, 100, 50]);
    // Runs: four of colour 1, end of line; at last end of picture.
    let runs = [[4, 1, 0, 0].repeat(4), vec![0, 1]].concat();
    is_flat("image/bmp", &bmp(&info(4, 8, 1, 2), &[palette.as_slice(), &runs].concat(), 62), [200, 100, 50]);
    // OS/2: a header of 12 bytes.
    let mut old = 12_u32.to_le_bytes().to_vec();
    [4_u16, 4, 1, 24].iter().for_each(|field| old.extend(field.to_le_bytes()));
    let file = bmp(&old, &[50, 100, 200].repeat(16), 26);
    assert_eq!(evidence::media_type(&file).mime, "image/bmp");
    is_flat("image/bmp", &file, [200, 100, 50]);
}

#[test]
fn the_thumbnail_of_a_wide_picture_keeps_its_proportions() {
    let picture = scene(2000, 500);
    let shown = decoded("image/png", &encode(picture.clone(), ImageFormat::Png));
    assert_eq!((shown.thumbnail.width, shown.thumbnail.height), (512, 128));
    let expected = resize(&picture, 512, 128, FilterType::Triangle);
    assert!(difference(&thumbnail(&shown), &expected) < 3.0);
}
