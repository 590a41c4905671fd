//! HTTP requests to checked URLs, and their responses.

pub mod encoding;
pub mod url;

use crate::prelude::*;
use crate::token::Secret;
use core::time::Duration;
pub use encoding::{percent_decode, percent_encode};
pub use url::Url;

/// A request. All header values and the body are treated as secrets, because some are.
#[derive(Debug)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: Method,
    /// The URL, which was checked when the [`Url`] was made.
    pub url: Url,
    /// The headers: names in lower case, and values.
    pub headers: Vec<(&'static str, Secret)>,
    /// The body of a `POST`. Its length is sent as `content-length`.
    pub body: Option<Secret>,
}

/// The methods of token requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
}

impl Request {
    /// A request without a body. It says who sends it (RFC 9110, section 10.1.5), and that it decodes nothing
    /// (section 12.5.3): some hosts would leave it to the component.
    pub fn new(method: Method, url: Url) -> Self {
        let headers = vec![("accept-encoding", "identity".into()), ("user-agent", USER_AGENT.into())];
        Self { method, url, headers, body: None }
    }

    /// A `GET` of `url`.
    pub fn get(url: Url) -> Self {
        Self::new(Method::Get, url)
    }

    /// A `POST` of a form to `url`.
    pub fn post(url: Url, form: &Form) -> Self {
        let request = Self::new(Method::Post, url)
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded");
        Self { body: Some(Secret::from(form.encoded.expose())), ..request }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<Secret>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// A form (`application/x-www-form-urlencoded`). Each field is encoded when it is added.
#[derive(Debug)]
pub struct Form {
    encoded: Secret,
}

impl Form {
    /// A form with the fields.
    pub fn new(fields: &[(&str, &str)]) -> Self {
        let form = Self { encoded: Secret::from("") };
        fields.iter().fold(form, |form, (name, value)| form.field(name, value))
    }

    /// Adds a field.
    #[must_use]
    pub fn field(self, name: &str, value: &str) -> Self {
        let mut encoded = self.encoded.into_exposed();
        encoding::push_pair(&mut encoded, name, value);
        Self { encoded: encoded.into() }
    }

    /// The encoded fields, for a body or a query.
    pub fn into_encoded(self) -> Secret {
        self.encoded
    }
}

/// A response.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers whose values are text: names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body, at most [`MAX_BODY`] bytes. It may have a token.
    pub body: Body,
}

/// The bytes of a body, which `Debug` does not show.
#[derive(Clone)]
pub struct Body(pub Vec<u8>);

impl core::fmt::Debug for Body {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Response {
    /// The value of the first header with a name, which is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// The timeouts of a request. Hosts may ignore all but `total`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// The time to connect.
    pub connect: Duration,
    /// The time from then to the first byte of the response.
    pub first_byte: Duration,
    /// The time for the whole request, which ends then for every behaviour of the server.
    pub total: Duration,
}

/// Why there is no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The policy of the host does not allow the request.
    #[error("the host does not allow requests to that address")]
    Denied,
    /// The name does not resolve.
    #[error("the host name does not resolve")]
    Dns,
    /// The connection ended or broke the protocol.
    #[error("the connection broke off")]
    Interrupted,
    /// No server listens at the address.
    #[error("the connection was refused")]
    Refused,
    /// The host could not make the request.
    #[error("the host could not make the request")]
    Request,
    /// There was no response in time after the connection was made.
    #[error("the response took too long")]
    TimedOut,
    /// The TLS handshake failed.
    #[error("the secure connection failed")]
    Tls,
    /// The body is larger than [`MAX_BODY`] bytes.
    #[error("the response is larger than {} KiB", MAX_BODY / 1024)]
    TooLarge,
    /// There was no connection in time, or there is no route to the address.
    #[error("the address could not be reached")]
    Unroutable,
}

impl HttpError {
    /// Whether no server was reached, so that none can have received the request.
    pub fn is_unreached(self) -> bool {
        matches!(self, Self::Denied | Self::Dns | Self::Refused | Self::Unroutable)
    }

    /// Whether the server may have received and served the request before its response was lost.
    pub fn may_be_served(self) -> bool {
        matches!(self, Self::Interrupted | Self::TimedOut | Self::TooLarge)
    }

    /// Whether another attempt may succeed.
    pub fn is_transient(self) -> bool {
        matches!(
            self,
            Self::Dns | Self::Interrupted | Self::Refused | Self::TimedOut | Self::Tls | Self::Unroutable
        )
    }
}

/// The name and version of this component.
const USER_AGENT: &str = concat!("azure-identity-wasi/", env!("CARGO_PKG_VERSION"));
/// Upper bound of a response's body, in bytes. Tokens are a few KiB.
pub const MAX_BODY: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_encodes_every_character_that_could_end_a_field() {
        let form = Form::new(&[("client_secret", "s3cr3t~+/=&%x\r\n\0ä"), ("scope", "a b")]);
        assert_eq!(form.encoded.expose(), "client_secret=s3cr3t~%2B%2F%3D%26%25x%0D%0A%00%C3%A4&scope=a%20b");
    }

    #[test]
    fn decoding_reverses_encoding_and_keeps_malformed_text() {
        for text in ["s3cr3t~+/=&%x\r\n\0ä", "", "100%"] {
            assert_eq!(percent_decode(&percent_encode(text).to_string()), text);
        }
        assert_eq!(percent_decode("a%2b%2B+%zz%4%%ff"), "a++ %zz%4%\u{fffd}");
    }

    #[test]
    fn debug_of_a_request_shows_neither_headers_nor_body() {
        let url = Url::parse("https://login.microsoftonline.com").expect("a URL");
        let request = Request::post(url, &Form::new(&[("a", "s3cr3t")])).header("x", "s3cr3t");
        assert!(!format!("{request:?}").contains("s3cr3t"));
    }
}
