//! A publisher is left by two people, with its partners and with all that was seen of it; what may follow is a new trust.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

mod site;

use domain::release::{Enrolment, MinimumVersions};
use site::{Outcome, Site, Station, read};

fn leave(station: &Station, publisher: &str, by: &[&str]) -> Outcome {
    let sets = station.sets();
    let mut arguments = vec!["leave", "--sets", sets.to_str().unwrap(), "--publisher", publisher];
    arguments.extend(["--reason", "enrolled by a wrong file"]);
    by.iter().for_each(|name| arguments.extend(["--by", name]));
    station.run(&arguments)
}

#[test]
fn an_enrolment_that_no_release_reaches_is_taken_back_by_two_people() {
    let here = tempfile::tempdir().unwrap();
    let site = Site::new(&here.path().join("site"), "national");
    let station = Station::new();
    leave(&station, "national", &["Anna", "Ben"]).expect_code(1);
    let minimum = MinimumVersions { root: 1, timestamp: u64::MAX, snapshot: 1 };
    station.enrol(&Enrolment { minimum, ..site.enrolment() }).expect_code(0);
    station.fetch(&site, &[]).refused("rollback");
    // A better file does not lower what the first one said.
    station.enrol(&site.enrolment()).expect_code(0);
    station.fetch(&site, &[]).refused("rollback");
    for alone in [&["Anna"][..], &["Anna", "anna"], &["Anna", "Ben", "Cas"]] {
        leave(&station, "national", alone).expect_code(2);
        station.fetch(&site, &[]).refused("rollback");
    }
    let left = leave(&station, "national", &["Anna", "Ben"]);
    assert_eq!(left.lines[0]["left"], serde_json::json!(["national"]), "{left:?}");
    assert!(station.fetch(&site, &[]).handovers().is_empty());
    let log = String::from_utf8(read(&station.file("national", "left.jsonl"))).unwrap();
    assert!(["Anna", "Ben", "wrong file", "18446744073709551615"].iter().all(|part| log.contains(part)), "{log}");
    // Whatever comes after it may have been interrupted.
    leave(&station, "national", &["Anna", "Ben"]).expect_code(0);
    station.enrol(&site.enrolment()).expect_code(0);
    station.fetch(&site, &[]).accepted();
}

#[test]
fn a_damaged_desk_can_be_left_too() {
    let here = tempfile::tempdir().unwrap();
    let site = Site::new(&here.path().join("site"), "national");
    let station = Station::of(&site);
    station.fetch(&site, &[]).accepted();
    for name in ["enrolment.json", "mark.json", "root.json"] {
        std::fs::write(station.file("national", name), "{").unwrap();
    }
    leave(&station, "national", &["Anna", "Ben"]).expect_code(0);
    assert!(!station.file("national", "incoming").exists());
    station.enrol(&site.enrolment()).expect_code(0);
    station.fetch(&site, &[]).accepted();
}

#[test]
fn partners_go_with_the_publisher_that_introduced_them_and_not_alone() {
    let here = tempfile::tempdir().unwrap();
    let mut national = Site::new(&here.path().join("national"), "national");
    let partner = Site::new(&here.path().join("national/belgium"), "belgium");
    national.introduce(&partner, |_| {});
    let station = Station::of(&national);
    station.fetch(&national, &[]).accepted();
    let refused = leave(&station, "belgium", &["Anna", "Ben"]);
    assert!(refused.code != 0 && refused.lines[0]["error"]["message"].as_str().unwrap().contains("introduced"));
    station.fetch(&national, &[]).accepted();
    let left = leave(&station, "national", &["Anna", "Ben"]);
    assert_eq!(left.lines[0]["left"], serde_json::json!(["belgium", "national"]), "{left:?}");
    assert!(station.fetch(&national, &[]).handovers().is_empty());
}

#[test]
fn a_desk_that_is_a_link_is_refused_and_told_of() {
    let here = tempfile::tempdir().unwrap();
    let site = Site::new(&here.path().join("site"), "national");
    let station = Station::of(&site);
    let desk = station.sets().join("sync/national");
    std::fs::rename(&desk, here.path().join("elsewhere")).unwrap();
    std::os::unix::fs::symlink(here.path().join("elsewhere"), &desk).unwrap();
    assert!(station.fetch(&site, &[]).refused("storage").contains("is a link"));
    station.enrol(&site.enrolment()).expect_code(1);
    leave(&station, "national", &["Anna", "Ben"]).expect_code(1);
}
