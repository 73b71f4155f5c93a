//! The days of a published set, through the real programs: a publisher releases; three workstations take it, one with a
//! client certificate, one with a token, one from a disk that is carried in late; what is withdrawn comes back in open
//! cases, and nobody's decision is lost.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Output, Stdio};

use serde_json::Value;

mod house;

use house::{House, lines, program, zeef, zeef_ok};

/// The first day.
const FIRST: &str = "2026-11-01T06:00:00Z";
/// Exit code of `zeef sync` when something waits for a person or was refused.
const WAITS: i32 = 4;

fn day(number: u32) -> String {
    FIRST.replace("-01T", &format!("-{number:02}T"))
}

/// A custodian's desk: repository, keys, site.
struct Publisher {
    house: House,
}

impl Publisher {
    fn new(name: &str, more: &[&str]) -> Self {
        let publisher = Self { house: House::new() };
        let keys = publisher.path("keys");
        let mut words = vec!["--set", name, "--title", "The set of a test", "--profile", "US", "--publisher", name];
        words.extend(["--keys", &keys]);
        words.extend(more);
        publisher.run(1, "init", &words);
        publisher
    }

    fn path(&self, what: &str) -> String {
        self.house.path(what)
    }

    fn try_run(&self, on: u32, command: &str, more: &[&str]) -> Output {
        let (now, repo) = (day(on), self.path("repo"));
        let mut words = vec![command, &repo];
        words.extend(more);
        words.extend(["--now", &now]);
        Command::new(program("zeef-publish")).args(&words).env("USER", "carla").output().unwrap()
    }

    fn run(&self, on: u32, command: &str, more: &[&str]) -> String {
        let out = self.try_run(on, command, more);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(out.status.success(), "zeef-publish {command} {more:?}: {}\n{said}", out.status);
        String::from_utf8(out.stdout).unwrap()
    }

    fn release(&self, on: u32, more: &[&str]) {
        let (keys, site) = (self.path("keys"), self.path("site"));
        let mut words = vec!["--keys", &keys, "--out", &site];
        words.extend(more);
        self.run(on, "release", &words);
    }

    /// Contributes files with a category each, as a table.
    fn add(&self, on: u32, by: &str, files: &[(String, &str)]) {
        let rows: Vec<String> = files
            .iter()
            .map(|(file, category)| {
                let digest = |tool: &str| {
                    let out = Command::new(tool).arg(file).output().unwrap();
                    String::from_utf8(out.stdout).unwrap().split(' ').next().unwrap().to_owned()
                };
                format!("{},{},{},{category}", digest("md5sum"), digest("sha1sum"), digest("sha256sum"))
            })
            .collect();
        self.add_rows(on, by, &rows);
    }

    fn add_rows(&self, on: u32, by: &str, rows: &[String]) {
        let list = self.path(&format!("contribution-{on}-{by}.csv"));
        std::fs::write(&list, format!("MD5,SHA1,SHA256,Category\n{}\n", rows.join("\n"))).unwrap();
        self.run(on, "add", &[&list, "--by", by, "--profile", "US"]);
    }

    fn enrolment(&self) -> String {
        self.path("site/enrolment.json")
    }
}

/// A workstation: sets, and an open case of a small folder.
struct Workstation {
    house: House,
}

impl Workstation {
    fn new(publisher: &Publisher) -> Self {
        let house = House::new();
        zeef_ok(&["sync", "enrol", &publisher.enrolment(), "--sets", &house.path("sets")]);
        Self { house }
    }

    fn try_sync(&self, on: u32, from: Option<&str>) -> (i32, Vec<Value>) {
        let (now, sets) = (day(on), self.house.path("sets"));
        let mut words = vec!["sync", "run", "--sets", &sets, "--now", &now, "--json"];
        from.iter().for_each(|from| words.extend(["--from", from]));
        let out = zeef(&words);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        (out.status.code().unwrap_or_else(|| panic!("{said}")), lines(&String::from_utf8(out.stdout).unwrap()))
    }

