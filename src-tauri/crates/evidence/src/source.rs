//! Sources: folders, and archives that are read in place. Nothing here writes, follows a link, or makes a path of a name.

mod archive;
mod content;
mod folder;
mod limits;
mod os;
mod read;
mod refusal;
mod share;
mod tar;
#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the tests make the files that they read, and look at them afterwards")]
mod tests;
mod unpack;
mod zip;

use std::ffi::CString;
use std::io;
use std::ops::ControlFlow;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use domain::{Refusal, SourcePath, UtcTime};

pub use limits::Limits;
pub use read::{ReadBuffer, Readable, Reading, sealed};
pub(crate) use tar::is_head as is_tar;

use crate::EvidenceError;
use archive::{Archive, Form};
use content::Content;
use os::Node;

/// Tells what a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceKind {
    /// A folder, of any depth.
    Folder,
    /// A zip archive, whatever its members are packed with.
    Zip,
    /// A tar archive, plain or packed as a whole (gzip, bzip2, xz, Zstandard).
    Tar,
}

/// A place that media come from. It is open, so it stays the same place when its path is moved. Clones share it.
#[derive(Clone)]
pub struct Source {
    kind: SourceKind,
    root: Arc<Path>,
    opened: Arc<OwnedFd>,
}

/// Holds the times that a source gives for a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileTimes {
    /// When the content was last written.
    pub modified: Option<UtcTime>,
    /// When the file was made.
    pub created: Option<UtcTime>,
    /// When it was last read.
    pub accessed: Option<UtcTime>,
    /// Wall clock of an archive, without a zone: `YYYY-MM-DD HH:MM:SS`. No instant can be taken from it.
    pub raw: Option<String>,
}

/// One place in a source: a file that can be read, or the reason why it cannot.
#[derive(Debug)]
pub struct Found {
    /// Path inside the source.
    pub path: SourcePath,
    /// Length of the content, as far as the source states it.
    pub size_bytes: Option<u64>,
    /// Times, as far as the source states them.
    pub times: FileTimes,
    /// The way to its bytes.
    pub content: FoundContent,
}

/// Gives the way to the bytes of a place, or the reason why there is none.
#[derive(Debug)]
pub enum FoundContent {
    /// Can be read.
    Readable(Readable),
    /// Cannot be read, and why. Never hidden.
    Refused(Refusal),
}

impl Source {
    /// Opens a source; its bytes tell what it is.
    ///
    /// A symbolic link in `path` is followed, because a person named it; inside the source none is.
    pub fn open(path: &Path) -> Result<Self, EvidenceError> {
        let cannot = |source| EvidenceError::Open { path: path.to_owned(), source };
        let not = |why: &str| EvidenceError::NotASource { path: path.to_owned(), why: why.to_owned() };
        let root = path.canonicalize().map_err(cannot)?;
        // Looked at before it is opened: opening a device can do something.
        let file_type = root.symlink_metadata().map_err(cannot)?.file_type();
        if !file_type.is_dir() && !file_type.is_file() {
            return Err(not("it is a device, socket or pipe; name a folder, or a zip or tar archive"));
        }
        let name = CString::new(root.as_os_str().as_bytes()).map_err(|error| cannot(error.into()))?;
        let opened = os::open_path(&name).map_err(cannot)?;
        let facts = os::facts_of(&opened).map_err(cannot)?;
        let kind = match facts.node {
            Node::Folder => SourceKind::Folder,
            Node::File => {
                let content = Content::of_file(Arc::new(opened.try_clone().map_err(cannot)?), facts.state);
                match Form::of(&content).map_err(cannot)? {
                    Some(Form::Zip) => SourceKind::Zip,
                    Some(Form::Tar(_)) => SourceKind::Tar,
                    Some(Form::Single(_)) => return Err(not("it is one packed file; name the folder that it lies in")),
                    None => return Err(not("it is neither a folder nor a zip or tar archive; name its folder")),
                }
            }
            Node::Link | Node::Special(_) => return Err(not("it was replaced while it was opened")),
        };
        Ok(Self { kind, root: root.into(), opened: Arc::new(opened) })
    }

