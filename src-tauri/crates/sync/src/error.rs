//! Everything that can prevent a release from being taken. No message holds a token, a key or the part of an address
//! that could be one.

use std::path::{Path, PathBuf};

use domain::release::RefusedCode;
use domain::{Fingerprint, PublisherId, UtcTime, escaped, shown_path};

/// Says why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server did not answer as it has to, or the disk is not there.
    #[error("{place}: {problem}")]
    Unreachable {
        /// Server or folder, and file.
        place: String,
        /// What happened.
        problem: String,
        /// True where the same request may succeed a moment later.
        again: bool,
    },
    /// The publisher has no server.
    #[error("{0} has no server: its releases are carried in on a disk")]
    Carried(PublisherId),
    /// The server wants another certificate or token.
    #[error("{place}: the server does not let this workstation in ({problem})")]
    Unauthorized {
        /// Server and file.
        place: String,
        /// Its answer.
        problem: String,
    },
    /// Signatures, hashes, lengths or names are not what they have to be.
    #[error("{what}: {problem}")]
    Untrusted {
        /// The file.
        what: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A version is older than one that was seen before.
    #[error("{what}: version {offered} is offered, but version {seen} was seen before")]
    Rollback {
        /// What has the version.
        what: String,
        /// The version that was seen.
        seen: u64,
        /// The version that is offered.
        offered: u64,
    },
    /// The signed word has expired, beyond grace.
    #[error("{role}.json expired at {expires}, more than the signed {grace_days} days of grace before {now}")]
    Expired {
        /// The role whose metadata it is.
        role: &'static str,
        /// When it expired.
        expires: UtcTime,
        /// Days of grace; a root has none.
        grace_days: u32,
        /// The time that counts.
        now: UtcTime,
    },
    /// The memory of the versions that were seen cannot be relied on.
    #[error("`{}`: {problem}", shown_path(path))]
    MarkDamaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A file of this machine cannot be read or written.
    #[error("`{}`: {source}", shown_path(path))]
    Storage {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file of this machine is not what it has to be.
    #[error("`{}`: {problem}", shown_path(path))]
    BadFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The release is of a form that this version does not read.
    #[error("{what}: {problem}")]
    Unknown {
        /// The file.
        what: String,
        /// What is not known.
        problem: String,
    },
    /// The file that a person gave is no enrolment.
    #[error("`{}`: {problem}", shown_path(path))]
    NoEnrolment {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The file is not the one whose fingerprint was compared.
    #[error(
        "`{}`: its fingerprint is {found}, and the one that was compared is {compared}; nothing was enrolled",
        shown_path(path)
    )]
    OtherFingerprint {
        /// The file.
        path: PathBuf,
        /// The fingerprint of the file.
        found: Fingerprint,
        /// The fingerprint that was compared.
        compared: Fingerprint,
    },
    /// An enrolment does not fit what is enrolled.
    #[error("the enrolment of {publisher} cannot be taken: {problem}")]
    Enrolment {
        /// The publisher.
        publisher: PublisherId,
        /// What is wrong with it.
        problem: String,
    },
    /// The publisher is not known here.
    #[error("{0} is not enrolled here")]
    NotEnrolled(PublisherId),
    /// The publisher was introduced by another one.
    #[error("{0} was introduced by another publisher: it goes when that one revokes it or is left")]
    Introduced(PublisherId),
    /// What needs two people was asked by one.
    #[error("this takes two people: name two, and two different ones")]
    OnePerson,
    /// Nothing is wrong with the mark, so that there is nothing to reset.
    #[error("the mark of {0} is intact: there is nothing to reset")]
    NothingToReset(PublisherId),
    /// Another sync is running.
    #[error("`{}`: another zeef-sync is at work here", shown_path(path))]
    Busy {
        /// The lock.
        path: PathBuf,
    },
}

impl Error {
    /// Makes the error of a file of this machine.
    pub(crate) fn storage(path: &Path, source: std::io::Error) -> Self {
        Self::Storage { path: path.to_owned(), source }
    }

