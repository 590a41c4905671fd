//! A credential: a source, and the cache in front of it.

use crate::authentication_record::AuthenticationRecord;
use crate::cache::{Cache, Cached};
use crate::call_context::{CallContext, CallLimits};
use crate::concurrency::{CompletionGuard, InFlight, PendingRequest, boxed};
use crate::error::Error;
use crate::host::Host;
use crate::prelude::*;
use crate::request::{RawRequest, TokenRequest};
use crate::source::{Description, SharedSource};
use crate::token::AccessToken;
use crate::token_details::TokenDetails;
use alloc::rc::Rc;
use core::cell::RefCell;

/// An identity, with the tokens that it has so far. A clone is the same credential.
#[derive(Clone)]
pub struct Credential(Rc<Identity>);

struct Identity {
    source: SharedSource,
    cache: Cache,
    in_flight: InFlight<RequestKey, Outcome>,
    /// Facts about the identity of the last token that the source issued.
    last: RefCell<Rc<TokenDetails>>,
}

/// What a call gets, and what it shares with concurrent calls.
type Outcome = Result<AccessToken, Error>;

/// What identifies a request in flight.
struct RequestKey {
    request: TokenRequest,
    limits: CallLimits,
}

impl Credential {
    /// A credential that gets its tokens from `source`.
    pub fn new(source: SharedSource) -> Self {
        Self(Rc::new(Identity {
            source,
            cache: Cache::default(),
            in_flight: InFlight::default(),
            last: RefCell::default(),
        }))
    }

    /// The source alone, for a chain, whose credential has a cache.
    pub fn into_source(self) -> SharedSource {
        Rc::clone(&self.0.source)
    }

    /// What it was made of, by key and value, for logs; no secret.
    pub fn describe(&self) -> Description {
        let mut description = vec![("source", self.0.source.name().to_owned())];
        description.extend(self.0.source.describe());
        description
    }

    /// The account of the user who last signed in; `None`: the credential has no token yet, or is not of a user.
    pub fn authentication_record(&self) -> Option<AuthenticationRecord> {
        AuthenticationRecord::of_token(&self.0.last.borrow())
    }

    /// The cached token of a request that is spelled as the one that fetched it, without the parser; `None`: parse the
    /// request, and call [`get_token`](Self::get_token).
    pub fn get_spelled(&self, host: &dyn Host, raw: &RawRequest) -> Option<AccessToken> {
        let now = self.latest(host);
        let is_for_resource = self.0.source.issues_by_resource();
        if raw.is_plain() { self.0.cache.get_spelled(raw, is_for_resource, now) } else { None }
    }

    /// Returns a token for the request, from the cache or from the source.
    ///
    /// A token that is due for renewal is renewed by one short attempt. With concurrent calls the caller gets
    /// the valid token at once and the renewal runs in a task; on a host that blocks the caller waits for the
    /// attempt. A token in its last five minutes is renewed with all attempts. When a renewal fails, the
    /// caller gets the old token until it expires. Concurrent calls for the same token share one request.
    ///
    /// # Errors
    /// The source's error, when the cache has no valid token.
    #[maybe_async]
    pub async fn get_token(&self, host: &dyn Host, request: TokenRequest) -> Outcome {
        let request = self.with_key(request);
        // Most calls end here, without a deadline and without the memory of a future.
        if let Cached::Fresh(token) = self.look_up(host, &request) {
            return Ok(token);
        }
        boxed(self.get_token_within(&CallContext::new(host), request)).await
    }

    /// As [`get_token`](Self::get_token), in the context of another credential's call.
    ///
    /// # Errors
    /// As [`get_token`](Self::get_token).
    #[maybe_async]
    pub async fn get_token_within(&self, call: &CallContext<'_>, request: TokenRequest) -> Outcome {
        let request = self.with_key(request);
        let (call, valid) = match self.look_up(call.host, &request) {
            Cached::Fresh(token) => return Ok(token),
            Cached::Due(token) => {
                let call = call.renewing();
                if self.join_or_start(&call, &request).is_some() {
                    return Ok(token);
                }
                (call, Some(token))
            }
            Cached::Ending(token) => (*call, Some(token)),
            Cached::Nothing => (*call, None),
        };
        match (self.fetch_shared(&call, request).await, valid) {
            (Err(_), Some(valid)) if valid.expires_on > self.latest(call.host) => Ok(valid),
            (outcome, _) => outcome,
        }
    }

