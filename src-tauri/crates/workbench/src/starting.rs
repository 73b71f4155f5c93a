//! How the programs beside this one are started. A front door without a network has it done by somebody who has one.

use std::ffi::OsString;
use std::fmt::Debug;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Starts programs with an empty environment; what they say on standard error is dropped.
pub trait Starter: Send + Sync + Debug {
    /// Starts one.
    fn start(&self, program: &Path, arguments: &[OsString]) -> std::io::Result<Box<dyn Started>>;
}

/// A program at work.
pub trait Started: Send {
    /// Gives its standard input, once; it is closed when that is dropped.
    fn input(&mut self) -> Option<Box<dyn Write + Send>>;

    /// Gives its standard output, once.
    fn output(&mut self) -> Option<Box<dyn Read + Send>>;

    /// Ends it; one that has ended by itself is left alone.
    fn kill(&mut self);

    /// Waits for its end, and tells whether it succeeded.
    fn wait(&mut self) -> std::io::Result<bool>;
}

/// Starts programs as children of this one.
#[derive(Debug, Clone, Copy, Default)]
pub struct Here;

impl Starter for Here {
    fn start(&self, program: &Path, arguments: &[OsString]) -> std::io::Result<Box<dyn Started>> {
        let mut command = Command::new(program);
        command.env_clear().args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        Ok(Box::new(OwnChild(command.spawn()?)))
    }
}

struct OwnChild(Child);

impl Started for OwnChild {
    fn input(&mut self) -> Option<Box<dyn Write + Send>> {
        Some(Box::new(self.0.stdin.take()?))
    }

    fn output(&mut self) -> Option<Box<dyn Read + Send>> {
        Some(Box::new(self.0.stdout.take()?))
    }

    fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
    }

    fn wait(&mut self) -> std::io::Result<bool> {
        Ok(self.0.wait()?.success())
    }
}
