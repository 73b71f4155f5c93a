//! PhotoDNA values as lists write them: 144 bytes in base64 (RFC 4648, 192 characters) or in 288 hex digits. Zeef keeps
//! them for an agency's own licensed program and never computes one.

use domain::PhotoDna;

use crate::Sink;

const BYTES: usize = 144;

/// Parses a value of either form; anything else, of whatever length, is none.
pub(crate) fn parse(text: &[u8]) -> Option<PhotoDna> {
    let text = text.trim_ascii();
    let mut value = Box::new([0; BYTES]);
    if text.len() == BYTES * 2 {
        for (byte, pair) in value.iter_mut().zip(text.chunks_exact(2)) {
            *byte = hex(pair[0])? << 4 | hex(pair[1])?;
        }
        return Some(PhotoDna(value));
    }
    if text.len() != BYTES / 3 * 4 {
        return None;
    }
    for (bytes, four) in value.chunks_exact_mut(3).zip(text.chunks_exact(4)) {
        let bits = four.iter().try_fold(0u32, |bits, digit| Some(bits << 6 | sextet(*digit)?))?;
        bytes.copy_from_slice(&bits.to_be_bytes()[1..]);
    }
    Some(PhotoDna(value))
}

/// Gives the value in base64.
pub(crate) fn base64(value: &PhotoDna) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(BYTES / 3 * 4);
    for three in value.0.chunks_exact(3) {
        let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        out.extend([18, 12, 6, 0].map(|shift| char::from(DIGITS[(bits >> shift & 63) as usize])));
    }
    out
}

/// Parses the value of a cell; one that is none is absent and remarked, and its row kept.
pub(crate) fn parse_or_remark(cell: &[u8], sink: &mut Sink<'_>) -> Option<PhotoDna> {
    let value = parse(cell);
    if value.is_none() && !cell.is_empty() {
        sink.remark("PhotoDNA value that is neither 288 hex digits nor 192 base64 characters and was left out");
    }
    value
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn sextet(digit: u8) -> Option<u32> {
    let value = match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_and_hex_give_the_same_bytes() {
        // "TWFu" is the example "Man" of RFC 4648's predecessors; 48 times makes 144 bytes.
        let by_base64 = parse("TWFu".repeat(48).as_bytes()).unwrap();
        let by_hex = parse("4d616E".repeat(48).as_bytes()).unwrap();
        assert_eq!(by_base64, by_hex);
        assert_eq!(by_base64.0[..3], *b"Man");
        assert_eq!(base64(&by_hex), "TWFu".repeat(48));
        assert_eq!(base64(&parse("+/Az".repeat(48).as_bytes()).unwrap()), "+/Az".repeat(48));
        assert_eq!(parse("+/Az".repeat(48).as_bytes()).unwrap().0[..3], [0xfb, 0xf0, 0x33]);
    }

    #[test]
    fn another_length_or_alphabet_is_no_value() {
        for text in ["", "PhotoDNA", &"TWFu".repeat(47), &"TWF=".repeat(48), &"4d616g".repeat(48), &"TWF-".repeat(48)] {
            assert!(parse(text.as_bytes()).is_none(), "{text}");
        }
    }
}
