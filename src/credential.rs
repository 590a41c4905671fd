//! A credential: a source and the cache in front of it. The way of every request, in order.

use crate::cache::{Cache, Cached};
use crate::call_context::CallContext;
use crate::error::Error;
use crate::host::{Host, boxed};
use crate::prelude::*;
use crate::request::{RawRequest, TokenRequest};
#[cfg(any(not(target_family = "wasm"), feature = "wasi-0-3"))]
use crate::single_flight::{CompletionGuard, InFlight, PendingRequest};
use crate::sources::Source;
use crate::token::AccessToken;
use alloc::rc::Rc;

/// One identity, with the tokens it got so far. Clones are the same one.
#[derive(Clone)]
pub struct Credential(Rc<Identity>);

struct Identity {
    source: Rc<dyn Source>,
    cache: Cache,
    #[cfg(any(not(target_family = "wasm"), feature = "wasi-0-3"))]
    in_flight: InFlight,
}

impl Credential {
    /// A credential that asks `source`.
    pub fn new(source: Rc<dyn Source>) -> Self {
        Self(Rc::new(Identity {
            source,
            cache: Cache::default(),
            #[cfg(any(not(target_family = "wasm"), feature = "wasi-0-3"))]
            in_flight: InFlight::default(),
        }))
    }

    /// The source alone, for a chain, which has a cache of its own.
    pub fn into_source(self) -> Rc<dyn Source> {
        Rc::clone(&self.0.source)
    }

    /// A token for a request: from the cache, or from the source.
    ///
    /// A token that is good and due is renewed, by one short attempt: beside the caller, who gets the one
    /// that is still good, or, on a host that blocks, before it is answered. One that is about to end is
    /// renewed by as many attempts as it takes. If that fails and the token has not ended, it is handed out
    /// all the same. Callers that want the same token share one request.
    ///
    /// # Errors
    /// Whatever is wrong with the request, the configuration or the network.
    #[maybe_async]
    pub async fn get_token(&self, host: &dyn Host, raw: RawRequest) -> Result<AccessToken, Error> {
        // Most calls end here: without a deadline, without the memory that waiting takes, and without a check,
        // because what is equal to a request that was checked needs none.
        if let Cached::Fresh(token) = self.look_up(host, &raw) {
            return Ok(token);
        }
        boxed(self.get_token_within(&CallContext::alone(host), TokenRequest::parse(raw)?)).await
    }

    /// As [`get_token`](Self::get_token), as part of another credential's call and by its deadline.
    ///
    /// # Errors
    /// As [`get_token`](Self::get_token).
    #[maybe_async]
    pub async fn get_token_within(
        &self,
        call: &CallContext<'_>,
        request: TokenRequest,
    ) -> Result<AccessToken, Error> {
        let (call, good) = match self.look_up(call.host, request.as_raw()) {
            Cached::Fresh(token) => return Ok(token),
            Cached::Due(token) => {
                let call = call.renewing();
                #[cfg(any(not(target_family = "wasm"), feature = "wasi-0-3"))]
                if self.join_or_start(&call, &request).is_some() {
                    return Ok(token);
                }
                (call, Some(token))
            }
            Cached::Ending(token) => (*call, Some(token)),
            Cached::Nothing => (*call, None),
        };
        match (self.ask(&call, request).await, good) {
            (Err(_), Some(good)) if good.expires_on > self.latest(call.host) => Ok(good),
            (outcome, _) => outcome,
        }
    }

    /// What the cache has.
    fn look_up(&self, host: &dyn Host, request: &RawRequest) -> Cached {
        self.0.cache.get(request, self.latest(host))
    }

    /// How late it is at the latest. Asked once a call: a host takes as long for an answer as the whole rest of
    /// a call that the cache answers.
    fn latest(&self, host: &dyn Host) -> u64 {
        self.0.cache.watch_clock(host.now(), host.elapsed())
    }

    /// Asks the source, or waits for the answer that somebody else has asked for.
    #[maybe_async]
    async fn ask(&self, call: &CallContext<'_>, request: TokenRequest) -> Result<AccessToken, Error> {
        #[cfg(any(not(target_family = "wasm"), feature = "wasi-0-3"))]
        while let Some(pending) = self.join_or_start(call, &request) {
            match pending.wait().await {
                // What failed in a hurry may still succeed for somebody who has time.
                Some(Err(_)) if pending.limits.is_best_effort && !call.limits().is_best_effort => {}
                Some(outcome) => return outcome,
                None => {}
            }
        }
        self.0.ask(call, request).await
    }

