//! An HTTP app that does what tests tell it to. The path says what:
//!
//! | path | what |
//! |---|---|
//! | `/send` | sends a request with its own method to the address in `x-target`, and hands the answer on |
//! | `/scan` | sends as many GETs as `x-times` says, then looks for the needles of its body in its memory |
//! | `/get-token` | asks for a token for `x-scope` itself, keeps it, then looks for the needles, too |
//!
//! `/send` heeds: `x-with-<name>` (a header to send), `x-timeout` (milliseconds, for all three timeouts), and
//! `x-body`: `pass` hands its own body and trailers on; `ended` is a stream that is over before the request is sent; a
//! number writes so many bytes, and `x-trailer` behind them; with `x-open` the body does not end before the answer.

use bindings::azure::identity::token_credential::get_token;
use bindings::azure::identity::types::TokenRequest;
use bindings::exports::wasi::http::handler::Guest;
use bindings::wasi::http::client;
use bindings::wasi::http::types::{ErrorCode, Fields, Method, Request, RequestOptions, Response, Scheme};
use bindings::{wit_future, wit_stream};
use std::cell::RefCell;

mod memory;

mod bindings {
    wit_bindgen::generate!({
        path: ["../../../wit", "../../../wit/0.2", "wit"],
        world: "host-tests:http-client/app",
        generate_all,
    });
}

struct App;

bindings::export!(App with_types_in bindings);

thread_local! {
    /// What `/get-token` got: an app that has a token has it somewhere.
    static TOKENS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

impl Guest for App {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let headers = request.get_headers();
        let orders = Orders { headers: headers.copy_all() };
        let path = request.get_path_with_query().unwrap_or_default();
        match path.as_str() {
            "/send" => send(request, &orders).await,
            "/scan" => {
                for _ in 0..orders.number("x-times") {
                    drain(client::send(outgoing(Method::Get, &orders, None)?).await?).await;
                }
                scan(request).await
            }
            "/get-token" => {
                let scopes = vec![orders.get("x-scope").unwrap_or_default().to_owned()];
                let request_for = TokenRequest { scopes, tenant_id: None, claims: None, enable_cae: true };
                match get_token(&request_for) {
                    Ok(token) => TOKENS.with_borrow_mut(|tokens| tokens.push(token.token)),
                    Err(error) => return Ok(answer(503, error.message)),
                }
                scan(request).await
            }
            _ => Ok(answer(404, "there are /send, /scan and /get-token".to_owned())),
        }
    }
}

/// The headers that say what to do.
struct Orders {
    headers: Vec<(String, Vec<u8>)>,
}

impl Orders {
    fn get(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(it, _)| it == name);
        header.and_then(|(_, value)| std::str::from_utf8(value).ok())
    }

    fn number(&self, name: &str) -> u64 {
        self.get(name).and_then(|text| text.parse().ok()).unwrap_or_default()
    }

    fn to_send(&self) -> Vec<(String, Vec<u8>)> {
        let named = self.headers.iter().filter_map(|(name, value)| {
            name.strip_prefix("x-with-").map(|name| (name.to_owned(), value.clone()))
        });
        named.collect()
    }
}

async fn send(request: Request, orders: &Orders) -> Result<Response, ErrorCode> {
    let method = request.get_method();
    match orders.get("x-body") {
        Some("pass") => {
            let (finished, is_finished) = wit_future::new(|| Ok(()));
            let (contents, trailers) = Request::consume_body(request, is_finished);
            drop(finished);
            client::send(outgoing(method, orders, Some((contents, trailers)))?).await
        }
        Some("ended") => {
            let (body, contents) = wit_stream::new();
            drop(body);
            let trailers = wit_future::new(|| Ok(None)).1;
            client::send(outgoing(method, orders, Some((contents, trailers)))?).await
        }
        Some(_) => {
            let (mut body, contents) = wit_stream::new();
            let (trailers, is_trailers) = wit_future::new(|| Ok(None));
            let (mut left, trailer) =
                (orders.number("x-body"), orders.get("x-trailer").map(ToOwned::to_owned));
            let stays_open = orders.get("x-open").is_some();
            wit_bindgen::spawn_local(async move {
                let mut chunk = vec![b'x'; 64 << 10];
                while left > 0 {
                    chunk.truncate(usize::try_from(left).unwrap_or(usize::MAX));
                    left -= chunk.len() as u64;
                    let length = chunk.len();
                    chunk = body.write_all(chunk).await;
                    if !chunk.is_empty() {
                        return;
                    }
                    chunk.resize(length, b'x');
                }
                if stays_open {
                    return core::mem::forget(body);
                }
                drop(body);
                if let Some(value) = trailer {
                    let fields = Fields::from_list(&[("x-trailer".to_owned(), value.into_bytes())]);
                    let _ = trailers.write(Ok(fields.ok())).await;
                }
            });
            client::send(outgoing(method, orders, Some((contents, is_trailers)))?).await
        }
        None => client::send(outgoing(method, orders, None)?).await,
    }
}

type Body = (wit_bindgen::StreamReader<u8>, wit_bindgen::FutureReader<Result<Option<Fields>, ErrorCode>>);

fn outgoing(method: Method, orders: &Orders, body: Option<Body>) -> Result<Request, ErrorCode> {
    let invalid = |()| ErrorCode::HttpRequestUriInvalid;
    let (scheme, rest) =
        orders.get("x-target").and_then(|it| it.split_once("://")).ok_or(ErrorCode::HttpRequestUriInvalid)?;
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let scheme = match scheme {
        "https" => Scheme::Https,
        "http" => Scheme::Http,
        other => Scheme::Other(other.to_owned()),
    };
    let headers =
        Fields::from_list(&orders.to_send()).map_err(|_| ErrorCode::HttpRequestHeaderSectionSize(None))?;
    let options = orders.get("x-timeout").map(|_| {
        let (options, timeout) = (RequestOptions::new(), Some(orders.number("x-timeout") * 1_000_000));
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

/// Reads an answer to its end.
async fn drain(response: Response) -> Vec<u8> {
    let (finished, is_finished) = wit_future::new(|| Ok(()));
    let (contents, _trailers) = Response::consume_body(response, is_finished);
    drop(finished);
    contents.collect().await
}

/// Says where the needles of the body, one a line in hexadecimal, stand in this memory.
async fn scan(request: Request) -> Result<Response, ErrorCode> {
    let (finished, is_finished) = wit_future::new(|| Ok(()));
    let (contents, _trailers) = Request::consume_body(request, is_finished);
    drop(finished);
    let needles = contents.collect().await;
    let mut text = format!("{} bytes", memory::size());
    for needle in needles.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        text += &format!("\n{}", memory::count(needle));
    }
    Ok(answer(200, text))
}

fn answer(status: u16, text: String) -> Response {
    let (mut body, contents) = wit_stream::new();
    let (response, _sent) = Response::new(Fields::new(), Some(contents), wit_future::new(|| Ok(None)).1);
    let _ = response.set_status_code(status);
    wit_bindgen::spawn_local(async move {
        body.write_all(text.into_bytes()).await;
    });
    response
}
