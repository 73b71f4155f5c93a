//! EnCase's `.hash` files, in the published form.

use crate::ListKind::EncaseHash;
use crate::testing::{EMPTY, check_cuts, check_damage, counts, read_as, refusal};

const ABC: [u8; 16] = [0x90, 1, 0x50, 0x98, 0x3c, 0xd2, 0x4f, 0xb0, 0xd6, 0x96, 0x3f, 0x7d, 0x28, 0xe1, 0x7f, 0x72];

fn file(name: &str, digests: &[[u8; 16]]) -> Vec<u8> {
    let mut bytes = b"HASH\r\n\xFF\0".to_vec();
    bytes.resize(1032, 0);
    bytes.extend(name.encode_utf16().flat_map(u16::to_le_bytes));
    bytes.resize(1152, 0);
    for digest in digests {
        bytes.extend(digest);
        bytes.extend([0, 7]);
    }
    bytes
}

#[test]
fn records_and_the_name_are_read() {
    let empty: domain::Md5 = EMPTY[0].parse().unwrap();
    let got = read_as(EncaseHash, file("Opération «Été»", &[ABC, empty.0, [0; 16], ABC]));
    assert_eq!(got.entries.len(), 2);
    assert_eq!(got.entries[1].digests.md5.unwrap().0, ABC);
    assert_eq!(got.entries[1].id.0, 4);
    assert_eq!(got.refusals(), counts(&[("digest of an empty file", 1), ("placeholder digest", 1)]));
    assert_eq!(got.summary.head.notes, ["Name in the file: Opération «Été»"]);
}

#[test]
fn a_name_that_misleads_is_escaped() {
    let got = read_as(EncaseHash, file("a\u{202e}b\nc", &[ABC]));
    assert_eq!(got.summary.head.notes, ["Name in the file: a\\u{202e}b\\u{000a}c"]);
    assert!(read_as(EncaseHash, file("", &[ABC])).summary.head.notes.is_empty());
}

#[test]
fn a_file_that_ends_inside_header_or_record_is_refused_where_it_ends() {
    let whole = file("x", &[ABC, ABC]);
    assert_eq!(refusal(EncaseHash, &whole[..1100]).0, 1100);
    assert_eq!(refusal(EncaseHash, &whole[..1152 + 18 + 17]), (1170, "the last record has 17 of 18 bytes".to_owned()));
    assert_eq!(refusal(EncaseHash, &whole[..1152]).1, "the list ends without a single record");
}

#[test]
fn every_cut_is_refused_or_harmless() {
    check_cuts(EncaseHash, &file("set", &[ABC, ABC, ABC]), 8);
}

#[test]
fn damage_never_breaks_the_reader() {
    check_damage(EncaseHash, &file("set", &[ABC; 20]));
}
