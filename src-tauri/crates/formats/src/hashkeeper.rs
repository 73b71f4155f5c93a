//! Reads HashKeeper's lists: comma-separated, every text in quotes, columns named in the first line.
//!
//! A directory may end in a backslash before its quote, which escapes nothing. Form: header as published with
//! HashKeeper, `"file_id","hashset_id","file_name","directory","hash","file_size",...`; `hash` is MD5.

use std::io::BufRead;
use std::ops::ControlFlow;

use domain::{DigestKind, Entry, EntryId, EntryRefusal};

use crate::delimited::{Head, Quoted, plain_name};
use crate::lines::{Lines, first_lines};
use crate::row::{self, RowDigests};
use crate::{Fault, ListHead, ReadOptions, Sink};

/// Tells whether the first line names the columns that HashKeeper writes.
pub(crate) fn recognises(first_bytes: &[u8]) -> bool {
    let Some(first) = first_lines(first_bytes).next() else { return false };
    let names: Vec<String> = first.split(|byte| *byte == b',').map(plain_name).collect();
    ["fileid", "hashsetid", "hash"].iter().all(|name| names.iter().any(|other| other == name))
}

/// Reads a list to its end or until the sink has enough.
pub(crate) fn read_hashkeeper(
    input: &mut dyn BufRead,
    _head: &mut ListHead,
    _options: &ReadOptions,
    sink: &mut Sink<'_>,
) -> Result<(), Fault> {
    let mut lines = Lines::new(input);
    let mut cells = Quoted::new(b',');
    let columns = match lines.next()? {
        Some(first) => {
            cells.split(first.text);
            Head::new(cells.cells(), first.offset)?
        }
        None => return Err(Fault::invalid(0, "the file is empty", "Fetch it again")),
    };
    let Some(hash) = columns.find("hash")? else {
        return Err(Fault::invalid(0, "no column is named `hash`", "Export the list again"));
    };
    let size = columns.find("filesize")?;
    while let Some(line) = lines.next()? {
        if line.is_blank() {
            continue;
        }
        let count = cells.split(line.text);
        let entry = row(&cells, hash, size, sink.next_id());
        if !line.ended && (count < columns.len() || has_open_quote(line.text)) {
            return Err(line.cut(&format!("it has {count} of {} columns", columns.len())));
        }
        if let (false, Err(why)) = (line.ended, &entry)
            && row::is_malformed(why)
        {
            return Err(line.cut(&why.to_string()));
        }
        if sink.row(entry) == ControlFlow::Break(()) {
            return Ok(());
        }
    }
    Ok(())
}

fn row(cells: &Quoted, hash: usize, size: Option<usize>, id: EntryId) -> Result<Entry, EntryRefusal> {
    let Some(hex) = cells.cell(hash) else { return Err(EntryRefusal::OtherColumns) };
    let mut digests = RowDigests::default();
    digests.hex(DigestKind::Md5, hex);
    // A size that is no number says that the cells are not where they should be; the digest is then not believed either.
    let size = size.and_then(|place| cells.cell(place)).map_or(Ok(None), row::size)?;
    digests.entry(id, size)
}

/// Tells whether the quotes of a line do not pair up.
pub(crate) fn has_open_quote(line: &[u8]) -> bool {
    line.iter().filter(|byte| **byte == b'"').count() % 2 == 1
}

#[cfg(test)]
mod tests;
