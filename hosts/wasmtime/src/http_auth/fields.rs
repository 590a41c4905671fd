//! Converts between the headers of the `http` crate and those of `azure-http-auth-rules`.

use azure_http_auth_rules::headers::Header;
use http::{HeaderMap, HeaderName, HeaderValue};

/// The headers as a list.
pub(super) fn list(headers: &HeaderMap) -> Vec<Header> {
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect()
}

/// The headers of a list that came from [`list`].
pub(super) fn map(list: &[Header]) -> HeaderMap {
    let header = |(name, value): &Header| {
        Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_bytes(value).ok()?))
    };
    let mut headers = HeaderMap::with_capacity(list.len());
    for (name, value) in list.iter().filter_map(header) {
        headers.append(name, value);
    }
    headers
}
