//! Walks a folder: any depth, any names, a fixed order, and never more descriptors than a few.
//!
//! Every file is reached from the descriptor of its folder by one name, so a path longer than the system takes is no
//! limit, and nothing outside can be reached by a link that appears during the walk. Folders deep down are opened again
//! from the nearest open one above, name by name, when their descriptor had to be given up.

use std::collections::{HashSet, VecDeque};
use std::ffi::{CStr, CString};
use std::io;
use std::ops::ControlFlow;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use domain::{Refusal, RefusalCode, SourcePath};

use super::os::{self, Node};
use super::{FileTimes, Found, FoundContent, Limits, Readable, refusal};

/// Folders that stay open at once, for the walker and for those who still read files of them.
const OPEN_FOLDERS_MAX: usize = 128;

/// Holds a folder: open, or to be opened again through the folders above it.
pub(crate) struct Folder {
    above: Option<Arc<Folder>>,
    name: CString,
    descriptor: Mutex<Option<Arc<OwnedFd>>>,
    open: Arc<OpenFolders>,
}

/// Remembers which folders are open, the longest-open first.
#[derive(Default)]
struct OpenFolders(Mutex<VecDeque<Weak<Folder>>>);

impl OpenFolders {
    fn add(&self, folder: &Arc<Folder>) {
        let mut open = lock(&self.0);
        open.push_back(Arc::downgrade(folder));
        let surplus = if open.len() > OPEN_FOLDERS_MAX { open.pop_front() } else { None };
        drop(open);
        if let Some(folder) = surplus.and_then(|folder| folder.upgrade()) {
            *lock(&folder.descriptor) = None;
        }
    }
}

impl Folder {
    fn root(descriptor: OwnedFd) -> Arc<Self> {
        let descriptor = Mutex::new(Some(Arc::new(descriptor)));
        // The root is never given up, so it is not among those that can be.
        Arc::new(Self { above: None, name: c".".to_owned(), descriptor, open: Arc::default() })
    }

    fn below(self: &Arc<Self>, name: &CStr) -> io::Result<Arc<Self>> {
        let folder = Arc::new(Self {
            above: Some(Arc::clone(self)),
            name: name.to_owned(),
            descriptor: Mutex::new(None),
            open: Arc::clone(&self.open),
        });
        folder.descriptor()?;
        Ok(folder)
    }

