//! Turns bytes of unknown honesty into text that is safe to show and says what stood there.

use domain::SourcePath;

/// Most bytes of text that are kept of one value.
pub(super) const TEXT_BYTES_MAX: usize = 4096;
/// Most bytes of a value without a textual form that are kept, as hex.
const HEX_BYTES_MAX: usize = 256;

/// Shows text: what is not UTF-8 becomes `\xNN`, what a terminal or a reader could be misled by `\u{NNNN}`, and a
/// backslash is doubled. Longer text than [`TEXT_BYTES_MAX`] is cut and ends in `…`.
pub(super) fn shown(bytes: &[u8]) -> String {
    // Escapes only make text longer, so that what is cut off here would be cut off below.
    let (head, mut cut) = match bytes.get(..TEXT_BYTES_MAX + 4) {
        Some(head) if bytes.len() > head.len() => (head, true),
        _ => (bytes, false),
    };
    // The rules of a shown path are those of any shown bytes.
    let mut text = SourcePath(head.to_vec()).shown();
    if text.len() > TEXT_BYTES_MAX {
        text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
        cut = true;
    }
    if cut {
        text.push('…');
    }
    text
}

/// Shows UTF-16 in the same way; half characters become `\u{dNNN}`.
pub(super) fn shown_utf16(units: impl Iterator<Item = u16>) -> String {
    let mut text = String::new();
    for unit in char::decode_utf16(units.take(TEXT_BYTES_MAX + 2)) {
        match unit {
            Ok(c) => text.push_str(&shown(c.encode_utf8(&mut [0; 4]).as_bytes())),
            Err(half) => text.push_str(&format!("\\u{{{:04x}}}", half.unpaired_surrogate())),
        }
        if text.len() > TEXT_BYTES_MAX {
            text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
            text.push('…');
            break;
        }
    }
    text
}

/// Shows bytes as hex; of more than 256 bytes only the first, with their number.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for byte in bytes.iter().take(HEX_BYTES_MAX) {
        write!(text, "{byte:02x}").expect("writing to a string does not fail");
    }
    if bytes.len() > HEX_BYTES_MAX {
        write!(text, "… ({} bytes)", bytes.len()).expect("writing to a string does not fail");
    }
    text
}

/// Gives the bytes without the NULs that pad them.
pub(super) fn unpadded(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    &bytes[..end]
}

/// Shows text without its padding. A value may be as long as the file: no more of it is read than could be kept.
pub(super) fn shown_unpadded(bytes: &[u8]) -> String {
    shown(unpadded(&bytes[..bytes.len().min(2 * TEXT_BYTES_MAX)]))
}
