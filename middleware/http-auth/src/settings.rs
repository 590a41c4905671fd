//! What the environment says, read once.

use crate::prelude::*;
use crate::refuse::{Closed, Refusal, Request};
use crate::rules::parse::{self, is_exactly};
use crate::rules::{Access, Action, Origin, Rule, Rules, built_in};
use crate::target::Server;
use core::fmt;

/// What the environment says.
#[derive(Clone, Debug)]
pub struct Settings {
    rules: Rules,
    passes_what_no_rule_matches: bool,
    closed: Vec<Closed>,
    /// Where tokens are issued besides the authorities that are known.
    pub authorities: Vec<Server>,
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision<'a> {
    /// It is sent as it is.
    Pass,
    /// It is sent with a token.
    Authenticate(&'a Access, Server),
}

/// Why nothing can be sent at all: a variable makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingsError {
    /// `AZURE_HTTP_AUTH_RULES`.
    Rules(parse::ParseError),
    /// `AZURE_HTTP_AUTH_DEFAULT`.
    Default,
    /// A variable that names an endpoint which must be kept from the app, and does not name one.
    Endpoint(&'static str),
}

impl Settings {
    /// Reads them from the environment's variables. A blank variable is an unset one.
    ///
    /// # Errors
    /// When one makes no sense: then nothing is sent, lest something is sent that should not be.
    pub fn read(environment: &[(String, String)]) -> Result<Self, SettingsError> {
        let get = |name: &str| {
            let found = environment.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
            found.filter(|value| !value.trim().is_empty())
        };
        let parsed =
            parse::parse(get("AZURE_HTTP_AUTH_RULES").unwrap_or_default()).map_err(SettingsError::Rules)?;
        let passes_what_no_rule_matches = match get("AZURE_HTTP_AUTH_DEFAULT").map(str::trim) {
            None | Some("deny") => false,
            Some("pass") => true,
            Some(_) => return Err(SettingsError::Default),
        };
        let server = |variable: &'static str| {
            get(variable)
                .map(|it| Server::of_address(it).map_err(|_| SettingsError::Endpoint(variable)))
                .transpose()
        };
        let mut closed = Vec::new();
        for variable in ENDPOINTS.iter().copied() {
            closed.extend(server(variable)?.map(|server| Closed { server, variable }));
        }
        let authorities = server("AZURE_AUTHORITY_HOST")?.into_iter().collect();
        let built_in = if parsed.without_built_in { Vec::new() } else { built_in::rules() };
        Ok(Self {
            rules: Rules::new(parsed.rules, built_in),
            passes_what_no_rule_matches,
            closed,
            authorities,
        })
    }

    /// What becomes of a request.
    ///
    /// # Errors
    /// When it is refused.
    pub fn decide(&self, request: &Request<'_>) -> Result<Decision<'_>, Refusal> {
        let server = match request.server(&self.closed, &self.authorities) {
            Ok(server) => server,
            // An app that verifies tokens needs the authority's keys; the deployer may open it by name.
            Err(Refusal::Authority(server)) => {
                let rule = self.rule(request, &server)?;
                let opens = |rule: &&Rule| {
                    rule.action == Action::Pass
                        && matches!(rule.origin, Origin::Line(_))
                        && is_exactly(&rule.servers.hosts, &server.host)
                };
                return rule.filter(opens).map(|_| Decision::Pass).ok_or(Refusal::Authority(server));
            }
            Err(refusal) => return Err(refusal),
        };
        match self.rule(request, &server)? {
            Some(Rule { action: Action::Authenticate(_), .. }) if is_traced(request.method) => {
                Err(Refusal::Method(server))
            }
            Some(Rule { action: Action::Authenticate(access), .. }) => {
                Ok(Decision::Authenticate(access, server))
            }
            Some(Rule { action: Action::Pass, .. }) => Ok(Decision::Pass),
            Some(Rule { action: Action::Deny, origin, .. }) => Err(Refusal::Denied(server, origin.clone())),
            None if self.passes_what_no_rule_matches => Ok(Decision::Pass),
            None => Err(Refusal::NoRule(server)),
        }
    }

    fn rule(&self, request: &Request<'_>, server: &Server) -> Result<Option<&Rule>, Refusal> {
        let found = self.rules.find(request.method, server, request.path());
        found.map_err(|undecided| Refusal::undecided(server.clone(), undecided))
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rules(error) => error.fmt(f),
            Self::Default => f.write_str("AZURE_HTTP_AUTH_DEFAULT is neither deny nor pass"),
            Self::Endpoint(variable) => {
                write!(
                    f,
                    "{variable} does not begin with the address of a host, so that host could not be kept from the app"
                )
            }
        }
    }
}

/// The variables that name endpoints where tokens are given out.
const ENDPOINTS: &[&str] = &[
    "IDENTITY_ENDPOINT",
    "MSI_ENDPOINT",
    "IMDS_ENDPOINT",
    "AZURE_POD_IDENTITY_AUTHORITY_HOST",
    "AZURE_KUBERNETES_TOKEN_PROXY",
];

fn is_traced(method: &str) -> bool {
    method.eq_ignore_ascii_case("TRACE") || method.eq_ignore_ascii_case("CONNECT")
}

#[cfg(test)]
mod tests;