    /// Syncs with the only publisher.
    fn sync(&self, on: u32, from: Option<&str>) -> Value {
        let (code, mut told) = self.try_sync(on, from);
        assert_eq!((code, told.len()), (0, 1), "{told:?}");
        told.remove(0)
    }

    fn version(&self) -> Option<u64> {
        let sets = lines(&zeef_ok(&["set", "list", "--sets", &self.house.path("sets"), "--json"]));
        sets.iter().find(|set| set["name"] == "national").and_then(|set| set["version"].as_u64())
    }

    fn rematch(&self) -> Value {
        self.house.case("rematch", &["--sets", &self.house.path("sets")]).remove(0)
    }

    fn item(&self, file: &str) -> Value {
        let items = self.house.case("list", &[]);
        let has = |item: &Value| item["paths"].to_string().contains(file);
        items.into_iter().find(has).unwrap_or_else(|| panic!("{file} is in the case"))
    }
}

/// A server that ends with the test.
struct Served {
    child: Child,
    _stdin: ChildStdin,
    port: u16,
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve(command: &mut Command) -> Served {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let digits = line.trim().trim_end_matches('/').rsplit(':').next().unwrap_or_default().to_owned();
    let port = digits.parse().unwrap_or_else(|_| panic!("the server says its port: {line:?}"));
    let stdin = child.stdin.take().unwrap();
    Served { child, _stdin: stdin, port }
}

/// Makes an authority, and a certificate of the server and of a client that it vouches for.
fn certificates(house: &House) {
    let openssl = |words: &[&str]| {
        let out = Command::new("openssl").args(words).current_dir(house.path("")).output().unwrap();
        assert!(out.status.success(), "openssl {words:?}: {}", String::from_utf8_lossy(&out.stderr));
    };
    let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    let mut words = vec!["req", "-x509", "-days", "2", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem"];
    words.extend(curve);
    openssl(&words);
    for (name, extra) in [("server", "subjectAltName=IP:127.0.0.1"), ("client", "extendedKeyUsage=clientAuth")] {
        let (key, request, pem) = (format!("{name}.key"), format!("{name}.csr"), format!("{name}.pem"));
        let subject = format!("/CN={name}");
        let mut words = vec!["req", "-new", "-subj", &subject, "-keyout", &key, "-out", &request];
        words.extend(curve);
        openssl(&words);
        std::fs::write(house.path("extra"), extra).unwrap();
        openssl(&[
            "x509",
            "-req",
            "-days",
            "2",
            "-in",
            &request,
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-extfile",
            "extra",
            "-out",
            &pem,
        ]);
    }
}

fn copy(from: &str, to: &str) {
    let out = Command::new("cp").args(["-r", from, to]).status().unwrap();
    assert!(out.success());
}

/// Rows of digests that no file has.
fn made_up(from: u32, count: u32) -> Vec<String> {
    (from..from + count).map(|number| format!("{number:032x},{number:040x},{number:064x},1")).collect()
}

#[test]
fn three_workstations_live_through_three_weeks() {
    let publisher = Publisher::new("national", &["--grace-days", "14"]);
    let desk = House::new();
    let media = desk.small_media().media;
    let file = |name: &str| format!("{media}/{name}");
    publisher.add(
        1,
        "unit-a",
        &[(file("known-1.jpg"), "1"), (file("known-2.jpg"), "2"), (file("below/withdrawn.jpg"), "1")],
    );
    publisher.release(1, &[]);

    // One has a client certificate, one a token, one waits for a disk.
    let site = publisher.path("site");
    let secrets = House::new();
    certificates(&secrets);
    let secret = |name: &str| secrets.path(name);
    let tls = serve(Command::new("python3").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tls_site.py")).args([
        &site,
        &secret("server.pem"),
        &secret("server.key"),
        &secret("ca.pem"),
    ]));
    std::fs::write(secret("token"), "a-token-of-this-test\n").unwrap();
    for name in ["token", "client.key"] {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(secret(name), mode).unwrap();
    }
    let plain = serve(Command::new(program("zeef-publish")).args(["serve", &site, "--token-file", &secret("token")]));
    let by_tls = format!("https://127.0.0.1:{}/", tls.port);
    let by_token = format!("http://127.0.0.1:{}/", plain.port);
    let [certified, bearer, carried] = [(); 3].map(|()| Workstation::new(&publisher));
    let access = |at: &Workstation, server: &str, more: &[&str]| {
        let sets = at.house.path("sets");
        let mut words = vec!["sync", "access", "--sets", &sets, "--publisher", "national", "--server", server];
        words.extend(more);
        zeef_ok(&words);
    };
    // Without them nothing is taken.
    for (at, address) in [(&certified, &by_tls), (&bearer, &by_token)] {
        let (code, told) = at.try_sync(1, Some(address));
        assert_eq!((code, told[0]["outcome"].as_str()), (WAITS, Some("refused")), "{told:?}");
    }
    let tls_files = ["--certificate", &secret("client.pem"), "--key", &secret("client.key"), "--ca", &secret("ca.pem")];
    access(&certified, &by_tls, &tls_files);
    access(&bearer, &by_token, &["--token", &secret("token")]);
    for (at, address) in [(&certified, &by_tls), (&bearer, &by_token)] {
        let told = at.sync(1, Some(address));
        assert_eq!((told["outcome"].as_str(), told["added"].as_u64()), (Some("arrived"), Some(3)), "{told}");
    }

