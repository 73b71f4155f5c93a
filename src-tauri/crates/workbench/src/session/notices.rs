//! Notices: what new versions of sets say otherwise of items, as the window lists them.

use casefile::NoticeRow;

use super::Session;
use super::sentences::safe;
use crate::view::detail::NoticeView;
use crate::{Error, NoticeFilter, list_notices, mark_read};

/// Most notices that are listed at once, the newest.
pub const NOTICES_LISTED_MAX: usize = 2_000;

impl Session {
    /// Lists notices, the newest first.
    pub fn notices(&self, unread_only: bool) -> Result<Vec<NoticeView>, Error> {
        let which = if unread_only { NoticeFilter::Unread } else { NoticeFilter::All };
        let mut views = Vec::new();
        for row in list_notices(&self.case, which)?.into_iter().take(NOTICES_LISTED_MAX) {
            // A notice is about an item of the case, so it has a number.
            if let Some(number) = self.case.number_of(&row.item)? {
                views.push(notice_view(row, number));
            }
        }
        Ok(views)
    }

    /// Notes that this person has read notices.
    pub fn notices_read(&self, notices: &[u32]) -> Result<(), Error> {
        let notices: Vec<u64> = notices.iter().map(|notice| u64::from(*notice)).collect();
        mark_read(&self.case, Some(&notices), self.now())?;
        self.count_notices()
    }
}

fn notice_view(row: NoticeRow, number: u32) -> NoticeView {
    NoticeView {
        notice: super::count(row.id),
        number,
        kind: row.notice.kind.to_string(),
        set: row.notice.set.to_string(),
        version: row.notice.to.0,
        was: safe(&row.notice.was),
        now: safe(&row.notice.now),
        reason: safe(&row.notice.reason),
        at: row.at,
        read: row.read.is_some(),
    }
}
