//! A sync with a post room that says what a test has written down: what is applied, what waits, and what goes on.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use domain::release::{Handover, RefusedCode};
use domain::{Role, UtcTime};
use hashset::Sets;
use hashset::synthetic::entry;
use serde_json::{Value, json};
use workbench::{Setting, SyncLine, SyncOutcome, SyncRequest, accept_waiting, apply_job, run_sync, sync_status};

#[path = "../../../../tests/publisher.rs"]
mod publisher;

use publisher::Publisher;

const NOW: UtcTime = UtcTime(1_700_000_000_000_000);

/// Writes a program that says these words.
fn post_room(dir: &Path, words: &[Value]) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let said = dir.join("said");
    std::fs::write(&said, words.iter().map(|word| format!("{word}\n")).collect::<String>()).unwrap();
    let program = dir.join("post-room");
    std::fs::write(
        &program,
        format!("#!/bin/sh\nwhile read -r line; do echo \"$line\"; done < '{}'\n", said.display()),
    )
    .unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    program
}

fn run(dir: &Path, handovers: &[Handover]) -> Vec<SyncLine> {
    let mut words = vec![json!({ "progress": { "publisher": "national", "files": 2, "files_done": 1 } })];
    words.extend(handovers.iter().map(|handover| json!({ "handover": handover })));
    let request = SyncRequest {
        sets_dir: dir.join("sets"),
        program: post_room(dir, &words),
        starter: std::sync::Arc::new(workbench::Here),
        from: None,
        publishers: Vec::new(),
        override_expiry: None,
        now: Some(NOW),
    };
    let stop = AtomicBool::new(false);
    let setting =
        Setting { decoder: PathBuf::new(), threads: 1, now: &|| NOW, stop: &stop, pause: None, progress: &|_| {} };
    let mut told = 0;
    let lines = run_sync(
        &request,
        &apply_job,
        &mut |_| {
            told += 1;
            Ok(())
        },
        &setting,
    )
    .unwrap();
    assert_eq!(told, lines.len(), "each is told as it comes");
    lines
}

/// Writes what an enrolment leaves, as far as the workbench reads it.
fn enrol(dir: &Path, publisher: &str, upserts_max: u64) {
    let folder = dir.join("sets/sync").join(publisher);
    std::fs::create_dir_all(&folder).unwrap();
    let limits = json!({ "upserts_max": upserts_max, "withdrawals_max": 9, "quarantined_max": 9 });
    std::fs::write(folder.join("enrolment.json"), json!({ "limits": limits, "address": null }).to_string()).unwrap();
}

fn new_publisher(dir: &Path, name: &str) -> Publisher {
    Publisher::new(&dir.join("site").join(name), name, Role::Known, (1..=20).map(|id| entry(1, id)))
}

fn version(dir: &Path, name: &str) -> Option<u32> {
    let sets = Sets::open(&dir.join("sets")).unwrap();
    sets.list().iter().find(|info| info.stamp.name.as_str() == name).map(|info| info.stamp.version.0)
}