    // An open case; a person decides about something new.
    certified.house.new_cheap_case();
    certified.house.add(&media, &[]);
    assert_eq!(certified.item("withdrawn.jpg")["state"], "hidden");
    let decided = certified.item("new-11.jpg")["sha256"].as_str().unwrap().to_owned();
    certified.house.case("classify", &["4", &decided]);

    // The second day: one entry was wrong, two pictures are known now, a victim was identified.
    let withdrawn = certified.item("withdrawn.jpg")["sha256"].as_str().unwrap().to_owned();
    publisher.run(2, "withdraw", &[&withdrawn, "--reason", "a holiday picture"]);
    publisher.add(2, "unit-b", &[(file("below/new-11.jpg"), "1"), (file("below/new-12.jpg"), "1")]);
    publisher.release(2, &[]);
    for (at, address) in [(&certified, &by_tls), (&bearer, &by_token)] {
        let told = at.sync(2, Some(address));
        let came = (told["added"].as_u64(), told["changed"].as_u64(), told["withdrawn"].as_u64());
        assert_eq!(came, (Some(2), Some(0), Some(1)), "{told}");
        assert_eq!(told["freshness"], "fresh");
    }
    certified.rematch();
    let back = certified.item("withdrawn.jpg");
    assert_eq!(back["state"], "shown", "{back}");
    assert!(back.to_string().contains("returned"), "{back}");
    let first = certified.house.case("list", &["--shown"]).remove(0);
    assert_eq!(first["sha256"], withdrawn.as_str(), "what came back is first");
    let why = zeef_ok(&certified.house.arguments("why", &[&withdrawn]).iter().map(String::as_str).collect::<Vec<_>>());
    assert!(why.contains("a holiday picture"), "{why}");
    assert_eq!(certified.item("new-12.jpg")["state"], "hidden");
    let kept = certified.item("new-11.jpg");
    assert_eq!((kept["state"].as_str(), kept["category"].as_str()), (Some("shown"), Some("4")), "{kept}");
    let notices = certified.house.case("notices", &[]);
    assert!(notices.iter().any(|notice| notice.to_string().contains(&withdrawn)), "{notices:?}");
    assert_eq!(certified.house.case("verify", &[]).remove(0)["sound"], true);

