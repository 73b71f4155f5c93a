//! How releases come over http and https: who is let in, what resumes, and what a server cannot do.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

mod server;
mod site;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use server::{Reply, Server, Tls};
use site::{Site, Station, read};

const PART: &str = "national-set-part-000001.parquet";

struct Stage {
    folder: tempfile::TempDir,
    site: Site,
}

fn stage() -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::new(&folder.path().join("site"), "national");
    Stage { folder, site }
}

impl Stage {
    fn serve(&self, change: impl Fn(&server::Request, Reply) -> Reply + Send + Sync + 'static) -> Server {
        Server::of(&self.site.dir, None, change)
    }

    /// Makes a workstation whose enrolment names the server.
    fn station(&self, address: &str) -> Station {
        Station::of(&Site { address: Some(address.to_owned()), ..self.site.clone() })
    }

    fn file(&self, name: &str, bytes: &[u8], mode: u32) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path
    }
}

fn fetch(station: &Station, more: &[&str]) -> site::Outcome {
    let outcome = station.fetch_at(site::NOW, more);
    assert!(!outcome.stderr.contains("panicked"), "{outcome:?}");
    outcome
}

fn access(station: &Station, more: &[&str]) -> site::Outcome {
    let sets = station.sets();
    let mut arguments = vec!["access", "--sets", sets.to_str().unwrap(), "--publisher", "national"];
    arguments.extend(more);
    station.run(&arguments)
}

#[test]
fn a_release_comes_over_http_from_this_machine_and_by_number_alone() {
    let stage = stage();
    let server = stage.serve(|_, reply| reply);
    let station = stage.station(&server.address);
    let outcome = fetch(&station, &[]);
    outcome.accepted();
    assert_eq!(station.check_files(&outcome, &stage.site), 3);
    let named = server.address.replace("127.0.0.1", "localhost");
    let refused = fetch(&station, &["--from", &named]);
    assert!(refused.refused("unreachable").contains("plain http"), "{refused:?}");
}

#[test]
fn a_bearer_token_lets_in_and_is_never_shown() {
    let stage = stage();
    let server = stage.serve(|request, reply| match request.header("authorization") {
        Some("Bearer right-s3cret") => reply,
        _ => Reply::of(401, b"who are you?".to_vec()),
    });
    let station = stage.station(&server.address);
    fetch(&station, &[]).refused("unauthorized");
    let open = stage.file("open", b"right-s3cret\n", 0o644);
    access(&station, &["--token", open.to_str().unwrap()]).expect_code(1);
    let wrong = stage.file("wrong", b"wrong-s3cret\n", 0o600);
    access(&station, &["--token", wrong.to_str().unwrap()]).expect_code(0);
    let refused = fetch(&station, &[]);
    refused.refused("unauthorized");
    assert!(!format!("{refused:?}").contains("s3cret"), "{refused:?}");
    let right = stage.file("right", b"right-s3cret\n", 0o600);
    let granted = access(&station, &["--token", right.to_str().unwrap()]);
    assert!(!format!("{granted:?}").contains("s3cret"));
    fetch(&station, &[]).accepted();
    // What becomes readable for everybody later is refused then.
    std::fs::set_permissions(&right, std::fs::Permissions::from_mode(0o604)).unwrap();
    fetch(&station, &[]).refused("storage");
}

#[test]
fn a_token_goes_to_no_other_server_and_over_no_plain_http_to_another_machine() {
    let stage = stage();
    let server = stage.serve(|_, reply| reply);
    let other = stage.serve(|_, reply| reply);
    let station = stage.station(&server.address);
    let token = stage.file("token", b"right-s3cret\n", 0o600);
    access(&station, &["--token", token.to_str().unwrap()]).expect_code(0);
    fetch(&station, &["--from", &other.address]).accepted();
    assert!(other.asked("").iter().all(|request| request.header("authorization").is_none()));
    fetch(&station, &[]).accepted();
    assert!(server.asked("").iter().all(|request| request.header("authorization").is_some()));
    let far = ["--token", token.to_str().unwrap(), "--server", "http://192.0.2.1/", "--insecure-http"];
    access(&station, &far).expect_code(0);
    let refused = fetch(&station, &["--from", "http://192.0.2.1/"]);
    assert!(refused.refused("unreachable").contains("token never"), "{refused:?}");
}

