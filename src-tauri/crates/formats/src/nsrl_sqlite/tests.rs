//! RDSv3 in the schemas that NIST publishes, minimal and full, with rows of our own.

use crate::ListKind::NsrlSqlite;
use crate::testing::{EMPTY, Got, MD5, SHA1, SHA256, counts, database, read_path, refusal};
use crate::{FormatsError, ReadOptions};

/// The minimal edition.
const MINIMAL: &str = "
    CREATE TABLE FILE (sha256 VARCHAR NOT NULL, sha1 VARCHAR NOT NULL, md5 VARCHAR NOT NULL, crc32 VARCHAR NOT NULL,
        file_name VARCHAR NOT NULL, file_size INTEGER NOT NULL, package_id INTEGER NOT NULL,
        CONSTRAINT PK_FILE__FILE PRIMARY KEY (sha256, sha1, md5, crc32, file_name, file_size, package_id));
    CREATE TABLE MFG (manufacturer_id INTEGER NOT NULL, name VARCHAR NOT NULL, PRIMARY KEY (manufacturer_id));
    CREATE TABLE OS (operating_system_id INTEGER NOT NULL, name VARCHAR NOT NULL, version VARCHAR NOT NULL,
        manufacturer_id INTEGER NOT NULL, PRIMARY KEY (operating_system_id, manufacturer_id));
    CREATE TABLE PKG (package_id INTEGER NOT NULL, name VARCHAR NOT NULL, version VARCHAR NOT NULL,
        operating_system_id INTEGER NOT NULL, manufacturer_id INTEGER NOT NULL, language VARCHAR NOT NULL,
        application_type VARCHAR NOT NULL,
        PRIMARY KEY (package_id, operating_system_id, manufacturer_id, language, application_type));
    CREATE TABLE VERSION (version VARCHAR UNIQUE NOT NULL, build_set VARCHAR NOT NULL,
        build_date TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL, release_date TIMESTAMP NOT NULL,
        description VARCHAR NOT NULL, PRIMARY KEY (version));
    CREATE VIEW DISTINCT_HASH AS SELECT DISTINCT sha256, sha1, md5, crc32 FROM FILE;
    INSERT INTO PKG VALUES (1, 'Paint', '1.0', 1, 1, 'English', 'Graphic/Drawing');
    INSERT INTO PKG VALUES (2, 'Kali', '2023', 1, 1, 'English', 'Hacker Tool');
    INSERT INTO PKG VALUES (2, 'Kali', '2023', 1, 1, 'Dutch', 'Operating System');
    INSERT INTO PKG VALUES (3, 'Metasploit', '6', 1, 1, 'English', 'Hacker Tool');
    INSERT INTO VERSION VALUES ('2022.03.1', 'modern', '2022-02-01 10:00:00', '2022-03-01 00:00:00', 'base');
    INSERT INTO VERSION VALUES ('2023.03.1', 'modern', '2023-02-01 10:00:00', '2023-03-01 00:00:00', 'delta');";

/// The tables of the full edition that matter here, and its view.
const FULL: &str = "
    CREATE TABLE PACKAGE_OBJECT (package_object_id INTEGER UNIQUE NOT NULL, package_id INTEGER NOT NULL,
        object_id INTEGER UNIQUE NOT NULL, PRIMARY KEY (package_object_id));
    CREATE TABLE APPLICATION (application_id INTEGER UNIQUE NOT NULL, package_id INTEGER NOT NULL,
        name VARCHAR DEFAULT '' NOT NULL, PRIMARY KEY (application_id));
    CREATE TABLE METADATA (metadata_id NUMERIC UNIQUE NOT NULL, object_id INTEGER, key_hash VARCHAR NOT NULL,
        file_name VARCHAR NOT NULL, extension VARCHAR DEFAULT '' NOT NULL, bytes INTEGER NOT NULL,
        crc32 VARCHAR NOT NULL, md5 VARCHAR NOT NULL, sha1 VARCHAR NOT NULL, sha256 VARCHAR NOT NULL,
        PRIMARY KEY (metadata_id), FOREIGN KEY (object_id) REFERENCES PACKAGE_OBJECT (object_id));
    CREATE VIEW FILE AS SELECT UPPER(md.sha256) AS sha256, UPPER(md.sha1) AS sha1, UPPER(md.md5) AS md5,
        CASE md.extension WHEN '' THEN md.file_name ELSE md.file_name||'.'||md.extension END AS file_name,
        md.bytes AS file_size, po.package_id
        FROM METADATA AS md, PACKAGE_OBJECT AS po WHERE md.object_id = po.object_id;
    CREATE VIEW PKG AS SELECT a.package_id, a.name, a.name AS version FROM APPLICATION AS a;
    INSERT INTO PACKAGE_OBJECT VALUES (1, 10, 100), (2, 20, 200);
    INSERT INTO APPLICATION VALUES (1, 10, 'Paint'), (2, 20, 'Metasploit');";

