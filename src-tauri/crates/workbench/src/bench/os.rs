//! What the operating system tells of its protection. Everything here depends on Linux; each question is a plain function.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use nix::sys::resource::{Resource, getrlimit};

use crate::durable;
use crate::view::window::SecurityStanding;

/// Largest file of the kernel that is read.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Tells whether memory can be written to a swap that is not encrypted.
pub(super) fn swap() -> (SecurityStanding, String) {
    match read("/proc/swaps") {
        Some(text) => swap_of(&text, &|name| read(&format!("/sys/class/block/{name}/dm/uuid"))),
        None => (SecurityStanding::Unknown, "/proc/swaps".to_owned()),
    }
}

/// The same, of the kernel's list; `uuid_of` gives the mapper's name for what a device is.
fn swap_of(list: &str, uuid_of: &dyn Fn(&str) -> Option<String>) -> (SecurityStanding, String) {
    let mut kinds = Vec::new();
    let mut open = 0;
    for line in list.lines().skip(1) {
        let mut words = line.split_whitespace();
        let (Some(path), Some(kind)) = (words.next(), words.next()) else { continue };
        let name = path.rsplit('/').next().unwrap_or(path);
        // Names of files and devices are not told: they can say where this machine keeps what.
        let what = match kind {
            "partition" if name.starts_with("zram") => "zram",
            "partition" if uuid_of(name).is_some_and(|uuid| uuid.starts_with("CRYPT-")) => "dm-crypt",
            "partition" => {
                open += 1;
                "partition"
            }
            _ => {
                open += 1;
                "file"
            }
        };
        kinds.push(what);
    }
    kinds.sort_unstable();
    kinds.dedup();
    match (kinds.is_empty(), open) {
        (true, _) => (SecurityStanding::Fine, String::new()),
        (false, 0) => (SecurityStanding::Fine, kinds.join(", ")),
        // Whether what lies below is encrypted cannot be told from here.
        (false, _) => (SecurityStanding::Caution, kinds.join(", ")),
    }
}

/// Tells whether memory can be written to a file when the program ends, or read by another program of this user.
pub(super) fn core_dump() -> (SecurityStanding, String) {
    let limit = getrlimit(Resource::RLIMIT_CORE).map(|(soft, hard)| soft.max(hard));
    let dumpable = nix::sys::prctl::get_dumpable();
    match (limit, dumpable) {
        (Ok(limit), Ok(dumpable)) => core_dump_of(limit, dumpable),
        _ => (SecurityStanding::Unknown, String::new()),
    }
}

fn core_dump_of(limit: u64, dumpable: bool) -> (SecurityStanding, String) {
    let standing = match (limit, dumpable) {
        (0, false) => SecurityStanding::Fine,
        (0, true) | (_, false) => SecurityStanding::Caution,
        _ => SecurityStanding::Absent,
    };
    let limit = if limit == u64::MAX { "unlimited".to_owned() } else { limit.to_string() };
    (standing, format!("RLIMIT_CORE {limit}, PR_GET_DUMPABLE {}", u8::from(dumpable)))
}

/// Tells whether a folder is for its user alone.
pub(super) fn folder_mode(dir: &Path) -> (SecurityStanding, String) {
    let Ok(found) = std::fs::metadata(dir) else { return (SecurityStanding::Unknown, String::new()) };
    let mode = found.permissions().mode() & 0o777;
    let standing = if mode & 0o077 == 0 { SecurityStanding::Fine } else { SecurityStanding::Caution };
    (standing, format!("{mode:04o}"))
}

fn read(path: &str) -> Option<String> {
    let bytes = durable::read_at_most(Path::new(path), FILE_BYTES_MAX).ok()??;
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";

    #[test]
    fn only_swap_that_is_known_to_be_encrypted_or_in_memory_is_fine() {
        let uuid_of = |name: &str| (name == "dm-1").then(|| "CRYPT-PLAIN-swap\n".to_owned());
        let check = |lines: &str| swap_of(&format!("{HEAD}{lines}"), &uuid_of);
        assert_eq!(check("").0, SecurityStanding::Fine);
        assert_eq!(check("/dev/zram0 partition 8388604 0 100\n"), (SecurityStanding::Fine, "zram".to_owned()));
        assert_eq!(check("/dev/dm-1 partition 8388604 0 100\n"), (SecurityStanding::Fine, "dm-crypt".to_owned()));
        let mixed = check("/dev/dm-1 partition 1 0 1\n/dev/sda2 partition 1 0 1\n");
        assert_eq!(mixed, (SecurityStanding::Caution, "dm-crypt, partition".to_owned()));
        assert_eq!(check("/swap\\040file file 1 0 1\n"), (SecurityStanding::Caution, "file".to_owned()));
        assert_eq!(check("/dev/dm-0 partition 1 0 1\n").0, SecurityStanding::Caution);
    }

    #[test]
    fn dumps_are_off_only_where_both_say_so() {
        assert_eq!(core_dump_of(0, false).0, SecurityStanding::Fine);
        assert_eq!(core_dump_of(0, true).0, SecurityStanding::Caution);
        assert_eq!(core_dump_of(u64::MAX, false).0, SecurityStanding::Caution);
        assert_eq!(core_dump_of(u64::MAX, true).0, SecurityStanding::Absent);
    }

    #[test]
    fn a_folder_that_others_can_enter_is_said() {
        let dir = tempfile::tempdir().unwrap();
        for (mode, standing) in [(0o700, SecurityStanding::Fine), (0o750, SecurityStanding::Caution)] {
            std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(folder_mode(dir.path()).0, standing);
        }
        assert_eq!(folder_mode(&dir.path().join("absent")).0, SecurityStanding::Unknown);
    }
}
