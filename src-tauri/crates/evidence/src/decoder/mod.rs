//! The door to the decoder: one confined process that turns hostile bytes into facts and a thumbnail, or into pixels.
//!
//! What it never does: decode anything in this process, or believe what comes back. Lengths, sides, texts and the
//! thumbnail's own header are checked here. A crash or a hang costs the picture that was being read, and the process is
//! replaced; a process that only ran long is replaced between two pictures.

mod check;
mod worker;

use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use domain::{Decoded, MediaType, Refusal, RefusalCode};
use nix::fcntl::{FcntlArg, OFlag, SealFlag, fcntl};
use nix::sys::stat::{SFlag, fstat};

use crate::protocol::{
    Answer, Job, MIME_BYTES_MAX, Outcome, RENDER_PIXELS_MAX, RENDER_SIDE_MAX, Render, Task, sentence,
};
pub use crate::protocol::{Confinement, DecodeLimits};
use crate::{EvidenceError, Pixels};
use worker::{Failure, Worker};

/// Runs one decoder process and gives it one picture at a time.
///
/// The kernel ends the process together with the thread that started it, so start a decoder on the thread that uses it.
pub struct Decoder {
    program: PathBuf,
    limits: DecodeLimits,
    render_pixels: u32,
    confinement: Confinement,
    worker: Option<Worker>,
    replaced: u32,
    jobs: u64,
}

impl Decoder {
    /// Starts the program at `program` and has it confine itself.
    ///
    /// Costs 2 to 3 ms. [`EvidenceError::NoSandbox`] when the sandbox is not enforced.
    pub fn start(program: &Path, limits: DecodeLimits) -> Result<Self, EvidenceError> {
        Self::start_with_room(program, limits, 0)
    }

    /// Starts the program with room for rendered pictures of so many pixels, [`RENDER_PIXELS_MAX`] at most. The room takes
    /// memory only while pixels lie in it.
    pub fn start_rendering(program: &Path, limits: DecodeLimits, pixels_max: u32) -> Result<Self, EvidenceError> {
        Self::start_with_room(program, limits, pixels_max.clamp(1, RENDER_PIXELS_MAX))
    }

    fn start_with_room(program: &Path, limits: DecodeLimits, render_pixels: u32) -> Result<Self, EvidenceError> {
        let program = std::path::absolute(program)
            .map_err(|source| EvidenceError::DecoderStart { program: program.to_owned(), source })?;
        let worker = Worker::start(&program, &limits, render_pixels)?;
        let confinement = worker.confinement.clone();
        Ok(Self { program, limits, render_pixels, confinement, worker: Some(worker), replaced: 0, jobs: 0 })
    }

    /// Decodes one picture of `size_bytes` bytes, which the descriptor holds from its byte 0 on.
    ///
    /// The descriptor has to be a regular file that is open for reading only, or a memory file that is sealed against
    /// writing. Refusals are [`RefusalCode::Undecodable`], `Limit`, `Crashed`, `NoSandbox`, `Unreadable`, and `Changed`
    /// when the file is shorter than `size_bytes`.
    pub fn decode(&mut self, content: OwnedFd, size_bytes: u64, media: &MediaType) -> Result<Decoded, Refusal> {
        match self.work(&content, size_bytes, media, Task::Facts)? {
            Given::Facts(decoded) => Ok(*decoded),
            Given::Pixels(_) => Err(unasked()),
        }
    }

    /// Renders one picture: its pixels, turned as EXIF says, within the wished side and the room that this decoder was
    /// started with. The descriptor and the refusals are those of [`Decoder::decode`].
    pub fn render(
        &mut self,
        content: OwnedFd,
        size_bytes: u64,
        media: &MediaType,
        wanted: Render,
    ) -> Result<Pixels, Refusal> {
        if self.render_pixels == 0 || !(1..=RENDER_SIDE_MAX).contains(&wanted.longest_px) {
            return Err(Refusal::new(RefusalCode::Limit, "there is no room for a picture of that size"));
        }
        match self.work(&content, size_bytes, media, Task::Render(wanted))? {
            Given::Pixels(pixels) => Ok(pixels),
            Given::Facts(_) => Err(unasked()),
        }
    }

    /// Has the process do one job; once more, where it had ended before it was given this picture.
    fn work(&mut self, content: &OwnedFd, size_bytes: u64, media: &MediaType, task: Task) -> Result<Given, Refusal> {
        self.admit(content, size_bytes, media)?;
        self.jobs += 1;
        let job = Job { id: self.jobs, size_bytes, mime: media.mime.clone(), task };
        let mut result = self.attempt(&job, content);
        if matches!(result, Err(Failure::NotTaken)) {
            // The process had ended before it was given this picture, so the picture is not to blame.
            result = self.attempt(&job, content);
        }
        result.unwrap_or_else(|failure| match failure {
            Failure::NotTaken => {
                Err(Refusal::new(RefusalCode::Crashed, "the decoder ends before it is given anything"))
            }
            Failure::Refused(refusal) => Err(refusal),
        })
    }

    /// Tells what is enforced.
    pub fn confinement(&self) -> &Confinement {
        &self.confinement
    }

    /// Counts the processes that crashed, hung or answered nonsense and were replaced.
    pub fn replaced(&self) -> u32 {
        self.replaced
    }

