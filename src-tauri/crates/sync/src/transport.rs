//! The two ways in which bytes come: from a folder (a disk that is carried in) and over http or https.
//!
//! Nothing that comes this way is believed; the caller verifies it. Every answer has a limit in bytes, and a server that
//! stops sending or sends hardly anything is left. Plain http is for servers on this machine, unless it was granted; a
//! secret never goes over it to another machine, nor to another origin than the one it was granted for.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use domain::{escaped, shown_path};
use nix::libc;
use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_RANGE, HeaderMap, HeaderValue, RANGE};
use reqwest::{Client, Response, StatusCode, Url};

use crate::access::{Access, address_of, origin, read, secret};
use crate::error::Error;
use crate::folder::{Desk, open};

/// Bytes that are read from a folder at a time.
const PIECE_BYTES: usize = 1 << 20;
/// Largest number of redirections, all of them within the origin.
const REDIRECTS_MAX: usize = 3;
/// A server that has sent less than this a second, after the time below, is left.
const BYTES_A_SECOND_MIN: u64 = 256;
/// The time for which a server may be slower.
const SLOW_SECONDS_MAX: u64 = 60;

/// How servers are talked to.
#[derive(Debug, Clone, Copy)]
pub struct Web {
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
    /// Longest wait for the next bytes.
    pub read_timeout: Duration,
    /// True when the proxy that the environment names is used.
    pub proxy_from_environment: bool,
}

/// How often something is tried again, and after which pause.
pub struct Patience {
    /// Number of tries, at least one.
    pub tries: u32,
    /// Gives the pause before the next try, by the number of failed ones: growing, with chance in it.
    pub pause: Box<dyn FnMut(u32) -> Duration>,
}

impl std::fmt::Debug for Patience {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Patience").field("tries", &self.tries).finish_non_exhaustive()
    }
}

impl Patience {
    /// Waits, if `error` may pass and `failed` tries are not too many; gives the error back otherwise.
    pub(crate) async fn wait(&mut self, error: Error, failed: u32) -> Result<(), Error> {
        match error {
            Error::Unreachable { again: true, .. } if failed < self.tries => {
                tokio::time::sleep((self.pause)(failed)).await;
                Ok(())
            }
            error => Err(error),
        }
    }
}

/// Where a repository is read from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// A folder in the layout of a site.
    Folder(PathBuf),
    /// A server.
    Web {
        /// The client, with its certificate.
        client: Client,
        /// The address, with a slash at the end.
        base: Url,
        /// The bearer token as a header.
        token: Option<HeaderValue>,
    },
}

/// The bytes of a file, as they come.
#[derive(Debug)]
pub(crate) struct Stream {
    /// The place in the file at which they begin: 0 where the server knows no ranges.
    pub(crate) from: u64,
    body: Body,
    place: String,
    began: Instant,
    got: u64,
}

#[derive(Debug)]
enum Body {
    File(File),
    Web(Box<Response>),
}

impl Source {
    /// Takes a folder or an address, with what was granted for the publisher's server.
    pub(crate) fn of(from: &str, desk: &Desk, web: &Web) -> Result<Self, Error> {
        if !from.starts_with("http:") && !from.starts_with("https:") {
            return Ok(Self::Folder(PathBuf::from(from)));
        }
        let base = address_of(from)?;
        let granted = Access::read(desk)?.filter(|access| access.origin == origin(&base));
        let (client, token) = client(&base, granted.as_ref(), web)?;
        Ok(Self::Web { client, base, token })
    }

    /// Gives the same source, one folder further down.
    pub(crate) fn below(&self, name: &str) -> Self {
        match self {
            Self::Folder(folder) => Self::Folder(folder.join(name)),
            Self::Web { client, base, token } => {
                let base = base.join(&format!("{name}/")).unwrap_or_else(|_| base.clone());
                Self::Web { client: client.clone(), base, token: token.clone() }
            }
        }
    }

    /// Reads a whole file of at most `bytes_max` bytes; `None` where there is none.
    pub(crate) async fn read(
        &self,
        name: &str,
        bytes_max: u64,
        patience: &mut Patience,
    ) -> Result<Option<Vec<u8>>, Error> {
        let mut failed = 0;
        loop {
            match self.read_once(name, bytes_max).await {
                Err(error) => {
                    failed += 1;
                    patience.wait(error, failed).await?;
                }
                done => return done,
            }
        }
    }

