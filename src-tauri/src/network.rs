//! How the window gives up the network: it enters a network namespace in which there is nothing, before it has a thread.
//!
//! What draws the screen is reached by a socket in the file system, which is not of the network. Where the screen is on
//! another machine, or the kernel gives no namespace, the window keeps the network and says so: the policy of its pages
//! still lets nothing out. Everything here depends on Linux.

use std::ffi::OsStr;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use nix::sched::{CloneFlags, unshare};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Gid, Uid, fork};

/// Tells how the window stands to the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Network {
    /// It has none.
    None,
    /// It has one, for this reason.
    Kept(&'static str),
}

/// Leaves the network, if that can be done without losing the screen.
///
/// The calling process must have one thread.
pub fn leave() -> Network {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let screen = Screen::of(
        variable("WAYLAND_DISPLAY").as_deref(),
        variable("XDG_RUNTIME_DIR").as_deref(),
        variable("DISPLAY").as_deref(),
    );
    let Some(screen) = screen else { return Network::Kept("the screen is reached over the network") };
    if !on_trial(&screen) {
        return Network::Kept("this kernel gives no network namespace, or the screen is not reached from within it");
    }
    match enter() {
        Ok(()) => Network::None,
        Err(_) => Network::Kept("this kernel gives no network namespace"),
    }
}

/// The socket of what draws the screen.
#[derive(Debug, PartialEq, Eq)]
struct Screen(PathBuf);

impl Screen {
    /// Finds it by what the environment says; nothing where it is on another machine.
    fn of(wayland: Option<&OsStr>, runtime: Option<&OsStr>, x: Option<&OsStr>) -> Option<Self> {
        if let Some(name) = wayland {
            // An absolute name is a path of its own.
            return Some(Self(runtime.map_or_else(|| PathBuf::from(name), |dir| Path::new(dir).join(name))));
        }
        // `:0`, `:0.0` or `unix:0`; with the name of a machine before the colon it is TCP.
        let (machine, number) = x?.to_str()?.split_once(':')?;
        let number: u32 = number.split('.').next()?.parse().ok()?;
        ["", "unix"].contains(&machine).then(|| Self(PathBuf::from(format!("/tmp/.X11-unix/X{number}"))))
    }

    fn answers(&self) -> bool {
        UnixStream::connect(&self.0).is_ok()
    }
}

/// Tries it in a process of its own: a namespace that was entered by half cannot be left again.
fn on_trial(screen: &Screen) -> bool {
    // SAFETY: the process has one thread, so the child may do what it likes; it ends without running anything of ours.
    match unsafe { fork() } {
        Ok(ForkResult::Child) => {
            let works = enter().is_ok() && screen.answers();
            // SAFETY: ends the process.
            unsafe { nix::libc::_exit(i32::from(!works)) }
        }
        Ok(ForkResult::Parent { child }) => matches!(waitpid(child, None), Ok(WaitStatus::Exited(_, 0))),
        Err(_) => false,
    }
}

/// Enters a network namespace; whoever is not root needs a user namespace for it, in which everybody keeps their name.
///
/// The calling process must have one thread.
#[expect(clippy::disallowed_methods, reason = "tells the kernel who is who; no case media")]
pub fn enter() -> std::io::Result<()> {
    if unshare(CloneFlags::CLONE_NEWNET).is_ok() {
        return Ok(());
    }
    let (user, group) = (Uid::effective(), Gid::effective());
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET)?;
    std::fs::write("/proc/self/setgroups", "deny")?;
    std::fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
    std::fs::write("/proc/self/gid_map", format!("{group} {group} 1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(wayland: &str, x: &str) -> Option<String> {
        let some = |text: &'static str| Some(OsStr::new(text)).filter(|text| !text.is_empty());
        let (wayland, x) = (wayland.to_owned().leak(), x.to_owned().leak());
        Screen::of(some(wayland), some("/run/user/1000"), some(x)).map(|found| found.0.display().to_string())
    }

    #[test]
    fn the_screen_is_a_socket_in_the_file_system_or_elsewhere() {
        assert_eq!(screen("wayland-0", ":0"), Some("/run/user/1000/wayland-0".to_owned()));
        assert_eq!(screen("/run/w", ""), Some("/run/w".to_owned()));
        assert_eq!(screen("", ":99.0"), Some("/tmp/.X11-unix/X99".to_owned()));
        assert_eq!(screen("", "unix:1"), Some("/tmp/.X11-unix/X1".to_owned()));
        assert_eq!(screen("", "localhost:10.0"), None);
        assert_eq!(screen("", ""), None);
        assert_eq!(screen("", ":../../etc"), None);
    }
}
