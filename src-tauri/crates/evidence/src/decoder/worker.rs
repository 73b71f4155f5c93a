//! One decoder process: how it is started, asked, and ended. Everything here that depends on Linux is in this file.

use std::fs::File;
use std::io::{self, IoSlice};
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use domain::{Refusal, RefusalCode};
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::signal::Signal;
use nix::sys::socket::{AddressFamily, ControlMessage, MsgFlags, SockFlag, SockType, recv, sendmsg, socketpair};
use rustix::fs::{FallocateFlags, fallocate};
use serde::Serialize;

use crate::protocol::{
    Answer, Confinement, DecodeLimits, EXIT_MEMORY, FACTS_BYTES_MAX, Hello, Job, MESSAGE_BYTES_MAX, Ready,
    SHARED_BYTES, THUMBNAIL_BYTES_MAX, sentence,
};
use crate::{Colours, EvidenceError, Pixels};

/// Longest time from the start of the program to its word that it is confined, seconds.
const START_SECONDS: u32 = 20;

/// Says how a job failed so that the process cannot be used again.
pub(super) enum Failure {
    /// The process had ended before it took the job.
    NotTaken,
    /// The process crashed, hung, or answered nonsense.
    Refused(Refusal),
}

/// Holds one process. It is killed and reaped when it is dropped.
pub(super) struct Worker {
    pub(super) confinement: Confinement,
    child: Child,
    socket: OwnedFd,
    shared: File,
    worked: Duration,
}

