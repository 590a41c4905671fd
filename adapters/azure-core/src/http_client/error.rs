//! What the errors of `wasi:http` mean to the SDK: whether it may try again.

use azure_core::error::{Error, ErrorKind};
use wasip2::http::types::ErrorCode;

/// The SDK's error for a request to `authority`.
pub(super) fn of(code: &ErrorCode, authority: &str) -> Error {
    let (kind, what) = meaning(code);
    Error::with_message(kind, format!("{authority}: {what}"))
}

/// `Connection`: nothing was sent. `Io`: something may have been. `Other`: trying again is no use.
fn meaning(code: &ErrorCode) -> (ErrorKind, String) {
    use ErrorKind::{Connection, Io, Other};
    let (kind, what) = match code {
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => (Other, DENIED),
        // Spin says it so.
        ErrorCode::InternalError(Some(why))
            if why.contains("not permitted") || why.contains("not allowed") =>
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
        ErrorCode::ConnectionLimitReached => (Connection, "the host allows no more connections at once"),
        ErrorCode::TlsProtocolError | ErrorCode::TlsCertificateError | ErrorCode::TlsAlertReceived(_) => {
            (Connection, "the host does not trust the server, or they have no TLS in common")
        }
        ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => (Io, "the server did not answer in time"),
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
        // Whatever happened happened on the way.
        _ => return (Io, format!("the connection broke ({code:?})")),
    };
    (kind, what.to_owned())
}

const DENIED: &str = "the host does not allow requests there; name it among the allowed outgoing hosts";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_get_better_is_tried_again() {
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
            (ErrorCode::ConnectionReadTimeout, ErrorKind::Io, "h: the server did not answer in time"),
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
            let error = of(&code, "h");
            assert_eq!((error.kind(), error.to_string().as_str()), (&kind, message));
        }
    }
}
