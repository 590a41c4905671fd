//! A credential: a source and the cache in front of it. The way of every request, in order.

use crate::cache::{Cache, Cached};
use crate::call::Call;
use crate::error::Error;
use crate::host::Host;
use crate::request::{RawRequest, TokenRequest};
use crate::sources::Source;
use crate::token::AccessToken;
use alloc::rc::Rc;

/// One identity, with the tokens it got so far.
pub struct Credential {
    source: Rc<dyn Source>,
    cache: Cache,
}

impl Credential {
    /// A credential that asks `source`.
    pub fn new(source: Rc<dyn Source>) -> Self {
        Self { source, cache: Cache::default() }
    }

    /// The source alone, for a chain, which has a cache of its own.
    pub fn into_source(self) -> Rc<dyn Source> {
        self.source
    }

    /// A token for a request: from the cache, or from the source.
    ///
    /// A token that is good and due is renewed, by one short attempt; if that fails, it is handed out all
    /// the same.
    ///
    /// # Errors
    /// Whatever is wrong with the request, the configuration or the network.
    pub async fn get_token(&self, host: &dyn Host, raw: RawRequest) -> Result<AccessToken, Error> {
        self.get_token_within(&Call::alone(host), TokenRequest::parse(raw)?).await
    }

    /// As [`get_token`](Self::get_token), as part of another credential's call and by its deadline.
    ///
    /// # Errors
    /// As [`get_token`](Self::get_token).
    pub async fn get_token_within(
        &self,
        call: &Call<'_>,
        request: TokenRequest,
    ) -> Result<AccessToken, Error> {
        let host = call.host;
        self.cache.watch_clock(host.now(), host.elapsed());
        let good = match self.cache.get(&request, host.now()) {
            Cached::Fresh(token) => return Ok(token),
            Cached::Due(token) => Some(token),
            Cached::Nothing => None,
        };
        let call = if good.is_some() { call.renewing() } else { *call };
        match (self.source.get_token(&call, &request).await, good) {
            (Ok(token), _) => {
                self.cache.put(request, token.clone(), host.now());
                Ok(token)
            }
            (Err(_), Some(good)) => {
                self.cache.renewal_failed(&request, host.now());
                Ok(good)
            }
            (Err(error), None) => Err(error),
        }
    }
}

impl core::fmt::Debug for Credential {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Credential").field("source", &self.source.name()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::run;
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
            call: &'a Call<'a>,
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