impl Worker {
    /// Starts the program and waits for its word that it is confined.
    pub(super) fn start(program: &Path, limits: &DecodeLimits, render_pixels: u32) -> Result<Self, EvidenceError> {
        let failed = |source: io::Error| EvidenceError::DecoderStart { program: program.to_owned(), source };
        let (socket, theirs) = socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC)
            .map_err(|errno| failed(errno.into()))?;
        let shared = shared_memory(render_pixels).map_err(|errno| failed(errno.into()))?;
        let child = spawn(program, theirs).map_err(failed)?;
        let unknown = Confinement {
            landlock_abi: 0,
            seccomp: false,
            no_new_privs: false,
            net_namespace: false,
            ipc_namespace: false,
            user_namespace: false,
            user: String::new(),
            memory_bytes: limits.memory_bytes,
        };
        let mut worker = Self { confinement: unknown, child, socket, shared, worked: Duration::ZERO };
        worker.confinement =
            worker.greet(limits, render_pixels).map_err(|why| EvidenceError::NoSandbox { why: sentence(&why) })?;
        Ok(worker)
    }

    /// Sends the limits and checks what the process says of its sandbox, against the kernel's own word where it gives one.
    fn greet(&mut self, limits: &DecodeLimits, render_pixels: u32) -> Result<Confinement, String> {
        let hello = Hello { limits: limits.clone(), render_pixels };
        send(&self.socket, &hello, self.shared.as_raw_fd())
            .map_err(|errno| format!("the decoder ended before it was confined ({errno})"))?;
        let mut buffer = [0; MESSAGE_BYTES_MAX + 1];
        let message = match self.receive(START_SECONDS, &mut buffer) {
            Received::Message(message) => message,
            Received::Ended => return Err(format!("the decoder ended before it was confined ({})", self.end())),
            Received::Late => return Err(format!("the decoder said nothing for {START_SECONDS} seconds")),
        };
        let confinement = match serde_json::from_slice(message) {
            Ok(Ready::Confined(confinement)) => confinement,
            Ok(Ready::Unconfined(why)) => return Err(why),
            Err(_) => return Err("the decoder does not say how it is confined".to_owned()),
        };
        if confinement.landlock_abi < 1 || !confinement.seccomp || !confinement.no_new_privs {
            return Err("the decoder is not confined by Landlock, seccomp and no_new_privs".to_owned());
        }
        kernel_agrees(self.child.id())?;
        Ok(confinement)
    }

    /// Gives the process a job and waits for its answer.
    pub(super) fn exchange(
        &mut self,
        job: &Job,
        content: BorrowedFd<'_>,
        limits: &DecodeLimits,
    ) -> Result<Answer, Failure> {
        send(&self.socket, job, content.as_raw_fd()).map_err(|_| Failure::NotTaken)?;
        let started = now();
        let mut buffer = [0; MESSAGE_BYTES_MAX + 1];
        let answer = match self.receive(limits.seconds, &mut buffer) {
            Received::Message(message) => serde_json::from_slice(message).ok(),
            Received::Ended => return Err(Failure::Refused(self.post_mortem(limits))),
            Received::Late => {
                self.end();
                return Err(Failure::Refused(too_slow(limits)));
            }
        };
        self.worked += started.elapsed();
        answer.ok_or_else(|| self.nonsense("it is not in the agreed form"))
    }

    /// Copies what the process left in the shared memory, once, so that it cannot change after it was checked.
    pub(super) fn read_shared(
        &self,
        facts_bytes: usize,
        thumbnail_bytes: usize,
    ) -> Result<(Vec<u8>, Vec<u8>), &'static str> {
        if facts_bytes > FACTS_BYTES_MAX || thumbnail_bytes > THUMBNAIL_BYTES_MAX {
            return Err("it is longer than agreed");
        }
        let mut facts = vec![0; facts_bytes];
        let mut thumbnail = vec![0; thumbnail_bytes];
        let read = self.shared.read_exact_at(&mut facts, 0);
        let read = read.and_then(|()| self.shared.read_exact_at(&mut thumbnail, FACTS_BYTES_MAX as u64));
        read.map_err(|_| "the shared memory cannot be read")?;
        Ok((facts, thumbnail))
    }

    /// Takes rendered pixels out of the shared memory: a copy, and then nothing of them stays there. The size has been
    /// checked against the room.
    pub(super) fn read_pixels(&self, width: u32, height: u32, colours: Colours) -> Result<Pixels, &'static str> {
        const UNREADABLE: &str = "the shared memory cannot be read";
        let length = width as usize * height as usize * colours.bytes();
        let mut samples = vec![0; length];
        self.shared.read_exact_at(&mut samples, SHARED_BYTES as u64).map_err(|_| UNREADABLE)?;
        let pixels = Pixels::new(width, height, colours, samples).ok_or(UNREADABLE)?;
        // Gives the pages back to the system, which hands them out as zeros.
        let flags = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
        fallocate(&self.shared, flags, SHARED_BYTES as u64, length as u64)
            .map_err(|_| "the shared memory cannot be wiped")?;
        Ok(pixels)
    }

    /// Ends a process whose answer cannot be used.
    pub(super) fn nonsense(&mut self, what: &str) -> Failure {
        self.end();
        Failure::Refused(Refusal::new(RefusalCode::Crashed, format!("the decoder's answer cannot be used: {what}")))
    }

    /// Tells whether it has worked so long that it is replaced before the kernel's limit on processor time is near.
    pub(super) fn is_spent(&self, limits: &DecodeLimits) -> bool {
        self.worked >= Duration::from_secs(limits.worker_seconds.into())
    }

    /// Waits for one message. One that is longer than agreed is given as an empty one, which is in no agreed form.
    fn receive<'b>(&self, seconds: u32, buffer: &'b mut [u8; MESSAGE_BYTES_MAX + 1]) -> Received<'b> {
        use std::os::fd::AsFd;
        let limit = Duration::from_secs(seconds.into());
        let started = now();
        loop {
            let left = limit.saturating_sub(started.elapsed());
            // Rounded up, so that a last fraction of a millisecond does not become a busy loop.
            let timeout = PollTimeout::try_from(left + Duration::from_micros(999)).unwrap_or(PollTimeout::MAX);
            let mut watched = [PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)];
            match poll(&mut watched, timeout) {
                Err(Errno::EINTR) => {}
                Ok(0) if limit.saturating_sub(started.elapsed()).is_zero() => return Received::Late,
                Ok(0) => {}
                Err(_) => return Received::Ended,
                Ok(_) => match recv(self.socket.as_raw_fd(), buffer, MsgFlags::MSG_DONTWAIT) {
                    Err(Errno::EINTR | Errno::EAGAIN) => {}
                    Ok(0) | Err(_) => return Received::Ended,
                    // White space behind a message would pass for the message.
                    Ok(length) if length > MESSAGE_BYTES_MAX => return Received::Message(&[]),
                    Ok(length) => return Received::Message(&buffer[..length]),
                },
            }
        }
    }

    /// Says how the process ended that ended by itself.
    fn post_mortem(&mut self, limits: &DecodeLimits) -> Refusal {
        let end = self.end();
        match end {
            End::Code(EXIT_MEMORY) => {
                let limit = limits.memory_bytes >> 20;
                Refusal::new(RefusalCode::Limit, format!("the picture needs more than {limit} MiB of memory"))
            }
            End::Signal(Signal::SIGALRM | Signal::SIGXCPU) => too_slow(limits),
            other => Refusal::new(RefusalCode::Crashed, format!("the decoder {other}")),
        }
    }

    /// Kills the process, if it still runs, and reaps it. What ended it before stays what ended it.
    fn end(&mut self) -> End {
        // An error means that it has been reaped already, and then `wait` gives the status once more.
        let _ = self.child.kill();
        self.child.wait().map_or(End::Unknown, End::from)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.end();
    }
}

