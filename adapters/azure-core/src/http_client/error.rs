//! Maps the errors of `wasi:http` to those of the SDK, whose kind determines whether a request is retried.

use azure_core::error::{Error, ErrorKind};
use wasip2::http::types::ErrorCode;

/// The SDK's error for a request to `authority`.
pub(super) fn map(code: &ErrorCode, authority: &str) -> Error {
    let (kind, message) = classify(code);
    Error::with_message(kind, format!("{authority}: {message}"))
}

/// `Connection`: the request was not sent. `Io`: it may have been sent. `Other`: a retry would fail again.
fn classify(code: &ErrorCode) -> (ErrorKind, String) {
    use ErrorKind::{Connection, Io, Other};
    let (kind, message) = match code {
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => (Other, DENIED),
        // Spin reports a denied host so.
        ErrorCode::InternalError(Some(text))
            if text.contains("not permitted") || text.contains("not allowed") =>
        {
            (Other, DENIED)
        }
        ErrorCode::DnsTimeout | ErrorCode::DnsError(_) | ErrorCode::DestinationNotFound => {
            (Connection, "the name of the server does not resolve")
        }
        ErrorCode::ConnectionRefused => (Connection, "the server refuses connections"),
        ErrorCode::ConnectionTimeout => (Connection, "the server cannot be reached in time"),
        ErrorCode::DestinationUnavailable | ErrorCode::DestinationIpUnroutable => {
            (Connection, "the server cannot be reached")
        }
        ErrorCode::ConnectionLimitReached => (Connection, "the host has reached its limit of connections"),
        ErrorCode::TlsProtocolError | ErrorCode::TlsCertificateError | ErrorCode::TlsAlertReceived(_) => {
            (Connection, "the host does not trust the server, or they have no common version of TLS")
        }
        ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => (Io, "the server did not respond in time"),
        ErrorCode::HttpRequestLengthRequired
        | ErrorCode::HttpRequestBodySize(_)
        | ErrorCode::HttpRequestMethodInvalid
        | ErrorCode::HttpRequestUriInvalid
        | ErrorCode::HttpRequestUriTooLong
        | ErrorCode::HttpRequestHeaderSectionSize(_)
        | ErrorCode::HttpRequestHeaderSize(_)
        | ErrorCode::HttpRequestTrailerSectionSize(_)
        | ErrorCode::HttpRequestTrailerSize(_)
        | ErrorCode::ConfigurationError => {
            return (Other, format!("the host does not send the request ({code:?})"));
        }
        // Any other error occurred during the transfer.
        _ => return (Io, format!("the connection broke ({code:?})")),
    };
    (kind, message.to_owned())
}

const DENIED: &str = "the host does not allow requests there; name it among the allowed outgoing hosts";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_an_error_determines_whether_it_is_retried() {
        let spin = "destination is not permitted by allowed_outbound_hosts".to_owned();
        for (code, kind, message) in [
            (ErrorCode::ConnectionRefused, ErrorKind::Connection, "h: the server refuses connections"),
            (
                ErrorCode::DestinationNotFound,
                ErrorKind::Connection,
                "h: the name of the server does not resolve",
            ),
            (ErrorCode::ConnectionTimeout, ErrorKind::Connection, "h: the server cannot be reached in time"),
            (
                ErrorCode::HttpProtocolError,
                ErrorKind::Io,
                "h: the connection broke (ErrorCode::HttpProtocolError)",
            ),
            (ErrorCode::ConnectionReadTimeout, ErrorKind::Io, "h: the server did not respond in time"),
            (
                ErrorCode::InternalError(Some("?".to_owned())),
                ErrorKind::Io,
                "h: the connection broke (ErrorCode::InternalError(Some(\"?\")))",
            ),
            (
                ErrorCode::HttpRequestUriInvalid,
                ErrorKind::Other,
                "h: the host does not send the request (ErrorCode::HttpRequestUriInvalid)",
            ),
            (
                ErrorCode::HttpRequestDenied,
                ErrorKind::Other,
                "h: the host does not allow requests there; name it among the allowed outgoing hosts",
            ),
            (
                ErrorCode::InternalError(Some(spin)),
                ErrorKind::Other,
                "h: the host does not allow requests there; name it among the allowed outgoing hosts",
            ),
        ] {
            let error = map(&code, "h");
            assert_eq!((error.kind(), error.to_string().as_str()), (&kind, message));
        }
    }
}
