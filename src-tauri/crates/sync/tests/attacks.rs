//! Every attack on signed releases, against the real program; each with its control: without it the client accepts.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

mod site;

use std::path::PathBuf;

use serde_json::json;
use site::{Key, Site, Station, read, sha256};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// Runs an attack against a workstation that has taken version 2, after the control took version 3 in the same way.
fn attack(code: &str, attack: impl Fn(&mut Site)) -> String {
    let here = folder();
    let mut site = Site::new(&here.path().join("site"), "national");
    site.release();
    let station = Station::of(&site);
    station.fetch(&site, &[]).accepted();
    let control = Station::of(&site);
    control.fetch(&site, &[]).accepted();
    let mut honest = site.clone();
    honest.dir = here.path().join("honest");
    site.copy_to(&honest.dir);
    honest.release();
    control.fetch(&honest, &["--installed", "national=2"]).accepted();
    attack(&mut site);
    let outcome = station.fetch(&site, &["--installed", "national=2"]);
    let message = outcome.refused(code).to_owned();
    // The attack leaves nothing behind that would keep the honest release out.
    station.fetch(&honest, &["--installed", "national=2"]).accepted();
    message
}

#[test]
fn an_honest_release_is_taken_with_all_its_files_and_then_by_delta() {
    let here = folder();
    let mut site = Site::new(here.path(), "national");
    let station = Station::of(&site);
    let first = station.fetch(&site, &[]);
    first.accepted();
    assert_eq!(station.check_files(&first, &site), 3);
    let handover = first.of("national");
    assert_eq!(handover["freshness"], "fresh");
    assert_eq!(handover["stamp"]["seen"], json!({"root": 1, "timestamp": 1, "snapshot": 1}));
    assert_eq!(handover["stamp"]["expires"], "2026-06-08T00:00:00Z");
    assert_eq!(handover["stamp"]["limits"]["upserts_max"], 50, "the stricter of the index and the enrolment");
    assert_eq!(handover["stamp"]["limits"]["withdrawals_max"], 100);
    site.release();
    site.release();
    let second = station.fetch(&site, &["--installed", "national=1", "--floor", "national=1,1,1"]);
    second.accepted();
    assert_eq!(station.check_files(&second, &site), 2);
    let third = station.fetch(&site, &["--installed", "national=3"]);
    third.accepted();
    assert_eq!(station.check_files(&third, &site), 0);
    let left = std::fs::read_dir(station.file("national", "incoming")).unwrap().count();
    assert_eq!(left, 0, "what is installed is swept away");
}

#[test]
fn an_older_repository_is_a_rollback() {
    let message = attack("rollback", |site| {
        *site = Site::new(&site.dir, "national");
    });
    assert!(message.contains("timestamp.json"), "{message}");
}

#[test]
fn a_new_timestamp_over_an_older_snapshot_is_a_rollback() {
    let message = attack("rollback", |site| {
        site.timestamp.version = 9;
        site.snapshot.version = 1;
        site.sign_timestamp(site.timestamp_signed(&read(&site.path("metadata/1.snapshot.json"))));
    });
    assert!(message.contains("snapshot"), "{message}");
}

#[test]
fn a_new_snapshot_over_older_targets_is_a_rollback() {
    let message = attack("rollback", |site| {
        site.timestamp.version = 9;
        site.snapshot.version = 9;
        site.targets.version = 1;
        site.sign_snapshot(site.snapshot_signed(&read(&site.path("metadata/1.targets.json"))));
    });
    assert!(message.contains("targets"), "{message}");
}

#[test]
fn an_old_snapshot_under_the_name_that_a_new_timestamp_pins_is_refused() {
    attack("untrusted", |site| {
        site.release();
        std::fs::copy(site.path("metadata/2.snapshot.json"), site.path("metadata/3.snapshot.json")).unwrap();
    });
    attack("untrusted", |site| {
        site.release();
        std::fs::copy(site.path("metadata/2.targets.json"), site.path("metadata/3.targets.json")).unwrap();
    });
}

