//! A chain of sources, which are tried one after the other.
//!
//! After `not-configured` a chain goes on: the source is not configured, or an endpoint that no configuration
//! names gives no response. Any other error ends the chain, because the next source could be another
//! identity. After its first success a chain stays with the source of the token, as in the Azure SDKs.

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
    members: Vec<SharedSource>,
    settled_on: Cell<Option<usize>>,
    retries_sources: bool,
}

impl Chain {
    /// A chain of the members, in their order. `name` begins its messages.
    pub fn new(name: &'static str, members: Vec<SharedSource>) -> Self {
        Self { name, members, settled_on: Cell::new(None), retries_sources: false }
    }

    /// Sets whether each request tries the members from the first one again, as Go's
    /// `ChainedTokenCredentialOptions.RetrySources`.
    #[must_use]
    pub fn retrying_sources(self, retries_sources: bool) -> Self {
        Self { retries_sources, ..self }
    }

    #[maybe_async]
    async fn try_all(&self, call: &CallContext<'_>, request: &TokenRequest) -> Result<AccessToken, Error> {
        // A chain of one source does not search, so its requests are not shortened.
        let call = if self.members.len() > 1 { call.within_chain() } else { *call };
        let mut attempts = Vec::new();
        for (index, member) in self.members.iter().enumerate() {
            let mut error = match member.get_token(&call, request).await {
                Ok(token) => {
                    // A concurrent call may have settled on another source, and the identity must not change.
                    if let Some(other) = self.settled_on_another(index) {
                        return other.get_token(&call, request).await;
                    }
                    self.settled_on.set(Some(index));
                    return Ok(token);
                }
                Err(error) => error,
            };
            // A chain within the chain reports its own attempts.
            if error.attempts.is_empty() {
                attempts.push(Attempt {
                    source: member.name(),
                    kind: error.kind,
                    message: error.message.clone(),
                    response: error.response.clone(),
                });
            } else {
                attempts.extend(error.attempts.iter().cloned());
            }
            if error.kind != ErrorKind::NotConfigured {
                error.attempts = attempts;
                return Err(error);
            }
        }
        Err(self.nothing_available(attempts))
    }

    fn settled_on_another(&self, index: usize) -> Option<&SharedSource> {
        self.members.get(self.settled_on.get().filter(|settled| IS_CONCURRENT && *settled != index)?)
    }

    fn nothing_available(&self, attempts: Vec<Attempt>) -> Error {
        let tried: Vec<&str> = attempts.iter().map(|attempt| attempt.message.as_str()).collect();
        let what = format_args!("no credential is available here; tried: {}", tried.join(" | ")).to_string();
        let mut error = Error::not_configured(self.name, what);
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
        match self
            .settled_on
            .get()
            .filter(|_| !self.retries_sources)
            .and_then(|index| self.members.get(index))
        {
            Some(member) => member.get_token(call, request).await,
            None => self.try_all(call, request).await,
        }
    }

