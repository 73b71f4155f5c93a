//! Files of packages on the disk, readable by their owner alone. What depends on the operating system stands here.

use std::fs::{DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::fault::Fault;

/// Files of packages are for whoever made or opened them.
const FILE_MODE: u32 = 0o600;
/// So are their folders.
const FOLDER_MODE: u32 = 0o700;

/// Turns an answer of the operating system into a fault.
pub(crate) fn io(action: &'static str) -> impl FnOnce(std::io::Error) -> Fault {
    move |source| Fault::Io { action, source }
}

/// Opens a package for reading.
#[expect(clippy::disallowed_methods, reason = "packages that were given to a person, never case media")]
pub(crate) fn open(path: &Path) -> Result<File, Fault> {
    File::open(path).map_err(io("open"))
}

/// Creates a file to write and to read back, in the place of what a crash has left there.
#[expect(clippy::disallowed_methods, reason = "packages that leave, never case media")]
pub(crate) fn create(path: &Path) -> Result<File, Fault> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(true).mode(FILE_MODE);
    options.open(path).map_err(io("create"))
}

/// Creates a file that must not be there yet.
#[expect(clippy::disallowed_methods, reason = "files of a package that was opened, in a folder of its own")]
pub(crate) fn create_new(path: &Path) -> Result<File, Fault> {
    OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(path).map_err(io("write the files of"))
}

/// Creates a folder that must not be there yet.
pub(crate) fn create_dir(path: &Path) -> Result<(), Fault> {
    let made = DirBuilder::new().mode(FOLDER_MODE).create(path);
    made.map_err(|source| match source.kind() {
        std::io::ErrorKind::AlreadyExists => Fault::Exists,
        _ => Fault::Io { action: "create the folder for", source },
    })
}

/// Gives a durable file or folder its name, which nothing has yet, and makes the name durable.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), Fault> {
    if is_there(to) {
        return Err(Fault::Exists);
    }
    std::fs::rename(from, to).map_err(io("rename"))?;
    let folder = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    sync_dir(folder)
}

/// Makes the names in a folder durable.
pub(crate) fn sync_dir(path: &Path) -> Result<(), Fault> {
    open(path)?.sync_all().map_err(io("make durable"))
}

/// Tells whether a name is taken, also by a link that leads nowhere.
pub(crate) fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Names what stands beside a path while it is made.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
