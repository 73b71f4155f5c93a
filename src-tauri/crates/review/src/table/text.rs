//! The small language of those who type: words, `word:value`, sizes, and a `-` that turns each round.
//!
//! `beach camera:canon -type:png size>2m year:2019-2021 "two words"`: parts are separated by spaces, all of them are to be
//! met, a part in quotation marks is one part and stands for itself. Upper and lower case are the same.

use super::names::folded;

/// Most characters of a text that are read.
pub const TEXT_CHARS_MAX: usize = 1_000;
/// Most parts of a text: each costs a pass over all items.
pub const TEXT_PARTS_MAX: usize = 32;

/// Bytes of a kilobyte, megabyte and gigabyte in sizes that a person types.
const UNITS: [(char, f64); 3] = [('k', 1e3), ('m', 1e6), ('g', 1e9)];

/// Holds what a text asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// What is to be met.
    pub(super) conditions: Vec<Condition>,
    /// The first part that could not be understood. It is left out.
    pub problem: Option<String>,
}

/// Holds one part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Condition {
    /// Whether it is to be met, or not to be.
    pub wanted: bool,
    pub what: What,
}

/// What a part asks about an item. Texts are folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// In path, camera or note.
    Word(String),
    /// Label, number or a part of the place of a source.
    Source(String),
    /// A part of the media type, or a class.
    Type(String),
    /// A part of the camera's name.
    Camera(String),
    /// From and to, both included; `None` for no date.
    Year(Option<(i32, i32)>),
    /// A category that a person gave, or `none`.
    Category(String),
    /// A part of the name of the set that the reason rests on.
    Set(String),
    /// First digits of a SHA-256, in lower case.
    Sha256(String),
    /// Numbers of items, from and to, both included.
    Item(u32, u32),
    /// Bytes, at least and at most.
    Size(u64, u64),
}

impl Text {
    /// Reads a text. It never fails: what is not understood is told.
    pub fn parse(text: &str) -> Self {
        let mut read = Self::default();
        if text.chars().count() > TEXT_CHARS_MAX {
            read.problem = Some(text.chars().take(40).chain(['…']).collect());
            return read;
        }
        for part in parts(text) {
            match condition(&part) {
                Some(condition) if read.conditions.len() < TEXT_PARTS_MAX => read.conditions.push(condition),
                _ => read.problem = read.problem.or(Some(part.text)),
            }
        }
        read
    }
}

/// A part of a text as it was typed.
struct Part {
    text: String,
    /// Where the first quotation mark stood: what is behind it stands for itself.
    quoted_at: Option<usize>,
}

fn parts(text: &str) -> Vec<Part> {
    let mut all = Vec::new();
    let mut part: Option<Part> = None;
    let mut quoted = false;
    for c in text.chars() {
        if c == '"' {
            quoted = !quoted;
            let part = part.get_or_insert(Part { text: String::new(), quoted_at: None });
            part.quoted_at = part.quoted_at.or(Some(part.text.len()));
        } else if c.is_whitespace() && !quoted {
            all.extend(part.take());
        } else {
            part.get_or_insert(Part { text: String::new(), quoted_at: None }).text.push(c);
        }
    }
    all.extend(part);
    all.retain(|part| !part.text.is_empty());
    all
}

fn condition(part: &Part) -> Option<Condition> {
    let unquoted = part.quoted_at.unwrap_or(part.text.len());
    let wanted = !(part.text.starts_with('-') && unquoted > 0 && part.text.len() > 1);
    let skipped = usize::from(!wanted);
    let text = folded(&part.text[skipped..]);
    let unquoted = unquoted - skipped;
    let sign = text.find([':', '<', '>']).filter(|place| *place > 0 && *place < unquoted);
    let sign = sign.filter(|place| text[..*place].bytes().all(|c| c.is_ascii_alphanumeric()));
    let what = match sign.map(|place| (&text[..place], &text[place..place + 1], &text[place + 1..])) {
        Some((word, ":", value)) => keyed(word, value)?,
        Some(("size", sign, value)) => size(sign, value)?,
        _ => What::Word(text),
    };
    Some(Condition { wanted, what })
}

