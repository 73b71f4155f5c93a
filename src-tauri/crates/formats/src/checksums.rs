//! Reads lists of checksums: what md5sum, sha1sum and sha256sum write (also with `-z`), the BSD form of `--tag` and of
//! openssl, md5deep's forms with a size or a comma, the table of PowerShell's Get-FileHash, the index files of The Sleuth
//! Kit, and bare hex digests, one a line.
//!
//! The kind of a digest follows from its length, or from the tag. A name that coreutils had to escape puts a backslash
//! before the digest; names are skipped in every form. Lines that start with `#` or `;` are remarks.
//!
//! A list of SHA-256 that was cut inside its last digest can end in just as many digits as an MD5 or SHA-1 has. So a last
//! line without a line end is believed only if an earlier line had the same form, or if it is the only one.

use std::io::BufRead;
use std::ops::ControlFlow;

use domain::{DigestKind, Entry, EntryId, EntryRefusal};

use crate::delimited::plain_name;
use crate::lines::{Line, Lines, first_lines};
use crate::row::{self, RowDigests};
use crate::{Fault, ListHead, ReadOptions, Sink};

/// How many lines are looked at to recognise a list.
const LINES_LOOKED_AT: usize = 16;

/// Longest decimal number before a digest that is taken for a size.
const SIZE_DIGITS_MAX: usize = 20;

/// Tells whether the first lines are digests with names, tagged digests, or bare digests.
pub(crate) fn recognises(first_bytes: &[u8]) -> bool {
    // What `-z` ended in a zero byte has rows up to it; the line feeds in it are parts of names.
    let zero = first_bytes.iter().position(|byte| matches!(byte, b'\n' | 0)).filter(|place| first_bytes[*place] == 0);
    let zero_ended = zero.map(|_| first_bytes.split(|byte| *byte == 0));
    let line_ended = zero.is_none().then(|| first_lines(first_bytes));
    let rows: Vec<_> = zero_ended
        .into_iter()
        .flatten()
        .chain(line_ended.into_iter().flatten())
        .filter(|line| !line.trim_ascii().is_empty() && !is_remark(line))
        .skip_while(|line| is_head(line))
        .map(parse)
        .take(LINES_LOOKED_AT)
        .collect();
    let good = rows.iter().filter(|row| row.is_some()).count();
    rows.first().is_some_and(Option::is_some) && good * 2 >= rows.len()
}

/// Reads a list to its end or until the sink has enough.
pub(crate) fn read_checksums(
    input: &mut dyn BufRead,
    _head: &mut ListHead,
    _options: &ReadOptions,
    sink: &mut Sink<'_>,
) -> Result<(), Fault> {
    let mut lines = Lines::of_either_end(input);
    let mut seen: Vec<Form> = Vec::new();
    while let Some(line) = lines.next()? {
        if line.is_blank() || is_remark(line.text) || (seen.is_empty() && is_head(line.text)) {
            continue;
        }
        if line.text.contains(&0) {
            let hint = "Make it again, and let every line end alike";
            return Err(Fault::invalid(line.offset, "a line of the list has a zero byte in it", hint));
        }
        let parsed = parse(line.text);
        check_end(&line, parsed.as_ref(), &seen)?;
        if let Some(row) = &parsed
            && !seen.contains(&row.form)
        {
            seen.push(row.form);
        }
        if sink.row(entry(parsed, sink.next_id())) == ControlFlow::Break(()) {
            break;
        }
    }
    Ok(())
}

/// Refuses a last line that was cut.
fn check_end(line: &Line<'_>, row: Option<&Row<'_>>, seen: &[Form]) -> Result<(), Fault> {
    match row {
        _ if line.ended => Ok(()),
        None => Err(line.cut("it is no digest of a known length")),
        Some(row) if row.kind == Kind::Wrong => Err(line.cut("its digest is shorter or longer than its tag says")),
        Some(row) if seen.is_empty() || seen.contains(&row.form) => Ok(()),
        Some(_) => Err(line.cut("no line before it has its form")),
    }
}

