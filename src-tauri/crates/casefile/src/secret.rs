//! Passphrases and randomness: both come from outside and are wiped when dropped.

use domain::UserName;
use zeroize::Zeroizing;

use crate::canon::Canon;
use crate::{CasefileError, Result};

/// Fewest characters of the passphrase of a new user.
pub const PASSPHRASE_CHARS_MIN: usize = 8;

/// Holds a passphrase as bytes. It has no `Debug` or `Display`, so that it can reach no log.
#[derive(Clone, PartialEq, Eq)]
pub struct Passphrase(Zeroizing<Vec<u8>>);

impl Passphrase {
    /// Takes the bytes of a prompt or a file, without the one line end that an editor or `echo` puts behind them.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        let mut bytes = Zeroizing::new(bytes.into());
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
            if bytes.last() == Some(&b'\r') {
                bytes.pop();
            }
        }
        Self(bytes)
    }

    /// Refuses a passphrase that is too short for a new user; opening takes any.
    pub fn strong_enough(&self) -> Result<()> {
        let chars = String::from_utf8_lossy(&self.0).chars().count();
        if chars < PASSPHRASE_CHARS_MIN {
            return Err(CasefileError::WeakPassphrase { min: PASSPHRASE_CHARS_MIN });
        }
        Ok(())
    }

    /// Gives it as text, for keys of other forms; `None` where it is none.
    pub fn as_text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// Derives the passphrase of something else that belongs to the same person, so that this one need not be kept for it.
    /// Whoever has the other does not know this one, and has to guess it just as if it were used there.
    pub fn derived(&self, purpose: &str, user: &UserName) -> Self {
        let mut canon = Canon::new("zeef derived passphrase 1");
        canon.bytes(purpose.as_bytes()).bytes(user.as_str().as_bytes()).bytes(&self.0);
        Self(Zeroizing::new(canon.finish().to_string().into_bytes()))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Gives random bytes fit for keys. Passed in, so that this room draws none by itself.
pub trait Entropy: Send {
    /// Fills all of `bytes`.
    fn fill(&mut self, bytes: &mut [u8]);
}

/// Draws from the operating system; for the front doors.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl SystemEntropy {
    /// Makes sure that the system gives random bytes at all.
    pub fn new() -> Result<Self> {
        getrandom::fill(&mut [0; 1]).map_err(|_| CasefileError::NoEntropy)?;
        Ok(Self)
    }
}

impl Entropy for SystemEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        // A key from a failing generator would be worse than ending here.
        getrandom::fill(bytes).expect("the operating system's generator does not fail once it has started");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_end_is_no_part_of_a_passphrase() {
        for (given, kept) in [("abc\n", "abc"), ("abc\r\n", "abc"), ("abc\n\n", "abc\n"), ("abc", "abc"), ("\n", "")] {
            assert_eq!(Passphrase::new(given).bytes(), kept.as_bytes());
        }
    }

    #[test]
    fn eight_characters_are_enough_whatever_their_bytes() {
        assert!(Passphrase::new("seven77").strong_enough().is_err());
        assert!(Passphrase::new("één twee").strong_enough().is_ok());
        assert!(Passphrase::new("éééé").strong_enough().is_err());
    }
}
