//! Which requests to the console are refused: those that a page of another site makes a browser send.

use std::net::IpAddr;

use bytes::Bytes;
use http::{Method, Request};

/// The reason why a request is refused; `None`: it is not.
///
/// - The authority must be an IP address or `localhost`. A page of another site that makes its own name resolve to the simulator
///   (DNS rebinding) has a name there.
/// - `Origin`, if a browser sends one, must be the simulator's own.
/// - A request that changes something needs the header `x-azure-simulator`, which a browser sends to another origin only
///   after a preflight request, which the simulator does not allow.
pub fn refusal(request: &Request<Bytes>) -> Option<&'static str> {
    let header = |name| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
    let host = header("host").unwrap_or_default();
    if !is_address(host) {
        return Some("open this page by the simulator's IP address or localhost\n");
    }
    if header("origin").is_some_and(|origin| origin != format!("http://{host}")) {
        return Some("a page of another site may not use the simulator\n");
    }
    if header("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return Some("a page of another site may not use the simulator\n");
    }
    let changes = request.method() != Method::GET && request.method() != Method::HEAD;
    (changes && header(HEADER).is_none()).then_some("a change needs the header x-azure-simulator\n")
}

/// Whether the host of an authority is an IP address or `localhost`.
fn is_address(authority: &str) -> bool {
    let Ok(authority) = authority.parse::<http::uri::Authority>() else { return false };
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    let has_user = authority.as_str().contains('@');
    !has_user && (host == "localhost" || host.parse::<IpAddr>().is_ok())
}

const HEADER: &str = "x-azure-simulator";

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, headers: &[(&'static str, &str)]) -> Request<Bytes> {
        let mut request = Request::builder().method(method).uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Bytes::new()).expect("a request")
    }

    #[test]
    fn the_simulator_is_opened_by_its_address() {
        for host in ["127.0.0.1:8169", "localhost:8169", "[::1]:8169", "192.168.1.5", "localhost"] {
            assert_eq!(refusal(&request("GET", &[("host", host)])), None, "{host}");
        }
        for host in [
            "attacker.example:8169",
            "127.0.0.1.attacker.example",
            "localhost.example",
            "x@127.0.0.1",
            "",
            "a b",
        ] {
            assert!(refusal(&request("GET", &[("host", host)])).is_some(), "{host}");
        }
        assert!(refusal(&request("GET", &[])).is_some());
    }

    #[test]
    fn pages_of_other_sites_are_refused() {
        let host = ("host", "127.0.0.1:8169");
        for other in [
            ("origin", "http://attacker.example"),
            ("origin", "http://127.0.0.1:8170"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            assert!(refusal(&request("GET", &[host, other])).is_some(), "{other:?}");
            assert!(refusal(&request("POST", &[host, other, (HEADER, "1")])).is_some(), "{other:?}");
        }
        for own in [("origin", "http://127.0.0.1:8169"), ("sec-fetch-site", "same-origin")] {
            assert_eq!(refusal(&request("POST", &[host, own, (HEADER, "1")])), None, "{own:?}");
        }
    }

    #[test]
    fn a_change_needs_the_header() {
        let host = ("host", "127.0.0.1:8169");
        assert!(refusal(&request("POST", &[host])).is_some());
        assert_eq!(refusal(&request("POST", &[host, (HEADER, "1")])), None);
        assert_eq!(refusal(&request("GET", &[host])), None);
    }
}
