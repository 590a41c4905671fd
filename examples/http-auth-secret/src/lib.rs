//! An HTTP app that shows a secret of a vault. It sends plain HTTP requests and contains no code about identity.

use bindings::exports::wasi::http::handler::Guest;
use bindings::wasi::http::client;
use bindings::wasi::http::types::{ErrorCode, Fields, Request, Response, Scheme};
use bindings::{wit_future, wit_stream};

mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "wasi:http/service@0.3.0",
        generate_all,
    });
}

struct App;

bindings::export!(App with_types_in bindings);

impl Guest for App {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        match request.get_path_with_query().as_deref() {
            Some("/secret") => {
                let address = std::env::var("SECRET_URL").unwrap_or_default();
                let (status, body) = get(&address).await?;
                let body: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
                match body["value"].as_str().filter(|_| status == 200) {
                    Some(secret) => Ok(respond(200, secret.to_owned())),
                    None => Ok(respond(
                        502,
                        format!("the vault responded with {status}: {}", body["error"]["message"]),
                    )),
                }
            }
            _ => Ok(respond(404, "the only path is /secret".to_owned())),
        }
    }
}

/// Sends a GET, and returns the status and the body.
async fn get(address: &str) -> Result<(u16, Vec<u8>), ErrorCode> {
    let (scheme, rest) = address.split_once("://").ok_or(ErrorCode::HttpRequestUriInvalid)?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (request, _sent) = Request::new(Fields::new(), None, wit_future::new(|| Ok(None)).1, None);
    let invalid = |()| ErrorCode::HttpRequestUriInvalid;
    request
        .set_scheme(Some(&if scheme == "http" { Scheme::Http } else { Scheme::Https }))
        .map_err(invalid)?;
    request.set_authority(Some(authority)).map_err(invalid)?;
    request.set_path_with_query(Some(path)).map_err(invalid)?;
    let response = client::send(request).await?;
    let status = response.get_status_code();
    let (body, _trailers) = Response::consume_body(response, wit_future::new(|| Ok(())).1);
    Ok((status, body.collect().await))
}

fn respond(status: u16, text: String) -> Response {
    let (mut body, contents) = wit_stream::new();
    let (response, _sent) = Response::new(Fields::new(), Some(contents), wit_future::new(|| Ok(None)).1);
    let _ = response.set_status_code(status);
    wit_bindgen::spawn_local(async move {
        body.write_all(text.into_bytes()).await;
    });
    response
}
