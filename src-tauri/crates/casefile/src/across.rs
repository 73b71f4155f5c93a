//! An encrypted index over the cases of one person: serials, digests, PDQ values of what is shown, and leads by name and
//! label. With it, what is in one case is found again in the others.
//!
//! It is a file of its own, encrypted as a case is, and it belongs to one person: its key is wrapped by that person's
//! passphrase in a file beside it (`NAME.zeef-index.keys`, as `keys.json` of a case). There is no way to let a second person
//! in, because nobody but its owner is sure to have access to every case in it. Whoever loses access to a case takes it out
//! with [`Index::forget`]; a lost index is made again from the cases.
//!
//! Only what is shown, or was decided about, is in it: what a set hides is known to everybody already. Of leads it has the
//! number, kind, state, name and labels, and none of the text. To open an index, and to put a case into it, are operations in
//! the ledger of the case at hand: neither can be done without one that is open for work.
//!
//! The PDQ values stand in pages of [`PAGE_VALUES`], packed, so that a look-up is one pass over them at the speed of reading:
//! no tree or table could miss one.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::{Camera, Distance, LabelCode, LeadId, LeadKind, LeadState, Pdq, PdqSet, Sha256, UserName, UtcTime};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior};
use serde_json::json;

use crate::case::uuid;
use crate::error::{CasePart, damaged};
use crate::keys::{CaseKey, KdfCost, KeyFile};
use crate::ledger::OperationKind;
use crate::secret::{Entropy, Passphrase};
use crate::view::{from_word, word};
use crate::{CaseFile, CasefileError, Result, database, disk, numbers};

/// Ending of the file's name.
pub const INDEX_ENDING: &str = ".zeef-index";

/// Names a case of the index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexedCase {
    /// Random identity of the case.
    pub case_id: String,
    /// Number of the investigation.
    pub number: String,
    /// Unit that leads it.
    pub unit: String,
    /// When it was put into the index.
    pub written: UtcTime,
    /// Number and hash of its ledger's newest operation then.
    pub head: (u64, Sha256),
    /// Items of it in the index.
    pub items: u64,
}

/// Tells what a call of [`Index::put`] wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Indexed {
    /// Items.
    pub items: u64,
    /// PDQ values.
    pub looks: u64,
    /// Serials.
    pub serials: u64,
    /// Leads.
    pub leads: u64,
}

/// Tells which part of a device a serial names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SerialOf {
    /// The camera.
    Body,
    /// The lens.
    Lens,
}

/// Tells that a case has items with a serial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SerialFound {
    /// Identity of the case.
    pub case_id: String,
    /// Serial as the metadata have it.
    pub serial: String,
    /// Of what.
    pub of: SerialOf,
    /// Maker and model beside it, as the metadata have them; empty where they have none.
    pub device: String,
    /// Items that have it.
    pub items: u32,
}

/// Tells that a case has an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemFound {
    /// Identity of the case.
    pub case_id: String,
    /// Number there.
    pub number: u32,
}

/// Tells that a case has a picture that looks like one that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookFound {
    /// Which of those that were asked for, from 0.
    pub asked: usize,
    /// Identity of the case.
    pub case_id: String,
    /// Number there.
    pub number: u32,
    /// Its SHA-256.
    pub sha256: Sha256,
    /// Bits that differ, in the closest orientation.
    pub distance: Distance,
}

/// Tells that a case has a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadFound {
    /// Identity of the case.
    pub case_id: String,
    /// Number there.
    pub lead: LeadId,
    /// Kind.
    pub kind: LeadKind,
    /// State.
    pub state: LeadState,
    /// Name.
    pub name: String,
    /// Labels, sorted.
    pub labels: Vec<LabelCode>,
}

/// Chooses leads of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeadsWhere {
    /// Leads with this label.
    Label(LabelCode),
    /// Leads with this name, whatever their case.
    Name(String),
    /// Leads of this kind.
    Kind(LeadKind),
}

