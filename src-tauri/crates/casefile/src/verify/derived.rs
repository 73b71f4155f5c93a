//! Verifying the derived rows: what hides and why, whether it was decoded, and whether what stands there was written by an
//! operation.

use std::collections::HashSet;

use domain::{Hit, SetName, SetVersion, Sha256, Visibility};
use rusqlite::{Connection, OptionalExtension};

use super::{Check, PROGRESS_EVERY, ProblemKind, ProgressTo};
use crate::error::CasePart;
use crate::judge::{newest, stacks_digest, stacks_in_force};
use crate::ledger::OperationKind;
use crate::view::{Tally, ViewReader, columns_of, from_json};
use crate::{Counts, Result, seal};

impl Check<'_> {
    /// Walks the derived rows: what hides, why, and whether it was decoded.
    pub(super) fn hides(&mut self, db: &Connection, progress: ProgressTo<'_>) -> Result<()> {
        let total = db.query_row("SELECT count(*) FROM derived.view", [], |row| row.get::<_, i64>(0))?.unsigned_abs();
        let noted = noted_sets(db)?;
        let mut reader = ViewReader::new(db);
        let mut all = db.prepare(
            "SELECT v.id, v.sha256, v.visibility, v.hits, v.state, v.hide_set, v.findings, v.decoded, i.sha256,
               v.rank, v.hide, v.refusal, v.suggested, v.near <> '[]', v.class = i.class,
               EXISTS (SELECT 1 FROM derived.facts f WHERE f.id = v.id)
               + EXISTS (SELECT 1 FROM derived.thumbnail t WHERE t.id = v.id),
               EXISTS (SELECT 1 FROM main.current c WHERE c.item = v.id), v.reason, v.reason_set, v.category
             FROM derived.view v LEFT JOIN main.item i ON i.id = v.id ORDER BY v.id",
        )?;
        let mut rows = all.query([])?;
        let mut done: u64 = 0;
        while let Some(row) = rows.next()? {
            let sha256 = Sha256(row.get(1)?);
            if row.get::<_, Option<[u8; 32]>>(8)? != Some(sha256.0) {
                self.found(ProblemKind::Derived, format!("{sha256} is not the item that the case has at its place"));
            }
            let visibility: Visibility = from_json(&row.get::<_, String>(2)?, CasePart::Derived)?;
            let tally = Tally::of(&visibility);
            let stored = Tally {
                state: row.get(4)?,
                rank: row.get(9)?,
                hide: row.get(10)?,
                hide_set: row.get(5)?,
                refusal: row.get(11)?,
                findings: row.get(6)?,
                reason: row.get(17)?,
                reason_set: row.get(18)?,
                category: row.get(19)?,
            };
            let suggested = row.get::<_, bool>(12)? == row.get::<_, bool>(13)?;
            if tally != stored || !suggested || row.get::<_, Option<bool>>(14)? != Some(true) {
                self.found(ProblemKind::Derived, format!("{sha256} is counted as something else than it is"));
            }
            let (marked, parts, decided): (bool, i64, bool) = (row.get(7)?, row.get(15)?, row.get(16)?);
            if parts != if marked { 2 } else { 0 } {
                self.found(ProblemKind::Derived, format!("{sha256}: facts or thumbnail are missing or left over"));
            }
            self.sealed(db, &mut reader, row.get(0)?, sha256, parts == 2)?;
            if let Visibility::Hidden { .. } = visibility {
                self.report.hides_checked += 1;
                if parts > 0 && !decided {
                    self.found(
                        ProblemKind::KnownDecoded,
                        format!("{sha256} is hidden by an exact digest and was decoded"),
                    );
                }
                let hits = reader.hits(&row.get::<_, String>(3)?)?;
                self.hide(sha256, &visibility, &hits, &noted);
            }
            done += 1;
            if done.is_multiple_of(PROGRESS_EVERY) {
                progress("hides", done, total);
            }
        }
        progress("hides", done, total);
        Ok(())
    }

    /// Compares derived rows with the digests of the operations that wrote them.
    fn sealed(
        &mut self,
        db: &Connection,
        reader: &mut ViewReader<'_>,
        item: i64,
        sha256: Sha256,
        is_decoded: bool,
    ) -> Result<()> {
        let sealed: Option<[u8; 32]> = db
            .prepare_cached("SELECT judged FROM main.seal WHERE item = ?1 ORDER BY seq DESC LIMIT 1")?
            .query_row([item], |row| row.get(0))
            .optional()?;
        let stands = seal::judged(db, reader, item)?.map(|(_, digest)| digest.0);
        if sealed != stands {
            self.found(ProblemKind::Derived, format!("{sha256}: what the rule says of it is not what was written"));
        }
        let decoded: Option<(i64, [u8; 32])> = db
            .prepare_cached(
                "SELECT seq, decoded FROM main.seal WHERE item = ?1 AND decoded IS NOT NULL ORDER BY seq DESC LIMIT 1",
            )?
            .query_row([item], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let holds = match decoded {
            None => !is_decoded,
            Some((_, digest)) if is_decoded => seal::decoded(db, item)? == Some(Sha256(digest)),
            // What was hidden in the meantime lost its picture, and what was dropped may have come back without one.
            Some((seq, _)) => {
                db.prepare_cached("SELECT 1 FROM main.seal WHERE item = ?1 AND seq >= ?2 AND hidden = 1")?
                    .exists((item, seq))?
                    || newest(db, OperationKind::DerivedDropped)?.is_some_and(|dropped| dropped > seq)
            }
        };
        if !holds || is_decoded && !columns_follow(db, item)? {
            self.found(ProblemKind::Derived, format!("{sha256}: its facts and thumbnail are not what was written"));
        }
        Ok(())
    }

    fn hide(&mut self, sha256: Sha256, visibility: &Visibility, hits: &[Hit], noted: &HashSet<(SetName, SetVersion)>) {
        let Visibility::Hidden { why } = visibility else { return };
        let (set, version, entry, kind) = why.origin();
        if !noted.contains(&(set.clone(), version)) {
            let detail = format!("{sha256} is hidden by version {version} of {set}, which was never put into the case");
            self.found(ProblemKind::Hide, detail);
        }
        let has_it = hits
            .iter()
            .any(|hit| hit.set.name == *set && hit.set.version == version && hit.entry == entry && hit.kind == kind);
        if !has_it {
            let detail = format!("{sha256} is hidden by entry {entry} of {set}, which is none of its hits");
            self.found(ProblemKind::Hide, detail);
        }
    }

    /// Finds derived rows of nothing, derived rows that are missing, and stacks that no operation made.
    pub(super) fn left_over(&mut self, db: &Connection) -> Result<()> {
        let lost = db.query_row("SELECT lost FROM derived.meta", [], |row| row.get::<_, i64>(0))? != 0;
        let dropped = newest(db, OperationKind::DerivedDropped)?.unwrap_or(0);
        let missing: i64 = db.query_row(
            "SELECT count(*) FROM main.item i WHERE NOT EXISTS (SELECT 1 FROM derived.view v WHERE v.id = i.id)
               AND (SELECT max(seq) FROM main.seal s WHERE s.item = i.id) > ?1",
            [dropped],
            |row| row.get(0),
        )?;
        if missing > 0 && !lost {
            self.found(ProblemKind::Derived, format!("the derived rows of {missing} items are missing"));
        }
        let stacked = newest(db, OperationKind::Stacked)?.filter(|seq| *seq > dropped && !lost);
        let said = stacked
            .map(|seq| -> Result<Option<Sha256>> {
                let detail: String =
                    db.query_row("SELECT detail FROM main.ledger WHERE seq = ?1", [seq], |row| row.get(0))?;
                let detail: serde_json::Value = from_json(&detail, CasePart::Ground)?;
                Ok(detail["sha256"].as_str().and_then(|text| text.parse().ok()))
            })
            .transpose()?;
        let stacks = stacks_in_force(db)?;
        let same = match said {
            Some(digest) => digest == Some(stacks_digest(&stacks)),
            None => stacks.is_empty() || stacked.is_none() && newest(db, OperationKind::Stacked)?.is_some(),
        };
        if !same {
            self.found(ProblemKind::Derived, "the stacks are not those that the newest operation about them made");
        }
        for table in ["facts", "thumbnail", "region"] {
            let found: i64 = db.query_row(
                &format!("SELECT count(*) FROM derived.{table} WHERE id NOT IN (SELECT id FROM derived.view)"),
                [],
                |row| row.get(0),
            )?;
            if found > 0 {
                self.found(ProblemKind::Derived, format!("{found} rows of {table} belong to no item"));
            }
        }
        Ok(())
    }

    pub(super) fn sums(&mut self, progress: ProgressTo<'_>) -> Result<()> {
        progress("sums", 0, 1);
        let counts: Counts = self.case.counts()?;
        if counts.shown + counts.hidden + counts.refused != counts.items {
            self.found(ProblemKind::Sums, "shown, hidden and refused do not add up to the items");
        }
        if counts.known_decoded != 0 {
            let detail = format!("{} known items were decoded", counts.known_decoded);
            self.found(ProblemKind::KnownDecoded, detail);
        }
        self.report.pending = counts.pending;
        progress("sums", 1, 1);
        Ok(())
    }
}

/// Tells whether the columns of an item's facts that repeat a part of the rest say the same.
fn columns_follow(db: &Connection, item: i64) -> Result<bool> {
    let (detail, taken, camera): (String, Option<String>, Option<String>) = db
        .prepare_cached("SELECT detail, taken, camera FROM derived.facts WHERE id = ?1")?
        .query_row([item], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(columns_of(&detail).is_ok_and(|columns| columns == (taken, camera)))
}

fn noted_sets(db: &Connection) -> Result<HashSet<(SetName, SetVersion)>> {
    let mut all = db.prepare("SELECT DISTINCT name, version FROM main.hash_set")?;
    let mut rows = all.query([])?;
    let mut sets = HashSet::new();
    while let Some(row) = rows.next()? {
        let name = row.get::<_, String>(0)?.parse().map_err(|_| crate::error::damaged(CasePart::Ground))?;
        sets.insert((name, SetVersion(row.get(1)?)));
    }
    Ok(sets)
}
