use super::*;
use crate::shared_cache::Obtained;
use crate::types::{ErrorKind, ServiceResponse};

const NOW: u64 = 1_800_000_000;

/// A time in seconds since the Unix epoch, by both clocks.
fn at(unix: u64) -> Now {
    Now { unix, elapsed: Duration::from_secs(unix - NOW) }
}

fn request(scope: &str, claims: Option<&str>) -> RequestKey {
    RequestKey::of(&TokenRequest { claims: claims.map(ToOwned::to_owned), ..TokenRequest::new(scope) })
}

fn token(name: &str, expires_in: u64) -> AccessToken {
    AccessToken::test(name, NOW + expires_in, Some(NOW + expires_in / 2))
}

/// What a tenant's request leads to, when every call is admitted.
fn lookup(store: &mut TokenStore, key: &RequestKey, now: Now) -> Lookup<CallKind> {
    store.lookup(key, &TenantKey::new("t"), now, |origin| Ok(origin.kind))
}

/// What a tenant's request leads to, when no call is admitted.
fn lookup_refused(store: &mut TokenStore, key: &RequestKey, now: Now) -> Lookup<()> {
    store.lookup(key, &TenantKey::new("t"), now, |_| Err(failure()))
}

/// The call that a request begins, and the token that is returned if it fails.
fn call(
    store: &mut TokenStore,
    scope: &str,
    claims: Option<&str>,
    now: u64,
) -> (PendingRequest, Waiter, Option<String>) {
    match lookup(store, &request(scope, claims), at(now)) {
        Lookup::Call { pending, waiter, ending, .. } => {
            (pending, waiter, ending.map(|token| token.secret().to_owned()))
        }
        other => panic!("the provider is not called: {other:?}"),
    }
}

fn renewal(store: &mut TokenStore, scope: &str, now: u64) -> PendingRequest {
    match lookup(store, &request(scope, None), at(now)) {
        Lookup::Renew(_, pending, CallKind::Renewal) => pending,
        other => panic!("the token is not due: {other:?}"),
    }
}

fn cached(store: &mut TokenStore, scope: &str, now: u64) -> String {
    match lookup(store, &request(scope, None), at(now)) {
        Lookup::Cached(token) => token.secret().to_owned(),
        other => panic!("no token is cached: {other:?}"),
    }
}

/// A store that has this token.
fn store_with(scope: &str, token: AccessToken) -> TokenStore {
    let mut store = TokenStore::new(8, false);
    let (pending, ..) = call(&mut store, scope, None, NOW);
    store.complete(pending, obtained(token, NOW), at(NOW));
    store
}

/// A token of the provider that was received at a time.
fn obtained(token: AccessToken, now: u64) -> Result<Obtained, CredentialError> {
    Ok(Obtained::of_provider(token, now))
}

fn failure() -> CredentialError {
    CredentialError::of_host(ErrorKind::Transient, "down")
}

#[test]
fn concurrent_requests_for_one_key_share_a_call_and_its_token() {
    let mut store = TokenStore::new(8, false);
    let (pending, ..) = call(&mut store, "s", None, NOW);
    let Lookup::Join { waiter, .. } = lookup(&mut store, &request("s", None), at(NOW)) else {
        panic!("two calls")
    };
    call(&mut store, "t", None, NOW);
    store.complete(pending, obtained(token("AT", 3600), NOW), at(NOW));
    let outcome = waiter.borrow().clone();
    assert_eq!(outcome.expect("completed").expect("a token").secret(), "AT");
    assert_eq!(cached(&mut store, "s", NOW), "AT");
    assert_eq!(store.counts(), (1, 1));
}

#[test]
fn a_failure_is_returned_to_all_waiters_and_not_stored() {
    let mut store = TokenStore::new(8, false);
    let (pending, waiter, _) = call(&mut store, "s", None, NOW);
    store.complete(pending, Err(failure()), at(NOW));
    assert_eq!(*waiter.borrow(), Some(Err(failure())));
    call(&mut store, "s", None, NOW);
}

#[test]
fn a_cancelled_call_closes_its_channel_and_the_next_request_begins_another() {
    let mut store = TokenStore::new(8, false);
    let (pending, waiter, _) = call(&mut store, "s", None, NOW);
    store.cancel(pending);
    assert!(waiter.has_changed().is_err());
    call(&mut store, "s", None, NOW);
}

