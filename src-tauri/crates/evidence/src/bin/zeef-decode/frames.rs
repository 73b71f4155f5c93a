//! Counts the frames of an animation, or the pages of a TIFF, from the structure of the file, without decoding any.
//!
//! A damaged structure ends the count where it is damaged; the count then says what can be reached.

/// Most frames that are counted; a chain that bites its own tail ends here at the latest.
const FRAMES_MAX: u32 = 65_536;

/// Counts the images of a GIF (GIF89a, CompuServe 1990) by walking its blocks.
pub fn gif(bytes: &[u8]) -> Option<u32> {
    let mut at = 13 + color_table(*bytes.get(10)?);
    let mut count = 0;
    loop {
        match bytes.get(at) {
            Some(0x21) => at += 2,
            Some(0x2c) => {
                let Some(&packed) = bytes.get(at + 9) else { return Some(count) };
                count += 1;
                at += 11 + color_table(packed);
            }
            _ => return Some(count),
        }
        // Sub-blocks: a length and so many bytes, until the length is 0.
        loop {
            match bytes.get(at) {
                Some(0) => break,
                Some(&length) => at += 1 + usize::from(length),
                None => return Some(count),
            }
        }
        at += 1;
        if count == FRAMES_MAX {
            return Some(count);
        }
    }
}

/// Gives the bytes of a GIF's colour table.
fn color_table(packed: u8) -> usize {
    if packed & 0x80 == 0 { 0 } else { 3 << ((packed & 7) + 1) }
}

/// Gives the frames that an animated PNG declares (`acTL`); 1 for any other.
pub fn png(bytes: &[u8]) -> Option<u32> {
    let mut rest = bytes.get(8..)?;
    loop {
        let Some((head, body)) = rest.split_first_chunk::<8>() else { return Some(1) };
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        match &head[4..] {
            b"acTL" => return body.first_chunk().map(|count| u32::from_be_bytes(*count).clamp(1, FRAMES_MAX)),
            b"IDAT" | b"IEND" => return Some(1),
            _ => rest = length.checked_add(4).and_then(|skip| body.get(skip..)).unwrap_or_default(),
        }
    }
}

/// Counts the `ANMF` chunks of an animated WebP (RFC 9649); 1 for any other.
pub fn webp(bytes: &[u8]) -> Option<u32> {
    let mut rest = bytes.get(12..)?;
    let mut count = 0;
    while let Some((head, body)) = rest.split_first_chunk::<8>() {
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        count += u32::from(&head[..4] == b"ANMF");
        if count == FRAMES_MAX {
            break;
        }
        rest = length.checked_next_multiple_of(2).and_then(|skip| body.get(skip..)).unwrap_or_default();
    }
    Some(count.max(1))
}

/// Counts the pages of a TIFF (TIFF 6.0, 1992) by following the chain of its directories.
pub fn tiff(bytes: &[u8]) -> Option<u32> {
    let little = bytes.starts_with(b"II*\0");
    if !little && !bytes.starts_with(b"MM\0*") {
        return None;
    }
    let u16_at = |at: usize| {
        let raw = bytes.get(at..)?.first_chunk().copied()?;
        Some(if little { u16::from_le_bytes(raw) } else { u16::from_be_bytes(raw) })
    };
    let u32_at = |at: usize| {
        let raw = bytes.get(at..)?.first_chunk().copied()?;
        Some(if little { u32::from_le_bytes(raw) } else { u32::from_be_bytes(raw) } as usize)
    };
    let mut seen = std::collections::BTreeSet::new();
    let mut at = u32_at(4)?;
    while at != 0 && seen.len() < FRAMES_MAX as usize && seen.insert(at) {
        let Some(next) = u16_at(at).and_then(|entries| u32_at(at + 2 + usize::from(entries) * 12)) else { break };
        at = next;
    }
    u32::try_from(seen.len()).ok()
}
