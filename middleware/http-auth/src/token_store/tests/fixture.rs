//! A store over a provider whose responses the test holds back, and their executor.

use super::super::*;
use core::cell::Cell;
use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use futures_executor::{LocalPool, LocalSpawner};
use futures_util::task::LocalSpawnExt;

pub const HOUR: u64 = 3600;
pub const EPOCH: u64 = 1_800_000_000;

/// A provider whose responses the test holds back.
#[derive(Clone)]
pub struct FakeProvider(pub Rc<State>);

pub struct State {
    /// In seconds since [`EPOCH`].
    pub now: Cell<u64>,
    pub elapsed: Cell<u64>,
    pub requests: RefCell<Vec<TokenRequest>>,
    pub holds: Cell<fn(&TokenRequest) -> bool>,
    pub waiting: RefCell<Vec<Waker>>,
    pub fails: Cell<bool>,
    pub lives: Cell<u64>,
    pub refresh_in: Cell<Option<u64>>,
    pub spawner: RefCell<LocalSpawner>,
}

impl TokenProvider for FakeProvider {
    async fn get_token(&self, request: &TokenRequest) -> Result<Token, String> {
        let state = &self.0;
        let number = state.requests.borrow().len();
        state.requests.borrow_mut().push(request.clone());
        poll_fn(|context| {
            state.waiting.borrow_mut().push(context.waker().clone());
            if state.holds.get()(request) { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
        if state.fails.get() {
            return Err(format!("failure {number}"));
        }
        Ok(Token {
            secret: format!("token {number}"),
            expires_on: self.now() + state.lives.get(),
            refresh_on: state.refresh_in.get().map(|seconds| self.now() + seconds),
        })
    }

    fn now(&self) -> u64 {
        EPOCH + self.0.now.get()
    }

    fn elapsed(&self) -> Duration {
        Duration::from_secs(self.0.elapsed.get())
    }

    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        self.0.spawner.borrow().spawn_local(task).expect("the pool runs");
    }
}

/// A store, its provider, and the executor of their tasks.
pub struct Fixture {
    pub store: TokenStore,
    pub provider: FakeProvider,
    pub pool: LocalPool,
}

impl Fixture {
    pub fn new() -> Self {
        let pool = LocalPool::new();
        let state = State {
            now: Cell::new(0),
            elapsed: Cell::new(0),
            requests: RefCell::default(),
            holds: Cell::new(|_| false),
            waiting: RefCell::default(),
            fails: Cell::new(false),
            lives: Cell::new(HOUR),
            refresh_in: Cell::new(None),
            spawner: RefCell::new(pool.spawner()),
        };
        Self { store: TokenStore::default(), provider: FakeProvider(Rc::new(state)), pool }
    }

    /// Sets both clocks.
    pub fn at(&self, seconds: u64) {
        self.provider.0.now.set(seconds);
        self.provider.0.elapsed.set(seconds);
    }

    pub fn open(&self, is_open: bool) {
        self.provider.0.holds.set(if is_open { |_| false } else { |_| true });
        self.provider.0.waiting.take().into_iter().for_each(Waker::wake);
    }

    pub fn fail(&self, fails: bool) {
        self.provider.0.fails.set(fails);
    }

    /// The number of calls of the provider so far.
    pub fn calls(&self) -> usize {
        self.provider.0.requests.borrow().len()
    }

    /// Runs the tasks until each of them waits.
    pub fn run(&mut self) {
        self.pool.run_until_stalled();
    }

    /// Begins a call.
    pub fn begin(&self, request: TokenRequest, refused: Option<&Rc<Token>>) -> Calling {
        let (store, provider, refused) = (self.store.clone(), self.provider.clone(), refused.cloned());
        Box::pin(async move { store.get(&provider, &request, refused.as_ref()).await })
    }

    pub fn call(&mut self, request: TokenRequest, refused: Option<&Rc<Token>>) -> Outcome {
        let mut calling = self.begin(request, refused);
        for _ in 0..2 {
            if let Poll::Ready(outcome) = poll(&mut calling) {
                return outcome;
            }
            self.run();
        }
        panic!("the call is pending");
    }

    /// The token of a call that is completed, and whose renewals are.
    pub fn get(&mut self, scope: &str) -> Result<String, String> {
        let outcome = self.call(request(scope), None);
        self.run();
        outcome.map(|token| token.secret.to_string()).map_err(|failure| failure.to_string())
    }
}

pub type Calling = Pin<Box<dyn Future<Output = Outcome>>>;

pub fn poll(calling: &mut Calling) -> Poll<Outcome> {
    calling.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

pub fn request(scope: &str) -> TokenRequest {
    let key = TokenKey { scope: scope.to_owned(), tenant: None, enable_cae: true };
    TokenRequest { key, claims: None }
}

pub fn challenged(scope: &str) -> TokenRequest {
    TokenRequest { claims: Some("{}".to_owned()), ..request(scope) }
}
