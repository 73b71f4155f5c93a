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
const NAME_CHARS_MAX: usize = 100;
/// How every public key of age begins.
const KEY_HEAD: &str = "age1";
/// Characters of a public key of age.
const KEY_CHARS: usize = 62;

/// Reads what a person wrote: `NAME=age1...`, a key alone, or the name of a file with such lines.
pub fn read_recipients(words: &[String]) -> Result<Vec<(String, String)>, Error> {
    let mut all = Vec::new();
    for word in words {
        if word.contains(KEY_HEAD) && !Path::new(word).exists() {
            all.push(recipient(word)?);
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
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let all: Vec<(String, String)> = lines.map(recipient).collect::<Result<_, _>>()?;
    if all.is_empty() { Err(cannot(&"it names nobody")) } else { Ok(all) }
}

/// Reads one recipient.
fn recipient(text: &str) -> Result<(String, String), Error> {
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
        let message = format!("`{}` is no recipient.", domain::escaped(text.as_bytes()));
        let hint = "Write it as NAME=age1..., with the key as `zeef package key reading` wrote it.";
        return Err(Error::new(Code::BadInput, message, hint));
    }
    let name = if name.is_empty() { &key[..KEY_HEAD.len() + 8] } else { name };
    Ok((name.to_owned(), key.to_owned()))
}

/// Checks recipients that a window gives.
pub(crate) fn check(recipients: &[(String, String)]) -> Result<Vec<(String, String)>, Error> {
    if recipients.is_empty() {
        let hint = "Choose at least one who may read it.";
        return Err(Error::new(Code::BadInput, "The export has no recipient.", hint));
    }
    recipients.iter().map(|(name, key)| recipient(&format!("{}={key}", name.trim()))).collect()
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
}
