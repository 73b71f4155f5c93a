//! Hash sets through the terminal: what is refused, and what is asked.

use std::io::Write;
use std::process::{Command, Stdio};

mod house;

use house::{House, lines, program, zeef, zeef_ok};

const MD5: &str = "0123456789abcdef0123456789abcdef";

fn vics(context: &str, records: &str) -> String {
    format!(
        r#"{{"@odata.context":"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/{context}/$metadata#Media","value":[{records}]}}"#
    )
}

#[test]
fn a_truncated_set_is_refused_with_its_offset_and_the_old_one_stays() {
    let house = House::new();
    let file = house.path("set.json");
    let whole = vics("US", &format!(r#"{{"MediaID":1,"Category":1,"MD5":"{MD5}"}}"#));
    std::fs::write(&file, &whole).unwrap();
    house.import(&file, "national", "known", &[]);
    std::fs::write(&file, &whole[..whole.len() - 2]).unwrap();
    let sets = house.path("sets");
    let out = zeef(&["set", "import", &file, "--sets", &sets, "--name", "national", "--role", "known"]);
    assert_eq!(out.status.code(), Some(1));
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(said.contains(&format!("at byte {}", whole.len() - 2)), "{said}");
    let list = lines(&zeef_ok(&["set", "list", "--sets", &sets, "--json"]));
    assert_eq!((list.len(), list[0]["version"].as_u64(), list[0]["entries"].as_u64()), (1, Some(1), Some(1)));
}

#[test]
fn a_set_whose_scheme_nobody_knows_waits_for_a_choice() {
    let house = House::new();
    let file = house.path("set.json");
    std::fs::write(&file, vics("CUSTOM", &format!(r#"{{"MediaID":1,"Category":1,"MD5":"{MD5}"}}"#))).unwrap();
    let sets = house.path("sets");
    let import = ["set", "import", &file, "--sets", &sets, "--name", "x", "--role", "known", "--json"];
    let out = zeef(&import);
    assert!(String::from_utf8_lossy(&out.stderr).contains("profile-needed"), "{out:?}");
    assert_eq!(house.import(&file, "x", "known", &["--profile", "US"])["profile"], "project-vic-us");
}

#[test]
fn codes_of_two_meanings_are_reported_until_they_are_answered() {
    let house = House::new();
    let file = house.path("set.json");
    std::fs::write(&file, vics("US", &format!(r#"{{"MediaID":1,"Category":0,"MD5":"{MD5}"}}"#))).unwrap();
    assert_eq!(house.import(&file, "x", "known", &[])["unanswered"][0], "0");
    let answered = house.import(&file, "x", "known", &["--meaning", "0=non-pertinent"]);
    assert!(answered["unanswered"].is_null(), "{answered}");
    assert_eq!(answered["version"], 2);
}

#[test]
fn a_preview_stores_nothing() {
    let house = House::new();
    let file = house.path("list.txt");
    std::fs::write(&file, format!("{MD5}  a.jpg\nd41d8cd98f00b204e9800998ecf8427e  empty\n")).unwrap();
    let sets = house.path("sets");
    let import = ["set", "import", &file, "--sets", &sets, "--name", "x", "--role", "good", "--preview", "--json"];
    let preview = lines(&zeef_ok(&import)).remove(0);
    assert_eq!((preview["rows"].as_u64(), preview["entries"].as_u64()), (Some(2), Some(1)), "{preview}");
    assert_eq!(lines(&zeef_ok(&["set", "list", "--sets", &sets, "--json"])).len(), 0);
}

#[test]
fn each_digest_gets_one_line() {
    let house = House::new();
    let file = house.path("list.txt");
    std::fs::write(&file, format!("{MD5}  a.jpg\n")).unwrap();
    house.import(&file, "x", "good", &[]);
    let mut lookup = Command::new(program("zeef"))
        .args(["set", "lookup", "--sets", &house.path("sets")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let long = "f".repeat(10_000);
    let asked = format!("{}\n{}\nno digest\n{long}\n", MD5.to_uppercase(), "0".repeat(64));
    lookup.stdin.take().unwrap().write_all(asked.as_bytes()).unwrap();
    let out = lookup.wait_with_output().unwrap();
    let answers = lines(&String::from_utf8(out.stdout).unwrap());
    assert_eq!(answers.len(), 4);
    assert_eq!((answers[0]["found"].as_bool(), answers[0]["hits"][0]["set"].as_str()), (Some(true), Some("x")));
    assert_eq!(answers[1]["found"], false);
    assert!(answers[2]["error"].is_string() && answers[3]["error"].is_string());
}

fn write(house: &House, name: &str, text: &str) -> String {
    let file = house.path(name);
    std::fs::write(&file, text).expect("a temporary folder can be written to");
    file
}

fn import_said(house: &House, files: &[&str], more: &[&str]) -> (bool, String) {
    let sets = house.path("sets");
    let mut all = vec!["set", "import"];
    all.extend(files);
    all.extend(["--sets", &sets, "--name", "x"]);
    all.extend(more);
    let out = zeef(&all);
    let said = [out.stdout, out.stderr].concat();
    (out.status.success(), String::from_utf8(said).expect("zeef prints UTF-8"))
}

fn stored(house: &House) -> usize {
    lines(&zeef_ok(&["set", "list", "--sets", &house.path("sets"), "--json"])).len()
}

/// What a person reads before an import: everything that would be asked or refused, and what the list says of itself.
#[test]
fn a_preview_tells_a_person_what_is_open() {
    let house = House::new();
    let records = format!(
        r#"{{"MediaID":1,"Category":0,"MD5":"{MD5}"}},{{"MediaID":2,"Category":1,"MD5":"{MD5}","PhotoDNA":"AA"}},
           {{"MediaID":3,"MD5":"d41d8cd98f00b204e9800998ecf8427e"}},{{"MediaID":4,"MD5":"{}"}}"#,
        MD5.replace('0', "1")
    );
    let us = write(&house, "us.json", &vics("US", &records));
    let (good, said) = import_said(&house, &[&us], &["--role", "known", "--preview"]);
    assert!(good);
    for sentence in [
        "us.json: VICS 2.0 hash set",
        "profile: project-vic-us",
        "rows: 4, entries: 3",
        "no category: 1 (no verdict, hides nothing)",
        "category 0: 1 (non-pertinent or uncategorized, hides nothing until somebody has said which)",
        "category 1: 1 (Child abuse material)",
        "will be refused: 1 row (digest of an empty file)",
        "note: 1 \u{d7} PhotoDNA value of a wrong length",
        "row 3: refused: digest of an empty file",
        "open: Entries with the code 0: 1. Say what it means in this file, with --meaning 0=non-pertinent",
        "Nothing was stored.",
    ] {
        assert!(said.contains(sentence), "{sentence}\n{said}");
    }
    let answered = import_said(&house, &[&us], &["--role", "known", "--preview", "--meaning", "0=uncategorized"]).1;
    assert!(
        answered.contains("category 0: 1 (uncategorized, as you say)") && !answered.contains("open:"),
        "{answered}"
    );
    let custom = write(&house, "custom.json", &vics("CUSTOM", &records));
    let (_, said) = import_said(&house, &[&custom], &["--role", "known", "--preview"]);
    assert!(said.contains("note: The profile in the file, `CUSTOM`, names no scheme"), "{said}");
    assert!(
        said.contains("open: custom.json does not say") || said.contains("does not say whose categories"),
        "{said}"
    );
    let (_, said) = import_said(&house, &[&us, &custom], &["--role", "known", "--preview", "--json"]);
    let views = lines(&said);
    assert_eq!((views.len(), views[1]["open"].as_array().unwrap().len()), (2, 1), "{said}");
    assert_eq!(stored(&house), 0);
}

#[test]
fn what_a_list_says_of_itself_is_told_after_an_import_too() {
    let house = House::new();
    let file = write(&house, "set.json", &vics("UK", &format!(r#"{{"MediaID":1,"Category":1,"MD5":"{MD5}"}}"#)));
    let (good, said) =
        import_said(&house, &[&file], &["--role", "known", "--profile", "US", "--meaning", "1=non-pertinent"]);
    assert!(good && said.contains("another profile than the one that was chosen"), "{said}");
    assert!(said.contains("The meaning given for the code 1 has no effect"), "{said}");
    let (good, said) = import_said(&house, &[&file], &["--role", "good"]);
    assert!(good && said.contains("Ordinary files have none"), "{said}");
}

#[test]
fn pictures_and_movies_are_one_set_and_one_file_named_twice_is_none() {
    let house = House::new();
    let record = |md5: &str| vics("US", &format!(r#"{{"MediaID":1,"Category":1,"MD5":"{md5}"}}"#));
    let pictures = write(&house, "VICS_Pictures_Results.json", &record(MD5));
    let movies = write(&house, "VICS_Movies_Results.json", &record(&MD5.replace('0', "7")));
    let (good, said) = import_said(&house, &[&pictures, &movies], &["--role", "known", "--json"]);
    let view = lines(&said).remove(0);
    assert_eq!((good, view["entries"].as_u64(), view["files"].as_array().unwrap().len()), (true, Some(2), 2));
    let (good, said) = import_said(&house, &[&pictures, &movies, &pictures], &["--role", "known"]);
    assert!(!good && said.contains("the same content as another file"), "{said}");
    assert_eq!(lines(&zeef_ok(&["set", "list", "--sets", &house.path("sets"), "--json"]))[0]["version"], 1);
}

#[test]
fn a_list_of_digests_that_are_not_looked_up_says_so() {
    let house = House::new();
    let file = write(&house, "sha512.txt", &format!("{}  a.jpg\n", "ab".repeat(64)));
    let (good, said) = import_said(&house, &[&file], &["--role", "good"]);
    assert!(!good && said.contains("digest of a kind that is not looked up: 1"), "{said}");
    assert_eq!(stored(&house), 0);
}

/// What a person has in five minutes: a table of PowerShell or of a spreadsheet. IPED's tables say themselves what is
/// ordinary, and such a row must not hide as known material.
#[test]
fn a_table_of_ones_own_is_a_set() {
    let house = House::new();
    let other = MD5.replace('0', "9");
    let table = format!("Name;MD5;status\r\na, b.jpg;{};pedo\r\nc.dll;{other};known\r\n", MD5.to_uppercase());
    let bytes: Vec<u8> = format!("\u{feff}{table}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let file = house.path("table.csv");
    std::fs::write(&file, bytes).unwrap();
    let view = house.import(&file, "own", "known", &[]);
    assert_eq!((view["entries"].as_u64(), view["kind"].as_str()), (Some(1), Some("table of digests (CSV)")));
    let categories = write(&house, "categories.csv", &format!("MD5,Category,PhotoDNA\n{MD5},5,\n{other},,\n"));
    let (good, said) = import_said(&house, &[&categories], &["--role", "known"]);
    assert!(!good && said.contains("does not say whose categories its numbers are"), "{said}");
    assert_eq!(house.import(&categories, "x", "known", &["--profile", "US"])["unanswered"][0], "5");
}

#[test]
fn a_look_up_where_no_sets_are_is_an_error_and_not_a_no() {
    let house = House::new();
    let out = zeef(&["set", "lookup", "--sets", &house.path("nowhere")]);
    assert_eq!(out.status.code(), Some(1));
    assert!(out.stdout.is_empty() && String::from_utf8_lossy(&out.stderr).contains("not-found"), "{out:?}");
}
