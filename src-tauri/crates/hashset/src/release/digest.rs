//! The digest of a set: SHA-256 over its rows in one fixed form.

use domain::{Entry, Flags, Sha256, Standing, Verdict};
use sha2::Digest as _;

/// Begins the form, so that it can never be another one's.
const MAGIC: &[u8; 16] = b"zeef set rows 1\n";
/// Bytes that are gathered before they are hashed.
const BUFFER_BYTES: usize = 64 << 10;

const HAS_MD5: u16 = 1;
const HAS_SHA1: u16 = 1 << 1;
const HAS_SHA256: u16 = 1 << 2;
const HAS_SIZE: u16 = 1 << 3;
const HAS_PDQ: u16 = 1 << 4;
const HAS_PHOTODNA: u16 = 1 << 5;
const HAS_CATEGORY: u16 = 1 << 6;
const HAS_STANDING: u16 = 1 << 7;

/// Hashes rows in ascending order of their entry ids.
///
/// The form: 16 bytes of magic; for each row the entry id (u64), what is there (u16), the flags (u16, two bits each: 0
/// absent, 1 false, 2 true), the verdict (u8: 0 nobody has judged, 1 member, 2 the category); then, where there, MD5,
/// SHA-1, SHA-256, size (u64), PDQ, PhotoDNA, category (u16 length and UTF-8), standing (u8); the series (u16 length and
/// UTF-8); at the end the number of rows (u64). Numbers are little-endian.
#[derive(Clone)]
pub struct RowsDigest {
    hasher: sha2::Sha256,
    buffer: Vec<u8>,
    rows: u64,
}

impl Default for RowsDigest {
    fn default() -> Self {
        Self::new()
    }
}

impl RowsDigest {
    /// Begins a set without rows.
    pub fn new() -> Self {
        let mut buffer = Vec::with_capacity(BUFFER_BYTES + 1024);
        buffer.extend_from_slice(MAGIC);
        Self { hasher: sha2::Sha256::new(), buffer, rows: 0 }
    }

    /// Adds the next row. Its category and its series are shorter than 64 KiB, as they are in every set.
    pub fn push(&mut self, entry: &Entry) {
        self.rows += 1;
        write_row(entry, &mut self.buffer);
        if self.buffer.len() >= BUFFER_BYTES {
            self.hasher.update(&self.buffer);
            self.buffer.clear();
        }
    }

    /// Number of rows so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Gives the digest.
    pub fn finish(mut self) -> Sha256 {
        self.buffer.extend_from_slice(&self.rows.to_le_bytes());
        self.hasher.update(&self.buffer);
        Sha256(self.hasher.finalize().into())
    }
}

fn write_row(entry: &Entry, out: &mut Vec<u8>) {
    let Entry { id, digests, size_bytes, verdict, flags, series, pdq, photodna, standing } = entry;
    let category = match verdict {
        Verdict::Category(code) => Some(&code.0),
        Verdict::Member | Verdict::Unclassified => None,
    };
    let there = [
        (digests.md5.is_some(), HAS_MD5),
        (digests.sha1.is_some(), HAS_SHA1),
        (digests.sha256.is_some(), HAS_SHA256),
        (size_bytes.is_some(), HAS_SIZE),
        (pdq.is_some(), HAS_PDQ),
        (photodna.is_some(), HAS_PHOTODNA),
        (category.is_some(), HAS_CATEGORY),
        (standing.is_some(), HAS_STANDING),
    ];
    let mask = there.iter().filter(|(is_there, _)| *is_there).fold(0, |mask, (_, bit)| mask | bit);
    out.extend_from_slice(&id.0.to_le_bytes());
    out.extend_from_slice(&mask.to_le_bytes());
    out.extend_from_slice(&flag_bits(flags).to_le_bytes());
    out.push(verdict_number(verdict));
    digests.md5.iter().for_each(|digest| out.extend_from_slice(&digest.0));
    digests.sha1.iter().for_each(|digest| out.extend_from_slice(&digest.0));
    digests.sha256.iter().for_each(|digest| out.extend_from_slice(&digest.0));
    size_bytes.iter().for_each(|size| out.extend_from_slice(&size.to_le_bytes()));
    pdq.iter().for_each(|value| out.extend_from_slice(&value.0));
    photodna.iter().for_each(|value| out.extend_from_slice(&value.0[..]));
    category.into_iter().for_each(|code| write_text(code, out));
    standing.iter().for_each(|standing| out.push(standing_number(*standing)));
    write_text(series, out);
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    debug_assert!(text.len() <= usize::from(u16::MAX), "categories and series are bounded where they are read");
    out.extend_from_slice(&(text.len() as u16).to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}

fn flag_bits(flags: &Flags) -> u16 {
    flags
        .list()
        .into_iter()
        .enumerate()
        .fold(0, |bits, (place, flag)| bits | flag.map_or(0, |on| 1 + u16::from(on)) << (2 * place))
}

/// Numbers a verdict as the digest and the files do.
pub(super) fn verdict_number(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Unclassified => 0,
        Verdict::Member => 1,
        Verdict::Category(_) => 2,
    }
}

