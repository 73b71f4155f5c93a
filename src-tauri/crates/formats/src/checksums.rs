//! Reads lists of checksums: what md5sum, sha1sum and sha256sum write, the BSD form of `--tag` and of openssl, and bare
//! hex digests, one a line.
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
use crate::row::RowDigests;
use crate::{Fault, ListHead, ReadOptions, Sink};

/// How many lines are looked at to recognise a list.
const LINES_LOOKED_AT: usize = 16;

/// Tells whether the first lines are digests with names, tagged digests, or bare digests.
pub(crate) fn recognises(first_bytes: &[u8]) -> bool {
    let mut lines = first_lines(first_bytes).peekable();
    lines.next_if(|first| is_head(first));
    let rows: Vec<_> = lines
        .filter(|line| !line.trim_ascii().is_empty() && !is_remark(line))
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
    let mut lines = Lines::new(input);
    let mut seen: Vec<Form> = Vec::new();
    while let Some(line) = lines.next()? {
        if line.is_blank() || is_remark(line.text) || (line.offset == 0 && is_head(line.text)) {
            continue;
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
        Kind::Other => {
            digests.refuse(EntryRefusal::Other("digest of a kind that is not looked up".to_owned()));
        }
    }
    digests.entry(id, None)
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
    Named,
    Tagged,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Known(DigestKind),
    /// SHA-224, SHA-384, SHA-512, BLAKE2 and the like.
    Other,
    /// The number of digits is not what the tag says.
    Wrong,
}

#[derive(Debug)]
struct Row<'l> {
    form: Form,
    kind: Kind,
    hex: &'l [u8],
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
    let line = line.strip_prefix(b"\\").unwrap_or(line);
    let digits = line.iter().position(|byte| !IS_HEX[usize::from(*byte)]).unwrap_or(line.len());
    let (hex, rest) = line.split_at(digits);
    if let Some(kind) = kind_of_length(digits) {
        let layout = match rest {
            _ if rest.trim_ascii().is_empty() => Layout::Bare,
            [b' ' | b'\t', ..] => Layout::Named,
            _ => return None,
        };
        return Some(Row { form: Form { layout, digits }, kind, hex });
    }
    tagged(line)
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
    let kind = match (tag.as_str(), hex.len()) {
        ("md5", 32) => Kind::Known(DigestKind::Md5),
        ("sha1", 40) => Kind::Known(DigestKind::Sha1),
        ("sha256" | "sha2256", 64) => Kind::Known(DigestKind::Sha256),
        ("md5" | "sha1" | "sha256" | "sha2256", _) => Kind::Wrong,
        (tag, _) if OTHER_TAGS.iter().any(|other| tag.starts_with(other)) => Kind::Other,
        _ => return None,
    };
    Some(Row { form: Form { layout: Layout::Tagged, digits: hex.len() }, kind, hex })
}

/// Beginnings of the tags of digests that are not looked up.
const OTHER_TAGS: [&str; 9] = ["sha2", "sha3", "sha5", "blake", "rmd", "ripemd", "sm3", "md4", "whirlpool"];

fn kind_of_length(digits: usize) -> Option<Kind> {
    match digits {
        32 => Some(Kind::Known(DigestKind::Md5)),
        40 => Some(Kind::Known(DigestKind::Sha1)),
        64 => Some(Kind::Known(DigestKind::Sha256)),
        56 | 96 | 128 => Some(Kind::Other),
        _ => None,
    }
}

fn is_remark(line: &[u8]) -> bool {
    matches!(line.first(), Some(b'#' | b';'))
}

/// Tells whether the first line names the column of a bare list.
fn is_head(line: &[u8]) -> bool {
    const NAMES: [&str; 7] = ["md5", "sha1", "sha256", "hash", "hashvalue", "md5hash", "digest"];
    line.len() <= 32 && NAMES.contains(&plain_name(line).as_str())
}

#[cfg(test)]
mod tests;
