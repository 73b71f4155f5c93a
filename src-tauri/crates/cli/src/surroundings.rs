//! What only a front door may ask: the clock, the environment, the terminal, signals, and where the programs are.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{SystemTime, UNIX_EPOCH};

use workbench::{Code, Error, Passphrase, UtcTime, shown_path};

/// Longest passphrase file that is read.
const PASSPHRASE_BYTES_MAX: u64 = 4096;

/// Holds what was asked once, at the start.
pub struct Surroundings {
    /// Becomes true at Ctrl-C or a request to end.
    pub stop: Arc<AtomicBool>,
    /// True when a person reads what is printed.
    pub is_terminal: bool,
    decoder: PathBuf,
}

impl Surroundings {
    /// Looks for the decoder beside this program, and takes Ctrl-C as the wish to stop; a second one ends at once.
    pub fn new() -> Result<Self, Error> {
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            let armed = signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&stop))
                .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&stop)));
            armed.map_err(|error| internal("Signals cannot be received.", &error))?;
        }
        let program = std::env::current_exe().map_err(|error| internal("The program cannot find itself.", &error))?;
        let decoder = program.with_file_name("zeef-decode");
        Ok(Self { stop, is_terminal: std::io::stderr().is_terminal(), decoder })
    }

    /// Gives the path of the decoder.
    pub fn decoder(&self) -> PathBuf {
        self.decoder.clone()
    }

    /// Gives the time.
    #[expect(clippy::disallowed_methods, reason = "a front door reads the clock and passes the time in")]
    pub fn now(&self) -> UtcTime {
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => UtcTime(i64::try_from(since.as_micros()).unwrap_or(i64::MAX)),
            Err(before) => UtcTime(-i64::try_from(before.duration().as_micros()).unwrap_or(i64::MAX)),
        }
    }

    /// Gives the number of files in work at once.
    pub fn threads(&self, wanted: Option<usize>) -> usize {
        wanted.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).clamp(1, 64)
    }

    /// Gives the folder of the hash sets: the one that was named, or the user's data folder (XDG Base Directory).
    pub fn sets_dir(&self, named: Option<&PathBuf>) -> Result<PathBuf, Error> {
        if let Some(dir) = named {
            return Ok(dir.clone());
        }
        let data = std::env::var_os("XDG_DATA_HOME").filter(|dir| Path::new(dir).is_absolute()).map(PathBuf::from);
        let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
        data.or_else(home).map(|dir| dir.join("zeef/sets")).ok_or_else(|| {
            Error::new(Code::BadInput, "There is no data folder to keep hash sets in.", "Name one with --sets.")
        })
    }

    /// Reads a passphrase from a file or, without one, asks for it on the terminal.
    pub fn passphrase(&self, file: Option<&PathBuf>, prompt: &str) -> Result<Passphrase, Error> {
        match file {
            Some(path) => read_passphrase(path),
            None => match rpassword::prompt_password(format!("{prompt}: ")) {
                Ok(text) => Ok(Passphrase::new(text.into_bytes())),
                Err(error) => Err(Error::new(
                    Code::BadInput,
                    "There is no terminal to ask for the passphrase.",
                    "Name a file that only you can read: --passphrase-file.",
                )
                .with_detail(error)),
            },
        }
    }

    /// Reads a new passphrase; on a terminal it is asked twice.
    pub fn new_passphrase(&self, file: Option<&PathBuf>, prompt: &str) -> Result<Passphrase, Error> {
        let first = self.passphrase(file, prompt)?;
        if file.is_none() && self.passphrase(None, "The same again")? != first {
            return Err(Error::new(Code::BadInput, "The two passphrases differ.", "Run the command again."));
        }
        Ok(first)
    }
}

#[expect(clippy::disallowed_methods, reason = "the passphrase file is named by the user and is no case media")]
fn read_passphrase(path: &Path) -> Result<Passphrase, Error> {
    let cannot = |error: &dyn std::fmt::Display| {
        Error::new(
            Code::BadInput,
            format!("The passphrase file `{}` cannot be read.", shown_path(path)),
            "Name a file that holds the passphrase and nothing else.",
        )
        .with_detail(error)
    };
    let length = std::fs::metadata(path).map_err(|error| cannot(&error))?.len();
    if length > PASSPHRASE_BYTES_MAX {
        return Err(cannot(&format!("it has {length} bytes; at most {PASSPHRASE_BYTES_MAX} are read")));
    }
    std::fs::read(path).map(Passphrase::new).map_err(|error| cannot(&error))
}

fn internal(message: &str, error: &dyn std::fmt::Display) -> Error {
    Error::new(Code::Internal, message, "Start it again; if this stays, tell whoever keeps this machine.")
        .with_detail(error)
}
