//! What the journeys share: the built programs, a folder that goes away, the model case, and a small one.

#![allow(dead_code, reason = "each test program uses a part of it")]

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// Passphrase of every case that a test makes.
pub const PASSPHRASE: &str = "vijf woorden die niemand raadt";
pub const USER: &str = "anna";

/// Gives a built program; `make test` builds them before the tests.
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    let built = test.parent().and_then(Path::parent).expect("tests lie below the folder of the programs").join(name);
    assert!(built.is_file(), "{name} is not built: run `cargo build --workspace --bins` first");
    built
}

/// Runs `zeef` and gives what it did.
pub fn zeef(arguments: &[&str]) -> Output {
    Command::new(program("zeef")).args(arguments).output().expect("zeef can be started")
}

/// Runs `zeef`, which has to succeed, and gives its standard output.
pub fn zeef_ok(arguments: &[&str]) -> String {
    let out = zeef(arguments);
    assert!(out.status.success(), "zeef {arguments:?}: {}\n{}", out.status, String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).expect("zeef prints UTF-8")
}

/// Reads one JSON value a line.
pub fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

/// What [`House::small_media`] wrote.
pub struct SmallMedia {
    /// The folder.
    pub media: String,
    /// A list of known files.
    pub known: String,
    /// Its next version: one file is withdrawn, two that were new are known.
    pub known_next: String,
    /// A list of ordinary files.
    pub ordinary: String,
}

/// Draws a picture of the small case again, larger, so that both look alike.
fn encode_again(number: u64) -> Vec<u8> {
    let larger = demo::Picture::draw(5, number, 128, 96).resized(160, 120);
    demo::encode_jpeg(&larger, 85).expect("a drawn picture is encoded")
}

fn copy_tree(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("the folder can be listed") {
        let entry = entry.expect("the folder can be listed");
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().expect("its type is known").is_dir() {
            std::fs::create_dir(&target).expect("a folder can be made");
            copy_tree(&path, &target);
        } else if entry.file_type().expect("its type is known").is_file() {
            std::fs::copy(&path, &target).expect("a file can be copied");
        }
    }
}

/// A folder with a passphrase file, and the places of a case and of sets.
pub struct House {
    dir: tempfile::TempDir,
}

