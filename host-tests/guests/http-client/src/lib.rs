//! An HTTP app that executes commands of tests. The path is the command:
//!
//! | path | action |
//! |---|---|
//! | `/send` | sends a request with the same method to the address in `x-target`, and returns the response |
//! | `/scan` | sends `x-times` GETs, then searches its memory for the needles in the body |
//! | `/raw` | sends the request that the body describes part by part, and returns what it learned (`raw.rs`) |
//! | `/get-token` | requests a token for `x-scope` itself and keeps it, then searches for the needles as well |
//!
//! Headers for `/send`: `x-with-<name>` is a header to send; `x-timeout` is the value of all three timeouts, in milliseconds.
//! `x-body` is `pass` to forward the body and trailers, `ended` for a stream that ends before the request is sent, or the
//! number of bytes to send, followed by the trailer `x-trailer`; with `x-open` the body does not end before the response.
//! With `x-cancel` the app gives up after so many milliseconds, with `x-cancel-body` in the middle of the response's body;
//! then it answers `cancelled`.

use bindings::azure::identity::token_credential::get_token;
use bindings::azure::identity::types::TokenRequest;
use bindings::exports::wasi::http::handler::Guest;
use bindings::wasi::clocks::monotonic_clock::wait_for;
use bindings::wasi::http::client;
use bindings::wasi::http::types::{ErrorCode, Fields, Method, Request, RequestOptions, Response, Scheme};
use bindings::{wit_future, wit_stream};
use cancel::{Cancelled, unless_cancelled};
use std::cell::RefCell;

mod bindings;
mod cancel;
mod memory;
mod raw;

struct App;

bindings::export!(App with_types_in bindings);

thread_local! {
    /// The tokens of `/get-token`, which stay in memory.
    static TOKENS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

impl Guest for App {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let headers = request.get_headers();
        let command = Command { headers: headers.copy_all() };
        let path = request.get_path_with_query().unwrap_or_default();
        match path.as_str() {
            "/send" => {
                let response = unless_cancelled(command.cancelled(), send(request, &command)).await?;
                Ok(response.unwrap_or_else(|| respond(200, "cancelled".to_owned())))
            }
            "/raw" => {
                let order = body_of(request).await;
                Ok(respond(200, raw::send(&String::from_utf8_lossy(&order)).await))
            }
            "/scan" => {
                for _ in 0..command.number("x-times") {
                    drain(client::send(outgoing(Method::Get, &command, None)?).await?).await;
                }
                scan(request).await
            }
            "/get-token" => {
                let scopes = vec![command.get("x-scope").unwrap_or_default().to_owned()];
                let request_for = TokenRequest {
                    scopes,
                    tenant_id: None,
                    claims: None,
                    enable_cae: true,
                    options: Vec::new(),
                };
                match get_token(&request_for) {
                    Ok(token) => TOKENS.with_borrow_mut(|tokens| tokens.push(token.token)),
                    Err(error) => return Ok(respond(503, error.message)),
                }
                scan(request).await
            }
            _ => Ok(respond(404, "the paths are /send, /raw, /scan and /get-token".to_owned())),
        }
    }
}

/// The headers of a command.
struct Command {
    headers: Vec<(String, Vec<u8>)>,
}

impl Command {
    pub fn get(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(it, _)| it == name);
        header.and_then(|(_, value)| std::str::from_utf8(value).ok())
    }

    pub fn number(&self, name: &str) -> u64 {
        self.get(name).and_then(|text| text.parse().ok()).unwrap_or_default()
    }

    /// When the app gives up.
    fn cancelled(&self) -> Cancelled {
        match (self.get("x-cancel"), self.get("x-cancel-body")) {
            (Some(_), _) => Cancelled::In(self.number("x-cancel") * 1_000_000),
            (_, Some(_)) => Cancelled::InBody,
            _ => Cancelled::Never,
        }
    }

    fn headers_to_send(&self) -> Vec<(String, Vec<u8>)> {
        let named = self.headers.iter().filter_map(|(name, value)| {
            name.strip_prefix("x-with-").map(|name| (name.to_owned(), value.clone()))
        });
        named.collect()
    }
}

