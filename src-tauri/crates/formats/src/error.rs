//! What can be wrong with a list as a whole. A record that is no entry is no error: it is a refusal, and counted.

use std::io;
use std::path::PathBuf;

use crate::ListKind;

/// Says why a list could not be read. Nothing of it may be kept then: what was imported before stays.
#[derive(Debug, thiserror::Error)]
pub enum FormatsError {
    /// The operating system refused.
    #[error("{path:?} cannot be read: {source}")]
    Io {
        /// File that was to be read.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The content is no kind of list that Zeef reads. The name of a file is never asked.
    #[error("{path:?} is no list that Zeef can read: {hint}")]
    NotRecognised {
        /// File that was looked at.
        path: PathBuf,
        /// What a person can do.
        hint: String,
    },
    /// The list is truncated or malformed.
    #[error("{path:?}{}, read as {kind}: at byte {offset}, {what}. {hint}", inside(.member))]
    Invalid {
        /// File.
        path: PathBuf,
        /// Name of the member of an archive, escaped, if the list stands in one.
        member: Option<String>,
        /// What it was read as.
        kind: ListKind,
        /// Where, in bytes from the start of the decompressed list (for UTF-16: of its UTF-8 form).
        offset: u64,
        /// What is wrong, in words of ours.
        what: String,
        /// What a person can do.
        hint: String,
    },
    /// The list is over a limit that keeps a hostile file from taking the machine down.
    #[error("{path:?}{} is over a limit: {what}", inside(.member))]
    Limit {
        /// File.
        path: PathBuf,
        /// Name of the member of an archive, escaped, if the list stands in one.
        member: Option<String>,
        /// Which limit, with its value.
        what: String,
    },
    /// The file is a case of another tool, not a list of what is known.
    #[error("{path:?}{} is a VICS case, not a hash set. {hint}", inside(.member))]
    Case {
        /// File.
        path: PathBuf,
        /// Name of the member of an archive, escaped, if the case stands in one.
        member: Option<String>,
        /// What a person can do.
        hint: String,
    },
    /// The file is a list of what is known, not a case of another tool.
    #[error("{path:?}{} is a VICS hash set, not a case. {hint}", inside(.member))]
    HashSet {
        /// File.
        path: PathBuf,
        /// Name of the member of an archive, escaped, if the set stands in one.
        member: Option<String>,
        /// What a person can do.
        hint: String,
    },
    /// The caller's sink had enough before the end; what it was given is no whole list.
    #[error("reading {path:?} was stopped before its end")]
    Stopped {
        /// File.
        path: PathBuf,
    },
}

/// Says why a file of ours could not be written. What was written so far is no file, and has to be thrown away.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The operating system refused.
    #[error("the file cannot be written: {0}")]
    Io(#[from] io::Error),
    /// Whoever gives the items could not give one.
    #[error("{0}")]
    Item(Box<dyn std::error::Error + Send + Sync>),
    /// The name of the profile cannot stand in the context of a VICS file.
    #[error("`{0}` cannot name a profile in a VICS file: use letters, digits, `-` and `_`")]
    Profile(String),
    /// The Parquet library refused.
    #[error("the Parquet file cannot be written: {0}")]
    Parquet(String),
}

/// Tells what was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Written {
    /// Records in the file.
    pub records: u64,
    /// Items that were left out, because they are empty files: their digests say nothing of any picture.
    pub left_out: u64,
}

fn inside(member: &Option<String>) -> String {
    member.as_ref().map(|name| format!(", {name} in it")).unwrap_or_default()
}

/// Advice for a list whose end is missing.
pub(crate) const HINT_CUT: &str = "The end of the file is missing: fetch it again, or ask its sender for a whole copy";

/// Says why a reader cannot go on. Whoever knows path and kind turns it into the room's error.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Reading failed: the disk, the compression, or the encoding of the text ([`OverLimit`] inside: a limit).
    Io(io::Error),
    /// The bytes are not what this kind of list has.
    Invalid {
        /// Where, in bytes from the start of the list.
        offset: u64,
        /// What is wrong, in words of ours.
        what: String,
        /// What a person can do.
        hint: &'static str,
    },
    /// A limit is exceeded.
    Limit(String),
    /// The list is a case.
    Case,
    /// The case is a hash set.
    HashSet,
    /// Well-formed, but nothing that this reader knows.
    NotThis(&'static str),
}

impl Fault {
    /// Makes a fault of the bytes at `offset`.
    pub(crate) fn invalid(offset: u64, what: impl Into<String>, hint: &'static str) -> Self {
        Self::Invalid { offset, what: what.into(), hint }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Travels inside an `io::Error` through readers that know nothing of limits.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct OverLimit(pub(crate) String);

impl OverLimit {
    pub(crate) fn error(what: impl Into<String>) -> io::Error {
        io::Error::other(Self(what.into()))
    }
}
