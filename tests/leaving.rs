//! What leaves a case, and what must not: through the real program, in a terminal. Nothing is written into the folder of a
//! case, no secret key is repeated, and a person finds out in the terminal what can be typed.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::os::unix::fs::symlink;
use std::process::Output;

mod house;

use house::{House, USER, zeef, zeef_ok};

/// A second team lead of the case.
const OTHER: &str = "carla";
/// Passphrase of a signing key.
const KEY_PASSPHRASE: &str = "zes andere woorden voor een sleutel";

fn run_as(house: &House, user: &str, words: &[&str]) -> Output {
    let passphrase = house.path("passphrase");
    let mut all = words.to_vec();
    all.extend(["--user", user, "--passphrase-file", &passphrase]);
    zeef(&all)
}

fn said(out: &Output) -> String {
    String::from_utf8_lossy(&[out.stdout.as_slice(), out.stderr.as_slice()].concat()).into_owned()
}

fn names(folder: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn nothing_is_written_into_the_folder_of_a_case() {
    let house = House::new();
    let small = house.small_media();
    house.new_cheap_case();
    house.add(&small.media, &[]);
    let (case, passphrase) = (house.path("case"), house.path("passphrase"));
    house.case("user", &["add", OTHER, "--role", "team-lead", "--new-passphrase-file", &passphrase]);
    let (key, key_passphrase, reading) = (house.path("anna.key"), house.path("key-word"), house.path("bob.key"));
    std::fs::write(&key_passphrase, KEY_PASSPHRASE).unwrap();
    zeef_ok(&["package", "key", "signing", "--out", &key, "--passphrase-file", &key_passphrase]);
    zeef_ok(&["package", "key", "reading", "--out", &reading, "--name", "Bob"]);
    let to = format!("{reading}.pub");
    let asked = run_as(&house, OTHER, &["export", "request", &case, "--what", "all", "--to", &to]);
    assert!(asked.status.success(), "{}", said(&asked));

    let link = house.path("elsewhere");
    symlink(&case, &link).unwrap();
    let before = names(&case);
    for folder in [&case, &link] {
        let at = |name: &str| format!("{folder}/{name}");
        let (package, report, vics, index) = (at("p.zeef"), at("r.pdf"), at("c.json"), at("mine.zeef-index"));
        let sign = ["export", "sign", &case, "1", "--key", &key, "--key-passphrase-file", &key_passphrase];
        let sign: Vec<&str> = sign.into_iter().chain(["--out", &package]).collect();
        let vetoes = at("vetoes.json");
        let refused = [
            run_as(&house, USER, &sign),
            run_as(&house, USER, &["report", &case, "--lang", "en", "--out", &report]),
            run_as(&house, USER, &["export", "vics", &case, "--out", &vics]),
            run_as(&house, USER, &["index", "add", &case, "--index", &index]),
            run_as(&house, USER, &["case", "feedback", &case, "--out", &vetoes]),
            zeef(&["package", "key", "reading", "--out", &at("k")]),
        ];
        for out in refused {
            assert_eq!(out.status.code(), Some(1), "{}", said(&out));
            assert!(said(&out).contains("inside the folder of a case"), "{}", said(&out));
        }
        assert_eq!(names(&case), before);
    }
    // Beside it, the same is written.
    let package = house.path("p.zeef");
    let sign = ["export", "sign", &case, "1", "--key", &key, "--key-passphrase-file", &key_passphrase];
    let sign: Vec<&str> = sign.into_iter().chain(["--out", &package]).collect();
    let signed = run_as(&house, USER, &sign);
    assert!(signed.status.success(), "{}", said(&signed));
    // A message about a package has its name as it is.
    let trusted = house.path("leads.json");
    let list = serde_json::json!({ "schema": domain::release::RELEASE_SCHEMA, "leads": [] });
    std::fs::write(&trusted, list.to_string()).unwrap();
    let verified = zeef(&["package", "verify", &package, "--identity", &reading, "--trusted", &trusted]);
    assert!(said(&verified).starts_with(&format!("`{package}`: it is signed")), "{}", said(&verified));
}

#[test]
fn a_secret_key_is_never_repeated() {
    let house = House::new();
    house.new_cheap_case();
    let (case, reading) = (house.path("case"), house.path("bob.key"));
    zeef_ok(&["package", "key", "reading", "--out", &reading]);
    let text = house::read(&reading);
    let secret = text.lines().find(|line| line.starts_with("AGE-SECRET-KEY-1")).unwrap();
    let small = secret.to_lowercase();
    let public = house::read(&format!("{reading}.pub"));
    let named = format!("{secret}={}", public.trim());
    for to in [reading.as_str(), secret, &small, &format!("Bob={secret}"), &named] {
        for json in [&[][..], &["--json"]] {
            let words = ["export", "request", &case, "--what", "all", "--to", to];
            let out = run_as(&house, USER, &words.into_iter().chain(json.iter().copied()).collect::<Vec<_>>());
            assert_eq!(out.status.code(), Some(1), "{}", said(&out));
            assert!(said(&out).contains(".pub"), "{}", said(&out));
            assert!(!said(&out).to_uppercase().contains("AGE-SECRET-KEY-1"), "it is told what the key is");
        }
    }
    // Where something else was asked for, too.
    let odd = [
        run_as(&house, USER, &["export", "request", &case, "--what", secret, "--to", &public]),
        run_as(&house, USER, &["case", "why", &case, secret]),
        zeef(&["package", "verify", &house.path("p"), "--identity", secret, "--trusted", secret]),
        zeef(&["package", secret]),
    ];
    for out in odd {
        assert!(!out.status.success());
        assert!(!said(&out).to_uppercase().contains("AGE-SECRET-KEY-1"), "it is told what the key is");
    }
    let ledger = house.look_into_case().unwrap();
    ledger
        .ledger(&mut |row| {
            assert!(!format!("{row:?}").contains(secret), "the ledger has the key");
            ControlFlow::Continue(())
        })
        .unwrap();
}

#[test]
fn metadata_is_told_as_evidence_wants_it() {
    let house = House::new();
    let model = house.model();
    house.new_cheap_case();
    house.add(model.media.to_str().unwrap(), &[]);
    let case = house.path("case");
    let mut found = None;
    house
        .look_into_case()
        .unwrap()
        .clue_rows(&mut |row| {
            if let Some(serial) = row.facts.camera.serial.clone() {
                found = Some((row.sha256.to_string(), serial));
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    let (sha256, serial) = found.expect("the model case has a picture with a serial number");
    let why = said(&run_as(&house, USER, &["case", "why", &case, &sha256]));
    let line = why.lines().find(|line| line.starts_with("Metadata") && line.ends_with(&format!(" = {serial}")));
    let name =
        line.unwrap_or_else(|| panic!("{why}")).trim_start_matches("Metadata").trim().split(" = ").next().unwrap();

    let made = run_as(&house, USER, &["lead", "new", &case, "--kind", "victim", "--name", "Willow"]);
    assert!(made.status.success(), "{}", said(&made));
    let evidence = ["lead", "evidence", &case, "1", &sha256, "--metadata"];
    let refused = run_as(&house, USER, &evidence.into_iter().chain(["exif:NoSuchName"]).collect::<Vec<_>>());
    assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
    assert!(said(&refused).contains(name), "the refusal names what is there: {}", said(&refused));
    let taken = run_as(&house, USER, &evidence.into_iter().chain([name]).collect::<Vec<_>>());
    assert!(taken.status.success(), "{}", said(&taken));
    let shown = said(&run_as(&house, USER, &["lead", "show", &case, "1"]));
    assert!(shown.contains(&serial), "{shown}");
}

#[test]
fn a_package_of_everything_has_no_word_of_a_set_as_its_own() {
    let house = House::new();
    let model = house.model();
    house.new_cheap_case();
    house.add(model.media.to_str().unwrap(), &[]);
    let (case, passphrase) = (house.path("case"), house.path("passphrase"));
    house.case("user", &["add", OTHER, "--role", "team-lead", "--new-passphrase-file", &passphrase]);
    let items = house.case("list", &["--hidden"]);
    let series = |sha256: &str| {
        let story = house.case("why", &[sha256]).remove(0);
        story["hits"].as_array().unwrap().iter().any(|hit| hit["series"] != "")
    };
    let known: Vec<&str> =
        items.iter().filter_map(|item| item["sha256"].as_str()).filter(|sha256| series(sha256)).take(2).collect();
    let [untouched, under_lead] = known[..] else { panic!("the model's national set names series of its contents") };
    for words in [
        &["lead", "new", &case, "--kind", "victim", "--name", "Willow", "--series", "Own series", "--item", under_lead]
            [..],
        &["lead", "state", &case, "1", "identified"],
    ] {
        let done = run_as(&house, USER, words);
        assert!(done.status.success(), "{}", said(&done));
    }

    let (key, key_passphrase, reading) = (house.path("anna.key"), house.path("key-word"), house.path("bob.key"));
    std::fs::write(&key_passphrase, KEY_PASSPHRASE).unwrap();
    let made = zeef_ok(&["package", "key", "signing", "--out", &key, "--passphrase-file", &key_passphrase, "--json"]);
    zeef_ok(&["package", "key", "reading", "--out", &reading]);
    let to = format!("{reading}.pub");
    let package = house.path("p.zeef");
    let sign = ["export", "sign", &case, "1", "--key", &key, "--key-passphrase-file", &key_passphrase];
    for (user, words) in [
        (OTHER, vec!["export", "request", &case, "--what", "all", "--to", &to]),
        (USER, sign.into_iter().chain(["--out", &package]).collect()),
    ] {
        let done = run_as(&house, user, &words);
        assert!(done.status.success(), "{}", said(&done));
    }
    let trusted = house.path("leads.json");
    let list = serde_json::json!({
        "schema": domain::release::RELEASE_SCHEMA,
        "leads": [{
            "name": "Anna", "unit": "tests", "key": house::lines(&made)[0]["key"],
            "from": "2020-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z", "revoked": false,
        }],
    });
    std::fs::write(&trusted, list.to_string()).unwrap();
    let out = house.path("opened");
    zeef_ok(&["package", "open", &package, "--identity", &reading, "--trusted", &trusted, "--out", &out]);

    let folder = names(&out);
    let file = folder.iter().find(|name| name.starts_with("items")).unwrap();
    let items = house::lines(&house::read(&format!("{out}/{file}")));
    let of = |sha256: &str| items.iter().find(|item| item.to_string().contains(sha256)).unwrap();
    let said_of = |item: &serde_json::Value| {
        let flags = item["flags"].as_object().into_iter().flatten().filter(|(_, flag)| !flag.is_null());
        let flags: Vec<String> = flags.map(|(name, flag)| format!("{name}={flag}")).collect();
        (item["series"].as_array().cloned().unwrap_or_default(), flags)
    };
    assert_eq!(said_of(of(untouched)), (vec![], vec![]), "{}", of(untouched));
    let (series, flags) = said_of(of(under_lead));
    assert_eq!(series, ["Own series"], "{}", of(under_lead));
    assert_eq!(flags, ["victim_identified=true"], "{}", of(under_lead));
}

#[test]
fn a_report_says_who_stated_what_and_a_name_in_any_script_is_no_obstacle() {
    let house = House::new();
    let small = house.small_media();
    let media = house.path("写真 صورة \u{1f469}");
    std::fs::rename(&small.media, &media).unwrap();
    house.new_cheap_case();
    house.add(&media, &[]);
    let (case, passphrase) = (house.path("case"), house.path("passphrase"));
    house.case("user", &["add", OTHER, "--role", "investigator", "--new-passphrase-file", &passphrase]);
    let mut written = 0;
    let mut report = |user: &str, lang: &str, words: &[&str]| {
        written += 1;
        let out = house.path(&format!("{written}.pdf"));
        let mut all = vec!["report", case.as_str(), "--lang", lang, "--out", &out];
        words.iter().for_each(|word| all.extend(["--qualification", word]));
        let done = run_as(&house, user, &all);
        (said(&done), out)
    };
    let twin =
        |pdf: &str| -> serde_json::Value { serde_json::from_str(&house::read(&pdf.replace(".pdf", ".json"))).unwrap() };
    let stated = |pdf: &str| -> Vec<(String, u64, String)> {
        let of = |row: &serde_json::Value| {
            let text = |name: &str| row[name].as_str().unwrap().to_owned();
            (text("name"), row["items"].as_u64().unwrap(), text("by"))
        };
        twin(pdf)["qualification"].as_array().unwrap().iter().map(of).collect()
    };
    let row = |name: &str, items, by: &str| (name.to_owned(), items, by.to_owned());
    for odd in ["theft=1", "possession", "possession=1.5", "possession=-1", "possession=99999999999"] {
        let (told, out) = report(USER, "en", &[odd]);
        assert!(told.contains("WORD=ITEMS") && !std::path::Path::new(&out).exists(), "{odd}: {told}");
    }
    let (told, first) = report(USER, "nl", &["possession=120", "abuse=0"]);
    assert!(told.contains("Wrote"), "{told}");
    assert_eq!(stated(&first), [row("possession", 120, USER), row("abuse", 0, USER)]);
    let (_, second) = report(OTHER, "nl", &["abuse=", "production=3"]);
    assert_eq!(stated(&second), [row("possession", 120, USER), row("production", 3, OTHER)]);
    // What stands in the case stands in everybody's report, and the same case gives the same bytes.
    let ((_, third), (_, fourth)) = (report(USER, "nl", &[]), report(OTHER, "nl", &["production=3"]));
    assert!(house::read_bytes(&second) == house::read_bytes(&third));
    assert!(house::read_bytes(&third) == house::read_bytes(&fourth), "what stands is not stated again");
    assert!(twin(&third)["sources"][0]["path"].as_str().unwrap().contains("写真"), "the figures have the name");
    assert!(run_as(&house, OTHER, &["case", "undo", &case]).status.success());
    let (_, fifth) = report(USER, "en", &[]);
    assert_eq!(stated(&fifth), [row("possession", 120, USER), row("abuse", 0, USER)], "it was taken back");
    assert_eq!(house.case("verify", &[]).remove(0)["sound"], true);
}
