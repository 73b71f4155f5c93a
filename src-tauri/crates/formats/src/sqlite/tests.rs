//! Hostile, damaged and half-written databases.

use std::ops::ControlFlow;
use std::path::Path;

use crate::testing::{MD5, Random, SHA1, SHA256, database, read_path};
use crate::{FormatsError, ListKind, ReadOptions};

fn read(path: &Path) -> Result<crate::testing::Got, FormatsError> {
    read_path(path, &ReadOptions::default())
}

#[expect(clippy::disallowed_methods, reason = "a database that the test made")]
fn bytes_of(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

/// Makes a list of so many rows over several pages.
fn list(rows: u32) -> (tempfile::TempDir, std::path::PathBuf) {
    database(&format!(
        "PRAGMA page_size = 1024;
         CREATE TABLE FILE (sha256 TEXT, sha1 TEXT, md5 TEXT, file_name TEXT, file_size INTEGER, package_id INTEGER,
            PRIMARY KEY (sha256, package_id));
         CREATE VIEW DISTINCT_HASH AS SELECT DISTINCT sha256, sha1, md5 FROM FILE;
         CREATE TABLE VERSION (version VARCHAR, release_date TIMESTAMP);
         INSERT INTO VERSION VALUES ('2023.03.1', '2023-03-01');
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
            INSERT INTO FILE SELECT '{SHA256}', '{SHA1}', '{MD5}', 'name of file ' || i, i, i FROM n;"
    ))
}

#[test]
fn a_database_that_was_cut_is_refused_where_it_ends() {
    let (_folder, path) = list(100);
    let whole = bytes_of(&path);
    assert_eq!(read(&path).unwrap().entries.len(), 100);
    for end in [whole.len() - 1, whole.len() - 1024, whole.len() / 2, 5000, 1024, 600, 99] {
        std::fs::write(&path, &whole[..end]).unwrap();
        match read(&path) {
            Err(FormatsError::Invalid { offset, .. }) => assert_eq!(offset, end as u64),
            // Cut inside its first page, a database has lost the names by which its kind is known.
            Err(FormatsError::NotRecognised { .. }) => assert!(end < 1024),
            other => panic!("cut at {end}: {other:?}"),
        }
    }
}

#[test]
fn a_page_that_was_overwritten_is_named() {
    let (_folder, path) = list(200);
    let whole = bytes_of(&path);
    let mut named = 0;
    for page in 1..whole.len() / 1024 {
        let mut damaged = whole.clone();
        damaged[page * 1024..(page + 1) * 1024].fill(0);
        std::fs::write(&path, &damaged).unwrap();
        match read(&path) {
            Err(FormatsError::Invalid { offset, kind: ListKind::NsrlSqlite, .. }) => {
                named += usize::from(offset == page as u64 * 1024);
            }
            other => panic!("page {page}: {other:?}"),
        }
    }
    assert!(named * 2 > whole.len() / 1024, "{named}");
}

#[test]
fn damaged_bytes_give_an_answer_or_a_refusal() {
    let (_folder, path) = list(60);
    let whole = bytes_of(&path);
    let mut random = Random::new();
    let (mut refused, mut read_all) = (0, 0);
    for _ in 0..1500 {
        let mut damaged = whole.clone();
        for _ in 0..=random.below(4) {
            // Half of the damage goes to the header, the schema and the heads of pages, where it does most.
            let at = match random.below(4) {
                0 => random.below(100),
                1 => random.below(damaged.len() / 1024) * 1024 + random.below(40),
                _ => random.below(damaged.len()),
            };
            damaged[at] = random.next() as u8;
        }
        if random.below(20) == 0 {
            damaged.truncate(random.below(whole.len()));
        }
        std::fs::write(&path, &damaged).unwrap();
        match read(&path) {
            Ok(got) => {
                read_all += 1;
                assert!(got.summary.rows <= 10_000);
            }
            Err(FormatsError::Stopped { .. }) => panic!("nobody stopped it"),
            Err(_) => refused += 1,
        }
    }
    eprintln!("{refused} refused, {read_all} read");
    assert!(refused > 0);
}

/// Makes a list whose `FILE` is this view over a table of ten digests.
fn view(definition: &str) -> Result<crate::testing::Got, FormatsError> {
    let (_folder, path) = database(&format!(
        "CREATE TABLE t (sha256 TEXT, package_id INTEGER);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10)
            INSERT INTO t SELECT '{SHA256}', i FROM n;
         CREATE VIEW FILE AS {definition};"
    ));
    read(&path)
}

#[test]
fn a_plain_view_is_read() {
    assert_eq!(view("SELECT * FROM t").unwrap().entries.len(), 10);
    assert_eq!(view("SELECT lower(sha256) AS sha256, package_id FROM t").unwrap().entries.len(), 10);
}

#[test]
fn a_view_that_does_more_than_a_list_needs_is_refused() {
    for definition in [
        // Endless.
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 'x' AS sha256, i AS package_id FROM n",
        // Functions, tables that are code, sorting and remembering.
        "SELECT hex(zeroblob(1000000)) AS sha256, 1 AS package_id FROM t",
        "SELECT load_extension('x') AS sha256, 1 AS package_id",
        "SELECT sha256 || printf('%.*c', 100000000, 'x') AS sha256, package_id FROM t",
        "SELECT value AS sha256, 1 AS package_id FROM json_each('[1,2]')",
        "SELECT name AS sha256, 1 AS package_id FROM pragma_table_info('t')",
        "SELECT sql AS sha256, 1 AS package_id FROM sqlite_schema",
        "SELECT sha256, package_id FROM t ORDER BY package_id",
        "SELECT DISTINCT sha256, package_id FROM t",
        "SELECT sha256, count(*) AS package_id FROM t GROUP BY sha256",
        "SELECT sha256, package_id FROM t UNION SELECT sha256, package_id FROM t",
        "SELECT sha256, package_id FROM t WHERE package_id IN (SELECT package_id FROM t)",
        "SELECT sha256, row_number() OVER () AS package_id FROM t",
    ] {
        match view(definition) {
            Err(FormatsError::Invalid { .. } | FormatsError::NotRecognised { .. }) => {}
            other => panic!("{definition}: {other:?}"),
        }
    }
}

#[test]
fn a_view_that_takes_forever_is_over_a_limit() {
    let join = "SELECT a.sha256, a.package_id FROM t a, t b, t c, t d, t e, t f, t g, t h, t i, t j, t k, t l
        WHERE a.package_id + b.package_id + c.package_id + l.package_id < 0";
    match view(join) {
        Err(FormatsError::Limit { what, .. }) => assert!(what.contains("more work"), "{what}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_virtual_table_is_never_opened() {
    let (_folder, path) = database(&format!(
        "CREATE TABLE FILE (sha256 TEXT, package_id INTEGER); INSERT INTO FILE VALUES ('{SHA256}', 1);
         CREATE VIRTUAL TABLE extra USING fts5(x);"
    ));
    match read(&path) {
        Err(FormatsError::Invalid { what, .. }) => assert!(what.contains("virtual table"), "{what}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_value_over_the_limit_is_refused() {
    let (_folder, path) = database(
        "CREATE TABLE FILE (sha256 TEXT, package_id INTEGER); INSERT INTO FILE VALUES (hex(zeroblob(1000000)), 1);",
    );
    assert!(matches!(read(&path), Err(FormatsError::Limit { .. })));
}

#[test]
fn changes_that_are_not_yet_in_the_file_are_seen() {
    for suffix in ["-wal", "-journal"] {
        let (_folder, path) = list(3);
        let mut beside = path.clone().into_os_string();
        beside.push(suffix);
        std::fs::write(&beside, b"").unwrap();
        assert_eq!(read(&path).unwrap().entries.len(), 3, "an empty one says nothing");
        std::fs::write(&beside, b"changes").unwrap();
        assert!(matches!(read(&path), Err(FormatsError::Invalid { .. })), "{suffix}");
    }
}

#[test]
fn a_database_in_write_ahead_mode_is_read() {
    let (folder, path) = database(&format!(
        "PRAGMA journal_mode = WAL;
         CREATE TABLE FILE (sha256 TEXT, package_id INTEGER); INSERT INTO FILE VALUES ('{SHA256}', 1);"
    ));
    assert_eq!(read(&path).unwrap().entries.len(), 1);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "nothing appears beside the file");
}

#[test]
fn other_databases_are_not_taken_for_lists() {
    for tables in [
        "CREATE TABLE file (id, name, sha256);",
        "CREATE TABLE hashes (id, crc32);",
        "CREATE TABLE x (md5);",
        "CREATE VIRTUAL TABLE FILE USING fts5(sha256, package_id);",
    ] {
        let (_folder, path) = database(tables);
        assert!(matches!(read(&path), Err(FormatsError::NotRecognised { .. })), "{tables}");
    }
}

#[test]
fn a_sink_that_has_enough_stops_the_reading() {
    let (_folder, path) = list(100);
    let mut seen = 0;
    let outcome = crate::read(&path, &ReadOptions::default(), &mut |_| {
        seen += 1;
        if seen < 5 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    assert!(matches!(outcome, Err(FormatsError::Stopped { .. })));
    assert_eq!(seen, 5);
}

#[test]
fn a_file_that_is_replaced_while_it_is_read_is_refused() {
    let (folder, path) = list(100);
    let other = folder.path().join("other");
    std::fs::copy(&path, &other).unwrap();
    let outcome = crate::read(&path, &ReadOptions::default(), &mut |_| {
        if other.exists() {
            std::fs::rename(&other, &path).unwrap();
        }
        ControlFlow::Continue(())
    });
    assert!(matches!(outcome, Err(FormatsError::Invalid { what, .. }) if what.contains("changed")));
}

#[test]
fn pages_are_found_in_what_the_check_says() {
    assert_eq!(super::page_in("*** in database main ***\nTree 4 page 7 cell 0: Rowid 3 out of order"), Some(7));
    assert_eq!(super::page_in("*** in database main ***\nPage 5: never used"), Some(5));
    assert_eq!(super::page_in("NULL value in FILE.sha1"), None);
}
