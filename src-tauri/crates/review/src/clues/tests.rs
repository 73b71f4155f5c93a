//! Clues, as tables: what is written in an item, and what it is taken for.

use domain::{GpsFix, ImageHash, MetadataValue};
use proptest::prelude::*;

use super::place::{Point, distance_m, may_be_one, points, shown};
use super::*;

/// Makes the facts of a picture of 4000 × 3000 pixels with these values: group, name, value.
fn facts(values: &[(&str, &str, &str)]) -> Facts {
    let metadata = values.iter().map(|(group, name, raw)| MetadataValue {
        group: (*group).to_owned(),
        name: (*name).to_owned(),
        raw: (*raw).to_owned(),
    });
    Facts {
        width: 4000,
        height: 3000,
        exif_orientation: 1,
        frames: None,
        pdq: None,
        image_hash: ImageHash(0),
        camera: Camera::default(),
        gps: None,
        taken: None,
        metadata: metadata.collect(),
        remarks: Vec::new(),
    }
}

/// Makes a row at a path, with facts.
pub(crate) fn row(number: u32, path: &str, facts: &Facts) -> Row {
    let path = SourcePath(path.as_bytes().to_vec());
    Row::new(&Given {
        number,
        sha256: domain::Sha256([number as u8; 32]),
        facts,
        source: SourceId(1),
        path: &path,
        places: 1,
        series: &[],
        known: false,
        category: None,
    })
}

/// Makes facts of a device.
pub(crate) fn of_device(make: &str, model: &str, serial: &str) -> Facts {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let camera = Camera { make: text(make), model: text(model), serial: text(serial), ..Camera::default() };
    Facts { camera, ..facts(&[]) }
}

fn at(latitude: f64, longitude: f64, radius_m: u32) -> LeadPlace {
    LeadPlace { latitude, longitude, radius_m }
}

/// Gives an angle of rationals in degrees; 52 where it is none.
fn degrees(angle: &str) -> f64 {
    let part = |part: &str| {
        let (upper, lower) = part.split_once('/').unwrap();
        upper.parse::<f64>().unwrap() / lower.parse::<f64>().unwrap()
    };
    let sum: f64 = angle.split(' ').zip([1.0, 60.0, 3600.0]).map(|(text, unit)| part(text) / unit).sum();
    if sum.is_finite() { sum } else { 52.0 }
}

#[test]
fn a_fix_is_as_exact_as_it_is_written() {
    let radius = |latitude: &str, longitude: &str, error: Option<&str>| {
        let mut values = vec![("gps", "GPSLatitude", latitude), ("gps", "GPSLongitude", longitude)];
        values.extend(error.map(|error| ("gps", "GPSHPositioningError", error)));
        let gps = Some(GpsFix { latitude: degrees(latitude), longitude: -degrees(longitude), altitude_m: None });
        place::of(&Facts { gps, ..facts(&values) }).unwrap().radius_m
    };
    for (latitude, longitude, error, expected) in [
        // A hundredth of a second is a third of a metre: as exact as a receiver is, and no more.
        ("52/1 4/1 3456/100", "4/1 28/1 1234/100", None, 10..=10),
        // A whole second: 31 metres along, 19 across.
        ("52/1 4/1 34/1", "4/1 28/1 12/1", None, 36..=37),
        // Minutes with three digits and no seconds: 1.9 metres.
        ("52/1 4123/1000 0/1", "4/1 28567/1000 0/1", None, 10..=10),
        // Minutes alone: 1.9 km along, 1.1 across. A zero for the seconds is not one that was measured.
        ("52/1 4/1 0/1", "4/1 28/1 0/1", None, 2_150..=2_180),
        // One of the seconds is 0 and the other is not: both were written.
        ("52/1 4/1 0/1", "4/1 28/1 12/1", None, 36..=37),
        // Degrees alone.
        ("52/1 0/1 0/1", "4/1 0/1 0/1", None, 130_000..=131_000),
        // Hundredths of a degree.
        ("5209/100 0/1 0/1", "512/100 0/1 0/1", None, 1_300..=1_320),
        // Six digits behind the point of which five are filling.
        ("52/1 4/1 34500000/1000000", "4/1 28/1 12300000/1000000", None, 10..=10),
        ("52/1 4/1 34000000/1000000", "4/1 28/1 12000000/1000000", None, 36..=37),
        // What the device says of its error counts where it is larger.
        ("52/1 4/1 3456/100", "4/1 28/1 1234/100", Some("65/1"), 65..=65),
        ("52/1 4/1 0/1", "4/1 28/1 0/1", Some("5/1"), 2_150..=2_180),
        ("52/1 4/1 3456/100", "4/1 28/1 1234/100", Some("5/0"), 10..=10),
        // Values that cannot be read tell nothing of their exactness.
        ("52/1 4/1", "4/1 28/1", None, 10..=10),
        ("52/0 4/1 1/1", "4/1 28/1 1/1", None, 10..=10),
    ] {
        let found = radius(latitude, longitude, error);
        assert!(expected.contains(&found), "{latitude} {longitude}: {found} m");
    }
}

