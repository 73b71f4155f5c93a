//! How the window gives up the network: it is started in a network namespace in which there is nothing.
//!
//! What draws the screen is reached by a socket in the file system, which is not of the network. Where the screen is on
//! another machine, or the kernel gives no namespace, the window keeps the network and says so: the policy of its pages
//! still lets nothing out. Everything here depends on Linux.

use std::ffi::OsStr;
use std::io;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use nix::sched::{CloneFlags, unshare};
use nix::unistd::{Gid, Uid};

/// The way out of the network, made ready before it is gone through.
pub struct Door {
    screen: Screen,
    /// Who is who in a user namespace: everybody keeps their name.
    user: String,
    group: String,
}

impl Door {
    /// Finds it; nothing where the screen is reached over the network.
    pub fn find() -> Option<Self> {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let (wayland, runtime, x) = (variable("WAYLAND_DISPLAY"), variable("XDG_RUNTIME_DIR"), variable("DISPLAY"));
        let screen = Screen::of(wayland.as_deref(), runtime.as_deref(), x.as_deref())?;
        let (user, group) = (Uid::effective(), Gid::effective());
        Some(Self { screen, user: format!("{user} {user} 1"), group: format!("{group} {group} 1") })
    }

    /// Enters a network namespace, and looks whether the screen is there; whoever is not root needs a user namespace for it.
    ///
    /// The calling process must have one thread, and end where this fails: it may have gone through by half.
    pub fn go_through(&self) -> io::Result<()> {
        if unshare(CloneFlags::CLONE_NEWNET).is_err() {
            unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET)?;
            std::fs::write("/proc/self/setgroups", "deny")?;
            std::fs::write("/proc/self/uid_map", &self.user)?;
            std::fs::write("/proc/self/gid_map", &self.group)?;
        }
        UnixStream::connect(&self.screen.0).map(drop)
    }
}

/// Tells whether this process has no network: no device but the one that leads to itself.
#[expect(clippy::disallowed_methods, reason = "asks the kernel; no case media")]
pub fn is_none() -> bool {
    std::fs::read_to_string("/proc/self/net/dev").is_ok_and(|table| only_loopback(&table))
}

fn only_loopback(table: &str) -> bool {
    // Two lines of headings, then one for each device.
    table.lines().skip(2).all(|line| line.trim_start().starts_with("lo:"))
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
    fn a_network_is_any_device_but_the_loop() {
        let head = "Inter-|   Receive\n face |bytes\n";
        assert!(only_loopback(&format!("{head}    lo:       0\n")));
        assert!(only_loopback(head));
        assert!(!only_loopback(&format!("{head}    lo:       0\n  eth0:       0\n")));
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
