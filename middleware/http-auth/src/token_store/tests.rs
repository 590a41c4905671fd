use super::*;
use core::task::Poll;
use fixture::*;
use futures_executor::LocalPool;

mod fixture;

#[test]
fn a_thousand_concurrent_calls_cost_one_request() {
    let mut fixture = Fixture::new();
    fixture.open(false);
    let mut all: Vec<_> = (0..1000).map(|_| fixture.begin(request("a"), None)).collect();
    assert!(all.iter_mut().all(|one| poll(one).is_pending()));
    fixture.open(true);
    fixture.run();
    assert!(all.iter_mut().all(|one| matches!(poll(one), Poll::Ready(Ok(_)))));
    assert_eq!(fixture.calls(), 1);
}

#[test]
fn a_failure_is_returned_to_all_waiters_and_forgotten_in_the_next_second() {
    let mut fixture = Fixture::new();
    fixture.fail(true);
    fixture.open(false);
    let mut all: Vec<_> = (0..100).map(|_| fixture.begin(request("a"), None)).collect();
    assert!(all.iter_mut().all(|one| poll(one).is_pending()));
    fixture.run();
    // The call took 70 seconds.
    fixture.at(70);
    fixture.open(true);
    fixture.run();
    for one in &mut all {
        let Poll::Ready(Err(failure)) = poll(one) else { panic!("it fails") };
        assert_eq!(&*failure, "failure 0");
    }
    assert_eq!(fixture.get("a"), Err("failure 0".to_owned()));
    fixture.at(71);
    fixture.fail(false);
    assert_eq!(fixture.get("a"), Ok("token 1".to_owned()));
    assert_eq!(fixture.get("a"), Ok("token 1".to_owned()));
}

#[test]
fn a_cancelled_caller_takes_the_token_from_no_other_one() {
    let mut fixture = Fixture::new();
    fixture.open(false);
    let (mut first, mut second) = (fixture.begin(request("a"), None), fixture.begin(request("a"), None));
    assert!(poll(&mut first).is_pending() && poll(&mut second).is_pending());
    drop(first);
    fixture.open(true);
    fixture.run();
    let Poll::Ready(Ok(token)) = poll(&mut second) else { panic!("it has a token") };
    assert_eq!((token.secret.as_str(), fixture.calls()), ("token 0", 1));
}

#[test]
fn a_call_whose_task_ended_is_repeated_by_its_waiters() {
    let mut fixture = Fixture::new();
    let mut others = LocalPool::new();
    fixture.provider.0.spawner.replace(others.spawner());
    fixture.open(false);
    let mut calling = fixture.begin(request("a"), None);
    assert!(poll(&mut calling).is_pending());
    others.run_until_stalled();
    fixture.provider.0.spawner.replace(fixture.pool.spawner());
    drop(others);
    fixture.open(true);
    assert!(poll(&mut calling).is_pending(), "it calls the provider again");
    fixture.run();
    let Poll::Ready(Ok(token)) = poll(&mut calling) else { panic!("it has a token") };
    assert_eq!((token.secret.as_str(), fixture.calls()), ("token 1", 2));
}

#[test]
fn a_token_is_stored_until_its_renewal_is_due() {
    for (refresh_in, last) in [(None, HOUR - 300), (Some(1800), 1799), (Some(2 * HOUR), HOUR - 300)] {
        let mut fixture = Fixture::new();
        fixture.provider.0.refresh_in.set(refresh_in);
        for (now, calls) in [(0, 1), (last, 1), (last + 1, 2)] {
            fixture.at(now);
            assert!(fixture.get("a").is_ok());
            assert_eq!(fixture.calls(), calls, "{refresh_in:?} at {now}");
        }
    }
}

#[test]
fn a_token_that_is_due_is_returned_at_once_while_one_task_renews_it() {
    let mut fixture = Fixture::new();
    fixture.provider.0.refresh_in.set(Some(HOUR / 2));
    assert_eq!(fixture.get("a").as_deref(), Ok("token 0"));
    fixture.at(HOUR / 2);
    fixture.open(false);
    for _ in 0..100 {
        // It is ready when it is polled first.
        let Poll::Ready(Ok(token)) = poll(&mut fixture.begin(request("a"), None)) else { panic!("it waits") };
        assert_eq!(token.secret, "token 0");
        fixture.run();
    }
    assert_eq!(fixture.calls(), 2);
    fixture.open(true);
    fixture.run();
    assert_eq!((fixture.get("a").as_deref(), fixture.calls()), (Ok("token 1"), 2));
}

