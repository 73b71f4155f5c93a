//! Metadata that mean harm: loops, floods, bombs, and damage of every kind.

use super::made::Draw;
use super::*;

#[test]
fn loops_of_directories_end() {
    for order in ORDERS {
        let mut made = Exif::new(order);
        made.exif = vec![ascii(0xa431, "BODY-0042")];
        let mut bytes = made.bytes();
        // The picture's pointer to EXIF leads back to the picture.
        let value = 8 + 2 + 8;
        bytes[value..value + 4].copy_from_slice(&made.u32(8));
        let found = read("image/tiff", &bytes);
        assert!(found.remarks[0].contains("leads back"), "{:?}", found.remarks);
        assert!(found.values.len() <= 2);
    }
}

#[test]
fn huge_counts_cost_nothing() {
    for (kind, count) in [(kind::ASCII, u32::MAX), (kind::RATIONAL, u32::MAX), (kind::DOUBLE, 0x2000_0000), (99, 1)] {
        let mut made = Exif::new(Order::Little);
        made.picture = vec![Tag(0x010f, kind, count, vec![0; 8]), ascii(0x0110, "Model")];
        let found = read_exif(&made);
        assert_eq!((found.camera.make, found.camera.model.as_deref()), (None, Some("Model")));
        assert!(found.remarks[0].contains("outside"), "{:?}", found.remarks);
    }
    // A directory that claims more entries than there are bytes.
    let found = read("image/tiff", b"II\x2a\0\x08\0\0\0\xff\xff\x12\x01\x03\0\x01\0\0\0\x03\0\0\0");
    assert_eq!(found.orientation, 3);
    assert!(found.remarks[0].contains("cut off"));
}

#[test]
fn a_flood_of_values_is_cut_and_drowns_nothing() {
    let mut made = full(Order::Big);
    let flood: Vec<Tag> = (0..5000_u16).map(|index| raw(0x2000 + index, kind::UNDEFINED, &[1; 5])).collect();
    made.exif.splice(0..0, flood.into_iter().take(3900));
    let found = metadata(&media("image/tiff"), &made.bytes());
    assert_eq!(found.values.len(), VALUES_MAX);
    assert_eq!(found.camera.serial.as_deref(), Some("BODY-0042"));
    assert!(raw_of(&found, "BodySerialNumber").is_some() && raw_of(&found, "GPSLatitude").is_some());
    assert!(found.remarks.iter().any(|remark| remark.contains("more metadata values")));
}

#[test]
fn entities_are_inert() {
    let mut bomb = String::from("<!DOCTYPE x [<!ENTITY a0 \"ha\"><!ENTITY e SYSTEM \"file:///etc/hostname\">");
    for level in 1..20 {
        let before = level - 1;
        bomb.push_str(&format!("<!ENTITY a{level} \"&a{before};&a{before};&a{before};&a{before};\">"));
    }
    bomb.push_str("]>");
    bomb.push_str(&packet(r#"<d xmp:Label="&a19;&e;"><xmp:CreatorTool>&a19;&e;</xmp:CreatorTool></d>"#));
    let found = read("image/jpeg", &jpeg(&[(0xe1, &[made::XMP_HEAD, bomb.as_bytes()].concat())]));
    assert_eq!(raw_of(&found, "xmp:Label"), Some("&a19;&e;"));
    assert_eq!(raw_of(&found, "xmp:CreatorTool"), Some("&a19;&e;"));
    assert!(found.remarks.iter().any(|remark| remark.contains("document type")));
}

#[test]
fn deep_long_and_broken_xmp_ends() {
    let deep = read_xmp(&"<a>".repeat(10_000));
    assert!(deep.remarks[0].contains("not well-formed"));
    let many: String = (0..4000).map(|n| format!("<d xmp:Label='{n}'/>")).collect();
    let file = png(&[(b"iTXt", [b"XML:com.adobe.xmp\0\0\0\0\0", packet(&many).as_bytes()].concat())]);
    let found = read("image/png", &file);
    assert!(found.values.len() <= VALUES_MAX && !found.values.is_empty());
    let attributes: String = (0..30_000).map(|n| format!(" a{n}='x'")).collect();
    let long = packet(&format!("<d xmp:Label='kept'/><d{attributes}/>"));
    let file = png(&[(b"iTXt", [b"XML:com.adobe.xmp\0\0\0\0\0", long.as_bytes()].concat())]);
    let found = read("image/png", &file);
    assert_eq!(raw_of(&found, "xmp:Label"), Some("kept"));
    assert!(found.remarks.iter().any(|remark| remark.contains("longer than is read")), "{:?}", found.remarks);
}

#[test]
fn texts_that_inflate_without_end_are_left_out() {
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut packed, &vec![b'x'; 32 << 20]).unwrap();
    let chunk = [b"parameters\0\0".as_slice(), &packed.finish().unwrap()].concat();
    let found = read("image/png", &png(&[(b"zTXt", chunk.clone()), (b"zTXt", chunk)]));
    assert!(found.values.is_empty());
    assert!(found.remarks[0].contains("too long"));
}

/// Damages files of every container and reads them; a panic or an endless loop would fail the run. Limits hold always.
#[test]
fn damaged_files_are_survived() {
    const SEED: u64 = 0x5a65_6566_0001;
    const ROUNDS: usize = 6_000;
    println!("seed {SEED:#x}");
    let mut draw = Draw(SEED);
    let xmp = packet(r#"<rdf:Description exif:GPSLatitude="52,5.4N" exif:GPSLongitude="5,7.2E" xmp:Label="&#65;"/>"#);
    let mut originals = Vec::new();
    for order in ORDERS {
        let mut exif = full(order);
        let note = [b"OLYMPUS\0II\x03\0\x01\0\x10\x20\x0d\0\x01\0\0\0\x1e\0\0\0".as_slice(), &[0; 40]].concat();
        exif.exif.push(raw(0x927c, kind::UNDEFINED, &note));
        originals.extend(files(&exif.bytes(), xmp.as_bytes()));
        originals.push(("image/tiff", exif.bytes()));
        originals.push(("image/avif", files(&exif.bytes(), xmp.as_bytes())[3].1.clone()));
    }
    let mut gif = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff\x21\xfe\x05hello\0\x21\xff\x0bXMP DataXMP".to_vec();
    gif.extend(xmp.as_bytes());
    gif.extend(b"\x01\xff\xfe\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\x3b");
    originals.push(("image/gif", gif));
    for round in 0..ROUNDS {
        for (mime, original) in &originals {
            let mut bytes = original.clone();
            draw.damage(&mut bytes);
            let found = metadata(&media(mime), &bytes);
            let sound = (1..=8).contains(&found.orientation)
                && found.values.len() <= VALUES_MAX
                && found.remarks.len() <= REMARKS_MAX
                && found.values.iter().all(|value| value.raw.len() <= text::TEXT_BYTES_MAX + 3)
                && found.gps.is_none_or(|gps| gps.latitude.abs() <= 90.0 && gps.longitude.abs() <= 180.0)
                && found.values.iter().all(|value| !value.raw.chars().any(char::is_control));
            assert!(sound, "{mime}, round {round}: {found:?}");
        }
    }
}
