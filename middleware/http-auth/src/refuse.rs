//! What is refused, and why.

use crate::prelude::*;
use crate::rules::{Ambiguous, Origin, Undecided};
use crate::target::{Server, TargetError, path_of};
use core::fmt;

/// Why a request is refused. Holds nothing secret: neither path, query nor headers of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It names no server, or one that could be read as another.
    Target(TargetError),
    /// A metadata service.
    MetadataService(Server),
    /// What the variable names.
    IdentityEndpoint(Server, &'static str),
    /// Microsoft Entra.
    Authority(Server),
    /// `http` to another machine.
    PlainHttp(Server),
    /// A `host` header that is not the authority.
    HostHeader(Server),
    /// Its path can be read in several ways, and rules for this server look at it.
    Path(Server),
    /// Its method is not in upper case, and rules for this server look at it.
    MethodCase(Server),
    /// Two rules match, and neither is the narrower one.
    AmbiguousRules(Server, Origin, Origin),
    /// `TRACE` and `CONNECT`: the answer to the first shows the token, the second is no request.
    Method(Server),
    /// A rule says so.
    Denied(Server, Origin),
    /// No rule matches, and what none matches is denied.
    NoRule(Server),
}

/// The parts of a request that decide over it.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The method, e.g. `GET`.
    pub method: &'a str,
    /// The scheme; `None`: none was set.
    pub scheme: Option<&'a str>,
    /// The authority; `None`: none was set.
    pub authority: Option<&'a str>,
    /// The path with the query; `None`: none was set.
    pub path_with_query: Option<&'a str>,
    /// The `host` headers, if there are any.
    pub host_headers: &'a [Vec<u8>],
}

impl Request<'_> {
    /// Where it goes, if that is a place that requests may go to at all.
    ///
    /// # Errors
    /// When it is not.
    pub fn server(&self, closed: &[Closed], authorities: &[Server]) -> Result<Server, Refusal> {
        let server = Server::parse(self.scheme, self.authority).map_err(Refusal::Target)?;
        if server.host.is_metadata_service() || is_agent(&server) {
            return Err(Refusal::MetadataService(server));
        }
        if let Some(endpoint) = closed.iter().find(|endpoint| endpoint.server.is_same_place(&server)) {
            return Err(Refusal::IdentityEndpoint(server, endpoint.variable));
        }
        if server.scheme == crate::target::Scheme::Http && !server.host.is_loopback() {
            return Err(Refusal::PlainHttp(server));
        }
        if !self.host_headers.iter().all(|header| is_of(header, &server)) {
            return Err(Refusal::HostHeader(server));
        }
        if is_authority(&server, authorities) { Err(Refusal::Authority(server)) } else { Ok(server) }
    }

    /// Its path, without the query.
    pub fn path(&self) -> &str {
        path_of(self.path_with_query.unwrap_or_default())
    }
}

/// An endpoint that gives out tokens, as the environment names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Where it is.
    pub server: Server,
    /// The variable that says so.
    pub variable: &'static str,
}

/// Whether tokens are issued there: a cloud's authority, a region of one, or one that the environment names.
pub fn is_authority(server: &Server, of_environment: &[Server]) -> bool {
    let is_known = |name: &str| {
        AUTHORITIES
            .iter()
            .any(|known| name.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
    };
    let named = matches!(&server.host, crate::target::Host::Name(name) if is_known(name));
    named || of_environment.iter().any(|authority| authority.is_same_place(server))
}

impl Refusal {
    /// The refusal for which no rule could be chosen.
    pub fn undecided(server: Server, undecided: Undecided) -> Self {
        match undecided {
            Undecided::Path => Self::Path(server),
            Undecided::Method => Self::MethodCase(server),
            Undecided::Rules(Ambiguous(one, other)) => Self::AmbiguousRules(server, one, other),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target(error) => write!(f, "a request is refused: {error}"),
            Self::MetadataService(server) => {
                write!(
                    f,
                    "{server} is refused: apps have no business with a metadata service, which gives out tokens"
                )
            }
            Self::IdentityEndpoint(server, variable) => {
                write!(f, "{server} is refused: it is the endpoint of {variable}, which gives out tokens")
            }
            Self::Authority(server) => {
                write!(
                    f,
                    "{server} is refused: it issues tokens; a rule with pass and this host opens it, if it must be"
                )
            }
            Self::PlainHttp(server) => {
                write!(f, "{server} is refused: only this machine is reached without TLS; use https")
            }
            Self::HostHeader(server) => {
                write!(f, "{server} is refused: its host header names another host; leave it out")
            }
            Self::Path(server) => {
                write!(
                    f,
                    "{server} is refused: its path can be read in several ways, and rules for it look at paths"
                )
            }
            Self::MethodCase(server) => {
                write!(
                    f,
                    "{server} is refused: rules for it look at methods, which are written in upper case"
                )
            }
            Self::AmbiguousRules(server, one, other) => {
                write!(
                    f,
                    "{server} is refused: {one} and {other} both match, and neither is narrower in host, path and method"
                )
            }
            Self::Method(server) => {
                write!(f, "{server} is refused: TRACE and CONNECT are never authenticated")
            }
            Self::Denied(server, origin) => write!(f, "{server} is refused by {origin}"),
            Self::NoRule(server) => {
                write!(
                    f,
                    "{server} is refused: no rule matches; add one to AZURE_HTTP_AUTH_RULES, or set AZURE_HTTP_AUTH_DEFAULT=pass"
                )
            }
        }
    }
}

/// The authorities of Microsoft's clouds (instance discovery answers with these), whose regions are names below
/// them; and those of customers' tenants.
const AUTHORITIES: &[&str] = &[
    "login.microsoftonline.com",
    "login.windows.net",
    "login.microsoft.com",
    "sts.windows.net",
    "login.partner.microsoftonline.cn",
    "login.chinacloudapi.cn",
    "login.microsoftonline.us",
    "login.usgovcloudapi.net",
    "login.sovcloud-identity.fr",
    "login.sovcloud-identity.de",
    "login.sovcloud-identity.sg",
    "login-us.microsoftonline.com",
    "login.microsoftonline.de",
    "login.live.com",
    "b2clogin.com",
    "ciamlogin.com",
];

/// The ports at which Azure Arc's agent and Cloud Shell give out tokens when no variable says otherwise.
fn is_agent(server: &Server) -> bool {
    server.host.is_this_machine() && matches!(server.port, 40342 | 50342)
}

/// Whether a `host` header names the server. An authority without a port means the scheme's.
fn is_of(header: &[u8], server: &Server) -> bool {
    let header = core::str::from_utf8(header).ok();
    header.is_some_and(|header| {
        Server::parse(Some(server.scheme.name()), Some(header)).is_ok_and(|named| named == *server)
    })
}
