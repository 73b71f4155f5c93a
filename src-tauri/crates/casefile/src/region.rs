//! What the regions that leads rest on look like, as somebody worked it out.
//!
//! Derived state: each value belongs to an item and to a part of it as it is stored, so that a region that was moved has none
//! until it is worked out anew, and one that was moved back has its own again. Values go when what was decoded of their item
//! goes, and are lost with the derived file; then they are worked out again from the source.

use domain::{EvidenceId, EvidencePart, LeadId, PdqSet, Region, Sha256};
use rusqlite::{Connection, OptionalExtension};

use crate::canon::Canon;
use crate::error::CasePart;
use crate::view::{from_json, pdq_bytes, pdq_set, to_json};
use crate::{CaseFile, Result, lead, numbers};

/// Tells what is known of the look of a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegionLook {
    /// Nobody has worked it out yet.
    Unknown,
    /// It is too small to have one.
    None,
    /// Its digest, whose quality says whether it can be looked up.
    Pdq(Box<PdqSet>),
}

impl RegionLook {
    /// Gives the digest, where it says enough to be looked up.
    pub fn usable(&self) -> Option<&PdqSet> {
        match self {
            Self::Pdq(pdq) if pdq.quality >= PdqSet::QUALITY_MIN => Some(pdq),
            Self::Unknown | Self::None | Self::Pdq(_) => None,
        }
    }
}

/// Describes a region in force, of an item of which something was decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionRow {
    /// Number of the evidence.
    pub evidence: EvidenceId,
    /// The lead that rests on it.
    pub lead: LeadId,
    /// Number of the item.
    pub number: u32,
    /// The item.
    pub item: Sha256,
    /// Which of the regions of this lead in this item it is, from 1.
    pub place: u32,
    /// The region.
    pub region: Region,
    /// What it looks like.
    pub look: RegionLook,
}

impl CaseFile {
    /// Lists the regions that leads rest on, by lead, by number of the item and then in the order of adding. Regions of items
    /// of which nothing is decoded, as of those that a set hides, are not among them.
    pub fn regions(&self) -> Result<Vec<RegionRow>> {
        self.read(in_force)
    }

    /// Keeps what a region of an item looks like; none for one that is too small. Nothing is kept of an item of which nothing
    /// is decoded any more, and nothing by a case that was opened for reading.
    pub fn put_region_look(&self, item: &Sha256, region: &Region, pdq: Option<&PdqSet>) -> Result<()> {
        if !self.may_write() {
            return Ok(());
        }
        let part = key(&to_json(&EvidencePart::Region(region.clone())));
        self.write_whatever_the_role(|writer| {
            writer.ground(|db| {
                db.prepare_cached(
                    "INSERT OR REPLACE INTO derived.region SELECT i.id, ?2, ?3 FROM main.item i
                     JOIN derived.facts f ON f.id = i.id WHERE i.sha256 = ?1",
                )?
                .execute((item.0, part.0, pdq.map(pdq_bytes)))?;
                Ok(())
            })
        })
    }
}

/// Names a part of an item by a digest: an outline can be as long as a page.
fn key(part: &str) -> Sha256 {
    let mut canon = Canon::new("zeef region 1");
    canon.bytes(part.as_bytes());
    canon.finish()
}

fn in_force(db: &Connection) -> Result<Vec<RegionRow>> {
    let mut all = db.prepare_cached(
        "SELECT n.id, n.lead, n.item, i.sha256, x.part
         FROM main.evidence_now n JOIN main.evidence x ON x.seq = n.seq AND x.id = n.id
         JOIN main.item i ON i.id = n.item JOIN derived.facts f ON f.id = n.item
         WHERE x.part LIKE '{\"part\":\"region\"%' ORDER BY n.lead, n.item, n.id",
    )?;
    let mut known = db.prepare_cached("SELECT pdq FROM derived.region WHERE id = ?1 AND part = ?2")?;
    let mut rows = all.query([])?;
    let mut found: Vec<RegionRow> = Vec::new();
    while let Some(row) = rows.next()? {
        let (item, part): (i64, String) = (row.get(2)?, row.get(4)?);
        let EvidencePart::Region(region) = from_json(&part, CasePart::Ground)? else { continue };
        let look: Option<Option<Vec<u8>>> = known.query_row((item, key(&part).0), |row| row.get(0)).optional()?;
        let (lead, number) = (lead::public(row.get(1)?)?, numbers::public(item)?);
        let before = found.last().filter(|one| (one.lead, one.number) == (lead, number)).map_or(0, |one| one.place);
        found.push(RegionRow {
            evidence: EvidenceId(row.get::<_, i64>(0)?.unsigned_abs()),
            lead,
            number,
            item: Sha256(row.get(3)?),
            place: before + 1,
            region,
            look: match look {
                None => RegionLook::Unknown,
                Some(None) => RegionLook::None,
                Some(Some(bytes)) => RegionLook::Pdq(Box::new(pdq_set(&bytes)?)),
            },
        });
    }
    Ok(found)
}
