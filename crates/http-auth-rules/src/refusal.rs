//! Which requests are refused, and why.

use crate::headers::{self, Header};
use crate::rules::Origin;
use crate::rules::find::Undecided;
use crate::rules::services::Row;
use crate::target::request_target::Target;
use crate::target::{Host, Scheme, Server, TargetError};
use azure_token_rules::authority;
use core::fmt;

/// Why a request is refused. Holds no secret: neither path, query nor headers of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It names no server, or two parsers could read it as different servers.
    Target(TargetError),
    /// It goes to a metadata service.
    MetadataService(Server),
    /// It goes to the endpoint that this variable names.
    IdentityEndpoint(Server, &'static str),
    /// It goes to an authority, which issues tokens.
    Authority(Server),
    /// It goes to another machine over `http`.
    PlainHttp(Server),
    /// Its `host` header names another host than its authority.
    HostHeader(Server),
    /// No rule can be chosen without guessing.
    Undecided(Server, Undecided),
    /// Its method is `TRACE` or `TRACK`, whose response would contain the token, or `CONNECT`, which opens a tunnel.
    Method(Server),
    /// A rule denies it.
    Denied(Server, Origin),
    /// No rule matches, and `AZURE_HTTP_AUTH_DEFAULT` is `deny`.
    NoRule {
        /// Where it goes.
        server: Server,
        /// The row of the table that would allow it; `None`: the table has none.
        row: Option<&'static Row>,
        /// Whether there is any rule.
        has_rules: bool,
    },
}

/// The parts of a request that rules and refusals depend on.
#[derive(Clone, Copy, Debug)]
pub struct RequestHead<'a> {
    /// The method, e.g. `GET`.
    pub method: &'a str,
    /// The scheme; `None`: none was set.
    pub scheme: Option<&'a str>,
    /// The authority; `None`: none was set.
    pub authority: Option<&'a str>,
    /// The path with the query; `None`: none was set.
    pub path_with_query: Option<&'a str>,
    /// The headers.
    pub headers: &'a [Header],
}

impl RequestHead<'_> {
    /// Its target.
    ///
    /// # Errors
    /// [`Refusal::Target`].
    pub fn target(&self) -> Result<Target, Refusal> {
        Target::parse(self.method, self.scheme, self.authority, self.path_with_query).map_err(Refusal::Target)
    }

    /// Checks that requests may go to its server, except for a server that issues tokens.
    ///
    /// # Errors
    /// When no request may go there.
    pub fn check_server(&self, server: &Server, endpoints: &[IdentityEndpoint]) -> Result<(), Refusal> {
        let refused = |refusal: fn(Server) -> Refusal| Err(refusal(server.clone()));
        if server.host.is_metadata_service() || is_token_agent(server) {
            return refused(Refusal::MetadataService);
        }
        if let Some(endpoint) = endpoints.iter().find(|endpoint| endpoint.server.is_same_place(server)) {
            return Err(Refusal::IdentityEndpoint(server.clone(), endpoint.variable));
        }
        if server.scheme == Scheme::Http && !server.host.is_loopback() {
            return refused(Refusal::PlainHttp);
        }
        if !headers::values(self.headers, "host").all(|header| names(header, server)) {
            return refused(Refusal::HostHeader);
        }
        Ok(())
    }
}

/// An endpoint that returns tokens, as the environment names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityEndpoint {
    /// Its server.
    pub server: Server,
    /// The variable that names it.
    pub variable: &'static str,
}

/// Whether a server issues tokens: Microsoft Entra, or an authority that the environment names.
pub fn is_authority(server: &Server, of_environment: &[Server]) -> bool {
    matches!(&server.host, Host::Name(name) if authority::may_issue_tokens(name))
        || of_environment.iter().any(|authority| authority.is_same_place(server))
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target(error) => write!(f, "a request is refused: {error}"),
            Self::MetadataService(server) => {
                write!(f, "{server} is refused: apps may not reach a metadata service, which returns tokens")
            }
            Self::IdentityEndpoint(server, variable) => {
                write!(f, "{server} is refused: it is the endpoint of {variable}, which returns tokens")
            }
            Self::Authority(server) => {
                write!(
                    f,
                    "{server} is refused: it issues tokens; to allow it, add a rule with pass that names this host"
                )
            }
            Self::PlainHttp(server) => {
                write!(f, "{server} is refused: http is allowed to this machine only; use https")
            }
            Self::HostHeader(server) => {
                write!(f, "{server} is refused: its host header names another host; remove the header")
            }
            Self::Undecided(server, undecided) => write!(f, "{server} is refused: {undecided}"),
            Self::Method(server) => {
                write!(f, "{server} is refused: TRACE, TRACK and CONNECT are never authenticated")
            }
            Self::Denied(server, origin) => write!(f, "{server} is refused by {origin}"),
            Self::NoRule { server, row, has_rules } => {
                // A host that passes no environment, as Spin does to a dependency that inherits none, looks like this.
                let (no_rule, variable) = if *has_rules {
                    ("no rule matches", "AZURE_HTTP_AUTH_RULES")
                } else {
                    (
                        "there are no rules, because AZURE_HTTP_AUTH_RULES is not set or the host does not pass it",
                        "it",
                    )
                };
                write!(f, "{server} is refused: {no_rule}; add \"")?;
                match row {
                    Some(row) => row.fmt(f)?,
                    None => write!(f, "{server} scope=<scope>")?,
                }
                write!(f, "\" to {variable}")
            }
        }
    }
}

/// Whether it is the default address of Azure Arc's agent or Cloud Shell, which return tokens.
fn is_token_agent(server: &Server) -> bool {
    server.host.is_this_machine() && matches!(server.port, 40342 | 50342)
}

/// Whether a `host` header names the server. Without a port, it is the scheme's.
fn names(header: &[u8], server: &Server) -> bool {
    let header = core::str::from_utf8(header).ok();
    header.is_some_and(|header| {
        Server::parse(Some(server.scheme.name()), Some(header)).is_ok_and(|named| named == *server)
    })
}
