//! Meta's PDQ vectors through the decoder's whole path: JPEG and PNG, EXIF orientation, samples, value.

use std::path::Path;

use domain::{Decoded, Pdq, PdqSet, PdqVariant};
use evidence::Decoder;

use crate::pictures::{decode, read, shared, start};

/// Decodes one of Meta's files.
fn decoded(decoder: &mut Decoder, path: &Path) -> Decoded {
    let bytes = read(path);
    let mime = evidence::media_type(&bytes).mime;
    decode(decoder, &mime, &bytes).unwrap_or_else(|refusal| panic!("{}: {}", path.display(), refusal.detail))
}

fn value(decoded: &Decoded) -> &PdqSet {
    let set = decoded.facts.pdq.as_ref().unwrap();
    assert_eq!(set.variant, PdqVariant::Sampled512, "the variant goes with the value");
    set
}

#[test]
fn metas_vectors_are_met_within_two_bits_by_the_decoder() {
    let Some(folder) = shared().map(|shared| shared.join("vectors/pdq")) else { return };
    let mut decoder = start();
    let listed = String::from_utf8(read(&folder.join("vectors.csv"))).unwrap();
    let mut checked = 0;
    for line in listed.lines().skip(1) {
        let (file, expected) = line.split_once(',').unwrap();
        let expected: Pdq = expected.parse().unwrap();
        let decoded = decoded(&mut decoder, &folder.join(file));
        let distance = value(&decoded).own().distance(&expected);
        println!("{file}: {distance} bits");
        assert!(distance <= 2, "{file}: {distance} bits");
        checked += 1;
    }
    assert_eq!(checked, 15);
}

#[test]
fn the_eight_bridges_are_orientations_of_one_another() {
    let Some(folder) = shared().map(|shared| shared.join("vectors/pdq")) else { return };
    let mut decoder = start();
    let names = ["1-original", "2-rotate-90", "3-rotate-180", "4-rotate-270", "5-flipx", "6-flipy", "7-flip-plus-1"];
    let names = names.into_iter().chain(["8-flip-minus-1"]);
    let all: Vec<Decoded> =
        names.map(|name| decoded(&mut decoder, &folder.join(format!("bridge-{name}.jpg")))).collect();
    for (from, one) in all.iter().enumerate() {
        for (to, other) in all.iter().enumerate() {
            let own = value(other).own();
            let near = value(one).orientations.iter().filter(|turned| turned.distance(&own) <= PdqSet::RADIUS).count();
            assert_eq!(near, 1, "bridges {} and {}", from + 1, to + 1);
            let upright = value(one).own().distance(&own) <= PdqSet::RADIUS;
            assert_eq!(upright, from == to, "bridges {} and {}", from + 1, to + 1);
        }
    }
}

#[test]
fn exif_orientation_is_obeyed_before_the_value_is_taken() {
    let Some(folder) = shared().map(|shared| shared.join("vectors/pdq")) else { return };
    let mut decoder = start();
    // Four photographs of one thing, each with the camera held otherwise: upright, all of them stand as the others do.
    for number in [1, 3, 6, 8] {
        let path = folder.join(format!("exif-rotn-{number}.jpg"));
        let shown = decoded(&mut decoder, &path);
        assert_eq!(shown.facts.exif_orientation, number, "{}", path.display());
        let mut stored = image::load_from_memory(&read(&path)).unwrap();
        stored.apply_orientation(image::metadata::Orientation::from_exif(number).unwrap());
        let upright = stored.into_rgb8();
        assert_eq!((shown.facts.width, shown.facts.height), upright.dimensions());
        let (width, height) = upright.dimensions();
        let picture = evidence::Rgb8 { width, height, pixels: upright.as_raw() };
        let expected = evidence::pdq(picture, PdqVariant::Sampled512).unwrap();
        let distance = value(&shown).own().distance(&expected.own());
        assert!(distance <= 2, "{}: {distance} bits", path.display());
    }
}