#[test]
fn a_redirection_to_another_server_is_not_followed_and_one_within_is() {
    let stage = stage();
    let other = stage.serve(|_, reply| reply);
    let there = other.address.clone();
    let server = stage.serve(move |request, _| {
        Reply::of(302, Vec::new()).header("Location", &format!("{there}{}", &request.path[1..]))
    });
    let refused = fetch(&stage.station(&server.address), &[]);
    assert!(refused.refused("unreachable").contains("another server"), "{refused:?}");
    assert!(other.asked("").is_empty());
    let dir = stage.site.dir.clone();
    let within = Server::of(&stage.site.dir, None, move |request, reply| match request.path.strip_prefix("/moved") {
        Some(path) => server::serve(&dir, &server::Request { path: path.to_owned(), ..request.clone() }),
        None if reply.status == 200 => {
            Reply::of(302, Vec::new()).header("Location", &format!("/moved{}", request.path))
        }
        None => reply,
    });
    fetch(&stage.station(&within.address), &[]).accepted();
}

#[test]
fn a_cut_download_goes_on_where_it_was_also_in_a_later_run() {
    let stage = stage();
    let cuts = AtomicU32::new(0);
    // Every answer to this file ends after 1500 bytes; a run tries three times.
    let server = stage.serve(move |request, mut reply| {
        if request.path.contains(PART) && reply.body.len() > 1500 {
            cuts.fetch_add(1, Ordering::Relaxed);
            reply.cut = Some(1500);
        }
        reply
    });
    let station = stage.station(&server.address);
    let cut = fetch(&station, &[]);
    cut.refused("unreachable");
    let whole = fetch(&station, &[]);
    whole.accepted();
    station.check_files(&whole, &stage.site);
    let asked: Vec<Option<usize>> = server.asked(PART).iter().map(server::Request::range).collect();
    assert_eq!(asked, [None, Some(1500), Some(3000), Some(4500)]);
}

#[test]
fn a_server_without_ranges_starts_again() {
    let stage = stage();
    let first = AtomicU32::new(0);
    let dir = stage.site.dir.clone();
    let server = stage.serve(move |request, _| {
        let without = server::Request { headers: Vec::new(), ..request.clone() };
        let mut reply = server::serve(&dir, &without);
        if request.path.contains(PART) && first.fetch_add(1, Ordering::Relaxed) == 0 {
            reply.cut = Some(2000);
        }
        reply
    });
    let station = stage.station(&server.address);
    let outcome = fetch(&station, &[]);
    outcome.accepted();
    station.check_files(&outcome, &stage.site);
    assert_eq!(server.asked(PART)[1].range(), Some(2000));
}

#[test]
fn a_range_from_another_place_than_was_asked_for_starts_again() {
    let stage = stage();
    let server = stage.serve(|request, mut reply| {
        if request.path.contains(PART) && request.range().is_some() {
            reply.headers = vec![("Content-Range".to_owned(), "bytes 0-9/10".to_owned())];
        }
        reply
    });
    let station = stage.station(&server.address);
    let part = part_of(&station, &stage.site);
    std::fs::create_dir_all(part.parent().unwrap()).unwrap();
    std::fs::write(&part, &stage.site.files[PART][..700]).unwrap();
    let outcome = fetch(&station, &[]);
    outcome.accepted();
    station.check_files(&outcome, &stage.site);
}

fn part_of(station: &Station, site: &Site) -> PathBuf {
    let stored = site.stored(PART);
    station.file("national", &format!("incoming/{}.part", stored.file_name().unwrap().to_str().unwrap()))
}

