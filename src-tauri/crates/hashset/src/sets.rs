//! Exact look-ups: a view of all sets as they were when it was opened. It stays as it is while an import goes on beside it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::{
    Agreement, AnyDigest, DigestKind, Digests, EntryDigests, EntryId, Hit, ReleaseStamp, SetName, SetStamp, SetVersion,
    Sha256, UtcTime,
};
use serde::Serialize;

use crate::changes::Changes;
use crate::error::HashsetError;
use crate::filter::Filter;
use crate::layers::{Layer, open_layers};
use crate::layout::{KINDS, Row, digest_of};
use crate::poison::Quarantine;
use crate::rows::Rows;
use crate::segment::{PROBES_MAX, Probe};
use crate::store::{Manifest, StoredChanges, StoredSet, quarantine_name};

/// Hits of one item in one set after which only those are added that say something that no hit before them said. A list
/// that repeats one digest a million times would fill the memory; the opinions in it are all kept.
pub const HITS_MAX: usize = 1024;
/// Items that are looked up together, three digests each.
const BATCH_ITEMS: usize = PROBES_MAX / KINDS.len();
/// How often opening is tried again when an import removed a file between the reading of the manifest and its opening.
const OPEN_TRIES: usize = 8;

/// Describes one set of the store.
#[derive(Debug, Clone, Serialize)]
pub struct SetInfo {
    /// Name, role, version, profile, publication.
    pub stamp: Arc<SetStamp>,
    /// Number of entries.
    pub entries: u64,
    /// When it was imported.
    pub imported: UtcTime,
    /// Form of the list.
    pub kind: String,
    /// Names of the files it came from.
    pub sources: Vec<String>,
    /// Their digests, in the same order.
    pub source_sha256: Vec<Sha256>,
    /// Records that became no entries, by reason.
    pub refused: BTreeMap<String, u64>,
    /// Entries of each code; the empty code counts those that nobody has judged. Empty when the form has no categories.
    pub categories: BTreeMap<String, u64>,
    /// Entries that hide nothing because a good set has them too.
    pub quarantined: u64,
    /// Digests with different verdicts inside this set, of the digest kind that has most of them. Counted when the set was
    /// last written as a whole: deltas since then are not counted in.
    pub conflicts: u64,
    /// Entries with a PDQ value.
    pub with_pdq: u64,
    /// Entries with an MD5.
    pub with_md5: u64,
    /// Entries with a SHA-1.
    pub with_sha1: u64,
    /// Entries with a SHA-256.
    pub with_sha256: u64,
    /// By which release it came; `None` for a set that was imported by hand.
    pub release: Option<ReleaseStamp>,
}

impl SetInfo {
    pub(crate) fn new(set: &StoredSet) -> Self {
        Self {
            stamp: Arc::new(set.stamp.clone()),
            entries: set.entries,
            imported: set.imported,
            kind: set.kind.clone(),
            sources: set.sources.clone(),
            source_sha256: set.source_sha256.clone(),
            refused: set.refused.clone(),
            categories: set.categories.clone(),
            quarantined: set.quarantined,
            conflicts: set.conflicts,
            with_pdq: set.with_pdq,
            with_md5: set.with_md5,
            with_sha1: set.with_sha1,
            with_sha256: set.with_sha256,
            release: set.release.clone(),
        }
    }
}

/// Names an entry of a known set that also stands in a good set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QuarantinedEntry {
    /// Entry of the known set.
    pub entry: EntryId,
    /// Its digests.
    pub digests: EntryDigests,
    /// Good set that has it.
    pub good_set: SetName,
    /// Its version.
    pub good_version: SetVersion,
    /// First entry of the good set that has one of the digests.
    pub good_entry: EntryId,
}

/// Looks up digests in all sets of a store. A clone shares everything.
#[derive(Debug, Clone)]
pub struct Sets(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    dir: PathBuf,
    infos: Vec<SetInfo>,
    /// In the order of `infos`: role, then name.
    pub sets: Vec<OpenSet>,
    retired: BTreeMap<SetName, SetVersion>,
    fingerprint: Sha256,
}

