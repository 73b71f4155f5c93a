//! The list of team leads: kept as the publisher signed it, gone when it signs none, and no reason to refuse a set.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

mod site;

use domain::release::LEADS_TARGET;
use serde_json::json;
use site::{Site, Station, read};

fn list(names: &[&str]) -> Vec<u8> {
    let lead = |name: &&str| {
        json!({
            "name": name, "unit": "north", "key": "RWQ", "from": "2026-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z",
            "revoked": false,
        })
    };
    json!({"schema": 1, "leads": names.iter().map(lead).collect::<Vec<_>>()}).to_string().into_bytes()
}

/// Signs another list, or none, with the next release.
fn publish(site: &mut Site, list: Option<Vec<u8>>) {
    match list {
        Some(list) => site.files.insert(LEADS_TARGET.to_owned(), list),
        None => site.files.remove(LEADS_TARGET),
    };
    site.next();
}

#[test]
fn the_newest_signed_list_is_kept_byte_for_byte() {
    let here = tempfile::tempdir().unwrap();
    let mut site = Site::new(&here.path().join("site"), "national");
    let station = Station::of(&site);
    let kept = station.file("national", LEADS_TARGET);
    station.fetch(&site, &[]).accepted();
    assert!(!kept.exists(), "this publisher signs none");
    for names in [&["Anna"][..], &["Anna", "Bert"], &[]] {
        publish(&mut site, Some(list(names)));
        station.fetch(&site, &[]).accepted();
        assert_eq!(read(&kept), list(names));
        // What somebody else put there does not stay.
        std::fs::write(&kept, list(&["Mallory"])).unwrap();
        station.fetch(&site, &[]).accepted();
        assert_eq!(read(&kept), list(names));
    }
    publish(&mut site, None);
    station.fetch(&site, &[]).accepted();
    assert!(!kept.exists(), "who was trusted is not trusted any more");
}

#[test]
fn a_list_that_is_not_what_was_signed_is_not_kept_and_the_set_is_taken() {
    let here = tempfile::tempdir().unwrap();
    let mut site = Site::new(&here.path().join("site"), "national");
    let station = Station::of(&site);
    let kept = station.file("national", LEADS_TARGET);
    publish(&mut site, Some(list(&["Anna"])));
    station.fetch(&site, &[]).accepted();
    for damage in [Some(list(&["Mallory"])), None] {
        publish(&mut site, Some(list(&["Bert"])));
        match damage {
            Some(other) => std::fs::write(site.stored(LEADS_TARGET), other).unwrap(),
            None => std::fs::remove_file(site.stored(LEADS_TARGET)).unwrap(),
        }
        let outcome = station.fetch(&site, &[]);
        outcome.accepted();
        assert!(outcome.notes().iter().any(|note| note.contains("team leads")), "{outcome:?}");
        assert!(!kept.exists(), "the older list trusts who may be revoked");
        publish(&mut site, Some(list(&["Anna"])));
        station.fetch(&site, &[]).accepted();
        assert_eq!(read(&kept), list(&["Anna"]));
    }
    publish(&mut site, Some(b"{\"schema\":2,\"leads\":[]}".to_vec()));
    let outcome = station.fetch(&site, &[]);
    outcome.accepted();
    assert!(outcome.notes().iter().any(|note| note.contains("form 2")), "{outcome:?}");
    assert!(!kept.exists());
}

#[test]
fn the_list_of_a_partner_is_not_kept_and_that_of_a_left_publisher_goes() {
    let here = tempfile::tempdir().unwrap();
    let mut national = Site::new(&here.path().join("national"), "national");
    let mut partner = Site::new(&here.path().join("national/belgium"), "belgium");
    publish(&mut partner, Some(list(&["Bea"])));
    national.introduce(&partner, |_| {});
    publish(&mut national, Some(list(&["Anna"])));
    let station = Station::of(&national);
    station.fetch(&national, &[]).accepted();
    assert!(station.file("national", LEADS_TARGET).exists() && !station.file("belgium", LEADS_TARGET).exists());
    let sets = station.sets();
    let leave = ["leave", "--sets", sets.to_str().unwrap(), "--publisher", "national", "--reason", "moved"];
    station.run(&leave.into_iter().chain(["--by", "Anna", "--by", "Ben"]).collect::<Vec<_>>()).expect_code(0);
    assert!(!station.file("national", LEADS_TARGET).exists());
}