#[test]
fn a_corrupt_part_is_dropped_and_fetched_anew() {
    let stage = stage();
    let server = stage.serve(|_, reply| reply);
    let station = stage.station(&server.address);
    let part = part_of(&station, &stage.site);
    std::fs::create_dir_all(part.parent().unwrap()).unwrap();
    let right = &stage.site.files[PART];
    let mut bent = right[..1000].to_vec();
    bent[3] ^= 1;
    let long = [right.as_slice(), b"more"].concat();
    for (bytes, ranges) in [(bent, vec![Some(1000), None]), (long, vec![None]), (right.clone(), vec![])] {
        let before = server.asked(PART).len();
        std::fs::write(&part, bytes).unwrap();
        let outcome = fetch(&station, &[]);
        outcome.accepted();
        station.check_files(&outcome, &stage.site);
        let asked: Vec<Option<usize>> = server.asked(PART)[before..].iter().map(server::Request::range).collect();
        assert_eq!(asked, ranges);
        std::fs::remove_file(part.with_extension("")).unwrap();
    }
    // A whole file that went bad on the disk is not handed over.
    fetch(&station, &[]).accepted();
    let mut bytes = read(&part.with_extension(""));
    bytes[0] ^= 1;
    std::fs::write(part.with_extension(""), bytes).unwrap();
    let outcome = fetch(&station, &[]);
    outcome.accepted();
    station.check_files(&outcome, &stage.site);
    // Nothing of what an older run left stays; what is nobody's of here does.
    let old = format!("incoming/{}.old.parquet.part", "ab".repeat(32));
    for name in [old.as_str(), "incoming/notes.txt"] {
        std::fs::write(station.file("national", name), "old").unwrap();
    }
    fetch(&station, &[]).accepted();
    assert_eq!(std::fs::read_dir(station.file("national", "incoming")).unwrap().count(), 4);
    assert!(!station.file("national", &old).exists());
}

#[test]
fn an_answer_that_never_ends_or_is_another_file_is_refused() {
    for name in ["timestamp.json", "1.snapshot.json", "1.targets.json", "release.json", PART] {
        let stage = stage();
        let server = stage.serve(move |request, mut reply| {
            reply.endless = request.path.contains(name);
            reply
        });
        fetch(&stage.station(&server.address), &[]).refused("untrusted");
        let server = stage.serve(move |request, mut reply| {
            if request.path.contains(name) {
                reply.body = b"<html>please log in</html>".to_vec();
            }
            reply
        });
        // A whole file that is too short is tried again, as if it had been cut, and never handed over.
        let outcome = fetch(&stage.station(&server.address), &[]);
        outcome.refused(if name == PART { "unreachable" } else { "untrusted" });
        let control = stage.serve(|_, reply| reply);
        fetch(&stage.station(&control.address), &[]).accepted();
    }
}

#[test]
fn a_server_in_trouble_is_tried_again_and_one_that_says_no_is_not() {
    let stage = stage();
    let count = AtomicU32::new(0);
    let server = stage.serve(move |request, reply| {
        let trouble = request.path.ends_with("timestamp.json") && count.fetch_add(1, Ordering::Relaxed) < 2;
        if trouble { Reply::of(503, Vec::new()) } else { reply }
    });
    fetch(&stage.station(&server.address), &[]).accepted();
    assert_eq!(server.asked("timestamp.json").len(), 3);
    let always = stage.serve(|_, _| Reply::of(500, Vec::new()));
    let told = fetch(&stage.station(&always.address), &[]);
    told.refused("unreachable");
    assert_eq!(told.handovers()[0]["again"], true, "the timer asks again");
    assert_eq!(always.asked("").len(), 3);
    let never = stage.serve(|_, _| Reply::of(418, Vec::new()));
    let told = fetch(&stage.station(&never.address), &[]);
    told.refused("unreachable");
    assert_eq!(told.handovers()[0]["again"], false);
    assert_eq!(never.asked("").len(), 1);
}

#[test]
fn a_store_that_forbids_what_is_not_there_is_like_one_that_does_not_find_it() {
    let stage = stage();
    let server = stage.serve(|_, reply| if reply.status == 404 { Reply::of(403, Vec::new()) } else { reply });
    fetch(&stage.station(&server.address), &[]).accepted();
    let closed = stage.serve(|_, _| Reply::of(403, Vec::new()));
    fetch(&stage.station(&closed.address), &[]).refused("unauthorized");
}

#[test]
fn a_slow_server_is_waited_for_and_a_silent_one_is_left() {
    let stage = stage();
    let server = stage.serve(|request, mut reply| {
        if request.path.contains("timestamp") {
            reply.piece = 1;
        }
        reply
    });
    fetch(&stage.station(&server.address), &["--read-timeout-ms", "5000"]).accepted();
    let (address, listener) = server::silent();
    let held = std::thread::spawn(move || server::accept(&listener));
    let left = fetch(&stage.station(&address), &["--read-timeout-ms", "50"]);
    left.refused("unreachable");
    drop(held.join().unwrap());
}

