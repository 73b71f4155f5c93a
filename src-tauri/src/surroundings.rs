//! What only a front door may ask: the clock, the environment, and where the programs and the folders are.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use workbench::UtcTime;

/// Folders and programs.
pub struct Surroundings {
    /// Settings and recent cases.
    pub config_dir: PathBuf,
    /// Hash sets, and the demonstration case.
    pub data_dir: PathBuf,
    /// Where new cases are suggested.
    pub cases_dir: PathBuf,
    programs: PathBuf,
}

impl Surroundings {
    /// Asks the environment (XDG Base Directory); without a home there is nothing to work with.
    pub fn ask() -> Option<Self> {
        let variable = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = variable("HOME")?;
        let under = |name: &str, otherwise: &str| variable(name).unwrap_or_else(|| home.join(otherwise)).join("zeef");
        Some(Self {
            config_dir: under("XDG_CONFIG_HOME", ".config"),
            data_dir: under("XDG_DATA_HOME", ".local/share"),
            cases_dir: home.join("zeef"),
            programs: std::env::current_exe().ok()?.parent()?.to_owned(),
        })
    }

    /// Gives the path of a program that is installed beside this one.
    pub fn beside(&self, name: &str) -> PathBuf {
        Path::new(&self.programs).join(name)
    }
}

/// Gives the time.
#[expect(clippy::disallowed_methods, reason = "a front door reads the clock and passes the time in")]
pub fn now() -> UtcTime {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => UtcTime(i64::try_from(since.as_micros()).unwrap_or(i64::MAX)),
        Err(before) => UtcTime(-i64::try_from(before.duration().as_micros()).unwrap_or(i64::MAX)),
    }
}

/// Tells whether the environment names a screen; without one, what draws the window would end with its own complaint.
pub fn has_screen() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}
