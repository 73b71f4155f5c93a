//! Reads the list of INTERPOL's ICSE: rows of cells between semicolons, columns found by name in any order.
//!
//! Header usually `MD5;SHA1;PhotoDNA;Image ID;Is distributed;Victim identified;Offender identified;Series name;Number of
//! submissions;File Available;Media Type;Baseline`. Rows can be ragged: a column that a row does not reach is absent.
//! An entry has no category: to stand in the list is the statement, and `Baseline` is kept as a flag.

use std::io::BufRead;
use std::ops::ControlFlow;

use domain::{DigestKind, Entry, EntryRefusal, Profile, SchemeId};

use crate::delimited::{Head, Quoted, plain_name};
use crate::hashkeeper::has_open_quote;
use crate::lines::{Line, Lines, first_lines};
use crate::row::{self, RowDigests};
use crate::{Fault, ListHead, ReadOptions, Sink, photodna};

/// Tells whether the first line names columns of ICSE: between semicolons, or, where a spreadsheet saved it again, between
/// commas or tabs.
pub(crate) fn recognises(first_bytes: &[u8]) -> bool {
    let head = first_lines(first_bytes).find(|line| !is_separator_line(line)).unwrap_or_default();
    delimiter_of(head).is_some()
}

/// Finds what stands between the columns of ICSE. A list with a column of categories is another program's: ICSE has none,
/// and what stands in such a list is judged by them.
fn delimiter_of(head: &[u8]) -> Option<u8> {
    const OWN: [&str; 6] = ["photodna", "imageid", "isdistributed", "victimidentified", "seriesname", "baseline"];
    /// How many of its own columns a list needs, by delimiter: tables with commas are everybody's.
    const DELIMITERS: [(u8, usize); 3] = [(b';', 1), (b',', 4), (b'\t', 4)];
    DELIMITERS.into_iter().find_map(|(delimiter, needed)| {
        let names: Vec<String> = head.split(|byte| *byte == delimiter).map(plain_name).collect();
        let has = |name: &str| names.iter().any(|other| other == name);
        let own = OWN.iter().filter(|name| has(name)).count();
        ((has("md5") || has("sha1")) && own >= needed && !has("category") && !has("status")).then_some(delimiter)
    })
}

/// Reads a list to its end or until the sink has enough.
pub(crate) fn read_icse(
    input: &mut dyn BufRead,
    head: &mut ListHead,
    _options: &ReadOptions,
    sink: &mut Sink<'_>,
) -> Result<(), Fault> {
    head.profile = Some(Profile(SchemeId("interpol-baseline".to_owned())));
    let mut lines = Lines::new(input);
    let (mut cells, columns) = loop {
        match lines.next()? {
            Some(line) if is_separator_line(line.text) => {}
            Some(line) => {
                let mut cells = Quoted::new(delimiter_of(line.text).unwrap_or(b';'));
                cells.split(line.text);
                let columns = Columns::new(&Head::new(cells.cells(), line.offset)?)?;
                break (cells, columns);
            }
            None => return Err(Fault::invalid(0, "no line names the columns", "Export the list again")),
        }
    };
    let mut fewest = columns.count;
    while let Some(line) = lines.next()? {
        if line.is_blank() {
            continue;
        }
        let count = cells.split(line.text);
        let entry = columns.row(&cells, sink);
        check_end(&line, count, fewest, &entry)?;
        fewest = fewest.min(count);
        if sink.row(entry) == ControlFlow::Break(()) {
            break;
        }
    }
    Ok(())
}

/// Refuses a last line that was cut. Rows can be ragged, so it may be as short as the shortest before it, not shorter.
fn check_end(line: &Line<'_>, count: usize, fewest: usize, entry: &Result<Entry, EntryRefusal>) -> Result<(), Fault> {
    if line.ended {
        return Ok(());
    }
    if has_open_quote(line.text) {
        return Err(line.cut("a quote is not closed"));
    }
    if count < fewest {
        return Err(line.cut(&format!("it has {count} columns, the shortest row before it {fewest}")));
    }
    match entry {
        Err(why) if row::is_malformed(why) => Err(line.cut(&why.to_string())),
        _ => Ok(()),
    }
}

