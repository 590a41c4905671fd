//! The target of a request: its scheme, authority and path, parsed once and strictly.
//!
//! The host that sends the request parses texts again. A text that two parsers could read differently is refused here, and
//! the texts that are sent are written from what was parsed, so that the server that receives the token is the one that the
//! rule names.

use core::fmt;

mod path;
pub mod request_target;

pub use azure_token_rules::host::{Host, HostError};
pub use path::{PathProblem, Relation, plain_path, relation};

/// The scheme of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Without TLS.
    Http,
    /// With TLS.
    Https,
}

/// A server: scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The scheme.
    pub scheme: Scheme,
    /// The host.
    pub host: Host,
    /// The port; the scheme's default when none was named.
    pub port: u16,
}

/// Why no request is sent to a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetError {
    /// There is no authority.
    NoAuthority,
    /// Neither `http` nor `https`.
    Scheme,
    /// `user@host`, whose first part looks like the host and is not.
    Userinfo,
    /// The port is not a number from 1 to 65535, or not in its plain form.
    Port,
    /// The path does not begin with exactly one slash, or has characters that end it for some parsers.
    Path,
    /// See [`HostError`].
    Host(HostError),
}

impl Scheme {
    /// The port of an authority that names none.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }

    /// Its name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

impl Server {
    /// Parses the scheme and authority of a request. Without a scheme, it is `https`.
    ///
    /// # Errors
    /// When they name no server, or when two parsers could read them as different servers.
    pub fn parse(scheme: Option<&str>, authority: Option<&str>) -> Result<Self, TargetError> {
        let scheme = match scheme {
            None => Scheme::Https,
            Some(name) if name.eq_ignore_ascii_case("https") => Scheme::Https,
            Some(name) if name.eq_ignore_ascii_case("http") => Scheme::Http,
            Some(_) => return Err(TargetError::Scheme),
        };
        let authority = authority.filter(|it| !it.is_empty()).ok_or(TargetError::NoAuthority)?;
        if authority.bytes().any(|byte| byte == b'@') {
            return Err(TargetError::Userinfo);
        }
        let (host, port) = split_port(authority);
        let port = port.map_or(Some(scheme.default_port()), parse_port).ok_or(TargetError::Port)?;
        let host = Host::parse(host).map_err(TargetError::Host)?;
        Ok(Self { scheme, host, port })
    }

    /// Parses the server of an address and ignores its path and query. Without a scheme, it is `https`, as for
    /// `AZURE_AUTHORITY_HOST` in the Azure SDKs.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn of_address(address: &str) -> Result<Self, TargetError> {
        let (scheme, rest) = match address.trim().split_once("://") {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, address.trim()),
        };
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        Self::parse(scheme, rest.get(..end))
    }

    /// Whether requests to both reach the same port of the same host, under any scheme and any name of this machine.
    pub fn is_same_place(&self, other: &Self) -> bool {
        let same_host =
            self.host == other.host || (self.host.is_this_machine() && other.host.is_this_machine());
        same_host && self.port == other.port
    }
}

/// The authority of a server (RFC 3986, section 3.2).
struct Authority<'a>(&'a Server);

impl fmt::Display for Authority<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(server) = self;
        server.host.fmt(f)?;
        if server.port == server.scheme.default_port() { Ok(()) } else { write!(f, ":{}", server.port) }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.name(), Authority(self))
    }
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoAuthority => "it names no host",
            Self::Scheme => "its scheme is neither https nor http",
            Self::Userinfo => "it has a user in its authority, which is not the host that it seems to be",
            Self::Port => "its port is not a plain number from 1 to 65535",
            Self::Path => {
                "its path does not begin with exactly one slash, or has a backslash, a #, a blank, or a character that is not ASCII"
            }
            Self::Host(HostError::Malformed) => "its host is not a plain ASCII name",
            Self::Host(HostError::Ambiguous) => {
                "its host is an address in a form that can be read in several ways; write four decimal numbers"
            }
        })
    }
}

/// Splits an authority into the host and the text after the colon, if there is one. A colon in brackets is a part of the
/// address.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    let end_of_brackets = authority.rfind(']').unwrap_or_default();
    match authority.rfind(':').filter(|colon| *colon > end_of_brackets || !authority.starts_with('[')) {
        Some(colon) => (
            authority.get(..colon).unwrap_or_default(),
            Some(authority.get(colon.saturating_add(1)..).unwrap_or_default()),
        ),
        None => (authority, None),
    }
}

/// Parses a port of digits alone, without a sign, blanks or leading zeros.
pub(crate) fn parse_port(text: &str) -> Option<u16> {
    let is_plain =
        !text.is_empty() && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain)
}

