//! Reads the values of single fields, which writers put down as numbers, as texts, or not at all.

use domain::CategoryCode;

use super::json::Token;
use crate::row;

/// Says that a value is not what its field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// Reads the code of a category: a whole number, as number or text, or a short word. Absent, null and blank are none.
pub(crate) fn category(token: Token, text: &[u8]) -> Result<Option<CategoryCode>, Unreadable> {
    match token {
        Token::Null => Ok(None),
        Token::Number | Token::Text => row::category(text).map_err(|_| Unreadable),
        _ => Err(Unreadable),
    }
}

/// Reads a number of bytes or of files.
pub(crate) fn size(token: Token, text: &[u8]) -> Result<Option<u64>, Unreadable> {
    let text = match token {
        Token::Null => return Ok(None),
        Token::Number | Token::Text => text.trim_ascii(),
        _ => return Err(Unreadable),
    };
    if text.is_empty() {
        return Ok(None);
    }
    let text = std::str::from_utf8(text).map_err(|_| Unreadable)?;
    let size = text.parse().ok().or_else(|| row::whole_number(text).and_then(|number| u64::try_from(number).ok()));
    size.map(Some).ok_or(Unreadable)
}

/// Reads a flag: `true`, `1`, `"true"`, `"1"` and their opposites. Absent, null and blank are a third value.
pub(crate) fn flag(token: Token, text: &[u8]) -> Result<Option<bool>, Unreadable> {
    match token {
        Token::Null => Ok(None),
        Token::True => Ok(Some(true)),
        Token::False => Ok(Some(false)),
        Token::Number | Token::Text => match text.trim_ascii() {
            b"" => Ok(None),
            b"0" => Ok(Some(false)),
            b"1" => Ok(Some(true)),
            word if word.eq_ignore_ascii_case(b"true") => Ok(Some(true)),
            word if word.eq_ignore_ascii_case(b"false") => Ok(Some(false)),
            _ => Err(Unreadable),
        },
        Token::Object | Token::Array => Err(Unreadable),
    }
}
