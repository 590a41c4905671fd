//! What the simulated Azure remembers, and what it must not show.

use std::sync::{Arc, Mutex};

use super::{Ask, ask, azure, settings};

fn sign_in(secret: &str) -> Ask {
    Ask::new("POST", format!("https://login.microsoftonline.com/{}/oauth2/v2.0/token", settings::TENANT_ID))
        .header("content-type", "application/x-www-form-urlencoded")
        .with("grant_type", "client_credentials")
        .with("client_id", settings::CLIENT_ID)
        .with("client_secret", secret)
        .with("scope", "https://vault.azure.net/.default")
}

#[tokio::test(start_paused = true)]
async fn every_request_is_one_line() {
    let azure = azure("");
    ask(&azure, &sign_in("wrong")).await;
    let journal = azure.journal();
    assert_eq!(journal.len(), 1);
    assert_eq!((journal[0].service, journal[0].status, journal[0].expected), ("entra", Some(401), true));
    let line = journal[0].to_string();
    assert!(line.starts_with("2027-01-15 08:00:00Z entra POST https://login.microsoftonline.com/"), "{line}");
    assert!(line.contains("client_secret=REDACTED scope=https://vault.azure.net/.default"), "{line}");
    assert!(line.contains("-> 401 invalid_client AADSTS7000215:"), "{line}");
}

#[tokio::test(start_paused = true)]
async fn a_request_cannot_write_lines_of_its_own() {
    let azure = azure("");
    ask(&azure, &sign_in("wrong").with("scope", "a\r\nforged line")).await;
    assert_eq!(azure.journal()[0].to_string().lines().count(), 1);
}

#[tokio::test(start_paused = true)]
async fn all_secrets_are_known_and_none_is_shown() {
    let azure = azure("");
    let told = ask(&azure, &sign_in(settings::CLIENT_SECRET)).await;
    let token = told.text("access_token");
    let elsewhere = format!("https://vault.example/?sig={token}&key={}", "s3cr3t~%2B%2F%3D%26%25x");
    ask(
        &azure,
        &Ask::new("GET", elsewhere)
            .header("x-copy", settings::CLIENT_SECRET)
            .header("authorization", "Bearer x"),
    )
    .await;
    let secrets = azure.secrets();
    for secret in [settings::CLIENT_SECRET, settings::REFRESH_TOKEN, token] {
        assert!(secrets.iter().any(|(_, it)| it == secret), "{secret} is not known");
    }
    let shown: String = azure.journal().iter().map(|it| format!("{it}\n{}", it.details())).collect();
    let shown = shown + &azure.unexpected().concat();
    for (what, secret) in secrets {
        assert!(!shown.contains(&secret), "the {what} is shown in {shown}");
    }
    assert!(!shown.contains("Bearer x"));
}

#[tokio::test(start_paused = true)]
async fn what_nobody_expects_is_rendered_for_people() {
    let azure = azure("");
    let told = ask(&azure, &Ask::new("GET", "https://example.org/a?b=c").header("accept", "*/*")).await;
    assert_eq!(
        (told.status, told.text.as_str()),
        (501, "the simulated Azure expects no GET https://example.org/a\n")
    );
    assert_eq!(
        azure.unexpected(),
        ["GET https://example.org/a?b=c\n  accept: */*\n  -> 501 nobody expects this\n"]
    );
    ask(&azure, &Ask::new("GET", "http://login.microsoftonline.com/common/discovery/v2.0/keys")).await;
    ask(&azure, &Ask::new("GET", "https://login.microsoftonline.com/common/oauth2/v2.0/logout")).await;
    assert_eq!(azure.unexpected().len(), 3, "without TLS, or at an endpoint that is not simulated");
}

#[tokio::test(start_paused = true)]
async fn an_observer_sees_every_entry_at_once() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let copy = seen.clone();
    let azure =
        azure("").observed_by(move |entry| copy.lock().expect("nobody panics here").push(entry.to_string()));
    ask(&azure, &sign_in("wrong")).await;
    assert_eq!(*seen.lock().expect("nobody panics here"), [azure.journal()[0].to_string()]);
}