fn keyed(word: &str, value: &str) -> Option<What> {
    if value.is_empty() {
        return None;
    }
    let text = value.to_owned();
    Some(match word {
        "source" => What::Source(text),
        "type" => What::Type(text),
        "camera" => What::Camera(text),
        "category" => What::Category(text),
        "set" => What::Set(text),
        "year" if value == super::query::NONE => What::Year(None),
        "year" => What::Year(Some(range(value)?)),
        "item" => {
            let (from, to) = range(value)?;
            What::Item(from, to)
        }
        "sha256" if value.len() <= 64 && value.bytes().all(|c| c.is_ascii_hexdigit()) => What::Sha256(text),
        _ => return None,
    })
}

/// Reads `7` or `7-9`.
fn range<T: std::str::FromStr + Copy>(text: &str) -> Option<(T, T)> {
    match text.split_once('-') {
        Some((from, to)) => Some((from.parse().ok()?, to.parse().ok()?)),
        None => text.parse().ok().map(|one| (one, one)),
    }
}

/// Reads the number behind `size>` or `size<`: bytes, or thousands with `k`, millions with `m`, and so on.
fn size(sign: &str, text: &str) -> Option<What> {
    let text = text.strip_suffix('b').unwrap_or(text);
    let unit = UNITS.iter().find_map(|(letter, bytes)| text.strip_suffix(*letter).map(|number| (number, *bytes)));
    let (number, unit) = unit.unwrap_or((text, 1.0));
    let plain = number.bytes().all(|c| c.is_ascii_digit() || c == b'.' || c == b',') && !number.is_empty();
    let bytes = number.replace(',', ".").parse::<f64>().ok().filter(|_| plain)? * unit;
    // Numbers that are too large become the largest one.
    let bytes = bytes as u64;
    Some(if sign == ">" { What::Size(bytes.saturating_add(1), u64::MAX) } else { What::Size(0, bytes.checked_sub(1)?) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(bool, What)]) {
        let read = Text::parse(text);
        assert_eq!(read.problem, None, "{text}");
        let found: Vec<(bool, What)> = read.conditions.into_iter().map(|one| (one.wanted, one.what)).collect();
        assert_eq!(found, expected, "{text}");
    }

    fn word(text: &str) -> What {
        What::Word(text.to_owned())
    }

    #[test]
    fn words_and_keys_are_read() {
        check("", &[]);
        check("  Strand   -ZEE ", &[(true, word("strand")), (false, word("zee"))]);
        check("-", &[(true, word("-"))]);
        check("\"two words\" -\"and more\"", &[(true, word("two words")), (false, word("and more"))]);
        check("\"type:png\" \"-a\"", &[(true, word("type:png")), (true, word("-a"))]);
        check("camera:\"EOS 5D\"", &[(true, What::Camera("eos 5d".into()))]);
        check("-type:image/png", &[(false, What::Type("image/png".into()))]);
        check("year:2019-2021 year:none", &[(true, What::Year(Some((2019, 2021)))), (true, What::Year(None))]);
        check("item:12 ITEM:3-9", &[(true, What::Item(12, 12)), (true, What::Item(3, 9))]);
        check("sha256:AB12", &[(true, What::Sha256("ab12".into()))]);
        check("dcim/img_1.jpg", &[(true, word("dcim/img_1.jpg"))]);
    }

    #[test]
    fn sizes_are_read() {
        check("size>2m", &[(true, What::Size(2_000_001, u64::MAX))]);
        check("size<50k", &[(true, What::Size(0, 49_999))]);
        check("-size>1.5MB", &[(false, What::Size(1_500_001, u64::MAX))]);
        check("size>1,5m size<7", &[(true, What::Size(1_500_001, u64::MAX)), (true, What::Size(0, 6))]);
        check("size>99999999999999999999g", &[(true, What::Size(u64::MAX, u64::MAX))]);
    }

    #[test]
    fn what_is_not_understood_is_told_and_left_out() {
        for odd in [
            "size>",
            "size>x",
            "size>-1",
            "size<0",
            "size>1e9",
            "year:",
            "year:x",
            "item:-1",
            "sha256:xyz",
            "yaer:2019",
        ] {
            let read = Text::parse(&format!("strand {odd}"));
            assert_eq!(read.problem.as_deref(), Some(odd));
            assert_eq!(read.conditions.len(), 1, "{odd}");
        }
        let many = "a ".repeat(TEXT_PARTS_MAX + 1);
        assert!(Text::parse(&many).problem.is_some());
        assert!(Text::parse(&"a".repeat(TEXT_CHARS_MAX + 1)).problem.is_some());
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_too_odd(text: String) {
            let read = Text::parse(&text);
            proptest::prop_assert!(read.conditions.len() <= TEXT_PARTS_MAX);
        }
    }
}
