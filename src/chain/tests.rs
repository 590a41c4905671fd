//! Tests of chains.

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
struct Fake(&'static str, Option<ErrorKind>, Cell<Option<bool>>);

impl Source for Fake {
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

fn sources(members: &[Rc<Fake>]) -> Vec<SharedSource> {
    members.iter().map(|member| Rc::clone(member) as SharedSource).collect()
}

fn get_token(members: &[Rc<Fake>]) -> Result<&'static str, Error> {
    get_token_of(&Chain::new("chain", sources(members)))
}

fn get_token_of(chain: &Chain) -> Result<&'static str, Error> {
    run(chain.get_token(&CallContext::new(&FakeHost::new()), &request("s"))).map(|token| token.source)
}

fn members(kinds: &[Option<ErrorKind>]) -> Vec<Rc<Fake>> {
    let names = ["first", "second", "third"];
    names.iter().zip(kinds).map(|(name, kind)| Rc::new(Fake(name, *kind, Cell::new(None)))).collect()
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
    let chain = Chain::new("chain", sources(&tried));
    get_token_of(&chain).expect("a token");
    tried[0].2.set(None);
    get_token_of(&chain).expect("a token");
    assert_eq!((tried[0].2.get(), tried[1].2.get()), (None, Some(false)));
}

#[test]
fn a_chain_that_retries_its_sources_begins_with_the_first_one_each_time() {
    let tried = members(&[Some(ErrorKind::NotConfigured), None]);
    let chain = Chain::new("chain", sources(&tried)).retrying_sources(true);
    get_token_of(&chain).expect("a token");
    tried[0].2.set(None);
    get_token_of(&chain).expect("a token");
    assert_eq!((tried[0].2.get(), tried[1].2.get()), (Some(true), Some(true)));
}

/// The result of a chain that goes on after each failure: the source, or kind and message of the error.
fn go_on_after_failures(kinds: &[Option<ErrorKind>]) -> Result<&'static str, (ErrorKind, String)> {
    let member = |source| Member { source, on_failure: OnFailure::TryNext };
    let members = sources(&members(kinds)).into_iter().map(member).collect();
    let result = get_token_of(&Chain::of_members("chain", members));
    result.map_err(|error| {
        assert_eq!(error.attempts.len(), kinds.len(), "{kinds:?}");
        let error = error.into_details();
        (error.kind, error.message)
    })
}

#[test]
fn after_the_failure_of_a_member_that_does_not_stop_the_chain_the_next_one_is_tried() {
    for kind in KINDS {
        assert_eq!(go_on_after_failures(&[kind, None]), Ok(if kind.is_none() { "first" } else { "second" }));
    }
}

#[test]
fn the_error_is_that_of_the_first_configured_member_that_failed() {
    const ABSENT: Option<ErrorKind> = Some(ErrorKind::NotConfigured);
    const REFUSED: Option<ErrorKind> = Some(ErrorKind::AuthenticationFailed);
    const BUSY: Option<ErrorKind> = Some(ErrorKind::Transient);
    for (kinds, kind, message) in [
        (
            [ABSENT, ABSENT, ABSENT],
            ErrorKind::NotConfigured,
            "chain: no credential is available here; tried: first: failed | second: failed | third: failed",
        ),
        ([ABSENT, REFUSED, ABSENT], ErrorKind::AuthenticationFailed, "second: failed"),
        (
            [REFUSED, ABSENT, BUSY],
            ErrorKind::AuthenticationFailed,
            "chain: each configured source failed: first: failed | third: failed",
        ),
        (
            [BUSY, REFUSED, ABSENT],
            ErrorKind::Transient,
            "chain: each configured source failed: first: failed | second: failed",
        ),
    ] {
        assert_eq!(go_on_after_failures(&kinds), Err((kind, message.to_owned())), "{kinds:?}");
    }
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