#[derive(Debug)]
pub(crate) struct OpenSet {
    pub stamp: Arc<SetStamp>,
    /// Oldest first; one for an imported set.
    pub layers: Vec<Layer>,
    /// What the newer layers may have; `None` where they are asked for everything.
    newer: Option<Filter>,
    quarantine: Vec<OpenQuarantine>,
    changes: Vec<StoredChanges>,
}

/// Where a row stands in its set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub layer: u32,
    pub row: u32,
}

#[derive(Debug)]
struct OpenQuarantine {
    file: Quarantine,
    sha256: Sha256,
    /// Number of the layer.
    layer: usize,
    /// Number of the good set in `Inner::sets`.
    good: usize,
    /// Number of its layer.
    good_layer: usize,
}

impl Sets {
    /// Opens the sets of a store as they are now. A folder that is missing or empty has no sets.
    ///
    /// Takes milliseconds for any number of entries. Fails when a file that the manifest names is missing or not whole.
    pub fn open(dir: &Path) -> Result<Self, HashsetError> {
        let mut manifest = Manifest::read(dir)?;
        for _ in 1..OPEN_TRIES {
            match Self::open_manifest(dir, &manifest) {
                Ok(sets) => return Ok(sets),
                Err(error) => {
                    // An import may have removed files of the manifest that was read. Then there is a newer one.
                    let now = Manifest::read(dir)?;
                    if now.generation == manifest.generation {
                        return Err(error);
                    }
                    manifest = now;
                }
            }
        }
        Self::open_manifest(dir, &manifest)
    }

    fn open_manifest(dir: &Path, manifest: &Manifest) -> Result<Self, HashsetError> {
        let mut stored: Vec<_> = manifest.sets.iter().collect();
        stored.sort_by_key(|set| (set.stamp.role, &set.stamp.name));
        let mut sets = Vec::new();
        for set in &stored {
            let stamp = Arc::new(set.stamp.clone());
            let layers = open_layers(dir, set)?;
            let newer = Filter::of(&layers[1..]);
            sets.push(OpenSet { stamp, layers, newer, quarantine: Vec::new(), changes: set.changes.clone() });
        }
        for (number, set) in stored.iter().enumerate() {
            let mut quarantine = Vec::new();
            for part in &set.quarantine {
                let good = stored.iter().position(|other| other.stamp.name == part.good);
                let good = good.expect("the manifest has been checked to have the sets it quarantines for");
                let place = |set: usize, sha256: Sha256| {
                    sets[set].layers.iter().position(|layer: &Layer| layer.sha256 == sha256)
                };
                let (layer, good_layer) = (place(number, part.known_segment), place(good, part.good_segment));
                let checked = "the manifest has been checked to have the layers it quarantines for";
                let (layer, good_layer) = (layer.expect(checked), good_layer.expect(checked));
                let file = Quarantine::open(dir.join(quarantine_name(&part.file)), part)?;
                quarantine.push(OpenQuarantine { file, sha256: part.file, layer, good, good_layer });
            }
            quarantine.sort_by_key(|part| (part.good, part.layer, part.good_layer));
            sets[number].quarantine = quarantine;
        }
        let infos =
            stored.iter().zip(&sets).map(|(set, open)| SetInfo { stamp: open.stamp.clone(), ..SetInfo::new(set) });
        let infos = infos.collect();
        let retired = manifest.retired.clone();
        Ok(Self(Arc::new(Inner { dir: dir.to_owned(), infos, sets, retired, fingerprint: manifest.fingerprint() })))
    }

    /// Lists the sets: known before good, then by name.
    pub fn list(&self) -> &[SetInfo] {
        &self.0.infos
    }

    /// Gives the last version of a set that was removed from this store.
    pub fn retired(&self, name: &SetName) -> Option<SetVersion> {
        self.0.retired.get(name).copied()
    }