fn insert(name: &str, package: u32) -> String {
    let (sha256, sha1, md5) = (SHA256.to_uppercase(), SHA1.to_uppercase(), MD5.to_uppercase());
    format!("INSERT INTO FILE VALUES ('{sha256}', '{sha1}', '{md5}', '352441C2', '{name}', 3, {package});")
}

fn read(statements: &str, exclude: &[&str]) -> Result<Got, FormatsError> {
    let (_folder, path) = database(statements);
    let exclude_products = exclude.iter().map(|name| (*name).to_owned()).collect();
    let got = read_path(&path, &ReadOptions { exclude_products, ..ReadOptions::default() })?;
    assert_eq!(got.summary.head.kind, NsrlSqlite);
    Ok(got)
}

#[test]
fn a_minimal_edition_is_read_with_its_release() {
    let got = read(&format!("{MINIMAL}{}{}", insert("a.jpg", 1), insert("b.jpg", 3)), &[]).unwrap();
    assert_eq!(got.entries.len(), 2);
    let entry = &got.entries[0];
    assert_eq!((entry.size_bytes, entry.id.0), (Some(3), 1));
    assert_eq!(entry.digests.sha256, Some(SHA256.parse().unwrap()));
    assert_eq!(entry.digests.sha1, Some(SHA1.parse().unwrap()));
    assert_eq!(entry.digests.md5, Some(MD5.parse().unwrap()));
    let head = &got.summary.head;
    assert_eq!(head.version.as_deref(), Some("2023.03.1"));
    assert_eq!(head.published.unwrap().to_string(), "2023-03-01T00:00:00Z");
    assert_eq!((head.profile.clone(), head.basis), (None, domain::VerdictBasis::Membership));
}

#[test]
fn the_file_as_it_lies_on_the_disk_is_named_by_its_sha_256() {
    let (_folder, path) = database(&format!("{MINIMAL}{}", insert("a.jpg", 1)));
    let out = std::process::Command::new("sha256sum").arg("--").arg(&path).output().unwrap();
    let want = String::from_utf8_lossy(&out.stdout).trim_start_matches('\\')[..64].to_owned();
    let before = std::fs::metadata(&path).unwrap().modified().unwrap();
    assert_eq!(read_path(&path, &ReadOptions::default()).unwrap().summary.sha256.to_string(), want);
    assert_eq!(std::fs::metadata(&path).unwrap().modified().unwrap(), before);
    assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing appears beside the file");
}

#[test]
fn a_full_edition_is_read_through_its_view() {
    let rows = format!(
        "INSERT INTO METADATA VALUES (1, 100, 'k', 'a', 'jpg', 3, '352441C2', '{MD5}', '{SHA1}', '{SHA256}');
         INSERT INTO METADATA VALUES (2, 200, 'k', 'b', '', 3, '352441C2', '{MD5}', '{SHA1}', '{SHA256}');"
    );
    let got = read(&format!("{FULL}{rows}"), &[]).unwrap();
    assert_eq!((got.entries.len(), got.entries[0].size_bytes), (2, Some(3)));
    let got = read(&format!("{FULL}{rows}"), &["metasploit"]).unwrap();
    assert_eq!((got.entries.len(), got.refused("of a product that was left out")), (1, 1));
}

#[test]
fn builds_with_fewer_columns_give_what_they_have() {
    let rows = format!("CREATE TABLE FILE (sha256 TEXT, package_id INTEGER); INSERT INTO FILE VALUES ('{SHA256}', 1);");
    let got = read(&rows, &["1"]).unwrap();
    assert_eq!((got.entries.len(), got.refused("of a product that was left out")), (0, 1));
    let got = read(&rows, &[]).unwrap();
    assert_eq!((got.entries[0].digests.md5, got.entries[0].size_bytes), (None, None));

    let distinct =
        format!("CREATE TABLE DISTINCT_HASH (Sha1 TEXT, md5 TEXT); INSERT INTO DISTINCT_HASH VALUES ('{SHA1}', '');");
    let got = read(&distinct, &[]).unwrap();
    assert_eq!(got.entries[0].digests.sha1, Some(SHA1.parse().unwrap()));
}