/// Tells what came from the process.
enum Received<'b> {
    Message(&'b [u8]),
    Ended,
    Late,
}

/// Tells how a process ended.
enum End {
    Code(i32),
    Signal(Signal),
    Unknown,
}

impl From<ExitStatus> for End {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal().map(Signal::try_from)) {
            (Some(code), _) => Self::Code(code),
            (None, Some(Ok(signal))) => Self::Signal(signal),
            _ => Self::Unknown,
        }
    }
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => write!(f, "ended with status {code}"),
            Self::Signal(Signal::SIGSYS) => f.write_str("was ended by SIGSYS: it tried what its sandbox forbids"),
            Self::Signal(signal) => write!(f, "was ended by {signal}"),
            Self::Unknown => f.write_str("ended, and nobody can say how"),
        }
    }
}

fn too_slow(limits: &DecodeLimits) -> Refusal {
    Refusal::new(RefusalCode::Limit, format!("took longer than {} seconds", limits.seconds))
}

#[expect(clippy::disallowed_methods, reason = "a hang is told by the clock")]
fn now() -> Instant {
    Instant::now()
}

/// Makes the memory that both sides see, of a length that neither can change.
fn shared_memory(render_pixels: u32) -> nix::Result<File> {
    // Far below what a file can be long: 156 MiB at most.
    let length = SHARED_BYTES as u64 + u64::from(render_pixels) * Colours::Rgb.bytes() as u64;
    let memory = memfd_create(c"zeef-decode", MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING)?;
    nix::unistd::ftruncate(&memory, length as libc::off_t)?;
    let seals = SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_SEAL;
    fcntl(&memory, FcntlArg::F_ADD_SEALS(seals))?;
    Ok(File::from(memory))
}

/// Starts the program with the socket as its standard input and nothing else: no environment, no other descriptor.
fn spawn(program: &Path, socket: OwnedFd) -> io::Result<Child> {
    let mut command = Command::new(program);
    command.arg(std::process::id().to_string()).env_clear().current_dir("/");
    command.stdin(Stdio::from(socket)).stdout(Stdio::null()).stderr(Stdio::null());
    // SAFETY: between fork and exec only system calls are made, which allocate nothing and take no lock.
    unsafe {
        command.pre_exec(|| {
            // A descriptor that some library opened without close-on-exec must not reach the decoder.
            let flags = libc::CLOSE_RANGE_CLOEXEC as libc::c_int;
            match libc::close_range(3, libc::c_uint::MAX, flags) {
                0 => Ok(()),
                _ => Err(io::Error::last_os_error()),
            }
        });
    }
    command.spawn()
}

/// Sends one message with one descriptor.
fn send(socket: &OwnedFd, message: &impl Serialize, descriptor: i32) -> nix::Result<()> {
    let bytes = serde_json::to_vec(message).map_err(|_| Errno::EINVAL)?;
    let descriptors = [descriptor];
    let control = [ControlMessage::ScmRights(&descriptors)];
    loop {
        match sendmsg::<()>(socket.as_raw_fd(), &[IoSlice::new(&bytes)], &control, MsgFlags::MSG_NOSIGNAL, None) {
            Err(Errno::EINTR) => {}
            other => return other.map(drop),
        }
    }
}

/// Checks the process's word about its filter against the kernel's. Where `/proc` hides the process, its own word has
/// to do: it was given before the process saw a single hostile byte.
#[expect(clippy::disallowed_methods, reason = "reads the kernel's account of the decoder, no media")]
fn kernel_agrees(process: u32) -> Result<(), String> {
    let Ok(status) = std::fs::read_to_string(format!("/proc/{process}/status")) else { return Ok(()) };
    let value = |key: &str| status.lines().find_map(|line| line.strip_prefix(key)).map(str::trim);
    match (value("Seccomp:"), value("NoNewPrivs:")) {
        (Some("2"), Some("1")) => Ok(()),
        _ => Err("the kernel says that no filter of system calls is in force".to_owned()),
    }
}
