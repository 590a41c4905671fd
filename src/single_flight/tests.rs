//! Several callers at once, in an executor, so that a forgotten waker is a test that hangs.

use crate::call_context::CallContext;
use crate::credential::Credential;
use crate::error::Error;
use crate::host::{BoxFuture, fake::FakeHost};
use crate::request::{RawRequest, TokenRequest};
use crate::sources::Source;
use crate::token::AccessToken;
use futures_executor::LocalPool;
use futures_util::task::LocalSpawnExt;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// Answers when it is told to, scope by scope, with tokens that live two hours.
#[derive(Default)]
struct Gate {
    /// The scopes it was asked for, and whether each may retry.
    asked: RefCell<Vec<(String, bool)>>,
    answers: RefCell<HashMap<String, Result<&'static str, &'static str>>>,
    waiting: RefCell<Vec<Waker>>,
}

impl Gate {
    fn answer(&self, scope: &str, answer: Result<&'static str, &'static str>) {
        self.answers.borrow_mut().insert(scope.to_owned(), answer);
        self.waiting.take().into_iter().for_each(Waker::wake);
    }

    fn count(&self, scope: &str) -> usize {
        self.asked.borrow().iter().filter(|(asked, _)| asked == scope).count()
    }
}

impl Source for Gate {
    fn name(&self) -> &'static str {
        "gate"
    }

    fn get_token<'a>(
        &'a self,
        call: &'a CallContext<'a>,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<AccessToken, Error>> {
        let scope = &request.scopes()[0];
        self.asked.borrow_mut().push((scope.clone(), call.may_retry));
        Box::pin(async move {
            let answer = poll_fn(|context| match self.answers.borrow_mut().remove(scope) {
                Some(answer) => Poll::Ready(answer),
                None => {
                    self.waiting.borrow_mut().push(context.waker().clone());
                    Poll::Pending
                }
            });
            let token = answer.await.map_err(|what| Error::unreachable("gate", what))?;
            let now = call.host.now();
            Ok(AccessToken {
                token: token.into(),
                token_type: "Bearer".into(),
                expires_on: now + 7200,
                refresh_on: Some(now + 3600),
                source: "gate",
            })
        })
    }
}

/// What came of a call; `None`: it waits.
type Outcome = Rc<Cell<Option<Result<String, String>>>>;

struct World {
    pool: LocalPool,
    host: &'static FakeHost,
    gate: Rc<Gate>,
    credential: Credential,
}

impl World {
    fn new() -> Self {
        let (pool, gate) = (LocalPool::new(), Rc::new(Gate::default()));
        let host = FakeHost::new().concurrent(&pool);
        Self { pool, host, credential: Credential::new(gate.clone()), gate }
    }

    /// Calls, and goes on as far as it goes.
    fn call(&mut self, scope: &str) -> Outcome {
        self.call_with(RawRequest { scopes: vec![scope.to_owned()], ..Default::default() })
    }

    fn call_with(&mut self, raw: RawRequest) -> Outcome {
        let outcome = Outcome::default();
        let (credential, host, set) = (self.credential.clone(), self.host, Rc::clone(&outcome));
        let call = async move {
            let result = credential.get_token(host, raw).await;
            let result = result.map(|token| token.token.expose().to_owned());
            set.set(Some(result.map_err(|error| error.message.clone())));
        };
        self.pool.spawner().spawn_local(call).expect("the pool is there");
        self.run();
        outcome
    }

    fn run(&mut self) {
        self.pool.run_until_stalled();
    }

    fn answer(&mut self, scope: &str, answer: Result<&'static str, &'static str>) {
        self.gate.answer(scope, answer);
        self.run();
    }
}

fn token(text: &str) -> Option<Result<String, String>> {
    Some(Ok(text.to_owned()))
}

#[test]
fn callers_that_want_the_same_token_share_one_request() {
    let mut world = World::new();
    let calls: Vec<_> = (0..1000).map(|_| world.call("s")).collect();
    assert_eq!(world.gate.count("s"), 1);
    world.answer("s", Ok("AT"));
    for call in calls {
        assert_eq!(call.take(), token("AT"));
    }
    assert_eq!((world.call("s").take(), world.gate.count("s")), (token("AT"), 1));
}

#[test]
fn callers_share_a_failure_and_the_next_one_asks_again() {
    let mut world = World::new();
    let calls = [world.call("s"), world.call("s")];
    world.answer("s", Err("down"));
    for call in calls {
        assert_eq!(call.take(), Some(Err("gate: down".to_owned())));
    }
    let next = world.call("s");
    world.answer("s", Ok("AT"));
    assert_eq!((next.take(), world.gate.count("s")), (token("AT"), 2));
}

