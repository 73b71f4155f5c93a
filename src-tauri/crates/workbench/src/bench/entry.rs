//! The ways to a case and out of it: make, open, close, lock, unlock; and who may enter it.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use casefile::{CaseFile, Passphrase};
use domain::{SchemeId, UserName, UtcTime};

use super::failure::{bad_input, busy, no_case, stopped_by_lock};
use super::idle::Idle;
use super::jobs::Which;
use super::keeping::{path_of, text_of};
use super::{Bench, Inner, JOBS_END, Place, scheme_view};
use crate::pictures::{Clock, PictureSetting, Pictures, Seen};
use crate::view::window::{CaseHead, Event, JobState, NewCaseForm, UserLine, WindowError};
use crate::{Access, Entropy, Error, Session};

/// How long the first pictures have the machine to themselves.
const PREPARE_AFTER: Duration = Duration::from_millis(1_500);
/// Random bytes of an epoch.
const EPOCH_BYTES: usize = 16;

/// An open case.
pub(super) struct Open {
    pub case: CaseFile,
    pub dir: PathBuf,
    pub sets_dir: PathBuf,
    pub head: CaseHead,
    pub session: Arc<Session>,
    pub pictures: Pictures,
    /// Opens this person's index over cases; it tells nobody the passphrase of the case.
    pub index_secret: Passphrase,
    /// When the window was last brought up to what the case has.
    pub followed: Mutex<UtcTime>,
    /// True once a person has said, or taken back, that an entry is wrong: a job at work began without knowing.
    pub vetoed: AtomicBool,
}

impl Bench {
    /// Makes a case and opens it.
    pub fn case_new(&self, form: NewCaseForm) -> Result<CaseHead, WindowError> {
        let access = access(&form.dir, &form.user, form.passphrase)?;
        if form.number.trim().is_empty() {
            return Err(bad_input("The case has no number.", "Give it the number that your unit uses."));
        }
        let inner = &self.inner;
        let _entering = inner.entering();
        inner.leave_entered();
        inner.enter(&access, || {
            let (scheme, mut entropy) = (SchemeId(form.scheme), inner.entropy.clone());
            let (number, unit) = (form.number.trim(), form.unit.trim());
            crate::new_case(&access, number, unit, &form.legal_scope, &scheme, inner.now(), &mut entropy)
        })
    }

    /// Opens a case.
    pub fn case_open(&self, dir: &str, user: &str, passphrase: String) -> Result<CaseHead, WindowError> {
        let access = access(dir, user, passphrase)?;
        let inner = &self.inner;
        let _entering = inner.entering();
        inner.leave_entered();
        inner.enter(&access, || crate::open_case(&access, inner.now()))
    }

    /// Closes the case; its jobs are stopped first, and what they did is kept.
    pub fn case_close(&self) -> Result<(), WindowError> {
        self.inner.leave();
        Ok(())
    }

    /// Locks the case: key, pictures and views are dropped, jobs of the case are stopped. Nothing happens where none is
    /// open.
    pub fn lock(&self) {
        let inner = &self.inner;
        let open = {
            let mut state = inner.state();
            let Place::Open(open) = &state.place else { return };
            let open = Arc::clone(open);
            state.place = Place::Locked { dir: open.dir.clone(), head: Box::new(open.head.clone()) };
            for wanted in &state.wanted {
                let job = wanted.job.get().and_then(|number| inner.jobs.find(*number).ok());
                wanted.held.store(job.is_some_and(|job| job.state() == JobState::Paused), Ordering::Relaxed);
            }
            open
        };
        // First of all, nothing is to be seen any more.
        (inner.around.tell)(Event::Locked);
        inner.jobs.end_all_soon(Which::OfCase, Some(stopped_by_lock()));
        open.pictures.forget();
    }

