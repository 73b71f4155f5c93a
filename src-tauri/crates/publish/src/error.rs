//! What can go wrong in the custodian's house. Every message says which file, what is wrong and what to do.

use std::path::{Path, PathBuf};

/// Says why a command could not be done. Nothing of it counts then: the repository is as it was.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The operating system refused.
    #[error("cannot {action} {path:?}: {source}")]
    Io {
        /// What was to be done.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A contribution cannot be read.
    #[error(transparent)]
    List(#[from] formats::FormatsError),
    /// A package does not hold, or is not for this publisher.
    #[error(transparent)]
    Package(#[from] dispatch::package::PackageError),
    /// A file of a release cannot be written.
    #[error(transparent)]
    Release(#[from] hashset::HashsetError),
    /// The query engine gave up.
    #[error("the query `{stage}` over the contributions of {repository:?} failed: {source}")]
    Query {
        /// Which of the queries.
        stage: &'static str,
        /// Whose contributions.
        repository: PathBuf,
        /// What the engine said.
        source: Box<datafusion::error::DataFusionError>,
    },
    /// A table of the repository cannot be read or written.
    #[error("the table {path:?} cannot be read or written: {what}. Restore it from a backup of the repository")]
    Table {
        /// The file.
        path: PathBuf,
        /// What the Parquet library said.
        what: String,
    },
    /// A file of the repository is not what this program writes.
    #[error("{path:?} is damaged: {what}. Restore it from a backup; nothing was changed")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The command makes no sense here, or would be unsafe.
    #[error("{path:?}: {what}. {hint}")]
    Refused {
        /// Repository or file in question.
        path: PathBuf,
        /// What is wrong.
        what: String,
        /// What to do.
        hint: String,
    },
    /// A key file is missing, not readable or not the right one.
    #[error("the key file {path:?} cannot be used: {what}")]
    Key {
        /// The file, or the folder in which it is missed.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The address would be reached by other machines.
    #[error("{address} is no address of this machine alone: serve at 127.0.0.1, or give the site to a web server")]
    NotLoopback {
        /// The address.
        address: std::net::SocketAddr,
    },
    /// The address cannot be listened at.
    #[error("cannot serve at {address}: {source}. Choose another port")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another command is at work in the repository.
    #[error("another command is at work in {path:?}. Wait for its end, and run this one again")]
    Busy {
        /// The lock.
        path: PathBuf,
    },
}

impl PublishError {
    /// Makes a refusal.
    pub(crate) fn refused(path: &Path, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Refused { path: path.to_owned(), what: what.into(), hint: hint.into() }
    }

    /// Makes the error of a file that is not what this program writes.
    pub(crate) fn damaged(path: &Path, what: impl ToString) -> Self {
        Self::Damaged { path: path.to_owned(), what: what.to_string() }
    }

    /// Makes the error of a table.
    pub(crate) fn table(path: &Path, what: impl ToString) -> Self {
        Self::Table { path: path.to_owned(), what: what.to_string() }
    }
}

/// Turns an answer of the operating system into an error with its path.
pub(crate) fn io_at(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> PublishError {
    let path = path.to_owned();
    move |source| PublishError::Io { action, path, source }
}