    /// Gives the folder's descriptor, opening it again where it was given up.
    pub(crate) fn descriptor(self: &Arc<Self>) -> io::Result<Arc<OwnedFd>> {
        let mut closed = Vec::new();
        let mut at = self;
        let mut descriptor = loop {
            if let Some(open) = lock(&at.descriptor).clone() {
                break open;
            }
            closed.push(at);
            at = at.above.as_ref().expect("the root has no folder above and is never given up");
        };
        for folder in closed.into_iter().rev() {
            descriptor = Arc::new(os::open_folder_at(&descriptor, &folder.name)?);
            *lock(&folder.descriptor) = Some(Arc::clone(&descriptor));
            self.open.add(folder);
        }
        Ok(descriptor)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // One by one, because a folder 100,000 deep would otherwise be dropped by as many calls inside each other.
        let mut above = self.above.take();
        while let Some(mut folder) = above.and_then(Arc::into_inner) {
            above = folder.above.take();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nobody panics while holding one of these, and the value is whole at every moment.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Entry {
    name: CString,
    node: Option<Node>,
}

impl Entry {
    /// Compares as the bytes of the paths below compare: a folder's name goes on with a slash.
    fn order(&self) -> impl Iterator<Item = u8> + '_ {
        let slash = (self.node == Some(Node::Folder)).then_some(b'/');
        self.name.as_bytes().iter().copied().chain(slash)
    }
}

struct Level {
    folder: Arc<Folder>,
    identity: (u64, u64),
    entries: std::vec::IntoIter<Entry>,
    path_len: usize,
}

/// Walks everything below `root`, in the order of the bytes of the paths.
///
/// Fails only when the root itself cannot be listed.
pub(crate) fn walk(root: OwnedFd, limits: &Limits, sink: &mut dyn FnMut(Found) -> ControlFlow<()>) -> io::Result<()> {
    let (first, trouble) = open_level(Folder::root(root), 0)?;
    let mut above = HashSet::from([first.identity]);
    let mut path = Vec::new();
    let mut levels = vec![first];
    if let Some(error) = trouble
        && sink(refused(&path, refusal::of_io(&error))).is_break()
    {
        return Ok(());
    }
    while let Some(level) = levels.last_mut() {
        path.truncate(level.path_len);
        let Some(entry) = level.entries.next() else {
            above.remove(&level.identity);
            levels.pop();
            continue;
        };
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(entry.name.as_bytes());
        let found = if path.len() > limits.path_bytes {
            let why = format!("its path is longer than {} bytes", limits.path_bytes);
            Some(refused(&path, Refusal::new(RefusalCode::Unreadable, why)))
        } else if entry.node == Some(Node::Folder) {
            match enter(&level.folder, &entry.name, path.len(), &above) {
                Ok((level, trouble)) => {
                    above.insert(level.identity);
                    levels.push(level);
                    trouble.map(|error| refused(&path, refusal::of_io(&error)))
                }
                Err(why) => Some(refused(&path, why)),
            }
        } else {
            Some(find(&level.folder, entry.name, &path))
        };
        if found.is_some_and(|found| sink(found).is_break()) {
            break;
        }
    }
    Ok(())
}

/// Looks at some places below `root` alone, in the order in which they are named, without listing a folder.
pub(crate) fn look_at(root: OwnedFd, places: &[SourcePath], sink: &mut dyn FnMut(Found) -> ControlFlow<()>) {
    let root = Folder::root(root);
    for place in places {
        let found = match reach(&root, &place.0) {
            Ok((folder, name)) => find(&folder, name, &place.0),
            Err(why) => refused(&place.0, why),
        };
        if sink(found).is_break() {
            return;
        }
    }
}

/// Opens the folders above a place, name by name. No name of a walk leads upwards, so none may here.
fn reach(root: &Arc<Folder>, path: &[u8]) -> Result<(Arc<Folder>, CString), Refusal> {
    let names: Option<Vec<CString>> = path
        .split(|byte| *byte == b'/')
        .map(|name| CString::new(name).ok().filter(|name| !matches!(name.as_bytes(), b"" | b"." | b"..")))
        .collect();
    let Some((name, above)) = names.as_ref().and_then(|names| names.split_last()) else {
        return Err(Refusal::new(RefusalCode::Unreadable, "its path is none that a folder can have"));
    };
    let mut folder = Arc::clone(root);
    for name in above {
        folder = folder.below(name).map_err(|error| refusal::of_io(&error))?;
    }
    Ok((folder, name.clone()))
}

/// Opens and lists a folder, unless it is one that the walk is already in.
fn enter(
    folder: &Arc<Folder>,
    name: &CStr,
    path_len: usize,
    above: &HashSet<(u64, u64)>,
) -> Result<(Level, Option<io::Error>), Refusal> {
    let folder = folder.below(name).map_err(|error| refusal::of_io(&error))?;
    let (level, trouble) = open_level(folder, path_len).map_err(|error| refusal::of_io(&error))?;
    if above.contains(&level.identity) {
        return Err(Refusal::new(RefusalCode::Link, "it is a folder that it lies in itself, mounted here again"));
    }
    Ok((level, trouble))
}

/// Lists a folder. What was listed before an error counts; the error is handed out beside it.
fn open_level(folder: Arc<Folder>, path_len: usize) -> io::Result<(Level, Option<io::Error>)> {
    let descriptor = folder.descriptor()?;
    let identity = os::facts_of(&descriptor)?.identity;
    let mut entries = Vec::new();
    let listed = os::list(&descriptor, &mut |name, node| entries.push(Entry { name: name.to_owned(), node }));
    for entry in entries.iter_mut().filter(|entry| entry.node.is_none()) {
        // Some file systems do not tell with the name; a name that is gone by now is reported as gone later.
        entry.node = os::facts_at(&descriptor, &entry.name).ok().map(|facts| facts.node);
    }
    entries.sort_unstable_by(|a, b| a.order().cmp(b.order()));
    match listed {
        Err(error) if entries.is_empty() => Err(error),
        listed => Ok((Level { folder, identity, entries: entries.into_iter(), path_len }, listed.err())),
    }
}

fn find(folder: &Arc<Folder>, name: CString, path: &[u8]) -> Found {
    let facts = match folder.descriptor().and_then(|descriptor| os::facts_at(&descriptor, &name)) {
        Ok(facts) => facts,
        Err(error) => return refused(path, refusal::of_io(&error)),
    };
    let content = match facts.node {
        Node::File => {
            let readable = Readable::file(Arc::clone(folder), name, facts.state, SourcePath(path.to_vec()));
            FoundContent::Readable(readable)
        }
        Node::Folder => FoundContent::Refused(refusal::changed("it has become a folder after it was listed")),
        Node::Link => {
            FoundContent::Refused(Refusal::new(RefusalCode::Link, "it is a symbolic link, which is not followed"))
        }
        Node::Special(what) => {
            FoundContent::Refused(Refusal::new(RefusalCode::Special, format!("it is {what}, which is not opened")))
        }
    };
    let size_bytes = (facts.node == Node::File).then_some(facts.state.size_bytes);
    Found { path: SourcePath(path.to_vec()), size_bytes, times: facts.times, content }
}

fn refused(path: &[u8], why: Refusal) -> Found {
    Found {
        path: SourcePath(path.to_vec()),
        size_bytes: None,
        times: FileTimes::default(),
        content: FoundContent::Refused(why),
    }
}
