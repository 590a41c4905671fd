mod fixture;
mod race;
mod simulation;

use super::*;
use alloc::borrow::ToOwned;
use alloc::vec;
use alloc::vec::Vec;
use azure_middleware_bindings::{AccessToken, ErrorKind};
use azure_token_cache::lease_hint::LeaseHint;
use fixture::{CLIENT, Machine, NOW, SCOPE, error, request, settings, token};

/// A request with the option `include-details`.
fn detailed(value: &str) -> TokenRequest {
    TokenRequest { options: vec![("include-details".to_owned(), value.to_owned())], ..request() }
}

#[test]
fn a_fresh_instance_returns_the_token_that_another_one_stored() {
    let machine = Machine::new([Ok(token("t1", 3600))]);
    let first = machine.instance().get_token(&machine, request()).unwrap();
    for _ in 0..3 {
        let token = machine.instance().get_token(&machine, request()).unwrap();
        assert_eq!(token.token, first.token);
        assert_eq!((token.expires_on, token.source.as_str()), (first.expires_on, "test"));
    }
    assert_eq!(machine.requests(), 1);
    assert_eq!(machine.names().len(), 1, "the lease is deleted");
    assert_eq!(machine.log(), "");
}

#[test]
fn an_instance_that_lives_reads_the_store_once() {
    let machine = Machine::new([Ok(token("t1", 3600))]);
    let instance = machine.instance();
    instance.get_token(&machine, request()).unwrap();
    let calls = machine.store_calls();
    instance.get_token(&machine, request()).unwrap();
    assert_eq!((machine.requests(), machine.store_calls()), (1, calls));
}

#[test]
fn details_are_requested_for_the_check_and_shown_only_to_an_app_that_asks() {
    let machine = Machine::new([Ok(token("t1", 3600)), Ok(token("t2", 3600))]);
    let from_cache =
        |token: &AccessToken| token.details.iter().any(|it| it.0 == "from-cache" && it.1 == "true");
    assert_eq!(machine.instance().get_token(&machine, request()).unwrap().details, []);
    assert_eq!(machine.passed_on().options, [("include-details".to_owned(), "true".to_owned())]);
    assert_eq!(machine.instance().get_token(&machine, detailed("false")).unwrap().details, []);
    let shown = machine.instance().get_token(&machine, detailed("true")).unwrap();
    assert!(shown.details.contains(&("client-id".to_owned(), CLIENT.to_owned())) && from_cache(&shown));
    machine.clear();
    let shown = machine.instance().get_token(&machine, detailed("true")).unwrap();
    assert!(shown.token == "t2" && !from_cache(&shown), "{shown:?}");
}

#[test]
fn a_token_of_another_identity_is_returned_and_not_stored_with_one_warning() {
    let other = AccessToken { details: Vec::new(), ..token("t1", 3600) };
    let machine = Machine::new([Ok(other.clone()), Ok(other)]);
    let instance = machine.instance();
    assert_eq!(instance.get_token(&machine, request()).unwrap().token, "t1");
    assert_eq!(
        machine.log(),
        "token-cache: a token is not stored: the token does not say to which client it was issued; \
         AZURE_TOKEN_CACHE_IDENTITY declares the identity\n"
    );
    let began = machine.now.get();
    assert_eq!(machine.instance().get_token(&machine, request()).unwrap().token, "t1");
    assert_eq!((machine.requests(), machine.now.get() - began), (2, 0), "no instance waits for it");
    assert!(
        machine
            .values()
            .iter()
            .all(|entry| matches!(LeaseHint::parse(entry), Some(LeaseHint::NotStored { .. })))
    );
}

#[test]
fn without_random_bytes_nothing_is_encrypted() {
    let machine = Machine::new(["t1", "t2"].map(|name| Ok(token(name, 3600))));
    machine.has_randomness.set(false);
    for expected in ["t1", "t2"] {
        assert_eq!(machine.instance().get_token(&machine, request()).unwrap().token, expected);
        assert!(machine.log().contains("a token is not stored, because the host has no random bytes"));
    }
    assert!(machine.values().iter().all(|entry| entry.len() < 20), "marks alone");
}

#[test]
fn without_an_identity_the_store_is_not_used_and_one_warning_says_so() {
    let machine = Machine::new([Ok(token("t1", 3600)), Ok(token("t2", 3600))]);
    let instance = Instance::new(Ok(Settings { identity: None, ..settings() }));
    for expected in ["t1", "t2"] {
        assert_eq!(instance.get_token(&machine, request()).unwrap().token, expected);
    }
    assert_eq!(machine.store_calls(), 0);
    assert_eq!(machine.log().lines().count(), 1);
    assert!(machine.log().starts_with(
        "token-cache: tokens are neither read from the store nor stored; set AZURE_TOKEN_CACHE_IDENTITY"
    ));
}

