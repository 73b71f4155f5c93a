//! An encrypted index over the cases of one person: serials, digests, PDQ values of what is shown and of the regions that
//! leads rest on, and leads by name and label. With it, what is in one case is found again in the others.
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

mod filling;
mod found;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::{Distance, LabelCode, LeadId, PdqSet, Sha256, UserName, UtcTime};
use rusqlite::{Connection, Row, Transaction, TransactionBehavior};
use serde_json::json;

use crate::case::uuid;
use crate::error::{CasePart, damaged};
use crate::keys::{CaseKey, KdfCost, KeyFile};
use crate::ledger::OperationKind;
use crate::secret::{Entropy, Passphrase};
use crate::view::from_word;
use crate::{CaseFile, CasefileError, Result, database, disk};
use filling::{close_member, folded, put_digests, put_leads, put_member, put_pictures, put_regions, remove};
pub use found::{
    Indexed, IndexedCase, ItemFound, LeadFound, LeadsWhere, LookFound, RegionFound, SerialFound, SerialOf,
};

/// Ending of the file's name.
pub const INDEX_ENDING: &str = ".zeef-index";

/// Ending of the name of the file that holds the wrapped key, behind that of the index.
pub const INDEX_KEYS_ENDING: &str = ".keys";
/// Version of the index that this program writes.
const INDEX_VERSION: i64 = 2;
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

/// What version 2 added: regions that leads rest on. `place` is which of the regions of the lead in the item it is, and
/// `pdq` its value as it is drawn. An index of version 1 has none until its cases are put anew.
const TABLES_2: &str = "
CREATE TABLE region(
  member INTEGER NOT NULL REFERENCES member(id), evidence INTEGER NOT NULL, lead INTEGER NOT NULL,
  number INTEGER NOT NULL, place INTEGER NOT NULL, pdq BLOB NOT NULL, PRIMARY KEY(member, evidence),
  FOREIGN KEY(member, lead) REFERENCES lead(member, lead)) STRICT, WITHOUT ROWID;
CREATE INDEX region_lead ON region(member, lead);
";

/// Holds an open index. It belongs to one person: nobody else can open it.
pub struct Index {
    db: Mutex<Connection>,
    index_id: String,
    path: PathBuf,
    user: UserName,
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
        Self::enter(path, &key, index_id, user.clone())
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
        let user = case.user().0;
        let key = keys.unwrap(&user, passphrase).map_err(of_index)?;
        let index_id = keys.case_id().to_owned();
        case.note_access(OperationKind::IndexOpened, json!({ "index": index_id }), now)?;
        Self::enter(path, &key, index_id, user)
    }

    fn enter(path: &Path, key: &CaseKey, index_id: String, user: UserName) -> Result<Self> {
        disk::make_private(path)?;
        path.parent().filter(|parent| !parent.as_os_str().is_empty()).map_or(Ok(()), disk::sync_dir)?;
        let mut db = database::connect_alone(path, &key.database_key(CasePart::Index)).map_err(of_index)?;
        prepare(&mut db, &index_id).map_err(|error| of_index(database::explain(&db, error)))?;
        Ok(Self { db: Mutex::new(db), index_id, path: path.to_owned(), user })
    }

    /// Tells which file it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts a case into the index, in place of what the index had of it, and notes that in the case's ledger. All of it or
    /// nothing, in constant memory.
    pub fn put(&self, case: &CaseFile, now: UtcTime) -> Result<Indexed> {
        // Whose index it is has to have access to all that is in it.
        if case.user().0 != self.user {
            return Err(case.not_allowed("put the case into another person's index"));
        }
        let head = case.head()?;
        self.change(|tx| {
            remove(tx, &case.info().case_id)?;
            let member = put_member(tx, case, head, now)?;
            let mut indexed = Indexed::default();
            put_digests(tx, member, case, &mut indexed)?;
            put_pictures(tx, member, case, &mut indexed)?;
            put_leads(tx, member, case, &mut indexed)?;
            put_regions(tx, member, case, &mut indexed)?;
            close_member(tx, member, &mut indexed)?;
            // Noted before it counts, so that nothing is in an index that no ledger tells of.
            let detail = json!({
                "index": self.index_id, "items": indexed.items, "looks": indexed.looks, "serials": indexed.serials,
                "leads": indexed.leads, "regions": indexed.regions,
            });
            case.note_access(OperationKind::IndexWritten, detail, now)?;
            Ok(indexed)
        })
    }

    /// Takes a case out of the index, e.g. when this person may not open it any more. Tells whether it was there.
    pub fn forget(&self, case_id: &str) -> Result<bool> {
        self.change(|tx| remove(tx, case_id))
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

    /// Finds regions of leads that look like one of these regions, up to `radius` bits, in any of the eight orientations; by
    /// case and evidence. One pass over all regions.
    pub fn find_regions(&self, asked: &[PdqSet], radius: Distance) -> Result<Vec<RegionFound>> {
        if asked.len() > LOOKS_ASKED_MAX {
            return Err(CasefileError::Limit { what: "regions to look up", max: LOOKS_ASKED_MAX });
        }
        let asked: Vec<[[u64; 4]; 8]> = asked.iter().map(|set| set.orientations.map(|pdq| lanes(&pdq.0))).collect();
        let db = self.db();
        let mut all = db.prepare_cached(
            "SELECT m.case_id, r.lead, l.name, r.number, r.place, r.pdq FROM region r CROSS JOIN member m ON m.id = r.member
             CROSS JOIN lead l ON l.member = r.member AND l.lead = r.lead ORDER BY r.member, r.evidence",
        )?;
        let mut rows = all.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let pdq = lanes(&row.get::<_, [u8; 32]>(5)?);
            for (place, orientations) in asked.iter().enumerate() {
                let Some(distance) = closest(orientations, &pdq, radius) else { continue };
                found.push(RegionFound {
                    asked: place,
                    case_id: row.get(0)?,
                    lead: LeadId(row.get(1)?),
                    name: row.get(2)?,
                    number: row.get(3)?,
                    place: row.get(4)?,
                    distance,
                });
            }
        }
        Ok(found)
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

    /// Changes the index in one transaction.
    fn change<T>(&self, change: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let mut db = self.db();
        let result = (|| {
            let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = change(&tx)?;
            tx.commit()?;
            Ok(value)
        })();
        result.map_err(|error| database::explain(&db, error))
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
    let mut labels: Vec<_> =
        labels.iter().flat_map(|all| all.split('\n')).map(|one| LabelCode(one.to_owned())).collect();
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

/// Makes the tables of an empty file, brings up an older one, and checks that those of any other are this program's.
fn prepare(db: &mut Connection, index_id: &str) -> Result<()> {
    let version = |db: &Connection| db.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0));
    if version(db)? == 0 {
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have made them in between.
        if version(&tx)? == 0 {
            tx.execute_batch(TABLES)?;
            tx.execute_batch(TABLES_2)?;
            tx.execute("INSERT INTO about VALUES(1, ?1)", [index_id])?;
            tx.execute_batch(&format!("PRAGMA user_version = {INDEX_VERSION};"))?;
        }
        tx.commit()?;
    }
    if version(db)? == 1 {
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if version(&tx)? == 1 {
            tx.execute_batch(TABLES_2)?;
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
