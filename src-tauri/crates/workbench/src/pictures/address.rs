//! The paths below `media:`. What is no path of this case's opening means nothing.

use super::Form;
use super::tiles::Key;
use evidence::veil::{Look, Strength, Theme};

/// Longest path that is looked at, bytes.
const PATH_BYTES_MAX: usize = 256;

/// Names what a path asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Address<'a> {
    /// A veiled picture.
    Veil(Key),
    /// The clear picture of a ticket.
    Clear(&'a str),
}

/// Gives the path of a ticket.
pub(super) fn of_ticket(epoch: &str, ticket: &str) -> String {
    format!("/{epoch}/clear/{ticket}")
}

/// Reads a path; none where it is of another opening, or means nothing.
pub(super) fn parse<'a>(path: &'a str, epoch: &str) -> Option<Address<'a>> {
    if path.len() > PATH_BYTES_MAX || epoch.is_empty() {
        return None;
    }
    let rest = path.trim_start_matches('/').strip_prefix(epoch)?.strip_prefix('/')?;
    let (what, which) = rest.split_once('/')?;
    let form = match what {
        "clear" => return Some(Address::Clear(which)),
        "tile" => Form::Tile,
        "loupe" => Form::Loupe,
        _ => return None,
    };
    let (number, look) = which.split_once('?')?;
    let (strength, theme) = look.split_once('-')?;
    let strength = match strength {
        "1" => Strength::Weak,
        "2" => Strength::Middle,
        "3" => Strength::Full,
        _ => return None,
    };
    let theme = match theme {
        "dark" => Theme::Dark,
        "light" => Theme::Light,
        _ => return None,
    };
    let number = number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok())??;
    Some(Address::Veil(Key { number, form, look: Look { strength, theme } }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_this_opening_are_understood() {
        let look = |strength, theme| Look { strength, theme };
        let key = |form, look| Some(Address::Veil(Key { number: 42, form, look }));
        let tile = key(Form::Tile, look(Strength::Full, Theme::Dark));
        assert_eq!(parse("/e1/tile/42?3-dark", "e1"), tile);
        assert_eq!(parse("//e1/tile/42?3-dark", "e1"), tile, "one more slash, as `convertFileSrc` makes it");
        assert_eq!(parse("/e1/loupe/42?1-light", "e1"), key(Form::Loupe, look(Strength::Weak, Theme::Light)));
        assert_eq!(parse(&of_ticket("e1", "abc"), "e1"), Some(Address::Clear("abc")));
    }

    #[test]
    fn every_other_path_means_nothing() {
        for path in [
            "",
            "/",
            "/e1",
            "/e1/",
            "/e1/tile",
            "/e1/tile/42",
            "/e1/tile/42?",
            "/e1/tile/42?3",
            "/e1/tile/42?0-dark",
            "/e1/tile/42?4-dark",
            "/e1/tile/42?3-Dark",
            "/e1/tile/42?3-dark&x",
            "/e1/tile/-1?3-dark",
            "/e1/tile/+1?3-dark",
            "/e1/tile/?3-dark",
            "/e1/tile/4294967296?3-dark",
            "/e1/thumbnail/42?3-dark",
            "/e1/tile/../clear/42?3-dark",
            "/e2/tile/42?3-dark",
            "/e11/tile/42?3-dark",
            "/E1/tile/42?3-dark",
        ] {
            assert_eq!(parse(path, "e1"), None, "{path}");
        }
        assert_eq!(parse("//tile/42?3-dark", ""), None);
        assert_eq!(parse(&format!("/e1/clear/{}", "a".repeat(1000)), "e1"), None);
    }
}
