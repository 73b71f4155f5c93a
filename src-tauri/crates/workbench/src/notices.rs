//! Notices of a case: what new versions of sets say otherwise of its items.

use casefile::{CaseFile, NoticeRow};
use domain::UtcTime;

use crate::Error;

/// Chooses which notices are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeFilter {
    /// Those that nobody has read.
    Unread,
    /// All.
    All,
}

/// Lists notices, newest first.
pub fn list_notices(case: &CaseFile, which: NoticeFilter) -> Result<Vec<NoticeRow>, Error> {
    let mut notices = case.notices()?;
    notices.retain(|notice| which == NoticeFilter::All || notice.read.is_none());
    Ok(notices)
}

/// Notes that a person has read notices: these, or all. Gives how many were unread.
pub fn mark_read(case: &CaseFile, which: Option<&[u64]>, now: UtcTime) -> Result<u64, Error> {
    Ok(case.read_notices(which, now)?)
}