    // Keys are rotated, the timestamp is signed again, and a disk leaves on the third day.
    let keys = publisher.path("keys");
    publisher.run(3, "rotate", &["--keys", &keys, "--role", "root"]);
    publisher.run(3, "rotate", &["--keys", &keys, "--role", "timestamp"]);
    publisher.release(3, &[]);
    assert_eq!(certified.sync(3, Some(&by_tls))["outcome"], "renewed");
    copy(&site, &desk.path("disk"));

    // Two weeks later it arrives: expired, within grace; taken, and said.
    let told = carried.sync(17, Some(&desk.path("disk")));
    assert_eq!((told["outcome"].as_str(), told["freshness"].as_str()), (Some("arrived"), Some("in-grace")), "{told}");
    let sets = lines(&zeef_ok(&["sync", "status", "--sets", &carried.house.path("sets"), "--json", "--now", &day(17)]));
    assert_eq!(sets[0]["release"]["freshness"], "in-grace", "{sets:?}");
    // A month later nobody takes it, but two people.
    let late = Workstation::new(&publisher);
    let (code, told) = late.try_sync(30, Some(&desk.path("disk")));
    assert_eq!((code, told[0]["code"].as_str()), (WAITS, Some("expired")), "{told:?}");
    assert_eq!(late.version(), None);
}

#[test]
fn a_publisher_is_enrolled_by_the_fingerprint_that_its_custodian_reads_out() {
    let publisher = Publisher::new("national", &["--address", "https://sets.example/"]);
    publisher.release(1, &[]);
    let stranger = Publisher::new("national", &["--address", "https://sets.example/"]);
    stranger.release(1, &[]);
    // What both ends print is the same, row for row.
    let read_out = |text: &str| -> Vec<String> {
        let is_row = |line: &&str| {
            let groups: Vec<&str> = line.split_whitespace().collect();
            let digits = |group: &&str| group.len() == 4 && group.chars().all(|c| c.is_ascii_hexdigit());
            groups.len() == 4 && groups.iter().all(digits)
        };
        text.lines().filter(is_row).map(|line| line.trim().to_owned()).collect()
    };
    let rows = read_out(&publisher.run(1, "status", &[]));
    assert_eq!(rows.len(), 4, "{rows:?}");
    let (house, enrolment) = (House::new(), publisher.enrolment());
    let sets = house.path("sets");
    let enrol = |file: &str, more: &[&str]| zeef(&[&["sync", "enrol", file, "--sets", &sets], more].concat());
    let looked = enrol(&enrolment, &["--look"]);
    let told = String::from_utf8(looked.stdout).unwrap();
    assert_eq!(read_out(&told), rows, "{told}");
    let says = ["The set of a test (national), published by national", "https://sets.example/", "telephone"];
    assert!(says.iter().all(|word| told.contains(word)) && told.contains("Nothing is enrolled yet"), "{told}");
    assert!(!Path::new(&sets).exists(), "looking leaves nothing");

    // The stranger's file says the same of itself, and is signed by its own keys as well.
    let refused = enrol(&stranger.enrolment(), &["--fingerprint", &rows.join(" ")]);
    let why = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{why}");
    assert!(
        why.contains("enrolment.json") && why.contains("nothing was enrolled") && why.contains("telephone"),
        "{why}"
    );
    assert!(zeef_ok(&["sync", "status", "--sets", &sets]).contains("No publisher is enrolled"));

    let enrolled = enrol(&enrolment, &["--fingerprint", &rows.join(" ")]);
    assert!(enrolled.status.success(), "{}", String::from_utf8_lossy(&enrolled.stderr));
    let told = String::from_utf8(enrolled.stdout).unwrap();
    assert!(read_out(&told) == rows && told.contains("it is the fingerprint that you gave"), "{told}");
    assert!(zeef_ok(&["sync", "status", "--sets", &sets]).contains(&format!("fingerprint {}", rows.join(" "))));
    let digits = rows.join("").replace(' ', "");
    let status = lines(&zeef_ok(&["sync", "status", "--sets", &sets, "--json"])).remove(0);
    assert_eq!(status["fingerprint"], digits);
    // Without one it is enrolled as before, and told what is still to be compared.
    let told = zeef_ok(&["sync", "enrol", &enrolment, "--sets", &sets]);
    assert!(
        read_out(&told) == rows && told.contains("Enrolled. Compare") && told.contains("zeef sync leave"),
        "{told}"
    );
    let said = lines(&zeef_ok(&["sync", "enrol", &enrolment, "--sets", &sets, "--json"])).remove(0);
    assert_eq!(said["enrolled"]["fingerprint"], digits);
}

