//! A chain of sources, which are tried one after the other.
//!
//! After `not-configured` a chain goes on: the source is not configured, or an endpoint that no configuration
//! names gives no response. What any other error means is a property of the member ([`OnFailure`]). In a
//! caller's chain it ends the chain, because the next source could be another identity. After its first
//! success a chain stays with the source of the token, as in the Azure SDKs, unless it
//! [retries its sources](Chain::retrying_sources).

use crate::call_context::CallContext;
use crate::concurrency::IS_CONCURRENT;
use crate::error::{Attempt, Error, ErrorKind};
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::source::{Description, SharedSource, Source};
use crate::token::AccessToken;
use core::cell::Cell;

/// A chain of sources.
pub struct Chain {
    name: &'static str,
    members: Vec<Member>,
    settled_on: Cell<Option<usize>>,
    retries_sources: bool,
}

/// A source in a chain.
pub struct Member {
    /// The source.
    pub source: SharedSource,
    /// What the chain does when the source is configured and fails.
    pub on_failure: OnFailure,
}

/// What a chain does when a member that is configured fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// It returns the error: the next member could be another identity.
    Stop,
    /// It tries the next member, and returns the error only if no member behind it has a token.
    TryNext,
}

impl Chain {
    /// A chain of the members, in their order, of which each that fails stops the chain. `name` begins its
    /// messages.
    pub fn new(name: &'static str, sources: Vec<SharedSource>) -> Self {
        let member = |source| Member { source, on_failure: OnFailure::Stop };
        Self::of_members(name, sources.into_iter().map(member).collect())
    }

    /// A chain of the members, in their order. `name` begins its messages.
    pub fn of_members(name: &'static str, members: Vec<Member>) -> Self {
        Self { name, members, settled_on: Cell::new(None), retries_sources: false }
    }

    /// Sets whether each request tries the members from the first one on, instead of staying with the member
    /// that succeeded first. By default it stays (azidentity for Go,
    /// `ChainedTokenCredentialOptions.RetrySources`).
    #[must_use]
    pub fn retrying_sources(self, retries_sources: bool) -> Self {
        Self { retries_sources, ..self }
    }

    #[maybe_async]
    async fn try_all(&self, call: &CallContext<'_>, request: &TokenRequest) -> Result<AccessToken, Error> {
        // A chain of one source does not search, so its requests are not shortened.
        let call = if self.members.len() > 1 { call.within_chain() } else { *call };
        let mut attempts = Vec::new();
        let mut failures = Vec::new();
        for (index, member) in self.members.iter().enumerate() {
            let mut error = match member.source.get_token(&call, request).await {
                Ok(token) => {
                    // A concurrent call may have settled on another source, and the identity must not change.
                    if let Some(other) = self.settled_on_another(index) {
                        return other.source.get_token(&call, request).await;
                    }
                    self.settled_on.set(Some(index));
                    return Ok(token);
                }
                Err(error) => error,
            };
            // A chain within the chain reports its own attempts.
            if error.attempts.is_empty() {
                attempts.push(Attempt {
                    source: member.source.name(),
                    kind: error.kind,
                    message: error.message.clone(),
                    response: error.response.clone(),
                });
            } else {
                attempts.append(&mut error.attempts);
            }
            if error.kind != ErrorKind::NotConfigured {
                failures.push(error);
                if member.on_failure == OnFailure::Stop {
                    break;
                }
            }
        }
        Err(self.no_token(failures, attempts))
    }

    fn settled_on_another(&self, index: usize) -> Option<&Member> {
        let settled = self.settled_on.get().filter(|settled| IS_CONCURRENT && *settled != index);
        self.members.get(settled.filter(|_| !self.retries_sources)?)
    }

    /// The error of the first member that is configured and failed, with the attempts of all. Its message
    /// has the messages of all members that failed so; if no member is configured, the messages of all.
    fn no_token(&self, failures: Vec<Error>, attempts: Vec<Attempt>) -> Error {
        let mut failures = failures.into_iter();
        let mut error = match failures.next() {
            Some(first) => first,
            None => {
                let tried: Vec<&str> = attempts.iter().map(|attempt| attempt.message.as_str()).collect();
                let what =
                    format_args!("no credential is available here; tried: {}", tried.join(" | ")).to_string();
                Error::not_configured(self.name, what)
            }
        };
        let others: Vec<String> = failures.map(|error| error.into_details().message).collect();
        if !others.is_empty() {
            let (name, first) = (self.name, &error.message);
            error.message =
                format!("{name}: each configured source failed: {first} | {}", others.join(" | "));
        }
        error.attempts = attempts;
        error
    }
}

#[maybe_async(AFIT)]
impl Source for Chain {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn get_token(&self, call: &CallContext<'_>, request: &TokenRequest) -> Result<AccessToken, Error> {
        let settled_on = self.settled_on.get().filter(|_| !self.retries_sources);
        match settled_on.and_then(|index| self.members.get(index)) {
            Some(member) => member.source.get_token(call, request).await,
            None => self.try_all(call, request).await,
        }
    }

    fn describe(&self) -> Description {
        let member = self.settled_on.get().and_then(|index| self.members.get(index));
        let Some(member) = member else { return Vec::new() };
        let mut description = vec![("member", member.source.name().to_owned())];
        description.extend(member.source.describe());
        description
    }
}

#[cfg(test)]
mod tests;
