//! Reports: valid, the same bytes for the same figures, in two languages, and inert whatever a name holds.

use std::path::Path;
use std::process::Command;

use dispatch::report::{
    AsOf, BySource, CaseOf, Conflicts, Counted, FIGURES_SCHEMA, Figures, HiddenBy, LabelOf, Language, OfCategory,
    OfExport, OfLead, OfSet, OfSource, Opinions, OtherTool, Person, Sampled, Stated, Totals, write,
};
use domain::{Category, CategoryCode, Freshness, Scheme, SchemeId, Sha256, UtcTime};

const MOMENT: UtcTime = UtcTime(1_764_000_000_000_000);

fn category(code: &str, en: &str, nl: &str) -> Category {
    let (code, en, nl) = (CategoryCode(code.into()), en.into(), nl.into());
    Category { code, en, nl, number: None, unclassified: false, ambiguous: false, ordinary: false }
}

fn counted(name: &str, items: u64) -> Counted {
    Counted { name: name.into(), items }
}

fn stated(name: &str, items: u64, by: &str) -> Stated {
    Stated { name: name.into(), items, by: by.into(), at: MOMENT, operation: 48_100 }
}

fn of_category(code: &str, items: u64, occurrences: u64) -> OfCategory {
    let by_source = vec![BySource { source: "A01".into(), items, occurrences }];
    OfCategory { code: CategoryCode(code.into()), items, occurrences, by_source }
}

fn figures() -> Figures {
    let scheme = Scheme {
        id: SchemeId("nl".into()),
        version: 2,
        title: "Netherlands".into(),
        title_nl: None,
        status: "draft: nobody has signed it off".to_owned().into(),
        categories: vec![category("1", "Illegal", "Strafbaar"), category("2", "Ordinary", "Gewoon")],
    };
    Figures {
        schema: FIGURES_SCHEMA,
        program: "Zeef 0.1.0".into(),
        case: CaseOf {
            number: "26-RTM-0417".into(),
            unit: "Rotterdam".into(),
            legal_scope: "Warrant 12".into(),
            id: "6f1c".into(),
            created: MOMENT,
            created_by: "anna".into(),
            scheme,
        },
        as_of: AsOf { operation: 48_112, at: MOMENT, hash: Sha256([0x5c; 32]) },
        sources: vec![OfSource {
            label: "A01".into(),
            path: "/evidence/stick".into(),
            kind: "folder".into(),
            added: MOMENT,
            added_by: "anna".into(),
            loaded: Some(MOMENT),
            items: 203_418,
            occurrences: 301_077,
            unread: 333,
        }],
        sets: vec![OfSet {
            name: "national".into(),
            role: "known".into(),
            version: 1842,
            entries: 12_345_678,
            published: Some(MOMENT),
            imported: MOMENT,
            age_days: 3,
            freshness: Some(Freshness::InGrace),
        }],
        totals: Totals {
            items: 203_418,
            occurrences: 301_410,
            shown: 40_212,
            hidden: 162_873,
            hidden_known: 150_001,
            hidden_ordinary: 12_872,
            refused: 333,
            waiting: 0,
            decided: 1_407,
        },
        decided: vec![of_category("1", 1_082, 2_000), of_category("2", 325, 326)],
        known: vec![of_category("1", 150_000, 170_000), of_category("needs-human", 1, 1)],
        hidden_by: vec![HiddenBy { set: "national".into(), version: 1842, items: 162_873 }],
        refused: vec![counted("undecodable", 330), counted("limit", 3)],
        conflicts: Conflicts { items: 18, decided: 7 },
        opinions: vec![Opinions { person: "anna".into(), categories: vec![counted("1", 1_082), counted("2", 325)] }],
        disputed: 4,
        people: vec![Person { name: "anna".into(), role: "team-lead".into(), added: MOMENT, removed: None }],
        vetoes: 2,
        other_tools: vec![OtherTool { tool: "Tool 7".into(), code: "5".into(), opinions: 12 }],
        qualification: vec![stated("possession", 1_082, "anna"), stated("production", 31, "marie")],
        leads: vec![OfLead {
            lead: 1,
            kind: "victim".into(),
            state: "followed".into(),
            name: "Willow".into(),
            series: Some("Diamond".into()),
            labels: vec![
                LabelOf {
                    code: "building.socket-f".into(),
                    en: "Socket, type F".into(),
                    nl: "Stopcontact, type F".into(),
                },
                LabelOf { code: "later.code".into(), en: String::new(), nl: String::new() },
            ],
            items: 41,
            regions: 6,
            risk: "now".into(),
            made: MOMENT,
            by: "anna".into(),
        }],
        exports: vec![OfExport {
            request: 3,
            state: "signed".into(),
            media: false,
            recipients: vec!["National desk".into()],
            by: "anna".into(),
            at: MOMENT,
            signed_by: Some("marie".into()),
            signed_at: Some(MOMENT),
            package_sha256: Some("ab".repeat(32)),
            sample: Some(Sampled { of: 20, looked: 12 }),
        }],
    }
}

