//! What a workstation remembers, and what makes it forget nothing: roots, marks, clocks, enrolments.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

mod site;

use domain::release::MinimumVersions;
use serde_json::json;
use site::{Key, NOW, Site, Station, envelope, read};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn roots_are_followed_one_by_one_and_nothing_from_before_comes_back() {
    let here = folder();
    let mut site = Site::new(&here.path().join("site"), "national");
    let before = here.path().join("before");
    let station = Station::of(&site);
    station.fetch(&site, &[]).accepted();
    site.release();
    site.copy_to(&before);
    for number in 2..6 {
        site.rotate(|site| {
            site.root.keys = (0..3).map(|key| Key::new(&format!("root {number} {key}"))).collect();
            site.root.signing = site.root.keys[..2].to_vec();
            Site::replace_key(&mut site.timestamp, &format!("timestamp {number}"));
        });
    }
    let outcome = station.fetch(&site, &["--installed", "national=1"]);
    assert_eq!(outcome.accepted().of("national")["stamp"]["seen"]["root"], 5);
    // Replayed: signed with keys that were right once.
    let replay = station.fetch_from(&before, NOW, &["--installed", "national=1"]);
    replay.refused("untrusted");
    // The same with the newest root lost on this machine: the chain of the replayed site ends too early.
    std::fs::remove_file(station.file("national", "root.json")).unwrap();
    station.fetch_from(&before, NOW, &[]).refused("rollback");
    station.fetch(&site, &["--installed", "national=2", "--floor", "national=5,6,6"]).accepted();
    // One who was never there before follows the whole chain.
    let mut first = site.enrolment();
    first.root = String::from_utf8(read(&before.join("metadata/1.root.json"))).unwrap();
    let late = Station::new();
    late.enrol(&first).expect_code(0);
    late.fetch(&site, &[]).accepted();
}

#[test]
fn a_stolen_timestamp_key_binds_nobody_after_it_was_replaced() {
    let here = folder();
    let mut site = Site::new(here.path(), "national");
    let station = Station::of(&site);
    station.fetch(&site, &[]).accepted();
    let honest = site.timestamp.clone();
    // The thief runs the versions far ahead.
    site.timestamp.version = 1 << 40;
    site.sign();
    station.fetch(&site, &[]).accepted();
    site.timestamp = honest;
    site.next();
    station.fetch(&site, &[]).refused("rollback");
    site.rotate(|site| Site::replace_key(&mut site.timestamp, "a new timestamp"));
    let floor = format!("national=1,{},1", 1_u64 << 40);
    station.fetch(&site, &["--floor", &floor]).accepted();
    // From then on the new versions count.
    station.fetch(&site, &["--floor", "national=2,99,1"]).refused("mark-damaged");
}

#[test]
fn an_incoming_folder_that_is_a_link_leads_to_nobody_s_files() {
    let here = folder();
    let mut site = Site::new(&here.path().join("site"), "national");
    let station = Station::of(&site);
    station.fetch(&site, &[]).accepted();
    let others = here.path().join("others");
    std::fs::create_dir(&others).unwrap();
    std::fs::write(others.join("case.db"), "evidence").unwrap();
    let incoming = station.file("national", "incoming");
    std::fs::remove_dir_all(&incoming).unwrap();
    std::os::unix::fs::symlink(&others, &incoming).unwrap();
    site.release();
    station.fetch(&site, &["--installed", "national=1"]).refused("storage");
    assert_eq!(read(&others.join("case.db")), b"evidence");
    assert_eq!(std::fs::read_dir(&others).unwrap().count(), 1);
    std::fs::remove_file(&incoming).unwrap();
    station.fetch(&site, &["--installed", "national=1"]).accepted();
}

#[test]
fn a_wiped_cache_forgets_nothing() {
    let here = folder();
    let mut site = Site::new(&here.path().join("site"), "national");
    let old = here.path().join("old");
    site.copy_to(&old);
    site.rotate(|_| {});
    let enrolled = Site { dir: old.clone(), root: site::Signers { version: 1, ..site.root.clone() }, ..site.clone() };
    let station = Station::of(&enrolled);
    station.fetch(&site, &[]).accepted();
    for bytes in [None, Some(&b"torn"[..])] {
        std::fs::remove_dir_all(station.file("national", "incoming")).unwrap();
        match bytes {
            None => std::fs::remove_file(station.file("national", "root.json")).unwrap(),
            Some(bytes) => std::fs::write(station.file("national", "root.json"), bytes).unwrap(),
        }
        station.fetch_from(&old, NOW, &[]).refused("rollback");
        station.fetch(&site, &[]).accepted();
    }
}

