//! Opens lists that *are* SQLite databases: NSRL RDSv3 and Autopsy's kdb.
//!
//! The house promises that only `casefile` speaks SQL. This is the one exception, and it is documented here: somebody
//! else's list in SQLite's form can only be read through SQLite. It is read, never written: the file is opened read-only
//! and as immutable, so nothing is locked and nothing appears beside it.
//!
//! The file is hostile. Its schema may hold views that never end, virtual tables, functions with effects, and pages that
//! point into each other. So: only plain tables and views over them are read (an authorizer refuses the rest), a plan may
//! scan and search and nothing else (no temporary trees, no recursion), the work is limited by the length of the file and
//! not by a clock, and the structure of every page is checked before the first row is believed.
//! Advice followed: SQLite's "Defense Against The Dark Arts".

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, Row, ffi};

use domain::{DigestKind, EntryRefusal};

use crate::row::RowDigests;
use crate::{Fault, HINT_CUT, ListKind};

/// First bytes of every SQLite database.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Work that a file of no bytes may cost, in instructions of SQLite's machine (about a second).
const STEPS_FLOOR: u64 = 50_000_000;
/// Work that each byte may cost. A row of NSRL has 100 bytes and more and costs about 20 instructions, checks included.
const STEPS_PER_BYTE: u64 = 8;
/// Instructions between two looks at the work done.
const STEPS_AT_ONCE: u64 = 10_000;
/// Most tables, views and indexes that a list may have.
const OBJECTS_MAX: usize = 500;
/// Longest value, row or statement in bytes.
const VALUE_BYTES_MAX: i32 = 1 << 20;
/// Memory for pages, in KiB.
const CACHE_KIB: u64 = 16 << 10;
/// Most products that are gone through when some are left out.
pub(crate) const PRODUCTS_MAX: u64 = 10_000_000;

const HEADER_BYTES: usize = 100;
/// Where the names of tables are looked for when a database cannot be opened: its first page has 64 KiB at most.
const FIRST_BYTES: u64 = 64 << 10;
const HINT_DAMAGED: &str = "The file is damaged: fetch it again, or ask its sender for a whole copy";
const HINT_STRANGE: &str = "This is no list as its producer makes it; ask its sender";

/// Tells whether a SQLite database is this kind of list.
///
/// A database that cannot be opened is the kind whose names stand in its first bytes, so that its reader can say what is
/// wrong with it and where.
pub(crate) fn is_kind(path: &Path, kind: ListKind) -> bool {
    match kind_of(path) {
        Ok(found) => found == Some(kind),
        Err(_) => first_bytes(path).is_ok_and(|first| kind_by_names(&first) == Some(kind)),
    }
}

fn kind_by_names(first: &[u8]) -> Option<ListKind> {
    let text = first.to_ascii_lowercase();
    let has = |name: &[u8]| text.windows(name.len()).any(|window| window == name);
    if has(b"package_id") || has(b"distinct_hash") {
        return Some(ListKind::NsrlSqlite);
    }
    (has(b"hashes") && has(b"md5")).then_some(ListKind::AutopsyKdb)
}

#[expect(clippy::disallowed_methods, reason = "a list that a person chose to import, not case media")]
fn first_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut first = Vec::new();
    File::open(path)?.take(FIRST_BYTES).read_to_end(&mut first)?;
    Ok(first)
}

/// Tells which list a SQLite database is, if any; looks at the names of tables and columns alone.
fn kind_of(path: &Path) -> Result<Option<ListKind>, Fault> {
    let database = Foreign::open(path)?;
    let file = database.columns("FILE")?;
    let distinct = database.columns("DISTINCT_HASH")?;
    let has = |columns: &Option<Vec<String>>, name: &str| columns.iter().flatten().any(|column| column == name);
    let digest = |columns: &Option<Vec<String>>| ["sha256", "sha1", "md5"].iter().any(|name| has(columns, name));
    if digest(&distinct) || (digest(&file) && has(&file, "package_id")) {
        return Ok(Some(ListKind::NsrlSqlite));
    }
    let kdb = has(&database.columns("hashes")?, "md5");
    Ok(kdb.then_some(ListKind::AutopsyKdb))
}

/// Holds somebody else's database, open for reading.
pub(crate) struct Foreign {
    connection: Connection,
    page_bytes: u64,
    tables: BTreeSet<String>,
    views: BTreeSet<String>,
    has_virtual: bool,
}

