//! Where every reader puts its records: counts them, keeps the first, checks them once more, and hands them on.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

use domain::{Entry, EntryDigests, EntryId, EntryRefusal, Verdict, is_unsafe_to_show};
use serde::Serialize;

/// How many records a preview shows.
pub const PREVIEW_ROWS: usize = 10;

/// Longest text of a series that is kept, in bytes; longer ones are cut, and that is counted.
pub(crate) const SERIES_BYTES_MAX: usize = 4096;

/// How many different codes or remarks one list may have; schemes have ten, so more is an attack or a wrong
/// column, and would fill the memory.
const DIFFERENT_MAX: usize = 1000;

/// Holds what a preview shows of one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PreviewRow {
    /// Number of the record in the list, from 1.
    pub record: u64,
    /// Strongest digest; empty for a refused record.
    pub digest: String,
    /// Kind of that digest; empty for a refused record.
    pub digest_kind: String,
    /// Code as the list has it, if there is one.
    pub category: Option<String>,
    /// Length of the file, if the list has it.
    pub size_bytes: Option<u64>,
    /// Series; empty when there is none.
    pub series: String,
    /// Flags that the list has.
    pub flags: domain::Flags,
    /// Why the record is refused, if it is.
    pub refused: Option<EntryRefusal>,
}

/// Collects what the readers find. One sink serves all members of an archive, so record numbers go on.
pub(crate) struct Sink<'a> {
    forward: &'a mut dyn FnMut(Result<Entry, EntryRefusal>) -> ControlFlow<()>,
    pub(crate) rows: u64,
    pub(crate) entries: u64,
    pub(crate) first: Vec<PreviewRow>,
    pub(crate) refused: BTreeMap<EntryRefusal, u64>,
    pub(crate) categories: BTreeMap<String, u64>,
    remarks: BTreeMap<String, u64>,
    guids: u64,
    pub(crate) stopped: bool,
    pub(crate) over_limit: Option<String>,
}

impl<'a> Sink<'a> {
    /// Makes a sink that hands every record on to `forward`.
    pub(crate) fn new(forward: &'a mut dyn FnMut(Result<Entry, EntryRefusal>) -> ControlFlow<()>) -> Self {
        Self {
            forward,
            rows: 0,
            entries: 0,
            first: Vec::new(),
            refused: BTreeMap::new(),
            categories: BTreeMap::new(),
            remarks: BTreeMap::new(),
            guids: 0,
            stopped: false,
            over_limit: None,
        }
    }

    /// Gives the id of the next record: its number in the list, from 1, refused records counted too.
    pub(crate) fn next_id(&self) -> EntryId {
        EntryId(self.rows + 1)
    }

    /// Takes one record. After `Break` the reader returns `Ok(())`, without reading on.
    pub(crate) fn row(&mut self, row: Result<Entry, EntryRefusal>) -> ControlFlow<()> {
        let row = row.and_then(checked);
        self.rows += 1;
        if self.first.len() < PREVIEW_ROWS {
            self.first.push(preview_row(self.rows, &row));
        }
        let counted = match &row {
            Ok(entry) => {
                self.entries += 1;
                self.guids += u64::from(is_like_guid(&entry.digests));
                match &entry.verdict {
                    Verdict::Category(code) => count(&mut self.categories, &code.0),
                    Verdict::Member | Verdict::Unclassified => count(&mut self.categories, ""),
                }
            }
            Err(why) => {
                *self.refused.entry(*why).or_default() += 1;
                true
            }
        };
        if !counted {
            let what = format!("more than {DIFFERENT_MAX} different categories");
            self.over_limit.get_or_insert(what);
            return ControlFlow::Break(());
        }
        let flow = (self.forward)(row);
        self.stopped |= flow.is_break();
        flow
    }

    /// Tells whether all entries have an MD5 alone, and each has the form of a random identifier.
    pub(crate) fn holds_guids(&self) -> bool {
        self.entries >= GUIDS_MIN && self.guids == self.entries
    }

    /// Tells whether a `Break` was given, so that no more is wanted.
    pub(crate) fn is_done(&self) -> bool {
        self.stopped || self.over_limit.is_some()
    }

    /// Counts something that a person should know about a value that was left out while its record was kept.
    pub(crate) fn remark(&mut self, text: &str) {
        // Remarks are sentences of the readers, a closed handful; what is over the limit cannot be told apart anyway.
        count(&mut self.remarks, text);
    }

    /// Gives the remarks, each with its count.
    pub(crate) fn remarks(&self) -> Vec<String> {
        self.remarks.iter().map(|(text, count)| format!("{count} × {text}")).collect()
    }

    /// Cleans the text of a series: no controls or direction marks, no blanks around it, bounded.
    pub(crate) fn series(&mut self, text: &str) -> String {
        let plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let clean: Cow<'_, str> = match plain {
            true => text.into(),
            false => text.chars().filter(|c| !is_unsafe_to_show(*c)).collect(),
        };
        let mut series = clean.trim();
        if series.len() > SERIES_BYTES_MAX {
            series = &series[..series.floor_char_boundary(SERIES_BYTES_MAX)];
            self.remark("series that is too long and was cut");
        }
        series.to_owned()
    }
}

/// From so many entries on, it is no chance that all look like identifiers: one MD5 in 64 does.
const GUIDS_MIN: u64 = 8;

/// Tells whether the only digest has version and variant of a random UUID (RFC 9562, section 5.4), written without hyphens.
fn is_like_guid(digests: &EntryDigests) -> bool {
    let alone = digests.sha1.is_none() && digests.sha256.is_none();
    alone && digests.md5.is_some_and(|md5| md5.0[6] >> 4 == 4 && md5.0[8] >> 6 == 2)
}