#[test]
fn a_poisoned_delta_is_stopped_and_a_flood_waits_for_a_person() {
    let publisher = Publisher::new("national", &[]);
    let desk = House::new();
    let small = desk.small_media();
    publisher.add(1, "unit-a", &[(format!("{}/known-1.jpg", small.media), "1")]);
    publisher.add_rows(1, "unit-b", &made_up(1, 50));
    publisher.run(1, "limits", &["--upserts-max", "100", "--withdrawals-max", "10", "--quarantined-max", "5"]);
    publisher.release(1, &[]);
    let at = Workstation::new(&publisher);
    at.house.import(&small.ordinary, "ordinary", "good", &[]);
    let disk = publisher.path("site");
    assert_eq!(at.sync(1, Some(&disk))["added"], 51);

    // An ordinary file among the new entries: it is taken, and hides nothing.
    publisher.add(2, "unit-c", &[(format!("{}/ordinary.jpg", small.media), "1")]);
    publisher.release(2, &[]);
    let told = at.sync(2, Some(&disk));
    assert_eq!((told["added"].as_u64(), told["quarantined"].as_u64()), (Some(1), Some(1)), "{told}");
    at.house.new_cheap_case();
    at.house.add(&small.media, &[]);
    assert_eq!(at.item("ordinary.jpg")["state"], "shown", "an entry that a good set has too hides nothing");
    assert_eq!(at.item("known-1.jpg")["state"], "hidden");

    // More than the limits that were signed before: it waits, whatever the flood itself says of limits.
    publisher.add_rows(3, "unit-b", &made_up(1000, 101));
    publisher.run(3, "limits", &["--upserts-max", "1000000", "--withdrawals-max", "10", "--quarantined-max", "5"]);
    publisher.release(3, &[]);
    let (code, told) = at.try_sync(3, Some(&disk));
    assert_eq!((code, told[0]["outcome"].as_str()), (WAITS, Some("waiting")), "{told:?}");
    assert_eq!(at.version(), Some(2), "nothing was switched");
    let sets = at.house.path("sets");
    let words = ["sync", "accept", "--sets", &sets, "--publisher", "national", "--by", "anna", "--json"];
    let without_reason: Vec<&str> = words.iter().copied().chain(["--reason", " "]).collect();
    assert!(!zeef(&without_reason).status.success());
    let now = day(3);
    let accept: Vec<&str> = words.iter().copied().chain(["--reason", "announced by phone", "--now", &now]).collect();
    assert_eq!(lines(&zeef_ok(&accept))[0]["outcome"], "arrived");
    assert_eq!(at.version(), Some(3));
    let log = house::read(&at.house.path("sets/sync/log.jsonl"));
    assert!(log.contains("announced by phone") && log.contains("anna"), "{log}");
}

