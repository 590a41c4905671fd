//! The headers of the app's request that are forwarded.

use crate::prelude::*;
use base64ct::{Base64Unpadded, Encoding};
use memchr::memmem;

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

/// Whether any value contains `secret`, as it is or in base64.
///
/// A percent-encoded token is the token: all of its characters are unreserved (RFC 7515, section 2; RFC 3986, section
/// 2.3). Names are not searched: they have no case (RFC 9110, section 5.1), and a token without case is none.
pub fn contain<'a>(headers: impl IntoIterator<Item = &'a Header>, secret: &[u8]) -> bool {
    // No other header is as long as a token, so the encodings are made for one that may contain it.
    let mut long = headers.into_iter().filter(|(_, value)| value.len() >= secret.len()).peekable();
    if secret.is_empty() || long.peek().is_none() {
        return false;
    }
    let needles = [Some(secret.to_vec()), in_base64(secret, 0), in_base64(secret, 1), in_base64(secret, 2)];
    long.any(|(_, value)| needles.iter().flatten().any(|needle| memmem::find(value, needle).is_some()))
}

/// The base64 text that encodes `secret` without its first bytes, wherever it stands: the encoding of three bytes depends on
/// no others. The last characters depend on what follows and are left out. `None`: the secret is too short.
fn in_base64(secret: &[u8], skip: usize) -> Option<Vec<u8>> {
    let secret = secret.get(skip..)?;
    let length = secret.len().saturating_sub(secret.len() % 3);
    let whole = secret.get(..length).filter(|whole| whole.len() >= MIN_ENCODED)?;
    Some(Base64Unpadded::encode_string(whole).into_bytes())
}

/// In bytes: a shorter text could be found by chance.
const MIN_ENCODED: usize = 12;

/// Whether a request with this method and without a body has no trailers: `GET` and `HEAD` have none in HTTP/1.1, where a
/// trailer section follows a chunked body (RFC 9112, section 7.1), unless the request announces some.
pub fn has_no_trailers(method: &str, headers: &[Header]) -> bool {
    matches!(method, "GET" | "HEAD") && values(headers, "trailer").next().is_none()
}

/// Whether a response may have trailers: its request accepts them, or it announces them. No other one has any (RFC 9110,
/// section 6.5.1).
pub fn may_have_trailers(request: &[Header], response: &[Header]) -> bool {
    values(request, "te").next().is_some() || values(response, "trailer").next().is_some()
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

    #[test]
    fn a_secret_is_found_in_base64_wherever_it_stands() {
        let secret = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl";
        for before in ["", "a", "ab", "Bearer ", "Authorization: Bearer "] {
            let echo = Base64Unpadded::encode_string(format!("{before}{secret} behind").as_bytes());
            assert!(contain(&headers(&[("x-echo", &echo)]), secret.as_bytes()), "{before:?}");
        }
        let other = Base64Unpadded::encode_string(secret.to_lowercase().as_bytes());
        assert!(!contain(&headers(&[("x-echo", &other)]), secret.as_bytes()));
    }

    #[test]
    fn a_response_has_trailers_if_its_request_accepts_them_or_it_announces_them() {
        let (te, trailer) = (headers(&[("TE", "trailers")]), headers(&[("Trailer", "x-sum")]));
        let other = headers(&[("accept", "trailers")]);
        assert!(may_have_trailers(&te, &other) && may_have_trailers(&other, &trailer));
        assert!(!may_have_trailers(&other, &other));
    }

    #[test]
    fn a_request_without_a_body_has_no_trailers_if_its_method_has_no_content() {
        let (announced, other) = (headers(&[("Trailer", "x-sum")]), headers(&[("te", "trailers")]));
        assert!(has_no_trailers("GET", &other) && has_no_trailers("HEAD", &other));
        assert!(!has_no_trailers("GET", &announced) && !has_no_trailers("POST", &other));
    }
}
