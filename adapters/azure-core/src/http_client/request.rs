//! What goes out, decided before anything does.

use azure_core::error::{Error, ErrorKind};
use azure_core::http::{Method, Request, Url};
use wasip2::http::types as http;
use wasip2::http::types::{Fields, HeaderError, OutgoingRequest, Scheme};

/// A request in the terms of `wasi:http`, but for its body.
pub(super) struct Plan {
    pub(super) method: Method,
    url: Url,
    authority: String,
    headers: Vec<(String, Vec<u8>)>,
    /// Whether there is a body to send. That of a GET is never opened: hosts may close it before anybody
    /// can finish it.
    pub(super) has_body: bool,
}

impl Plan {
    pub(super) fn of(request: &Request) -> azure_core::Result<Plan> {
        let url = request.url().clone();
        let authority = authority(&url)?;
        let length = request.body().len();
        let has_body = length != Some(0);
        let mut headers: Vec<_> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_str().as_bytes().to_vec()))
            .collect();
        if let Some(length) = length.filter(|length| *length > 0 || wants_length(request.method())) {
            // Without a length the body is sent in chunks, which some services refuse.
            headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
            headers.push(("content-length".to_owned(), length.to_string().into_bytes()));
        }
        Ok(Plan { method: request.method(), url, authority, headers, has_body })
    }

    /// Whom the request goes to: host and, if it is not the usual one, port.
    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    pub(super) fn outgoing(&self) -> azure_core::Result<OutgoingRequest> {
        let fields = Fields::from_list(&self.headers).map_err(|error| {
            self.impossible(match error {
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
        outgoing.set_method(&method(self.method)).map_err(|()| self.impossible("its method is malformed"))?;
        outgoing.set_scheme(Some(&scheme)).map_err(|()| self.impossible("its scheme is malformed"))?;
        outgoing
            .set_authority(Some(&self.authority))
            .map_err(|()| self.impossible("its host is malformed"))?;
        outgoing.set_path_with_query(Some(&target)).map_err(|()| self.impossible("its path is malformed"))?;
        Ok(outgoing)
    }

    /// A request that no retry makes better.
    pub(super) fn impossible(&self, why: &str) -> Error {
        Error::with_message(
            ErrorKind::Other,
            format!("the request to {} cannot be sent: {why}", self.authority),
        )
    }
}

/// Host and port. Users and passwords have no place in the address of an Azure service.
fn authority(url: &Url) -> azure_core::Result<String> {
    let refused = |why: &'static str| Err(Error::with_message(ErrorKind::Other, why));
    if !matches!(url.scheme(), "http" | "https") {
        return refused("only http and https addresses can be asked");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refused("an address with a user or a password is not asked");
    }
    match (url.host_str(), url.port()) {
        (None, _) => refused("an address without a host cannot be asked"),
        (Some(host), None) => Ok(host.to_owned()),
        (Some(host), Some(port)) => Ok(format!("{host}:{port}")),
    }
}

/// Whether servers insist on a length even if there is no body (411 "Length Required").
fn wants_length(method: Method) -> bool {
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

    fn plan(method: Method, address: &str, body: &'static [u8]) -> azure_core::Result<Plan> {
        let mut request = Request::new(address.parse().expect("an address"), method);
        request.set_body(Bytes::from_static(body));
        request.insert_header("x-ms-version", "2026-01-01");
        Plan::of(&request)
    }

    fn length(plan: &Plan) -> Option<&str> {
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
            let plan = plan(method, "https://contoso.vault.azure.net/", body).expect("it can be sent");
            assert_eq!((plan.has_body, length(&plan)), (has_body, expected), "{method:?} {body:?}");
        }
    }

    #[test]
    fn a_length_that_somebody_else_set_is_corrected_and_other_headers_stay() {
        let mut request = Request::new("https://a.example/".parse().expect("an address"), Method::Put);
        request.set_body(Bytes::from_static(b"abc"));
        request.insert_header("content-length", "7");
        request.insert_header("x-ms-blob-type", "BlockBlob");
        let plan = Plan::of(&request).expect("it can be sent");
        assert_eq!(length(&plan), Some("3"));
        assert!(plan.headers.contains(&("x-ms-blob-type".to_owned(), b"BlockBlob".to_vec())));
    }

    #[test]
    fn the_authority_has_the_port_that_is_not_usual() {
        for (address, authority) in [
            ("https://contoso.vault.azure.net/secrets", "contoso.vault.azure.net"),
            ("https://contoso.vault.azure.net:443/", "contoso.vault.azure.net"),
            ("https://127.0.0.1:10000/devstoreaccount1", "127.0.0.1:10000"),
            ("http://[::1]:8080/", "[::1]:8080"),
        ] {
            assert_eq!(plan(Method::Get, address, b"").expect("it can be sent").authority(), authority);
        }
    }

    #[test]
    fn an_address_that_no_service_has_is_refused_without_its_secret() {
        for (address, why) in [
            ("ftp://a.example/", "only http and https addresses can be asked"),
            ("https://user:s3cr3t@a.example/", "an address with a user or a password is not asked"),
            ("https://user@a.example/", "an address with a user or a password is not asked"),
        ] {
            let error = plan(Method::Get, address, b"").err().expect("it is refused");
            assert_eq!((error.kind(), error.to_string().as_str()), (&ErrorKind::Other, why));
        }
    }
}
