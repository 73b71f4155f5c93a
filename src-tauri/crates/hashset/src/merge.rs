//! One pass over a set and the changes of an update, in the order of entry ids, in memory that does not grow with the set.
//!
//! Several deltas are merged in the same pass: each change is applied to what the ones before it have left of its entry.
//! Only the last digest is computed, and it proves all of them, for it is the digest of every row that is left.

use std::collections::BTreeMap;
use std::path::PathBuf;

use domain::release::{DeltaFile, PartFile};
use domain::{Entry, EntryId, SetName, SetVersion, Sha256, Verdict};

use crate::changes::ChangesWriter;
use crate::digesting::{Digesting, Parts};
use crate::error::HashsetError;
use crate::layers::Layer;
use crate::release::{Change, DeltaReader};
use crate::rows::SetRows;
use crate::store::{Finished, Store, StoredChanges};
use crate::writer::{NewSegment, SegmentWriter};

/// What a pass has found and written. Nothing of it has its final name.
pub(crate) struct Merged {
    /// Rows that are new; for a snapshot all rows. `None` where there are none.
    pub segment: Option<NewSegment>,
    /// Rows of each old layer that have died. Empty for a snapshot, which replaces them all.
    pub dead: Vec<Vec<u32>>,
    pub logs: Vec<(StoredChanges, Finished)>,
    /// Rows of the new segment that are new or changed, ascending; only for a snapshot over another version.
    pub touched: Vec<u32>,
    pub added: u64,
    pub changed: u64,
    pub withdrawn: u64,
    /// Entries that each update has written and withdrawn.
    pub updates: Vec<(SetVersion, u64, u64)>,
    pub digest: Sha256,
    pub entries: u64,
    /// What deltas have changed in the counts of the set.
    pub tally: Tally,
}

/// Counts what entries have. The numbers may be negative: they are added to those of a set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub with: [i64; 3],
    pub with_pdq: i64,
    pub categories: BTreeMap<String, i64>,
}

impl Tally {
    fn add(&mut self, entry: &Entry, times: i64) {
        let digests = &entry.digests;
        let has = [digests.md5.is_some(), digests.sha1.is_some(), digests.sha256.is_some()];
        for (count, has) in self.with.iter_mut().zip(has) {
            *count += i64::from(has) * times;
        }
        self.with_pdq += i64::from(entry.pdq.is_some()) * times;
        let code = match &entry.verdict {
            Verdict::Category(code) => code.0.as_str(),
            Verdict::Unclassified => "",
            Verdict::Member => return,
        };
        *self.categories.entry(code.to_owned()).or_default() += times;
    }
}

/// A delta that is verified and open.
pub(crate) struct OpenDelta {
    version: SetVersion,
    path: PathBuf,
    reader: DeltaReader,
    next: Option<Change>,
    upserts: u64,
    withdrawals: u64,
    log: Option<ChangesWriter>,
}

impl OpenDelta {
    /// Verifies and opens the file, and compares what it says with what is signed. `base` is the digest of the version
    /// that it has to start from.
    pub fn open(path: PathBuf, set: &SetName, signed: &DeltaFile, base: &Sha256) -> Result<Self, HashsetError> {
        let mut reader = DeltaReader::open(&path, set, signed.version, &signed.file)?;
        let bad = |what: &str| HashsetError::BadRelease { path: path.clone(), what: what.to_owned() };
        let head = reader.head();
        if head.base_digest != *base {
            return Err(bad("it starts from other rows than those of the version before it"));
        }
        if head.result_digest != signed.result_digest || head.result_count != signed.entries {
            return Err(bad("it leads to other rows than the signed list says"));
        }
        if reader.changes() != signed.upserts.saturating_add(signed.withdrawals) {
            return Err(bad("it has another number of changes than the signed list says"));
        }
        let next = reader.next().transpose()?;
        Ok(Self { version: signed.version, path, reader, next, upserts: 0, withdrawals: 0, log: None })
    }

