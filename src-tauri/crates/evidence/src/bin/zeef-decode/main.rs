//! `zeef-decode`: turns one picture after another into facts and a thumbnail, or into pixels, and can do nothing else.
//!
//! What it does: confines itself, says so, then takes a descriptor, a length and a media type from standard input (a
//! socket), and leaves facts and a thumbnail, or the pixels that were asked for, in shared memory.
//!
//! What it never does: open a file, talk to anybody else, start a process, or run before it is confined. It has no
//! options, and only `evidence::Decoder` starts it.

mod av1;
mod confine;
mod derive;
mod embedded;
mod frames;
mod heif;
mod jpeg;
mod jpegxl;
mod memory;
mod picture;
mod png;
mod raster;
mod render;
mod scans;
mod shared_scan;
mod talk;
mod tiff;
mod yuv;

use std::os::fd::OwnedFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use domain::{Refusal, RefusalCode};
use evidence::protocol::{Answer, DecodeLimits, Job, Outcome, Ready, Task, sentence};
use nix::libc;

use talk::{Shared, Talk};

#[global_allocator]
static MEMORY: memory::Remembering = memory::Remembering;

/// Margin by which this side gives up later than the parent, seconds.
const PATIENCE_SECONDS: u32 = 5;

fn main() -> ExitCode {
    // Without a parent that speaks the protocol there is nothing to do, and nobody to tell.
    serve().map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS)
}

fn serve() -> Option<()> {
    let parent = std::env::args().nth(1)?.parse().ok()?;
    let talk = Talk::on_standard_input();
    let (hello, memory) = talk.hello()?;
    let mut shared = Shared::map(&memory, hello.render_pixels)?;
    drop(memory);
    memory::keep_freed_memory();
    memory::exit_when_exhausted();
    let render_pixels = hello.render_pixels;
    // A panic is caught and answered; its message would go to nobody.
    std::panic::set_hook(Box::new(|_| {}));
    let limits = hello.limits;
    // Processor time never exceeds time on the wall, by which the parent replaces this process: nobody honest meets it.
    let cpu_seconds = u64::from(limits.worker_seconds) + u64::from(limits.seconds) + u64::from(PATIENCE_SECONDS) + 5;
    match confine::confine(parent, limits.memory_bytes, cpu_seconds) {
        Err(why) => {
            talk.say(&Ready::Unconfined(why))?;
            return None;
        }
        Ok(confinement) => talk.say(&Ready::Confined(confinement))?,
    }
    loop {
        let (job, content) = talk.job()?;
        set_alarm(limits.seconds + PATIENCE_SECONDS);
        let outcome = answer(&job, content, &limits, render_pixels, &mut shared);
        set_alarm(0);
        talk.say(&Answer { id: job.id, outcome })?;
    }
}

/// Does one job; whatever happens becomes an outcome.
fn answer(job: &Job, content: OwnedFd, limits: &DecodeLimits, render_pixels: u32, shared: &mut Shared) -> Outcome {
    // What a panic leaves behind is a half-written shared memory, which a refusal tells nobody to read.
    let result = catch_unwind(AssertUnwindSafe(|| {
        let bytes = talk::read_content(&content, job.size_bytes)?;
        drop(content);
        match job.task {
            Task::Facts => {
                let picture = picture::decode(&job.mime, &bytes, limits)?;
                derive::derive(picture, &job.mime, &bytes, limits, shared)
            }
            Task::Render(wanted) => render::render(&job.mime, &bytes, wanted, render_pixels, limits, shared),
        }
    }));
    match result {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(refusal)) => Outcome::Refused { code: refusal.code, detail: sentence(&refusal.detail) },
        Err(_) if memory::is_exhausted() => {
            let detail = format!("the picture needs more than {} MiB of memory", limits.memory_bytes >> 20);
            Outcome::Refused { code: RefusalCode::Limit, detail }
        }
        Err(_) => {
            let detail = "damaged: the decoder gave up at a check of its own".to_owned();
            Outcome::Refused { code: RefusalCode::Undecodable, detail }
        }
    }
}

/// Has the kernel end this process after so many seconds, 0 for never: the parent may be gone or busy.
fn set_alarm(seconds: u32) {
    let none = libc::timeval { tv_sec: 0, tv_usec: 0 };
    let timer = libc::itimerval {
        it_interval: none,
        it_value: libc::timeval { tv_sec: libc::time_t::from(seconds), tv_usec: 0 },
    };
    // SAFETY: reads one structure and writes none. Without the alarm the parent's own clock still holds.
    unsafe { libc::setitimer(libc::ITIMER_REAL, &timer, std::ptr::null_mut()) };
}

/// Makes the refusal of a content that is no picture.
fn undecodable(why: impl std::fmt::Display) -> Refusal {
    Refusal::new(RefusalCode::Undecodable, sentence(&why.to_string()))
}

/// Makes the refusal of a content that costs too much.
fn over_limit(why: impl std::fmt::Display) -> Refusal {
    Refusal::new(RefusalCode::Limit, sentence(&why.to_string()))
}
