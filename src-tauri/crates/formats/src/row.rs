//! Turns the cells of one row of a list into an entry, or into the reason why there is none.

use domain::{CategoryCode, DigestKind, Entry, EntryDigests, EntryId, EntryRefusal, Md5, Sha1, Sha256, Verdict};

/// Longest code of a category; schemes use one or two characters.
const CODE_BYTES_MAX: usize = 16;

/// Collects the digests of one row.
#[derive(Debug, Default)]
pub(crate) struct RowDigests {
    digests: EntryDigests,
    placeholder: bool,
    bad: Option<EntryRefusal>,
}

impl RowDigests {
    /// Takes a cell of hex digits, of either case; a blank one has no digest.
    pub(crate) fn hex(&mut self, kind: DigestKind, cell: &[u8]) {
        let cell = cell.trim_ascii();
        if cell.is_empty() {
            return;
        }
        let parsed = match kind {
            DigestKind::Md5 => Md5::parse(cell).map(|digest| self.md5(digest)),
            DigestKind::Sha1 => Sha1::parse(cell).map(|digest| self.sha1(digest)),
            DigestKind::Sha256 => Sha256::parse(cell).map(|digest| self.sha256(digest)),
        };
        if parsed.is_err() {
            self.refuse(EntryRefusal::BadDigest);
        }
    }

    /// Takes the bytes of a digest.
    pub(crate) fn bytes(&mut self, kind: DigestKind, bytes: &[u8]) {
        let taken = match kind {
            DigestKind::Md5 => bytes.try_into().map(|bytes| self.md5(Md5(bytes))),
            DigestKind::Sha1 => bytes.try_into().map(|bytes| self.sha1(Sha1(bytes))),
            DigestKind::Sha256 => bytes.try_into().map(|bytes| self.sha256(Sha256(bytes))),
        };
        if taken.is_err() {
            self.refuse(EntryRefusal::BadDigest);
        }
    }

    /// Notes why the row cannot become an entry; the first reason stays.
    pub(crate) fn refuse(&mut self, why: EntryRefusal) {
        self.bad.get_or_insert(why);
    }

    /// Makes the entry.
    ///
    /// A size of 0 beside the digest of something is what lists write when they do not know it, so it is no size: kept,
    /// it would contradict every file.
    pub(crate) fn entry(self, id: EntryId, size_bytes: Option<u64>) -> Result<Entry, EntryRefusal> {
        if let Some(why) = self.bad {
            return Err(why);
        }
        if self.digests.is_of_nothing() {
            return Err(EntryRefusal::EmptyFile);
        }
        if self.digests.is_empty() {
            return Err(if self.placeholder { EntryRefusal::Placeholder } else { EntryRefusal::NoDigest });
        }
        let mut entry = Entry::bare(id, self.digests, Verdict::Member);
        entry.size_bytes = size_bytes.filter(|size| *size > 0);
        Ok(entry)
    }

    fn md5(&mut self, digest: Md5) {
        if self.is_something(&digest.0) {
            self.digests.md5 = Some(digest);
        }
    }

    fn sha1(&mut self, digest: Sha1) {
        if self.is_something(&digest.0) {
            self.digests.sha1 = Some(digest);
        }
    }

    fn sha256(&mut self, digest: Sha256) {
        if self.is_something(&digest.0) {
            self.digests.sha256 = Some(digest);
        }
    }

    fn is_something(&mut self, bytes: &[u8]) -> bool {
        let something = !is_placeholder(bytes);
        self.placeholder |= !something;
        something
    }
}

/// Tells whether a digest is all zeros or all ones: both stand for "none" and identify nothing.
pub(crate) fn is_placeholder(digest: &[u8]) -> bool {
    [0, 0xFF].iter().any(|none| digest.iter().all(|byte| byte == none))
}

/// Reads a decimal number; a blank cell is absent.
pub(crate) fn size(cell: &[u8]) -> Result<Option<u64>, EntryRefusal> {
    let cell = cell.trim_ascii();
    if cell.is_empty() {
        return Ok(None);
    }
    let digits = std::str::from_utf8(cell).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    digits.and_then(|text| text.parse().ok()).map(Some).ok_or(EntryRefusal::NoNumber)
}

/// Reads the code of a category: a whole number or a short word; blank is none.
pub(crate) fn category(text: &[u8]) -> Result<Option<CategoryCode>, EntryRefusal> {
    let text = text.trim_ascii();
    if text.is_empty() {
        return Ok(None);
    }
    let text = std::str::from_utf8(text).map_err(|_| EntryRefusal::NoCategory)?;
    if let Some(number) = whole_number(text) {
        return Ok(Some(CategoryCode(number.to_string())));
    }
    let is_code = text.len() <= CODE_BYTES_MAX
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_code { Ok(Some(CategoryCode(text.to_owned()))) } else { Err(EntryRefusal::NoCategory) }
}

/// Reads a whole number, also one that was written as `1.0` or `1e0`.
pub(crate) fn whole_number(text: &str) -> Option<i64> {
    /// Up to here every whole number has a double of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
        return None;
    }
    let number: f64 = text.parse().ok()?;
    (number.fract() == 0.0 && number.abs() < EXACT).then_some(number as i64)
}

/// Tells whether a row was refused for its form rather than for what it says. In a last line without a line end, that
/// means that the line was cut.
pub(crate) fn is_malformed(why: &EntryRefusal) -> bool {
    use EntryRefusal::{BadDigest, NoDigest, NoNumber, OtherColumns};
    matches!(why, BadDigest | NoDigest | OtherColumns | NoNumber)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA1: &[u8] = b"a9993e364706816aba3e25717850c26c9cd0d89d";

    fn check(cells: &[(DigestKind, &[u8])], want: Result<(), EntryRefusal>) {
        let mut row = RowDigests::default();
        cells.iter().for_each(|(kind, cell)| row.hex(*kind, cell));
        assert_eq!(row.entry(EntryId(1), None).map(|_| ()), want, "{cells:?}");
    }

    #[test]
    fn a_row_is_an_entry_or_has_one_reason() {
        let zeros = [b'0'; 32];
        check(&[(DigestKind::Md5, b""), (DigestKind::Sha1, SHA1)], Ok(()));
        check(&[(DigestKind::Md5, b" "), (DigestKind::Sha1, b"")], Err(EntryRefusal::NoDigest));
        check(&[(DigestKind::Md5, &zeros)], Err(EntryRefusal::Placeholder));
        check(&[(DigestKind::Md5, &zeros), (DigestKind::Sha1, SHA1)], Ok(()));
        check(&[(DigestKind::Sha1, &[b'F'; 40])], Err(EntryRefusal::Placeholder));
        check(&[(DigestKind::Md5, b"d41d8cd98f00b204e9800998ecf8427e")], Err(EntryRefusal::EmptyFile));
        check(&[(DigestKind::Md5, b"abc"), (DigestKind::Sha1, SHA1)], Err(EntryRefusal::BadDigest));
    }

    #[test]
    fn a_size_of_nothing_is_no_size() {
        let mut row = RowDigests::default();
        row.hex(DigestKind::Sha1, SHA1);
        assert_eq!(row.entry(EntryId(7), Some(0)).unwrap().size_bytes, None);
        assert_eq!(size(b" 12 "), Ok(Some(12)));
        assert_eq!(size(b""), Ok(None));
        assert!(size(b"-1").is_err() && size(b"99999999999999999999").is_err());
    }
}