#[test]
fn a_partner_expires_alone_and_a_revoked_one_hides_nothing() {
    let desk = House::new();
    let media = desk.small_media().media;
    let partner = Publisher::new("partner-be", &["--grace-days", "0"]);
    partner.add(1, "unit-x", &[(format!("{media}/known-2.jpg"), "1")]);
    partner.release(1, &[]);
    let publisher = Publisher::new("national", &[]);
    publisher.add(1, "unit-a", &[(format!("{media}/known-1.jpg"), "1")]);
    let root = partner.path("site/metadata/1.root.json");
    publisher.run(1, "partner", &["partner-be", &root]);
    publisher.release(1, &[]);
    let disk = desk.path("disk");
    let copy_both = || {
        let _ = std::fs::remove_dir_all(&disk);
        copy(&publisher.path("site"), &disk);
        copy(&partner.path("site"), &format!("{disk}/partner-be"));
    };
    copy_both();
    let at = Workstation::new(&publisher);
    let (code, told) = at.try_sync(1, Some(&disk));
    assert_eq!((code, told.len()), (0, 2), "{told:?}");
    let views = lines(&zeef_ok(&["sync", "status", "--sets", &at.house.path("sets"), "--json"]));
    let partner = views.iter().find(|view| view["publisher"] == "partner-be").unwrap();
    assert_eq!(partner["introduced_by"], "national", "{partner}");
    at.house.new_cheap_case();
    at.house.add(&media, &[]);
    assert_eq!(at.item("known-2.jpg")["state"], "hidden");

    // Ten days later only the partner has not signed again.
    publisher.release(11, &[]);
    copy_both();
    let (code, told) = at.try_sync(11, Some(&disk));
    let outcome = |name: &str| {
        let line = told.iter().find(|line| line["publisher"] == name).unwrap();
        (line["outcome"].as_str().unwrap().to_owned(), line["code"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(code, WAITS);
    assert_eq!(outcome("national").0, "renewed", "{told:?}");
    assert_eq!(outcome("partner-be"), ("refused".to_owned(), "expired".to_owned()), "{told:?}");
    assert_eq!(at.item("known-2.jpg")["state"], "hidden", "what is installed goes on");

    // A damaged desk hides no other.
    let desk_file = at.house.path("sets/sync/partner-be/enrolment.json");
    let whole = house::read(&desk_file);
    std::fs::write(&desk_file, "{").unwrap();
    let views = lines(&zeef_ok(&["sync", "status", "--sets", &at.house.path("sets"), "--json"]));
    assert_eq!(
        (views.len(), views[0]["damage"].is_null(), views[1]["damage"].is_string()),
        (2, true, true),
        "{views:?}"
    );
    std::fs::write(&desk_file, whole).unwrap();

    publisher.run(12, "partner", &["partner-be", &root, "--revoke"]);
    publisher.release(12, &[]);
    copy_both();
    let (_, told) = at.try_sync(12, Some(&disk));
    assert!(told.iter().any(|line| line["publisher"] == "partner-be" && line["outcome"] == "revoked"), "{told:?}");
    at.rematch();
    assert_eq!(at.item("known-2.jpg")["state"], "shown");
    assert_eq!(at.item("known-1.jpg")["state"], "hidden");

    // Two people leave the publisher itself: its set goes, and what it hid comes back.
    let sets = at.house.path("sets");
    let leave = |people: &[&str]| {
        let mut words = vec!["sync", "leave", "--sets", &sets, "--publisher", "national", "--reason", "it was closed"];
        people.iter().for_each(|name| words.extend(["--by", name]));
        zeef(&words)
    };
    assert!(!leave(&["anna"]).status.success());
    assert!(leave(&["anna", "bert"]).status.success());
    let (code, told) = at.try_sync(12, Some(&disk));
    assert_eq!((code, told.len()), (0, 0), "{told:?}");
    at.rematch();
    assert_eq!(at.item("known-1.jpg")["state"], "shown");
    let log = house::read(&at.house.path("sets/sync/log.jsonl"));
    assert!(log.contains("it was closed") && log.contains("\"removed\":[\"national\"]"), "{log}");
}