    /// Checks what this side is told, before the other side sees anything of it.
    fn admit(&self, content: &OwnedFd, size_bytes: u64, media: &MediaType) -> Result<(), Refusal> {
        if media.mime.len() > MIME_BYTES_MAX {
            return Err(Refusal::new(RefusalCode::Undecodable, "the name of the media type is too long"));
        }
        if size_bytes > self.limits.file_bytes {
            let limit = self.limits.file_bytes >> 20;
            return Err(Refusal::new(RefusalCode::Limit, format!("the file is larger than {limit} MiB")));
        }
        if !is_read_only(content) {
            return Err(Refusal::new(RefusalCode::Unreadable, "the descriptor is not a read-only regular file"));
        }
        let length = fstat(content).map_or(0, |stat| u64::try_from(stat.st_size).unwrap_or(0));
        if length < size_bytes {
            return Err(Refusal::new(RefusalCode::Changed, "the file became shorter while it was read"));
        }
        Ok(())
    }

    /// Gives the job to the process, starting one if there is none, and lets go of a process that failed.
    fn attempt(&mut self, job: &Job, content: &OwnedFd) -> Result<Result<Given, Refusal>, Failure> {
        let worker = match &mut self.worker {
            Some(worker) => worker,
            empty => {
                let started = Worker::start(&self.program, &self.limits, self.render_pixels);
                empty.insert(started.map_err(|error| {
                    Failure::Refused(Refusal::new(RefusalCode::NoSandbox, sentence(&error.to_string())))
                })?)
            }
        };
        let result = worker.exchange(job, content.as_fd(), &self.limits).and_then(|answer| {
            let checked = accept(worker, &answer, job, &self.limits, self.render_pixels);
            checked.map_err(|what| worker.nonsense(what))
        });
        if result.is_err() {
            self.worker = None;
            self.replaced += 1;
        } else if worker.is_spent(&self.limits) {
            self.worker = None;
        }
        result
    }
}

/// What a job gave.
enum Given {
    Facts(Box<Decoded>),
    Pixels(Pixels),
}

/// Says what cannot be: an answer of another kind was refused before it came here.
fn unasked() -> Refusal {
    Refusal::new(RefusalCode::Crashed, "the decoder answers what was not asked")
}

/// Turns an answer into a result, or says what is wrong with the answer.
fn accept(
    worker: &Worker,
    answer: &Answer,
    job: &Job,
    limits: &DecodeLimits,
    render_pixels: u32,
) -> Result<Result<Given, Refusal>, &'static str> {
    if answer.id != job.id {
        return Err("it answers another question");
    }
    match (&answer.outcome, job.task) {
        (Outcome::Refused { code, detail }, _) if may_refuse(*code) => Ok(Err(Refusal::new(*code, sentence(detail)))),
        (Outcome::Refused { .. }, _) => Err("it refuses for a reason that is not its to give"),
        (Outcome::Decoded { facts_bytes, thumbnail_bytes, width, height }, Task::Facts) => {
            let (facts, jpeg) = worker.read_shared(*facts_bytes, *thumbnail_bytes)?;
            check::decoded(&facts, jpeg, (*width, *height), limits).map(|decoded| Ok(Given::Facts(Box::new(decoded))))
        }
        (Outcome::Rendered { width, height }, Task::Render(wanted)) => {
            check::rendered((*width, *height), wanted.longest_px, render_pixels)?;
            worker.read_pixels(*width, *height, wanted.colours).map(|pixels| Ok(Given::Pixels(pixels)))
        }
        (Outcome::Decoded { .. }, Task::Render(_)) => Err("it gives facts where pixels are wanted"),
        (Outcome::Rendered { .. }, Task::Facts) => Err("it gives pixels where facts are wanted"),
    }
}

/// Tells for which reasons the decoder may refuse: those about the picture, and those about reading it, after which it is
/// tried another time. The others are about the decoder, and this side's to give.
fn may_refuse(code: RefusalCode) -> bool {
    use RefusalCode::{Changed, Limit, Undecodable, Unreadable};
    matches!(code, Undecodable | Limit | Unreadable | Changed)
}

/// Tells whether nobody can write to the file through this descriptor.
fn is_read_only(content: &OwnedFd) -> bool {
    let regular =
        fstat(content).is_ok_and(|stat| SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT == SFlag::S_IFREG);
    let Ok(bits) = fcntl(content, FcntlArg::F_GETFL) else { return false };
    let flags = OFlag::from_bits_retain(bits);
    let opened_for_reading = flags & OFlag::O_ACCMODE == OFlag::O_RDONLY && !flags.contains(OFlag::O_PATH);
    let sealed = || {
        let seals = fcntl(content, FcntlArg::F_GET_SEALS).map(SealFlag::from_bits_truncate);
        seals.is_ok_and(|seals| seals.contains(SealFlag::F_SEAL_WRITE))
    };
    regular && (opened_for_reading || sealed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_descriptor_that_can_write_is_told_apart() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let writable = file.reopen().unwrap();
        assert!(!is_read_only(&writable.into()));
        #[expect(clippy::disallowed_methods, reason = "the test opens what it made")]
        let readable = std::fs::File::open(file.path()).unwrap();
        assert!(is_read_only(&readable.into()));
        let (reader, _writer) = std::io::pipe().unwrap();
        assert!(!is_read_only(&reader.into()));
    }
}