/// Ending of the name of the file that holds the wrapped key, behind that of the index.
pub const INDEX_KEYS_ENDING: &str = ".keys";
/// Version of the index that this program writes.
const INDEX_VERSION: i64 = 1;
/// PDQ values in one page.
const PAGE_VALUES: usize = 1024;
/// Bytes of one value in a page: the item's number (u32, little-endian), then the value.
const VALUE_BYTES: usize = 4 + 32;
/// Most pictures in one look-up: each costs eight comparisons with every value of the index.
pub const LOOKS_ASKED_MAX: usize = 10_000;

const TABLES: &str = "
CREATE TABLE about(id INTEGER PRIMARY KEY CHECK(id = 1), index_id TEXT NOT NULL) STRICT;
CREATE TABLE member(
  id INTEGER PRIMARY KEY, case_id TEXT NOT NULL UNIQUE, number TEXT NOT NULL, unit TEXT NOT NULL,
  written INTEGER NOT NULL, head_seq INTEGER NOT NULL, head_hash BLOB NOT NULL, items INTEGER NOT NULL) STRICT;
CREATE TABLE digest(
  sha256 BLOB NOT NULL, member INTEGER NOT NULL REFERENCES member(id), number INTEGER NOT NULL,
  PRIMARY KEY(sha256, member)) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX digest_number ON digest(member, number, sha256);
CREATE TABLE look(
  member INTEGER NOT NULL REFERENCES member(id), page INTEGER NOT NULL, packed BLOB NOT NULL,
  PRIMARY KEY(member, page)) STRICT;
CREATE TABLE serial(
  serial TEXT NOT NULL, member INTEGER NOT NULL REFERENCES member(id), lens INTEGER NOT NULL, device TEXT NOT NULL,
  items INTEGER NOT NULL, PRIMARY KEY(serial, member, lens, device)) STRICT, WITHOUT ROWID;
CREATE INDEX serial_member ON serial(member, serial);
CREATE TABLE lead(
  member INTEGER NOT NULL REFERENCES member(id), lead INTEGER NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
  name TEXT NOT NULL, folded TEXT NOT NULL, PRIMARY KEY(member, lead)) STRICT, WITHOUT ROWID;
CREATE INDEX lead_kind ON lead(kind, member, lead);
CREATE INDEX lead_name ON lead(folded, member, lead);
CREATE TABLE label(
  label TEXT NOT NULL, member INTEGER NOT NULL, lead INTEGER NOT NULL, PRIMARY KEY(label, member, lead),
  FOREIGN KEY(member, lead) REFERENCES lead(member, lead)) STRICT, WITHOUT ROWID;
CREATE INDEX label_lead ON label(member, lead, label);
";

/// Holds an open index. It belongs to one person: nobody else can open it.
pub struct Index {
    db: Mutex<Connection>,
    index_id: String,
    path: PathBuf,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Index({})", self.index_id)
    }
}

impl Index {
    /// Makes an empty index, for `user` alone. `IndexThere` where the file, or one with keys for it, is there.
    ///
    /// The keys are written first: an index whose making was interrupted then opens as an empty one.
    pub fn create(path: &Path, user: &UserName, passphrase: &Passphrase, entropy: &mut dyn Entropy) -> Result<Self> {
        Self::create_with_cost(path, user, passphrase, entropy, KdfCost::default())
    }

    /// Makes an index whose passphrase costs something else; only for tests, which would spend their time on Argon2.
    #[doc(hidden)]
    pub fn create_with_cost(
        path: &Path,
        user: &UserName,
        passphrase: &Passphrase,
        entropy: &mut dyn Entropy,
        cost: KdfCost,
    ) -> Result<Self> {
        passphrase.strong_enough()?;
        database::check_library()?;
        let keys_path = keys_path(path);
        if path.symlink_metadata().is_ok() || keys_path.symlink_metadata().is_ok() {
            return Err(CasefileError::IndexThere { path: path.to_owned() });
        }
        let index_id = uuid(entropy);
        let key = CaseKey::draw(entropy);
        let mut keys = KeyFile::new(&index_id, cost, entropy);
        keys.wrap(user, passphrase, &key, entropy)?;
        disk::write_whole_at(&keys_path, &keys.to_bytes())?;
        Self::enter(path, &key, index_id)
    }

