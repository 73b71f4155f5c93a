//! Reads NSRL RDSv3: a SQLite database with one row for each file of each product.
//!
//! Minimal editions have the table `FILE(sha256, sha1, md5, crc32, file_name, file_size, package_id)` and the view
//! `DISTINCT_HASH`; in full editions `FILE` is a view over `METADATA`; some builds have only some of the columns, so those
//! that are there are read. Hex is upper-case. Deltas are SQL scripts and are refused by name.
//! Form: schema scripts that NIST publishes with RDSv3.
//!
//! NSRL means *known software*, not *harmless*: a person can leave products out, by package id, by name, or by kind of
//! application (`Hacker Tool`). A file that another product has too stays in, as that product's.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::ops::ControlFlow;
use std::path::Path;

use rusqlite::Row;
use rusqlite::types::ValueRef;

use domain::{DigestKind, Entry, EntryId, EntryRefusal, UtcTime};

use crate::lines::first_lines;
use crate::row::{self, RowDigests};
use crate::sqlite::{self, Foreign, PRODUCTS_MAX};
use crate::{Fault, ListHead, ListKind, ReadOptions, Sink};

/// Most rows of the table `VERSION` that are looked at.
const VERSIONS_MAX: usize = 1000;
/// How much of a line is looked at to recognise a statement, in bytes.
const STATEMENT_BYTES: usize = 100;
/// Longest text that is taken over from the database, in bytes.
const NOTE_BYTES_MAX: usize = 200;

/// Tells whether the tables are those of RDSv3.
pub(crate) fn recognises(path: &Path) -> bool {
    sqlite::is_kind(path, ListKind::NsrlSqlite)
}

/// Tells whether the bytes are those of a delta: SQL statements that change the table `FILE` of a full release.
pub(crate) fn is_delta(first_bytes: &[u8]) -> bool {
    const VERBS: [&str; 5] =
        ["insert into", "insert or replace into", "insert or ignore into", "delete from", "update"];
    const TABLES: [&str; 5] = ["file", "metadata", "package_object", "pkg", "version"];
    // The last line may be cut by whoever took the first bytes; that does no harm here.
    first_lines(first_bytes).any(|line| {
        let start = &line[..line.len().min(STATEMENT_BYTES)];
        let text = String::from_utf8_lossy(start).to_ascii_lowercase().replace(['"', '`', '[', ']'], "");
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        VERBS.iter().filter_map(|verb| words.strip_prefix(verb)?.strip_prefix(' ')).any(|rest| {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
            TABLES.contains(&&rest[..end])
        })
    })
}

/// Refuses a delta, with what to do.
pub(crate) fn refuse_delta(
    _input: &mut dyn BufRead,
    _head: &mut ListHead,
    _options: &ReadOptions,
    _sink: &mut Sink<'_>,
) -> Result<(), Fault> {
    let hint = "Apply it to the full release with the program sqlite3, then import the database";
    let what = "this is a delta of NSRL RDSv3: SQL statements that change a full release, not a list";
    Err(Fault::invalid(0, what, hint))
}

/// Reads a database to its end or until the sink has enough.
pub(crate) fn read_nsrl_sqlite(
    path: &Path,
    head: &mut ListHead,
    options: &ReadOptions,
    sink: &mut Sink<'_>,
) -> Result<(), Fault> {
    let database = Foreign::open(path)?;
    database.check()?;
    read_version(&database, head)?;
    let mut columns = Columns::find(&database)?;
    columns.excluded = excluded(&database, &columns, &options.exclude_products)?;
    let names: Vec<&str> = columns.names.iter().map(String::as_str).collect();
    let mut excluded = std::mem::take(&mut columns.excluded);
    database.rows(columns.table, &names, &mut |row| Ok(sink.row(columns.entry(row, sink.next_id(), &mut excluded))))?;
    let unmet = excluded.values().filter(|met| **met == 0).count();
    if unmet > 0 {
        (0..unmet).for_each(|_| sink.remark("product that was to be left out and has no row"));
    }
    Ok(())
}

struct Columns {
    table: &'static str,
    names: Vec<String>,
    digests: Vec<(DigestKind, usize)>,
    size: Option<usize>,
    package: Option<usize>,
    /// Packages that are left out, and how many rows each had.
    excluded: BTreeMap<i64, u64>,
}

impl Columns {
    /// Finds where the digests stand: in `FILE`, which has sizes and products, or else in `DISTINCT_HASH`.
    fn find(database: &Foreign) -> Result<Self, Fault> {
        for table in ["FILE", "DISTINCT_HASH"] {
            let present = database.columns(table)?.unwrap_or_default();
            let mut this = Self {
                table,
                names: Vec::new(),
                digests: Vec::new(),
                size: None,
                package: None,
                excluded: BTreeMap::new(),
            };
            let mut take = |name: &str| {
                present.iter().any(|column| column == name).then(|| {
                    this.names.push(name.to_owned());
                    this.names.len() - 1
                })
            };
            let digests = [(DigestKind::Sha256, "sha256"), (DigestKind::Sha1, "sha1"), (DigestKind::Md5, "md5")]
                .map(|(kind, name)| take(name).map(|place| (kind, place)));
            (this.size, this.package) = (take("file_size"), take("package_id"));
            this.digests = digests.into_iter().flatten().collect();
            if !this.digests.is_empty() {
                return Ok(this);
            }
        }
        Err(Fault::invalid(0, "no table `FILE` with sha256, sha1 or md5", "This is no RDSv3; ask its sender"))
    }

