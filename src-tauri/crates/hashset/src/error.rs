//! What can go wrong with the store of hash sets, each with the path it happened at.

use std::io;
use std::path::{Path, PathBuf};

use domain::{PublisherId, SetName, shown_path};

/// Says why the store could not do what it was asked. The sets that were there before are there still.
#[derive(Debug, thiserror::Error)]
pub enum HashsetError {
    /// The operating system refused.
    #[error("could not {doing} `{}`: {source}", shown_path(path))]
    Io {
        /// What was tried, as a verb, e.g. `write`.
        doing: &'static str,
        /// File or folder.
        path: PathBuf,
        /// Its answer.
        source: io::Error,
    },
    /// The disk or the quota is full.
    #[error(
        "the disk is full at `{}`: free some space there and do the same again; the sets are as they were before",
        shown_path(path)
    )]
    NoSpace {
        /// File that could not grow.
        path: PathBuf,
        /// Answer of the operating system.
        source: io::Error,
    },
    /// Another program changes the store at this moment.
    #[error("another import is at work in `{}`: do the same again when it has finished", shown_path(dir))]
    Busy {
        /// Folder of the store.
        dir: PathBuf,
    },
    /// A file of the store is not what was written.
    #[error("the file `{}` is damaged ({what}): remove the sets folder and import its sets again", shown_path(path))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        what: &'static str,
    },
    /// A later Zeef has written the store.
    #[error("the file `{}` has format {found}, and this program knows {known}: use a newer Zeef", shown_path(path))]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format that this program knows.
        known: u32,
    },
    /// No set has this name.
    #[error("there is no set named `{name}`")]
    UnknownSet {
        /// The name.
        name: SetName,
    },
    /// A published set cannot be imported by hand.
    #[error("the set `{name}` is published by `{publisher}` and kept up to date by `zeef sync`: choose another name")]
    Published {
        /// The set.
        name: SetName,
        /// Who publishes it.
        publisher: PublisherId,
    },
    /// A set that was imported by hand has the name of a published one.
    #[error("the set `{name}` was imported by hand: remove it, then `zeef sync` can install the published one")]
    ByHand {
        /// The set.
        name: SetName,
    },
    /// Two publishers have a set of one name.
    #[error("the set `{name}` comes from `{installed}`, not from `{offered}`: remove it before you take another one")]
    OtherPublisher {
        /// The set.
        name: SetName,
        /// Whose set is installed.
        installed: PublisherId,
        /// Whose set was handed over.
        offered: PublisherId,
    },
    /// A release contradicts itself or what is installed.
    #[error("the release of `{publisher}` cannot be taken: {what}; the set `{set}` stays as it was")]
    Contradicts {
        /// Who publishes it.
        publisher: PublisherId,
        /// The set.
        set: SetName,
        /// What does not fit.
        what: String,
    },
    /// The numbers of a known set say nothing without a profile.
    #[error("the set `{name}` has categories, and nobody has said whose: choose a profile")]
    NoProfile {
        /// The set.
        name: SetName,
    },
    /// A file of a release is not what its publisher signed, or not of the form that it has to be.
    #[error(
        "the release file `{}` cannot be taken ({what}): fetch it again, and tell its publisher if that does not help",
        shown_path(path)
    )]
    BadRelease {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        what: String,
    },
    /// What was given cannot be part of a release.
    #[error("the release file `{}` cannot be written: {what}", shown_path(path))]
    NotWritable {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        what: &'static str,
    },
    /// The set or the store is larger than Zeef can take.
    #[error("more than {max} {what}")]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// How much is taken.
        max: u64,
    },
}

/// Makes the closure that turns an error of the operating system into one with a path.
pub(crate) fn io_at(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> HashsetError {
    let path = path.to_owned();
    move |source| match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => HashsetError::NoSpace { path, source },
        _ => HashsetError::Io { doing, path, source },
    }
}
