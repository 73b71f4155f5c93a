//! Partners: introduced by a signed trust map, alone in what goes wrong with them, and taken back.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

mod site;

use std::path::Path;

use serde_json::json;
use site::{NOW, Site, Station};

/// A disk with the national repository and, below it, those of partners.
fn disk(dir: &Path) -> (Site, Site) {
    let national = Site::new(dir, "national");
    let partner = Site::new(&dir.join("belgium"), "belgium");
    (national, partner)
}

#[test]
fn a_partner_is_enrolled_by_the_trust_map_with_its_limits() {
    let here = tempfile::tempdir().unwrap();
    let (mut national, partner) = disk(here.path());
    national.introduce(&partner, |word| word["allowed_categories"] = json!(["1", "2"]));
    let station = Station::of(&national);
    let outcome = station.fetch(&national, &[]);
    outcome.accepted();
    assert_eq!((station.check_files(&outcome, &national), station.check_files(&outcome, &partner)), (3, 3));
    let handover = outcome.of("belgium");
    assert_eq!(handover["allowed_categories"], json!(["1", "2"]));
    assert_eq!(handover["stamp"]["grace_days"], 5, "the fewer of the map's and the partner's");
    assert_eq!(handover["stamp"]["limits"]["upserts_max"], 50, "the limits of the one who introduced it");
    assert_eq!(outcome.of("national")["allowed_categories"], json!(null));
    let status = station.run(&["status", "--sets", station.sets().to_str().unwrap()]);
    let rows = status.lines[0]["status"].as_array().unwrap();
    assert_eq!(rows.iter().find(|row| row["publisher"] == "belgium").unwrap()["introduced_by"], "national");
    // On its own, and again.
    station.fetch(&national, &["--publisher", "belgium"]).accepted();
    assert_eq!(station.fetch(&national, &[]).accepted().handovers().len(), 2);
    station.fetch(&national, &["--publisher", "nobody"]).expect_code(1);
}

#[test]
fn a_partner_that_expired_or_attacks_is_refused_alone() {
    let here = tempfile::tempdir().unwrap();
    let (mut national, mut partner) = disk(here.path());
    national.introduce(&partner, |_| {});
    let station = Station::of(&national);
    station.fetch(&national, &[]).accepted();
    national.timestamp.expires = "2026-07-01T00:00:00Z".to_owned();
    national.next();
    // The partner's own ten days of grace would do; the five of the map do not.
    let late = "2026-06-14T00:00:00Z";
    let outcome = station.fetch_from(&national.dir, late, &[]);
    assert_eq!(outcome.of("national")["outcome"], "verified");
    assert_eq!(outcome.of("belgium")["code"], "expired");
    outcome.expect_code(1);
    let whole = partner.timestamp.clone();
    partner.timestamp.expires = "2026-07-01T00:00:00Z".to_owned();
    partner.timestamp.signing = national.timestamp.keys.clone();
    partner.next();
    let outcome = station.fetch_from(&national.dir, late, &[]);
    assert_eq!(outcome.of("national")["outcome"], "verified");
    assert_eq!(outcome.of("belgium")["code"], "untrusted");
    partner.timestamp.signing = whole.signing;
    partner.next();
    station.fetch_from(&national.dir, late, &[]).accepted();
    // Gone, and the national one still comes.
    std::fs::rename(&partner.dir, here.path().join("elsewhere")).unwrap();
    let outcome = station.fetch_from(&national.dir, late, &[]);
    assert_eq!(outcome.of("national")["outcome"], "verified");
    assert_eq!(outcome.of("belgium")["code"], "unreachable");
}

#[test]
fn a_partner_goes_on_where_the_national_publisher_is_refused() {
    let here = tempfile::tempdir().unwrap();
    let (mut national, partner) = disk(here.path());
    national.introduce(&partner, |_| {});
    let station = Station::of(&national);
    station.fetch(&national, &[]).accepted();
    std::fs::write(national.path("metadata/timestamp.json"), "{}").unwrap();
    let outcome = station.fetch(&national, &[]);
    assert_eq!(outcome.of("national")["code"], "untrusted");
    assert_eq!(outcome.of("belgium")["outcome"], "verified");
}

