//! A middleware that sets a header on each request, to measure the cost of copying a request: headers are immutable, so
//! every middleware that sets one must copy. It assumes requests without bodies, and has no rules and no tokens.
//!
//! The header `x-steps` of a request names further calls of the host that http-auth cannot avoid: `clocks` reads both, as the
//! lookup of a token does; `body` looks without waiting whether there is one; `response` copies the headers of the response.

use bindings::exports::wasi::http::client::Guest;
use bindings::wasi::clocks::{monotonic_clock, system_clock};
use bindings::wasi::http::client;
use bindings::wasi::http::types::{ErrorCode, Fields, Request, Response};
use bindings::wit_future;
use std::future::{Future, poll_fn};
use std::hint::black_box;
use std::pin::pin;
use std::task::Poll;

mod bindings {
    wit_bindgen::generate!({
        path: ["../../../wit", "wit"],
        world: "host-tests:sets-a-header/middleware",
        generate_all,
    });
}

struct Middleware;

bindings::export!(Middleware with_types_in bindings);

impl Guest for Middleware {
    async fn send(request: Request) -> Result<Response, ErrorCode> {
        let (scheme, authority) = (request.get_scheme(), request.get_authority());
        let (path, options) = (request.get_path_with_query(), request.get_options().map(|it| it.clone()));
        let mut headers = request.get_headers().copy_all();
        let steps = headers.iter().find(|(name, _)| name == "x-steps");
        let steps = steps.map(|(_, steps)| String::from_utf8_lossy(steps).into_owned()).unwrap_or_default();
        if steps.contains("clocks") {
            black_box((system_clock::now().seconds, monotonic_clock::now()));
        }
        headers.push(("authorization".to_owned(), vec![b'x'; 1500]));
        let headers =
            Fields::from_list(&headers).map_err(|_| ErrorCode::HttpRequestHeaderSectionSize(None))?;
        let (_sent, is_sent) = wit_future::new(|| Ok(()));
        let (mut contents, trailers) = Request::consume_body(request, is_sent);
        if steps.contains("body") {
            let mut reading = pin!(contents.read(Vec::with_capacity(256)));
            let at_once = poll_fn(|context| Poll::Ready(reading.as_mut().poll(context))).await;
            if at_once.is_pending() {
                black_box(reading.as_mut().cancel());
            }
        }
        let (request, _is_sent) = Request::new(headers, None, trailers, options);
        let invalid = |()| ErrorCode::HttpRequestUriInvalid;
        request.set_scheme(scheme.as_ref()).map_err(invalid)?;
        request.set_authority(authority.as_deref()).map_err(invalid)?;
        request.set_path_with_query(path.as_deref()).map_err(invalid)?;
        let response = client::send(request).await?;
        if steps.contains("response") {
            black_box((response.get_status_code(), response.get_headers().copy_all()));
        }
        Ok(response)
    }
}
