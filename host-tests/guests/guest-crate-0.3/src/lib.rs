//! An HTTP app for WASI 0.3 that gets tokens by the crate for guests: ten concurrent calls for each request.

use azure_identity_guest::wasi_0_3::get_token;
use bindings::exports::wasi::http::handler::Guest;
use bindings::wasi::http::types::{ErrorCode, Fields, Request, Response};
use bindings::{wit_future, wit_stream};
use futures_util::future::join_all;

mod bindings {
    wit_bindgen::generate!({
        path: ["../../../wit", "wit"],
        world: "host-tests:guest-crate/app",
        generate_all,
    });
}

struct App;

bindings::export!(App with_types_in bindings);

impl Guest for App {
    async fn handle(_: Request) -> Result<Response, ErrorCode> {
        let calls = (0..10).map(|_| get_token(["https://vault.azure.net/.default"]));
        let lines = join_all(calls).await.into_iter().map(|outcome| match outcome {
            Ok(token) => format!("{}, until {}\n", token.source, token.expires_on),
            Err(error) => format!("{}\n", error.kind.name()),
        });
        Ok(respond(lines.collect()))
    }
}

fn respond(text: String) -> Response {
    let (mut body, contents) = wit_stream::new();
    let (trailers, no_trailers) = wit_future::new(|| Ok(None));
    let (response, _sent) = Response::new(Fields::new(), Some(contents), no_trailers);
    drop(trailers);
    wit_bindgen::spawn_local(async move {
        body.write_all(text.into_bytes()).await;
    });
    response
}