#[test]
fn a_wrong_setting_refuses_every_request() {
    let machine = Machine::new([]);
    let error = Instance::new(Err("X is not set".to_owned())).get_token(&machine, request()).unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (ErrorKind::InvalidArgument, "token-cache: X is not set")
    );
    assert_eq!((machine.requests(), machine.store_calls()), (0, 0));
}

#[test]
fn a_challenge_is_answered_once_for_all_instances_and_its_token_replaces_the_refused_one() {
    let machine = Machine::new(["t1", "t2", "t3"].map(|name| Ok(token(name, 3600))));
    let challenged = TokenRequest { claims: Some("{\"a\":1}".to_owned()), ..request() };
    let living = machine.instance();
    assert_eq!(living.get_token(&machine, request()).unwrap().token, "t1");
    assert_eq!(machine.instance().get_token(&machine, challenged.clone()).unwrap().token, "t2");
    // The living instance still has the refused token.
    assert_eq!(living.get_token(&machine, challenged.clone()).unwrap().token, "t2");
    assert_eq!(living.get_token(&machine, request()).unwrap().token, "t2");
    assert_eq!(machine.instance().get_token(&machine, request()).unwrap().token, "t2");
    assert_eq!(machine.requests(), 2);
    // The same challenge again from an app that had this token: it was refused, too.
    assert_eq!(living.get_token(&machine, challenged).unwrap().token, "t3");
}

#[test]
fn a_token_requested_before_a_challenge_was_satisfied_does_not_replace_its_token() {
    let machine = Machine::new([Ok(token("old", 3600)), Ok(token("new", 3600))]);
    let challenged = TokenRequest { claims: Some("{}".to_owned()), ..request() };
    *machine.during_provider.borrow_mut() = Some(alloc::boxed::Box::new(move |machine| {
        assert_eq!(machine.instance().get_token(machine, challenged.clone()).unwrap().token, "new");
    }));
    assert_eq!(machine.instance().get_token(&machine, request()).unwrap().token, "new");
    assert_eq!(machine.instance().get_token(&machine, request()).unwrap().token, "new");
    assert_eq!(machine.requests(), 2);
}

#[test]
fn a_due_token_is_renewed_by_one_instance_and_a_failed_renewal_returns_it() {
    let due = AccessToken { refresh_on: Some(NOW + 1800), ..token("t1", 3600) };
    let machine = Machine::new([Ok(due), Err(error(ErrorKind::Transient)), Ok(token("t2", 7200))]);
    machine.instance().get_token(&machine, request()).unwrap();
    machine.pass(2_000_000);
    for (expected, requests) in [("t1", 2), ("t1", 2)] {
        assert_eq!(machine.instance().get_token(&machine, request()).unwrap().token, expected);
        assert_eq!(machine.requests(), requests, "the failure stops renewals for a while");
    }
    machine.pass(30_000);
    assert_eq!(machine.instance().get_token(&machine, request()).unwrap().token, "t2");
    assert_eq!(machine.instance().get_token(&machine, request()).unwrap().token, "t2");
    assert_eq!(machine.requests(), 3);
}

#[test]
fn a_token_near_its_end_is_returned_while_the_service_fails() {
    let machine = Machine::new([
        Ok(token("t1", 3600)),
        Err(error(ErrorKind::Transient)),
        Err(error(ErrorKind::AuthenticationFailed)),
    ]);
    machine.instance().get_token(&machine, request()).unwrap();
    machine.pass(3_000_000);
    for requests in [2, 2] {
        assert_eq!(machine.instance().get_token(&machine, request()).unwrap().token, "t1");
        assert_eq!(machine.requests(), requests);
    }
    machine.pass(700_000);
    let error = machine.instance().get_token(&machine, request()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::AuthenticationFailed, "it has ended");
}

#[test]
fn a_failure_that_may_pass_is_repeated_for_two_seconds_and_any_other_is_not() {
    for (kind, repeated) in [(ErrorKind::Transient, true), (ErrorKind::AuthenticationFailed, false)] {
        let machine = Machine::new([Err(error(kind)), Ok(token("t2", 3600)), Ok(token("t3", 3600))]);
        let first = machine.instance().get_token(&machine, request()).unwrap_err();
        assert_eq!((first.kind, first.message.as_str()), (kind, "test: failed"));
        machine.pass(1_000);
        let second = machine.instance().get_token(&machine, request());
        if repeated {
            let second = second.unwrap_err();
            assert_eq!(
                second.message,
                "token-cache: another instance had this error a moment ago: test: failed"
            );
            let response = second.response.unwrap();
            assert_eq!((response.status, response.retry_after), (503, Some(6)));
            machine.pass(1_000);
            assert_eq!(machine.instance().get_token(&machine, request()).unwrap().token, "t2");
        } else {
            assert_eq!(second.unwrap().token, "t2");
        }
        assert!(machine.values().iter().all(|it| !it.windows(6).any(|part| part == b"failed")));
    }
}

