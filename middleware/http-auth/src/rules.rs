//! Which requests are authenticated, and for what: Azure's services, and what the deployer says.

use crate::prelude::*;
use crate::target::{Host, Scheme, Server, is_below, plain_path};
use core::fmt;

pub mod built_in;
pub mod parse;

/// What becomes of the requests that it matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it is called in the log.
    pub origin: Origin,
    /// The methods it is for; empty: all.
    pub methods: Vec<String>,
    /// Which servers it is for.
    pub servers: Servers,
    /// Where the paths it is for begin, in plain form; `None`: all paths.
    pub path: Option<String>,
    /// What becomes of them.
    pub action: Action,
}

/// Where a rule comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The table of Azure's services; the service.
    BuiltIn(&'static str),
    /// `AZURE_HTTP_AUTH_RULES`; the line.
    Line(usize),
}

/// The servers that a rule is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Servers {
    /// How they are reached.
    pub scheme: Scheme,
    /// Which hosts.
    pub hosts: Hosts,
    /// At which port.
    pub port: u16,
}

/// The hosts that a rule is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hosts {
    /// One.
    One(Host),
    /// Each whose name is so many labels, a dot, and this name.
    Below(usize, String),
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// It is refused.
    Deny,
    /// It is sent as it is, without a token.
    Pass,
    /// It is sent with a token.
    Authenticate(Access),
}

/// What a token is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The scope, e.g. `https://vault.azure.net/.default`.
    pub scope: String,
    /// The tenant; `None`: the provider's own, or the one that a challenge names.
    pub tenant: Option<String>,
    /// Whether tokens are asked for that can be revoked at once.
    pub enable_cae: bool,
    /// Up to how many bytes of a request's body are kept, so that it can be sent a second time; 0: none.
    pub keep: usize,
    /// How the token is presented.
    pub presentation: Presentation,
}

/// How a token is presented in `authorization`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presentation {
    /// As a bearer token (RFC 6750).
    Bearer,
    /// As Cosmos DB wants it ("Access control on Cosmos DB resources").
    Cosmos,
}

/// More than one rule matches, and none of them is the narrowest in every respect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ambiguous(pub Origin, pub Origin);

/// Why no rule can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undecided {
    /// See [`Ambiguous`].
    Rules(Ambiguous),
    /// Rules for this server look at paths, and this one can be read in several ways.
    Path,
    /// Rules for this server look at methods, and this one is not in upper case: some servers mind, others do not.
    Method,
}

/// All rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// What the deployer says. One of these that matches keeps those of the table from being looked at.
    own: Vec<Rule>,
    built_in: Vec<Rule>,
}

impl Rules {
    /// The deployer's rules, and those of the table unless they were switched off.
    pub fn new(own: Vec<Rule>, built_in: Vec<Rule>) -> Self {
        Self { own, built_in }
    }

    /// The one rule that matches; `None`: none does.
    ///
    /// Of several rules the one that is narrowest in host, path and method alike.
    ///
    /// # Errors
    /// When the choice would be a guess.
    pub fn find(&self, method: &str, server: &Server, path: &str) -> Result<Option<&Rule>, Undecided> {
        match find_in(&self.own, method, server, path)? {
            None => find_in(&self.built_in, method, server, path),
            found => Ok(found),
        }
    }
}

impl Rule {
    /// Whether a request that both match could be decided by either: they are for the same servers and paths,
    /// and share a method.
    fn collides_with(&self, other: &Self) -> bool {
        let share_a_method = match (self.methods.as_slice(), other.methods.as_slice()) {
            ([], []) => true,
            ([], _) | (_, []) => false,
            (mine, theirs) => mine.iter().any(|method| theirs.contains(method)),
        };
        self.servers == other.servers && self.path == other.path && share_a_method
    }

    fn is_for_method(&self, method: &str) -> bool {
        self.methods.is_empty() || self.methods.iter().any(|it| it == method)
    }

    /// How narrow it is: in hosts, in paths, in methods.
    fn narrowness(&self) -> [usize; 3] {
        let hosts = match &self.servers.hosts {
            Hosts::One(_) => usize::MAX,
            Hosts::Below(_, suffix) => suffix.len(),
        };
        [hosts, self.path.as_ref().map_or(0, String::len), usize::from(!self.methods.is_empty())]
    }
}

impl Servers {
    /// Whether it is one of them.
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
                // No resource of Azure has a name in Punycode, which is made to look like another.
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
            Self::BuiltIn(service) => write!(f, "the built-in rule for {service}"),
            Self::Line(line) => write!(f, "line {line} of AZURE_HTTP_AUTH_RULES"),
        }
    }
}

fn find_in<'a>(
    rules: &'a [Rule],
    method: &str,
    server: &Server,
    path: &str,
) -> Result<Option<&'a Rule>, Undecided> {
    let here: Vec<_> = rules.iter().filter(|rule| rule.servers.contain(server)).collect();
    let plain = if here.iter().any(|rule| rule.path.is_some()) {
        plain_path(path).ok_or(Undecided::Path)?
    } else {
        String::new()
    };
    // Many services mind the case of neither, and a rule that narrows must not be got around by it.
    if here.iter().filter_map(|rule| rule.path.as_deref()).any(|prefix| differs_by_case(&plain, prefix)) {
        return Err(Undecided::Path);
    }
    if here.iter().any(|rule| !rule.methods.is_empty()) && method.bytes().any(|b| b.is_ascii_lowercase()) {
        return Err(Undecided::Method);
    }
    let is_for_path = |rule: &Rule| rule.path.as_ref().is_none_or(|prefix| is_below(&plain, prefix));
    let is_for = |rule: &&Rule| is_for_path(rule) && rule.is_for_method(method);
    let matching = || here.iter().copied().filter(is_for);
    let Some(narrowest) = matching().max_by_key(|rule| rule.narrowness()) else { return Ok(None) };
    let rank = narrowest.narrowness();
    let rival = matching().find(|rule| {
        let is_wider = rule.narrowness().iter().zip(rank).all(|(theirs, ours)| *theirs <= ours);
        !is_wider || (rule.narrowness() == rank && *rule != narrowest)
    });
    match rival {
        Some(rival) => Err(Undecided::Rules(Ambiguous(narrowest.origin.clone(), rival.origin.clone()))),
        None => Ok(Some(narrowest)),
    }
}

/// Whether a path is below another for those alone who do not mind the case of letters.
fn differs_by_case(path: &str, prefix: &str) -> bool {
    !is_below(path, prefix) && is_below(&path.to_ascii_lowercase(), &prefix.to_ascii_lowercase())
}

#[cfg(test)]
mod tests;
