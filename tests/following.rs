//! Open cases follow the change: what a new version of a published set does to them, through the real program.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::path::Path;

use domain::{CategoryCode, Entry, EntryDigests, EntryId, Role, Sha256, UtcTime, Verdict};
use serde_json::Value;

mod house;
mod publisher;

use house::{House, lines, zeef, zeef_ok};
use publisher::Publisher;

const DAY: i64 = 86_400_000_000;

/// A case of a dozen small files, and a publisher whose set knows none of them yet.
struct Scene {
    house: House,
    publisher: Publisher,
    /// Pictures that are new to all.
    new: Vec<Value>,
}

fn entry(id: u64, item: &Value, category: &str) -> Entry {
    let sha256: Sha256 = item["sha256"].as_str().unwrap().parse().unwrap();
    let digests = EntryDigests { sha256: Some(sha256), ..EntryDigests::default() };
    Entry::bare(EntryId(id), digests, Verdict::Category(CategoryCode(category.to_owned())))
}

fn now() -> UtcTime {
    let since = std::fs::metadata(std::env::temp_dir()).unwrap().modified().unwrap();
    let since = since.duration_since(std::time::UNIX_EPOCH).unwrap();
    UtcTime(i64::try_from(since.as_micros()).unwrap())
}

impl Scene {
    fn new() -> Self {
        let house = House::new();
        let media = house.small_media();
        let digests = EntryDigests { sha256: Some(Sha256([9; 32])), ..EntryDigests::default() };
        let nobody = Entry::bare(EntryId(1000), digests, Verdict::Category(CategoryCode("1".to_owned())));
        let publisher =
            Publisher::new(Path::new(&house.path("site")), "national", Role::Known, std::iter::once(nobody));
        let mut scene = Self { house, publisher, new: Vec::new() };
        scene.sync();
        scene.house.new_cheap_case();
        scene.house.add(&media.media, &[]);
        let shown = scene.house.case("list", &["--shown"]);
        scene.new = shown.into_iter().filter(|item| item["pixels"].is_array()).collect();
        assert!(scene.new.len() >= 5, "{:?}", scene.new);
        scene
    }

    fn sync(&self) {
        self.publisher.sync(Path::new(&self.house.path("sets")), now()).unwrap();
    }

    /// Releases, has the store take it, and the case follow.
    fn day(&mut self, upserts: Vec<Entry>, withdrawals: &[(u64, &str)]) -> Value {
        self.publisher.release(upserts, withdrawals);
        self.sync();
        let summary = self.house.case("rematch", &["--sets", &self.house.path("sets")]).remove(0);
        assert_eq!(summary["how"], "by-change", "{summary}");
        assert_eq!(self.house.case("verify", &["--sets", &self.house.path("sets")]).remove(0)["sound"], true);
        summary
    }

    fn item(&self, number: usize) -> &str {
        self.new[number]["sha256"].as_str().unwrap()
    }

    fn line(&self, number: usize) -> Value {
        let wanted = self.item(number);
        self.house.case("list", &[]).into_iter().find(|item| item["sha256"] == wanted).unwrap()
    }
}

