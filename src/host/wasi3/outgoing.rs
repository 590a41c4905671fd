//! Requests over `wasi:http` 0.3.
//!
//! Hosts may ignore the timeouts of `request-options`, so the whole exchange races against a timer.

use super::bindings::wasi::http::client;
use super::bindings::wasi::http::types::{
    self as http, ErrorCode, Fields, Request as Outgoing, RequestOptions, Response as Incoming,
};
use super::bindings::{wit_future, wit_stream};
use super::timeout::within;
use crate::host::codes;
use crate::host::nanoseconds::nanoseconds;
use crate::http::url::Scheme;
use crate::http::{Body, HttpError, MAX_BODY, Method, Request, Response, Timeouts};
use crate::prelude::*;
use crate::token::Secret;
use core::future::poll_fn;
use core::pin::pin;
use wit_bindgen::{StreamResult, StreamWriter};

/// Sends a request and collects the response, within `timeouts.total`.
pub async fn send(request: &Request, timeouts: Timeouts) -> Result<Response, HttpError> {
    within(timeouts.total, exchange(request, timeouts)).await.unwrap_or(Err(HttpError::TimedOut))
}

async fn exchange(request: &Request, timeouts: Timeouts) -> Result<Response, HttpError> {
    // A GET has no body, which is not the same as an empty one.
    let (writer, body) = match &request.body {
        Some(_) => {
            let (writer, reader) = wit_stream::new();
            (Some(writer), Some(reader))
        }
        None => (None, None),
    };
    let outgoing = head(request, body, timeouts)?;
    let mut sending = pin!(client::send(outgoing));
    let mut writing = pin!(write(writer, request.body.as_ref()));
    let mut is_written = false;
    // Whether a body that cannot be written matters is known from the response.
    let response = poll_fn(|context| {
        is_written = is_written || writing.as_mut().poll(context).is_ready();
        sending.as_mut().poll(context)
    });
    receive(response.await.map_err(|code| meaning(&code))?).await
}

fn head(
    request: &Request,
    body: Option<wit_bindgen::StreamReader<u8>>,
    timeouts: Timeouts,
) -> Result<Outgoing, HttpError> {
    let mut headers: Vec<(String, Vec<u8>)> = request
        .headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.expose().as_bytes().to_vec()))
        .collect();
    if let Some(body) = &request.body {
        headers.push(("content-length".to_owned(), body.expose().len().to_string().into_bytes()));
    }
    let fields = Fields::from_list(&headers).map_err(|_| HttpError::Request)?;
    // There are no trailers: the future resolves to none when its writer is dropped.
    let (_, trailers) = wit_future::new(|| Ok(None));
    let (outgoing, _) = Outgoing::new(fields, body, trailers, Some(options(timeouts)));
    let method = match request.method {
        Method::Get => http::Method::Get,
        Method::Post => http::Method::Post,
    };
    let scheme = match request.url.scheme() {
        Scheme::Http => http::Scheme::Http,
        Scheme::Https => http::Scheme::Https,
    };
    outgoing.set_method(&method).map_err(|()| HttpError::Request)?;
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

async fn write(writer: Option<StreamWriter<u8>>, body: Option<&Secret>) {
    if let (Some(mut writer), Some(body)) = (writer, body) {
        writer.write_all(body.expose().as_bytes().to_vec()).await;
    }
}

async fn receive(response: Incoming) -> Result<Response, HttpError> {
    let status = response.get_status_code();
    let headers = response.get_headers().copy_all();
    let headers = headers
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_ascii_lowercase(), String::from_utf8(value).ok()?)));
    let headers = headers.collect();
    let (_, handled) = wit_future::new(|| Ok(()));
    let (mut stream, trailers) = Incoming::consume_body(response, handled);
    let mut body = Body(Vec::new());
    loop {
        let mut bytes = core::mem::take(&mut body.0);
        bytes.reserve(CHUNK);
        let result;
        (result, body.0) = stream.read(bytes).await;
        if body.0.len() > MAX_BODY {
            return Err(HttpError::TooLarge);
        }
        if !matches!(result, StreamResult::Complete(_)) {
            break;
        }
    }
    // The trailers tell a complete body from an interrupted one.
    trailers.await.map_err(|_| HttpError::Interrupted)?;
    Ok(Response { status, headers, body })
}

codes::meaning_of_http!(ErrorCode);

const CHUNK: usize = 16 * 1024;
