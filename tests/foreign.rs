//! The case of another tool, through the real program: all that its file says is kept and seen, verdicts that contradict
//! each other are told, and none of it hides or decides anything.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::process::Command;

use serde_json::{Value, json};

mod house;

use house::{House, PASSPHRASE, USER, zeef_ok};

/// A PhotoDNA value in base64: 144 bytes.
const PHOTODNA: &str = "TWFu";

fn md5_of(path: &str) -> String {
    let out = Command::new("md5sum").arg(path).output().unwrap();
    String::from_utf8(out.stdout).unwrap()[..32].to_owned()
}

/// Writes a case with these records beside the media, and gives its path.
fn write_case(media: &str, name: &str, tool: &str, records: &[Value]) -> String {
    let case = json!({
        "@odata.context": "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Cases",
        "value": [{
            "CaseID": "{5b1d8f1e-0000-4000-8000-000000000001}", "CaseNumber": "X-9",
            "ContactOrganization": "Unit East", "SeizureDate": "2019-03-04",
            "CaseMetadata": [{ "PropertyName": "Exhibit", "PropertyValue": "E-17" }],
            "SourceApplicationName": tool, "SourceApplicationVersion": "7.1",
            "Media": records,
        }],
    });
    let file = format!("{media}/{name}");
    std::fs::write(&file, case.to_string()).unwrap();
    file
}

fn record(md5: &str, category: u32, place: &str) -> Value {
    json!({
        "MediaID": 7, "Category": category, "MD5": md5, "SHA1": "",
        "MediaFiles": [{ "MD5": md5, "FilePath": "C:\\x", "FileName": place, "Created": "1/2/2019 3:04:05 AM (UTC-5)" }],
    })
}

/// Runs a command on the case in words for people.
fn words(house: &House, command: &str, more: &[&str]) -> String {
    let (case, passphrase) = (house.path("case"), house.path("passphrase"));
    assert!(!PASSPHRASE.is_empty());
    let mut all = vec!["case", command, &case];
    all.extend(more);
    all.extend(["--user", USER, "--passphrase-file", &passphrase]);
    zeef_ok(&all)
}

fn count(value: &Value) -> Option<u64> {
    value.as_u64()
}

#[test]
fn all_that_a_file_of_another_tool_says_is_kept_and_seen() {
    let house = House::new();
    let small = house.small_media();
    let md5 = md5_of(&format!("{}/below/new-11.jpg", small.media));
    let mut full = record(&md5, 1, "a.jpg");
    let more = json!({
        "Exifs": [{ "MD5": md5, "PropertyName": "Lat/Lon", "PropertyValue": "52.1 N / 4.9 E" }],
        "MediaMetadata": [{ "MD5": md5, "PropertyName": "Codec", "PropertyValue": "none" }],
        "Segments": [{ "MD5": md5, "SegmentIndex": 1, "Start": 5, "End": 9, "Category": 2 }],
        "Repositories": [{ "MD5": md5, "RepositoryName": "North" }],
        "PhotoDNA": PHOTODNA.repeat(48), "IsPrecategorized": true, "PrecategorizationSource": "\\\\server\\list",
        "X_Unknown": { "a": 1 },
    });
    full.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let mut absent = record(&"cd".repeat(16), 1, "gone.jpg");
    absent["X_Absent"] = "still said".into();
    let file = write_case(&small.media, "one.json", "Tool", &[full, absent]);
    house.new_cheap_case();
    let sets = house.path("sets");
    house.case("add", &[&file, "--as", "vics", "--sets", &sets]);

    let items = house.case("list", &[]);
    let item = items.iter().find(|item| item["paths"].to_string().contains("C:/x/a.jpg")).unwrap();
    let sha256 = item["sha256"].as_str().unwrap();
    let story = house.case("why", &[sha256]).remove(0);
    let extra = &story["other_tools"][0]["opinion"]["extra"];
    let want = json!({
        "MediaID": "7", "MD5": md5, "IsPrecategorized": true, "PrecategorizationSource": "\\\\server\\list",
        "PhotoDNA": PHOTODNA.repeat(48), "CaseNumber": "X-9", "X_Unknown": { "a": 1 },
        "Exifs": [{ "PropertyName": "Lat/Lon", "PropertyValue": "52.1 N / 4.9 E" }],
        "MediaMetadata": [{ "PropertyName": "Codec", "PropertyValue": "none" }],
        "Repositories": [{ "MD5": md5, "RepositoryName": "North" }],
        "Segments": [{ "MD5": md5, "SegmentIndex": 1, "Start": 5, "End": 9, "Category": 2 }],
    });
    for (name, value) in want.as_object().unwrap() {
        assert_eq!(&extra[name], value, "{name}: {story}");
    }
    assert!(extra["GPS"]["latitude"].as_f64().is_some_and(|latitude| (latitude - 52.1).abs() < 1e-6), "{extra}");
    let head = &story["other_cases"][0]["cases"][0];
    for (name, value) in [("ContactOrganization", "Unit East"), ("SeizureDate", "2019-03-04"), ("CaseNumber", "X-9")] {
        assert_eq!(head[name], value, "{story}");
    }
    assert!(head["CaseMetadata"].to_string().contains("E-17"), "{head}");

    // A person sees it too, and a time is not said to be what it is not.
    let told = words(&house, "why", &[sha256]);
    for part in
        ["Lat/Lon", "Segments", "X_Unknown", "North", "E-17", "Unit East", "as the file states: created 1/2/2019"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains("without a zone"), "{told}");

    // What is said of a content that is not there stands at its place.
    let gone = items.iter().find(|item| item["paths"].to_string().contains("C:/x/gone.jpg")).unwrap();
    assert!(gone["stated"].to_string().contains("still said"), "{gone}");
    assert_eq!(house.case("verify", &[]).remove(0)["sound"], true);
}

