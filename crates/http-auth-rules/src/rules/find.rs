//! The choice of the rule for a request.

use super::subject::Subject;
use super::{Access, Action, Hosts, Origin, Rule, Rules, beyond, overrides};
use crate::prelude::*;
use crate::target::{PathProblem, Relation, plain_path, relation};
use core::fmt;

/// Why no rule can be chosen without guessing what the server makes of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undecided {
    /// More than one rule matches, and none of them is the narrowest in every respect.
    Rules(Origin, Origin),
    /// Rules for this server have paths, and servers could read this path in several ways.
    Path(PathProblem),
    /// Rules for this server have methods, and this method is not in upper case, which some servers accept.
    MethodCase,
    /// Rules for this server have methods, and this header or parameter replaces the method for some servers.
    MethodOverride(&'static str),
    /// Rules for this server have paths, and this header replaces the path for some servers.
    PathOverride(&'static str),
    /// Rules for this server have paths or methods, the request carries others in its body, and the rule that matches does
    /// not allow that.
    Batch(Origin),
    /// Rules for this server have paths, the request names another path in this header, and the rule that matches does not
    /// allow that.
    Copy(Origin, &'static str),
}

/// What the rules for a server look at.
#[derive(Clone, Copy)]
struct LooksAt {
    paths: bool,
    methods: bool,
}

impl Rules {
    /// The rule that matches a request; of several, the one that is the narrowest in host, path and method alike. A rule with
    /// an address is preferred to those of services. `None`: no rule matches.
    ///
    /// # Errors
    /// When no rule can be chosen without guessing.
    pub fn find(&self, request: &Subject<'_>) -> Result<Option<&Rule>, Undecided> {
        let [addressed, of_services] = [&self.addressed, &self.of_services].map(|rules| {
            rules.iter().filter(|rule| rule.servers.contain(&request.target.server)).collect::<Vec<_>>()
        });
        // All rules for the server count: one that denies a path is bypassed through any other that allows more.
        let here = || addressed.iter().chain(&of_services);
        let looks_at = LooksAt {
            paths: here().any(|rule| rule.path.is_some()),
            methods: here().any(|rule| !rule.methods.is_empty()),
        };
        let mut plain = String::new();
        if looks_at.paths {
            plain = plain_path(request.target.path()).map_err(Undecided::Path)?;
            for of_rule in here().filter_map(|rule| rule.path.as_deref()) {
                if let Relation::Unclear(problem) = relation(&plain, of_rule) {
                    return Err(Undecided::Path(problem));
                }
            }
            overrides::of_path(request).map_or(Ok(()), |name| Err(Undecided::PathOverride(name)))?;
        }
        if looks_at.methods {
            if request.method.bytes().any(|byte| byte.is_ascii_lowercase()) {
                return Err(Undecided::MethodCase);
            }
            overrides::of_method(request).map_or(Ok(()), |name| Err(Undecided::MethodOverride(name)))?;
        }
        let found = match narrowest(&addressed, request.method, &plain)? {
            None => narrowest(&of_services, request.method, &plain)?,
            found => found,
        };
        if let Some(Rule { action: Action::Authenticate(access), origin, .. }) = found {
            looks_at.check_beyond(request, access, origin)?;
        }
        Ok(found)
    }
}

impl LooksAt {
    /// Checks a request that works on more than its own path with its own method.
    fn check_beyond(self, request: &Subject<'_>, access: &Access, origin: &Origin) -> Result<(), Undecided> {
        if (self.paths || self.methods) && !access.allows_batch && beyond::is_batch(request) {
            return Err(Undecided::Batch(origin.clone()));
        }
        let copies = if self.paths && !access.allows_copy { beyond::source_of_copy(request) } else { None };
        copies.map_or(Ok(()), |header| Err(Undecided::Copy(origin.clone(), header)))
    }
}

/// Of the rules for a server, the narrowest that matches. `path` is in normal form; nothing if no rule has a path.
fn narrowest<'a>(rules: &[&'a Rule], method: &str, path: &str) -> Result<Option<&'a Rule>, Undecided> {
    let matches_path =
        |rule: &Rule| rule.path.as_ref().is_none_or(|it| relation(path, it) == Relation::Below);
    let matches = |rule: &&Rule| matches_path(rule) && rule.matches_method(method);
    let matching = || rules.iter().copied().filter(matches);
    let Some(narrowest) = matching().max_by_key(|rule| rule.narrowness()) else { return Ok(None) };
    let rank = narrowest.narrowness();
    let rival = matching().find(|rule| {
        let is_wider = rule.narrowness().iter().zip(rank).all(|(theirs, ours)| *theirs <= ours);
        !is_wider || (rule.narrowness() == rank && *rule != narrowest)
    });
    match rival {
        Some(rival) => Err(Undecided::Rules(narrowest.origin.clone(), rival.origin.clone())),
        None => Ok(Some(narrowest)),
    }
}

impl Rule {
    fn matches_method(&self, method: &str) -> bool {
        self.methods.is_empty() || self.methods.iter().any(|it| it == method)
    }

    /// How narrow the rule is in hosts, paths and methods.
    fn narrowness(&self) -> [usize; 3] {
        let hosts = match &self.servers.hosts {
            Hosts::One(_) => usize::MAX,
            Hosts::Below(_, suffix) => suffix.len(),
        };
        [hosts, self.path.as_ref().map_or(0, String::len), usize::from(!self.methods.is_empty())]
    }
}

/// Writes the reason as the end of a sentence: "https://… is refused: …".
impl fmt::Display for Undecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const PATHS: &str = "and rules for it have paths";
        match self {
            Self::Rules(one, other) => {
                write!(f, "{one} and {other} both match, and neither is narrower in host, path and method")
            }
            Self::Path(problem) => {
                write!(f, "servers could read its path in several ways, {PATHS}: {problem}")
            }
            Self::MethodCase => f.write_str("rules for it have methods, which are in upper case"),
            Self::MethodOverride(name) => {
                write!(
                    f,
                    "{name} replaces its method for some servers, and rules for it have methods; remove {name}"
                )
            }
            Self::PathOverride(name) => {
                write!(f, "{name} replaces its path for some servers, {PATHS}; remove {name}")
            }
            Self::Batch(origin) => write!(
                f,
                "a batch carries other requests in its body, and rules for it have paths or methods; to allow any request in \
                 a batch, add batch=on to {origin}"
            ),
            Self::Copy(origin, name) => {
                write!(
                    f,
                    "{name} names another path, {PATHS}; to allow any path there, add copy=on to {origin}"
                )
            }
        }
    }
}
