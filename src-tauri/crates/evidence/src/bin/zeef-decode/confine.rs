//! How this process gives up everything but arithmetic: no files, no network, no other process, no new code, little memory.
//!
//! Everything here depends on Linux. Two layers overlap on purpose: Landlock alone lets `socket`, `ptrace` and executable
//! mappings through, seccomp alone judges calls without knowing what they name.

use std::collections::BTreeMap;
use std::io;

use evidence::Confinement;
use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, LandlockStatus, Ruleset, RulesetAttr, RulesetStatus,
    Scope,
};
use nix::errno::Errno;
use nix::libc;
use nix::sched::{CloneFlags, unshare};
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::Signal;
use nix::sys::{prctl, stat};
use nix::unistd::{Gid, Uid, getppid, setgroups, setresgid, setresuid};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
};

/// Who root becomes: the overflow user, who owns nothing (`nobody` on Debian).
const NOBODY: u32 = 65_534;
/// Most descriptors that may be open.
const DESCRIPTORS_MAX: u64 = 16;

/// Confines this process for good. On an error nothing may be decoded.
///
/// The order matters: limits while descriptors and privileges are there, namespaces while they may be made, then the
/// user, then what needs no privilege.
pub fn confine(parent: i32, memory_bytes: u64, cpu_seconds: u64) -> Result<Confinement, String> {
    limit_resources(memory_bytes, cpu_seconds).map_err(|errno| format!("a resource cannot be limited ({errno})"))?;
    let namespaces = separate();
    drop_user().map_err(|errno| format!("the user root cannot be left ({errno})"))?;
    drop_capabilities().map_err(|error| format!("capabilities cannot be dropped ({error})"))?;
    // Both are cleared by a change of user, so they come after it.
    prctl::set_dumpable(false).map_err(|errno| format!("memory cannot be closed to others ({errno})"))?;
    prctl::set_pdeathsig(Signal::SIGKILL)
        .map_err(|errno| format!("the end cannot be tied to the parent's ({errno})"))?;
    if getppid().as_raw() != parent {
        return Err("the program that started the decoder is gone".to_owned());
    }
    setrlimit(Resource::RLIMIT_NPROC, 0, 0).map_err(|errno| format!("processes cannot be forbidden ({errno})"))?;
    prctl::set_no_new_privs().map_err(|errno| format!("new privileges cannot be forbidden ({errno})"))?;
    let landlock_abi = close_files_and_network()?;
    close_system_calls()?;
    Ok(Confinement {
        landlock_abi,
        seccomp: true,
        no_new_privs: true,
        net_namespace: namespaces.net,
        ipc_namespace: namespaces.ipc,
        user_namespace: namespaces.user,
        user: namespaces.described(),
        memory_bytes,
    })
}

fn limit_resources(memory_bytes: u64, cpu_seconds: u64) -> nix::Result<()> {
    // SAFETY: takes numbers only. Everything above standard error is none of this program's.
    if unsafe { libc::close_range(3, libc::c_uint::MAX, 0) } != 0 {
        return Err(Errno::last());
    }
    for (resource, limit) in [
        (Resource::RLIMIT_AS, memory_bytes),
        (Resource::RLIMIT_CPU, cpu_seconds),
        (Resource::RLIMIT_NOFILE, DESCRIPTORS_MAX),
        (Resource::RLIMIT_FSIZE, 0),
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_MEMLOCK, 0),
    ] {
        setrlimit(resource, limit, limit)?;
    }
    Ok(())
}

/// Tells which namespaces the kernel gave.
#[derive(Default)]
struct Namespaces {
    user: bool,
    net: bool,
    ipc: bool,
    /// Number of the user who started the process.
    before: u32,
}

impl Namespaces {
    fn described(&self) -> String {
        let user = if self.before == 0 { NOBODY } else { self.before };
        match self.user {
            true => format!("{user}, without any right, in a user namespace of its own"),
            false => format!("{user}, without any right"),
        }
    }
}

/// Takes namespaces of its own, as many as the kernel gives: root has them directly, others inside a user namespace.
fn separate() -> Namespaces {
    let both = CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWIPC;
    let before = Uid::effective().as_raw();
    if unshare(both).is_ok() {
        return Namespaces { net: true, ipc: true, user: false, before };
    }
    // Inside a new user namespace nobody is mapped, so root there could not become another user; root stays outside.
    if before != 0 && unshare(both | CloneFlags::CLONE_NEWUSER).is_ok() {
        return Namespaces { net: true, ipc: true, user: true, before };
    }
    Namespaces { before, ..Namespaces::default() }
}

/// Makes root a user who owns nothing; others stay who they are.
fn drop_user() -> nix::Result<()> {
    if !Uid::effective().is_root() {
        return Ok(());
    }
    let (user, group) = (Uid::from_raw(NOBODY), Gid::from_raw(NOBODY));
    setgroups(&[])?;
    setresgid(group, group, group)?;
    setresuid(user, user, user)?;
    match setresuid(Uid::from_raw(0), Uid::from_raw(0), Uid::from_raw(0)) {
        Ok(()) => Err(Errno::EPERM),
        Err(_) => Ok(()),
    }
}

