//! Applies what the post room has fetched to an installed set: a snapshot, or deltas, or both.
//!
//! Every file is compared with its signed length and SHA-256 before it is parsed. The rows that result are hashed, and have
//! to give the signed digest *before* the store is switched to them; else the set stays as it was. What arrives is compared
//! with the good sets before it may hide anything. An update that changes more than its limits allow waits for a person.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use domain::release::{Arrival, DeltaFile, FloodLimits, ReleaseFile, ReleaseIndex, SnapshotIndex, VerifiedFile, Way};
use domain::{CategoryCode, ReleaseStamp, Role, SetStamp, UtcTime, VerdictBasis};

use crate::changes::LOGS_MAX;
use crate::compact;
use crate::dead::Dead;
use crate::error::HashsetError;
use crate::guard::{Guard, NewLayers};
use crate::layers::{Layer, open_layers};
use crate::merge::{Merged, OpenDelta, Pass, Tally};
use crate::segment::Segment;
use crate::store::{Finished, Manifest, Order, Store, StoredLayer, StoredSet};
use crate::wait::{Counted, WaitReason, flood, other_meaning};
use crate::writer::{NewSegment, RUN_ITEMS};

/// Largest number of versions between the installed one and a newer one: with one a day, ten years.
const VERSIONS_SKIPPED_MAX: u32 = 3653;

/// What the post room has verified, and what the workstation adds.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The newest release.
    pub index: ReleaseIndex,
    /// What the store keeps with the set.
    pub stamp: ReleaseStamp,
    /// Codes that may hide, where the trust map of another publisher restricts them.
    pub allowed: Option<BTreeSet<CategoryCode>>,
    /// Folder of the files.
    pub folder: PathBuf,
    /// Every file of the way from the installed version.
    pub files: Vec<VerifiedFile>,
    /// Limits of the enrolment: they hold whatever the publisher's own say.
    pub enrolled_limits: FloodLimits,
    /// Now.
    pub now: UtcTime,
}

/// Tells who has agreed to an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// Nobody: it has to stay within its limits.
    Limits,
    /// A person has seen how much it changes, and wants it.
    Person,
}

/// Tells what became of an update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// Nothing was to be done.
    Current,
    /// The version was installed already; what is known of its age was renewed.
    Renewed,
    /// The set has its new version.
    Switched(Arrival),
    /// The update changes more than it may, or turns what its entries mean: nothing was switched.
    Waiting(Arrival, WaitReason),
}

/// Brings a published set to the version that was handed over, or says why not. When this fails, all sets are as they were.
///
/// Errors: a file that is not the signed one or not what it has to be; rows that do not give the signed digest; a set of this
/// name that was imported by hand or comes from another publisher; a version below the installed one.
pub fn apply(dir: &Path, incoming: &Incoming, consent: Consent) -> Result<Applied, HashsetError> {
    apply_with(dir, incoming, consent, RUN_ITEMS, Order::Safe)
}

pub(crate) fn apply_with(
    dir: &Path,
    incoming: &Incoming,
    consent: Consent,
    run_items: usize,
    order: Order,
) -> Result<Applied, HashsetError> {
    let Incoming { index, stamp, .. } = incoming;
    index.check().map_err(|what| incoming.contradicts(what))?;
    if stamp.publisher != index.publisher || stamp.result_digest != index.result_digest {
        return Err(incoming.contradicts("its stamp is that of another release"));
    }
    if index.role == Role::Known && index.basis == VerdictBasis::Category && index.profile.is_none() {
        return Err(HashsetError::NoProfile { name: index.set.clone() });
    }
    let mut store = Store::lock(dir)?;
    store.order = order;
    let installed = match store.manifest().set(&index.set) {
        Some(set) => Some((set.clone(), incoming.owned(set)?)),
        None => None,
    };
    let version = installed.as_ref().map(|(set, _)| set.stamp.version);
    let turned = installed.as_ref().and_then(|(set, _)| other_meaning(&set.stamp, &incoming.set_stamp()));
    let update = match (index.way_from(version), installed) {
        (Way::Current, Some((set, release))) => match turned.filter(|_| consent != Consent::Person) {
            Some(why) => return Ok(Applied::Waiting(incoming.nothing_new(&set), why)),
            None => return renew(&mut store, incoming, set, &release),
        },
        (Way::Deltas(deltas), Some((set, release))) => by_deltas(&store, incoming, set, &release, &deltas, run_items)?,
        (Way::Snapshot(snapshot, deltas), installed) => {
            by_snapshot(&store, incoming, installed.map(|(set, _)| set), snapshot, &deltas, run_items)?
        }
        (Way::Current | Way::Deltas(_), None) => return Err(incoming.contradicts("no way leads to its version")),
    };
    let Update { next, files, arrival, too_much } = update;
    if let Some(why) = turned.or(too_much).filter(|_| consent != Consent::Person) {
        return Ok(Applied::Waiting(arrival, why));
    }
    store.switch(next, &files)?;
    // The update has been taken, and many layers are slow, not wrong: the next update tries again.
    let _ = compact::tidy(&mut store, &index.set, run_items);
    Ok(Applied::Switched(arrival))
}

