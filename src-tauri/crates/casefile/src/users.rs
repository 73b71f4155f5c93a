//! Who may enter a case. The key file gives access; the table in the encrypted file says who has which role, and wins.

use domain::{UserName, UtcTime};
use rusqlite::{Connection, OptionalExtension};
use serde_json::json;

use crate::error::{CasePart, damaged};
use crate::keys::KeyFile;
use crate::ledger::{self, OperationKind};
use crate::model::{UserRole, UserRow};
use crate::secret::{Entropy, Passphrase};
use crate::{CaseFile, CasefileError, Result, disk};

impl CaseFile {
    /// Lists everybody who ever had access, first to last.
    pub fn users(&self) -> Result<Vec<UserRow>> {
        self.read(all)
    }

    /// Gives a person access. Only a team lead may.
    pub fn add_user(
        &self,
        name: &UserName,
        role: UserRole,
        passphrase: &Passphrase,
        now: UtcTime,
        entropy: &mut dyn Entropy,
    ) -> Result<()> {
        self.team_lead_only("add a user")?;
        passphrase.strong_enough()?;
        self.write("add a user", |writer| {
            if active_role(writer.db(), name)?.is_some() {
                return Err(CasefileError::UserExists { user: name.clone() });
            }
            let mut keys = self.key_file()?;
            keys.wrap(name, passphrase, &self.inner.key, entropy)?;
            // First the key file: a slot without a row opens nothing, a row without a slot would look like access.
            disk::write_whole(&self.inner.dir, disk::KEYS, &keys.to_bytes())?;
            writer.ground(|db| {
                insert(db, name, role, now)?;
                let detail = json!({ "user": name, "role": role, "keys_sha256": keys.digest() });
                self.append_with_keys(db, &keys, OperationKind::UserAdded, &detail, now)
            })
        })
    }

    /// Takes a person's access away; what the person did stays. Only a team lead may, and one has to stay.
    pub fn remove_user(&self, name: &UserName, now: UtcTime) -> Result<()> {
        self.team_lead_only("remove a user")?;
        self.write("remove a user", |writer| {
            let mut keys = self.key_file()?;
            let Some(role) = active_role(writer.db(), name)? else {
                if !keys.has(name) {
                    return Err(CasefileError::NoSuchUser { user: name.clone() });
                }
                // An earlier try took the access away and could not write the key file.
                keys.remove(name);
                return disk::write_whole(&self.inner.dir, disk::KEYS, &keys.to_bytes());
            };
            let leads = all(writer.db())?
                .iter()
                .filter(|user| user.removed.is_none() && user.role == UserRole::TeamLead)
                .count();
            if role == UserRole::TeamLead && leads == 1 {
                return Err(CasefileError::LastTeamLead { user: name.clone() });
            }
            keys.remove(name);
            // First the row: it is what keeps the person out.
            writer.ground(|db| {
                db.execute(
                    "UPDATE main.person SET removed = ?2 WHERE name = ?1 AND removed IS NULL",
                    (name.as_str(), now.0),
                )?;
                let detail = json!({ "user": name, "role": role, "keys_sha256": keys.digest() });
                self.append_with_keys(db, &keys, OperationKind::UserRemoved, &detail, now)
            })?;
            disk::write_whole(&self.inner.dir, disk::KEYS, &keys.to_bytes())
        })
    }

    /// Changes the own passphrase; every role may.
    pub fn change_passphrase(&self, passphrase: &Passphrase, now: UtcTime, entropy: &mut dyn Entropy) -> Result<()> {
        passphrase.strong_enough()?;
        self.write_whatever_the_role(|writer| {
            let mut keys = self.key_file()?;
            keys.wrap(&self.inner.user, passphrase, &self.inner.key, entropy)?;
            disk::write_whole(&self.inner.dir, disk::KEYS, &keys.to_bytes())?;
            writer.ground(|db| {
                let detail = json!({ "user": self.inner.user, "keys_sha256": keys.digest() });
                self.append_with_keys(db, &keys, OperationKind::PassphraseChanged, &detail, now)
            })
        })
    }

