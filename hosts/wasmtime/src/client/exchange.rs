//! One request and its response, with the timeouts of its options.

use super::connections::Connections;
use super::https_proxy::ProxyError;
use futures_util::future::{Either, select};
use futures_util::stream::try_unfold;
use http::{Request, Response};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Incoming;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::capture_connection;
use std::error::Error as StdError;
use std::io;
use std::pin::pin;
use std::time::Duration;
use tokio::time::timeout;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

/// Why a request failed: the error for the component, and what it cannot say.
pub(crate) struct Failure {
    pub(crate) error: Error,
    /// `None`: the error says it all.
    pub(crate) reason: Option<String>,
}

/// Sends a request, and returns when the headers of the response are there. Redirects are responses like any other.
pub(crate) async fn exchange(
    connections: &Connections,
    mut request: Request<WasiBody>,
    options: Option<RequestOptions>,
) -> Result<Response<WasiBody>, Failure> {
    let options = options.unwrap_or_default();
    let mut connection = capture_connection(&mut request);
    let mut response = pin!(connections.client.request(request));
    let connected = pin!(connection.wait_for_connection_metadata());
    let connecting =
        timeout(options.connect_timeout.unwrap_or(DEFAULT), select(response.as_mut(), connected));
    let first = match connecting.await {
        Ok(Either::Left((response, _))) => Some(response),
        Ok(Either::Right(_)) => None,
        Err(_) => return Err(Error::ConnectionTimeout.into()),
    };
    let response = match first {
        Some(response) => response,
        None => timeout(options.first_byte_timeout.unwrap_or(DEFAULT), response)
            .await
            .map_err(|_| Error::ConnectionReadTimeout)?,
    };
    let response = response.map_err(|error| describe(&error, &connections.expected))?;
    let between = options.between_bytes_timeout.unwrap_or(DEFAULT);
    Ok(response.map(|body| limited(body, between)))
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, reason: None }
    }
}

/// A body that fails when the server sends nothing for some time.
fn limited(body: Incoming, between: Duration) -> WasiBody {
    let frames = try_unfold(body, move |mut body| async move {
        match timeout(between, body.frame()).await {
            Ok(Some(frame)) => Ok(Some((frame?, body))),
            Ok(None) => Ok(None),
            Err(_) => Err(Error::ConnectionReadTimeout),
        }
    });
    StreamBody::new(frames).boxed_unsync()
}

fn describe(error: &legacy::Error, expected: &str) -> Failure {
    if let Some(proxy) = find::<ProxyError>(error) {
        return Failure { error: Error::DestinationUnavailable, reason: Some(proxy.to_string()) };
    }
    if let Some(tls) = find::<rustls::Error>(error) {
        return of_tls(tls, expected);
    }
    if let Some(error) = find::<hyper::Error>(error) {
        return if error.is_timeout() { Error::HttpResponseTimeout } else { Error::HttpProtocolError }.into();
    }
    // wasmtime derives the code from the error's kind and, for the resolver's, from its text.
    let io = find::<io::Error>(error).map(|error| io::Error::new(error.kind(), error.to_string()));
    io.map_or(Error::ConnectionTerminated, Error::Connect).into()
}

fn of_tls(error: &rustls::Error, expected: &str) -> Failure {
    match error {
        rustls::Error::InvalidCertificate(why) => {
            // Of an error of its own, rustls shows `Debug`.
            let why = match why {
                rustls::CertificateError::Other(own) => own.0.to_string(),
                why => why.to_string(),
            };
            let reason = format!("expected {expected}; the server's certificate was refused: {why}");
            Failure { error: Error::TlsCertificateError, reason: Some(reason) }
        }
        rustls::Error::AlertReceived(alert) => Failure {
            error: Error::TlsAlertReceived { alert_id: Some((*alert).into()), alert_message: None },
            reason: Some(error.to_string()),
        },
        _ => Failure { error: Error::TlsProtocolError, reason: Some(error.to_string()) },
    }
}

/// The error of a type among an error and its causes.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    if let Some(found) = error.downcast_ref() {
        return Some(found);
    }
    // `source` of an I/O error is the cause of the error in it.
    let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    let inner = inner.map(|inner| inner as &(dyn StdError + 'static));
    find(inner.or_else(|| error.source())?)
}

/// wasmtime's.
const DEFAULT: Duration = Duration::from_secs(600);

#[cfg(test)]
mod tests;
