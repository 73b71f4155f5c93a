//! Reads wall clocks and offsets as metadata write them, without a calendar of its own and without a zone of its own.

/// Says what a field of time holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stated {
    /// A time, as `YYYY-MM-DDTHH:MM:SS`.
    At(String),
    /// Nothing: blanks or zeros, as a camera writes whose clock was never set.
    Unset,
    /// Something that is no time.
    Nonsense,
}

/// Reads `YYYY:MM:DD HH:MM:SS` (EXIF), also with dashes or a `T`, as some writers have it.
pub(super) fn exif(text: &[u8]) -> Stated {
    if text.iter().all(|byte| matches!(byte, b'0' | b' ' | b':' | b'-' | b'T' | b'/')) {
        return Stated::Unset;
    }
    match text.split_first_chunk::<19>() {
        Some((text, [])) => wall_clock(text).map_or(Stated::Nonsense, Stated::At),
        _ => Stated::Nonsense,
    }
}

/// Reads a time of XMP (ISO 8601 with seconds); gives the wall clock with its fraction, and the offset where it is stated.
pub(super) fn xmp(text: &str) -> Option<(String, Option<String>)> {
    let (clock, mut rest) = text.trim().as_bytes().split_first_chunk::<19>()?;
    let mut local = wall_clock(clock)?;
    if let Some(after) = rest.strip_prefix(b".") {
        let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
        local = format!("{local}.{}", fraction(&after[..digits])?);
        rest = &after[digits..];
    }
    let offset = if rest.is_empty() { None } else { Some(offset(rest)?) };
    Some((local, offset))
}

/// Reads the digits behind the seconds, at most nine.
pub(super) fn fraction(text: &[u8]) -> Option<&str> {
    let sound = (1..=9).contains(&text.len()) && text.iter().all(u8::is_ascii_digit);
    str::from_utf8(text).ok().filter(|_| sound)
}

/// Reads `+HH:MM`, `-HH:MM` or `Z`; no place on earth is further than 14 hours from UTC.
pub(super) fn offset(text: &[u8]) -> Option<String> {
    if text == b"Z" {
        return Some("+00:00".into());
    }
    let [sign @ (b'+' | b'-'), hours @ .., b':', m1, m2] = text else { return None };
    let (hours, minutes) = (number(hours).filter(|_| hours.len() == 2)?, number(&[*m1, *m2])?);
    let sound = minutes < 60 && hours * 60 + minutes <= 14 * 60;
    sound.then(|| format!("{}{hours:02}:{minutes:02}", char::from(*sign)))
}

fn wall_clock(text: &[u8; 19]) -> Option<String> {
    let [y1, y2, y3, y4, s1, mo1, mo2, s2, d1, d2, between, h1, h2, b':', m1, m2, b':', se1, se2] = *text else {
        return None;
    };
    let (year, month, day) = (number(&[y1, y2, y3, y4])?, number(&[mo1, mo2])?, number(&[d1, d2])?);
    let (hour, minute, second) = (number(&[h1, h2])?, number(&[m1, m2])?, number(&[se1, se2])?);
    let separated = matches!(s1, b':' | b'-' | b'/') && s1 == s2 && matches!(between, b' ' | b'T');
    let sound = separated
        && year > 0
        && (1..=12).contains(&month)
        && (1..=days(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    sound.then(|| format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"))
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    let push = |number: u32, digit: &u8| digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0'));
    if digits.len() > 9 { None } else { digits.iter().try_fold(0, push) }
}