    /// Opens an index as the user of `case`, whose ledger notes it before anything can be read.
    ///
    /// Wrong passphrase and another person: `AccessDenied`. A case that was opened for reading: `ReadingOnly`.
    pub fn open(path: &Path, passphrase: &Passphrase, case: &CaseFile, now: UtcTime) -> Result<Self> {
        database::check_library()?;
        if !case.may_write() {
            return Err(CasefileError::ReadingOnly);
        }
        let bytes = disk::read_keys_at(&keys_path(path)).map_err(of_index)?;
        let Some(bytes) = bytes else { return Err(CasefileError::NotAnIndex { path: path.to_owned() }) };
        let keys = KeyFile::parse(&bytes).map_err(of_index)?;
        let key = keys.unwrap(&case.user().0, passphrase).map_err(of_index)?;
        let index_id = keys.case_id().to_owned();
        case.note_access(OperationKind::IndexOpened, json!({ "index": index_id }), now)?;
        Self::enter(path, &key, index_id)
    }

    fn enter(path: &Path, key: &CaseKey, index_id: String) -> Result<Self> {
        disk::make_private(path)?;
        path.parent().filter(|parent| !parent.as_os_str().is_empty()).map_or(Ok(()), disk::sync_dir)?;
        let mut db = database::connect_alone(path, &key.database_key(CasePart::Index)).map_err(of_index)?;
        prepare(&mut db, &index_id).map_err(of_index)?;
        Ok(Self { db: Mutex::new(db), index_id, path: path.to_owned() })
    }

    /// Tells which file it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts a case into the index, in place of what the index had of it, and notes that in the case's ledger. All of it or
    /// nothing, in constant memory.
    pub fn put(&self, case: &CaseFile, now: UtcTime) -> Result<Indexed> {
        let head = case.head()?;
        let mut db = self.db();
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        remove(&tx, &case.info().case_id)?;
        let member = put_member(&tx, case, head, now)?;
        let mut indexed = Indexed::default();
        put_digests(&tx, member, case, &mut indexed)?;
        put_pictures(&tx, member, case, &mut indexed)?;
        put_leads(&tx, member, case, &mut indexed)?;
        tx.execute("UPDATE member SET items = ?2 WHERE id = ?1", (member, indexed.items.cast_signed()))?;
        indexed.serials = tx
            .query_row("SELECT count(*) FROM serial WHERE member = ?1", [member], |row| row.get::<_, i64>(0))?
            .unsigned_abs();
        // Noted before it counts, so that nothing is in an index that no ledger tells of.
        let detail = json!({
            "index": self.index_id, "items": indexed.items, "looks": indexed.looks, "serials": indexed.serials,
            "leads": indexed.leads,
        });
        case.note_access(OperationKind::IndexWritten, detail, now)?;
        tx.commit()?;
        Ok(indexed)
    }

    /// Takes a case out of the index, e.g. when this person may not open it any more. Tells whether it was there.
    pub fn forget(&self, case_id: &str) -> Result<bool> {
        let mut db = self.db();
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let was_there = remove(&tx, case_id)?;
        tx.commit()?;
        Ok(was_there)
    }

