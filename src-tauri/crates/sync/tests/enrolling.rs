//! An enrolment is looked at before it is taken: what is shown is what is enrolled, and looking leaves no trace.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

mod site;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::Fingerprint;
use domain::release::Enrolment;
use sha2::Digest;
use site::{Outcome, Site, Station, read};

fn fingerprint(enrolment: &Enrolment) -> Fingerprint {
    Fingerprint(domain::Sha256(sha2::Sha256::digest(enrolment.root.as_bytes()).into()))
}

/// Runs `enrol` with more words, on a file that is written before.
fn enrol(station: &Station, file: &Path, more: &[&str]) -> Outcome {
    let sets = station.sets();
    let mut words = vec!["enrol", "--sets", sets.to_str().unwrap()];
    words.extend(more);
    words.extend(["--", file.to_str().unwrap()]);
    station.run(&words)
}

fn write(station: &Station, enrolment: &Enrolment) -> PathBuf {
    let file = station.folder.path().join("enrolment.json");
    std::fs::write(&file, serde_json::to_vec(enrolment).unwrap()).unwrap();
    file
}

/// Lists every path below a folder, with the bytes of the files.
fn everything(folder: &Path, into: &mut BTreeMap<PathBuf, Option<Vec<u8>>>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            into.insert(path.clone(), None);
            everything(&path, into);
        } else {
            into.insert(path.clone(), Some(read(&path)));
        }
    }
}

fn state(station: &Station) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut all = BTreeMap::new();
    everything(station.folder.path(), &mut all);
    all
}

#[test]
fn a_look_shows_what_would_be_enrolled_and_changes_nothing() {
    let here = tempfile::tempdir().unwrap();
    let site = Site::new(here.path(), "national");
    let station = Station::new();
    let address = Some("https://sets.example/".to_owned());
    let enrolment = Enrolment { address, ..site.enrolment() };
    let file = write(&station, &enrolment);
    let before = state(&station);
    let looked = enrol(&station, &file, &["--look"]);
    let offer = &looked.expect_code(0).lines[0]["offered"];
    let text = |key: &str| offer[key].as_str().unwrap();
    assert_eq!(text("fingerprint"), fingerprint(&enrolment).0.to_string());
    assert_eq!((text("publisher"), text("set")), ("national", enrolment.set.as_str()));
    assert_eq!((text("title"), text("address")), (&*enrolment.title, "https://sets.example/"));
    assert_eq!(offer["root_version"], 1);
    assert_eq!(state(&station), before, "not even a lock is left");

    // What is known already stays as it is too.
    let enrolled = enrol(&station, &file, &["--fingerprint", text("fingerprint")]);
    assert_eq!(enrolled.expect_code(0).lines[0]["enrolled"]["fingerprint"], text("fingerprint"));
    let file = write(&station, &Enrolment { title: "Another title".to_owned(), ..enrolment });
    let before = state(&station);
    let looked = enrol(&station, &file, &["--look"]);
    assert_eq!(looked.expect_code(0).lines[0]["offered"]["title"], "Another title");
    assert_eq!(state(&station), before);
}

#[test]
fn a_look_refuses_what_would_be_refused() {
    let here = tempfile::tempdir().unwrap();
    let site = Site::new(&here.path().join("site"), "national");
    let station = Station::of(&site);
    let look = |file: &Path, word: &str| {
        let looked = enrol(&station, file, &["--look"]);
        let error = &looked.expect_code(1).lines[0]["error"];
        assert!(error["message"].as_str().unwrap().contains(word), "{looked:?}");
        assert!(!error["hint"].as_str().unwrap().is_empty() && looked.lines.len() == 1, "{looked:?}");
        enrol(&station, file, &[]).expect_code(1);
    };
    let mut stranger = Site::new(&here.path().join("stranger"), "national");
    stranger.root = site::Signers::new(&["a".into(), "b".into(), "c".into()], 2, "2027-06-01T00:00:00Z");
    stranger.write_root(&stranger.root.signing);
    look(&write(&station, &stranger.enrolment()), "another root");
    let thief = Site::new(&here.path().join("thief"), "thief").enrolment();
    look(&write(&station, &Enrolment { set: site.enrolment().set, ..thief.clone() }), "is that of national");
    let unsigned = thief.root.replacen("\"sig\":\"", "\"sig\":\"00", 1);
    look(&write(&station, &Enrolment { root: unsigned, ..thief.clone() }), "root of the enrolment");
    look(&write(&station, &Enrolment { address: Some("file:///etc".to_owned()), ..thief.clone() }), "address");
    look(&write(&station, &Enrolment { schema: 9, ..thief }), "enrolment.json`: it is of a form");
    let file = station.folder.path().join("list.csv");
    std::fs::write(&file, "MD5,Category\n").unwrap();
    look(&file, "list.csv`: it is no enrolment file");
    look(&station.folder.path().join("absent.json"), "absent.json");
}

#[test]
fn only_the_file_that_was_compared_is_enrolled() {
    let here = tempfile::tempdir().unwrap();
    let site = Site::new(&here.path().join("site"), "national");
    let mut stranger = Site::new(&here.path().join("stranger"), "national");
    stranger.root = site::Signers::new(&["a".into(), "b".into(), "c".into()], 2, "2027-06-01T00:00:00Z");
    stranger.write_root(&stranger.root.signing);
    let (wanted, other) = (fingerprint(&site.enrolment()), fingerprint(&stranger.enrolment()));
    assert_ne!(wanted, other);
    let station = Station::new();
    enrol(&station, &write(&station, &site.enrolment()), &["--look"]).expect_code(0);
    // Between the look and the enrolment somebody puts another file there.
    let file = write(&station, &stranger.enrolment());
    let before = state(&station);
    let refused = enrol(&station, &file, &["--fingerprint", &wanted.0.to_string()]);
    let error = &refused.expect_code(1).lines[0]["error"];
    let message = error["message"].as_str().unwrap();
    assert_eq!(error["code"], "untrusted");
    assert!(message.contains("enrolment.json") && message.contains("nothing was enrolled"), "{message}");
    assert!([wanted, other].iter().all(|one| message.contains(&one.to_string())), "{message}");
    assert!(error["hint"].as_str().unwrap().contains("telephone"), "{refused:?}");
    assert_eq!(state(&station), before, "not even a desk is left");

    let file = write(&station, &site.enrolment());
    // As it is shown to people, and a wrong one.
    enrol(&station, &file, &["--fingerprint", &wanted.to_string()[1..]]).expect_code(2);
    enrol(&station, &file, &["--look", "--fingerprint", &wanted.to_string()]).expect_code(2);
    enrol(&station, &file, &["--fingerprint", &wanted.to_string()]).expect_code(0);
    station.fetch(&site, &[]).accepted();
}
