//! One publisher's turn: verify what its repository says, then fetch what is missing here.
//!
//! This is where expiry is judged, from signed times and against a clock that cannot be set back behind what was
//! published: fresh, in grace, or beyond, which only two people can override. An expired root is beyond any grace.

use domain::release::{
    Handover, INDEX_TARGET, MinimumVersions, PartFile, RELEASE_SCHEMA, ReleaseFile, ReleaseIndex, ReleaseStamp,
    VerifiedFile, Way,
};
use domain::{Freshness, SetVersion, UtcTime};
use serde::Deserialize;

use crate::account::{Account, ROOT, TwoPeople, trusted_root};
use crate::download::{fetch_target, read_target, sweep};
use crate::error::Error;
use crate::folder::{Desk, Room, read_at_most, sha256};
use crate::mark::Mark;
use crate::refresh::{Metadata, ROOT_BYTES_MAX, follow_roots, read_below};
use crate::run::Progress;
use crate::transport::{Patience, Source};
use crate::trust::{Keeper, Target};

/// Largest number of bytes of the index of a release: room for the parts of the largest set.
const INDEX_BYTES_MAX: u64 = 16 << 20;
const DAY_MICROSECONDS: i64 = 86_400_000_000;

/// What a visit is about.
pub(crate) struct Visit<'a> {
    /// The post room.
    pub(crate) room: &'a Room,
    /// Where the repository is read.
    pub(crate) source: Source,
    /// What the clock of this machine says.
    pub(crate) clock: UtcTime,
    /// The installed version.
    pub(crate) installed: Option<SetVersion>,
    /// By what versions the installed set was found to be the newest.
    pub(crate) floor: Option<MinimumVersions>,
    /// Who takes it although it is beyond grace.
    pub(crate) people: Option<&'a TwoPeople>,
}

/// What was verified.
#[derive(Debug)]
pub(crate) struct Release {
    /// The index.
    pub(crate) index: ReleaseIndex,
    /// The metadata, with the files.
    pub(crate) metadata: Metadata,
    /// What the store keeps with the set.
    pub(crate) stamp: ReleaseStamp,
    freshness: Freshness,
    /// Who took it although something of it is beyond grace.
    pub(crate) overridden_by: Vec<String>,
}

/// Verifies the repository and raises the mark.
pub(crate) async fn verify(
    visit: &Visit<'_>,
    account: &mut Account,
    patience: &mut Patience,
) -> Result<Release, Error> {
    let desk = visit.room.desk(&account.publisher);
    let mut mark = Mark::read(&desk, &account.publisher)?;
    if visit.floor.is_some_and(|floor| !mark.reaches(&floor)) {
        return Err(Mark::behind(&desk));
    }
    let before = mark.clone();
    let mut keeper = trusted_root(&desk, &mark, &account.root)?;
    follow_roots(&mut keeper, &mut mark, &account.minimum, visit.clock, &visit.source, patience).await?;
    let now = mark.now(visit.clock);
    keep_root(&desk, &keeper, &before, &mark)?;

    let mut floor = mark.clone();
    floor.raise(&account.minimum);
    let metadata = read_below(&mut keeper, &floor, &visit.source, patience).await?;
    let index = read_index(&metadata, &visit.source, patience).await?;
    let partner_days = account.introduction.as_ref().map(|introduction| introduction.partner.grace_days);
    let grace_days = partner_days.map_or(index.grace_days, |days| days.min(index.grace_days));
    let (role, expires) = metadata.first_to_expire();
    let freshness = Freshness::at(now, expires, grace_days);
    let people = visit.people.filter(|_| freshness == Freshness::Beyond);
    if freshness == Freshness::Beyond && people.is_none() {
        return Err(Error::Expired { role, expires, grace_days, now });
    }
    check_index(&index, &metadata, account, visit.installed)?;
    if account.set.is_none() {
        account.keep_set(visit.room, &index.set, &index.title)?;
    }

    let before = mark.clone();
    (mark.timestamp, mark.snapshot) = (metadata.timestamp.version, metadata.snapshot.version);
    mark.targets = metadata.targets.version;
    // A publication time of the far future must not make everything look expired: its own expiry is its limit.
    mark.published = mark.published.max(Some(index.published.min(UtcTime(expires.0.saturating_sub(1)))));
    if mark != before {
        mark.write(&desk)?;
    }
    let last = expires.0.saturating_add(i64::from(grace_days).saturating_mul(DAY_MICROSECONDS));
    let stamp = ReleaseStamp {
        publisher: account.publisher.clone(),
        title: index.title.clone(),
        result_digest: index.result_digest,
        seen: metadata.versions(keeper.root().version),
        // Where two people overrode a wrong clock, its time must not outlive it.
        checked: now.min(UtcTime(last)),
        expires,
        grace_days,
        limits: index.limits.stricter(account.limits),
    };
    let overridden_by = people.map(TwoPeople::owned_names).unwrap_or_default();
    Ok(Release { index, metadata, stamp, freshness, overridden_by })
}

/// Keeps the newest root: first the root, then the mark that knows it.
fn keep_root(desk: &Desk, keeper: &impl Keeper, before: &Mark, mark: &Mark) -> Result<(), Error> {
    let kept = read_at_most(&desk.path(ROOT), ROOT_BYTES_MAX).ok().flatten();
    if kept.is_none_or(|kept| sha256(&kept) != mark.root_sha256) {
        desk.write(ROOT, keeper.root_bytes())?;
    }
    if mark != before { mark.write(desk) } else { Ok(()) }
}

