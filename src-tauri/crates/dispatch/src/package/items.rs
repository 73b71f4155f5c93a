//! The file of items: one [`ClassifiedItem`] as JSON a line, read and written one at a time.

use std::io::{BufRead, BufReader, Read, Write};
use std::ops::ControlFlow;

use domain::ClassifiedItem;

use super::ITEM_BYTES_MAX;
use super::fault::Fault;

/// Writes one item as a line.
pub fn write_item(out: &mut dyn Write, item: &ClassifiedItem) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(item)?;
    line.push(b'\n');
    out.write_all(&line)
}

/// Reads items, one at a time, and tells how many there were. A line that is no item is an error; `each` may end it.
pub fn read_items(from: &mut dyn Read, each: &mut dyn FnMut(ClassifiedItem) -> ControlFlow<()>) -> Result<u64, Fault> {
    let mut lines = BufReader::new(from);
    let mut line = Vec::new();
    let mut count = 0;
    loop {
        line.clear();
        let got = Read::take(&mut lines, ITEM_BYTES_MAX as u64 + 1).read_until(b'\n', &mut line);
        if got.map_err(|source| Fault::Io { action: "read the items of", source })? == 0 {
            return Ok(count);
        }
        count += 1;
        let wrong = |what: String| Fault::Item { line: count, what };
        if line.len() > ITEM_BYTES_MAX {
            return Err(wrong(format!("it is longer than {ITEM_BYTES_MAX} bytes")));
        }
        if line.last() != Some(&b'\n') {
            return Err(wrong("it has no end".to_owned()));
        }
        let item =
            serde_json::from_slice(&line).map_err(|error| wrong(domain::escaped(error.to_string().as_bytes())))?;
        if each(item).is_break() {
            return Ok(count);
        }
    }
}
