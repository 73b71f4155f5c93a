//! Names of files: where their number stands, and whether a camera gives such names.

/// Most digits of a number that counts: more are a date, a time or a digest.
const NUMBER_DIGITS_MAX: usize = 7;

/// Holds a name, taken apart around the last number in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Name {
    /// Name as it stands.
    pub whole: Box<[u8]>,
    /// What stands before the number; of a name without a number, all before its ending.
    pub before: Box<[u8]>,
    /// The number and how many digits it is written with.
    pub number: Option<(u32, u8)>,
    /// What stands behind the number, with the ending, in small letters.
    pub behind: Box<[u8]>,
}

impl Name {
    /// Takes a name apart.
    pub fn of(name: &[u8]) -> Self {
        let stem = match name.iter().rposition(|byte| *byte == b'.') {
            Some(0) | None => name.len(),
            Some(point) => point,
        };
        let end = name[..stem].iter().rposition(u8::is_ascii_digit).map(|last| last + 1);
        let found = end.map(|end| {
            let digits = name[..end].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
            (end - digits, end)
        });
        let number = found.filter(|(start, end)| end - start <= NUMBER_DIGITS_MAX).map(|(start, end)| {
            let number = name[start..end].iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
            // At most seven digits.
            (number, (end - start) as u8)
        });
        let (start, end) = match (number, found) {
            (Some(_), Some(found)) => found,
            _ => (stem, stem),
        };
        Self {
            whole: name.into(),
            before: name[..start].into(),
            number,
            behind: name[end..].to_ascii_lowercase().into(),
        }
    }

    /// Tells whether a camera or a phone gives names of this form: four letters and four digits as the standard for
    /// cameras has it (JEITA CP-3461, DCF), or a date and a time as phones write it.
    pub fn is_of_camera(&self) -> bool {
        let stem = match self.whole.iter().rposition(|byte| *byte == b'.') {
            Some(0) | None => &self.whole[..],
            Some(point) => &self.whole[..point],
        };
        is_of_standard(stem) || is_of_phone(stem)
    }
}

/// Splits a path into its folder and its name. The members of an archive have the archive for their folder.
pub(crate) fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(slash) => (&path[..slash], &path[slash + 1..]),
        None => (&[], path),
    }
}

/// Tells whether a name has four letters, digits or underscores, not all of them digits, and four digits that are not 0.
fn is_of_standard(stem: &[u8]) -> bool {
    let Some((head, digits)) = stem.split_first_chunk::<4>() else { return false };
    let free = head.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_');
    let named = head.iter().any(u8::is_ascii_uppercase);
    free && named && digits.len() == 4 && digits.iter().all(u8::is_ascii_digit) && digits != b"0000"
}

/// Tells whether a name is a date and a time, behind the letters that some phones put before them.
fn is_of_phone(stem: &[u8]) -> bool {
    const BEFORE: &[&[u8]] = &[b"IMG_", b"IMG", b"PXL_", b"DSC_", b"PANO_", b"MVIMG_", b"BURST", b"P_", b""];
    BEFORE.iter().any(|before| stem.strip_prefix(*before).is_some_and(is_date_and_time))
}

/// Tells whether a text begins with `YYYYMMDD_HHMMSS`, with at most milliseconds and a number behind it.
fn is_date_and_time(text: &[u8]) -> bool {
    let Some((head, tail)) = text.split_first_chunk::<15>() else { return false };
    let number = |range: std::ops::Range<usize>| {
        let digits = &head[range];
        let all = digits.iter().all(u8::is_ascii_digit);
        all.then(|| digits.iter().fold(0_u32, |number, digit| number * 10 + u32::from(digit - b'0')))
    };
    let within = |range, least, most| number(range).is_some_and(|number| (least..=most).contains(&number));
    let is_time = within(0..4, 1990, 2099)
        && within(4..6, 1, 12)
        && within(6..8, 1, 31)
        && head[8] == b'_'
        && within(9..11, 0, 23)
        && within(11..13, 0, 59)
        && within(13..15, 0, 59);
    // Behind it: milliseconds, or the number of a picture within one second; never words, which an editor adds.
    is_time && tail.len() <= 8 && tail.iter().all(|byte| byte.is_ascii_digit() || *byte == b'_')
}