fn openssl(folder: &Path, arguments: &str) {
    let done = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().unwrap();
    assert!(done.status.success(), "{arguments}: {}", String::from_utf8_lossy(&done.stderr));
}

/// Makes an authority with a certificate for the server and one for a client, and a stranger's for nobody.
fn certificates(folder: &Path) {
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30";
    for authority in ["ca", "stranger-ca"] {
        openssl(folder, &format!("req -x509 {key} -keyout {authority}.key -out {authority}.pem -subj /CN={authority}"));
    }
    std::fs::write(folder.join("server.ext"), "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n").unwrap();
    std::fs::write(folder.join("client.ext"), "extendedKeyUsage=clientAuth\nbasicConstraints=CA:FALSE\n").unwrap();
    for (name, authority, extension) in
        [("server", "ca", "server"), ("client", "ca", "client"), ("stranger", "stranger-ca", "client")]
    {
        openssl(folder, &format!("req {key} -keyout {name}.key -out {name}.csr -subj /CN={name}"));
        openssl(
            folder,
            &format!(
                "x509 -req -in {name}.csr -CA {authority}.pem -CAkey {authority}.key -CAcreateserial -days 30 \
                 -extfile {extension}.ext -out {name}.pem"
            ),
        );
        std::fs::set_permissions(folder.join(format!("{name}.key")), std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}

#[test]
fn a_client_certificate_lets_in_and_the_server_has_to_be_vouched_for() {
    let stage = stage();
    let folder = stage.folder.path();
    certificates(folder);
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let tls = Tls {
        certificate: folder.join("server.pem"),
        key: folder.join("server.key"),
        clients: Some(folder.join("ca.pem")),
    };
    let server = Server::of(&stage.site.dir, Some(&tls), |_, reply| reply);
    let station = stage.station(&server.address);
    let unknown = fetch(&station, &[]);
    assert!(unknown.refused("unreachable").contains("certificate"), "{unknown:?}");
    access(&station, &["--ca", &file("ca.pem")]).expect_code(0);
    fetch(&station, &[]).refused("unauthorized");
    let with = |name: &str, authority: &str| {
        let (certificate, key, ca) = (file(&format!("{name}.pem")), file(&format!("{name}.key")), file(authority));
        access(&station, &["--certificate", &certificate, "--key", &key, "--ca", &ca])
    };
    with("stranger", "ca.pem").expect_code(0);
    fetch(&station, &[]).refused("unauthorized");
    with("client", "stranger-ca.pem").expect_code(0);
    fetch(&station, &[]).refused("unreachable");
    with("client", "ca.pem").expect_code(0);
    let outcome = fetch(&station, &[]);
    outcome.accepted();
    station.check_files(&outcome, &stage.site);
    std::fs::set_permissions(folder.join("client.key"), std::fs::Permissions::from_mode(0o644)).unwrap();
    with("client", "ca.pem").expect_code(1);
    fetch(&station, &[]).refused("storage");
}

#[test]
fn a_signal_ends_it_and_the_next_run_goes_on() {
    let stage = stage();
    let (ready, wait) = std::sync::mpsc::channel::<()>();
    let (go, held) = std::sync::mpsc::channel::<()>();
    let held = std::sync::Mutex::new(held);
    let server = stage.serve(move |request, reply| {
        if request.path.contains(PART) && request.range().is_none() {
            // Answers only when the test says so; the first part is there by then.
            ready.send(()).ok();
            held.lock().unwrap().recv().ok();
        }
        reply
    });
    let station = stage.station(&server.address);
    let sets = station.sets();
    let arguments = ["fetch", "--sets", sets.to_str().unwrap(), "--now", site::NOW];
    let mut command = Station::command(&arguments);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    wait.recv().unwrap();
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(child.id() as i32), nix::sys::signal::Signal::SIGTERM).unwrap();
    let out = child.wait_with_output().unwrap();
    assert_eq!(out.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&out.stderr).contains("stopped by a signal"));
    drop(go);
    let outcome = fetch(&station, &[]);
    outcome.accepted();
    assert_eq!(server.asked("part-000000").len(), 1, "the first part was there already");
}
