//! Sentences for what can go wrong with one file. None has a name of a file in it.

use std::io;

use domain::{Refusal, RefusalCode};
use rustix::io::Errno;

/// Says why a file could not be opened, read or listed.
pub(crate) fn of_io(error: &io::Error) -> Refusal {
    let errno = error.raw_os_error().map(Errno::from_raw_os_error);
    let (code, why) = match errno {
        Some(Errno::NOENT | Errno::STALE) => (RefusalCode::Vanished, "it was listed and is gone"),
        Some(Errno::LOOP) => (RefusalCode::Link, "it has become a symbolic link, which is not followed"),
        Some(Errno::NOTDIR) => (RefusalCode::Changed, "it was a folder when it was listed and is none any more"),
        Some(Errno::ACCESS | Errno::PERM) => (RefusalCode::Unreadable, "the system does not permit reading it"),
        Some(Errno::IO) => (RefusalCode::Unreadable, "the disk cannot read it (input/output error)"),
        Some(Errno::MFILE | Errno::NFILE) => (RefusalCode::Unreadable, "too many files are open"),
        _ => return Refusal::new(RefusalCode::Unreadable, format!("reading failed: {error}")),
    };
    Refusal::new(code, why)
}

/// Says that the bytes are not those that were listed.
pub(crate) fn changed(what: &str) -> Refusal {
    Refusal::new(RefusalCode::Changed, what)
}

/// Says what is wrong with an archive or a member of one.
pub(crate) fn archive(what: impl Into<String>) -> Refusal {
    Refusal::new(RefusalCode::Archive, what)
}

/// Says what is wrong with an archive whose reading failed, be it the disk or the packed bytes.
pub(crate) fn of_unpacking(error: &io::Error) -> Refusal {
    match error.raw_os_error() {
        Some(_) => of_io(error),
        None => archive(format!("the packed bytes are damaged or end early ({})", error.kind())),
    }
}

/// Says that a content has no bytes.
pub(crate) fn empty() -> Refusal {
    Refusal::new(RefusalCode::Empty, "it has no bytes")
}
