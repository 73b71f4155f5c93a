//! Shows a release to this machine alone: a small file server on a loopback address, for demonstrations and tests.
//!
//! What it does: answers GET and HEAD for the files of one site, with ranges, and with a bearer token where one is asked.
//! What it never does: listen on an address that another machine can reach, follow a link out of the site, list a folder,
//! write. A real site is served by any web server or object store.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::error::PublishError;

/// Connections that are answered at the same time; further ones are closed.
const CONNECTIONS_MAX: usize = 32;
/// Largest number of bytes of the head of a request.
const HEAD_BYTES_MAX: u64 = 16 << 10;
/// How long a client may be silent.
const SILENCE: Duration = Duration::from_secs(20);
/// Bytes that are sent at a time.
const BUFFER_BYTES: usize = 64 << 10;
/// Folders of a site.
const FOLDERS: [&str; 2] = ["metadata", "targets"];

/// Serves `site` until the process ends. `ready` is told the address, whose port is chosen by the system where it was 0.
///
/// With a file of a token, its first line has to be shown as a bearer token.
///
/// Fails when the address is no loopback address, or is taken, and when the token cannot be read.
pub fn serve(
    site: &Path,
    address: SocketAddr,
    token_file: Option<&Path>,
    ready: &mut dyn FnMut(SocketAddr),
) -> Result<(), PublishError> {
    let token = token_file.map(read_token).transpose()?;
    if !address.ip().is_loopback() {
        return Err(PublishError::NotLoopback { address });
    }
    let listener = TcpListener::bind(address).map_err(|source| PublishError::Listen { address, source })?;
    ready(listener.local_addr().map_err(|source| PublishError::Listen { address, source })?);
    let served = Arc::new(Served { site: site.to_owned(), token });
    let open = Arc::new(AtomicUsize::new(0));
    for stream in listener.incoming().flatten() {
        if open.fetch_add(1, Ordering::Relaxed) >= CONNECTIONS_MAX {
            open.fetch_sub(1, Ordering::Relaxed);
            continue;
        }
        let (served, open) = (served.clone(), open.clone());
        std::thread::spawn(move || {
            // The client has gone or was silent: nobody is left to be told.
            let _ = served.answer(stream);
            open.fetch_sub(1, Ordering::Relaxed);
        });
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the token of this server")]
fn read_token(path: &Path) -> Result<String, PublishError> {
    let read = std::fs::read_to_string(path);
    let text = read.map_err(|source| PublishError::Io { action: "read", path: path.to_owned(), source })?;
    let token = text.lines().next().unwrap_or_default().trim().to_owned();
    if token.is_empty() {
        return Err(PublishError::refused(path, "its first line is empty", "Write the token into it."));
    }
    Ok(token)
}

struct Served {
    site: PathBuf,
    token: Option<String>,
}

struct Request {
    is_head: bool,
    path: String,
    range_start: Option<u64>,
    bearer: Option<String>,
}

impl Served {
    fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_read_timeout(Some(SILENCE))?;
        stream.set_write_timeout(Some(SILENCE))?;
        let Some(request) = read_request(&stream)? else { return refuse(&mut stream, "400 Bad Request") };
        if self.token.is_some() && request.bearer != self.token {
            return refuse(&mut stream, "401 Unauthorized");
        }
        let Some(mut file) = self.file(&request.path) else { return refuse(&mut stream, "404 Not Found") };
        let bytes = file.metadata()?.len();
        let start = request.range_start.unwrap_or(0);
        if request.range_start.is_some() && start >= bytes {
            return refuse(&mut stream, "416 Range Not Satisfiable");
        }
        let mut head = match request.range_start {
            Some(start) => {
                let last = bytes - 1;
                format!("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {start}-{last}/{bytes}\r\n")
            }
            None => "HTTP/1.1 200 OK\r\nAccept-Ranges: bytes\r\n".to_owned(),
        };
        head.push_str(&format!(
            "Content-Length: {}\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n",
            bytes - start
        ));
        stream.write_all(head.as_bytes())?;
        if request.is_head {
            return Ok(());
        }
        file.seek(SeekFrom::Start(start))?;
        let mut part = vec![0; BUFFER_BYTES];
        loop {
            let got = file.read(&mut part)?;
            if got == 0 {
                return stream.flush();
            }
            stream.write_all(&part[..got])?;
        }
    }

    /// Opens a file of the site; anything else is not there.
    #[expect(clippy::disallowed_methods, reason = "the files of the release that is shown")]
    fn file(&self, path: &str) -> Option<File> {
        let flat = |name: &str| {
            let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            !name.is_empty() && !name.starts_with('.') && name.chars().all(fits)
        };
        let path = match path.strip_prefix('/')?.split_once('/') {
            Some((folder, name)) if FOLDERS.contains(&folder) && flat(name) => self.site.join(folder).join(name),
            None if path[1..] == *domain::release::ENROLMENT_FILE => self.site.join(&path[1..]),
            _ => return None,
        };
        let is_file = std::fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_file());
        if is_file { File::open(path).ok() } else { None }
    }
}

