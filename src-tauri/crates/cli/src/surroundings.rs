//! What only a front door may ask: the clock, the environment, the terminal, signals, and where the programs are.

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::termios::{LocalModes, OptionalActions};
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

    /// Gives the path of a program that is installed beside this one.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.decoder.with_file_name(name)
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
            None => match ask_silently(prompt) {
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

/// Asks for a passphrase on the terminal, which is silent before the question stands there: whoever answers at once, by
/// paste or by a program, must not see it written.
#[expect(clippy::disallowed_methods, reason = "the terminal is no case media")]
fn ask_silently(prompt: &str) -> std::io::Result<String> {
    let terminal = std::fs::OpenOptions::new().read(true).write(true).open("/dev/tty")?;
    let before = rustix::termios::tcgetattr(&terminal)?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    rustix::termios::tcsetattr(&terminal, OptionalActions::Now, &silent)?;
    let answer = rpassword::prompt_password(format!("{prompt}: "));
    rustix::termios::tcsetattr(&terminal, OptionalActions::Now, &before)?;
    answer
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
    // Read with a bound, because a device states no length.
    let file = std::fs::File::open(path).map_err(|error| cannot(&error))?;
    // In one piece from the start: growing would leave copies in memory that nobody wipes.
    let mut bytes = Vec::with_capacity(PASSPHRASE_BYTES_MAX as usize + 1);
    file.take(PASSPHRASE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| cannot(&error))?;
    if bytes.len() as u64 > PASSPHRASE_BYTES_MAX {
        return Err(cannot(&format!("it is longer than {PASSPHRASE_BYTES_MAX} bytes")));
    }
    Ok(Passphrase::new(bytes))
}

fn internal(message: &str, error: &dyn std::fmt::Display) -> Error {
    Error::new(Code::Internal, message, "Start it again; if this stays, tell whoever keeps this machine.")
        .with_detail(error)
}
