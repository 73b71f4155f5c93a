//! Attacks, as tables: what is done to a package, and why it is refused. What an attacker has is a whole package that was
//! meant for them or not, every public key, and all programs; not the key of a team lead.

use dispatch::package::{
    CSV_FILE, FILES_MAX, Fault, HEADER_BYTES_MAX, ITEMS_FILE, MANIFEST_BYTES_MAX, MANIFEST_FILE, PackageError,
    SIGNATURE_FILE, TRAILER_BYTES_MAX, media_name, open_for,
};
use domain::release::Leads;
use tar::EntryType;

use crate::desk::{Desk, Entry, another_signer, archive, entries, head, lead_of, now, sha256, signer, time};

/// Where an entry stands in the package of [`Desk::write`].
const ITEMS: usize = 0;
const TABLE: usize = 1;
const MEDIUM: usize = 2;
const MANIFEST: usize = 4;
const SIGNATURE: usize = 5;

/// A word for a fault, with what it names.
fn word(fault: &Fault) -> String {
    match fault {
        Fault::Damaged { file } => format!("damaged {file}"),
        Fault::Extra { after } => format!("extra after {after}"),
        Fault::Unlisted { file } => format!("unlisted {file}"),
        Fault::Missing { file } => format!("missing {file}"),
        Fault::NotPlain { name } => format!("not plain {name}"),
        Fault::BadName { name } => format!("bad name {name}"),
        Fault::Twice { file } => format!("twice {file}"),
        Fault::TooLarge { what, max } => format!("{what} > {max}"),
        other => format!("{other:?}").split(' ').next().unwrap().to_owned(),
    }
}

type Change = (&'static str, fn(&mut Vec<Entry>), &'static str);

fn set_content(entry: &mut Entry, content: &[u8]) {
    *entry = Entry::new(&entry.name(), content);
}

