//! The custodian's days, by the program itself: lists of several forms come in, contributors disagree, somebody decides,
//! sets are released, withdrawn from, rotated. Independent readers check what was published.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod site;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use domain::release::{Enrolment, ReleaseIndex, TrustMap};
use domain::{Entry, Fingerprint, SetVersion, Standing, Verdict};
use sha2::Digest;

use crate::site::{bytes, current_targets, index_of, rows_of};

const MORNING: &str = "2026-03-01T08:00:00Z";
const NEXT_DAY: &str = "2026-03-02T08:00:00Z";
const THIRD_DAY: &str = "2026-03-03T08:00:00Z";

/// A desk with a repository, its keys and its site.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn known() -> Self {
        let desk = Self::new();
        desk.init(&["--set", "National Set", "--title", "The national set", "--profile", "US"]);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, now: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zeef-publish"));
        command.current_dir(self.folder.path()).args(arguments).args(["--now", now]);
        command.output().unwrap()
    }

    /// Runs a command that has to be done; gives what it printed.
    fn done(&self, now: &str, arguments: &[&str]) -> String {
        let output = self.run(now, arguments);
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{arguments:?}: {text}");
        text
    }

    /// Runs a command that has to be refused; gives why.
    fn refused(&self, now: &str, arguments: &[&str]) -> String {
        let output = self.run(now, arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    fn init(&self, more: &[&str]) {
        self.done(MORNING, &[&["init", "repo", "--keys", "keys"], more].concat());
    }

    fn list(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn add(&self, now: &str, name: &str, text: &str, more: &[&str]) -> String {
        self.list(name, text);
        self.done(now, &[&["add", "repo", name], more].concat())
    }

    fn release(&self, now: &str) -> String {
        self.done(now, &["release", "repo", "--keys", "keys", "--out", "site"])
    }

    fn index(&self) -> ReleaseIndex {
        self.index_at("site")
    }

    fn index_at(&self, site: &str) -> ReleaseIndex {
        index_of(&self.path(site))
    }

    /// Reads the rows of the site as a workstation does: the snapshot, then the deltas after it. Each step is proved.
    fn rows(&self) -> Vec<Entry> {
        rows_of(&self.path("site"))
    }

    fn row(&self, sha256: &str) -> Option<Entry> {
        self.rows().into_iter().find(|row| row.digests.sha256.is_some_and(|digest| digest.to_string() == sha256))
    }
}

/// Gives a digest that nothing has: the number, in so many hex digits.
fn hex(number: u64, digits: usize) -> String {
    format!("{:0>digits$}", format!("{:x}", 0xabc0_0000 + number))
}

fn vics(context: &str, records: &[String]) -> String {
    let head = format!("http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/{context}/$metadata#Media");
    format!("{{\"@odata.context\":\"{head}\",\"value\":[{}]}}", records.join(","))
}

fn media(number: u64, category: u32, more: &str) -> String {
    let (md5, sha256) = (hex(number, 32), hex(number, 64));
    format!("{{\"MediaID\":{number},\"Category\":{category},\"MD5\":\"{md5}\",\"SHA256\":\"{sha256}\"{more}}}")
}

fn code(entry: &Entry) -> Option<&str> {
    match &entry.verdict {
        Verdict::Category(code) => Some(&code.0),
        Verdict::Member | Verdict::Unclassified => None,
    }
}

#[test]
fn a_set_is_built_decided_released_and_withdrawn_from() {
    let desk = Desk::known();
    let flags = ",\"VictimIdentified\":true,\"Series\":\"B\"";
    let first: Vec<String> = (1..=20).map(|number| media(number, 1, if number == 1 { flags } else { "" })).collect();
    desk.add(MORNING, "a.json", &vics("US", &first), &["--by", "Unit A"]);
    let second = [media(1, 1, ",\"Series\":\"A\""), media(2, 2, "")];
    desk.add(MORNING, "b.json", &vics("US", &second), &["--by", "Unit B"]);
    desk.add(MORNING, "c.json", &vics("US", &[media(1, 1, "")]), &["--by", "Unit C"]);
    let again = desk.refused(MORNING, &["add", "repo", "c.json", "--by", "Unit C"]);
    assert!(again.contains("line 4 of the journal"), "{again}");
    let output = desk.run(MORNING, &["conflicts", "repo", "--json"]);
    assert_eq!(output.status.code(), Some(3));
    let conflicts: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(conflicts["count"], 1);
    assert_eq!(conflicts["conflicts"][0]["digest"], hex(2, 64));
    assert_eq!(conflicts["conflicts"][0]["kinds"][0], "disputed");
    assert_eq!(conflicts["conflicts"][0]["opinions"][1]["contributor"], "Unit B");

    desk.release(MORNING);
    let index = desk.index();
    assert_eq!((index.version, index.entries, index.deltas.len()), (SetVersion(1), 20, 0));
    let one = desk.row(&hex(1, 64)).unwrap();
    assert_eq!((code(&one), one.standing, one.series.as_str()), (Some("1"), Some(Standing::Confirmed), "A; B"));
    assert_eq!(one.flags.victim_identified, Some(true));
    let two = desk.row(&hex(2, 64)).unwrap();
    assert_eq!((&two.verdict, two.standing), (&Verdict::Unclassified, Some(Standing::Disputed)));
    let three = desk.row(&hex(3, 64)).unwrap();
    assert_eq!((code(&three), three.standing), (Some("1"), Some(Standing::OneOpinion)));

    desk.done(NEXT_DAY, &["decide", "repo", &hex(2, 32), "2", "--by", "Carla"]);
    desk.done(NEXT_DAY, &["withdraw", "repo", &hex(3, 64), "--reason", "an advertisement", "--by", "Carla"]);
    desk.add(NEXT_DAY, "d.json", &vics("US", &[media(30, 1, "")]), &["--by", "Unit A"]);
    desk.release(NEXT_DAY);
    let index = desk.index();
    assert_eq!((index.version, index.entries, index.deltas.len()), (SetVersion(2), 20, 1));
    assert_eq!((index.deltas[0].upserts, index.deltas[0].withdrawals), (2, 1));
    let decided = desk.row(&hex(2, 64)).unwrap();
    assert_eq!((code(&decided), decided.standing, decided.id), (Some("2"), Some(Standing::Confirmed), two.id));
    assert_eq!(desk.row(&hex(3, 64)), None);
    assert_eq!(desk.row(&hex(30, 64)).unwrap().id.0, 21);

    desk.release(THIRD_DAY);
    assert_eq!(desk.index().version, SetVersion(2), "nothing has changed, so only the signatures are new");
    desk.add(THIRD_DAY, "e.json", &vics("US", &[media(3, 1, "")]), &["--by", "Unit D"]);
    desk.release(THIRD_DAY);
    assert_eq!(desk.row(&hex(3, 64)), None, "who is withdrawn stays so until somebody decides");
    desk.done(THIRD_DAY, &["decide", "repo", &hex(3, 64), "1", "--by", "Carla"]);
    desk.release(THIRD_DAY);
    assert_eq!(desk.row(&hex(3, 64)).unwrap().id, three.id, "it comes back under its id");
}

#[test]
fn rows_of_one_content_are_one_entry_whatever_digests_they_have() {
    let desk = Desk::known();
    // An MD5 alone, then the SHA-1 beside it, then all three: always the same content and the same id.
    desk.add(MORNING, "md5.txt", &format!("{}  a.jpg\n", hex(1, 32)), &["--by", "A", "--category", "1"]);
    desk.release(MORNING);
    let id = desk.rows()[0].id;
    desk.add(
        NEXT_DAY,
        "sha1.csv",
        &format!("MD5,SHA1\n{},{}\n", hex(1, 32), hex(1, 40)),
        &["--by", "B", "--category", "1"],
    );
    desk.release(NEXT_DAY);
    let rows = desk.rows();
    assert_eq!((rows.len(), rows[0].id), (1, id));
    let whole = format!("MD5,SHA1,SHA256\n{},{},{}\n", hex(1, 32), hex(1, 40), hex(1, 64));
    desk.add(THIRD_DAY, "sha256.csv", &whole, &["--by", "C", "--category", "1"]);
    desk.release(THIRD_DAY);
    let rows = desk.rows();
    assert_eq!((rows.len(), rows[0].id, rows[0].standing), (1, id, Some(Standing::Confirmed)));
    assert_eq!(rows[0].digests.sha256.unwrap().to_string(), hex(1, 64));
    // A second content with this MD5: a collision. They are two entries, and the MD5 alone belongs to neither.
    let other = format!("MD5,SHA256\n{},{}\n", hex(1, 32), hex(9, 64));
    desk.add(THIRD_DAY, "collision.csv", &other, &["--by", "D", "--category", "2"]);
    desk.release(THIRD_DAY);
    let rows = desk.rows();
    assert_eq!(desk.row(&hex(1, 64)).unwrap().id, id, "{rows:?}");
    assert_eq!(rows.iter().filter(|row| row.digests.sha256.is_none()).count(), 1, "{rows:?}");
    assert_eq!(rows.iter().map(|row| row.id).collect::<BTreeSet<_>>().len(), 3, "{rows:?}");
}

#[test]
fn other_schemes_are_translated_exactly_or_need_a_human() {
    let desk = Desk::known();
    // UK A is broader than US 1: alone it needs a human, beside a US 1 it agrees. UK C has no rule at all.
    desk.add(
        MORNING,
        "uk.json",
        &vics("UK", &[media(1, 1, ""), media(2, 1, ""), media(3, 3, "")]),
        &["--by", "London"],
    );
    desk.add(MORNING, "us.json", &vics("US", &[media(2, 1, "")]), &["--by", "Boston"]);
    let output = desk.run(MORNING, &["conflicts", "repo", "--json"]);
    let conflicts: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(conflicts["count"], 2, "{conflicts}");
    assert_eq!(conflicts["conflicts"][0]["kinds"][0], "needs-human");
    assert_eq!(conflicts["conflicts"][0]["opinions"][0]["scheme"], "uk");
    desk.release(MORNING);
    let verdict = |number| desk.row(&hex(number, 64)).unwrap().verdict;
    assert_eq!(verdict(1), Verdict::Unclassified);
    assert_eq!(code(&desk.row(&hex(2, 64)).unwrap()), Some("1"));
    assert_eq!(verdict(3), Verdict::Unclassified);
}

#[test]
fn rows_that_are_traps_are_counted_and_named() {
    let desk = Desk::known();
    let empty = "d41d8cd98f00b204e9800998ecf8427e";
    let list = format!("MD5,SHA1\n{empty},\n{},\nxyz,\n,\n{},{}\n", hex(1, 32), hex(2, 32), hex(2, 40));
    let told = desk.add(MORNING, "traps.csv", &list, &["--by", "A", "--category", "1"]);
    assert!(told.contains("5 rows, 2 taken in") || told.contains("4 rows, 2 taken in"), "{told}");
    assert!(told.contains("digest of an empty file"), "{told}");
    let all = format!("MD5\n{empty}\n");
    desk.list("nothing.csv", &all);
    desk.refused(MORNING, &["add", "repo", "nothing.csv", "--by", "A", "--category", "1"]);
    let unknown = desk.refused(MORNING, &["withdraw", "repo", &hex(77, 64), "--reason", "x"]);
    assert!(unknown.contains("nobody has contributed"), "{unknown}");
    desk.release(MORNING);
    assert_eq!(desk.rows().len(), 2);
}

#[test]
fn an_empty_set_and_a_good_set_are_sets_too() {
    let desk = Desk::new();
    desk.init(&["--set", "ordinary", "--title", "Ordinary files", "--role", "good"]);
    desk.release(MORNING);
    assert_eq!((desk.index().entries, desk.rows().len()), (0, 0));
    let hashdeep = format!(
        "%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n## x\n## $ hashdeep\n##\n10,{},{},/a\n",
        hex(1, 32),
        hex(1, 64)
    );
    desk.add(MORNING, "good.txt", &hashdeep, &["--by", "A"]);
    desk.list("known.json", &vics("US", &[media(2, 1, "")]));
    let why = desk.refused(MORNING, &["add", "repo", "known.json", "--by", "A"]);
    assert!(why.contains("ordinary files"), "{why}");
    desk.release(NEXT_DAY);
    assert_eq!(desk.rows()[0].verdict, Verdict::Member);
}

#[test]
fn keys_are_rotated_and_partners_named() {
    let desk = Desk::known();
    desk.add(MORNING, "a.json", &vics("US", &[media(1, 1, "")]), &["--by", "A"]);
    desk.release(MORNING);
    let other = Desk::new();
    other.init(&["--set", "Abroad", "--title", "Abroad", "--profile", "UK"]);
    other.release(MORNING);
    let root = other.path("site/metadata/1.root.json");
    let root = root.to_str().unwrap();
    desk.done(NEXT_DAY, &["partner", "repo", "abroad", root, "--allowed", "A", "--grace-days", "3"]);
    // One root key stays in its safe: no new one takes its name.
    std::fs::rename(desk.path("keys/root-3.key"), desk.path("root-3.key")).unwrap();
    for role in ["timestamp", "snapshot", "targets", "root"] {
        desk.done(NEXT_DAY, &["rotate", "repo", "--keys", "keys", "--role", role]);
    }
    let names = std::fs::read_dir(desk.path("keys")).unwrap();
    let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.starts_with("root-"));
    names.sort();
    assert_eq!(names, ["root-1.key", "root-2.key", "root-4.key", "root-5.key", "root-6.key"]);
    // For the daily work the old keys and all root keys are away.
    std::fs::create_dir(desk.path("daily")).unwrap();
    for name in ["timestamp-2.key", "snapshot-2.key", "targets-2.key"] {
        std::fs::copy(desk.path("keys").join(name), desk.path("daily").join(name)).unwrap();
    }
    desk.done(NEXT_DAY, &["release", "repo", "--keys", "daily", "--out", "site"]);
    assert!(desk.path("site/metadata/5.root.json").is_file());
    let names = current_targets(&desk.path("site"));
    let trust = names.iter().find(|name| name.ends_with(".trust-map.json")).unwrap();
    let trust: TrustMap = serde_json::from_slice(&bytes(&desk.path("site/targets").join(trust))).unwrap();
    let (name, partner) = trust.partners.first_key_value().unwrap();
    assert_eq!((name.as_str(), partner.grace_days, partner.revoked), ("abroad", 3, false));
    assert!(names.contains(&format!("{}.trust-abroad.root.json", partner.root_sha256)));
    let enrolment: Enrolment = serde_json::from_slice(&bytes(&desk.path("site/enrolment.json"))).unwrap();
    assert_eq!((enrolment.minimum.root, enrolment.minimum.timestamp), (5, 2));
    let missing = desk.refused(NEXT_DAY, &["timestamp", "repo", "--keys", "site", "--out", "site"]);
    assert!(missing.contains("key"), "{missing}");
    let told = desk.done(THIRD_DAY, &["timestamp", "repo", "--keys", "daily", "--out", "site"]);
    assert!(told.contains("Timestamp 3 holds until 2026-03-10T08:00:00Z"), "{told}");
    let wrong =
        desk.refused(THIRD_DAY, &["release", "repo", "--keys", "daily", "--out", other.path("site").to_str().unwrap()]);
    assert!(wrong.contains("another repository"), "{wrong}");
}

#[test]
fn what_the_custodian_reads_out_is_the_fingerprint_of_the_root_in_the_enrolment_file() {
    let desk = Desk::known();
    let status = || -> serde_json::Value {
        serde_json::from_slice(&desk.run(NEXT_DAY, &["status", "repo", "--json"]).stdout).unwrap()
    };
    let plain = || String::from_utf8(desk.run(NEXT_DAY, &["status", "repo"]).stdout).unwrap();
    assert!(status()["fingerprint"].is_null() && !plain().contains("ingerprint"), "nobody can enrol yet");
    let enrolled = || {
        let enrolment: Enrolment = serde_json::from_slice(&bytes(&desk.path("site/enrolment.json"))).unwrap();
        Fingerprint(domain::Sha256(sha2::Sha256::digest(enrolment.root.as_bytes()).into()))
    };
    let shows = |text: &str| text.contains(&format!("    {}\n", enrolled().rows().join("\n    ")));
    let told = desk.release(MORNING);
    assert!(shows(&told) && told.contains("root 1"), "{told}");
    let first = enrolled();
    assert_eq!((status()["fingerprint"].as_str(), status()["root"].as_u64()), (Some(&*first.0.to_string()), Some(1)));
    // A new root counts from the release on that hands it out.
    desk.done(NEXT_DAY, &["rotate", "repo", "--keys", "keys", "--role", "timestamp"]);
    assert_eq!(status()["fingerprint"], first.0.to_string());
    assert!(shows(&plain()), "{}", plain());
    let told = desk.release(NEXT_DAY);
    assert!(enrolled() != first && shows(&told) && told.contains("root 2"), "{told}");
    assert!(shows(&plain()), "{}", plain());
}

#[test]
fn what_may_not_be_shared_never_reaches_the_partner_site() {
    let desk = Desk::known();
    let secret = ",\"VictimIdentified\":true,\"Series\":\"Secret\"";
    desk.add(MORNING, "a.json", &vics("US", &[media(1, 1, secret), media(2, 2, "")]), &["--by", "A"]);
    desk.release(MORNING);
    let arguments = ["--set", "Shared", "--title", "Shared", "--profile", "US", "--source", "repo", "--keys", "keys2"];
    for other in [["--profile", "NL"], ["--role", "good"]] {
        let why = desk.refused(MORNING, &[&["init", "other"][..], &arguments[..4], &arguments[6..], &other].concat());
        assert!(why.contains("role or scheme"), "{why}");
    }
    desk.done(MORNING, &[&["init", "shared"][..], &arguments].concat());
    let why = desk.refused(MORNING, &["release", "shared", "--keys", "keys2", "--out", "site2"]);
    assert!(why.contains("by which rules"), "{why}");
    desk.list("rules.json", r#"{"schema":1,"title":"Treaty","leave_out_categories":["2"],"drop_flags":["victim_identified"],"series":"dropped"}"#);
    desk.done(MORNING, &["share", "shared", "rules.json"]);
    desk.done(MORNING, &["release", "shared", "--keys", "keys2", "--out", "site2"]);
    let rows = rows_of(&desk.path("site2"));
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].flags.victim_identified, rows[0].series.as_str()), (None, ""));
    assert!(current_targets(&desk.path("site2")).iter().any(|name| name.ends_with(".share-rules.json")));
    let why = desk.refused(MORNING, &["add", "shared", "a.json", "--by", "A"]);
    assert!(why.contains("another repository"), "{why}");

    // What the rules leave out from now on is gone from the site with the next release, the files of before too.
    let (before, left) = (desk.index_at("site2"), rows[0].digests.md5.unwrap());
    desk.list("rules.json", r#"{"schema":1,"title":"Treaty","leave_out_categories":["1","2"]}"#);
    desk.done(NEXT_DAY, &["share", "shared", "rules.json"]);
    desk.done(NEXT_DAY, &["release", "shared", "--keys", "keys2", "--out", "site2"]);
    let after = desk.index_at("site2");
    assert_eq!((before.entries, after.entries, after.deltas.len()), (1, 0, 0));
    for file in std::fs::read_dir(desk.path("site2").join("targets")).unwrap() {
        let bytes = bytes(&file.unwrap().path());
        assert!(!bytes.windows(16).any(|window| window == left.0), "a row that may not be shared is still there");
    }
}

