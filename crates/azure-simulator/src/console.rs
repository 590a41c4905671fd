//! The simulator's own page at `/`, and the paths under `/simulator/` that the page and tests use.
//!
//! | path | what |
//! |---|---|
//! | `GET /` | the page |
//! | `GET /simulator/state` | what exists, the variables of a credential, the faults of each service |
//! | `GET /simulator/requests` | the journal |
//! | `GET /simulator/events` | the journal's entries as they come (server-sent events) |
//! | `POST /simulator/faults` | `{"service": "imds", "fault": "503"}` adds a fault, `null` ends those of the service |
//! | `POST /simulator/clock` | `{"advance": "24h"}` moves the simulator's clock |
//!
//! No simulated service has these paths. [`guard`] says which requests are refused.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::Either;

use crate::azure::Azure;
use crate::slow_body::SlowBody;
use event_stream::EventStream;

mod control;
mod event_stream;
mod guard;
mod state;

/// A response of the console: a document, or a stream of events.
pub type Answer = Response<Either<SlowBody, EventStream>>;

/// Handles a request to the console; `None`: the path is another one, which a simulated service may have.
pub fn handle(azure: &Azure, request: &Request<Bytes>, address: SocketAddr) -> Option<Answer> {
    let path = request.uri().path();
    if path != "/" && !path.starts_with("/simulator/") {
        return None;
    }
    Some(match guard::refusal(request) {
        Some(reason) => document(403, "text/plain; charset=utf-8", reason),
        None => answer(azure, request, address),
    })
}

fn answer(azure: &Azure, request: &Request<Bytes>, address: SocketAddr) -> Answer {
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/") => document(200, "text/html; charset=utf-8", PAGE),
        (&Method::GET, "/simulator/style.css") => document(200, "text/css; charset=utf-8", STYLE),
        (&Method::GET, "/simulator/script.js") => document(200, "text/javascript; charset=utf-8", SCRIPT),
        (&Method::GET, "/simulator/state") => json(state::of(azure, address)),
        (&Method::GET, "/simulator/requests") => json(serde_json::json!(azure.journal())),
        (&Method::GET, "/simulator/events") => {
            protected(Response::new(Either::Right(EventStream::of(azure))), "text/event-stream")
        }
        (&Method::POST, "/simulator/faults") => outcome(control::faults(azure, request.body())),
        (&Method::POST, "/simulator/clock") => outcome(control::clock(azure, request.body())),
        _ => document(404, "text/plain; charset=utf-8", "the simulator has no such page\n"),
    }
}

fn outcome(done: Result<(), String>) -> Answer {
    match done {
        Ok(()) => document(204, "text/plain; charset=utf-8", ""),
        Err(error) => document(400, "text/plain; charset=utf-8", error + "\n"),
    }
}

fn json(value: serde_json::Value) -> Answer {
    document(200, "application/json", value.to_string())
}

fn document(status: u16, content_type: &str, body: impl Into<Bytes>) -> Answer {
    let response = crate::reply::response(status, body);
    protected(response.map(|body| Either::Left(SlowBody::whole(body))), content_type)
}

/// The response with headers that keep other sites from framing, reading and extending the page.
fn protected(mut response: Answer, content_type: &str) -> Answer {
    for (name, value) in [("content-type", content_type)].iter().chain(HEADERS) {
        let value = http::HeaderValue::from_str(value).expect("the headers are constants");
        response.headers_mut().insert(http::HeaderName::from_static(name), value);
    }
    response
}

const HEADERS: &[(&str, &str)] = &[
    ("cache-control", "no-store"),
    (
        "content-security-policy",
        "default-src 'none'; connect-src 'self'; img-src data:; script-src 'self'; style-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
    ),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
];

const PAGE: &str = include_str!("console/page.html");
const STYLE: &str = include_str!("console/style.css");
const SCRIPT: &str = include_str!("console/script.js");
