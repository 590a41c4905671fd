//! The settings of the environment, and the decision on each request.

use crate::prelude::*;
use crate::refusal::{IdentityEndpoint, Refusal, RequestHead, is_authority};
use crate::rules::parse::{self, is_exactly};
use crate::rules::subject::Subject;
use crate::rules::{Access, Action, Origin, Rule, Rules, services};
use crate::target::Server;
use crate::target::request_target::Target;
use core::fmt;

/// The settings.
#[derive(Clone, Debug)]
pub struct Settings {
    rules: Rules,
    passes_unmatched: bool,
    endpoints: Vec<IdentityEndpoint>,
    /// The authorities that the environment names, besides Microsoft's.
    pub authorities: Vec<Server>,
}

/// What is done with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision<'a> {
    /// It is sent to this target without a token.
    Pass(Target),
    /// It is sent to this target with a token.
    Authenticate(&'a Access, Target),
}

/// Why no request can be sent at all: a variable is malformed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingsError {
    /// `AZURE_HTTP_AUTH_RULES`.
    Rules(parse::ParseError),
    /// `AZURE_HTTP_AUTH_DEFAULT`.
    Default,
    /// A variable that must name an endpoint, because apps may not reach that endpoint, and does not.
    Endpoint(&'static str),
}

impl Settings {
    /// Reads the settings from environment variables. A blank variable is unset.
    ///
    /// # Errors
    /// When a variable is malformed. No request is sent then, because any could be one that it refuses.
    pub fn read(environment: &[(String, String)]) -> Result<Self, SettingsError> {
        let get = |name: &str| {
            let found = environment.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
            found.filter(|value| !value.trim().is_empty())
        };
        let parsed =
            parse::parse(get("AZURE_HTTP_AUTH_RULES").unwrap_or_default()).map_err(SettingsError::Rules)?;
        let passes_unmatched = passes_unmatched(get("AZURE_HTTP_AUTH_DEFAULT").unwrap_or("deny"))?;
        let server = |variable: &'static str| {
            get(variable)
                .map(|it| Server::of_address(it).map_err(|_| SettingsError::Endpoint(variable)))
                .transpose()
        };
        let mut endpoints = Vec::new();
        for variable in ENDPOINTS.iter().copied() {
            endpoints.extend(server(variable)?.map(|server| IdentityEndpoint { server, variable }));
        }
        let authorities = server(AUTHORITY_HOST)?.into_iter().collect();
        let rules = Rules::new(parsed.rules, parsed.of_services);
        Ok(Self { rules, passes_unmatched, endpoints, authorities })
    }

    /// Sets what `AZURE_HTTP_AUTH_DEFAULT` sets.
    ///
    /// # Errors
    /// [`SettingsError::Default`].
    pub fn set_default(&mut self, action: &str) -> Result<(), SettingsError> {
        self.passes_unmatched = passes_unmatched(action)?;
        Ok(())
    }

    /// Decides what is done with a request.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn decide(&self, request: &RequestHead<'_>) -> Result<Decision<'_>, Refusal> {
        let target = request.target()?;
        request.check_server(&target.server, &self.endpoints)?;
        let subject = Subject { method: request.method, target: &target, headers: request.headers };
        let rule = match self.rules.find(&subject) {
            Ok(rule) => rule,
            Err(undecided) => return Err(Refusal::Undecided(target.server, undecided)),
        };
        if is_authority(&target.server, &self.authorities) && !rule.is_some_and(|rule| opens(rule, &target)) {
            return Err(Refusal::Authority(target.server));
        }
        match rule {
            Some(Rule { action: Action::Authenticate(_), .. }) if is_never_authenticated(request.method) => {
                Err(Refusal::Method(target.server))
            }
            Some(Rule { action: Action::Authenticate(access), .. }) => {
                Ok(Decision::Authenticate(access, target))
            }
            Some(Rule { action: Action::Pass, .. }) => Ok(Decision::Pass(target)),
            Some(Rule { action: Action::Deny, origin, .. }) => {
                Err(Refusal::Denied(target.server, origin.clone()))
            }
            None if self.passes_unmatched => Ok(Decision::Pass(target)),
            None => {
                let row = services::row_of(&target.server);
                Err(Refusal::NoRule { server: target.server, row, has_rules: !self.rules.is_empty() })
            }
        }
    }
}

fn passes_unmatched(action: &str) -> Result<bool, SettingsError> {
    match action.trim() {
        "deny" => Ok(false),
        "pass" => Ok(true),
        _ => Err(SettingsError::Default),
    }
}

/// Whether a rule allows requests without a token to an authority. An app that verifies tokens needs its keys, so the
/// deployer may allow it by name.
fn opens(rule: &Rule, target: &Target) -> bool {
    rule.action == Action::Pass
        && matches!(rule.origin, Origin::Line(_))
        && is_exactly(&rule.servers.hosts, &target.server.host)
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rules(error) => error.fmt(f),
            Self::Default => f.write_str("AZURE_HTTP_AUTH_DEFAULT must be deny or pass"),
            Self::Endpoint(variable) => {
                write!(
                    f,
                    "{variable} must begin with the address of a host; without it, that host could not be kept from the app"
                )
            }
        }
    }
}

/// Whether a variable names a server that returns tokens, so that apps may not reach it.
pub fn names_token_server(variable: &str) -> bool {
    variable == AUTHORITY_HOST || ENDPOINTS.contains(&variable)
}

const AUTHORITY_HOST: &str = "AZURE_AUTHORITY_HOST";

/// The variables that name endpoints which return tokens.
const ENDPOINTS: &[&str] = &[
    "IDENTITY_ENDPOINT",
    "MSI_ENDPOINT",
    "IMDS_ENDPOINT",
    "AZURE_POD_IDENTITY_AUTHORITY_HOST",
    "AZURE_KUBERNETES_TOKEN_PROXY",
];

/// `TRACE` and IIS's name for it, `TRACK`, return the request with its headers in the body ("Cross Site Tracing", OWASP);
/// `CONNECT` opens a tunnel.
fn is_never_authenticated(method: &str) -> bool {
    ["TRACE", "TRACK", "CONNECT"].iter().any(|name| method.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests;
