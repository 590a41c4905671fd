//! The headers of the app's request that are forwarded.

use crate::prelude::*;

/// A header: its name and its value.
pub type Header = (String, Vec<u8>);

/// The headers that are forwarded: without the app's own credentials, without those of one connection (RFC 9110,
/// section 7.6.1), and without `host`, which follows from the authority.
pub fn forwarded(headers: Vec<Header>) -> Vec<Header> {
    let named: Vec<String> = named_by_connection(&headers);
    let mut headers = headers;
    headers.retain(|(name, value)| {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        // HTTP/1.1 servers send trailers only to clients that accept them, and trailers pass unchanged.
        if is("te") && value.eq_ignore_ascii_case(b"trailers") {
            return true;
        }
        !is("authorization")
            && !is("host")
            && !HOP_BY_HOP.iter().any(|other| is(other))
            && !named.iter().any(|other| is(other))
    });
    headers
}

/// The values of a header.
pub fn values<'a>(headers: &'a [Header], name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    headers.iter().filter(move |(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_slice())
}

/// The length of the body in bytes; `None`: the headers do not specify it.
pub fn content_length(headers: &[Header]) -> Option<u64> {
    let value = values(headers, "content-length").next()?;
    core::str::from_utf8(value).ok()?.trim().parse().ok()
}

/// Whether any value contains `secret`.
pub fn contain<'a>(headers: impl IntoIterator<Item = &'a Header>, secret: &[u8]) -> bool {
    headers.into_iter().any(|(_, value)| contains(value, secret))
}

/// Whether the bytes contain `secret`, which is not empty.
fn contains(bytes: &[u8], secret: &[u8]) -> bool {
    !secret.is_empty() && bytes.windows(secret.len()).any(|window| window == secret)
}

const HOP_BY_HOP: &[&str] = &[
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
];

/// The headers that `connection` names. `content-length` is kept in any case: without it the end of the body would be
/// lost.
fn named_by_connection(headers: &[Header]) -> Vec<String> {
    let values = values(headers, "connection").filter_map(|value| core::str::from_utf8(value).ok());
    let names = values.flat_map(|value| value.split(',')).map(|name| name.trim().to_ascii_lowercase());
    names.filter(|name| !name.is_empty() && name != "content-length").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(&str, &str)]) -> Vec<Header> {
        list.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect()
    }

    #[test]
    fn credentials_and_headers_of_the_connection_are_not_forwarded() {
        let kept = headers(&[
            ("x-ms-version", "2025-01-05"),
            ("Accept", "a"),
            ("accept", "b"),
            ("trailer", "x-sum"),
        ]);
        let dropped = headers(&[
            ("Authorization", "Bearer mine"),
            ("AUTHORIZATION", "Basic x"),
            ("Host", "evil.example"),
            ("Connection", "close, X-Secret , content-length"),
            ("x-secret", "1"),
            ("keep-alive", "timeout=5"),
            ("Proxy-Authorization", "Basic x"),
            ("proxy-authenticate", "Basic"),
            ("proxy-connection", "close"),
            ("TE", "trailers, deflate;q=0.5"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("http2-settings", "x"),
        ]);
        let length = headers(&[("content-length", "3")]);
        let all = [kept.clone(), dropped, length.clone()].concat();
        assert_eq!(forwarded(all), [kept, length].concat());
    }

    #[test]
    fn a_content_length_is_a_number() {
        for (value, length) in
            [("0", Some(0)), ("12", Some(12)), (" 7 ", Some(7)), ("", None), ("-1", None), ("x", None)]
        {
            assert_eq!(content_length(&headers(&[("Content-Length", value)])), length, "{value:?}");
        }
        assert_eq!(content_length(&[]), None);
    }

    #[test]
    fn a_secret_is_found_anywhere_in_a_value() {
        let response = headers(&[("x-a", "1"), ("x-echo", "you sent Bearer s3cr3t, did you")]);
        assert!(contain(&response, b"s3cr3t"));
        assert!(!contain(&response, b"s3cr3T") && !contain(&response, b""));
    }
}
