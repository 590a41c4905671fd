use super::*;
use core::cell::Cell;
use core::pin::{Pin, pin};
use core::task::Context;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const HOUR: u64 = 3600;

/// A provider whose responses the test holds back.
#[derive(Default)]
struct FakeProvider {
    now: Cell<u64>,
    requests: RefCell<Vec<TokenRequest>>,
    is_open: Cell<bool>,
    fails: Cell<bool>,
    refresh_in: Cell<Option<u64>>,
}

impl TokenProvider for FakeProvider {
    async fn get_token(&self, request: &TokenRequest) -> Result<Token, String> {
        let number = self.requests.borrow().len();
        self.requests.borrow_mut().push(request.clone());
        poll_fn(|_| if self.is_open.get() { Poll::Ready(()) } else { Poll::Pending }).await;
        if self.fails.get() {
            return Err(format!("failure {number}"));
        }
        Ok(Token {
            secret: format!("token {number}"),
            expires_on: self.now.get() + HOUR,
            refresh_on: self.refresh_in.get().map(|seconds| self.now.get() + seconds),
        })
    }

    fn now(&self) -> u64 {
        self.now.get()
    }
}

fn request(scope: &str) -> TokenRequest {
    let key = TokenKey { scope: scope.to_owned(), tenant: None, enable_cae: true };
    TokenRequest { key, claims: None }
}

fn ready<T>(future: impl Future<Output = T>) -> T {
    let Poll::Ready(output) = pin!(future).poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("it is pending")
    };
    output
}

fn open() -> FakeProvider {
    FakeProvider { is_open: Cell::new(true), ..FakeProvider::default() }
}

fn get(store: &TokenStore, provider: &FakeProvider, scope: &str) -> Result<String, String> {
    let outcome = ready(store.get(provider, &request(scope), None));
    outcome.map(|token| token.secret.to_string()).map_err(|failure| failure.to_string())
}

#[derive(Default)]
struct Woken(AtomicUsize);

impl std::task::Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_thousand_concurrent_calls_cost_one_request() {
    let (store, provider, wanted) = (TokenStore::default(), FakeProvider::default(), request("a"));
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    let mut context = Context::from_waker(&waker);
    let mut all: Vec<Pin<Box<_>>> =
        (0..1000).map(|_| Box::pin(store.get(&provider, &wanted, None))).collect();
    assert!(all.iter_mut().all(|one| one.as_mut().poll(&mut context).is_pending()));
    provider.is_open.set(true);
    assert!(all.iter_mut().all(|one| one.as_mut().poll(&mut context).is_ready()));
    assert_eq!((provider.requests.borrow().len(), woken.0.load(Ordering::Relaxed)), (1, 999));
}

#[test]
fn a_failure_is_returned_to_all_waiters_and_forgotten_in_the_next_second() {
    let (store, provider, wanted) = (TokenStore::default(), FakeProvider::default(), request("a"));
    provider.fails.set(true);
    let mut context = Context::from_waker(Waker::noop());
    let mut all: Vec<Pin<Box<_>>> = (0..100).map(|_| Box::pin(store.get(&provider, &wanted, None))).collect();
    assert!(all.iter_mut().all(|one| one.as_mut().poll(&mut context).is_pending()));
    provider.is_open.set(true);
    // The call took 70 seconds.
    provider.now.set(70);
    for one in &mut all {
        let Poll::Ready(Err(failure)) = one.as_mut().poll(&mut context) else { panic!("it fails") };
        assert_eq!(&*failure, "failure 0");
    }
    assert_eq!(get(&store, &provider, "a"), Err("failure 0".to_owned()));
    provider.now.set(71);
    provider.fails.set(false);
    assert_eq!(get(&store, &provider, "a"), Ok("token 1".to_owned()));
    assert_eq!(get(&store, &provider, "a"), Ok("token 1".to_owned()));
}

#[test]
fn when_the_caller_of_the_provider_is_cancelled_a_waiter_calls_it() {
    let (store, provider, wanted) = (TokenStore::default(), FakeProvider::default(), request("a"));
    let mut context = Context::from_waker(Waker::noop());
    let mut first = Box::pin(store.get(&provider, &wanted, None));
    let mut second = Box::pin(store.get(&provider, &wanted, None));
    assert!(
        first.as_mut().poll(&mut context).is_pending() && second.as_mut().poll(&mut context).is_pending()
    );
    drop(first);
    provider.is_open.set(true);
    let Poll::Ready(Ok(token)) = second.as_mut().poll(&mut context) else { panic!("it calls the provider") };
    assert_eq!((token.secret.as_str(), provider.requests.borrow().len()), ("token 1", 2));
}

#[test]
fn a_token_is_stored_until_its_renewal_is_due() {
    for (refresh_in, last) in [(None, HOUR - 300), (Some(1800), 1799), (Some(2 * HOUR), HOUR - 300)] {
        let (store, provider) = (TokenStore::default(), open());
        provider.refresh_in.set(refresh_in);
        for (now, token) in [(0, "token 0"), (last, "token 0"), (last + 1, "token 1")] {
            provider.now.set(now);
            assert_eq!(get(&store, &provider, "a").as_deref(), Ok(token), "{refresh_in:?} at {now}");
        }
    }
}