#[test]
fn a_withdrawal_gives_back_and_a_decision_stands() {
    let mut scene = Scene::new();
    scene.house.case("classify", &["4", scene.item(0)]);
    let upserts = (0..3).map(|number| entry(number as u64 + 1, &scene.new[number], "1")).collect();
    let summary = scene.day(upserts, &[]);
    assert_eq!((&summary["newly_hidden"], &summary["items"]), (&Value::from(2), &Value::from(3)), "{summary}");
    assert_eq!(scene.line(0)["reason"], "decided", "a person's decision stands");
    assert_eq!((&scene.line(1)["state"], &scene.line(1)["pixels"]), (&"hidden".into(), &Value::Null));
    let hidden_by = &scene.line(1)["hidden_by"];
    assert_eq!((&hidden_by["version"], &hidden_by["freshness"]), (&2.into(), &"fresh".into()), "{hidden_by}");

    let summary = scene.day(Vec::new(), &[(2, "it was a garden gnome")]);
    assert_eq!((&summary["returned"], &summary["notices"]), (&1.into(), &1.into()), "{summary}");
    let first = scene.house.case("list", &["--shown"]).remove(0);
    assert_eq!(first["sha256"], scene.item(1), "it stands first: {first}");
    assert_eq!(first["returned"]["cause"], "withdrawn");
    assert_eq!(first["returned"]["reason"], "it was a garden gnome");
    assert!(first["pixels"].is_array(), "it was decoded: {first}");
    // What nobody said anything new about names the version that hid it first.
    assert_eq!(scene.line(2)["hidden_by"]["version"], 2);
    let passphrase = scene.house.path("passphrase");
    let case = scene.house.path("case");
    let why = ["case", "why", &case, scene.item(1), "--user", house::USER, "--passphrase-file", &passphrase];
    let text = zeef_ok(&why);
    assert!(text.contains("entry withdrawn by its publisher (it was a garden gnome)"), "{text}");
    let nothing = scene.day(Vec::new(), &[]);
    assert_eq!((&nothing["items"], &nothing["changed_entries"]), (&0.into(), &0.into()), "{nothing}");
}

#[test]
fn what_a_set_says_anew_becomes_notices_once() {
    let mut scene = Scene::new();
    let upserts: Vec<Entry> = (0..2).map(|number| entry(number as u64 + 1, &scene.new[number], "1")).collect();
    scene.day(upserts.clone(), &[]);
    assert!(scene.house.case("notices", &[]).is_empty(), "what becomes known is hidden, and no notice");
    let mut identified = upserts[0].clone();
    identified.flags.victim_identified = Some(true);
    identified.series = "garden".to_owned();
    let recategorised = Entry { verdict: Verdict::Category(CategoryCode("2".to_owned())), ..upserts[1].clone() };
    let summary = scene.day(vec![identified, recategorised], &[]);
    assert_eq!(summary["notices"], 3, "{summary}");
    let notices = scene.house.case("notices", &[]);
    let mut told: Vec<String> = notices
        .iter()
        .map(|row| {
            format!("{} {} {}→{} v{}→{}", row["kind"], row["item"], row["was"], row["now"], row["from"], row["to"])
        })
        .collect();
    told.sort();
    let expected = [
        format!("\"category-changed\" \"{}\" \"1\"→\"2\" v2→3", scene.item(1)),
        format!("\"series-changed\" \"{}\" \"\"→\"garden\" v2→3", scene.item(0)),
        format!("\"victim-identified\" \"{}\" \"not stated\"→\"yes\" v2→3", scene.item(0)),
    ];
    assert_eq!(told, expected);
    assert_eq!(scene.house.status()["notices_unread"], 3);
    let id = notices[0]["id"].to_string();
    assert_eq!(scene.house.case("notices", &["--read", &id]).remove(0)["read"], 1);
    assert_eq!(scene.house.case("notices", &[]).len(), 2);
    assert_eq!(scene.house.case("notices", &["--all"]).len(), 3);
    assert_eq!(scene.house.case("notices", &["--read", "all"]).remove(0)["read"], 2);
    scene.house.case("rematch", &["--sets", &scene.house.path("sets"), "--whole"]);
    assert_eq!(scene.house.case("notices", &["--all"]).len(), 3, "each once");
    let story = scene.house.case("why", &[scene.item(0)]).remove(0);
    assert_eq!(story["notices"].as_array().unwrap().len(), 2, "{story}");
    assert_eq!(scene.house.case("verify", &[]).remove(0)["sound"], true);
}

