//! Rows of the derived file: what the rule says of an item, its matches, and what the decoder gave.

use std::collections::HashMap;
use std::sync::Arc;

use domain::{
    Agreement, Camera, Decoded, DigestKind, EntryId, Facts, Finding, Flags, GpsFix, HideReason, Hit, ImageHash,
    MetadataValue, NearHit, Orientation, Pdq, PdqSet, PdqVariant, SetStamp, ShowReason, Standing, TakenAt, Verdict,
    Visibility,
};
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::Result;
use crate::error::{CasePart, damaged};
use crate::reason::Reason;

/// `view.state` of what the rule shows, hides and refuses.
pub(crate) const SHOWN: i64 = 0;
pub(crate) const HIDDEN: i64 = 1;
pub(crate) const REFUSED: i64 = 2;
/// `view.hide` of what a known and what a good set hides.
pub(crate) const BY_KNOWN: i64 = 1;
pub(crate) const BY_GOOD: i64 = 2;

/// Names of the kinds of findings; the place of each is its bit in `view.findings`.
pub(crate) const FINDINGS: [&str; 8] = [
    "conflict",
    "quarantined",
    "contradiction",
    "meaning-unanswered",
    "code-unknown",
    "known-unclassified",
    "no-picture",
    "not-allowed",
];
pub(crate) const CONFLICT_BIT: i64 = 1;
pub(crate) const CONTRADICTION_BIT: i64 = 4;

fn finding_bit(finding: &Finding) -> i64 {
    match finding {
        Finding::Conflict { .. } => CONFLICT_BIT,
        Finding::Quarantined { .. } => 2,
        Finding::Contradiction { .. } => CONTRADICTION_BIT,
        Finding::MeaningUnanswered { .. } => 8,
        Finding::CodeUnknown { .. } => 16,
        Finding::KnownUnclassified { .. } => 32,
        Finding::NoPicture { .. } => 64,
        Finding::NotAllowed { .. } => 128,
    }
}

/// What counting and listing need of a visibility.
#[derive(PartialEq, Eq)]
pub(crate) struct Tally {
    pub state: i64,
    pub rank: i64,
    pub hide: Option<i64>,
    pub hide_set: Option<String>,
    pub refusal: Option<String>,
    pub findings: i64,
    pub reason: i64,
    pub reason_set: Option<String>,
    pub category: Option<String>,
}

impl Tally {
    pub fn of(visibility: &Visibility) -> Self {
        let reason = Reason::of(visibility);
        let mut tally = Self {
            state: SHOWN,
            rank: 2,
            hide: None,
            hide_set: None,
            refusal: None,
            findings: 0,
            reason: reason.code.stored(),
            reason_set: reason.set,
            category: reason.category,
        };
        match visibility {
            Visibility::Shown { why: ShowReason::Odd { findings } } => {
                tally.rank = 1;
                tally.findings = findings.iter().map(finding_bit).fold(0, |all, bit| all | bit);
            }
            Visibility::Shown { why: ShowReason::Returned { .. } } => tally.rank = 0,
            Visibility::Shown { .. } => {}
            Visibility::Hidden { why } => {
                tally.state = HIDDEN;
                tally.rank = 3;
                tally.hide = Some(match why {
                    HideReason::Known { .. } => BY_KNOWN,
                    HideReason::Ordinary { .. } => BY_GOOD,
                });
                tally.hide_set = Some(why.origin().0.as_str().to_owned());
            }
            Visibility::Refused { why } => {
                tally.state = REFUSED;
                tally.rank = 4;
                tally.refusal = Some(word(&why.code));
            }
        }
        tally
    }
}

/// Gives the word of a unit variant, as JSON has it.
pub(crate) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => unreachable!("a variant without fields becomes a JSON string"),
    }
}

/// Reads such a word.
pub(crate) fn from_word<T: DeserializeOwned>(word: String, part: CasePart) -> Result<T> {
    serde_json::from_value(serde_json::Value::String(word)).map_err(|_| damaged(part))
}

pub(crate) fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("every value of the words becomes JSON")
}

pub(crate) fn from_json<T: DeserializeOwned>(text: &str, part: CasePart) -> Result<T> {
    serde_json::from_str(text).map_err(|_| damaged(part))
}

/// A [`Hit`] whose set is a number, because a million hits name a handful of sets.
#[derive(Serialize, Deserialize)]
struct StoredHit {
    s: i64,
    e: EntryId,
    k: DigestKind,
    a: Agreement,
    q: bool,
    v: Verdict,
    f: Flags,
    r: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    t: Option<Standing>,
}

