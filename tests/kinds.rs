//! A case of every kind of picture and every kind of place: each becomes what it has to, by one thread and by two, no
//! source changes, and nothing known is given to the decoder.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

use image::{ImageFormat, Rgb, RgbImage};

mod house;

use house::{House, lines, program};

const SIDES: (u32, u32) = (96, 64);

/// Draws a picture that differs from every other number's.
fn draw(number: u32) -> RgbImage {
    RgbImage::from_fn(SIDES.0, SIDES.1, |x, y| {
        let wave = (x * (number + 2) + y * y / (number + 3)) % 256;
        Rgb([wave as u8, (y * 4) as u8, (x * 2 + number * 40) as u8])
    })
}

/// Writes a picture in all nine forms; those that the image library cannot write come from other programs.
fn write_all(dir: &Path, number: u32) {
    std::fs::create_dir_all(dir).unwrap();
    let picture = draw(number);
    let formats = [
        ("jpg", ImageFormat::Jpeg),
        ("png", ImageFormat::Png),
        ("gif", ImageFormat::Gif),
        ("webp", ImageFormat::WebP),
        ("tif", ImageFormat::Tiff),
        ("bmp", ImageFormat::Bmp),
    ];
    for (extension, format) in formats {
        picture.save_with_format(dir.join(format!("picture.{extension}")), format).unwrap();
    }
    let png = dir.join("picture.png");
    for (extension, words) in [("heic", &["heif-enc", "-o"][..]), ("avif", &["heif-enc", "-A", "-o"])] {
        let target = dir.join(format!("picture.{extension}"));
        let made = Command::new(words[0]).args(&words[1..]).arg(&target).arg(&png).output().unwrap();
        assert!(made.status.success(), "{made:?}");
    }
    let made = Command::new("cjxl").arg(&png).arg(dir.join("picture.jxl")).output().unwrap();
    assert!(made.status.success(), "{made:?}");
}

/// Makes what lies on disks beside pictures.
fn write_places(dir: &Path) {
    std::fs::create_dir_all(dir).unwrap();
    assert!(Command::new("mkfifo").arg(dir.join("pipe.jpg")).status().unwrap().success());
    std::os::unix::net::UnixListener::bind(dir.join("socket.jpg")).unwrap();
    std::os::unix::fs::symlink("../new", dir.join("link.jpg")).unwrap();
    std::fs::write(dir.join("empty.jpg"), "").unwrap();
    std::fs::write(dir.join("broken.jpg"), b"\xff\xd8\xff\xe0 and nothing that follows").unwrap();
    std::fs::write(dir.join("film.mp4"), b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2 and no more").unwrap();
    std::fs::write(dir.join("letter.txt"), "Afspraken voor volgende week.\n").unwrap();
    let mut deep = dir.to_owned();
    (0..100).for_each(|level| deep.push(format!("{level}-een-map-met-een-lange-naam")));
    std::fs::create_dir_all(&deep).unwrap();
    draw(50).save_with_format(deep.join("deep.png"), ImageFormat::Png).unwrap();
    let name = OsStr::from_bytes(b"not-utf8-\xff\n\x1b[31m.png");
    draw(51).save_with_format(dir.join(name), ImageFormat::Png).unwrap();
}

/// Every place below a folder, with what a change would show.
fn snapshot(dir: &Path) -> BTreeMap<Vec<u8>, (u64, i64, i64, i64, i64)> {
    let mut out = BTreeMap::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let facts = entry.path().symlink_metadata().unwrap();
        let shown = (facts.size(), facts.mtime(), facts.mtime_nsec(), facts.ctime(), facts.ctime_nsec());
        out.insert(entry.path().as_os_str().as_bytes().to_vec(), shown);
        if facts.is_dir() {
            out.extend(snapshot(&entry.path()));
        }
    }
    out
}

/// What the case says of each place: state, reason, and whether it has a picture of the right size.
fn standing(house: &House) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for item in house.case("list", &[]) {
        let picture = if item["pixels"].is_null() { "" } else { " with a picture" };
        assert!(item["pixels"].is_null() || item["pixels"] == serde_json::json!([SIDES.0, SIDES.1]), "{item}");
        for path in item["paths"].as_array().unwrap() {
            let text = format!("{} {}{picture}", item["state"], item["reason"]).replace('"', "");
            out.insert(path.as_str().unwrap().to_owned(), text);
        }
    }
    out
}