/// Checks what every reader should have checked, so that no reader can let it through.
fn checked(mut entry: Entry) -> Result<Entry, EntryRefusal> {
    if entry.digests.is_empty() {
        return Err(EntryRefusal::NoDigest);
    }
    if entry.digests.is_of_nothing() {
        return Err(EntryRefusal::EmptyFile);
    }
    // Beside the digest of something, 0 is what lists write when they do not know the size.
    entry.size_bytes = entry.size_bytes.filter(|size| *size > 0);
    Ok(entry)
}

fn count(counts: &mut BTreeMap<String, u64>, key: &str) -> bool {
    if let Some(count) = counts.get_mut(key) {
        *count += 1;
        return true;
    }
    if counts.len() >= DIFFERENT_MAX {
        return false;
    }
    counts.insert(key.to_owned(), 1);
    true
}

fn preview_row(record: u64, row: &Result<Entry, EntryRefusal>) -> PreviewRow {
    let mut shown = PreviewRow {
        record,
        digest: String::new(),
        digest_kind: String::new(),
        category: None,
        size_bytes: None,
        series: String::new(),
        flags: domain::Flags::default(),
        refused: None,
    };
    match row {
        Ok(entry) => {
            let digests = &entry.digests;
            let (digest, kind) = match (digests.sha256, digests.sha1, digests.md5) {
                (Some(digest), _, _) => (digest.to_string(), domain::DigestKind::Sha256),
                (None, Some(digest), _) => (digest.to_string(), domain::DigestKind::Sha1),
                (None, None, md5) => (md5.map(|d| d.to_string()).unwrap_or_default(), domain::DigestKind::Md5),
            };
            shown.digest = digest;
            shown.digest_kind = kind.to_string();
            if let Verdict::Category(code) = &entry.verdict {
                shown.category = Some(code.0.clone());
            }
            shown.size_bytes = entry.size_bytes;
            shown.series.clone_from(&entry.series);
            shown.flags = entry.flags;
        }
        Err(why) => shown.refused = Some(*why),
    }
    shown
}

#[cfg(test)]
mod tests {
    use domain::{CategoryCode, Md5};

    use super::*;

    fn entry(md5: u8, verdict: Verdict) -> Entry {
        Entry::bare(EntryId(1), EntryDigests { md5: Some(Md5([md5; 16])), ..Default::default() }, verdict)
    }

    #[test]
    fn records_are_counted_and_checked_again() {
        let mut seen = Vec::new();
        let mut forward = |row| {
            seen.push(row);
            ControlFlow::Continue(())
        };
        let mut sink = Sink::new(&mut forward);
        let _ = sink.row(Ok(entry(1, Verdict::Category(CategoryCode("1".into())))));
        let nothing = EntryDigests { md5: "d41d8cd98f00b204e9800998ecf8427e".parse().ok(), ..Default::default() };
        let _ = sink.row(Ok(Entry::bare(EntryId(2), nothing, Verdict::Member)));
        let _ = sink.row(Ok(Entry::bare(EntryId(3), EntryDigests::default(), Verdict::Member)));
        let mut sized = entry(2, Verdict::Unclassified);
        sized.size_bytes = Some(0);
        let _ = sink.row(Ok(sized));
        assert_eq!((sink.rows, sink.entries, sink.next_id()), (4, 2, EntryId(5)));
        assert_eq!(sink.categories, BTreeMap::from([("1".into(), 1), (String::new(), 1)]));
        assert_eq!(sink.refused.values().sum::<u64>(), 2);
        assert_eq!(sink.first.len(), 4);
        drop(sink);
        assert_eq!(seen[1], Err(EntryRefusal::EmptyFile));
        assert_eq!(seen[2], Err(EntryRefusal::NoDigest));
        assert_eq!(seen[3].as_ref().unwrap().size_bytes, None);
    }

    #[test]
    fn identifiers_are_told_from_digests() {
        let guid = |n: u8, seventh: u8| {
            let mut entry = entry(n, Verdict::Member);
            let md5 = entry.digests.md5.as_mut().unwrap();
            (md5.0[6], md5.0[8]) = (seventh, 0xA7);
            entry
        };
        let mut forward = |_| ControlFlow::Continue(());
        let mut sink = Sink::new(&mut forward);
        let _ = (1..8).try_for_each(|n| sink.row(Ok(guid(n, 0x4c))));
        assert!(!sink.holds_guids());
        let _ = sink.row(Ok(guid(8, 0x41)));
        assert!(sink.holds_guids());
        let _ = sink.row(Ok(guid(9, 0x5c)));
        assert!(!sink.holds_guids());
    }

    #[test]
    fn a_flood_of_codes_is_over_a_limit() {
        let mut forward = |_| ControlFlow::Continue(());
        let mut sink = Sink::new(&mut forward);
        let flow = (0..2000).try_for_each(|n| sink.row(Ok(entry(1, Verdict::Category(CategoryCode(n.to_string()))))));
        assert!(flow.is_break() && sink.over_limit.is_some() && !sink.stopped);
    }

    #[test]
    fn a_series_is_clean_and_bounded() {
        let mut forward = |_| ControlFlow::Continue(());
        let mut sink = Sink::new(&mut forward);
        assert_eq!(sink.series(" a\u{202e}b\n, c "), "ab, c");
        assert_eq!(sink.series(&"é".repeat(4000)).len(), SERIES_BYTES_MAX);
        assert_eq!(sink.remarks(), ["1 × series that is too long and was cut"]);
    }
}
