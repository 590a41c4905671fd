//! The parser of a rule with an address.

use super::options::set_option;
use super::word::{ParseError, Problem, Word};
use crate::prelude::*;
use crate::rules::customer_hosts::CustomerHosts;
use crate::rules::{Access, Action, Hosts, Origin, Presentation, Rule, Servers};
use crate::target::{PathProblem, Scheme, parse_port, plain_path};
use azure_token_rules::request::is_scope;

/// The rule of a line. `rest` is what follows its first word.
///
/// # Errors
/// When it is malformed, or opens what no rule may open.
pub fn rule(first: &Word<'_>, rest: &[Word<'_>]) -> Result<Rule, ParseError> {
    let (methods, address, rest) = if first.text.contains("://") {
        (Vec::new(), first, rest)
    } else {
        let [address, rest @ ..] = rest else {
            return Err(first.error("a rule begins with https://, methods may stand in front of it"));
        };
        (methods(first)?, address, rest)
    };
    let (servers, path) = servers(address)?;
    let Some((action, options)) = rest.split_first() else {
        return Err(
            address.error_at(address.text.len(), "behind the address stands scope=<scope>, pass or deny")
        );
    };
    let action = match action.text {
        "pass" | "deny" => {
            if let Some(option) = options.first() {
                return Err(option.error("nothing stands behind pass and deny"));
            }
            if action.text == "pass" { Action::Pass } else { Action::Deny }
        }
        _ => {
            let access = access(action, options)?;
            if let Some((suffix, entry)) = CustomerHosts::reached_by(&servers.hosts, path.as_deref()) {
                return Err(address.problem(Problem::CustomerHosts(suffix, entry)));
            }
            Action::Authenticate(access)
        }
    };
    Ok(Rule { origin: Origin::Line(first.line), methods, servers, path, action })
}

fn methods(word: &Word<'_>) -> Result<Vec<String>, ParseError> {
    let is_method =
        |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
    if !word.text.split(',').all(is_method) {
        return Err(
            word.error("a rule begins with https:// or with methods in upper case, a comma between them")
        );
    }
    if word.text.split(',').any(|method| matches!(method, "TRACE" | "TRACK" | "CONNECT")) {
        return Err(word.error("TRACE, TRACK and CONNECT are never authenticated"));
    }
    Ok(word.text.split(',').map(ToOwned::to_owned).collect())
}

fn servers(word: &Word<'_>) -> Result<(Servers, Option<String>), ParseError> {
    let (scheme, rest, offset) = if let Some(rest) = word.text.strip_prefix("https://") {
        (Scheme::Https, rest, 8usize)
    } else if let Some(rest) = word.text.strip_prefix("http://") {
        (Scheme::Http, rest, 7)
    } else {
        return Err(word.error("the address begins with https:// (with http:// only on this machine)"));
    };
    let (authority, path) = rest.split_at_checked(rest.find('/').unwrap_or(rest.len())).unwrap_or((rest, ""));
    let colon =
        authority.rfind(':').filter(|colon| authority.rfind(']').is_none_or(|bracket| bracket < *colon));
    let (hosts, port) = match colon {
        None => (authority, scheme.default_port()),
        Some(colon) => {
            let port = authority.get(colon.saturating_add(1)..).and_then(parse_port);
            let at = offset.saturating_add(colon).saturating_add(1);
            let port = port.ok_or_else(|| word.error_at(at, "a port is a number from 1 to 65535"))?;
            (authority.get(..colon).unwrap_or_default(), port)
        }
    };
    let hosts = Hosts::parse(hosts).ok_or_else(|| {
        word.error_at(offset, "a host is a name, an address, or *. in front of a name with a dot in it")
    })?;
    if scheme == Scheme::Http && !matches!(&hosts, Hosts::One(host) if host.is_loopback()) {
        return Err(word.error("http:// is for this machine alone, e.g. http://127.0.0.1"));
    }
    if matches!(&hosts, Hosts::One(host) if host.is_metadata_service()) {
        return Err(word.error_at(offset, "metadata services are never opened to apps"));
    }
    let at = offset.saturating_add(authority.len());
    Ok((Servers { scheme, hosts, port }, parse_path(word, at, path)?))
}

/// The path of a rule, which begins at this byte of the word; `None`: all paths. `/a/` is `/a`, because most servers treat
/// them alike.
fn parse_path(word: &Word<'_>, at: usize, path: &str) -> Result<Option<String>, ParseError> {
    if path.contains(['?', '*']) {
        return Err(word.error_at(at, "a rule has a path without a query and *"));
    }
    let problem = |problem| word.problem_at(at, Problem::Path(problem));
    let plain = plain_path(path).map_err(problem)?;
    if !plain.is_ascii() {
        return Err(problem(PathProblem::NotAscii));
    }
    let path = plain.strip_suffix('/').unwrap_or(&plain);
    Ok(Some(path).filter(|path| !path.is_empty()).map(ToOwned::to_owned))
}

fn access(action: &Word<'_>, options: &[Word<'_>]) -> Result<Access, ParseError> {
    let scope = action.text.strip_prefix("scope=").filter(|scope| is_scope(scope)).ok_or_else(|| {
        action.error("behind the address stands scope=<scope> (letters, digits and . _ : / -), pass or deny")
    })?;
    let mut access = Access::new(scope);
    for option in options {
        if set_option(&mut access, option)? {
            continue;
        }
        match option.text.split_once('=') {
            Some(("as", "bearer")) => access.presentation = Presentation::Bearer,
            Some(("as", "cosmos")) => access.presentation = Presentation::Cosmos,
            _ => {
                return Err(option.error(
                    "the options are tenant=<tenant>, cae=off, batch=on, copy=on, keep=<bytes> and as=cosmos",
                ));
            }
        }
    }
    Ok(access)
}
