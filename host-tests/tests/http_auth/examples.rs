//! The examples whose code does not deal with identity.

use crate::azurite::{ACCOUNT, Azurite, network_with};
use crate::scenario::{Scenario, audience, compose};
use crate::way::Way;
use anyhow::Result;
use azure_simulator::jwt;
use azure_simulator::settings::VAULT_SECRET;
use bytes::Bytes;
use host_tests::async_app::AsyncApp;
use host_tests::clock::Clock;
use host_tests::engine::engine;
use host_tests::environment::TestEnvironment;
use host_tests::network::Outcome;
use http::{Request, Response};
use std::sync::Arc;
use wasmtime::component::Component;

over_each_way! {
    #[tokio::test(start_paused = true)]
    http_auth_secret_shows_a_secret_of_the_vault,
    http_auth_blobs_lists_the_blobs_of_a_container
}

mod real_server {
    use super::http_auth_blobs_lists_the_blobs_of_azurite;

    over_each_edition! {
        #[tokio::test]
        http_auth_blobs_lists_the_blobs_of_azurite
    }
}

async fn http_auth_secret_shows_a_secret_of_the_vault(way: Way) -> Result<()> {
    let app = compose(env!("HTTP_AUTH_SECRET_WASM"), way)?;
    let vault = "https://contoso.vault.azure.net/secrets/greeting?api-version=7.6";
    let mut scenario =
        Scenario::with_app(way, &app, &[("SECRET_URL", vault)], "", |_| crate::scenario::ok()).await?;
    let response = scenario.app.get("/secret").await??;
    assert_eq!((response.status().as_u16(), response.body()), (200, &Bytes::from(VAULT_SECRET)));
    assert_eq!(scenario.azure.unexpected(), Vec::<String>::new());
    scenario.assert_silent();
    Ok(())
}

async fn http_auth_blobs_lists_the_blobs_of_a_container(way: Way) -> Result<()> {
    let app = compose(env!("HTTP_AUTH_BLOBS_WASM"), way)?;
    let container = [("CONTAINER_URL", "https://my.blob.core.windows.net/reports")];
    let mut scenario = Scenario::with_app(way, &app, &container, "", list_blobs).await?;
    let response = scenario.app.get("/blobs").await??;
    assert_eq!((response.status().as_u16(), response.body()), (200, &Bytes::from("2026.pdf\n2027.pdf")));
    scenario.assert_silent();
    Ok(())
}

/// Azurite validates tokens itself. Its account is addressed by a host name of Azure, so `use storage` applies.
async fn http_auth_blobs_lists_the_blobs_of_azurite(way: Way) -> Result<()> {
    let Some(azurite) = Azurite::start()? else { return Ok(()) };
    let clock = Clock::real();
    let container = ("CONTAINER_URL".to_owned(), format!("https://{ACCOUNT}/reports"));
    let environment = |network| {
        let rules = ("AZURE_HTTP_AUTH_RULES".to_owned(), "use storage".to_owned());
        let env = [container.clone(), rules].into();
        TestEnvironment { env, ..TestEnvironment::new(clock.clone(), Arc::new(network)) }
    };
    let network = network_with(&clock, &azurite);
    for (path, kind) in [("?restype=container", ""), ("/2026.pdf", "BlockBlob"), ("/2027.pdf", "BlockBlob")] {
        let request = Request::put(format!("{}/reports{path}", azurite.account()))
            .header("host", &azurite.authority)
            .header("content-length", "0")
            .header("x-ms-version", "2024-11-04")
            .header("x-ms-blob-type", kind)
            .header("authorization", format!("Bearer {}", token_for_storage(&clock)));
        let Outcome::Response(response) = network.forward(request.body(Bytes::new())?).await? else {
            panic!("the request fails")
        };
        assert_eq!(response.status(), 201, "{path}: {:?}", response.body());
    }
    let azure = network.azure.clone();
    let app = compose(env!("HTTP_AUTH_BLOBS_WASM"), way)?;
    let response = AsyncApp::start(&app, environment(network)).await?.get("/blobs").await??;
    assert_eq!((response.status().as_u16(), response.body()), (200, &Bytes::from("2026.pdf\n2027.pdf")));
    let services: Vec<_> = azure.journal().iter().map(|entry| entry.service_name()).collect();
    assert_eq!(services, ["imds"]);
    // The same app without http-auth.
    let alone = Component::from_file(engine(), env!("HTTP_AUTH_BLOBS_WASM"))?;
    let network = network_with(&clock, &azurite);
    let response = AsyncApp::start(&alone, environment(network)).await?.get("/blobs").await??;
    assert_eq!(response.status(), 502, "{:?}", response.body());
    Ok(())
}

/// A token that Azurite accepts.
fn token_for_storage(clock: &Clock) -> String {
    let now = clock.now();
    jwt::sign(&serde_json::json!({
        "iss": "https://sts.windows.net/aaaabbbb-0000-cccc-1111-dddd2222eeee/",
        "aud": "https://storage.azure.com",
        "iat": now - 60, "nbf": now - 60, "exp": now + 3600,
    }))
}

/// The operation "List Blobs" with its errors.
fn list_blobs(request: &Request<Bytes>) -> Outcome {
    let is_for_storage = audience(request).is_ok_and(|(audience, _)| audience == "https://storage.azure.com");
    let accepts_tokens = request.headers().get("x-ms-version").is_some_and(|it| it >= "2017-11-09");
    let status = match (is_for_storage, accepts_tokens) {
        (false, _) => 401,
        (_, false) => 403,
        _ if request.uri() != "https://my.blob.core.windows.net/reports?restype=container&comp=list" => 400,
        _ => 200,
    };
    let blobs = "<Blobs><Blob><Name>2026.pdf</Name></Blob><Blob><Name>2027.pdf</Name></Blob></Blobs>";
    let body = format!("<?xml version=\"1.0\"?><EnumerationResults>{blobs}</EnumerationResults>");
    Outcome::Response(Response::builder().status(status).body(body.into()).expect("a response"))
}
