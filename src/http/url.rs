//! The URLs that requests may be sent to.
//!
//! This is not a general URL parser: it accepts the few forms that Azure's endpoints have and refuses all
//! others, so that no accepted URL has two readings.

use super::encoding;
use crate::prelude::*;
use azure_token_rules::host::Host;

/// An `http` or `https` URL without user, password and fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    scheme: Scheme,
    authority: String,
    path_and_query: String,
}

/// The schemes of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Without TLS: metadata endpoints of the same machine, and loopback.
    Http,
    /// With TLS.
    Https,
}

/// Why a URL is refused, to stand behind the name of the variable or field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// `user@host`: the text before the `@` can be mistaken for the host.
    #[error("must not have a user or password in it")]
    HasUserinfo,
    /// The host is not plain ASCII, or the port is malformed.
    #[error("must name a host in ASCII, with at most a port behind it")]
    MalformedHost,
    /// It has a character that no URL has.
    #[error("has a character that no address has")]
    MalformedPath,
    /// It has another scheme, or none.
    #[error("must start with https://")]
    NotHttps,
    /// It is `http` to another machine.
    #[error("must start with https:// (http is for loopback and 169.254.0.0/16 alone)")]
    PlainHttp,
    /// It is `http` to a machine outside of private networks, or to a name.
    #[error(
        "must start with https:// (http is for loopback, 169.254.0.0/16 and literal addresses of private networks alone)"
    )]
    PlainHttpBeyondPrivate,
    /// It has a query where none is expected.
    #[error("must not have a query")]
    HasQuery,
    /// It has a path or query where a scheme and a host are expected.
    #[error("must be a scheme and a host alone, without path and query")]
    HasPath,
}

