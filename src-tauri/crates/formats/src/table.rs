//! Reads tables of digests that other programs export and people make: cells between commas, semicolons, tabs or bars,
//! columns found by the names in the first line. A row is one line.
//!
//! Columns that are taken: MD5, SHA1, SHA256 under the names in [`MD5`] and its neighbours, or one column `Hash` whose
//! kind follows from `Algorithm` or from its length; size, category, series, flags and PhotoDNA. A digest in a column of
//! any other name (`Parent MD5`) is not the file's and is not taken. A list that has a column of categories is judged by
//! them, as a VICS set is: a blank cell is no verdict.
//!
//! IPED's lists have a `status`: it writes `known` for ordinary files, `alert` and `pedo` for the others. One table can
//! have both, so rows that contradict the role of the set are refused.
//! Forms: IPED `HashDBTool`, PowerShell's `Get-FileHash | Export-Csv`, spreadsheets.

use std::collections::BTreeSet;
use std::io::BufRead;
use std::ops::ControlFlow;

use domain::{DigestKind, Entry, EntryRefusal, Role, Verdict, VerdictBasis};

use crate::checksums::{Kind, kind_of_length, kind_of_tag};
use crate::delimited::{Head, Quoted, plain_name};
use crate::hashkeeper::has_open_quote;
use crate::lines::{Line, Lines, first_lines};
use crate::row::{self, RowDigests};
use crate::{Fault, ListHead, ReadOptions, Sink, hashkeeper, icse, nsrl_text, photodna};

/// Names of the columns of each kind, plain (see [`plain_name`]).
const MD5: [&str; 8] = ["md5", "md5hash", "hashmd5", "md5sum", "md5value", "md5digest", "md5checksum", "filemd5"];
const SHA1: [&str; 7] = ["sha1", "sha1hash", "hashsha1", "sha1sum", "sha1value", "sha1digest", "filesha1"];
const SHA256: [&str; 9] = [
    "sha256",
    "sha256hash",
    "hashsha256",
    "sha256sum",
    "sha256value",
    "sha256digest",
    "sha2256",
    "filesha256",
    "sha2256hash",
];
const HASH: [&str; 5] = ["hash", "hashvalue", "filehash", "digest", "checksum"];
const ALGORITHM: [&str; 3] = ["algorithm", "hashalgorithm", "hashtype"];
const SIZE: [&str; 7] = ["size", "filesize", "sizebytes", "sizeinbytes", "filesizebytes", "mediasize", "length"];

/// Cells may stand between these.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Tells whether a line names columns of digests, and digests stand in them.
pub(crate) fn recognises(first_bytes: &[u8]) -> bool {
    if hashkeeper::recognises(first_bytes) || nsrl_text::recognises(first_bytes) || icse::recognises(first_bytes) {
        return false;
    }
    let mut lines = first_lines(first_bytes);
    let mut separator = None;
    let Some(first) = lines.find(|line| !is_preamble(line, &mut separator)) else { return false };
    let Some(delimiter) = delimiter_of(first, separator) else { return false };
    let mut cells = Quoted::new(delimiter);
    cells.split(first);
    // What makes the head unusable is said by the reader, once it is clear that digests follow.
    let names: Vec<String> = cells.cells().map(plain_name).collect();
    let is_digest = |name: &String| [&MD5[..], &SHA1, &SHA256, &HASH].iter().any(|all| all.contains(&name.as_str()));
    let places: Vec<usize> = (0..names.len()).filter(|place| is_digest(&names[*place])).collect();
    let (mut good, mut bad) = (0, 0);
    for line in lines {
        cells.split(line);
        for cell in places.iter().filter_map(|place| cells.cell(*place)).map(<[u8]>::trim_ascii) {
            match cell {
                b"" => {}
                _ if kind_of_length(cell.len()).is_some() && cell.iter().all(u8::is_ascii_hexdigit) => good += 1,
                _ => bad += 1,
            }
        }
    }
    good > 0 && good >= bad
}

/// Tells whether a line stands before the names of the columns: blank, `sep=;`, or PowerShell's `#TYPE`.
fn is_preamble(line: &[u8], separator: &mut Option<u8>) -> bool {
    let line = line.trim_ascii_end();
    match line.split_at_checked(4) {
        Some((key, rest)) if key.eq_ignore_ascii_case(b"sep=") && rest.len() <= 1 => {
            // A tab was cut off with the blanks.
            *separator = Some(rest.first().copied().unwrap_or(b'\t'));
            true
        }
        _ => line.is_empty() || line.starts_with(b"#"),
    }
}

