//! An HTTP request as the services read it.

use std::collections::HashSet;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Uri};

/// A parsed request.
#[derive(Clone, Debug)]
pub struct IncomingRequest {
    /// The method.
    pub method: Method,
    /// The absolute URI.
    pub uri: Uri,
    /// The query parameters, decoded, in their order.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// When it arrived, in seconds since the Unix epoch.
    pub received_on: u64,
    /// The scheme and authority that documents with addresses of this service must contain.
    pub base_url: String,
}

/// A request extension: the scheme and authority under which the caller reached the service, e.g.
/// `http://127.0.0.1:8169`.
///
/// The server sets it, so that the addresses in a discovery document are those of the simulator.
#[derive(Clone, Debug)]
pub struct ReachedAt(pub String);

impl IncomingRequest {
    /// Parses `request`, which arrived at `received_on`.
    pub fn parse(request: Request<Bytes>, received_on: u64) -> IncomingRequest {
        let (parts, body) = request.into_parts();
        let base_url = match parts.extensions.get::<ReachedAt>() {
            Some(reached_at) => reached_at.0.clone(),
            None => origin(&parts.uri),
        };
        IncomingRequest {
            query: pairs(parts.uri.query().unwrap_or_default().as_bytes()),
            method: parts.method,
            headers: parts.headers,
            body,
            received_on,
            base_url,
            uri: parts.uri,
        }
    }

    /// The path, not decoded.
    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// The host and, if there is one, the port.
    pub fn authority(&self) -> &str {
        self.uri.authority().map_or("", |authority| authority.as_str())
    }

    /// The value of a header that occurs exactly once and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let first = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(first)
    }

    /// The value of a query parameter; of several the first.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The decoded fields of the body, in their order; empty if the content type is not that of a form.
    pub fn form(&self) -> Vec<(String, String)> {
        let media_type = self.header("content-type").unwrap_or_default().split(';').next();
        let is_form =
            media_type.is_some_and(|it| it.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"));
        if is_form { pairs(&self.body) } else { Vec::new() }
    }
}

/// `http` or `https`; empty if `uri` is not absolute.
pub fn scheme(uri: &Uri) -> &str {
    uri.scheme_str().unwrap_or_default()
}

/// Scheme and authority, e.g. `https://login.microsoftonline.com`.
pub fn origin(uri: &Uri) -> String {
    format!("{}://{}", scheme(uri), uri.authority().map_or("", |authority| authority.as_str()))
}

/// The first name that occurs a second time.
pub fn duplicate_name(pairs: &[(String, String)]) -> Option<&str> {
    let mut seen = HashSet::new();
    pairs.iter().map(|(name, _)| name.as_str()).find(|name| !seen.insert(*name))
}

fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(encoded).into_owned().collect()
}
