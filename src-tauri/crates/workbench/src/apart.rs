//! Applying a release in a process of its own that has given up its rights: `zeef`, started again with a hidden command.

use std::io::{Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{ApplyJob, ApplyOutcome, Code, Error, Starter};

/// Most bytes of an answer of the process that applies.
const ANSWER_BYTES_MAX: u64 = 1 << 20;

/// Says how far the process that applies is confined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Confinement {
    /// Only the folder of the sets can be opened.
    pub files: bool,
    /// There is no network.
    pub network: bool,
    /// What the kernel lacks; empty when it lacks nothing.
    pub lacking: String,
}

/// Holds the answer of the process that applies.
#[derive(Debug, Serialize, Deserialize)]
pub struct ApplyAnswer {
    /// How far it was confined when it read the release.
    pub confinement: Confinement,
    /// What became of the job.
    pub result: Result<ApplyOutcome, Error>,
}

/// Has a job applied by the program `zeef`, in a process that gives up its rights before it reads the job.
pub fn apply_apart(starter: &dyn Starter, zeef: &Path, sets_dir: &Path, job: &ApplyJob) -> Result<ApplyAnswer, Error> {
    let failed = |detail: &dyn std::fmt::Display| {
        let message = "The process that applies a release ended without an answer. All sets are as they were.";
        Error::new(Code::Internal, message, "Run it again.").with_detail(detail)
    };
    let arguments = ["apply-release".into(), "--sets".into(), sets_dir.into()];
    let mut child = starter.start(zeef, &arguments).map_err(|error| failed(&error))?;
    let text = serde_json::to_vec(job).map_err(|error| failed(&error))?;
    // A child that ended early breaks the pipe; its answer, or the lack of one, tells more.
    let _ = child.input().map(|mut to| to.write_all(&text));
    let mut said = Vec::new();
    let out = child.output().map(|out| out.take(ANSWER_BYTES_MAX));
    let read = out.map_or(Ok(0), |mut out| out.read_to_end(&mut said));
    let succeeded = child.wait().map_err(|error| failed(&error))?;
    read.map_err(|error| failed(&error))?;
    let how = if succeeded { "it succeeded" } else { "it failed" };
    serde_json::from_slice(&said).map_err(|error| failed(&format!("{error}; {how}")))
}