impl Incoming {
    fn contradicts(&self, what: &str) -> HashsetError {
        let (publisher, set) = (self.index.publisher.clone(), self.index.set.clone());
        HashsetError::Contradicts { publisher, set, what: what.to_owned() }
    }

    /// Gives the release of an installed set if it is of this publisher, and not newer than what was handed over.
    fn owned(&self, set: &StoredSet) -> Result<ReleaseStamp, HashsetError> {
        let name = || self.index.set.clone();
        let Some(release) = &set.release else { return Err(HashsetError::ByHand { name: name() }) };
        if release.publisher != self.index.publisher {
            let (installed, offered) = (release.publisher.clone(), self.index.publisher.clone());
            return Err(HashsetError::OtherPublisher { name: name(), installed, offered });
        }
        // What was seen under keys that a later root replaced is no measure for the new ones; the post room has judged that.
        let is_later = self.stamp.seen.root > release.seen.root || self.stamp.seen.reaches(&release.seen);
        if set.stamp.version > self.index.version || !is_later {
            return Err(self.contradicts("it is older than what is installed"));
        }
        if self.index.version.0 - set.stamp.version.0 > VERSIONS_SKIPPED_MAX {
            return Err(self.contradicts("it skips more versions than a publisher makes in ten years"));
        }
        // Known material as ordinary files, or the reverse, would turn round what everything else means.
        if set.stamp.role != self.index.role {
            return Err(self.contradicts("its role is another one than that of the installed set"));
        }
        Ok(release.clone())
    }

    /// Finds a file that was handed over. Whoever opens it compares its bytes with the signed ones again.
    fn file(&self, wanted: &ReleaseFile) -> Result<PathBuf, HashsetError> {
        let found = self.files.iter().find(|file| file.file == *wanted);
        let found = found.ok_or_else(|| self.contradicts(&format!("the file `{}` is missing", wanted.target)))?;
        let name = Path::new(&found.name);
        if name.file_name() != Some(name.as_os_str()) {
            return Err(self.contradicts("a file has a name that leads elsewhere"));
        }
        Ok(self.folder.join(name))
    }

    fn set_stamp(&self) -> SetStamp {
        let index = &self.index;
        SetStamp {
            name: index.set.clone(),
            role: index.role,
            version: index.version,
            profile: index.profile.clone(),
            published: Some(index.published),
            basis: index.basis,
            meanings: index.meanings.clone(),
            allowed: self.allowed.clone(),
        }
    }

    /// Describes an update that changes no entry.
    fn nothing_new(&self, set: &StoredSet) -> Arrival {
        Arrival {
            publisher: self.index.publisher.clone(),
            set: self.index.set.clone(),
            from: Some(set.stamp.version),
            to: self.index.version,
            added: 0,
            changed: 0,
            withdrawn: 0,
            quarantined: 0,
            entries: set.entries,
        }
    }

    /// Opens the deltas in their order. `base` is the digest of the rows that the first one starts from.
    fn open_deltas(&self, deltas: &[&DeltaFile], base: domain::Sha256) -> Result<Vec<OpenDelta>, HashsetError> {
        let mut base = base;
        let mut open = Vec::new();
        for delta in deltas {
            open.push(OpenDelta::open(self.file(&delta.file)?, &self.index.set, delta, &base)?);
            base = delta.result_digest;
        }
        Ok(open)
    }

    /// Compares what the rows are with what was signed.
    fn prove(&self, merged: &Merged) -> Result<(), HashsetError> {
        if (merged.digest, merged.entries) == (self.index.result_digest, self.index.entries) {
            Ok(())
        } else {
            Err(self.contradicts("its rows do not give the signed digest"))
        }
    }
}

/// Restricts a published set to codes that may hide, whatever version is installed; `None` restricts nothing.
pub fn restrict(
    dir: &Path,
    name: &domain::SetName,
    allowed: Option<&BTreeSet<CategoryCode>>,
) -> Result<(), HashsetError> {
    let mut store = Store::lock(dir)?;
    let mut next = store.manifest().clone();
    let set = next.sets.iter_mut().find(|set| set.stamp.name == *name);
    let set = set.ok_or_else(|| HashsetError::UnknownSet { name: name.clone() })?;
    set.stamp.allowed = allowed.cloned();
    store.switch(next, &[])
}