#[test]
fn a_fix_of_xmp_is_as_exact_as_its_digits() {
    for (latitude, longitude, expected) in [
        ("52,4.123456N", "4,28.5E", 10..=10),
        ("52,4.12N", "4,28.50E", 21..=22),
        ("52,4N", "4,28E", 2_150..=2_180),
        ("52,4,34N", "4,28,12E", 36..=37),
        ("nowhere", "4,28,12E", 10..=10),
    ] {
        let values = [("xmp", "exif:GPSLatitude", latitude), ("xmp", "exif:GPSLongitude", longitude)];
        let facts = Facts { gps: Some(GpsFix { latitude: 52.0, longitude: 4.0, altitude_m: None }), ..facts(&values) };
        let found = place::of(&facts).unwrap().radius_m;
        assert!(expected.contains(&found), "{latitude} {longitude}: {found} m");
    }
    assert_eq!(place::of(&facts(&[("gps", "GPSLatitude", "52/1 4/1 1/1")])), None, "no fix is made up");
    // EXIF's angles were of no place, so that XMP's was taken: only its digits count.
    let values = [
        ("gps", "GPSLatitude", "51/1 4/1 3456/100"),
        ("gps", "GPSLongitude", "4/1 28/1 1234/100"),
        ("xmp", "exif:GPSLatitude", "52,4N"),
        ("xmp", "exif:GPSLongitude", "4,28E"),
    ];
    let gps = Some(GpsFix { latitude: 52.0 + 4.0 / 60.0, longitude: 4.0 + 28.0 / 60.0, altitude_m: None });
    assert!(place::of(&Facts { gps, ..facts(&values) }).unwrap().radius_m > 2_000);
}

#[test]
fn a_place_is_written_with_the_digits_that_it_bears() {
    for (place, text) in [
        (at(51.924_41, 4.477_73, 10), "51.9244 N, 4.4777 E ± 10 m"),
        (at(51.924_41, 4.477_73, 110), "51.924 N, 4.478 E ± 110 m"),
        (at(-33.856_8, -151.215_3, 1_234), "33.86 S, 151.22 W ± 1300 m"),
        (at(52.0, 4.0, 130_900), "52 N, 4 E ± 140 km"),
    ] {
        assert_eq!(shown(&place), text);
    }
}

#[test]
fn the_figures_of_a_written_place_are_read_back() {
    let figures =
        |text: &str| place::read(text).map(|place| (place.latitude, place.longitude, place.digits, place.radius_m));
    assert_eq!(figures("51.9244 N, 4.4777 E ± 10 m"), Some((51.9244, 4.4777, 4, 10)));
    assert_eq!(figures("33.86 S, 151.22 W ± 1300 m"), Some((-33.86, -151.22, 2, 1_300)));
    assert_eq!(figures("52 N, 4 E ± 140 km"), Some((52.0, 4.0, 0, 140_000)));
    for other in ["", "52 N", "52 N, 4 E", "52 X, 4 E ± 1 m", "52 N, 4 N ± 1 m", "a N, 4 E ± 1 m", "52 N, 4.1 E ± 1 m"]
    {
        assert_eq!(figures(other), None, "{other}");
    }
}