/// Tells whether the line is blank or `sep=;`, with which spreadsheets name the delimiter.
fn is_separator_line(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    if line.is_empty() {
        return true;
    }
    line.eq_ignore_ascii_case(b"sep=;") || line.eq_ignore_ascii_case(b"sep=,") || line.eq_ignore_ascii_case(b"sep=")
}

struct Columns {
    count: usize,
    md5: Option<usize>,
    sha1: Option<usize>,
    sha256: Option<usize>,
    photodna: Option<usize>,
    distributed: Option<usize>,
    victim: Option<usize>,
    offender: Option<usize>,
    baseline: Option<usize>,
    series: Option<usize>,
}

impl Columns {
    fn new(head: &Head) -> Result<Self, Fault> {
        let columns = Self {
            count: head.len(),
            md5: head.find("md5")?,
            sha1: head.find("sha1")?,
            sha256: head.find("sha256")?,
            photodna: head.find("photodna")?,
            distributed: head.find("isdistributed")?,
            victim: head.find("victimidentified")?,
            offender: head.find("offenderidentified")?,
            baseline: head.find("baseline")?,
            series: head.find("seriesname")?,
        };
        if columns.md5.is_none() && columns.sha1.is_none() && columns.sha256.is_none() {
            return Err(Fault::invalid(0, "no column is named MD5 or SHA1", "Export the list again"));
        }
        Ok(columns)
    }

    fn row(&self, cells: &Quoted, sink: &mut Sink<'_>) -> Result<Entry, EntryRefusal> {
        let cell = |place: Option<usize>| place.and_then(|place| cells.cell(place)).unwrap_or_default().trim_ascii();
        let mut digests = RowDigests::default();
        digests.hex(DigestKind::Md5, cell(self.md5));
        digests.hex(DigestKind::Sha1, cell(self.sha1));
        digests.hex(DigestKind::Sha256, cell(self.sha256));
        let mut entry = digests.entry(sink.next_id(), None)?;
        let mut flag_of = |place| flag_or_remark(cell(place), sink);
        entry.flags.distributed = flag_of(self.distributed);
        entry.flags.victim_identified = flag_of(self.victim);
        entry.flags.offender_identified = flag_of(self.offender);
        entry.flags.baseline = flag_of(self.baseline);
        entry.photodna = photodna::parse_or_remark(cell(self.photodna), sink);
        entry.series = sink.series(&text(cell(self.series)));
        Ok(entry)
    }
}

/// Reads a flag; one that is neither yes nor no is absent and remarked.
pub(crate) fn flag_or_remark(cell: &[u8], sink: &mut Sink<'_>) -> Option<bool> {
    flag(cell).unwrap_or_else(|()| {
        sink.remark("flag that is neither yes nor no and was left out");
        None
    })
}

/// Reads a flag; blank is absent, and anything else than yes or no is an error.
fn flag(cell: &[u8]) -> Result<Option<bool>, ()> {
    match cell.to_ascii_lowercase().as_slice() {
        b"" => Ok(None),
        b"y" | b"yes" | b"t" | b"true" | b"1" => Ok(Some(true)),
        b"n" | b"no" | b"f" | b"false" | b"0" => Ok(Some(false)),
        _ => Err(()),
    }
}

/// Makes text of a cell; bytes that are no UTF-8, from exports in Latin-1, are kept as `\xNN`.
pub(crate) fn text(cell: &[u8]) -> String {
    let mut out = String::with_capacity(cell.len());
    for chunk in cell.utf8_chunks() {
        out.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|byte| out.push_str(&format!("\\x{byte:02X}")));
    }
    out
}

#[cfg(test)]
mod tests;
