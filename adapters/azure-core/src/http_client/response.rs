//! Reads the response.

use super::request::RequestPlan;
use super::timer::timer;
use crate::reactor::Wait;
use azure_core::Bytes;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::headers::Headers;
use azure_core::http::{AsyncRawResponse, Method};
use futures_util::Stream;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use wasip2::http::types::{IncomingBody, IncomingResponse};
use wasip2::io::streams::{InputStream, StreamError};

/// The response: its head, and its body as a stream.
pub(super) fn read(
    response: IncomingResponse,
    plan: &RequestPlan,
    timeout: Duration,
) -> azure_core::Result<AsyncRawResponse> {
    let status = response.status();
    let headers = headers(response.headers().entries());
    let broken =
        || Error::with_message(ErrorKind::Io, format!("the response of {} has no body", plan.authority()));
    let body = response.consume().map_err(|()| broken())?;
    let stream = body.stream().map_err(|()| broken())?;
    let body = BodyStream {
        wait: None,
        stream,
        _body: body,
        remaining: content_length(plan.method, status, &headers),
        is_finished: false,
        timeout,
        authority: plan.authority().to_owned(),
    };
    Ok(AsyncRawResponse::new(status.into(), headers, Box::pin(body)))
}

fn headers(entries: Vec<(String, Vec<u8>)>) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in entries {
        let Ok(value) = String::from_utf8(value) else { continue };
        let name = name.to_ascii_lowercase();
        // RFC 9110, section 5.2: the values of a repeated header form a list.
        let value = match headers.get_optional_str(&name.clone().into()) {
            Some(before) => format!("{before}, {value}"),
            None => value,
        };
        headers.insert(name, value);
    }
    headers
}

/// The length of the body; `None`: it is unknown. Hosts that decompress a body keep its original length.
fn content_length(method: Method, status: u16, headers: &Headers) -> Option<u64> {
    let is_bodiless = method == Method::Head || matches!(status, 100..=199 | 204 | 304);
    let is_encoded = headers.get_optional_str(&"content-encoding".into()).is_some();
    if is_bodiless || is_encoded {
        return None;
    }
    headers.get_optional_str(&"content-length".into())?.trim().parse().ok()
}

/// The order of the fields is the order in which they are dropped: the wait, then its stream, then the body.
struct BodyStream {
    wait: Option<Wait>,
    stream: InputStream,
    _body: IncomingBody,
    remaining: Option<u64>,
    is_finished: bool,
    timeout: Duration,
    authority: String,
}

impl Stream for BodyStream {
    type Item = azure_core::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.is_finished {
            return Poll::Ready(None);
        }
        let next = ready!(self.poll_read(context));
        self.is_finished = !matches!(next, Some(Ok(_)));
        Poll::Ready(next)
    }
}

impl BodyStream {
    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<Option<azure_core::Result<Bytes>>> {
        loop {
            if let Some(wait) = &mut self.wait {
                let first = ready!(Pin::new(wait).poll(context));
                self.wait = None;
                if first != 0 {
                    return Poll::Ready(Some(Err(self.interrupted("stopped in the middle of its response"))));
                }
            }
            match self.stream.read(CHUNK) {
                Ok(bytes) if bytes.is_empty() => {
                    self.wait = Some(Wait::for_first_of([self.stream.subscribe(), timer(self.timeout)]));
                }
                Ok(bytes) => {
                    self.remaining =
                        self.remaining.map(|remaining| remaining.saturating_sub(bytes.len() as u64));
                    return Poll::Ready(Some(Ok(bytes.into())));
                }
                Err(StreamError::Closed) if self.remaining.is_none_or(|remaining| remaining == 0) => {
                    return Poll::Ready(None);
                }
                // Hosts report a truncated body like any other failure.
                Err(StreamError::Closed | StreamError::LastOperationFailed(_)) => {
                    return Poll::Ready(Some(Err(
                        self.interrupted("closed the connection before the end of its response")
                    )));
                }
            }
        }
    }

    fn interrupted(&self, event: &str) -> Error {
        Error::with_message(ErrorKind::Io, format!("{} {event}", self.authority))
    }
}

const CHUNK: u64 = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(all: &[(&str, &str)]) -> Headers {
        headers(all.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect())
    }

    #[test]
    fn headers_keep_all_values_that_are_text() {
        let two =
            entries(&[("WWW-Authenticate", "Bearer a=\"b\""), ("www-authenticate", "PoP"), ("etag", "x")]);
        assert_eq!(two.get_optional_str(&"www-authenticate".into()), Some("Bearer a=\"b\", PoP"));
        assert_eq!(two.get_optional_str(&"etag".into()), Some("x"));
        let binary = headers(vec![("x-binary".to_owned(), vec![0xFF])]);
        assert_eq!(binary.get_optional_str(&"x-binary".into()), None);
    }

    #[test]
    fn the_length_is_unknown_without_a_body_and_for_an_encoded_one() {
        let length = entries(&[("content-length", "10")]);
        assert_eq!(content_length(Method::Get, 200, &length), Some(10));
        assert_eq!(content_length(Method::Post, 503, &length), Some(10));
        assert_eq!(content_length(Method::Head, 200, &length), None);
        assert_eq!(content_length(Method::Get, 304, &length), None);
        assert_eq!(content_length(Method::Delete, 204, &length), None);
        let encoded = entries(&[("content-length", "10"), ("content-encoding", "gzip")]);
        assert_eq!(content_length(Method::Get, 200, &encoded), None);
        assert_eq!(content_length(Method::Get, 200, &entries(&[("content-length", "ten")])), None);
        assert_eq!(content_length(Method::Get, 200, &Headers::new()), None);
    }
}
