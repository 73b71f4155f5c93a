//! Who may read packages: names with their public keys (age, X25519), as people write them down.
//!
//! One stands on a line as `NAME=age1...`; `#` begins a comment. The file [`RECIPIENTS_FILE`] in the folder of the hash
//! sets holds those of a workstation; whoever installs it puts it there.

use std::io::Read;
use std::path::Path;

use crate::{Code, Error};

/// File with the recipients of a workstation, in the folder of its hash sets.
pub const RECIPIENTS_FILE: &str = "recipients.txt";
/// Most bytes of a file of recipients.
const FILE_BYTES_MAX: u64 = 64 << 10;
/// Most characters of a recipient's name.
pub(crate) const NAME_CHARS_MAX: usize = 100;
/// How every public key of age begins.
const KEY_HEAD: &str = "age1";
/// Characters of a public key of age.
const KEY_CHARS: usize = 62;

/// Reads what a person wrote: `NAME=age1...`, a key alone, or the name of a file with such lines.
pub fn read_recipients(words: &[String]) -> Result<Vec<(String, String)>, Error> {
    let mut all = Vec::new();
    for word in words {
        if domain::holds_secret_key(word) {
            return Err(secret_key("What was named as a recipient"));
        }
        if word.contains(KEY_HEAD) && !Path::new(word).exists() {
            let refused = || format!("`{}` is no recipient.", domain::escaped(word.as_bytes()));
            all.push(recipient(word).ok_or_else(|| no_recipient(refused()))?);
        } else {
            all.extend(read_file(Path::new(word))?);
        }
    }
    let mut once: Vec<(String, String)> = Vec::new();
    for one in all {
        if !once.iter().any(|(_, key)| *key == one.1) {
            once.push(one);
        }
    }
    Ok(once)
}

/// Lists the recipients of a workstation; none where it has no such file.
pub(crate) fn of_workstation(sets_dir: &Path) -> Result<Vec<(String, String)>, Error> {
    let file = sets_dir.join(RECIPIENTS_FILE);
    if file.symlink_metadata().is_err() { Ok(Vec::new()) } else { read_file(&file) }
}

#[expect(clippy::disallowed_methods, reason = "a list of keys is no case media")]
fn read_file(path: &Path) -> Result<Vec<(String, String)>, Error> {
    let cannot = |error: &dyn std::fmt::Display| {
        let message = format!("The recipients in `{}` cannot be read.", domain::shown_path(path));
        let hint = "Name a recipient as NAME=age1..., or a file with such lines.";
        Error::new(Code::BadInput, message, hint).with_detail(error)
    };
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(|error| cannot(&error))?;
    file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text).map_err(|error| cannot(&error))?;
    if text.len() as u64 > FILE_BYTES_MAX {
        return Err(cannot(&format!("it has more than {FILE_BYTES_MAX} bytes")));
    }
    if domain::holds_secret_key(&text) {
        return Err(secret_key(&format!("The file `{}`", domain::shown_path(path))));
    }
    let mut all = Vec::new();
    for (number, line) in (1..).zip(text.lines().map(str::trim)) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        // The line itself is not told: whoever names the wrong file may have named one with secrets.
        let refused = || format!("Line {number} of `{}` is no recipient.", domain::shown_path(path));
        all.push(recipient(line).ok_or_else(|| no_recipient(refused()))?);
    }
    if all.is_empty() { Err(cannot(&"it names nobody")) } else { Ok(all) }
}

/// Says that somebody gave the secret part of a key, without a word of it.
fn secret_key(what: &str) -> Error {
    let message = format!("{what} is a secret key, or holds one: nobody else may have it.");
    Error::new(Code::BadInput, message, "Name the public key: it lies in the file beside it whose name ends in `.pub`.")
}

fn no_recipient(message: String) -> Error {
    let hint = "Write it as NAME=age1..., with the key as `zeef package key reading` wrote it.";
    Error::new(Code::BadInput, message, hint)
}