impl House {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder can be made");
        std::fs::write(dir.path().join("passphrase"), format!("{PASSPHRASE}\n")).expect("it can be written to");
        Self { dir }
    }

    pub fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_str().expect("temporary folders have plain names").to_owned()
    }

    /// Runs `zeef case COMMAND CASE ...` as the first user, with JSON.
    pub fn case(&self, command: &str, more: &[&str]) -> Vec<Value> {
        lines(&zeef_ok(&self.arguments(command, more).iter().map(String::as_str).collect::<Vec<_>>()))
    }

    pub fn arguments(&self, command: &str, more: &[&str]) -> Vec<String> {
        let mut all: Vec<String> = vec!["case".into(), command.into(), self.path("case")];
        all.extend(more.iter().map(|word| (*word).to_owned()));
        let rest = ["--user", USER, "--passphrase-file", &self.path("passphrase"), "--json"];
        all.extend(rest.iter().map(|word| (*word).to_owned()));
        all
    }

    pub fn new_case(&self) {
        self.case("new", &["--number", "T-1", "--unit", "tests", "--scheme", "project-vic-us"]);
    }

    pub fn import(&self, file: &str, name: &str, role: &str, more: &[&str]) -> Value {
        let sets = self.path("sets");
        let mut all = vec!["set", "import", file, "--sets", &sets, "--name", name, "--role", role, "--json"];
        all.extend(more);
        lines(&zeef_ok(&all)).remove(0)
    }

    pub fn add(&self, source: &str, more: &[&str]) -> Value {
        let sets = self.path("sets");
        let mut all = vec![source, "--sets", &sets];
        all.extend(more);
        self.case("add", &all).remove(0)
    }

    pub fn status(&self) -> Value {
        self.case("status", &["--sets", &self.path("sets")]).remove(0)
    }

    /// Makes a case whose passphrase costs next to nothing to try. The cost stands in the key file of each case, so the
    /// programs open it like any other; a test that starts them a thousand times would else spend its time on Argon2.
    pub fn new_cheap_case(&self) {
        let schemes = review::Schemes::shipped();
        let scheme = schemes.scheme(&domain::SchemeId("project-vic-us".to_owned())).expect("the scheme is shipped");
        let case = casefile::NewCase {
            number: "T-1".to_owned(),
            unit: "tests".to_owned(),
            scheme: scheme.clone(),
            legal_scope: String::new(),
        };
        let cost = casefile::KdfCost { memory_kib: 8, passes: 1, lanes: 1 };
        let (user, passphrase) = (USER.parse().expect("a plain name"), casefile::Passphrase::new(PASSPHRASE));
        let dir = self.path("case");
        let now = domain::UtcTime(1_700_000_000_000_000);
        casefile::CaseFile::create_with_cost(
            Path::new(&dir),
            &case,
            &user,
            &passphrase,
            now,
            &mut casefile::SystemEntropy,
            cost,
        )
        .expect("a case can be made in a new folder");
    }

    /// Opens the case in this process, for reading.
    pub fn look_into_case(&self) -> Result<casefile::CaseFile, casefile::CasefileError> {
        let (user, passphrase) = (USER.parse().expect("a plain name"), casefile::Passphrase::new(PASSPHRASE));
        let now = domain::UtcTime(1_700_000_000_000_000);
        casefile::CaseFile::open_reading(Path::new(&self.path("case")), &user, &passphrase, now)
    }

    /// Draws a dozen small files into the folder `media`: pictures that a list of known and a list of ordinary files
    /// have, new ones, copies, look-alikes, a broken one, text, a link. Gives the lists, as `md5sum` writes them.
    pub fn small_media(&self) -> SmallMedia {
        let media = self.path("media");
        std::fs::create_dir_all(format!("{media}/below/deeper")).expect("a folder can be made");
        let put =
            |name: &str, bytes: &[u8]| std::fs::write(format!("{media}/{name}"), bytes).expect("it can be written");
        let drawn = |number: u64, width: u32, height: u32| {
            demo::encode_jpeg(&demo::Picture::draw(5, number, width, height), 90).expect("a drawn picture is encoded")
        };
        for (number, name) in ["known-1.jpg", "known-2.jpg", "below/withdrawn.jpg", "ordinary.jpg"].iter().enumerate() {
            put(name, &drawn(number as u64, 120, 90));
        }
        put("below/copy of known.jpg", &drawn(0, 120, 90));
        for number in 10..14 {
            put(&format!("below/new-{number}.jpg"), &drawn(number, 128, 96));
        }
        put("below/deeper/copy of new.jpg", &drawn(10, 128, 96));
        put("below/deeper/look-alike.jpg", &encode_again(10));
        put("broken.jpg", &drawn(20, 120, 90)[..400]);
        put("notes.txt", b"a text that is no picture");
        std::os::unix::fs::symlink("notes.txt", format!("{media}/link")).expect("a link can be made");
        let list = |name: &str, files: &[&str]| {
            let out = Command::new("md5sum").args(files).current_dir(&media).output().expect("md5sum is there");
            let path = self.path(name);
            std::fs::write(&path, out.stdout).expect("it can be written");
            path
        };
        SmallMedia {
            known: list("known.md5", &["known-1.jpg", "known-2.jpg", "below/withdrawn.jpg"]),
            known_next: list("known-next.md5", &["known-1.jpg", "known-2.jpg", "below/new-11.jpg", "below/new-12.jpg"]),
            ordinary: list("ordinary.md5", &["ordinary.jpg"]),
            media,
        }
    }

    /// Copies what another house holds, as it is.
    pub fn copy_of(other: &Self) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder can be made");
        copy_tree(other.dir.path(), dir.path());
        Self { dir }
    }

    /// Copies a folder of another house.
    pub fn take_over(&self, other: &Self, name: &str) {
        let to = self.dir.path().join(name);
        std::fs::create_dir(&to).expect("a folder can be made");
        copy_tree(&other.dir.path().join(name), &to);
    }

    /// Makes the model case and imports its sets.
    pub fn model(&self) -> demo::ModelCase {
        let mut pdq_of = |width, height, pixels: &[u8]| {
            let picture = evidence::Rgb8 { width, height, pixels };
            evidence::pdq(picture, domain::PdqVariant::Sampled512).map(|pdq| pdq.own())
        };
        let model = demo::write_model_case(Path::new(&self.path("model")), 7, &mut pdq_of)
            .expect("the model case can be written");
        self.import(model.ordinary.to_str().expect("plain name"), "ordinary", "good", &[]);
        self.import(model.national.to_str().expect("plain name"), "national", "known", &[]);
        model
    }
}