#[test]
fn a_failing_store_is_left_alone_for_half_a_minute_and_no_app_notices() {
    for call in 0..6 {
        let machine = Machine::new((0..9).map(|_| Ok(token("t", 3600))));
        machine.fail_store_after.set(Some(call));
        let instance = machine.instance();
        assert_eq!(instance.get_token(&machine, request()).unwrap().token, "t");
        assert!(machine.store_calls() <= call + 1, "after a failure it is not called again");
        assert_eq!(machine.log().lines().count(), 1, "{}", machine.log());
        assert!(machine.log().contains("the store failed (broken), so tokens are requested without it"));
        machine.fail_store_after.set(None);
        machine.pass(30_000);
        assert_eq!(machine.instance().get_token(&machine, request()).unwrap().token, "t");
        assert_eq!(machine.names().len(), 1);
    }
}

#[test]
fn whatever_stands_in_the_store_the_app_gets_a_right_token() {
    let machine = Machine::new((0..99).map(|_| Ok(token("right", 3600))));
    machine.instance().get_token(&machine, request()).unwrap();
    let name = machine.names().remove(0);
    let sealed = machine.values().remove(0);
    let plain = br#"{"token":"planted","token_type":"Bearer","expires_on":9999999999,"source":"x","details":[],"issued_on":1}"#;
    let flipped = |at: usize| {
        let mut entry = sealed.clone();
        entry[at] ^= 1;
        entry
    };
    let mut entries = vec![Vec::new(), plain.to_vec(), vec![0; 70_000], sealed[..sealed.len() - 1].to_vec()];
    entries.extend((0..sealed.len()).step_by(7).map(flipped));
    for entry in entries {
        machine.put(&name, entry);
        let before = machine.requests();
        assert_eq!(machine.instance().get_token(&machine, request()).unwrap().token, "right");
        assert_eq!(machine.requests(), before + 1);
        // It is replaced.
        assert_eq!(machine.instance().get_token(&machine, request()).unwrap().token, "right");
        assert_eq!(machine.requests(), before + 1);
    }
    assert!(machine.log().contains("an entry of the store is not used: "), "{}", machine.log());
}

#[test]
fn a_lease_that_another_instance_left_delays_an_instance_by_two_seconds_and_garbage_by_none() {
    let leases = [
        (LeaseHint::Held { owner: [1; 16], since: NOW * 1_000 }.to_bytes(), 2_000..2_400),
        (LeaseHint::Held { owner: [1; 16], since: NOW * 1_000 - 12_500 }.to_bytes(), 0..50),
        (b"garbage".to_vec(), 0..50),
        (Vec::new(), 0..50),
    ];
    for (lease, took) in leases {
        let machine = Machine::new([Ok(token("t", 3600))]);
        let key = key_of(&settings().partition, &request());
        machine.put(&names::lease(&settings().keys, &key, None), lease);
        let began = machine.now.get();
        assert_eq!(machine.instance().get_token(&machine, request()).unwrap().token, "t");
        let took_now = machine.now.get() - began;
        assert!(took.contains(&took_now), "{took_now} ms, not {took:?}");
    }
}

#[test]
fn a_record_from_a_clock_that_is_ahead_is_replaced() {
    let machine = Machine::new([Ok(token("ahead", 9_000)), Ok(token("right", 3600))]);
    machine.pass(3_600_000);
    machine.instance().get_token(&machine, request()).unwrap();
    machine.now.set(machine.now.get() - 3_600_000);
    for _ in 0..2 {
        assert_eq!(machine.instance().get_token(&machine, request()).unwrap().token, "right");
    }
    assert_eq!(machine.requests(), 2);
}

#[test]
fn requests_for_other_tokens_have_entries_of_their_own() {
    let machine = Machine::new((0..9).map(|number| Ok(token(&alloc::format!("t{number}"), 3600))));
    let requests = [
        request(),
        TokenRequest { scopes: vec!["https://storage.azure.com/.default".to_owned()], ..request() },
        TokenRequest { tenant_id: Some("contoso.com".to_owned()), ..request() },
        TokenRequest { enable_cae: true, ..request() },
        TokenRequest { options: vec![("a".to_owned(), "b".to_owned())], ..request() },
    ];
    let all = || -> Vec<_> {
        requests.iter().map(|it| machine.instance().get_token(&machine, it.clone()).unwrap().token).collect()
    };
    assert_eq!(all(), ["t0", "t1", "t2", "t3", "t4"]);
    assert_eq!(all(), ["t0", "t1", "t2", "t3", "t4"]);
    let names = machine.names().concat();
    assert!(!names.contains("azure") && !names.contains(SCOPE) && names.len() == 5 * 43);
}