#[test]
fn a_veto_shows_at_once_survives_new_versions_and_leaves_as_feedback() {
    let mut scene = Scene::new();
    let known = entry(1, &scene.new[0], "1");
    scene.day(vec![known.clone()], &[]);
    let (sets, item) = (scene.house.path("sets"), scene.item(0).to_owned());
    let veto = scene.house.case("veto", &[&item, "--reason", "a holiday picture", "--sets", &sets]).remove(0);
    assert_eq!((&veto["decoded"], &veto["entries"][0]["entry"]), (&true.into(), &1.into()), "{veto}");
    let first = scene.house.case("list", &["--shown"]).remove(0);
    assert_eq!((&first["sha256"], &first["returned"]["cause"]), (&item.as_str().into(), &"vetoed".into()), "{first}");
    assert!(first["pixels"].is_array());

    // The same entry hides it no more, whatever it says.
    let changed = Entry { series: "garden".to_owned(), ..known };
    scene.day(vec![changed], &[]);
    assert_eq!(scene.line(0)["state"], "shown");
    scene.house.case("rematch", &["--sets", &sets, "--whole"]);
    assert_eq!(scene.line(0)["state"], "shown");

    let out = scene.house.path("feedback.json");
    assert_eq!(scene.house.case("feedback", &["--out", &out]).remove(0)["vetoes"], 1);
    let text = house::read(&out);
    let feedback: Value = serde_json::from_str(&text).unwrap();
    let veto = &feedback["vetoes"][0];
    assert_eq!((&veto["set"], &veto["entry"], &veto["version"]), (&"national".into(), &1.into(), &2.into()), "{veto}");
    assert_eq!((&veto["sha256"], &veto["reason"]), (&item.as_str().into(), &"a holiday picture".into()));
    assert!(!text.contains(".jpg") && !text.contains(house::USER), "no names: {text}");
    let again = scene.house.arguments("feedback", &["--out", &out]);
    assert!(!zeef(&again.iter().map(String::as_str).collect::<Vec<_>>()).status.success(), "nothing is written over");

    let undone = scene.house.case("undo", &[]).remove(0);
    assert_eq!(undone["what"], "veto of entry 1 of national");
    assert_eq!((&scene.line(0)["state"], &scene.line(0)["pixels"]), (&"hidden".into(), &Value::Null));
    scene.house.case("redo", &[]);
    assert_eq!(scene.line(0)["state"], "shown");
    scene.day(vec![entry(2, &scene.new[0], "1")], &[]);
    assert_eq!(scene.line(0)["state"], "shown", "by another entry the publisher may mean the same");
    let story = scene.house.case("why", &[&item]).remove(0);
    assert_eq!(story["vetoes"][0]["reason"], "a holiday picture");
}

#[test]
fn how_fresh_a_set_is_stands_in_every_list_and_with_every_hide() {
    let mut scene = Scene::new();
    scene.publisher.expires = UtcTime(now().0 - 2 * DAY);
    let summary = scene.day(vec![entry(1, &scene.new[0], "1")], &[]);
    assert_eq!(summary["newly_hidden"], 1);
    assert_eq!(scene.line(0)["hidden_by"]["freshness"], "in-grace");
    scene.publisher.expires = UtcTime(now().0 - 30 * DAY);
    scene.day(vec![entry(2, &scene.new[1], "1")], &[]);
    assert_eq!(scene.line(0)["hidden_by"]["freshness"], "in-grace", "as it was when it hid the item");
    assert_eq!(scene.line(1)["hidden_by"]["freshness"], "beyond", "it still matches");
    let listed = lines(&zeef_ok(&["set", "list", "--sets", &scene.house.path("sets"), "--json"])).remove(0);
    assert_eq!(
        (&listed["release"]["publisher"], &listed["release"]["freshness"]),
        (&"national".into(), &"beyond".into())
    );
    let status = scene.house.status();
    assert_eq!(status["sets"][0]["release"]["freshness"], "beyond", "{status}");
    assert_eq!(status["sets"][0]["version"], 3);
    let text = zeef_ok(&["set", "list", "--sets", &scene.house.path("sets")]);
    assert!(text.contains("published by national; beyond grace"), "{text}");
}

