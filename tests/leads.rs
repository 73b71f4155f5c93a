//! From new pictures to a lead, and from a lead to the national set: through the real programs, in a terminal.
//!
//! New items become a victim lead with two regions and a place; clues are found by serial number and GPS; an export is asked
//! for by one, refused to sign by the same, signed by the team lead; the custodian takes it and releases; another workstation
//! syncs, and the same pictures are hidden there, with their series and "victim identified".

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::process::{Command, Output};

use serde_json::Value;

mod house;

use house::{House, PASSPHRASE, USER, lines, program, zeef, zeef_ok};

/// The custodian's day; keys are valid around every day on which this test can run.
const DAY: &str = "2026-11-01T06:00:00Z";
const FROM: &str = "2020-01-01T00:00:00Z";
const UNTIL: &str = "2099-01-01T00:00:00Z";
/// A second team lead of the case.
const OTHER: &str = "carla";
/// Passphrase of the team lead's signing key.
const KEY_PASSPHRASE: &str = "zes andere woorden voor een sleutel";

/// Runs `zeef` in the case as a person, with JSON.
fn try_as(house: &House, user: &str, words: &[&str]) -> Output {
    let passphrase = house.path("passphrase");
    let mut all = words.to_vec();
    all.extend(["--user", user, "--passphrase-file", &passphrase, "--json"]);
    zeef(&all)
}

fn run_as(house: &House, user: &str, words: &[&str]) -> Vec<Value> {
    let out = try_as(house, user, words);
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.success(), "{words:?}: {}\n{said}", out.status);
    lines(&String::from_utf8(out.stdout).unwrap())
}

fn run(house: &House, words: &[&str]) -> Value {
    run_as(house, USER, words).remove(0)
}

fn publish(command: &str, words: &[&str]) -> String {
    let mut all = vec![command];
    all.extend(words);
    all.extend(["--now", DAY]);
    let out = Command::new(program("zeef-publish")).args(&all).env("USER", "custodian").output().unwrap();
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.success(), "zeef-publish {all:?}: {}\n{said}", out.status);
    String::from_utf8(out.stdout).unwrap()
}

/// A new picture that names its device and its place.
struct Shot {
    sha256: String,
    serial: String,
    size: (u32, u32),
}

