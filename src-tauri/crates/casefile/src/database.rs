//! Opening the two encrypted files as one connection, so that each is proven to be readable with its key.
//!
//! What is assumed: SQLite's WAL makes a transaction in *one* file atomic and, with `synchronous=FULL`, durable. A
//! transaction over two attached files in WAL mode is not atomic over both, so none is made; see `writing`.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rusqlite::{Connection, OpenFlags, types::Value};
use zeroize::Zeroizing;

use crate::error::{CasePart, damaged};
use crate::keys::CaseKey;
use crate::{CasefileError, Result, disk};

/// SQLite 3.51.3: older ones can lose a reset of the WAL.
const SQLITE_VERSION_MIN: i32 = 3_051_003;
/// Time for which a connection waits for another one's short lock.
const BUSY_MS: u64 = 10_000;
/// Size to which the WAL is cut back after a large transaction.
const WAL_BYTES_KEPT: u64 = 64 << 20;
/// Prepared statements that a connection keeps.
const STATEMENTS_MAX: usize = 64;

/// Tells what a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The one that writes.
    Write,
    /// One of those that read.
    Read,
}

/// Refuses to work with a library that is too old or that would write plain text.
pub(crate) fn check_library() -> Result<()> {
    let unfit = || CasefileError::UnfitLibrary { found: rusqlite::version().to_owned() };
    if rusqlite::version_number() < SQLITE_VERSION_MIN {
        return Err(unfit());
    }
    let db = Connection::open_in_memory()?;
    // SQLCipher writes to stderr when a page does not decrypt. A library speaks through its results alone.
    db.execute_batch("PRAGMA cipher_log_level = NONE")?;
    let cipher: Result<String, _> = db.query_row("PRAGMA cipher_version", [], |row| row.get(0));
    if cipher.is_ok_and(|version| !version.is_empty()) { Ok(()) } else { Err(unfit()) }
}

/// Tells by what cases are encrypted: name and version of the library, once it has proven to be fit.
pub fn library_version() -> Result<String> {
    check_library()?;
    let cipher: String = Connection::open_in_memory()?.query_row("PRAGMA cipher_version", [], |row| row.get(0))?;
    Ok(format!("SQLCipher {cipher}, SQLite {}", rusqlite::version()))
}

/// Opens both files of a case; both exist.
pub(crate) fn connect(dir: &Path, key: &CaseKey, purpose: Purpose) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = Connection::open_with_flags(dir.join(disk::GROUND), flags)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    match prepare(&mut db, dir, key, purpose) {
        Ok(()) => Ok(db),
        Err(error) => Err(explain(&db, error)),
    }
}

fn prepare(db: &mut Connection, dir: &Path, key: &CaseKey, purpose: Purpose) -> Result<()> {
    give_key(db, &key.database_key(CasePart::Ground))?;
    prove(db, "main", CasePart::Ground)?;
    attach(db, &dir.join(disk::DERIVED), &key.database_key(CasePart::Derived))?;
    prove(db, "derived", CasePart::Derived)?;
    settings(db, purpose)
}

/// Opens an encrypted file that stands alone; it exists.
pub(crate) fn connect_alone(path: &Path, key: &str) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = Connection::open_with_flags(path, flags)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    match prepare_alone(&mut db, key) {
        Ok(()) => Ok(db),
        Err(error) => Err(explain(&db, error)),
    }
}

fn prepare_alone(db: &mut Connection, key: &str) -> Result<()> {
    give_key(db, key)?;
    prove(db, "main", CasePart::Index)?;
    db.busy_timeout(std::time::Duration::from_millis(BUSY_MS))?;
    db.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    let mode: String = db.query_row("PRAGMA main.journal_mode = WAL", [], |row| row.get(0))?;
    assert!(mode == "wal", "without the WAL, readers would wait for whoever writes");
    db.execute_batch(&format!(
        "PRAGMA synchronous = FULL; PRAGMA mmap_size = 0; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;
         PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON; PRAGMA cell_size_check = ON;
         PRAGMA journal_size_limit = {WAL_BYTES_KEPT}; PRAGMA cache_size = -16384;"
    ))?;
    Ok(())
}

