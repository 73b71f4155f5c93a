//! Metadata on files made here, honest and hostile.

mod hostile;
mod made;

use made::{Exif, Tag, ascii, files, full, jpeg, media, packet, place, png, raw};

use super::tiff::{Order, kind};
use super::*;

const ORDERS: [Order; 2] = [Order::Little, Order::Big];

fn read(mime: &str, bytes: &[u8]) -> Metadata {
    metadata(&media(mime), bytes)
}

/// Reads an EXIF structure as a JPEG holds it.
fn read_exif(made: &Exif) -> Metadata {
    read("image/jpeg", &jpeg(&[(0xe1, &[b"Exif\0\0", made.bytes().as_slice()].concat())]))
}

fn read_xmp(inside: &str) -> Metadata {
    read("image/jpeg", &jpeg(&[(0xe1, &[made::XMP_HEAD, packet(inside).as_bytes()].concat())]))
}

fn raw_of<'a>(found: &'a Metadata, name: &str) -> Option<&'a str> {
    found.values.iter().find(|value| value.name == name).map(|value| value.raw.as_str())
}

#[test]
fn every_container_and_both_byte_orders_tell_the_same() {
    let xmp = packet(r#"<rdf:Description xmp:CreatorTool="A tool &amp; more" xmpMM:DocumentID="doc-1"/>"#);
    for order in ORDERS {
        for (mime, file) in files(&full(order).bytes(), xmp.as_bytes()) {
            let found = read(mime, &file);
            let of = |text: &str| Some(text.to_owned());
            assert_eq!(found.remarks, Vec::<String>::new(), "{mime} {order:?}");
            let orients_itself = matches!(mime, "image/heic" | "image/jxl");
            assert_eq!(found.orientation, if orients_itself { 1 } else { 6 }, "{mime}");
            let camera = Camera {
                make: of("Maker"),
                model: of("Model 1"),
                serial: of("BODY-0042"),
                lens_serial: of("LENS-7"),
                software: of("Firmware 1.2"),
                owner: of("An owner"),
            };
            assert_eq!(found.camera, camera, "{mime}");
            let taken = TakenAt { local: "2024-02-29T13:14:15.123".into(), offset: of("+01:00") };
            assert_eq!(found.taken, Some(taken), "{mime}");
            let place = GpsFix { latitude: 52.09, longitude: 5.12, altitude_m: Some(-12.5) };
            let close = |gps: GpsFix| !gps::disagree(gps, place) && gps.altitude_m == place.altitude_m;
            assert!(found.gps.is_some_and(close), "{mime}: {:?}", found.gps);
            for (name, raw) in [
                ("Orientation", "6"),
                ("ExposureTime", "1/250"),
                ("ExifVersion", "0232"),
                ("UserComment", "a comment"),
                ("GPSLatitude", "52/1 5/1 24/1"),
                ("GPSLatitudeRef", "N"),
                ("thumbnail.bytes", "8"),
                ("xmp:CreatorTool", "A tool & more"),
                ("xmpMM:DocumentID", "doc-1"),
            ] {
                assert_eq!(raw_of(&found, name), Some(raw), "{mime} {name}");
            }
        }
    }
}

/// Packs bytes as Brotli (RFC 7932) does what it cannot make smaller: in blocks of up to 64 KiB as they are.
fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for (index, block) in bytes.chunks(1 << 16).enumerate() {
        // A window of 16 bits is told once, by a bit; then: not the last block, 16 bits of length, not compressed.
        let head = ((block.len() as u32 - 1) << 3 | 1 << 19) << u32::from(index == 0);
        out.extend(&head.to_le_bytes()[..3]);
        out.extend(block);
    }
    // The last block, which is empty.
    out.push(3);
    out
}

