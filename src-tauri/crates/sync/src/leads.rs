//! The list of team leads that a publisher signs with its set: kept at the publisher's desk, for whoever checks a package.
//!
//! What is kept is the file that the newest verified metadata names, byte for byte, and nothing else. One that was replaced
//! is removed before the new one is read: it may trust somebody who is not to be trusted any more. The lists of partners
//! are not kept: their leads sign for other custodians.

use domain::release::{LEADS_TARGET, Leads, RELEASE_SCHEMA};

use crate::account::Account;
use crate::download::read_target;
use crate::error::Error;
use crate::folder::{Desk, Room, read_at_most, sha256};
use crate::transport::{Patience, Source};
use crate::visit::Release;

/// Name of the kept list, in the folder of a publisher.
pub(crate) const LEADS_FILE: &str = LEADS_TARGET;
/// Largest number of bytes of a list of leads.
const LEADS_BYTES_MAX: u64 = 4 << 20;

/// Keeps the list of a verified repository. A repository without one leaves none behind.
///
/// Errors: a list that cannot be fetched, is not what the metadata says, or cannot be read. Then none is there.
pub(crate) async fn keep(
    room: &Room,
    account: &Account,
    release: &Release,
    source: &Source,
    patience: &mut Patience,
) -> Result<(), Error> {
    let desk = room.desk(&account.publisher);
    let Some(target) = release.metadata.files.get(LEADS_TARGET) else { return desk.remove(LEADS_FILE) };
    if kept(&desk).is_some_and(|kept| sha256(&kept) == target.sha256) {
        return Ok(());
    }
    desk.remove(LEADS_FILE)?;
    let bytes = read_target(source, target, LEADS_BYTES_MAX, patience).await?;
    let unknown = |problem: String| Error::Unknown { what: LEADS_TARGET.to_owned(), problem };
    match serde_json::from_slice::<Leads>(&bytes) {
        Ok(leads) if leads.schema == RELEASE_SCHEMA => desk.write(LEADS_FILE, &bytes),
        Ok(leads) => Err(unknown(format!("its form {} is not known to this version", leads.schema))),
        Err(error) => Err(unknown(format!("it cannot be read ({error})"))),
    }
}

/// Reads what is kept; what is no file, or too long, is as good as nothing.
fn kept(desk: &Desk) -> Option<Vec<u8>> {
    read_at_most(&desk.path(LEADS_FILE), LEADS_BYTES_MAX).ok().flatten()
}