#[test]
fn nobody_waits_for_another_token() {
    let mut world = World::new();
    let cached = world.call("cached");
    world.answer("cached", Ok("AT-1"));
    assert_eq!(cached.take(), token("AT-1"));
    let hanging = world.call("hanging");
    assert_eq!(world.call("cached").take(), token("AT-1"));
    let other = world.call("other");
    world.answer("other", Ok("AT-2"));
    assert_eq!((other.take(), hanging.take()), (token("AT-2"), None));
}

#[test]
fn a_challenge_is_another_request_than_the_same_without() {
    let mut world = World::new();
    let plain = world.call("s");
    let raw = |claims: &str| RawRequest {
        scopes: vec!["s".to_owned()],
        claims: Some(claims.to_owned()),
        ..Default::default()
    };
    let (one, same, another) =
        (world.call_with(raw("{}")), world.call_with(raw("{}")), world.call_with(raw(r#"{"a":1}"#)));
    assert_eq!(world.gate.count("s"), 3);
    for _ in 0..3 {
        world.answer("s", Ok("AT"));
    }
    for call in [plain, one, same, another] {
        assert_eq!(call.take(), token("AT"));
    }
}

#[test]
fn a_caller_that_goes_away_takes_nothing_from_the_others() {
    let mut world = World::new();
    let raw = || RawRequest { scopes: vec!["s".to_owned()], ..Default::default() };
    let (credential, host) = (world.credential.clone(), world.host);
    let mut first = Box::pin(credential.get_token(host, raw()));
    let waker = Waker::noop();
    assert!(first.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
    let second = world.call("s");
    drop(first);
    world.run();
    world.answer("s", Ok("AT"));
    assert_eq!((second.take(), world.gate.count("s")), (token("AT"), 1));
}

#[test]
fn a_request_whose_task_was_ended_is_made_again() {
    let mut world = World::new();
    let mut others = LocalPool::new();
    world.host.run_on(&others);
    let call = world.call("s");
    others.run_until_stalled();
    assert_eq!(world.gate.count("s"), 1);
    world.host.run_on(&world.pool);
    drop(others);
    world.run();
    world.answer("s", Ok("AT"));
    assert_eq!((call.take(), world.gate.count("s")), (token("AT"), 2));
}

#[test]
fn a_token_that_is_due_is_handed_out_at_once_and_renewed_beside() {
    let mut world = World::new();
    world.call("s");
    world.answer("s", Ok("AT-1"));
    world.host.advance(3600);
    for _ in 0..3 {
        assert_eq!(world.call("s").take(), token("AT-1"));
    }
    assert_eq!(*world.gate.asked.borrow(), [("s".to_owned(), true), ("s".to_owned(), false)]);
    world.answer("s", Ok("AT-2"));
    assert_eq!((world.call("s").take(), world.gate.count("s")), (token("AT-2"), 2));
}

#[test]
fn a_renewal_that_fails_is_tried_again_after_thirty_seconds() {
    let mut world = World::new();
    world.call("s");
    world.answer("s", Ok("AT-1"));
    world.host.advance(3600);
    world.call("s");
    world.answer("s", Err("down"));
    for (advance, requests) in [(0, 2), (29, 2), (1, 3)] {
        world.host.advance(advance);
        assert_eq!((world.call("s").take(), world.gate.count("s")), (token("AT-1"), requests));
    }
}

#[test]
fn what_fails_in_a_hurry_is_asked_again_by_a_caller_who_has_time() {
    let mut world = World::new();
    world.call("s");
    world.answer("s", Ok("AT-1"));
    world.host.advance(6899);
    assert_eq!(world.call("s").take(), token("AT-1"));
    world.host.advance(2);
    let call = world.call("s");
    assert_eq!((world.gate.count("s"), call.take()), (2, None), "it waits for the renewal");
    world.answer("s", Err("down"));
    assert_eq!(world.gate.asked.borrow()[2], ("s".to_owned(), true));
    world.answer("s", Ok("AT-2"));
    assert_eq!(call.take(), token("AT-2"));
}

#[test]
fn nobody_waits_for_a_request_that_is_past_its_deadline() {
    let mut world = World::new();
    let stopped = world.call("s");
    world.host.advance(119);
    let late = world.call("s");
    assert_eq!(world.gate.count("s"), 1);
    world.host.advance(1);
    let call = world.call("s");
    assert_eq!(world.gate.count("s"), 2);
    for _ in 0..2 {
        world.answer("s", Ok("AT"));
    }
    for call in [stopped, late, call] {
        assert_eq!(call.take(), token("AT"));
    }
}
