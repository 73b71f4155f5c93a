//! The folder of media: what an investigator gets from a telephone, a laptop and an old disk.

use std::ffi::OsStr;
use std::io::{Cursor, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use domain::{Digests, Md5, Pdq, Sha1, Sha256, SourcePath};
use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::{ImageEncoder, ImageFormat};
use md5::Digest;

use crate::draw::{Dice, Picture};
use crate::exif::{self, Shot};
use crate::{DemoError, Expected, PdqOf, Truth};

/// A content that the national set has to know.
pub(crate) struct KnownContent {
    pub digests: Digests,
    pub pdq: Option<Pdq>,
    pub expected: Expected,
}

/// What was written.
pub(crate) struct Made {
    pub truth: Vec<Truth>,
    pub known: Vec<KnownContent>,
    pub ordinary: Vec<(Digests, String)>,
}

/// Encodes a picture as JPEG.
pub fn encode_jpeg(picture: &Picture, quality: u8) -> Result<Vec<u8>, DemoError> {
    let mut out = Vec::new();
    let (width, height) = picture.0.dimensions();
    let encoder = JpegEncoder::new_with_quality(&mut out, quality);
    encoder.write_image(picture.0.as_raw(), width, height, image::ExtendedColorType::Rgb8)?;
    Ok(out)
}

fn encode(picture: &Picture, format: ImageFormat) -> Result<Vec<u8>, DemoError> {
    let mut out = Cursor::new(Vec::new());
    if format == ImageFormat::Gif {
        // The default looks for the best palette, which takes seconds for a picture.
        let (width, height) = picture.0.dimensions();
        let mut encoder = GifEncoder::new_with_speed(&mut out, GIF_SPEED);
        encoder.encode(picture.0.as_raw(), width, height, image::ExtendedColorType::Rgb8)?;
        drop(encoder);
    } else {
        picture.0.write_to(&mut out, format)?;
    }
    Ok(out.into_inner())
}

/// Speed of the choice of colours, 1 (best) to 30.
const GIF_SPEED: i32 = 30;

fn digests(bytes: &[u8]) -> Digests {
    Digests {
        md5: Md5(md5::Md5::digest(bytes).into()),
        sha1: Sha1(sha1::Sha1::digest(bytes).into()),
        sha256: Sha256(sha2::Sha256::digest(bytes).into()),
        size_bytes: bytes.len() as u64,
    }
}

struct Folder<'a> {
    root: &'a Path,
    made: Made,
    seed: u64,
    pdq_of: PdqOf<'a>,
}

/// Writes all files.
pub(crate) fn write(root: &Path, seed: u64, pdq_of: PdqOf<'_>) -> Result<Made, DemoError> {
    let made = Made { truth: Vec::new(), known: Vec::new(), ordinary: Vec::new() };
    let mut folder = Folder { root, made, seed, pdq_of };
    folder.telephone()?;
    folder.downloads()?;
    folder.software()?;
    folder.look_alikes()?;
    folder.archives()?;
    folder.odd()?;
    folder.broken()?;
    folder.made.truth.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(folder.made)
}

