//! A middleware that sets a header on each request, to measure the cost of copying a request: headers are immutable, so
//! every middleware that sets one must copy. It assumes requests without bodies, and has no rules and no tokens.

use bindings::exports::wasi::http::client::Guest;
use bindings::wasi::http::client;
use bindings::wasi::http::types::{ErrorCode, Fields, Request, Response};
use bindings::wit_future;

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
        headers.push(("authorization".to_owned(), vec![b'x'; 1500]));
        let headers =
            Fields::from_list(&headers).map_err(|_| ErrorCode::HttpRequestHeaderSectionSize(None))?;
        let (_sent, is_sent) = wit_future::new(|| Ok(()));
        let (_contents, trailers) = Request::consume_body(request, is_sent);
        let (request, _is_sent) = Request::new(headers, None, trailers, options);
        let invalid = |()| ErrorCode::HttpRequestUriInvalid;
        request.set_scheme(scheme.as_ref()).map_err(invalid)?;
        request.set_authority(authority.as_deref()).map_err(invalid)?;
        request.set_path_with_query(path.as_deref()).map_err(invalid)?;
        client::send(request).await
    }
}
