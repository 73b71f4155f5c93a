//! A case from its first file to its last decision, through the real programs.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

use demo::Expected;
use serde_json::Value;

mod house;

use house::{House, PASSPHRASE, USER, program, zeef};

/// Every file below a folder, with its bytes and times.
fn snapshot(dir: &Path) -> BTreeMap<String, (Vec<u8>, i64, i64, i64)> {
    let mut out = BTreeMap::new();
    let mut open = vec![dir.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            let facts = entry.path().symlink_metadata().unwrap();
            if facts.is_dir() {
                open.push(entry.path());
                continue;
            }
            #[expect(clippy::disallowed_methods, reason = "the test looks at the source by itself")]
            let bytes = if facts.is_file() { std::fs::read(entry.path()).unwrap() } else { Vec::new() };
            out.insert(format!("{:?}", entry.path()), (bytes, facts.mtime(), facts.mtime_nsec(), facts.ctime()));
        }
    }
    out
}

/// What a case says of every place: state, reason, category, set.
fn standing(house: &House) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for item in house.case("list", &[]) {
        for path in item["paths"].as_array().unwrap() {
            let facts = ["sha256", "md5", "type", "state", "reason", "category", "set", "pixels"];
            let facts: Vec<String> = facts.iter().map(|key| item[*key].to_string()).collect();
            out.insert(format!("{path} {}", facts.join(" ")));
        }
    }
    out
}

fn sum_holds(status: &Value) {
    let number = |key: &str| status[key].as_u64().unwrap();
    assert_eq!(number("shown") + number("hidden") + number("refused"), number("items"), "{status}");
    assert_eq!(number("known_decoded"), 0);
}

#[test]
fn every_file_becomes_what_it_has_to_and_no_source_changes() {
    let house = House::new();
    let model = house.model();
    let before = snapshot(&model.media);
    house.new_case();
    house.add(model.media.to_str().unwrap(), &[]);
    assert_eq!(snapshot(&model.media), before, "a source changed");
    let status = house.status();
    sum_holds(&status);
    let mut stands: BTreeMap<String, (String, String)> = BTreeMap::new();
    for item in house.case("list", &[]) {
        for path in item["paths"].as_array().unwrap() {
            let state = item["state"].as_str().unwrap().to_owned();
            stands.insert(path.as_str().unwrap().to_owned(), (state, item["reason"].as_str().unwrap().to_owned()));
            if item["state"] == "hidden" {
                for key in ["set", "version", "entry", "digest"] {
                    assert!(!item["hidden_by"][key].is_null(), "a hide without {key}: {item}");
                }
            }
        }
    }
    assert_eq!(stands.len(), model.truth.len(), "places");
    for truth in &model.truth {
        let (state, reason) = &stands[&truth.path.shown()];
        let expected: (&str, Option<&str>) = match truth.expected {
            Expected::Known => ("hidden", Some("known")),
            Expected::Ordinary => ("hidden", Some("ordinary")),
            Expected::New | Expected::LooksKnown | Expected::Other => ("shown", Some("new")),
            Expected::Conflict => ("shown", Some("conflict")),
            Expected::Quarantined => ("shown", Some("quarantined")),
            Expected::Contradiction => ("shown", Some("contradiction")),
            Expected::Refused => ("refused", None),
        };
        assert_eq!(state, expected.0, "{} {reason}", truth.path);
        assert!(expected.1.is_none_or(|word| word == reason), "{}: {reason}", truth.path);
    }
    let verified = house.case("verify", &["--sets", &house.path("sets")]).remove(0);
    assert_eq!(verified["sound"], true, "{verified}");
}

#[test]
fn one_thread_and_two_give_the_same_case_and_a_second_load_adds_nothing() {
    let one = House::new();
    let model = one.model();
    one.new_case();
    one.add(model.media.to_str().unwrap(), &["--threads", "1"]);
    let two = House::new();
    two.import(model.ordinary.to_str().unwrap(), "ordinary", "good", &[]);
    two.import(model.national.to_str().unwrap(), "national", "known", &[]);
    two.new_case();
    two.add(model.media.to_str().unwrap(), &["--threads", "2"]);
    assert_eq!(standing(&one), standing(&two));
    let again = two.add(model.media.to_str().unwrap(), &[]);
    assert_eq!(again["new_items"], 0, "{again}");
    assert_eq!(again["new_occurrences"], 0, "{again}");
    assert_eq!(standing(&one), standing(&two));
}