fn entry(row: Option<Row<'_>>, id: EntryId) -> Result<Entry, EntryRefusal> {
    let row = row.ok_or(EntryRefusal::BadDigest)?;
    let mut digests = RowDigests::default();
    match row.kind {
        Kind::Known(kind) => digests.hex(kind, row.hex),
        Kind::Wrong => digests.refuse(EntryRefusal::BadDigest),
        Kind::Other => digests.refuse(EntryRefusal::OtherDigest),
        Kind::Several => digests.refuse(EntryRefusal::SeveralDigests),
    }
    digests.entry(id, row::size(row.size)?)
}

/// What a line looks like: its layout and the number of its hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Form {
    layout: Layout,
    digits: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    Bare,
    /// Digest, blanks, name.
    Named,
    /// Digest, then a comma, semicolon or bar.
    Delimited,
    /// Size, blanks, digest, name: md5deep with `-z`.
    Sized,
    /// `SHA256 (name) = digest`.
    Tagged,
    /// `SHA256  digest  name`: PowerShell's Get-FileHash.
    Listed,
}

/// What a digest is, by its tag or its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One that is looked up.
    Known(DigestKind),
    /// SHA-224, SHA-384, SHA-512, BLAKE2 and the like.
    Other,
    /// The number of digits is not what the tag says.
    Wrong,
    /// More cells of the row are digests, and nothing says of what.
    Several,
}

#[derive(Debug)]
struct Row<'l> {
    form: Form,
    kind: Kind,
    hex: &'l [u8],
    size: &'l [u8],
}

/// Tells of each byte whether it is a hex digit, without a branch that no processor can foresee.
const IS_HEX: [bool; 256] = {
    let mut is_hex = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        is_hex[byte] = (byte as u8).is_ascii_hexdigit();
        byte += 1;
    }
    is_hex
};

/// Takes a line apart, or gives nothing when it is no row of such a list.
fn parse(line: &[u8]) -> Option<Row<'_>> {
    let line = line.strip_prefix(b"\\").unwrap_or(line).trim_ascii_start();
    let quoted = line.strip_prefix(b"\"");
    let text = quoted.unwrap_or(line);
    let digits = text.iter().position(|byte| !IS_HEX[usize::from(*byte)]).unwrap_or(text.len());
    let (hex, rest) = text.split_at(digits);
    let Some(kind) = kind_of_length(digits) else {
        return tagged(line).or_else(|| sized(line)).or_else(|| listed(line));
    };
    let rest = if quoted.is_some() { rest.strip_prefix(b"\"")? } else { rest };
    let (layout, kind) = match rest {
        _ if rest.trim_ascii().is_empty() => (Layout::Bare, kind),
        [b' ' | b'\t', ..] if quoted.is_none() => (Layout::Named, kind),
        [delimiter @ (b',' | b';' | b'|'), rest @ ..] => {
            let several = rest.split(|byte| byte == delimiter).any(is_digest);
            (Layout::Delimited, if several { Kind::Several } else { kind })
        }
        _ => return None,
    };
    Some(Row { form: Form { layout, digits }, kind, hex, size: b"" })
}

/// Tells whether a cell is a digest, in quotes or not.
fn is_digest(cell: &[u8]) -> bool {
    let cell = cell.trim_ascii();
    let cell = cell.strip_prefix(b"\"").and_then(|cell| cell.strip_suffix(b"\"")).unwrap_or(cell);
    kind_of_length(cell.len()).is_some() && cell.iter().all(|byte| IS_HEX[usize::from(*byte)])
}

/// Takes `77  digest  name` apart.
fn sized(line: &[u8]) -> Option<Row<'_>> {
    let (size, rest) = first_word(line)?;
    let (hex, _) = first_word(rest)?;
    if size.len() > SIZE_DIGITS_MAX || !size.iter().all(u8::is_ascii_digit) || !is_digest(hex) {
        return None;
    }
    let form = Form { layout: Layout::Sized, digits: hex.len() };
    Some(Row { form, kind: kind_of_length(hex.len())?, hex, size })
}