/// The path of an address or of the part behind its authority, without query and fragment.
pub fn path_of(path_with_query: &str) -> &str {
    path_with_query.split(['?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_has_one_form() {
        for (scheme, authority, form) in [
            (None, "my.vault.azure.net", "https://my.vault.azure.net"),
            (Some("HTTPS"), "MY.VAULT.AZURE.NET:443", "https://my.vault.azure.net"),
            (Some("https"), "my.vault.azure.net.", "https://my.vault.azure.net"),
            (Some("https"), "my.vault.azure.net.:8443", "https://my.vault.azure.net:8443"),
            (Some("http"), "127.0.0.1:80", "http://127.0.0.1"),
            (Some("http"), "[::1]:8080", "http://[::1]:8080"),
            (Some("https"), "[::1]", "https://[::1]"),
            (Some("http"), "localhost:443", "http://localhost:443"),
        ] {
            let server = Server::parse(scheme, Some(authority)).map(|server| server.to_string());
            assert_eq!(server, Ok(form.to_owned()), "{scheme:?} {authority}");
        }
    }

    #[test]
    fn a_text_that_names_no_server_is_refused() {
        use TargetError::*;
        for (authority, error) in [
            ("", NoAuthority),
            ("user@my.vault.azure.net", Userinfo),
            ("my.vault.azure.net@evil.example", Userinfo),
            ("my.vault.azure.net:443@evil.example", Userinfo),
            ("@my.vault.azure.net", Userinfo),
            ("a@b@c", Userinfo),
            ("my.vault.azure.net:", Port),
            ("my.vault.azure.net:0", Port),
            ("my.vault.azure.net:0443", Port),
            ("my.vault.azure.net:+443", Port),
            ("my.vault.azure.net:65536", Port),
            ("my.vault.azure.net:99999999999999999999", Port),
            ("my.vault.azure.net: 443", Port),
            ("my.vault.azure.net:４４３", Port),
            ("my.vault.azure.net:443:443", Host(HostError::Malformed)),
            ("my.vault.azure.net:443/evil", Port),
            ("my.vault.azure.net/evil", Host(HostError::Malformed)),
            ("my.vault.azure.net\\evil.example", Host(HostError::Malformed)),
            ("my.vault.azure.net#evil", Host(HostError::Malformed)),
            ("my.vault.azure.net?evil", Host(HostError::Malformed)),
            ("my.vault.azure.net\r\nx", Host(HostError::Malformed)),
            ("::1", Host(HostError::Malformed)),
            ("[::1]:", Port),
            ("[::1]443", Host(HostError::Malformed)),
            ("[::1]:443]", Host(HostError::Malformed)),
            ("[[::1]]", Host(HostError::Malformed)),
            ("0xa9fea9fe:80", Host(HostError::Ambiguous)),
        ] {
            assert_eq!(Server::parse(Some("https"), Some(authority)), Err(error), "{authority:?}");
        }
        assert_eq!(Server::parse(Some("ftp"), Some("a.example")), Err(Scheme));
        assert_eq!(Server::parse(Some(""), Some("a.example")), Err(Scheme));
        assert_eq!(Server::parse(None, None), Err(NoAuthority));
    }

    #[test]
    fn the_server_of_an_address_is_parsed_without_its_path() {
        for (address, form) in [
            ("http://127.0.0.1:41741/msi/token/", "http://127.0.0.1:41741"),
            ("https://login.microsoftonline.us", "https://login.microsoftonline.us"),
            (" login.microsoftonline.us ", "https://login.microsoftonline.us"),
            ("http://localhost:50342/oauth2/token", "http://localhost:50342"),
            ("https://a.example?x", "https://a.example"),
            ("https://a.example\\@b.example", "https://a.example"),
        ] {
            let server = Server::of_address(address).map(|server| server.to_string());
            assert_eq!(server, Ok(form.to_owned()), "{address}");
        }
    }

    #[test]
    fn the_names_of_this_machine_are_the_same_place() {
        let at = |address| Server::of_address(address).expect(address);
        let endpoint = at("http://localhost:41741/msi/token");
        for address in [
            "http://127.0.0.1:41741",
            "https://[::1]:41741",
            "http://0.0.0.0:41741",
            "http://127.9.9.9:41741",
        ] {
            assert!(at(address).is_same_place(&endpoint), "{address}");
        }
        for address in ["http://127.0.0.1:41742", "http://10.0.0.1:41741", "http://localhost.example:41741"] {
            assert!(!at(address).is_same_place(&endpoint), "{address}");
        }
    }
}
