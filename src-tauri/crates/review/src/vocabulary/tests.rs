//! The shipped vocabulary is whole, and one that is not is refused.

use super::*;

#[test]
fn the_shipped_vocabulary_has_every_label_once_in_both_languages_and_for_every_kind() {
    let vocabulary = Vocabulary::from_json(SHIPPED).unwrap();
    assert_eq!(vocabulary.name(), "zeef/1");
    assert!(vocabulary.labels().count() >= 120);
    for kind in LeadKind::ALL {
        assert!(vocabulary.fitting(*kind).count() >= 10, "{kind} has too few labels");
    }
    for group in &vocabulary.groups {
        // What two labels of a group are called tells them apart, in either language.
        for language in [|label: &Label| label.en.clone(), |label: &Label| label.nl.clone()] {
            let mut names: Vec<String> = group.labels.iter().map(language).collect();
            let all = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), all, "two labels of `{}` have one name", group.code);
        }
    }
}

#[test]
fn a_label_is_found_by_its_code_and_an_unknown_code_is_named() {
    let vocabulary = Vocabulary::shipped();
    let code = |text: &str| LabelCode(text.to_owned());
    let (group, label) = vocabulary.label(&code("building.socket-f")).unwrap();
    assert_eq!((group.en.as_str(), label.kinds.as_slice()), ("Building", [LeadKind::Place].as_slice()));
    assert!(label.en.starts_with("Socket, type F") && label.nl.starts_with("Stopcontact, type F"));
    let asked = [code("building.socket-f"), code("building.nothing"), code("")];
    assert_eq!(vocabulary.unknown(&asked), [&asked[1], &asked[2]]);
}

#[test]
fn a_vocabulary_that_is_not_whole_is_refused() {
    let check = |labels: &str| {
        Vocabulary::from_json(&format!(
            r#"{{"id":"x","version":1,"title":"","status":"","groups":[
                {{"code":"a","en":"A","nl":"A","kinds":["place"],"labels":[{labels}]}}]}}"#
        ))
    };
    let fine = r#"{"code":"a.b","en":"B","nl":"B"}"#;
    assert!(check(fine).is_ok());
    for (labels, what) in [
        (format!("{fine},{fine}"), "twice"),
        (r#"{"code":"a.b","en":"B","nl":""}"#.to_owned(), "a Dutch name"),
        (r#"{"code":"a.b","en":" ","nl":"B"}"#.to_owned(), "an English name"),
        (r#"{"code":"a.b","en":"B\u202e","nl":"B"}"#.to_owned(), "an English name"),
        (r#"{"code":"c.b","en":"B","nl":"B"}"#.to_owned(), "the code of its group"),
        (r#"{"code":"a.B","en":"B","nl":"B"}"#.to_owned(), "small letters"),
        (r#"{"code":"a.b","en":"B","nl":"B","kinds":["planet"]}"#.to_owned(), "not a vocabulary"),
    ] {
        let error = check(&labels).unwrap_err().to_string();
        assert!(error.contains(what), "{labels}: {error}");
    }
}