    /// The request with the key of its token.
    fn with_key(&self, request: TokenRequest) -> TokenRequest {
        if self.0.source.issues_by_resource() { request.for_resource() } else { request }
    }

    fn look_up(&self, host: &dyn Host, request: &TokenRequest) -> Cached {
        self.0.cache.get(request, self.latest(host))
    }

    /// Upper bound of the current time, allowing for backward clock steps. For a cached token the host's
    /// clocks are half of the work, so the wall clock is read once in a second (docs/decisions.md).
    fn latest(&self, host: &dyn Host) -> u64 {
        self.0.cache.observe_clock(host.elapsed(), || host.now())
    }

    /// Fetches a token from the source, or waits for a request in flight that fetches it.
    #[maybe_async]
    async fn fetch_shared(&self, call: &CallContext<'_>, request: TokenRequest) -> Outcome {
        while let Some(pending) = self.join_or_start(call, &request) {
            match pending.wait().await {
                // A best-effort request failed; a call with more time and attempts may still succeed.
                Some(Err(_)) if pending.key().limits.is_best_effort && !call.limits().is_best_effort => {}
                Some(outcome) => return outcome,
                None => {}
            }
        }
        self.0.fetch(call, request).await
    }

    /// The request in flight for this token, started now if there is none. `None`: the host runs no tasks.
    ///
    /// A request whose deadline has passed is not joined: the host has suspended this instance since, and the
    /// outcome says nothing about the service.
    #[allow(clippy::unit_arg, reason = "on a host that blocks, a future is its value")]
    fn join_or_start(
        &self,
        call: &CallContext<'_>,
        request: &TokenRequest,
    ) -> Option<PendingRequest<RequestKey, Outcome>> {
        let (limits, elapsed) = (call.limits(), call.host.elapsed());
        let is_same = |key: &RequestKey| {
            key.limits.deadline > elapsed
                && key.request.same_token(request)
                && key.request.claims() == request.claims()
        };
        let start = |guard| {
            let (identity, request) = (Rc::clone(&self.0), request.clone());
            let task = move |host| boxed(identity.fetch_and_complete(guard, limits, host, request));
            call.host.spawn(Box::new(task)).is_ok()
        };
        self.0.in_flight.join_or_start(is_same, || RequestKey { request: request.clone(), limits }, start)
    }
}

impl Identity {
    /// The task of a request in flight.
    #[maybe_async]
    async fn fetch_and_complete(
        self: Rc<Self>,
        guard: CompletionGuard<RequestKey, Outcome>,
        limits: CallLimits,
        host: &dyn Host,
        request: TokenRequest,
    ) {
        guard.complete(self.fetch(&limits.resume(host), request).await);
    }

    /// Fetches a token from the source, and notes the outcome in the cache.
    #[maybe_async]
    async fn fetch(&self, call: &CallContext<'_>, request: TokenRequest) -> Outcome {
        let refused = self.cache.refused(&request, call.host.now()).map(|hash| request.refusing(hash));
        let outcome = self.source.get_token(call, refused.as_ref().unwrap_or(&request)).await;
        let now = call.host.now();
        match &outcome {
            Ok(token) => {
                self.last.replace(Rc::clone(&token.details));
                self.cache.put(request, token.clone(), now);
            }
            // A failed claims challenge says nothing about the token in the cache.
            Err(_) if request.claims().is_none() => self.cache.renewal_failed(&request, now),
            Err(_) => {}
        }
        outcome
    }
}

impl core::fmt::Debug for Credential {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Credential").field("source", &self.0.source.name()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
