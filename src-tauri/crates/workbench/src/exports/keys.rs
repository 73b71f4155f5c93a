//! Keys: with which a team lead signs, and with which a recipient opens packages.

use std::path::{Path, PathBuf};

use casefile::Passphrase;
use dispatch::package::{Signer, new_identity, new_signing_key};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::{Code, Error, durable, feedback};

/// Most bytes of a file with a key.
const KEY_BYTES_MAX: u64 = 64 << 10;
/// Characters of the passphrase of a signing key, at least.
const PASSPHRASE_CHARS_MIN: usize = casefile::PASSPHRASE_CHARS_MIN;

/// Names a signing key and what opens it.
pub struct SigningKey {
    /// Its file.
    pub file: PathBuf,
    /// Its passphrase.
    pub passphrase: Passphrase,
}

/// Says what a new key is for.
pub enum KeyKind {
    /// To sign; with the passphrase that protects it.
    Signing(Passphrase),
    /// To read; with the name of whoever has it.
    Reading(String),
}

/// Tells where a new key lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NewKey {
    /// File of the secret part, escaped: it goes to nobody.
    pub secret: String,
    /// File of the public part, escaped.
    pub public: String,
    /// The public part, as lists have it.
    pub text: String,
}

/// Makes a key: the secret part in `out`, the public part beside it with `.pub` behind the name. Neither may be there.
pub fn new_key(kind: &KeyKind, out: &Path) -> Result<NewKey, Error> {
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(".pub");
    let public_path = out.with_file_name(name);
    feedback::refuse_cases(out)?;
    feedback::refuse_taken(out)?;
    feedback::refuse_taken(&public_path)?;
    let (secret, public) = match kind {
        KeyKind::Signing(passphrase) => {
            let passphrase = text_of(passphrase)?;
            if passphrase.chars().count() < PASSPHRASE_CHARS_MIN {
                let message = format!("The passphrase of a signing key has {PASSPHRASE_CHARS_MIN} characters or more.");
                return Err(Error::new(Code::BadInput, message, "Take a longer one, e.g. five or six words."));
            }
            new_signing_key(passphrase)?
        }
        KeyKind::Reading(name) => {
            let name = owner(name)?;
            let (secret, public) = new_identity();
            let public = if name.is_empty() { public } else { format!("{name}={public}") };
            (secret, public)
        }
    };
    feedback::write_new(out, secret.as_bytes())?;
    feedback::write_new(&public_path, format!("{}\n", public.trim_end()).as_bytes())?;
    Ok(NewKey {
        secret: domain::shown_path(out),
        public: domain::shown_path(&public_path),
        // The key itself, as lists have it: minisign writes a comment above it.
        text: public.trim_end().lines().last().unwrap_or_default().to_owned(),
    })
}

/// Checks the name of whoever gets a reading key: it has to come back from a line of a list as it was.
fn owner(name: &str) -> Result<&str, Error> {
    let name = name.trim();
    let breaks = |c: char| c == '=' || domain::is_unsafe_to_show(c);
    if name.starts_with('#') || name.contains(breaks) || domain::holds_secret_key(name) {
        let message = format!("`{}` cannot be the name of whoever has a key.", domain::escaped(name.as_bytes()));
        let hint =
            "Take a name on one line, without `=`, without `#` before it, and without signs that cannot be seen.";
        return Err(Error::new(Code::BadInput, message, hint));
    }
    if name.chars().count() > crate::recipients::NAME_CHARS_MAX {
        let message = format!("The name has more than {} characters.", crate::recipients::NAME_CHARS_MAX);
        return Err(Error::new(Code::BadInput, message, "Take a shorter one."));
    }
    Ok(name)
}

/// Reads a signing key.
pub(super) fn read_signer(key: &SigningKey) -> Result<Signer, Error> {
    let text = read_text(&key.file, "signing key")?;
    Ok(Signer::read(&text, text_of(&key.passphrase)?)?)
}

/// Reads a file with a key; what it is for stands in the error.
pub(super) fn read_text(path: &Path, what: &str) -> Result<Zeroizing<String>, Error> {
    let cannot = |error: &dyn std::fmt::Display| {
        let message = format!("The {what} `{}` cannot be read.", domain::shown_path(path));
        Error::new(Code::BadInput, message, "Name the file that holds it and nothing else.").with_detail(error)
    };
    let bytes = match durable::read_at_most(path, KEY_BYTES_MAX) {
        Ok(Some(bytes)) => Zeroizing::new(bytes),
        Ok(None) => return Err(cannot(&"it is not there")),
        Err(error) => return Err(cannot(&error)),
    };
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(error) => Err(cannot(&error)),
    }
}

fn text_of(passphrase: &Passphrase) -> Result<&str, Error> {
    passphrase
        .as_text()
        .ok_or_else(|| Error::new(Code::BadInput, "The passphrase is no text.", "Take letters, digits and signs."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_a_name_that_a_list_gives_back() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("k");
        for odd in ["a=b", "a\nb", "a\u{202e}b", "# a", "AGE-SECRET-KEY-1QQQQ", &"x".repeat(101)] {
            let refused = new_key(&KeyKind::Reading(odd.to_owned()), &out);
            assert_eq!(refused.unwrap_err().code, Code::BadInput, "{odd:?}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is written");
        new_key(&KeyKind::Reading(" Custodian, north ".to_owned()), &out).unwrap();
        let list = folder.path().join("k.pub").to_str().unwrap().to_owned();
        assert_eq!(crate::read_recipients(&[list]).unwrap()[0].0, "Custodian, north");
    }
}
