//! Requests over `wasi:http`.
//!
//! Hosts may ignore the timeouts of `request-options`, so each wait is for a timer as well.

use crate::host::codes;
use crate::host::nanoseconds::nanoseconds;
use crate::http::url::Scheme;
use crate::http::{Body, HttpError, MAX_BODY, Method, Request, Response, Timeouts};
use crate::prelude::*;
use wasi::clocks::monotonic_clock;
use wasi::http::outgoing_handler;
use wasi::http::types::{
    self as http, ErrorCode, Fields, IncomingBody, IncomingResponse, OutgoingBody, OutgoingRequest,
    RequestOptions,
};
use wasi::io::poll::{self, Pollable};
use wasi::io::streams::{InputStream, StreamError};

/// Sends a request and collects the response, within `timeouts.total`.
pub fn send(request: &Request, timeouts: Timeouts) -> Result<Response, HttpError> {
    let deadline = monotonic_clock::subscribe_duration(nanoseconds(timeouts.total));
    let outgoing = head(request)?;
    // The body of a GET is never opened: a host may close it before it is finished.
    let body = match &request.body {
        Some(_) => Some(outgoing.body().map_err(|()| HttpError::Request)?),
        None => None,
    };
    let pending =
        outgoing_handler::handle(outgoing, Some(options(timeouts))).map_err(|code| meaning(&code))?;
    if let (Some(body), Some(bytes)) = (body, &request.body) {
        // Whether a body that cannot be written matters is known from the response.
        let _ = write(&body, bytes.expose().as_bytes(), &deadline);
        let _ = OutgoingBody::finish(body, None);
    }
    wait(&pending.subscribe(), &deadline)?;
    match pending.get() {
        Some(Ok(Ok(response))) => receive(&response, &deadline),
        Some(Ok(Err(code))) => Err(meaning(&code)),
        Some(Err(())) | None => Err(HttpError::TimedOut),
    }
}

fn head(request: &Request) -> Result<OutgoingRequest, HttpError> {
    let mut headers: Vec<(String, Vec<u8>)> = request
        .headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.expose().as_bytes().to_vec()))
        .collect();
    if let Some(body) = &request.body {
        headers.push(("content-length".to_owned(), body.expose().len().to_string().into_bytes()));
    }
    let outgoing = OutgoingRequest::new(Fields::from_list(&headers).map_err(|_| HttpError::Request)?);
    let scheme = match request.url.scheme() {
        Scheme::Http => http::Scheme::Http,
        Scheme::Https => http::Scheme::Https,
    };
    // A new request is a GET.
    if request.method == Method::Post {
        outgoing.set_method(&http::Method::Post).map_err(|()| HttpError::Request)?;
    }
    outgoing.set_scheme(Some(&scheme)).map_err(|()| HttpError::Request)?;
    outgoing.set_authority(Some(request.url.authority())).map_err(|()| HttpError::Request)?;
    outgoing.set_path_with_query(Some(request.url.path_and_query())).map_err(|()| HttpError::Request)?;
    Ok(outgoing)
}

/// The options of a request. A host that does not support a timeout refuses it; the deadline holds all the
/// same.
fn options(timeouts: Timeouts) -> RequestOptions {
    let options = RequestOptions::new();
    let _ = options.set_connect_timeout(Some(nanoseconds(timeouts.connect)));
    let _ = options.set_first_byte_timeout(Some(nanoseconds(timeouts.first_byte)));
    options
}

fn write(body: &OutgoingBody, mut bytes: &[u8], deadline: &Pollable) -> Result<(), HttpError> {
    let stream = body.write().map_err(|()| HttpError::Request)?;
    while !bytes.is_empty() {
        let room = stream.check_write().map_err(|_| HttpError::Interrupted)?;
        if room == 0 {
            wait(&stream.subscribe(), deadline)?;
            continue;
        }
        let count = usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len());
        let (now, later) = bytes.split_at_checked(count).unwrap_or((bytes, &[]));
        stream.write(now).map_err(|_| HttpError::Interrupted)?;
        bytes = later;
    }
    stream.flush().map_err(|_| HttpError::Interrupted)
}

fn receive(response: &IncomingResponse, deadline: &Pollable) -> Result<Response, HttpError> {
    let headers = response.headers().entries();
    let headers = headers
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_ascii_lowercase(), String::from_utf8(value).ok()?)));
    let headers = headers.collect();
    let body = response.consume().map_err(|()| HttpError::Interrupted)?;
    let bytes = collect(&body, deadline)?;
    Ok(Response { status: response.status(), headers, body: bytes })
}

fn collect(body: &IncomingBody, deadline: &Pollable) -> Result<Body, HttpError> {
    let stream = body.stream().map_err(|()| HttpError::Interrupted)?;
    let mut bytes = Body(Vec::new());
    loop {
        match read(&stream, deadline)? {
            None => return Ok(bytes),
            Some(chunk) => bytes.0.extend_from_slice(&chunk),
        }
        if bytes.0.len() > MAX_BODY {
            return Err(HttpError::TooLarge);
        }
    }
}

/// The next bytes; `None`: the body is complete.
fn read(stream: &InputStream, deadline: &Pollable) -> Result<Option<Vec<u8>>, HttpError> {
    loop {
        match stream.read(CHUNK) {
            // No bytes have arrived yet. Most have with the headers, so the wait comes second.
            Ok(chunk) if chunk.is_empty() => wait(&stream.subscribe(), deadline)?,
            Ok(chunk) => return Ok(Some(chunk)),
            Err(StreamError::Closed) => return Ok(None),
            // Hosts report an interrupted body as any other failure.
            Err(StreamError::LastOperationFailed(_)) => return Err(HttpError::Interrupted),
        }
    }
}

/// Waits until `ready`, or until the deadline, which is an error.
fn wait(ready: &Pollable, deadline: &Pollable) -> Result<(), HttpError> {
    let is_ready = poll::poll(&[ready, deadline]).contains(&0);
    if is_ready { Ok(()) } else { Err(HttpError::TimedOut) }
}

codes::meaning_of_http!(ErrorCode);

const CHUNK: u64 = 16 * 1024;