    /// Lists the cases, by number.
    pub fn cases(&self) -> Result<Vec<IndexedCase>> {
        let db = self.db();
        let mut all = db.prepare_cached(
            "SELECT case_id, number, unit, written, head_seq, head_hash, items FROM member ORDER BY number, case_id",
        )?;
        let mut rows = all.query([])?;
        let mut cases = Vec::new();
        while let Some(row) = rows.next()? {
            cases.push(IndexedCase {
                case_id: row.get(0)?,
                number: row.get(1)?,
                unit: row.get(2)?,
                written: UtcTime(row.get(3)?),
                head: (row.get::<_, i64>(4)?.unsigned_abs(), Sha256(row.get(5)?)),
                items: row.get::<_, i64>(6)?.unsigned_abs(),
            });
        }
        Ok(cases)
    }

    /// Finds a serial, exactly as it is written, but for blanks around it.
    pub fn find_serial(&self, serial: &str) -> Result<Vec<SerialFound>> {
        let sql = "SELECT m.case_id, s.serial, s.lens, s.device, s.items FROM serial s JOIN member m ON m.id = s.member
             WHERE s.serial = ?1 ORDER BY s.member, s.lens, s.device";
        self.rows(sql, [serial.trim()], serial_found)
    }

    /// Gives what other cases have of every serial of one case, by serial.
    pub fn shared_serials(&self, case_id: &str) -> Result<Vec<SerialFound>> {
        let sql = "SELECT m.case_id, s.serial, s.lens, s.device, s.items FROM serial s JOIN member m ON m.id = s.member
             WHERE m.case_id <> ?1 AND s.serial IN (
               SELECT o.serial FROM serial o WHERE o.member = (SELECT id FROM member WHERE case_id = ?1))
             ORDER BY s.serial, s.member, s.lens, s.device";
        self.rows(sql, [case_id], serial_found)
    }

    /// Finds an item.
    pub fn find_digest(&self, sha256: &Sha256) -> Result<Vec<ItemFound>> {
        let sql = "SELECT m.case_id, d.number FROM digest d JOIN member m ON m.id = d.member
             WHERE d.sha256 = ?1 ORDER BY d.member";
        self.rows(sql, [sha256.0], |row| Ok(ItemFound { case_id: row.get(0)?, number: row.get(1)? }))
    }

