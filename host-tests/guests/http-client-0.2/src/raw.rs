//! A request given part by part, in the form of `guests/http-client/src/raw.rs`, over `wasi:http/outgoing-handler`.

use std::fmt::Write as _;
use wasi::http::outgoing_handler;
use wasi::http::types::{
    ErrorCode, Fields, IncomingBody, IncomingResponse, Method, OutgoingBody, OutgoingRequest, Scheme,
};
use wasi::io::streams::StreamError;

/// Sends the request of an order. The result describes what this app learned, one fact a line.
pub fn send(order: &str) -> String {
    let parts: Vec<_> = order.lines().map(part).collect();
    match build(&parts) {
        Err(part) => format!("not built: {part}\n"),
        Ok((request, trailers)) => match respond(&parts, request, trailers) {
            Err(error) => format!("error: {error:?}\n"),
            Ok(response) => read(response),
        },
    }
}

/// The request and its trailers. The error is the part that the host refuses.
fn build(parts: &[Part<'_>]) -> Result<(OutgoingRequest, Option<Fields>), &'static str> {
    let fields = |name| {
        let named = parts.iter().filter(|part| part.name == name);
        let list: Vec<_> = named.map(|part| (part.text(0), part.values[1].clone())).collect();
        Fields::from_list(&list)
    };
    let has_trailers = parts.iter().any(|part| part.name == "trailer");
    let trailers = has_trailers.then(|| fields("trailer")).transpose().map_err(|_| "trailer")?;
    let request = OutgoingRequest::new(fields("header").map_err(|_| "header")?);
    request.set_method(&method(&find(parts, "method").unwrap_or_default())).map_err(|()| "method")?;
    let scheme = find(parts, "scheme").map(|name| match name.as_str() {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        _ => Scheme::Other(name),
    });
    request.set_scheme(scheme.as_ref()).map_err(|()| "scheme")?;
    request.set_authority(find(parts, "authority").as_deref()).map_err(|()| "authority")?;
    request.set_path_with_query(find(parts, "path").as_deref()).map_err(|()| "path")?;
    Ok((request, trailers))
}

fn respond(
    parts: &[Part<'_>],
    request: OutgoingRequest,
    trailers: Option<Fields>,
) -> Result<IncomingResponse, ErrorCode> {
    let contents = find(parts, "body");
    // Of a request without contents and trailers there is no body.
    let body = (contents.is_some() || trailers.is_some()).then(|| request.body().expect("there is one body"));
    let pending = outgoing_handler::handle(request, None)?;
    if let Some(body) = body {
        if let Some(contents) = contents {
            let stream = body.write().expect("there is one stream");
            for chunk in contents.as_bytes().chunks(4096) {
                // The service may respond before it has read the body.
                let _ = stream.blocking_write_and_flush(chunk);
            }
        }
        OutgoingBody::finish(body, trailers)?;
    }
    pending.subscribe().block();
    pending.get().expect("it is there").expect("it is taken once")
}

fn read(response: IncomingResponse) -> String {
    let mut learned = format!("status: {}\n", response.status());
    for (name, value) in response.headers().entries() {
        let _ = writeln!(learned, "header: {name}: {}", String::from_utf8_lossy(&value));
    }
    let body = response.consume().expect("there is one body");
    let mut bytes = Vec::new();
    let stream = body.stream().expect("there is one stream");
    let failed = loop {
        match stream.blocking_read(16 << 10) {
            Ok(chunk) => bytes.extend(chunk),
            Err(StreamError::Closed) => break None,
            Err(StreamError::LastOperationFailed(error)) => break Some(error),
        }
    };
    let _ = writeln!(learned, "body: {}", String::from_utf8_lossy(&bytes));
    if let Some(error) = failed {
        match wasi::http::types::http_error_code(&error) {
            Some(error) => return learned + &format!("error: {error:?}\n"),
            None => return learned + &format!("error: {}\n", error.to_debug_string()),
        }
    }
    drop(stream);
    let trailers = IncomingBody::finish(body);
    trailers.subscribe().block();
    match trailers.get().expect("they are there").expect("they are taken once") {
        Err(error) => learned += &format!("error: {error:?}\n"),
        Ok(trailers) => {
            for (name, value) in trailers.map(|trailers| trailers.entries()).unwrap_or_default() {
                let _ = writeln!(learned, "trailer: {name}: {}", String::from_utf8_lossy(&value));
            }
        }
    }
    learned
}

fn find(parts: &[Part<'_>], name: &str) -> Option<String> {
    parts.iter().find(|part| part.name == name).map(|part| part.text(0))
}

struct Part<'a> {
    name: &'a str,
    values: Vec<Vec<u8>>,
}

impl Part<'_> {
    fn text(&self, at: usize) -> String {
        String::from_utf8(self.values[at].clone()).expect("the test sends text")
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