    /// Opens the case that is locked again, for the same user. Loads that the lock had cut off go on.
    pub fn unlock(&self, passphrase: String) -> Result<CaseHead, WindowError> {
        let passphrase = Passphrase::new(passphrase);
        let inner = &self.inner;
        let _entering = inner.entering();
        let access = match &inner.state().place {
            Place::Locked { dir, head } => {
                let user = head.user.parse().expect("it was a name when the case was opened");
                Access { case_dir: dir.clone(), user, passphrase }
            }
            Place::Open(open) => return Ok(open.head.clone()),
            Place::Empty => return Err(no_case()),
        };
        let head = inner.enter(&access, || crate::open_case(&access, inner.now()))?;
        inner.load_on();
        Ok(head)
    }

    /// Lists everybody who ever had access.
    pub fn users(&self) -> Result<Vec<UserLine>, WindowError> {
        let users = crate::users(&self.inner.open()?.case)?;
        let line = |user: crate::view::UserView| UserLine {
            name: user.name,
            role: user.role,
            added: user.added,
            removed: user.removed,
        };
        Ok(users.into_iter().map(line).collect())
    }

    /// Gives a person access.
    pub fn user_add(&self, name: &str, role: &str, passphrase: String) -> Result<(), WindowError> {
        let passphrase = Passphrase::new(passphrase);
        let role = role.parse().map_err(|error: String| bad_input(sentence(&error), "Choose one of the three."))?;
        let (open, name, now) = (self.inner.open()?, user_name(name)?, self.inner.now());
        Ok(crate::add_user(&open.case, &name, role, &passphrase, now, &mut self.inner.entropy.clone())?)
    }

    /// Takes a person's access away.
    pub fn user_remove(&self, name: &str) -> Result<(), WindowError> {
        Ok(crate::remove_user(&self.inner.open()?.case, &user_name(name)?, self.inner.now())?)
    }

    /// Changes the passphrase of the user who has opened the case.
    pub fn passphrase_change(&self, passphrase: String) -> Result<(), WindowError> {
        let passphrase = Passphrase::new(passphrase);
        let (open, now) = (self.inner.open()?, self.inner.now());
        Ok(crate::change_passphrase(&open.case, &passphrase, now, &mut self.inner.entropy.clone())?)
    }
}

impl Inner {
    pub(super) fn entering(&self) -> MutexGuard<'_, ()> {
        self.entering.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the case off the bench.
    pub(super) fn leave(&self) {
        let _entering = self.entering();
        self.leave_entered();
    }

    /// The same, by whoever holds `entering`.
    pub(super) fn leave_entered(&self) {
        let place = std::mem::replace(&mut self.state().place, Place::Empty);
        self.jobs.end_all_soon(Which::OfCase, None);
        if let Place::Open(open) = place {
            open.pictures.forget();
        }
        // A job that does not end in time keeps the case for itself until it does: to open it again is refused meanwhile.
        let _ = self.jobs.wait_until_over(Which::OfCase, JOBS_END);
        self.jobs.forget_finished();
        self.state().wanted.clear();
    }

    /// Puts a case on the bench, by whoever holds `entering`.
    pub(super) fn enter(
        &self,
        access: &Access,
        open: impl FnOnce() -> Result<CaseFile, Error>,
    ) -> Result<CaseHead, WindowError> {
        let dir = access.case_dir.as_path();
        // Jobs of before still have it in hand; they are coming to their end.
        if !self.jobs.wait_until_over(Which::OfCase, JOBS_END) {
            return Err(busy("A job of this case is still coming to its end."));
        }
        let case = open()?;
        let head = self.head(&case, dir);
        let index_secret = crate::links::index_secret(&access.passphrase, &access.user);
        let open = Arc::new(self.lay_out(case, dir, head.clone(), index_secret)?);
        let now = self.now();
        let mut state = self.state();
        state.place = Place::Open(open);
        state.idle = Idle::new(now);
        drop(state);
        if !head.demonstration {
            // That the list cannot be kept is no reason to keep a person from the case; the settings page tells it.
            let _ = self.keeping.remember(&head.dir, &head.number, &head.user, now);
        }
        Ok(head)
    }