#[test]
fn a_set_that_is_older_than_the_installed_one_is_a_rollback() {
    let message = attack("rollback", |site| {
        site.version = 1;
        site.with_index(|_| {});
    });
    assert!(message.contains("the set"), "{message}");
}

/// Runs a fresh workstation at a time against a site whose role expires at another.
fn at(role: &str, expires: &str, now: &str, more: &[&str]) -> site::Outcome {
    let here = folder();
    let mut site = Site::new(here.path(), "national");
    let far = "2026-12-31T00:00:00Z".to_owned();
    for other in [&mut site.timestamp, &mut site.snapshot, &mut site.targets, &mut site.root] {
        other.expires.clone_from(&far);
    }
    match role {
        "timestamp" => site.timestamp.expires = expires.to_owned(),
        "snapshot" => site.snapshot.expires = expires.to_owned(),
        "targets" => site.targets.expires = expires.to_owned(),
        _ => site.root.expires = expires.to_owned(),
    }
    site.write_root(&site.root.signing);
    site.sign();
    Station::of(&site).fetch_from(&site.dir, now, more)
}

#[test]
fn expired_metadata_is_taken_in_grace_and_refused_beyond_for_each_role() {
    for role in ["timestamp", "snapshot", "targets"] {
        let expires = "2026-06-08T00:00:00Z";
        for (now, freshness) in [
            ("2026-06-07T23:59:59Z", "fresh"),
            ("2026-06-08T00:00:00Z", "in-grace"),
            ("2026-06-17T23:59:59Z", "in-grace"),
        ] {
            let outcome = at(role, expires, now, &[]);
            assert_eq!(outcome.accepted().of("national")["freshness"], freshness, "{role} {now}");
        }
        let beyond = at(role, expires, "2026-06-18T00:00:00Z", &[]);
        assert!(beyond.refused("expired").contains(role), "{beyond:?}");
    }
}

#[test]
fn beyond_grace_takes_two_people_and_the_handover_names_them() {
    let beyond = "2026-06-20T00:00:00Z";
    let late = |more: &[&str]| at("timestamp", "2026-06-08T00:00:00Z", beyond, more);
    for alone in ["Anna", "Anna,anna ", "Anna,", "Anna,Ben,Cleo"] {
        let outcome = late(&["--override-expiry", alone]);
        assert!(outcome.code == 2 && outcome.handovers().is_empty(), "{alone}: {outcome:?}");
    }
    let outcome = late(&["--override-expiry", "Anna,Ben"]);
    let handover = outcome.accepted().of("national");
    assert_eq!(handover["overridden_by"], json!(["Anna", "Ben"]));
    assert_eq!(handover["freshness"], "beyond");
    // Where nothing had to be overridden, nobody is named.
    let fresh = at("timestamp", "2026-07-08T00:00:00Z", beyond, &["--override-expiry", "Anna,Ben"]);
    assert_eq!(fresh.accepted().of("national").get("overridden_by"), None);
}

#[test]
fn an_expired_root_is_in_no_grace_and_nobody_can_override_it() {
    at("root", "2026-06-08T00:00:00Z", "2026-06-07T23:59:59Z", &[]).accepted();
    for more in [&[][..], &["--override-expiry", "Anna,Ben"][..]] {
        let message = at("root", "2026-06-08T00:00:00Z", "2026-06-08T00:00:00Z", more).refused("expired").to_owned();
        assert!(message.contains("root"), "{message}");
    }
}

/// Lists the files that a fresh workstation reads.
fn files_of(site: &Site) -> Vec<PathBuf> {
    let metadata = ["2.root.json", "timestamp.json", "2.snapshot.json", "2.targets.json"];
    let metadata = metadata.map(|name| site.path(&format!("metadata/{name}")));
    metadata.into_iter().chain(site.files.keys().map(|name| site.stored(name))).collect()
}