#[test]
fn an_archive_that_was_changed_is_refused_with_what_is_wrong_in_it() {
    let desk = Desk::new();
    desk.write("good", &head());
    let good = desk.archive(&desk.path("good"));
    let parts = entries(&good);
    let names: Vec<String> = parts.iter().map(Entry::name).collect();
    assert_eq!((&*names[ITEMS], &*names[TABLE]), (ITEMS_FILE, CSV_FILE));
    assert_eq!((&*names[MANIFEST], &*names[SIGNATURE]), (MANIFEST_FILE, SIGNATURE_FILE));

    // The control: the same archive, sealed anew for the same person, is the same package.
    assert_eq!(archive(&parts), good);
    let again = desk.seal("again", &good, &desk.mine.1);
    assert_eq!(desk.verify(&again).unwrap().id, desk.verify(&desk.path("good")).unwrap().id);

    let changes: &[Change] = &[
        ("a byte of a file", |e| e[TABLE].content[0] ^= 1, "damaged set.csv"),
        ("a shorter file", |e| set_content(&mut e[TABLE], b"MD5\n"), "damaged set.csv"),
        ("two files change places", |e| exchange(e, ITEMS, TABLE), "damaged items.json-lines"),
        ("two media change places", |e| exchange(e, MEDIUM, MEDIUM + 1), "damaged media/"),
        ("a byte of a medium", |e| e[MEDIUM].content[3] ^= 1, "damaged media/"),
        ("a byte of the manifest", |e| e[MANIFEST].content[200] ^= 1, "BadSignature"),
        ("a byte of the signature", |e| e[SIGNATURE].content[100] ^= 1, "BadSignature"),
        ("no signature's text", |e| set_content(&mut e[SIGNATURE], b"hello\n"), "BadSignature"),
        ("a signature that is no text", |e| set_content(&mut e[SIGNATURE], &[0xff; 300]), "BadSignature"),
        ("an empty signature", |e| set_content(&mut e[SIGNATURE], b""), "missing manifest.json.minisig"),
        ("an empty manifest", |e| set_content(&mut e[MANIFEST], b""), "missing manifest.json"),
        ("a second signature that is too short", |e| cut_second(&mut e[SIGNATURE]), "BadSignature"),
        ("a file more", |e| e.insert(1, Entry::new("more.csv", b"x")), "unlisted more.csv"),
        ("an empty file more", |e| e.insert(1, Entry::new("more.csv", b"")), "unlisted more.csv"),
        ("a file less", |e| drop(e.remove(TABLE)), "missing set.csv"),
        ("a file twice", |e| e.insert(0, e[TABLE].clone()), "twice set.csv"),
        ("a medium twice", |e| e.insert(0, e[MEDIUM].clone()), "twice media/"),
        ("a medium less", |e| drop(e.remove(MEDIUM)), "missing media/"),
        ("a medium more", |e| e.insert(0, medium(b"more")), "unlisted media/"),
        ("another medium", |e| e[MEDIUM] = medium(b"another"), "damaged media/"),
        ("no manifest", |e| drop(e.remove(MANIFEST)), "missing manifest.json"),
        ("nothing behind the manifest", |e| e.truncate(SIGNATURE), "missing manifest.json.minisig"),
        ("nothing at all", Vec::clear, "missing manifest.json"),
        ("the signature first", |e| e.swap(MANIFEST, SIGNATURE), "missing manifest.json"),
        ("a file behind the manifest", |e| e.insert(5, Entry::new("x", b"x")), "extra after manifest.json"),
        ("a second manifest", |e| e.insert(5, e[MANIFEST].clone()), "extra after manifest.json"),
        ("a file behind the signature", |e| e.push(Entry::new("x", b"x")), "extra after manifest.json.minisig"),
        ("bytes that fill up a file", |e| *e[TABLE].padding.last_mut().unwrap() = 1, "extra after set.csv"),
        ("a header whose sum is wrong", |e| e[TABLE].header.as_old_mut().mtime[0] ^= 1, "extra after items.json-lines"),
        ("a file of 8 EiB", |e| resize(&mut e[TABLE], 1 << 63), "Cut"),
        ("a manifest of a GiB", |e| resize(&mut e[MANIFEST], 1 << 30), "its manifest > 1048576"),
        ("a signature of a GiB", |e| resize(&mut e[SIGNATURE], 1 << 30), "its signature > 4096"),
        ("files without number", |e| files(e, FILES_MAX), "the number of its files > 64"),
    ];
    let mut wrong = Vec::new();
    for (what, change, expected) in changes {
        let mut parts = parts.clone();
        change(&mut parts);
        let sealed = desk.seal("attack", &archive(&parts), &desk.mine.1);
        let got = word(&desk.refused(&sealed, &desk.mine.0, &desk.leads, now()));
        if !got.starts_with(expected) {
            wrong.push(format!("{what}: {got}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(MANIFEST_BYTES_MAX, 1 << 20);
}

fn exchange(entries: &mut [Entry], one: usize, other: usize) {
    let (first, second) = (entries[one].content.clone(), entries[other].content.clone());
    set_content(&mut entries[one], &second);
    set_content(&mut entries[other], &first);
}

fn medium(content: &[u8]) -> Entry {
    Entry::new(&media_name(&sha256(content)), content)
}

fn resize(entry: &mut Entry, bytes: u64) {
    entry.header.set_size(bytes);
    entry.header.set_cksum();
}

fn files(entries: &mut Vec<Entry>, count: usize) {
    let more = (0..count).map(|number| Entry::new(&format!("more-{number}"), b"x"));
    entries.splice(0..0, more);
}

/// Cuts the signature over the comment, whose length the library takes for granted.
fn cut_second(entry: &mut Entry) {
    let text = String::from_utf8(entry.content.clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let cut = format!("{}\n{}\n{}\nAAAA\n", lines[0], lines[1], lines[2]);
    set_content(entry, cut.as_bytes());
}

#[test]
fn links_folders_and_extensions_of_tar_are_refused() {
    let desk = Desk::new();
    desk.write("good", &head());
    let parts = entries(&desk.archive(&desk.path("good")));
    let kinds = [
        EntryType::Symlink,
        EntryType::Link,
        EntryType::Directory,
        EntryType::Fifo,
        EntryType::Char,
        EntryType::Block,
        EntryType::Continuous,
        EntryType::GNUSparse,
        EntryType::GNULongName,
        EntryType::GNULongLink,
        EntryType::XHeader,
        EntryType::XGlobalHeader,
        EntryType::new(b'Z'),
    ];
    for kind in kinds {
        for (place, content) in [(0, &b""[..]), (1, b"/etc/passwd"), (MANIFEST, b"x")] {
            let mut parts = parts.clone();
            parts.insert(place, Entry::typed("set.more", content, kind));
            let sealed = desk.seal("attack", &archive(&parts), &desk.mine.1);
            let fault = desk.refused(&sealed, &desk.mine.0, &desk.leads, now());
            assert_eq!(word(&fault), "not plain set.more", "{kind:?}");
        }
    }
    // A listed file that is a link instead.
    let mut linked = parts.clone();
    linked[TABLE] = Entry::typed(CSV_FILE, b"", EntryType::Symlink);
    linked[TABLE].header.set_link_name("/etc/passwd").unwrap();
    linked[TABLE].header.set_cksum();
    let sealed = desk.seal("attack", &archive(&linked), &desk.mine.1);
    assert_eq!(word(&desk.refused(&sealed, &desk.mine.0, &desk.leads, now())), "not plain set.csv");
}

#[test]
fn names_that_could_lead_out_of_a_folder_or_be_two_are_refused() {
    let desk = Desk::new();
    desk.write("good", &head());
    let parts = entries(&desk.archive(&desk.path("good")));
    let digest = sha256(b"x").to_string();
    let upper = format!("media/{}", digest.to_uppercase());
    let deep = format!("media/{digest}/x");
    let names = [
        "../evil",
        "/etc/evil",
        "media/../evil",
        "./evil",
        "a/b",
        "a\\b",
        "C:evil",
        "..",
        ".hidden",
        "Set.csv",
        "con",
        "nul.csv",
        "com1.txt",
        "lpt9",
        "media",
        "media/",
        "media/evil",
        &upper,
        &deep,
        "end.",
        "a b",
        "a\u{202e}b",
        "é",
        "<b>",
        "=cmd",
        "-rf",
        "a\nb",
    ];
    for name in names {
        let mut parts = parts.clone();
        parts.insert(1, Entry::typed(name, b"x", EntryType::Regular));
        let sealed = desk.seal("attack", &archive(&parts), &desk.mine.1);
        let fault = desk.refused(&sealed, &desk.mine.0, &desk.leads, now());
        assert!(matches!(fault, Fault::BadName { .. }), "{name:?}: {fault}");
        assert!(!fault.to_string().contains('\u{202e}') && !fault.to_string().contains('\n'), "{fault}");
    }
    // The control: a plain name is refused for another reason.
    let mut plain = parts.clone();
    plain.insert(1, Entry::new("a-plain_name.1", b"x"));
    let sealed = desk.seal("attack", &archive(&plain), &desk.mine.1);
    assert_eq!(word(&desk.refused(&sealed, &desk.mine.0, &desk.leads, now())), "unlisted a-plain_name.1");
}

#[test]
fn a_package_that_was_passed_on_is_not_taken_for_one_that_was_sent() {
    let desk = Desk::new();
    desk.write("good", &head());
    // Who has it not as a recipient cannot read it.
    let fault = desk.refused(&desk.path("good"), &desk.other.0, &desk.leads, now());
    assert!(matches!(fault, Fault::NotForYou), "{fault}");
    // Its recipient can read it, and encrypt it for somebody else: the signature holds, and still it is not theirs.
    let passed_on = desk.seal("passed-on", &desk.archive(&desk.path("good")), &desk.other.1);
    let fault = desk.refused(&passed_on, &desk.other.0, &desk.leads, now());
    assert!(matches!(&fault, Fault::Forwarded { to } if to == "Needle custodian, Backup"), "{fault}");
    // The control: with both reading keys in one file it is the recipient who opens it.
    let both = format!("{}\n{}", desk.other.0, desk.mine.0);
    let opened = dispatch::package::verify(&desk.path("good"), &both, &desk.leads, now()).unwrap();
    assert_eq!(opened.recipient, "Needle custodian");
}

/// Signs the manifest of an archive anew.
fn signed_anew(parts: &mut [Entry], key: &minisign::SecretKey) {
    let manifest = parts[MANIFEST].content.clone();
    let signature = minisign::sign(None, key, &manifest[..], Some("timestamp:1"), None).unwrap();
    set_content(&mut parts[SIGNATURE], signature.into_string().as_bytes());
}

#[test]
fn only_the_key_of_a_trusted_team_lead_signs() {
    let desk = Desk::new();
    desk.write("good", &head());
    let good = desk.path("good");
    let parts = entries(&desk.archive(&good));
    let stranger = minisign::KeyPair::generate_unencrypted_keypair().unwrap();

    let mut forged = parts.clone();
    signed_anew(&mut forged, &stranger.sk);
    let sealed = desk.seal("forged", &archive(&forged), &desk.mine.1);
    let fault = desk.refused(&sealed, &desk.mine.0, &desk.leads, now());
    assert!(matches!(fault, Fault::UnknownSigner { .. }), "{fault}");

    // A stranger who gives their key the number of the lead's.
    let mut bytes = stranger.sk.to_bytes();
    let number: Vec<u8> =
        (0..8).rev().map(|place| u8::from_str_radix(&signer().key_id()[place * 2..][..2], 16).unwrap()).collect();
    bytes[54..62].copy_from_slice(&number);
    let mut forged = parts.clone();
    signed_anew(&mut forged, &minisign::SecretKey::from_bytes(&bytes).unwrap());
    let sealed = desk.seal("forged", &archive(&forged), &desk.mine.1);
    let fault = desk.refused(&sealed, &desk.mine.0, &desk.leads, now());
    assert!(matches!(fault, Fault::BadSignature), "{fault}");

    // The signature of another package by the same lead.
    let mut other_head = head();
    other_head.case_id = "another".to_owned();
    desk.write("other", &other_head);
    let mut mixed = parts.clone();
    mixed[SIGNATURE] = entries(&desk.archive(&desk.path("other")))[SIGNATURE].clone();
    let sealed = desk.seal("mixed", &archive(&mixed), &desk.mine.1);
    let fault = desk.refused(&sealed, &desk.mine.0, &desk.leads, now());
    assert!(matches!(fault, Fault::BadSignature), "{fault}");

    let list = |change: fn(&mut domain::release::Lead)| {
        let mut leads = desk.leads.clone();
        change(&mut leads.leads[0]);
        leads
    };
    let tables: [(&str, Leads, &str); 7] = [
        ("nobody is trusted", Leads { leads: Vec::new(), ..desk.leads.clone() }, "UnknownSigner"),
        ("another lead", list(|lead| lead.key = another_signer().public()), "UnknownSigner"),
        ("a line without a key", list(|lead| lead.key = "no key".to_owned()), "UnknownSigner"),
        ("revoked", list(|lead| lead.revoked = true), "RevokedSigner"),
        ("made before the key was valid", list(|lead| lead.from = time("2026-03-14T11:00:01Z")), "ExpiredSigner"),
        ("made when it had expired", list(|lead| lead.until = time("2026-03-14T11:00:00Z")), "ExpiredSigner"),
        ("expired meanwhile", list(|lead| lead.until = now()), "ExpiredSigner"),
    ];
    for (what, leads, expected) in tables {
        assert_eq!(word(&desk.refused(&good, &desk.mine.0, &leads, now())), expected, "{what}");
    }
    // Of two lines about one key, the one that revokes it counts, in either order.
    let mut revoked = lead_of(&signer().public());
    revoked.revoked = true;
    for place in [0, 1] {
        let mut leads = desk.leads.clone();
        leads.leads.insert(place, revoked.clone());
        assert_eq!(word(&desk.refused(&good, &desk.mine.0, &leads, now())), "RevokedSigner");
    }
    // The control: a list of many leads of which one has signed.
    let mut many = desk.leads.clone();
    many.leads.insert(0, lead_of(&another_signer().public()));
    assert!(dispatch::package::verify(&good, &desk.mine.0, &many, now()).is_ok());
}

#[test]
fn what_a_trusted_lead_has_signed_is_still_looked_at() {
    let desk = Desk::new();
    desk.write("good", &head());
    let parts = entries(&desk.archive(&desk.path("good")));
    let lead = minisign::KeyPair::generate_unencrypted_keypair().unwrap();
    let leads = Leads { leads: vec![lead_of(&lead.pk.to_base64())], ..desk.leads.clone() };
    let text = String::from_utf8(parts[MANIFEST].content.clone()).unwrap();
    let same = |_: &str, _: &str| text.clone();
    let replaced = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    };
    let manifests = [
        (same("", ""), "fine"),
        (replaced("needle-anna", "needle-ben"), "OnePerson"),
        (replaced("zeef-package/1", "zeef-package/2"), "Manifest"),
        (replaced("\"media\": true", "\"media\": false"), "Manifest"),
        (replaced("\"items\": 3", "\"items\": -3"), "Manifest"),
        (replaced("\"what\": \"classified\"", "\"what\": \"everything\""), "Manifest"),
        (replaced("\"head\"", "\"more\": 1, \"head\""), "Manifest"),
        (replaced(CSV_FILE, "../evil"), "bad name ../evil"),
        (replaced(CSV_FILE, MANIFEST_FILE), "bad name manifest.json"),
        (replaced(CSV_FILE, ITEMS_FILE), "twice items.json-lines"),
        (replaced("\"count\": 2", "\"count\": 1000001"), "the number of its media > 1000000"),
        ("{}".to_owned(), "Manifest"),
        ("[".repeat(100_000), "Manifest"),
        ("a contract on something else, signed with the same key".to_owned(), "Manifest"),
    ];
    for (manifest, expected) in manifests {
        let mut parts = parts.clone();
        set_content(&mut parts[MANIFEST], manifest.as_bytes());
        signed_anew(&mut parts, &lead.sk);
        let sealed = desk.seal("attack", &archive(&parts), &desk.mine.1);
        if expected == "fine" {
            assert!(dispatch::package::verify(&sealed, &desk.mine.0, &leads, now()).is_ok());
        } else {
            assert_eq!(word(&desk.refused(&sealed, &desk.mine.0, &leads, now())), expected);
        }
    }
}

#[test]
fn a_file_that_is_no_whole_package_is_refused() {
    let desk = Desk::new();
    desk.write("good", &head());
    let good = std::fs::read(desk.path("good")).unwrap();
    let attacked = desk.path("attack");
    let plain = desk.archive(&desk.path("good"));
    let more = |bytes: &[u8]| [&good[..], bytes].concat();
    let mut endless = b"age-encryption.org/v1\n".to_vec();
    endless.resize(HEADER_BYTES_MAX * 4, b'a');
    let cases: [(&str, Vec<u8>, &str); 10] = [
        ("nothing", Vec::new(), "NoPackage"),
        ("a picture", vec![0xff, 0xd8, 0xff], "NoPackage"),
        ("an archive that nobody encrypted", plain, "NoPackage"),
        ("armored", b"-----BEGIN AGE ENCRYPTED FILE-----\n".to_vec(), "NoPackage"),
        ("another version of age", b"age-encryption.org/v9\n-> X\n---".to_vec(), "NoPackage"),
        ("a header without an end", endless, "its beginning > 65536"),
        ("its first bytes", good[..10].to_vec(), "Cut"),
        ("half a header", good[..60].to_vec(), "Cut"),
        ("a byte more", more(b"x"), "Cut"),
        ("a package behind a package", more(&good), "damaged media/"),
    ];
    for (what, bytes, expected) in cases {
        std::fs::write(&attacked, bytes).unwrap();
        let got = word(&desk.refused(&attacked, &desk.mine.0, &desk.leads, now()));
        assert!(got.starts_with(expected), "{what}: {got}, not {expected}");
    }
    // A package whose encryption ends where a piece of it ends, and one with zeros without end.
    let plain = desk.archive(&desk.path("good"));
    let filled = |bytes: u64| [&plain[..], &vec![0; bytes as usize][..]].concat();
    let fits = desk.seal("filled", &filled(TRAILER_BYTES_MAX - 1024), &desk.mine.1);
    assert!(desk.verify(&fits).is_ok(), "tar fills up to a block of its own");
    let bomb = desk.seal("filled", &filled(TRAILER_BYTES_MAX), &desk.mine.1);
    assert_eq!(word(&desk.refused(&bomb, &desk.mine.0, &desk.leads, now())), "extra after manifest.json.minisig");
    let bare = desk.seal("bare", &plain[..plain.len() - 512], &desk.mine.1);
    assert_eq!(word(&desk.refused(&bare, &desk.mine.0, &desk.leads, now())), "Cut");
}

#[test]
fn a_package_that_changes_between_the_passes_is_refused() {
    let desk = Desk::new();
    desk.write("good", &head());
    let good = desk.path("good");
    // A recipient who can encrypt swaps a file for another, after the first pass has seen the true one.
    let mut parts = entries(&desk.archive(&good));
    parts[TABLE].content[0] ^= 1;
    let attack = std::fs::read(desk.seal("attack", &archive(&parts), &desk.mine.1)).unwrap();
    let mut names = Vec::new();
    let outcome = open_for::<PackageError>(&good, &desk.mine.0, &desk.leads, now(), &mut |_, name, _| {
        names.push(name.to_owned());
        // The same file, as `open_for` holds it open.
        std::fs::write(&good, &attack).unwrap();
        Ok(())
    });
    assert!(outcome.is_err(), "{names:?}");
}
