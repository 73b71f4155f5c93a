//! The `media:` scheme: the only way on which pictures reach the window.
//!
//! A request waits for nobody: the pictures of the case are made on threads of their own, the newest request first, because
//! what was asked for last is what is on the screen now. Those that too many newer ones have pushed out are told that they
//! are gone; the page asks again for what it still shows. No answer is kept by anybody, and no other page may read one.

use tauri::http::{Method, Request, Response, StatusCode, header};
use tauri::{Builder, Runtime, UriSchemeResponder};
use workbench::pictures::{Reply, Served};

/// Longest path that anything is served under.
const PATH_BYTES_MAX: usize = 256;
/// The page that may read answers: the program's own.
const READER: &str = "tauri://localhost";
/// Policy of what is served, should it ever be looked at as a page.
const POLICY: &str = "default-src 'none'; sandbox";

/// Makes a builder answer the scheme by `fetch`, which takes a path with its query, and replies now or later.
pub fn register<R: Runtime>(builder: Builder<R>, fetch: impl Fn(&str, Reply) + Send + Sync + 'static) -> Builder<R> {
    builder.register_asynchronous_uri_scheme_protocol("media", move |_, request, responder| {
        answer(&fetch, &request, Box::new(move |served| respond(responder, served)));
    })
}

/// Has a request answered, without waiting for the answer.
fn answer(fetch: &impl Fn(&str, Reply), request: &Request<Vec<u8>>, reply: Reply) {
    match wanted(request) {
        Ok(path) => fetch(&path, reply),
        Err(status) => reply(without(status)),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn get(uri: &str) -> Request<Vec<u8>> {
        Request::builder().uri(uri).body(Vec::new()).unwrap()
    }

    #[test]
    fn a_picture_that_takes_long_keeps_no_other_waiting() {
        let slow = std::cell::RefCell::new(None);
        let fetch = |path: &str, reply: Reply| {
            if path == "/slow" {
                slow.replace(Some(reply));
            } else {
                reply(Served { status: 200, mime: "image/png", bytes: vec![7] });
            }
        };
        let (tell, told) = std::sync::mpsc::channel();
        for path in ["/slow", "/quick", &format!("/{}", "x".repeat(PATH_BYTES_MAX))] {
            let tell = tell.clone();
            answer(
                &fetch,
                &get(&format!("media://localhost{path}")),
                Box::new(move |served| tell.send(served.status).unwrap()),
            );
        }
        assert_eq!(told.try_iter().collect::<Vec<_>>(), [200, 404], "the slow one has still nothing");
        slow.take().unwrap()(Served { status: 410, mime: "text/plain", bytes: Vec::new() });
        assert_eq!(told.try_recv(), Ok(410));
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
