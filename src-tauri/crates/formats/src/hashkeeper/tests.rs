//! HashKeeper's lists, with the directories and names that Windows has.

use crate::ListKind::HashKeeper;
use crate::testing::{EMPTY, MD5, SHA1, check_cuts, check_damage, counts, read_as, refusal};

const HEAD: &str = "\"file_id\",\"hashset_id\",\"file_name\",\"directory\",\"hash\",\"file_size\",\"date_modified\",\
    \"time_modified\",\"time_zone\",\"comments\",\"date_accessed\",\"time_accessed\"\r\n";

fn row(name: &str, hash: &str, size: &str) -> String {
    format!(
        "\"1\",\"17\",\"{name}\",\"C:\\WINDOWS\\\",\"{hash}\",\"{size}\",\"1/2/99\",\"10:11\",\"EST\",\"a, b\",\"\",\"\"\r\n"
    )
}

#[test]
fn rows_are_read_with_names_of_every_kind() {
    let md5 = MD5.to_uppercase();
    let names = ["a.jpg", "a, b.jpg", "say \"\"cheese\"\".jpg", "a;b.jpg"];
    let text: String = names.iter().map(|name| row(name, &md5, "3")).collect();
    let got = read_as(HashKeeper, format!("{HEAD}{text}"));
    assert_eq!((got.entries.len(), got.summary.refused.len()), (4, 0));
    assert_eq!(got.entries[0].digests.md5, Some(MD5.parse().unwrap()));
    assert_eq!(got.entries[0].size_bytes, Some(3));
}

#[test]
fn a_quote_that_is_never_closed_costs_its_own_row_alone() {
    let open = format!("\"2\",\"17\",\"never closed,\"C:\\\",\"{MD5}\",\"3\"\r\n");
    let got = read_as(HashKeeper, format!("{HEAD}{}{open}{}", row("a", MD5, "3"), row("b", MD5, "3")));
    assert_eq!((got.summary.rows, got.entries.len()), (3, 2));
}

#[test]
fn no_digest_is_put_together_around_a_stray_quote() {
    let (start, rest) = MD5.split_at(12);
    let stray = row("a", &format!("{start}\"{rest}"), "3").replace(&format!("{rest}\""), rest);
    let got = read_as(HashKeeper, format!("{HEAD}{stray}{}", row("b", MD5, "3")));
    assert_eq!((got.entries.len(), got.refusals()), (1, counts(&[("not a digest", 1)])));
}

#[test]
fn columns_in_another_order_are_found() {
    let text = format!("file_id,hash,hashset_id\n1,{MD5},2\n2,{},2\n3,{SHA1},2\n4\n", EMPTY[0]);
    let got = read_as(HashKeeper, text);
    let want = [("digest of an empty file", 1), ("not a digest", 1), ("row with other columns than the list", 1)];
    assert_eq!((got.entries.len(), got.refusals()), (1, counts(&want)));
}

#[test]
fn bytes_of_old_code_pages_do_no_harm() {
    let mut bytes = HEAD.as_bytes().to_vec();
    bytes.extend(row("Ete.jpg", MD5, "3").bytes().map(|byte| if byte == b'E' { 0xC9 } else { byte }));
    assert_eq!(read_as(HashKeeper, bytes).entries.len(), 1);
}

#[test]
fn a_last_line_that_was_cut_is_refused() {
    let whole = format!("{HEAD}{}{}", row("a", MD5, "3"), row("b", MD5, "3"));
    assert_eq!(read_as(HashKeeper, whole.trim_end()).entries.len(), 2);
    let at = (HEAD.len() + row("a", MD5, "3").len()) as u64;
    assert_eq!(refusal(HashKeeper, &whole[..whole.len() - 20]).0, at);
    check_cuts(HashKeeper, whole.as_bytes(), HEAD.len());
}

#[test]
fn damage_never_breaks_the_reader() {
    check_damage(HashKeeper, format!("{HEAD}{}{}", row("a", MD5, "3"), row("b", MD5, "3")).as_bytes());
}
