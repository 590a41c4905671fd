//! Several sources, one after the other.
//!
//! Only `unavailable` leads on: "not configured here, or nobody answers at an endpoint that nothing
//! configured". A source that is configured and fails ends the chain, or an identity would be
//! swapped for another without anyone noticing. After its first success a chain stays with the
//! source that gave it, as in the Azure SDKs.

use crate::call_context::CallContext;
use crate::error::{Attempt, Error, ErrorKind};
use crate::host::{BoxFuture, IS_CONCURRENT, boxed};
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::sources::Source;
use crate::text;
use crate::token::AccessToken;
use alloc::rc::Rc;
use core::cell::Cell;

/// A source that asks others.
pub struct Chain {
    name: &'static str,
    members: Vec<Rc<dyn Source>>,
    settled_on: Cell<Option<usize>>,
}

impl Chain {
    /// A chain of these members, in this order. `name` stands in its messages.
    pub fn new(name: &'static str, members: Vec<Rc<dyn Source>>) -> Self {
        Self { name, members, settled_on: Cell::new(None) }
    }

    #[maybe_async]
    async fn try_all(&self, call: &CallContext<'_>, request: &TokenRequest) -> Result<AccessToken, Error> {
        // A chain of one is that one: nothing else could be meant, so it need not be brief.
        let call = if self.members.len() > 1 { call.within_chain() } else { *call };
        let mut attempts = Vec::new();
        for (index, member) in self.members.iter().enumerate() {
            let mut error = match member.get_token(&call, request).await {
                Ok(token) => {
                    // Another call may have been faster, and an identity must never be swapped.
                    if let Some(other) = self.settled_on_another(index) {
                        return other.get_token(&call, request).await;
                    }
                    self.settled_on.set(Some(index));
                    return Ok(token);
                }
                Err(error) => error,
            };
            // A chain within the chain tells its own attempts, each with its name.
            if error.attempts.is_empty() {
                attempts.push(Attempt {
                    source: member.name(),
                    kind: error.kind,
                    message: error.message.clone(),
                });
            } else {
                attempts.extend(error.attempts.iter().cloned());
            }
            if error.kind != ErrorKind::Unavailable {
                error.attempts = attempts;
                return Err(error);
            }
        }
        Err(self.nothing_available(attempts))
    }

    fn settled_on_another(&self, index: usize) -> Option<&Rc<dyn Source>> {
        self.members.get(self.settled_on.get().filter(|settled| IS_CONCURRENT && *settled != index)?)
    }

    fn nothing_available(&self, attempts: Vec<Attempt>) -> Error {
        let tried: Vec<&str> = attempts.iter().map(|attempt| attempt.message.as_str()).collect();
        let what =
            format_args!("no credential is available here; tried: {}", text::join(&tried, " | ")).to_string();
        let mut error = Error::unavailable(self.name, what);
        error.attempts = attempts;
        error
    }
}

