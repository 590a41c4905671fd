//! The simulated network of a case: its rules, and Azure's default responses.

use crate::case::{Action, Case, Respond, Rule};
use crate::request::Request as Compared;
use crate::{default_response, response};
use anyhow::{Context, Result};
use bytes::Bytes;
use host_tests::clock::Clock;
use host_tests::network::{Network, Outcome};
use http::Request;
use regex::Regex;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

/// The network of a case.
pub struct Script {
    clock: Clock,
    rules: Vec<(Rule, Option<Regex>)>,
    state: Mutex<State>,
}

/// What changes with each request.
struct State {
    /// How many requests each rule has responded to.
    used: Vec<u32>,
    /// How many tokens were issued by default: they are `AT-1`, `AT-2`, …
    tokens: u32,
    exchanges: Vec<Exchange>,
}

/// A request of the component and its response.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// When the request was sent, since the start of the case.
    pub at: Duration,
    /// The request.
    pub request: Compared,
    /// The response.
    pub reply: Reply,
}

/// The response to a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A response.
    Response(http::Response<Bytes>),
    /// A network fault.
    Fault(Action),
}

impl Script {
    /// The network of `case`; the rules in `extra` come before its own.
    ///
    /// # Errors
    /// When a rule's path is no regular expression, or its response is invalid.
    pub fn new(case: &Case, extra: Vec<Rule>, clock: Clock) -> Result<Self> {
        let rules = extra.into_iter().chain(case.server.iter().cloned());
        let checked = |rule: Rule| {
            let pattern = rule.r#match.path.as_deref().map(Regex::new).transpose();
            response::build(&rule.respond, clock.now())?;
            Ok((rule, pattern.context("a rule's path is no regular expression")?))
        };
        let rules = rules.map(checked).collect::<Result<Vec<_>>>()?;
        let state = State { used: vec![0; rules.len()], tokens: 0, exchanges: Vec::new() };
        Ok(Self { clock, rules, state: Mutex::new(state) })
    }

    /// The exchanges so far, oldest first.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.lock().exchanges.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread panics while it holds the lock")
    }

    fn respond(&self, request: &Request<Bytes>) -> Outcome {
        let mut state = self.lock();
        let respond = self.choose(request, &mut state);
        let answer = response::build(&respond, self.clock.now()).expect("Script::new has built it once");
        let reply = match (&answer, respond.action) {
            (Outcome::Response(response), _) => Some(Reply::Response(response.clone())),
            (Outcome::Fault(_), action) => action.map(Reply::Fault),
        };
        let (at, request) = (self.clock.elapsed(), Compared::from(request));
        state.exchanges.extend(reply.map(|reply| Exchange { at, request, reply }));
        answer
    }

    fn choose(&self, request: &Request<Bytes>, state: &mut State) -> Respond {
        for (index, (rule, pattern)) in self.rules.iter().enumerate() {
            if rule.times.is_none_or(|times| state.used[index] < times)
                && applies(rule, pattern.as_ref(), request)
            {
                state.used[index] += 1;
                return rule.respond.clone();
            }
        }
        default_response::of(request, &mut state.tokens, self.clock.now())
    }
}

impl Network for Script {
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
        Box::pin(std::future::ready(self.respond(&request)))
    }
}

fn applies(rule: &Rule, pattern: Option<&Regex>, request: &Request<Bytes>) -> bool {
    let (wanted, uri) = (&rule.r#match, request.uri());
    let body = String::from_utf8_lossy(request.body());
    wanted.method.as_ref().is_none_or(|method| request.method() == method.as_str())
        && wanted.host.as_deref().is_none_or(|host| uri.host() == Some(host))
        && pattern.is_none_or(|pattern| pattern.is_match(uri.path()))
        && wanted.header.iter().all(|(name, there)| request.headers().contains_key(name) == *there)
        && wanted.query_has.as_ref().is_none_or(|part| uri.query().unwrap_or_default().contains(part))
        && wanted.body_has.as_ref().is_none_or(|part| body.contains(part))
}
