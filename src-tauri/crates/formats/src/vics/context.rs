//! Reads the context of a VICS file: version, profile and kind stand in it, by pattern and never by equality, because
//! the address around them differs from version to version.

/// Tells what a VICS file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Records of media: a hash set.
    Media,
    /// Cases with their media.
    Cases,
}

/// Holds what a context says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Context {
    /// Version, e.g. `2.0`.
    pub(crate) version: String,
    /// Segment that names the profile, as the file has it (2.0 only).
    pub(crate) profile: Option<String>,
    /// What the file holds.
    pub(crate) holds: Holds,
}

impl Context {
    /// Finds `DataModels/(\d\.\d)\.xml(?:/([^/]+)/\$metadata)?#(Media|Cases)` in the text.
    pub(crate) fn find(text: &str) -> Option<Self> {
        const START: &str = "DataModels/";
        text.match_indices(START).find_map(|(at, _)| Self::at(&text[at + START.len()..]))
    }

    fn at(text: &str) -> Option<Self> {
        let (version, rest) = text.split_at_checked(3)?;
        let [major, b'.', minor] = version.as_bytes() else { return None };
        if !(major.is_ascii_digit() && minor.is_ascii_digit()) {
            return None;
        }
        let rest = rest.strip_prefix(".xml")?;
        let (profile, rest) = match rest.strip_prefix('/') {
            Some(rest) => {
                let (profile, rest) = rest.split_once('/')?;
                (Some(profile).filter(|profile| !profile.is_empty())?, rest.strip_prefix("$metadata")?)
            }
            None => ("", rest),
        };
        let holds = match rest.strip_prefix('#')? {
            kind if kind.starts_with("Media") => Holds::Media,
            kind if kind.starts_with("Cases") => Holds::Cases,
            _ => return None,
        };
        let profile = Some(profile).filter(|profile| !profile.is_empty()).map(str::to_owned);
        Some(Self { version: version.to_owned(), profile, holds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, want: Option<(&str, Option<&str>, Holds)>) {
        let got = Context::find(text);
        let want = want.map(|(version, profile, holds)| Context {
            version: version.to_owned(),
            profile: profile.map(str::to_owned),
            holds,
        });
        assert_eq!(got, want, "{text}");
    }

    #[test]
    fn version_profile_and_kind_are_found_by_pattern() {
        let icmec = "http://github.com/ICMEC/ProjectVic/DataModels/";
        check(&format!("{icmec}1.2.xml#Media"), Some(("1.2", None, Holds::Media)));
        check(&format!("{icmec}1.3.xml#Cases"), Some(("1.3", None, Holds::Cases)));
        let vics = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml";
        for profile in ["Default", "US", "UK", "CUSTOM", "Nl-2"] {
            check(&format!("{vics}/{profile}/$metadata#Media"), Some(("2.0", Some(profile), Holds::Media)));
            check(&format!("{vics}/{profile}/$metadata#Cases"), Some(("2.0", Some(profile), Holds::Cases)));
        }
        check("https://elsewhere.example/DataModels/x/DataModels/3.1.xml#Media", Some(("3.1", None, Holds::Media)));
        check(&format!("{vics}/US/$metadata#Media/$entity"), Some(("2.0", Some("US"), Holds::Media)));
    }

    #[test]
    fn what_does_not_fit_the_pattern_is_no_context() {
        for text in [
            "",
            "DataModels/",
            "DataModels/2.0",
            "DataModels/20.xml#Media",
            "DataModels/2.0.xml#Tags",
            "DataModels/2.0.xml//$metadata#Media",
            "DataModels/2.0.xml/US/UK/$metadata#Media",
            "DataModels/2.0.xml/US#Media",
            "DataModels/é.0.xml#Media",
        ] {
            check(text, None);
        }
    }
}
