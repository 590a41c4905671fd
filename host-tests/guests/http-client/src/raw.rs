//! A request given part by part, so that any text can be tried as any part of it.
//!
//! The order is text, one part a line: the name of the part, and its value in hexadecimal. `header` and `trailer` have a name
//! and a value, `body` is sent as a stream. What is not given is not set.

use crate::bindings::wasi::http::client;
use crate::bindings::wasi::http::types::{Fields, Method, Request, Response, Scheme};
use crate::bindings::{wit_future, wit_stream};
use std::cell::RefCell;
use std::fmt::Write as _;

thread_local! {
    /// All that this app has received; it stays in memory, where `/scan` finds it.
    static RECEIVED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Sends the request of an order. The result describes what this app learned, one fact a line.
pub async fn send(order: &str) -> String {
    let learned = match build(order) {
        Err(part) => format!("not built: {part}\n"),
        Ok(request) => match client::send(request).await {
            Err(error) => format!("error: {error:?}\n"),
            Ok(response) => read(response).await,
        },
    };
    RECEIVED.with_borrow_mut(|received| received.push(learned.clone()));
    learned
}

/// The error is the part that the host refuses.
fn build(order: &str) -> Result<Request, &'static str> {
    let parts: Vec<_> = order.lines().map(part).collect();
    let find = |name| parts.iter().find(|part| part.name == name).map(|part| part.value());
    let fields = |name| {
        let named = parts.iter().filter(|part| part.name == name);
        let list: Vec<_> = named.map(|part| (part.text(0), part.values[1].clone())).collect();
        Fields::from_list(&list)
    };
    let contents = find("body").map(|text| {
        let (mut body, contents) = wit_stream::new();
        wit_bindgen::spawn_local(async move {
            body.write_all(text.into_bytes()).await;
        });
        contents
    });
    let is_trailers = match parts.iter().any(|part| part.name == "trailer") {
        false => wit_future::new(|| Ok(None)).1,
        true => {
            let fields = fields("trailer").map_err(|_| "trailer")?;
            let (trailers, is_trailers) = wit_future::new(|| Ok(None));
            wit_bindgen::spawn_local(async move {
                let _ = trailers.write(Ok(Some(fields))).await;
            });
            is_trailers
        }
    };
    let headers = fields("header").map_err(|_| "header")?;
    let (request, _sent) = Request::new(headers, contents, is_trailers, None);
    request.set_method(&method(&find("method").unwrap_or_default())).map_err(|()| "method")?;
    let scheme = find("scheme").map(|name| match name.as_str() {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        _ => Scheme::Other(name),
    });
    request.set_scheme(scheme.as_ref()).map_err(|()| "scheme")?;
    request.set_authority(find("authority").as_deref()).map_err(|()| "authority")?;
    request.set_path_with_query(find("path").as_deref()).map_err(|()| "path")?;
    Ok(request)
}

async fn read(response: Response) -> String {
    let mut learned = format!("status: {}\n", response.get_status_code());
    for (name, value) in response.get_headers().copy_all() {
        let _ = writeln!(learned, "header: {name}: {}", String::from_utf8_lossy(&value));
    }
    let (finished, is_finished) = wit_future::new(|| Ok(()));
    let (contents, trailers) = Response::consume_body(response, is_finished);
    drop(finished);
    let _ = writeln!(learned, "body: {}", String::from_utf8_lossy(&contents.collect().await));
    match trailers.await {
        Err(error) => learned += &format!("error: {error:?}\n"),
        Ok(trailers) => {
            for (name, value) in trailers.map(|trailers| trailers.copy_all()).unwrap_or_default() {
                let _ = writeln!(learned, "trailer: {name}: {}", String::from_utf8_lossy(&value));
            }
        }
    }
    learned
}

struct Part<'a> {
    name: &'a str,
    values: Vec<Vec<u8>>,
}

impl Part<'_> {
    fn text(&self, at: usize) -> String {
        String::from_utf8(self.values[at].clone()).expect("the test sends text")
    }

    fn value(&self) -> String {
        self.text(0)
    }
}

fn part(line: &str) -> Part<'_> {
    let mut words = line.split(' ');
    let name = words.next().unwrap_or_default();
    let byte = |at: usize, hex: &str| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal");
    let bytes = |hex: &str| (0..hex.len()).step_by(2).map(|at| byte(at, hex)).collect();
    Part { name, values: words.map(bytes).collect() }
}

/// A name after `=` is sent as `Other`, also if it has a case of its own.
fn method(name: &str) -> Method {
    match name {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        "CONNECT" => Method::Connect,
        "OPTIONS" => Method::Options,
        "TRACE" => Method::Trace,
        "PATCH" => Method::Patch,
        other => Method::Other(other.strip_prefix('=').unwrap_or(other).to_owned()),
    }
}