async fn send(request: Request, command: &Command) -> Result<Response, ErrorCode> {
    let method = request.get_method();
    match command.get("x-body") {
        Some("pass") => {
            let (finished, is_finished) = wit_future::new(|| Ok(()));
            let (contents, trailers) = Request::consume_body(request, is_finished);
            drop(finished);
            client::send(outgoing(method, command, Some((contents, trailers)))?).await
        }
        Some("ended") => {
            let (body, contents) = wit_stream::new();
            drop(body);
            let trailers = wit_future::new(|| Ok(None)).1;
            client::send(outgoing(method, command, Some((contents, trailers)))?).await
        }
        Some(_) => {
            let (mut body, contents) = wit_stream::new();
            let (trailers, is_trailers) = wit_future::new(|| Ok(None));
            let (mut remaining, trailer) =
                (command.number("x-body"), command.get("x-trailer").map(ToOwned::to_owned));
            let (stays_open, cancelled) = (command.get("x-open").is_some(), command.cancelled());
            wit_bindgen::spawn_local(async move {
                let mut chunk = vec![b'x'; 64 << 10];
                while remaining > 0 {
                    chunk.truncate(usize::try_from(remaining).unwrap_or(usize::MAX));
                    remaining -= chunk.len() as u64;
                    let length = chunk.len();
                    chunk = body.write_all(chunk).await;
                    if !chunk.is_empty() {
                        return;
                    }
                    chunk.resize(length, b'x');
                }
                match cancelled {
                    // It is dropped after the request was.
                    Cancelled::In(time) if stays_open => wait_for(2 * time).await,
                    _ if stays_open => return core::mem::forget(body),
                    _ => {}
                }
                drop(body);
                if let Some(value) = trailer {
                    let fields = Fields::from_list(&[("x-trailer".to_owned(), value.into_bytes())]);
                    let _ = trailers.write(Ok(fields.ok())).await;
                }
            });
            client::send(outgoing(method, command, Some((contents, is_trailers)))?).await
        }
        None => client::send(outgoing(method, command, None)?).await,
    }
}

type Body = (wit_bindgen::StreamReader<u8>, wit_bindgen::FutureReader<Result<Option<Fields>, ErrorCode>>);

fn outgoing(method: Method, command: &Command, body: Option<Body>) -> Result<Request, ErrorCode> {
    let invalid = |()| ErrorCode::HttpRequestUriInvalid;
    let (scheme, rest) = command
        .get("x-target")
        .and_then(|it| it.split_once("://"))
        .ok_or(ErrorCode::HttpRequestUriInvalid)?;
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let scheme = match scheme {
        "https" => Scheme::Https,
        "http" => Scheme::Http,
        other => Scheme::Other(other.to_owned()),
    };
    let headers = Fields::from_list(&command.headers_to_send())
        .map_err(|_| ErrorCode::HttpRequestHeaderSectionSize(None))?;
    let options = command.get("x-timeout").map(|_| {
        let (options, timeout) = (RequestOptions::new(), Some(command.number("x-timeout") * 1_000_000));
        let _ = options.set_connect_timeout(timeout);
        let _ = options.set_first_byte_timeout(timeout);
        let _ = options.set_between_bytes_timeout(timeout);
        options
    });
    let (contents, trailers) = match body {
        Some((contents, trailers)) => (Some(contents), trailers),
        None => (None, wit_future::new(|| Ok(None)).1),
    };
    let (request, _sent) = Request::new(headers, contents, trailers, options);
    request.set_method(&method).map_err(|()| ErrorCode::HttpRequestMethodInvalid)?;
    request.set_scheme(Some(&scheme)).map_err(invalid)?;
    request.set_authority(Some(authority)).map_err(invalid)?;
    request.set_path_with_query(Some(path)).map_err(invalid)?;
    Ok(request)
}

/// Reads a response to its end.
async fn drain(response: Response) -> Vec<u8> {
    let (finished, is_finished) = wit_future::new(|| Ok(()));
    let (contents, _trailers) = Response::consume_body(response, is_finished);
    drop(finished);
    contents.collect().await
}

/// Reads the body of a command.
async fn body_of(request: Request) -> Vec<u8> {
    let (finished, is_finished) = wit_future::new(|| Ok(()));
    let (contents, _trailers) = Request::consume_body(request, is_finished);
    drop(finished);
    contents.collect().await
}

/// Counts the occurrences of the needles in this memory; the body has one needle a line, in hexadecimal.
async fn scan(request: Request) -> Result<Response, ErrorCode> {
    let needles = body_of(request).await;
    let mut text = format!("{} bytes", memory::size());
    for needle in needles.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        text += &format!("\n{}", memory::count(needle));
    }
    Ok(respond(200, text))
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