    fn entry(&self, row: &Row<'_>, id: EntryId, excluded: &mut BTreeMap<i64, u64>) -> Result<Entry, EntryRefusal> {
        let cell = |place| row.get_ref(place).unwrap_or(ValueRef::Null);
        let mut digests = RowDigests::default();
        for (kind, place) in &self.digests {
            sqlite::digest(&mut digests, *kind, cell(*place));
        }
        let size = match self.size.map(cell) {
            None | Some(ValueRef::Null) => None,
            Some(ValueRef::Integer(size)) => Some(u64::try_from(size).map_err(|_| EntryRefusal::NoNumber)?),
            Some(ValueRef::Text(text)) => row::size(text)?,
            Some(_) => return Err(EntryRefusal::NoNumber),
        };
        let entry = digests.entry(id, size)?;
        if let Some(ValueRef::Integer(package)) = self.package.map(cell)
            && let Some(met) = excluded.get_mut(&package)
        {
            *met += 1;
            return Err(EntryRefusal::ExcludedProduct);
        }
        Ok(entry)
    }
}

/// Finds the ids of the packages that a person leaves out, each named by its id, its name or its kind of application.
///
/// What names nothing is an error and not a remark: a hacking tool must not stay in a good set for a slip of the pen.
fn excluded(database: &Foreign, columns: &Columns, wanted: &[String]) -> Result<BTreeMap<i64, u64>, Fault> {
    let mut ids = BTreeMap::new();
    let mut names = BTreeMap::new();
    for name in wanted.iter().map(|name| name.trim()) {
        match name.parse::<i64>() {
            Ok(id) => drop(ids.insert(id, 0)),
            Err(_) => drop(names.insert(name.to_lowercase(), 0u64)),
        }
    }
    if !wanted.is_empty() && columns.package.is_none() {
        let what = "products were to be left out, and this edition does not say which product a file is of";
        return Err(Fault::invalid(0, what, "Import an edition that has the column package_id"));
    }
    if names.is_empty() {
        return Ok(ids);
    }
    let Some((table, present)) = product_table(database)? else {
        let what = "products were to be left out by name, and this edition has no table of products";
        return Err(Fault::invalid(0, what, "Give the package_id of each product"));
    };
    let mut seen = 0;
    database.rows(table, &present, &mut |row| {
        seen += 1;
        if seen > PRODUCTS_MAX {
            return Err(Fault::Limit(format!("the database has more than {PRODUCTS_MAX} products")));
        }
        let Ok(ValueRef::Integer(id)) = row.get_ref(0) else { return Ok(ControlFlow::Continue(())) };
        for place in 1..present.len() {
            let Ok(ValueRef::Text(text)) = row.get_ref(place) else { continue };
            if let Some(met) = names.get_mut(&String::from_utf8_lossy(text).trim().to_lowercase()) {
                *met += 1;
                ids.insert(id, 0);
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    match names.values().filter(|met| **met == 0).count() {
        0 => Ok(ids),
        unknown => {
            let what = format!("{unknown} of the products that were to be left out are not in this list");
            Err(Fault::invalid(0, what, "Look their names up in the table PKG, or give their package_id"))
        }
    }
}

/// Finds the table of products: `PKG` of the minimal editions, `APPLICATION` of the full ones (there `PKG` is a view that
/// joins seven tables).
fn product_table(database: &Foreign) -> Result<Option<(&'static str, Vec<&'static str>)>, Fault> {
    for table in ["PKG", "APPLICATION"] {
        if !database.has_table(table) {
            continue;
        }
        let columns = database.columns(table)?.unwrap_or_default();
        let has = |name: &&str| columns.iter().any(|column| column == *name);
        let present: Vec<&str> = ["package_id", "name", "application_type"].into_iter().filter(has).collect();
        if present.starts_with(&["package_id", "name"]) {
            return Ok(Some((table, present)));
        }
    }
    Ok(None)
}

/// Reads which release it is, where the database says so. NIST writes its dates in UTC and without a zone.
fn read_version(database: &Foreign, head: &mut ListHead) -> Result<(), Fault> {
    let columns = database.columns("VERSION")?.unwrap_or_default();
    if !["version", "release_date"].iter().all(|name| columns.iter().any(|column| column == name)) {
        return Ok(());
    }
    let mut releases = Vec::new();
    database.rows("VERSION", &["release_date", "version"], &mut |row| {
        if let (Ok(date), Ok(version)) = (row.get::<_, String>(0), row.get::<_, String>(1))
            && date.len().max(version.len()) <= NOTE_BYTES_MAX
        {
            releases.push((date, version));
        }
        Ok(if releases.len() < VERSIONS_MAX { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    if let Some((date, version)) = releases.into_iter().max() {
        head.published = UtcTime::parse(&format!("{}T00:00:00Z", date.get(..10).unwrap_or_default()));
        head.version = Some(domain::SourcePath(version.into_bytes()).shown());
        head.note(format!("Release date in the file: {}", domain::SourcePath(date.into_bytes()).shown()));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