    /// Tells what it is.
    pub fn kind(&self) -> SourceKind {
        self.kind
    }

    /// Gives its path: absolute, without links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Tells whether a case folder at `path`, which need not exist, would lie inside this source or be it.
    ///
    /// Folders are compared by path and by identity, so another name for the same place does not deceive it.
    pub fn contains(&self, path: &Path) -> bool {
        let Ok(absolute) = std::path::absolute(path) else {
            return true;
        };
        let identity = os::facts_of(&self.opened).map(|facts| facts.identity).ok();
        let (mut real, mut missing) = resolve(&absolute);
        if missing.components().any(|part| part == Component::ParentDir) {
            (real, missing) = resolve(&without_detours(&real.join(missing)));
        }
        let is_source = |above: &Path| {
            let Ok(found) = above.metadata() else { return false };
            let device = u64::from(rustix::fs::major(found.dev())) << 32 | u64::from(rustix::fs::minor(found.dev()));
            Some((device, found.ino())) == identity
        };
        real.join(&missing).starts_with(&self.root) || real.ancestors().any(is_source)
    }

    /// Calls `sink` for every file, in the order of the bytes of the paths (folders) or of the archive.
    ///
    /// What cannot be read comes as refused and the rest goes on. Stops when `sink` breaks, which is no error. Fails when
    /// the folder itself cannot be listed, or when an archive is damaged, after what could be read of it.
    pub fn walk(&self, limits: &Limits, sink: &mut dyn FnMut(Found) -> ControlFlow<()>) -> Result<(), EvidenceError> {
        let cannot = |source: io::Error| EvidenceError::Open { path: self.root.to_path_buf(), source };
        if self.kind == SourceKind::Folder {
            let root = os::open_folder_at(&self.opened, c".").map_err(cannot)?;
            return folder::walk(root, limits, sink).map_err(cannot);
        }
        let listed = os::facts_of(&self.opened).map_err(cannot)?.state;
        let archive = Archive::source(Content::of_file(Arc::clone(&self.opened), listed), limits);
        archive
            .members(limits, sink)
            .map_err(|refusal| EvidenceError::Damaged { path: self.root.to_path_buf(), why: refusal.detail })
    }
}

impl Source {
    /// Calls `sink` for these places alone: paths as [`Source::walk`] gave them, of files themselves, not of members of
    /// archives inside a folder.
    ///
    /// A folder is not listed for it; an archive has to be read in its order. A place that is gone from a folder comes as
    /// refused.
    pub fn look_at(
        &self,
        places: &[SourcePath],
        limits: &Limits,
        sink: &mut dyn FnMut(Found) -> ControlFlow<()>,
    ) -> Result<(), EvidenceError> {
        if self.kind != SourceKind::Folder {
            let wanted: std::collections::HashSet<&SourcePath> = places.iter().collect();
            return self.walk(limits, &mut |found| match wanted.contains(&found.path) {
                true => sink(found),
                false => ControlFlow::Continue(()),
            });
        }
        let cannot = |source: io::Error| EvidenceError::Open { path: self.root.to_path_buf(), source };
        let root = os::open_folder_at(&self.opened, c".").map_err(cannot)?;
        folder::look_at(root, places, sink);
        Ok(())
    }
}

/// Splits a path into the part that exists, without links, and the names that do not exist yet.
fn resolve(absolute: &Path) -> (PathBuf, PathBuf) {
    let mut missing = Vec::new();
    for above in absolute.ancestors() {
        if let Ok(real) = above.canonicalize() {
            return (real, missing.iter().rev().collect());
        }
        missing.extend(above.components().next_back());
    }
    (absolute.to_owned(), PathBuf::new())
}

/// Takes `name/..` out of a path whose names do not exist yet, so that none of them can be a link.
fn without_detours(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}
