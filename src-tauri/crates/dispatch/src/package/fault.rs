//! What can be wrong with a package. Every message says what it is and what to do.

use std::path::{Path, PathBuf};

use domain::UtcTime;

/// Says why a package was not written or not opened. Nothing of it counts then, and nothing of it was left anywhere.
#[derive(Debug, thiserror::Error)]
#[error("`{}`: {fault}", domain::shown_path(.path))]
pub struct PackageError {
    /// The package.
    pub path: PathBuf,
    /// What is wrong.
    #[source]
    pub fault: Fault,
}

impl PackageError {
    pub(crate) fn new(path: &Path, fault: Fault) -> Self {
        Self { path: path.to_owned(), fault }
    }
}

/// What is wrong.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Something else than a package.
    #[error("it is no package: it does not begin like a file that `age` has encrypted. Choose another file")]
    NoPackage,
    /// Another person's.
    #[error(
        "none of your reading keys opens it: it was encrypted for others, or its first lines are damaged. Ask its sender for one that names you as a recipient"
    )]
    NotForYou,
    /// Signed for other recipients than the one who got it.
    #[error("it was signed for {to}, and not for you: somebody has passed it on. Ask its signer for one of your own")]
    Forwarded {
        /// Names of the recipients.
        to: String,
    },
    /// Signed by a key that is not on the list.
    #[error(
        "it is signed with the key {key_id}, which is not on the list of team leads. Ask for the newest list, or ask who sent it"
    )]
    UnknownSigner {
        /// Number of the key, as minisign shows it.
        key_id: String,
    },
    /// Signed by a key that is no longer trusted.
    #[error("the key {key_id} of {name} was revoked: whoever has it must not be believed. Ask {name} by another way")]
    RevokedSigner {
        /// The person whose key it was.
        name: String,
        /// Number of the key.
        key_id: String,
    },
    /// Signed by a key outside of the time for which it is valid.
    #[error(
        "the key of {name} is valid from {from} to {until}, and the package was made, or is opened, at {at}. Ask for one that is signed with the new key"
    )]
    ExpiredSigner {
        /// The person whose key it is.
        name: String,
        /// From when it is valid.
        from: UtcTime,
        /// Until when.
        until: UtcTime,
        /// The moment outside.
        at: UtcTime,
    },
    /// The signature does not fit.
    #[error(
        "its signature does not hold: its list of files was changed, or somebody else signed it. Ask its sender for it again"
    )]
    BadSignature,
    /// The same person asked for it and signed it.
    #[error("{name} asked for it and signed it: two people are needed. Ask another team lead to sign")]
    OnePerson {
        /// Who.
        name: String,
    },
    /// The bytes of a file are not those that were signed, or the encryption around them does not hold.
    #[error("its part `{file}` is damaged. Ask its sender for it again")]
    Damaged {
        /// Which.
        file: String,
    },
    /// The end is not the end that was written.
    #[error("its end is missing, or is not its own: it was cut short, or something was added. Copy it again")]
    Cut,
    /// Something that nobody signed.
    #[error("it holds bytes that no signature covers, after `{after}`. Ask its sender for it again")]
    Extra {
        /// The file before.
        after: String,
    },
    /// A file that the manifest does not list.
    #[error("it holds `{file}`, which its signed list does not name. Ask its sender for it again")]
    Unlisted {
        /// Which.
        file: String,
    },
    /// A file that the manifest lists and the package lacks.
    #[error("it lacks `{file}`. Ask its sender for it again")]
    Missing {
        /// Which.
        file: String,
    },
    /// A link, a folder, a device, or an extension of tar.
    #[error("`{name}` in it is no plain file. Ask its sender for it again")]
    NotPlain {
        /// Its name.
        name: String,
    },
    /// A name that no package has: it could reach out of its folder, or be two names on another system.
    #[error(
        "`{name}` cannot name a file of a package: use small letters, digits, `-`, `_` and `.`, or media/ and a SHA-256"
    )]
    BadName {
        /// The name.
        name: String,
    },
    /// One name for two files.
    #[error("it holds `{file}` twice. Ask its sender for it again")]
    Twice {
        /// Which.
        file: String,
    },
    /// Beyond a limit.
    #[error("{what} is larger than {max}, which is the limit")]
    TooLarge {
        /// What.
        what: &'static str,
        /// The limit.
        max: u64,
    },
    /// A manifest that says nothing, or contradicts itself.
    #[error("its manifest cannot be used: {what}")]
    Manifest {
        /// What is wrong.
        what: String,
    },
    /// Reading keys that are none.
    #[error("the file of reading keys cannot be used: {what}")]
    Identity {
        /// What is wrong, without the key.
        what: String,
    },
    /// A file or folder is there already.
    #[error("it is there already. Choose another name, or move it away first")]
    Exists,
    /// A file turned out longer or shorter than was said.
    #[error("`{file}` has another length than was said: {said} bytes. It was changed meanwhile; try again")]
    Length {
        /// Which.
        file: String,
        /// What was said.
        said: u64,
    },
    /// A package that failed before cannot be finished.
    #[error("a file could not be put into it before, so that it cannot be finished. Write it again")]
    Unfinished,
    /// A line of the file of items that is no item.
    #[error("line {line} of its items is no item: {what}")]
    Item {
        /// Number of the line, from 1.
        line: u64,
        /// What is wrong.
        what: String,
    },
    /// The operating system refused.
    #[error("cannot {action} it: {source}")]
    Io {
        /// What was to be done.
        action: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// Keys or signatures could not be made.
    #[error("the library of {library} refused: {what}")]
    Library {
        /// Which.
        library: &'static str,
        /// What it said.
        what: String,
    },
}