/// The part of an index that every version of Zeef reads.
#[derive(Deserialize)]
struct Form {
    schema: u32,
}

async fn read_index(metadata: &Metadata, source: &Source, patience: &mut Patience) -> Result<ReleaseIndex, Error> {
    let missing = || Error::untrusted("targets.json", format!("it does not name `{INDEX_TARGET}`"));
    let target = metadata.files.get(INDEX_TARGET).ok_or_else(missing)?;
    let bytes = read_target(source, target, INDEX_BYTES_MAX, patience).await?;
    let unknown = |problem: String| Error::Unknown { what: INDEX_TARGET.to_owned(), problem };
    match serde_json::from_slice::<Form>(&bytes) {
        Ok(form) if form.schema == RELEASE_SCHEMA => {}
        Ok(form) => return Err(unknown(format!("its form {} is not known to this version", form.schema))),
        Err(error) => return Err(unknown(format!("it cannot be read ({error})"))),
    }
    serde_json::from_slice(&bytes).map_err(|error| unknown(format!("it cannot be read ({error})")))
}

/// Lists every file that an index names.
fn listed(index: &ReleaseIndex) -> impl Iterator<Item = &ReleaseFile> {
    let parts = index.snapshot.parts.iter().map(|part: &PartFile| &part.file);
    parts.chain(index.deltas.iter().map(|delta| &delta.file))
}

/// Checks what the signatures do not: that the index is that of this publisher and set, agrees with itself and with the
/// metadata, and leads forward.
fn check_index(
    index: &ReleaseIndex,
    metadata: &Metadata,
    account: &Account,
    installed: Option<SetVersion>,
) -> Result<(), Error> {
    let wrong = |problem: String| Err(Error::untrusted(INDEX_TARGET, problem));
    if index.publisher != account.publisher {
        return wrong(format!("it is a release of {}, not of {}", index.publisher, account.publisher));
    }
    if account.set.as_ref().is_some_and(|set| *set != index.set) {
        return wrong(format!("it is a release of the set `{}`, not of `{}`", index.set, account.set_name()));
    }
    if let Err(problem) = index.check() {
        return wrong(problem.to_owned());
    }
    for file in listed(index) {
        match metadata.files.get(&file.target) {
            Some(target) if target.bytes == file.bytes && target.sha256 == file.sha256 => {}
            Some(_) => return wrong(format!("`{}` has another length or SHA-256 in the metadata", file.target)),
            None => return wrong(format!("`{}` is no target of the repository", file.target)),
        }
    }
    match installed {
        Some(installed) if installed > index.version => Err(Error::Rollback {
            what: "the set".to_owned(),
            seen: installed.0.into(),
            offered: index.version.0.into(),
        }),
        _ => Ok(()),
    }
}

/// Fetches every file of the way from the installed version to the newest, and makes the handover.
pub(crate) async fn collect(
    visit: &Visit<'_>,
    account: &Account,
    release: Release,
    patience: &mut Patience,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Handover, Error> {
    let incoming = std::path::absolute(visit.room.desk(&account.publisher).incoming());
    let incoming = incoming.map_err(|error| Error::storage(std::path::Path::new("."), error))?;
    let Some(folder) = incoming.to_str().map(str::to_owned) else {
        return Err(Error::BadFile { path: incoming, problem: "the name of the folder is not UTF-8".to_owned() });
    };
    let wanted: Vec<&ReleaseFile> = match release.index.way_from(visit.installed) {
        Way::Current => Vec::new(),
        Way::Deltas(deltas) => deltas.iter().map(|delta| &delta.file).collect(),
        Way::Snapshot(snapshot, deltas) => {
            let parts = snapshot.parts.iter().map(|part| &part.file);
            parts.chain(deltas.iter().map(|delta| &delta.file)).collect()
        }
    };
    let targets: Vec<&Target> = wanted.iter().filter_map(|file| release.metadata.files.get(&file.target)).collect();
    sweep(&incoming, &targets)?;
    let bytes = targets.iter().fold(0, |sum: u64, target| sum.saturating_add(target.bytes));
    let mut said = Progress::of(&account.publisher, targets.len(), bytes);
    let mut files = Vec::with_capacity(wanted.len());
    let mut before = 0;
    for (file, target) in wanted.into_iter().zip(&targets) {
        said.file.clone_from(&target.name);
        let mut came = |here: u64| {
            said.bytes_done = before + here;
            progress(&said);
        };
        let name = fetch_target(&visit.source, &incoming, target, patience, &mut came).await?;
        before += target.bytes;
        said.files_done += 1;
        files.push(VerifiedFile { file: file.clone(), name });
    }
    let restricted = account.introduction.as_ref().and_then(|one| one.partner.allowed_categories.clone());
    Ok(Handover::Verified {
        publisher: account.publisher.clone(),
        stamp: Box::new(release.stamp),
        allowed_categories: restricted,
        folder,
        files,
        freshness: release.freshness,
        overridden_by: release.overridden_by,
        index: Box::new(release.index),
    })
}