#[test]
fn a_partners_root_has_the_hash_that_the_map_says() {
    let here = tempfile::tempdir().unwrap();
    let (mut national, partner) = disk(here.path());
    national.introduce(&partner, |word| word["root_sha256"] = json!("07".repeat(32)));
    let station = Station::of(&national);
    let outcome = station.fetch(&national, &[]);
    assert_eq!(outcome.of("national")["outcome"], "verified");
    assert_eq!(outcome.of("belgium")["code"], "untrusted");
    assert!(!station.file("belgium", "introduction.json").exists());
    national.introduce(&partner, |_| {});
    station.fetch(&national, &[]).accepted();
    // The national root as the partner's: what is signed by it is not the partner's.
    let swapped = Site { dir: national.dir.clone(), root: national.root.clone(), ..partner.clone() };
    national.introduce(&swapped, |_| {});
    let outcome = station.fetch(&national, &[]);
    assert_eq!(outcome.of("belgium")["code"], "untrusted", "{outcome:?}");
}

#[test]
fn a_revoked_partner_is_told_and_nothing_of_it_is_fetched() {
    let here = tempfile::tempdir().unwrap();
    let (mut national, partner) = disk(here.path());
    let stranger = Site::new(&here.path().join("stranger"), "stranger");
    national.introduce(&partner, |_| {});
    let station = Station::of(&national);
    station.fetch(&national, &[]).accepted();
    national.introduce(&partner, |word| word["revoked"] = json!(true));
    national.introduce(&stranger, |word| word["revoked"] = json!(true));
    for more in [&[][..], &["--publisher", "belgium"]] {
        let outcome = station.fetch(&national, more);
        outcome.expect_code(0);
        assert_eq!(outcome.of("belgium"), &json!({"outcome": "revoked", "publisher": "belgium", "set": "belgium-set"}));
        assert!(outcome.handovers().iter().all(|one| one["publisher"] != "stranger"), "nothing of it was ever here");
    }
    // One person with its file does not bring it back.
    station.enrol(&partner.enrolment()).expect_code(1);
    assert_eq!(station.fetch(&national, &[]).of("belgium")["outcome"], "revoked");
    national.introduce(&partner, |_| {});
    station.fetch(&national, &[]).accepted();
    // No longer listed at all: nobody vouches for it.
    national.files.remove("trust-map.json");
    national.next();
    let outcome = station.fetch(&national, &[]);
    assert_eq!(outcome.of("belgium")["code"], "untrusted");
    assert_eq!(outcome.of("national")["outcome"], "verified");
}

#[test]
fn a_partner_introduces_nobody_and_takes_nobodys_set() {
    let here = tempfile::tempdir().unwrap();
    let (mut national, mut partner) = disk(here.path());
    let third = Site::new(&here.path().join("third"), "third");
    partner.introduce(&third, |_| {});
    national.introduce(&partner, |_| {});
    let station = Station::of(&national);
    let outcome = station.fetch(&national, &[]);
    outcome.accepted();
    assert_eq!(outcome.handovers().len(), 2);
    assert!(outcome.notes().iter().any(|note| note.contains("introduces nobody")), "{:?}", outcome.notes());
    assert!(!station.file("third", "introduction.json").exists());
    // The name of its set is the one of its first release.
    partner.set = "other".to_owned();
    partner.release();
    let outcome = station.fetch(&national, &[]);
    assert_eq!(outcome.of("belgium")["code"], "untrusted");
    let mut thief = Site::new(&here.path().join("thief"), "thief");
    thief.set = "national-set".to_owned();
    thief.release();
    national.introduce(&thief, |_| {});
    let outcome = station.fetch(&national, &[]);
    assert_eq!(outcome.of("thief")["code"], "untrusted");
    assert_eq!(outcome.of("national")["outcome"], "verified");
}

#[test]
fn who_was_enrolled_by_hand_is_left_alone_by_a_trust_map() {
    let here = tempfile::tempdir().unwrap();
    let (mut national, partner) = disk(here.path());
    national.introduce(&partner, |word| word["revoked"] = json!(true));
    let station = Station::of(&national);
    station.enrol(&partner.enrolment()).expect_code(0);
    let outcome = station.fetch(&national, &[]);
    outcome.accepted();
    assert_eq!(outcome.handovers().len(), 2);
    assert!(outcome.notes().iter().any(|note| note.contains("enrolled by hand")), "{:?}", outcome.notes());
}

