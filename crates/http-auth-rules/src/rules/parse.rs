//! The parser of `AZURE_HTTP_AUTH_RULES`: one rule a line, or several separated by `;`; `#` begins a comment.
//!
//! ```text
//! [METHOD,…] https://host[:port][/path]  scope=<scope> [tenant=<tenant>] [cae=off] [batch=on] [copy=on] [keep=<bytes>]
//! [METHOD,…] https://host[:port][/path]  pass | deny
//! use <service>…  [cloud=us-government|china] [tenant=<tenant>] [cae=off] [batch=on] [copy=on] [keep=<bytes>]
//! ```

use super::{Hosts, Origin, Rule};
use crate::prelude::*;
use crate::target::Host;
use word::words;

mod addressed;
mod options;
mod service;
mod word;

pub use word::{ParseError, Problem};

/// The parsed rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The rules with an address, in their order.
    pub rules: Vec<Rule>,
    /// The rules of the services that are used.
    pub of_services: Vec<Rule>,
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
                    let rule = addressed::rule(first, rest)?;
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

const MAX_RULES: usize = 1000;

/// Whether the hosts of a rule are this host alone.
pub(crate) fn is_exactly(hosts: &Hosts, host: &Host) -> bool {
    matches!(hosts, Hosts::One(one) if one == host)
}

#[cfg(test)]
mod tests;
