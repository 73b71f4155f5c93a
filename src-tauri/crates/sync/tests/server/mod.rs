//! A small web server of the tests on 127.0.0.1: serves a folder, and misbehaves as it is told.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A request.
#[derive(Debug, Clone)]
pub struct Request {
    pub path: String,
    pub headers: Vec<(String, String)>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn range(&self) -> Option<usize> {
        self.header("range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The connection ends after so many bytes of the body, whatever was announced.
    pub cut: Option<usize>,
    /// The body never ends.
    pub endless: bool,
    /// Bytes of the body that are sent at a time.
    pub piece: usize,
    /// Length that is announced; that of the body otherwise.
    pub announced: Option<usize>,
}

impl Reply {
    pub fn of(status: u16, body: Vec<u8>) -> Self {
        Self { status, headers: Vec::new(), body, cut: None, endless: false, piece: 1 << 20, announced: None }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// Who may connect by TLS.
pub struct Tls {
    pub certificate: PathBuf,
    pub key: PathBuf,
    /// The authority of the clients' certificates; without it nobody is asked.
    pub clients: Option<PathBuf>,
}

pub struct Server {
    pub address: String,
    pub seen: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Serves a folder, with an answer that may be changed.
    pub fn of(
        dir: &Path,
        tls: Option<&Tls>,
        change: impl Fn(&Request, Reply) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let dir = dir.to_owned();
        Self::start(tls, move |request| {
            let reply = serve(&dir, request);
            change(request, reply)
        })
    }

    fn start(tls: Option<&Tls>, answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let address = format!("{scheme}://{}/", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let config = tls.map(|tls| Arc::new(config(tls)));
        let (kept, answer) = (Arc::clone(&seen), Arc::new(answer));
        // The thread ends with the test program.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, answer, config) = (Arc::clone(&kept), Arc::clone(&answer), config.clone());
                std::thread::spawn(move || match config {
                    Some(config) => {
                        let connection = rustls::ServerConnection::new(config).unwrap();
                        talk(rustls::StreamOwned::new(connection, stream), &kept, &*answer);
                    }
                    None => talk(stream, &kept, &*answer),
                });
            }
        });
        Self { address, seen }
    }

    /// Gives the requests so far whose path has this text in it.
    pub fn asked(&self, text: &str) -> Vec<Request> {
        self.seen.lock().unwrap().iter().filter(|request| request.path.contains(text)).cloned().collect()
    }
}

/// Answers like a web server for files that knows ranges.
pub fn serve(dir: &Path, request: &Request) -> Reply {
    let path = dir.join(request.path.trim_start_matches('/'));
    if !path.is_file() {
        return Reply::of(404, b"nothing here".to_vec());
    }
    let whole = crate::site::read(&path);
    match request.range() {
        None => Reply::of(200, whole),
        Some(from) if from >= whole.len() => Reply::of(416, Vec::new()),
        Some(from) => {
            let range = format!("bytes {from}-{}/{}", whole.len() - 1, whole.len());
            Reply::of(206, whole[from..].to_vec()).header("Content-Range", &range)
        }
    }
}

fn config(tls: &Tls) -> rustls::ServerConfig {
    let chain = CertificateDer::pem_file_iter(&tls.certificate).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(&tls.key).unwrap();
    let builder = rustls::ServerConfig::builder();
    let builder = match &tls.clients {
        Some(authority) => {
            let mut roots = rustls::RootCertStore::empty();
            roots.add(CertificateDer::from_pem_file(authority).unwrap()).unwrap();
            let verifier = rustls::server::WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        }
        None => builder.with_no_client_auth(),
    };
    builder.with_single_cert(chain, key).unwrap()
}

fn talk(stream: impl Read + Write, seen: &Mutex<Vec<Request>>, answer: &dyn Fn(&Request) -> Reply) {
    let mut stream = BufReader::new(stream);
    while let Some(request) = request(&mut stream) {
        seen.lock().unwrap().push(request.clone());
        let reply = answer(&request);
        let cut = reply.cut.is_some();
        // A client may leave in the middle of an answer; that is its right.
        if send(stream.get_mut(), reply).is_err() || cut {
            return;
        }
    }
}

fn request(stream: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    stream.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { return Some(Request { path, headers }) };
        headers.push((name.to_owned(), value.to_owned()));
    }
}

fn send(stream: &mut impl Write, reply: Reply) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {} Said\r\n", reply.status);
    if !reply.endless {
        head.push_str(&format!("Content-Length: {}\r\n", reply.announced.unwrap_or(reply.body.len())));
    } else {
        head.push_str("Connection: close\r\n");
    }
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    let body = &reply.body[..reply.cut.unwrap_or(reply.body.len())];
    for piece in body.chunks(reply.piece) {
        stream.write_all(piece)?;
        stream.flush()?;
    }
    if reply.endless {
        loop {
            stream.write_all(&[b' '; 4096])?;
        }
    }
    stream.flush()
}

/// A plain connection, for a server that says nothing at all.
pub fn silent() -> (String, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    (format!("http://{}/", listener.local_addr().unwrap()), listener)
}

/// Gives the other end of a connection to a silent server.
pub fn accept(listener: &TcpListener) -> TcpStream {
    listener.accept().unwrap().0
}