    /// Makes what the window works with.
    fn lay_out(&self, case: CaseFile, dir: &Path, head: CaseHead, index_secret: Passphrase) -> Result<Open, Error> {
        let sets_dir = self.around.sets_of(dir);
        let tell = Arc::clone(&self.around.tell);
        let around = crate::Around {
            sets_dir: sets_dir.clone(),
            now: Arc::clone(&self.around.now),
            counts: Arc::new(move |strip| tell(Event::Counts { strip })),
        };
        let session = Arc::new(Session::open(case.clone(), around, &mut |_| ())?);
        prepare(&session);
        let pictures = Pictures::open(PictureSetting {
            case: case.clone(),
            decoder: self.around.decoder.clone(),
            workers: self.around.threads,
            epoch: head.epoch.clone(),
            entropy: Box::new(self.entropy.clone()),
            now: steady_clock(),
            seen: counting(&session),
        });
        let (dir, followed) = (dir.to_owned(), Mutex::new(self.now()));
        let vetoed = AtomicBool::new(false);
        Ok(Open { case, dir, sets_dir, head, session, pictures, index_secret, followed, vetoed })
    }

    fn head(&self, case: &CaseFile, dir: &Path) -> CaseHead {
        let (info, (user, role)) = (case.info(), case.user());
        let mut epoch = [0; EPOCH_BYTES];
        self.entropy.clone().fill(&mut epoch);
        CaseHead {
            dir: text_of(dir),
            number: info.number,
            unit: info.unit,
            legal_scope: info.legal_scope,
            user: user.to_string(),
            role: role.to_string(),
            scheme: scheme_view(&info.scheme),
            epoch: epoch.iter().map(|byte| format!("{byte:02x}")).collect(),
            demonstration: self.around.is_demonstration(dir),
        }
    }
}

/// Prepares what is wanted later, on a thread of its own, once the first pictures have been asked for. Without a thread for
/// it, the first view of each order and the next opening take longer.
fn prepare(session: &Arc<Session>) {
    let here = Arc::downgrade(session);
    let work = move || {
        std::thread::sleep(PREPARE_AFTER);
        let Some(session) = here.upgrade() else { return };
        session.prepare();
        drop(session);
        // What cannot be kept is read by row at the next opening.
        let _ = Session::keep(&here);
    };
    let _ = std::thread::Builder::new().name("prepare".to_owned()).spawn(work);
}

/// Counts clear looks on a thread of its own: whoever serves a picture does not wait for the disk. It ends with the
/// pictures, and keeps no case open.
fn counting(session: &Arc<Session>) -> Seen {
    let (say, said) = crossbeam_channel::unbounded::<(u32, bool)>();
    let session = Arc::downgrade(session);
    let count = move || {
        for (number, part) in said {
            let Some(session) = session.upgrade() else { return };
            // A look that cannot be written, on a full disk, is counted no more; the look itself is over.
            let _ = session.seen(number, part);
        }
    };
    // Without a thread, looks are not counted; nothing else depends on them.
    let _ = std::thread::Builder::new().name("looks".to_owned()).spawn(count);
    Box::new(move |number, part| {
        let _ = say.send((number, part));
    })
}

/// Gives a clock that is never set back, for limits of time.
#[expect(clippy::disallowed_methods, reason = "a limit of time must hold when the clock of the day is set back")]
fn steady_clock() -> Clock {
    let start = std::time::Instant::now();
    Box::new(move || start.elapsed())
}

fn access(dir: &str, user: &str, passphrase: String) -> Result<Access, WindowError> {
    let passphrase = Passphrase::new(passphrase);
    let case_dir = path_of(dir);
    // What a path without a beginning means depends on where the program was started.
    if !case_dir.is_absolute() || case_dir.as_os_str().as_bytes().contains(&0) {
        return Err(bad_input(
            "The folder of the case is no whole path.",
            "Name it from the root on, beginning with `/`.",
        ));
    }
    Ok(Access { case_dir, user: user_name(user)?, passphrase })
}

fn user_name(text: &str) -> Result<UserName, WindowError> {
    text.parse().map_err(|error: domain::IdError| bad_input(sentence(&error.to_string()), "Choose another name."))
}

/// Makes a sentence of the text of an error.
pub(super) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}
