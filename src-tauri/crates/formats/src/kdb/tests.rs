//! Autopsy's kdb, made by the statements that The Sleuth Kit runs, with rows of our own.

use crate::ListKind::AutopsyKdb;
use crate::testing::{EMPTY, MD5, Random, SHA1, SHA256, counts, database, read_path};
use crate::{FormatsError, ReadOptions};

const TABLES: &str = "CREATE TABLE db_properties (name TEXT NOT NULL, value TEXT);
    INSERT INTO db_properties VALUES ('Schema Version', '1');
    CREATE TABLE hashes (id INTEGER PRIMARY KEY AUTOINCREMENT, md5 BINARY(16) UNIQUE, sha1 BINARY(20), sha2_256 BINARY(32));
    CREATE TABLE file_names (name TEXT NOT NULL, hash_id INTEGER NOT NULL, PRIMARY KEY(name, hash_id));
    CREATE TABLE comments (comment TEXT NOT NULL, hash_id INTEGER NOT NULL, PRIMARY KEY(comment, hash_id));
    CREATE INDEX md5_index ON hashes(md5);";

#[test]
fn digests_are_read_as_bytes_and_as_hex() {
    let (_folder, path) = database(&format!(
        "{TABLES} INSERT INTO hashes (md5) VALUES (x'{MD5}'), ('f{}');
         INSERT INTO hashes (md5, sha1, sha2_256) VALUES (NULL, x'{SHA1}', '{SHA256}');",
        &MD5[1..]
    ));
    let got = read_path(&path, &ReadOptions::default()).unwrap();
    assert_eq!((got.summary.head.kind, got.summary.head.version.as_deref()), (AutopsyKdb, Some("1")));
    assert_eq!(got.entries.len(), 3);
    assert_eq!(got.entries[0].digests.md5, Some(MD5.parse().unwrap()));
    assert_eq!(got.entries[2].digests.sha256, Some(SHA256.parse().unwrap()));
    assert_eq!(got.entries[2].digests.md5, None);
}

#[test]
fn rows_that_say_nothing_are_refused_alone() {
    let (_folder, path) = database(&format!(
        "{TABLES} INSERT INTO hashes (md5) VALUES (x'{}'), (x'{}'), (x'0102'), (NULL), (x'{MD5}');",
        EMPTY[0],
        "00".repeat(16)
    ));
    let got = read_path(&path, &ReadOptions::default()).unwrap();
    let want = [("digest of an empty file", 1), ("no digest", 1), ("not a digest", 1), ("placeholder digest", 1)];
    assert_eq!((got.entries.len(), got.refusals()), (1, counts(&want)));
}

/// `BINARY(16)` is a type for numbers to SQLite, so hex of decimal digits alone does not survive in older files.
#[test]
fn hex_that_became_a_number_is_refused_and_not_guessed() {
    let (_folder, path) =
        database(&format!("{TABLES} INSERT INTO hashes (md5) VALUES ('31415926535897932384626433832795'), ('{MD5}');"));
    let got = read_path(&path, &ReadOptions::default()).unwrap();
    assert_eq!((got.entries.len(), got.refused("digest that was stored as a number")), (1, 1));
}

/// IPED's database has a table of the same name, and in it what NSRL calls ordinary beside what INTERPOL knows.
#[test]
fn a_database_of_iped_is_not_taken_for_one_set() {
    let (_folder, path) = database(&format!(
        "CREATE TABLE HASHES (HASH_ID INTEGER PRIMARY KEY, MD5 BLOB, SHA1 BLOB, SHA256 BLOB, SHA512 BLOB, EDONKEY BLOB);
         CREATE TABLE PROPERTIES (PROPERTY_ID INTEGER PRIMARY KEY, PROPERTY_NAME TEXT);
         CREATE TABLE HASHES_PROPERTIES (HASH_ID INTEGER, PROPERTY_ID INTEGER, VALUE TEXT);
         INSERT INTO HASHES (MD5) VALUES (x'{MD5}');"
    ));
    match read_path(&path, &ReadOptions::default()) {
        Err(FormatsError::NotRecognised { hint, .. }) => assert!(hint.contains("IPED"), "{hint}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_table_with_md5_alone_is_enough() {
    let (_folder, path) = database(&format!("CREATE TABLE hashes (md5 TEXT); INSERT INTO hashes VALUES ('{MD5}');"));
    assert_eq!(read_path(&path, &ReadOptions::default()).unwrap().entries.len(), 1);
}

/// Damages a kdb by a seed that is printed. What SQLite's own check does not find may change a digest, as in any file
/// without a checksum; but nothing panics, nothing grows, and no record appears.
#[test]
fn damaged_bytes_give_an_answer_or_a_refusal() {
    let rows: String = (1..=40).map(|n| format!("INSERT INTO hashes (md5) VALUES (x'{n:032x}');")).collect();
    let (_folder, path) = database(&format!("PRAGMA page_size = 1024; {TABLES}{rows}"));
    let whole = bytes_of(&path);
    let mut random = Random::new();
    let (mut read, mut refused) = (0, 0);
    for _ in 0..800 {
        let mut damaged = whole.clone();
        for _ in 0..=random.below(3) {
            let at = match random.below(3) {
                0 => random.below(damaged.len()),
                _ => random.below(damaged.len() / 1024) * 1024 + random.below(60),
            };
            damaged[at] = random.next() as u8;
        }
        std::fs::write(&path, &damaged).unwrap();
        match read_path(&path, &ReadOptions::default()) {
            Ok(got) => {
                read += 1;
                assert!(got.summary.rows <= 40, "{}", got.summary.rows);
            }
            Err(FormatsError::Stopped { .. }) => panic!("nobody stopped it"),
            Err(_) => refused += 1,
        }
    }
    assert!(read > 0 && refused > 0, "{read} read, {refused} refused");
}

#[expect(clippy::disallowed_methods, reason = "a database that the test made")]
fn bytes_of(path: &std::path::Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}