/// A [`NearHit`] in the same manner.
#[derive(Serialize, Deserialize)]
struct StoredNear {
    s: i64,
    e: EntryId,
    d: u32,
    o: Orientation,
    v: Verdict,
    f: Flags,
    r: String,
    q: bool,
}

/// Writes derived rows within one transaction.
pub(crate) struct ViewWriter<'a> {
    db: &'a Connection,
    stamps: Vec<(Arc<SetStamp>, i64)>,
}

/// What is stored of an item.
pub(crate) struct View<'a> {
    pub id: i64,
    pub sha256: &'a [u8; 32],
    pub class: &'a str,
    pub visibility: &'a Visibility,
    pub hits: &'a [Hit],
    pub near: &'a [NearHit],
}

impl<'a> ViewWriter<'a> {
    pub fn new(db: &'a Connection) -> Self {
        Self { db, stamps: Vec::new() }
    }

    /// Keeps the row that is about to change, so that an unfinished operation can be taken back.
    pub fn keep_before(&self, id: i64) -> Result<()> {
        let kept = self
            .db
            .prepare_cached("INSERT OR IGNORE INTO derived.before SELECT * FROM derived.view WHERE id = ?1")?
            .execute([id])?;
        if kept == 0 {
            self.db.prepare_cached("INSERT OR IGNORE INTO derived.before(id) VALUES(?1)")?.execute([id])?;
        }
        Ok(())
    }

    /// Writes what the rule says, in place of what it said.
    pub fn put(&mut self, view: &View<'_>) -> Result<()> {
        self.keep_before(view.id)?;
        let tally = Tally::of(view.visibility);
        let mut hits = Vec::with_capacity(view.hits.len());
        for hit in view.hits {
            hits.push(StoredHit {
                s: self.stamp(&hit.set)?,
                e: hit.entry,
                k: hit.kind,
                a: hit.agreement.clone(),
                q: hit.quarantined,
                v: hit.verdict.clone(),
                f: hit.flags,
                r: hit.series.clone(),
                t: hit.standing,
            });
        }
        let near = self.near(view.near)?;
        self.db
            .prepare_cached(
                "INSERT INTO derived.view
                   VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, ?11, ?12, ?13, ?14, ?15, ?16)
                 ON CONFLICT(id) DO UPDATE SET state = ?3, rank = ?4, hide = ?5, hide_set = ?6, refusal = ?7,
                   findings = ?8, class = ?9, suggested = ?10, visibility = ?11, hits = ?12, near = ?13, reason = ?14,
                   reason_set = ?15, category = ?16",
            )?
            .execute(rusqlite::params![
                view.id,
                view.sha256,
                tally.state,
                tally.rank,
                tally.hide,
                tally.hide_set,
                tally.refusal,
                tally.findings,
                view.class,
                !view.near.is_empty(),
                to_json(view.visibility),
                to_json(&hits),
                near,
                tally.reason,
                tally.reason_set,
                tally.category,
            ])?;
        Ok(())
    }

    /// Writes what the decoder gave, beside a row that is there.
    pub fn put_decoded(&self, id: i64, decoded: &Decoded) -> Result<()> {
        self.keep_before(id)?;
        let facts = &decoded.facts;
        self.db
            .prepare_cached("INSERT OR REPLACE INTO derived.facts VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?
            .execute((
                id,
                facts.width,
                facts.height,
                facts.pdq.as_ref().map(pdq_bytes),
                facts.image_hash.0.cast_signed(),
                to_json(&FactsDetail::of(facts)),
                facts.taken.as_ref().map(|taken| taken.local.as_str()),
                facts.camera.model.as_deref(),
            ))?;
        let thumbnail = &decoded.thumbnail;
        self.db.prepare_cached("INSERT OR REPLACE INTO derived.thumbnail VALUES(?1, ?2, ?3, ?4)")?.execute((
            id,
            thumbnail.width,
            thumbnail.height,
            &thumbnail.jpeg,
        ))?;
        self.db.prepare_cached("UPDATE derived.view SET decoded = 1 WHERE id = ?1")?.execute([id])?;
        Ok(())
    }

    /// Writes the perceptual matches of a row that is there.
    pub fn put_near(&mut self, id: i64, near: &[NearHit]) -> Result<()> {
        self.keep_before(id)?;
        let text = self.near(near)?;
        self.db.prepare_cached("UPDATE derived.view SET near = ?2, suggested = ?3 WHERE id = ?1")?.execute((
            id,
            text,
            !near.is_empty(),
        ))?;
        Ok(())
    }

    fn near(&mut self, near: &[NearHit]) -> Result<String> {
        let mut stored = Vec::with_capacity(near.len());
        for hit in near {
            stored.push(StoredNear {
                s: self.stamp(&hit.set)?,
                e: hit.entry,
                d: hit.distance,
                o: hit.orientation,
                v: hit.verdict.clone(),
                f: hit.flags,
                r: hit.series.clone(),
                q: hit.quarantined,
            });
        }
        Ok(to_json(&stored))
    }

    fn stamp(&mut self, stamp: &Arc<SetStamp>) -> Result<i64> {
        if let Some((_, id)) = self.stamps.iter().find(|(known, _)| Arc::ptr_eq(known, stamp) || known == stamp) {
            return Ok(*id);
        }
        let text = to_json(stamp);
        self.db.prepare_cached("INSERT OR IGNORE INTO derived.stamp(stamp) VALUES(?1)")?.execute([&text])?;
        let id: i64 = self
            .db
            .prepare_cached("SELECT id FROM derived.stamp WHERE stamp = ?1")?
            .query_row([&text], |row| row.get(0))?;
        self.stamps.push((stamp.clone(), id));
        Ok(id)
    }
}

