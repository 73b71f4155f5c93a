//! The case of another tool, through the real program: all that its file says is kept and seen, verdicts that contradict
//! each other are told, and none of it hides or decides anything.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::ops::ControlFlow;
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

/// Runs a script of Python; `None` without python3.
fn python(script: &str, arguments: &[&str]) -> Option<(bool, String)> {
    let script = format!("{}/{script}", env!("CARGO_MANIFEST_DIR"));
    match Command::new("python3").arg(script).args(arguments).output() {
        Ok(out) => {
            Some((out.status.success(), String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned()))
        }
        Err(error) => {
            println!("skipped: needs python3 ({error})");
            None
        }
    }
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

/// Gives the records of a case that Zeef wrote, as our own importer reads them.
fn read_back(file: &str) -> Vec<formats::CaseMedia> {
    let mut records = Vec::new();
    formats::case::read(std::path::Path::new(file), None, &formats::CaseReadOptions::default(), &mut |media| {
        records.push(media);
        ControlFlow::Continue(())
    })
    .unwrap();
    records
}

#[test]
fn what_came_in_goes_out_again_and_nothing_is_said_in_the_name_of_zeef() {
    let house = House::new();
    let small = house.small_media();
    let [one, two] = ["new-11", "new-12"].map(|name| md5_of(&format!("{}/below/{name}.jpg", small.media)));
    let mut full = record(&one, 1, "a.jpg");
    let more = json!({
        "VictimIdentified": true, "IsDistributed": "false", "Series": "Willow", "Tags": "kitchen, <b>", "Comments": "=cmd",
        "DateUpdated": "2019-01-02T03:04:05+02:00Z", "MimeType": "image", "RelativeFilePath": "below\\new-11.jpg",
        "Exifs": [{ "MD5": one, "PropertyName": "Model", "PropertyValue": "Aria 5" }, { "PropertyName": "Lat/Lon", "PropertyValue": "52.1 N / 4.9 E", "Order": 2 }],
        "MediaMetadata": [{ "MD5": one, "PropertyName": "Codec", "PropertyValue": "a & b" }],
        "AlternativeHashes": [{ "MD5": one, "HashName": "Odd", "HashValue": "12" }],
        "Segments": [{ "MD5": one, "SegmentIndex": 1, "Start": 5, "End": 9, "Category": 2 }],
        "Repositories": [{ "MD5": one, "RepositoryName": "North" }],
        "PhotoDNA": PHOTODNA.repeat(48), "IsPrecategorized": true, "PrecategorizationSource": "\\\\server\\list",
        "X_Unknown": { "a": [1, "x & y", null] }, "X_List": [1, 2], "X_Text": "é \u{202e}", "X_Null": null, "X_Long": 1.5,
    });
    full.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    full["MediaFiles"][0]["SourceID"] = "disk 3".into();
    full["MediaFiles"][0]["PhysicalLocation"] = 4096.into();
    full["MediaFiles"][0]["Deleted"] = false.into();
    full["MediaFiles"][0]["X_Place"] = json!({ "sector": 8 });
    let mut again = record(&one, 2, "b.jpg");
    again["Exifs"] = json!([{ "PropertyName": "Model", "PropertyValue": "Other" }]);
    let first = write_case(&small.media, "one.json", "Tool", &[full, again, record(&two, 3, "c.jpg")]);
    house.new_cheap_case();
    let sets = house.path("sets");
    house.case("add", &[&first, "--as", "vics", "--sets", &sets]);
    // Zeef's own word about one of them.
    let items = house.case("list", &[]);
    let item = items.iter().find(|item| item["md5"] == two.as_str()).unwrap();
    house.case("classify", &["1", item["sha256"].as_str().unwrap()]);

    let second = house.path("out.vics.json");
    let (case, passphrase) = (house.path("case"), house.path("passphrase"));
    zeef_ok(&["export", "vics", &case, "--out", &second, "--user", USER, "--passphrase-file", &passphrase]);
    if let Some((is_read, said)) = python("../src-tauri/crates/formats/tests/vics_reader.py", &[&second]) {
        assert!(is_read, "the strict reader: {said}");
        let (is_whole, lacks) = python("vics_back.py", &[&first, &second]).unwrap();
        assert!(is_whole, "missing in what was written:\n{lacks}");
    }
    let records = read_back(&second);
    let contents = items.iter().filter(|item| item["sha256"].is_string()).count();
    assert_eq!(records.len(), contents, "one record for each content");
    let of = |md5: &str| records.iter().find(|media| media.md5.is_some_and(|own| own.to_string() == md5)).unwrap();
    let opinion = &of(&one).opinion;
    assert_eq!((opinion.code.as_ref(), opinion.flags.victim_identified, opinion.series.as_str()), (None, None, ""));
    assert_eq!(of(&two).opinion.code.as_ref().map(|code| code.0.as_str()), Some("1"), "what was decided here");
    assert!(of(&one).photodna.is_some() && of(&one).gps.is_some());
    assert_eq!(of(&one).exif[0].value, "Aria 5", "the first who says it has the place");
    let stated = of(&one).files.iter().find(|place| place.name == b"a.jpg").unwrap();
    assert_eq!((stated.created_raw.as_deref(), stated.deleted), (Some("1/2/2019 3:04:05 AM (UTC-5)"), Some(false)));

    // Another case takes it in, with all that both tools said.
    let other = House::new();
    let copy = other.small_media();
    let into = format!("{}/out.vics.json", copy.media);
    std::fs::copy(&second, &into).unwrap();
    other.new_cheap_case();
    other.case("add", &[&into, "--as", "vics", "--sets", &other.path("sets")]);
    let items = other.case("list", &[]);
    let item = items.iter().find(|item| item["md5"] == one.as_str()).unwrap();
    let story = other.case("why", &[item["sha256"].as_str().unwrap()]).remove(0);
    let extra = &story["other_tools"][0]["opinion"]["extra"];
    assert_eq!(extra["X_ZeefOtherTools"][0]["Category"], 1, "{extra}");
    assert_eq!(extra["X_ZeefOtherTools"][1]["Exifs"][0]["PropertyValue"], "Other", "{extra}");
    assert_eq!(extra["Segments"][0]["End"], 9, "{extra}");
}

/// Lists the paths of all items of the case.
fn paths(house: &House) -> String {
    house.case("list", &[]).iter().map(|item| item["paths"].to_string()).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_file_of_another_tool_is_no_item_and_nothing_else_is_passed_over_with_it() {
    let house = House::new();
    let small = house.small_media();
    let md5 = md5_of(&format!("{}/below/new-11.jpg", small.media));
    let file = write_case(&small.media, "one.json", "Tool", &[record(&md5, 1, "a.jpg")]);
    std::fs::copy(&file, format!("{}/below/copy.json", small.media)).unwrap();
    std::fs::write(format!("{}/other.json", small.media), "{\"value\":[]}").unwrap();
    house.new_cheap_case();
    let sets = house.path("sets");
    house.case("add", &[&file, "--as", "vics", "--sets", &sets]);
    let found = paths(&house);
    assert!(!found.contains("one.json"), "{found}");
    assert!(found.contains("below/copy.json") && found.contains("other.json"), "a copy and other files stay: {found}");
    // It is told by the sources, with its digest.
    let sources = house.case("status", &[]).remove(0)["sources"].clone();
    let stated = sources.as_array().unwrap().iter().find(|source| source["kind"] == "stated").unwrap();
    assert!(stated["path"].as_str().unwrap().ends_with("one.json"), "{sources}");
    assert_eq!(stated["file_sha256"].as_str().map(str::len), Some(64), "{sources}");
    // A load of the folder alone knows it, and so does the same command again.
    house.case("add", &[&small.media, "--sets", &sets]);
    house.case("add", &[&file, "--as", "vics", "--sets", &sets]);
    assert!(!paths(&house).contains("one.json"));
    // What lies there now is another file, and nobody has read it as a description.
    std::fs::write(&file, "{\"value\":[1]}").unwrap();
    house.case("add", &[&small.media, "--sets", &sets]);
    assert!(paths(&house).contains("one.json"));
    assert_eq!(house.case("verify", &[]).remove(0)["sound"], true);
}

#[test]
fn a_file_that_a_record_means_is_an_item_even_where_it_is_the_description() {
    let house = House::new();
    let small = house.small_media();
    let mut record =
        json!({ "MediaID": 1, "Category": 1, "MediaFiles": [{ "FilePath": "C:\\x", "FileName": "odd.json" }] });
    record["RelativeFilePath"] = "one.json".into();
    let file = write_case(&small.media, "one.json", "Tool", &[record]);
    house.new_cheap_case();
    let sets = house.path("sets");
    let added = house.case("add", &[&file, "--as", "vics", "--sets", &sets]).pop().unwrap();
    assert_eq!((count(&added["joined"]["records"]), count(&added["joined"]["absent"])), (Some(1), Some(0)), "{added}");
    let found = paths(&house);
    assert!(found.contains("one.json") && found.contains("C:/x/odd.json"), "{found}");
    house.case("add", &[&small.media, "--sets", &sets]);
    house.case("add", &[&file, "--as", "vics", "--sets", &sets]);
    assert_eq!(paths(&house), found, "a later load changes nothing");
    assert_eq!(house.case("verify", &[]).remove(0)["sound"], true);
}

#[test]
fn both_files_of_a_zip_are_no_items() {
    let house = House::new();
    let small = house.small_media();
    let picture = format!("{}/below/new-11.jpg", small.media);
    let md5 = md5_of(&picture);
    let folder = house.path("parts");
    std::fs::create_dir_all(format!("{folder}/Files")).unwrap();
    std::fs::copy(&picture, format!("{folder}/Files/{md5}")).unwrap();
    let mut with_file = record(&md5, 1, "a.jpg");
    with_file["RelativeFilePath"] = format!("Files\\{md5}").into();
    write_case(&folder, "VICS_Pictures_Results.json", "Tool", &[with_file]);
    write_case(&folder, "VICS_Movies_Results.json", "Tool", &[record(&"ab".repeat(16), 2, "b.mp4")]);
    let zip = house.path("other.zip");
    let made = Command::new("python3")
        .args(["-m", "zipfile", "-c", &zip])
        .args(["VICS_Pictures_Results.json", "VICS_Movies_Results.json", "Files"])
        .current_dir(&folder)
        .output();
    if !made.is_ok_and(|made| made.status.success()) {
        println!("skipped: needs python3");
        return;
    }
    house.new_cheap_case();
    let sets = house.path("sets");
    let preview = house.case("add", &[&zip, "--as", "vics", "--sets", &sets, "--preview"]).pop().unwrap();
    assert_eq!((count(&preview["stored_found"]), count(&preview["stored_missing"])), (Some(1), Some(0)), "{preview}");
    let added = house.case("add", &[&zip, "--as", "vics", "--sets", &sets]).pop().unwrap();
    assert_eq!(count(&added["joined"]["records"]), Some(1), "{added}");
    let found = paths(&house);
    assert!(!found.contains(".json") && found.contains(&md5), "{found}");
    // Where the zip lies in a folder, the same two are known.
    let above = house.path("above");
    std::fs::create_dir(&above).unwrap();
    std::fs::copy(&zip, format!("{above}/again.zip")).unwrap();
    house.case("add", &[&above, "--sets", &sets]);
    assert!(paths(&house).contains("again.zip!/VICS_Pictures_Results.json"), "a copy of the zip is another file");
}

#[test]
fn an_index_of_c4all_is_no_item_and_its_codes_are_told() {
    let house = House::new();
    let small = house.small_media();
    let md5 = md5_of(&format!("{}/below/new-11.jpg", small.media));
    let file = format!("{}/index.xml", small.media);
    let record = format!(
        "<Image><path>below\\</path><picture>new-11.jpg</picture><category>1</category><id>1</id>\
         <fullpath>C:\\x\\a.jpg</fullpath><hash>{md5}</hash></Image>"
    );
    std::fs::write(&file, format!("<?xml version=\"1.0\"?><ReportIndex version=\"1\">{record}</ReportIndex>")).unwrap();
    house.new_cheap_case();
    let sets = house.path("sets");
    let added = house.case("add", &[&file, "--as", "vics", "--sets", &sets, "--profile", "US"]).pop().unwrap();
    assert_eq!(count(&added["joined"]["records"]), Some(1), "{added}");
    let found = paths(&house);
    assert!(!found.contains("index.xml") && found.contains("C:/x/a.jpg"), "{found}");
}