/// Replaces what is known of the age of a set whose version is installed.
fn renew(
    store: &mut Store,
    incoming: &Incoming,
    set: StoredSet,
    release: &ReleaseStamp,
) -> Result<Applied, HashsetError> {
    if release.result_digest != incoming.index.result_digest || set.entries != incoming.index.entries {
        return Err(incoming.contradicts("its version is installed with another content"));
    }
    let stamp = incoming.set_stamp();
    if *release == incoming.stamp && stamp == set.stamp {
        return Ok(Applied::Current);
    }
    let mut next = store.manifest().clone();
    for set in next.sets.iter_mut().filter(|set| set.stamp.name == stamp.name) {
        set.stamp = stamp.clone();
        set.release = Some(incoming.stamp.clone());
    }
    store.switch(next, &[])?;
    Ok(Applied::Renewed)
}

/// An update that is ready to be switched to.
struct Update {
    next: Manifest,
    files: Vec<Finished>,
    arrival: Arrival,
    /// What is more than the limits allow.
    too_much: Option<WaitReason>,
}

fn by_deltas(
    store: &Store,
    incoming: &Incoming,
    set: StoredSet,
    release: &ReleaseStamp,
    deltas: &[&DeltaFile],
    run_items: usize,
) -> Result<Update, HashsetError> {
    let version = incoming.index.version;
    let mut layers = open_layers(store.dir(), &set)?;
    let pass = Pass {
        store,
        signed: deltas,
        deltas: incoming.open_deltas(deltas, release.result_digest)?,
        version,
        run_items,
    };
    let mut merged = pass.deltas(&layers, set.stamp.version)?;
    incoming.prove(&merged)?;
    let mut files = Vec::new();
    let mut stored = set.clone();
    let places = std::iter::once(&mut stored.base).chain(&mut stored.layers);
    let dead = std::mem::take(&mut merged.dead);
    for (number, ((place, layer), dead)) in places.zip(&mut layers).zip(&dead).enumerate() {
        if !dead.is_empty() {
            layer.dead = layer.dead.with(dead);
            let (file, finished) = layer.dead.write(store, &layer.sha256, number)?;
            place.dead = Some(file);
            files.push(finished);
        }
    }
    let kept = layers.len();
    if let Some(segment) = merged.segment.take() {
        let (layer, place) = opened(segment, &mut files)?;
        stored.layers.push(place);
        layers.push(layer);
    }
    add_tally(&mut stored, &merged.tally);
    let update = Prepared { stored, layers, kept, merged, files, counted: Counted::EachVersion };
    update.finish(store, incoming, Some(&set))
}

fn by_snapshot(
    store: &Store,
    incoming: &Incoming,
    installed: Option<StoredSet>,
    snapshot: &SnapshotIndex,
    deltas: &[&DeltaFile],
    run_items: usize,
) -> Result<Update, HashsetError> {
    let index = &incoming.index;
    let parts = snapshot.parts.iter().map(|part| Ok((incoming.file(&part.file)?, part.clone())));
    let parts = parts.collect::<Result<Vec<_>, HashsetError>>()?;
    let old = match &installed {
        Some(set) => open_layers(store.dir(), set)?,
        None => Vec::new(),
    };
    let pass = Pass {
        store,
        signed: deltas,
        deltas: incoming.open_deltas(deltas, snapshot.result_digest)?,
        version: index.version,
        run_items,
    };
    let old = installed.as_ref().map(|set| (&old[..], set.stamp.version));
    let mut merged = pass.snapshot(&index.set, parts, old)?;
    incoming.prove(&merged)?;
    let segment = merged.segment.take().expect("a snapshot is written as a segment, even an empty one");
    let mut stored = StoredSet::of(incoming.set_stamp(), incoming.now, &segment);
    if let Some(set) = &installed {
        stored.changes.clone_from(&set.changes);
    }
    let mut files = Vec::new();
    let (layer, _) = opened(segment, &mut files)?;
    let update = Prepared { stored, layers: vec![layer], kept: 0, merged, files, counted: Counted::Difference };
    update.finish(store, incoming, installed.as_ref())
}

/// Opens a segment that has a temporary name still.
fn opened(segment: NewSegment, files: &mut Vec<Finished>) -> Result<(Layer, StoredLayer), HashsetError> {
    let place = StoredLayer { segment: segment.sha256, segment_bytes: segment.bytes, dead: None };
    let open = Segment::open(segment.file.temporary.clone(), segment.bytes)?;
    files.push(segment.file);
    Ok((Layer { segment: open, sha256: segment.sha256, dead: Dead::default() }, place))
}

fn add_tally(set: &mut StoredSet, tally: &Tally) {
    let add = |count: &mut u64, more: i64| *count = count.saturating_add_signed(more);
    add(&mut set.with_md5, tally.with[0]);
    add(&mut set.with_sha1, tally.with[1]);
    add(&mut set.with_sha256, tally.with[2]);
    add(&mut set.with_pdq, tally.with_pdq);
    for (code, more) in &tally.categories {
        add(set.categories.entry(code.clone()).or_default(), *more);
    }
    set.categories.retain(|_, entries| *entries > 0);
}