impl Source for Chain {
    fn name(&self) -> &'static str {
        self.name
    }

    #[maybe_async]
    fn get_token<'a>(
        &'a self,
        call: &'a CallContext<'a>,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<AccessToken, Error>> {
        boxed(async move {
            match self.settled_on.get().and_then(|index| self.members.get(index)) {
                Some(member) => member.get_token(call, request).await,
                None => self.try_all(call, request).await,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call_context::run;
    use crate::host::fake::FakeHost;
    use crate::request::RawRequest;

    const KINDS: [Option<ErrorKind>; 6] = [
        None,
        Some(ErrorKind::Unavailable),
        Some(ErrorKind::Rejected),
        Some(ErrorKind::Unreachable),
        Some(ErrorKind::InvalidRequest),
        Some(ErrorKind::Other),
    ];

    /// Succeeds, or fails with a kind, and says whether it was asked as part of a chain.
    struct Member(&'static str, Option<ErrorKind>, Cell<Option<bool>>);

    impl Source for Member {
        fn name(&self) -> &'static str {
            self.0
        }

        fn get_token<'a>(
            &'a self,
            call: &'a CallContext<'a>,
            _: &'a TokenRequest,
        ) -> BoxFuture<'a, Result<AccessToken, Error>> {
            self.2.set(Some(call.probing));
            let (source, kind) = (self.0, self.1);
            Box::pin(async move {
                match kind {
                    Some(kind) => Err(Error::new(kind, source, "failed")),
                    None => Ok(AccessToken {
                        token: source.into(),
                        token_type: "Bearer".into(),
                        expires_on: 9,
                        refresh_on: None,
                        source,
                    }),
                }
            })
        }
    }

    fn ask(members: &[Rc<Member>]) -> Result<&'static str, Error> {
        let members = members.iter().map(|member| Rc::clone(member) as Rc<dyn Source>).collect();
        let chain = Chain::new("chain", members);
        let raw = RawRequest { scopes: vec!["s".into()], ..Default::default() };
        let request = TokenRequest::parse(raw).expect("well-formed");
        run(chain.get_token(&CallContext::alone(&FakeHost::new()), &request)).map(|token| token.source)
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
                    let deciding = kinds.iter().position(|kind| *kind != Some(ErrorKind::Unavailable));
                    let asked = members(&kinds);
                    let result = ask(&asked).map_err(|error| (error.kind, error.attempts.len()));
                    let expected = match deciding {
                        None => Err((ErrorKind::Unavailable, 3)),
                        Some(index) => match kinds[index] {
                            None => Ok(asked[index].0),
                            Some(kind) => Err((kind, index + 1)),
                        },
                    };
                    assert_eq!(result, expected, "{kinds:?}");
                    let reached = asked.iter().filter(|member| member.2.get().is_some()).count();
                    assert_eq!(reached, deciding.map_or(3, |index| index + 1), "{kinds:?}");
                }
            }
        }
    }

    #[test]
    fn a_chain_that_ends_tells_what_every_member_said() {
        let error = ask(&members(&[Some(ErrorKind::Unavailable); 2])).expect_err("both unavailable");
        assert_eq!(
            error.message,
            "chain: no credential is available here; tried: first: failed | second: failed"
        );
    }

    #[test]
    fn only_a_chain_of_several_asks_briefly() {
        let several = members(&[None, None]);
        ask(&several).expect("a token");
        assert_eq!(several[0].2.get(), Some(true));
        let one = members(&[None]);
        ask(&one).expect("a token");
        assert_eq!(one[0].2.get(), Some(false));
    }

    #[test]
    fn a_chain_stays_with_the_member_that_succeeded_first() {
        let asked = members(&[Some(ErrorKind::Unavailable), None]);
        let chain = Chain::new("chain", asked.iter().map(|m| Rc::clone(m) as Rc<dyn Source>).collect());
        let raw = RawRequest { scopes: vec!["s".into()], ..Default::default() };
        let request = TokenRequest::parse(raw).expect("well-formed");
        let host = FakeHost::new();
        run(chain.get_token(&CallContext::alone(&host), &request)).expect("a token");
        asked[0].2.set(None);
        run(chain.get_token(&CallContext::alone(&host), &request)).expect("a token");
        assert_eq!((asked[0].2.get(), asked[1].2.get()), (None, Some(false)));
    }

    /// Is asked twice at once: the first time it is unavailable at once, the second time it succeeds late.
    struct Slow(Cell<usize>);

    impl Source for Slow {
        fn name(&self) -> &'static str {
            "slow"
        }

        fn get_token<'a>(
            &'a self,
            _: &'a CallContext<'a>,
            _: &'a TokenRequest,
        ) -> BoxFuture<'a, Result<AccessToken, Error>> {
            let asked = self.0.replace(self.0.get() + 1);
            Box::pin(async move {
                if asked == 0 {
                    return Err(Error::unavailable("slow", "not now"));
                }
                // Until everybody else had their turn.
                let mut turns = 3;
                std::future::poll_fn(|context| {
                    turns -= 1;
                    context.waker().wake_by_ref();
                    if turns == 0 { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
                })
                .await;
                Ok(AccessToken {
                    token: "slow".into(),
                    token_type: "Bearer".into(),
                    expires_on: 9,
                    refresh_on: None,
                    source: "slow",
                })
            })
        }
    }

    #[test]
    fn calls_at_the_same_time_end_with_the_same_member() {
        let fast = members(&[None]).remove(0);
        let sources: Vec<Rc<dyn Source>> = vec![Rc::new(Slow(Cell::new(0))), fast];
        let chain = Chain::new("chain", sources);
        let request = |scope: &str| {
            let raw = RawRequest { scopes: vec![scope.into()], ..Default::default() };
            TokenRequest::parse(raw).expect("well-formed")
        };
        let (host, requests) = (FakeHost::new(), [request("a"), request("b")]);
        let call = CallContext::alone(&host);
        let both = futures_util::future::join(
            chain.get_token(&call, &requests[0]),
            chain.get_token(&call, &requests[1]),
        );
        let (one, other) = futures_executor::block_on(both);
        assert_eq!([one, other].map(|token| token.map(|token| token.source)), [Ok("first"), Ok("first")]);
    }
}