    /// Makes the error of a file that is not to be trusted; `what` and `problem` may hold what a stranger wrote.
    pub(crate) fn untrusted(what: &str, problem: impl std::fmt::Display) -> Self {
        Self::Untrusted { what: shown(what), problem: shown(&problem.to_string()) }
    }

    /// Makes the error of a file that is no enrolment; `problem` may hold what a stranger wrote.
    pub(crate) fn no_enrolment(path: &Path, problem: impl std::fmt::Display) -> Self {
        Self::NoEnrolment { path: path.to_owned(), problem: shown(&problem.to_string()) }
    }

    /// Gives the word that programs switch on.
    pub fn code(&self) -> RefusedCode {
        match self {
            Self::Unreachable { .. } => RefusedCode::Unreachable,
            Self::Carried(_) => RefusedCode::Carried,
            Self::Unauthorized { .. } => RefusedCode::Unauthorized,
            Self::Untrusted { .. } | Self::OtherFingerprint { .. } | Self::Enrolment { .. } => RefusedCode::Untrusted,
            Self::Rollback { .. } => RefusedCode::Rollback,
            Self::Expired { .. } => RefusedCode::Expired,
            Self::MarkDamaged { .. } => RefusedCode::MarkDamaged,
            Self::Unknown { .. } | Self::NoEnrolment { .. } => RefusedCode::Unknown,
            Self::Storage { .. }
            | Self::BadFile { .. }
            | Self::NotEnrolled(_)
            | Self::Introduced(_)
            | Self::OnePerson
            | Self::NothingToReset(_)
            | Self::Busy { .. } => RefusedCode::Storage,
        }
    }

    /// Says what to do, for a person.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => {
                "look at the network or the disk and sync again; what was fetched so far is kept, and the installed set goes on"
            }
            Self::Carried(_) => "name the disk or its folder with `--from`",
            Self::Unauthorized { .. } => {
                "look at the files that `zeef sync access` was given, or ask the publisher for new ones"
            }
            Self::Untrusted { .. } => {
                "take nothing from this source; ask the publisher by another way than this source, and sync from another"
            }
            Self::Rollback { .. } => {
                "this source holds something old: take a newer disk or the publisher's own server; the installed set goes on"
            }
            Self::Expired { role: "root", .. } => {
                "look at the clock of this machine; if it is right, a newer disk or the publisher's server is needed"
            }
            Self::Expired { .. } => {
                "look at the clock of this machine; if it is right, take a newer disk, or let two people override it"
            }
            Self::MarkDamaged { .. } => {
                "two people can restore it with `zeef sync reset`; find out first why it is damaged"
            }
            Self::Storage { .. } => "look at the disk of this machine: its space, its rights, its health",
            Self::BadFile { .. } => "put the file right and try again",
            Self::Unknown { .. } => "this program is older than the release: install a newer one",
            Self::NoEnrolment { .. } => {
                "name the file enrolment.json that the publisher gave out; if it is that one, ask for it again"
            }
            Self::OtherFingerprint { .. } => {
                "take another file: have the publisher give it once more, by a way that is trusted, and compare it by telephone"
            }
            Self::Enrolment { .. } => "ask the publisher whether the file is theirs",
            Self::NotEnrolled(_) => "enrol it first with `zeef sync enrol`",
            Self::Introduced(_) => "see `zeef sync status` for who introduced it",
            Self::OnePerson => "give two different names",
            Self::NothingToReset(_) => "sync as usual",
            Self::Busy { .. } => "wait until it has ended",
        }
    }
}

/// Largest number of characters of a stranger's text that a message repeats.
const SHOWN_CHARS_MAX: usize = 300;

/// Makes a stranger's text fit to be shown: escaped, and not too long.
fn shown(text: &str) -> String {
    let escaped = escaped(text.as_bytes());
    match escaped.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &escaped[..end]),
        None => escaped,
    }
}