impl Url {
    /// Parses a URL. The path may be missing; a query is kept as it is.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = if let Some(rest) = strip_prefix_ignoring_case(text, "https://") {
            (Scheme::Https, rest)
        } else if let Some(rest) = strip_prefix_ignoring_case(text, "http://") {
            (Scheme::Http, rest)
        } else {
            return Err(UrlError::NotHttps);
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if authority.contains('@') {
            return Err(UrlError::HasUserinfo);
        }
        if host_and_port(authority).is_none() {
            return Err(UrlError::MalformedHost);
        }
        let allowed = |b: u8| {
            b.is_ascii_graphic()
                && !matches!(b, b'#' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
        };
        if !path.bytes().all(allowed) {
            return Err(UrlError::MalformedPath);
        }
        let slash = if path.starts_with('/') { "" } else { "/" };
        Ok(Self {
            scheme,
            authority: authority.to_ascii_lowercase(),
            path_and_query: format!("{slash}{path}"),
        })
    }

    /// Parses the URL of a metadata endpoint: `http` to this machine or its link (169.254.0.0/16, RFC 3927)
    /// alone, `https` to any host.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn parse_metadata_endpoint(text: &str) -> Result<Self, UrlError> {
        Self::parse_with_http(text, |host| host.is_loopback() || host.is_ipv4_link_local())
            .map_err(|error| if error == UrlError::NotHttps { UrlError::PlainHttp } else { error })
    }

    /// Parses the URL of the endpoint that App Service names: as
    /// [`parse_metadata_endpoint`](Self::parse_metadata_endpoint), and `http` to a literal address of a private
    /// network as well, where App Service on Linux has had it.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn parse_private_endpoint(text: &str) -> Result<Self, UrlError> {
        let is_near = |host: &Host| host.is_loopback() || host.is_ipv4_link_local() || host.is_private();
        Self::parse_with_http(text, is_near).map_err(|error| match error {
            UrlError::NotHttps | UrlError::PlainHttp => UrlError::PlainHttpBeyondPrivate,
            _ => error,
        })
    }

    /// Parses a URL that is `https`, or `http` to a host that `allows_http`.
    fn parse_with_http(text: &str, allows_http: impl FnOnce(&Host) -> bool) -> Result<Self, UrlError> {
        let url = Self::parse(text)?;
        if url.scheme == Scheme::Http && !Host::parse(url.host()).is_ok_and(|host| allows_http(&host)) {
            return Err(UrlError::PlainHttp);
        }
        Ok(url)
    }

    /// Parses the URL of an authority: a scheme and a host. The scheme is `https`, or `http` to loopback, for
    /// tests. A missing scheme is `https`, as in azure-identity for Python.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn parse_authority(text: &str) -> Result<Self, UrlError> {
        let text = text.trim();
        let url =
            if text.contains("://") { Self::parse(text)? } else { Self::parse(&format!("https://{text}"))? };
        if url.scheme == Scheme::Http && !Host::parse(url.host()).is_ok_and(|host| host.is_loopback()) {
            return Err(UrlError::NotHttps);
        }
        url.without_path()
    }

    /// Parses the URL of a proxy for tokens, to whose path those of Microsoft Entra are appended: `https`, without a
    /// query.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn parse_token_proxy(text: &str) -> Result<Self, UrlError> {
        let url = Self::parse(text)?;
        match url.scheme {
            Scheme::Http => Err(UrlError::NotHttps),
            Scheme::Https if url.path_and_query.contains('?') => Err(UrlError::HasQuery),
            Scheme::Https => Ok(url),
        }
    }

    /// Appends segments to the path. They are not encoded; callers pass constants and
    /// [tenants](crate::identifiers::TenantId).
    #[must_use]
    pub fn join(&self, segments: &str) -> Self {
        let base = self.path_and_query.trim_end_matches('/');
        let slash = if segments.starts_with('/') { "" } else { "/" };
        Self { path_and_query: format!("{base}{slash}{segments}"), ..self.clone() }
    }

    /// Adds parameters to the query, encoded.
    #[must_use]
    pub fn query(mut self, parameters: &[(&str, &str)]) -> Self {
        for (name, value) in parameters {
            self.path_and_query.push(if self.path_and_query.contains('?') { '&' } else { '?' });
            let mut pair = String::new();
            encoding::push_pair(&mut pair, name, value);
            self.path_and_query.push_str(&pair);
        }
        self
    }

    /// The URL, if it is a scheme and a host alone.
    ///
    /// # Errors
    /// When it has a path or a query.
    pub fn without_path(self) -> Result<Self, UrlError> {
        if self.path_and_query.trim_matches('/').is_empty() { Ok(self) } else { Err(UrlError::HasPath) }
    }

    /// Scheme, host and port, without a path (RFC 6454, section 6.2).
    pub fn origin(&self) -> String {
        let scheme = if self.scheme == Scheme::Http { "http" } else { "https" };
        format!("{scheme}://{}", self.authority)
    }

    /// Its scheme.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Host and port, in lower case.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The host, in lower case.
    pub fn host(&self) -> &str {
        host_and_port(&self.authority).map_or("", |(host, _)| host)
    }

    /// Path and query, at least `/`.
    pub fn path_and_query(&self) -> &str {
        &self.path_and_query
    }
}

impl core::fmt::Display for Url {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}{}", self.origin(), self.path_and_query)
    }
}

/// Splits an authority; `None` when it is malformed.
fn host_and_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = if authority.starts_with('[') {
        let end = authority.find(']')?.checked_add(1)?;
        authority.split_at_checked(end)?
    } else {
        authority.split_at_checked(authority.find(':').unwrap_or(authority.len()))?
    };
    let port = match port.strip_prefix(':') {
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => Some(digits.parse().ok()?),
        None if port.is_empty() => None,
        _ => return None,
    };
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    let ipv6 = |b: u8| b.is_ascii_hexdigit() || matches!(b, b':' | b'.');
    let well_formed = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(inner) => inner.contains(':') && inner.bytes().all(ipv6),
        None => !host.is_empty() && host.len() <= 253 && host.bytes().all(allowed),
    };
    well_formed.then_some((host, port))
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

#[cfg(test)]
mod tests;
