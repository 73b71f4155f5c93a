//! The courier: the process that a person starts. It starts the window in a network in which there is nothing, stays outside
//! itself, and starts the post room (`zeef-sync`) for it.
//!
//! The window is the same program, started anew: a process can leave its network as a whole only before its libraries have
//! threads, and WebKit's have some before the first line of `main`.
//!
//! It starts the post room and no other, to fetch and for nothing else, with a clean environment. It ends when the window
//! ends, and what it started ends with it: each program hangs on a leash, a socket whose other end the window holds.
//! All else that the window starts has no more network than itself.

use std::ffi::{OsStr, OsString};
use std::io::{self, IoSlice, IoSliceMut, PipeReader, Read, Write};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::sys::socket::{
    AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag, SockType, recvmsg, sendmsg, socketpair,
};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::Pid;
use workbench::{Here, Started, Starter};

use crate::network::Door;

/// The one thing that the post room is started for.
const ERRAND: &str = "fetch";
/// Most bytes of all arguments together: a folder, and two short words for each publisher.
const ARGUMENT_BYTES_MAX: usize = 128 << 10;
/// Descriptors of an errand: where its output goes, and its leash.
const DESCRIPTORS: usize = 2;
/// Says to the program that it is the window, and that its standard input is the courier.
pub const INSIDE: &str = "--inside";

/// The window's end.
#[derive(Debug)]
pub struct Courier {
    socket: OwnedFd,
    post_room: PathBuf,
}

impl Starter for Courier {
    fn start(&self, program: &Path, arguments: &[OsString]) -> io::Result<Box<dyn Started>> {
        if program == self.post_room && arguments.first().is_some_and(|first| first == ERRAND) {
            return Ok(Box::new(self.send(arguments)?));
        }
        Here.start(program, arguments)
    }
}

/// A program that the courier has started.
struct Errand {
    output: Option<PipeReader>,
    leash: UnixStream,
}

impl Started for Errand {
    fn input(&mut self) -> Option<Box<dyn Write + Send>> {
        None
    }

    fn output(&mut self) -> Option<Box<dyn Read + Send>> {
        self.output.take().map(|output| Box::new(output) as _)
    }

    fn kill(&mut self) {
        let _ = self.leash.shutdown(std::net::Shutdown::Write);
    }

    fn wait(&mut self) -> io::Result<bool> {
        self.ended().map(|status| status.success())
    }
}

impl Courier {
    /// Takes the courier's other end, which came as the standard input of this process.
    pub fn of_standard_input(post_room: PathBuf) -> io::Result<Self> {
        // A copy that no program of the window inherits; in its place comes nothing.
        let socket = io::stdin().as_fd().try_clone_to_owned()?;
        nix::unistd::dup2_stdin(nothing()?)?;
        Ok(Self { socket, post_room })
    }

    /// Has the post room started with these arguments.
    fn send(&self, arguments: &[OsString]) -> io::Result<Errand> {
        let mut text = Vec::new();
        for argument in arguments {
            text.extend_from_slice(argument.as_bytes());
            text.push(0);
        }
        if text.len() > ARGUMENT_BYTES_MAX {
            return Err(io::ErrorKind::ArgumentListTooLong.into());
        }
        let (output, to) = io::pipe()?;
        let (leash, end) = UnixStream::pair()?;
        let descriptors = [to.as_raw_fd(), end.as_raw_fd()];
        let sent = sendmsg::<()>(
            self.socket.as_raw_fd(),
            &[IoSlice::new(&text)],
            &[ControlMessage::ScmRights(&descriptors)],
            MsgFlags::MSG_NOSIGNAL,
            None,
        )?;
        debug_assert_eq!(sent, text.len());
        Ok(Errand { output: Some(output), leash })
    }
}

impl Errand {
    /// Waits for its end.
    fn ended(&mut self) -> io::Result<ExitStatus> {
        let mut word = [0; 5];
        self.leash.read_exact(&mut word)?;
        let number = i32::from_le_bytes([word[1], word[2], word[3], word[4]]);
        match word[0] {
            ENDED => Ok(ExitStatus::from_raw(number)),
            _ => Err(io::Error::from_raw_os_error(number)),
        }
    }
}

/// First byte of the courier's word: the program ended so.
const ENDED: u8 = 0;
/// Or it was not started, for this reason.
const NOT_STARTED: u8 = 1;

/// Opens what reads as empty.
#[expect(clippy::disallowed_methods, reason = "is no file")]
fn nothing() -> io::Result<std::fs::File> {
    std::fs::File::open("/dev/null")
}

/// Is the courier: starts the window behind the door, if there is one that opens, and serves it until it is gone.
pub fn run_window(post_room: &Path, door: Option<Door>) -> io::Result<ExitStatus> {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let start = |door: Option<Door>| -> io::Result<(Child, OwnedFd)> {
        let (ours, theirs) = socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC)?;
        let mut window = Command::new(std::env::current_exe()?);
        window.arg(INSIDE).args(&arguments).stdin(theirs);
        if let Some(door) = door {
            // SAFETY: runs in the child, which has one thread; it makes system calls, and takes no lock.
            unsafe { window.pre_exec(move || door.go_through()) };
        }
        Ok((window.spawn()?, ours))
    };
    // Where the door does not open, the window keeps the network, and says so.
    let (mut window, socket) = match door.map(|door| start(Some(door))) {
        Some(Ok(started)) => started,
        _ => start(None)?,
    };
    let _ = prctl::set_name(c"zeef-courier");
    let _ = prctl::set_dumpable(false);
    serve(&socket, post_room);
    window.wait()
}