#[test]
fn one_bit_flipped_or_a_byte_too_few_or_too_many_in_any_file_is_refused() {
    let here = folder();
    let mut site = Site::new(here.path(), "national");
    let station_of = Station::of;
    let enrolled = site.clone();
    site.rotate(|_| {});
    station_of(&enrolled).fetch(&site, &[]).accepted();
    for path in files_of(&site) {
        let whole = read(&path);
        let places = [0, whole.len() / 7, whole.len() / 3, whole.len() / 2, whole.len() - 2];
        let flipped = places.iter().map(|place| {
            let mut bytes = whole.clone();
            bytes[*place] ^= 0x01;
            bytes
        });
        let mut long = whole.clone();
        long.push(b'}');
        let cut = [long, whole[..whole.len() - 1].to_vec(), whole[..whole.len() / 2].to_vec(), Vec::new()];
        for bytes in flipped.chain(cut) {
            std::fs::write(&path, &bytes).unwrap();
            station_of(&enrolled).fetch(&site, &[]).refused("untrusted");
        }
        std::fs::write(&path, &whole).unwrap();
    }
    station_of(&enrolled).fetch(&site, &[]).accepted();
}

#[test]
fn another_publishers_file_or_repository_under_this_name_is_refused() {
    let here = folder();
    let site = Site::new(&here.path().join("national"), "national");
    let other = Site::new(&here.path().join("other"), "othernat");
    let station = Station::of(&site);
    let (ours, theirs) = ("national-set-part-000001.parquet", "othernat-set-part-000001.parquet");
    assert_eq!(site.files[ours].len(), other.files[theirs].len());
    let whole = read(&site.stored(ours));
    std::fs::copy(other.stored(theirs), site.stored(ours)).unwrap();
    station.fetch(&site, &[]).refused("untrusted");
    std::fs::write(site.stored(ours), whole).unwrap();
    station.fetch(&other, &[]).refused("untrusted");
    // With the other's enrolment beside it, it is told as the wrong disk, not as an attack; nothing is taken either way.
    std::fs::write(other.path("enrolment.json"), serde_json::to_vec(&other.enrolment()).unwrap()).unwrap();
    station.fetch(&other, &[]).refused("unreachable");
    station.fetch(&site, &[]).accepted();
}

#[test]
fn too_few_signatures_a_rogue_key_and_one_key_counted_twice_are_refused() {
    for role in ["timestamp", "snapshot", "targets"] {
        attack("untrusted", |site| {
            let signers = match role {
                "timestamp" => &mut site.timestamp,
                "snapshot" => &mut site.snapshot,
                _ => &mut site.targets,
            };
            signers.signing = signers.signing[..signers.threshold - 1].to_vec();
            site.release();
        });
        for rogue in ["nobody", "othernat targets 0"] {
            attack("untrusted", |site| {
                let signers = match role {
                    "timestamp" => &mut site.timestamp,
                    "snapshot" => &mut site.snapshot,
                    _ => &mut site.targets,
                };
                // Under its own id, and under that of the key which it takes the place of.
                let mut under_another = Key::new(rogue);
                under_another.id.clone_from(&signers.keys[0].id);
                signers.signing[0] = under_another;
                signers.signing.push(Key::new(rogue));
                site.release();
            });
        }
    }
    // Targets need two of two: the same one twice is one.
    attack("untrusted", |site| {
        site.targets.signing[1] = site.targets.signing[0].clone();
        site.release();
    });
}

#[test]
fn one_key_under_two_ids_does_not_count_twice() {
    let message = attack("untrusted", |site| {
        let mut twin = site.targets.keys[0].clone();
        twin.id = sha256(b"another id");
        site.rotate(|site| {
            site.targets.keys = vec![site.targets.keys[0].clone(), twin.clone()];
            site.targets.signing = site.targets.keys.clone();
        });
    });
    assert!(message.contains("count twice"), "{message}");
}

