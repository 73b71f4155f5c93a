//! Turns text in UTF-16 into UTF-8, as a stream. A byte-order mark becomes that of UTF-8, so that readers see one kind of
//! mark only; text without a mark is known by the zeros beside its letters.

use std::io::{self, Read};

/// Tells which byte of a pair comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ByteOrder {
    /// `FF FE`.
    LowFirst,
    /// `FE FF`.
    HighFirst,
}

/// Finds a mark of UTF-16, or what can be nothing else.
pub(super) fn byte_order(first: &[u8]) -> Option<ByteOrder> {
    match first {
        // UTF-32 starts alike; nobody writes lists in it.
        [0xFF, 0xFE, 0, 0, ..] => None,
        [0xFF, 0xFE, ..] => Some(ByteOrder::LowFirst),
        [0xFE, 0xFF, ..] => Some(ByteOrder::HighFirst),
        _ => unmarked_order(first),
    }
}

/// How many characters of text without a mark are looked at.
const UNMARKED_CHARS: usize = 16;

/// Finds UTF-16 without a mark: every list starts with plain letters, so each pair has a zero on the same side.
fn unmarked_order(first: &[u8]) -> Option<ByteOrder> {
    let (pairs, _) = first.as_chunks::<2>();
    let pairs = pairs.get(..UNMARKED_CHARS)?;
    let is_plain = |byte: u8| matches!(byte, b'\t' | b'\r' | b'\n' | b' '..=b'~');
    if pairs.iter().all(|[low, high]| is_plain(*low) && *high == 0) {
        return Some(ByteOrder::LowFirst);
    }
    pairs.iter().all(|[high, low]| is_plain(*low) && *high == 0).then_some(ByteOrder::HighFirst)
}

const CHUNK_BYTES: usize = 32 << 10;

/// Reads UTF-8 out of UTF-16. Half a character, in the middle or at the end, is an error.
pub(super) struct Utf8<R> {
    inner: R,
    order: ByteOrder,
    raw: Vec<u8>,
    text: Vec<u8>,
    given: usize,
    high: Option<u16>,
}

impl<R: Read> Utf8<R> {
    pub(super) fn new(inner: R, order: ByteOrder) -> Self {
        Self { inner, order, raw: Vec::with_capacity(CHUNK_BYTES), text: Vec::new(), given: 0, high: None }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.raw.clear();
        self.text.clear();
        self.given = 0;
        (&mut self.inner).take(CHUNK_BYTES as u64).read_to_end(&mut self.raw)?;
        if self.raw.len() % 2 == 1 || (self.raw.is_empty() && self.high.is_some()) {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the text ends in half a UTF-16 character"));
        }
        for pair in self.raw.chunks_exact(2) {
            let bytes = [pair[0], pair[1]];
            let unit = match self.order {
                ByteOrder::LowFirst => u16::from_le_bytes(bytes),
                ByteOrder::HighFirst => u16::from_be_bytes(bytes),
            };
            let c = match self.high.take() {
                Some(high) => char::decode_utf16([high, unit]).next(),
                None if (0xD800..0xDC00).contains(&unit) => {
                    self.high = Some(unit);
                    continue;
                }
                None => char::decode_utf16([unit]).next(),
            };
            let c = c.and_then(Result::ok);
            let c = c.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "half a UTF-16 character"))?;
            self.text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
        Ok(())
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.text.len() {
            self.refill()?;
            // One more chunk when the first held nothing but half a character.
            if self.text.is_empty() && self.high.is_some() {
                self.refill()?;
            }
        }
        let got = (&self.text[self.given..]).read(buffer)?;
        self.given += got;
        Ok(got)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) {
        for order in [ByteOrder::LowFirst, ByteOrder::HighFirst] {
            let bytes: Vec<u8> = text
                .encode_utf16()
                .flat_map(|unit| if order == ByteOrder::LowFirst { unit.to_le_bytes() } else { unit.to_be_bytes() })
                .collect();
            assert_eq!(byte_order(&bytes), Some(order));
            let mut out = String::new();
            Utf8::new(bytes.as_slice(), order).read_to_string(&mut out).unwrap();
            assert!(out == text, "{} bytes", bytes.len());
            for cut in [bytes.len() - 1, bytes.len() - 2] {
                let got = Utf8::new(&bytes[..cut], order).read_to_end(&mut Vec::new());
                assert_eq!(got.is_err(), cut % 2 == 1 || text.ends_with('😀'), "{cut}");
            }
        }
    }

    #[test]
    fn both_orders_and_pairs_across_chunks() {
        check("\u{feff}{\"é\": \"😀\"}");
        check("\u{feff}😀");
        check(&format!("\u{feff}{}😀{}", "a".repeat(CHUNK_BYTES / 2 - 2), "b".repeat(100)));
    }

    #[test]
    fn a_lone_half_is_an_error() {
        let lone = [0xFF, 0xFE, 0x00, 0xDC, b'a', 0];
        assert!(Utf8::new(&lone[..], ByteOrder::LowFirst).read_to_end(&mut Vec::new()).is_err());
        let twice = [0xFF, 0xFE, 0x00, 0xD8, 0x00, 0xD8];
        assert!(Utf8::new(&twice[..], ByteOrder::LowFirst).read_to_end(&mut Vec::new()).is_err());
    }
}
