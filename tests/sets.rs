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
