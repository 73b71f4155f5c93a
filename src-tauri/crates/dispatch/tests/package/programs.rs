//! Other programs: Debian's `age`, `minisign`, `tar` and `sha256sum` open and verify what we write, and we what they write.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use dispatch::package::{CSV_FILE, MANIFEST_FILE, SIGNATURE_FILE, open, verify};
use domain::release::Leads;

use crate::desk::{Desk, PASSPHRASE, head, lead_of, now, sha256, signer};

/// Tells whether a program is here; says so where it is not, so that the run can be counted.
fn is_here(program: &str) -> bool {
    let is_here = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !is_here {
        eprintln!("skipped: needs {program}");
    }
    is_here
}

fn run(folder: &Path, program: &str, words: &[&str], input: &str) -> Output {
    let mut child = Command::new(program)
        .args(words)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that needs no input may have closed it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn ran(folder: &Path, program: &str, words: &[&str], input: &str) -> String {
    let out = run(folder, program, words, input);
    assert!(out.status.success(), "{program} {words:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

#[test]
fn other_programs_open_and_verify_what_we_write() {
    if !is_here("age") || !is_here("minisign") {
        return;
    }
    let desk = Desk::new();
    let written = desk.write("set.zeef", &head());
    let folder = desk.path("by-hand");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("reading.txt"), &desk.mine.0).unwrap();
    ran(&folder, "age", &["-d", "-i", "reading.txt", "-o", "set.tar", "../set.zeef"], "");
    ran(&folder, "tar", &["-xf", "set.tar"], "");
    let public = signer().public();
    let said = ran(&folder, "minisign", &["-V", "-P", &public, "-m", MANIFEST_FILE, "-x", SIGNATURE_FILE], "");
    assert!(said.contains("Comment and signature verified") || said.contains("signature verified"), "{said}");
    assert!(said.contains("timestamp:1773486000\tfile:manifest.json"), "{said}");

    let manifest: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.join(MANIFEST_FILE)).unwrap()).unwrap();
    for file in manifest["files"].as_array().unwrap() {
        let said = ran(&folder, "sha256sum", &[file["name"].as_str().unwrap()], "");
        assert!(said.starts_with(file["sha256"].as_str().unwrap()), "{said}");
    }
    let list = ran(&folder, "sh", &["-c", "LC_ALL=C sha256sum media/* | sha256sum"], "");
    assert!(list.starts_with(manifest["media"]["list_sha256"].as_str().unwrap()), "{list}");
    assert_eq!(sha256(&std::fs::read(folder.join(MANIFEST_FILE)).unwrap()), written.id);

    // The control: one byte, and minisign sees it.
    let mut bytes = std::fs::read(folder.join(MANIFEST_FILE)).unwrap();
    bytes[100] ^= 1;
    std::fs::write(folder.join(MANIFEST_FILE), bytes).unwrap();
    let words = ["-V", "-P", &public, "-m", MANIFEST_FILE, "-x", SIGNATURE_FILE];
    assert!(!run(&folder, "minisign", &words, "").status.success());
}

#[test]
fn we_open_what_other_programs_write() {
    if !is_here("age") || !is_here("age-keygen") || !is_here("minisign") {
        return;
    }
    let desk = Desk::new();
    desk.write("set.zeef", &head());
    let out = desk.path("out");
    open(&desk.path("set.zeef"), &desk.mine.0, &desk.leads, now(), &out).unwrap();

    // A key of ours signs by their program; a key of theirs reads.
    let (secret, public) = dispatch::package::new_signing_key(PASSPHRASE).unwrap();
    std::fs::write(out.join("signing.key"), &*secret).unwrap();
    ran(&out, "age-keygen", &["-o", "reading.txt"], "");
    let recipient = ran(&out, "age-keygen", &["-y", "reading.txt"], "").trim().to_owned();
    let manifest = std::fs::read_to_string(out.join(MANIFEST_FILE)).unwrap().replace(&desk.mine.1, &recipient);
    std::fs::write(out.join(MANIFEST_FILE), &manifest).unwrap();
    std::fs::remove_file(out.join(SIGNATURE_FILE)).unwrap();
    let words = ["-S", "-s", "signing.key", "-m", MANIFEST_FILE, "-x", SIGNATURE_FILE];
    ran(&out, "minisign", &words, &format!("{PASSPHRASE}\n"));

    // Their tar, with owners, times and a block of 10 KiB.
    let pack = format!(
        "tar --format=ustar -cf set.tar items.json-lines {CSV_FILE} media/* {MANIFEST_FILE} {SIGNATURE_FILE} && \
         age -r {recipient} -o ../theirs.zeef set.tar"
    );
    ran(&out, "sh", &["-c", &pack], "");
    let identity = std::fs::read_to_string(out.join("reading.txt")).unwrap();
    let key = public.lines().nth(1).unwrap();
    let leads = Leads { leads: vec![lead_of(key)], ..desk.leads.clone() };
    let opened = verify(&desk.path("theirs.zeef"), &identity, &leads, now()).unwrap();
    assert_eq!((opened.files.len(), opened.media.count), (2, 2));
    assert_eq!(opened.recipient, "Needle custodian");
    // The control: with the list of before the key is unknown.
    assert!(verify(&desk.path("theirs.zeef"), &identity, &desk.leads, now()).is_err());
}
