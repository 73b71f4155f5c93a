//! Making and opening a case, and the two ways into it: reading, and the one writer.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{UserName, UtcTime};
use rusqlite::{Connection, OptionalExtension};
use serde_json::json;

use crate::database::{self, Purpose};
use crate::disk::{self, Patience, WriterLock};
use crate::error::{CasePart, damaged};
use crate::keys::{CaseKey, KdfCost, KeyFile};
use crate::ledger::{self, OperationKind};
use crate::model::{CaseInfo, NewCase, UserRole};
use crate::secret::{Entropy, Passphrase};
use crate::writing::{Standing, Writer, standing};
use crate::{CasefileError, Result, schema, users};

/// Connections for reading that are kept open when nobody reads.
const READERS_IDLE_MAX: usize = 8;

/// Holds an open case. Cheap to clone; every clone is the same case.
#[derive(Clone)]
pub struct CaseFile {
    pub(crate) inner: Arc<Inner>,
}

/// Fields are dropped in their order: readers, then the writer (the last connection tidies the WAL up), then the lock.
pub(crate) struct Inner {
    readers: Mutex<Vec<Connection>>,
    writer: Option<Mutex<Writer>>,
    _lock: Option<WriterLock>,
    pub dir: PathBuf,
    pub info: CaseInfo,
    pub user: UserName,
    pub role: UserRole,
    pub key: CaseKey,
}

impl CaseFile {
    /// Makes a case in a folder of its own, with `user` as its first team lead.
    ///
    /// A `create` that was killed leaves a folder that the same call finishes. `AlreadyThere` if there is a case.
    pub fn create(
        dir: &Path,
        case: &NewCase,
        user: &UserName,
        passphrase: &Passphrase,
        now: UtcTime,
        entropy: &mut dyn Entropy,
    ) -> Result<Self> {
        Self::create_with_cost(dir, case, user, passphrase, now, entropy, KdfCost::default())
    }

    /// Makes a case whose passphrases cost something else; only for tests, which would spend their time on Argon2.
    #[doc(hidden)]
    pub fn create_with_cost(
        dir: &Path,
        case: &NewCase,
        user: &UserName,
        passphrase: &Passphrase,
        now: UtcTime,
        entropy: &mut dyn Entropy,
        cost: KdfCost,
    ) -> Result<Self> {
        passphrase.strong_enough()?;
        database::check_library()?;
        room_for_a_case(dir)?;
        disk::make_dir(dir)?;
        let lock = disk::lock(dir, Patience::Some)?;
        // Again, now that nobody else can be making one here.
        room_for_a_case(dir)?;
        disk::make_private(&dir.join(disk::MAKING))?;
        disk::sync_dir(dir)?;
        disk::clear_half_made(dir)?;

        let case_id = uuid(entropy);
        let key = CaseKey::draw(entropy);
        let mut keys = KeyFile::new(&case_id, cost, entropy);
        keys.wrap(user, passphrase, &key, entropy)?;
        database::make_files(dir)?;
        let info = CaseInfo {
            number: case.number.clone(),
            unit: case.unit.clone(),
            scheme: case.scheme.clone(),
            legal_scope: case.legal_scope.clone(),
            created: now,
            created_by: user.clone(),
            case_id,
        };
        fill(dir, &key, &info, &keys)?;
        disk::write_whole(dir, disk::KEYS, &keys.to_bytes())?;
        Self::enter(dir, user, key, &keys, Some(lock), now)
    }

    /// Opens a case for work: one process at a time. The opening is an operation of the ledger.
    ///
    /// Wrong passphrase, unknown user and removed user: `AccessDenied`. Another process at work: `InUse`, after a few
    /// seconds. What a killed process left is repaired.
    pub fn open(dir: &Path, user: &UserName, passphrase: &Passphrase, now: UtcTime) -> Result<Self> {
        let (keys, key) = unlock(dir, user, passphrase)?;
        let lock = disk::lock(dir, Patience::Some)?;
        Self::enter(dir, user, key, &keys, Some(lock), now)
    }

