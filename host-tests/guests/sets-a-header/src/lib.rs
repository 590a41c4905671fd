//! A middleware that sets a header on each request, to measure the cost of copying a request: headers are immutable, so
//! every middleware that sets one must copy. It has no rules and no tokens, and drops the body unless a step says otherwise.
//!
//! The header `x-steps` of a request names further calls of the host that http-auth cannot avoid: `clocks` reads both, as the
//! lookup of a token does; `look` looks without waiting whether there is a body; `response` copies the headers of the response; `forward-body`
//! forwards the body as the stream that the app writes to, and `copy-body` reads and writes it and keeps a copy, both with the report whether it was sent.

use bindings::exports::wasi::http::client::Guest;
use bindings::wasi::clocks::{monotonic_clock, system_clock};
use bindings::wasi::http::client;
use bindings::wasi::http::types::{ErrorCode, Fields, Request, Response};
use bindings::{wit_future, wit_stream};
use std::future::{Future, poll_fn};
use std::hint::black_box;
use std::pin::pin;
use std::task::Poll;
use wit_bindgen::{StreamReader, StreamResult, spawn_local};

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
        let (sent, is_sent) = wit_future::new(|| Ok(()));
        let (mut contents, trailers) = Request::consume_body(request, is_sent);
        if steps.contains("look") {
            let mut reading = pin!(contents.read(Vec::with_capacity(256)));
            let at_once = poll_fn(|context| Poll::Ready(reading.as_mut().poll(context))).await;
            if at_once.is_pending() {
                black_box(reading.as_mut().cancel());
            }
        }
        let contents = if steps.contains("forward-body") {
            Some(contents)
        } else if steps.contains("copy-body") {
            Some(copied(contents))
        } else {
            None
        };
        let has_body = contents.is_some();
        let (request, is_sent) = Request::new(headers, contents, trailers, options);
        if has_body {
            spawn_local(async move { sent.write(is_sent.await).await });
        }
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

/// A body that a task reads, copies and writes, as it must be to be sent a second time.
fn copied(mut contents: StreamReader<u8>) -> StreamReader<u8> {
    let (mut writer, reader) = wit_stream::new();
    spawn_local(async move {
        let (mut copy, mut result) = (Vec::new(), StreamResult::Complete(0));
        while !matches!(result, StreamResult::Dropped) {
            let read;
            (result, read) = contents.read(Vec::with_capacity(1024)).await;
            copy.extend_from_slice(&read);
            writer.write_all(read).await;
        }
        black_box(copy);
    });
    reader
}