    /// Gives a value that changes if and only if what look-ups answer may change.
    pub fn fingerprint(&self) -> Sha256 {
        self.0.fingerprint
    }

    /// Finds every entry of every set that has a digest of the item: by role, name, and entry. One hit an entry, with the
    /// strongest digest that met.
    pub fn lookup(&self, item: &Digests) -> Vec<Hit> {
        let mut out = Vec::new();
        self.lookup_batch(std::slice::from_ref(item), &mut out);
        out.pop().unwrap_or_default()
    }

    /// Looks up many items at once, which is several times as fast: `out` gets the hits of each, in the same order.
    pub fn lookup_batch(&self, items: &[Digests], out: &mut Vec<Vec<Hit>>) {
        out.iter_mut().for_each(Vec::clear);
        out.resize_with(items.len(), Vec::new);
        let mut found = Vec::new();
        for (items, out) in items.chunks(BATCH_ITEMS).zip(out.chunks_mut(BATCH_ITEMS)) {
            let mut probes = [Probe { kind: DigestKind::Md5, digest: &[], item: 0 }; PROBES_MAX];
            for (number, (item, probes)) in items.iter().zip(probes.as_chunks_mut().0).enumerate() {
                *probes = KINDS.map(|kind| Probe { kind, digest: item_digest(item, kind), item: number as u32 });
            }
            for set in &self.0.sets {
                found.clear();
                set.candidates(&probes[..items.len() * KINDS.len()], |item, place| found.push((item, place)));
                // An entry that is met by several digests is one hit.
                found.sort_unstable();
                found.dedup();
                for rows in found.chunk_by_mut(|a, b| a.0 == b.0) {
                    let number = rows[0].0 as usize;
                    set.hits(rows, &|row| agreement(row, &items[number]), &mut out[number]);
                }
            }
        }
    }

    /// Finds every entry that has this digest, in the order of [`Sets::lookup`]. With nothing else to compare, only a
    /// SHA-256 is confirmed.
    pub fn lookup_digest(&self, digest: &AnyDigest) -> Vec<Hit> {
        let kind = digest.kind();
        let probe = [Probe { kind, digest: any_bytes(digest), item: 0 }];
        let agreement = if kind == DigestKind::Sha256 { Agreement::Confirmed } else { Agreement::Unconfirmed };
        let mut hits = Vec::new();
        for set in &self.0.sets {
            let mut found = Vec::new();
            set.candidates(&probe, |item, place| found.push((item, place)));
            let same = |row: &Row| digest_of(&row.digests, kind) == Some(any_bytes(digest));
            let agree = |row: &Row| same(row).then(|| (kind, agreement.clone()));
            set.hits(&mut found, &agree, &mut hits);
        }
        hits
    }

    /// Tells for each digest whether any set has it. The fastest look-up: it makes no hits, and the answer does not say
    /// whether other digests agree.
    pub fn holds_batch(&self, digests: &[AnyDigest], out: &mut Vec<bool>) {
        out.clear();
        out.resize(digests.len(), false);
        let mut found = Vec::new();
        for (digests, out) in digests.chunks(PROBES_MAX).zip(out.chunks_mut(PROBES_MAX)) {
            let mut probes = [Probe { kind: DigestKind::Md5, digest: &[], item: 0 }; PROBES_MAX];
            for (number, (digest, probe)) in digests.iter().zip(&mut probes).enumerate() {
                *probe = Probe { kind: digest.kind(), digest: any_bytes(digest), item: number as u32 };
            }
            for set in &self.0.sets {
                found.clear();
                set.candidates(&probes[..digests.len()], |item, place| found.push((item, place)));
                for (item, place) in &found {
                    let (probe, layer) = (&probes[*item as usize], &set.layers[place.layer as usize]);
                    out[*item as usize] |=
                        layer.segment.row_has(place.row, probe.kind, probe.digest) && !layer.dead.has(place.row);
                }
            }
        }
    }

