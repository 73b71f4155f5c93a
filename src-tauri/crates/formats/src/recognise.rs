//! Tells what a list is, by its content alone, and which reader reads it.

use std::io::BufRead;
use std::path::Path;

use crate::{
    Fault, ListHead, ListKind, ReadOptions, Sink, checksums, encase, hashdeep, hashkeeper, icse, kdb, nsrl_sqlite,
    nsrl_text, table, vics,
};

/// How many bytes of a list are looked at to recognise it.
pub(crate) const FIRST_BYTES: usize = 64 << 10;

/// What every SQLite database starts with (its file format, section 1.3).
const SQLITE: &[u8] = b"SQLite format 3\0";

/// Reads lists that are streams of bytes.
pub(crate) struct StreamReader {
    /// What it reads.
    pub(crate) kind: ListKind,
    /// Tells by the first bytes (as they are, a byte-order mark included) whether it is this kind.
    pub(crate) recognises: fn(&[u8]) -> bool,
    /// Reads all of it. Where the sink breaks, it returns `Ok(())` without reading on.
    pub(crate) read: ReadStream,
}

type ReadStream = fn(&mut dyn BufRead, &mut ListHead, &ReadOptions, &mut Sink<'_>) -> Result<(), Fault>;

/// Reads lists that are SQLite databases: they lie unpacked on the disk and are opened in place, read-only.
pub(crate) struct DatabaseReader {
    /// What it reads.
    pub(crate) kind: ListKind,
    /// Tells by its tables whether it is this kind.
    pub(crate) recognises: fn(&Path) -> bool,
    /// Reads all of it.
    pub(crate) read: ReadDatabase,
}

type ReadDatabase = fn(&Path, &mut ListHead, &ReadOptions, &mut Sink<'_>) -> Result<(), Fault>;

/// Readers of streams, the surest first: a list goes to the first that recognises it.
const STREAMS: &[StreamReader] = &[
    StreamReader { kind: ListKind::Vics, recognises: vics::recognises, read: vics::read_vics },
    StreamReader { kind: ListKind::EncaseHash, recognises: encase::recognises, read: encase::read_encase },
    StreamReader { kind: ListKind::Hashdeep, recognises: hashdeep::recognises, read: hashdeep::read_hashdeep },
    StreamReader { kind: ListKind::NsrlText, recognises: nsrl_text::recognises, read: nsrl_text::read_nsrl_text },
    StreamReader { kind: ListKind::HashKeeper, recognises: hashkeeper::recognises, read: hashkeeper::read_hashkeeper },
    StreamReader { kind: ListKind::Icse, recognises: icse::recognises, read: icse::read_icse },
    StreamReader { kind: ListKind::HashTable, recognises: table::recognises, read: table::read_table },
    StreamReader { kind: ListKind::NsrlSqlite, recognises: nsrl_sqlite::is_delta, read: nsrl_sqlite::refuse_delta },
    StreamReader { kind: ListKind::ChecksumList, recognises: checksums::recognises, read: checksums::read_checksums },
];

/// Readers of databases.
const DATABASES: &[DatabaseReader] = &[
    DatabaseReader {
        kind: ListKind::NsrlSqlite,
        recognises: nsrl_sqlite::recognises,
        read: nsrl_sqlite::read_nsrl_sqlite,
    },
    DatabaseReader { kind: ListKind::AutopsyKdb, recognises: kdb::recognises, read: kdb::read_kdb },
];

/// Finds the reader of a stream by its first bytes.
pub(crate) fn stream(first: &[u8]) -> Option<&'static StreamReader> {
    STREAMS.iter().find(|reader| (reader.recognises)(first))
}

/// Finds the reader of a database.
pub(crate) fn database(path: &Path) -> Option<&'static DatabaseReader> {
    DATABASES.iter().find(|reader| (reader.recognises)(path))
}

/// Tells whether the first bytes are those of an SQLite database.
pub(crate) fn is_database(first: &[u8]) -> bool {
    first.starts_with(SQLITE)
}

/// Says what can be read, and, where the first bytes tell, what this is instead.
pub(crate) fn hint(first: &[u8]) -> String {
    const READ: &str = "Zeef reads VICS hash sets (JSON), ICSE lists (CSV), NSRL (RDSv3 SQLite, RDSv2 text), hashdeep \
        lists, lists of md5sum, sha1sum and sha256sum, Autopsy hash databases (kdb), EnCase hash libraries (.hash), \
        HashKeeper lists and tables (CSV) with a column named MD5, SHA1, SHA256 or Hash, each also packed by gzip or zip unless it is a database";
    match instead(first) {
        Some(this) => format!("this is {this}. {READ}"),
        None => READ.to_owned(),
    }
}

fn instead(first: &[u8]) -> Option<&'static str> {
    const OTHERS: &[(&[u8], &str)] = &[
        (b"\xFF\xD8\xFF", "a picture (JPEG)"),
        (b"\x89PNG\r\n\x1a\n", "a picture (PNG)"),
        (b"GIF8", "a picture (GIF)"),
        (b"%PDF-", "a PDF document"),
        (b"7z\xBC\xAF\x27\x1C", "a 7z archive: unpack it first"),
        (b"Rar!\x1a\x07", "a RAR archive: unpack it first"),
        (b"\xFD7zXZ\0", "packed by xz: unpack it first"),
        (b"BZh", "packed by bzip2: unpack it first"),
        (b"\x28\xB5\x2F\xFD", "packed by zstd: unpack it first"),
        (b"\x1f\x8b", "packed by gzip twice: unpack it once"),
        (b"PK\x03\x04", "a zip archive in an archive: unpack it once"),
        (SQLITE, "an SQLite database with tables of another program, or one that has to be unpacked first"),
    ];
    if first.is_empty() {
        return Some("an empty file");
    }
    OTHERS
        .iter()
        .find(|(magic, _)| first.starts_with(magic))
        .map(|(_, name)| *name)
        .or_else(|| nsrl_text::instead(first))
        .or_else(|| xml(first))
}

/// Names the lists in XML that are known and not read.
fn xml(first: &[u8]) -> Option<&'static str> {
    let text = first.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(first).trim_ascii_start();
    let has = |word: &[u8]| text.windows(word.len()).any(|window| window == word);
    match text {
        _ if !text.starts_with(b"<") => None,
        _ if has(b"<dfxml") => Some("DFXML: make the list again with hashdeep or md5deep, without -d"),
        _ if has(b"<ReportIndex") => Some("a report of C4All (XML), which is a case and no hash set"),
        _ => Some("XML, which no list that Zeef reads is written in"),
    }
}

#[cfg(test)]
mod tests;