#[test]
fn a_damaged_or_missing_mark_is_refused_until_two_people_reset_it() {
    let here = folder();
    let mut site = Site::new(&here.path().join("site"), "national");
    let old = here.path().join("old");
    site.copy_to(&old);
    site.release();
    let station = Station::of(&site);
    station.fetch(&site, &[]).accepted();
    let mark = station.file("national", "mark.json");
    let sets = station.sets();
    let reset = |more: &[&str]| {
        let mut arguments = vec!["reset", "--sets", sets.to_str().unwrap(), "--publisher", "national"];
        arguments.extend(["--reason", "the disk was repaired", "--floor", "national=1,2,2"]);
        arguments.extend(more);
        station.run(&arguments)
    };
    reset(&["--by", "Anna", "--by", "Ben"]).expect_code(1);
    let whole = read(&mark);
    for damage in ["missing", "bit", "cut", "empty"] {
        match damage {
            "missing" => std::fs::remove_file(&mark).unwrap(),
            "bit" => {
                let text = String::from_utf8(whole.clone()).unwrap();
                std::fs::write(&mark, text.replacen("\"timestamp\": 2", "\"timestamp\": 1", 1)).unwrap();
            }
            "cut" => std::fs::write(&mark, &whole[..40]).unwrap(),
            _ => std::fs::write(&mark, "").unwrap(),
        }
        station.fetch(&site, &[]).refused("mark-damaged");
        station.enrol(&site.enrolment()).expect_code(1);
        for alone in
            [&["--by", "Anna"][..], &["--by", "Anna", "--by", "ANNA"], &["--by", "A", "--by", "B", "--by", "C"]]
        {
            reset(alone).expect_code(2);
            station.fetch(&site, &[]).refused("mark-damaged");
        }
        reset(&["--by", "Anna", "--by", "Ben"]).expect_code(0);
        station.fetch_from(&old, NOW, &[]).refused("rollback");
        station.fetch(&site, &[]).accepted();
    }
    let log = String::from_utf8(read(&station.file("national", "resets.jsonl"))).unwrap();
    assert!(log.lines().count() == 4 && log.contains("Anna") && log.contains("repaired"), "{log}");
}

#[test]
fn a_mark_behind_the_installed_set_is_damage() {
    let here = folder();
    let mut site = Site::new(&here.path().join("site"), "national");
    let station = Station::of(&site);
    station.fetch(&site, &[]).accepted();
    let early = read(&station.file("national", "mark.json"));
    site.release();
    station.fetch(&site, &[]).accepted();
    std::fs::write(station.file("national", "mark.json"), early).unwrap();
    station.fetch(&site, &["--floor", "national=1,2,2"]).refused("mark-damaged");
    station.fetch(&site, &["--floor", "national=1,1,1"]).accepted();
    station.fetch(&site, &["--floor", "national=1,2,2"]).accepted();
}

#[test]
fn a_wrong_clock_does_no_lasting_harm_and_one_set_back_gains_nothing() {
    let here = folder();
    let mut site = Site::new(&here.path().join("site"), "national");
    let station = Station::of(&site);
    // Ahead: everything seems to have expired. Nothing of that time is remembered.
    station.fetch_from(&site.dir, "2099-01-01T00:00:00Z", &[]).refused("expired");
    let outcome = station.fetch_from(&site.dir, "1999-01-01T00:00:00Z", &[]);
    assert_eq!(outcome.accepted().of("national")["stamp"]["checked"], "1999-01-01T00:00:00Z");
    station.fetch(&site, &[]).accepted();
    // A medium that was made later tells what time it is at least.
    let stale = here.path().join("stale");
    site.copy_to(&stale);
    site.published = "2026-07-20T00:00:00Z".to_owned();
    for role in [&mut site.timestamp, &mut site.snapshot] {
        role.expires = "2026-08-01T00:00:00Z".to_owned();
    }
    site.release();
    station.fetch_from(&site.dir, "2026-07-21T00:00:00Z", &[]).accepted();
    let back = station.fetch_from(&site.dir, "2026-06-01T00:00:00Z", &[]);
    assert_eq!(back.accepted().of("national")["stamp"]["checked"], "2026-07-20T00:00:00Z");
    // Signed under a newer version, but with an expiry before that time: a clock that was set back does not help.
    site.timestamp.expires = "2026-06-08T00:00:00Z".to_owned();
    site.next();
    station.fetch_from(&site.dir, "2026-06-01T00:00:00Z", &[]).refused("expired");
}