/// A custodian's word by the MD5 holds when rows come that know more of the content, and one that contradicts it.
#[test]
fn a_word_by_a_weak_digest_outlives_a_row_that_contradicts_it() {
    let desk = Desk::known();
    let (md5, other) = ("a".repeat(32), "b".repeat(32));
    let (content, second) = ("c".repeat(64), "d".repeat(64));
    let table = ["--profile", "US"];
    let by = |name: &'static str| [&["--by", name][..], &table].concat();
    desk.add(MORNING, "a.csv", &format!("MD5,Category\n{md5},1\n"), &by("A"));
    desk.release(MORNING);
    assert_eq!(desk.rows().len(), 1);
    desk.done(NEXT_DAY, &["withdraw", "repo", &md5, "--reason", "a calendar picture"]);
    desk.add(NEXT_DAY, "b.csv", &format!("MD5,SHA256,Category\n{md5},{content},1\n"), &by("B"));
    desk.add(NEXT_DAY, "c.csv", &format!("MD5,SHA256,Category\n{other},{content},1\n"), &by("C"));
    desk.release(NEXT_DAY);
    assert_eq!(desk.rows(), [], "withdrawn stays withdrawn");
    // A second content with that MD5: the MD5 alone means both, and can still be taken out.
    desk.add(THIRD_DAY, "d.csv", &format!("MD5,SHA256,Category\n{md5},{second},1\n"), &by("D"));
    desk.release(THIRD_DAY);
    assert!(desk.rows().iter().all(|row| row.digests.sha256 != Some(content.parse().unwrap())));
    desk.done(THIRD_DAY, &["withdraw", "repo", &md5, "--reason", "all of them"]);
    desk.release(THIRD_DAY);
    assert_eq!(desk.rows(), []);
    let why = desk.refused(THIRD_DAY, &["decide", "repo", &md5, "1", "--by", "carla"]);
    assert!(why.contains("several contents"), "{why}");
    let why = desk.refused(MORNING, &["release", "repo", "--keys", "keys", "--out", "site"]);
    assert!(why.contains("clock"), "{why}");
}