#[test]
fn a_partners_keys_sign_nothing_of_the_national_repository() {
    attack("untrusted", |site| {
        let partner = Site::new(&site.dir.join("../partner"), "partner");
        site.timestamp.signing = partner.timestamp.keys.clone();
        site.snapshot.signing = partner.snapshot.keys.clone();
        site.targets.signing = partner.targets.keys.clone();
        site.release();
    });
    // Its root in the place of the next national one.
    attack("untrusted", |site| {
        let mut partner = Site::new(&site.dir.join("../partner"), "partner");
        partner.root.version = 2;
        partner.dir = site.dir.clone();
        partner.write_root(&partner.root.signing);
        partner.next();
    });
}

#[test]
fn a_root_needs_enough_keys_of_before_and_of_after() {
    // One of two old keys, with all of the new ones.
    attack("untrusted", |site| {
        let old = site.root.clone();
        for (number, key) in site.root.keys.iter_mut().enumerate() {
            *key = Key::new(&format!("new root {number}"));
        }
        site.root.version += 1;
        let mut signers = site.root.keys.clone();
        signers.push(old.keys[0].clone());
        site.write_root(&signers);
    });
    // All of the old keys, with one of two new ones.
    attack("untrusted", |site| {
        let mut signers = site.root.keys.clone();
        for (number, key) in site.root.keys.iter_mut().enumerate() {
            *key = Key::new(&format!("new root {number}"));
        }
        site.root.version += 1;
        signers.push(site.root.keys[0].clone());
        site.write_root(&signers);
    });
    // A root that skips a version, and one that says another version than its name.
    attack("untrusted", |site| {
        site.root.version = 3;
        site.write_root(&site.root.signing);
        std::fs::rename(site.path("metadata/3.root.json"), site.path("metadata/2.root.json")).unwrap();
    });
}

#[test]
fn what_an_index_names_has_to_be_signed_too() {
    type Change = fn(&mut domain::release::ReleaseIndex);
    let checks: [(&str, Change); 6] = [
        ("is no target", |index| index.snapshot.parts[0].file.target = "elsewhere.parquet".to_owned()),
        ("another length", |index| index.snapshot.parts[0].file.bytes += 1),
        ("another length", |index| index.deltas[0].file.sha256 = domain::Sha256([7; 32])),
        ("not of national", |index| index.publisher = "othernat".parse().unwrap()),
        ("not of `national-set`", |index| index.set = "other".parse().unwrap()),
        ("gap", |index| {
            index.deltas.remove(0);
            index.deltas.insert(0, index.deltas[0].clone());
        }),
    ];
    for (words, change) in checks {
        let message = attack("untrusted", |site| {
            site.version += 1;
            site.with_index(change);
        });
        assert!(message.contains(words), "{message} / {words}");
    }
    attack("unknown", |site| site.with_index(|index| index.schema = 2));
    attack("untrusted", |site| {
        site.files.remove("release.json");
        site.next();
    });
}

#[test]
fn a_target_name_is_never_a_path() {
    for name in ["../outside", "a/b", "..", ".hidden", "a..b", "%2e%2e%2fx", "a b"] {
        let message = attack("untrusted", |site| {
            let mut signed = site.targets_signed();
            signed["targets"][name] = json!({"length": 1, "hashes": {"sha256": sha256(b"x")}});
            for role in [&mut site.timestamp, &mut site.snapshot, &mut site.targets] {
                role.version += 1;
            }
            signed["version"] = json!(site.targets.version);
            site.sign_targets(signed);
        });
        assert!(message.contains("cannot be the name"), "{message}");
    }
}

#[test]
fn what_is_no_regular_file_on_a_disk_is_not_read() {
    let here = folder();
    let site = Site::new(&here.path().join("site"), "national");
    let station = Station::of(&site);
    let path = site.path("metadata/timestamp.json");
    let whole = read(&path);
    std::fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
    station.fetch(&site, &[]).refused("unreachable");
    std::fs::remove_file(&path).unwrap();
    nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
    station.fetch(&site, &[]).refused("unreachable");
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, whole).unwrap();
    station.fetch(&site, &[]).accepted();
}
