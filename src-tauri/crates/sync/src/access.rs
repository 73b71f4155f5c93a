//! What a server may be shown: client certificate, key, token; and which authority vouches for it.
//!
//! `access.json` names files; their content is read when it is needed and never written, logged or put in an error. It is
//! bound to one origin (scheme, host, port), so that a changed address or a `--from` never carries a secret elsewhere.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use domain::PublisherId;
use domain::release::RELEASE_SCHEMA;
use reqwest::Url;
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::error::Error;
use crate::folder::{Desk, Room, read_at_most};

/// Name of the file.
pub(crate) const ACCESS_FILE: &str = "access.json";
/// Largest number of bytes of a certificate, key, token or of the file itself.
const FILE_BYTES_MAX: u64 = 256 << 10;

/// How this workstation shows a server who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// [`RELEASE_SCHEMA`].
    pub schema: u32,
    /// The only origin that is shown any of it.
    pub origin: String,
    /// Client certificate, PEM.
    pub certificate: Option<PathBuf>,
    /// Its key, PEM.
    pub key: Option<PathBuf>,
    /// Bearer token: the first line of the file.
    pub token: Option<PathBuf>,
    /// Authorities that vouch for the server besides those of the system, PEM.
    pub ca: Option<PathBuf>,
    /// True when plain http may be used to a server that is not this machine. A token never goes that way.
    pub insecure_http: bool,
}

impl Access {
    /// Reads what was granted for a publisher.
    pub(crate) fn read(desk: &Desk) -> Result<Option<Self>, Error> {
        let access: Option<Self> = desk.json(ACCESS_FILE, FILE_BYTES_MAX)?;
        match access {
            Some(access) if access.schema != RELEASE_SCHEMA => {
                Err(Error::BadFile { path: desk.path(ACCESS_FILE), problem: "its schema is not known".to_owned() })
            }
            access => Ok(access),
        }
    }

    /// Names what a server was shown by `self` and is not shown by `now` any more.
    fn gone_in(&self, now: &Self) -> Vec<&'static str> {
        let each = [
            ("certificate", &self.certificate, &now.certificate),
            ("key", &self.key, &now.key),
            ("token", &self.token, &now.token),
            ("ca", &self.ca, &now.ca),
        ];
        each.into_iter().filter(|(_, before, now)| before.is_some() && now.is_none()).map(|(name, ..)| name).collect()
    }

    fn files(&self) -> impl Iterator<Item = &PathBuf> {
        [&self.certificate, &self.key, &self.token, &self.ca].into_iter().flatten()
    }
}

/// Writes what a publisher's server may be shown, after looking at every file. `server` is where the publisher's
/// enrolment has no address, or another one than is meant. `access.origin` is set here. What was granted before is replaced
/// as a whole; gives, besides what holds now, the names of what is no longer shown.
///
/// Errors: a missing or unfit file, a secret that everybody on this machine can read, a publisher that is not enrolled.
pub fn grant(
    room: &Room,
    publisher: &PublisherId,
    mut access: Access,
    server: Option<&str>,
) -> Result<(Access, Vec<&'static str>), Error> {
    let _lock = room.lock()?;
    let desk = room.desk(publisher);
    let account = Account::read(room, publisher)?.ok_or_else(|| Error::NotEnrolled(publisher.clone()))?;
    let refuse = |problem: &str| Err(Error::BadFile { path: desk.path(ACCESS_FILE), problem: problem.to_owned() });
    let Some(address) = server.or(account.address.as_deref()) else {
        return refuse("the enrolment has no address: say with `--server` which server is meant");
    };
    access.schema = RELEASE_SCHEMA;
    access.origin = origin(&address_of(address)?);
    if access.certificate.is_some() != access.key.is_some() {
        return refuse("a certificate needs its key, and a key its certificate");
    }
    for file in [&mut access.certificate, &mut access.key, &mut access.token, &mut access.ca].into_iter().flatten() {
        *file = std::path::absolute(&*file).map_err(|error| Error::storage(file, error))?;
    }
    for file in access.files() {
        read(file)?;
    }
    for file in [&access.key, &access.token].into_iter().flatten() {
        secret(file)?;
    }
    // One that cannot be read is replaced: nothing of it was shown.
    let before = Access::read(&desk).ok().flatten();
    let gone = before.map_or(Vec::new(), |before| before.gone_in(&access));
    desk.write_json(ACCESS_FILE, &access)?;
    Ok((access, gone))
}

/// Reads a file that everybody may know.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let missing = || Error::storage(path, std::io::ErrorKind::NotFound.into());
    read_at_most(path, FILE_BYTES_MAX)?.ok_or_else(missing)
}

/// Reads a file that nobody else on this machine may be able to read.
pub(crate) fn secret(path: &Path) -> Result<Vec<u8>, Error> {
    let found = std::fs::metadata(path).map_err(|error| Error::storage(path, error))?;
    if found.mode() & 0o007 != 0 {
        let problem = "everybody on this machine can read it: take the rights of others away (chmod o= FILE)";
        return Err(Error::BadFile { path: path.to_owned(), problem: problem.to_owned() });
    }
    read(path)
}

/// Takes an address apart; it must be http or https, and hold no name, password, query or fragment.
pub(crate) fn address_of(text: &str) -> Result<Url, Error> {
    let unfit = |problem: &str| Error::Unreachable {
        place: "the address".to_owned(),
        problem: problem.to_owned(),
        again: false,
    };
    let mut url: Url = text.parse().map_err(|_| unfit("it is not an http or https address"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(unfit("it is not an http or https address"));
    }
    let bare = url.username().is_empty() && url.password().is_none();
    if !bare || url.query().is_some() || url.fragment().is_some() {
        return Err(unfit("it holds a user, a password, a query or a fragment: give tokens with `zeef sync access`"));
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

/// Gives scheme, host and port.
pub(crate) fn origin(url: &Url) -> String {
    let port = url.port_or_known_default().unwrap_or_default();
    format!("{}://{}:{port}", url.scheme(), url.host_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_new_grant_no_longer_shows_is_named() {
        let access = |certificate: Option<&str>, token: Option<&str>| Access {
            schema: RELEASE_SCHEMA,
            origin: String::new(),
            certificate: certificate.map(PathBuf::from),
            key: certificate.map(PathBuf::from),
            token: token.map(PathBuf::from),
            ca: None,
            insecure_http: false,
        };
        let certified = access(Some("/c"), None);
        assert_eq!(certified.gone_in(&access(None, Some("/t"))), ["certificate", "key"]);
        assert!(certified.gone_in(&access(Some("/other"), Some("/t"))).is_empty(), "another one is shown in its place");
        assert!(access(None, None).gone_in(&certified).is_empty());
    }

    #[test]
    fn an_address_holds_no_secret_and_ends_like_a_folder() {
        for bad in ["", "ftp://x/", "file:///etc", "https://me:s3cret@x/", "https://me@x/", "https://x/?token=1", "x"] {
            let refused = address_of(bad);
            assert!(refused.as_ref().is_err_and(|error| !error.to_string().contains("s3cret")), "{bad}: {refused:?}");
        }
        assert_eq!(address_of("https://x.example/a").unwrap().as_str(), "https://x.example/a/");
        assert_eq!(origin(&address_of("https://x.example/a").unwrap()), "https://x.example:443");
        assert_ne!(origin(&address_of("http://x.example").unwrap()), origin(&address_of("https://x.example").unwrap()));
    }
}