#[test]
fn a_request_waits_for_the_renewal_of_a_token_in_its_last_five_minutes() {
    let mut fixture = Fixture::new();
    fixture.get("a").expect("a token");
    fixture.at(HOUR - 299);
    fixture.open(false);
    let mut calling = fixture.begin(request("a"), None);
    assert!(poll(&mut calling).is_pending());
    fixture.open(true);
    fixture.run();
    let Poll::Ready(Ok(token)) = poll(&mut calling) else { panic!("it has a token") };
    assert_eq!(token.secret, "token 1");
}

/// A provider may have no newer token yet, as an identity endpoint that caches tokens until they end.
#[test]
fn a_provider_that_returns_no_newer_token_is_called_every_thirty_seconds() {
    for (lives, refresh_in) in [(250, None), (HOUR, Some(0))] {
        let mut fixture = Fixture::new();
        fixture.provider.0.lives.set(lives);
        fixture.provider.0.refresh_in.set(refresh_in);
        for (now, calls) in [(0, 1), (0, 1), (29, 1), (30, 2), (31, 2), (59, 2), (60, 3)] {
            fixture.at(now);
            assert!(fixture.get("a").is_ok());
            assert_eq!(fixture.calls(), calls, "{lives} at {now}");
        }
    }
}

#[test]
fn scopes_and_tenants_have_their_own_tokens() {
    let mut fixture = Fixture::new();
    let mut of_tenant = request("a");
    of_tenant.key.tenant = Some("t".to_owned());
    assert_eq!(fixture.get("a").as_deref(), Ok("token 0"));
    assert_eq!(fixture.get("b").as_deref(), Ok("token 1"));
    assert_eq!(fixture.call(of_tenant, None).expect("a token").secret, "token 2");
    assert_eq!(fixture.get("a").as_deref(), Ok("token 0"));
}

#[test]
fn claims_are_requested_once_and_their_token_is_stored() {
    let mut fixture = Fixture::new();
    let first = fixture.call(request("a"), None).expect("a token");
    for _ in 0..3 {
        let second = fixture.call(challenged("a"), Some(&first)).expect("a token");
        assert_eq!(second.secret, "token 1");
    }
    assert_eq!(fixture.get("a").as_deref(), Ok("token 1"));
    assert_eq!(*fixture.provider.0.requests.borrow(), [request("a"), challenged("a")]);
}

#[test]
fn a_failure_of_claims_does_not_affect_requests_without() {
    let mut fixture = Fixture::new();
    let first = fixture.call(request("a"), None).expect("a token");
    fixture.open(false);
    fixture.fail(true);
    let mut calling = fixture.begin(challenged("a"), Some(&first));
    assert!(poll(&mut calling).is_pending());
    assert_eq!(fixture.get("a").as_deref(), Ok("token 0"), "while the call is in flight");
    fixture.open(true);
    fixture.run();
    let Poll::Ready(Err(failure)) = poll(&mut calling) else { panic!("it fails") };
    assert_eq!(&*failure, "failure 1");
    assert_eq!(fixture.get("a").as_deref(), Ok("token 0"), "after it failed");
    let again = fixture.call(challenged("a"), Some(&first)).map(|token| token.secret.clone());
    assert_eq!(again, Err("failure 1".into()), "the same claims in the same second");
    // The token ends: requests without claims call the provider themselves.
    fixture.at(HOUR);
    fixture.open(false);
    let (mut calling, mut waiting) =
        (fixture.begin(challenged("a"), Some(&first)), fixture.begin(request("a"), None));
    assert!(poll(&mut calling).is_pending() && poll(&mut waiting).is_pending());
    fixture.run();
    assert_eq!(fixture.calls(), 4);
}

/// A call that began before a challenge was satisfied may bring the token that the service refused.
#[test]
fn a_renewal_does_not_replace_the_token_that_satisfied_a_challenge() {
    let mut fixture = Fixture::new();
    fixture.provider.0.refresh_in.set(Some(HOUR / 2));
    let first = fixture.call(request("a"), None).expect("a token");
    fixture.at(HOUR / 2);
    fixture.provider.0.holds.set(|request| request.claims.is_none());
    assert_eq!(fixture.get("a").as_deref(), Ok("token 0"), "its renewal begins");
    let newer = fixture.call(challenged("a"), Some(&first)).expect("a token");
    fixture.open(true);
    fixture.run();
    assert_eq!((fixture.get("a").as_deref(), fixture.calls()), (Ok(newer.secret.as_str()), 3));
}

