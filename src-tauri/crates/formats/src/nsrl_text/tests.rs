//! `NSRLFile.txt` of RDSv2, with the names that NIST does not escape.

use std::io::Write;

use crate::ListKind::NsrlText;
use crate::testing::{EMPTY, MD5, SHA1, check_cuts, check_damage, counts, read_as, read_bytes, read_path, refusal};
use crate::{FormatsError, ReadOptions};

const HEAD: &str =
    "\"SHA-1\",\"MD5\",\"CRC32\",\"FileName\",\"FileSize\",\"ProductCode\",\"OpSystemCode\",\"SpecialCode\"\r\n";

fn row(name: &str, product: u32, special: &str) -> String {
    let (sha1, md5) = (SHA1.to_uppercase(), MD5.to_uppercase());
    format!("\"{sha1}\",\"{md5}\",\"352441C2\",\"{name}\",3,{product},\"WIN\",\"{special}\"\r\n")
}

fn read_without(text: &str, products: &[&str]) -> Result<crate::testing::Got, FormatsError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let exclude_products = products.iter().map(|name| (*name).to_owned()).collect();
    read_path(file.path(), &ReadOptions { exclude_products, ..ReadOptions::default() })
}

#[test]
fn names_with_quotes_and_commas_and_other_bytes_shift_nothing() {
    let names = ["a.jpg", "a \"b\", c, 12,13,\"x\",\"\".jpg", "", "\"", ",,,,,,,,"];
    let mut bytes = HEAD.as_bytes().to_vec();
    names.iter().for_each(|name| bytes.extend(row(name, 1, "").bytes()));
    bytes.extend(row("Gr?n", 1, "").bytes().map(|byte| if byte == b'?' { 0xFC } else { byte }));
    let got = read_as(NsrlText, bytes);
    assert_eq!((got.entries.len(), got.summary.refused.len()), (6, 0));
    for entry in &got.entries {
        assert_eq!(entry.size_bytes, Some(3));
        assert_eq!(entry.digests.sha1, Some(SHA1.parse().unwrap()));
        assert_eq!(entry.digests.md5, Some(MD5.parse().unwrap()));
    }
    assert_eq!(got.summary.head.version.as_deref(), Some("2"));
}

#[test]
fn columns_of_older_editions_are_found_by_name() {
    let text = format!(
        "\"SHA-1\",\"FileName\",\"FileSize\",\"ProductCode\",\"OpSystemCode\",\"MD4\",\"MD5\",\"CRC32\",\"SpecialCode\"\n\
         \"{SHA1}\",\"a, b\",3,7,\"WIN\",\"\",\"{MD5}\",\"352441C2\",\"\"\n"
    );
    let got = read_as(NsrlText, text);
    assert_eq!(got.entries[0].digests.md5, Some(MD5.parse().unwrap()));
}

#[test]
fn a_product_can_be_left_out_by_its_code() {
    let text = format!("{HEAD}{}{}{}", row("a", 7, ""), row("b", 8, ""), row("c", 7, ""));
    let got = read_without(&text, &["7", "99"]).unwrap();
    assert_eq!((got.entries.len(), got.refused("of a product that was left out")), (1, 2));
    assert_eq!(got.entries[0].id.0, 2);
    assert_eq!(got.summary.remarks, ["1 × product that was to be left out and has no row"]);
    let error = read_without(&text, &["Metasploit"]).unwrap_err();
    assert!(error.to_string().contains("ProductCode"), "{error}");
}

#[test]
fn what_nist_marks_is_not_taken_for_ordinary() {
    let got = read_as(NsrlText, format!("{HEAD}{}{}{}", row("a", 1, "M"), row("b", 1, "S"), row("c", 1, "")));
    let want = [("marked as malicious by its publisher", 1), ("marked as special by its publisher", 1)];
    assert_eq!((got.entries.len(), got.refusals()), (1, counts(&want)));
}

#[test]
fn odd_rows_are_refused_alone() {
    let empty = row("e", 1, "").replace(&SHA1.to_uppercase(), EMPTY[1]).replace(&MD5.to_uppercase(), EMPTY[0]);
    let short = row("s", 1, "").replace(&SHA1.to_uppercase(), &SHA1[..39]);
    let got = read_as(NsrlText, format!("{HEAD}{}{empty}{short}rest of a name\"\r\n", row("a", 1, "")));
    let want = [("digest of an empty file", 1), ("not a digest", 1), ("row with other columns than the list", 1)];
    assert_eq!((got.entries.len(), got.refusals()), (1, counts(&want)));
}

#[test]
fn a_last_line_that_was_cut_is_refused() {
    let whole = format!("{HEAD}{}{}", row("a, b", 1, ""), row("c", 1, ""));
    assert_eq!(read_as(NsrlText, whole.trim_end()).entries.len(), 2);
    let at = (HEAD.len() + row("a, b", 1, "").len()) as u64;
    assert_eq!(refusal(NsrlText, &whole[..at as usize + 30]).0, at);
    check_cuts(NsrlText, whole.as_bytes(), HEAD.len());
}

#[test]
fn the_tables_beside_it_are_named() {
    let text =
        "\"ProductCode\",\"ProductName\",\"ProductVersion\",\"OpSystemCode\",\"MfgCode\",\"Language\"\n1,\"x\",\"\"\n";
    match read_bytes(text.as_bytes()) {
        Err(FormatsError::NotRecognised { hint, .. }) => assert!(hint.contains("NSRLFile.txt"), "{hint}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn damage_never_breaks_the_reader() {
    check_damage(NsrlText, format!("{HEAD}{}{}", row("a, b", 1, ""), row("c", 1, "")).as_bytes());
}
