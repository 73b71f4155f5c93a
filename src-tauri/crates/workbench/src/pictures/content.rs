//! The content of an item, found again where it was found first: read-only, and only if it still is that content.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use casefile::CaseFile;
use domain::{MediaClass, Sha256, SourceId, SourcePath};
use evidence::{Found, FoundContent, Limits, ReadBuffer, Reading, Source, SourceKind};

use crate::Error;
use crate::load::{STATED, open_source, outermost};

/// Places that are tried. A content that lies in more than these, and in none of them any more, is not there.
const PLACES_MAX: usize = 16;

/// Finds the content of a picture at the first of its places that still has it. None where no place has, or `stop` becomes
/// true.
pub(crate) fn find(
    case: &CaseFile,
    sha256: &Sha256,
    places: &[(SourceId, SourcePath)],
    stop: &AtomicBool,
) -> Option<Reading> {
    find_any(case, sha256, places, stop).filter(|reading| reading.media.class == MediaClass::Picture)
}

/// Finds any content in the same way.
pub(crate) fn find_any(
    case: &CaseFile,
    sha256: &Sha256,
    places: &[(SourceId, SourcePath)],
    stop: &AtomicBool,
) -> Option<Reading> {
    let roots = roots(case).ok()?;
    // What another tool only tells of lies nowhere.
    let real = places.iter().filter_map(|(id, path)| Some((roots.get(id)?, path)));
    for (root, path) in real.take(PLACES_MAX) {
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        // Opened for each look and closed after it, so that a disk can be taken off in between.
        let Ok(source) = open_source(root, case.dir()) else { continue };
        let mut search = Search::new(path, sha256, stop);
        search.through(&source);
        if let Some(reading) = search.reading {
            return Some(reading);
        }
    }
    None
}

/// Gives where the sources lie that have contents.
pub(crate) fn roots(case: &CaseFile) -> Result<HashMap<SourceId, PathBuf>, Error> {
    let real = case.sources()?.into_iter().filter(|row| row.kind != STATED);
    Ok(real.map(|row| (row.id, row.root)).collect())
}

/// One look for one place.
struct Search<'a> {
    path: &'a SourcePath,
    sha256: &'a Sha256,
    stop: &'a AtomicBool,
    limits: Limits,
    buffer: ReadBuffer<'a>,
    reading: Option<Reading>,
}

impl<'a> Search<'a> {
    fn new(path: &'a SourcePath, sha256: &'a Sha256, stop: &'a AtomicBool) -> Self {
        let buffer = ReadBuffer::stopped_by(stop);
        Self { path, sha256, stop, limits: Limits::default(), buffer, reading: None }
    }

    /// Looks at the place, and at the archive that it lies in. What cannot be read is simply not there.
    fn through(&mut self, source: &Source) {
        let limits = self.limits.clone();
        if source.kind() != SourceKind::Folder {
            let _ = source.walk(&limits, &mut |found| self.see(found));
            return;
        }
        // The name of a file may look like that of a member, so the place itself comes first.
        let _ = source.look_at(std::slice::from_ref(self.path), &limits, &mut |found| self.see(found));
        let outer = outermost(self.path);
        if self.reading.is_none() && outer != *self.path {
            let _ = source.look_at(&[outer], &limits, &mut |found| self.see(found));
        }
    }

    /// Reads what lies at the place, and looks into an archive on the way to it. An archive can have several members of one
    /// name, so another content at the place does not end the search.
    fn see(&mut self, found: Found) -> ControlFlow<()> {
        if self.stop.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
        let FoundContent::Readable(readable) = found.content else { return ControlFlow::Continue(()) };
        if found.path == *self.path {
            let read = readable.read(&self.limits, &mut self.buffer);
            self.reading = read.ok().filter(|reading| reading.digests.sha256 == *self.sha256);
        } else if is_above(&found.path, self.path) {
            let (limits, mut buffer) = (self.limits.clone(), ReadBuffer::stopped_by(self.stop));
            let _ = readable.members(&limits, &mut buffer, &mut |member| self.see(member));
        }
        if self.reading.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// Tells whether a place lies inside an archive at another place.
fn is_above(archive: &SourcePath, place: &SourcePath) -> bool {
    place.0.strip_prefix(archive.0.as_slice()).is_some_and(|rest| rest.starts_with(b"!/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_above_its_members_alone() {
        let path = |text: &str| SourcePath(text.as_bytes().to_vec());
        assert!(is_above(&path("a.zip"), &path("a.zip!/b.jpg")));
        assert!(is_above(&path("a.zip!/b.tar"), &path("a.zip!/b.tar!/c/d.jpg")));
        for (archive, place) in [("a.zip", "a.zip"), ("a.zip", "a.zipp!/b.jpg"), ("b.zip", "a.zip!/b.jpg")] {
            assert!(!is_above(&path(archive), &path(place)));
        }
    }
}
