//! One request as the fakes read it.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Uri};

/// A request, taken apart once.
#[derive(Clone, Debug)]
pub struct Call {
    /// GET, POST, …
    pub method: Method,
    /// The whole address, scheme and authority included.
    pub uri: Uri,
    /// The parameters of the query, decoded, in the order they came.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// When it arrived, in unix seconds.
    pub at: u64,
    /// Where documents that name this service's addresses shall point, without a final slash.
    pub base: String,
}

/// A request extension: the address by which the caller reached a service that has another one.
///
/// The simulator's socket sets it, so that a discovery document names addresses on that socket and
/// its readers stay inside the simulation.
#[derive(Clone, Debug)]
pub struct ReachedAt(
    /// Scheme and authority, e.g. `http://127.0.0.1:8169`.
    pub String,
);

impl Call {
    /// Takes `request` apart; `at` is the time it arrived.
    pub fn parse(request: Request<Bytes>, at: u64) -> Call {
        let (parts, body) = request.into_parts();
        let own = || format!("{}://{}", scheme(&parts.uri), authority(&parts.uri));
        let base = parts.extensions.get::<ReachedAt>().map_or_else(own, |reached| reached.0.clone());
        let query = pairs(parts.uri.query().unwrap_or_default().as_bytes());
        Call { method: parts.method, query, headers: parts.headers, body, at, base, uri: parts.uri }
    }

    /// The path, undecoded.
    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// Host and, if it was given, port.
    pub fn authority(&self) -> &str {
        authority(&self.uri)
    }

    /// The value of a header that came exactly once and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let first = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(first)
    }

    /// The value of a query parameter; the first, if it came more than once.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether the body says that it is a form.
    pub fn is_form(&self) -> bool {
        let media_type = self.header("content-type").unwrap_or_default().split(';').next();
        media_type.is_some_and(|it| it.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
    }

    /// The body read as a form, in the order it came; empty if it is none.
    pub fn form(&self) -> Vec<(String, String)> {
        if self.is_form() { pairs(&self.body) } else { Vec::new() }
    }
}

/// `http` or `https`; empty if the address has none.
pub fn scheme(uri: &Uri) -> &str {
    uri.scheme_str().unwrap_or_default()
}

fn authority(uri: &Uri) -> &str {
    uri.authority().map_or("", |authority| authority.as_str())
}

fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(encoded).into_owned().collect()
}

/// The name of the first pair whose name came before.
pub fn duplicate(pairs: &[(String, String)]) -> Option<&str> {
    let mut seen = std::collections::HashSet::new();
    pairs.iter().map(|(name, _)| name.as_str()).find(|name| !seen.insert(*name))
}