    fn team_lead_only(&self, what: &'static str) -> Result<()> {
        if self.inner.role == UserRole::TeamLead { Ok(()) } else { Err(self.not_allowed(what)) }
    }

    pub(crate) fn key_file(&self) -> Result<KeyFile> {
        KeyFile::parse(&disk::read_keys(&self.inner.dir)?.ok_or_else(|| damaged(CasePart::Keys))?)
    }

    fn append_with_keys(
        &self,
        db: &Connection,
        keys: &KeyFile,
        kind: OperationKind,
        detail: &serde_json::Value,
        now: UtcTime,
    ) -> Result<()> {
        db.execute("UPDATE main.state SET keys_sha256 = ?1", [keys.digest().0])?;
        ledger::append(db, &self.inner.info.case_id, &self.inner.user, kind, detail, now)?;
        Ok(())
    }
}

/// Compares the key file with what the ledger noted last. If a change was interrupted, or the file was changed from
/// outside, slots of people without access are taken out, and the ledger notes it.
pub(crate) fn note_keys(case: &CaseFile, keys: &KeyFile, now: UtcTime) -> Result<()> {
    case.write_whatever_the_role(|writer| {
        let noted: [u8; 32] = writer.db().query_row("SELECT keys_sha256 FROM main.state", [], |row| row.get(0))?;
        if noted == keys.digest().0 {
            return Ok(());
        }
        let active: Vec<UserName> =
            all(writer.db())?.into_iter().filter(|user| user.removed.is_none()).map(|user| user.name).collect();
        let mut kept = keys.clone();
        kept.keep_only(&active);
        if kept != *keys {
            disk::write_whole(&case.inner.dir, disk::KEYS, &kept.to_bytes())?;
        }
        if noted == kept.digest().0 {
            return Ok(());
        }
        writer.ground(|db| {
            let detail = json!({ "before": domain::Sha256(noted), "after": kept.digest() });
            case.append_with_keys(db, &kept, OperationKind::KeysDiffer, &detail, now)
        })
    })
}

/// Writes the row of a new user.
pub(crate) fn insert(db: &Connection, name: &UserName, role: UserRole, now: UtcTime) -> Result<()> {
    db.execute("INSERT INTO main.person(name, role, added) VALUES(?1, ?2, ?3)", (name.as_str(), role.as_str(), now.0))?;
    Ok(())
}

/// Tells the role of somebody who has access.
pub(crate) fn active_role(db: &Connection, name: &UserName) -> Result<Option<UserRole>> {
    let role: Option<String> = db
        .query_row("SELECT role FROM main.person WHERE name = ?1 AND removed IS NULL", [name.as_str()], |row| {
            row.get(0)
        })
        .optional()?;
    role.map(|role| role.parse().map_err(|_| damaged(CasePart::Ground))).transpose()
}

/// Gives the names of the team leads among people as (name, role, added, removed).
pub(crate) fn leads_of(people: &[(String, String, i64, Option<i64>)]) -> Vec<&str> {
    let leads = |(_, role, _, removed): &&(String, String, i64, Option<i64>)| {
        role == UserRole::TeamLead.as_str() && removed.is_none()
    };
    people.iter().filter(leads).map(|(name, ..)| name.as_str()).collect()
}

/// Reads everybody, first to last.
pub(crate) fn all(db: &Connection) -> Result<Vec<UserRow>> {
    let broken = || damaged(CasePart::Ground);
    let mut all = db.prepare("SELECT name, role, added, removed FROM main.person ORDER BY id")?;
    let mut rows = all.query([])?;
    let mut users = Vec::new();
    while let Some(row) = rows.next()? {
        users.push(UserRow {
            name: row.get::<_, String>(0)?.parse().map_err(|_| broken())?,
            role: row.get::<_, String>(1)?.parse().map_err(|_| broken())?,
            added: UtcTime(row.get(2)?),
            removed: row.get::<_, Option<i64>>(3)?.map(UtcTime),
        });
    }
    Ok(users)
}
