//! Tests of CSV and Parquet: nothing is lost, nothing is a formula, the same items give the same bytes.

use std::convert::Infallible;

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use arrow::array::{Array, BooleanArray, StringArray, UInt64Array};
use domain::{CategoryCode, ClassifiedItem};
use proptest::prelude::*;

use super::*;
use crate::ListKind;
use crate::testing::{harmful_text, items, read_bytes};

fn csv(items: &[ClassifiedItem]) -> String {
    let mut out = Vec::new();
    let written = write_csv(&mut out, items.iter().cloned().map(Ok::<_, Infallible>)).unwrap();
    assert_eq!(written.records, items.len() as u64);
    String::from_utf8(out).unwrap()
}

fn parquet(items: &[ClassifiedItem]) -> Vec<u8> {
    let mut out = Vec::new();
    write_parquet(&mut out, items.iter().cloned().map(Ok::<_, Infallible>)).unwrap();
    out
}

/// Splits a CSV as RFC 4180 has it, with `separator` between cells.
fn cells(text: &str, separator: char) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut chars) = (false, text.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => cell.extend(chars.next()),
            '"' if quoted => quoted = false,
            '"' if cell.is_empty() => quoted = true,
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c if c == separator && !quoted => row.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    rows
}

/// Tells whether a spreadsheet would run the cell.
fn runs(cell: &str) -> bool {
    cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_cell_gives_its_text_again(text in harmful_text()) {
        let cell = inert(&text);
        prop_assert_eq!(plain(&cell), text);
        prop_assert!(!runs(&cell), "{}", cell);
        prop_assert!(!cell.chars().any(domain::is_unsafe_to_show));
    }

    #[test]
    fn no_cell_of_a_csv_runs_wherever_its_lines_are_split(items in items()) {
        let text = csv(&items);
        for separator in [',', ';', '\t'] {
            for cell in cells(&text, separator).iter().flatten() {
                prop_assert!(!runs(cell), "{separator:?} {cell}");
            }
        }
    }

    #[test]
    fn a_csv_holds_what_the_items_hold(items in items()) {
        let rows = cells(&csv(&items), ',');
        prop_assert_eq!(&rows[0], &CSV_COLUMNS.map(str::to_owned).to_vec());
        prop_assert_eq!(rows.len(), items.len() + 1);
        for (row, item) in rows[1..].iter().zip(&items) {
            prop_assert_eq!(row.len(), CSV_COLUMNS.len());
            prop_assert_eq!(&row[0], &item.digests.sha256.to_string());
            prop_assert_eq!(&row[3], &item.digests.size_bytes.to_string());
            prop_assert_eq!(plain(&row[5]), item.category.as_ref().map_or(String::new(), |code| code.0.clone()));
            prop_assert_eq!(row[6].is_empty(), item.standing.is_none(), "who has no opinion has no standing");
            prop_assert_eq!(&row[7], &item.votes.len().to_string());
            prop_assert_eq!(&row[9], &item.flags.victim_identified.map_or(String::new(), |flag| flag.to_string()));
            prop_assert_eq!(plain(&row[15]), item.series.join("; "));
            prop_assert_eq!(&row[18], &item.occurrences.to_string());
            let reasons = item.vetoes.iter().all(|veto| plain(&row[17]).contains(&veto.reason));
            prop_assert!(reasons, "{}", row[17]);
        }
    }

    #[test]
    fn a_parquet_file_holds_what_the_items_hold(items in items()) {
        let bytes = parquet(&items);
        prop_assert_eq!(&bytes, &parquet(&items), "the same items give the same bytes");
        let dir = tempfile::tempfile().unwrap();
        std::io::Write::write_all(&mut &dir, &bytes).unwrap();
        let mut at = 0;
        for batch in ParquetRecordBatchReaderBuilder::try_new(dir).unwrap().build().unwrap() {
            let batch = batch.unwrap();
            let texts = |name: &str| batch.column_by_name(name).unwrap().as_any().downcast_ref::<StringArray>().unwrap();
            let numbers = |name: &str| batch.column_by_name(name).unwrap().as_any().downcast_ref::<UInt64Array>().unwrap();
            let victim = batch.column_by_name("victim_identified").unwrap();
            let victim = victim.as_any().downcast_ref::<BooleanArray>().unwrap();
            for row in 0..batch.num_rows() {
                let item = &items[at];
                at += 1;
                prop_assert_eq!(texts("sha256").value(row), item.digests.sha256.to_string());
                let category = texts("category");
                let category = category.is_valid(row).then(|| CategoryCode(category.value(row).to_owned()));
                prop_assert_eq!(&category, &item.category);
                prop_assert_eq!(texts("standing").is_valid(row), item.standing.is_some());
                let votes: Vec<Vote> = serde_json::from_str(texts("votes").value(row)).unwrap();
                prop_assert_eq!(&votes, &item.votes);
                let vetoes: Vec<ClassifiedVeto> = serde_json::from_str(texts("vetoes").value(row)).unwrap();
                prop_assert_eq!(&vetoes, &item.vetoes);
                let series: Vec<String> = serde_json::from_str(texts("series").value(row)).unwrap();
                prop_assert_eq!(&series, &item.series);
                prop_assert_eq!(numbers("occurrences").value(row), item.occurrences);
                prop_assert_eq!(numbers("size_bytes").value(row), item.digests.size_bytes);
                prop_assert_eq!(victim.is_valid(row).then(|| victim.value(row)), item.flags.victim_identified);
            }
        }
        prop_assert_eq!(at, items.len());
    }

    #[test]
    fn our_own_reader_finds_the_digests_of_a_csv(items in items()) {
        if items.is_empty() {
            return Ok(());
        }
        let got = read_bytes(csv(&items).as_bytes()).unwrap();
        prop_assert_eq!(got.summary.head.kind, ListKind::HashTable);
        prop_assert_eq!(got.entries.len(), items.len());
        for (entry, item) in got.entries.iter().zip(&items) {
            prop_assert_eq!(entry.digests.sha256, Some(item.digests.sha256));
            prop_assert_eq!(entry.digests.md5, Some(item.digests.md5));
        }
    }
}

#[test]
fn what_a_spreadsheet_would_run_is_text() {
    assert_eq!(inert("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
    assert_eq!(inert("a;=1+1"), "a;'=1+1");
    assert_eq!(inert("a,\t-1"), "a,\\u{0009}-1");
    assert_eq!(inert("x\n=1"), "x\\u{000a}=1");
    assert_eq!(inert(" @x"), " '@x");
    assert_eq!(inert("plain - text"), "plain - text");
    assert_eq!(inert("'quoted"), "''quoted");
}