/// Turns an input or output error into "disk full" where that is what the system said.
pub(crate) fn explain(db: &Connection, error: CasefileError) -> CasefileError {
    const ENOSPC: i32 = 28;
    const EDQUOT: i32 = 122;
    match error {
        CasefileError::Database { code } if code & 0xff == rusqlite::ffi::SQLITE_IOERR => {
            // SAFETY: the handle belongs to an open connection that this call borrows.
            let said = unsafe { rusqlite::ffi::sqlite3_system_errno(db.handle()) };
            if matches!(said, ENOSPC | EDQUOT) { CasefileError::DiskFull } else { CasefileError::Database { code } }
        }
        other => other,
    }
}

/// Gives the key as the first statement, as SQLCipher needs it.
fn give_key(db: &Connection, key: &str) -> Result<()> {
    let statement = Zeroizing::new(format!("PRAGMA key = \"{key}\""));
    db.execute_batch(&statement)?;
    Ok(())
}

/// Attaches the derived file. Path and key are bound, so that neither can appear in a statement's text.
fn attach(db: &Connection, path: &Path, key: &str) -> Result<()> {
    // SQLite takes the bytes of a BLOB as the name, whatever their encoding.
    let path = Value::Blob(path.as_os_str().as_bytes().to_vec());
    db.execute("ATTACH DATABASE ?1 AS derived KEY ?2", (path, key)).map_err(|error| which(error, CasePart::Derived))?;
    Ok(())
}

/// Reads the first page, which only the right key decrypts.
fn prove(db: &Connection, schema: &str, part: CasePart) -> Result<()> {
    db.query_row(&format!("SELECT count(*) FROM {schema}.sqlite_master"), [], |row| row.get::<_, i64>(0))
        .map_err(|error| which(error, part))?;
    Ok(())
}

fn which(error: rusqlite::Error, part: CasePart) -> CasefileError {
    match CasefileError::from(error) {
        CasefileError::Damaged { .. } => damaged(part),
        other => other,
    }
}

fn settings(db: &mut Connection, purpose: Purpose) -> Result<()> {
    db.busy_timeout(std::time::Duration::from_millis(BUSY_MS))?;
    db.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    let mode: String = db.query_row("PRAGMA main.journal_mode = WAL", [], |row| row.get(0))?;
    let derived: String = db.query_row("PRAGMA derived.journal_mode = WAL", [], |row| row.get(0))?;
    assert!(mode == "wal" && derived == "wal", "without the WAL, readers and the crash rules would not hold");
    // Memory security would wipe and pin every page and row that SQLite allocates; it costs a multiple of the time of
    // a load, and the decoded rows live in this process's memory anyway. The keys of this crate are wiped.
    let mut set = format!(
        "PRAGMA main.synchronous = FULL; PRAGMA derived.synchronous = FULL;
         PRAGMA main.mmap_size = 0; PRAGMA derived.mmap_size = 0;
         PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;
         PRAGMA secure_delete = ON; PRAGMA cell_size_check = ON;
         PRAGMA main.journal_size_limit = {WAL_BYTES_KEPT}; PRAGMA derived.journal_size_limit = {WAL_BYTES_KEPT};
         PRAGMA main.cache_size = -16384; PRAGMA derived.cache_size = -16384;"
    );
    if purpose == Purpose::Read {
        set.push_str("PRAGMA query_only = ON;");
    }
    // Some of these answer a row, which a batch ignores.
    db.execute_batch(&set)?;
    Ok(())
}

/// Makes both files of a new case, or the derived one alone, empty but encrypted and in WAL mode.
pub(crate) fn make_files(dir: &Path) -> Result<()> {
    disk::make_private(&dir.join(disk::GROUND))?;
    disk::make_private(&dir.join(disk::DERIVED))?;
    disk::sync_dir(dir)
}
