//! What the program keeps of itself in its configuration folder: settings, and which cases were open. Nothing of a case
//! but its number, its folder and its user.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use domain::UtcTime;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::view::window::{RecentCase, Settings};
use crate::{Code, Error, durable};

const SETTINGS: &str = "settings.json";
const RECENT: &str = "recent.json";
/// Largest file that is read.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// Cases that are remembered.
const RECENT_MAX: usize = 20;
/// Lengths of the longer side of a tile's picture, pixels.
const TILE_PX: [u32; 5] = [96, 128, 160, 208, 256];

/// Names the folder.
#[derive(Debug)]
pub(super) struct Keeping {
    dir: PathBuf,
}

impl Keeping {
    pub fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// Reads the settings; where there are none, or they cannot be read, those of a new user.
    pub fn settings(&self) -> Settings {
        within_limits(self.read(SETTINGS))
    }

    /// Keeps settings, and gives them as they hold.
    pub fn put_settings(&self, settings: Settings) -> Result<Settings, Error> {
        let settings = within_limits(settings);
        self.write(SETTINGS, &settings)?;
        Ok(settings)
    }

    /// Lists the cases that were open before, the newest first.
    pub fn recent(&self) -> Vec<RecentCase> {
        let mut recent: Vec<RecentCase> = self.read(RECENT);
        for case in &mut recent {
            case.there = path_of(&case.dir).is_dir();
        }
        recent
    }

    /// Puts a case first in that list.
    pub fn remember(&self, dir: &str, number: &str, user: &str, now: UtcTime) -> Result<(), Error> {
        let mut recent: Vec<RecentCase> = self.read(RECENT);
        recent.retain(|case| case.dir != dir);
        let (dir, number, user) = (dir.to_owned(), number.to_owned(), user.to_owned());
        recent.insert(0, RecentCase { dir, number, user, opened: now, there: true });
        recent.truncate(RECENT_MAX);
        self.write(RECENT, &recent)
    }

    /// Takes a case off that list.
    pub fn forget(&self, dir: &str) -> Result<(), Error> {
        let mut recent: Vec<RecentCase> = self.read(RECENT);
        recent.retain(|case| case.dir != dir);
        self.write(RECENT, &recent)
    }

    /// Reads a file. One that is damaged is kept aside, so that a person can look at it, and is as if it were not there.
    fn read<T: DeserializeOwned + Default>(&self, name: &str) -> T {
        let path = self.dir.join(name);
        let Ok(Some(bytes)) = durable::read_at_most(&path, FILE_BYTES_MAX) else { return T::default() };
        serde_json::from_slice(&bytes).unwrap_or_else(|_| {
            // If it cannot be moved, the next writing replaces it: nothing of a case is in it.
            let _ = std::fs::rename(&path, self.dir.join(format!("{name}.damaged")));
            T::default()
        })
    }

    fn write(&self, name: &str, value: &impl Serialize) -> Result<(), Error> {
        let mut text = serde_json::to_vec_pretty(value).expect("every value of the words becomes JSON");
        text.push(b'\n');
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.dir);
        made.and_then(|()| durable::write(&self.dir.join(name), &text)).map_err(|error| {
            let full = error.kind() == std::io::ErrorKind::StorageFull;
            let code = if full { Code::DiskFull } else { Code::BadInput };
            Error::new(code, "The settings cannot be kept.", "Check the folder of the program's settings.")
                .with_detail(error)
        })
    }
}

/// Gives the path that a text of the window names.
pub(super) fn path_of(text: &str) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    PathBuf::from(std::ffi::OsString::from_vec(domain::unescaped(text)))
}

/// Gives the text by which the window names a path.
pub(super) fn text_of(path: &Path) -> String {
    domain::shown_path(path)
}

/// Brings settings into their limits: a file may have been written by hand.
fn within_limits(mut settings: Settings) -> Settings {
    let or_system = |value: &mut String, known: [&str; 2]| {
        if !known.contains(&value.as_str()) {
            *value = "system".to_owned();
        }
    };
    or_system(&mut settings.language, ["en", "nl"]);
    or_system(&mut settings.theme, ["dark", "light"]);
    settings.blank_minutes = settings.blank_minutes.clamp(1, 60);
    settings.lock_minutes = settings.lock_minutes.clamp(1, 120);
    settings.break_minutes = settings.break_minutes.min(600);
    settings.veil_strength = settings.veil_strength.clamp(1, 3);
    let wanted = settings.tile_px;
    settings.tile_px = TILE_PX.into_iter().min_by_key(|px| px.abs_diff(wanted)).unwrap_or(wanted);
    settings
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn keeping() -> (tempfile::TempDir, Keeping) {
        let dir = tempfile::tempdir().unwrap();
        let keeping = Keeping::new(dir.path().join("config/zeef"));
        (dir, keeping)
    }

    #[test]
    fn settings_come_back_and_are_for_their_user_alone() {
        let (dir, keeping) = keeping();
        assert_eq!(keeping.settings(), Settings::default());
        let wanted = Settings { language: "nl".into(), lock_minutes: 20, ..Settings::default() };
        keeping.put_settings(wanted.clone()).unwrap();
        assert_eq!(keeping.settings(), wanted);
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&dir.path().join("config/zeef/settings.json")), 0o600);
        assert_eq!(mode(&dir.path().join("config/zeef")), 0o700);
    }

    #[test]
    fn settings_that_are_damaged_are_kept_aside() {
        let (dir, keeping) = keeping();
        keeping.put_settings(Settings::default()).unwrap();
        let folder = dir.path().join("config/zeef");
        std::fs::write(folder.join("settings.json"), "{\"language\": 7").unwrap();
        assert_eq!(keeping.settings(), Settings::default());
        assert!(folder.join("settings.json.damaged").is_file());
        assert!(!folder.join("settings.json").exists());
    }

    #[test]
    fn settings_of_another_version_keep_what_is_known() {
        let (dir, keeping) = keeping();
        keeping.put_settings(Settings::default()).unwrap();
        let text = r#"{"theme": "light", "later": true, "lock_minutes": 9999, "tile_px": 200, "language": "fr"}"#;
        std::fs::write(dir.path().join("config/zeef/settings.json"), text).unwrap();
        let settings = keeping.settings();
        assert_eq!((settings.theme.as_str(), settings.lock_minutes, settings.tile_px), ("light", 120, 208));
        assert_eq!(settings.language, "system");
    }

    #[test]
    fn the_case_that_was_opened_last_comes_first() {
        let (_dir, keeping) = keeping();
        for (at, dir) in ["/a", "/b", "/a\\xff"].into_iter().enumerate() {
            keeping.remember(dir, "1", "anna", UtcTime(at as i64)).unwrap();
        }
        keeping.remember("/a", "1", "bert", UtcTime(9)).unwrap();
        let dirs = |keeping: &Keeping| keeping.recent().into_iter().map(|case| case.dir).collect::<Vec<_>>();
        assert_eq!(dirs(&keeping), ["/a", "/a\\xff", "/b"]);
        assert!(keeping.recent().iter().all(|case| !case.there));
        keeping.forget("/a\\xff").unwrap();
        assert_eq!(dirs(&keeping), ["/a", "/b"]);
        for at in 0..40 {
            keeping.remember(&format!("/{at}"), "1", "anna", UtcTime(at)).unwrap();
        }
        assert_eq!(keeping.recent().len(), RECENT_MAX);
    }
}