#[test]
fn products_are_left_out_by_id_name_or_kind() {
    let rows = format!("{MINIMAL}{}{}{}", insert("a", 1), insert("b", 2), insert("c", 3));
    for (exclude, left) in
        [(&["2"][..], 2), (&["KALI"], 2), (&["hacker tool"], 1), (&["Hacker Tool", "1"], 0), (&["Metasploit", "3"], 2)]
    {
        let got = read(&rows, exclude).unwrap();
        assert_eq!(got.entries.len(), left, "{exclude:?}");
        assert_eq!(got.refused("of a product that was left out"), 3 - left as u64);
    }
    let got = read(&rows, &["77"]).unwrap();
    assert_eq!(got.summary.remarks, ["1 × product that was to be left out and has no row"]);
}

#[test]
fn a_product_that_names_nothing_is_an_error() {
    for (rows, exclude) in [
        (format!("{MINIMAL}{}", insert("a", 1)), "Metasplot"),
        (
            format!("CREATE TABLE FILE (sha256 TEXT, package_id INTEGER); INSERT INTO FILE VALUES ('{SHA256}', 1);"),
            "Kali",
        ),
        (format!("CREATE TABLE DISTINCT_HASH (sha1 TEXT); INSERT INTO DISTINCT_HASH VALUES ('{SHA1}');"), "1"),
    ] {
        let error = read(&rows, &[exclude]).unwrap_err();
        assert!(error.to_string().contains("left out"), "{error}");
        assert!(!error.to_string().contains("Metasplot"));
    }
}

#[test]
fn odd_rows_are_refused_alone() {
    let zeros = "0".repeat(64);
    let got = read(
        &format!(
            "CREATE TABLE FILE (sha256 TEXT, sha1 TEXT, md5, file_size, package_id);
             INSERT INTO FILE VALUES ('{}', NULL, NULL, 0, 1), ('{zeros}', '', NULL, 1, 1), (NULL, NULL, NULL, 1, 1),
                ('12', NULL, NULL, 1, 1), ('{SHA256}', NULL, 12, 1, 1), ('{SHA256}', NULL, NULL, -1, 1),
                ('{SHA256}', NULL, NULL, 'x', 1), ('{SHA256}', NULL, NULL, 1.5, 1), ('{SHA256}', x'00', NULL, 1, 1),
                ('{SHA256}', x'{SHA1}', NULL, '12', 'x'), ('{SHA256}', NULL, NULL, 0, NULL);",
            EMPTY[2]
        ),
        &[],
    )
    .unwrap();
    let want = [
        ("digest of an empty file", 1),
        ("digest that was stored as a number", 1),
        ("file size or code that is no number", 3),
        ("no digest", 1),
        ("not a digest", 2),
        ("placeholder digest", 1),
    ];
    assert_eq!(got.refusals(), counts(&want));
    assert_eq!(got.entries.iter().map(|entry| entry.size_bytes).collect::<Vec<_>>(), [Some(12), None]);
}

#[test]
fn a_delta_is_refused_by_name() {
    let insert =
        "INSERT INTO FILE(sha256,sha1,md5,crc32,file_name,file_size,package_id) VALUES('00','11','22','33','a',1,2);";
    for text in [
        format!("BEGIN TRANSACTION;\n{insert}\n"),
        insert.to_owned(),
        format!(
            "PRAGMA foreign_keys=OFF;\r\nBEGIN;\r\n{}\r\n",
            insert.replace("INTO FILE", "or  replace into \"FILE\"")
        ),
        "-- x\nDELETE FROM METADATA WHERE metadata_id = 1;\n".to_owned(),
        "UPDATE FILE SET md5 = '' WHERE md5 = '1';\n".to_owned(),
    ] {
        let (offset, what) = refusal(NsrlSqlite, &text);
        assert!(offset == 0 && what.contains("delta"), "{text}: {what}");
    }
    assert!(!super::is_delta(b"INSERT INTO FILES VALUES (1);\n") && !super::is_delta(b"update filed\n"));
}
