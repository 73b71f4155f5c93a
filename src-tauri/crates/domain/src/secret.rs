//! Secret keys in text: no sentence and no log may repeat one, whoever put it where a name was asked for.

use std::borrow::Cow;

/// How every secret key of `age` begins; it may be written in small letters as well.
const AGE_HEADS: [&str; 2] = ["AGE-SECRET-KEY-", "AGE-PLUGIN-"];
/// How the secret keys of minisign begin in base64: with a passphrase (`Ed`, `Sc`, `B2`), and without (`Ed`, 0, 0, `B2`).
const MINISIGN_HEADS: [&str; 2] = ["RWRTY0Iy", "RWQAAEIy"];
/// What is told in their place.
const NOT_TOLD: &str = "(a secret key, not told)";

/// Tells whether a text holds a secret key of `age` or minisign, or the beginning of one.
pub fn holds_secret_key(text: &str) -> bool {
    next_key(text).is_some()
}

/// Gives the text with every secret key in it replaced.
pub fn without_secret_keys(text: &str) -> Cow<'_, str> {
    let Some(mut place) = next_key(text) else { return Cow::Borrowed(text) };
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    loop {
        out.push_str(&rest[..place.0]);
        out.push_str(NOT_TOLD);
        rest = &rest[place.1..];
        match next_key(rest) {
            Some(next) => place = next,
            None => break,
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Finds the first key: where it begins and ends, in bytes.
fn next_key(text: &str) -> Option<(usize, usize)> {
    let upper = text.to_ascii_uppercase();
    let age = AGE_HEADS.iter().filter_map(|head| upper.find(head));
    let minisign = MINISIGN_HEADS.iter().filter_map(|head| text.find(head));
    let from = age.chain(minisign).min()?;
    let is_of_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '/' | '=');
    let length = text[from..].find(|c| !is_of_key(c)).unwrap_or(text.len() - from);
    Some((from, from + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_key_stays_in_a_text() {
        let secrets = [
            "AGE-SECRET-KEY-16DN8HZXQPW".to_owned(),
            "age-secret-key-16dn8hzxqpw".to_owned(),
            format!("RWRTY0Iy{}+/==", "aB3".repeat(60)),
            format!("RWQAAEIy{}", "aB3".repeat(60)),
        ];
        for secret in secrets {
            let said = format!("`X={secret}` and {secret}: no recipient, é");
            assert!(holds_secret_key(&said));
            assert_eq!(without_secret_keys(&said), format!("`X={NOT_TOLD}` and {NOT_TOLD}: no recipient, é"));
        }
    }

    #[test]
    fn public_keys_and_other_text_stay_as_they_are() {
        for text in ["", "Bob=age1qqqqqq", "RWSabcdefghijklmnopqrstuvwxyz", "C:/AGE/SECRET"] {
            assert!(!holds_secret_key(text));
            assert!(matches!(without_secret_keys(text), Cow::Borrowed(same) if same == text));
        }
    }
}
