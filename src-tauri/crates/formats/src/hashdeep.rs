//! Reads hashdeep's lists: `%%%% HASHDEEP-1.0`, a line that names the columns, then one file a line.
//!
//! The name of the file is free text with commas in it, so cells are counted from the left before it and from the right
//! after it. Lines that start with `##` are remarks of the producer. Form: manual of hashdeep 4.4, section "hash list".

use std::io::BufRead;
use std::ops::ControlFlow;

use domain::{DigestKind, Entry, EntryId, EntryRefusal};

use crate::delimited::{AroundName, Head};
use crate::lines::{Line, Lines, first_lines};
use crate::row::{self, RowDigests};
use crate::{Fault, ListHead, ReadOptions, Sink};

const MAGIC: &[u8] = b"%%%% HASHDEEP-";
const VERSION: &str = "1.0";

/// Tells whether the list starts as hashdeep's do.
pub(crate) fn recognises(first_bytes: &[u8]) -> bool {
    first_lines(first_bytes).next().is_some_and(|line| line.starts_with(MAGIC))
}

/// Reads a list to its end or until the sink has enough.
pub(crate) fn read_hashdeep(
    input: &mut dyn BufRead,
    head: &mut ListHead,
    _options: &ReadOptions,
    sink: &mut Sink<'_>,
) -> Result<(), Fault> {
    let mut lines = Lines::new(input);
    let mut columns: Option<Columns> = None;
    while let Some(line) = lines.next()? {
        if line.text.starts_with(MAGIC) {
            head.version = Some(version(line)?);
        } else if let Some(names) = line.text.strip_prefix(b"%%%% ") {
            columns = Some(Columns::new(names, line.offset)?);
        } else if line.is_blank() || line.text.starts_with(b"##") {
            continue;
        } else {
            let Some(columns) = columns.as_mut() else {
                return Err(Fault::invalid(
                    line.offset,
                    "no line names the columns",
                    "Make the list again with hashdeep",
                ));
            };
            let entry = columns.row(line.text, sink.next_id());
            if let (false, Err(why)) = (line.ended, &entry)
                && row::is_malformed(why)
            {
                return Err(line.cut(&why.to_string()));
            }
            if sink.row(entry) == ControlFlow::Break(()) {
                return Ok(());
            }
        }
    }
    match columns {
        Some(_) => Ok(()),
        None => Err(Fault::invalid(0, "no line names the columns", "Make the list again with hashdeep")),
    }
}

fn version(line: Line<'_>) -> Result<String, Fault> {
    let version = line.text.strip_prefix(MAGIC).unwrap_or_default().trim_ascii();
    if version == VERSION.as_bytes() {
        return Ok(VERSION.to_owned());
    }
    let what = format!("the version of this hashdeep list is not {VERSION}");
    Err(Fault::invalid(line.offset, what, "Only version 1.0 is published"))
}

struct Columns {
    around: AroundName,
    size: Option<usize>,
    digests: Vec<(DigestKind, usize)>,
}

impl Columns {
    fn new(names: &[u8], offset: u64) -> Result<Self, Fault> {
        let head = Head::new(names.split(|byte| *byte == b','), offset)?;
        let mut digests = Vec::new();
        for (kind, name) in [(DigestKind::Md5, "md5"), (DigestKind::Sha1, "sha1"), (DigestKind::Sha256, "sha256")] {
            digests.extend(head.find(name)?.map(|place| (kind, place)));
        }
        if digests.is_empty() {
            let hint = "Make the list again with `hashdeep -c md5,sha1,sha256`";
            return Err(Fault::invalid(offset, "the list has no MD5, SHA-1 or SHA-256", hint));
        }
        Ok(Self { around: AroundName::new(head.len(), head.find("filename")?), size: head.find("size")?, digests })
    }

    fn row(&mut self, line: &[u8], id: EntryId) -> Result<Entry, EntryRefusal> {
        if !self.around.split(line) {
            return Err(EntryRefusal::OtherColumns);
        }
        let mut digests = RowDigests::default();
        for (kind, place) in &self.digests {
            digests.hex(*kind, self.around.cell(line, *place));
        }
        let size = self.size.map_or(Ok(None), |place| row::size(self.around.cell(line, place)))?;
        digests.entry(id, size)
    }
}

#[cfg(test)]
mod tests;