    /// Opens a case for reading, beside a process at work. Writes no operation; every change is `ReadingOnly`.
    pub fn open_reading(dir: &Path, user: &UserName, passphrase: &Passphrase, now: UtcTime) -> Result<Self> {
        let (keys, key) = unlock(dir, user, passphrase)?;
        if irregular(dir, &key)? {
            // What a killed process left is put right first, unless somebody is at work: then it is being done there.
            if let Ok(_lock) = disk::lock(dir, Patience::None) {
                Writer::open(dir, &key)?;
            }
        }
        Self::enter(dir, user, key, &keys, None, now)
    }

    fn enter(
        dir: &Path,
        user: &UserName,
        key: CaseKey,
        keys: &KeyFile,
        lock: Option<WriterLock>,
        now: UtcTime,
    ) -> Result<Self> {
        let writer = lock.is_some().then(|| Writer::open(dir, &key)).transpose()?;
        let first = database::connect(dir, &key, Purpose::Read)?;
        schema::check_versions(&first)?;
        // Only a writer brings an older case up; where somebody else is at work in it, that has to end first.
        if schema::is_older(&first)? {
            return Err(CasefileError::InUse { dir: dir.to_owned() });
        }
        let info = about(&first)?;
        let role = users::active_role(&first, user)?.ok_or(CasefileError::AccessDenied)?;
        let inner = Inner {
            readers: Mutex::new(vec![first]),
            writer: writer.map(Mutex::new),
            _lock: lock,
            dir: dir.to_owned(),
            info,
            user: user.clone(),
            role,
            key,
        };
        let case = Self { inner: Arc::new(inner) };
        if case.inner.writer.is_some() {
            users::note_keys(&case, keys, now)?;
            case.write_whatever_the_role(|writer| {
                let case_id = writer.case_id().to_owned();
                let detail = json!({ "role": role });
                writer.ground(|db| ledger::append(db, &case_id, user, OperationKind::Opened, &detail, now))
            })?;
            case.note_loss(now)?;
        }
        Ok(case)
    }

    /// Tells which case it is.
    pub fn info(&self) -> CaseInfo {
        self.inner.info.clone()
    }

    /// Tells who opened it.
    pub fn user(&self) -> (UserName, UserRole) {
        (self.inner.user.clone(), self.inner.role)
    }

    /// Tells which folder it lies in.
    pub fn dir(&self) -> &Path {
        &self.inner.dir
    }

    /// Reads in one snapshot: the ground file's first, so that derived rows can only be newer, never missing.
    pub(crate) fn read<T>(&self, question: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let idle = self.readers().pop();
        let db = match idle {
            Some(db) => db,
            None => database::connect(&self.inner.dir, &self.inner.key, Purpose::Read)?,
        };
        let answer = {
            let tx = db.unchecked_transaction()?;
            tx.query_row("SELECT max(seq) FROM main.ledger", [], |_| Ok(()))?;
            tx.query_row("SELECT count(*) FROM derived.meta", [], |_| Ok(()))?;
            question(&tx)
        };
        let mut readers = self.readers();
        if readers.len() < READERS_IDLE_MAX {
            readers.push(db);
        }
        answer
    }

    /// Changes the case, if the user's role permits it. `what` tells a person what was not permitted.
    pub(crate) fn write<T>(&self, what: &'static str, change: impl FnOnce(&mut Writer) -> Result<T>) -> Result<T> {
        if self.inner.role == UserRole::Auditor {
            return Err(self.not_allowed(what));
        }
        self.write_whatever_the_role(change)
    }

    pub(crate) fn write_whatever_the_role<T>(&self, change: impl FnOnce(&mut Writer) -> Result<T>) -> Result<T> {
        let writer = self.inner.writer.as_ref().ok_or(CasefileError::ReadingOnly)?;
        // A panic in another thread left at most an open transaction, which was rolled back, or an unsettled derived
        // file, which the next line settles.
        let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
        let result = writer.settle().and_then(|()| change(&mut writer));
        result.map_err(|error| database::explain(writer.db(), error))
    }

    /// Tells whether the case was opened for work.
    pub(crate) fn may_write(&self) -> bool {
        self.inner.writer.is_some()
    }

    pub(crate) fn not_allowed(&self, what: &'static str) -> CasefileError {
        CasefileError::NotAllowed { user: self.inner.user.clone(), role: self.inner.role, what }
    }

    fn readers(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.inner.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for CaseFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CaseFile({})", self.inner.info.case_id)
    }
}

