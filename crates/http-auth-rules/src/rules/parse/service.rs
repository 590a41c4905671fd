//! The parser of a `use` line, which opens services of the table.

use super::options::set_option;
use super::word::{ParseError, Problem, Word};
use crate::prelude::*;
use crate::rules::customer_hosts::Exact;
use crate::rules::services::{Cloud, Selection};
use crate::rules::{Access, Rule};

/// The rules of the services that the line names. `rest` is what follows `use`; `earlier` are the rules of the lines
/// before.
///
/// # Errors
/// When a service is unknown in its cloud, or is named twice, or an option is unknown.
pub fn rules(first: &Word<'_>, rest: &[Word<'_>], earlier: &[Rule]) -> Result<Vec<Rule>, ParseError> {
    let (options, names): (Vec<_>, Vec<_>) = rest.iter().partition(|word| word.text.contains('='));
    if names.is_empty() {
        return Err(first.error("behind use stands the name of a service, e.g. use key-vault storage"));
    }
    let mut access = Access::new("");
    let mut cloud = Cloud::Public;
    for option in options {
        match option.text.split_once('=') {
            Some(("cloud", name)) => {
                cloud = Cloud::parse(name)
                    .ok_or_else(|| option.error("a cloud is public, us-government or china"))?;
            }
            _ if set_option(&mut access, option)? => {}
            _ => {
                return Err(option.error(
                    "the options are cloud=<cloud>, tenant=<tenant>, cae=off, batch=on, copy=on and keep=<bytes>",
                ));
            }
        }
    }
    let mut found: Vec<Rule> = Vec::new();
    for name in names {
        let rules = Selection { service: name.text, cloud }.rules(&access);
        if let Some(exact) = Exact::find(name.text, cloud) {
            return Err(name.problem(Problem::Exact(exact)));
        }
        if rules.is_empty() {
            return Err(name.error(match name.text {
                "container-registry" => {
                    "a registry takes tokens of its own alone (/oauth2/exchange), not this one"
                }
                "sql" => "SQL is not HTTP",
                _ => "the table has no service of this name in this cloud",
            }));
        }
        let is_known = |rule: &Rule| earlier.iter().chain(&found).any(|other| other.servers == rule.servers);
        if rules.iter().any(is_known) {
            return Err(name.error("this service is used already; name it once"));
        }
        found.extend(rules);
    }
    Ok(found)
}
