//! How the process that parses a release gives up its rights: no network, and no file but those of the sets folder.
//!
//! Everything here depends on Linux. What a kernel does not have is left out and said: the release has been verified
//! before, so this is the second wall and not the first.

use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, LandlockStatus, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreatedAttr, RulesetStatus, Scope,
};
use nix::sched::{CloneFlags, unshare};
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

fn without(network: bool, why: &str) -> Confinement {
    Confinement { files: false, network, lacking: why.to_owned() }
}
