//! `blob-storage`: tokens of the simulated Microsoft Entra are accepted by Azurite, an independent implementation.

use crate::azurite::{Azurite, NetworkWithAzurite, network_with};
use anyhow::{Context, Result};
use azure_simulator::settings;
use bytes::Bytes;
use host_tests::app::App;
use host_tests::clock::Clock;
use host_tests::environment::TestEnvironment;
use host_tests::network::Outcome;
use http::Request;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Runs the app with these arguments as a service principal. Returns whether it succeeded, and its output.
async fn run(
    network: NetworkWithAzurite,
    clock: &Clock,
    account: &str,
    line: &str,
    input: &[u8],
) -> Result<(bool, String)> {
    let app = App::with_provider(env!("BLOB_STORAGE_WASM"))?;
    let mut environment = TestEnvironment::new(clock.clone(), Arc::new(network));
    environment.arguments = line.split(' ').map(ToOwned::to_owned).collect();
    environment.input = input.to_vec();
    // The SDK gives each block a random name, and Azurite keeps one block of each name.
    environment.real_randomness = true;
    environment.env.extend([
        ("AZURE_STORAGE_URL".to_owned(), account.to_owned()),
        ("AZURE_TENANT_ID".to_owned(), settings::TENANT_ID.to_owned()),
        ("AZURE_CLIENT_ID".to_owned(), settings::CLIENT_ID.to_owned()),
        ("AZURE_CLIENT_SECRET".to_owned(), settings::CLIENT_SECRET.to_owned()),
    ]);
    app.run(environment).await
}

#[tokio::test]
async fn blobs_are_uploaded_listed_and_downloaded_with_simulated_tokens() -> Result<()> {
    let Some(azurite) = Azurite::start()? else { return Ok(()) };
    let (clock, account) = (Clock::real(), azurite.account());
    // Larger than one request, so that it is uploaded in blocks and downloaded in ranges.
    let large: String = (0..900_000_u32).map(|number| format!("{number:010}\n")).collect();
    for (line, input, expected) in [
        ("photos create", "", ""),
        ("photos put hello.txt", "hello, storage\n", ""),
        ("photos put large.txt", &large, ""),
        ("photos put empty.txt", "", ""),
        ("photos list", "", "empty.txt\nhello.txt\nlarge.txt\n"),
        ("photos get hello.txt", "", "hello, storage\n"),
        ("photos get empty.txt", "", ""),
        ("photos get large.txt", "", &large),
    ] {
        let network = network_with(&clock, &azurite);
        let azure = network.azure.clone();
        let (success, printed) = run(network, &clock, &account, line, input.as_bytes()).await?;
        assert!(success && printed == expected, "{line}: {} bytes: {:.400}", printed.len(), printed);
        let notes: Vec<_> = azure.journal().into_iter().map(|entry| entry.note).collect();
        let note = format!("token for https://storage.azure.com as {}", settings::CLIENT_ID);
        assert!(notes.len() == 1 && notes[0].starts_with(&note), "{line}: {notes:?}");
    }
    Ok(())
}

#[tokio::test]
async fn an_expired_token_and_tokens_of_another_issuer_or_audience_are_refused() -> Result<()> {
    let Some(azurite) = Azurite::start()? else { return Ok(()) };
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let yesterday = Clock::starting_at(now.saturating_sub(Duration::from_secs(86_400)));
    let network = network_with(&yesterday, &azurite);
    let (success, printed) = run(network, &yesterday, &azurite.account(), "photos create", b"").await?;
    assert!(!success && printed.contains("AuthenticationFailed"), "{printed}");
    let network = network_with(&Clock::real(), &azurite);
    let (from, until) = (now.as_secs() - 60, now.as_secs() + 3600);
    for (issuer, audience, status) in [
        ("https://sts.windows.net/aaaabbbb-0000-cccc-1111-dddd2222eeee/", "https://storage.azure.com", 201),
        ("https://sts.windows.net/aaaabbbb-0000-cccc-1111-dddd2222eeee/", "https://vault.azure.net", 403),
        ("https://issuer.example/", "https://storage.azure.com", 403),
    ] {
        let claims =
            serde_json::json!({ "iss": issuer, "aud": audience, "iat": from, "nbf": from, "exp": until });
        let token = azure_simulator::jwt::sign(&claims);
        let request = Request::put(format!("{}/by-hand?restype=container", azurite.account()))
            .header("host", &azurite.authority)
            .header("content-length", "0")
            .header("x-ms-version", "2024-11-04")
            .header("authorization", format!("Bearer {token}"));
        let Outcome::Response(response) = network.forward(request.body(Bytes::new())?).await? else {
            panic!("the request fails")
        };
        let body = String::from_utf8_lossy(response.body()).into_owned();
        assert_eq!(response.status(), status, "{issuer} {audience}: {body}");
    }
    Ok(())
}

#[tokio::test]
async fn an_untrusted_certificate_is_refused() -> Result<()> {
    let Some(azurite) = Azurite::start()? else { return Ok(()) };
    let network = NetworkWithAzurite { trusted: Vec::new(), ..network_with(&Clock::real(), &azurite) };
    let request = Request::get(format!("{}/photos", azurite.account())).body(Bytes::new())?;
    let error = network.forward(request).await.err().context("the certificate is accepted")?;
    assert!(error.to_string().contains("UnknownIssuer"), "{error:#}");
    Ok(())
}