    fn bad(&self, what: String) -> HashsetError {
        HashsetError::BadRelease { path: self.path.clone(), what }
    }

    fn next_id(&self) -> Option<EntryId> {
        self.next.as_ref().map(Change::id)
    }

    /// Applies the change of entry `id`, if there is one, to what is there of it.
    fn change(&mut self, id: EntryId, now: Option<Entry>, reason: &mut String) -> Result<Option<Entry>, HashsetError> {
        if self.next_id() != Some(id) {
            return Ok(now);
        }
        let Some(change) = self.next.take() else { return Ok(now) };
        self.next = self.reader.next().transpose()?;
        let after = match change {
            Change::Upsert(entry) => {
                self.upserts += 1;
                reason.clear();
                Some(entry)
            }
            Change::Withdraw { reason: why, .. } => {
                self.withdrawals += 1;
                if now.is_none() {
                    return Err(self.bad(format!("it withdraws entry {id}, which is not there")));
                }
                *reason = why;
                None
            }
        };
        if let Some(log) = self.log.as_mut().filter(|_| now != after) {
            log.push(id, now.as_ref(), after.as_ref(), reason)?;
        }
        Ok(after)
    }

    fn counted(&self, signed: &DeltaFile) -> Result<(SetVersion, u64, u64), HashsetError> {
        if (self.upserts, self.withdrawals) == (signed.upserts, signed.withdrawals) {
            Ok((self.version, self.upserts, self.withdrawals))
        } else {
            Err(self.bad("it has other changes than the signed list says".to_owned()))
        }
    }
}

/// What both kinds of pass need.
pub(crate) struct Pass<'a> {
    pub store: &'a Store,
    /// The deltas as they are signed, and open, in their order.
    pub signed: &'a [&'a DeltaFile],
    pub deltas: Vec<OpenDelta>,
    /// Version that the pass leads to.
    pub version: SetVersion,
    /// Keys that are sorted in memory at a time.
    pub run_items: usize,
}