#[test]
fn a_partners_minimum_versions_and_newer_root_come_by_the_map() {
    let here = tempfile::tempdir().unwrap();
    let (mut national, mut partner) = disk(here.path());
    let old = here.path().join("old");
    national.introduce(&partner, |_| {});
    let station = Station::of(&national);
    station.fetch(&national, &[]).accepted();
    partner.copy_to(&old);
    partner.rotate(|_| {});
    national.introduce(&partner, |word| word["minimum"]["root"] = json!(2));
    // The partner's disk is the old one: its newest root is vouched for by the national publisher.
    std::fs::rename(&partner.dir, here.path().join("new")).unwrap();
    std::fs::rename(&old, &partner.dir).unwrap();
    station.fetch(&national, &[]).of("belgium");
    let mut raised = national.clone();
    raised.introduce(&partner_at(&here.path().join("new"), &partner), |word| word["minimum"]["timestamp"] = json!(2));
    let outcome = station.fetch(&raised, &[]);
    assert_eq!(outcome.of("belgium")["code"], "rollback");
    std::fs::remove_dir_all(&partner.dir).unwrap();
    std::fs::rename(here.path().join("new"), &partner.dir).unwrap();
    station.fetch_from(&raised.dir, NOW, &[]).accepted();
}

fn partner_at(dir: &Path, partner: &Site) -> Site {
    Site { dir: dir.to_owned(), ..partner.clone() }
}

#[test]
fn the_word_for_a_partner_does_not_last_when_newer_ones_are_kept_away() {
    let here = tempfile::tempdir().unwrap();
    let (mut national, mut partner) = disk(here.path());
    for role in [&mut partner.timestamp, &mut partner.snapshot] {
        role.expires = "2026-12-31T00:00:00Z".to_owned();
    }
    partner.next();
    national.introduce(&partner, |_| {});
    let station = Station::of(&national);
    station.fetch(&national, &[]).accepted();
    // The national timestamp ends on 8 June, with ten days of grace; from then on only the partner is renewed.
    let alone = ["--publisher", "belgium"];
    station.fetch_from(&national.dir, "2026-06-17T23:59:59Z", &alone).accepted();
    let late = "2026-06-18T00:00:00Z";
    assert!(station.fetch_from(&national.dir, late, &alone).refused("expired").contains("trust-map"));
    let people = ["--publisher", "belgium", "--override-expiry", "Anna,Ben"];
    let outcome = station.fetch_from(&national.dir, late, &people);
    assert_eq!(outcome.accepted().of("belgium")["overridden_by"], json!(["Anna", "Ben"]));
    national.timestamp.expires = "2026-07-20T00:00:00Z".to_owned();
    national.next();
    station.fetch_from(&national.dir, late, &[]).accepted();
    station.fetch_from(&national.dir, late, &alone).accepted();
    // A trust map that is damaged on its way may hide a revocation.
    std::fs::write(national.stored("trust-map.json"), "{}").unwrap();
    let outcome = station.fetch_from(&national.dir, late, &[]);
    assert_eq!(outcome.of("national")["outcome"], "verified");
    assert_eq!(outcome.of("belgium")["code"], "untrusted");
}

#[test]
fn a_damaged_desk_of_one_publisher_stops_no_other() {
    let here = tempfile::tempdir().unwrap();
    let (mut national, partner) = disk(here.path());
    national.introduce(&partner, |_| {});
    let station = Station::of(&national);
    station.fetch(&national, &[]).accepted();
    let file = station.file("belgium", "introduction.json");
    let whole = site::read(&file);
    std::fs::write(&file, "{").unwrap();
    let outcome = station.fetch(&national, &[]);
    assert_eq!(outcome.of("national")["outcome"], "verified");
    assert_eq!(outcome.of("belgium")["code"], "storage");
    let status = station.run(&["status", "--sets", station.sets().to_str().unwrap()]);
    assert!(status.lines[0]["status"][0]["damage"].as_str().unwrap().contains("introduction.json"), "{status:?}");
    std::fs::write(&file, whole).unwrap();
    station.fetch(&national, &[]).accepted();
}