/// Reads derived rows; keeps the stamps that it met.
pub(crate) struct ViewReader<'a> {
    db: &'a Connection,
    stamps: HashMap<i64, Arc<SetStamp>>,
}

impl<'a> ViewReader<'a> {
    pub fn new(db: &'a Connection) -> Self {
        Self { db, stamps: HashMap::new() }
    }

    pub fn hits(&mut self, text: &str) -> Result<Vec<Hit>> {
        let stored: Vec<StoredHit> = from_json(text, CasePart::Derived)?;
        stored
            .into_iter()
            .map(|hit| {
                Ok(Hit {
                    set: self.stamp(hit.s)?,
                    entry: hit.e,
                    kind: hit.k,
                    agreement: hit.a,
                    quarantined: hit.q,
                    verdict: hit.v,
                    flags: hit.f,
                    series: hit.r,
                    standing: hit.t,
                })
            })
            .collect()
    }

    pub fn near(&mut self, text: &str) -> Result<Vec<NearHit>> {
        let stored: Vec<StoredNear> = from_json(text, CasePart::Derived)?;
        stored
            .into_iter()
            .map(|hit| {
                Ok(NearHit {
                    set: self.stamp(hit.s)?,
                    entry: hit.e,
                    distance: hit.d,
                    orientation: hit.o,
                    verdict: hit.v,
                    flags: hit.f,
                    series: hit.r,
                    quarantined: hit.q,
                })
            })
            .collect()
    }

    fn stamp(&mut self, id: i64) -> Result<Arc<SetStamp>> {
        if let Some(stamp) = self.stamps.get(&id) {
            return Ok(stamp.clone());
        }
        let text: Option<String> = self
            .db
            .prepare_cached("SELECT stamp FROM derived.stamp WHERE id = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()?;
        let stamp: Arc<SetStamp> =
            Arc::new(from_json(&text.ok_or_else(|| damaged(CasePart::Derived))?, CasePart::Derived)?);
        self.stamps.insert(id, stamp.clone());
        Ok(stamp)
    }
}

/// The part of [`Facts`] that no column has.
#[derive(Serialize, Deserialize)]
struct FactsDetail<'a> {
    exif_orientation: u8,
    frames: Option<u32>,
    camera: std::borrow::Cow<'a, Camera>,
    gps: Option<GpsFix>,
    taken: Option<std::borrow::Cow<'a, TakenAt>>,
    metadata: std::borrow::Cow<'a, [MetadataValue]>,
    remarks: std::borrow::Cow<'a, [String]>,
}

impl<'a> FactsDetail<'a> {
    fn of(facts: &'a Facts) -> Self {
        use std::borrow::Cow::Borrowed;
        Self {
            exif_orientation: facts.exif_orientation,
            frames: facts.frames,
            camera: Borrowed(&facts.camera),
            gps: facts.gps,
            taken: facts.taken.as_ref().map(Borrowed),
            metadata: Borrowed(&facts.metadata),
            remarks: Borrowed(&facts.remarks),
        }
    }
}

