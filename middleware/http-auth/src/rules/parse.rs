//! The parser of `AZURE_HTTP_AUTH_RULES`: one rule a line, or several separated by `;`; `#` begins a comment.
//!
//! ```text
//! [METHOD,…] https://host[:port][/path]  scope=<scope> [tenant=<tenant>] [cae=off] [keep=<bytes>]
//! [METHOD,…] https://host[:port][/path]  pass | deny
//! use <service>…  [cloud=us-government|china] [tenant=<tenant>] [cae=off] [keep=<bytes>]
//! ```

use super::{Access, Action, Hosts, Origin, Presentation, Rule, Servers};
use crate::prelude::*;
use crate::target::{Host, Scheme, parse_port, plain_path};
use azure_token_rules::request::{is_scope, is_tenant};
use core::fmt;

mod service;

/// The parsed rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The rules with an address, in their order.
    pub rules: Vec<Rule>,
    /// The rules of the services that are used.
    pub of_services: Vec<Rule>,
}

/// Where the text is malformed, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted in characters from 1.
    pub column: usize,
    /// What is wrong there, and what to write instead.
    pub problem: Problem,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The problem as a sentence.
    Text(&'static str),
    /// The rule of this line matches the same requests.
    Duplicate(usize),
}

/// Parses the rules.
///
/// # Errors
/// The first place that is malformed.
pub fn parse(text: &str) -> Result<Parsed, ParseError> {
    let mut parsed = Parsed::default();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.split('#').next().unwrap_or_default();
        let mut column = 1usize;
        for part in line.split(';') {
            let words = words(part, number, column);
            column = column.saturating_add(part.chars().count()).saturating_add(1);
            match words.as_slice() {
                [] => {}
                [first, rest @ ..] if first.text == "use" => {
                    parsed.of_services.extend(service::rules(first, rest, &parsed.of_services)?);
                }
                [first, rest @ ..] => {
                    let rule = rule(first, rest)?;
                    if let Some(twin) = parsed.rules.iter().find(|other| other.collides_with(&rule)) {
                        let Origin::Line(earlier) = twin.origin else { continue };
                        return Err(ParseError {
                            line: number,
                            column: first.column,
                            problem: Problem::Duplicate(earlier),
                        });
                    }
                    parsed.rules.push(rule);
                    if parsed.rules.len() > MAX_RULES {
                        return Err(first.error("there are more than 1000 rules"));
                    }
                }
            }
        }
    }
    Ok(parsed)
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AZURE_HTTP_AUTH_RULES, line {}, column {}: ", self.line, self.column)?;
        match &self.problem {
            Problem::Text(text) => f.write_str(text),
            Problem::Duplicate(line) => {
                write!(f, "the rule of line {line} matches the same requests; keep one of them")
            }
        }
    }
}

const MAX_RULES: usize = 1000;

/// The length of a body that a rule may keep, at most, in bytes.
const MAX_KEPT: usize = 1 << 20;

struct Word<'a> {
    text: &'a str,
    line: usize,
    column: usize,
}

impl Word<'_> {
    fn error(&self, problem: &'static str) -> ParseError {
        ParseError { line: self.line, column: self.column, problem: Problem::Text(problem) }
    }

    /// An error at this byte of the word.
    fn error_at(&self, offset: usize, problem: &'static str) -> ParseError {
        let before = self.text.get(..offset).unwrap_or_default().chars().count();
        ParseError { column: self.column.saturating_add(before), ..self.error(problem) }
    }
}

fn words(part: &str, line: usize, column: usize) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = None;
    let ends = part.char_indices().chain([(part.len(), ' ')]);
    for (characters, (at, character)) in ends.enumerate() {
        match (start, character.is_whitespace()) {
            (None, false) => start = Some((at, column.saturating_add(characters))),
            (Some((from, column)), true) => {
                words.push(Word { text: part.get(from..at).unwrap_or_default(), line, column });
                start = None;
            }
            _ => {}
        }
    }
    words
}

fn rule(first: &Word<'_>, rest: &[Word<'_>]) -> Result<Rule, ParseError> {
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
        _ => Action::Authenticate(access(action, options)?),
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
    if word.text.split(',').any(|method| matches!(method, "TRACE" | "CONNECT")) {
        return Err(word.error("TRACE and CONNECT are never authenticated"));
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
    let path =
        match path {
            "" | "/" => None,
            path => {
                let at = offset.saturating_add(authority.len());
                let plain = plain_path(path).filter(|_| !path.contains(['?', '*']));
                Some(plain.ok_or_else(|| {
                    word.error_at(at, "a path is plain, without a query, dot segments and *")
                })?)
            }
        };
    Ok((Servers { scheme, hosts, port }, path))
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
                return Err(
                    option.error("the options are tenant=<tenant>, cae=off, keep=<bytes> and as=cosmos")
                );
            }
        }
    }
    Ok(access)
}

/// Sets an option that rules with an address and `use` lines have in common. `false`: it is another option.
fn set_option(access: &mut Access, option: &Word<'_>) -> Result<bool, ParseError> {
    match option.text.split_once('=') {
        Some(("tenant", tenant)) if is_tenant(tenant) => access.tenant = Some(tenant.to_owned()),
        Some(("tenant", _)) => return Err(option.error("a tenant is an id or a domain name")),
        Some(("cae", "on")) => access.enable_cae = true,
        Some(("cae", "off")) => access.enable_cae = false,
        Some(("keep", bytes)) => {
            let bytes = bytes.parse().ok().filter(|bytes| *bytes <= MAX_KEPT);
            access.keep = bytes.ok_or_else(|| option.error("keep= takes a number of bytes up to 1048576"))?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Whether the hosts of a rule are this host alone.
pub(crate) fn is_exactly(hosts: &Hosts, host: &Host) -> bool {
    matches!(hosts, Hosts::One(one) if one == host)
}

#[cfg(test)]
mod tests;