    /// Gives every item of one case that another case has too: its number, and where else it is; by number.
    pub fn shared_items(
        &self,
        case_id: &str,
        each: &mut dyn FnMut(u32, Sha256, ItemFound) -> ControlFlow<()>,
    ) -> Result<()> {
        let db = self.db();
        let mut all = db.prepare_cached(
            "SELECT d.number, d.sha256, m.case_id, o.number
             FROM digest d INDEXED BY digest_number CROSS JOIN digest o ON o.sha256 = d.sha256 AND o.member <> d.member
             CROSS JOIN member m ON m.id = o.member
             WHERE d.member = (SELECT id FROM member WHERE case_id = ?1) ORDER BY d.number, o.member",
        )?;
        let mut rows = all.query([case_id])?;
        while let Some(row) = rows.next()? {
            let other = ItemFound { case_id: row.get(2)?, number: row.get(3)? };
            if each(row.get(0)?, Sha256(row.get(1)?), other).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Finds what looks like one of these pictures, up to `radius` bits, in any of the eight orientations. One pass over all
    /// values, whatever the number of those asked for; `each` gets the finds in the order of cases and numbers.
    pub fn find_looks(
        &self,
        asked: &[PdqSet],
        radius: Distance,
        each: &mut dyn FnMut(LookFound) -> ControlFlow<()>,
    ) -> Result<()> {
        if asked.len() > LOOKS_ASKED_MAX {
            return Err(CasefileError::Limit { what: "pictures to look up", max: LOOKS_ASKED_MAX });
        }
        let asked: Vec<[[u64; 4]; 8]> = asked.iter().map(|set| set.orientations.map(|pdq| lanes(&pdq.0))).collect();
        let db = self.db();
        let mut pages = db.prepare_cached(
            "SELECT l.packed, l.member, m.case_id FROM look l CROSS JOIN member m ON m.id = l.member
             ORDER BY l.member, l.page",
        )?;
        let mut sha256 = db.prepare_cached("SELECT sha256 FROM digest WHERE member = ?1 AND number = ?2")?;
        let mut rows = pages.query([])?;
        while let Some(row) = rows.next()? {
            let packed = row.get_ref(0)?.as_blob().map_err(|_| damaged(CasePart::Index))?;
            for value in packed.chunks_exact(VALUE_BYTES) {
                let (number, pdq) = value.split_at(4);
                let pdq = lanes(pdq);
                for (place, orientations) in asked.iter().enumerate() {
                    let Some(distance) = closest(orientations, &pdq, radius) else { continue };
                    let number = number.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte));
                    let found = LookFound {
                        asked: place,
                        case_id: row.get(2)?,
                        number,
                        sha256: Sha256(sha256.query_row((row.get::<_, i64>(1)?, number), |row| row.get(0))?),
                        distance,
                    };
                    if each(found).is_break() {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// Finds leads, by case and number.
    pub fn find_leads(&self, which: &LeadsWhere) -> Result<Vec<LeadFound>> {
        let (condition, value) = match which {
            LeadsWhere::Label(label) => (
                "EXISTS (SELECT 1 FROM label x WHERE x.label = ?1 AND x.member = l.member AND x.lead = l.lead)",
                label.0.clone(),
            ),
            LeadsWhere::Name(name) => ("l.folded = ?1", folded(name)),
            LeadsWhere::Kind(kind) => ("l.kind = ?1", kind.as_str().to_owned()),
        };
        let sql = format!("{LEAD} WHERE {condition} ORDER BY l.member, l.lead");
        self.rows(&sql, [value], |row| lead_found(row, 0))
    }

    /// Gives the leads of other cases that have a label of a lead of this one: the label, the lead here, the lead there.
    pub fn shared_labels(&self, case_id: &str) -> Result<Vec<(LabelCode, LeadId, LeadFound)>> {
        let sql = "SELECT a.label, a.lead, m.case_id, l.lead, l.kind, l.state, l.name,
               (SELECT group_concat(x.label, char(10)) FROM label x WHERE x.member = l.member AND x.lead = l.lead)
             FROM label a CROSS JOIN label b ON b.label = a.label AND b.member <> a.member
             CROSS JOIN lead l ON l.member = b.member AND l.lead = b.lead CROSS JOIN member m ON m.id = l.member
             WHERE a.member = (SELECT id FROM member WHERE case_id = ?1) ORDER BY a.label, a.lead, b.member, b.lead";
        self.rows(sql, [case_id], |row| Ok((LabelCode(row.get(0)?), LeadId(row.get(1)?), lead_found(row, 2)?)))
    }

    fn rows<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: impl Fn(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let db = self.db();
        let mut all = db.prepare_cached(sql)?;
        let mut rows = all.query(params)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(row)?);
        }
        Ok(found)
    }

    fn db(&self) -> MutexGuard<'_, Connection> {
        // A panic in another thread left at most an open transaction, which was rolled back.
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const LEAD: &str = "SELECT m.case_id, l.lead, l.kind, l.state, l.name,
     (SELECT group_concat(x.label, char(10)) FROM label x WHERE x.member = l.member AND x.lead = l.lead)
   FROM lead l JOIN member m ON m.id = l.member";

fn lead_found(row: &Row<'_>, first: usize) -> Result<LeadFound> {
    let labels: Option<String> = row.get(first + 5)?;
    let mut labels: Vec<_> = labels.iter().flat_map(|all| all.split('\n')).map(|one| LabelCode(one.to_owned())).collect();
    labels.sort();
    Ok(LeadFound {
        case_id: row.get(first)?,
        lead: LeadId(row.get(first + 1)?),
        kind: from_word(row.get(first + 2)?, CasePart::Index)?,
        state: from_word(row.get(first + 3)?, CasePart::Index)?,
        name: row.get(first + 4)?,
        labels,
    })
}

fn serial_found(row: &Row<'_>) -> Result<SerialFound> {
    Ok(SerialFound {
        case_id: row.get(0)?,
        serial: row.get(1)?,
        of: if row.get(2)? { SerialOf::Lens } else { SerialOf::Body },
        device: row.get(3)?,
        items: row.get(4)?,
    })
}

fn keys_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(INDEX_KEYS_ENDING);
    PathBuf::from(name)
}

/// Says of damage that it is the index's.
fn of_index(error: CasefileError) -> CasefileError {
    match error {
        CasefileError::Damaged { .. } => damaged(CasePart::Index),
        CasefileError::VersionTooNew { found, supported, .. } => {
            CasefileError::VersionTooNew { which: CasePart::Index, found, supported }
        }
        other => other,
    }
}

/// Makes the tables of an empty file, and checks that those of any other are this program's.
fn prepare(db: &mut Connection, index_id: &str) -> Result<()> {
    let version = |db: &Connection| db.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0));
    if version(db)? == 0 {
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have made them in between.
        if version(&tx)? == 0 {
            tx.execute_batch(TABLES)?;
            tx.execute("INSERT INTO about VALUES(1, ?1)", [index_id])?;
            tx.execute_batch(&format!("PRAGMA user_version = {INDEX_VERSION};"))?;
        }
        tx.commit()?;
    }
    let found = version(db)?;
    if found > INDEX_VERSION {
        return Err(CasefileError::VersionTooNew { which: CasePart::Index, found, supported: INDEX_VERSION });
    }
    let stands: String = db.query_row("SELECT index_id FROM about", [], |row| row.get(0))?;
    if stands == index_id { Ok(()) } else { Err(damaged(CasePart::Index)) }
}

/// Removes all that the index has of a case; tells whether it had it.
fn remove(tx: &Transaction<'_>, case_id: &str) -> Result<bool> {
    let member: Option<i64> =
        tx.query_row("SELECT id FROM member WHERE case_id = ?1", [case_id], |row| row.get(0)).optional()?;
    let Some(member) = member else { return Ok(false) };
    for table in ["label", "lead", "serial", "look", "digest"] {
        tx.execute(&format!("DELETE FROM {table} WHERE member = ?1"), [member])?;
    }
    tx.execute("DELETE FROM member WHERE id = ?1", [member])?;
    Ok(true)
}

fn put_member(tx: &Transaction<'_>, case: &CaseFile, head: (u64, Sha256), now: UtcTime) -> Result<i64> {
    let info = case.info();
    tx.execute(
        "INSERT INTO member(case_id, number, unit, written, head_seq, head_hash, items) VALUES(?1, ?2, ?3, ?4, ?5, ?6, 0)",
        (&info.case_id, &info.number, &info.unit, now.0, head.0.cast_signed(), head.1.0),
    )?;
    Ok(tx.last_insert_rowid())
}

/// Puts what is shown, or was decided about, into the index, whether it was decoded or not.
fn put_digests(tx: &Transaction<'_>, member: i64, case: &CaseFile, indexed: &mut Indexed) -> Result<()> {
    let mut add = tx.prepare_cached("INSERT INTO digest VALUES(?1, ?2, ?3)")?;
    let mut failed = Ok(());
    case.sheet(&mut |row| {
        if row.is_shown() {
            indexed.items += 1;
            failed = add.execute((row.sha256.0, member, row.number)).map(drop);
        }
        if failed.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(failed?)
}

/// Puts PDQ values and serials of what was decoded into the index.
fn put_pictures(tx: &Transaction<'_>, member: i64, case: &CaseFile, indexed: &mut Indexed) -> Result<()> {
    let mut page = Page { tx, member, number: 0, packed: Vec::with_capacity(PAGE_VALUES * VALUE_BYTES) };
    let mut known = tx.prepare_cached("SELECT 1 FROM digest WHERE member = ?1 AND number = ?2")?;
    let mut failed = Ok(());
    case.clue_rows(&mut |row| {
        failed = (|| {
            // What is shown since the digests were read comes in with the next call.
            if !known.exists((member, row.number))? {
                return Ok(());
            }
            put_serials(tx, member, &row.facts.camera)?;
            if let Some(pdq) = row.facts.pdq.filter(|pdq| pdq.quality >= PdqSet::QUALITY_MIN) {
                indexed.looks += 1;
                page.add(row.number, &pdq.own())?;
            }
            Ok(())
        })();
        if failed.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    failed.and_then(|()| page.flush())
}

/// A page of PDQ values that is being filled.
struct Page<'a> {
    tx: &'a Transaction<'a>,
    member: i64,
    number: i64,
    packed: Vec<u8>,
}

impl Page<'_> {
    fn add(&mut self, item: u32, pdq: &Pdq) -> Result<()> {
        self.packed.extend_from_slice(&item.to_le_bytes());
        self.packed.extend_from_slice(&pdq.0);
        if self.packed.len() == PAGE_VALUES * VALUE_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        if !self.packed.is_empty() {
            self.tx
                .prepare_cached("INSERT INTO look VALUES(?1, ?2, ?3)")?
                .execute((self.member, self.number, &self.packed))?;
            self.number += 1;
            self.packed.clear();
        }
        Ok(())
    }
}

fn put_serials(tx: &Transaction<'_>, member: i64, camera: &Camera) -> Result<()> {
    let device = [&camera.make, &camera.model].map(|part| part.as_deref().unwrap_or_default().trim()).join(" ");
    let mut add = tx.prepare_cached(
        "INSERT INTO serial VALUES(?1, ?2, ?3, ?4, 1)
         ON CONFLICT(serial, member, lens, device) DO UPDATE SET items = items + 1",
    )?;
    for (serial, is_lens) in [(&camera.serial, false), (&camera.lens_serial, true)] {
        if let Some(serial) = serial.as_deref().map(str::trim).filter(|serial| tells(serial)) {
            add.execute((serial, member, is_lens, device.trim()))?;
        }
    }
    Ok(())
}

/// Tells whether a serial is one: makers write zeros and signs where they have none, and those would link every case.
fn tells(serial: &str) -> bool {
    serial.chars().any(|c| c.is_alphanumeric() && c != '0')
}

fn put_leads(tx: &Transaction<'_>, member: i64, case: &CaseFile, indexed: &mut Indexed) -> Result<()> {
    let mut add = tx.prepare_cached("INSERT INTO lead VALUES(?1, ?2, ?3, ?4, ?5, ?6)")?;
    let mut label = tx.prepare_cached("INSERT INTO label VALUES(?1, ?2, ?3)")?;
    for lead in case.leads()? {
        let content = lead.content;
        let (kind, state) = (word(&content.kind), word(&content.state));
        add.execute((member, lead.id.0, kind, state, &content.name, folded(&content.name)))?;
        for code in &content.labels {
            label.execute((&code.0, member, lead.id.0))?;
        }
        indexed.leads += 1;
    }
    Ok(())
}

/// Gives a name as names are compared: without blanks around it and whatever its case.
fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Splits a PDQ value so that a machine word is compared at once.
fn lanes(pdq: &[u8]) -> [u64; 4] {
    let mut lanes = [0; 4];
    for (lane, bytes) in lanes.iter_mut().zip(pdq.chunks_exact(8)) {
        *lane = bytes.iter().fold(0, |lane, byte| lane << 8 | u64::from(*byte));
    }
    lanes
}

/// Gives the fewest bits in which a value differs from one of these, if they are few enough.
fn closest(orientations: &[[u64; 4]; 8], pdq: &[u64; 4], radius: Distance) -> Option<Distance> {
    let differ = |one: &[u64; 4]| one.iter().zip(pdq).map(|(one, other)| (one ^ other).count_ones()).sum::<Distance>();
    orientations.iter().map(differ).min().filter(|distance| *distance <= radius)
}
