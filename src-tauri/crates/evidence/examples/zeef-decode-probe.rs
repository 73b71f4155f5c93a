//! Tries one forbidden act from inside the decoder's sandbox, for the tests; it is part of nothing that is delivered.
//!
//! `zeef-decode-probe LAYERS ACT`: LAYERS is `all` (the very confinement of `zeef-decode`, compiled from its file), `landlock`
//! or `seccomp` (one layer alone), or `none` (so that a test can see that the act works where nothing forbids it).
//! It says `confined` on standard error, acts, and says `done` or `denied`.

#![allow(missing_docs)]

#[allow(dead_code)]
#[path = "../src/bin/zeef-decode/confine.rs"]
mod confine;

use std::ffi::c_void;
use std::ptr::null_mut;

use nix::libc;
use nix::unistd::getppid;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, layers, act] = arguments.as_slice() else { panic!("two arguments") };
    let page = anonymous(libc::PROT_READ | libc::PROT_WRITE);
    let confined = match layers.as_str() {
        "all" => confine::confine(getppid().as_raw(), 1 << 30, 60).map(drop),
        "landlock" => confine::close_files_and_network().map(drop),
        "seccomp" => {
            nix::sys::prctl::set_no_new_privs().map_err(|e| e.to_string()).and_then(|()| confine::close_system_calls())
        }
        "none" => Ok(()),
        other => panic!("no layer {other}"),
    };
    match confined {
        Ok(()) => say(b"confined\n"),
        Err(why) => {
            say(why.as_bytes());
            std::process::exit(3);
        }
    }
    // SAFETY: every call is given valid arguments; whatever it does, this process ends right after it.
    let done = unsafe { try_act(act, page) };
    say(if done { b"done\n" } else { b"denied\n" });
    // SAFETY: ends the process without running anything that the sandbox might forbid.
    unsafe { libc::_exit(0) }
}

/// Does the act by its system call and tells whether it worked.
unsafe fn try_act(act: &str, page: *mut c_void) -> bool {
    const EXECUTABLE: i32 = libc::PROT_READ | libc::PROT_EXEC;
    let none: *const libc::c_char = std::ptr::null();
    // SAFETY: see `main`.
    unsafe {
        match act {
            "nothing" => libc::getpid() > 0,
            "socket" => libc::socket(libc::AF_INET, libc::SOCK_STREAM, 0) >= 0,
            "socket-unix" => libc::socket(libc::AF_UNIX, libc::SOCK_STREAM, 0) >= 0,
            "open" => libc::open(c"/etc/passwd".as_ptr(), libc::O_RDONLY) >= 0,
            "create" => {
                libc::open(c"/tmp/zeef-probe".as_ptr(), libc::O_WRONLY | libc::O_CREAT | libc::O_EXCL, 0o600) >= 0
            }
            "stat" => {
                let mut stat: libc::stat = std::mem::zeroed();
                libc::stat(c"/etc/passwd".as_ptr(), &raw mut stat) == 0
            }
            "exec" => {
                let arguments = [c"/bin/true".as_ptr(), none];
                // On success this process becomes `true`, which ends with status 0 and never says `denied`.
                libc::execve(arguments[0], arguments.as_ptr(), [none].as_ptr());
                false
            }
            "ptrace" => libc::ptrace(libc::PTRACE_TRACEME, 0, null_mut::<c_void>(), null_mut::<c_void>()) == 0,
            "read-memory" => {
                let (mut byte, other) = (0_u8, libc::getppid());
                let local = libc::iovec { iov_base: (&raw mut byte).cast(), iov_len: 1 };
                let remote = libc::iovec { iov_base: page, iov_len: 1 };
                let count = libc::process_vm_readv(other, &local, 1, &remote, 1, 0);
                count >= 0 || *libc::__errno_location() == libc::EFAULT
            }
            "fork" => match libc::fork() {
                0 => libc::_exit(0),
                child => child > 0,
            },
            "thread" => {
                let child = libc::syscall(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0);
                if child == 0 {
                    libc::_exit(0);
                }
                child > 0
            }
            "kill" => libc::kill(libc::getppid(), 0) == 0,
            "map-code" => {
                let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
                libc::mmap(null_mut(), 4096, EXECUTABLE, flags, -1, 0) != libc::MAP_FAILED
            }
            "much-memory" => {
                let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
                libc::mmap(null_mut(), 2 << 30, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) != libc::MAP_FAILED
            }
            "make-code" => libc::mprotect(page, 4096, EXECUTABLE) == 0,
            "make-code-by-key" => libc::syscall(libc::SYS_pkey_mprotect, page, 4096, EXECUTABLE, -1) == 0,
            "all-code" => libc::personality(0x0040_0000) >= 0,
            "write-elsewhere" => libc::write(libc::STDOUT_FILENO, b"x".as_ptr().cast(), 1) == 1,
            "memory" => libc::memfd_create(c"x".as_ptr(), 0) >= 0,
            "ring" => {
                libc::syscall(libc::SYS_io_uring_setup, 1, page) >= 0 || *libc::__errno_location() == libc::EINVAL
            }
            "limits" => {
                let more = libc::rlimit { rlim_cur: 64, rlim_max: 64 };
                libc::setrlimit(libc::RLIMIT_NOFILE, &more) == 0
            }
            other => panic!("no act {other}"),
        }
    }
}

fn anonymous(access: i32) -> *mut c_void {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a new mapping at an address of the kernel's choice.
    unsafe { libc::mmap(null_mut(), 4096, access, flags, -1, 0) }
}

/// Writes to standard error, the only descriptor that the sandbox lets be written.
fn say(text: &[u8]) {
    // SAFETY: the pointer and the length belong together.
    unsafe { libc::write(libc::STDERR_FILENO, text.as_ptr().cast(), text.len()) };
}