/// Runs a program of the machine over a file; `None` where it is not there, which is said.
fn run(program: &str, arguments: &[&str], file: &Path) -> Option<(bool, String)> {
    match Command::new(program).args(arguments).arg(file).output() {
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
            Some((output.status.success(), text))
        }
        Err(error) => {
            println!("{program} is not there ({error})");
            None
        }
    }
}

fn put(dir: &Path, name: &str, bytes: &[u8]) -> std::path::PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, bytes).expect("the folder of the test can be written");
    path
}

/// Gives the text of a PDF without line breaks; `None` where no program can.
fn text_of(dir: &Path, pdf: &[u8]) -> Option<String> {
    let file = put(dir, "text.pdf", pdf);
    let output = Command::new("pdftotext").arg("-layout").arg(&file).arg("-").output().ok()?;
    assert!(output.status.success());
    Some(
        String::from_utf8(output.stdout)
            .expect("pdftotext writes UTF-8")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" "),
    )
}

#[test]
fn the_same_figures_give_the_same_bytes() {
    let [one, two] = [write(&figures(), Language::Dutch).unwrap(), write(&figures(), Language::Dutch).unwrap()];
    assert!(one == two);
    assert!(one.pages >= 3);
    let later = Figures { disputed: 5, ..figures() };
    assert!(write(&later, Language::Dutch).unwrap().pdf != one.pdf, "another figure is another report");
    assert_eq!(one.json, write(&figures(), Language::English).unwrap().json, "figures have no language");
}

#[test]
fn the_figures_are_read_back_as_they_were() {
    let report = write(&figures(), Language::English).unwrap();
    assert_eq!(serde_json::from_slice::<Figures>(&report.json).unwrap(), figures());
}

#[test]
fn other_programs_find_the_report_valid() {
    let dir = tempfile::tempdir().unwrap();
    for language in [Language::English, Language::Dutch] {
        let report = write(&figures(), language).unwrap();
        let file = put(dir.path(), "report.pdf", &report.pdf);
        let (Some((fine, told)), Some((read, info))) = (run("qpdf", &["--check"], &file), run("pdfinfo", &[], &file))
        else {
            return println!("skipped: needs qpdf and pdfinfo");
        };
        assert!(fine, "{told}");
        assert!(!info.contains("Syntax"), "{info}");
        assert!(read && info.contains(&format!("Pages:           {}", report.pages)), "{info}");
        assert!(info.contains("26-RTM-0417") && info.contains("Tagged:          yes"), "{info}");
    }
}

#[test]
fn the_text_of_the_report_holds_every_figure() {
    let dir = tempfile::tempdir().unwrap();
    for (language, thousands, words) in [
        (
            Language::English,
            ",",
            ["Could not be read or decoded", "Socket,", "later.code", "no translation", "1 source.", "12 of 20 items"],
        ),
        (
            Language::Dutch,
            ".",
            [
                "Niet te lezen of te decoderen",
                "Stopcontact,",
                "later.code",
                "geen omzetting",
                "1 bron.",
                "12 van 20 items",
            ],
        ),
    ] {
        let report = write(&figures(), language).unwrap();
        let Some(text) = text_of(dir.path(), &report.pdf) else { return println!("skipped: needs pdftotext") };
        for figure in
            ["203_418", "301_410", "40_212", "162_873", "150_001", "12_872", "1_407", "1_082", "2_000", "12_345_678"]
        {
            let figure = figure.replace('_', thousands);
            assert!(text.contains(&figure), "{figure} is not in the report");
        }
        for word in words {
            assert!(text.contains(word), "`{word}` is not in the report");
        }
        assert!(text.contains("Willow"));
        let (not, acts) = match language {
            Language::English => ("not stated", ["possession", "distribution", "production"]),
            Language::Dutch => ("niet opgegeven", ["bezit", "verspreiding", "vervaardiging"]),
        };
        let said = [format!("1{thousands}082 anna"), not.to_owned(), "31 marie".to_owned()];
        for (act, said) in acts.iter().zip(said) {
            let told = format!("{act} {said}");
            assert!(text.contains(&told), "`{told}` is not in the report");
        }
        // A hash is copied from the page as it is: nothing unseen stands in it.
        assert!(text.contains(&"5c".repeat(32)) && text.contains(&"ab".repeat(32)));
        assert!(text.contains(&format!("--expect-head {}", "5c".repeat(32))));
    }
}

#[test]
fn names_are_inert() {
    let dir = tempfile::tempdir().unwrap();
    let mut poisoned = figures();
    poisoned.sources[0].path = "/x/#panic()\n*a* $1$ <l> \u{202e}gpj.exe\u{7} \\u{41} // @b".into();
    poisoned.leads[0].name = "#import \"/etc/passwd\" \u{200f}=cmd".into();
    poisoned.case.unit = "<script>alert(1)</script> #read(\"/etc/passwd\")".into();
    let report = write(&poisoned, Language::English).unwrap();
    let json = String::from_utf8(report.json).unwrap();
    assert!(!json.contains(['\u{202e}', '\u{200f}', '\u{7}']));
    let Some(text) = text_of(dir.path(), &report.pdf) else { return println!("skipped: needs pdftotext") };
    assert!(text.contains("#import") && text.contains("<script>alert(1)</script>"), "it is set as it is written");
    assert!(!text.contains(['\u{202e}', '\u{200f}']));
}