#[test]
fn fixes_within_their_radii_are_one_point_and_others_are_not() {
    // A degree along a meridian is about 111,195 metres.
    let north = |metres: f64| 52.0 + metres / 111_195.0;
    let near = points(&[(1, at(52.0, 4.0, 10)), (2, at(north(7.5), 4.0, 12))]);
    assert_eq!(near, [Point { place: at(52.0, 4.0, 20), items: vec![1, 2] }]);
    // A chain of places that are each near to the next does not become one.
    let chain: Vec<(u32, LeadPlace)> = (0..5).map(|at_| (at_, at(north(8.0 * f64::from(at_)), 4.0, 10))).collect();
    let found: Vec<Vec<u32>> = points(&chain).into_iter().map(|point| point.items).collect();
    assert_eq!(found, [vec![0, 1], vec![2, 3], vec![4]]);
    // What is known to a kilometre does not blur what is known to ten metres.
    let mixed = points(&[(1, at(52.0, 4.0, 10)), (2, at(52.0, 4.0, 1000)), (3, at(52.0, 4.0, 10))]);
    assert_eq!(
        mixed,
        [Point { place: at(52.0, 4.0, 10), items: vec![1, 3] }, Point { place: at(52.0, 4.0, 1000), items: vec![2] },]
    );
    // On both sides of the date line, and around the pole.
    assert_eq!(points(&[(1, at(0.0, 179.999_99, 10)), (2, at(0.0, -179.999_99, 10))]).len(), 1);
    assert_eq!(points(&[(1, at(89.999_99, 0.0, 10)), (2, at(89.999_99, 180.0, 10))]).len(), 1);
    assert!(may_be_one(&at(52.0, 4.0, 1000), &at(north(1_005.0), 4.0, 10)));
    assert!(!may_be_one(&at(52.0, 4.0, 1000), &at(north(1_015.0), 4.0, 10)));
}

/// Gathers places by asking every point, in the same order.
fn points_naive(places: &[(u32, LeadPlace)]) -> Vec<Vec<u32>> {
    let mut order = places.to_vec();
    order.sort_by(|(a, one), (b, other)| {
        let key = |place: &LeadPlace| (place.radius_m, place.latitude, place.longitude);
        key(one).partial_cmp(&key(other)).unwrap().then(a.cmp(b))
    });
    let mut found: Vec<(LeadPlace, Vec<u32>)> = Vec::new();
    for (item, place) in order {
        let metres =
            |first: &LeadPlace| distance_m((first.latitude, first.longitude), (place.latitude, place.longitude));
        let near = found.iter().enumerate().filter(|(_, (first, _))| {
            place.radius_m <= 2 * first.radius_m && metres(first) <= f64::from(first.radius_m)
        });
        let best = near.min_by(|a, b| metres(&a.1.0).total_cmp(&metres(&b.1.0))).map(|(at, _)| at);
        match best {
            Some(at) => found[at].1.push(item),
            None => found.push((place, vec![item])),
        }
    }
    let mut found: Vec<Vec<u32>> = found.into_iter().map(|(_, items)| items).collect();
    found.iter_mut().for_each(|items| items.sort_unstable());
    found.sort();
    found
}

proptest! {
    #[test]
    fn points_are_those_that_asking_every_point_gives_and_hold_their_places(
        parts in prop::collection::vec((0u8..4, -60i32..60, -60i32..60, 10u32..90), 1..60),
    ) {
        const CENTRES: [(f64, f64); 4] = [(52.0, 4.0), (0.0, 180.0), (89.9999, 10.0), (-45.0, -0.0001)];
        let places: Vec<(u32, LeadPlace)> = parts.iter().enumerate().map(|(number, (centre, up, across, radius_m))| {
            let (latitude, longitude) = CENTRES[usize::from(*centre)];
            // Steps of about two metres.
            let latitude = (latitude + f64::from(*up) * 0.000_02).clamp(-90.0, 90.0);
            let longitude = (longitude + f64::from(*across) * 0.000_02 + 180.0).rem_euclid(360.0) - 180.0;
            (number as u32, at(latitude, longitude, *radius_m))
        }).collect();
        let found = points(&places);
        let mut items: Vec<Vec<u32>> = found.iter().map(|point| point.items.clone()).collect();
        items.sort();
        prop_assert_eq!(items, points_naive(&places));
        let mut turned = places.clone();
        turned.reverse();
        prop_assert_eq!(&found, &points(&turned), "the order of the items does not matter");
        for point in &found {
            for item in &point.items {
                let place = &places[*item as usize].1;
                let metres = distance_m((point.place.latitude, point.place.longitude), (place.latitude, place.longitude));
                prop_assert!(metres + f64::from(place.radius_m) <= f64::from(point.place.radius_m) + 1e-6);
            }
        }
    }
}

