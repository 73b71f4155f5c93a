//! What ranks an item, as a table.

use domain::{Facts, SourceId, SourcePath, TakenAt};

use super::*;
use crate::clues::{Given, tests::of_device};

/// Makes ten camera originals of one device, `IMG_0001.JPG` and on.
fn originals() -> Vec<Row> {
    (1..=10).map(|number| row(number, &format!("DCIM/IMG_{number:04}.JPG"), &original(), false)).collect()
}

fn original() -> Facts {
    let values = [
        ("exif", "PixelXDimension", "4000"),
        ("exif", "PixelYDimension", "3000"),
        ("exif", "ExposureTime", "1/60"),
        ("exif", "FNumber", "28/10"),
        ("exif", "PhotographicSensitivity", "400"),
        ("exif", "MakerNote", "4096 bytes, from 01"),
        ("derived", "thumbnail.distance", "3"),
    ];
    let mut facts = of_device("Canon", "EOS 2000D", "063021");
    facts.taken = Some(TakenAt { local: "2025-01-14T10:11:12".into(), offset: None });
    facts.metadata.extend(values.map(|(group, name, raw)| domain::MetadataValue {
        group: group.into(),
        name: name.into(),
        raw: raw.into(),
    }));
    facts
}

fn row(number: u32, path: &str, facts: &Facts, known: bool) -> Row {
    Row::new(&Given {
        number,
        sha256: domain::Sha256([number as u8; 32]),
        facts,
        source: SourceId(1),
        path: &SourcePath(path.as_bytes().to_vec()),
        places: 1,
        series: &[],
        known,
        category: None,
    })
}

#[test]
fn the_points_of_all_reasons_are_a_hundred() {
    assert_eq!(Reason::ALL.map(Reason::points).iter().sum::<u32>(), 100);
    assert!(Reason::ALL.is_sorted_by(|a, b| a.points() >= b.points() && a < b));
}

#[test]
fn each_reason_is_shown_and_counted() {
    use Reason::{DeviceInCase, MetadataWhole, NoKnownMatch, Original, Sequence, ThumbnailFits, Unedited};
    let change = |change: &dyn Fn(&mut Facts)| {
        let mut facts = original();
        change(&mut facts);
        facts
    };
    let drop_value = |name: &'static str| change(&|facts| facts.metadata.retain(|value| value.name != name));
    let edited = change(&|facts| facts.camera.software = Some("Adobe Photoshop".into()));
    let lone = change(&|facts| facts.camera.serial = Some("9999001".into()));
    let all = Reason::ALL.to_vec();
    let without = |gone: &[Reason]| all.iter().copied().filter(|reason| !gone.contains(reason)).collect::<Vec<_>>();
    for (path, facts, known, reasons) in [
        ("DCIM/IMG_0011.JPG", original(), false, all.clone()),
        ("DCIM/IMG_0011.JPG", original(), true, without(&[NoKnownMatch])),
        ("DCIM/IMG_0011.JPG", drop_value("MakerNote"), false, without(&[MetadataWhole])),
        ("DCIM/IMG_0011.JPG", drop_value("thumbnail.distance"), false, without(&[ThumbnailFits])),
        ("DCIM/IMG_0011.JPG", drop_value("PixelXDimension"), false, without(&[Original])),
        ("DCIM/IMG_0011.JPG", edited, false, without(&[Original, Unedited])),
        ("DCIM/IMG_0011.JPG", lone, false, without(&[DeviceInCase])),
        ("DCIM/IMG_0500.JPG", original(), false, without(&[Sequence])),
        ("DCIM/holiday.JPG", original(), false, without(&[Sequence])),
    ] {
        let mut rows = originals();
        rows.push(row(11, path, &facts, known));
        let made = made_here(&rows);
        let ranked = made.ranked.iter().find(|ranked| ranked.number == 11).unwrap();
        assert_eq!(ranked.reasons, reasons, "{path}");
        assert_eq!(ranked.points, reasons.iter().map(|reason| reason.points()).sum::<u32>());
        for reason in Reason::ALL {
            let count = made.ranked.iter().filter(|ranked| ranked.reasons.contains(&reason)).count() as u32;
            assert_eq!(made.counts.get(&reason).copied().unwrap_or_default(), count, "{reason:?}");
        }
        assert!(made.ranked.is_sorted_by_key(|ranked| (std::cmp::Reverse(ranked.points), ranked.number)));
    }
}

#[test]
fn what_names_no_device_or_has_nothing_for_it_is_not_ranked() {
    // It names a device and lacks all signs of an editor; that alone says nothing of who made it.
    let bare = row(4, "d.jpg", &of_device("Canon", "EOS 2000D", ""), false);
    let mut nameless = original();
    nameless.camera.make = None;
    let rows = [
        row(1, "a.png", &of_device("", "", ""), false),
        row(2, "b.jpg", &nameless, false),
        row(3, "c.jpg", &original(), false),
        bare,
    ];
    let numbers: Vec<u32> = made_here(&rows).ranked.iter().map(|ranked| ranked.number).collect();
    assert_eq!(numbers, [3]);
}
