//! The demonstration case: made where it is not there, then opened like any other.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use casefile::Passphrase;

use super::job::{Ended, Job};
use super::keeping::text_of;
use super::{Around, Bench, Inner};
use crate::view::window::{CaseHead, JobKind, JobOutcome, WindowError};
use crate::{Access, Code, Error, durable, tour};

/// Passphrase of the demonstration case. Everybody may know it: it protects nothing but drawings.
pub const DEMONSTRATION_PASSPHRASE: &str = "demonstration";

/// Folder in the program's data.
const FOLDER: &str = "demonstration";
/// Written last: without it, what lies there was never finished.
const FINISHED: &str = "finished";
/// Held by whoever makes it.
const TURN: &str = "demonstration.lock";

impl Around {
    fn demonstration(&self) -> PathBuf {
        self.data_dir.join(FOLDER)
    }

    pub(super) fn is_demonstration(&self, case_dir: &Path) -> bool {
        case_dir == self.demonstration().join(tour::CASE)
    }

    /// Names the folder of the sets of a case.
    pub(super) fn sets_of(&self, case_dir: &Path) -> PathBuf {
        if self.is_demonstration(case_dir) { self.demonstration().join(tour::SETS) } else { self.sets_dir.clone() }
    }
}

impl Bench {
    /// Makes the demonstration case if it is not there, and opens it; a job tells how far it is.
    pub fn demo_open(&self) -> Result<CaseHead, WindowError> {
        let inner = &self.inner;
        let _entering = inner.entering();
        inner.leave_entered();
        if !inner.around.demonstration().join(FINISHED).is_file() {
            let job = inner.jobs.add(JobKind::Demo, false, &inner.around.tell)?;
            inner.jobs.run(&job, None, || make(inner, &job));
            let view = job.view();
            if view.outcome.is_none() {
                return Err(view.error.unwrap_or_else(|| Error::stopped().into()));
            }
        }
        let access = Access {
            case_dir: inner.around.demonstration().join(tour::CASE),
            user: tour::USER.parse().expect("the name is a literal that follows the rules"),
            passphrase: passphrase(),
        };
        inner.enter(&access, || crate::open_case(&access, inner.now()))
    }
}

fn passphrase() -> Passphrase {
    Passphrase::new(DEMONSTRATION_PASSPHRASE)
}

fn make(inner: &Arc<Inner>, job: &Job) -> Ended {
    match try_make(inner, job) {
        Ok(dir) => Ended::done(JobOutcome::Demo { dir: text_of(&dir) }),
        Err(error) => error.into(),
    }
}

fn try_make(inner: &Arc<Inner>, job: &Job) -> Result<PathBuf, Error> {
    let cannot = |error: std::io::Error| {
        let hint = "Free 100 MB in the folder of the program's data, then try again.";
        Error::new(Code::DiskFull, "The demonstration cannot be written.", hint).with_detail(error)
    };
    let dir = inner.around.demonstration();
    std::fs::create_dir_all(&inner.around.data_dir).map_err(cannot)?;
    let turn = durable::take_turn(&inner.around.data_dir.join(TURN)).map_err(cannot)?;
    let Some(_turn) = turn else {
        let message = "Another window makes the demonstration.";
        return Err(Error::new(Code::InUse, message, "Wait until it has finished, then try again."));
    };
    match std::fs::remove_dir_all(&dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(cannot(error)),
        // What was left of a demonstration that never came to its end.
        _ => {}
    }
    let mut entropy = inner.entropy.clone();
    inner.with_setting(job, None, |setting| tour::make_demonstration(&dir, &passphrase(), setting, &mut entropy))?;
    durable::write(&dir.join(FINISHED), b"").map_err(cannot)?;
    Ok(dir.join(tour::CASE))
}