#[test]
fn a_device_is_told_by_what_is_a_serial_number() {
    for (make, model, serial, name, has_serial) in [
        ("Canon", "Canon EOS 2000D", "063021004415", "Canon EOS 2000D, 063021004415", true),
        ("NIKON CORPORATION", "NIKON D90", "6051234", "NIKON D90, 6051234", true),
        ("Apple", "iPhone 12", "", "Apple iPhone 12", false),
        ("SONY", "DSC-W800", "00000000", "SONY DSC-W800", false),
        ("SONY", "DSC-W800", "XXXXXXXX", "SONY DSC-W800", false),
        ("SONY", "DSC-W800", "unknown", "SONY DSC-W800", false),
        ("SONY", "DSC-W800", " 12 ", "SONY DSC-W800", false),
        ("", "", "063021", "063021", true),
        ("", "", "", "", false),
    ] {
        let found = device(&of_device(make, model, serial).camera);
        assert_eq!((found.name.as_str(), found.has_serial), (name, has_serial), "{make} {model} {serial}");
        assert_eq!(found.key.is_empty(), name.is_empty());
    }
    let key = |make: &str, model: &str| device(&of_device(make, model, "").camera).key;
    assert_ne!(key("a/b", "c"), key("a", "b/c"), "no two devices have one key");
}

#[test]
fn names_are_taken_apart_around_their_last_number() {
    for (name, before, number, behind, of_camera) in [
        ("IMG_2207.JPG", "IMG_", Some((2207, 4)), ".jpg", true),
        ("DSC00017.jpg", "DSC", Some((17, 5)), ".jpg", true),
        ("P1010005.JPG", "P", Some((1_010_005, 7)), ".jpg", true),
        ("20250114_101112.jpg", "20250114_", Some((101_112, 6)), ".jpg", true),
        ("IMG_20250114_101112.jpg", "IMG_20250114_", Some((101_112, 6)), ".jpg", true),
        ("PXL_20250114_101112123.jpg", "PXL_20250114_101112123", None, ".jpg", true),
        ("IMG_20251314_101112.jpg", "IMG_20251314_", Some((101_112, 6)), ".jpg", false),
        ("IMG-20250114-WA0012.jpg", "IMG-20250114-WA", Some((12, 4)), ".jpg", false),
        ("IMG_2207 (1).JPG", "IMG_2207 (", Some((1, 1)), ").jpg", false),
        ("IMG_2207-edited.JPG", "IMG_", Some((2207, 4)), "-edited.jpg", false),
        ("12345678.jpg", "12345678", None, ".jpg", false),
        ("holiday.jpg", "holiday", None, ".jpg", false),
        (".jpg", ".jpg", None, "", false),
        ("", "", None, "", false),
    ] {
        let found = Name::of(name.as_bytes());
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        assert_eq!((text(&found.before).as_str(), found.number), (before, number), "{name}");
        assert_eq!(text(&found.behind), behind, "{name}");
        assert_eq!(found.is_of_camera(), of_camera, "{name}");
    }
}

