use super::*;
use core::cell::Cell;
use core::pin::{Pin, pin};
use core::task::Context;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const HOUR: u64 = 3600;

/// A provider whose answers come when the test says so.
#[derive(Default)]
struct Slow {
    now: Cell<u64>,
    asked: RefCell<Vec<Want>>,
    is_open: Cell<bool>,
    fails: Cell<bool>,
    refresh_in: Cell<Option<u64>>,
}

impl Provider for Slow {
    async fn get_token(&self, want: &Want) -> Result<Token, String> {
        let number = self.asked.borrow().len();
        self.asked.borrow_mut().push(want.clone());
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

fn want(scope: &str) -> Want {
    Want { scope: scope.to_owned(), tenant: None, enable_cae: true, claims: None }
}

fn ready<T>(future: impl Future<Output = T>) -> T {
    let Poll::Ready(output) = pin!(future).poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("it waits")
    };
    output
}

fn open() -> Slow {
    Slow { is_open: Cell::new(true), ..Slow::default() }
}

fn get(tokens: &Tokens, provider: &Slow, scope: &str) -> Result<String, String> {
    let outcome = ready(tokens.get(provider, &want(scope), None));
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
fn a_thousand_who_wait_cost_one_request() {
    let (tokens, provider, wanted) = (Tokens::default(), Slow::default(), want("a"));
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    let mut context = Context::from_waker(&waker);
    let mut all: Vec<Pin<Box<_>>> =
        (0..1000).map(|_| Box::pin(tokens.get(&provider, &wanted, None))).collect();
    assert!(all.iter_mut().all(|one| one.as_mut().poll(&mut context).is_pending()));
    provider.is_open.set(true);
    assert!(all.iter_mut().all(|one| one.as_mut().poll(&mut context).is_ready()));
    assert_eq!((provider.asked.borrow().len(), woken.0.load(Ordering::Relaxed)), (1, 999));
}

#[test]
fn a_failure_is_the_answer_to_all_who_waited_and_is_forgotten_in_the_next_second() {
    let (tokens, provider, wanted) = (Tokens::default(), Slow::default(), want("a"));
    provider.fails.set(true);
    let mut context = Context::from_waker(Waker::noop());
    let mut all: Vec<Pin<Box<_>>> =
        (0..100).map(|_| Box::pin(tokens.get(&provider, &wanted, None))).collect();
    assert!(all.iter_mut().all(|one| one.as_mut().poll(&mut context).is_pending()));
    provider.is_open.set(true);
    // It took a while.
    provider.now.set(70);
    for one in &mut all {
        let Poll::Ready(Err(failure)) = one.as_mut().poll(&mut context) else { panic!("it fails") };
        assert_eq!(&*failure, "failure 0");
    }
    assert_eq!(get(&tokens, &provider, "a"), Err("failure 0".to_owned()));
    provider.now.set(71);
    provider.fails.set(false);
    assert_eq!(get(&tokens, &provider, "a"), Ok("token 1".to_owned()));
    assert_eq!(get(&tokens, &provider, "a"), Ok("token 1".to_owned()));
}

#[test]
fn when_the_one_who_asks_gives_up_the_next_one_asks() {
    let (tokens, provider, wanted) = (Tokens::default(), Slow::default(), want("a"));
    let mut context = Context::from_waker(Waker::noop());
    let mut first = Box::pin(tokens.get(&provider, &wanted, None));
    let mut second = Box::pin(tokens.get(&provider, &wanted, None));
    assert!(
        first.as_mut().poll(&mut context).is_pending() && second.as_mut().poll(&mut context).is_pending()
    );
    drop(first);
    provider.is_open.set(true);
    let Poll::Ready(Ok(token)) = second.as_mut().poll(&mut context) else { panic!("it asks") };
    assert_eq!((token.secret.as_str(), provider.asked.borrow().len()), ("token 1", 2));
}

#[test]
fn a_token_is_at_hand_until_something_is_to_be_decided_about_it() {
    for (refresh_in, last) in [(None, HOUR - 301), (Some(1800), 1799), (Some(2 * HOUR), HOUR - 301)] {
        let (tokens, provider) = (Tokens::default(), open());
        provider.refresh_in.set(refresh_in);
        for (now, token) in [(0, "token 0"), (last, "token 0"), (last + 1, "token 1")] {
            provider.now.set(now);
            assert_eq!(get(&tokens, &provider, "a").as_deref(), Ok(token), "{refresh_in:?} at {now}");
        }
    }
}

#[test]
fn scopes_and_tenants_have_their_own_tokens() {
    let (tokens, provider) = (Tokens::default(), open());
    let of_tenant = Want { tenant: Some("t".to_owned()), ..want("a") };
    assert_eq!(get(&tokens, &provider, "a").as_deref(), Ok("token 0"));
    assert_eq!(get(&tokens, &provider, "b").as_deref(), Ok("token 1"));
    let token = ready(tokens.get(&provider, &of_tenant, None)).expect("a token");
    assert_eq!(token.secret, "token 2");
    assert_eq!(get(&tokens, &provider, "a").as_deref(), Ok("token 0"));
}

#[test]
fn claims_are_asked_for_once_and_their_token_is_the_one_at_hand() {
    let (tokens, provider) = (Tokens::default(), open());
    let first = ready(tokens.get(&provider, &want("a"), None)).expect("a token");
    let challenged = Want { claims: Some("{}".to_owned()), ..want("a") };
    for _ in 0..3 {
        let second = ready(tokens.get(&provider, &challenged, Some(&first))).expect("a token");
        assert_eq!(second.secret, "token 1");
    }
    assert_eq!(get(&tokens, &provider, "a").as_deref(), Ok("token 1"));
    assert_eq!(*provider.asked.borrow(), [want("a"), challenged]);
}

#[test]
fn claims_that_are_not_met_are_nobody_elses_affair() {
    let (tokens, provider) = (Tokens::default(), open());
    let first = ready(tokens.get(&provider, &want("a"), None)).expect("a token");
    provider.is_open.set(false);
    provider.fails.set(true);
    let challenged = Want { claims: Some("{}".to_owned()), ..want("a") };
    let mut context = Context::from_waker(Waker::noop());
    let mut asking = Box::pin(tokens.get(&provider, &challenged, Some(&first)));
    assert!(asking.as_mut().poll(&mut context).is_pending());
    assert_eq!(get(&tokens, &provider, "a").as_deref(), Ok("token 0"), "while the provider is asked");
    provider.is_open.set(true);
    let Poll::Ready(Err(failure)) = asking.as_mut().poll(&mut context) else { panic!("it fails") };
    assert_eq!(&*failure, "failure 1");
    assert_eq!(get(&tokens, &provider, "a").as_deref(), Ok("token 0"), "after it failed");
    let again = ready(tokens.get(&provider, &challenged, Some(&first))).map(|token| token.secret.clone());
    assert_eq!(again, Err("failure 1".into()), "whoever wants these claims in the same second");
    // The token is due in the same second: those without claims ask for themselves.
    provider.now.set(HOUR);
    provider.is_open.set(false);
    let mut asking = Box::pin(tokens.get(&provider, &challenged, Some(&first)));
    let plain = want("a");
    let mut waiting = Box::pin(tokens.get(&provider, &plain, None));
    assert!(
        asking.as_mut().poll(&mut context).is_pending() && waiting.as_mut().poll(&mut context).is_pending()
    );
    provider.is_open.set(true);
    assert!(asking.as_mut().poll(&mut context).is_ready());
    provider.fails.set(false);
    let Poll::Ready(Ok(token)) = waiting.as_mut().poll(&mut context) else { panic!("it asks") };
    assert_eq!(token.secret, "token 3");
}

#[test]
fn a_token_that_a_service_refused_for_good_is_forgotten() {
    let (tokens, provider) = (Tokens::default(), open());
    let first = ready(tokens.get(&provider, &want("a"), None)).expect("a token");
    tokens.forget(&want("a"), &first);
    assert_eq!(get(&tokens, &provider, "a").as_deref(), Ok("token 1"));
    tokens.forget(&want("a"), &first);
    assert_eq!(get(&tokens, &provider, "a").as_deref(), Ok("token 1"), "another one stays");
}

#[test]
fn tenants_from_outside_take_no_memory_without_end() {
    let (tokens, provider) = (Tokens::default(), open());
    for number in 0..1000 {
        assert!(get(&tokens, &provider, &format!("scope{number}")).is_ok());
    }
    assert!(tokens.0.borrow().len() <= MOST_SLOTS);
}
