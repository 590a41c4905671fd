//! An HTTP app for WASI 0.3 that exercises its host: `/fetch?<address>` sends a request and returns the response,
//! `/sleep?<seconds>` waits and returns the time before and after.

use bindings::exports::wasi::http::handler::Guest;
use bindings::wasi::clocks::{monotonic_clock, system_clock};
use bindings::wasi::http::client;
use bindings::wasi::http::types::{ErrorCode, Fields, Request, Response, Scheme};
use bindings::{wit_future, wit_stream};

mod bindings {
    wit_bindgen::generate!({
        path: ["../../../wit", "wit"],
        world: "host-tests:wasi-0-3/app",
        generate_all,
    });
}

struct App;

bindings::export!(App with_types_in bindings);

impl Guest for App {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let target = request.get_path_with_query().unwrap_or_default();
        match target.split_once('?').unwrap_or((&target, "")) {
            ("/fetch", address) => fetch(address).await,
            ("/sleep", seconds) => Ok(sleep(seconds.parse().unwrap_or_default()).await),
            _ => Ok(respond(404, "the paths are /fetch?<address> and /sleep?<seconds>".to_owned())),
        }
    }
}

/// Forwards the response of the server at `address` without reading its body.
async fn fetch(address: &str) -> Result<Response, ErrorCode> {
    let (scheme, rest) = address.split_once("://").ok_or(ErrorCode::HttpRequestUriInvalid)?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let scheme = if scheme == "https" { Scheme::Https } else { Scheme::Http };
    let (trailers, no_trailers) = wit_future::new(|| Ok(None));
    let (request, _sent) = Request::new(Fields::new(), None, no_trailers, None);
    drop(trailers);
    let invalid = |()| ErrorCode::HttpRequestUriInvalid;
    request.set_scheme(Some(&scheme)).map_err(invalid)?;
    request.set_authority(Some(authority)).map_err(invalid)?;
    request.set_path_with_query(Some(path)).map_err(invalid)?;
    client::send(request).await
}

async fn sleep(seconds: u64) -> Response {
    let before = system_clock::now().seconds;
    monotonic_clock::wait_for(seconds.saturating_mul(1_000_000_000)).await;
    respond(200, format!("{before} {}", system_clock::now().seconds))
}

fn respond(status: u16, text: String) -> Response {
    let (mut body, contents) = wit_stream::new();
    let (trailers, no_trailers) = wit_future::new(|| Ok(None));
    let (response, _sent) = Response::new(Fields::new(), Some(contents), no_trailers);
    drop(trailers);
    let _ = response.set_status_code(status);
    wit_bindgen::spawn_local(async move {
        body.write_all(text.into_bytes()).await;
    });
    response
}
