//! The `media:` scheme: the only way on which pictures reach the window.
//!
//! Requests are served by a few threads, the newest first: what was asked for last is what is on the screen now. Those that
//! have waited until too many newer ones came are told that they are gone; the page asks again for what it still shows.
//! No answer is kept by anybody, and no other page may read one.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use tauri::http::{Method, Request, Response, StatusCode, header};
use tauri::{Builder, Runtime, UriSchemeResponder};
use workbench::pictures::Served;

/// Threads that serve. Most of a picture's time is decoding, so more than there are processors would only wait.
const THREADS_MAX: usize = 4;
/// Requests that wait: some screens full of tiles.
const WAITING_MAX: usize = 512;
/// Longest path that anything is served under.
const PATH_BYTES_MAX: usize = 256;
/// The page that may read answers: the program's own.
const READER: &str = "tauri://localhost";
/// Policy of what is served, should it ever be looked at as a page.
const POLICY: &str = "default-src 'none'; sandbox";

/// Gives what is served under a path, with its query.
pub type Serve = dyn Fn(&str) -> Served + Send + Sync;

/// Makes a builder answer the scheme by `serve`.
pub fn register<R: Runtime>(builder: Builder<R>, serve: Arc<Serve>) -> Builder<R> {
    let counter = Arc::new(Counter::<UriSchemeResponder>::default());
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
    for _ in 0..threads {
        let (counter, serve) = (Arc::clone(&counter), Arc::clone(&serve));
        std::thread::spawn(move || {
            loop {
                let (path, responder) = counter.take();
                respond(responder, serve(&path));
            }
        });
    }
    builder.register_asynchronous_uri_scheme_protocol("media", move |_, request, responder| match wanted(&request) {
        Ok(path) => {
            if let Some((_, oldest)) = counter.put(path, responder) {
                respond(oldest, without(StatusCode::SERVICE_UNAVAILABLE));
            }
        }
        Err(status) => respond(responder, without(status)),
    })
}

/// Gives path and query of a request that may be served.
fn wanted(request: &Request<Vec<u8>>) -> Result<String, StatusCode> {
    if request.method() != Method::GET {
        return Err(StatusCode::METHOD_NOT_ALLOWED);
    }
    let path = request.uri().path_and_query().map_or("/", |found| found.as_str());
    if path.len() > PATH_BYTES_MAX || !path.is_ascii() {
        return Err(StatusCode::NOT_FOUND);
    }
    Ok(path.to_owned())
}

fn without(status: StatusCode) -> Served {
    Served { status: status.as_u16(), mime: "text/plain", bytes: Vec::new() }
}

fn respond(responder: UriSchemeResponder, answer: Served) {
    if let Ok(response) = response(answer) {
        responder.respond(response);
    }
}

fn response(answer: Served) -> tauri::http::Result<Response<Vec<u8>>> {
    Response::builder()
        .status(answer.status)
        .header(header::CONTENT_TYPE, answer.mime)
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::ACCESS_CONTROL_ALLOW_ORIGIN, READER)
        .header(header::CONTENT_SECURITY_POLICY, POLICY)
        .body(answer.bytes)
}

/// Where requests wait: the newest is taken first.
struct Counter<T> {
    waiting: Mutex<VecDeque<(String, T)>>,
    came: Condvar,
}

impl<T> Default for Counter<T> {
    fn default() -> Self {
        Self { waiting: Mutex::default(), came: Condvar::new() }
    }
}

impl<T> Counter<T> {
    /// Puts a request in front; gives back the oldest if too many wait.
    fn put(&self, path: String, from: T) -> Option<(String, T)> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push_front((path, from));
        let oldest = (waiting.len() > WAITING_MAX).then(|| waiting.pop_back()).flatten();
        drop(waiting);
        self.came.notify_one();
        oldest
    }

    /// Takes the newest, and waits for one if there is none.
    fn take(&self) -> (String, T) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(newest) = waiting.pop_front() {
                return newest;
            }
            waiting = self.came.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_is_served_first_and_the_oldest_falls_out() {
        let counter = Counter::<usize>::default();
        for number in 0..WAITING_MAX {
            assert!(counter.put(format!("/{number}"), number).is_none());
        }
        assert_eq!(counter.put("/new".to_owned(), 9_999), Some(("/0".to_owned(), 0)));
        assert_eq!(counter.take().1, 9_999);
        assert_eq!(counter.take().1, WAITING_MAX - 1);
    }

    #[test]
    fn nobody_keeps_an_answer_or_takes_it_for_something_else() {
        let made = response(Served { status: 200, mime: "image/png", bytes: vec![1] }).unwrap();
        let header = |name: &str| made.headers().get(name).and_then(|value| value.to_str().ok());
        assert_eq!(header("content-type"), Some("image/png"));
        assert_eq!(header("cache-control"), Some("no-store"));
        assert_eq!(header("x-content-type-options"), Some("nosniff"));
        assert_eq!(header("access-control-allow-origin"), Some(READER));
    }

    #[test]
    fn only_short_plain_gets_are_served() {
        let ask =
            |method: &str, uri: &str| wanted(&Request::builder().method(method).uri(uri).body(Vec::new()).unwrap());
        assert_eq!(ask("GET", "media://localhost/e/tile/7?3-dark"), Ok("/e/tile/7?3-dark".to_owned()));
        assert_eq!(ask("POST", "media://localhost/e/tile/7"), Err(StatusCode::METHOD_NOT_ALLOWED));
        assert_eq!(ask("GET", &format!("media://localhost/{}", "x".repeat(300))), Err(StatusCode::NOT_FOUND));
    }
}