/// Drops every capability, which the maker of a user namespace has inside it.
fn drop_capabilities() -> io::Result<()> {
    /// `_LINUX_CAPABILITY_VERSION_3`: two sets of 32 for each of effective, permitted, inheritable.
    const VERSION: u32 = 0x2008_0522;
    let header = [VERSION, 0];
    let none = [0_u32; 6];
    // SAFETY: both arrays have the layout and the length that version 3 of the call reads.
    match unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), none.as_ptr()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Enforces a Landlock ruleset without any exception, tries it, and gives the version of the interface.
pub fn close_files_and_network() -> Result<u32, String> {
    // Rights that this kernel does not know yet are left out; that it knows none is an error.
    let newest = ABI::V7;
    let restricted = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(newest))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(newest)))
        .and_then(|rules| rules.scope(Scope::from_all(newest)))
        .and_then(|rules| rules.create()?.restrict_self())
        .map_err(|error| format!("Landlock cannot be enforced ({error})"))?;
    let LandlockStatus::Available { effective_abi, .. } = restricted.landlock else {
        return Err("this kernel has no Landlock, or it is switched off".to_owned());
    };
    if restricted.ruleset == RulesetStatus::NotEnforced || !restricted.no_new_privs {
        return Err("Landlock is not enforced".to_owned());
    }
    let opened = nix::fcntl::open("/", nix::fcntl::OFlag::O_RDONLY | nix::fcntl::OFlag::O_CLOEXEC, stat::Mode::empty());
    match opened {
        Err(Errno::EACCES) => Ok(effective_abi as u32),
        Err(errno) => Err(format!("Landlock cannot be tried ({errno})")),
        Ok(_) => Err("Landlock is enforced and still opens a folder".to_owned()),
    }
}

/// Installs the list of allowed system calls; any other ends the process.
pub fn close_system_calls() -> Result<(), String> {
    let program = filter().map_err(|error| format!("the filter of system calls cannot be made ({error})"))?;
    seccompiler::apply_filter(&program).map_err(|error| format!("seccomp cannot be enforced ({error})"))
}

/// Lists what decoding needs: memory that is never code, the socket, the clock, its own end.
fn filter() -> Result<BpfProgram, seccompiler::BackendError> {
    let always = [
        libc::SYS_brk,
        libc::SYS_clock_gettime,
        libc::SYS_close,
        libc::SYS_exit,
        libc::SYS_exit_group,
        libc::SYS_futex,
        libc::SYS_getpid,
        libc::SYS_getrandom,
        libc::SYS_gettid,
        libc::SYS_madvise,
        libc::SYS_mremap,
        libc::SYS_munmap,
        libc::SYS_pread64,
        libc::SYS_recvmsg,
        libc::SYS_restart_syscall,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sched_yield,
        libc::SYS_sendto,
        libc::SYS_setitimer,
        libc::SYS_sigaltstack,
    ];
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = always.into_iter().map(|call| (call, Vec::new())).collect();
    let not_code = argument(2, SeccompCmpOp::MaskedEq(libc::PROT_EXEC as u64), 0)?;
    // With debug assertions the standard library asks whether a descriptor is open before it closes it: F_GETFD tells
    // only that.
    let is_open = SeccompCondition::new(1, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, libc::F_GETFD as u64)?;
    rules.insert(libc::SYS_fcntl, vec![SeccompRule::new(vec![is_open])?]);
    rules.insert(libc::SYS_mmap, vec![SeccompRule::new(vec![not_code.clone()])?]);
    rules.insert(libc::SYS_mprotect, vec![SeccompRule::new(vec![not_code])?]);
    // Last words of a panic go to standard error, which is `/dev/null`.
    let last_words = argument(0, SeccompCmpOp::Eq, libc::STDERR_FILENO as u64)?;
    rules.insert(libc::SYS_write, vec![SeccompRule::new(vec![last_words.clone()])?]);
    rules.insert(libc::SYS_writev, vec![SeccompRule::new(vec![last_words])?]);
    // `abort` signals its own process, and no other may be signalled.
    let itself = argument(0, SeccompCmpOp::Eq, std::process::id().into())?;
    let abort = argument(2, SeccompCmpOp::Eq, libc::SIGABRT as u64)?;
    rules.insert(libc::SYS_tgkill, vec![SeccompRule::new(vec![itself, abort])?]);
    let architecture = TargetArch::try_from(std::env::consts::ARCH)?;
    SeccompFilter::new(rules, SeccompAction::KillProcess, SeccompAction::Allow, architecture)?.try_into()
}

fn argument(index: u8, op: SeccompCmpOp, value: u64) -> Result<SeccompCondition, seccompiler::BackendError> {
    SeccompCondition::new(index, SeccompCmpArgLen::Dword, op, value)
}