/// Reads the head of a request; `None` when it is none that is answered here.
fn read_request(stream: &TcpStream) -> std::io::Result<Option<Request>> {
    let mut lines = BufReader::new(stream.take(HEAD_BYTES_MAX)).lines();
    let Some(first) = lines.next().transpose()? else { return Ok(None) };
    let mut words = first.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if !matches!(method, "GET" | "HEAD") || !path.starts_with('/') {
        return Ok(None);
    }
    let mut request = Request { is_head: method == "HEAD", path: path.to_owned(), range_start: None, bearer: None };
    for line in lines {
        let line = line?;
        if line.is_empty() {
            return Ok(Some(request));
        }
        let Some((name, value)) = line.split_once(':') else { return Ok(None) };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            // Other forms of a range may be answered with the whole file.
            "range" => {
                let start = value.strip_prefix("bytes=").and_then(|range| range.strip_suffix('-'));
                request.range_start = start.and_then(|start| start.parse().ok());
            }
            "authorization" => request.bearer = value.strip_prefix("Bearer ").map(str::to_owned),
            _ => {}
        }
    }
    Ok(None)
}

fn refuse(stream: &mut TcpStream, status: &str) -> std::io::Result<()> {
    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(address: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn only_the_files_of_the_site_are_shown_and_only_with_the_token() {
        let dir = tempfile::tempdir().unwrap();
        let site = dir.path().join("site");
        std::fs::create_dir_all(site.join("targets")).unwrap();
        std::fs::write(site.join("targets/a.parquet"), "0123456789").unwrap();
        std::fs::write(dir.path().join("secret"), "secret").unwrap();
        std::os::unix::fs::symlink(dir.path().join("secret"), site.join("targets/link")).unwrap();
        let token = dir.path().join("token");
        std::fs::write(&token, "t0ken\n").unwrap();
        let (send, receive) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut ready = |address| send.send(address).unwrap();
            serve(&site, "127.0.0.1:0".parse().unwrap(), Some(&token), &mut ready)
        });
        let address = receive.recv().unwrap();
        let get = |path: &str, head: &str| ask(address, &format!("GET {path} HTTP/1.1\r\n{head}\r\n"));
        let token = "Authorization: Bearer t0ken\r\n";
        assert!(get("/targets/a.parquet", token).ends_with("\r\n\r\n0123456789"));
        assert!(
            get("/targets/a.parquet", &format!("{token}Range: bytes=7-\r\n"))
                .ends_with("7-9/10\r\nContent-Length: 3\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n789")
        );
        assert!(get("/targets/a.parquet", "").starts_with("HTTP/1.1 401"));
        assert!(get("/targets/a.parquet", "Authorization: Bearer other\r\n").starts_with("HTTP/1.1 401"));
        for path in ["/targets/link", "/targets/../../secret", "/secret", "/targets/", "/targets/.", "//etc/passwd"] {
            assert!(get(path, token).starts_with("HTTP/1.1 404"), "{path}");
        }
        assert!(ask(address, &format!("POST /targets/a.parquet HTTP/1.1\r\n{token}\r\n")).starts_with("HTTP/1.1 400"));
    }

    #[test]
    fn an_address_that_others_reach_is_refused() {
        let served = serve(Path::new("site"), "0.0.0.0:0".parse().unwrap(), None, &mut |_| ());
        assert!(matches!(served, Err(PublishError::NotLoopback { .. })));
    }
}
