//! The rules: which requests are authenticated and for which scope. All of them are the deployer's: each rule is a line, or
//! belongs to a service of the table that a line names.

use crate::prelude::*;
use crate::target::{Host, Scheme, Server};
use core::fmt;

mod beyond;
pub mod customer_hosts;
pub mod find;
mod overrides;
pub mod parse;
pub mod services;
pub mod subject;

/// A rule: which requests it matches, and what is done with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Where it comes from, for the log.
    pub origin: Origin,
    /// The methods that it matches; empty: all.
    pub methods: Vec<String>,
    /// The servers that it matches.
    pub servers: Servers,
    /// The path that it matches with all paths below it, in normal form, ASCII and without a final slash; `None`: all paths.
    pub path: Option<String>,
    /// What is done with the requests.
    pub action: Action,
}

/// Where a rule comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A `use` line, with the name of the service.
    Service(&'static str),
    /// `AZURE_HTTP_AUTH_RULES`, with the line, counted from 1.
    Line(usize),
}

/// The servers that a rule matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Servers {
    /// Their scheme.
    pub scheme: Scheme,
    /// Their hosts.
    pub hosts: Hosts,
    /// Their port.
    pub port: u16,
}

/// The hosts that a rule matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hosts {
    /// One host.
    One(Host),
    /// The hosts whose name is this number of labels, a dot, and this name.
    Below(usize, String),
}

/// What is done with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// It is refused.
    Deny,
    /// It is sent as it is, without a token.
    Pass,
    /// It is sent with a token.
    Authenticate(Access),
}

/// The token of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The scope, e.g. `https://vault.azure.net/.default`.
    pub scope: String,
    /// The tenant; `None`: the provider's own, or the one that a challenge names.
    pub tenant: Option<String>,
    /// Whether the token may be one that can be revoked at once (continuous access evaluation).
    pub enable_cae: bool,
    /// Whether a batch, which carries other requests in its body, is sent although rules for the server have paths or methods.
    pub allows_batch: bool,
    /// Whether a request that names another path in a header is sent although rules for the server have paths.
    pub allows_copy: bool,
    /// The length of a body that is kept so that the request can be sent a second time, at most, in bytes; 0: none is kept.
    pub keep: usize,
    /// How the token is presented.
    pub presentation: Presentation,
}

impl Access {
    /// A bearer token for a scope, with the options as they are unless a rule sets them.
    pub fn new(scope: &str) -> Self {
        Self {
            scope: scope.to_owned(),
            tenant: None,
            enable_cae: true,
            allows_batch: false,
            allows_copy: false,
            keep: DEFAULT_KEEP,
            presentation: Presentation::Bearer,
        }
    }
}

/// The length of a body that is kept unless a rule sets another one, in bytes.
const DEFAULT_KEEP: usize = 64 << 10;

/// How a token is presented in `authorization`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presentation {
    /// As a bearer token (RFC 6750).
    Bearer,
    /// As Cosmos DB requires it ("Access control on Cosmos DB resources").
    Cosmos,
}

impl Presentation {
    /// The value of `authorization` with this token.
    pub fn value(self, secret: &str) -> String {
        match self {
            Self::Bearer => ["Bearer ", secret].concat(),
            Self::Cosmos => ["type%3Daad%26ver%3D1.0%26sig%3D", secret].concat(),
        }
    }
}

/// All rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The rules with an address. If one of them matches, those of services are not consulted.
    addressed: Vec<Rule>,
    /// The rules of the services that are used.
    of_services: Vec<Rule>,
}

impl Rules {
    /// The rules with an address, and those of the services that are used.
    pub fn new(addressed: Vec<Rule>, of_services: Vec<Rule>) -> Self {
        Self { addressed, of_services }
    }

    /// Whether there is no rule at all.
    pub fn is_empty(&self) -> bool {
        self.addressed.is_empty() && self.of_services.is_empty()
    }
}

impl Rule {
    /// Whether neither of two rules is narrower for some request: they have the same servers and paths, and share a
    /// method.
    fn collides_with(&self, other: &Self) -> bool {
        let share_a_method = match (self.methods.as_slice(), other.methods.as_slice()) {
            ([], []) => true,
            ([], _) | (_, []) => false,
            (mine, theirs) => mine.iter().any(|method| theirs.contains(method)),
        };
        self.servers == other.servers && self.path == other.path && share_a_method
    }
}

impl Servers {
    /// Whether a server is one of them.
    pub fn contain(&self, server: &Server) -> bool {
        self.scheme == server.scheme && self.port == server.port && self.hosts.contain(&server.host)
    }
}

impl Hosts {
    fn contain(&self, host: &Host) -> bool {
        match (self, host) {
            (Self::One(one), host) => one == host,
            (Self::Below(labels, suffix), Host::Name(name)) => {
                let own = name.strip_suffix(suffix.as_str()).and_then(|rest| rest.strip_suffix('.'));
                // No Azure resource has a name in Punycode, which could look like the name of another.
                own.is_some_and(|own| {
                    own.split('.').count() == *labels
                        && own.split('.').all(|label| !label.starts_with("xn--"))
                })
            }
            (Self::Below(..), _) => false,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(service) => write!(f, "the rule of \"use {service}\""),
            Self::Line(line) => write!(f, "line {line} of AZURE_HTTP_AUTH_RULES"),
        }
    }
}

#[cfg(test)]
mod tests;
