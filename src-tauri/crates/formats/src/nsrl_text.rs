//! Reads NSRL RDSv2, `NSRLFile.txt`: one file of one product a line.
//!
//! NIST promises UTF-8 and ASCII quotes, and does not keep it: names hold quotes, commas and bytes of other encodings.
//! Only digests, size, product and special code are taken; the name is skipped as bytes.
//! NSRL means *known software*, not *harmless*: products can be left out by their code, and rows that NIST itself marks
//! as special or malicious never become entries.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::ops::ControlFlow;

use domain::{DigestKind, Entry, EntryId, EntryRefusal};

use crate::delimited::{AroundName, Head, plain_name};
use crate::lines::{Lines, first_lines};
use crate::row::{self, RowDigests};
use crate::{Fault, ListHead, ReadOptions, Sink};

/// Tells whether the first line names the columns of `NSRLFile.txt`, of any edition of RDSv2.
pub(crate) fn recognises(first_bytes: &[u8]) -> bool {
    let names = names_of(first_bytes);
    ["sha1", "filename", "productcode", "specialcode"].iter().all(|name| names.iter().any(|other| other == name))
}

/// Names the other files of an RDSv2 release, which hold no digests.
pub(crate) fn instead(first_bytes: &[u8]) -> Option<&'static str> {
    let names = names_of(first_bytes);
    let other = names.len() > 1 && ["mfgcode", "opsystemcode", "productcode"].contains(&names[0].as_str());
    other.then_some("a table of makers, systems or products of NSRL: import NSRLFile.txt, which has the digests")
}

fn names_of(first_bytes: &[u8]) -> Vec<String> {
    first_lines(first_bytes).next().unwrap_or_default().split(|byte| *byte == b',').map(plain_name).collect()
}

/// Reads a list to its end or until the sink has enough.
pub(crate) fn read_nsrl_text(
    input: &mut dyn BufRead,
    head: &mut ListHead,
    options: &ReadOptions,
    sink: &mut Sink<'_>,
) -> Result<(), Fault> {
    let mut lines = Lines::new(input);
    let Some(first) = lines.next()? else {
        return Err(Fault::invalid(0, "the file is empty", "Fetch it again"));
    };
    let mut columns = Columns::new(first.text, &options.exclude_products)?;
    head.version = Some("2".to_owned());
    while let Some(line) = lines.next()? {
        if line.is_blank() {
            continue;
        }
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
    let unmet = columns.excluded.values().filter(|met| **met == 0).count();
    (0..unmet).for_each(|_| sink.remark("product that was to be left out and has no row"));
    Ok(())
}

struct Columns {
    around: AroundName,
    digests: Vec<(DigestKind, usize)>,
    size: Option<usize>,
    product: Option<usize>,
    special: Option<usize>,
    /// Codes of products to leave out, and how many rows each had.
    excluded: BTreeMap<u64, u64>,
}

impl Columns {
    fn new(line: &[u8], exclude: &[String]) -> Result<Self, Fault> {
        let head = Head::new(line.split(|byte| *byte == b','), 0)?;
        let mut digests = Vec::new();
        for (kind, name) in [(DigestKind::Md5, "md5"), (DigestKind::Sha1, "sha1"), (DigestKind::Sha256, "sha256")] {
            digests.extend(head.find(name)?.map(|place| (kind, place)));
        }
        if digests.is_empty() {
            return Err(Fault::invalid(0, "the list has no MD5, SHA-1 or SHA-256", "Import NSRLFile.txt"));
        }
        let mut excluded = BTreeMap::new();
        for code in exclude {
            let Ok(code) = code.trim().parse::<u64>() else {
                let what = "RDSv2 names a product by its code, and a product to leave out was given by another name";
                return Err(Fault::invalid(0, what, "Give the ProductCode that stands in NSRLProd.txt"));
            };
            excluded.insert(code, 0);
        }
        Ok(Self {
            around: AroundName::new(head.len(), head.find("filename")?),
            digests,
            size: head.find("filesize")?,
            product: head.find("productcode")?,
            special: head.find("specialcode")?,
            excluded,
        })
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
        let entry = digests.entry(id, size)?;
        if let Some(place) = self.product {
            let code = row::size(self.around.cell(line, place)).map_err(|_| EntryRefusal::OtherColumns)?;
            if let Some(met) = code.and_then(|code| self.excluded.get_mut(&code)) {
                *met += 1;
                return Err(EntryRefusal::ExcludedProduct);
            }
        }
        match self.special.map(|place| self.around.cell(line, place)) {
            None | Some(b"") => Ok(entry),
            Some(b"M" | b"m") => Err(EntryRefusal::Malicious),
            Some(b"S" | b"s") => Err(EntryRefusal::Special),
            Some(_) => Err(EntryRefusal::OtherColumns),
        }
    }
}

#[cfg(test)]
mod tests;