fn room_for_a_case(dir: &Path) -> Result<()> {
    match disk::survey(dir)? {
        disk::Ground::Free => Ok(()),
        disk::Ground::Case => Err(CasefileError::AlreadyThere { dir: dir.to_owned() }),
        disk::Ground::Other => Err(CasefileError::NotEmpty { dir: dir.to_owned() }),
    }
}

fn unlock(dir: &Path, user: &UserName, passphrase: &Passphrase) -> Result<(KeyFile, CaseKey)> {
    database::check_library()?;
    let Some(bytes) = disk::read_keys(dir)? else {
        let dir = dir.to_owned();
        let half_made = dir.join(disk::MAKING).exists();
        return Err(if half_made { CasefileError::HalfMade { dir } } else { CasefileError::NotACase { dir } });
    };
    let keys = KeyFile::parse(&bytes)?;
    let key = keys.unwrap(user, passphrase)?;
    if !dir.join(disk::GROUND).exists() {
        return Err(damaged(CasePart::Ground));
    }
    Ok((keys, key))
}

/// Fills the empty files of a new case.
fn fill(dir: &Path, key: &CaseKey, info: &CaseInfo, keys: &KeyFile) -> Result<()> {
    let mut db = database::connect(dir, key, Purpose::Write)?;
    fill_tables(&mut db, info, keys).map_err(|error| database::explain(&db, error))
}

fn fill_tables(db: &mut Connection, info: &CaseInfo, keys: &KeyFile) -> Result<()> {
    let scheme = serde_json::to_string(&info.scheme).expect("a scheme always becomes JSON");
    let tx = db.transaction()?;
    schema::make_derived(&tx, &info.case_id, 0, false)?;
    tx.commit()?;
    let tx = db.transaction()?;
    schema::make_ground(&tx)?;
    tx.execute(
        "INSERT INTO main.about VALUES(1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        (&info.case_id, &info.number, &info.unit, &scheme, &info.legal_scope, info.created.0, info.created_by.as_str()),
    )?;
    tx.execute("INSERT INTO main.state VALUES(1, 0, ?1)", [keys.digest().0])?;
    users::insert(&tx, &info.created_by, UserRole::TeamLead, info.created)?;
    let detail = json!({
        "number": info.number, "unit": info.unit, "legal_scope": info.legal_scope,
        "scheme": info.scheme.id, "scheme_version": info.scheme.version,
        "scheme_sha256": crate::canon::sha256(scheme.as_bytes()),
        "user": info.created_by, "role": UserRole::TeamLead, "keys_sha256": keys.digest(),
    });
    ledger::append(&tx, &info.case_id, &info.created_by, OperationKind::Created, &detail, info.created)?;
    tx.commit()?;
    Ok(())
}

fn about(db: &Connection) -> Result<CaseInfo> {
    let broken = || damaged(CasePart::Ground);
    let row = db
        .query_row(
            "SELECT case_id, number, unit, scheme, legal_scope, created, created_by FROM main.about",
            [],
            |row| {
                let texts: [String; 5] = [row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?];
                Ok((texts, row.get::<_, i64>(5)?, row.get::<_, String>(6)?))
            },
        )
        .optional()?;
    let ([case_id, number, unit, scheme, legal_scope], created, created_by) = row.ok_or_else(broken)?;
    Ok(CaseInfo {
        number,
        unit,
        scheme: serde_json::from_str(&scheme).map_err(|_| broken())?,
        legal_scope,
        created: UtcTime(created),
        created_by: created_by.parse().map_err(|_| broken())?,
        case_id,
    })
}

/// Tells whether a killed process, or somebody who removed the derived file, left something to put right.
fn irregular(dir: &Path, key: &CaseKey) -> Result<bool> {
    if dir.join(disk::MAKING).exists()
        || std::fs::metadata(dir.join(disk::DERIVED)).map_or(true, |file| file.len() == 0)
    {
        return Ok(true);
    }
    let db = database::connect(dir, key, Purpose::Read)?;
    let info = about(&db)?;
    let derived_version: i64 = db.query_row("PRAGMA derived.user_version", [], |row| row.get(0))?;
    Ok(derived_version == 0
        || schema::is_older(&db)?
        || standing(&db, &info.case_id)? != Standing::Level
        || crate::writing::has_known_and_decoded(&db)?)
}

/// Draws a random identity (RFC 9562, version 4).
pub(crate) fn uuid(entropy: &mut dyn Entropy) -> String {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}