/// Does errands until the window is gone.
fn serve(socket: &OwnedFd, post_room: &Path) {
    std::thread::scope(|scope| {
        while let Ok(Some((arguments, output, leash))) = receive(socket) {
            scope.spawn(move || run(post_room, &arguments, output, leash));
        }
    });
}

/// Takes the next errand; nothing when the window is gone.
fn receive(socket: &OwnedFd) -> io::Result<Option<(Vec<OsString>, OwnedFd, UnixStream)>> {
    loop {
        let mut text = vec![0; ARGUMENT_BYTES_MAX];
        let mut room = nix::cmsg_space!([RawFd; DESCRIPTORS]);
        let mut parts = [IoSliceMut::new(&mut text)];
        let flags = MsgFlags::MSG_CMSG_CLOEXEC;
        let message = match recvmsg::<()>(socket.as_raw_fd(), &mut parts, Some(&mut room), flags) {
            Err(nix::errno::Errno::EINTR) => continue,
            other => other?,
        };
        let mut descriptors = Vec::new();
        for control in message.cmsgs()? {
            if let ControlMessageOwned::ScmRights(found) = control {
                // SAFETY: the kernel has just made these for this process, and nobody else holds them.
                descriptors.extend(found.into_iter().map(|fd| unsafe { OwnedFd::from_raw_fd(fd) }));
            }
        }
        let length = message.bytes;
        if length == 0 {
            return Ok(None);
        }
        let Ok([output, leash]) = <[OwnedFd; DESCRIPTORS]>::try_from(descriptors) else { continue };
        let arguments = text[..length].split(|byte| *byte == 0).map(|part| OsStr::from_bytes(part).to_owned());
        let mut arguments: Vec<OsString> = arguments.collect();
        // Each argument ends with a zero, so that one which is empty is one, and after the last comes nothing.
        arguments.pop();
        return Ok(Some((arguments, output, UnixStream::from(leash))));
    }
}

/// Runs one errand to its end, or to the end of its leash.
fn run(post_room: &Path, arguments: &[OsString], output: OwnedFd, mut leash: UnixStream) {
    let started = if arguments.first().is_some_and(|first| first == ERRAND) {
        let mut command = Command::new(post_room);
        command.env_clear().args(arguments).stdin(Stdio::null()).stdout(output).stderr(Stdio::null());
        command.spawn()
    } else {
        Err(io::ErrorKind::PermissionDenied.into())
    };
    let (kind, number) = match started.and_then(|child| hold(child, &leash)) {
        Ok(status) => (ENDED, status.into_raw()),
        Err(error) => (NOT_STARTED, error.raw_os_error().unwrap_or(nix::libc::EPERM)),
    };
    let [a, b, c, d] = number.to_le_bytes();
    // The window may be gone; then nobody waits for the word.
    let _ = leash.write_all(&[kind, a, b, c, d]);
}

/// Waits for the end of a child, and ends it when the leash does.
fn hold(mut child: Child, leash: &UnixStream) -> io::Result<ExitStatus> {
    let id = Pid::from_raw(child.id().cast_signed());
    // True once the child has ended: from then on its number may belong to another.
    let over = Arc::new(Mutex::new(false));
    let mut watched = leash.try_clone()?;
    let watcher = std::thread::spawn({
        let over = Arc::clone(&over);
        move || {
            let _ = watched.read(&mut [0]);
            let over = over.lock().unwrap_or_else(PoisonError::into_inner);
            if !*over {
                let _ = nix::sys::signal::kill(id, Signal::SIGKILL);
            }
        }
    });
    // Without taking the child's number back, which is done under the lock.
    while let Err(nix::errno::Errno::EINTR) = waitid(Id::Pid(id), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT) {}
    *over.lock().unwrap_or_else(PoisonError::into_inner) = true;
    let status = child.wait()?;
    let _ = leash.shutdown(std::net::Shutdown::Read);
    let _ = watcher.join();
    Ok(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes a program that tells its network, its arguments and its environment, or waits for ever.
    fn post_room(folder: &Path) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let path = folder.join("zeef-sync");
        let text = "#!/bin/sh\n[ \"$2\" = wait ] && exec sleep 600\n\
                    readlink /proc/self/ns/net; for a; do echo \"<$a>\"; done; echo \"home ${HOME-none}\"; exit 3\n";
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn arguments(words: &[&str]) -> Vec<OsString> {
        words.iter().map(OsString::from).collect()
    }

    #[test]
    fn the_courier_fetches_outside_and_does_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let room = post_room(folder.path());
        // Of this thread: the harness may run a test beside its main thread.
        let net = || std::fs::read_link("/proc/thread-self/ns/net").unwrap();
        let outside = net();
        let (socket, theirs) =
            socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC).unwrap();
        let serving = std::thread::spawn({
            let room = room.clone();
            move || serve(&theirs, &room)
        });
        let courier = Courier { socket, post_room: room.clone() };
        // Root leaves with one thread alone; others cannot here, and then both are outside.
        let apart = nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNET).is_ok();
        assert!(!apart || net() != outside, "the window is not where it was");

        let mut errand = courier.start(&room, &arguments(&["fetch", "", "two words"])).unwrap();
        let mut said = String::new();
        errand.output().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(said, format!("{}\n<fetch>\n<>\n<two words>\nhome none\n", outside.display()));
        assert!(!errand.wait().unwrap(), "its exit code was 3");

        let mut errand = courier.send(&arguments(&["fetch", "wait"])).unwrap();
        errand.kill();
        assert_eq!(errand.ended().unwrap().signal(), Some(Signal::SIGKILL as i32));

        let mut refused = courier.send(&arguments(&["serve"])).unwrap();
        assert!(refused.ended().is_err(), "it fetches, and does nothing else");
        drop(courier);
        serving.join().unwrap();
    }
}