/// Puts a copy of `zeef` beside a post room that says these words, and gives its path.
fn beside_post_room(house: &House, words: &[Value]) -> String {
    use std::os::unix::fs::PermissionsExt;
    let folder = house.path("programs");
    std::fs::create_dir_all(&folder).unwrap();
    let (zeef, said) = (format!("{folder}/zeef"), format!("{folder}/said"));
    if !Path::new(&zeef).exists() {
        std::fs::copy(house::program("zeef"), &zeef).unwrap();
    }
    std::fs::write(&said, words.iter().map(|word| format!("{word}\n")).collect::<String>()).unwrap();
    let script = format!("#!/bin/sh\nwhile read -r line; do echo \"$line\"; done < '{said}'\n");
    std::fs::write(format!("{folder}/zeef-sync"), script).unwrap();
    let mode = std::fs::Permissions::from_mode(0o700);
    std::fs::set_permissions(format!("{folder}/zeef-sync"), mode).unwrap();
    zeef
}

#[test]
fn a_sync_applies_in_a_process_of_its_own_and_its_exit_code_tells() {
    let house = House::new();
    let sets = house.path("sets");
    let desk = format!("{sets}/sync/national");
    std::fs::create_dir_all(&desk).unwrap();
    let limits = r#"{"limits":{"upserts_max":2,"withdrawals_max":2,"quarantined_max":2}}"#;
    std::fs::write(format!("{desk}/enrolment.json"), limits).unwrap();
    let of = |id: u64| {
        let digests = EntryDigests { sha256: Some(Sha256([id as u8; 32])), ..EntryDigests::default() };
        Entry::bare(EntryId(id), digests, Verdict::Category(CategoryCode("1".to_owned())))
    };
    let mut publisher = Publisher::new(Path::new(&house.path("site")), "national", Role::Known, (1..4).map(of));
    let sync = |publisher: &Publisher| {
        let handover = publisher.hand_over(Path::new(&sets), now());
        let program = beside_post_room(&house, &[serde_json::json!({ "handover": handover })]);
        let out =
            std::process::Command::new(&program).args(["sync", "run", "--sets", &sets, "--json"]).output().unwrap();
        let line = lines(&String::from_utf8(out.stdout).unwrap()).pop();
        (out.status.code(), line.unwrap_or_default(), String::from_utf8_lossy(&out.stderr).into_owned(), program)
    };
    let (code, line, said, _) = sync(&publisher);
    assert_eq!((code, &line["outcome"], &line["added"]), (Some(0), &"arrived".into(), &3.into()), "{line} {said}");
    publisher.release((10..15).map(of).collect(), &[]);
    let (code, line, said, program) = sync(&publisher);
    assert_eq!((code, &line["outcome"], &line["added"]), (Some(4), &"waiting".into(), &5.into()), "{line} {said}");
    let accept =
        ["sync", "accept", "--sets", &sets, "--publisher", "national", "--by", "anna", "--reason", "seen", "--json"];
    let out = std::process::Command::new(&program).args(accept).output().unwrap();
    let line = lines(&String::from_utf8(out.stdout).unwrap()).remove(0);
    assert_eq!((&line["outcome"], &line["version"]), (&"arrived".into(), &2.into()), "{line}");
    let out =
        std::process::Command::new(&program).args(["sync", "status", "--sets", &sets, "--json"]).output().unwrap();
    let status = lines(&String::from_utf8(out.stdout).unwrap()).remove(0);
    assert_eq!((&status["version"], &status["entries"], &status["waiting"]), (&2.into(), &8.into(), &Value::Null));
    // A file that is not what was verified.
    publisher.release(vec![of(20)], &[]);
    let handover = publisher.hand_over(Path::new(&sets), now());
    std::fs::write(format!("{desk}/incoming/national-delta-3.parquet"), "something else").unwrap();
    let program = beside_post_room(&house, &[serde_json::json!({ "handover": handover })]);
    let out = std::process::Command::new(&program).args(["sync", "run", "--sets", &sets, "--json"]).output().unwrap();
    let line = lines(&String::from_utf8(out.stdout).unwrap()).remove(0);
    assert_eq!((out.status.code(), &line["outcome"], &line["code"]), (Some(4), &"refused".into(), &"untrusted".into()));
}
