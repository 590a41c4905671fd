//! The journal, and the secrets that it must not contain.

use std::sync::{Arc, Mutex};

use golden::expect;
use proptest::prelude::*;

use super::{TestRequest, azure, send, settings};

fn sign_in(secret: &str) -> TestRequest {
    TestRequest::new(
        "POST",
        format!("https://login.microsoftonline.com/{}/oauth2/v2.0/token", settings::TENANT_ID),
    )
    .header("content-type", "application/x-www-form-urlencoded")
    .with("grant_type", "client_credentials")
    .with("client_id", settings::CLIENT_ID)
    .with("client_secret", secret)
    .with("scope", "https://vault.azure.net/.default")
}

#[tokio::test(start_paused = true)]
async fn an_entry_is_one_line() {
    let azure = azure("");
    send(&azure, &sign_in("wrong")).await;
    let journal = azure.journal();
    assert_eq!(journal.len(), 1);
    assert_eq!(
        (journal[0].service_name(), journal[0].status, journal[0].expected),
        ("entra", Some(401), true)
    );
    let line = journal[0].to_string();
    assert!(line.starts_with("2027-01-15 08:00:00Z entra POST https://login.microsoftonline.com/"), "{line}");
    assert!(line.contains("client_secret=REDACTED scope=https://vault.azure.net/.default"), "{line}");
    assert!(line.contains("-> 401 invalid_client AADSTS7000215:"), "{line}");
}

#[tokio::test(start_paused = true)]
async fn line_breaks_in_a_request_do_not_reach_the_line() {
    let azure = azure("");
    send(&azure, &sign_in("wrong").with("scope", "a\r\nforged line")).await;
    assert_eq!(azure.journal()[0].to_string().lines().count(), 1);
}

#[tokio::test(start_paused = true)]
async fn every_secret_is_listed_and_none_is_in_the_journal() {
    let azure = azure("");
    let response = send(&azure, &sign_in(settings::CLIENT_SECRET)).await;
    let token = response.text("access_token");
    let elsewhere = format!("https://vault.example/?sig={token}&key={}", "s3cr3t~%2B%2F%3D%26%25x");
    send(
        &azure,
        &TestRequest::new("GET", elsewhere)
            .header("x-copy", settings::CLIENT_SECRET)
            .header("authorization", "Bearer x"),
    )
    .await;
    let secrets = azure.secrets();
    for secret in [settings::CLIENT_SECRET, settings::REFRESH_TOKEN, token] {
        assert!(secrets.iter().any(|(_, it)| it == secret), "{secret} is not listed");
    }
    let shown: String = azure.journal().iter().map(|it| format!("{it}\n{}", it.details())).collect();
    let shown = shown + &azure.unexpected().concat();
    for (what, secret) in secrets {
        assert!(!shown.contains(&secret), "{what} is in the journal:\n{shown}");
    }
    assert!(!shown.contains("Bearer x"));
}

#[tokio::test(start_paused = true)]
async fn an_unexpected_request_is_listed_in_several_lines() {
    let azure = azure("");
    let response =
        send(&azure, &TestRequest::new("GET", "https://example.org/a?b=c").header("accept", "*/*")).await;
    assert_eq!(
        (response.status, response.text.as_str()),
        (501, "the simulated Azure expects no GET https://example.org/a\n")
    );
    let expected = expect![[r"
        GET https://example.org/a?b=c
          accept: */*
          -> 501 not simulated
    "]];
    expected.assert_eq(&azure.unexpected().concat());
    send(&azure, &TestRequest::new("GET", "http://login.microsoftonline.com/common/discovery/v2.0/keys"))
        .await;
    send(&azure, &TestRequest::new("GET", "https://login.microsoftonline.com/common/oauth2/v2.0/logout"))
        .await;
    assert_eq!(azure.unexpected().len(), 3, "without TLS, or at an endpoint that is not simulated");
}

#[tokio::test(start_paused = true)]
async fn an_observer_is_called_with_every_entry() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let copy = seen.clone();
    let azure = azure("").observed_by(move |entry| {
        copy.lock().expect("no holder of this lock panics").push(entry.to_string())
    });
    send(&azure, &sign_in("wrong")).await;
    assert_eq!(*seen.lock().expect("no holder of this lock panics"), [azure.journal()[0].to_string()]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_secret_is_redacted_in_every_parameter_header_and_field(
        index in any::<prop::sample::Index>(),
        name in "x[a-z]{0,8}",
        before in "[ -~]{0,8}",
        after in "[ -~]{0,8}",
    ) {
        let azure = azure("");
        let secrets: Vec<_> = azure.secrets().into_iter().filter(|(_, it)| it.len() >= 6).collect();
        let (description, secret) = index.get(&secrets);
        let value = format!("{before}{secret}{after}");
        let query: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
        let request = TestRequest::new("POST", format!("https://example.org/?{name}={query}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-copy", &value)
            .with(&name, &value);
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(send(&azure, &request));
        let entry = &azure.journal()[0];
        let shown = format!("{entry}\n{}", entry.details());
        prop_assert!(!shown.contains(secret.as_str()), "{description} is in the journal:\n{shown}");
        prop_assert!(!shown.contains(&query), "{description} is in the journal:\n{shown}");
    }
}