    /// The request to the source that is under way for this token, begun now if there is none;
    /// `None`: the host blocks, and the caller has to ask by itself.
    #[cfg(any(not(target_family = "wasm"), feature = "wasi-0-3"))]
    fn join_or_start(&self, call: &CallContext<'_>, request: &TokenRequest) -> Option<Rc<PendingRequest>> {
        let in_flight = &self.0.in_flight;
        if let Some(pending) = in_flight.find(request, call.host.elapsed()) {
            return Some(pending);
        }
        let (identity, limits) = (Rc::clone(&self.0), call.limits());
        let pending = PendingRequest::new(request.clone(), limits);
        let (own, request) = (Rc::clone(&pending), request.clone());
        let task = Box::new(move |host: &'static dyn Host| {
            boxed(async move {
                let guard = CompletionGuard::new(&identity.in_flight, own);
                guard.complete(identity.ask(&limits.resume(host), request).await);
            })
        });
        call.host.spawn(task).ok()?;
        in_flight.register(&pending);
        Some(pending)
    }
}

impl Identity {
    /// Asks the source, and notes what comes of it.
    #[maybe_async]
    async fn ask(&self, call: &CallContext<'_>, request: TokenRequest) -> Result<AccessToken, Error> {
        let outcome = self.source.get_token(call, &request).await;
        let now = call.host.now();
        match &outcome {
            Ok(token) => self.cache.put(request, token.clone(), now),
            // A challenge that fails says nothing about the token that is there.
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
mod tests {
    use super::*;
    use crate::call_context::run;
    use crate::host::{BoxFuture, fake::FakeHost};
    use core::cell::RefCell;

    /// Gives tokens that live two hours, until told to fail.
    struct Scripted(RefCell<Vec<Result<&'static str, &'static str>>>);

    impl Source for Scripted {
        fn name(&self) -> &'static str {
            "scripted"
        }

        fn get_token<'a>(
            &'a self,
            call: &'a CallContext<'a>,
            _: &'a TokenRequest,
        ) -> BoxFuture<'a, Result<AccessToken, Error>> {
            let (now, next) = (call.host.now(), self.0.borrow_mut().remove(0));
            Box::pin(async move {
                let token = next.map_err(|what| Error::unreachable("scripted", what))?;
                let (token, token_type) = (token.into(), "Bearer".to_owned());
                Ok(AccessToken {
                    token,
                    token_type,
                    expires_on: now + 7200,
                    refresh_on: Some(now + 3600),
                    source: "scripted",
                })
            })
        }
    }

    #[test]
    fn a_due_token_is_renewed_and_kept_when_that_fails() {
        let host = FakeHost::new();
        let script = vec![Ok("AT-1"), Err("down"), Ok("AT-2")];
        let credential = Credential::new(Rc::new(Scripted(RefCell::new(script))));
        let get = |advance: u64| {
            host.advance(advance);
            let raw = RawRequest { scopes: vec!["s".into()], ..Default::default() };
            run(credential.get_token(&host, raw)).map(|token| token.token.expose().to_owned())
        };
        assert_eq!(get(0).as_deref(), Ok("AT-1"));
        assert_eq!(get(3599).as_deref(), Ok("AT-1"), "not due yet");
        assert_eq!(get(1).as_deref(), Ok("AT-1"), "due, and the renewal fails");
        assert_eq!(get(29).as_deref(), Ok("AT-1"), "not tried again yet");
        assert_eq!(get(1).as_deref(), Ok("AT-2"));
    }

    #[test]
    fn a_malformed_request_reaches_neither_cache_nor_source() {
        let credential = Credential::new(Rc::new(Scripted(RefCell::new(vec![]))));
        let error =
            run(credential.get_token(&FakeHost::new(), RawRequest::default())).expect_err("no scopes");
        assert_eq!(
            error.message,
            "get-token: scopes is empty; name at least one, e.g. https://vault.azure.net/.default"
        );
    }
}