/// Reads one recipient; `None` where the text is none.
fn recipient(text: &str) -> Option<(String, String)> {
    // The key has no `=`, a name may have one.
    let (name, key) = match text.rsplit_once('=') {
        Some((name, key)) => (name.trim(), key.trim()),
        None => ("", text.trim()),
    };
    let is_key = key.len() == KEY_CHARS
        && key.starts_with(KEY_HEAD)
        && key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let is_name = name.chars().count() <= NAME_CHARS_MAX && !name.chars().any(char::is_control);
    if !is_key || !is_name {
        return None;
    }
    let name = if name.is_empty() { &key[..KEY_HEAD.len() + 8] } else { name };
    Some((name.to_owned(), key.to_owned()))
}

/// Checks recipients that a window gives.
pub(crate) fn check(recipients: &[(String, String)]) -> Result<Vec<(String, String)>, Error> {
    if recipients.is_empty() {
        let hint = "Choose at least one who may read it.";
        return Err(Error::new(Code::BadInput, "The export has no recipient.", hint));
    }
    let checked = |(name, key): &(String, String)| {
        // The name goes into the ledger and into the package.
        if domain::holds_secret_key(name) || domain::holds_secret_key(key) {
            return Err(secret_key("What was named as a recipient"));
        }
        let text = format!("{}={key}", name.trim());
        let refused = || format!("`{}` is no recipient.", domain::escaped(text.as_bytes()));
        recipient(&text).ok_or_else(|| no_recipient(refused()))
    };
    recipients.iter().map(checked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(letter: char) -> String {
        format!("{KEY_HEAD}{}", letter.to_string().repeat(KEY_CHARS - KEY_HEAD.len()))
    }

    #[test]
    fn recipients_are_read_from_words_and_from_files() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("recipients.txt");
        std::fs::write(&file, format!("# of the unit\nA = B={}\n\n{}\n", key('q'), key('p'))).unwrap();
        let words =
            [format!("Custodian={}", key('x')), file.to_str().unwrap().to_owned(), format!("Again={}", key('q'))];
        let read = read_recipients(&words).unwrap();
        let wanted =
            [("Custodian".to_owned(), key('x')), ("A = B".to_owned(), key('q')), ("age1pppppppp".to_owned(), key('p'))];
        assert_eq!(read, wanted, "each key once, by its first name");
        assert_eq!(of_workstation(folder.path()).unwrap().len(), 2);
        assert!(of_workstation(Path::new("/nowhere")).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for odd in ["Custodian", "X=age1short", &format!("X={}", key('X')), &format!("X\nY={}", key('x')), ""] {
            assert_eq!(read_recipients(&[odd.to_owned()]).unwrap_err().code, Code::BadInput, "{odd}");
        }
        assert!(check(&[]).is_err());
    }

    #[test]
    fn a_secret_key_is_refused_and_never_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let secrets = ["AGE-SECRET-KEY-16DN8HZXQPW", "age-secret-key-16dn8hzxqpw", "RWRTY0IyZpHtQdY3"];
        for secret in secrets {
            let file = folder.path().join("custodian.key");
            std::fs::write(&file, format!("# public key: {}\n{secret}\n", key('q'))).unwrap();
            let words = [
                file.to_str().unwrap().to_owned(),
                secret.to_owned(),
                format!("Custodian={secret}"),
                format!("{secret}={}", key('q')),
            ];
            for word in words {
                let error = read_recipients(&[word]).unwrap_err();
                assert!(error.hint.contains(".pub"), "{error:?}");
                assert!(!format!("{error:?}").contains(&secret[4..]), "{error:?}");
            }
            let error = check(&[(secret.to_owned(), key('q'))]).unwrap_err();
            assert!(!format!("{error:?}").contains(&secret[4..]), "{error:?}");
        }
    }

    #[test]
    fn a_line_that_is_no_recipient_is_told_by_its_number() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("people.txt");
        std::fs::write(&file, format!("\nA={}\nhunter2 of the archive\n", key('q'))).unwrap();
        let error = read_recipients(&[file.to_str().unwrap().to_owned()]).unwrap_err();
        assert!(error.message.starts_with("Line 3 of"), "{error:?}");
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}