/// Finds the shown, undecided pictures with a serial number and a place, by the serial number that most have.
fn shots(house: &House) -> Vec<Shot> {
    let case = house.look_into_case().unwrap();
    let mut of: BTreeMap<String, Vec<Shot>> = BTreeMap::new();
    case.clue_rows(&mut |row| {
        if let (Some(serial), Some(_)) = (row.facts.camera.serial.clone(), row.facts.gps) {
            let size = (row.facts.width, row.facts.height);
            of.entry(serial.clone()).or_default().push(Shot { sha256: row.sha256.to_string(), serial, size });
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    of.into_values().max_by_key(Vec::len).expect("the model case has pictures with serial number and place")
}

#[test]
fn a_lead_comes_back_as_a_set_that_hides() {
    let house = House::new();
    let model = house.model();
    let media = model.media.to_str().unwrap();
    let case = house.path("case");
    house.new_cheap_case();
    house.add(media, &[]);
    let passphrase = house.path("passphrase");
    house.case("user", &["add", OTHER, "--role", "team-lead", "--new-passphrase-file", &passphrase]);
    house.case("user", &["add", "bert", "--role", "investigator", "--new-passphrase-file", &passphrase]);

    // A lead of two pictures of one device: a region of each, and a place.
    let shots = shots(&house);
    assert!(shots.len() >= 2, "two new pictures of one device");
    let (first, second) = (&shots[0], &shots[1]);
    let made = run(
        &house,
        &["lead", "new", &case, "--kind", "victim", "--name", "Willow <b>", "--series", "Willow series", "--risk"],
    );
    assert_eq!((made["line"]["lead"].as_u64(), made["line"]["risk"].as_str()), (Some(1), Some("now")), "{made}");
    run(&house, &["lead", "change", &case, "1", "--place=52.0705,4.3007,500"]);
    let region = format!("1,1,{},{}", first.size.0 / 2, first.size.1 / 2);
    run(&house, &["lead", "evidence", &case, "1", &first.sha256, "--region", &region, "--caption", "=cmd|curtain"]);
    let outline = format!("0,0 {},0 0,{}", second.size.0 - 1, second.size.1 - 1);
    let lead = run(&house, &["lead", "evidence", &case, "1", &second.sha256, "--outline", &outline]);
    assert_eq!((lead["line"]["items"].as_u64(), lead["line"]["regions"].as_u64()), (Some(2), Some(2)), "{lead}");
    let outside = format!("0,0,{},10", first.size.0 + 1);
    let refused = try_as(&house, USER, &["lead", "evidence", &case, "1", &first.sha256, "--region", &outside]);
    assert!(!refused.status.success(), "a region lies within its picture");

    // Clues: what the data of those pictures share.
    let lead = run(&house, &["lead", "show", &case, "1"]);
    let clue = |kind: &str| {
        let clues = lead["clues"].as_array().unwrap().iter();
        clues.filter(|clue| clue["kind"] == kind).max_by_key(|clue| clue["items"].as_u64()).cloned()
    };
    let serial = clue("serial").unwrap_or_else(|| panic!("a clue by serial number: {lead}"));
    assert!(serial["value"].as_str().unwrap().contains(&first.serial), "{serial}");
    let items = serial["items"].as_u64().unwrap();
    assert!(items >= shots.len() as u64, "all that the device made, not only the lead's: {serial}");
    assert!(clue("place").is_some(), "a clue by GPS: {lead}");
    let links = run_as(&house, USER, &["links", &case]);
    let linked = |link: &Value| link["kind"] == "serial" && link["from"].to_string().contains("Willow");
    assert!(links.iter().any(linked), "{links:?}");

    // Undo reaches leads too; then what was taken back is done again.
    run(&house, &["lead", "state", &case, "1", "identified"]);
    house.case("undo", &[]);
    assert_eq!(run(&house, &["lead", "show", &case, "1"])["line"]["state"], "open");
    house.case("redo", &[]);
    assert_eq!(run(&house, &["lead", "show", &case, "1"])["line"]["state"], "identified");
    run_as(&house, "bert", &["lead", "risk", &case, "1", "--take"]);
    assert_eq!(run(&house, &["lead", "list", &case])["risk_by"], "bert");
    house.case("classify", &["1", &first.sha256, &second.sha256]);

    // Four eyes.
    let keys = Keys::new(&house);
    let request = ["export", "request", &case, "--what", "classified", "--to", &keys.recipient];
    let asked = run_as(&house, OTHER, &request).remove(0);
    assert_eq!((asked["request"].as_u64(), asked["state"].as_str()), (Some(1), Some("asked")), "{asked}");
    // The same sample for everybody, and nobody picked it: all, where fewer than twenty leave.
    let sample = |user: &str| run_as(&house, user, &["export", "sample", &case, "1"]);
    let drawn = sample(USER);
    assert_eq!(drawn, sample(OTHER));
    let mut digests: Vec<&str> = drawn.iter().filter_map(|item| item["sha256"].as_str()).collect();
    digests.sort_unstable();
    let mut wanted = [first.sha256.as_str(), second.sha256.as_str()];
    wanted.sort_unstable();
    assert_eq!(digests, wanted);
    assert!(drawn.iter().all(|item| item["category"] == "1" && item["looked"] == false), "{drawn:?}");
    let package = house.path("package.zeef");
    let sign = ["export", "sign", &case, "1", "--key", &keys.signing, "--key-passphrase-file", &keys.passphrase];
    let sign: Vec<&str> = sign.into_iter().chain(["--out", &package]).collect();
    for (user, why) in [(OTHER, "who asked"), ("bert", "who is no team lead")] {
        let refused = try_as(&house, user, &sign);
        assert_eq!(refused.status.code(), Some(1), "refused for {why}");
        assert!(String::from_utf8_lossy(&refused.stderr).contains("not-allowed"), "{user}");
        assert!(!std::path::Path::new(&package).exists(), "nothing is written for {why}");
    }
    let signed = run(&house, &sign);
    assert_eq!((signed["state"].as_str(), signed["signed_by"].as_str()), (Some("signed"), Some(USER)), "{signed}");
    assert_eq!(signed["sample"], serde_json::json!([2, 0]), "the ledger tells what was looked at: {signed}");
    let again = try_as(&house, USER, &sign);
    assert!(!again.status.success(), "a request is signed once");

    // It opens for its recipient, names no file, and for nobody else.
    let opened = lines(&zeef_ok(&[
        "package",
        "open",
        &package,
        "--identity",
        &keys.reading,
        "--trusted",
        &keys.leads,
        "--out",
        &house.path("opened"),
        "--json",
    ]))
    .remove(0);
    assert_eq!((opened["items"].as_u64(), opened["signer"].as_str()), (Some(2), Some("Anna")), "{opened}");
    let set = house::read(&house.path("opened/set.vics.json"));
    assert!(set.contains("Willow series") && !set.contains("Willow <b>"), "series go along, code names do not");
    let stranger = house.path("stranger");
    zeef_ok(&["package", "key", "reading", "--out", &stranger]);
    let verify = ["package", "verify", &package, "--identity", &stranger, "--trusted", &keys.leads];
    assert_eq!(zeef(&verify).status.code(), Some(1), "others cannot read it");
    assert_eq!(house.case("verify", &[]).remove(0)["sound"], true);

    // The custodian takes it and releases; another workstation syncs.
    let site = released(&house, &keys, &package);
    let there = House::new();
    let sets = there.path("sets");
    zeef_ok(&["sync", "enrol", &format!("{site}/enrolment.json"), "--sets", &sets]);
    let told = lines(&zeef_ok(&["sync", "run", "--sets", &sets, "--from", &site, "--now", DAY, "--json"])).remove(0);
    assert_eq!((told["outcome"].as_str(), told["added"].as_u64()), (Some("arrived"), Some(2)), "{told}");
    // The list of team leads came with it, and is the one that packages are checked by where none is named.
    let mut verify = vec!["package", "verify", &package, "--identity", &keys.reading, "--sets", &sets];
    let by_kept = String::from_utf8(zeef(&verify).stdout).unwrap();
    assert!(by_kept.starts_with("Everything holds. Signed by Anna"), "{by_kept}");
    assert!(by_kept.contains("sync/national-new/leads.json"), "it is said by which list: {by_kept}");
    let nowhere = there.path("no-sets");
    verify[6] = &nowhere;
    let refused = zeef(&verify);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("zeef sync run"), "it is said what to do");
    there.new_cheap_case();
    there.add(media, &[]);
    for shot in [first, second] {
        let story = there.case("why", &[&shot.sha256]).remove(0);
        assert_eq!(story["item"]["state"], "hidden", "{story}");
        let hit = &story["hits"][0];
        assert_eq!(hit["series"], "Willow series", "{hit}");
        assert_eq!(hit["flags"]["victim_identified"], true, "{hit}");
    }
}

/// Keys of the team lead and of the custodian, and the list of team leads.
struct Keys {
    signing: String,
    passphrase: String,
    public: String,
    reading: String,
    recipient: String,
    leads: String,
}

impl Keys {
    fn new(house: &House) -> Self {
        let (signing, reading, passphrase) =
            (house.path("anna.key"), house.path("custodian.key"), house.path("key-word"));
        std::fs::write(&passphrase, KEY_PASSPHRASE).unwrap();
        assert_ne!(PASSPHRASE, KEY_PASSPHRASE);
        let key = |words: &[&str]| {
            let mut all = vec!["package", "key"];
            all.extend(words);
            all.push("--json");
            lines(&zeef_ok(&all)).remove(0)["key"].as_str().unwrap().to_owned()
        };
        let public = key(&["signing", "--out", &signing, "--passphrase-file", &passphrase]);
        let recipient = key(&["reading", "--out", &reading, "--name", "Custodian"]);
        let leads = house.path("leads.json");
        let list = serde_json::json!({
            "schema": domain::release::RELEASE_SCHEMA,
            "leads": [{
                "name": "Anna", "unit": "tests", "key": public, "from": FROM, "until": UNTIL, "revoked": false,
            }],
        });
        std::fs::write(&leads, list.to_string()).unwrap();
        Self { signing, passphrase, public, reading, recipient, leads }
    }
}

/// Makes a repository, takes the package in as a contribution, and releases; gives the site.
fn released(house: &House, keys: &Keys, package: &str) -> String {
    let (repo, publisher_keys, site) = (house.path("repo"), house.path("publisher-keys"), house.path("site"));
    let title =
        ["--set", "national-new", "--title", "The set of a test", "--profile", "US", "--publisher", "national-new"];
    let mut words = vec![repo.as_str()];
    words.extend(title);
    words.extend(["--keys", &publisher_keys]);
    publish("init", &words);
    let lead = ["--name", "Anna", "--unit", "tests", "--key", &keys.public, "--from", FROM, "--until", UNTIL];
    let mut words = vec![repo.as_str()];
    words.extend(lead);
    publish("lead", &words);
    publish("add", &[&repo, package, "--by", "custodian", "--identity", &keys.reading]);
    let again = Command::new(program("zeef-publish"))
        .args(["add", &repo, package, "--by", "custodian", "--identity", &keys.reading, "--now", DAY])
        .output()
        .unwrap();
    assert!(!again.status.success(), "a package is taken once");
    publish("release", &[&repo, "--keys", &publisher_keys, "--out", &site]);
    site
}

#[test]
fn a_case_of_another_tool_comes_in_with_its_opinions() {
    let house = House::new();
    let small = house.small_media();
    let digest = |file: &str| {
        let out = Command::new("md5sum").arg(format!("{}/{file}", small.media)).output().unwrap();
        String::from_utf8(out.stdout).unwrap()[..32].to_owned()
    };
    // A record of a new picture with two places, one whose file says otherwise, one that is not there, and a code 0.
    let context = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Cases";
    let record = |id: u32, category: Value, md5: &str, path: &str, files: Value| {
        serde_json::json!({
            "MediaID": id, "Category": category, "MD5": md5, "SHA1": "", "RelativeFilePath": path,
            "Series": "Other series", "Comments": "=cmd|' /C calc'!A0", "MediaFiles": files,
        })
    };
    let place = |path: &str, name: &str| serde_json::json!({ "MD5": "", "FilePath": path, "FileName": name, "Created": "2019-01-02T03:04:05+02:00Z" });
    let new = digest("below/new-11.jpg");
    let cases = serde_json::json!({
        "@odata.context": context,
        "value": [{
            "CaseID": "{5b1d8f1e-0000-4000-8000-000000000001}", "CaseNumber": "X-9",
            "SourceApplicationName": "Tool", "SourceApplicationVersion": "7.1", "TotalMediaFiles": 99,
            "Media": [
                record(0, 1.into(), &new, "below\\new-11.jpg", serde_json::json!([
                    place("C:\\Users\\x", "a.jpg"), place("C:\\Users\\y", "b.jpg"),
                ])),
                record(0, 0.into(), &digest("below/new-12.jpg"), "below\\new-12.jpg", serde_json::json!([])),
                record(1, 2.into(), &"ab".repeat(16), "below\\new-13.jpg", serde_json::json!([place("D:\\", "c.jpg")])),
                record(2, Value::Null, &"cd".repeat(16), "gone\\d.jpg", serde_json::json!([place("E:\\", "d.jpg")])),
            ],
        }],
    });
    let file = format!("{}/case.json", small.media);
    std::fs::write(&file, cases.to_string()).unwrap();
    house.import(&small.known, "known", "known", &["--profile", "US"]);
    house.new_cheap_case();
    let (case, sets) = (house.path("case"), house.path("sets"));
    let add = ["case", "add", &case, &file, "--as", "vics", "--sets", &sets];
    let preview: Vec<&str> = add.into_iter().chain(["--preview"]).collect();
    let preview = run(&house, &preview);
    assert_eq!(preview["categories"]["0"].as_u64(), Some(1), "{preview}");
    assert!(preview["open"].to_string().contains("--meaning 0="), "code 0 is asked about: {preview}");

    let answered: Vec<&str> = add.into_iter().chain(["--meaning", "0=non-pertinent"]).collect();
    let added = run(&house, &answered);
    let joined = &added["joined"];
    let counts = ["records", "absent", "opinions", "disagreeing", "places"].map(|name| joined[name].as_u64());
    assert_eq!(counts, [Some(2), Some(2), Some(2), Some(1), Some(4)], "{added}");
    assert_eq!(added["unanswered"].as_object().map(serde_json::Map::len), Some(0), "{added}");

    // What another tool said hides nothing and decides nothing; sets hide as ever.
    let items = house.case("list", &[]);
    let of = |name: &str| items.iter().find(|item| item["paths"].to_string().contains(name)).unwrap();
    let item = of("C:/Users/x/a.jpg");
    assert_eq!((item["state"].as_str(), item["category"].as_str()), (Some("shown"), None), "{item}");
    assert!(item["paths"].to_string().contains("below/new-11.jpg"), "one item, at every place: {item}");
    assert_eq!(of("below/new-12.jpg")["state"], "shown", "non-pertinent by another tool hides nothing");
    assert_eq!(of("known-1.jpg")["state"], "hidden");
    for lost in ["D:/c.jpg", "E:/d.jpg"] {
        assert_eq!(of(lost)["state"], "refused", "a place whose content is not there is told with a reason");
    }
    let number = house.look_into_case().unwrap();
    let sha256 = item["sha256"].as_str().unwrap().parse().unwrap();
    let opinions = number.opinions_of(number.number_of(&sha256).unwrap().unwrap()).unwrap();
    assert_eq!(opinions.len(), 1);
    assert_eq!((opinions[0].opinion.tool.as_str(), opinions[0].opinion.series.as_str()), ("Tool 7.1", "Other series"));
    drop(number);

    // Done again, nothing is added.
    let again = run(&house, &answered);
    assert_eq!(again["joined"]["places"].as_u64(), Some(0), "{again}");
    assert_eq!(house.case("verify", &[]).remove(0)["sound"], true);
}

#[test]
fn an_index_over_cases_finds_what_two_cases_share() {
    let (house, other) = (House::new(), House::new());
    let model = house.model();
    let media = model.media.to_str().unwrap();
    let index = house.path("mine.zeef-index");
    for one in [&house, &other] {
        one.new_cheap_case();
        let sets = house.path("sets");
        one.case("add", &[media, "--sets", &sets]);
    }
    let shots = shots(&house);
    let case = house.path("case");
    run(&house, &["lead", "new", &case, "--kind", "victim", "--name", "Willow", "--item", &shots[0].sha256]);
    for one in [&house, &other] {
        let added = run(one, &["index", "add", &one.path("case"), "--index", &index]);
        assert!(added["items"].as_u64().unwrap() > 0, "{added}");
    }
    let links = run_as(&house, USER, &["links", &case, "--across", &index]);
    let has =
        |kind: &str, end: &str| links.iter().any(|link| link["kind"] == kind && link["from"].to_string().contains(end));
    assert!(has("same-item", "Willow"), "{links:?}");
    assert!(has("serial", &shots[0].serial), "{links:?}");
    let text = house::read_bytes(&index);
    assert!(!text.windows(6).any(|part| part == b"Willow"), "the index is encrypted");
    let log = house.look_into_case().unwrap();
    let mut opened = 0;
    log.ledger(&mut |row| {
        opened += u64::from(row.kind == casefile::OperationKind::IndexOpened);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(opened > 0, "to open an index is logged");
}

#[test]
fn regions_that_look_alike_are_told_within_a_case_and_across_cases() {
    let (house, other) = (House::new(), House::new());
    let model = house.model();
    let media = model.media.to_str().unwrap();
    let index = house.path("mine.zeef-index");
    for one in [&house, &other] {
        one.new_cheap_case();
        one.case("add", &[media, "--sets", &house.path("sets")]);
    }
    let items = house.case("list", &[]);
    let item = |path: String| {
        let found = items.iter().find(|item| item["paths"].to_string().contains(&path));
        found.unwrap_or_else(|| panic!("{path}"))["sha256"].as_str().unwrap().to_owned()
    };
    // A picture of a telephone, and what somebody received of it: smaller, encoded again, with the same thing in it.
    let numbers = [3, 6, 9, 12];
    let draw = |house: &House, lead: &str, item: &str, region: &str| {
        run(house, &["lead", "evidence", &house.path("case"), lead, item, "--region", region]);
    };
    for (house, names) in [(&house, ["Willow", "Bag"]), (&other, ["Elm", "Attic"])] {
        for name in names {
            run(house, &["lead", "new", &house.path("case"), "--kind", "object", "--name", name]);
        }
    }
    for number in numbers {
        let (sent, received) = (item(format!("IMG_{}.JPG", 1200 + number)), item(format!("ontvangen-{number:03}.jpg")));
        draw(&house, "1", &sent, "80,60,480,360");
        draw(&house, "2", &received, "70,52,420,316");
        draw(&other, "1", &received, "70,52,420,316");
    }
    // One that is too small to say anything.
    draw(&house, "1", &item("IMG_1203.JPG".to_owned()), "10,10,8,8");
    let case = house.path("case");
    let shown = run(&house, &["lead", "show", &case, "1"]);
    let lines = shown["looks"]["lines"].as_array().unwrap();
    assert_eq!(shown["looks"]["waiting"].as_u64(), Some(0));
    assert_eq!(lines.len(), numbers.len() + 1, "{shown}");
    assert!(lines.iter().any(|line| line["standing"] == "poor"), "{lines:?}");
    let alike: Vec<&Value> = lines.iter().filter(|line| line["alike"][0]["name"] == "Bag").collect();
    assert!(!alike.is_empty(), "{lines:?}");
    assert!(alike.iter().all(|line| line["alike"][0]["distance"].as_u64().unwrap() <= 31), "{alike:?}");

    let of_kind = |links: &[Value]| -> Vec<Value> {
        links.iter().filter(|link| link["kind"] == "region-alike").cloned().collect()
    };
    let within = of_kind(&run_as(&house, USER, &["links", &case]));
    assert!(within.len() >= alike.len(), "{within:?}");
    assert!(within.iter().all(|link| (&link["from"]["name"], &link["to"]["name"]) == (&"Willow".into(), &"Bag".into())));
    for one in [&house, &other] {
        let added = run(one, &["index", "add", &one.path("case"), "--index", &index]);
        assert!(added["regions"].as_u64().unwrap() > 0, "{added}");
    }
    let across = of_kind(&run_as(&house, USER, &["links", &case, "--across", &index]));
    assert!(across.iter().any(|link| link["from"]["name"] == "Willow" && link["to"]["lead"] == "Elm"), "{across:?}");
    assert!(across.iter().all(|link| link["distance"].as_u64().unwrap() <= 31), "{across:?}");
    assert_eq!(house.case("verify", &[]).remove(0)["sound"], true);
}