/// Finds what stands between the cells of a line that names two columns or more, one of them of digests.
fn delimiter_of(line: &[u8], separator: Option<u8>) -> Option<u8> {
    let candidates = separator.map_or(DELIMITERS.to_vec(), |separator| vec![separator]);
    candidates.into_iter().find(|delimiter| {
        let names: Vec<String> = line.split(|byte| byte == delimiter).map(plain_name).collect();
        let has = |all: &[&str]| names.iter().any(|name| all.contains(&name.as_str()));
        names.len() > 1 && (has(&MD5) || has(&SHA1) || has(&SHA256) || has(&HASH))
    })
}

/// Reads a table to its end or until the sink has enough.
pub(crate) fn read_table(
    input: &mut dyn BufRead,
    head: &mut ListHead,
    options: &ReadOptions,
    sink: &mut Sink<'_>,
) -> Result<(), Fault> {
    let mut lines = Lines::new(input);
    let mut separator = None;
    let (mut cells, columns) = loop {
        match lines.next()? {
            Some(line) if is_preamble(line.text, &mut separator) => {}
            Some(line) => {
                let Some(delimiter) = delimiter_of(line.text, separator) else {
                    return Err(Fault::invalid(line.offset, "no column has digests by its name", HINT_HEAD));
                };
                let mut cells = Quoted::new(delimiter);
                cells.split(line.text);
                let columns = Columns::new(&Head::new(cells.cells(), line.offset)?)?;
                break (cells, columns);
            }
            None => return Err(Fault::invalid(0, "no line names the columns", HINT_HEAD)),
        }
    };
    if columns.category.is_some() {
        head.basis = VerdictBasis::Category;
        head.note("Its entries are judged by the column of categories; a blank one is no verdict");
    }
    let mut seen = BTreeSet::new();
    while let Some(line) = lines.next()? {
        if line.is_blank() {
            continue;
        }
        let count = cells.split(line.text);
        let entry = columns.row(&line, &cells, options.role, sink);
        if !line.ended {
            columns.check_end(&line, count, &entry, &seen)?;
        }
        if let Ok(entry) = &entry {
            seen.insert(kinds(entry));
        }
        if sink.row(entry) == ControlFlow::Break(()) {
            break;
        }
    }
    Ok(())
}

const HINT_HEAD: &str = "Name the columns in the first line, e.g. `MD5,SHA1,Name`";

struct Columns {
    count: usize,
    digests: Vec<(DigestKind, usize)>,
    hash: Option<usize>,
    algorithm: Option<usize>,
    size: Option<usize>,
    category: Option<usize>,
    status: Option<usize>,
    photodna: Option<usize>,
    series: Option<usize>,
    distributed: Option<usize>,
    victim: Option<usize>,
    offender: Option<usize>,
}

impl Columns {
    fn new(head: &Head) -> Result<Self, Fault> {
        let mut digests = Vec::new();
        for (kind, names) in [(DigestKind::Md5, &MD5[..]), (DigestKind::Sha1, &SHA1), (DigestKind::Sha256, &SHA256)] {
            digests.extend(any_of(head, names)?.map(|place| (kind, place)));
        }
        // Beside columns that say what they are, one that does not is something else.
        let hash = if digests.is_empty() { any_of(head, &HASH)? } else { None };
        Ok(Self {
            count: head.len(),
            digests,
            hash,
            algorithm: any_of(head, &ALGORITHM)?,
            size: any_of(head, &SIZE)?,
            category: head.find("category")?,
            status: head.find("status")?,
            photodna: head.find("photodna")?,
            series: any_of(head, &["series", "seriesname"])?,
            distributed: head.find("isdistributed")?,
            victim: head.find("victimidentified")?,
            offender: head.find("offenderidentified")?,
        })
    }