/// What a person could see of the sets and the case, without times and numbers of operations.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    pub sets: Vec<String>,
    pub sources: Vec<String>,
    pub noted: Vec<String>,
    /// By SHA-256, or by the places where there is none: the places, the rule, and all that was derived.
    pub items: BTreeMap<String, String>,
    pub stacks: BTreeSet<String>,
}

/// Looks at everything; the case has to be sound.
pub fn seen(house: &House) -> Seen {
    let sets = lines(&zeef_ok(&["set", "list", "--sets", &house.path("sets"), "--json"]));
    let sets = sets.iter().map(|set| format!("{} {} {}", set["name"], set["entries"], set["quarantined"])).collect();
    let case = house.look_into_case().expect("the case opens");
    let report = case.verify(&mut |_, _, _| {}).expect("the case can be verified");
    assert_eq!(report.problems, [], "the case is sound");
    assert_eq!(report.pending, 0);
    let counts = case.counts().expect("the case is counted");
    assert_eq!(counts.shown + counts.hidden + counts.refused, counts.items);
    assert_eq!(counts.known_decoded, 0);
    let roots: BTreeMap<domain::SourceId, String> = case
        .sources()
        .expect("the sources are listed")
        .into_iter()
        .map(|row| (row.id, row.root.file_name().map(|name| name.display().to_string()).unwrap_or_default()))
        .collect();
    let mut items = BTreeMap::new();
    let mut listed = 0;
    case.list(casefile::ListFilter::All, &mut |row| {
        listed += 1;
        let mut places: Vec<String> =
            row.paths.iter().map(|(source, path)| format!("{}:{}", roots[source], path.shown())).collect();
        places.sort();
        let story = row.sha256.and_then(|sha256| case.story(&sha256).expect("an item has a story"));
        let mut odd: Vec<String> = Vec::new();
        for place in story.iter().flat_map(|story| &story.occurrences) {
            odd.extend(place.extension_disagrees.as_ref().map(|extension| format!("{} {extension}", place.path)));
        }
        odd.sort();
        let facts = story.as_ref().and_then(|story| story.facts.as_ref());
        let hidden = matches!(row.rule, domain::Visibility::Hidden { .. });
        assert!(!hidden || facts.is_none(), "facts of what is hidden");
        let key = row.sha256.map_or_else(|| places.join("|"), |sha256| sha256.to_string());
        let decoded = if facts.is_some() { "decoded" } else { "plain" };
        let near: Vec<String> = row.suggestions.iter().map(|near| format!("{near:?}")).collect();
        let media = (row.media, row.extension_disagrees, row.size_bytes);
        items.insert(key, format!("{places:?} {:?} {media:?} {odd:?} {near:?} {facts:?} {decoded}", row.rule));
        ControlFlow::Continue(())
    })
    .expect("the case is listed");
    assert_eq!(listed, counts.items);
    let stacks = case.stacks().expect("stacks are listed").iter().map(|stack| format!("{stack:?}")).collect();
    let noted = case.sets().expect("sets are listed");
    let noted = noted.iter().map(|row| format!("{} {}", row.stamp.name, row.entries)).collect();
    let mut sources: Vec<String> = roots.into_values().collect();
    sources.sort();
    Seen { sets, sources, noted, items, stacks }
}

/// Reads a log that a test has made.
#[expect(clippy::disallowed_methods, reason = "the test reads its own log")]
pub fn read(path: &str) -> String {
    std::fs::read_to_string(path).expect("the log is there")
}

/// Reads the bytes of a file that a test has made.
#[expect(clippy::disallowed_methods, reason = "the test reads its own file")]
pub fn read_bytes(path: &str) -> Vec<u8> {
    std::fs::read(path).expect("the file is there")
}

/// Tells whether calls can be traced, and says so if they cannot.
pub fn has_strace() -> bool {
    let probe = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).output();
    let there = probe.is_ok_and(|output| output.status.success());
    if !there {
        eprintln!("skipped: needs strace that may trace");
    }
    there
}

/// Picks calls of a kind, from 1: all of few; of many the first, the last, and others by the seed.
pub fn points(count: usize, most: usize, seed: u64) -> Vec<usize> {
    if count <= most || std::env::var_os("ZEEF_FAULTS").is_some_and(|which| which == "all") {
        return (1..=count).collect();
    }
    let mut picked = BTreeSet::from([1, count]);
    let mut state = seed;
    while picked.len() < most {
        // SplitMix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        picked.insert(1 + (z ^ z >> 31) as usize % count);
    }
    picked.into_iter().collect()
}