/// Values of a camera original of 4000 × 3000 pixels.
const ORIGINAL: &[(&str, &str, &str)] = &[
    ("container", "JPEG.Frame", "baseline"),
    ("container", "JPEG.Segments", "Exif, MPF"),
    ("exif", "PixelXDimension", "4000"),
    ("exif", "PixelYDimension", "3000"),
    ("exif", "ExposureTime", "1/60"),
    ("exif", "FNumber", "28/10"),
    ("exif", "PhotographicSensitivity", "400"),
    ("exif", "MakerNote", "4096 bytes, from 01"),
    ("derived", "thumbnail.distance", "3"),
];

/// Makes the facts of an original, with some values changed; an empty value is taken out.
fn original(changes: &[(&'static str, &'static str, &'static str)]) -> Facts {
    let kept = ORIGINAL.iter().filter(|value| !changes.iter().any(|change| (change.0, change.1) == (value.0, value.1)));
    let values: Vec<_> = kept.chain(changes.iter().filter(|change| !change.2.is_empty())).copied().collect();
    let taken = TakenAt { local: "2025-01-14T10:11:12".into(), offset: None };
    Facts { camera: of_device("Canon", "EOS 2000D", "063021").camera, taken: Some(taken), ..facts(&values) }
}

#[test]
fn each_sign_of_a_camera_original_is_read_from_a_value() {
    let signs = Signs::of(&original(&[]));
    assert!(signs.is_original() && signs.is_whole() && !signs.edited);
    assert_eq!(signs.thumbnail, EmbeddedPicture::Fits);
    // What is changed; whether it is still an original, edited, and how its small picture stands.
    use EmbeddedPicture::{Differs, Fits, Unknown, Unsure};
    type Case = (&'static str, &'static str, &'static str, bool, bool, EmbeddedPicture);
    let cases: &[Case] = &[
        ("exif", "PixelXDimension", "1600", false, false, Fits),
        ("exif", "PixelXDimension", "", false, false, Fits),
        ("exif", "ExposureTime", "", false, false, Fits),
        ("exif", "MakerNote", "", true, false, Fits),
        ("exif", "Software", "Adobe Photoshop 25.1", false, true, Fits),
        ("exif", "Software", "Version1.02", true, false, Fits),
        ("exif", "Software", "17.2.1", true, false, Fits),
        ("exif", "ImageEditingSoftware", "Any", false, true, Fits),
        ("xmp", "xmp:CreatorTool", "GIMP 2.10", false, true, Fits),
        ("xmp", "stEvt:action", "saved", false, true, Fits),
        ("xmp", "Iptc4xmpExt:DigitalSourceType", "http://x/trainedAlgorithmicMedia", false, true, Fits),
        ("xmp", "Iptc4xmpExt:DigitalSourceType", "http://x/digitalCapture", true, false, Fits),
        ("container", "JPEG.Frame", "progressive", false, true, Fits),
        ("container", "JPEG.Segments", "Exif, Photoshop, XMP", false, true, Fits),
        ("container", "JPEG.Segments", "", true, false, Fits),
        ("derived", "thumbnail.distance", "12", true, false, Unsure),
        ("derived", "thumbnail.distance", "30", false, false, Differs),
        ("derived", "thumbnail.distance", "", true, false, Unknown),
    ];
    for &(group, name, raw, is_original, edited, thumbnail) in cases {
        let signs = Signs::of(&original(&[(group, name, raw)]));
        let found = (signs.is_original(), signs.edited, signs.thumbnail);
        assert_eq!(found, (is_original, edited, thumbnail), "{name} = {raw}");
    }
    let mut turned = original(&[]);
    (turned.width, turned.height) = (3000, 4000);
    assert!(Signs::of(&turned).is_original(), "EXIF states the size as it is stored");
}

/// Writes clues as `kind value items (among)`.
fn told(clues: &[Clue]) -> Vec<String> {
    clues.iter().map(|clue| format!("{} {} {:?} {}", clue.kind.as_str(), clue.value, clue.items, clue.among)).collect()
}

fn some_rows() -> Vec<Row> {
    let canon = of_device("Canon", "EOS 2000D", "063021");
    let mut placed = canon.clone();
    placed.gps = Some(GpsFix { latitude: 51.924, longitude: 4.478, altitude_m: None });
    placed.camera.owner = Some("J. Doe".into());
    let mut odd = facts(&[("derived", "thumbnail.distance", "25")]);
    odd.camera.software = Some("=cmd|' /C calc'!A0".into());
    vec![
        row(1, "DCIM/IMG_0007.JPG", &canon),
        row(2, "DCIM/IMG_0008.JPG", &placed),
        row(3, "DCIM/IMG_0012.JPG", &placed),
        row(4, "DCIM/IMG_0100.JPG", &canon),
        row(5, "sent/a.jpg", &odd),
    ]
}

#[test]
fn what_items_share_is_a_clue_and_the_strongest_comes_first() {
    assert_eq!(
        told(&clues(&some_rows(), None)),
        [
            "serial Canon EOS 2000D, 063021 [1, 2, 3, 4] 4",
            "owner J. Doe [2, 3] 2",
            "place 51.9240 N, 4.4780 E ± 10 m [2, 3] 2",
            "thumbnail-differs  [5] 1",
            "sequence IMG_0007 → IMG_0012 [1, 2, 3] 3",
            "camera Canon EOS 2000D [1, 2, 3, 4] 4",
            "folder 1: DCIM/ [1, 2, 3, 4] 4",
        ]
    );
}

#[test]
fn the_clues_of_a_lead_name_the_items_that_they_lead_to() {
    let rows = some_rows();
    let found = told(&clues(&rows, Some(&[2])));
    assert_eq!(
        found[..3],
        [
            "serial Canon EOS 2000D, 063021 [1, 2, 3, 4] 1",
            "owner J. Doe [2, 3] 1",
            "place 51.9240 N, 4.4780 E ± 10 m [2, 3] 1",
        ]
    );
    // What one item alone has is told of it, and what it has not is not.
    let found = told(&clues(&rows, Some(&[5])));
    assert_eq!(found, ["thumbnail-differs  [5] 1", "software =cmd|' /C calc'!A0 [5] 1", "folder 1: sent/ [5] 1"]);
    assert!(clues(&rows, Some(&[])).is_empty());
}

#[test]
fn a_run_stays_within_a_folder_a_form_of_names_and_small_gaps() {
    for (names, expected) in [
        (vec!["d/IMG_0001.JPG", "d/IMG_0002.JPG", "d/img_0003.jpg"], vec!["IMG_0001 → img_0003"]),
        (vec!["d/IMG_0001.JPG", "d/IMG_0002.JPG", "e/IMG_0003.JPG"], vec![]),
        (vec!["d/IMG_0001.JPG", "d/IMG_0002.JPG", "d/IMG_0003.PNG"], vec![]),
        (vec!["d/IMG_0001.JPG", "d/IMG_0002.JPG", "d/IMG_003.JPG"], vec![]),
        (vec!["d/IMG_0001.JPG", "d/IMG_0007.JPG", "d/IMG_0013.JPG"], vec!["IMG_0001 → IMG_0013"]),
        (vec!["d/IMG_0001.JPG", "d/IMG_0008.JPG", "d/IMG_0015.JPG"], vec![]),
        (vec!["d/1.jpg", "d/2.jpg", "d/3.jpg"], vec!["1 → 3"]),
        (vec!["d/IMG_0001.JPG", "d/img_0001.jpg", "d/Img_0001.Jpg"], vec![]),
    ] {
        let none = facts(&[]);
        let rows: Vec<Row> =
            names.iter().enumerate().map(|(number, name)| row(number as u32 + 1, name, &none)).collect();
        let found: Vec<String> = sequences(&rows).into_iter().map(|run| run.value).collect();
        assert_eq!(found, expected, "{names:?}");
    }
}

#[test]
fn names_that_would_mislead_are_shown_escaped() {
    let none = facts(&[]);
    let rows = ["a\u{202e}/1.jpg", "a\u{202e}/2.jpg", "a\u{202e}/3.jpg"];
    let rows: Vec<Row> = rows.iter().enumerate().map(|(at, name)| row(at as u32 + 1, name, &none)).collect();
    let found = told(&clues(&rows, None));
    assert!(found.iter().any(|clue| clue == "folder 1: a\\u{202e}/ [1, 2, 3] 3"), "{found:?}");
}
