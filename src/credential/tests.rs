//! Renewal, and concurrent calls. They run in an executor, so a waker that is never woken is a call without
//! an outcome.

mod fixtures;

use crate::concurrency::run;
use crate::credential::Credential;
use crate::host::fake::FakeHost;
use crate::request::RawRequest;
use fixtures::{Fixture, Scripted, executor, request, token};
use futures_executor::LocalPool;
use futures_util::FutureExt;
use std::cell::RefCell;
use std::rc::Rc;
use std::task::Waker;
use std::time::Duration;

#[test]
fn concurrent_calls_for_the_same_token_share_one_request() {
    let mut fixture = Fixture::new();
    let calls: Vec<_> = (0..1000).map(|_| fixture.call("s")).collect();
    assert_eq!(fixture.source.count("s"), 1);
    fixture.finish("s", Ok("AT"));
    for call in calls {
        assert_eq!(call.take(), token("AT"));
    }
    assert_eq!((fixture.call("s").take(), fixture.source.count("s")), (token("AT"), 1));
}

#[test]
fn concurrent_calls_share_a_failure_and_the_next_call_sends_a_new_request() {
    let mut fixture = Fixture::new();
    let calls = [fixture.call("s"), fixture.call("s")];
    fixture.finish("s", Err("down"));
    for call in calls {
        assert_eq!(call.take(), Some(Err("controlled: down".to_owned())));
    }
    let next = fixture.call("s");
    fixture.finish("s", Ok("AT"));
    assert_eq!((next.take(), fixture.source.count("s")), (token("AT"), 2));
}

#[test]
fn a_call_does_not_wait_for_a_request_for_another_token() {
    let mut fixture = Fixture::new();
    let cached = fixture.call("cached");
    fixture.finish("cached", Ok("AT-1"));
    assert_eq!(cached.take(), token("AT-1"));
    let hanging = fixture.call("hanging");
    assert_eq!(fixture.call("cached").take(), token("AT-1"));
    let other = fixture.call("other");
    fixture.finish("other", Ok("AT-2"));
    assert_eq!((other.take(), hanging.take()), (token("AT-2"), None));
}

