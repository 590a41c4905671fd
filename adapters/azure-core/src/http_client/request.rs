//! The request in the terms of `wasi:http`, validated before anything is sent.

use azure_core::error::{Error, ErrorKind};
use azure_core::http::{Method, Request, Url};
use wasip2::http::types as http;
use wasip2::http::types::{Fields, HeaderError, OutgoingRequest, Scheme};

/// A request in the terms of `wasi:http`, without its body.
pub(super) struct RequestPlan {
    pub(super) method: Method,
    url: Url,
    authority: String,
    headers: Vec<(String, Vec<u8>)>,
    /// Whether there is a body to send. An empty body is never opened, because hosts may close it before it is finished.
    pub(super) has_body: bool,
}

impl RequestPlan {
    pub(super) fn new(request: &Request) -> azure_core::Result<Self> {
        let url = request.url().clone();
        let authority = authority(&url)?;
        let length = request.body().len();
        let has_body = length != Some(0);
        let mut headers: Vec<_> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_str().as_bytes().to_vec()))
            .collect();
        if let Some(length) = length.filter(|length| *length > 0 || requires_length(request.method())) {
            // Without a length the body is chunked, which some services refuse.
            headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
            headers.push(("content-length".to_owned(), length.to_string().into_bytes()));
        }
        Ok(Self { method: request.method(), url, authority, headers, has_body })
    }

    /// The host, and the port unless it is the default one.
    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    pub(super) fn build(&self) -> azure_core::Result<OutgoingRequest> {
        let fields = Fields::from_list(&self.headers).map_err(|error| {
            self.malformed(match error {
                HeaderError::Forbidden => "the host forbids one of its headers",
                HeaderError::Immutable | HeaderError::InvalidSyntax => "one of its headers is malformed",
            })
        })?;
        let outgoing = OutgoingRequest::new(fields);
        let target = match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        };
        let scheme = if self.url.scheme() == "https" { Scheme::Https } else { Scheme::Http };
        outgoing.set_method(&method(self.method)).map_err(|()| self.malformed("its method is malformed"))?;
        outgoing.set_scheme(Some(&scheme)).map_err(|()| self.malformed("its scheme is malformed"))?;
        outgoing
            .set_authority(Some(&self.authority))
            .map_err(|()| self.malformed("its host is malformed"))?;
        outgoing.set_path_with_query(Some(&target)).map_err(|()| self.malformed("its path is malformed"))?;
        Ok(outgoing)
    }

    /// The error of a request that would fail in every retry.
    pub(super) fn malformed(&self, reason: &str) -> Error {
        Error::with_message(
            ErrorKind::Other,
            format!("the request to {} cannot be sent: {reason}", self.authority),
        )
    }
}

/// Host and port. An address with a user or a password is refused, because no Azure service has one.
fn authority(url: &Url) -> azure_core::Result<String> {
    let refused = |reason: &'static str| Err(Error::with_message(ErrorKind::Other, reason));
    if !matches!(url.scheme(), "http" | "https") {
        return refused("only http and https addresses are supported");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refused("an address with a user or a password is refused");
    }
    match (url.host_str(), url.port()) {
        (None, _) => refused("an address without a host is refused"),
        (Some(host), None) => Ok(host.to_owned()),
        (Some(host), Some(port)) => Ok(format!("{host}:{port}")),
    }
}

/// Whether servers require a length even without a body (411 "Length Required").
fn requires_length(method: Method) -> bool {
    matches!(method, Method::Patch | Method::Post | Method::Put)
}

fn method(method: Method) -> http::Method {
    match method {
        Method::Delete => http::Method::Delete,
        Method::Get => http::Method::Get,
        Method::Head => http::Method::Head,
        Method::Patch => http::Method::Patch,
        Method::Post => http::Method::Post,
        Method::Put => http::Method::Put,
        other => http::Method::Other(other.as_str().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use azure_core::Bytes;

    fn plan(method: Method, address: &str, body: &'static [u8]) -> azure_core::Result<RequestPlan> {
        let mut request = Request::new(address.parse().expect("an address"), method);
        request.set_body(Bytes::from_static(body));
        request.insert_header("x-ms-version", "2026-01-01");
        RequestPlan::new(&request)
    }

    fn length(plan: &RequestPlan) -> Option<&str> {
        let header = plan.headers.iter().find(|(name, _)| name == "content-length");
        header.map(|(_, value)| std::str::from_utf8(value).expect("a number"))
    }

    #[test]
    fn the_body_of_a_get_is_never_opened_and_a_post_always_has_a_length() {
        for (method, body, has_body, expected) in [
            (Method::Get, &b""[..], false, None),
            (Method::Head, b"", false, None),
            (Method::Delete, b"", false, None),
            (Method::Delete, b"{}", true, Some("2")),
            (Method::Post, b"", false, Some("0")),
            (Method::Post, b"{}", true, Some("2")),
            (Method::Put, b"", false, Some("0")),
            (Method::Patch, b"abc", true, Some("3")),
        ] {
            let plan = plan(method, "https://contoso.vault.azure.net/", body).expect("the request is valid");
            assert_eq!((plan.has_body, length(&plan)), (has_body, expected), "{method:?} {body:?}");
        }
    }

    #[test]
    fn a_wrong_length_is_corrected_and_other_headers_are_kept() {
        let mut request = Request::new("https://a.example/".parse().expect("an address"), Method::Put);
        request.set_body(Bytes::from_static(b"abc"));
        request.insert_header("content-length", "7");
        request.insert_header("x-ms-blob-type", "BlockBlob");
        let plan = RequestPlan::new(&request).expect("the request is valid");
        assert_eq!(length(&plan), Some("3"));
        assert!(plan.headers.contains(&("x-ms-blob-type".to_owned(), b"BlockBlob".to_vec())));
    }

    #[test]
    fn the_authority_contains_a_port_that_is_not_the_default() {
        for (address, authority) in [
            ("https://contoso.vault.azure.net/secrets", "contoso.vault.azure.net"),
            ("https://contoso.vault.azure.net:443/", "contoso.vault.azure.net"),
            ("https://127.0.0.1:10000/devstoreaccount1", "127.0.0.1:10000"),
            ("http://[::1]:8080/", "[::1]:8080"),
        ] {
            assert_eq!(plan(Method::Get, address, b"").expect("the request is valid").authority(), authority);
        }
    }

    #[test]
    fn an_unsupported_address_is_refused_without_its_secret() {
        for (address, message) in [
            ("ftp://a.example/", "only http and https addresses are supported"),
            ("https://user:s3cr3t@a.example/", "an address with a user or a password is refused"),
            ("https://user@a.example/", "an address with a user or a password is refused"),
        ] {
            let error = plan(Method::Get, address, b"").err().expect("the address is refused");
            assert_eq!((error.kind(), error.to_string().as_str()), (&ErrorKind::Other, message));
        }
    }
}
