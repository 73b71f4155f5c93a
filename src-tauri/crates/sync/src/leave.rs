//! How a publisher is left: nothing is fetched from it any more, and nothing of what was seen of it holds.
//!
//! An enrolment cannot be taken back in any other way, and one whose minimum versions no release ever reaches would
//! stand for ever. The memory against old releases goes too, so this takes two people, and what was seen is written down.

use std::path::Path;

use domain::release::MinimumVersions;
use domain::{PublisherId, UtcTime};
use serde::Serialize;

use crate::access::ACCESS_FILE;
use crate::account::{Account, ENROLMENT, INTRODUCTION, ROOT, TwoPeople};
use crate::error::Error;
use crate::folder::{Room, sync_folder};
use crate::leads::LEADS_FILE;
use crate::mark::{MARK_FILE, Mark};

/// Name of the file that remembers who left a publisher.
const LEFT: &str = "left.jsonl";

#[derive(Serialize)]
struct Left<'a> {
    at: UtcTime,
    by: [&'a str; 2],
    reason: &'a str,
    publisher: &'a PublisherId,
    /// Absent where the mark could not be relied on.
    seen: Option<MinimumVersions>,
}

/// Leaves a publisher, and the partners that nobody but it introduced. Gives who was left, the publisher last; it may
/// have been left before, since what comes after this may have been interrupted.
///
/// Errors: a publisher that is not enrolled, one that another publisher introduced.
pub fn leave(
    room: &Room,
    publisher: &PublisherId,
    by: &TwoPeople,
    reason: &str,
    now: UtcTime,
) -> Result<Vec<PublisherId>, Error> {
    let _lock = room.lock()?;
    let desk = room.desk(publisher);
    desk.refuse_link()?;
    if desk.path(INTRODUCTION).exists() {
        return Err(Error::Introduced(publisher.clone()));
    }
    if !desk.path(ENROLMENT).exists() && !desk.path(LEFT).exists() {
        return Err(Error::NotEnrolled(publisher.clone()));
    }
    let mut all = Vec::new();
    for partner in room.publishers()? {
        // One that cannot be read may be anybody's partner; it stays, and is told of by `status`.
        let account = Account::read(room, &partner).ok().flatten();
        if account.and_then(|account| account.introduction).is_some_and(|introduction| introduction.by == *publisher) {
            all.push(partner);
        }
    }
    all.push(publisher.clone());
    for one in &all {
        leave_one(room, one, by, reason, now)?;
    }
    Ok(all)
}

fn leave_one(room: &Room, publisher: &PublisherId, by: &TwoPeople, reason: &str, now: UtcTime) -> Result<(), Error> {
    let desk = room.desk(publisher);
    let seen = Mark::read(&desk, publisher).ok();
    let seen = seen.map(|mark| MinimumVersions { root: mark.root, timestamp: mark.timestamp, snapshot: mark.snapshot });
    let line = Left { at: now, by: by.names(), reason, publisher, seen };
    let line = serde_json::to_string(&line).expect("what was left has text keys and no floats");
    // Remembered first: nobody is left without a trace.
    desk.append(LEFT, &line)?;
    // A partner is enrolled by either file, and must not become one that was enrolled by hand.
    for name in [ENROLMENT, INTRODUCTION, ACCESS_FILE, LEADS_FILE, ROOT, MARK_FILE] {
        desk.remove(name)?;
    }
    remove_folder(&desk.incoming())?;
    sync_folder(&desk.path(""))
}

/// Removes a folder with what is in it; a link there is removed and not followed.
fn remove_folder(folder: &Path) -> Result<(), Error> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::storage(folder, error)),
        _ => Ok(()),
    }
}