    /// Lists the entries of a known set that hide nothing because a good set has them too: by good set, then in the order
    /// of the list. An entry that stands in several good sets is listed for each. An unknown name has none.
    pub fn quarantine(&self, name: &SetName) -> Vec<QuarantinedEntry> {
        let Some(set) = self.0.sets.iter().find(|set| set.stamp.name == *name) else { return Vec::new() };
        let mut found = Vec::new();
        for part in &set.quarantine {
            let good = &self.0.sets[part.good];
            found.reserve(part.file.len());
            for (row, good_row) in part.file.iter() {
                let place = Place { layer: part.layer as u32, row };
                let good_place = Place { layer: part.good_layer as u32, row: good_row };
                if !set.layers[part.layer].dead.has(row) {
                    found.push((part.good, set.order(place), place, good.order(good_place), good_place));
                }
            }
        }
        // An entry that stands in several layers of one good set is listed with the first entry there.
        found.sort_unstable();
        found.dedup_by_key(|(good, _, place, ..)| (*good, *place));
        let listed = found.into_iter().filter_map(|(good, _, place, _, good_place)| {
            let good = &self.0.sets[good];
            let (row, good_row) = (set.row(place)?, good.row(good_place)?);
            Some(QuarantinedEntry {
                entry: row.id,
                digests: row.digests,
                good_set: good.stamp.name.clone(),
                good_version: good.stamp.version,
                good_entry: good_row.id,
            })
        });
        listed.collect()
    }

    /// Streams the live entries of a set: ascending by entry id for a published set, in the order of its list for an
    /// imported one. In constant memory; nothing is mapped.
    pub fn rows(&self, name: &SetName) -> Result<Rows<'_>, HashsetError> {
        Rows::new(&self.set(name)?.layers)
    }

    /// Tells what updates have done to a set since it had the version `since`: by version, then by entry id. `None` when
    /// the logs do not reach back: then everything has to be matched again.
    pub fn changes(&self, name: &SetName, since: SetVersion) -> Result<Option<Changes>, HashsetError> {
        let set = self.set(name)?;
        if since == set.stamp.version {
            return Changes::open(&self.0.dir, &[]);
        }
        match set.changes.iter().position(|log| log.from == since) {
            Some(first) => Changes::open(&self.0.dir, &set.changes[first..]),
            None => Ok(None),
        }
    }

    fn set(&self, name: &SetName) -> Result<&OpenSet, HashsetError> {
        let set = self.0.sets.iter().find(|set| set.stamp.name == *name);
        set.ok_or_else(|| HashsetError::UnknownSet { name: name.clone() })
    }

    /// Hashes every byte of every file of the sets again, and compares with what was written.
    pub fn verify(&self) -> Result<(), HashsetError> {
        for set in &self.0.sets {
            set.layers.iter().try_for_each(|layer| layer.segment.verify(&layer.sha256))?;
            set.quarantine.iter().try_for_each(|part| part.file.verify(&part.sha256))?;
        }
        Ok(())
    }
}

