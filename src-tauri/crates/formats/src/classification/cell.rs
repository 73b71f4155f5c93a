//! Cells of a CSV that no program takes for a formula.
//!
//! A spreadsheet runs what begins with `=`, `+`, `-` or `@`, and forms of them in other scripts. It may also split a line
//! where its own language does: at semicolons or tabs, whatever the quotation marks say. So an apostrophe is set before
//! such a sign at the start of a cell, and behind every sign that could split. It can be taken out again without a doubt.
//! Method: OWASP, "CSV Injection", and RFC 4180 for the quotation marks.

/// Signs that begin a formula, and the apostrophe itself.
fn begins_formula(c: char) -> bool {
    matches!(
        c,
        '=' | '+' | '-' | '@' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}' | '\u{2212}' | '|' | '%' | '\''
    )
}

/// Signs at which a program may begin a new cell.
fn splits(c: char) -> bool {
    matches!(c, ',' | ';' | '"')
}

/// Gives text as a cell that is inert: controls, directions and line ends are escaped as everywhere, a formula begins
/// nowhere. [`plain`] gives the text again.
pub fn inert(text: &str) -> String {
    let text = domain::escaped(text.as_bytes());
    let mut out = String::with_capacity(text.len());
    let mut at_start = true;
    for c in text.chars() {
        if at_start && begins_formula(c) {
            out.push('\'');
        }
        at_start = splits(c) || (at_start && c.is_whitespace());
        out.push(c);
    }
    out
}

/// Gives the text of a cell that [`inert`] made.
pub fn plain(cell: &str) -> String {
    let mut out = String::with_capacity(cell.len());
    let mut at_start = true;
    let mut rest = cell.chars().peekable();
    while let Some(c) = rest.next() {
        if at_start
            && c == '\''
            && let Some(next) = rest.next_if(|next| begins_formula(*next))
        {
            out.push(next);
            at_start = false;
            continue;
        }
        at_start = splits(c) || (at_start && c.is_whitespace());
        out.push(c);
    }
    String::from_utf8_lossy(&domain::unescaped(&out)).into_owned()
}

/// Gives a cell in quotation marks where it needs them.
pub(super) fn quoted(cell: &str) -> String {
    if cell.contains([',', ';', '"', '\'', '\r', '\n']) || cell != cell.trim() {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}
