//! Pictures made by code, and the way in to the decoder, shared by the decoder's tests.

#![allow(dead_code, missing_docs, reason = "each test program uses a part")]

pub mod made;

use std::io::{Cursor, Seek, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use domain::{Decoded, MediaClass, MediaType, Refusal};
use evidence::{DecodeLimits, Decoder};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_zeef-decode");

/// Starts the real decoder.
pub fn start() -> Decoder {
    Decoder::start(Path::new(PROGRAM), DecodeLimits::default()).unwrap()
}

/// Finds a program that only tests use, beside the decoder.
pub fn example(name: &str) -> PathBuf {
    Path::new(PROGRAM).with_file_name("examples").join(name)
}

/// Puts bytes into a file that has no name and opens it for reading only.
pub fn descriptor(bytes: &[u8]) -> OwnedFd {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    #[expect(clippy::disallowed_methods, reason = "the test opens what it made")]
    std::fs::File::open(file.path()).unwrap().into()
}

pub fn media(mime: &str) -> MediaType {
    MediaType { mime: mime.to_owned(), class: MediaClass::Picture }
}

/// Has bytes decoded as the named type.
pub fn decode(decoder: &mut Decoder, mime: &str, bytes: &[u8]) -> Result<Decoded, Refusal> {
    decoder.decode(descriptor(bytes), bytes.len() as u64, &media(mime))
}

/// Makes a smooth scene with a different colour in each quarter: red, green / blue, white, and a dark disc off the centre.
pub fn scene(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let (u, v) = (x as f32 / width as f32, y as f32 / height as f32);
        let shade = |value: f32| (value * (0.6 + 0.4 * u * v)) as u8;
        let disc = (u - 0.4).hypot(v - 0.3) < 0.15;
        let [r, g, b] = match (disc, u < 0.5, v < 0.5) {
            (true, ..) => [20.0, 25.0, 30.0],
            (_, true, true) => [220.0, 40.0, 40.0],
            (_, false, true) => [40.0, 210.0, 40.0],
            (_, true, false) => [40.0, 40.0, 230.0],
            (_, false, false) => [245.0, 245.0, 245.0],
        };
        Rgb([shade(r), shade(g), shade(b)])
    })
}

/// Encodes a picture.
pub fn encode(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Decodes a thumbnail.
pub fn thumbnail(decoded: &Decoded) -> RgbImage {
    image::load_from_memory_with_format(&decoded.thumbnail.jpeg, ImageFormat::Jpeg).unwrap().into_rgb8()
}

/// Gives the mean difference of two pictures of one size, 0 to 255.
pub fn difference(a: &RgbImage, b: &RgbImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let sum: u64 = a.as_raw().iter().zip(b.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.as_raw().len() as f64
}

/// Finds the folder of shared test data, or says that the test is skipped.
pub fn shared() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared");
    let folder = std::env::var_os("ZEEF_SHARED").map_or_else(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: needs ../shared");
    None
}

/// Reads a file of shared test data.
#[expect(clippy::disallowed_methods, reason = "test data, no media of a case")]
pub fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Tells how much memory this process holds, bytes.
#[expect(clippy::disallowed_methods, reason = "reads the kernel's account of this process")]
pub fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap() * 1024
}

/// Runs a program of a real producer in a folder of its own: `input` is given as a file of that name, and the file named
/// `output` is what it made. None, and a word that the test is skipped, where the program is not installed.
pub fn produced(program: &str, arguments: &[&str], input: (&str, &[u8]), output: &str) -> Option<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let mut file = tempfile::Builder::new().prefix("in").suffix(input.0).tempfile_in(folder.path()).unwrap();
    file.write_all(input.1).unwrap();
    let arguments = arguments.iter().map(|argument| match *argument {
        "IN" => file.path().as_os_str(),
        other => std::ffi::OsStr::new(other),
    });
    let run = std::process::Command::new(program).args(arguments).current_dir(folder.path()).output();
    let Ok(run) = run else {
        eprintln!("skipped: needs {program}");
        return None;
    };
    assert!(run.status.success(), "{program}: {}", String::from_utf8_lossy(&run.stderr));
    Some(read(&folder.path().join(output)))
}
