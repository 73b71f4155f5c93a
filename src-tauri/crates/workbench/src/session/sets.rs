//! The hash sets as the strip tells of them: which are in force, how old they are, whether they have changed.

use domain::{SetStamp, UtcTime};
use hashset::Sets;

use super::sentences::word;
use super::{HOUR_MICROS, Session, count};
use crate::Error;
use crate::arrivals::release_of;
use crate::view::detail::SetAge;

/// Holds the sets in force of a case, as they were when they were looked at last.
#[derive(Default)]
pub(super) struct InForce {
    sets: Vec<OneInForce>,
    /// True when the folder has other versions than the case was matched with.
    pub changed: bool,
    /// Stamps of the folder; `None` where it could not be opened.
    installed: Option<Vec<SetStamp>>,
}

struct OneInForce {
    stamp: SetStamp,
    imported: UtcTime,
    release: Option<domain::ReleaseStamp>,
}

impl InForce {
    /// Tells how old each set is.
    pub fn ages(&self, now: UtcTime) -> Vec<SetAge> {
        let age = |set: &OneInForce| {
            let since = match &set.release {
                Some(release) => release.checked,
                None => set.stamp.published.unwrap_or(set.imported),
            };
            SetAge {
                name: set.stamp.name.to_string(),
                version: set.stamp.version.0,
                age_hours: count((now.0.saturating_sub(since.0) / HOUR_MICROS).max(0).unsigned_abs()),
                freshness: set.release.as_ref().map(|release| word(&release.freshness(now))),
            }
        };
        self.sets.iter().map(age).collect()
    }

    /// Counts the sets.
    pub fn len(&self) -> usize {
        self.sets.len()
    }
}

impl Session {
    /// Looks at the folder of the sets again. To be called when sets have come or gone.
    pub fn sets_changed(&self) -> Result<(), Error> {
        // Without the folder nothing tells how fresh sets are; work goes on by what the case keeps.
        let installed = Sets::open(&self.around.sets_dir).ok();
        let recorded = self.case.sets()?;
        let mut in_force = self.in_force();
        in_force.installed =
            installed.as_ref().map(|sets| sets.list().iter().map(|info| (*info.stamp).clone()).collect());
        in_force.sets = recorded
            .into_iter()
            .map(|row| {
                let of_version = |info: &&hashset::SetInfo| {
                    info.stamp.name == row.stamp.name && info.stamp.version == row.stamp.version
                };
                let release = installed.as_ref().and_then(|sets| sets.list().iter().find(of_version));
                OneInForce { release: release.and_then(release_of).cloned(), stamp: row.stamp, imported: row.imported }
            })
            .collect();
        in_force.changed = in_force
            .installed
            .as_ref()
            .is_some_and(|installed| !installed.iter().eq(in_force.sets.iter().map(|set| &set.stamp)));
        Ok(())
    }

    /// Looks at the sets again if the case has noted others.
    pub(super) fn look_at_sets(&self) -> Result<(), Error> {
        let recorded = self.case.sets()?;
        let same = {
            let in_force = self.in_force();
            in_force.sets.iter().map(|set| &set.stamp).eq(recorded.iter().map(|row| &row.stamp))
        };
        if same { Ok(()) } else { self.sets_changed() }
    }
}