#[test]
fn compressed_boxes_of_jpeg_xl_are_read() {
    let exif = [b"\0\0\0\0".as_slice(), &full(Order::Big).bytes()].concat();
    let xmp = packet(r#"<rdf:Description xmp:Label="packed"/>"#);
    let file = |exif: &[u8]| {
        let pack = |name: &[u8; 4], content: &[u8]| made::boxed(b"brob", &[name, brotli(content).as_slice()].concat());
        [made::boxed(b"JXL ", b"\r\n\x87\n"), pack(b"Exif", exif), pack(b"xml ", xmp.as_bytes())].concat()
    };
    let found = read("image/jxl", &file(&exif));
    assert_eq!(found.remarks, Vec::<String>::new());
    assert_eq!(found.camera.serial.as_deref(), Some("BODY-0042"));
    assert_eq!(raw_of(&found, "xmp:Label"), Some("packed"));
    // What unpacks to more than is read is left out, with a remark.
    let found = read("image/jxl", &file(&vec![0; 5 << 20]));
    assert_eq!(found.camera.serial, None);
    assert!(found.remarks[0].contains("too long"), "{:?}", found.remarks);
}

#[test]
fn a_tiff_file_is_read_as_it_is() {
    for order in ORDERS {
        let mut made = full(order);
        made.picture.push(raw(0x02bc, kind::BYTE, packet(r#"<rdf:Description xmp:Label="mine"/>"#).as_bytes()));
        let found = read("image/tiff", &made.bytes());
        assert_eq!((found.orientation, found.camera.serial.as_deref()), (6, Some("BODY-0042")));
        assert_eq!(raw_of(&found, "xmp:Label"), Some("mine"));
        assert_eq!(raw_of(&found, "thumbnail.bytes"), None, "the second directory is another page");
    }
}

#[test]
fn a_big_tiff_is_read() {
    let mut file = b"II\x2b\0\x08\0\0\0\x10\0\0\0\0\0\0\0".to_vec();
    file.extend(2_u64.to_le_bytes());
    file.extend(b"\x12\x01\x03\0\x01\0\0\0\0\0\0\0\x08\0\0\0\0\0\0\0");
    file.extend(b"\x0f\x01\x02\0\x06\0\0\0\0\0\0\0Maker\0\0\0");
    file.extend(0_u64.to_le_bytes());
    let found = read("image/tiff", &file);
    assert_eq!((found.orientation, found.camera.make.as_deref()), (8, Some("Maker")));
}

#[test]
fn a_place_is_stated_or_it_is_none() {
    const D: [(u32, u32); 3] = [(52, 1), (5, 1), (24, 1)];
    const E: [(u32, u32); 3] = [(5, 1), (7, 1), (12, 1)];
    type Angle = [(u32, u32); 3];
    // Hemisphere and angle of latitude, of longitude; the place; the remark's word.
    type Case<'a> = (&'a str, Angle, &'a str, Angle, Option<(f64, f64)>, &'a str);
    let cases: &[Case<'_>] = &[
        ("N", D, "E", E, Some((52.09, 5.12)), ""),
        ("s", D, "W", E, Some((-52.09, -5.12)), ""),
        ("", D, "E", E, None, "latitude has no hemisphere"),
        ("N", D, "", E, None, "longitude has no hemisphere"),
        ("E", D, "N", E, None, "latitude has no hemisphere"),
        ("North", D, "E", E, None, "latitude has no hemisphere"),
        ("N", [(90, 1), (0, 1), (1, 1)], "E", E, None, "at most 90"),
        ("N", [(90, 1), (0, 1), (0, 1)], "E", E, Some((90.0, 5.12)), ""),
        ("N", D, "E", [(180, 1), (0, 1), (1, 100)], None, "at most 180"),
        ("N", D, "W", [(180, 1), (0, 1), (0, 1)], Some((52.09, -180.0)), ""),
        ("N", [(52, 0), (5, 1), (24, 1)], "E", E, None, "at most 90"),
        ("N", [(52, 1), (0, 0), (0, 0)], "E", E, None, "at most 90"),
        ("N", [(52, 1), (61, 1), (0, 1)], "E", E, None, "at most 90"),
        ("N", [(52, 1), (5, 1), (u32::MAX, 1)], "E", E, None, "at most 90"),
        ("N", [(0, 1), (0, 1), (0, 1)], "E", [(0, 1), (0, 1), (0, 7)], None, "exactly 0, 0"),
        ("S", [(0, 1), (0, 1), (0, 1)], "E", E, Some((0.0, 5.12)), ""),
        ("N", [(5_209, 100), (0, 1), (0, 1)], "E", E, Some((52.09, 5.12)), ""),
    ];
    for order in ORDERS {
        for (ns, lat, ew, lon, expected, remark) in cases {
            let mut made = Exif::new(order);
            made.gps = place(&made, ns, *lat, ew, *lon);
            let found = read_exif(&made);
            let told = found.gps.map(|gps| (gps.latitude, gps.longitude));
            let close = match (told, expected) {
                (Some(a), Some(b)) => (a.0 - b.0).abs() < 1e-9 && (a.1 - b.1).abs() < 1e-9,
                (a, b) => a == *b,
            };
            assert!(close, "{ns} {lat:?} {ew} {lon:?}: {told:?}");
            assert!(raw_of(&found, "GPSLatitude").is_some(), "the raw value is kept");
            match *remark {
                "" => assert!(found.remarks.is_empty(), "{:?}", found.remarks),
                word => assert!(found.remarks.iter().any(|r| r.contains(word)), "{word}: {:?}", found.remarks),
            }
        }
    }
}

#[test]
fn a_place_in_an_odd_form_is_none_or_remarked() {
    let with = |change: &dyn Fn(&mut Exif)| {
        let mut made = full(Order::Little);
        change(&mut made);
        read_exif(&made)
    };
    let half = with(&|made| made.gps.retain(|tag| tag.0 != 4));
    assert!(half.gps.is_none() && half.remarks[0].contains("only one"));
    let two = with(&|made| made.gps[1] = made.rationals(2, &[(52, 1), (5, 1)]));
    assert!(two.gps.is_none(), "seconds are not guessed");
    let negative = with(&|made| made.gps[1].1 = kind::SRATIONAL);
    assert!(negative.gps.is_some(), "signed but positive");
    let negative = with(&|made| {
        made.gps[1] = made.rationals(2, &[(u32::MAX, 1), (0, 1), (0, 1)]);
        made.gps[1].1 = kind::SRATIONAL;
    });
    assert!(negative.gps.is_none(), "a sign contradicts the hemisphere");
    let nan = with(&|made| {
        made.gps[1] = Tag(2, kind::DOUBLE, 3, [f64::NAN.to_le_bytes(), [0; 8], [0; 8]].concat());
    });
    assert!(nan.gps.is_none());
    assert_eq!(raw_of(&nan, "GPSLatitude"), Some("NaN 0.0 0.0"));
    let void = with(&|made| made.gps.push(ascii(9, "V")));
    assert!(void.gps.is_some() && void.remarks[0].contains("status is V"));
    let datum = with(&|made| made.gps.push(ascii(0x12, "TOKYO")));
    assert!(datum.gps.is_some() && datum.remarks[0].contains("TOKYO"));
    let high = with(&|made| made.gps[5] = made.rationals(6, &[(1, 0)]));
    assert!(high.gps.is_some_and(|gps| gps.altitude_m.is_none()) && high.remarks[0].contains("altitude"));
}

#[test]
fn a_time_of_taking_is_stated_or_it_is_none() {
    let cases: &[(&str, Option<&str>)] = &[
        ("2024:02:29 13:14:15", Some("2024-02-29T13:14:15")),
        ("2024-02-29T13:14:15", Some("2024-02-29T13:14:15")),
        ("0000:00:00 00:00:00", None),
        ("    :  :     :  :  ", None),
        ("", None),
        ("2023:02:29 13:14:15", None),
        ("2024:13:01 00:00:00", None),
        ("2024:01:01 24:00:00", None),
        ("2024:01:01", None),
        ("2024:01:01 00:00:00 PM", None),
        ("+024:01:01 00:00:00", None),
    ];
    for (text, expected) in cases {
        let mut made = Exif::new(Order::Big);
        // The other two times, and their offsets, are not the time of taking.
        made.picture = vec![ascii(0x0132, "2025:01:01 00:00:00")];
        made.exif = vec![ascii(0x9003, text), ascii(0x9004, "2025:01:01 00:00:00"), ascii(0x9010, "+02:00")];
        let found = read_exif(&made);
        let expected = expected.map(|local| TakenAt { local: local.into(), offset: None });
        assert_eq!(found.taken, expected, "{text}");
        assert_eq!(raw_of(&found, "DateTimeOriginal"), Some(*text), "the raw value is kept");
        let unset = !text.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
        assert_eq!(found.remarks.is_empty(), expected.is_some() || unset, "{text}: {:?}", found.remarks);
    }
}

#[test]
fn an_offset_and_a_fraction_are_taken_only_when_they_are_sound() {
    let cases: &[(&str, &str, Option<&str>, &str)] = &[
        ("+01:00", "5", Some("+01:00"), ".5"),
        ("-09:30", "123456", Some("-09:30"), ".123456"),
        ("Z", "", Some("+00:00"), ""),
        ("   :  ", "  ", None, ""),
        ("+15:00", "1a", None, ""),
        ("+2:00", "1234567890", None, ""),
        ("+02:60", "-1", None, ""),
        ("02:00", " 12 ", None, ".12"),
    ];
    for (offset, fraction, expected, digits) in cases {
        let mut made = Exif::new(Order::Little);
        made.exif = vec![ascii(0x9003, "2024:02:29 13:14:15"), ascii(0x9011, offset), ascii(0x9291, fraction)];
        let taken = read_exif(&made).taken.unwrap();
        assert_eq!((taken.offset.as_deref(), taken.local), (*expected, format!("2024-02-29T13:14:15{digits}")));
    }
}

#[test]
fn an_orientation_that_is_none_is_remarked() {
    for (value, expected) in [(0, 1), (1, 1), (5, 5), (8, 8), (9, 1), (u16::MAX, 1)] {
        for order in ORDERS {
            let mut made = Exif::new(order);
            made.picture = vec![made.shorts(0x0112, &[value])];
            let found = read_exif(&made);
            assert_eq!(found.orientation, expected);
            assert_eq!(found.remarks.is_empty(), (1..=8).contains(&value));
        }
    }
}

#[test]
fn text_that_could_mislead_is_escaped() {
    let mut made = Exif::new(Order::Big);
    made.picture = vec![
        ascii(0x010f, b"Ma\nker\0hidden"),
        ascii(0x0110, b"\xff\xfemodel\\"),
        ascii(0x0131, "gpj\u{202e}.exe"),
        ascii(0x013b, vec![b'x'; 70_000 - 65_536 + 4096]),
        raw(0x9c9c, kind::BYTE, b"\xe9\0\0\xd8\x0a\0a\0\0\0zz"),
    ];
    made.exif = vec![raw(0x9286, kind::UNDEFINED, b"UNICODE\0\0\xe9\0!"), raw(0x9999, kind::UNDEFINED, &[7; 300])];
    let found = read_exif(&made);
    assert_eq!(found.camera.make.as_deref(), Some("Ma\\u{000a}ker"));
    assert_eq!(raw_of(&found, "Make"), Some("Ma\\u{000a}ker\\u{0000}hidden"));
    assert_eq!(found.camera.model.as_deref(), Some("\\xff\\xfemodel\\\\"));
    assert_eq!(found.camera.software.as_deref(), Some("gpj\\u{202e}.exe"));
    let artist = raw_of(&found, "Artist").unwrap();
    assert!(artist.len() <= text::TEXT_BYTES_MAX + 3 && artist.ends_with('…'));
    assert_eq!(raw_of(&found, "XPComment"), Some("é\\u{d800}\\u{000a}a"));
    assert_eq!(raw_of(&found, "UserComment"), Some("é!"));
    assert!(raw_of(&found, "0x9999").unwrap().ends_with("… (300 bytes)"));
}

#[test]
fn makers_keep_serial_numbers_in_notes() {
    for order in ORDERS {
        let layout = Exif::new(order);
        let mark: &[u8] = if order == Order::Big { b"MM" } else { b"II" };
        let serial = |tag: u16| [ascii(tag, "SER-12345")];
        // Offsets that count from the note (or from the structure inside it).
        let own = |head: &[u8], skip: usize, tags: &[Tag]| {
            let mut out = head[skip..].to_vec();
            layout.directory(tags, 0, &mut out);
            [&head[..skip], &out].concat()
        };
        let nikon = [b"Nikon\0\x02\x11\0\0", mark, &layout.u16(42), &layout.u32(8)].concat();
        let olympus = [b"OLYMPUS\0", mark, b"\x03\0"].concat();
        let mut equipment = olympus.clone();
        layout.directory(&[layout.long(0x2010, 12 + 18)], 0, &mut equipment);
        layout.directory(&serial(0x0101), 0, &mut equipment);
        let apple = [b"Apple iOS\0\0\x01", mark].concat();
        let cases: &[(&str, Vec<u8>, Option<&str>, &str)] = &[
            ("NIKON", own(&nikon, 10, &serial(0x1d)), Some("SER-12345"), "MakerNote.Nikon.SerialNumber"),
            ("OLYMPUS", equipment, Some("SER-12345"), "MakerNote.Olympus.SerialNumber"),
            ("Apple", own(&apple, 0, &serial(0x11)), None, "MakerNote.Apple.ContentIdentifier"),
        ];
        for (make, note, expected, name) in cases {
            let mut made = Exif::new(order);
            made.picture = vec![ascii(0x010f, make)];
            made.exif = vec![raw(0x927c, kind::UNDEFINED, note)];
            let found = read_exif(&made);
            assert_eq!(found.camera.serial.as_deref(), *expected, "{make}");
            assert_eq!(raw_of(&found, name), Some("SER-12345"), "{make} {:?}", found.values);
        }
    }
}

#[test]
fn notes_whose_offsets_count_from_the_structure_are_read() {
    for order in ORDERS {
        // A number lies inside its entry, wherever the note lies; zero is no serial number.
        for (number, expected) in [(123_456_789, Some("123456789")), (0, None)] {
            let mut made = Exif::new(order);
            let mut note = Vec::new();
            made.directory(&[made.long(0x000c, number)], 0, &mut note);
            made.picture = vec![ascii(0x010f, "Canon")];
            made.exif = vec![raw(0x927c, kind::UNDEFINED, &note)];
            let found = read_exif(&made);
            assert_eq!(found.camera.serial.as_deref(), expected);
            // An explicit serial number outranks the note's.
            made.exif.push(ascii(0xa431, "BODY"));
            assert_eq!(read_exif(&made).camera.serial.as_deref(), Some("BODY"));
        }
    }
}

#[test]
fn xmp_fills_what_exif_leaves_open() {
    let inside = r#"<rdf:Description aux:SerialNumber="S-1" exif:DateTimeOriginal="2024-05-06T07:08:09.12+02:00"
        exif:GPSLatitude="52,5.4N" exif:GPSLongitude="5,7,12W">
        <dc:creator><rdf:Seq><rdf:li>Ann</rdf:li><rdf:li>B&#xe9;n &lt;x&gt;</rdf:li></rdf:Seq></dc:creator>
        </rdf:Description>"#;
    let found = read_xmp(inside);
    assert_eq!(found.camera.serial.as_deref(), Some("S-1"));
    assert_eq!(found.camera.owner.as_deref(), Some("Ann; Bén <x>"));
    let taken = TakenAt { local: "2024-05-06T07:08:09.12".into(), offset: Some("+02:00".into()) };
    assert_eq!(found.taken, Some(taken));
    let gps = found.gps.unwrap();
    assert!((gps.latitude - 52.09).abs() < 1e-9 && (gps.longitude + 5.12).abs() < 1e-9);
    assert!(found.remarks.is_empty(), "{:?}", found.remarks);

    let exif = [b"Exif\0\0".as_slice(), &full(Order::Big).bytes()].concat();
    let xmp = [made::XMP_HEAD, packet(inside).as_bytes()].concat();
    let both = read("image/jpeg", &jpeg(&[(0xe1, &exif), (0xe1, &xmp)]));
    assert_eq!(both.camera.serial.as_deref(), Some("BODY-0042"));
    assert!(both.gps.is_some_and(|gps| gps.longitude > 0.0) && both.remarks[0].contains("another place"));
}

#[test]
fn xmp_that_guesses_no_place_or_time_gives_none() {
    for (latitude, longitude) in [("52.09", "5.12"), ("52,5.4", "5,7.2E"), ("nanN", "5,7.2E"), ("1e1,0N", "5,7.2E")] {
        let place = format!(r#"<rdf:Description exif:GPSLatitude="{latitude}" exif:GPSLongitude="{longitude}"/>"#);
        let found = read_xmp(&place);
        assert!(found.gps.is_none() && !found.remarks.is_empty(), "{latitude}");
        assert_eq!(raw_of(&found, "exif:GPSLatitude"), Some(latitude));
    }
    for time in ["2024", "2024-05-06", "2024-05-06T07:08", "2024-05-06T07:08:09+2:00Z", "2024-05-06T07:08:09 PM"] {
        let found = read_xmp(&format!(r#"<rdf:Description exif:DateTimeOriginal="{time}"/>"#));
        assert_eq!((found.taken.as_ref(), raw_of(&found, "exif:DateTimeOriginal")), (None, Some(time)));
    }
}

#[test]
fn a_namespace_counts_and_not_its_prefix() {
    let other = read_xmp(r#"<d xmlns:q="http://ns.adobe.com/xap/1.0/" q:CreatorTool="T"/>"#);
    assert_eq!(raw_of(&other, "xmp:CreatorTool"), Some("T"));
    let foreign = read_xmp(r#"<d xmlns:xmp="http://example.org/" xmp:CreatorTool="T"/>"#);
    assert_eq!(raw_of(&foreign, "xmp:CreatorTool"), None);
}

#[test]
fn comments_and_texts_of_containers_are_kept() {
    let found = read("image/jpeg", &jpeg(&[(0xfe, b"hello\0"), (0xfe, b"\x1b[31m")]));
    let told: Vec<_> = found.values.iter().map(|value| (value.name.as_str(), value.raw.as_str())).collect();
    assert_eq!(told, [("JPEG.Segments", "APP0, Comment"), ("Comment", "hello"), ("Comment", "\\u{001b}[31m")]);
    assert!(found.values.iter().all(|value| value.group == "container"));

    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, b"a prompt").unwrap();
    let packed = [b"parameters\0\0".as_slice(), &packed.finish().unwrap()].concat();
    let profile: String = full(Order::Big).bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let profile = format!("Raw profile type exif\0\nexif\n  123\n{profile}\n").into_bytes();
    let time = vec![7, 232, 2, 29, 13, 14, 15];
    let found = read(
        "image/png",
        &png(&[(b"tEXt", b"Author\0Ann".to_vec()), (b"zTXt", packed), (b"tEXt", profile), (b"tIME", time)]),
    );
    assert_eq!(raw_of(&found, "Author"), Some("Ann"));
    assert_eq!(raw_of(&found, "parameters"), Some("a prompt"));
    assert_eq!(raw_of(&found, "tIME"), Some("2024-02-29T13:14:15Z"));
    assert_eq!(found.camera.serial.as_deref(), Some("BODY-0042"));

    let mut gif = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff".to_vec();
    gif.extend(b"\x21\xfe\x05hello\x03 gi\0");
    gif.extend(b"\x21\xff\x0bXMP DataXMP");
    gif.extend(packet(r#"<d xmp:Label="gif"/>"#).as_bytes());
    gif.push(1);
    gif.extend((0..=255).rev());
    gif.extend(b"\0\x3b");
    let found = read("image/gif", &gif);
    assert_eq!((raw_of(&found, "Comment"), raw_of(&found, "xmp:Label")), (Some("hello gi"), Some("gif")));
}

#[test]
fn extended_xmp_is_put_together() {
    let packet = packet(r#"<d xmp:Label="long"/>"#).into_bytes();
    let piece = |at: usize, end: usize, full: usize| {
        let mut out = b"http://ns.adobe.com/xmp/extension/\0".to_vec();
        out.extend([b'A'; 32]);
        out.extend((full as u32).to_be_bytes());
        out.extend((at as u32).to_be_bytes());
        out.extend(&packet[at..end]);
        out
    };
    let full = packet.len();
    let whole = read("image/jpeg", &jpeg(&[(0xe1, &piece(0, 100, full)), (0xe1, &piece(100, full, full))]));
    assert_eq!(raw_of(&whole, "xmp:Label"), Some("long"));
    let hole = read("image/jpeg", &jpeg(&[(0xe1, &piece(0, 100, full)), (0xe1, &piece(101, full, full))]));
    assert!(raw_of(&hole, "xmp:Label").is_none() && hole.remarks[0].contains("extended XMP"));
    assert_eq!(raw_of(&hole, "JPEG.Segments"), Some("APP0, XMP extension"));
}

/// Reads with another program's eyes: each value that it finds must be here too, with the same numbers or text.
#[test]
fn a_second_reader_agrees() {
    for order in ORDERS {
        let bytes = full(order).bytes();
        let other = exif_of(&bytes);
        let ours = read("image/jpeg", &jpeg(&[(0xe1, &[b"Exif\0\0", bytes.as_slice()].concat())]));
        let mut compared = 0;
        for field in other.fields().filter(|field| field.ifd_num == ::exif::In::PRIMARY) {
            let Some(expected) = told(&field.value) else { continue };
            let name = field.tag.description().map(|_| field.tag.to_string()).unwrap();
            assert_eq!(raw_of(&ours, &name), Some(expected.as_str()), "{name}");
            compared += 1;
        }
        assert!(compared >= 17, "{compared}");
    }
}

fn exif_of(bytes: &[u8]) -> ::exif::Exif {
    ::exif::Reader::new().read_raw(bytes.to_vec()).unwrap()
}

fn told(value: &::exif::Value) -> Option<String> {
    use ::exif::Value::{Ascii, Byte, Long, Rational, Short};
    let joined = |parts: Vec<String>| Some(parts.join(" "));
    match value {
        Ascii(lines) => Some(lines.iter().map(|line| String::from_utf8_lossy(line)).collect()),
        Byte(numbers) => joined(numbers.iter().map(u8::to_string).collect()),
        Short(numbers) => joined(numbers.iter().map(u16::to_string).collect()),
        Long(numbers) => joined(numbers.iter().map(u32::to_string).collect()),
        Rational(numbers) => joined(numbers.iter().map(|r| format!("{}/{}", r.num, r.denom)).collect()),
        _ => None,
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test reads pictures beside the repository")]
fn pictures_of_real_cameras_are_read_as_a_second_reader_does() {
    let beside = || std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared"));
    let folder = std::env::var_os("ZEEF_SHARED").map_or_else(beside, Into::into).join("vectors/pdq");
    if !folder.join("vectors.csv").is_file() {
        eprintln!("skipped: needs ../shared");
        return;
    }
    for orientation in [1, 3, 6, 8] {
        let bytes = std::fs::read(folder.join(format!("exif-rotn-{orientation}.jpg"))).unwrap();
        let ours = read("image/jpeg", &bytes);
        println!("exif-rotn-{orientation}: {} values, remarks {:?}", ours.values.len(), ours.remarks);
        assert_eq!(ours.orientation, orientation);
        let other = ::exif::Reader::new().read_from_container(&mut std::io::Cursor::new(&bytes)).unwrap();
        for field in other.fields().filter(|field| field.ifd_num == ::exif::In::PRIMARY) {
            let (Some(expected), name) = (told(&field.value), field.tag.to_string()) else { continue };
            if field.tag.description().is_some() && expected.len() < 200 {
                let close = raw_of(&ours, &name).is_some_and(|raw| raw.trim() == expected.trim());
                assert!(close, "{name}: {:?} {expected}", raw_of(&ours, &name));
            }
        }
    }
}