/// Fills the columns that repeat a part of the JSON, in files of versions that did not have them.
pub(crate) fn fill_columns(db: &Connection) -> Result<()> {
    for table in ["view", "before"] {
        let mut all =
            db.prepare(&format!("SELECT id, visibility FROM derived.{table} WHERE visibility IS NOT NULL"))?;
        let mut fill = db.prepare(&format!(
            "UPDATE derived.{table} SET reason = ?2, reason_set = ?3, category = ?4 WHERE id = ?1"
        ))?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            let visibility: Visibility = from_json(&row.get::<_, String>(1)?, CasePart::Derived)?;
            let tally = Tally::of(&visibility);
            // What the columns have by themselves needs no writing: most items are new.
            if tally.reason != 0 || tally.reason_set.is_some() || table == "before" {
                fill.execute((row.get::<_, i64>(0)?, tally.reason, tally.reason_set, tally.category))?;
            }
        }
    }
    let mut all = db.prepare("SELECT id, detail FROM derived.facts")?;
    let mut fill = db.prepare("UPDATE derived.facts SET taken = ?2, camera = ?3 WHERE id = ?1")?;
    let mut rows = all.query([])?;
    while let Some(row) = rows.next()? {
        let (taken, camera) = columns_of(&row.get::<_, String>(1)?)?;
        if taken.is_some() || camera.is_some() {
            fill.execute((row.get::<_, i64>(0)?, taken, camera))?;
        }
    }
    Ok(())
}

/// Gives the time of taking and the camera's model that the columns of `facts` repeat.
pub(crate) fn columns_of(detail: &str) -> Result<(Option<String>, Option<String>)> {
    let detail: FactsDetail<'_> = from_json(detail, CasePart::Derived)?;
    Ok((detail.taken.map(|taken| taken.into_owned().local), detail.camera.into_owned().model))
}

/// Columns of `facts` as they are stored.
pub(crate) struct StoredFacts {
    pub width: u32,
    pub height: u32,
    pub pdq: Option<Vec<u8>>,
    pub image_hash: i64,
}

impl StoredFacts {
    /// Gives the facts with all that `detail` holds.
    pub fn whole(self, detail: &str) -> Result<Facts> {
        let detail: FactsDetail<'_> = from_json(detail, CasePart::Derived)?;
        let mut facts = self.measures()?;
        facts.exif_orientation = detail.exif_orientation;
        facts.frames = detail.frames;
        facts.camera = detail.camera.into_owned();
        facts.gps = detail.gps;
        facts.taken = detail.taken.map(std::borrow::Cow::into_owned);
        facts.metadata = detail.metadata.into_owned();
        facts.remarks = detail.remarks.into_owned();
        Ok(facts)
    }

    /// Gives dimensions and perceptual digests, and nothing else.
    pub fn measures(self) -> Result<Facts> {
        Ok(Facts {
            width: self.width,
            height: self.height,
            exif_orientation: 1,
            frames: None,
            pdq: self.pdq.as_deref().map(pdq_set).transpose()?,
            image_hash: ImageHash(self.image_hash.cast_unsigned()),
            camera: Camera::default(),
            gps: None,
            taken: None,
            metadata: Vec::new(),
            remarks: Vec::new(),
        })
    }
}

pub(crate) fn pdq_bytes(pdq: &PdqSet) -> Vec<u8> {
    let variant = match pdq.variant {
        PdqVariant::Sampled512 => 0,
        PdqVariant::FullResolution => 1,
    };
    let mut bytes = vec![variant, pdq.quality];
    pdq.orientations.iter().for_each(|value| bytes.extend_from_slice(&value.0));
    bytes
}

/// Bytes of a stored set that hold its variant, its quality, and the value of the picture as it is.
pub(crate) const OWN_BYTES: usize = 2 + 32;

/// Reads quality and value of the picture as it is, from the beginning of a stored set.
pub(crate) fn own_pdq(bytes: &[u8]) -> Result<(u8, Pdq)> {
    let value = bytes.get(2..OWN_BYTES).and_then(|value| value.try_into().ok());
    Ok((*bytes.get(1).ok_or_else(|| damaged(CasePart::Derived))?, Pdq(value.ok_or_else(|| damaged(CasePart::Derived))?)))
}

pub(crate) fn pdq_set(bytes: &[u8]) -> Result<PdqSet> {
    let broken = || damaged(CasePart::Derived);
    let (head, values) = bytes.split_at_checked(2).filter(|(_, values)| values.len() == 8 * 32).ok_or_else(broken)?;
    let variant = match head[0] {
        0 => PdqVariant::Sampled512,
        1 => PdqVariant::FullResolution,
        _ => return Err(broken()),
    };
    let mut orientations = [Pdq([0; 32]); 8];
    for (value, bytes) in orientations.iter_mut().zip(values.chunks_exact(32)) {
        value.0.copy_from_slice(bytes);
    }
    Ok(PdqSet { variant, quality: head[1], orientations })
}
