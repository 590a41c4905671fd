//! An HTTP app that lists the blobs of a container. It sends plain HTTP requests and contains no code about identity.

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
            Some("/blobs") => {
                let container = std::env::var("CONTAINER_URL").unwrap_or_default();
                let (status, body) = get(&format!("{container}?restype=container&comp=list")).await?;
                let body = String::from_utf8_lossy(&body);
                if status != 200 {
                    return Ok(respond(502, format!("the storage account responded with {status}: {body}")));
                }
                let names: Vec<_> = names(&body).collect();
                Ok(respond(200, names.join("\n")))
            }
            _ => Ok(respond(404, "the only path is /blobs".to_owned())),
        }
    }
}

/// The names in a list of blobs ("List Blobs").
fn names(xml: &str) -> impl Iterator<Item = &str> {
    xml.split("<Name>").skip(1).filter_map(|rest| rest.split_once("</Name>").map(|(name, _)| name))
}

/// Sends a GET, and returns the status and the body.
async fn get(address: &str) -> Result<(u16, Vec<u8>), ErrorCode> {
    let (scheme, rest) = address.split_once("://").ok_or(ErrorCode::HttpRequestUriInvalid)?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    // The first version of the storage interface that accepts tokens.
    let headers = Fields::from_list(&[("x-ms-version".to_owned(), b"2021-12-02".to_vec())])
        .map_err(|_| ErrorCode::HttpRequestHeaderSectionSize(None))?;
    let (request, _sent) = Request::new(headers, None, wit_future::new(|| Ok(None)).1, None);
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