impl Pass<'_> {
    fn next_id(&self) -> Option<EntryId> {
        self.deltas.iter().filter_map(OpenDelta::next_id).min()
    }

    fn change(
        &mut self,
        id: EntryId,
        mut now: Option<Entry>,
        reason: &mut String,
    ) -> Result<Option<Entry>, HashsetError> {
        for delta in &mut self.deltas {
            now = delta.change(id, now, reason)?;
        }
        Ok(now)
    }

    fn counted(&self) -> Result<Vec<(SetVersion, u64, u64)>, HashsetError> {
        self.deltas.iter().zip(self.signed).map(|(delta, signed)| delta.counted(signed)).collect()
    }

    /// Applies deltas to the layers that are installed in version `installed`.
    pub fn deltas(mut self, layers: &[Layer], installed: SetVersion) -> Result<Merged, HashsetError> {
        let mut from = installed;
        for delta in &mut self.deltas {
            delta.log = Some(ChangesWriter::create(self.store, from, delta.version)?);
            from = delta.version;
        }
        let mut segment = SegmentWriter::create(self.store, self.run_items, self.version.0)?;
        let mut merged = Merged { dead: vec![Vec::new(); layers.len()], ..Merged::empty() };
        let mut digest = Digesting::start(self.store.dir())?;
        let mut rows = SetRows::new(layers)?;
        let mut has_row = rows.advance()?;
        let mut next = self.next_id();
        loop {
            let row = has_row.then(|| rows.entry().id);
            let Some(id) = next.filter(|next| row.is_none_or(|row| *next <= row)) else {
                if !has_row {
                    break;
                }
                digest.push(rows.entry());
                has_row = rows.advance()?;
                continue;
            };
            let before = (row == Some(id)).then(|| rows.entry().clone());
            let after = self.change(id, before.clone(), &mut String::new())?;
            next = self.next_id();
            if before != after {
                merged.count(before.as_ref(), after.as_ref());
                if before.is_some() {
                    let (layer, row) = rows.place();
                    merged.dead[layer].push(row);
                }
                before.iter().for_each(|entry| merged.tally.add(entry, -1));
                if let Some(entry) = &after {
                    merged.tally.add(entry, 1);
                    segment.push(entry)?;
                }
            }
            if let Some(entry) = after {
                digest.push_owned(entry);
            }
            if before.is_some() {
                has_row = rows.advance()?;
            }
        }
        merged.updates = self.counted()?;
        for delta in &mut self.deltas {
            merged.logs.extend(delta.log.take().map(ChangesWriter::finish).transpose()?);
        }
        (merged.digest, merged.entries) = digest.finish();
        merged.segment = if segment.rows() == 0 { None } else { Some(segment.finish()?) };
        Ok(merged)
    }

    /// Takes the parts of a snapshot and the deltas after it, and compares with what is installed.
    pub fn snapshot(
        mut self,
        set: &SetName,
        parts: Vec<(PathBuf, PartFile)>,
        installed: Option<(&[Layer], SetVersion)>,
    ) -> Result<Merged, HashsetError> {
        let mut log = match installed {
            Some((_, from)) => Some(ChangesWriter::create(self.store, from, self.version)?),
            None => None,
        };
        let mut segment = SegmentWriter::create(self.store, self.run_items, self.version.0)?;
        let mut merged = Merged::empty();
        let mut digest = Digesting::start(self.store.dir())?;
        let mut parts = Parts::start(self.store.dir(), set.clone(), parts)?;
        let mut old = SetRows::new(installed.map_or(&[][..], |(layers, _)| layers))?;
        let mut has_old = old.advance()?;
        let mut part = parts.next()?;
        let mut next = self.next_id();
        let mut reason = String::new();
        loop {
            let old_id = has_old.then(|| old.entry().id);
            let part_id = part.as_ref().map(|entry| entry.id);
            let Some(id) = [old_id, part_id, next].into_iter().flatten().min() else { break };
            let mut now = None;
            if part_id == Some(id) {
                now = std::mem::replace(&mut part, parts.next()?);
            }
            reason.clear();
            if next == Some(id) {
                now = self.change(id, now, &mut reason)?;
                next = self.next_id();
            }
            if let Some(log) = &mut log {
                let before = (old_id == Some(id)).then(|| old.entry());
                if before != now.as_ref() {
                    log.push(id, before, now.as_ref(), &reason)?;
                    merged.count(before, now.as_ref());
                    merged.touched.extend(now.as_ref().map(|_| segment.rows()));
                }
            } else {
                merged.added += u64::from(now.is_some());
            }
            if let Some(entry) = now {
                segment.push(&entry)?;
                digest.push_owned(entry);
            }
            if old_id == Some(id) {
                has_old = old.advance()?;
            }
        }
        merged.updates = match installed {
            Some(_) => vec![(self.version, merged.added + merged.changed, merged.withdrawn)],
            None => Vec::new(),
        };
        self.counted()?;
        merged.logs.extend(log.map(ChangesWriter::finish).transpose()?);
        (merged.digest, merged.entries) = digest.finish();
        merged.segment = Some(segment.finish()?);
        Ok(merged)
    }
}

impl Merged {
    fn empty() -> Self {
        Self {
            segment: None,
            dead: Vec::new(),
            logs: Vec::new(),
            touched: Vec::new(),
            added: 0,
            changed: 0,
            withdrawn: 0,
            updates: Vec::new(),
            digest: Sha256([0; 32]),
            entries: 0,
            tally: Tally::default(),
        }
    }

    fn count(&mut self, before: Option<&Entry>, after: Option<&Entry>) {
        match (before, after) {
            (None, Some(_)) => self.added += 1,
            (Some(_), Some(_)) => self.changed += 1,
            (Some(_), None) => self.withdrawn += 1,
            (None, None) => {}
        }
    }
}
