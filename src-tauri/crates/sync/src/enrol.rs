//! Enrolment by hand: looks at the file that a publisher gave out, and takes it when a person has compared its fingerprint.
//!
//! `root.json` and `mark.json` are written before `enrolment.json`, so that an interrupted enrolment is none. The root of
//! an enrolment by hand is pinned: another file for the same publisher may bring a new address or title, never a root
//! that does not follow.

use std::path::Path;

use domain::Fingerprint;
use domain::release::{Enrolment, MinimumVersions, RELEASE_SCHEMA};
use serde::Serialize;

use crate::account::{Account, ENROLMENT, ENROLMENT_BYTES_MAX, INTRODUCTION, ROOT, refuse_taken_set, trusted_root};
use crate::error::Error;
use crate::folder::{Desk, Room, read_at_most, sha256};
use crate::mark::{MARK_FILE, Mark};
use crate::trust::{Keeper, keeper};

/// What the file of a publisher says, and what a person compares before it is taken.
#[derive(Debug, Clone, Serialize)]
pub struct Offer {
    /// What it says; once it is taken, what is kept of it.
    #[serde(flatten)]
    pub enrolment: Enrolment,
    /// Version of the root metadata in the file.
    pub root_version: u64,
    /// SHA-256 of the bytes of the root metadata in the file.
    pub fingerprint: Fingerprint,
}

/// What an offer would change.
enum Step {
    /// The publisher is new; this is its first mark.
    First(Box<Mark>),
    /// The publisher is known; this is what is known of it from then on.
    Renewal(Box<Enrolment>),
}

/// Looks at the file that a person was given, and changes nothing.
///
/// Errors: those of [`enrol`]. No lock is taken, since that would leave a file: while another run is writing, the answer
/// may be one that [`enrol`] no longer gives.
pub fn look(room: &Room, file: &Path) -> Result<Offer, Error> {
    let offer = read(file)?;
    step(room, &offer)?;
    Ok(offer)
}

/// Enrols a publisher by the file that a person was given, or renews what is known of it. With `compared`, only a file
/// with that fingerprint is taken: the one that a person looked at, whatever lies in its place now.
///
/// Errors: a file that is no enrolment or another than was compared, a root that is not signed by its own keys or does
/// not follow the trusted one, a set that another publisher has.
pub fn enrol(room: &Room, file: &Path, compared: Option<&Fingerprint>) -> Result<Offer, Error> {
    let mut offer = read(file)?;
    if let Some(compared) = compared.filter(|compared| **compared != offer.fingerprint) {
        let (found, compared) = (offer.fingerprint, *compared);
        return Err(Error::OtherFingerprint { path: file.to_owned(), found, compared });
    }
    let _lock = room.lock()?;
    let desk = room.desk(&offer.enrolment.publisher);
    match step(room, &offer)? {
        Step::First(mark) => {
            desk.make()?;
            desk.write(ROOT, offer.enrolment.root.as_bytes())?;
            mark.write(&desk)?;
            desk.write_json(ENROLMENT, &offer.enrolment)?;
        }
        Step::Renewal(renewed) => {
            desk.write_json(ENROLMENT, &renewed)?;
            // From here on it is enrolled by hand, whoever introduced it before.
            desk.remove(INTRODUCTION)?;
            offer.enrolment = *renewed;
        }
    }
    Ok(offer)
}

/// Reads a file, and makes the checks that need nothing else.
fn read(file: &Path) -> Result<Offer, Error> {
    let missing = || Error::storage(file, std::io::ErrorKind::NotFound.into());
    let bytes = read_at_most(file, ENROLMENT_BYTES_MAX)?.ok_or_else(missing)?;
    let enrolment: Enrolment = serde_json::from_slice(&bytes).map_err(|error| {
        Error::no_enrolment(file, format!("it is no enrolment file that this version reads ({error})"))
    })?;
    if enrolment.schema != RELEASE_SCHEMA {
        return Err(Error::no_enrolment(file, "it is of a form that this version does not read"));
    }
    if let Some(address) = &enrolment.address {
        crate::access::address_of(address)?;
    }
    let root = enrolment.root.as_bytes();
    let root_version = keeper(root, "the root of the enrolment")?.root().version;
    let fingerprint = Fingerprint(sha256(root));
    Ok(Offer { enrolment, root_version, fingerprint })
}

/// Says what an offer would change here.
///
/// Errors: it does not fit what is known of its publisher, or of another one.
fn step(room: &Room, offer: &Offer) -> Result<Step, Error> {
    let new = &offer.enrolment;
    refuse_taken_set(room, &new.publisher, &new.set)?;
    let desk = room.desk(&new.publisher);
    if let Some(known) = Account::read(room, &new.publisher)? {
        return Ok(Step::Renewal(Box::new(renewed(&desk, &known, offer)?)));
    }
    // A mark that is here already belongs to an enrolment that was taken away: what it remembers stays true.
    let mut mark = Mark::first(&new.publisher, &new.minimum, offer.root_version, offer.fingerprint.0);
    match Mark::read(&desk, &new.publisher) {
        Ok(former) => {
            mark.raise(&MinimumVersions { root: former.root, timestamp: former.timestamp, snapshot: former.snapshot });
            (mark.targets, mark.published) = (former.targets, former.published);
            mark.timestamp_since_root = former.timestamp_since_root;
            mark.snapshot_since_root = former.snapshot_since_root;
        }
        Err(_) if !desk.path(MARK_FILE).exists() => {}
        Err(error) => return Err(error),
    }
    Ok(Step::First(Box::new(mark)))
}

/// Takes over address, title and limits for a publisher that is enrolled; the pinned root stays.
fn renewed(desk: &Desk, known: &Account, offer: &Offer) -> Result<Enrolment, Error> {
    let refuse =
        |problem: &str| Err(Error::Enrolment { publisher: known.publisher.clone(), problem: problem.to_owned() });
    if known.introduction.as_ref().is_some_and(|introduction| introduction.partner.revoked) {
        return refuse("the publisher that introduced it has revoked it: only that one's trust map can take it back");
    }
    let (mut new, root) = (offer.enrolment.clone(), offer.root_version);
    if known.set.as_ref().is_some_and(|set| *set != new.set) {
        return refuse("it is enrolled here with another set");
    }
    let mark = Mark::read(desk, &known.publisher)?;
    let mut trusted = trusted_root(desk, &mark, &known.root)?;
    let at = trusted.root().version;
    let follows = new.root == known.root
        || (root == at && new.root.as_bytes() == trusted.root_bytes())
        || (Some(root) == at.checked_add(1) && trusted.take_root(new.root.as_bytes()).is_ok());
    if !follows && root > at {
        return refuse(
            "its root is newer than the trusted one and does not follow it directly: sync first, then enrol",
        );
    }
    if !follows {
        return refuse("it has another root than the one that is trusted here");
    }
    new.root.clone_from(&known.root);
    new.minimum.root = new.minimum.root.max(known.minimum.root);
    new.minimum.timestamp = new.minimum.timestamp.max(known.minimum.timestamp);
    new.minimum.snapshot = new.minimum.snapshot.max(known.minimum.snapshot);
    Ok(new)
}
