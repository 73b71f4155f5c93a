//! Digests of derived rows, kept in the ground file beside the operation that wrote them.
//!
//! The derived file can be thrown away, but as long as it is there it decides what a person gets to see. So each
//! operation that writes rows there seals them: `judged` covers what the rule says of an item and its matches,
//! `decoded` its facts and its thumbnail. `verify` computes both again. A thumbnail may be gone without a loss once its
//! item was hidden; anything else that is missing, added or changed is found.

use domain::Sha256;
use rusqlite::{Connection, OptionalExtension};

use crate::Result;
use crate::canon::Canon;
use crate::view::{HIDDEN, ViewReader, to_json};

/// Holds the digests of one item's derived rows, as an operation left them.
pub(crate) struct Seal {
    pub item: i64,
    /// Tells that an exact digest hides it, so that what was decoded may be purged.
    pub hidden: bool,
    pub judged: Sha256,
    /// Facts and thumbnail; none where the operation wrote none.
    pub decoded: Option<Sha256>,
}

impl Seal {
    /// Adds the seal to the digest of its operation.
    pub fn add_to(&self, canon: &mut Canon) {
        canon.bytes(b"seal").number(self.item).number(i64::from(self.hidden)).bytes(&self.judged.0);
        canon.maybe_bytes(self.decoded.as_ref().map(|digest| digest.0.as_slice()));
    }

    pub fn insert(&self, db: &Connection, seq: i64) -> Result<()> {
        db.prepare_cached("INSERT INTO main.seal(item, seq, hidden, judged, decoded) VALUES(?1, ?2, ?3, ?4, ?5)")?
            .execute((self.item, seq, self.hidden, self.judged.0, self.decoded.map(|digest| digest.0)))?;
        Ok(())
    }
}

/// Tells of an item that an operation wrote, and whether it wrote facts and thumbnail too.
pub(crate) type Written = (i64, bool);

/// Seals what was written, in the order of the items.
pub(crate) fn seal_all(db: &Connection, written: &[Written]) -> Result<Vec<Seal>> {
    let mut written = written.to_vec();
    written.sort_unstable();
    let mut reader = ViewReader::new(db);
    let mut seals = Vec::with_capacity(written.len());
    for (item, with_decoded) in written {
        let decoded = if with_decoded { decoded(db, item)? } else { None };
        if let Some((hidden, judged)) = judged(db, &mut reader, item)? {
            seals.push(Seal { item, hidden, judged, decoded });
        }
    }
    Ok(seals)
}

/// Computes the digest of what the rule says of an item, and tells whether it hides it.
pub(crate) fn judged(db: &Connection, reader: &mut ViewReader<'_>, item: i64) -> Result<Option<(bool, Sha256)>> {
    let row = db
        .prepare_cached("SELECT sha256, class, visibility, hits, near, state FROM derived.view WHERE id = ?1")?
        .query_row([item], |row| {
            let texts: [String; 4] = [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?];
            Ok((row.get::<_, [u8; 32]>(0)?, texts, row.get::<_, i64>(5)?))
        })
        .optional()?;
    let Some((sha256, [class, visibility, hits, near], state)) = row else { return Ok(None) };
    let mut canon = Canon::new("zeef judged 1");
    canon.number(item).bytes(&sha256).bytes(class.as_bytes()).bytes(visibility.as_bytes());
    // Stored matches name their set by a number; the digest covers the set itself.
    canon.bytes(to_json(&reader.hits(&hits)?).as_bytes()).bytes(to_json(&reader.near(&near)?).as_bytes());
    Ok(Some((state == HIDDEN, canon.finish())))
}

/// Computes the digest of an item's facts and thumbnail; none where one of them is missing.
pub(crate) fn decoded(db: &Connection, item: i64) -> Result<Option<Sha256>> {
    Ok(db
        .prepare_cached(
            "SELECT f.width, f.height, f.pdq, f.image_hash, f.detail, t.width, t.height, t.jpeg
             FROM derived.facts f JOIN derived.thumbnail t ON t.id = f.id WHERE f.id = ?1",
        )?
        .query_row([item], |row| {
            let mut canon = Canon::new("zeef decoded 1");
            canon.number(item).number(row.get(0)?).number(row.get(1)?);
            canon.maybe_bytes(row.get_ref(2)?.as_blob_or_null()?).number(row.get(3)?);
            canon.bytes(row.get_ref(4)?.as_bytes()?).number(row.get(5)?).number(row.get(6)?);
            canon.bytes(row.get_ref(7)?.as_blob()?);
            Ok(canon.finish())
        })
        .optional()?)
}
