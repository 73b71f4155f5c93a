//! Paths of stored files, as a record names them: relative to the JSON, with backslashes. They come with the evidence, so
//! none of them may lead out of the folder that a person chose. Whoever opens one must also refuse symbolic links.

use std::fmt;

use serde::Serialize;

/// Says why a path may not be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PathRefusal {
    /// It starts at a root, a drive or another machine.
    Absolute,
    /// It climbs with `..`.
    Climbs,
    /// It holds a zero byte.
    Zero,
}

impl fmt::Display for PathRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absolute => "path of a stored file that starts at a root, a drive or another machine, not followed",
            Self::Climbs => "path of a stored file that climbs out with `..`, not followed",
            Self::Zero => "path of a stored file with a zero byte, not followed",
        })
    }
}

/// Gives the places where the file can be, below `folder` (that of the JSON within the archive; empty or ending in `/`),
/// the likeliest first. None where the path is blank.
///
/// The second place is the path with its backslashes: some programs unpack an archive that has them into one flat folder.
pub(crate) fn places(raw: &[u8], folder: &[u8]) -> Result<Vec<Vec<u8>>, PathRefusal> {
    if raw.contains(&0) {
        return Err(PathRefusal::Zero);
    }
    let is_separator = |byte: &u8| matches!(byte, b'/' | b'\\');
    let has_drive = matches!(raw, [drive, b':', ..] if drive.is_ascii_alphabetic());
    if has_drive || raw.first().is_some_and(is_separator) {
        return Err(PathRefusal::Absolute);
    }
    let parts: Vec<&[u8]> = raw.split(is_separator).filter(|part| !matches!(*part, b"" | b".")).collect();
    if parts.contains(&b"..".as_slice()) {
        return Err(PathRefusal::Climbs);
    }
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let below = |path: &[u8]| [folder, path].concat();
    let mut places = vec![below(&parts.join(&b'/'))];
    if raw.contains(&b'\\') && !raw.contains(&b'/') {
        places.push(below(raw));
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, want: Result<&[&str], PathRefusal>) {
        let want = want.map(|places| places.iter().map(|place| place.as_bytes().to_vec()).collect());
        assert_eq!(places(raw.as_bytes(), b"export/"), want, "{raw}");
    }

    #[test]
    fn a_path_stays_below_its_folder() {
        check("Files\\ab\\cd\\X", Ok(&["export/Files/ab/cd/X", "export/Files\\ab\\cd\\X"]));
        check("./Files//X.jpg", Ok(&["export/Files/X.jpg"]));
        check("X", Ok(&["export/X"]));
        check("..X/...", Ok(&["export/..X/..."]));
        check("", Ok(&[]));
        check(".\\", Ok(&[]));
    }

    #[test]
    fn a_path_that_leads_out_is_refused() {
        for raw in ["/etc/passwd", "\\\\server\\share\\x", "\\x", "C:\\x", "c:x"] {
            check(raw, Err(PathRefusal::Absolute));
        }
        for raw in ["..\\x", "Files/../../x", "Files\\..", "a/..\\b"] {
            check(raw, Err(PathRefusal::Climbs));
        }
        check("a\0b", Err(PathRefusal::Zero));
    }
}