    async fn read_once(&self, name: &str, bytes_max: u64) -> Result<Option<Vec<u8>>, Error> {
        let Some(mut stream) = self.open(name, 0).await? else { return Ok(None) };
        let (mut bytes, mut piece) = (Vec::new(), Vec::new());
        while stream.next(&mut piece).await? {
            if bytes.len() as u64 + piece.len() as u64 > bytes_max {
                return Err(Error::untrusted(name, format!("it has more than {bytes_max} bytes")));
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(Some(bytes))
    }

    /// Opens a file at a place in it; `None` where there is none.
    pub(crate) async fn open(&self, name: &str, from: u64) -> Result<Option<Stream>, Error> {
        let (body, from, place) = match self {
            Self::Folder(folder) => match open_file(folder, name, from)? {
                Some(file) => (Body::File(file), from, shown_path(&folder.join(name))),
                None => return Ok(None),
            },
            Self::Web { client, base, token } => {
                let place = place(base, name);
                match request(client, base, token.as_ref(), name, from, &place).await? {
                    Some((response, from)) => (Body::Web(Box::new(response)), from, place),
                    None => return Ok(None),
                }
            }
        };
        Ok(Some(Stream { from, body, place, began: started(), got: 0 }))
    }
}

impl Stream {
    /// Replaces `piece` by the next bytes; `false` at the end.
    pub(crate) async fn next(&mut self, piece: &mut Vec<u8>) -> Result<bool, Error> {
        piece.clear();
        match &mut self.body {
            Body::File(file) => {
                // So that a signal is heard between two pieces.
                tokio::task::yield_now().await;
                let taken = file.take(PIECE_BYTES as u64).read_to_end(piece);
                taken.map_err(|error| unreachable(&self.place, &error.to_string(), false))?;
            }
            Body::Web(response) => {
                match response.chunk().await {
                    Ok(Some(chunk)) => piece.extend_from_slice(&chunk),
                    Ok(None) => return Ok(false),
                    Err(error) => return Err(failed(&self.place, error)),
                }
                self.got += piece.len() as u64;
                let seconds = self.began.elapsed().as_secs();
                if seconds > SLOW_SECONDS_MAX && self.got / seconds < BYTES_A_SECOND_MIN {
                    return Err(unreachable(&self.place, "the server sends hardly anything", true));
                }
            }
        }
        // An empty chunk of a server is not the end.
        Ok(!piece.is_empty() || matches!(self.body, Body::Web(_)))
    }
}

#[expect(clippy::disallowed_methods, reason = "measures how fast a server sends")]
fn started() -> Instant {
    Instant::now()
}

/// Opens a regular file of a folder; a link, a device or a pipe is none.
fn open_file(folder: &Path, name: &str, from: u64) -> Result<Option<File>, Error> {
    let path = folder.join(name);
    let refuse = |problem: &str| unreachable(&shown_path(&path), problem, false);
    if !folder.is_dir() {
        return Err(unreachable(&shown_path(folder), "there is no such folder", false));
    }
    // Without blocking, so that a pipe cannot hold the program.
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let mut file = match open(&options, &path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refuse(&error.to_string())),
    };
    if !file.metadata().is_ok_and(|found| found.is_file()) {
        return Err(refuse("it is not a regular file"));
    }
    file.seek(SeekFrom::Start(from)).map_err(|error| refuse(&error.to_string()))?;
    Ok(Some(file))
}

/// Tells whether an address is on this machine: by number, because a name is what somebody else says it is.
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let number = host.trim_start_matches('[').trim_end_matches(']');
    number.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn client(base: &Url, access: Option<&Access>, web: &Web) -> Result<(Client, Option<HeaderValue>), Error> {
    let refuse = |problem: &str| unreachable(&origin(base), problem, false);
    let plain = base.scheme() == "http" && !is_loopback(base);
    if plain && !access.is_some_and(|access| access.insecure_http) {
        return Err(refuse("plain http is for servers on this machine (127.0.0.1): use https"));
    }
    let mut builder = Client::builder()
        .tls_backend_rustls()
        .connect_timeout(web.connect_timeout)
        .read_timeout(web.read_timeout)
        .redirect(within(origin(base)))
        .referer(false)
        .user_agent(concat!("zeef-sync/", env!("CARGO_PKG_VERSION")));
    if !web.proxy_from_environment {
        builder = builder.no_proxy();
    }
    let mut token = None;
    if let Some(access) = access {
        if let (Some(certificate), Some(key)) = (&access.certificate, &access.key) {
            let mut both = read(certificate)?;
            both.push(b'\n');
            both.extend(secret(key)?);
            let identity = reqwest::Identity::from_pem(&both)
                .map_err(|_| bad(key, "it is not the key of the certificate, in PEM"))?;
            builder = builder.identity(identity);
        }
        if let Some(ca) = &access.ca {
            let authorities = reqwest::Certificate::from_pem_bundle(&read(ca)?).ok().filter(|found| !found.is_empty());
            builder = builder.tls_certs_merge(authorities.ok_or_else(|| bad(ca, "it holds no certificates in PEM"))?);
        }
        if let Some(file) = &access.token {
            if plain {
                return Err(refuse("a token never goes over plain http: use https"));
            }
            token = Some(bearer(file)?);
        }
    }
    let client = builder.build().map_err(|error| refuse(&chain(&error.without_url())))?;
    Ok((client, token))
}

fn bearer(file: &Path) -> Result<HeaderValue, Error> {
    let bytes = secret(file)?;
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
    let fits = !line.is_empty() && line.iter().all(u8::is_ascii_graphic);
    let header = fits.then(|| HeaderValue::from_bytes(&[b"Bearer ", line].concat()).ok()).flatten();
    let mut header = header.ok_or_else(|| bad(file, "its first line is not a token"))?;
    header.set_sensitive(true);
    Ok(header)
}

fn bad(path: &Path, problem: &str) -> Error {
    Error::BadFile { path: path.to_owned(), problem: problem.to_owned() }
}

/// Follows a redirection to the same origin alone: another one was not enrolled, and has not the publisher's limits.
fn within(home: String) -> reqwest::redirect::Policy {
    reqwest::redirect::Policy::custom(move |attempt| {
        if attempt.previous().len() > REDIRECTS_MAX {
            attempt.error("too many redirections")
        } else if origin(attempt.url()) != home {
            attempt.error("the server sends to another server")
        } else {
            attempt.follow()
        }
    })
}

async fn request(
    client: &Client,
    base: &Url,
    token: Option<&HeaderValue>,
    name: &str,
    from: u64,
    place: &str,
) -> Result<Option<(Response, u64)>, Error> {
    let url = base.join(name).map_err(|_| unreachable(place, "it makes no address", false))?;
    let mut headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("identity"))]);
    if from > 0 {
        let range = HeaderValue::from_str(&format!("bytes={from}-")).expect("digits are a header");
        headers.insert(RANGE, range);
    }
    if let Some(token) = token {
        headers.insert(AUTHORIZATION, token.clone());
    }
    let response = client.get(url).headers(headers).send().await.map_err(|error| failed(place, error))?;
    match response.status() {
        StatusCode::OK => Ok(Some((response, 0))),
        StatusCode::PARTIAL_CONTENT if from > 0 && begins_at(&response, from) => Ok(Some((response, from))),
        // The server knows a shorter file, or another place than was asked for: from the beginning.
        StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE if from > 0 => {
            Box::pin(request(client, base, token, name, 0, place)).await
        }
        StatusCode::NOT_FOUND | StatusCode::GONE => Ok(None),
        status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
            Err(Error::Unauthorized { place: place.to_owned(), problem: format!("it answers {}", status.as_u16()) })
        }
        status => {
            let again = status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429);
            Err(unreachable(place, &format!("the server answers {}", status.as_u16()), again))
        }
    }
}