impl Foreign {
    /// Opens the file without believing it.
    pub(crate) fn open(path: &Path) -> Result<Self, Fault> {
        let header = Header::read(path)?;
        refuse_companions(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(uri(path), flags).map_err(|error| fault(&error, 0))?;
        let (tables, views) = (BTreeSet::new(), BTreeSet::new());
        let mut this = Self { connection, page_bytes: header.page_bytes, tables, views, has_virtual: false };
        this.confine(header.file_bytes).map_err(|error| fault(&error, 0))?;
        this.read_schema()?;
        this.authorize().map_err(|error| fault(&error, 0))?;
        Ok(this)
    }

    /// Walks every page, so that a damaged file is refused before its first row is taken.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        if self.has_virtual {
            return Err(Fault::invalid(0, "the database has a virtual table", HINT_STRANGE));
        }
        match self.damage() {
            Ok(None) => Ok(()),
            Ok(Some(page)) => {
                let offset = page.saturating_sub(1).saturating_mul(self.page_bytes);
                Err(Fault::invalid(offset, "the database is damaged", HINT_DAMAGED))
            }
            Err(error) => Err(fault(&error, 0)),
        }
    }

    /// Gives the names of the columns of a table or view in lower case, or nothing where there is none of that name.
    pub(crate) fn columns(&self, name: &str) -> Result<Option<Vec<String>>, Fault> {
        let known = |names: &BTreeSet<String>| names.iter().any(|other| other.eq_ignore_ascii_case(name));
        if !known(&self.tables) && !known(&self.views) {
            return Ok(None);
        }
        let statement =
            self.connection.prepare(&format!("SELECT * FROM \"{name}\"")).map_err(|error| fault(&error, 0))?;
        Ok(Some(statement.column_names().map(|column| column.to_ascii_lowercase()).collect()))
    }

    /// Tells whether there is a table of that name (and not a view).
    pub(crate) fn has_table(&self, name: &str) -> bool {
        self.tables.iter().any(|other| other.eq_ignore_ascii_case(name))
    }

    /// Reads `columns` of each row of a table or view, in the order of storage, until `each` has enough.
    pub(crate) fn rows(
        &self,
        name: &str,
        columns: &[&str],
        each: &mut dyn FnMut(&Row<'_>) -> Result<ControlFlow<()>, Fault>,
    ) -> Result<(), Fault> {
        let list: Vec<String> = columns.iter().map(|column| format!("\"{column}\"")).collect();
        // An index that has all the columns would give another order, and so other numbers to the records.
        let order = if self.has_table(name) { " NOT INDEXED" } else { "" };
        let sql = format!("SELECT {} FROM \"{name}\"{order}", list.join(", "));
        let failed = |error: rusqlite::Error| self.fault(&error);
        self.refuse_plan(&sql)?;
        let mut statement = self.connection.prepare(&sql).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            if each(row)? == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(())
    }

    fn confine(&mut self, file_bytes: u64) -> rusqlite::Result<()> {
        let connection = &mut self.connection;
        for (setting, on) in [
            (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
            (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
            (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        ] {
            connection.set_db_config(setting, on)?;
        }
        for (limit, value) in [
            (Limit::SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX),
            (Limit::SQLITE_LIMIT_SQL_LENGTH, VALUE_BYTES_MAX),
            (Limit::SQLITE_LIMIT_COLUMN, 200),
            (Limit::SQLITE_LIMIT_EXPR_DEPTH, 50),
            (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 10),
            (Limit::SQLITE_LIMIT_VDBE_OP, 25_000),
            (Limit::SQLITE_LIMIT_FUNCTION_ARG, 8),
            (Limit::SQLITE_LIMIT_ATTACHED, 0),
            (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 8),
            (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
        ] {
            connection.set_limit(limit, value)?;
        }
        let mut left = STEPS_FLOOR.saturating_add(file_bytes.saturating_mul(STEPS_PER_BYTE)) / STEPS_AT_ONCE;
        connection.progress_handler(
            STEPS_AT_ONCE as i32,
            Some(move || {
                left = left.saturating_sub(1);
                left == 0
            }),
        )?;
        connection.execute_batch(&format!(
            "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;
             PRAGMA automatic_index = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -{CACHE_KIB};
             PRAGMA ignore_check_constraints = ON;"
        ))
    }

    /// Notes the tables and views. A virtual table is code of SQLite's that the file chose, so none is ever opened.
    fn read_schema(&mut self) -> Result<(), Fault> {
        let failed = |error: rusqlite::Error| fault(&error, 0);
        let mut statement =
            self.connection.prepare("SELECT type, name, rootpage FROM sqlite_schema").map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        let mut count = 0;
        while let Some(row) = rows.next().map_err(failed)? {
            count += 1;
            if count > OBJECTS_MAX {
                return Err(Fault::Limit(format!("the database has more than {OBJECTS_MAX} tables and indexes")));
            }
            let (Ok(kind), Ok(name)) = (row.get::<_, String>(0), row.get::<_, String>(1)) else { continue };
            match kind.as_str() {
                "table" if matches!(row.get_ref(2), Ok(ValueRef::Integer(page)) if page > 0) => {
                    self.tables.insert(name);
                }
                "table" => self.has_virtual = true,
                "view" => {
                    self.views.insert(name);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Allows reading the tables and views that were noted, the functions that NSRL's own views use, and the check.
    fn authorize(&mut self) -> rusqlite::Result<()> {
        // The last three stand in NSRL's own tables, as what a new row would have.
        const FUNCTIONS: [&str; 7] =
            ["upper", "lower", "ifnull", "coalesce", "current_timestamp", "current_date", "current_time"];
        let names: BTreeSet<String> = self.tables.union(&self.views).map(|name| name.to_ascii_lowercase()).collect();
        self.connection.authorizer(Some(move |context: AuthContext<'_>| {
            let allowed = match context.action {
                AuthAction::Select => true,
                AuthAction::Read { table_name, .. } => names.contains(&table_name.to_ascii_lowercase()),
                AuthAction::Function { function_name } => {
                    FUNCTIONS.iter().any(|name| name.eq_ignore_ascii_case(function_name))
                }
                AuthAction::Pragma { pragma_name, .. } => pragma_name == "quick_check",
                _ => false,
            };
            if allowed { Authorization::Allow } else { Authorization::Deny }
        }))
    }

    /// Refuses a statement that would do more than walk through tables: sort, remember or build on the side.
    fn refuse_plan(&self, sql: &str) -> Result<(), Fault> {
        let failed = |error: rusqlite::Error| self.fault(&error);
        let mut statement = self.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let step: String = row.get(3).map_err(failed)?;
            if !(step.starts_with("SCAN ") || step.starts_with("SEARCH ")) {
                let what = "a view of the database needs more than to walk through its tables";
                return Err(Fault::invalid(0, what, HINT_STRANGE));
            }
        }
        Ok(())
    }

    fn fault(&self, error: &rusqlite::Error) -> Fault {
        let damaged = !self.has_virtual && error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt);
        let page = if damaged { self.damage().ok().flatten().unwrap_or(1) } else { 1 };
        fault(error, page.saturating_sub(1).saturating_mul(self.page_bytes))
    }

    /// Gives the number of a damaged page, 1 when it cannot be told, or nothing when all pages are sound.
    fn damage(&self) -> rusqlite::Result<Option<u64>> {
        let said: String = self.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        Ok((said != "ok").then(|| page_in(&said).unwrap_or(1)))
    }
}

/// Finds the number of a page in what SQLite's check says, e.g. `Tree 4 page 7 cell 0: ...`.
fn page_in(said: &str) -> Option<u64> {
    let said = said.to_ascii_lowercase();
    let after = &said[said.find("page ")? + "page ".len()..];
    after.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn fault(error: &rusqlite::Error, offset: u64) -> Fault {
    let rusqlite::Error::SqliteFailure(ffi::Error { code, extended_code }, _) = error else {
        return Fault::invalid(offset, "the database cannot be read", HINT_STRANGE);
    };
    // SQLite's own words for the code; its message could quote the file.
    let said = ffi::code_to_str(*extended_code);
    match code {
        ErrorCode::OperationInterrupted => {
            Fault::Limit("reading the database takes more work than its size explains".to_owned())
        }
        ErrorCode::TooBig => Fault::Limit(format!("a value has more than {VALUE_BYTES_MAX} bytes")),
        ErrorCode::SystemIoFailure if *extended_code != ffi::SQLITE_IOERR_SHORT_READ => {
            Fault::Io(io::Error::other(said))
        }
        ErrorCode::CannotOpen | ErrorCode::OutOfMemory => Fault::Io(io::Error::other(said)),
        _ if matches!(*extended_code, ffi::SQLITE_AUTH | ffi::SQLITE_ERROR) => {
            Fault::invalid(offset, "a table or view of the database does what no list needs", HINT_STRANGE)
        }
        _ => Fault::invalid(offset, format!("the database is damaged: {said}"), HINT_DAMAGED),
    }
}

/// Takes a cell of a digest: text of hex digits, or bytes.
///
/// A column that was declared without a type for text turns hex of decimal digits alone into a number; the digits are
/// lost then, so the row is refused.
pub(crate) fn digest(digests: &mut RowDigests, kind: DigestKind, cell: ValueRef<'_>) {
    let bytes_of_kind = match kind {
        DigestKind::Md5 => 16,
        DigestKind::Sha1 => 20,
        DigestKind::Sha256 => 32,
    };
    match cell {
        ValueRef::Null => {}
        ValueRef::Text(hex) => digests.hex(kind, hex),
        ValueRef::Blob(bytes) if bytes.len() == bytes_of_kind => digests.bytes(kind, bytes),
        ValueRef::Blob(hex) => digests.hex(kind, hex),
        ValueRef::Integer(_) | ValueRef::Real(_) => {
            digests.refuse(EntryRefusal::DigestAsNumber);
        }
    }
}

/// What the first bytes of the file say.
struct Header {
    page_bytes: u64,
    file_bytes: u64,
}

impl Header {
    /// Reads the header and refuses a file that is shorter than it says (SQLite's file format, section 1.3).
    #[expect(clippy::disallowed_methods, reason = "a list that a person chose to import, not case media")]
    fn read(path: &Path) -> Result<Self, Fault> {
        let file = File::open(path)?;
        let file_bytes = file.metadata()?.len();
        let mut header = Vec::with_capacity(HEADER_BYTES);
        file.take(HEADER_BYTES as u64).read_to_end(&mut header)?;
        if !header.starts_with(MAGIC) {
            return Err(Fault::invalid(0, "the file does not start as a SQLite database", HINT_DAMAGED));
        }
        if header.len() < HEADER_BYTES {
            return Err(Fault::invalid(file_bytes, "the database ends inside its header", HINT_CUT));
        }
        let number = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        let page_bytes = match u64::from(number(16) >> 16) {
            1 => 65_536,
            other => other,
        };
        if !(512..=65_536).contains(&page_bytes) || !page_bytes.is_power_of_two() {
            return Err(Fault::invalid(16, format!("the size of a page cannot be {page_bytes} bytes"), HINT_DAMAGED));
        }
        // Old writers leave the count of pages stale; SQLite then goes by the length of the file.
        let pages = if number(24) == number(92) { u64::from(number(28)) } else { 0 };
        if file_bytes < pages * page_bytes || (pages == 0 && file_bytes % page_bytes != 0) {
            let what = format!("the database has {file_bytes} bytes of {}", pages * page_bytes);
            return Err(Fault::invalid(file_bytes, what, HINT_CUT));
        }
        Ok(Self { page_bytes, file_bytes })
    }
}

/// Refuses a database whose last changes lie in a file beside it, where an immutable reader does not look.
fn refuse_companions(path: &Path) -> Result<(), Fault> {
    for suffix in ["-wal", "-journal"] {
        let mut beside = path.as_os_str().to_owned();
        beside.push(suffix);
        if fs::metadata(PathBuf::from(beside)).is_ok_and(|found| found.len() > 0) {
            let what = format!("a file that ends in `{suffix}` lies beside it, so the last changes are not in it");
            return Err(Fault::invalid(0, what, "Open and close it once with the program that made it"));
        }
    }
    Ok(())
}

/// Makes the address that opens `path` as it lies there, without locks; every byte but the plainest is escaped.
fn uri(path: &Path) -> String {
    let mut uri = String::from("file:");
    // Two slashes at the start would name a host.
    if path.is_relative() {
        uri.push_str("./");
    }
    let bytes = path.as_os_str().as_bytes();
    let slashes = bytes.iter().take_while(|byte| **byte == b'/').count();
    for byte in &bytes[slashes.saturating_sub(1)..] {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' => uri.push(*byte as char),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri.push_str("?mode=ro&immutable=1");
    uri
}

#[cfg(test)]
mod tests;