    fn row(
        &self,
        line: &Line<'_>,
        cells: &Quoted,
        role: Option<Role>,
        sink: &mut Sink<'_>,
    ) -> Result<Entry, EntryRefusal> {
        // A delimiter in a name that nobody put in quotes moves every cell after it, and other digests under `MD5`.
        let moved = (self.count..).map_while(|place| cells.cell(place)).any(|cell| !cell.trim_ascii().is_empty());
        if moved || has_open_quote(line.text) {
            return Err(EntryRefusal::OtherColumns);
        }
        let cell = |place: Option<usize>| place.and_then(|place| cells.cell(place)).unwrap_or_default().trim_ascii();
        let mut digests = RowDigests::default();
        self.digests.iter().for_each(|(kind, place)| digests.hex(*kind, cell(Some(*place))));
        if self.hash.is_some() {
            let algorithm = self.algorithm.map(|place| plain_name(cell(Some(place))));
            of_some_kind(&mut digests, cell(self.hash), algorithm.as_deref());
        }
        let size = row::size(cell(self.size)).unwrap_or_else(|_| {
            sink.remark("size that is no whole number of bytes and was left out");
            None
        });
        let mut entry = digests.entry(sink.next_id(), size)?;
        if self.category.is_some() {
            entry.verdict = row::category(cell(self.category))?.map_or(Verdict::Unclassified, Verdict::Category);
        }
        check_status(cell(self.status), role)?;
        let mut flag_of = |place| icse::flag_or_remark(cell(place), sink);
        entry.flags.distributed = flag_of(self.distributed);
        entry.flags.victim_identified = flag_of(self.victim);
        entry.flags.offender_identified = flag_of(self.offender);
        entry.photodna = photodna::parse_or_remark(cell(self.photodna), sink);
        entry.series = sink.series(&icse::text(cell(self.series)));
        Ok(entry)
    }
}

impl Columns {
    /// Refuses a last line that was cut: it ends before its last column, or what stands there is not what stood there in
    /// the rows before it.
    fn check_end(
        &self,
        line: &Line<'_>,
        count: usize,
        entry: &Result<Entry, EntryRefusal>,
        seen: &BTreeSet<[bool; 3]>,
    ) -> Result<(), Fault> {
        if count < self.count {
            return Err(line.cut(&format!("it has {count} of {} columns", self.count)));
        }
        match entry {
            Err(why) if row::is_malformed(why) => Err(line.cut(&why.to_string())),
            // A SHA-256 that was cut can have as many digits as a SHA-1.
            Ok(entry) if !seen.is_empty() && !seen.contains(&kinds(entry)) => {
                Err(line.cut("no row before it has digests of just these kinds"))
            }
            _ => Ok(()),
        }
    }
}

/// Tells which digests an entry has.
fn kinds(entry: &Entry) -> [bool; 3] {
    let digests = &entry.digests;
    [digests.md5.is_some(), digests.sha1.is_some(), digests.sha256.is_some()]
}

/// Finds the one column that has any of the names.
fn any_of(head: &Head, names: &[&str]) -> Result<Option<usize>, Fault> {
    let mut found = None;
    for name in names {
        if let Some(place) = head.find(name)? {
            if found.is_some() {
                let what = format!("two columns, one of them `{name}`, hold the same kind of value");
                return Err(Fault::invalid(0, what, "Keep one of the two columns"));
            }
            found = Some(place);
        }
    }
    Ok(found)
}

/// Takes a digest whose kind follows from the name of its algorithm, or from its length where there is none.
fn of_some_kind(digests: &mut RowDigests, cell: &[u8], algorithm: Option<&str>) {
    let kind = match algorithm {
        _ if cell.is_empty() => return,
        Some(name) => kind_of_tag(name, cell.len()),
        None => kind_of_length(cell.len()),
    };
    match kind {
        Some(Kind::Known(kind)) => digests.hex(kind, cell),
        Some(Kind::Other) => digests.refuse(EntryRefusal::OtherDigest),
        _ => digests.refuse(EntryRefusal::BadDigest),
    }
}

/// Refuses a row whose status, as IPED writes it, contradicts the role of the set. Several stand between bars.
fn check_status(cell: &[u8], role: Option<Role>) -> Result<(), EntryRefusal> {
    let Some(role) = role else { return Ok(()) };
    let contradicts = |status: &[u8]| match status.trim_ascii().to_ascii_lowercase().as_slice() {
        b"known" => role == Role::Known,
        b"alert" | b"pedo" => role == Role::Good,
        _ => false,
    };
    match cell.split(|byte| *byte == b'|').any(contradicts) {
        false => Ok(()),
        true if role == Role::Known => Err(EntryRefusal::MarkedOrdinary),
        true => Err(EntryRefusal::MarkedKnown),
    }
}

#[cfg(test)]
mod tests;
