//! PDQ against Meta's vectors and against a slow computation written from the paper.

use std::path::PathBuf;

use super::*;

/// Finds Meta's pictures, which are no part of this repository.
fn vectors() -> Option<PathBuf> {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared"));
    let folder = std::env::var_os("ZEEF_SHARED").map_or_else(beside, PathBuf::from).join("vectors/pdq");
    let found = folder.join("vectors.csv").is_file();
    if !found {
        eprintln!("skipped: needs ../shared");
    }
    found.then_some(folder)
}

fn decoded(path: PathBuf) -> image::RgbImage {
    image::open(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display())).to_rgb8()
}

fn pdq_of(picture: &image::RgbImage, variant: PdqVariant) -> Option<PdqSet> {
    pdq(Rgb8 { width: picture.width(), height: picture.height(), pixels: picture.as_raw() }, variant)
}

#[test]
fn metas_vectors_are_met_within_two_bits() {
    let Some(folder) = vectors() else { return };
    let listed = std::io::read_to_string(std::io::BufReader::new(open(&folder.join("vectors.csv")))).unwrap();
    let mut checked = 0;
    for line in listed.lines().skip(1) {
        let (file, expected) = line.split_once(',').unwrap();
        let expected: Pdq = expected.parse().unwrap();
        let picture = decoded(folder.join(file));
        let sampled = pdq_of(&picture, PdqVariant::Sampled512).unwrap();
        let full = pdq_of(&picture, PdqVariant::FullResolution).unwrap();
        println!(
            "{file}: sampled {} bits (quality {}), full resolution {} bits (quality {})",
            sampled.own().distance(&expected),
            sampled.quality,
            full.own().distance(&expected),
            full.quality
        );
        assert!(sampled.own().distance(&expected) <= 2, "{file}");
        checked += 1;
    }
    assert_eq!(checked, 15);
}

#[expect(clippy::disallowed_methods, reason = "a test reads the vectors")]
fn open(path: &std::path::Path) -> std::fs::File {
    std::fs::File::open(path).unwrap()
}