#[test]
fn a_token_that_a_service_refused_without_a_challenge_is_removed() {
    let mut fixture = Fixture::new();
    let first = fixture.call(request("a"), None).expect("a token");
    fixture.store.remove(&request("a").key, &first);
    assert_eq!(fixture.get("a").as_deref(), Ok("token 1"));
    fixture.store.remove(&request("a").key, &first);
    assert_eq!(fixture.get("a").as_deref(), Ok("token 1"), "another one stays");
}

#[test]
fn the_store_is_bounded() {
    let mut fixture = Fixture::new();
    for number in 0..1000 {
        assert!(fixture.get(&format!("scope{number}")).is_ok());
    }
    assert!(fixture.store.0.entries.borrow().len() <= MAX_ENTRIES);
}

#[test]
fn an_old_token_is_returned_until_it_ends_when_its_renewal_fails() {
    let mut fixture = Fixture::new();
    fixture.provider.0.refresh_in.set(Some(HOUR / 2));
    assert_eq!(fixture.get("a").as_deref(), Ok("token 0"));
    fixture.fail(true);
    for (now, calls) in [(HOUR / 2, 2), (HOUR / 2 + 29, 2), (HOUR / 2 + 30, 3), (HOUR - 1, 4)] {
        fixture.at(now);
        assert_eq!(fixture.get("a").as_deref(), Ok("token 0"), "at {now}");
        assert_eq!(fixture.calls(), calls, "at {now}");
    }
    fixture.at(HOUR);
    assert_eq!(fixture.get("a"), Err("failure 4".to_owned()));
}

#[test]
fn a_refused_token_is_not_returned_when_its_renewal_fails() {
    let mut fixture = Fixture::new();
    let first = fixture.call(request("a"), None).expect("a token");
    fixture.fail(true);
    let outcome = fixture.call(request("a"), Some(&first));
    assert_eq!(outcome.map(|token| token.secret.clone()), Err("failure 1".into()));
}

#[test]
fn a_clock_that_is_set_back_empties_the_store() {
    let mut fixture = Fixture::new();
    fixture.at(10 * HOUR);
    assert_eq!(fixture.get("a").as_deref(), Ok("token 0"));
    fixture.provider.0.now.set(10 * HOUR - 50);
    assert_eq!(fixture.get("a").as_deref(), Ok("token 0"), "time synchronisation sets it back a little");
    fixture.provider.0.now.set(8 * HOUR);
    assert_eq!(fixture.get("a").as_deref(), Ok("token 1"));
}

#[test]
fn a_token_ends_by_the_monotonic_clock_even_if_the_wall_clock_stands_still() {
    let mut fixture = Fixture::new();
    fixture.at(HOUR);
    assert_eq!(fixture.get("a").as_deref(), Ok("token 0"));
    fixture.provider.0.now.set(HOUR + 50);
    fixture.provider.0.elapsed.set(HOUR + 100);
    assert_eq!(fixture.get("a").as_deref(), Ok("token 0"));
    fixture.provider.0.now.set(2 * HOUR - 30);
    fixture.provider.0.elapsed.set(2 * HOUR);
    fixture.fail(true);
    assert_eq!(fixture.get("a"), Err("failure 1".to_owned()));
}

#[test]
fn a_token_that_ends_while_its_renewal_is_in_flight_is_not_returned() {
    let mut fixture = Fixture::new();
    assert_eq!(fixture.get("a"), Ok("token 0".to_owned()));
    fixture.at(HOUR - 10);
    fixture.open(false);
    fixture.fail(true);
    let mut calling = fixture.begin(request("a"), None);
    assert!(poll(&mut calling).is_pending());
    fixture.run();
    fixture.at(HOUR);
    fixture.open(true);
    fixture.run();
    let Poll::Ready(outcome) = poll(&mut calling) else { panic!("the call is pending") };
    assert_eq!(outcome.map(|token| token.secret.clone()), Err("failure 1".into()));
}
