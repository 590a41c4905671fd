//! Headers and parameters that replace the method or the path of a request for some servers.

use super::subject::Subject;
use crate::prelude::*;
use percent_encoding::percent_decode_str;

/// The header or parameter that replaces the method; `None`: none does.
pub fn of_method(request: &Subject<'_>) -> Option<&'static str> {
    let of_query = || {
        let mut names = parameters(request.target.query()).map(|(name, _)| name);
        names.find_map(|name| known(&name, METHOD_PARAMETERS).or_else(|| known(&name, METHOD_HEADERS)))
    };
    header(request, METHOD_HEADERS).or_else(of_query)
}

/// The header that replaces the path; `None`: none does.
pub fn of_path(request: &Subject<'_>) -> Option<&'static str> {
    header(request, PATH_HEADERS)
}

/// The first header of these names that a request has.
pub fn header(request: &Subject<'_>, names: &[&'static str]) -> Option<&'static str> {
    request.headers.iter().find_map(|(name, _)| known(name, names))
}

/// The parameters of a query, decoded; a semicolon separates them for some servers.
pub fn parameters(query: &str) -> impl Iterator<Item = (String, String)> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    query.split(['&', ';']).map(move |pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    })
}

/// The name among these that a server reads, which ignores case and may take `_` for `-`, as CGI does (RFC 3875, section
/// 4.1.18).
fn known(name: &str, names: &[&'static str]) -> Option<&'static str> {
    let plain = |byte: u8| if byte == b'_' { b'-' } else { byte.to_ascii_lowercase() };
    let is = |other: &&&str| name.bytes().map(plain).eq(other.bytes().map(plain));
    names.iter().find(is).copied()
}

/// `X-HTTP-Method` is that of OData ([MS-ODATA], 2.2.5.8) and SharePoint, the first that of Google's APIs and of ASP.NET
/// Core's `HttpMethodOverrideMiddleware`, the third that of IBM's products.
const METHOD_HEADERS: &[&str] = &["x-http-method-override", "x-http-method", "x-method-override"];

/// Rails, Laravel and Symfony read it from the body of a form, too, which no rule sees.
const METHOD_PARAMETERS: &[&str] = &["_method"];

/// IIS and frameworks for it (CVE-2018-14773 in Symfony), proxies that tell the original path to what is behind them
/// (Envoy, Traefik, ingresses; App Service's front end: `X-WAWS-Unencoded-URL`), and prefixes that frameworks put in front
/// (Spring's `ForwardedHeaderFilter`).
const PATH_HEADERS: &[&str] = &[
    "x-original-url",
    "x-rewrite-url",
    "x-override-url",
    "x-original-uri",
    "x-rewrite-uri",
    "x-request-uri",
    "x-forwarded-url",
    "x-forwarded-uri",
    "x-forwarded-path",
    "x-forwarded-prefix",
    "x-envoy-original-path",
    "x-waws-unencoded-url",
];