#[test]
fn independent_readers_accept_the_site_and_refuse_what_was_tampered_with() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let named = std::env::var_os("ZEEF_PEERS_PYTHON").map(PathBuf::from);
    let Some(python) = named.or_else(|| Some(root.join("target/readers/bin/python"))).filter(|path| path.exists())
    else {
        println!("skipped: needs python-tuf and duckdb, see tests/peers.txt");
        return;
    };
    let desk = Desk::known();
    let first: Vec<String> = (1..=300).map(|number| media(number, 1, "")).collect();
    desk.add(MORNING, "a.json", &vics("US", &first), &["--by", "A"]);
    desk.release(MORNING);
    let copy = |to| Command::new("cp").args(["-a", "site", to]).current_dir(desk.folder.path()).status().unwrap();
    assert!(copy("older").success());
    desk.done(NEXT_DAY, &["withdraw", "repo", &hex(7, 64), "--reason", "wrong"]);
    desk.add(NEXT_DAY, "b.json", &vics("US", &[media(301, 2, "")]), &["--by", "B"]);
    desk.release(NEXT_DAY);
    assert!(copy("newer").success());
    for role in ["timestamp", "root"] {
        desk.done(NEXT_DAY, &["rotate", "repo", "--keys", "keys", "--role", role]);
    }
    desk.release(NEXT_DAY);
    let other = Desk::known();
    other.release(NEXT_DAY);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python_tuf.py");
    let output = Command::new(python)
        .arg(script)
        .args([desk.path("older"), desk.path("newer"), desk.path("site"), other.path("site")])
        .arg(NEXT_DAY)
        .output()
        .unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{text}");
    assert_eq!(text.matches("refused: ").count(), 14, "{text}");
    assert!(text.contains("duckdb: 300 entries in 1 parts") && text.contains("1 upserts, 1 withdrawals"), "{text}");
}