#[test]
fn what_came_is_told_and_one_that_fails_stops_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    ["national", "partner", "broken"].iter().for_each(|name| enrol(dir, name, 100));
    let (mut national, partner, broken) =
        (new_publisher(dir, "national"), new_publisher(dir, "partner"), new_publisher(dir, "broken"));
    let sets = dir.join("sets");
    let refused = Handover::Refused {
        publisher: "elsewhere".parse().unwrap(),
        set: "elsewhere".parse().unwrap(),
        code: RefusedCode::Expired,
        message: "it has expired".to_owned(),
        hint: "carry a newer disk in".to_owned(),
        again: false,
    };
    let handovers =
        [broken.hand_over(&sets, NOW), refused, national.hand_over(&sets, NOW), partner.hand_over(&sets, NOW)];
    // A file that changed after it was verified.
    let part = sets.join("sync/broken/incoming/broken-part-000000.parquet");
    std::fs::write(&part, b"something else").unwrap();
    let lines = run(dir, &handovers);
    let outcome = |place: usize| &lines[place].outcome;
    assert!(matches!(outcome(0), SyncOutcome::Refused { code: RefusedCode::Untrusted, .. }), "{:?}", outcome(0));
    assert!(matches!(outcome(1), SyncOutcome::Refused { code: RefusedCode::Expired, .. }));
    assert!(matches!(outcome(2), SyncOutcome::Arrived { arrival } if arrival.added == 20), "{:?}", outcome(2));
    assert!(matches!(outcome(3), SyncOutcome::Arrived { .. }));
    assert!(outcome(0).needs_somebody() && !outcome(2).needs_somebody());
    assert_eq!(version(dir, "broken"), None);

    let again = run(dir, &[national.hand_over(&sets, UtcTime(NOW.0 + 1))]);
    assert!(matches!(again[0].outcome, SyncOutcome::Renewed { .. }), "{:?}", again[0]);
    national.release(vec![entry(2, 5), entry(2, 30)], &[(6, "a mistake")]);
    let next = run(dir, &[national.hand_over(&sets, UtcTime(NOW.0 + 2))]);
    let SyncOutcome::Arrived { arrival } = &next[0].outcome else { panic!("{:?}", next[0]) };
    assert_eq!((arrival.added, arrival.changed, arrival.withdrawn, arrival.entries), (1, 1, 1, 20));

    let revoked = Handover::Revoked { publisher: "partner".parse().unwrap(), set: "partner".parse().unwrap() };
    let lines = run(dir, &[revoked.clone(), revoked]);
    assert!(matches!(lines[0].outcome, SyncOutcome::Revoked { removed: true }));
    assert!(matches!(lines[1].outcome, SyncOutcome::Revoked { removed: false }));
    assert_eq!((version(dir, "partner"), version(dir, "national")), (None, Some(2)));
}

#[test]
fn a_flood_waits_until_a_person_takes_it_and_that_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    enrol(dir, "national", 3);
    let mut national = new_publisher(dir, "national");
    let (sets, publisher) = (dir.join("sets"), "national".parse().unwrap());
    run(dir, &[national.hand_over(&sets, NOW)]);
    national.release((100..110).map(|id| entry(1, id)).collect(), &[]);
    let lines = run(dir, &[national.hand_over(&sets, NOW)]);
    assert!(matches!(&lines[0].outcome, SyncOutcome::Waiting { arrival, .. } if arrival.added == 10), "{:?}", lines[0]);
    assert_eq!(version(dir, "national"), Some(1), "the old one stays");
    let status = sync_status(&sets, NOW).unwrap();
    assert_eq!(status[0].waiting.as_ref().unwrap().arrival.added, 10);

    let by = "anna".parse().unwrap();
    assert!(accept_waiting(&sets, &publisher, &by, " ", &apply_job, NOW).is_err(), "without a reason");
    let taken = accept_waiting(&sets, &publisher, &by, "a large case was closed", &apply_job, NOW).unwrap();
    assert!(matches!(taken.outcome, SyncOutcome::Arrived { .. }));
    assert_eq!(version(dir, "national"), Some(2));
    assert!(sync_status(&sets, NOW).unwrap()[0].waiting.is_none());
    assert!(accept_waiting(&sets, &publisher, &by, "again", &apply_job, NOW).is_err(), "nothing waits any more");
    #[expect(clippy::disallowed_methods, reason = "the test reads what was kept")]
    let log = std::fs::read_to_string(sets.join("sync/log.jsonl")).unwrap();
    let kept: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(kept.iter().map(|line| line["what"].as_str().unwrap()).collect::<Vec<_>>(), ["accept", "accepted"]);
    assert_eq!((&kept[0]["by"], &kept[0]["reason"]), (&json!("anna"), &json!("a large case was closed")));
}