#[test]
fn a_due_token_is_renewed_once_and_returned_meanwhile() {
    let mut store = store_with("s", token("old", 7200));
    let pending = renewal(&mut store, "s", NOW + 3600);
    assert_eq!(cached(&mut store, "s", NOW + 3600), "old");
    store.complete(pending, Err(failure()), at(NOW + 3601));
    assert_eq!(cached(&mut store, "s", NOW + 3630), "old", "a failed renewal is not tried again at once");
    let pending = renewal(&mut store, "s", NOW + 3631);
    store.complete(pending, obtained(token("new", 10_800), NOW + 3631), at(NOW + 3631));
    assert_eq!(cached(&mut store, "s", NOW + 3631), "new");
}

#[test]
fn a_token_in_its_last_five_minutes_is_the_fallback_of_a_call() {
    let mut store = store_with("s", token("old", 3600));
    let pending = renewal(&mut store, "s", NOW + 3300);
    store.cancel(pending);
    let (pending, _, ending) = call(&mut store, "s", None, NOW + 3301);
    assert_eq!(ending.as_deref(), Some("old"));
    let Lookup::Join { ending, .. } = lookup(&mut store, &request("s", None), at(NOW + 3302)) else {
        panic!("two calls")
    };
    assert_eq!(ending.expect("a fallback").secret(), "old");
    store.complete(pending, Err(failure()), at(NOW + 3303));
    assert_eq!(cached(&mut store, "s", NOW + 3332), "old");
    let (.., ending) = call(&mut store, "s", None, NOW + 3600);
    assert_eq!(ending, None, "it has ended");
}

#[test]
fn an_older_token_of_another_instance_replaces_no_newer_one() {
    let mut store = store_with("s", token("new", 7200));
    let pending = renewal(&mut store, "s", NOW + 3600);
    store.complete(pending, obtained(token("older", 7100), NOW + 3600), at(NOW + 3600));
    assert_eq!(cached(&mut store, "s", NOW + 3600), "new");
}

#[test]
fn a_token_that_is_due_when_it_arrives_is_renewed_after_thirty_seconds() {
    let mut store = store_with("s", token("AT", 7200));
    let pending = renewal(&mut store, "s", NOW + 3600);
    store.complete(pending, obtained(token("AT", 7200), NOW + 3600), at(NOW + 3600));
    assert_eq!(cached(&mut store, "s", NOW + 3629), "AT");
    renewal(&mut store, "s", NOW + 3630);
}

