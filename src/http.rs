//! HTTP as the core knows it: small requests to checked addresses, small answers.

pub mod url;

use crate::prelude::*;
use crate::token::Secret;
use core::time::Duration;
pub use url::Url;

/// A request. Header values and body are secrets, whatever they hold: some do.
#[derive(Debug)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: Method,
    /// Where it goes; checked when the [`Url`] was made.
    pub url: Url,
    /// Header names, lower case, and values.
    pub headers: Vec<(&'static str, Secret)>,
    /// The body of a `POST`; its length is sent as `content-length`.
    pub body: Option<Secret>,
}

/// The methods that tokens are asked for with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
}

impl Request {
    /// A `GET` of `url`.
    pub fn get(url: Url) -> Self {
        Self { method: Method::Get, url, headers: Vec::new(), body: None }
    }

    /// A `POST` of a form to `url`.
    pub fn post(url: Url, form: &Form) -> Self {
        let headers = vec![
            ("accept", "application/json".into()),
            ("content-type", "application/x-www-form-urlencoded".into()),
        ];
        Self { method: Method::Post, url, headers, body: Some(Secret::from(form.encoded.expose())) }
    }

    /// The same with one more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<Secret>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// A form body (`application/x-www-form-urlencoded`), encoded as it grows.
#[derive(Debug)]
pub struct Form {
    encoded: Secret,
}

impl Form {
    /// A form with these fields.
    pub fn new(fields: &[(&str, &str)]) -> Self {
        let form = Self { encoded: Secret::from("") };
        fields.iter().fold(form, |form, (name, value)| form.field(name, value))
    }

    /// The same form with one more field.
    #[must_use]
    pub fn field(self, name: &str, value: &str) -> Self {
        let mut encoded = self.encoded.into_exposed();
        push_pair(&mut encoded, name, value);
        Self { encoded: encoded.into() }
    }

    /// The fields as they go into a body, or behind the `?` of a URL.
    pub fn into_encoded(self) -> Secret {
        self.encoded
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Header names, lower case, and values; those that are not text are left out.
    pub headers: Vec<(String, String)>,
    /// The body, at most [`MAX_BODY`] bytes. May hold a token.
    pub body: Body,
}

/// The bytes of an answer, which `Debug` does not show.
#[derive(Clone)]
pub struct Body(pub Vec<u8>);

impl core::fmt::Debug for Body {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Response {
    /// The value of the first header of that name; `name` is lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// How long a request may take, step by step. Hosts may ignore all but `total`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// To reach the server.
    pub connect: Duration,
    /// From then to the first byte of the answer.
    pub first_byte: Duration,
    /// For everything; whatever the server does, the request ends then.
    pub total: Duration,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The host's policy forbids the request.
    #[error("the host does not allow requests to that address")]
    Denied,
    /// The name does not resolve.
    #[error("the host name does not resolve")]
    Dns,
    /// The connection ended or broke the protocol.
    #[error("the connection broke off")]
    Interrupted,
    /// Nobody listens there.
    #[error("the connection was refused")]
    Refused,
    /// The request itself could not be made.
    #[error("the host could not make the request")]
    Request,
    /// The connection was made, the answer was late.
    #[error("the answer took too long")]
    TimedOut,
    /// No secure connection.
    #[error("the secure connection failed")]
    Tls,
    /// More than [`MAX_BODY`] bytes.
    #[error("the answer is larger than {} KiB", MAX_BODY / 1024)]
    TooLarge,
    /// No connection in time, or no way there.
    #[error("the address could not be reached")]
    Unroutable,
}

impl HttpError {
    /// Whether nobody was reached, so that nobody can have seen the request.
    pub fn nobody_answered(self) -> bool {
        matches!(self, Self::Denied | Self::Dns | Self::Refused | Self::Unroutable)
    }

    /// Whether another attempt may fare better.
    pub fn is_transient(self) -> bool {
        matches!(
            self,
            Self::Dns | Self::Interrupted | Self::Refused | Self::TimedOut | Self::Tls | Self::Unroutable
        )
    }
}

/// The most that is read of an answer, in bytes. Tokens are a few KiB.
pub const MAX_BODY: usize = 64 * 1024;

/// `text` with everything but `A-Z a-z 0-9 - . _ ~` percent-encoded (RFC 3986, section 2.3), which
/// is right in a query, a form and a path segment alike.
pub fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len().saturating_mul(3));
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for digit in [byte >> 4, byte & 15] {
                encoded.extend(char::from_digit(u32::from(digit), 16).map(|c| c.to_ascii_uppercase()));
            }
        }
    }
    encoded
}

/// `text` with `%XX` and `+` decoded, however they are spelled; what is malformed stays as it is.
pub fn percent_decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digit = |index: usize| char::from(*after.get(index)?).to_digit(16);
        let encoded = if *first == b'%' { digit(0).zip(digit(1)) } else { None };
        let decoded = encoded.and_then(|(high, low)| u8::try_from(high << 4 | low).ok());
        bytes.push(decoded.unwrap_or(if *first == b'+' { b' ' } else { *first }));
        rest = if decoded.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    bytes
}

/// Adds `name=value` to a query or form.
fn push_pair(encoded: &mut String, name: &str, value: &str) {
    if !encoded.is_empty() {
        encoded.push('&');
    }
    let pair = Secret::from(percent_encode(value));
    encoded.push_str(&percent_encode(name));
    encoded.push('=');
    encoded.push_str(pair.expose());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_encodes_whatever_could_end_a_field() {
        let form = Form::new(&[("client_secret", "s3cr3t~+/=&%x\r\n\0ä"), ("scope", "a b")]);
        assert_eq!(form.encoded.expose(), "client_secret=s3cr3t~%2B%2F%3D%26%25x%0D%0A%00%C3%A4&scope=a%20b");
    }

    #[test]
    fn decoding_undoes_encoding_and_bears_nonsense() {
        for text in ["s3cr3t~+/=&%x\r\n\0ä", "", "100%"] {
            assert_eq!(percent_decode(&percent_encode(text)), text.as_bytes());
        }
        assert_eq!(percent_decode("a%2b%2B+%zz%4%"), b"a++ %zz%4%");
    }

    #[test]
    fn debug_of_a_request_shows_neither_headers_nor_body() {
        let url = Url::parse("https://login.microsoftonline.com").expect("an address");
        let request = Request::post(url, &Form::new(&[("a", "s3cr3t")])).header("x", "s3cr3t");
        assert!(!format!("{request:?}").contains("s3cr3t"));
    }
}