#[test]
fn every_kind_becomes_what_it_has_to() {
    for needed in ["heif-enc", "cjxl", "strace"] {
        if Command::new(needed).arg("--version").output().is_err() {
            eprintln!("skipped: needs {needed}");
            return;
        }
    }
    let house = House::new();
    let media = house.path("media");
    write_all(&Path::new(&media).join("known"), 1);
    write_all(&Path::new(&media).join("new"), 2);
    write_places(&Path::new(&media).join("places"));
    let packed = house.path("media/archive.tar.gz");
    let tar = Command::new("tar").args(["-czf", &packed, "-C", &media, "known", "new"]).status().unwrap();
    assert!(tar.success());
    let known: Vec<_> =
        std::fs::read_dir(Path::new(&media).join("known")).unwrap().map(|e| e.unwrap().path()).collect();
    let list = Command::new("sha256sum").args(&known).output().unwrap().stdout;
    std::fs::write(house.path("list"), list).unwrap();
    house.import(&house.path("list"), "national", "known", &[]);
    house.new_cheap_case();
    let before = snapshot(Path::new(&media));

    // What the kernel saw: the descriptors that went to a decoder, by the names of their files or, for a member of an
    // archive, of their memory, which is the SHA-256.
    let (log, sets) = (house.path("log"), house.path("sets"));
    let traced = Command::new("strace")
        .args(["-f", "-y", "-s", "256", "-e", "trace=sendmsg", "-o", &log])
        .arg(program("zeef"))
        .args(house.arguments("add", &[&media, "--sets", &sets, "--threads", "1"]))
        .output()
        .unwrap();
    assert!(traced.status.success(), "{}", String::from_utf8_lossy(&traced.stderr));
    assert_eq!(snapshot(Path::new(&media)), before, "a source changed");
    #[expect(clippy::disallowed_methods, reason = "the test reads its own log")]
    let log = std::fs::read_to_string(&log).unwrap();
    let given = |name: &str| log.lines().any(|line| line.contains("SCM_RIGHTS") && line.contains(name));
    // The archive comes before the folder, so that its members are those that are decoded.
    let is_given = |item: &serde_json::Value| given(item["sha256"].as_str().unwrap());
    let new = house.case("list", &["--shown"]);
    let in_archive = new.iter().filter(|item| item["paths"].to_string().contains("archive.tar.gz!/new/picture"));
    assert!(in_archive.clone().count() == 9 && in_archive.clone().all(is_given), "the log cannot show anything: {log}");
    assert!(given("/deep.png"), "nor files: {log}");
    assert!(!given("/known/"), "a known file was given to the decoder");
    let hidden = house.case("list", &["--hidden"]);
    assert!(!hidden.iter().any(is_given), "a known member was");

    let stands = standing(&house);
    for extension in ["jpg", "png", "gif", "webp", "tif", "bmp", "heic", "avif", "jxl"] {
        for place in ["", "archive.tar.gz!/"] {
            let known = &stands[&format!("{place}known/picture.{extension}")];
            assert_eq!(known, "hidden known", "{place}{extension}");
            let new = &stands[&format!("{place}new/picture.{extension}")];
            assert_eq!(new, "shown new with a picture", "{place}{extension}");
        }
    }
    let places = [
        ("pipe.jpg", "refused special"),
        ("socket.jpg", "refused special"),
        ("link.jpg", "refused link"),
        ("empty.jpg", "refused empty"),
        ("broken.jpg", "refused undecodable"),
        ("film.mp4", "shown new"),
        ("letter.txt", "shown new"),
        ("not-utf8-\\xff\\u{000a}\\u{001b}[31m.png", "shown new with a picture"),
    ];
    for (name, expected) in places {
        assert_eq!(stands[&format!("places/{name}")], expected, "{name}");
    }
    let deep: Vec<&String> = stands.keys().filter(|path| path.ends_with("/deep.png")).collect();
    assert_eq!(deep.len(), 1);
    assert_eq!(stands[deep[0]], "shown new with a picture");
    let status = house.status();
    let number = |key: &str| status[key].as_u64().unwrap();
    assert_eq!(number("shown") + number("hidden") + number("refused"), number("items"), "{status}");
    assert_eq!((number("hidden"), number("known_decoded"), number("decoded")), (9, 0, 11), "{status}");
    assert_eq!(stands.len() as u64, number("occurrences"));
    for item in hidden {
        let story = house.case("why", &[item["sha256"].as_str().unwrap()]).remove(0);
        assert_eq!(story["facts"], serde_json::Value::Null);
        assert_eq!(story["item"]["hidden_by"]["digest"], "sha256", "{story}");
    }

    let two = House::new();
    two.import(&house.path("list"), "national", "known", &[]);
    two.new_cheap_case();
    two.add(&media, &["--threads", "2"]);
    assert_eq!(standing(&two), stands);
    // The archive as a source of its own brings places, and no item.
    let summary = lines(&house::zeef_ok(
        &two.arguments("add", &[&packed, "--sets", &two.path("sets")]).iter().map(String::as_str).collect::<Vec<_>>(),
    ));
    assert_eq!((summary[0]["new_items"].as_u64(), summary[0]["new_occurrences"].as_u64()), (Some(0), Some(18)));
    for house in [&house, &two] {
        assert_eq!(house.case("verify", &["--sets", &house.path("sets")]).remove(0)["sound"], true);
    }
}