#[test]
fn an_empty_case_has_a_report() {
    let empty = Figures {
        sources: vec![],
        sets: vec![],
        totals: Totals::default(),
        decided: vec![],
        known: vec![],
        hidden_by: vec![],
        refused: vec![],
        conflicts: Conflicts::default(),
        opinions: vec![],
        disputed: 0,
        people: vec![],
        vetoes: 0,
        other_tools: vec![],
        qualification: vec![],
        leads: vec![],
        exports: vec![],
        ..figures()
    };
    assert!(write(&empty, Language::Dutch).unwrap().pages >= 2);
}

#[test]
fn both_languages_have_the_same_words() {
    fn paths(value: &serde_json::Value, at: &str, all: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(fields) => {
                fields.iter().for_each(|(key, value)| paths(value, &format!("{at}/{key}"), all))
            }
            serde_json::Value::Array(values) => all.push(format!("{at} {}", values.len())),
            _ => all.push(at.to_owned()),
        }
    }
    let of = |text: &str| {
        let mut all = Vec::new();
        paths(&serde_json::from_str(text).unwrap(), "", &mut all);
        all
    };
    assert_eq!(of(include_str!("../report/words.en.json")), of(include_str!("../report/words.nl.json")));
}

/// Of every word of a report one language has its own; what is the same in both is a name, or a word of both.
#[test]
fn a_dutch_report_has_no_english_word() {
    let dir = tempfile::tempdir().unwrap();
    let mut named = figures();
    named.case.scheme.title = "Project VIC, United States".into();
    named.case.scheme.title_nl = Some("Project VIC, Verenigde Staten".into());
    named.case.scheme.status = domain::SchemeStatus::Illustration;
    named.sources[0].kind = "stated".into();
    named.totals.waiting = 1;
    let report = write(&named, Language::Dutch).unwrap();
    let Some(text) = text_of(dir.path(), &report.pdf) else { return println!("skipped: needs pdftotext") };
    for word in [" the ", " and ", " not ", " case ", " known ", " with ", "United", "stated", "followed", " now "] {
        // The command that verifies is one of the program's, and is the same in every language.
        let text = text.replace("zeef case verify", "");
        assert!(!text.contains(word), "`{word}` is in the Dutch report: {text}");
    }
    assert!(text.contains("wacht 1 item:"), "{text}");
}

#[test]
fn names_of_every_script_are_set_or_spelt() {
    let dir = tempfile::tempdir().unwrap();
    let mut named = figures();
    let script = "写真 صورة תמונה รูปภาพ चित्र한국\u{1f469}\u{1f3fd}\u{e000}\u{fdd0}e\u{301}ﬁŁ";
    named.sources[0].path = format!("/x/{script}/a.jpg");
    named.leads[0].name = script.into();
    named.case.unit = script.into();
    named.people[0].name = script.into();
    let report = write(&named, Language::Dutch).unwrap();
    let twin: Figures = serde_json::from_slice(&report.json).unwrap();
    assert_eq!(twin.leads[0].name, script, "the figures have the signs themselves");
    let Some(text) = text_of(dir.path(), &report.pdf) else { return println!("skipped: needs pdftotext") };
    assert!(text.contains("\\u{5199}\\u{771f}") && text.contains("\\u{1f469}"), "{text}");
}

#[test]
fn signs_of_all_of_unicode_never_cost_the_report() {
    let mut named = figures();
    let signs: Vec<char> = (1..0x2_0000_u32).step_by(61).filter_map(char::from_u32).collect();
    named.leads =
        signs.chunks(60).map(|some| OfLead { name: some.iter().collect(), ..named.leads[0].clone() }).collect();
    write(&named, Language::English).unwrap();
}

#[test]
fn nothing_runs_off_the_page() {
    let dir = tempfile::tempdir().unwrap();
    let mut long = figures();
    long.sources[0].path = format!("/evidence/{}/{}.jpg", "map ".repeat(40), "0123456789".repeat(30));
    long.case.unit = "x".repeat(300);
    long.leads[0].name = "y".repeat(300);
    long.exports[0].recipients = vec!["z".repeat(300)];
    let report = write(&long, Language::English).unwrap();
    let file = put(dir.path(), "long.pdf", &report.pdf);
    let Some((true, boxes)) = run("pdftotext", &["-bbox"], &file).map(|_| {
        let output = Command::new("pdftotext").arg("-bbox").arg(&file).arg("-").output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    }) else {
        return println!("skipped: needs pdftotext");
    };
    let right = boxes.split("xMax=\"").skip(1).filter_map(|rest| rest.split('"').next()?.parse::<f64>().ok());
    let right = right.fold(0.0, f64::max);
    // A4 is 595.3 points wide, and its margin 62.4.
    assert!(right > 400.0 && right < 534.0, "text ends at {right} points");
}
