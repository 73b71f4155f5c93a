//! How the process that parses a release gives up its rights: no network, and no file but those of the sets folder.
//!
//! Everything here depends on Linux. What a kernel does not have is left out and said: the release has been verified
//! before, so this is the second wall and not the first.

use std::collections::BTreeMap;
use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, LandlockStatus, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreatedAttr, RulesetStatus, Scope,
};
use nix::errno::Errno;
use nix::libc;
use nix::sched::{CloneFlags, unshare};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};
use workbench::Confinement;

/// Gives up everything but reading and writing below `folder`, as far as this kernel can.
pub fn confine(folder: &Path) -> Confinement {
    // Root has a network namespace directly, others inside a user namespace; some systems give neither.
    let apart = unshare(CloneFlags::CLONE_NEWNET).is_ok()
        || unshare(CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWUSER).is_ok();
    let newest = ABI::V7;
    let restricted = PathFd::new(folder).map_err(|error| error.to_string()).and_then(|folder| {
        let rules = || {
            Ruleset::default()
                .set_compatibility(CompatLevel::BestEffort)
                .handle_access(AccessFs::from_all(newest))?
                .handle_access(AccessNet::from_all(newest))?
                .scope(Scope::from_all(newest))?
                .create()?
                .add_rule(PathBeneath::new(folder, AccessFs::from_all(newest)))?
                .restrict_self()
        };
        rules().map_err(|error| error.to_string())
    });
    // Older kernels have no Landlock for the network, and a service may be forbidden to make namespaces.
    let apart = close_sockets().is_ok() || apart;
    match restricted {
        Ok(status) => {
            let LandlockStatus::Available { effective_abi, .. } = status.landlock else {
                return without(apart, "this kernel has no Landlock, or it is switched off");
            };
            let files = status.ruleset != RulesetStatus::NotEnforced && status.no_new_privs;
            // From its fourth version on, Landlock closes TCP; a namespace of its own closes all.
            let network = apart || effective_abi as u32 >= 4;
            let lacking = match (files, network) {
                (true, true) => String::new(),
                (false, _) => "Landlock is not enforced".to_owned(),
                (true, false) => "this kernel does not let a process give up the network".to_owned(),
            };
            Confinement { files, network, lacking }
        }
        Err(error) => without(apart, &error),
    }
}

/// Has every call that makes a socket refused. The process was given none: its input and output are pipes.
fn close_sockets() -> Result<(), seccompiler::Error> {
    // The third call makes sockets without the first. A second number is that of programs with 32-bit pointers (x32).
    let calls = [libc::SYS_socket, libc::SYS_socketpair, libc::SYS_io_uring_setup];
    let rules: BTreeMap<_, _> =
        calls.into_iter().flat_map(|call| [call, call | X32]).map(|call| (call, vec![])).collect();
    let refused = SeccompAction::Errno(Errno::EPERM as u32);
    let architecture = TargetArch::try_from(std::env::consts::ARCH)?;
    let filter: BpfProgram = SeccompFilter::new(rules, SeccompAction::Allow, refused, architecture)?.try_into()?;
    seccompiler::apply_filter(&filter)
}

/// What a kernel adds to the number of a call of a program with 32-bit pointers; no other call has such numbers.
const X32: i64 = 0x4000_0000;

fn without(network: bool, why: &str) -> Confinement {
    Confinement { files: false, network, lacking: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_closed_sockets_can_make_none() {
        let bind = || std::net::UdpSocket::bind("127.0.0.1:0").map(drop).map_err(|error| error.kind());
        let closed = std::thread::spawn(move || {
            close_sockets().unwrap();
            bind()
        });
        assert_eq!(closed.join().unwrap(), Err(std::io::ErrorKind::PermissionDenied));
        assert_eq!(bind(), Ok(()), "the filter is that of one thread");
    }
}