/// Numbers a standing as the digest and the files do.
pub(super) fn standing_number(standing: Standing) -> u8 {
    match standing {
        Standing::OneOpinion => 0,
        Standing::Confirmed => 1,
        Standing::Disputed => 2,
    }
}

#[cfg(test)]
mod tests {
    use domain::{CategoryCode, EntryDigests, EntryId, Md5, Pdq, PhotoDna, Sha1};

    use super::*;

    fn digest(rows: &[Entry]) -> Sha256 {
        let mut digest = RowsDigest::new();
        rows.iter().for_each(|row| digest.push(row));
        assert_eq!(digest.rows(), rows.len() as u64);
        digest.finish()
    }

    fn full() -> Entry {
        Entry {
            id: EntryId(7),
            digests: EntryDigests { md5: Some(Md5([1; 16])), sha1: Some(Sha1([2; 20])), sha256: Some(Sha256([3; 32])) },
            size_bytes: Some(4),
            verdict: Verdict::Category(CategoryCode("1".to_owned())),
            flags: Flags { distributed: Some(true), ..Flags::default() },
            series: "s".to_owned(),
            pdq: Some(Pdq([5; 32])),
            photodna: Some(PhotoDna(Box::new([6; 144]))),
            standing: Some(Standing::Confirmed),
        }
    }

    #[test]
    fn every_part_of_a_row_counts() {
        let row = full();
        let others = [
            Entry { id: EntryId(8), ..row.clone() },
            Entry { digests: EntryDigests { md5: None, ..row.digests }, ..row.clone() },
            Entry { digests: EntryDigests { sha1: Some(Sha1([9; 20])), ..row.digests }, ..row.clone() },
            Entry { size_bytes: None, ..row.clone() },
            Entry { verdict: Verdict::Member, ..row.clone() },
            Entry { verdict: Verdict::Category(CategoryCode("1s".to_owned())), series: String::new(), ..row.clone() },
            Entry { flags: Flags { distributed: Some(false), ..Flags::default() }, ..row.clone() },
            Entry { flags: Flags { victim_identified: Some(true), ..Flags::default() }, ..row.clone() },
            Entry { pdq: None, ..row.clone() },
            Entry { photodna: None, ..row.clone() },
            Entry { standing: Some(Standing::Disputed), ..row.clone() },
            Entry { standing: None, ..row.clone() },
        ];
        let mut seen = std::collections::BTreeSet::from([digest(&[]), digest(std::slice::from_ref(&row))]);
        for other in others {
            assert!(seen.insert(digest(std::slice::from_ref(&other))), "{other:?}");
        }
    }

    #[test]
    fn the_form_is_the_one_that_is_documented() {
        let bare =
            Entry::bare(EntryId(1), EntryDigests { md5: Some(Md5([0xab; 16])), ..Default::default() }, Verdict::Member);
        let mut bytes = b"zeef set rows 1\n".to_vec();
        bytes.extend_from_slice(&[1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
        bytes.extend_from_slice(&[0xab; 16]);
        bytes.extend_from_slice(&[0, 0]);
        bytes.extend_from_slice(&[1, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(digest(&[bare]), Sha256(sha2::Sha256::digest(bytes).into()));
    }
}