impl OpenSet {
    /// Calls `found` with the number of each probe and every row that has its leading bits, as
    /// [`crate::segment::Segment::candidates`] does, in all layers.
    fn candidates(&self, probes: &[Probe<'_>], mut found: impl FnMut(u32, Place)) {
        let (base, newer) = self.layers.split_first().expect("a set has its base");
        base.segment.candidates(probes, |item, row| found(item, Place { layer: 0, row }));
        if newer.is_empty() {
            return;
        }
        let mut asked = [Probe { kind: DigestKind::Md5, digest: &[], item: 0 }; PROBES_MAX];
        let mut count = 0;
        for probe in probes {
            asked[count] = *probe;
            count += usize::from(self.newer.as_ref().is_none_or(|newer| newer.may_have(probe.digest)));
        }
        if count > 0 {
            for (layer, number) in newer.iter().zip(1..) {
                layer.segment.candidates(&asked[..count], |item, row| found(item, Place { layer: number, row }));
            }
        }
    }

    pub fn is_quarantined(&self, place: Place) -> bool {
        self.quarantine.iter().any(|part| part.layer == place.layer as usize && part.file.has(place.row))
    }

    fn row(&self, place: Place) -> Option<Row> {
        self.layers[place.layer as usize].segment.row(place.row)
    }

    /// Tells where an entry comes among those of its set: by its row where there is one layer, else by its id. In one layer
    /// of a published set both are the same order.
    pub fn order(&self, place: Place) -> u64 {
        match self.layers.len() {
            1 => u64::from(place.row),
            _ => self.row(place).map_or(u64::MAX, |row| row.id.0),
        }
    }

    /// Makes a hit of each live row, in the order of entries.
    fn hits(
        &self,
        rows: &mut [(u32, Place)],
        agree: &dyn Fn(&Row) -> Option<(DigestKind, Agreement)>,
        out: &mut Vec<Hit>,
    ) {
        let start = out.len();
        if self.layers.len() > 1 && rows.len() > 1 {
            rows.sort_unstable_by_key(|(_, place)| (self.order(*place), *place));
        }
        for (_, place) in rows {
            let layer = &self.layers[place.layer as usize];
            let Some(row) = layer.segment.row(place.row) else { continue };
            let Some((kind, agreement)) = agree(&row) else { continue };
            if layer.dead.has(place.row) {
                continue;
            }
            let (verdict, standing) = layer.segment.statement(row.verdict).clone();
            let hit = Hit {
                set: self.stamp.clone(),
                entry: row.id,
                kind,
                agreement,
                quarantined: self.is_quarantined(*place),
                verdict,
                flags: row.flags,
                series: layer.segment.series(row.series).to_owned(),
                standing,
            };
            let said_before = |other: &Hit| {
                // INTERPOL's lists say their verdict by a flag.
                other.verdict == hit.verdict
                    && other.standing == hit.standing
                    && other.flags == hit.flags
                    && other.agreement == hit.agreement
                    && other.quarantined == hit.quarantined
                    && other.kind == hit.kind
            };
            if out.len() - start < HITS_MAX || !out[start..].iter().any(said_before) {
                out.push(hit);
            }
        }
        // Rows come in the order of the list; the sort keeps that order among entries with one number.
        out[start..].sort_by_key(|hit| hit.entry);
    }
}

/// Compares everything that the entry has with the item. `None` when no digest is the same.
fn agreement(row: &Row, item: &Digests) -> Option<(DigestKind, Agreement)> {
    let mut strongest = None;
    let mut agree = 0;
    let mut against = Vec::new();
    for kind in KINDS {
        match digest_of(&row.digests, kind) {
            Some(digest) if digest == item_digest(item, kind) => {
                strongest = Some(kind);
                agree += 1;
            }
            Some(_) => against.push(kind.label()),
            None => {}
        }
    }
    match row.size_bytes {
        Some(size) if size == item.size_bytes => agree += 1,
        Some(_) => against.push("size"),
        None => {}
    }
    let strongest = strongest?;
    let agreement = if !against.is_empty() {
        Agreement::Contradicted { by: against.join(", ") }
    } else if strongest == DigestKind::Sha256 || agree > 1 {
        Agreement::Confirmed
    } else {
        Agreement::Unconfirmed
    };
    Some((strongest, agreement))
}

fn item_digest(item: &Digests, kind: DigestKind) -> &[u8] {
    match kind {
        DigestKind::Md5 => &item.md5.0,
        DigestKind::Sha1 => &item.sha1.0,
        DigestKind::Sha256 => &item.sha256.0,
    }
}

fn any_bytes(digest: &AnyDigest) -> &[u8] {
    match digest {
        AnyDigest::Md5(d) => &d.0,
        AnyDigest::Sha1(d) => &d.0,
        AnyDigest::Sha256(d) => &d.0,
    }
}
