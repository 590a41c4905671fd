//! What a response is, for messages about one that has not the expected contents.

use crate::error::repeats_secret;
use crate::http::Response;
use crate::prelude::*;
use crate::token::Secret;

/// The media type, and an encoding that was not asked for: `text/html, content-encoding gzip`.
///
/// A header that repeats one of the `secrets`, or has other characters than these values have, is left out.
pub fn contents(response: &Response, secrets: &[&Secret]) -> String {
    let is_value = |value: &&str| {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'+' | b'-');
        (1..=64).contains(&value.len()) && value.bytes().all(allowed) && !repeats_secret(value, secrets)
    };
    let value = |name| response.header(name)?.split([';', ',']).next().map(str::trim).filter(is_value);
    let media_type = value("content-type").unwrap_or("no content type");
    match value("content-encoding").filter(|encoding| *encoding != "identity") {
        Some(encoding) => format!("{media_type}, content-encoding {encoding}"),
        None => media_type.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Body;

    #[test]
    fn the_headers_that_explain_a_response_are_named_and_no_others() {
        for (headers, expected) in [
            (vec![], "no content type"),
            (vec![("content-type", "text/html; charset=utf-8")], "text/html"),
            (vec![("content-type", "text/html"), ("x", "y")], "text/html"),
            (vec![("content-type", "a b")], "no content type"),
            (vec![("content-type", "text/s3cr3t")], "no content type"),
            (
                vec![("content-type", "application/json"), ("content-encoding", "gzip")],
                "application/json, content-encoding gzip",
            ),
            (vec![("content-encoding", "identity")], "no content type"),
        ] {
            let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let response = Response { status: 200, headers: headers.collect(), body: Body(Vec::new()) };
            assert_eq!(contents(&response, &[&"s3cr3t".into()]), expected);
        }
    }
}
