//! A middleware that forwards each request unchanged, to measure the cost of a middleware itself.

use bindings::exports::wasi::http::client::Guest;
use bindings::wasi::http::client;
use bindings::wasi::http::types::{ErrorCode, Request, Response};

mod bindings {
    wit_bindgen::generate!({
        path: ["../../../wit", "wit"],
        world: "host-tests:pass-through/middleware",
        generate_all,
    });
}

struct Middleware;

bindings::export!(Middleware with_types_in bindings);

impl Guest for Middleware {
    async fn send(request: Request) -> Result<Response, ErrorCode> {
        client::send(request).await
    }
}