#[test]
fn contradicting_verdicts_are_told_and_decide_nothing() {
    let house = House::new();
    let small = house.small_media();
    let [one, two, three] =
        ["new-11", "new-12", "new-13"].map(|name| md5_of(&format!("{}/below/{name}.jpg", small.media)));
    let records =
        [record(&one, 1, "a.jpg"), record(&one, 2, "b.jpg"), record(&two, 99, "c.jpg"), record(&three, 1, "d.jpg")];
    let first = write_case(&small.media, "one.json", "Tool", &records);
    house.new_cheap_case();
    let sets = house.path("sets");
    let preview = words(&house, "add", &[&first, "--as", "vics", "--sets", &sets, "--preview"]);
    assert!(preview.contains("the code 99, which the scheme does not have"), "{preview}");
    let told = words(&house, "add", &[&first, "--as", "vics", "--sets", &sets]);
    assert!(told.contains("the code 99, which the scheme does not have"), "{told}");
    assert!(told.contains("1 item has verdicts of other tools that contradict each other"), "{told}");
    assert!(told.contains("Tool 7.1: 1 (project-vic-us); Tool 7.1: 2 (project-vic-us)"), "{told}");
    assert!(told.contains("other tools contradict each other: 1 item"), "the status tells it too: {told}");
    let before = house.case("status", &[]).remove(0);

    // Another tool agrees about the third, and not about the second.
    let second = write_case(&small.media, "two.json", "Other", &[record(&two, 3, "c.jpg"), record(&three, 1, "d.jpg")]);
    let added = house.case("add", &[&second, "--as", "vics", "--sets", &sets]).pop().unwrap();
    assert_eq!(count(&added["joined"]["conflicts"]), Some(1), "{added}");
    let after = house.case("status", &[]).remove(0);
    assert_eq!((count(&before["tools_conflict"]), count(&after["tools_conflict"])), (Some(1), Some(2)));
    for name in ["hidden", "classified", "conflicts"] {
        assert_eq!(before[name], after[name], "it hides nothing and decides nothing: {name}");
    }
    let listed = house.case("list", &["--conflicts"]);
    let mut digests: Vec<&str> = listed.iter().map(|item| item["md5"].as_str().unwrap()).collect();
    let mut want = vec![one.as_str(), two.as_str()];
    digests.sort_unstable();
    want.sort_unstable();
    assert_eq!(digests, want);
    assert!(listed.iter().all(|item| item["state"] == "shown" && item["category"].is_null()), "{listed:?}");
    let story = house.case("why", &[listed[0]["sha256"].as_str().unwrap()]).remove(0);
    assert_eq!(story["tools_conflict"].as_array().map(Vec::len), Some(2), "{story}");
    let told = words(&house, "why", &[listed[0]["sha256"].as_str().unwrap()]);
    assert!(told.contains("other tools do not agree"), "{told}");
    assert_eq!(house.case("verify", &[]).remove(0)["sound"], true);
}