    fn describe(&self) -> Description {
        let member = self.settled_on.get().and_then(|index| self.members.get(index));
        let name = member.map(|member| ("member", member.name().to_owned()));
        name.into_iter().chain(member.into_iter().flat_map(|member| member.describe())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concurrency::run;
    use crate::host::fake::FakeHost;
    use crate::identifiers::Scope;
    use alloc::rc::Rc;

    const KINDS: [Option<ErrorKind>; 6] = [
        None,
        Some(ErrorKind::NotConfigured),
        Some(ErrorKind::AuthenticationFailed),
        Some(ErrorKind::Transient),
        Some(ErrorKind::InvalidArgument),
        Some(ErrorKind::Other),
    ];

    /// Succeeds, or fails with a kind, and notes whether the chain was searching.
    struct Member(&'static str, Option<ErrorKind>, Cell<Option<bool>>);

    impl Source for Member {
        fn name(&self) -> &'static str {
            self.0
        }

        async fn get_token(&self, call: &CallContext<'_>, _: &TokenRequest) -> Result<AccessToken, Error> {
            self.2.set(Some(call.probing));
            match self.1 {
                Some(kind) => Err(Error::new(kind, self.0, "failed")),
                None => Ok(token(self.0)),
            }
        }
    }

    fn token(source: &'static str) -> AccessToken {
        let (token, token_type) = (source.into(), "Bearer".into());
        AccessToken {
            token,
            token_type,
            expires_on: 9,
            refresh_on: None,
            source,
            details: Rc::default(),
            from_cache: false,
        }
    }

    fn request(scope: &str) -> TokenRequest {
        TokenRequest::for_scope(Scope::parse(scope).expect("a scope"))
    }

    fn get_token(members: &[Rc<Member>]) -> Result<&'static str, Error> {
        let members = members.iter().map(|member| Rc::clone(member) as SharedSource).collect();
        let chain = Chain::new("chain", members);
        run(chain.get_token(&CallContext::new(&FakeHost::new()), &request("s"))).map(|token| token.source)
    }

    fn members(kinds: &[Option<ErrorKind>]) -> Vec<Rc<Member>> {
        let names = ["first", "second", "third"];
        names.iter().zip(kinds).map(|(name, kind)| Rc::new(Member(name, *kind, Cell::new(None)))).collect()
    }

    #[test]
    fn the_result_is_that_of_the_first_member_that_is_not_unavailable() {
        for first in KINDS {
            for second in KINDS {
                for third in KINDS {
                    let kinds = [first, second, third];
                    let deciding = kinds.iter().position(|kind| *kind != Some(ErrorKind::NotConfigured));
                    let tried = members(&kinds);
                    let result = get_token(&tried).map_err(|error| (error.kind, error.attempts.len()));
                    let expected = match deciding {
                        None => Err((ErrorKind::NotConfigured, 3)),
                        Some(index) => match kinds[index] {
                            None => Ok(tried[index].0),
                            Some(kind) => Err((kind, index + 1)),
                        },
                    };
                    assert_eq!(result, expected, "{kinds:?}");
                    let reached = tried.iter().filter(|member| member.2.get().is_some()).count();
                    assert_eq!(reached, deciding.map_or(3, |index| index + 1), "{kinds:?}");
                }
            }
        }
    }

    #[test]
    fn the_error_of_a_chain_has_the_message_of_every_member() {
        let error = get_token(&members(&[Some(ErrorKind::NotConfigured); 2])).expect_err("both unavailable");
        assert_eq!(
            error.message,
            "chain: no credential is available here; tried: first: failed | second: failed"
        );
    }

    #[test]
    fn only_a_chain_of_several_sources_probes() {
        let several = members(&[None, None]);
        get_token(&several).expect("a token");
        assert_eq!(several[0].2.get(), Some(true));
        let one = members(&[None]);
        get_token(&one).expect("a token");
        assert_eq!(one[0].2.get(), Some(false));
    }

    #[test]
    fn a_chain_stays_with_the_member_that_succeeded_first() {
        let tried = members(&[Some(ErrorKind::NotConfigured), None]);
        let chain = Chain::new("chain", tried.iter().map(|m| Rc::clone(m) as SharedSource).collect());
        let (host, request) = (FakeHost::new(), request("s"));
        run(chain.get_token(&CallContext::new(&host), &request)).expect("a token");
        tried[0].2.set(None);
        run(chain.get_token(&CallContext::new(&host), &request)).expect("a token");
        assert_eq!((tried[0].2.get(), tried[1].2.get()), (None, Some(false)));
    }

    /// The first request is unavailable at once, the second one succeeds late.
    struct Slow(Cell<usize>);

    impl Source for Slow {
        fn name(&self) -> &'static str {
            "slow"
        }

        async fn get_token(&self, _: &CallContext<'_>, _: &TokenRequest) -> Result<AccessToken, Error> {
            if self.0.replace(self.0.get() + 1) == 0 {
                return Err(Error::not_configured("slow", "not now"));
            }
            // Every other task runs to its end before the third poll.
            let mut polls = 3;
            std::future::poll_fn(|context| {
                polls -= 1;
                context.waker().wake_by_ref();
                if polls == 0 { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
            })
            .await;
            Ok(token("slow"))
        }
    }

    #[test]
    fn concurrent_calls_get_tokens_of_the_same_member() {
        let fast = members(&[None]).remove(0);
        let sources: Vec<SharedSource> = vec![Rc::new(Slow(Cell::new(0))), fast];
        let chain = Chain::new("chain", sources);
        let (host, requests) = (FakeHost::new(), [request("a"), request("b")]);
        let call = CallContext::new(&host);
        let both = futures_util::future::join(
            chain.get_token(&call, &requests[0]),
            chain.get_token(&call, &requests[1]),
        );
        let (one, other) = futures_executor::block_on(both);
        assert_eq!([one, other].map(|token| token.map(|token| token.source)), [Ok("first"), Ok("first")]);
    }
}