/// The rows of an update, proved.
struct Prepared {
    stored: StoredSet,
    layers: Vec<Layer>,
    /// Layers that were there before.
    kept: usize,
    merged: Merged,
    files: Vec<Finished>,
    counted: Counted,
}

impl Prepared {
    /// Compares what is new with the sets of the other role, counts, and makes the next manifest.
    fn finish(self, store: &Store, incoming: &Incoming, installed: Option<&StoredSet>) -> Result<Update, HashsetError> {
        let Self { mut stored, layers, kept, merged, mut files, counted } = self;
        let index = &incoming.index;
        stored.stamp = incoming.set_stamp();
        stored.kind = "release".to_owned();
        stored.imported = incoming.now;
        stored.sources = vec![format!("{} {}", index.publisher, index.version)];
        stored.source_sha256 = vec![index.result_digest];
        stored.entries = merged.entries;
        stored.release = Some(incoming.stamp.clone());
        for (log, file) in merged.logs {
            stored.changes.push(log);
            files.push(file);
        }
        let mut next = store.manifest().clone();
        next.take(&index.set);
        next.retired.remove(&index.set);
        let mut guard = Guard::new(store, files);
        guard.take(&mut next, &mut stored, &NewLayers { layers: &layers, kept })?;
        let quarantined = match index.role {
            Role::Known => count_quarantined(&guard, &stored, &layers[kept..], installed.map(|_| &merged.touched[..]))?,
            Role::Good => more_quarantined(store.manifest(), &next),
        };
        let mut files = guard.files;
        // A log that is no longer kept may be one of this update: it gets no name, and is swept.
        let surplus = stored.changes.len().saturating_sub(LOGS_MAX);
        for log in stored.changes.drain(..surplus) {
            files.retain(|file| file.name != crate::store::changes_name(&log.file));
        }
        let arrival = Arrival {
            publisher: index.publisher.clone(),
            set: index.set.clone(),
            from: installed.map(|set| set.stamp.version),
            to: index.version,
            added: merged.added,
            changed: merged.changed,
            withdrawn: merged.withdrawn,
            quarantined,
            entries: stored.entries,
        };
        let limits = installed.and_then(|set| set.release.as_ref()).map(|release| release.limits);
        let limits = limits.map(|limits| limits.stricter(incoming.enrolled_limits));
        let days = installed.map_or(1, |set| days_between(set, incoming));
        // A first install is no flood; but one of ordinary files could quarantine all that is known.
        let limits = limits.or_else(|| {
            let only_quarantined =
                FloodLimits { upserts_max: u64::MAX, withdrawals_max: u64::MAX, ..incoming.enrolled_limits };
            (installed.is_none() && index.role == Role::Good).then_some(only_quarantined)
        });
        let too_much = limits.and_then(|limits| flood(&limits, days, counted, &merged.updates, quarantined));
        next.sets.push(stored);
        Ok(Update { next, files, arrival, too_much })
    }
}

/// Counts the quarantined entries among the new and changed ones: all of a delta's layer, those of `touched` for a snapshot
/// over another version, all of a first install.
fn count_quarantined(
    guard: &Guard<'_>,
    set: &StoredSet,
    fresh: &[Layer],
    touched: Option<&[u32]>,
) -> Result<u64, HashsetError> {
    let mut count = 0;
    let all =
        touched.is_none() || set.layers.last().is_some_and(|last| fresh.iter().any(|new| new.sha256 == last.segment));
    for layer in fresh {
        guard.each_quarantined(&set.quarantine, layer, &mut |row| {
            count += u64::from(all || touched.is_some_and(|touched| touched.binary_search(&row).is_ok()));
        })?;
    }
    Ok(count)
}

/// Counts the entries of known sets that hide nothing any more.
fn more_quarantined(before: &Manifest, after: &Manifest) -> u64 {
    let more = |set: &StoredSet| {
        let was = before.set(&set.stamp.name).map_or(0, |set| set.quarantined);
        set.quarantined.saturating_sub(was)
    };
    after.sets.iter().map(more).sum()
}

/// Counts the days, begun ones too, that lie between the installed version and what was handed over: a workstation that was
/// away takes as much as it would have taken day by day. Nobody's word makes them more than have passed by this clock.
fn days_between(installed: &StoredSet, incoming: &Incoming) -> u64 {
    const DAY_MICROSECONDS: i64 = 86_400_000_000;
    let from = installed.stamp.published.unwrap_or(installed.imported);
    let until = incoming.index.published.min(incoming.now);
    let passed = until.0.saturating_sub(from.0).max(1).cast_unsigned();
    passed.div_ceil(DAY_MICROSECONDS.cast_unsigned())
}