#[test]
fn claims_are_not_answered_from_the_cache_and_their_token_replaces_the_cached_one() {
    let mut store = store_with("s", token("revoked", 7200));
    let (pending, _, ending) = call(&mut store, "s", Some("{}"), NOW);
    assert_eq!(ending, None, "the token that a resource refused");
    assert!(matches!(
        lookup(&mut store, &request("s", Some("{}")), at(NOW)),
        Lookup::Join { ending: None, .. }
    ));
    call(&mut store, "s", Some(r#"{"a":1}"#), NOW);
    store.complete(pending, obtained(token("satisfied", 3600), NOW), at(NOW));
    assert_eq!(cached(&mut store, "s", NOW), "satisfied");
}

#[test]
fn a_token_from_before_a_challenge_does_not_replace_the_one_that_satisfied_it() {
    let mut store = TokenStore::new(8, false);
    let (before, ..) = call(&mut store, "s", None, NOW);
    let (challenged, ..) = call(&mut store, "s", Some("{}"), NOW);
    store.complete(challenged, obtained(token("satisfied", 3600), NOW), at(NOW));
    store.complete(before, obtained(token("revoked", 7200), NOW), at(NOW));
    assert_eq!(cached(&mut store, "s", NOW), "satisfied");
}

fn throttled(seconds: u32) -> CredentialError {
    let response = ServiceResponse { status: 429, retry_after: Some(seconds), ..ServiceResponse::default() };
    CredentialError { response: Some(response), ..failure() }
}

#[test]
fn a_service_that_asks_for_a_wait_is_not_asked_again_before() {
    let mut store = TokenStore::new(8, false);
    let (pending, ..) = call(&mut store, "s", None, NOW);
    store.complete(pending, Err(throttled(30)), at(NOW));
    for claims in [None, Some("{}")] {
        let lookup = lookup(&mut store, &request("s", claims), at(NOW + 29));
        let Lookup::Throttled { error, ending: None } = lookup else { panic!("the provider is called") };
        assert_eq!(error.response.and_then(|response| response.retry_after), Some(1));
    }
    call(&mut store, "t", None, NOW + 29);
    call(&mut store, "s", None, NOW + 30);
}

#[test]
fn a_cached_token_is_returned_while_its_service_asks_for_a_wait() {
    let mut store = store_with("s", token("AT", 7200));
    let pending = renewal(&mut store, "s", NOW + 3600);
    store.complete(pending, Err(throttled(3600)), at(NOW + 3600));
    assert_eq!(cached(&mut store, "s", NOW + 3700), "AT", "due, and not renewed");
    let lookup = lookup(&mut store, &request("s", None), at(NOW + 7000));
    assert!(matches!(lookup, Lookup::Throttled { ending: Some(_), .. }), "ending: {lookup:?}");
}

#[test]
fn an_invalidated_token_is_requested_again_and_a_call_that_began_earlier_does_not_bring_it_back() {
    let mut store = store_with("s", token("old", 3600));
    let (pending, mut waiter, _) = call(&mut store, "s", Some("{}"), NOW);
    assert!(store.invalidate(&request("s", None).token));
    assert!(!store.invalidate(&request("s", None).token), "it is gone");
    let (new, ..) = call(&mut store, "s", None, NOW);
    store.complete(pending, obtained(token("of an earlier call", 3600), NOW), at(NOW));
    assert!(waiter.borrow_and_update().as_ref().is_some_and(Result::is_ok), "its own callers get it");
    store.complete(new, obtained(token("new", 3600), NOW), at(NOW));
    assert_eq!(cached(&mut store, "s", NOW), "new");
}

#[test]
fn a_renewal_that_is_not_admitted_is_begun_by_a_later_request() {
    let mut store = store_with("s", token("old", 7200));
    let refused = lookup_refused(&mut store, &request("s", None), at(NOW + 3600));
    assert!(matches!(refused, Lookup::Cached(_)), "{refused:?}");
    renewal(&mut store, "s", NOW + 3600);
}

#[test]
fn a_call_that_is_not_admitted_leaves_nothing_behind() {
    let mut store = TokenStore::new(8, false);
    let refused = lookup_refused(&mut store, &request("s", None), at(NOW));
    assert!(matches!(refused, Lookup::Refused { ending: None, .. }), "{refused:?}");
    assert_eq!(store.counts(), (0, 0));
}

#[test]
fn a_token_in_its_last_five_minutes_is_the_fallback_of_a_call_that_is_not_admitted() {
    let mut store = store_with("s", token("old", 3600));
    let refused = lookup_refused(&mut store, &request("s", None), at(NOW + 3301));
    assert!(matches!(refused, Lookup::Refused { ending: Some(_), .. }), "{refused:?}");
}

#[test]
fn a_call_for_a_cached_token_is_a_renewal_and_one_with_claims_is_not() {
    let mut store = store_with("s", token("old", 3600));
    for (claims, now, kind) in [
        (None, NOW + 3301, CallKind::Renewal),
        (Some("{}"), NOW + 3301, CallKind::New),
        (None, NOW + 3600, CallKind::New),
    ] {
        match lookup(&mut store, &request("s", claims), at(now)) {
            Lookup::Call { pending, ticket, .. } => {
                assert_eq!(ticket, kind, "{claims:?} {now}");
                store.cancel(pending);
            }
            other => panic!("the provider is not called: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_call_is_abandoned_when_no_caller_waits_for_it() {
    let mut store = TokenStore::new(8, false);
    let (pending, first, _) = call(&mut store, "s", None, NOW);
    let Lookup::Join { waiter: second, .. } = lookup(&mut store, &request("s", None), at(NOW)) else {
        panic!("two calls")
    };
    drop(first);
    assert!(!is_abandoned(&pending).await);
    drop(second);
    assert!(is_abandoned(&pending).await);
}

async fn is_abandoned(pending: &PendingRequest) -> bool {
    tokio::time::timeout(Duration::ZERO, pending.abandoned()).await.is_ok()
}
