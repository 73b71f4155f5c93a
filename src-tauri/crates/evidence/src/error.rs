//! What makes a call of this crate impossible. Trouble with one file is a `Refusal`, never one of these.

use std::io;
use std::path::PathBuf;

use domain::shown_path;

/// Says why a source cannot be read, or why nothing can be decoded.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// The path of a source leads nowhere, or may not be read.
    #[error("cannot open the source `{}`: {source}", shown_path(path))]
    Open {
        /// Path that was given.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The path leads to something that is no source.
    #[error("the path `{}` is no source: {why}", shown_path(path))]
    NotASource {
        /// Path that was given.
        path: PathBuf,
        /// What it is instead, and what to do.
        why: String,
    },
    /// The source is an archive and only a part of it could be read; that part was handed out.
    #[error("the archive `{}` could be read only in part: {why}", shown_path(path))]
    Damaged {
        /// Path of the archive.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The decoder cannot be confined, so nothing is decoded.
    #[error("the decoder cannot be confined, so nothing is decoded: {why}")]
    NoSandbox {
        /// Which part of the sandbox is missing.
        why: String,
    },
    /// The decoder cannot be started.
    #[error("the decoder `{}` cannot be started: {source}", shown_path(program))]
    DecoderStart {
        /// Program.
        program: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}