#[test]
fn a_request_with_claims_is_not_shared_with_one_without() {
    let mut fixture = Fixture::new();
    let plain = fixture.call("s");
    let raw = |claims: &str| RawRequest {
        scopes: vec!["s".to_owned()],
        claims: Some(claims.to_owned()),
        ..Default::default()
    };
    let (one, same, another) =
        (fixture.call_with(raw("{}")), fixture.call_with(raw("{}")), fixture.call_with(raw(r#"{"a":1}"#)));
    assert_eq!(fixture.source.count("s"), 3);
    for _ in 0..3 {
        fixture.finish("s", Ok("AT"));
    }
    for call in [plain, one, same, another] {
        assert_eq!(call.take(), token("AT"));
    }
}

#[test]
fn a_cancelled_caller_does_not_cancel_the_request() {
    let mut fixture = Fixture::new();
    let (credential, host) = (fixture.credential.clone(), fixture.host);
    let mut first = Box::pin(credential.get_token(host, request("s")));
    let waker = Waker::noop();
    assert!(first.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
    let second = fixture.call("s");
    drop(first);
    fixture.run();
    fixture.finish("s", Ok("AT"));
    assert_eq!((second.take(), fixture.source.count("s")), (token("AT"), 1));
}

#[test]
fn a_request_whose_task_was_cancelled_is_sent_again() {
    let mut fixture = Fixture::new();
    let mut others = LocalPool::new();
    fixture.host.run_on(executor(&others));
    let call = fixture.call("s");
    others.run_until_stalled();
    assert_eq!(fixture.source.count("s"), 1);
    fixture.host.run_on(executor(&fixture.pool));
    drop(others);
    fixture.run();
    fixture.finish("s", Ok("AT"));
    assert_eq!((call.take(), fixture.source.count("s")), (token("AT"), 2));
}

#[test]
fn a_token_that_is_due_is_returned_at_once_and_renewed_in_a_task() {
    let mut fixture = Fixture::new();
    fixture.call("s");
    fixture.finish("s", Ok("AT-1"));
    fixture.host.advance(3600);
    for _ in 0..3 {
        assert_eq!(fixture.call("s").take(), token("AT-1"));
    }
    assert_eq!(*fixture.source.requests.borrow(), [("s".to_owned(), true), ("s".to_owned(), false)]);
    fixture.finish("s", Ok("AT-2"));
    assert_eq!((fixture.call("s").take(), fixture.source.count("s")), (token("AT-2"), 2));
}

#[test]
fn a_failed_renewal_is_tried_again_after_thirty_seconds() {
    let mut fixture = Fixture::new();
    fixture.call("s");
    fixture.finish("s", Ok("AT-1"));
    fixture.host.advance(3600);
    fixture.call("s");
    fixture.finish("s", Err("down"));
    for (advance, requests) in [(0, 2), (29, 2), (1, 3)] {
        fixture.host.advance(advance);
        assert_eq!((fixture.call("s").take(), fixture.source.count("s")), (token("AT-1"), requests));
    }
}

#[test]
fn a_failed_best_effort_request_is_sent_again_for_a_call_with_all_attempts() {
    let mut fixture = Fixture::new();
    fixture.call("s");
    fixture.finish("s", Ok("AT-1"));
    fixture.host.advance(6899);
    assert_eq!(fixture.call("s").take(), token("AT-1"));
    fixture.host.advance(2);
    let call = fixture.call("s");
    assert_eq!((fixture.source.count("s"), call.take()), (2, None), "it waits for the renewal");
    fixture.finish("s", Err("down"));
    assert_eq!(fixture.source.requests.borrow()[2], ("s".to_owned(), true));
    fixture.finish("s", Ok("AT-2"));
    assert_eq!(call.take(), token("AT-2"));
}

#[test]
fn a_request_past_its_deadline_is_not_joined() {
    let mut fixture = Fixture::new();
    let stopped = fixture.call("s");
    fixture.host.advance(119);
    let late = fixture.call("s");
    assert_eq!(fixture.source.count("s"), 1);
    fixture.host.advance(1);
    let call = fixture.call("s");
    assert_eq!(fixture.source.count("s"), 2);
    for _ in 0..2 {
        fixture.finish("s", Ok("AT"));
    }
    for call in [stopped, late, call] {
        assert_eq!(call.take(), token("AT"));
    }
}

#[test]
fn a_blocking_host_renews_a_due_token_and_keeps_it_when_that_fails() {
    let host = FakeHost::new();
    let script = vec![Ok("AT-1"), Err("down"), Ok("AT-2")];
    let credential = Credential::new(Rc::new(Scripted(RefCell::new(script))));
    let get = |advance: u64| {
        host.advance(advance);
        run(credential.get_token(&host, request("s"))).map(|token| token.token.expose().to_owned())
    };
    assert_eq!(get(0).as_deref(), Ok("AT-1"));
    assert_eq!(get(3599).as_deref(), Ok("AT-1"), "it is not due yet");
    assert_eq!(get(1).as_deref(), Ok("AT-1"), "it is due, and the renewal fails");
    assert_eq!(get(29).as_deref(), Ok("AT-1"), "the renewal is not tried again yet");
    assert_eq!(get(1).as_deref(), Ok("AT-2"));
}

#[test]
fn a_request_that_ends_while_its_task_is_spawned_is_not_joined_by_later_calls() {
    // An eager executor, as tokio's and wit-bindgen's are not: the task runs before `spawn` returns.
    let host = FakeHost::new().concurrent(|task| task.now_or_never().expect("the source waits for nothing"));
    let script = vec![Ok("AT-1"), Err("down"), Ok("AT-2")];
    let credential = Credential::new(Rc::new(Scripted(RefCell::new(script))));
    let get = |advance: u64| {
        host.advance(advance);
        run(credential.get_token(host, request("s"))).map(|token| token.token.expose().to_owned())
    };
    assert_eq!(get(0).as_deref(), Ok("AT-1"));
    assert_eq!(get(3600).as_deref(), Ok("AT-1"), "the renewal fails");
    assert_eq!(get(30).as_deref(), Ok("AT-1"), "another renewal is sent, and succeeds");
    assert_eq!(get(0).as_deref(), Ok("AT-2"));
}

/// What a call returns after the monotonic clock has moved by milliseconds and the wall clock by seconds.
fn get_after(fixture: &mut Fixture, elapsed: u64, now: i64) -> Option<Result<String, String>> {
    fixture.host.advance_monotonic(Duration::from_millis(elapsed));
    fixture.host.step_clock(now);
    fixture.call("s").take()
}

/// A credential with a token that lives for two hours.
fn with_token() -> Fixture {
    let mut fixture = Fixture::new();
    fixture.call("s");
    fixture.finish("s", Ok("AT"));
    fixture
}

#[test]
fn a_cached_call_reads_the_wall_clock_once_in_a_second() {
    let mut fixture = with_token();
    let before = fixture.host.wall_clock_reads();
    for _ in 0..1000 {
        assert_eq!(get_after(&mut fixture, 1, 0), token("AT"));
    }
    assert_eq!(fixture.host.wall_clock_reads() - before, 1);
}

#[test]
fn a_step_of_the_wall_clock_is_noticed_within_a_second() {
    let mut forward = with_token();
    assert_eq!(get_after(&mut forward, 999, 7200), token("AT"), "the wall clock was read 999 ms ago");
    assert_eq!(get_after(&mut forward, 1, 0), None, "the token has expired, and a new one is requested");
    let mut back = with_token();
    assert_eq!(get_after(&mut back, 999, -7200), token("AT"));
    assert_eq!(get_after(&mut back, 1, 0), None, "the times of the cache are those of another clock");
}

#[test]
fn a_token_that_ended_while_the_machine_was_suspended_is_not_returned_a_second_later() {
    let mut fixture = with_token();
    // The monotonic clock of Linux stands still while the wall clock goes on.
    assert_eq!(get_after(&mut fixture, 0, 86_400), None, "the monotonic clock has not moved");
    let mut fixture = with_token();
    assert_eq!(get_after(&mut fixture, 1000, 86_400), None);
}

#[test]
fn no_idle_instance_returns_a_token_past_its_expiry() {
    let mut fixture = with_token();
    fixture.host.advance(7200);
    assert_eq!(fixture.call("s").take(), None);
}
