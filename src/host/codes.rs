//! The conversion of WASI's error codes. WASI 0.2 and 0.3 have the same codes as different types, so the
//! tables are macros.

/// Defines `meaning`: from an error code of `wasi:http` to an [`HttpError`](crate::http::HttpError).
macro_rules! meaning_of_http {
    ($code:ident) => {
        fn meaning(code: &$code) -> HttpError {
            match code {
                $code::HttpRequestDenied | $code::DestinationIpProhibited => HttpError::Denied,
                // Spin reports a denied request so.
                $code::InternalError(Some(why))
                    if why.contains("not permitted") || why.contains("not allowed") =>
                {
                    HttpError::Denied
                }
                $code::DnsTimeout | $code::DnsError(_) | $code::DestinationNotFound => HttpError::Dns,
                $code::ConnectionRefused => HttpError::Refused,
                $code::ConnectionTimeout | $code::DestinationUnavailable | $code::DestinationIpUnroutable => {
                    HttpError::Unroutable
                }
                $code::ConnectionReadTimeout | $code::ConnectionWriteTimeout | $code::HttpResponseTimeout => {
                    HttpError::TimedOut
                }
                $code::TlsProtocolError | $code::TlsCertificateError | $code::TlsAlertReceived(_) => {
                    HttpError::Tls
                }
                $code::HttpRequestUriInvalid
                | $code::HttpRequestUriTooLong
                | $code::HttpRequestMethodInvalid
                | $code::HttpRequestHeaderSize(_)
                | $code::HttpRequestHeaderSectionSize(_)
                | $code::ConfigurationError => HttpError::Request,
                $code::HttpResponseBodySize(_) | $code::HttpResponseHeaderSectionSize(_) => {
                    HttpError::TooLarge
                }
                _ => HttpError::Interrupted,
            }
        }
    };
}

/// Defines `meaning`: from an error code of `wasi:filesystem` to a [`FileError`](crate::host::FileError).
macro_rules! meaning_of_files {
    ($code:ident) => {
        fn meaning(code: $code) -> FileError {
            match code {
                $code::NoEntry | $code::NotDirectory | $code::NameTooLong | $code::Invalid => {
                    FileError::Missing
                }
                $code::Access | $code::NotPermitted => FileError::Denied,
                $code::IsDirectory | $code::Loop => FileError::NotAFile,
                _ => FileError::Failed,
            }
        }
    };
}

pub(crate) use {meaning_of_files, meaning_of_http};