/// Takes `SHA256  digest  name` apart.
fn listed(line: &[u8]) -> Option<Row<'_>> {
    let (tag, rest) = first_word(line)?;
    let (hex, _) = first_word(rest)?;
    if !hex.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let kind = kind_of_tag(&plain_name(tag), hex.len())?;
    Some(Row { form: Form { layout: Layout::Listed, digits: hex.len() }, kind, hex, size: b"" })
}

/// Splits off what stands before the first blank.
fn first_word(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
    let (word, rest) = line.split_at(end);
    (!word.is_empty()).then(|| (word, rest.trim_ascii_start()))
}

/// Takes `SHA256 (name) = hex` apart, or `SHA256(name)= hex` as openssl writes it.
fn tagged(line: &[u8]) -> Option<Row<'_>> {
    let open = line.iter().position(|byte| *byte == b'(')?;
    let equals = line.iter().rposition(|byte| *byte == b'=')?;
    let name = line.get(open + 1..equals)?.trim_ascii_end();
    name.strip_suffix(b")")?;
    let tag = plain_name(line[..open].trim_ascii());
    let hex = line[equals + 1..].trim_ascii();
    if !hex.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let kind = kind_of_tag(&tag, hex.len())?;
    Some(Row { form: Form { layout: Layout::Tagged, digits: hex.len() }, kind, hex, size: b"" })
}

/// Tells what digest a tag names, if it names one. `tag` is a plain name.
pub(crate) fn kind_of_tag(tag: &str, digits: usize) -> Option<Kind> {
    Some(match (tag, digits) {
        ("md5", 32) => Kind::Known(DigestKind::Md5),
        ("sha1", 40) => Kind::Known(DigestKind::Sha1),
        ("sha256" | "sha2256", 64) => Kind::Known(DigestKind::Sha256),
        ("md5" | "sha1" | "sha256" | "sha2256", _) => Kind::Wrong,
        (tag, _) if OTHER_TAGS.iter().any(|other| tag.starts_with(other)) => Kind::Other,
        _ => return None,
    })
}

/// Beginnings of the tags of digests that are not looked up.
const OTHER_TAGS: [&str; 9] = ["sha2", "sha3", "sha5", "blake", "rmd", "ripemd", "sm3", "md4", "whirlpool"];

/// Tells what digest has so many hex digits, if one has.
pub(crate) fn kind_of_length(digits: usize) -> Option<Kind> {
    match digits {
        32 => Some(Kind::Known(DigestKind::Md5)),
        40 => Some(Kind::Known(DigestKind::Sha1)),
        64 => Some(Kind::Known(DigestKind::Sha256)),
        56 | 96 | 128 => Some(Kind::Other),
        _ => None,
    }
}

/// Tells whether a line is a remark, or the head of an index of The Sleuth Kit (`tsk/hashdb`: 41 digits that are no digest).
fn is_remark(line: &[u8]) -> bool {
    const INDEX_HEADS: [&[u8]; 2] =
        [b"00000000000000000000000000000000000000000|", b"00000000000000000000000000000000000000001|"];
    matches!(line.first(), Some(b'#' | b';')) || INDEX_HEADS.iter().any(|head| line.starts_with(head))
}

/// Tells whether a line before the first row names the column of a bare list, or belongs to the head of a table.
fn is_head(line: &[u8]) -> bool {
    const NAMES: [&str; 11] = [
        "md5",
        "sha1",
        "sha256",
        "sha2256",
        "hash",
        "hashvalue",
        "md5hash",
        "sha1hash",
        "sha256hash",
        "digest",
        "checksum",
    ];
    let rule = line.iter().all(|byte| matches!(byte, b'-' | b' '));
    let name = if line.len() <= HEAD_BYTES_MAX { plain_name(line) } else { String::new() };
    rule || name == "algorithmhashpath" || NAMES.contains(&name.as_str())
}

/// Longest line that names columns here; PowerShell fills it with blanks.
const HEAD_BYTES_MAX: usize = 512;

#[cfg(test)]
mod tests;
