//! Sources whose outcomes the tests determine, and calls in an executor.

use crate::call_context::CallContext;
use crate::concurrency::BoxFuture;
use crate::credential::Credential;
use crate::error::Error;
use crate::host::fake::FakeHost;
use crate::identifiers::Scope;
use crate::request::{RawRequest, TokenRequest};
use crate::source::Source;
use crate::token::AccessToken;
use futures_executor::LocalPool;
use futures_util::task::LocalSpawnExt;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// A source whose requests end when the test says so, scope by scope.
#[derive(Default)]
pub struct ControlledSource {
    /// The scope of each request, and whether it may be retried.
    pub requests: RefCell<Vec<(String, bool)>>,
    outcomes: RefCell<HashMap<String, Result<&'static str, &'static str>>>,
    wakers: RefCell<Vec<Waker>>,
}

impl ControlledSource {
    /// Ends the request for a scope.
    pub fn finish(&self, scope: &str, outcome: Result<&'static str, &'static str>) {
        self.outcomes.borrow_mut().insert(scope.to_owned(), outcome);
        self.wakers.take().into_iter().for_each(Waker::wake);
    }

    /// The number of requests for a scope.
    pub fn count(&self, scope: &str) -> usize {
        self.requests.borrow().iter().filter(|(requested, _)| requested == scope).count()
    }
}

impl Source for ControlledSource {
    fn name(&self) -> &'static str {
        "controlled"
    }

    async fn get_token(&self, call: &CallContext<'_>, request: &TokenRequest) -> Result<AccessToken, Error> {
        let scope = request.scopes()[0].as_str();
        self.requests.borrow_mut().push((scope.to_owned(), call.may_retry));
        let outcome = poll_fn(|context| match self.outcomes.borrow_mut().remove(scope) {
            Some(outcome) => Poll::Ready(outcome),
            None => {
                self.wakers.borrow_mut().push(context.waker().clone());
                Poll::Pending
            }
        });
        let token = outcome.await.map_err(|what| Error::transient("controlled", what))?;
        Ok(access_token(token, call.host.now()))
    }
}

/// Returns the next of these outcomes at once.
pub struct Scripted(pub RefCell<Vec<Result<&'static str, &'static str>>>);

impl Source for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    async fn get_token(&self, call: &CallContext<'_>, _: &TokenRequest) -> Result<AccessToken, Error> {
        let token = self.0.borrow_mut().remove(0).map_err(|what| Error::transient("scripted", what))?;
        Ok(access_token(token, call.host.now()))
    }
}

/// A token that lives two hours and is due for renewal after one.
fn access_token(token: &str, now: u64) -> AccessToken {
    AccessToken {
        token: token.into(),
        token_type: "Bearer".into(),
        expires_on: now + 7200,
        refresh_on: Some(now + 3600),
        source: "test",
        details: Rc::default(),
        from_cache: false,
    }
}

/// The outcome of a call; `None`: the call is waiting.
pub type Outcome = Rc<Cell<Option<Result<String, String>>>>;

/// A credential of a controlled source, and the executor of its calls.
pub struct Fixture {
    pub pool: LocalPool,
    pub host: &'static FakeHost,
    pub source: Rc<ControlledSource>,
    pub credential: Credential,
}

impl Fixture {
    pub fn new() -> Self {
        let (pool, source) = (LocalPool::new(), Rc::new(ControlledSource::default()));
        let host = FakeHost::new().concurrent(executor(&pool));
        Self { pool, host, credential: Credential::new(source.clone()), source }
    }

    /// Makes a call, and runs every task as far as it goes.
    pub fn call(&mut self, scope: &str) -> Outcome {
        self.call_with(RawRequest { scopes: vec![scope.to_owned()], ..Default::default() })
    }

    pub fn call_with(&mut self, raw: RawRequest) -> Outcome {
        let outcome = Outcome::default();
        let (credential, host, set) = (self.credential.clone(), self.host, Rc::clone(&outcome));
        let request = TokenRequest::parse(raw).expect("well-formed");
        let call = async move {
            let result = credential.get_token(host, request).await;
            let result = result.map(|token| token.token.expose().to_owned());
            set.set(Some(result.map_err(|error| error.message.clone())));
        };
        self.pool.spawner().spawn_local(call).expect("the pool is there");
        self.run();
        outcome
    }

    /// Runs every task as far as it goes.
    pub fn run(&mut self) {
        self.pool.run_until_stalled();
    }

    /// Ends the request for a scope, and runs every task as far as it goes.
    pub fn finish(&mut self, scope: &str, outcome: Result<&'static str, &'static str>) {
        self.source.finish(scope, outcome);
        self.run();
    }
}

/// Spawns tasks in a pool.
pub fn executor(pool: &LocalPool) -> impl Fn(BoxFuture<'static, ()>) + 'static {
    let spawner = pool.spawner();
    move |task| spawner.spawn_local(task).expect("the pool runs")
}

/// A request for a scope.
pub fn request(scope: &str) -> TokenRequest {
    TokenRequest::for_scope(Scope::parse(scope).expect("a scope"))
}

/// The outcome of a call that returned this token.
pub fn token(text: &str) -> Option<Result<String, String>> {
    Some(Ok(text.to_owned()))
}