fn begins_at(response: &Response, from: u64) -> bool {
    let range = response.headers().get(CONTENT_RANGE).and_then(|value| value.to_str().ok());
    let first = range.and_then(|range| range.strip_prefix("bytes ")).and_then(|range| range.split('-').next());
    first.and_then(|first| first.trim().parse().ok()) == Some(from)
}

/// Sorts what the client says: refused by the server's TLS, worth another try, or neither.
fn failed(place: &str, error: reqwest::Error) -> Error {
    let error = error.without_url();
    let said = chain(&error);
    if said.contains("received fatal alert") {
        return Error::Unauthorized { place: place.to_owned(), problem: said };
    }
    let lasting = error.is_redirect() || error.is_builder() || said.contains("invalid peer certificate");
    unreachable(place, &said, !lasting)
}

fn unreachable(place: &str, problem: &str, again: bool) -> Error {
    Error::Unreachable { place: place.to_owned(), problem: escaped(problem.as_bytes()), again }
}

/// Names a file of a server for a person: host and path, without anything that could be a secret.
fn place(base: &Url, name: &str) -> String {
    escaped(format!("{}{}{name}", origin(base), base.path()).as_bytes())
}

/// Puts an error and its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        said.push_str(": ");
        said.push_str(&error.to_string());
        cause = error.source();
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        address_of(text).unwrap()
    }

    #[test]
    fn only_a_number_is_this_machine() {
        for here in ["http://127.0.0.1:8000/", "http://127.8.0.1/", "http://[::1]:1/"] {
            assert!(is_loopback(&url(here)), "{here}");
        }
        for away in ["http://localhost/", "http://127.0.0.1.example/", "http://10.0.0.1/", "http://[::2]/"] {
            assert!(!is_loopback(&url(away)), "{away}");
        }
    }
}