impl Folder<'_> {
    fn put(&mut self, path: &[u8], bytes: &[u8], expected: Expected) -> Result<(), DemoError> {
        let full = self.root.join(OsStr::from_bytes(path));
        let failed = |source| DemoError::Write { path: full.clone(), source };
        if let Some(parent) = full.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        std::fs::write(&full, bytes).map_err(failed)?;
        self.tell(path, Some(digests(bytes)), expected);
        Ok(())
    }

    fn tell(&mut self, path: &[u8], digests: Option<Digests>, expected: Expected) {
        self.made.truth.push(Truth { path: SourcePath(path.to_vec()), expected, digests });
    }

    /// Lets the national set know a content.
    fn know(&mut self, picture: &Picture, bytes: &[u8], expected: Expected) {
        let (width, height) = picture.0.dimensions();
        let pdq = (self.pdq_of)(width, height, picture.0.as_raw());
        self.made.known.push(KnownContent { digests: digests(bytes), pdq, expected });
    }

    /// A camera folder: two telephones with serial numbers and places; every third picture is new.
    fn telephone(&mut self) -> Result<(), DemoError> {
        for number in 0..90u64 {
            let mut dice = Dice::new(self.seed, 10_000 + number);
            let picture = Picture::draw(self.seed, number, 640, 480);
            let is_second = number >= 50;
            let shot = Shot {
                make: if is_second { "Veldkijk" } else { "Polder" },
                model: if is_second { "VK-2" } else { "Fotofoon 7" },
                serial: if is_second { "VK2-0093317".to_owned() } else { "PF7-4410826".to_owned() },
                taken: format!(
                    "2025:0{}:{:02} {:02}:{:02}:{:02}",
                    1 + number / 30,
                    1 + number % 28,
                    8 + number % 12,
                    dice.below(60),
                    dice.below(60)
                ),
                offset: (!is_second).then_some("+01:00"),
                place: (number % 4 != 3).then(|| (52.0 + dice.unit() as f64 * 0.4, 4.3 + dice.unit() as f64 * 0.9)),
                orientation: if number % 7 == 0 { 6 } else { 1 },
            };
            let bytes = exif::into_jpeg(&encode_jpeg(&picture, 88)?, &shot);
            let expected = if number % 3 == 0 { Expected::New } else { Expected::Known };
            if expected == Expected::Known {
                self.know(&picture, &bytes, expected);
            }
            let dcim = if is_second { "telephone-2/DCIM/101VK" } else { "telephone-1/DCIM/100POLD" };
            self.put(format!("{dcim}/IMG_{:04}.JPG", 1200 + number).as_bytes(), &bytes, expected)?;
            if number % 5 == 1 {
                self.put(format!("laptop/copies/bewaard-{number}.jpg").as_bytes(), &bytes, expected)?;
            }
        }
        Ok(())
    }

    /// Pictures from the web, in every format that can be written here; four of five are known.
    fn downloads(&mut self) -> Result<(), DemoError> {
        let formats = [
            (ImageFormat::Png, "png"),
            (ImageFormat::WebP, "webp"),
            (ImageFormat::Gif, "gif"),
            (ImageFormat::Bmp, "bmp"),
            (ImageFormat::Tiff, "tif"),
            (ImageFormat::Jpeg, "jpg"),
        ];
        for number in 0..120u64 {
            let (format, extension) = formats[number as usize % formats.len()];
            let side = 240 + (number % 5) as u32 * 60;
            let picture = Picture::draw(self.seed, 1000 + number, side * 4 / 3, side);
            let bytes = encode(&picture, format)?;
            let expected = if number % 5 == 0 { Expected::New } else { Expected::Known };
            if expected == Expected::Known {
                self.know(&picture, &bytes, expected);
            }
            self.put(
                format!("laptop/downloads/{:02}/{number:03}.{extension}", number / 20).as_bytes(),
                &bytes,
                expected,
            )?;
        }
        Ok(())
    }

    /// Icons and wallpapers of programs: the list of ordinary files knows them.
    fn software(&mut self) -> Result<(), DemoError> {
        for number in 0..60u64 {
            let side = if number % 3 == 0 { 256 } else { 48 };
            let picture = Picture::draw(self.seed, 2000 + number, side, side);
            let bytes = encode(&picture, ImageFormat::Png)?;
            let path = format!("laptop/programs/tekenaar/icons/{side}/icon-{number}.png");
            self.made.ordinary.push((digests(&bytes), path.clone()));
            self.put(path.as_bytes(), &bytes, Expected::Ordinary)?;
        }
        Ok(())
    }

    /// Smaller and re-encoded copies: of known pictures (suggestions), and of new ones (stacks).
    fn look_alikes(&mut self) -> Result<(), DemoError> {
        for number in (1..40u64).filter(|number| number % 3 != 0).take(16) {
            let small = Picture::draw(self.seed, number, 640, 480).resized(480, 360);
            let bytes = encode_jpeg(&small, 70)?;
            self.put(format!("laptop/chat/verzonden-{number:03}.jpg").as_bytes(), &bytes, Expected::LooksKnown)?;
        }
        for number in (0..36u64).step_by(3) {
            let picture = Picture::draw(self.seed, number, 640, 480);
            let medium = encode_jpeg(&picture.resized(560, 420), 80)?;
            self.put(format!("laptop/chat/ontvangen-{number:03}.jpg").as_bytes(), &medium, Expected::New)?;
            let small = encode_jpeg(&picture.resized(320, 240), 60)?;
            self.put(format!("laptop/chat/klein-{number:03}.jpg").as_bytes(), &small, Expected::New)?;
        }
        Ok(())
    }

    /// A zip and a tar of an old disk, one inside the other.
    fn archives(&mut self) -> Result<(), DemoError> {
        let mut members = Vec::new();
        for number in 0..24u64 {
            let picture = Picture::draw(self.seed, 3000 + number, 480, 360);
            let bytes = encode_jpeg(&picture, 85)?;
            let expected = if number % 4 == 0 { Expected::New } else { Expected::Known };
            if expected == Expected::Known {
                self.know(&picture, &bytes, expected);
            }
            members.push((format!("backup/jaar-{}/{number:02}.jpg", 2019 + number / 8), bytes, expected));
        }
        let (inner, outer) = members.split_at(10);
        let tar = tar_of(inner).map_err(|source| self.failed("backup.tar", source))?;
        let mut zipped: Vec<(String, Vec<u8>, Expected)> = outer.to_vec();
        zipped.push(("backup/oud.tar".to_owned(), tar.clone(), Expected::Other));
        let zip = zip_of(&zipped).map_err(|source| self.failed("backup.zip", source))?;
        self.put(b"old-disk/backup.zip", &zip, Expected::Other)?;
        for (name, bytes, expected) in &zipped {
            self.tell(format!("old-disk/backup.zip!/{name}").as_bytes(), Some(digests(bytes)), *expected);
        }
        for (name, bytes, expected) in inner {
            let path = format!("old-disk/backup.zip!/backup/oud.tar!/{name}");
            self.tell(path.as_bytes(), Some(digests(bytes)), *expected);
        }
        Ok(())
    }

    fn failed(&self, name: &str, source: std::io::Error) -> DemoError {
        DemoError::Write { path: PathBuf::from(name), source }
    }

    /// Names that mislead, files whose extension lies, and what the sets are at odds about.
    fn odd(&mut self) -> Result<(), DemoError> {
        let names: [&[u8]; 7] = [
            b"odd/line\nbreak.jpg",
            b"odd/not-utf8-\xff\xfe.jpg",
            "odd/achterstevoren-\u{202e}gpj.exe.jpg".as_bytes(),
            b"odd/=cmd|' /C calc'!A0.jpg",
            b"odd/ leading and trailing .jpg ",
            "odd/één-naam-met-accenten-日本.jpg".as_bytes(),
            b"odd/-rf.jpg",
        ];
        for (number, name) in names.iter().enumerate() {
            let picture = Picture::draw(self.seed, 4000 + number as u64, 320, 240);
            self.put(name, &encode_jpeg(&picture, 80)?, Expected::New)?;
        }
        let lying = encode(&Picture::draw(self.seed, 4100, 320, 240), ImageFormat::Png)?;
        self.put(b"odd/a-png-in-truth.jpg", &lying, Expected::New)?;
        for (number, expected) in
            [(0, Expected::Conflict), (1, Expected::Conflict), (2, Expected::Quarantined), (3, Expected::Contradiction)]
        {
            let picture = Picture::draw(self.seed, 4200 + number, 640, 480);
            let bytes = encode_jpeg(&picture, 85)?;
            self.know(&picture, &bytes, expected);
            if expected == Expected::Quarantined {
                self.made.ordinary.push((digests(&bytes), "templates/default-banner.jpg".to_owned()));
            }
            self.put(format!("laptop/documents/bijlage-{number}.jpg").as_bytes(), &bytes, expected)?;
        }
        // The first bytes of an MP4 file: a type that is listed, without a picture.
        let mut video = b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2".to_vec();
        video.extend(Dice::new(self.seed, 4300).next().to_le_bytes().repeat(64));
        self.put(b"telephone-1/DCIM/100POLD/MOV_0001.MP4", &video, Expected::Other)?;
        self.put(b"laptop/documents/notes.txt", b"Afspraken voor volgende week.\n", Expected::Other)
    }

    /// What cannot be read.
    fn broken(&mut self) -> Result<(), DemoError> {
        let whole = encode_jpeg(&Picture::draw(self.seed, 5000, 320, 240), 80)?;
        let mut noise: Vec<u8> = whole[..4].to_vec();
        let mut dice = Dice::new(self.seed, 5001);
        noise.extend((0..400).flat_map(|_| dice.next().to_le_bytes()));
        self.put(b"broken/noise.jpg", &noise, Expected::Refused)?;
        let png = encode(&Picture::draw(self.seed, 5002, 64, 64), ImageFormat::Png)?;
        self.put(b"broken/head-only.png", &png[..24], Expected::Refused)?;
        self.put(b"broken/empty.jpg", b"", Expected::Refused)?;
        if let Some(last) = self.made.truth.last_mut() {
            last.digests = None;
        }
        let link = self.root.join("broken/shortcut.jpg");
        std::os::unix::fs::symlink("../telephone-1", &link)
            .map_err(|source| DemoError::Write { path: link.clone(), source })?;
        self.tell(b"broken/shortcut.jpg", None, Expected::Refused);
        Ok(())
    }
}

fn tar_of(members: &[(String, Vec<u8>, Expected)]) -> std::io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes, _) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(1_600_000_000);
        archive.append_data(&mut header, name, bytes.as_slice())?;
    }
    archive.into_inner()
}

fn zip_of(members: &[(String, Vec<u8>, Expected)]) -> std::io::Result<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    for (name, bytes, _) in members {
        archive.start_file(name, options).map_err(std::io::Error::other)?;
        archive.write_all(bytes)?;
    }
    Ok(archive.finish().map_err(std::io::Error::other)?.into_inner())
}