#[test]
fn a_publication_time_of_the_far_future_bricks_nothing() {
    let here = folder();
    let mut site = Site::new(here.path(), "national");
    site.published = "2199-01-01T00:00:00Z".to_owned();
    site.release();
    let station = Station::of(&site);
    station.fetch(&site, &[]).accepted();
    station.fetch(&site, &[]).accepted();
    site.published = "2026-06-02T00:00:00Z".to_owned();
    site.timestamp.expires = "2026-06-09T00:00:00Z".to_owned();
    site.release();
    station.fetch(&site, &[]).accepted();
}

#[test]
fn a_repository_without_consistent_snapshots_or_with_other_keys_is_not_enrolled() {
    let here = folder();
    let site = Site::new(here.path(), "national");
    let change = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut signed = site.root_signed();
        change(&mut signed);
        let root = String::from_utf8(envelope(signed, &site.root.signing)).unwrap();
        Station::new().enrol(&domain::release::Enrolment { root, ..site.enrolment() })
    };
    change(&|_| {}).expect_code(0);
    change(&|root| root["consistent_snapshot"] = json!(false)).expect_code(1);
    change(&|root| root["roles"]["targets"]["threshold"] = json!(3)).expect_code(1);
    change(&|root| root["roles"]["root"]["threshold"] = json!(0)).expect_code(1);
    change(&|root| root["version"] = json!(0)).expect_code(1);
    let id = site.timestamp.keys[0].id.clone();
    change(&|root| root["keys"][&id]["scheme"] = json!("rsassa-pss-sha256")).expect_code(1);
    change(&|root| root["roles"]["mirrors"] = json!({"keyids": [], "threshold": 1})).expect_code(1);
}

#[test]
fn an_enrolment_can_be_renewed_but_its_root_stays() {
    let here = folder();
    let mut site = Site::new(&here.path().join("site"), "national");
    let station = Station::of(&site);
    station.fetch(&site, &[]).accepted();
    let mut renewed = site.enrolment();
    renewed.address = Some("https://sync.example/".to_owned());
    station.enrol(&renewed).expect_code(0);
    // Somebody else's root under this name, and this set under another name.
    let mut stranger = Site::new(&here.path().join("stranger"), "national");
    stranger.root = site::Signers::new(&["a".into(), "b".into(), "c".into()], 2, "2027-06-01T00:00:00Z");
    stranger.write_root(&stranger.root.signing);
    station.enrol(&stranger.enrolment()).expect_code(1);
    let mut thief = Site::new(&here.path().join("thief"), "thief").enrolment();
    thief.set = "national-set".parse().unwrap();
    station.enrol(&thief).expect_code(1);
    // The next root follows; the one after it cannot be judged without the one between.
    let enrolment = |site: &Site| domain::release::Enrolment {
        minimum: MinimumVersions { root: 2, timestamp: 2, snapshot: 2 },
        ..site.enrolment()
    };
    site.rotate(|_| {});
    let next = enrolment(&site);
    site.rotate(|_| {});
    station.enrol(&enrolment(&site)).expect_code(1);
    station.enrol(&next).expect_code(0);
    station.fetch(&site, &[]).accepted();
    station.enrol(&enrolment(&site)).expect_code(0);
    let status = station.run(&["status", "--sets", station.sets().to_str().unwrap()]);
    assert_eq!(status.lines[0]["status"][0]["seen"]["root"], 3, "{status:?}");
}

#[test]
fn an_enrolment_with_minimum_versions_refuses_what_is_older() {
    let here = folder();
    let mut site = Site::new(&here.path().join("site"), "national");
    let old = here.path().join("old");
    site.copy_to(&old);
    site.release();
    let station = Station::new();
    let minimum = MinimumVersions { root: 1, timestamp: 2, snapshot: 2 };
    station.enrol(&domain::release::Enrolment { minimum, ..site.enrolment() }).expect_code(0);
    station.fetch_from(&old, NOW, &[]).refused("rollback");
    station.fetch(&site, &[]).accepted();
}

#[test]
fn two_runs_at_once_do_not_mix() {
    let here = folder();
    let site = Site::new(here.path(), "national");
    let station = Station::of(&site);
    let mut lock = std::fs::OpenOptions::new();
    let path = station.sets().join("sync/run.lock");
    lock.write(true);
    #[expect(clippy::disallowed_methods, reason = "holds the lock in the place of another run")]
    let held = lock.open(path).unwrap();
    held.try_lock().unwrap();
    let outcome = station.fetch(&site, &[]);
    assert!(outcome.code == 1 && outcome.stderr.contains("another zeef-sync"), "{outcome:?}");
    drop(held);
    station.fetch(&site, &[]).accepted();
}
