//! The examples that have no line about identity.

use crate::azurite::{ACCOUNT, Azurite, neighbourhood};
use crate::scene::{Scene, audience, compose};
use anyhow::Result;
use azure_simulator::jwt;
use azure_simulator::settings::VAULT_SECRET;
use bytes::Bytes;
use host_tests::async_app::AsyncApp;
use host_tests::clock::Clock;
use host_tests::edition::Edition;
use host_tests::engine::engine;
use host_tests::network::Outcome;
use host_tests::surroundings::Surroundings;
use http::{Request, Response};
use std::sync::Arc;
use wasmtime::component::Component;

over_each_edition! {
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

async fn http_auth_secret_shows_a_secret_of_the_vault(edition: Edition) -> Result<()> {
    let app = compose(env!("HTTP_AUTH_SECRET_WASM"), edition)?;
    let vault = "https://contoso.vault.azure.net/secrets/greeting?api-version=7.6";
    let mut scene = Scene::with_app(&app, &[("SECRET_URL", vault)], "", |_| crate::scene::ok()).await?;
    let answer = scene.app.get("/secret").await??;
    assert_eq!((answer.status().as_u16(), answer.body()), (200, &Bytes::from(VAULT_SECRET)));
    assert_eq!(scene.azure.unexpected(), Vec::<String>::new());
    scene.assert_silent();
    Ok(())
}

async fn http_auth_blobs_lists_the_blobs_of_a_container(edition: Edition) -> Result<()> {
    let app = compose(env!("HTTP_AUTH_BLOBS_WASM"), edition)?;
    let container = [("CONTAINER_URL", "https://my.blob.core.windows.net/reports")];
    let mut scene = Scene::with_app(&app, &container, "", list_blobs).await?;
    let answer = scene.app.get("/blobs").await??;
    assert_eq!((answer.status().as_u16(), answer.body()), (200, &Bytes::from("2026.pdf\n2027.pdf")));
    scene.assert_silent();
    Ok(())
}

/// Azurite checks tokens itself; its account goes by a name of Azure's, so the table has the rule.
async fn http_auth_blobs_lists_the_blobs_of_azurite(edition: Edition) -> Result<()> {
    let Some(azurite) = Azurite::start()? else { return Ok(()) };
    let clock = Clock::real();
    let container = ("CONTAINER_URL".to_owned(), format!("https://{ACCOUNT}/reports"));
    let around = |network| {
        let env = [container.clone()].into();
        Surroundings { env, ..Surroundings::new(clock.clone(), Arc::new(network)) }
    };
    let network = neighbourhood(&clock, &azurite);
    for (path, kind) in [("?restype=container", ""), ("/2026.pdf", "BlockBlob"), ("/2027.pdf", "BlockBlob")] {
        let request = Request::put(format!("{}/reports{path}", azurite.account()))
            .header("host", &azurite.authority)
            .header("content-length", "0")
            .header("x-ms-version", "2024-11-04")
            .header("x-ms-blob-type", kind)
            .header("authorization", format!("Bearer {}", token_for_storage(&clock)));
        let Outcome::Response(response) = network.forward(request.body(Bytes::new())?).await? else {
            panic!("a server's answer is a response")
        };
        assert_eq!(response.status(), 201, "{path}: {:?}", response.body());
    }
    let azure = network.azure.clone();
    let app = compose(env!("HTTP_AUTH_BLOBS_WASM"), edition)?;
    let answer = AsyncApp::start(&app, around(network)).await?.get("/blobs").await??;
    assert_eq!((answer.status().as_u16(), answer.body()), (200, &Bytes::from("2026.pdf\n2027.pdf")));
    let services: Vec<_> = azure.journal().iter().map(|entry| entry.service_name()).collect();
    assert_eq!(services, ["imds"]);
    // The same app without http-auth under it.
    let alone = Component::from_file(engine(), env!("HTTP_AUTH_BLOBS_WASM"))?;
    let network = neighbourhood(&clock, &azurite);
    let answer = AsyncApp::start(&alone, around(network)).await?.get("/blobs").await??;
    assert_eq!(answer.status(), 502, "{:?}", answer.body());
    Ok(())
}

/// A token that Azurite takes.
fn token_for_storage(clock: &Clock) -> String {
    let now = clock.now();
    jwt::sign(&serde_json::json!({
        "iss": "https://sts.windows.net/aaaabbbb-0000-cccc-1111-dddd2222eeee/",
        "aud": "https://storage.azure.com",
        "iat": now - 60, "nbf": now - 60, "exp": now + 3600,
    }))
}

/// "List Blobs", and what it refuses.
fn list_blobs(request: &Request<Bytes>) -> Outcome {
    let is_for_storage = audience(request).is_ok_and(|(audience, _)| audience == "https://storage.azure.com");
    let takes_tokens = request.headers().get("x-ms-version").is_some_and(|it| it >= "2017-11-09");
    let status = match (is_for_storage, takes_tokens) {
        (false, _) => 401,
        (_, false) => 403,
        _ if request.uri() != "https://my.blob.core.windows.net/reports?restype=container&comp=list" => 400,
        _ => 200,
    };
    let blobs = "<Blobs><Blob><Name>2026.pdf</Name></Blob><Blob><Name>2027.pdf</Name></Blob></Blobs>";
    let body = format!("<?xml version=\"1.0\"?><EnumerationResults>{blobs}</EnumerationResults>");
    Outcome::Response(Response::builder().status(status).body(body.into()).expect("a response"))
}