/// What the kernel saw: each descriptor that was handed to a decoder, by its path or, for a member of an archive, by
/// the name of its memory, which is the SHA-256.
#[test]
fn nothing_known_reaches_the_decoder() {
    if Command::new("strace").arg("-V").output().is_err() {
        eprintln!("skipped: needs strace");
        return;
    }
    let house = House::new();
    let model = house.model();
    house.new_case();
    let log = house.path("log");
    let sets = house.path("sets");
    let arguments = house.arguments("add", &[model.media.to_str().unwrap(), "--sets", &sets, "--threads", "2"]);
    let traced = Command::new("strace")
        .args(["-f", "-y", "-s", "256", "-e", "trace=sendmsg", "-o", &log])
        .arg(program("zeef"))
        .args(&arguments)
        .output()
        .unwrap();
    assert!(traced.status.success(), "{}", String::from_utf8_lossy(&traced.stderr));
    #[expect(clippy::disallowed_methods, reason = "the test reads its own log")]
    let log = std::fs::read_to_string(&log).unwrap();
    let given: Vec<&str> = log.lines().filter(|line| line.contains("SCM_RIGHTS")).collect();
    let decoded = house.status()["decoded"].as_u64().unwrap() as usize;
    assert!(given.len() >= decoded && decoded > 50, "{} descriptors for {decoded} pictures", given.len());
    let media = model.media.to_str().unwrap();
    let mut seen = 0;
    for truth in &model.truth {
        let hidden = matches!(truth.expected, Expected::Known | Expected::Ordinary);
        let plain = truth.path.0.is_ascii() && !truth.path.0.windows(2).any(|two| two == b"!/");
        let name = match truth.digests {
            Some(digests) if !plain => digests.sha256.to_string(),
            _ => format!("<{media}/{}>", String::from_utf8_lossy(&truth.path.0)),
        };
        let was_given = given.iter().any(|line| line.contains(&name));
        assert!(!(hidden && was_given), "{} is known and was given to the decoder", truth.path);
        seen += usize::from(was_given);
    }
    assert!(seen > 50, "the log names {seen} files: it cannot show anything");
}

#[test]
fn decisions_stand_through_undo_redo_and_new_sets() {
    let house = House::new();
    let model = house.model();
    house.new_case();
    house.add(model.media.to_str().unwrap(), &[]);
    let before = house.status();
    let shown = house.case("list", &["--shown"]);
    let new: Vec<&str> = shown
        .iter()
        .filter(|item| item["reason"] == "new")
        .filter_map(|item| item["sha256"].as_str())
        .take(3)
        .collect();
    house.case("classify", &["4", new[0], new[1], new[2]]);
    assert_eq!(house.status()["classified"], 3);
    house.case("undo", &[]);
    assert_eq!(house.status()["classified"], 0);
    house.case("redo", &[]);
    assert_eq!(house.status()["classified"], 3);

    // The next version of the national set has withdrawn everything, and knows one picture that a person decided about
    // and one that nobody did.
    let other = shown.iter().filter(|item| item["reason"] == "new").nth(4).unwrap();
    let list = house.path("next.json");
    let record = |md5: &Value| format!(r#"{{"MediaID":1,"Category":1,"MD5":{md5}}}"#);
    let decided = shown.iter().find(|item| item["sha256"] == new[0]).unwrap();
    let context = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media";
    let text =
        format!(r#"{{"@odata.context":"{context}","value":[{},{}]}}"#, record(&decided["md5"]), record(&other["md5"]));
    std::fs::write(&list, text).unwrap();
    assert_eq!(house.import(&list, "national", "known", &[])["version"], 2);
    let summary = house.case("rematch", &["--sets", &house.path("sets")]).remove(0);
    // The one that nobody decided about, and the one that was quarantined: it is an ordinary file, and nothing known speaks
    // against it any more.
    assert_eq!(summary["newly_hidden"], 2, "{summary}");
    let after = house.status();
    sum_holds(&after);
    assert_eq!(after["hidden_known"], 1, "a person's decision stays: {after}");
    assert_eq!(after["hidden_ordinary"].as_u64(), before["hidden_ordinary"].as_u64().map(|count| count + 1));
    assert_eq!(after["classified"], 3);
    let returned = house.case("list", &["--shown"]).into_iter().filter(|item| item["reason"] == "returned");
    assert_eq!(returned.clone().count() as u64, before["hidden_known"].as_u64().unwrap());
    assert!(returned.clone().all(|item| item["pixels"].is_array()), "what came back has been decoded");
    let story = house.case("why", &[returned.clone().next().unwrap()["sha256"].as_str().unwrap()]).remove(0);
    assert!(story["operations"].as_array().unwrap().len() >= 2, "{story}");
    assert_eq!(house.case("verify", &[]).remove(0)["sound"], true);
}

#[test]
fn a_case_inside_a_source_is_refused() {
    let house = House::new();
    std::fs::create_dir(house.path("media")).unwrap();
    std::fs::write(house.path("media/a.txt"), "text").unwrap();
    house.new_case();
    let outside = house.path("");
    let out = zeef(
        &house
            .arguments("add", &[&outside, "--sets", &house.path("sets")])
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>(),
    );
    assert_eq!(out.status.code(), Some(1));
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(said.contains("case-inside-source"), "{said}");
}

#[test]
fn a_wrong_passphrase_and_an_unknown_user_get_one_answer() {
    let house = House::new();
    house.new_case();
    std::fs::write(house.path("wrong"), "not the passphrase").unwrap();
    let say = |user: &str, file: &str| {
        let out =
            zeef(&["case", "status", &house.path("case"), "--user", user, "--passphrase-file", &house.path(file)]);
        (out.status.code(), String::from_utf8_lossy(&out.stderr).into_owned())
    };
    assert_eq!(say(USER, "wrong"), say("nobody", "passphrase"));
    assert_eq!(say(USER, "wrong").0, Some(1));
    assert_eq!(say(USER, "passphrase").0, Some(0));
    assert!(!say(USER, "wrong").1.contains(PASSPHRASE));
}
