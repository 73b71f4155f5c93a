//! Paths as bytes: a name on a seized disk need not be text, and is never changed, only shown.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Holds the path of an occurrence inside its source, as the source has it, parts separated by `/`.
///
/// For a member of an archive it is the archive's path, `!/`, and the member's name; it is a label and is never opened.
/// In JSON it is the escaped form that [`SourcePath::shown`] gives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SourcePath(pub Vec<u8>);

impl SourcePath {
    /// Gives the path as text that is safe on a terminal, in a report and on a screen.
    ///
    /// Bytes that are not UTF-8 become `\xNN`, control and direction-changing characters `\u{NNNN}`, and a backslash is
    /// doubled, so that two different paths are never shown alike.
    pub fn shown(&self) -> String {
        escaped(&self.0)
    }
}

/// Gives a path of this machine as text that is safe to show, in the way of [`SourcePath::shown`].
pub fn shown_path(path: &std::path::Path) -> String {
    escaped(path.as_os_str().as_encoded_bytes())
}

/// Gives bytes that came with evidence as text that is safe to show, in the way of [`SourcePath::shown`].
pub fn escaped(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => out.push_str("\\\\"),
                c if is_unsafe_to_show(c) => out.push_str(&format!("\\u{{{:04x}}}", c as u32)),
                c => out.push(c),
            }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

/// Gives the bytes that [`escaped`] made a text of.
///
/// A backslash that begins none of its escapes stays as it is, so that a person who types a path need not know of them.
pub fn unescaped(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find('\\') {
        out.extend_from_slice(&rest.as_bytes()[..place]);
        rest = &rest[place..];
        let (meant, length) = unescape_one(rest).unwrap_or((b"\\".to_vec(), 1));
        out.extend_from_slice(&meant);
        rest = &rest[length..];
    }
    out.extend_from_slice(rest.as_bytes());
    out
}

/// Reads the escape that a text begins with: what it means, and its length.
fn unescape_one(text: &str) -> Option<(Vec<u8>, usize)> {
    let after = text.strip_prefix('\\')?;
    if after.starts_with('\\') {
        return Some((b"\\".to_vec(), 2));
    }
    if let Some(hex) = after.strip_prefix('x') {
        let byte = u8::from_str_radix(hex.get(..2).filter(|hex| is_hex(hex))?, 16).ok()?;
        return Some((vec![byte], 4));
    }
    let hex = after.strip_prefix("u{")?;
    let hex = &hex[..hex.find('}')?];
    let c = char::from_u32(u32::from_str_radix(hex, 16).ok().filter(|_| is_hex(hex))?)?;
    Some((c.to_string().into_bytes(), hex.len() + 4))
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl fmt::Display for SourcePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

impl Serialize for SourcePath {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.shown())
    }
}

impl<'de> Deserialize<'de> for SourcePath {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(text.into_bytes()))
    }
}

/// Tells whether a character can change what a reader sees around it: controls, direction marks, line separators,
/// invisible joiners and tags (Unicode TR 36 and 39).
pub fn is_unsafe_to_show(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_mislead_is_escaped() {
        assert_eq!(SourcePath(b"a\nb".to_vec()).shown(), "a\\u{000a}b");
        assert_eq!(SourcePath("gpj\u{202e}.exe".into()).shown(), "gpj\\u{202e}.exe");
        assert_eq!(SourcePath(b"a\xffb".to_vec()).shown(), "a\\xffb");
        assert_eq!(SourcePath("foto's/één.jpg".into()).shown(), "foto's/één.jpg");
    }

    #[test]
    fn what_is_no_escape_stays_as_it_was_typed() {
        for text in ["C:\\new", "\\x4", "\\xé9", "\\u{110000}", "\\u{41", "\\u{+41}", "end\\"] {
            assert_eq!(unescaped(text), text.as_bytes(), "{text}");
        }
        assert_eq!(unescaped("a\\xffb\\u{000a}\\\\x"), b"a\xffb\n\\x");
    }

    proptest::proptest! {
        #[test]
        fn a_path_comes_back_as_it_was(bytes: Vec<u8>, text: String) {
            proptest::prop_assert_eq!(unescaped(&escaped(&bytes)), bytes);
            let twisted = format!("{text}\\x41\u{202e}\n{text}");
            proptest::prop_assert_eq!(unescaped(&escaped(twisted.as_bytes())), twisted.into_bytes());
        }

        #[test]
        fn two_paths_are_never_shown_alike(a: Vec<u8>, b: Vec<u8>) {
            proptest::prop_assert_eq!(a == b, SourcePath(a).shown() == SourcePath(b).shown());
        }
    }
}
