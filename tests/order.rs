//! The same sources give the same case, whatever the order in which they are loaded and the number of threads.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::path::Path;

mod house;

use house::{House, seen};

/// Parts the model case into two sources that share contents, look-alikes, and a content under two wrong extensions.
fn two_sources(house: &House) -> [String; 2] {
    let model = house.model();
    let (a, b) = (house.path("a"), house.path("b"));
    for dir in [&a, &b] {
        std::fs::create_dir(dir).unwrap();
    }
    let mut folders: Vec<_> =
        std::fs::read_dir(&model.media).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    folders.sort();
    assert!(folders.len() > 3, "{folders:?}");
    for (number, name) in folders.iter().enumerate() {
        let part = if number % 2 == 0 { &a } else { &b };
        std::fs::rename(model.media.join(name), Path::new(part).join(name)).unwrap();
    }
    let png = model.truth.iter().find(|truth| truth.path.0.ends_with(b"a-png-in-truth.jpg")).unwrap();
    let name = String::from_utf8(png.path.0.clone()).unwrap();
    let at = [&a, &b].into_iter().map(|part| format!("{part}/{name}")).find(|path| Path::new(path).exists()).unwrap();
    std::fs::copy(&at, format!("{a}/0 as a gif.gif")).unwrap();
    std::fs::copy(&at, format!("{b}/1 as a bitmap.bmp")).unwrap();
    std::fs::copy(&at, format!("{b}/2 as it is.png")).unwrap();
    [a, b]
}

#[test]
fn order_and_threads_change_nothing() {
    let base = House::new();
    let [a, b] = two_sources(&base);
    base.new_cheap_case();
    let load = |steps: &[&[&str]], threads: &str| {
        let house = House::new();
        for name in ["sets", "case"] {
            house.take_over(&base, name);
        }
        for sources in steps {
            let mut more: Vec<&str> = sources[1..].to_vec();
            more.extend(["--threads", threads]);
            house.add(sources[0], &more);
        }
        seen(&house)
    };
    let expected = load(&[&[&a, &b]], "1");
    assert!(expected.stacks.len() > 1, "{:?}", expected.stacks);
    assert!(expected.items.values().any(|item| item.contains("NearHit")), "no suggestion could differ");
    assert!(expected.items.values().any(|item| item.contains("as a gif.gif gif") && item.contains("bitmap.bmp bmp")));
    assert_eq!(load(&[&[&b, &a]], "2"), expected, "both at once, the other way round, in two threads");
    assert_eq!(load(&[&[&a], &[&b]], "2"), expected, "one after the other");
    assert_eq!(load(&[&[&b], &[&b], &[&a]], "1"), expected, "the other way round, one of them twice");
}