#[test]
fn scopes_and_tenants_have_their_own_tokens() {
    let (store, provider) = (TokenStore::default(), open());
    let mut of_tenant = request("a");
    of_tenant.key.tenant = Some("t".to_owned());
    assert_eq!(get(&store, &provider, "a").as_deref(), Ok("token 0"));
    assert_eq!(get(&store, &provider, "b").as_deref(), Ok("token 1"));
    let token = ready(store.get(&provider, &of_tenant, None)).expect("a token");
    assert_eq!(token.secret, "token 2");
    assert_eq!(get(&store, &provider, "a").as_deref(), Ok("token 0"));
}

#[test]
fn claims_are_requested_once_and_their_token_is_stored() {
    let (store, provider) = (TokenStore::default(), open());
    let first = ready(store.get(&provider, &request("a"), None)).expect("a token");
    let challenged = TokenRequest { claims: Some("{}".to_owned()), ..request("a") };
    for _ in 0..3 {
        let second = ready(store.get(&provider, &challenged, Some(&first))).expect("a token");
        assert_eq!(second.secret, "token 1");
    }
    assert_eq!(get(&store, &provider, "a").as_deref(), Ok("token 1"));
    assert_eq!(*provider.requests.borrow(), [request("a"), challenged]);
}

#[test]
fn a_failure_of_claims_does_not_affect_requests_without() {
    let (store, provider) = (TokenStore::default(), open());
    let first = ready(store.get(&provider, &request("a"), None)).expect("a token");
    provider.is_open.set(false);
    provider.fails.set(true);
    let challenged = TokenRequest { claims: Some("{}".to_owned()), ..request("a") };
    let mut context = Context::from_waker(Waker::noop());
    let mut calling = Box::pin(store.get(&provider, &challenged, Some(&first)));
    assert!(calling.as_mut().poll(&mut context).is_pending());
    assert_eq!(get(&store, &provider, "a").as_deref(), Ok("token 0"), "while the call is in flight");
    provider.is_open.set(true);
    let Poll::Ready(Err(failure)) = calling.as_mut().poll(&mut context) else { panic!("it fails") };
    assert_eq!(&*failure, "failure 1");
    assert_eq!(get(&store, &provider, "a").as_deref(), Ok("token 0"), "after it failed");
    let again = ready(store.get(&provider, &challenged, Some(&first))).map(|token| token.secret.clone());
    assert_eq!(again, Err("failure 1".into()), "the same claims in the same second");
    // The token ends in the same second: requests without claims call the provider themselves.
    provider.now.set(HOUR);
    provider.is_open.set(false);
    let mut calling = Box::pin(store.get(&provider, &challenged, Some(&first)));
    let plain = request("a");
    let mut waiting = Box::pin(store.get(&provider, &plain, None));
    assert!(
        calling.as_mut().poll(&mut context).is_pending() && waiting.as_mut().poll(&mut context).is_pending()
    );
    provider.is_open.set(true);
    assert!(calling.as_mut().poll(&mut context).is_ready());
    provider.fails.set(false);
    let Poll::Ready(Ok(token)) = waiting.as_mut().poll(&mut context) else { panic!("it calls the provider") };
    assert_eq!(token.secret, "token 3");
}

#[test]
fn a_token_that_a_service_refused_without_a_challenge_is_removed() {
    let (store, provider) = (TokenStore::default(), open());
    let first = ready(store.get(&provider, &request("a"), None)).expect("a token");
    store.remove(&request("a").key, &first);
    assert_eq!(get(&store, &provider, "a").as_deref(), Ok("token 1"));
    store.remove(&request("a").key, &first);
    assert_eq!(get(&store, &provider, "a").as_deref(), Ok("token 1"), "another one stays");
}

#[test]
fn the_store_is_bounded() {
    let (store, provider) = (TokenStore::default(), open());
    for number in 0..1000 {
        assert!(get(&store, &provider, &format!("scope{number}")).is_ok());
    }
    assert!(store.0.borrow().len() <= MAX_ENTRIES);
}

#[test]
fn an_old_token_is_returned_until_it_ends_when_its_renewal_fails() {
    let (store, provider) = (TokenStore::default(), open());
    provider.refresh_in.set(Some(HOUR / 2));
    assert_eq!(get(&store, &provider, "a").as_deref(), Ok("token 0"));
    provider.fails.set(true);
    for (now, calls) in [(HOUR / 2, 2), (HOUR / 2 + 29, 2), (HOUR / 2 + 30, 3), (HOUR - 1, 4)] {
        provider.now.set(now);
        assert_eq!(get(&store, &provider, "a").as_deref(), Ok("token 0"), "at {now}");
        assert_eq!(provider.requests.borrow().len(), calls, "at {now}");
    }
    provider.now.set(HOUR);
    assert_eq!(get(&store, &provider, "a"), Err("failure 4".to_owned()));
}

#[test]
fn a_refused_token_is_not_returned_when_its_renewal_fails() {
    let (store, provider) = (TokenStore::default(), open());
    let first = ready(store.get(&provider, &request("a"), None)).expect("a token");
    provider.fails.set(true);
    let outcome = ready(store.get(&provider, &request("a"), Some(&first)));
    assert_eq!(outcome.map(|token| token.secret.clone()), Err("failure 1".into()));
}
